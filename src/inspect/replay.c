#include "inspect/replay.h"

#include <string.h>

#include "base/bytes.h"
#include "inspect/kind.h"
#include "inspect/replay_mech.h"
#include "inspect/replay_settle.h"
#include "inspect/tlv.h"

int inspect_replay_add(inspect_replay *replay, inspect_role sender, spnego_bytes octets)
{
    inspect_turn *turn;

    if (replay->num_turns == INSPECT_REPLAY_MAX_TURNS)
        return 0;
    turn = &replay->turns[replay->num_turns++];
    memset(turn, 0, sizeof *turn);
    turn->octets = octets;
    turn->sender = sender;
    return 1;
}

void inspect_replay_add_transcript(inspect_replay *replay, const inspect_transcript *transcript)
{
    for (size_t i = 0; i < transcript->num_turns; i++)
        if (!transcript->turns[i].is_replaced &&
            inspect_replay_add(replay, transcript->turns[i].sender,
                               inspect_transcript_token(transcript, i)))
            replay->turns[replay->num_turns - 1].part = transcript->turns[i].part;
}

const char *inspect_outcome_name(inspect_outcome outcome)
{
    static const char *const names[] = {"complete", "incomplete", "rejected", "violation"};
    return names[outcome];
}

/* ---- Findings ------------------------------------------------------------------------------- */

static void inspect_replay_put(inspect_replay *replay, size_t turn, const spnego_finding *finding)
{
    if (replay->num_findings == INSPECT_REPLAY_MAX_FINDINGS)
        return;
    replay->findings[replay->num_findings].finding = *finding;
    replay->findings[replay->num_findings++].turn = turn;
    if (spnego_rule_describe(finding->rule)->severity == SPNEGO_SEVERITY_ERROR)
        replay->verdict = INSPECT_FINDINGS;
}

void inspect_remark(inspect_state *state, spnego_rule rule, spnego_field field)
{
    inspect_add_later(state->reading, rule, field);
}

static void inspect_ended(inspect_state *state, spnego_rule rule)
{
    state->exchange.is_over = 1;
    if (rule == SPNEGO_RULE_PEER_REJECTED) {
        state->replay->outcome = INSPECT_REJECTED;
        return;
    }
    state->replay->outcome = INSPECT_VIOLATION;
    state->replay->violation = rule;
    state->replay->violation_turn = state->turn;
}

void inspect_end(inspect_state *state, spnego_rule rule, spnego_field field)
{
    inspect_remark(state, rule, field);
    inspect_ended(state, rule);
}

/* ---- One token ------------------------------------------------------------------------------ */

/* What came with the first token, where that is the one that is chosen; another one's counts for
 * nothing. */
static void inspect_judge_init(inspect_state *state)
{
    inspect_replay *replay = state->replay;
    const inspect_turn *turn = &replay->turns[state->turn];
    const size_t reply = inspect_answer_of(state, 1);
    spnego_bytes chosen =
        reply < replay->num_turns ? replay->turns[reply].token.supported_mech : bytes_absent();

    state->mech_from = state->turn;
    replay->owes = INSPECT_ROLE_ACCEPTOR;
    if (chosen.data != NULL && inspect_offered_place(&chosen, &state->exchange, chosen) != 0)
        return;
    if (turn->inner.len > 0)
        inspect_settle(state, 1);
    else if (turn->token.mech_list_mic.data != NULL)
        inspect_end(state, SPNEGO_RULE_MIC_TOO_EARLY, SPNEGO_FIELD_MECH_LIST_MIC);
}

static void inspect_judge_first_reply(inspect_state *state)
{
    inspect_replay *replay = state->replay;
    const spnego_bytes named = replay->turns[state->turn].token.supported_mech;

    replay->first_reply = state->turn;
    replay->is_first_choice = state->exchange.is_first_choice;
    replay->mic_required |= state->exchange.mic_required;
    if (state->exchange.chosen.data != NULL)
        replay->mech = named.data != NULL ? named : state->exchange.chosen;
}

/* The rules of the order first, and then what both sides make of it. */
static void inspect_judge_spnego(inspect_state *state)
{
    inspect_replay *replay = state->replay;
    const inspect_turn *turn = &replay->turns[state->turn];
    const int had_reply = state->exchange.has_reply;
    inspect_heard heard;

    inspect_exchange_hear(&state->exchange, &heard, &turn->token, turn->sender);
    if (state->exchange.has_reply && !had_reply)
        inspect_judge_first_reply(state);
    for (size_t i = 0; i < heard.num_faults; i++)
        inspect_fault_add(state->reading, &heard.faults[i]);
    if (state->exchange.is_over) {
        inspect_ended(state, heard.faults[heard.num_faults - 1].rule);
        return;
    }
    if (heard.place == INSPECT_HEARD_RESTART)
        state->mech_from = state->turn + 1;
    if (heard.place == INSPECT_HEARD_HINTS)
        replay->owes = INSPECT_ROLE_INITIATOR;
    else if (heard.place == INSPECT_HEARD_INIT)
        inspect_judge_init(state);
    else
        inspect_settle(state, turn->sender == INSPECT_ROLE_ACCEPTOR ? 0 : 1);
}

/* A mechanism without SPNEGO: only its own tokens count. */
static void inspect_judge_raw(inspect_state *state)
{
    inspect_replay *replay = state->replay;
    const int side = replay->turns[state->turn].sender == INSPECT_ROLE_INITIATOR;

    if (replay->mech.data == NULL) {
        const inspect_family family = inspect_kind_family(replay->turns[state->turn].kind);
        replay->mech = spnego_oid_contents(family == INSPECT_FAMILY_NTLM ? SPNEGO_OID_NTLMSSP
                                                                         : SPNEGO_OID_KRB5);
        replay->is_first_choice = 1;
        state->mech_from = state->turn;
    }
    state->done[0] = inspect_replay_complete(replay, 0, state->mech_from, state->turn, state->turn);
    state->done[1] = inspect_replay_complete(replay, 1, state->mech_from, state->turn, state->turn);
    replay->owes = state->done[0] && state->done[1] ? INSPECT_ROLE_UNKNOWN
                   : side                           ? INSPECT_ROLE_ACCEPTOR
                                                    : INSPECT_ROLE_INITIATOR;
}

/* The rule for which an interoperable reader would refuse what was read with every tolerance. */
static spnego_rule inspect_refusal(const inspect_reading *reading, inspect_role sender)
{
    const uint32_t known = sender == INSPECT_ROLE_INITIATOR
                               ? SPNEGO_TOLERATE_INTEROPERABLE
                               : SPNEGO_TOLERATE_INTEROPERABLE & ~SPNEGO_TOLERATE_FRAMED_RESP;

    if (reading->fault != SPNEGO_RULE_NONE || (reading->token.tolerated & ~known) == 0)
        return reading->fault;
    for (size_t i = 0; i < reading->num_findings; i++)
        if (reading->findings[i].rule < SPNEGO_RULE_REPLY_FIRST_NEEDS_NEGSTATE &&
            spnego_rule_describe(reading->findings[i].rule)->severity == SPNEGO_SEVERITY_ERROR)
            return reading->findings[i].rule;
    return SPNEGO_RULE_NONE;
}

/* MS-SPNG 3.1.5.9: a piece is answered by nothing, until there is no more to come. */
static void inspect_judge_piece(inspect_state *state)
{
    const inspect_turn *turn = &state->replay->turns[state->turn];
    const size_t total = (size_t)inspect_tlv_total(turn->octets);

    if (turn->part == INSPECT_PIECE_EMPTY) {
        inspect_add_finding(state->reading, SPNEGO_RULE_FRAGMENT_EMPTY, SPNEGO_FIELD_NONE,
                            turn->octets.len, 0);
        inspect_ended(state, SPNEGO_RULE_FRAGMENT_EMPTY);
    } else if (turn->part == INSPECT_PIECE_SURPLUS) {
        inspect_add_finding(state->reading, SPNEGO_RULE_FRAGMENT_SURPLUS, SPNEGO_FIELD_NONE, total,
                            turn->octets.len - total);
        inspect_ended(state, SPNEGO_RULE_FRAGMENT_SURPLUS);
    } else {
        state->replay->owes =
            turn->sender == INSPECT_ROLE_ACCEPTOR ? INSPECT_ROLE_INITIATOR : INSPECT_ROLE_ACCEPTOR;
    }
}

static void inspect_judge_turn(inspect_state *state)
{
    inspect_turn *turn = &state->replay->turns[state->turn];

    turn->is_judged = 1;
    if (turn->part != INSPECT_WHOLE)
        inspect_judge_piece(state);
    /* MS-SPNG 3.2.5.2: an empty first token asks for hints. */
    else if (turn->octets.len == 0 && state->turn == 0 && turn->sender == INSPECT_ROLE_INITIATOR)
        state->replay->owes = INSPECT_ROLE_ACCEPTOR;
    else if (turn->fault != SPNEGO_RULE_NONE)
        inspect_end(state, turn->fault, SPNEGO_FIELD_NONE);
    else if (turn->is_raw)
        inspect_judge_raw(state);
    else
        inspect_judge_spnego(state);
}

/* ---- All of them ---------------------------------------------------------------------------- */

/* Who says such a thing, where nothing else tells. */
static inspect_role inspect_guess_sender(const inspect_replay *replay, size_t at)
{
    const inspect_turn *turn = &replay->turns[at];
    const spnego_token *token = &turn->token;
    const char *name = inspect_kind_name(turn->octets);

    if (turn->is_raw && name != NULL)
        return strcmp(name, "NTLMSSP_CHALLENGE") == 0 || strcmp(name, "KRB_AP_REP") == 0 ||
                       strcmp(name, "KRB_ERROR") == 0
                   ? INSPECT_ROLE_ACCEPTOR
                   : INSPECT_ROLE_INITIATOR;
    if (token->type == SPNEGO_NEG_TOKEN_INIT2)
        return INSPECT_ROLE_ACCEPTOR;
    if (token->type == SPNEGO_NEG_TOKEN_INIT)
        return INSPECT_ROLE_INITIATOR;
    if (token->supported_mech.data != NULL)
        return INSPECT_ROLE_ACCEPTOR;
    return at > 0 && replay->turns[at - 1].sender == INSPECT_ROLE_ACCEPTOR ? INSPECT_ROLE_INITIATOR
                                                                           : INSPECT_ROLE_ACCEPTOR;
}

/* The first token, or one that an acceptor opens with, is nobody's answer: what it is judged by is
 * the negotiation's own affair. */
static void inspect_read_turn(inspect_replay *replay, inspect_reading *reading, size_t at)
{
    inspect_turn *turn = &replay->turns[at];

    turn->type = "";
    if (turn->part != INSPECT_WHOLE)
        return;
    inspect_read(reading, turn->octets, SPNEGO_TOLERATE_ALL, INSPECT_ROLE_UNKNOWN, 0);
    replay->failed |= reading->tree.failed;
    turn->token = reading->token;
    turn->kind = reading->kind;
    turn->is_raw = inspect_is_raw(reading);
    if (turn->sender == INSPECT_ROLE_UNKNOWN)
        turn->sender = inspect_guess_sender(replay, at);
    turn->fault = inspect_refusal(reading, turn->sender);
    if (turn->is_raw) {
        turn->type = reading->inner_name != NULL ? reading->inner_name : "";
        turn->inner = turn->octets;
    } else if (reading->fault == SPNEGO_RULE_NONE) {
        static const char *const types[] = {"NegTokenInit", "NegTokenInit2", "NegTokenResp"};
        turn->type = types[turn->token.type == SPNEGO_NEG_TOKEN_RESP    ? 2
                           : turn->token.type == SPNEGO_NEG_TOKEN_INIT2 ? 1
                                                                        : 0];
        turn->inner = inspect_mech_token(&turn->token);
    }
}

static void inspect_finish(inspect_state *state)
{
    inspect_replay *replay = state->replay;

    for (size_t i = 0; i < replay->num_turns; i++) {
        const char *name = inspect_kind_name(replay->turns[i].inner);
        replay->is_mech_refused |= name != NULL && strcmp(name, "KRB_ERROR") == 0;
    }
    if (state->exchange.is_over) {
        replay->owes = INSPECT_ROLE_UNKNOWN;
        return;
    }
    if (state->done[0] && state->done[1] && replay->owes == INSPECT_ROLE_UNKNOWN)
        replay->outcome = INSPECT_COMPLETE;
    else
        replay->outcome = replay->is_mech_refused ? INSPECT_REJECTED : INSPECT_INCOMPLETE;
}

void inspect_replay_run(inspect_replay *replay)
{
    static inspect_reading reading;
    inspect_state state;

    replay->num_findings = 0;
    replay->verdict = INSPECT_CLEAN;
    replay->failed = 0;
    replay->first_reply = replay->num_turns;
    memset(&state, 0, sizeof state);
    state.replay = replay;
    state.reading = &reading;
    for (size_t i = 0; i < replay->num_turns; i++)
        inspect_read_turn(replay, &reading, i);
    for (size_t i = 0; i < replay->num_turns; i++) {
        inspect_read(&reading, replay->turns[i].octets, SPNEGO_TOLERATE_ALL, INSPECT_ROLE_UNKNOWN,
                     0);
        replay->failed |= reading.tree.failed;
        if (replay->turns[i].octets.len == 0 || replay->turns[i].part != INSPECT_WHOLE)
            reading.num_findings = 0;
        state.turn = i;
        if (!state.exchange.is_over)
            inspect_judge_turn(&state);
        for (size_t k = 0; k < reading.num_findings; k++)
            inspect_replay_put(replay, i, &reading.findings[k]);
    }
    inspect_finish(&state);
    inspect_reading_free(&reading);
}
