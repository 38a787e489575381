/*
 * spnego/http.h - HTTP's scheme Negotiate (RFC 4559, MS-N2HT), towards a server or a proxy.
 *
 * Two parts.  The first reads and writes the values of the four header fields (RFC 9110 11.6, 11.7)
 * and needs no negotiation.  The second is one side of the authentication of one connection: what
 * goes in are header fields, what comes out is a header field to add, and for a server the status
 * code to answer with.  The host speaks HTTP.
 *
 * A client, for each request:
 *
 *     status = spnego_http_start(session, &turn);       // or no fields: it waits to be asked
 *     while (status >= 0) {
 *         send_request(turn.fields, turn.num_fields);
 *         message = receive_response();                 // its header section
 *         status = spnego_http_receive(session, &turn, &message);
 *         if (status != SPNEGO_CONTINUE || turn.num_fields == 0)
 *             break;
 *     }
 *     if (status >= 0)
 *         use_response();                 // authenticated if COMPLETE; else nobody asked for it
 *
 * A server, for each request:
 *
 *     status = spnego_http_receive(session, &turn, &message);
 *     if (status == SPNEGO_COMPLETE)
 *         serve(turn.fields, turn.num_fields);          // any status code
 *     else
 *         answer(turn.code, turn.fields, turn.num_fields);
 *
 * Where turn.restart is 1 the host calls spnego_http_restart with fresh mechanisms and gives the
 * same again.
 *
 * The scheme says who the user is and protects neither header nor body: that is for TLS, to which
 * channel bindings tie it (RFC 4559 6, RFC 5929).  A replayed token is the mechanism's to notice.
 * A session belongs to one connection and one user: another user, or another server, has another
 * connection; and a proxy never lends an authenticated connection to another client.  A mechanism
 * of more than one round trip needs HTTP/1: where requests share a connection out of order
 * (HTTP/2), two negotiations would be mixed.
 */
#ifndef SPNEGO_HTTP_H
#define SPNEGO_HTTP_H

#include <spnego/base64.h>
#include <spnego/negotiate.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Header fields ------------------------------------------------------------------------- */

/* The header fields that this file knows. */
typedef enum spnego_http_header {
    SPNEGO_HTTP_OTHER_HEADER = 0,
    SPNEGO_HTTP_WWW_AUTHENTICATE = 1,
    SPNEGO_HTTP_PROXY_AUTHENTICATE = 2,
    SPNEGO_HTTP_AUTHORIZATION = 3,
    SPNEGO_HTTP_PROXY_AUTHORIZATION = 4,
    SPNEGO_HTTP_PERSISTENT_AUTH = 5, /* MS-N2HT 2.2.2 */
    SPNEGO_HTTP_PROXY_SUPPORT = 6    /* RFC 4559 6 */
} spnego_http_header;

/* spnego_http_header_of returns which one a field name is, in upper or lower case. */
SPNEGO_API spnego_http_header spnego_http_header_of(spnego_bytes name);

/* spnego_http_header_name returns "WWW-Authenticate" and the like; NULL for OTHER_HEADER and for
 * what is none. */
SPNEGO_API const char *spnego_http_header_name(spnego_http_header header);

typedef enum spnego_http_scheme {
    SPNEGO_HTTP_OTHER_SCHEME = 0,
    SPNEGO_HTTP_NEGOTIATE = 1,
    SPNEGO_HTTP_NEGO2 = 2 /* MS-N2HT 2.2, obsolete: the first challenge holds a NegTokenInit2 */
} spnego_http_scheme;

/* One challenge of a list, or credentials.  At most one of token68 and params is there. */
typedef struct spnego_http_auth {
    spnego_http_scheme scheme;
    spnego_bytes name;    /* of the scheme, as it is written                                  */
    spnego_bytes token68; /* absent if there is none                                          */
    spnego_bytes params; /* the auth-params, quotes and commas included; absent if there are none */
} spnego_http_auth;

/* spnego_http_challenge_next reads the next challenge of the value of a WWW-Authenticate or
 * Proxy-Authenticate field into *out and moves *cursor, which is 0 at first.  After the last one
 * out->name is absent.  Returns SPNEGO_RULE_NONE; or the rule that the value breaks, with *out
 * zero-filled but for what is known of it (name and scheme), and the place in *out_offset, which
 * may be NULL; there is no going on after that.  The views lie in `value`.  RFC 9110 11.3, 5.6.1.
 */
SPNEGO_API SPNEGO_MUST_USE spnego_rule spnego_http_challenge_next(spnego_http_auth *out,
                                                                  size_t *cursor,
                                                                  size_t *out_offset,
                                                                  spnego_bytes value);

/* spnego_http_credentials reads the value of an Authorization or Proxy-Authorization field, which
 * holds one scheme and no list; the rest is as above.  RFC 9110 11.4. */
SPNEGO_API SPNEGO_MUST_USE spnego_rule spnego_http_credentials(spnego_http_auth *out,
                                                               size_t *out_offset,
                                                               spnego_bytes value);

/* spnego_http_write writes the value of such a field, "Negotiate", and a blank and the token in
 * base64 unless it is absent; without a NUL.  Returns how many characters it has; if they are more
 * than out_len, nothing is written.  0 if the token is empty, which the scheme cannot say, or too
 * long for a size_t. */
SPNEGO_API size_t spnego_http_write(char *out, size_t out_len, spnego_bytes token);

/* ---- Messages ------------------------------------------------------------------------------ */

/* A header field; no line end, and no blanks around. */
typedef struct spnego_http_field {
    spnego_bytes name;
    spnego_bytes value;
} spnego_http_field;

/* The header section of a message, as it was received: each field line by itself, in order.  Fields
 * that are not known here are passed over, so all of them may be given. */
typedef struct spnego_http_message {
    int code; /* of a response, 100 to 999; 0 of a request */
    const spnego_http_field *fields;
    size_t num_fields;
} spnego_http_message;

/* spnego_http_is_session_based returns 1 if a response says Proxy-Support:
 * Session-Based-Authentication: the proxies on its way keep connections of different clients apart
 * (RFC 4559 6). */
SPNEGO_API int spnego_http_is_session_based(const spnego_http_message *response);

/* What the host does next.  The views are the session's, and last until the next call that takes
 * the session without const. */
typedef struct spnego_http_turn {
    int code;    /* server: the status code to answer with; 0: the one of what is served      */
    int restart; /* 1: nothing is done yet: spnego_http_restart, and the same call again       */
    spnego_http_field fields[2]; /* to add to the request, or to the answer                    */
    size_t num_fields;
} spnego_http_turn;

/* ---- Sessions ------------------------------------------------------------------------------ */

/* Towards a proxy, or being one: 407, Proxy-Authenticate and Proxy-Authorization.  RFC 4559 6 says
 * that the scheme is not for that, and all do it.  Towards a server behind a proxy there is another
 * session beside this one. */
#define SPNEGO_HTTP_PROXY 0x0001u
/* Client: the server is reached through a proxy that sees the requests, as opposed to CONNECT.  A
 * 401 without Proxy-Support is then not answered (RFC 4559 6). */
#define SPNEGO_HTTP_BEHIND_PROXY 0x0002u
/* Client: ask for delegation, so that the server may act for the user.  Never unless this is set.
 */
#define SPNEGO_HTTP_DELEGATE 0x0004u
/* Client: take a final response without the server's last token, as many servers send it, unless
 * the negotiation has required_flags or REQUIRE_MIC.  Nothing then shows that it is the server's,
 * nor that the list of mechanisms arrived as it was sent; spnego_http_info says so. */
#define SPNEGO_HTTP_TAKE_UNCONFIRMED 0x0008u
/* Server: who is authenticated stays so for the connection (Persistent-Auth: true), requests
 * without credentials are his.  Not behind a proxy that lets clients share its connections (RFC
 * 4559 6).  Else each request is authenticated by itself. */
#define SPNEGO_HTTP_BOUND 0x0010u
/* Server, with BOUND: credentials in a later request begin anew (turn.restart), and whoever was
 * authenticated is forgotten.  Else they are an error: they are never taken for his. */
#define SPNEGO_HTTP_REBIND 0x0020u
/* Server: send the mechanism's error token with the 401 of a failure.  Some clients go on for ever
 * if there is one. */
#define SPNEGO_HTTP_ERROR_TOKEN 0x0040u

/* Refused if they are more: the values of all fields with challenges or credentials in one message.
 * The largest token that spnego_limits lets through by default takes 87384. */
#define SPNEGO_HTTP_MAX_VALUE 98304

typedef struct spnego_http_config {
    size_t struct_size; /* set by spnego_http_config_init */
    spnego_role role;   /* INITIATOR is the client */
    /* Mechanisms, policy, memory.  Its role is this one's; request is not looked at; no fragments.
     * Tokens that are not SPNEGO are refused unless it has TAKE_BARE, and then allow and deny hold
     * for them.  Borrowed until create returns; what it points to, as spnego_config says. */
    const spnego_config *negotiation;
    /* Client: the host's name as in the URL, without the port; mechanisms are asked for HTTP@host.
     * A name that differs from the certificate's is the host's to notice. */
    spnego_bytes host;
    spnego_bytes channel_bindings; /* "tls-server-end-point:" and the hash (RFC 5929 4), or absent;
                                    * both are borrowed until destroy */
    uint32_t options;              /* SPNEGO_HTTP_* */
    uint32_t base64;               /* SPNEGO_BASE64_*: what is forgiven in the peer's tokens */
    size_t max_value;              /* 0: SPNEGO_HTTP_MAX_VALUE */
} spnego_http_config;

/* spnego_http_config_init fills *config: no options, nothing forgiven.  struct_size is
 * sizeof(spnego_http_config). */
SPNEGO_API void spnego_http_config_init(spnego_http_config *config, size_t struct_size,
                                        spnego_role role);

typedef struct spnego_http spnego_http;

/* spnego_http_create puts a new session into *out_session and returns SPNEGO_COMPLETE; or returns
 * ERR_USAGE (a member breaks its contract), ERR_NO_MECH or ERR_NO_MEMORY, with *out_session NULL
 * and, if out_error is not NULL, *out_error filled.  A client asks mechanisms for mutual
 * authentication (MS-N2HT 5.1) and integrity, both of which negotiation->required_flags may
 * require.
 *
 * Memory: the negotiation's, at most three times max_value for what arrived, and three times the
 * length of the longest header field that was made. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_http_create(spnego_http **out_session,
                                                            spnego_error *out_error,
                                                            const spnego_http_config *config);

/* spnego_http_destroy wipes and frees.  session may be NULL.  From inside a callback it does
 * nothing. */
SPNEGO_API void spnego_http_destroy(spnego_http *session);

/* spnego_http_start is for a client that is about to send a request.
 *
 *   CONTINUE, a field  send the request with it: the first token, without being asked (RFC 4559
 *                      4.2)
 *   COMPLETE           the connection is authenticated: send the request as it is
 *   CONTINUE, restart  it is not any more, or only for the request that was (Persistent-Auth)
 *   PENDING            spnego_http_resume when the mechanism is ready
 *   ERR_USAGE          a token is on its way; BEHIND_PROXY, where the proxy must be known first;
 *                      it is a server
 *   negative           it failed */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_http_start(spnego_http *session,
                                                           spnego_http_turn *turn);

/* spnego_http_receive takes the header section of the peer's next message.
 *
 * Client:
 *   CONTINUE, a field  401: send the request again with it, on this connection
 *   CONTINUE, none     nothing was asked for: the response is what it is.  Also after an interim
 *                      response (1xx but 101), after a proxy's 407 where the session is the
 *                      server's, and to a later request that went without credentials where the
 *                      connection does not last (Persistent-Auth)
 *   CONTINUE, restart  a 401 on a connection that was authenticated: whoever that was is not any
 *                      more.  Begin anew at most once for a request
 *   COMPLETE           the response is the answer, and the server is who it should be
 *                      (spnego_http_info has the exception)
 *   negative           do not use the response; the connection is not authenticated
 *
 * Every other status code than 401, or a proxy's 407, ends the authentication (MS-N2HT 2.2.3, where
 * RFC 4559 4.2 calls all but 2xx a failure), and may carry the last token.  A request with a body
 * is best sent with Expect: 100-continue, or after an empty one (RFC 4559 6).
 *
 * Server:
 *   COMPLETE           code 0: serve it, with the fields in whatever the answer is
 *   CONTINUE           code 401 or 407: answer with that and the field
 *   CONTINUE, restart  the connection's authentication is over, or another one begins
 *   negative           code 400 (no well-formed header), 431 (more than max_value), 401 or 407
 *                      (refused), 500 (this side failed): answer with that and the fields
 *
 * Both: PENDING, then spnego_http_resume gives what this would have given.  ERR_USAGE, and nothing
 * changes: it waits for resume, message->code is not one, or it is called from a callback.  Every
 * other failure stays: later calls give the same status, with code 0 and no fields, until
 * spnego_http_restart. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_http_receive(spnego_http *session,
                                                             spnego_http_turn *turn,
                                                             const spnego_http_message *message);

/* spnego_http_resume goes on after PENDING.  ERR_USAGE if nothing is pending. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_http_resume(spnego_http *session,
                                                            spnego_http_turn *turn);

/* spnego_http_restart forgets who was authenticated and begins anew on the same connection, with
 * the configuration of create and *negotiation, whose mechanisms are fresh ones.  Returns
 * SPNEGO_COMPLETE; ERR_USAGE and no change from inside a callback, or if a client's connection is
 * authenticated for good: it speaks for its user (MS-N2HT 3.2.5); what spnego_http_create returns,
 * and then the session has failed with that. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_http_restart(spnego_http *session,
                                                             const spnego_config *negotiation);

/* spnego_http_error returns why it failed, or why the last call was refused, as
 * spnego_context_error does.  For rules 760 to 799 the offset is in the value of the header field;
 * for others in the token. */
SPNEGO_API const spnego_error *spnego_http_error(const spnego_http *session);

/* spnego_http_state returns the name of what the session waits for: "start", "token",
 * "established", "over" (restart), "failed"; for logs. */
SPNEGO_API const char *spnego_http_state(const spnego_http *session);

/* Who it is. */
typedef struct spnego_http_info {
    int confirmed;  /* 0: TAKE_UNCONFIRMED was needed, and `negotiation` is zero-filled        */
    int persistent; /* MS-N2HT's persistent-auth-value; server: BOUND                          */
    spnego_info negotiation;
} spnego_http_info;

/* spnego_http_get_info fills *out_info and returns 1 while the session is established; else it
 * returns 0 with *out_info zero-filled. */
SPNEGO_API int spnego_http_get_info(const spnego_http *session, spnego_http_info *out_info);

#ifdef __cplusplus
}
#endif
#endif /* SPNEGO_HTTP_H */
