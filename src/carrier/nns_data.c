/* Data messages (MS-NNS 2.2.2, 3.1.4.2, 3.1.5.5, 3.2.4.2, 3.2.5.4). */
#include "carrier/nns_session.h"

/* MS-NNS 1.3: data under another protection than the negotiated is an error.  There are mechanisms
 * that say of all data that it was encrypted. */
static int conf_differs(const spnego_nns *nns, int conf)
{
    if (nns->negotiated.protection == SPNEGO_NNS_ENCRYPT_AND_SIGN)
        return conf == 0;
    return conf != 0 && (nns->options & SPNEGO_NNS_OPTION_EXACT_PROTECTION) != 0;
}

/* MS-NNS 3.1.5.5, 3.2.5.4; 1.3: after an error the stream is not to be used. */
static void unwrap(spnego_nns *nns, spnego_turn *turn, spnego_bytes payload)
{
    spnego_error error;
    spnego_bytes data;
    int conf = 0;

    if (spnego_context_unwrap(nns->session.context, &data, &error, &conf, payload) !=
        SPNEGO_COMPLETE) {
        error.offset = SPNEGO_NNS_DATA_HEADER_LEN;
        nns_close_with(nns, &error);
        return;
    }
    if (conf_differs(nns, conf)) {
        nns_close_by_rule(nns, SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_NNS_CONF_DIFFERS,
                          SPNEGO_NNS_DATA_HEADER_LEN);
        return;
    }
    if (data.len != 0)
        turn->data = data;
}

void nns_receive_data(spnego_nns *nns, spnego_turn *turn, spnego_bytes in)
{
    size_t want = SPNEGO_NNS_DATA_HEADER_LEN, len;
    spnego_bytes frame, payload;
    spnego_rule rule;

    for (int round = 0; round < 2; round++) {
        const int have = carrier_have(&nns->session, turn, &frame, in, want);

        if (have < 0)
            nns_close_by_rule(nns, SPNEGO_ERR_NO_MEMORY, SPNEGO_RULE_MEMORY_EXHAUSTED,
                              SPNEGO_NO_OFFSET);
        if (have <= 0)
            return;
        rule = spnego_nns_data_decode(&payload, &len, frame, nns->max_taken);
        if (rule != SPNEGO_RULE_NONE) {
            nns_close_by_rule(nns, SPNEGO_ERR_PROTOCOL, rule, len);
            return;
        }
        want = len;
    }
    carrier_take(&nns->session, turn, frame);
    unwrap(nns, turn, payload);
}

/* Room for what the mechanism adds: Kerberos' newest tokens need 76 octets. */
static size_t octets_at_a_time(const spnego_nns *nns)
{
    enum { ROOM = 1024 };

    return nns->max_sent - nns_smaller(ROOM, nns->max_sent / 2);
}

/* MS-NNS 3.1.4.2, 3.2.4.2 */
void nns_send_wrapped(spnego_nns *nns, spnego_turn *turn, spnego_bytes data)
{
    uint8_t octets[SPNEGO_NNS_DATA_HEADER_LEN];
    const spnego_bytes header = {octets, sizeof octets};
    spnego_bytes wrapped;
    spnego_error error;
    spnego_rule rule;

    data.len = nns_smaller(data.len, octets_at_a_time(nns));
    if (spnego_context_wrap(nns->session.context, &wrapped, &error, data,
                            nns->negotiated.protection == SPNEGO_NNS_ENCRYPT_AND_SIGN) !=
        SPNEGO_COMPLETE) {
        nns_close_with(nns, &error);
        return;
    }
    rule = spnego_nns_data_encode(octets, wrapped.len, nns->max_sent);
    if (rule != SPNEGO_RULE_NONE)
        nns_close_by_rule(nns, SPNEGO_ERR_LIMIT, rule, SPNEGO_NO_OFFSET);
    else if (!nns_put_message(nns, header, wrapped))
        nns_close_by_rule(nns, SPNEGO_ERR_NO_MEMORY, SPNEGO_RULE_MEMORY_EXHAUSTED,
                          SPNEGO_NO_OFFSET);
    else
        turn->taken = data.len;
}
