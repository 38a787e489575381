/* nego/fragment.h - a token that comes, or goes, in pieces (MS-SPNG 3.1.5.6, 3.1.5.9). */
#ifndef SPNEGO_NEGO_FRAGMENT_H
#define SPNEGO_NEGO_FRAGMENT_H

#include "nego/context.h"

/* nego_fragment_take puts the peer's next octets behind those that came before and the whole token,
 * if it is whole now, into *token; else *token is absent.  Memory grows with what has come, never
 * with what a header claims. */
spnego_rule nego_fragment_take(spnego_context *context, spnego_bytes *token, spnego_bytes in);

/* nego_fragment_cut hands out the next piece of context->rest, and with the last one the verdict.
 */
spnego_status nego_fragment_cut(spnego_context *context, spnego_bytes *out, spnego_status verdict);

#endif /* SPNEGO_NEGO_FRAGMENT_H */
