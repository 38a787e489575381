/*
 * inspect/segment.h - from a captured frame to the segment that it carries: the headers of the
 * link, of IP and of TCP or UDP.  No length is believed: what a header announces counts only as far
 * as octets are there.
 */
#ifndef SPNEGO_INSPECT_SEGMENT_H
#define SPNEGO_INSPECT_SEGMENT_H

#include "inspect/text.h"

/* The link types of https://www.tcpdump.org/linktypes.html that are read, by the numbers that stand
 * in files; libpcap gives some of them other ones. */
typedef enum inspect_link {
    INSPECT_LINK_NULL = 0,
    INSPECT_LINK_ETHERNET = 1,
    INSPECT_LINK_RAW_BSD = 12,
    INSPECT_LINK_RAW_OPENBSD = 14,
    INSPECT_LINK_RAW = 101,
    INSPECT_LINK_LOOP = 108,
    INSPECT_LINK_COOKED = 113,
    INSPECT_LINK_IPV4 = 228,
    INSPECT_LINK_IPV6 = 229,
    INSPECT_LINK_COOKED_2 = 276
} inspect_link;

typedef struct inspect_endpoint {
    uint8_t address[16]; /* zero behind the four octets of IPv4 */
    uint8_t is_ipv6;
    uint16_t port;
} inspect_endpoint;

/* Which part of an IP packet the payload is. */
typedef struct inspect_part_of {
    uint32_t id;       /* for IPv4 with the protocol, which is a part of it (RFC 791 3.2) */
    uint32_t protocol; /* of what the whole packet carries, as this part has it */
    uint32_t offset;
    int is_last;
    int is_cut; /* not all of it was captured */
} inspect_part_of;

typedef struct inspect_segment {
    inspect_endpoint src, dst;
    uint32_t seq;
    uint32_t ack_seq; /* where ack is set */
    int syn, ack;
    spnego_bytes payload;    /* as far as it was captured */
    inspect_part_of part_of; /* FRAGMENT */
} inspect_segment;

typedef enum inspect_segment_kind {
    INSPECT_SEGMENT_TCP = 0,
    INSPECT_SEGMENT_UDP,
    INSPECT_SEGMENT_OTHER,     /* neither is in it */
    INSPECT_SEGMENT_FRAGMENT,  /* a part of an IP packet: see inspect/fragment.h */
    INSPECT_SEGMENT_DAMAGED,   /* its headers contradict what was captured */
    INSPECT_SEGMENT_LINK_OTHER /* of a link type that is not read */
} inspect_segment_kind;

/* inspect_link_known returns 1 for the link types that inspect_segment_read reads. */
int inspect_link_known(int link);

/* inspect_segment_read reads a frame into *out, which views it.  *out is filled for
 * INSPECT_SEGMENT_TCP, UDP, which has no seq and no flags, and FRAGMENT, which has no ports either.
 */
inspect_segment_kind inspect_segment_read(inspect_segment *out, int link, spnego_bytes frame);

/* inspect_segment_read_whole reads what segment->payload is when all fragments are in it; returns
 * what inspect_segment_read does. */
inspect_segment_kind inspect_segment_read_whole(inspect_segment *segment);

/* inspect_endpoint_write writes "192.0.2.1:80" or "[2001:db8::1]:80" (RFC 5952). */
void inspect_endpoint_write(inspect_text *out, const inspect_endpoint *endpoint);

/* inspect_endpoint_compare orders endpoints; 0 if they are the same. */
int inspect_endpoint_compare(const inspect_endpoint *a, const inspect_endpoint *b);

#endif /* SPNEGO_INSPECT_SEGMENT_H */
