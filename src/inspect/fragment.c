#include "inspect/fragment.h"

#include <stdlib.h>
#include <string.h>

/* RFC 791 3.1, RFC 8200 4.5: of what was cut. */
enum { MAX_PACKET_LEN = 65535 };

static void inspect_parts_free(inspect_fragments *fragments, inspect_parts *parts)
{
    while (parts->first != NULL) {
        inspect_part *part = parts->first;

        parts->first = part->next;
        fragments->held -= part->len;
        free(part);
    }
}

static void inspect_parts_close(inspect_fragments *fragments, inspect_parts *parts)
{
    inspect_parts_free(fragments, parts);
    memset(parts, 0, sizeof *parts);
}

static int inspect_parts_are_of(const inspect_parts *parts, const inspect_segment *segment,
                                const inspect_stamp *stamp)
{
    /* A file may have any times in any order: what came before is long after. */
    const uint64_t age = (uint64_t)stamp->seconds - (uint64_t)parts->since;

    return parts->is_open && parts->id == segment->part_of.id &&
           inspect_endpoint_compare(&parts->src, &segment->src) == 0 &&
           inspect_endpoint_compare(&parts->dst, &segment->dst) == 0 &&
           age <= INSPECT_FRAGMENTS_SECONDS;
}

/* Those of the packet, or the ones that make room for it. */
static inspect_parts *inspect_parts_find(inspect_fragments *fragments,
                                         const inspect_segment *segment, const inspect_stamp *stamp)
{
    inspect_parts *parts = &fragments->open[0];

    for (size_t i = 0; i < INSPECT_FRAGMENTS_MAX_OPEN; i++) {
        inspect_parts *other = &fragments->open[i];

        if (inspect_parts_are_of(other, segment, stamp))
            return other;
        if (other->last_used < parts->last_used)
            parts = other;
    }
    inspect_parts_close(fragments, parts);
    parts->is_open = 1;
    parts->src = segment->src;
    parts->dst = segment->dst;
    parts->id = segment->part_of.id;
    parts->since = stamp->seconds;
    return parts;
}

/* Whether a part may be one of the packet, by what it says of its place alone. */
static int inspect_part_fits(const inspect_parts *parts, const inspect_segment *segment)
{
    const size_t offset = segment->part_of.offset, len = segment->payload.len;

    if (len > MAX_PACKET_LEN - offset || parts->num == INSPECT_FRAGMENTS_MAX_PARTS)
        return 0;
    if (!segment->part_of.is_last)
        return len % 8 == 0 && (parts->len == 0 || offset + len <= parts->len);
    if (parts->len != 0)
        return offset + len == parts->len;
    for (const inspect_part *part = parts->first; part != NULL; part = part->next)
        if (part->offset + part->len > offset + len)
            return 0;
    return 1;
}

typedef enum inspect_overlap { INSPECT_APART = 0, INSPECT_SAME, INSPECT_OVERLAPS } inspect_overlap;

/* *out_at is where a part at that offset belongs. */
static inspect_overlap inspect_part_place(inspect_part ***out_at, inspect_parts *parts,
                                          size_t offset, spnego_bytes octets)
{
    inspect_part **at = &parts->first;

    while (*at != NULL && (*at)->offset < offset) {
        if ((*at)->len > offset - (*at)->offset)
            return INSPECT_OVERLAPS;
        at = &(*at)->next;
    }
    *out_at = at;
    if (*at == NULL || octets.len <= (*at)->offset - offset)
        return INSPECT_APART;
    /* RFC 8200 4.5: the same part twice is the network's doing. */
    if ((*at)->offset == offset && (*at)->len == octets.len &&
        memcmp((*at)->data, octets.data, octets.len) == 0)
        return INSPECT_SAME;
    return INSPECT_OVERLAPS;
}

static void inspect_parts_add(inspect_fragments *fragments, inspect_parts *parts,
                              const inspect_segment *segment)
{
    const spnego_bytes octets = segment->payload;
    const size_t offset = segment->part_of.offset;
    inspect_overlap overlap = INSPECT_OVERLAPS;
    inspect_part **at = NULL, *part;

    if (inspect_part_fits(parts, segment))
        overlap = inspect_part_place(&at, parts, offset, octets);
    if (overlap == INSPECT_OVERLAPS) {
        parts->is_dropped = 1;
        inspect_parts_free(fragments, parts);
    }
    if (overlap != INSPECT_APART)
        return;
    part = malloc(sizeof *part + octets.len);
    if (part == NULL) {
        fragments->failed = 1;
        return;
    }
    part->next = *at;
    part->offset = offset;
    part->len = octets.len;
    memcpy(part->data, octets.data, octets.len);
    *at = part;
    parts->num++;
    parts->have += octets.len;
    fragments->held += octets.len;
    if (segment->part_of.is_last)
        parts->len = offset + octets.len;
    if (offset == 0)
        parts->protocol = segment->part_of.protocol;
}

/* No two overlap, so they are all there when there are enough octets. */
static int inspect_parts_are_whole(const inspect_parts *parts)
{
    return !parts->is_dropped && parts->have == parts->len;
}

static void inspect_parts_join(inspect_fragments *fragments, const inspect_parts *parts)
{
    inspect_text_clear(&fragments->whole);
    for (const inspect_part *part = parts->first; part != NULL; part = part->next)
        inspect_text_put(&fragments->whole, part->data, part->len);
    fragments->failed |= fragments->whole.failed;
}

/* Returns 1 if *segment now is the whole packet. */
static int inspect_fragments_put(inspect_fragments *fragments, inspect_segment *segment,
                                 const inspect_stamp *stamp)
{
    inspect_parts *parts;

    fragments->num_left++;
    if (fragments->failed || segment->part_of.is_cut || segment->payload.len == 0)
        return 0;
    parts = inspect_parts_find(fragments, segment, stamp);
    parts->last_used = ++fragments->clock;
    parts->num_seen++;
    if (!parts->is_dropped)
        inspect_parts_add(fragments, parts, segment);
    if (!inspect_parts_are_whole(parts))
        return 0;
    inspect_parts_join(fragments, parts);
    segment->payload = inspect_text_bytes(&fragments->whole);
    segment->part_of.protocol = parts->protocol;
    fragments->num_left -= parts->num_seen;
    inspect_parts_close(fragments, parts);
    return !fragments->failed;
}

inspect_segment_kind inspect_fragments_read(inspect_fragments *fragments, inspect_segment *out,
                                            int link, spnego_bytes frame,
                                            const inspect_stamp *stamp)
{
    const inspect_segment_kind kind = inspect_segment_read(out, link, frame);

    if (kind != INSPECT_SEGMENT_FRAGMENT || !inspect_fragments_put(fragments, out, stamp))
        return kind;
    return inspect_segment_read_whole(out);
}

void inspect_fragments_end(inspect_fragments *fragments)
{
    for (size_t i = 0; i < INSPECT_FRAGMENTS_MAX_OPEN; i++)
        inspect_parts_close(fragments, &fragments->open[i]);
    inspect_text_free(&fragments->whole);
}
