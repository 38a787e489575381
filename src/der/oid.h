/* der/oid.h - OBJECT IDENTIFIERs inside the library; the public part is <spnego/oid.h>. */
#ifndef SPNEGO_DER_OID_H
#define SPNEGO_DER_OID_H

#include <spnego/oid.h>

#include "base/bytes.h"

/* SPNEGO's own OID, 1.3.6.1.5.5.2 (RFC 4178 3.2): contents octets. */
#define OID_SPNEGO_LEN 6
extern const uint8_t oid_spnego[OID_SPNEGO_LEN];

/*@ requires readable(oid.data, oid.len);
    assigns \nothing;
    ensures \result == 0 || \result == 1;
*/
static inline int oid_is_spnego(spnego_bytes oid)
{
    return oid.len == OID_SPNEGO_LEN && oid.data[0] == oid_spnego[0] &&
           oid.data[1] == oid_spnego[1] && oid.data[2] == oid_spnego[2] &&
           oid.data[3] == oid_spnego[3] && oid.data[4] == oid_spnego[4] &&
           oid.data[5] == oid_spnego[5];
}

#endif /* SPNEGO_DER_OID_H */
