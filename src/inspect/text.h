/*
 * inspect/text.h - a buffer that grows, for text and for octets.
 *
 * Running out of memory is kept in `failed`; from then on the buffer takes nothing more, so that
 * a writer needs to look once, at the end.
 */
#ifndef SPNEGO_INSPECT_TEXT_H
#define SPNEGO_INSPECT_TEXT_H

#include <spnego/types.h>

typedef struct inspect_text {
    char *data; /* NULL while nothing was put */
    size_t len;
    size_t capacity;
    int failed;
} inspect_text;

/* A zero-filled inspect_text is empty and ready. */

/* inspect_text_free gives the memory back and leaves the buffer empty and ready. */
void inspect_text_free(inspect_text *text);

/* inspect_text_clear empties the buffer and keeps its memory. */
void inspect_text_clear(inspect_text *text);

/* inspect_text_bytes returns a view of what was put, valid until the next put. */
spnego_bytes inspect_text_bytes(const inspect_text *text);

/* inspect_text_grow is what inspect_text_room does where there is too little. */
char *inspect_text_grow(inspect_text *text, size_t len);

/* inspect_text_room returns where `len` octets may be written at the end, for a writer that knows
 * at most how many it needs, or NULL when memory has run out.  They count once the writer adds to
 * `len` what it has written. */
static inline char *inspect_text_room(inspect_text *text, size_t len)
{
    if (text->failed || len > text->capacity - text->len)
        return inspect_text_grow(text, len);
    return text->data + text->len;
}

void inspect_text_put(inspect_text *text, const void *data, size_t len);
void inspect_text_puts(inspect_text *text, const char *string);

static inline void inspect_text_putc(inspect_text *text, char c)
{
    char *room = inspect_text_room(text, 1);

    if (room == NULL)
        return;
    *room = c;
    text->len++;
}

void inspect_text_put_repeated(inspect_text *text, char c, size_t times);
void inspect_text_put_number(inspect_text *text, uint64_t number);

/* inspect_text_put_number_wide pads with spaces on the left to `width` columns. */
void inspect_text_put_number_wide(inspect_text *text, uint64_t number, size_t width);

/* inspect_text_put_signed writes a number with a minus sign where it is negative. */
void inspect_text_put_signed(inspect_text *text, int64_t number);

/* inspect_text_put_hex writes two lower-case digits an octet, with `separator` between octets
 * unless it is 0. */
void inspect_text_put_hex(inspect_text *text, spnego_bytes octets, char separator);

/* inspect_text_insert puts `len` octets before the octet at `offset`. */
void inspect_text_insert(inspect_text *text, size_t offset, const void *data, size_t len);

/* inspect_text_put_escaped writes octets that somebody else chose so that they can neither leave
 * their quotes nor move a terminal's cursor nor turn its writing direction: valid UTF-8 stays,
 * other octets are taken as Latin-1, and quotes, controls and invisible format characters become
 * the escapes of RFC 8259 section 7. */
void inspect_text_put_escaped(inspect_text *text, spnego_bytes octets);

/* inspect_text_put_utf16 does that with UTF-16 in little-endian order; half a character becomes
 * U+FFFD. */
void inspect_text_put_utf16(inspect_text *text, spnego_bytes octets);

/* inspect_text_put_wrapped writes a sentence that may break at spaces so that lines end before
 * `width` columns; lines after the first are indented by `indent`.  `column` is where the first
 * line begins.  No line feed at the end. */
void inspect_text_put_wrapped(inspect_text *text, const char *sentence, size_t len, size_t column,
                              size_t indent, size_t width);

#endif /* SPNEGO_INSPECT_TEXT_H */
