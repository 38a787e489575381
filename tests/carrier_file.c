#include "carrier_file.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "vector_file.h"

static void note_fault(carrier_file *file, const char *line)
{
    if (file->fault == NULL)
        file->fault = line;
}

/* Cuts a line after its first word and returns what follows, "" if nothing does. */
static char *cut_word(char *line)
{
    char *value = line + strcspn(line, " ");

    if (*value == '\0')
        return value;
    *value = '\0';
    return value + 1 + strspn(value + 1, " ");
}

static void take_key(carrier_file *file, char *line)
{
    char *value = cut_word(line);
    const struct {
        const char *name;
        const char **value;
    } keys[] = {{"title", &file->title},
                {"cite", &file->cite},
                {"origin", &file->origin},
                {"rule", &file->rule},
                {"carrier", &file->carrier}};

    for (size_t i = 0; i < LEN(keys); i++)
        if (strcmp(line, keys[i].name) == 0) {
            *keys[i].value = value;
            return;
        }
    note_fault(file, line);
}

static void take_setting(carrier_file *file, char *line)
{
    char *value = cut_word(line);

    if (strcmp(line, "ends") == 0)
        file->ends = value;
    else if (file->num_settings == CARRIER_MAX_SETTINGS)
        note_fault(file, line);
    else
        file->settings[file->num_settings++] = (carrier_setting){line, value};
}

/* A line that begins with "..." goes on with the notation before it, which ends right before it
 * but for the NUL and the indentation. */
static void take_move(carrier_file *file, char *line)
{
    carrier_move *move = &file->script[file->num_moves];

    if (strncmp(line, "...", 3) == 0 && file->num_moves != 0) {
        for (char *gap = move[-1].text + strlen(move[-1].text); gap < line + 3;)
            *gap++ = ' ';
        return;
    }
    if (file->num_moves == CARRIER_MAX_MOVES) {
        note_fault(file, line);
        return;
    }
    file->num_moves++;
    move->text = line;
    if (strcmp(line, "start") == 0)
        move->kind = 's';
    else if (strcmp(line, "end") == 0)
        move->kind = 'e';
    else if (line[0] == '<' || line[0] == '>') {
        move->kind = line[0];
        move->text = line + 1;
    } else
        move->kind = 'w';
}

static void parse(carrier_file *file)
{
    enum { KEYS, SIDE, SCRIPT } block = KEYS;
    char *line = file->words, *next;

    file->settings_len = strlen(file->text);
    for (; *line != '\0'; line = next) {
        char *words;

        next = line + strcspn(line, "\n");
        if (*next != '\0')
            *next++ = '\0';
        if (line[0] == '\0' || line[strspn(line, " ")] == '#')
            continue;
        if (strcmp(line, "log") == 0) {
            file->settings_len = (size_t)(line - file->words);
            break;
        }
        words = line + strspn(line, " ");
        if (words == line) {
            block = strcmp(line, "side") == 0 ? SIDE : strcmp(line, "script") == 0 ? SCRIPT : KEYS;
            if (block == KEYS)
                take_key(file, line);
        } else if (block == SIDE) {
            take_setting(file, words);
        } else if (block == SCRIPT) {
            take_move(file, words);
        } /* else a key's value goes on */
    }
    for (size_t i = 0; i < file->num_moves; i++)
        if (file->script[i].kind == '<' || file->script[i].kind == '>')
            file->script[i].octets = der_of(file->script[i].text);
    file->expected = file->text + file->settings_len;
}

size_t carrier_files_read(carrier_file **out_files)
{
    vector_file *found;
    const size_t num = vector_files_read(&found, "carriers");

    *out_files = calloc(num + 1, sizeof **out_files);
    cr_assert_not_null(*out_files);
    for (size_t i = 0; i < num; i++) {
        carrier_file *file = *out_files + i;

        strcpy(file->path, found[i].path);
        file->text = read_text_file(file->path);
        file->words = read_text_file(file->path);
        cr_assert(file->text != NULL && file->words != NULL, "cannot read %s", file->path);
        parse(file);
    }
    vector_files_free(found, num);
    return num;
}

void carrier_files_free(carrier_file *files, size_t num)
{
    for (size_t i = 0; i < num; i++) {
        free(files[i].text);
        free(files[i].words);
    }
    free(files);
}

const char *carrier_setting_of(const carrier_file *file, const char *name, const char *otherwise)
{
    for (size_t i = 0; i < file->num_settings; i++)
        if (strcmp(file->settings[i].name, name) == 0)
            return file->settings[i].value;
    return otherwise;
}

void carrier_rewrite(const carrier_file *file, const char *expected)
{
    FILE *out = fopen(file->path, "wb");

    cr_assert_not_null(out, "cannot write %s", file->path);
    cr_assert(fwrite(file->text, 1, file->settings_len, out) == file->settings_len &&
              fputs(expected, out) >= 0);
    cr_assert_eq(fclose(out), 0, "cannot write %s", file->path);
}
