/*
 * Reading and writing are each other's inverse.
 *
 *   1 The input is a token: what is accepted is written again as it was, unknown fields aside.
 *   2 The input describes a token: what is written is read as it was; and it is written unless it
 *     breaks a rule that is checked here a second time.
 */
#include "law.h"

#include <spnego/oid.h>

#include "witness/cut.h"

#define STRICT SPNEGO_TOLERATE_UNFRAMED_INIT

static int is_spnego(spnego_bytes oid)
{
    return same_octets(oid, spnego_oid_contents(SPNEGO_OID_SPNEGO));
}

static int has_spnego(spnego_bytes mech_types)
{
    spnego_bytes oid;
    size_t cursor = 0;

    while (spnego_mech_types_next(&oid, &cursor, mech_types))
        if (is_spnego(oid))
            return 1;
    return 0;
}

/* Writes into a buffer of exactly the length that was asked for; one octet less is refused. */
static uint8_t *encode(spnego_bytes *out, spnego_rule *rule, const spnego_token *token)
{
    spnego_bytes needed;
    uint8_t *buf;

    *rule = spnego_token_encode(&needed, NULL, 0, token);
    LAW(*rule != SPNEGO_RULE_NONE && needed.data == NULL);
    if (*rule != SPNEGO_RULE_ENCODE_BUFFER_TOO_SMALL) {
        LAW(needed.len == 0);
        return NULL;
    }
    LAW(needed.len >= 2);
    buf = malloc(needed.len);
    if (buf == NULL)
        abort();
    memset(buf, 0xa5, needed.len);
    *rule = spnego_token_encode(out, buf, needed.len - 1, token);
    LAW(*rule == SPNEGO_RULE_ENCODE_BUFFER_TOO_SMALL);
    LAW(out->data == NULL && out->len == needed.len);
    for (size_t i = 0; i + 1 < needed.len; i++)
        LAW(buf[i] == 0);
    *rule = spnego_token_encode(out, buf, needed.len, token);
    LAW(*rule == SPNEGO_RULE_NONE);
    LAW(out->data == buf && out->len == needed.len);
    return buf;
}

/* ---- 1 ------------------------------------------------------------------------------------- */

static void check_token(spnego_bytes in)
{
    spnego_token token;
    spnego_bytes again, known;
    spnego_span cut;
    spnego_rule rule;
    uint8_t *buf, *expected;

    if (spnego_token_decode(&token, NULL, in, STRICT) != SPNEGO_RULE_NONE)
        return;
    expected = malloc(in.len);
    if (expected == NULL)
        abort();
    known.data = expected;
    known.len = cut_unknown(expected, &cut, in, token.framed, token.type);
    LAW(cut.len == token.unknown_fields.len);
    LAW(cut.len == 0 || in.data + cut.offset == token.unknown_fields.data);
    buf = encode(&again, &rule, &token);
    if (buf == NULL) {
        /* RFC 4178 3.1: a list that names SPNEGO is read, but not written. */
        LAW(rule == SPNEGO_RULE_MECH_TYPES_HAVE_SPNEGO && has_spnego(token.mech_types));
    } else {
        LAW(same_octets(again, known));
        LAW(cut.len != 0 || same_octets(again, in));
    }
    free(buf);
    free(expected);
}

/* ---- 2 ------------------------------------------------------------------------------------- */

/* Octets of the input, taken one after the other; 0 when it is used up. */
typedef struct source {
    const uint8_t *data;
    size_t len;
} source;

static uint8_t take(source *from)
{
    if (from->len == 0)
        return 0;
    from->len--;
    return *from->data++;
}

/* A field: absent, octets of the input, or that many times the same octet, around the places where
 * the length octets grow. */
static spnego_bytes take_field(source *from)
{
    static const uint16_t sizes[] = {0, 1, 126, 127, 128, 255, 256, 300};
    static uint8_t plenty[300];
    const uint8_t how = take(from);
    spnego_bytes out = {NULL, 0};

    if (how < 0x40)
        return out;
    if (how < 0x80) {
        out.data = plenty;
        out.len = sizes[how & 7];
        return out;
    }
    out.len = (how & 0x7fu) < from->len ? how & 0x7fu : from->len;
    out.data = from->data;
    from->data += out.len;
    from->len -= out.len;
    return out;
}

/* X.690 8.19.2. */
static int is_oid(spnego_bytes oid)
{
    if (oid.len == 0 || oid.data[oid.len - 1] >= 0x80)
        return 0;
    for (size_t i = 0; i < oid.len; i++)
        if (oid.data[i] == 0x80 && (i == 0 || oid.data[i - 1] < 0x80))
            return 0;
    return 1;
}

static spnego_bytes take_oid(source *from)
{
    const uint8_t how = take(from);

    if (how < 0x80)
        return spnego_oid_contents((spnego_oid)(how % SPNEGO_NUM_OIDS));
    return take_field(from);
}

/* X.690 8.6, 11.2.2: no octet that is all padding, no last bit that is 0. */
static int is_req_flags(spnego_bytes flags)
{
    unsigned last;

    if (flags.data == NULL)
        return 1;
    if (flags.len == 0 || flags.len > 5 || flags.data[0] > 7)
        return 0;
    if (flags.len == 1)
        return flags.data[0] == 0;
    last = flags.data[flags.len - 1];
    for (unsigned bit = 0; bit < flags.data[0]; bit++, last >>= 1)
        if ((last & 1) != 0)
            return 0;
    return (last & 1) != 0;
}

#define MAX_MECHS 6
#define LIST_SIZE (MAX_MECHS * 310 + 8)

/* A MechTypeList of the input's OIDs.  Returns 0 if there is none to be had. */
static int take_mech_types(spnego_bytes *list, uint8_t *buf, source *from)
{
    const size_t num = take(from) % (MAX_MECHS + 1);
    spnego_bytes oids[MAX_MECHS], next;
    size_t cursor = 0;
    int writable = num > 0;
    spnego_rule rule;

    for (size_t i = 0; i < num; i++) {
        oids[i] = take_oid(from);
        writable = writable && is_oid(oids[i]) && !is_spnego(oids[i]);
    }
    rule = spnego_mech_types_encode(list, buf, LIST_SIZE, oids, num);
    LAW((rule == SPNEGO_RULE_NONE) == writable);
    if (!writable)
        return 0;
    for (size_t i = 0; i < num; i++)
        LAW(spnego_mech_types_next(&next, &cursor, *list) && same_octets(next, oids[i]));
    LAW(!spnego_mech_types_next(&next, &cursor, *list) && cursor == list->len);
    return 1;
}

/* Whether every field may be written in a token of its type. */
static int is_writable(const spnego_token *token)
{
    const int is_resp = token->type == SPNEGO_NEG_TOKEN_RESP;
    const int is_init2 = token->type == SPNEGO_NEG_TOKEN_INIT2;

    /* RFC 4178 4.2: only a first token has a frame. */
    if (is_resp && token->framed)
        return 0;
    if (is_resp)
        return token->mech_types.data == NULL && token->req_flags.data == NULL &&
               token->mech_token.data == NULL && token->neg_hints.data == NULL &&
               token->hint_name.data == NULL && token->hint_address.data == NULL &&
               (!token->has_neg_state || (token->neg_state >= 0 && token->neg_state <= 3)) &&
               (token->supported_mech.data == NULL || is_oid(token->supported_mech));
    if (token->has_neg_state || token->supported_mech.data != NULL ||
        token->response_token.data != NULL)
        return 0;
    if (token->neg_hints.data == NULL &&
        (token->hint_name.data != NULL || token->hint_address.data != NULL))
        return 0;
    if (!is_init2 && (token->neg_hints.data != NULL || token->mech_types.data == NULL))
        return 0;
    if (token->mech_types.data == NULL && token->neg_hints.data == NULL &&
        token->mech_list_mic.data == NULL)
        return 0;
    return is_req_flags(token->req_flags);
}

static void check_description(source from)
{
    static const uint8_t empty[1];
    uint8_t list[LIST_SIZE];
    const uint8_t shape = take(&from), stray = take(&from);
    spnego_token token = {.type = (spnego_token_type)(1 + shape % 3), .framed = shape >> 2 & 1};
    spnego_token back;
    spnego_bytes der, der_again;
    spnego_rule rule;
    uint8_t *buf, *buf_again;
    const int is_resp = token.type == SPNEGO_NEG_TOKEN_RESP;

    /* `stray` gives a token a field of another type, now and then. */
    if (is_resp != (stray == 1)) {
        token.has_neg_state = shape >> 3 & 1;
        token.neg_state = take(&from) % 5;
        token.supported_mech = take_oid(&from);
        token.response_token = take_field(&from);
    }
    if (!is_resp != (stray == 1)) {
        if ((shape & 0x10) != 0)
            take_mech_types(&token.mech_types, list, &from);
        token.req_flags = take_field(&from);
        token.mech_token = take_field(&from);
    }
    if ((token.type == SPNEGO_NEG_TOKEN_INIT2) != (stray == 2)) {
        token.hint_name = take_field(&from);
        token.hint_address = take_field(&from);
        if ((shape & 0x20) != 0)
            token.neg_hints.data = empty;
    }
    token.mech_list_mic = take_field(&from);

    buf = encode(&der, &rule, &token);
    LAW((buf != NULL) == is_writable(&token));
    if (buf == NULL)
        return;
    LAW(spnego_token_decode(&back, NULL, der, STRICT) == SPNEGO_RULE_NONE);
    LAW(back.unknown_fields.data == NULL && same_octets(back.whole, der));
    if (token.type == SPNEGO_NEG_TOKEN_INIT2 && token.neg_hints.data == NULL &&
        token.mech_list_mic.data == NULL)
        token.type = SPNEGO_NEG_TOKEN_INIT; /* the same octets */
    LAW(same_fields(&back, &token));
    buf_again = encode(&der_again, &rule, &back);
    LAW(buf_again != NULL && same_octets(der_again, der));
    free(buf_again);
    free(buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = copy_exactly(data, size);
    const spnego_bytes in = {copy, size};
    const source from = {copy, size};

    check_token(in);
    check_description(from);
    free(copy);
    return 0;
}
