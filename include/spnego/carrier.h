/*
 * spnego/carrier.h - what the protocols that carry these tokens have in common.
 *
 * A carrier's session (nns.h, socks5.h, sasl.h, xmpp.h, http.h) plays one side of one connection.
 * It is sans-IO as the negotiation inside it: octets of the peer in, octets for the peer out, cut
 * anywhere.  It makes and owns the spnego_context that it needs, from the spnego_config that it is
 * given, and sets what the protocol fixes: flags to ask for, target, channel bindings.
 *
 * Over a stream it is run like this, before and after it is established:
 *
 *     while (in.len != 0) {
 *         status = spnego_nns_receive(session, &turn, in);
 *         send_to_peer(turn.out);                      // also when it failed
 *         use(turn.data);                              // absent until it is established
 *         if (status < 0)
 *             break;
 *         in.data += turn.taken, in.len -= turn.taken;
 *     }
 *
 * Nothing of the peer's reaches the application before the session is established, and nothing of
 * the application's leaves before that: such calls are refused.  What a session holds of the
 * peer's is never more than one frame.
 */
#ifndef SPNEGO_CARRIER_H
#define SPNEGO_CARRIER_H

#include <spnego/negotiate.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What one call gave.  The views are the session's, or lie in the call's input; they last until the
 * next call that takes the session without const; data also through calls that send, so that it may
 * be sent back as it is. */
typedef struct spnego_turn {
    spnego_bytes out; /* for the peer, all of it, whatever the status; absent if there is nothing */
    spnego_bytes data; /* for the application; absent if there is nothing */
    size_t taken;      /* octets of the input that are done with: at least one, unless there were
                        * none or the session failed; the rest belongs into the next call          */
} spnego_turn;

#ifdef __cplusplus
}
#endif
#endif /* SPNEGO_CARRIER_H */
