#include "inspect/looks.h"

#include <spnego/token.h>
#include <string.h>

#include "inspect/kind.h"
#include "inspect/tlv.h"

/* As far as both go. */
static int inspect_agrees(spnego_bytes octets, const char *with, size_t len)
{
    return memcmp(octets.data, with, octets.len < len ? octets.len : len) == 0;
}

/* The tag of the first element inside the one that begins here, 0 if it is not there. */
static uint8_t inspect_inner_tag(spnego_bytes octets)
{
    inspect_tlv tlv;

    if (!inspect_tlv_read(&tlv, octets) || octets.len == tlv.header_len)
        return 0;
    return octets.data[tlv.header_len];
}

int inspect_looks_begun(spnego_bytes octets)
{
    uint8_t inner;

    if (octets.len == 0)
        return 0;
    if (inspect_kdc_name(octets) != NULL)
        return 1;
    if (octets.data[0] == 'N')
        return inspect_agrees(octets, "NTLMSSP", 8) || inspect_agrees(octets, "NEGOEXTS", 8);
    inner = inspect_inner_tag(octets);
    switch (octets.data[0]) {
    case 0x60:
        return inner == 0x06 || (inner == 0 && octets.len < 6);
    case 0xa0:
    case 0xa1:
    case 0x6e:
    case 0x6f:
    case 0x7e:
        return inner == 0x30 || (inner == 0 && octets.len < 6);
    default:
        return 0;
    }
}

int inspect_looks_certain(spnego_bytes octets)
{
    switch (spnego_sniff(octets)) {
    case SPNEGO_KIND_NTLMSSP:
    case SPNEGO_KIND_NEGOEX:
    case SPNEGO_KIND_SPNEGO_FRAMED:
        return 1;
    case SPNEGO_KIND_KRB5:
    case SPNEGO_KIND_KRB5_MIC:
    case SPNEGO_KIND_KRB5_WRAP:
        return octets.data[0] == 0x60;
    case SPNEGO_KIND_UNKNOWN:
    case SPNEGO_KIND_EMPTY:
    case SPNEGO_KIND_NTLMSSP_MIC:
    case SPNEGO_KIND_SPNEGO_INIT:
    case SPNEGO_KIND_SPNEGO_RESP:
    case SPNEGO_KIND_GSS_OTHER:
        break;
    }
    return 0;
}

/* A bare NegotiationToken shows itself by its SEQUENCE and the first field in it. */
static int inspect_looks_bare(spnego_bytes octets)
{
    inspect_tlv choice;
    spnego_bytes inner = octets;
    uint8_t field;

    if (!inspect_tlv_read(&choice, octets) || inspect_inner_tag(octets) != 0x30)
        return 0;
    inner.data += choice.header_len;
    inner.len -= choice.header_len;
    field = inspect_inner_tag(inner);
    return (field >= 0xa0 && field <= 0xa4) || (inner.len == 2 && inner.data[1] == 0);
}

int inspect_looks_token(spnego_bytes octets)
{
    if (octets.len < 4)
        return 0;
    if (inspect_looks_certain(octets))
        return 1;
    switch (octets.data[0]) {
    case 0xa0:
    case 0xa1:
        return inspect_looks_bare(octets);
    case 0x60:
    case 0x6a:
    case 0x6b:
    case 0x6c:
    case 0x6d:
    case 0x6e:
    case 0x6f:
    case 0x7e:
        return octets.len >= 8 && inspect_looks_begun(octets) &&
               inspect_tlv_total(octets) == octets.len;
    default:
        return 0;
    }
}

int inspect_looks_cut(spnego_bytes octets)
{
    return octets.len > 0 && octets.data[0] != 'N' && inspect_tlv_total(octets) > octets.len;
}

int inspect_looks_whole(spnego_bytes octets)
{
    const uint64_t total = inspect_tlv_total(octets);

    return inspect_looks_token(octets) && octets.data[0] != 'N' && total > 0 && total <= octets.len;
}

uint64_t inspect_looks_unfinished(spnego_bytes octets)
{
    const uint8_t tag = octets.len > 0 ? octets.data[0] : 0;

    return (tag == 0x60 || tag == 0xa0 || tag == 0xa1) && inspect_looks_cut(octets)
               ? inspect_tlv_total(octets)
               : 0;
}
