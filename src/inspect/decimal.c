#include "inspect/decimal.h"

#include "inspect/hex.h"
#include "inspect/looks.h"

/* After so many octets what begins like a token is looked at once more: a row of the same number
 * may begin one at each of them, and is not read to its end from each. */
enum { INSPECT_DECIMAL_SURE = 8 };

/* The number at `at`; returns the characters used, 0 if it is no octet. */
static size_t inspect_decimal_number(uint8_t *octet, spnego_bytes text, size_t at)
{
    const int is_negative = text.data[at] == '-';
    size_t end = at + (is_negative ? 1 : 0);
    unsigned value = 0, digits = 0;

    while (end < text.len && text.data[end] >= '0' && text.data[end] <= '9' && digits < 4) {
        value = 10 * value + (unsigned)(text.data[end++] - '0');
        digits++;
    }
    if (digits == 0 || digits > 3 || value > (is_negative ? 128 : 255))
        return 0;
    *octet = (uint8_t)(is_negative ? 256 - value : value);
    return end - at;
}

/* What is between numbers is skipped, but for the sign of the next one. */
static size_t inspect_decimal_next(spnego_bytes text, size_t at)
{
    const size_t next = inspect_skip_separators(text, at);
    const int is_signed = next > at && text.data[next - 1] == '-';

    return is_signed ? next - 1 : next;
}

size_t inspect_decimal_run(inspect_text *out, spnego_bytes text, int is_inside)
{
    const size_t before = out->len;
    size_t at = 0, end = 0;
    uint8_t octet = 0;

    while (at < text.len) {
        const size_t used = inspect_decimal_number(&octet, text, at);
        spnego_bytes octets;

        if (used == 0)
            break;
        inspect_text_putc(out, (char)octet);
        end = at + used;
        octets = inspect_text_bytes(out);
        octets.data += before;
        octets.len -= before;
        if (!is_inside && octets.len <= INSPECT_DECIMAL_SURE && !inspect_looks_begun(octets)) {
            out->len = before;
            return 0;
        }
        at = inspect_decimal_next(text, end);
    }
    return end;
}

/* The offset that od writes before its numbers; one of none stands before the first. */
static size_t inspect_decimal_offset(spnego_bytes line, int is_inside)
{
    size_t digits = 0;

    while (digits < line.len && line.data[digits] >= '0' &&
           line.data[digits] <= (is_inside ? '9' : '0'))
        digits++;
    return digits >= 6 ? digits : 0;
}

int inspect_decimal_line(inspect_text *out, spnego_bytes line, int is_inside)
{
    const size_t before = out->len;
    const size_t at = inspect_decimal_next(line, inspect_decimal_offset(line, is_inside));
    const spnego_bytes rest = {line.data + at, line.len - at};
    const size_t used = inspect_decimal_run(out, rest, is_inside);

    if (used == 0 || !inspect_is_rest(rest, used)) {
        out->len = before;
        return 0;
    }
    return 1;
}
