/* DNS over TCP (RFC 1035 4.2.2): the keys of TKEY records with the GSS-API mode (RFC 2930 4, RFC
 * 3645 2). */
#include <string.h>

#include "inspect/carry.h"
#include "inspect/octets.h"

enum { DNS_PORT = 53, DNS_HEADER_LEN = 12, TYPE_TKEY = 249, MODE_GSSAPI = 3 };

/* RFC 1035 3.1, 4.1.4: labels, or a pointer to where the rest of them stands. */
static void inspect_dns_skip_name(inspect_octets *in)
{
    while (!in->failed) {
        const uint32_t len = inspect_octets_big(in, 1);
        if (len >= 0xc0)
            inspect_octets_skip(in, 1);
        if (len == 0 || len >= 0xc0)
            return;
        inspect_octets_skip(in, len);
    }
}

static void inspect_dns_tkey(inspect_carry *carry, int side, spnego_bytes data, int is_response)
{
    const inspect_carried carried = {"dns-tkey",
                                     is_response ? INSPECT_ROLE_ACCEPTOR : INSPECT_ROLE_INITIATOR,
                                     INSPECT_SCHEME_NONE, 0, INSPECT_PLACE_UNTOLD};
    inspect_octets in = inspect_octets_of(data);
    uint32_t mode;

    inspect_dns_skip_name(&in); /* of the algorithm */
    inspect_octets_skip(&in, 8);
    mode = inspect_octets_big(&in, 2);
    inspect_octets_skip(&in, 2);
    if (mode == MODE_GSSAPI && !in.failed)
        inspect_carry_token(carry, side, &carried,
                            inspect_octets_take(&in, inspect_octets_big(&in, 2)));
}

static void inspect_dns_read(inspect_carry *carry, int side, spnego_bytes message)
{
    inspect_octets in = inspect_octets_at(message, 2);
    const int is_response = (inspect_octets_big(&in, 2) & 0x8000) != 0;
    const uint32_t num_questions = inspect_octets_big(&in, 2);
    uint32_t num_records = inspect_octets_big(&in, 2);

    num_records += inspect_octets_big(&in, 2);
    num_records += inspect_octets_big(&in, 2);
    for (uint32_t i = 0; i < num_questions && !in.failed; i++) {
        inspect_dns_skip_name(&in);
        inspect_octets_skip(&in, 4);
    }
    for (uint32_t i = 0; i < num_records && !in.failed; i++) {
        spnego_bytes data;
        uint32_t type;

        inspect_dns_skip_name(&in);
        type = inspect_octets_big(&in, 2);
        inspect_octets_skip(&in, 6);
        data = inspect_octets_take(&in, inspect_octets_big(&in, 2));
        if (type == TYPE_TKEY && data.data != NULL)
            inspect_dns_tkey(carry, side, data, is_response);
    }
}

inspect_step inspect_carry_dns(inspect_carry *carry, int side, spnego_bytes in, size_t *amount)
{
    inspect_octets octets = inspect_octets_of(in);
    const size_t len = inspect_octets_big(&octets, 2);

    /* Nothing in its octets tells DNS from other things. */
    if (carry->connection == NULL || (carry->connection->endpoints[0].port != DNS_PORT &&
                                      carry->connection->endpoints[1].port != DNS_PORT))
        return INSPECT_STEP_NOT;
    *amount = 2;
    if (in.len < 2)
        return INSPECT_STEP_MORE;
    if (len < DNS_HEADER_LEN)
        return INSPECT_STEP_NOT;
    *amount = 2 + len;
    if (in.len < 2 + len)
        return INSPECT_STEP_MORE;
    octets.left.len = len;
    inspect_dns_read(carry, side, octets.left);
    return INSPECT_STEP_USED;
}
