/* spnego encode */
#include <string.h>

#include "cli/cli.h"
#include "inspect/base64.h"

/* The octets that the input stands for.  Returns the exit status. */
static int cli_encode_input(inspect_text *out, const char *name, spnego_bytes input)
{
    inspect_source_fault fault;
    inspect_vector vector;

    if (inspect_is_vector(input)) {
        inspect_vector_parse(&vector, input);
        return cli_vector_octets(out, &vector, name) ? CLI_CLEAN : CLI_UNDECODABLE;
    }
    if (inspect_source_read(out, &fault, input))
        return CLI_CLEAN;
    cli_complain_line(name, &fault, 1);
    return CLI_UNDECODABLE;
}

static void cli_encode_output(inspect_text *out, const char *to, spnego_bytes octets)
{
    if (strcmp(to, "raw") == 0) {
        inspect_text_put(out, octets.data, octets.len);
        return;
    }
    if (strcmp(to, "hex") == 0)
        inspect_text_put_hex(out, octets, 0);
    else
        inspect_base64_encode(out, octets);
    inspect_text_putc(out, '\n');
}

static int cli_encode_is_usage(const cli_options *options)
{
    return options->num_inputs + options->num_texts <= 1 &&
           (strcmp(options->to, "raw") == 0 || strcmp(options->to, "hex") == 0 ||
            strcmp(options->to, "base64") == 0);
}

int cli_encode(int argc, char **argv)
{
    cli_options options;
    inspect_text input = {NULL, 0, 0, 0}, octets = {NULL, 0, 0, 0}, output = {NULL, 0, 0, 0};
    const char *name = "-t";
    int status = cli_options_parse(&options, argc, argv);

    if (status < 0 && !cli_encode_is_usage(&options)) {
        cli_complain("encode",
                     "one input, and --to raw, hex or base64; see `spnego encode --help`");
        status = CLI_USAGE;
    }
    if (status < 0) {
        status = CLI_CLEAN;
        if (options.num_texts > 0) {
            inspect_text_puts(&input, options.texts[0]);
        } else {
            name = options.num_inputs > 0 ? options.inputs[0] : "-";
            status = cli_read(&input, name);
        }
        if (status == CLI_CLEAN)
            status = cli_encode_input(&octets, name, inspect_text_bytes(&input));
        if (status == CLI_CLEAN)
            cli_encode_output(&output, options.to, inspect_text_bytes(&octets));
        output.failed |= input.failed | octets.failed;
        if (cli_write(&output) != CLI_CLEAN)
            status = CLI_NO_MEMORY;
    }
    inspect_text_free(&input);
    inspect_text_free(&octets);
    inspect_text_free(&output);
    cli_options_free(&options);
    return status;
}
