/* fuzz/http_peer.h - a session of HTTP against a peer that is scripted by the input. */
#ifndef SPNEGO_FUZZ_HTTP_PEER_H
#define SPNEGO_FUZZ_HTTP_PEER_H

#include "negotiation.h"

/* run_http gives a session messages.  The input begins with the settings of its side, twelve octets
 * for side_set_up; then options of the session (SPNEGO_HTTP_*), an octet with what is forgiven in
 * base64 (3), and a short max_value (4); then operations, an octet each and what they need:
 *
 *     0  the honest peer's answer to what was said last
 *     1  the same with an octet of its values changed: two octets of place, one of change
 *     2  a message: an octet of status code, an octet of how many fields (at most 3), and of each
 * an octet of name and kind, and octets: two of length, then those 3  start      4  resume     5
 * restart with fresh mechanisms 6  an honest request without credentials, or a 401 that asks 7  a
 * 200 without fields
 *
 * The honest peer is a session of the other role, with all mechanisms, which has the scripts of the
 * side's. */
void run_http(spnego_role role, octets *trace, watch_mode mode, source from);

#endif /* SPNEGO_FUZZ_HTTP_PEER_H */
