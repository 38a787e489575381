#include "nego/answer.h"
#include "nego/event.h"
#include "nego/mech.h"
#include "nego/receive.h"
#include "nego/select.h"

#include "base/bytes.h"
#include "der/oid.h"

/* ---- The first token ----------------------------------------------------------------------- */

/* MS-SPNG 3.2.5.2: an empty first token asks what there is.  What is answered does not bind. */
static spnego_rule hints(spnego_context *context)
{
    spnego_rule rule;

    if (context->hinted || !nego_quirk(context, SPNEGO_QUIRK_SEND_HINTS, SPNEGO_FIELD_NONE))
        return SPNEGO_RULE_TOKEN_EMPTY;
    rule = nego_write_list(context, NEGO_LIST_ALL);
    if (rule == SPNEGO_RULE_NONE)
        rule = nego_answer_hints(context);
    nego_buffer_clear(&context->list);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    context->hinted = 1;
    context->verdict = SPNEGO_CONTINUE;
    return SPNEGO_RULE_NONE;
}

/* The mechanism has not been given anything: the initiator sends its first token next. */
static spnego_rule announce(spnego_context *context)
{
    spnego_rule rule;

    nego_buffer_clear(&context->token);
    rule = nego_answer_resp(context, context->asks ? SPNEGO_REQUEST_MIC : SPNEGO_ACCEPT_INCOMPLETE,
                            1, 0);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    context->replied = 1;
    context->verdict = SPNEGO_CONTINUE;
    nego_enter(context, NEGO_TOKEN);
    return SPNEGO_RULE_NONE;
}

/* Whether a mechanism that did not take the optimistic token leaves room for another. */
static int passes_on(const spnego_context *context, spnego_rule rule)
{
    if (rule == SPNEGO_RULE_NONE)
        return context->mech_result == SPNEGO_MECH_UNAVAILABLE;
    return rule == SPNEGO_RULE_MECH_FAILED && (context->options & SPNEGO_OPTION_TRY_NEXT_MECH);
}

/* Whether the optimistic token is one for the mechanism that was chosen.  An empty token must not
 * look like the beginning of something new. */
static int is_for_chosen(spnego_context *context, spnego_bytes mech_token)
{
    if (!context->first_choice || mech_token.data == NULL)
        return 0;
    return mech_token.len != 0 ||
           (nego_mech_query(context, context->chosen) & SPNEGO_FLAG_EMPTY_TOKENS) != 0;
}

/* The mechanism is told, and asked nothing more. */
static void pass_over_chosen(spnego_context *context)
{
    nego_mech_abandon(context, context->chosen);
    context->chosen = NULL;
}

/* Chooses, and gives the optimistic token to the mechanism that it is for.  It never reaches
 * another (RFC 4178 3.2(c)).  tried: one has had it already. */
static spnego_rule choose(spnego_context *context, spnego_bytes mech_token, int tried)
{
    const char *why = "the first choice did not take its token";

    for (;;) {
        spnego_rule rule;

        if (!nego_choose(context))
            return nego_refuse(context, SPNEGO_RULE_NO_COMMON_MECH, SPNEGO_FIELD_MECH_TYPES);
        context->asks = (uint8_t)(nego_must_ask(context, &why) || tried);
        if (context->asks)
            nego_require_mic(context, why);
        nego_emit_mech(context, SPNEGO_EVENT_MECH_SELECTED, context->chosen, context->oid);
        if (tried || !is_for_chosen(context, mech_token)) {
            /* RFC 4178 5(c): a MIC beside an optimistic token goes with it. */
            if (!tried && context->first_choice && context->received.mic.data != NULL)
                return nego_refuse(context, SPNEGO_RULE_MIC_TOO_EARLY, SPNEGO_FIELD_MECH_LIST_MIC);
            context->received.mic = bytes_absent();
            return announce(context);
        }
        nego_drop_echo(context, mech_token);
        rule = nego_mech_step(context, context->chosen, mech_token);
        if (!passes_on(context, rule))
            return nego_go_on(context, rule, NEGO_PAUSED_CHOOSING);
        pass_over_chosen(context);
        tried = 1;
    }
}

/* RFC 4178 3.1: SPNEGO does not negotiate itself. */
static spnego_rule check_list(spnego_context *context, const spnego_token *token)
{
    spnego_bytes oid;
    size_t cursor = 0;

    if (token->num_mech_types > context->limits.max_mechs)
        return SPNEGO_RULE_MECH_TYPES_TOO_MANY;
    if (token->mech_types.data == NULL)
        return SPNEGO_RULE_MECH_TYPES_MISSING;
    while (spnego_mech_types_next(&oid, &cursor, token->mech_types))
        if (oid_is_spnego(oid))
            return SPNEGO_RULE_MECH_TYPES_HAVE_SPNEGO;
    return SPNEGO_RULE_NONE;
}

static spnego_rule first_token(spnego_context *context, spnego_bytes in)
{
    spnego_token token;
    spnego_rule rule;

    if (in.len == 0)
        return hints(context);
    rule = nego_read(context, &token, in, 1);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    if (token.type == SPNEGO_NEG_TOKEN_RESP)
        return nego_refuse(context, SPNEGO_RULE_RESP_BEFORE_INIT, SPNEGO_FIELD_CHOICE);
    if (token.type == SPNEGO_NEG_TOKEN_INIT2)
        return nego_refuse(context, SPNEGO_RULE_INIT2_TO_ACCEPTOR, SPNEGO_FIELD_NEG_HINTS);
    rule = check_list(context, &token);
    if (rule != SPNEGO_RULE_NONE)
        return nego_refuse(context, rule, SPNEGO_FIELD_MECH_TYPES);
    /* RFC 4178 5(a): the very octets, for the MIC. */
    nego_buffer_clear(&context->list);
    if (!nego_buffer_add(&context->list, &context->host, token.mech_types))
        return SPNEGO_RULE_MEMORY_EXHAUSTED;
    nego_note_received(context, &token);
    return choose(context, token.mech_token, 0);
}

/* ---- Later tokens -------------------------------------------------------------------------- */

/* Own MIC is out; now the initiator's must come (RFC 4178 5(b)I, 5(c)IV). */
static spnego_rule last_token(spnego_context *context, const spnego_token *token)
{
    nego_facts facts;
    nego_verdict verdict;
    spnego_rule rule = nego_refuse_surplus(context, token->response_token);

    if (rule == SPNEGO_RULE_NONE)
        rule = nego_take_mic(context);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    nego_facts_of(&facts, context);
    nego_settle_last(&verdict, &facts);
    return nego_answer_verdict(context, &verdict, 0, NEGO_MIC);
}

static spnego_rule later_token(spnego_context *context, spnego_bytes in)
{
    spnego_token token;
    const spnego_rule rule = nego_read(context, &token, in, 0);

    if (rule != SPNEGO_RULE_NONE)
        return rule;
    if (token.type != SPNEGO_NEG_TOKEN_RESP)
        return nego_refuse(context, SPNEGO_RULE_INIT_REPEATED, SPNEGO_FIELD_CHOICE);
    if (token.has_neg_state && token.neg_state == SPNEGO_REJECT)
        return nego_hear_reject(context, token.response_token);
    /* RFC 4178 4.2.2: both are for acceptors to send. */
    if (token.supported_mech.data != NULL)
        return nego_refuse(context, SPNEGO_RULE_SUPPORTED_MECH_TO_ACCEPTOR,
                           SPNEGO_FIELD_SUPPORTED_MECH);
    if (token.has_neg_state && token.neg_state == SPNEGO_REQUEST_MIC)
        return nego_refuse(context, SPNEGO_RULE_REQUEST_MIC_TO_ACCEPTOR, SPNEGO_FIELD_NEG_STATE);
    nego_note_received(context, &token);
    nego_drop_echo(context, token.response_token);
    return context->state == NEGO_MIC ? last_token(context, &token)
                                      : nego_feed(context, token.response_token);
}

spnego_rule nego_acceptor_step(spnego_context *context, spnego_bytes in)
{
    return context->state == NEGO_INIT ? first_token(context, in) : later_token(context, in);
}

spnego_rule nego_acceptor_resume(spnego_context *context)
{
    const nego_pause pause = context->pause;
    spnego_rule rule;

    context->pause = NEGO_NOT_PAUSED;
    rule = nego_mech_resume(context, context->chosen);
    if (pause == NEGO_PAUSED_CHOOSING && passes_on(context, rule)) {
        pass_over_chosen(context);
        context->received.mic = bytes_absent();
        return choose(context, bytes_absent(), 1);
    }
    return nego_go_on(context, rule, pause);
}
