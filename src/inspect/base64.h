/*
 * inspect/base64.h - base64 as people paste it: standard or url-safe alphabet (RFC 4648 4, 5), with
 * or without padding, in pieces.
 */
#ifndef SPNEGO_INSPECT_BASE64_H
#define SPNEGO_INSPECT_BASE64_H

#include "inspect/text.h"

typedef struct inspect_base64 {
    uint32_t bits; /* of characters that make no whole octet yet */
    unsigned num_bits;
    unsigned num_pads;
    int failed; /* a character outside the alphabet, or something after the padding */
} inspect_base64;

/* A zero-filled inspect_base64 is ready. */

/* inspect_base64_is_digit returns 1 for the 64 characters of either alphabet. */
int inspect_base64_is_digit(uint8_t c);

/* inspect_base64_word returns where the digits that begin at `at` end, escapes and up to two pads
 * behind them included: JSON may write "\/" or "\u002b", a URL "%2B". */
size_t inspect_base64_word(spnego_bytes text, size_t at);

/* inspect_base64_put decodes the next piece and appends it to *out.  Blanks count for nothing, and
 * escapes for what they stand for. */
void inspect_base64_put(inspect_base64 *state, inspect_text *out, const uint8_t *piece, size_t len);

/* inspect_base64_finish returns 1 if the pieces together were base64: nothing is left over that
 * makes no octet, and the padding, if there is any, does not contradict. */
int inspect_base64_finish(const inspect_base64 *state);

/* inspect_base64_encode appends the standard form, padded, on one line. */
void inspect_base64_encode(inspect_text *out, spnego_bytes octets);

#endif /* SPNEGO_INSPECT_BASE64_H */
