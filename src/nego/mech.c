#include "nego/mech.h"

#include "base/bytes.h"
#include "nego/event.h"

#include <spnego/oid.h>

struct spnego_sink {
    spnego_context *context;
    nego_buffer *buffer;
    spnego_rule fault; /* the first; what is written after it is dropped */
};

void spnego_sink_write(spnego_sink *sink, const void *data, size_t len)
{
    const spnego_bytes bytes = {data, len};

    if (sink->fault != SPNEGO_RULE_NONE || len == 0)
        return;
    if (data == NULL)
        sink->fault = SPNEGO_RULE_MECH_TOKEN_NULL;
    else if (len > sink->context->limits.max_token - sink->buffer->len)
        sink->fault = SPNEGO_RULE_MECH_TOKEN_TOO_LONG;
    else if (!nego_buffer_add(sink->buffer, &sink->context->host, bytes))
        sink->fault = SPNEGO_RULE_MEMORY_EXHAUSTED;
}

/* Every call of a mechanism begins and ends here: in between, calls that would change the context
 * are refused and noted. */
static spnego_sink begin(spnego_context *context, nego_slot *slot, nego_buffer *buffer)
{
    spnego_sink sink = {context, buffer, SPNEGO_RULE_NONE};

    context->inside = NEGO_IN_MECH;
    context->mech_at_fault = slot->mech.ops->name;
    context->mech_code.code = 0;
    context->mech_code.gss_major = 0;
    if (buffer != NULL)
        nego_buffer_clear(buffer);
    return sink;
}

static spnego_rule end(spnego_context *context, const spnego_sink *sink)
{
    context->inside = NEGO_BUSY;
    return context->reentered ? SPNEGO_RULE_MECH_REENTERED : sink->fault;
}

/* The end of a call outside a step, which leaves the negotiation as it is. */
static spnego_rule end_aside(spnego_context *context, const spnego_sink *sink,
                             spnego_mech_result result)
{
    const spnego_rule fault = end(context, sink);

    context->reentered = 0;
    if (fault != SPNEGO_RULE_NONE)
        return fault;
    return result == SPNEGO_MECH_COMPLETE ? SPNEGO_RULE_NONE : SPNEGO_RULE_MECH_FAILED;
}

void nego_mech_prepare(spnego_context *context, nego_slot *slot, const spnego_request *request)
{
    if (slot->excluded || slot->mech.ops->prepare == NULL)
        return;
    context->inside = NEGO_IN_MECH;
    slot->mech.ops->prepare(slot->mech.self, request);
    context->inside = NEGO_CALM;
}

int nego_mech_available(spnego_context *context, nego_slot *slot)
{
    const spnego_mech *mech = &slot->mech;
    int available;

    if (mech->ops->available == NULL)
        return 1;
    (void)begin(context, slot, NULL);
    available = mech->ops->available(mech->self) != 0;
    context->inside = NEGO_BUSY;
    return available;
}

uint32_t nego_mech_query(spnego_context *context, nego_slot *slot)
{
    uint32_t flags;

    context->inside = NEGO_IN_MECH;
    flags = slot->mech.ops->query(slot->mech.self);
    context->inside = NEGO_BUSY;
    return flags;
}

/* RFC 7546 3.2: a mechanism that goes on has something to say, if only the empty token that some
 * have.  So has an initiator's first step. */
static spnego_rule check_token(spnego_context *context, nego_slot *slot, int first)
{
    if (context->token.len != 0)
        return SPNEGO_RULE_NONE;
    if (context->mech_result == SPNEGO_MECH_COMPLETE &&
        !(first && context->role == SPNEGO_INITIATOR))
        return SPNEGO_RULE_NONE;
    if (!(nego_mech_query(context, slot) & SPNEGO_FLAG_EMPTY_TOKENS))
        return SPNEGO_RULE_MECH_SAYS_NOTHING;
    context->says_empty = 1;
    return SPNEGO_RULE_NONE;
}

static spnego_rule judge(spnego_context *context, nego_slot *slot, const spnego_sink *sink,
                         spnego_mech_result result, int first)
{
    spnego_rule fault = end(context, sink);

    context->mech_result = result;
    if (fault != SPNEGO_RULE_NONE)
        return fault;
    switch (result) {
    case SPNEGO_MECH_COMPLETE:
    case SPNEGO_MECH_CONTINUE:
        fault = check_token(context, slot, first);
        if (fault == SPNEGO_RULE_NONE && result == SPNEGO_MECH_COMPLETE) {
            context->mech_complete = 1;
            context->flags = nego_mech_query(context, slot);
        }
        return fault;
    case SPNEGO_MECH_PENDING:
        if (slot->mech.ops->resume == NULL || context->token.len != 0)
            return SPNEGO_RULE_MECH_CANNOT_PEND;
        return SPNEGO_RULE_NONE;
    case SPNEGO_MECH_UNAVAILABLE:
        return first ? SPNEGO_RULE_NONE : SPNEGO_RULE_MECH_RESULT_UNKNOWN;
    case SPNEGO_MECH_FAILED:
        return SPNEGO_RULE_MECH_FAILED;
    }
    return SPNEGO_RULE_MECH_RESULT_UNKNOWN;
}

spnego_rule nego_mech_step(spnego_context *context, nego_slot *slot, spnego_bytes in)
{
    const int first = !slot->begun;
    const spnego_mech *mech = &slot->mech;
    spnego_mech_result result;
    spnego_sink sink;

    if (context->mic_required)
        nego_mech_expect(context, slot);
    sink = begin(context, slot, &context->token);
    slot->begun = 1;
    result = mech->ops->step(mech->self, &sink, &context->mech_code, in);
    /* A resumed step is still the first if the step that paused was. */
    context->paused_first = (uint8_t)first;
    return judge(context, slot, &sink, result, first);
}

spnego_rule nego_mech_resume(spnego_context *context, nego_slot *slot)
{
    const spnego_mech *mech = &slot->mech;
    spnego_sink sink = begin(context, slot, &context->token);

    return judge(context, slot, &sink, mech->ops->resume(mech->self, &sink, &context->mech_code),
                 context->paused_first);
}

static spnego_rule tell_mic_done(spnego_context *context, int verified)
{
    const spnego_mech *mech = &context->chosen->mech;
    spnego_sink sink;

    if (mech->ops->mic_done == NULL)
        return SPNEGO_RULE_NONE;
    sink = begin(context, context->chosen, NULL);
    mech->ops->mic_done(mech->self, verified);
    return end(context, &sink);
}

/* RFC 4178 5(a): the MIC covers the list as it was sent, its SEQUENCE header included. */
spnego_rule nego_mech_sign(spnego_context *context)
{
    const spnego_mech *mech = &context->chosen->mech;
    spnego_mech_result result;
    spnego_sink sink;
    spnego_rule fault;

    if (mech->ops->get_mic == NULL)
        return SPNEGO_RULE_MECH_NEEDS_MIC_IT_LACKS;
    sink = begin(context, context->chosen, &context->mic);
    result = mech->ops->get_mic(mech->self, &sink, &context->mech_code,
                                nego_buffer_view(&context->list));
    fault = end(context, &sink);
    if (fault != SPNEGO_RULE_NONE)
        return fault;
    if (result != SPNEGO_MECH_COMPLETE || context->mic.len == 0)
        return SPNEGO_RULE_MECH_MIC_FAILED;
    context->mic_sent = 1;
    return tell_mic_done(context, 0);
}

spnego_rule nego_mech_verify(spnego_context *context, spnego_bytes mic)
{
    const spnego_mech *mech = &context->chosen->mech;
    spnego_mech_result result;
    spnego_sink sink;
    spnego_rule fault;

    if (mech->ops->verify_mic == NULL)
        return SPNEGO_RULE_MECH_NEEDS_MIC_IT_LACKS;
    sink = begin(context, context->chosen, NULL);
    result = mech->ops->verify_mic(mech->self, &context->mech_code,
                                   nego_buffer_view(&context->list), mic);
    fault = end(context, &sink);
    if (fault != SPNEGO_RULE_NONE)
        return fault;
    if (result != SPNEGO_MECH_COMPLETE)
        return SPNEGO_RULE_MIC_WRONG;
    context->mic_verified = 1;
    return tell_mic_done(context, 1);
}

void nego_mech_expect(spnego_context *context, nego_slot *slot)
{
    const spnego_mech *mech = &slot->mech;

    if (slot->expected || mech->ops->mic_expected == NULL)
        return;
    slot->expected = 1;
    context->inside = NEGO_IN_MECH;
    mech->ops->mic_expected(mech->self);
    context->inside = NEGO_BUSY;
}

void nego_mech_abandon(spnego_context *context, nego_slot *slot)
{
    const spnego_mech *mech = &slot->mech;

    if (slot->gone)
        return;
    slot->gone = 1;
    if (!slot->begun)
        return;
    nego_emit_mech(context, SPNEGO_EVENT_MECH_ABANDONED, slot, mech->ops->oid);
    if (mech->ops->abandon == NULL)
        return;
    context->inside = NEGO_IN_MECH;
    mech->ops->abandon(mech->self);
    context->inside = NEGO_BUSY;
}

spnego_rule nego_mech_export(spnego_context *context, nego_slot *slot)
{
    const spnego_mech *mech = &slot->mech;
    spnego_mech_result result;
    spnego_sink sink;

    if (mech->ops->export_state == NULL)
        return SPNEGO_RULE_MECH_CANNOT_MOVE;
    sink = begin(context, slot, &context->token);
    result = mech->ops->export_state(mech->self, &sink);
    return end_aside(context, &sink, result);
}

int nego_mech_import(spnego_context *context, nego_slot *slot, spnego_bytes state)
{
    const spnego_mech *mech = &slot->mech;
    spnego_mech_result result;
    spnego_sink sink;

    if (mech->ops->import_state == NULL)
        return 0;
    sink = begin(context, slot, NULL);
    result = mech->ops->import_state(mech->self, state);
    return end(context, &sink) == SPNEGO_RULE_NONE && result == SPNEGO_MECH_COMPLETE;
}

spnego_rule nego_mech_data(spnego_context *context, int wrap, int *conf, spnego_bytes message)
{
    const spnego_mech *mech = &context->chosen->mech;
    /* Not both into one: what was unwrapped may be what is wrapped next. */
    spnego_sink sink = begin(context, context->chosen, wrap ? &context->out : &context->token);
    spnego_mech_result result;

    if (wrap)
        result = mech->ops->wrap(mech->self, &sink, &context->mech_code, message, *conf);
    else
        result = mech->ops->unwrap(mech->self, &sink, &context->mech_code, conf, message);
    return end_aside(context, &sink, result);
}

int nego_mech_acceptable(spnego_context *context, const nego_slot *slot, spnego_bytes mech_types)
{
    return context->host.acceptable == NULL ||
           context->host.acceptable(context->host.user, &slot->mech, mech_types) != 0;
}

int nego_same_mech(spnego_bytes a, spnego_bytes b)
{
    return bytes_equal(a, b) || (spnego_oid_is_krb5(a) && spnego_oid_is_krb5(b));
}
