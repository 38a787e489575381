#include "inspect/quoted.h"

#include <string.h>

#include "inspect/hex.h"
#include "inspect/looks.h"

/* After so many octets what begins like a token is looked at once more: a text of many quotes is
 * not read to its end from each. */
enum { INSPECT_QUOTED_SURE = 8 };

/* "\x60", "\u0060": exactly so many digits, unlike C, whose writers end the string where that
 * matters. */
static size_t inspect_quoted_hex(uint8_t *octet, spnego_bytes text, size_t at)
{
    const int is_wide = text.data[at + 1] == 'u';
    const size_t first = at + (is_wide ? 4 : 2);

    if (text.len - at < (is_wide ? 6 : 4) ||
        (is_wide && (text.data[at + 2] != '0' || text.data[at + 3] != '0')) ||
        inspect_hex_digit(text.data[first]) < 0 || inspect_hex_digit(text.data[first + 1]) < 0)
        return 0;
    *octet = (uint8_t)(inspect_hex_digit(text.data[first]) << 4 |
                       inspect_hex_digit(text.data[first + 1]));
    return first + 2 - at;
}

/* "\202": up to three digits, no more than an octet. */
static size_t inspect_quoted_octal(uint8_t *octet, spnego_bytes text, size_t at)
{
    size_t end = at + 1;
    unsigned value = 0;

    while (end < text.len && end - at <= 3 && text.data[end] >= '0' && text.data[end] <= '7')
        value = value << 3 | (unsigned)(text.data[end++] - '0');
    *octet = (uint8_t)value;
    return value <= 255 ? end - at : 0;
}

/* The escape at `at`, where a backslash is; returns the characters used, 0 if it is none. */
static size_t inspect_quoted_escape(uint8_t *octet, spnego_bytes text, size_t at)
{
    static const char letters[] = "abefnrtv\\'\"?#$@";
    static const char octets[] = "\a\b\033\f\n\r\t\v\\'\"?#$@";
    const uint8_t c = text.len - at >= 2 ? text.data[at + 1] : 0;
    const char *letter = c != 0 ? strchr(letters, c) : NULL;

    if (c == 'x' || c == 'u')
        return inspect_quoted_hex(octet, text, at);
    if (c >= '0' && c <= '7')
        return inspect_quoted_octal(octet, text, at);
    if (letter == NULL)
        return 0;
    *octet = (uint8_t)octets[letter - letters];
    return 2;
}

size_t inspect_quoted_read(inspect_text *out, spnego_bytes text, int is_inside)
{
    const size_t before = out->len;
    size_t at = 1;

    while (at < text.len && text.data[at] != text.data[0]) {
        uint8_t octet = text.data[at];
        const size_t used = octet == '\\' ? inspect_quoted_escape(&octet, text, at) : 1;
        spnego_bytes octets;

        inspect_text_putc(out, (char)octet);
        octets = inspect_text_bytes(out);
        octets.data += before;
        octets.len -= before;
        if (used == 0 ||
            (!is_inside && octets.len <= INSPECT_QUOTED_SURE && !inspect_looks_begun(octets))) {
            out->len = before;
            return 0;
        }
        at += used;
    }
    return at < text.len ? at + 1 : at;
}
