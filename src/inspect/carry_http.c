/* HTTP/1 (RFC 9112): the header fields of RFC 4559, RFC 9110 11.6 and 11.7.
 *
 * spnego/http.h reads no lines, refuses a field whose list breaks the grammar and knows no token
 * but Negotiate's.  Here a broken field is what somebody wants to see, and NTLM's is looked for
 * too, so the values go to the finder that reads what people paste. */
#include <string.h>
#include <strings.h>

#include "inspect/carry.h"

/* The line that begins `in`, without its end; 0 if it is not whole. */
static int inspect_http_line(spnego_bytes *out, size_t *out_used, spnego_bytes in, size_t from)
{
    const uint8_t *feed = from < in.len ? memchr(in.data + from, '\n', in.len - from) : NULL;

    if (feed == NULL)
        return 0;
    *out = in;
    out->len = (size_t)(feed - in.data);
    *out_used = out->len + 1;
    if (out->len > 0 && out->data[out->len - 1] == '\r')
        out->len--;
    return 1;
}

static int inspect_http_begins(spnego_bytes line, const char *with)
{
    const size_t len = strlen(with);

    return line.len >= len && strncasecmp((const char *)line.data, with, len) == 0;
}

/* Whether this may become "HTTP/1.1 401 ..." or "GET / HTTP/1.1". */
static int inspect_http_may_start(spnego_bytes in)
{
    size_t i = 0;

    if (in.data[0] == 'H' &&
        (in.len < 5 ? memcmp(in.data, "HTTP/", in.len) == 0 : memcmp(in.data, "HTTP/", 5) == 0))
        return 1;
    while (i < in.len && i < 20 && in.data[i] >= 'A' && in.data[i] <= 'Z')
        i++;
    return i == in.len || (i >= 3 && in.data[i] == ' ');
}

static int inspect_http_is_response(spnego_bytes line)
{
    return line.len >= 12 && memcmp(line.data, "HTTP/1.", 7) == 0 && line.data[8] == ' ';
}

static int inspect_http_is_request(spnego_bytes line)
{
    return line.len >= 14 && inspect_http_may_start(line) &&
           memcmp(line.data + line.len - 9, " HTTP/1.", 8) == 0;
}

static void inspect_http_start(inspect_carry *carry, inspect_side *from, spnego_bytes line)
{
    from->http = INSPECT_HTTP_HEADERS;
    from->body_len = 0;
    from->is_chunked = 0;
    from->is_bodiless = 0;
    if (!inspect_http_is_response(line)) {
        carry->is_head = inspect_http_begins(line, "HEAD ");
        carry->is_connect = inspect_http_begins(line, "CONNECT ");
        return;
    }
    line.data += 9;
    line.len -= 9;
    /* RFC 9112 6.3: these have no body, whatever their header says. */
    from->is_bodiless = carry->is_head || line.data[0] == '1' || inspect_http_begins(line, "204") ||
                        inspect_http_begins(line, "304");
    if (inspect_http_begins(line, "101") || (carry->is_connect && line.data[0] == '2')) {
        from->is_bodiless = 1;
        from->is_done = 1;
    }
}

/* A length in digits; what is no number, or longer than any, is taken for none. */
static size_t inspect_http_number(spnego_bytes text, unsigned base)
{
    size_t number = 0;

    for (size_t i = 0; i < text.len; i++) {
        const uint8_t c = text.data[i];
        unsigned digit = 16;

        if (c >= '0' && c <= '9')
            digit = c - (unsigned)'0';
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            digit = (c | 0x20u) - 'a' + 10;
        else if (c == ' ' || c == '\t')
            continue;
        if (digit >= base)
            break;
        if (number > SIZE_MAX / 32)
            return 0;
        number = number * base + digit;
    }
    return number;
}

static void inspect_http_tokens(inspect_carry *carry, int side, spnego_bytes field,
                                inspect_role sender, int is_proxy)
{
    inspect_list list;
    inspect_text line = {NULL, 0, 0, 0};

    memset(&list, 0, sizeof list);
    inspect_text_put(&line, field.data, field.len);
    /* A field may go on in the next line if that begins with a blank (RFC 9112 5.2). */
    for (size_t i = 0; i < line.len; i++)
        if (line.data[i] == '\r' || line.data[i] == '\n')
            line.data[i] = ' ';
    if (line.data != NULL)
        (void)inspect_find_tokens(&list, (const uint8_t *)line.data, line.len, INSPECT_FROM_HEADER);
    for (size_t i = 0; i < list.num_items; i++) {
        const inspect_carried carried = {"http", sender, list.items[i].scheme,
                                         (uint64_t)is_proxy << 2 | list.items[i].scheme,
                                         INSPECT_PLACE_UNTOLD};
        inspect_carry_token(carry, side, &carried, inspect_list_token(&list, i));
    }
    carry->finder->failed |= line.failed || list.failed;
    inspect_text_free(&line);
    inspect_list_free(&list);
}

static void inspect_http_field(inspect_carry *carry, int side, spnego_bytes field)
{
    static const struct {
        const char *name;
        inspect_role sender;
        int is_proxy;
    } names[] = {{"Authorization:", INSPECT_ROLE_INITIATOR, 0},
                 {"WWW-Authenticate:", INSPECT_ROLE_ACCEPTOR, 0},
                 {"Proxy-Authorization:", INSPECT_ROLE_INITIATOR, 1},
                 {"Proxy-Authenticate:", INSPECT_ROLE_ACCEPTOR, 1}};
    inspect_side *from = &carry->sides[side];
    spnego_bytes value = field;

    if (inspect_http_begins(field, "Content-Length:")) {
        value.data += 15;
        value.len -= 15;
        from->body_len = inspect_http_number(value, 10);
    } else if (inspect_http_begins(field, "Transfer-Encoding:")) {
        /* RFC 9112 6.1: chunked is the last one. */
        from->is_chunked = field.len >= 7 &&
                           strncasecmp((const char *)field.data + field.len - 7, "chunked", 7) == 0;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (inspect_http_begins(field, names[i].name))
            inspect_http_tokens(carry, side, field, names[i].sender, names[i].is_proxy);
}

/* What follows the empty line. */
static size_t inspect_http_body(inspect_carry *carry, inspect_side *from, size_t used)
{
    from->http = INSPECT_HTTP_BETWEEN;
    if (from->is_done) { /* another protocol from here on, in both directions */
        from->is_done = 0;
        carry->is_connect = 0;
        carry->carrier = INSPECT_CARRIER_NONE;
        return used;
    }
    if (from->is_bodiless)
        return used;
    if (from->is_chunked) {
        from->http = INSPECT_HTTP_CHUNK;
        return used;
    }
    return from->body_len > SIZE_MAX - used ? used : used + from->body_len;
}

static inspect_step inspect_http_headers(inspect_carry *carry, int side, spnego_bytes in,
                                         size_t *amount)
{
    inspect_side *from = &carry->sides[side];
    spnego_bytes line;
    size_t used = 0;

    if (!inspect_http_line(&line, &used, in, from->seen)) {
        from->seen = in.len;
        return INSPECT_STEP_MORE;
    }
    if (line.len == 0) {
        *amount = from->http == INSPECT_HTTP_TRAILERS ? used : inspect_http_body(carry, from, used);
        if (from->http == INSPECT_HTTP_TRAILERS)
            from->http = INSPECT_HTTP_BETWEEN;
        return INSPECT_STEP_USED;
    }
    while (used < in.len && (in.data[used] == ' ' || in.data[used] == '\t')) {
        if (!inspect_http_line(&line, &used, in, used)) {
            from->seen = in.len;
            return INSPECT_STEP_MORE;
        }
    }
    if (used == in.len) { /* the field may go on */
        from->seen = used - 1;
        return INSPECT_STEP_MORE;
    }
    if (from->http == INSPECT_HTTP_HEADERS)
        inspect_http_field(carry, side, line);
    *amount = used;
    return INSPECT_STEP_USED;
}

static inspect_step inspect_http_chunk(inspect_side *from, spnego_bytes in, size_t *amount)
{
    spnego_bytes line;
    size_t used, len;

    if (!inspect_http_line(&line, &used, in, from->seen)) {
        from->seen = in.len;
        return INSPECT_STEP_MORE;
    }
    len = inspect_http_number(line, 16);
    if (len == 0)
        from->http = INSPECT_HTTP_TRAILERS;
    *amount = len == 0 || len > SIZE_MAX - used - 2 ? used : used + len + 2;
    return INSPECT_STEP_USED;
}

static inspect_step inspect_http_between(inspect_carry *carry, int side, spnego_bytes in,
                                         size_t *amount)
{
    inspect_side *from = &carry->sides[side];
    const int may_start = inspect_http_may_start(in);
    spnego_bytes line;
    size_t used;

    if (!may_start && carry->carrier != INSPECT_CARRIER_HTTP)
        return INSPECT_STEP_NOT;
    if (!inspect_http_line(&line, &used, in, from->seen)) {
        *amount = in.len;
        if (!may_start) { /* a body whose length nobody said */
            carry->finder->num_lost++;
            return INSPECT_STEP_USED;
        }
        from->seen = in.len;
        return INSPECT_STEP_MORE;
    }
    if (inspect_http_is_response(line) || inspect_http_is_request(line))
        inspect_http_start(carry, from, line);
    else if (carry->carrier != INSPECT_CARRIER_HTTP)
        return INSPECT_STEP_NOT;
    *amount = used;
    return INSPECT_STEP_USED;
}

inspect_step inspect_carry_http(inspect_carry *carry, int side, spnego_bytes in, size_t *amount)
{
    switch (carry->sides[side].http) {
    case INSPECT_HTTP_HEADERS:
    case INSPECT_HTTP_TRAILERS:
        return inspect_http_headers(carry, side, in, amount);
    case INSPECT_HTTP_CHUNK:
        return inspect_http_chunk(&carry->sides[side], in, amount);
    case INSPECT_HTTP_BETWEEN:
        break;
    }
    return inspect_http_between(carry, side, in, amount);
}
