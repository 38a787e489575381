/* nego/mech.h - calling a mechanism, and not believing what it says. */
#ifndef SPNEGO_NEGO_MECH_H
#define SPNEGO_NEGO_MECH_H

#include "nego/context.h"

/* nego_mech_prepare hands it the host's request, unless it is excluded or does not want to know. */
void nego_mech_prepare(spnego_context *context, nego_slot *slot, const spnego_request *request);

int nego_mech_available(spnego_context *context, nego_slot *slot);
uint32_t nego_mech_query(spnego_context *context, nego_slot *slot);

/* nego_mech_step lets the mechanism take a token; what it wrote is in context->token, its result,
 * CONTINUE, COMPLETE, PENDING or UNAVAILABLE, in context->mech_result.  Other results, and
 * results that break the contract, come back as a rule. */
spnego_rule nego_mech_step(spnego_context *context, nego_slot *slot, spnego_bytes in);
spnego_rule nego_mech_resume(spnego_context *context, nego_slot *slot);

/* nego_mech_sign makes a mechListMIC into context->mic. */
spnego_rule nego_mech_sign(spnego_context *context);

/* nego_mech_verify checks the peer's. */
spnego_rule nego_mech_verify(spnego_context *context, spnego_bytes mic);

/* nego_mech_expect tells the mechanism, once, that MICs will come. */
void nego_mech_expect(spnego_context *context, nego_slot *slot);

/* nego_mech_abandon ends a slot for this negotiation; the mechanism is told if it had begun. */
void nego_mech_abandon(spnego_context *context, nego_slot *slot);

/* nego_mech_export puts its state into context->token; nego_mech_import takes it back, 1 for
 * success. */
spnego_rule nego_mech_export(spnego_context *context, nego_slot *slot);
int nego_mech_import(spnego_context *context, nego_slot *slot, spnego_bytes state);

/* nego_mech_data passes data of an established context to wrap (wrap 1), which writes into
 * context->out, or to unwrap, which writes into context->token. */
spnego_rule nego_mech_data(spnego_context *context, int wrap, int *conf, spnego_bytes message);

/* nego_mech_acceptable asks the host's policy. */
int nego_mech_acceptable(spnego_context *context, const nego_slot *slot, spnego_bytes mech_types);

/* nego_same_mech compares OIDs as RFC 4178's Appendix C and MS-SPNG 3.1.5.2 have it: Kerberos by
 * its number and by Windows' is one mechanism. */
int nego_same_mech(spnego_bytes a, spnego_bytes b);

#endif /* SPNEGO_NEGO_MECH_H */
