/*
 * spnego/xmpp.h - SASL as XMPP carries it (RFC 6120 6; RFC 3920 6 before it): the elements, and
 * sessions that play their exchange, with retries, over the mechanisms of sasl.h.
 *
 * Elements go in and come out as structs, so any XML parser will do; spnego_xmpp_write makes their
 * text.  A client:
 *
 *     mechanism = spnego_xmpp_choose(own, num_own, offered, num_offered);  // <mechanisms/>
 *     spnego_xmpp_create(&session, &config);
 *     spnego_sasl_config_init(&sasl, sizeof sasl, mechanism) ...           // fresh mechanisms
 *     status = spnego_xmpp_begin(session, &element, &sasl);                // <auth/>
 *     while (status == SPNEGO_CONTINUE && spnego_xmpp_state(session) is not "choose") {
 *         if (element.name != SPNEGO_XMPP_NOTHING)
 *             send(element);
 *         in = receive_element();
 *         status = spnego_xmpp_receive(session, &element, &in);
 *     }
 *
 * COMPLETE: authenticated; right behind the '>' of <success/> the stream begins anew, through
 * spnego_sasl_receive and spnego_sasl_send of spnego_xmpp_sasl(session).  CONTINUE in the state
 * "choose": this attempt failed (spnego_xmpp_error, spnego_xmpp_peer_condition); begin another, or
 * close the stream.  A server waits in the state "auth", and asks its host two things with
 * SPNEGO_PENDING:
 *
 *     "begin"      the client chose spnego_xmpp_mechanism(session): spnego_xmpp_begin with fresh
 *                  mechanisms for it
 *     "authorize"  spnego_xmpp_authorize, as spnego_sasl_authorize
 *
 * Every element that it gives is to be sent, also with a negative status.  A negative status is
 * final but ERR_USAGE: the stream is to be closed; with ERR_LIMIT (XMPP_ATTEMPTS_SPENT) its error
 * is policy-violation (RFC 6120 6.4.5).
 *
 * What a session holds of the peer's is one element's text, decoded, besides what sasl.h says.
 */
#ifndef SPNEGO_XMPP_H
#define SPNEGO_XMPP_H

#include <spnego/base64.h>
#include <spnego/sasl.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SPNEGO_XMPP_NAMESPACE "urn:ietf:params:xml:ns:xmpp-sasl"

/* ---- Elements -------------------------------------------------------------------------------- */

typedef enum spnego_xmpp_name {
    SPNEGO_XMPP_NOTHING = 0,
    SPNEGO_XMPP_AUTH = 1,
    SPNEGO_XMPP_CHALLENGE = 2,
    SPNEGO_XMPP_RESPONSE = 3,
    SPNEGO_XMPP_ABORT = 4,
    SPNEGO_XMPP_FAILURE = 5,
    SPNEGO_XMPP_SUCCESS = 6
} spnego_xmpp_name;

/* RFC 6120 6.5; RFC 3920 6.4 has not those with a star. */
typedef enum spnego_xmpp_condition {
    SPNEGO_XMPP_NO_CONDITION = 0,
    SPNEGO_XMPP_ABORTED = 1,
    SPNEGO_XMPP_ACCOUNT_DISABLED = 2,    /* * */
    SPNEGO_XMPP_CREDENTIALS_EXPIRED = 3, /* * */
    SPNEGO_XMPP_ENCRYPTION_REQUIRED = 4, /* * */
    SPNEGO_XMPP_INCORRECT_ENCODING = 5,
    SPNEGO_XMPP_INVALID_AUTHZID = 6,
    SPNEGO_XMPP_INVALID_MECHANISM = 7,
    SPNEGO_XMPP_MALFORMED_REQUEST = 8, /* * */
    SPNEGO_XMPP_MECHANISM_TOO_WEAK = 9,
    SPNEGO_XMPP_NOT_AUTHORIZED = 10,
    SPNEGO_XMPP_TEMPORARY_AUTH_FAILURE = 11
} spnego_xmpp_condition;

/* An element of the namespace above. */
typedef struct spnego_xmpp_element {
    spnego_xmpp_name name;
    spnego_bytes mechanism; /* auth: the attribute; absent if it has none                        */
    spnego_bytes text;      /* character data, with the parser's references resolved             */
    spnego_xmpp_condition condition; /* failure                                                  */
    spnego_bytes message;            /* failure: its <text/>, for people; never written by us    */
} spnego_xmpp_element;

/* spnego_xmpp_name_text returns "auth"; "" for any other number.  spnego_xmpp_name_find returns the
 * element of that local name, or SPNEGO_XMPP_NOTHING. */
SPNEGO_API const char *spnego_xmpp_name_text(spnego_xmpp_name name);
SPNEGO_API spnego_xmpp_name spnego_xmpp_name_find(spnego_bytes text);

/* spnego_xmpp_condition_text returns "not-authorized"; "" for any other number.
 * spnego_xmpp_condition_find returns the condition of that local name; one that is not known is
 * not-authorized (RFC 6120 6.5). */
SPNEGO_API const char *spnego_xmpp_condition_text(spnego_xmpp_condition condition);
SPNEGO_API spnego_xmpp_condition spnego_xmpp_condition_find(spnego_bytes text);

/* spnego_xmpp_condition_of returns what a server says of a failure: no more than the client can
 * act on (RFC 6120 6.5.10). */
SPNEGO_API spnego_xmpp_condition spnego_xmpp_condition_of(const spnego_error *error);

/* spnego_xmpp_write writes the element as XML, without white space and without a NUL, and returns
 * its length.  If that is more than out_len it writes nothing; a failure's message is left out. */
SPNEGO_API size_t spnego_xmpp_write(char *out, size_t out_len, const spnego_xmpp_element *element);

/* spnego_xmpp_write_mechanisms does the same for the feature <mechanisms/> with these, most
 * preferred first. */
SPNEGO_API size_t spnego_xmpp_write_mechanisms(char *out, size_t out_len,
                                               const spnego_sasl_mechanism *mechanisms,
                                               size_t num_mechanisms);

/* spnego_xmpp_choose returns the first of a client's own list, most preferred first, whose name is
 * among those offered, in whatever order (RFC 6120 6.3.3); SPNEGO_SASL_NONE if there is none. */
SPNEGO_API spnego_sasl_mechanism spnego_xmpp_choose(const spnego_sasl_mechanism *own,
                                                    size_t num_own, const spnego_bytes *offered,
                                                    size_t num_offered);

/* ---- Sessions -------------------------------------------------------------------------------- */

typedef struct spnego_xmpp spnego_xmpp;

/* Besides SPNEGO_BASE64_*: "=" in a challenge or response for no octets, which RFC 6120 6.4.3
 * writes as nothing. */
#define SPNEGO_XMPP_TAKE_EQUALS 0x0100u

typedef struct spnego_xmpp_config {
    size_t struct_size; /* set by spnego_xmpp_config_init */
    spnego_role role;
    const spnego_sasl_mechanism *mechanisms; /* server: those that it offers.  Not kept */
    size_t num_mechanisms;
    unsigned max_attempts; /* server: <auth/> elements in all, discarded ones too; 0: 3, so two
                            * retries; RFC 6120 6.4.5 has up to 5 */
    uint32_t tolerate; /* SPNEGO_BASE64_*, SPNEGO_XMPP_TAKE_*; default none                    */
    size_t max_text;   /* characters of one element; 0: 87384, which 65536 octets make         */
    void *user;        /* the three as in spnego_config */
    void *(*alloc)(void *user, size_t size);
    void (*dealloc)(void *user, void *memory);
} spnego_xmpp_config;

/* spnego_xmpp_config_init fills *config with the defaults.  struct_size is
 * sizeof(spnego_xmpp_config). */
SPNEGO_API void spnego_xmpp_config_init(spnego_xmpp_config *config, size_t struct_size,
                                        spnego_role role);

/* spnego_xmpp_create puts a new session into *out_session and returns SPNEGO_COMPLETE; or
 * ERR_USAGE or ERR_NO_MEMORY, with *out_session NULL. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_xmpp_create(spnego_xmpp **out_session,
                                                            const spnego_xmpp_config *config);

/* spnego_xmpp_destroy wipes and frees, the SASL session too.  session may be NULL.  From inside a
 * callback of the session it does nothing. */
SPNEGO_API void spnego_xmpp_destroy(spnego_xmpp *session);

/* For the calls that follow: *out is what is to be sent, SPNEGO_XMPP_NOTHING if nothing is; its
 * views last until the next call that takes the session without const. */

/* spnego_xmpp_begin begins an attempt: a client's in the state "choose", a server's in the state
 * "begin", with a mechanism that must be the one chosen.  *config is as for spnego_sasl_create,
 * with mechanisms that have not been used; no_initial and no_success_data are not XMPP's.
 * ERR_USAGE, and nothing changed, where spnego_sasl_create says so.  Other failures of it end the
 * attempt; a client gets no element then. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_xmpp_begin(spnego_xmpp *session,
                                                           spnego_xmpp_element *out,
                                                           const spnego_sasl_config *config);

/* spnego_xmpp_receive takes an element of the peer's.  Returns CONTINUE, PENDING, COMPLETE or a
 * failure, as said above.  A server's new <auth/> discards the attempt that is under way (RFC 6120
 * 6.4.2). */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_xmpp_receive(spnego_xmpp *session,
                                                             spnego_xmpp_element *out,
                                                             const spnego_xmpp_element *in);

/* spnego_xmpp_resume goes on after a mechanism's PENDING. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_xmpp_resume(spnego_xmpp *session,
                                                            spnego_xmpp_element *out);

/* spnego_xmpp_authorize answers a server's question in the state "authorize". */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_xmpp_authorize(spnego_xmpp *session,
                                                               spnego_xmpp_element *out,
                                                               int allowed);

/* spnego_xmpp_abort gives up a client's attempt: <abort/>; then the server's <failure/> is due. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_xmpp_abort(spnego_xmpp *session,
                                                           spnego_xmpp_element *out);

/* spnego_xmpp_mechanism returns that of the attempt under way. */
SPNEGO_API spnego_sasl_mechanism spnego_xmpp_mechanism(const spnego_xmpp *session);

/* spnego_xmpp_sasl returns the SASL session of the attempt under way or of the successful one, NULL
 * if there is none: its identity, its layer.  It is the XMPP session's, and once that is COMPLETE
 * only good for the stream. */
SPNEGO_API spnego_sasl *spnego_xmpp_sasl(const spnego_xmpp *session);

/* spnego_xmpp_error returns why the last attempt or the session failed, or the last call was
 * refused.  offset counts in the element's text where the rule is one of base64's, else as in
 * spnego_sasl_error. */
SPNEGO_API const spnego_error *spnego_xmpp_error(const spnego_xmpp *session);

/* spnego_xmpp_peer_condition returns that of the server's last <failure/>. */
SPNEGO_API spnego_xmpp_condition spnego_xmpp_peer_condition(const spnego_xmpp *session);

/* spnego_xmpp_state returns "choose", "auth", "begin", "abort", "established", "failed", or the
 * state of the SASL session of the attempt under way. */
SPNEGO_API const char *spnego_xmpp_state(const spnego_xmpp *session);

#ifdef __cplusplus
}
#endif
#endif /* SPNEGO_XMPP_H */
