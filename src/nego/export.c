/*
 * A context as octets.  All numbers are most significant octet first.
 *
 *   "SPNEGO" version role state flags(2) steps(4) mech flags(4) quirks(4) tolerated(4)
 *   six octet strings, each behind its length(4): the mechanisms that may be negotiated, in order,
 *   each OID behind its length(1); MechTypeList; OID as offered; OID of the mechanism; own MIC;
 * state of the mechanism checksum(8)
 */
#include "nego/context.h"
#include "nego/mech.h"
#include "nego/select.h"

#include "base/bytes.h"
#include "der/reader.h"
#include "token/mech_type_list.h"

#include <string.h>

enum { VERSION = 1, HEAD_LEN = 6 + 3 + 2 + 16, CHECKSUM_LEN = 8, NUM_STRINGS = 6 };

static const uint8_t magic[6] = {'S', 'P', 'N', 'E', 'G', 'O'};

/* Bits of the flags. */
enum {
    HAS_CHOSEN = 1,
    BEGUN = 2,
    MECH_COMPLETE = 4,
    FIRST_CHOICE = 8,
    ASKS = 16,
    UNPROTECTED = 32,
    REPLIED = 64,
    MIC_REQUIRED = 128,
    MIC_SENT = 256,
    MIC_VERIFIED = 512,
    HINTED = 1024,
    EXPECTED = 2048,
    ALL_FLAGS = 4095
};

/* FNV-1a.  Each step is a bijection of the sum, so no change of a single octet goes unseen; against
 * someone who means it, nothing without a key would help. */
static uint64_t checksum(spnego_bytes bytes)
{
    uint64_t sum = 0xcbf29ce484222325u;

    for (size_t i = 0; i < bytes.len; i++)
        sum = (sum ^ bytes.data[i]) * 0x100000001b3u;
    return sum;
}

/* ---- Writing ------------------------------------------------------------------------------- */

static int put_number(spnego_context *context, uint64_t value, size_t len)
{
    uint8_t octets[8];
    const spnego_bytes bytes = {octets, len};

    for (size_t i = 0; i < len; i++)
        octets[i] = (uint8_t)(value >> (8 * (len - 1 - i)));
    return nego_buffer_add(&context->out, &context->host, bytes);
}

static int put_string(spnego_context *context, spnego_bytes bytes)
{
    return put_number(context, bytes.len, 4) &&
           nego_buffer_add(&context->out, &context->host, bytes);
}

static unsigned flags_of(const spnego_context *context)
{
    unsigned flags = 0;

    if (context->chosen != NULL) {
        flags |= HAS_CHOSEN;
        flags |= context->chosen->begun ? BEGUN : 0u;
        flags |= context->chosen->expected ? EXPECTED : 0u;
    }
    flags |= context->mech_complete ? MECH_COMPLETE : 0u;
    flags |= context->first_choice ? FIRST_CHOICE : 0u;
    flags |= context->asks ? ASKS : 0u;
    flags |= context->unprotected ? UNPROTECTED : 0u;
    flags |= context->replied ? REPLIED : 0u;
    flags |= context->mic_required ? MIC_REQUIRED : 0u;
    flags |= context->mic_sent ? MIC_SENT : 0u;
    flags |= context->mic_verified ? MIC_VERIFIED : 0u;
    flags |= context->hinted ? HINTED : 0u;
    return flags;
}

/* What spnego_context_get_neg_mechs says. */
static int put_neg_mechs(spnego_context *context)
{
    size_t len = 0;

    for (size_t i = 0; i < context->num_slots; i++)
        if (!context->slots[i].excluded)
            len += 1 + context->slots[i].mech.ops->oid.len;
    if (!put_number(context, len, 4))
        return 0;
    for (size_t i = 0; i < context->num_slots; i++) {
        const spnego_bytes oid = context->slots[i].mech.ops->oid;

        if (!context->slots[i].excluded && (!put_number(context, oid.len, 1) ||
                                            !nego_buffer_add(&context->out, &context->host, oid)))
            return 0;
    }
    return 1;
}

static int put_context(spnego_context *context)
{
    const spnego_bytes head = {magic, sizeof magic};
    const spnego_bytes mech_oid =
        context->chosen != NULL ? context->chosen->mech.ops->oid : bytes_absent();

    nego_buffer_clear(&context->out);
    return nego_buffer_add(&context->out, &context->host, head) &&
           put_number(context, VERSION, 1) && put_number(context, (uint64_t)context->role, 1) &&
           put_number(context, (uint64_t)context->state, 1) &&
           put_number(context, flags_of(context), 2) &&
           put_number(context, context->num_steps, 4) && put_number(context, context->flags, 4) &&
           put_number(context, context->used_quirks, 4) &&
           put_number(context, context->tolerated, 4) && put_neg_mechs(context) &&
           put_string(context, nego_buffer_view(&context->list)) &&
           put_string(context, context->oid) && put_string(context, mech_oid) &&
           put_string(context, nego_buffer_view(&context->mic)) &&
           put_string(context, nego_buffer_view(&context->token)) &&
           put_number(context, checksum(nego_buffer_view(&context->out)), CHECKSUM_LEN);
}

static spnego_rule export_context(spnego_context *context)
{
    if (context->state == NEGO_FAILED || context->state == NEGO_SPENT ||
        context->pause != NEGO_NOT_PAUSED || context->held_back || context->kept.len != 0 ||
        context->bare)
        return SPNEGO_RULE_CALL_OUT_OF_TURN;
    nego_buffer_clear(&context->token);
    if (context->chosen != NULL && context->chosen->begun) {
        const spnego_rule rule = nego_mech_export(context, context->chosen);

        if (rule != SPNEGO_RULE_NONE)
            return rule;
    }
    return put_context(context) ? SPNEGO_RULE_NONE : SPNEGO_RULE_MEMORY_EXHAUSTED;
}

spnego_status spnego_context_export(spnego_context *context, spnego_bytes *out)
{
    spnego_rule rule = SPNEGO_RULE_CALL_REENTERED;

    *out = bytes_absent();
    if (context->inside == NEGO_CALM) {
        context->inside = NEGO_BUSY;
        rule = export_context(context);
        context->inside = NEGO_CALM;
    }
    if (rule != SPNEGO_RULE_NONE)
        return nego_decline(context, rule);
    nego_buffer_clear(&context->token);
    *out = nego_buffer_view(&context->out);
    context->state = NEGO_SPENT;
    return SPNEGO_COMPLETE;
}

/* ---- Reading ------------------------------------------------------------------------------- */

typedef struct exported {
    uint64_t state;
    unsigned flags;
    uint32_t numbers[4]; /* steps, mech flags, quirks, tolerated */
    spnego_bytes strings[NUM_STRINGS];
} exported;

enum { NEG_MECHS, LIST, OID, MECH_OID, OWN_MIC, MECH_STATE };

static uint64_t get_number(const uint8_t *at, size_t len)
{
    uint64_t value = 0;

    for (size_t i = 0; i < len; i++)
        value = value << 8 | at[i];
    return value;
}

/* Takes the octets apart, all of them. */
static spnego_rule read_exported(exported *e, spnego_role role, spnego_bytes in)
{
    const uint8_t *at = in.data;
    size_t left;

    if (in.data == NULL || in.len < HEAD_LEN + CHECKSUM_LEN)
        return SPNEGO_RULE_EXPORT_DAMAGED;
    left = in.len - CHECKSUM_LEN;
    in.len = left;
    if (memcmp(at, magic, sizeof magic) != 0 || checksum(in) != get_number(at + left, CHECKSUM_LEN))
        return SPNEGO_RULE_EXPORT_DAMAGED;
    if (at[6] != VERSION || at[7] != (uint8_t)role)
        return SPNEGO_RULE_EXPORT_NOT_FOR_US;
    e->state = at[8];
    e->flags = (unsigned)get_number(at + 9, 2);
    for (size_t i = 0; i < 4; i++)
        e->numbers[i] = (uint32_t)get_number(at + 11 + 4 * i, 4);
    at += HEAD_LEN;
    left -= HEAD_LEN;
    for (size_t i = 0; i < NUM_STRINGS; i++) {
        if (left < 4)
            return SPNEGO_RULE_EXPORT_DAMAGED;
        e->strings[i].len = (size_t)get_number(at, 4);
        at += 4;
        left -= 4;
        if (e->strings[i].len > left)
            return SPNEGO_RULE_EXPORT_DAMAGED;
        e->strings[i].data = at;
        at += e->strings[i].len;
        left -= e->strings[i].len;
    }
    return left == 0 ? SPNEGO_RULE_NONE : SPNEGO_RULE_EXPORT_DAMAGED;
}

static uint8_t is(const exported *e, unsigned flag)
{
    return (e->flags & flag) != 0;
}

/* What only a context that has chosen has. */
static int has_no_choice(const exported *e)
{
    return (e->flags & ~(unsigned)HINTED) == 0 && e->numbers[1] == 0 && e->strings[LIST].len == 0 &&
           e->strings[OID].len == 0 && e->strings[MECH_OID].len == 0 &&
           e->strings[OWN_MIC].len == 0 && e->strings[MECH_STATE].len == 0;
}

static int are_mics_coherent(const exported *e)
{
    const int integrity = (e->numbers[1] & SPNEGO_FLAG_INTEG) != 0;
    const int needed = is(e, MIC_REQUIRED) && integrity;

    /* RFC 4178 5: what is not the first choice, or was asked for, has MICs. */
    if ((!is(e, FIRST_CHOICE) || is(e, ASKS) || is(e, UNPROTECTED) || is(e, MIC_VERIFIED)) &&
        !is(e, MIC_REQUIRED))
        return 0;
    if ((is(e, MIC_SENT) || is(e, MIC_VERIFIED)) && !(is(e, MECH_COMPLETE) && integrity))
        return 0;
    if (is(e, MIC_SENT) != (e->strings[OWN_MIC].len != 0))
        return 0;
    if (e->state == NEGO_MIC && !(needed && is(e, MIC_SENT)))
        return 0;
    /* The invariant of settle.h. */
    return e->state != NEGO_COMPLETE || !needed || (is(e, MIC_SENT) && is(e, MIC_VERIFIED));
}

/* Whether the state is one that a context of that role can be in: the checksum does not vouch for
 * who wrote it. */
static int is_coherent(const exported *e, spnego_role role)
{
    const int initiator = role == SPNEGO_INITIATOR;
    const int completes = e->state == NEGO_MIC || e->state == NEGO_COMPLETE;

    if ((e->flags & ~(unsigned)ALL_FLAGS) != 0 || e->state > NEGO_COMPLETE ||
        (e->numbers[2] & ~SPNEGO_QUIRKS_INTEROPERABLE) != 0 ||
        (e->numbers[3] & ~SPNEGO_TOLERATE_ALL) != 0)
        return 0;
    if (initiator ? e->state == NEGO_INIT || e->state == NEGO_MIC
                  : e->state == NEGO_START || e->state == NEGO_FIRST_REPLY)
        return 0;
    if (initiator ? is(e, ASKS) || is(e, HINTED) : is(e, UNPROTECTED))
        return 0;
    if (e->state == NEGO_START || e->state == NEGO_INIT)
        return has_no_choice(e);
    if (!is(e, HAS_CHOSEN) || is(e, REPLIED) == (e->state == NEGO_FIRST_REPLY))
        return 0;
    if (!is(e, BEGUN) && (is(e, MECH_COMPLETE) || e->strings[MECH_STATE].len != 0))
        return 0;
    if (is(e, MECH_COMPLETE) ? 0 : completes || e->numbers[1] != 0)
        return 0;
    return are_mics_coherent(e);
}

/* The list must be one, read to its end. */
static int is_list(spnego_bytes list)
{
    der_reader reader;
    spnego_bytes whole;
    size_t num_oids;

    der_reader_init(&reader, list, SPNEGO_TOLERATE_ALL, NULL);
    return mech_type_list_read(&reader, &whole, &num_oids) == SPNEGO_RULE_NONE && num_oids != 0 &&
           whole.len == list.len;
}

static nego_slot *slot_of(spnego_context *context, spnego_bytes oid)
{
    for (size_t i = 0; i < context->num_slots; i++)
        if (!context->slots[i].excluded && bytes_equal(context->slots[i].mech.ops->oid, oid))
            return &context->slots[i];
    return NULL;
}

static spnego_rule restore_mech(spnego_context *context, const exported *e)
{
    nego_slot *slot = slot_of(context, e->strings[MECH_OID]);

    if (!is_list(e->strings[LIST]))
        return SPNEGO_RULE_EXPORT_DAMAGED;
    if (slot == NULL)
        return SPNEGO_RULE_EXPORT_NOT_FOR_US;
    if (!nego_buffer_add(&context->list, &context->host, e->strings[LIST]) ||
        !nego_buffer_add(&context->mic, &context->host, e->strings[OWN_MIC]))
        return SPNEGO_RULE_MEMORY_EXHAUSTED;
    if (is(e, FIRST_CHOICE) != nego_is_first(context, e->strings[OID]) ||
        !nego_find_offered(&context->oid, context, e->strings[OID]) ||
        !bytes_equal(context->oid, e->strings[OID]) ||
        !nego_same_mech(context->oid, e->strings[MECH_OID]))
        return SPNEGO_RULE_EXPORT_DAMAGED;
    if (is(e, BEGUN) && !nego_mech_import(context, slot, e->strings[MECH_STATE]))
        return SPNEGO_RULE_MECH_CANNOT_MOVE;
    context->chosen = slot;
    slot->begun = is(e, BEGUN);
    slot->expected = is(e, EXPECTED);
    return SPNEGO_RULE_NONE;
}

static spnego_rule restore_neg_mechs(spnego_context *context, spnego_bytes in)
{
    spnego_bytes oids[NEGO_MAX_OIDS];
    size_t num_oids = 0;

    while (in.len != 0) {
        const size_t len = in.data[0];

        if (num_oids == NEGO_MAX_OIDS || len > in.len - 1)
            return SPNEGO_RULE_EXPORT_DAMAGED;
        oids[num_oids].data = in.data + 1;
        oids[num_oids].len = len;
        if (slot_of(context, oids[num_oids++]) == NULL)
            return SPNEGO_RULE_EXPORT_NOT_FOR_US;
        in.data += 1 + len;
        in.len -= 1 + len;
    }
    return nego_set_neg_mechs(context, oids, num_oids) == SPNEGO_RULE_NONE
               ? SPNEGO_RULE_NONE
               : SPNEGO_RULE_EXPORT_DAMAGED;
}

/* What the importing side demands of a mechanism that was complete before it came. */
static int meets_policy(const spnego_context *context, const exported *e)
{
    if (!is(e, MECH_COMPLETE))
        return 1;
    if ((e->numbers[1] & context->required_flags) != context->required_flags)
        return 0;
    return !(context->options & SPNEGO_OPTION_REQUIRE_MIC) ||
           ((e->numbers[1] & SPNEGO_FLAG_INTEG) &&
            (e->state != NEGO_COMPLETE || (is(e, MIC_SENT) && is(e, MIC_VERIFIED))));
}

static spnego_rule restore(spnego_context *context, spnego_bytes in)
{
    exported e;
    spnego_rule rule = read_exported(&e, context->role, in);

    if (rule != SPNEGO_RULE_NONE)
        return rule;
    if (!is_coherent(&e, context->role))
        return SPNEGO_RULE_EXPORT_DAMAGED;
    /* What is exported has SPNEGO around it, and MICs that may be owed: not to go on without. */
    if (context->bare || !meets_policy(context, &e))
        return SPNEGO_RULE_EXPORT_NOT_FOR_US;
    rule = restore_neg_mechs(context, e.strings[NEG_MECHS]);
    if (rule == SPNEGO_RULE_NONE && is(&e, HAS_CHOSEN))
        rule = restore_mech(context, &e);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    context->state = (nego_state)e.state;
    context->num_steps = e.numbers[0];
    context->flags = e.numbers[1];
    context->used_quirks = e.numbers[2];
    context->tolerated = e.numbers[3];
    context->mech_complete = is(&e, MECH_COMPLETE);
    context->first_choice = is(&e, FIRST_CHOICE);
    context->asks = is(&e, ASKS);
    context->unprotected = is(&e, UNPROTECTED);
    context->replied = is(&e, REPLIED);
    context->mic_required = is(&e, MIC_REQUIRED) ||
                            (is(&e, HAS_CHOSEN) && (context->options & SPNEGO_OPTION_REQUIRE_MIC));
    context->mic_sent = is(&e, MIC_SENT);
    context->mic_verified = is(&e, MIC_VERIFIED);
    context->hinted = is(&e, HINTED);
    return SPNEGO_RULE_NONE;
}

spnego_status spnego_context_import(spnego_context **out_context, spnego_error *out_error,
                                    const spnego_config *config, spnego_bytes exported_octets)
{
    spnego_status status = spnego_context_create(out_context, out_error, config);
    spnego_rule rule;

    if (status != SPNEGO_COMPLETE)
        return status;
    (*out_context)->inside = NEGO_BUSY;
    rule = restore(*out_context, exported_octets);
    (*out_context)->inside = NEGO_CALM;
    if (rule == SPNEGO_RULE_NONE)
        return SPNEGO_COMPLETE;
    status = rule == SPNEGO_RULE_MEMORY_EXHAUSTED ? SPNEGO_ERR_NO_MEMORY : SPNEGO_ERR_IMPORT;
    if (out_error != NULL) {
        out_error->status = status;
        out_error->rule = rule;
    }
    spnego_context_destroy(*out_context);
    *out_context = NULL;
    return status;
}
