/* SOCKS 5 for vectors/carriers/: settings `level`, `min_level`, `max_plaintext`, `conf` (1: what is
 * sent must be encrypted), `target`, and `socks5_options`.  Words of the script: "close",
 * "send-datagram NOTATION" and "datagram NOTATION", one that came. */
#include <criterion/criterion.h>
#include <spnego/socks5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "carrier_driver.h"
#include "support.h"

typedef struct driven {
    spnego_socks5 *session;
    int conf;
} driven;

static const struct {
    const char *name;
    uint32_t bit;
} options[] = {{"GREETING", SPNEGO_SOCKS5_OPTION_GREETING},
               {"SPNEGO", SPNEGO_SOCKS5_OPTION_SPNEGO},
               {"NEC", SPNEGO_SOCKS5_OPTION_NEC},
               {"NO_PROTECTION", SPNEGO_SOCKS5_OPTION_NO_PROTECTION},
               {"DELEGATE", SPNEGO_SOCKS5_OPTION_DELEGATE},
               {"UDP", SPNEGO_SOCKS5_OPTION_UDP}};

static uint32_t options_of(const char *value, const char *path)
{
    uint32_t bits = 0;
    char copy[128];

    snprintf(copy, sizeof copy, "%s", value);
    for (const char *name = strtok(copy, " "); name != NULL; name = strtok(NULL, " ")) {
        size_t i = 0;

        while (i < LEN(options) && strcmp(options[i].name, name) != 0)
            i++;
        cr_assert_lt(i, LEN(options), "%s: no such option: %s", path, name);
        bits |= options[i].bit;
    }
    return bits;
}

static int number_of(const carrier_file *file, const char *name)
{
    return atoi(carrier_setting_of(file, name, "0"));
}

static void *open_session(const carrier_file *file, toy_side *side)
{
    const char *target = carrier_setting_of(file, "target", "rcmd@proxy.example.org");
    driven *d = calloc(1, sizeof *d);
    spnego_socks5_config config;

    cr_assert_not_null(d);
    spnego_socks5_config_init(&config, sizeof config);
    config.negotiation = &side->config;
    config.options = options_of(carrier_setting_of(file, "socks5_options", ""), file->base.path);
    config.target = (spnego_bytes){(const uint8_t *)target, strlen(target)};
    config.level = number_of(file, "level");
    config.min_level = number_of(file, "min_level");
    config.max_plaintext = (size_t)number_of(file, "max_plaintext");
    d->conf = number_of(file, "conf");
    cr_assert_eq(spnego_socks5_create(&d->session, NULL, &config), SPNEGO_COMPLETE, "%s",
                 file->base.path);
    return d;
}

static void close_session(void *session)
{
    driven *d = session;

    spnego_socks5_destroy(d->session);
    free(d);
}

static spnego_socks5 *session_of(const void *session)
{
    const driven *d = session;

    return d->session;
}

static spnego_status start(void *session, spnego_turn *turn)
{
    return spnego_socks5_start(session_of(session), turn);
}

static spnego_status receive(void *session, spnego_turn *turn, spnego_bytes in)
{
    return spnego_socks5_receive(session_of(session), turn, in);
}

static spnego_status resume(void *session, spnego_turn *turn)
{
    return spnego_socks5_resume(session_of(session), turn);
}

static spnego_status send_data(void *session, spnego_turn *turn, spnego_bytes data)
{
    const driven *d = session;

    return spnego_socks5_send(d->session, turn, data, d->conf);
}

static spnego_status end(void *session, spnego_turn *turn)
{
    return spnego_socks5_end(session_of(session), turn);
}

static spnego_status act(void *session, spnego_turn *turn, const char *words)
{
    const driven *d = session;

    if (strcmp(words, "close") == 0)
        return spnego_socks5_close(d->session, turn);
    if (strncmp(words, "send-datagram", 13) == 0)
        return spnego_socks5_send_datagram(d->session, turn, der_of(words + 13), d->conf);
    cr_assert(strncmp(words, "datagram", 8) == 0, "no such words: %s", words);
    return spnego_socks5_receive_datagram(d->session, turn, der_of(words + 8));
}

static const char *state(const void *session)
{
    return spnego_socks5_state(session_of(session));
}

static const spnego_error *error(const void *session)
{
    return spnego_socks5_error(session_of(session));
}

static const char *const settings[] = {
    "level", "min_level", "max_plaintext", "conf", "target", "socks5_options", NULL};

const carrier_driver socks5_driver = {.name = "socks5",
                                      .settings = settings,
                                      .is_stream = 1,
                                      .open = open_session,
                                      .close = close_session,
                                      .start = start,
                                      .receive = receive,
                                      .resume = resume,
                                      .send = send_data,
                                      .end = end,
                                      .act = act,
                                      .state = state,
                                      .error = error};
