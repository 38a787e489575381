/* token/mech_type_list.c: MechTypeList (RFC 4178 4.1). */
#include "token/mech_type_list.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "../support.h"

Test(mech_type_list, read_counts_and_views_the_list_with_its_header)
{
    static const struct {
        const char *description, *notation;
        size_t num, len;
    } rows[] = {
        {"krb5 alone, RFC 4178 App. D", "300b06092a864886f712010202", 1, 13},
        {"two", "30{" OID_KRB5 OID_NTLM "}", 2, 25},
        {"the same twice, SPN-25", "30{" OID_KRB5 OID_KRB5 "}", 2, 24},
        {"an OID that nobody knows, SPN-28", "30{06{883703}}", 1, 7},
        {"SPNEGO itself: the lint's affair", "30{" OID_SPNEGO "}", 1, 10},
        {"followed by more", "30{" OID_KRB5 "} 0500", 1, 13},
    };

    for (size_t i = 0; i < LEN(rows); i++) {
        const spnego_bytes in = der_of(rows[i].notation);
        der_reader r;
        spnego_bytes list;
        size_t num;

        der_reader_init(&r, in, SPNEGO_TOLERATE_NOTHING, NULL);
        cr_assert_eq(mech_type_list_read(&r, &list, &num), SPNEGO_RULE_NONE, "%s",
                     rows[i].description);
        cr_expect_eq(num, rows[i].num, "%s: %zu", rows[i].description, num);
        cr_expect(list.data == in.data && list.len == rows[i].len, "%s", rows[i].description);
        cr_expect(r.pos == rows[i].len && r.end == in.len, "%s", rows[i].description);
    }
}

Test(mech_type_list, read_refuses)
{
    static const struct {
        const char *description, *notation;
        spnego_rule rule;
        size_t offset, len;
    } rows[] = {
        {"empty, RFC 4178 4.2.1", "3000", SPNEGO_RULE_MECH_TYPES_EMPTY, 0, 2},
        {"NULL in it", "30{0500}", SPNEGO_RULE_DER_TAG_UNEXPECTED, 2, 1},
        {"NULL after an OID", "30{" OID_KRB5 "0500}", SPNEGO_RULE_DER_TAG_UNEXPECTED, 13, 1},
        {"OID constructed", "30{26{06012a}}", SPNEGO_RULE_DER_STRING_CONSTRUCTED, 2, 1},
        {"OID empty", "30{0600}", SPNEGO_RULE_OID_EMPTY, 4, 0},
        {"second OID empty", "30{" OID_KRB5 "0600}", SPNEGO_RULE_OID_EMPTY, 15, 0},
        {"OID padded", "30{06028001}", SPNEGO_RULE_OID_ARC_PADDED, 4, 1},
        {"OID unfinished", "30{06022a86}", SPNEGO_RULE_OID_ARC_UNFINISHED, 5, 1},
        {"OID's length not minimal", "30{068109 2a864886f712010202}",
         SPNEGO_RULE_OID_LENGTH_NOT_MINIMAL, 3, 2},
        {"list's length not minimal", "30810b 06092a864886f712010202",
         SPNEGO_RULE_DER_LENGTH_NOT_MINIMAL, 1, 2},
        {"SET", "31{" OID_KRB5 "}", SPNEGO_RULE_DER_TAG_UNEXPECTED, 0, 1},
        {"OID past the list's end", "3004 06032a864886", SPNEGO_RULE_DER_LENGTH_OUTSIDE, 3, 1},
    };

    for (size_t i = 0; i < LEN(rows); i++) {
        const spnego_bytes in = der_of(rows[i].notation);
        der_reader r;
        spnego_bytes list;
        size_t num;

        der_reader_init(&r, in, SPNEGO_TOLERATE_NOTHING, NULL);
        r.outermost = 0;
        cr_expect_eq(mech_type_list_read(&r, &list, &num), rows[i].rule, "%s: %s",
                     rows[i].description, spnego_rule_describe(r.fault.rule)->name);
        cr_expect(r.fault.offset == rows[i].offset && r.fault.len == rows[i].len,
                  "%s: at %zu, %zu octets", rows[i].description, r.fault.offset, r.fault.len);
    }
}

Test(mech_type_list, next_walks_in_the_senders_order)
{
    const spnego_bytes list = der_of("30{" OID_NTLM OID_KRB5 OID_NTLM "}");
    static const char *const want[] = {"2b06010401823702020a", "2a864886f712010202",
                                       "2b06010401823702020a"};
    spnego_bytes oid;
    size_t cursor = 0;

    for (size_t i = 0; i < LEN(want); i++) {
        cr_assert(spnego_mech_types_next(&oid, &cursor, list), "%zu", i);
        cr_expect(same_octets(oid, der_of(want[i])), "%zu: %s", i, hex_of(oid));
        cr_expect(oid.data > list.data && oid.data + oid.len <= list.data + list.len, "%zu", i);
    }
    for (int again = 0; again < 2; again++) {
        cr_expect_not(spnego_mech_types_next(&oid, &cursor, list));
        cr_expect_null(oid.data);
    }
}

Test(mech_type_list, next_ends_where_there_is_nothing)
{
    spnego_bytes oid;
    size_t cursor = 0;

    cr_expect_not(spnego_mech_types_next(&oid, &cursor, (spnego_bytes){NULL, 0}));
    cr_expect_not(spnego_mech_types_next(&oid, &cursor, der_of("")));
    cr_expect_not(spnego_mech_types_next(&oid, &cursor, der_of("3000")));
    cr_expect_null(oid.data);
    cursor = 1000;
    cr_expect_not(spnego_mech_types_next(&oid, &cursor, der_of("3000")), "cursor past the end");
}

/* What a decoded token holds may have been tolerated: the walk reads it, too. */
Test(mech_type_list, next_reads_long_lengths)
{
    const spnego_bytes list = der_of("30810c 068109 2a864886f712010202");
    spnego_bytes oid;
    size_t cursor = 0;

    cr_assert(spnego_mech_types_next(&oid, &cursor, list));
    cr_expect(same_octets(oid, der_of("2a864886f712010202")));
    cr_expect_not(spnego_mech_types_next(&oid, &cursor, list));
}

Test(mech_type_list, check_says_what_may_be_written)
{
    static const struct {
        const char *description, *notation;
        spnego_rule rule;
    } rows[] = {
        {"krb5", "30{" OID_KRB5 "}", SPNEGO_RULE_NONE},
        {"krb5 twice", "30{" OID_KRB5 OID_KRB5 "}", SPNEGO_RULE_NONE},
        {"SPNEGO, RFC 4178 3.1", "30{" OID_SPNEGO "}", SPNEGO_RULE_MECH_TYPES_HAVE_SPNEGO},
        {"SPNEGO last", "30{" OID_KRB5 OID_NTLM OID_SPNEGO "}", SPNEGO_RULE_MECH_TYPES_HAVE_SPNEGO},
        {"empty list", "3000", SPNEGO_RULE_MECH_TYPES_EMPTY},
        {"long length", "30810b 06092a864886f712010202", SPNEGO_RULE_DER_LENGTH_NOT_MINIMAL},
        {"long length of the OID", "30{068109 2a864886f712010202}",
         SPNEGO_RULE_OID_LENGTH_NOT_MINIMAL},
        {"octets after it", "30{" OID_KRB5 "} 00", SPNEGO_RULE_DER_SURPLUS_INSIDE},
        {"cut short", "300b 06092a864886f7120102", SPNEGO_RULE_DER_TRUNCATED},
        {"no octets", "", SPNEGO_RULE_DER_TRUNCATED},
        {"not a list", OID_KRB5, SPNEGO_RULE_DER_TAG_UNEXPECTED},
    };

    for (size_t i = 0; i < LEN(rows); i++) {
        const spnego_rule rule = mech_type_list_check(der_of(rows[i].notation));
        cr_expect_eq(rule, rows[i].rule, "%s: %s", rows[i].description,
                     spnego_rule_describe(rule)->name);
    }
}

/* RFC 4178 App. D shows the message of a mechListMIC for Kerberos alone. */
Test(mech_type_list, encode_gives_the_octets_that_a_mic_covers)
{
    const spnego_bytes krb5 = der_of("2a864886f712010202"), ntlm = der_of("2b06010401823702020a");
    const spnego_bytes one[] = {krb5}, three[] = {ntlm, krb5, ntlm};
    uint8_t buf[64];
    spnego_bytes der;

    cr_assert_eq(spnego_mech_types_encode(&der, buf, sizeof buf, one, 1), SPNEGO_RULE_NONE);
    cr_expect(same_octets(der, der_of("300b06092a864886f712010202")), "%s", hex_of(der));
    cr_expect_eq(der.data + der.len, buf + sizeof buf, "at the buffer's end");
    cr_assert_eq(spnego_mech_types_encode(&der, buf, sizeof buf, three, 3), SPNEGO_RULE_NONE);
    cr_expect(same_octets(der, der_of("30{" OID_NTLM OID_KRB5 OID_NTLM "}")), "%s", hex_of(der));
}

Test(mech_type_list, encode_into_every_length_of_buffer)
{
    const spnego_bytes krb5 = der_of("2a864886f712010202");
    const size_t needed = 13;

    for (size_t room = 0; room <= needed; room++) {
        uint8_t *buf = malloc(room + 1);
        spnego_bytes der;
        spnego_rule rule;

        memset(buf, 0xa5, room + 1);
        rule = spnego_mech_types_encode(&der, room == 0 ? NULL : buf, room, &krb5, 1);
        cr_expect_eq(buf[room], 0xa5, "room %zu: written beyond", room);
        if (room == needed) {
            cr_expect_eq(rule, SPNEGO_RULE_NONE);
            cr_expect_eq(der.data, buf);
        } else {
            cr_expect_eq(rule, SPNEGO_RULE_ENCODE_BUFFER_TOO_SMALL);
            cr_expect(der.data == NULL && der.len == needed, "room %zu", room);
            for (size_t i = 0; i < room; i++)
                cr_expect_eq(buf[i], 0, "room %zu: octet %zu", room, i);
        }
        free(buf);
    }
}

/* SPN-56 */
Test(mech_type_list, encode_refuses)
{
    static const struct {
        const char *description, *notation;
        spnego_rule rule;
    } rows[] = {
        {"SPNEGO, RFC 4178 3.1", "2b0601050502", SPNEGO_RULE_MECH_TYPES_HAVE_SPNEGO},
        {"empty OID", "", SPNEGO_RULE_OID_EMPTY},
        {"padded arc", "2a8001", SPNEGO_RULE_OID_ARC_PADDED},
        {"unfinished arc", "2a86", SPNEGO_RULE_OID_ARC_UNFINISHED},
    };
    const spnego_bytes krb5 = der_of("2a864886f712010202");
    uint8_t buf[64];
    spnego_bytes der;

    for (size_t i = 0; i < LEN(rows); i++) {
        const spnego_bytes oids[] = {krb5, der_of(rows[i].notation)};

        der = krb5;
        cr_expect_eq(spnego_mech_types_encode(&der, buf, sizeof buf, oids, 2), rows[i].rule, "%s",
                     rows[i].description);
        cr_expect(der.data == NULL && der.len == 0, "%s: not absent", rows[i].description);
    }
    cr_expect_eq(spnego_mech_types_encode(&der, buf, sizeof buf, NULL, 0),
                 SPNEGO_RULE_MECH_TYPES_EMPTY);
    cr_expect_eq(spnego_mech_types_encode(&der, buf, sizeof buf, &(spnego_bytes){NULL, 0}, 1),
                 SPNEGO_RULE_OID_EMPTY, "an absent OID");
}
