/*
 * spnego/sasl.h - the SASL mechanisms GSS-SPNEGO and GSSAPI (RFC 4422, RFC 4752), and the security
 * layer that they leave on the stream.
 *
 * First the exchange: messages, each wrapped in what the protocol around (LDAP, IMAP, XMPP) has for
 * it.  A client:
 *
 *     spnego_sasl_config config;
 *     spnego_sasl_config_init(&config, sizeof config, SPNEGO_SASL_GSS_SPNEGO);
 *     config.negotiation = &negotiation;              // role, mechanisms: negotiate.h
 *     config.target = "ldap@host" ...
 *     if (spnego_sasl_create(&session, &error, &config) != SPNEGO_COMPLETE) ...
 *     status = spnego_sasl_start(session, &turn, absent);
 *     request_with_initial_response(turn.out);        // absent and empty differ
 *     while (status == SPNEGO_CONTINUE) {
 *         answer = receive();
 *         if (answer.is_challenge) {
 *             status = spnego_sasl_step(session, &turn, answer.data);
 *             status < 0 ? abort_exchange() : send_response(turn.out);
 *         } else
 *             status = spnego_sasl_outcome(session, &turn, answer.is_success, answer.data);
 *     }
 *
 * A server starts with the initial response, absent if there was none:
 *
 *     status = spnego_sasl_start(session, &turn, initial_response);
 *     while (status == SPNEGO_CONTINUE) {
 *         send_challenge(turn.out);
 *         status = spnego_sasl_step(session, &turn, receive_response());
 *         if (status == SPNEGO_PENDING)               // the peer is known; who it wants to be:
 *             status = spnego_sasl_authorize(session, &turn,
 *                                            may_act_as(peer, spnego_sasl_authzid(session)));
 *     }
 *     status == SPNEGO_COMPLETE ? send_success(turn.out) : send_failure();
 *
 * Then the stream, on both sides, beginning right behind the outcome (RFC 4422 3.7):
 * spnego_sasl_receive and spnego_sasl_send, also if there is no layer, when octets pass as they
 * are.
 *
 * The two mechanisms differ.  GSSAPI is Kerberos alone, without SPNEGO; behind the context the two
 * sides agree on a layer, on sizes, and the client may name an authorization identity.  GSS-SPNEGO
 * has no document: its tokens are SPNEGO's, nothing comes behind them, and the layer is what the
 * context's flags allow, confidentiality before integrity before none.
 *
 * What a session holds of the peer's is at most one buffer, max_buffer and 4 octets, besides what
 * the negotiation holds; for the peer it holds at most one buffer of the peer's maximum.
 */
#ifndef SPNEGO_SASL_H
#define SPNEGO_SASL_H

#include <spnego/carrier.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Names and layers ------------------------------------------------------------------------ */

typedef enum spnego_sasl_mechanism {
    SPNEGO_SASL_NONE = 0,
    SPNEGO_SASL_GSS_SPNEGO = 1,
    SPNEGO_SASL_GSSAPI = 2
} spnego_sasl_mechanism;

/* spnego_sasl_name returns "GSS-SPNEGO" or "GSSAPI"; "" for any other number. */
SPNEGO_API const char *spnego_sasl_name(spnego_sasl_mechanism mechanism);

/* spnego_sasl_find returns the mechanism of that name, upper case as RFC 4422 3.1 has it, or
 * SPNEGO_SASL_NONE.  The name SPNEGO is reserved and never one (RFC 5801 14.3). */
SPNEGO_API spnego_sasl_mechanism spnego_sasl_find(spnego_bytes name);

/* RFC 4752 3.3. */
#define SPNEGO_SASL_NO_LAYER 1u
#define SPNEGO_SASL_INTEGRITY 2u
#define SPNEGO_SASL_CONFIDENTIALITY 4u
#define SPNEGO_SASL_ALL_LAYERS 7u

/* ---- Buffers of the layer: usable alone ------------------------------------------------------ */

enum { SPNEGO_SASL_HEADER_LEN = 4, SPNEGO_SASL_MAX_BUFFER = 0xffffff };

/* spnego_sasl_buffer_read looks for one buffer at the beginning of `in`: four octets of length,
 * most significant first, and that many octets (RFC 4422 3.7).  Returns
 *   SPNEGO_COMPLETE      *out_buffer is what stands behind the length, a view of `in`; *out_len the
 *                        octets that both take
 *   SPNEGO_CONTINUE      more is needed: *out_len octets in all, as far as can be told
 *   SPNEGO_ERR_PROTOCOL  the length is 0 (SASL_BUFFER_EMPTY)
 *   SPNEGO_ERR_LIMIT     it is more than max_buffer (SASL_BUFFER_TOO_LONG)
 * *out_buffer is absent but for COMPLETE, *out_len 0 on failure, *out_rule SPNEGO_RULE_NONE but
 * then; out_rule may be NULL. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_sasl_buffer_read(spnego_bytes *out_buffer,
                                                                 size_t *out_len,
                                                                 spnego_rule *out_rule,
                                                                 spnego_bytes in,
                                                                 size_t max_buffer);

/* spnego_sasl_buffer_header writes the length that stands before a buffer of `len` octets, at most
 * 2^32 - 1. */
SPNEGO_API void spnego_sasl_buffer_header(uint8_t out[4], size_t len);

/* ---- Sessions -------------------------------------------------------------------------------- */

typedef struct spnego_sasl spnego_sasl;

/* GSSAPI: confidentiality is chosen by the bits 2 and 4 together, as Active Directory wants it.  A
 * client says it so where both were offered; a server takes it so where it offered both. */
#define SPNEGO_SASL_TAKE_BOTH_BITS 1u

typedef struct spnego_sasl_config {
    size_t struct_size; /* set by spnego_sasl_config_init */
    spnego_sasl_mechanism mechanism;
    const spnego_config *negotiation; /* initiator: client; acceptor: server.  Not kept */
    spnego_bytes target;              /* client: "service@host" (RFC 4752 3.1)             */
    spnego_bytes channel_bindings;    /* absent: none, as RFC 4752 3.1 has it for GSSAPI   */
    uint32_t flags;                   /* client: SPNEGO_FLAG_* to ask for besides those that the
                                       * layers need                                       */
    /* SPNEGO_SASL_* layers that may be used; default all.  Without NO_LAYER nothing is ever sent or
     * taken in the clear: then it is a layer or a failure.  With GSS-SPNEGO the context decides,
     * and if that is none of these it fails; no more is asked for than is allowed, which mechanisms
     * must heed.  NO_LAYER alone, where TLS is there already, means none whatever the context can
     * do: Active Directory refuses two layers (MS-ADTS 5.1.1.1.2). */
    uint32_t layers;
    uint32_t tolerate;    /* SPNEGO_SASL_TAKE_*; default none */
    int no_initial;       /* client: the protocol has no initial response              */
    int no_success_data;  /* server: the protocol has no data with success: the last token goes as
                           * a challenge, which the client answers with nothing (RFC 4422 3)     */
    spnego_bytes authzid; /* client, GSSAPI alone: whom to act as, UTF-8 without NUL; absent or
                           * empty: whom the credential says.  GSS-SPNEGO cannot say it          */
    size_t max_buffer;    /* longest buffer that the peer may send, at most 0xffffff and the
                           * negotiation's max_token; 0: the lesser of the two.  Where it is not
                           * agreed on (GSS-SPNEGO) directory servers send up to 10 MiB          */
    size_t peer_buffer;   /* GSS-SPNEGO, where it is not agreed on: the longest that the peer takes;
                           * 0: 65536                                                           */
    size_t wrap_overhead; /* octets by which wrap makes a message longer, at most (what
                           * GSS_Wrap_size_limit tells); 0: 128, enough for Kerberos and NTLM   */
} spnego_sasl_config;

/* spnego_sasl_config_init fills *config with the defaults.  struct_size is
 * sizeof(spnego_sasl_config). */
SPNEGO_API void spnego_sasl_config_init(spnego_sasl_config *config, size_t struct_size,
                                        spnego_sasl_mechanism mechanism);

/* spnego_sasl_create puts a new session into *out_session and returns SPNEGO_COMPLETE; or what
 * spnego_context_create says (ERR_NO_MECH: GSSAPI and no Kerberos among the mechanisms), or
 * ERR_USAGE, with *out_session NULL and, if out_error is not NULL, *out_error filled.  *config is
 * not kept; what its negotiation borrows is borrowed until destroy. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_sasl_create(spnego_sasl **out_session,
                                                            spnego_error *out_error,
                                                            const spnego_sasl_config *config);

/* spnego_sasl_destroy wipes and frees.  session may be NULL.  From inside a callback of the session
 * it does nothing. */
SPNEGO_API void spnego_sasl_destroy(spnego_sasl *session);

/* For all calls that follow: what *turn holds is said in carrier.h.  A negative status is final but
 * ERR_USAGE, which is for a call out of turn and changes nothing; a server then reports failure, a
 * client aborts.  PENDING is either the mechanism's, for spnego_sasl_resume, or a server's
 * question, for spnego_sasl_authorize; spnego_sasl_state tells "authorize" from the others. */

/* spnego_sasl_start begins.  Client: `initial` is absent; turn->out is the initial response, absent
 * with no_initial.  Server: `initial` is the client's, absent if it sent none, empty if it asks for
 * a NegTokenInit2 (MS-SPNG 3.2.5.2); results as those of spnego_sasl_step. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_sasl_start(spnego_sasl *session, spnego_turn *turn,
                                                           spnego_bytes initial);

/* spnego_sasl_step takes a challenge (client) or a response (server); an absent one is an empty
 * one.
 *   client CONTINUE  turn->out is the response, perhaps empty
 *   server CONTINUE  turn->out is the challenge, perhaps empty
 *   server COMPLETE  success; turn->out is its data, absent if there is none
 *   PENDING          see above */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_sasl_step(spnego_sasl *session, spnego_turn *turn,
                                                          spnego_bytes message);

/* spnego_sasl_resume goes on after a mechanism's PENDING; results as those of the call before. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_sasl_resume(spnego_sasl *session,
                                                            spnego_turn *turn);

/* spnego_sasl_authorize tells a server in the state "authorize" whether the peer may act as
 * spnego_sasl_authzid, or, if that is absent, at all; results as those of spnego_sasl_step, or
 * ERR_POLICY (SASL_NOT_AUTHORIZED).  Who the peer is the mechanism knows. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_sasl_authorize(spnego_sasl *session,
                                                               spnego_turn *turn, int allowed);

/* spnego_sasl_outcome takes what a client's server says in the end: success with its data, absent
 * if there is none, or failure.  COMPLETE: established.  PENDING: see above.  ERR_REJECTED: it
 * failed.  Other negative statuses: the server says success, and it is none. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_sasl_outcome(spnego_sasl *session,
                                                             spnego_turn *turn, int success,
                                                             spnego_bytes data);

/* spnego_sasl_authzid returns the authorization identity, a server's once it is in the state
 * "authorize"; absent if there is none, which an empty one means as well (RFC 4422 3.4.1).  It
 * lasts as long as the session. */
SPNEGO_API spnego_bytes spnego_sasl_authzid(const spnego_sasl *session);

/* spnego_sasl_receive takes octets of the peer's stream, cut anywhere, one buffer at most: call it
 * until all are taken.  turn->data is for the application.  COMPLETE; or negative: the connection
 * is to be closed (RFC 4422 3.7).  ERR_USAGE before it is established. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_sasl_receive(spnego_sasl *session,
                                                             spnego_turn *turn, spnego_bytes in);

/* spnego_sasl_send makes one buffer of as much of `data` as the peer takes in one: turn->taken
 * octets; call it until all are taken.  turn->out is to be sent.  Statuses as those of
 * spnego_sasl_receive. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_sasl_send(spnego_sasl *session, spnego_turn *turn,
                                                          spnego_bytes data);

/* spnego_sasl_end says that the peer's stream has ended: COMPLETE between two buffers of an
 * established session, else ERR_IO (SASL_STREAM_ENDED). */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_sasl_end(spnego_sasl *session, spnego_turn *turn);

/* spnego_sasl_error returns why the session failed, or the last call was refused.  offset counts
 * from the first octet of the message, of what was wrapped in it, or of the buffer. */
SPNEGO_API const spnego_error *spnego_sasl_error(const spnego_sasl *session);

/* spnego_sasl_state returns "start", "first-challenge", "token", "offer", "last-response", "reply",
 * "authorize", "outcome", "established" or "failed": what the session waits for; for logs. */
SPNEGO_API const char *spnego_sasl_state(const spnego_sasl *session);

/* What was agreed on. */
typedef struct spnego_sasl_info {
    uint32_t layer;     /* SPNEGO_SASL_NO_LAYER, INTEGRITY or CONFIDENTIALITY             */
    size_t max_buffer;  /* longest buffer that the peer may send; 0 without a layer       */
    size_t peer_buffer; /* longest that it takes; 0 without a layer                       */
    size_t max_data;    /* octets that go into one; 0 without a layer: no limit           */
    uint32_t tolerated; /* SPNEGO_SASL_TAKE_* that were needed                            */
} spnego_sasl_info;

/* spnego_sasl_get_info fills *out_info and returns 1 once it is established, else 0 with *out_info
 * zero-filled. */
SPNEGO_API int spnego_sasl_get_info(const spnego_sasl *session, spnego_sasl_info *out_info);

/* spnego_sasl_context returns the negotiation inside, for spnego_context_info. */
SPNEGO_API const spnego_context *spnego_sasl_context(const spnego_sasl *session);

#ifdef __cplusplus
}
#endif
#endif /* SPNEGO_SASL_H */
