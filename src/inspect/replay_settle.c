#include "inspect/replay_settle.h"

#include <string.h>

#include "base/bytes.h"
#include "inspect/replay_mech.h"
#include "nego/settle.h"

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

size_t inspect_answer_of(const inspect_state *state, int side)
{
    const inspect_role role = side == 0 ? INSPECT_ROLE_INITIATOR : INSPECT_ROLE_ACCEPTOR;
    size_t i = state->turn + 1;

    while (i < state->replay->num_turns && (state->replay->turns[i].sender != role ||
                                            state->replay->turns[i].part != INSPECT_WHOLE))
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
    facts->unprotected = side == 0 && state->exchange.is_unprotected;
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

void inspect_settle(inspect_state *state, int side)
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
    if (!state->exchange.is_over && side == 1 && !facts.required && at < replay->num_turns &&
        replay->turns[at].token.mech_list_mic.len > 0 &&
        !(replay->turns[at].token.has_neg_state &&
          replay->turns[at].token.neg_state == SPNEGO_ACCEPT_COMPLETED))
        state->done[1] = 0;
}
