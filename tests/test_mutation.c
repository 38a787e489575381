/*
 * Every accepted vector, broken in every small way: cut short, each octet changed to each value,
 * each length and each tag replaced by hostile ones.  One law holds for whatever comes of it:
 * an accepted token is written as the same octets, without its unknown fields; a refused one leaves
 * nothing behind but a rule and a place inside the input.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "vector_file.h"

/* Every octet of a token to every value is work by the square of its length; longer tokens have
 * their first MAX_CHANGED octets changed, where all headers of the captured ones are. */
enum { MAX_TOKEN = 2000, MAX_CHANGED = 2000 };

static struct counts {
    size_t tokens, longer, runs, accepted, with_unknown, refused;
} count;

/* ---- The test's own reading of a token ----------------------------------------------------- */

/* One element of an accepted token: its header and contents as offsets. */
typedef struct element {
    size_t start, tag_len, contents, end;
} element;

/* Reads the element at `at`; 0 if there is none that ends by `end`. */
static int element_at(element *out, spnego_bytes in, size_t at, size_t end)
{
    size_t len, num_octets;

    out->start = at;
    if (end - at < 2)
        return 0;
    at++;
    if ((in.data[out->start] & 0x1f) == 0x1f)
        do
            if (at == end)
                return 0;
        while ((in.data[at++] & 0x80) != 0);
    out->tag_len = at - out->start;
    if (at == end)
        return 0;
    len = in.data[at++];
    if (len >= 0x80) {
        num_octets = len - 0x80;
        if (num_octets == 0 || num_octets > 4 || num_octets > end - at)
            return 0;
        for (len = 0; num_octets > 0; num_octets--)
            len = len * 256 + in.data[at++];
    }
    out->contents = at;
    if (len > end - at)
        return 0;
    out->end = at + len;
    return 1;
}

/* The token without its unknown fields, lengths put right, in `out`, which has room for in.len
 * octets; SIZE_MAX if it is no token.  RFC 4178 4.2 and section 6, MS-SPNG 2.2.1: known are [0]
 * to [3], and [4] where [3] holds a SEQUENCE or where there is no [3] and [4] holds an OCTET
 * STRING. */
static size_t without_unknown_fields(uint8_t *out, spnego_bytes in)
{
    element frame = {0, 0, 0, 0}, mech, choice, sequence, field;
    int is_framed = in.data[0] == 0x60, has_3 = 0, is_init2 = 0;
    uint8_t choice_tag;
    size_t known_end, fields_len, at = 0, inner;

    mech.start = mech.end = 0;
    if (is_framed &&
        (!element_at(&frame, in, 0, in.len) || !element_at(&mech, in, frame.contents, frame.end)))
        return SIZE_MAX;
    if (!element_at(&choice, in, mech.end, in.len) ||
        !element_at(&sequence, in, choice.contents, choice.end))
        return SIZE_MAX;
    choice_tag = in.data[choice.start];
    known_end = sequence.contents;
    while (known_end < sequence.end) {
        if (!element_at(&field, in, known_end, sequence.end))
            return SIZE_MAX;
        if (in.data[field.start] == 0xa3) {
            has_3 = 1;
            is_init2 = choice_tag == 0xa0 && in.data[field.contents] == 0x30;
        } else if (in.data[field.start] == 0xa4) {
            if (choice_tag != 0xa0 || (has_3 && !is_init2) ||
                (!has_3 && (field.contents == field.end || in.data[field.contents] != 0x04)))
                break;
        } else if (in.data[field.start] < 0xa0 || in.data[field.start] > 0xa2) {
            break;
        }
        known_end = field.end;
    }
    fields_len = known_end - sequence.contents;
    inner = der_element_len(fields_len);
    if (is_framed) {
        const size_t mech_len = mech.end - mech.start;
        at = der_put_header(out, 0x60, mech_len + der_element_len(inner));
        memcpy(out + at, in.data + mech.start, mech_len);
        at += mech_len;
    }
    at += der_put_header(out + at, choice_tag, inner);
    at += der_put_header(out + at, 0x30, fields_len);
    memcpy(out + at, in.data + sequence.contents, fields_len);
    return at + fields_len;
}

/* ---- The law ------------------------------------------------------------------------------- */

static uint8_t *scratch, *written; /* room for any token here */

static void check_views(const spnego_token *t, spnego_bytes in)
{
    const spnego_bytes views[] = {
        t->mech_types,    t->req_flags,      t->mech_token,     t->neg_hints,
        t->hint_name,     t->hint_address,   t->supported_mech, t->response_token,
        t->mech_list_mic, t->unknown_fields, t->whole,          t->negotiation_token,
    };

    for (size_t i = 0; i < LEN(views); i++)
        if (views[i].data != NULL)
            cr_assert(views[i].data >= in.data && views[i].len <= in.len &&
                          (size_t)(views[i].data - in.data) <= in.len - views[i].len,
                      "view %zu lies outside the input: %s", i, hex_of(in));
}

static void check_accepted(const spnego_token *token, spnego_bytes in)
{
    spnego_bytes der;
    spnego_rule rule;
    size_t want;

    count.accepted++;
    check_views(token, in);
    cr_assert_eq(token->tolerated, 0u);
    want = without_unknown_fields(scratch, in);
    cr_assert_neq(want, SIZE_MAX, "accepted, but no token: %s", hex_of(in));
    if (token->unknown_fields.data != NULL)
        count.with_unknown++;
    else
        cr_assert_eq(want, in.len, "an unknown field is not reported: %s", hex_of(in));
    rule = spnego_token_encode(&der, written, in.len, token);
    if (rule == SPNEGO_RULE_MECH_TYPES_HAVE_SPNEGO)
        return; /* read by who receives it, but not written (RFC 4178 3.1) */
    cr_assert(rule == SPNEGO_RULE_NONE && same_octets(der, (spnego_bytes){scratch, want}),
              "%s: %s written as %s, expected %s", spnego_rule_describe(rule)->name, hex_of(in),
              hex_of(der), hex_of((spnego_bytes){scratch, want}));
}

static void check_inspection(spnego_bytes in, spnego_rule strict)
{
    spnego_token token;
    spnego_report report;
    const spnego_rule rule = spnego_token_inspect(&token, &report, in, SPNEGO_TOLERATE_ALL);

    cr_assert(strict != SPNEGO_RULE_NONE || rule == SPNEGO_RULE_NONE,
              "accepted strictly, but not with everything tolerated: %s", hex_of(in));
    cr_assert(rule == SPNEGO_RULE_NONE || report.num_findings > 0, "no finding: %s", hex_of(in));
    for (size_t i = 0; i < report.num_findings && i < SPNEGO_MAX_FINDINGS; i++) {
        const spnego_finding *f = &report.findings[i];
        cr_assert(f->rule != SPNEGO_RULE_NONE && f->offset <= in.len &&
                      f->len <= in.len - f->offset && (unsigned)f->field < SPNEGO_NUM_FIELDS,
                  "finding %s at %zu, %zu octets: %s", spnego_rule_describe(f->rule)->name,
                  f->offset, f->len, hex_of(in));
    }
    for (size_t i = 0; i < SPNEGO_NUM_FIELDS; i++)
        cr_assert(report.spans[i].offset <= in.len &&
                      report.spans[i].len <= in.len - report.spans[i].offset,
                  "span of %s at %zu, %zu octets: %s",
                  spnego_field_name(token.type, (spnego_field)i), report.spans[i].offset,
                  report.spans[i].len, hex_of(in));
    check_views(&token, in);
}

static void check(spnego_bytes in)
{
    spnego_token token;
    spnego_finding fault;
    const spnego_rule rule = spnego_token_decode(&token, &fault, in, SPNEGO_TOLERATE_NOTHING);

    count.runs++;
    if (rule == SPNEGO_RULE_NONE) {
        check_accepted(&token, in);
    } else {
        count.refused++;
        cr_assert(fault.rule == rule && spnego_rule_describe(rule)->rule == rule &&
                      fault.offset <= in.len && fault.len <= in.len - fault.offset &&
                      (unsigned)fault.field < SPNEGO_NUM_FIELDS,
                  "rule %d, fault %d at %zu, %zu octets: %s", rule, fault.rule, fault.offset,
                  fault.len, hex_of(in));
        cr_assert(token_is_zero(&token), "not zero-filled: %s", hex_of(in));
    }
    check_inspection(in, rule);
}

/* ---- The changes --------------------------------------------------------------------------- */

/* The first `len` octets in a block of their own, so that a memory checker sees a read beyond. */
static void check_copy(const uint8_t *octets, size_t len)
{
    uint8_t *block = malloc(len > 0 ? len : 1);

    cr_assert_not_null(block);
    memcpy(block, octets, len);
    check((spnego_bytes){block, len});
    free(block);
}

static void cut_short(spnego_bytes in)
{
    for (size_t len = 0; len < in.len; len++)
        check_copy(in.data, len);
}

static void change_each_octet(spnego_bytes in)
{
    uint8_t *block = malloc(in.len);

    cr_assert_not_null(block);
    memcpy(block, in.data, in.len);
    for (size_t i = 0; i < in.len && i < MAX_CHANGED; i++) {
        for (unsigned change = 1; change < 256; change++) {
            block[i] = (uint8_t)(in.data[i] ^ change);
            check((spnego_bytes){block, in.len});
        }
        block[i] = in.data[i];
    }
    free(block);
}

/* Elements whose tag or length octets are replaced, and by what. */
typedef struct replacement {
    size_t start;  /* of the element */
    int of_length; /* or of its tag */
    const uint8_t *octets;
    size_t num_octets;
} replacement;

/* Writes the element again with the replacement made somewhere in it, and the lengths of what is
 * around that put right if fix_parents; *out_hit says whether it was here. */
static size_t rewrite(uint8_t *out, int *out_hit, spnego_bytes in, const element *e,
                      const replacement *r, int fix_parents)
{
    const int is_constructed = (in.data[e->start] & 0x20) != 0;
    size_t len = 0, at, header_len, old_header_len = e->contents - e->start - e->tag_len;
    uint8_t header[8];

    *out_hit = e->start == r->start;
    if (*out_hit || !is_constructed) {
        if (*out_hit && !r->of_length) {
            memcpy(out, r->octets, r->num_octets);
            at = r->num_octets;
        } else {
            memcpy(out, in.data + e->start, e->tag_len);
            at = e->tag_len;
        }
        if (*out_hit && r->of_length) {
            memcpy(out + at, r->octets, r->num_octets);
            at += r->num_octets;
        } else {
            memcpy(out + at, in.data + e->start + e->tag_len, old_header_len);
            at += old_header_len;
        }
        memcpy(out + at, in.data + e->contents, e->end - e->contents);
        return at + e->end - e->contents;
    }
    {
        uint8_t *contents = malloc(2 * (e->end - e->contents) + 64);
        element child;

        cr_assert_not_null(contents);
        for (size_t pos = e->contents; pos < e->end; pos = child.end) {
            int hit;
            cr_assert(element_at(&child, in, pos, e->end));
            len += rewrite(contents + len, &hit, in, &child, r, fix_parents);
            *out_hit |= hit;
        }
        header_len = der_put_header(header, in.data[e->start], len);
        if (!*out_hit || !fix_parents) {
            header_len = e->contents - e->start;
            memcpy(header, in.data + e->start, header_len);
        }
        memcpy(out, header, header_len);
        memcpy(out + header_len, contents, len);
        free(contents);
    }
    return header_len + len;
}

static void replace(spnego_bytes in, const replacement *r)
{
    uint8_t *out = malloc(2 * in.len + 64);
    element root;
    int hit;

    cr_assert_not_null(out);
    cr_assert(element_at(&root, in, 0, in.len));
    for (int fix_parents = 0; fix_parents < 2; fix_parents++) {
        const size_t len = rewrite(out, &hit, in, &root, r, fix_parents);
        cr_assert(hit);
        check_copy(out, len);
    }
    free(out);
}

static void replace_length(spnego_bytes in, const element *e)
{
    static const char *const hostile[] = {
        "00",
        "01",
        "7f",
        "80",
        "8100",
        "817f",
        "8180",
        "81ff",
        "820000",
        "820001",
        "82007f",
        "820080",
        "83000000",
        "847fffffff",
        "8480000000",
        "84ffffffff",
        "8500000000ff",
        "850100000000",
        "888000000000000000",
        "88ffffffffffffffff",
        "89010000000000000000",
        "fe",
        "ff",
    };
    const size_t len = e->end - e->contents;
    uint8_t near[2][8];
    replacement r = {e->start, 1, NULL, 0};

    for (size_t i = 0; i < LEN(hostile); i++) {
        static spnego_bytes octets[LEN(hostile)];
        if (octets[i].data == NULL)
            octets[i] = der_of(hostile[i]);
        r.octets = octets[i].data;
        r.num_octets = octets[i].len;
        replace(in, &r);
    }
    /* One more and one less, in the shortest form. */
    for (int k = 0; k < 2; k++) {
        if (len == 0 && k == 0)
            continue;
        r.num_octets = der_put_header(near[k], 0, k == 0 ? len - 1 : len + 1) - 1;
        r.octets = near[k] + 1;
        replace(in, &r);
    }
    /* The right length in a form longer than the shortest. */
    for (uint8_t n = 1; n <= 8; n++) {
        uint8_t longer[9] = {(uint8_t)(0x80 + n)};
        for (size_t i = 0; i < n && i < sizeof len; i++)
            longer[n - i] = (uint8_t)(len >> 8 * i);
        r.octets = longer;
        r.num_octets = n + 1u;
        replace(in, &r);
    }
}

/* Tags of one octet are among the changes of each octet; these have more. */
static void replace_tag(spnego_bytes in, const element *e)
{
    static const char *const hostile[] = {"1f",           "bf",   "bf00",   "bf03",
                                          "bf1e",         "bf1f", "bf8000", "bf801f",
                                          "bfffffffff7f", "1f04", "7f60",   "ff8181818181818181"};
    static spnego_bytes octets[LEN(hostile)];
    replacement r = {e->start, 0, NULL, 0};

    for (size_t i = 0; i < LEN(hostile); i++) {
        if (octets[i].data == NULL)
            octets[i] = der_of(hostile[i]);
        r.octets = octets[i].data;
        r.num_octets = octets[i].len;
        replace(in, &r);
    }
}

/* All elements, those inside constructed ones too. */
static void replace_in_each_element(spnego_bytes in, size_t at, size_t end)
{
    element e;

    for (; at < end; at = e.end) {
        cr_assert(element_at(&e, in, at, end), "the vector is no DER at %zu", at);
        replace_length(in, &e);
        replace_tag(in, &e);
        if ((in.data[e.start] & 0x20) != 0)
            replace_in_each_element(in, e.contents, e.end);
    }
}

/* ---- The vectors --------------------------------------------------------------------------- */

static void for_each_token(const char *folder, void (*change)(spnego_bytes in))
{
    vector_file *files;
    const size_t n = vector_files_read(&files, folder);

    for (size_t i = 0; i < n; i++) {
        spnego_token token;
        const spnego_bytes in = files[i].octets;

        if (in.data == NULL ||
            spnego_token_decode(&token, NULL, in, SPNEGO_TOLERATE_NOTHING) != SPNEGO_RULE_NONE)
            continue;
        count.tokens++;
        if (in.len > MAX_TOKEN)
            count.longer++;
        scratch = malloc(2 * in.len + 64);
        written = malloc(2 * in.len + 64);
        cr_assert(scratch != NULL && written != NULL);
        change(in);
        free(scratch);
        free(written);
    }
}

static void check_all(const char *what, void (*change)(spnego_bytes in))
{
    for_each_token("accept", change);
    for_each_token("captured", change);
    fprintf(stderr,
            "%s: %zu tokens (%zu with only their first %d octets changed), %zu runs: "
            "%zu accepted (%zu with unknown fields), %zu refused\n",
            what, count.tokens, count.longer, (int)MAX_CHANGED, count.runs, count.accepted,
            count.with_unknown, count.refused);
    cr_assert_gt(count.tokens, 50u, "too few vectors: %zu", count.tokens);
    cr_assert_gt(count.refused, count.tokens);
}

static void replace_everywhere(spnego_bytes in)
{
    replace_in_each_element(in, 0, in.len);
}

TestSuite(mutation, .timeout = 600);

Test(mutation, unchanged)
{
    for_each_token("accept", check);
    for_each_token("captured", check);
    cr_assert_gt(count.tokens, 50u, "too few vectors: %zu", count.tokens);
    cr_assert_eq(count.accepted, count.tokens);
}

/* A token that is cut short is never accepted. */
Test(mutation, every_truncation)
{
    check_all("cut short", cut_short);
    cr_assert_eq(count.accepted, 0u);
}

Test(mutation, every_octet_to_every_value)
{
    check_all("one octet changed", change_each_octet);
}

Test(mutation, every_length_and_tag_to_hostile_ones)
{
    check_all("header replaced", replace_everywhere);
}
