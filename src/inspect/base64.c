#include "inspect/base64.h"

#include <spnego/base64.h>

#include <string.h>

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

/* How many characters at p write one of "+/=" as an escape, with that in *c; 0 if they do not. */
static size_t inspect_base64_escape(uint8_t *c, const uint8_t *p, size_t len)
{
    static const struct {
        const char *text;
        uint8_t stands_for;
    } escapes[] = {{"\\/", '/'}, {"\\u002b", '+'}, {"\\u002f", '/'}, {"\\u003d", '='},
                   {"%2b", '+'}, {"%2f", '/'},     {"%3d", '='}};

    for (size_t i = 0; i < sizeof escapes / sizeof escapes[0]; i++) {
        const size_t n = strlen(escapes[i].text);
        size_t same = 0;

        /* Hexadecimal digits have two cases. */
        while (same < n && same < len &&
               (p[same] == (uint8_t)escapes[i].text[same] ||
                (p[same] >= 'A' && p[same] <= 'F' && (p[same] | 0x20) == escapes[i].text[same])))
            same++;
        if (same == n) {
            *c = escapes[i].stands_for;
            return n;
        }
    }
    return 0;
}

size_t inspect_base64_word(spnego_bytes text, size_t at)
{
    unsigned pads = 0;

    while (at < text.len && pads < 2) {
        uint8_t c = text.data[at];
        size_t used = 1;

        if (c == '\\' || c == '%')
            used = inspect_base64_escape(&c, text.data + at, text.len - at);
        if (used == 0 || (c != '=' && (pads > 0 || !inspect_base64_is_digit(c))))
            break;
        pads += c == '=' ? 1 : 0;
        at += used;
    }
    return at;
}

/* Takes groups of four digits up to what is none; returns how many characters those are. */
static size_t inspect_base64_put_groups(inspect_text *out, const uint8_t *piece, size_t len)
{
    char *to = len >= 4 ? inspect_text_room(out, len / 4 * 3) : NULL;
    size_t i = 0;

    if (to == NULL)
        return 0;
    for (; len - i >= 4; i += 4) {
        const unsigned a = inspect_base64_value(piece[i]), b = inspect_base64_value(piece[i + 1]);
        const unsigned c = inspect_base64_value(piece[i + 2]);
        const unsigned d = inspect_base64_value(piece[i + 3]);

        if (((a | b | c | d) & 64) != 0)
            break;
        *to++ = (char)(uint8_t)(a << 2 | b >> 4);
        *to++ = (char)(uint8_t)(b << 4 | c >> 2);
        *to++ = (char)(uint8_t)(c << 6 | d);
    }
    out->len = (size_t)(to - out->data);
    return i;
}

static void inspect_base64_put_digit(inspect_base64 *state, inspect_text *out, uint8_t c)
{
    const unsigned value = inspect_base64_value(c);

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

static int inspect_base64_is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void inspect_base64_put(inspect_base64 *state, inspect_text *out, const uint8_t *piece, size_t len)
{
    for (size_t i = 0; i < len && !state->failed; i++) {
        uint8_t c;

        if (state->num_bits == 0)
            i += inspect_base64_put_groups(out, piece + i, len - i);
        if (i == len)
            break;
        c = piece[i];
        if (inspect_base64_is_blank(c))
            continue;
        if (c == '\\' || c == '%') {
            const size_t used = inspect_base64_escape(&c, piece + i, len - i);
            i += used > 0 ? used - 1 : 0;
        }
        if (c == '=')
            state->num_pads++;
        else
            inspect_base64_put_digit(state, out, c);
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
