#include "carrier/authzid.h"

/* What RFC 3629 4 lets follow a first octet: how many, and the range of the next one, by which too
 * long forms, surrogates and what is above 10FFFF fall out. */
typedef struct utf8_row {
    uint8_t from, to;
    uint8_t more;
    uint8_t low, high;
} utf8_row;

static const utf8_row *row_of(uint8_t first)
{
    /* clang-format off */
    static const utf8_row rows[] = {
        {0x01, 0x7f, 0, 0x80, 0xbf},
        {0xc2, 0xdf, 1, 0x80, 0xbf},
        {0xe0, 0xe0, 2, 0xa0, 0xbf},
        {0xe1, 0xec, 2, 0x80, 0xbf},
        {0xed, 0xed, 2, 0x80, 0x9f},
        {0xee, 0xef, 2, 0x80, 0xbf},
        {0xf0, 0xf0, 3, 0x90, 0xbf},
        {0xf1, 0xf3, 3, 0x80, 0xbf},
        {0xf4, 0xf4, 3, 0x80, 0x8f},
    };
    /* clang-format on */

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (first >= rows[i].from && first <= rows[i].to)
            return &rows[i];
    return NULL;
}

/* The octets of the character at the beginning; 0 if it is none. */
static size_t character_len(const uint8_t *at, size_t left)
{
    const utf8_row *row = row_of(at[0]);

    if (row == NULL || row->more >= left)
        return 0;
    for (size_t i = 1; i <= row->more; i++) {
        const uint8_t low = i == 1 ? row->low : 0x80, high = i == 1 ? row->high : 0xbf;

        if (at[i] < low || at[i] > high)
            return 0;
    }
    return (size_t)row->more + 1;
}

size_t authzid_fault(spnego_bytes text)
{
    size_t at = 0, len = 1;

    for (; at < text.len && len != 0; at += len)
        len = character_len(text.data + at, text.len - at);
    return at;
}
