/*
 * The grammar of HTTP's header fields, spnego_http_challenge_next and spnego_http_credentials.
 *
 * What is read lies in the input, in order, and each call goes on.  Credentials are a list of one.
 * A token that is base64 is written as it was read, but for the case of the scheme and the blanks.
 */
#include "law.h"

#include <spnego/http.h>

static int lies_behind(spnego_bytes part, spnego_bytes whole, size_t from)
{
    return part.data == NULL || (part.len != 0 && part.data >= whole.data + from &&
                                 part.len <= whole.len - (size_t)(part.data - whole.data));
}

static void check_written(const spnego_http_auth *auth)
{
    size_t len = auth->token68.len / 4 * 3 + 2, written;
    uint8_t *token = malloc(len);
    char *value;

    LAW(token != NULL);
    if (spnego_base64_decode(token, &len, NULL, (const char *)auth->token68.data, auth->token68.len,
                             0) == SPNEGO_RULE_NONE) {
        const spnego_bytes octets = {token, len};

        written = spnego_http_write(NULL, 0, octets);
        LAW(written == 10 + auth->token68.len);
        value = malloc(written);
        LAW(value != NULL && spnego_http_write(value, written, octets) == written);
        LAW(memcmp(value + 10, auth->token68.data, auth->token68.len) == 0);
        free(value);
    }
    free(token);
}

static void check_one(const spnego_http_auth *auth, spnego_rule rule, spnego_bytes value,
                      size_t from)
{
    LAW(lies_behind(auth->name, value, from));
    LAW(lies_behind(auth->token68, value, from) && lies_behind(auth->params, value, from));
    LAW(auth->token68.data == NULL || auth->params.data == NULL);
    LAW(rule == SPNEGO_RULE_NONE || (auth->token68.data == NULL && auth->params.data == NULL));
    LAW(auth->scheme == SPNEGO_HTTP_OTHER_SCHEME || auth->params.data == NULL);
    if (auth->scheme == SPNEGO_HTTP_NEGOTIATE && auth->token68.data != NULL)
        check_written(auth);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *const copy = copy_exactly(data, size);
    const spnego_bytes value = {copy, size};
    spnego_http_auth auth, first, sole;
    size_t cursor = 0, offset = 0, before, num = 0;
    spnego_rule rule;

    memset(&first, 0, sizeof first);
    do {
        before = cursor;
        rule = spnego_http_challenge_next(&auth, &cursor, &offset, value);
        LAW(cursor >= before && cursor <= size);
        LAW(rule == SPNEGO_RULE_NONE || (offset >= before && offset <= size));
        check_one(&auth, rule, value, before);
        if (rule == SPNEGO_RULE_NONE && auth.name.data != NULL && num++ == 0)
            first = auth;
    } while (rule == SPNEGO_RULE_NONE && auth.name.data != NULL);

    if (spnego_http_credentials(&sole, &offset, value) == SPNEGO_RULE_NONE) {
        check_one(&sole, SPNEGO_RULE_NONE, value, 0);
        LAW(rule == SPNEGO_RULE_NONE && num == 1);
        LAW(memcmp(&first, &sole, sizeof sole) == 0);
    } else {
        LAW(offset <= size);
    }
    free(copy);
    return 0;
}
