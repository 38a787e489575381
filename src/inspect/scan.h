/*
 * inspect/scan.h - finds tokens in text, line by line.
 *
 * A token may stand alone on its lines, wrapped, as base64 or in hexadecimal, or somewhere in a
 * line of other text; then it may go on in the lines below.  One block is open at a time: a run of
 * lines that would make one token.  It ends where the token's own length says so, at padding, at a
 * blank line, where another token begins, and where the lines change their kind.
 */
#ifndef SPNEGO_INSPECT_SCAN_H
#define SPNEGO_INSPECT_SCAN_H

#include "inspect/base64.h"
#include "inspect/input.h"

typedef enum inspect_form {
    INSPECT_FORM_NONE = 0,
    INSPECT_FORM_HEX,
    INSPECT_FORM_DUMP,
    INSPECT_FORM_BASE64,
    INSPECT_FORM_DECIMAL,
    INSPECT_FORM_QUOTED
} inspect_form;

/* The block being read. */
typedef struct inspect_block {
    inspect_form form;
    size_t start;   /* in the list's octets */
    int is_claimed; /* a header, or the user, says that this is a token */
    int is_header;  /* it follows a scheme */
    size_t num_lines;
    size_t width; /* of the first line that holds nothing else, 0 before it */
    size_t last_width;
    size_t last_octets; /* how many the last line of a dump had */
    int is_within;      /* other text stands before the offsets of a dump */
    int is_elided;      /* the next line of the dump says how often the last one is repeated */
    inspect_base64 base64;
} inspect_block;

typedef struct inspect_scan {
    inspect_list *list;
    inspect_from from;
    size_t num_before; /* items that the list had */
    inspect_block block;
    inspect_scheme scheme; /* of the block, or pending at the end of a line */
    int is_scheme_pending;
    inspect_text scratch; /* one line's octets, to look at them alone */
    size_t num_elided;
    size_t num_refused;   /* blocks that are no token */
    size_t num_other;     /* lines that are neither block nor comment */
    inspect_item refused; /* the first such block; its octets are kept */
} inspect_scan;

/* inspect_scan_begin makes *scan ready; `from` is one of auto, hex, base64 and header. */
void inspect_scan_begin(inspect_scan *scan, inspect_list *list, inspect_from from);

/* inspect_scan_line reads the next line, without its line feed. */
void inspect_scan_line(inspect_scan *scan, spnego_bytes line);

/* inspect_scan_end reads what is open to its end.  Where no token was found, but the whole text is
 * one block of octets, that becomes an item marked as a guess. */
void inspect_scan_end(inspect_scan *scan);

/* ---- Between scan.c, which reads lines, and scan_words.c, which reads inside them ------------ */

/* inspect_block_begin opens a block in place of the one that was open. */
void inspect_block_begin(inspect_scan *scan, inspect_form form);

/* inspect_block_end closes the open block, if there is one: an item if it is a token. */
void inspect_block_end(inspect_scan *scan);

/* inspect_block_octets returns what the open block holds so far. */
spnego_bytes inspect_block_octets(const inspect_scan *scan);

/* inspect_is_scheme returns 1 for the words "Negotiate" and "NTLM", which could be base64. */
int inspect_is_scheme(spnego_bytes word);

/* inspect_scan_words looks for tokens inside a line of other text.  The last one stays open if it
 * reaches the end of the line.  Returns how many were found. */
size_t inspect_scan_words(inspect_scan *scan, spnego_bytes line);

#endif /* SPNEGO_INSPECT_SCAN_H */
