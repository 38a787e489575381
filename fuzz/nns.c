#include "nns.h"

#include <spnego/nns.h>

/* ---- Memory ---------------------------------------------------------------------------------- */

/* Of the side that is looked at. */
static struct {
    unsigned num, fail_at;
    size_t blocks, now, peak;
} memory;

/* Its size stands before each block. */
typedef union head {
    size_t size;
    max_align_t align;
} head;

static void *counted_alloc(void *user, size_t size)
{
    head *block;

    (void)user;
    if (++memory.num == memory.fail_at)
        return NULL;
    block = malloc(sizeof *block + size);
    if (block == NULL)
        abort();
    block->size = size;
    memory.blocks++;
    memory.now += size;
    memory.peak = memory.peak < memory.now ? memory.now : memory.peak;
    return block + 1;
}

static void counted_free(void *user, void *at)
{
    head *block = at;

    (void)user;
    if (at == NULL)
        return;
    block--;
    memory.blocks--;
    memory.now -= block->size;
    free(block);
}

/* ---- Sides ----------------------------------------------------------------------------------- */

typedef struct side {
    toy_side toy;
    spnego_nns *session;
    octets out, data; /* all of it; of the peer's `out` the first `passed` are passed on */
    size_t passed, fed;
    spnego_status status;
    int over, closed;
} side;

typedef struct settings {
    uint8_t levels, levels_of_peer, options, flags, script, lie, lie_at, fail_at;
} settings;

static void take_settings(settings *s, source *from)
{
    uint8_t *const members[] = {&s->levels, &s->levels_of_peer, &s->options, &s->flags, &s->script,
                                &s->lie,    &s->lie_at,         &s->fail_at};

    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        *members[i] = take(from);
}

static void set_levels(spnego_nns_config *config, uint8_t levels)
{
    config->protection = (spnego_nns_protection)(levels % 3);
    config->impersonation = (spnego_nns_impersonation)(1 + levels / 4 % 3);
}

static void set_up(side *s, spnego_role role, const settings *from)
{
    const uint32_t flags = (uint32_t)(from->flags & 1 ? SPNEGO_FLAG_INTEG : 0) |
                           (uint32_t)(from->flags & 2 ? SPNEGO_FLAG_CONF : 0) |
                           (uint32_t)(from->flags & 4 ? SPNEGO_FLAG_DELEG : 0) |
                           (uint32_t)(from->flags & 8 ? SPNEGO_FLAG_IDENTIFY : 0);

    memset(s, 0, sizeof *s);
    toy_side_init(&s->toy, role, from->script & 8 ? TOY_STRICT : TOY_INTEROPERABLE,
                  from->script & 16 && role == SPNEGO_ACCEPTOR ? "YX" : "XY", 1 + from->script % 4,
                  flags);
    s->toy.y.signature = 1;
    s->toy.config.on_event = NULL;
    if (from->script & 32)
        s->toy.config.options |= SPNEGO_OPTION_OWN_ORDER;
}

static void note(side *s, const spnego_turn *turn)
{
    octets_add(&s->out, turn->out.data, turn->out.len);
    octets_add(&s->data, turn->data.data, turn->data.len);
}

static int is_complete(const side *s)
{
    return s->toy.x.complete || s->toy.y.complete;
}

/* Of a side, what it holds at most beside what the negotiation does: nns.h; and what that holds. */
#define BOUND (3 * (size_t)SPNEGO_NNS_MAX_BUFFER + 3 * (size_t)SPNEGO_NNS_MAX_PAYLOAD_TAKEN + 20000)

/* The laws of each call of the side that is looked at. */
static spnego_status check(side *s, const spnego_turn *turn, spnego_status status,
                           const char *state_before, size_t given)
{
    const char *state = spnego_nns_state(s->session);
    const int established = strcmp(state, "Authenticated") == 0;
    spnego_nns_levels levels;
    spnego_info info;

    LAW(turn->taken <= given);
    LAW(memory.now <= BOUND);
    if (s->over) {
        LAW(status == s->status && turn->out.data == NULL && turn->data.data == NULL);
        return status;
    }
    if (status == SPNEGO_ERR_USAGE) {
        LAW(turn->out.data == NULL && turn->data.data == NULL && turn->taken == 0);
        LAW(strcmp(state, state_before) == 0);
        return status;
    }
    LAW(spnego_nns_info(s->session, &info, &levels) == established);
    if (established)
        LAW(status == SPNEGO_COMPLETE && is_complete(s));
    /* Nothing before, and nothing with the call that establishes it. */
    LAW(turn->data.data == NULL || strcmp(state_before, "Authenticated") == 0);
    LAW(status != SPNEGO_COMPLETE || established || strcmp(state, "Closed") == 0);
    if (status < 0) {
        LAW(turn->out.data == NULL ||
            (turn->out.len == SPNEGO_NNS_ERROR_LEN && turn->out.data[0] == SPNEGO_NNS_ERROR));
        LAW(turn->data.data == NULL);
        LAW(spnego_nns_error(s->session)->status == status);
        s->over = 1;
    }
    s->status = status;
    return status;
}

static spnego_status settle(side *s, spnego_turn *turn, spnego_status status)
{
    note(s, turn);
    for (int i = 0; i < 8 && status == SPNEGO_PENDING; i++) {
        const char *before = spnego_nns_state(s->session);

        status = spnego_nns_resume(s->session, turn);
        (void)check(s, turn, status, before, 0);
        note(s, turn);
    }
    return status;
}

static void receive(side *s, spnego_bytes in)
{
    uint8_t *const copy = copy_exactly(in.data, in.len);
    spnego_bytes left = {copy, in.len};
    spnego_status status = SPNEGO_CONTINUE;

    s->fed += in.len;
    while (status >= 0 && left.len != 0) {
        const char *before = spnego_nns_state(s->session);
        spnego_turn turn;
        size_t taken;

        status = check(s, &turn, spnego_nns_receive(s->session, &turn, left), before, left.len);
        taken = turn.taken;
        LAW(taken != 0 || status < 0);
        status = settle(s, &turn, status);
        left.data += taken;
        left.len -= taken;
    }
    free(copy);
}

/* The peer's session is not looked at, and resumes nothing. */
static void answer(side *peer, side *s)
{
    spnego_bytes left = {s->out.data == NULL ? NULL : s->out.data + s->passed,
                         s->out.len - s->passed};
    spnego_status status = SPNEGO_CONTINUE;

    while (status >= 0 && left.len != 0) {
        spnego_turn turn;

        status = spnego_nns_receive(peer->session, &turn, left);
        note(peer, &turn);
        left.data += turn.taken;
        left.len -= turn.taken;
    }
    s->passed = s->out.len;
}

/* ---- What happens ---------------------------------------------------------------------------- */

static void pass(side *s, side *peer, size_t len, int by_octets)
{
    uint8_t *copy;

    if (len == 0)
        return;
    copy = copy_exactly(peer->out.data + peer->passed, len);
    peer->passed += len;
    for (size_t i = 0; i < len; i += by_octets ? 1 : len)
        receive(s, (spnego_bytes){copy + i, by_octets ? 1 : len});
    free(copy);
    answer(peer, s);
}

static void pass_octets(side *s, side *peer, spnego_bytes in, int by_octets)
{
    for (size_t i = 0; i < in.len; i += by_octets ? 1 : in.len)
        receive(s, (spnego_bytes){in.data + i, by_octets ? 1 : in.len});
    answer(peer, s);
}

static void send_data(side *s, spnego_bytes data)
{
    const char *before = spnego_nns_state(s->session);
    spnego_turn turn;
    const spnego_status status =
        check(s, &turn, spnego_nns_send(s->session, &turn, data), before, data.len);

    /* NNS-80 */
    LAW(status != SPNEGO_COMPLETE || strcmp(before, "Authenticated") == 0);
    note(s, &turn);
}

static void end_stream(side *s)
{
    const char *before = spnego_nns_state(s->session);
    spnego_turn turn;

    (void)check(s, &turn, spnego_nns_end(s->session, &turn), before, 0);
}

static void start_again(side *s)
{
    const char *before = spnego_nns_state(s->session);
    spnego_turn turn;

    LAW(check(s, &turn, spnego_nns_start(s->session, &turn), before, 0) < 0);
}

static void tamper(side *s, side *peer, source *from, int by_octets)
{
    const size_t len = peer->out.len - peer->passed;
    const size_t at = take(from);
    const uint8_t change = take(from);

    if (len != 0)
        peer->out.data[peer->passed + at % len] ^= change;
    pass(s, peer, len, by_octets);
}

static void happen(side *s, side *peer, source *from, int by_octets)
{
    const size_t left = peer->out.len - peer->passed;
    size_t len;
    spnego_turn turn;
    spnego_bytes data;

    switch (take(from) % 10) {
    case 0:
        pass(s, peer, left, by_octets);
        break;
    case 1:
        pass(s, peer, left != 0, by_octets);
        break;
    case 2:
        tamper(s, peer, from, by_octets);
        break;
    case 3:
        len = take(from);
        pass(s, peer, len < left ? len : left, by_octets);
        break;
    case 4:
        pass_octets(s, peer, take_bytes(from), by_octets);
        break;
    case 5:
        send_data(s, take_bytes(from));
        answer(peer, s);
        break;
    case 6:
        data = take_bytes(from);
        if (spnego_nns_send(peer->session, &turn, data) == SPNEGO_COMPLETE)
            note(peer, &turn);
        break;
    case 7:
        end_stream(s);
        break;
    case 8:
        LAW(spnego_nns_close(s->session) == SPNEGO_COMPLETE);
        LAW(strcmp(spnego_nns_state(s->session), "Closed") == 0);
        break;
    default:
        start_again(s);
    }
}

/* ---- A run ----------------------------------------------------------------------------------- */

static int open_side(side *s, uint8_t levels, uint32_t options)
{
    spnego_nns_config config;

    spnego_nns_config_init(&config, sizeof config, &s->toy.config);
    set_levels(&config, levels);
    config.options = options;
    return spnego_nns_create(&s->session, NULL, &config) == SPNEGO_COMPLETE;
}

static void forget(side *s)
{
    LAW(s->toy.x.after_end + s->toy.y.after_end == 0);
    octets_free(&s->out);
    octets_free(&s->data);
}

static void play(side *s, side *peer, source *from, int by_octets)
{
    const char *before = spnego_nns_state(s->session);
    spnego_turn turn;

    (void)settle(s, &turn, check(s, &turn, spnego_nns_start(s->session, &turn), before, 0));
    if (spnego_nns_start(peer->session, &turn) >= 0)
        note(peer, &turn);
    answer(peer, s);
    for (int i = 0; i < 64 && from->len != 0; i++)
        happen(s, peer, from, by_octets);
    if (s->over) {
        const spnego_error *error = spnego_nns_error(s->session);
        const uint64_t end[] = {(uint64_t)(int64_t)error->status, error->rule, error->offset};

        octets_add(&s->data, end, sizeof end);
    }
    octets_add(&s->data, spnego_nns_state(s->session), 4);
}

/* What was sent, what was delivered, and what it came to. */
static void run(octets *trace, spnego_role role, source from, int by_octets)
{
    settings chosen;
    side s, peer;

    take_settings(&chosen, &from);
    memset(&memory, 0, sizeof memory);
    /* Allocations come otherwise where octets do. */
    memory.fail_at = by_octets ? 0 : chosen.fail_at;
    set_up(&s, role, &chosen);
    s.toy.config.alloc = counted_alloc;
    s.toy.config.dealloc = counted_free;
    s.toy.x.lie = s.toy.y.lie = (toy_lie)(chosen.lie % TOY_REENTERS);
    s.toy.x.lie_at = s.toy.y.lie_at = chosen.lie_at % 4;
    s.toy.x.huge = s.toy.y.huge = 70000;
    set_up(&peer, role == SPNEGO_INITIATOR ? SPNEGO_ACCEPTOR : SPNEGO_INITIATOR, &chosen);
    if (open_side(&peer, chosen.levels_of_peer, 0)) {
        if (open_side(&s, chosen.levels, chosen.options & 31u))
            play(&s, &peer, &from, by_octets);
        spnego_nns_destroy(s.session);
        spnego_nns_destroy(peer.session);
    }
    LAW(memory.blocks == 0 && memory.now == 0);
    octets_add(trace, s.out.data, s.out.len);
    octets_add(trace, s.data.data, s.data.len);
    forget(&s);
    forget(&peer);
}

void run_nns(spnego_role role, const uint8_t *data, size_t size)
{
    const source from = {data, size};
    octets whole = {NULL, 0, 0}, cut = {NULL, 0, 0};

    run(&whole, role, from, 0);
    if (memory.fail_at == 0) {
        run(&cut, role, from, 1);
        LAW(whole.len == cut.len &&
            (whole.len == 0 || memcmp(whole.data, cut.data, whole.len) == 0));
    }
    octets_free(&whole);
    octets_free(&cut);
}
