/* token/gss_frame.h - the InitialContextToken around a first token (RFC 2743 3.1). */
#ifndef SPNEGO_TOKEN_GSS_FRAME_H
#define SPNEGO_TOKEN_GSS_FRAME_H

#include "der/reader.h"
#include "der/writer.h"

/* gss_frame_enter enters the frame that the reader stands at, up to and with thisMech, which must
 * be SPNEGO's OID. */
/*@ requires der_reader_ok(r);
    assigns DER_READER_STATE(r);
    ensures der_reader_ok(r);
    ensures \result == SPNEGO_RULE_NONE ==> \old(r->pos) < r->pos && r->end <= \old(r->end);
*/
spnego_rule gss_frame_enter(der_reader *r);

/* gss_frame_write puts the frame's head before what was written since `mark`. */
/*@ requires der_writer_ok(w) && mark <= der_count(w);
    requires \separated(w, oid_spnego + (0 .. OID_SPNEGO_LEN - 1));
    requires w->buf_len == 0 ||
             \separated(w->buf + (0 .. w->buf_len - 1), oid_spnego + (0 .. OID_SPNEGO_LEN - 1));
    assigns DER_WRITER_STATE(w);
    ensures der_went_on{Pre, Post}(w);
*/
void gss_frame_write(der_writer *w, size_t mark);

#endif /* SPNEGO_TOKEN_GSS_FRAME_H */
