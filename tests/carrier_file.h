/*
 * tests/carrier_file.h - the files of vectors/carriers/: one side of a carrier's session, what it
 * is given, and what must come of it.  The format is in vectors/README.md.
 */
#ifndef SPNEGO_TESTS_CARRIER_FILE_H
#define SPNEGO_TESTS_CARRIER_FILE_H

#include <spnego/carrier.h>

#include "scripted_file.h"

enum { CARRIER_MAX_SETTINGS = 24, CARRIER_MAX_MOVES = 32 };

/* A line of the script: "start", "< NOTATION" (from the peer), "> NOTATION" (from the application),
 * "end" (the peer's stream ends), or words of the carrier's own.  Notation is that of der_of. */
typedef struct carrier_move {
    char kind;  /* 's' '<' '>' 'e', or 'w' for the carrier's words */
    char *text; /* the notation, or the words                      */
    spnego_bytes octets;
} carrier_move;

typedef struct carrier_file {
    scripted_file base;
    int block; /* what the lines that are being read belong to */
    const char *title, *cite, *origin, *carrier;
    const char *rule; /* the one that it shows, or NULL */
    scripted_setting settings[CARRIER_MAX_SETTINGS];
    size_t num_settings;
    const char *ends; /* the status, and behind it the rule if it failed; no rebasing changes it */
    carrier_move script[CARRIER_MAX_MOVES];
    size_t num_moves;
} carrier_file;

/* carrier_files_read reads all of them in the order of their names, and returns how many there
 * are.  The test ends if the folder cannot be read. */
size_t carrier_files_read(carrier_file **out_files);

/* carrier_files_free frees the files and what they point to. */
void carrier_files_free(carrier_file *files, size_t num);

/* carrier_setting_of returns the value of a setting, or `otherwise`. */
const char *carrier_setting_of(const carrier_file *file, const char *name, const char *otherwise);

#endif /* SPNEGO_TESTS_CARRIER_FILE_H */
