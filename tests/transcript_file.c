#include "transcript_file.h"

#include <string.h>

#include "support.h"

static int begins_with(const char *line, const char *word)
{
    return strncmp(line, word, strlen(word)) == 0;
}

static void take_key(transcript_file *file, char *line)
{
    const scripted_key keys[] = {{"title", &file->title},   {"cite", &file->cite},
                                 {"origin", &file->origin}, {"rule", &file->rule},
                                 {"quirk", &file->quirk},   {"opens", &file->opens}};

    scripted_take_key(&file->base, keys, LEN(keys), line);
}

static void take_setting(transcript_file *file, transcript_side *side, char *line)
{
    char *value = scripted_cut_word(line);

    if (strcmp(line, "ends") == 0) {
        side->ends = value;
    } else if (side->num_settings == TRANSCRIPT_MAX_SETTINGS) {
        scripted_fault(&file->base, line);
    } else {
        side->settings[side->num_settings++] = (scripted_setting){line, value};
    }
}

/* "I> NOTATION" or "A> NOTATION"; a line that is neither goes on with the token before it. */
static void take_token(transcript_file *file, char *line)
{
    if (begins_with(line, "I>") || begins_with(line, "A>")) {
        if (file->num_tokens == TRANSCRIPT_MAX_TOKENS) {
            scripted_fault(&file->base, line);
            return;
        }
        file->script[file->num_tokens++] =
            (transcript_token){line[0] == 'I' ? SPNEGO_INITIATOR : SPNEGO_ACCEPTOR, line + 2};
    } else if (file->num_tokens == 0) {
        scripted_fault(&file->base, line);
    } else {
        scripted_go_on(file->script[file->num_tokens - 1].notation, line);
    }
}

static void take_line(void *self, char *line, int is_indented)
{
    enum { KEYS, SETTINGS, SCRIPT };
    transcript_file *file = self;

    if (!is_indented && strcmp(line, "script") == 0) {
        file->block = SCRIPT;
    } else if (!is_indented && (strcmp(line, "initiator") == 0 || strcmp(line, "acceptor") == 0)) {
        file->block = SETTINGS;
        file->side = &file->sides[line[0] == 'a'];
        file->side->is_played = 1;
    } else if (!is_indented) {
        file->block = KEYS;
        take_key(file, line);
    } else if (file->block == SETTINGS) {
        take_setting(file, file->side, line);
    } else if (file->block == SCRIPT) {
        take_token(file, line);
    } /* else a key's value goes on */
}

size_t transcript_files_read(transcript_file **out_files)
{
    void *read;
    const size_t num =
        scripted_files_read(&read, sizeof **out_files, "transcripts", "conversation", take_line);

    *out_files = read;
    return num;
}

void transcript_files_free(transcript_file *files, size_t num)
{
    scripted_files_free(files, num, sizeof *files);
}

const char *transcript_setting_of(const transcript_side *side, const char *name)
{
    return scripted_setting_of(side->settings, side->num_settings, name, NULL);
}
