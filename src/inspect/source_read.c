/* Source text to octets. */
#include <spnego/oid.h>
#include <string.h>

#include "inspect/dump.h"
#include "inspect/source.h"

/* An element whose closing brace is still to come. */
typedef struct inspect_open {
    uint8_t tag;
    size_t start; /* of its contents, in the output */
    size_t long_form;
    int64_t adjust;
    int is_indefinite;
} inspect_open;

typedef struct inspect_source {
    inspect_text *out;
    spnego_bytes text;
    size_t at;
    inspect_open open[INSPECT_SOURCE_MAX_DEPTH];
    size_t depth;
    inspect_open next; /* what modifiers say about the element that must follow */
    int is_modified;
    const char *sentence;
} inspect_source;

static int inspect_source_fail(inspect_source *source, const char *sentence)
{
    source->sentence = sentence;
    return 0;
}

static int inspect_is_name(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == ':' || c == '+' || c == '.';
}

static spnego_bytes inspect_source_word(inspect_source *source)
{
    spnego_bytes word = {source->text.data + source->at, 0};

    while (source->at < source->text.len && inspect_is_name(source->text.data[source->at]))
        source->at++;
    word.len = (size_t)(source->text.data + source->at - word.data);
    return word;
}

static int inspect_word_equals(spnego_bytes word, const char *with)
{
    return word.len == strlen(with) && memcmp(word.data, with, word.len) == 0;
}

/* A whole number with or without sign; 0 if it is none or does not fit 64 bits. */
static int inspect_word_number(int64_t *out, spnego_bytes word)
{
    const int is_negative = word.len > 0 && word.data[0] == '-';
    uint64_t number = 0;
    size_t at = word.len > 0 && (is_negative || word.data[0] == '+') ? 1 : 0;

    if (at == word.len)
        return 0;
    for (; at < word.len; at++) {
        const unsigned digit = word.data[at] - (unsigned)'0';
        if (digit > 9 || number > (UINT64_MAX - digit) / 10)
            return 0;
        number = number * 10 + digit;
    }
    if (number > (uint64_t)INT64_MAX + (is_negative ? 1u : 0u))
        return 0;
    *out = !is_negative ? (int64_t)number : number == 0 ? 0 : -(int64_t)(number - 1) - 1;
    return 1;
}

/* `hex` between backquotes; blanks and line feeds count for nothing. */
static int inspect_source_hex(inspect_source *source)
{
    int high = -1;

    for (source->at++; source->at < source->text.len; source->at++) {
        const uint8_t c = source->text.data[source->at];
        const int digit = inspect_hex_digit(c);

        if (c == '`') {
            source->at++;
            return high < 0 ? 1 : inspect_source_fail(source, "an odd number of digits");
        }
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
            continue;
        if (digit < 0)
            return inspect_source_fail(source, "not a hexadecimal digit");
        if (high < 0) {
            high = digit;
        } else {
            inspect_text_putc(source->out, (char)(high << 4 | digit));
            high = -1;
        }
    }
    return inspect_source_fail(source, "a backquote is not closed");
}

static int inspect_source_text(inspect_source *source)
{
    for (source->at++; source->at < source->text.len; source->at++) {
        uint8_t c = source->text.data[source->at];

        if (c == '"') {
            source->at++;
            return 1;
        }
        if (c == '\n')
            break;
        if (c == '\\') {
            if (++source->at == source->text.len)
                break;
            c = source->text.data[source->at];
            if (c != '"' && c != '\\')
                return inspect_source_fail(source, "only \\\" and \\\\ are known in a string");
        }
        inspect_text_putc(source->out, (char)c);
    }
    return inspect_source_fail(source, "a string is not closed on its line");
}

static int inspect_source_open(inspect_source *source, uint8_t tag)
{
    while (source->at < source->text.len &&
           (source->text.data[source->at] == ' ' || source->text.data[source->at] == '\t'))
        source->at++;
    if (source->at == source->text.len || source->text.data[source->at] != '{')
        return inspect_source_fail(source, "an element needs braces");
    source->at++;
    if (source->depth == INSPECT_SOURCE_MAX_DEPTH)
        return inspect_source_fail(source, "elements nest too deep");
    source->next.tag = tag;
    source->next.start = source->out->len;
    source->open[source->depth++] = source->next;
    memset(&source->next, 0, sizeof source->next);
    source->is_modified = 0;
    return 1;
}

static int inspect_source_close(inspect_source *source)
{
    uint8_t header[10];
    size_t len = 1;
    int64_t declared;
    const inspect_open *open;

    source->at++;
    if (source->depth == 0)
        return inspect_source_fail(source, "a closing brace too many");
    open = &source->open[--source->depth];
    header[0] = open->tag;
    declared = (int64_t)(source->out->len - open->start);
    if (open->adjust > 0 && declared > INT64_MAX - open->adjust)
        return inspect_source_fail(source, "the length does not fit");
    declared += open->adjust;
    if (declared < 0)
        return inspect_source_fail(source, "the adjusted length is negative");
    if (open->is_indefinite)
        header[1] = 0x80;
    else if (!inspect_length_put(header + 1, &len, (uint64_t)declared, open->long_form))
        return inspect_source_fail(source, "the length does not fit so few octets");
    inspect_text_insert(source->out, open->start, header, 1 + len);
    if (open->is_indefinite)
        inspect_text_put(source->out, "\0", 2);
    return 1;
}

/* [0], [APPLICATION 0], [0 PRIMITIVE] */
static int inspect_source_tag(inspect_source *source)
{
    unsigned tag = 0xa0;
    int64_t number = -1;

    source->at++;
    while (source->at < source->text.len && source->text.data[source->at] != ']') {
        spnego_bytes word;

        if (source->text.data[source->at] == ' ') {
            source->at++;
            continue;
        }
        word = inspect_source_word(source);
        if (inspect_word_equals(word, "UNIVERSAL"))
            tag = tag & 0x3f;
        else if (inspect_word_equals(word, "APPLICATION"))
            tag = (tag & 0x3f) | 0x40;
        else if (inspect_word_equals(word, "PRIVATE"))
            tag = (tag & 0x3f) | 0xc0;
        else if (inspect_word_equals(word, "PRIMITIVE"))
            tag &= 0xdf;
        else if (number >= 0 || !inspect_word_number(&number, word) || number < 0 || number > 30)
            return inspect_source_fail(source, "a tag is a class and a number from 0 to 30");
    }
    if (source->at == source->text.len || number < 0)
        return inspect_source_fail(source, "a tag is not closed");
    source->at++;
    return inspect_source_open(source, (uint8_t)(tag | (unsigned)number));
}

static int inspect_source_put_number(inspect_source *source, int64_t number)
{
    uint8_t octets[8];
    size_t first = 0;

    for (size_t i = 0; i < 8; i++)
        octets[i] = (uint8_t)((uint64_t)number >> (8 * (7 - i)));
    while (first < 7 && ((octets[first] == 0 && octets[first + 1] < 0x80) ||
                         (octets[first] == 0xff && octets[first + 1] >= 0x80)))
        first++;
    inspect_text_put(source->out, octets + first, 8 - first);
    return 1;
}

static int inspect_source_put_oid(inspect_source *source, spnego_bytes word)
{
    char text[SPNEGO_OID_TEXT_SIZE];
    uint8_t octets[64];
    spnego_bytes oid;

    if (word.len >= sizeof text)
        return inspect_source_fail(source, "the OID is too long");
    memcpy(text, word.data, word.len);
    text[word.len] = 0;
    if (!spnego_oid_from_text(&oid, octets, sizeof octets, text))
        return inspect_source_fail(source, "not an OID");
    inspect_text_put(source->out, oid.data, oid.len);
    return 1;
}

static int inspect_word_begins(spnego_bytes *word, const char *with)
{
    const size_t len = strlen(with);

    if (word->len < len || memcmp(word->data, with, len) != 0)
        return 0;
    word->data += len;
    word->len -= len;
    return 1;
}

/* A name, a number, an OID or a modifier. */
static int inspect_source_put_word(inspect_source *source)
{
    spnego_bytes word = inspect_source_word(source);
    const uint8_t tag = inspect_tag_find(word);
    int64_t number = 0;

    if (tag != 0)
        return inspect_source_open(source, tag);
    if (inspect_word_equals(word, "indefinite")) {
        source->next.is_indefinite = 1;
        source->is_modified = 1;
        return 1;
    }
    if (inspect_word_begins(&word, "long-form:")) {
        if (!inspect_word_number(&number, word) || number < 1 || number > 8)
            return inspect_source_fail(source, "long-form takes a number from 1 to 8");
        source->next.long_form = (size_t)number;
        source->is_modified = 1;
        return 1;
    }
    if (inspect_word_begins(&word, "adjust-length:")) {
        if (!inspect_word_number(&source->next.adjust, word))
            return inspect_source_fail(source, "adjust-length takes a number");
        source->is_modified = 1;
        return 1;
    }
    if (source->is_modified)
        return inspect_source_fail(source, "a modifier needs an element behind it");
    if (inspect_word_number(&number, word))
        return inspect_source_put_number(source, number);
    if (word.len > 0 && word.data[0] >= '0' && word.data[0] <= '9')
        return inspect_source_put_oid(source, word);
    return inspect_source_fail(source, "not a word of this language");
}

static int inspect_source_item(inspect_source *source)
{
    const uint8_t c = source->text.data[source->at];

    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
        source->at++;
        return 1;
    }
    if (c == '#') {
        while (source->at < source->text.len && source->text.data[source->at] != '\n')
            source->at++;
        return 1;
    }
    if (c == '[')
        return inspect_source_tag(source);
    if (inspect_is_name(c))
        return inspect_source_put_word(source);
    if (source->is_modified)
        return inspect_source_fail(source, "a modifier needs an element behind it");
    if (c == '`')
        return inspect_source_hex(source);
    if (c == '"')
        return inspect_source_text(source);
    if (c == '}')
        return inspect_source_close(source);
    return inspect_source_fail(source, "not a character of this language");
}

int inspect_source_read(inspect_text *out, inspect_source_fault *fault, spnego_bytes text)
{
    const size_t before = out->len;
    inspect_source source;
    size_t start = 0;

    memset(&source, 0, sizeof source);
    source.out = out;
    source.text = text;
    fault->line = 0;
    fault->sentence = NULL;
    while (source.at < text.len) {
        start = source.at;
        if (!inspect_source_item(&source))
            break;
    }
    if (source.sentence == NULL && source.depth > 0)
        source.sentence = "a brace is not closed";
    if (source.sentence == NULL && source.is_modified)
        source.sentence = "a modifier needs an element behind it";
    if (source.sentence == NULL)
        return 1;
    fault->sentence = source.sentence;
    fault->line = 1;
    for (size_t i = 0; i < start; i++)
        fault->line += text.data[i] == '\n';
    out->len = before;
    return 0;
}
