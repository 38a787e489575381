/*
 * tests/scripted_file.h - what the files of vectors/transcripts/ and vectors/carriers/ have in
 * common: keys, blocks of indented lines written by hand, and behind a line of its own what was
 * recorded.  The format is in vectors/README.md.
 */
#ifndef SPNEGO_TESTS_SCRIPTED_FILE_H
#define SPNEGO_TESTS_SCRIPTED_FILE_H

#include <stddef.h>

typedef struct scripted_file {
    char path[256];
    char *text;           /* the file as it is                                    */
    size_t settings_len;  /* of its part before what was recorded                 */
    const char *expected; /* the rest; "" if there is none                        */
    const char *fault;    /* the first line that means nothing, or NULL           */
    char *words;          /* what is cut into lines and words, and pointed into   */
} scripted_file;

/* A line "NAME VALUE". */
typedef struct scripted_setting {
    const char *name, *value;
} scripted_setting;

typedef struct scripted_key {
    const char *name;
    const char **value;
} scripted_key;

/* Takes a line of a file: without its indentation, NUL-terminated.  No blank lines, no comments. */
typedef void scripted_line(void *file, char *line, int is_indented);

/* scripted_files_read makes an array of structs of `size` octets, each beginning with a
 * scripted_file, of the files in a folder of vectors/, in the order of their names; `take` gets
 * each line before the one that says `recorded`.  Returns how many there are.  The test ends if the
 * folder cannot be read. */
size_t scripted_files_read(void **out_files, size_t size, const char *folder, const char *recorded,
                           scripted_line *take);

/* scripted_files_free frees the array and what the files point to. */
void scripted_files_free(void *files, size_t num, size_t size);

/* scripted_rewrite replaces what was recorded; `recorded` begins with the line that says so. */
void scripted_rewrite(const scripted_file *file, const char *recorded);

/* scripted_fault notes a line that means nothing. */
void scripted_fault(scripted_file *file, const char *line);

/* scripted_cut_word cuts a line after its first word and returns what follows, "" if nothing does.
 */
char *scripted_cut_word(char *line);

/* scripted_take_key puts a line's value where the key of that name is; no such key is a fault. */
void scripted_take_key(scripted_file *file, const scripted_key *keys, size_t num_keys, char *line);

/* scripted_setting_of returns the value of a setting, or `otherwise`. */
const char *scripted_setting_of(const scripted_setting *settings, size_t num_settings,
                                const char *name, const char *otherwise);

/* scripted_go_on makes a line that belongs to the notation before it part of it: that ends right
 * before it but for the NUL and the indentation. */
void scripted_go_on(char *notation, const char *line);

/* ---- What is recorded ---------------------------------------------------------------------- */

/* say writes behind what was said before, and what_was_said is all of it.  The test ends if it is
 * too much. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *what_was_said(void);

#endif /* SPNEGO_TESTS_SCRIPTED_FILE_H */
