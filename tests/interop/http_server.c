/*
 * A site behind our acceptor:  http_server PORT [proxy] [bound] [rebind] [bare] [error-token]
 *                                               [krb5] [ntlm] [mics]
 *
 * It answers each request that is authenticated with a line that says who it was, and prints each
 * answer.  A connection has a process, and a session.  As a proxy it asks with 407 and is itself
 * the site.  The keytab and the users of NTLM are those of the environment.
 */
#include "http_wire.h"
#include "mech_gss.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct site {
    int port;
    uint32_t options;     /* SPNEGO_HTTP_*   */
    uint32_t negotiation; /* SPNEGO_OPTION_* */
    bool krb5, ntlm;
} site;

/* One negotiation's mechanisms, in our order: Kerberos first. */
typedef struct side {
    mech_gss instances[2];
    spnego_mech mechs[2];
    spnego_config config;
} side;

static void side_begin(side *s, const site *of)
{
    size_t num = 0;

    memset(s, 0, sizeof *s);
    s->instances[0].role = s->instances[1].role = SPNEGO_ACCEPTOR;
    if (of->krb5)
        s->mechs[num++] = mech_gss_krb5(&s->instances[0]);
    if (of->ntlm)
        s->mechs[num++] = mech_gss_ntlmssp(&s->instances[1]);
    spnego_config_init(&s->config, sizeof s->config, SPNEGO_ACCEPTOR);
    s->config.mechs = s->mechs;
    s->config.num_mechs = num;
    s->config.options = of->negotiation;
}

static void side_end(side *s)
{
    mech_gss_release(&s->instances[0]);
    mech_gss_release(&s->instances[1]);
}

/* The user's name, or "" if nobody is known. */
static void name_user(char *out, size_t size, const spnego_http *http)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    gss_name_t name = GSS_C_NO_NAME;
    spnego_http_info info;
    OM_uint32 minor;

    out[0] = '\0';
    if (!spnego_http_get_info(http, &info))
        return;
    (void)gss_inquire_context(&minor, ((const mech_gss *)info.negotiation.mech->self)->context,
                              &name, NULL, NULL, NULL, NULL, NULL, NULL);
    if (name != GSS_C_NO_NAME && gss_display_name(&minor, name, &text, NULL) == GSS_S_COMPLETE)
        snprintf(out, size, "%.*s", (int)text.length, (const char *)text.value);
    (void)gss_release_name(&minor, &name);
    (void)gss_release_buffer(&minor, &text);
}

static void answer(FILE *stream, const spnego_http *http, const spnego_http_turn *turn,
                   spnego_status status, long body_len)
{
    char user[256], page[512], line[300] = "";
    spnego_http_info info;
    const int code = turn->code != 0 ? turn->code : 200;

    name_user(user, sizeof user, http);
    if (spnego_http_get_info(http, &info))
        snprintf(page, sizeof page, "user=%s mech=%s mics=%d bare=%d body=%ld\n", user,
                 info.negotiation.mech->ops->name, info.negotiation.mics_exchanged,
                 info.negotiation.bare, body_len);
    else
        snprintf(page, sizeof page, "nobody\n");
    if (status < 0)
        (void)spnego_error_format(line, sizeof line, spnego_http_error(http));
    printf("%d %s %s", code, line, page);
    fflush(stdout);
    fprintf(stream, "HTTP/1.1 %d x\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n", code,
            strlen(page));
    wire_put_fields(stream, turn);
    fprintf(stream, "%sX-User: %s\r\n\r\n%s", status < 0 ? "Connection: close\r\n" : "", user,
            page);
    fflush(stream);
}

static void serve(const site *of, int connection)
{
    static wire_message request;
    FILE *const in = fdopen(connection, "r"), *const out = fdopen(dup(connection), "w");
    side sides[2]; /* the one in use, and the one that a restart replaces it by */
    spnego_http_config config;
    spnego_http *http;
    unsigned current = 0;

    side_begin(&sides[0], of);
    memset(&sides[1], 0, sizeof sides[1]);
    spnego_http_config_init(&config, sizeof config, SPNEGO_ACCEPTOR);
    config.negotiation = &sides[0].config;
    config.options = of->options;
    if (in == NULL || out == NULL || spnego_http_create(&http, NULL, &config) != SPNEGO_COMPLETE)
        exit(1);
    while (wire_read_head(&request, in)) {
        const spnego_http_message message = {0, request.fields, request.num_fields};
        spnego_http_turn turn;
        spnego_status status = spnego_http_receive(http, &turn, &message);
        char body[2];

        if (turn.restart) {
            current = !current;
            side_begin(&sides[current], of);
            if (spnego_http_restart(http, &sides[current].config) != SPNEGO_COMPLETE)
                exit(1);
            side_end(&sides[!current]);
            status = spnego_http_receive(http, &turn, &message);
        }
        if (*wire_field(&request, "Expect") != '\0') {
            fputs("HTTP/1.1 100 Continue\r\n\r\n", out);
            fflush(out);
        }
        answer(out, http, &turn, status, wire_read_body(body, sizeof body, &request, in));
        if (status < 0)
            break;
    }
    spnego_http_destroy(http);
    side_end(&sides[0]);
    side_end(&sides[1]);
    fclose(in);
    fclose(out);
    exit(0);
}

static void take_word(site *out, const char *word)
{
    static const struct {
        const char *word;
        uint32_t option, negotiation;
        bool krb5, ntlm;
    } words[] = {{"proxy", SPNEGO_HTTP_PROXY, 0, false, false},
                 {"bound", SPNEGO_HTTP_BOUND, 0, false, false},
                 {"rebind", SPNEGO_HTTP_REBIND, 0, false, false},
                 {"error-token", SPNEGO_HTTP_ERROR_TOKEN, 0, false, false},
                 {"bare", 0, SPNEGO_OPTION_TAKE_BARE, false, false},
                 {"mics", 0, SPNEGO_OPTION_REQUIRE_MIC, false, false},
                 {"krb5", 0, 0, true, false},
                 {"ntlm", 0, 0, false, true}};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i].word, word) == 0) {
            out->options |= words[i].option;
            out->negotiation |= words[i].negotiation;
            out->krb5 |= words[i].krb5;
            out->ntlm |= words[i].ntlm;
            return;
        }
    fprintf(stderr, "http_server: no such word: %s\n", word);
    exit(2);
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    site self = {0};
    const int on = 1, listener = socket(AF_INET, SOCK_STREAM, 0);

    for (int i = 2; i < argc; i++)
        take_word(&self, argv[i]);
    if (!self.krb5 && !self.ntlm)
        self.krb5 = self.ntlm = true;
    address.sin_port = htons((uint16_t)(argc > 1 ? atoi(argv[1]) : 0));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    signal(SIGCHLD, SIG_IGN);
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(listener, (const struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 16) != 0) {
        perror("http_server");
        return 1;
    }
    for (;;) {
        const int connection = accept(listener, NULL, NULL);

        if (connection < 0)
            continue;
        if (fork() == 0) {
            close(listener);
            signal(SIGCHLD, SIG_DFL);
            serve(&self, connection);
        }
        close(connection);
    }
}
