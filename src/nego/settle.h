/*
 * nego/settle.h - the decision at the heart of a step: RFC 4178 section 5 and the rules of
 * negState, from facts alone.  No call, no memory, no state: what is proven here holds for both
 * roles.
 */
#ifndef SPNEGO_NEGO_SETTLE_H
#define SPNEGO_NEGO_SETTLE_H

#include <spnego/negotiate.h>

/* The peer's token had no negState. */
#define NEGO_NO_STATE (-1)

/* What is known once the mechanism has taken the peer's token and its mechListMIC was checked. */
typedef struct nego_facts {
    int first_reply; /* acceptor: the answer is its first; initiator: the peer's token was it  */
    int complete;    /* own mechanism is complete                                              */
    int has_token;   /* own mechanism wrote a token, which must be sent                        */
    int integrity;   /* it can make and check MICs                                             */
    int required;    /* MICs are required, if it can                                           */
    int sent;        /* own MIC went out in an earlier token, for this mechanism               */
    int verified;    /* the peer's MIC was found good                                          */
    int asks;        /* acceptor: request-mic is due in the first reply                        */
    int unprotected; /* initiator: another mechanism was chosen without request-mic            */
    int neg_state;   /* the peer's, or NEGO_NO_STATE                                           */
    uint32_t quirks; /* SPNEGO_QUIRK_* that are allowed                                        */
} nego_facts;

/* What to do. */
typedef struct nego_verdict {
    spnego_rule rule;   /* not NONE: fail, and nothing below counts */
    spnego_field field; /* of the peer's token                      */
    int complete;       /* the negotiation is over                  */
    int send;           /* a NegTokenResp goes out                  */
    int neg_state;      /* in it                                    */
    int send_mic;       /* own MIC in it                            */
    uint32_t quirk;     /* the one that was needed, or 0            */
} nego_verdict;

/* A MIC is owed in each direction (RFC 4178 5: "if available"). */
/*@ predicate mic_needed(nego_facts *f) = f->required != 0 && f->integrity != 0; */

/* The invariant that everything else is for: complete only if the mechanism is, and every MIC that
 * was required has been sent and verified. */
/*@ predicate verdict_sound(nego_verdict *v, nego_facts *f) =
      (v->rule == SPNEGO_RULE_NONE && v->complete != 0) ==>
        (f->complete != 0 &&
         (mic_needed(f) ==> (f->verified != 0 && (f->sent != 0 || v->send_mic != 0))));
*/
/* A MIC is made for an established mechanism that can, and only once (RFC 4178 5(a)). */
/*@ predicate verdict_signs_once(nego_verdict *v, nego_facts *f) =
      (v->rule == SPNEGO_RULE_NONE && v->send_mic != 0) ==>
        (f->complete != 0 && mic_needed(f) && f->sent == 0 && v->send != 0);
*/
/* What the mechanism wrote is never lost. */
/*@ predicate verdict_sends(nego_verdict *v, nego_facts *f) =
      (v->rule == SPNEGO_RULE_NONE && f->has_token != 0) ==> v->send != 0;
*/

/* nego_mic_allowed says whether a mechListMIC may stand beside the peer's token. */
/*@ requires \valid_read(f);
    assigns \nothing;
    ensures \result == SPNEGO_RULE_NONE ==>
              (f->complete != 0 && f->integrity != 0 && f->verified == 0);
*/
spnego_rule nego_mic_allowed(const nego_facts *f);

/* nego_settle_initiator decides an initiator's answer to a NegTokenResp. */
/*@ requires \valid(v) && \valid_read(f) && \separated(v, f);
    assigns *v;
    ensures verdict_sound(v, f);
    ensures verdict_signs_once(v, f);
    ensures verdict_sends(v, f);
*/
void nego_settle_initiator(nego_verdict *v, const nego_facts *f);

/* nego_settle_acceptor decides an acceptor's answer to a token that its mechanism took. */
/*@ requires \valid(v) && \valid_read(f) && \separated(v, f);
    assigns *v;
    ensures verdict_sound(v, f);
    ensures verdict_signs_once(v, f);
    ensures verdict_sends(v, f);
*/
void nego_settle_acceptor(nego_verdict *v, const nego_facts *f);

/* nego_settle_last decides an acceptor's answer to the token that must bring the initiator's MIC,
 * own MIC having been sent. */
/*@ requires \valid(v) && \valid_read(f) && \separated(v, f);
    requires f->has_token == 0 && f->sent != 0;
    assigns *v;
    ensures verdict_sound(v, f);
    ensures verdict_signs_once(v, f);
*/
void nego_settle_last(nego_verdict *v, const nego_facts *f);

#endif /* SPNEGO_NEGO_SETTLE_H */
