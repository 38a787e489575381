#include "inspect/replay.h"

#include <string.h>

#include "base/bytes.h"
#include "inspect/kind.h"
#include "inspect/replay_mech.h"
#include "nego/settle.h"

/* What the negotiation has come to, beside what inspect_replay says. */
typedef struct inspect_state {
    inspect_replay *replay;
    inspect_reading *reading; /* of the turn that is being judged */
    size_t turn;
    size_t init;      /* turn of the NegTokenInit, or num_turns */
    size_t mech_from; /* the chosen mechanism's tokens begin here */
    int asks;         /* request-mic came */
    int unprotected;  /* another mechanism was chosen, without it */
    int done[2];
    spnego_bytes mic[2];
    int is_over;
} inspect_state;

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

const char *inspect_outcome_name(inspect_outcome outcome)
{
    static const char *const names[] = {"complete", "incomplete", "rejected", "violation"};
    return names[outcome];
}

/* ---- Findings ------------------------------------------------------------------------------- */

static void inspect_replay_put(inspect_replay *replay, size_t turn, const spnego_finding *finding)
{
    for (size_t i = 0; i < replay->num_findings; i++)
        if (replay->findings[i].turn == turn && replay->findings[i].finding.rule == finding->rule &&
            replay->findings[i].finding.offset == finding->offset)
            return;
    if (replay->num_findings == INSPECT_REPLAY_MAX_FINDINGS)
        return;
    replay->findings[replay->num_findings].finding = *finding;
    replay->findings[replay->num_findings++].turn = turn;
    if (spnego_rule_describe(finding->rule)->severity == SPNEGO_SEVERITY_ERROR)
        replay->verdict = INSPECT_FINDINGS;
}

/* What is wrong with a turn but does not end the negotiation. */
static void inspect_remark(inspect_state *state, spnego_rule rule, spnego_field field)
{
    const spnego_span span = inspect_field_span(state->reading, field);
    const spnego_finding finding = {rule, field, span.offset, span.len};

    inspect_replay_put(state->replay, state->turn, &finding);
}

/* What no negotiation goes on after. */
static void inspect_end(inspect_state *state, spnego_rule rule, spnego_field field)
{
    inspect_remark(state, rule, field);
    state->is_over = 1;
    if (rule == SPNEGO_RULE_PEER_REJECTED) {
        state->replay->outcome = INSPECT_REJECTED;
        return;
    }
    state->replay->outcome = INSPECT_VIOLATION;
    state->replay->violation = rule;
    state->replay->violation_turn = state->turn;
}

/* ---- Mechanisms ----------------------------------------------------------------------------- */

/* Kerberos goes by more numbers than one: MS-SPNG 3.1.5.2, and that from before RFC 1964. */
static int inspect_same_mech(spnego_bytes a, spnego_bytes b)
{
    const int a_is_krb5 = spnego_oid_is_krb5(a) || spnego_oid_identify(a) == SPNEGO_OID_KRB5_OLD;
    const int b_is_krb5 = spnego_oid_is_krb5(b) || spnego_oid_identify(b) == SPNEGO_OID_KRB5_OLD;

    return bytes_equal(a, b) || (a_is_krb5 && b_is_krb5);
}

/* The mechanism's place in the list, from 0; -1 if it is not offered. */
static int inspect_place_of(const inspect_state *state, spnego_bytes oid)
{
    const spnego_bytes list = state->replay->turns[state->init].token.mech_types;
    spnego_bytes offered;
    size_t cursor = 0;

    for (int place = 0; spnego_mech_types_next(&offered, &cursor, list); place++)
        if (inspect_same_mech(offered, oid))
            return place;
    return -1;
}

static spnego_bytes inspect_first_offered(const inspect_state *state)
{
    spnego_bytes oid = bytes_absent();
    size_t cursor = 0;

    (void)spnego_mech_types_next(&oid, &cursor, state->replay->turns[state->init].token.mech_types);
    return oid;
}

/* ---- One token ------------------------------------------------------------------------------ */

/* The acceptor's negotiation, or the initiator's, settled as the library settles it. */
static void inspect_decide(inspect_state *state, int side, const nego_facts *facts,
                           int was_complete)
{
    inspect_replay *replay = state->replay;
    nego_verdict verdict;

    if (side == 0)
        nego_settle_initiator(&verdict, facts);
    else if (was_complete && facts->sent)
        nego_settle_last(&verdict, facts);
    else
        nego_settle_acceptor(&verdict, facts);
    if (verdict.rule != SPNEGO_RULE_NONE) {
        inspect_end(state, verdict.rule, verdict.field);
        return;
    }
    if (verdict.quirk == SPNEGO_QUIRK_INCOMPLETE_AT_END ||
        verdict.quirk == SPNEGO_QUIRK_ANSWER_LAST_MIC)
        inspect_remark(state, SPNEGO_RULE_INCOMPLETE_AT_END, SPNEGO_FIELD_NEG_STATE);
    state->done[side] = verdict.complete;
    replay->owes = !verdict.send ? INSPECT_ROLE_UNKNOWN
                   : side == 0   ? INSPECT_ROLE_INITIATOR
                                 : INSPECT_ROLE_ACCEPTOR;
    replay->owes_mic = verdict.send_mic;
}

static spnego_rule inspect_mic_fault(const inspect_state *state, int side, const nego_facts *facts,
                                     spnego_bytes mic)
{
    const spnego_rule rule = nego_mic_allowed(facts);

    if (rule == SPNEGO_RULE_NONE && facts->sent && bytes_equal(mic, state->mic[side]))
        return SPNEGO_RULE_MIC_REFLECTED;
    /* No mechanism's MIC has no octets. */
    return rule == SPNEGO_RULE_NONE && mic.len == 0 ? SPNEGO_RULE_MIC_WRONG : rule;
}

/* The next turn of the same negotiation by `side`, or num_turns. */
static size_t inspect_answer_of(const inspect_state *state, int side)
{
    const inspect_role role = side == 0 ? INSPECT_ROLE_INITIATOR : INSPECT_ROLE_ACCEPTOR;
    size_t i = state->turn + 1;

    while (i < state->replay->num_turns && state->replay->turns[i].sender != role)
        i++;
    return i;
}

/* Whether the mechanism can make MICs.  Of one whose tokens say nothing, it is taken for one that
 * can where any is seen. */
static int inspect_has_integrity(inspect_state *state)
{
    inspect_replay *replay = state->replay;
    const int told = inspect_replay_integrity(replay, state->mech_from);
    int has_begun = 0;

    if (told >= 0)
        return told;
    for (size_t i = 0; i < replay->num_turns; i++) {
        if (replay->turns[i].token.mech_list_mic.data != NULL)
            return 1;
        has_begun |= i >= state->mech_from && replay->turns[i].inner.len > 0;
    }
    if (!has_begun || !replay->mic_required)
        return 1;
    replay->is_integrity_unknown = 1;
    return 0;
}

/* What is known when `side` has heard the turn and its mechanism has taken the token: what the
 * mechanism said is read from the answer. */
static void inspect_facts_of(inspect_state *state, nego_facts *facts, int side, size_t at)
{
    static const inspect_turn nothing;
    inspect_replay *replay = state->replay;
    const inspect_turn *turn = &replay->turns[state->turn];
    const inspect_turn *answer = at < replay->num_turns ? &replay->turns[at] : &nothing;

    memset(facts, 0, sizeof *facts);
    facts->first_reply =
        side == 0 ? state->turn == replay->first_reply : replay->first_reply == replay->num_turns;
    facts->complete = inspect_replay_complete(replay, side, state->mech_from, state->turn, at);
    facts->has_token = answer->inner.len > 0;
    facts->integrity = inspect_has_integrity(state);
    facts->asks = side == 1 && facts->first_reply && answer->token.has_neg_state &&
                  answer->token.neg_state == SPNEGO_REQUEST_MIC;
    /* Its own policy may have it sign unasked, but that nobody can hold against the other. */
    facts->required = replay->mic_required || facts->asks;
    facts->sent = state->mic[side].data != NULL;
    facts->verified = state->mic[1 - side].data != NULL;
    facts->unprotected = side == 0 && state->unprotected;
    facts->neg_state = turn->token.has_neg_state ? turn->token.neg_state : NEGO_NO_STATE;
    facts->quirks = SPNEGO_QUIRKS_INTEROPERABLE;
    /* An answer to a last token without negState is nobody's due. */
    if (facts->neg_state == NEGO_NO_STATE)
        facts->quirks &= ~SPNEGO_QUIRK_ANSWER_LAST_MIC;
}

/* Takes the MIC beside the token; 0 if that ends the negotiation. */
static int inspect_take_mic(inspect_state *state, nego_facts *facts, int side)
{
    inspect_replay *replay = state->replay;
    const inspect_turn *turn = &replay->turns[state->turn];
    const spnego_bytes mic = turn->token.mech_list_mic;
    spnego_rule rule;

    /* Old Windows repeats the token in place of a MIC. */
    if (mic.data == NULL || (mic.len > 0 && !facts->required && bytes_equal(mic, turn->inner)))
        return 1;
    rule = inspect_mic_fault(state, side, facts, mic);
    if (rule != SPNEGO_RULE_NONE) {
        inspect_end(state, rule, SPNEGO_FIELD_MECH_LIST_MIC);
        return 0;
    }
    state->mic[1 - side] = mic;
    replay->mic_sent[1 - side] = 1;
    replay->mic_required = 1;
    facts->verified = 1;
    facts->required = 1;
    return 1;
}

/* What `side` makes of the turn that it has heard (RFC 4178 5). */
static void inspect_settle(inspect_state *state, int side)
{
    inspect_replay *replay = state->replay;
    const size_t at = inspect_answer_of(state, side);
    const int was_complete =
        state->turn > state->mech_from &&
        inspect_replay_complete(replay, side, state->mech_from, state->turn - 1, state->turn - 1);
    nego_facts facts;

    if (state->done[side]) { /* it waits for nothing, and is told something all the same */
        replay->owes = INSPECT_ROLE_UNKNOWN;
        replay->mic_sent[1 - side] |= replay->turns[state->turn].token.mech_list_mic.data != NULL;
        if (replay->turns[state->turn].inner.len > 0)
            inspect_end(state, SPNEGO_RULE_RESPONSE_TOKEN_SURPLUS, SPNEGO_FIELD_RESPONSE_TOKEN);
        return;
    }
    inspect_facts_of(state, &facts, side, at);
    if (inspect_replay_lacks(replay, side, state->mech_from, state->turn)) {
        inspect_end(state, SPNEGO_RULE_RESPONSE_TOKEN_MISSING, SPNEGO_FIELD_SEQUENCE);
        return;
    }
    if (!inspect_take_mic(state, &facts, side))
        return;
    inspect_decide(state, side, &facts, was_complete);
    /* An acceptor may sign though nobody asked for it, and then wait for the initiator's MIC. */
    if (!state->is_over && side == 1 && !facts.required && at < replay->num_turns &&
        replay->turns[at].token.mech_list_mic.len > 0 &&
        !(replay->turns[at].token.has_neg_state &&
          replay->turns[at].token.neg_state == SPNEGO_ACCEPT_COMPLETED))
        state->done[1] = 0;
}

/* RFC 4178 3.1, 4.2.1: the initiator's first token. */
static void inspect_judge_init(inspect_state *state)
{
    inspect_replay *replay = state->replay;
    inspect_turn *turn = &replay->turns[state->turn];
    const size_t reply = inspect_answer_of(state, 1);
    const spnego_bytes chosen =
        reply < replay->num_turns ? replay->turns[reply].token.supported_mech : bytes_absent();
    spnego_bytes oid;
    size_t cursor = 0;

    if (turn->token.type == SPNEGO_NEG_TOKEN_RESP) {
        inspect_end(state, SPNEGO_RULE_RESP_BEFORE_INIT, SPNEGO_FIELD_CHOICE);
        return;
    }
    if (turn->token.type == SPNEGO_NEG_TOKEN_INIT2) {
        inspect_end(state, SPNEGO_RULE_INIT2_TO_ACCEPTOR, SPNEGO_FIELD_NEG_HINTS);
        return;
    }
    while (spnego_mech_types_next(&oid, &cursor, turn->token.mech_types)) {
        if (spnego_oid_identify(oid) == SPNEGO_OID_SPNEGO) {
            inspect_end(state, SPNEGO_RULE_MECH_TYPES_HAVE_SPNEGO, SPNEGO_FIELD_MECH_TYPES);
            return;
        }
    }
    state->init = state->turn;
    state->mech_from = state->turn;
    replay->owes = INSPECT_ROLE_ACCEPTOR;
    if (turn->inner.len == 0 && turn->token.mech_list_mic.data != NULL &&
        (chosen.data == NULL || inspect_place_of(state, chosen) == 0)) {
        inspect_end(state, SPNEGO_RULE_MIC_TOO_EARLY, SPNEGO_FIELD_MECH_LIST_MIC);
        return;
    }
    /* Where another mechanism is chosen, what came with the first one counts for nothing. */
    if (turn->inner.len == 0 || (chosen.data != NULL && inspect_place_of(state, chosen) != 0))
        return;
    inspect_settle(state, 1);
}

/* RFC 4178 3.2(c), 4.2.2: what belongs into the first reply, and nowhere else. */
static int inspect_judge_first_reply(inspect_state *state)
{
    inspect_replay *replay = state->replay;
    const spnego_token *token = &replay->turns[state->turn].token;
    int place = 0;

    replay->first_reply = state->turn;
    if (!token->has_neg_state)
        inspect_remark(state, SPNEGO_RULE_REPLY_FIRST_NEEDS_NEGSTATE, SPNEGO_FIELD_NEG_STATE);
    if (token->supported_mech.data == NULL) {
        inspect_remark(state, SPNEGO_RULE_SUPPORTED_MECH_MISSING, SPNEGO_FIELD_SUPPORTED_MECH);
        if (token->response_token.len == 0 &&
            (!token->has_neg_state || token->neg_state != SPNEGO_ACCEPT_COMPLETED)) {
            inspect_end(state, SPNEGO_RULE_SUPPORTED_MECH_MISSING, SPNEGO_FIELD_SUPPORTED_MECH);
            return 0;
        }
    } else {
        place = inspect_place_of(state, token->supported_mech);
    }
    if (place < 0) {
        inspect_end(state, SPNEGO_RULE_SUPPORTED_MECH_NOT_OFFERED, SPNEGO_FIELD_SUPPORTED_MECH);
        return 0;
    }
    replay->mech =
        token->supported_mech.data != NULL ? token->supported_mech : inspect_first_offered(state);
    replay->is_first_choice = place == 0;
    if (token->has_neg_state && token->neg_state == SPNEGO_REQUEST_MIC)
        replay->mic_required = 1;
    return 1;
}

/* RFC 4178 3.2(c), (d): another mechanism than the first; the initiator begins again. */
static void inspect_judge_reselection(inspect_state *state)
{
    inspect_replay *replay = state->replay;
    const spnego_token *token = &replay->turns[state->turn].token;

    replay->mic_required = 1;
    if (!token->has_neg_state || token->neg_state != SPNEGO_REQUEST_MIC) {
        if (token->has_neg_state && token->neg_state == SPNEGO_ACCEPT_INCOMPLETE) {
            inspect_remark(state, SPNEGO_RULE_RESELECTED_UNPROTECTED, SPNEGO_FIELD_NEG_STATE);
            state->unprotected = 1;
        } else {
            inspect_end(state, SPNEGO_RULE_RESELECTED_UNPROTECTED, SPNEGO_FIELD_NEG_STATE);
            return;
        }
    }
    if (token->response_token.len != 0)
        inspect_end(state, SPNEGO_RULE_RESELECTED_WITH_TOKEN, SPNEGO_FIELD_RESPONSE_TOKEN);
    else if (token->mech_list_mic.data != NULL)
        inspect_end(state, SPNEGO_RULE_MIC_TOO_EARLY, SPNEGO_FIELD_MECH_LIST_MIC);
}

static void inspect_judge_later_reply(inspect_state *state)
{
    const inspect_replay *replay = state->replay;
    const spnego_token *token = &replay->turns[state->turn].token;

    if (token->has_neg_state && token->neg_state == SPNEGO_REQUEST_MIC)
        inspect_end(state, SPNEGO_RULE_REQUEST_MIC_LATE, SPNEGO_FIELD_NEG_STATE);
    else if (token->supported_mech.data != NULL &&
             !inspect_same_mech(token->supported_mech, replay->mech))
        inspect_end(state, SPNEGO_RULE_SUPPORTED_MECH_CHANGED, SPNEGO_FIELD_SUPPORTED_MECH);
    else if (token->supported_mech.data != NULL)
        inspect_remark(state, SPNEGO_RULE_SUPPORTED_MECH_REPEATED, SPNEGO_FIELD_SUPPORTED_MECH);
}

static void inspect_judge_acceptor(inspect_state *state)
{
    inspect_replay *replay = state->replay;
    inspect_turn *turn = &replay->turns[state->turn];

    /* MS-SPNG 3.3.5.2: hints bind nobody. */
    if (turn->token.type != SPNEGO_NEG_TOKEN_RESP && state->init == replay->num_turns) {
        replay->owes = INSPECT_ROLE_INITIATOR;
        return;
    }
    if (turn->token.type != SPNEGO_NEG_TOKEN_RESP) {
        inspect_end(state, SPNEGO_RULE_INIT_TO_INITIATOR, SPNEGO_FIELD_CHOICE);
        return;
    }
    if (turn->token.has_neg_state && turn->token.neg_state == SPNEGO_REJECT) {
        inspect_end(state, SPNEGO_RULE_PEER_REJECTED, SPNEGO_FIELD_NEG_STATE);
        return;
    }
    if (state->init == replay->num_turns) {
        inspect_end(state, SPNEGO_RULE_RESP_BEFORE_INIT, SPNEGO_FIELD_CHOICE);
        return;
    }
    if (replay->first_reply == replay->num_turns) {
        if (!inspect_judge_first_reply(state))
            return;
        if (!replay->is_first_choice)
            inspect_judge_reselection(state);
        /* Without an optimistic token, or in vain, the mechanism's first token is yet to come. */
        if (state->is_over)
            return;
        if (!replay->is_first_choice || replay->turns[state->init].inner.len == 0) {
            state->mech_from = state->turn + 1;
            if (turn->inner.len > 0)
                inspect_end(state, SPNEGO_RULE_RESPONSE_TOKEN_SURPLUS, SPNEGO_FIELD_RESPONSE_TOKEN);
            else if (turn->token.mech_list_mic.data != NULL)
                inspect_end(state, SPNEGO_RULE_MIC_TOO_EARLY, SPNEGO_FIELD_MECH_LIST_MIC);
        }
    } else {
        inspect_judge_later_reply(state);
    }
    if (!state->is_over)
        inspect_settle(state, 0);
}

static void inspect_judge_initiator(inspect_state *state)
{
    inspect_replay *replay = state->replay;
    const spnego_token *token = &replay->turns[state->turn].token;

    if (state->init == replay->num_turns) {
        inspect_judge_init(state);
        return;
    }
    if (token->type != SPNEGO_NEG_TOKEN_RESP)
        inspect_end(state, SPNEGO_RULE_INIT_REPEATED, SPNEGO_FIELD_CHOICE);
    else if (token->has_neg_state && token->neg_state == SPNEGO_REJECT)
        inspect_end(state, SPNEGO_RULE_PEER_REJECTED, SPNEGO_FIELD_NEG_STATE);
    else if (token->supported_mech.data != NULL)
        inspect_end(state, SPNEGO_RULE_SUPPORTED_MECH_TO_ACCEPTOR, SPNEGO_FIELD_SUPPORTED_MECH);
    else if (token->has_neg_state && token->neg_state == SPNEGO_REQUEST_MIC)
        inspect_end(state, SPNEGO_RULE_REQUEST_MIC_TO_ACCEPTOR, SPNEGO_FIELD_NEG_STATE);
    else
        inspect_settle(state, 1);
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

static void inspect_judge_turn(inspect_state *state)
{
    inspect_turn *turn = &state->replay->turns[state->turn];
    const spnego_rule refusal = turn->fault;

    turn->is_judged = 1;
    /* MS-SPNG 3.2.5.2: an empty first token asks for hints. */
    if (turn->octets.len == 0 && state->turn == 0 && turn->sender == INSPECT_ROLE_INITIATOR) {
        state->replay->owes = INSPECT_ROLE_ACCEPTOR;
        return;
    }
    if (refusal != SPNEGO_RULE_NONE)
        inspect_end(state, refusal, SPNEGO_FIELD_NONE);
    else if (turn->is_raw)
        inspect_judge_raw(state);
    else if (turn->sender == INSPECT_ROLE_ACCEPTOR)
        inspect_judge_acceptor(state);
    else
        inspect_judge_initiator(state);
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

    inspect_read(reading, turn->octets, SPNEGO_TOLERATE_ALL, INSPECT_ROLE_UNKNOWN, 0);
    replay->failed |= reading->tree.failed;
    turn->token = reading->token;
    turn->kind = reading->kind;
    turn->is_raw = inspect_is_raw(reading);
    if (turn->sender == INSPECT_ROLE_UNKNOWN)
        turn->sender = inspect_guess_sender(replay, at);
    turn->fault = inspect_refusal(reading, turn->sender);
    turn->type = "";
    if (turn->is_raw) {
        turn->type = reading->inner_name != NULL ? reading->inner_name : "";
        turn->inner = turn->octets;
    } else if (reading->fault == SPNEGO_RULE_NONE) {
        static const char *const types[] = {"NegTokenInit", "NegTokenInit2", "NegTokenResp"};
        turn->type = types[turn->token.type == SPNEGO_NEG_TOKEN_RESP    ? 2
                           : turn->token.type == SPNEGO_NEG_TOKEN_INIT2 ? 1
                                                                        : 0];
        turn->inner = turn->token.type == SPNEGO_NEG_TOKEN_RESP ? turn->token.response_token
                                                                : turn->token.mech_token;
    }
}

static void inspect_finish(inspect_state *state)
{
    inspect_replay *replay = state->replay;

    for (size_t i = 0; i < replay->num_turns; i++) {
        const char *name = inspect_kind_name(replay->turns[i].inner);
        replay->is_mech_refused |= name != NULL && strcmp(name, "KRB_ERROR") == 0;
    }
    if (state->is_over) {
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
    state.init = replay->num_turns;
    for (size_t i = 0; i < replay->num_turns; i++)
        inspect_read_turn(replay, &reading, i);
    for (size_t i = 0; i < replay->num_turns; i++) {
        inspect_read(&reading, replay->turns[i].octets, SPNEGO_TOLERATE_ALL, INSPECT_ROLE_UNKNOWN,
                     0);
        replay->failed |= reading.tree.failed;
        for (size_t k = 0; k < reading.num_findings && replay->turns[i].octets.len > 0; k++)
            inspect_replay_put(replay, i, &reading.findings[k]);
        state.turn = i;
        if (!state.is_over)
            inspect_judge_turn(&state);
    }
    inspect_finish(&state);
    inspect_reading_free(&reading);
}
