/* The messages of MS-NNS 2.2, read and written. */
#include <spnego/nns.h>

#include "base/bytes.h"

#include <string.h>

static uint32_t big_endian(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint32_t little_endian(const uint8_t *at)
{
    return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

static spnego_bytes part(spnego_bytes whole, size_t from, size_t len)
{
    const spnego_bytes view = {whole.data + from, len};

    return view;
}

/* ---- HandshakeError -------------------------------------------------------------------------- */

enum { ERROR_PAYLOAD_LEN = 8, RESERVED_LEN = 4 };

/* An HRESULT that says failure (MS-ERREF 2.1), with the customer's bit of MS-NNS 1.8 or without. */
static int is_failure(uint32_t code)
{
    return code >> 24 == 0x80 || code >> 24 == 0xa0;
}

/* All 0 or all FF: what a 64-bit little-endian integer that holds a code of 32 bits ends with. */
static int is_sign_extension(uint32_t octets)
{
    return octets == 0 || octets == UINT32_MAX;
}

/* Three orders, see nns.h. */
static uint32_t read_error_code(spnego_bytes payload)
{
    uint32_t big, little;

    if (payload.len < ERROR_PAYLOAD_LEN)
        return 0;
    big = big_endian(payload.data + RESERVED_LEN);
    little = little_endian(payload.data + RESERVED_LEN);
    if (is_sign_extension(big))
        return little_endian(payload.data);
    if (little == SPNEGO_NNS_TRUST_FAILURE || (is_failure(little) && !is_failure(big)))
        return little;
    return big;
}

void spnego_nns_error_encode(uint8_t out[SPNEGO_NNS_ERROR_LEN], uint32_t error_code, int twice)
{
    memset(out, 0, SPNEGO_NNS_ERROR_LEN);
    out[0] = SPNEGO_NNS_ERROR;
    out[1] = 1;
    out[4] = ERROR_PAYLOAD_LEN;
    for (unsigned i = 0; i < 4; i++) {
        out[9 + i] = (uint8_t)(error_code >> (24 - 8 * i));
        if (twice)
            out[5 + i] = (uint8_t)(error_code >> (8 * i));
    }
}

/* ---- Handshake messages ---------------------------------------------------------------------- */

/* MS-NNS 2.2.1.  The versions are nothing to a receiver (3.1.5.2). */
static spnego_rule check_header(size_t *out_fault, uint8_t id, size_t token_len)
{
    *out_fault = 0;
    if (id != SPNEGO_NNS_DONE && id != SPNEGO_NNS_ERROR && id != SPNEGO_NNS_IN_PROGRESS)
        return SPNEGO_RULE_NNS_ID_UNKNOWN;
    *out_fault = 3;
    if (id == SPNEGO_NNS_IN_PROGRESS && token_len == 0)
        return SPNEGO_RULE_NNS_IN_PROGRESS_EMPTY;
    return SPNEGO_RULE_NONE;
}

spnego_rule spnego_nns_handshake_decode(spnego_nns_handshake *out_message, size_t *out_len,
                                        spnego_bytes in)
{
    spnego_rule rule;
    size_t token_len;

    memset(out_message, 0, sizeof *out_message);
    *out_len = SPNEGO_NNS_HANDSHAKE_HEADER_LEN;
    if (in.len < SPNEGO_NNS_HANDSHAKE_HEADER_LEN)
        return SPNEGO_RULE_NONE;
    token_len = (size_t)in.data[3] << 8 | in.data[4];
    rule = check_header(out_len, in.data[0], token_len);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    *out_len = SPNEGO_NNS_HANDSHAKE_HEADER_LEN + token_len;
    if (in.len < *out_len)
        return SPNEGO_RULE_NONE;
    out_message->id = in.data[0];
    out_message->version[0] = in.data[1];
    out_message->version[1] = in.data[2];
    out_message->token = part(in, SPNEGO_NNS_HANDSHAKE_HEADER_LEN, token_len);
    if (out_message->id == SPNEGO_NNS_ERROR)
        out_message->error_code = read_error_code(out_message->token);
    return SPNEGO_RULE_NONE;
}

spnego_rule spnego_nns_handshake_encode(uint8_t out[SPNEGO_NNS_HANDSHAKE_HEADER_LEN], uint8_t id,
                                        size_t token_len)
{
    size_t fault;
    const spnego_rule rule = check_header(&fault, id, token_len);

    if (rule != SPNEGO_RULE_NONE)
        return rule;
    if (token_len > SPNEGO_NNS_MAX_TOKEN)
        return SPNEGO_RULE_NNS_TOKEN_TOO_LONG;
    out[0] = id;
    out[1] = 1;
    out[2] = 0;
    out[3] = (uint8_t)(token_len >> 8);
    out[4] = (uint8_t)token_len;
    return SPNEGO_RULE_NONE;
}

/* ---- Data messages --------------------------------------------------------------------------- */

/* MS-NNS 2.2.2 */
static spnego_rule check_payload(size_t len, size_t max_payload)
{
    if (len <= SPNEGO_NNS_TOO_SHORT_PAYLOAD)
        return SPNEGO_RULE_NNS_PAYLOAD_TOO_SHORT;
    return len > max_payload ? SPNEGO_RULE_NNS_PAYLOAD_TOO_LONG : SPNEGO_RULE_NONE;
}

spnego_rule spnego_nns_data_decode(spnego_bytes *out_payload, size_t *out_len, spnego_bytes in,
                                   size_t max_payload)
{
    spnego_rule rule;
    size_t len;

    *out_payload = bytes_absent();
    *out_len = SPNEGO_NNS_DATA_HEADER_LEN;
    if (in.len < SPNEGO_NNS_DATA_HEADER_LEN)
        return SPNEGO_RULE_NONE;
    len = little_endian(in.data);
    rule = check_payload(len, max_payload);
    if (rule != SPNEGO_RULE_NONE) {
        *out_len = 0;
        return rule;
    }
    /* A size_t of 32 bits holds the length, and perhaps not the header besides. */
    if (len > in.len - SPNEGO_NNS_DATA_HEADER_LEN) {
        *out_len = len > SIZE_MAX - SPNEGO_NNS_DATA_HEADER_LEN ? SIZE_MAX
                                                               : SPNEGO_NNS_DATA_HEADER_LEN + len;
        return SPNEGO_RULE_NONE;
    }
    *out_len = SPNEGO_NNS_DATA_HEADER_LEN + len;
    *out_payload = part(in, SPNEGO_NNS_DATA_HEADER_LEN, len);
    return SPNEGO_RULE_NONE;
}

spnego_rule spnego_nns_data_encode(uint8_t out[SPNEGO_NNS_DATA_HEADER_LEN], size_t payload_len,
                                   size_t max_payload)
{
    spnego_rule rule = check_payload(payload_len, max_payload);

    if (rule == SPNEGO_RULE_NONE && payload_len > UINT32_MAX)
        rule = SPNEGO_RULE_NNS_PAYLOAD_TOO_LONG;
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    for (unsigned i = 0; i < 4; i++)
        out[i] = (uint8_t)(payload_len >> (8 * i));
    return SPNEGO_RULE_NONE;
}
