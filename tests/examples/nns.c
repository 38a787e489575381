/*
 * A client and a server of the .NET NegotiateStream protocol (MS-NNS) over a socket, in two
 * processes: they authenticate, the client sends a line, the server answers, the client closes.
 */
#include "sockets.h"
#include "toy.h"

typedef struct side {
    const char *name;
    int fd;
    spnego_nns *session;
    char heard[100]; /* what the peer's application has said */
    size_t heard_len;
} side;

static spnego_bytes text(const char *words)
{
    const spnego_bytes bytes = {(const uint8_t *)words, strlen(words)};

    return bytes;
}

static void hear(side *s, spnego_bytes data)
{
    if (data.len <= sizeof s->heard - s->heard_len) {
        if (data.len != 0)
            memcpy(s->heard + s->heard_len, data.data, data.len);
        s->heard_len += data.len;
    }
}

/* What one read of the socket brings may be a part of a message, or several. */
static spnego_status receive(side *s)
{
    uint8_t room[4096];
    const ssize_t len = read(s->fd, room, sizeof room);
    spnego_bytes in = {room, len > 0 ? (size_t)len : 0};
    spnego_status status;
    spnego_turn turn;

    if (len <= 0)
        return spnego_nns_end(s->session, &turn);
    do {
        status = spnego_nns_receive(s->session, &turn, in);
        send_all(s->fd, turn.out); /* also when it failed: then it says why */
        hear(s, turn.data);
        in.data += turn.taken;
        in.len -= turn.taken;
    } while (status >= 0 && in.len != 0);
    return status;
}

static spnego_status say(side *s, const char *words)
{
    spnego_bytes data = text(words);
    spnego_status status = SPNEGO_COMPLETE;
    spnego_turn turn;

    while (status == SPNEGO_COMPLETE && data.len != 0) {
        status = spnego_nns_send(s->session, &turn, data);
        send_all(s->fd, turn.out);
        data.data += turn.taken;
        data.len -= turn.taken;
    }
    return status;
}

static spnego_status authenticate(side *s)
{
    spnego_turn turn;
    spnego_status status = spnego_nns_start(s->session, &turn);

    send_all(s->fd, turn.out);
    while (status == SPNEGO_CONTINUE)
        status = receive(s);
    return status;
}

static void report(const side *s, spnego_status status)
{
    static const char *const levels[] = {"nothing", "signing", "encryption"};
    spnego_nns_levels negotiated;
    spnego_info info;
    char line[300];

    if (spnego_nns_info(s->session, &info, &negotiated)) {
        printf("%s: %s, with %s\n", s->name, info.mech->ops->name, levels[negotiated.protection]);
    } else {
        spnego_error_format(line, sizeof line, spnego_nns_error(s->session));
        printf("%s: %s (%d), state %s\n", s->name, line, (int)status, spnego_nns_state(s->session));
    }
}

/* Returns 1 if all went well. */
static int run(int fd, spnego_role role)
{
    side s = {role == SPNEGO_INITIATOR ? "client" : "server", fd, NULL, "", 0};
    knock instance = {role == SPNEGO_ACCEPTOR, 0};
    const spnego_mech mechs[] = {{&knock_ops, &instance, NULL, 0}};
    spnego_config negotiation;
    spnego_nns_config config;
    spnego_status status;

    spnego_config_init(&negotiation, sizeof negotiation, role);
    negotiation.mechs = mechs;
    negotiation.num_mechs = 1;
    spnego_nns_config_init(&config, sizeof config, &negotiation); /* encryption is required */
    config.target = text("host@server.example");
    if (spnego_nns_create(&s.session, NULL, &config) != SPNEGO_COMPLETE)
        return 0;
    status = authenticate(&s);
    report(&s, status);
    if (status == SPNEGO_COMPLETE && role == SPNEGO_INITIATOR)
        status = say(&s, "is anybody there?");
    while (status == SPNEGO_COMPLETE && s.heard_len == 0)
        status = receive(&s);
    if (status == SPNEGO_COMPLETE && role == SPNEGO_ACCEPTOR)
        status = say(&s, "nobody but us");
    printf("%s: heard '%.*s'\n", s.name, (int)s.heard_len, s.heard);
    spnego_nns_close(s.session);
    spnego_nns_destroy(s.session);
    return status == SPNEGO_COMPLETE;
}

int main(void)
{
    return run_both(run);
}
