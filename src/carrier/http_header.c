#include <spnego/http.h>

#include "base/bytes.h"
#include "carrier/http_text.h"

/* ---- Characters (RFC 9110 5.6.2, 5.6.3, 11.2) ------------------------------------------------ */

enum {
    IN_TOKEN = 1,   /* tchar */
    IN_TOKEN68 = 2, /* but for the '=' at its end */
    SPACE = 4,
    TAB = 8,
    BLANK = SPACE | TAB,
    COMMA = 16,
    EQUALS = 32
};

static int is_among(uint8_t c, const char *characters)
{
    for (; *characters != '\0'; characters++)
        if (c == (uint8_t)*characters)
            return 1;
    return 0;
}

static int classes_of(uint8_t c)
{
    if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
        return IN_TOKEN | IN_TOKEN68;
    return (is_among(c, "!#$%&'*+-.^_`|~") ? IN_TOKEN : 0) |
           (is_among(c, "-._~+/") ? IN_TOKEN68 : 0) | (c == ' ' ? SPACE : 0) |
           (c == '\t' ? TAB : 0) | (c == ',' ? COMMA : 0) | (c == '=' ? EQUALS : 0);
}

/* The place after a run of characters of these classes. */
static size_t skip(spnego_bytes in, size_t at, int classes)
{
    while (at < in.len && (classes_of(in.data[at]) & classes))
        at++;
    return at;
}

static spnego_bytes between(spnego_bytes in, size_t from, size_t to)
{
    const spnego_bytes view = {in.data + from, to - from};

    return view;
}

static int is_end(spnego_bytes in, size_t at)
{
    return at == in.len || in.data[at] == ',';
}

/* ---- Names ----------------------------------------------------------------------------------- */

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

int http_is_word(spnego_bytes octets, const char *word)
{
    const spnego_bytes name = http_text(word);

    if (octets.len != name.len)
        return 0;
    for (size_t i = 0; i < name.len; i++)
        if (lower(octets.data[i]) != lower(name.data[i]))
            return 0;
    return 1;
}

spnego_bytes http_trim(spnego_bytes value)
{
    const size_t from = skip(value, 0, BLANK);
    size_t to = value.len;

    while (to > from && (classes_of(value.data[to - 1]) & BLANK))
        to--;
    return value.data == NULL ? value : between(value, from, to);
}

static const char *const header_names[] = {
    NULL,
    "WWW-Authenticate",
    "Proxy-Authenticate",
    "Authorization",
    "Proxy-Authorization",
    "Persistent-Auth",
    "Proxy-Support",
};
enum { NUM_HEADERS = sizeof header_names / sizeof header_names[0] };

spnego_http_header spnego_http_header_of(spnego_bytes name)
{
    for (size_t i = 1; i < NUM_HEADERS; i++)
        if (http_is_word(name, header_names[i]))
            return (spnego_http_header)i;
    return SPNEGO_HTTP_OTHER_HEADER;
}

const char *spnego_http_header_name(spnego_http_header header)
{
    return (size_t)header < NUM_HEADERS ? header_names[(size_t)header] : NULL;
}

static spnego_http_scheme scheme_of(spnego_bytes name)
{
    if (http_is_word(name, "Negotiate")) /* RFC 4559 4, RFC 9110 11.1 */
        return SPNEGO_HTTP_NEGOTIATE;
    return http_is_word(name, "Nego2") ? SPNEGO_HTTP_NEGO2 : SPNEGO_HTTP_OTHER_SCHEME;
}

/* ---- auth-params (RFC 9110 11.2) ------------------------------------------------------------- */

/* A quoted-string that begins at *at (RFC 9110 5.6.4). */
static spnego_rule read_quoted(spnego_bytes in, size_t *at)
{
    size_t i = *at + 1;

    for (; i < in.len && in.data[i] != '"'; i++) {
        if (in.data[i] == '\\' && ++i == in.len)
            break;
        if ((in.data[i] < ' ' && in.data[i] != '\t') || in.data[i] == 0x7f) {
            *at = i;
            return SPNEGO_RULE_HTTP_CHARACTER;
        }
    }
    if (i == in.len)
        return SPNEGO_RULE_HTTP_QUOTE_UNCLOSED;
    *at = i + 1;
    return SPNEGO_RULE_NONE;
}

/* The place behind a name and '=' (RFC 9110 5.6.3 allows blanks around it), or `at` if there are no
 * such. */
static size_t value_of_param(spnego_bytes in, size_t at)
{
    const size_t name_end = skip(in, at, IN_TOKEN);
    const size_t equals = skip(in, name_end, BLANK);

    if (name_end == at || equals == in.len || in.data[equals] != '=')
        return at;
    return skip(in, equals + 1, BLANK);
}

static spnego_rule read_param(spnego_bytes in, size_t *at)
{
    const size_t value = value_of_param(in, *at);
    size_t end;

    if (value != *at && value < in.len && in.data[value] == '"') {
        *at = value;
        return read_quoted(in, at);
    }
    end = skip(in, value, IN_TOKEN);
    if (value == *at || end == value)
        return SPNEGO_RULE_HTTP_PARAM_MALFORMED;
    *at = end;
    return SPNEGO_RULE_NONE;
}

/* Parameters up to the end, or to a comma that another challenge follows: one begins without '='
 * after its first word. */
static spnego_rule read_params(spnego_bytes *out, spnego_bytes in, size_t *at)
{
    const size_t from = *at;
    size_t next;
    spnego_rule rule;

    for (;;) {
        rule = read_param(in, at);
        if (rule != SPNEGO_RULE_NONE)
            return rule;
        *out = between(in, from, *at);
        next = skip(in, *at, BLANK);
        if (!is_end(in, next)) {
            *at = next;
            return SPNEGO_RULE_HTTP_PARAM_MALFORMED;
        }
        next = skip(in, next, BLANK | COMMA);
        if (value_of_param(in, next) == next)
            return SPNEGO_RULE_NONE;
        *at = next;
    }
}

/* ---- A challenge (RFC 9110 11.3) ------------------------------------------------------------- */

/* What follows a scheme and its blanks, neither the end nor a comma.  The token of Negotiate takes
 * no parameters, and nothing follows it but the end or a comma (RFC 4559 4, RFC 9110 11.2). */
static spnego_rule read_data(spnego_http_auth *out, spnego_bytes in, size_t *at)
{
    const size_t from = *at;
    size_t end = skip(in, from, IN_TOKEN68), next;
    spnego_rule rule;

    if (end != from)
        end = skip(in, end, EQUALS);
    next = skip(in, end, BLANK);
    if (is_end(in, next)) {
        out->token68 = between(in, from, end);
        *at = next;
        return SPNEGO_RULE_NONE;
    }
    rule = read_params(&out->params, in, at);
    if (out->scheme == SPNEGO_HTTP_OTHER_SCHEME)
        return rule;
    if (rule == SPNEGO_RULE_NONE) {
        *at = from;
        return SPNEGO_RULE_HTTP_PARAMS_NOT_TOKEN;
    }
    if (rule != SPNEGO_RULE_HTTP_PARAM_MALFORMED || end == from)
        return rule;
    *at = next;
    return SPNEGO_RULE_HTTP_TOKEN_TRAILED;
}

static spnego_rule read_auth(spnego_http_auth *out, spnego_bytes in, size_t *at)
{
    const size_t from = *at;
    size_t data;
    int has_space;

    *at = skip(in, *at, IN_TOKEN);
    if (*at == from)
        return SPNEGO_RULE_HTTP_SCHEME_MISSING;
    out->name = between(in, from, *at);
    out->scheme = scheme_of(out->name);
    data = skip(in, *at, SPACE);
    if (is_end(in, skip(in, data, BLANK))) {
        *at = skip(in, data, BLANK);
        return SPNEGO_RULE_NONE;
    }
    has_space = data != *at;
    *at = data;
    if (!has_space || (classes_of(in.data[data]) & TAB))
        return SPNEGO_RULE_HTTP_CHARACTER;
    return read_data(out, in, at);
}

static spnego_rule settle(spnego_http_auth *out, size_t *out_offset, spnego_rule rule, size_t at)
{
    if (rule == SPNEGO_RULE_NONE)
        return rule;
    out->token68 = bytes_absent();
    out->params = bytes_absent();
    if (out_offset != NULL)
        *out_offset = at;
    return rule;
}

static const spnego_http_auth no_auth;

spnego_rule spnego_http_challenge_next(spnego_http_auth *out, size_t *cursor, size_t *out_offset,
                                       spnego_bytes value)
{
    spnego_rule rule;

    *out = no_auth;
    /* A list may have empty elements (RFC 9110 5.6.1.2). */
    *cursor = skip(value, *cursor, BLANK | COMMA);
    if (*cursor >= value.len)
        return SPNEGO_RULE_NONE;
    rule = read_auth(out, value, cursor);
    return settle(out, out_offset, rule, *cursor);
}

spnego_rule spnego_http_credentials(spnego_http_auth *out, size_t *out_offset, spnego_bytes value)
{
    size_t at = skip(value, 0, BLANK);
    spnego_rule rule;

    *out = no_auth;
    rule = read_auth(out, value, &at);
    if (rule == SPNEGO_RULE_NONE) {
        at = skip(value, at, BLANK);
        if (at != value.len)
            rule = out->params.data == NULL ? SPNEGO_RULE_HTTP_TOKEN_TRAILED
                                            : SPNEGO_RULE_HTTP_PARAM_MALFORMED;
    }
    return settle(out, out_offset, rule, at);
}

/* ---- Writing --------------------------------------------------------------------------------- */

size_t spnego_http_write(char *out, size_t out_len, spnego_bytes token)
{
    const spnego_bytes name = http_text("Negotiate");
    const size_t digits = spnego_base64_encoded_len(token.len);
    const size_t head = token.data == NULL ? name.len : name.len + 1;

    if (token.data != NULL && (digits == 0 || digits > (size_t)-1 - head))
        return 0;
    if (head + digits > out_len)
        return head + digits;
    memcpy(out, name.data, name.len);
    if (token.data == NULL)
        return head;
    out[name.len] = ' ';
    (void)spnego_base64_encode(out + head, digits, token);
    return head + digits;
}
