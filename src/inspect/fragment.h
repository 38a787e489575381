/*
 * inspect/fragment.h - puts IP packets back together that were cut on their way (RFC 791 3.2, RFC
 * 8200 4.5).
 *
 * Parts that overlap are those of an attack, and which of them a host would have taken cannot be
 * known: the packet is dropped, with what comes of it later (RFC 5722 4), in IPv4 too.  Memory is
 * that of the octets that came, and bounded by the limits below.
 */
#ifndef SPNEGO_INSPECT_FRAGMENT_H
#define SPNEGO_INSPECT_FRAGMENT_H

#include "inspect/flow.h"

/* Packets that are waited for at once; the one that was silent for longest makes room.  Each has at
 * most 65535 octets. */
#define INSPECT_FRAGMENTS_MAX_OPEN 64

/* A packet of 65535 octets over the smallest MTU of IPv4 that is still met, 576, has 119. */
#define INSPECT_FRAGMENTS_MAX_PARTS 128

/* RFC 8200 4.5: what has not come by then will not; and the number may be used again. */
#define INSPECT_FRAGMENTS_SECONDS 60

typedef struct inspect_part {
    struct inspect_part *next;
    size_t offset;
    size_t len;
    uint8_t data[];
} inspect_part;

/* A packet that is not whole. */
typedef struct inspect_parts {
    int is_open;
    inspect_endpoint src, dst; /* without ports */
    uint32_t id;
    uint32_t protocol; /* as the first part has it (RFC 8200 4.5) */
    int64_t since;
    uint64_t last_used;
    inspect_part *first; /* in order of offset */
    size_t num;
    size_t have; /* octets in them */
    size_t len;  /* of the packet, 0: not known */
    uint64_t num_seen;
    int is_dropped;
} inspect_parts;

typedef struct inspect_fragments {
    inspect_parts open[INSPECT_FRAGMENTS_MAX_OPEN];
    uint64_t clock;
    uint64_t num_left; /* fragments whose packet did not become whole */
    size_t held;
    inspect_text whole;
    int failed; /* out of memory */
} inspect_fragments;

/* A zero-filled inspect_fragments is ready. */

/* inspect_fragments_read is inspect_segment_read, but where the frame holds the part that makes a
 * packet whole, *out is what that packet holds, and views it until the next call. */
inspect_segment_kind inspect_fragments_read(inspect_fragments *fragments, inspect_segment *out,
                                            int link, spnego_bytes frame,
                                            const inspect_stamp *stamp);

/* inspect_fragments_end frees everything. */
void inspect_fragments_end(inspect_fragments *fragments);

#endif /* SPNEGO_INSPECT_FRAGMENT_H */
