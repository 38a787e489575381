/* DNS over TCP and UDP (RFC 1035 4.2): the keys of TKEY records with the GSS-API mode (RFC 2930 4,
 * RFC 3645 2). */
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

typedef struct inspect_dns {
    inspect_carry *carry;
    int side;
    int is_response;
    uint64_t key;
} inspect_dns;

static uint64_t inspect_dns_mix(uint64_t key, spnego_bytes octets)
{
    for (size_t i = 0; i < octets.len; i++)
        key = (key ^ octets.data[i]) * UINT64_C(0x100000001b3);
    return key;
}

static void inspect_dns_tkey(const inspect_dns *dns, spnego_bytes data)
{
    const inspect_carried carried = {
        "dns-tkey", dns->is_response ? INSPECT_ROLE_ACCEPTOR : INSPECT_ROLE_INITIATOR,
        INSPECT_SCHEME_NONE, dns->key, INSPECT_PLACE_UNTOLD};
    inspect_octets in = inspect_octets_of(data);
    uint32_t mode;

    inspect_dns_skip_name(&in); /* of the algorithm */
    inspect_octets_skip(&in, 8);
    mode = inspect_octets_big(&in, 2);
    inspect_octets_skip(&in, 2);
    if (mode == MODE_GSSAPI && !in.failed)
        inspect_carry_token(dns->carry, dns->side, &carried,
                            inspect_octets_take(&in, inspect_octets_big(&in, 2)));
}

/* RFC 3645 3.1: the name that is asked for is the key's, the same in all messages of a negotiation,
 * whatever ports they go between. */
static void inspect_dns_question(inspect_dns *dns, inspect_octets *in)
{
    spnego_bytes name = in->left;

    inspect_dns_skip_name(in);
    name.len -= in->left.len;
    if (!in->failed)
        dns->key = inspect_dns_mix(dns->key, name);
    inspect_octets_skip(in, 4);
}

static void inspect_dns_read(inspect_dns *dns, spnego_bytes message)
{
    inspect_octets in = inspect_octets_at(message, 2);
    uint32_t num_questions, num_records;

    dns->is_response = (inspect_octets_big(&in, 2) & 0x8000) != 0;
    num_questions = inspect_octets_big(&in, 2);
    num_records = inspect_octets_big(&in, 2);
    num_records += inspect_octets_big(&in, 2);
    num_records += inspect_octets_big(&in, 2);
    for (uint32_t i = 0; i < num_questions && !in.failed; i++)
        inspect_dns_question(dns, &in);
    for (uint32_t i = 0; i < num_records && !in.failed; i++) {
        spnego_bytes data;
        uint32_t type;

        inspect_dns_skip_name(&in);
        type = inspect_octets_big(&in, 2);
        inspect_octets_skip(&in, 6);
        data = inspect_octets_take(&in, inspect_octets_big(&in, 2));
        if (type == TYPE_TKEY && data.data != NULL)
            inspect_dns_tkey(dns, data);
    }
}

/* ---- UDP ------------------------------------------------------------------------------------- */

static uint64_t inspect_dns_address(const inspect_endpoint *endpoint)
{
    const spnego_bytes address = {endpoint->address, sizeof endpoint->address};

    return inspect_dns_mix(1, address);
}

void inspect_carry_datagram(inspect_finder *finder, const inspect_segment *segment,
                            const inspect_stamp *stamp)
{
    inspect_connection connection;
    inspect_dns dns;

    if (finder->failed || (segment->src.port != DNS_PORT && segment->dst.port != DNS_PORT))
        return;
    if (finder->datagrams == NULL)
        finder->datagrams = inspect_carry_create(finder, NULL, INSPECT_CARRIER_DNS);
    if (finder->datagrams == NULL)
        return;
    memset(&connection, 0, sizeof connection);
    connection.endpoints[0] = segment->src;
    connection.endpoints[1] = segment->dst;
    memset(&dns, 0, sizeof dns);
    dns.carry = finder->datagrams;
    dns.carry->connection = &connection;
    dns.carry->stamp = *stamp;
    /* The same in both directions. */
    dns.key = inspect_dns_address(&segment->src) + inspect_dns_address(&segment->dst);
    inspect_dns_read(&dns, segment->payload);
    dns.carry->connection = NULL;
}

void inspect_carry_datagrams_end(inspect_finder *finder)
{
    inspect_carry_destroy(finder->datagrams);
    finder->datagrams = NULL;
}

/* ---- TCP ------------------------------------------------------------------------------------- */

inspect_step inspect_carry_dns(inspect_carry *carry, int side, spnego_bytes in, size_t *amount)
{
    inspect_octets octets = inspect_octets_of(in);
    const size_t len = inspect_octets_big(&octets, 2);
    inspect_dns dns;

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
    memset(&dns, 0, sizeof dns);
    dns.carry = carry;
    dns.side = side;
    inspect_dns_read(&dns, octets.left);
    return INSPECT_STEP_USED;
}
