#include "inspect/hex.h"

#include <string.h>

#include "inspect/looks.h"
#include "inspect/tlv.h"

int inspect_hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static int inspect_is_separator(uint8_t c)
{
    return c != 0 && strchr(" \t\r\n,:;-\"'|", c) != NULL;
}

/* The cast that Java and C# want before an octet of 128 and more; what was around the line may have
 * taken its parenthesis away. */
static size_t inspect_cast(spnego_bytes text, size_t at)
{
    static const char cast[] = "(byte)";

    if (text.len - at >= 6 && memcmp(text.data + at, cast, 6) == 0)
        return 6;
    return at == 0 && text.len >= 5 && memcmp(text.data, cast + 1, 5) == 0 ? 5 : 0;
}

size_t inspect_skip_separators(spnego_bytes text, size_t at)
{
    while (at < text.len) {
        const size_t cast = inspect_cast(text, at);

        if (cast == 0 && !inspect_is_separator(text.data[at]))
            break;
        at += cast > 0 ? cast : 1;
    }
    return at;
}

int inspect_is_rest(spnego_bytes text, size_t at)
{
    at = inspect_skip_separators(text, at);
    return at == text.len || text.data[at] == '#' ||
           (text.len - at >= 2 && text.data[at] == '/' &&
            (text.data[at + 1] == '*' || text.data[at + 1] == '/'));
}

static int inspect_is_word(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '+' || c == '/' || c == '=' || c >= 0x80;
}

size_t inspect_hex_count(spnego_bytes text, size_t at)
{
    size_t n = 0;

    while (at + n < text.len && inspect_hex_digit(text.data[at + n]) >= 0)
        n++;
    return n;
}

void inspect_hex_put(inspect_text *out, const uint8_t *digits, size_t n)
{
    for (size_t i = 0; i < n; i += 2)
        inspect_text_putc(
            out, (char)(inspect_hex_digit(digits[i]) << 4 | inspect_hex_digit(digits[i + 1])));
}

/* One group of digits with its prefix; returns the characters used, 0 if it is none. */
static size_t inspect_hex_group(inspect_text *out, spnego_bytes text, size_t at)
{
    const uint8_t *p = text.data + at;
    const size_t left = text.len - at;
    size_t prefix = 0, digits;

    if (left >= 2 && p[0] == '0' && (p[1] == 'x' || p[1] == 'X'))
        prefix = 2;
    else if (left >= 3 && p[0] == '\\' && p[1] == '\\' && p[2] == 'x')
        prefix = 3;
    else if (left >= 2 && p[0] == '\\' && p[1] == 'x')
        prefix = 2;
    digits = inspect_hex_count(text, at + prefix);
    /* In "\x41B" only two digits belong to the escape; but PostgreSQL writes all behind one. */
    if (prefix > 0 && p[0] == '\\' && digits > 2 && digits < 16)
        return 0;
    if (digits == 0 || (digits % 2 != 0 && !(prefix == 2 && digits == 1)))
        return 0;
    if (at + prefix + digits < text.len && inspect_is_word(p[prefix + digits]))
        return 0;
    if (digits == 1)
        inspect_text_putc(out, (char)inspect_hex_digit(p[prefix]));
    else
        inspect_hex_put(out, p + prefix, digits);
    return prefix + digits;
}

/* Whether two stretches of the text hold the same. */
static int inspect_is_same(spnego_bytes text, size_t a, size_t a_len, size_t b, size_t b_len)
{
    return a_len == b_len && memcmp(text.data + a, text.data + b, a_len) == 0;
}

/* A token that is complete where what stands between the groups changes: what follows is the next
 * column of a table, or another element of an array. */
static int inspect_is_complete(const inspect_text *out, size_t from)
{
    spnego_bytes octets = inspect_text_bytes(out);

    octets.data += from;
    octets.len -= from;
    return inspect_looks_whole(octets) && inspect_tlv_total(octets) == octets.len;
}

size_t inspect_hex_run(inspect_text *out, spnego_bytes text)
{
    const size_t before = out->len;
    size_t at = 0, end = 0, gap = 0, gap_len = 0;

    while (at < text.len) {
        const size_t used = inspect_hex_group(out, text, at);
        size_t next;
        if (used == 0)
            break;
        end = at + used;
        next = inspect_skip_separators(text, end);
        if (!inspect_is_same(text, gap, gap_len, end, next - end) &&
            inspect_is_complete(out, before))
            break;
        gap = end;
        gap_len = next - end;
        at = next;
    }
    return end;
}

int inspect_hex_line(inspect_text *out, spnego_bytes line)
{
    const size_t before = out->len;
    const size_t at = inspect_skip_separators(line, 0);
    const spnego_bytes rest = {line.data + at, line.len - at};
    const size_t used = rest.len > 0 ? inspect_hex_run(out, rest) : 0;

    if (used == 0 || !inspect_is_rest(rest, used)) {
        out->len = before;
        return 0;
    }
    return 1;
}
