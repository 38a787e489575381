/* MS-NNS for tests/test_carriers.c.  Its settings: protection, impersonation, nns_options, target,
 * bindings, max_token, and accept (no: the application refuses the peer).  Its words: close, and
 * levels, which says what was negotiated. */
#include "carrier_driver.h"
#include "carrier_recorded.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <spnego/nns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

typedef struct word {
    const char *name;
    uint32_t value;
} word;

static const word protections[] = {
    {"none", SPNEGO_NNS_NONE}, {"sign", SPNEGO_NNS_SIGN}, {"encrypt", SPNEGO_NNS_ENCRYPT_AND_SIGN}};
static const word impersonations[] = {{"identification", SPNEGO_NNS_IDENTIFICATION},
                                      {"impersonation", SPNEGO_NNS_IMPERSONATION},
                                      {"delegation", SPNEGO_NNS_DELEGATION}};
static const word options[] = {{"LONG_PAYLOADS", SPNEGO_NNS_OPTION_LONG_PAYLOADS},
                               {"STRICT_PAYLOADS", SPNEGO_NNS_OPTION_STRICT_PAYLOADS},
                               {"EXACT_IMPERSONATION", SPNEGO_NNS_OPTION_EXACT_IMPERSONATION},
                               {"EXACT_PROTECTION", SPNEGO_NNS_OPTION_EXACT_PROTECTION},
                               {"ERROR_CODE_TWICE", SPNEGO_NNS_OPTION_ERROR_CODE_TWICE}};

static uint32_t value_of(const carrier_file *file, const word *words, size_t num,
                         const char *setting, uint32_t otherwise)
{
    const char *name = carrier_setting_of(file, setting, NULL);

    for (size_t i = 0; name != NULL && i < num; i++)
        if (strcmp(words[i].name, name) == 0)
            return words[i].value;
    cr_assert_null(name, "%s: no such %s: %s", file->base.path, setting, name);
    return otherwise;
}

static spnego_bytes text_of(const carrier_file *file, const char *setting)
{
    const char *text = carrier_setting_of(file, setting, NULL);

    return (spnego_bytes){(const uint8_t *)text, text == NULL ? 0 : strlen(text)};
}

static int refuse(void *user, const spnego_info *info)
{
    (void)user, (void)info;
    return 0;
}

static void *open_session(const carrier_file *file, toy_side *side)
{
    spnego_nns_config config;
    spnego_nns *session;

    recorded_set_up(file, side);
    side->config.limits.max_token = (size_t)atoi(carrier_setting_of(file, "max_token", "0"));
    spnego_nns_config_init(&config, sizeof config, &side->config);
    config.protection = (spnego_nns_protection)value_of(file, protections, LEN(protections),
                                                        "protection", (uint32_t)config.protection);
    config.impersonation = (spnego_nns_impersonation)value_of(
        file, impersonations, LEN(impersonations), "impersonation", (uint32_t)config.impersonation);
    config.options = value_of(file, options, LEN(options), "nns_options", 0);
    config.target = text_of(file, "target");
    config.channel_bindings = text_of(file, "bindings");
    if (strcmp(carrier_setting_of(file, "accept", "yes"), "no") == 0)
        config.accept_peer = refuse;
    return spnego_nns_create(&session, NULL, &config) == SPNEGO_COMPLETE ? session : NULL;
}

static void close_session(void *session)
{
    spnego_nns_destroy(session);
}

static spnego_status start(void *session, spnego_turn *turn)
{
    return spnego_nns_start(session, turn);
}

static spnego_status receive(void *session, spnego_turn *turn, spnego_bytes in)
{
    return spnego_nns_receive(session, turn, in);
}

static spnego_status resume(void *session, spnego_turn *turn)
{
    return spnego_nns_resume(session, turn);
}

static spnego_status send(void *session, spnego_turn *turn, spnego_bytes data)
{
    return spnego_nns_send(session, turn, data);
}

static spnego_status end(void *session, spnego_turn *turn)
{
    return spnego_nns_end(session, turn);
}

static spnego_status act(void *session, spnego_turn *turn, const char *words)
{
    spnego_info info;
    spnego_nns_levels levels;

    memset(turn, 0, sizeof *turn);
    if (strcmp(words, "close") == 0)
        return spnego_nns_close(session);
    cr_assert_str_eq(words, "levels");
    if (!spnego_nns_info(session, &info, &levels))
        return SPNEGO_ERR_USAGE;
    turn->data.data = (const uint8_t *)(levels.protection == SPNEGO_NNS_NONE   ? "none"
                                        : levels.protection == SPNEGO_NNS_SIGN ? "sign"
                                                                               : "encrypt");
    turn->data.len = strlen((const char *)turn->data.data);
    return SPNEGO_COMPLETE;
}

/* With the code of the HandshakeError that was sent or received. */
static const char *state(const void *session)
{
    static char text[96];
    const uint32_t code = spnego_nns_error_code(session);
    const char *name = spnego_nns_code_name(code);

    if (code == 0)
        return spnego_nns_state(session);
    snprintf(text, sizeof text, "%s/%08" PRIx32 "%s%s", spnego_nns_state(session), code,
             name != NULL ? "/" : "", name != NULL ? name : "");
    return text;
}

static const spnego_error *error(const void *session)
{
    return spnego_nns_error(session);
}

static const char *const settings[] = {"protection", "impersonation",   "nns_options",
                                       "target",     "bindings",        "max_token",
                                       "accept",     RECORDED_SETTINGS, NULL};

const carrier_driver nns_driver = {"nns", settings, 1,      open_session, close_session,
                                   start, receive,  resume, send,         end,
                                   act,   state,    error};
