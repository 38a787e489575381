#include "inspect/dump.h"

#include <string.h>

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

static int inspect_is_word(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '+' || c == '/' || c == '=' || c >= 0x80;
}

static int inspect_is_separator(uint8_t c)
{
    return c != 0 && strchr(" \t\r\n,:;-\"'|", c) != NULL;
}

/* How many hexadecimal digits stand at `at`. */
static size_t inspect_count_digits(spnego_bytes text, size_t at)
{
    size_t n = 0;

    while (at + n < text.len && inspect_hex_digit(text.data[at + n]) >= 0)
        n++;
    return n;
}

static void inspect_put_digits(inspect_text *out, const uint8_t *digits, size_t n)
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
    digits = inspect_count_digits(text, at + prefix);
    /* In "\x41B" only two digits belong to the escape. */
    if (prefix > 0 && p[0] == '\\' && digits > 2)
        return 0;
    if (digits == 0 || (digits % 2 != 0 && !(prefix == 2 && digits == 1)))
        return 0;
    if (at + prefix + digits < text.len && inspect_is_word(p[prefix + digits]))
        return 0;
    if (digits == 1)
        inspect_text_putc(out, (char)inspect_hex_digit(p[prefix]));
    else
        inspect_put_digits(out, p + prefix, digits);
    return prefix + digits;
}

size_t inspect_hex_run(inspect_text *out, spnego_bytes text)
{
    size_t at = 0, end = 0;

    while (at < text.len) {
        const size_t used = inspect_hex_group(out, text, at);
        if (used == 0)
            break;
        at += used;
        end = at;
        while (at < text.len && inspect_is_separator(text.data[at]))
            at++;
    }
    return end;
}

int inspect_hex_line(inspect_text *out, spnego_bytes line)
{
    const size_t before = out->len;
    size_t at = 0, used;
    spnego_bytes rest;

    while (at < line.len && inspect_is_separator(line.data[at]))
        at++;
    rest.data = line.data + at;
    rest.len = line.len - at;
    used = rest.len > 0 ? inspect_hex_run(out, rest) : 0;
    for (at = used; at < rest.len && rest.data[at] != '#'; at++)
        if (!inspect_is_separator(rest.data[at]))
            break;
    if (used == 0 || (at < rest.len && rest.data[at] != '#')) {
        out->len = before;
        return 0;
    }
    return 1;
}

/* The digits of the offset column: how many there are, 0 if the line does not begin with one. */
static size_t inspect_dump_offset(spnego_bytes line, size_t *at)
{
    size_t digits;

    while (*at < line.len && (line.data[*at] == ' ' || line.data[*at] == '\t'))
        ++*at;
    if (line.len - *at >= 2 && line.data[*at] == '0' && line.data[*at + 1] == 'x')
        *at += 2;
    digits = inspect_count_digits(line, *at);
    return digits >= 4 && digits <= 16 ? digits : 0;
}

/* Whether what is left of the line after a gap of `gap` blanks is the ASCII column. */
static int inspect_is_ascii_column(spnego_bytes rest, size_t gap, size_t num_octets)
{
    spnego_bytes group = rest;

    if (rest.data[0] == '|' || rest.data[0] == '>')
        return 1;
    if (gap < 2)
        return 0;
    /* Dumps have sixteen octets in a line; some leave a blank in the middle of the ASCII. */
    if (gap >= 3 || (num_octets == 16 && (rest.len == 16 || rest.len == 17)))
        return 1;
    group.len = inspect_count_digits(rest, 0);
    return group.len == 0 || group.len % 2 != 0 ||
           (group.len < rest.len && rest.data[group.len] != ' ');
}

int inspect_dump_line(inspect_dump *dump, inspect_text *out, spnego_bytes line, int is_inside)
{
    const size_t before = out->len;
    size_t at = 0, digits, group, gap;
    int has_colon = 0;

    dump->is_origin = 1;
    dump->num_octets = 0;
    while (line.len > 0 && (line.data[line.len - 1] == '\r' || line.data[line.len - 1] == '\n'))
        line.len--;
    digits = inspect_dump_offset(line, &at);
    if (digits == 0)
        return 0;
    for (size_t i = 0; i < digits; i++)
        if (line.data[at + i] != '0')
            dump->is_origin = 0;
    at += digits;
    if (at < line.len && line.data[at] == ':') {
        has_colon = 1;
        at++;
    }
    for (gap = 0; at < line.len && (line.data[at] == ' ' || line.data[at] == '\t'); gap++)
        at++;
    if (at == line.len)
        return is_inside || has_colon;
    group = inspect_count_digits(line, at);
    if (gap == 0 || group == 0 || group % 2 != 0)
        return 0;
    /* Without a colon, what tells an offset from the first group of plain hexadecimal is that it
     * is longer than the others, or that it is zero, with which no token begins. */
    if (!has_colon && !is_inside && !dump->is_origin && group != 2)
        return 0;
    while (at < line.len) {
        group = inspect_count_digits(line, at);
        if (group == 0 || group % 2 != 0 ||
            (at + group < line.len && line.data[at + group] != ' ' &&
             line.data[at + group] != '\t'))
            break;
        inspect_put_digits(out, line.data + at, group);
        dump->num_octets += group / 2;
        at += group;
        for (gap = 0; at < line.len && (line.data[at] == ' ' || line.data[at] == '\t'); gap++)
            at++;
        if (at < line.len) {
            spnego_bytes rest = {line.data + at, line.len - at};
            if (inspect_is_ascii_column(rest, gap, dump->num_octets))
                return 1;
        }
    }
    /* A word that is neither octets nor set apart: no dump. */
    if (at < line.len) {
        out->len = before;
        return 0;
    }
    return 1;
}
