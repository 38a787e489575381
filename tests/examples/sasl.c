/*
 * SASL between two processes: GSSAPI with an authorization identity, then a line each way through
 * the security layer.
 *
 * The protocol around it is as small as can be: a message is a letter (A initial response, C
 * challenge, R response, S success, F failure), 'y' if it has data or 'n' if it has none, and the
 * data behind two octets of length.
 */
#include "sockets.h"
#include "toy.h"

static const spnego_bytes absent = {NULL, 0};
static uint8_t room[65536];

/* ---- Messages -------------------------------------------------------------------------------- */

static int receive_all(int fd, uint8_t *data, size_t len)
{
    while (len != 0) {
        const ssize_t n = read(fd, data, len);

        if (n <= 0)
            return 0;
        data += n;
        len -= (size_t)n;
    }
    return 1;
}

static int say(int fd, char letter, spnego_bytes data)
{
    const uint8_t head[] = {(uint8_t)letter, data.data != NULL ? 'y' : 'n',
                            (uint8_t)(data.len >> 8), (uint8_t)data.len};

    return data.len < sizeof room && send_all(fd, (spnego_bytes){head, sizeof head}) &&
           send_all(fd, data);
}

/* The letter, or 0 if the other is gone. */
static char hear(int fd, spnego_bytes *data)
{
    uint8_t head[4];

    *data = absent;
    if (!receive_all(fd, head, sizeof head))
        return 0;
    data->len = (size_t)head[2] << 8 | head[3];
    data->data = head[1] == 'y' ? room : NULL;
    return receive_all(fd, room, data->len) ? (char)head[0] : 0;
}

/* ---- Sessions -------------------------------------------------------------------------------- */

static spnego_sasl *create(knock *mechanism, spnego_role role)
{
    const spnego_mech mech = {&krb5_ops, mechanism, NULL, 0};
    spnego_config negotiation;
    spnego_sasl_config config;
    spnego_sasl *session;

    spnego_config_init(&negotiation, sizeof negotiation, role);
    negotiation.mechs = &mech;
    negotiation.num_mechs = 1;
    spnego_sasl_config_init(&config, sizeof config, SPNEGO_SASL_GSSAPI);
    config.negotiation = &negotiation;
    config.layers = SPNEGO_SASL_CONFIDENTIALITY;
    if (role == SPNEGO_INITIATOR) {
        config.target = (spnego_bytes){(const uint8_t *)"imap@mail.example", 17};
        config.authzid = (spnego_bytes){(const uint8_t *)"postmaster", 10};
    }
    return spnego_sasl_create(&session, NULL, &config) == SPNEGO_COMPLETE ? session : NULL;
}

/* Through the layer, in as many buffers as it takes. */
static int send_line(int fd, spnego_sasl *session, const char *line)
{
    spnego_bytes rest = {(const uint8_t *)line, strlen(line)};
    spnego_turn turn;

    for (; rest.len != 0; rest.data += turn.taken, rest.len -= turn.taken)
        if (spnego_sasl_send(session, &turn, rest) != SPNEGO_COMPLETE || !send_all(fd, turn.out))
            return 0;
    return 1;
}

static int print_line(int fd, spnego_sasl *session, const char *who)
{
    uint8_t octet = 0;
    spnego_turn turn;

    printf("%s: ", who);
    for (char last = 0; last != '\n';) {
        const spnego_bytes in = {&octet, 1};

        if (!receive_all(fd, &octet, 1) ||
            spnego_sasl_receive(session, &turn, in) != SPNEGO_COMPLETE)
            return 0;
        for (size_t i = 0; i < turn.data.len; i++)
            putchar(last = (char)turn.data.data[i]);
    }
    return 1;
}

static int client(int fd)
{
    knock mechanism = {0, 0};
    spnego_sasl *session = create(&mechanism, SPNEGO_INITIATOR);
    spnego_turn turn;
    spnego_bytes data;
    spnego_status status = SPNEGO_ERR_USAGE;
    int good;

    if (session != NULL)
        status = spnego_sasl_start(session, &turn, absent);
    good = status == SPNEGO_CONTINUE && say(fd, 'A', turn.out);
    while (good && status == SPNEGO_CONTINUE) {
        const char letter = hear(fd, &data);

        status = letter == 'C' ? spnego_sasl_step(session, &turn, data)
                               : spnego_sasl_outcome(session, &turn, letter == 'S', data);
        good = status != SPNEGO_CONTINUE || say(fd, 'R', turn.out);
    }
    good = good && status == SPNEGO_COMPLETE && send_line(fd, session, "is there any mail?\n") &&
           print_line(fd, session, "client hears");
    spnego_sasl_destroy(session);
    return good;
}

static int server(int fd)
{
    knock mechanism = {1, 0};
    spnego_sasl *session = create(&mechanism, SPNEGO_ACCEPTOR);
    spnego_turn turn;
    spnego_bytes data;
    spnego_status status = SPNEGO_CONTINUE;
    int good = session != NULL && hear(fd, &data) == 'A';

    if (good)
        status = spnego_sasl_start(session, &turn, data);
    while (good && status == SPNEGO_CONTINUE) {
        good = say(fd, 'C', turn.out) && hear(fd, &data) == 'R';
        if (good)
            status = spnego_sasl_step(session, &turn, data);
        if (status == SPNEGO_PENDING) {
            const spnego_bytes id = spnego_sasl_authzid(session);

            printf("server: may the client act as %.*s?  It may.\n", (int)id.len,
                   id.data != NULL ? (const char *)id.data : "");
            status = spnego_sasl_authorize(session, &turn, 1);
        }
    }
    good = good && say(fd, status == SPNEGO_COMPLETE ? 'S' : 'F', turn.out) &&
           status == SPNEGO_COMPLETE && print_line(fd, session, "server hears") &&
           send_line(fd, session, "none\n");
    spnego_sasl_destroy(session);
    return good;
}

static int run(int fd, spnego_role role)
{
    return role == SPNEGO_INITIATOR ? client(fd) : server(fd);
}

int main(void)
{
    return run_both(run);
}
