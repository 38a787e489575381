#include "transcript_file.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "vector_file.h"

static int begins_with(const char *line, const char *word)
{
    return strncmp(line, word, strlen(word)) == 0;
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

static void note_fault(transcript_file *file, const char *line)
{
    if (file->fault == NULL)
        file->fault = line;
}

static void take_key(transcript_file *file, char *line)
{
    char *value = cut_word(line);
    const struct {
        const char *name;
        const char **value;
    } keys[] = {{"title", &file->title}, {"cite", &file->cite},   {"origin", &file->origin},
                {"rule", &file->rule},   {"quirk", &file->quirk}, {"opens", &file->opens}};

    for (size_t i = 0; i < LEN(keys); i++) {
        if (strcmp(line, keys[i].name) == 0) {
            *keys[i].value = value;
            return;
        }
    }
    note_fault(file, line);
}

static void take_setting(transcript_file *file, transcript_side *side, char *line)
{
    char *value = cut_word(line);

    if (strcmp(line, "ends") == 0) {
        side->ends = value;
    } else if (side->num_settings == TRANSCRIPT_MAX_SETTINGS) {
        note_fault(file, line);
    } else {
        side->settings[side->num_settings++] = (transcript_setting){line, value};
    }
}

/* "I> NOTATION" or "A> NOTATION"; a line that is neither goes on with the token before it, which
 * ends right before it but for the NUL and the indentation. */
static void take_token(transcript_file *file, char *line)
{
    if (begins_with(line, "I>") || begins_with(line, "A>")) {
        if (file->num_tokens == TRANSCRIPT_MAX_TOKENS) {
            note_fault(file, line);
            return;
        }
        file->script[file->num_tokens++] =
            (transcript_token){line[0] == 'I' ? SPNEGO_INITIATOR : SPNEGO_ACCEPTOR, line + 2};
    } else if (file->num_tokens == 0) {
        note_fault(file, line);
    } else {
        char *const notation = file->script[file->num_tokens - 1].notation;

        for (char *gap = notation + strlen(notation); gap < line;)
            *gap++ = ' ';
    }
}

static void parse(transcript_file *file)
{
    enum { KEYS, SETTINGS, SCRIPT } block = KEYS;
    transcript_side *side = NULL;
    char *line = file->words, *next;

    file->sides[0].scripted = file->sides[1].scripted = 1;
    file->settings_len = strlen(file->text);
    for (; *line != '\0'; line = next) {
        char *words;

        next = line + strcspn(line, "\n");
        if (*next != '\0')
            *next++ = '\0';
        if (line[0] == '\0' || line[strspn(line, " ")] == '#')
            continue;
        if (strcmp(line, "conversation") == 0) {
            file->settings_len = (size_t)(line - file->words);
            break;
        }
        words = line + strspn(line, " ");
        if (words == line) {
            block = KEYS;
            if (strcmp(line, "script") == 0) {
                block = SCRIPT;
            } else if (strcmp(line, "initiator") == 0 || strcmp(line, "acceptor") == 0) {
                block = SETTINGS;
                side = &file->sides[line[0] == 'a'];
                side->scripted = 0;
            } else {
                take_key(file, line);
            }
        } else if (block == SETTINGS) {
            take_setting(file, side, words);
        } else if (block == SCRIPT) {
            take_token(file, words);
        } /* else a key's value goes on */
    }
    file->expected = file->text + file->settings_len;
}

size_t transcript_files_read(transcript_file **out_files)
{
    vector_file *found;
    const size_t num = vector_files_read(&found, "transcripts");

    *out_files = calloc(num + 1, sizeof **out_files);
    cr_assert_not_null(*out_files);
    for (size_t i = 0; i < num; i++) {
        transcript_file *file = *out_files + i;

        strcpy(file->path, found[i].path);
        file->text = read_text_file(file->path);
        file->words = read_text_file(file->path);
        cr_assert(file->text != NULL && file->words != NULL, "cannot read %s", file->path);
        parse(file);
    }
    vector_files_free(found, num);
    return num;
}

void transcript_files_free(transcript_file *files, size_t num)
{
    for (size_t i = 0; i < num; i++) {
        free(files[i].text);
        free(files[i].words);
    }
    free(files);
}

const char *transcript_setting_of(const transcript_side *side, const char *name)
{
    for (size_t i = 0; i < side->num_settings; i++)
        if (strcmp(side->settings[i].name, name) == 0)
            return side->settings[i].value;
    return NULL;
}

void transcript_rewrite(const transcript_file *file, const char *expected)
{
    FILE *out = fopen(file->path, "wb");

    cr_assert_not_null(out, "cannot write %s", file->path);
    cr_assert(fwrite(file->text, 1, file->settings_len, out) == file->settings_len &&
              fputs(expected, out) >= 0);
    cr_assert_eq(fclose(out), 0, "cannot write %s", file->path);
}
