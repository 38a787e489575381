/* witness/cut.h - a token without its unknown fields, by other means than the library's. */
#ifndef SPNEGO_TESTS_WITNESS_CUT_H
#define SPNEGO_TESTS_WITNESS_CUT_H

#include <spnego/token.h>

/* cut_unknown writes to `out`, which has room for in.len octets, the strict DER token `in` of type
 * `type` without those fields of its message that the schema does not name (RFC 4178 section 6),
 * lengths made to fit.  Returns the new length and puts the place of what was cut into *where, of
 * length 0 if there was nothing.  Returns 0 if `in` is not made of elements as `framed` and `type`
 * say, or if what is to be cut is not all at the end. */
size_t cut_unknown(uint8_t *out, spnego_span *where, spnego_bytes in, int framed,
                   spnego_token_type type);

#endif /* SPNEGO_TESTS_WITNESS_CUT_H */
