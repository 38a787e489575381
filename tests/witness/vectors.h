/* witness/vectors.h - the octets under `hex` in the files of vectors/. */
#ifndef SPNEGO_TESTS_WITNESS_VECTORS_H
#define SPNEGO_TESTS_WITNESS_VECTORS_H

#include <spnego/types.h>

typedef struct vector {
    char *path;
    uint8_t *octets; /* exactly len of them, so that a sanitizer sees what is read past them */
    size_t len;
} vector;

typedef struct vectors {
    vector *items;
    size_t num_items;
} vectors;

/* vectors_load reads accept/, reject/ and captured/ under the folder that the environment variable
 * SPNEGO_VECTORS names, "vectors" without it, in the order of their names.  A file with several
 * `hex` blocks gives several items.  Ends the process with a message if there are none at all or
 * one cannot be read. */
void vectors_load(vectors *out);

void vectors_free(vectors *loaded);

#endif /* SPNEGO_TESTS_WITNESS_VECTORS_H */
