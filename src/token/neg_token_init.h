/* token/neg_token_init.h - NegTokenInit (RFC 4178 4.2.1) and NegTokenInit2 (MS-SPNG 2.2.1). */
#ifndef SPNEGO_TOKEN_NEG_TOKEN_INIT_H
#define SPNEGO_TOKEN_NEG_TOKEN_INIT_H

#include "der/reader.h"
#include "der/writer.h"

/* neg_token_init_read reads the message whose [0] the reader stands at, and sets token->type. */
/*@ requires der_reader_ok(r) && \valid(token) && \separated(token, r);
    requires \separated(token, r->report);
    requires r->len == 0 || \separated(token, r->data + (0 .. r->len - 1));
    requires r->unknown_len <= r->pos;
    assigns DER_READER_STATE(r), r->seen, r->unknown_len,
            *token;
    ensures der_reader_ok(r);
    ensures \result == SPNEGO_RULE_NONE ==> \old(r->pos) < r->pos;
    ensures \result == SPNEGO_RULE_NONE ==> r->end == \old(r->end);
    ensures \result == SPNEGO_RULE_NONE ==> r->unknown_len <= r->pos;
*/
spnego_rule neg_token_init_read(der_reader *r, spnego_token *token);

/* neg_token_init_write puts the message, with its [0], before what was written. */
/*@ requires der_writer_ok(w) && \valid_read(token) && \separated(w, token);
    requires w->buf_len == 0 || \separated(w->buf + (0 .. w->buf_len - 1), token);
    requires der_may_source(w, token->mech_types);
    requires der_may_source(w, token->req_flags);
    requires der_may_source(w, token->mech_token);
    requires der_may_source(w, token->hint_name);
    requires der_may_source(w, token->hint_address);
    requires der_may_source(w, token->mech_list_mic);
    assigns DER_WRITER_STATE(w);
    ensures der_went_on{Pre, Post}(w);
*/
spnego_rule neg_token_init_write(der_writer *w, const spnego_token *token);

#endif /* SPNEGO_TOKEN_NEG_TOKEN_INIT_H */
