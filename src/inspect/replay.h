/*
 * inspect/replay.h - a whole exchange from its tokens alone: both sides' rules (RFC 4178 3.2, 4.2,
 * 5) without the mechanisms.
 *
 * What the mechanisms know is read from their tokens where those are Kerberos' or NTLM's.  Of
 * others it is not known how many tokens they need, so each side's is taken to be complete when it
 * gets no further one.  A MIC is taken to be good: without keys nobody can tell.
 */
#ifndef SPNEGO_INSPECT_REPLAY_H
#define SPNEGO_INSPECT_REPLAY_H

#include "inspect/origin.h"
#include "inspect/reading.h"
#include "inspect/text.h"
#include "inspect/transcript.h"

/* The library's own limit is 16 steps; what is longer negotiates nothing. */
#define INSPECT_REPLAY_MAX_TURNS 64
#define INSPECT_REPLAY_MAX_FINDINGS 512

/* What is heard and what comes of it. */
typedef struct inspect_turn {
    spnego_bytes octets; /* the caller's, which outlive the replay */
    inspect_role sender; /* UNKNOWN: told by what it says */
    const char *type;    /* as `spnego decode` names it, "" where it is none */
    spnego_kind kind;
    spnego_rule fault;
    spnego_token token;
    spnego_bytes inner; /* the mechanism's token */
    int is_raw;         /* nothing but that */
    inspect_part part;  /* of a token that comes in pieces, whose octets so far these are */
    int is_judged;      /* 0: what came before has ended the negotiation */
} inspect_turn;

typedef struct inspect_replay_finding {
    spnego_finding finding;
    size_t turn;
} inspect_replay_finding;

typedef enum inspect_outcome {
    INSPECT_COMPLETE = 0,
    INSPECT_INCOMPLETE,
    INSPECT_REJECTED,
    INSPECT_VIOLATION
} inspect_outcome;

typedef struct inspect_replay {
    inspect_turn turns[INSPECT_REPLAY_MAX_TURNS];
    size_t num_turns;
    inspect_replay_finding findings[INSPECT_REPLAY_MAX_FINDINGS];
    size_t num_findings;

    inspect_outcome outcome;
    spnego_rule violation; /* why, for INSPECT_VIOLATION */
    size_t violation_turn;
    spnego_bytes mech; /* OID, absent while none is chosen */
    int is_first_choice;
    int mic_required;
    int mic_sent[2];   /* by the initiator, by the acceptor */
    inspect_role owes; /* who must speak next, UNKNOWN: nobody, or it cannot be told */
    int owes_mic;
    int is_mech_unknown;      /* what the mechanism needs cannot be read from its tokens */
    int is_integrity_unknown; /* nor whether it can make MICs */
    int is_mech_refused;      /* it sent an error */
    size_t first_reply;       /* turn of the acceptor's first NegTokenResp, num_turns: none */
    inspect_verdict verdict;  /* of the findings, as for decode */
    int failed;               /* memory ran out: something may not have been found */
} inspect_replay;

/* inspect_replay_add appends a token; 0 if there are too many. */
int inspect_replay_add(inspect_replay *replay, inspect_role sender, spnego_bytes octets);

/* inspect_replay_add_transcript appends what was said in one, which outlives the replay. */
void inspect_replay_add_transcript(inspect_replay *replay, const inspect_transcript *transcript);

/* inspect_replay_run judges what was added and fills the rest.  A zero-filled inspect_replay is
 * ready for adding. */
void inspect_replay_run(inspect_replay *replay);

/* inspect_replay_effect writes what the turn does to the negotiation, in plain words. */
void inspect_replay_effect(inspect_text *out, const inspect_replay *replay, size_t turn);

/* inspect_replay_summarize writes the verdict, in plain words, without a line feed. */
void inspect_replay_summarize(inspect_text *out, const inspect_replay *replay);

/* inspect_replay_text writes the turns, their findings and the verdict, for people; origins is NULL
 * or has one for each turn. */
void inspect_replay_text(inspect_text *out, const inspect_replay *replay, const char *name,
                         const inspect_origin *origins);

/* inspect_replay_json writes one JSON object and a line feed. */
void inspect_replay_json(inspect_text *out, const inspect_replay *replay, const char *name,
                         const inspect_origin *origins, int pretty);

/* inspect_outcome_name returns "complete" and so on. */
const char *inspect_outcome_name(inspect_outcome outcome);

#endif /* SPNEGO_INSPECT_REPLAY_H */
