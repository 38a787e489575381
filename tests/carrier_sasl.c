#include "carrier_sasl.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "toy_setting.h"

typedef struct sasl_run {
    spnego_sasl *session;
    const carrier_file *file;
    const toy_side *side;
} sasl_run;

/* ---- Settings -------------------------------------------------------------------------------- */

static uint32_t layers_of(const char *value, const char *path)
{
    const struct {
        const char *name;
        uint32_t bit;
    } words[] = {{"none", SPNEGO_SASL_NO_LAYER},
                 {"integrity", SPNEGO_SASL_INTEGRITY},
                 {"confidentiality", SPNEGO_SASL_CONFIDENTIALITY}};
    uint32_t layers = 0;
    char copy[64];

    snprintf(copy, sizeof copy, "%s", value);
    for (char *name = strtok(copy, " "); name != NULL; name = strtok(NULL, " ")) {
        const uint32_t before = layers;

        for (size_t i = 0; i < LEN(words); i++)
            if (strcmp(words[i].name, name) == 0)
                layers |= words[i].bit;
        cr_assert_neq(layers, before, "%s: no such layer: %s", path, name);
    }
    return layers;
}

static spnego_bytes text_setting(const carrier_file *file, const char *name)
{
    const char *const value = carrier_setting_of(file, name, NULL);

    return value == NULL ? (spnego_bytes){NULL, 0} : der_of(value);
}

static size_t number(const carrier_file *file, const char *name)
{
    return (size_t)strtoul(carrier_setting_of(file, name, "0"), NULL, 0);
}

void sasl_config_of(spnego_sasl_config *config, const carrier_file *file, toy_side *side)
{
    const char *const mechanism = carrier_setting_of(file, "mechanism", "GSS-SPNEGO");
    const char *const tolerate = carrier_setting_of(file, "tolerate", "");

    spnego_sasl_config_init(
        config, sizeof *config,
        spnego_sasl_find((spnego_bytes){(const uint8_t *)mechanism, strlen(mechanism)}));
    cr_assert_neq(config->mechanism, SPNEGO_SASL_NONE, "%s: no mechanism: %s", file->base.path,
                  mechanism);
    side->config.limits.max_token = number(file, "max_token");
    config->negotiation = &side->config;
    config->layers = layers_of(carrier_setting_of(file, "layers", "none integrity confidentiality"),
                               file->base.path);
    config->flags = toy_flags_of(carrier_setting_of(file, "asks", ""), file->base.path);
    config->tolerate = strstr(tolerate, "BOTH_BITS") != NULL ? SPNEGO_SASL_TAKE_BOTH_BITS : 0;
    config->no_initial = (int)number(file, "no_initial");
    config->no_success_data = (int)number(file, "no_success_data");
    config->authzid = text_setting(file, "authzid");
    config->target = text_setting(file, "target");
    config->channel_bindings = text_setting(file, "bindings");
    config->max_buffer = number(file, "max_buffer");
    config->peer_buffer = number(file, "peer_buffer");
    config->wrap_overhead = number(file, "wrap_overhead");
}

/* ---- What the peer says ---------------------------------------------------------------------- */

/* toy_mech.h says what a wrapped message looks like. */
static spnego_bytes wrapped(spnego_bytes message, int by_acceptor, int conf)
{
    const size_t len = 2 + message.len;
    uint8_t *const token = malloc(len + 16);

    cr_assert_not_null(token);
    token[0] = 'W';
    token[1] = conf != 0;
    for (size_t i = 0; i < message.len; i++)
        token[2 + i] = (uint8_t)(message.data[i] ^ (conf ? 0x55 : 0));
    toy_mic(token + len, "X", by_acceptor, 1, (spnego_bytes){token, len});
    return (spnego_bytes){token, len + 16};
}

spnego_bytes sasl_octets_of(const char *words, spnego_role own_role)
{
    words += strspn(words, " ");
    if (*words == '\0')
        return (spnego_bytes){NULL, 0};
    if (strcmp(words, "empty") == 0)
        return (spnego_bytes){(const uint8_t *)words, 0};
    if (strncmp(words, "wrapped", 7) == 0)
        return wrapped(der_of(words + 7), own_role == SPNEGO_INITIATOR, 0);
    if (strncmp(words, "sealed", 6) == 0)
        return wrapped(der_of(words + 6), own_role == SPNEGO_INITIATOR, 1);
    return der_of(words);
}

/* ---- The driver ------------------------------------------------------------------------------ */

static void *sasl_open(const carrier_file *file, toy_side *side)
{
    sasl_run *const r = calloc(1, sizeof *r);
    spnego_sasl_config config;
    spnego_error error;

    cr_assert_not_null(r);
    r->file = file;
    r->side = side;
    sasl_config_of(&config, file, side);
    cr_assert_eq(spnego_sasl_create(&r->session, &error, &config), SPNEGO_COMPLETE, "%s: %s",
                 file->base.path, spnego_rule_describe(error.rule)->name);
    return r;
}

static void sasl_close(void *run)
{
    sasl_run *const r = run;

    spnego_sasl_destroy(r->session);
    free(r);
}

static spnego_status sasl_start(void *run, spnego_turn *turn)
{
    const sasl_run *const r = run;

    return spnego_sasl_start(r->session, turn, (spnego_bytes){NULL, 0});
}

static spnego_status sasl_receive(void *run, spnego_turn *turn, spnego_bytes in)
{
    const sasl_run *const r = run;

    return spnego_sasl_receive(r->session, turn, in);
}

static spnego_status sasl_send(void *run, spnego_turn *turn, spnego_bytes data)
{
    const sasl_run *const r = run;

    return spnego_sasl_send(r->session, turn, data);
}

static spnego_status sasl_end(void *run, spnego_turn *turn)
{
    const sasl_run *const r = run;

    return spnego_sasl_end(r->session, turn);
}

/* The host's word where it is asked, `authorize`, which is the identity that it grants. */
static spnego_status sasl_resume(void *run, spnego_turn *turn)
{
    const sasl_run *const r = run;
    const spnego_bytes authzid = spnego_sasl_authzid(r->session);
    const char *const granted = carrier_setting_of(r->file, "authorize", NULL);

    if (strcmp(spnego_sasl_state(r->session), "authorize") != 0)
        return spnego_sasl_resume(r->session, turn);
    return spnego_sasl_authorize(r->session, turn,
                                 granted == NULL ? authzid.data == NULL
                                                 : same_octets(authzid, der_of(granted)));
}

static spnego_status sasl_act(void *run, spnego_turn *turn, const char *words)
{
    const sasl_run *const r = run;
    const size_t verb = strcspn(words, " ");
    const spnego_bytes octets = sasl_octets_of(words + verb, r->side->config.role);

    if (strncmp(words, "initial", verb) == 0)
        return spnego_sasl_start(r->session, turn, octets);
    if (strncmp(words, "challenge", verb) == 0 || strncmp(words, "response", verb) == 0)
        return spnego_sasl_step(r->session, turn, octets);
    if (strncmp(words, "success", verb) == 0)
        return spnego_sasl_outcome(r->session, turn, 1, octets);
    if (strncmp(words, "failure", verb) == 0)
        return spnego_sasl_outcome(r->session, turn, 0, octets);
    cr_assert_fail("%s: no such move: %s", r->file->base.path, words);
    return SPNEGO_ERR_USAGE;
}

static const char *sasl_state(const void *run)
{
    const sasl_run *const r = run;

    return spnego_sasl_state(r->session);
}

static const spnego_error *sasl_error(const void *run)
{
    const sasl_run *const r = run;

    return spnego_sasl_error(r->session);
}

static const char *const sasl_settings[] = {SASL_SETTINGS, "authorize", NULL};

const carrier_driver sasl_driver = {.name = "sasl",
                                    .settings = sasl_settings,
                                    .is_stream = 1,
                                    .open = sasl_open,
                                    .close = sasl_close,
                                    .start = sasl_start,
                                    .receive = sasl_receive,
                                    .resume = sasl_resume,
                                    .send = sasl_send,
                                    .end = sasl_end,
                                    .act = sasl_act,
                                    .state = sasl_state,
                                    .error = sasl_error};
