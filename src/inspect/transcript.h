/*
 * inspect/transcript.h - conversations as text: "I: TOKEN" and "A: TOKEN" lines, and the files of
 * vectors/transcripts and vectors/exchanges.
 */
#ifndef SPNEGO_INSPECT_TRANSCRIPT_H
#define SPNEGO_INSPECT_TRANSCRIPT_H

#include "inspect/reading.h"
#include "inspect/text.h"

#define INSPECT_TRANSCRIPT_MAX_TURNS 64

typedef struct inspect_transcript {
    inspect_text octets; /* of all tokens */
    struct {
        inspect_role sender;
        size_t offset, len;
    } turns[INSPECT_TRANSCRIPT_MAX_TURNS];
    size_t num_turns;
    size_t bad_line; /* the first that cannot be read, 0: none */
} inspect_transcript;

/* inspect_transcript_read reads `text` into *out, which is zero-filled or was read before.  Returns
 * 1, or 0 if it is no conversation, or with bad_line if one of its lines is no token. */
int inspect_transcript_read(inspect_transcript *out, spnego_bytes text);

/* inspect_transcript_token returns the octets of a turn, valid as long as the transcript stays. */
spnego_bytes inspect_transcript_token(const inspect_transcript *transcript, size_t turn);

void inspect_transcript_free(inspect_transcript *transcript);

#endif /* SPNEGO_INSPECT_TRANSCRIPT_H */
