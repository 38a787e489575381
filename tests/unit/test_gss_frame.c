/* token/gss_frame.c: the InitialContextToken of RFC 2743 3.1. */
#include "token/gss_frame.h"

#include <criterion/criterion.h>

#include "../support.h"

Test(gss_frame, entering_stops_after_this_mech)
{
    const spnego_bytes in = der_of("60{" OID_SPNEGO "a000} 77");
    der_reader r;

    der_reader_init(&r, in, SPNEGO_TOLERATE_NOTHING, NULL);
    cr_assert_eq(gss_frame_enter(&r), SPNEGO_RULE_NONE);
    cr_expect_eq(r.pos, 10u);
    cr_expect_eq(r.end, 12u, "bounded by the frame");
    cr_expect_eq(r.outermost, 0, "what runs out from here on is inside");
}

Test(gss_frame, entering_reports_this_mech)
{
    static spnego_report report;
    const spnego_bytes in = der_of("60{" OID_SPNEGO "a000}");
    der_reader r;

    der_reader_init(&r, in, SPNEGO_TOLERATE_NOTHING, &report);
    cr_assert_eq(gss_frame_enter(&r), SPNEGO_RULE_NONE);
    cr_expect_eq(report.num_findings, 0u);
    cr_expect_eq(report.spans[SPNEGO_FIELD_THIS_MECH].offset, 2u);
    cr_expect_eq(report.spans[SPNEGO_FIELD_THIS_MECH].len, 8u);
}

Test(gss_frame, refused)
{
    static const refusal rows[] = {
        {"no contents at all", "6000", 0, SPNEGO_RULE_DER_ELEMENT_MISSING, SPNEGO_FIELD_THIS_MECH,
         2, 0},
        {"no length", "60", 0, SPNEGO_RULE_DER_TRUNCATED, SPNEGO_FIELD_FRAME, 1, 0},
        {"cut short", "6010 06062b0601050502", 0, SPNEGO_RULE_DER_TRUNCATED, SPNEGO_FIELD_FRAME, 1,
         1},
        {"indefinite, RFC 2743 3.1 item 1", "6080 06062b0601050502 0000", 0,
         SPNEGO_RULE_DER_LENGTH_INDEFINITE, SPNEGO_FIELD_FRAME, 1, 1},
        {"length not minimal", "60810a 06062b0601050502 a000", 0,
         SPNEGO_RULE_DER_LENGTH_NOT_MINIMAL, SPNEGO_FIELD_FRAME, 1, 2},
        {"another mechanism, SPN-09", "60{" OID_KRB5 "0100}", SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_FRAME_NOT_SPNEGO, SPNEGO_FIELD_THIS_MECH, 2, 11},
        {"one octet of thisMech differs", "60{06{2b0601050503} a000}", SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_FRAME_NOT_SPNEGO, SPNEGO_FIELD_THIS_MECH, 2, 8},
        {"thisMech is longer", "60{06{2b060105050200} a000}", SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_FRAME_NOT_SPNEGO, SPNEGO_FIELD_THIS_MECH, 2, 9},
        {"thisMech is no OID", "60{04{2b0601050502} a000}", SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_DER_TAG_UNEXPECTED, SPNEGO_FIELD_THIS_MECH, 2, 1},
        {"thisMech empty, X.690 8.19.2", "60{0600 a000}", SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_OID_EMPTY, SPNEGO_FIELD_THIS_MECH, 4, 0},
        {"thisMech unfinished", "60{06{2b060105 0582} a000}", SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_OID_ARC_UNFINISHED, SPNEGO_FIELD_THIS_MECH, 9, 1},
        {"thisMech's length not minimal", "60{068106 2b0601050502 a000}", 0,
         SPNEGO_RULE_OID_LENGTH_NOT_MINIMAL, SPNEGO_FIELD_THIS_MECH, 3, 2},
        {"thisMech past the frame's end", "6005 06062b0601 050502", SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_DER_LENGTH_OUTSIDE, SPNEGO_FIELD_THIS_MECH, 3, 1},
        {"nothing after thisMech", "60{" OID_SPNEGO "}", SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_DER_ELEMENT_MISSING, SPNEGO_FIELD_CHOICE, 10, 0},
        {"primitive form, 40", "40{" OID_SPNEGO "a000}", SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_TOKEN_NOT_SPNEGO, SPNEGO_FIELD_CHOICE, 0, 1},
    };
    check_refusals(rows, LEN(rows));
}

/* RFC 2743 3.1 item 2: the length counts everything after it, thisMech's header included; SPN-02
 * asks for the boundaries of the length forms. */
Test(gss_frame, writing_counts_every_octet_after_the_length)
{
    static const size_t inside[] = {0, 1, 119, 120, 247, 248, 65527, 65528};

    for (size_t i = 0; i < LEN(inside); i++) {
        static uint8_t contents[65528], buf[65600], want[16];
        const spnego_bytes this_mech = der_of(OID_SPNEGO);
        const size_t header_len = der_put_header(want, 0x60, 8 + inside[i]);
        der_writer w;
        spnego_bytes out;

        memcpy(want + header_len, this_mech.data, 8);
        der_writer_init(&w, buf, sizeof buf);
        der_write_octets(&w, (spnego_bytes){contents, inside[i]});
        gss_frame_write(&w, 0);
        cr_assert_eq(der_writer_finish(&w, &out), SPNEGO_RULE_NONE);
        cr_expect_eq(out.len, header_len + 8 + inside[i], "%zu inside", inside[i]);
        out.len = header_len + 8;
        cr_expect(same_octets(out, (spnego_bytes){want, header_len + 8}), "%zu inside: %s",
                  inside[i], hex_of(out));
    }
}
