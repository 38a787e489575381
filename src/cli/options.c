/* The options of all subcommands. */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/batch.h"
#include "inspect/vector.h"

enum {
    OPTION_FROM = 256,
    OPTION_AS,
    OPTION_STRICT,
    OPTION_TOLERATE,
    OPTION_FORMAT,
    OPTION_PRETTY,
    OPTION_COLOR,
    OPTION_AS_VECTOR,
    OPTION_REDACT,
    OPTION_TO,
    OPTION_LIST,
    OPTION_VECTORS,
    OPTION_DIRECTORY
};

static const struct option decode_options[] = {
    {"from", required_argument, NULL, OPTION_FROM},
    {"as", required_argument, NULL, OPTION_AS},
    {"strict", no_argument, NULL, OPTION_STRICT},
    {"tolerate", required_argument, NULL, OPTION_TOLERATE},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"pretty", no_argument, NULL, OPTION_PRETTY},
    {"text", required_argument, NULL, 't'},
    {"color", optional_argument, NULL, OPTION_COLOR},
    {"as-vector", no_argument, NULL, OPTION_AS_VECTOR},
    {"redact", no_argument, NULL, OPTION_REDACT},
    {"jobs", required_argument, NULL, 'j'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0}};

static const struct option encode_options[] = {{"to", required_argument, NULL, OPTION_TO},
                                               {"text", required_argument, NULL, 't'},
                                               {"help", no_argument, NULL, 'h'},
                                               {NULL, 0, NULL, 0}};

static const struct option extract_options[] = {{"from", required_argument, NULL, OPTION_FROM},
                                                {"to", required_argument, NULL, OPTION_TO},
                                                {"directory", required_argument, NULL, 'd'},
                                                {"text", required_argument, NULL, 't'},
                                                {"help", no_argument, NULL, 'h'},
                                                {NULL, 0, NULL, 0}};

static const struct option replay_options[] = {{"from", required_argument, NULL, OPTION_FROM},
                                               {"format", required_argument, NULL, OPTION_FORMAT},
                                               {"pretty", no_argument, NULL, OPTION_PRETTY},
                                               {"redact", no_argument, NULL, OPTION_REDACT},
                                               {"text", required_argument, NULL, 't'},
                                               {"help", no_argument, NULL, 'h'},
                                               {NULL, 0, NULL, 0}};

static const struct option explain_options[] = {
    {"list", no_argument, NULL, OPTION_LIST},
    {"vectors", required_argument, NULL, OPTION_VECTORS},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0}};

static int cli_usage(const char *command, const char *sentence, const char *word)
{
    inspect_text line = {NULL, 0, 0, 0};

    inspect_text_puts(&line, sentence);
    if (word != NULL) {
        const spnego_bytes octets = {(const uint8_t *)word, strlen(word)};
        inspect_text_puts(&line, " '");
        inspect_text_put_escaped(&line, octets);
        inspect_text_putc(&line, '\'');
    }
    inspect_text_puts(&line, "; see `spnego ");
    inspect_text_puts(&line, command);
    inspect_text_puts(&line, " --help`");
    inspect_text_putc(&line, 0);
    cli_complain(command, line.failed ? "out of memory" : line.data);
    inspect_text_free(&line);
    return CLI_USAGE;
}

static int cli_choose(const char *word, const char *const *words, size_t num)
{
    for (size_t i = 0; i < num; i++)
        if (strcmp(word, words[i]) == 0)
            return (int)i;
    return -1;
}

static int cli_option_from(cli_options *out, const char *command, const char *word)
{
    static const char *const forms[] = {"auto",  "raw",  "hex", "base64", "header",
                                        "lines", "pcap", "nns", "socks5", "xmpp"};
    const int form = cli_choose(word, forms, sizeof forms / sizeof forms[0]);

    if (form < 0)
        return cli_usage(command, "no such form of input:", word);
    out->from = (inspect_from)form;
    return -1;
}

static int cli_option_color(cli_options *out, const char *command, const char *word)
{
    static const char *const when[] = {"auto", "always", "never"};
    const int chosen = word == NULL ? 1 : cli_choose(word, when, 3);

    if (chosen < 0)
        return cli_usage(command, "--color is auto, always or never, not", word);
    if (chosen > 0)
        out->color = chosen == 1;
    return -1;
}

static int cli_option_tolerate(cli_options *out, const char *command, const char *word)
{
    const spnego_bytes list = {(const uint8_t *)word, strlen(word)};
    spnego_bytes bad;

    out->is_tolerate_set = 1;
    if (!inspect_tolerate_parse(&out->tolerate, &bad, list))
        return cli_usage(command, "no such tolerance in", word);
    return -1;
}

/* 0 is as many as there are processors. */
static int cli_option_jobs(cli_options *out, const char *command, const char *word)
{
    char *end;
    long jobs;

    errno = 0;
    jobs = strtol(word, &end, 10);
    if (word[0] < '0' || word[0] > '9' || *end != '\0' || errno != 0 || jobs > CLI_MAX_JOBS)
        return cli_usage(command, "-j is a number from 0 to 256, not", word);
    if (jobs == 0)
        jobs = sysconf(_SC_NPROCESSORS_ONLN);
    out->jobs = jobs < 1 ? 1 : jobs > CLI_MAX_JOBS ? CLI_MAX_JOBS : (size_t)jobs;
    return -1;
}

/* The shape of pyspnego is one of tokens: it has no place for findings nor for exchanges. */
static int cli_option_format(cli_options *out, const char *command, const char *word)
{
    static const char *const formats[] = {"text", "json", "pyspnego"};
    const int is_decode = strcmp(command, "decode") == 0;
    const int chosen = cli_choose(word, formats, is_decode ? 3 : 2);

    if (chosen < 0)
        return cli_usage(command,
                         is_decode ? "--format is text, json or pyspnego, not"
                                   : "--format is text or json, not",
                         word);
    out->format = (cli_format)chosen;
    return -1;
}

static int cli_option(cli_options *out, const char *command, int option, char *value)
{
    static const char *const roles[] = {"initiator", "acceptor"};
    int chosen;

    switch (option) {
    case OPTION_FROM:
        return cli_option_from(out, command, value);
    case OPTION_AS:
        chosen = cli_choose(value, roles, 2);
        if (chosen < 0)
            return cli_usage(command, "--as is initiator or acceptor, not", value);
        out->receiver = chosen == 0 ? INSPECT_ROLE_INITIATOR : INSPECT_ROLE_ACCEPTOR;
        return -1;
    case OPTION_STRICT:
        out->tolerate = SPNEGO_TOLERATE_NOTHING;
        out->is_tolerate_set = 1;
        return -1;
    case OPTION_TOLERATE:
        return cli_option_tolerate(out, command, value);
    case OPTION_FORMAT:
        return cli_option_format(out, command, value);
    case OPTION_PRETTY:
        out->pretty = 1;
        return -1;
    case 't':
        out->texts[out->num_texts++] = value;
        return -1;
    case OPTION_COLOR:
        return cli_option_color(out, command, value);
    case OPTION_AS_VECTOR:
        out->as_vector = 1;
        return -1;
    case 'j':
        return cli_option_jobs(out, command, value);
    case OPTION_REDACT:
        out->redact = 1;
        return -1;
    case OPTION_TO:
        out->to = value;
        return -1;
    case 'd':
        out->directory = value;
        return -1;
    case OPTION_LIST:
        out->list = 1;
        return -1;
    case OPTION_VECTORS:
        out->vectors = value;
        return -1;
    default:
        (void)cli_help(command);
        return CLI_CLEAN;
    }
}

/* "--color always", as well as the "--color=always" that getopt knows. */
static char *cli_option_value(int option, int argc, char **argv)
{
    if (option == OPTION_COLOR && optarg == NULL && optind < argc &&
        (strcmp(argv[optind], "auto") == 0 || strcmp(argv[optind], "always") == 0 ||
         strcmp(argv[optind], "never") == 0))
        return argv[optind++];
    return optarg;
}

/* The options of a subcommand, and their short forms. */
typedef struct cli_known {
    const char *command;
    const struct option *options;
    const char *letters;
} cli_known;

static const cli_known *cli_options_known(const char *command)
{
    static const cli_known known[] = {
        {"decode", decode_options, ":ht:j:"}, {"lint", decode_options, ":ht:j:"},
        {"encode", encode_options, ":ht:"},   {"extract", extract_options, ":hd:t:"},
        {"replay", replay_options, ":ht:"},   {"explain", explain_options, ":h"}};
    size_t i = 0;

    while (i + 1 < sizeof known / sizeof known[0] && strcmp(known[i].command, command) != 0)
        i++;
    return &known[i];
}

int cli_options_parse(cli_options *out, int argc, char **argv)
{
    const char *command = argv[0];
    const cli_known *known = cli_options_known(command);
    const char *no_color = getenv("NO_COLOR");
    int option, status;

    memset(out, 0, sizeof *out);
    out->tolerate = SPNEGO_TOLERATE_ALL;
    out->to = strcmp(command, "extract") == 0 ? "hex" : "raw";
    out->jobs = 1;
    out->color = isatty(STDOUT_FILENO) && (no_color == NULL || no_color[0] == 0);
    out->texts = calloc((size_t)argc, sizeof *out->texts);
    if (out->texts == NULL)
        return cli_no_memory(NULL);
    opterr = 0;
    optind = 1;
    while ((option = getopt_long(argc, argv, known->letters, known->options, NULL)) != -1) {
        if (option == '?')
            return cli_usage(command, "unknown option", argv[optind - 1]);
        if (option == ':')
            return cli_usage(command, "a value is missing after", argv[optind - 1]);
        status = cli_option(out, command, option, cli_option_value(option, argc, argv));
        if (status >= 0)
            return status;
    }
    if (out->as_vector && (out->redact || out->format != CLI_TEXT))
        return cli_usage(command, "--as-vector goes with neither --redact nor --format json", NULL);
    /* Each of its messages holds the octets of the whole. */
    if (out->redact && out->format == CLI_PYSPNEGO)
        return cli_usage(command, "--redact does not go with --format pyspnego", NULL);
    out->inputs = argv + optind;
    out->num_inputs = (size_t)(argc - optind);
    return -1;
}

void cli_each_input(const cli_options *options,
                    void (*take)(void *run, const char *name, const char *text), void *run)
{
    for (size_t i = 0; i < options->num_texts; i++)
        take(run, "-t", options->texts[i]);
    for (size_t i = 0; i < options->num_inputs; i++)
        take(run, options->inputs[i], NULL);
    if (options->num_texts == 0 && options->num_inputs == 0)
        take(run, "-", NULL);
}

void cli_options_free(cli_options *options)
{
    free(options->texts);
}
