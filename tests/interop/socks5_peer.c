/*
 * socks5_peer - a SOCKS 5 proxy, and a client of one, over spnego_socks5 and the mechanisms of a
 * GSS library: for tests/interop/socks5.sh.
 *
 *     socks5_peer server PORT_FILE [WORD...]
 *     socks5_peer client PROXY_PORT SERVICE@HOST TARGET_PORT [WORD...]
 *
 * The proxy takes a port of its own on loopback and writes its number into PORT_FILE; it serves one
 * client after the other until it is killed.  Each CONNECT is relayed to the port on loopback that
 * it names, whatever host it names.  The client fetches "/" and prints what comes.  A line on
 * standard error says how each session ended.
 *
 * WORD: "greets": the proxy's host does the greeting, and the session begins behind it; nec,
 * no-protection, spnego, ntlm, delegate, level=N, min=N; "tap=FILE": the client's octets, and the
 * proxy's, as lines "> HEX" and "< HEX".
 */
#define _POSIX_C_SOURCE 200809L

#include "mech_gss.h"

#include <spnego/socks5.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct peer {
    const char *name;
    mech_gss gss;
    spnego_mech mech;
    spnego_config negotiation;
    spnego_socks5_config config;
    spnego_socks5 *session;
    FILE *tap;
    int greets;
    int fd;
    spnego_status status;
} peer;

static void die(const char *what)
{
    perror(what);
    exit(2);
}

/* ---- Sockets --------------------------------------------------------------------------------- */

static struct sockaddr_in loopback(unsigned port)
{
    struct sockaddr_in address;

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)port);
    return address;
}

static int connect_to(unsigned port)
{
    const struct sockaddr_in address = loopback(port);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd < 0)
        die("socket");
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static int listen_and_tell(const char *port_file)
{
    struct sockaddr_in address = loopback(0);
    socklen_t len = sizeof address;
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    FILE *out;

    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) != 0 ||
        listen(fd, 8) != 0 || getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        die("listen");
    out = fopen(port_file, "w");
    if (out == NULL || fprintf(out, "%u\n", (unsigned)ntohs(address.sin_port)) < 0 ||
        fclose(out) != 0)
        die(port_file);
    return fd;
}

static void send_all(int fd, spnego_bytes octets)
{
    while (octets.len != 0) {
        const ssize_t sent = send(fd, octets.data, octets.len, MSG_NOSIGNAL);

        if (sent <= 0)
            return;
        octets.data += sent;
        octets.len -= (size_t)sent;
    }
}

/* ---- A session over a socket ----------------------------------------------------------------- */

static void tap(const peer *p, char direction, spnego_bytes octets)
{
    if (p->tap == NULL || octets.len == 0)
        return;
    fprintf(p->tap, "%c ", direction);
    for (size_t i = 0; i < octets.len; i++)
        fprintf(p->tap, "%02x", octets.data[i]);
    fprintf(p->tap, "\n");
    fflush(p->tap);
}

static void say(const peer *p, const spnego_turn *turn)
{
    tap(p, '>', turn->out);
    send_all(p->fd, turn->out);
}

static void report(const peer *p)
{
    spnego_socks5_info info;
    char line[300];

    if (spnego_socks5_get_info(p->session, &info)) {
        fprintf(stderr, "%s: established level=%d mech=%s %s deleg=%d\n", p->name, info.level,
                info.negotiation.mech->ops->name, info.negotiation.bare ? "bare" : "spnego",
                (info.negotiation.flags & SPNEGO_FLAG_DELEG) != 0);
        return;
    }
    spnego_error_format(line, sizeof line, spnego_socks5_error(p->session));
    fprintf(stderr, "%s: state=%s %s\n", p->name, spnego_socks5_state(p->session), line);
}

/* Reads once, and appends what there is for the application.  Returns 0 at the end. */
static int hear(peer *p, uint8_t *data, size_t *len, size_t size)
{
    uint8_t room[20000];
    const ssize_t got = recv(p->fd, room, sizeof room, 0);
    spnego_bytes in = {room, got > 0 ? (size_t)got : 0};
    spnego_turn turn;

    tap(p, '<', in);
    if (got <= 0) {
        p->status = spnego_socks5_end(p->session, &turn);
        say(p, &turn);
        return 0;
    }
    while (in.len != 0 && p->status >= 0) {
        p->status = spnego_socks5_receive(p->session, &turn, in);
        say(p, &turn);
        if (turn.data.len > size - *len)
            return 0;
        if (turn.data.len != 0)
            memcpy(data + *len, turn.data.data, turn.data.len);
        *len += turn.data.len;
        in.data += turn.taken;
        in.len -= turn.taken;
    }
    return p->status >= 0;
}

static int tell(peer *p, const void *data, size_t len)
{
    spnego_bytes in = {data, len};

    while (in.len != 0) {
        spnego_turn turn;

        p->status = spnego_socks5_send(p->session, &turn, in, 0);
        say(p, &turn);
        if (p->status < 0)
            return 0;
        in.data += turn.taken;
        in.len -= turn.taken;
    }
    return 1;
}

/* ---- RFC 1928 4 to 6: CONNECT alone -----------------------------------------------------------
 */

/* The length of the request at the beginning; 0 if more is needed. */
static size_t request_len(const uint8_t *data, size_t len)
{
    size_t address_len = 4;

    if (len < 5)
        return 0;
    if (data[3] == 3)
        address_len = 1u + data[4];
    else if (data[3] == 4)
        address_len = 16;
    return len < 4 + address_len + 2 ? 0 : 4 + address_len + 2;
}

static void relay(peer *p, int out)
{
    struct pollfd ends[2] = {{p->fd, POLLIN, 0}, {out, POLLIN, 0}};
    static uint8_t data[1 << 18];

    while (poll(ends, 2, -1) > 0) {
        size_t len = 0;

        if (ends[0].revents != 0) {
            const int goes_on = hear(p, data, &len, sizeof data);

            send_all(out, (spnego_bytes){data, len});
            if (!goes_on)
                return;
        }
        if (ends[1].revents != 0) {
            const ssize_t got = recv(out, data, sizeof data, 0);

            if (got <= 0 || !tell(p, data, (size_t)got))
                return;
        }
    }
}

/* A host that does the greeting of RFC 1928 3 itself. */
static int greet(peer *p)
{
    static const uint8_t selection[] = {5, SPNEGO_SOCKS5_METHOD_GSSAPI};
    uint8_t room[257];
    spnego_bytes in = {room, 0}, methods;
    size_t want = 0;

    while (spnego_socks5_greeting_read(&methods, &want, NULL, in) == SPNEGO_CONTINUE) {
        const ssize_t got = recv(p->fd, room + in.len, want - in.len, 0);

        if (got <= 0)
            return 0;
        in.len += (size_t)got;
    }
    if (methods.len == 0 || memchr(methods.data, SPNEGO_SOCKS5_METHOD_GSSAPI, methods.len) == NULL)
        return 0;
    send_all(p->fd, (spnego_bytes){selection, sizeof selection});
    return 1;
}

static void serve(peer *p)
{
    static const uint8_t refused[] = {5, 5, 0, 1, 0, 0, 0, 0, 0, 0};
    static const uint8_t granted[] = {5, 0, 0, 1, 0, 0, 0, 0, 0, 0};
    static uint8_t data[1 << 18];
    size_t len = 0, request = 0;
    int out;

    if (p->greets && !greet(p))
        return;
    while (request == 0) {
        if (!hear(p, data, &len, sizeof data))
            return;
        request = request_len(data, len);
    }
    out = connect_to((unsigned)data[request - 2] << 8 | data[request - 1]);
    if (!tell(p, out < 0 ? refused : granted, sizeof granted) || out < 0)
        return;
    send_all(out, (spnego_bytes){data + request, len - request});
    relay(p, out);
    close(out);
}

static int fetch(peer *p, unsigned port)
{
    uint8_t request[] = {5, 1, 0, 1, 127, 0, 0, 1, (uint8_t)(port >> 8), (uint8_t)port};
    static const char get[] = "GET / HTTP/1.0\r\n\r\n";
    static uint8_t data[1 << 20];
    size_t len = 0;

    while (p->status != SPNEGO_COMPLETE)
        if (!hear(p, data, &len, sizeof data))
            return 1;
    if (!tell(p, request, sizeof request))
        return 1;
    while (len < 10)
        if (!hear(p, data, &len, sizeof data))
            return 1;
    if (data[1] != 0 || !tell(p, get, sizeof get - 1))
        return 1;
    while (hear(p, data, &len, sizeof data))
        ;
    fwrite(data + 10, 1, len - 10, stdout);
    return p->status != SPNEGO_COMPLETE;
}

/* ---- The program ------------------------------------------------------------------------------
 */

static void take_words(peer *p, char **words)
{
    int ntlm = 0;

    p->config.options = SPNEGO_SOCKS5_OPTION_GREETING;
    for (; *words != NULL; words++) {
        if (strcmp(*words, "nec") == 0)
            p->config.options |= SPNEGO_SOCKS5_OPTION_NEC;
        else if (strcmp(*words, "no-protection") == 0)
            p->config.options |= SPNEGO_SOCKS5_OPTION_NO_PROTECTION;
        else if (strcmp(*words, "spnego") == 0)
            p->config.options |= SPNEGO_SOCKS5_OPTION_SPNEGO;
        else if (strcmp(*words, "delegate") == 0)
            p->config.options |= SPNEGO_SOCKS5_OPTION_DELEGATE;
        else if (strcmp(*words, "greets") == 0)
            p->greets = 1;
        else if (strncmp(*words, "level=", 6) == 0)
            p->config.level = atoi(*words + 6);
        else if (strncmp(*words, "min=", 4) == 0)
            p->config.min_level = atoi(*words + 4);
        else if (strncmp(*words, "tap=", 4) == 0)
            p->tap = fopen(*words + 4, "a");
        else if (strcmp(*words, "ntlm") == 0)
            ntlm = 1;
        else {
            fprintf(stderr, "no such word: %s\n", *words);
            exit(2);
        }
    }
    if (p->greets)
        p->config.options &= ~SPNEGO_SOCKS5_OPTION_GREETING;
    p->mech = ntlm ? mech_gss_ntlmssp(&p->gss) : mech_gss_krb5(&p->gss);
}

static void open_peer(peer *p, spnego_role role, const char *target, char **words)
{
    memset(p, 0, sizeof *p);
    p->name = role == SPNEGO_ACCEPTOR ? "server" : "client";
    p->gss.role = role;
    spnego_config_init(&p->negotiation, sizeof p->negotiation, role);
    p->negotiation.mechs = &p->mech;
    p->negotiation.num_mechs = 1;
    spnego_socks5_config_init(&p->config, sizeof p->config);
    p->config.negotiation = &p->negotiation;
    take_words(p, words);
    if (target != NULL)
        p->config.target = (spnego_bytes){(const uint8_t *)target, strlen(target)};
    p->status = spnego_socks5_create(&p->session, NULL, &p->config);
    if (p->status != SPNEGO_COMPLETE) {
        fprintf(stderr, "%s: no session: %s\n", p->name, spnego_status_describe(p->status)->name);
        exit(2);
    }
    p->status = SPNEGO_CONTINUE;
}

static void close_peer(peer *p)
{
    report(p);
    close(p->fd);
    spnego_socks5_destroy(p->session);
    mech_gss_release(&p->gss);
    if (p->tap != NULL)
        fclose(p->tap);
}

static void be_server(const char *port_file, char **words)
{
    const int listening = listen_and_tell(port_file);

    for (;;) {
        const int fd = accept(listening, NULL, NULL);
        peer p;

        if (fd < 0)
            die("accept");
        open_peer(&p, SPNEGO_ACCEPTOR, NULL, words);
        p.fd = fd;
        serve(&p);
        close_peer(&p);
    }
}

static int be_client(const char *port, const char *target, const char *target_port, char **words)
{
    spnego_turn turn;
    int result;
    peer p;

    open_peer(&p, SPNEGO_INITIATOR, target, words);
    p.fd = connect_to((unsigned)atoi(port));
    if (p.fd < 0)
        die("connect");
    p.status = spnego_socks5_start(p.session, &turn);
    say(&p, &turn);
    result = fetch(&p, (unsigned)atoi(target_port));
    close_peer(&p);
    return result;
}

int main(int argc, char **argv)
{
    if (argc >= 3 && strcmp(argv[1], "server") == 0)
        be_server(argv[2], argv + 3);
    if (argc >= 5 && strcmp(argv[1], "client") == 0)
        return be_client(argv[2], argv[3], argv[4], argv + 5);
    fprintf(stderr, "socks5_peer server PORT_FILE [WORD...]\n"
                    "socks5_peer client PROXY_PORT SERVICE@HOST TARGET_PORT [WORD...]\n");
    return 2;
}
