#include "inspect/dump.h"

#include <string.h>

/* Words before an offset that are tried: the time of a log, its process, where it was written. */
enum { INSPECT_MAX_TRIES = 12 };

/* A printable octet as itself or as a dot, any other as whatever the program writes for it. */
static int inspect_is_shown_as(spnego_bytes octets, spnego_bytes shown)
{
    for (size_t i = 0; i < octets.len && i < shown.len; i++)
        if (octets.data[i] > 0x20 && octets.data[i] < 0x7f && shown.data[i] != '.' &&
            shown.data[i] != octets.data[i])
            return 0;
    return shown.len <= octets.len;
}

int inspect_hex_ascii_line(inspect_text *out, spnego_bytes line)
{
    const size_t before = out->len;
    spnego_bytes octets, shown;
    size_t at = 0;

    while (line.len - at >= 2 && inspect_hex_count(line, at) == 2) {
        inspect_hex_put(out, line.data + at, 2);
        at += 2;
        if (at == line.len || line.data[at] != ' ')
            break;
        at++;
    }
    octets = inspect_text_bytes(out);
    octets.data += before;
    octets.len -= before;
    while (at < line.len && line.data[at] == ' ')
        at++;
    shown.data = line.data + at;
    shown.len = line.len - at;
    if (octets.len == 0 || shown.len == 0 || line.data[at - 1] != ' ' || line.data[at - 2] != ' ' ||
        !inspect_is_shown_as(octets, shown)) {
        out->len = before;
        return 0;
    }
    return 1;
}

/* The digits of the offset column: how many there are, 0 if the line does not begin with one.  A
 * debugger has a grave accent in the middle of its addresses. */
static size_t inspect_dump_offset(spnego_bytes line, size_t *at)
{
    size_t digits;

    while (*at < line.len && (line.data[*at] == ' ' || line.data[*at] == '\t'))
        ++*at;
    if (line.len - *at >= 2 && line.data[*at] == '0' && line.data[*at + 1] == 'x')
        *at += 2;
    else if (*at < line.len && line.data[*at] == '[')
        ++*at;
    digits = inspect_hex_count(line, *at);
    if (digits == 8 && line.len - *at > 8 && line.data[*at + 8] == '`') {
        *at += 9;
        digits = inspect_hex_count(line, *at);
    }
    return digits >= 4 && digits <= 16 ? digits : 0;
}

/* What ends the offset: a colon, perhaps behind the name of a place, or a bracket.  Returns whether
 * there is one. */
static int inspect_dump_colon(spnego_bytes line, size_t *at)
{
    size_t end = *at;

    if (line.len - end >= 2 && line.data[end] == ' ' && line.data[end + 1] == '<')
        while (end < line.len && line.data[end] != ':')
            end++;
    if (end == line.len || (line.data[end] != ':' && line.data[end] != ']'))
        return 0;
    *at = end + 1;
    return 1;
}

/* Whether what is left of the line after a gap of `gap` blanks is the ASCII column of `octets`. */
static int inspect_is_ascii_column(spnego_bytes rest, size_t gap, spnego_bytes octets)
{
    const size_t digits = inspect_hex_count(rest, 0);
    const int is_group =
        digits > 0 && digits % 2 == 0 && (digits == rest.len || rest.data[digits] == ' ');
    /* Java has three blanks in the middle of its lines. */
    const int is_middle = gap == 3 && is_group && !inspect_is_shown_as(octets, rest);

    if (rest.data[0] == '|' || rest.data[0] == '>' || (gap >= 3 && !is_middle))
        return 1;
    /* Dumps have sixteen octets in a line; some leave a blank in the middle of the ASCII. */
    if (octets.len == 16 && gap >= 2 && (rest.len == 16 || rest.len == 17))
        return 1;
    return !is_group && (gap >= 2 || octets.len == 16);
}

/* The group of octets at *at, which it goes behind: pairs of digits, or 0x60 as a debugger writes
 * it. Returns how many octets it has, 0 if it is none. */
static size_t inspect_dump_group(inspect_text *out, spnego_bytes line, size_t *at)
{
    const size_t prefix =
        line.len - *at >= 2 && line.data[*at] == '0' && line.data[*at + 1] == 'x' ? 2 : 0;
    const size_t digits = inspect_hex_count(line, *at + prefix);
    const size_t end = *at + prefix + digits;

    if (digits == 0 || digits % 2 != 0 ||
        (end < line.len && line.data[end] != ' ' && line.data[end] != '\t' &&
         (line.data[end] != '-' || digits != 2)))
        return 0;
    inspect_hex_put(out, line.data + *at + prefix, digits);
    *at = end;
    return digits / 2;
}

/* Goes behind blanks, or the dash in the middle of a line; returns how many there are. */
static size_t inspect_dump_gap(spnego_bytes line, size_t *at)
{
    const size_t begin = *at;

    if (*at < line.len && line.data[*at] == '-')
        ++*at;
    while (*at < line.len && (line.data[*at] == ' ' || line.data[*at] == '\t'))
        ++*at;
    return *at - begin;
}

/* The octets of a line whose offset is read.  Returns 0 if something follows that is neither octets
 * nor set apart. */
static int inspect_dump_octets(inspect_dump *dump, inspect_text *out, spnego_bytes line, size_t at)
{
    const size_t before = out->len;

    while (at < line.len) {
        const size_t num = inspect_dump_group(out, line, &at);
        size_t gap;

        if (num == 0)
            return 0;
        dump->num_octets += num;
        gap = inspect_dump_gap(line, &at);
        if (at < line.len) {
            const spnego_bytes rest = {line.data + at, line.len - at};
            const spnego_bytes octets = {inspect_text_bytes(out).data + before, out->len - before};
            if (inspect_is_ascii_column(rest, gap, octets))
                return 1;
        }
    }
    return 1;
}

int inspect_dump_line(inspect_dump *dump, inspect_text *out, spnego_bytes line, int is_inside)
{
    const size_t before = out->len;
    size_t at = 0, digits, gap, group;
    int has_colon;

    dump->offset = 0;
    dump->num_octets = 0;
    while (line.len > 0 && (line.data[line.len - 1] == '\r' || line.data[line.len - 1] == '\n'))
        line.len--;
    digits = inspect_dump_offset(line, &at);
    if (digits == 0)
        return 0;
    for (size_t i = 0; i < digits; i++)
        dump->offset = dump->offset << 4 | (uint64_t)inspect_hex_digit(line.data[at + i]);
    at += digits;
    has_colon = inspect_dump_colon(line, &at);
    gap = inspect_dump_gap(line, &at);
    if (at == line.len)
        return is_inside || has_colon;
    group = inspect_hex_count(line, at);
    /* Without a colon, what tells an offset from the first group of plain hexadecimal is that it
     * is longer than the others, or that it is zero, with which no token begins. */
    if (gap == 0 || (!has_colon && !is_inside && dump->offset != 0 && group != 2))
        return 0;
    if (!inspect_dump_octets(dump, out, line, at)) {
        out->len = before;
        dump->num_octets = 0;
        return 0;
    }
    return 1;
}

/* Where the next word of the line begins that may be an offset, from `at` on. */
static size_t inspect_dump_next(spnego_bytes line, size_t at)
{
    while (at < line.len) {
        const uint8_t c = line.data[at];
        if ((c == '[' || inspect_hex_digit(c) >= 0) &&
            (at == 0 || line.data[at - 1] == ' ' || line.data[at - 1] == '\t'))
            break;
        at++;
    }
    return at;
}

int inspect_dump_within(inspect_dump *dump, inspect_text *out, spnego_bytes line, uint64_t offset)
{
    size_t at = inspect_dump_next(line, 1);

    for (size_t tries = 0; tries < INSPECT_MAX_TRIES && at < line.len; tries++) {
        const spnego_bytes rest = {line.data + at, line.len - at};
        const size_t before = out->len;

        if (inspect_dump_line(dump, out, rest, 0) && dump->offset == offset && dump->num_octets > 0)
            return 1;
        out->len = before;
        at = inspect_dump_next(line, at + 1);
    }
    return 0;
}
