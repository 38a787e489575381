#include "inspect/input.h"

#include <spnego/token.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/scan.h"
#include "inspect/source.h"
#include "inspect/vector.h"

const char *inspect_encoding_name(inspect_encoding encoding)
{
    static const char *const names[] = {"raw",  "hex", "base64", "header", "lines",   "vector",
                                        "pcap", "nns", "socks5", "xmpp",   "decimal", "escaped"};
    return names[encoding];
}

void inspect_list_free(inspect_list *list)
{
    inspect_text_free(&list->octets);
    free(list->items);
    memset(list, 0, sizeof *list);
}

void inspect_list_add(inspect_list *list, inspect_encoding encoding, size_t offset)
{
    inspect_item *item;

    if (list->num_items == list->capacity) {
        const size_t capacity = list->capacity > 0 ? 2 * list->capacity : 8;
        inspect_item *items = realloc(list->items, capacity * sizeof *items);
        if (items == NULL) {
            list->failed = 1;
            return;
        }
        list->items = items;
        list->capacity = capacity;
    }
    item = &list->items[list->num_items++];
    memset(item, 0, sizeof *item);
    item->encoding = encoding;
    item->offset = offset;
    item->len = list->octets.len - offset;
}

spnego_bytes inspect_list_token(const inspect_list *list, size_t index)
{
    spnego_bytes token = inspect_text_bytes(&list->octets);

    token.data += list->items[index].offset;
    token.len = list->items[index].len;
    return token;
}

/* Every token holds octets that text does not: the tags and short lengths of DER, the zeros of
 * NTLMSSP.  Escape is let through for logs in colour. */
static int inspect_is_text(spnego_bytes data)
{
    for (size_t i = 0; i < data.len; i++)
        if (data.data[i] < 0x20 && (data.data[i] < '\t' || data.data[i] > '\r') &&
            data.data[i] != 0x1b)
            return 0;
    return 1;
}

/* Text in UTF-16, as some shells on Windows write it into files, octet by octet: what is not ASCII
 * is in no token.  Returns 0 if the data is not such a text. */
static int inspect_from_utf16(inspect_text *out, spnego_bytes data)
{
    size_t high;

    if (data.len < 4 || data.len % 2 != 0)
        return 0;
    if (data.data[0] == 0xff && data.data[1] == 0xfe)
        high = 1;
    else if (data.data[0] == 0xfe && data.data[1] == 0xff)
        high = 0;
    else
        return 0;
    for (size_t i = 2; i < data.len; i += 2)
        inspect_text_putc(out, data.data[i + high] == 0 ? (char)data.data[i + 1 - high] : '?');
    return 1;
}

static spnego_bytes inspect_take_line(spnego_bytes *rest)
{
    spnego_bytes line = *rest;
    const uint8_t *feed = memchr(rest->data, '\n', rest->len);
    size_t used;

    if (feed != NULL)
        line.len = (size_t)(feed - rest->data);
    used = line.len + (feed != NULL ? 1 : 0);
    rest->data += used;
    rest->len -= used;
    return line;
}

static void inspect_find_in_text(inspect_list *out, spnego_bytes text, inspect_from from)
{
    inspect_scan scan;

    if (text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0) {
        text.data += 3;
        text.len -= 3;
    }
    inspect_scan_begin(&scan, out, from);
    while (text.len > 0)
        inspect_scan_line(&scan, inspect_take_line(&text));
    inspect_scan_end(&scan);
}

static void inspect_find_in_vector(inspect_list *out, spnego_bytes text)
{
    inspect_vector vector;
    inspect_source_fault fault;
    const size_t offset = out->octets.len;
    int found;

    inspect_vector_parse(&vector, text);
    if (vector.block[INSPECT_BLOCK_HEX].data != NULL)
        found = inspect_vector_octets(&vector, &out->octets);
    else
        found = vector.block[INSPECT_BLOCK_SOURCE].data != NULL &&
                inspect_source_read(&out->octets, &fault, vector.block[INSPECT_BLOCK_SOURCE]);
    if (found)
        inspect_list_add(out, INSPECT_VECTOR, offset);
}

static void inspect_find(inspect_list *out, spnego_bytes data, inspect_from from)
{
    inspect_text narrow = {NULL, 0, 0, 0};
    size_t offset = out->octets.len;

    if (from != INSPECT_FROM_RAW && inspect_from_utf16(&narrow, data)) {
        data = inspect_text_bytes(&narrow);
        out->failed |= narrow.failed;
    }
    if (from == INSPECT_FROM_RAW ||
        (from == INSPECT_FROM_AUTO && data.len > 0 && !inspect_is_text(data))) {
        inspect_text_put(&out->octets, data.data, data.len);
        if (data.len > 0)
            inspect_list_add(out, INSPECT_RAW, offset);
    } else if (from == INSPECT_FROM_AUTO && inspect_is_vector(data)) {
        inspect_find_in_vector(out, data);
    } else {
        inspect_find_in_text(out, data, from);
    }
    inspect_text_free(&narrow);
}

/* One token a line: what is none still counts, so that what comes out lines up with what went in.
 * Comments do not count. */
static void inspect_find_in_line(inspect_list *out, spnego_bytes line)
{
    const size_t num_before = out->num_items;
    const size_t offset = out->octets.len;

    if (line.len > 0 && line.data[line.len - 1] == '\r')
        line.len--;
    if (line.len > 0 && line.data[0] == '#')
        return;
    inspect_find_in_text(out, line, INSPECT_FROM_AUTO);
    if (out->num_items == num_before) {
        out->octets.len = offset;
        inspect_text_put(&out->octets, line.data, line.len);
        inspect_list_add(out, INSPECT_LINES, offset);
        if (!out->failed)
            out->items[num_before].is_guess = 1;
    } else {
        out->num_items = num_before + 1;
        out->items[num_before].encoding = INSPECT_LINES;
    }
}

size_t inspect_find_tokens(inspect_list *out, const uint8_t *data, size_t len, inspect_from from)
{
    spnego_bytes rest = {data, len};

    out->num_items = 0;
    out->num_empty = 0;
    out->is_too_long = len > INSPECT_MAX_INPUT;
    out->failed = 0;
    out->octets.failed = 0;
    inspect_text_clear(&out->octets);
    if (!out->is_too_long && from != INSPECT_FROM_LINES)
        inspect_find(out, rest, from);
    while (!out->is_too_long && from == INSPECT_FROM_LINES && rest.len > 0)
        inspect_find_in_line(out, inspect_take_line(&rest));
    out->failed |= out->octets.failed;
    if (out->failed)
        out->num_items = 0;
    return out->num_items;
}
