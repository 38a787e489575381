/*
 * inspect/flow.h - puts the streams of TCP connections back together (RFC 9293 3.4, 3.10): out of
 * order, retransmitted, overlapping, across the end of the sequence numbers, with pieces missing.
 *
 * Memory is bounded by the limits below, whatever the capture holds, and the work for a segment
 * does not depend on how many came before.
 */
#ifndef SPNEGO_INSPECT_FLOW_H
#define SPNEGO_INSPECT_FLOW_H

#include "inspect/segment.h"

/* Connections that are followed at once: sets of a few, so that a capture made to fall into one set
 * finds no more than that.  The one of a set that was silent for longest makes room. */
#define INSPECT_FLOW_SETS 4096
#define INSPECT_FLOW_WAYS 16

/* What one direction keeps of segments that came too early.  More than any window that a network
 * loses from; what is missing by then will not come. */
#define INSPECT_FLOW_MAX_PIECES 1024
#define INSPECT_FLOW_MAX_HELD ((size_t)1024 * 1024)

/* The same for all connections together. */
#define INSPECT_FLOW_MAX_TOTAL ((size_t)128 * 1024 * 1024)

/* Segments that a direction collects before it believes that its beginning was not captured. */
#define INSPECT_FLOW_MAX_WAITING 16

/* When something came. */
typedef struct inspect_stamp {
    uint64_t frame; /* number in the capture, from 1 */
    int64_t seconds;
    uint32_t micros;
} inspect_stamp;

/* A segment's octets that wait for those before them. */
typedef struct inspect_piece {
    struct inspect_piece *next;
    inspect_stamp stamp;
    uint32_t seq;
    size_t len;
    uint8_t data[];
} inspect_piece;

/* One direction of a connection. */
typedef struct inspect_half {
    int is_open;     /* next_seq is known */
    int is_syn_seen; /* and from a SYN, whose number plus one is first_seq */
    uint32_t first_seq;
    uint32_t next_seq;
    int is_missed;         /* the other side has had more of it than was seen by then */
    inspect_piece *pieces; /* in order of seq */
    size_t num_pieces;
    size_t held;
    inspect_stamp latest; /* of the last segment that was needed for what was delivered */
} inspect_half;

typedef struct inspect_connection {
    inspect_endpoint endpoints[2]; /* side n sends from endpoints[n] */
    int opener;                    /* the side that asked for the connection, or spoke first */
    inspect_half halves[2];
    uint64_t last_used;
    void *reader; /* the user's, NULL at first */
} inspect_connection;

/* What becomes of the streams.  `octets` are the next ones of that side, `gap` says that some are
 * missing before the next, and after `close` nothing more comes. */
typedef struct inspect_flow_sink {
    void *user;
    void (*octets)(void *user, inspect_connection *connection, int side, spnego_bytes octets,
                   const inspect_stamp *stamp);
    void (*gap)(void *user, inspect_connection *connection, int side);
    void (*close)(void *user, inspect_connection *connection);
} inspect_flow_sink;

typedef struct inspect_flow_set {
    inspect_connection *ways[INSPECT_FLOW_WAYS];
} inspect_flow_set;

typedef struct inspect_flow {
    inspect_flow_sink sink;
    inspect_flow_set **sets; /* INSPECT_FLOW_SETS of them, NULL until one is used */
    size_t num_open;         /* connections in them */
    uint64_t clock;          /* counts segments */
    size_t held;             /* by all pieces */
    uint64_t num_connections;
    uint64_t num_gaps;
    uint64_t num_evicted; /* connections that made room for others */
    int failed;           /* out of memory: what came since is not delivered */
} inspect_flow;

/* inspect_flow_begin makes *flow ready.  Returns 0 if memory runs out. */
int inspect_flow_begin(inspect_flow *flow, const inspect_flow_sink *sink);

/* inspect_flow_put takes the next segment. */
void inspect_flow_put(inspect_flow *flow, const inspect_segment *segment,
                      const inspect_stamp *stamp);

/* inspect_flow_end delivers what can be delivered in spite of gaps, closes all connections in the
 * order in which they were last heard of, and frees everything. */
void inspect_flow_end(inspect_flow *flow);

#endif /* SPNEGO_INSPECT_FLOW_H */
