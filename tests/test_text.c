/* inspect/text.c and inspect/base64.c: what is foreign is shown so that it stays between its quotes
 * and can be had back, and base64 is read alike however it comes. */
#include <criterion/criterion.h>
#include <spnego/base64.h>

#include <string.h>

#include "inspect/base64.h"
#include "inspect/text.h"

static spnego_bytes view(const void *data, size_t len)
{
    const spnego_bytes bytes = {data, len};
    return bytes;
}

/* ---- Escapes (RFC 8259 7) -------------------------------------------------------------------- */

static size_t utf8_of(uint8_t *out, uint32_t code)
{
    if (code < 0x80) {
        out[0] = (uint8_t)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (uint8_t)(0xc0 | code >> 6);
        out[1] = (uint8_t)(0x80 | (code & 63));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (uint8_t)(0xe0 | code >> 12);
        out[1] = (uint8_t)(0x80 | (code >> 6 & 63));
        out[2] = (uint8_t)(0x80 | (code & 63));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | code >> 18);
    out[1] = (uint8_t)(0x80 | (code >> 12 & 63));
    out[2] = (uint8_t)(0x80 | (code >> 6 & 63));
    out[3] = (uint8_t)(0x80 | (code & 63));
    return 4;
}

static uint32_t hex4(const char *at)
{
    uint32_t value = 0;

    for (size_t i = 0; i < 4; i++) {
        const char *digits = "0123456789abcdef", *digit = strchr(digits, at[i]);
        cr_assert(digit != NULL && at[i] != 0);
        value = value << 4 | (uint32_t)(digit - digits);
    }
    return value;
}

/* What a reader of JSON makes of the octets between the quotes, as UTF-8. */
static size_t unescaped(uint8_t *out, const inspect_text *text)
{
    size_t len = 0;

    for (size_t i = 0; i < text->len;) {
        uint32_t code;

        cr_assert(text->data[i] != '"', "a quote that is not escaped");
        cr_assert((uint8_t)text->data[i] >= 0x20, "a control that is not escaped");
        if (text->data[i] != '\\') {
            out[len++] = (uint8_t)text->data[i++];
            continue;
        }
        cr_assert(i + 1 < text->len);
        if (text->data[i + 1] != 'u') {
            cr_assert(text->data[i + 1] == '"' || text->data[i + 1] == '\\');
            out[len++] = (uint8_t)text->data[i + 1];
            i += 2;
            continue;
        }
        cr_assert(i + 6 <= text->len);
        code = hex4(text->data + i + 2);
        i += 6;
        if (code >= 0xd800 && code < 0xdc00) {
            cr_assert(i + 6 <= text->len);
            code = 0x10000 + ((code - 0xd800) << 10) + (hex4(text->data + i + 2) - 0xdc00);
            i += 6;
        }
        len += utf8_of(out + len, code);
    }
    return len;
}

Test(text, every_character_comes_back)
{
    inspect_text text = {NULL, 0, 0, 0};

    for (uint32_t code = 0; code <= 0x10ffff; code++) {
        uint8_t in[6] = {'a'}, out[16], utf16[8] = {'a', 0};
        size_t len, utf16_len = 4;

        if (code >= 0xd800 && code < 0xe000)
            continue;
        len = 1 + utf8_of(in + 1, code);
        in[len++] = 'z';
        inspect_text_clear(&text);
        inspect_text_put_escaped(&text, view(in, len));
        cr_assert_eq(unescaped(out, &text), len, "U+%04X", (unsigned)code);
        cr_assert_arr_eq(out, in, len, "U+%04X", (unsigned)code);

        if (code < 0x10000) {
            utf16[2] = (uint8_t)code;
            utf16[3] = (uint8_t)(code >> 8);
        } else {
            const uint32_t high = 0xd800 + ((code - 0x10000) >> 10);
            const uint32_t low = 0xdc00 + ((code - 0x10000) & 0x3ff);
            utf16[2] = (uint8_t)high;
            utf16[3] = (uint8_t)(high >> 8);
            utf16[4] = (uint8_t)low;
            utf16[5] = (uint8_t)(low >> 8);
            utf16_len = 6;
        }
        utf16[utf16_len++] = 'z';
        utf16[utf16_len++] = 0;
        inspect_text_clear(&text);
        inspect_text_put_utf16(&text, view(utf16, utf16_len));
        cr_assert_eq(unescaped(out, &text), len, "U+%04X", (unsigned)code);
        cr_assert_arr_eq(out, in, len, "U+%04X", (unsigned)code);
    }
    inspect_text_free(&text);
}

/* Controls, and what turns the direction of writing or cannot be seen (Unicode's general categories
 * Cc and Cf): none of it may reach a terminal. */
Test(text, nothing_moves_the_cursor_or_hides)
{
    static const uint32_t codes[] = {0x00,   0x07,   0x1b,   0x7f,   0x9b,    0xad,   0x200b,
                                     0x200e, 0x202a, 0x202e, 0x2066, 0x2069,  0x2028, 0xfeff,
                                     0xfff9, 0x061c, 0x180e, 0x3164, 0xe0001, 0xe007f};
    inspect_text text = {NULL, 0, 0, 0};

    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        uint8_t in[4];

        inspect_text_clear(&text);
        inspect_text_put_escaped(&text, view(in, utf8_of(in, codes[i])));
        for (size_t at = 0; at < text.len; at++)
            cr_assert(text.data[at] >= 0x20 && text.data[at] < 0x7f, "U+%04X", (unsigned)codes[i]);
    }
    inspect_text_free(&text);
}

/* RFC 3629 3 and 10: overlong forms, surrogates, what is cut, what begins nothing.  All of it is
 * then Latin-1, also what stands before. */
Test(text, what_is_not_utf8_is_taken_as_latin1)
{
    static const char *const wrong[] = {"\xc3",
                                        "\xc3(",
                                        "\x80",
                                        "\xc0\x80",
                                        "\xe0\x80\x80",
                                        "\xed\xa0\x80",
                                        "\xf4\x90\x80\x80",
                                        "\xf8\x88\x80\x80\x80",
                                        "\xff"};
    inspect_text text = {NULL, 0, 0, 0};

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        uint8_t in[16] = "x\xc3\xa9", out[64], latin1[64];
        const size_t len = 3 + strlen(wrong[i]);
        size_t latin1_len = 0;

        memcpy(in + 3, wrong[i], strlen(wrong[i]));
        for (size_t at = 0; at < len; at++)
            latin1_len += utf8_of(latin1 + latin1_len, in[at]);
        inspect_text_clear(&text);
        inspect_text_put_escaped(&text, view(in, len));
        cr_assert_eq(unescaped(out, &text), latin1_len, "row %zu", i);
        cr_assert_arr_eq(out, latin1, latin1_len, "row %zu", i);
    }
    inspect_text_free(&text);
}

Test(text, half_a_character_of_utf16)
{
    static const struct {
        const char *in;
        size_t len;
        const char *out;
    } rows[] = {{"a\0b", 3, "a\xef\xbf\xbd"},
                {"\x3d\xd8", 2, "\xef\xbf\xbd"},
                {"\x3d\xd8z\0", 4, "\xef\xbf\xbdz"},
                {"\x00\xde\x3d\xd8", 4, "\xef\xbf\xbd\xef\xbf\xbd"},
                {"", 0, ""}};
    inspect_text text = {NULL, 0, 0, 0};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        inspect_text_clear(&text);
        inspect_text_put_utf16(&text, view(rows[i].in, rows[i].len));
        cr_assert_eq(text.len, strlen(rows[i].out), "row %zu", i);
        cr_assert(text.len == 0 || memcmp(text.data, rows[i].out, text.len) == 0, "row %zu", i);
    }
    inspect_text_free(&text);
}

/* ---- Memory ---------------------------------------------------------------------------------- */

Test(text, once_memory_has_run_out_nothing_more_is_taken)
{
    inspect_text text = {NULL, 0, 0, 0};
    uint8_t octet = 0xab;

    inspect_text_puts(&text, "kept");
    inspect_text_put_hex(&text, view(&octet, SIZE_MAX / 3 + 1), 0);
    cr_assert(text.failed);
    cr_assert_eq(text.len, 4);
    cr_assert_null(inspect_text_room(&text, 1));
    inspect_text_putc(&text, 'x');
    inspect_text_puts(&text, "x");
    inspect_text_put_number(&text, 7);
    inspect_text_put_repeated(&text, 'x', 3);
    inspect_text_insert(&text, 0, "x", 1);
    cr_assert_eq(text.len, 4);
    cr_assert_eq(memcmp(text.data, "kept", 4), 0);
    inspect_text_free(&text);
    cr_assert_not(text.failed);
}

Test(text, grows_from_any_length_by_any_other)
{
    for (size_t first = 0; first < 600; first += 7)
        for (size_t more = 0; more < 600; more += 5) {
            inspect_text text = {NULL, 0, 0, 0};

            inspect_text_put_repeated(&text, 'a', first);
            inspect_text_put_repeated(&text, 'b', more);
            cr_assert_eq(text.len, first + more);
            for (size_t i = 0; i < text.len; i++)
                cr_assert_eq(text.data[i], i < first ? 'a' : 'b');
            inspect_text_free(&text);
        }
}

/* ---- Base64 ---------------------------------------------------------------------------------- */

static const uint8_t octets[] = {0x00, 0xff, 0xfb, 0xef, 0xbe, 0x60, 0x28, 0x06, 0x06, 0x2b, 0x06,
                                 0x01, 0x05, 0x05, 0x02, 0xa0, 0x1e, 0x30, 0x1c, 0xa0, 0xfe, 0x3f};

/* The text of the first `len` of them by the library's own writer, which is other code. */
static size_t written(char *text, size_t size, size_t len)
{
    return spnego_base64_encode(text, size, view(octets, len));
}

Test(text, base64_in_pieces_with_blanks_in_either_alphabet)
{
    for (size_t len = 0; len <= sizeof octets; len++) {
        char text[64], url[64];
        const size_t text_len = written(text, sizeof text, len);

        for (size_t i = 0; i < text_len; i++)
            url[i] = text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i];
        for (size_t cut = 0; cut <= text_len; cut++)
            for (int is_url = 0; is_url <= 1; is_url++)
                for (int is_padded = 0; is_padded <= 1; is_padded++) {
                    const uint8_t *from = (const uint8_t *)(is_url ? url : text);
                    size_t end = text_len;
                    inspect_base64 state;
                    inspect_text out = {NULL, 0, 0, 0};

                    while (!is_padded && end > 0 && from[end - 1] == '=')
                        end--;
                    if (cut > end)
                        continue;
                    memset(&state, 0, sizeof state);
                    inspect_base64_put(&state, &out, from, cut);
                    inspect_base64_put(&state, &out, (const uint8_t *)"\r\n \t", 4);
                    inspect_base64_put(&state, &out, from + cut, end - cut);
                    cr_assert(inspect_base64_finish(&state), "%zu cut at %zu", len, cut);
                    cr_assert_eq(out.len, len, "%zu cut at %zu", len, cut);
                    cr_assert(len == 0 || memcmp(out.data, octets, len) == 0);
                    inspect_text_free(&out);
                }
    }
}

Test(text, base64_with_anything_foreign_is_none)
{
    char text[64];
    const size_t text_len = written(text, sizeof text, sizeof octets);

    for (size_t at = 0; at < text_len; at++)
        for (unsigned c = 0; c < 256; c++) {
            char changed[64];
            inspect_base64 state;
            inspect_text out = {NULL, 0, 0, 0};
            const int is_blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';

            if (inspect_base64_is_digit((uint8_t)c) || is_blank || c == '=' || text[at] == '=')
                continue;
            memcpy(changed, text, text_len);
            changed[at] = (char)c;
            if (c == '\\' && at + 1 < text_len && text[at + 1] == '/')
                continue;
            memset(&state, 0, sizeof state);
            inspect_base64_put(&state, &out, (const uint8_t *)changed, text_len);
            cr_assert_not(inspect_base64_finish(&state), "octet %02x at %zu", c, at);
            inspect_text_free(&out);
        }
}

Test(text, base64_digits_after_padding_are_none)
{
    static const char *const wrong[] = {"Zg==Zg==", "Zm8=Zm8=", "Z",    "Zm9vZ",
                                        "Zg=",      "Zm8==",    "=",    "Zm9v=",
                                        "Zm9v====", "Zg===",    "Zg==Z"};

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        inspect_base64 state;
        inspect_text out = {NULL, 0, 0, 0};

        memset(&state, 0, sizeof state);
        inspect_base64_put(&state, &out, (const uint8_t *)wrong[i], strlen(wrong[i]));
        cr_assert_not(inspect_base64_finish(&state), "%s", wrong[i]);
        inspect_text_free(&out);
    }
}

Test(text, base64_is_written_as_the_library_writes_it)
{
    for (size_t len = 0; len <= sizeof octets; len++) {
        char text[64];
        const size_t text_len = written(text, sizeof text, len);
        inspect_text out = {NULL, 0, 0, 0};

        inspect_base64_encode(&out, view(octets, len));
        cr_assert_eq(out.len, text_len);
        cr_assert(text_len == 0 || memcmp(out.data, text, text_len) == 0);
        inspect_text_free(&out);
    }
}
