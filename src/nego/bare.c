#include "nego/bare.h"

#include "base/bytes.h"
#include "nego/answer.h"
#include "nego/event.h"
#include "nego/mech.h"
#include "nego/receive.h"
#include "nego/select.h"
#include "token/sniff.h"

#include <spnego/oid.h>

static int is_spnego(spnego_bytes in)
{
    const spnego_kind kind = spnego_sniff(in);

    return kind == SPNEGO_KIND_SPNEGO_FRAMED || kind == SPNEGO_KIND_SPNEGO_INIT ||
           kind == SPNEGO_KIND_SPNEGO_RESP;
}

/* The mechanism that a first token names; absent where it names none. */
static spnego_bytes named_mech(spnego_bytes in)
{
    spnego_bytes oid, rest;

    switch (spnego_sniff(in)) {
    case SPNEGO_KIND_NTLMSSP:
        return spnego_oid_contents(SPNEGO_OID_NTLMSSP);
    case SPNEGO_KIND_KRB5:
    case SPNEGO_KIND_GSS_OTHER:
        return sniff_frame(&oid, &rest, in) ? oid : spnego_oid_contents(SPNEGO_OID_KRB5);
    default:
        return bytes_absent();
    }
}

int nego_is_bare(spnego_context *context, spnego_bytes in)
{
    if ((context->options & SPNEGO_OPTION_TAKE_BARE) && context->state == NEGO_INIT &&
        named_mech(in).data != NULL)
        context->bare = 1;
    return context->bare;
}

static nego_slot *first_slot(spnego_context *context)
{
    for (size_t i = 0; i < context->num_slots; i++)
        if (!context->slots[i].excluded)
            return &context->slots[i];
    return NULL;
}

/* An acceptor's mechanism: the one that is named.  A token that names none, as other mechanisms'
 * may look, is for the first. */
static spnego_rule find_mech(spnego_context *context, spnego_bytes in)
{
    const spnego_bytes oid = named_mech(in);

    if (is_spnego(in))
        return SPNEGO_RULE_BARE_TOKEN_EXPECTED;
    context->chosen = oid.data == NULL ? first_slot(context) : nego_find_slot(context, oid);
    if (context->chosen == NULL || !nego_mech_available(context, context->chosen) ||
        !nego_mech_acceptable(context, context->chosen, bytes_absent())) {
        context->chosen = NULL;
        return SPNEGO_RULE_NO_COMMON_MECH;
    }
    return SPNEGO_RULE_NONE;
}

/* What the mechanism wrote goes out as it is. */
static spnego_rule answer(spnego_context *context)
{
    const spnego_bytes token = nego_buffer_view(&context->token);

    /* RFC 7546 4 */
    if (context->mech_complete &&
        (context->flags & context->required_flags) != context->required_flags)
        return SPNEGO_RULE_POLICY_FLAGS_MISSING;
    if (!nego_may_send(context))
        return SPNEGO_RULE_POLICY_NOT_ANONYMOUS;
    context->rest = token.len != 0 ? token : bytes_absent();
    context->verdict = context->mech_complete ? SPNEGO_COMPLETE : SPNEGO_CONTINUE;
    nego_enter(context, context->mech_complete ? NEGO_COMPLETE : NEGO_TOKEN);
    return SPNEGO_RULE_NONE;
}

static spnego_rule go_on(spnego_context *context, spnego_rule rule)
{
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    if (context->mech_result == SPNEGO_MECH_UNAVAILABLE)
        return context->role == SPNEGO_INITIATOR ? SPNEGO_RULE_MECH_LIST_EMPTY
                                                 : SPNEGO_RULE_MECH_GONE;
    if (context->mech_result == SPNEGO_MECH_PENDING)
        return nego_wait(context, NEGO_PAUSED);
    return answer(context);
}

static spnego_rule start(spnego_context *context, spnego_bytes in)
{
    spnego_rule rule = SPNEGO_RULE_NONE;

    if (context->role == SPNEGO_ACCEPTOR) {
        if (in.len == 0)
            return SPNEGO_RULE_TOKEN_EMPTY;
        rule = find_mech(context, in);
    } else {
        /* The initiator speaks first. */
        if (in.len != 0)
            return SPNEGO_RULE_BARE_TOKEN_TOO_EARLY;
        context->chosen = first_slot(context);
        if (!nego_mech_available(context, context->chosen))
            rule = SPNEGO_RULE_MECH_LIST_EMPTY;
        in = bytes_absent();
    }
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    context->oid = context->chosen->mech.ops->oid;
    context->first_choice = 1;
    nego_emit_mech(context, SPNEGO_EVENT_MECH_SELECTED, context->chosen, context->oid);
    return go_on(context, nego_mech_step(context, context->chosen, in));
}

spnego_rule nego_bare_step(spnego_context *context, spnego_bytes in)
{
    static const uint8_t nothing = 0;

    if (context->state != NEGO_TOKEN)
        return start(context, in);
    /* An empty token must not look like the beginning of something new. */
    if (in.len == 0) {
        if (!(nego_mech_query(context, context->chosen) & SPNEGO_FLAG_EMPTY_TOKENS))
            return SPNEGO_RULE_TOKEN_EMPTY;
        in.data = &nothing;
    }
    return go_on(context, nego_mech_step(context, context->chosen, in));
}

spnego_rule nego_bare_resume(spnego_context *context)
{
    context->pause = NEGO_NOT_PAUSED;
    return go_on(context, nego_mech_resume(context, context->chosen));
}

void nego_bare_fail(spnego_context *context, spnego_rule rule)
{
    if (rule == SPNEGO_RULE_MECH_FAILED && context->token.len != 0 && nego_may_send(context))
        context->rest = nego_buffer_view(&context->token);
}
