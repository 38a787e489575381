#include <spnego/xmpp.h>

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "carrier_sasl.h"
#include "support.h"

typedef struct xmpp_run {
    spnego_xmpp *session;
    const carrier_file *file;
    toy_side *side;
    toy_side fresh; /* as it was before the first attempt */
    spnego_sasl_config sasl;
    int num_attempts;
    spnego_status status;
    char out[8192]; /* what goes out, as XML */
} xmpp_run;

static void *xmpp_open(const carrier_file *file, toy_side *side)
{
    static const spnego_sasl_mechanism offered[] = {SPNEGO_SASL_GSS_SPNEGO, SPNEGO_SASL_GSSAPI};
    const char *const tolerate = carrier_setting_of(file, "tolerate", "");
    xmpp_run *const r = calloc(1, sizeof *r);
    spnego_xmpp_config config;

    cr_assert_not_null(r);
    r->file = file;
    r->side = side;
    r->fresh = *side;
    spnego_xmpp_config_init(&config, sizeof config, side->config.role);
    config.mechanisms = offered;
    config.num_mechanisms = strcmp(carrier_setting_of(file, "offers", "both"), "both") == 0 ? 2 : 1;
    config.max_attempts = (unsigned)atoi(carrier_setting_of(file, "attempts", "0"));
    config.max_text = (size_t)atoi(carrier_setting_of(file, "max_text", "0"));
    config.tolerate = (strstr(tolerate, "UNPADDED") ? SPNEGO_BASE64_UNPADDED : 0) |
                      (strstr(tolerate, "PAD_BITS") ? SPNEGO_BASE64_PAD_BITS : 0) |
                      (strstr(tolerate, "EQUALS") ? SPNEGO_XMPP_TAKE_EQUALS : 0);
    cr_assert_eq(spnego_xmpp_create(&r->session, &config), SPNEGO_COMPLETE, "%s", file->base.path);
    return r;
}

static void xmpp_close(void *run)
{
    xmpp_run *const r = run;

    spnego_xmpp_destroy(r->session);
    free(r);
}

/* The element as it is written; it was given its length first. */
static spnego_status put_out(xmpp_run *r, spnego_turn *turn, spnego_status status,
                             const spnego_xmpp_element *element)
{
    const size_t len = spnego_xmpp_write(r->out, sizeof r->out, element);

    cr_assert_leq(len, sizeof r->out);
    cr_assert_eq(spnego_xmpp_write(NULL, 0, element), len);
    turn->out = (spnego_bytes){len == 0 ? NULL : (const uint8_t *)r->out, len};
    turn->data = (spnego_bytes){NULL, 0};
    turn->taken = 0;
    r->status = status;
    return status;
}

/* Each attempt has mechanisms that nothing has happened to. */
static spnego_status begin(xmpp_run *r, spnego_turn *turn, spnego_sasl_mechanism mechanism)
{
    spnego_xmpp_element out;
    spnego_status status;

    if (r->num_attempts++ != 0) {
        r->side->x = r->fresh.x;
        r->side->y = r->fresh.y;
        r->side->z = r->fresh.z;
        r->side->ms = r->fresh.ms;
    }
    sasl_config_of(&r->sasl, r->file, r->side);
    r->sasl.tolerate = 0;
    r->sasl.mechanism = mechanism;
    if (mechanism == SPNEGO_SASL_GSS_SPNEGO)
        r->sasl.authzid.len = 0;
    status = spnego_xmpp_begin(r->session, &out, &r->sasl);
    return put_out(r, turn, status, &out);
}

static spnego_status xmpp_start(void *run, spnego_turn *turn)
{
    xmpp_run *const r = run;

    sasl_config_of(&r->sasl, r->file, r->side);
    return begin(r, turn, r->sasl.mechanism);
}

static spnego_status xmpp_resume(void *run, spnego_turn *turn)
{
    xmpp_run *const r = run;
    const char *const state = spnego_xmpp_state(r->session);
    const char *const granted = carrier_setting_of(r->file, "authorize", NULL);
    spnego_xmpp_element out;
    spnego_status status;
    spnego_bytes authzid;

    if (strcmp(state, "begin") == 0)
        return begin(r, turn, spnego_xmpp_mechanism(r->session));
    if (strcmp(state, "authorize") != 0) {
        status = spnego_xmpp_resume(r->session, &out);
        return put_out(r, turn, status, &out);
    }
    authzid = spnego_sasl_authzid(spnego_xmpp_sasl(r->session));
    status = spnego_xmpp_authorize(r->session, &out,
                                   granted == NULL ? authzid.data == NULL
                                                   : same_octets(authzid, der_of(granted)));
    return put_out(r, turn, status, &out);
}

/* "base64 NOTATION" is that, encoded; everything else stands for itself. */
static spnego_bytes text_of(const xmpp_run *r, const char *words)
{
    spnego_bytes octets;
    char *text;

    if (strncmp(words, "base64 ", 7) != 0)
        return (spnego_bytes){(const uint8_t *)words, strlen(words)};
    octets = sasl_octets_of(words + 7, r->side->config.role);
    text = malloc(spnego_base64_encoded_len(octets.len));
    cr_assert_not_null(text);
    return (spnego_bytes){
        (const uint8_t *)text,
        spnego_base64_encode(text, spnego_base64_encoded_len(octets.len), octets)};
}

/* "auth MECHANISM TEXT", "challenge TEXT", "failure CONDITION", "begin MECHANISM", "give up". */
static spnego_status xmpp_act(void *run, spnego_turn *turn, const char *words)
{
    xmpp_run *const r = run;
    const spnego_bytes verb = {(const uint8_t *)words, strcspn(words, " ")};
    const char *rest = words + verb.len + strspn(words + verb.len, " ");
    const spnego_bytes first = {(const uint8_t *)rest, strcspn(rest, " ")};
    spnego_xmpp_element in, out;
    spnego_status status;

    if (strcmp(words, "give up") == 0) {
        status = spnego_xmpp_abort(r->session, &out);
        return put_out(r, turn, status, &out);
    }
    if (strncmp(words, "begin ", 6) == 0)
        return begin(r, turn, spnego_sasl_find(first));
    memset(&in, 0, sizeof in);
    in.name = spnego_xmpp_name_find(verb);
    cr_assert_neq(in.name, SPNEGO_XMPP_NOTHING, "%s: no such move: %s", r->file->base.path, words);
    if (in.name == SPNEGO_XMPP_AUTH) {
        in.mechanism = first;
        rest += first.len + strspn(rest + first.len, " ");
    }
    if (in.name == SPNEGO_XMPP_FAILURE)
        in.condition =
            first.len == 0 ? SPNEGO_XMPP_NO_CONDITION : spnego_xmpp_condition_find(first);
    else
        in.text = text_of(r, rest);
    status = spnego_xmpp_receive(r->session, &out, &in);
    return put_out(r, turn, status, &out);
}

/* The stream, once it is SASL's. */
static spnego_status xmpp_receive(void *run, spnego_turn *turn, spnego_bytes in)
{
    xmpp_run *const r = run;
    spnego_sasl *const sasl = spnego_xmpp_sasl(r->session);
    spnego_xmpp_element out, nothing;

    memset(&nothing, 0, sizeof nothing);
    if (sasl != NULL && strcmp(spnego_xmpp_state(r->session), "established") == 0)
        return spnego_sasl_receive(sasl, turn, in);
    r->status = spnego_xmpp_receive(r->session, &out, &nothing);
    return put_out(r, turn, r->status, &out);
}

static spnego_status xmpp_send(void *run, spnego_turn *turn, spnego_bytes data)
{
    const xmpp_run *const r = run;

    return spnego_sasl_send(spnego_xmpp_sasl(r->session), turn, data);
}

static spnego_status xmpp_end(void *run, spnego_turn *turn)
{
    const xmpp_run *const r = run;

    return spnego_sasl_end(spnego_xmpp_sasl(r->session), turn);
}

static const char *xmpp_state(const void *run)
{
    static char state[64];
    const xmpp_run *const r = run;
    const spnego_xmpp_condition condition = spnego_xmpp_peer_condition(r->session);
    const spnego_error *const error = spnego_xmpp_error(r->session);

    snprintf(state, sizeof state, "%s%s%s%s%s", spnego_xmpp_state(r->session),
             error->rule != SPNEGO_RULE_NONE ? " " : "",
             error->rule != SPNEGO_RULE_NONE ? spnego_rule_describe(error->rule)->name : "",
             condition != SPNEGO_XMPP_NO_CONDITION ? " " : "",
             spnego_xmpp_condition_text(condition));
    return state;
}

/* The stream's failures are SASL's. */
static const spnego_error *xmpp_error(const void *run)
{
    const xmpp_run *const r = run;
    const spnego_sasl *const sasl = spnego_xmpp_sasl(r->session);

    if (sasl != NULL && strcmp(spnego_xmpp_state(r->session), "established") == 0)
        return spnego_sasl_error(sasl);
    return spnego_xmpp_error(r->session);
}

static const char *const xmpp_settings[] = {SASL_SETTINGS, "authorize", "offers",
                                            "attempts",    "max_text",  NULL};

const carrier_driver xmpp_driver = {.name = "xmpp",
                                    .settings = xmpp_settings,
                                    .is_stream = 1,
                                    .open = xmpp_open,
                                    .close = xmpp_close,
                                    .start = xmpp_start,
                                    .receive = xmpp_receive,
                                    .resume = xmpp_resume,
                                    .send = xmpp_send,
                                    .end = xmpp_end,
                                    .act = xmpp_act,
                                    .state = xmpp_state,
                                    .error = xmpp_error};
