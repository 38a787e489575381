/*
 * spnego/base64.h - base64 as protocols carry it (RFC 4648 4): one line, padded, nothing between.
 */
#ifndef SPNEGO_BASE64_H
#define SPNEGO_BASE64_H

#include <spnego/rules.h>
#include <spnego/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What may be forgiven when reading. */
#define SPNEGO_BASE64_UNPADDED 1u /* the '=' at the end are missing, all of them (RFC 4648 3.2) */
#define SPNEGO_BASE64_PAD_BITS 2u /* the bits that fill the last digit are not 0 (RFC 4648 3.5) */

/* spnego_base64_encoded_len returns the number of characters that `len` octets make; 0 if that is
 * more than a size_t holds. */
SPNEGO_API size_t spnego_base64_encoded_len(size_t len);

/* spnego_base64_encode writes `octets` as characters, without a NUL, and returns how many they are.
 * If they are more than out_len it writes nothing and returns 0. */
SPNEGO_API size_t spnego_base64_encode(char *out, size_t out_len, spnego_bytes octets);

/* spnego_base64_decode reads the `len` characters of `text`, which may be any octets at all; no
 * characters are no octets.  *out_len is the room at `out` before, and the number of octets after.
 * len / 4 * 3 + 2 is always enough, and exactly as many as there are is too; out may be `text`
 * itself, and NULL if there is no room.  Returns SPNEGO_RULE_NONE; or BASE64_CHARACTER,
 * BASE64_LENGTH, BASE64_PADDING or BASE64_PAD_BITS, with the place of the fault in *out_offset; or
 * CALL_BAD_ARGUMENT if there is not room enough.  On failure *out_len is 0, and what is at `out`
 * has no meaning.  out_offset may be NULL, and is left alone but for those four.  `tolerate`:
 * SPNEGO_BASE64_*. */
SPNEGO_API SPNEGO_MUST_USE spnego_rule spnego_base64_decode(uint8_t *out, size_t *out_len,
                                                            size_t *out_offset, const char *text,
                                                            size_t len, uint32_t tolerate);

#ifdef __cplusplus
}
#endif
#endif /* SPNEGO_BASE64_H */
