#include "inspect/scan.h"

#include <string.h>

#include "inspect/dump.h"
#include "inspect/looks.h"
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

void inspect_block_end(inspect_scan *scan)
{
    inspect_block *block = &scan->block;
    inspect_item item;
    int is_whole;

    if (block->form == INSPECT_FORM_NONE)
        return;
    is_whole = block->form != INSPECT_FORM_BASE64 || inspect_base64_finish(&block->base64) ||
               inspect_block_is_cut(scan);
    memset(&item, 0, sizeof item);
    item.encoding = block->is_header                     ? INSPECT_HEADER
                    : block->form == INSPECT_FORM_BASE64 ? INSPECT_BASE64
                                                         : INSPECT_HEX;
    item.scheme = block->is_header ? scan->scheme : INSPECT_SCHEME_NONE;
    item.offset = block->start;
    item.len = scan->list->octets.len - block->start;
    block->form = INSPECT_FORM_NONE;
    if (is_whole && item.len > 0 &&
        (block->is_claimed || inspect_looks_token(inspect_block_octets(scan)))) {
        inspect_list_add(scan->list, item.encoding, item.offset);
        if (!scan->list->failed)
            scan->list->items[scan->list->num_items - 1].scheme = item.scheme;
        return;
    }
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

/* A line of a dump.  Returns 0 if it is none. */
static int inspect_scan_dump(inspect_scan *scan, spnego_bytes line)
{
    const int is_inside = scan->block.form == INSPECT_FORM_DUMP;
    inspect_dump dump;

    if (scan->block.form == INSPECT_FORM_HEX && inspect_looks_begun(inspect_block_octets(scan)))
        return 0;
    if (is_inside && line.len >= 1 && line.data[0] == '*') {
        scan->block.is_elided = 1;
        return 1;
    }
    inspect_text_clear(&scan->scratch);
    if (!inspect_dump_line(&dump, &scan->scratch, line, is_inside))
        return 0;
    if (!is_inside || (dump.is_origin && dump.num_octets > 0)) {
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

/* Whether the line is nothing but base64. */
static int inspect_is_base64_line(spnego_bytes line)
{
    size_t at = 0, pads = 0;

    for (; at < line.len; at++)
        if (!inspect_base64_is_digit(line.data[at]) &&
            !(line.data[at] == '\\' && at + 1 < line.len && line.data[at + 1] == '/'))
            break;
    while (at < line.len && line.data[at] == '=') {
        at++;
        pads++;
    }
    return line.len > 0 && at == line.len && pads <= 2 && !inspect_is_scheme(line);
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
                            (line.data[line.len - 2] == ' ' || line.data[line.len - 2] == '"');
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

void inspect_scan_line(inspect_scan *scan, spnego_bytes line)
{
    const spnego_bytes trimmed = inspect_trim(line);
    const int hex = scan->from == INSPECT_FROM_AUTO || scan->from == INSPECT_FROM_HEX;
    const int base64 = scan->from != INSPECT_FROM_HEX;

    if (trimmed.len > 0 && trimmed.data[0] == '#') {
        if (scan->block.form == INSPECT_FORM_BASE64)
            inspect_block_end(scan);
        return;
    }
    if (hex && inspect_scan_dump(scan, line))
        return;
    if (trimmed.len == 0) {
        inspect_block_end(scan);
        return;
    }
    /* The last line of wrapped base64 may be all hexadecimal digits. */
    if (base64 && scan->block.form == INSPECT_FORM_BASE64 && inspect_is_base64_line(trimmed) &&
        inspect_scan_more_base64(scan, trimmed))
        return;
    inspect_text_clear(&scan->scratch);
    if (hex && (inspect_hex_line(&scan->scratch, trimmed) || inspect_is_cut_hex(scan, trimmed))) {
        inspect_scan_hex(scan, trimmed.len);
        return;
    }
    inspect_text_clear(&scan->scratch);
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
