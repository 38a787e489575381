/* spnego replay */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "inspect/replay.h"
#include "inspect/transcript.h"

/* A token of a capture, kept until its exchange is whole. */
typedef struct replay_token {
    uint64_t exchange;
    size_t number; /* keeps the order within an exchange */
    size_t offset, len;
    inspect_role sender;
    inspect_origin origin;
} replay_token;

typedef struct cli_replaying {
    cli_options options;
    int status;
    const char *name;
    size_t num_shown;
    inspect_replay replay;
    inspect_transcript transcript;
    inspect_list list;
    inspect_text input;
    inspect_text output;
    inspect_text octets; /* of the capture's tokens */
    replay_token *tokens;
    size_t num_tokens, capacity;
    inspect_hosts hosts;
    int is_too_much; /* more than INSPECT_MAX_INPUT */
    int failed;
} cli_replaying;

static void replay_raise(cli_replaying *run, int status)
{
    if (status > run->status)
        run->status = status;
}

static void replay_begin(cli_replaying *run)
{
    memset(&run->replay, 0, sizeof run->replay);
}

static void replay_add(cli_replaying *run, inspect_role sender, spnego_bytes octets)
{
    if (!inspect_replay_add(&run->replay, sender, octets))
        cli_complain(run->name, "an exchange of more than 64 tokens; the others are left out");
}

static void replay_show(cli_replaying *run, const inspect_origin *origins)
{
    inspect_replay_run(&run->replay);
    if (run->options.format == CLI_JSON) {
        inspect_replay_json(&run->output, &run->replay, run->name, origins, run->options.pretty);
    } else {
        inspect_text_puts(&run->output, run->num_shown > 0 ? "\n" : "");
        inspect_replay_text(&run->output, &run->replay, run->name, origins);
    }
    run->num_shown++;
    replay_raise(run, cli_write(&run->output));
    if (run->replay.outcome != INSPECT_COMPLETE || run->replay.verdict != INSPECT_CLEAN)
        replay_raise(run, CLI_FINDINGS);
}

/* ---- Captures -------------------------------------------------------------------------------- */

static void replay_keep(void *user, const inspect_found *found)
{
    cli_replaying *run = user;
    replay_token *token;

    run->is_too_much |= found->token.len > INSPECT_MAX_INPUT - run->octets.len;
    if (run->failed || run->is_too_much)
        return;
    if (run->num_tokens == run->capacity) {
        const size_t capacity = run->capacity > 0 ? 2 * run->capacity : 64;
        replay_token *tokens = realloc(run->tokens, capacity * sizeof *tokens);
        if (tokens == NULL) {
            run->failed = 1;
            return;
        }
        run->tokens = tokens;
        run->capacity = capacity;
    }
    token = &run->tokens[run->num_tokens];
    token->exchange = found->exchange;
    token->number = run->num_tokens++;
    token->offset = run->octets.len;
    token->len = found->token.len;
    token->sender = found->sender;
    inspect_origin_of(&token->origin, found, run->options.redact ? &run->hosts : NULL);
    inspect_text_put(&run->octets, found->token.data, found->token.len);
    run->failed |= run->octets.failed;
}

static int replay_by_exchange(const void *a, const void *b)
{
    const replay_token *x = a, *y = b;

    if (x->exchange != y->exchange)
        return x->exchange < y->exchange ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

static void replay_exchange(cli_replaying *run, size_t first, size_t num)
{
    static inspect_origin origins[INSPECT_REPLAY_MAX_TURNS];
    const spnego_bytes all = inspect_text_bytes(&run->octets);

    replay_begin(run);
    for (size_t i = 0; i < num; i++) {
        const replay_token *token = &run->tokens[first + i];
        const spnego_bytes octets = {all.data + token->offset, token->len};

        if (i < INSPECT_REPLAY_MAX_TURNS)
            origins[i] = token->origin;
        replay_add(run, token->sender, octets);
    }
    replay_show(run, origins);
}

static void replay_capture(cli_replaying *run)
{
    size_t first = 0;

    if (run->is_too_much) {
        cli_complain(run->name, "more than 64 MiB of tokens; the others are left out");
        replay_raise(run, CLI_NO_INPUT);
    }
    if (run->num_tokens > 0)
        qsort(run->tokens, run->num_tokens, sizeof run->tokens[0], replay_by_exchange);
    for (size_t i = 1; i <= run->num_tokens; i++) {
        if (i < run->num_tokens && run->tokens[i].exchange == run->tokens[first].exchange)
            continue;
        replay_exchange(run, first, i - first);
        first = i;
    }
}

/* ---- Text ------------------------------------------------------------------------------------ */

/* A transcript, or anything else with tokens in it, in their order. */
static void replay_text(cli_replaying *run, spnego_bytes data)
{
    const int is_transcript = inspect_transcript_read(&run->transcript, data);
    size_t num;

    replay_begin(run);
    if (run->transcript.octets.failed) {
        replay_raise(run, cli_no_memory(run->name));
        return;
    }
    if (!is_transcript && run->transcript.bad_line > 0) {
        char line[64];
        (void)snprintf(line, sizeof line, "line %lu is no token",
                       (unsigned long)run->transcript.bad_line);
        cli_complain(run->name, line);
        replay_raise(run, CLI_UNDECODABLE);
        return;
    }
    if (is_transcript) {
        inspect_replay_add_transcript(&run->replay, &run->transcript);
    } else {
        num = inspect_find_tokens(&run->list, data.data, data.len, run->options.from);
        if (run->list.failed) {
            replay_raise(run, cli_no_memory(run->name));
            return;
        }
        for (size_t i = 0; i < num; i++)
            if (!run->list.items[i].is_guess)
                replay_add(run, INSPECT_ROLE_UNKNOWN, inspect_list_token(&run->list, i));
    }
    if (run->replay.num_turns > 0) {
        replay_show(run, NULL);
        return;
    }
    cli_complain(run->name, "no token found");
    replay_raise(run, CLI_UNDECODABLE);
}

static void replay_input(void *argument, const char *name, const char *text)
{
    cli_replaying *run = argument;
    const spnego_bytes data = {(const uint8_t *)text, text != NULL ? strlen(text) : 0};
    inspect_finder finder;
    int status;

    memset(&finder, 0, sizeof finder);
    finder.user = run;
    finder.found = replay_keep;
    run->name = name;
    run->num_tokens = 0;
    run->failed = run->is_too_much = 0;
    run->octets.failed = 0;
    inspect_text_clear(&run->octets);
    status = text != NULL ? cli_carried_find(&finder, name, run->options.from, data)
                          : cli_carried_read(&finder, name, run->options.from, &run->input, 0);
    if (status == CLI_NOT_CARRIED) {
        replay_text(run, text != NULL ? data : inspect_text_bytes(&run->input));
        return;
    }
    replay_raise(run, status);
    if (run->failed)
        replay_raise(run, cli_no_memory(name));
    /* An exchange some of whose tokens are missing would be judged wrongly. */
    if (run->failed || status == CLI_NO_MEMORY)
        return;
    replay_capture(run);
    if (status == CLI_CLEAN && run->num_tokens == 0) {
        cli_complain(name, "no token found");
        replay_raise(run, CLI_UNDECODABLE);
    }
}

int cli_replay(int argc, char **argv)
{
    static cli_replaying run;
    int status;

    memset(&run, 0, sizeof run);
    status = cli_options_parse(&run.options, argc, argv);
    if (status < 0) {
        cli_each_input(&run.options, replay_input, &run);
        status = run.status;
    }
    inspect_transcript_free(&run.transcript);
    inspect_list_free(&run.list);
    inspect_text_free(&run.input);
    inspect_text_free(&run.output);
    inspect_text_free(&run.octets);
    free(run.tokens);
    cli_options_free(&run.options);
    return status;
}
