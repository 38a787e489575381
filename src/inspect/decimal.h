/*
 * inspect/decimal.h - octets written as decimal numbers: arrays as Java, .NET, PowerShell, Go, Rust
 * and JavaScript print them.
 */
#ifndef SPNEGO_INSPECT_DECIMAL_H
#define SPNEGO_INSPECT_DECIMAL_H

#include "inspect/text.h"

/* inspect_decimal_run reads numbers from -128 to 255 with separators between them from the
 * beginning of `text` and appends an octet for each to *out.  Returns how many characters it used,
 * up to the last digit; 0 and appends nothing if they do not begin as a token does.  is_inside says
 * that they go on with a token: then nothing is asked of them. */
size_t inspect_decimal_run(inspect_text *out, spnego_bytes text, int is_inside);

/* inspect_decimal_line is inspect_decimal_run for a line that holds nothing else but separators and
 * a comment; returns 0 and appends nothing if it does. */
int inspect_decimal_line(inspect_text *out, spnego_bytes line, int is_inside);

#endif /* SPNEGO_INSPECT_DECIMAL_H */
