/* spnego explain */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "inspect/expect.h"
#include "inspect/render.h"
#include "inspect/vector.h"

/* A vector is a page or two; what is longer is none. */
#define CLI_MAX_VECTOR ((size_t)4 * 1024 * 1024)

static int cli_is_directory(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Whether the file at `path` is a vector or a transcript whose `rule` line names the rule; what
 * cannot be read raises *status. */
static int cli_shows_rule(const char *path, const char *rule, int *status)
{
    inspect_text text = {NULL, 0, 0, 0};
    inspect_vector vector;
    spnego_bytes value;
    char buffer[8192];
    size_t n;
    int shows = 0;
    FILE *file = fopen(path, "rb");

    if (file == NULL) {
        cli_complain(path, strerror(errno));
        *status = CLI_NO_INPUT > *status ? CLI_NO_INPUT : *status;
        return 0;
    }
    while (text.len <= CLI_MAX_VECTOR && (n = fread(buffer, 1, sizeof buffer, file)) > 0)
        inspect_text_put(&text, buffer, n);
    fclose(file);
    if (!text.failed && text.len <= CLI_MAX_VECTOR &&
        (inspect_is_vector(inspect_text_bytes(&text)) ||
         inspect_is_transcript(inspect_text_bytes(&text)))) {
        inspect_vector_parse(&vector, inspect_text_bytes(&text));
        value = inspect_vector_key(&vector, "rule");
        shows = value.len == strlen(rule) && memcmp(value.data, rule, value.len) == 0;
    }
    if (text.failed)
        *status = cli_no_memory(path);
    inspect_text_free(&text);
    return shows;
}

/* The path of entry `name` of `directory`; 0 if it is hidden or too long. */
static int cli_join(char *path, size_t size, const char *directory, const char *name)
{
    const int len = snprintf(path, size, "%s/%s", directory, name);

    return name[0] != '.' && len > 0 && (size_t)len < size;
}

/* The entries of a directory in the order of their names; -1 after a message. */
static int cli_entries(struct dirent ***out, const char *directory, int *status)
{
    const int num = scandir(directory, out, NULL, alphasort);

    if (num >= 0)
        return num;
    cli_complain(directory, strerror(errno));
    *status = CLI_NO_INPUT > *status ? CLI_NO_INPUT : *status;
    return num;
}

/* Prints the vectors right in `directory`. */
static void cli_list_vectors(const char *directory, const char *rule, int *status)
{
    struct dirent **entries;
    const int num = cli_entries(&entries, directory, status);
    char path[4096];

    for (int i = 0; i < num; i++) {
        const char *name = entries[i]->d_name;
        const size_t len = strlen(name);

        if (len > 4 && strcmp(name + len - 4, ".txt") == 0 &&
            cli_join(path, sizeof path, directory, name) && cli_shows_rule(path, rule, status))
            printf("  shown by: %s\n", path);
        free(entries[i]);
    }
    if (num >= 0)
        free(entries);
}

/* The same for the directories in it: vectors/accept, vectors/reject and so on. */
static void cli_list_below(const char *directory, const char *rule, int *status)
{
    struct dirent **entries;
    const int num = cli_entries(&entries, directory, status);
    char path[2048];

    cli_list_vectors(directory, rule, status);
    for (int i = 0; i < num; i++) {
        if (cli_join(path, sizeof path, directory, entries[i]->d_name) && cli_is_directory(path))
            cli_list_vectors(path, rule, status);
        free(entries[i]);
    }
    if (num >= 0)
        free(entries);
}

static const spnego_rule_text *cli_find_rule(const char *word)
{
    char name[64];
    const size_t len = strlen(word);
    char *end;
    const long number = strtol(word, &end, 10);

    if (*word != 0 && *end == 0) {
        const spnego_rule_text *row =
            number > 0 && number < 1000 ? spnego_rule_describe((spnego_rule)number) : NULL;
        return row != NULL && row->rule != SPNEGO_RULE_NONE ? row : NULL;
    }
    if (len >= sizeof name)
        return NULL;
    for (size_t i = 0; i <= len; i++)
        name[i] = (char)(word[i] >= 'a' && word[i] <= 'z' ? word[i] - 32
                         : word[i] == '-'                 ? '_'
                                                          : word[i]);
    return spnego_rule_find(name);
}

/* As wide as a terminal is where nobody made it wider.  Returns the exit status. */
static int cli_print_sentence(const char *sentence)
{
    inspect_text line = {NULL, 0, 0, 0};
    int status;

    inspect_text_puts(&line, "  ");
    inspect_text_put_wrapped(&line, sentence, strlen(sentence), 2, 2, INSPECT_COLUMNS);
    inspect_text_putc(&line, '\n');
    status = cli_write(&line);
    inspect_text_free(&line);
    return status;
}

/* Returns the exit status. */
static int cli_explain_rule(const cli_options *options, const spnego_rule_text *rule)
{
    const char *vectors = options->vectors;
    int status;

    printf("%d %s (%s)\n", (int)rule->rule, rule->name, inspect_severity_name(rule->severity));
    status = cli_print_sentence(rule->sentence);
    printf("  source: %s\n", rule->citation);
    printf("  requirements: %s\n", rule->requirements);
    if (vectors == NULL && cli_is_directory("vectors"))
        vectors = "vectors";
    if (options->vectors != NULL && !cli_is_directory(vectors)) {
        cli_complain(vectors, "not a directory");
        status = CLI_NO_INPUT;
    } else if (vectors != NULL) {
        cli_list_below(vectors, rule->name, &status);
    }
    return status;
}

int cli_explain(int argc, char **argv)
{
    cli_options options;
    size_t num_rules;
    const spnego_rule_text *rules = spnego_rule_list(&num_rules);
    int worst = CLI_CLEAN;
    int status = cli_options_parse(&options, argc, argv);

    if (status < 0 && options.list && options.num_inputs == 0) {
        for (size_t i = 0; i < num_rules; i++)
            printf("%d %-7s %s: %s [%s]\n", (int)rules[i].rule,
                   inspect_severity_name(rules[i].severity), rules[i].name, rules[i].sentence,
                   rules[i].citation);
        status = CLI_CLEAN;
    } else if (status < 0 && (options.list || options.num_inputs == 0)) {
        cli_complain("explain", "name a rule, or --list; see `spnego explain --help`");
        status = CLI_USAGE;
    }
    for (size_t i = 0; status < 0 && i < options.num_inputs; i++) {
        const spnego_rule_text *rule = cli_find_rule(options.inputs[i]);
        if (rule == NULL) {
            cli_complain(options.inputs[i], "no such rule; see `spnego explain --list`");
            status = CLI_USAGE;
        } else {
            const int told = cli_explain_rule(&options, rule);
            worst = told > worst ? told : worst;
        }
    }
    cli_options_free(&options);
    return status < 0 ? worst : status;
}
