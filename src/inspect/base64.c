#include "inspect/base64.h"

/* The value of a character, or 64. */
static unsigned inspect_base64_value(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26u;
    if (c >= '0' && c <= '9')
        return c - '0' + 52u;
    if (c == '+' || c == '-')
        return 62;
    if (c == '/' || c == '_')
        return 63;
    return 64;
}

int inspect_base64_is_digit(uint8_t c)
{
    return inspect_base64_value(c) < 64;
}

void inspect_base64_put(inspect_base64 *state, inspect_text *out, const uint8_t *piece, size_t len)
{
    for (size_t i = 0; i < len; i++) {
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
            return;
        }
        state->bits = state->bits << 6 | value;
        state->num_bits += 6;
        if (state->num_bits >= 8) {
            state->num_bits -= 8;
            inspect_text_putc(out, (char)(uint8_t)(state->bits >> state->num_bits));
            state->bits &= (1u << state->num_bits) - 1u;
        }
    }
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
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < octets.len; i += 3) {
        const size_t left = octets.len - i;
        const uint32_t group = (uint32_t)octets.data[i] << 16 |
                               (left > 1 ? (uint32_t)octets.data[i + 1] << 8 : 0) |
                               (left > 2 ? (uint32_t)octets.data[i + 2] : 0);
        inspect_text_putc(out, digits[group >> 18]);
        inspect_text_putc(out, digits[group >> 12 & 63]);
        inspect_text_putc(out, left > 1 ? digits[group >> 6 & 63] : '=');
        inspect_text_putc(out, left > 2 ? digits[group & 63] : '=');
    }
}
