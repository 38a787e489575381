#include "inspect/flow.h"

#include <stdlib.h>
#include <string.h>

/* RFC 9293 3.4: sequence numbers are compared around the circle. */
static int32_t inspect_seq_diff(uint32_t a, uint32_t b)
{
    const uint32_t diff = a - b;

    return diff < 0x80000000u ? (int32_t)diff : -(int32_t)(0xffffffffu - diff) - 1;
}

/* ---- One direction -------------------------------------------------------------------------- */

static void inspect_half_deliver(inspect_flow *flow, inspect_connection *connection, int side,
                                 uint32_t seq, spnego_bytes octets, const inspect_stamp *stamp)
{
    inspect_half *half = &connection->halves[side];
    const int32_t late = inspect_seq_diff(half->next_seq, seq);

    if (late < 0 || (size_t)late >= octets.len)
        return;
    octets.data += late;
    octets.len -= (size_t)late;
    half->next_seq += (uint32_t)octets.len;
    if (stamp->frame > half->latest.frame)
        half->latest = *stamp;
    flow->sink.octets(flow->sink.user, connection, side, octets, &half->latest);
}

static void inspect_half_drop_first(inspect_flow *flow, inspect_half *half)
{
    inspect_piece *piece = half->pieces;

    half->pieces = piece->next;
    half->num_pieces--;
    half->held -= piece->len;
    flow->held -= piece->len;
    free(piece);
}

/* Delivers what has become whole. */
static void inspect_half_go_on(inspect_flow *flow, inspect_connection *connection, int side)
{
    inspect_half *half = &connection->halves[side];

    while (half->pieces != NULL && inspect_seq_diff(half->pieces->seq, half->next_seq) <= 0) {
        const spnego_bytes octets = {half->pieces->data, half->pieces->len};
        inspect_half_deliver(flow, connection, side, half->pieces->seq, octets,
                             &half->pieces->stamp);
        inspect_half_drop_first(flow, half);
    }
}

/* Delivers the first piece; what is missing before it is given up. */
static void inspect_half_jump(inspect_flow *flow, inspect_connection *connection, int side)
{
    inspect_half *half = &connection->halves[side];
    const spnego_bytes octets = {half->pieces->data, half->pieces->len};

    if (half->is_open && inspect_seq_diff(half->pieces->seq, half->next_seq) > 0) {
        flow->num_gaps++;
        flow->sink.gap(flow->sink.user, connection, side);
        half->is_open = 0;
    }
    if (!half->is_open)
        half->next_seq = half->pieces->seq;
    half->is_open = 1;
    inspect_half_deliver(flow, connection, side, half->pieces->seq, octets, &half->pieces->stamp);
    inspect_half_drop_first(flow, half);
}

/* Delivers both directions in spite of gaps, in the order in which the pieces came. */
static void inspect_connection_settle(inspect_flow *flow, inspect_connection *connection)
{
    inspect_half *halves = connection->halves;

    while (halves[0].pieces != NULL || halves[1].pieces != NULL) {
        int side = halves[0].pieces == NULL;
        if (halves[0].pieces != NULL && halves[1].pieces != NULL)
            side = halves[1].pieces->stamp.frame < halves[0].pieces->stamp.frame;
        inspect_half_jump(flow, connection, side);
    }
}

/* Keeps a segment for later.  Pieces may overlap: what comes first in the stream is delivered. */
static void inspect_half_keep(inspect_flow *flow, inspect_half *half, uint32_t seq,
                              spnego_bytes octets, const inspect_stamp *stamp)
{
    inspect_piece **at = &half->pieces;
    inspect_piece *piece;

    while (*at != NULL && inspect_seq_diff((*at)->seq, seq) < 0)
        at = &(*at)->next;
    for (piece = *at; piece != NULL && piece->seq == seq; piece = piece->next)
        if (piece->len >= octets.len)
            return; /* sent again */
    piece = malloc(sizeof *piece + octets.len);
    if (piece == NULL) {
        flow->failed = 1;
        return;
    }
    piece->next = *at;
    piece->stamp = *stamp;
    piece->seq = seq;
    piece->len = octets.len;
    memcpy(piece->data, octets.data, octets.len);
    *at = piece;
    half->num_pieces++;
    half->held += octets.len;
    flow->held += octets.len;
}

static int inspect_half_is_full(const inspect_flow *flow, const inspect_half *half)
{
    if (!half->is_open && half->num_pieces >= INSPECT_FLOW_MAX_WAITING)
        return 1;
    return half->num_pieces >= INSPECT_FLOW_MAX_PIECES || half->held >= INSPECT_FLOW_MAX_HELD ||
           flow->held >= INSPECT_FLOW_MAX_TOTAL;
}

static void inspect_half_put(inspect_flow *flow, inspect_connection *connection, int side,
                             const inspect_segment *segment, const inspect_stamp *stamp)
{
    inspect_half *half = &connection->halves[side];
    const uint32_t seq = segment->seq + (segment->syn ? 1u : 0u);

    if (segment->payload.len == 0)
        return;
    if (half->is_open && inspect_seq_diff(seq, half->next_seq) <= 0) {
        inspect_half_deliver(flow, connection, side, seq, segment->payload, stamp);
        inspect_half_go_on(flow, connection, side);
        return;
    }
    inspect_half_keep(flow, half, seq, segment->payload, stamp);
    if (inspect_half_is_full(flow, half)) {
        if (!half->is_open)
            inspect_connection_settle(flow, connection);
        while (inspect_half_is_full(flow, half) && half->pieces != NULL)
            inspect_half_jump(flow, connection, side);
        inspect_half_go_on(flow, connection, side);
    }
}

/* ---- Connections ---------------------------------------------------------------------------- */

static uint64_t inspect_mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

static uint64_t inspect_endpoint_hash(const inspect_endpoint *endpoint)
{
    uint64_t words[2];

    memcpy(words, endpoint->address, sizeof words);
    return inspect_mix(inspect_mix(inspect_mix(endpoint->port, words[0]), words[1]), 1);
}

/* The set of the segment's connection; NULL if memory runs out. */
static inspect_flow_set *inspect_flow_set_of(inspect_flow *flow, const inspect_segment *segment)
{
    /* The same for both directions. */
    const uint64_t hash =
        inspect_mix(inspect_endpoint_hash(&segment->src) + inspect_endpoint_hash(&segment->dst), 2);
    inspect_flow_set **set = &flow->sets[hash >> 16 & (INSPECT_FLOW_SETS - 1)];

    if (*set == NULL)
        *set = calloc(1, sizeof **set);
    flow->failed |= *set == NULL;
    return *set;
}

static void inspect_connection_close(inspect_flow *flow, inspect_connection **at)
{
    inspect_connection_settle(flow, *at);
    flow->sink.close(flow->sink.user, *at);
    free(*at);
    *at = NULL;
    flow->num_open--;
}

/* The side that sends the segment, or -1 if it is of another connection. */
static int inspect_connection_side(const inspect_connection *connection,
                                   const inspect_segment *segment)
{
    for (int side = 0; side < 2; side++)
        if (inspect_endpoint_compare(&connection->endpoints[side], &segment->src) == 0 &&
            inspect_endpoint_compare(&connection->endpoints[1 - side], &segment->dst) == 0)
            return side;
    return -1;
}

/* The place of the segment's connection, or of the one that makes room for it; NULL if memory runs
 * out. */
static inspect_connection **inspect_flow_find(inspect_flow *flow, const inspect_segment *segment)
{
    inspect_flow_set *set = inspect_flow_set_of(flow, segment);
    inspect_connection **oldest = NULL;

    for (size_t i = 0; set != NULL && i < INSPECT_FLOW_WAYS; i++) {
        inspect_connection **at = &set->ways[i];

        if (*at != NULL && inspect_connection_side(*at, segment) >= 0)
            return at;
        if (oldest == NULL ||
            (*oldest != NULL && (*at == NULL || (*at)->last_used < (*oldest)->last_used)))
            oldest = at;
    }
    if (oldest != NULL && *oldest != NULL) {
        flow->num_evicted++;
        inspect_connection_close(flow, oldest);
    }
    return oldest;
}

/* A SYN with another number than the last one: the ports are used again. */
static int inspect_is_reused(const inspect_half *half, const inspect_segment *segment)
{
    if (!segment->syn || !half->is_open)
        return 0;
    return !half->is_syn_seen || half->first_seq != segment->seq + 1;
}

static void inspect_half_open(inspect_flow *flow, inspect_connection *connection, int side,
                              const inspect_segment *segment)
{
    inspect_half *half = &connection->halves[side];

    if (!segment->syn || half->is_open)
        return;
    if (!segment->ack)
        connection->opener = side;
    half->is_open = 1;
    half->is_syn_seen = 1;
    half->first_seq = segment->seq + 1;
    half->next_seq = half->first_seq;
    inspect_half_go_on(flow, connection, side);
}

/* RFC 9293 3.4: an acknowledgment names the next octet that is expected. */
static void inspect_half_heard(inspect_half *half, const inspect_segment *segment)
{
    if (segment->ack && half->is_open && segment->ack_seq - half->next_seq - 1 < 0x7fffffff)
        half->is_missed = 1;
}

static inspect_connection *inspect_connection_create(inspect_flow *flow,
                                                     const inspect_segment *segment)
{
    inspect_connection *connection = calloc(1, sizeof *connection);

    if (connection == NULL) {
        flow->failed = 1;
        return NULL;
    }
    connection->endpoints[0] = segment->src;
    connection->endpoints[1] = segment->dst;
    connection->opener = segment->syn && segment->ack;
    flow->num_connections++;
    flow->num_open++;
    return connection;
}

void inspect_flow_put(inspect_flow *flow, const inspect_segment *segment,
                      const inspect_stamp *stamp)
{
    inspect_connection **at;
    int side = 0;

    if (flow->failed || (segment->payload.len == 0 && !segment->syn))
        return;
    at = inspect_flow_find(flow, segment);
    if (at == NULL)
        return;
    if (*at != NULL) {
        side = inspect_connection_side(*at, segment);
        if (inspect_is_reused(&(*at)->halves[side], segment))
            inspect_connection_close(flow, at);
    }
    if (*at == NULL) {
        *at = inspect_connection_create(flow, segment);
        side = 0;
    }
    if (*at == NULL)
        return;
    (*at)->last_used = ++flow->clock;
    inspect_half_heard(&(*at)->halves[1 - side], segment);
    inspect_half_open(flow, *at, side, segment);
    inspect_half_put(flow, *at, side, segment, stamp);
}

int inspect_flow_begin(inspect_flow *flow, const inspect_flow_sink *sink)
{
    memset(flow, 0, sizeof *flow);
    flow->sink = *sink;
    flow->sets = calloc(INSPECT_FLOW_SETS, sizeof flow->sets[0]);
    flow->failed = flow->sets == NULL;
    return !flow->failed;
}

static int inspect_by_use(const void *a, const void *b)
{
    const inspect_connection *const *const *x = a, *const *const *y = b;

    return (**x)->last_used < (**y)->last_used ? -1 : (**x)->last_used > (**y)->last_used;
}

/* In the order of their last use, if there is memory for that. */
static void inspect_flow_close_all(inspect_flow *flow)
{
    inspect_connection ***open = malloc((flow->num_open + 1) * sizeof *open);
    size_t num = 0;

    flow->failed |= open == NULL;
    for (size_t i = 0; i < INSPECT_FLOW_SETS; i++) {
        for (size_t k = 0; flow->sets[i] != NULL && k < INSPECT_FLOW_WAYS; k++) {
            if (flow->sets[i]->ways[k] != NULL && open != NULL)
                open[num++] = &flow->sets[i]->ways[k];
            else if (flow->sets[i]->ways[k] != NULL)
                inspect_connection_close(flow, &flow->sets[i]->ways[k]);
        }
    }
    if (num > 0)
        qsort(open, num, sizeof *open, inspect_by_use);
    for (size_t i = 0; i < num; i++)
        inspect_connection_close(flow, open[i]);
    free(open);
}

void inspect_flow_end(inspect_flow *flow)
{
    if (flow->sets == NULL)
        return;
    inspect_flow_close_all(flow);
    for (size_t i = 0; i < INSPECT_FLOW_SETS; i++)
        free(flow->sets[i]);
    free(flow->sets);
    flow->sets = NULL;
}
