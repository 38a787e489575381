/*
 * inspect/transcript.h - conversations as text: "I: TOKEN" and "A: TOKEN" lines, and the files of
 * vectors/transcripts and vectors/exchanges.
 */
#ifndef SPNEGO_INSPECT_TRANSCRIPT_H
#define SPNEGO_INSPECT_TRANSCRIPT_H

#include "inspect/reading.h"
#include "inspect/text.h"

#define INSPECT_TRANSCRIPT_MAX_TURNS 64

/* What was said as part of a token that comes in pieces (MS-SPNG 3.1.5.6, 3.1.5.9). */
typedef enum inspect_part {
    INSPECT_WHOLE = 0,    /* no part: a token, or the last piece of one */
    INSPECT_PIECE,        /* more of them are to come */
    INSPECT_PIECE_FETCH,  /* nothing, which asks the other side for the next */
    INSPECT_PIECE_EMPTY,  /* nothing where a piece should be */
    INSPECT_PIECE_SURPLUS /* more than the header announced */
} inspect_part;

typedef struct inspect_transcript {
    inspect_text octets; /* of all tokens */
    struct {
        inspect_role sender;
        size_t offset, len; /* with the pieces before */
        inspect_part part;
        int is_base64;
        int is_replaced; /* on its way, by the next one */
    } turns[INSPECT_TRANSCRIPT_MAX_TURNS];
    size_t num_turns;
    size_t bad_line; /* the first that cannot be read, 0: none */
} inspect_transcript;

/* inspect_transcript_read reads `text` into *out, which is zero-filled or was read before.  Returns
 * 1, or 0 if it is no conversation, or with bad_line if one of its lines is no token. */
int inspect_transcript_read(inspect_transcript *out, spnego_bytes text);

/* inspect_transcript_token returns the octets of a turn, those of the pieces before included, valid
 * as long as the transcript stays. */
spnego_bytes inspect_transcript_token(const inspect_transcript *transcript, size_t turn);

void inspect_transcript_free(inspect_transcript *transcript);

#endif /* SPNEGO_INSPECT_TRANSCRIPT_H */
