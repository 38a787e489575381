#include "carrier_file.h"

#include <string.h>

#include "support.h"

static void take_key(carrier_file *file, char *line)
{
    const scripted_key keys[] = {{"title", &file->title},
                                 {"cite", &file->cite},
                                 {"origin", &file->origin},
                                 {"rule", &file->rule},
                                 {"carrier", &file->carrier}};

    scripted_take_key(&file->base, keys, LEN(keys), line);
}

static void take_setting(carrier_file *file, char *line)
{
    char *value = scripted_cut_word(line);

    if (strcmp(line, "ends") == 0)
        file->ends = value;
    else if (file->num_settings == CARRIER_MAX_SETTINGS)
        scripted_fault(&file->base, line);
    else
        file->settings[file->num_settings++] = (scripted_setting){line, value};
}

/* A line that begins with "..." goes on with the notation before it. */
static void take_move(carrier_file *file, char *line)
{
    carrier_move *move = &file->script[file->num_moves];

    if (strncmp(line, "...", 3) == 0 && file->num_moves != 0) {
        scripted_go_on(move[-1].text, line + 3);
        return;
    }
    if (file->num_moves == CARRIER_MAX_MOVES) {
        scripted_fault(&file->base, line);
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

static void take_line(void *self, char *line, int is_indented)
{
    enum { KEYS, SIDE, SCRIPT };
    carrier_file *file = self;

    if (!is_indented) {
        file->block = strcmp(line, "side") == 0     ? SIDE
                      : strcmp(line, "script") == 0 ? SCRIPT
                                                    : KEYS;
        if (file->block == KEYS)
            take_key(file, line);
    } else if (file->block == SIDE) {
        take_setting(file, line);
    } else if (file->block == SCRIPT) {
        take_move(file, line);
    } /* else a key's value goes on */
}

size_t carrier_files_read(carrier_file **out_files)
{
    void *read;
    const size_t num = scripted_files_read(&read, sizeof **out_files, "carriers", "log", take_line);

    *out_files = read;
    for (carrier_file *file = read; file < *out_files + num; file++)
        for (size_t i = 0; i < file->num_moves; i++)
            if (file->script[i].kind == '<' || file->script[i].kind == '>')
                file->script[i].octets = der_of(file->script[i].text);
    return num;
}

void carrier_files_free(carrier_file *files, size_t num)
{
    scripted_files_free(files, num, sizeof *files);
}

const char *carrier_setting_of(const carrier_file *file, const char *name, const char *otherwise)
{
    return scripted_setting_of(file->settings, file->num_settings, name, otherwise);
}
