/*
 * inspect/replay_settle.h - the two sides' decisions in a replay (RFC 4178 5), as the library's own
 * negotiation takes them, with what the mechanisms said read from their tokens.
 */
#ifndef SPNEGO_INSPECT_REPLAY_SETTLE_H
#define SPNEGO_INSPECT_REPLAY_SETTLE_H

#include "inspect/exchange.h"
#include "inspect/replay.h"

/* What the negotiation has come to, beside what inspect_replay says. */
typedef struct inspect_state {
    inspect_replay *replay;
    inspect_reading *reading; /* of the turn that is being judged */
    size_t turn;
    size_t mech_from; /* the chosen mechanism's tokens begin here */
    inspect_exchange exchange;
    int done[2];
    spnego_bytes mic[2];
} inspect_state;

/* inspect_remark notes what is wrong with the turn but does not end the negotiation. */
void inspect_remark(inspect_state *state, spnego_rule rule, spnego_field field);

/* inspect_end notes what no negotiation goes on after. */
void inspect_end(inspect_state *state, spnego_rule rule, spnego_field field);

/* inspect_answer_of returns the next turn by `side` (0 the initiator), or num_turns. */
size_t inspect_answer_of(const inspect_state *state, int side);

/* inspect_settle decides what `side` makes of the turn that it has heard. */
void inspect_settle(inspect_state *state, int side);

#endif /* SPNEGO_INSPECT_REPLAY_SETTLE_H */
