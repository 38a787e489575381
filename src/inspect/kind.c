#include "inspect/kind.h"

#include <string.h>

#include "inspect/tlv.h"

int inspect_frame_read(spnego_bytes *out_oid, spnego_bytes *out_inner, spnego_bytes in)
{
    const spnego_bytes absent = {NULL, 0};
    inspect_tlv frame, oid;
    spnego_bytes rest = in;

    *out_oid = absent;
    *out_inner = absent;
    if (!inspect_tlv_read(&frame, in) || frame.tag != 0x60 || frame.is_indefinite)
        return 0;
    rest.data += frame.header_len;
    rest.len -= frame.header_len;
    if (frame.declared_len < rest.len)
        rest.len = (size_t)frame.declared_len;
    if (!inspect_tlv_read(&oid, rest) || oid.tag != 0x06 || oid.is_indefinite ||
        oid.declared_len > rest.len - oid.header_len)
        return 0;
    out_oid->data = rest.data + oid.header_len;
    out_oid->len = (size_t)oid.declared_len;
    out_inner->data = out_oid->data + out_oid->len;
    out_inner->len = rest.len - oid.header_len - out_oid->len;
    return 1;
}

/* Letters have the same codes as these tags, so the SEQUENCE and the first field are looked at too:
 * pvno, which is 5, under [1] in what is asked and [0] in what is answered. */
const char *inspect_kdc_name(spnego_bytes token)
{
    static const char *const names[] = {"KRB_AS_REQ", "KRB_AS_REP", "KRB_TGS_REQ", "KRB_TGS_REP"};
    static const uint8_t pvno[] = {0x03, 0x02, 0x01, 0x05};
    inspect_tlv message, sequence;
    spnego_bytes rest = token;
    unsigned number;

    if (!inspect_tlv_read(&message, rest) || message.tag < 0x6a || message.tag > 0x6d)
        return NULL;
    number = message.tag - 0x6au;
    rest.data += message.header_len;
    rest.len -= message.header_len;
    if (!inspect_tlv_read(&sequence, rest) || sequence.tag != 0x30 ||
        rest.len - sequence.header_len < 1 + sizeof pvno)
        return NULL;
    rest.data += sequence.header_len;
    return rest.data[0] == (number % 2 == 0 ? 0xa1 : 0xa0) &&
                   memcmp(rest.data + 1, pvno, sizeof pvno) == 0
               ? names[number]
               : NULL;
}

spnego_kind inspect_sniff(spnego_bytes token)
{
    return inspect_kdc_name(token) != NULL ? SPNEGO_KIND_KRB5 : spnego_sniff(token);
}

/* MS-NLMP 2.2.1: the signature, then the message's number in little-endian order. */
static const char *inspect_ntlm_name(spnego_bytes token)
{
    static const char *const names[] = {"NTLMSSP_NEGOTIATE", "NTLMSSP_CHALLENGE",
                                        "NTLMSSP_AUTHENTICATE"};

    if (token.len < 12 || token.data[8] < 1 || token.data[8] > 3 || token.data[9] != 0 ||
        token.data[10] != 0 || token.data[11] != 0)
        return NULL;
    return names[token.data[8] - 1];
}

/* The TOK_IDs of RFC 4121 4.1, RFC 1964 1.2, draft-swift-win2k-krb-user2user, the IAKERB draft and
 * PKU2U's. */
static const char *inspect_kerberos_name(spnego_bytes token)
{
    static const struct {
        unsigned id;
        const char *name;
    } ids[] = {{0x0100, "KRB_AP_REQ"},  {0x0200, "KRB_AP_REP"},     {0x0300, "KRB_ERROR"},
               {0x0400, "KRB_TGT_REQ"}, {0x0401, "KRB_TGT_REP"},    {0x0501, "IAKERB_PROXY"},
               {0x0101, "KRB_GSS_MIC"}, {0x0102, "KRB_GSS_DELETE"}, {0x0201, "KRB_GSS_WRAP"},
               {0x0500, "KRB_AS_REQ"},  {0x0600, "KRB_AS_REP"}};
    spnego_bytes oid, inner = token;

    if (inspect_kdc_name(token) != NULL)
        return inspect_kdc_name(token);
    if (token.data[0] == 0x6e)
        return "KRB_AP_REQ";
    if (token.data[0] == 0x6f)
        return "KRB_AP_REP";
    if (token.data[0] == 0x7e)
        return "KRB_ERROR";
    if (token.data[0] == 0x60 && !inspect_frame_read(&oid, &inner, token))
        return NULL;
    if (inner.len < 2)
        return NULL;
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        if (inner.data[0] == ids[i].id >> 8 && inner.data[1] == (ids[i].id & 0xff))
            return ids[i].name;
    return NULL;
}

const char *inspect_kind_name(spnego_bytes token)
{
    switch (inspect_sniff(token)) {
    case SPNEGO_KIND_NTLMSSP:
        return inspect_ntlm_name(token);
    case SPNEGO_KIND_NTLMSSP_MIC:
        return "NTLMSSP_MESSAGE_SIGNATURE";
    case SPNEGO_KIND_NEGOEX:
        return "NEGOEX";
    case SPNEGO_KIND_KRB5:
        return inspect_kerberos_name(token);
    case SPNEGO_KIND_KRB5_MIC:
        return "KRB_GSS_MIC";
    case SPNEGO_KIND_KRB5_WRAP:
        return "KRB_GSS_WRAP";
    case SPNEGO_KIND_UNKNOWN:
    case SPNEGO_KIND_EMPTY:
    case SPNEGO_KIND_SPNEGO_FRAMED:
    case SPNEGO_KIND_SPNEGO_INIT:
    case SPNEGO_KIND_SPNEGO_RESP:
    case SPNEGO_KIND_GSS_OTHER:
        break;
    }
    return NULL;
}

inspect_family inspect_kind_family(spnego_kind kind)
{
    switch (kind) {
    case SPNEGO_KIND_NTLMSSP:
    case SPNEGO_KIND_NTLMSSP_MIC:
        return INSPECT_FAMILY_NTLM;
    case SPNEGO_KIND_NEGOEX:
        return INSPECT_FAMILY_NEGOEX;
    case SPNEGO_KIND_KRB5:
    case SPNEGO_KIND_KRB5_MIC:
    case SPNEGO_KIND_KRB5_WRAP:
        return INSPECT_FAMILY_KERBEROS;
    case SPNEGO_KIND_UNKNOWN:
    case SPNEGO_KIND_EMPTY:
    case SPNEGO_KIND_SPNEGO_FRAMED:
    case SPNEGO_KIND_SPNEGO_INIT:
    case SPNEGO_KIND_SPNEGO_RESP:
    case SPNEGO_KIND_GSS_OTHER:
        break;
    }
    return INSPECT_FAMILY_UNKNOWN;
}

inspect_family inspect_mech_family(spnego_bytes oid)
{
    switch (spnego_oid_identify(oid)) {
    case SPNEGO_OID_KRB5:
    case SPNEGO_OID_MS_KRB5:
    case SPNEGO_OID_KRB5_U2U:
    case SPNEGO_OID_KRB5_OLD:
    case SPNEGO_OID_IAKERB:
        return INSPECT_FAMILY_KERBEROS;
    case SPNEGO_OID_NTLMSSP:
        return INSPECT_FAMILY_NTLM;
    case SPNEGO_OID_NEGOEX:
        return INSPECT_FAMILY_NEGOEX;
    /* PKU2U's tokens look like Kerberos' without being of its family; the others' are their own
     * affair. */
    default:
        return INSPECT_FAMILY_UNKNOWN;
    }
}
