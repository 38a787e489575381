/*
 * tests/transcript_file.h - the files of vectors/transcripts/: whole conversations, each with what
 * both sides are told beforehand and what must come of it.  The format is in vectors/README.md.
 */
#ifndef SPNEGO_TESTS_TRANSCRIPT_FILE_H
#define SPNEGO_TESTS_TRANSCRIPT_FILE_H

#include <spnego/negotiate.h>

#include "scripted_file.h"

enum { TRANSCRIPT_MAX_SETTINGS = 24, TRANSCRIPT_MAX_TOKENS = 16 };

/* One side.  Without a block of its own it says what the script has for it. */
typedef struct transcript_side {
    int is_played;
    scripted_setting settings[TRANSCRIPT_MAX_SETTINGS];
    size_t num_settings;
    const char *ends; /* the verdict, which no rebasing changes; NULL if not played */
} transcript_side;

typedef struct transcript_token {
    spnego_role from;
    char *notation; /* for der_of */
} transcript_token;

typedef struct transcript_file {
    scripted_file base;
    int block;             /* what the lines that are being read belong to, */
    transcript_side *side; /* and whose they are                            */
    const char *title, *cite, *origin;
    const char *rule;         /* the one that it shows, or NULL                          */
    const char *quirk;        /* the one without which it would end with `rule`, or NULL */
    const char *opens;        /* who gets the first call: "acceptor", or NULL            */
    transcript_side sides[2]; /* initiator, acceptor */
    transcript_token script[TRANSCRIPT_MAX_TOKENS];
    size_t num_tokens;
} transcript_file;

/* transcript_files_read reads all of them in the order of their names, and returns how many there
 * are.  The test ends if the folder cannot be read. */
size_t transcript_files_read(transcript_file **out_files);

/* transcript_files_free frees the files and what they point to. */
void transcript_files_free(transcript_file *files, size_t num);

/* transcript_setting_of returns the value of a side's setting, or NULL. */
const char *transcript_setting_of(const transcript_side *side, const char *name);

#endif /* SPNEGO_TESTS_TRANSCRIPT_FILE_H */
