/*
 * A client and a server of MS-NNS against each other, over the mechanisms of tests/toy_mech.h: all
 * levels against what the document says of them, large data in all directions, memory that is
 * counted and memory that fails, and calls that break the contract.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <spnego/nns.h>

#include "support.h"
#include "toy_mech.h"

static const spnego_bytes absent = {NULL, 0};

/* ---- Memory that is counted ------------------------------------------------------------------ */

enum { MAX_LIVE = 64 };

static struct memory {
    unsigned num, fail_at; /* allocations so far, and the one that fails; 0: none */
    size_t now, peak;
    struct {
        void *at;
        size_t size;
    } live[MAX_LIVE];
} memory;

static void *counted_alloc(void *user, size_t size)
{
    void *at = NULL;

    (void)user;
    if (++memory.num != memory.fail_at)
        at = malloc(size);
    for (size_t i = 0; at != NULL && i < MAX_LIVE; i++)
        if (memory.live[i].at == NULL) {
            memory.live[i].at = at;
            memory.live[i].size = size;
            memory.now += size;
            memory.peak = memory.peak < memory.now ? memory.now : memory.peak;
            return at;
        }
    cr_assert_null(at, "too many blocks");
    return at;
}

static void counted_free(void *user, void *at)
{
    size_t i = 0;

    (void)user;
    if (at == NULL)
        return;
    while (i < MAX_LIVE && memory.live[i].at != at)
        i++;
    cr_assert_lt(i, (size_t)MAX_LIVE, "a block of another");
    memory.now -= memory.live[i].size;
    memory.live[i].at = NULL;
    free(at);
}

/* ---- Two sides ------------------------------------------------------------------------------- */

typedef struct octets {
    uint8_t *data;
    size_t len, size;
} octets;

static void add(octets *to, spnego_bytes more)
{
    if (more.len > to->size - to->len) {
        to->size = 2 * (to->len + more.len);
        to->data = realloc(to->data, to->size);
        cr_assert_not_null(to->data);
    }
    if (more.len != 0)
        memcpy(to->data + to->len, more.data, more.len);
    to->len += more.len;
}

static void drop(octets *from, size_t len)
{
    from->len -= len;
    if (len != 0)
        memmove(from->data, from->data + len, from->len);
}

typedef struct peer {
    toy_side toy;
    spnego_nns_config config;
    spnego_nns *session;
    spnego_status status;
    octets wire;    /* for the other side  */
    octets data;    /* what was delivered */
    size_t longest; /* data message that was sent, without its header */
} peer;

/* Kerberos and NTLM; NTLM's tokens look as they do without SPNEGO. */
static void prepare(peer *p, spnego_role role, int legs, uint32_t flags)
{
    memset(p, 0, sizeof *p);
    toy_side_init(&p->toy, role, TOY_STRICT, "XY", legs, flags);
    p->toy.y.signature = 1;
    p->toy.config.alloc = counted_alloc;
    p->toy.config.dealloc = counted_free;
    spnego_nns_config_init(&p->config, sizeof p->config, &p->toy.config);
}

static void note_turn(peer *p, const spnego_turn *turn)
{
    if (strcmp(spnego_nns_state(p->session), "Authenticated") == 0 && turn->out.len > p->longest)
        p->longest = turn->out.len;
    add(&p->wire, turn->out);
    add(&p->data, turn->data);
}

static void open_peer(peer *p)
{
    spnego_turn turn;

    p->status = spnego_nns_create(&p->session, NULL, &p->config);
    if (p->status != SPNEGO_COMPLETE)
        return;
    p->status = spnego_nns_start(p->session, &turn);
    note_turn(p, &turn);
}

static int close_peer(peer *p)
{
    spnego_nns_destroy(p->session);
    free(p->wire.data);
    free(p->data.data);
    return p->toy.x.after_end + p->toy.y.after_end;
}

/* Hands over what the other has sent, `piece` octets at a time. */
static int pass(peer *to, peer *from, size_t piece)
{
    const size_t len = from->wire.len < piece ? from->wire.len : piece;
    spnego_turn turn;

    if (len == 0 || to->status < 0 || to->session == NULL)
        return 0;
    to->status = spnego_nns_receive(to->session, &turn, (spnego_bytes){from->wire.data, len});
    cr_assert(turn.taken != 0 || to->status < 0);
    note_turn(to, &turn);
    drop(&from->wire, turn.taken);
    return 1;
}

static void talk(peer *client, peer *server, size_t piece)
{
    while (pass(server, client, piece) || pass(client, server, piece))
        ;
}

static void send_all(peer *p, spnego_bytes data)
{
    spnego_turn turn;

    while (p->status == SPNEGO_COMPLETE && data.len != 0) {
        p->status = spnego_nns_send(p->session, &turn, data);
        cr_assert(turn.taken != 0 || p->status < 0);
        note_turn(p, &turn);
        data.data += turn.taken;
        data.len -= turn.taken;
    }
}

/* ---- Levels ---------------------------------------------------------------------------------- */

/* What is tried. */
typedef struct levels {
    spnego_nns_protection client, server;
    spnego_nns_impersonation allowed, required;
    uint32_t can; /* what the mechanism grants if it is asked for          */
    int legs;
    int is_exact; /* SPNEGO_NNS_OPTION_EXACT_IMPERSONATION                 */
} levels;

/* What the document makes of it; no code is shared with the library. */
typedef struct outcome {
    int ntlm;
    int client_is_first; /* to know the levels                                 */
    int client_refuses, server_refuses;
    spnego_nns_protection protection;
} outcome;

/* MS-NNS 3.1.4.1, with conflict 11 of the requirements; 3.1.5.1, 3.1.5.3, 3.2.5.2, 3.2.5.3. */
static outcome expected(const levels *l)
{
    outcome o = {l->client == SPNEGO_NNS_NONE, 0, 0, 0, SPNEGO_NNS_NONE};
    spnego_nns_impersonation impersonation = SPNEGO_NNS_IMPERSONATION;
    const int asks_for_integ = l->client == SPNEGO_NNS_SIGN || l->client == 2;

    if (l->client == SPNEGO_NNS_ENCRYPT_AND_SIGN && (l->can & SPNEGO_FLAG_CONF))
        o.protection = SPNEGO_NNS_ENCRYPT_AND_SIGN;
    else if (asks_for_integ && (l->can & SPNEGO_FLAG_INTEG))
        o.protection = SPNEGO_NNS_SIGN;
    if (l->allowed == SPNEGO_NNS_DELEGATION && (l->can & SPNEGO_FLAG_DELEG) && !o.ntlm)
        impersonation = SPNEGO_NNS_DELEGATION;
    else if (l->allowed == SPNEGO_NNS_IDENTIFICATION && (l->can & SPNEGO_FLAG_IDENTIFY))
        impersonation = SPNEGO_NNS_IDENTIFICATION;
    o.client_refuses = o.protection < l->client || impersonation > l->allowed ||
                       (l->is_exact && impersonation != l->allowed);
    o.server_refuses = o.protection < l->server || impersonation < l->required;
    /* Without SPNEGO who has the last token to send is first; with it the acceptor is. */
    o.client_is_first = o.ntlm && l->legs % 2 == 1;
    return o;
}

static void open_both(peer *client, peer *server, const levels *l)
{
    prepare(client, SPNEGO_INITIATOR, l->legs, l->can);
    client->toy.x.grants_only_asked = client->toy.y.grants_only_asked = 1;
    client->config.protection = l->client;
    client->config.impersonation = l->allowed;
    client->config.options = l->is_exact ? SPNEGO_NNS_OPTION_EXACT_IMPERSONATION : 0;
    client->config.target = (spnego_bytes){(const uint8_t *)"host@server", 11};
    client->config.channel_bindings = (spnego_bytes){(const uint8_t *)"bound", 5};
    open_peer(client);
    /* What the two mechanisms agree on is what the client's got. */
    prepare(server, SPNEGO_ACCEPTOR, l->legs, client->toy.x.flags);
    server->config.protection = l->server;
    server->config.impersonation = l->required;
    server->config.channel_bindings = client->config.channel_bindings;
    open_peer(server);
}

static void check_established(peer *client, peer *server, const outcome *o, const char *what)
{
    peer *const sides[] = {client, server};
    spnego_nns_levels negotiated;
    spnego_info info;

    for (size_t i = 0; i < LEN(sides); i++) {
        cr_expect_eq(sides[i]->status, SPNEGO_COMPLETE, "%s: %zu", what, i);
        cr_assert(spnego_nns_info(sides[i]->session, &info, &negotiated), "%s", what);
        cr_expect_eq(negotiated.protection, o->protection, "%s: %zu", what, i);
        cr_expect_eq(info.bare, o->ntlm, "%s", what);
        cr_expect_str_eq(info.mech->ops->name, o->ntlm ? toy_y.name : toy_x.name, "%s", what);
    }
}

/* Who refuses says TRUST_FAILURE, and the other hears it; but a server that has said Done is done.
 */
static void check_refused(const peer *client, const peer *server, const outcome *o,
                          const char *what)
{
    const int by_client = o->client_refuses && (o->client_is_first || !o->server_refuses);
    const peer *refusing = by_client ? client : server, *other = by_client ? server : client;

    cr_expect_eq(refusing->status, SPNEGO_ERR_POLICY, "%s", what);
    cr_expect_str_eq(spnego_nns_state(refusing->session), "Uninitialized", "%s", what);
    cr_expect_eq(spnego_nns_error_code(refusing->session), SPNEGO_NNS_TRUST_FAILURE, "%s", what);
    if (by_client && !o->client_is_first) {
        cr_expect_eq(other->status, SPNEGO_COMPLETE, "%s", what);
        return;
    }
    cr_expect_eq(other->status, SPNEGO_ERR_REJECTED, "%s: %d", what, (int)other->status);
    cr_expect_str_eq(spnego_nns_state(other->session), "Closed", "%s", what);
    cr_expect_eq(spnego_nns_error_code(other->session), SPNEGO_NNS_TRUST_FAILURE, "%s", what);
}

static void check_data(peer *client, peer *server, const outcome *o, const char *what)
{
    static const char words[] = "words in the clear";
    const spnego_bytes data = {(const uint8_t *)words, sizeof words};

    send_all(client, data);
    if (o->protection == SPNEGO_NNS_NONE)
        cr_expect(client->wire.len == data.len && memcmp(client->wire.data, words, data.len) == 0,
                  "%s", what);
    else
        cr_expect_eq(client->wire.len, 4 + 2 + data.len + 16, "%s", what);
    /* The toy's encryption hides the text. */
    cr_expect_eq(memcmp(client->wire.data + client->wire.len - data.len -
                            (o->protection == SPNEGO_NNS_NONE ? 0 : 16),
                        words, data.len) == 0,
                 o->protection != SPNEGO_NNS_ENCRYPT_AND_SIGN, "%s", what);
    send_all(server, data);
    talk(client, server, 7);
    cr_expect(server->data.len == data.len && memcmp(server->data.data, words, data.len) == 0, "%s",
              what);
    cr_expect(client->data.len == data.len && memcmp(client->data.data, words, data.len) == 0, "%s",
              what);
}

static void check_levels(const levels *l)
{
    const outcome o = expected(l);
    peer client, server;
    char what[120];

    snprintf(what, sizeof what,
             "client %d server %d allowed %d required %d can %x legs %d exact %d", l->client,
             l->server, l->allowed, l->required, (unsigned)l->can, l->legs, l->is_exact);
    open_both(&client, &server, l);
    talk(&client, &server, 1000);
    if (o.client_refuses || o.server_refuses) {
        check_refused(&client, &server, &o, what);
    } else {
        check_established(&client, &server, &o, what);
        check_data(&client, &server, &o, what);
    }
    cr_expect_eq(close_peer(&client) + close_peer(&server), 0, "%s", what);
}

/* NNS-33, 37 to 45, 54, 55, 71 to 73, 76, 77, 81, 82, 85, 86. */
Test(nns, levels)
{
    static const uint32_t can[] = {0, SPNEGO_FLAG_INTEG, SPNEGO_FLAG_INTEG | SPNEGO_FLAG_CONF};
    static const uint32_t besides[] = {0, SPNEGO_FLAG_DELEG | SPNEGO_FLAG_IDENTIFY};
    unsigned num = 0;
    levels l;

    for (l.client = SPNEGO_NNS_NONE; l.client <= SPNEGO_NNS_ENCRYPT_AND_SIGN; l.client++)
        for (l.server = SPNEGO_NNS_NONE; l.server <= SPNEGO_NNS_ENCRYPT_AND_SIGN; l.server++)
            for (l.allowed = 1; l.allowed <= SPNEGO_NNS_DELEGATION; l.allowed++)
                for (l.required = 1; l.required <= SPNEGO_NNS_DELEGATION; l.required++)
                    for (size_t i = 0; i < LEN(can) * LEN(besides); i++)
                        for (l.legs = 1; l.legs <= 4; l.legs++)
                            for (l.is_exact = 0; l.is_exact < 2; l.is_exact++) {
                                l.can = can[i % LEN(can)] | besides[i / LEN(can)];
                                check_levels(&l);
                                num++;
                            }
    cr_expect_eq(num, 3 * 3 * 3 * 3 * 6 * 4 * 2);
}

/* NEG-29, and NNS-31, 36, 37 to 40, 62: what each mechanism is asked for, with conflict 11, and
 * with what level None needs of NTLM. */
Test(nns, what_is_asked_of_mechanisms)
{
    static const uint32_t always = SPNEGO_FLAG_MUTUAL;
    static const uint32_t detect = SPNEGO_FLAG_REPLAY | SPNEGO_FLAG_SEQUENCE;
    static const struct {
        spnego_nns_protection protection;
        spnego_nns_impersonation impersonation;
        uint32_t flags;
    } rows[] = {
        {SPNEGO_NNS_NONE, SPNEGO_NNS_IMPERSONATION, 0},
        {SPNEGO_NNS_NONE, SPNEGO_NNS_DELEGATION, SPNEGO_FLAG_DELEG},
        {SPNEGO_NNS_SIGN, SPNEGO_NNS_IMPERSONATION, detect | SPNEGO_FLAG_INTEG},
        {SPNEGO_NNS_ENCRYPT_AND_SIGN, SPNEGO_NNS_IMPERSONATION,
         detect | SPNEGO_FLAG_INTEG | SPNEGO_FLAG_CONF},
        {SPNEGO_NNS_ENCRYPT_AND_SIGN, SPNEGO_NNS_DELEGATION,
         detect | SPNEGO_FLAG_INTEG | SPNEGO_FLAG_CONF | SPNEGO_FLAG_DELEG},
        {SPNEGO_NNS_SIGN, SPNEGO_NNS_IDENTIFICATION,
         detect | SPNEGO_FLAG_INTEG | SPNEGO_FLAG_IDENTIFY},
    };

    for (size_t i = 0; i < LEN(rows); i++) {
        const levels l = {rows[i].protection, 0, rows[i].impersonation, 1, 0, 2, 0};
        peer client, server;

        open_both(&client, &server, &l);
        cr_expect_eq(client.toy.y.asked_flags, always | rows[i].flags, "%zu: %x", i,
                     (unsigned)client.toy.y.asked_flags);
        cr_expect_str_eq(client.toy.y.asked_target, "host@server");
        cr_expect_str_eq(client.toy.y.asked_bindings, "bound");
        cr_expect_eq(server.toy.x.asked_flags, 0);
        cr_expect_str_eq(server.toy.x.asked_target, "");
        cr_expect_str_eq(server.toy.x.asked_bindings, "bound");
        cr_expect_eq(close_peer(&client) + close_peer(&server), 0);
    }
}

/* ---- Large data: NNS-27 ------------------------------------------------------------------ */

static const levels all_good = {SPNEGO_NNS_ENCRYPT_AND_SIGN,
                                SPNEGO_NNS_SIGN,
                                SPNEGO_NNS_IMPERSONATION,
                                SPNEGO_NNS_IDENTIFICATION,
                                SPNEGO_FLAG_INTEG | SPNEGO_FLAG_CONF,
                                3,
                                0};

static uint8_t *pattern(size_t len)
{
    uint8_t *data = malloc(len);

    cr_assert_not_null(data);
    for (size_t i = 0; i < len; i++)
        data[i] = (uint8_t)(i * 7 + (i >> 8));
    return data;
}

/* NNS-25, 27, 83: messages of at most that length, and all octets in their order. */
static void check_large(uint32_t options, size_t max_token, size_t longest, size_t piece)
{
    enum { SIZE = 500000 };
    uint8_t *const data = pattern(SIZE);
    peer client, server;

    open_both(&client, &server, &all_good);
    spnego_nns_destroy(client.session);
    client.config.options = options;
    client.toy.config.limits.max_token = max_token;
    client.wire.len = 0;
    prepare(&server, SPNEGO_ACCEPTOR, 3, all_good.can);
    open_peer(&server);
    client.toy.x.next_leg = client.toy.x.abandoned = 0;
    open_peer(&client);
    talk(&client, &server, piece);
    cr_assert_eq(client.status, SPNEGO_COMPLETE);
    client.longest = 0;
    send_all(&client, (spnego_bytes){data, SIZE});
    cr_expect_leq(client.longest, 4 + longest);
    cr_expect_geq(client.longest, 4 + longest - 1024);
    talk(&client, &server, piece);
    cr_expect(server.data.len == SIZE && memcmp(server.data.data, data, SIZE) == 0);
    (void)close_peer(&client);
    (void)close_peer(&server);
    free(data);
}

Test(nns, large_data)
{
    check_large(0, 0, SPNEGO_NNS_MAX_PAYLOAD, 50000);
    check_large(SPNEGO_NNS_OPTION_LONG_PAYLOADS, 0, SPNEGO_NNS_MAX_PAYLOAD_2019, 200000);
    /* A negotiation that allows less of a mechanism allows that of each message. */
    check_large(0, 4096, 4096, 1000);
}

/* ---- Memory ---------------------------------------------------------------------------------- */

/* Each allocation of each side fails once: the session fails with that, says so or nothing, and
 * stays so; the other side is told, or sees the end. */
Test(nns, each_allocation_fails)
{
    static const char words[] = "words";
    unsigned num;

    for (unsigned at = 1, failed = 1; failed != 0; at++) {
        peer client, server, *sides[] = {&client, &server};

        memset(&memory, 0, sizeof memory);
        memory.fail_at = at;
        open_both(&client, &server, &all_good);
        talk(&client, &server, 3);
        send_all(&client, (spnego_bytes){(const uint8_t *)words, sizeof words});
        talk(&client, &server, 3);
        failed = 0;
        for (size_t i = 0; i < LEN(sides); i++) {
            spnego_turn turn;

            if (sides[i]->status != SPNEGO_ERR_NO_MEMORY)
                continue;
            failed++;
            if (sides[i]->session == NULL)
                continue;
            cr_expect_eq(spnego_nns_receive(sides[i]->session, &turn, absent),
                         SPNEGO_ERR_NO_MEMORY);
            cr_expect(turn.out.data == NULL && turn.data.data == NULL);
        }
        cr_expect_eq(failed, memory.num >= at, "%u", at);
        if (failed == 0)
            cr_expect_eq(server.data.len, sizeof words);
        else
            cr_expect_eq(server.data.len, 0, "%u", at);
        num = at;
        cr_expect_eq(close_peer(&client) + close_peer(&server), 0, "%u", at);
        cr_expect_eq(memory.now, 0, "%u: %zu octets are left", at, memory.now);
    }
    cr_expect_geq(num, 12);
}

/* The bound of nns.h: a session is what it is, and two buffers, one of which may be growing. */
Test(nns, memory_is_bounded)
{
    enum { SIZE = 300000 };
    const size_t bound = 2 * (size_t)SPNEGO_NNS_MAX_BUFFER + SPNEGO_NNS_MAX_BUFFER / 2;
    uint8_t *const data = pattern(SIZE);
    peer client, server;
    size_t of_negotiation;

    memset(&memory, 0, sizeof memory);
    open_both(&client, &server, &all_good);
    talk(&client, &server, 1);
    of_negotiation = memory.peak;
    send_all(&client, (spnego_bytes){data, SIZE});
    memory.peak = memory.now;
    talk(&client, &server, 1);
    /* What unwraps needs room in the negotiation as well, twice the longest token. */
    cr_expect_leq(memory.peak, of_negotiation + 2 * bound + 3 * (size_t)65536);
    cr_expect_eq(server.data.len, SIZE);
    (void)close_peer(&client);
    (void)close_peer(&server);
    cr_expect_eq(memory.now, 0);
    free(data);
}

static size_t num_blocks(void)
{
    size_t num = 0;

    for (size_t i = 0; i < MAX_LIVE; i++)
        num += memory.live[i].at != NULL;
    return num;
}

/* NNS-44, 47, 51: with a failure of either side the security context is gone, not only with the
 * session.  What is left is the session and what it has to say. */
Test(nns, failure_deletes_the_context)
{
    static const char *const messages[] = {"16 01 00 00 01 5a", "15 01 00 00 00"};

    for (size_t i = 0; i < LEN(messages); i++) {
        peer server;
        spnego_turn turn;

        memset(&memory, 0, sizeof memory);
        prepare(&server, SPNEGO_ACCEPTOR, 2, 0);
        open_peer(&server);
        cr_expect_eq(num_blocks(), 2);
        cr_expect(spnego_nns_receive(server.session, &turn, der_of(messages[i])) < 0);
        cr_expect_eq(num_blocks(), turn.out.data != NULL ? 2 : 1);
        (void)close_peer(&server);
    }
}

/* Whatever lengths are announced, no more is held than has come. */
Test(nns, a_length_alone_takes_no_memory)
{
    peer server;
    spnego_turn turn;

    memset(&memory, 0, sizeof memory);
    prepare(&server, SPNEGO_ACCEPTOR, 2, 0);
    open_peer(&server);
    memory.peak = memory.now;
    cr_expect_eq(spnego_nns_receive(server.session, &turn, der_of("16 01 00 ff ff 60")),
                 SPNEGO_CONTINUE);
    cr_expect_leq(memory.peak, memory.now);
    cr_expect_leq(memory.now, 4096);
    (void)close_peer(&server);
}

/* ---- Hostile frames ---------------------------------------------------------------------------
 */

static spnego_status server_gets(const char *notation, spnego_rule *out_rule)
{
    peer server;
    spnego_status status;
    spnego_turn turn;

    prepare(&server, SPNEGO_ACCEPTOR, 2, 0);
    open_peer(&server);
    status = spnego_nns_receive(server.session, &turn, der_of(notation));
    *out_rule = spnego_nns_error(server.session)->rule;
    cr_expect(turn.data.data == NULL, "%s", notation);
    cr_expect(status < 0 || turn.taken != 0, "%s", notation);
    (void)close_peer(&server);
    return status;
}

/* NNS-09, 12, 70; LOG-37. */
Test(nns, each_id)
{
    char notation[40];
    spnego_rule rule;

    for (unsigned id = 0; id < 256; id++) {
        snprintf(notation, sizeof notation, "%02x 0100 0001 00", id);
        (void)server_gets(notation, &rule);
        cr_expect_eq(rule == SPNEGO_RULE_NNS_ID_UNKNOWN, id < 0x14 || id > 0x16, "%02x", id);
        cr_expect_eq(rule == SPNEGO_RULE_NNS_PEER_ERROR, id == 0x15, "%02x", id);
    }
}

/* The longest handshake message, of nonsense, and of a mechanism's token with more than it has. */
Test(nns, longest_handshake_message)
{
    spnego_rule rule;

    cr_expect_eq(server_gets("16 0100 ffff 5a*65535", &rule), SPNEGO_ERR_MALFORMED);
    cr_expect_eq(server_gets("14 0100 ffff 'NTLMSSP' 00 5a*65527", &rule), SPNEGO_ERR_MECH);
    cr_expect_eq(server_gets("15 0100 ffff 00*65535", &rule), SPNEGO_ERR_REJECTED);
    cr_expect_eq(server_gets("16 0100 ffff 5a*65534", &rule), SPNEGO_CONTINUE);
}

/* Each length that a data message can announce, by powers of two and their neighbours, in either
 * order of octets: refused with its header or waited for, and never more than the limit. */
Test(nns, each_data_length)
{
    for (unsigned bit = 0; bit < 33; bit++)
        for (int off = -1; off <= 1; off++)
            for (int big = 0; big < 2; big++) {
                const uint32_t len = (uint32_t)(((uint64_t)1 << bit) + (uint64_t)(int64_t)off);
                uint8_t header[4];
                spnego_bytes payload;
                size_t need;
                spnego_rule rule;

                for (unsigned i = 0; i < 4; i++)
                    header[i] = (uint8_t)(len >> 8 * (big ? 3 - i : i));
                rule = spnego_nns_data_decode(&payload, &need, (spnego_bytes){header, 4}, 0x10000);
                if (rule == SPNEGO_RULE_NONE)
                    cr_expect(need > 8 && need <= 4 + 0x10000, "%08x", (unsigned)len);
                else
                    cr_expect_eq(need, 0);
                if (!big)
                    cr_expect_eq(rule, len <= 4        ? SPNEGO_RULE_NNS_PAYLOAD_TOO_SHORT
                                       : len > 0x10000 ? SPNEGO_RULE_NNS_PAYLOAD_TOO_LONG
                                                       : SPNEGO_RULE_NONE);
            }
}

/* A mechanism's token as long as a message holds, and longer (NNS-12). */
Test(nns, token_as_long_as_a_message_holds)
{
    static const size_t lens[] = {65535, 65536, 70000};

    for (size_t i = 0; i < LEN(lens); i++) {
        peer client;

        prepare(&client, SPNEGO_INITIATOR, 2, 0);
        client.toy.y.lie = TOY_WRITES_HUGE;
        /* Beside what it has to say. */
        client.toy.y.huge = lens[i] - sizeof "NTLMSSP" - strlen("Y/1/00000001");
        client.toy.config.limits.max_token = 100000;
        client.config.protection = SPNEGO_NNS_NONE;
        open_peer(&client);
        if (lens[i] <= 65535) {
            cr_expect_eq(client.status, SPNEGO_CONTINUE);
            cr_expect_eq(client.wire.len, 5 + 65535);
        } else {
            cr_expect_eq(client.status, SPNEGO_ERR_LIMIT);
            cr_expect_eq(client.wire.len, SPNEGO_NNS_ERROR_LEN);
            cr_expect_eq(spnego_nns_error(client.session)->rule, SPNEGO_RULE_NNS_TOKEN_TOO_LONG);
        }
        (void)close_peer(&client);
    }
}

/* ---- Calls that break the contract ------------------------------------------------------------
 */

static spnego_rule refused_with(const spnego_nns_config *config)
{
    spnego_nns *session;
    spnego_error error;

    cr_expect(spnego_nns_create(&session, &error, config) < 0);
    cr_expect_null(session);
    cr_expect(spnego_nns_create(&session, NULL, config) < 0);
    return error.rule;
}

Test(nns, configurations_that_are_refused)
{
    peer p;
    spnego_nns *session;
    spnego_nns_config good, bad;

    prepare(&p, SPNEGO_INITIATOR, 2, 0);
    good = p.config;
    cr_assert_eq(spnego_nns_create(&session, NULL, &good), SPNEGO_COMPLETE);
    spnego_nns_destroy(session);
#define BAD(member, value) \
    do { \
        bad = good; \
        bad.member = value; \
        cr_expect_eq(refused_with(&bad), SPNEGO_RULE_CALL_BAD_ARGUMENT, #member); \
    } while (0)
#define BAD_NEGOTIATION(member, value) \
    do { \
        spnego_config saved = p.toy.config; \
        p.toy.config.member = value; \
        cr_expect_eq(refused_with(&good), SPNEGO_RULE_CALL_BAD_ARGUMENT, #member); \
        p.toy.config = saved; \
    } while (0)
    BAD(struct_size, 1);
    BAD(negotiation, NULL);
    BAD(protection, (spnego_nns_protection)3);
    BAD(impersonation, (spnego_nns_impersonation)0);
    BAD(impersonation, (spnego_nns_impersonation)4);
    BAD(options, 0x100);
    BAD_NEGOTIATION(struct_size, 1);
    BAD_NEGOTIATION(alloc, NULL);
    BAD_NEGOTIATION(max_fragment, 100);
    BAD_NEGOTIATION(options, SPNEGO_OPTION_TAKE_FRAGMENTS);
    BAD_NEGOTIATION(options, SPNEGO_OPTION_BARE);
    BAD_NEGOTIATION(options, SPNEGO_OPTION_TAKE_BARE);
    BAD_NEGOTIATION(role, (spnego_role)0);
    /* Level None has no MICs. */
    good.protection = SPNEGO_NNS_NONE;
    BAD_NEGOTIATION(options, SPNEGO_OPTION_REQUIRE_MIC);
    /* And NTLM or nothing. */
    toy_side_init(&p.toy, SPNEGO_INITIATOR, TOY_STRICT, "XZ", 2, 0);
    cr_expect_eq(refused_with(&good), SPNEGO_RULE_MECH_LIST_EMPTY);
    spnego_nns_destroy(NULL);
}

/* NNS-34: a mechanism that finds out late that it has no credential; still nothing is written. */
Test(nns, no_credential_after_a_while)
{
    peer client;
    spnego_turn turn;

    prepare(&client, SPNEGO_INITIATOR, 2, 0);
    client.toy.y.lie = TOY_PENDS_THEN_UNAVAILABLE;
    client.config.protection = SPNEGO_NNS_NONE;
    open_peer(&client);
    cr_expect_eq(client.status, SPNEGO_PENDING);
    cr_expect_eq(spnego_nns_resume(client.session, &turn), SPNEGO_ERR_NO_MECH);
    cr_expect_null(turn.out.data);
    cr_expect_eq(spnego_nns_error_code(client.session), 0);
    (void)close_peer(&client);
}

/* A mechanism whose flags promise what it has no functions for. */
Test(nns, mechanism_without_wrap)
{
    spnego_mech_ops ops = toy_x;
    peer client, server;

    for (int i = 0; i < 2; i++) {
        ops = toy_x;
        if (i == 0)
            ops.wrap = NULL;
        else
            ops.unwrap = NULL;
        prepare(&client, SPNEGO_INITIATOR, 2, SPNEGO_FLAG_INTEG);
        client.toy.mechs[0].ops = &ops;
        client.config.protection = SPNEGO_NNS_SIGN;
        prepare(&server, SPNEGO_ACCEPTOR, 2, SPNEGO_FLAG_INTEG);
        server.config.protection = SPNEGO_NNS_SIGN;
        open_peer(&client);
        open_peer(&server);
        talk(&client, &server, 1000);
        cr_expect_eq(client.status, SPNEGO_ERR_POLICY);
        cr_expect_eq(spnego_nns_error(client.session)->rule, SPNEGO_RULE_NNS_PROTECTION_TOO_LOW);
        (void)close_peer(&client);
        (void)close_peer(&server);
    }
}

/* From inside a callback nothing is done, and the call under way goes on. */
static struct {
    spnego_nns *session;
    unsigned num;
} inside;

static void call_back(void *user, const spnego_event *event)
{
    spnego_turn turn = {absent, absent, 1};

    (void)user, (void)event;
    if (inside.session == NULL)
        return;
    inside.num++;
    cr_expect_eq(spnego_nns_start(inside.session, &turn), SPNEGO_ERR_USAGE);
    cr_expect_eq(turn.taken, 0);
    cr_expect_eq(spnego_nns_receive(inside.session, &turn, absent), SPNEGO_ERR_USAGE);
    cr_expect_eq(spnego_nns_send(inside.session, &turn, absent), SPNEGO_ERR_USAGE);
    cr_expect_eq(spnego_nns_resume(inside.session, &turn), SPNEGO_ERR_USAGE);
    cr_expect_eq(spnego_nns_end(inside.session, &turn), SPNEGO_ERR_USAGE);
    cr_expect_eq(spnego_nns_close(inside.session), SPNEGO_ERR_USAGE);
    spnego_nns_destroy(inside.session);
}

Test(nns, calls_from_inside_are_refused)
{
    peer client, server;

    prepare(&client, SPNEGO_INITIATOR, 3, all_good.can);
    prepare(&server, SPNEGO_ACCEPTOR, 3, all_good.can);
    server.toy.config.on_event = call_back;
    open_peer(&client);
    open_peer(&server);
    inside.session = server.session;
    talk(&client, &server, 1000);
    cr_expect_eq(client.status, SPNEGO_COMPLETE);
    cr_expect_eq(server.status, SPNEGO_COMPLETE);
    cr_expect_gt(inside.num, 4);
    inside.session = NULL;
    cr_expect_eq(close_peer(&client) + close_peer(&server), 0);
}

/* Closing in the middle tells the mechanism, and the observer: neither can take the session away
 * from under it. */
Test(nns, calls_from_inside_are_refused_while_it_closes)
{
    peer client, server;

    prepare(&client, SPNEGO_INITIATOR, 3, all_good.can);
    prepare(&server, SPNEGO_ACCEPTOR, 3, all_good.can);
    server.toy.config.on_event = call_back;
    open_peer(&client);
    open_peer(&server);
    cr_assert(pass(&server, &client, 10000));
    cr_assert_eq(server.status, SPNEGO_CONTINUE);
    inside.session = server.session;
    cr_expect_eq(spnego_nns_close(server.session), SPNEGO_COMPLETE);
    cr_expect_gt(inside.num, 0);
    inside.session = NULL;
    cr_expect_eq(close_peer(&client) + close_peer(&server), 0);
}

/* What was delivered may be sent back from where it lies, in more messages than one. */
Test(nns, an_echo)
{
    static uint8_t octets_of[60000];
    spnego_bytes left, data = {octets_of, sizeof octets_of};
    spnego_turn turn;
    peer client, server;

    for (size_t i = 0; i < sizeof octets_of; i++)
        octets_of[i] = (uint8_t)(i * 7 + i / 256);
    prepare(&client, SPNEGO_INITIATOR, 3, all_good.can);
    prepare(&server, SPNEGO_ACCEPTOR, 3, all_good.can);
    open_peer(&client);
    open_peer(&server);
    talk(&client, &server, 70000);
    cr_assert_eq(spnego_nns_send(client.session, &turn, data), SPNEGO_COMPLETE);
    cr_assert_eq(turn.taken, data.len);
    cr_assert_eq(spnego_nns_receive(server.session, &turn, turn.out), SPNEGO_COMPLETE);
    for (left = turn.data; left.len != 0; left.data += turn.taken, left.len -= turn.taken) {
        spnego_bytes some = {left.data, left.len < 25000 ? left.len : 25000};

        cr_assert_eq(spnego_nns_send(server.session, &turn, some), SPNEGO_COMPLETE);
        add(&server.wire, turn.out);
    }
    talk(&client, &server, 70000);
    cr_expect_eq(client.data.len, data.len);
    cr_expect(memcmp(client.data.data, data.data, data.len) == 0);
    (void)close_peer(&client);
    (void)close_peer(&server);
}

/* The server prefers the client's second mechanism, so that both owe a MIC. */
static void open_reselecting(peer *client, peer *server, int legs)
{
    spnego_mech first;

    prepare(client, SPNEGO_INITIATOR, legs, all_good.can);
    prepare(server, SPNEGO_ACCEPTOR, legs, all_good.can);
    first = server->toy.mechs[0];
    server->toy.mechs[0] = server->toy.mechs[1];
    server->toy.mechs[1] = first;
    open_peer(client);
    open_peer(server);
}

/* RFC 4178 5: Done in place of InProgress would leave this side's MIC unsaid, though it is owed. */
Test(nns, done_before_the_own_mic)
{
    for (int is_done = 0; is_done <= 1; is_done++) {
        peer client, server;

        open_reselecting(&client, &server, 2);
        cr_assert(pass(&server, &client, 1000));
        cr_assert_eq(server.wire.data[0], SPNEGO_NNS_IN_PROGRESS);
        if (is_done)
            server.wire.data[0] = SPNEGO_NNS_DONE;
        cr_assert(pass(&client, &server, 1000));
        if (is_done) {
            cr_expect_eq(client.status, SPNEGO_ERR_PROTOCOL);
            cr_expect_eq(spnego_nns_error(client.session)->rule, SPNEGO_RULE_NNS_DONE_TOO_EARLY);
        } else {
            talk(&client, &server, 1000);
            cr_expect(client.status == SPNEGO_COMPLETE && server.status == SPNEGO_COMPLETE);
        }
        (void)close_peer(&client);
        (void)close_peer(&server);
    }
}

/* The other way round the server's last MIC is what is not said, and the client, which has not said
 * Done, is not content without it. */
Test(nns, done_before_the_peers_mic)
{
    peer client, server;

    open_reselecting(&client, &server, 3);
    cr_assert(pass(&server, &client, 1000));
    cr_assert(pass(&client, &server, 1000));
    cr_assert_gt(client.wire.len, 0);
    cr_assert_eq(client.wire.data[0], SPNEGO_NNS_IN_PROGRESS);
    client.wire.data[0] = SPNEGO_NNS_DONE;
    talk(&client, &server, 1000);
    cr_expect_eq(server.status, SPNEGO_COMPLETE);
    cr_expect_eq(client.status, SPNEGO_ERR_MALFORMED, "Done without a token");
    (void)close_peer(&client);
    (void)close_peer(&server);
}

/* Closed while its mechanism is pending, a session has nothing to resume. */
Test(nns, closed_while_pending)
{
    peer client;
    spnego_turn turn = {absent, absent, 1};

    prepare(&client, SPNEGO_INITIATOR, 3, all_good.can);
    client.toy.x.lie = TOY_PENDS;
    open_peer(&client);
    cr_assert_eq(client.status, SPNEGO_PENDING);
    cr_expect_eq(spnego_nns_close(client.session), SPNEGO_COMPLETE);
    cr_expect_eq(spnego_nns_resume(client.session, &turn), SPNEGO_ERR_USAGE);
    cr_expect(turn.out.data == NULL && turn.taken == 0);
    cr_expect_eq(spnego_nns_end(client.session, &turn), SPNEGO_ERR_USAGE);
    cr_expect_str_eq(spnego_nns_state(client.session), "Closed");
    cr_expect_eq(close_peer(&client), 0);
}

/* ---- ErrorCode --------------------------------------------------------------------------------
 */

/* NNS-22: the table of the wire format. */
Test(nns, code_of_each_failure)
{
    static const struct {
        spnego_status status;
        uint32_t gss_major;
        uint32_t initiator, acceptor;
    } rows[] = {
        {SPNEGO_ERR_NO_MECH, 0, 0x80090305, 0x80090305},
        {SPNEGO_ERR_MALFORMED, 0, 0x80090308, 0x80090308},
        {SPNEGO_ERR_PROTOCOL, 0, 0x80090308, 0x80090308},
        {SPNEGO_ERR_BAD_MIC, 0, 0x8009030f, 0x8009030f},
        {SPNEGO_ERR_NO_MEMORY, 0, 0x80090300, 0x80090300},
        {SPNEGO_ERR_LIMIT, 0, 0x80090304, 0x80090304},
        {SPNEGO_ERR_MECH_LIED, 0, 0x80090304, 0x80090304},
        {SPNEGO_ERR_POLICY, 0, 0x000006fe, 0x000006fe},
        {SPNEGO_ERR_MECH, 0, 0x80090304, 0x8009030c},
        {SPNEGO_ERR_MECH, 1u << 16, 0x80090305, 0x80090305},
        {SPNEGO_ERR_MECH, 2u << 16, 0x80090303, 0x80090303},
        {SPNEGO_ERR_MECH, 3u << 16, 0x80090303, 0x80090303},
        {SPNEGO_ERR_MECH, 4u << 16, 0x80090346, 0x80090346},
        {SPNEGO_ERR_MECH, 5u << 16, 0x80090304, 0x80090304},
        {SPNEGO_ERR_MECH, 6u << 16, 0x8009030f, 0x8009030f},
        {SPNEGO_ERR_MECH, 7u << 16, 0x8009030e, 0x8009030e},
        {SPNEGO_ERR_MECH, 8u << 16, 0x80090301, 0x80090301},
        {SPNEGO_ERR_MECH, 9u << 16, 0x80090308, 0x80090308},
        {SPNEGO_ERR_MECH, 10u << 16, 0x8009030d, 0x8009030d},
        {SPNEGO_ERR_MECH, 11u << 16, 0x8009030e, 0x8009030e},
        {SPNEGO_ERR_MECH, 12u << 16, 0x80090317, 0x80090317},
        {SPNEGO_ERR_MECH, 13u << 16, 0x80090304, 0x8009030c},
        {SPNEGO_ERR_MECH, 14u << 16, 0x80090302, 0x80090302},
        {SPNEGO_ERR_MECH, 15u << 16, 0x80090304, 0x8009030c},
        {SPNEGO_ERR_MECH, 16u << 16, 0x80090302, 0x80090302},
        {SPNEGO_ERR_MECH, 17u << 16, 0x80090304, 0x80090304},
        {SPNEGO_ERR_MECH, 18u << 16, 0x80090322, 0x80090322},
        {SPNEGO_ERR_MECH, 19u << 16, 0x80090304, 0x8009030c},
        {SPNEGO_ERR_MECH, 255u << 16, 0x80090304, 0x8009030c},
        {SPNEGO_ERR_MECH, 2, 0x80090310, 0x80090310},
        {SPNEGO_ERR_MECH, 4, 0x80090310, 0x80090310},
        {SPNEGO_ERR_MECH, 8, 0x80090310, 0x80090310},
        {SPNEGO_ERR_MECH, 16, 0x80090310, 0x80090310},
        {SPNEGO_ERR_MECH, 1, 0x80090304, 0x8009030c},
        {SPNEGO_ERR_MECH, 9u << 16 | 16, 0x80090308, 0x80090308},
    };

    for (size_t i = 0; i < LEN(rows); i++) {
        spnego_error error;

        memset(&error, 0, sizeof error);
        error.status = rows[i].status;
        error.mech_code.gss_major = rows[i].gss_major;
        cr_expect_eq(spnego_nns_code_of(&error, SPNEGO_INITIATOR), rows[i].initiator, "%zu", i);
        cr_expect_eq(spnego_nns_code_of(&error, SPNEGO_ACCEPTOR), rows[i].acceptor, "%zu", i);
    }
}

Test(nns, name_of_each_code)
{
    static const struct {
        uint32_t code;
        const char *name;
    } rows[] = {{0x000006fe, "ERROR_TRUST_FAILURE"},    {0x80090300, "SEC_E_INSUFFICIENT_MEMORY"},
                {0x80090301, "SEC_E_INVALID_HANDLE"},   {0x80090302, "SEC_E_UNSUPPORTED_FUNCTION"},
                {0x80090303, "SEC_E_TARGET_UNKNOWN"},   {0x80090304, "SEC_E_INTERNAL_ERROR"},
                {0x80090305, "SEC_E_SECPKG_NOT_FOUND"}, {0x80090308, "SEC_E_INVALID_TOKEN"},
                {0x8009030c, "SEC_E_LOGON_DENIED"},     {0x8009030d, "SEC_E_UNKNOWN_CREDENTIALS"},
                {0x8009030e, "SEC_E_NO_CREDENTIALS"},   {0x8009030f, "SEC_E_MESSAGE_ALTERED"},
                {0x80090310, "SEC_E_OUT_OF_SEQUENCE"},  {0x80090317, "SEC_E_CONTEXT_EXPIRED"},
                {0x80090322, "SEC_E_WRONG_PRINCIPAL"},  {0x80090324, "SEC_E_TIME_SKEW"},
                {0x80090346, "SEC_E_BAD_BINDINGS"}};

    for (size_t i = 0; i < LEN(rows); i++)
        cr_expect_str_eq(spnego_nns_code_name(rows[i].code), rows[i].name);
    cr_expect_null(spnego_nns_code_name(0));
    cr_expect_null(spnego_nns_code_name(0x80090306));
}
