/*
 * inspect/dump.h - octets written in hexadecimal, the ways people and programs write them.
 */
#ifndef SPNEGO_INSPECT_DUMP_H
#define SPNEGO_INSPECT_DUMP_H

#include "inspect/text.h"

/* inspect_hex_digit returns the value of a hexadecimal digit, or -1. */
int inspect_hex_digit(uint8_t c);

/* inspect_hex_run reads octets in hexadecimal from the beginning of `text` and appends them to
 * *out: pairs of digits, "0x60", "\x60", with blanks, commas, colons, semicolons, dashes and
 * quotes between them.  Returns how many characters it used, up to the last digit; 0 if there is
 * no octet.  The run ends before a word that is not made of digit pairs. */
size_t inspect_hex_run(inspect_text *out, spnego_bytes text);

/* inspect_hex_line is inspect_hex_run for a line that holds nothing else but separators and a
 * comment after '#'; returns 0 and appends nothing if it does. */
int inspect_hex_line(inspect_text *out, spnego_bytes line);

/* What inspect_dump_line found. */
typedef struct inspect_dump {
    int is_origin; /* the offset is zero */
    size_t num_octets;
} inspect_dump;

/* inspect_dump_line reads one line of xxd, od -tx1, hexdump -C, tcpdump -x or Wireshark: an offset,
 * octets, and perhaps what they are in ASCII.  Returns 1 and appends the octets to *out, or
 * returns 0 and appends nothing.  is_inside says that the lines before were such ones: then an
 * offset alone, which ends a dump, is one too. */
int inspect_dump_line(inspect_dump *dump, inspect_text *out, spnego_bytes line, int is_inside);

#endif /* SPNEGO_INSPECT_DUMP_H */
