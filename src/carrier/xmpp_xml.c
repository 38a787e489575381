/* XML at the edge: the one file that knows expat.  Not part of libspnego. */
#include <spnego/xmpp_xml.h>

#include "base/bytes.h"
#include "nego/buffer.h"

#include <expat.h>
#include <string.h>

enum {
    DEFAULT_MAX_ITEM = 131072,
    MAX_ITEM = 0x7fffffff,
    DEFAULT_MAX_DEPTH = 16,
    MAX_MECHANISMS = 32
};

/* What comes between a namespace and a name; no name has it. */
#define SEPARATOR '\n'
#define STREAMS "http://etherx.jabber.org/streams"

/* Depth, the stream being 1, at which each stands. */
enum { STREAM_DEPTH = 1, ITEM_DEPTH = 2, CHILD_DEPTH = 3, MECHANISM_DEPTH = 4 };

/* Where character data goes. */
typedef enum xml_sink { SINK_NOTHING, SINK_TEXT, SINK_MESSAGE, SINK_MECHANISM } xml_sink;

/* Where the next octet stands in the markup. */
typedef enum xml_scan {
    SCAN_TEXT,
    SCAN_OPEN,  /* behind '<'                */
    SCAN_BANG,  /* behind "<!"               */
    SCAN_CDATA, /* behind "<![", until "]]>" */
    SCAN_INSTRUCTION,
    SCAN_TAG
} xml_scan;

/* Octets in `room`, which moves as it grows. */
typedef struct xml_span {
    size_t at, len;
} xml_span;

struct spnego_xmpp_xml {
    nego_host host;
    XML_Parser parser;
    size_t num_parsed;   /* octets that it has been given */
    nego_buffer opening; /* the stream's start tag, and what stands before it */
    size_t max_item;
    unsigned max_depth;
    unsigned depth;
    size_t num_octets; /* of the item so far */
    spnego_status status;
    spnego_error error;
    xml_scan scan;
    uint8_t quote;         /* SCAN_TAG: the one that is open, or 0   */
    unsigned num_brackets; /* SCAN_CDATA: how many ']' stand before */
    nego_buffer markup;    /* what is not handed to the parser yet   */
    int found;
    int in_mechanisms;
    int has_mechanism;
    spnego_xmpp_xml_item item;
    xml_sink sink;
    unsigned sink_depth;
    xml_span attribute, text, message, names[MAX_MECHANISMS];
    size_t num_names;
    spnego_bytes views[MAX_MECHANISMS];
    nego_buffer room;
};

/* ---- Faults ---------------------------------------------------------------------------------- */

static void fail(spnego_xmpp_xml *reader, spnego_status status, spnego_rule rule)
{
    if (reader->status < 0)
        return;
    reader->status = status;
    reader->error.status = status;
    reader->error.rule = rule;
    reader->error.offset = reader->num_octets;
    (void)XML_StopParser(reader->parser, XML_FALSE);
}

/* RFC 6120 11.1 */
static void forbid(spnego_xmpp_xml *reader)
{
    fail(reader, SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_XMPP_XML_FORBIDDEN);
}

static void XMLCALL on_instruction(void *user, const XML_Char *target, const XML_Char *text)
{
    (void)target, (void)text;
    forbid(user);
}

/* ---- Names ----------------------------------------------------------------------------------- */

static spnego_bytes local_name(const char *name)
{
    const char *const separator = strrchr(name, SEPARATOR);
    const char *const local = separator != NULL ? separator + 1 : name;
    const spnego_bytes bytes = {(const uint8_t *)local, strlen(local)};

    return bytes;
}

static int is_in(const char *name, const char *namespace)
{
    const char *const separator = strrchr(name, SEPARATOR);
    const size_t len = strlen(namespace);

    return separator != NULL && (size_t)(separator - name) == len &&
           memcmp(name, namespace, len) == 0;
}

static int is_named(const char *name, const char *namespace, const char *local)
{
    const spnego_bytes wanted = {(const uint8_t *)local, strlen(local)};

    return is_in(name, namespace) && bytes_equal(local_name(name), wanted);
}

/* ---- Text ------------------------------------------------------------------------------------ */

static void keep(spnego_xmpp_xml *reader, xml_span *span, const char *text, size_t len)
{
    const spnego_bytes bytes = {(const uint8_t *)text, len};

    if (span->len == 0)
        span->at = reader->room.len;
    if (!nego_buffer_add(&reader->room, &reader->host, bytes))
        fail(reader, SPNEGO_ERR_NO_MEMORY, SPNEGO_RULE_MEMORY_EXHAUSTED);
    else
        span->len += len;
}

static void sink_into(spnego_xmpp_xml *reader, xml_sink sink)
{
    reader->sink = sink;
    reader->sink_depth = reader->depth;
}

/* RFC 6120 6.3.5: no white space between elements; what there is does no harm before a layer. */
static int is_blank(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r' && text[i] != '\n')
            return 0;
    return 1;
}

static void XMLCALL on_text(void *user, const XML_Char *text, int text_len)
{
    spnego_xmpp_xml *const reader = user;
    const size_t len = (size_t)text_len;

    if (reader->status < 0)
        return;
    if (reader->depth == STREAM_DEPTH && !is_blank(text, len)) {
        forbid(reader);
        return;
    }
    if (reader->depth != reader->sink_depth)
        return;
    switch (reader->sink) {
    case SINK_TEXT:
        keep(reader, &reader->text, text, len);
        return;
    case SINK_MESSAGE:
        keep(reader, &reader->message, text, len);
        return;
    case SINK_MECHANISM:
        keep(reader, &reader->names[reader->num_names], text, len);
        return;
    case SINK_NOTHING:
        return;
    }
}

/* ---- Elements -------------------------------------------------------------------------------- */

static void start_stream(spnego_xmpp_xml *reader, const char *name)
{
    if (!is_named(name, STREAMS, "stream")) {
        fail(reader, SPNEGO_ERR_MALFORMED, SPNEGO_RULE_XMPP_XML_MALFORMED);
        return;
    }
    reader->item.kind = SPNEGO_XMPP_XML_STREAM;
    reader->found = 1;
}

static void start_item(spnego_xmpp_xml *reader, const char *name, const char **attributes)
{
    spnego_xmpp_element *const element = &reader->item.element;

    reader->item.kind = SPNEGO_XMPP_XML_OTHER;
    if (is_named(name, STREAMS, "features"))
        reader->item.kind = SPNEGO_XMPP_XML_FEATURES;
    if (!is_in(name, SPNEGO_XMPP_NAMESPACE))
        return;
    element->name = spnego_xmpp_name_find(local_name(name));
    if (element->name == SPNEGO_XMPP_NOTHING)
        return;
    reader->item.kind = SPNEGO_XMPP_XML_ELEMENT;
    sink_into(reader, SINK_TEXT);
    for (; element->name == SPNEGO_XMPP_AUTH && *attributes != NULL; attributes += 2)
        if (strcmp(attributes[0], "mechanism") == 0) {
            reader->has_mechanism = 1;
            keep(reader, &reader->attribute, attributes[1], strlen(attributes[1]));
        }
}

static void start_child(spnego_xmpp_xml *reader, const char *name)
{
    spnego_xmpp_element *const element = &reader->item.element;

    if (!is_in(name, SPNEGO_XMPP_NAMESPACE))
        return;
    if (reader->item.kind == SPNEGO_XMPP_XML_FEATURES) {
        reader->in_mechanisms = is_named(name, SPNEGO_XMPP_NAMESPACE, "mechanisms");
    } else if (element->name == SPNEGO_XMPP_FAILURE) {
        if (is_named(name, SPNEGO_XMPP_NAMESPACE, "text"))
            sink_into(reader, SINK_MESSAGE);
        else if (element->condition == SPNEGO_XMPP_NO_CONDITION)
            element->condition = spnego_xmpp_condition_find(local_name(name));
    }
}

static void XMLCALL on_start(void *user, const XML_Char *name, const XML_Char **attributes)
{
    spnego_xmpp_xml *const reader = user;

    if (reader->status < 0)
        return;
    if (reader->depth == reader->max_depth) {
        fail(reader, SPNEGO_ERR_LIMIT, SPNEGO_RULE_XMPP_XML_TOO_DEEP);
        return;
    }
    reader->depth++;
    if (reader->depth == STREAM_DEPTH)
        start_stream(reader, name);
    else if (reader->depth == ITEM_DEPTH)
        start_item(reader, name, attributes);
    else if (reader->depth == CHILD_DEPTH)
        start_child(reader, name);
    else if (reader->depth == MECHANISM_DEPTH && reader->in_mechanisms &&
             reader->num_names < MAX_MECHANISMS &&
             is_named(name, SPNEGO_XMPP_NAMESPACE, "mechanism"))
        sink_into(reader, SINK_MECHANISM);
}

static void XMLCALL on_end(void *user, const XML_Char *name)
{
    spnego_xmpp_xml *const reader = user;

    (void)name;
    if (reader->status < 0)
        return;
    if (reader->depth == reader->sink_depth) {
        if (reader->sink == SINK_MECHANISM)
            reader->num_names++;
        reader->sink = SINK_NOTHING;
    }
    if (reader->depth == CHILD_DEPTH)
        reader->in_mechanisms = 0;
    if (reader->depth == STREAM_DEPTH)
        reader->item.kind = SPNEGO_XMPP_XML_END;
    reader->found |= reader->depth <= ITEM_DEPTH;
    reader->depth--;
}

/* ---- The parser ------------------------------------------------------------------------------ */

/* Returns 0 if there is no memory; then the old one stays. */
static int fresh_parser(spnego_xmpp_xml *reader)
{
    /* RFC 6120 11.6: UTF-8, whatever the declaration says. */
    XML_Parser parser = XML_ParserCreateNS("UTF-8", SEPARATOR);

    if (parser == NULL)
        return 0;
    XML_SetUserData(parser, reader);
    XML_SetElementHandler(parser, on_start, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    XML_SetProcessingInstructionHandler(parser, on_instruction);
    XML_ParserFree(reader->parser);
    reader->parser = parser;
    reader->num_parsed = 0;
    return 1;
}

/* Its length is an int: max_item says that it is. */
static void parse(spnego_xmpp_xml *reader, const nego_buffer *text)
{
    if (XML_Parse(reader->parser, (const char *)text->data, (int)text->len, 0) != XML_STATUS_OK) {
        if (XML_GetErrorCode(reader->parser) == XML_ERROR_NO_MEMORY)
            fail(reader, SPNEGO_ERR_NO_MEMORY, SPNEGO_RULE_MEMORY_EXHAUSTED);
        else
            fail(reader, SPNEGO_ERR_MALFORMED, SPNEGO_RULE_XMPP_XML_MALFORMED);
    }
    reader->num_parsed += text->len;
}

/* ---- Reading --------------------------------------------------------------------------------- */

spnego_xmpp_xml *spnego_xmpp_xml_create(size_t max_item, unsigned max_depth)
{
    nego_host host;
    spnego_xmpp_xml *reader;

    memset(&host, 0, sizeof host);
    reader = nego_host_alloc(&host, sizeof *reader);
    if (reader == NULL)
        return NULL;
    memset(reader, 0, sizeof *reader);
    reader->max_item = max_item == 0 || max_item > MAX_ITEM ? DEFAULT_MAX_ITEM : max_item;
    reader->max_depth = max_depth != 0 ? max_depth : DEFAULT_MAX_DEPTH;
    reader->status = SPNEGO_CONTINUE;
    reader->error.offset = SPNEGO_NO_OFFSET;
    nego_buffer_init(&reader->room, NULL, 0);
    nego_buffer_init(&reader->markup, NULL, 0);
    nego_buffer_init(&reader->opening, NULL, 0);
    if (!fresh_parser(reader)) {
        nego_host_free(&host, reader);
        return NULL;
    }
    return reader;
}

void spnego_xmpp_xml_destroy(spnego_xmpp_xml *reader)
{
    nego_host host;

    if (reader == NULL)
        return;
    host = reader->host;
    XML_ParserFree(reader->parser);
    nego_buffer_free(&reader->room, &host);
    nego_buffer_free(&reader->markup, &host);
    nego_buffer_free(&reader->opening, &host);
    nego_host_free(&host, reader);
}

static void forget_item(spnego_xmpp_xml *reader)
{
    memset(&reader->item, 0, sizeof reader->item);
    memset(&reader->attribute, 0, sizeof reader->attribute);
    memset(&reader->text, 0, sizeof reader->text);
    memset(&reader->message, 0, sizeof reader->message);
    memset(reader->names, 0, sizeof reader->names);
    reader->found = 0;
    reader->has_mechanism = 0;
    reader->num_names = 0;
    reader->num_octets = 0;
    reader->sink = SINK_NOTHING;
    reader->sink_depth = 0;
    nego_buffer_clear(&reader->room);
}

/* RFC 6120 13.12: a parser keeps each name that it meets for as long as it lives, and a stream
 * before SASL may be as long as its peer likes.  So after max_item octets another takes over,
 * behind the stream's start tag, which is no longer than that: memory is bounded, and no octet is
 * read more than twice. */
static void renew_parser(spnego_xmpp_xml *reader)
{
    if (reader->num_parsed < reader->max_item + reader->opening.len)
        return;
    reader->depth = 0;
    if (!fresh_parser(reader))
        fail(reader, SPNEGO_ERR_NO_MEMORY, SPNEGO_RULE_MEMORY_EXHAUSTED);
    else
        parse(reader, &reader->opening);
    forget_item(reader);
}

/* The parser is given whole tags, so that it has nothing to look at twice and nothing to put off,
 * and has never seen what stands behind the end of an item.  Returns 1 if the octet ends a tag. */
static int ends_tag(spnego_xmpp_xml *reader, uint8_t octet)
{
    switch (reader->scan) {
    case SCAN_TEXT:
        if (octet == '<')
            reader->scan = SCAN_OPEN;
        return 0;
    case SCAN_OPEN:
        if (octet == '?' && reader->depth != 0)
            forbid(reader);
        reader->scan = octet == '!'   ? SCAN_BANG
                       : octet == '?' ? SCAN_INSTRUCTION
                       : octet == '>' ? SCAN_TEXT
                                      : SCAN_TAG;
        return octet == '>';
    case SCAN_BANG:
        /* A comment or a document type. */
        if (octet != '[')
            forbid(reader);
        reader->scan = SCAN_CDATA;
        reader->num_brackets = 0;
        return 0;
    case SCAN_CDATA:
        if (octet == '>' && reader->num_brackets >= 2) {
            reader->scan = SCAN_TEXT;
            return 1;
        }
        reader->num_brackets = octet == ']' ? reader->num_brackets + 1 : 0;
        return 0;
    case SCAN_TAG:
        if (reader->quote != 0 || octet == '\'' || octet == '"') {
            reader->quote = reader->quote == 0 ? octet : reader->quote == octet ? 0 : reader->quote;
            return 0;
        }
        break;
    case SCAN_INSTRUCTION:
        break;
    }
    if (octet == '>')
        reader->scan = SCAN_TEXT;
    return octet == '>';
}

static void end_tag(spnego_xmpp_xml *reader)
{
    if (reader->depth == 0 &&
        !nego_buffer_add(&reader->opening, &reader->host, nego_buffer_view(&reader->markup)))
        fail(reader, SPNEGO_ERR_NO_MEMORY, SPNEGO_RULE_MEMORY_EXHAUSTED);
    else
        parse(reader, &reader->markup);
    nego_buffer_clear(&reader->markup);
}

/* Takes octets to the end of a tag, or all there are, and returns how many. */
static size_t take(spnego_xmpp_xml *reader, spnego_bytes in)
{
    spnego_bytes piece = {in.data, 0};
    int at_end = 0;

    while (piece.len < in.len && !at_end && reader->status >= 0) {
        if (reader->num_octets == reader->max_item) {
            fail(reader, SPNEGO_ERR_LIMIT, SPNEGO_RULE_XMPP_XML_TOO_LONG);
            break;
        }
        reader->num_octets++;
        at_end = ends_tag(reader, piece.data[piece.len++]);
    }
    if (reader->status < 0)
        return piece.len;
    if (!nego_buffer_add(&reader->markup, &reader->host, piece))
        fail(reader, SPNEGO_ERR_NO_MEMORY, SPNEGO_RULE_MEMORY_EXHAUSTED);
    else if (at_end)
        end_tag(reader);
    return piece.len;
}

static spnego_bytes view_of(const spnego_xmpp_xml *reader, xml_span span)
{
    spnego_bytes view = bytes_absent();

    if (span.len != 0) {
        view.data = reader->room.data + span.at;
        view.len = span.len;
    }
    return view;
}

static void give(spnego_xmpp_xml *reader, spnego_xmpp_xml_item *out_item)
{
    static const uint8_t nothing = 0;
    spnego_xmpp_element *const element = &reader->item.element;

    element->mechanism = view_of(reader, reader->attribute);
    if (reader->has_mechanism && element->mechanism.data == NULL)
        element->mechanism.data = &nothing;
    element->text = view_of(reader, reader->text);
    element->message = view_of(reader, reader->message);
    for (size_t i = 0; i < reader->num_names; i++)
        reader->views[i] = view_of(reader, reader->names[i]);
    reader->item.mechanisms = reader->views;
    reader->item.num_mechanisms = reader->num_names;
    *out_item = reader->item;
    if (reader->item.kind == SPNEGO_XMPP_XML_END)
        reader->status = SPNEGO_COMPLETE;
}

spnego_status spnego_xmpp_xml_receive(spnego_xmpp_xml *reader, spnego_xmpp_xml_item *out_item,
                                      size_t *out_taken, spnego_bytes in)
{
    memset(out_item, 0, sizeof *out_item);
    *out_taken = 0;
    if (reader->status < 0)
        return reader->status;
    if (reader->status == SPNEGO_COMPLETE)
        return SPNEGO_ERR_USAGE;
    if (reader->found) {
        forget_item(reader);
        renew_parser(reader);
    }
    while (in.len != 0 && reader->status >= 0 && !reader->found) {
        const size_t len = take(reader, in);

        in.data += len;
        in.len -= len;
        *out_taken += len;
    }
    if (reader->status < 0)
        return reader->status;
    if (!reader->found)
        return SPNEGO_CONTINUE;
    give(reader, out_item);
    return SPNEGO_COMPLETE;
}

const spnego_error *spnego_xmpp_xml_error(const spnego_xmpp_xml *reader)
{
    return &reader->error;
}
