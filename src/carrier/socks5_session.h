/*
 * carrier/socks5_session.h - a session of SOCKS 5: greeting, authentication and calls (socks5.c),
 * the level of protection (socks5_level.c), data (socks5_data.c).
 */
#ifndef SPNEGO_CARRIER_SOCKS5_SESSION_H
#define SPNEGO_CARRIER_SOCKS5_SESSION_H

#include <spnego/socks5.h>

#include "carrier/session.h"

/* Named for what is awaited. */
typedef enum socks5_state {
    SOCKS5_START,
    SOCKS5_GREETING,
    SOCKS5_SELECTION,
    SOCKS5_TOKEN,
    SOCKS5_PROTECTION,
    SOCKS5_DATA,
    SOCKS5_FAILED,
    SOCKS5_CLOSED
} socks5_state;

struct spnego_socks5 {
    carrier_session base;
    socks5_state state;
    int is_server;
    uint32_t options;
    int own_level; /* client: it asks for it; server: it answers it, 0: what the client asks for */
    int min_level; /* client: 0: own_level and no other                                         */
    size_t max_plaintext;
    int heard_ready;  /* client: the server's empty token has come */
    int level;        /* that was agreed on                        */
    int confidential; /* of the last message                       */
};

/* ---- socks5.c -------------------------------------------------------------------------------- */

/* socks5_enter and socks5_leave are carrier_enter and carrier_leave, the latter with what is said
 * in turn->out. */
spnego_status socks5_enter(spnego_socks5 *session, spnego_turn *turn);
spnego_status socks5_leave(spnego_socks5 *session, spnego_turn *turn);

/* socks5_report ends a call that changes nothing, socks5_refuse one that is the caller's mistake.
 */
spnego_status socks5_report(spnego_socks5 *session, const spnego_error *error);
spnego_status socks5_refuse(spnego_socks5 *session, spnego_rule rule);

spnego_error socks5_error_of(spnego_status status, spnego_rule rule, size_t offset);

/* socks5_give_up ends the session.  What was about to be said is not said; a last token is, if
 * there is one.  socks5_fail does so by a rule, without a token. */
void socks5_give_up(spnego_socks5 *session, const spnego_error *error, spnego_bytes last_token);
void socks5_fail(spnego_socks5 *session, spnego_status status, spnego_rule rule, size_t offset);

/* socks5_say says a frame, socks5_say_wrapped what the mechanism makes of the message.  Each
 * returns 0 if the session has failed. */
int socks5_say(spnego_socks5 *session, int type, spnego_bytes token);
int socks5_say_wrapped(spnego_socks5 *session, int type, spnego_bytes message, int conf);

/* ---- socks5_level.c -------------------------------------------------------------------------- */

/* socks5_set_levels takes a session's levels from what the host asks for.  Returns 0 if that
 * contradicts itself. */
int socks5_set_levels(spnego_socks5 *session, const spnego_socks5_config *config);

/* SPNEGO_FLAG_* to ask the mechanism for, and those without which there is no session. */
uint32_t socks5_flags_to_ask_for(const spnego_socks5 *session);
uint32_t socks5_flags_to_require(const spnego_socks5 *session);

/* socks5_say_level says it as socks5_say does; socks5_take_level takes the peer's, and establishes
 * the session. */
int socks5_say_level(spnego_socks5 *session, int level);
void socks5_take_level(spnego_socks5 *session, spnego_bytes token);

/* ---- socks5_data.c --------------------------------------------------------------------------- */

/* socks5_take_data takes a frame's token: what was in it is in turn->data. */
void socks5_take_data(spnego_socks5 *session, spnego_turn *turn, spnego_bytes token);

#endif /* SPNEGO_CARRIER_SOCKS5_SESSION_H */
