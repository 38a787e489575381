#include "witness/laws.h"

#include <stdlib.h>
#include <string.h>

#include "witness/cut.h"

/* clang-format off */
const char *const laws_exclusion_names[LAWS_NUM_EXCLUSIONS] = {
    [LAWS_OID_CONTENTS]         = "contents of an OBJECT IDENTIFIER (X.690 8.19.2)",
    [LAWS_THIS_MECH]            = "thisMech is not SPNEGO's (RFC 4178 4.2)",
    [LAWS_MECH_TYPES_EMPTY]     = "mechTypes is empty (RFC 4178 4.2.1)",
    [LAWS_MECH_TYPES_MISSING]   = "NegTokenInit2 without mechTypes, negHints and mechListMIC",
    [LAWS_REQ_FLAGS_TOO_LONG]   = "reqFlags has more than 32 bits (RFC 4178 4.2.1)",
    [LAWS_REQ_FLAGS_PADDING]    = "reqFlags has no bits and yet unused ones (X.690 8.6.2.3)",
    [LAWS_REQ_FLAGS_UNTRIMMED]  = "reqFlags has trailing zero bits (X.690 11.2.2)",
    [LAWS_NEG_STATE]            = "negState is not 0 to 3 (RFC 4178 4.2.2)",
    [LAWS_UNKNOWN_TAG_TOO_LONG] = "unknown field whose tag number has more than 30 bits",
};
/* clang-format on */

/* ---- The same fields ----------------------------------------------------------------------- */

static int same(spnego_bytes a, witness_bytes b)
{
    if ((a.data == NULL) != (b.data == NULL) || a.len != b.len)
        return 0;
    return a.len == 0 || memcmp(a.data, b.data, a.len) == 0;
}

static int same_mech_types(const spnego_token *ours, const witness_token *stock)
{
    spnego_bytes oid;
    size_t cursor = 0, num = 0;

    if ((ours->mech_types.data != NULL) != stock->has_mech_types)
        return 0;
    while (spnego_mech_types_next(&oid, &cursor, ours->mech_types)) {
        if (num == stock->num_mech_types || !same(oid, stock->mech_types[num]))
            return 0;
        num++;
    }
    return num == stock->num_mech_types && num == ours->num_mech_types;
}

/* Ours has the unused-bits octet before the bits, asn1c's has it beside them. */
static int same_req_flags(const spnego_token *ours, const witness_token *stock)
{
    spnego_bytes bits = ours->req_flags;

    if (bits.data == NULL || stock->req_flags.data == NULL)
        return bits.data == NULL && stock->req_flags.data == NULL;
    if (bits.len == 0 || bits.data[0] != stock->req_flags_unused)
        return 0;
    bits.data++;
    bits.len--;
    return same(bits, stock->req_flags);
}

int laws_same_fields(const spnego_token *ours, const witness_token *stock)
{
    const int is_resp = ours->type == SPNEGO_NEG_TOKEN_RESP;

    return is_resp == stock->is_resp && same_mech_types(ours, stock) &&
           same_req_flags(ours, stock) &&
           same(is_resp ? ours->response_token : ours->mech_token, stock->token) &&
           (ours->neg_hints.data != NULL) == stock->has_neg_hints &&
           same(ours->hint_name, stock->hint_name) &&
           same(ours->hint_address, stock->hint_address) &&
           ours->has_neg_state == stock->has_neg_state &&
           (!ours->has_neg_state || ours->neg_state == stock->neg_state) &&
           same(ours->supported_mech, stock->supported_mech) &&
           same(ours->mech_list_mic, stock->mech_list_mic);
}

/* ---- Law 1 --------------------------------------------------------------------------------- */

/* Whether one of the fields has a tag number that asn1c cannot hold: its tags are 32 bits with the
 * class in two of them, and it gives up before the number's top bits are reached. */
static int has_tag_too_long(spnego_bytes fields)
{
    size_t at = 0;

    while (at < fields.len) {
        size_t header = 1, octets = 0, len = 0;
        uint64_t number = 0;

        if ((fields.data[at] & 0x1f) == 0x1f) {
            while (at + header < fields.len && fields.data[at + header] >= 0x80) {
                number = number << 7 | (fields.data[at + header++] & 0x7fu);
                if (number >> 23 != 0)
                    return 1;
            }
            header++;
        }
        if (at + header >= fields.len)
            return 0;
        len = fields.data[at + header++];
        if (len >= 0x80) {
            octets = len & 0x7f;
            for (len = 0; octets > 0 && at + header < fields.len; octets--)
                len = len << 8 | fields.data[at + header++];
        }
        if (len > fields.len - at - header)
            return 0;
        at += header + len;
    }
    return 0;
}

static const char *check_accepted_as(laws_counts *counts, const spnego_token *ours, witness_pdu pdu,
                                     spnego_bytes in, const uint8_t *expected, size_t expected_len,
                                     uint8_t *buf)
{
    const char *broken = NULL;
    witness_reading stock;

    if (!witness_decode(&stock, pdu, in.data, in.len)) {
        if (!has_tag_too_long(ours->unknown_fields))
            return "law 1: accepted, but not by ber_decode";
        counts->excluded[LAWS_UNKNOWN_TAG_TOO_LONG]++;
        return NULL;
    }
    counts->compared++;
    if (stock.consumed != in.len)
        broken = "law 1: ber_decode stops before the end";
    else if (!laws_same_fields(ours, &stock.token))
        broken = "law 1: ber_decode reads other fields";
    else if (witness_encode_again(buf, in.len, &stock) != expected_len ||
             memcmp(buf, expected, expected_len) != 0)
        broken = "law 1: der_encode writes other octets";
    witness_free(&stock);
    return broken;
}

static const char *check_accepted(laws_counts *counts, const spnego_token *ours, spnego_bytes in,
                                  uint8_t *expected, uint8_t *buf)
{
    const witness_pdu base =
        ours->framed ? WITNESS_INITIAL_CONTEXT_TOKEN : WITNESS_NEGOTIATION_TOKEN;
    const char *broken = NULL;
    spnego_span cut;
    size_t len;

    counts->accepted++;
    len = cut_unknown(expected, &cut, in, ours->framed, ours->type);
    if (len == 0)
        return "law 1: accepted, but not made of elements";
    if (cut.len != ours->unknown_fields.len ||
        (cut.len != 0 && in.data + cut.offset != ours->unknown_fields.data))
        return "law 1: other unknown fields";
    if (ours->type != SPNEGO_NEG_TOKEN_INIT2)
        broken = check_accepted_as(counts, ours, base, in, expected, len, buf);
    /* A NegTokenInit without what the two types place differently is a NegTokenInit2 as well. */
    if (broken == NULL && (ours->type != SPNEGO_NEG_TOKEN_INIT ||
                           (ours->mech_list_mic.data == NULL && ours->unknown_fields.data == NULL)))
        broken = check_accepted_as(counts, ours, base + 1, in, expected, len, buf);
    return broken;
}

/* ---- Law 2 --------------------------------------------------------------------------------- */

static spnego_rule rule_for_oid(witness_bytes oid)
{
    if (oid.len == 0)
        return SPNEGO_RULE_OID_EMPTY;
    for (size_t i = 0; i < oid.len; i++)
        if (oid.data[i] == 0x80 && (i == 0 || oid.data[i - 1] < 0x80))
            return SPNEGO_RULE_OID_ARC_PADDED;
    return oid.data[oid.len - 1] >= 0x80 ? SPNEGO_RULE_OID_ARC_UNFINISHED : SPNEGO_RULE_NONE;
}

/* Notes that the field breaks `rule`: an exclusion if that is what the library says. */
static void weigh(spnego_rule rule, spnego_rule ours, laws_exclusion which, int *found)
{
    if (rule != SPNEGO_RULE_NONE && rule == ours && *found == LAWS_NUM_EXCLUSIONS)
        *found = (int)which;
}

static spnego_rule rule_for_neg_state(const witness_token *stock)
{
    if (!stock->has_neg_state || (stock->neg_state >= 0 && stock->neg_state <= 3))
        return SPNEGO_RULE_NONE;
    return stock->neg_state >= -128 && stock->neg_state <= 127
               ? SPNEGO_RULE_NEG_STATE_UNKNOWN
               : SPNEGO_RULE_NEG_STATE_NOT_ONE_OCTET;
}

/* The exclusion that the library's refusal `ours` is one of, LAWS_NUM_EXCLUSIONS if none. */
static laws_exclusion find_exclusion(const witness_token *stock, spnego_rule ours)
{
    static const uint8_t spnego[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x02};
    const witness_bytes flags = stock->req_flags, this_mech = stock->this_mech;
    int found = LAWS_NUM_EXCLUSIONS;

    if (this_mech.data != NULL) {
        weigh(rule_for_oid(this_mech), ours, LAWS_OID_CONTENTS, &found);
        if (this_mech.len != sizeof spnego || memcmp(this_mech.data, spnego, sizeof spnego) != 0)
            weigh(SPNEGO_RULE_FRAME_NOT_SPNEGO, ours, LAWS_THIS_MECH, &found);
    }
    for (size_t i = 0; i < stock->num_mech_types; i++)
        weigh(rule_for_oid(stock->mech_types[i]), ours, LAWS_OID_CONTENTS, &found);
    if (stock->supported_mech.data != NULL)
        weigh(rule_for_oid(stock->supported_mech), ours, LAWS_OID_CONTENTS, &found);
    if (stock->has_mech_types && stock->num_mech_types == 0)
        weigh(SPNEGO_RULE_MECH_TYPES_EMPTY, ours, LAWS_MECH_TYPES_EMPTY, &found);
    if (!stock->is_resp && !stock->has_mech_types && !stock->has_neg_hints &&
        stock->mech_list_mic.data == NULL)
        weigh(SPNEGO_RULE_MECH_TYPES_MISSING, ours, LAWS_MECH_TYPES_MISSING, &found);
    if (flags.data != NULL && flags.len > 4)
        weigh(SPNEGO_RULE_REQ_FLAGS_MALFORMED, ours, LAWS_REQ_FLAGS_TOO_LONG, &found);
    else if (flags.data != NULL && flags.len == 0 && stock->req_flags_unused != 0)
        weigh(SPNEGO_RULE_REQ_FLAGS_MALFORMED, ours, LAWS_REQ_FLAGS_PADDING, &found);
    else if (flags.len > 0 && (flags.data[flags.len - 1] >> stock->req_flags_unused & 1) == 0)
        weigh(SPNEGO_RULE_REQ_FLAGS_NOT_TRIMMED, ours, LAWS_REQ_FLAGS_UNTRIMMED, &found);
    weigh(rule_for_neg_state(stock), ours, LAWS_NEG_STATE, &found);
    return (laws_exclusion)found;
}

static const char *check_stock(laws_counts *counts, const spnego_token *ours, spnego_rule rule,
                               const witness_reading *stock)
{
    const int is2 =
        stock->pdu == WITNESS_NEGOTIATION_TOKEN2 || stock->pdu == WITNESS_INITIAL_CONTEXT_TOKEN2;
    spnego_token_type type = SPNEGO_NEG_TOKEN_INIT;
    laws_exclusion why;

    if (rule != SPNEGO_RULE_NONE) {
        why = find_exclusion(&stock->token, rule);
        if (why == LAWS_NUM_EXCLUSIONS)
            return "law 2: ber_decode accepts and der_encode writes it again, but it is refused";
        counts->excluded[why]++;
        return NULL;
    }
    if (stock->token.is_resp)
        type = SPNEGO_NEG_TOKEN_RESP;
    else if (is2 && (stock->token.has_neg_hints || stock->token.mech_list_mic.data != NULL))
        type = SPNEGO_NEG_TOKEN_INIT2;
    if (ours->type != type)
        return "law 2: another message than ber_decode's";
    if (!laws_same_fields(ours, &stock->token))
        return "law 2: other fields than ber_decode's";
    return NULL;
}

/* ---- Both ---------------------------------------------------------------------------------- */

const char *laws_check(laws_counts *counts, spnego_bytes in)
{
    uint8_t *expected = malloc(in.len + 1), *buf = malloc(in.len + 1);
    const char *broken = NULL;
    witness_reading stock;
    spnego_token ours;
    spnego_rule rule;

    if (expected == NULL || buf == NULL) {
        free(expected);
        free(buf);
        return "out of memory";
    }
    counts->inputs++;
    rule = spnego_token_decode(&ours, NULL, in, LAWS_TOLERANCE);
    if (rule == SPNEGO_RULE_NONE)
        broken = check_accepted(counts, &ours, in, expected, buf);
    for (witness_pdu pdu = 0; pdu < WITNESS_NUM_PDUS && broken == NULL; pdu++) {
        if (!witness_decode(&stock, pdu, in.data, in.len))
            continue;
        if (stock.consumed == in.len) {
            counts->stock_accepted++;
            if (witness_encode_again(buf, in.len, &stock) == in.len &&
                memcmp(buf, in.data, in.len) == 0) {
                counts->stock_identical++;
                broken = check_stock(counts, &ours, rule, &stock);
            }
        }
        witness_free(&stock);
    }
    free(expected);
    free(buf);
    return broken;
}
