/* One step: from the peer's octets to a verdict. */
#include "nego/answer.h"
#include "nego/bare.h"
#include "nego/context.h"
#include "nego/event.h"
#include "nego/fragment.h"
#include "nego/mech.h"

#include "base/bytes.h"

#include <string.h>

size_t nego_offset_of(const spnego_context *context, spnego_field field)
{
    spnego_report report;
    spnego_token token;

    if (context->in.len == 0 || field == SPNEGO_FIELD_NONE)
        return SPNEGO_NO_OFFSET;
    (void)spnego_token_inspect(&token, &report, context->in, SPNEGO_TOLERATE_ALL);
    /* Of a field that is missing: the message that lacks it. */
    if (report.spans[field].len == 0)
        field = SPNEGO_FIELD_CHOICE;
    return report.spans[field].offset;
}

int nego_quirk(spnego_context *context, uint32_t quirk, spnego_field field)
{
    if (!(context->quirks & quirk))
        return 0;
    context->used_quirks |= quirk;
    if (context->host.on_event != NULL)
        nego_emit_quirk(context, quirk, spnego_quirk_name(quirk), nego_offset_of(context, field));
    return 1;
}

void nego_require_mic(spnego_context *context, const char *why)
{
    if (context->mic_required)
        return;
    context->mic_required = 1;
    nego_emit(context, SPNEGO_EVENT_MIC_REQUIRED, why, bytes_absent(), SPNEGO_NO_OFFSET);
}

void nego_abandon_all(spnego_context *context)
{
    for (size_t i = 0; i < context->num_slots; i++)
        nego_mech_abandon(context, &context->slots[i]);
}

spnego_status nego_decline(spnego_context *context, spnego_rule rule)
{
    spnego_error *error = &context->error;

    if (context->inside == NEGO_IN_MECH)
        context->reentered = 1;
    /* Neither why it failed nor the step that is under way is to be forgotten for this call. */
    if (context->state == NEGO_FAILED || context->inside != NEGO_CALM)
        return nego_status_of(rule);
    memset(error, 0, sizeof *error);
    error->rule = rule;
    error->status = nego_status_of(rule);
    error->offset = SPNEGO_NO_OFFSET;
    return error->status;
}

/* ---- Failing ------------------------------------------------------------------------------- */

/* Whether the peer is told: it is there, still listens, and may know that we are. */
static int tells_peer(const spnego_context *context, spnego_rule rule)
{
    if (rule == SPNEGO_RULE_PEER_REJECTED || rule == SPNEGO_RULE_POLICY_NOT_ANONYMOUS ||
        rule == SPNEGO_RULE_FRAGMENT_UNASKED)
        return 0;
    if (context->role == SPNEGO_ACCEPTOR)
        return 1;
    return context->state != NEGO_START && context->received.neg_state != SPNEGO_ACCEPT_COMPLETED &&
           context->received.neg_state != SPNEGO_REJECT;
}

/* Rules about the mechanism, as opposed to the peer's token. */
static int is_about_mech(spnego_rule rule)
{
    return (rule >= SPNEGO_RULE_MECH_FAILED && rule < SPNEGO_RULE_CALL_BAD_ARGUMENT &&
            rule != SPNEGO_RULE_MECH_LIST_EMPTY) ||
           rule == SPNEGO_RULE_MIC_WRONG || rule == SPNEGO_RULE_PEER_REJECTED;
}

static void note_failure(spnego_context *context, spnego_rule rule)
{
    spnego_error *error = &context->error;

    error->rule = rule;
    error->status = nego_status_of(rule);
    error->field = context->field;
    error->type = context->received.type;
    /* The reader has said where its own rules are broken. */
    if (rule >= SPNEGO_RULE_REPLY_FIRST_NEEDS_NEGSTATE || error->offset == SPNEGO_NO_OFFSET)
        error->offset = nego_offset_of(context, context->field);
    error->mech = NULL;
    error->mech_code.code = 0;
    error->mech_code.gss_major = 0;
    if (is_about_mech(rule)) {
        error->mech = context->mech_at_fault;
        error->mech_code = context->mech_code;
    }
}

static spnego_status fail(spnego_context *context, spnego_rule rule)
{
    const int tells = tells_peer(context, rule);

    note_failure(context, rule);
    context->rest = bytes_absent();
    context->pause = NEGO_NOT_PAUSED;
    context->received.mic = bytes_absent();
    if (context->bare)
        nego_bare_fail(context, rule);
    else if (tells)
        nego_answer_reject(context, rule == SPNEGO_RULE_MECH_FAILED);
    nego_enter(context, NEGO_FAILED);
    nego_abandon_all(context);
    return context->error.status;
}

/* ---- Stepping ------------------------------------------------------------------------------ */

/* What the side left behind, or why it failed, becomes the step's result. */
static spnego_status finish(spnego_context *context, spnego_bytes *out, spnego_rule rule)
{
    spnego_status status;

    if (rule == SPNEGO_RULE_NONE && context->reentered)
        rule = SPNEGO_RULE_MECH_REENTERED;
    status = rule == SPNEGO_RULE_NONE ? context->verdict : fail(context, rule);
    context->in = bytes_absent();
    if (context->pause == NEGO_NOT_PAUSED)
        context->received.mic = bytes_absent();
    if (context->rest.data != NULL)
        nego_emit_token(context, SPNEGO_EVENT_TOKEN_OUT, context->rest);
    nego_emit_step(context, status, rule, context->rest.len);
    return nego_fragment_cut(context, out, status);
}

static void clear_error(spnego_context *context)
{
    memset(&context->error, 0, sizeof context->error);
    context->error.offset = SPNEGO_NO_OFFSET;
}

static void begin(spnego_context *context)
{
    context->rest = bytes_absent();
    context->reentered = 0;
    context->says_empty = 0;
    context->field = SPNEGO_FIELD_NONE;
    context->mech_at_fault = NULL;
    clear_error(context);
}

/* Whether the call is one that can be made now. */
static spnego_rule check_call(const spnego_context *context, spnego_bytes in)
{
    if (context->inside != NEGO_CALM)
        return SPNEGO_RULE_CALL_REENTERED;
    if (in.data == NULL && in.len != 0)
        return SPNEGO_RULE_CALL_BAD_ARGUMENT;
    if (!context->held_back && (context->state == NEGO_COMPLETE || context->state == NEGO_SPENT))
        return SPNEGO_RULE_CALL_OUT_OF_TURN;
    if (context->pause != NEGO_NOT_PAUSED)
        return SPNEGO_RULE_CALL_OUT_OF_TURN;
    return SPNEGO_RULE_NONE;
}

static spnego_rule dispatch(spnego_context *context, spnego_bytes in)
{
    const int opening = context->state == NEGO_START || context->state == NEGO_INIT;

    context->in = in;
    context->in_len = in.len;
    context->received.neg_state = NEGO_NO_STATE;
    context->received.mic = bytes_absent();
    context->received.type = SPNEGO_TOKEN_NONE;
    if (in.len != 0)
        nego_emit_token(context, SPNEGO_EVENT_TOKEN_IN, in);
    if (context->num_steps > context->limits.max_steps)
        return SPNEGO_RULE_STEPS_TOO_MANY;
    if (in.len > context->limits.max_token)
        return SPNEGO_RULE_TOKEN_TOO_LONG;
    if (nego_is_bare(context, in))
        return nego_bare_step(context, in);
    if (in.len == 0 && !opening)
        return SPNEGO_RULE_TOKEN_EMPTY;
    return context->role == SPNEGO_INITIATOR ? nego_initiator_step(context, in)
                                             : nego_acceptor_step(context, in);
}

/* The next piece of what is going out.  Until the last the peer says nothing but "go on"
 * (MS-SPNG 3.1.5.6). */
static spnego_status go_on(spnego_context *context, spnego_bytes *out, spnego_bytes in)
{
    if (in.len == 0) {
        if (context->state != NEGO_FAILED)
            clear_error(context);
        return nego_fragment_cut(context, out, context->held);
    }
    context->held_back = 0;
    if (context->state == NEGO_FAILED)
        return context->error.status;
    /* What was settled had not reached the peer, so it does not hold. */
    begin(context);
    context->in_len = in.len;
    return finish(context, out, SPNEGO_RULE_FRAGMENT_UNASKED);
}

static spnego_status step(spnego_context *context, spnego_bytes *out, spnego_bytes in)
{
    spnego_rule rule = SPNEGO_RULE_NONE;
    spnego_status status;

    if (context->held_back)
        return go_on(context, out, in);
    if (context->state == NEGO_FAILED)
        return context->error.status;
    begin(context);
    context->in_len = in.len;
    if (context->options & SPNEGO_OPTION_TAKE_FRAGMENTS) {
        rule = nego_fragment_take(context, &in, in);
        if (rule == SPNEGO_RULE_NONE && context->kept.len != 0 && in.data == NULL)
            return SPNEGO_CONTINUE;
    }
    context->num_steps++;
    if (rule == SPNEGO_RULE_NONE)
        rule = dispatch(context, in);
    status = finish(context, out, rule);
    nego_buffer_clear(&context->kept);
    return status;
}

static spnego_status resume(spnego_context *context, spnego_bytes *out)
{
    spnego_rule rule;

    begin(context);
    if (context->bare)
        rule = nego_bare_resume(context);
    else
        rule = context->role == SPNEGO_INITIATOR ? nego_initiator_resume(context)
                                                 : nego_acceptor_resume(context);
    return finish(context, out, rule);
}

spnego_status spnego_context_step(spnego_context *context, spnego_bytes *out, spnego_bytes in)
{
    const spnego_rule rule = check_call(context, in);
    spnego_status status;

    *out = bytes_absent();
    if (rule != SPNEGO_RULE_NONE)
        return nego_decline(context, rule);
    context->inside = NEGO_BUSY;
    status = step(context, out, in);
    context->inside = NEGO_CALM;
    return status;
}

spnego_status spnego_context_resume(spnego_context *context, spnego_bytes *out)
{
    spnego_status status;

    *out = bytes_absent();
    if (context->inside != NEGO_CALM)
        return nego_decline(context, SPNEGO_RULE_CALL_REENTERED);
    if (context->pause == NEGO_NOT_PAUSED)
        return nego_decline(context, SPNEGO_RULE_CALL_OUT_OF_TURN);
    context->inside = NEGO_BUSY;
    status = resume(context, out);
    context->inside = NEGO_CALM;
    return status;
}
