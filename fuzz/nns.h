/* fuzz/nns.h - one side of MS-NNS against a peer that is honest, tampered with, or anything. */
#ifndef SPNEGO_FUZZ_NNS_H
#define SPNEGO_FUZZ_NNS_H

#include "negotiation.h"

/* run_nns takes the settings of both sides from the input, eight octets, then what happens.  Each
 * operation is an octet, then what it needs:
 *
 *     0 what the honest peer has sent, all of it       4 octets of the input
 *     1 one octet of it                                5 data is sent
 *     2 it, with one octet changed: place and change   6 the peer sends data
 *     3 the first octets of it: how many               7 the stream ends   8 close   9 start again
 *
 * The whole is played twice, with what arrives in one piece and an octet at a time, and comes to
 * the same. */
void run_nns(spnego_role role, const uint8_t *data, size_t size);

#endif /* SPNEGO_FUZZ_NNS_H */
