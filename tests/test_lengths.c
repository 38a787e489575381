/*
 * Round trips at every boundary of the length forms (X.690 8.1.3, RFC 2743 3.1): each field that
 * has a length, with the other fields there or not.  The length of the token is computed here.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

static const size_t boundaries[] = {0,     1,     126,      127,      128,      129,
                                    254,   255,   256,      257,      65534,    65535,
                                    65536, 65537, 16777214, 16777215, 16777216, 16777217};
enum { BIG = 16777214 };

/* The octets that fields are views of: not all alike, so that a shifted view is noticed. */
static uint8_t *contents_of(size_t len)
{
    uint8_t *octets = malloc(len + 1);

    cr_assert_not_null(octets);
    for (size_t i = 0; i < len; i++)
        octets[i] = (uint8_t)(i * 7 + i / 256);
    return octets;
}

/* ---- The arithmetic ------------------------------------------------------------------------ */

/* [n] around a primitive element; nothing if the field is absent. */
static size_t field_len(spnego_bytes contents)
{
    return contents.data == NULL ? 0 : der_element_len(der_element_len(contents.len));
}

static size_t token_len(const spnego_token *t)
{
    size_t fields = 0;

    if (t->mech_types.data != NULL)
        fields += der_element_len(t->mech_types.len);
    fields += field_len(t->req_flags) + field_len(t->mech_token) + field_len(t->supported_mech) +
              field_len(t->response_token) + field_len(t->mech_list_mic);
    if (t->has_neg_state)
        fields += 5;
    if (t->neg_hints.data != NULL)
        fields +=
            der_element_len(der_element_len(field_len(t->hint_name) + field_len(t->hint_address)));
    fields = der_element_len(der_element_len(fields));
    return t->framed ? der_element_len(8 + fields) : fields;
}

/* ---- One round trip ------------------------------------------------------------------------ */

static size_t num_round_trips;

static void check_round_trip(const char *description, size_t len, const spnego_token *token)
{
    const size_t want = token_len(token);
    uint8_t *buf = malloc(want);
    spnego_bytes der;
    spnego_token read;
    spnego_finding fault;
    spnego_rule rule;

    cr_assert_not_null(buf);
    memset(buf, 0xa5, want);
    rule = spnego_token_encode(&der, buf, want - 1, token);
    cr_assert(rule == SPNEGO_RULE_ENCODE_BUFFER_TOO_SMALL && der.data == NULL && der.len == want,
              "%s of %zu: %s with one octet less, %zu needed, expected %zu", description, len,
              spnego_rule_describe(rule)->name, der.len, want);
    for (size_t i = 0; i + 1 < want; i++)
        if (buf[i] != 0)
            cr_assert_fail("%s of %zu: octet %zu is not zero", description, len, i);
    cr_assert_eq(buf[want - 1], 0xa5, "%s of %zu: written beyond the buffer", description, len);

    rule = spnego_token_encode(&der, buf, want, token);
    cr_assert(rule == SPNEGO_RULE_NONE && der.data == buf && der.len == want,
              "%s of %zu: %s, %zu octets, expected %zu", description, len,
              spnego_rule_describe(rule)->name, der.len, want);

    rule = spnego_token_decode(&read, &fault, der, SPNEGO_TOLERATE_NOTHING);
    cr_assert_eq(rule, SPNEGO_RULE_NONE, "%s of %zu: %s at %zu", description, len,
                 spnego_rule_describe(rule)->name, fault.offset);
    /* neg_hints as read are contents; as written only their presence counts. */
    if (token->neg_hints.data != NULL) {
        cr_assert_eq(read.neg_hints.len,
                     field_len(token->hint_name) + field_len(token->hint_address));
        read.neg_hints = token->neg_hints;
    }
    cr_assert(same_fields(&read, token), "%s of %zu: other fields, type %d for %d", description,
              len, read.type, token->type);
    cr_assert_null(read.unknown_fields.data);
    free(buf);
    num_round_trips++;
}

/* ---- The fields ---------------------------------------------------------------------------- */

typedef struct view {
    const char *name;
    spnego_token_type type;
    size_t at;         /* of the view in spnego_token */
    const char *small; /* the value where another field is being tried */
} view;

/* clang-format off */
static const view views[] = {
    {"reqFlags",      SPNEGO_NEG_TOKEN_INIT,  offsetof(spnego_token, req_flags),      "0142"},
    {"mechToken",     SPNEGO_NEG_TOKEN_INIT,  offsetof(spnego_token, mech_token),     ""},
    {"mechListMIC",   SPNEGO_NEG_TOKEN_INIT,  offsetof(spnego_token, mech_list_mic),  "01"},
    {"mechTypes",     SPNEGO_NEG_TOKEN_INIT2, offsetof(spnego_token, mech_types),     "30{" OID_KRB5 "}"},
    {"mechToken",     SPNEGO_NEG_TOKEN_INIT2, offsetof(spnego_token, mech_token),     "01"},
    {"hintName",      SPNEGO_NEG_TOKEN_INIT2, offsetof(spnego_token, hint_name),      FIXED_HINT},
    {"hintAddress",   SPNEGO_NEG_TOKEN_INIT2, offsetof(spnego_token, hint_address),   ""},
    {"mechListMIC",   SPNEGO_NEG_TOKEN_INIT2, offsetof(spnego_token, mech_list_mic),  "01"},
    {"supportedMech", SPNEGO_NEG_TOKEN_RESP,  offsetof(spnego_token, supported_mech), "2a864886f712010202"},
    {"responseToken", SPNEGO_NEG_TOKEN_RESP,  offsetof(spnego_token, response_token), ""},
    {"mechListMIC",   SPNEGO_NEG_TOKEN_RESP,  offsetof(spnego_token, mech_list_mic),  "01"},
};
/* clang-format on */

static void set_view(spnego_token *token, size_t at, spnego_bytes value)
{
    memcpy((char *)token + at, &value, sizeof value);
}

/* Field `tried` at every boundary, with every set of the other fields; the big ones with none and
 * with all of them. */
static void check_field(const char *name, spnego_token_type type)
{
    static uint8_t *octets;
    const view *others[LEN(views)], *tried = NULL;
    size_t num_others = 0;

    if (octets == NULL)
        octets = contents_of(boundaries[LEN(boundaries) - 1]);
    for (size_t i = 0; i < LEN(views); i++) {
        if (views[i].type != type)
            continue;
        if (strcmp(views[i].name, name) == 0)
            tried = &views[i];
        else
            others[num_others++] = &views[i];
    }
    cr_assert_not_null(tried);
    for (size_t b = 0; b < LEN(boundaries); b++) {
        const unsigned sets = 1u << num_others;

        for (unsigned set = 0; set < sets; set++) {
            spnego_token token = {.type = type, .framed = type != SPNEGO_NEG_TOKEN_RESP};

            if (boundaries[b] >= BIG && set != 0 && set != sets - 1)
                continue;
            if (type == SPNEGO_NEG_TOKEN_INIT)
                token.mech_types = der_of("30{" OID_KRB5 OID_NTLM "}");
            if (type == SPNEGO_NEG_TOKEN_RESP && set % 2 == 1) {
                token.has_neg_state = 1;
                token.neg_state = SPNEGO_REQUEST_MIC;
            }
            for (size_t i = 0; i < num_others; i++)
                if ((set >> i & 1) != 0)
                    set_view(&token, others[i]->at, der_of(others[i]->small));
            set_view(&token, tried->at, (spnego_bytes){octets, boundaries[b]});
            if (token.hint_name.data != NULL || token.hint_address.data != NULL)
                token.neg_hints = der_of("");
            /* What marks no NegTokenInit2 is none, and its mechTypes must be there. */
            if (type == SPNEGO_NEG_TOKEN_INIT2 && token.neg_hints.data == NULL &&
                token.mech_list_mic.data == NULL)
                token.neg_hints = der_of("");
            check_round_trip(name, boundaries[b], &token);
        }
    }
    cr_log_info("%s: %zu round trips", name, num_round_trips);
}

TestSuite(lengths, .timeout = 600);

Test(lengths, mech_token)
{
    check_field("mechToken", SPNEGO_NEG_TOKEN_INIT);
}

Test(lengths, mech_list_mic_of_neg_token_init)
{
    check_field("mechListMIC", SPNEGO_NEG_TOKEN_INIT);
}

Test(lengths, mech_token_of_neg_token_init2)
{
    check_field("mechToken", SPNEGO_NEG_TOKEN_INIT2);
}

Test(lengths, hint_name)
{
    check_field("hintName", SPNEGO_NEG_TOKEN_INIT2);
}

Test(lengths, hint_address)
{
    check_field("hintAddress", SPNEGO_NEG_TOKEN_INIT2);
}

Test(lengths, mech_list_mic_of_neg_token_init2)
{
    check_field("mechListMIC", SPNEGO_NEG_TOKEN_INIT2);
}

Test(lengths, response_token)
{
    check_field("responseToken", SPNEGO_NEG_TOKEN_RESP);
}

Test(lengths, mech_list_mic_of_neg_token_resp)
{
    check_field("mechListMIC", SPNEGO_NEG_TOKEN_RESP);
}

/* ---- Mechanisms ---------------------------------------------------------------------------- */

/* Kerberos has 11 octets: 11 of them are the most in a list with a short length, 23 the most with
 * one length octet, 5957 the most with two. */
static const size_t mech_counts[] = {1, 2, 3, 10, 11, 12, 23, 24, 5957, 5958, 100000};

Test(lengths, number_of_mechanisms)
{
    for (size_t i = 0; i < LEN(mech_counts); i++) {
        const size_t n = mech_counts[i], list_len = der_element_len(n * 11);
        const spnego_bytes krb5 = der_of("2a864886f712010202"),
                           ntlm = der_of("2b06010401823702020a");
        spnego_bytes *oids = malloc(n * sizeof *oids);
        uint8_t *buf = malloc(list_len + 1);
        spnego_bytes list, oid;
        size_t cursor = 0, num = 0;

        cr_assert(oids != NULL && buf != NULL);
        for (size_t k = 0; k < n; k++)
            oids[k] = krb5;
        cr_assert_eq(spnego_mech_types_encode(&list, buf, list_len - 1, oids, n),
                     SPNEGO_RULE_ENCODE_BUFFER_TOO_SMALL);
        cr_assert_eq(list.len, list_len, "%zu mechanisms: %zu octets", n, list.len);
        cr_assert_eq(spnego_mech_types_encode(&list, buf, list_len, oids, n), SPNEGO_RULE_NONE);
        cr_assert(list.data == buf && list.len == list_len);

        for (int with_fields = 0; with_fields < 2; with_fields++) {
            spnego_token token = {.type = SPNEGO_NEG_TOKEN_INIT, .framed = 1, .mech_types = list};

            if (with_fields) {
                token.req_flags = der_of("0142");
                token.mech_token = der_of("01");
                token.mech_list_mic = der_of("");
            }
            check_round_trip("mechTypes", n, &token);
            token.type = SPNEGO_NEG_TOKEN_INIT2;
            token.neg_hints = der_of("");
            check_round_trip("mechTypes of NegTokenInit2", n, &token);
        }
        while (spnego_mech_types_next(&oid, &cursor, list)) {
            cr_assert(same_octets(oid, krb5));
            num++;
        }
        cr_assert_eq(num, n);

        /* The last of many is kept in its place. */
        oids[n - 1] = ntlm;
        free(buf);
        buf = malloc(list_len + 1);
        cr_assert_not_null(buf);
        cr_assert_eq(spnego_mech_types_encode(&list, buf, list_len + 1, oids, n), SPNEGO_RULE_NONE);
        cr_assert(same_octets((spnego_bytes){list.data + list.len - 10, 10}, ntlm));
        free(oids);
        free(buf);
    }
}

Test(lengths, number_of_mechanisms_as_read)
{
    for (size_t n = 1; n <= 300; n++) {
        char notation[300 * 32], *p = notation;
        spnego_token token;

        p += sprintf(p, "60{" OID_SPNEGO "a0{30{a0{30{");
        for (size_t k = 0; k < n; k++)
            p += sprintf(p, OID_KRB5);
        sprintf(p, "}}}}}");
        token = decode_or_fail("list", der_of(notation), 0);
        cr_assert_eq(token.num_mech_types, n);
        cr_assert_eq(token.mech_types.len, der_element_len(n * 11));
    }
}
