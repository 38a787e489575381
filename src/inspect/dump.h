/*
 * inspect/dump.h - the lines of a dump: an offset, octets in hexadecimal, what they are in ASCII.
 */
#ifndef SPNEGO_INSPECT_DUMP_H
#define SPNEGO_INSPECT_DUMP_H

#include "inspect/hex.h"

/* What inspect_dump_line found. */
typedef struct inspect_dump {
    uint64_t offset; /* read as hexadecimal */
    size_t num_octets;
} inspect_dump;

/* inspect_dump_line reads one line of xxd, od -tx1, hexdump -C, tcpdump -x, Wireshark, Java, Samba,
 * PowerShell or a debugger: an offset, octets, and perhaps what they are in ASCII.  Returns 1 and
 * appends the octets to *out, or returns 0 and appends nothing.  is_inside says that the lines
 * before were such ones: then an offset alone, which ends a dump, is one too. */
int inspect_dump_line(inspect_dump *dump, inspect_text *out, spnego_bytes line, int is_inside);

/* inspect_dump_within is inspect_dump_line for a line of a log: something stands before the offset,
 * which is `offset`. */
int inspect_dump_within(inspect_dump *dump, inspect_text *out, spnego_bytes line, uint64_t offset);

/* inspect_hex_ascii_line reads a line of a dump without an offset: pairs of digits, two blanks or
 * more, and the same octets in ASCII.  Returns 0 and appends nothing if it is none, or if the two
 * contradict. */
int inspect_hex_ascii_line(inspect_text *out, spnego_bytes line);

#endif /* SPNEGO_INSPECT_DUMP_H */
