/*
 * spnego/oid.h - OBJECT IDENTIFIERs: the mechanisms known by name, and the dotted form.
 *
 * An OID is a spnego_bytes of its contents octets, without tag and length, and is compared
 * octet for octet, never by its arcs: arcs overflow.
 *
 * Generated from src/der/oids.def by `make generate`; edit that file or src/der/oid.h.in.
 */
#ifndef SPNEGO_OID_H
#define SPNEGO_OID_H

#include <spnego/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The OIDs that this library knows by name.  New ones are added at the end. */
typedef enum spnego_oid {
    SPNEGO_OID_UNKNOWN = 0,
    SPNEGO_OID_SPNEGO,
    SPNEGO_OID_KRB5,
    SPNEGO_OID_MS_KRB5,
    SPNEGO_OID_NTLMSSP,
    SPNEGO_OID_NEGOEX,
    SPNEGO_OID_KRB5_U2U,
    SPNEGO_OID_KRB5_OLD,
    SPNEGO_OID_KRB5_V2,
    SPNEGO_OID_IAKERB,
    SPNEGO_OID_PKU2U,
    SPNEGO_OID_SCRAM_SHA1,
    SPNEGO_OID_SCRAM_SHA256,
    SPNEGO_OID_EAP_AES128,
    SPNEGO_OID_EAP_AES256,
    SPNEGO_OID_GSI,
    SPNEGO_OID_SANON_X25519,
    SPNEGO_OID_SPKM1,
    SPNEGO_OID_SPKM2,
    SPNEGO_OID_SPKM3,
    SPNEGO_OID_LIPKEY,
    SPNEGO_OID_DIGEST_MD5,
    SPNEGO_OID_NETLOGON,
    SPNEGO_OID_MECH_NEGO,
    SPNEGO_NUM_OIDS
} spnego_oid;

/* spnego_oid_identify returns which known OID `contents` is, or SPNEGO_OID_UNKNOWN. */
SPNEGO_API spnego_oid spnego_oid_identify(spnego_bytes contents);

/* spnego_oid_contents returns the contents octets of a known OID; they are static.  Absent for
 * SPNEGO_OID_UNKNOWN. */
SPNEGO_API spnego_bytes spnego_oid_contents(spnego_oid oid);

/* spnego_oid_name returns the short name of a known OID, "krb5" and the like; NULL for
 * SPNEGO_OID_UNKNOWN. */
SPNEGO_API const char *spnego_oid_name(spnego_oid oid);

/* spnego_oid_is_krb5 returns 1 for the Kerberos mechanism under any of the numbers it goes by on
 * the wire: the one of RFC 4121 and the one whose third arc Microsoft cut to 16 bits
 * (MS-SPNG 3.1.5.2), 0 otherwise. */
SPNEGO_API int spnego_oid_is_krb5(spnego_bytes contents);

/* Enough for the text of any OID of up to 32 contents octets. */
#define SPNEGO_OID_TEXT_SIZE 160

/* spnego_oid_to_text writes `contents` in dotted form with a terminating NUL.  Returns its length
 * without the NUL, or 0 with buf[0] == 0 if it does not fit in buf_len octets, is not a
 * well-formed OID, or has a number of more than 128 bits (the first two arcs are encoded as one
 * number, X.690 8.19.4).  buf_len must be at least 1. */
SPNEGO_API size_t spnego_oid_to_text(char *buf, size_t buf_len, spnego_bytes contents);

/* spnego_oid_from_text puts the contents octets of the dotted form `text` into buf and a view of
 * them into *out_contents, and returns 1; or returns 0 with *out_contents absent if `text` is not
 * an OID, has a number of more than 128 bits, or does not fit. */
SPNEGO_API int spnego_oid_from_text(spnego_bytes *out_contents, uint8_t *buf, size_t buf_len,
                                    const char *text);

#ifdef __cplusplus
}
#endif
#endif /* SPNEGO_OID_H */
