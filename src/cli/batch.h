/*
 * cli/batch.h - many tokens, one a line: each answered in order, by several threads at once, in
 * memory that does not grow with the input.
 */
#ifndef SPNEGO_CLI_BATCH_H
#define SPNEGO_CLI_BATCH_H

#include "cli/cli.h"

/* Threads that may be asked for. */
#define CLI_MAX_JOBS 256

/* cli_batch decodes the lines of `name`, "-" for standard input, and writes the results to standard
 * output as soon as they are there and their turn has come.  Returns the exit status. */
int cli_batch(const char *name, const cli_options *options, int is_lint);

#endif /* SPNEGO_CLI_BATCH_H */
