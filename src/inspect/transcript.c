#include "inspect/transcript.h"

#include <string.h>

#include "inspect/base64.h"
#include "inspect/dump.h"

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
    out->turns[out->num_turns].sender = who == 'I' ? INSPECT_ROLE_INITIATOR : INSPECT_ROLE_ACCEPTOR;
    out->turns[out->num_turns].offset = out->octets.len;
    out->turns[out->num_turns++].len = 0;
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
        out->num_turns--;
    return (words.data[1] != '>' && words.data[1] != '*') || inspect_turn_begin(out, words.data[0]);
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
    return out->num_turns > 0 && out->bad_line == 0 && !out->octets.failed;
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

void inspect_transcript_free(inspect_transcript *transcript)
{
    inspect_text_free(&transcript->octets);
    memset(transcript, 0, sizeof *transcript);
}
