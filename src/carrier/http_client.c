#include "carrier/http_session.h"

#include "base/bytes.h"

#include <spnego/oid.h>

/* ---- The end --------------------------------------------------------------------------------- */

/* MS-N2HT 3.2.5: without the header, NTLM's connections last.  It says nothing of proxies, which do
 * not send it. */
static uint8_t is_persistent(const spnego_http *http)
{
    spnego_info info;

    if (http->said != HTTP_PERSISTENT_ABSENT && !http_is_proxy(http))
        return http->said == HTTP_PERSISTENT_TRUE;
    return spnego_context_info(http->base.context, &info) &&
           spnego_oid_identify(info.mech->ops->oid) == SPNEGO_OID_NTLMSSP;
}

static void establish(spnego_http *http)
{
    http->persistent = is_persistent(http);
    http->base.status = SPNEGO_COMPLETE;
}

/* The response that is the answer.  RFC 4559 5: not to be used before the last token was. */
static void take_final(spnego_http *http, spnego_http_turn *turn, const http_found *found)
{
    if (http->complete && found->token68.data != NULL)
        (void)carrier_fail(&http->base, SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_HTTP_TOKEN_SURPLUS,
                           found->token_at);
    else if (!http->complete && found->token68.data != NULL)
        (void)http_step(http, turn, found);
    else if (http->complete ||
             ((http->options & SPNEGO_HTTP_TAKE_UNCONFIRMED) && !http->must_confirm))
        establish(http);
    else
        (void)carrier_fail(&http->base, SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_HTTP_FINAL_TOKEN_MISSING,
                           SPNEGO_NO_OFFSET);
}

/* ---- Tokens ---------------------------------------------------------------------------------- */

spnego_status http_client_went_on(spnego_http *http, spnego_http_turn *turn, spnego_status status,
                                  spnego_bytes token)
{
    http->complete = status == SPNEGO_COMPLETE;
    if (status < 0) {
        /* There is no request to carry what could be said of it. */
        return carrier_fail_as(&http->base, spnego_context_error(http->base.context));
    }
    http->base.status = status == SPNEGO_PENDING ? status : SPNEGO_CONTINUE;
    if (status == SPNEGO_PENDING)
        return status;
    if (http->is_final) {
        if (!http->complete || token.len != 0)
            return carrier_fail(&http->base, SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_HTTP_ENDED_TOO_EARLY,
                                SPNEGO_NO_OFFSET);
        establish(http);
        return SPNEGO_COMPLETE;
    }
    if (token.len == 0) {
        /* The server's last word, on a response that refuses. */
        if (http->complete)
            return carrier_fail(&http->base, SPNEGO_ERR_REJECTED, SPNEGO_RULE_HTTP_REFUSED,
                                SPNEGO_NO_OFFSET);
        return carrier_fail(&http->base, SPNEGO_ERR_MECH, SPNEGO_RULE_HTTP_NOTHING_TO_SEND,
                            SPNEGO_NO_OFFSET);
    }
    if (!http_add_token(http, turn, token))
        return carrier_fail(&http->base, SPNEGO_ERR_NO_MEMORY, SPNEGO_RULE_MEMORY_EXHAUSTED,
                            SPNEGO_NO_OFFSET);
    return SPNEGO_CONTINUE;
}

void http_client_start(spnego_http *http, spnego_http_turn *turn)
{
    const http_found none = {.offered = 1};

    /* MS-N2HT 3.2.5: no second authentication while the connection's lasts. */
    if (http->base.status == SPNEGO_COMPLETE && http->persistent)
        return;
    if (http->base.status == SPNEGO_COMPLETE || http->over) {
        http_start_over(http, turn);
        return;
    }
    http->begun = 1;
    (void)http_step(http, turn, &none);
}

/* ---- Responses ------------------------------------------------------------------------------- */

/* A 401, or a proxy's 407. */
static void take_challenge(spnego_http *http, spnego_http_turn *turn, const http_found *found,
                           const spnego_http_message *message)
{
    carrier_session *const base = &http->base;
    const int refused = !found->offered || (http->begun && found->token68.data == NULL);

    if (http->begun && (refused || http->complete))
        (void)carrier_fail(base, SPNEGO_ERR_REJECTED, SPNEGO_RULE_HTTP_REFUSED, SPNEGO_NO_OFFSET);
    else if (refused && found->others_rule != SPNEGO_RULE_NONE)
        (void)carrier_fail(base, SPNEGO_ERR_MALFORMED, found->others_rule, found->others_offset);
    else if (refused)
        (void)carrier_fail(base, SPNEGO_ERR_NO_MECH, SPNEGO_RULE_HTTP_NOT_OFFERED,
                           SPNEGO_NO_OFFSET);
    else if ((http->options & SPNEGO_HTTP_BEHIND_PROXY) && !spnego_http_is_session_based(message))
        (void)carrier_fail(base, SPNEGO_ERR_POLICY, SPNEGO_RULE_HTTP_PROXY_NOT_SESSION_BASED,
                           SPNEGO_NO_OFFSET);
    else {
        http->begun = 1;
        (void)http_step(http, turn, found);
    }
}

/* Where the connection does not last, what was authenticated is the response that ended it, and no
 * later one (MS-N2HT 3.2.3). */
static void forget(spnego_http *http)
{
    http->over = 1;
    http->base.status = SPNEGO_CONTINUE;
}

/* Interim responses say nothing, but that 101 is the last of HTTP (RFC 9110 15.2); and a proxy's
 * 407 comes from before the server, who has seen nothing. */
static int is_for_us(const spnego_http *http, int code)
{
    return (code >= 200 || code == 101) && (http_is_proxy(http) || code != 407);
}

void http_client_receive(spnego_http *http, spnego_http_turn *turn,
                         const spnego_http_message *message)
{
    const int is_challenge = message->code == (http_is_proxy(http) ? 407 : 401);
    http_found found;

    if (!is_for_us(http, message->code))
        return;
    if (http->base.status == SPNEGO_COMPLETE || http->over) {
        if (is_challenge) /* persistent-auth-value is 0 again (MS-N2HT 3.2.5) */
            http_start_over(http, turn);
        else if (!http->persistent)
            forget(http);
        return;
    }
    if (!is_challenge && !http->begun)
        return;
    http_find_challenge(&found, message,
                        http_is_proxy(http) ? SPNEGO_HTTP_PROXY_AUTHENTICATE
                                            : SPNEGO_HTTP_WWW_AUTHENTICATE,
                        http->max_value);
    http->is_final = !is_challenge;
    http->said = http_find_persistent(message);
    if (found.rule != SPNEGO_RULE_NONE)
        (void)carrier_fail(&http->base,
                           found.rule == SPNEGO_RULE_HTTP_VALUE_TOO_LONG ? SPNEGO_ERR_LIMIT
                                                                         : SPNEGO_ERR_MALFORMED,
                           found.rule, found.offset);
    else if (is_challenge)
        take_challenge(http, turn, &found, message);
    else
        take_final(http, turn, &found);
}
