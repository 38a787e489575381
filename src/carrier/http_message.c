#include "carrier/http_message.h"

#include "base/bytes.h"
#include "carrier/http_text.h"

static const http_found nothing;

static void blame(http_found *out, spnego_rule rule, size_t offset)
{
    out->rule = rule;
    out->offset = offset;
}

static void blame_others(http_found *out, spnego_rule rule, size_t offset)
{
    if (out->others_rule != SPNEGO_RULE_NONE)
        return;
    out->others_rule = rule;
    out->others_offset = offset;
}

/* Takes what one challenge says.  The same twice, as two modules of a server may send it, is once;
 * of two that differ neither is believed. */
static void take(http_found *out, const spnego_http_auth *auth, spnego_bytes value)
{
    if (auth->scheme != SPNEGO_HTTP_NEGOTIATE) {
        out->others = 1;
        return;
    }
    if (out->offered && !bytes_equal(out->token68, auth->token68)) {
        blame(out, SPNEGO_RULE_HTTP_SCHEME_REPEATED, (size_t)(auth->name.data - value.data));
        return;
    }
    out->offered = 1;
    out->token68 = auth->token68;
    if (auth->token68.data != NULL)
        out->token_at = (size_t)(auth->token68.data - value.data);
}

static void take_fault(http_found *out, const spnego_http_auth *auth, spnego_rule rule,
                       size_t offset)
{
    if (auth->scheme == SPNEGO_HTTP_NEGOTIATE)
        blame(out, rule, offset);
    else
        blame_others(out, rule, offset);
}

static void take_list(http_found *out, spnego_bytes value)
{
    spnego_http_auth auth;
    size_t cursor = 0, offset = 0;

    do {
        const spnego_rule rule = spnego_http_challenge_next(&auth, &cursor, &offset, value);

        if (rule != SPNEGO_RULE_NONE) {
            take_fault(out, &auth, rule, offset);
            return;
        }
        if (auth.name.data != NULL)
            take(out, &auth, value);
    } while (auth.name.data != NULL && out->rule == SPNEGO_RULE_NONE);
}

/* The next field of that name, from *at on; NULL after the last.  *left is what the values may
 * still have together, and 0 and a blame if one has more. */
static const spnego_http_field *next_field(http_found *out, size_t *at, size_t *left,
                                           const spnego_http_message *message,
                                           spnego_http_header header)
{
    for (; *at < message->num_fields && out->rule == SPNEGO_RULE_NONE; ++*at) {
        const spnego_http_field *field = &message->fields[*at];

        if (spnego_http_header_of(field->name) != header)
            continue;
        if (field->value.len > *left) {
            blame(out, SPNEGO_RULE_HTTP_VALUE_TOO_LONG, *left);
            return NULL;
        }
        *left -= field->value.len;
        ++*at;
        return field;
    }
    return NULL;
}

void http_find_challenge(http_found *out, const spnego_http_message *message,
                         spnego_http_header header, size_t max_value)
{
    const spnego_http_field *field;
    size_t at = 0, left = max_value;

    *out = nothing;
    while ((field = next_field(out, &at, &left, message, header)) != NULL)
        take_list(out, field->value);
}

void http_find_credentials(http_found *out, const spnego_http_message *message,
                           spnego_http_header header, size_t max_value)
{
    size_t at = 0, left = max_value, offset = 0;
    const spnego_http_field *field;
    spnego_http_auth auth;
    spnego_rule rule;

    *out = nothing;
    field = next_field(out, &at, &left, message, header);
    if (field == NULL)
        return;
    rule = spnego_http_credentials(&auth, &offset, field->value);
    if (rule == SPNEGO_RULE_NONE)
        take(out, &auth, field->value);
    else
        take_fault(out, &auth, rule, offset);
    /* Which of two a server believes must not depend on who reads them. */
    if (next_field(out, &at, &left, message, header) != NULL)
        blame(out, SPNEGO_RULE_HTTP_HEADER_REPEATED, 0);
}

http_persistent http_find_persistent(const spnego_http_message *message)
{
    http_persistent said = HTTP_PERSISTENT_ABSENT;

    for (size_t i = 0; i < message->num_fields; i++) {
        const spnego_bytes value = http_trim(message->fields[i].value);

        if (spnego_http_header_of(message->fields[i].name) != SPNEGO_HTTP_PERSISTENT_AUTH)
            continue;
        if (http_is_word(value, "false"))
            return HTTP_PERSISTENT_FALSE;
        if (http_is_word(value, "true"))
            said = HTTP_PERSISTENT_TRUE;
    }
    return said;
}

/* One of a list of words with commas between. */
static int lists(spnego_bytes value, const char *word)
{
    size_t from = 0;

    for (size_t at = 0; at <= value.len; at++) {
        const spnego_bytes item = {value.data + from, at - from};

        if (at < value.len && value.data[at] != ',')
            continue;
        if (http_is_word(http_trim(item), word))
            return 1;
        from = at + 1;
    }
    return 0;
}

int spnego_http_is_session_based(const spnego_http_message *response)
{
    for (size_t i = 0; i < response->num_fields; i++) {
        const spnego_http_field *field = &response->fields[i];

        if (spnego_http_header_of(field->name) == SPNEGO_HTTP_PROXY_SUPPORT &&
            field->value.len != 0 && lists(field->value, "Session-Based-Authentication"))
            return 1;
    }
    return 0;
}
