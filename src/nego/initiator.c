#include "nego/answer.h"
#include "nego/event.h"
#include "nego/mech.h"
#include "nego/receive.h"
#include "nego/select.h"

#include "base/bytes.h"

#include <spnego/oid.h>

/* ---- The first token ----------------------------------------------------------------------- */

static spnego_rule finish_init(spnego_context *context)
{
    spnego_rule rule = nego_check_complete(context);
    size_t cursor = 0;

    if (rule == SPNEGO_RULE_NONE)
        rule = nego_write_list(context, NEGO_LIST_FROM_CHOSEN);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    /* The list begins with it. */
    (void)spnego_mech_types_next(&context->oid, &cursor, nego_buffer_view(&context->list));
    context->first_choice = 1;
    /* RFC 4178 5(c): beside a mechanism's only token a MIC is optional. */
    if (context->mech_complete && context->mic_required && (context->flags & SPNEGO_FLAG_INTEG))
        rule = nego_sign(context);
    if (rule == SPNEGO_RULE_NONE)
        rule = nego_answer_init(context);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    context->verdict = SPNEGO_CONTINUE;
    nego_enter(context, NEGO_FIRST_REPLY);
    return SPNEGO_RULE_NONE;
}

static void skip(spnego_context *context, nego_slot *slot)
{
    nego_emit_mech(context, SPNEGO_EVENT_MECH_SKIPPED, slot, slot->mech.ops->oid);
    nego_mech_abandon(context, slot);
    context->chosen = NULL;
}

/* Tries the mechanisms from context->cursor on.  tried: the one there has just answered. */
static spnego_rule try_mechs(spnego_context *context, int tried)
{
    for (; context->cursor < context->num_slots; context->cursor++, tried = 0) {
        nego_slot *slot = &context->slots[context->cursor];
        spnego_rule rule;

        if (slot->excluded)
            continue;
        context->chosen = slot;
        if (!tried) {
            context->mech_result = SPNEGO_MECH_UNAVAILABLE;
            if (nego_mech_available(context, slot)) {
                if (context->options & SPNEGO_OPTION_NO_OPTIMISTIC_TOKEN)
                    return finish_init(context);
                rule = nego_mech_step(context, slot, bytes_absent());
                if (rule != SPNEGO_RULE_NONE)
                    return rule;
                if (context->mech_result == SPNEGO_MECH_PENDING)
                    return nego_wait(context, NEGO_PAUSED_TRYING);
            }
        }
        if (context->mech_result != SPNEGO_MECH_UNAVAILABLE)
            return finish_init(context);
        skip(context, slot);
        if (context->options & SPNEGO_OPTION_NO_FALLBACK)
            return SPNEGO_RULE_POLICY_NO_FALLBACK;
    }
    return SPNEGO_RULE_MECH_LIST_EMPTY;
}

static spnego_rule start(spnego_context *context, spnego_bytes in)
{
    spnego_token token;
    spnego_rule rule;

    if (in.len != 0) {
        rule = nego_read(context, &token, in, 0);
        if (rule != SPNEGO_RULE_NONE)
            return rule;
        if (token.type == SPNEGO_NEG_TOKEN_RESP)
            return nego_refuse(context, SPNEGO_RULE_RESP_BEFORE_INIT, SPNEGO_FIELD_CHOICE);
        /* MS-SPNG 3.3.5.2.  Nothing in it is believed: who strikes a mechanism from it would have
         * it struck from what is offered. */
        if (token.type != SPNEGO_NEG_TOKEN_INIT2 ||
            !nego_quirk(context, SPNEGO_QUIRK_TAKE_HINTS, SPNEGO_FIELD_CHOICE))
            return nego_refuse(context, SPNEGO_RULE_INIT_TO_INITIATOR, SPNEGO_FIELD_CHOICE);
    }
    if (context->options & SPNEGO_OPTION_REQUIRE_MIC)
        nego_require_mic(context, "policy");
    return try_mechs(context, 0);
}

/* ---- The first reply ----------------------------------------------------------------------- */

/* The mechanism begins only now: no optimistic token, or another was chosen. */
static spnego_rule begin_chosen(spnego_context *context)
{
    spnego_rule rule;

    if (context->received.mic.data != NULL)
        return nego_refuse(context, SPNEGO_RULE_MIC_TOO_EARLY, SPNEGO_FIELD_MECH_LIST_MIC);
    rule = nego_mech_step(context, context->chosen, bytes_absent());
    return nego_go_on(context, rule, NEGO_PAUSED);
}

/* RFC 4178 3.2(c), (d): the optimistic token was in vain. */
static spnego_rule reselect(spnego_context *context, nego_slot *slot, const spnego_token *token)
{
    if (context->options & SPNEGO_OPTION_NO_FALLBACK)
        return nego_refuse(context, SPNEGO_RULE_POLICY_NO_FALLBACK, SPNEGO_FIELD_SUPPORTED_MECH);
    if (token->neg_state != SPNEGO_REQUEST_MIC) {
        if (token->neg_state != SPNEGO_ACCEPT_INCOMPLETE ||
            !nego_quirk(context, SPNEGO_QUIRK_RESELECT_WITHOUT_REQUEST_MIC, SPNEGO_FIELD_NEG_STATE))
            return nego_refuse(context, SPNEGO_RULE_RESELECTED_UNPROTECTED, SPNEGO_FIELD_NEG_STATE);
        context->unprotected = 1;
    }
    if (token->response_token.len != 0)
        return nego_refuse(context, SPNEGO_RULE_RESELECTED_WITH_TOKEN, SPNEGO_FIELD_RESPONSE_TOKEN);
    nego_mech_abandon(context, context->chosen);
    context->chosen = slot;
    context->first_choice = 0;
    context->mech_complete = 0;
    context->flags = 0;
    context->mic_sent = 0; /* what the other mechanism signed counts for nothing */
    nego_buffer_clear(&context->mic);
    nego_require_mic(context, "not the initiator's first choice");
    nego_note_received(context, token);
    nego_emit_mech(context, SPNEGO_EVENT_MECH_SELECTED, slot, context->oid);
    return begin_chosen(context);
}

/* Whether a reply without supportedMech says without words whose it is: it answers the optimistic
 * token, or says that it was enough, which it can say of no other mechanism. */
static int means_optimistic_mech(const spnego_context *context, const spnego_token *token)
{
    if (!context->chosen->begun)
        return 0;
    return token->response_token.len != 0 || (context->mech_complete && token->has_neg_state &&
                                              token->neg_state == SPNEGO_ACCEPT_COMPLETED);
}

static spnego_rule check_first_reply(spnego_context *context, const spnego_token *token)
{
    if (!token->has_neg_state &&
        !nego_quirk(context, SPNEGO_QUIRK_MISSING_NEG_STATE, SPNEGO_FIELD_NEG_STATE))
        return nego_refuse(context, SPNEGO_RULE_REPLY_FIRST_NEEDS_NEGSTATE, SPNEGO_FIELD_NEG_STATE);
    if (token->supported_mech.data == NULL &&
        (!means_optimistic_mech(context, token) ||
         !nego_quirk(context, SPNEGO_QUIRK_MISSING_SUPPORTED_MECH, SPNEGO_FIELD_SUPPORTED_MECH)))
        return nego_refuse(context, SPNEGO_RULE_SUPPORTED_MECH_MISSING,
                           SPNEGO_FIELD_SUPPORTED_MECH);
    return SPNEGO_RULE_NONE;
}

/* Kerberos had another number before RFC 1964; unless that is what was offered. */
static spnego_bytes by_current_number(spnego_context *context, spnego_bytes oid)
{
    spnego_bytes offered;

    if (spnego_oid_identify(oid) != SPNEGO_OID_KRB5_OLD ||
        nego_find_offered(&offered, context, oid) ||
        !nego_quirk(context, SPNEGO_QUIRK_OLD_KRB5_OID, SPNEGO_FIELD_SUPPORTED_MECH))
        return oid;
    return spnego_oid_contents(SPNEGO_OID_KRB5);
}

/* RFC 4178 4.2.2: the choice is one of those offered.  Puts the slot into *out_slot. */
static spnego_rule find_choice(spnego_context *context, nego_slot **out_slot, spnego_bytes oid)
{
    *out_slot = context->chosen;
    if (oid.data == NULL)
        return SPNEGO_RULE_NONE;
    oid = by_current_number(context, oid);
    if (!nego_find_offered(&context->oid, context, oid))
        return nego_refuse(context, SPNEGO_RULE_SUPPORTED_MECH_NOT_OFFERED,
                           SPNEGO_FIELD_SUPPORTED_MECH);
    /* The first under any of its numbers is the first (MS-SPNG 3.1.5.2). */
    if (nego_same_mech(oid, context->chosen->mech.ops->oid))
        return SPNEGO_RULE_NONE;
    *out_slot = nego_find_slot(context, context->oid);
    if (*out_slot == NULL) /* an attribute (RFC 4178 6) */
        return nego_refuse(context, SPNEGO_RULE_SUPPORTED_MECH_NOT_OFFERED,
                           SPNEGO_FIELD_SUPPORTED_MECH);
    return SPNEGO_RULE_NONE;
}

static spnego_rule first_reply(spnego_context *context, const spnego_token *token)
{
    nego_slot *slot = NULL;
    spnego_rule rule = check_first_reply(context, token);

    if (rule == SPNEGO_RULE_NONE)
        rule = find_choice(context, &slot, token->supported_mech);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    if (slot != context->chosen)
        return reselect(context, slot, token);
    if (token->has_neg_state && token->neg_state == SPNEGO_REQUEST_MIC)
        nego_require_mic(context, "the acceptor asks for it");
    nego_note_received(context, token);
    nego_drop_echo(context, token->response_token);
    nego_emit_mech(context, SPNEGO_EVENT_MECH_SELECTED, slot, context->oid);
    if (slot->begun)
        return nego_feed(context, token->response_token);
    if (token->response_token.len != 0)
        return nego_refuse(context, SPNEGO_RULE_RESPONSE_TOKEN_SURPLUS,
                           SPNEGO_FIELD_RESPONSE_TOKEN);
    return begin_chosen(context);
}

/* ---- Later replies ------------------------------------------------------------------------- */

static spnego_rule later_reply(spnego_context *context, const spnego_token *token)
{
    const spnego_bytes oid = token->supported_mech.data == NULL
                                 ? bytes_absent()
                                 : by_current_number(context, token->supported_mech);

    /* RFC 4178 4.2.2: both belong into the first reply. */
    if (token->has_neg_state && token->neg_state == SPNEGO_REQUEST_MIC)
        return nego_refuse(context, SPNEGO_RULE_REQUEST_MIC_LATE, SPNEGO_FIELD_NEG_STATE);
    if (oid.data != NULL && !nego_same_mech(oid, context->oid))
        return nego_refuse(context, SPNEGO_RULE_SUPPORTED_MECH_CHANGED,
                           SPNEGO_FIELD_SUPPORTED_MECH);
    if (oid.data != NULL &&
        !nego_quirk(context, SPNEGO_QUIRK_REPEATED_SUPPORTED_MECH, SPNEGO_FIELD_SUPPORTED_MECH))
        return nego_refuse(context, SPNEGO_RULE_SUPPORTED_MECH_REPEATED,
                           SPNEGO_FIELD_SUPPORTED_MECH);
    nego_note_received(context, token);
    nego_drop_echo(context, token->response_token);
    return nego_feed(context, token->response_token);
}

static spnego_rule reply(spnego_context *context, spnego_bytes in)
{
    const int first = context->state == NEGO_FIRST_REPLY;
    spnego_token token;
    const spnego_rule rule = nego_read(context, &token, in, 0);

    if (rule != SPNEGO_RULE_NONE)
        return rule;
    /* RFC 4178 4.2: it may be our own, reflected. */
    if (token.type != SPNEGO_NEG_TOKEN_RESP)
        return nego_refuse(context, SPNEGO_RULE_INIT_TO_INITIATOR, SPNEGO_FIELD_CHOICE);
    context->received.neg_state = token.has_neg_state ? token.neg_state : NEGO_NO_STATE;
    if (token.has_neg_state && token.neg_state == SPNEGO_REJECT) {
        const int ours = token.supported_mech.data == NULL ||
                         nego_same_mech(token.supported_mech, context->chosen->mech.ops->oid);

        return nego_hear_reject(context, ours ? token.response_token : bytes_absent());
    }
    return first ? first_reply(context, &token) : later_reply(context, &token);
}

spnego_rule nego_initiator_step(spnego_context *context, spnego_bytes in)
{
    return context->state == NEGO_START ? start(context, in) : reply(context, in);
}

spnego_rule nego_initiator_resume(spnego_context *context)
{
    const nego_pause pause = context->pause;
    spnego_rule rule;

    context->pause = NEGO_NOT_PAUSED;
    rule = nego_mech_resume(context, context->chosen);
    if (pause == NEGO_PAUSED || rule != SPNEGO_RULE_NONE)
        return nego_go_on(context, rule, pause);
    return context->mech_result == SPNEGO_MECH_PENDING ? nego_wait(context, pause)
                                                       : try_mechs(context, 1);
}
