#include "inspect/pyspnego.h"
#include "inspect/value.h"

void inspect_py_hex(inspect_py *w, spnego_bytes octets)
{
    inspect_text *text = w->json.text;
    size_t from;

    inspect_json_quote(&w->json);
    from = text->len;
    inspect_text_put_hex(text, octets, 0);
    for (size_t i = from; i < text->len; i++)
        if (text->data[i] >= 'a' && text->data[i] <= 'f')
            text->data[i] = (char)(text->data[i] - 'a' + 'A');
    inspect_json_unquote(&w->json);
}

void inspect_py_named(inspect_py *w, const char *name, int64_t number, int is_upper)
{
    inspect_text *text = w->json.text;

    inspect_json_quote(&w->json);
    for (const char *c = name != NULL ? name : "UNKNOWN"; *c != 0; c++)
        inspect_text_putc(text, !is_upper                ? *c
                                : *c == '-'              ? '_'
                                : *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A')
                                                         : *c);
    inspect_text_puts(text, " (");
    inspect_text_put_signed(text, number);
    inspect_text_putc(text, ')');
    inspect_json_unquote(&w->json);
}

spnego_bytes inspect_py_octets(const inspect_py *w, const inspect_node *node)
{
    const spnego_bytes octets = {w->reading->in.data + node->offset, node->len};

    return node->octets.data != NULL ? node->octets : octets;
}

static void py_text(inspect_py *w, const inspect_node *node)
{
    inspect_text *text = w->json.text;

    inspect_json_quote(&w->json);
    if (node->value == INSPECT_TEXT_UTF16)
        inspect_text_put_utf16(text, node->octets);
    else if (node->value == INSPECT_TIME)
        inspect_put_time(text, node->octets);
    else if (node->value != INSPECT_FILETIME)
        inspect_text_put_escaped(text, node->octets);
    else if (!inspect_put_filetime(text, node->number))
        inspect_text_put_number(text, node->number);
    inspect_json_unquote(&w->json);
}

void inspect_py_scalar(inspect_py *w, const inspect_node *node)
{
    switch (node->value) {
    case INSPECT_NUMBER:
        inspect_json_number(&w->json, (int64_t)node->number);
        break;
    case INSPECT_NAMED:
        inspect_py_named(w, node->label, (int64_t)node->number, 0);
        break;
    case INSPECT_TEXT_UTF8:
    case INSPECT_TEXT_UTF16:
    case INSPECT_FILETIME:
    case INSPECT_TIME:
        py_text(w, node);
        break;
    case INSPECT_FLAG:
    case INSPECT_TEXT_STATIC:
        inspect_json_string(&w->json, node->label != NULL ? node->label : "");
        break;
    case INSPECT_OBJECT:
    case INSPECT_ARRAY:
    case INSPECT_OCTETS:
    case INSPECT_GUID:
    case INSPECT_OID_VALUE:
        inspect_py_hex(w, inspect_py_octets(w, node));
        break;
    }
}

void inspect_py_value(inspect_py *w, size_t index)
{
    const inspect_tree *tree = &w->reading->tree;
    const size_t end = inspect_tree_end(tree, index);

    if (tree->nodes[index].value != INSPECT_ARRAY) {
        inspect_py_scalar(w, &tree->nodes[index]);
        return;
    }
    inspect_json_begin(&w->json, '[');
    for (size_t i = index + 1; i < end; i = inspect_tree_end(tree, i))
        inspect_py_scalar(w, &tree->nodes[i]);
    inspect_json_end(&w->json, ']');
}

void inspect_py_begin_flags(inspect_py *w, uint64_t raw)
{
    inspect_json_begin(&w->json, '{');
    inspect_json_key(&w->json, "raw");
    inspect_json_unsigned(&w->json, raw);
    inspect_json_key(&w->json, "flags");
    inspect_json_begin(&w->json, '[');
}

void inspect_py_end_flags(inspect_py *w, uint64_t left)
{
    if (left != 0)
        inspect_py_named(w, NULL, (int64_t)left, 0);
    inspect_json_end(&w->json, ']');
    inspect_json_end(&w->json, '}');
}
