/*
 * One side of MS-NNS, ours, over the mechanisms of mech_gss.h and a socket.
 *
 *   nns_peer client|server PORT [--mechs krb5,ntlm] [--level none|sign|encrypt]
 *            [--impersonation identification|impersonation|delegation] [--target SERVICE@HOST]
 *            [--bind TEXT] [--octets N] [--twice yes] [--trace FILE]
 *
 * Once established the client sends N octets, the server as many back, and the client closes.  At
 * the end a line: "complete level=LEVEL octets=N mech=NAME" or "failure RULE code=HRESULT".
 */
#define _POSIX_C_SOURCE 200809L
#include "mech_gss.h"

#include <spnego/nns.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct {
    int is_client;
    int fd;
    FILE *trace;
    size_t octets; /* to send, and to receive */
    size_t sent, received;
    spnego_nns *session;
    const char *failure;
} side;

static const char *const level_names[] = {"none", "sign", "encrypt"};
static const char *const impersonation_names[] = {"", "identification", "impersonation",
                                                  "delegation"};

static int index_of(const char *const *names, int num, const char *name)
{
    for (int i = 0; i < num; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    fprintf(stderr, "no such level: %s\n", name);
    exit(2);
}

static const char *option(char **argv, const char *name, const char *otherwise)
{
    for (; *argv != NULL; argv++)
        if (strcmp(*argv, name) == 0 && argv[1] != NULL)
            return argv[1];
    return otherwise;
}

/* ---- The connection -------------------------------------------------------------------------- */

static void connect_or_accept(const char *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    const int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    int ok;

    address.sin_port = htons((uint16_t)atoi(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (side.is_client) {
        ok = connect(fd, (const void *)&address, sizeof address) == 0;
        side.fd = fd;
    } else {
        ok = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
             bind(fd, (const void *)&address, sizeof address) == 0 && listen(fd, 1) == 0;
        puts("ready");
        fflush(stdout);
        side.fd = ok ? accept(fd, NULL, NULL) : -1;
        close(fd);
    }
    if (!ok || side.fd < 0) {
        perror("nns_peer");
        exit(2);
    }
}

/* The handshake, for vectors; data is no one's business. */
static void trace(char direction, spnego_bytes octets)
{
    if (side.trace == NULL || octets.len == 0)
        return;
    fprintf(side.trace, "%c ", direction);
    for (size_t i = 0; i < octets.len; i++)
        fprintf(side.trace, "%02x", octets.data[i]);
    fprintf(side.trace, "\n");
}

static void send_all(spnego_bytes out)
{
    while (out.len != 0) {
        const ssize_t sent = send(side.fd, out.data, out.len, MSG_NOSIGNAL);

        if (sent <= 0)
            return; /* what the peer has to say comes to light when it is read */
        out.data += sent;
        out.len -= (size_t)sent;
    }
}

/* ---- Data ------------------------------------------------------------------------------------ */

static uint8_t pattern(size_t at, int by_client)
{
    return (uint8_t)(at * 7 + (at >> 8) + 31u * (by_client ? 1 : 2));
}

static void take_data(spnego_bytes data)
{
    for (size_t i = 0; i < data.len; i++)
        if (data.data[i] != pattern(side.received++, !side.is_client))
            side.failure = "another octet";
}

static spnego_status send_data(void)
{
    uint8_t *const data = malloc(side.octets + 1);
    spnego_status status = SPNEGO_COMPLETE;
    spnego_bytes left = {data, side.octets};
    spnego_turn turn;

    if (data == NULL)
        exit(2);
    for (size_t i = 0; i < side.octets; i++)
        data[i] = pattern(i, side.is_client);
    while (left.len != 0 && status == SPNEGO_COMPLETE) {
        status = spnego_nns_send(side.session, &turn, left);
        send_all(turn.out);
        left.data += turn.taken;
        left.len -= turn.taken;
    }
    side.sent = side.octets - left.len;
    free(data);
    return status;
}

/* ---- The session ----------------------------------------------------------------------------- */

static spnego_status take(spnego_bytes in)
{
    spnego_status status;
    spnego_turn turn;

    do {
        const int handshake = strcmp(spnego_nns_state(side.session), "Authenticated") != 0;

        status = spnego_nns_receive(side.session, &turn, in);
        if (handshake) {
            trace('<', (spnego_bytes){in.data, turn.taken});
            trace('>', turn.out);
        }
        send_all(turn.out);
        take_data(turn.data);
        in.data += turn.taken;
        in.len -= turn.taken;
    } while (status >= 0 && in.len != 0);
    return status;
}

/* The client's part is over when all has come back; the server's when the client has closed. */
static spnego_status converse(spnego_status status)
{
    uint8_t room[50000];
    spnego_turn turn;

    while (status >= 0) {
        ssize_t len;

        if (status == SPNEGO_COMPLETE && side.sent < side.octets &&
            (side.is_client || side.received == side.octets))
            status = send_data();
        if (status < 0 ||
            (status == SPNEGO_COMPLETE && side.is_client && side.received == side.octets))
            return status;
        len = recv(side.fd, room, sizeof room, 0);
        if (len <= 0)
            return spnego_nns_end(side.session, &turn);
        status = take((spnego_bytes){room, (size_t)len});
    }
    return status;
}

static spnego_status run(void)
{
    spnego_turn turn;
    const spnego_status status = spnego_nns_start(side.session, &turn);

    trace('>', turn.out);
    send_all(turn.out);
    return converse(status);
}

static spnego_bytes text(const char *words)
{
    const spnego_bytes bytes = {(const uint8_t *)words, words == NULL ? 0 : strlen(words)};

    return bytes;
}

static void on_event(void *user, const spnego_event *event)
{
    char line[300];

    (void)user;
    spnego_event_format(line, sizeof line, event);
    fprintf(stderr, "%s\n", line);
}

static int report(spnego_status status, const char *established)
{
    const char *name = spnego_nns_code_name(spnego_nns_error_code(side.session));

    if (status == SPNEGO_COMPLETE && side.failure == NULL && side.received == side.octets) {
        printf("complete %s octets=%zu\n", established, side.octets);
    } else {
        char line[300];

        spnego_error_format(line, sizeof line, spnego_nns_error(side.session));
        fprintf(stderr, "%s\n", line);
        printf("failure %s code=%s\n",
               side.failure != NULL
                   ? side.failure
                   : spnego_rule_describe(spnego_nns_error(side.session)->rule)->name,
               name != NULL ? name : "-");
    }
    return 0;
}

static const char *established;
static char established_text[100];

/* What was negotiated, told when it is. */
static int accept_peer(void *user, const spnego_info *info)
{
    (void)user;
    snprintf(established_text, sizeof established_text, "level=%s mech=%s%s",
             info->flags & SPNEGO_FLAG_CONF    ? "encrypt"
             : info->flags & SPNEGO_FLAG_INTEG ? "sign"
                                               : "none",
             info->mech->ops->name, info->bare ? " bare" : "");
    established = established_text;
    return 1;
}

int main(int argc, char **argv)
{
    const char *mech_names = option(argv, "--mechs", "krb5,ntlm");
    const char *trace_name = option(argv, "--trace", NULL);
    mech_gss instances[2];
    spnego_mech mechs[2];
    spnego_config negotiation;
    spnego_nns_config config;
    spnego_error error;
    spnego_status status;

    if (argc < 3)
        return 2;
    memset(instances, 0, sizeof instances);
    side.is_client = strcmp(argv[1], "client") == 0;
    side.octets = (size_t)atol(option(argv, "--octets", "0"));
    side.trace = trace_name == NULL ? NULL : fopen(trace_name, "w");
    spnego_config_init(&negotiation, sizeof negotiation,
                       side.is_client ? SPNEGO_INITIATOR : SPNEGO_ACCEPTOR);
    negotiation.mechs = mechs;
    negotiation.on_event = on_event;
    instances[0].role = instances[1].role = negotiation.role;
    if (strstr(mech_names, "krb5") != NULL) {
        mechs[negotiation.num_mechs] = mech_gss_krb5(&instances[negotiation.num_mechs]);
        negotiation.num_mechs++;
    }
    if (strstr(mech_names, "ntlm") != NULL) {
        mechs[negotiation.num_mechs] = mech_gss_ntlmssp(&instances[negotiation.num_mechs]);
        negotiation.num_mechs++;
    }
    spnego_nns_config_init(&config, sizeof config, &negotiation);
    config.protection =
        (spnego_nns_protection)index_of(level_names, 3, option(argv, "--level", "encrypt"));
    config.impersonation = (spnego_nns_impersonation)index_of(
        impersonation_names, 4,
        option(argv, "--impersonation", side.is_client ? "impersonation" : "identification"));
    config.target = text(option(argv, "--target", "host@srv.rig.test"));
    config.channel_bindings = text(option(argv, "--bind", NULL));
    config.accept_peer = accept_peer;
    config.options = option(argv, "--twice", NULL) != NULL ? SPNEGO_NNS_OPTION_ERROR_CODE_TWICE : 0;
    if (spnego_nns_create(&side.session, &error, &config) != SPNEGO_COMPLETE) {
        printf("failure %s\n", spnego_rule_describe(error.rule)->name);
        return 0;
    }
    connect_or_accept(argv[2]);
    status = run();
    close(side.fd);
    report(status, established == NULL ? "" : established);
    spnego_nns_destroy(side.session);
    mech_gss_release(&instances[0]);
    mech_gss_release(&instances[1]);
    if (side.trace != NULL)
        fclose(side.trace);
    return 0;
}
