/*
 * HTTP as tests/test_carriers.c drives it.  Its script is words:
 *
 *     request Authorization: Negotiate {60{ ... }} | Other: field      the server receives
 *     response 401 WWW-Authenticate: Negotiate                          the client receives
 *     restart                                                           with fresh mechanisms
 *     info                                                              who it is
 *     asked                                    what the mechanism Kerberos was asked for
 *
 * Fields have " | " between; octets in braces stand for their base64, which is computed here; \t is
 * a tab and \q a backslash; "x*N" of a field's whole value is that letter N times.  What the
 * session says is shown in the same way: the status code, then fields, tokens in hexadecimal.
 */
#include "carrier_driver.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

#include <spnego/http.h>

enum { MAX_FIELDS = 8, MAX_SIDES = 4, MAX_TEXT = 1 << 17 };

typedef struct http_driven {
    toy_side *side; /* of the first negotiation; of those after a restart: */
    toy_side later[MAX_SIDES];
    size_t num_later;
    spnego_http *http;
    spnego_http_config config;
    char *said;
} http_driven;

/* ---- Text ------------------------------------------------------------------------------------ */

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static char *put_base64(char *to, spnego_bytes octets)
{
    uint32_t bits = 0;
    int num_bits = 0, num_digits = 0;

    for (size_t i = 0; i < octets.len; i++) {
        bits = bits << 8 | octets.data[i];
        for (num_bits += 8; num_bits >= 6; num_digits++)
            *to++ = digits[bits >> (num_bits -= 6) & 63];
    }
    if (num_bits != 0) {
        *to++ = digits[bits << (6 - num_bits) & 63];
        num_digits++;
    }
    while (num_digits++ % 4 != 0)
        *to++ = '=';
    return to;
}

/* A header field's value as the file has it, up to `end`. */
static spnego_bytes value_of(const char *from, const char *end)
{
    const char *star = memchr(from, '*', (size_t)(end - from));
    char *const text = malloc(2 * (size_t)(end - from) + MAX_TEXT);
    char *to = text, notation[1024];

    cr_assert_not_null(text);
    if (star == from + 1 && atoi(star + 1) > 0) {
        memset(text, from[0], (size_t)atoi(star + 1));
        return (spnego_bytes){(const uint8_t *)text, (size_t)atoi(star + 1)};
    }
    while (from < end) {
        if (*from == '{') {
            int depth = 1;
            size_t len = 0;

            for (from++; from < end && (depth += (*from == '{') - (*from == '}')) != 0; from++)
                notation[len++] = *from;
            notation[len] = '\0';
            from++;
            to = put_base64(to, der_of(notation));
        } else if (*from == '\\') {
            *to++ = from[1] == 't' ? '\t' : '\\';
            from += 2;
        } else {
            *to++ = *from++;
        }
    }
    return (spnego_bytes){(const uint8_t *)text, (size_t)(to - text)};
}

/* Each line of what is said, tokens in braces. */
static char *put_value(char *to, spnego_bytes value)
{
    static const char head[] = "Negotiate ";
    uint32_t bits = 0;
    int num_bits = 0;

    if (value.len < sizeof head - 1 || memcmp(value.data, head, sizeof head - 1) != 0)
        return to + sprintf(to, "%.*s", (int)value.len, (const char *)value.data);
    to += sprintf(to, "%s{", head);
    for (size_t i = sizeof head - 1; i < value.len && value.data[i] != '='; i++) {
        const char *digit = strchr(digits, value.data[i]);

        cr_assert(digit != NULL && value.data[i] != '\0', "no base64");
        bits = bits << 6 | (uint32_t)(digit - digits);
        for (num_bits += 6; num_bits >= 8;)
            to += sprintf(to, "%02x", bits >> (num_bits -= 8) & 0xff);
    }
    return to + sprintf(to, "}");
}

static void show(http_driven *d, spnego_turn *turn, const spnego_http_turn *said)
{
    char *to = d->said;

    *turn = (spnego_turn){{NULL, 0}, {NULL, 0}, 0};
    if (said->code != 0)
        to += sprintf(to, "%d\n", said->code);
    if (said->restart)
        to += sprintf(to, "restart\n");
    for (size_t i = 0; i < said->num_fields; i++) {
        to += sprintf(to, "%.*s: ", (int)said->fields[i].name.len,
                      (const char *)said->fields[i].name.data);
        to = put_value(to, said->fields[i].value);
        *to++ = '\n';
    }
    if (to != d->said)
        turn->out = (spnego_bytes){(const uint8_t *)d->said, (size_t)(to - d->said - 1)};
}

/* ---- Calls ----------------------------------------------------------------------------------- */

static spnego_status receive_words(http_driven *d, spnego_turn *turn, const char *words, int code)
{
    spnego_http_field fields[MAX_FIELDS];
    spnego_http_message message = {code, fields, 0};
    spnego_http_turn said;
    spnego_status status;

    while (*words != '\0') {
        const char *const bar = strstr(words, " | ");
        const char *const end = bar != NULL ? bar : words + strlen(words);
        const char *const colon = strchr(words, ':');
        const char *value;

        cr_assert(colon != NULL && colon < end && message.num_fields < MAX_FIELDS, "%s", words);
        value = colon + 1 + (colon[1] == ' ');
        fields[message.num_fields++] = (spnego_http_field){
            {(const uint8_t *)words, (size_t)(colon - words)}, value_of(value, end)};
        words = bar != NULL ? bar + 3 : end;
    }
    status = spnego_http_receive(d->http, &said, &message);
    show(d, turn, &said);
    for (size_t i = 0; i < message.num_fields; i++)
        free((void *)(uintptr_t)fields[i].value.data);
    return status;
}

/* The same mechanisms as at the beginning, unused. */
static spnego_status restart(http_driven *d)
{
    toy_side *const fresh = &d->later[d->num_later++];
    toy_mech *const toys[] = {&fresh->x, &fresh->y, &fresh->z, &fresh->ms};

    cr_assert_leq(d->num_later, MAX_SIDES);
    *fresh = *d->side;
    for (size_t i = 0; i < LEN(toys); i++) {
        toy_mech *const t = toys[i];
        const toy_mech script = *t;

        memset(t, 0, sizeof *t);
        *t = (toy_mech){.name = script.name,
                        .acceptor = script.acceptor,
                        .legs = script.legs,
                        .flags = script.flags,
                        .empty_legs = script.empty_legs,
                        .no_credential = script.no_credential,
                        .lie = script.lie,
                        .lie_at = script.lie_at,
                        .token_len = script.token_len,
                        .huge = script.huge,
                        .session = script.acceptor ? 0 : script.session,
                        .signature = script.signature};
    }
    for (size_t i = 0; i < fresh->config.num_mechs; i++)
        fresh->mechs[i].self = (char *)fresh + ((char *)d->side->mechs[i].self - (char *)d->side);
    fresh->config.mechs = fresh->mechs;
    return spnego_http_restart(d->http, &fresh->config);
}

static spnego_status tell_info(http_driven *d, spnego_turn *turn)
{
    spnego_http_info info;
    int len;

    if (!spnego_http_get_info(d->http, &info))
        len = sprintf(d->said, "nobody");
    else
        len = sprintf(
            d->said, "confirmed=%d persistent=%d mech=%s flags=%x bare=%d mics=%d", info.confirmed,
            info.persistent, info.confirmed ? info.negotiation.mech->ops->name : "?",
            info.negotiation.flags, info.negotiation.bare, info.negotiation.mics_exchanged);
    turn->out = (spnego_bytes){(const uint8_t *)d->said, (size_t)len};
    if (strcmp(spnego_http_state(d->http), "failed") == 0)
        return spnego_http_error(d->http)->status;
    return strcmp(spnego_http_state(d->http), "established") == 0 ? SPNEGO_COMPLETE
                                                                  : SPNEGO_CONTINUE;
}

static spnego_status act(void *session, spnego_turn *turn, const char *words)
{
    http_driven *const d = session;
    char *end;
    int code;

    *turn = (spnego_turn){{NULL, 0}, {NULL, 0}, 0};
    if (strcmp(words, "restart") == 0) {
        const spnego_status status = restart(d);

        return status == SPNEGO_COMPLETE ? SPNEGO_CONTINUE : status;
    }
    if (strcmp(words, "info") == 0)
        return tell_info(d, turn);
    if (strcmp(words, "asked") == 0) {
        turn->out = (spnego_bytes){(const uint8_t *)d->said,
                                   (size_t)sprintf(d->said, "flags=%x target=%s bindings=%s",
                                                   d->side->x.asked_flags, d->side->x.asked_target,
                                                   d->side->x.asked_bindings)};
        return SPNEGO_CONTINUE;
    }
    if (strncmp(words, "request", 7) == 0)
        return receive_words(d, turn, words + 7 + (words[7] == ' '), 0);
    cr_assert(strncmp(words, "response ", 9) == 0, "%s", words);
    code = (int)strtol(words + 9, &end, 10);
    return receive_words(d, turn, end + (*end == ' '), code);
}

static spnego_status start(void *session, spnego_turn *turn)
{
    spnego_http_turn said;
    const spnego_status status = spnego_http_start(((http_driven *)session)->http, &said);

    show(session, turn, &said);
    return status;
}

static spnego_status resume(void *session, spnego_turn *turn)
{
    spnego_http_turn said;
    const spnego_status status = spnego_http_resume(((http_driven *)session)->http, &said);

    show(session, turn, &said);
    return status;
}

/* For the check that a failure stays: an empty message. */
static spnego_status receive(void *session, spnego_turn *turn, spnego_bytes in)
{
    http_driven *const d = session;
    const spnego_http_message message = {d->config.role == SPNEGO_INITIATOR ? 401 : 0, NULL, 0};
    spnego_http_turn said;
    const spnego_status status = spnego_http_receive(d->http, &said, &message);

    show(d, turn, &said);
    turn->taken = in.len;
    return status;
}

/* ---- Settings -------------------------------------------------------------------------------- */

static uint32_t option_bits(const char *value)
{
#define OPTION(name) \
    { \
#name, SPNEGO_HTTP_##name \
    }
    static const struct {
        const char *name;
        uint32_t bit;
    } options[] = {
        OPTION(PROXY), OPTION(BEHIND_PROXY), OPTION(DELEGATE),   OPTION(TAKE_UNCONFIRMED),
        OPTION(BOUND), OPTION(REBIND),       OPTION(ERROR_TOKEN)};
    uint32_t bits = 0;

    while (*value != '\0') {
        const size_t len = strcspn(value, " ");
        size_t i = 0;

        while (i < LEN(options) &&
               (strlen(options[i].name) != len || strncmp(options[i].name, value, len) != 0))
            i++;
        cr_assert(i < LEN(options), "no such option: %s", value);
        bits |= options[i].bit;
        value += len + strspn(value + len, " ");
    }
    return bits;
}

static spnego_bytes text_setting(const carrier_file *file, const char *name)
{
    const char *const value = carrier_setting_of(file, name, NULL);

    return (spnego_bytes){(const uint8_t *)value, value == NULL ? 0 : strlen(value)};
}

static void *open(const carrier_file *file, toy_side *side)
{
    http_driven *const d = calloc(1, sizeof *d);
    const char *const base64 = carrier_setting_of(file, "base64", "");
    spnego_error error;

    cr_assert_not_null(d);
    d->side = side;
    d->said = malloc(MAX_TEXT);
    cr_assert_not_null(d->said);
    spnego_http_config_init(&d->config, sizeof d->config, side->config.role);
    d->config.negotiation = &side->config;
    d->config.options = option_bits(carrier_setting_of(file, "http", ""));
    d->config.base64 = (strstr(base64, "UNPADDED") != NULL ? SPNEGO_BASE64_UNPADDED : 0) |
                       (strstr(base64, "PAD_BITS") != NULL ? SPNEGO_BASE64_PAD_BITS : 0);
    d->config.max_value = (size_t)atoi(carrier_setting_of(file, "max_value", "0"));
    d->config.host = text_setting(file, "host");
    d->config.channel_bindings = text_setting(file, "bindings");
    cr_assert_eq(spnego_http_create(&d->http, &error, &d->config), SPNEGO_COMPLETE, "%s: %s",
                 file->base.path, spnego_rule_describe(error.rule)->name);
    return d;
}

static void close(void *session)
{
    http_driven *const d = session;

    spnego_http_destroy(d->http);
    for (size_t i = 0; i < d->num_later; i++)
        d->side->x.after_end += d->later[i].x.after_end + d->later[i].y.after_end;
    free(d->said);
    free(d);
}

static const char *state(const void *session)
{
    return spnego_http_state(((const http_driven *)session)->http);
}

static const spnego_error *error(const void *session)
{
    return spnego_http_error(((const http_driven *)session)->http);
}

static const char *const settings[] = {"http", "base64", "max_value", "host", "bindings", NULL};

const carrier_driver http_driver = {.name = "http",
                                    .settings = settings,
                                    .open = open,
                                    .close = close,
                                    .start = start,
                                    .receive = receive,
                                    .resume = resume,
                                    .act = act,
                                    .state = state,
                                    .error = error};
