/* der/oid.h - OBJECT IDENTIFIERs inside the library; the public part is <spnego/oid.h>. */
#ifndef SPNEGO_DER_OID_H
#define SPNEGO_DER_OID_H

#include <spnego/oid.h>
#include <spnego/rules.h>

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

/* oid_fault_at_80 is oid_fault for an OID in which the octet 80 occurs. */
/*@ requires readable(oid.data, oid.len);
    assigns \nothing;
    ensures \result <= oid.len;
*/
size_t oid_fault_at_80(spnego_bytes oid);

/* oid_fault returns the place of the first octet that makes `oid` no OBJECT IDENTIFIER, oid.len if
 * there is none (X.690 8.19.2): an arc does not begin with 80, and the last one has an end.  Nearly
 * no OID has an octet 80 at all, so that is asked first. */
/*@ requires readable(oid.data, oid.len);
    assigns \nothing;
    ensures \result <= oid.len;
*/
static inline size_t oid_fault(spnego_bytes oid)
{
    /*@ loop invariant 0 <= i <= oid.len;
        loop assigns i;
        loop variant oid.len - i;
    */
    for (size_t i = 0; i < oid.len; i++)
        if (oid.data[i] == 0x80)
            return oid_fault_at_80(oid);
    if (oid.len != 0 && oid.data[oid.len - 1] >= 0x80)
        return oid.len - 1;
    return oid.len;
}

/* oid_fault_rule returns the rule that `oid` breaks at `fault`, where oid_fault found one, or as a
 * whole if it is empty. */
/*@ requires readable(oid.data, oid.len);
    requires oid.len == 0 || fault < oid.len;
    assigns \nothing;
    ensures \result != SPNEGO_RULE_NONE;
*/
static inline spnego_rule oid_fault_rule(spnego_bytes oid, size_t fault)
{
    if (oid.len == 0)
        return SPNEGO_RULE_OID_EMPTY;
    if (oid.data[fault] == 0x80 && (fault == 0 || oid.data[fault - 1] < 0x80))
        return SPNEGO_RULE_OID_ARC_PADDED;
    return SPNEGO_RULE_OID_ARC_UNFINISHED;
}

/* oid_check returns the rule that the contents octets `oid` break as an OBJECT IDENTIFIER, or
 * SPNEGO_RULE_NONE. */
/*@ requires readable(oid.data, oid.len);
    assigns \nothing;
*/
static inline spnego_rule oid_check(spnego_bytes oid)
{
    const size_t fault = oid_fault(oid);

    return oid.len != 0 && fault == oid.len ? SPNEGO_RULE_NONE : oid_fault_rule(oid, fault);
}

#endif /* SPNEGO_DER_OID_H */
