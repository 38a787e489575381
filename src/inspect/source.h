/*
 * inspect/source.h - octets as text that a person can read and edit, and back: the language of a
 * vector's `source` block.
 *
 *     [APPLICATION 0] {
 *       OBJECT_IDENTIFIER { 1.3.6.1.5.5.2 }
 *       long-form:2 [0] { SEQUENCE { } }      # 82 00 02: two length octets where one would do
 *     }
 *
 * Elements are a name (SEQUENCE, OCTET_STRING, ...) or a tag ([0], [APPLICATION 0],
 * [UNIVERSAL 4], [0 PRIMITIVE]) and what is in them between braces: elements, octets in
 * hexadecimal between backquotes, "text", whole numbers, OIDs in dotted form.  Before an element
 * may stand `long-form:N` (its length in N octets after the first), `adjust-length:+N` or `-N` (a
 * length that is wrong on purpose) and `indefinite`.  Comments go from # to the end of the line.
 */
#ifndef SPNEGO_INSPECT_SOURCE_H
#define SPNEGO_INSPECT_SOURCE_H

#include "inspect/reading.h"
#include "inspect/text.h"

/* How deep elements may nest; SPNEGO needs eight. */
#define INSPECT_SOURCE_MAX_DEPTH 32

/* Where source text is wrong. */
typedef struct inspect_source_fault {
    size_t line;          /* from 1 */
    const char *sentence; /* NULL if nothing is wrong */
} inspect_source_fault;

/* inspect_source_read appends the octets that `source` stands for to *out and returns 1, or
 * returns 0 with *fault set and nothing appended. */
int inspect_source_read(inspect_text *out, inspect_source_fault *fault, spnego_bytes source);

/* inspect_source_write writes source text, indented by two, from which inspect_source_read makes
 * the same octets whatever they are; comments name what `reading` knows. */
void inspect_source_write(inspect_text *out, const inspect_reading *reading);

/* The names of universal types, by identifier octet. */
typedef struct inspect_tag_name {
    uint8_t tag;
    const char *name;
} inspect_tag_name;

/* inspect_tag_find_name returns the name for an identifier octet, or NULL. */
const char *inspect_tag_find_name(uint8_t tag);

/* inspect_tag_find returns the identifier octet for a name, or 0. */
uint8_t inspect_tag_find(spnego_bytes name);

/* inspect_length_put writes length octets: `octets` of them after the first, or as few as
 * possible where that is 0.  Returns 0 if the length does not fit. */
int inspect_length_put(uint8_t out[9], size_t *out_len, uint64_t length, size_t octets);

#endif /* SPNEGO_INSPECT_SOURCE_H */
