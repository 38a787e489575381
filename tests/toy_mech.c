#include "toy_mech.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Tokens and MICs ----------------------------------------------------------------------- */

#define MAX_TEXT 64
/* MS-NLMP 2.2.1 */
#define SIGNATURE_LEN 8
static const char signature[SIGNATURE_LEN] = "NTLMSSP";
#define MIC_LEN 16

/* The text that a token repeats. */
static size_t text_of(char out[MAX_TEXT], const char *name, int leg, uint32_t session)
{
    return (size_t)snprintf(out, MAX_TEXT, "%s/%d/%08" PRIx32, name, leg, session);
}

size_t toy_token(uint8_t *out, const char *name, int leg, uint32_t session, size_t token_len)
{
    char text[MAX_TEXT];
    const size_t text_len = text_of(text, name, leg, session);
    const size_t len = text_len < token_len ? token_len : text_len;

    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)text[i % text_len];
    return len;
}

/* FNV-1a: a step is a bijection of the sum and of the octet, so two inputs that differ in one
 * octet never have the same sum. */
static uint64_t sum(uint64_t h, const void *data, size_t len)
{
    const uint8_t *octets = data;

    for (size_t i = 0; i < len; i++)
        h = (h ^ octets[i]) * UINT64_C(0x100000001b3);
    return h;
}

void toy_mic(uint8_t out[MIC_LEN], const char *name, int by_acceptor, uint32_t session,
             spnego_bytes message)
{
    const uint8_t head[5] = {(uint8_t)(by_acceptor != 0), (uint8_t)session, (uint8_t)(session >> 8),
                             (uint8_t)(session >> 16), (uint8_t)(session >> 24)};

    for (unsigned half = 0; half < 2; half++) {
        uint64_t h = UINT64_C(0xcbf29ce484222325) + half;

        h = sum(h, head, sizeof head);
        h = sum(h, name, strlen(name) + 1);
        h = sum(h, message.data, message.len);
        for (unsigned i = 0; i < 8; i++)
            out[8 * half + i] = (uint8_t)(h >> 8 * i);
    }
}

/* ---- What must hold of each call ----------------------------------------------------------- */

static void note(toy_mech *t, char call)
{
    const size_t len = strlen(t->trace);

    if (len < sizeof t->trace - 1)
        t->trace[len] = call;
}

static void require(toy_mech *t, int holds, const char *breach)
{
    if (!holds) {
        t->after_end++;
        t->breach = breach;
    }
}

static void begin_call(toy_mech *t, char call, const spnego_mech_code *code)
{
    note(t, call);
    require(t, t->abandoned == 0, "called after abandon");
    require(t, code == NULL || (code->code == 0 && code->gss_major == 0), "*code is not zero");
}

static int lies_now(const toy_mech *t)
{
    return t->lie_at == 0 || t->lie_at == t->steps;
}

static toy_lie lie_now(const toy_mech *t)
{
    return lies_now(t) ? t->lie : TOY_HONEST;
}

static void fail_with(const toy_mech *t, spnego_mech_code *code, int32_t value)
{
    code->code = value;
    code->gss_major = t->gss_major != 0 ? t->gss_major : TOY_GSS_MAJOR;
}

/* ---- The exchange -------------------------------------------------------------------------- */

static spnego_mech_result end(toy_mech *t, spnego_mech_result result)
{
    t->ended = result != SPNEGO_MECH_CONTINUE && result != SPNEGO_MECH_PENDING;
    t->complete = result == SPNEGO_MECH_COMPLETE;
    t->pending = result == SPNEGO_MECH_PENDING;
    t->pended += t->pending;
    return result;
}

static spnego_mech_result fail(toy_mech *t, spnego_sink *out, spnego_mech_code *code, int32_t value,
                               int says_so)
{
    fail_with(t, code, value);
    if (says_so) {
        spnego_sink_write(out, t->name, strlen(t->name));
        spnego_sink_write(out, "/error", 6);
    }
    return end(t, SPNEGO_MECH_FAILED);
}

static int is_error_token(const toy_mech *t, spnego_bytes in)
{
    char text[MAX_TEXT];
    const size_t len = (size_t)snprintf(text, sizeof text, "%s/error", t->name);

    return in.len == len && memcmp(in.data, text, len) == 0;
}

static int is_empty_leg(const toy_mech *t)
{
    return t->next_leg < 32 && (t->empty_legs >> t->next_leg & 1) != 0;
}

/* Checks the peer's token against the script; learns the session from the first. */
static int takes(toy_mech *t, spnego_bytes in)
{
    char text[MAX_TEXT];
    size_t text_len;

    if (is_empty_leg(t))
        return in.len == 0;
    if (t->signature) {
        if (in.len < SIGNATURE_LEN || memcmp(in.data, signature, SIGNATURE_LEN) != 0)
            return 0;
        in.data += SIGNATURE_LEN;
        in.len -= SIGNATURE_LEN;
    }
    if (t->acceptor && t->next_leg == 1) {
        const size_t digits = strlen(t->name) + 3;

        if (in.len < digits + 8)
            return 0;
        memcpy(text, in.data + digits, 8);
        text[8] = '\0';
        t->session = (uint32_t)strtoul(text, NULL, 16);
    }
    text_len = text_of(text, t->name, t->next_leg, t->session);
    if (in.len != (text_len < t->token_len ? t->token_len : text_len))
        return 0;
    for (size_t i = 0; i < in.len; i++)
        if (in.data[i] != (uint8_t)text[i % text_len])
            return 0;
    return 1;
}

static void write_leg(toy_mech *t, spnego_sink *out)
{
    char text[MAX_TEXT];
    size_t text_len, left;

    if (is_empty_leg(t))
        return;
    if (t->signature)
        spnego_sink_write(out, signature, SIGNATURE_LEN);
    text_len = text_of(text, t->name, t->next_leg, t->session);
    left = text_len < t->token_len ? t->token_len : text_len;
    for (; left > text_len; left -= text_len)
        spnego_sink_write(out, text, text_len);
    spnego_sink_write(out, text, left);
}

/* What comes after the peer's token was found good: the own one, if the script has one left. */
static spnego_mech_result answer(toy_mech *t, spnego_sink *out)
{
    const toy_lie lie = lie_now(t);
    const int last = lie == TOY_NEVER_COMPLETES ? t->next_leg + 1 : t->legs;

    if (lie == TOY_CONTINUES_SILENTLY || lie == TOY_COMPLETES_SILENTLY)
        t->next_leg++;
    else if (t->next_leg <= last) {
        write_leg(t, out);
        t->next_leg++;
    }
    if (lie == TOY_CONTINUES_SILENTLY)
        return end(t, SPNEGO_MECH_CONTINUE);
    if (lie == TOY_COMPLETES_SILENTLY || lie == TOY_COMPLETES_EARLY)
        return end(t, SPNEGO_MECH_COMPLETE);
    return end(t, t->next_leg > last ? SPNEGO_MECH_COMPLETE : SPNEGO_MECH_CONTINUE);
}

static void reenter(toy_mech *t)
{
    const spnego_bytes none = {NULL, 0};
    spnego_bytes out;

    t->reentry_status = spnego_context_step(t->context, &out, none);
}

static spnego_mech_result step(void *self, spnego_sink *out, spnego_mech_code *code,
                               spnego_bytes in)
{
    static const uint8_t little[8] = "little";
    toy_mech *t = self;
    toy_lie lie;
    int first;

    begin_call(t, 's', code);
    require(t, !t->ended, "step after the end");
    require(t, !t->pending, "step while pending");
    first = t->next_leg == 0;
    if (first)
        t->next_leg = 1;
    t->steps++;
    require(t, (in.data == NULL) == (first && !t->acceptor),
            "no token where there must be one, or one where there must be none");
    require(t, in.data == NULL || in.len != 0 || (t->flags & SPNEGO_FLAG_EMPTY_TOKENS),
            "an empty token");

    lie = lie_now(t);
    switch (lie) {
    case TOY_FAILS:
        return fail(t, out, code, TOY_CODE, 1);
    case TOY_FAILS_SILENTLY:
        return fail(t, out, code, TOY_CODE, 0);
    case TOY_UNAVAILABLE:
        fail_with(t, code, TOY_CODE);
        return end(t, SPNEGO_MECH_UNAVAILABLE);
    case TOY_UNKNOWN_RESULT:
        return end(t, (spnego_mech_result)77);
    case TOY_ZERO_RESULT:
        return end(t, (spnego_mech_result)0);
    default:
        break;
    }

    if (in.data != NULL) {
        if (is_error_token(t, in))
            return fail(t, out, code, TOY_PEER_CODE, 0);
        if (!takes(t, in))
            return fail(t, out, code, TOY_CODE, 1);
        t->next_leg++;
    }

    switch (lie) {
    case TOY_WRITES_NULL:
        spnego_sink_write(out, NULL, 8);
        break;
    case TOY_WRITES_HUGE:
        for (size_t i = 0; i < t->huge; i++)
            spnego_sink_write(out, "h", 1);
        break;
    case TOY_CLAIMS_2_GIB:
        spnego_sink_write(out, little, (size_t)1 << 31);
        break;
    case TOY_PENDS_WRITING:
        spnego_sink_write(out, little, sizeof little);
        return end(t, SPNEGO_MECH_PENDING);
    case TOY_PENDS:
    case TOY_PENDS_THEN_FAILS:
    case TOY_PENDS_THEN_UNKNOWN:
    case TOY_PENDS_THEN_UNAVAILABLE:
    case TOY_PENDS_TWICE:
    case TOY_PENDS_FOR_EVER:
        t->pended = 0;
        return end(t, SPNEGO_MECH_PENDING);
    case TOY_REENTERS:
        reenter(t);
        break;
    case TOY_DESTROYS:
        spnego_context_destroy(t->context);
        break;
    case TOY_ECHOES:
        if (in.data != NULL) {
            spnego_sink_write(out, in.data, in.len);
            t->next_leg++;
            return end(t, t->next_leg > t->legs ? SPNEGO_MECH_COMPLETE : SPNEGO_MECH_CONTINUE);
        }
        break;
    default:
        break;
    }
    return answer(t, out);
}

static spnego_mech_result resume(void *self, spnego_sink *out, spnego_mech_code *code)
{
    toy_mech *t = self;
    const toy_lie lie = lie_now(t);

    begin_call(t, 'r', code);
    require(t, t->pending, "resume while nothing is pending");
    if (lie == TOY_PENDS_THEN_FAILS)
        return fail(t, out, code, TOY_CODE, 1);
    if (lie == TOY_PENDS_THEN_UNKNOWN)
        return end(t, (spnego_mech_result)77);
    if (lie == TOY_PENDS_THEN_UNAVAILABLE)
        return end(t, SPNEGO_MECH_UNAVAILABLE);
    if (lie == TOY_PENDS_FOR_EVER || (lie == TOY_PENDS_TWICE && t->pended < 2))
        return end(t, SPNEGO_MECH_PENDING);
    return answer(t, out);
}

static uint32_t query(void *self)
{
    toy_mech *t = self;

    require(t, t->abandoned == 0, "query after abandon");
    return t->flags | (t->complete ? t->late_flags : 0);
}

static int available(void *self)
{
    toy_mech *t = self;

    require(t, t->abandoned == 0, "available after abandon");
    return !t->no_credential;
}

/* ---- MICs ---------------------------------------------------------------------------------- */

static void begin_mic_call(toy_mech *t, char call, const spnego_mech_code *code)
{
    begin_call(t, call, code);
    require(t, t->complete, "a MIC before the end");
    require(t, (query(t) & SPNEGO_FLAG_INTEG) != 0, "a MIC without integrity");
    if (t->lie == TOY_REENTERS_IN_MIC)
        reenter(t);
}

static void mic_of(uint8_t out[MIC_LEN], const toy_mech *t, int by_acceptor, spnego_bytes message)
{
    toy_mic(out, t->name, t->symmetric ? 0 : by_acceptor, t->session, message);
}

static spnego_mech_result get_mic(void *self, spnego_sink *mic, spnego_mech_code *code,
                                  spnego_bytes message)
{
    toy_mech *t = self;
    uint8_t octets[MIC_LEN];

    begin_mic_call(t, 'g', code);
    t->get_mic_calls++;
    switch (t->lie) {
    case TOY_MIC_FAILS:
        fail_with(t, code, TOY_CODE);
        return SPNEGO_MECH_FAILED;
    case TOY_MIC_SILENT:
        return SPNEGO_MECH_COMPLETE;
    case TOY_MIC_UNKNOWN:
        mic_of(octets, t, t->acceptor, message);
        spnego_sink_write(mic, octets, sizeof octets);
        return (spnego_mech_result)77;
    default:
        mic_of(octets, t, t->acceptor, message);
        spnego_sink_write(mic, octets, sizeof octets);
        return SPNEGO_MECH_COMPLETE;
    }
}

static spnego_mech_result verify_mic(void *self, spnego_mech_code *code, spnego_bytes message,
                                     spnego_bytes mic)
{
    toy_mech *t = self;
    uint8_t octets[MIC_LEN];
    unsigned differ = 0;

    begin_mic_call(t, 'v', code);
    t->verify_calls++;
    t->verified_len = mic.len;
    if (mic.len != 0 && mic.len <= sizeof t->verified)
        memcpy(t->verified, mic.data, mic.len);
    if (t->lie == TOY_VERIFY_UNKNOWN)
        return (spnego_mech_result)77;
    if (t->lie == TOY_VERIFY_CONTINUES)
        return SPNEGO_MECH_CONTINUE;
    mic_of(octets, t, !t->acceptor, message);
    if (mic.len == sizeof octets)
        for (size_t i = 0; i < sizeof octets; i++)
            differ |= octets[i] ^ mic.data[i];
    if (mic.len == sizeof octets && differ == 0 && t->lie != TOY_VERIFY_FAILS)
        return SPNEGO_MECH_COMPLETE;
    fail_with(t, code, TOY_CODE);
    return SPNEGO_MECH_FAILED;
}

static void mic_expected(void *self)
{
    toy_mech *t = self;

    begin_call(t, 'e', NULL);
    require(t, t->expected == 0, "mic_expected twice");
    require(t, !t->ended && !t->pending, "mic_expected after the step that it is for");
    t->expected++;
}

static void mic_done(void *self, int verified)
{
    toy_mech *t = self;

    begin_call(t, verified ? 'w' : 'm', NULL);
    *(verified ? &t->verified_mics : &t->signed_mics) += 1;
    require(t, t->verified_mics <= t->verify_calls && t->signed_mics <= t->get_mic_calls,
            "mic_done without a MIC");
}

/* ---- The rest ------------------------------------------------------------------------------ */

static void abandon(void *self)
{
    toy_mech *t = self;

    begin_call(t, 'a', NULL);
    require(t, t->next_leg != 0, "abandon before it had begun");
    t->abandoned++;
}

enum { WRAP_HEAD_LEN = 2, WRAP_KEY = 0x55 };

static spnego_mech_result wrap(void *self, spnego_sink *out, spnego_mech_code *code,
                               spnego_bytes message, int conf)
{
    toy_mech *t = self;
    const size_t len = WRAP_HEAD_LEN + message.len;
    uint8_t *const token = malloc(len);
    uint8_t mic[MIC_LEN];

    begin_call(t, 'W', code);
    require(t, t->complete, "wrap before the end");
    if (t->lie == TOY_FAILS || token == NULL) {
        free(token);
        fail_with(t, code, TOY_CODE);
        return SPNEGO_MECH_FAILED;
    }
    token[0] = 'W';
    token[1] = conf != 0;
    for (size_t i = 0; i < message.len; i++)
        token[WRAP_HEAD_LEN + i] = (uint8_t)(message.data[i] ^ (conf ? WRAP_KEY : 0));
    mic_of(mic, t, t->acceptor, (spnego_bytes){token, len});
    spnego_sink_write(out, token, len);
    spnego_sink_write(out, mic, sizeof mic);
    free(token);
    return SPNEGO_MECH_COMPLETE;
}

static spnego_mech_result unwrap(void *self, spnego_sink *out, spnego_mech_code *code,
                                 int *out_conf, spnego_bytes message)
{
    toy_mech *t = self;
    uint8_t mic[MIC_LEN];
    int good =
        message.len >= WRAP_HEAD_LEN + MIC_LEN && message.data[0] == 'W' && message.data[1] <= 1;

    begin_call(t, 'U', code);
    require(t, t->complete, "unwrap before the end");
    if (good) {
        mic_of(mic, t, !t->acceptor, (spnego_bytes){message.data, message.len - MIC_LEN});
        good = memcmp(mic, message.data + message.len - MIC_LEN, MIC_LEN) == 0;
    }
    if (!good) {
        fail_with(t, code, TOY_CODE);
        return SPNEGO_MECH_FAILED;
    }
    *out_conf = message.data[1];
    for (size_t i = WRAP_HEAD_LEN; i < message.len - MIC_LEN; i++) {
        const uint8_t octet = (uint8_t)(message.data[i] ^ (*out_conf ? WRAP_KEY : 0));

        spnego_sink_write(out, &octet, 1);
    }
    return SPNEGO_MECH_COMPLETE;
}

static void copy_text(char *out, size_t size, spnego_bytes octets)
{
    snprintf(out, size, "%.*s", (int)octets.len, octets.len == 0 ? "" : (const char *)octets.data);
}

static void prepare(void *self, const spnego_request *request)
{
    const uint32_t asked_for = SPNEGO_FLAG_CONF | SPNEGO_FLAG_INTEG | SPNEGO_FLAG_MUTUAL |
                               SPNEGO_FLAG_DELEG | SPNEGO_FLAG_IDENTIFY;
    toy_mech *t = self;

    begin_call(t, 'p', NULL);
    require(t, t->next_leg == 0, "prepare after it had begun");
    t->asked_flags = request->flags;
    if (t->grants_only_asked)
        t->flags &= request->flags | ~asked_for;
    copy_text(t->asked_target, sizeof t->asked_target, request->target);
    copy_text(t->asked_bindings, sizeof t->asked_bindings, request->channel_bindings);
}

/* The state as text, which import_state reads back and compares, so that nothing else is taken. */
static size_t state_of(char out[MAX_TEXT], const toy_mech *t)
{
    return (size_t)snprintf(out, MAX_TEXT, "toy %s %d %d %08" PRIx32 " %d %d", t->name, t->next_leg,
                            t->complete, t->session, t->steps, t->expected);
}

static spnego_mech_result export_state(void *self, spnego_sink *out)
{
    toy_mech *t = self;
    char text[MAX_TEXT];

    begin_call(t, 'x', NULL);
    require(t, t->next_leg != 0 && !t->pending, "export of what has not begun, or pends");
    spnego_sink_write(out, text, state_of(text, t));
    return SPNEGO_MECH_COMPLETE;
}

static spnego_mech_result import_state(void *self, spnego_bytes state)
{
    toy_mech *t = self;
    char text[MAX_TEXT], name[MAX_TEXT], again[MAX_TEXT];
    toy_mech read = {.name = name};

    begin_call(t, 'i', NULL);
    require(t, t->next_leg == 0, "import into what has begun");
    if (state.len == 0 || state.len >= sizeof text)
        return SPNEGO_MECH_FAILED;
    memcpy(text, state.data, state.len);
    text[state.len] = '\0';
    if (sscanf(text, "toy %63s %d %d %" SCNx32 " %d %d", name, &read.next_leg, &read.complete,
               &read.session, &read.steps, &read.expected) != 6)
        return SPNEGO_MECH_FAILED;
    if (state_of(again, &read) != state.len || memcmp(again, text, state.len) != 0 ||
        strcmp(name, t->name) != 0)
        return SPNEGO_MECH_FAILED;
    t->next_leg = read.next_leg;
    t->complete = t->ended = read.complete;
    t->session = read.session;
    t->steps = read.steps;
    t->expected = read.expected;
    return SPNEGO_MECH_COMPLETE;
}

/* ---- The mechanisms ------------------------------------------------------------------------ */

#define OPS(mech_name, ...) \
    { \
        .struct_size = sizeof(spnego_mech_ops), .name = mech_name, \
        .oid = {(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})}, \
        .step = step, .resume = resume, .query = query, .available = available, \
        .get_mic = get_mic, .verify_mic = verify_mic, .wrap = wrap, .unwrap = unwrap, \
        .prepare = prepare, .mic_expected = mic_expected, .mic_done = mic_done, \
        .abandon = abandon, .export_state = export_state, .import_state = import_state, \
    }

const spnego_mech_ops toy_x = OPS("toy-x", 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02);
const spnego_mech_ops toy_y =
    OPS("toy-y", 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a);
/* 1.3.6.1.4.1.99999.1 */
const spnego_mech_ops toy_z = OPS("toy-z", 0x2b, 0x06, 0x01, 0x04, 0x01, 0x86, 0x8d, 0x1f, 0x01);
const spnego_mech_ops toy_ms = OPS("toy-ms", 0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 0x01, 0x02, 0x02);

spnego_mech toy_mech_of(const spnego_mech_ops *ops, toy_mech *toy)
{
    return (spnego_mech){.ops = ops, .self = toy};
}

/* ---- One side of a negotiation ------------------------------------------------------------- */

static void record(void *user, const spnego_event *event)
{
    toy_side *side = user;

    side->events[event->type]++;
    side->event_quirks |= event->quirk;
    side->last[event->type] = *event;
    side->last[event->type].bytes.data = NULL; /* borrowed */
}

static toy_mech *toy_of(toy_side *side, char letter, const spnego_mech_ops **ops)
{
    switch (letter) {
    case 'X':
        *ops = &toy_x;
        return &side->x;
    case 'Y':
        *ops = &toy_y;
        return &side->y;
    case 'Z':
        *ops = &toy_z;
        return &side->z;
    default:
        *ops = &toy_ms;
        return &side->ms;
    }
}

void toy_side_init(toy_side *side, spnego_role role, int profile, const char *letters, int legs,
                   uint32_t flags)
{
    memset(side, 0, sizeof *side);
    side->x = (toy_mech){.name = "X", .legs = legs, .flags = flags, .session = 1};
    side->x.acceptor = role == SPNEGO_ACCEPTOR;
    side->y = side->z = side->ms = side->x;
    side->y.name = "Y";
    side->z.name = "Z";
    spnego_config_init(&side->config, sizeof side->config, role);
    if (profile == TOY_STRICT)
        spnego_config_strict(&side->config);
    for (size_t i = 0; letters[i] != '\0'; i++) {
        const spnego_mech_ops *ops;
        toy_mech *toy = toy_of(side, letters[i], &ops);

        side->mechs[i] = toy_mech_of(ops, toy);
        side->config.num_mechs = i + 1;
    }
    side->config.mechs = side->mechs;
    side->config.user = side;
    side->config.on_event = record;
}

void toy_side_open(toy_side *side)
{
    spnego_error error;

    if (spnego_context_create(&side->context, &error, &side->config) != SPNEGO_COMPLETE) {
        fprintf(stderr, "no context: %s\n", spnego_rule_describe(error.rule)->name);
        abort();
    }
    side->x.context = side->y.context = side->z.context = side->ms.context = side->context;
}

int toy_side_close(toy_side *side)
{
    const toy_mech *toys[] = {&side->x, &side->y, &side->z, &side->ms};
    const char *state = spnego_context_state(side->context);
    spnego_info info;
    /* An exported one is established elsewhere; one that is complete and has pieces left to send is
     * not established yet. */
    const int goes_on = spnego_context_info(side->context, &info) || strcmp(state, "exported") == 0;
    int breaches = 0, abandoned = 0;

    for (size_t i = 0; i < 4; i++)
        abandoned += toys[i]->abandoned;
    spnego_context_destroy(side->context);
    side->context = NULL;
    for (size_t i = 0; i < 4; i++) {
        abandoned -= toys[i]->abandoned;
        if (toys[i]->after_end != 0)
            fprintf(stderr, "%s: %s (%s)\n", toys[i]->name, toys[i]->breach, toys[i]->trace);
        breaches += toys[i]->after_end;
        /* Every instance that had begun is told once, unless it goes on. */
        if (!goes_on && toys[i]->next_leg != 0 && toys[i]->abandoned != 1) {
            fprintf(stderr, "%s: abandoned %d times (%s)\n", toys[i]->name, toys[i]->abandoned,
                    toys[i]->trace);
            breaches++;
        }
    }
    if (goes_on && abandoned != 0) {
        fprintf(stderr, "abandon of a context that was %s\n", state);
        breaches++;
    }
    return breaches;
}

/* ---- A whole exchange ---------------------------------------------------------------------- */

/* More than any exchange needs, token by token or octet by octet. */
#define MAX_PASSES 100000
#define MAX_RESUMES 8
#define ROOM ((size_t)1 << 18)

static spnego_status step_to_its_end(spnego_context *context, spnego_bytes *out, spnego_bytes in)
{
    spnego_status status = spnego_context_step(context, out, in);

    for (int i = 0; i < MAX_RESUMES && status == SPNEGO_PENDING; i++)
        status = spnego_context_resume(context, out);
    return status;
}

/* A copy of exactly the token's length, so that a read beyond it is one that a memory checker
 * sees.  NULL if it was dropped. */
static uint8_t *copy_of(spnego_bytes *token, unsigned number, spnego_role from, toy_tamper *tamper,
                        void *user)
{
    static uint8_t room[ROOM];
    size_t len = token->len;
    uint8_t *copy;

    if (len > sizeof room)
        abort();
    if (len != 0)
        memcpy(room, token->data, len);
    if (tamper != NULL && !tamper(user, number, from, room, &len, sizeof room))
        return NULL;
    copy = malloc(len != 0 ? len : 1);
    if (copy == NULL)
        abort();
    memcpy(copy, room, len);
    *token = (spnego_bytes){copy, len};
    return copy;
}

static void end_of(toy_end *end_, const spnego_context *context, spnego_status status)
{
    end_->status = status;
    end_->rule = spnego_context_error(context)->rule;
    (void)spnego_context_info(context, &end_->info);
}

unsigned toy_exchange(toy_end *initiator_end, toy_end *acceptor_end, spnego_context *initiator,
                      spnego_context *acceptor, spnego_role opening, toy_tamper *tamper, void *user)
{
    spnego_context *const contexts[2] = {initiator, acceptor};
    spnego_status status[2] = {SPNEGO_CONTINUE, SPNEGO_CONTINUE};
    spnego_bytes token = {NULL, 0}, out;
    uint8_t *copy = NULL;
    int side = opening == SPNEGO_ACCEPTOR;
    unsigned passed = 0;

    while (passed < MAX_PASSES) {
        status[side] = step_to_its_end(contexts[side], &out, token);
        free(copy);
        copy = NULL;
        if ((out.data == NULL && status[side] != SPNEGO_CONTINUE) ||
            status[!side] != SPNEGO_CONTINUE)
            break;
        token = out;
        copy =
            copy_of(&token, passed, side == 0 ? SPNEGO_INITIATOR : SPNEGO_ACCEPTOR, tamper, user);
        if (copy == NULL)
            break;
        passed++;
        side = !side;
    }
    free(copy);
    end_of(initiator_end, initiator, status[0]);
    end_of(acceptor_end, acceptor, status[1]);
    return passed;
}
