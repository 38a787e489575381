/*
 * carrier/nns_session.h - a session of MS-NNS: making and calls (nns.c), the handshake
 * (nns_handshake.c), data (nns_data.c).
 */
#ifndef SPNEGO_CARRIER_NNS_SESSION_H
#define SPNEGO_CARRIER_NNS_SESSION_H

#include <spnego/nns.h>

#include "carrier/session.h"

/* MS-NNS 3.1.1.2, 3.2.1.2.  CREATING and FINAL are those of a mechanism at work, and last longer
 * than a call only while it is pending. */
typedef enum nns_state {
    NNS_UNINITIALIZED,
    NNS_CREATING_SECURITY_TOKEN,
    NNS_WAITING_FOR_HANDSHAKE_MESSAGE,
    NNS_PROCESSING_FINAL_TOKEN,
    NNS_WAITING_FOR_HANDSHAKE_DONE,
    NNS_AUTHENTICATED,
    NNS_CLOSED
} nns_state;

struct spnego_nns {
    carrier_session session; /* status: COMPLETE once Authenticated */
    nns_state state;
    spnego_role role;
    spnego_nns_levels required; /* as configured */
    spnego_nns_levels negotiated;
    uint32_t options;
    int (*accept_peer)(void *user, const spnego_info *info);
    size_t max_taken; /* octets in the payload of a data message: received */
    size_t max_sent;  /* sent                                              */
    uint32_t error_code;
    int spoke; /* a message was sent */
};

static inline size_t nns_smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

spnego_error nns_error_of(spnego_status status, spnego_rule rule, size_t offset);

void nns_delete_context(spnego_nns *nns);

/* nns_close_with ends the session by a failure that the peer is told nothing of: its own, or one
 * that comes too late for that; nns_close_by_rule says which by the rule. */
void nns_close_with(spnego_nns *nns, const spnego_error *error);
void nns_close_by_rule(spnego_nns *nns, spnego_status status, spnego_rule rule, size_t offset);

/* nns_put_message writes all of a message or nothing, and then returns 0.  Both lengths are bounded
 * by the header's check. */
SPNEGO_MUST_USE int nns_put_message(spnego_nns *nns, spnego_bytes header, spnego_bytes body);

/* nns_step gives the mechanism what the peer sent, in the state CreatingSecurityToken or
 * ProcessingFinalToken; nns_on_step carries out what comes of that, or of a resume. */
void nns_step(spnego_nns *nns, spnego_bytes in, nns_state state);
void nns_on_step(spnego_nns *nns, spnego_status status, spnego_bytes token);

/* nns_receive_handshake and nns_receive_data take octets of the peer's, one message at most. */
void nns_receive_handshake(spnego_nns *nns, spnego_turn *turn, spnego_bytes in);
void nns_receive_data(spnego_nns *nns, spnego_turn *turn, spnego_bytes in);

/* nns_send_wrapped makes one message of as much of `data` as goes into it. */
void nns_send_wrapped(spnego_nns *nns, spnego_turn *turn, spnego_bytes data);

#endif /* SPNEGO_CARRIER_NNS_SESSION_H */
