#include "inspect/vector.h"

#include <string.h>

#include "inspect/dump.h"
#include "inspect/expect.h"

static const char *const block_names[INSPECT_NUM_BLOCKS] = {"source", "hex", "expect"};

/* The line that begins at `at`, without its line feed; moves *at behind it. */
static spnego_bytes inspect_next_line(spnego_bytes text, size_t *at)
{
    spnego_bytes line = {text.data + *at, 0};
    const uint8_t *feed = memchr(line.data, '\n', text.len - *at);

    line.len = feed != NULL ? (size_t)(feed - line.data) : text.len - *at;
    *at += line.len + (feed != NULL ? 1 : 0);
    if (line.len > 0 && line.data[line.len - 1] == '\r')
        line.len--;
    return line;
}

static int inspect_block_of(spnego_bytes line)
{
    while (line.len > 0 && (line.data[line.len - 1] == ' ' || line.data[line.len - 1] == '\t'))
        line.len--;
    for (int i = 0; i < INSPECT_NUM_BLOCKS; i++)
        if (line.len == strlen(block_names[i]) && memcmp(line.data, block_names[i], line.len) == 0)
            return i;
    return -1;
}

static int inspect_is_indented(spnego_bytes line)
{
    return line.len > 0 && (line.data[0] == ' ' || line.data[0] == '\t');
}

int inspect_is_vector(spnego_bytes text)
{
    size_t at = 0;
    int after_name = 0;

    while (at < text.len) {
        spnego_bytes line = inspect_next_line(text, &at);
        if (after_name && inspect_is_indented(line))
            return 1;
        after_name = inspect_block_of(line) >= 0;
    }
    return 0;
}

int inspect_is_transcript(spnego_bytes text)
{
    static const char block[] = "conversation";
    size_t at = 0;

    while (at < text.len) {
        const spnego_bytes line = inspect_next_line(text, &at);

        if (line.len == sizeof block - 1 && memcmp(line.data, block, line.len) == 0)
            return 1;
    }
    return 0;
}

/* Without the empty lines at its end. */
static spnego_bytes inspect_without_end(spnego_bytes text)
{
    while (text.len > 0 && (text.data[text.len - 1] == '\n' || text.data[text.len - 1] == '\r' ||
                            text.data[text.len - 1] == ' '))
        text.len--;
    return text;
}

static void inspect_vector_keys(inspect_vector *vector)
{
    spnego_bytes value = inspect_vector_key(vector, "tolerate");

    if (value.data != NULL)
        (void)inspect_tolerate_parse(&vector->tolerate, &vector->bad_value, value);
    value = inspect_vector_key(vector, "as");
    if (value.data == NULL)
        return;
    if (value.len >= 9 && memcmp(value.data, "initiator", 9) == 0)
        vector->receiver = INSPECT_ROLE_INITIATOR;
    else if (value.len >= 8 && memcmp(value.data, "acceptor", 8) == 0)
        vector->receiver = INSPECT_ROLE_ACCEPTOR;
    else
        vector->bad_value = value;
}

void inspect_vector_parse(inspect_vector *out, spnego_bytes text)
{
    spnego_bytes *current;
    size_t at = 0, num_lines = 0;
    spnego_bytes between = {NULL, 0};

    memset(out, 0, sizeof *out);
    current = &out->head;
    current->data = text.data;
    while (at < text.len) {
        const spnego_bytes line = inspect_next_line(text, &at);
        const int block = inspect_block_of(line);

        num_lines++;
        if (block >= 0) {
            out->before[block] = inspect_without_end(between);
            between.data = NULL;
            between.len = 0;
            current = &out->block[block];
            current->data = text.data + at;
            current->len = 0;
            if (block == INSPECT_BLOCK_SOURCE)
                out->source_line = num_lines + 1;
        } else if (current == &out->head ||
                   (between.data == NULL && (inspect_is_indented(line) || line.len == 0))) {
            current->len = (size_t)(text.data + at - current->data);
        } else {
            if (between.data == NULL)
                between.data = line.data;
            between.len = (size_t)(text.data + at - between.data);
        }
    }
    out->tail = inspect_without_end(between);
    out->head = inspect_without_end(out->head);
    for (int i = 0; i < INSPECT_NUM_BLOCKS; i++)
        out->block[i] = inspect_without_end(out->block[i]);
    inspect_vector_keys(out);
}

spnego_bytes inspect_vector_key(const inspect_vector *vector, const char *key)
{
    const size_t len = strlen(key);
    spnego_bytes value = {NULL, 0};
    size_t at = 0;

    while (at < vector->head.len) {
        spnego_bytes line = inspect_next_line(vector->head, &at);
        if (line.len <= len || memcmp(line.data, key, len) != 0 ||
            (line.data[len] != ' ' && line.data[len] != '\t'))
            continue;
        value.data = line.data + len;
        value.len = line.len - len;
        while (value.len > 0 && (value.data[0] == ' ' || value.data[0] == '\t')) {
            value.data++;
            value.len--;
        }
        return inspect_without_end(value);
    }
    return value;
}

int inspect_vector_octets(const inspect_vector *vector, inspect_text *out)
{
    const spnego_bytes hex = vector->block[INSPECT_BLOCK_HEX];
    const size_t before = out->len;
    size_t at = 0;

    if (hex.data == NULL)
        return 0;
    while (at < hex.len) {
        const spnego_bytes line = inspect_next_line(hex, &at);
        size_t blanks = 0;
        while (blanks < line.len && (line.data[blanks] == ' ' || line.data[blanks] == '\t'))
            blanks++;
        if (blanks == line.len || line.data[blanks] == '#')
            continue;
        if (!inspect_hex_line(out, line)) {
            out->len = before;
            return 0;
        }
    }
    return 1;
}

static void inspect_vector_begin(inspect_text *out, const inspect_vector *vector, int block)
{
    if (out->len > 0)
        inspect_text_putc(out, '\n');
    if (vector->before[block].len > 0) {
        inspect_text_put(out, vector->before[block].data, vector->before[block].len);
        inspect_text_putc(out, '\n');
    }
    inspect_text_puts(out, block_names[block]);
    inspect_text_putc(out, '\n');
}

void inspect_vector_write(inspect_text *out, const inspect_vector *vector, spnego_bytes source,
                          const inspect_reading *reading)
{
    const size_t row = 16;

    inspect_text_put(out, vector->head.data, vector->head.len);
    if (vector->head.len > 0)
        inspect_text_putc(out, '\n');
    inspect_vector_begin(out, vector, INSPECT_BLOCK_SOURCE);
    if (source.data == NULL)
        source = vector->block[INSPECT_BLOCK_SOURCE];
    source = inspect_without_end(source);
    inspect_text_put(out, source.data, source.len);
    if (source.len > 0)
        inspect_text_putc(out, '\n');

    inspect_vector_begin(out, vector, INSPECT_BLOCK_HEX);
    for (size_t i = 0; i < reading->in.len; i += row) {
        spnego_bytes octets = {reading->in.data + i, reading->in.len - i};
        if (octets.len > row)
            octets.len = row;
        inspect_text_puts(out, "  ");
        inspect_text_put_hex(out, octets, ' ');
        inspect_text_putc(out, '\n');
    }

    inspect_vector_begin(out, vector, INSPECT_BLOCK_EXPECT);
    inspect_expect_write(out, reading);
    if (vector->tail.len > 0) {
        inspect_text_putc(out, '\n');
        inspect_text_put(out, vector->tail.data, vector->tail.len);
        inspect_text_putc(out, '\n');
    }
}
