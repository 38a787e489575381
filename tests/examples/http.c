/*
 * HTTP Negotiate (RFC 4559) between two processes over loopback: a server that asks who it is, and
 * a client that fetches a page twice over one connection, the second time without being asked
 * again.
 */
#define _POSIX_C_SOURCE 200809L

#include "toy.h"

#include <spnego/spnego.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static spnego_http *create(spnego_role role, knock *mechanism, uint32_t options)
{
    const spnego_mech mech = {&knock_ops, mechanism, NULL, 0};
    spnego_config negotiation;
    spnego_http_config config;
    spnego_http *session;

    spnego_config_init(&negotiation, sizeof negotiation, role);
    negotiation.mechs = &mech;
    negotiation.num_mechs = 1;
    spnego_http_config_init(&config, sizeof config, role);
    config.negotiation = &negotiation;
    config.options = options;
    config.host = (spnego_bytes){(const uint8_t *)"localhost", 9};
    if (spnego_http_create(&session, NULL, &config) != SPNEGO_COMPLETE)
        exit(1);
    return session;
}

/* ---- As much of HTTP as is needed ------------------------------------------------------------ */

enum { MAX_FIELDS = 16 };
typedef struct head {
    char lines[MAX_FIELDS + 1][2000]; /* the first is no field */
    spnego_http_field fields[MAX_FIELDS];
    size_t num_fields;
} head;

/* Up to the empty line.  Returns 0 at the end of the stream, or if it is too much. */
static int read_head(head *out, FILE *stream)
{
    for (size_t n = 0; n <= MAX_FIELDS && fgets(out->lines[n], sizeof out->lines[n], stream); n++) {
        char *const line = out->lines[n], *colon;

        line[strcspn(line, "\r\n")] = '\0';
        if (line[0] == '\0') {
            out->num_fields = n - 1;
            return n != 0;
        }
        if (n == 0)
            continue;
        colon = strstr(line, ": ");
        if (colon == NULL)
            return 0;
        out->fields[n - 1].name = (spnego_bytes){(uint8_t *)line, (size_t)(colon - line)};
        out->fields[n - 1].value = (spnego_bytes){(uint8_t *)colon + 2, strlen(colon + 2)};
    }
    return 0;
}

static void write_head(FILE *stream, const char *first_line, const spnego_http_turn *turn)
{
    fprintf(stream, "%s\r\nContent-Length: 0\r\n", first_line);
    for (size_t i = 0; i < turn->num_fields; i++)
        fprintf(stream, "%.*s: %.*s\r\n", (int)turn->fields[i].name.len,
                (const char *)turn->fields[i].name.data, (int)turn->fields[i].value.len,
                (const char *)turn->fields[i].value.data);
    fputs("\r\n", stream);
    fflush(stream);
}

/* ---- The two ends ---------------------------------------------------------------------------- */

static void serve(FILE *in, FILE *out)
{
    static head request;
    knock mechanism = {1, 0};
    spnego_http *session = create(SPNEGO_ACCEPTOR, &mechanism, SPNEGO_HTTP_BOUND);
    spnego_http_turn turn;

    while (read_head(&request, in)) {
        const spnego_http_message message = {0, request.fields, request.num_fields};
        const spnego_status status = spnego_http_receive(session, &turn, &message);
        char line[40];

        snprintf(line, sizeof line, "HTTP/1.1 %d x", status == SPNEGO_COMPLETE ? 200 : turn.code);
        write_head(out, line, &turn);
        if (status < 0)
            break;
    }
    spnego_http_destroy(session);
}

static spnego_status fetch(spnego_http *session, FILE *in, FILE *out)
{
    static head response;
    spnego_http_turn turn = {0};
    spnego_status status;

    do {
        write_head(out, "GET / HTTP/1.1", &turn);
        if (!read_head(&response, in))
            return SPNEGO_ERR_IO;
        printf("%s\n", response.lines[0]);
        for (size_t i = 0; i < response.num_fields; i++)
            printf("  %s\n", response.lines[i + 1]);
        {
            const spnego_http_message message = {atoi(response.lines[0] + 9), response.fields,
                                                 response.num_fields};

            status = spnego_http_receive(session, &turn, &message);
        }
    } while (status == SPNEGO_CONTINUE && turn.num_fields != 0);
    return status;
}

static int run_client(FILE *in, FILE *out)
{
    knock mechanism = {0, 0};
    spnego_http *session = create(SPNEGO_INITIATOR, &mechanism, 0);
    spnego_http_info info;
    int good;

    good = fetch(session, in, out) == SPNEGO_COMPLETE && fetch(session, in, out) == SPNEGO_COMPLETE;
    good = good && spnego_http_get_info(session, &info) && info.confirmed && info.persistent;
    printf(good ? "both pages: the server is who it should be\n" : "failed\n");
    spnego_http_destroy(session);
    return good;
}

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    int s, good;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)&address, len) != 0 || listen(listener, 1) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &len) != 0)
        return 1;
    if (fork() == 0) {
        s = accept(listener, NULL, NULL);
        serve(fdopen(s, "r"), fdopen(dup(s), "w"));
        _exit(0);
    }
    s = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(s, (struct sockaddr *)&address, len) != 0)
        return 1;
    good = run_client(fdopen(s, "r"), fdopen(dup(s), "w"));
    shutdown(s, SHUT_RDWR);
    wait(NULL);
    return !good;
}
