/*
 * tests/vector_file.h - the files under vectors/ as the tests see them; the format is in
 * vectors/README.md.  A parser of its own, so that the command's is not taken at its word.
 */
#ifndef SPNEGO_TESTS_VECTOR_FILE_H
#define SPNEGO_TESTS_VECTOR_FILE_H

#include <spnego/token.h>

typedef struct vector_file {
    char path[256];
    const char *folder; /* "accept", "reject" or "captured" */
    char *text;         /* the file, for the pointers below */
    const char *title, *rule, *cite, *origin, *receiver, *room; /* keys' values, or NULL */
    uint32_t tolerate;
    const char *unknown_key;       /* the first line of the head that is no key, or NULL */
    const char *unknown_tolerance; /* the first such name, or NULL */
    spnego_bytes octets;           /* exactly sized; data NULL if the hex block is malformed */
    const char *source, *expect;   /* the blocks' lines, or NULL */
} vector_file;

/* vector_files_read reads all files of one folder in the order of their names, and returns how
 * many there are.  SPNEGO_VECTORS, or else "vectors", holds the folders.  The test ends if the
 * folder cannot be read. */
size_t vector_files_read(vector_file **out_files, const char *folder);

/* vector_files_read_all reads the three folders one after the other; the test ends too if a hex
 * block is malformed. */
size_t vector_files_read_all(vector_file **out_files);

/* vector_files_free frees the files and what they point to. */
void vector_files_free(vector_file *files, size_t num);

/* vector_root returns the folder that holds the folders. */
const char *vector_root(void);

/* vector_tolerance returns the bit of a tolerance's name, 0 if there is none. */
uint32_t vector_tolerance(const char *name);

#define NUM_TOLERANCES 11
extern const struct vector_tolerance_name {
    const char *name;
    uint32_t bit;
} vector_tolerances[NUM_TOLERANCES];

#endif /* SPNEGO_TESTS_VECTOR_FILE_H */
