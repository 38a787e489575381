#include "nego/context.h"

#include "base/bytes.h"
#include "der/oid.h"
#include "nego/event.h"
#include "nego/mech.h"

#include <spnego/oid.h>

#include <string.h>

#define ALL_OPTIONS \
    (SPNEGO_OPTION_NO_OPTIMISTIC_TOKEN | SPNEGO_OPTION_OWN_ORDER | SPNEGO_OPTION_REQUIRE_MIC | \
     SPNEGO_OPTION_NO_FALLBACK | SPNEGO_OPTION_TRY_NEXT_MECH | SPNEGO_OPTION_TAKE_FRAGMENTS | \
     SPNEGO_OPTION_NO_INTEG | ANY_BARE)
#define ANY_BARE (SPNEGO_OPTION_BARE | SPNEGO_OPTION_TAKE_BARE)

/* ---- Configuration ------------------------------------------------------------------------- */

void spnego_config_init(spnego_config *config, size_t struct_size, spnego_role role)
{
    memset(config, 0, struct_size);
    config->struct_size = struct_size;
    config->role = role;
    config->quirks = SPNEGO_QUIRKS_INTEROPERABLE;
    config->tolerate = SPNEGO_TOLERATE_INTEROPERABLE;
}

void spnego_config_strict(spnego_config *config)
{
    config->quirks = SPNEGO_QUIRKS_STRICT;
    config->tolerate = SPNEGO_TOLERATE_NOTHING;
}

/* OIDs shorter than 128 octets, so that their length is one octet wherever they are written. */
static int good_oids(const spnego_bytes *oids, size_t num_oids)
{
    if (num_oids != 0 && oids == NULL)
        return 0;
    for (size_t i = 0; i < num_oids; i++)
        if (oids[i].data == NULL || oids[i].len > 127 || oid_check(oids[i]) != SPNEGO_RULE_NONE)
            return 0;
    return 1;
}

static int contains(const spnego_bytes *oids, size_t num_oids, spnego_bytes oid)
{
    for (size_t i = 0; i < num_oids; i++)
        if (bytes_equal(oids[i], oid))
            return 1;
    return 0;
}

static int good_ops(const spnego_mech_ops *ops)
{
    return ops != NULL && ops->struct_size == sizeof *ops && ops->name != NULL &&
           ops->step != NULL && ops->query != NULL && good_oids(&ops->oid, 1) &&
           !oid_is_spnego(ops->oid);
}

static int good_mechs(const spnego_config *config)
{
    if ((config->num_mechs != 0 && config->mechs == NULL) || config->num_mechs > NEGO_MAX_OIDS ||
        config->num_attributes > NEGO_MAX_OIDS ||
        config->num_mechs + config->num_attributes > NEGO_MAX_OIDS)
        return 0;
    for (size_t i = 0; i < config->num_mechs; i++) {
        if (!good_ops(config->mechs[i].ops) ||
            !good_oids(config->mechs[i].attributes, config->mechs[i].num_attributes))
            return 0;
        for (size_t k = 0; k < i; k++)
            if (bytes_equal(config->mechs[i].ops->oid, config->mechs[k].ops->oid))
                return 0;
    }
    return 1;
}

/* Neither MICs nor the lengths that fragments go by are there without SPNEGO. */
static int good_options(const spnego_config *config)
{
    if ((config->options & ~ALL_OPTIONS) != 0)
        return 0;
    return !(config->options & ANY_BARE) ||
           (config->max_fragment == 0 &&
            !(config->options & (SPNEGO_OPTION_REQUIRE_MIC | SPNEGO_OPTION_TAKE_FRAGMENTS)));
}

static int good_config(const spnego_config *config)
{
    return config->struct_size == sizeof *config &&
           (config->role == SPNEGO_INITIATOR || config->role == SPNEGO_ACCEPTOR) &&
           good_mechs(config) && good_oids(config->allow, config->num_allow) &&
           good_oids(config->deny, config->num_deny) &&
           good_oids(config->attributes, config->num_attributes) &&
           !contains(config->attributes, config->num_attributes,
                     spnego_oid_contents(SPNEGO_OID_SPNEGO)) &&
           (config->alloc == NULL) == (config->dealloc == NULL) &&
           (config->max_fragment == 0 || config->max_fragment >= 5) && good_options(config) &&
           (config->quirks & ~SPNEGO_QUIRKS_INTEROPERABLE) == 0 &&
           (config->tolerate & ~SPNEGO_TOLERATE_ALL) == 0;
}

static int permitted(const spnego_config *config, spnego_bytes oid)
{
    return (config->num_allow == 0 || contains(config->allow, config->num_allow, oid)) &&
           !contains(config->deny, config->num_deny, oid);
}

/* ---- Making and unmaking ------------------------------------------------------------------- */

static size_t or_default(size_t value, size_t otherwise)
{
    return value != 0 ? value : otherwise;
}

static void fill(spnego_context *context, const spnego_config *config)
{
    context->role = config->role;
    context->options = config->options;
    context->bare = (config->options & SPNEGO_OPTION_BARE) != 0;
    context->quirks = config->quirks;
    context->tolerate = config->tolerate;
    context->required_flags = config->required_flags;
    context->limits.max_token = or_default(config->limits.max_token, 65536);
    context->limits.max_mechs = or_default(config->limits.max_mechs, 32);
    context->limits.max_steps = or_default(config->limits.max_steps, 16);
    context->max_fragment = config->max_fragment;
    context->attributes = config->attributes;
    context->num_attributes = config->num_attributes;
    context->state = config->role == SPNEGO_INITIATOR ? NEGO_START : NEGO_INIT;
    context->received.neg_state = NEGO_NO_STATE;
    context->error.offset = SPNEGO_NO_OFFSET;
    nego_buffer_init(&context->list, context->own_list, sizeof context->own_list);
    nego_buffer_init(&context->token, context->own_token, sizeof context->own_token);
    nego_buffer_init(&context->mic, context->own_mic, sizeof context->own_mic);
    nego_buffer_init(&context->out, context->own_out, sizeof context->own_out);
    nego_buffer_init(&context->kept, NULL, 0);
    nego_buffer_init(&context->held_mic, NULL, 0);
}

static size_t fill_slots(spnego_context *context, const spnego_config *config)
{
    size_t num_left = 0;

    context->num_slots = config->num_mechs;
    for (size_t i = 0; i < config->num_mechs; i++) {
        nego_slot *slot = &context->slots[i];

        memset(slot, 0, sizeof *slot);
        slot->mech = config->mechs[i];
        slot->excluded = !permitted(config, slot->mech.ops->oid);
        num_left += !slot->excluded;
    }
    return num_left;
}

/* The context and the slots behind it are one block. num_mechs is at most NEGO_MAX_OIDS: no
 * overflow. */
static size_t size_of_context(size_t num_mechs)
{
    return sizeof(spnego_context) + num_mechs * sizeof(nego_slot);
}

static void release(spnego_context *context, const nego_host *host)
{
    nego_wipe(context, size_of_context(context->num_slots));
    nego_host_free(host, context);
}

static void prepare(spnego_context *context, const spnego_config *config)
{
    spnego_request request;

    if (config->request == NULL)
        return;
    request = *config->request;
    /* RFC 4178 3: whatever the caller wants, the MICs over the list need it. */
    if (config->role == SPNEGO_INITIATOR &&
        !(config->options & (SPNEGO_OPTION_BARE | SPNEGO_OPTION_NO_INTEG)))
        request.flags |= SPNEGO_FLAG_INTEG;
    for (size_t i = 0; i < context->num_slots; i++)
        nego_mech_prepare(context, &context->slots[i], &request);
}

static spnego_rule create(spnego_context **out_context, const spnego_config *config)
{
    nego_host host = {NULL, NULL, NULL, NULL, NULL};
    spnego_context *context;
    size_t num_left;

    *out_context = NULL;
    if (!good_config(config))
        return SPNEGO_RULE_CALL_BAD_ARGUMENT;
    host.user = config->user;
    host.alloc = config->alloc;
    host.dealloc = config->dealloc;
    host.on_event = config->on_event;
    host.acceptable = config->acceptable;
    context = nego_host_alloc(&host, size_of_context(config->num_mechs));
    if (context == NULL)
        return SPNEGO_RULE_MEMORY_EXHAUSTED;
    memset(context, 0, sizeof *context);
    context->host = host;
    context->slots = (nego_slot *)(void *)(context + 1);
    fill(context, config);
    num_left = fill_slots(context, config);
    if (num_left == 0) {
        release(context, &host);
        return SPNEGO_RULE_MECH_LIST_EMPTY;
    }
    prepare(context, config);
    *out_context = context;
    return SPNEGO_RULE_NONE;
}

spnego_status spnego_context_create(spnego_context **out_context, spnego_error *out_error,
                                    const spnego_config *config)
{
    const spnego_rule rule = create(out_context, config);

    if (out_error != NULL) {
        memset(out_error, 0, sizeof *out_error);
        out_error->status = nego_status_of(rule);
        out_error->rule = rule;
        out_error->offset = SPNEGO_NO_OFFSET;
    }
    return nego_status_of(rule);
}

void spnego_context_destroy(spnego_context *context)
{
    nego_host host;

    if (context == NULL)
        return;
    if (context->inside != NEGO_CALM) {
        /* The step it is called from still works with it. */
        (void)nego_decline(context, SPNEGO_RULE_CALL_REENTERED);
        return;
    }
    context->inside = NEGO_BUSY;
    /* What the peer has not wholly been sent does not hold. */
    if ((context->state != NEGO_COMPLETE || context->held_back) && context->state != NEGO_SPENT)
        nego_abandon_all(context);
    host = context->host;
    nego_buffer_free(&context->list, &host);
    nego_buffer_free(&context->token, &host);
    nego_buffer_free(&context->mic, &host);
    nego_buffer_free(&context->out, &host);
    nego_buffer_free(&context->kept, &host);
    nego_buffer_free(&context->held_mic, &host);
    release(context, &host);
}

/* ---- What it says of itself ---------------------------------------------------------------- */

const spnego_error *spnego_context_error(const spnego_context *context)
{
    return &context->error;
}

const char *spnego_context_state(const spnego_context *context)
{
    return nego_state_name(context->state);
}

const char *nego_state_name(nego_state state)
{
    static const char *const names[] = {"start", "init",     "first-reply", "token",
                                        "mic",   "complete", "failed",      "exported"};

    return names[state];
}

int spnego_context_info(const spnego_context *context, spnego_info *out_info)
{
    memset(out_info, 0, sizeof *out_info);
    if (context->state != NEGO_COMPLETE || context->held_back)
        return 0;
    out_info->mech = &context->chosen->mech;
    out_info->oid = context->oid;
    if (!context->bare)
        out_info->mech_types = nego_buffer_view(&context->list);
    out_info->bare = context->bare;
    out_info->first_choice = context->first_choice;
    out_info->mics_exchanged = context->mic_sent && context->mic_verified;
    out_info->flags = context->flags;
    out_info->quirks = context->used_quirks;
    out_info->tolerated = context->tolerated;
    out_info->num_steps = (unsigned)context->num_steps;
    return 1;
}

void nego_enter(spnego_context *context, nego_state state)
{
    if (context->state == state)
        return;
    context->state = state;
    nego_emit(context, SPNEGO_EVENT_STATE, NULL, bytes_absent(), SPNEGO_NO_OFFSET);
}

/* ---- RFC 4178, Appendix B ------------------------------------------------------------------ */

/* Moves the slot at `from` to `to`, those between one further. */
static void move_slot(nego_slot *slots, size_t from, size_t to)
{
    const nego_slot slot = slots[from];

    for (size_t i = from; i > to; i--)
        slots[i] = slots[i - 1];
    slots[to] = slot;
}

/* Whether any of the OIDs can be negotiated here. */
static int any_left(const spnego_context *context, const spnego_bytes *oids, size_t num_oids)
{
    for (size_t i = 0; i < context->num_slots; i++)
        if (!context->slots[i].excluded &&
            contains(oids, num_oids, context->slots[i].mech.ops->oid))
            return 1;
    return 0;
}

spnego_rule nego_set_neg_mechs(spnego_context *context, const spnego_bytes *oids, size_t num_oids)
{
    size_t placed = 0;

    if (!good_oids(oids, num_oids) ||
        contains(oids, num_oids, spnego_oid_contents(SPNEGO_OID_SPNEGO)))
        return SPNEGO_RULE_CALL_BAD_ARGUMENT;
    if (!any_left(context, oids, num_oids))
        return SPNEGO_RULE_MECH_LIST_EMPTY;
    for (size_t i = 0; i < num_oids; i++)
        for (size_t k = placed; k < context->num_slots; k++)
            if (bytes_equal(context->slots[k].mech.ops->oid, oids[i])) {
                move_slot(context->slots, k, placed++);
                break;
            }
    for (; placed < context->num_slots; placed++)
        context->slots[placed].excluded = 1;
    return SPNEGO_RULE_NONE;
}

spnego_status spnego_context_set_neg_mechs(spnego_context *context, const spnego_bytes *oids,
                                           size_t num_oids)
{
    spnego_rule rule = SPNEGO_RULE_CALL_OUT_OF_TURN;

    if (context->inside != NEGO_CALM)
        rule = SPNEGO_RULE_CALL_REENTERED;
    else if (context->num_steps == 0 && context->state <= NEGO_INIT && context->kept.len == 0)
        rule = nego_set_neg_mechs(context, oids, num_oids);
    return rule == SPNEGO_RULE_NONE ? SPNEGO_COMPLETE : nego_decline(context, rule);
}

size_t spnego_context_get_neg_mechs(const spnego_context *context, spnego_bytes *out_oids,
                                    size_t max_oids)
{
    size_t num_oids = 0;

    for (size_t i = 0; i < context->num_slots; i++) {
        if (context->slots[i].excluded)
            continue;
        if (num_oids < max_oids)
            out_oids[num_oids] = context->slots[i].mech.ops->oid;
        num_oids++;
    }
    return num_oids;
}

/* ---- Data ---------------------------------------------------------------------------------- */

/* Why the call cannot be made, or SPNEGO_RULE_NONE. */
static spnego_rule check_data_call(const spnego_context *context, int wrap, spnego_bytes message)
{
    const spnego_mech_ops *ops;

    if (context->inside != NEGO_CALM)
        return SPNEGO_RULE_CALL_REENTERED;
    if (context->state != NEGO_COMPLETE || context->held_back)
        return SPNEGO_RULE_CALL_OUT_OF_TURN;
    ops = context->chosen->mech.ops;
    if ((message.data == NULL && message.len != 0) ||
        (wrap ? ops->wrap == NULL : ops->unwrap == NULL))
        return SPNEGO_RULE_CALL_BAD_ARGUMENT;
    return SPNEGO_RULE_NONE;
}

static spnego_rule pass_to_mech(spnego_context *context, int wrap, int *conf, spnego_bytes message)
{
    spnego_rule rule;

    context->inside = NEGO_BUSY;
    rule = nego_mech_data(context, wrap, conf, message);
    context->inside = NEGO_CALM;
    return rule;
}

/* asked: the mechanism was, so that it is its failure. */
static void fill_data_error(spnego_error *out_error, const spnego_context *context,
                            spnego_rule rule, int asked)
{
    if (out_error == NULL)
        return;
    memset(out_error, 0, sizeof *out_error);
    out_error->offset = SPNEGO_NO_OFFSET;
    out_error->status = nego_status_of(rule);
    out_error->rule = rule;
    if (rule != SPNEGO_RULE_NONE && asked) {
        out_error->mech = context->mech_at_fault;
        out_error->mech_code = context->mech_code;
    }
}

static spnego_status pass_data(spnego_context *context, spnego_bytes *out, spnego_error *out_error,
                               int wrap, int *conf, spnego_bytes message)
{
    spnego_rule rule = check_data_call(context, wrap, message);
    const int asked = rule == SPNEGO_RULE_NONE;
    const nego_buffer *const written = wrap ? &context->out : &context->token;

    *out = bytes_absent();
    if (asked)
        rule = pass_to_mech(context, wrap, conf, message);
    else if (rule == SPNEGO_RULE_CALL_REENTERED)
        (void)nego_decline(context, rule);
    fill_data_error(out_error, context, rule, asked);
    if (rule != SPNEGO_RULE_NONE)
        return nego_status_of(rule);
    out->data = written->data;
    out->len = written->len;
    return SPNEGO_COMPLETE;
}

spnego_status spnego_context_wrap(spnego_context *context, spnego_bytes *out,
                                  spnego_error *out_error, spnego_bytes message, int conf)
{
    return pass_data(context, out, out_error, 1, &conf, message);
}

spnego_status spnego_context_unwrap(spnego_context *context, spnego_bytes *out,
                                    spnego_error *out_error, int *out_conf, spnego_bytes message)
{
    *out_conf = 0;
    return pass_data(context, out, out_error, 0, out_conf, message);
}
