#include "inspect/json.h"

#include <string.h>

void inspect_json_init(inspect_json *json, inspect_text *text, int pretty)
{
    memset(json, 0, sizeof *json);
    json->text = text;
    json->pretty = pretty;
}

static void inspect_json_newline(inspect_json *json)
{
    if (!json->pretty)
        return;
    inspect_text_putc(json->text, '\n');
    inspect_text_put_repeated(json->text, ' ', 2 * (size_t)json->depth);
}

/* What stands between a value or key and the one before it. */
static void inspect_json_separate(inspect_json *json)
{
    uint64_t bit = (uint64_t)1 << json->depth;

    if (json->after_key) {
        json->after_key = 0;
        return;
    }
    if (json->filled & bit)
        inspect_text_putc(json->text, ',');
    json->filled |= bit;
    if (json->depth > 0)
        inspect_json_newline(json);
}

void inspect_json_begin(inspect_json *json, char bracket)
{
    inspect_json_separate(json);
    inspect_text_putc(json->text, bracket);
    if (json->depth < INSPECT_JSON_MAX_DEPTH)
        json->depth++;
    json->filled &= ~((uint64_t)1 << json->depth);
}

void inspect_json_end(inspect_json *json, char bracket)
{
    int filled = (json->filled >> json->depth & 1) != 0;

    json->depth--;
    if (filled)
        inspect_json_newline(json);
    inspect_text_putc(json->text, bracket);
}

/* Keys are names of ours and of standards: nothing in them wants an escape. */
void inspect_json_key(inspect_json *json, const char *key)
{
    const size_t len = strlen(key);
    char *to;

    inspect_json_separate(json);
    to = inspect_text_room(json->text, len + 4);
    json->after_key = 1;
    if (to == NULL)
        return;
    *to++ = '"';
    memcpy(to, key, len);
    to += len;
    *to++ = '"';
    *to++ = ':';
    if (json->pretty)
        *to++ = ' ';
    json->text->len = (size_t)(to - json->text->data);
}

void inspect_json_octets(inspect_json *json, spnego_bytes octets)
{
    inspect_json_separate(json);
    inspect_text_putc(json->text, '"');
    inspect_text_put_escaped(json->text, octets);
    inspect_text_putc(json->text, '"');
}

void inspect_json_string(inspect_json *json, const char *string)
{
    spnego_bytes octets = {(const uint8_t *)string, strlen(string)};
    inspect_json_octets(json, octets);
}

void inspect_json_hex(inspect_json *json, spnego_bytes octets)
{
    inspect_json_separate(json);
    inspect_text_putc(json->text, '"');
    inspect_text_put_hex(json->text, octets, 0);
    inspect_text_putc(json->text, '"');
}

void inspect_json_number(inspect_json *json, int64_t number)
{
    inspect_json_separate(json);
    inspect_text_put_signed(json->text, number);
}

void inspect_json_unsigned(inspect_json *json, uint64_t number)
{
    inspect_json_separate(json);
    inspect_text_put_number(json->text, number);
}

void inspect_json_quote(inspect_json *json)
{
    inspect_json_separate(json);
    inspect_text_putc(json->text, '"');
}

void inspect_json_unquote(inspect_json *json)
{
    inspect_text_putc(json->text, '"');
}

void inspect_json_bool(inspect_json *json, int value)
{
    inspect_json_separate(json);
    inspect_text_puts(json->text, value ? "true" : "false");
}

void inspect_json_null(inspect_json *json)
{
    inspect_json_separate(json);
    inspect_text_puts(json->text, "null");
}

void inspect_json_true(inspect_json *json)
{
    inspect_json_bool(json, 1);
}
