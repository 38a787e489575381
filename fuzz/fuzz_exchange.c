/*
 * inspect_transcript_read and inspect_replay_run: conversations as text.
 *
 * Whatever is said, findings lie in the tokens that they are about, a verdict has its grounds, and
 * saying it again comes to the same; how it is said is checked as output.h says.  What is said of a
 * token as it comes is said of it when all is known, or it ends the negotiation by another rule, or
 * then an earlier token is the wrong one.
 */
#include "output.h"

#include "inspect/exchanges.h"
#include "inspect/replay.h"
#include "inspect/transcript.h"

static void check(const inspect_replay *replay)
{
    for (size_t i = 0; i < replay->num_findings; i++) {
        const spnego_finding *finding = &replay->findings[i].finding;
        const inspect_turn *turn = &replay->turns[replay->findings[i].turn];

        LAW(replay->findings[i].turn < replay->num_turns);
        LAW(finding->offset <= turn->octets.len);
        LAW(finding->len <= turn->octets.len - finding->offset);
        LAW(spnego_rule_describe(finding->rule) != NULL);
    }
    if (replay->outcome == INSPECT_VIOLATION)
        LAW(replay->violation != SPNEGO_RULE_NONE && replay->violation_turn < replay->num_turns);
    if (replay->outcome == INSPECT_COMPLETE) {
        LAW(replay->mech.len > 0 && replay->owes == INSPECT_ROLE_UNKNOWN);
        LAW(!replay->mic_required || replay->is_integrity_unknown ||
            replay->mic_sent[0] == replay->mic_sent[1] || replay->is_first_choice);
    }
}

/* Whoever knows the rest may find that an earlier token was the wrong one. */
static int is_blamed_earlier(const inspect_replay *replay, size_t turn)
{
    for (size_t i = 0; i < replay->num_findings; i++)
        if (replay->findings[i].turn < turn &&
            replay->findings[i].finding.rule > SPNEGO_RULE_RESP_BEFORE_INIT &&
            replay->findings[i].finding.rule < SPNEGO_RULE_MECH_FAILED)
            return 1;
    return 0;
}

static int is_in_replay(const inspect_replay *replay, size_t turn, const spnego_finding *finding)
{
    for (size_t i = 0; i < replay->num_findings; i++)
        if (replay->findings[i].turn == turn && replay->findings[i].finding.rule == finding->rule &&
            replay->findings[i].finding.offset == finding->offset)
            return 1;
    return replay->num_findings == INSPECT_REPLAY_MAX_FINDINGS || is_blamed_earlier(replay, turn) ||
           (replay->outcome == INSPECT_VIOLATION && replay->violation_turn == turn &&
            replay->violation > SPNEGO_RULE_RESP_BEFORE_INIT &&
            finding->rule > SPNEGO_RULE_RESP_BEFORE_INIT);
}

/* Where the replay has not ended for another reason. */
static void check_as_it_comes(const inspect_replay *replay)
{
    static inspect_reading reading;
    inspect_exchanges exchanges = {NULL, 0, 0};
    inspect_hearing hearing = {1, INSPECT_ROLE_UNKNOWN, 0, 1};

    for (size_t i = 0; i < replay->num_turns && replay->turns[i].is_judged; i++) {
        const inspect_turn *turn = &replay->turns[i];

        if (turn->part != INSPECT_WHOLE || turn->octets.len == 0)
            continue;
        if (turn->fault != SPNEGO_RULE_NONE)
            break;
        hearing.sender = turn->sender;
        inspect_read(&reading, turn->octets, SPNEGO_TOLERATE_ALL, INSPECT_ROLE_UNKNOWN, 0);
        inspect_exchanges_hear(&exchanges, &reading, &hearing);
        for (size_t k = 0; k < reading.num_findings; k++)
            LAW(is_in_replay(replay, i, &reading.findings[k]));
    }
    LAW(!exchanges.failed);
    inspect_exchanges_free(&exchanges);
    inspect_reading_free(&reading);
}

static void show_json(inspect_text *out, const inspect_replay *replay, int is_pretty)
{
    const spnego_bytes none = {NULL, 0};
    const size_t len = out->len;
    spnego_bytes text;

    inspect_replay_json(out, replay, "x", NULL, is_pretty);
    text = inspect_text_bytes(out);
    text.data += len;
    text.len -= len;
    check_json(text, is_pretty ? JSON_PRETTY : JSON_PLAIN, none);
}

static void run(inspect_replay *replay, inspect_text *out, const inspect_transcript *transcript)
{
    memset(replay, 0, sizeof *replay);
    inspect_replay_add_transcript(replay, transcript);
    inspect_replay_run(replay);
    check(replay);
    check_as_it_comes(replay);
    inspect_text_clear(out);
    inspect_replay_text(out, replay, "x", NULL);
    check_text(inspect_text_bytes(out));
    show_json(out, replay, 0);
    show_json(out, replay, 1);
    LAW(!out->failed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static inspect_replay replay;
    uint8_t *copy = copy_exactly(data, size);
    const spnego_bytes in = {copy, size};
    inspect_text once = {NULL, 0, 0, 0}, again = {NULL, 0, 0, 0};
    inspect_transcript transcript;

    memset(&transcript, 0, sizeof transcript);
    if (inspect_transcript_read(&transcript, in)) {
        run(&replay, &once, &transcript);
        run(&replay, &again, &transcript);
        LAW(same_octets(inspect_text_bytes(&once), inspect_text_bytes(&again)));
    }
    inspect_text_free(&once);
    inspect_text_free(&again);
    inspect_transcript_free(&transcript);
    free(copy);
    return 0;
}
