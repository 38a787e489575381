/* der/reader.c: tags, lengths and OBJECT IDENTIFIERs of X.690, one element at a time. */
#include "der/reader.h"

#include <criterion/criterion.h>

#include "../support.h"

/* What one call on one input must give. */
typedef struct row {
    const char *description;
    const char *notation;
    spnego_rule rule;
    size_t offset, len; /* of the fault, or of the contents */
} row;

static void check_fault(const row *want, const der_reader *r, spnego_rule rule)
{
    cr_expect(rule == want->rule, "%s: rule %s, expected %s", want->description,
              spnego_rule_describe(rule)->name, spnego_rule_describe(want->rule)->name);
    cr_expect_eq(r->fault.rule, want->rule, "%s: fault", want->description);
    cr_expect(r->fault.offset == want->offset && r->fault.len == want->len,
              "%s: at %zu, %zu octets; expected at %zu, %zu octets", want->description,
              r->fault.offset, r->fault.len, want->offset, want->len);
}

static void check_enter(const row *rows, size_t num_rows, uint8_t tag, uint32_t tolerate)
{
    for (size_t i = 0; i < num_rows; i++) {
        const spnego_bytes in = der_of(rows[i].notation);
        der_reader r;
        spnego_rule rule;

        der_reader_init(&r, in, tolerate, NULL);
        rule = der_enter(&r, tag);
        if (rows[i].rule != SPNEGO_RULE_NONE) {
            check_fault(&rows[i], &r, rule);
            cr_expect(r.pos == 0 && r.end == in.len, "%s: moved", rows[i].description);
            continue;
        }
        cr_expect_eq(rule, SPNEGO_RULE_NONE, "%s: %s", rows[i].description,
                     spnego_rule_describe(rule)->name);
        cr_expect(r.pos == rows[i].offset && r.end - r.pos == rows[i].len,
                  "%s: contents at %zu, %zu octets", rows[i].description, r.pos, r.end - r.pos);
        cr_expect_eq(r.tolerated, tolerate, "%s", rows[i].description);
    }
}

Test(reader, lengths_in_their_shortest_form)
{
    /* X.690 8.1.3.4, 8.1.3.5; RFC 2743 3.1 2a, 2b */
    static const row rows[] = {
        {"0", "0400", 0, 2, 0},
        {"1", "040155", 0, 2, 1},
        {"127", "047f 55*127", 0, 2, 127},
        {"128", "048180 55*128", 0, 3, 128},
        {"255", "0481ff 55*255", 0, 3, 255},
        {"256", "04820100 55*256", 0, 4, 256},
        {"65535", "0482ffff 55*65535", 0, 4, 65535},
        {"65536", "0483010000 55*65536", 0, 5, 65536},
        {"more follows the element", "04015566", 0, 2, 1},
    };
    check_enter(rows, LEN(rows), DER_OCTET_STRING, SPNEGO_TOLERATE_NOTHING);
}

Test(reader, lengths_refused)
{
    static const row rows[] = {
        {"indefinite, X.690 10.1", "0480550000", SPNEGO_RULE_DER_LENGTH_INDEFINITE, 1, 1},
        {"FF, X.690 8.1.3.5 c", "04ff55", SPNEGO_RULE_DER_LENGTH_RESERVED, 1, 1},
        {"fe", "04fe55", SPNEGO_RULE_DER_LENGTH_TOO_LONG, 1, 1},
        {"five octets", "04850000000001 55", SPNEGO_RULE_DER_LENGTH_TOO_LONG, 1, 1},
        {"eight octets, all ones", "0488 ff*8", SPNEGO_RULE_DER_LENGTH_TOO_LONG, 1, 1},
        {"long form of 0", "048100", SPNEGO_RULE_DER_LENGTH_NOT_MINIMAL, 1, 2},
        {"long form of 1", "048101 55", SPNEGO_RULE_DER_LENGTH_NOT_MINIMAL, 1, 2},
        {"long form of 127", "04817f 55*127", SPNEGO_RULE_DER_LENGTH_NOT_MINIMAL, 1, 2},
        {"leading zero, 128", "04820080 55*128", SPNEGO_RULE_DER_LENGTH_NOT_MINIMAL, 1, 3},
        {"leading zero, 256", "0483000100 55*256", SPNEGO_RULE_DER_LENGTH_NOT_MINIMAL, 1, 4},
        {"three leading zeros", "048400000001 55", SPNEGO_RULE_DER_LENGTH_NOT_MINIMAL, 1, 5},
    };
    check_enter(rows, LEN(rows), DER_OCTET_STRING, SPNEGO_TOLERATE_NOTHING);
}

Test(reader, input_that_ends_too_early)
{
    static const row rows[] = {
        {"nothing", "", SPNEGO_RULE_DER_TRUNCATED, 0, 0},
        {"tag only", "04", SPNEGO_RULE_DER_TRUNCATED, 1, 0},
        {"no contents", "0401", SPNEGO_RULE_DER_TRUNCATED, 1, 1},
        {"one octet short", "0403 5555", SPNEGO_RULE_DER_TRUNCATED, 1, 1},
        {"no octet of a long length", "0482", SPNEGO_RULE_DER_TRUNCATED, 2, 0},
        {"half of a long length", "048201", SPNEGO_RULE_DER_TRUNCATED, 3, 0},
        {"127 of 128", "048180 55*127", SPNEGO_RULE_DER_TRUNCATED, 1, 2},
        {"2^31 - 1", "04847fffffff 55", SPNEGO_RULE_DER_TRUNCATED, 1, 5},
        {"2^31", "048480000000 55", SPNEGO_RULE_DER_TRUNCATED, 1, 5},
        {"2^32 - 1", "0484ffffffff 55", SPNEGO_RULE_DER_TRUNCATED, 1, 5},
    };
    check_enter(rows, LEN(rows), DER_OCTET_STRING, SPNEGO_TOLERATE_NOTHING);
}

Test(reader, tags_refused)
{
    static const row strings[] = {
        {"constructed, X.690 10.2", "2403040155", SPNEGO_RULE_DER_STRING_CONSTRUCTED, 0, 1},
        {"another universal type", "0c0155", SPNEGO_RULE_DER_TAG_UNEXPECTED, 0, 1},
        {"context class", "840155", SPNEGO_RULE_DER_TAG_UNEXPECTED, 0, 1},
        {"high-tag-number form of 4", "1f040155", SPNEGO_RULE_DER_TAG_UNEXPECTED, 0, 1},
        {"end of contents", "0000", SPNEGO_RULE_DER_TAG_UNEXPECTED, 0, 1},
    };
    static const row sequences[] = {
        {"SEQUENCE in primitive form", "1000", SPNEGO_RULE_DER_TAG_UNEXPECTED, 0, 1},
        {"SET", "3100", SPNEGO_RULE_DER_TAG_UNEXPECTED, 0, 1},
    };
    check_enter(strings, LEN(strings), DER_OCTET_STRING, SPNEGO_TOLERATE_ALL);
    check_enter(sequences, LEN(sequences), DER_SEQUENCE, SPNEGO_TOLERATE_ALL);
}

Test(reader, long_lengths_tolerated_with_the_value_kept)
{
    /* SPN-05; one octet for the count and up to four more. */
    static const row rows[] = {
        {"0", "048100", 0, 3, 0},
        {"1 in two octets", "048101 55", 0, 3, 1},
        {"127", "04817f 55*127", 0, 3, 127},
        {"128 in three octets", "04820080 55*128", 0, 4, 128},
        {"1 in five octets", "048400000001 55", 0, 6, 1},
    };
    static const row refused[] = {
        {"five octets after the first", "04850000000001 55", SPNEGO_RULE_DER_LENGTH_TOO_LONG, 1, 1},
        {"eight octets after the first", "0488 00*7 01 55", SPNEGO_RULE_DER_LENGTH_TOO_LONG, 1, 1},
        {"indefinite", "0480550000", SPNEGO_RULE_DER_LENGTH_INDEFINITE, 1, 1},
        {"past the end", "04820002 55", SPNEGO_RULE_DER_TRUNCATED, 1, 3},
    };
    static const row of_oid[] = {{"06 81 09", "068109 2a864886f712010202", 0, 3, 9}};
    static const row of_oid_refused[] = {
        {"06 81 09", "068109 2a864886f712010202", SPNEGO_RULE_OID_LENGTH_NOT_MINIMAL, 1, 2}};

    check_enter(rows, LEN(rows), DER_OCTET_STRING, SPNEGO_TOLERATE_LONG_LENGTH);
    check_enter(refused, LEN(refused), DER_OCTET_STRING, SPNEGO_TOLERATE_ALL);
    check_enter(of_oid, LEN(of_oid), DER_OBJECT_IDENTIFIER, SPNEGO_TOLERATE_LONG_OID_LENGTH);
    check_enter(of_oid_refused, LEN(of_oid_refused), DER_OBJECT_IDENTIFIER,
                SPNEGO_TOLERATE_ALL & ~SPNEGO_TOLERATE_LONG_OID_LENGTH);
    check_enter(&(const row){"81 01", "048101 55", SPNEGO_RULE_DER_LENGTH_NOT_MINIMAL, 1, 2}, 1,
                DER_OCTET_STRING, SPNEGO_TOLERATE_ALL & ~SPNEGO_TOLERATE_LONG_LENGTH);
}

/* X.690 8.1.3: an inner length is bounded by the element around it, not by the input. */
Test(reader, inner_element_past_the_outer_ones_end)
{
    const spnego_bytes in = der_of("3003 0402 55 5555");
    der_reader r;
    spnego_rule rule;

    der_reader_init(&r, in, SPNEGO_TOLERATE_ALL, NULL);
    cr_assert_eq(der_enter(&r, DER_SEQUENCE), SPNEGO_RULE_NONE);
    r.outermost = 0;
    rule = der_enter(&r, DER_OCTET_STRING);
    check_fault(&(const row){"04 02 in three octets", "", SPNEGO_RULE_DER_LENGTH_OUTSIDE, 3, 1}, &r,
                rule);
}

Test(reader, element_missing_inside_another)
{
    const spnego_bytes in = der_of("3000 0400");
    der_reader r;
    spnego_rule rule;

    der_reader_init(&r, in, SPNEGO_TOLERATE_ALL, NULL);
    cr_assert_eq(der_enter(&r, DER_SEQUENCE), SPNEGO_RULE_NONE);
    r.outermost = 0;
    rule = der_enter(&r, DER_OCTET_STRING);
    check_fault(&(const row){"nothing in it", "", SPNEGO_RULE_DER_ELEMENT_MISSING, 2, 0}, &r, rule);
}

Test(reader, leaving_refuses_what_is_left_over)
{
    const spnego_bytes in = der_of("30{ 0400 020105 }");
    der_reader r;
    size_t outer;
    spnego_rule rule;

    der_reader_init(&r, in, SPNEGO_TOLERATE_ALL, NULL);
    outer = r.end;
    cr_assert_eq(der_enter(&r, DER_SEQUENCE), SPNEGO_RULE_NONE);
    r.pos = 4;
    rule = der_leave(&r, outer);
    check_fault(&(const row){"INTEGER left", "", SPNEGO_RULE_DER_SURPLUS_INSIDE, 4, 3}, &r, rule);
    r.pos = r.end;
    cr_expect_eq(der_leave(&r, outer), SPNEGO_RULE_NONE);
    cr_expect_eq(r.end, outer);
}

Test(reader, contents_are_a_view_and_absent_is_not_empty)
{
    const spnego_bytes in = der_of("0402 5566"), empty = der_of("0400");
    der_reader r;
    spnego_bytes contents;

    der_reader_init(&r, in, SPNEGO_TOLERATE_NOTHING, NULL);
    cr_assert_eq(der_enter(&r, DER_OCTET_STRING), SPNEGO_RULE_NONE);
    contents = der_contents(&r);
    cr_expect_eq(contents.data, in.data + 2);
    cr_expect_eq(contents.len, 2u);
    cr_expect_eq(r.pos, 4u);

    der_reader_init(&r, empty, SPNEGO_TOLERATE_NOTHING, NULL);
    cr_assert_eq(der_enter(&r, DER_OCTET_STRING), SPNEGO_RULE_NONE);
    contents = der_contents(&r);
    cr_expect_not_null(contents.data);
    cr_expect_eq(contents.len, 0u);
}

static void check_skip(const row *rows, size_t num_rows)
{
    for (size_t i = 0; i < num_rows; i++) {
        const spnego_bytes in = der_of(rows[i].notation);
        der_reader r;
        spnego_rule rule;

        der_reader_init(&r, in, SPNEGO_TOLERATE_NOTHING, NULL);
        r.outermost = 0;
        rule = der_skip(&r);
        if (rows[i].rule != SPNEGO_RULE_NONE) {
            check_fault(&rows[i], &r, rule);
            continue;
        }
        cr_expect_eq(rule, SPNEGO_RULE_NONE, "%s: %s", rows[i].description,
                     spnego_rule_describe(rule)->name);
        cr_expect(r.pos == rows[i].offset && r.end == in.len, "%s: stands at %zu",
                  rows[i].description, r.pos);
    }
}

Test(reader, skipping_moves_over_one_element_of_any_tag)
{
    /* X.690 8.1.2.2 and 8.1.2.4; offset is where the next element begins. */
    static const row rows[] = {
        {"context, constructed", "a5020500 0500", 0, 4, 0},
        {"context, primitive", "850155", 0, 3, 0},
        {"universal", "020105 00", 0, 3, 0},
        {"application 30", "7e00", 0, 2, 0},
        {"private", "c000", 0, 2, 0},
        {"number 31, the first in high-tag-number form", "bf1f00", 0, 3, 0},
        {"number 127", "9f7f00", 0, 3, 0},
        {"number 128", "9f810000", 0, 4, 0},
        {"number 2^35", "bf818080808000 0155", 0, 9, 0},
        {"long length", "a58180 55*128", 0, 131, 0},
    };
    check_skip(rows, LEN(rows));
}

Test(reader, skipping_refuses_what_is_not_well_formed)
{
    static const row rows[] = {
        {"universal 0, primitive", "0000", SPNEGO_RULE_DER_TAG_MALFORMED, 0, 1},
        {"universal 0, constructed, X.690 8.1.5", "2000", SPNEGO_RULE_DER_TAG_MALFORMED, 0, 1},
        {"30 in high-tag-number form", "bf1e00", SPNEGO_RULE_DER_TAG_MALFORMED, 0, 2},
        {"0 in high-tag-number form", "9f0000", SPNEGO_RULE_DER_TAG_MALFORMED, 0, 2},
        {"leading 80", "bf801f00", SPNEGO_RULE_DER_TAG_MALFORMED, 0, 3},
        {"tag without end", "bf8181", SPNEGO_RULE_DER_LENGTH_OUTSIDE, 3, 0},
        {"tag number missing", "bf", SPNEGO_RULE_DER_LENGTH_OUTSIDE, 1, 0},
        {"no length", "a5", SPNEGO_RULE_DER_LENGTH_OUTSIDE, 1, 0},
        {"no length after a high tag", "bf1f", SPNEGO_RULE_DER_LENGTH_OUTSIDE, 2, 0},
        {"past the end", "a50255", SPNEGO_RULE_DER_LENGTH_OUTSIDE, 1, 1},
        {"indefinite", "a5800000", SPNEGO_RULE_DER_LENGTH_INDEFINITE, 1, 1},
        {"reserved", "bf1fff", SPNEGO_RULE_DER_LENGTH_RESERVED, 2, 1},
        {"not minimal", "a5810155", SPNEGO_RULE_DER_LENGTH_NOT_MINIMAL, 1, 2},
    };
    check_skip(rows, LEN(rows));
}

Test(reader, object_identifiers)
{
    /* X.690 8.19.2 */
    static const row rows[] = {
        {"one arc of one octet", "00", 0, 0, 0},
        {"krb5", "2a864886f712010202", 0, 0, 0},
        {"80 inside an arc", "2a81808001", 0, 0, 0},
        {"an arc of 20 octets", "69 ff*19 7f", 0, 0, 0},
        {"empty", "", SPNEGO_RULE_OID_EMPTY, 0, 0},
        {"first arc begins with 80", "802a", SPNEGO_RULE_OID_ARC_PADDED, 0, 1},
        {"a later arc begins with 80", "2a86488001", SPNEGO_RULE_OID_ARC_PADDED, 3, 1},
        {"80 alone", "80", SPNEGO_RULE_OID_ARC_PADDED, 0, 1},
        {"last octet goes on", "2a8648", 0, 0, 0},
        {"cut inside an arc", "2a864886f7", SPNEGO_RULE_OID_ARC_UNFINISHED, 4, 1},
        {"ff alone", "ff", SPNEGO_RULE_OID_ARC_UNFINISHED, 0, 1},
    };

    for (size_t i = 0; i < LEN(rows); i++) {
        const spnego_bytes in = der_of(rows[i].notation);
        der_reader r;
        spnego_rule rule;

        der_reader_init(&r, in, SPNEGO_TOLERATE_ALL, NULL);
        rule = der_check_oid(&r, 0, in.len);
        check_fault(&rows[i], &r, rule);
    }
}

Test(reader, an_object_identifier_is_bounded_by_its_own_length)
{
    const spnego_bytes in = der_of("0603 2a8648 8001");
    der_reader r;

    der_reader_init(&r, in, SPNEGO_TOLERATE_NOTHING, NULL);
    cr_expect_eq(der_check_oid(&r, 2, 3), SPNEGO_RULE_NONE);
    cr_expect_eq(der_check_oid(&r, 2, 4), SPNEGO_RULE_OID_ARC_PADDED);
    cr_expect_eq(r.fault.offset, 5u);
}

Test(reader, findings_beyond_the_reports_room_are_counted)
{
    static spnego_report report;
    const spnego_bytes in = der_of("0400");
    der_reader r;

    der_reader_init(&r, in, SPNEGO_TOLERATE_NOTHING, &report);
    for (size_t i = 0; i < SPNEGO_MAX_FINDINGS + 3; i++)
        der_note(&r, SPNEGO_RULE_FIELD_UNKNOWN, i, 1);
    cr_expect_eq(report.num_findings, (size_t)SPNEGO_MAX_FINDINGS + 3);
    cr_expect_eq(report.findings[SPNEGO_MAX_FINDINGS - 1].offset, (size_t)SPNEGO_MAX_FINDINGS - 1);
    cr_expect_eq(report.spans[0].offset, 0u, "written beyond the findings");
    cr_expect_eq(report.spans[0].len, 0u, "written beyond the findings");
}

Test(reader, allow_notes_or_refuses)
{
    static spnego_report report;
    const spnego_bytes in = der_of("0400");
    der_reader r;

    der_reader_init(&r, in, SPNEGO_TOLERATE_TRAILING_BYTES, &report);
    r.field = SPNEGO_FIELD_FRAME;
    cr_expect_eq(
        der_allow(&r, SPNEGO_TOLERATE_TRAILING_BYTES, SPNEGO_RULE_TOKEN_TRAILING_BYTES, 1, 1),
        SPNEGO_RULE_NONE);
    cr_expect_eq(r.tolerated, SPNEGO_TOLERATE_TRAILING_BYTES);
    cr_expect_eq(r.fault.rule, SPNEGO_RULE_NONE);
    cr_expect_eq(report.num_findings, 1u);
    cr_expect_eq(report.findings[0].field, SPNEGO_FIELD_FRAME);
    cr_expect_eq(der_allow(&r, SPNEGO_TOLERATE_FIELD_ORDER, SPNEGO_RULE_FIELD_OUT_OF_ORDER, 1, 1),
                 SPNEGO_RULE_FIELD_OUT_OF_ORDER);
    cr_expect_eq(r.tolerated, SPNEGO_TOLERATE_TRAILING_BYTES);
    cr_expect_eq(r.fault.rule, SPNEGO_RULE_FIELD_OUT_OF_ORDER);
    cr_expect_eq(report.num_findings, 2u);
}

Test(reader, spans_of_fields)
{
    static spnego_report report;
    const spnego_bytes in = der_of("040255 66 04015577");
    der_reader r;

    der_reader_init(&r, in, SPNEGO_TOLERATE_NOTHING, &report);
    r.pos = 4;
    der_mark(&r, SPNEGO_FIELD_MECH_TOKEN, 0);
    der_mark_rest(&r, SPNEGO_FIELD_MECH_LIST_MIC);
    cr_expect_eq(report.spans[SPNEGO_FIELD_MECH_TOKEN].offset, 0u);
    cr_expect_eq(report.spans[SPNEGO_FIELD_MECH_TOKEN].len, 4u);
    cr_expect_eq(report.spans[SPNEGO_FIELD_MECH_LIST_MIC].offset, 4u);
    cr_expect_eq(report.spans[SPNEGO_FIELD_MECH_LIST_MIC].len, 4u);
    r.report = NULL;
    der_mark(&r, SPNEGO_FIELD_MECH_TOKEN, 0);
    der_mark_rest(&r, SPNEGO_FIELD_MECH_LIST_MIC);
}
