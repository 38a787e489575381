/* nego/event.h - telling an observer. */
#ifndef SPNEGO_NEGO_EVENT_H
#define SPNEGO_NEGO_EVENT_H

#include "nego/context.h"

/* nego_emit reports one event of a type with text and octets, at a place in the peer's token. */
void nego_emit(spnego_context *context, spnego_event_type type, const char *text,
               spnego_bytes bytes, size_t offset);

/* nego_emit_token reports a token that came or goes. */
void nego_emit_token(spnego_context *context, spnego_event_type type, spnego_bytes octets);

/* nego_emit_mech reports one about a mechanism. */
void nego_emit_mech(spnego_context *context, spnego_event_type type, const nego_slot *slot,
                    spnego_bytes oid);

/* nego_emit_quirk reports a departure that was tolerated. */
void nego_emit_quirk(spnego_context *context, uint32_t quirk, const char *name, size_t offset);

/* nego_emit_step reports that a step is over. */
void nego_emit_step(spnego_context *context, spnego_status status, spnego_rule rule,
                    size_t out_len);

#endif /* SPNEGO_NEGO_EVENT_H */
