/* The library against asn1c's own runtime: the same octets written, the same octets read. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <spnego/spnego.h>

#include "vector_file.h"
#include "witness/describe.h"
#include "witness/laws.h"

/* ---- Writing ------------------------------------------------------------------------------- */

/* Around each number of length octets (X.690 8.1.3); the first stands for an absent field. */
#define ABSENT SIZE_MAX
static const size_t lengths[] = {ABSENT, 0, 1, 127, 128, 255, 256, 65535, 65536};
#define NUM_LENGTHS (sizeof lengths / sizeof lengths[0])

#define LARGEST 65536
#define BUFFER_SIZE (4 * LARGEST + 4096)

/* What is written and read in one test: one process each, so that they may be static. */
static uint8_t token_octets[LARGEST], mic_octets[LARGEST];
static uint8_t ours_buf[BUFFER_SIZE], stock_buf[BUFFER_SIZE], short_buf[BUFFER_SIZE];
static size_t num_written;

static spnego_bytes octets(const uint8_t *from, size_t length)
{
    spnego_bytes out = {NULL, 0};

    if (length != ABSENT) {
        out.data = from;
        out.len = length;
    }
    return out;
}

static void fill_octets(void)
{
    for (size_t i = 0; i < LARGEST; i++) {
        token_octets[i] = (uint8_t)(i * 7 + 1);
        mic_octets[i] = (uint8_t)(i * 11 + 3);
    }
}

/* Our octets are der_encode's; they are read as what was written; a buffer that is one octet too
 * short is refused and cleared, and the length that is needed told. */
static void check_written(const spnego_token *token)
{
    witness_bytes oids[WITNESS_MAX_MECH_TYPES];
    witness_token description;
    spnego_token back;
    spnego_bytes ours, needed;
    size_t stock_len;

    describe_for_stock(&description, oids, token);
    stock_len = witness_encode(stock_buf, sizeof stock_buf, &description);
    cr_assert_gt(stock_len, 0);
    cr_assert_eq(spnego_token_encode(&ours, ours_buf, sizeof ours_buf, token), SPNEGO_RULE_NONE);
    cr_assert_eq(ours.len, stock_len);
    cr_assert_eq(memcmp(ours.data, stock_buf, stock_len), 0);

    cr_assert_eq(spnego_token_decode(&back, NULL, ours, LAWS_TOLERANCE), SPNEGO_RULE_NONE);
    if (back.type != token->type) {
        cr_assert_eq(token->type, SPNEGO_NEG_TOKEN_INIT2);
        cr_assert_null(token->neg_hints.data);
        cr_assert_null(token->mech_list_mic.data);
    }
    cr_assert(laws_same_fields(&back, &description));
    cr_assert_eq(back.framed, token->framed);
    cr_assert_eq(back.tolerated & ~(uint32_t)LAWS_TOLERANCE, 0);

    short_buf[0] = short_buf[stock_len - 2] = 0xee;
    cr_assert_eq(spnego_token_encode(&needed, short_buf, stock_len - 1, token),
                 SPNEGO_RULE_ENCODE_BUFFER_TOO_SMALL);
    cr_assert_null(needed.data);
    cr_assert_eq(needed.len, stock_len);
    cr_assert_eq(short_buf[0] | short_buf[stock_len - 2], 0);
    cr_assert_eq(spnego_token_encode(&needed, NULL, 0, token), SPNEGO_RULE_ENCODE_BUFFER_TOO_SMALL);
    cr_assert_eq(needed.len, stock_len);
    num_written++;
}

static spnego_bytes mech_list(uint8_t *buf, size_t buf_len, size_t num)
{
    static const spnego_oid known[] = {SPNEGO_OID_KRB5, SPNEGO_OID_MS_KRB5, SPNEGO_OID_NTLMSSP,
                                       SPNEGO_OID_NEGOEX};
    spnego_bytes oids[WITNESS_MAX_MECH_TYPES], list;

    for (size_t i = 0; i < num; i++)
        oids[i] = spnego_oid_contents(known[i % 4]);
    cr_assert_eq(spnego_mech_types_encode(&list, buf, buf_len, oids, num), SPNEGO_RULE_NONE);
    return list;
}

static const size_t list_sizes[] = {1, 3, 10, 16};
static const uint8_t flag_bits[][6] = {
    {1, 0x00}, {2, 0x01, 0x7e}, {5, 0x00, 0xff, 0x00, 0x00, 0x01}};

static void set_flags(spnego_token *token, size_t which)
{
    token->req_flags.data = NULL;
    token->req_flags.len = 0;
    if (which > 0) {
        token->req_flags.data = flag_bits[which - 1] + 1;
        token->req_flags.len = flag_bits[which - 1][0];
    }
}

/* Every length of the token with every length of the MIC. */
static void check_lengths(spnego_token *token, spnego_bytes *token_field)
{
    for (size_t t = 0; t < NUM_LENGTHS; t++) {
        for (size_t m = 0; m < NUM_LENGTHS; m++) {
            *token_field = octets(token_octets, lengths[t]);
            token->mech_list_mic = octets(mic_octets, lengths[m]);
            check_written(token);
        }
    }
}

/* SPN-18: that it is DER says an encoder that is not ours. */
Test(witness, neg_token_init_is_written_as_der_encode_does, .timeout = 120)
{
    uint8_t list[512];
    spnego_token token = {.type = SPNEGO_NEG_TOKEN_INIT};

    fill_octets();
    for (size_t n = 0; n < 4; n++) {
        token.mech_types = mech_list(list, sizeof list, list_sizes[n]);
        for (size_t flags = 0; flags < 4; flags++) {
            set_flags(&token, flags);
            for (token.framed = 0; token.framed < 2; token.framed++)
                check_lengths(&token, &token.mech_token);
        }
    }
    printf("witness: NegTokenInit written %zu times\n", num_written);
}

Test(witness, neg_token_init2_is_written_as_der_encode_does, .timeout = 120)
{
    static const uint8_t empty[1];
    uint8_t list[512];
    spnego_token token = {.type = SPNEGO_NEG_TOKEN_INIT2};

    fill_octets();
    for (size_t n = 0; n < 2; n++) {
        token.mech_types = mech_list(list, sizeof list, list_sizes[n]);
        for (token.framed = 0; token.framed < 2; token.framed++) {
            for (size_t flags = 0; flags < 4; flags++) {
                set_flags(&token, flags);
                token.neg_hints = octets(NULL, 0);
                token.hint_name = token.hint_address = token.neg_hints;
                check_lengths(&token, &token.mech_token);
                token.neg_hints = octets(empty, 0);
                check_lengths(&token, &token.mech_token);
                token.hint_name = octets((const uint8_t *)"not_defined", 11);
                check_lengths(&token, &token.mech_token);
            }
            set_flags(&token, 0);
            token.mech_token = octets(NULL, ABSENT);
            for (size_t name = 0; name < NUM_LENGTHS; name++) {
                token.hint_name = octets(token_octets, lengths[name]);
                check_lengths(&token, &token.hint_address);
            }
            token.hint_address = octets(NULL, ABSENT);
        }
    }
    /* Without mechTypes, as MS-SPNG allows, what is left must show what it is. */
    token.mech_types = octets(NULL, ABSENT);
    for (token.framed = 0; token.framed < 2; token.framed++) {
        token.neg_hints = octets(empty, 0);
        check_lengths(&token, &token.mech_token);
        token.neg_hints = token.hint_name = octets(NULL, ABSENT);
        for (size_t m = 1; m < NUM_LENGTHS; m++) {
            token.mech_list_mic = octets(mic_octets, lengths[m]);
            check_written(&token);
        }
        token.hint_name = octets((const uint8_t *)"", 0);
    }
    printf("witness: NegTokenInit2 written %zu times\n", num_written);
}

Test(witness, neg_token_resp_is_written_as_der_encode_does, .timeout = 120)
{
    spnego_token token = {.type = SPNEGO_NEG_TOKEN_RESP};

    fill_octets();
    for (int state = -1; state <= SPNEGO_REQUEST_MIC; state++) {
        token.has_neg_state = state >= 0;
        token.neg_state = state;
        for (spnego_oid mech = SPNEGO_OID_UNKNOWN; mech < SPNEGO_NUM_OIDS; mech += 4) {
            token.supported_mech = spnego_oid_contents(mech);
            check_lengths(&token, &token.response_token);
        }
    }
    printf("witness: NegTokenResp written %zu times\n", num_written);
}

/* ---- Reading ------------------------------------------------------------------------------- */

static void check_laws(laws_counts *counts, const uint8_t *data, size_t len, const char *path,
                       const char *how, size_t at)
{
    spnego_bytes in = {data, len};
    const char *broken = laws_check(counts, in);

    if (broken != NULL) {
        fprintf(stderr, "%s, %s octet %zu: %s\n", path, how, at, broken);
        for (size_t i = 0; i < len && i < 512; i++)
            fprintf(stderr, "%02x", data[i]);
        fprintf(stderr, "\n");
        cr_assert_fail("%s, %s octet %zu: %s", path, how, at, broken);
    }
}

static void print_counts(const char *title, const laws_counts *counts)
{
    printf("witness: %s: %zu inputs, %zu accepted, %zu compared with ber_decode; ber_decode "
           "accepts %zu, writes %zu again as they were\n",
           title, counts->inputs, counts->accepted, counts->compared, counts->stock_accepted,
           counts->stock_identical);
    for (size_t i = 0; i < LAWS_NUM_EXCLUSIONS; i++)
        if (counts->excluded[i] != 0)
            printf("witness: %s: excluded %zu: %s\n", title, counts->excluded[i],
                   laws_exclusion_names[i]);
}

Test(witness, vectors_are_read_alike)
{
    laws_counts counts = {0};
    vector_file *all;
    const size_t num = vector_files_read_all(&all);

    for (size_t i = 0; i < num; i++)
        check_laws(&counts, all[i].octets.data, all[i].octets.len, all[i].path, "no", 0);
    print_counts("vectors", &counts);
    cr_assert_gt(counts.accepted, 0);
    vector_files_free(all, num);
}

/* The octets of strings stand for themselves and for nothing else, so one change of each shows
 * what 255 would. */
static void mark_opaque(uint8_t *opaque, spnego_bytes in)
{
    const spnego_bytes *fields[5];
    spnego_token token;

    memset(opaque, 0, in.len);
    if (spnego_token_decode(&token, NULL, in, SPNEGO_TOLERATE_ALL) != SPNEGO_RULE_NONE)
        return;
    fields[0] = &token.mech_token;
    fields[1] = &token.response_token;
    fields[2] = &token.mech_list_mic;
    fields[3] = &token.hint_name;
    fields[4] = &token.hint_address;
    for (size_t i = 0; i < 5; i++)
        if (fields[i]->len > 0)
            memset(opaque + (fields[i]->data - in.data), 1, fields[i]->len);
}

Test(witness, every_vector_with_one_octet_changed_is_read_alike, .timeout = 600)
{
    laws_counts counts = {0};
    vector_file *all;
    const size_t num = vector_files_read_all(&all);

    for (size_t i = 0; i < num; i++) {
        const spnego_bytes in = all[i].octets;
        uint8_t *opaque = malloc(in.len + 1), *copy = malloc(in.len > 0 ? in.len : 1);

        cr_assert(opaque != NULL && copy != NULL);
        mark_opaque(opaque, in);
        memcpy(copy, in.data, in.len);
        for (size_t at = 0; at < in.len; at++) {
            for (unsigned change = opaque[at] ? 0xff : 1; change <= 0xff; change++) {
                copy[at] = in.data[at] ^ (uint8_t)change;
                check_laws(&counts, copy, in.len, all[i].path, "changed", at);
            }
            copy[at] = in.data[at];
        }
        free(copy);
        free(opaque);
    }
    print_counts("changed vectors", &counts);
    vector_files_free(all, num);
}

Test(witness, every_vector_cut_short_or_with_an_octet_removed_or_doubled_is_read_alike,
     .timeout = 600)
{
    laws_counts counts = {0};
    vector_file *all;
    const size_t num = vector_files_read_all(&all);

    for (size_t i = 0; i < num; i++) {
        const spnego_bytes in = all[i].octets;
        const size_t last = in.len < 512 ? in.len : 512;

        for (size_t at = 0; at < last; at++) {
            uint8_t *copy = malloc(in.len + 1);

            cr_assert_not_null(copy);
            check_laws(&counts, in.data, at, all[i].path, "cut before", at);
            memcpy(copy, in.data, at + 1);
            memcpy(copy + at + 1, in.data + at, in.len - at);
            check_laws(&counts, copy, in.len + 1, all[i].path, "doubled", at);
            memcpy(copy + at, in.data + at + 1, in.len - at - 1);
            check_laws(&counts, copy, in.len - 1, all[i].path, "removed", at);
            free(copy);
        }
    }
    print_counts("vectors of another length", &counts);
    vector_files_free(all, num);
}

/* ---- The exclusions ------------------------------------------------------------------------ */

/* One token each that differs from what both accept in the excluded field alone. */
static const struct {
    laws_exclusion which;
    size_t times; /* as a NegotiationToken, a NegotiationToken2, or both */
    size_t len;
    const char *octets;
} needed[] = {
    {LAWS_OID_CONTENTS, 2, 9, "\xa1\x07\x30\x05\xa1\x03\x06\x01\x80"},
    {LAWS_THIS_MECH, 2, 16, "\x60\x0e\x06\x01\x29\xa0\x09\x30\x07\xa0\x05\x30\x03\x06\x01\x2a"},
    {LAWS_MECH_TYPES_EMPTY, 2, 8, "\xa0\x06\x30\x04\xa0\x02\x30\x00"},
    {LAWS_MECH_TYPES_MISSING, 1, 4, "\xa0\x02\x30\x00"},
    {LAWS_REQ_FLAGS_TOO_LONG, 2, 21,
     "\xa0\x13\x30\x11\xa0\x05\x30\x03\x06\x01\x2a"
     "\xa1\x08\x03\x06\x00\x01\x01\x01\x01\x01"},
    {LAWS_REQ_FLAGS_PADDING, 2, 16,
     "\xa0\x0e\x30\x0c\xa0\x05\x30\x03\x06\x01\x2a\xa1\x03\x03\x01\x04"},
    {LAWS_REQ_FLAGS_UNTRIMMED, 2, 17,
     "\xa0\x0f\x30\x0d\xa0\x05\x30\x03\x06\x01\x2a\xa1\x04\x03\x02\x00\x02"},
    {LAWS_NEG_STATE, 2, 9, "\xa1\x07\x30\x05\xa0\x03\x0a\x01\x04"},
    {LAWS_UNKNOWN_TAG_TOO_LONG, 2, 11, "\xa1\x09\x30\x07\xbf\x84\x80\x80\x80\x00\x00"},
};

Test(witness, each_exclusion_is_needed)
{
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        const uint8_t *octets_of = (const uint8_t *)needed[i].octets;
        laws_counts counts = {0};

        check_laws(&counts, octets_of, needed[i].len, laws_exclusion_names[needed[i].which], "no",
                   0);
        for (size_t k = 0; k < LAWS_NUM_EXCLUSIONS; k++)
            cr_assert_eq(counts.excluded[k], k == needed[i].which ? needed[i].times : 0, "%s: %s",
                         laws_exclusion_names[needed[i].which], laws_exclusion_names[k]);
    }
    cr_assert_eq(sizeof needed / sizeof needed[0], LAWS_NUM_EXCLUSIONS);
}
