#include "inspect/text.h"

#include <stdlib.h>
#include <string.h>

void inspect_text_free(inspect_text *text)
{
    free(text->data);
    memset(text, 0, sizeof *text);
}

void inspect_text_clear(inspect_text *text)
{
    text->len = 0;
}

spnego_bytes inspect_text_bytes(const inspect_text *text)
{
    /* Empty is not absent: a view needs an address even where nothing was put. */
    static const uint8_t nothing[1] = {0};
    spnego_bytes bytes = {text->data ? (const uint8_t *)text->data : nothing, text->len};
    return bytes;
}

/* Doubling keeps the work linear. */
char *inspect_text_grow(inspect_text *text, size_t len)
{
    size_t capacity = text->capacity ? text->capacity : 256;
    char *data = NULL;

    if (text->failed)
        return NULL;
    if (len <= SIZE_MAX / 4 && text->len <= SIZE_MAX / 4) {
        while (capacity < text->len + len)
            capacity *= 2;
        data = realloc(text->data, capacity);
    }
    if (data == NULL) {
        text->failed = 1;
        return NULL;
    }
    text->data = data;
    text->capacity = capacity;
    return data + text->len;
}

void inspect_text_put(inspect_text *text, const void *data, size_t len)
{
    char *room = len > 0 ? inspect_text_room(text, len) : NULL;

    if (room == NULL)
        return;
    memcpy(room, data, len);
    text->len += len;
}

void inspect_text_puts(inspect_text *text, const char *string)
{
    inspect_text_put(text, string, strlen(string));
}

void inspect_text_put_repeated(inspect_text *text, char c, size_t times)
{
    char *room = times > 0 ? inspect_text_room(text, times) : NULL;

    if (room == NULL)
        return;
    memset(room, c, times);
    text->len += times;
}

void inspect_text_put_number_wide(inspect_text *text, uint64_t number, size_t width)
{
    char digits[20];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    if (sizeof digits - at < width)
        inspect_text_put_repeated(text, ' ', width - (sizeof digits - at));
    inspect_text_put(text, digits + at, sizeof digits - at);
}

void inspect_text_put_number(inspect_text *text, uint64_t number)
{
    inspect_text_put_number_wide(text, number, 0);
}

void inspect_text_put_signed(inspect_text *text, int64_t number)
{
    if (number < 0)
        inspect_text_putc(text, '-');
    inspect_text_put_number(text, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
}

void inspect_text_put_hex(inspect_text *text, spnego_bytes octets, char separator)
{
    static const char digits[] = "0123456789abcdef";
    /* A length that does not fit thrice into size_t is refused as one for which memory lacks. */
    const size_t most = octets.len <= SIZE_MAX / 3 ? octets.len * 3 : SIZE_MAX;
    char *to = inspect_text_room(text, most);

    if (to == NULL)
        return;
    for (size_t i = 0; i < octets.len; i++) {
        if (i > 0 && separator != 0)
            *to++ = separator;
        *to++ = digits[octets.data[i] >> 4];
        *to++ = digits[octets.data[i] & 15];
    }
    text->len = (size_t)(to - text->data);
}

void inspect_text_insert(inspect_text *text, size_t offset, const void *data, size_t len)
{
    if (len == 0 || inspect_text_room(text, len) == NULL)
        return;
    memmove(text->data + offset + len, text->data + offset, text->len - offset);
    memcpy(text->data + offset, data, len);
    text->len += len;
}

/* The length of the well-formed UTF-8 sequence at `p` (RFC 3629: shortest form, no surrogates), or
 * 0, and its code point. */
static size_t inspect_utf8_next(uint32_t *out_code, const uint8_t *p, size_t left)
{
    uint32_t code;
    size_t len;

    if (p[0] < 0x80) {
        *out_code = p[0];
        return 1;
    }
    if (p[0] < 0xc2 || p[0] > 0xf4)
        return 0;
    len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    if (left < len)
        return 0;
    code = p[0] & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (p[i] & 0x3fu);
    }
    if ((len == 3 && code < 0x800) || (len == 4 && code < 0x10000) || code > 0x10ffff ||
        (code >= 0xd800 && code <= 0xdfff))
        return 0;
    *out_code = code;
    return len;
}

/* Characters that nobody sees but that change how others look: controls, soft hyphen, zero-width
 * and bidirectional marks, line separators, annotation and tag characters, byte order mark. */
static int inspect_is_invisible(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {{0x00, 0x1f},     {0x7f, 0x9f},       {0xad, 0xad},      {0x034f, 0x034f},
                  {0x061c, 0x061c}, {0x115f, 0x1160},   {0x17b4, 0x17b5},  {0x180b, 0x180e},
                  {0x200b, 0x200f}, {0x2028, 0x202e},   {0x2060, 0x206f},  {0x3164, 0x3164},
                  {0xfe00, 0xfe0f}, {0xfeff, 0xfeff},   {0xffa0, 0xffa0},  {0xfff0, 0xfffb},
                  {0xfffe, 0xffff}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}};

    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return 1;
    return 0;
}

/* What stands for itself, in UTF-8, in Latin-1 and in JSON. */
static int inspect_is_plain(uint32_t code)
{
    return code >= 0x20 && code < 0x7f && code != '"' && code != '\\';
}

static void inspect_text_put_u(inspect_text *text, uint32_t unit)
{
    uint8_t octets[2] = {(uint8_t)(unit >> 8), (uint8_t)unit};
    spnego_bytes view = {octets, 2};

    inspect_text_puts(text, "\\u");
    inspect_text_put_hex(text, view, 0);
}

static void inspect_text_put_code(inspect_text *text, uint32_t code)
{
    if (inspect_is_plain(code)) {
        inspect_text_putc(text, (char)code);
    } else if (code == '"' || code == '\\') {
        inspect_text_putc(text, '\\');
        inspect_text_putc(text, (char)code);
    } else if (inspect_is_invisible(code)) {
        if (code >= 0x10000) {
            inspect_text_put_u(text, 0xd800 + ((code - 0x10000) >> 10));
            inspect_text_put_u(text, 0xdc00 + ((code - 0x10000) & 0x3ff));
        } else {
            inspect_text_put_u(text, code);
        }
    } else if (code < 0x800) {
        inspect_text_putc(text, (char)(0xc0 | code >> 6));
        inspect_text_putc(text, (char)(0x80 | (code & 0x3f)));
    } else if (code < 0x10000) {
        inspect_text_putc(text, (char)(0xe0 | code >> 12));
        inspect_text_putc(text, (char)(0x80 | (code >> 6 & 0x3f)));
        inspect_text_putc(text, (char)(0x80 | (code & 0x3f)));
    } else {
        inspect_text_putc(text, (char)(0xf0 | code >> 18));
        inspect_text_putc(text, (char)(0x80 | (code >> 12 & 0x3f)));
        inspect_text_putc(text, (char)(0x80 | (code >> 6 & 0x3f)));
        inspect_text_putc(text, (char)(0x80 | (code & 0x3f)));
    }
}

/* The number of octets at `p` that stand for themselves. */
static size_t inspect_plain_run(const uint8_t *p, size_t left)
{
    size_t len = 0;

    while (len < left && inspect_is_plain(p[len]))
        len++;
    return len;
}

/* Whether what begins at octet `at` is UTF-8 up to the end. */
static int inspect_is_utf8(spnego_bytes octets, size_t at)
{
    uint32_t code;

    while (at < octets.len) {
        const size_t len = inspect_utf8_next(&code, octets.data + at, octets.len - at);
        if (len == 0)
            return 0;
        at += len;
    }
    return 1;
}

void inspect_text_put_escaped(inspect_text *text, spnego_bytes octets)
{
    size_t i = inspect_plain_run(octets.data, octets.len);
    const int is_utf8 = inspect_is_utf8(octets, i);

    /* Nearly all that is ever shown ends here. */
    inspect_text_put(text, octets.data, i);
    while (i < octets.len) {
        uint32_t code = octets.data[i];

        i += is_utf8 ? inspect_utf8_next(&code, octets.data + i, octets.len - i) : 1;
        inspect_text_put_code(text, code);
    }
}

void inspect_text_put_utf16(inspect_text *text, spnego_bytes octets)
{
    size_t at = 0;

    while (at < octets.len) {
        uint32_t code = 0xfffd, low = 0;

        if (octets.len - at >= 2)
            code = octets.data[at] | (uint32_t)octets.data[at + 1] << 8;
        if (octets.len - at >= 4)
            low = octets.data[at + 2] | (uint32_t)octets.data[at + 3] << 8;
        at += octets.len - at >= 2 ? 2 : 1;
        if (code >= 0xd800 && code < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            at += 2;
        } else if (code >= 0xd800 && code < 0xe000) {
            code = 0xfffd;
        }
        inspect_text_put_code(text, code);
    }
}

void inspect_text_put_wrapped(inspect_text *text, const char *sentence, size_t len, size_t column,
                              size_t indent, size_t width)
{
    size_t at = 0;
    int first = 1;

    while (at < len) {
        size_t end = at;
        while (end < len && sentence[end] != ' ')
            end++;
        if (!first && column + 1 + (end - at) > width) {
            inspect_text_putc(text, '\n');
            inspect_text_put_repeated(text, ' ', indent);
            column = indent;
        } else if (!first) {
            inspect_text_putc(text, ' ');
            column++;
        }
        inspect_text_put(text, sentence + at, end - at);
        column += end - at;
        first = 0;
        at = end < len ? end + 1 : end;
    }
}
