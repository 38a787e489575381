/*
 * inspect/vector.h - a test vector: one text file with what it is, its source, its octets and what
 * is to be said about them.
 *
 *     title    First reply carries supportedMech but no negState
 *     tolerate LONG_LENGTH
 *     as       initiator
 *
 *     source
 *       [1] { SEQUENCE { } }
 *
 *     hex
 *       a1 02 30 00
 *
 *     expect
 *       off=0 len=4 NegTokenResp
 *
 * Lines that begin with a known key, their continuations, which are indented, and comments are
 * kept as they are; the three blocks are indented below their names.
 */
#ifndef SPNEGO_INSPECT_VECTOR_H
#define SPNEGO_INSPECT_VECTOR_H

#include "inspect/reading.h"
#include "inspect/text.h"

enum { INSPECT_BLOCK_SOURCE = 0, INSPECT_BLOCK_HEX, INSPECT_BLOCK_EXPECT, INSPECT_NUM_BLOCKS };

/* Views of the file's text. */
typedef struct inspect_vector {
    spnego_bytes head;                       /* all that stands before the first block */
    spnego_bytes before[INSPECT_NUM_BLOCKS]; /* comments right before a block */
    spnego_bytes block[INSPECT_NUM_BLOCKS];  /* absent where there is none */
    spnego_bytes tail;                       /* comments after the last block */
    size_t source_line;                      /* number of the source block's first line */
    uint32_t tolerate;                       /* SPNEGO_TOLERATE_* */
    inspect_role receiver;
    spnego_bytes bad_value; /* a word of `tolerate` or `as` that is none, absent if all is well */
} inspect_vector;

/* inspect_is_vector returns 1 if the text has one of the blocks. */
int inspect_is_vector(spnego_bytes text);

/* inspect_is_transcript says whether the text is a whole conversation (vectors/transcripts), whose
 * keys are read as those of a vector. */
int inspect_is_transcript(spnego_bytes text);

/* inspect_vector_parse takes a file apart; *out views `text`. */
void inspect_vector_parse(inspect_vector *out, spnego_bytes text);

/* inspect_vector_key returns the value of a key's line, absent where there is none. */
spnego_bytes inspect_vector_key(const inspect_vector *vector, const char *key);

/* inspect_vector_octets appends what the hex block says; 0 if it is absent or not hexadecimal. */
int inspect_vector_octets(const inspect_vector *vector, inspect_text *out);

/* inspect_vector_write writes a file in the same layout.  `source` is the text of a source block,
 * indented, or absent: then that of the vector stays. */
void inspect_vector_write(inspect_text *out, const inspect_vector *vector, spnego_bytes source,
                          const inspect_reading *reading);

/* inspect_tolerate_bit returns the SPNEGO_TOLERATE_* of that name, without its prefix, in either
 * case; 0 if there is none. */
uint32_t inspect_tolerate_bit(spnego_bytes name);

/* inspect_tolerate_parse reads a list of such names, with blanks or commas between; "NOTHING",
 * "INTEROPERABLE" and "ALL" are names too.  Returns 1, or 0 with *out_bad the word that is none. */
int inspect_tolerate_parse(uint32_t *out, spnego_bytes *out_bad, spnego_bytes list);

/* inspect_tolerate_write writes the names of `bits`, with blanks between. */
void inspect_tolerate_write(inspect_text *out, uint32_t bits);

#endif /* SPNEGO_INSPECT_VECTOR_H */
