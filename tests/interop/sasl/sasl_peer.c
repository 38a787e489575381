/*
 * One SASL exchange with a layer behind it, between two implementations in one process: Cyrus SASL
 * (libsasl2 and its GSSAPI plugin) and ours (over MIT's raw Kerberos), each as client or server.
 *
 *     sasl_peer CLIENT SERVER MECHANISM LAYER [maxbuf=N] [authzid=NAME] [none=initial,success]
 *
 * CLIENT and SERVER are "cyrus" or "ours", LAYER "none", "integrity" or "confidentiality".  Prints
 * "ok: ..." and exits with 0 if both are established with that layer and 100000 octets, and the
 * answer to them, came through.
 */
#include <spnego/xmpp.h>

#include <gssapi/gssapi.h>
#include <sasl/sasl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../mech_gss.h"

enum { LEN = 100000 };

static const char *mechanism, *layer, *authzid;
static unsigned max_buffer = 65536;
static int no_initial, no_success_data;

static void fail(const char *who, const char *what)
{
    printf("FAILED: %s: %s\n", who, what);
    exit(1);
}

/* A message of the exchange: data NULL is none. */
typedef struct message {
    uint8_t *data;
    size_t len;
} message;

static message copy_of(const void *data, size_t len)
{
    message m = {NULL, len};

    if (data == NULL)
        return m;
    m.data = malloc(len + 1);
    if (m.data == NULL)
        abort();
    if (len != 0)
        memcpy(m.data, data, len);
    return m;
}

/* DONE: established, perhaps with something still to say. */
typedef enum result { MORE, DONE } result;

typedef struct engine {
    const char *name;
    result (*start)(int is_server, message in, message *out);
    result (*step)(int is_server, message in, message *out);
    void (*outcome)(message data); /* client */
    message (*encode)(int is_server, const uint8_t *data, size_t len, size_t *taken);
    message (*decode)(int is_server, const uint8_t *data, size_t len, size_t *taken);
    const char *(*layer)(int is_server);
} engine;

/* ---- Cyrus ----------------------------------------------------------------------------------- */

static sasl_conn_t *cyrus[2];

static void cyrus_check(int result, int is_server)
{
    if (result != SASL_OK && result != SASL_CONTINUE)
        fail(is_server ? "cyrus server" : "cyrus client", cyrus[is_server] != NULL
                                                              ? sasl_errdetail(cyrus[is_server])
                                                              : sasl_errstring(result, NULL, NULL));
}

static int cyrus_user(void *context, int id, const char **result, unsigned *len)
{
    (void)context, (void)id;
    *result = authzid != NULL ? authzid : "";
    if (len != NULL)
        *len = (unsigned)strlen(*result);
    return SASL_OK;
}

/* The server's host: the client may be itself, and "other". */
static int cyrus_authorize(sasl_conn_t *conn, void *context, const char *user, unsigned user_len,
                           const char *auth, unsigned auth_len, const char *realm,
                           unsigned realm_len, struct propctx *props)
{
    (void)conn, (void)context, (void)realm, (void)realm_len, (void)props;
    return (user_len == auth_len && strncmp(user, auth, user_len) == 0) ||
                   (user_len == 5 && strncmp(user, "other", 5) == 0)
               ? SASL_OK
               : SASL_NOAUTHZ;
}

static const sasl_callback_t client_callbacks[] = {
    {SASL_CB_USER, (int (*)(void))(void (*)(void))cyrus_user, NULL},
    {SASL_CB_LIST_END, NULL, NULL}};
static const sasl_callback_t server_callbacks[] = {
    {SASL_CB_PROXY_POLICY, (int (*)(void))(void (*)(void))cyrus_authorize, NULL},
    {SASL_CB_LIST_END, NULL, NULL}};

static void cyrus_open(int is_server)
{
    const unsigned ssf = strcmp(layer, "none") == 0 ? 0 : strcmp(layer, "integrity") == 0 ? 1 : 56;
    const sasl_security_properties_t props = {ssf, ssf == 56 ? 256 : ssf, max_buffer, 0, NULL,
                                              NULL};

    cyrus_check(is_server ? sasl_server_init(server_callbacks, "peer")
                          : sasl_client_init(client_callbacks),
                is_server);
    if (is_server)
        cyrus_check(sasl_server_new("host", "srv.rig.test", NULL, NULL, NULL, NULL,
                                    no_success_data ? 0 : SASL_SUCCESS_DATA, &cyrus[1]),
                    1);
    else
        cyrus_check(sasl_client_new("host", "srv.rig.test", NULL, NULL, NULL, 0, &cyrus[0]), 0);
    cyrus_check(sasl_setprop(cyrus[is_server], SASL_SEC_PROPS, &props), is_server);
}

static result cyrus_start(int is_server, message in, message *out)
{
    const char *text = NULL, *chosen = NULL;
    unsigned len = 0;
    int result;

    cyrus_open(is_server);
    if (is_server)
        result =
            sasl_server_start(cyrus[1], mechanism, (char *)in.data, (unsigned)in.len, &text, &len);
    else
        result = sasl_client_start(cyrus[0], mechanism, NULL, no_initial ? NULL : &text,
                                   no_initial ? NULL : &len, &chosen);
    cyrus_check(result, is_server);
    *out = copy_of(text, len);
    return result == SASL_OK ? DONE : MORE;
}

static result cyrus_step(int is_server, message in, message *out)
{
    const char *text = NULL;
    unsigned len = 0;
    const int result =
        is_server
            ? sasl_server_step(cyrus[1], (char *)in.data, (unsigned)in.len, &text, &len)
            : sasl_client_step(cyrus[0], (char *)in.data, (unsigned)in.len, NULL, &text, &len);

    cyrus_check(result, is_server);
    *out = copy_of(text, len);
    return result == SASL_OK ? DONE : MORE;
}

static int cyrus_client_done;

/* As its callers do: what comes with success is one more step, if it was not done before. */
static void cyrus_outcome(message data)
{
    message out;

    if (data.data != NULL && data.len != 0 && cyrus_step(0, data, &out) != DONE)
        fail("cyrus client", "not done after success");
    if (data.data == NULL && !cyrus_client_done)
        fail("cyrus client", "success too early");
}

static message cyrus_encode(int is_server, const uint8_t *data, size_t len, size_t *taken)
{
    const unsigned *limit = NULL;
    const char *text;
    unsigned text_len;

    cyrus_check(sasl_getprop(cyrus[is_server], SASL_MAXOUTBUF, (const void **)&limit), is_server);
    *taken = limit != NULL && *limit != 0 && *limit < len ? *limit : len;
    cyrus_check(
        sasl_encode(cyrus[is_server], (const char *)data, (unsigned)*taken, &text, &text_len),
        is_server);
    return copy_of(text, text_len);
}

static message cyrus_decode(int is_server, const uint8_t *data, size_t len, size_t *taken)
{
    const char *text;
    unsigned text_len;

    *taken = len;
    cyrus_check(sasl_decode(cyrus[is_server], (const char *)data, (unsigned)len, &text, &text_len),
                is_server);
    return copy_of(text, text_len);
}

static const char *cyrus_layer(int is_server)
{
    const int *ssf = NULL;

    cyrus_check(sasl_getprop(cyrus[is_server], SASL_SSF, (const void **)&ssf), is_server);
    return *ssf == 0 ? "none" : *ssf == 1 ? "integrity" : "confidentiality";
}

/* ---- Ours ------------------------------------------------------------------------------------ */

static spnego_sasl *ours[2];
static mech_gss krb5[2];

static void ours_check(int is_server, spnego_status status, const spnego_error *error)
{
    char line[200];

    if (status >= 0)
        return;
    spnego_error_format(line, sizeof line, error);
    fail(is_server ? "our server" : "our client", line);
}

static void ours_open(int is_server)
{
    static spnego_mech mechs[2];
    const spnego_bytes name = {(const uint8_t *)mechanism, strlen(mechanism)};
    const spnego_bytes target = {(const uint8_t *)"host@srv.rig.test", 17};
    spnego_config negotiation;
    spnego_sasl_config config;
    spnego_error error;

    krb5[is_server].role = is_server ? SPNEGO_ACCEPTOR : SPNEGO_INITIATOR;
    mechs[is_server] = mech_gss_krb5(&krb5[is_server]);
    spnego_config_init(&negotiation, sizeof negotiation, krb5[is_server].role);
    negotiation.mechs = &mechs[is_server];
    negotiation.num_mechs = 1;
    spnego_sasl_config_init(&config, sizeof config, spnego_sasl_find(name));
    config.negotiation = &negotiation;
    config.target = target;
    config.layers = strcmp(layer, "none") == 0        ? SPNEGO_SASL_NO_LAYER
                    : strcmp(layer, "integrity") == 0 ? SPNEGO_SASL_INTEGRITY
                                                      : SPNEGO_SASL_CONFIDENTIALITY;
    /* GSS-SPNEGO does not say how long a buffer may be, and Cyrus makes them as long as it can. */
    negotiation.limits.max_token = SPNEGO_SASL_MAX_BUFFER;
    if (config.mechanism == SPNEGO_SASL_GSSAPI)
        config.max_buffer = max_buffer;
    config.peer_buffer = max_buffer;
    config.no_initial = no_initial && !is_server;
    config.no_success_data = no_success_data && is_server;
    if (!is_server && authzid != NULL) {
        config.authzid.data = (const uint8_t *)authzid;
        config.authzid.len = strlen(authzid);
    }
    ours_check(is_server, spnego_sasl_create(&ours[is_server], &error, &config), &error);
}

/* The server's host: as Cyrus's above. */
static int may_act(void)
{
    const spnego_bytes id = spnego_sasl_authzid(ours[1]);

    return id.data == NULL || (id.len == 5 && memcmp(id.data, "other", 5) == 0) ||
           (id.len == 4 && memcmp(id.data, "user", 4) == 0);
}

static result ours_result(int is_server, spnego_status status, spnego_turn *turn, message *out)
{
    if (status == SPNEGO_PENDING)
        status = spnego_sasl_authorize(ours[is_server], turn, may_act());
    ours_check(is_server, status, spnego_sasl_error(ours[is_server]));
    *out = copy_of(turn->out.data, turn->out.len);
    return status == SPNEGO_COMPLETE ? DONE : MORE;
}

static spnego_bytes bytes_of(message m)
{
    const spnego_bytes bytes = {m.data, m.len};

    return bytes;
}

static result ours_start(int is_server, message in, message *out)
{
    spnego_turn turn;
    spnego_status status;

    ours_open(is_server);
    status = spnego_sasl_start(ours[is_server], &turn, bytes_of(in));
    return ours_result(is_server, status, &turn, out);
}

static result ours_step(int is_server, message in, message *out)
{
    spnego_turn turn;
    const spnego_status status = spnego_sasl_step(ours[is_server], &turn, bytes_of(in));

    return ours_result(is_server, status, &turn, out);
}

static void ours_outcome(message data)
{
    spnego_turn turn;

    ours_check(0, spnego_sasl_outcome(ours[0], &turn, 1, bytes_of(data)),
               spnego_sasl_error(ours[0]));
}

static message ours_encode(int is_server, const uint8_t *data, size_t len, size_t *taken)
{
    const spnego_bytes in = {data, len};
    spnego_turn turn;

    ours_check(is_server, spnego_sasl_send(ours[is_server], &turn, in),
               spnego_sasl_error(ours[is_server]));
    *taken = turn.taken;
    return copy_of(turn.out.data, turn.out.len);
}

static message ours_decode(int is_server, const uint8_t *data, size_t len, size_t *taken)
{
    const spnego_bytes in = {data, len};
    spnego_turn turn;

    ours_check(is_server, spnego_sasl_receive(ours[is_server], &turn, in),
               spnego_sasl_error(ours[is_server]));
    *taken = turn.taken;
    return copy_of(turn.data.data, turn.data.len);
}

static const char *ours_layer(int is_server)
{
    spnego_sasl_info info;

    if (!spnego_sasl_get_info(ours[is_server], &info))
        return "not established";
    return info.layer == SPNEGO_SASL_NO_LAYER    ? "none"
           : info.layer == SPNEGO_SASL_INTEGRITY ? "integrity"
                                                 : "confidentiality";
}

static const engine engines[] = {
    {"cyrus", cyrus_start, cyrus_step, cyrus_outcome, cyrus_encode, cyrus_decode, cyrus_layer},
    {"ours", ours_start, ours_step, ours_outcome, ours_encode, ours_decode, ours_layer}};

static const engine *engine_of(const char *name)
{
    return strcmp(name, "cyrus") == 0 ? &engines[0] : &engines[1];
}

/* ---- The two together ------------------------------------------------------------------------ */

/* As a protocol does: client and server take turns until the server says success. */
static int exchange(const engine *client, const engine *server)
{
    const message none = {NULL, 0};
    message to_server, to_client;
    int num_messages = 0;
    result of_client = client->start(0, none, &to_server);
    result of_server = server->start(1, to_server, &to_client);

    while (of_server == MORE) {
        if (++num_messages > 20)
            fail("both", "no end");
        of_client = client->step(0, to_client, &to_server);
        of_server = server->step(1, to_server, &to_client);
    }
    cyrus_client_done = of_client == DONE;
    client->outcome(to_client);
    return num_messages;
}

static void stream(const engine *from, const engine *to, int from_server, uint8_t first)
{
    static uint8_t sent[LEN], got[LEN];
    size_t num_got = 0, taken;

    for (size_t i = 0; i < LEN; i++)
        sent[i] = (uint8_t)(i * 31 + first);
    for (size_t at = 0; at < LEN; at += taken) {
        const message wire = from->encode(from_server, sent + at, LEN - at, &taken);

        /* In pieces, as a stream comes. */
        for (size_t k = 0, done; k < wire.len; k += done) {
            const size_t piece = wire.len - k < 1000 ? wire.len - k : 1000;
            const message data = to->decode(!from_server, wire.data + k, piece, &done);

            if (data.len > LEN - num_got)
                fail("stream", "too much");
            if (data.len != 0)
                memcpy(got + num_got, data.data, data.len);
            num_got += data.len;
            free(data.data);
        }
        free(wire.data);
    }
    if (num_got != LEN || memcmp(sent, got, LEN) != 0)
        fail("stream", "other octets");
}

int main(int argc, char **argv)
{
    const engine *client, *server;
    int num_messages;

    if (argc < 5)
        return 2;
    client = engine_of(argv[1]);
    server = engine_of(argv[2]);
    mechanism = argv[3];
    layer = argv[4];
    for (int i = 5; i < argc; i++)
        if (strncmp(argv[i], "maxbuf=", 7) == 0)
            max_buffer = (unsigned)atoi(argv[i] + 7);
        else if (strncmp(argv[i], "authzid=", 8) == 0)
            authzid = argv[i] + 8;
        else if (strncmp(argv[i], "none=", 5) == 0) {
            no_initial = strstr(argv[i], "initial") != NULL;
            no_success_data = strstr(argv[i], "success") != NULL;
        }
    num_messages = exchange(client, server);
    if (strcmp(client->layer(0), layer) != 0 || strcmp(server->layer(1), layer) != 0)
        fail(client->layer(0), server->layer(1));
    stream(client, server, 0, 1);
    stream(server, client, 1, 2);
    printf("ok: %d challenges, layer %s, %d octets each way\n", num_messages, layer, LEN);
    return 0;
}
