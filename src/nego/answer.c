#include "nego/answer.h"

#include "base/bytes.h"
#include "nego/event.h"
#include "nego/mech.h"

#include <string.h>

/* MS-SPNG 3.2.5.2 */
static const char fixed_hint[] = "not_defined_in_RFC4178@please_ignore";

/* More than all headers of a token and an OID can take: eight elements, five octets of length each,
 * and the fixed hint. */
enum { OVERHEAD = 160 };

/* RFC 7546 3.1: nothing leaves that could tell who this is, unless the mechanism says that it does
 * not. */
int nego_may_send(spnego_context *context)
{
    return !(context->required_flags & SPNEGO_FLAG_ANON) || context->chosen == NULL ||
           !context->chosen->begun ||
           (nego_mech_query(context, context->chosen) & SPNEGO_FLAG_ANON);
}

static spnego_rule write_token(spnego_context *context, const spnego_token *token)
{
    const size_t room = OVERHEAD + token->mech_types.len + token->mech_token.len +
                        token->response_token.len + token->supported_mech.len +
                        token->mech_list_mic.len;
    spnego_bytes der;
    spnego_rule rule;

    if (!nego_may_send(context))
        return SPNEGO_RULE_POLICY_NOT_ANONYMOUS;
    nego_buffer_clear(&context->out);
    if (!nego_buffer_room(&context->out, &context->host, room))
        return SPNEGO_RULE_MEMORY_EXHAUSTED;
    rule = spnego_token_encode(&der, context->out.data, room, token);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    context->out.len = room; /* the token lies at its end */
    context->rest = der;
    return SPNEGO_RULE_NONE;
}

static spnego_token blank(spnego_token_type type)
{
    spnego_token token;

    memset(&token, 0, sizeof token);
    token.type = type;
    token.framed = type != SPNEGO_NEG_TOKEN_RESP;
    return token;
}

/* What the mechanism says to its peer, be it the empty token. */
static spnego_bytes mech_token(const spnego_context *context)
{
    spnego_bytes token = nego_buffer_view(&context->token);

    if (context->says_empty)
        token.data = context->token.data;
    return token;
}

spnego_rule nego_answer_init(spnego_context *context)
{
    spnego_token token = blank(SPNEGO_NEG_TOKEN_INIT);

    token.mech_types = nego_buffer_view(&context->list);
    token.mech_token = mech_token(context);
    if (context->mic_sent)
        token.mech_list_mic = nego_buffer_view(&context->mic);
    return write_token(context, &token);
}

spnego_rule nego_answer_hints(spnego_context *context)
{
    spnego_token token = blank(SPNEGO_NEG_TOKEN_INIT2);
    const spnego_bytes hint = {(const uint8_t *)fixed_hint, sizeof fixed_hint - 1};

    token.mech_types = nego_buffer_view(&context->list);
    token.neg_hints = hint;
    token.hint_name = hint;
    return write_token(context, &token);
}

spnego_rule nego_answer_resp(spnego_context *context, int neg_state, int with_oid, int with_mic)
{
    spnego_token token = blank(SPNEGO_NEG_TOKEN_RESP);

    token.has_neg_state = 1;
    token.neg_state = neg_state;
    if (with_oid)
        token.supported_mech = context->oid;
    token.response_token = mech_token(context);
    if (with_mic)
        token.mech_list_mic = nego_buffer_view(&context->mic);
    return write_token(context, &token);
}

void nego_answer_reject(spnego_context *context, int with_token)
{
    if (with_token && nego_answer_resp(context, SPNEGO_REJECT, 0, 0) == SPNEGO_RULE_NONE)
        return;
    nego_buffer_clear(&context->token);
    context->says_empty = 0;
    /* It fits into the storage that every context has. */
    if (nego_answer_resp(context, SPNEGO_REJECT, 0, 0) != SPNEGO_RULE_NONE)
        context->rest = bytes_absent();
}

spnego_rule nego_write_list(spnego_context *context, nego_listed listed)
{
    spnego_bytes oids[NEGO_MAX_OIDS];
    size_t num_oids = 0;
    size_t len = 0;
    spnego_bytes der;
    spnego_rule rule;
    size_t i = listed == NEGO_LIST_ALL ? 0 : (size_t)(context->chosen - context->slots);

    for (; i < context->num_slots; i++) {
        nego_slot *slot = &context->slots[i];

        /* RFC 4178 3.1: nothing is offered for which there is no credential. */
        if (slot->excluded || slot->gone ||
            (slot != context->chosen && !nego_mech_available(context, slot)))
            continue;
        oids[num_oids++] = slot->mech.ops->oid;
    }
    if (num_oids == 0)
        return SPNEGO_RULE_MECH_LIST_EMPTY;
    if (context->role == SPNEGO_INITIATOR)
        for (i = 0; i < context->num_attributes; i++)
            oids[num_oids++] = context->attributes[i];
    for (i = 0; i < num_oids; i++)
        len += 2 + oids[i].len;
    len += len < 128 ? 2 : len < 256 ? 3 : 4;

    nego_buffer_clear(&context->list);
    if (!nego_buffer_room(&context->list, &context->host, len))
        return SPNEGO_RULE_MEMORY_EXHAUSTED;
    rule = spnego_mech_types_encode(&der, context->list.data, len, oids, num_oids);
    context->list.len = der.len;
    return rule;
}

void nego_facts_of(nego_facts *facts, const spnego_context *context)
{
    facts->first_reply = !context->replied;
    facts->complete = context->mech_complete;
    facts->has_token = context->token.len != 0 || context->says_empty;
    facts->integrity = (context->flags & SPNEGO_FLAG_INTEG) != 0;
    facts->required = context->mic_required;
    facts->sent = context->mic_sent;
    facts->verified = context->mic_verified;
    facts->asks = context->asks;
    facts->unprotected = context->unprotected;
    facts->neg_state = context->received.neg_state;
    facts->quirks = context->quirks;
}

/* A constant-time comparison is not needed: both MICs have been on the wire. */
static int is_own_mic(const spnego_context *context, spnego_bytes mic)
{
    return context->mic_sent && bytes_equal(mic, nego_buffer_view(&context->mic));
}

spnego_rule nego_check_complete(spnego_context *context)
{
    if (!context->mech_complete)
        return SPNEGO_RULE_NONE;
    /* RFC 7546 4: before anything is said that the application could take for success. */
    if ((context->flags & context->required_flags) != context->required_flags)
        return SPNEGO_RULE_POLICY_FLAGS_MISSING;
    if (context->flags & SPNEGO_FLAG_INTEG) {
        if (context->flags & SPNEGO_FLAG_NEEDS_MIC)
            nego_require_mic(context, "the mechanism demands it");
        return SPNEGO_RULE_NONE;
    }
    if (context->options & SPNEGO_OPTION_REQUIRE_MIC)
        return SPNEGO_RULE_POLICY_MIC_IMPOSSIBLE;
    if (context->flags & SPNEGO_FLAG_NEEDS_MIC)
        return SPNEGO_RULE_MECH_NEEDS_MIC_IT_LACKS;
    return SPNEGO_RULE_NONE;
}

spnego_rule nego_take_mic(spnego_context *context)
{
    const spnego_bytes mic = context->received.mic;
    nego_facts facts;
    spnego_rule rule;

    if (mic.data == NULL)
        return SPNEGO_RULE_NONE;
    nego_facts_of(&facts, context);
    rule = nego_mic_allowed(&facts);
    if (rule == SPNEGO_RULE_NONE && is_own_mic(context, mic))
        rule = SPNEGO_RULE_MIC_REFLECTED;
    if (rule == SPNEGO_RULE_NONE)
        rule = nego_mech_verify(context, mic);
    if (rule != SPNEGO_RULE_NONE)
        return nego_refuse(context, rule, SPNEGO_FIELD_MECH_LIST_MIC);
    /* Where it lies is looked for only if someone wants to know. */
    if (context->host.on_event != NULL)
        nego_emit(context, SPNEGO_EVENT_MIC_VERIFIED, NULL, mic,
                  nego_offset_of(context, SPNEGO_FIELD_MECH_LIST_MIC));
    /* RFC 4178 5(b)I, 5(c)I: whoever gets a MIC answers with one. */
    nego_require_mic(context, "the peer sent one");
    return SPNEGO_RULE_NONE;
}

spnego_rule nego_sign(spnego_context *context)
{
    const spnego_rule rule = nego_mech_sign(context);

    if (rule == SPNEGO_RULE_NONE)
        nego_emit(context, SPNEGO_EVENT_MIC_SENT, NULL, nego_buffer_view(&context->mic),
                  SPNEGO_NO_OFFSET);
    return rule;
}

spnego_rule nego_answer_verdict(spnego_context *context, const nego_verdict *verdict, int with_oid,
                                nego_state next)
{
    spnego_rule rule = verdict->rule;

    if (rule != SPNEGO_RULE_NONE)
        return nego_refuse(context, rule, verdict->field);
    if (verdict->quirk != 0)
        (void)nego_quirk(context, verdict->quirk, SPNEGO_FIELD_NEG_STATE);
    if (verdict->send_mic)
        rule = nego_sign(context);
    if (rule == SPNEGO_RULE_NONE && verdict->send)
        rule = nego_answer_resp(context, verdict->neg_state, with_oid, verdict->send_mic);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    context->replied = 1;
    context->verdict = verdict->complete ? SPNEGO_COMPLETE : SPNEGO_CONTINUE;
    nego_enter(context, verdict->complete ? NEGO_COMPLETE : next);
    return SPNEGO_RULE_NONE;
}
