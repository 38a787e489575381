/* spnego extract */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "inspect/base64.h"
#include "inspect/looks.h"
#include "inspect/tlv.h"

typedef struct cli_extraction {
    cli_options options;
    int status;
    const char *name; /* of the input */
    size_t num_written;
    inspect_list list;
    inspect_text input;
    inspect_text output;
} cli_extraction;

static const char *const extract_forms[] = {"hex", "base64", "raw", "vector"};
static const char *const extract_suffixes[] = {"hex", "b64", "bin", "txt"};

enum { EXTRACT_HEX = 0, EXTRACT_BASE64, EXTRACT_RAW, EXTRACT_VECTOR, EXTRACT_NUM_FORMS };

static int extract_form(const cli_options *options)
{
    int form = 0;

    while (form < EXTRACT_NUM_FORMS && strcmp(options->to, extract_forms[form]) != 0)
        form++;
    return form;
}

static void extract_raise(cli_extraction *run, int status)
{
    if (status > run->status)
        run->status = status;
}

/* Numbered in the order of the inputs, so that a shell's `*` has them in it too. */
static void extract_to_file(cli_extraction *run)
{
    inspect_text path = {NULL, 0, 0, 0};
    char number[32];
    FILE *file = NULL;
    int is_written;

    (void)snprintf(number, sizeof number, "/%06lu.", (unsigned long)run->num_written);
    inspect_text_puts(&path, run->options.directory);
    inspect_text_puts(&path, number);
    inspect_text_puts(&path, extract_suffixes[extract_form(&run->options)]);
    inspect_text_putc(&path, 0);
    errno = 0;
    if (!path.failed)
        file = fopen(path.data, "wb");
    is_written =
        file != NULL && fwrite(run->output.data, 1, run->output.len, file) == run->output.len;
    /* What waits in a buffer is written, or not, when the file is closed. */
    if (file != NULL && fclose(file) != 0)
        is_written = 0;
    if (!is_written) {
        cli_complain(path.failed ? NULL : path.data,
                     errno != 0 ? strerror(errno) : "cannot be written");
        extract_raise(run, CLI_NO_OUTPUT);
        if (file != NULL)
            (void)remove(path.data);
    }
    inspect_text_free(&path);
}

static void extract_token(cli_extraction *run, spnego_bytes token, inspect_role receiver)
{
    const int form = extract_form(&run->options);
    cli_options options = run->options;

    run->num_written++;
    options.from = INSPECT_FROM_RAW;
    options.receiver = receiver;
    inspect_text_clear(&run->output);
    if (form == EXTRACT_HEX)
        inspect_text_put_hex(&run->output, token, 0);
    else if (form == EXTRACT_BASE64)
        inspect_base64_encode(&run->output, token);
    else if (form == EXTRACT_RAW)
        inspect_text_put(&run->output, token.data, token.len);
    else
        extract_raise(run, cli_as_vector(&run->output, &options, run->name, token));
    if (form != EXTRACT_RAW && (form != EXTRACT_VECTOR || run->options.directory == NULL))
        inspect_text_putc(&run->output, '\n');
    if (run->options.directory != NULL && !run->output.failed)
        extract_to_file(run);
    else
        extract_raise(run, cli_write(&run->output));
}

static void extract_found(void *user, const inspect_found *found)
{
    static const inspect_role receivers[] = {INSPECT_ROLE_UNKNOWN, INSPECT_ROLE_ACCEPTOR,
                                             INSPECT_ROLE_INITIATOR};

    extract_token(user, found->token, receivers[found->sender]);
}

static void extract_anywhere(cli_extraction *run, inspect_finder *finder, spnego_bytes data)
{
    static const inspect_stamp none;
    inspect_carry *carry = inspect_carry_create(finder, NULL, INSPECT_CARRIER_ANY);

    if (carry != NULL)
        inspect_carry_put(carry, 0, data, &none);
    inspect_carry_destroy(carry);
    if (finder->failed)
        extract_raise(run, cli_no_memory(run->name));
}

/* What is neither capture nor stream: text as for `decode`, one token alone, or octets with tokens
 * somewhere among them. */
static void extract_buffer(cli_extraction *run, inspect_finder *finder, spnego_bytes data)
{
    const size_t num = inspect_find_tokens(&run->list, data.data, data.len, run->options.from);

    if (run->list.failed) {
        extract_raise(run, cli_no_memory(run->name));
        return;
    }
    if (run->options.from == INSPECT_FROM_AUTO && num == 1 &&
        run->list.items[0].encoding == INSPECT_RAW &&
        !(inspect_looks_whole(data) && inspect_tlv_total(data) == data.len)) {
        extract_anywhere(run, finder, data);
        return;
    }
    for (size_t i = 0; i < num; i++) {
        if (!run->list.items[i].is_guess || run->options.from != INSPECT_FROM_AUTO) {
            finder->num_found++;
            extract_token(run, inspect_list_token(&run->list, i), INSPECT_ROLE_UNKNOWN);
        }
    }
}

static void extract_input(void *argument, const char *name, const char *text)
{
    cli_extraction *run = argument;
    const spnego_bytes data = {(const uint8_t *)text, text != NULL ? strlen(text) : 0};
    inspect_finder finder;
    int status;

    memset(&finder, 0, sizeof finder);
    finder.user = run;
    finder.found = extract_found;
    run->name = name;
    status = text != NULL ? cli_carried_find(&finder, name, run->options.from, data)
                          : cli_carried_read(&finder, name, run->options.from, &run->input, 1);
    if (status == CLI_NOT_CARRIED) {
        extract_buffer(run, &finder, text != NULL ? data : inspect_text_bytes(&run->input));
        status = finder.failed || run->list.failed ? CLI_NO_MEMORY : CLI_CLEAN;
    }
    extract_raise(run, status);
    if (status == CLI_CLEAN && finder.num_found == 0) {
        cli_complain(name, "no token found");
        extract_raise(run, CLI_UNDECODABLE);
    }
}

int cli_extract(int argc, char **argv)
{
    cli_extraction run;
    int status;

    memset(&run, 0, sizeof run);
    status = cli_options_parse(&run.options, argc, argv);
    if (status < 0 && extract_form(&run.options) == EXTRACT_NUM_FORMS) {
        cli_complain("extract", "--to is hex, base64, raw or vector; see `spnego extract --help`");
        status = CLI_USAGE;
    }
    if (status < 0) {
        cli_each_input(&run.options, extract_input, &run);
        status = run.status;
    }
    inspect_list_free(&run.list);
    inspect_text_free(&run.input);
    inspect_text_free(&run.output);
    cli_options_free(&run.options);
    return status;
}
