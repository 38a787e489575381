/* A replay, for people and for programs. */
#include <spnego/oid.h>
#include <string.h>

#include "inspect/expect.h"
#include "inspect/json.h"
#include "inspect/render.h"
#include "inspect/replay.h"

static const char *inspect_sender_name(inspect_role sender)
{
    return sender == INSPECT_ROLE_INITIATOR ? "initiator" : "acceptor";
}

/* ---- Text ----------------------------------------------------------------------------------- */

/* Ends a line with a sentence, whose further lines are indented, and empties the sentence. */
static void inspect_replay_wrap(inspect_text *out, inspect_text *sentence, size_t column,
                                size_t indent)
{
    inspect_text_put_wrapped(out, sentence->data, sentence->len, column, indent,
                             INSPECT_COLUMNS - 1);
    inspect_text_putc(out, '\n');
    out->failed |= sentence->failed;
    inspect_text_free(sentence);
}

static void inspect_replay_text_findings(inspect_text *out, const inspect_replay *replay, size_t at)
{
    for (size_t i = 0; i < replay->num_findings; i++) {
        const spnego_finding *finding = &replay->findings[i].finding;
        const spnego_rule_text *rule = spnego_rule_describe(finding->rule);
        inspect_text line = {NULL, 0, 0, 0};

        if (replay->findings[i].turn != at)
            continue;
        inspect_text_puts(out, "        ! ");
        inspect_text_puts(&line, inspect_severity_name(rule->severity));
        inspect_text_puts(&line, " at ");
        inspect_text_put_number(&line, finding->offset);
        inspect_text_puts(&line, ": ");
        inspect_text_puts(&line, rule->name);
        inspect_text_puts(&line, ": ");
        inspect_text_puts(&line, rule->sentence);
        inspect_text_puts(&line, " [");
        inspect_text_puts(&line, rule->citation);
        inspect_text_puts(&line, "]");
        inspect_replay_wrap(out, &line, 10, 10);
    }
}

static void inspect_replay_text_turn(inspect_text *out, const inspect_replay *replay, size_t at,
                                     const inspect_origin *origin)
{
    const inspect_turn *turn = &replay->turns[at];
    inspect_text line = {NULL, 0, 0, 0};

    inspect_text_put_number_wide(out, at + 1, 4);
    inspect_text_puts(out, turn->sender == INSPECT_ROLE_INITIATOR ? " I> " : " A> ");
    inspect_text_puts(&line, turn->type[0] != 0 ? turn->type : "no token");
    inspect_text_puts(&line, ", ");
    inspect_text_put_number(&line, turn->octets.len);
    inspect_text_puts(&line, " octets");
    if (origin != NULL && origin->frame > 0) {
        inspect_text_puts(&line, ", frame ");
        inspect_text_put_number(&line, origin->frame);
    }
    inspect_text_puts(&line, ": ");
    inspect_replay_effect(&line, replay, at);
    inspect_replay_wrap(out, &line, 8, 8);
    inspect_replay_text_findings(out, replay, at);
}

void inspect_replay_text(inspect_text *out, const inspect_replay *replay, const char *name,
                         const inspect_origin *origins)
{
    const spnego_bytes title = {(const uint8_t *)name, strlen(name)};
    inspect_text line = {NULL, 0, 0, 0};

    inspect_text_put_escaped(out, title);
    if (origins != NULL) {
        inspect_text_puts(out, ": ");
        inspect_origin_text(out, &origins[0]);
    }
    inspect_text_putc(out, '\n');
    for (size_t i = 0; i < replay->num_turns; i++)
        inspect_replay_text_turn(out, replay, i, origins != NULL ? &origins[i] : NULL);
    inspect_text_puts(&line, "verdict: ");
    inspect_replay_summarize(&line, replay);
    inspect_replay_wrap(out, &line, 0, 2);
    out->failed |= replay->failed;
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static void inspect_json_text(inspect_json *json, const char *key, const inspect_text *text)
{
    inspect_json_key(json, key);
    inspect_json_octets(json, inspect_text_bytes(text));
}

static void inspect_replay_json_mech(inspect_json *json, spnego_bytes oid)
{
    const char *name = spnego_oid_name(spnego_oid_identify(oid));
    inspect_text text = {NULL, 0, 0, 0};

    if (oid.data == NULL)
        return;
    inspect_put_oid(&text, oid, NULL);
    inspect_json_key(json, "mech");
    inspect_json_begin(json, '{');
    inspect_json_text(json, "oid", &text);
    if (name != NULL) {
        inspect_json_key(json, "name");
        inspect_json_string(json, name);
    }
    inspect_json_end(json, '}');
    json->text->failed |= text.failed;
    inspect_text_free(&text);
}

static void inspect_replay_json_mic(inspect_json *json, const inspect_replay *replay)
{
    inspect_json_key(json, "mic");
    inspect_json_begin(json, '{');
    inspect_json_key(json, "required");
    inspect_json_bool(json, replay->mic_required);
    inspect_json_key(json, "initiator");
    inspect_json_bool(json, replay->mic_sent[0]);
    inspect_json_key(json, "acceptor");
    inspect_json_bool(json, replay->mic_sent[1]);
    inspect_json_end(json, '}');
}

static void inspect_json_member(inspect_json *json, const char *key, const char *value)
{
    inspect_json_key(json, key);
    inspect_json_string(json, value);
}

static void inspect_json_count(inspect_json *json, const char *key, uint64_t value)
{
    inspect_json_key(json, key);
    inspect_json_number(json, (int64_t)value);
}

static void inspect_replay_json_finding(inspect_json *json, const inspect_replay *replay, size_t i)
{
    const spnego_finding *finding = &replay->findings[i].finding;
    const size_t turn = replay->findings[i].turn;
    const spnego_rule_text *rule = spnego_rule_describe(finding->rule);
    const char *field = spnego_field_name(replay->turns[turn].token.type, finding->field);

    inspect_json_begin(json, '{');
    inspect_json_member(json, "rule", rule->name);
    inspect_json_member(json, "severity", inspect_severity_name(rule->severity));
    inspect_json_count(json, "offset", finding->offset);
    inspect_json_count(json, "length", finding->len);
    if (field[0] != 0)
        inspect_json_member(json, "field", field);
    inspect_json_member(json, "message", rule->sentence);
    inspect_json_member(json, "source", rule->citation);
    inspect_json_count(json, "token", turn + 1);
    inspect_json_end(json, '}');
}

static void inspect_replay_json_turn(inspect_json *json, const inspect_replay *replay, size_t at,
                                     const inspect_origin *origin)
{
    const inspect_turn *turn = &replay->turns[at];
    inspect_text effect = {NULL, 0, 0, 0};

    inspect_json_begin(json, '{');
    inspect_json_member(json, "from", inspect_sender_name(turn->sender));
    if (turn->type[0] != 0)
        inspect_json_member(json, "type", turn->type);
    inspect_json_count(json, "length", turn->octets.len);
    inspect_replay_effect(&effect, replay, at);
    inspect_json_text(json, "effect", &effect);
    if (origin != NULL && origin->frame > 0)
        inspect_json_count(json, "frame", origin->frame);
    if (origin != NULL && origin->time[0] != 0)
        inspect_json_member(json, "time", origin->time);
    inspect_json_end(json, '}');
    json->text->failed |= effect.failed;
    inspect_text_free(&effect);
}

void inspect_replay_json(inspect_text *out, const inspect_replay *replay, const char *name,
                         const inspect_origin *origins, int pretty)
{
    inspect_text summary = {NULL, 0, 0, 0};
    inspect_json json;

    inspect_json_init(&json, out, pretty);
    inspect_json_begin(&json, '{');
    inspect_json_member(&json, "verdict", inspect_outcome_name(replay->outcome));
    inspect_replay_json_mech(&json, replay->mech);
    inspect_replay_json_mic(&json, replay);
    inspect_json_key(&json, "findings");
    inspect_json_begin(&json, '[');
    for (size_t i = 0; i < replay->num_findings; i++)
        inspect_replay_json_finding(&json, replay, i);
    inspect_json_end(&json, ']');
    if (replay->owes != INSPECT_ROLE_UNKNOWN)
        inspect_json_member(&json, "owes", inspect_sender_name(replay->owes));
    if (replay->is_mech_unknown || replay->is_integrity_unknown) {
        inspect_json_key(&json, "unknown");
        inspect_json_begin(&json, '[');
        if (replay->is_mech_unknown)
            inspect_json_string(&json, "how many tokens the mechanism needs");
        if (replay->is_integrity_unknown)
            inspect_json_string(&json, "whether the mechanism can make MICs");
        inspect_json_end(&json, ']');
    }
    inspect_replay_summarize(&summary, replay);
    inspect_json_text(&json, "summary", &summary);
    inspect_json_key(&json, "input");
    inspect_json_begin(&json, '{');
    inspect_json_member(&json, "name", name);
    if (origins != NULL)
        inspect_origin_json(&json, &origins[0]);
    inspect_json_end(&json, '}');
    inspect_json_key(&json, "tokens");
    inspect_json_begin(&json, '[');
    for (size_t i = 0; i < replay->num_turns; i++)
        inspect_replay_json_turn(&json, replay, i, origins != NULL ? &origins[i] : NULL);
    inspect_json_end(&json, ']');
    inspect_json_end(&json, '}');
    inspect_text_putc(out, '\n');
    out->failed |= summary.failed | replay->failed;
    inspect_text_free(&summary);
}
