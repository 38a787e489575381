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

/* Whatever the observer does with the context meanwhile is refused, and nothing follows from it. */
static void report(spnego_context *context, const spnego_event *event)
{
    const uint8_t inside = context->inside;

    context->inside = NEGO_IN_EVENT;
    context->host.on_event(context->host.user, event);
    context->inside = inside;
}

void nego_emit(spnego_context *context, spnego_event_type type, const char *text,
               spnego_bytes bytes, size_t offset)
{
    spnego_event event;

    if (context->host.on_event == NULL)
        return;
    event = blank(context, type);
    event.text = text;
    event.bytes = bytes;
    event.offset = offset;
    report(context, &event);
}

void nego_emit_mech(spnego_context *context, spnego_event_type type, const nego_slot *slot,
                    spnego_bytes oid)
{
    nego_emit(context, type, slot->mech.ops->name, oid, SPNEGO_NO_OFFSET);
}

void nego_emit_quirk(spnego_context *context, uint32_t quirk, const char *name, size_t offset)
{
    spnego_event event;

    if (context->host.on_event == NULL)
        return;
    event = blank(context, SPNEGO_EVENT_QUIRK);
    event.text = name;
    event.quirk = quirk;
    event.offset = offset;
    report(context, &event);
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
