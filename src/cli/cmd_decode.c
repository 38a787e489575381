/* spnego decode, spnego lint */
#include <stdio.h>
#include <string.h>

#include "cli/batch.h"
#include "cli/cli.h"
#include "inspect/exchanges.h"
#include "inspect/looks.h"
#include "inspect/transcript.h"

/* What goes from input to input. */
typedef struct cli_run {
    cli_options options;
    int is_lint;
    int status;
    inspect_list list;
    inspect_text input;
    inspect_text output;
    inspect_text title;
    inspect_transcript transcript;
    inspect_exchanges exchanges;
    const char *name; /* of the input whose tokens are being found */
    size_t index;
    inspect_hosts hosts;
    inspect_reading reading;
} cli_run;

static void cli_raise(cli_run *run, int status)
{
    if (status > run->status)
        run->status = status;
}

static int cli_render(inspect_text *out, const inspect_reading *reading, inspect_view *view,
                      const cli_options *options, int is_lint)
{
    view->pretty = options->pretty;
    view->redact = options->redact;
    view->findings_only = is_lint;
    view->color = options->color;
    if (options->format == CLI_JSON)
        inspect_render_json(out, reading, view);
    else if (options->format == CLI_PYSPNEGO)
        inspect_render_pyspnego(out, reading, view);
    else if (is_lint)
        inspect_render_lint(out, reading, view);
    else
        inspect_render_text(out, reading, view);
    return reading->verdict == INSPECT_CLEAN      ? CLI_CLEAN
           : reading->verdict == INSPECT_FINDINGS ? CLI_FINDINGS
                                                  : CLI_UNDECODABLE;
}

int cli_show_token(inspect_text *out, inspect_reading *reading, inspect_view *view,
                   const cli_options *options, int is_lint, spnego_bytes token,
                   inspect_role receiver, int is_guess)
{
    inspect_read(reading, token, options->tolerate, receiver, is_guess);
    return cli_render(out, reading, view, options, is_lint);
}

static void cli_show(cli_run *run, inspect_view *view, spnego_bytes token, inspect_role receiver,
                     int is_guess)
{
    cli_raise(run, cli_show_token(&run->output, &run->reading, view, &run->options, run->is_lint,
                                  token, receiver, is_guess));
    cli_raise(run, cli_write(&run->output));
}

/* A token of which it is known who said it, and in which exchange, unless that is 0. */
static void cli_show_heard(cli_run *run, inspect_view *view, spnego_bytes token,
                           const inspect_hearing *hearing)
{
    inspect_role receiver = run->options.receiver;

    if (receiver == INSPECT_ROLE_UNKNOWN && hearing->sender == INSPECT_ROLE_INITIATOR)
        receiver = INSPECT_ROLE_ACCEPTOR;
    else if (receiver == INSPECT_ROLE_UNKNOWN && hearing->sender == INSPECT_ROLE_ACCEPTOR)
        receiver = INSPECT_ROLE_INITIATOR;
    inspect_read(&run->reading, token, run->options.tolerate, receiver, 0);
    if (hearing->exchange > 0)
        inspect_exchanges_hear(&run->exchanges, &run->reading, hearing);
    run->output.failed |= run->exchanges.failed;
    cli_raise(run, cli_render(&run->output, &run->reading, view, &run->options, run->is_lint));
    cli_raise(run, cli_write(&run->output));
}

/* A finding's place is in one of the input's tokens. */
static void cli_name_token(cli_run *run, inspect_view *view, uint64_t number)
{
    inspect_text_clear(&run->title);
    inspect_text_puts(&run->title, run->name);
    inspect_text_putc(&run->title, '#');
    inspect_text_put_number(&run->title, number);
    inspect_text_putc(&run->title, 0);
    if (run->title.failed)
        run->output.failed = 1;
    else
        view->name = run->title.data;
}

/* Whether a turn brings a token to its end, or as far as it will come. */
static int cli_is_turn_shown(const inspect_transcript *transcript, size_t turn)
{
    size_t next = turn + 1;

    if (transcript->turns[turn].part == INSPECT_PIECE)
        while (next < transcript->num_turns && transcript->turns[next].part == INSPECT_PIECE_FETCH)
            next++;
    return transcript->turns[turn].len > 0 &&
           (transcript->turns[turn].part != INSPECT_PIECE || next == transcript->num_turns);
}

/* Whether it is a conversation that is written down: a log may have lines that only look so. */
static int cli_is_transcript(cli_run *run, spnego_bytes data)
{
    if (run->options.from != INSPECT_FROM_AUTO || !inspect_transcript_read(&run->transcript, data))
        return 0;
    for (size_t i = 0; i < run->transcript.num_turns; i++)
        if (inspect_looks_begun(inspect_transcript_token(&run->transcript, i)))
            return 1;
    return 0;
}

/* A conversation that is written down. */
static void cli_show_transcript(cli_run *run, const char *name)
{
    const inspect_transcript *transcript = &run->transcript;
    const uint64_t exchange = run->exchanges.latest + 1;
    inspect_hearing hearing = {0, INSPECT_ROLE_UNKNOWN, 0, 1};

    run->name = name;
    for (size_t i = 0; i < transcript->num_turns; i++) {
        inspect_view view;

        if (!cli_is_turn_shown(transcript, i))
            continue;
        memset(&view, 0, sizeof view);
        view.name = name;
        view.index = run->index++;
        view.encoding = transcript->turns[i].is_base64 ? INSPECT_BASE64 : INSPECT_HEX;
        hearing.sender = transcript->turns[i].sender;
        /* What took its place is what was heard. */
        hearing.exchange = transcript->turns[i].is_replaced ? 0 : exchange;
        if (run->options.format == CLI_TEXT && run->is_lint && view.index > 0)
            cli_name_token(run, &view, view.index);
        else if (run->options.format == CLI_TEXT && view.index > 0)
            inspect_text_putc(&run->output, '\n');
        cli_show_heard(run, &view, inspect_transcript_token(transcript, i), &hearing);
    }
}

static void cli_show_list(cli_run *run, const char *name, size_t first_index)
{
    for (size_t i = 0; i < run->list.num_items; i++) {
        const inspect_item *item = &run->list.items[i];
        inspect_view view;

        memset(&view, 0, sizeof view);
        view.name = name;
        view.index = first_index + i;
        view.encoding = item->encoding;
        view.scheme = item->scheme;
        if (first_index + i > 0 && run->options.format == CLI_TEXT && !run->is_lint)
            inspect_text_putc(&run->output, '\n');
        cli_show(run, &view, inspect_list_token(&run->list, i), run->options.receiver,
                 item->is_guess);
    }
}

/* Why there is no token in what is not empty. */
static const char *cli_none_sentence(inspect_from from)
{
    switch (from) {
    case INSPECT_FROM_HEX:
        return "it is not hexadecimal";
    case INSPECT_FROM_BASE64:
        return "it is not base64";
    case INSPECT_FROM_HEADER:
        return "no header with a token found";
    case INSPECT_FROM_AUTO:
    case INSPECT_FROM_RAW:
    case INSPECT_FROM_LINES:
    case INSPECT_FROM_PCAP:
    case INSPECT_FROM_NNS:
    case INSPECT_FROM_SOCKS5:
    case INSPECT_FROM_XMPP:
        break;
    }
    return from == INSPECT_FROM_AUTO
               ? "no token found; if there is one, --from raw, hex or base64 says how it is written"
               : "no token found";
}

/* An input without a token still gives one object, so that nobody takes silence for health. */
static void cli_show_none(cli_run *run, const char *name, spnego_bytes data)
{
    inspect_view view;
    const spnego_bytes nothing = {data.data, 0};
    const int is_empty_header = run->list.num_empty > 0;

    memset(&view, 0, sizeof view);
    view.name = name;
    view.encoding = is_empty_header ? INSPECT_HEADER : INSPECT_RAW;
    cli_complain(name, run->list.is_too_long ? "longer than 64 MiB"
                       : is_empty_header
                           ? "a header asks for Negotiate or NTLM, but there is no token in it"
                       : data.len == 0 ? "it is empty"
                                       : cli_none_sentence(run->options.from));
    cli_show(run, &view, is_empty_header ? nothing : data, run->options.receiver, 1);
    cli_raise(run, CLI_UNDECODABLE);
}

/* A token that something carried; who receives it is known then. */
static void cli_show_found(void *user, const inspect_found *found)
{
    cli_run *run = user;
    const inspect_hearing hearing = {found->exchange, found->sender, found->num_gaps,
                                     found->is_from_outset};
    inspect_origin origin;
    inspect_view view;

    memset(&view, 0, sizeof view);
    view.name = run->name;
    view.index = run->index++;
    view.encoding = cli_carried_encoding(run->options.from);
    view.scheme = found->scheme;
    if (run->options.format == CLI_TEXT && run->is_lint) {
        if (found->stamp.frame > 0)
            cli_name_token(run, &view, found->stamp.frame);
    } else {
        inspect_origin_of(&origin, found, run->options.redact ? &run->hosts : NULL);
        view.origin = &origin;
        if (run->options.format == CLI_TEXT) {
            inspect_text_puts(&run->output, view.index > 0 ? "\n" : "");
            inspect_origin_text(&run->output, &origin);
            inspect_text_putc(&run->output, '\n');
        }
    }
    cli_show_heard(run, &view, found->token, &hearing);
}

static inspect_finder cli_begin_carried(cli_run *run, const char *name)
{
    inspect_finder finder;

    memset(&finder, 0, sizeof finder);
    finder.user = run;
    finder.found = cli_show_found;
    run->name = name;
    run->index = 0;
    inspect_exchanges_forget(&run->exchanges);
    return finder;
}

static void cli_end_carried(cli_run *run, const inspect_finder *finder, int status)
{
    static const spnego_bytes nothing = {(const uint8_t *)"", 0};
    inspect_view view;

    cli_raise(run, status);
    if (status != CLI_CLEAN || finder->num_found > 0)
        return;
    memset(&view, 0, sizeof view);
    view.name = run->name;
    view.encoding = cli_carried_encoding(run->options.from);
    cli_complain(run->name, "no token found");
    cli_show(run, &view, nothing, run->options.receiver, 1);
}

static void cli_decode_buffer(cli_run *run, const char *name, spnego_bytes data)
{
    if (run->options.as_vector) {
        cli_raise(run, cli_as_vector(&run->output, &run->options, name, data));
        cli_raise(run, cli_write(&run->output));
        return;
    }
    if (cli_is_transcript(run, data)) {
        cli_show_transcript(run, name);
        return;
    }
    if (inspect_find_tokens(&run->list, data.data, data.len, run->options.from) > 0)
        cli_show_list(run, name, 0);
    else if (run->list.failed)
        cli_raise(run, cli_no_memory(name));
    else if (run->options.from != INSPECT_FROM_LINES || run->list.is_too_long)
        cli_show_none(run, name, data);
}

static void cli_decode_input(cli_run *run, const char *name)
{
    inspect_finder finder;
    int status;

    if (run->options.from == INSPECT_FROM_LINES && !run->options.as_vector) {
        cli_raise(run, cli_batch(name, &run->options, run->is_lint));
        return;
    }
    finder = cli_begin_carried(run, name);
    status = cli_carried_read(&finder, name, run->options.from, &run->input, 0);
    if (status == CLI_NOT_CARRIED)
        cli_decode_buffer(run, name, inspect_text_bytes(&run->input));
    else
        cli_end_carried(run, &finder, status);
}

static void cli_decode_text(cli_run *run, const char *text)
{
    const spnego_bytes data = {(const uint8_t *)text, strlen(text)};
    inspect_finder finder = cli_begin_carried(run, "-t");
    const int status = cli_carried_find(&finder, "-t", run->options.from, data);

    if (status == CLI_NOT_CARRIED)
        cli_decode_buffer(run, "-t", data);
    else
        cli_end_carried(run, &finder, status);
}

static void cli_decode_any(void *run, const char *name, const char *text)
{
    if (text != NULL)
        cli_decode_text(run, text);
    else
        cli_decode_input(run, name);
}

static int cli_decode_or_lint(int argc, char **argv, int is_lint)
{
    cli_run run;
    int status;

    memset(&run, 0, sizeof run);
    run.is_lint = is_lint;
    status = cli_options_parse(&run.options, argc, argv);
    if (status < 0) {
        cli_each_input(&run.options, cli_decode_any, &run);
        status = run.status;
    }
    inspect_list_free(&run.list);
    inspect_text_free(&run.input);
    inspect_text_free(&run.output);
    inspect_text_free(&run.title);
    inspect_transcript_free(&run.transcript);
    inspect_exchanges_free(&run.exchanges);
    inspect_reading_free(&run.reading);
    cli_options_free(&run.options);
    return status;
}

int cli_decode(int argc, char **argv)
{
    return cli_decode_or_lint(argc, argv, 0);
}

int cli_lint(int argc, char **argv)
{
    return cli_decode_or_lint(argc, argv, 1);
}
