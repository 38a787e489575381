#include "token/neg_token_resp.h"

#include "der/oid.h"
#include "token/asn1_bridge.h"
#include "token/fields.h"

/* negState, whose contents end where the reader stands. */
/*@ requires der_reader_ok(r) && \valid(token) && \separated(token, r, r->report);
    requires r->len == 0 || \separated(token, r->data + (0 .. r->len - 1));
    requires readable(octets.data, octets.len);
    assigns r->fault, r->tolerated, *r->report, token->has_neg_state, token->neg_state;
    ensures der_reader_ok(r);
*/
static inline spnego_rule take_neg_state(der_reader *r, spnego_token *token, spnego_bytes octets)
{
    const size_t at = r->pos - octets.len;

    /* Four values and no extension mark, so one octet says all (RFC 4178 4.2.2, X.690 8.3.2). */
    if (octets.len != 1)
        return der_refuse(r, SPNEGO_RULE_NEG_STATE_NOT_ONE_OCTET, at, octets.len);
    token->has_neg_state = 1;
    token->neg_state = octets.data[0] < 0x80 ? octets.data[0] : (int)octets.data[0] - 0x100;
    if (octets.data[0] > SPNEGO_REQUEST_MIC)
        return der_allow(r, SPNEGO_TOLERATE_UNKNOWN_NEG_STATE, SPNEGO_RULE_NEG_STATE_UNKNOWN, at,
                         1);
    return SPNEGO_RULE_NONE;
}

/* The known field [n], which the reader stands at, inside an element that ends at `outer`. */
/*@ requires der_reader_ok(r) && \valid(token) && \separated(token, r, r->report);
    requires r->len == 0 || \separated(token, r->data + (0 .. r->len - 1));
    requires r->pos < r->end && n <= RESP_MECH_LIST_MIC;
    assigns DER_READER_STATE(r), r->seen, token->has_neg_state, token->neg_state,
            token->supported_mech, token->response_token, token->mech_list_mic;
    ensures der_reader_ok(r);
    ensures \result == SPNEGO_RULE_NONE ==> \old(r->pos) < r->pos && r->end == \old(r->end);
*/
static inline spnego_rule read_field(der_reader *r, spnego_token *token, unsigned n)
{
    const size_t start = r->pos, outer = r->end;
    spnego_bytes octets = bytes_absent();
    spnego_rule rule;

    r->field = n == RESP_MECH_LIST_MIC ? SPNEGO_FIELD_MECH_LIST_MIC
                                       : (spnego_field)(SPNEGO_FIELD_NEG_STATE + n);
    rule = fields_begin(r, n);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    rule = fields_read(r, &octets,
                       n == NEG_STATE        ? DER_ENUMERATED
                       : n == SUPPORTED_MECH ? DER_OBJECT_IDENTIFIER
                                             : DER_OCTET_STRING,
                       start, outer);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    switch (n) {
    case NEG_STATE:
        return take_neg_state(r, token, octets);
    case SUPPORTED_MECH:
        token->supported_mech = octets;
        return der_check_oid(r, r->pos - octets.len, octets.len);
    case RESPONSE_TOKEN:
        token->response_token = octets;
        return SPNEGO_RULE_NONE;
    default:
        token->mech_list_mic = octets;
        return SPNEGO_RULE_NONE;
    }
}

/* The next field, whatever it is. */
/*@ requires der_reader_ok(r) && \valid(token) && \separated(token, r, r->report);
    requires r->len == 0 || \separated(token, r->data + (0 .. r->len - 1));
    requires r->pos < r->end && r->unknown_len <= r->pos;
    assigns DER_READER_STATE(r), r->seen, r->unknown_len, token->has_neg_state, token->neg_state,
            token->supported_mech, token->response_token, token->mech_list_mic;
    ensures der_reader_ok(r);
    ensures \result == SPNEGO_RULE_NONE ==>
            \old(r->pos) < r->pos && r->end == \old(r->end) && r->unknown_len <= r->pos;
*/
static inline spnego_rule read_next(der_reader *r, spnego_token *token)
{
    const unsigned n = ((unsigned)r->data[r->pos] | DER_CONSTRUCTED) - DER_CONTEXT_0;

    if (n <= RESP_MECH_LIST_MIC)
        return read_field(r, token, n);
    return fields_skip_unknown(r);
}

spnego_rule neg_token_resp_read(der_reader *r, spnego_token *token)
{
    const size_t around = r->end;
    size_t choice;
    spnego_rule rule;

    token->type = SPNEGO_NEG_TOKEN_RESP;
    r->field = SPNEGO_FIELD_CHOICE;
    rule = der_enter(r, DER_CONTEXT_0 + NEG_TOKEN_RESP);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    r->outermost = 0;
    choice = r->end;
    r->field = SPNEGO_FIELD_SEQUENCE;
    rule = der_enter(r, DER_SEQUENCE);
    if (rule != SPNEGO_RULE_NONE)
        return rule;

    /*@ loop invariant der_reader_ok(r) && r->end == \at(r->end, LoopEntry);
        loop invariant \at(r->pos, Pre) < r->pos;
        loop invariant r->unknown_len <= r->pos;
        loop assigns DER_READER_STATE(r), r->seen, r->unknown_len, rule,
                     token->has_neg_state, token->neg_state, token->supported_mech,
                     token->response_token, token->mech_list_mic;
        loop variant r->end - r->pos;
    */
    while (r->pos < r->end) {
        rule = read_next(r, token);
        if (rule != SPNEGO_RULE_NONE)
            return rule;
    }
    r->end = choice;
    r->field = SPNEGO_FIELD_CHOICE;
    return der_leave(r, around);
}

/* Whether the fields can be written as they are. */
/*@ requires \valid_read(token);
    requires token->supported_mech.data == \null ||
             readable(token->supported_mech.data, token->supported_mech.len);
    assigns \nothing;
*/
static inline spnego_rule check_fields(const spnego_token *token)
{
    if (token->has_neg_state &&
        (token->neg_state < SPNEGO_ACCEPT_COMPLETED || token->neg_state > SPNEGO_REQUEST_MIC))
        return SPNEGO_RULE_NEG_STATE_UNKNOWN;
    if (token->supported_mech.data == NULL)
        return SPNEGO_RULE_NONE;
    return oid_check(token->supported_mech);
}

/* Puts all fields before what was written. */
/*@ requires der_writer_ok(w) && \valid_read(token) && \separated(w, token);
    requires w->buf_len == 0 || \separated(w->buf + (0 .. w->buf_len - 1), token);
    requires der_may_source(w, token->supported_mech);
    requires der_may_source(w, token->response_token);
    requires der_may_source(w, token->mech_list_mic);
    assigns DER_WRITER_STATE(w);
    ensures der_went_on{Pre, Post}(w);
*/
static inline void write_fields(der_writer *w, const spnego_token *token)
{
    const uint8_t state = (uint8_t)token->neg_state;
    const spnego_bytes neg_state = {token->has_neg_state ? &state : NULL, 1};
    const spnego_bytes members[] = {neg_state, token->supported_mech, token->response_token,
                                    token->mech_list_mic};

    /*@ ghost asn1_tables_are_constant(); */
    /*@ assert der_may_source(w, members[NEG_STATE]); */
    /*@ assert der_may_source(w, members[SUPPORTED_MECH]); */
    /*@ assert der_may_source(w, members[RESPONSE_TOKEN]); */
    /*@ assert der_may_source(w, members[RESP_MECH_LIST_MIC]); */
    /*@ assert \forall integer i; 0 <= i <= RESP_MECH_LIST_MIC ==>
               \valid_read(&members[i]) && \separated(w, &members[i]); */
    /*@ assert \forall integer i; 0 <= i <= RESP_MECH_LIST_MIC ==>
               w->buf_len == 0 || \separated(w->buf + (0 .. w->buf_len - 1), &members[i]); */
    /*@ assert \forall integer i; 0 <= i <= RESP_MECH_LIST_MIC ==>
               i == NEG_STATE || i == SUPPORTED_MECH || i == RESPONSE_TOKEN ||
               i == RESP_MECH_LIST_MIC; */
    /*@ assert \forall integer i; 0 <= i <= RESP_MECH_LIST_MIC ==>
               der_may_source(w, members[i]); */
    der_write_members(w, &asn_DEF_NegTokenResp, members, NEG_STATE, RESP_MECH_LIST_MIC + 1);
}

spnego_rule neg_token_resp_write(der_writer *w, const spnego_token *token)
{
    const size_t mark = der_written(w);
    const spnego_rule rule = check_fields(token);

    if (rule != SPNEGO_RULE_NONE)
        return rule;
    write_fields(w, token);
    /*@ assert der_went_on{Pre, Here}(w); */
    /*@ ghost asn1_tables_are_constant(); */
    der_write_header(w, &asn_DEF_NegTokenResp, mark);
    /*@ assert der_went_on{Pre, Here}(w); */
    der_write_tagged(w, &asn_DEF_NegotiationToken, NEG_TOKEN_RESP, mark);
    /*@ assert der_went_on{Pre, Here}(w); */
    return SPNEGO_RULE_NONE;
}
