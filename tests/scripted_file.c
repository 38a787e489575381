#include "scripted_file.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "vector_file.h"

/* ---- Lines ---------------------------------------------------------------------------------- */

void scripted_fault(scripted_file *file, const char *line)
{
    if (file->fault == NULL)
        file->fault = line;
}

char *scripted_cut_word(char *line)
{
    char *value = line + strcspn(line, " ");

    if (*value == '\0')
        return value;
    *value = '\0';
    return value + 1 + strspn(value + 1, " ");
}

void scripted_take_key(scripted_file *file, const scripted_key *keys, size_t num_keys, char *line)
{
    char *value = scripted_cut_word(line);

    for (size_t i = 0; i < num_keys; i++)
        if (strcmp(line, keys[i].name) == 0) {
            *keys[i].value = value;
            return;
        }
    scripted_fault(file, line);
}

const char *scripted_setting_of(const scripted_setting *settings, size_t num_settings,
                                const char *name, const char *otherwise)
{
    for (size_t i = 0; i < num_settings; i++)
        if (strcmp(settings[i].name, name) == 0)
            return settings[i].value;
    return otherwise;
}

void scripted_go_on(char *notation, const char *line)
{
    for (char *gap = notation + strlen(notation); gap < line;)
        *gap++ = ' ';
}

/* ---- Files ---------------------------------------------------------------------------------- */

static void parse(scripted_file *file, const char *recorded, scripted_line *take)
{
    char *line = file->words, *next;

    file->settings_len = strlen(file->text);
    for (; *line != '\0'; line = next) {
        char *words = line + strspn(line, " ");

        next = line + strcspn(line, "\n");
        if (*next != '\0')
            *next++ = '\0';
        if (line[0] == '\0' || *words == '#')
            continue;
        if (strcmp(line, recorded) == 0) {
            file->settings_len = (size_t)(line - file->words);
            break;
        }
        take(file, words, words != line);
    }
    file->expected = file->text + file->settings_len;
}

size_t scripted_files_read(void **out_files, size_t size, const char *folder, const char *recorded,
                           scripted_line *take)
{
    vector_file *found;
    const size_t num = vector_files_read(&found, folder);
    char *files = calloc(num + 1, size);

    cr_assert_not_null(files);
    for (size_t i = 0; i < num; i++) {
        scripted_file *file = (scripted_file *)(void *)(files + i * size);

        strcpy(file->path, found[i].path);
        file->text = read_text_file(file->path);
        file->words = read_text_file(file->path);
        cr_assert(file->text != NULL && file->words != NULL, "cannot read %s", file->path);
        parse(file, recorded, take);
    }
    vector_files_free(found, num);
    *out_files = files;
    return num;
}

void scripted_files_free(void *files, size_t num, size_t size)
{
    for (size_t i = 0; i < num; i++) {
        scripted_file *file = (scripted_file *)(void *)((char *)files + i * size);

        free(file->text);
        free(file->words);
    }
    free(files);
}

void scripted_rewrite(const scripted_file *file, const char *recorded)
{
    FILE *out = fopen(file->path, "wb");

    cr_assert_not_null(out, "cannot write %s", file->path);
    cr_assert(fwrite(file->text, 1, file->settings_len, out) == file->settings_len &&
              fputs(recorded, out) >= 0);
    cr_assert_eq(fclose(out), 0, "cannot write %s", file->path);
}

/* ---- What is recorded ----------------------------------------------------------------------- */

static char said[1 << 18];

void say(const char *format, ...)
{
    static size_t said_len;
    va_list arguments;
    int len;

    va_start(arguments, format);
    len = vsnprintf(said + said_len, sizeof said - said_len, format, arguments);
    va_end(arguments);
    cr_assert(len >= 0 && (size_t)len < sizeof said - said_len, "there is too much to say");
    said_len += (size_t)len;
}

const char *what_was_said(void)
{
    return said;
}
