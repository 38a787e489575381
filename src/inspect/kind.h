/*
 * inspect/kind.h - what a mechanism's token is, by its first octets.
 */
#ifndef SPNEGO_INSPECT_KIND_H
#define SPNEGO_INSPECT_KIND_H

#include <spnego/oid.h>
#include <spnego/token.h>

/* Mechanisms whose tokens look alike, so that one may stand where another is announced. */
typedef enum inspect_family {
    INSPECT_FAMILY_UNKNOWN = 0,
    INSPECT_FAMILY_KERBEROS, /* krb5 under all its numbers, user-to-user, IAKERB */
    INSPECT_FAMILY_NTLM,
    INSPECT_FAMILY_NEGOEX
} inspect_family;

/* inspect_kdc_name returns the type of a message between a client and its KDC (RFC 4120 5.4), NULL
 * for anything else.  No carrier has them outside of IAKERB_PROXY, but people paste them. */
const char *inspect_kdc_name(spnego_bytes token);

/* inspect_sniff is spnego_sniff, for which such a message is of unknown kind; here it is
 * SPNEGO_KIND_KRB5. */
spnego_kind inspect_sniff(spnego_bytes token);

/* inspect_kind_name returns the type of `token` as `spnego decode` calls it, "KRB_AP_REQ" and the
 * like; NULL if it is not known. */
const char *inspect_kind_name(spnego_bytes token);

/* inspect_kind_family returns whose tokens are of that kind. */
inspect_family inspect_kind_family(spnego_kind kind);

/* inspect_mech_family returns which family's tokens the mechanism sends. */
inspect_family inspect_mech_family(spnego_bytes oid);

/* inspect_frame_read reads the InitialContextToken of RFC 2743 3.1 at the beginning of `in`, of
 * any mechanism: the contents of its OID and what follows.  Returns 1, or 0 with both absent. */
int inspect_frame_read(spnego_bytes *out_oid, spnego_bytes *out_inner, spnego_bytes in);

#endif /* SPNEGO_INSPECT_KIND_H */
