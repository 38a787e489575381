/* Reading inputs, writing output. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

void cli_complain(const char *name, const char *sentence)
{
    inspect_text line = {NULL, 0, 0, 0};

    inspect_text_puts(&line, "spnego: ");
    if (name != NULL) {
        const spnego_bytes octets = {(const uint8_t *)name, strlen(name)};
        inspect_text_put_escaped(&line, octets);
        inspect_text_puts(&line, ": ");
    }
    inspect_text_puts(&line, sentence);
    inspect_text_putc(&line, '\n');
    /* What was printed so far comes first where both go to one place. */
    fflush(stdout);
    if (!line.failed)
        fwrite(line.data, 1, line.len, stderr);
    else /* what is wrong matters more than where */
        fprintf(stderr, "spnego: %s\n", sentence);
    inspect_text_free(&line);
}

/* Captures are read and written by the hundred megabytes, in pieces larger than stdio's own.  One
 * file is open at a time. */
static void cli_buffer(FILE *file, int is_output)
{
    static char room[2][65536];

    (void)setvbuf(file, room[is_output], _IOFBF, sizeof room[is_output]);
}

void cli_buffer_output(void)
{
    cli_buffer(stdout, 1);
}

int cli_no_memory(const char *name)
{
    cli_complain(name, "out of memory");
    return CLI_NO_MEMORY;
}

FILE *cli_open(const char *name)
{
    FILE *file = strcmp(name, "-") == 0 ? stdin : fopen(name, "rb");

    if (file == NULL)
        cli_complain(name, strerror(errno));
    else
        cli_buffer(file, 0);
    return file;
}

int cli_read_piece(inspect_text *out, const char *name, FILE *file, size_t limit)
{
    static char buffer[65536];
    const char *problem = NULL;
    size_t n = 0;

    errno = 0;
    while (out->len <= limit && !out->failed && (n = fread(buffer, 1, sizeof buffer, file)) > 0)
        inspect_text_put(out, buffer, n);
    if (ferror(file))
        problem = errno != 0 ? strerror(errno) : "cannot be read";
    if (out->failed)
        return cli_no_memory(name);
    if (problem == NULL)
        return CLI_CLEAN;
    cli_complain(name, problem);
    return CLI_NO_INPUT;
}

int cli_read_rest(inspect_text *out, const char *name, FILE *file)
{
    int status = cli_read_piece(out, name, file, INSPECT_MAX_INPUT);

    if (file != stdin)
        fclose(file);
    if (status != CLI_CLEAN || out->len <= INSPECT_MAX_INPUT)
        return status;
    cli_complain(name, "longer than 64 MiB");
    return CLI_NO_INPUT;
}

int cli_read(inspect_text *out, const char *name)
{
    FILE *file = cli_open(name);

    inspect_text_clear(out);
    return file != NULL ? cli_read_rest(out, name, file) : CLI_NO_INPUT;
}

int cli_write(inspect_text *text)
{
    const int is_whole = !text->failed;

    if (is_whole && text->len > 0)
        fwrite(text->data, 1, text->len, stdout);
    inspect_text_clear(text);
    text->failed = 0;
    return is_whole ? CLI_CLEAN : cli_no_memory(NULL);
}
