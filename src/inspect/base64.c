#include "inspect/base64.h"

#include <spnego/base64.h>

/* 64 for what is no digit. */
static unsigned inspect_base64_value(uint8_t c)
{
    /* clang-format off */
    static const uint8_t values[128] = {
        64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
        64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
        64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 62, 64, 62, 64, 63,
        52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 64, 64, 64, 64, 64, 64,
        64,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14,
        15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 64, 64, 64, 64, 63,
        64, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
        41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 64, 64, 64, 64, 64};
    /* clang-format on */

    return c < 128 ? values[c] : 64;
}

int inspect_base64_is_digit(uint8_t c)
{
    return inspect_base64_value(c) < 64;
}

void inspect_base64_put(inspect_base64 *state, inspect_text *out, const uint8_t *piece, size_t len)
{
    uint8_t chunk[192]; /* many at once: a put has its price */
    size_t num = 0;

    for (size_t i = 0; i < len && !state->failed; i++) {
        const unsigned value = inspect_base64_value(piece[i]);

        if (piece[i] == ' ' || piece[i] == '\t' || piece[i] == '\r' || piece[i] == '\n')
            continue;
        if (piece[i] == '\\' && i + 1 < len && piece[i + 1] == '/')
            continue;
        if (piece[i] == '=') {
            state->num_pads++;
            continue;
        }
        if (value == 64 || state->num_pads > 0) {
            state->failed = 1;
            continue;
        }
        state->bits = state->bits << 6 | value;
        state->num_bits += 6;
        if (state->num_bits >= 8) {
            state->num_bits -= 8;
            chunk[num++] = (uint8_t)(state->bits >> state->num_bits);
            state->bits &= (1u << state->num_bits) - 1u;
            if (num == sizeof chunk) {
                inspect_text_put(out, chunk, num);
                num = 0;
            }
        }
    }
    inspect_text_put(out, chunk, num);
}

int inspect_base64_finish(const inspect_base64 *state)
{
    /* After four characters no bits are left, after three 2, after two 4; after one 6, which is
     * no octet. */
    return !state->failed && state->num_bits != 6 && state->num_pads <= 2 &&
           (state->num_pads == 0 || state->num_pads == state->num_bits / 2);
}

void inspect_base64_encode(inspect_text *out, spnego_bytes octets)
{
    char chunk[256];

    while (octets.len > 0) {
        spnego_bytes piece = octets;

        /* Pieces of threes make no padding but at the end. */
        if (piece.len > sizeof chunk / 4 * 3)
            piece.len = sizeof chunk / 4 * 3;
        inspect_text_put(out, chunk, spnego_base64_encode(chunk, sizeof chunk, piece));
        octets.data += piece.len;
        octets.len -= piece.len;
    }
}
