/* MS-NNS 2.2.1: the frames of a .NET NegotiateStream's handshake, on their own or behind the
 * preamble of MC-NMF 2.2.3 that asks for them. */
#include <string.h>

#include <spnego/nns.h>

#include "inspect/carry.h"
#include "inspect/looks.h"

/* MC-NMF 2.2.3: the records that come before. */
enum {
    NMF_VERSION = 0,
    NMF_MODE,
    NMF_VIA,
    NMF_ENCODING,
    NMF_EXTENSIBLE_ENCODING,
    NMF_UPGRADE_REQUEST = 9,
    NMF_UPGRADE_RESPONSE,
    NMF_PREAMBLE_ACK,
    NMF_PREAMBLE_END
};

/* A record whose length stands behind its type, in groups of seven bits (MC-NMF 2.2.2.1). */
static inspect_step inspect_nmf_sized(spnego_bytes in, size_t *amount)
{
    size_t len = 0;

    for (size_t i = 1; i <= 3; i++) {
        *amount = i + 1;
        if (in.len < *amount)
            return INSPECT_STEP_MORE;
        len |= (size_t)(in.data[i] & 0x7f) << (7 * (i - 1));
        if ((in.data[i] & 0x80) == 0) {
            *amount += len;
            return INSPECT_STEP_USED;
        }
    }
    return INSPECT_STEP_NOT;
}

static inspect_step inspect_nmf_read(const inspect_carry *carry, spnego_bytes in, size_t *amount)
{
    static const uint8_t version[] = {NMF_VERSION, 1, 0, NMF_MODE};

    if (carry->carrier != INSPECT_CARRIER_NNS) {
        *amount = sizeof version;
        if (in.len < sizeof version)
            return memcmp(in.data, version, in.len) == 0 ? INSPECT_STEP_MORE : INSPECT_STEP_NOT;
        if (memcmp(in.data, version, sizeof version) != 0)
            return INSPECT_STEP_NOT;
    }
    switch (in.data[0]) {
    case NMF_VERSION:
        *amount = 3;
        return INSPECT_STEP_USED;
    case NMF_MODE:
    case NMF_ENCODING:
        *amount = 2;
        return INSPECT_STEP_USED;
    case NMF_VIA:
    case NMF_EXTENSIBLE_ENCODING:
    case NMF_UPGRADE_REQUEST:
        return inspect_nmf_sized(in, amount);
    case NMF_UPGRADE_RESPONSE:
    case NMF_PREAMBLE_ACK:
    case NMF_PREAMBLE_END:
        *amount = 1;
        return INSPECT_STEP_USED;
    default:
        return INSPECT_STEP_NOT;
    }
}

inspect_step inspect_carry_nns(inspect_carry *carry, int side, spnego_bytes in, size_t *amount)
{
    const inspect_carried carried = {"nns", INSPECT_ROLE_UNKNOWN, INSPECT_SCHEME_NONE, 0,
                                     INSPECT_PLACE_UNTOLD};
    inspect_side *from = &carry->sides[side];
    spnego_nns_handshake message;
    spnego_rule rule;
    size_t len;

    *amount = in.len;
    if (from->is_done) /* data, wrapped or not */
        return INSPECT_STEP_USED;
    if (in.data[0] < SPNEGO_NNS_DONE || in.data[0] > SPNEGO_NNS_IN_PROGRESS)
        return inspect_nmf_read(carry, in, amount);
    /* MS-NNS 2.2.1: version 1.0.  TLS has 3 in that place. */
    if ((in.len > 1 && in.data[1] != 1) || (in.len > 2 && in.data[2] != 0))
        return INSPECT_STEP_NOT;
    rule = spnego_nns_handshake_decode(&message, &len, in);
    /* One that should hold a token and does not is a message all the same. */
    if (rule == SPNEGO_RULE_NNS_IN_PROGRESS_EMPTY) {
        *amount = SPNEGO_NNS_HANDSHAKE_HEADER_LEN;
        return INSPECT_STEP_USED;
    }
    if (rule != SPNEGO_RULE_NONE)
        return INSPECT_STEP_NOT;
    *amount = len;
    if (in.len < len)
        return INSPECT_STEP_MORE;
    if (carry->carrier != INSPECT_CARRIER_NNS && message.token.len > 0 &&
        !inspect_looks_begun(message.token))
        return INSPECT_STEP_NOT;
    if (message.id != SPNEGO_NNS_ERROR)
        inspect_carry_token(carry, side, &carried, message.token);
    /* A stream alone may be both directions, one after the other. */
    from->is_done = message.id == SPNEGO_NNS_DONE && carry->connection != NULL;
    return INSPECT_STEP_USED;
}
