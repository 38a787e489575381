/* nego/bare.h - a mechanism's own tokens, without SPNEGO around them. */
#ifndef SPNEGO_NEGO_BARE_H
#define SPNEGO_NEGO_BARE_H

#include "nego/context.h"

/* nego_is_bare says whether this negotiation is one without SPNEGO: by SPNEGO_OPTION_BARE, or
 * because SPNEGO_OPTION_TAKE_BARE lets an acceptor's first token, `in`, make it one. */
int nego_is_bare(spnego_context *context, spnego_bytes in);

/* As nego_acceptor_step and nego_acceptor_resume, for both roles. */
spnego_rule nego_bare_step(spnego_context *context, spnego_bytes in);
spnego_rule nego_bare_resume(spnego_context *context);

/* nego_bare_fail leaves the mechanism's error token in context->rest, if there is one: SPNEGO's
 * reject would mean nothing to the peer. */
void nego_bare_fail(spnego_context *context, spnego_rule rule);

#endif /* SPNEGO_NEGO_BARE_H */
