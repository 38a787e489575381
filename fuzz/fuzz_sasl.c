/*
 * A client and a server of sasl.h, with someone between them who may change, cut or replace each
 * message of the exchange and each octet of the stream.
 *
 * The input: mechanism and forms, legs, flags, layers of both, tolerances, maxima of both, lie and
 * where; then an octet a message, 0 letting it pass; then what is sent on the stream, each piece
 * with an octet that says what happens to it.
 */
#include "negotiation.h"

#include <spnego/sasl.h>

static const spnego_bytes absent = {NULL, 0};

typedef struct end {
    toy_side toy;
    spnego_sasl *session;
    spnego_status status;
    octets sent, got;
    size_t held, peak;
} end;

typedef struct meeting {
    end client, server;
    source from;
    int tampered;
} meeting;

/* ---- Memory ---------------------------------------------------------------------------------- */

static void *count_alloc(void *user, size_t size)
{
    end *const e = user;
    size_t *const block = malloc(2 * sizeof(size_t) + size);

    if (block == NULL)
        abort();
    block[0] = size;
    e->held += size;
    if (e->held > e->peak)
        e->peak = e->held;
    return block + 2;
}

static void count_free(void *user, void *memory)
{
    end *const e = user;
    size_t *const block = (size_t *)memory - 2;

    if (memory == NULL)
        return;
    e->held -= block[0];
    free(block);
}

/* ---- Setting up ------------------------------------------------------------------------------ */

static int open_end(end *e, spnego_role role, const uint8_t setting[10])
{
    static const uint32_t flags[] = {0, SPNEGO_FLAG_INTEG, SPNEGO_FLAG_INTEG | SPNEGO_FLAG_CONF,
                                     SPNEGO_FLAG_INTEG | SPNEGO_FLAG_CONF | SPNEGO_FLAG_NEEDS_MIC};
    const int is_client = role == SPNEGO_INITIATOR;
    spnego_sasl_config config;

    toy_side_init(&e->toy, role, setting[0] & 8 ? TOY_INTEROPERABLE : TOY_STRICT, "XY",
                  1 + setting[1] % 5, flags[setting[2] & 3]);
    e->toy.config.on_event = NULL;
    e->toy.config.user = e;
    e->toy.config.alloc = count_alloc;
    e->toy.config.dealloc = count_free;
    e->toy.config.limits.max_token = 4096;
    spnego_sasl_config_init(&config, sizeof config,
                            setting[0] & 1 ? SPNEGO_SASL_GSSAPI : SPNEGO_SASL_GSS_SPNEGO);
    config.negotiation = &e->toy.config;
    config.no_initial = is_client && (setting[0] & 2) != 0;
    config.no_success_data = !is_client && (setting[0] & 4) != 0;
    config.layers = setting[is_client ? 3 : 4] & 7;
    config.tolerate = setting[5] & 1;
    config.max_buffer = (size_t)16 * setting[is_client ? 6 : 7];
    config.peer_buffer = (size_t)16 * setting[is_client ? 7 : 6];
    config.wrap_overhead = 18;
    if (is_client && (setting[0] & 0x11) == 0x11)
        config.authzid = (spnego_bytes){(const uint8_t *)"user", 4};
    if ((setting[8] & 0x40) == (is_client ? 0x40 : 0)) {
        e->toy.x.lie = (toy_lie)((setting[8] & 0x3f) % TOY_VERIFY_FAILS);
        if (e->toy.x.lie == TOY_REENTERS || e->toy.x.lie == TOY_DESTROYS)
            e->toy.x.lie = TOY_HONEST;
        e->toy.x.lie_at = setting[9] & 3;
        e->toy.x.huge = 5000;
    }
    e->status = spnego_sasl_create(&e->session, NULL, &config);
    LAW((e->status == SPNEGO_COMPLETE) == (e->session != NULL));
    return e->session != NULL;
}

/* ---- Laws ------------------------------------------------------------------------------------ */

static void check_end(end *e, const spnego_turn *turn, spnego_status status)
{
    spnego_sasl_info info;
    spnego_turn later;

    if (status == SPNEGO_ERR_USAGE) {
        LAW(turn->out.data == NULL && turn->data.data == NULL && turn->taken == 0);
        return;
    }
    e->status = status;
    LAW(spnego_sasl_get_info(e->session, &info) == (status == SPNEGO_COMPLETE));
    if (status == SPNEGO_COMPLETE)
        LAW(e->toy.x.complete || e->toy.y.complete);
    if (status < 0) {
        LAW(turn->data.data == NULL && turn->out.data == NULL);
        LAW(spnego_sasl_error(e->session)->status == status);
        LAW(spnego_sasl_step(e->session, &later, absent) == status && later.out.data == NULL);
        LAW(spnego_sasl_send(e->session, &later, (spnego_bytes){(const uint8_t *)"x", 1}) ==
            status);
    } else if (status != SPNEGO_COMPLETE) {
        LAW(spnego_sasl_receive(e->session, &later, (spnego_bytes){(const uint8_t *)"x", 1}) ==
            SPNEGO_ERR_USAGE);
        LAW(spnego_sasl_send(e->session, &later, (spnego_bytes){(const uint8_t *)"x", 1}) ==
            SPNEGO_ERR_USAGE);
    }
}

static void settle(end *e, spnego_turn *turn, spnego_status status)
{
    for (int i = 0; i < 4 && status == SPNEGO_PENDING; i++)
        status = strcmp(spnego_sasl_state(e->session), "authorize") == 0
                     ? spnego_sasl_authorize(e->session, turn, 1)
                     : spnego_sasl_resume(e->session, turn);
    check_end(e, turn, status);
}

/* ---- Someone between ------------------------------------------------------------------------- */

/* What becomes of a message: 0 nothing, else it is changed, cut, lengthened, emptied, replaced, or
 * what is said is wrapped as the sender's mechanism would. */
static void tamper(meeting *m, octets *message, int by_acceptor)
{
    const uint8_t how = take(&m->from);
    spnego_bytes own;
    uint8_t mic[16];

    if (how == 0)
        return;
    m->tampered = 1;
    switch (how % 6) {
    case 0:
        if (message->len != 0)
            message->data[take(&m->from) % message->len] ^= (uint8_t)(1u << (how / 6 % 8));
        return;
    case 1:
        message->len = message->len != 0 ? take(&m->from) % message->len : 0;
        return;
    case 2:
        octets_add(message, &how, 1);
        return;
    case 3:
        message->len = 0;
        return;
    case 4:
        own = take_bytes(&m->from);
        octets_set(message, own);
        return;
    default:
        own = take_bytes(&m->from);
        message->len = 0;
        octets_add(message, "W\0", 2);
        octets_add(message, own.data, own.len);
        toy_mic(mic, "X", by_acceptor, 1, (spnego_bytes){message->data, message->len});
        octets_add(message, mic, sizeof mic);
        return;
    }
}

static spnego_bytes pass(meeting *m, octets *message, spnego_bytes out, int by_acceptor)
{
    static const uint8_t nothing = 0;

    octets_set(message, out);
    tamper(m, message, by_acceptor);
    if (out.data == NULL && message->len == 0)
        return absent;
    return message->len == 0 ? (spnego_bytes){&nothing, 0}
                             : (spnego_bytes){message->data, message->len};
}

static void converse(meeting *m)
{
    spnego_turn of_client, of_server;
    octets message = {NULL, 0, 0};
    spnego_bytes in;

    settle(&m->client, &of_client, spnego_sasl_start(m->client.session, &of_client, absent));
    if (m->client.status >= 0) {
        in = pass(m, &message, of_client.out, 0);
        settle(&m->server, &of_server, spnego_sasl_start(m->server.session, &of_server, in));
    }
    for (int i = 0; i < 20 && m->client.status == SPNEGO_CONTINUE; i++) {
        if (m->server.status == SPNEGO_CONTINUE) {
            in = pass(m, &message, of_server.out, 1);
            settle(&m->client, &of_client, spnego_sasl_step(m->client.session, &of_client, in));
            if (m->client.status != SPNEGO_CONTINUE)
                break;
            in = pass(m, &message, of_client.out, 0);
            settle(&m->server, &of_server, spnego_sasl_step(m->server.session, &of_server, in));
        } else {
            in = pass(m, &message, m->server.status == SPNEGO_COMPLETE ? of_server.out : absent, 1);
            settle(&m->client, &of_client,
                   spnego_sasl_outcome(m->client.session, &of_client,
                                       m->server.status == SPNEGO_COMPLETE, in));
        }
    }
    octets_free(&message);
}

/* One piece of the sender's, delivered in two at a place that the input says. */
static void deliver(end *to, octets *wire, uint8_t cut)
{
    const size_t first = wire->len != 0 ? cut % wire->len : 0;
    spnego_bytes pieces[2];

    pieces[0] = (spnego_bytes){wire->data, first};
    pieces[1] = (spnego_bytes){wire->data + first, wire->len - first};
    for (int i = 0; i < 2; i++)
        for (spnego_bytes in = pieces[i]; in.len != 0 && to->status >= 0;) {
            uint8_t *const copy = copy_exactly(in.data, in.len);
            spnego_turn turn;

            check_end(to, &turn,
                      spnego_sasl_receive(to->session, &turn, (spnego_bytes){copy, in.len}));
            LAW(turn.taken <= in.len && (turn.taken != 0 || to->status < 0));
            octets_add(&to->got, turn.data.data, turn.data.len);
            in.data += turn.taken;
            in.len -= turn.taken;
            free(copy);
        }
}

static void stream(meeting *m, end *from, end *to)
{
    octets wire = {NULL, 0, 0};
    spnego_sasl_info of_sender, of_receiver;
    spnego_bytes rest = take_bytes(&m->from);

    (void)spnego_sasl_get_info(from->session, &of_sender);
    if (rest.len == 0 || from->status < 0 || to->status < 0)
        return;
    (void)spnego_sasl_get_info(to->session, &of_receiver);
    while (rest.len != 0 && from->status >= 0) {
        spnego_turn turn;

        check_end(from, &turn, spnego_sasl_send(from->session, &turn, rest));
        if (from->status < 0)
            break;
        LAW(turn.taken != 0 && turn.taken <= rest.len);
        LAW(of_sender.layer == SPNEGO_SASL_NO_LAYER || turn.out.len - 4 <= of_sender.peer_buffer);
        octets_add(&from->sent, rest.data, turn.taken);
        rest.data += turn.taken;
        rest.len -= turn.taken;
        octets_set(&wire, turn.out);
        tamper(m, &wire, from == &m->server);
        deliver(to, &wire, take(&m->from));
    }
    octets_free(&wire);
    /* Whatever was done to it: with a layer, nothing but what was sent arrives.  A message that was
     * wrapped here is one that the sender's mechanism could have made. */
    if (!m->tampered)
        LAW(to->status < 0 ||
            (to->got.len == from->sent.len &&
             (to->got.len == 0 || memcmp(to->got.data, from->sent.data, to->got.len) == 0)) ||
            of_sender.layer != of_receiver.layer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    meeting m;
    uint8_t setting[10];
    spnego_turn turn;

    memset(&m, 0, sizeof m);
    m.from.data = data;
    m.from.len = size;
    for (size_t i = 0; i < sizeof setting; i++)
        setting[i] = take(&m.from);
    if (open_end(&m.client, SPNEGO_INITIATOR, setting) &&
        open_end(&m.server, SPNEGO_ACCEPTOR, setting)) {
        converse(&m);
        if (m.client.status == SPNEGO_COMPLETE && m.server.status == SPNEGO_COMPLETE)
            for (int i = 0; i < 3; i++) {
                stream(&m, &m.client, &m.server);
                stream(&m, &m.server, &m.client);
            }
        if (m.server.status == SPNEGO_COMPLETE)
            check_end(&m.server, &turn, spnego_sasl_end(m.server.session, &turn));
    }
    LAW(m.client.peak < 65536 && m.server.peak < 65536);
    spnego_sasl_destroy(m.client.session);
    spnego_sasl_destroy(m.server.session);
    LAW(m.client.held == 0 && m.server.held == 0);
    LAW(m.client.toy.x.after_end + m.server.toy.x.after_end == 0);
    octets_free(&m.client.sent);
    octets_free(&m.client.got);
    octets_free(&m.server.sent);
    octets_free(&m.server.got);
    return 0;
}
