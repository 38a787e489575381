/* nego/select.h - finding a mechanism in a list. */
#ifndef SPNEGO_NEGO_SELECT_H
#define SPNEGO_NEGO_SELECT_H

#include "nego/context.h"

/* nego_find_slot returns the slot that serves `oid`, by its very OID or else by another number of
 * Kerberos; NULL if there is none.  Slots that are excluded or gone serve nothing. */
nego_slot *nego_find_slot(spnego_context *context, spnego_bytes oid);

/* nego_find_offered puts the entry of context->list that is the mechanism `oid` into *out_oid; an
 * exact one goes before other numbers of Kerberos.  Returns 0 if there is none. */
int nego_find_offered(spnego_bytes *out_oid, const spnego_context *context, spnego_bytes oid);

/* nego_is_first says whether `oid` is the mechanism that stands first in context->list. */
int nego_is_first(const spnego_context *context, spnego_bytes oid);

/* nego_choose picks an acceptor's mechanism from context->list: in the initiator's order, or its
 * own (RFC 4178 3.1).  Fills chosen, oid and first_choice; returns 0 if there is none. */
int nego_choose(spnego_context *context);

/* nego_must_ask says whether RFC 4178 3.2(c)II, section 6 or policy have request-mic sent for what
 * was chosen; the reason is put into *out_why. */
int nego_must_ask(spnego_context *context, const char **out_why);

#endif /* SPNEGO_NEGO_SELECT_H */
