/* carrier/http_session.h - the inside of a session of HTTP. */
#ifndef SPNEGO_CARRIER_HTTP_SESSION_H
#define SPNEGO_CARRIER_HTTP_SESSION_H

#include "carrier/http_message.h"
#include "carrier/session.h"

struct spnego_http {
    carrier_session base;

    /* As configured. */
    spnego_role role;
    spnego_bytes host;
    spnego_bytes channel_bindings;
    uint32_t options;
    uint32_t base64;
    size_t max_value;

    /* Of the connection, while it is established. */
    uint8_t persistent; /* MS-N2HT 3.2.3: 0 otherwise */

    /* Of the negotiation under way. */
    uint8_t must_confirm; /* policy can only be checked when it is complete     */
    uint8_t begun;        /* a token was taken, or given                        */
    uint8_t complete;     /* nothing more is needed of the peer                 */
    uint8_t over;         /* it was established, and is not any more            */
    uint8_t is_final;     /* client: the response that is read ends it          */
    http_persistent said; /* client: and what it says of the connection         */
};

/* http_step takes the token in base64, or absent, that is `found`, or fails on it; http_went_on is
 * the role's, and the same after a resume.  Each returns the session's status. */
spnego_status http_step(spnego_http *http, spnego_http_turn *turn, const http_found *found);
spnego_status http_client_went_on(spnego_http *http, spnego_http_turn *turn, spnego_status status,
                                  spnego_bytes token);
spnego_status http_server_went_on(spnego_http *http, spnego_http_turn *turn, spnego_status status,
                                  spnego_bytes token);

void http_client_start(spnego_http *http, spnego_http_turn *turn);
void http_client_receive(spnego_http *http, spnego_http_turn *turn,
                         const spnego_http_message *message);
void http_server_receive(spnego_http *http, spnego_http_turn *turn,
                         const spnego_http_message *message);

/* http_server_refuse ends the session with its answer, `code`; with 401 or 407 and the challenge
 * if that is 0. */
spnego_status http_server_refuse(spnego_http *http, spnego_http_turn *turn, spnego_status status,
                                 spnego_rule rule, size_t offset, int code);

/* http_start_over drops who was authenticated, and asks for http_restart. */
void http_start_over(spnego_http *http, spnego_http_turn *turn);

/* http_add_token adds the header field with the token, or with none.  Returns 0 if there is no
 * memory. */
SPNEGO_MUST_USE int http_add_token(spnego_http *http, spnego_http_turn *turn, spnego_bytes token);
void http_add(spnego_http_turn *turn, spnego_http_header header, spnego_bytes value);

static inline int http_is_proxy(const spnego_http *http)
{
    return (http->options & SPNEGO_HTTP_PROXY) != 0;
}

#endif /* SPNEGO_CARRIER_HTTP_SESSION_H */
