/*
 * Every sequence of fields: present or absent, in every order, repeated, with unknown fields
 * before, between and after.  What must come out is written here from RFC 4178 4.2 and section 6
 * and MS-SPNG 2.2.1, not taken from the library.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

enum { MAX_FIELDS = 5, UNKNOWN = MAX_FIELDS, MAX_SEQUENCE = MAX_FIELDS + 2 };

/* A message and its fields in the schema's order.  Each is short enough for all lengths of the
 * token to have one octet. */
typedef struct message {
    const char *name;
    size_t num_fields;
    const char *fields[MAX_FIELDS];
} message;

static const message init = {
    "NegTokenInit",
    4,
    {MECH_TYPES_KRB5, REQ_FLAGS_OF("0142"), MECH_TOKEN_OF("01"), INIT_MIC_OF("02")}};
static const message init2 = {"NegTokenInit2",
                              5,
                              {MECH_TYPES_KRB5, REQ_FLAGS_OF("0142"), MECH_TOKEN_OF("01"),
                               HINTS_OF(HINT_NAME_OF("'h'")), INIT2_MIC_OF("02")}};
static const message resp = {
    "NegTokenResp",
    4,
    {NEG_STATE_OF("01"), SUPPORTED_MECH_OF(OID_KRB5), RESPONSE_OF("01"), RESP_MIC_OF("02")}};

static const char unknown_field[] = "a5{0500}";

/* What must come out. */
typedef struct verdict {
    spnego_rule rule;
    size_t offset;
    int needs_order; /* accepted only with SPNEGO_TOLERATE_FIELD_ORDER */
    unsigned seen;   /* fields, as bits */
    size_t unknown;  /* octets of unknown fields */
    spnego_token_type type;
} verdict;

/*
 * The rule.  A SEQUENCE's fields come in the schema's order, each at most once (X.680 25);
 * section 6 of RFC 4178 lets unknown ones follow the known, so nothing known follows them.  The
 * first field that breaks this is the fault.  mechTypes must be in a NegTokenInit (4.2.1); it is
 * OPTIONAL in a NegTokenInit2, which [3] with a SEQUENCE or, without it, [4] marks.
 */
static verdict expected(const message *m, const unsigned *sequence, size_t n,
                        const spnego_bytes *fields, size_t start, uint32_t tolerate)
{
    verdict v = {SPNEGO_RULE_NONE, start, 0, 0, 0, SPNEGO_NEG_TOKEN_RESP};

    for (size_t i = 0; i < n; i++) {
        const unsigned field = sequence[i];

        if (field == UNKNOWN) {
            v.unknown += fields[UNKNOWN].len;
        } else if ((v.seen >> field & 1) != 0) {
            v.rule = SPNEGO_RULE_FIELD_REPEATED;
            return v;
        } else if (v.unknown > 0) {
            v.rule = SPNEGO_RULE_FIELD_OUT_OF_ORDER;
            return v;
        } else if (v.seen >> field != 0) {
            v.needs_order = 1;
            if ((tolerate & SPNEGO_TOLERATE_FIELD_ORDER) == 0) {
                v.rule = SPNEGO_RULE_FIELD_OUT_OF_ORDER;
                return v;
            }
        }
        if (field != UNKNOWN)
            v.seen |= 1u << field;
        v.offset += fields[field].len;
    }
    if (m == &resp)
        return v;
    v.type = m == &init2 && (v.seen & 0x18) != 0 ? SPNEGO_NEG_TOKEN_INIT2 : SPNEGO_NEG_TOKEN_INIT;
    if (v.type == SPNEGO_NEG_TOKEN_INIT && (v.seen & 1) == 0)
        v.rule = SPNEGO_RULE_MECH_TYPES_MISSING;
    return v;
}

static unsigned fields_of(const message *m, const spnego_token *t)
{
    const spnego_bytes views[3][MAX_FIELDS] = {
        {t->mech_types, t->req_flags, t->mech_token, t->mech_list_mic, {NULL, 0}},
        {t->mech_types, t->req_flags, t->mech_token, t->neg_hints, t->mech_list_mic},
        {{NULL, 0}, t->supported_mech, t->response_token, t->mech_list_mic, {NULL, 0}}};
    const spnego_bytes *row = views[m == &init ? 0 : m == &init2 ? 1 : 2];
    unsigned seen = t->has_neg_state ? 1 : 0;

    for (unsigned i = 0; i < MAX_FIELDS; i++)
        seen |= row[i].data != NULL ? 1u << i : 0;
    return seen;
}

/* The token with these fields in this order in an exactly sized block for free. */
static uint8_t *build(size_t *out_len, size_t *out_start, const message *m,
                      const unsigned *sequence, size_t n, const spnego_bytes *fields)
{
    static spnego_bytes this_mech;
    size_t len = 0, at = 0;
    uint8_t *der;

    if (this_mech.data == NULL)
        this_mech = der_of(OID_SPNEGO);
    for (size_t i = 0; i < n; i++)
        len += fields[sequence[i]].len;
    *out_len = len + (m == &resp ? 4 : 6 + this_mech.len);
    cr_assert_lt(*out_len, 130u, "the lengths would need two octets");
    der = malloc(*out_len);
    cr_assert_not_null(der);
    if (m != &resp) {
        at += der_put_header(der, 0x60, *out_len - 2);
        memcpy(der + at, this_mech.data, this_mech.len);
        at += this_mech.len;
    }
    at += der_put_header(der + at, m == &resp ? 0xa1 : 0xa0, len + 2);
    at += der_put_header(der + at, 0x30, len);
    *out_start = at;
    for (size_t i = 0; i < n; i++) {
        memcpy(der + at, fields[sequence[i]].data, fields[sequence[i]].len);
        at += fields[sequence[i]].len;
    }
    return der;
}

typedef struct counts {
    size_t all, accepted, refused;
    size_t plain; /* accepted in order and without unknown fields */
} counts;

static void check_one(counts *count, const message *m, const unsigned *sequence, size_t n,
                      const spnego_bytes *fields, uint32_t tolerate)
{
    size_t len, start;
    uint8_t *der = build(&len, &start, m, sequence, n, fields);
    const spnego_bytes in = {der, len};
    const verdict want = expected(m, sequence, n, fields, start, tolerate);
    spnego_token token;
    spnego_finding fault;
    const spnego_rule rule = spnego_token_decode(&token, &fault, in, tolerate);

    count->all++;
    cr_assert(rule == want.rule && fault.rule == want.rule, "%s %s: %s, expected %s", m->name,
              hex_of(in), spnego_rule_describe(rule)->name, spnego_rule_describe(want.rule)->name);
    if (rule != SPNEGO_RULE_NONE) {
        count->refused++;
        cr_assert(fault.offset == want.offset &&
                      fault.len == (rule == SPNEGO_RULE_MECH_TYPES_MISSING ? 0 : 1),
                  "%s %s: at %zu, %zu octets; expected at %zu", m->name, hex_of(in), fault.offset,
                  fault.len, want.offset);
        cr_assert(token_is_zero(&token));
        free(der);
        return;
    }
    count->accepted++;
    count->plain += want.unknown == 0 && !want.needs_order;
    cr_assert_eq(token.type, want.type, "%s %s: type %d", m->name, hex_of(in), token.type);
    cr_assert_eq(token.tolerated, want.needs_order ? SPNEGO_TOLERATE_FIELD_ORDER : 0u, "%s %s",
                 m->name, hex_of(in));
    cr_assert_eq(fields_of(m, &token), want.seen, "%s %s: fields %x, expected %x", m->name,
                 hex_of(in), fields_of(m, &token), want.seen);
    cr_assert_eq(token.unknown_fields.len, want.unknown, "%s %s", m->name, hex_of(in));
    /* Written, it is the known fields in the schema's order. */
    {
        unsigned sorted[MAX_FIELDS];
        size_t num = 0, sorted_len;
        uint8_t *sorted_der, buf[160];
        spnego_bytes out;

        for (unsigned i = 0; i < MAX_FIELDS; i++)
            if ((want.seen >> i & 1) != 0)
                sorted[num++] = i;
        sorted_der = build(&sorted_len, &start, m, sorted, num, fields);
        cr_assert_eq(spnego_token_encode(&out, buf, sizeof buf, &token), SPNEGO_RULE_NONE);
        cr_assert(same_octets(out, (spnego_bytes){sorted_der, sorted_len}), "%s %s: written as %s",
                  m->name, hex_of(in), hex_of(out));
        free(sorted_der);
    }
    free(der);
}

/* All sequences of 0 to num_fields + 2 of the message's fields and the unknown one. */
static counts check_all(const message *m, uint32_t tolerate)
{
    spnego_bytes fields[MAX_FIELDS + 1];
    counts count = {0, 0, 0, 0};

    for (size_t i = 0; i < m->num_fields; i++)
        fields[i] = der_of(m->fields[i]);
    fields[UNKNOWN] = der_of(unknown_field);
    for (size_t n = 0; n <= m->num_fields + 2; n++) {
        unsigned digits[MAX_SEQUENCE] = {0};
        size_t at;

        do {
            unsigned sequence[MAX_SEQUENCE];

            for (size_t i = 0; i < n; i++)
                sequence[i] = digits[i] == m->num_fields ? UNKNOWN : digits[i];
            check_one(&count, m, sequence, n, fields, tolerate);
            for (at = 0; at < n && ++digits[at] > m->num_fields; at++)
                digits[at] = 0;
        } while (at < n);
    }
    cr_log_info("%s: %zu sequences, %zu accepted, %zu refused", m->name, count.all, count.accepted,
                count.refused);
    return count;
}

/* 1 + 5 + 5^2 + ... + 5^6 sequences; in order and without unknown fields there are as many
 * tokens as subsets of the optional fields. */
Test(matrix, neg_token_init)
{
    const counts count = check_all(&init, SPNEGO_TOLERATE_NOTHING);

    cr_expect_eq(count.all, 19531u);
    cr_expect_eq(count.plain, 8u, "mechTypes and any of three: %zu", count.plain);
}

Test(matrix, neg_token_init2)
{
    const counts count = check_all(&init2, SPNEGO_TOLERATE_NOTHING);

    cr_expect_eq(count.all, 335923u);
    cr_expect_eq(count.plain, 28u, "any of five, but not without all of [0], [3], [4]: %zu",
                 count.plain);
}

Test(matrix, neg_token_resp)
{
    const counts count = check_all(&resp, SPNEGO_TOLERATE_NOTHING);

    cr_expect_eq(count.all, 19531u);
    cr_expect_eq(count.plain, 16u, "any of four: %zu", count.plain);
}

/* With the tolerance the order is free, but still nothing is repeated or follows the unknown. */
Test(matrix, neg_token_init_in_any_order)
{
    check_all(&init, SPNEGO_TOLERATE_FIELD_ORDER);
}

Test(matrix, neg_token_init2_in_any_order)
{
    check_all(&init2, SPNEGO_TOLERATE_FIELD_ORDER);
}

Test(matrix, neg_token_resp_in_any_order)
{
    check_all(&resp, SPNEGO_TOLERATE_FIELD_ORDER);
}

/* [3] with a MIC makes it a NegTokenInit, whose [4] is unknown; [4] with a MIC and no [3] before it
 * makes it a NegTokenInit2, whose [3] is negHints.  Two MICs, of which one would have to be
 * dropped, are never read in any order. */
Test(matrix, two_mics_are_never_read_as_one)
{
    spnego_token token;

    cr_expect_neq(
        spnego_token_decode(&token, NULL,
                            der_of(INIT(MECH_TYPES_KRB5 INIT2_MIC_OF("01") INIT_MIC_OF("02"))),
                            SPNEGO_TOLERATE_FIELD_ORDER),
        SPNEGO_RULE_NONE, "accepted, mechListMIC %s", hex_of(token.mech_list_mic));
    token = decode_or_fail("in order",
                           der_of(INIT(MECH_TYPES_KRB5 INIT_MIC_OF("01") INIT2_MIC_OF("02"))), 0);
    cr_expect(same_octets(token.mech_list_mic, der_of("01")));
    cr_expect(same_octets(token.unknown_fields, der_of(INIT2_MIC_OF("02"))));
}
