#include "vector_file.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

#define BIT(name) \
    { \
#name, SPNEGO_TOLERATE_##name \
    }
const struct vector_tolerance_name vector_tolerances[NUM_TOLERANCES] = {
    BIT(LONG_LENGTH),         BIT(LONG_OID_LENGTH),     BIT(TRAILING_BYTES),
    BIT(UNTRIMMED_REQ_FLAGS), BIT(MALFORMED_REQ_FLAGS), BIT(FRAMED_RESP),
    BIT(UNFRAMED_INIT),       BIT(FIELD_ORDER),         BIT(MISSING_MECH_TYPES),
    BIT(EMPTY_MECH_TYPES),    BIT(UNKNOWN_NEG_STATE),
};

uint32_t vector_tolerance(const char *name)
{
    for (size_t i = 0; i < NUM_TOLERANCES; i++)
        if (strcmp(vector_tolerances[i].name, name) == 0)
            return vector_tolerances[i].bit;
    return 0;
}

const char *vector_root(void)
{
    const char *root = getenv("SPNEGO_VECTORS");
    return root != NULL ? root : "vectors";
}

/* Ends the line at *text, moves past it and returns it. */
static char *take_line(char **text)
{
    char *line = *text, *end = strchr(line, '\n');

    if (end == NULL) {
        *text = line + strlen(line);
    } else {
        *end = '\0';
        *text = end + 1;
    }
    return line;
}

/* The hexadecimal of one line in buf from `len` on; returns the new length or SIZE_MAX. */
static size_t take_hex(uint8_t *buf, size_t len, const char *line)
{
    while (*line != '\0' && *line != '#') {
        unsigned octet;
        int used = 0;

        if (*line == ' ') {
            line++;
            continue;
        }
        if (sscanf(line, "%2x%n", &octet, &used) != 1 || used != 2)
            return SIZE_MAX;
        buf[len++] = (uint8_t)octet;
        line += 2;
    }
    return len;
}

static void take_key(vector_file *file, char *line)
{
    static const char *const ignored[] = {"redacted", "witness", "effect", "quirk"};
    char *value = line + strcspn(line, " ");
    const struct {
        const char *name;
        const char **value;
    } keys[] = {{"title", &file->title},   {"rule", &file->rule},   {"cite", &file->cite},
                {"origin", &file->origin}, {"as", &file->receiver}, {"room", &file->room}};

    if (*value != '\0') {
        *value = '\0';
        do
            value++;
        while (*value == ' ');
    }
    if (strcmp(line, "tolerate") == 0) {
        for (char *word = strtok(value, " "); word != NULL; word = strtok(NULL, " ")) {
            file->tolerate |= vector_tolerance(word);
            if (vector_tolerance(word) == 0)
                file->unknown_tolerance = word;
        }
        return;
    }
    for (size_t i = 0; i < LEN(keys); i++) {
        if (strcmp(line, keys[i].name) == 0) {
            *keys[i].value = value;
            return;
        }
    }
    for (size_t i = 0; i < LEN(ignored); i++)
        if (strcmp(line, ignored[i]) == 0)
            return;
    file->unknown_key = line;
}

static void parse(vector_file *file)
{
    char *at = file->text, *source = NULL, *expect = NULL;
    uint8_t *octets = malloc(strlen(file->text) / 2 + 1), *exact;
    size_t len = 0;
    char **block = NULL; /* where the lines of the block belong that is being read */
    int in_hex = 0, has_hex = 0;

    cr_assert_not_null(octets);
    while (*at != '\0') {
        char *const begin = at;
        char *line;

        /* A block's text is kept whole: its lines are found again by their indentation. */
        if (*at == ' ' && block != NULL) {
            if (*block == NULL)
                *block = begin;
            at += strcspn(at, "\n");
            at += *at == '\n';
            continue;
        }
        line = take_line(&at);
        if (line[0] == '\0' || line[0] == '#')
            continue;
        if (in_hex && line[0] == ' ') {
            if (len != SIZE_MAX)
                len = take_hex(octets, len, line);
            continue;
        }
        in_hex = 0;
        if (strcmp(line, "hex") == 0) {
            in_hex = has_hex = 1;
            block = NULL;
        } else if (strcmp(line, "source") == 0) {
            block = &source;
        } else if (strcmp(line, "expect") == 0) {
            block = &expect;
        } else if (line[0] != ' ') {
            take_key(file, line);
        }
    }
    file->source = source;
    file->expect = expect;
    if (has_hex && len != SIZE_MAX) {
        exact = malloc(len > 0 ? len : 1);
        cr_assert_not_null(exact);
        memcpy(exact, octets, len);
        file->octets.data = exact;
        file->octets.len = len;
    }
    free(octets);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

size_t vector_files_read(vector_file **out_files, const char *folder)
{
    char path[256], *names[4096];
    size_t num = 0;
    DIR *dir;

    cr_assert_lt(snprintf(path, sizeof path, "%s/%s", vector_root(), folder), (int)sizeof path);
    dir = opendir(path);
    cr_assert_not_null(dir, "cannot read %s", path);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        const char *ending = strrchr(entry->d_name, '.');

        if (ending == NULL || strcmp(ending, ".txt") != 0)
            continue;
        cr_assert_lt(num, LEN(names), "more files than there is room for");
        names[num] = malloc(strlen(entry->d_name) + 1);
        cr_assert_not_null(names[num]);
        strcpy(names[num++], entry->d_name);
    }
    closedir(dir);
    qsort(names, num, sizeof names[0], compare_names);

    *out_files = calloc(num + 1, sizeof **out_files);
    cr_assert_not_null(*out_files);
    for (size_t i = 0; i < num; i++) {
        vector_file *file = *out_files + i;

        cr_assert_lt(snprintf(file->path, sizeof file->path, "%s/%s", path, names[i]),
                     (int)sizeof file->path);
        free(names[i]);
        file->folder = folder;
        file->text = read_text_file(file->path);
        cr_assert_not_null(file->text, "cannot read %s", file->path);
        parse(file);
    }
    return num;
}

size_t vector_files_read_all(vector_file **out_files)
{
    static const char *const folders[] = {"accept", "reject", "captured"};
    vector_file *all = NULL;
    size_t num = 0;

    for (size_t i = 0; i < LEN(folders); i++) {
        vector_file *files;
        const size_t n = vector_files_read(&files, folders[i]);

        cr_assert_gt(n, 0u, "%s: no vectors", folders[i]);
        all = realloc(all, (num + n) * sizeof *all);
        cr_assert_not_null(all);
        memcpy(all + num, files, n * sizeof *all);
        num += n;
        free(files);
    }
    for (size_t i = 0; i < num; i++)
        cr_assert_not_null(all[i].octets.data, "%s: not hexadecimal", all[i].path);
    *out_files = all;
    return num;
}

void vector_files_free(vector_file *files, size_t num)
{
    for (size_t i = 0; i < num; i++) {
        free((void *)(uintptr_t)files[i].octets.data);
        free(files[i].text);
    }
    free(files);
}
