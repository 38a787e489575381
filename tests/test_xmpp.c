/*
 * xmpp.h beside its vectors: failing memory, calls out of turn and from inside, what a host may not
 * configure, and what a server says of each failure.
 */
#include <spnego/xmpp.h>

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "toy_mech.h"

typedef struct side {
    toy_side toy;
    size_t num_calls, fail_at, num_blocks;
    spnego_xmpp *session;
    spnego_status status;
    spnego_xmpp_element out;
} side;

static const spnego_sasl_mechanism offered[] = {SPNEGO_SASL_GSS_SPNEGO, SPNEGO_SASL_GSSAPI};

/* Before each block: its size. */
enum { BEFORE = 16 };

static void *side_alloc(void *user, size_t size)
{
    side *const s = user;
    uint8_t *block;

    if (++s->num_calls == s->fail_at)
        return NULL;
    block = malloc(BEFORE + size);
    cr_assert_not_null(block);
    memcpy(block, &size, sizeof size);
    s->num_blocks++;
    return block + BEFORE;
}

/* Everything comes back wiped. */
static void side_free(void *user, void *memory)
{
    side *const s = user;
    uint8_t *const at = memory;
    size_t size, left = 0;

    if (at == NULL)
        return;
    memcpy(&size, at - BEFORE, sizeof size);
    for (size_t i = 0; i < size; i++)
        left += at[i] != 0;
    cr_expect_eq(left, 0u, "%zu of %zu octets are not wiped", left, size);
    s->num_blocks--;
    free(at - BEFORE);
}

static void open_side(side *s, spnego_role role, size_t fail_at)
{
    spnego_xmpp_config config;

    memset(s, 0, sizeof *s);
    s->fail_at = fail_at;
    spnego_xmpp_config_init(&config, sizeof config, role);
    config.mechanisms = offered;
    config.num_mechanisms = 2;
    config.user = s;
    config.alloc = side_alloc;
    config.dealloc = side_free;
    s->status = spnego_xmpp_create(&s->session, &config);
    cr_assert_eq(s->status == SPNEGO_COMPLETE, s->session != NULL);
    if (s->status == SPNEGO_COMPLETE)
        s->status = SPNEGO_CONTINUE;
}

static void close_side(side *s)
{
    spnego_xmpp_destroy(s->session);
    cr_expect_eq(s->num_blocks, 0u, "it leaks");
}

static void begin_with(side *s, spnego_role role, spnego_sasl_mechanism mechanism,
                       const spnego_mech_ops *ops)
{
    spnego_sasl_config config;

    toy_side_init(&s->toy, role, TOY_STRICT, "X", 3, SPNEGO_FLAG_INTEG | SPNEGO_FLAG_CONF);
    s->toy.config.on_event = NULL;
    s->toy.config.user = s;
    s->toy.config.alloc = side_alloc;
    s->toy.config.dealloc = side_free;
    s->toy.mechs[0].ops = ops;
    spnego_sasl_config_init(&config, sizeof config, mechanism);
    config.negotiation = &s->toy.config;
    s->status = spnego_xmpp_begin(s->session, &s->out, &config);
}

static void begin(side *s, spnego_role role, spnego_sasl_mechanism mechanism)
{
    begin_with(s, role, mechanism, &toy_x);
}

static void take(side *s, spnego_role role, const side *from)
{
    s->status = spnego_xmpp_receive(s->session, &s->out, &from->out);
    if (s->status == SPNEGO_PENDING && strcmp(spnego_xmpp_state(s->session), "begin") == 0)
        begin(s, role, spnego_xmpp_mechanism(s->session));
    if (s->status == SPNEGO_PENDING)
        s->status = spnego_xmpp_authorize(s->session, &s->out, 1);
}

/* Until an attempt succeeds: a retry needs no allocation that failed before. */
static int run(spnego_sasl_mechanism mechanism, size_t client_fails, size_t server_fails)
{
    side client, server;
    int failed;

    open_side(&client, SPNEGO_INITIATOR, client_fails);
    open_side(&server, SPNEGO_ACCEPTOR, server_fails);
    for (int i = 0; i < 30 && client.status == SPNEGO_CONTINUE && server.status == SPNEGO_CONTINUE;
         i++) {
        if (strcmp(spnego_xmpp_state(client.session), "choose") == 0)
            begin(&client, SPNEGO_INITIATOR, mechanism);
        if (client.status == SPNEGO_CONTINUE && client.out.name != SPNEGO_XMPP_NOTHING)
            take(&server, SPNEGO_ACCEPTOR, &client);
        if (server.status >= 0 && server.out.name != SPNEGO_XMPP_NOTHING)
            take(&client, SPNEGO_INITIATOR, &server);
    }
    failed = (client_fails != 0 && client.num_calls >= client_fails) ||
             (server_fails != 0 && server.num_calls >= server_fails);
    if (client.status == SPNEGO_COMPLETE) {
        spnego_sasl_info info;

        cr_expect_eq(server.status, SPNEGO_COMPLETE);
        cr_expect(spnego_sasl_get_info(spnego_xmpp_sasl(client.session), &info));
    } else {
        cr_expect(failed, "allocations %zu, %zu: %d, %d", client_fails, server_fails, client.status,
                  server.status);
        cr_expect(client.status == SPNEGO_ERR_NO_MEMORY || server.status == SPNEGO_ERR_NO_MEMORY,
                  "allocations %zu, %zu: %d, %d", client_fails, server_fails, client.status,
                  server.status);
    }
    close_side(&client);
    close_side(&server);
    return failed;
}

/* One failure ends an attempt, or the session; the next attempt, or neither, succeeds. */
Test(xmpp, each_allocation_fails_once)
{
    for (size_t m = 0; m < LEN(offered); m++) {
        size_t k = 1;

        cr_expect_eq(run(offered[m], 0, 0), 0);
        while (run(offered[m], k, 0))
            k++;
        cr_expect_gt(k, 4u);
        for (k = 1; run(offered[m], 0, k);)
            k++;
        cr_expect_gt(k, 4u);
    }
}

static spnego_status create_with(spnego_role role, size_t num_mechanisms, uint32_t tolerate,
                                 spnego_sasl_mechanism mechanism)
{
    spnego_xmpp_config config;
    spnego_xmpp *session;
    spnego_status status;

    spnego_xmpp_config_init(&config, sizeof config, role);
    config.mechanisms = &mechanism;
    config.num_mechanisms = num_mechanisms;
    config.tolerate = tolerate;
    status = spnego_xmpp_create(&session, &config);
    spnego_xmpp_destroy(session);
    return status;
}

Test(xmpp, configurations_that_are_refused)
{
    spnego_xmpp_config config;
    spnego_xmpp *session;

    cr_expect_eq(create_with(SPNEGO_ACCEPTOR, 1, 0, SPNEGO_SASL_GSSAPI), SPNEGO_COMPLETE);
    cr_expect_eq(create_with(SPNEGO_ACCEPTOR, 0, 0, SPNEGO_SASL_GSSAPI), SPNEGO_ERR_USAGE);
    cr_expect_eq(create_with(SPNEGO_INITIATOR, 0, 0, SPNEGO_SASL_GSSAPI), SPNEGO_COMPLETE);
    cr_expect_eq(create_with(SPNEGO_ACCEPTOR, 1, 4, SPNEGO_SASL_GSSAPI), SPNEGO_ERR_USAGE);
    cr_expect_eq(create_with(SPNEGO_ACCEPTOR, 1, 0, SPNEGO_SASL_NONE), SPNEGO_ERR_USAGE);
    cr_expect_eq(create_with((spnego_role)9, 1, 0, SPNEGO_SASL_GSSAPI), SPNEGO_ERR_USAGE);
    spnego_xmpp_config_init(&config, sizeof config, SPNEGO_INITIATOR);
    config.alloc = side_alloc;
    cr_expect_eq(spnego_xmpp_create(&session, &config), SPNEGO_ERR_USAGE);
    spnego_xmpp_config_init(&config, sizeof config, SPNEGO_INITIATOR);
    config.struct_size--;
    cr_expect_eq(spnego_xmpp_create(&session, &config), SPNEGO_ERR_USAGE);
    cr_expect_null(session);
    spnego_xmpp_destroy(NULL);
}

static void expect_refused(side *s, spnego_status status)
{
    cr_expect_eq(status, SPNEGO_ERR_USAGE);
    cr_expect_eq(s->out.name, SPNEGO_XMPP_NOTHING);
    cr_expect_eq(spnego_xmpp_error(s->session)->rule, SPNEGO_RULE_CALL_OUT_OF_TURN);
}

Test(xmpp, calls_out_of_turn)
{
    side client, server;
    spnego_sasl_config config;

    open_side(&client, SPNEGO_INITIATOR, 0);
    open_side(&server, SPNEGO_ACCEPTOR, 0);
    expect_refused(&client, spnego_xmpp_abort(client.session, &client.out));
    expect_refused(&client, spnego_xmpp_resume(client.session, &client.out));
    expect_refused(&client, spnego_xmpp_authorize(client.session, &client.out, 1));
    begin(&server, SPNEGO_ACCEPTOR, SPNEGO_SASL_GSSAPI);
    expect_refused(&server, server.status);
    begin(&client, SPNEGO_ACCEPTOR, SPNEGO_SASL_GSSAPI);
    expect_refused(&client, client.status);
    begin(&client, SPNEGO_INITIATOR, (spnego_sasl_mechanism)7);
    expect_refused(&client, client.status);
    spnego_sasl_config_init(&config, sizeof config, SPNEGO_SASL_GSSAPI);
    expect_refused(&client, spnego_xmpp_begin(client.session, &client.out, &config));
    config.negotiation = &client.toy.config;
    config.no_initial = 1;
    expect_refused(&client, spnego_xmpp_begin(client.session, &client.out, &config));
    begin(&client, SPNEGO_INITIATOR, SPNEGO_SASL_GSSAPI);
    cr_assert_eq(client.status, SPNEGO_CONTINUE);
    cr_assert_eq(spnego_xmpp_receive(server.session, &server.out, &client.out), SPNEGO_PENDING);
    begin(&server, SPNEGO_ACCEPTOR, SPNEGO_SASL_GSS_SPNEGO);
    expect_refused(&server, server.status);
    begin(&server, SPNEGO_ACCEPTOR, SPNEGO_SASL_GSSAPI);
    cr_assert_eq(server.status, SPNEGO_CONTINUE);
    expect_refused(&server, spnego_xmpp_resume(server.session, &server.out));
    expect_refused(&server, spnego_xmpp_abort(server.session, &server.out));
    close_side(&client);
    close_side(&server);
}

/* Three attempts fail; then every call says so, and nothing comes out. */
Test(xmpp, a_failure_stays)
{
    const spnego_xmpp_element in = {.name = SPNEGO_XMPP_RESPONSE};
    side s;

    open_side(&s, SPNEGO_ACCEPTOR, 0);
    for (int i = 0; i < 3; i++)
        s.status = spnego_xmpp_receive(s.session, &s.out, &in);
    cr_assert_eq(s.status, SPNEGO_ERR_LIMIT);
    cr_expect_eq(s.out.name, SPNEGO_XMPP_FAILURE, "the client is told");
    cr_expect_eq(spnego_xmpp_receive(s.session, &s.out, &in), SPNEGO_ERR_LIMIT);
    cr_expect_eq(s.out.name, SPNEGO_XMPP_NOTHING);
    cr_expect_eq(spnego_xmpp_resume(s.session, &s.out), SPNEGO_ERR_LIMIT);
    cr_expect_eq(spnego_xmpp_authorize(s.session, &s.out, 1), SPNEGO_ERR_LIMIT);
    cr_expect_eq(spnego_xmpp_abort(s.session, &s.out), SPNEGO_ERR_LIMIT);
    begin(&s, SPNEGO_ACCEPTOR, SPNEGO_SASL_GSSAPI);
    cr_expect_eq(s.status, SPNEGO_ERR_LIMIT);
    cr_expect_eq(spnego_xmpp_error(s.session)->rule, SPNEGO_RULE_XMPP_ATTEMPTS_SPENT);
    close_side(&s);
}

/* Nothing of XMPP's is taken once it is established. */
Test(xmpp, elements_after_success_are_refused)
{
    side client, server;

    open_side(&client, SPNEGO_INITIATOR, 0);
    open_side(&server, SPNEGO_ACCEPTOR, 0);
    begin(&client, SPNEGO_INITIATOR, SPNEGO_SASL_GSSAPI);
    for (int i = 0; i < 10 && client.status == SPNEGO_CONTINUE; i++) {
        take(&server, SPNEGO_ACCEPTOR, &client);
        take(&client, SPNEGO_INITIATOR, &server);
    }
    cr_assert(client.status == SPNEGO_COMPLETE && server.status == SPNEGO_COMPLETE);
    client.out.name = SPNEGO_XMPP_AUTH;
    expect_refused(&server, spnego_xmpp_receive(server.session, &server.out, &client.out));
    server.out.name = SPNEGO_XMPP_FAILURE;
    expect_refused(&client, spnego_xmpp_receive(client.session, &client.out, &server.out));
    cr_expect_str_eq(spnego_xmpp_state(client.session), "established");
    close_side(&client);
    close_side(&server);
}

/* ---- Calls from inside ----------------------------------------------------------------------- */

static side *inside;
static spnego_status inside_status;

static spnego_mech_result step_calls(void *self, spnego_sink *out, spnego_mech_code *code,
                                     spnego_bytes in)
{
    spnego_xmpp_element element;

    spnego_xmpp_destroy(inside->session);
    inside_status = spnego_xmpp_abort(inside->session, &element);
    return toy_x.step(self, out, code, in);
}

static void abandon_calls(void *self)
{
    spnego_xmpp_destroy(inside->session);
    toy_x.abandon(self);
}

Test(xmpp, calls_from_inside_are_refused)
{
    spnego_mech_ops ops = toy_x;
    spnego_sasl_config config;
    side s;

    ops.step = step_calls;
    ops.abandon = abandon_calls;
    open_side(&s, SPNEGO_INITIATOR, 0);
    inside = &s;
    toy_side_init(&s.toy, SPNEGO_INITIATOR, TOY_STRICT, "X", 2, 0);
    s.toy.config.on_event = NULL;
    s.toy.mechs[0].ops = &ops;
    spnego_sasl_config_init(&config, sizeof config, SPNEGO_SASL_GSSAPI);
    config.negotiation = &s.toy.config;
    cr_expect_eq(spnego_xmpp_begin(s.session, &s.out, &config), SPNEGO_CONTINUE);
    cr_expect_eq(inside_status, SPNEGO_ERR_USAGE);
    close_side(&s);
}

static spnego_mech_result wrap_calls(void *self, spnego_sink *out, spnego_mech_code *code,
                                     spnego_bytes message, int conf)
{
    spnego_xmpp_destroy(inside->session);
    return toy_x.wrap(self, out, code, message, conf);
}

/* The stream's calls go by spnego_xmpp_sasl, and its callbacks are the session's as well. */
Test(xmpp, a_callback_of_the_stream_does_not_destroy)
{
    spnego_mech_ops ops = toy_x;
    side client, server;
    spnego_turn turn;

    ops.wrap = wrap_calls;
    open_side(&client, SPNEGO_INITIATOR, 0);
    open_side(&server, SPNEGO_ACCEPTOR, 0);
    inside = &client;
    begin_with(&client, SPNEGO_INITIATOR, SPNEGO_SASL_GSS_SPNEGO, &ops);
    for (int i = 0; i < 10 && client.status == SPNEGO_CONTINUE; i++) {
        take(&server, SPNEGO_ACCEPTOR, &client);
        take(&client, SPNEGO_INITIATOR, &server);
    }
    cr_assert_eq(client.status, SPNEGO_COMPLETE);
    cr_expect_eq(spnego_sasl_send(spnego_xmpp_sasl(client.session), &turn,
                                  (spnego_bytes){(const uint8_t *)"x", 1}),
                 SPNEGO_COMPLETE);
    cr_expect_str_eq(spnego_xmpp_state(client.session), "established");
    close_side(&client);
    close_side(&server);
}

/* ---- Words ----------------------------------------------------------------------------------- */

Test(xmpp, names_and_conditions)
{
    for (int i = 1; i <= SPNEGO_XMPP_SUCCESS; i++) {
        const char *const text = spnego_xmpp_name_text((spnego_xmpp_name)i);

        cr_expect_eq(spnego_xmpp_name_find((spnego_bytes){(const uint8_t *)text, strlen(text)}),
                     (spnego_xmpp_name)i);
    }
    for (int i = 1; i <= SPNEGO_XMPP_TEMPORARY_AUTH_FAILURE; i++) {
        const char *const text = spnego_xmpp_condition_text((spnego_xmpp_condition)i);

        cr_expect_eq(
            spnego_xmpp_condition_find((spnego_bytes){(const uint8_t *)text, strlen(text)}),
            (spnego_xmpp_condition)i);
    }
    cr_expect_str_eq(spnego_xmpp_name_text((spnego_xmpp_name)7), "");
    cr_expect_str_eq(spnego_xmpp_condition_text((spnego_xmpp_condition)12), "");
    cr_expect_eq(spnego_xmpp_name_find((spnego_bytes){NULL, 0}), SPNEGO_XMPP_NOTHING);
    cr_expect_eq(spnego_xmpp_condition_find((spnego_bytes){NULL, 0}), SPNEGO_XMPP_NOT_AUTHORIZED);
}

/* SASL-45, SASL-46 */
Test(xmpp, condition_of_each_failure)
{
    const struct {
        spnego_status status;
        spnego_rule rule;
        uint32_t gss_major;
        spnego_xmpp_condition due;
    } rows[] = {
        {SPNEGO_ERR_MALFORMED, SPNEGO_RULE_TOKEN_EMPTY, 0, SPNEGO_XMPP_MALFORMED_REQUEST},
        {SPNEGO_ERR_MALFORMED, SPNEGO_RULE_BASE64_PADDING, 0, SPNEGO_XMPP_INCORRECT_ENCODING},
        {SPNEGO_ERR_MALFORMED, SPNEGO_RULE_SASL_AUTHZID_MALFORMED, 0, SPNEGO_XMPP_INVALID_AUTHZID},
        {SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_SASL_LAYER_NOT_OFFERED, 0, SPNEGO_XMPP_MALFORMED_REQUEST},
        {SPNEGO_ERR_BAD_MIC, SPNEGO_RULE_MIC_WRONG, 0, SPNEGO_XMPP_NOT_AUTHORIZED},
        {SPNEGO_ERR_MECH, SPNEGO_RULE_MECH_FAILED, 0, SPNEGO_XMPP_NOT_AUTHORIZED},
        {SPNEGO_ERR_MECH, SPNEGO_RULE_MECH_FAILED, 1u << 16, SPNEGO_XMPP_INVALID_MECHANISM},
        {SPNEGO_ERR_MECH, SPNEGO_RULE_MECH_FAILED, 7u << 16, SPNEGO_XMPP_TEMPORARY_AUTH_FAILURE},
        {SPNEGO_ERR_MECH, SPNEGO_RULE_MECH_FAILED, 9u << 16, SPNEGO_XMPP_MALFORMED_REQUEST},
        {SPNEGO_ERR_MECH, SPNEGO_RULE_MECH_FAILED, 11u << 16, SPNEGO_XMPP_CREDENTIALS_EXPIRED},
        {SPNEGO_ERR_MECH, SPNEGO_RULE_MECH_FAILED, 13u << 16, SPNEGO_XMPP_NOT_AUTHORIZED},
        {SPNEGO_ERR_MECH_LIED, SPNEGO_RULE_MECH_SAYS_NOTHING, 0,
         SPNEGO_XMPP_TEMPORARY_AUTH_FAILURE},
        {SPNEGO_ERR_NO_MECH, SPNEGO_RULE_NO_COMMON_MECH, 0, SPNEGO_XMPP_INVALID_MECHANISM},
        {SPNEGO_ERR_REJECTED, SPNEGO_RULE_XMPP_ABORTED, 0, SPNEGO_XMPP_ABORTED},
        {SPNEGO_ERR_REJECTED, SPNEGO_RULE_PEER_REJECTED, 0, SPNEGO_XMPP_NOT_AUTHORIZED},
        {SPNEGO_ERR_POLICY, SPNEGO_RULE_POLICY_FLAGS_MISSING, 0, SPNEGO_XMPP_MECHANISM_TOO_WEAK},
        {SPNEGO_ERR_POLICY, SPNEGO_RULE_SASL_NOT_AUTHORIZED, 0, SPNEGO_XMPP_NOT_AUTHORIZED},
        {SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_XMPP_MECHANISM_UNKNOWN, 0, SPNEGO_XMPP_INVALID_MECHANISM},
        {SPNEGO_ERR_LIMIT, SPNEGO_RULE_XMPP_TEXT_TOO_LONG, 0, SPNEGO_XMPP_MALFORMED_REQUEST},
        {SPNEGO_ERR_NO_MEMORY, SPNEGO_RULE_MEMORY_EXHAUSTED, 0,
         SPNEGO_XMPP_TEMPORARY_AUTH_FAILURE}};

    for (size_t i = 0; i < LEN(rows); i++) {
        spnego_error error;

        memset(&error, 0, sizeof error);
        error.status = rows[i].status;
        error.rule = rows[i].rule;
        error.mech_code.gss_major = rows[i].gss_major;
        cr_expect_eq(spnego_xmpp_condition_of(&error), rows[i].due, "row %zu: %s", i,
                     spnego_xmpp_condition_text(spnego_xmpp_condition_of(&error)));
    }
}
