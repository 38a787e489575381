/* decode --as-vector: any token as a vector file, and vector files made anew. */
#include <string.h>

#include "cli/cli.h"

static void cli_put_key(inspect_text *out, const char *key)
{
    inspect_text_puts(out, key);
    inspect_text_put_repeated(out, ' ', 9 - strlen(key));
}

/* The keys of a vector that nobody has described yet. */
static void cli_put_head(inspect_text *out, const cli_options *options, const char *name,
                         const inspect_reading *reading)
{
    const spnego_bytes title = {(const uint8_t *)name, strlen(name)};
    spnego_rule rule = reading->fault;

    for (size_t i = 0; i < reading->num_findings && rule == SPNEGO_RULE_NONE; i++)
        if (spnego_rule_describe(reading->findings[i].rule)->severity == SPNEGO_SEVERITY_ERROR)
            rule = reading->findings[i].rule;
    cli_put_key(out, "title");
    inspect_text_put_escaped(out, title);
    inspect_text_putc(out, '\n');
    if (rule != SPNEGO_RULE_NONE) {
        cli_put_key(out, "rule");
        inspect_text_puts(out, spnego_rule_describe(rule)->name);
        inspect_text_puts(out, "\n");
        cli_put_key(out, "cite");
        inspect_text_puts(out, spnego_rule_describe(rule)->citation);
        inspect_text_puts(out, "\n");
    }
    cli_put_key(out, "origin");
    inspect_text_puts(out, "unknown\n");
    if (options->is_tolerate_set && options->tolerate != SPNEGO_TOLERATE_NOTHING) {
        cli_put_key(out, "tolerate");
        inspect_tolerate_write(out, options->tolerate);
        inspect_text_putc(out, '\n');
    }
    if (options->receiver != INSPECT_ROLE_UNKNOWN) {
        cli_put_key(out, "as");
        inspect_text_puts(out, options->receiver == INSPECT_ROLE_INITIATOR ? "initiator\n"
                                                                           : "acceptor\n");
    }
}

void cli_complain_line(const char *name, const inspect_source_fault *fault, size_t first_line)
{
    inspect_text line = {NULL, 0, 0, 0};

    inspect_text_puts(&line, "line ");
    inspect_text_put_number(&line, fault->line + first_line - 1);
    inspect_text_puts(&line, ": ");
    inspect_text_puts(&line, fault->sentence);
    inspect_text_putc(&line, 0);
    cli_complain(name, line.failed ? "out of memory" : line.data);
    inspect_text_free(&line);
}

int cli_vector_octets(inspect_text *out, const inspect_vector *vector, const char *name)
{
    inspect_source_fault fault;

    if (vector->bad_value.data != NULL) {
        cli_complain(name, "a word after `tolerate` or `as` is not known");
        return 0;
    }
    if (vector->block[INSPECT_BLOCK_SOURCE].len > 0) {
        if (inspect_source_read(out, &fault, vector->block[INSPECT_BLOCK_SOURCE]))
            return 1;
        cli_complain_line(name, &fault, vector->source_line);
        return 0;
    }
    if (inspect_vector_octets(vector, out))
        return 1;
    cli_complain(name, "the hex block is not hexadecimal, and there is no source");
    return 0;
}

static int cli_rebase(inspect_text *out, const char *name, spnego_bytes input)
{
    static inspect_reading reading;
    inspect_text octets = {NULL, 0, 0, 0}, source = {NULL, 0, 0, 0};
    spnego_bytes block = {NULL, 0};
    inspect_vector vector;
    int status = CLI_UNDECODABLE;

    inspect_vector_parse(&vector, input);
    if (cli_vector_octets(&octets, &vector, name)) {
        inspect_read(&reading, inspect_text_bytes(&octets), vector.tolerate, vector.receiver, 0);
        if (vector.block[INSPECT_BLOCK_SOURCE].len == 0) {
            inspect_source_write(&source, &reading);
            block = inspect_text_bytes(&source);
        }
        inspect_vector_write(out, &vector, block, &reading);
        inspect_reading_free(&reading);
        status = CLI_CLEAN;
    }
    out->failed |= octets.failed | source.failed;
    inspect_text_free(&octets);
    inspect_text_free(&source);
    return status;
}

int cli_as_vector(inspect_text *out, const cli_options *options, const char *name,
                  spnego_bytes input)
{
    static inspect_reading reading;
    const uint32_t tolerate = options->is_tolerate_set ? options->tolerate : 0;
    inspect_text head = {NULL, 0, 0, 0}, source = {NULL, 0, 0, 0};
    inspect_list list;
    inspect_vector vector;

    if (options->from == INSPECT_FROM_AUTO && inspect_is_vector(input))
        return cli_rebase(out, name, input);
    memset(&list, 0, sizeof list);
    memset(&vector, 0, sizeof vector);
    if (inspect_find_tokens(&list, input.data, input.len, options->from) == 0) {
        out->failed |= list.failed;
        inspect_list_free(&list);
        if (!out->failed)
            cli_complain(name, "no token found");
        return CLI_UNDECODABLE;
    }
    if (list.num_items > 1)
        cli_complain(name, "a vector holds one token; the others are left out");
    inspect_read(&reading, inspect_list_token(&list, 0), tolerate, options->receiver,
                 list.items[0].is_guess);
    cli_put_head(&head, options, name, &reading);
    inspect_source_write(&source, &reading);
    vector.head = inspect_text_bytes(&head);
    if (vector.head.len > 0)
        vector.head.len--;
    inspect_vector_write(out, &vector, inspect_text_bytes(&source), &reading);
    out->failed |= head.failed | source.failed;
    inspect_reading_free(&reading);
    inspect_text_free(&head);
    inspect_text_free(&source);
    inspect_list_free(&list);
    return CLI_CLEAN;
}
