/* carrier/sasl_stream.c: buffers of the layer alone (RFC 4422 3.7; SASL-60, SASL-62, SASL-63), and
 * carrier/authzid.c: UTF-8 (RFC 3629; SASL-57). */
#include <spnego/sasl.h>

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "../support.h"
#include "carrier/authzid.h"

typedef struct row {
    const char *octets;
    size_t max_buffer;
    spnego_status status;
    spnego_rule rule;
    size_t len;
    const char *buffer; /* NULL: absent */
} row;

/* clang-format off */
static const row rows[] = {
    {"",                  10, SPNEGO_CONTINUE, SPNEGO_RULE_NONE, 4, NULL},
    {"00",                10, SPNEGO_CONTINUE, SPNEGO_RULE_NONE, 4, NULL},
    {"000000",            10, SPNEGO_CONTINUE, SPNEGO_RULE_NONE, 4, NULL},
    {"00000003",          10, SPNEGO_CONTINUE, SPNEGO_RULE_NONE, 7, NULL},
    {"00000003 6162",     10, SPNEGO_CONTINUE, SPNEGO_RULE_NONE, 7, NULL},
    {"00000003 616263",   10, SPNEGO_COMPLETE, SPNEGO_RULE_NONE, 7, "616263"},
    {"00000003 61626364", 10, SPNEGO_COMPLETE, SPNEGO_RULE_NONE, 7, "616263"},
    {"00000003 616263",    3, SPNEGO_COMPLETE, SPNEGO_RULE_NONE, 7, "616263"},
    {"00000003",           2, SPNEGO_ERR_LIMIT, SPNEGO_RULE_SASL_BUFFER_TOO_LONG, 0, NULL},
    {"00000001 00",        0, SPNEGO_ERR_LIMIT, SPNEGO_RULE_SASL_BUFFER_TOO_LONG, 0, NULL},
    {"00000000",          10, SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_SASL_BUFFER_EMPTY, 0, NULL},
    {"00000000 00",        0, SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_SASL_BUFFER_EMPTY, 0, NULL},
    {"01020304",  0x01020304, SPNEGO_CONTINUE, SPNEGO_RULE_NONE, 0x01020308, NULL},
    {"01020304",  0x01020303, SPNEGO_ERR_LIMIT, SPNEGO_RULE_SASL_BUFFER_TOO_LONG, 0, NULL},
    {"ffffffff",    0xffffff, SPNEGO_ERR_LIMIT, SPNEGO_RULE_SASL_BUFFER_TOO_LONG, 0, NULL},
};
/* clang-format on */

Test(sasl_buffer, each_beginning_of_a_buffer)
{
    for (size_t i = 0; i < LEN(rows); i++) {
        const spnego_bytes in = der_of(rows[i].octets);
        spnego_bytes buffer = in;
        size_t len = 99;
        spnego_rule rule = SPNEGO_RULE_TOKEN_EMPTY;

        cr_expect_eq(spnego_sasl_buffer_read(&buffer, &len, &rule, in, rows[i].max_buffer),
                     rows[i].status, "row %zu", i);
        cr_expect_eq(rule, rows[i].rule, "row %zu", i);
        cr_expect_eq(len, rows[i].len, "row %zu: %zu", i, len);
        cr_expect(rows[i].buffer == NULL ? buffer.data == NULL && buffer.len == 0
                                         : same_octets(buffer, der_of(rows[i].buffer)),
                  "row %zu", i);
        cr_expect_eq(spnego_sasl_buffer_read(&buffer, &len, NULL, in, rows[i].max_buffer),
                     rows[i].status);
    }
}

Test(sasl_buffer, what_is_written_is_read)
{
    static const size_t lens[] = {1, 255, 256, 65535, 65536, 0xffffff, 0x1000000};

    for (size_t i = 0; i < LEN(lens); i++) {
        uint8_t header[4];
        spnego_bytes buffer;
        size_t len;

        spnego_sasl_buffer_header(header, lens[i]);
        cr_expect_eq(
            spnego_sasl_buffer_read(&buffer, &len, NULL, (spnego_bytes){header, 4}, 0x1000000),
            SPNEGO_CONTINUE);
        cr_expect_eq(len, lens[i] + 4);
    }
}

/* ---- UTF-8 ----------------------------------------------------------------------------------- */

/* From RFC 3629 3: how a character is written, the other way round than authzid.c has it. */
static size_t write_character(uint8_t out[4], uint32_t c)
{
    const size_t more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const uint8_t leads[] = {0, 0xc0, 0xe0, 0xf0};

    for (size_t i = more; i > 0; i--, c >>= 6)
        out[i] = (uint8_t)(0x80 | (c & 0x3f));
    out[0] = (uint8_t)(leads[more] | c);
    return more + 1;
}

static size_t fault_of(const uint8_t *octets, size_t len)
{
    uint8_t *const copy = malloc(len != 0 ? len : 1);
    size_t fault;

    cr_assert_not_null(copy);
    memcpy(copy, octets, len);
    fault = authzid_fault((spnego_bytes){copy, len});
    free(copy);
    return fault;
}

Test(authzid, every_character)
{
    for (uint32_t c = 0; c < 0x110000; c += c < 0x3000 ? 1 : 61) {
        uint8_t text[5] = {'a'};
        const size_t len = 1 + write_character(text + 1, c);
        const int due = c != 0 && (c < 0xd800 || c > 0xdfff);

        cr_assert_eq(fault_of(text, len), due ? len : 1, "%x", c);
        if (due && len > 2)
            cr_assert_eq(fault_of(text, len - 1), 1u, "%x cut", c);
    }
    cr_expect_eq(authzid_fault((spnego_bytes){NULL, 0}), 0u);
}

/* Every two octets, and every three that begin with one of the edges, against the set of those that
 * a character is written as. */
Test(authzid, every_pair_of_octets)
{
    static uint8_t good[65536];

    for (uint32_t c = 1; c < 0x800; c++) {
        uint8_t text[4];

        if (write_character(text, c) == 2)
            good[text[0] << 8 | text[1]] = 1;
    }
    for (unsigned a = 1; a < 128; a++)
        for (unsigned b = 1; b < 128; b++)
            good[a << 8 | b] = 1;
    for (unsigned pair = 0; pair < 65536; pair++) {
        const uint8_t text[] = {(uint8_t)(pair >> 8), (uint8_t)pair};

        cr_assert_eq(fault_of(text, 2) == 2, good[pair], "%04x", pair);
    }
}

Test(authzid, every_three_octets_of_the_edges)
{
    static uint8_t good[1 << 24];

    for (uint32_t c = 0x800; c < 0x10000; c++) {
        uint8_t text[4];

        (void)write_character(text, c);
        if (c < 0xd800 || c > 0xdfff)
            good[text[0] << 16 | text[1] << 8 | text[2]] = 1;
    }
    for (uint32_t a = 0xe0; a <= 0xef; a++)
        for (uint32_t rest = 0; rest < 65536; rest += rest % 7 + 1) {
            const uint8_t text[] = {(uint8_t)a, (uint8_t)(rest >> 8), (uint8_t)rest};

            cr_assert_eq(fault_of(text, 3) == 3, good[a << 16 | rest], "%02x %04x", a, rest);
        }
}
