/*
 * spnego/socks5.h - method 1 of SOCKS 5: authentication and protection by the GSS-API (RFC 1961,
 * behind the greeting of RFC 1928 3).
 *
 * The first half reads and writes frames and needs nothing else.  The second is a session as
 * carrier.h says: a client or a server, from the greeting, or from behind it, to the end.
 *
 *   client                       server
 *   05 01 01                                                    greeting, RFC 1928 3 (an option)
 *                                05 01
 *   01 01 length token           01 01 length token             until both mechanisms are complete
 *   01 02 length wrap(level)     01 02 length wrap(level)       RFC 1961 4
 *   01 03 length wrap(request)   01 03 length wrap(reply)       and from here on data
 *
 * Requests and replies of RFC 1928 are application data of the session, the first that there is.
 *
 *     spnego_config negotiation;                 // role, mechanisms, as for spnego_context_create
 *     spnego_socks5_config config;
 *     spnego_socks5_config_init(&config, sizeof config);
 *     config.negotiation = &negotiation;
 *     config.target = "rcmd@proxy.example.org";  // a spnego_bytes
 *     if (spnego_socks5_create(&session, NULL, &config) != SPNEGO_COMPLETE) ...
 *     status = spnego_socks5_start(session, &turn);             // a client
 *     send_to_peer(turn.out);
 *     ... spnego_socks5_receive as in carrier.h, until it says COMPLETE ...
 *     while (data.len != 0 && (status = spnego_socks5_send(session, &turn, data, 0)) >= 0) {
 *         send_to_peer(turn.out);
 *         data.data += turn.taken, data.len -= turn.taken;
 *     }
 *
 * What it decides where RFC 1961 leaves it open, or is not what is deployed:
 *   - The mechanism is used as it is, as deployed clients and servers do; SPNEGO around it is an
 *     option (RFC 1961 2 leaves the mechanism to the GSS-API).
 *   - Delegation is not asked for, though 3.2 has it always requested: it would hand the user's
 *     credentials to every proxy.  An option asks for it.
 *   - A client takes the level that it asked for and no other, unless min_level says otherwise.
 *   - The level is wrapped, as 4.3 says; by option it is bare, as NEC's reference implementation
 * has it.
 *   - Level 0, which RFC 1961 does not have, is agreed to by option alone.
 *   - A client sends its level right behind its last token and does not wait for the empty token by
 *     which a server says that it is ready (3.6); it takes that token where it comes.
 *
 * Closing the connection is all that ends a session (RFC 1961 6).  Whoever is between can do that
 * as well: only the application's data can tell that all of it has come.
 */
#ifndef SPNEGO_SOCKS5_H
#define SPNEGO_SOCKS5_H

#include <spnego/carrier.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Frames ---------------------------------------------------------------------------------- */

/* RFC 1928 3 */
#define SPNEGO_SOCKS5_METHOD_GSSAPI 0x01
#define SPNEGO_SOCKS5_METHOD_NONE_ACCEPTABLE 0xff

/* RFC 1961 3.4, 3.8, 4.3, 5 */
typedef enum spnego_socks5_type {
    SPNEGO_SOCKS5_AUTHENTICATION = 0x01,
    SPNEGO_SOCKS5_PROTECTION = 0x02,
    SPNEGO_SOCKS5_DATA = 0x03,
    SPNEGO_SOCKS5_ABORT = 0xff /* two octets in all: it has no length */
} spnego_socks5_type;

#define SPNEGO_SOCKS5_HEAD_LEN 4
#define SPNEGO_SOCKS5_MAX_TOKEN 65535

typedef struct spnego_socks5_frame {
    int type;           /* spnego_socks5_type; 0: not known yet               */
    spnego_bytes token; /* present and empty for length 0; absent in an abort */
} spnego_socks5_frame;

/* spnego_socks5_frame_read reads the frame at the beginning of `in`, which may go on behind it.
 * COMPLETE: *out_frame is filled, *out_len is the frame's length.  CONTINUE: more is needed, at
 * least *out_len octets in all; out_frame->type is set if it was among those that are there.
 * ERR_MALFORMED: *out_error, if out_error is not NULL, says why and where, counted from the frame's
 * first octet (RFC 1961 3.4, 3.8). */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_socks5_frame_read(spnego_socks5_frame *out_frame,
                                                                  size_t *out_len,
                                                                  spnego_error *out_error,
                                                                  spnego_bytes in);

/* spnego_socks5_head_write writes what stands before a token of that length and returns how many
 * octets that is: 4, or 2 for SPNEGO_SOCKS5_ABORT, which has no token.  0 and nothing written if
 * there is no such frame: of another type, or with a token longer than SPNEGO_SOCKS5_MAX_TOKEN. */
SPNEGO_API size_t spnego_socks5_head_write(uint8_t out[SPNEGO_SOCKS5_HEAD_LEN], int type,
                                           size_t token_len);

/* spnego_socks5_greeting_read reads a client's greeting: *out_methods is the list, one octet each.
 * Results as those of spnego_socks5_frame_read (RFC 1928 3). */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_socks5_greeting_read(spnego_bytes *out_methods,
                                                                     size_t *out_len,
                                                                     spnego_error *out_error,
                                                                     spnego_bytes in);

/* spnego_socks5_selection_read reads a server's answer to it: *out_method is what it chose. Results
 * as those of spnego_socks5_frame_read (RFC 1928 3). */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_socks5_selection_read(uint8_t *out_method,
                                                                      size_t *out_len,
                                                                      spnego_error *out_error,
                                                                      spnego_bytes in);

/* ---- Configuring ----------------------------------------------------------------------------- */

/* RFC 1961 4.2; the numbers are those on the wire.  NONE is not among the RFC's. */
#define SPNEGO_SOCKS5_LEVEL_NONE 0
#define SPNEGO_SOCKS5_LEVEL_INTEGRITY 1
#define SPNEGO_SOCKS5_LEVEL_CONFIDENTIALITY 2 /* and integrity */
#define SPNEGO_SOCKS5_LEVEL_SELECTIVE 3 /* integrity, and confidentiality message by message */

/* The session says, or hears, the greeting of RFC 1928 3, with this method and no other.  Without
 * it the host has done that, and the session begins behind it. */
#define SPNEGO_SOCKS5_OPTION_GREETING 0x0001u
/* The tokens are SPNEGO's. */
#define SPNEGO_SOCKS5_OPTION_SPNEGO 0x0002u
/* The level goes as a bare octet in both directions, as in the implementation of NEC and those that
 * follow it.  Whoever is between can then change it: a client still sends nothing with less than it
 * asked for, nor takes it. */
#define SPNEGO_SOCKS5_OPTION_NEC 0x0004u
/* Client: level 0 is asked for, and taken.  Server: it is agreed to where a client asks for it.
 * Everything behind the negotiation is then neither framed nor protected. */
#define SPNEGO_SOCKS5_OPTION_NO_PROTECTION 0x0008u
/* Client: delegation is asked for, as RFC 1961 3.2 demands. */
#define SPNEGO_SOCKS5_OPTION_DELEGATE 0x0010u
/* Client: for datagrams, which may be lost and overtake each other: no sequence protection is asked
 * for (RFC 1961 3.2). */
#define SPNEGO_SOCKS5_OPTION_UDP 0x0020u

/* Of what can go into a frame, the mechanism's part of a wrapped message gets one sixteenth, 4095
 * octets: those that are in use need less than 100. */
#define SPNEGO_SOCKS5_DEFAULT_MAX_PLAINTEXT 61440

typedef struct spnego_socks5_config {
    size_t struct_size; /* set by spnego_socks5_config_init */
    /* Role, mechanisms, policy, allocator, and the callbacks, whose `user` stays as it is; copied
     * as by spnego_context_create.  SPNEGO_OPTION_REQUIRE_MIC needs OPTION_SPNEGO; fragments there
     * are none. */
    const spnego_config *negotiation;
    uint32_t options;              /* SPNEGO_SOCKS5_OPTION_* */
    spnego_bytes target;           /* client: "service@host", the host fully qualified and in lower
                                    * case (RFC 1961 3.1); or absent: the mechanism knows          */
    spnego_bytes channel_bindings; /* absent: none, as RFC 1961 knows none */

    /* Client: the level to ask for; 0 takes CONFIDENTIALITY, and with NO_PROTECTION NONE.  A
     * context that cannot give it is ERR_POLICY. Server: the level to answer, whatever was asked
     * for (RFC 1961 4.2); 0 agrees to what the client asks for if the context can give it and it is
     * not below min_level, else it answers min_level, or INTEGRITY if that is more. */
    int level;
    /* What every message must have at least: INTEGRITY or CONFIDENTIALITY; SELECTIVE promises
     * integrity alone.
     * Client: 0: no other level than the one that was asked for is taken.  Else each that promises
     * as much, weaker than asked for or not.
     * Server: 0 takes INTEGRITY, and with NO_PROTECTION NONE. */
    int min_level;
    /* Application data in one frame; 0 takes DEFAULT_MAX_PLAINTEXT, or less with a lower
     * spnego_limits.max_token.  Nothing tells beforehand how long a mechanism makes it, and what
     * was wrapped cannot be taken back, for it has a number: where it does not fit a frame the
     * session fails, and nothing is sent. */
    size_t max_plaintext;
} spnego_socks5_config;

/* spnego_socks5_config_init fills *config with the defaults above; negotiation is to be set. */
SPNEGO_API void spnego_socks5_config_init(spnego_socks5_config *config, size_t struct_size);

/* ---- Running --------------------------------------------------------------------------------- */

/* Besides the negotiation's memory, and what that holds of one token, a session has at most one
 * frame of the peer's, which grows with what arrives, and two frames of its own; what grows
 * doubles. */
typedef struct spnego_socks5 spnego_socks5;

/* spnego_socks5_create puts a new session into *out_session and returns COMPLETE; or what
 * spnego_context_create returns, and ERR_USAGE if a member of *config breaks its contract, with
 * *out_session NULL and, if out_error is not NULL, *out_error filled.  *config is not kept. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_socks5_create(spnego_socks5 **out_session,
                                                              spnego_error *out_error,
                                                              const spnego_socks5_config *config);

/* spnego_socks5_destroy wipes and frees; no token tells the peer (RFC 1961 6).  session may be
 * NULL. From inside a callback of the session it does nothing. */
SPNEGO_API void spnego_socks5_destroy(spnego_socks5 *session);

/* The calls below fill *turn and return the session's status:
 *   CONTINUE  more of the peer's is needed
 *   PENDING   the mechanism needs time: spnego_socks5_resume when it is ready, and nothing before
 *   COMPLETE  established: turn->data is the application's, and its data may be sent
 *   negative  failed, for good; turn->out may still hold a last word for the peer, a mechanism's
 *             error token, or a server's abort: send it, then close the connection (RFC 1961 3.5,
 *             3.8, 4.4).  ERR_USAGE: the call was out of turn, and the session is as it was. */

/* spnego_socks5_start begins: a client's first call.  A server has no such call. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_socks5_start(spnego_socks5 *session,
                                                             spnego_turn *turn);

/* spnego_socks5_receive takes octets of the peer's, one frame at most.  Between a server's calls
 * its host may look at the state: with "protection" the mechanism is complete, the client is who it
 * says, and spnego_socks5_close refuses it. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_socks5_receive(spnego_socks5 *session,
                                                               spnego_turn *turn, spnego_bytes in);

/* spnego_socks5_resume goes on where PENDING was returned. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_socks5_resume(spnego_socks5 *session,
                                                              spnego_turn *turn);

/* spnego_socks5_send makes a frame of application data in turn->out, of as much as turn->taken
 * says: the rest is for the next call.  conf: it must be encrypted; ERR_USAGE where the level that
 * was agreed on would not do that.  0 leaves it to the level, and with SELECTIVE it is not
 * encrypted. ERR_USAGE before the session is established.  Empty data makes a frame as well. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_socks5_send(spnego_socks5 *session,
                                                            spnego_turn *turn, spnego_bytes data,
                                                            int conf);

/* spnego_socks5_send_datagram makes one datagram of `data`, which begins with the header of
 * RFC 1928 7, all of it in one frame; ERR_USAGE if it is longer than max_plaintext.  Otherwise as
 * spnego_socks5_send. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_socks5_send_datagram(spnego_socks5 *session,
                                                                     spnego_turn *turn,
                                                                     spnego_bytes data, int conf);

/* spnego_socks5_receive_datagram takes one that came, whole; turn->data is what was in it, present
 * even if empty.  ERR_USAGE before the session is established.  Anyone can send a datagram: one
 * that is wrong gives a negative status and spnego_socks5_error, and the session goes on. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_socks5_receive_datagram(spnego_socks5 *session,
                                                                        spnego_turn *turn,
                                                                        spnego_bytes datagram);

/* spnego_socks5_end says that the peer's stream has ended.  COMPLETE between two frames of an
 * established session, else ERR_IO. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_socks5_end(spnego_socks5 *session,
                                                           spnego_turn *turn);

/* spnego_socks5_close gives up: COMPLETE, and each later call is ERR_USAGE; one that has failed
 * stays so, and says why again.  turn->out is a server's abort, or the selection that no method is
 * acceptable, if the client still waits for that; else absent (RFC 1961 3.8, 6). */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_socks5_close(spnego_socks5 *session,
                                                             spnego_turn *turn);

/* spnego_socks5_error returns why the session failed, or why the last call was refused. */
SPNEGO_API const spnego_error *spnego_socks5_error(const spnego_socks5 *session);

/* spnego_socks5_state returns the name of what is awaited: "start", "greeting", "selection",
 * "token", "protection", "data", or "failed", "closed"; for logs. */
SPNEGO_API const char *spnego_socks5_state(const spnego_socks5 *session);

/* What was agreed on. */
typedef struct spnego_socks5_info {
    spnego_info negotiation;
    int level;        /* SPNEGO_SOCKS5_LEVEL_*                                            */
    int confidential; /* 1: what the last call delivered had come encrypted (SELECTIVE) */
} spnego_socks5_info;

/* spnego_socks5_get_info fills *out_info and returns 1 once the session is established; before, and
 * after a failure, it returns 0 with *out_info zero-filled. */
SPNEGO_API int spnego_socks5_get_info(const spnego_socks5 *session, spnego_socks5_info *out_info);

#ifdef __cplusplus
}
#endif
#endif /* SPNEGO_SOCKS5_H */
