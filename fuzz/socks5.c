#include "socks5.h"

#include <spnego/socks5.h>

#include "toy_mech.h"

/* ---- The input ------------------------------------------------------------------------------- */

typedef struct source {
    const uint8_t *data;
    size_t len;
} source;

static uint8_t take(source *from)
{
    if (from->len == 0)
        return 0;
    from->len--;
    return *from->data++;
}

/* As many octets as the one that comes first says, or as there are. */
static spnego_bytes take_bytes(source *from)
{
    const size_t want = take(from);
    const spnego_bytes bytes = {from->data, want < from->len ? want : from->len};

    from->data += bytes.len;
    from->len -= bytes.len;
    return bytes;
}

/* ---- What is watched ------------------------------------------------------------------------- */

/* One frame of the peer's, two of its own, the mechanism's output, each in a block of up to twice
 * its length and one that it grows out of; and what is made once. */
#define MAX_MEMORY ((size_t)700000)
enum { MAX_LIVE = 16, MAX_RESUMES = 4, MAX_FRAME = 2048 };

typedef struct text {
    uint8_t *data;
    size_t len;
} text;

typedef struct watched {
    toy_side side; /* first: config.user is the address of both */
    spnego_socks5_config config;
    spnego_socks5 *session;
    spnego_role role;
    unsigned fail_at, num_allocs;
    size_t live, num_live;
    int peer_leg; /* the next of the peer's tokens, if it is honest */
    int cut;      /* 0: as it comes; else pieces of that many octets */
    spnego_status status;
    text out, data;
} watched;

enum { BEFORE = 16 };

static void *take_memory(void *user, size_t size)
{
    watched *w = user;
    size_t *block;

    w->num_allocs++;
    if (w->fail_at != 0 && w->num_allocs >= w->fail_at)
        return NULL;
    block = malloc(BEFORE + size);
    if (block == NULL)
        abort();
    *block = size;
    w->live += size;
    w->num_live++;
    LAW(w->live <= MAX_MEMORY && w->num_live <= MAX_LIVE);
    return (uint8_t *)block + BEFORE;
}

static void give_memory(void *user, void *memory)
{
    watched *w = user;
    size_t *block = (size_t *)(void *)((uint8_t *)memory - BEFORE);

    LAW(w->num_live != 0);
    /* Everything that held octets of the session is wiped. */
    for (size_t i = 0; i < *block; i++)
        LAW(((const uint8_t *)memory)[i] == 0);
    w->live -= *block;
    w->num_live--;
    free(block);
}

static void add(text *to, spnego_bytes from)
{
    if (from.len == 0)
        return;
    to->data = realloc(to->data, to->len + from.len);
    if (to->data == NULL)
        abort();
    memcpy(to->data + to->len, from.data, from.len);
    to->len += from.len;
}

/* ---- Settings -------------------------------------------------------------------------------- */

static const toy_lie lies[] = {TOY_HONEST,
                               TOY_FAILS,
                               TOY_FAILS_SILENTLY,
                               TOY_PENDS,
                               TOY_PENDS_THEN_FAILS,
                               TOY_PENDS_TWICE,
                               TOY_COMPLETES_SILENTLY,
                               TOY_COMPLETES_EARLY,
                               TOY_NEVER_COMPLETES,
                               TOY_CONTINUES_SILENTLY,
                               TOY_WRITES_HUGE,
                               TOY_WRITES_NULL,
                               TOY_UNKNOWN_RESULT,
                               TOY_ECHOES,
                               TOY_UNAVAILABLE,
                               TOY_HONEST};

static void set_up(watched *w, source *from)
{
    const uint8_t levels = take(from), script = take(from), lie = take(from);
    const uint32_t flags =
        (script & 0x10 ? 0 : SPNEGO_FLAG_INTEG) | (script & 0x20 ? 0 : SPNEGO_FLAG_CONF) |
        (script & 0x40 ? 0 : SPNEGO_FLAG_MUTUAL) | (script & 0x80 ? SPNEGO_FLAG_EMPTY_TOKENS : 0);

    toy_side_init(&w->side, w->role, script & 0x08 ? TOY_STRICT : TOY_INTEROPERABLE, "X",
                  1 + script % 5, flags);
    w->side.x.lie = lies[lie & 15];
    w->side.x.lie_at = lie >> 4 & 3;
    w->side.x.empty_legs = flags & SPNEGO_FLAG_EMPTY_TOKENS ? 1u << 2 : 0;
    w->side.x.huge = lie & 0x40 ? 65536 : 65524;
    w->side.config.on_event = NULL;
    w->side.config.alloc = take_memory;
    w->side.config.dealloc = give_memory;
    w->side.config.user = w;
    spnego_socks5_config_init(&w->config, sizeof w->config);
    w->config.negotiation = &w->side.config;
    w->config.level = levels & 3;
    w->config.min_level = levels >> 2 & 3;
    w->config.options = take(from) & 0x3f;
    w->config.max_plaintext = levels & 0x80 ? 7 : 0;
    w->fail_at = take(from);
    w->side.config.limits.max_token = take(from) % 4 == 3 ? 64 : 0;
}

/* ---- Laws of a call -------------------------------------------------------------------------- */

static int is_established(const watched *w, spnego_socks5_info *info)
{
    return spnego_socks5_get_info(w->session, info);
}

static int promise_of(int level)
{
    return level == SPNEGO_SOCKS5_LEVEL_SELECTIVE ? SPNEGO_SOCKS5_LEVEL_INTEGRITY : level;
}

/* RFC 1961 4: never less than what was asked for, or what is the least. */
static void check_level(const watched *w, const spnego_socks5_info *info)
{
    const int least = w->config.min_level;
    const int unprotected = (w->config.options & SPNEGO_SOCKS5_OPTION_NO_PROTECTION) != 0;
    const int asked =
        w->config.level != 0 || unprotected ? w->config.level : SPNEGO_SOCKS5_LEVEL_CONFIDENTIALITY;

    LAW(info->level != SPNEGO_SOCKS5_LEVEL_NONE || unprotected);
    LAW(promise_of(info->level) >= least);
    if (w->role == SPNEGO_INITIATOR && least == 0)
        LAW(info->level == asked);
    if (w->role == SPNEGO_ACCEPTOR && w->config.level != 0)
        LAW(info->level == w->config.level);
    LAW(info->level < 1 || (info->negotiation.flags & SPNEGO_FLAG_INTEG));
    LAW(info->level < 2 || (info->negotiation.flags & SPNEGO_FLAG_CONF));
}

static void check_call(watched *w, const spnego_turn *turn, spnego_status status, int was_over)
{
    spnego_socks5_info info;
    const int established = is_established(w, &info);

    if (was_over)
        LAW(status == w->status && turn->out.data == NULL && turn->data.data == NULL);
    if (!established)
        LAW(turn->data.data == NULL && info.level == 0);
    if (established) {
        LAW(w->side.x.complete);
        check_level(w, &info);
    }
    if (status == SPNEGO_COMPLETE && !was_over)
        LAW(established || strcmp(spnego_socks5_state(w->session), "closed") == 0);
    if (status < 0)
        LAW(spnego_socks5_error(w->session)->status == status &&
            spnego_socks5_error(w->session)->rule != SPNEGO_RULE_NONE);
    add(&w->out, turn->out);
    add(&w->data, turn->data);
}

/* The session's own verdict; a call that was out of turn is none. */
static spnego_status settle(watched *w, spnego_status status)
{
    const char *state = spnego_socks5_state(w->session);

    if (status >= 0 || strcmp(state, "failed") == 0 || strcmp(state, "closed") == 0)
        w->status = status;
    return w->status;
}

static void resume(watched *w)
{
    for (int i = 0; i < MAX_RESUMES && w->status == SPNEGO_PENDING; i++) {
        spnego_turn turn;
        const spnego_status status = spnego_socks5_resume(w->session, &turn);

        check_call(w, &turn, status, 0);
        (void)settle(w, status);
    }
}

static void receive(watched *w, spnego_bytes in)
{
    uint8_t *const copy = copy_exactly(in.data, in.len);
    size_t at = 0;

    while (at < in.len && w->status >= 0) {
        spnego_bytes piece = {copy + at, in.len - at};
        spnego_status status;
        spnego_turn turn;

        if (w->cut != 0 && piece.len > (size_t)w->cut)
            piece.len = (size_t)w->cut;
        status = spnego_socks5_receive(w->session, &turn, piece);
        check_call(w, &turn, status, 0);
        LAW(turn.taken <= piece.len);
        if (status == SPNEGO_ERR_USAGE && turn.taken == 0)
            break; /* out of turn */
        (void)settle(w, status);
        LAW(turn.taken != 0 || w->status < 0);
        at += turn.taken;
        resume(w);
    }
    free(copy);
}

/* ---- What an honest peer says ---------------------------------------------------------------- */

static size_t wrap(const watched *w, uint8_t *out, const uint8_t *data, size_t len, int conf)
{
    out[0] = 'W';
    out[1] = (uint8_t)conf;
    for (size_t i = 0; i < len; i++)
        out[2 + i] = (uint8_t)(data[i] ^ (conf ? 0x55 : 0));
    toy_mic(out + 2 + len, "X", w->role == SPNEGO_INITIATOR, 1, (spnego_bytes){out, 2 + len});
    return 2 + len + 16;
}

static size_t frame(uint8_t *out, int type, size_t token_len)
{
    return spnego_socks5_head_write(out, type, token_len) + token_len;
}

static size_t say_token(watched *w, uint8_t out[MAX_FRAME])
{
    const int leg = w->peer_leg;
    const int empty = w->side.x.flags & SPNEGO_FLAG_EMPTY_TOKENS && leg == 2;

    w->peer_leg += 2;
    return frame(out, SPNEGO_SOCKS5_AUTHENTICATION,
                 leg > w->side.x.legs || empty ? 0 : toy_token(out + 4, "X", leg, 1, 0));
}

static size_t say_level(const watched *w, uint8_t out[MAX_FRAME], uint8_t how)
{
    const uint8_t octets[] = {(uint8_t)(how & 7), 0, 0};
    const size_t len = how >> 3 & 3;

    if (w->config.options & SPNEGO_SOCKS5_OPTION_NEC) {
        out[4] = octets[0];
        return frame(out, SPNEGO_SOCKS5_PROTECTION, 1);
    }
    return frame(out, SPNEGO_SOCKS5_PROTECTION,
                 wrap(w, out + 4, octets, len == 0 ? 1 : len - 1, how >> 5 & 1));
}

/* ---- Moves ----------------------------------------------------------------------------------- */

static void send_data(watched *w, spnego_bytes data, int conf, int as_datagram)
{
    spnego_socks5_info info;
    const int established = is_established(w, &info);
    spnego_turn turn;
    const spnego_status status = as_datagram
                                     ? spnego_socks5_send_datagram(w->session, &turn, data, conf)
                                     : spnego_socks5_send(w->session, &turn, data, conf);

    check_call(w, &turn, status, w->status < 0);
    if (!established)
        LAW(status < 0 && turn.out.data == NULL && turn.taken == 0);
    if (established && status == SPNEGO_COMPLETE && info.level != 0) {
        LAW(turn.out.len > 4 && turn.out.data[0] == 1 && turn.out.data[1] == 3);
        LAW(((size_t)turn.out.data[2] << 8 | turn.out.data[3]) == turn.out.len - 4);
        LAW(turn.out.data[5] == (info.level == 2 || (info.level == 3 && conf)));
    }
    if (conf && established && info.level < 2)
        LAW(status < 0);
    (void)settle(w, status);
}

static void receive_datagram(watched *w, spnego_bytes datagram)
{
    uint8_t *const copy = copy_exactly(datagram.data, datagram.len);
    const char *state = spnego_socks5_state(w->session);
    spnego_turn turn;
    const spnego_status status =
        spnego_socks5_receive_datagram(w->session, &turn, (spnego_bytes){copy, datagram.len});

    check_call(w, &turn, status, w->status < 0);
    LAW(spnego_socks5_state(w->session) == state); /* no datagram ends a session */
    free(copy);
}

static void move(watched *w, source *from)
{
    uint8_t out[MAX_FRAME];
    const uint8_t what = take(from);
    spnego_bytes said = {out, 0};
    spnego_turn turn;
    uint8_t how;

    switch (what & 15) {
    case 0:
    case 1: /* what an honest peer says next */
        said.len = say_token(w, out);
        break;
    case 2:
        said.len = say_level(w, out, take(from));
        break;
    case 3:
    case 4: {
        const spnego_bytes data = take_bytes(from);

        said.len =
            frame(out, SPNEGO_SOCKS5_DATA, wrap(w, out + 4, data.data, data.len, (what & 15) == 3));
        break;
    }
    case 5:
        said.len = spnego_socks5_head_write(out, SPNEGO_SOCKS5_ABORT, 0);
        break;
    case 6: /* greeting, or the answer to it */
        memcpy(out, w->role == SPNEGO_ACCEPTOR ? "\5\1\1" : "\5\1", 3);
        said.len = w->role == SPNEGO_ACCEPTOR ? 3 : 2;
        break;
    case 7: /* anything */
        said = take_bytes(from);
        break;
    case 8:
    case 9:
        how = take(from);
        send_data(w, take_bytes(from), how & 1, (what & 15) == 9);
        return;
    case 10:
        w->status = w->status < 0 ? w->status : settle(w, spnego_socks5_end(w->session, &turn));
        return;
    case 11:
        if (w->status >= 0) {
            check_call(w, &turn, spnego_socks5_close(w->session, &turn), 0);
            w->status = SPNEGO_ERR_USAGE;
        }
        return;
    case 12:
        receive_datagram(w, take_bytes(from));
        return;
    default: /* a frame with any head */
        for (int i = 0; i < 4; i++)
            out[i] = take(from);
        said.len = 4;
    }
    if (what & 0x80 && said.data == out && said.len != 0) /* changed on its way */
        out[take(from) % said.len] ^= take(from);
    if (what & 0x40)
        receive_datagram(w, said);
    else
        receive(w, said);
}

/* ---- Runs ------------------------------------------------------------------------------------ */

/* Returns 0 if the settings make no session. */
static int run(watched *w, spnego_role role, int cut, source from)
{
    spnego_turn turn;

    memset(w, 0, sizeof *w);
    w->role = role;
    w->cut = cut;
    w->peer_leg = role == SPNEGO_INITIATOR ? 2 : 1;
    set_up(w, &from);
    w->status = spnego_socks5_create(&w->session, NULL, &w->config);
    LAW((w->session != NULL) == (w->status == SPNEGO_COMPLETE));
    if (w->session == NULL)
        return 0;
    w->status = SPNEGO_CONTINUE;
    if (role == SPNEGO_INITIATOR) {
        const spnego_status status = spnego_socks5_start(w->session, &turn);

        check_call(w, &turn, status, 0);
        (void)settle(w, status);
        resume(w);
    }
    while (from.len != 0)
        move(w, &from);
    return 1;
}

static void finish(watched *w)
{
    spnego_socks5_destroy(w->session);
    LAW(w->num_live == 0 && w->live == 0);
    LAW(w->side.x.after_end == 0);
    free(w->out.data);
    free(w->data.data);
}

static int same(const text *a, const text *b)
{
    return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

void run_socks5(spnego_role role, const uint8_t *data, size_t size)
{
    static const int cuts[] = {1, 3};
    const source from = {data, size};
    watched whole, cut;

    if (!run(&whole, role, 0, from))
        return;
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0] && whole.fail_at == 0; i++) {
        LAW(run(&cut, role, cuts[i], from));
        LAW(whole.status == cut.status);
        LAW(strcmp(spnego_socks5_state(whole.session), spnego_socks5_state(cut.session)) == 0);
        LAW(spnego_socks5_error(whole.session)->rule == spnego_socks5_error(cut.session)->rule);
        LAW(spnego_socks5_error(whole.session)->offset == spnego_socks5_error(cut.session)->offset);
        LAW(same(&whole.out, &cut.out) && same(&whole.data, &cut.data));
        finish(&cut);
    }
    finish(&whole);
}
