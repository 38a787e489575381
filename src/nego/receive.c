#include "nego/receive.h"

#include "base/bytes.h"
#include "nego/answer.h"
#include "nego/event.h"
#include "nego/mech.h"

/* What an empty field that is there points at. */
static const uint8_t nothing = 0;

/* Both are known of initiators only, one of their first token only. */
static uint32_t tolerance(const spnego_context *context, int first)
{
    uint32_t tolerate = context->tolerate;

    if (context->role == SPNEGO_INITIATOR)
        tolerate &= ~SPNEGO_TOLERATE_FRAMED_RESP;
    if (!first)
        tolerate &= ~SPNEGO_TOLERATE_TRAILING_BYTES;
    return tolerate;
}

/* Reads once more, for the observer's sake, what the reader passed over. */
static void report_tolerated(spnego_context *context, spnego_bytes in, uint32_t tolerate)
{
    spnego_report report;
    spnego_token token;

    (void)spnego_token_inspect(&token, &report, in, tolerate);
    for (size_t i = 0; i < report.num_findings && i < SPNEGO_MAX_FINDINGS; i++) {
        const spnego_finding *finding = &report.findings[i];

        /* Unknown fields are to be ignored, RFC 4178 6: no tolerance was needed. */
        if (finding->rule != SPNEGO_RULE_FIELD_UNKNOWN)
            nego_emit_quirk(context, 0, spnego_rule_describe(finding->rule)->name, finding->offset);
    }
}

spnego_rule nego_read(spnego_context *context, spnego_token *token, spnego_bytes in, int first)
{
    spnego_finding fault;
    const spnego_rule rule = spnego_token_decode(token, &fault, in, tolerance(context, first));

    context->received.type = token->type;
    if (rule != SPNEGO_RULE_NONE) {
        context->error.offset = fault.offset;
        return nego_refuse(context, rule, fault.field);
    }
    context->tolerated |= token->tolerated;
    if (token->tolerated != 0 && context->host.on_event != NULL)
        report_tolerated(context, in, tolerance(context, first));
    return SPNEGO_RULE_NONE;
}

void nego_note_received(spnego_context *context, const spnego_token *token)
{
    context->received.neg_state = token->has_neg_state ? token->neg_state : NEGO_NO_STATE;
    context->received.mic = token->mech_list_mic;
}

void nego_drop_echo(spnego_context *context, spnego_bytes inner)
{
    const spnego_bytes mic = context->received.mic;

    if (mic.len != 0 && inner.len != 0 && !context->mic_required && bytes_equal(mic, inner) &&
        nego_quirk(context, SPNEGO_QUIRK_MIC_ECHOES_TOKEN, SPNEGO_FIELD_MECH_LIST_MIC))
        context->received.mic = bytes_absent();
}

spnego_rule nego_wait(spnego_context *context, nego_pause pause)
{
    context->pause = pause;
    context->verdict = SPNEGO_PENDING;
    if (context->received.mic.len == 0) {
        /* An empty MIC is one all the same. */
        if (context->received.mic.data != NULL)
            context->received.mic.data = &nothing;
        return SPNEGO_RULE_NONE;
    }
    if (context->received.mic.data == context->held_mic.data)
        return SPNEGO_RULE_NONE;
    /* The peer's token is the caller's again after this call. */
    nego_buffer_clear(&context->held_mic);
    if (!nego_buffer_add(&context->held_mic, &context->host, context->received.mic))
        return SPNEGO_RULE_MEMORY_EXHAUSTED;
    context->received.mic.data = context->held_mic.data;
    return SPNEGO_RULE_NONE;
}

spnego_rule nego_refuse_surplus(spnego_context *context, spnego_bytes response_token)
{
    if (response_token.data != NULL &&
        (response_token.len != 0 ||
         !nego_quirk(context, SPNEGO_QUIRK_EMPTY_TOKEN_AT_END, SPNEGO_FIELD_RESPONSE_TOKEN)))
        return nego_refuse(context, SPNEGO_RULE_RESPONSE_TOKEN_SURPLUS,
                           SPNEGO_FIELD_RESPONSE_TOKEN);
    nego_buffer_clear(&context->token);
    return SPNEGO_RULE_NONE;
}

spnego_rule nego_settle(spnego_context *context)
{
    const int first_reply = !context->replied;
    nego_facts facts;
    nego_verdict verdict;
    spnego_rule rule = nego_check_complete(context);

    if (rule == SPNEGO_RULE_NONE)
        rule = nego_take_mic(context);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    nego_facts_of(&facts, context);
    if (context->role == SPNEGO_INITIATOR) {
        nego_settle_initiator(&verdict, &facts);
        return nego_answer_verdict(context, &verdict, 0, NEGO_TOKEN);
    }
    nego_settle_acceptor(&verdict, &facts);
    return nego_answer_verdict(context, &verdict, first_reply,
                               context->mech_complete ? NEGO_MIC : NEGO_TOKEN);
}

spnego_rule nego_go_on(spnego_context *context, spnego_rule rule, nego_pause pause)
{
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    if (context->mech_result == SPNEGO_MECH_UNAVAILABLE)
        return SPNEGO_RULE_MECH_GONE;
    if (context->mech_result == SPNEGO_MECH_PENDING)
        return nego_wait(context, pause);
    return nego_settle(context);
}

spnego_rule nego_feed(spnego_context *context, spnego_bytes response_token)
{
    const spnego_bytes empty = {&nothing, 0};
    spnego_rule rule;

    if (context->mech_complete) {
        rule = nego_refuse_surplus(context, response_token);
        return rule != SPNEGO_RULE_NONE ? rule : nego_settle(context);
    }
    if (response_token.len == 0) {
        /* An empty token must not look like the beginning of something new. */
        if (!(nego_mech_query(context, context->chosen) & SPNEGO_FLAG_EMPTY_TOKENS))
            return nego_refuse(context, SPNEGO_RULE_RESPONSE_TOKEN_MISSING,
                               SPNEGO_FIELD_RESPONSE_TOKEN);
        response_token = empty;
    }
    rule = nego_mech_step(context, context->chosen, response_token);
    return nego_go_on(context, rule, NEGO_PAUSED);
}

spnego_rule nego_hear_reject(spnego_context *context, spnego_bytes response_token)
{
    if (context->chosen != NULL && context->chosen->begun && !context->mech_complete &&
        response_token.len != 0) {
        /* Whatever it makes of it: a reject is not authenticated, and nothing undoes it. */
        (void)nego_mech_step(context, context->chosen, response_token);
        context->mech_complete = 0;
    }
    return nego_refuse(context, SPNEGO_RULE_PEER_REJECTED, SPNEGO_FIELD_NEG_STATE);
}
