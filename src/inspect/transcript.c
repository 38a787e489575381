#include "inspect/transcript.h"

#include <string.h>

#include "inspect/base64.h"
#include "inspect/dump.h"
#include "inspect/looks.h"

static spnego_bytes inspect_trim(spnego_bytes line)
{
    while (line.len > 0 && strchr(" \t\r", line.data[line.len - 1]) != NULL)
        line.len--;
    while (line.len > 0 && (line.data[0] == ' ' || line.data[0] == '\t')) {
        line.data++;
        line.len--;
    }
    return line;
}

static spnego_bytes inspect_transcript_line(spnego_bytes *rest)
{
    const uint8_t *feed = memchr(rest->data, '\n', rest->len);
    spnego_bytes line = *rest;

    if (feed != NULL)
        line.len = (size_t)(feed - rest->data);
    rest->data += line.len + (feed != NULL ? 1 : 0);
    rest->len -= line.len + (feed != NULL ? 1 : 0);
    return line;
}

static int inspect_turn_begin(inspect_transcript *out, uint8_t who)
{
    if (out->num_turns == INSPECT_TRANSCRIPT_MAX_TURNS)
        return 0;
    memset(&out->turns[out->num_turns], 0, sizeof out->turns[0]);
    out->turns[out->num_turns].sender = who == 'I' ? INSPECT_ROLE_INITIATOR : INSPECT_ROLE_ACCEPTOR;
    out->turns[out->num_turns++].offset = out->octets.len;
    return 1;
}

static void inspect_turn_grow(inspect_transcript *out)
{
    if (out->num_turns > 0)
        out->turns[out->num_turns - 1].len =
            out->octets.len - out->turns[out->num_turns - 1].offset;
}

/* "I: 60 28 ..." or "A: oYG2..."; hexadecimal wins where a word could be both. */
static int inspect_turn_line(inspect_transcript *out, spnego_bytes line)
{
    inspect_base64 state;
    const size_t before = out->octets.len;
    int is_read;

    if (!inspect_turn_begin(out, line.data[0]))
        return 0;
    line.data += 2;
    line.len -= 2;
    line = inspect_trim(line);
    if (line.len == 0)
        return 1;
    is_read = inspect_hex_line(&out->octets, line);
    if (!is_read) {
        memset(&state, 0, sizeof state);
        out->octets.len = before;
        inspect_base64_put(&state, &out->octets, line.data, line.len);
        out->turns[out->num_turns - 1].is_base64 = 1;
        is_read = inspect_base64_finish(&state) && out->octets.len > before;
    }
    inspect_turn_grow(out);
    return is_read;
}

static int inspect_is_block(spnego_bytes line, const char *name)
{
    return line.len == strlen(name) && memcmp(line.data, name, line.len) == 0;
}

/* In a block: "  I> ..." or "  1 I> ..." begins a token, "I*" one that took the place of the one
 * before on its way, and lines that are indented more are its octets. */
static int inspect_block_line(inspect_transcript *out, spnego_bytes line)
{
    spnego_bytes words = inspect_trim(line);
    const size_t indent = (size_t)(words.data - line.data);

    if (indent >= 5)
        return out->num_turns == 0 || inspect_hex_line(&out->octets, words);
    while (words.len > 0 && words.data[0] >= '0' && words.data[0] <= '9') {
        words.data++;
        words.len--;
    }
    words = inspect_trim(words);
    if (words.len < 2 || (words.data[0] != 'I' && words.data[0] != 'A'))
        return 1;
    if (words.data[1] == '*' && out->num_turns > 0)
        out->turns[out->num_turns - 1].is_replaced = 1;
    return (words.data[1] != '>' && words.data[1] != '*') || inspect_turn_begin(out, words.data[0]);
}

spnego_bytes inspect_transcript_token(const inspect_transcript *transcript, size_t turn)
{
    spnego_bytes token = inspect_text_bytes(&transcript->octets);

    if (token.data == NULL)
        return token;
    token.data += transcript->turns[turn].offset;
    token.len = transcript->turns[turn].len;
    return token;
}

/* ---- Pieces --------------------------------------------------------------------------------- */

/* The next turn in which somebody says something, or that is of the same side. */
static size_t inspect_next_said(const inspect_transcript *t, size_t at)
{
    size_t next = at + 1;

    while (next < t->num_turns && t->turns[next].len == 0 &&
           t->turns[next].sender != t->turns[at].sender)
        next++;
    return next;
}

/* Whether turn `next` goes on with the token that `at` began.  What the other side did not fetch by
 * saying nothing may as well be a token of its own. */
static int inspect_is_piece(const inspect_transcript *t, size_t at, size_t next, uint64_t total)
{
    const spnego_bytes octets = inspect_transcript_token(t, next);

    if (t->turns[next].sender != t->turns[at].sender || t->turns[next].is_replaced)
        return 0;
    return next > at + 1 || (octets.len > 0 && octets.len <= total - t->turns[at].len &&
                             !inspect_looks_token(octets));
}

static void inspect_mark_piece(inspect_transcript *t, size_t at, size_t next)
{
    t->turns[at].part = INSPECT_PIECE;
    for (size_t i = at + 1; i < next; i++)
        t->turns[i].part = INSPECT_PIECE_FETCH;
}

/* MS-SPNG 3.1.5.9: puts the pieces of the token that begins in turn `at` together.  Their octets
 * stand side by side, since nobody else said anything.  Returns the last turn of them. */
static size_t inspect_join(inspect_transcript *t, size_t at)
{
    const uint64_t total = inspect_looks_unfinished(inspect_transcript_token(t, at));
    size_t next = inspect_next_said(t, at);
    int is_joined = 0;

    while (next < t->num_turns && t->turns[at].len < total &&
           inspect_is_piece(t, at, next, total)) {
        inspect_mark_piece(t, at, next);
        is_joined = t->turns[next].len > 0;
        t->turns[next].part = is_joined ? INSPECT_WHOLE : INSPECT_PIECE_EMPTY;
        t->turns[next].offset = t->turns[at].offset;
        t->turns[next].len += t->turns[at].len;
        at = next;
        if (t->turns[at].len > total)
            t->turns[at].part = INSPECT_PIECE_SURPLUS;
        if (!is_joined)
            return at;
        next = inspect_next_said(t, at);
    }
    if (t->turns[at].len < total && next == t->num_turns && (is_joined || next > at + 1))
        inspect_mark_piece(t, at, next);
    return at;
}

int inspect_transcript_read(inspect_transcript *out, spnego_bytes text)
{
    size_t number = 0;
    int in_block = 0, is_good;

    inspect_text_clear(&out->octets);
    out->octets.failed = 0;
    out->num_turns = 0;
    out->bad_line = 0;
    while (text.len > 0) {
        const spnego_bytes line = inspect_transcript_line(&text);
        const spnego_bytes words = inspect_trim(line);

        number++;
        is_good = 1;
        if (words.len == 0 || words.data[0] == '#')
            continue;
        if (words.data == line.data)
            in_block = inspect_is_block(words, "conversation") || inspect_is_block(words, "tokens");
        if (words.data == line.data && words.len >= 2 && words.data[1] == ':' &&
            (words.data[0] == 'I' || words.data[0] == 'A'))
            is_good = inspect_turn_line(out, words);
        else if (in_block && words.data != line.data)
            is_good = inspect_block_line(out, line);
        inspect_turn_grow(out);
        if (!is_good && out->bad_line == 0)
            out->bad_line = number;
    }
    for (size_t i = 0; i < out->num_turns && !out->octets.failed; i++)
        i = out->turns[i].is_replaced ? i : inspect_join(out, i);
    return out->num_turns > 0 && out->bad_line == 0 && !out->octets.failed;
}

void inspect_transcript_free(inspect_transcript *transcript)
{
    inspect_text_free(&transcript->octets);
    memset(transcript, 0, sizeof *transcript);
}
