#include "inspect/segment.h"

#include <string.h>

#include "inspect/octets.h"

enum { ETHER_IPV4 = 0x0800, ETHER_IPV6 = 0x86dd };
enum {
    IP_HOP_BY_HOP = 0,
    IP_TCP = 6,
    IP_UDP = 17,
    IP_ROUTING = 43,
    IP_FRAGMENT = 44,
    IP_AUTH = 51,
    IP_DEST = 60
};

/* More tags or extension headers than that is no network's. */
enum { MAX_TAGS = 4, MAX_EXTENSIONS = 8 };

int inspect_link_known(int link)
{
    switch (link) {
    case INSPECT_LINK_NULL:
    case INSPECT_LINK_ETHERNET:
    case INSPECT_LINK_RAW_BSD:
    case INSPECT_LINK_RAW_OPENBSD:
    case INSPECT_LINK_RAW:
    case INSPECT_LINK_LOOP:
    case INSPECT_LINK_COOKED:
    case INSPECT_LINK_IPV4:
    case INSPECT_LINK_IPV6:
    case INSPECT_LINK_COOKED_2:
        return 1;
    default:
        return 0;
    }
}

/* Ethernet's type, behind the tags of 802.1Q, 802.1ad and their elder. */
static uint32_t inspect_ether_type(inspect_octets *in)
{
    uint32_t type = inspect_octets_big(in, 2);

    for (int i = 0; i < MAX_TAGS && (type == 0x8100 || type == 0x88a8 || type == 0x9100); i++) {
        inspect_octets_skip(in, 2);
        type = inspect_octets_big(in, 2);
    }
    return type;
}

/* Leaves *in at the IP header; returns 0 if there is none. */
static int inspect_link_read(inspect_octets *in, int link)
{
    uint32_t type = 0;

    switch (link) {
    case INSPECT_LINK_ETHERNET:
        inspect_octets_skip(in, 12);
        type = inspect_ether_type(in);
        break;
    case INSPECT_LINK_COOKED:
        inspect_octets_skip(in, 14);
        type = inspect_ether_type(in);
        break;
    case INSPECT_LINK_COOKED_2:
        type = inspect_octets_big(in, 2);
        inspect_octets_skip(in, 18);
        break;
    case INSPECT_LINK_NULL:
    case INSPECT_LINK_LOOP:
        /* The family's number is each system's own; the version below says the same. */
        inspect_octets_skip(in, 4);
        return !in->failed;
    default:
        return !in->failed;
    }
    return !in->failed && (type == ETHER_IPV4 || type == ETHER_IPV6);
}

static inspect_segment_kind inspect_tcp_read(inspect_segment *out, inspect_octets in)
{
    uint32_t offset, flags;

    out->src.port = (uint16_t)inspect_octets_big(&in, 2);
    out->dst.port = (uint16_t)inspect_octets_big(&in, 2);
    out->seq = inspect_octets_big(&in, 4);
    out->ack_seq = inspect_octets_big(&in, 4);
    offset = inspect_octets_big(&in, 1) >> 4;
    flags = inspect_octets_big(&in, 1);
    inspect_octets_skip(&in, 6);
    if (in.failed || offset < 5)
        return INSPECT_SEGMENT_DAMAGED;
    inspect_octets_skip(&in, (offset - 5) * (size_t)4);
    if (in.failed)
        return INSPECT_SEGMENT_DAMAGED;
    out->syn = (flags & 0x02) != 0;
    out->ack = (flags & 0x10) != 0;
    out->payload = in.left;
    return INSPECT_SEGMENT_TCP;
}

static void inspect_address_take(inspect_endpoint *out, inspect_octets *in, size_t len)
{
    const spnego_bytes address = inspect_octets_take(in, len);

    if (address.len > 0)
        memcpy(out->address, address.data, address.len);
    out->is_ipv6 = len == 16;
}

static inspect_segment_kind inspect_udp_read(inspect_segment *out, inspect_octets in)
{
    uint32_t len;

    out->src.port = (uint16_t)inspect_octets_big(&in, 2);
    out->dst.port = (uint16_t)inspect_octets_big(&in, 2);
    len = inspect_octets_big(&in, 2);
    inspect_octets_skip(&in, 2);
    if (in.failed || len < 8)
        return INSPECT_SEGMENT_DAMAGED;
    out->payload = in.left;
    if (len - 8 < out->payload.len)
        out->payload.len = len - 8;
    return INSPECT_SEGMENT_UDP;
}

/* RFC 8200 4.5.  The payload is what follows. */
static inspect_segment_kind inspect_fragment_read(inspect_segment *out, inspect_octets in,
                                                  uint32_t protocol)
{
    const uint32_t offset = inspect_octets_big(&in, 2);

    out->part_of.protocol = protocol;
    out->part_of.offset = offset & 0xfff8;
    out->part_of.is_last = (offset & 1) == 0;
    out->part_of.id = inspect_octets_big(&in, 4);
    out->payload = in.left;
    return in.failed ? INSPECT_SEGMENT_DAMAGED : INSPECT_SEGMENT_FRAGMENT;
}

/* What `next` says that it is, behind the extension headers of RFC 8200 4. */
static inspect_segment_kind inspect_ip_payload(inspect_segment *out, inspect_octets in,
                                               uint32_t next)
{
    for (int i = 0; i < MAX_EXTENSIONS; i++) {
        const uint32_t header = next;
        uint32_t len;

        if (header == IP_TCP)
            return inspect_tcp_read(out, in);
        if (header == IP_UDP)
            return inspect_udp_read(out, in);
        if (header != IP_HOP_BY_HOP && header != IP_ROUTING && header != IP_DEST &&
            header != IP_AUTH && header != IP_FRAGMENT)
            return INSPECT_SEGMENT_OTHER;
        next = inspect_octets_big(&in, 1);
        len = inspect_octets_big(&in, 1);
        if (header == IP_FRAGMENT) {
            inspect_octets ahead = in;
            /* RFC 6946: a fragment that is the whole packet is no fragment. */
            if ((inspect_octets_big(&ahead, 2) & 0xfff9) != 0)
                return inspect_fragment_read(out, in, next);
            inspect_octets_skip(&in, 6);
        } else {
            inspect_octets_skip(&in, header == IP_AUTH ? len * (size_t)4 + 6 : len * (size_t)8 + 6);
        }
        if (in.failed)
            return INSPECT_SEGMENT_DAMAGED;
    }
    return INSPECT_SEGMENT_DAMAGED;
}

/* Ethernet pads short frames, so the packet ends where its header says; where that says nothing,
 * the network card was to cut it into segments, and it ends with the frame. */
static void inspect_ip_end(inspect_segment *out, inspect_octets *in, size_t announced)
{
    out->part_of.is_cut = announced > in->left.len;
    if (announced > 0 && announced < in->left.len)
        in->left.len = announced;
}

static inspect_segment_kind inspect_ipv4_read(inspect_segment *out, inspect_octets in)
{
    const uint32_t header_len = inspect_octets_big(&in, 1) % 16 * 4;
    uint32_t total_len, id, fragment, protocol;

    inspect_octets_skip(&in, 1);
    total_len = inspect_octets_big(&in, 2);
    id = inspect_octets_big(&in, 2);
    fragment = inspect_octets_big(&in, 2);
    inspect_octets_skip(&in, 1);
    protocol = inspect_octets_big(&in, 1);
    inspect_octets_skip(&in, 2);
    inspect_address_take(&out->src, &in, 4);
    inspect_address_take(&out->dst, &in, 4);
    if (in.failed || header_len < 20 || (total_len != 0 && total_len < header_len))
        return INSPECT_SEGMENT_DAMAGED;
    inspect_octets_skip(&in, header_len - 20);
    if (in.failed)
        return INSPECT_SEGMENT_DAMAGED;
    if (total_len != 0 && total_len == header_len)
        in.left.len = 0;
    inspect_ip_end(out, &in, total_len != 0 ? total_len - header_len : 0);
    if ((fragment & 0x3fff) == 0)
        return inspect_ip_payload(out, in, protocol);
    out->part_of.id = protocol << 16 | id;
    out->part_of.protocol = protocol;
    out->part_of.offset = (fragment & 0x1fff) * 8;
    out->part_of.is_last = (fragment & 0x2000) == 0;
    out->payload = in.left;
    return INSPECT_SEGMENT_FRAGMENT;
}

static inspect_segment_kind inspect_ipv6_read(inspect_segment *out, inspect_octets in)
{
    uint32_t payload_len, next;

    inspect_octets_skip(&in, 4);
    payload_len = inspect_octets_big(&in, 2);
    next = inspect_octets_big(&in, 1);
    inspect_octets_skip(&in, 1);
    inspect_address_take(&out->src, &in, 16);
    inspect_address_take(&out->dst, &in, 16);
    if (in.failed)
        return INSPECT_SEGMENT_DAMAGED;
    inspect_ip_end(out, &in, payload_len);
    return inspect_ip_payload(out, in, next);
}

inspect_segment_kind inspect_segment_read_whole(inspect_segment *segment)
{
    const inspect_octets in = inspect_octets_of(segment->payload);

    return inspect_ip_payload(segment, in, segment->part_of.protocol);
}

inspect_segment_kind inspect_segment_read(inspect_segment *out, int link, spnego_bytes frame)
{
    inspect_octets in = inspect_octets_of(frame);

    memset(out, 0, sizeof *out);
    if (!inspect_link_known(link))
        return INSPECT_SEGMENT_LINK_OTHER;
    if (!inspect_link_read(&in, link))
        return in.failed ? INSPECT_SEGMENT_DAMAGED : INSPECT_SEGMENT_OTHER;
    if (in.left.len == 0)
        return INSPECT_SEGMENT_DAMAGED;
    switch (in.left.data[0] >> 4) {
    case 4:
        return inspect_ipv4_read(out, in);
    case 6:
        return inspect_ipv6_read(out, in);
    default:
        return INSPECT_SEGMENT_OTHER;
    }
}

/* ---- Addresses ------------------------------------------------------------------------------ */

static unsigned inspect_group(const inspect_endpoint *endpoint, unsigned i)
{
    return (unsigned)endpoint->address[2 * i] << 8 | endpoint->address[2 * i + 1];
}

static void inspect_group_write(inspect_text *out, unsigned group)
{
    static const char digits[] = "0123456789abcdef";
    int shift = 12;

    while (shift > 0 && group >> shift == 0)
        shift -= 4;
    for (; shift >= 0; shift -= 4)
        inspect_text_putc(out, digits[group >> shift & 15]);
}

static void inspect_ipv6_write(inspect_text *out, const inspect_endpoint *endpoint)
{
    unsigned best = 8, best_len = 1;

    /* RFC 5952 4.2: the first of the longest runs of zeros, if it is longer than one. */
    for (unsigned i = 0; i < 8; i++) {
        unsigned len = 0;
        while (i + len < 8 && inspect_group(endpoint, i + len) == 0)
            len++;
        if (len > best_len) {
            best = i;
            best_len = len;
        }
    }
    for (unsigned i = 0; i < 8; i++) {
        if (i == best) {
            inspect_text_puts(out, "::");
            i += best_len - 1;
            continue;
        }
        if (i > 0 && i != best + best_len)
            inspect_text_putc(out, ':');
        inspect_group_write(out, inspect_group(endpoint, i));
    }
}

void inspect_endpoint_write(inspect_text *out, const inspect_endpoint *endpoint)
{
    if (endpoint->is_ipv6) {
        inspect_text_putc(out, '[');
        inspect_ipv6_write(out, endpoint);
        inspect_text_putc(out, ']');
    } else {
        for (int i = 0; i < 4; i++) {
            if (i > 0)
                inspect_text_putc(out, '.');
            inspect_text_put_number(out, endpoint->address[i]);
        }
    }
    inspect_text_putc(out, ':');
    inspect_text_put_number(out, endpoint->port);
}

int inspect_endpoint_compare(const inspect_endpoint *a, const inspect_endpoint *b)
{
    const int addresses = memcmp(a->address, b->address, sizeof a->address);

    if (a->is_ipv6 != b->is_ipv6)
        return a->is_ipv6 - b->is_ipv6;
    if (addresses != 0)
        return addresses;
    return (int)a->port - (int)b->port;
}
