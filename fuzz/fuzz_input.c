/*
 * inspect_find_tokens, the command's way from what people paste to tokens.
 *
 * The input is what was pasted.  Whatever it is, and however the user says that it is to be read,
 * what is found has its bounds.  Where the input, or something found in it, is a strict token, the
 * same token comes out of each of its forms on one line.  The first of what was found, or else
 * the whole input, is shown in every way (output.h).
 */
#include "output.h"

#include "inspect/base64.h"
#include "inspect/input.h"

static int is_strict(spnego_bytes octets)
{
    spnego_token token;

    return spnego_token_decode(&token, NULL, octets, SPNEGO_TOLERATE_NOTHING) == SPNEGO_RULE_NONE;
}

/* Finds in an exact copy of `text`. */
static void find(inspect_list *out, spnego_bytes text, inspect_from from)
{
    uint8_t *copy = copy_exactly(text.data, text.len);
    const size_t num = inspect_find_tokens(out, copy, text.len, from);

    LAW(num == out->num_items && !out->failed);
    free(copy);
}

/* `text` is `token` in some form, and nothing else. */
static void check_form(const inspect_text *text, spnego_bytes token, inspect_from from,
                       inspect_encoding encoding)
{
    inspect_list found = {0};

    LAW(!text->failed);
    find(&found, inspect_text_bytes(text), from);
    LAW(found.num_items == 1);
    LAW(same_octets(inspect_list_token(&found, 0), token));
    LAW(found.items[0].encoding == encoding);
    inspect_list_free(&found);
}

static void check_forms(spnego_bytes token)
{
    inspect_text text = {0};

    inspect_text_put(&text, token.data, token.len);
    check_form(&text, token, INSPECT_FROM_AUTO, INSPECT_RAW);
    check_form(&text, token, INSPECT_FROM_RAW, INSPECT_RAW);

    inspect_text_clear(&text);
    inspect_text_put_hex(&text, token, 0);
    check_form(&text, token, INSPECT_FROM_AUTO, INSPECT_HEX);
    check_form(&text, token, INSPECT_FROM_HEX, INSPECT_HEX);

    inspect_text_clear(&text);
    inspect_text_put_hex(&text, token, ' ');
    inspect_text_putc(&text, '\n');
    check_form(&text, token, INSPECT_FROM_AUTO, INSPECT_HEX);

    inspect_text_clear(&text);
    inspect_base64_encode(&text, token);
    inspect_text_puts(&text, "\r\n");
    check_form(&text, token, INSPECT_FROM_AUTO, INSPECT_BASE64);
    check_form(&text, token, INSPECT_FROM_BASE64, INSPECT_BASE64);

    inspect_text_insert(&text, 0, "Authorization: Negotiate ", 25);
    check_form(&text, token, INSPECT_FROM_AUTO, INSPECT_HEADER);
    check_form(&text, token, INSPECT_FROM_HEADER, INSPECT_HEADER);
    inspect_text_free(&text);
}

static void check_found(const inspect_list *found, size_t size)
{
    size_t end = 0;

    /* Two digits or more make an octet; only what a dump leaves out is more than was there. */
    LAW(found->octets.len <= size + INSPECT_MAX_ELIDED);
    for (size_t i = 0; i < found->num_items; i++) {
        LAW(found->items[i].offset >= end);
        LAW(found->items[i].len <= found->octets.len - found->items[i].offset);
        LAW(inspect_encoding_name(found->items[i].encoding) != NULL);
        end = found->items[i].offset + found->items[i].len;
    }
}

static int is_same_list(const inspect_list *a, const inspect_list *b)
{
    if (a->num_items != b->num_items || a->num_empty != b->num_empty)
        return 0;
    for (size_t i = 0; i < a->num_items; i++)
        if (!same_octets(inspect_list_token(a, i), inspect_list_token(b, i)) ||
            a->items[i].encoding != b->items[i].encoding ||
            a->items[i].is_guess != b->items[i].is_guess)
            return 0;
    return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const spnego_bytes in = {data, size};
    inspect_list found = {0}, again = {0};
    int done = 0;

    for (int from = INSPECT_FROM_AUTO; from <= INSPECT_FROM_LINES; from++) {
        find(&found, in, (inspect_from)from);
        check_found(&found, size);
        /* A list that was used before gives the same. */
        if (from == INSPECT_FROM_AUTO) {
            find(&again, in, INSPECT_FROM_HEX);
            find(&again, in, INSPECT_FROM_AUTO);
            LAW(is_same_list(&found, &again));
        }
        /* One is enough: for each of a list of many it would take the square of the time. */
        if (from == INSPECT_FROM_AUTO)
            check_output(found.num_items > 0 ? inspect_list_token(&found, 0) : in);
        if (!done && found.num_items > 0 && is_strict(inspect_list_token(&found, 0))) {
            check_forms(inspect_list_token(&found, 0));
            done = 1;
        }
    }
    inspect_list_free(&found);
    inspect_list_free(&again);
    return 0;
}
