#include "support.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Octets -------------------------------------------------------------------------------- */

#define MAX_NOTATION_OCTETS 0x20000
#define MAX_DEPTH 24
#define MAX_TAG 8

size_t der_header_len(size_t contents_len)
{
    if (contents_len < 0x80)
        return 2;
    return contents_len < 0x100 ? 3 : contents_len < 0x10000 ? 4 : contents_len < 0x1000000 ? 5 : 6;
}

size_t der_element_len(size_t contents_len)
{
    return der_header_len(contents_len) + contents_len;
}

size_t der_put_header(uint8_t *at, uint8_t tag, size_t contents_len)
{
    const size_t header_len = der_header_len(contents_len);

    at[0] = tag;
    if (header_len == 2) {
        at[1] = (uint8_t)contents_len;
        return 2;
    }
    at[1] = (uint8_t)(0x80 + header_len - 2);
    for (size_t i = 2; i < header_len; i++)
        at[i] = (uint8_t)(contents_len >> 8 * (header_len - 1 - i));
    return header_len;
}

static int digit_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Keeps a block within reach, so that a leak checker does not take it for lost. */
static void keep(uint8_t *block)
{
    static uint8_t **kept;
    static size_t num, room;

    if (num == room) {
        room = room * 2 + 64;
        kept = realloc(kept, room * sizeof *kept);
        cr_assert_not_null(kept);
    }
    kept[num++] = block;
}

spnego_bytes der_of(const char *notation)
{
    static uint8_t buf[MAX_NOTATION_OCTETS];
    struct {
        uint8_t tag[MAX_TAG];
        size_t tag_len, start;
    } open[MAX_DEPTH];
    size_t depth = 0, len = 0, word = 0;
    spnego_bytes out;
    uint8_t *block;

    for (const char *p = notation; *p != '\0';) {
        cr_assert_lt(len, sizeof buf - 16, "notation is too long");
        if (*p == '{') {
            cr_assert(depth < MAX_DEPTH && len > word && len - word <= MAX_TAG, "bad tag: %s", p);
            open[depth].tag_len = len - word;
            memcpy(open[depth].tag, buf + word, len - word);
            len = open[depth++].start = word;
            p++;
        } else if (*p == '}') {
            uint8_t header[8];
            size_t tag_len, header_len, contents_len;

            cr_assert_gt(depth, 0u, "no element is open: %s", p);
            depth--;
            tag_len = open[depth].tag_len;
            contents_len = len - open[depth].start;
            header_len = der_put_header(header, 0, contents_len) - 1;
            memmove(buf + open[depth].start + tag_len + header_len, buf + open[depth].start,
                    contents_len);
            memcpy(buf + open[depth].start, open[depth].tag, tag_len);
            memcpy(buf + open[depth].start + tag_len, header + 1, header_len);
            len += tag_len + header_len;
            p++;
        } else if (*p == '\'') {
            for (p++; *p != '\''; p++)
                buf[len++] = (uint8_t)*p;
            p++;
        } else if (*p == '*') {
            char *end;
            size_t times = strtoul(p + 1, &end, 10);

            cr_assert(len > 0 && len + times < sizeof buf - 16, "bad repetition: %s", p);
            memset(buf + len - 1, buf[len - 1], times);
            len = len - 1 + times;
            p = end;
        } else if (*p == ' ') {
            p++;
        } else {
            cr_assert(digit_of(p[0]) >= 0 && digit_of(p[1]) >= 0, "not hexadecimal: %s", p);
            buf[len++] = (uint8_t)(digit_of(p[0]) * 16 + digit_of(p[1]));
            p += 2;
            continue;
        }
        word = len;
    }
    cr_assert_eq(depth, 0u, "an element is not closed: %s", notation);
    /* malloc(0) may be NULL, which would mean "absent". */
    block = malloc(len > 0 ? len : 1);
    cr_assert_not_null(block);
    keep(block);
    memcpy(block, buf, len);
    out.data = block;
    out.len = len;
    return out;
}

const char *hex_of(spnego_bytes octets)
{
    enum { SHOWN = 48 };
    static char texts[8][SHOWN * 2 + 32];
    static unsigned turn;
    char *text = texts[turn++ % 8];
    char *p = text;

    if (octets.data == NULL)
        return "absent";
    if (octets.len == 0)
        return "empty";
    for (size_t i = 0; i < octets.len && i < SHOWN; i++)
        p += sprintf(p, "%02x", octets.data[i]);
    if (octets.len > SHOWN)
        sprintf(p, "... (%zu octets)", octets.len);
    return text;
}

int same_octets(spnego_bytes a, spnego_bytes b)
{
    return (a.data == NULL) == (b.data == NULL) && a.len == b.len &&
           (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

char *read_text_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    long size;

    if (file == NULL)
        return NULL;
    if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 &&
        fseek(file, 0, SEEK_SET) == 0 && (text = malloc((size_t)size + 1)) != NULL)
        text[fread(text, 1, (size_t)size, file)] = '\0';
    fclose(file);
    return text;
}

/* ---- Tokens -------------------------------------------------------------------------------- */

int token_is_zero(const spnego_token *token)
{
    static const spnego_token zero;

    return token->tolerated == 0 && token->num_mech_types == 0 && token->unknown_fields.len == 0 &&
           token->unknown_fields.data == NULL && token->negotiation_token.data == NULL &&
           token->negotiation_token.len == 0 && token->whole.data == NULL &&
           token->whole.len == 0 && token->neg_state == 0 && same_fields(token, &zero);
}

int same_fields(const spnego_token *a, const spnego_token *b)
{
    return a->type == b->type && a->framed == b->framed && a->has_neg_state == b->has_neg_state &&
           (!a->has_neg_state || a->neg_state == b->neg_state) &&
           same_octets(a->mech_types, b->mech_types) && same_octets(a->req_flags, b->req_flags) &&
           same_octets(a->mech_token, b->mech_token) && same_octets(a->neg_hints, b->neg_hints) &&
           same_octets(a->hint_name, b->hint_name) &&
           same_octets(a->hint_address, b->hint_address) &&
           same_octets(a->supported_mech, b->supported_mech) &&
           same_octets(a->response_token, b->response_token) &&
           same_octets(a->mech_list_mic, b->mech_list_mic);
}

static void check_refusal(const refusal *row)
{
    const spnego_bytes in = der_of(row->notation);
    spnego_token token;
    spnego_finding fault;
    spnego_report report;
    spnego_rule rule;

    memset(&token, 0xa5, sizeof token);
    memset(&fault, 0xa5, sizeof fault);
    rule = spnego_token_decode(&token, &fault, in, row->tolerate);
    cr_expect(rule == row->rule && fault.rule == row->rule, "%s: rule %d %s, expected %d %s",
              row->description, rule, spnego_rule_describe(rule)->name, row->rule,
              spnego_rule_describe(row->rule)->name);
    cr_expect(token_is_zero(&token), "%s: the token is not zero-filled", row->description);
    cr_expect(fault.field == row->field, "%s: field %d %s, expected %d %s", row->description,
              fault.field, spnego_field_name(SPNEGO_TOKEN_NONE, fault.field), row->field,
              spnego_field_name(SPNEGO_TOKEN_NONE, row->field));
    cr_expect(fault.offset == row->offset && fault.len == row->len,
              "%s: at %zu, %zu octets; expected at %zu, %zu octets", row->description, fault.offset,
              fault.len, row->offset, row->len);
    cr_expect_eq(spnego_token_decode(&token, NULL, in, row->tolerate), row->rule,
                 "%s: another rule without out_fault", row->description);
    /* The inspecting reader may find more where the input is cut short, but this it finds. */
    rule = spnego_token_inspect(&token, &report, in, row->tolerate);
    cr_expect_neq(rule, SPNEGO_RULE_NONE, "%s: inspection does not fail", row->description);
    for (size_t i = 0; i < report.num_findings && i < SPNEGO_MAX_FINDINGS; i++)
        if (report.findings[i].rule == row->rule && report.findings[i].offset == row->offset)
            return;
    cr_expect(0, "%s: inspection does not report it", row->description);
}

void check_refusals(const refusal *rows, size_t num_rows)
{
    for (size_t i = 0; i < num_rows; i++)
        check_refusal(&rows[i]);
}

spnego_token decode_or_fail(const char *description, spnego_bytes in, uint32_t tolerate)
{
    spnego_token token;
    spnego_finding fault;

    memset(&token, 0xa5, sizeof token);
    memset(&fault, 0xa5, sizeof fault);
    cr_assert_eq(spnego_token_decode(&token, &fault, in, tolerate), SPNEGO_RULE_NONE,
                 "%s: refused, rule %s at %zu: %s", description,
                 spnego_rule_describe(fault.rule)->name, fault.offset, hex_of(in));
    cr_expect_eq(fault.rule, SPNEGO_RULE_NONE, "%s: a fault without a refusal", description);
    cr_expect_eq(token.tolerated, tolerate, "%s: tolerated %x, expected %x", description,
                 (unsigned)token.tolerated, (unsigned)tolerate);
    return token;
}

void check_encodes(const char *description, const spnego_token *token, spnego_bytes want)
{
    const size_t room = 5;
    uint8_t *buf = malloc(want.len + room);
    uint8_t *exact = malloc(want.len);
    uint8_t *less = malloc(want.len);
    spnego_bytes der;
    spnego_rule rule;

    cr_assert(buf != NULL && exact != NULL && less != NULL);
    rule = spnego_token_encode(&der, buf, want.len + room, token);
    cr_expect(rule == SPNEGO_RULE_NONE && same_octets(der, want), "%s: %s %s, expected %s",
              description, spnego_rule_describe(rule)->name, hex_of(der), hex_of(want));
    cr_expect(rule != SPNEGO_RULE_NONE || der.data == buf + room, "%s: not at the buffer's end",
              description);

    rule = spnego_token_encode(&der, exact, want.len, token);
    cr_expect(rule == SPNEGO_RULE_NONE && der.data == exact && same_octets(der, want),
              "%s: exact buffer: %s %s", description, spnego_rule_describe(rule)->name,
              hex_of(der));

    memset(less, 0xa5, want.len);
    rule = spnego_token_encode(&der, less, want.len - 1, token);
    cr_expect(rule == SPNEGO_RULE_ENCODE_BUFFER_TOO_SMALL && der.data == NULL &&
                  der.len == want.len,
              "%s: one octet less: %s, %zu octets needed, expected %zu", description,
              spnego_rule_describe(rule)->name, der.len, want.len);
    for (size_t i = 0; i + 1 < want.len; i++)
        cr_assert_eq(less[i], 0, "%s: the buffer is not zero-filled at %zu", description, i);
    cr_expect_eq(less[want.len - 1], 0xa5, "%s: written beyond the buffer", description);

    rule = spnego_token_encode(&der, NULL, 0, token);
    cr_expect(rule == SPNEGO_RULE_ENCODE_BUFFER_TOO_SMALL && der.data == NULL &&
                  der.len == want.len,
              "%s: no buffer: %s, %zu octets needed", description, spnego_rule_describe(rule)->name,
              der.len);
    free(buf);
    free(exact);
    free(less);
}

/* ---- Negotiations -------------------------------------------------------------------------- */

const char *end_of(const spnego_context *context, spnego_status status)
{
    static char text[256];
    const spnego_error *error = spnego_context_error(context);
    size_t len = (size_t)snprintf(text, sizeof text, "%s", spnego_status_describe(status)->name);
    spnego_info info;

    if (spnego_context_info(context, &info)) {
        len += (size_t)snprintf(text + len, sizeof text - len,
                                " mech=%s first_choice=%d mics_exchanged=%d", info.mech->ops->name,
                                info.first_choice, info.mics_exchanged);
        for (uint32_t bit = 1; bit <= SPNEGO_QUIRKS_INTEROPERABLE; bit <<= 1)
            if (info.quirks & bit)
                len += (size_t)snprintf(text + len, sizeof text - len, " quirk=%s",
                                        spnego_quirk_name(bit));
        return text;
    }
    if (status == SPNEGO_CONTINUE) {
        snprintf(text + len, sizeof text - len, " state=%s", spnego_context_state(context));
        return text;
    }
    len += (size_t)snprintf(text + len, sizeof text - len, " rule=%s",
                            spnego_rule_describe(error->rule)->name);
    if (error->field != SPNEGO_FIELD_NONE)
        len += (size_t)snprintf(text + len, sizeof text - len, " field=%s",
                                spnego_field_name(error->type, error->field));
    if (error->offset != SPNEGO_NO_OFFSET)
        len += (size_t)snprintf(text + len, sizeof text - len, " offset=%zu", error->offset);
    if (error->mech != NULL)
        len += (size_t)snprintf(text + len, sizeof text - len, " mech=%s", error->mech);
    if (error->mech_code.code != 0)
        snprintf(text + len, sizeof text - len, " code=%d", (int)error->mech_code.code);
    return text;
}
