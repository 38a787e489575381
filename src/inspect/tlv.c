#include "inspect/tlv.h"

#include <string.h>

int inspect_tlv_read(inspect_tlv *out, spnego_bytes in)
{
    size_t octets;
    uint64_t len = 0;

    memset(out, 0, sizeof *out);
    if (in.len < 2 || (in.data[0] & 0x1f) == 0x1f || in.data[0] == 0)
        return 0;
    octets = in.data[1] < 0x80 ? 0 : in.data[1] & 0x7fu;
    if (octets > 8 || octets > in.len - 2)
        return 0;
    for (size_t i = 0; i < octets; i++)
        len = len << 8 | in.data[2 + i];
    out->tag = in.data[0];
    out->is_indefinite = in.data[1] == 0x80;
    out->length_octets = 1 + octets;
    out->header_len = 2 + octets;
    out->declared_len = in.data[1] < 0x80 ? in.data[1] : len;
    return 1;
}

uint64_t inspect_tlv_total(spnego_bytes in)
{
    inspect_tlv tlv;

    if (!inspect_tlv_read(&tlv, in) || tlv.is_indefinite ||
        tlv.declared_len > UINT64_MAX - tlv.header_len)
        return 0;
    return tlv.header_len + tlv.declared_len;
}
