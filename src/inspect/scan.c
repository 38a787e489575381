#include "inspect/scan.h"

#include <string.h>

#include "inspect/carry.h"
#include "inspect/decimal.h"
#include "inspect/dump.h"
#include "inspect/looks.h"
#include "inspect/quoted.h"
#include "inspect/tlv.h"

void inspect_scan_begin(inspect_scan *scan, inspect_list *list, inspect_from from)
{
    memset(scan, 0, sizeof *scan);
    scan->list = list;
    scan->from = from;
    scan->num_before = list->num_items;
}

spnego_bytes inspect_block_octets(const inspect_scan *scan)
{
    spnego_bytes octets = inspect_text_bytes(&scan->list->octets);

    octets.data += scan->block.start;
    octets.len -= scan->block.start;
    return octets;
}

void inspect_block_begin(inspect_scan *scan, inspect_form form)
{
    inspect_block_end(scan);
    memset(&scan->block, 0, sizeof scan->block);
    scan->block.form = form;
    scan->block.start = scan->list->octets.len;
    scan->block.is_claimed = scan->from == INSPECT_FROM_HEX || scan->from == INSPECT_FROM_BASE64;
}

/* Base64 that was cut where one character more makes no octet: what a log's limit leaves of a
 * token, which by its own length goes on. */
static int inspect_block_is_cut(const inspect_scan *scan)
{
    const inspect_base64 *state = &scan->block.base64;
    const spnego_bytes octets = inspect_block_octets(scan);

    return !state->failed && state->num_pads == 0 && inspect_looks_token(octets) &&
           inspect_looks_cut(octets);
}

static inspect_encoding inspect_form_encoding(inspect_form form)
{
    switch (form) {
    case INSPECT_FORM_BASE64:
        return INSPECT_BASE64;
    case INSPECT_FORM_DECIMAL:
        return INSPECT_DECIMAL;
    case INSPECT_FORM_QUOTED:
        return INSPECT_ESCAPED;
    case INSPECT_FORM_NONE:
    case INSPECT_FORM_HEX:
    case INSPECT_FORM_DUMP:
        break;
    }
    return INSPECT_HEX;
}

static void inspect_swap(char *octets, size_t len)
{
    for (size_t i = 0; i + 1 < len; i += 2) {
        const char first = octets[i];
        octets[i] = octets[i + 1];
        octets[i + 1] = first;
    }
}

/* A dump of words of 16 bits, least significant octet first, as hexdump and od -x write them: its
 * octets in their order are a token, and an odd one at the end has a zero beside it. */
static int inspect_scan_swapped(inspect_scan *scan, inspect_item *dump)
{
    char *octets = scan->list->octets.data + dump->offset;
    const spnego_bytes view = {(const uint8_t *)octets, dump->len};
    int is_token;

    inspect_swap(octets, dump->len);
    is_token = inspect_looks_token(view);
    if (!is_token)
        inspect_swap(octets, dump->len);
    if (is_token && inspect_tlv_total(view) + 1 == dump->len && octets[dump->len - 1] == 0)
        scan->list->octets.len = dump->offset + --dump->len;
    return is_token;
}

static void inspect_scan_found(void *user, const inspect_found *found)
{
    inspect_list *list = user;
    const size_t offset = list->octets.len;

    inspect_text_put(&list->octets, found->token.data, found->token.len);
    inspect_list_add(list, INSPECT_HEX, offset);
}

/* A dump of more than a token: a message of LDAP, a request of HTTP, a packet.  The tokens in it
 * take the place of its octets.  Returns how many there are. */
static size_t inspect_scan_message(inspect_scan *scan, const inspect_item *dump)
{
    static const inspect_stamp none;
    inspect_list *list = scan->list;
    inspect_text message = {NULL, 0, 0, 0};
    inspect_finder finder;
    inspect_carry *carry;

    memset(&finder, 0, sizeof finder);
    finder.user = list;
    finder.found = inspect_scan_found;
    inspect_text_put(&message, list->octets.data + dump->offset, dump->len);
    carry = inspect_carry_create(&finder, NULL, INSPECT_CARRIER_ANY);
    if (carry != NULL && !message.failed && !list->octets.failed) {
        list->octets.len = dump->offset;
        inspect_carry_put(carry, 0, inspect_text_bytes(&message), &none);
    }
    inspect_carry_destroy(carry);
    if (finder.num_found == 0 && list->octets.len == dump->offset)
        inspect_text_put(&list->octets, message.data, message.len);
    list->failed |= finder.failed | message.failed | (carry == NULL);
    inspect_text_free(&message);
    return (size_t)finder.num_found;
}

void inspect_block_end(inspect_scan *scan)
{
    inspect_block *block = &scan->block;
    inspect_item item;
    int is_whole, is_dump;

    if (block->form == INSPECT_FORM_NONE)
        return;
    is_whole = block->form != INSPECT_FORM_BASE64 || inspect_base64_finish(&block->base64) ||
               inspect_block_is_cut(scan);
    memset(&item, 0, sizeof item);
    item.encoding = block->is_header ? INSPECT_HEADER : inspect_form_encoding(block->form);
    item.scheme = block->is_header ? scan->scheme : INSPECT_SCHEME_NONE;
    item.offset = block->start;
    item.len = scan->list->octets.len - block->start;
    is_dump = block->form == INSPECT_FORM_DUMP;
    block->form = INSPECT_FORM_NONE;
    if (is_whole && item.len > 0 &&
        (block->is_claimed || inspect_looks_token(inspect_block_octets(scan)) ||
         (is_dump && inspect_scan_swapped(scan, &item)))) {
        inspect_list_add(scan->list, item.encoding, item.offset);
        if (!scan->list->failed)
            scan->list->items[scan->list->num_items - 1].scheme = item.scheme;
        return;
    }
    if (is_dump && item.len > 0 && inspect_scan_message(scan, &item) > 0)
        return;
    /* The first one that is no token is kept: it may be all that there is. */
    if (scan->num_refused++ == 0 && is_whole)
        scan->refused = item;
    else
        scan->list->octets.len = item.offset;
}

/* Whether a line whose own octets are in scratch goes on with the open block. */
static int inspect_block_takes(const inspect_scan *scan, size_t width)
{
    const inspect_block *block = &scan->block;
    const spnego_bytes octets = inspect_block_octets(scan);
    const spnego_bytes line = inspect_text_bytes(&scan->scratch);
    /* What is wrapped has lines of one width, but for the last. */
    const int fits =
        block->width == 0 || (width <= block->width && block->last_width == block->width);
    /* Alone it could be a token too; but so could a line that begins where, in the token that is
     * wrapped, the mechanism's token begins. */
    const int begins = inspect_looks_certain(line) ||
                       (inspect_looks_token(line) && inspect_tlv_total(line) == line.len);

    if (block->base64.num_pads > 0 || inspect_looks_whole(octets) ||
        (!block->is_claimed && !inspect_looks_begun(octets)))
        return 0;
    return inspect_looks_cut(octets) ? fits || !begins : fits && !begins;
}

static void inspect_block_add_line(inspect_scan *scan, size_t width)
{
    inspect_block *block = &scan->block;

    block->num_lines++;
    block->last_width = width;
    if (block->width == 0)
        block->width = width;
}

/* A line of hexadecimal, whose octets are in scratch. */
static void inspect_scan_hex(inspect_scan *scan, size_t width)
{
    if (scan->block.form != INSPECT_FORM_HEX || !inspect_block_takes(scan, width))
        inspect_block_begin(scan, INSPECT_FORM_HEX);
    inspect_text_put(&scan->list->octets, scan->scratch.data, scan->scratch.len);
    inspect_block_add_line(scan, width);
}

/* Fills in what "*" left out of a dump, once the line after it says where that one is. */
static void inspect_scan_elided(inspect_scan *scan, spnego_bytes line)
{
    const size_t unit = scan->block.last_octets;
    const size_t have = scan->list->octets.len - scan->block.start;
    size_t at = 0, fill = 0;
    uint64_t hex = 0, octal = 0;

    scan->block.is_elided = 0;
    while (at < line.len && line.data[at] == ' ')
        at++;
    if (line.len - at >= 2 && line.data[at] == '0' && line.data[at + 1] == 'x')
        at += 2;
    for (size_t i = 0; i < 16 && at < line.len && inspect_hex_digit(line.data[at]) >= 0; i++) {
        const uint64_t digit = (uint64_t)inspect_hex_digit(line.data[at++]);
        hex = hex << 4 | digit;
        octal = octal << 3 | (digit & 7);
    }
    /* od counts in octal, all others in hexadecimal; the distance is a whole number of lines only
     * in one of them, or in both and then octal is the nearer one. */
    /* Without memory the line that is repeated may not be there. */
    if (unit == 0 || unit > have)
        return;
    if (octal > have && octal - have <= INSPECT_MAX_ELIDED && (octal - have) % unit == 0)
        fill = (size_t)(octal - have);
    else if (hex > have && hex - have <= INSPECT_MAX_ELIDED && (hex - have) % unit == 0)
        fill = (size_t)(hex - have);
    if (fill > INSPECT_MAX_ELIDED - scan->num_elided)
        return;
    scan->num_elided += fill;
    inspect_text_clear(&scan->scratch);
    inspect_text_put(&scan->scratch, scan->list->octets.data + scan->list->octets.len - unit, unit);
    for (size_t i = 0; i < fill / unit; i++)
        inspect_text_put(&scan->list->octets, scan->scratch.data, scan->scratch.len);
}

/* A line of a dump that has other text before its offset.  The first one must begin a token; where
 * the others go on, their offset says. */
static int inspect_scan_dump_within(inspect_scan *scan, spnego_bytes line)
{
    const int is_inside = scan->block.form == INSPECT_FORM_DUMP && scan->block.is_within;
    const uint64_t expected = is_inside ? inspect_block_octets(scan).len : 0;
    inspect_dump dump;

    inspect_text_clear(&scan->scratch);
    if (is_inside && inspect_dump_within(&dump, &scan->scratch, line, expected)) {
        inspect_text_put(&scan->list->octets, scan->scratch.data, scan->scratch.len);
        return 1;
    }
    if (!inspect_dump_within(&dump, &scan->scratch, line, 0) ||
        !inspect_looks_token(inspect_text_bytes(&scan->scratch)))
        return 0;
    inspect_block_begin(scan, INSPECT_FORM_DUMP);
    scan->block.is_within = 1;
    inspect_text_put(&scan->list->octets, scan->scratch.data, scan->scratch.len);
    return 1;
}

/* A line of a dump.  Returns 0 if it is none. */
static int inspect_scan_dump(inspect_scan *scan, spnego_bytes line)
{
    const int is_inside = scan->block.form == INSPECT_FORM_DUMP && !scan->block.is_within;
    inspect_dump dump;

    if (scan->block.form == INSPECT_FORM_HEX && inspect_looks_begun(inspect_block_octets(scan)))
        return 0;
    if (is_inside && line.len >= 1 && line.data[0] == '*') {
        scan->block.is_elided = 1;
        return 1;
    }
    inspect_text_clear(&scan->scratch);
    if (!inspect_dump_line(&dump, &scan->scratch, line, is_inside))
        return inspect_scan_dump_within(scan, line);
    if (!is_inside || (dump.offset == 0 && dump.num_octets > 0)) {
        inspect_block_begin(scan, INSPECT_FORM_DUMP);
    } else if (scan->block.is_elided) {
        inspect_scan_elided(scan, line);
        inspect_text_clear(&scan->scratch);
        (void)inspect_dump_line(&dump, &scan->scratch, line, is_inside);
    }
    inspect_text_put(&scan->list->octets, scan->scratch.data, scan->scratch.len);
    if (dump.num_octets > 0)
        scan->block.last_octets = dump.num_octets;
    return 1;
}

/* Whether the open block goes on in the notation of `form`. */
static int inspect_block_goes_on(const inspect_scan *scan, inspect_form form)
{
    return scan->block.form == form && inspect_looks_begun(inspect_block_octets(scan)) &&
           !inspect_looks_whole(inspect_block_octets(scan));
}

/* A line of decimal numbers, perhaps one alone.  Returns 0 if it is none. */
static int inspect_scan_decimal(inspect_scan *scan, spnego_bytes line)
{
    const int is_inside = inspect_block_goes_on(scan, INSPECT_FORM_DECIMAL);

    inspect_text_clear(&scan->scratch);
    if (!inspect_decimal_line(&scan->scratch, line, is_inside))
        return 0;
    if (!is_inside)
        inspect_block_begin(scan, INSPECT_FORM_DECIMAL);
    inspect_text_put(&scan->list->octets, scan->scratch.data, scan->scratch.len);
    return 1;
}

/* What may stand before a string that goes on from the line before. */
static int inspect_is_string_prefix(uint8_t c)
{
    return c != 0 && strchr(" \tbB(+[&.", c) != NULL;
}

/* Strings of source text in a line.  Returns 0 if there is no token in them. */
static int inspect_scan_quoted(inspect_scan *scan, spnego_bytes line)
{
    size_t at = 0, num = 0;
    int is_first = inspect_block_goes_on(scan, INSPECT_FORM_QUOTED) ||
                   inspect_block_goes_on(scan, INSPECT_FORM_HEX);

    if (!is_first && (line.len == 0 || memchr(line.data, '\\', line.len) == NULL))
        return 0;
    while (at < line.len) {
        const spnego_bytes rest = {line.data + at, line.len - at};
        size_t used = 0;

        if (line.data[at] == '"' || line.data[at] == '\'') {
            inspect_text_clear(&scan->scratch);
            used = inspect_quoted_read(&scan->scratch, rest, is_first);
            if (used > 0 && !is_first && inspect_looks_token(inspect_text_bytes(&scan->scratch)))
                inspect_block_begin(scan, used == 4 * scan->scratch.len + 2 ? INSPECT_FORM_HEX
                                                                            : INSPECT_FORM_QUOTED);
            else if (used > 0 && !is_first)
                used = 0;
            if (used > 0) {
                inspect_text_put(&scan->list->octets, scan->scratch.data, scan->scratch.len);
                num++;
            }
        }
        is_first = is_first && used == 0 && inspect_is_string_prefix(line.data[at]);
        at += used > 0 ? used : 1;
    }
    return num > 0;
}

/* Whether the line is nothing but base64. */
static int inspect_is_base64_line(spnego_bytes line)
{
    return line.len > 0 && inspect_base64_word(line, 0) == line.len && !inspect_is_scheme(line);
}

/* Goes on with an open block of base64.  Returns 0 if the line does not belong to it. */
static int inspect_scan_more_base64(inspect_scan *scan, spnego_bytes line)
{
    inspect_base64 alone;

    memset(&alone, 0, sizeof alone);
    inspect_text_clear(&scan->scratch);
    inspect_base64_put(&alone, &scan->scratch, line.data, line.len);
    if (!inspect_block_takes(scan, line.len))
        return 0;
    inspect_base64_put(&scan->block.base64, &scan->list->octets, line.data, line.len);
    inspect_block_add_line(scan, line.len);
    return 1;
}

static void inspect_scan_base64(inspect_scan *scan, spnego_bytes line)
{
    inspect_block_begin(scan, INSPECT_FORM_BASE64);
    scan->block.is_claimed |= scan->is_scheme_pending;
    scan->block.is_header = scan->is_scheme_pending;
    scan->is_scheme_pending = 0;
    inspect_base64_put(&scan->block.base64, &scan->list->octets, line.data, line.len);
    inspect_block_add_line(scan, line.len);
}

static int inspect_is_blank(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Takes away what stands around a line without belonging to it: blanks, curl's direction marks,
 * and what a string has around it in source text. */
static spnego_bytes inspect_trim(spnego_bytes line)
{
    static const char before[] = "\"'`([{";
    static const char after[] = "\"'`)]},;";

    while (line.len > 0) {
        const uint8_t c = line.data[0];
        const int is_mark = (c == '>' || c == '<' || c == '*' || c == '+') && line.len > 1 &&
                            (line.data[1] == ' ' || line.data[1] == '"');
        const int is_prefix =
            (c == 'b' || c == 'B') && line.len > 1 && (line.data[1] == '"' || line.data[1] == '\'');
        if (!inspect_is_blank(c) && !is_mark && !is_prefix && (c == 0 || strchr(before, c) == NULL))
            break;
        line.data++;
        line.len--;
    }
    while (line.len > 0) {
        const uint8_t c = line.data[line.len - 1];
        const int is_mark = (c == '+' || c == '\\') && line.len > 1 &&
                            strchr(" \",", line.data[line.len - 2]) != NULL;
        if (!inspect_is_blank(c) && !is_mark && (c == 0 || strchr(after, c) == NULL))
            break;
        line.len--;
    }
    return line;
}

/* A line of hexadecimal that was cut inside an octet: scratch gets what is whole of it. */
static int inspect_is_cut_hex(inspect_scan *scan, spnego_bytes line)
{
    if (line.len < 3 || inspect_hex_digit(line.data[line.len - 1]) < 0)
        return 0;
    line.len--;
    return inspect_hex_line(&scan->scratch, line) &&
           inspect_looks_token(inspect_text_bytes(&scan->scratch)) &&
           inspect_looks_cut(inspect_text_bytes(&scan->scratch));
}

/* curl --trace-ascii breaks the lines of headers, and has an offset before each piece. */
static spnego_bytes inspect_behind_offset(spnego_bytes line)
{
    const size_t digits = inspect_hex_count(line, 0);

    if (digits > 0 && line.len - digits > 2 && line.data[digits] == ':' &&
        line.data[digits + 1] == ' ') {
        line.data += digits + 2;
        line.len -= digits + 2;
    }
    return line;
}

/* A line that goes on with the open block, whatever it would be alone: the last one of wrapped
 * base64 may be all hexadecimal digits, and a string may begin with '#'. */
static int inspect_scan_more(inspect_scan *scan, spnego_bytes line, spnego_bytes trimmed)
{
    if (scan->block.form == INSPECT_FORM_QUOTED)
        return inspect_scan_quoted(scan, line);
    if (scan->block.form != INSPECT_FORM_BASE64)
        return 0;
    trimmed = inspect_behind_offset(trimmed);
    return inspect_is_base64_line(trimmed) && inspect_scan_more_base64(scan, trimmed);
}

void inspect_scan_line(inspect_scan *scan, spnego_bytes line)
{
    const spnego_bytes trimmed = inspect_trim(line);
    const int hex = scan->from == INSPECT_FROM_AUTO || scan->from == INSPECT_FROM_HEX;
    const int base64 = scan->from != INSPECT_FROM_HEX;

    if (inspect_scan_more(scan, line, trimmed))
        return;
    if (trimmed.len > 0 && trimmed.data[0] == '#') {
        if (scan->block.form == INSPECT_FORM_BASE64)
            inspect_block_end(scan);
        return;
    }
    if (scan->from == INSPECT_FROM_AUTO && inspect_scan_decimal(scan, trimmed))
        return;
    if (hex && inspect_scan_dump(scan, line))
        return;
    if (trimmed.len == 0) {
        inspect_block_end(scan);
        return;
    }
    inspect_text_clear(&scan->scratch);
    if (hex && (inspect_hex_line(&scan->scratch, trimmed) || inspect_is_cut_hex(scan, trimmed) ||
                inspect_hex_ascii_line(&scan->scratch, trimmed))) {
        inspect_scan_hex(scan, trimmed.len);
        return;
    }
    if (scan->from == INSPECT_FROM_AUTO && inspect_scan_quoted(scan, line))
        return;
    if (base64 && inspect_is_base64_line(trimmed) &&
        (scan->from != INSPECT_FROM_HEADER || scan->is_scheme_pending)) {
        inspect_scan_base64(scan, trimmed);
        return;
    }
    inspect_block_end(scan);
    if (scan->is_scheme_pending) {
        scan->list->num_empty++;
        scan->is_scheme_pending = 0;
    }
    if (scan->from == INSPECT_FROM_HEX || scan->from == INSPECT_FROM_BASE64 ||
        inspect_scan_words(scan, trimmed) == 0)
        scan->num_other++;
}

void inspect_scan_end(inspect_scan *scan)
{
    inspect_list *list = scan->list;

    inspect_block_end(scan);
    if (scan->is_scheme_pending)
        list->num_empty++;
    if (list->num_items == scan->num_before && scan->num_refused == 1 && scan->num_other == 0 &&
        scan->refused.len > 0 && !list->octets.failed) {
        inspect_list_add(list, scan->refused.encoding, scan->refused.offset);
        if (!list->failed) {
            list->items[scan->num_before].len = scan->refused.len;
            list->items[scan->num_before].is_guess = 1;
        }
    }
    /* What was said to be all hexadecimal or base64 and is not, is not read in part. */
    if ((scan->from == INSPECT_FROM_HEX || scan->from == INSPECT_FROM_BASE64) &&
        (scan->num_other > 0 || scan->num_refused > 0))
        list->num_items = scan->num_before;
    if (scan->scratch.failed)
        list->failed = 1;
    inspect_text_free(&scan->scratch);
}
