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
    while (out->len <= limit && (n = fread(buffer, 1, sizeof buffer, file)) > 0)
        inspect_text_put(out, buffer, n);
    if (ferror(file))
        problem = errno != 0 ? strerror(errno) : "cannot be read";
    else if (out->failed)
        problem = "out of memory";
    if (problem != NULL)
        cli_complain(name, problem);
    return problem != NULL ? -1 : out->len > limit;
}

int cli_read_rest(inspect_text *out, const char *name, FILE *file)
{
    const int more = cli_read_piece(out, name, file, INSPECT_MAX_INPUT);

    if (more > 0)
        cli_complain(name, "longer than 64 MiB");
    if (file != stdin)
        fclose(file);
    return more == 0;
}

int cli_read(inspect_text *out, const char *name)
{
    FILE *file = cli_open(name);

    inspect_text_clear(out);
    return file != NULL && cli_read_rest(out, name, file);
}

void cli_write(inspect_text *text)
{
    if (text->failed)
        cli_complain(NULL, "out of memory");
    if (text->len > 0)
        fwrite(text->data, 1, text->len, stdout);
    inspect_text_clear(text);
}
