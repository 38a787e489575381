/*
 * HTTP's sessions, client against server: mechanisms of one to five tokens, with MICs and without,
 * towards a server and a proxy; failing memory at each place; bounds of memory; calls that are
 * refused.  What one side makes of a scripted peer is in vectors/carriers/http-*.txt.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "toy_mech.h"

#include <spnego/http.h>

/* ---- A host's memory ------------------------------------------------------------------------- */

typedef struct heap {
    unsigned fail_at; /* the number of the allocation that fails; 0: none */
    int for_ever;     /* and all after it                                 */
    unsigned num_allocs, num_failed, num_blocks, num_unwiped;
    size_t bytes, peak;
} heap;

typedef union block {
    size_t size;
    max_align_t align;
} block;

/* config.user.  The toy's events want a toy_side there: it is the first member. */
typedef struct side {
    toy_side toy;
    heap heap;
    spnego_http *http;
    spnego_http_config config;
    spnego_status status;
    void (*inside)(struct side *side); /* called from events and from alloc, or NULL */
    unsigned num_inside;
} side;

static void call_inside(side *s)
{
    if (s->inside == NULL)
        return;
    s->num_inside++;
    s->inside(s);
}

static void *give(void *user, size_t size)
{
    heap *const h = &((side *)user)->heap;
    block *b;

    call_inside(user);
    h->num_allocs++;
    if (h->fail_at != 0 &&
        (h->num_allocs == h->fail_at || (h->for_ever && h->num_allocs > h->fail_at))) {
        h->num_failed++;
        return NULL;
    }
    b = malloc(sizeof *b + size);
    if (b == NULL)
        abort();
    b->size = size;
    memset(b + 1, 0xaa, size);
    h->num_blocks++;
    h->bytes += size;
    h->peak = h->bytes > h->peak ? h->bytes : h->peak;
    return b + 1;
}

static void take_back(void *user, void *memory)
{
    heap *const h = &((side *)user)->heap;
    block *const b = (block *)memory - 1;
    const uint8_t *const octets = memory;

    for (size_t i = 0; i < b->size; i++)
        if (octets[i] != 0) {
            h->num_unwiped++;
            break;
        }
    h->num_blocks--;
    h->bytes -= b->size;
    free(b);
}

static void on_event(void *user, const spnego_event *event)
{
    (void)event;
    call_inside(user);
}

/* ---- Sides ----------------------------------------------------------------------------------- */

static void prepare(side *s, spnego_role role, const char *letters, int legs, uint32_t flags,
                    uint32_t options)
{
    memset(s, 0, sizeof *s);
    toy_side_init(&s->toy, role, TOY_INTEROPERABLE, letters, legs, flags);
    s->toy.config.user = s;
    s->toy.config.alloc = give;
    s->toy.config.dealloc = take_back;
    s->toy.config.on_event = on_event;
    spnego_http_config_init(&s->config, sizeof s->config, role);
    s->config.negotiation = &s->toy.config;
    s->config.options = options;
}

static spnego_status make(side *s)
{
    spnego_error error;
    const spnego_status status = spnego_http_create(&s->http, &error, &s->config);

    cr_expect_eq(status == SPNEGO_COMPLETE, s->http != NULL);
    cr_expect_eq(error.status, status);
    s->status = status == SPNEGO_COMPLETE ? SPNEGO_CONTINUE : status;
    return status;
}

static void end(side *s)
{
    const toy_mech *const toys[] = {&s->toy.x, &s->toy.y, &s->toy.z, &s->toy.ms};

    spnego_http_destroy(s->http);
    cr_expect_eq(s->heap.num_blocks, 0, "%u blocks are left", s->heap.num_blocks);
    cr_expect_eq(s->heap.num_unwiped, 0, "%u blocks are not wiped", s->heap.num_unwiped);
    for (size_t i = 0; i < LEN(toys); i++)
        cr_expect_eq(toys[i]->after_end, 0, "%s", toys[i]->breach);
}

/* Nobody is known before the session is established. */
static void check_info(const side *s)
{
    spnego_http_info info;

    cr_expect_eq(spnego_http_get_info(s->http, &info), s->status == SPNEGO_COMPLETE);
    if (s->status != SPNEGO_COMPLETE)
        cr_expect(info.negotiation.mech == NULL && !info.confirmed && !info.persistent);
}

static void check_failed(side *s)
{
    const spnego_http_message message = {s->config.role == SPNEGO_INITIATOR ? 200 : 0, NULL, 0};
    spnego_http_turn turn;

    if (s->http == NULL || s->status >= 0)
        return;
    cr_expect_eq(spnego_http_receive(s->http, &turn, &message), s->status);
    cr_expect(turn.code == 0 && turn.num_fields == 0 && !turn.restart);
    cr_expect_eq(spnego_http_resume(s->http, &turn), s->status);
    cr_expect_eq(spnego_http_start(s->http, &turn), s->status);
    cr_expect_eq(spnego_http_error(s->http)->status, s->status);
    cr_expect_str_eq(spnego_http_state(s->http), "failed");
}

/* ---- A whole exchange ------------------------------------------------------------------------ */

/* What one side says, kept while the other reads it. */
typedef struct kept {
    spnego_http_field fields[2];
    size_t num_fields;
    char text[1 << 16];
} kept;

static void keep(kept *out, const spnego_http_turn *turn)
{
    char *at = out->text;

    out->num_fields = turn->num_fields;
    for (size_t i = 0; i < turn->num_fields; i++) {
        cr_assert_leq(turn->fields[i].value.len, sizeof out->text / 2);
        memcpy(at, turn->fields[i].value.data, turn->fields[i].value.len);
        out->fields[i].name = turn->fields[i].name;
        out->fields[i].value = (spnego_bytes){(const uint8_t *)at, turn->fields[i].value.len};
        at += turn->fields[i].value.len;
    }
}

typedef struct result {
    int code; /* of the last answer */
    unsigned rounds;
    size_t longest;
} result;

static void note_longest(result *r, const spnego_http_turn *turn)
{
    for (size_t i = 0; i < turn->num_fields; i++)
        if (turn->fields[i].value.len > r->longest)
            r->longest = turn->fields[i].value.len;
}

/* One request of the client's with all that it takes.  The server answers 200 where it is free
 * to. */
static result talk(side *client, side *server, int unasked)
{
    static kept request, response;
    result r = {0, 0, 0};
    spnego_http_turn turn;

    request.num_fields = 0;
    if (unasked) {
        client->status = spnego_http_start(client->http, &turn);
        keep(&request, &turn);
    }
    do {
        const spnego_http_message asked = {0, request.fields, request.num_fields};
        spnego_http_message answered;

        if (client->status < 0)
            break;
        server->status = spnego_http_receive(server->http, &turn, &asked);
        check_info(server);
        keep(&response, &turn);
        note_longest(&r, &turn);
        r.code = turn.code != 0 ? turn.code : 200;
        cr_expect_eq(server->status == SPNEGO_COMPLETE, turn.code == 0);
        answered = (spnego_http_message){r.code, response.fields, response.num_fields};
        client->status = spnego_http_receive(client->http, &turn, &answered);
        check_info(client);
        keep(&request, &turn);
        note_longest(&r, &turn);
        cr_assert_lt(r.rounds++, 10);
    } while (client->status == SPNEGO_CONTINUE && request.num_fields != 0);
    check_failed(client);
    check_failed(server);
    return r;
}

static void check_same(const side *client, const side *server, const char *what)
{
    spnego_http_info a, b;

    cr_assert(client->status == SPNEGO_COMPLETE && server->status == SPNEGO_COMPLETE,
              "%s: client %s (%s), server %s (%s)", what,
              spnego_status_describe(client->status)->name,
              spnego_rule_describe(spnego_http_error(client->http)->rule)->name,
              spnego_status_describe(server->status)->name,
              spnego_rule_describe(spnego_http_error(server->http)->rule)->name);
    cr_assert(spnego_http_get_info(client->http, &a) && spnego_http_get_info(server->http, &b));
    cr_expect_str_eq(a.negotiation.mech->ops->name, b.negotiation.mech->ops->name, "%s", what);
    cr_expect_eq(a.negotiation.mics_exchanged, b.negotiation.mics_exchanged, "%s", what);
    cr_expect_eq(a.negotiation.bare, b.negotiation.bare, "%s", what);
    cr_expect(a.confirmed && b.confirmed, "%s", what);
}

/* HTTP-11 to HTTP-17, HTTP-23, HTTP-28 to HTTP-30. */
Test(http, every_length_with_mics_and_without)
{
    static const char *const lists[][2] = {{"X", "X"}, {"XY", "YX"}, {"XY", "Y"}, {"ZYX", "XY"}};
    static const uint32_t flags[] = {0, SPNEGO_FLAG_INTEG,
                                     SPNEGO_FLAG_INTEG | SPNEGO_FLAG_NEEDS_MIC};
    unsigned with_mics = 0;

    for (size_t l = 0; l < LEN(lists); l++)
        for (size_t f = 0; f < LEN(flags); f++)
            for (int legs = 1; legs <= 5; legs++)
                for (unsigned how = 0; how < 4; how++) {
                    const uint32_t proxy = how & 1 ? SPNEGO_HTTP_PROXY : 0;
                    side client, server;
                    spnego_http_info info;
                    char what[80];

                    snprintf(what, sizeof what, "%s > %s, %d legs, flags %x, how %u", lists[l][0],
                             lists[l][1], legs, flags[f], how);
                    prepare(&client, SPNEGO_INITIATOR, lists[l][0], legs, flags[f], proxy);
                    prepare(&server, SPNEGO_ACCEPTOR, lists[l][1], legs, flags[f],
                            proxy | SPNEGO_HTTP_BOUND);
                    cr_assert(make(&client) == SPNEGO_COMPLETE && make(&server) == SPNEGO_COMPLETE);
                    (void)talk(&client, &server, how & 2);
                    check_same(&client, &server, what);
                    (void)spnego_http_get_info(client.http, &info);
                    with_mics += info.negotiation.mics_exchanged != 0;
                    end(&client);
                    end(&server);
                }
    cr_expect_gt(with_mics, 50, "%u", with_mics);
}

/* HTTP-32 */
Test(http, a_mechanism_without_spnego)
{
    for (int legs = 1; legs <= 5; legs++)
        for (int taken = 0; taken <= 1; taken++) {
            side client, server;

            prepare(&client, SPNEGO_INITIATOR, "Y", legs, 0, 0);
            prepare(&server, SPNEGO_ACCEPTOR, "XY", legs, 0, 0);
            client.toy.y.signature = server.toy.y.signature = 1;
            client.toy.config.options |= SPNEGO_OPTION_BARE;
            server.toy.config.options |= taken ? SPNEGO_OPTION_TAKE_BARE : 0;
            cr_assert(make(&client) == SPNEGO_COMPLETE && make(&server) == SPNEGO_COMPLETE);
            (void)talk(&client, &server, 0);
            if (taken)
                check_same(&client, &server, "bare");
            else
                cr_expect(client.status == SPNEGO_ERR_REJECTED &&
                          server.status == SPNEGO_ERR_MALFORMED);
            end(&client);
            end(&server);
        }
}

/* MAG-01: what is allowed holds for raw tokens too. */
Test(http, a_raw_token_of_a_mechanism_that_is_denied)
{
    side client, server;

    prepare(&client, SPNEGO_INITIATOR, "Y", 3, 0, 0);
    prepare(&server, SPNEGO_ACCEPTOR, "XY", 3, 0, 0);
    client.toy.y.signature = server.toy.y.signature = 1;
    client.toy.config.options |= SPNEGO_OPTION_BARE;
    server.toy.config.options |= SPNEGO_OPTION_TAKE_BARE;
    server.toy.config.deny = &toy_y.oid;
    server.toy.config.num_deny = 1;
    cr_assert(make(&client) == SPNEGO_COMPLETE && make(&server) == SPNEGO_COMPLETE);
    (void)talk(&client, &server, 1);
    cr_expect_eq(server.status, SPNEGO_ERR_NO_MECH);
    cr_expect_eq(client.status, SPNEGO_ERR_REJECTED);
    cr_expect_eq(server.toy.y.steps, 0);
    end(&client);
    end(&server);
}

/* CRL-20: what is not allowed is not offered. */
Test(http, nothing_is_offered_that_is_not_allowed)
{
    static const char head[] = "Negotiate ";
    spnego_bytes oid, value;
    spnego_http_turn turn;
    spnego_token token;
    uint8_t octets[256];
    size_t len = sizeof octets, cursor = 0;
    side client;

    prepare(&client, SPNEGO_INITIATOR, "YXZ", 2, 0, 0);
    client.toy.config.allow = &toy_x.oid;
    client.toy.config.num_allow = 1;
    cr_assert_eq(make(&client), SPNEGO_COMPLETE);
    cr_assert_eq(spnego_http_start(client.http, &turn), SPNEGO_CONTINUE);
    value = turn.fields[0].value;
    cr_assert_eq(spnego_base64_decode(octets, &len, NULL,
                                      (const char *)value.data + sizeof head - 1,
                                      value.len - (sizeof head - 1), 0),
                 SPNEGO_RULE_NONE);
    cr_assert_eq(spnego_token_decode(&token, NULL, (spnego_bytes){octets, len}, 0),
                 SPNEGO_RULE_NONE);
    cr_expect(spnego_mech_types_next(&oid, &cursor, token.mech_types) &&
              same_octets(oid, toy_x.oid));
    cr_expect_not(spnego_mech_types_next(&oid, &cursor, token.mech_types));
    end(&client);
}

/* HTTP-41: on a connection that is bound the second request goes as it is, both sides agreeing. */
Test(http, requests_after_the_first)
{
    side client, server;
    result r;

    prepare(&client, SPNEGO_INITIATOR, "X", 2, 0, 0);
    prepare(&server, SPNEGO_ACCEPTOR, "X", 2, 0, SPNEGO_HTTP_BOUND);
    cr_assert(make(&client) == SPNEGO_COMPLETE && make(&server) == SPNEGO_COMPLETE);
    (void)talk(&client, &server, 1);
    r = talk(&client, &server, 1);
    cr_expect(r.rounds == 1 && r.code == 200 && r.longest == 0);
    check_same(&client, &server, "bound");
    end(&client);
    end(&server);
}

/* ---- Memory ---------------------------------------------------------------------------------- */

/* MAG-04: one pair of functions for all memory, checked in `end`.
 * Sets up both, with tokens that outgrow what a context holds by itself. */
static void prepare_pair(side *client, side *server)
{
    prepare(client, SPNEGO_INITIATOR, "XY", 4, SPNEGO_FLAG_INTEG, 0);
    prepare(server, SPNEGO_ACCEPTOR, "YX", 4, SPNEGO_FLAG_INTEG, SPNEGO_HTTP_ERROR_TOKEN);
    client->config.host = (spnego_bytes){(const uint8_t *)"host", 4};
    client->toy.x.token_len = server->toy.x.token_len = 3000;
    client->toy.y.token_len = server->toy.y.token_len = 3000;
}

static unsigned count_allocs(int of_server)
{
    side client, server;
    unsigned num;

    prepare_pair(&client, &server);
    cr_assert(make(&client) == SPNEGO_COMPLETE && make(&server) == SPNEGO_COMPLETE);
    (void)talk(&client, &server, 0);
    check_same(&client, &server, "counted");
    num = of_server ? server.heap.num_allocs : client.heap.num_allocs;
    end(&client);
    end(&server);
    return num;
}

Test(http, memory_fails_at_each_place)
{
    for (int of_server = 0; of_server <= 1; of_server++) {
        const unsigned num = count_allocs(of_server);

        cr_assert_gt(num, 4);
        for (unsigned fail_at = 1; fail_at <= num; fail_at++)
            for (int for_ever = 0; for_ever <= 1; for_ever++) {
                side client, server;
                side *const it = of_server ? &server : &client;
                result r = {0, 0, 0};

                prepare_pair(&client, &server);
                it->heap.fail_at = fail_at;
                it->heap.for_ever = for_ever;
                if (make(&client) == SPNEGO_COMPLETE && make(&server) == SPNEGO_COMPLETE)
                    r = talk(&client, &server, 0);
                cr_expect_gt(it->heap.num_failed, 0);
                cr_expect_eq(it->status, SPNEGO_ERR_NO_MEMORY, "%d: allocation %u: %s", of_server,
                             fail_at, spnego_status_describe(it->status)->name);
                if (of_server && server.http != NULL)
                    cr_expect_eq(r.code, 500, "allocation %u: %d", fail_at, r.code);
                it->heap.fail_at = 0;
                end(&client);
                end(&server);
            }
    }
}

/* After a failed restart the session has failed, and the next one may succeed. */
Test(http, memory_fails_in_a_restart)
{
    for (unsigned fail_at = 1; fail_at <= 2; fail_at++) {
        side client;
        spnego_http_turn turn;
        toy_side fresh;
        spnego_config config;

        prepare(&client, SPNEGO_INITIATOR, "X", 2, 0, 0);
        client.config.host = (spnego_bytes){(const uint8_t *)"host", 4};
        cr_assert_eq(make(&client), SPNEGO_COMPLETE);
        cr_assert_eq(spnego_http_start(client.http, &turn), SPNEGO_CONTINUE);
        toy_side_init(&fresh, SPNEGO_INITIATOR, TOY_INTEROPERABLE, "X", 2, 0);
        config = client.toy.config;
        config.mechs = fresh.mechs;
        client.heap.fail_at = client.heap.num_allocs + fail_at;
        cr_expect_eq(spnego_http_restart(client.http, &config), SPNEGO_ERR_NO_MEMORY);
        cr_expect_eq(spnego_http_start(client.http, &turn), SPNEGO_ERR_NO_MEMORY);
        /* A refused call does not hide why it failed. */
        cr_expect_eq(spnego_http_restart(client.http, NULL), SPNEGO_ERR_USAGE);
        cr_expect_eq(spnego_http_error(client.http)->rule, SPNEGO_RULE_MEMORY_EXHAUSTED);
        cr_expect_eq(client.toy.x.abandoned, 1);
        toy_side_init(&fresh, SPNEGO_INITIATOR, TOY_INTEROPERABLE, "X", 2, 0);
        cr_expect_eq(spnego_http_restart(client.http, &config), SPNEGO_COMPLETE);
        cr_expect_eq(spnego_http_start(client.http, &turn), SPNEGO_CONTINUE);
        cr_expect_eq(turn.num_fields, 1);
        cr_expect_str_eq(fresh.x.asked_target, "HTTP@host");
        end(&client);
        cr_expect_eq(fresh.x.after_end, 0);
    }
}

/* The bound of spnego/http.h: three times max_value for what arrived, three times the longest
 * field that was made, and the negotiation's own, which is measured beside it. */
Test(http, memory_is_bounded)
{
    side client, server;
    toy_end ends[2];
    side alone[2];
    size_t session[2];
    result r;

    for (int i = 0; i < 2; i++) {
        prepare(&alone[i], i == 0 ? SPNEGO_INITIATOR : SPNEGO_ACCEPTOR, "X", 5, SPNEGO_FLAG_INTEG,
                0);
        alone[i].toy.x.token_len = 4000;
        toy_side_open(&alone[i].toy);
    }
    (void)toy_exchange(&ends[0], &ends[1], alone[0].toy.context, alone[1].toy.context,
                       SPNEGO_INITIATOR, NULL, NULL);
    cr_assert(ends[0].status == SPNEGO_COMPLETE && ends[1].status == SPNEGO_COMPLETE);
    prepare(&client, SPNEGO_INITIATOR, "X", 5, SPNEGO_FLAG_INTEG, 0);
    prepare(&server, SPNEGO_ACCEPTOR, "X", 5, SPNEGO_FLAG_INTEG, 0);
    client.toy.x.token_len = server.toy.x.token_len = 4000;
    client.config.max_value = server.config.max_value = 6000;
    cr_assert(make(&client) == SPNEGO_COMPLETE && make(&server) == SPNEGO_COMPLETE);
    session[0] = client.heap.bytes;
    session[1] = server.heap.bytes;
    r = talk(&client, &server, 0);
    check_same(&client, &server, "bounded");
    cr_expect_leq(client.heap.peak,
                  session[0] + 3 * client.config.max_value + 3 * r.longest + alone[0].heap.peak);
    cr_expect_leq(server.heap.peak,
                  session[1] + 3 * server.config.max_value + 3 * r.longest + alone[1].heap.peak);
    end(&client);
    end(&server);
    for (int i = 0; i < 2; i++)
        cr_expect_eq(toy_side_close(&alone[i].toy), 0);
}

/* CRL-04: nothing is kept of what is too long, nor decoded. */
Test(http, too_long_takes_no_memory)
{
    static uint8_t value[100001];
    const spnego_http_field field = {{(const uint8_t *)"Authorization", 13}, {value, sizeof value}};
    const spnego_http_message message = {0, &field, 1};
    spnego_http_turn turn;
    side server;
    size_t before;

    memset(value, 'A', sizeof value);
    memcpy(value, "Negotiate ", 10);
    prepare(&server, SPNEGO_ACCEPTOR, "X", 2, 0, 0);
    cr_assert_eq(make(&server), SPNEGO_COMPLETE);
    before = server.heap.num_allocs;
    cr_expect_eq(spnego_http_receive(server.http, &turn, &message), SPNEGO_ERR_LIMIT);
    cr_expect_eq(turn.code, 431);
    cr_expect_eq(server.heap.num_allocs, before);
    end(&server);
}

/* ---- Calls that are refused ------------------------------------------------------------------ */

static void call_everything(side *s)
{
    const spnego_http_message message = {s->config.role == SPNEGO_INITIATOR ? 401 : 0, NULL, 0};
    spnego_http_turn turn;

    if (s->http == NULL)
        return;
    cr_expect_eq(spnego_http_start(s->http, &turn), SPNEGO_ERR_USAGE);
    cr_expect_eq(turn.num_fields, 0);
    cr_expect_eq(spnego_http_receive(s->http, &turn, &message), SPNEGO_ERR_USAGE);
    cr_expect_eq(spnego_http_resume(s->http, &turn), SPNEGO_ERR_USAGE);
    cr_expect_eq(spnego_http_restart(s->http, &s->toy.config), SPNEGO_ERR_USAGE);
    spnego_http_destroy(s->http);
}

Test(http, calls_from_callbacks_change_nothing)
{
    side client, server;

    prepare(&client, SPNEGO_INITIATOR, "XY", 4, SPNEGO_FLAG_INTEG, 0);
    prepare(&server, SPNEGO_ACCEPTOR, "Y", 4, SPNEGO_FLAG_INTEG, 0);
    client.inside = server.inside = call_everything;
    cr_assert(make(&client) == SPNEGO_COMPLETE && make(&server) == SPNEGO_COMPLETE);
    (void)talk(&client, &server, 0);
    check_same(&client, &server, "called from inside");
    cr_expect(client.num_inside > 5 && server.num_inside > 5);
    end(&client);
    end(&server);
}

/* Nor while a negotiation is given up, for another one or for good. */
Test(http, calls_from_callbacks_at_the_end_change_nothing)
{
    for (int is_restart = 0; is_restart <= 1; is_restart++) {
        spnego_http_turn turn;
        toy_side fresh;
        spnego_config config;
        unsigned num_before;
        side client;

        prepare(&client, SPNEGO_INITIATOR, "X", 3, 0, 0);
        cr_assert_eq(make(&client), SPNEGO_COMPLETE);
        cr_expect_eq(spnego_http_start(client.http, &turn), SPNEGO_CONTINUE);
        client.inside = call_everything;
        num_before = client.num_inside;
        if (is_restart) {
            toy_side_init(&fresh, SPNEGO_INITIATOR, TOY_INTEROPERABLE, "X", 3, 0);
            config = client.toy.config;
            config.mechs = fresh.mechs;
            cr_expect_eq(spnego_http_restart(client.http, &config), SPNEGO_COMPLETE);
            cr_expect_eq(spnego_http_start(client.http, &turn), SPNEGO_CONTINUE);
        }
        end(&client);
        cr_expect_gt(client.num_inside, num_before);
    }
}

static void add_bad_host(side *s)
{
    s->config.host = (spnego_bytes){(const uint8_t *)"a:80", 4};
}
static void add_url(side *s)
{
    s->config.host = (spnego_bytes){(const uint8_t *)"a/b", 3};
}
static void add_realm(side *s)
{
    s->config.host = (spnego_bytes){(const uint8_t *)"a@b", 3};
}
static void add_blank(side *s)
{
    s->config.host = (spnego_bytes){(const uint8_t *)"a b", 3};
}
static void add_size(side *s)
{
    s->config.struct_size--;
}
static void add_unknown(side *s)
{
    s->config.options = 0x8000;
}
static void add_servers(side *s)
{
    s->config.options = SPNEGO_HTTP_BOUND;
}
static void add_base64(side *s)
{
    s->config.base64 = 4;
}
static void add_none(side *s)
{
    s->config.negotiation = NULL;
}
static void add_role(side *s)
{
    s->toy.config.role = SPNEGO_ACCEPTOR;
}
static void add_pieces(side *s)
{
    s->toy.config.max_fragment = 9;
}
static void add_take_pieces(side *s)
{
    s->toy.config.options |= SPNEGO_OPTION_TAKE_FRAGMENTS;
}
static void add_half(side *s)
{
    s->toy.config.dealloc = NULL;
}
static void add_old(side *s)
{
    s->toy.config.struct_size = 8;
}

Test(http, configurations_that_break_the_contract)
{
    static void (*const changes[])(side *) = {
        add_bad_host, add_url,  add_realm, add_blank,  add_size, add_unknown, add_servers,
        add_base64,   add_none, add_role,  add_pieces, add_half, add_old,     add_take_pieces};

    for (size_t i = 0; i < LEN(changes); i++) {
        side client;
        spnego_error error;

        prepare(&client, SPNEGO_INITIATOR, "X", 2, 0, 0);
        changes[i](&client);
        cr_expect_eq(spnego_http_create(&client.http, &error, &client.config), SPNEGO_ERR_USAGE,
                     "%zu", i);
        cr_expect(client.http == NULL && error.rule == SPNEGO_RULE_CALL_BAD_ARGUMENT, "%zu", i);
        cr_expect_eq(client.heap.num_allocs, 0);
    }
}

Test(http, no_mechanism)
{
    side client;

    prepare(&client, SPNEGO_INITIATOR, "X", 2, 0, 0);
    client.toy.config.deny = &toy_x.oid;
    client.toy.config.num_deny = 1;
    cr_expect_eq(make(&client), SPNEGO_ERR_NO_MECH);
    end(&client);
    spnego_http_destroy(NULL);
}

/* While the mechanism needs time nothing else goes, and nothing is lost. */
Test(http, calls_during_the_wait)
{
    static const uint8_t negotiate[] = "Negotiate", name[] = "WWW-Authenticate";
    const spnego_http_field field = {{name, sizeof name - 1}, {negotiate, sizeof negotiate - 1}};
    const spnego_http_message message = {401, &field, 1};
    spnego_http_turn turn;
    side client;

    prepare(&client, SPNEGO_INITIATOR, "X", 2, 0, 0);
    client.toy.x.lie = TOY_PENDS;
    cr_assert_eq(make(&client), SPNEGO_COMPLETE);
    cr_expect_eq(spnego_http_resume(client.http, &turn), SPNEGO_ERR_USAGE);
    cr_expect_eq(spnego_http_error(client.http)->rule, SPNEGO_RULE_CALL_OUT_OF_TURN);
    cr_expect_eq(spnego_http_receive(client.http, &turn, &message), SPNEGO_PENDING);
    cr_expect_eq(spnego_http_receive(client.http, &turn, &message), SPNEGO_ERR_USAGE);
    cr_expect_eq(spnego_http_start(client.http, &turn), SPNEGO_ERR_USAGE);
    cr_expect_eq(spnego_http_resume(client.http, &turn), SPNEGO_CONTINUE);
    cr_expect_eq(turn.num_fields, 1);
    cr_expect_eq(spnego_http_resume(client.http, &turn), SPNEGO_ERR_USAGE);
    end(&client);
}

/* A session that is given up tells its mechanism. */
Test(http, given_up_in_the_middle)
{
    spnego_http_turn turn;
    side client;

    prepare(&client, SPNEGO_INITIATOR, "X", 3, 0, 0);
    cr_assert_eq(make(&client), SPNEGO_COMPLETE);
    cr_expect_eq(spnego_http_start(client.http, &turn), SPNEGO_CONTINUE);
    end(&client);
    cr_expect_eq(client.toy.x.abandoned, 1);
}
