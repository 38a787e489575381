/* Any of the three messages, framed or bare: the public entry points. */
#include <spnego/token.h>

#include "der/oid.h"
#include "token/gss_frame.h"
#include "token/neg_token_init.h"
#include "token/neg_token_resp.h"

/* A token with nothing in it. */
/*@ requires \valid(token);
    assigns *token;
*/
static inline void clear(spnego_token *token)
{
    static const spnego_token empty = {0};
    *token = empty;
}

/* The message that the reader stands at, with its [0] or [1]. */
/*@ requires der_reader_ok(r) && \valid(token) && \separated(token, r, r->report);
    requires r->len == 0 || \separated(token, r->data + (0 .. r->len - 1));
    requires r->pos < r->end && r->unknown_len <= r->pos;
    assigns DER_READER_STATE(r), r->seen, r->unknown_len, *token;
    ensures der_reader_ok(r);
    ensures \result == SPNEGO_RULE_NONE ==> \old(r->pos) < r->pos;
    ensures \result == SPNEGO_RULE_NONE ==> r->end == \old(r->end);
    ensures \result == SPNEGO_RULE_NONE ==> r->unknown_len <= r->pos;
*/
static spnego_rule read_message(der_reader *r, spnego_token *token)
{
    const size_t start = r->pos;
    const uint8_t tag = r->data[start];
    spnego_rule rule = SPNEGO_RULE_NONE;

    if (tag == DER_CONTEXT_0) {
        if (!token->framed)
            rule = der_allow(r, SPNEGO_TOLERATE_UNFRAMED_INIT, SPNEGO_RULE_FRAME_MISSING, start, 1);
        return rule != SPNEGO_RULE_NONE ? rule : neg_token_init_read(r, token);
    }
    if (tag == DER_CONTEXT_0 + 1) {
        if (token->framed) {
            r->field = SPNEGO_FIELD_FRAME;
            rule = der_allow(r, SPNEGO_TOLERATE_FRAMED_RESP, SPNEGO_RULE_FRAME_ON_RESPONSE, 0, 1);
        }
        return rule != SPNEGO_RULE_NONE ? rule : neg_token_resp_read(r, token);
    }
    return der_refuse(r, token->framed ? SPNEGO_RULE_CHOICE_UNKNOWN : SPNEGO_RULE_TOKEN_NOT_SPNEGO,
                      start, 1);
}

/* The NegotiationToken that the reader stands at. */
/*@ requires der_reader_ok(r) && \valid(token) && \separated(token, r, r->report);
    requires r->len == 0 || \separated(token, r->data + (0 .. r->len - 1));
    requires r->unknown_len == 0;
    assigns DER_READER_STATE(r), r->seen, r->unknown_len, *token;
    ensures der_reader_ok(r);
    ensures \result == SPNEGO_RULE_NONE ==> \old(r->pos) < r->pos;
    ensures \result == SPNEGO_RULE_NONE ==> r->end == \old(r->end);
*/
static spnego_rule read_choice(der_reader *r, spnego_token *token)
{
    const size_t start = r->pos;
    spnego_rule rule;

    r->field = SPNEGO_FIELD_CHOICE;
    if (r->pos == r->end)
        return der_refuse(r, SPNEGO_RULE_DER_ELEMENT_MISSING, start, 0);
    der_mark_rest(r, SPNEGO_FIELD_CHOICE);
    rule = read_message(r, token);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    der_mark(r, SPNEGO_FIELD_CHOICE, start);
    token->negotiation_token.data = r->data + start;
    token->negotiation_token.len = r->pos - start;
    /* The message ends with them, and the elements around it end where it does. */
    if (r->unknown_len != 0) {
        token->unknown_fields.data = r->data + (r->pos - r->unknown_len);
        token->unknown_fields.len = r->unknown_len;
    }
    return SPNEGO_RULE_NONE;
}

/* The whole input: frame, token, nothing after it. */
/*@ requires der_reader_ok(r) && \valid(token) && \separated(token, r);
    requires \separated(token, r->report);
    requires r->len == 0 || \separated(token, r->data + (0 .. r->len - 1));
    requires r->pos == 0 && r->end == r->len;
    requires r->unknown_len == 0;
    assigns DER_READER_STATE(r), r->seen, r->unknown_len, *token;
    ensures der_reader_ok(r);
*/
static spnego_rule read_token(der_reader *r, spnego_token *token)
{
    const size_t outer = r->end;
    spnego_rule rule;

    if (r->len == 0)
        return der_refuse(r, SPNEGO_RULE_TOKEN_EMPTY, 0, 0);
    if (r->data[0] == DER_APPLICATION_0) {
        token->framed = 1;
        der_mark_rest(r, SPNEGO_FIELD_FRAME);
        rule = gss_frame_enter(r);
        if (rule != SPNEGO_RULE_NONE)
            return rule;
    }
    rule = read_choice(r, token);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    if (token->framed) {
        r->field = SPNEGO_FIELD_FRAME;
        rule = der_leave(r, outer);
        if (rule != SPNEGO_RULE_NONE)
            return rule;
    }
    if (token->framed)
        der_mark(r, SPNEGO_FIELD_FRAME, 0);
    token->whole.data = r->data;
    token->whole.len = r->pos;
    r->field = SPNEGO_FIELD_NONE;
    if (r->pos < r->end)
        return der_allow(r, SPNEGO_TOLERATE_TRAILING_BYTES, SPNEGO_RULE_TOKEN_TRAILING_BYTES,
                         r->pos, r->end - r->pos);
    return SPNEGO_RULE_NONE;
}

/*@ requires \valid(out_token) && (out_fault == \null || \valid(out_fault));
    requires readable(in.data, in.len);
    requires out_fault == \null || \separated(out_token, out_fault);
    requires in.len == 0 || \separated(out_token, in.data + (0 .. in.len - 1));
    assigns *out_token, *out_fault;
*/
spnego_rule spnego_token_decode(spnego_token *out_token, spnego_finding *out_fault, spnego_bytes in,
                                uint32_t tolerate)
{
    der_reader r;
    spnego_rule rule;

    clear(out_token);
    der_reader_init(&r, in, tolerate, NULL);
    rule = read_token(&r, out_token);
    out_token->tolerated = r.tolerated;
    if (rule != SPNEGO_RULE_NONE)
        clear(out_token);
    if (out_fault != NULL)
        *out_fault = r.fault;
    return rule;
}

/*@ requires \valid(out_token) && \valid(out_report) && \separated(out_token, out_report);
    requires readable(in.data, in.len);
    requires in.len == 0 || \separated(out_token, in.data + (0 .. in.len - 1));
    requires in.len == 0 || \separated(out_report, in.data + (0 .. in.len - 1));
    assigns *out_token, *out_report;
*/
spnego_rule spnego_token_inspect(spnego_token *out_token, spnego_report *out_report,
                                 spnego_bytes in, uint32_t tolerate)
{
    der_reader r;
    spnego_rule rule;

    clear(out_token);
    out_report->num_findings = 0;
    /*@ loop invariant 0 <= i <= SPNEGO_NUM_FIELDS;
        loop assigns i, out_report->spans[0 .. SPNEGO_NUM_FIELDS - 1];
        loop variant SPNEGO_NUM_FIELDS - i;
    */
    for (size_t i = 0; i < SPNEGO_NUM_FIELDS; i++) {
        out_report->spans[i].offset = 0;
        out_report->spans[i].len = 0;
    }
    der_reader_init(&r, in, tolerate, out_report);
    r.clamp = 1;
    rule = read_token(&r, out_token);
    out_token->tolerated = r.tolerated;
    if (out_report->spans[SPNEGO_FIELD_UNKNOWN].len != 0) {
        out_token->unknown_fields.data = in.data + out_report->spans[SPNEGO_FIELD_UNKNOWN].offset;
        out_token->unknown_fields.len = out_report->spans[SPNEGO_FIELD_UNKNOWN].len;
    }
    if (rule == SPNEGO_RULE_NONE && r.clamped)
        rule = SPNEGO_RULE_DER_TRUNCATED;
    return rule;
}

/* Whether the fields are those that a token of this type may have. */
/*@ requires \valid_read(token);
    assigns \nothing;
*/
static spnego_rule check_fields(const spnego_token *token)
{
    if (token->type == SPNEGO_NEG_TOKEN_RESP) {
        if (token->mech_types.data != NULL || token->req_flags.data != NULL ||
            token->mech_token.data != NULL || token->neg_hints.data != NULL)
            return SPNEGO_RULE_ENCODE_FIELD_NOT_IN_TYPE;
        /* RFC 4178 4.2: only a first token has a frame. */
        if (token->framed)
            return SPNEGO_RULE_FRAME_ON_RESPONSE;
    } else if (token->type == SPNEGO_NEG_TOKEN_INIT || token->type == SPNEGO_NEG_TOKEN_INIT2) {
        if (token->has_neg_state || token->supported_mech.data != NULL ||
            token->response_token.data != NULL)
            return SPNEGO_RULE_ENCODE_FIELD_NOT_IN_TYPE;
        if (token->type == SPNEGO_NEG_TOKEN_INIT && token->neg_hints.data != NULL)
            return SPNEGO_RULE_ENCODE_FIELD_NOT_IN_TYPE;
    } else {
        return SPNEGO_RULE_ENCODE_TYPE_UNKNOWN;
    }
    if (token->neg_hints.data == NULL &&
        (token->hint_name.data != NULL || token->hint_address.data != NULL))
        return SPNEGO_RULE_ENCODE_FIELD_NOT_IN_TYPE;
    return SPNEGO_RULE_NONE;
}

/*@ predicate apart(uint8_t *buf, integer buf_len, spnego_bytes field) =
      readable(field.data, field.len) &&
      (field.len == 0 || buf_len == 0 ||
       \separated(buf + (0 .. buf_len - 1), field.data + (0 .. field.len - 1)));
*/
/*@ requires \valid(out_der) && writable(buf, buf_len) && \valid_read(token);
    requires \separated(out_der, token);
    requires buf_len == 0 || \separated(buf + (0 .. buf_len - 1), out_der);
    requires buf_len == 0 || \separated(buf + (0 .. buf_len - 1), token);
    requires buf_len == 0 ||
             \separated(buf + (0 .. buf_len - 1), oid_spnego + (0 .. OID_SPNEGO_LEN - 1));
    requires apart(buf, buf_len, token->mech_types);
    requires apart(buf, buf_len, token->req_flags);
    requires apart(buf, buf_len, token->mech_token);
    requires apart(buf, buf_len, token->hint_name);
    requires apart(buf, buf_len, token->hint_address);
    requires apart(buf, buf_len, token->supported_mech);
    requires apart(buf, buf_len, token->response_token);
    requires apart(buf, buf_len, token->mech_list_mic);
    assigns *out_der, buf[0 .. buf_len - 1];
    ensures \result == SPNEGO_RULE_NONE ==> out_der->len <= buf_len &&
            out_der->data == buf + (buf_len - out_der->len);
    ensures \result != SPNEGO_RULE_NONE ==> out_der->data == \null;
*/
spnego_rule spnego_token_encode(spnego_bytes *out_der, uint8_t *buf, size_t buf_len,
                                const spnego_token *token)
{
    der_writer w;
    spnego_rule rule;

    *out_der = bytes_absent();
    rule = check_fields(token);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    der_writer_init(&w, buf, buf_len);
    /*@ assert der_may_source(&w, token->mech_types); */
    /*@ assert der_may_source(&w, token->req_flags); */
    /*@ assert der_may_source(&w, token->mech_token); */
    /*@ assert der_may_source(&w, token->hint_name); */
    /*@ assert der_may_source(&w, token->hint_address); */
    /*@ assert der_may_source(&w, token->supported_mech); */
    /*@ assert der_may_source(&w, token->response_token); */
    /*@ assert der_may_source(&w, token->mech_list_mic); */
    rule = token->type == SPNEGO_NEG_TOKEN_RESP ? neg_token_resp_write(&w, token)
                                                : neg_token_init_write(&w, token);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    /*@ assert der_writer_ok(&w) && w.buf == buf && w.buf_len == buf_len; */
    if (token->framed)
        gss_frame_write(&w, 0);
    /*@ assert der_writer_ok(&w) && w.buf == buf && w.buf_len == buf_len; */
    rule = der_writer_finish(&w, out_der);
    /*@ assert rule == SPNEGO_RULE_NONE ==> out_der->len <= buf_len &&
               out_der->data == buf + (buf_len - out_der->len); */
    return rule;
}
