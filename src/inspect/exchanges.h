/*
 * inspect/exchanges.h - many exchanges at once, each token judged as it comes: for those that read
 * captures of any length.
 *
 * Of an exchange little is kept, and what its tokens do not tell by then stays open: a finding is
 * one that every way to go on from there would leave.  A replay, which knows the rest, says more.
 */
#ifndef SPNEGO_INSPECT_EXCHANGES_H
#define SPNEGO_INSPECT_EXCHANGES_H

#include "inspect/exchange.h"

/* Exchanges that are followed at once; the latest take the places of the oldest.  A negotiation
 * takes a handful of tokens, so as many would have to begin during it for one to be lost. */
#define INSPECT_MAX_EXCHANGES 4096

/* The longest list of mechanisms that is kept.  Real ones list one to five, of about ten octets. */
#define INSPECT_MAX_OFFER 256

/* The longest MIC that is compared with another.  Kerberos' have up to 36 octets, NTLM's 16. */
#define INSPECT_MAX_KEPT_MIC 64

typedef struct inspect_followed inspect_followed;

typedef struct inspect_exchanges {
    inspect_followed *places;
    uint64_t latest; /* the highest number that was heard of */
    int failed;      /* memory ran out: nothing is followed */
} inspect_exchanges;

/* Where a token was heard. */
typedef struct inspect_hearing {
    uint64_t exchange; /* from 1; a later one has a higher number */
    inspect_role sender;
    uint64_t num_gaps;  /* how often something may have been missed so far */
    int is_from_outset; /* nothing was missed before the exchange */
} inspect_hearing;

/* A zero-filled inspect_exchanges is ready. */

/* inspect_exchanges_forget begins anew: numbers may be those of before. */
void inspect_exchanges_forget(inspect_exchanges *exchanges);

/* inspect_exchanges_hear adds to *reading what its place in the exchange shows, and the token does
 * not say of itself. */
void inspect_exchanges_hear(inspect_exchanges *exchanges, inspect_reading *reading,
                            const inspect_hearing *hearing);

void inspect_exchanges_free(inspect_exchanges *exchanges);

#endif /* SPNEGO_INSPECT_EXCHANGES_H */
