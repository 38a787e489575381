/*
 * nego/context.h - the state of one negotiation.
 *
 * Functions of this layer return the rule that ends the negotiation, or SPNEGO_RULE_NONE; the field
 * of the peer's token that is at fault they leave in context->field.  One place (step.c) turns
 * that into a verdict, a reject and the end of the mechanism.
 */
#ifndef SPNEGO_NEGO_CONTEXT_H
#define SPNEGO_NEGO_CONTEXT_H

#include "nego/buffer.h"
#include "nego/host.h"
#include "nego/settle.h"

/* What the context waits for. */
typedef enum nego_state {
    NEGO_START,       /* initiator: the first call                                        */
    NEGO_INIT,        /* acceptor: a NegTokenInit                                         */
    NEGO_FIRST_REPLY, /* initiator: the reply that chooses                                */
    NEGO_TOKEN,       /* the mechanism's next token, or what ends the negotiation         */
    NEGO_MIC,         /* acceptor: the initiator's MIC, own MIC having been sent          */
    NEGO_COMPLETE,
    NEGO_FAILED,
    NEGO_SPENT /* exported */
} nego_state;

/* Where a step stopped to wait for the mechanism. */
typedef enum nego_pause {
    NEGO_NOT_PAUSED = 0,
    NEGO_PAUSED_TRYING,   /* initiator: the mechanism's first step, others may follow     */
    NEGO_PAUSED_CHOOSING, /* acceptor: on the optimistic token, others may follow         */
    NEGO_PAUSED           /* on any other token                                           */
} nego_pause;

/* A mechanism in the list. */
typedef struct nego_slot {
    spnego_mech mech;
    uint8_t excluded; /* by policy or spnego_context_set_neg_mechs */
    uint8_t begun;
    uint8_t gone;     /* tried, and not the one */
    uint8_t expected; /* was told that MICs will come */
} nego_slot;

/* The peer's token, as far as it matters once the mechanism is running. */
typedef struct nego_received {
    int neg_state;    /* or NEGO_NO_STATE */
    spnego_bytes mic; /* absent if none   */
    spnego_token_type type;
} nego_received;

/* Mechanisms and attributes that one context may have. */
#define NEGO_MAX_OIDS 64

enum {
    NEGO_OWN_LIST = 96, /* five mechanisms */
    NEGO_OWN_TOKEN = 320,
    NEGO_OWN_MIC = 48,
    NEGO_OWN_OUT = 512
};

/* Calls from inside are refused; if they come from a mechanism, the negotiation fails as well. */
enum { NEGO_CALM = 0, NEGO_BUSY, NEGO_IN_MECH };

struct spnego_context {
    nego_host host;
    spnego_role role;
    uint32_t options;
    uint32_t quirks;
    uint32_t tolerate;
    uint32_t required_flags;
    spnego_limits limits;
    size_t max_fragment;
    const spnego_bytes *attributes;
    size_t num_attributes;

    nego_state state;
    size_t num_steps;
    uint8_t inside;    /* NEGO_CALM, or a call is under way              */
    uint8_t reentered; /* and it called back                                 */
    uint8_t hinted;
    uint8_t bare; /* without SPNEGO: nego/bare.h */
    nego_pause pause;
    uint8_t paused_first; /* in the first step of its mechanism */
    size_t cursor;        /* index of the slot that is being tried */

    nego_slot *slots; /* in order of preference */
    size_t num_slots;

    /* What has been chosen, and how far it is. */
    nego_slot *chosen; /* or NULL */
    spnego_bytes oid;  /* as it is on the wire: a view into the list */
    uint8_t first_choice;
    uint8_t asks;        /* acceptor: request-mic is due                     */
    uint8_t unprotected; /* initiator: chosen without request-mic            */
    uint8_t replied;     /* the first reply is behind us                     */
    uint8_t mech_complete;
    uint8_t mic_required;
    uint8_t mic_sent;
    uint8_t mic_verified;
    uint32_t flags; /* SPNEGO_FLAG_* once the mechanism is complete */
    uint32_t used_quirks;
    uint32_t tolerated;

    /* This step. */
    spnego_bytes in; /* for offsets; absent once resumed               */
    size_t in_len;
    nego_received received;
    spnego_mech_result mech_result;
    uint8_t says_empty; /* the mechanism's token is there, and empty */
    spnego_mech_code mech_code;
    const char *mech_at_fault;
    spnego_field field;
    spnego_status verdict; /* when the rule is NONE */
    spnego_bytes rest;     /* of an output that goes out in pieces           */
    uint8_t held_back;     /* pieces are left, and the verdict with them     */
    spnego_status held;

    spnego_error error;

    nego_buffer list;     /* MechTypeList: sent, or as received                 */
    nego_buffer token;    /* what the mechanism wrote                           */
    nego_buffer mic;      /* own MIC                                            */
    nego_buffer out;      /* the encoded token                                  */
    nego_buffer kept;     /* fragments of the peer's                            */
    nego_buffer held_mic; /* the peer's, during a pause                       */
    uint8_t own_list[NEGO_OWN_LIST];
    uint8_t own_token[NEGO_OWN_TOKEN];
    uint8_t own_mic[NEGO_OWN_MIC];
    uint8_t own_out[NEGO_OWN_OUT];
};

/* nego_refuse leaves the field and returns the rule. */
static inline spnego_rule nego_refuse(spnego_context *context, spnego_rule rule, spnego_field field)
{
    context->field = field;
    return rule;
}

/* nego_quirk says whether a quirk is allowed, and if so reports its use. */
int nego_quirk(spnego_context *context, uint32_t quirk, spnego_field field);

/* nego_require_mic makes MICs required, for good. */
void nego_require_mic(spnego_context *context, const char *why);

/* nego_enter changes the state. */
void nego_enter(spnego_context *context, nego_state state);

/* nego_state_name is what spnego_context_state returns for it. */
const char *nego_state_name(nego_state state);

/* nego_status_of is the verdict that a rule stands for. */
spnego_status nego_status_of(spnego_rule rule);

/* nego_set_neg_mechs is spnego_context_set_neg_mechs without its conditions on time. */
spnego_rule nego_set_neg_mechs(spnego_context *context, const spnego_bytes *oids, size_t num_oids);

/* nego_decline refuses a call without any other effect than on context->error. */
spnego_status nego_decline(spnego_context *context, spnego_rule rule);

/* nego_abandon_all tells every mechanism that had begun. */
void nego_abandon_all(spnego_context *context);

/* nego_offset_of returns where a field of the peer's token lies, or SPNEGO_NO_OFFSET. */
size_t nego_offset_of(const spnego_context *context, spnego_field field);

/* The two sides.  Each takes the peer's token and leaves what is to be sent in context->rest, and
 * in context->verdict CONTINUE, COMPLETE or PENDING. */
spnego_rule nego_initiator_step(spnego_context *context, spnego_bytes in);
spnego_rule nego_initiator_resume(spnego_context *context);
spnego_rule nego_acceptor_step(spnego_context *context, spnego_bytes in);
spnego_rule nego_acceptor_resume(spnego_context *context);

#endif /* SPNEGO_NEGO_CONTEXT_H */
