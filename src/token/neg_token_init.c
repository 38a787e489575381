#include "token/neg_token_init.h"

#include "token/asn1_bridge.h"
#include "token/fields.h"
#include "token/mech_type_list.h"

/* mechTypes, whose [0] was entered; it began at `start` inside an element that ends at `outer`. */
/*@ requires der_reader_ok(r) && \valid(token) && \separated(token, r);
    requires \separated(token, r->report);
    requires r->len == 0 || \separated(token, r->data + (0 .. r->len - 1));
    requires start <= r->pos && r->end <= outer <= r->len;
    assigns DER_READER_STATE(r), token->mech_types, token->num_mech_types;
    ensures der_reader_ok(r);
    ensures \result == SPNEGO_RULE_NONE ==> \old(r->pos) < r->pos && r->end == outer;
*/
static spnego_rule read_mech_types(der_reader *r, spnego_token *token, size_t start, size_t outer)
{
    spnego_rule rule;

    r->field = SPNEGO_FIELD_MECH_TYPES;
    rule = mech_type_list_read(r, &token->mech_types, &token->num_mech_types);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    der_mark(r, SPNEGO_FIELD_MECH_TYPES, start);
    return der_leave(r, outer);
}

/* The contents of reqFlags, data[offset .. offset + len - 1]: a named bit list of at most 32 bits
 * (RFC 4178 4.2.1, X.690 8.6, 11.2). */
/*@ requires der_reader_ok(r) && offset <= r->len && len <= r->len - offset;
    assigns r->fault, r->tolerated, *r->report;
    ensures der_reader_ok(r);
*/
static spnego_rule check_req_flags(der_reader *r, size_t offset, size_t len)
{
    const uint8_t *octets = r->data + offset;
    unsigned unused;

    if (len == 0 || len > 5 || octets[0] > 7 || (len == 1 && octets[0] != 0) ||
        (len > 1 && (octets[len - 1] & ((1u << octets[0]) - 1u)) != 0))
        return der_allow(r, SPNEGO_TOLERATE_MALFORMED_REQ_FLAGS, SPNEGO_RULE_REQ_FLAGS_MALFORMED,
                         offset, len);
    unused = octets[0];
    if (len > 1 && (octets[len - 1] >> unused & 1u) == 0)
        return der_allow(r, SPNEGO_TOLERATE_UNTRIMMED_REQ_FLAGS, SPNEGO_RULE_REQ_FLAGS_NOT_TRIMMED,
                         offset, len);
    return SPNEGO_RULE_NONE;
}

/* An optional field of NegHints: [n] with one element of `tag` in it, or nothing. */
/*@ requires der_reader_ok(r) && \valid(out) && \separated(out, r, r->report);
    requires r->len == 0 || \separated(out, r->data + (0 .. r->len - 1));
    requires n <= HINT_ADDRESS;
    assigns DER_READER_STATE(r), *out;
    ensures der_reader_ok(r);
    ensures \result == SPNEGO_RULE_NONE ==> \old(r->pos) <= r->pos && r->end == \old(r->end);
*/
static spnego_rule read_hint(der_reader *r, spnego_bytes *out, unsigned n, uint8_t tag)
{
    const size_t start = r->pos, outer = r->end;
    spnego_rule rule;

    if (r->pos == r->end || r->data[r->pos] != DER_CONTEXT_0 + n)
        return SPNEGO_RULE_NONE;
    r->field = n == HINT_NAME ? SPNEGO_FIELD_HINT_NAME : SPNEGO_FIELD_HINT_ADDRESS;
    rule = der_enter(r, (uint8_t)(DER_CONTEXT_0 + n));
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    return fields_read(r, out, tag, start, outer);
}

/* NegHints (MS-SPNG 2.2.1), inside the [3] that was entered, which began at `start` inside an
 * element that ends at `outer`. */
/*@ requires der_reader_ok(r) && \valid(token) && \separated(token, r, r->report);
    requires r->len == 0 || \separated(token, r->data + (0 .. r->len - 1));
    requires start <= r->pos && r->end <= outer <= r->len;
    assigns DER_READER_STATE(r), token->neg_hints, token->hint_name, token->hint_address;
    ensures der_reader_ok(r);
    ensures \result == SPNEGO_RULE_NONE ==> \old(r->pos) < r->pos && r->end == outer;
*/
static spnego_rule read_neg_hints(der_reader *r, spnego_token *token, size_t start, size_t outer)
{
    const size_t inner = r->end;
    spnego_rule rule;

    r->field = SPNEGO_FIELD_NEG_HINTS;
    rule = der_enter(r, DER_SEQUENCE);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    token->neg_hints.data = r->data + r->pos;
    token->neg_hints.len = r->end - r->pos;
    rule = read_hint(r, &token->hint_name, HINT_NAME, DER_GENERAL_STRING);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    rule = read_hint(r, &token->hint_address, HINT_ADDRESS, DER_OCTET_STRING);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    /* No extension mark in NegHints: whatever else is there is surplus. */
    r->field = SPNEGO_FIELD_NEG_HINTS;
    rule = der_leave(r, inner);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    der_mark(r, SPNEGO_FIELD_NEG_HINTS, start);
    return der_leave(r, outer);
}

/* Whether the field under [4] that begins here is NegTokenInit2's mechListMIC.  It is not where
 * [3] was a mechListMIC, and then is one of the unknown fields of RFC 4178 section 6; nor is it,
 * without a [3] that says what kind of token this is, if it does not hold an OCTET STRING. */
/*@ requires der_reader_ok(r) && \valid_read(token) && r->pos < r->end;
    assigns \nothing;
*/
static int is_init2_mic(const der_reader *r, const spnego_token *token)
{
    size_t header = 2;

    if (token->type == SPNEGO_NEG_TOKEN_INIT2)
        return 1;
    if (token->mech_list_mic.data != NULL || r->end - r->pos < 2)
        return 0;
    if (r->data[r->pos + 1] >= 0x80)
        header += r->data[r->pos + 1] & 0x7fu;
    return header < r->end - r->pos && r->data[r->pos + header] == DER_OCTET_STRING;
}

/* The known field [n], which the reader stands at, inside an element that ends at `outer`. */
/*@ requires der_reader_ok(r) && \valid(token) && \separated(token, r, r->report);
    requires r->len == 0 || \separated(token, r->data + (0 .. r->len - 1));
    requires r->pos < r->end && n <= INIT2_MECH_LIST_MIC;
    assigns DER_READER_STATE(r), r->seen, *token;
    ensures der_reader_ok(r);
    ensures \result == SPNEGO_RULE_NONE ==> \old(r->pos) < r->pos && r->end == \old(r->end);
*/
static inline spnego_rule read_field(der_reader *r, spnego_token *token, unsigned n)
{
    const size_t start = r->pos, outer = r->end;
    spnego_bytes octets = bytes_absent();
    spnego_rule rule;

    r->field =
        n <= MECH_TOKEN ? (spnego_field)(SPNEGO_FIELD_MECH_TYPES + n) : SPNEGO_FIELD_MECH_LIST_MIC;
    rule = fields_begin(r, n);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    if (n == MECH_TYPES)
        return read_mech_types(r, token, start, outer);
    /* [3] is mechListMIC in RFC 4178 and negHints in MS-SPNG: the tag inside tells, unless a [4]
     * came first and told already. */
    if (n == NEG_HINTS && (token->type == SPNEGO_NEG_TOKEN_INIT2 ||
                           (r->pos < r->end && r->data[r->pos] == DER_SEQUENCE))) {
        token->type = SPNEGO_NEG_TOKEN_INIT2;
        return read_neg_hints(r, token, start, outer);
    }
    rule =
        fields_read(r, &octets, n == REQ_FLAGS ? DER_BIT_STRING : DER_OCTET_STRING, start, outer);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    switch (n) {
    case REQ_FLAGS:
        token->req_flags = octets;
        return check_req_flags(r, r->pos - octets.len, octets.len);
    case MECH_TOKEN:
        token->mech_token = octets;
        return SPNEGO_RULE_NONE;
    case INIT2_MECH_LIST_MIC:
        token->type = SPNEGO_NEG_TOKEN_INIT2;
        break;
    default:
        break;
    }
    token->mech_list_mic = octets;
    return SPNEGO_RULE_NONE;
}

/* The next field, whatever it is. */
/*@ requires der_reader_ok(r) && \valid(token) && \separated(token, r, r->report);
    requires r->len == 0 || \separated(token, r->data + (0 .. r->len - 1));
    requires r->pos < r->end && r->unknown_len <= r->pos;
    assigns DER_READER_STATE(r), r->seen, r->unknown_len, *token;
    ensures der_reader_ok(r);
    ensures \result == SPNEGO_RULE_NONE ==>
            \old(r->pos) < r->pos && r->end == \old(r->end) && r->unknown_len <= r->pos;
*/
static inline spnego_rule read_next(der_reader *r, spnego_token *token)
{
    const unsigned n = ((unsigned)r->data[r->pos] | DER_CONSTRUCTED) - DER_CONTEXT_0;

    if (n < INIT2_MECH_LIST_MIC || (n == INIT2_MECH_LIST_MIC && is_init2_mic(r, token)))
        return read_field(r, token, n);
    return fields_skip_unknown(r);
}

/* All fields, up to the end of the SEQUENCE that was entered. */
/*@ requires der_reader_ok(r) && \valid(token) && \separated(token, r, r->report);
    requires r->len == 0 || \separated(token, r->data + (0 .. r->len - 1));
    requires r->unknown_len <= r->pos;
    assigns DER_READER_STATE(r), r->seen, r->unknown_len, *token;
    ensures der_reader_ok(r);
    ensures \result == SPNEGO_RULE_NONE ==>
            \old(r->pos) <= r->pos && r->pos == r->end && r->end == \old(r->end) &&
            r->unknown_len <= r->pos;
*/
static inline spnego_rule read_fields(der_reader *r, spnego_token *token)
{
    spnego_rule rule;

    /*@ loop invariant der_reader_ok(r) && r->end == \at(r->end, Pre);
        loop invariant \at(r->pos, Pre) <= r->pos;
        loop invariant r->unknown_len <= r->pos;
        loop assigns DER_READER_STATE(r), r->seen, r->unknown_len, rule, *token;
        loop variant r->end - r->pos;
    */
    while (r->pos < r->end) {
        rule = read_next(r, token);
        if (rule != SPNEGO_RULE_NONE)
            return rule;
    }
    return SPNEGO_RULE_NONE;
}

spnego_rule neg_token_init_read(der_reader *r, spnego_token *token)
{
    const size_t around = r->end;
    size_t choice;
    spnego_rule rule;

    token->type = SPNEGO_NEG_TOKEN_INIT;
    r->field = SPNEGO_FIELD_CHOICE;
    rule = der_enter(r, DER_CONTEXT_0 + NEG_TOKEN_INIT);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    r->outermost = 0;
    choice = r->end;
    r->field = SPNEGO_FIELD_SEQUENCE;
    rule = der_enter(r, DER_SEQUENCE);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    rule = read_fields(r, token);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    /* MS-SPNG 2.2.1 makes mechTypes OPTIONAL in NegTokenInit2; RFC 4178 4.2.1 does not. */
    if (token->type == SPNEGO_NEG_TOKEN_INIT && token->mech_types.data == NULL) {
        r->field = SPNEGO_FIELD_MECH_TYPES;
        rule = der_allow(r, SPNEGO_TOLERATE_MISSING_MECH_TYPES, SPNEGO_RULE_MECH_TYPES_MISSING,
                         r->pos, 0);
        if (rule != SPNEGO_RULE_NONE)
            return rule;
    }
    r->end = choice;
    r->field = SPNEGO_FIELD_CHOICE;
    return der_leave(r, around);
}

/* Puts NegHints under [3] before what was written. */
/*@ requires der_writer_ok(w) && \valid_read(token) && \separated(w, token);
    requires w->buf_len == 0 || \separated(w->buf + (0 .. w->buf_len - 1), token);
    requires der_may_source(w, token->hint_name);
    requires der_may_source(w, token->hint_address);
    assigns DER_WRITER_STATE(w);
    ensures der_went_on{Pre, Post}(w);
*/
static void write_neg_hints(der_writer *w, const spnego_token *token)
{
    const size_t mark = der_written(w);
    const spnego_bytes hints[] = {token->hint_name, token->hint_address};

    /*@ ghost asn1_tables_are_constant(); */
    der_write_members(w, &asn_DEF_NegHints, hints, HINT_NAME, HINT_ADDRESS + 1);
    /*@ assert der_went_on{Pre, Here}(w); */
    der_write_header(w, &asn_DEF_NegHints, mark);
    /*@ assert der_went_on{Pre, Here}(w); */
    der_write_tagged(w, &asn_DEF_NegTokenInit2, NEG_HINTS, mark);
}

/* Puts all fields but mechTypes before what was written. */
/*@ requires der_writer_ok(w) && \valid_read(token) && \separated(w, token);
    requires w->buf_len == 0 || \separated(w->buf + (0 .. w->buf_len - 1), token);
    requires der_may_source(w, token->req_flags);
    requires der_may_source(w, token->mech_token);
    requires der_may_source(w, token->mech_list_mic);
    assigns DER_WRITER_STATE(w);
    ensures der_went_on{Pre, Post}(w);
*/
static void write_init_fields(der_writer *w, const spnego_token *token)
{
    const spnego_bytes members[] = {token->mech_types, token->req_flags, token->mech_token,
                                    token->mech_list_mic};

    /*@ ghost asn1_tables_are_constant(); */
    der_write_members(w, &asn_DEF_NegTokenInit, members, REQ_FLAGS, INIT_MECH_LIST_MIC + 1);
}

/*@ requires der_writer_ok(w) && \valid_read(token) && \separated(w, token);
    requires w->buf_len == 0 || \separated(w->buf + (0 .. w->buf_len - 1), token);
    requires der_may_source(w, token->req_flags);
    requires der_may_source(w, token->mech_token);
    requires der_may_source(w, token->hint_name);
    requires der_may_source(w, token->hint_address);
    requires der_may_source(w, token->mech_list_mic);
    assigns DER_WRITER_STATE(w);
    ensures der_went_on{Pre, Post}(w);
*/
static void write_init2_fields(der_writer *w, const spnego_token *token)
{
    const spnego_bytes members[] = {token->mech_types, token->req_flags, token->mech_token,
                                    token->neg_hints, token->mech_list_mic};

    /*@ ghost asn1_tables_are_constant(); */
    der_write_members(w, &asn_DEF_NegTokenInit2, members, INIT2_MECH_LIST_MIC,
                      INIT2_MECH_LIST_MIC + 1);
    /*@ assert der_went_on{Pre, Here}(w); */
    if (token->neg_hints.data != NULL)
        write_neg_hints(w, token);
    /*@ assert der_went_on{Pre, Here}(w); */
    der_write_members(w, &asn_DEF_NegTokenInit2, members, REQ_FLAGS, MECH_TOKEN + 1);
    /*@ assert der_went_on{Pre, Here}(w); */
}

/* Whether the fields can be written as they are. */
/*@ requires \valid_read(token);
    requires token->mech_types.data == \null ||
             readable(token->mech_types.data, token->mech_types.len);
    requires token->req_flags.data == \null ||
             readable(token->req_flags.data, token->req_flags.len);
    assigns \nothing;
*/
static spnego_rule check_fields(const spnego_token *token)
{
    spnego_rule rule;
    der_reader r;

    if (token->mech_types.data != NULL) {
        rule = mech_type_list_check(token->mech_types);
        if (rule != SPNEGO_RULE_NONE)
            return rule;
    } else if (token->type != SPNEGO_NEG_TOKEN_INIT2 ||
               (token->neg_hints.data == NULL && token->mech_list_mic.data == NULL)) {
        /* A NegTokenInit2 that nothing marks as one is read as a NegTokenInit. */
        return SPNEGO_RULE_MECH_TYPES_MISSING;
    }
    if (token->req_flags.data == NULL)
        return SPNEGO_RULE_NONE;
    der_reader_init(&r, token->req_flags, SPNEGO_TOLERATE_NOTHING, NULL);
    return check_req_flags(&r, 0, r.len);
}

spnego_rule neg_token_init_write(der_writer *w, const spnego_token *token)
{
    const size_t mark = der_written(w);
    const int is_init2 = token->type == SPNEGO_NEG_TOKEN_INIT2;
    const struct asn_TYPE_descriptor_s *type =
        is_init2 ? &asn_DEF_NegTokenInit2 : &asn_DEF_NegTokenInit;
    const struct asn_TYPE_descriptor_s *choice =
        is_init2 ? &asn_DEF_NegotiationToken2 : &asn_DEF_NegotiationToken;
    const spnego_rule rule = check_fields(token);

    if (rule != SPNEGO_RULE_NONE)
        return rule;
    if (is_init2)
        write_init2_fields(w, token);
    else
        write_init_fields(w, token);
    /*@ assert der_went_on{Pre, Here}(w); */
    /*@ ghost asn1_tables_are_constant(); */
    /*@ assert der_members_ok(choice, NEG_TOKEN_INIT + 1); */
    /*@ assert der_tag_ok(type); */
    /*@ assert der_members_ok(type, MECH_TYPES + 1); */
    if (token->mech_types.data != NULL) {
        /* Canonical already, header and all: only the [0] goes around it. */
        const size_t list = der_written(w);
        der_write_octets(w, token->mech_types);
        /*@ assert der_went_on{Pre, Here}(w); */
        der_write_tagged(w, type, MECH_TYPES, list);
    }
    /*@ assert der_went_on{Pre, Here}(w); */
    der_write_header(w, type, mark);
    /*@ assert der_went_on{Pre, Here}(w); */
    der_write_tagged(w, choice, NEG_TOKEN_INIT, mark);
    /*@ assert der_went_on{Pre, Here}(w); */
    return SPNEGO_RULE_NONE;
}
