#include "output.h"

#include "inspect/base64.h"
#include "inspect/input.h"
#include "inspect/render.h"
#include "inspect/source.h"
#include "inspect/vector.h"

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
        LAW(node->type == NULL || node->value == INSPECT_OBJECT);
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
    } rows[] = {{0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
                {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3},
                {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
                {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4}};

    if (text.data[0] < 0x80)
        return 1;
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

/* Characters that nobody sees, but that turn or hide others. */
static int is_invisible(spnego_bytes text, size_t len)
{
    const uint8_t *const c = text.data;
    uint32_t code = c[0];

    if (len == 2)
        code = (c[0] & 0x1fu) << 6 | (c[1] & 0x3fu);
    if (len == 3)
        code = (c[0] & 0x0fu) << 12 | (c[1] & 0x3fu) << 6 | (c[2] & 0x3fu);
    return code < 0x20 || (code >= 0x7f && code <= 0x9f) || code == 0xad || code == 0x61c ||
           (len == 3 && ((code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
                         (code >= 0x2060 && code <= 0x206f) || code == 0xfeff));
}

/* ECMA-48 8.3.117, SELECT GRAPHIC RENDITION: the length of one, which alone is written, or 0. */
static size_t rendition(spnego_bytes text)
{
    size_t len = 2;

    if (text.len < 3 || text.data[0] != 0x1b || text.data[1] != '[')
        return 0;
    while (len < text.len &&
           (text.data[len] == ';' || (text.data[len] >= '0' && text.data[len] <= '9')))
        len++;
    return len < text.len && text.data[len] == 'm' ? len + 1 : 0;
}

static void check_text_in(spnego_bytes text, int is_color)
{
    int is_plain = 1;

    LAW(text.len == 0 || text.data[text.len - 1] == '\n');
    while (text.len > 0) {
        size_t len = is_color ? rendition(text) : 0;

        if (len > 0) {
            is_plain = len <= 4 && text.data[2] == (len == 4 ? '0' : 'm');
        } else {
            len = character(text);
            LAW(len > 0);
            LAW(text.data[0] == '\n' || !is_invisible(text, len));
        }
        text.data += len;
        text.len -= len;
    }
    LAW(is_plain); /* a terminal is left as it was */
}

void check_text(spnego_bytes text)
{
    check_text_in(text, 0);
}

/* ---- The JSON ------------------------------------------------------------------------------- */

typedef struct json_object {
    char bracket;
    int is_token; /* or a message: it has a type */
    int has_place;
    size_t offset, len;
} json_object;

typedef struct json_cursor {
    spnego_bytes left;
    json_style style;
    spnego_bytes token; /* absent: places are not of one token */
    spnego_bytes key;   /* of the value that comes */
    size_t depth;
    json_object open[64]; /* those that are */
} json_cursor;

static void skip_blanks(json_cursor *cursor)
{
    while (cursor->style == JSON_PRETTY && cursor->left.len > 1 &&
           (cursor->left.data[0] == ' ' || cursor->left.data[0] == '\n')) {
        cursor->left.data++;
        cursor->left.len--;
    }
}

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

static unsigned take_unit(json_cursor *cursor)
{
    static const char digits[] = "0123456789abcdef";
    unsigned unit = 0;

    for (int i = 0; i < 4; i++) {
        const char *const digit = strchr(digits, take(cursor));

        LAW(digit != NULL && *digit != 0);
        unit = unit << 4 | (unsigned)(digit - digits);
    }
    return unit;
}

/* RFC 8259 7, 8.2: half a character is none. */
static void take_escape(json_cursor *cursor)
{
    const int c = take(cursor);
    unsigned unit;

    LAW(c != 0 && strchr("\"\\/bfnrtu", c) != NULL);
    if (c != 'u')
        return;
    unit = take_unit(cursor);
    LAW(unit < 0xdc00 || unit > 0xdfff);
    if (unit < 0xd800 || unit > 0xdbff)
        return;
    LAW(take(cursor) == '\\');
    LAW(take(cursor) == 'u');
    unit = take_unit(cursor);
    LAW(unit >= 0xdc00 && unit <= 0xdfff);
}

/* Returns what stands between the quotes. */
static spnego_bytes take_string(json_cursor *cursor)
{
    spnego_bytes string;

    LAW(take(cursor) == '"');
    string = cursor->left;
    while (peek(cursor) != '"') {
        const size_t len = cursor->left.len > 0 ? character(cursor->left) : 0;

        LAW(len > 0 && !is_invisible(cursor->left, len));
        cursor->left.data += len;
        cursor->left.len -= len;
        if (len == 1 && cursor->left.data[-1] == '\\')
            take_escape(cursor);
    }
    string.len -= cursor->left.len;
    (void)take(cursor);
    return string;
}

static void take_word(json_cursor *cursor, const char *word)
{
    for (; *word != 0; word++)
        LAW(take(cursor) == *word);
}

/* A number without fraction, or a word; the inspector writes no others, and null in the shape of
 * pyspnego alone (cli.md). */
static size_t take_plain(json_cursor *cursor)
{
    size_t num_digits = 0, number = 0;

    if (peek(cursor) == 't') {
        take_word(cursor, "true");
    } else if (peek(cursor) == 'f') {
        take_word(cursor, "false");
    } else if (peek(cursor) == 'n') {
        LAW(cursor->style == JSON_PYSPNEGO);
        take_word(cursor, "null");
    } else {
        if (peek(cursor) == '-')
            (void)take(cursor);
        LAW(cursor->left.len < 2 || cursor->left.data[0] != '0' || cursor->left.data[1] < '0' ||
            cursor->left.data[1] > '9');
        for (; peek(cursor) >= '0' && peek(cursor) <= '9'; num_digits++)
            number = number * 10 + (size_t)(take(cursor) - '0');
        LAW(num_digits > 0);
    }
    return number;
}

static int is_key(const json_cursor *cursor, const char *name)
{
    return cursor->key.len == strlen(name) && memcmp(cursor->key.data, name, cursor->key.len) == 0;
}

/* An object's place lies in the input, and in that of the token around it; not always in that of a
 * field around it, for NTLM and NegoEx have fields that point elsewhere (MS-NEGOEX 2.2.5.2). */
static void check_place(json_cursor *cursor, size_t number)
{
    json_object *const object = &cursor->open[cursor->depth - 1];

    if (cursor->token.data == NULL || object->bracket != '{')
        return;
    if (is_key(cursor, "offset")) {
        LAW(number <= cursor->token.len);
        object->offset = number;
        object->has_place = 1;
    } else if (is_key(cursor, "length") && object->has_place) {
        LAW(number <= cursor->token.len - object->offset);
        object->len = number;
        for (size_t i = cursor->depth - 1; i > 0; i--) {
            const json_object *const outer = &cursor->open[i - 1];

            if (!outer->is_token || !outer->has_place)
                continue;
            LAW(object->offset >= outer->offset);
            LAW(object->offset - outer->offset <= outer->len);
            LAW(object->len <= outer->len - (object->offset - outer->offset));
            return;
        }
    }
}

/* What closes after a value, and the comma before the next.  Returns 0 at the end of all. */
static int take_end(json_cursor *cursor)
{
    skip_blanks(cursor);
    while (cursor->depth > 0 && (peek(cursor) == '}' || peek(cursor) == ']')) {
        LAW(take(cursor) == (cursor->open[cursor->depth - 1].bracket == '{' ? '}' : ']'));
        cursor->depth--;
        skip_blanks(cursor);
    }
    if (cursor->depth == 0)
        return 0;
    LAW(take(cursor) == ',');
    skip_blanks(cursor);
    return 1;
}

static void take_key(json_cursor *cursor)
{
    cursor->key = (spnego_bytes){NULL, 0};
    if (cursor->depth == 0 || cursor->open[cursor->depth - 1].bracket != '{')
        return;
    cursor->key = take_string(cursor);
    LAW(cursor->key.len > 0);
    LAW(take(cursor) == ':');
    skip_blanks(cursor);
}

void check_json(spnego_bytes text, json_style style, spnego_bytes token)
{
    json_cursor cursor;
    int more = 1;

    memset(&cursor, 0, sizeof cursor);
    cursor.left = text;
    cursor.style = style;
    cursor.token = token;
    LAW(peek(&cursor) == '{');
    while (more) {
        take_key(&cursor);
        if (peek(&cursor) == '{' || peek(&cursor) == '[') {
            LAW(cursor.depth < sizeof cursor.open / sizeof cursor.open[0]);
            memset(&cursor.open[cursor.depth], 0, sizeof cursor.open[0]);
            cursor.open[cursor.depth++].bracket = (char)take(&cursor);
            skip_blanks(&cursor);
            if (peek(&cursor) != '}' && peek(&cursor) != ']')
                continue;
        } else if (peek(&cursor) == '"') {
            if (cursor.depth > 0 && is_key(&cursor, "type"))
                cursor.open[cursor.depth - 1].is_token = 1;
            (void)take_string(&cursor);
        } else {
            check_place(&cursor, take_plain(&cursor));
        }
        more = take_end(&cursor);
    }
    LAW(take(&cursor) == '\n' && cursor.left.len == 0);
}

/* The same but for blanks outside of strings. */
static void check_pretty(spnego_bytes pretty, spnego_bytes plain)
{
    size_t at = 0;
    int is_string = 0;

    for (size_t i = 0; i + 1 < pretty.len; i++) {
        const uint8_t c = pretty.data[i];

        if (!is_string && (c == ' ' || c == '\n'))
            continue;
        LAW(at < plain.len && plain.data[at++] == c);
        if (is_string && c == '\\')
            LAW(plain.data[at++] == pretty.data[++i]);
        else if (c == '"')
            is_string = !is_string;
    }
    LAW(at + 1 == plain.len);
}

/* ---- What is hidden -------------------------------------------------------------------------- */

static inspect_view view_of(int redact)
{
    inspect_view view;

    memset(&view, 0, sizeof view);
    view.name = "fuzz";
    view.redact = redact;
    return view;
}

/* All that --redact may be given with. */
static void render(inspect_text *out, const inspect_reading *reading, int redact)
{
    inspect_view view = view_of(redact);
    inspect_text pretty = {0}, text = {0};

    inspect_render_json(out, reading, &view);
    check_json(inspect_text_bytes(out), JSON_PLAIN, reading->in);
    view.pretty = 1;
    inspect_render_json(&pretty, reading, &view);
    check_json(inspect_text_bytes(&pretty), JSON_PRETTY, reading->in);
    check_pretty(inspect_text_bytes(&pretty), inspect_text_bytes(out));
    inspect_render_text(&text, reading, &view);
    LAW(text.len > 0);
    check_text(inspect_text_bytes(&text));
    inspect_text_put(out, text.data, text.len);
    inspect_text_clear(&text);
    view.color = 1;
    inspect_render_text(&text, reading, &view);
    check_text_in(inspect_text_bytes(&text), 1);
    inspect_text_put(out, text.data, text.len);
    LAW(!out->failed && !pretty.failed && !text.failed);
    inspect_text_free(&pretty);
    inspect_text_free(&text);
}

/* Whether `octets` stand as hexadecimal in the text. */
static int shows(const inspect_text *text, spnego_bytes octets)
{
    inspect_text hex = {0};
    int is_there = 0;

    inspect_text_put_hex(&hex, octets, 0);
    for (size_t i = 0; i + hex.len <= text->len && !is_there; i++)
        is_there = memcmp(text->data + i, hex.data, hex.len) == 0;
    inspect_text_free(&hex);
    return is_there;
}

static size_t num_times(spnego_bytes token, spnego_bytes octets)
{
    size_t num = 0;

    for (size_t i = 0; i + octets.len <= token.len; i++)
        num += memcmp(token.data + i, octets.data, octets.len) == 0;
    return num;
}

/* Eight octets of what could be cracked are not shown, unless they stand elsewhere too. */
static void check_hidden(const inspect_reading *reading, const inspect_text *hidden)
{
    size_t num_looked = 0;

    for (size_t i = 0; i < reading->tree.num_nodes && num_looked < 8; i++) {
        const inspect_node *const node = &reading->tree.nodes[i];
        spnego_bytes run = node->octets;

        if (node->privacy != INSPECT_CRACKABLE || run.data == NULL || run.len < 8)
            continue;
        run.len = 8;
        num_looked++;
        LAW(num_times(reading->in, run) > 1 || !shows(hidden, run));
    }
}

/* ---- The other ways of showing --------------------------------------------------------------- */

static void check_lint(const inspect_reading *reading)
{
    const inspect_view view = view_of(0);
    inspect_text text = {0};
    size_t num_lines = 0;

    inspect_render_lint(&text, reading, &view);
    check_text(inspect_text_bytes(&text));
    for (size_t i = 0; i < text.len; i++)
        num_lines += text.data[i] == '\n';
    LAW(!text.failed && num_lines == reading->num_findings);
    inspect_text_free(&text);
}

static void check_json_alone(const inspect_reading *reading)
{
    inspect_view view = view_of(0);
    inspect_text text = {0};

    view.findings_only = 1;
    inspect_render_json(&text, reading, &view);
    check_json(inspect_text_bytes(&text), JSON_PLAIN, reading->in);
    inspect_text_clear(&text);
    inspect_render_pyspnego(&text, reading, &view);
    check_json(inspect_text_bytes(&text), JSON_PYSPNEGO, (spnego_bytes){NULL, 0});
    LAW(!text.failed);
    inspect_text_free(&text);
}

static void write_vector(inspect_text *out, const inspect_vector *vector, spnego_bytes source,
                         const inspect_reading *reading)
{
    inspect_text_clear(out);
    inspect_vector_write(out, vector, source, reading);
    LAW(!out->failed);
}

static int is_token(const inspect_text *octets, const inspect_reading *reading)
{
    return octets->len == reading->in.len &&
           (octets->len == 0 || memcmp(octets->data, reading->in.data, octets->len) == 0);
}

/* What a vector holds, in both its forms, is the token, and written anew it is the same. */
static void check_vector(const inspect_reading *reading)
{
    static const char head[] = "title    fuzz";
    inspect_text source = {0}, file = {0}, again = {0}, octets = {0};
    inspect_source_fault fault;
    inspect_list list = {0};
    inspect_vector vector;

    memset(&vector, 0, sizeof vector);
    vector.head = (spnego_bytes){(const uint8_t *)head, sizeof head - 1};
    inspect_source_write(&source, reading);
    write_vector(&file, &vector, inspect_text_bytes(&source), reading);
    check_text(inspect_text_bytes(&file));
    inspect_vector_parse(&vector, inspect_text_bytes(&file));
    LAW(inspect_is_vector(inspect_text_bytes(&file)) && vector.bad_value.data == NULL);
    LAW(inspect_vector_octets(&vector, &octets));
    LAW(is_token(&octets, reading));
    inspect_text_clear(&octets);
    LAW(inspect_source_read(&octets, &fault, vector.block[INSPECT_BLOCK_SOURCE]));
    LAW(is_token(&octets, reading));
    write_vector(&again, &vector, (spnego_bytes){NULL, 0}, reading);
    LAW(same_octets(inspect_text_bytes(&file), inspect_text_bytes(&again)));
    if (reading->in.len > 0) {
        LAW(inspect_find_tokens(&list, (const uint8_t *)file.data, file.len, INSPECT_FROM_AUTO) ==
            1);
        LAW(same_octets(inspect_list_token(&list, 0), reading->in));
    }
    inspect_list_free(&list);
    inspect_text_free(&source);
    inspect_text_free(&file);
    inspect_text_free(&again);
    inspect_text_free(&octets);
}

/* ---- All of it ------------------------------------------------------------------------------- */

/* Whose a token is, is said in spite of --redact, and told by how it begins. */
static void keep_signature(uint8_t *copy, const inspect_reading *reading, spnego_bytes token,
                           spnego_bytes field)
{
    const size_t offset = inspect_offset(reading, field);

    for (size_t k = 0; k < field.len && k < 16; k++)
        copy[offset + k] = token.data[offset + k];
}

/* Each octet that some node hides becomes another. */
static void change_hidden(uint8_t *copy, const inspect_reading *reading, spnego_bytes token)
{
    for (size_t i = 0; i < reading->tree.num_nodes; i++) {
        const inspect_node *node = &reading->tree.nodes[i];
        const size_t offset = inspect_offset(reading, node->octets);

        /* What holds others shows no octets: they do. */
        if (node->privacy == INSPECT_PUBLIC || node->octets.data == NULL ||
            node->value == INSPECT_OBJECT || node->value == INSPECT_ARRAY)
            continue;
        for (size_t k = 0; k < node->octets.len; k++)
            copy[offset + k] = (uint8_t)~token.data[offset + k];
    }
    keep_signature(copy, reading, token, reading->in);
    keep_signature(copy, reading, token, reading->token.mech_token);
    keep_signature(copy, reading, token, reading->token.response_token);
    keep_signature(copy, reading, token, reading->token.mech_list_mic);
}

/* What --redact shows is the same whatever the octets are that it hides. */
static void check_redacted(inspect_reading *reading, uint8_t *copy, spnego_bytes token)
{
    inspect_text hidden = {0}, again = {0};

    render(&hidden, reading, 1);
    check_hidden(reading, &hidden);
    change_hidden(copy, reading, token);
    render(&again, reading, 1);
    LAW(same_octets(inspect_text_bytes(&hidden), inspect_text_bytes(&again)));
    inspect_text_free(&hidden);
    inspect_text_free(&again);
}

static void check_reading(spnego_bytes token, uint32_t tolerate, inspect_role receiver,
                          int is_guess)
{
    static inspect_reading reading;
    uint8_t *copy = copy_exactly(token.data, token.len);
    const spnego_bytes in = {copy, token.len};
    inspect_text shown = {0};

    inspect_read(&reading, in, tolerate, receiver, is_guess);
    check_tree(&reading);
    render(&shown, &reading, 0);
    check_lint(&reading);
    check_json_alone(&reading);
    check_vector(&reading);
    check_redacted(&reading, copy, token);
    inspect_text_free(&shown);
    inspect_reading_free(&reading);
    free(copy);
}

void check_output(spnego_bytes token)
{
    static const inspect_role roles[] = {INSPECT_ROLE_UNKNOWN, INSPECT_ROLE_INITIATOR,
                                         INSPECT_ROLE_ACCEPTOR};
    const size_t end = token.len > 0 ? token.data[token.len - 1] : 0;

    check_reading(token, SPNEGO_TOLERATE_ALL, INSPECT_ROLE_UNKNOWN, 0);
    /* And in one of the other ways, which the last octet chooses. */
    check_reading(token, end & 4 ? SPNEGO_TOLERATE_ALL : SPNEGO_TOLERATE_NOTHING, roles[end % 3],
                  (end & 8) != 0);
}
