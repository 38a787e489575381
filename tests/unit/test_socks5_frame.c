/* The frames of SOCKS 5 with the GSS-API alone: RFC 1928 3, RFC 1961 3.4, 3.8, 4.3, 5 (SOCK-01,
 * SOCK-02, SOCK-20, SOCK-22, SOCK-30, SOCK-48). */
#include <criterion/criterion.h>
#include <spnego/socks5.h>
#include <string.h>

#include "support.h"

typedef struct reading {
    const char *notation;
    spnego_status status;
    size_t len; /* of the frame, or what is needed */
    int type;
    size_t token_len;
    spnego_rule rule;
    size_t offset;
} reading;

/* clang-format off */
static const reading readings[] = {
    {"''",                SPNEGO_CONTINUE, 2, 0, 0, 0, 0},
    {"01",                SPNEGO_CONTINUE, 2, 0, 0, 0, 0},
    {"01 01",             SPNEGO_CONTINUE, 4, 1, 0, 0, 0},
    {"01 01 00",          SPNEGO_CONTINUE, 4, 1, 0, 0, 0},
    {"01 01 00 00",       SPNEGO_COMPLETE, 4, 1, 0, 0, 0},
    {"01 01 00 00 99",    SPNEGO_COMPLETE, 4, 1, 0, 0, 0},
    {"01 01 00 01",       SPNEGO_CONTINUE, 5, 1, 0, 0, 0},
    {"01 01 00 01 61",    SPNEGO_COMPLETE, 5, 1, 1, 0, 0},
    {"01 02 00 02 61 62 63", SPNEGO_COMPLETE, 6, 2, 2, 0, 0},
    {"01 03 01 02 61*257", SPNEGO_CONTINUE, 262, 3, 0, 0, 0},
    {"01 03 01 02 61*258", SPNEGO_COMPLETE, 262, 3, 258, 0, 0},
    {"01 03 ff ff",       SPNEGO_CONTINUE, 65539, 3, 0, 0, 0},
    {"01 03 ff ff 61*65534", SPNEGO_CONTINUE, 65539, 3, 0, 0, 0},
    {"01 03 ff ff 61*65535", SPNEGO_COMPLETE, 65539, 3, 65535, 0, 0},
    {"01 ff",             SPNEGO_COMPLETE, 2, 0xff, 0, 0, 0},
    {"01 ff 00 05 61",    SPNEGO_COMPLETE, 2, 0xff, 0, 0, 0},
    {"00",                SPNEGO_ERR_MALFORMED, 0, 0, 0, SPNEGO_RULE_SOCKS5_VERSION, 0},
    {"05 01 00 00",       SPNEGO_ERR_MALFORMED, 0, 0, 0, SPNEGO_RULE_SOCKS5_VERSION, 0},
    {"01 00",             SPNEGO_ERR_MALFORMED, 0, 0, 0, SPNEGO_RULE_SOCKS5_TYPE_UNKNOWN, 1},
    {"01 04 00 00",       SPNEGO_ERR_MALFORMED, 0, 0, 0, SPNEGO_RULE_SOCKS5_TYPE_UNKNOWN, 1},
    {"01 02 00 00",       SPNEGO_ERR_MALFORMED, 0, 2, 0, SPNEGO_RULE_SOCKS5_TOKEN_EMPTY, 2},
    {"01 03 00 00",       SPNEGO_ERR_MALFORMED, 0, 3, 0, SPNEGO_RULE_SOCKS5_TOKEN_EMPTY, 2},
};
/* clang-format on */

Test(socks5_frame, reads)
{
    for (size_t i = 0; i < LEN(readings); i++) {
        const reading *r = &readings[i];
        const spnego_bytes in = der_of(r->notation);
        spnego_socks5_frame frame;
        spnego_error error;
        size_t len;

        cr_expect_eq(spnego_socks5_frame_read(&frame, &len, &error, in), r->status, "%s",
                     r->notation);
        cr_expect_eq(len, r->len, "%s: %zu", r->notation, len);
        cr_expect_eq(frame.type, r->type, "%s: type %d", r->notation, frame.type);
        cr_expect_eq(frame.token.len, r->token_len, "%s", r->notation);
        cr_expect_eq(frame.token.data,
                     r->status == SPNEGO_COMPLETE && r->type != 0xff ? in.data + 4 : NULL, "%s",
                     r->notation);
        if (r->status < 0)
            cr_expect(error.status == r->status && error.rule == r->rule &&
                          error.offset == r->offset,
                      "%s", r->notation);
        cr_expect_eq(spnego_socks5_frame_read(&frame, &len, NULL, in), r->status, "%s",
                     r->notation);
    }
}

/* Each octet that there is in place of version and type. */
Test(socks5_frame, every_version_and_type)
{
    for (unsigned octet = 0; octet < 256; octet++) {
        const uint8_t version[] = {(uint8_t)octet, 1, 0, 0}, type[] = {1, (uint8_t)octet, 0, 1, 0};
        const int is_type = octet == 1 || octet == 2 || octet == 3 || octet == 0xff;
        spnego_socks5_frame frame;
        size_t len;

        cr_expect_eq(
            spnego_socks5_frame_read(&frame, &len, NULL, (spnego_bytes){version, sizeof version}),
            octet == 1 ? SPNEGO_COMPLETE : SPNEGO_ERR_MALFORMED, "version %u", octet);
        cr_expect_eq(
            spnego_socks5_frame_read(&frame, &len, NULL, (spnego_bytes){type, sizeof type}),
            is_type ? SPNEGO_COMPLETE : SPNEGO_ERR_MALFORMED, "type %u", octet);
    }
}

static void expect_head(int type, size_t token_len, const char *notation)
{
    const spnego_bytes want = der_of(notation);
    uint8_t out[SPNEGO_SOCKS5_HEAD_LEN] = {0xee, 0xee, 0xee, 0xee};
    const size_t len = spnego_socks5_head_write(out, type, token_len);

    cr_expect_eq(len, want.len, "%s", notation);
    cr_expect_arr_eq(out, want.data, want.len, "%s", notation);
    for (size_t i = want.len; i < sizeof out; i++)
        cr_expect_eq(out[i], 0xee, "%s: wrote behind", notation);
}

Test(socks5_frame, writes)
{
    expect_head(SPNEGO_SOCKS5_AUTHENTICATION, 0, "01 01 00 00");
    expect_head(SPNEGO_SOCKS5_AUTHENTICATION, 0x1234, "01 01 12 34");
    expect_head(SPNEGO_SOCKS5_PROTECTION, 1, "01 02 00 01");
    expect_head(SPNEGO_SOCKS5_DATA, 65535, "01 03 ff ff");
    expect_head(SPNEGO_SOCKS5_ABORT, 0, "01 ff");
    expect_head(SPNEGO_SOCKS5_ABORT, 1, "''");
    expect_head(SPNEGO_SOCKS5_DATA, 65536, "''");
    expect_head(SPNEGO_SOCKS5_AUTHENTICATION, SIZE_MAX, "''");
    expect_head(0, 0, "''");
    expect_head(4, 0, "''");
    expect_head(0x101, 0, "''");
}

/* clang-format off */
static const reading greetings[] = {
    {"''",             SPNEGO_CONTINUE, 2, 0, 0, 0, 0},
    {"05",             SPNEGO_CONTINUE, 2, 0, 0, 0, 0},
    {"05 01",          SPNEGO_CONTINUE, 3, 0, 0, 0, 0},
    {"05 01 01",       SPNEGO_COMPLETE, 3, 0, 1, 0, 0},
    {"05 03 00 01",    SPNEGO_CONTINUE, 5, 0, 0, 0, 0},
    {"05 03 00 01 02 99", SPNEGO_COMPLETE, 5, 0, 3, 0, 0},
    {"05 ff 00*255",   SPNEGO_COMPLETE, 257, 0, 255, 0, 0},
    {"04",             SPNEGO_ERR_MALFORMED, 0, 0, 0, SPNEGO_RULE_SOCKS5_GREETING_VERSION, 0},
    {"05 00",          SPNEGO_ERR_MALFORMED, 0, 0, 0, SPNEGO_RULE_SOCKS5_METHODS_EMPTY, 1},
};
static const reading selections[] = { /* type: the method */
    {"''",             SPNEGO_CONTINUE, 2, 0xff, 0, 0, 0},
    {"05",             SPNEGO_CONTINUE, 2, 0xff, 0, 0, 0},
    {"05 00",          SPNEGO_COMPLETE, 2, 0, 0, 0, 0},
    {"05 01 99",       SPNEGO_COMPLETE, 2, 1, 0, 0, 0},
    {"05 ff",          SPNEGO_COMPLETE, 2, 0xff, 0, 0, 0},
    {"01",             SPNEGO_ERR_MALFORMED, 0, 0xff, 0, SPNEGO_RULE_SOCKS5_GREETING_VERSION, 0},
};
/* clang-format on */

static void expect_error(const reading *r, const spnego_error *error)
{
    if (r->status < 0)
        cr_expect(error->rule == r->rule && error->offset == r->offset, "%s", r->notation);
}

Test(socks5_frame, reads_greetings)
{
    for (size_t i = 0; i < LEN(greetings); i++) {
        const reading *r = &greetings[i];
        const spnego_bytes in = der_of(r->notation);
        spnego_bytes methods;
        spnego_error error;
        size_t len;

        cr_expect_eq(spnego_socks5_greeting_read(&methods, &len, &error, in), r->status, "%s",
                     r->notation);
        cr_expect_eq(len, r->len, "%s", r->notation);
        cr_expect_eq(methods.len, r->token_len, "%s", r->notation);
        cr_expect_eq(methods.data, r->status == SPNEGO_COMPLETE ? in.data + 2 : NULL, "%s",
                     r->notation);
        expect_error(r, &error);
    }
}

Test(socks5_frame, reads_selections)
{
    for (size_t i = 0; i < LEN(selections); i++) {
        const reading *r = &selections[i];
        spnego_error error;
        uint8_t method;
        size_t len;

        cr_expect_eq(spnego_socks5_selection_read(&method, &len, &error, der_of(r->notation)),
                     r->status, "%s", r->notation);
        cr_expect_eq(len, r->len, "%s", r->notation);
        cr_expect_eq(method, r->type, "%s", r->notation);
        expect_error(r, &error);
    }
}
