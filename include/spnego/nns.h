/*
 * spnego/nns.h - the .NET NegotiateStream protocol (MS-NNS): SPNEGO over a stream, then data that
 * the mechanism signs or encrypts.
 *
 *     spnego_config_init(&negotiation, sizeof negotiation, SPNEGO_INITIATOR);
 *     negotiation.mechs = mechs;                   // as for a negotiation alone
 *     negotiation.num_mechs = 2;
 *     spnego_nns_config_init(&config, sizeof config, &negotiation);
 *     config.target = target;                      // "host@server.example"
 *     if (spnego_nns_create(&session, NULL, &config) != SPNEGO_COMPLETE) ...
 *     status = spnego_nns_start(session, &turn);   // a client's first message is in turn.out
 *     ... the loop of carrier.h; status is SPNEGO_CONTINUE until it is established, then COMPLETE
 *     status = spnego_nns_send(session, &turn, data);
 *     ...
 *     spnego_nns_destroy(session);
 *
 * The role is that of the negotiation's configuration: an initiator is the client.  Conventions
 * are those of negotiate.h; where MS-NNS speaks of the connection, this is the caller's part:
 *   - The connection is there before, and what opens, closes and times it is the caller's: the
 *     protocol has no timer.  spnego_nns_end tells that the peer has closed it.
 *   - A session that failed is spent.  If its state is then "Closed", the peer is at fault or has
 *     said that it failed, and the caller closes the connection.  If it is "Uninitialized", this
 *     side refused, turn.out holds the HandshakeError that says so, and the connection may live:
 *     a new session may try again on it, as NegotiateStream does, or the caller closes it.
 *   - The end of the stream is not protected: whoever is between can cut it between two messages,
 *     and the application's protocol must notice.
 *   - A client that refuses after the server is done (levels, MS-NNS 3.1.5.3) sends its
 *     HandshakeError where the server expects data.  Without protection it is delivered as such.
 *
 * A client whose level is NONE uses NTLM alone, without SPNEGO (3.1.4.1), so it must have that
 * mechanism; and a server takes an NTLM message without SPNEGO.  Nothing then shows whether a
 * better mechanism was struck out on the way.  A server that does not want this sets
 * SPNEGO_OPTION_REQUIRE_MIC in its negotiation, or denies NTLM; with REQUIRE_MIC a client of level
 * NONE cannot be created.
 *
 * Memory: what arrives and what leaves is held in two buffers, each of at most
 * SPNEGO_NNS_MAX_BUFFER octets, half as much again while it grows, beside what the negotiation
 * holds.
 */
#ifndef SPNEGO_NNS_H
#define SPNEGO_NNS_H

#include <spnego/carrier.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Messages ------------------------------------------------------------------------------ */

/* HandshakeId, MS-NNS 2.2.1 */
#define SPNEGO_NNS_DONE 0x14u
#define SPNEGO_NNS_ERROR 0x15u
#define SPNEGO_NNS_IN_PROGRESS 0x16u

#define SPNEGO_NNS_HANDSHAKE_HEADER_LEN 5u
#define SPNEGO_NNS_ERROR_LEN 13u /* header, Reserved, ErrorCode */
#define SPNEGO_NNS_MAX_TOKEN 0xffffu
#define SPNEGO_NNS_DATA_HEADER_LEN 4u
/* Lengths of the payload of a data message.  The document of 2015 allows the first, that of 2019
 * the second; NegotiateStream takes the third, and wraps so much at a time that it may exceed the
 * others.  No token of GSS_Wrap is as short as the last. */
#define SPNEGO_NNS_MAX_PAYLOAD 0xfc00u
#define SPNEGO_NNS_MAX_PAYLOAD_2019 0xfc30u
#define SPNEGO_NNS_MAX_PAYLOAD_TAKEN 0x10000u
#define SPNEGO_NNS_TOO_SHORT_PAYLOAD 4u

/* ErrorCode: HRESULTs (MS-ERREF 2.1), and what authenticated sides say whose levels do not fit. */
#define SPNEGO_NNS_TRUST_FAILURE 0x000006feu
#define SPNEGO_NNS_INSUFFICIENT_MEMORY 0x80090300u
#define SPNEGO_NNS_INVALID_HANDLE 0x80090301u
#define SPNEGO_NNS_UNSUPPORTED_FUNCTION 0x80090302u
#define SPNEGO_NNS_TARGET_UNKNOWN 0x80090303u
#define SPNEGO_NNS_INTERNAL_ERROR 0x80090304u
#define SPNEGO_NNS_SECPKG_NOT_FOUND 0x80090305u
#define SPNEGO_NNS_INVALID_TOKEN 0x80090308u
#define SPNEGO_NNS_LOGON_DENIED 0x8009030cu
#define SPNEGO_NNS_UNKNOWN_CREDENTIALS 0x8009030du
#define SPNEGO_NNS_NO_CREDENTIALS 0x8009030eu
#define SPNEGO_NNS_MESSAGE_ALTERED 0x8009030fu
#define SPNEGO_NNS_OUT_OF_SEQUENCE 0x80090310u
#define SPNEGO_NNS_CONTEXT_EXPIRED 0x80090317u
#define SPNEGO_NNS_WRONG_PRINCIPAL 0x80090322u
#define SPNEGO_NNS_TIME_SKEW 0x80090324u
#define SPNEGO_NNS_BAD_BINDINGS 0x80090346u

/* A handshake message. */
typedef struct spnego_nns_handshake {
    uint8_t id;          /* SPNEGO_NNS_DONE, ERROR or IN_PROGRESS                              */
    uint8_t version[2];  /* major and minor, as they came: a receiver ignores them             */
    spnego_bytes token;  /* AuthPayload; empty, not absent, if there is none                   */
    uint32_t error_code; /* of an ERROR of 8 octets or more; 0, "unspecified", of a shorter one */
} spnego_nns_handshake;

/* spnego_nns_handshake_decode reads the message that begins `in`.  Returns SPNEGO_RULE_NONE with
 * *out_len, how long the message is or, while its header is cut, how long that is: if *out_len is
 * more than in.len, so many octets are needed and *out_message is zero-filled; else it is filled.
 * On a rule *out_message is zero-filled and *out_len is the offset of what breaks it.
 *
 * ErrorCode comes in three ways.  MS-NNS 2.2 has it little-endian behind four octets of zero.
 * NegotiateStream writes and reads all eight octets as one integer: big-endian up to .NET 7, so
 * that ErrorCode is big-endian in its place; little-endian from .NET 8 on, so that it comes first,
 * and what follows is all 00 or all FF.  It is read as that last one if the second half is such;
 * else big-endian; but as the document has it where only that is 0x6FE or begins as an HRESULT
 * does, with 80 or, of a vendor, A0. */
SPNEGO_API SPNEGO_MUST_USE spnego_rule
spnego_nns_handshake_decode(spnego_nns_handshake *out_message, size_t *out_len, spnego_bytes in);

/* spnego_nns_handshake_encode writes the header of a DONE or IN_PROGRESS that carries token_len
 * octets.  A rule, with nothing written, if it cannot carry so many. */
SPNEGO_API SPNEGO_MUST_USE spnego_rule spnego_nns_handshake_encode(
    uint8_t out[SPNEGO_NNS_HANDSHAKE_HEADER_LEN], uint8_t id, size_t token_len);

/* spnego_nns_error_encode writes a whole HandshakeError, its code big-endian; `twice`: see
 * SPNEGO_NNS_OPTION_ERROR_CODE_TWICE. */
SPNEGO_API void spnego_nns_error_encode(uint8_t out[SPNEGO_NNS_ERROR_LEN], uint32_t error_code,
                                        int twice);

/* spnego_nns_data_decode reads the data message that begins `in`; *out_payload is the wrapped
 * token.  Results as those of spnego_nns_handshake_decode.  A payload of SPNEGO_NNS_TOO_SHORT_
 * PAYLOAD octets or fewer, and one of more than max_payload, breaks a rule as soon as its header is
 * there. */
SPNEGO_API SPNEGO_MUST_USE spnego_rule spnego_nns_data_decode(spnego_bytes *out_payload,
                                                              size_t *out_len, spnego_bytes in,
                                                              size_t max_payload);

/* spnego_nns_data_encode writes the header of a data message; a rule, with nothing written, by the
 * same limits. */
SPNEGO_API SPNEGO_MUST_USE spnego_rule spnego_nns_data_encode(
    uint8_t out[SPNEGO_NNS_DATA_HEADER_LEN], size_t payload_len, size_t max_payload);

/* spnego_nns_code_name returns "SEC_E_LOGON_DENIED" and the like for an ErrorCode; NULL for one
 * that is not in the list above. */
SPNEGO_API const char *spnego_nns_code_name(uint32_t error_code);

/* spnego_nns_code_of returns the ErrorCode that tells the peer why this side, of that role, failed:
 * TRUST_FAILURE for what policy refuses, else by the GSS_S_* major status.  What an acceptor's
 * mechanism gives no better reason for is LOGON_DENIED. */
SPNEGO_API uint32_t spnego_nns_code_of(const spnego_error *error, spnego_role role);

/* ---- Levels -------------------------------------------------------------------------------- */

/* Each is higher than those before it (MS-NNS 3.1.1.3, 3.1.1.5). */
typedef enum spnego_nns_protection {
    SPNEGO_NNS_NONE = 0,
    SPNEGO_NNS_SIGN = 1,
    SPNEGO_NNS_ENCRYPT_AND_SIGN = 2
} spnego_nns_protection;

typedef enum spnego_nns_impersonation {
    SPNEGO_NNS_IDENTIFICATION = 1,
    SPNEGO_NNS_IMPERSONATION = 2,
    SPNEGO_NNS_DELEGATION = 3
} spnego_nns_impersonation;

/* The levels that were negotiated, by the flags of the mechanism.  CONF: ENCRYPT_AND_SIGN, else
 * INTEG: SIGN.  DELEG of a mechanism other than NTLM: DELEGATION, else SPNEGO_FLAG_IDENTIFY:
 * IDENTIFICATION, else IMPERSONATION. */
typedef struct spnego_nns_levels {
    spnego_nns_protection protection;
    spnego_nns_impersonation impersonation;
} spnego_nns_levels;

/* ---- Configuring --------------------------------------------------------------------------- */

/* Data messages of up to SPNEGO_NNS_MAX_PAYLOAD_2019 octets are sent. */
#define SPNEGO_NNS_OPTION_LONG_PAYLOADS 0x0001u
/* Data messages longer than may be sent are refused; else up to SPNEGO_NNS_MAX_PAYLOAD_TAKEN are
 * taken. */
#define SPNEGO_NNS_OPTION_STRICT_PAYLOADS 0x0002u
/* Client: an impersonation level lower than the allowed one is refused too, as MS-NNS 3.1.5.1 has
 * it; NegotiateStream does not look at it. */
#define SPNEGO_NNS_OPTION_EXACT_IMPERSONATION 0x0004u
/* At level SIGN, data that the mechanism calls encrypted is refused too; less protection than was
 * negotiated always is.  There are mechanisms that call all data so. */
#define SPNEGO_NNS_OPTION_EXACT_PROTECTION 0x0008u
/* A HandshakeError has its code also where .NET 8 and later look for it, little-endian in the four
 * octets that MS-NNS 2.2.1 reserves: then every NegotiateStream can tell why.  Without it theirs
 * fails with no reason. */
#define SPNEGO_NNS_OPTION_ERROR_CODE_TWICE 0x0010u

typedef struct spnego_nns_config {
    size_t struct_size; /* set by spnego_nns_config_init */

    /* Role, mechanisms, policy, memory and callbacks.  Read by spnego_nns_create alone; what of it
     * a negotiation borrows it borrows until destroy.  Its `request` is not used, and neither
     * fragments nor SPNEGO_OPTION_BARE and TAKE_BARE, which this protocol sets itself, may be asked
     * for. */
    const spnego_config *negotiation;

    /* What this side requires: less is refused.  Client: this is also what it asks for; at NONE not
     * even replay and sequence detection, for which NTLM would sign (MS-NLMP 3.1.1.2). */
    spnego_nns_protection protection;
    /* Server: the lowest that it takes.  Client: the highest that it allows: a higher one is
     * refused.  IDENTIFICATION needs a mechanism that knows SPNEGO_FLAG_IDENTIFY. */
    spnego_nns_impersonation impersonation;
    spnego_bytes target;           /* client: spnego_request.target, or absent */
    spnego_bytes channel_bindings; /* of either role; or absent                */
    uint32_t options;              /* SPNEGO_NNS_OPTION_*                      */

    /* Optional: 0 refuses the peer that was authenticated, with TRUST_FAILURE.  Asked once, when
     * the levels fit and before it is established; a server may look at the name that the client
     * meant to reach.  `user` is that of the negotiation. */
    int (*accept_peer)(void *user, const spnego_info *info);
} spnego_nns_config;

/* spnego_nns_config_init fills *config: ENCRYPT_AND_SIGN; a client allows IMPERSONATION, a server
 * requires IDENTIFICATION; no option.  struct_size is sizeof(spnego_nns_config). */
SPNEGO_API void spnego_nns_config_init(spnego_nns_config *config, size_t struct_size,
                                       const spnego_config *negotiation);

/* ---- Running ------------------------------------------------------------------------------- */

typedef struct spnego_nns spnego_nns;

/* What a session holds for what arrives, and again for what leaves: a buffer that has doubled. */
#define SPNEGO_NNS_MAX_BUFFER (2u * (SPNEGO_NNS_DATA_HEADER_LEN + SPNEGO_NNS_MAX_PAYLOAD_TAKEN))

/* spnego_nns_create puts a new session into *out_session and returns SPNEGO_COMPLETE; or returns
 * ERR_USAGE, ERR_NO_MECH or ERR_NO_MEMORY, as spnego_context_create, with *out_session NULL and, if
 * out_error is not NULL, *out_error filled.  ERR_NO_MECH also for a client of level NONE that has
 * no NTLM.  *config is not kept. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_nns_create(spnego_nns **out_session,
                                                           spnego_error *out_error,
                                                           const spnego_nns_config *config);

/* spnego_nns_destroy wipes and frees; session may be NULL.  Refused, without a sign, from inside a
 * callback. */
SPNEGO_API void spnego_nns_destroy(spnego_nns *session);

/* The calls.  Each fills *turn and returns where the session stands after it:
 *
 *   CONTINUE   the peer's next octets are needed; turn->out, if there is something, is sent first
 *   PENDING    the mechanism needs time: spnego_nns_resume once it is ready
 *   COMPLETE   it is established, and data may be sent; or, of end and close, it is over
 *   ERR_USAGE  the call was refused: the state is not one for it, or it came from inside a
 *              callback.  Nothing has changed, and *turn is empty
 *   negative   it failed, for good.  turn->out, if there is something, is the HandshakeError for
 *              the peer; every later call but close returns the same status and an empty *turn
 *
 * Data of the peer's is in turn->data once it is established: what it wrote, cut otherwise than it
 * wrote it.  Octets of `in` may hold the last message of the handshake and data behind it: hand
 * over what was not taken again. */

/* spnego_nns_start begins.  A client's turn->out is its first message.  If there is no credential,
 * nothing is written: ERR_NO_MECH, or ERR_MECH.  ERR_USAGE in a session that has begun. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_nns_start(spnego_nns *session, spnego_turn *turn);

/* spnego_nns_receive takes octets of the peer's.  ERR_USAGE before start, while a mechanism is
 * pending, and after the end. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_nns_receive(spnego_nns *session, spnego_turn *turn,
                                                            spnego_bytes in);

/* spnego_nns_resume goes on with a call that answered PENDING; else ERR_USAGE. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_nns_resume(spnego_nns *session, spnego_turn *turn);

/* spnego_nns_send makes octets for the peer of the application's: turn->taken of them, at most what
 * one message holds; the rest belongs into the next call.  At level NONE turn->out is `data`
 * itself.  ERR_USAGE before it is established.  If the mechanism cannot wrap, nothing is written
 * and the session fails, since the peer would miss a message. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_nns_send(spnego_nns *session, spnego_turn *turn,
                                                         spnego_bytes data);

/* spnego_nns_end says that the peer's stream has ended.  COMPLETE if it was established and no
 * message is cut; else ERR_IO.  ERR_USAGE before start and after the end. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_nns_end(spnego_nns *session, spnego_turn *turn);

/* spnego_nns_close deletes the security context, in any state, and returns SPNEGO_COMPLETE; all
 * other calls are then refused, or, if it had failed, answered as before.  The caller closes the
 * connection.  ERR_USAGE from inside a callback. */
SPNEGO_API spnego_status spnego_nns_close(spnego_nns *session);

/* spnego_nns_state returns the name of the state, as MS-NNS 3.1.1.2 and 3.2.1.2 have it:
 * "Uninitialized", "CreatingSecurityToken", "WaitingForHandshakeMessage", "ProcessingFinalToken",
 * "WaitingForHandshakeDone" (client), "Authenticated", "Closed". */
SPNEGO_API const char *spnego_nns_state(const spnego_nns *session);

/* spnego_nns_error returns why the session failed, or why the last call was refused; until then its
 * status is SPNEGO_COMPLETE.  Its offset counts from the first octet of the message that was
 * received. */
SPNEGO_API const spnego_error *spnego_nns_error(const spnego_nns *session);

/* spnego_nns_error_code returns the ErrorCode of the HandshakeError that ended the handshake,
 * whichever side sent it, and 0 if none did; a peer's may be any number, 0 as well. */
SPNEGO_API uint32_t spnego_nns_error_code(const spnego_nns *session);

/* spnego_nns_info fills both and returns 1 while the session is established; else it returns 0 with
 * both zero-filled. */
SPNEGO_API int spnego_nns_info(const spnego_nns *session, spnego_info *out_info,
                               spnego_nns_levels *out_levels);

#ifdef __cplusplus
}
#endif
#endif /* SPNEGO_NNS_H */
