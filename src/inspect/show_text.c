#include "inspect/expect.h"
#include "inspect/show.h"
#include "inspect/value.h"

/* Octets and octets of a text that are shown; --format json has them all. */
#define INSPECT_SHOWN_OCTETS 16
#define INSPECT_SHOWN_TEXT 256

/* Of children that need lines of their own, so many may stand before the first that does. */
#define INSPECT_LINE_CHILDREN 3

static int inspect_is_simple(const inspect_node *node)
{
    return node->value != INSPECT_OBJECT && node->value != INSPECT_ARRAY &&
           node->value != INSPECT_OCTETS;
}

static void inspect_line_count(inspect_text *out, size_t num)
{
    inspect_text_put_number(out, num);
    inspect_text_puts(out, num == 1 ? " octet" : " octets");
}

static void inspect_line_octets(inspect_text *out, spnego_bytes octets)
{
    spnego_bytes shown = octets;

    inspect_line_count(out, octets.len);
    if (shown.len > INSPECT_SHOWN_OCTETS)
        shown.len = INSPECT_SHOWN_OCTETS;
    if (shown.len > 0)
        inspect_text_puts(out, ": ");
    inspect_text_put_hex(out, shown, 0);
    if (shown.len < octets.len)
        inspect_text_puts(out, "...");
}

static void inspect_line_text(inspect_text *out, const inspect_node *node)
{
    spnego_bytes shown = node->octets;

    if (shown.len > INSPECT_SHOWN_TEXT)
        shown.len = INSPECT_SHOWN_TEXT;
    inspect_text_putc(out, '"');
    if (node->value == INSPECT_TEXT_UTF16)
        inspect_text_put_utf16(out, shown);
    else
        inspect_text_put_escaped(out, shown);
    inspect_text_putc(out, '"');
    if (shown.len < node->octets.len) {
        inspect_text_puts(out, " ..., ");
        inspect_line_count(out, node->octets.len);
    }
}

static void inspect_line_named(inspect_text *out, const char *name, int64_t number)
{
    if (name != NULL) {
        inspect_text_puts(out, name);
        inspect_text_puts(out, " (");
    }
    inspect_text_put_signed(out, number);
    if (name != NULL)
        inspect_text_putc(out, ')');
}

static void inspect_line_value(inspect_text *out, const inspect_node *node, int redact)
{
    if (redact && node->privacy != INSPECT_PUBLIC) {
        inspect_line_count(out, node->octets.data != NULL ? node->octets.len : node->len);
        inspect_text_puts(out, ", redacted");
        return;
    }
    switch (node->value) {
    case INSPECT_NUMBER:
    case INSPECT_NAMED:
        inspect_line_named(out, node->label, (int64_t)node->number);
        break;
    case INSPECT_FILETIME:
        if (!inspect_put_filetime(out, node->number))
            inspect_text_put_number(out, node->number);
        break;
    case INSPECT_OCTETS:
        inspect_line_octets(out, node->octets);
        break;
    case INSPECT_TEXT_UTF8:
    case INSPECT_TEXT_UTF16:
        inspect_line_text(out, node);
        break;
    case INSPECT_FLAG:
    case INSPECT_TEXT_STATIC:
        inspect_text_puts(out, node->label != NULL ? node->label : "");
        break;
    case INSPECT_GUID:
        inspect_put_guid(out, node->octets);
        inspect_text_puts(out, node->label != NULL ? " " : "");
        inspect_text_puts(out, node->label != NULL ? node->label : "");
        break;
    case INSPECT_TIME:
        inspect_put_time(out, node->octets);
        break;
    case INSPECT_OID_VALUE:
        inspect_put_oid(out, node->octets, " ");
        break;
    case INSPECT_OBJECT:
    case INSPECT_ARRAY:
        break;
    }
}

/* Names of bits, from `first` up to `end`. */
static void inspect_line_flags(inspect_text *out, const inspect_tree *tree, size_t first,
                               size_t end, const char *before)
{
    for (size_t i = first; i < end; i++) {
        inspect_text_puts(out, i == first ? before : ", ");
        inspect_line_value(out, &tree->nodes[i], 0);
    }
}

/* Whether the node is an array of nothing but bits. */
static int inspect_is_flags(const inspect_tree *tree, size_t index, size_t end)
{
    size_t next = index + 1;

    if (index >= end || tree->nodes[index].value != INSPECT_ARRAY)
        return 0;
    while (next < end && tree->nodes[next].value == INSPECT_FLAG)
        next++;
    return next == end || tree->nodes[next].depth <= tree->nodes[index].depth;
}

/* A number and its bits: "0x00000003 A, B". */
static void inspect_line_bits(inspect_text *out, const inspect_node *number)
{
    uint8_t octets[4];
    const spnego_bytes view = {octets, sizeof octets};

    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = (uint8_t)(number->number >> (8 * (sizeof octets - 1 - i)));
    inspect_text_puts(out, "0x");
    inspect_text_put_hex(out, view, 0);
}

/* The name of a child beside its parent's, without what the two begin with: "DomainNameLen" of
 * "DomainNameFields" is "Len". */
static const char *inspect_short_name(const char *parent, const char *name)
{
    size_t same = 0;

    if (parent == NULL || name == NULL)
        return name != NULL ? name : "";
    while (parent[same] != 0 && parent[same] == name[same])
        same++;
    return same >= 4 && name[same] >= 'A' && name[same] <= 'Z' ? name + same : name;
}

/* Simple children stand on their parent's line: all, or some before others if that is short. */
static size_t inspect_line_children(inspect_text *out, const inspect_tree *tree, size_t index,
                                    int redact)
{
    const inspect_node *parent = &tree->nodes[index];
    const size_t end = inspect_tree_end(tree, index);
    size_t stop = index + 1;

    while (stop < end && inspect_is_simple(&tree->nodes[stop]) &&
           tree->nodes[stop].depth == parent->depth + 1)
        stop++;
    if (stop < end && stop - index - 1 > INSPECT_LINE_CHILDREN)
        return index + 1;
    for (size_t i = index + 1; i < stop; i++) {
        inspect_text_puts(out, i > index + 1 ? ", " : "");
        inspect_text_puts(out, inspect_short_name(parent->name, tree->nodes[i].name));
        inspect_text_putc(out, ' ');
        inspect_line_value(out, &tree->nodes[i], redact);
    }
    return stop;
}

size_t inspect_show_line(inspect_text *out, const inspect_tree *tree, size_t index, int redact)
{
    const inspect_node *node = &tree->nodes[index];
    const size_t end = inspect_tree_end(tree, index);

    if (inspect_is_flags(tree, index, end)) {
        inspect_line_flags(out, tree, index + 1, end, "");
        return end;
    }
    if (node->value == INSPECT_OBJECT && node->type == NULL && index + 1 < end) {
        const int has_number = tree->nodes[index + 1].value == INSPECT_NUMBER;
        const size_t flags = index + (has_number ? 2 : 1);

        if (inspect_is_flags(tree, flags, end) && inspect_tree_end(tree, flags) == end) {
            if (has_number)
                inspect_line_bits(out, &tree->nodes[index + 1]);
            inspect_line_flags(out, tree, flags + 1, end, has_number ? " " : "");
            return end;
        }
    }
    if (node->value == INSPECT_OBJECT && node->type == NULL)
        return inspect_line_children(out, tree, index, redact);
    if (node->type != NULL && node->name != NULL) {
        inspect_text_puts(out, node->type);
        inspect_text_puts(out, ", ");
    }
    if (node->type != NULL || (node->value == INSPECT_OCTETS && index + 1 < end))
        inspect_line_count(out, node->len);
    else
        inspect_line_value(out, node, redact);
    if (node->value != INSPECT_OCTETS && inspect_is_simple(node))
        return end;
    return index + 1;
}
