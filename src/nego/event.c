#include "nego/event.h"

#include "base/bytes.h"

#include <string.h>

static spnego_event blank(const spnego_context *context, spnego_event_type type)
{
    spnego_event event;

    memset(&event, 0, sizeof event);
    event.type = type;
    event.role = (int)context->role;
    event.step = (unsigned)context->num_steps;
    event.state = nego_state_name(context->state);
    event.offset = SPNEGO_NO_OFFSET;
    return event;
}

/* The context is busy: whatever the observer asks of it is refused, and nothing follows from that.
 */
static void report(spnego_context *context, const spnego_event *event)
{
    context->host.on_event(context->host.user, event);
}

static void emit(spnego_context *context, spnego_event_type type, const char *text,
                 spnego_bytes bytes, size_t offset, uint32_t quirk)
{
    spnego_event event;

    if (context->host.on_event == NULL)
        return;
    event = blank(context, type);
    event.text = text;
    event.bytes = bytes;
    event.offset = offset;
    event.quirk = quirk;
    report(context, &event);
}

void nego_emit(spnego_context *context, spnego_event_type type, const char *text,
               spnego_bytes bytes, size_t offset)
{
    emit(context, type, text, bytes, offset, 0);
}

void nego_emit_quirk(spnego_context *context, uint32_t quirk, const char *name, size_t offset)
{
    emit(context, SPNEGO_EVENT_QUIRK, name, bytes_absent(), offset, quirk);
}

static const char *text_of(spnego_bytes octets)
{
    static const char *const states[] = {"accept-completed", "accept-incomplete", "reject",
                                         "request-mic"};
    spnego_token token;

    if (spnego_token_decode(&token, NULL, octets, SPNEGO_TOLERATE_ALL) != SPNEGO_RULE_NONE)
        return NULL;
    if (token.type == SPNEGO_NEG_TOKEN_INIT)
        return "NegTokenInit";
    if (token.type == SPNEGO_NEG_TOKEN_INIT2)
        return "NegTokenInit2";
    if (!token.has_neg_state)
        return "NegTokenResp";
    return token.neg_state >= 0 && token.neg_state <= 3 ? states[token.neg_state] : NULL;
}

void nego_emit_token(spnego_context *context, spnego_event_type type, spnego_bytes octets)
{
    /* Read once more for the observer's sake alone. */
    if (context->host.on_event != NULL)
        nego_emit(context, type, text_of(octets), octets, SPNEGO_NO_OFFSET);
}

void nego_emit_mech(spnego_context *context, spnego_event_type type, const nego_slot *slot,
                    spnego_bytes oid)
{
    nego_emit(context, type, slot->mech.ops->name, oid, SPNEGO_NO_OFFSET);
}

void nego_emit_step(spnego_context *context, spnego_status status, spnego_rule rule, size_t out_len)
{
    spnego_event event;

    if (context->host.on_event == NULL)
        return;
    event = blank(context, SPNEGO_EVENT_STEP);
    event.text = context->chosen == NULL ? NULL : context->chosen->mech.ops->name;
    event.status = status;
    event.rule = rule;
    event.in_len = context->in_len;
    event.out_len = out_len;
    report(context, &event);
}
