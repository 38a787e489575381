#include "inspect/packet.h"

uint64_t inspect_packet_number(const inspect_packet *packet, size_t at, size_t size)
{
    spnego_bytes octets;
    uint64_t number = 0;

    if (!inspect_packet_slice(&octets, packet, at, size))
        return 0;
    for (size_t i = size; i > 0; i--)
        number = number << 8 | octets.data[i - 1];
    return number;
}

int inspect_packet_slice(spnego_bytes *out, const inspect_packet *packet, uint64_t at, uint64_t len)
{
    out->data = NULL;
    out->len = 0;
    if (at > packet->in.len || len > packet->in.len - at)
        return 0;
    out->data = packet->in.data + at;
    out->len = (size_t)len;
    return 1;
}

int inspect_packet_is_zero(spnego_bytes octets)
{
    uint8_t any = 0;

    for (size_t i = 0; i < octets.len; i++)
        any |= octets.data[i];
    return any == 0;
}

inspect_node *inspect_packet_add(const inspect_packet *packet, const char *name,
                                 inspect_value value, size_t depth, size_t at, size_t len)
{
    const size_t start = at < packet->in.len ? at : packet->in.len;
    const size_t left = packet->in.len - start;
    inspect_node *node = inspect_tree_add(packet->tree, name, value, depth,
                                          inspect_offset(packet->reading, packet->in) + start,
                                          len < left ? len : left);

    switch (value) {
    case INSPECT_NUMBER:
    case INSPECT_NAMED:
    case INSPECT_FILETIME:
        node->number = inspect_packet_number(packet, start, node->len);
        break;
    case INSPECT_OCTETS:
    case INSPECT_TEXT_UTF8:
    case INSPECT_TEXT_UTF16:
    case INSPECT_GUID:
        node->octets.data = packet->in.data + start;
        node->octets.len = node->len;
        break;
    case INSPECT_OBJECT:
    case INSPECT_ARRAY:
    case INSPECT_FLAG:
    case INSPECT_TEXT_STATIC:
    case INSPECT_TIME:
    case INSPECT_OID_VALUE:
        break;
    }
    return node;
}

void inspect_packet_add_private(const inspect_packet *packet, const char *name,
                                inspect_privacy privacy, size_t depth, size_t at, size_t len)
{
    inspect_packet_add(packet, name, INSPECT_OCTETS, depth, at, len)->privacy = privacy;
}

void inspect_packet_find_fault(const inspect_packet *packet, spnego_rule rule, size_t at,
                               size_t len)
{
    inspect_add_nested_finding(packet->reading, rule,
                               inspect_offset(packet->reading, packet->in) + at, len);
}
