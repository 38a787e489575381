#include "carrier/http_session.h"

#include "base/bytes.h"
#include "carrier/http_text.h"

static int challenge_code(const spnego_http *http)
{
    return http_is_proxy(http) ? 407 : 401;
}

/* RFC 4559 4.1: the first challenge carries no data.  Needs no memory, so that a refusal is never
 * without one (RFC 9110 15.5.2). */
static void challenge(const spnego_http *http, spnego_http_turn *turn)
{
    turn->code = challenge_code(http);
    http_add(turn,
             http_is_proxy(http) ? SPNEGO_HTTP_PROXY_AUTHENTICATE : SPNEGO_HTTP_WWW_AUTHENTICATE,
             http_text("Negotiate"));
}

spnego_status http_server_refuse(spnego_http *http, spnego_http_turn *turn, spnego_status status,
                                 spnego_rule rule, size_t offset, int code)
{
    if (code == 0)
        challenge(http, turn);
    else
        turn->code = code;
    return carrier_fail(&http->base, status, rule, offset);
}

/* What the negotiation failed with. */
static spnego_status fail(spnego_http *http, spnego_http_turn *turn, spnego_bytes token)
{
    const spnego_error *error = spnego_context_error(http->base.context);

    if (spnego_status_describe(error->status)->blame == SPNEGO_BLAME_MACHINE ||
        error->status == SPNEGO_ERR_MECH_LIED)
        turn->code = 500;
    else if (!(http->options & SPNEGO_HTTP_ERROR_TOKEN) || !http_add_token(http, turn, token))
        challenge(http, turn);
    else
        turn->code = challenge_code(http);
    return carrier_fail_as(&http->base, error);
}

static int answer(spnego_http *http, spnego_http_turn *turn, spnego_bytes token)
{
    const int is_bound = (http->options & SPNEGO_HTTP_BOUND) != 0;

    if (token.len != 0 && !http_add_token(http, turn, token))
        return 0;
    if (!http->complete)
        turn->code = challenge_code(http);
    else if (!http_is_proxy(http)) /* MS-N2HT 3.3.5 */
        http_add(turn, SPNEGO_HTTP_PERSISTENT_AUTH, http_text(is_bound ? "true" : "false"));
    return 1;
}

spnego_status http_server_went_on(spnego_http *http, spnego_http_turn *turn, spnego_status status,
                                  spnego_bytes token)
{
    if (status < 0)
        return fail(http, turn, token);
    http->base.status = status;
    if (status == SPNEGO_PENDING)
        return status;
    http->complete = status == SPNEGO_COMPLETE;
    if (!http->complete && token.len == 0)
        return http_server_refuse(http, turn, SPNEGO_ERR_MECH, SPNEGO_RULE_HTTP_NOTHING_TO_SEND,
                                  SPNEGO_NO_OFFSET, 500);
    if (!answer(http, turn, token))
        return http_server_refuse(http, turn, SPNEGO_ERR_NO_MEMORY, SPNEGO_RULE_MEMORY_EXHAUSTED,
                                  SPNEGO_NO_OFFSET, 500);
    return status;
}

/* A request on a connection that is someone's.  Whatever credentials it has, of this scheme or of
 * another, they are not his. */
static void take_later(spnego_http *http, spnego_http_turn *turn, int has_credentials)
{
    if (!(http->options & SPNEGO_HTTP_BOUND))
        http_start_over(http, turn);
    else if (!has_credentials)
        return;
    else if (http->options & SPNEGO_HTTP_REBIND)
        http_start_over(http, turn);
    else
        (void)http_server_refuse(http, turn, SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_HTTP_IDENTITY_BOUND,
                                 SPNEGO_NO_OFFSET, 0);
}

static void take_none(spnego_http *http, spnego_http_turn *turn)
{
    if (http->begun)
        (void)http_server_refuse(http, turn, SPNEGO_ERR_PROTOCOL,
                                 SPNEGO_RULE_HTTP_CREDENTIALS_MISSING, SPNEGO_NO_OFFSET, 0);
    else
        challenge(http, turn);
}

void http_server_receive(spnego_http *http, spnego_http_turn *turn,
                         const spnego_http_message *message)
{
    http_found found;

    http_find_credentials(&found, message,
                          http_is_proxy(http) ? SPNEGO_HTTP_PROXY_AUTHORIZATION
                                              : SPNEGO_HTTP_AUTHORIZATION,
                          http->max_value);
    if (found.rule == SPNEGO_RULE_NONE && found.offered && found.token68.data == NULL) {
        found.rule = SPNEGO_RULE_HTTP_TOKEN_MISSING;
        found.offset = SPNEGO_NO_OFFSET;
    }
    if (http->over)
        http_start_over(http, turn);
    else if (http->base.status == SPNEGO_COMPLETE)
        take_later(http, turn,
                   found.offered || found.others || found.rule != SPNEGO_RULE_NONE ||
                       found.others_rule != SPNEGO_RULE_NONE);
    else if (found.rule == SPNEGO_RULE_HTTP_VALUE_TOO_LONG)
        (void)http_server_refuse(http, turn, SPNEGO_ERR_LIMIT, found.rule, found.offset, 431);
    else if (found.rule != SPNEGO_RULE_NONE)
        (void)http_server_refuse(http, turn, SPNEGO_ERR_MALFORMED, found.rule, found.offset, 400);
    else if (!found.offered)
        take_none(http, turn);
    else {
        http->begun = 1;
        (void)http_step(http, turn, &found);
    }
}
