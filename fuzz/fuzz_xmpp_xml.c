/*
 * spnego_xmpp_xml_receive, which reads SASL's elements out of an XML stream.
 *
 * The input: how long an item may be, how deep, how the stream is cut; then the stream.  Cut
 * anywhere it gives the same.  No text grows beyond the octets it stands for, and memory is bounded
 * by the limits: the parser's own is counted, for it is made here (the linker's --wrap).
 */
#include "law.h"

#include <expat.h>
#include <spnego/xmpp_xml.h>

/* ---- The parser's memory --------------------------------------------------------------------- */

XML_Parser __wrap_XML_ParserCreateNS(const XML_Char *encoding, XML_Char separator);

typedef union block {
    size_t size;
    max_align_t align;
} block;

static size_t octets_lent, octets_peak;

static void *lend(size_t size)
{
    block *const b = malloc(sizeof *b + size);

    LAW(b != NULL);
    b->size = size;
    octets_lent += size;
    octets_peak = octets_lent > octets_peak ? octets_lent : octets_peak;
    return b + 1;
}

static void take_back(void *lent)
{
    block *const b = lent;

    if (b == NULL)
        return;
    octets_lent -= b[-1].size;
    free(b - 1);
}

static void *lend_again(void *lent, size_t size)
{
    const block *const b = lent;
    void *const more = lend(size);

    if (b != NULL)
        memcpy(more, b, b[-1].size < size ? b[-1].size : size);
    take_back(lent);
    return more;
}

XML_Parser __wrap_XML_ParserCreateNS(const XML_Char *encoding, XML_Char separator)
{
    static const XML_Memory_Handling_Suite suite = {lend, lend_again, take_back};
    const XML_Char separators[2] = {separator, '\0'};

    return XML_ParserCreate_MM(encoding, &suite, separators);
}

/* ---- One reading ----------------------------------------------------------------------------- */

typedef struct settings {
    size_t max_item;
    unsigned max_depth;
    uint8_t cut;
} settings;

/* What came out of a stream, an item after the other. */
typedef struct record {
    uint8_t *octets;
    size_t len, size;
    size_t taken;
    size_t num_read; /* octets up to the end of the last item */
    spnego_status status;
    spnego_error error;
} record;

static void note(record *r, const void *octets, size_t len)
{
    while (r->size - r->len < len) {
        r->size = r->size != 0 ? 2 * r->size : 4096;
        r->octets = realloc(r->octets, r->size);
        LAW(r->octets != NULL);
    }
    if (len != 0)
        memcpy(r->octets + r->len, octets, len);
    r->len += len;
}

static void note_text(record *r, spnego_bytes text)
{
    const uint8_t is_there = text.data != NULL;

    LAW(is_there || text.len == 0);
    note(r, &is_there, 1);
    note(r, &text.len, sizeof text.len);
    note(r, text.data, text.len);
}

/* Returns how many octets of text the item has. */
static size_t note_item(record *r, const spnego_xmpp_xml_item *item)
{
    const spnego_xmpp_element *const element = &item->element;
    size_t len = element->mechanism.len + element->text.len + element->message.len;

    LAW(item->kind >= SPNEGO_XMPP_XML_STREAM && item->kind <= SPNEGO_XMPP_XML_END);
    LAW((element->name != SPNEGO_XMPP_NOTHING) == (item->kind == SPNEGO_XMPP_XML_ELEMENT));
    LAW(item->num_mechanisms <= 32);
    LAW(item->num_mechanisms == 0 || item->kind == SPNEGO_XMPP_XML_FEATURES);
    LAW(element->mechanism.data == NULL || element->name == SPNEGO_XMPP_AUTH);
    LAW(element->name == SPNEGO_XMPP_FAILURE ||
        (element->message.data == NULL && element->condition == SPNEGO_XMPP_NO_CONDITION));
    note(r, &item->kind, sizeof item->kind);
    note(r, &element->name, sizeof element->name);
    note(r, &element->condition, sizeof element->condition);
    note_text(r, element->mechanism);
    note_text(r, element->text);
    note_text(r, element->message);
    for (size_t i = 0; i < item->num_mechanisms; i++) {
        note_text(r, item->mechanisms[i]);
        len += item->mechanisms[i].len;
    }
    return len;
}

static void check_end(spnego_xmpp_xml *reader, const record *r)
{
    static const uint8_t more[] = "<a/>";
    const spnego_bytes in = {more, sizeof more - 1};
    spnego_xmpp_xml_item item;
    size_t taken;

    if (r->status == SPNEGO_CONTINUE)
        return;
    LAW(spnego_xmpp_xml_receive(reader, &item, &taken, in) == r->status);
    LAW(taken == 0);
    LAW(r->status == SPNEGO_ERR_USAGE || r->status == SPNEGO_ERR_MALFORMED ||
        r->status == SPNEGO_ERR_PROTOCOL || r->status == SPNEGO_ERR_LIMIT);
    LAW((r->status == SPNEGO_ERR_USAGE) == (r->error.rule == SPNEGO_RULE_NONE));
}

static size_t piece_len(const settings *how, size_t at, size_t left)
{
    const size_t len = how->cut == 0 ? left : 1 + (at * 7 + how->cut) % how->cut;

    return len < left ? len : left;
}

static void read_stream(record *r, const settings *how, spnego_bytes in)
{
    spnego_xmpp_xml *const reader = spnego_xmpp_xml_create(how->max_item, how->max_depth);
    size_t since = 0; /* octets of the item so far */

    LAW(reader != NULL);
    memset(r, 0, sizeof *r);
    r->status = SPNEGO_CONTINUE;
    while (in.len != 0 && r->status >= 0) {
        const size_t len = piece_len(how, r->taken, in.len);
        uint8_t *const copy = copy_exactly(in.data, len);
        const spnego_bytes piece = {copy, len};
        spnego_xmpp_xml_item item;
        size_t taken;

        r->status = spnego_xmpp_xml_receive(reader, &item, &taken, piece);
        free(copy);
        LAW(taken <= len && (r->status != SPNEGO_CONTINUE || taken == len));
        since += taken;
        in.data += taken;
        in.len -= taken;
        if (r->status >= 0)
            r->taken += taken;
        if (r->status == SPNEGO_COMPLETE) {
            LAW(since <= how->max_item && note_item(r, &item) <= since);
            since = 0;
            r->num_read = r->taken;
            r->status = SPNEGO_CONTINUE;
        }
    }
    r->error = *spnego_xmpp_xml_error(reader);
    check_end(reader, r);
    spnego_xmpp_xml_destroy(reader);
    LAW(octets_lent == 0);
}

/* ---- The laws -------------------------------------------------------------------------------- */

static int has(spnego_bytes in, const char *text)
{
    const size_t len = strlen(text);

    for (size_t i = 0; in.len - i >= len && i < in.len; i++)
        if (memcmp(in.data + i, text, len) == 0)
            return 1;
    return 0;
}

/* RFC 6120 11.1, told without a parser: where nothing can hide it, it was not read. */
static void check_forbidden(const record *r, spnego_bytes in)
{
    in.len = r->num_read;
    LAW(has(in, "<![CDATA[") || !has(in, "<!"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t max_items[] = {150, 400, 2000, 131072};
    static const unsigned max_depths[] = {1, 3, 16, 1000};
    settings how;
    spnego_bytes in;
    record whole, cut;

    if (size < 2)
        return 0;
    how.max_item = max_items[data[0] % 4];
    how.max_depth = max_depths[data[0] / 4 % 4];
    how.cut = 0;
    in.data = data + 2;
    in.len = size - 2;
    octets_peak = 0;
    read_stream(&whole, &how, in);
    /* Expat's own tables, and what it makes of twice an item and a start tag. */
    LAW(octets_peak <= 32768 + 32 * how.max_item);
    check_forbidden(&whole, in);
    how.cut = data[1] | 1;
    read_stream(&cut, &how, in);
    LAW(whole.status == cut.status && whole.error.rule == cut.error.rule);
    LAW(whole.status < 0 || whole.taken == cut.taken);
    LAW(whole.error.offset == cut.error.offset);
    LAW(whole.len == cut.len && (whole.len == 0 || memcmp(whole.octets, cut.octets, cut.len) == 0));
    free(whole.octets);
    free(cut.octets);
    return 0;
}
