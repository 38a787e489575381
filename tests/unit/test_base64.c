/* carrier/base64.c: both directions (RFC 4648 4, 10; SASL-15 to SASL-18, faults.md SAS-03, SAS-04,
 * SAS-08). */
#include <spnego/base64.h>

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "../support.h"

enum { UNPADDED = SPNEGO_BASE64_UNPADDED, PAD_BITS = SPNEGO_BASE64_PAD_BITS };
static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* A block of exactly that size, so that an octet beyond it is one that a memory checker sees. */
static void *block_of(const void *octets, size_t len)
{
    void *const block = malloc(len != 0 ? len : 1);

    cr_assert_not_null(block);
    if (len != 0 && octets != NULL)
        memcpy(block, octets, len);
    return block;
}

typedef struct row {
    const char *text;
    const char *octets; /* notation, or NULL where it is refused */
    uint32_t tolerate;
    spnego_rule rule;
    size_t offset;
} row;

/* clang-format off */
static const row rows[] = {
    /* RFC 4648 10 */
    {"",         "",         0, SPNEGO_RULE_NONE, 0},
    {"Zg==",     "'f'",      0, SPNEGO_RULE_NONE, 0},
    {"Zm8=",     "'fo'",     0, SPNEGO_RULE_NONE, 0},
    {"Zm9v",     "'foo'",    0, SPNEGO_RULE_NONE, 0},
    {"Zm9vYg==", "'foob'",   0, SPNEGO_RULE_NONE, 0},
    {"Zm9vYmE=", "'fooba'",  0, SPNEGO_RULE_NONE, 0},
    {"Zm9vYmFy", "'foobar'", 0, SPNEGO_RULE_NONE, 0},
    {"+/+/",     "fbffbf",   0, SPNEGO_RULE_NONE, 0},
    /* the other alphabet, blanks, line breaks */
    {"-_-_",     NULL, 0, SPNEGO_RULE_BASE64_CHARACTER, 0},
    {"Zm9v\n",   NULL, 0, SPNEGO_RULE_BASE64_CHARACTER, 4},
    {"Zm 9v",    NULL, 0, SPNEGO_RULE_BASE64_CHARACTER, 2},
    {" Zg==",    NULL, 0, SPNEGO_RULE_BASE64_CHARACTER, 0},
    {"Zg==\r\n", NULL, 0, SPNEGO_RULE_BASE64_CHARACTER, 4},
    {"Zg=*",     NULL, 0, SPNEGO_RULE_BASE64_CHARACTER, 3},
    /* a last group that is not whole */
    {"Z",        NULL, 0, SPNEGO_RULE_BASE64_LENGTH, 1},
    {"Z",        NULL, UNPADDED, SPNEGO_RULE_BASE64_LENGTH, 1},
    {"Zm9vZ",    NULL, UNPADDED, SPNEGO_RULE_BASE64_LENGTH, 5},
    {"Zg",       NULL, 0, SPNEGO_RULE_BASE64_LENGTH, 2},
    {"Zg",       NULL, PAD_BITS, SPNEGO_RULE_BASE64_LENGTH, 2},
    {"Zg",       "'f'", UNPADDED, SPNEGO_RULE_NONE, 0},
    {"Zm8",      NULL, 0, SPNEGO_RULE_BASE64_LENGTH, 3},
    {"Zm8",      "'fo'", UNPADDED, SPNEGO_RULE_NONE, 0},
    {"Zg=",      NULL, 0, SPNEGO_RULE_BASE64_LENGTH, 3},
    {"Zg=",      NULL, UNPADDED, SPNEGO_RULE_BASE64_LENGTH, 3},
    /* '=' in wrong places */
    {"=",        NULL, 0, SPNEGO_RULE_BASE64_PADDING, 0},
    {"====",     NULL, 0, SPNEGO_RULE_BASE64_PADDING, 0},
    {"Z===",     NULL, 0, SPNEGO_RULE_BASE64_PADDING, 1},
    {"Zm9v=",    NULL, 0, SPNEGO_RULE_BASE64_PADDING, 4},
    {"Zm9v====", NULL, 0, SPNEGO_RULE_BASE64_PADDING, 4},
    {"Zg===",    NULL, 0, SPNEGO_RULE_BASE64_PADDING, 4},
    {"Zm8==",    NULL, 0, SPNEGO_RULE_BASE64_PADDING, 4},
    {"Zg==Zg==", NULL, 0, SPNEGO_RULE_BASE64_PADDING, 2},
    {"Zg=v",     NULL, 0, SPNEGO_RULE_BASE64_PADDING, 2},
    {"Zg==",     "'f'", UNPADDED, SPNEGO_RULE_NONE, 0},
    /* bits that fill */
    {"Zh==",     NULL, 0, SPNEGO_RULE_BASE64_PAD_BITS, 1},
    {"Zv==",     NULL, UNPADDED, SPNEGO_RULE_BASE64_PAD_BITS, 1},
    {"Zm9=",     NULL, 0, SPNEGO_RULE_BASE64_PAD_BITS, 2},
    {"Zh",       NULL, UNPADDED, SPNEGO_RULE_BASE64_PAD_BITS, 1},
    {"Zh==",     "'f'", PAD_BITS, SPNEGO_RULE_NONE, 0},
    {"Zm9=",     "'fo'", PAD_BITS, SPNEGO_RULE_NONE, 0},
    {"Zh",       "'f'", PAD_BITS | UNPADDED, SPNEGO_RULE_NONE, 0},
};
/* clang-format on */

Test(base64, each_fault_has_its_rule_and_its_place)
{
    for (size_t i = 0; i < LEN(rows); i++) {
        const size_t len = strlen(rows[i].text);
        char *const text = block_of(rows[i].text, len);
        uint8_t out[16];
        size_t out_len = sizeof out, offset = 99;
        const spnego_rule rule =
            spnego_base64_decode(out, &out_len, &offset, text, len, rows[i].tolerate);
        const spnego_bytes got = {out, out_len};

        cr_expect_eq(rule, rows[i].rule, "'%s': %s", rows[i].text,
                     spnego_rule_describe(rule)->name);
        cr_expect_eq(offset, rule == SPNEGO_RULE_NONE ? 99 : rows[i].offset, "'%s': offset %zu",
                     rows[i].text, offset);
        if (rows[i].octets == NULL)
            cr_expect_eq(out_len, 0);
        else
            cr_expect(same_octets(got, der_of(rows[i].octets)), "'%s': %s", rows[i].text,
                      hex_of(got));
        free(text);
    }
}

Test(base64, nowhere_to_put_the_place_of_the_fault)
{
    uint8_t out[4];
    size_t out_len = sizeof out;

    cr_expect_eq(spnego_base64_decode(out, &out_len, NULL, "Zg=v", 4, 0),
                 SPNEGO_RULE_BASE64_PADDING);
}

/* Every length to 1024, in buffers of exactly the size, one too small, and none. */
Test(base64, every_length_there_and_back)
{
    for (size_t len = 0; len <= 1024; len++) {
        const size_t text_len = (len + 2) / 3 * 4;
        uint8_t *const octets = block_of(NULL, len), *const back = block_of(NULL, len);
        char *const text = block_of(NULL, text_len);
        const spnego_bytes in = {octets, len};
        size_t back_len = len, offset;

        for (size_t i = 0; i < len; i++)
            octets[i] = (uint8_t)(i * 167 + len);
        cr_assert_eq(spnego_base64_encoded_len(len), text_len);
        cr_assert_eq(spnego_base64_encode(text, text_len, in), text_len);
        cr_assert_eq(spnego_base64_decode(back, &back_len, &offset, text, text_len, 0),
                     SPNEGO_RULE_NONE);
        cr_assert_eq(back_len, len);
        cr_assert(len == 0 || memcmp(back, octets, len) == 0);
        if (len != 0) {
            memset(back, 0xee, len);
            back_len = len - 1;
            cr_assert_eq(spnego_base64_decode(back, &back_len, &offset, text, text_len, 0),
                         SPNEGO_RULE_CALL_BAD_ARGUMENT);
            cr_assert_eq(back_len, 0);
            back_len = 0;
            cr_assert_eq(spnego_base64_decode(NULL, &back_len, &offset, text, text_len, 0),
                         SPNEGO_RULE_CALL_BAD_ARGUMENT);
            memset(text, '!', text_len);
            cr_assert_eq(spnego_base64_encode(text, text_len - 1, in), 0);
            cr_assert_eq(spnego_base64_encode(NULL, 0, in), 0);
            for (size_t i = 0; i < text_len; i++)
                cr_assert_eq(text[i], '!');
        }
        free(octets);
        free(back);
        free(text);
    }
}

/* In place, as a carrier that owns the text may do. */
Test(base64, out_may_be_the_text)
{
    char text[] = "Zm9vYmE=";
    size_t len = sizeof text, offset;

    cr_assert_eq(spnego_base64_decode((uint8_t *)text, &len, &offset, text, 8, 0),
                 SPNEGO_RULE_NONE);
    cr_expect_eq(len, 5);
    cr_expect(memcmp(text, "fooba", 5) == 0);
}

/* Every octet at every place of a whole group, a group with one '=', and one with two: the verdict
 * and the value are those of a table made here. */
Test(base64, every_octet_in_every_position)
{
    for (unsigned c = 0; c < 256; c++)
        for (size_t place = 0; place < 8; place++)
            for (size_t pads = 0; pads <= 2; pads++) {
                char text[9] = "AAAAAAAA";
                const char *const found = c == 0 ? NULL : strchr(alphabet, (int)c);
                uint8_t out[6];
                size_t len = sizeof out, offset = 99;
                spnego_rule rule;

                memcpy(text + 8 - pads, "==", pads);
                if (place >= 8 - pads)
                    continue;
                text[place] = (char)c;
                rule = spnego_base64_decode(out, &len, &offset, text, 8, PAD_BITS);
                if (found != NULL) {
                    const uint64_t value = (uint64_t)(found - alphabet) << (6 * (7 - place));

                    cr_assert_eq(rule, SPNEGO_RULE_NONE);
                    cr_assert_eq(len, 6 - pads);
                    for (size_t i = 0; i < len; i++)
                        cr_assert_eq(out[i], (uint8_t)(value >> (8 * (5 - i))), "%02x at %zu", c,
                                     place);
                } else if (c != '=') {
                    cr_assert_eq(rule, SPNEGO_RULE_BASE64_CHARACTER, "%02x at %zu", c, place);
                    cr_assert_eq(offset, place);
                } else {
                    /* One more where one was, or the first of none, at the end: good padding. */
                    const int good = place == 7 - pads && pads < 2;

                    cr_assert_eq(rule, good ? SPNEGO_RULE_NONE : SPNEGO_RULE_BASE64_PADDING);
                }
            }
}

Test(base64, a_length_that_no_memory_holds)
{
    const size_t most = (size_t)-1;

    cr_expect_eq(spnego_base64_encoded_len(most), 0);
    cr_expect_eq(spnego_base64_encoded_len(most / 4 * 3), most / 4 * 4);
    cr_expect_eq(spnego_base64_encoded_len(most / 4 * 3 + 1), 0);
    cr_expect_eq(spnego_base64_encode(NULL, 0, (spnego_bytes){(const uint8_t *)"", most}), 0);
}
