/*
 * inspect/hex.h - octets written in hexadecimal, the ways people and programs write them in a row.
 */
#ifndef SPNEGO_INSPECT_HEX_H
#define SPNEGO_INSPECT_HEX_H

#include "inspect/text.h"

/* inspect_hex_digit returns the value of a hexadecimal digit, or -1. */
int inspect_hex_digit(uint8_t c);

/* inspect_hex_count returns how many hexadecimal digits stand at `at`. */
size_t inspect_hex_count(spnego_bytes text, size_t at);

/* inspect_hex_put appends the octets of n digits, an even number. */
void inspect_hex_put(inspect_text *out, const uint8_t *digits, size_t n);

/* inspect_skip_separators returns where what stands between octets ends: blanks, commas, colons,
 * semicolons, dashes, quotes, and the cast "(byte)". */
size_t inspect_skip_separators(spnego_bytes text, size_t at);

/* inspect_is_rest returns 1 if nothing but separators and a comment stands from `at` on. */
int inspect_is_rest(spnego_bytes text, size_t at);

/* inspect_hex_run reads octets in hexadecimal from the beginning of `text` and appends them to
 * *out: pairs of digits, "0x60", "\x60", with separators between them.  Returns how many characters
 * it used, up to the last digit; 0 if there is no octet.  The run ends before a word that is not
 * made of digit pairs, and where a token is complete and what separates the octets changes. */
size_t inspect_hex_run(inspect_text *out, spnego_bytes text);

/* inspect_hex_line is inspect_hex_run for a line that holds nothing else but separators and a
 * comment; returns 0 and appends nothing if it does. */
int inspect_hex_line(inspect_text *out, spnego_bytes line);

#endif /* SPNEGO_INSPECT_HEX_H */
