/* DCE/RPC over TCP or in a pipe (C706 12.6, MS-RPCE 2.2.2): the auth_verifier of the messages that
 * set up a security context. */
#include <string.h>

#include "inspect/carry.h"
#include "inspect/octets.h"

enum { BIND = 11, BIND_ACK = 12, ALTER_CONTEXT = 14, ALTER_CONTEXT_RESP = 15, AUTH3 = 16 };
enum { HEADER_LEN = 16, VERIFIER_LEN = 8, MAX_TYPE = 20 };

/* MS-RPCE 2.2.1.1.7: RPC_C_AUTHN_GSS_NEGOTIATE, WINNT, GSS_KERBEROS. */
static int inspect_dcerpc_is_gss(uint32_t auth_type)
{
    return auth_type == 9 || auth_type == 10 || auth_type == 16;
}

static uint32_t inspect_dcerpc_number(inspect_octets *in, size_t len, int is_little)
{
    return is_little ? inspect_octets_little(in, len) : inspect_octets_big(in, len);
}

static void inspect_dcerpc_verifier(inspect_carry *carry, int side, spnego_bytes pdu, uint32_t type,
                                    int is_little)
{
    inspect_octets in = inspect_octets_at(pdu, 10);
    const uint32_t auth_len = inspect_dcerpc_number(&in, 2, is_little);
    inspect_carried carried = {"dcerpc", INSPECT_ROLE_INITIATOR, INSPECT_SCHEME_NONE, 0,
                               INSPECT_PLACE_UNTOLD};
    uint32_t auth_type;

    if (auth_len == 0 || auth_len > pdu.len || pdu.len - auth_len < HEADER_LEN + VERIFIER_LEN)
        return;
    in = inspect_octets_at(pdu, pdu.len - auth_len - VERIFIER_LEN);
    auth_type = inspect_octets_big(&in, 1);
    inspect_octets_skip(&in, 3);
    carried.key = inspect_dcerpc_number(&in, 4, is_little);
    if (!inspect_dcerpc_is_gss(auth_type))
        return;
    if (type == BIND)
        carried.place = INSPECT_PLACE_FIRST;
    else if (type == AUTH3)
        carried.place = INSPECT_PLACE_LATER;
    if (type == BIND_ACK || type == ALTER_CONTEXT_RESP) {
        carried.place = INSPECT_PLACE_LATER;
        carried.sender = INSPECT_ROLE_ACCEPTOR;
    }
    inspect_carry_token(carry, side, &carried, inspect_octets_take(&in, auth_len));
}

inspect_step inspect_carry_dcerpc(inspect_carry *carry, int side, spnego_bytes in, size_t *amount)
{
    inspect_octets header = inspect_octets_of(in);
    spnego_bytes pdu = in;
    uint32_t type;
    int is_little;

    if (in.data[0] != 5 || (in.len > 1 && in.data[1] > 1) ||
        (in.len > 2 && in.data[2] > MAX_TYPE) || (in.len > 4 && (in.data[4] & 0xee) != 0))
        return INSPECT_STEP_NOT;
    /* SOCKS5 begins with the same octet; an association begins with a message of these types. */
    if (!carry->sides[side].is_begun && in.len > 2 && (in.data[2] < BIND || in.data[2] > AUTH3))
        return INSPECT_STEP_NOT;
    *amount = in.len < 3 ? 3 : HEADER_LEN;
    if (in.len < HEADER_LEN)
        return INSPECT_STEP_MORE;
    /* C706 14.1: the integers' order. */
    is_little = (in.data[4] & 0x10) != 0;
    inspect_octets_skip(&header, 2);
    type = inspect_octets_big(&header, 1);
    inspect_octets_skip(&header, 5);
    pdu.len = inspect_dcerpc_number(&header, 2, is_little);
    if (pdu.len < HEADER_LEN || in.data[5] > 3 || in.data[6] != 0)
        return INSPECT_STEP_NOT;
    *amount = pdu.len;
    if (type < BIND || type > AUTH3)
        return INSPECT_STEP_USED;
    if (in.len < pdu.len)
        return INSPECT_STEP_MORE;
    inspect_dcerpc_verifier(carry, side, pdu, type, is_little);
    return INSPECT_STEP_USED;
}
