/* What kind of token it is, by its first octets (SPN-67, SPN-69, SPN-71). */
#include <spnego/oid.h>
#include <spnego/token.h>

#include "der/reader.h"
#include "token/sniff.h"

static int begins_with(spnego_bytes in, const char *octets, size_t len)
{
    return in.len >= len && memcmp(in.data, octets, len) == 0;
}

/* The mechanisms whose InitialContextToken holds a Kerberos TOK_ID (RFC 4121 4.1). */
static int is_kerberos(spnego_oid mech)
{
    return mech == SPNEGO_OID_KRB5 || mech == SPNEGO_OID_MS_KRB5 || mech == SPNEGO_OID_KRB5_U2U ||
           mech == SPNEGO_OID_KRB5_OLD || mech == SPNEGO_OID_IAKERB || mech == SPNEGO_OID_PKU2U;
}

int sniff_frame(spnego_bytes *out_mech, spnego_bytes *out_rest, spnego_bytes in)
{
    der_reader r;
    size_t outer;

    der_reader_init(&r, in, SPNEGO_TOLERATE_ALL, NULL);
    r.clamp = 1;
    if (der_enter(&r, DER_APPLICATION_0) != SPNEGO_RULE_NONE)
        return 0;
    r.outermost = 0;
    outer = r.end;
    if (der_enter(&r, DER_OBJECT_IDENTIFIER) != SPNEGO_RULE_NONE)
        return 0;
    *out_mech = der_contents(&r);
    r.end = outer;
    *out_rest = der_contents(&r);
    return 1;
}

static spnego_kind sniff_framed(spnego_bytes in)
{
    spnego_bytes mech, rest;

    if (!sniff_frame(&mech, &rest, in))
        return SPNEGO_KIND_UNKNOWN;
    if (spnego_oid_identify(mech) == SPNEGO_OID_SPNEGO)
        return SPNEGO_KIND_SPNEGO_FRAMED;
    if (!is_kerberos(spnego_oid_identify(mech)))
        return SPNEGO_KIND_GSS_OTHER;
    /* RFC 1964 1.2 frames its per-message tokens too. */
    if (begins_with(rest, "\x01\x01", 2))
        return SPNEGO_KIND_KRB5_MIC;
    if (begins_with(rest, "\x02\x01", 2))
        return SPNEGO_KIND_KRB5_WRAP;
    return SPNEGO_KIND_KRB5;
}

/* Whether the element that `in` begins with holds a SEQUENCE: letters have the same codes as the
 * tags of Kerberos messages, so the tag alone says nothing about pasted text. */
static int holds_sequence(spnego_bytes in)
{
    der_reader r;

    der_reader_init(&r, in, SPNEGO_TOLERATE_ALL, NULL);
    r.clamp = 1;
    return der_enter(&r, in.data[0]) == SPNEGO_RULE_NONE && r.pos < r.end &&
           in.data[r.pos] == DER_SEQUENCE;
}

spnego_kind spnego_sniff(spnego_bytes in)
{
    if (in.len == 0)
        return SPNEGO_KIND_EMPTY;
    if (begins_with(in, "NTLMSSP", 8))
        return SPNEGO_KIND_NTLMSSP;
    if (begins_with(in, "NEGOEXTS", 8))
        return SPNEGO_KIND_NEGOEX;
    if (in.len == 16 && begins_with(in, "\x01\0\0\0", 4))
        return SPNEGO_KIND_NTLMSSP_MIC;
    /* RFC 4121 4.2.6: token id, flags, filler. */
    if (in.len >= 16 && begins_with(in, "\x04\x04", 2) &&
        memcmp(in.data + 3, "\xff\xff\xff\xff\xff", 5) == 0)
        return SPNEGO_KIND_KRB5_MIC;
    if (in.len >= 16 && begins_with(in, "\x05\x04", 2) && in.data[3] == 0xff)
        return SPNEGO_KIND_KRB5_WRAP;
    switch (in.data[0]) {
    case DER_APPLICATION_0:
        return sniff_framed(in);
    case DER_CONTEXT_0:
        return SPNEGO_KIND_SPNEGO_INIT;
    case DER_CONTEXT_0 + 1:
        return SPNEGO_KIND_SPNEGO_RESP;
    case 0x6e: /* AP-REQ, AP-REP, KRB-ERROR without framing (RFC 4120 5.5, 5.9.1), as DCE style
                * and some servers send them */
    case 0x6f:
    case 0x7e:
        return holds_sequence(in) ? SPNEGO_KIND_KRB5 : SPNEGO_KIND_UNKNOWN;
    case 0x05: /* a later IAKERB_PROXY, which has no frame */
        return begins_with(in, "\x05\x01\x30", 3) ? SPNEGO_KIND_KRB5 : SPNEGO_KIND_UNKNOWN;
    default:
        return SPNEGO_KIND_UNKNOWN;
    }
}
