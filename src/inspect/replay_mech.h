/*
 * inspect/replay_mech.h - what a mechanism's tokens tell about its own progress.
 */
#ifndef SPNEGO_INSPECT_REPLAY_MECH_H
#define SPNEGO_INSPECT_REPLAY_MECH_H

#include "inspect/replay.h"

/* What was said, a bit each. */
enum {
    INSPECT_SAID_NTLM_1 = 1,
    INSPECT_SAID_NTLM_2 = 2,
    INSPECT_SAID_NTLM_3 = 4,
    INSPECT_SAID_AP_REQ = 8,
    INSPECT_SAID_AP_REQ_MUTUAL = 16,
    INSPECT_SAID_AP_REP = 32,
    INSPECT_SAID_AP_REP_BACK = 64, /* the initiator's, a third token */
    INSPECT_SAID_KRB_FAILED = 128,
    INSPECT_SAID_OTHER = 256
};

/* inspect_mech_said returns what a mechanism's token says, 0 if there is none. */
unsigned inspect_mech_said(spnego_bytes inner, inspect_role sender);

/* inspect_mech_lacks returns 1 if the mechanism of `side` (0 the initiator) is known to need a
 * token, after what was said, where none came. */
int inspect_mech_lacks(unsigned said, int side);

/* inspect_mech_integrity returns 1 if a token that says `said` tells that the mechanism can make
 * MICs, 0 if that it cannot, -1 if neither. */
int inspect_mech_integrity(spnego_bytes inner, unsigned said);

/* inspect_replay_complete returns 1 if the mechanism of `side` (0 the initiator) is complete once
 * it has taken turn `heard` and answered with turn `answered`.  Its tokens begin with turn `from`.
 */
int inspect_replay_complete(inspect_replay *replay, int side, size_t from, size_t heard,
                            size_t answered);

/* inspect_replay_lacks returns 1 if the mechanism of `side` is known to need a token that turn
 * `heard` does not bring. */
int inspect_replay_lacks(const inspect_replay *replay, int side, size_t from, size_t heard);

/* inspect_replay_integrity returns 1 if the mechanism can make MICs, 0 if it cannot, -1 if its
 * tokens do not tell. */
int inspect_replay_integrity(const inspect_replay *replay, size_t from);

#endif /* SPNEGO_INSPECT_REPLAY_MECH_H */
