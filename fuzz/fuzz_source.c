/*
 * inspect_source_write and inspect_source_read, the text form of octets; inspect_vector_parse, the
 * file that it stands in.
 *
 * The input is taken as octets, and as text.  Octets, whatever they are, come back from their text.
 * Text is read or refused: what is read has a bound, and comes back from its own text; a refusal
 * says why, names a line that there is, and leaves what was there before.
 */
#include "law.h"

#include "inspect/source.h"
#include "inspect/vector.h"

/* The octets that a text stands for are those of `octets`. */
static void check_text(const inspect_text *text, spnego_bytes octets)
{
    inspect_source_fault fault = {0, NULL};
    inspect_text back = {0};

    LAW(!text->failed);
    LAW(inspect_source_read(&back, &fault, inspect_text_bytes(text)) == 1);
    LAW(fault.sentence == NULL && !back.failed);
    LAW(back.len == octets.len && (back.len == 0 || memcmp(back.data, octets.data, back.len) == 0));
    inspect_text_free(&back);
}

static void write_and_read(spnego_bytes octets)
{
    static inspect_reading reading;
    inspect_text text = {0};

    inspect_read(&reading, octets, SPNEGO_TOLERATE_ALL, INSPECT_ROLE_UNKNOWN, 0);
    inspect_source_write(&text, &reading);
    inspect_reading_free(&reading);
    check_text(&text, octets);
    inspect_text_free(&text);
}

static size_t num_lines(spnego_bytes text)
{
    size_t num = 1;

    for (size_t i = 0; i < text.len; i++)
        num += text.data[i] == '\n';
    return num;
}

static void read_and_write(spnego_bytes text)
{
    inspect_source_fault fault = {0, NULL};
    inspect_text octets = {0};

    inspect_text_puts(&octets, "before");
    if (inspect_source_read(&octets, &fault, text)) {
        LAW(fault.sentence == NULL && octets.len >= 6);
        /* An octet of text makes at most an element with eight octets of length. */
        LAW(octets.len - 6 <= 16 * text.len);
        write_and_read((spnego_bytes){(const uint8_t *)octets.data + 6, octets.len - 6});
    } else {
        LAW(fault.sentence != NULL && fault.line >= 1 && fault.line <= num_lines(text));
        LAW(octets.len == 6);
    }
    LAW(memcmp(octets.data, "before", 6) == 0 && !octets.failed);
    inspect_text_free(&octets);
}

static int is_inside(spnego_bytes view, spnego_bytes whole)
{
    return view.data == NULL || (view.data >= whole.data && view.len <= whole.len &&
                                 (size_t)(view.data - whole.data) <= whole.len - view.len);
}

static void take_apart(spnego_bytes text)
{
    inspect_text octets = {0};
    inspect_vector vector;

    inspect_vector_parse(&vector, text);
    LAW(is_inside(vector.head, text) && is_inside(vector.tail, text));
    for (int i = 0; i < INSPECT_NUM_BLOCKS; i++)
        LAW(is_inside(vector.before[i], text) && is_inside(vector.block[i], text));
    if (inspect_vector_octets(&vector, &octets))
        LAW(octets.len <= text.len && !octets.failed);
    inspect_text_free(&octets);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = copy_exactly(data, size);
    const spnego_bytes in = {copy, size};

    write_and_read(in);
    read_and_write(in);
    take_apart(in);
    free(copy);
    return 0;
}
