/* fuzz/peer.h - a peer that is scripted by the input, and may say anything at any time. */
#ifndef SPNEGO_FUZZ_PEER_H
#define SPNEGO_FUZZ_PEER_H

#include "negotiation.h"

/* run_against_peer gives a side, whose settings begin the input, what the rest of it says.  Each
 * operation is an octet, then what it needs:
 *
 *     0x0f  what: 0 octets as they are; 1 nothing; 2 a NegTokenResp; 3 a NegTokenInit; 4 a
 *           NegTokenInit2; 5 resume; 6 NULL with a length; 7 a new list of mechanisms; 8 its own
 *           last token
 *     0x10  absent where it is nothing, else unused
 *     0x20  what pends and what comes in pieces is left as it is
 *     0x40  an octet of the token is changed: two octets of place, one of change
 *     0x80  the token comes in pieces: one octet of length
 *
 * The fields of a token are chosen by half octets, see peer.c; those with the value that is called
 * honest are what the peer would send whose mechanism is that of tests/toy_mech.c, so that the end
 * of a negotiation is reached from few octets. */
void run_against_peer(spnego_role role, octets *trace, watch_mode mode, source from);

#endif /* SPNEGO_FUZZ_PEER_H */
