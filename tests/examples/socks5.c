/*
 * A SOCKS 5 client asks a proxy, over a socket and in two processes, for a connection: with the
 * GSS-API's method (RFC 1961), so that the request, its answer and all that follows are encrypted.
 * The proxy answers what it is sent in place of connecting to anyone.
 */
#include "sockets.h"
#include "toy.h"

typedef struct side {
    const char *name;
    int fd;
    spnego_socks5 *session;
    uint8_t heard[100]; /* what the peer's application has said */
    size_t heard_len;
} side;

static int hear(side *s, spnego_bytes data)
{
    if (data.len > sizeof s->heard - s->heard_len)
        return 0;
    if (data.len != 0)
        memcpy(s->heard + s->heard_len, data.data, data.len);
    s->heard_len += data.len;
    return 1;
}

/* What one read of the socket brings may be a part of a frame, or several. */
static spnego_status receive(side *s)
{
    uint8_t room[4096];
    const ssize_t len = read(s->fd, room, sizeof room);
    spnego_bytes in = {room, len > 0 ? (size_t)len : 0};
    spnego_status status;
    spnego_turn turn;

    if (len <= 0) {
        status = spnego_socks5_end(s->session, &turn);
        return status < 0 ? status : SPNEGO_ERR_IO;
    }
    do {
        status = spnego_socks5_receive(s->session, &turn, in);
        if (!send_all(s->fd, turn.out) || !hear(s, turn.data)) /* also when it failed */
            return SPNEGO_ERR_IO;
        in.data += turn.taken;
        in.len -= turn.taken;
    } while (status >= 0 && in.len != 0);
    return status;
}

static spnego_status say(side *s, const void *data, size_t len)
{
    spnego_bytes left = {data, len};
    spnego_status status = SPNEGO_COMPLETE;

    while (status >= 0 && left.len != 0) {
        spnego_turn turn;

        status = spnego_socks5_send(s->session, &turn, left, 1);
        if (!send_all(s->fd, turn.out))
            return SPNEGO_ERR_IO;
        left.data += turn.taken;
        left.len -= turn.taken;
    }
    return status;
}

static spnego_status hear_all(side *s, size_t len)
{
    spnego_status status = SPNEGO_COMPLETE;

    s->heard_len = 0;
    while (status >= 0 && s->heard_len < len)
        status = receive(s);
    return status;
}

static spnego_status authenticate(side *s, spnego_role role)
{
    spnego_status status = SPNEGO_CONTINUE;
    spnego_turn turn;

    if (role == SPNEGO_INITIATOR) {
        status = spnego_socks5_start(s->session, &turn);
        send_all(s->fd, turn.out);
    }
    while (status == SPNEGO_CONTINUE)
        status = receive(s);
    return status;
}

/* RFC 1928 4, 6: CONNECT to port 80 of 192.0.2.1, and that it is granted. */
static const uint8_t request[] = {5, 1, 0, 1, 192, 0, 2, 1, 0, 80};
static const uint8_t reply[] = {5, 0, 0, 1, 192, 0, 2, 1, 0, 80};
static const char question[] = "is anybody there?", answer[] = "nobody but us";

static spnego_status talk_as_client(side *s)
{
    if (say(s, request, sizeof request) < 0 || hear_all(s, sizeof reply) < 0 || s->heard[1] != 0 ||
        say(s, question, strlen(question)) < 0)
        return SPNEGO_ERR_IO;
    return hear_all(s, strlen(answer));
}

static spnego_status talk_as_proxy(side *s)
{
    if (hear_all(s, sizeof request) < 0 || say(s, reply, sizeof reply) < 0 ||
        hear_all(s, strlen(question)) < 0)
        return SPNEGO_ERR_IO;
    return say(s, answer, strlen(answer));
}

static void report(const side *s)
{
    spnego_socks5_info info;
    char line[300];

    if (spnego_socks5_get_info(s->session, &info)) {
        printf("%s: %s, level %d\n", s->name, info.negotiation.mech->ops->name, info.level);
    } else {
        spnego_error_format(line, sizeof line, spnego_socks5_error(s->session));
        printf("%s: %s, state %s\n", s->name, line, spnego_socks5_state(s->session));
    }
}

/* Returns 1 if all went well. */
static int run(int fd, spnego_role role)
{
    side s = {role == SPNEGO_INITIATOR ? "client" : "proxy", fd, NULL, "", 0};
    knock instance = {role == SPNEGO_ACCEPTOR, 0};
    const spnego_mech mechs[] = {{&knock_ops, &instance, NULL, 0}};
    spnego_config negotiation;
    spnego_socks5_config config;
    spnego_status status;

    spnego_config_init(&negotiation, sizeof negotiation, role);
    negotiation.mechs = mechs;
    negotiation.num_mechs = 1;
    spnego_socks5_config_init(&config, sizeof config);
    config.negotiation = &negotiation;
    config.options = SPNEGO_SOCKS5_OPTION_GREETING;
    config.target = (spnego_bytes){(const uint8_t *)"rcmd@proxy.example.org", 22};
    config.min_level = SPNEGO_SOCKS5_LEVEL_CONFIDENTIALITY;
    if (spnego_socks5_create(&s.session, NULL, &config) != SPNEGO_COMPLETE)
        return 0;
    status = authenticate(&s, role);
    report(&s);
    if (status == SPNEGO_COMPLETE)
        status = role == SPNEGO_INITIATOR ? talk_as_client(&s) : talk_as_proxy(&s);
    printf("%s: heard '%.*s'\n", s.name, (int)s.heard_len, (const char *)s.heard);
    spnego_socks5_destroy(s.session);
    return status == SPNEGO_COMPLETE;
}

int main(void)
{
    return run_both(run);
}
