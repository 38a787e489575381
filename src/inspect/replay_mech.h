/*
 * inspect/replay_mech.h - what a mechanism's tokens tell about its own progress.
 */
#ifndef SPNEGO_INSPECT_REPLAY_MECH_H
#define SPNEGO_INSPECT_REPLAY_MECH_H

#include "inspect/replay.h"

/* inspect_replay_complete returns 1 if the mechanism of `side` (0 the initiator) is complete once
 * it has taken turn `heard` and answered with turn `answered`.  Its tokens begin with turn `from`.
 */
int inspect_replay_complete(inspect_replay *replay, int side, size_t from, size_t heard,
                            size_t answered);

/* inspect_replay_lacks returns 1 if the mechanism of `side` is known to need a token that turn
 * `heard` does not bring. */
int inspect_replay_lacks(inspect_replay *replay, int side, size_t from, size_t heard);

/* inspect_replay_integrity returns 1 if the mechanism can make MICs, 0 if it cannot, -1 if its
 * tokens do not tell. */
int inspect_replay_integrity(const inspect_replay *replay, size_t from);

#endif /* SPNEGO_INSPECT_REPLAY_MECH_H */
