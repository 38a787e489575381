/*
 * inspect/carry.h - finds the tokens in the two streams of a connection: what carries them is told
 * by the first octets, whatever the ports.
 *
 * A carrier is a function that reads one message at the beginning of a stream, in the files
 * carry_*.c.  Where none recognises the stream, tokens are looked for by their own octets.
 */
#ifndef SPNEGO_INSPECT_CARRY_H
#define SPNEGO_INSPECT_CARRY_H

#include "inspect/flow.h"
#include "inspect/input.h"
#include "inspect/reading.h"

/* What one direction keeps of a message that is not whole.  A token of MS-NNS or SMB has at most
 * 65535 octets, in base64 and with everything around it less than this. */
#define INSPECT_CARRY_MAX_MESSAGE ((size_t)256 * 1024)

/* The same for all connections together: who would need more is not followed further. */
#define INSPECT_CARRY_MAX_TOTAL ((size_t)128 * 1024 * 1024)

/* Negotiations of one connection that are told apart at once. */
#define INSPECT_CARRY_MAX_OPEN 16

/* A token that was found. */
typedef struct inspect_found {
    const char *carrier; /* "http" and so on; "tcp" where nothing that is known carried it */
    spnego_bytes token;  /* valid until the call returns */
    inspect_role sender;
    inspect_scheme scheme;
    const inspect_connection *connection; /* NULL: a stream alone */
    int side;
    inspect_stamp stamp; /* frame 0: there is none */
    uint64_t exchange;   /* from 1 */
    uint64_t num_gaps;   /* how often something may have been missed on the connection so far */
    int is_from_outset;  /* nothing was, and its beginning is there */
} inspect_found;

/* What all connections of a run share. */
typedef struct inspect_finder {
    void *user;
    void (*found)(void *user, const inspect_found *found);
    uint64_t num_exchanges;
    uint64_t num_found;
    uint64_t num_lost;    /* times that a stream went on as nothing that its carrier knows */
    uint64_t num_dropped; /* messages that were not followed because of a limit */
    size_t held;
    int failed;
    struct inspect_carry *datagrams; /* carry_dns.c: NULL at first */
} inspect_finder;

typedef enum inspect_carrier {
    INSPECT_CARRIER_NONE = 0, /* not known yet */
    INSPECT_CARRIER_HTTP,
    INSPECT_CARRIER_SMB,
    INSPECT_CARRIER_LDAP,
    INSPECT_CARRIER_DCERPC,
    INSPECT_CARRIER_NNS,
    INSPECT_CARRIER_SOCKS5,
    INSPECT_CARRIER_XMPP,
    INSPECT_CARRIER_DNS,
    INSPECT_CARRIER_ANY, /* none that is known */
    INSPECT_NUM_CARRIERS
} inspect_carrier;

typedef struct inspect_carry inspect_carry;

/* inspect_carry_create returns a reader for a connection, or for one stream alone if that is NULL;
 * NULL if memory runs out.  carrier is NONE to be told by the octets. */
inspect_carry *inspect_carry_create(inspect_finder *finder, const inspect_connection *connection,
                                    inspect_carrier carrier);

/* inspect_carry_put reads the next octets of a side. */
void inspect_carry_put(inspect_carry *carry, int side, spnego_bytes octets,
                       const inspect_stamp *stamp);

/* inspect_carry_gap says that octets are missing before the next. */
void inspect_carry_gap(inspect_carry *carry, int side);

/* inspect_carry_destroy reads what is left to its end and frees the reader; NULL is fine. */
void inspect_carry_destroy(inspect_carry *carry);

/* inspect_carry_sink is what inspect_flow_begin takes to read every connection. */
inspect_flow_sink inspect_carry_sink(inspect_finder *finder);

/* inspect_carry_datagram looks for tokens in what UDP carried: DNS alone has them there. */
void inspect_carry_datagram(inspect_finder *finder, const inspect_segment *segment,
                            const inspect_stamp *stamp);

/* inspect_carry_datagrams_end frees what the function before has taken. */
void inspect_carry_datagrams_end(inspect_finder *finder);

/* ---- Between carry.c and the carriers -------------------------------------------------------- */

typedef enum inspect_step {
    INSPECT_STEP_NOT,  /* no message of this carrier begins here */
    INSPECT_STEP_MORE, /* *amount octets are needed before it is worth looking again */
    INSPECT_STEP_USED  /* *amount octets are done with; more than there are: the rest is skipped */
} inspect_step;

/* A carrier reads the message at the beginning of `in`, which is not empty. */
typedef inspect_step inspect_carrier_fn(inspect_carry *carry, int side, spnego_bytes in,
                                        size_t *amount);

inspect_carrier_fn inspect_carry_http, inspect_carry_smb, inspect_carry_ldap, inspect_carry_dcerpc,
    inspect_carry_nns, inspect_carry_socks5, inspect_carry_xmpp, inspect_carry_dns,
    inspect_carry_any;

/* Where HTTP is within a message. */
typedef enum inspect_http_phase {
    INSPECT_HTTP_BETWEEN = 0, /* a line that begins a message is looked for */
    INSPECT_HTTP_HEADERS,
    INSPECT_HTTP_CHUNK, /* the line with a chunk's size */
    INSPECT_HTTP_TRAILERS
} inspect_http_phase;

typedef struct inspect_side {
    inspect_text held; /* octets of a message that is not whole */
    size_t need;       /* how many of them are needed */
    size_t skip;       /* octets to come that are not looked at */
    size_t seen;       /* of `held`, already searched by the carrier */
    int is_lost;       /* what comes is no message's beginning */
    int is_begun;      /* it has said something that its carrier understood */
    uint8_t before;    /* carry_any.c: the octet before */
    /* carry_http.c */
    inspect_http_phase http;
    size_t body_len;
    int is_chunked;
    int is_bodiless;
    /* carry_nns.c, carry_socks5.c: the handshake is over */
    int is_done;
    /* carry_smb.c: a message of DCE/RPC within */
    int is_nested;
} inspect_side;

/* A negotiation that is going on. */
typedef struct inspect_open {
    const char *carrier; /* NULL: the place is free */
    uint64_t key;
    uint64_t exchange;
    uint64_t last_used;
    int is_asked;                          /* the initiator has said something */
    inspect_role last;                     /* who spoke last */
    struct inspect_unfinished *unfinished; /* a token of which pieces came, or NULL */
} inspect_open;

struct inspect_carry {
    inspect_finder *finder;
    const inspect_connection *connection;
    inspect_carrier carrier;
    inspect_side sides[2];
    inspect_open open[INSPECT_CARRY_MAX_OPEN];
    uint64_t clock;
    uint64_t num_gaps;
    inspect_stamp stamp;
    int is_head; /* carry_http.c: the last request was HEAD, whose answer has no body */
    int is_connect;
};

/* Whether a token is the first of a negotiation. */
typedef enum inspect_place {
    INSPECT_PLACE_UNTOLD = 0, /* it is told by the token itself */
    INSPECT_PLACE_FIRST,
    INSPECT_PLACE_LATER
} inspect_place;

/* What a carrier says about a token. */
typedef struct inspect_carried {
    const char *carrier;
    inspect_role sender; /* UNKNOWN: who opened the connection is the initiator */
    inspect_scheme scheme;
    uint64_t key; /* tells negotiations on the same connection apart */
    inspect_place place;
} inspect_carried;

/* inspect_carry_token hands a token to the user, unless it is empty. */
void inspect_carry_token(inspect_carry *carry, int side, const inspect_carried *carried,
                         spnego_bytes token);

/* inspect_carry_rename gives the negotiation `key` another key. */
void inspect_carry_rename(inspect_carry *carry, const char *carrier, uint64_t key, uint64_t to);

#endif /* SPNEGO_INSPECT_CARRY_H */
