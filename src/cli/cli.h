/*
 * cli/cli.h - the command: one function a subcommand, and what they share.
 */
#ifndef SPNEGO_CLI_CLI_H
#define SPNEGO_CLI_CLI_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "inspect/carry.h"
#include "inspect/input.h"
#include "inspect/reading.h"
#include "inspect/render.h"
#include "inspect/source.h"
#include "inspect/text.h"
#include "inspect/vector.h"

/* What the command returns; with several inputs the highest. */
enum {
    CLI_CLEAN = 0,
    CLI_FINDINGS = 1,
    CLI_UNDECODABLE = 2,
    CLI_USAGE = 64,     /* EX_USAGE of sysexits.h */
    CLI_NO_INPUT = 66,  /* EX_NOINPUT */
    CLI_NO_MEMORY = 71, /* EX_OSERR: no memory or no thread; what was printed is whole */
    CLI_NO_OUTPUT = 74  /* EX_IOERR: standard output could not be written */
};

typedef enum cli_format { CLI_TEXT = 0, CLI_JSON, CLI_PYSPNEGO } cli_format;

typedef struct cli_options {
    inspect_from from;
    inspect_role receiver;
    uint32_t tolerate;
    int is_tolerate_set; /* by --strict or --tolerate */
    cli_format format;
    int pretty;
    int redact;
    int color;
    int as_vector;
    size_t jobs;  /* threads for --from lines, at least 1 */
    char **texts; /* of -t */
    size_t num_texts;
    char **inputs;
    size_t num_inputs;
    /* encode, extract, explain */
    const char *to;
    const char *directory;
    int list;
    const char *vectors;
} cli_options;

/* cli_options_parse reads the arguments of a subcommand.  Returns -1 to go on, or the exit status:
 * after --help, and after a message about wrong usage. */
int cli_options_parse(cli_options *out, int argc, char **argv);

/* cli_options_free frees what parsing took; the strings are argv's. */
void cli_options_free(cli_options *options);

/* cli_each_input calls `take` for each input in turn: the texts of -t under that name, then the
 * files with `text` NULL; standard input, "-", where there is neither. */
void cli_each_input(const cli_options *options,
                    void (*take)(void *run, const char *name, const char *text), void *run);

/* cli_help prints the help of a command to standard output, or that of the whole for NULL.
 * Returns 0 if there is no such command. */
int cli_help(const char *command);

/* cli_complain writes "spnego: NAME: sentence" to standard error; name may be NULL. */
void cli_complain(const char *name, const char *sentence);

/* cli_no_memory complains that there is none.  Returns CLI_NO_MEMORY. */
int cli_no_memory(const char *name);

/* cli_read reads a whole file, or standard input for "-".  Returns CLI_CLEAN, or the exit status
 * after a message. */
int cli_read(inspect_text *out, const char *name);

/* cli_buffer_output is for the start, before anything is printed. */
void cli_buffer_output(void);

/* cli_open opens a file for reading, "-" is standard input.  NULL after a message. */
FILE *cli_open(const char *name);

/* cli_read_rest appends what is left in `file`, which it closes unless it is standard input.
 * Returns as cli_read does. */
int cli_read_rest(inspect_text *out, const char *name, FILE *file);

/* cli_read_piece appends until *out is longer than `limit`, by 64 KiB at most, or the file is at
 * its end; it stays open.  Returns as cli_read does. */
int cli_read_piece(inspect_text *out, const char *name, FILE *file, size_t limit);

/* What cli_carried_read and cli_carried_find return for what is neither capture nor stream. */
enum { CLI_NOT_CARRIED = -1 };

/* cli_carried_read hands the tokens of a capture, or of a carrier's stream where `from` says so, to
 * the finder; with `anywhere` also those of a file that is longer than INSPECT_MAX_INPUT, by their
 * own octets.  Returns CLI_CLEAN, or CLI_NO_INPUT or CLI_NO_MEMORY after a message, or
 * CLI_NOT_CARRIED with all that was read in *input. */
int cli_carried_read(inspect_finder *finder, const char *name, inspect_from from,
                     inspect_text *input, int anywhere);

/* cli_carried_find does the same for octets that are there. */
int cli_carried_find(inspect_finder *finder, const char *name, inspect_from from,
                     spnego_bytes data);

/* cli_carried_encoding returns what the tokens of such an input are found in. */
inspect_encoding cli_carried_encoding(inspect_from from);

/* cli_write writes to standard output and clears the text.  Returns CLI_CLEAN; or CLI_NO_MEMORY
 * after a message, and then nothing was written, for it would not be whole. */
int cli_write(inspect_text *text);

/* cli_complain_line is cli_complain for source text whose first line is the file's `first_line`. */
void cli_complain_line(const char *name, const inspect_source_fault *fault, size_t first_line);

/* cli_vector_octets appends the octets of a vector: of its source, or else of its hex.  Returns 1,
 * or 0 after a message. */
int cli_vector_octets(inspect_text *out, const inspect_vector *vector, const char *name);

/* cli_show_token reads one token and appends what there is to say about it, as the options want it.
 * `view` has what is known of where it was found; the rest of it is filled in here.  `receiver` is
 * what the options say, or what carried the token.  Returns the exit status. */
int cli_show_token(inspect_text *out, inspect_reading *reading, inspect_view *view,
                   const cli_options *options, int is_lint, spnego_bytes token,
                   inspect_role receiver, int is_guess);

int cli_decode(int argc, char **argv);
int cli_lint(int argc, char **argv);
int cli_encode(int argc, char **argv);
int cli_explain(int argc, char **argv);
int cli_extract(int argc, char **argv);
int cli_replay(int argc, char **argv);

/* cli_as_vector appends a vector file made of the input, which is one or holds a token.  Returns
 * the exit status. */
int cli_as_vector(inspect_text *out, const cli_options *options, const char *name,
                  spnego_bytes input);

#endif /* SPNEGO_CLI_CLI_H */
