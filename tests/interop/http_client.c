/*
 * Our initiator as a client:  http_client HOST PORT PATH [requests=N] [unasked] [unconfirmed]
 *                                 [proxy] [bare] [mutual] [krb5] [ntlm]
 *
 * Fetches the page N times over one connection, and prints for each of them what the status code
 * and the page are, and what there is to say of the server.  The ticket, or the user of NTLM, is
 * that of the environment.
 */
#include "http_wire.h"
#include "mech_gss.h"

#include <netdb.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct job {
    const char *host, *port, *path;
    int num_requests;
    uint32_t options, negotiation, required;
    bool unasked, krb5, ntlm;
} job;

typedef struct side {
    mech_gss instances[2];
    spnego_mech mechs[2];
    spnego_config config;
} side;

static void side_begin(side *s, const job *j)
{
    size_t num = 0;

    memset(s, 0, sizeof *s);
    s->instances[0].role = s->instances[1].role = SPNEGO_INITIATOR;
    if (j->krb5)
        s->mechs[num++] = mech_gss_krb5(&s->instances[0]);
    if (j->ntlm)
        s->mechs[num++] = mech_gss_ntlmssp(&s->instances[1]);
    spnego_config_init(&s->config, sizeof s->config, SPNEGO_INITIATOR);
    s->config.mechs = s->mechs;
    s->config.num_mechs = num;
    s->config.options = j->negotiation;
    s->config.required_flags = j->required;
}

static void side_end(side *s)
{
    mech_gss_release(&s->instances[0]);
    mech_gss_release(&s->instances[1]);
}

static int dial(const job *j)
{
    const struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found;
    int s;

    if (getaddrinfo(j->host, j->port, &hints, &found) != 0)
        return -1;
    s = socket(AF_INET, SOCK_STREAM, 0);
    if (s >= 0 && connect(s, found->ai_addr, found->ai_addrlen) != 0) {
        close(s);
        s = -1;
    }
    freeaddrinfo(found);
    return s;
}

static void ask(FILE *out, const job *j, const spnego_http_turn *turn)
{
    fprintf(out, "GET %s%s%s HTTP/1.1\r\nHost: %s:%s\r\n",
            j->options & SPNEGO_HTTP_PROXY ? "http://" : "",
            j->options & SPNEGO_HTTP_PROXY ? j->host : "", j->path, j->host, j->port);
    wire_put_fields(out, turn);
    fputs("\r\n", out);
    fflush(out);
}

static void report(const spnego_http *http, spnego_status status, int code, int num_sent,
                   const wire_message *response, const char *page)
{
    spnego_http_info info;
    char line[300];

    printf("%d sent=%d", code, num_sent);
    if (status < 0) {
        (void)spnego_error_format(line, sizeof line, spnego_http_error(http));
        printf(" %s", line);
    } else if (spnego_http_get_info(http, &info)) {
        printf(" established mech=%s mics=%d confirmed=%d persistent=%d",
               info.confirmed ? info.negotiation.mech->ops->name : "?",
               info.negotiation.mics_exchanged, info.confirmed, info.persistent);
    } else {
        printf(" unasked");
    }
    printf(" user=%s page=%.*s\n", wire_field(response, "X-User"), (int)strcspn(page, "\n"), page);
}

/* One page, with all the requests that it takes.  Returns 0 if the connection has ended. */
static int fetch(const job *j, spnego_http *http, side sides[2], unsigned *current, FILE *in,
                 FILE *out)
{
    static wire_message response;
    spnego_http_message message = {0, response.fields, 0};
    spnego_http_turn turn = {0};
    spnego_status status = SPNEGO_CONTINUE;
    int code, num_sent = 0;
    char page[512];

    if (j->unasked || strcmp(spnego_http_state(http), "start") != 0)
        status = spnego_http_start(http, &turn);
    if (turn.restart) {
        *current = !*current;
        side_begin(&sides[*current], j);
        status = spnego_http_restart(http, &sides[*current].config);
        side_end(&sides[!*current]);
        if (status == SPNEGO_COMPLETE)
            status = spnego_http_start(http, &turn);
    }
    if (status < 0) {
        response.num_fields = 0;
        report(http, status, 0, 0, &response, "");
        return 0;
    }
    do {
        ask(out, j, &turn);
        num_sent++;
        if (!wire_read_head(&response, in) ||
            wire_read_body(page, sizeof page, &response, in) < 0) {
            printf("the connection ended\n");
            return 0;
        }
        code = atoi(response.first_line + strcspn(response.first_line, " "));
        message = (spnego_http_message){code, response.fields, response.num_fields};
        status = spnego_http_receive(http, &turn, &message);
    } while (status == SPNEGO_CONTINUE && turn.num_fields != 0);
    report(http, status, code, num_sent, &response, page);
    return status >= 0 && strcasecmp(wire_field(&response, "Connection"), "close") != 0;
}

static void take_word(job *j, const char *word)
{
    if (strncmp(word, "requests=", 9) == 0)
        j->num_requests = atoi(word + 9);
    else if (strcmp(word, "unasked") == 0)
        j->unasked = true;
    else if (strcmp(word, "unconfirmed") == 0)
        j->options |= SPNEGO_HTTP_TAKE_UNCONFIRMED;
    else if (strcmp(word, "proxy") == 0)
        j->options |= SPNEGO_HTTP_PROXY;
    else if (strcmp(word, "bare") == 0)
        j->negotiation |= SPNEGO_OPTION_BARE;
    else if (strcmp(word, "mutual") == 0)
        j->required |= SPNEGO_FLAG_MUTUAL;
    else if (strcmp(word, "krb5") == 0)
        j->krb5 = true;
    else if (strcmp(word, "ntlm") == 0)
        j->ntlm = true;
    else
        exit(2);
}

int main(int argc, char **argv)
{
    job j = {.num_requests = 1};
    spnego_http_config config;
    spnego_http *http;
    side sides[2];
    unsigned current = 0;
    FILE *in, *out;
    int s;

    if (argc < 4)
        return 2;
    j.host = argv[1];
    j.port = argv[2];
    j.path = argv[3];
    for (int i = 4; i < argc; i++)
        take_word(&j, argv[i]);
    if (!j.krb5 && !j.ntlm)
        j.krb5 = j.ntlm = true;
    s = dial(&j);
    if (s < 0 || (in = fdopen(s, "r")) == NULL || (out = fdopen(dup(s), "w")) == NULL) {
        perror("http_client");
        return 1;
    }
    side_begin(&sides[0], &j);
    memset(&sides[1], 0, sizeof sides[1]);
    spnego_http_config_init(&config, sizeof config, SPNEGO_INITIATOR);
    config.negotiation = &sides[0].config;
    config.host = (spnego_bytes){(const uint8_t *)j.host, strlen(j.host)};
    config.options = j.options;
    if (spnego_http_create(&http, NULL, &config) != SPNEGO_COMPLETE)
        return 1;
    while (j.num_requests-- > 0 && fetch(&j, http, sides, &current, in, out))
        ;
    spnego_http_destroy(http);
    side_end(&sides[0]);
    side_end(&sides[1]);
    fclose(in);
    fclose(out);
    return 0;
}
