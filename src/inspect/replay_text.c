/* What a replay says, in plain words. */
#include <spnego/oid.h>
#include <string.h>

#include "inspect/expect.h"
#include "inspect/kind.h"
#include "inspect/replay.h"

static void inspect_put_offer(inspect_text *out, const spnego_token *token)
{
    spnego_bytes oid;
    size_t cursor = 0, num = 0;

    while (spnego_mech_types_next(&oid, &cursor, token->mech_types)) {
        inspect_text_puts(out, num++ == 0 ? "" : ", ");
        inspect_put_mech_name(out, oid);
    }
}

static void inspect_put_token_and_mic(inspect_text *out, const inspect_turn *turn)
{
    const char *name = inspect_kind_name(turn->inner);

    if (turn->inner.len > 0) {
        inspect_text_puts(out, ", sends ");
        inspect_text_puts(out, name != NULL ? name : "the mechanism's token");
    }
    if (turn->token.mech_list_mic.data != NULL)
        inspect_text_puts(out, ", with its MIC");
}

static const char *inspect_state_words(const inspect_turn *turn)
{
    if (!turn->token.has_neg_state)
        return "says nothing of its state";
    switch (turn->token.neg_state) {
    case SPNEGO_ACCEPT_COMPLETED:
        return "is complete";
    case SPNEGO_ACCEPT_INCOMPLETE:
        return "goes on";
    case SPNEGO_REJECT:
        return "refuses";
    case SPNEGO_REQUEST_MIC:
        return "goes on and asks for MICs";
    default:
        return "is in a state that nobody knows";
    }
}

static void inspect_put_resp(inspect_text *out, const inspect_replay *replay, size_t at)
{
    const inspect_turn *turn = &replay->turns[at];

    inspect_text_puts(out, inspect_state_words(turn));
    if (turn->token.supported_mech.data != NULL) {
        inspect_text_puts(out, ", chooses ");
        inspect_put_mech_name(out, turn->token.supported_mech);
        if (at == replay->first_reply && !replay->is_first_choice && turn->is_judged)
            inspect_text_puts(out, ", not the initiator's first choice: MICs are required");
    }
    inspect_put_token_and_mic(out, turn);
}

static const char *inspect_piece_words(inspect_part part)
{
    switch (part) {
    case INSPECT_PIECE:
        return "a piece of a token: there is more to come";
    case INSPECT_PIECE_FETCH:
        return "asks for the rest";
    case INSPECT_PIECE_EMPTY:
        return "owes the rest, and says nothing";
    case INSPECT_PIECE_SURPLUS:
        return "more than the rest";
    case INSPECT_WHOLE:
        break;
    }
    return "";
}

void inspect_replay_effect(inspect_text *out, const inspect_replay *replay, size_t at)
{
    const inspect_turn *turn = &replay->turns[at];

    if (!turn->is_judged) {
        inspect_text_puts(out, "comes after the end");
    } else if (turn->part != INSPECT_WHOLE) {
        inspect_text_puts(out, inspect_piece_words(turn->part));
    } else if (turn->octets.len == 0) {
        inspect_text_puts(out, at == 0 ? "asks for hints" : "says nothing");
    } else if (turn->fault != SPNEGO_RULE_NONE) {
        inspect_text_puts(out, "cannot be read");
    } else if (turn->is_raw) {
        inspect_text_puts(out, "without SPNEGO");
    } else if (turn->token.type == SPNEGO_NEG_TOKEN_RESP) {
        inspect_put_resp(out, replay, at);
    } else {
        inspect_text_puts(out, turn->sender == INSPECT_ROLE_ACCEPTOR ? "has " : "offers ");
        inspect_put_offer(out, &turn->token);
        inspect_text_puts(out, turn->sender == INSPECT_ROLE_ACCEPTOR ? ", which binds nobody" : "");
        inspect_put_token_and_mic(out, turn);
    }
}

static void inspect_put_mics(inspect_text *out, const inspect_replay *replay)
{
    if (replay->mic_sent[0] && replay->mic_sent[1])
        inspect_text_puts(out, "; MICs went both ways, which only the mechanism's keys can check");
    else if (replay->mic_sent[0] || replay->mic_sent[1])
        inspect_text_puts(out, replay->mic_sent[0] ? "; only the initiator sent a MIC"
                                                   : "; only the acceptor sent a MIC");
    else
        inspect_text_puts(out, replay->mic_required ? "; MICs are required and none was sent"
                                                    : "; no MIC, and none is required");
}

void inspect_replay_summarize(inspect_text *out, const inspect_replay *replay)
{
    inspect_text_puts(out, inspect_outcome_name(replay->outcome));
    if (replay->outcome == INSPECT_VIOLATION) {
        const spnego_rule_text *rule = spnego_rule_describe(replay->violation);

        inspect_text_puts(out,
                          replay->turns[replay->violation_turn].sender == INSPECT_ROLE_INITIATOR
                              ? " by the initiator, token "
                              : " by the acceptor, token ");
        inspect_text_put_number(out, replay->violation_turn + 1);
        inspect_text_puts(out, ": ");
        inspect_text_puts(out, rule->name);
        inspect_text_puts(out, ": ");
        inspect_text_puts(out, rule->sentence);
    }
    if (replay->is_mech_refused)
        inspect_text_puts(out, "; the acceptor's mechanism answered with an error");
    if (replay->mech.data != NULL) {
        inspect_text_puts(out, "; ");
        inspect_put_mech_name(out, replay->mech);
        inspect_text_puts(out, replay->is_first_choice ? ", the first choice"
                                                       : ", not the first choice");
        inspect_put_mics(out, replay);
    }
    if (replay->owes != INSPECT_ROLE_UNKNOWN) {
        inspect_text_puts(out, replay->owes == INSPECT_ROLE_INITIATOR
                                   ? "; the initiator owes a token"
                                   : "; the acceptor owes a token");
        inspect_text_puts(out, replay->owes_mic ? " with its MIC" : "");
    }
    if (replay->is_mech_unknown)
        inspect_text_puts(out, "; unknown: how many tokens the mechanism needs");
    if (replay->is_integrity_unknown)
        inspect_text_puts(out, "; unknown: whether the mechanism can make MICs");
}
