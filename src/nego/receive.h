/* nego/receive.h - reading the peer's token, and the checks that both sides share. */
#ifndef SPNEGO_NEGO_RECEIVE_H
#define SPNEGO_NEGO_RECEIVE_H

#include "nego/context.h"

/* nego_read decodes the peer's token; `first` is 1 for an acceptor's first. */
spnego_rule nego_read(spnego_context *context, spnego_token *token, spnego_bytes in, int first);

/* nego_note_received keeps what matters once the mechanism runs. */
void nego_note_received(spnego_context *context, const spnego_token *token);

/* nego_drop_echo forgets a mechListMIC that only repeats the mechanism's token beside it, as peers
 * from before RFC 4178 have it, while no MIC is required: with one required, it is a wrong one. */
void nego_drop_echo(spnego_context *context, spnego_bytes inner);

/* nego_refuse_surplus refuses a responseToken where the mechanism is complete and takes none. */
spnego_rule nego_refuse_surplus(spnego_context *context, spnego_bytes response_token);

/* nego_feed gives the mechanism the peer's responseToken, or refuses it or its absence, then
 * settles.  The verdict may be PENDING. */
spnego_rule nego_feed(spnego_context *context, spnego_bytes response_token);

/* nego_hear_reject lets the mechanism have the error token of a reject, for the sake of its code,
 * and ends the negotiation. */
spnego_rule nego_hear_reject(spnego_context *context, spnego_bytes response_token);

/* nego_wait ends the step, the mechanism having answered PENDING; the peer's MIC is kept beyond
 * this call. */
spnego_rule nego_wait(spnego_context *context, nego_pause pause);

/* nego_go_on continues once the mechanism has answered with `rule` and context->mech_result: waits,
 * at `pause`, or settles. */
spnego_rule nego_go_on(spnego_context *context, spnego_rule rule, nego_pause pause);

/* nego_settle checks the peer's MIC and answers. */
spnego_rule nego_settle(spnego_context *context);

#endif /* SPNEGO_NEGO_RECEIVE_H */
