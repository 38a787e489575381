/*
 * carrier/session.h - what the sessions of all carriers are made of: the negotiation inside, the
 * verdict that stays, the frame that has not wholly arrived.
 *
 * Carriers stand on the public interface of the negotiation; of its inside they use the buffer.
 */
#ifndef SPNEGO_CARRIER_SESSION_H
#define SPNEGO_CARRIER_SESSION_H

#include <spnego/carrier.h>

#include "nego/buffer.h"

typedef struct carrier_session {
    nego_host host;
    spnego_context *context;
    spnego_status status; /* CONTINUE, PENDING, COMPLETE, or what it failed with */
    spnego_error error;   /* why it failed; offset: from the frame's first octet */
    uint8_t busy;         /* a call is under way: calls from inside are refused  */
    uint8_t in_done;      /* the frame in `in` is done with                      */
    nego_buffer in;       /* the beginning of a frame                            */
    nego_buffer out;      /* for the peer                                        */
} carrier_session;

/* What a protocol fixes of the negotiation that it carries. */
typedef struct carrier_terms {
    const spnego_config *negotiation; /* the host's                                        */
    uint32_t options;                 /* SPNEGO_OPTION_* on top of the host's               */
    uint32_t required_flags;          /* SPNEGO_FLAG_* on top of the host's                 */
    spnego_request request;
    spnego_bytes only; /* OID of the one mechanism that may be used; absent: all */
} carrier_terms;

/* carrier_good_negotiation says whether a carrier that has no place for fragments can work with the
 * host's configuration: it is there, of this version, with both functions for memory or none. */
int carrier_good_negotiation(const spnego_config *negotiation);

/* carrier_open makes the negotiation.  *session is zero-filled before.  Returns SPNEGO_COMPLETE, or
 * what spnego_context_create or spnego_context_set_neg_mechs says, with session->error filled and
 * nothing to close. */
spnego_status carrier_open(carrier_session *session, const carrier_terms *terms);

/* carrier_close destroys the negotiation, and wipes and frees the buffers. */
void carrier_close(carrier_session *session);

/* carrier_enter begins a call: empties *turn and what the last one left.  Returns SPNEGO_COMPLETE
 * if the call may go on; or the status to return: ERR_USAGE, with nothing changed, from inside
 * another call, else the failure that stays.  carrier_leave ends it. */
spnego_status carrier_enter(carrier_session *session, spnego_turn *turn);
spnego_status carrier_leave(carrier_session *session);

/* carrier_fail ends the session: `rule`, and the place in the frame.  Returns `status`. */
spnego_status carrier_fail(carrier_session *session, spnego_status status, spnego_rule rule,
                           size_t offset);

/* carrier_fail_as ends it with what the negotiation or the mechanism said. */
spnego_status carrier_fail_as(carrier_session *session, const spnego_error *error);

/* carrier_have gathers the first `want` octets of the frame: *frame is a view of them, in `in` if
 * they all lie there, else in session->in.  Returns 1; 0 if all of `in` was taken and more is
 * needed; -1 if there is no memory.  `want` is bounded by the caller, and may grow from call to
 * call as the frame's head tells more. */
int carrier_have(carrier_session *session, spnego_turn *turn, spnego_bytes *frame, spnego_bytes in,
                 size_t want);

/* carrier_take is done with the frame that carrier_have gave: turn->taken goes past it.  Its view
 * lasts until the next call. */
void carrier_take(carrier_session *session, spnego_turn *turn, spnego_bytes frame);

/* carrier_is_between says whether no part of a frame is waiting: the stream may end here. */
int carrier_is_between(const carrier_session *session);

/* carrier_put appends to what goes to the peer.  Returns 0 if there is no memory. */
SPNEGO_MUST_USE int carrier_put(carrier_session *session, spnego_bytes octets);

/* carrier_wrap and carrier_unwrap hand a message to the mechanism.  On failure *out is absent and
 * *error is filled, with a status that ends a session: never ERR_USAGE, which says that nothing has
 * happened.  A mechanism that has no such function, or wraps a message as nothing, has lied. */
spnego_status carrier_wrap(carrier_session *session, spnego_bytes *out, spnego_error *error,
                           spnego_bytes message, int conf);
spnego_status carrier_unwrap(carrier_session *session, spnego_bytes *out, spnego_error *error,
                             int *out_conf, spnego_bytes message);

#endif /* SPNEGO_CARRIER_SESSION_H */
