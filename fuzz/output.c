#include "output.h"

#include "inspect/render.h"

/* ---- The tree ------------------------------------------------------------------------------- */

static int is_inside(const inspect_reading *reading, size_t offset, size_t len)
{
    return offset <= reading->in.len && len <= reading->in.len - offset;
}

static void check_tree(const inspect_reading *reading)
{
    const inspect_tree *tree = &reading->tree;

    LAW(!tree->failed && tree->num_nodes <= INSPECT_TREE_MAX_NODES);
    for (size_t i = 0; i < tree->num_nodes; i++) {
        const inspect_node *node = &tree->nodes[i];

        LAW(node->depth <= (i == 0 ? 0 : tree->nodes[i - 1].depth + 1));
        LAW(node->depth <= INSPECT_TREE_MAX_DEPTH);
        LAW(is_inside(reading, node->offset, node->len));
        if (node->octets.data == NULL)
            continue;
        LAW(node->octets.data >= reading->in.data);
        LAW(is_inside(reading, inspect_offset(reading, node->octets), node->octets.len));
    }
    for (size_t i = 0; i < reading->num_findings; i++)
        LAW(is_inside(reading, reading->findings[i].offset, reading->findings[i].len));
}

/* ---- The text ------------------------------------------------------------------------------- */

/* How long the character at the beginning of `text` is; 0 if it is none of UTF-8 (RFC 3629 4). */
static size_t character(spnego_bytes text)
{
    static const struct {
        uint8_t first, last, second_first, second_last;
        size_t len;
    } rows[] = {
        {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (text.data[0] < rows[i].first || text.data[0] > rows[i].last)
            continue;
        if (text.len < rows[i].len || (rows[i].len > 1 && (text.data[1] < rows[i].second_first ||
                                                           text.data[1] > rows[i].second_last)))
            return 0;
        for (size_t k = 2; k < rows[i].len; k++)
            if ((text.data[k] & 0xc0) != 0x80)
                return 0;
        return rows[i].len;
    }
    return 0;
}

static void check_text(spnego_bytes text)
{
    while (text.len > 0) {
        const size_t len = character(text);

        LAW(len > 0);
        LAW(len > 1 || text.data[0] == '\n' || (text.data[0] >= 0x20 && text.data[0] != 0x7f));
        /* C1 controls. */
        LAW(len != 2 || text.data[0] != 0xc2 || text.data[1] >= 0xa0);
        text.data += len;
        text.len -= len;
    }
}

/* ---- The JSON ------------------------------------------------------------------------------- */

typedef struct json_cursor {
    spnego_bytes left;
    size_t depth;
    char open[64]; /* brackets that are */
} json_cursor;

static int peek(const json_cursor *cursor)
{
    return cursor->left.len > 0 ? cursor->left.data[0] : -1;
}

static int take(json_cursor *cursor)
{
    LAW(cursor->left.len > 0);
    cursor->left.len--;
    return *cursor->left.data++;
}

/* RFC 8259 7 */
static void take_string(json_cursor *cursor)
{
    LAW(take(cursor) == '"');
    while (peek(cursor) != '"') {
        int c = take(cursor);

        LAW(c >= 0x20);
        if (c != '\\')
            continue;
        c = take(cursor);
        LAW(strchr("\"\\/bfnrtu", c) != NULL && c != 0);
        for (int i = 0; c == 'u' && i < 4; i++)
            LAW(strchr("0123456789abcdef", take(cursor)) != NULL);
    }
    (void)take(cursor);
}

/* A number without fraction, or a word; the inspector writes no others. */
static void take_plain(json_cursor *cursor)
{
    size_t num_digits = 0;

    if (peek(cursor) == 't') {
        for (const char *word = "true"; *word != 0; word++)
            LAW(take(cursor) == *word);
        return;
    }
    if (peek(cursor) == '-')
        (void)take(cursor);
    LAW(cursor->left.len < 2 || cursor->left.data[0] != '0' || cursor->left.data[1] < '0' ||
        cursor->left.data[1] > '9');
    for (; peek(cursor) >= '0' && peek(cursor) <= '9'; num_digits++)
        (void)take(cursor);
    LAW(num_digits > 0);
}

/* What closes after a value, and the comma before the next.  Returns 0 at the end of all. */
static int take_end(json_cursor *cursor)
{
    while (cursor->depth > 0 && (peek(cursor) == '}' || peek(cursor) == ']')) {
        LAW(take(cursor) == (cursor->open[cursor->depth - 1] == '{' ? '}' : ']'));
        cursor->depth--;
    }
    if (cursor->depth == 0)
        return 0;
    LAW(take(cursor) == ',');
    return 1;
}

/* One object in one line (RFC 8259 2). */
static void check_json(spnego_bytes text)
{
    json_cursor cursor = {text, 0, {0}};
    int more = 1;

    while (more) {
        if (cursor.depth > 0 && cursor.open[cursor.depth - 1] == '{') {
            take_string(&cursor);
            LAW(take(&cursor) == ':');
        }
        if (peek(&cursor) == '{' || peek(&cursor) == '[') {
            LAW(cursor.depth < sizeof cursor.open);
            cursor.open[cursor.depth++] = (char)take(&cursor);
            if (peek(&cursor) != '}' && peek(&cursor) != ']')
                continue;
        } else if (peek(&cursor) == '"') {
            take_string(&cursor);
        } else {
            take_plain(&cursor);
        }
        more = take_end(&cursor);
    }
    LAW(take(&cursor) == '\n' && cursor.left.len == 0);
}

/* ---- What is hidden -------------------------------------------------------------------------- */

static void render(inspect_text *out, const inspect_reading *reading, int redact)
{
    inspect_view view;
    size_t len;
    spnego_bytes text;

    memset(&view, 0, sizeof view);
    view.name = "fuzz";
    view.redact = redact;
    inspect_render_json(out, reading, &view);
    check_json(inspect_text_bytes(out));
    len = out->len;
    inspect_render_text(out, reading, &view);
    LAW(!out->failed);
    text = inspect_text_bytes(out);
    text.data += len;
    text.len -= len;
    check_text(inspect_text_bytes(out));
    LAW(text.len > 0 && text.data[text.len - 1] == '\n');
}

/* Each octet that some node hides becomes another. */
static void change_hidden(uint8_t *copy, const inspect_reading *reading, spnego_bytes token)
{
    for (size_t i = 0; i < reading->tree.num_nodes; i++) {
        const inspect_node *node = &reading->tree.nodes[i];
        const size_t offset = inspect_offset(reading, node->octets);

        if (node->privacy == INSPECT_PUBLIC || node->octets.data == NULL)
            continue;
        for (size_t k = 0; k < node->octets.len; k++)
            copy[offset + k] = (uint8_t)~token.data[offset + k];
    }
}

void check_output(spnego_bytes token)
{
    static inspect_reading reading;
    uint8_t *copy = copy_exactly(token.data, token.len);
    const spnego_bytes in = {copy, token.len};
    inspect_text shown = {0}, hidden = {0}, again = {0};

    inspect_read(&reading, in, SPNEGO_TOLERATE_ALL, INSPECT_ROLE_UNKNOWN, 0);
    check_tree(&reading);
    render(&shown, &reading, 0);
    render(&hidden, &reading, 1);
    change_hidden(copy, &reading, token);
    render(&again, &reading, 1);
    LAW(same_octets(inspect_text_bytes(&hidden), inspect_text_bytes(&again)));
    inspect_text_free(&shown);
    inspect_text_free(&hidden);
    inspect_text_free(&again);
    inspect_reading_free(&reading);
    free(copy);
}
