#include <spnego/oid.h>

#include "inspect/expect.h"
#include "inspect/show.h"
#include "inspect/value.h"

/* What is open on the way to the node at hand. */
typedef struct inspect_path {
    inspect_json *json;
    size_t num_open;
    struct {
        size_t depth;
        char bracket; /* that closes it */
    } open[INSPECT_TREE_MAX_DEPTH + 1];
} inspect_path;

static void inspect_path_close(inspect_path *path, size_t depth)
{
    while (path->num_open > 0 && path->open[path->num_open - 1].depth >= depth)
        inspect_json_end(path->json, path->open[--path->num_open].bracket);
}

static void inspect_path_open(inspect_path *path, size_t depth, char begin, char end)
{
    inspect_json_begin(path->json, begin);
    path->open[path->num_open].depth = depth;
    path->open[path->num_open].bracket = end;
    path->num_open++;
}

static void inspect_show_place(inspect_json *json, const inspect_node *node)
{
    inspect_json_key(json, "offset");
    inspect_json_unsigned(json, node->offset);
    inspect_json_key(json, "length");
    inspect_json_unsigned(json, node->len);
}

/* The place of octets is that of the contents, which end where their element does (cli.md). */
static void inspect_show_octets(inspect_json *json, const inspect_node *node, int redact)
{
    inspect_node contents = *node;

    if (node->octets.data != NULL && node->octets.len <= node->len) {
        contents.offset += node->len - node->octets.len;
        contents.len = node->octets.len;
    }
    inspect_show_place(json, &contents);
    if (redact) {
        inspect_json_key(json, "redacted");
        inspect_json_true(json);
    } else {
        inspect_json_key(json, "hex");
        inspect_json_hex(json, node->octets);
    }
}

/* A number, and in words what it stands for where that is known. */
static void inspect_show_number(inspect_json *json, const inspect_node *node)
{
    inspect_text time = {NULL, 0, 0, 0};

    inspect_json_begin(json, '{');
    inspect_json_key(json, "value");
    if (node->value == INSPECT_FILETIME)
        inspect_json_unsigned(json, node->number);
    else
        inspect_json_number(json, (int64_t)node->number);
    if (node->value == INSPECT_FILETIME && inspect_put_filetime(&time, node->number)) {
        inspect_json_key(json, "time");
        inspect_json_octets(json, inspect_text_bytes(&time));
    } else if (node->label != NULL) {
        inspect_json_key(json, "name");
        inspect_json_string(json, node->label);
    }
    inspect_json_end(json, '}');
    json->text->failed |= time.failed;
    inspect_text_free(&time);
}

/* An OID or GUID, its name where it has one, and its place. */
static void inspect_show_identifier(inspect_json *json, const inspect_node *node)
{
    const char *name = node->label;

    inspect_json_begin(json, '{');
    inspect_json_key(json, node->value == INSPECT_GUID ? "guid" : "oid");
    inspect_json_quote(json);
    if (node->value == INSPECT_GUID) {
        inspect_put_guid(json->text, node->octets);
    } else {
        inspect_put_oid(json->text, node->octets, NULL);
        name = spnego_oid_name(spnego_oid_identify(node->octets));
    }
    inspect_json_unquote(json);
    if (name != NULL) {
        inspect_json_key(json, "name");
        inspect_json_string(json, name);
    }
    inspect_show_place(json, node);
    inspect_json_end(json, '}');
}

static void inspect_show_text(inspect_json *json, const inspect_node *node)
{
    inspect_json_quote(json);
    if (node->value == INSPECT_TEXT_UTF16)
        inspect_text_put_utf16(json->text, node->octets);
    else if (node->value == INSPECT_TIME)
        inspect_put_time(json->text, node->octets);
    else
        inspect_text_put_escaped(json->text, node->octets);
    inspect_json_unquote(json);
}

/* What has no children. */
static void inspect_show_scalar(inspect_json *json, const inspect_node *node, int redact)
{
    if (redact) {
        inspect_json_begin(json, '{');
        inspect_show_octets(json, node, redact);
        inspect_json_end(json, '}');
        return;
    }
    switch (node->value) {
    case INSPECT_NUMBER:
        inspect_json_number(json, (int64_t)node->number);
        break;
    case INSPECT_NAMED:
    case INSPECT_FILETIME:
        inspect_show_number(json, node);
        break;
    case INSPECT_FLAG:
    case INSPECT_TEXT_STATIC:
        inspect_json_string(json, node->label != NULL ? node->label : "");
        break;
    case INSPECT_TEXT_UTF8:
    case INSPECT_TEXT_UTF16:
    case INSPECT_TIME:
        inspect_show_text(json, node);
        break;
    case INSPECT_GUID:
    case INSPECT_OID_VALUE:
        inspect_show_identifier(json, node);
        break;
    case INSPECT_OBJECT:
    case INSPECT_ARRAY:
    case INSPECT_OCTETS:
        break;
    }
}

/* A node, open if it may have children.  Returns the index of the next. */
static size_t inspect_show_node(inspect_path *path, const inspect_tree *tree, size_t index,
                                int redact)
{
    const inspect_node *node = &tree->nodes[index];
    const int is_hidden = redact && node->privacy != INSPECT_PUBLIC;

    switch (node->value) {
    case INSPECT_ARRAY:
        inspect_path_open(path, node->depth, '[', ']');
        return index + 1;
    case INSPECT_OBJECT:
        inspect_path_open(path, node->depth, '{', '}');
        if (node->type != NULL) {
            inspect_json_key(path->json, "type");
            inspect_json_string(path->json, node->type);
        }
        inspect_show_place(path->json, node);
        return index + 1;
    case INSPECT_OCTETS:
        inspect_path_open(path, node->depth, '{', '}');
        inspect_show_octets(path->json, node, is_hidden);
        return index + 1;
    case INSPECT_NUMBER:
    case INSPECT_NAMED:
    case INSPECT_FLAG:
    case INSPECT_TEXT_UTF8:
    case INSPECT_TEXT_UTF16:
    case INSPECT_TEXT_STATIC:
    case INSPECT_GUID:
    case INSPECT_FILETIME:
    case INSPECT_TIME:
    case INSPECT_OID_VALUE:
        break;
    }
    inspect_show_scalar(path->json, node, is_hidden);
    return inspect_tree_end(tree, index);
}

void inspect_show_json(inspect_json *json, const inspect_tree *tree, size_t index, int redact)
{
    const size_t end = inspect_tree_end(tree, index);
    inspect_path path = {json, 0, {{0, 0}}};

    for (size_t i = index; i < end;) {
        const inspect_node *node = &tree->nodes[i];

        inspect_path_close(&path, node->depth);
        /* A token that octets hold is called that (cli.md). */
        if (path.num_open > 0 && path.open[path.num_open - 1].bracket == '}')
            inspect_json_key(json, node->name != NULL ? node->name : "token");
        i = inspect_show_node(&path, tree, i, redact);
    }
    inspect_path_close(&path, 0);
}
