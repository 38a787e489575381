/* Tokens inside lines of other text: headers, logs, source code. */
#include <string.h>

#include "inspect/decimal.h"
#include "inspect/hex.h"
#include "inspect/looks.h"
#include "inspect/scan.h"

/* Shorter words are not looked at: a NegTokenResp with a negState alone has nine octets. */
#define INSPECT_MIN_WORD 12

/* What the line has said so far. */
typedef struct inspect_words {
    spnego_bytes line;
    size_t at;
    int is_header; /* the line names an HTTP header that carries schemes */
    inspect_scheme scheme;
    size_t scheme_end;  /* where the scheme's word ends; a token must follow at once */
    int is_scheme_sure; /* it is where a scheme stands, not a word of a sentence */
    size_t num_found;
} inspect_words;

static uint8_t inspect_lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

/* Compares without regard to case, '_' being '-' as in HTTP_AUTHORIZATION. */
static int inspect_word_is(spnego_bytes word, const char *name)
{
    const size_t len = strlen(name);

    if (word.len != len)
        return 0;
    for (size_t i = 0; i < len; i++)
        if ((word.data[i] == '_' ? '-' : inspect_lower(word.data[i])) != (uint8_t)name[i])
            return 0;
    return 1;
}

int inspect_is_scheme(spnego_bytes word)
{
    return inspect_word_is(word, "negotiate") || inspect_word_is(word, "ntlm");
}

static int inspect_word_is_header(spnego_bytes word)
{
    static const char *const names[] = {"authorization",
                                        "www-authenticate",
                                        "proxy-authorization",
                                        "proxy-authenticate",
                                        "http-authorization",
                                        "authentication-info",
                                        "proxy-authentication-info"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (inspect_word_is(word, names[i]))
            return 1;
    return 0;
}

static int inspect_is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The word at words->at, as base64 has them. */
static spnego_bytes inspect_words_next(const inspect_words *words)
{
    spnego_bytes word = {words->line.data + words->at, 0};

    word.len = inspect_base64_word(words->line, words->at) - words->at;
    return word;
}

/* Whether nothing but blanks stands between the scheme and here. */
static int inspect_words_follow_scheme(const inspect_words *words)
{
    if (words->scheme == INSPECT_SCHEME_NONE || words->at == words->scheme_end)
        return 0;
    for (size_t i = words->scheme_end; i < words->at; i++)
        if (!inspect_is_space(words->line.data[i]))
            return 0;
    return 1;
}

/* A scheme that carries no token: the word after it is none, or there is no word. */
static void inspect_words_drop_scheme(inspect_scan *scan, inspect_words *words)
{
    if (words->scheme != INSPECT_SCHEME_NONE && words->is_scheme_sure)
        scan->list->num_empty++;
    words->scheme = INSPECT_SCHEME_NONE;
}

/* Tries `word` as base64.  Returns 1 if it is a token; then it is the open block. */
static int inspect_words_try_base64(inspect_scan *scan, inspect_words *words, spnego_bytes word)
{
    const int follows = inspect_words_follow_scheme(words);
    const size_t end = words->at + word.len;
    inspect_base64 alone;
    int is_claimed = 0;

    /* A header's token ends the line or its element of the list; in a sentence it would not. */
    if (follows && words->is_scheme_sure)
        is_claimed = end == words->line.len || strchr(",;\"'\\`)<& \t", words->line.data[end]);
    if (!is_claimed && (scan->from == INSPECT_FROM_HEADER ? !follows : word.len < INSPECT_MIN_WORD))
        return 0;
    memset(&alone, 0, sizeof alone);
    inspect_text_clear(&scan->scratch);
    inspect_base64_put(&alone, &scan->scratch, word.data, word.len);
    if (alone.failed || (!is_claimed && !inspect_looks_token(inspect_text_bytes(&scan->scratch))) ||
        (end < words->line.len && !inspect_base64_finish(&alone)))
        return 0;
    inspect_block_begin(scan, INSPECT_FORM_BASE64);
    scan->block.is_claimed |= is_claimed;
    scan->block.is_header = follows;
    scan->scheme = words->scheme;
    scan->block.base64 = alone;
    inspect_text_put(&scan->list->octets, scan->scratch.data, scan->scratch.len);
    words->scheme = follows ? INSPECT_SCHEME_NONE : words->scheme;
    return 1;
}

/* Tries what begins here as decimal numbers.  Returns the characters to go on, 0 if it is none. */
static size_t inspect_words_try_decimal(inspect_scan *scan, inspect_words *words)
{
    const spnego_bytes rest = {words->line.data + words->at, words->line.len - words->at};
    size_t used;

    if (scan->from != INSPECT_FROM_AUTO)
        return 0;
    inspect_text_clear(&scan->scratch);
    used = inspect_decimal_run(&scan->scratch, rest, 0);
    /* A line may end after few numbers; what goes on is seen from the lines below. */
    if (used > 0 && (inspect_looks_token(inspect_text_bytes(&scan->scratch)) ||
                     (scan->scratch.len >= 4 && used == rest.len))) {
        inspect_block_begin(scan, INSPECT_FORM_DECIMAL);
        inspect_text_put(&scan->list->octets, scan->scratch.data, scan->scratch.len);
        words->num_found++;
    }
    return used;
}

/* Tries what begins here as hexadecimal.  Returns the characters to go on, 0 if it is none. */
static size_t inspect_words_try_hex(inspect_scan *scan, inspect_words *words)
{
    const spnego_bytes rest = {words->line.data + words->at, words->line.len - words->at};
    size_t used;

    if (scan->from == INSPECT_FROM_HEADER)
        return 0;
    inspect_text_clear(&scan->scratch);
    used = inspect_hex_run(&scan->scratch, rest);
    if (used > 0 && inspect_looks_token(inspect_text_bytes(&scan->scratch))) {
        inspect_block_begin(scan, INSPECT_FORM_HEX);
        inspect_text_put(&scan->list->octets, scan->scratch.data, scan->scratch.len);
        words->num_found++;
    }
    return used;
}

/* A word that is a scheme or a header's name.  Returns 1 if it is. */
static int inspect_words_note(inspect_scan *scan, inspect_words *words, spnego_bytes word)
{
    const int is_negotiate = inspect_word_is(word, "negotiate");

    if (inspect_word_is_header(word)) {
        words->is_header = 1;
        return 1;
    }
    if (!inspect_is_scheme(word))
        return 0;
    inspect_words_drop_scheme(scan, words);
    words->scheme = is_negotiate ? INSPECT_SCHEME_NEGOTIATE : INSPECT_SCHEME_NTLM;
    words->scheme_end = words->at + word.len;
    words->is_scheme_sure = words->is_header || words->at == 0;
    return 1;
}

size_t inspect_scan_words(inspect_scan *scan, spnego_bytes line)
{
    inspect_words words;
    size_t open_end = 0; /* where the last token found ends */

    memset(&words, 0, sizeof words);
    words.line = line;
    while (words.at < line.len) {
        spnego_bytes word;
        size_t used = 0;

        /* An escape in hexadecimal begins with what is no digit of base64. */
        if (!inspect_base64_is_digit(line.data[words.at]) && line.data[words.at] != '\\') {
            words.at++;
            continue;
        }
        /* A blank in a URL is no part of the word behind it. */
        if (words.at >= 1 && line.data[words.at - 1] == '%' && line.len - words.at > 2 &&
            line.data[words.at] == '2' && line.data[words.at + 1] == '0') {
            words.at += 2;
            continue;
        }
        word = inspect_words_next(&words);
        if (word.len > 0 && inspect_words_note(scan, &words, word)) {
            words.at += word.len;
            continue;
        }
        if (!inspect_words_follow_scheme(&words)) {
            const size_t before = words.num_found;
            used = inspect_words_try_decimal(scan, &words);
            if (used == 0)
                used = inspect_words_try_hex(scan, &words);
            if (words.num_found > before)
                open_end = words.at + used;
        }
        if (used == 0 && word.len > 0 && inspect_words_try_base64(scan, &words, word)) {
            words.num_found++;
            open_end = words.at + word.len;
        } else if (word.len > 0) {
            inspect_words_drop_scheme(scan, &words);
        }
        used = used > word.len ? used : word.len;
        words.at += used > 0 ? used : 1;
    }
    if (scan->block.form != INSPECT_FORM_NONE && open_end < line.len)
        inspect_block_end(scan);
    /* A folded header has its token on the next line. */
    if (words.scheme != INSPECT_SCHEME_NONE && words.is_scheme_sure) {
        if (words.scheme_end == line.len) {
            scan->is_scheme_pending = 1;
            scan->scheme = words.scheme;
        } else {
            inspect_words_drop_scheme(scan, &words);
        }
    }
    return words.num_found + (words.is_header ? 1 : 0);
}
