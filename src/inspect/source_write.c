/* Octets to source text. */
#include <spnego/oid.h>
#include <string.h>

#include "inspect/expect.h"
#include "inspect/kind.h"
#include "inspect/source.h"
#include "inspect/tlv.h"

/* So many octets of hexadecimal stand on one line. */
#define INSPECT_SOURCE_ROW 32

static const inspect_tag_name tag_names[] = {
    {0x30, "SEQUENCE"},      {0x31, "SET"},           {0x06, "OBJECT_IDENTIFIER"},
    {0x04, "OCTET_STRING"},  {0x03, "BIT_STRING"},    {0x0a, "ENUMERATED"},
    {0x02, "INTEGER"},       {0x01, "BOOLEAN"},       {0x05, "NULL"},
    {0x1b, "GeneralString"}, {0x0c, "UTF8String"},    {0x13, "PrintableString"},
    {0x16, "IA5String"},     {0x1a, "VisibleString"}, {0x18, "GeneralizedTime"},
    {0x17, "UTCTime"}};

#define NUM_TAG_NAMES (sizeof tag_names / sizeof tag_names[0])

const char *inspect_tag_find_name(uint8_t tag)
{
    for (size_t i = 0; i < NUM_TAG_NAMES; i++)
        if (tag_names[i].tag == tag)
            return tag_names[i].name;
    return NULL;
}

uint8_t inspect_tag_find(spnego_bytes name)
{
    for (size_t i = 0; i < NUM_TAG_NAMES; i++)
        if (strlen(tag_names[i].name) == name.len &&
            memcmp(tag_names[i].name, name.data, name.len) == 0)
            return tag_names[i].tag;
    return 0;
}

int inspect_length_put(uint8_t out[9], size_t *out_len, uint64_t length, size_t octets)
{
    size_t needed = 0;

    for (uint64_t rest = length; rest != 0; rest >>= 8)
        needed++;
    if (octets == 0 && length < 0x80) {
        out[0] = (uint8_t)length;
        *out_len = 1;
        return 1;
    }
    if (octets == 0)
        octets = needed;
    if (octets < needed || octets > 8)
        return 0;
    out[0] = (uint8_t)(0x80 | octets);
    for (size_t i = 0; i < octets; i++)
        out[1 + i] = (uint8_t)(length >> (8 * (octets - 1 - i)));
    *out_len = 1 + octets;
    return 1;
}

/* One element as it can be written. */
typedef struct inspect_element {
    inspect_tlv tlv;
    size_t offset;
    spnego_bytes contents; /* as much as there is */
    uint64_t missing;      /* what the length says beyond that */
    size_t long_form;      /* 0 if the length is as short as it can be */
} inspect_element;

/* The element at `at`, inside something that ends at `end`.  Returns 0 if no source stands for its
 * header. */
static int inspect_element_read(inspect_element *out, spnego_bytes in, size_t at, size_t end)
{
    spnego_bytes rest = {in.data + at, end - at};
    uint8_t shortest[9];
    size_t shortest_len = 0;

    memset(out, 0, sizeof *out);
    if (!inspect_tlv_read(&out->tlv, rest) || out->tlv.is_indefinite)
        return 0;
    out->offset = at;
    out->contents.data = rest.data + out->tlv.header_len;
    out->contents.len = rest.len - out->tlv.header_len;
    if (out->tlv.declared_len < out->contents.len)
        out->contents.len = (size_t)out->tlv.declared_len;
    out->missing = out->tlv.declared_len - out->contents.len;
    if (out->missing > INT64_MAX)
        return 0;
    (void)inspect_length_put(shortest, &shortest_len, out->tlv.declared_len, 0);
    if (shortest_len != out->tlv.length_octets)
        out->long_form = out->tlv.length_octets - 1;
    return 1;
}

static void inspect_source_indent(inspect_text *out, size_t depth)
{
    inspect_text_put_repeated(out, ' ', 2 * (depth + 1));
}

static void inspect_source_head(inspect_text *out, const inspect_element *element)
{
    static const char *const classes[] = {"UNIVERSAL ", "APPLICATION ", "", "PRIVATE "};
    const uint8_t tag = element->tlv.tag;
    const char *name = inspect_tag_find_name(tag);

    if (element->long_form > 0) {
        inspect_text_puts(out, "long-form:");
        inspect_text_put_number(out, element->long_form);
        inspect_text_putc(out, ' ');
    }
    if (element->missing > 0) {
        inspect_text_puts(out, "adjust-length:+");
        inspect_text_put_number(out, element->missing);
        inspect_text_putc(out, ' ');
    }
    if (name != NULL) {
        inspect_text_puts(out, name);
        return;
    }
    inspect_text_putc(out, '[');
    inspect_text_puts(out, classes[tag >> 6]);
    inspect_text_put_number(out, tag & 0x1fu);
    inspect_text_puts(out, (tag & 0x20) != 0 ? "]" : " PRIMITIVE]");
}

static void inspect_source_rows(inspect_text *out, spnego_bytes octets, size_t depth)
{
    for (size_t i = 0; i < octets.len; i += INSPECT_SOURCE_ROW) {
        spnego_bytes row = {octets.data + i, octets.len - i};
        if (row.len > INSPECT_SOURCE_ROW)
            row.len = INSPECT_SOURCE_ROW;
        inspect_source_indent(out, depth);
        inspect_text_putc(out, '`');
        inspect_text_put_hex(out, row, 0);
        inspect_text_puts(out, "`\n");
    }
}

/* Puts an OID in dotted form if that stands for the same octets. */
static int inspect_source_oid(inspect_text *out, spnego_bytes contents)
{
    char text[SPNEGO_OID_TEXT_SIZE];
    uint8_t octets[64];
    spnego_bytes back;

    if (spnego_oid_to_text(text, sizeof text, contents) == 0 ||
        !spnego_oid_from_text(&back, octets, sizeof octets, text) || back.len != contents.len ||
        memcmp(back.data, contents.data, back.len) != 0)
        return 0;
    inspect_text_puts(out, text);
    return 1;
}

/* Puts a whole number if its two's complement is as short as it can be (X.690 8.3.2). */
static int inspect_source_number(inspect_text *out, spnego_bytes contents)
{
    uint64_t number;

    if (contents.len < 1 || contents.len > 8 ||
        (contents.len > 1 && ((contents.data[0] == 0 && contents.data[1] < 0x80) ||
                              (contents.data[0] == 0xff && contents.data[1] >= 0x80))))
        return 0;
    number = contents.data[0] < 0x80 ? 0 : UINT64_MAX;
    for (size_t i = 0; i < contents.len; i++)
        number = number << 8 | contents.data[i];
    if (contents.data[0] < 0x80) {
        inspect_text_put_number(out, number);
    } else {
        inspect_text_putc(out, '-');
        inspect_text_put_number(out, 0 - number);
    }
    return 1;
}

static int inspect_source_string(inspect_text *out, spnego_bytes contents)
{
    if (contents.len == 0 || contents.len > 64)
        return 0;
    for (size_t i = 0; i < contents.len; i++)
        if (contents.data[i] < 0x20 || contents.data[i] > 0x7e)
            return 0;
    inspect_text_putc(out, '"');
    for (size_t i = 0; i < contents.len; i++) {
        if (contents.data[i] == '"' || contents.data[i] == '\\')
            inspect_text_putc(out, '\\');
        inspect_text_putc(out, (char)contents.data[i]);
    }
    inspect_text_putc(out, '"');
    return 1;
}

/* Puts the contents of a primitive element in the form that says most, on one line.  Returns 0 if
 * that needs more than a line. */
static int inspect_source_value(inspect_text *out, const inspect_element *element)
{
    const uint8_t tag = element->tlv.tag;
    int done = 0;

    if (tag == 0x06)
        done = inspect_source_oid(out, element->contents);
    else if (tag == 0x0a || tag == 0x02)
        done = inspect_source_number(out, element->contents);
    else if (tag == 0x1b || tag == 0x0c || tag == 0x13 || tag == 0x16 || tag == 0x1a ||
             tag == 0x18 || tag == 0x17)
        done = inspect_source_string(out, element->contents);
    if (done)
        return 1;
    if (element->contents.len > 16)
        return 0;
    inspect_text_putc(out, '`');
    inspect_text_put_hex(out, element->contents, 0);
    inspect_text_putc(out, '`');
    return 1;
}

/* What the element is called in the standards, or NULL. */
static const char *inspect_source_name(const inspect_reading *reading, const inspect_layout *layout,
                                       const inspect_element *element)
{
    const char *name, *dot;

    if (element->tlv.tag == 0x06)
        return spnego_oid_name(spnego_oid_identify(element->contents));
    if (element->tlv.tag == 0x04) {
        for (size_t i = 0; i < layout->num_fields; i++) {
            const spnego_bytes view = inspect_field_view(reading, layout->fields[i].field);
            if (view.data == element->contents.data && view.len == element->contents.len)
                return inspect_kind_name(view);
        }
        return NULL;
    }
    for (size_t i = 0; i < layout->num_fields; i++) {
        if (layout->fields[i].span.offset != element->offset ||
            layout->fields[i].field == SPNEGO_FIELD_UNKNOWN ||
            layout->fields[i].field == SPNEGO_FIELD_THIS_MECH)
            continue;
        name = spnego_field_name(reading->token.type, layout->fields[i].field);
        dot = strrchr(name, '.');
        return dot != NULL ? dot + 1 : name;
    }
    return NULL;
}

static void inspect_source_comment(inspect_text *out, const char *name)
{
    if (name != NULL && name[0] != 0) {
        inspect_text_puts(out, "  # ");
        inspect_text_puts(out, name);
    }
    inspect_text_putc(out, '\n');
}

static void inspect_source_primitive(inspect_text *out, const inspect_element *element,
                                     const char *name, size_t depth)
{
    inspect_text_puts(out, element->contents.len > 0 ? " { " : " {}");
    if (element->contents.len > 0) {
        if (!inspect_source_value(out, element)) {
            if (!out->failed) /* the blank was put */
                out->len--;
            inspect_source_comment(out, name);
            inspect_source_rows(out, element->contents, depth + 1);
            inspect_source_indent(out, depth);
            inspect_text_puts(out, "}\n");
            return;
        }
        inspect_text_puts(out, " }");
    }
    inspect_source_comment(out, name);
}

void inspect_source_write(inspect_text *out, const inspect_reading *reading)
{
    size_t ends[INSPECT_SOURCE_MAX_DEPTH];
    const spnego_bytes in = reading->in;
    size_t depth = 0, at = 0;
    inspect_layout layout;
    inspect_element element;

    inspect_layout_of(&layout, reading);
    ends[0] = in.len;
    for (;;) {
        if (at == ends[depth]) {
            if (depth == 0)
                return;
            depth--;
            inspect_source_indent(out, depth);
            inspect_text_puts(out, "}\n");
            continue;
        }
        if (!inspect_element_read(&element, in, at, ends[depth])) {
            const spnego_bytes rest = {in.data + at, ends[depth] - at};
            inspect_source_rows(out, rest, depth);
            at = ends[depth];
            continue;
        }
        inspect_source_indent(out, depth);
        inspect_source_head(out, &element);
        at += element.tlv.header_len;
        if ((element.tlv.tag & 0x20) != 0 && element.contents.len > 0 &&
            depth + 1 < INSPECT_SOURCE_MAX_DEPTH) {
            inspect_text_puts(out, " {");
            inspect_source_comment(out, inspect_source_name(reading, &layout, &element));
            depth++;
            ends[depth] = at + element.contents.len;
        } else {
            inspect_source_primitive(out, &element, inspect_source_name(reading, &layout, &element),
                                     depth);
            at += element.contents.len;
        }
    }
}
