/*
 * inspect/json.h - writes JSON (RFC 8259) into a text: commas, quotes and indentation.
 *
 * The caller keeps to the grammar: a key before each value inside an object, each begin with its
 * end, no more than INSPECT_JSON_MAX_DEPTH of them open.
 */
#ifndef SPNEGO_INSPECT_JSON_H
#define SPNEGO_INSPECT_JSON_H

#include "inspect/text.h"

/* Our own output nests about ten deep; tokens in tokens add at most INSPECT_TREE_MAX_DEPTH. */
#define INSPECT_JSON_MAX_DEPTH 40

typedef struct inspect_json {
    inspect_text *text;
    int pretty;
    unsigned depth;
    uint64_t filled; /* bit n: the object or array at depth n has something in it */
    int after_key;
} inspect_json;

void inspect_json_init(inspect_json *json, inspect_text *text, int pretty);
void inspect_json_begin(inspect_json *json, char bracket); /* '{' or '[' */
void inspect_json_end(inspect_json *json, char bracket);   /* '}' or ']' */
void inspect_json_key(inspect_json *json, const char *key);
void inspect_json_string(inspect_json *json, const char *string);
void inspect_json_octets(inspect_json *json, spnego_bytes octets); /* as escaped text */
void inspect_json_hex(inspect_json *json, spnego_bytes octets);
void inspect_json_number(inspect_json *json, int64_t number);
void inspect_json_unsigned(inspect_json *json, uint64_t number);

/* inspect_json_quote is a string of which the caller puts what stands between the quotes: between
 * this and inspect_json_unquote, with escapes as inspect_text_put_escaped makes them. */
void inspect_json_quote(inspect_json *json);
void inspect_json_unquote(inspect_json *json);
void inspect_json_true(inspect_json *json);
void inspect_json_null(inspect_json *json);
void inspect_json_bool(inspect_json *json, int value);

#endif /* SPNEGO_INSPECT_JSON_H */
