/*
 * SOCKS 5 with the GSS-API (RFC 1961): a client against a server at every combination of levels,
 * held against what the RFC says must come of it; what a hostile peer may send; memory that fails.
 * Single sessions octet by octet are in vectors/carriers/socks5-*.txt.
 */
#include <criterion/criterion.h>
#include <spnego/socks5.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "toy_mech.h"

static const spnego_bytes absent = {NULL, 0};

/* ---- Memory that is counted, and fails where it is told to ------------------------------------
 */

typedef struct memory {
    int num, fail_at; /* allocations so far; the one that fails, and all after it */
    int num_live;
    size_t live, peak; /* octets */
} memory;

/* Before each block: its size. */
enum { BEFORE = 16 };

static memory counted;

static void *take_memory(void *user, size_t size)
{
    size_t *block;

    (void)user;
    counted.num++;
    if (counted.fail_at != 0 && counted.num >= counted.fail_at)
        return NULL;
    block = malloc(BEFORE + size);
    if (block == NULL)
        return NULL;
    *block = size;
    counted.num_live++;
    counted.live += size;
    if (counted.live > counted.peak)
        counted.peak = counted.live;
    return (uint8_t *)block + BEFORE;
}

static void give_memory(void *user, void *block)
{
    size_t *size;

    (void)user;
    if (block == NULL)
        return;
    size = (size_t *)(void *)((uint8_t *)block - BEFORE);
    counted.num_live--;
    counted.live -= *size;
    free(size);
}

/* ---- One side -------------------------------------------------------------------------------- */

typedef struct octets {
    uint8_t *data;
    size_t len;
} octets;

static void add(octets *to, spnego_bytes from)
{
    if (from.len == 0)
        return;
    to->data = realloc(to->data, to->len + from.len);
    cr_assert_not_null(to->data);
    memcpy(to->data + to->len, from.data, from.len);
    to->len += from.len;
}

typedef struct end {
    toy_side side;
    spnego_socks5_config config;
    spnego_socks5 *session;
    spnego_status status;
    octets said; /* to the other, not yet taken */
    octets heard;
} end;

/* A side with mechanism X of two tokens and those flags. */
static void set_up(end *e, spnego_role role, uint32_t flags)
{
    memset(e, 0, sizeof *e);
    toy_side_init(&e->side, role, TOY_STRICT, "X", 2, flags);
    spnego_socks5_config_init(&e->config, sizeof e->config);
    e->config.negotiation = &e->side.config;
    e->status = SPNEGO_CONTINUE;
}

static void open_end(end *e)
{
    cr_assert_eq(spnego_socks5_create(&e->session, NULL, &e->config), SPNEGO_COMPLETE);
}

static spnego_rule rule_of(const end *e)
{
    return spnego_socks5_error(e->session)->rule;
}

static void close_end(end *e)
{
    spnego_socks5_destroy(e->session);
    free(e->said.data);
    free(e->heard.data);
    cr_expect_eq(e->side.x.after_end, 0, "%s", e->side.x.breach);
}

static void note(end *e, const spnego_turn *turn)
{
    add(&e->said, turn->out);
    add(&e->heard, turn->data);
}

static void start(end *e)
{
    spnego_turn turn;

    e->status = spnego_socks5_start(e->session, &turn);
    note(e, &turn);
}

static spnego_status give(end *e, spnego_bytes in)
{
    while (in.len != 0 && e->status >= 0) {
        spnego_turn turn;

        e->status = spnego_socks5_receive(e->session, &turn, in);
        note(e, &turn);
        cr_assert(e->status < 0 || (turn.taken != 0 && turn.taken <= in.len));
        in.data += turn.taken;
        in.len -= turn.taken;
    }
    return e->status;
}

/* In a block of its own length, so that a read behind it is one that a checker sees. */
static spnego_status give_notation(end *e, const char *notation)
{
    return give(e, der_of(notation));
}

static void pass(end *to, end *from)
{
    octets said = from->said;

    from->said = (octets){NULL, 0};
    (void)give(to, (spnego_bytes){said.data, said.len});
    free(said.data);
}

static void talk(end *client, end *server)
{
    while (client->said.len != 0 || server->said.len != 0) {
        pass(server, client);
        pass(client, server);
    }
}

static void send_data(end *e, const void *data, size_t len, int conf)
{
    spnego_bytes in = {data, len};

    do {
        spnego_turn turn;
        const spnego_status status = spnego_socks5_send(e->session, &turn, in, conf);

        cr_assert_eq(status, SPNEGO_COMPLETE);
        note(e, &turn);
        cr_assert(turn.taken != 0 || in.len == 0);
        in.data += turn.taken;
        in.len -= turn.taken;
    } while (in.len != 0);
}

/* ---- Levels: every pair of configurations -----------------------------------------------------
 */

enum { ALL_FLAGS = SPNEGO_FLAG_INTEG | SPNEGO_FLAG_CONF | SPNEGO_FLAG_MUTUAL };

typedef struct wish {
    int level, min_level, nec, unprotected;
} wish;

/* What the RFC, with conflicts 13 and 14 of the catalogue, lets come of two wishes. */
typedef struct outcome {
    spnego_status client, server;
    spnego_rule client_rule, server_rule;
    int level;
} outcome;

/* RFC 1961 4.2: level 3 leaves confidentiality to each message. */
static int weakest(int level)
{
    return level == 3 ? 1 : level;
}

static int possible(int level, uint32_t flags)
{
    return level == 0 ||
           ((flags & SPNEGO_FLAG_INTEG) && (level == 1 || (flags & SPNEGO_FLAG_CONF)));
}

static int wish_asks(wish w)
{
    return w.unprotected ? 0 : w.level != 0 ? w.level : 2;
}

static int wish_floor(wish w)
{
    return w.min_level != 0 ? w.min_level : w.unprotected ? 0 : 1;
}

static int client_wish_is_sound(wish w)
{
    return w.unprotected ? w.level == 0 && w.min_level == 0 : weakest(wish_asks(w)) >= w.min_level;
}

static int server_wish_is_sound(wish w)
{
    return w.level == 0 || weakest(w.level) >= wish_floor(w);
}

static int answer(wish server, int asked, uint32_t flags)
{
    if (server.level != 0)
        return server.level;
    if (weakest(asked) >= wish_floor(server) && possible(asked, flags))
        return asked;
    return wish_floor(server) > 1 ? wish_floor(server) : 1;
}

static outcome refused_by_server(spnego_status status, spnego_rule rule)
{
    const outcome o = {SPNEGO_ERR_REJECTED, status, SPNEGO_RULE_SOCKS5_ABORTED, rule, -1};

    return o;
}

static outcome expected(wish client, wish server, uint32_t flags)
{
    const int asked = wish_asks(client);
    outcome o = {SPNEGO_COMPLETE, SPNEGO_COMPLETE, SPNEGO_RULE_NONE, SPNEGO_RULE_NONE, -1};
    int level;

    /* RFC 1961 4.1: contexts that cannot give what a side must have end before any level is said.
     */
    if (!possible(server.level != 0 ? server.level : wish_floor(server), flags))
        return refused_by_server(SPNEGO_ERR_POLICY, SPNEGO_RULE_POLICY_FLAGS_MISSING);
    if (!possible(asked, flags)) {
        o.client = SPNEGO_ERR_POLICY;
        o.client_rule = SPNEGO_RULE_POLICY_FLAGS_MISSING;
        o.server = SPNEGO_CONTINUE;
        return o;
    }
    if (client.nec && !server.nec)
        return refused_by_server(SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_SOCKS5_LEVEL_IN_CLEAR);
    if (!client.nec && server.nec)
        return refused_by_server(SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_SOCKS5_LEVEL_NOT_ONE_OCTET);
    if (asked == 0 && !server.unprotected)
        return refused_by_server(SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_SOCKS5_LEVEL_UNKNOWN);
    level = answer(server, asked, flags);
    if (!possible(level, flags))
        return refused_by_server(SPNEGO_ERR_POLICY, SPNEGO_RULE_SOCKS5_LEVEL_UNACCEPTABLE);
    if (level != asked &&
        !(client.min_level != 0 && weakest(level) >= client.min_level && possible(level, flags))) {
        o.client = SPNEGO_ERR_POLICY;
        o.client_rule = SPNEGO_RULE_SOCKS5_LEVEL_UNACCEPTABLE;
        return o;
    }
    o.level = level;
    return o;
}

static void apply(end *e, wish w)
{
    e->config.level = w.level;
    e->config.min_level = w.min_level;
    e->config.options = (w.nec ? SPNEGO_SOCKS5_OPTION_NEC : 0u) |
                        (w.unprotected ? SPNEGO_SOCKS5_OPTION_NO_PROTECTION : 0u);
}

static int contains(const octets *where, const char *what)
{
    const size_t len = strlen(what);

    for (size_t i = 0; i + len <= where->len; i++)
        if (memcmp(where->data + i, what, len) == 0)
            return 1;
    return 0;
}

/* RFC 1961 5: what is on the wire, and that it arrives. */
static void check_data(end *from, end *to, int level, int conf)
{
    static const char secret[] = "GET /secret";
    spnego_turn turn;

    from->heard.len = to->heard.len = 0;
    if (conf && level < 2) {
        cr_expect_eq(spnego_socks5_send(from->session, &turn,
                                        (spnego_bytes){(const uint8_t *)secret, sizeof secret - 1},
                                        conf),
                     SPNEGO_ERR_USAGE);
        cr_expect(turn.out.data == NULL && turn.taken == 0);
        return;
    }
    send_data(from, secret, sizeof secret - 1, conf);
    if (level == 0)
        cr_expect_eq(from->said.len, sizeof secret - 1);
    else
        cr_expect(from->said.data[0] == 1 && from->said.data[1] == 3, "level %d: no frame", level);
    cr_expect_eq(contains(&from->said, secret), level < 2 || (level == 3 && !conf), "level %d",
                 level);
    pass(to, from);
    cr_expect_eq(to->status, SPNEGO_COMPLETE);
    cr_expect(to->heard.len == sizeof secret - 1 &&
              memcmp(to->heard.data, secret, sizeof secret - 1) == 0);
}

static void check_established(end *client, end *server, int level)
{
    end *const ends[] = {client, server};

    for (size_t i = 0; i < 2; i++) {
        spnego_socks5_info info;

        cr_assert(spnego_socks5_get_info(ends[i]->session, &info));
        cr_expect_eq(info.level, level);
        cr_expect(info.negotiation.bare);
        for (int conf = 0; conf < 2; conf++) {
            check_data(ends[i], ends[!i], level, conf);
            if (level == 3) {
                cr_assert(spnego_socks5_get_info(ends[!i]->session, &info));
                cr_expect_eq(info.confidential, conf, "SELECTIVE tells which it was");
            }
        }
    }
}

static void check_pair(wish c, wish s, uint32_t flags)
{
    const outcome want = expected(c, s, flags);
    end client, server;

    set_up(&client, SPNEGO_INITIATOR, flags | SPNEGO_FLAG_MUTUAL);
    set_up(&server, SPNEGO_ACCEPTOR, flags | SPNEGO_FLAG_MUTUAL);
    apply(&client, c);
    apply(&server, s);
    open_end(&client);
    open_end(&server);
    start(&client);
    talk(&client, &server);
    cr_expect(
        client.status == want.client && server.status == want.server &&
            rule_of(&client) == want.client_rule && rule_of(&server) == want.server_rule,
        "client %d/%d%s%s, server %d/%d%s%s, flags %x: client %s %s, server %s %s", c.level,
        c.min_level, c.nec ? " nec" : "", c.unprotected ? " none" : "", s.level, s.min_level,
        s.nec ? " nec" : "", s.unprotected ? " none" : "", (unsigned)flags,
        spnego_status_describe(client.status)->name, spnego_rule_describe(rule_of(&client))->name,
        spnego_status_describe(server.status)->name, spnego_rule_describe(rule_of(&server))->name);
    if (want.level >= 0)
        check_established(&client, &server, want.level);
    close_end(&client);
    close_end(&server);
}

static wish wish_of(int number)
{
    const wish w = {number % 4, number / 4 % 3, number / 12 % 2, number / 24};

    return w;
}

enum { NUM_WISHES = 48 };

/* SOCK-04, SOCK-32 to SOCK-47; SOX-01, LOG-36, CRL-14, CRL-15. */
Test(socks5, levels_of_both_sides)
{
    static const uint32_t contexts[] = {0, SPNEGO_FLAG_INTEG, SPNEGO_FLAG_INTEG | SPNEGO_FLAG_CONF};
    size_t num = 0;

    for (int c = 0; c < NUM_WISHES; c++)
        for (int s = 0; s < NUM_WISHES; s++)
            for (size_t i = 0; i < LEN(contexts); i++)
                if (client_wish_is_sound(wish_of(c)) && server_wish_is_sound(wish_of(s))) {
                    check_pair(wish_of(c), wish_of(s), contexts[i]);
                    num++;
                }
    /* With NEC and without: 10 and level 0 of a client's, 10 and 10 of a server's. */
    cr_expect_eq(num, 3u * 22u * 40u);
}

static spnego_status try_to_create(spnego_role role, wish w)
{
    spnego_socks5 *session;
    spnego_error error;
    spnego_status status;
    end e;

    set_up(&e, role, ALL_FLAGS);
    apply(&e, w);
    status = spnego_socks5_create(&session, &error, &e.config);
    cr_expect_eq(session != NULL, status == SPNEGO_COMPLETE);
    if (status != SPNEGO_COMPLETE)
        cr_expect(error.status == status && error.rule == SPNEGO_RULE_CALL_BAD_ARGUMENT);
    spnego_socks5_destroy(session);
    return status;
}

Test(socks5, wishes_that_contradict_themselves)
{
    for (int i = 0; i < NUM_WISHES; i++) {
        cr_expect_eq(try_to_create(SPNEGO_INITIATOR, wish_of(i)),
                     client_wish_is_sound(wish_of(i)) ? SPNEGO_COMPLETE : SPNEGO_ERR_USAGE, "%d",
                     i);
        cr_expect_eq(try_to_create(SPNEGO_ACCEPTOR, wish_of(i)),
                     server_wish_is_sound(wish_of(i)) ? SPNEGO_COMPLETE : SPNEGO_ERR_USAGE, "%d",
                     i);
    }
    cr_expect_eq(try_to_create(SPNEGO_INITIATOR, (wish){4, 0, 0, 0}), SPNEGO_ERR_USAGE);
    cr_expect_eq(try_to_create(SPNEGO_ACCEPTOR, (wish){4, 0, 0, 0}), SPNEGO_ERR_USAGE);
    cr_expect_eq(try_to_create(SPNEGO_ACCEPTOR, (wish){-1, 0, 0, 0}), SPNEGO_ERR_USAGE);
    cr_expect_eq(try_to_create(SPNEGO_ACCEPTOR, (wish){0, 3, 0, 0}), SPNEGO_ERR_USAGE);
    cr_expect_eq(try_to_create(SPNEGO_ACCEPTOR, (wish){0, -1, 0, 0}), SPNEGO_ERR_USAGE);
}

/* ---- What is asked of the mechanism -----------------------------------------------------------
 */

/* RFC 1961 3.1, 3.2 (SOCK-09, SOCK-13, SOCK-14, SOCK-15; CRL-10): delegation by option alone,
 * sequence not for datagrams. */
Test(socks5, flags_that_are_asked_for)
{
    const uint32_t always = SPNEGO_FLAG_MUTUAL | SPNEGO_FLAG_REPLAY | SPNEGO_FLAG_INTEG;
    const struct {
        uint32_t options;
        int level;
        uint32_t flags;
    } rows[] = {
        {0, 0, always | SPNEGO_FLAG_SEQUENCE | SPNEGO_FLAG_CONF},
        {0, 1, always | SPNEGO_FLAG_SEQUENCE},
        {0, 2, always | SPNEGO_FLAG_SEQUENCE | SPNEGO_FLAG_CONF},
        {0, 3, always | SPNEGO_FLAG_SEQUENCE | SPNEGO_FLAG_CONF},
        {SPNEGO_SOCKS5_OPTION_UDP, 1, always},
        {SPNEGO_SOCKS5_OPTION_DELEGATE, 1, always | SPNEGO_FLAG_SEQUENCE | SPNEGO_FLAG_DELEG},
        {SPNEGO_SOCKS5_OPTION_NO_PROTECTION, 0, always | SPNEGO_FLAG_SEQUENCE},
    };

    for (size_t i = 0; i < LEN(rows); i++) {
        end e;

        set_up(&e, SPNEGO_INITIATOR, ALL_FLAGS);
        e.config.options = rows[i].options;
        e.config.level = rows[i].level;
        e.config.target = der_of("'rcmd@proxy.example.org'");
        e.config.channel_bindings = der_of("'bindings'");
        open_end(&e);
        cr_expect_eq(e.side.x.asked_flags, rows[i].flags, "row %zu: %x", i,
                     (unsigned)e.side.x.asked_flags);
        cr_expect_str_eq(e.side.x.asked_target, "rcmd@proxy.example.org");
        cr_expect_str_eq(e.side.x.asked_bindings, "bindings");
        close_end(&e);
    }
}

Test(socks5, configurations_that_break_their_contract)
{
    spnego_socks5 *session;
    end e;

    for (int fault = 0; fault < 9; fault++) {
        set_up(&e, SPNEGO_ACCEPTOR, ALL_FLAGS);
        switch (fault) {
        case 0:
            e.config.struct_size--;
            break;
        case 1:
            e.config.negotiation = NULL;
            break;
        case 2:
            e.side.config.struct_size--;
            break;
        case 3:
            e.config.options = 0x40;
            break;
        case 4:
            e.config.target.len = 1;
            break;
        case 5:
            e.config.channel_bindings.len = 1;
            break;
        case 6:
            e.config.max_plaintext = 65536;
            break;
        case 7:
            e.config.options = SPNEGO_SOCKS5_OPTION_SPNEGO;
            e.side.config.max_fragment = 100;
            break;
        default:
            e.side.config.alloc = take_memory;
        }
        cr_expect_eq(spnego_socks5_create(&session, NULL, &e.config), SPNEGO_ERR_USAGE, "%d",
                     fault);
        cr_expect_null(session);
    }
    set_up(&e, SPNEGO_ACCEPTOR, ALL_FLAGS);
    e.side.config.options = SPNEGO_OPTION_TAKE_FRAGMENTS;
    e.config.options = SPNEGO_SOCKS5_OPTION_SPNEGO;
    cr_expect_eq(spnego_socks5_create(&session, NULL, &e.config), SPNEGO_ERR_USAGE);
    /* What the negotiation refuses is passed on. */
    set_up(&e, SPNEGO_ACCEPTOR, ALL_FLAGS);
    e.side.config.num_mechs = 0;
    cr_expect_eq(spnego_socks5_create(&session, NULL, &e.config), SPNEGO_ERR_NO_MECH);
    cr_expect_null(session);
}

/* ---- Hostile peers ----------------------------------------------------------------------------
 */

enum { AT_TOKEN, AT_PROTECTION, AT_DATA, NUM_STAGES };

/* A session that awaits a token, the level, data; with bare levels, so that the peer needs no keys.
 */
static void bring_to(end *e, spnego_role role, int stage)
{
    set_up(e, role, ALL_FLAGS);
    e->config.options = SPNEGO_SOCKS5_OPTION_NEC;
    open_end(e);
    if (role == SPNEGO_INITIATOR)
        start(e);
    if (stage >= AT_PROTECTION)
        (void)give_notation(e, role == SPNEGO_INITIATOR ? "01 01 00 0c 'X/2/00000001'"
                                                        : "01 01 00 0c 'X/1/00000001'");
    if (stage >= AT_DATA)
        (void)give_notation(e, "01 02 00 01 02");
    cr_assert_eq(e->status, stage == AT_DATA ? SPNEGO_COMPLETE : SPNEGO_CONTINUE);
    e->said.len = 0;
}

/* RFC 1961 3.8: a server that fails says so, as long as the level is not agreed on. */
static void check_last_word(const end *e, spnego_role role, int stage)
{
    const uint8_t *word = e->said.data;

    if (role == SPNEGO_INITIATOR || stage == AT_DATA)
        cr_expect_eq(e->said.len, 0u, "stage %d: a last word of %zu octets", stage, e->said.len);
    else
        cr_expect(e->said.len == 2 && word[0] == 1 && word[1] == 0xff, "stage %d: no abort", stage);
}

static spnego_rule rule_for(spnego_role role, int stage, unsigned version, unsigned type)
{
    static const unsigned awaited[] = {1, 2, 3};

    if (version != 1)
        return SPNEGO_RULE_SOCKS5_VERSION;
    if (type == 0xff && role == SPNEGO_INITIATOR)
        return SPNEGO_RULE_SOCKS5_ABORTED;
    if (type == 0 || (type > 3 && type != 0xff))
        return SPNEGO_RULE_SOCKS5_TYPE_UNKNOWN;
    return type == awaited[stage] ? SPNEGO_RULE_NONE : SPNEGO_RULE_SOCKS5_TYPE_UNEXPECTED;
}

static void check_head(spnego_role role, int stage, unsigned version, unsigned type)
{
    const uint8_t head[] = {(uint8_t)version, (uint8_t)type, 0xff, 0xff};
    const spnego_rule rule = rule_for(role, stage, version, type);
    const int is_ready = role == SPNEGO_INITIATOR && stage == AT_PROTECTION && type == 1;
    end e;

    bring_to(&e, role, stage);
    (void)give(&e, (spnego_bytes){head, sizeof head});
    if (rule == SPNEGO_RULE_NONE || (is_ready && version == 1)) {
        cr_expect_geq(e.status, 0, "stage %d, %02x %02x", stage, version, type);
    } else {
        cr_expect_eq(rule_of(&e), rule, "stage %d, %02x %02x: %s", stage, version, type,
                     spnego_rule_describe(rule_of(&e))->name);
        cr_expect_eq(spnego_socks5_error(e.session)->offset, version != 1 ? 0u : 1u);
        check_last_word(&e, role, stage);
    }
    cr_expect_eq(e.heard.len, 0u);
    close_end(&e);
}

/* Refused at the head: no 65535 octets are waited for. */
Test(socks5, every_version_and_type_at_every_stage)
{
    static const spnego_role roles[] = {SPNEGO_INITIATOR, SPNEGO_ACCEPTOR};

    for (size_t r = 0; r < LEN(roles); r++)
        for (int stage = 0; stage < NUM_STAGES; stage++)
            for (unsigned octet = 0; octet < 256; octet++) {
                check_head(roles[r], stage, octet, 1);
                check_head(roles[r], stage, octet, 3);
                check_head(roles[r], stage, 1, octet);
            }
}

/* RFC 1961 4.2, 4.4: of all octets a client takes the one that it asked for. */
Test(socks5, every_level)
{
    for (unsigned octet = 0; octet < 256; octet++) {
        const uint8_t frame[] = {1, 2, 0, 1, (uint8_t)octet};
        end e;

        bring_to(&e, SPNEGO_INITIATOR, AT_PROTECTION);
        (void)give(&e, (spnego_bytes){frame, sizeof frame});
        cr_expect_eq(e.status,
                     octet == 2   ? SPNEGO_COMPLETE
                     : octet == 1 ? SPNEGO_ERR_POLICY
                     : octet == 3 ? SPNEGO_ERR_POLICY
                                  : SPNEGO_ERR_PROTOCOL,
                     "%u", octet);
        close_end(&e);

        bring_to(&e, SPNEGO_ACCEPTOR, AT_PROTECTION);
        (void)give(&e, (spnego_bytes){frame, sizeof frame});
        if (octet >= 1 && octet <= 3)
            cr_expect(e.status == SPNEGO_COMPLETE && e.said.len == 5 && e.said.data[4] == octet);
        else
            cr_expect_eq(e.status, SPNEGO_ERR_PROTOCOL, "%u", octet);
        close_end(&e);
    }
}

/* RFC 1928 3: of all methods a client takes GSS-API. */
Test(socks5, every_method)
{
    for (unsigned method = 0; method < 256; method++) {
        const uint8_t selection[] = {5, (uint8_t)method};
        const uint8_t greeting[] = {5, 2, (uint8_t)method, (uint8_t)method};
        end e;

        set_up(&e, SPNEGO_INITIATOR, ALL_FLAGS);
        e.config.options = SPNEGO_SOCKS5_OPTION_GREETING;
        open_end(&e);
        start(&e);
        cr_expect(e.said.len == 3 && memcmp(e.said.data, "\5\1\1", 3) == 0);
        e.said.len = 0;
        (void)give(&e, (spnego_bytes){selection, sizeof selection});
        cr_expect_eq(e.status >= 0, method == 1, "method %u", method);
        cr_expect_eq(e.said.len != 0, method == 1, "method %u: it goes on", method);
        close_end(&e);

        set_up(&e, SPNEGO_ACCEPTOR, ALL_FLAGS);
        e.config.options = SPNEGO_SOCKS5_OPTION_GREETING;
        open_end(&e);
        (void)give(&e, (spnego_bytes){greeting, sizeof greeting});
        cr_expect_eq(e.status >= 0, method == 1, "method %u", method);
        cr_expect(e.said.len == 2 && e.said.data[0] == 5 &&
                  e.said.data[1] == (method == 1 ? 1 : 0xff));
        close_end(&e);
    }
}

/* Tokens of the mechanism as long as a frame takes them, and longer (SOCK-20, SOCK-21, CRL-13). */
static void check_token_len(spnego_role role, size_t len, size_t max_token)
{
    end e;

    set_up(&e, role, ALL_FLAGS);
    e.side.config.limits.max_token = max_token;
    e.side.x.lie = TOY_WRITES_HUGE;
    e.side.x.lie_at = 1;
    e.side.x.huge = len - strlen("X/1/00000001");
    open_end(&e);
    if (role == SPNEGO_INITIATOR)
        start(&e);
    else
        (void)give_notation(&e, "01 01 00 0c 'X/1/00000001'");
    if (len <= 65535) {
        cr_expect_eq(e.status, SPNEGO_CONTINUE);
        cr_expect(e.said.len == 4 + len && e.said.data[2] == len >> 8 &&
                  e.said.data[3] == (len & 0xff));
    } else {
        cr_expect(e.status == SPNEGO_ERR_LIMIT || e.status == SPNEGO_ERR_MECH_LIED, "%s",
                  spnego_status_describe(e.status)->name);
        cr_expect_eq(rule_of(&e), max_token >= len ? SPNEGO_RULE_SOCKS5_TOKEN_TOO_LONG
                                                   : SPNEGO_RULE_MECH_TOKEN_TOO_LONG);
        check_last_word(&e, role, AT_TOKEN);
    }
    close_end(&e);
}

Test(socks5, tokens_up_to_the_length_field_and_beyond)
{
    static const spnego_role roles[] = {SPNEGO_INITIATOR, SPNEGO_ACCEPTOR};
    static const size_t lens[] = {65534, 65535, 65536, 70000, 65536 + 12};

    for (size_t r = 0; r < LEN(roles); r++)
        for (size_t i = 0; i < LEN(lens); i++) {
            check_token_len(roles[r], lens[i], 65536);
            check_token_len(roles[r], lens[i], 1 << 20);
        }
}

/* ---- Data -------------------------------------------------------------------------------------
 */

static void establish(end *client, end *server, uint32_t options, int level)
{
    set_up(client, SPNEGO_INITIATOR, ALL_FLAGS);
    set_up(server, SPNEGO_ACCEPTOR, ALL_FLAGS);
    client->config.options = server->config.options = options;
    client->config.level = level;
    open_end(client);
    open_end(server);
    start(client);
    talk(client, server);
    cr_assert(client->status == SPNEGO_COMPLETE && server->status == SPNEGO_COMPLETE);
}

/* SOCK-49, SOCK-52: more than a frame, in as many as it takes, none longer than 65535. */
Test(socks5, long_data_goes_in_frames)
{
    enum { LEN_IN_ALL = 300000 };
    uint8_t *data = malloc(LEN_IN_ALL);
    end client, server;

    cr_assert_not_null(data);
    for (size_t i = 0; i < LEN_IN_ALL; i++)
        data[i] = (uint8_t)(i * 7 + i / 251);
    establish(&client, &server, 0, 2);
    send_data(&client, data, LEN_IN_ALL, 0);
    /* 4 x 61440 and a rest, each with 4 of head and 18 of the toy. */
    cr_expect_eq(client.said.len, LEN_IN_ALL + 5u * 22u);
    cr_expect(client.said.data[2] == 0xf0 && client.said.data[3] == 18);
    pass(&server, &client);
    cr_expect(server.heard.len == LEN_IN_ALL && memcmp(server.heard.data, data, LEN_IN_ALL) == 0);
    close_end(&client);
    close_end(&server);
    free(data);
}

/* A host that lets mechanisms write little at a time is heeded. */
Test(socks5, a_low_max_token_makes_short_frames)
{
    end client, server;
    uint8_t data[3000] = {0};

    set_up(&client, SPNEGO_INITIATOR, ALL_FLAGS);
    set_up(&server, SPNEGO_ACCEPTOR, ALL_FLAGS);
    client.side.config.limits.max_token = 1600;
    open_end(&client);
    open_end(&server);
    start(&client);
    talk(&client, &server);
    send_data(&client, data, sizeof data, 0);
    cr_expect_eq(client.said.len, 1500u + 1500u + 2u * 22u);
    pass(&server, &client);
    cr_expect_eq(server.heard.len, sizeof data);
    close_end(&client);
    close_end(&server);
}

/* SOCK-05, SOCK-54: what is lost, overtakes or was never sent by the peer harms no session. */
Test(socks5, datagrams)
{
    static const char *const texts[] = {"one", "two", "three"};
    octets sent[3] = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
    static const int order[] = {2, 0};
    end client, server;
    spnego_turn turn;

    establish(&client, &server, SPNEGO_SOCKS5_OPTION_UDP, 2);
    for (size_t i = 0; i < 3; i++) {
        const spnego_bytes text = {(const uint8_t *)texts[i], strlen(texts[i])};

        cr_assert_eq(spnego_socks5_send_datagram(client.session, &turn, text, 1), SPNEGO_COMPLETE);
        cr_expect_eq(turn.taken, text.len);
        add(&sent[i], turn.out);
        cr_expect(!contains(&sent[i], texts[i]));
    }
    for (size_t i = 0; i < LEN(order); i++) {
        const octets *datagram = &sent[order[i]];

        cr_assert_eq(spnego_socks5_receive_datagram(server.session, &turn,
                                                    (spnego_bytes){datagram->data, datagram->len}),
                     SPNEGO_COMPLETE);
        cr_expect(turn.data.len == strlen(texts[order[i]]) &&
                  memcmp(turn.data.data, texts[order[i]], turn.data.len) == 0);
        cr_expect_eq(turn.taken, datagram->len);
    }
    for (size_t i = 0; i < 3; i++)
        free(sent[i].data);
    close_end(&client);
    close_end(&server);
}

/* "01 03 length token" of the client at level 2, whole, cut or changed. */
static void check_wrong_datagram(end *server, spnego_bytes datagram, spnego_rule rule,
                                 size_t offset)
{
    spnego_turn turn;
    const spnego_status status = spnego_socks5_receive_datagram(server->session, &turn, datagram);

    cr_expect_lt(status, 0);
    cr_expect_eq(rule_of(server), rule, "%s", spnego_rule_describe(rule_of(server))->name);
    cr_expect_eq(spnego_socks5_error(server->session)->offset, offset);
    cr_expect(turn.data.data == NULL && turn.out.data == NULL);
    cr_expect_str_eq(spnego_socks5_state(server->session), "data");
}

Test(socks5, a_wrong_datagram_is_dropped)
{
    end client, server;
    spnego_turn turn;
    uint8_t frame[200];
    size_t len;

    establish(&client, &server, SPNEGO_SOCKS5_OPTION_UDP, 2);
    cr_assert_eq(spnego_socks5_send_datagram(client.session, &turn, der_of("'datagram'"), 0),
                 SPNEGO_COMPLETE);
    len = turn.out.len;
    memcpy(frame, turn.out.data, len);
    for (size_t cut = 0; cut < len; cut++)
        check_wrong_datagram(&server, (spnego_bytes){frame, cut},
                             SPNEGO_RULE_SOCKS5_DATAGRAM_LENGTH, cut);
    check_wrong_datagram(&server, absent, SPNEGO_RULE_SOCKS5_DATAGRAM_LENGTH, 0);
    check_wrong_datagram(&server, (spnego_bytes){frame, len + 1},
                         SPNEGO_RULE_SOCKS5_DATAGRAM_LENGTH, len);
    for (size_t i = 4; i < len; i++) {
        frame[i] ^= 1;
        check_wrong_datagram(&server, (spnego_bytes){frame, len}, SPNEGO_RULE_MECH_FAILED,
                             SPNEGO_NO_OFFSET);
        frame[i] ^= 1;
    }
    check_wrong_datagram(&server, der_of("05 03 00 01 00"), SPNEGO_RULE_SOCKS5_VERSION, 0);
    check_wrong_datagram(&server, der_of("01 04 00 01 00"), SPNEGO_RULE_SOCKS5_TYPE_UNKNOWN, 1);
    check_wrong_datagram(&server, der_of("01 01 00 01 00"), SPNEGO_RULE_SOCKS5_TYPE_UNEXPECTED, 1);
    check_wrong_datagram(&server, der_of("01 ff"), SPNEGO_RULE_SOCKS5_TYPE_UNEXPECTED, 1);
    check_wrong_datagram(&server, der_of("01 03 00 00"), SPNEGO_RULE_SOCKS5_TOKEN_EMPTY, 2);
    cr_expect_eq(spnego_socks5_receive_datagram(server.session, &turn, (spnego_bytes){frame, len}),
                 SPNEGO_COMPLETE, "the session goes on");
    cr_expect_eq(turn.data.len, 8u);
    close_end(&client);
    close_end(&server);
}

/* A client that agreed to less must not be heard at level 2. */
Test(socks5, a_datagram_that_is_not_encrypted_is_dropped)
{
    end client, server, other, weak;
    spnego_turn turn;

    establish(&client, &server, SPNEGO_SOCKS5_OPTION_UDP, 2);
    establish(&weak, &other, SPNEGO_SOCKS5_OPTION_UDP, 1);
    cr_assert_eq(spnego_socks5_send_datagram(weak.session, &turn, der_of("'bare'"), 0),
                 SPNEGO_COMPLETE);
    check_wrong_datagram(&server, turn.out, SPNEGO_RULE_SOCKS5_NOT_CONFIDENTIAL, 4);
    close_end(&client);
    close_end(&server);
    close_end(&weak);
    close_end(&other);
}

Test(socks5, an_empty_datagram_is_present)
{
    end client, server;
    spnego_turn turn;

    establish(&client, &server, SPNEGO_SOCKS5_OPTION_NO_PROTECTION, 0);
    cr_expect_eq(spnego_socks5_receive_datagram(server.session, &turn, absent), SPNEGO_COMPLETE);
    cr_expect(turn.data.data != NULL && turn.data.len == 0);
    close_end(&client);
    close_end(&server);
}

Test(socks5, a_datagram_is_never_split)
{
    const spnego_bytes longest = der_of("61*61440"), longer = der_of("61*61441");
    end client, server;
    spnego_turn turn;

    establish(&client, &server, 0, 1);
    cr_expect_eq(spnego_socks5_send_datagram(client.session, &turn, longer, 0), SPNEGO_ERR_USAGE);
    cr_expect(turn.out.data == NULL && turn.taken == 0);
    cr_expect_eq(rule_of(&client), SPNEGO_RULE_CALL_BAD_ARGUMENT);
    cr_expect_eq(spnego_socks5_send_datagram(client.session, &turn, longest, 1), SPNEGO_ERR_USAGE);
    cr_expect_eq(spnego_socks5_send_datagram(client.session, &turn, longest, 0), SPNEGO_COMPLETE);
    cr_expect_eq(turn.out.len, 61440u + 22u);
    close_end(&client);
    close_end(&server);
}

/* ---- Calls out of turn ------------------------------------------------------------------------
 */

typedef enum call {
    CALL_START,
    CALL_RECEIVE,
    CALL_RESUME,
    CALL_SEND,
    CALL_SEND_DATAGRAM,
    CALL_RECEIVE_DATAGRAM,
    CALL_END,
    CALL_CLOSE,
    NUM_CALLS
} call;

static spnego_status make_call(end *e, call which, spnego_turn *turn)
{
    const spnego_bytes some = {(const uint8_t *)"x", 1};

    switch (which) {
    case CALL_START:
        return spnego_socks5_start(e->session, turn);
    case CALL_RECEIVE:
        return spnego_socks5_receive(e->session, turn, some);
    case CALL_RESUME:
        return spnego_socks5_resume(e->session, turn);
    case CALL_SEND:
        return spnego_socks5_send(e->session, turn, some, 0);
    case CALL_SEND_DATAGRAM:
        return spnego_socks5_send_datagram(e->session, turn, some, 0);
    case CALL_RECEIVE_DATAGRAM:
        return spnego_socks5_receive_datagram(e->session, turn, some);
    case CALL_END:
        return spnego_socks5_end(e->session, turn);
    default:
        return spnego_socks5_close(e->session, turn);
    }
}

static void check_refused(end *e, call which, const char *where)
{
    const char *state = spnego_socks5_state(e->session);
    spnego_turn turn;

    cr_expect_eq(make_call(e, which, &turn), SPNEGO_ERR_USAGE, "call %d %s", which, where);
    cr_expect(turn.out.data == NULL && turn.data.data == NULL && turn.taken == 0, "call %d %s",
              which, where);
    cr_expect_eq(rule_of(e), SPNEGO_RULE_CALL_OUT_OF_TURN, "call %d %s", which, where);
    cr_expect_str_eq(spnego_socks5_state(e->session), state);
}

/* Nothing of the application's leaves, and nothing reaches it, before the level is agreed on. */
Test(socks5, calls_out_of_turn_change_nothing)
{
    static const call data_calls[] = {CALL_SEND, CALL_SEND_DATAGRAM, CALL_RECEIVE_DATAGRAM,
                                      CALL_RESUME};
    spnego_socks5_info info;
    end client, server;

    set_up(&client, SPNEGO_INITIATOR, ALL_FLAGS);
    set_up(&server, SPNEGO_ACCEPTOR, ALL_FLAGS);
    open_end(&client);
    open_end(&server);
    check_refused(&client, CALL_RECEIVE, "before the start");
    check_refused(&server, CALL_START, "of a server");
    for (int stage = 0; stage < 4; stage++) {
        for (size_t i = 0; i < LEN(data_calls); i++) {
            check_refused(&client, data_calls[i], "before it is established");
            if (stage < 3) /* then it is, and waits */
                check_refused(&server, data_calls[i], "before it is established");
        }
        cr_expect_eq(spnego_socks5_get_info(client.session, &info), 0);
        cr_expect_eq(info.level, 0);
        switch (stage) {
        case 0:
            start(&client);
            check_refused(&client, CALL_START, "twice");
            break;
        case 1:
            pass(&server, &client);
            pass(&client, &server);
            break;
        case 2:
            pass(&server, &client);
            break;
        default:
            pass(&client, &server);
        }
    }
    cr_expect(client.status == SPNEGO_COMPLETE && server.status == SPNEGO_COMPLETE);
    check_refused(&client, CALL_START, "of an established one");
    check_refused(&client, CALL_RESUME, "of an established one");
    check_established(&client, &server, 2);
    close_end(&client);
    close_end(&server);
}

Test(socks5, while_a_mechanism_takes_its_time)
{
    end e;

    set_up(&e, SPNEGO_INITIATOR, ALL_FLAGS);
    e.side.x.lie = TOY_PENDS_TWICE;
    open_end(&e);
    start(&e);
    cr_expect_eq(e.status, SPNEGO_PENDING);
    check_refused(&e, CALL_RECEIVE, "while pending");
    check_refused(&e, CALL_SEND, "while pending");
    check_refused(&e, CALL_START, "while pending");
    for (int i = 0; i < 2; i++) {
        spnego_turn turn;

        e.status = spnego_socks5_resume(e.session, &turn);
        note(&e, &turn);
        cr_expect_eq(e.status, i == 0 ? SPNEGO_PENDING : SPNEGO_CONTINUE);
    }
    cr_expect_eq(e.said.len, 16u);
    close_end(&e);
}

/* Failed once is failed for ever, whatever is called. */
Test(socks5, failure_stays)
{
    end e;

    bring_to(&e, SPNEGO_INITIATOR, AT_DATA);
    cr_expect_eq(give_notation(&e, "01 03 00 03 'abc'"), SPNEGO_ERR_MECH);
    for (int which = 0; which < NUM_CALLS; which++) {
        spnego_turn turn;

        cr_expect_eq(make_call(&e, (call)which, &turn), SPNEGO_ERR_MECH, "call %d", which);
        cr_expect(turn.out.data == NULL && turn.data.data == NULL);
        cr_expect_eq(rule_of(&e), SPNEGO_RULE_MECH_FAILED);
        cr_expect_str_eq(spnego_socks5_state(e.session), "failed");
    }
    close_end(&e);
}

Test(socks5, closed_is_closed)
{
    end e;
    spnego_turn turn;

    bring_to(&e, SPNEGO_ACCEPTOR, AT_PROTECTION);
    cr_expect_eq(spnego_socks5_close(e.session, &turn), SPNEGO_COMPLETE);
    cr_expect(same_octets(turn.out, der_of("01 ff")));
    for (int which = 0; which < NUM_CALLS; which++)
        check_refused(&e, (call)which, "of a closed one");
    close_end(&e);
}

/* RFC 1961 3.8: the host sees the client's name before the level is answered, even if both frames
 * came at once. */
Test(socks5, one_frame_in_a_call)
{
    const spnego_bytes both = der_of("01 01 00 0c 'X/1/00000001' 01 02 00 01 02");
    end e;
    spnego_turn turn;

    set_up(&e, SPNEGO_ACCEPTOR, ALL_FLAGS);
    e.config.options = SPNEGO_SOCKS5_OPTION_NEC;
    open_end(&e);
    cr_expect_eq(spnego_socks5_receive(e.session, &turn, both), SPNEGO_CONTINUE);
    cr_expect_eq(turn.taken, 16u);
    cr_expect_str_eq(spnego_socks5_state(e.session), "protection");
    close_end(&e);
}

/* ---- Callbacks that call back -----------------------------------------------------------------
 */

static end *in_callback;
static int num_reentries;

static void call_back(void *user, const spnego_event *event)
{
    (void)user;
    (void)event;
    for (int which = 0; which < NUM_CALLS; which++) {
        spnego_turn turn;

        cr_expect_eq(make_call(in_callback, (call)which, &turn), SPNEGO_ERR_USAGE);
        cr_expect(turn.out.data == NULL && turn.data.data == NULL && turn.taken == 0);
    }
    spnego_socks5_destroy(in_callback->session);
    num_reentries++;
}

static void watch(end *e, spnego_role role)
{
    set_up(e, role, ALL_FLAGS);
    e->side.config.on_event = call_back;
    in_callback = e;
    num_reentries = 0;
}

Test(socks5, calls_from_inside_are_refused)
{
    end client, server;

    set_up(&client, SPNEGO_INITIATOR, ALL_FLAGS);
    open_end(&client);
    watch(&server, SPNEGO_ACCEPTOR);
    open_end(&server);
    start(&client);
    talk(&client, &server);
    cr_expect_gt(num_reentries, 0);
    cr_expect(client.status == SPNEGO_COMPLETE && server.status == SPNEGO_COMPLETE);
    close_end(&client);
    close_end(&server);
}

/* A negotiation that is given up is told so as well. */
Test(socks5, calls_from_inside_the_end_are_refused)
{
    end client;

    watch(&client, SPNEGO_INITIATOR);
    open_end(&client);
    start(&client);
    num_reentries = 0;
    close_end(&client);
    cr_expect_gt(num_reentries, 0);
}

/* ---- Mechanisms that fail at data -------------------------------------------------------------
 */

static spnego_mech_result wrap_nothing(void *self, spnego_sink *out, spnego_mech_code *code,
                                       spnego_bytes message, int conf)
{
    (void)self;
    (void)out;
    (void)code;
    (void)message;
    (void)conf;
    return SPNEGO_MECH_COMPLETE;
}

/* The client is complete and has to say its level. */
static void check_bad_wrap(const spnego_mech_ops *ops, spnego_status status, spnego_rule rule)
{
    end e;

    set_up(&e, SPNEGO_INITIATOR, ALL_FLAGS);
    e.side.mechs[0].ops = ops;
    open_end(&e);
    start(&e);
    e.said.len = 0;
    (void)give_notation(&e, "01 01 00 0c 'X/2/00000001'");
    cr_expect_eq(e.status, status, "%s", spnego_status_describe(e.status)->name);
    cr_expect_eq(rule_of(&e), rule);
    cr_expect_eq(e.said.len, 0u, "nothing is said in its place");
    close_end(&e);
}

Test(socks5, mechanisms_that_cannot_wrap)
{
    spnego_mech_ops silent = toy_x, without = toy_x;

    silent.wrap = wrap_nothing;
    without.wrap = NULL;
    check_bad_wrap(&silent, SPNEGO_ERR_MECH_LIED, SPNEGO_RULE_MECH_SAYS_NOTHING);
    check_bad_wrap(&without, SPNEGO_ERR_MECH_LIED, SPNEGO_RULE_CALL_BAD_ARGUMENT);
}

/* Nor one that cannot unwrap: ERR_USAGE would say that the session is as it was. */
Test(socks5, a_mechanism_that_cannot_unwrap)
{
    spnego_mech_ops without = toy_x;
    end client, server;

    without.unwrap = NULL;
    set_up(&client, SPNEGO_INITIATOR, ALL_FLAGS);
    set_up(&server, SPNEGO_ACCEPTOR, ALL_FLAGS);
    server.side.mechs[0].ops = &without;
    open_end(&client);
    open_end(&server);
    start(&client);
    talk(&client, &server);
    cr_expect_eq(server.status, SPNEGO_ERR_MECH_LIED);
    cr_expect_eq(rule_of(&server), SPNEGO_RULE_CALL_BAD_ARGUMENT);
    cr_expect_eq(client.status, SPNEGO_ERR_REJECTED);
    close_end(&client);
    close_end(&server);
}

/* All or nothing: the client's last token does not go out without its level. */
Test(socks5, a_last_token_does_not_go_alone)
{
    spnego_mech_ops silent = toy_x;
    end e;

    silent.wrap = wrap_nothing;
    set_up(&e, SPNEGO_INITIATOR, ALL_FLAGS);
    e.side.x.legs = 1;
    e.side.mechs[0].ops = &silent;
    open_end(&e);
    start(&e);
    cr_expect_eq(e.status, SPNEGO_ERR_MECH_LIED);
    cr_expect_eq(e.said.len, 0u);
    close_end(&e);
}

Test(socks5, a_message_that_cannot_be_wrapped_ends_the_session)
{
    end client, server;
    spnego_turn turn;

    establish(&client, &server, 0, 2);
    client.side.x.lie = TOY_FAILS;
    client.side.x.lie_at = 0;
    cr_expect_eq(spnego_socks5_send(client.session, &turn, der_of("'secret'"), 0), SPNEGO_ERR_MECH);
    cr_expect_null(turn.out.data);
    cr_expect_str_eq(spnego_socks5_state(client.session), "failed");
    close_end(&client);
    close_end(&server);
}

/* ---- Memory -----------------------------------------------------------------------------------
 */

enum { MEMORY_DATA = 70000 };

/* All or nothing is said. */
static void check_whole_frames(const octets *said)
{
    spnego_bytes left = {said->data, said->len};

    while (left.len != 0) {
        spnego_socks5_frame frame;
        size_t len;

        cr_assert_eq(spnego_socks5_frame_read(&frame, &len, NULL, left), SPNEGO_COMPLETE);
        left.data += len;
        left.len -= len;
    }
}

/* A whole session, data both ways, with the memory of one side counted.  Returns that side's
 * status. */
static spnego_status run_in_memory(spnego_role role, int fail_at)
{
    static uint8_t data[MEMORY_DATA];
    spnego_status status;
    end client, server, *watched = role == SPNEGO_INITIATOR ? &client : &server;
    spnego_turn turn;

    set_up(&client, SPNEGO_INITIATOR, ALL_FLAGS);
    set_up(&server, SPNEGO_ACCEPTOR, ALL_FLAGS);
    watched->side.config.alloc = take_memory;
    watched->side.config.dealloc = give_memory;
    counted = (memory){0, fail_at, 0, 0, 0};
    status = spnego_socks5_create(&watched->session, NULL, &watched->config);
    if (status != SPNEGO_COMPLETE) {
        cr_expect_eq(counted.num_live, 0);
        return status;
    }
    open_end(watched == &client ? &server : &client);
    start(&client);
    while ((client.said.len != 0 || server.said.len != 0) && watched->status >= 0) {
        octets said = client.said.len != 0 ? client.said : server.said;
        end *const to = client.said.len != 0 ? &server : &client;

        (client.said.len != 0 ? &client : &server)->said = (octets){NULL, 0};
        /* One octet at a time: as much is gathered as ever is. */
        for (size_t i = 0; i < said.len && to->status >= 0; i++)
            (void)give(to, (spnego_bytes){said.data + i, 1});
        free(said.data);
        if (client.status == SPNEGO_COMPLETE && server.status == SPNEGO_COMPLETE &&
            client.heard.len == 0 && server.heard.len == 0) {
            end *const others = watched == &client ? &server : &client;

            send_data(others, data, sizeof data, 0);
            status =
                spnego_socks5_send(watched->session, &turn, (spnego_bytes){data, sizeof data}, 0);
            if (status < 0) {
                cr_expect_null(turn.out.data);
                watched->status = status;
            }
            note(watched, &turn);
        }
    }
    status = watched->status;
    if (status == SPNEGO_COMPLETE)
        cr_expect(client.heard.len != 0 && server.heard.len != 0);
    check_whole_frames(&watched->said);
    close_end(&client);
    close_end(&server);
    cr_expect_eq(counted.num_live, 0, "allocation %d: %d blocks are left", fail_at,
                 counted.num_live);
    return status;
}

static void fail_each_allocation(spnego_role role)
{
    int num;

    cr_assert_eq(run_in_memory(role, 0), SPNEGO_COMPLETE);
    num = counted.num;
    cr_expect_gt(num, 4);
    for (int i = 1; i <= num; i++)
        cr_expect_eq(run_in_memory(role, i), SPNEGO_ERR_NO_MEMORY, "allocation %d", i);
}

Test(socks5, every_allocation_of_a_client_fails)
{
    fail_each_allocation(SPNEGO_INITIATOR);
}

Test(socks5, every_allocation_of_a_server_fails)
{
    fail_each_allocation(SPNEGO_ACCEPTOR);
}

/* An error token goes out whole or not at all. */
Test(socks5, every_allocation_of_a_server_that_refuses_fails)
{
    for (int i = 1; i <= 12; i++) {
        end e;

        set_up(&e, SPNEGO_ACCEPTOR, ALL_FLAGS);
        e.side.x.lie = TOY_FAILS;
        e.side.config.alloc = take_memory;
        e.side.config.dealloc = give_memory;
        counted = (memory){0, i, 0, 0, 0};
        if (spnego_socks5_create(&e.session, NULL, &e.config) == SPNEGO_COMPLETE) {
            cr_expect_lt(give_notation(&e, "01 01 00 0c 'X/1/00000001'"), 0);
            check_whole_frames(&e.said);
            close_end(&e);
        }
        cr_expect_eq(counted.num_live, 0);
    }
}

/* One frame of the peer's and one of its own, 65539 octets; the mechanism's output, 65536; each in
 * a block of at most twice that, with the one that it grows out of beside it. */
Test(socks5, memory_is_bounded)
{
    cr_assert_eq(run_in_memory(SPNEGO_ACCEPTOR, 0), SPNEGO_COMPLETE);
    cr_expect_lt(counted.peak, 2u * 3u * 65540u + 65540u, "%zu", counted.peak);
    cr_assert_eq(run_in_memory(SPNEGO_INITIATOR, 0), SPNEGO_COMPLETE);
    cr_expect_lt(counted.peak, 2u * 3u * 65540u + 65540u, "%zu", counted.peak);
}

/* What a peer announces costs nothing until it comes. */
Test(socks5, announced_octets_take_no_memory)
{
    end e;

    set_up(&e, SPNEGO_ACCEPTOR, ALL_FLAGS);
    e.side.config.alloc = take_memory;
    e.side.config.dealloc = give_memory;
    counted = (memory){0, 0, 0, 0, 0};
    open_end(&e);
    (void)give_notation(&e, "01 01 ff ff 61*100");
    cr_expect_lt(counted.peak, 8192u, "%zu", counted.peak);
    close_end(&e);
    cr_expect_eq(counted.num_live, 0);
}
