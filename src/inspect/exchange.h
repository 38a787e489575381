/*
 * inspect/exchange.h - what an exchange has come to, and who broke the rules of its order: what may
 * be said first, what only once, and what only in answer to something (RFC 4178 3.1, 3.2, 4.2).
 *
 * Only what was said so far counts, so a token can be judged as soon as it comes.
 */
#ifndef SPNEGO_INSPECT_EXCHANGE_H
#define SPNEGO_INSPECT_EXCHANGE_H

#include "inspect/reading.h"

typedef struct inspect_exchange {
    spnego_bytes offered; /* mechTypes of the NegTokenInit */
    spnego_bytes chosen;  /* one of them, absent while none is */
    int has_init;
    int has_reply;       /* the acceptor has spoken after that */
    int is_begun;        /* with a mechToken for the first of those offered */
    int is_first_choice; /* the acceptor chose that one */
    int mic_required;
    int is_unprotected; /* it chose another one, and did not ask for MICs */
    int is_over;        /* nothing that is said now counts */
} inspect_exchange;

/* A zero-filled inspect_exchange is ready.  `offered` and `chosen` point into the NegTokenInit: who
 * lets go of it must have them point to a copy. */

/* A token breaks no more of these rules than this. */
#define INSPECT_MAX_FAULTS 4

typedef struct inspect_fault {
    spnego_rule rule;
    spnego_field field;
} inspect_fault;

/* What a token is to the exchange. */
typedef enum inspect_place_in {
    INSPECT_HEARD_HINTS, /* nothing that binds anybody */
    INSPECT_HEARD_INIT,
    INSPECT_HEARD_RESTART, /* a reply after which the chosen mechanism's first token comes */
    INSPECT_HEARD_NEXT
} inspect_place_in;

typedef struct inspect_heard {
    inspect_place_in place; /* unless the exchange is over */
    inspect_fault faults[INSPECT_MAX_FAULTS];
    size_t num_faults; /* if it is over, the last one is why */
} inspect_heard;

/* inspect_exchange_hear takes the next token, which was read without fault, and puts what is wrong
 * with its place in the exchange into *out.  The exchange is not over yet. */
void inspect_exchange_hear(inspect_exchange *exchange, inspect_heard *out,
                           const spnego_token *token, inspect_role sender);

/* inspect_fault_add adds a fault to what is said of the token, in place of what it was taken for
 * alone. */
void inspect_fault_add(inspect_reading *reading, const inspect_fault *fault);

/* inspect_mech_token returns what a token has for the mechanism. */
spnego_bytes inspect_mech_token(const spnego_token *token);

/* inspect_offered_place returns the place of a mechanism among those offered, from 0, and the
 * number under which it was offered in *out; -1 if it was not. */
int inspect_offered_place(spnego_bytes *out, const inspect_exchange *exchange, spnego_bytes oid);

#endif /* SPNEGO_INSPECT_EXCHANGE_H */
