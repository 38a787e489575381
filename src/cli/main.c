#include <spnego/types.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static int cli_run(int argc, char **argv)
{
    const char *command = argv[1];

    if (strcmp(command, "decode") == 0)
        return cli_decode(argc - 1, argv + 1);
    if (strcmp(command, "lint") == 0)
        return cli_lint(argc - 1, argv + 1);
    if (strcmp(command, "encode") == 0)
        return cli_encode(argc - 1, argv + 1);
    if (strcmp(command, "explain") == 0)
        return cli_explain(argc - 1, argv + 1);
    if (strcmp(command, "replay") == 0)
        return cli_replay(argc - 1, argv + 1);
    if (strcmp(command, "extract") == 0)
        return cli_extract(argc - 1, argv + 1);
    if (strcmp(command, "--version") == 0 || strcmp(command, "-V") == 0) {
        printf("spnego %s\n", spnego_version());
        return CLI_CLEAN;
    }
    if (strcmp(command, "--help") == 0 || strcmp(command, "-h") == 0 ||
        strcmp(command, "help") == 0) {
        if (cli_help(argc > 2 ? argv[2] : NULL))
            return CLI_CLEAN;
        command = argv[2];
    }
    fprintf(stderr, "spnego: %s: no such command; see `spnego --help`\n", command);
    return CLI_USAGE;
}

int main(int argc, char **argv)
{
    int status;

    if (argc < 2) {
        fputs("spnego: a command is missing: decode, lint, replay, extract, encode or explain; "
              "see `spnego --help`\n",
              stderr);
        return CLI_USAGE;
    }
    cli_buffer_output();
    status = cli_run(argc, argv);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        cli_complain("standard output", "cannot be written");
        return CLI_NO_OUTPUT;
    }
    return status;
}
