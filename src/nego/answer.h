/* nego/answer.h - writing what goes to the peer, into context->rest. */
#ifndef SPNEGO_NEGO_ANSWER_H
#define SPNEGO_NEGO_ANSWER_H

#include "nego/context.h"

/* nego_answer_init writes the NegTokenInit, of context->list and what the mechanism wrote. */
spnego_rule nego_answer_init(spnego_context *context);

/* nego_answer_hints writes the NegTokenInit2 of a server that speaks first (MS-SPNG 3.2.5.2). */
spnego_rule nego_answer_hints(spnego_context *context);

/* nego_answer_resp writes a NegTokenResp; with_oid: supportedMech, as in a first reply. */
spnego_rule nego_answer_resp(spnego_context *context, int neg_state, int with_oid, int with_mic);

/* nego_answer_reject writes a reject, with the mechanism's error token if with_token.  It cannot
 * fail: at worst the error token is left out. */
void nego_answer_reject(spnego_context *context, int with_token);

/* nego_write_list puts the MechTypeList of the slots that `listed` picks, and of the attributes,
 * into context->list. */
typedef enum nego_listed { NEGO_LIST_FROM_CHOSEN, NEGO_LIST_ALL } nego_listed;
spnego_rule nego_write_list(spnego_context *context, nego_listed listed);

/* nego_may_send says whether policy lets anything leave now (RFC 7546 3.1). */
int nego_may_send(spnego_context *context);

/* nego_answer_verdict carries out what was settled: signs, writes, changes the state. */
spnego_rule nego_answer_verdict(spnego_context *context, const nego_verdict *verdict, int with_oid,
                                nego_state next);

/* nego_check_complete says whether the mechanism, if it is complete now, has what policy and its
 * own flags demand. */
spnego_rule nego_check_complete(spnego_context *context);

/* nego_take_mic checks the peer's mechListMIC, if there is one. */
spnego_rule nego_take_mic(spnego_context *context);

/* nego_sign makes own MIC into context->mic. */
spnego_rule nego_sign(spnego_context *context);

/* nego_facts_of gathers what nego/settle.h decides from. */
void nego_facts_of(nego_facts *facts, const spnego_context *context);

#endif /* SPNEGO_NEGO_ANSWER_H */
