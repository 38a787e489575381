/* token/fields.h and fields.c: each field at most once, in order, unknown ones at the end
 * (RFC 4178 4.2, section 6).  Whole messages are in tests/test_matrix.c. */
#include "token/fields.h"

#include <criterion/criterion.h>

#include "../support.h"

static der_reader reader_of(const char *notation, uint32_t tolerate)
{
    der_reader r;

    der_reader_init(&r, der_of(notation), tolerate, NULL);
    r.outermost = 0;
    return r;
}

Test(fields, begin_enters_and_remembers)
{
    der_reader r = reader_of("a2{0400}", 0);

    cr_expect_eq(r.seen, 0u);
    cr_assert_eq(fields_begin(&r, 2), SPNEGO_RULE_NONE);
    cr_expect(r.pos == 2 && r.end == 4);
    cr_expect_eq(r.seen, 1u << 2);
}

Test(fields, begin_takes_ascending_fields_with_gaps)
{
    der_reader r = reader_of("a0{} a2{} a4{}", 0);

    for (unsigned n = 0; n <= 4; n += 2) {
        r.end = r.len;
        cr_assert_eq(fields_begin(&r, n), SPNEGO_RULE_NONE, "[%u]", n);
    }
    cr_expect_eq(r.seen, 0x15u);
}

Test(fields, begin_refuses_repeated_late_and_after_unknown)
{
    static const struct {
        const char *description;
        unsigned seen, n;
        uint32_t tolerate;
        spnego_rule rule;
        uint32_t tolerated;
    } rows[] = {
        {"the same again", 1u << 1, 1, SPNEGO_TOLERATE_ALL, SPNEGO_RULE_FIELD_REPEATED, 0},
        {"the same again, others since", 0xf, 0, SPNEGO_TOLERATE_ALL, SPNEGO_RULE_FIELD_REPEATED,
         0},
        {"after the next", 1u << 1, 0, 0, SPNEGO_RULE_FIELD_OUT_OF_ORDER, 0},
        {"after the next, tolerated", 1u << 1, 0, SPNEGO_TOLERATE_FIELD_ORDER, SPNEGO_RULE_NONE,
         SPNEGO_TOLERATE_FIELD_ORDER},
        {"after an unknown one: never", FIELDS_UNKNOWN, 3, SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_FIELD_OUT_OF_ORDER, 0},
        {"again after an unknown one", FIELDS_UNKNOWN | 1u << 3, 3, SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_FIELD_REPEATED, 0},
    };

    for (size_t i = 0; i < LEN(rows); i++) {
        char notation[] = "a0{}";
        der_reader r;

        notation[1] = (char)('0' + rows[i].n);
        r = reader_of(notation, rows[i].tolerate);
        r.seen = rows[i].seen;
        cr_expect_eq(fields_begin(&r, rows[i].n), rows[i].rule, "%s", rows[i].description);
        cr_expect_eq(r.tolerated, rows[i].tolerated, "%s", rows[i].description);
        if (rows[i].rule != SPNEGO_RULE_NONE)
            cr_expect(r.pos == 0 && r.end == r.len && r.fault.offset == 0 && r.fault.len == 1,
                      "%s: moved", rows[i].description);
    }
}

Test(fields, read_takes_the_one_element_that_fills_the_field)
{
    der_reader r = reader_of("a2{04{5566}} 77", 0);
    spnego_bytes out = {NULL, 0};
    const size_t outer = r.end;

    cr_assert_eq(fields_begin(&r, 2), SPNEGO_RULE_NONE);
    cr_assert_eq(fields_read(&r, &out, DER_OCTET_STRING, 0, outer), SPNEGO_RULE_NONE);
    cr_expect(same_octets(out, der_of("5566")));
    cr_expect(r.pos == 6 && r.end == outer);
}

Test(fields, read_refuses_surplus)
{
    der_reader r = reader_of("a2{040155 00}", 0);
    spnego_bytes out = {NULL, 0};
    const size_t outer = r.end;

    cr_assert_eq(fields_begin(&r, 2), SPNEGO_RULE_NONE);
    cr_expect_eq(fields_read(&r, &out, DER_OCTET_STRING, 0, outer), SPNEGO_RULE_DER_SURPLUS_INSIDE);
    cr_expect_eq(r.fault.offset, 5u);
}

Test(fields, unknown_ones_are_counted_with_their_neighbours)
{
    static spnego_report report;
    der_reader r = reader_of("a5{0500} bf1f{} 04{55}", 0);

    r.seen = 1;
    r.report = &report;
    for (int i = 0; i < 3; i++)
        cr_assert_eq(fields_skip_unknown(&r), SPNEGO_RULE_NONE);
    cr_expect_eq(r.pos, r.len);
    cr_expect_eq(r.unknown_len, r.len);
    cr_expect_eq(r.seen, 1u | FIELDS_UNKNOWN);
    cr_expect_eq(r.field, SPNEGO_FIELD_UNKNOWN);
    cr_expect_eq(report.num_findings, 3u);
    cr_expect(report.spans[SPNEGO_FIELD_UNKNOWN].offset == 0 &&
              report.spans[SPNEGO_FIELD_UNKNOWN].len == r.len);
}

Test(fields, an_unknown_one_that_is_malformed_is_refused)
{
    der_reader r = reader_of("a5{0500} a50255", 0);

    cr_assert_eq(fields_skip_unknown(&r), SPNEGO_RULE_NONE);
    cr_expect_eq(fields_skip_unknown(&r), SPNEGO_RULE_DER_LENGTH_OUTSIDE);
    cr_expect(r.pos == 4 && r.unknown_len == 4);
}
