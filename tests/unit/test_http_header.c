/* carrier/http_header.c: the grammar of the header fields (RFC 9110 11; HTTP-01, HTTP-06, HTTP-08,
 * HTTP-28, HTTP-43; faults.md LOG-35, HTP-02, HTP-04, CRL-04). */
#include <spnego/http.h>

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support.h"

static spnego_bytes bytes_of(const char *text)
{
    return (spnego_bytes){(const uint8_t *)text, strlen(text)};
}

/* A block of exactly that size, so that an octet beyond it is one that a memory checker sees. */
static spnego_bytes copy_of(const void *octets, size_t len)
{
    uint8_t *const block = malloc(len != 0 ? len : 1);

    cr_assert_not_null(block);
    if (len != 0)
        memcpy(block, octets, len);
    return (spnego_bytes){block, len};
}

static void free_copy(spnego_bytes copy)
{
    free((void *)(uintptr_t)copy.data);
}

static int lies_in(spnego_bytes part, spnego_bytes whole)
{
    return part.data == NULL || (part.data >= whole.data && part.len <= whole.len &&
                                 (size_t)(part.data - whole.data) <= whole.len - part.len);
}

/* What was read, as text: "Basic(realm="x") Negotiate[YQ==] NTLM", a scheme that is known behind
 * '!', and at last the rule and the place if it was refused. */
static void describe(char *out, size_t size, const spnego_http_auth *auth, spnego_rule rule,
                     size_t offset)
{
    size_t len = strlen(out);

    if (rule != SPNEGO_RULE_NONE) {
        snprintf(out + len, size - len, "%s@%zu", spnego_rule_describe(rule)->name, offset);
        return;
    }
    len += (size_t)snprintf(out + len, size - len, "%s%.*s",
                            auth->scheme != SPNEGO_HTTP_OTHER_SCHEME ? "!" : "",
                            (int)auth->name.len, (const char *)auth->name.data);
    if (auth->token68.data != NULL)
        len += (size_t)snprintf(out + len, size - len, "[%.*s]", (int)auth->token68.len,
                                (const char *)auth->token68.data);
    if (auth->params.data != NULL)
        len += (size_t)snprintf(out + len, size - len, "(%.*s)", (int)auth->params.len,
                                (const char *)auth->params.data);
    snprintf(out + len, size - len, " ");
}

static void read_list(char *out, size_t size, spnego_bytes value)
{
    size_t cursor = 0, offset = 0, before;
    spnego_http_auth auth;
    spnego_rule rule;

    out[0] = '\0';
    do {
        before = cursor;
        rule = spnego_http_challenge_next(&auth, &cursor, &offset, value);
        cr_assert(lies_in(auth.name, value) && lies_in(auth.token68, value) &&
                  lies_in(auth.params, value));
        cr_assert(auth.token68.data == NULL || auth.params.data == NULL);
        cr_assert(rule == SPNEGO_RULE_NONE ||
                  (offset <= value.len && auth.token68.data == NULL && auth.params.data == NULL));
        cr_assert(auth.name.data == NULL || rule != SPNEGO_RULE_NONE || cursor > before);
        if (auth.name.data != NULL || rule != SPNEGO_RULE_NONE)
            describe(out, size, &auth, rule, offset);
    } while (rule == SPNEGO_RULE_NONE && auth.name.data != NULL);
}

typedef struct row {
    const char *value;
    const char *says;
} row;

/* clang-format off */
static const row lists[] = {
    /* RFC 9110 11.6.1's shape, RFC 4559 4.1, MS-N2HT 4 */
    {"", ""},
    {" \t , ,, ", ""},
    {"Negotiate", "!Negotiate "},
    {"negotiate", "!negotiate "},
    {"NEGOTIATE  \t", "!NEGOTIATE "},
    {"Negotiate YQ==", "!Negotiate[YQ==] "},
    {"Negotiate   YQ==  ", "!Negotiate[YQ==] "},
    {"Nego2 YQ==", "!Nego2[YQ==] "},
    {"Negotiate,NTLM", "!Negotiate NTLM "},
    {"NTLM,Negotiate", "NTLM !Negotiate "},
    {"NTLM , , Negotiate YQ== ,Basic realm=\"x\"", "NTLM !Negotiate[YQ==] Basic(realm=\"x\") "},
    {"Digest realm=\"a, b\", qop=\"auth,auth-int\", nonce=1, Negotiate YWJj, Basic realm = \"\\\"\" , a=b",
     "Digest(realm=\"a, b\", qop=\"auth,auth-int\", nonce=1) !Negotiate[YWJj] Basic(realm = \"\\\"\" , a=b) "},
    {"Newauth realm=\"apps\", type=1, title=\"Login to \\\"apps\\\"\", Basic realm=\"simple\"",
     "Newauth(realm=\"apps\", type=1, title=\"Login to \\\"apps\\\"\") Basic(realm=\"simple\") "},
    {"X-Negotiate YQ==", "X-Negotiate[YQ==] "},
    {"Negotiate2", "Negotiate2 "},
    {"Nego", "Nego "},
    /* one that could be a parameter without a value is a token (RFC 9110 11.2) */
    {"Basic realm=", "Basic[realm=] "},
    {"Negotiate a=", "!Negotiate[a=] "},
    {"Bearer a-._~+/b==", "Bearer[a-._~+/b==] "},
    {"Negotiate a-._~+/b==", "!Negotiate[a-._~+/b==] "},
    {"Basic a=b,c", "Basic(a=b) c "},
    {"Basic a=b, c d=e", "Basic(a=b) c(d=e) "},
    {"Basic a=b,,,", "Basic(a=b) "},
    {"Basic realm=\"\xc3\xa9\"", "Basic(realm=\"\xc3\xa9\") "},
    /* refused, and where */
    {"=", "HTTP_SCHEME_MISSING@0"},
    {"NTLM, \"x\"", "NTLM HTTP_SCHEME_MISSING@6"},
    {"Negotiate\tYQ==", "HTTP_CHARACTER@9"},
    {"Negotiate \tYQ==", "HTTP_CHARACTER@10"},
    {"Negotiate=YQ==", "HTTP_CHARACTER@9"},
    {"Negotiate:YQ==", "HTTP_CHARACTER@9"},
    {"Basic realm=\"x\x01y\"", "HTTP_CHARACTER@14"},
    {"Basic realm=\"x\ny\"", "HTTP_CHARACTER@14"},
    {"Basic realm=\"x\\\ny\"", "HTTP_CHARACTER@15"},
    {"Basic realm=\"x\x7f\"", "HTTP_CHARACTER@14"},
    {"Basic realm=\"x, Negotiate", "HTTP_QUOTE_UNCLOSED@12"},
    {"Basic realm=\"x\\\"", "HTTP_QUOTE_UNCLOSED@12"},
    {"Basic realm=\"x\\", "HTTP_QUOTE_UNCLOSED@12"},
    {"Basic realm=\"", "HTTP_QUOTE_UNCLOSED@12"},
    {"Basic realm=My Site, Negotiate", "HTTP_PARAM_MALFORMED@15"},
    {"Basic realm=\"x\"y", "HTTP_PARAM_MALFORMED@15"},
    {"Basic realm= \"x\" \"y\"", "HTTP_PARAM_MALFORMED@17"},
    {"Basic @", "HTTP_PARAM_MALFORMED@6"},
    {"Basic a=b, c=", "HTTP_PARAM_MALFORMED@11"},
    {"Basic a=b, c=,", "HTTP_PARAM_MALFORMED@11"},
    {"Negotiate YQ== YQ==", "HTTP_TOKEN_TRAILED@15"},
    {"Negotiate YQ= =", "HTTP_TOKEN_TRAILED@14"},
    {"Negotiate YQ==x", "HTTP_TOKEN_TRAILED@14"},
    {"Negotiate YQ==;", "HTTP_TOKEN_TRAILED@14"},
    {"Negotiate YQ==\r\n", "HTTP_TOKEN_TRAILED@14"},
    {"Negotiate YQ YQ", "HTTP_TOKEN_TRAILED@13"},
    {"Nego2 YQ==\"", "HTTP_TOKEN_TRAILED@10"},
    {"Negotiate \"YQ==\"", "HTTP_PARAM_MALFORMED@10"},
    {"Negotiate =", "HTTP_PARAM_MALFORMED@10"},
    {"Negotiate a=b", "HTTP_PARAMS_NOT_TOKEN@10"},
    {"Negotiate a=b, c=\"d\", NTLM", "HTTP_PARAMS_NOT_TOKEN@10"},
    {"Nego2 a=\"b\"", "HTTP_PARAMS_NOT_TOKEN@6"},
    {"Negotiate a=\"b", "HTTP_QUOTE_UNCLOSED@12"},
};

static const row credentials[] = {
    {"Negotiate YQ==", "!Negotiate[YQ==] "},
    {"  negotiate   YQ== \t", "!negotiate[YQ==] "},
    {"Negotiate", "!Negotiate "},
    {"Basic dTpw", "Basic[dTpw] "},
    {"Digest a=b, c=\"d\"", "Digest(a=b, c=\"d\") "},
    {"", "HTTP_SCHEME_MISSING@0"},
    {" ", "HTTP_SCHEME_MISSING@1"},
    {",Negotiate YQ==", "HTTP_SCHEME_MISSING@0"},
    {"Negotiate YQ==,", "HTTP_TOKEN_TRAILED@14"},
    {"Negotiate YQ==, Negotiate YQ==", "HTTP_TOKEN_TRAILED@14"},
    {"Negotiate,", "HTTP_TOKEN_TRAILED@9"},
    {"Negotiate YQ== YQ==", "HTTP_TOKEN_TRAILED@15"},
    {"Digest a=b, Negotiate", "HTTP_PARAM_MALFORMED@10"},
};
/* clang-format on */

Test(http_header, lists)
{
    char says[512];

    for (size_t i = 0; i < LEN(lists); i++) {
        const spnego_bytes value = copy_of(lists[i].value, strlen(lists[i].value));

        read_list(says, sizeof says, value);
        cr_expect_str_eq(says, lists[i].says, "%s: %s", lists[i].value, says);
        free_copy(value);
    }
}

Test(http_header, credentials)
{
    for (size_t i = 0; i < LEN(credentials); i++) {
        const spnego_bytes value = copy_of(credentials[i].value, strlen(credentials[i].value));
        char says[512] = "";
        size_t offset = 0;
        spnego_http_auth auth;
        const spnego_rule rule = spnego_http_credentials(&auth, &offset, value);

        describe(says, sizeof says, &auth, rule, offset);
        cr_expect_str_eq(says, credentials[i].says, "%s: %s", credentials[i].value, says);
        cr_expect_eq(spnego_http_credentials(&auth, NULL, value), rule);
        cr_expect(rule == SPNEGO_RULE_NONE ||
                  (auth.token68.data == NULL && auth.params.data == NULL));
        free_copy(value);
    }
}

/* Every octet in every place of a list that has everything: nothing is read beyond it, and what
 * is read lies within (in read_list). */
Test(http_header, any_octet_anywhere)
{
    static const char whole[] = "Digest a=\"b\\\"c\", d=e , Negotiate YQ==, NTLM";
    const size_t len = sizeof whole - 1;
    char says[512];

    for (size_t at = 0; at <= len; at++)
        for (int c = 0; c < 256; c++) {
            char changed[sizeof whole];
            spnego_bytes value;

            memcpy(changed, whole, sizeof whole);
            if (at < len)
                changed[at] = (char)c;
            value = copy_of(changed, at < len ? len : (size_t)c % len);
            read_list(says, sizeof says, value);
            free_copy(value);
        }
}

Test(http_header, nothing_after_the_end)
{
    spnego_http_auth auth;
    size_t cursor = 77;

    cr_expect_eq(spnego_http_challenge_next(&auth, &cursor, NULL, bytes_of("NTLM")),
                 SPNEGO_RULE_NONE);
    cr_expect_null(auth.name.data);
    cursor = 0;
    cr_expect_eq(spnego_http_challenge_next(&auth, &cursor, NULL, (spnego_bytes){NULL, 0}),
                 SPNEGO_RULE_NONE);
    cr_expect_null(auth.name.data);
    cr_expect_eq(spnego_http_credentials(&auth, NULL, (spnego_bytes){NULL, 0}),
                 SPNEGO_RULE_HTTP_SCHEME_MISSING);
}

Test(http_header, names)
{
    for (int i = 0; i <= SPNEGO_HTTP_PROXY_SUPPORT; i++) {
        const char *const name = spnego_http_header_name((spnego_http_header)i);

        cr_assert_eq(name == NULL, i == 0);
        if (name != NULL)
            cr_expect_eq((int)spnego_http_header_of(bytes_of(name)), i, "%s", name);
    }
    cr_expect_null(spnego_http_header_name((spnego_http_header)7));
    cr_expect_eq(spnego_http_header_of(bytes_of("wwW-authenticatE")), SPNEGO_HTTP_WWW_AUTHENTICATE);
    cr_expect_eq(spnego_http_header_of(bytes_of("Authorization ")), SPNEGO_HTTP_OTHER_HEADER);
    cr_expect_eq(spnego_http_header_of(bytes_of("Authorizatio")), SPNEGO_HTTP_OTHER_HEADER);
    cr_expect_eq(spnego_http_header_of(bytes_of("Authorizatio\x0e")), SPNEGO_HTTP_OTHER_HEADER);
    cr_expect_eq(spnego_http_header_of((spnego_bytes){NULL, 0}), SPNEGO_HTTP_OTHER_HEADER);
}

/* Tokens of every length around each group of base64, into a room that fits and one that is too
 * short (HTP-02). */
Test(http_header, writing_and_reading)
{
    uint8_t octets[1024];

    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = (uint8_t)(i * 37);
    for (size_t len = 1; len <= sizeof octets; len++) {
        const spnego_bytes token = {octets, len};
        const size_t want = 10 + (len + 2) / 3 * 4;
        char *const room = malloc(want);
        uint8_t back[sizeof octets + 3];
        size_t back_len = sizeof back;
        spnego_http_auth auth;

        cr_assert_not_null(room);
        memset(room, '?', want);
        cr_expect_eq(spnego_http_write(room, want - 1, token), want);
        cr_expect(room[0] == '?' && room[want - 1] == '?');
        cr_expect_eq(spnego_http_write(room, want, token), want);
        cr_expect_eq(
            spnego_http_credentials(&auth, NULL, (spnego_bytes){(const uint8_t *)room, want}),
            SPNEGO_RULE_NONE);
        cr_expect_eq(auth.scheme, SPNEGO_HTTP_NEGOTIATE);
        cr_expect_eq(spnego_base64_decode(back, &back_len, NULL, (const char *)auth.token68.data,
                                          auth.token68.len, 0),
                     SPNEGO_RULE_NONE);
        cr_expect(back_len == len && memcmp(back, octets, len) == 0, "%zu", len);
        free(room);
    }
}

Test(http_header, writing_what_there_is_not)
{
    char room[16] = "????????????";

    cr_expect_eq(spnego_http_write(NULL, 0, (spnego_bytes){NULL, 0}), 9);
    cr_expect_eq(spnego_http_write(room, 8, (spnego_bytes){NULL, 0}), 9);
    cr_expect_eq(room[0], '?');
    cr_expect_eq(spnego_http_write(room, sizeof room, (spnego_bytes){NULL, 0}), 9);
    cr_expect(memcmp(room, "Negotiate?", 10) == 0);
    cr_expect_eq(spnego_http_write(room, sizeof room, (spnego_bytes){(const uint8_t *)"", 0}), 0);
    cr_expect_eq(
        spnego_http_write(room, sizeof room, (spnego_bytes){(const uint8_t *)"", (size_t)-1}), 0);
    cr_expect_eq(spnego_http_write(room, sizeof room,
                                   (spnego_bytes){(const uint8_t *)"", (size_t)-1 / 4 * 3 - 2}),
                 0);
}

Test(http_header, proxy_support)
{
    static const struct {
        const char *value;
        int yes;
    } rows[] = {{"Session-Based-Authentication", 1},
                {"session-based-authentication", 1},
                {" x ,\tSession-Based-Authentication ,", 1},
                {"Session-Based", 0},
                {"Session-Based-Authentication2", 0},
                {"Session-Based-Authentication x", 0},
                {"", 0},
                {",", 0}};

    for (size_t i = 0; i < LEN(rows); i++) {
        const spnego_http_field fields[] = {{bytes_of("X"), bytes_of("y")},
                                            {bytes_of("proxy-support"), bytes_of(rows[i].value)}};
        const spnego_http_message message = {401, fields, 2}, empty = {401, NULL, 0};

        cr_expect_eq(spnego_http_is_session_based(&message), rows[i].yes, "%s", rows[i].value);
        cr_expect_eq(spnego_http_is_session_based(&empty), 0);
    }
}
