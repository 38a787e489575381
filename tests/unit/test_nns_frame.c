/* MS-NNS 2.2: each message read and written, at every length that it may be cut to. */
#include <criterion/criterion.h>
#include <string.h>

#include <spnego/nns.h>

#include "support.h"

/* A view of the first `len` octets, in a block of exactly their number. */
static spnego_bytes cut(spnego_bytes whole, size_t len)
{
    static uint8_t room[70000];

    if (len != 0)
        memcpy(room + sizeof room - len, whole.data, len);
    return (spnego_bytes){room + sizeof room - len, len};
}

/* NNS-08, 10, 11, 14: what is written is read, and asked for by length before. */
static void check_handshake(uint8_t id, const char *token_notation)
{
    const spnego_bytes token = der_of(token_notation);
    uint8_t octets[66000];
    spnego_nns_handshake message;
    size_t len;

    cr_assert_eq(spnego_nns_handshake_encode(octets, id, token.len), SPNEGO_RULE_NONE);
    cr_expect(octets[0] == id && octets[1] == 1 && octets[2] == 0 && octets[3] == token.len / 256 &&
              octets[4] == token.len % 256);
    if (token.len != 0)
        memcpy(octets + 5, token.data, token.len);
    for (size_t i = 0; i < 5 + token.len; i += i < 40 ? 1 : 977) {
        const spnego_bytes in = cut((spnego_bytes){octets, 5 + token.len}, i);

        cr_expect_eq(spnego_nns_handshake_decode(&message, &len, in), SPNEGO_RULE_NONE);
        cr_expect_eq(len, i < 5 ? 5 : 5 + token.len);
        if (len > i)
            cr_expect_eq(message.id, 0);
    }
    cr_expect_eq(spnego_nns_handshake_decode(&message, &len, (spnego_bytes){octets, sizeof octets}),
                 SPNEGO_RULE_NONE);
    cr_expect_eq(len, 5 + token.len);
    cr_expect_eq(message.id, id);
    cr_expect(message.version[0] == 1 && message.version[1] == 0);
    cr_expect(message.token.data == octets + 5 && message.token.len == token.len);
}

Test(nns_frame, handshake)
{
    check_handshake(SPNEGO_NNS_DONE, "");
    check_handshake(SPNEGO_NNS_DONE, "5a*300");
    check_handshake(SPNEGO_NNS_IN_PROGRESS, "5a");
    check_handshake(SPNEGO_NNS_IN_PROGRESS, "5a*65535");
}

/* NNS-09, 12, 13 */
Test(nns_frame, handshake_that_is_not_written)
{
    uint8_t octets[SPNEGO_NNS_HANDSHAKE_HEADER_LEN] = {0xaa};

    cr_expect_eq(spnego_nns_handshake_encode(octets, 0x17, 1), SPNEGO_RULE_NNS_ID_UNKNOWN);
    cr_expect_eq(spnego_nns_handshake_encode(octets, SPNEGO_NNS_IN_PROGRESS, 0),
                 SPNEGO_RULE_NNS_IN_PROGRESS_EMPTY);
    cr_expect_eq(spnego_nns_handshake_encode(octets, SPNEGO_NNS_DONE, 65536),
                 SPNEGO_RULE_NNS_TOKEN_TOO_LONG);
    cr_expect_eq(spnego_nns_handshake_encode(octets, SPNEGO_NNS_DONE, SIZE_MAX),
                 SPNEGO_RULE_NNS_TOKEN_TOO_LONG);
    cr_expect_eq(octets[0], 0xaa);
}

Test(nns_frame, handshake_that_is_refused)
{
    spnego_nns_handshake message;
    size_t len;

    cr_expect_eq(spnego_nns_handshake_decode(&message, &len, der_of("13 01 00 00 00")),
                 SPNEGO_RULE_NNS_ID_UNKNOWN);
    cr_expect_eq(len, 0);
    cr_expect_eq(spnego_nns_handshake_decode(&message, &len, der_of("16 01 00 00 00")),
                 SPNEGO_RULE_NNS_IN_PROGRESS_EMPTY);
    cr_expect_eq(len, 3);
    cr_expect_eq(message.id, 0);
    /* Not before the header is there. */
    cr_expect_eq(spnego_nns_handshake_decode(&message, &len, der_of("13 01 00 00")),
                 SPNEGO_RULE_NONE);
    cr_expect_eq(len, 5);
}

/* NNS-17 to 19, 21: as the document has it, as .NET up to 7 and from 8 on writes it. */
Test(nns_frame, error_code)
{
    static const struct {
        const char *payload;
        uint32_t code;
    } rows[] = {
        {"00000000 8009030c", 0x8009030c},
        {"00000000 0c030980", 0x8009030c},
        {"0c030980 ffffffff", 0x8009030c},
        {"00000000 000006fe", 0x6fe},
        {"00000000 fe060000", 0x6fe},
        {"fe060000 00000000", 0x6fe},
        {"00000000 a0000001", 0xa0000001},
        {"00000000 010000a0", 0xa0000001},
        {"0c030980 8009030c", 0x8009030c},
        {"ffffffff 8009030c", 0x8009030c},
        {"00000000 00000005", 5},
        {"05000000 00000000", 5},
        {"00000000 00000000", 0},
        {"00000000 800000a0", 0x800000a0},
        {"00000000 a0000080", 0xa0000080},
        {"00000000 80090308 77", 0x80090308},
        {"00000000 800903", 0},
        {"", 0},
    };

    for (size_t i = 0; i < LEN(rows); i++) {
        const spnego_bytes payload = der_of(rows[i].payload);
        uint8_t octets[32] = {SPNEGO_NNS_ERROR, 1, 0, 0, (uint8_t)payload.len};
        spnego_nns_handshake message;
        size_t len;

        if (payload.len != 0)
            memcpy(octets + 5, payload.data, payload.len);
        cr_expect_eq(spnego_nns_handshake_decode(&message, &len,
                                                 cut((spnego_bytes){octets, 32}, 5 + payload.len)),
                     SPNEGO_RULE_NONE);
        cr_expect_eq(message.error_code, rows[i].code, "%s: %08x", rows[i].payload,
                     (unsigned)message.error_code);
    }
}

Test(nns_frame, error_is_written_big_endian)
{
    uint8_t octets[SPNEGO_NNS_ERROR_LEN];

    spnego_nns_error_encode(octets, 0x8009030c, 0);
    cr_expect(same_octets((spnego_bytes){octets, sizeof octets},
                          der_of("15 01 00 00 08  00 00 00 00  80 09 03 0c")));
    spnego_nns_error_encode(octets, SPNEGO_NNS_TRUST_FAILURE, 0);
    cr_expect(same_octets((spnego_bytes){octets, sizeof octets},
                          der_of("15 01 00 00 08  00 00 00 00  00 00 06 fe")));
    spnego_nns_error_encode(octets, 0x8009030c, 1);
    cr_expect(same_octets((spnego_bytes){octets, sizeof octets},
                          der_of("15 01 00 00 08  0c 03 09 80  80 09 03 0c")));
}

/* NNS-24 to 26 */
Test(nns_frame, data)
{
    uint8_t octets[20] = {0};
    spnego_bytes payload;
    size_t len;

    cr_expect_eq(spnego_nns_data_encode(octets, 16, 16), SPNEGO_RULE_NONE);
    cr_expect(octets[0] == 16 && octets[1] == 0 && octets[2] == 0 && octets[3] == 0);
    for (size_t i = 0; i <= 20; i++) {
        cr_expect_eq(spnego_nns_data_decode(&payload, &len, cut((spnego_bytes){octets, 20}, i), 16),
                     SPNEGO_RULE_NONE);
        cr_expect_eq(len, i < 4 ? 4 : 20);
        cr_expect_eq(payload.data != NULL, i == 20);
    }
    cr_expect_eq(payload.len, 16);
    cr_expect_eq(spnego_nns_data_decode(&payload, &len, (spnego_bytes){octets, 20}, 15),
                 SPNEGO_RULE_NNS_PAYLOAD_TOO_LONG);
    cr_expect_eq(len, 0);
    cr_expect_eq(spnego_nns_data_encode(octets, 0x0000fc30, 0xfc30), SPNEGO_RULE_NONE);
    cr_expect(octets[0] == 0x30 && octets[1] == 0xfc && octets[2] == 0 && octets[3] == 0);
    cr_expect_eq(spnego_nns_data_encode(octets, 0x01020304, SIZE_MAX), SPNEGO_RULE_NONE);
    cr_expect(octets[0] == 4 && octets[1] == 3 && octets[2] == 2 && octets[3] == 1);
    cr_expect_eq(spnego_nns_data_encode(octets, 4, 16), SPNEGO_RULE_NNS_PAYLOAD_TOO_SHORT);
    cr_expect_eq(spnego_nns_data_encode(octets, 17, 16), SPNEGO_RULE_NNS_PAYLOAD_TOO_LONG);
    if (SIZE_MAX > UINT32_MAX)
        cr_expect_eq(spnego_nns_data_encode(octets, (size_t)UINT32_MAX + 1, SIZE_MAX),
                     SPNEGO_RULE_NNS_PAYLOAD_TOO_LONG);
    cr_expect_eq(octets[0], 4);
}
