/*
 * A client and a server of sasl.h against each other: every combination of layers, maxima and
 * authorization identity, against what RFC 4752 and RFC 4422 say must come of it; every choice and
 * size that a hostile peer can make; every allocation failing once.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <spnego/sasl.h>

#include "support.h"
#include "toy_mech.h"

static const spnego_bytes absent = {NULL, 0};

/* ---- Memory that can fail -------------------------------------------------------------------- */

typedef struct arena {
    size_t num_calls, fail_at; /* 0: never */
    size_t held, peak, num_blocks;
} arena;

static void *arena_alloc(void *user, size_t size)
{
    arena *const a = user;
    size_t *block;

    if (++a->num_calls == a->fail_at)
        return NULL;
    block = malloc(sizeof(size_t) * 2 + size);
    cr_assert_not_null(block);
    block[0] = size;
    a->held += size;
    a->num_blocks++;
    if (a->held > a->peak)
        a->peak = a->held;
    return block + 2;
}

static void arena_free(void *user, void *memory)
{
    arena *const a = user;
    size_t *const block = (size_t *)memory - 2;

    if (memory == NULL)
        return;
    a->held -= block[0];
    a->num_blocks--;
    free(block);
}

/* ---- Two sides ------------------------------------------------------------------------------- */

typedef struct side {
    toy_side toy;
    arena memory;
    spnego_sasl_config config;
    spnego_sasl *session;
    spnego_status status;
} side;

typedef struct pair {
    side client, server;
    const char *granted;    /* the identity that the server's host grants, or NULL: none asked */
    unsigned num_responses; /* of the client's, the initial one not counted                    */
} pair;

static void prepare(side *s, spnego_role role, spnego_sasl_mechanism mechanism, int legs,
                    uint32_t flags)
{
    toy_side_init(&s->toy, role, TOY_STRICT, "X", legs, flags);
    s->toy.x.grants_only_asked = role == SPNEGO_INITIATOR;
    s->toy.config.user = &s->memory;
    s->toy.config.on_event = NULL;
    s->toy.config.alloc = arena_alloc;
    s->toy.config.dealloc = arena_free;
    spnego_sasl_config_init(&s->config, sizeof s->config, mechanism);
    s->config.negotiation = &s->toy.config;
    s->config.wrap_overhead = 18;
}

static void prepare_pair(pair *p, spnego_sasl_mechanism mechanism, int legs, uint32_t flags)
{
    memset(p, 0, sizeof *p);
    prepare(&p->client, SPNEGO_INITIATOR, mechanism, legs, flags);
    prepare(&p->server, SPNEGO_ACCEPTOR, mechanism, legs, flags);
}

static void open_pair(pair *p)
{
    p->client.status = spnego_sasl_create(&p->client.session, NULL, &p->client.config);
    p->server.status = spnego_sasl_create(&p->server.session, NULL, &p->server.config);
}

static void close_pair(pair *p)
{
    spnego_sasl_destroy(p->client.session);
    spnego_sasl_destroy(p->server.session);
    cr_expect_eq(p->client.memory.num_blocks, 0u, "the client leaks");
    cr_expect_eq(p->server.memory.num_blocks, 0u, "the server leaks");
    cr_expect_eq(p->client.toy.x.after_end + p->server.toy.x.after_end, 0);
}

static void authorize(pair *p, spnego_turn *turn)
{
    const spnego_bytes authzid = spnego_sasl_authzid(p->server.session);
    const spnego_bytes granted = {(const uint8_t *)p->granted,
                                  p->granted != NULL ? strlen(p->granted) : 0};

    if (p->server.status == SPNEGO_PENDING)
        p->server.status =
            spnego_sasl_authorize(p->server.session, turn, same_octets(authzid, granted));
}

/* The messages, until one side has failed or both are established. */
static void converse(pair *p)
{
    spnego_turn from_client, from_server;

    if (p->client.status < 0 || p->server.status < 0)
        return;
    p->client.status = spnego_sasl_start(p->client.session, &from_client, absent);
    if (p->client.status < 0)
        return;
    p->server.status = spnego_sasl_start(p->server.session, &from_server, from_client.out);
    for (int i = 0; i < 20; i++) {
        authorize(p, &from_server);
        if (p->server.status < 0) {
            spnego_turn last;

            p->client.status = spnego_sasl_outcome(p->client.session, &last, 0, absent);
            return;
        }
        if (p->server.status == SPNEGO_COMPLETE) {
            p->client.status =
                spnego_sasl_outcome(p->client.session, &from_client, 1, from_server.out);
            return;
        }
        cr_assert_not_null(from_server.out.data, "a challenge is never absent");
        p->client.status = spnego_sasl_step(p->client.session, &from_client, from_server.out);
        if (p->client.status < 0)
            return;
        cr_assert_not_null(from_client.out.data, "a response is never absent");
        p->num_responses++;
        p->server.status = spnego_sasl_step(p->server.session, &from_server, from_client.out);
    }
    cr_assert_fail("it does not end");
}

/* Hands `len` octets from one to the other; returns how many buffers they made, checking each
 * against the receiver's maximum. */
static size_t transfer(side *from, side *to, const uint8_t *data, size_t len)
{
    spnego_sasl_info to_info;
    spnego_bytes rest = {data, len};
    size_t num_buffers = 0, got = 0;

    cr_assert(spnego_sasl_get_info(to->session, &to_info));
    while (rest.len != 0) {
        spnego_turn out, in;
        spnego_bytes wire;

        from->status = spnego_sasl_send(from->session, &out, rest);
        if (from->status < 0)
            return num_buffers;
        num_buffers++;
        cr_assert(out.taken != 0 && out.taken <= rest.len);
        if (to_info.layer != SPNEGO_SASL_NO_LAYER)
            cr_assert_leq(out.out.len - 4, to_info.max_buffer, "longer than the peer takes");
        rest.data += out.taken;
        rest.len -= out.taken;
        for (wire = out.out; wire.len != 0; wire.data += in.taken, wire.len -= in.taken) {
            /* In pieces, so that the receiver has to keep them. */
            const spnego_bytes piece = {wire.data, wire.len < 7 ? wire.len : 7};

            to->status = spnego_sasl_receive(to->session, &in, piece);
            if (to->status < 0)
                return num_buffers;
            cr_assert(in.data.len == 0 || (in.data.len <= len - got &&
                                           memcmp(in.data.data, data + got, in.data.len) == 0));
            got += in.data.len;
        }
    }
    cr_expect_eq(got, len);
    return num_buffers;
}

/* ---- What must come of it -------------------------------------------------------------------- */

static uint32_t strongest(uint32_t mask)
{
    return mask & 4 ? 4 : mask & 2 ? 2 : mask & 1;
}

/* RFC 4752 3.1, 3.2: what both allow and the context can do; the context can do what the client
 * asked for and the mechanism has.  0: no session. */
enum { DIFFERENT = 99 };

static uint32_t layer_due(const pair *p, spnego_sasl_mechanism mechanism, uint32_t flags)
{
    uint32_t of_client = SPNEGO_SASL_NO_LAYER, of_server = SPNEGO_SASL_NO_LAYER;
    uint32_t client_flags = 0;

    if ((p->client.config.layers & 6) != 0 || mechanism == SPNEGO_SASL_GSSAPI)
        client_flags |= SPNEGO_FLAG_INTEG;
    if ((p->client.config.layers & 4) != 0)
        client_flags |= SPNEGO_FLAG_CONF;
    client_flags &= flags;
    if (client_flags & SPNEGO_FLAG_INTEG)
        of_client |= client_flags & SPNEGO_FLAG_CONF ? 6 : 2;
    if (flags & SPNEGO_FLAG_INTEG)
        of_server |= flags & SPNEGO_FLAG_CONF ? 6 : 2;
    if (mechanism == SPNEGO_SASL_GSSAPI)
        return strongest(of_client & of_server & p->client.config.layers & p->server.config.layers);
    /* GSS-SPNEGO: the context decides, unless the host wants none.  Here each side has a context of
     * its own flags; where they differ it is no session to look at. */
    of_client = p->client.config.layers == 1 ? 1 : strongest(of_client);
    of_server = p->server.config.layers == 1 ? 1 : strongest(of_server);
    if (!(of_client & p->client.config.layers) || !(of_server & p->server.config.layers))
        return 0;
    return of_client == of_server ? of_client : DIFFERENT;
}

static const uint32_t flag_sets[] = {0, SPNEGO_FLAG_INTEG, SPNEGO_FLAG_INTEG | SPNEGO_FLAG_CONF};

static void check_pair(pair *p, spnego_sasl_mechanism mechanism, uint32_t flags)
{
    const uint32_t due = layer_due(p, mechanism, flags);
    static uint8_t data[300];
    spnego_sasl_info client, server;

    open_pair(p);
    converse(p);
    if (due == 0)
        cr_assert(p->client.status < 0 || p->server.status < 0, "layers %x and %x, flags %x",
                  p->client.config.layers, p->server.config.layers, flags);
    if (due != 0 && due != DIFFERENT) {
        cr_assert(p->client.status == SPNEGO_COMPLETE && p->server.status == SPNEGO_COMPLETE,
                  "layers %x and %x, flags %x: %s, %s", p->client.config.layers,
                  p->server.config.layers, flags, spnego_sasl_state(p->client.session),
                  spnego_sasl_state(p->server.session));
        cr_assert(spnego_sasl_get_info(p->client.session, &client));
        cr_assert(spnego_sasl_get_info(p->server.session, &server));
        cr_assert_eq(client.layer, due);
        cr_assert_eq(server.layer, due);
        for (size_t i = 0; i < sizeof data; i++)
            data[i] = (uint8_t)(i * 7);
        for (size_t len = 1; len <= sizeof data; len += 23) {
            const size_t room = due == SPNEGO_SASL_NO_LAYER ? len : client.max_data;

            cr_assert_eq(transfer(&p->client, &p->server, data, len), (len + room - 1) / room);
            (void)transfer(&p->server, &p->client, data, len);
        }
    }
    close_pair(p);
}

/* SASL-60, SASL-61, SASL-76, SASL-79, SASL-86, SASL-87, SASL-89, SASL-92, SASL-95: 7 x 7 masks. */
Test(sasl, layers)
{
    for (int mechanism = SPNEGO_SASL_GSS_SPNEGO; mechanism <= SPNEGO_SASL_GSSAPI; mechanism++)
        for (uint32_t ours = 1; ours <= 7; ours++)
            for (uint32_t theirs = 1; theirs <= 7; theirs++)
                for (size_t f = 0; f < LEN(flag_sets); f++) {
                    pair p;

                    prepare_pair(&p, (spnego_sasl_mechanism)mechanism, 2, flag_sets[f]);
                    p.client.config.layers = ours;
                    p.server.config.layers = theirs;
                    check_pair(&p, (spnego_sasl_mechanism)mechanism, flag_sets[f]);
                }
}

/* Maxima of both, from one octet of room to the greatest that a default negotiation has. */
Test(sasl, maxima)
{
    static const size_t sizes[] = {19, 20, 64, 65536};

    for (int mechanism = SPNEGO_SASL_GSS_SPNEGO; mechanism <= SPNEGO_SASL_GSSAPI; mechanism++)
        for (size_t i = 0; i < LEN(sizes); i++)
            for (size_t k = 0; k < LEN(sizes); k++)
                for (uint32_t layer = 2; layer <= 4; layer += 2) {
                    pair p;

                    prepare_pair(&p, (spnego_sasl_mechanism)mechanism, 2, flag_sets[2]);
                    p.client.config.layers = p.server.config.layers = layer;
                    p.client.config.max_buffer = p.server.config.peer_buffer = sizes[i];
                    p.server.config.max_buffer = p.client.config.peer_buffer = sizes[k];
                    check_pair(&p, (spnego_sasl_mechanism)mechanism, flag_sets[2]);
                }
}

/* Legs 1 to 5, with and without initial response and success data (SASL-32, SASL-36, SASL-59,
 * SASL-75, SASL-85, SASL-96). */
Test(sasl, legs_and_forms)
{
    for (int mechanism = SPNEGO_SASL_GSS_SPNEGO; mechanism <= SPNEGO_SASL_GSSAPI; mechanism++)
        for (int legs = 1; legs <= 5; legs++)
            for (int form = 0; form < 4; form++) {
                pair p;

                prepare_pair(&p, (spnego_sasl_mechanism)mechanism, legs, flag_sets[2]);
                p.client.config.no_initial = form & 1;
                p.server.config.no_success_data = form >> 1;
                check_pair(&p, (spnego_sasl_mechanism)mechanism, flag_sets[2]);
            }
}

/* SASL-24, SASL-25, SASL-27, SASL-28, SASL-57, SASL-79, SASL-87: who is asked for, who is granted.
 */
Test(sasl, authorization_identities)
{
    static const char *const names[] = {NULL, "", "user", "root", "\xf0\x9f\x98\x80@example.org"};

    for (size_t i = 0; i < LEN(names); i++)
        for (size_t k = 0; k < LEN(names); k++) {
            const char *const asked = names[i] != NULL && *names[i] != '\0' ? names[i] : NULL;
            const int due = (asked == NULL && names[k] == NULL) ||
                            (asked != NULL && names[k] != NULL && strcmp(asked, names[k]) == 0);
            pair p;

            prepare_pair(&p, SPNEGO_SASL_GSSAPI, 2, flag_sets[1]);
            if (names[i] != NULL)
                p.client.config.authzid =
                    (spnego_bytes){(const uint8_t *)names[i], strlen(names[i])};
            p.granted = names[k];
            open_pair(&p);
            converse(&p);
            cr_expect_eq(p.server.status, due ? SPNEGO_COMPLETE : SPNEGO_ERR_POLICY, "%zu %zu", i,
                         k);
            cr_expect_eq(p.client.status, due ? SPNEGO_COMPLETE : SPNEGO_ERR_REJECTED);
            close_pair(&p);
        }
}

/* ---- The host's mistakes --------------------------------------------------------------------- */

static void expect_create(pair *p, spnego_status status, const char *what)
{
    spnego_error error;

    cr_expect_eq(spnego_sasl_create(&p->client.session, &error, &p->client.config), status, "%s",
                 what);
    cr_expect_eq(error.status, status, "%s", what);
    cr_expect(status == SPNEGO_COMPLETE || p->client.session == NULL, "%s", what);
    close_pair(p);
}

#define REFUSED(change) \
    do { \
        prepare_pair(&p, SPNEGO_SASL_GSSAPI, 2, flag_sets[2]); \
        change; \
        expect_create(&p, SPNEGO_ERR_USAGE, #change); \
    } while (0)

static spnego_bytes octets(const char *text, size_t len)
{
    return (spnego_bytes){(const uint8_t *)text, len};
}

Test(sasl, configurations_that_are_refused)
{
    pair p;

    REFUSED(p.client.config.struct_size--);
    REFUSED(p.client.config.mechanism = SPNEGO_SASL_NONE);
    REFUSED(p.client.config.mechanism = (spnego_sasl_mechanism)3);
    REFUSED(p.client.config.negotiation = NULL);
    REFUSED(p.client.config.layers = 0);
    REFUSED(p.client.config.layers = 8);
    REFUSED(p.client.config.tolerate = 2);
    REFUSED(p.client.config.max_buffer = 65537);
    REFUSED(p.client.toy.config.limits.max_token = 0x2000000;
            p.client.config.max_buffer = 0x1000000);
    REFUSED(p.client.toy.config.dealloc = NULL);
    REFUSED(p.client.toy.config.struct_size--);
    REFUSED(p.client.toy.config.max_fragment = 5;
            p.client.config.mechanism = SPNEGO_SASL_GSS_SPNEGO);
    REFUSED(p.client.toy.config.options = SPNEGO_OPTION_TAKE_FRAGMENTS;
            p.client.config.mechanism = SPNEGO_SASL_GSS_SPNEGO);
    REFUSED(p.client.config.authzid = octets("us\0er", 5));
    REFUSED(p.client.config.authzid = octets("\xff", 1));
    REFUSED(p.client.config.authzid = octets(NULL, 1));
    REFUSED(p.client.config.authzid = octets("user", 4);
            p.client.config.mechanism = SPNEGO_SASL_GSS_SPNEGO); /* SASL-93 */
    REFUSED(p.client.toy.config.role = SPNEGO_ACCEPTOR;
            p.client.config.authzid = octets("user", 4));
    REFUSED(p.client.toy.config.options = SPNEGO_OPTION_REQUIRE_MIC);
    prepare_pair(&p, SPNEGO_SASL_GSSAPI, 2, 0);
    toy_side_init(&p.client.toy, SPNEGO_INITIATOR, TOY_STRICT, "Y", 2, 0);
    expect_create(&p, SPNEGO_ERR_NO_MECH, "GSSAPI is Kerberos (SASL-67)");
    prepare_pair(&p, SPNEGO_SASL_GSSAPI, 2, 0);
    expect_create(&p, SPNEGO_COMPLETE, "nothing wrong");
}

/* Three octets is what there is to say it in; SASL-100. */
Test(sasl, greatest_buffer_by_default)
{
    spnego_sasl_info info;
    pair p;

    prepare_pair(&p, SPNEGO_SASL_GSSAPI, 2, flag_sets[2]);
    p.client.toy.config.limits.max_token = 0x2000000;
    open_pair(&p);
    cr_expect_not(spnego_sasl_get_info(p.client.session, &info));
    cr_expect_eq(info.max_buffer, 0u);
    converse(&p);
    cr_assert(spnego_sasl_get_info(p.client.session, &info));
    cr_expect_eq(info.max_buffer, 0xffffffu);
    cr_expect_eq(info.peer_buffer, 65536u, "the server's default");
    cr_expect_not_null(spnego_sasl_context(p.client.session));
    close_pair(&p);
}

/* What is asked of the mechanism (SASL-68, SASL-69, SASL-70, SASL-72, SASL-95). */
Test(sasl, flags_that_are_asked_for)
{
    enum { M = SPNEGO_FLAG_MUTUAL, S = SPNEGO_FLAG_SEQUENCE, I = SPNEGO_FLAG_INTEG };
    const struct {
        spnego_sasl_mechanism mechanism;
        uint32_t layers, flags, due, options;
    } rows[] = {{SPNEGO_SASL_GSSAPI, 1, 0, I, 0},
                {SPNEGO_SASL_GSSAPI, 3, 0, M | S | I, 0},
                {SPNEGO_SASL_GSSAPI, 7, SPNEGO_FLAG_DELEG,
                 M | S | I | SPNEGO_FLAG_CONF | SPNEGO_FLAG_DELEG, 0},
                {SPNEGO_SASL_GSS_SPNEGO, 1, 0, 0, 0},
                {SPNEGO_SASL_GSS_SPNEGO, 1, M, M, 0},
                {SPNEGO_SASL_GSS_SPNEGO, 1, M, M | I, SPNEGO_OPTION_REQUIRE_MIC},
                {SPNEGO_SASL_GSS_SPNEGO, 2, 0, M | S | I, 0},
                {SPNEGO_SASL_GSS_SPNEGO, 4, 0, M | S | I | SPNEGO_FLAG_CONF, 0}};

    for (size_t i = 0; i < LEN(rows); i++) {
        pair p;

        prepare_pair(&p, rows[i].mechanism, 2, flag_sets[2]);
        p.client.config.layers = rows[i].layers;
        p.client.config.flags = rows[i].flags;
        p.client.toy.config.options = rows[i].options;
        p.client.config.target = octets("ldap@host", 9);
        p.client.config.channel_bindings = octets("tls", 3);
        open_pair(&p);
        cr_expect_eq(p.client.toy.x.asked_flags, rows[i].due, "%zu: %x", i,
                     p.client.toy.x.asked_flags);
        cr_expect_str_eq(p.client.toy.x.asked_target, "ldap@host");
        cr_expect_str_eq(p.client.toy.x.asked_bindings, "tls");
        close_pair(&p);
    }
}

static void expect_out_of_turn(side *s)
{
    const char *const state = spnego_sasl_state(s->session);
    const int is_client = s->toy.config.role == SPNEGO_INITIATOR;
    spnego_turn turn;

    if (strcmp(state, "established") != 0) {
        cr_expect_eq(spnego_sasl_send(s->session, &turn, octets("x", 1)), SPNEGO_ERR_USAGE);
        cr_expect_eq(spnego_sasl_receive(s->session, &turn, octets("x", 1)), SPNEGO_ERR_USAGE);
    } else {
        cr_expect_eq(spnego_sasl_step(s->session, &turn, absent), SPNEGO_ERR_USAGE);
    }
    if (strcmp(state, "start") != 0)
        cr_expect_eq(spnego_sasl_start(s->session, &turn, absent), SPNEGO_ERR_USAGE);
    if (strcmp(state, "authorize") != 0)
        cr_expect_eq(spnego_sasl_authorize(s->session, &turn, 1), SPNEGO_ERR_USAGE);
    if (!is_client || strcmp(state, "start") == 0 || strcmp(state, "established") == 0)
        cr_expect_eq(spnego_sasl_outcome(s->session, &turn, 1, absent), SPNEGO_ERR_USAGE);
    cr_expect_eq(spnego_sasl_resume(s->session, &turn), SPNEGO_ERR_USAGE);
    cr_expect_eq(spnego_sasl_error(s->session)->rule, SPNEGO_RULE_CALL_OUT_OF_TURN);
    cr_expect(turn.out.data == NULL && turn.data.data == NULL && turn.taken == 0);
    cr_expect_str_eq(spnego_sasl_state(s->session), state, "nothing has changed");
}

Test(sasl, calls_out_of_turn_change_nothing)
{
    spnego_turn c, s;
    pair p;

    prepare_pair(&p, SPNEGO_SASL_GSSAPI, 2, flag_sets[2]);
    open_pair(&p);
    expect_out_of_turn(&p.client);
    expect_out_of_turn(&p.server);
    cr_assert_eq(spnego_sasl_start(p.client.session, &c, octets("x", 1)), SPNEGO_ERR_USAGE);
    converse(&p);
    cr_assert_eq(p.server.status, SPNEGO_COMPLETE);
    expect_out_of_turn(&p.client);
    expect_out_of_turn(&p.server);
    close_pair(&p);
    prepare_pair(&p, SPNEGO_SASL_GSS_SPNEGO, 2, flag_sets[2]);
    open_pair(&p);
    cr_assert_eq(spnego_sasl_start(p.client.session, &c, absent), SPNEGO_CONTINUE);
    expect_out_of_turn(&p.client);
    cr_assert_eq(spnego_sasl_start(p.server.session, &s, c.out), SPNEGO_PENDING);
    expect_out_of_turn(&p.server);
    close_pair(&p);
    prepare_pair(&p, SPNEGO_SASL_GSS_SPNEGO, 2, flag_sets[2]);
    open_pair(&p);
    cr_assert_eq(spnego_sasl_start(p.server.session, &s, absent), SPNEGO_CONTINUE);
    expect_out_of_turn(&p.server);
    close_pair(&p);
}

/* ---- Hostile peers --------------------------------------------------------------------------- */

static spnego_bytes wrapped(uint8_t token[64], const uint8_t *message, size_t len, int by_acceptor)
{
    token[0] = 'W';
    token[1] = 0;
    memcpy(token + 2, message, len);
    toy_mic(token + 2 + len, "X", by_acceptor, 1, (spnego_bytes){token, 2 + len});
    return (spnego_bytes){token, 2 + len + 16};
}

/* A server right behind its offer, a client right before it. */
static void until_layers(pair *p, spnego_turn *c, spnego_turn *s)
{
    open_pair(p);
    cr_assert_eq(spnego_sasl_start(p->client.session, c, absent), SPNEGO_CONTINUE);
    cr_assert_eq(spnego_sasl_start(p->server.session, s, c->out), SPNEGO_CONTINUE);
    cr_assert_eq(spnego_sasl_step(p->client.session, c, s->out), SPNEGO_CONTINUE);
    cr_assert_eq(spnego_sasl_step(p->server.session, s, c->out), SPNEGO_CONTINUE);
    cr_assert_str_eq(spnego_sasl_state(p->server.session), "reply");
    cr_assert_str_eq(spnego_sasl_state(p->client.session), "offer");
}

static const uint32_t hostile_sizes[] = {0, 1, 18, 19, 65536, 0xffffff};

/* faults.md SAS-05: all 256 choices with six sizes, against each set of layers that is offered. */
Test(sasl, choices_of_a_hostile_client)
{
    for (uint32_t layers = 1; layers <= 7; layers++)
        for (unsigned choice = 0; choice < 256; choice++)
            for (size_t i = 0; i < LEN(hostile_sizes); i++) {
                const uint32_t size = hostile_sizes[i];
                const uint8_t reply[] = {(uint8_t)choice, (uint8_t)(size >> 16),
                                         (uint8_t)(size >> 8), (uint8_t)size};
                const int due = (choice == 1 && (layers & 1) && size == 0) ||
                                ((choice == 2 || choice == 4) && (choice & layers) && size >= 19);
                uint8_t token[64];
                spnego_turn c, s;
                pair p;

                prepare_pair(&p, SPNEGO_SASL_GSSAPI, 2, flag_sets[2]);
                p.server.config.layers = layers;
                until_layers(&p, &c, &s);
                p.server.status =
                    spnego_sasl_step(p.server.session, &s, wrapped(token, reply, 4, 0));
                cr_assert_eq(p.server.status >= 0, due, "layers %x choice %x size %x: %s", layers,
                             choice, size, spnego_status_describe(p.server.status)->name);
                cr_assert_null(s.out.data);
                close_pair(&p);
            }
}

/* All 256 masks with six sizes, against each set of layers that is allowed. */
Test(sasl, offers_of_a_hostile_server)
{
    for (uint32_t layers = 1; layers <= 7; layers++)
        for (unsigned mask = 0; mask < 256; mask++)
            for (size_t i = 0; i < LEN(hostile_sizes); i++) {
                const uint32_t size = hostile_sizes[i];
                const uint8_t offer[] = {(uint8_t)mask, (uint8_t)(size >> 16), (uint8_t)(size >> 8),
                                         (uint8_t)size};
                /* The client asked for no more than it allows. */
                const uint32_t able = layers & 4 ? 7 : layers & 2 ? 3 : 1 | 2;
                const uint32_t layer = strongest(mask & layers & able);
                const int due =
                    ((mask & 6) != 0 || size == 0) && layer != 0 && (layer == 1 || size >= 19);
                uint8_t token[64];
                spnego_turn c, s;
                pair p;

                prepare_pair(&p, SPNEGO_SASL_GSSAPI, 2, flag_sets[2]);
                p.client.config.layers = layers;
                until_layers(&p, &c, &s);
                p.client.status =
                    spnego_sasl_step(p.client.session, &c, wrapped(token, offer, 4, 1));
                cr_assert_eq(p.client.status >= 0, due, "layers %x mask %x size %x: %s", layers,
                             mask, size, spnego_status_describe(p.client.status)->name);
                /* toy_mech.h: the message stands behind two octets. */
                if (due) {
                    cr_assert_eq(c.out.data[2], layer);
                    cr_assert_eq(c.out.data[3], layer == 1 ? 0 : 1);
                } else {
                    cr_assert_null(c.out.data);
                }
                close_pair(&p);
            }
}

/* Wrapped messages of 0 to 12 octets (faults.md SAS-01). */
Test(sasl, offers_and_replies_of_any_length)
{
    static const uint8_t message[12] = {1, 0, 0, 0, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'};

    for (size_t len = 0; len <= sizeof message; len++) {
        uint8_t token[64];
        spnego_turn c, s;
        pair p;

        prepare_pair(&p, SPNEGO_SASL_GSSAPI, 2, flag_sets[2]);
        until_layers(&p, &c, &s);
        p.client.status = spnego_sasl_step(p.client.session, &c, wrapped(token, message, len, 1));
        cr_expect_eq(p.client.status, len == 4 ? SPNEGO_CONTINUE : SPNEGO_ERR_MALFORMED);
        p.server.status = spnego_sasl_step(p.server.session, &s, wrapped(token, message, len, 0));
        cr_expect_eq(p.server.status, len < 4 ? SPNEGO_ERR_MALFORMED : SPNEGO_PENDING);
        if (len >= 4)
            cr_expect_eq(spnego_sasl_authzid(p.server.session).len, len - 4);
        close_pair(&p);
    }
}

/* ---- Memory, mechanisms ---------------------------------------------------------------------- */

static int run_with_faults(spnego_sasl_mechanism mechanism, size_t client_fails,
                           size_t server_fails)
{
    static const uint8_t data[100];
    pair p;
    int failed;

    prepare_pair(&p, mechanism, 3, flag_sets[2]);
    if (mechanism == SPNEGO_SASL_GSSAPI)
        p.client.config.authzid = octets("user", 4);
    p.granted = mechanism == SPNEGO_SASL_GSSAPI ? "user" : NULL;
    p.client.memory.fail_at = client_fails;
    p.server.memory.fail_at = server_fails;
    open_pair(&p);
    converse(&p);
    if (p.client.status == SPNEGO_COMPLETE && p.server.status == SPNEGO_COMPLETE) {
        (void)transfer(&p.client, &p.server, data, sizeof data);
        if (p.client.status == SPNEGO_COMPLETE && p.server.status == SPNEGO_COMPLETE)
            (void)transfer(&p.server, &p.client, data, sizeof data);
    }
    failed = (client_fails != 0 && p.client.memory.num_calls >= client_fails) ||
             (server_fails != 0 && p.server.memory.num_calls >= server_fails);
    if (failed)
        cr_expect(p.client.status == SPNEGO_ERR_NO_MEMORY ||
                      p.server.status == SPNEGO_ERR_NO_MEMORY,
                  "allocations %zu, %zu: %s, %s", client_fails, server_fails,
                  spnego_status_describe(p.client.status)->name,
                  spnego_status_describe(p.server.status)->name);
    else
        cr_expect(p.client.status == SPNEGO_COMPLETE && p.server.status == SPNEGO_COMPLETE);
    close_pair(&p);
    return failed;
}

Test(sasl, each_allocation_fails_once)
{
    for (int mechanism = SPNEGO_SASL_GSS_SPNEGO; mechanism <= SPNEGO_SASL_GSSAPI; mechanism++) {
        size_t k = 1;

        while (run_with_faults((spnego_sasl_mechanism)mechanism, k, 0))
            k++;
        cr_expect_gt(k, 3u);
        for (k = 1; run_with_faults((spnego_sasl_mechanism)mechanism, 0, k);)
            k++;
        cr_expect_gt(k, 3u);
    }
}

/* What sasl.h promises: a buffer of the peer's comes in one octet at a time, and no more is held
 * than it is long. */
Test(sasl, memory_is_bounded_by_one_buffer)
{
    enum { MAX = 4096, SLACK = 1024 };
    static uint8_t data[40000];
    spnego_bytes rest = {data, sizeof data};
    size_t before;
    pair p;

    prepare_pair(&p, SPNEGO_SASL_GSS_SPNEGO, 2, flag_sets[2]);
    p.client.config.peer_buffer = p.server.config.max_buffer = MAX;
    open_pair(&p);
    converse(&p);
    before = p.server.memory.held;
    while (rest.len != 0) {
        spnego_turn out, in;

        cr_assert_eq(spnego_sasl_send(p.client.session, &out, rest), SPNEGO_COMPLETE);
        for (size_t i = 0; i < out.out.len; i++) {
            cr_assert_eq(spnego_sasl_receive(p.server.session, &in,
                                             octets((const char *)out.out.data + i, 1)),
                         SPNEGO_COMPLETE);
            cr_assert_eq(in.data.data != NULL, i + 1 == out.out.len);
        }
        rest.data += out.taken;
        rest.len -= out.taken;
    }
    /* The buffer itself, and what the mechanism makes of it; each may have grown by doubling. */
    cr_expect_leq(p.server.memory.peak - before, 4u * MAX + SLACK, "%zu",
                  p.server.memory.peak - before);
    close_pair(&p);
}

/* Whatever is called, it says the same, and nothing comes out. */
static void expect_sticky(side *s)
{
    const spnego_status status = s->status;
    spnego_turn turn;

    cr_expect_eq(spnego_sasl_start(s->session, &turn, absent), status);
    cr_expect_eq(spnego_sasl_step(s->session, &turn, absent), status);
    cr_expect_eq(spnego_sasl_resume(s->session, &turn), status);
    cr_expect_eq(spnego_sasl_authorize(s->session, &turn, 1), status);
    cr_expect_eq(spnego_sasl_outcome(s->session, &turn, 1, absent), status);
    cr_expect_eq(spnego_sasl_receive(s->session, &turn, octets("x", 1)), status);
    cr_expect_eq(spnego_sasl_send(s->session, &turn, octets("x", 1)), status);
    cr_expect_eq(spnego_sasl_end(s->session, &turn), status);
    cr_expect(turn.out.data == NULL && turn.data.data == NULL && turn.taken == 0);
    cr_expect_eq(spnego_sasl_error(s->session)->status, status);
    cr_expect_str_eq(spnego_sasl_state(s->session), "failed");
}

/* Every lie of a mechanism, on either side, at every step: no session, no leak, and it stays. */
Test(sasl, lies_of_mechanisms)
{
    for (int mechanism = SPNEGO_SASL_GSS_SPNEGO; mechanism <= SPNEGO_SASL_GSSAPI; mechanism++)
        for (int lie = TOY_FAILS; lie <= TOY_WRITES_NULL; lie++)
            for (int at = 1; at <= 2; at++)
                for (int who = 0; who < 2; who++) {
                    pair p;
                    side *liar;

                    prepare_pair(&p, (spnego_sasl_mechanism)mechanism, 4, flag_sets[2]);
                    liar = who == 0 ? &p.client : &p.server;
                    liar->toy.x.lie = (toy_lie)lie;
                    liar->toy.x.lie_at = at;
                    /* Steps at which it would be no lie. */
                    if (lie == TOY_NEVER_COMPLETES || (lie == TOY_COMPLETES_EARLY && at == 2))
                        continue;
                    open_pair(&p);
                    converse(&p);
                    cr_expect(p.client.status < 0 || p.server.status < 0, "lie %d at %d", lie, at);
                    cr_expect_neq(p.client.status, SPNEGO_COMPLETE, "lie %d at %d", lie, at);
                    if (p.client.status < 0)
                        expect_sticky(&p.client);
                    if (p.server.status < 0)
                        expect_sticky(&p.server);
                    close_pair(&p);
                }
}

/* A wrap or unwrap that fails, or that there is none. */
static spnego_mech_result wrap_nothing(void *self, spnego_sink *out, spnego_mech_code *code,
                                       spnego_bytes message, int conf)
{
    (void)self, (void)out, (void)code, (void)message, (void)conf;
    return SPNEGO_MECH_COMPLETE;
}

static spnego_mech_result wrap_supplementary(void *self, spnego_sink *out, spnego_mech_code *code,
                                             spnego_bytes message, int conf)
{
    (void)self, (void)code, (void)conf;
    spnego_sink_write(out, message.data, message.len);
    return SPNEGO_MECH_CONTINUE;
}

static spnego_status first_send_with(spnego_mech_result (*wrap)(void *, spnego_sink *,
                                                                spnego_mech_code *, spnego_bytes,
                                                                int),
                                     spnego_rule *out_rule)
{
    spnego_mech_ops ops = toy_x;
    spnego_status status;
    spnego_turn turn;
    pair p;

    ops.wrap = wrap;
    prepare_pair(&p, SPNEGO_SASL_GSS_SPNEGO, 2, flag_sets[2]);
    p.client.toy.mechs[0].ops = &ops;
    open_pair(&p);
    converse(&p);
    cr_assert_eq(p.client.status, SPNEGO_COMPLETE);
    status = spnego_sasl_send(p.client.session, &turn, octets("x", 1));
    cr_expect(turn.out.data == NULL && turn.taken == 0);
    *out_rule = spnego_sasl_error(p.client.session)->rule;
    cr_expect_eq(spnego_sasl_send(p.client.session, &turn, octets("x", 1)), status, "it stays");
    close_pair(&p);
    return status;
}

Test(sasl, wrap_that_is_none)
{
    spnego_rule rule;

    cr_expect_eq(first_send_with(NULL, &rule), SPNEGO_ERR_MECH_LIED);
    cr_expect_eq(rule, SPNEGO_RULE_CALL_BAD_ARGUMENT);
    cr_expect_eq(first_send_with(wrap_nothing, &rule), SPNEGO_ERR_MECH_LIED);
    cr_expect_eq(rule, SPNEGO_RULE_MECH_SAYS_NOTHING);
    cr_expect_eq(first_send_with(wrap_supplementary, &rule), SPNEGO_ERR_MECH);
    cr_expect_eq(rule, SPNEGO_RULE_MECH_FAILED);
}

/* ---- Names ----------------------------------------------------------------------------------- */

Test(sasl, names)
{
    cr_expect_eq(spnego_sasl_find(octets("GSS-SPNEGO", 10)), SPNEGO_SASL_GSS_SPNEGO);
    cr_expect_eq(spnego_sasl_find(octets("GSSAPI", 6)), SPNEGO_SASL_GSSAPI);
    cr_expect_eq(spnego_sasl_find(octets("gssapi", 6)), SPNEGO_SASL_NONE);
    cr_expect_eq(spnego_sasl_find(octets("SPNEGO", 6)), SPNEGO_SASL_NONE);
    cr_expect_eq(spnego_sasl_find(absent), SPNEGO_SASL_NONE);
    cr_expect_str_eq(spnego_sasl_name(SPNEGO_SASL_GSSAPI), "GSSAPI");
    cr_expect_str_eq(spnego_sasl_name((spnego_sasl_mechanism)7), "");
}

/* ---- Calls from inside ----------------------------------------------------------------------- */

static pair *inside;
static spnego_status inside_status;

static spnego_mech_result step_calls(void *self, spnego_sink *out, spnego_mech_code *code,
                                     spnego_bytes in)
{
    spnego_turn turn;

    spnego_sasl_destroy(inside->client.session);
    inside_status = spnego_sasl_step(inside->client.session, &turn, absent);
    return toy_x.step(self, out, code, in);
}

Test(sasl, calls_from_inside_are_refused)
{
    spnego_mech_ops ops = toy_x;
    pair p;

    ops.step = step_calls;
    prepare_pair(&p, SPNEGO_SASL_GSSAPI, 2, flag_sets[2]);
    p.client.toy.mechs[0].ops = &ops;
    inside = &p;
    open_pair(&p);
    converse(&p);
    cr_expect_eq(inside_status, SPNEGO_ERR_USAGE);
    cr_expect_eq(p.client.status, SPNEGO_COMPLETE);
    close_pair(&p);
}
