#include "negotiation.h"

#include <spnego/oid.h>

#define INTEG SPNEGO_FLAG_INTEG
#define LEN(array) (sizeof(array) / sizeof((array)[0]))

static const spnego_bytes absent = {NULL, 0};

/* ---- The input ----------------------------------------------------------------------------- */

uint8_t take(source *from)
{
    if (from->len == 0)
        return 0;
    from->len--;
    return *from->data++;
}

spnego_bytes take_bytes(source *from)
{
    size_t len = take(from);
    spnego_bytes out;

    len |= (size_t)take(from) << 8;
    out.len = len < from->len ? len : from->len;
    out.data = from->data;
    from->data += out.len;
    from->len -= out.len;
    return out;
}

/* ---- Octets that grow ---------------------------------------------------------------------- */

void octets_add(octets *to, const void *data, size_t len)
{
    if (len > to->size - to->len) {
        to->size = 2 * to->size + len + 64;
        to->data = realloc(to->data, to->size);
        if (to->data == NULL)
            abort();
    }
    if (len != 0)
        memcpy(to->data + to->len, data, len);
    to->len += len;
}

void octets_set(octets *to, spnego_bytes from)
{
    to->len = 0;
    octets_add(to, from.data, from.len);
}

void octets_free(octets *o)
{
    free(o->data);
    *o = (octets){NULL, 0, 0};
}

spnego_bytes octets_view(const octets *o)
{
    return (spnego_bytes){o->len == 0 ? NULL : o->data, o->len};
}

/* ---- Memory -------------------------------------------------------------------------------- */

static void *give_memory(void *user, size_t size)
{
    watched *side = user;
    void *memory;

    LAW(size != 0);
    side->num_allocs++;
    if (side->num_allocs == side->fail_at ||
        (side->fail_on && side->fail_at != 0 && side->num_allocs > side->fail_at)) {
        side->refused++;
        return NULL;
    }
    LAW(side->num_live < MAX_LIVE);
    memory = malloc(size);
    if (memory == NULL)
        abort();
    memset(memory, side->poison, size);
    side->live[side->num_live].memory = memory;
    side->live[side->num_live++].size = size;
    side->allocated += size;
    return memory;
}

/* What was let go must be wiped: it held the mechanism's tokens, and a context holds pointers. */
static void take_memory(void *user, void *memory)
{
    watched *side = user;
    const uint8_t *octet = memory;
    size_t i = 0;

    while (i < side->num_live && side->live[i].memory != memory)
        i++;
    LAW(i < side->num_live);
    for (size_t k = 0; k < side->live[i].size; k++)
        LAW(octet[k] == 0);
    side->live[i] = side->live[--side->num_live];
    free(memory);
}

/* ---- Events -------------------------------------------------------------------------------- */

static void watch(void *user, const spnego_event *event)
{
    watched *side = user;
    const spnego_bytes in = {(const uint8_t *)"surprise", 8};
    spnego_bytes out;
    char whole[512], part[16];
    size_t len, seen = 0;

    LAW(event->type >= SPNEGO_EVENT_TOKEN_IN && event->type <= SPNEGO_EVENT_STEP);
    LAW(event->role == (int)side->toy.config.role && event->state != NULL);
    LAW((event->bytes.data != NULL) || event->bytes.len == 0);
    for (size_t i = 0; i < event->bytes.len; i++)
        seen += event->bytes.data[i]; /* for a sanitizer */
    len = spnego_event_format(whole, sizeof whole, event);
    LAW(len < sizeof whole && strlen(whole) == len && seen <= SIZE_MAX);
    LAW(spnego_event_format(part, sizeof part, event) == len);
    LAW(memcmp(part, whole, strlen(part)) == 0 && strchr(whole, '\n') == NULL);
    /* What it does cannot change the negotiation. */
    LAW(spnego_context_step(side->toy.context, &out, in) == SPNEGO_ERR_USAGE && out.data == NULL);
    LAW(spnego_context_resume(side->toy.context, &out) == SPNEGO_ERR_USAGE && out.data == NULL);
    spnego_context_destroy(side->toy.context);
}

/* ---- Settings ------------------------------------------------------------------------------ */

/* 1.3.6.1.4.1.99999.7 */
static const uint8_t attribute_oid[] = {0x2b, 6, 1, 4, 1, 0x86, 0x8d, 0x1f, 7};
static const spnego_bytes attribute = {attribute_oid, sizeof attribute_oid};

static int passes_over_first(void *user, const spnego_mech *mech, spnego_bytes mech_types)
{
    const watched *side = user;
    spnego_bytes oid;
    size_t cursor = 0;

    LAW(spnego_mech_types_next(&oid, &cursor, mech_types));
    return mech->ops != side->toy.mechs[0].ops;
}

static void set_policy(watched *side, uint8_t profile, uint8_t policy)
{
    static const uint32_t required[] = {0, INTEG, SPNEGO_FLAG_ANON, SPNEGO_FLAG_MUTUAL};
    spnego_config *config = &side->toy.config;

    config->required_flags = required[policy & 3];
    if (policy & 4)
        for (size_t i = 0; i < NUM_TOYS; i++)
            side->toys[i]->flags |= SPNEGO_FLAG_ANON | SPNEGO_FLAG_MUTUAL;
    side->denied = side->toy.mechs[0].ops->oid;
    side->allowed = side->toy.mechs[config->num_mechs - 1].ops->oid;
    if (policy & 8) {
        config->deny = &side->denied;
        config->num_deny = 1;
    }
    if (policy & 0x10) {
        config->allow = &side->allowed;
        config->num_allow = 1;
    }
    if (profile & 4)
        config->acceptable = passes_over_first;
    if (profile & 8) {
        config->attributes = &attribute;
        config->num_attributes = 1;
    }
    if (profile & 0x10) {
        side->toy.mechs[0].attributes = &attribute;
        side->toy.mechs[0].num_attributes = 1;
    }
}

static void set_limits(watched *side, uint8_t limits, uint8_t sizes)
{
    static const uint16_t max_tokens[] = {0, 0, 0, 12, 40, 150, 1000, 2000};
    static const uint8_t max_fragments[] = {0, 0, 0, 5, 6, 7, 16, 100};
    static const uint16_t token_lens[] = {0, 0, 0, 0, 40, 300, 900, 2000};
    static const uint8_t empty_legs[] = {0, 0x02, 0x04, 0x3e};
    spnego_config *config = &side->toy.config;

    config->limits.max_token = max_tokens[limits & 7];
    config->limits.max_mechs = limits >> 3 & 3;
    config->limits.max_steps = limits >> 5;
    /* A toy knows 31 legs. */
    for (size_t i = 0; i < NUM_TOYS; i++)
        if (side->toys[i]->lie == TOY_NEVER_COMPLETES && config->limits.max_steps == 0)
            config->limits.max_steps = 14;
    config->max_fragment = max_fragments[sizes & 7];
    for (size_t i = 0; i < NUM_TOYS; i++) {
        side->toys[i]->token_len = token_lens[sizes >> 3 & 7];
        side->toys[i]->empty_legs = empty_legs[sizes >> 6];
        side->toys[i]->huge = (limits & 7) < 3 ? 65537 : config->limits.max_token + 1;
    }
}

/* Legs and flags: the first octet for Kerberos, under both of its numbers, the second says in what
 * the others are different. */
static void set_scripts(watched *side, uint8_t first, uint8_t others)
{
    for (size_t i = 0; i < NUM_TOYS; i++) {
        toy_mech *toy = side->toys[i];
        const uint8_t how = strcmp(toy->name, "X") == 0 ? first : (uint8_t)(first ^ others);

        toy->legs = 1 + (how & 7) % 5;
        toy->flags = (how & 8 ? INTEG : 0) | (how & 0x10 ? SPNEGO_FLAG_NEEDS_MIC : 0) |
                     (how & 0x20 ? SPNEGO_FLAG_EMPTY_TOKENS : 0);
        toy->late_flags = how & 0x40 ? INTEG : 0;
        toy->symmetric = how >> 7;
    }
}

void side_set_up(watched *side, spnego_role role, watch_mode mode, source *from)
{
    static const char *const lists[] = {"X", "XY", "YX",  "XYZ", "ZYX", "MX",   "XM",   "M",
                                        "Y", "ZX", "YXM", "MY",  "Z",   "XYZM", "MZYX", "YZ"};
    const uint8_t profile = take(from), options = take(from), list = take(from);
    const uint8_t first = take(from), others = take(from), no_credential = take(from);
    const uint8_t lie = take(from), lie_at = take(from), memory = take(from);
    const uint8_t limits = take(from), sizes = take(from), policy = take(from);
    spnego_config *config = &side->toy.config;
    toy_mech *liar;

    memset(side, 0, sizeof *side);
    toy_side_init(&side->toy, role, profile & 1 ? TOY_STRICT : TOY_INTEROPERABLE, lists[list & 15],
                  1, 0);
    side->toys[0] = &side->toy.x;
    side->toys[1] = &side->toy.y;
    side->toys[2] = &side->toy.z;
    side->toys[3] = &side->toy.ms;
    if (profile & 2) {
        config->quirks = take(from);
        config->quirks |= (uint32_t)(take(from) & 7) << 8;
        config->tolerate = take(from);
        config->tolerate |= (uint32_t)(take(from) & 7) << 8;
    }
    config->options = options & 0x3f;
    set_scripts(side, first, others);
    for (size_t i = 0; i < config->num_mechs; i++)
        ((toy_mech *)side->toy.mechs[i].self)->no_credential = no_credential >> i & 1;
    liar = side->toy.mechs[(lie >> 5) % config->num_mechs].self;
    liar->lie = (lie & 0x1f) < TOY_NUM_LIES ? (toy_lie)(lie & 0x1f) : TOY_HONEST;
    liar->lie_at = lie_at & 7;
    side->fail_at = memory & 0x7f;
    side->fail_on = memory >> 7;
    set_limits(side, limits, sizes);
    set_policy(side, profile, policy);
    config->alloc = give_memory;
    config->dealloc = take_memory;
    config->on_event = mode == WATCH_BY_EVENTS ? watch : NULL;
    side->poison = mode == WATCH_BY_EVENTS ? 0xaa : 0x55;
}

int is_same_mech(spnego_bytes a, spnego_bytes b)
{
    return same_octets(a, b) || (spnego_oid_is_krb5(a) && spnego_oid_is_krb5(b));
}

toy_mech *side_toy(watched *side, spnego_bytes oid)
{
    toy_mech *found = NULL;

    for (size_t i = 0; i < side->toy.config.num_mechs; i++) {
        const spnego_mech *mech = &side->toy.mechs[i];

        if (same_octets(mech->ops->oid, oid))
            return mech->self;
        if (found == NULL && is_same_mech(mech->ops->oid, oid))
            found = mech->self;
    }
    return found;
}

static int is_permitted(const watched *side, size_t mech)
{
    const spnego_bytes oid = side->toy.mechs[mech].ops->oid;
    const spnego_config *config = &side->toy.config;

    return (config->num_deny == 0 || !same_octets(oid, side->denied)) &&
           (config->num_allow == 0 || same_octets(oid, side->allowed));
}

int side_has_credential(const watched *side, size_t mech)
{
    const toy_mech *toy = side->toy.mechs[mech].self;

    return is_permitted(side, mech) && !toy->no_credential;
}

int side_open(watched *side)
{
    spnego_error error;
    const spnego_status status =
        spnego_context_create(&side->toy.context, &error, &side->toy.config);
    int permitted = 0;

    LAW(error.status == status && (side->toy.context != NULL) == (status == SPNEGO_COMPLETE));
    for (size_t i = 0; i < side->toy.config.num_mechs; i++) {
        permitted |= is_permitted(side, i);
        ((toy_mech *)side->toy.mechs[i].self)->context = side->toy.context;
    }
    if (status == SPNEGO_COMPLETE)
        LAW(permitted && side->refused == 0);
    else
        LAW(status == (side->refused != 0 ? SPNEGO_ERR_NO_MEMORY : SPNEGO_ERR_NO_MECH) &&
            side->num_live == 0);
    return status == SPNEGO_COMPLETE;
}

/* ---- What is given out --------------------------------------------------------------------- */

void mic_of(uint8_t out[16], const toy_mech *toy, int by_acceptor, spnego_bytes list)
{
    toy_mic(out, toy->name, by_acceptor && !toy->symmetric, toy->session, list);
}

static int is_mic_of(spnego_bytes mic, const toy_mech *toy, int by_acceptor, spnego_bytes list)
{
    uint8_t want[16];

    mic_of(want, toy, by_acceptor, list);
    return mic.len == sizeof want && memcmp(mic.data, want, sizeof want) == 0;
}

/* Whether an OID is in the list; *index is where. */
static int find(size_t *index, spnego_bytes list, spnego_bytes oid)
{
    spnego_bytes entry;
    size_t cursor = 0;

    for (*index = 0; spnego_mech_types_next(&entry, &cursor, list); ++*index)
        if (same_octets(entry, oid))
            return 1;
    return 0;
}

/* RFC 4178 4.2.2: which of the fields belongs to whom, and when. */
static void check_resp(watched *side, const spnego_token *token, spnego_status status)
{
    const int is_acceptor = side->toy.config.role == SPNEGO_ACCEPTOR;
    const int is_first = side->num_resps++ == 0;
    size_t index;

    LAW(token->has_neg_state);
    LAW((token->neg_state == SPNEGO_REJECT) == (status < 0));
    if (token->neg_state == SPNEGO_REJECT) {
        LAW(++side->num_rejects == 1);
        LAW(token->supported_mech.data == NULL && token->mech_list_mic.data == NULL);
        return;
    }
    LAW(side->num_rejects == 0);
    LAW((token->neg_state == SPNEGO_ACCEPT_COMPLETED) == (status == SPNEGO_COMPLETE));
    if (!is_acceptor) {
        LAW(token->supported_mech.data == NULL && token->neg_state != SPNEGO_REQUEST_MIC);
        return;
    }
    LAW((token->supported_mech.data != NULL) == is_first);
    LAW(token->neg_state != SPNEGO_REQUEST_MIC || is_first);
    side->asked |= token->neg_state == SPNEGO_REQUEST_MIC;
    if (is_first) {
        if (side->list.len != 0)
            LAW(find(&index, octets_view(&side->list), token->supported_mech));
        octets_set(&side->supported, token->supported_mech);
    }
}

static void check_token(watched *side, spnego_bytes whole, spnego_status status)
{
    const int is_acceptor = side->toy.config.role == SPNEGO_ACCEPTOR;
    spnego_token token;

    LAW(spnego_token_decode(&token, NULL, whole, SPNEGO_TOLERATE_NOTHING) == SPNEGO_RULE_NONE);
    LAW(token.unknown_fields.data == NULL && token.framed == (token.type != SPNEGO_NEG_TOKEN_RESP));
    side->num_tokens++;
    switch (token.type) {
    case SPNEGO_NEG_TOKEN_INIT:
        LAW(!is_acceptor && side->num_tokens == 1 && status == SPNEGO_CONTINUE);
        octets_set(&side->list, token.mech_types);
        break;
    case SPNEGO_NEG_TOKEN_INIT2:
        LAW(is_acceptor && side->num_tokens == 1 && status == SPNEGO_CONTINUE);
        LAW(side->toy.config.quirks & SPNEGO_QUIRK_SEND_HINTS);
        LAW(token.mech_token.data == NULL && token.mech_list_mic.data == NULL);
        break;
    default:
        LAW(is_acceptor || side->num_tokens > 1);
        check_resp(side, &token, status);
    }
    side->mic_in_last = token.mech_list_mic.data != NULL;
    if (side->mic_in_last) {
        /* RFC 4178 5(a): over the list as sent, or as received. */
        LAW(side->signer != NULL && (side->signer->flags | side->signer->late_flags) & INTEG);
        if (side->list.len != 0)
            LAW(is_mic_of(token.mech_list_mic, side->signer, is_acceptor,
                          octets_view(&side->list)));
        octets_set(&side->mic, token.mech_list_mic);
    }
    octets_set(&side->last, whole);
    octets_set(&side->inner,
               token.type == SPNEGO_NEG_TOKEN_RESP ? token.response_token : token.mech_token);
}

/* How long a token is by its header; 0 if that is not all there. */
static size_t announced(const octets *o)
{
    const size_t num = o->len < 2 || o->data[1] < 0x80 ? 0 : o->data[1] & 0x7fu;
    size_t len = 0;

    if (o->len < 2 + num)
        return 0;
    if (num == 0)
        return (size_t)2 + o->data[1];
    for (size_t i = 0; i < num; i++)
        len = len << 8 | o->data[2 + i];
    return 2 + num + len;
}

/* MS-SPNG 3.1.5.6: pieces, each but the last of the length that was asked for. */
static void check_output(watched *side, spnego_bytes out, spnego_status status)
{
    const size_t max_fragment = side->toy.config.max_fragment;

    if (max_fragment != 0)
        LAW(out.len <= max_fragment);
    octets_add(&side->piece, out.data, out.len);
    side->outstanding = announced(&side->piece) != side->piece.len;
    if (side->outstanding) {
        LAW(out.len == max_fragment && status == SPNEGO_CONTINUE);
        LAW(announced(&side->piece) == 0 || side->piece.len < announced(&side->piece));
        return;
    }
    check_token(side, octets_view(&side->piece), status);
    side->piece.len = 0;
}

/* ---- The verdicts -------------------------------------------------------------------------- */

static int info_is_zero(const spnego_info *info)
{
    return info->mech == NULL && info->oid.data == NULL && info->oid.len == 0 &&
           info->mech_types.data == NULL && info->mech_types.len == 0 && !info->first_choice &&
           !info->mics_exchanged && info->flags == 0 && info->quirks == 0 && info->tolerated == 0 &&
           info->num_steps == 0;
}

/* Whether MICs were required, by what can be seen from outside (RFC 4178 5, NEG-85). */
static int must_have_mics(const watched *side, const spnego_info *info)
{
    const spnego_config *config = &side->toy.config;

    if (!(info->flags & INTEG))
        return 0;
    if ((config->options & SPNEGO_OPTION_REQUIRE_MIC) || (info->flags & SPNEGO_FLAG_NEEDS_MIC) ||
        !info->first_choice || side->asked)
        return 1;
    if (config->role == SPNEGO_INITIATOR)
        return 0;
    /* RFC 4178 5: the favourite, offered or not. */
    for (size_t i = 0; i < config->num_mechs; i++)
        if (side_has_credential(side, i) || info->mech->self == side->toy.mechs[i].self)
            return info->mech->self != side->toy.mechs[i].self;
    return 1;
}

static void check_complete(watched *side)
{
    const spnego_config *config = &side->toy.config;
    const int is_acceptor = config->role == SPNEGO_ACCEPTOR;
    const toy_mech *toy;
    spnego_info info;
    size_t index;

    LAW(spnego_context_info(side->toy.context, &info) == 1 && info.mech != NULL);
    toy = info.mech->self;
    LAW(toy->complete && !toy->abandoned && !toy->no_credential);
    LAW(info.flags == (toy->flags | toy->late_flags));
    LAW((info.flags & config->required_flags) == config->required_flags);
    LAW((info.quirks & ~config->quirks) == 0 && (info.tolerated & ~config->tolerate) == 0);
    LAW(info.num_steps == side->num_steps);
    /* One MIC in each direction, or none in either. */
    LAW(toy->signed_mics == (info.mics_exchanged != 0));
    LAW(toy->verified_mics == (info.mics_exchanged != 0));
    LAW(!info.mics_exchanged || (info.flags & INTEG));
    LAW(info.mics_exchanged || !must_have_mics(side, &info));
    LAW(info.mics_exchanged || !(config->options & SPNEGO_OPTION_REQUIRE_MIC));

    LAW(find(&index, info.mech_types, info.oid) && is_same_mech(info.mech->ops->oid, info.oid));
    for (size_t i = 0; i < config->num_mechs; i++)
        if (side->toy.mechs[i].self == info.mech->self)
            LAW(is_permitted(side, i));
    if (side->list.len != 0) {
        const spnego_bytes list = octets_view(&side->list);
        spnego_bytes first;
        size_t cursor = 0;

        LAW(same_octets(info.mech_types, list));
        LAW(spnego_mech_types_next(&first, &cursor, list));
        LAW(info.first_choice == is_same_mech(first, info.oid));
        if (info.mics_exchanged)
            LAW(is_mic_of((spnego_bytes){toy->verified, toy->verified_len}, toy, !is_acceptor,
                          list));
    }
}

/* ---- A call -------------------------------------------------------------------------------- */

/* What the mechanisms were asked, before and after a call. */
typedef struct work {
    int steps, signs, verifies, found_good, calls;
} work;

static work work_of(const watched *side)
{
    work sum = {0, 0, 0, 0, 0};

    for (size_t i = 0; i < NUM_TOYS; i++) {
        const toy_mech *toy = side->toys[i];

        sum.steps += toy->steps;
        sum.signs += toy->get_mic_calls;
        sum.verifies += toy->verify_calls;
        sum.found_good += toy->verified_mics;
        sum.calls += (int)strlen(toy->trace) + toy->abandoned + toy->expected;
    }
    sum.calls += sum.steps + sum.signs + sum.verifies;
    return sum;
}

static void note(watched *side, spnego_status status, spnego_bytes out)
{
    const spnego_error *error = spnego_context_error(side->toy.context);
    const int64_t numbers[] = {
        status,          error->status,          error->rule,           error->field,
        error->type,     (int64_t)error->offset, error->mech_code.code, error->mech_code.gss_major,
        (int64_t)out.len};

    octets_add(&side->trace, numbers, sizeof numbers);
    octets_add(&side->trace, out.data, out.len);
}

static void check_error(const watched *side, spnego_status status)
{
    const spnego_error *error = spnego_context_error(side->toy.context);
    char whole[512], part[16];
    size_t len;

    if (status >= 0) {
        /* The pieces of a reject go out before its verdict. */
        LAW(side->outstanding ||
            (error->rule == SPNEGO_RULE_NONE && error->status == SPNEGO_COMPLETE));
        return;
    }
    LAW(spnego_status_describe(status)->status == status);
    LAW(error->rule != SPNEGO_RULE_NONE);
    /* Why it failed is not forgotten for a call that came too late. */
    LAW(error->status == status ||
        (status == SPNEGO_ERR_USAGE && (side->over || side->outstanding)));
    LAW(error->offset == SPNEGO_NO_OFFSET || error->offset <= side->fed);
    LAW((spnego_error_gss_major(error) & 0xffff0000u) != 0);
    len = spnego_error_format(whole, sizeof whole, error);
    LAW(len < sizeof whole && strlen(whole) == len);
    LAW(spnego_error_format(part, sizeof part, error) == len);
    LAW(memcmp(part, whole, strlen(part)) == 0);
}

/* Memory is bounded by what has come and what the mechanisms wrote. */
static void check_memory(const watched *side)
{
    size_t written = 0;

    for (size_t i = 0; i < NUM_TOYS; i++) {
        const toy_mech *toy = side->toys[i];
        const size_t most = toy->lie == TOY_WRITES_HUGE ? toy->huge : toy->token_len + 64;

        written += (size_t)(2 * toy->steps + toy->get_mic_calls) * most;
    }
    LAW(side->allocated <= 4096 + 8 * (side->fed + written));
    LAW(side->num_allocs <= 64);
}

/* The laws of a call.  was: how things stood before it. */
static void check_call(watched *side, const watched *was, work before, spnego_status status,
                       spnego_bytes out, int resumed)
{
    const work after = work_of(side);
    const int refused = side->refused != was->refused;
    const spnego_rule rule = spnego_context_error(side->toy.context)->rule;
    const int failed = rule != SPNEGO_RULE_NONE; /* be it that pieces of the reject are left */
    spnego_info info;

    LAW(out.data != NULL ? out.len != 0 : out.len == 0);
    LAW(status != SPNEGO_PENDING || out.data == NULL);
    LAW(after.steps - before.steps <= NUM_TOYS && after.signs - before.signs <= 1 &&
        after.verifies - before.verifies <= 1);
    /* RFC 4178 4.2.2: nobody answers accept-completed. */
    if (side->ends && !failed && !was->outstanding && !side->unfinished)
        LAW(status != SPNEGO_CONTINUE && out.data == NULL);
    LAW(rule != SPNEGO_RULE_PEER_REJECTED || out.data == NULL);
    /* RFC 4178 5, NEG-83: the MIC is the peer's. */
    LAW(!side->reflects || after.found_good == before.found_good);
    for (size_t i = 0; i < NUM_TOYS; i++)
        if (side->toys[i]->get_mic_calls != 0 && after.signs != before.signs &&
            !side->toys[i]->abandoned)
            side->signer = side->toys[i];

    /* A failure is final, and so is success. */
    if (was->done || (was->pending && !resumed) || (!was->pending && resumed))
        LAW(status == SPNEGO_ERR_USAGE);
    if (was->over && !resumed)
        LAW(status == was->verdict && out.data == NULL && rule == was->rule);
    if (status == SPNEGO_ERR_USAGE || was->over)
        LAW(out.data == NULL && after.calls == before.calls && !refused);
    if (status == SPNEGO_ERR_USAGE)
        side->asked = was->asked;
    else {
        side->over = status < 0;
        side->done = status == SPNEGO_COMPLETE;
        side->pending = status == SPNEGO_PENDING;
        side->verdict = status;
        side->rule = rule;
    }
    /* What it fails of is what happened. */
    if (!was->over && status != SPNEGO_ERR_USAGE) {
        LAW(!refused || failed);
        LAW(status != SPNEGO_ERR_NO_MEMORY || side->refused != 0);
    }

    if (out.data != NULL)
        check_output(side, out, status);
    else if (status < 0 && status != SPNEGO_ERR_USAGE)
        side->outstanding = 0;
    check_error(side, status);
    check_memory(side);
    if (status == SPNEGO_COMPLETE)
        check_complete(side);
    LAW(spnego_context_info(side->toy.context, &info) == side->done);
    LAW(side->done != info_is_zero(&info));
    LAW(!side->over || strcmp(spnego_context_state(side->toy.context), "failed") == 0);
    LAW(!side->done || strcmp(spnego_context_state(side->toy.context), "complete") == 0);
}

/* What the token that is given would have the side know. */
static void look_at(watched *side, spnego_bytes token_is)
{
    const char *state = spnego_context_state(side->toy.context);
    spnego_token token;

    if (side->unfinished || side->outstanding || side->pending)
        return;
    side->reflects = side->ends = 0;
    if (token_is.len == 0 ||
        spnego_token_decode(&token, NULL, token_is, SPNEGO_TOLERATE_ALL) != SPNEGO_RULE_NONE)
        return;
    side->reflects =
        side->mic.len != 0 && same_octets(token.mech_list_mic, octets_view(&side->mic));
    side->ends = token.has_neg_state && token.neg_state == SPNEGO_ACCEPT_COMPLETED;
    if (strcmp(state, "init") == 0 && token.mech_types.data != NULL)
        octets_set(&side->list, token.mech_types);
    if (strcmp(state, "first-reply") == 0 && token.has_neg_state)
        side->asked |= token.neg_state == SPNEGO_REQUEST_MIC;
}

spnego_status side_step(watched *side, spnego_bytes *out, spnego_bytes in, spnego_bytes token_is)
{
    const watched was = *side;
    const work before = work_of(side);
    uint8_t *copy = in.data == NULL ? NULL : copy_exactly(in.data, in.len);
    const spnego_bytes given = {copy, in.len};
    spnego_status status;

    look_at(side, token_is);
    side->fed += in.data == NULL ? 0 : in.len;
    status = spnego_context_step(side->toy.context, out, given);
    free(copy); /* the library keeps nothing of it */
    note(side, status, *out);
    side->unfinished = (side->toy.config.options & SPNEGO_OPTION_TAKE_FRAGMENTS) && in.len != 0 &&
                       status == SPNEGO_CONTINUE && out->data == NULL;
    if (status != SPNEGO_ERR_USAGE && !was.over && !was.outstanding && !side->unfinished)
        side->num_steps++;
    check_call(side, &was, before, status, *out, 0);
    return status;
}

spnego_status side_resume(watched *side, spnego_bytes *out)
{
    const watched was = *side;
    const work before = work_of(side);
    const spnego_status status = spnego_context_resume(side->toy.context, out);

    note(side, status, *out);
    check_call(side, &was, before, status, *out, 1);
    return status;
}

#define MAX_RESUMES 8

spnego_status side_go_on(watched *side, spnego_status status)
{
    spnego_bytes out;

    for (int i = 0; i < MAX_RESUMES && side->pending; i++)
        status = side_resume(side, &out);
    while (side->outstanding)
        status = side_step(side, &out, absent, absent);
    return status;
}

void side_close(watched *side)
{
    spnego_bytes out;

    /* What was decided stands, whatever comes. */
    if (side->over || side->done) {
        (void)side_step(side, &out, octets_view(&side->last), absent);
        (void)side_step(side, &out, absent, absent);
        (void)side_resume(side, &out);
    }
    if (side->toy.config.limits.max_steps != 0)
        LAW(side->num_steps <= side->toy.config.limits.max_steps + 1);
    LAW(side->num_steps <= 17);
    if (side->toy.context != NULL)
        LAW(toy_side_close(&side->toy) == 0);
    LAW(side->num_live == 0);
    octets_free(&side->list);
    octets_free(&side->piece);
    octets_free(&side->last);
    octets_free(&side->inner);
    octets_free(&side->mic);
    octets_free(&side->supported);
}

void run_twice(void (*run)(octets *trace, watch_mode mode, source from), const uint8_t *data,
               size_t size)
{
    const source from = {data, size};
    octets with = {NULL, 0, 0}, without = {NULL, 0, 0};

    run(&with, WATCH_BY_EVENTS, from);
    run(&without, WATCH_SILENTLY, from);
    LAW(with.len == without.len);
    LAW(with.len == 0 || memcmp(with.data, without.data, with.len) == 0);
    octets_free(&with);
    octets_free(&without);
}
