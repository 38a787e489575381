/* What GSSAPI has behind the context: the server's offer of layers and the client's choice, each in
 * a message wrapped without encryption (RFC 4752 3.1, 3.2):
 *
 *     layers (1) | longest buffer that this side takes (3, most significant first)
 *
 * and behind the client's the authorization identity. */
#include "carrier/sasl_session.h"

#include "carrier/authzid.h"

enum { OFFER_LEN = 4, SIZE_AT = 1, BOTH = SPNEGO_SASL_INTEGRITY | SPNEGO_SASL_CONFIDENTIALITY };

static void put_offer(uint8_t out[OFFER_LEN], uint32_t layers, size_t size)
{
    out[0] = (uint8_t)layers;
    out[1] = (uint8_t)(size >> 16);
    out[2] = (uint8_t)(size >> 8);
    out[3] = (uint8_t)size;
}

static size_t size_in(const uint8_t *offer)
{
    return (size_t)offer[1] << 16 | (size_t)offer[2] << 8 | offer[3];
}

static uint32_t allowed_layers(const spnego_sasl *session)
{
    spnego_info info;

    (void)spnego_context_info(session->base.context, &info);
    return session->layers & sasl_layers_of(info.flags);
}

/* What both sides check of the other's size once the layer is known. */
static spnego_status take_size(spnego_sasl *session, size_t size)
{
    if (!sasl_take_peer_buffer(session, size))
        return sasl_fail(session, SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_SASL_SIZE_TOO_SMALL, SIZE_AT);
    return SPNEGO_COMPLETE;
}

/* ---- Server ---------------------------------------------------------------------------------- */

spnego_status sasl_gssapi_offer(spnego_sasl *session, spnego_turn *turn)
{
    uint8_t offer[OFFER_LEN];
    const spnego_bytes message = {offer, OFFER_LEN};

    session->offered = allowed_layers(session);
    if (session->offered == 0)
        return sasl_fail(session, SPNEGO_ERR_POLICY, SPNEGO_RULE_SASL_NO_COMMON_LAYER,
                         SPNEGO_NO_OFFSET);
    put_offer(offer, session->offered, session->offered & BOTH ? session->max_buffer : 0);
    if (sasl_wrap(session, &turn->out, message, 0) == SPNEGO_COMPLETE)
        session->state = SASL_REPLY;
    return session->base.status;
}

/* RFC 4752 3.1: the mask of the one layer.  Two bits are what Active Directory understands. */
static int take_choice(spnego_sasl *session, uint32_t choice)
{
    if (choice == BOTH && (session->tolerate & SPNEGO_SASL_TAKE_BOTH_BITS) &&
        (session->offered & BOTH) == BOTH) {
        session->tolerated |= SPNEGO_SASL_TAKE_BOTH_BITS;
        choice = SPNEGO_SASL_CONFIDENTIALITY;
    }
    if ((choice & (choice - 1)) != 0 || (choice & session->offered) == 0)
        return 0;
    session->layer = choice;
    return 1;
}

static spnego_status check_reply(spnego_sasl *session, spnego_bytes reply)
{
    if (reply.len < OFFER_LEN)
        return sasl_fail(session, SPNEGO_ERR_MALFORMED, SPNEGO_RULE_SASL_REPLY_TOO_SHORT, 0);
    if (!take_choice(session, reply.data[0]))
        return sasl_fail(session, SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_SASL_LAYER_NOT_OFFERED, 0);
    if (session->layer != SPNEGO_SASL_NO_LAYER)
        return take_size(session, size_in(reply.data));
    if (size_in(reply.data) != 0)
        return sasl_fail(session, SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_SASL_SIZE_WITHOUT_LAYER,
                         SIZE_AT);
    return SPNEGO_COMPLETE;
}

static spnego_status take_authzid(spnego_sasl *session, spnego_bytes reply)
{
    const spnego_bytes authzid = {reply.data + OFFER_LEN, reply.len - OFFER_LEN};
    const size_t fault = authzid_fault(authzid);

    if (fault != authzid.len)
        return sasl_fail(session, SPNEGO_ERR_MALFORMED, SPNEGO_RULE_SASL_AUTHZID_MALFORMED,
                         OFFER_LEN + fault);
    if (!nego_buffer_add(&session->authzid, &session->base.host, authzid))
        return sasl_fail(session, SPNEGO_ERR_NO_MEMORY, SPNEGO_RULE_MEMORY_EXHAUSTED,
                         SPNEGO_NO_OFFSET);
    return sasl_authorize_next(session);
}

spnego_status sasl_gssapi_take_reply(spnego_sasl *session, spnego_bytes in)
{
    spnego_bytes reply;
    int conf;

    if (sasl_unwrap(session, &reply, &conf, in) != SPNEGO_COMPLETE ||
        check_reply(session, reply) != SPNEGO_COMPLETE)
        return session->base.status;
    return take_authzid(session, reply);
}

/* ---- Client ---------------------------------------------------------------------------------- */

/* The layers before the size: a server that offers one may say any size (RFC 4752 3.1 asks for 0
 * only where it offers none).  Bits that nobody knows are negotiated off (3.3). */
static spnego_status check_offer(spnego_sasl *session, spnego_bytes offer)
{
    if (offer.len != OFFER_LEN)
        return sasl_fail(session, SPNEGO_ERR_MALFORMED, SPNEGO_RULE_SASL_OFFER_MALFORMED, 0);
    session->offered = offer.data[0] & SPNEGO_SASL_ALL_LAYERS;
    if (!(session->offered & BOTH) && size_in(offer.data) != 0)
        return sasl_fail(session, SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_SASL_SIZE_WITHOUT_LAYER,
                         SIZE_AT);
    session->layer = sasl_strongest(session->offered & allowed_layers(session));
    if (session->layer == 0)
        return sasl_fail(session, SPNEGO_ERR_POLICY, SPNEGO_RULE_SASL_NO_COMMON_LAYER, 0);
    return session->layer == SPNEGO_SASL_NO_LAYER ? SPNEGO_COMPLETE
                                                  : take_size(session, size_in(offer.data));
}

static uint32_t choice_of(spnego_sasl *session)
{
    if (session->layer != SPNEGO_SASL_CONFIDENTIALITY || (session->offered & BOTH) != BOTH ||
        !(session->tolerate & SPNEGO_SASL_TAKE_BOTH_BITS))
        return session->layer;
    session->tolerated |= SPNEGO_SASL_TAKE_BOTH_BITS;
    return BOTH;
}

static spnego_status put_reply(spnego_sasl *session, spnego_turn *turn)
{
    const int has_layer = session->layer != SPNEGO_SASL_NO_LAYER;
    uint8_t offer[OFFER_LEN];
    const spnego_bytes head = {offer, OFFER_LEN};

    put_offer(offer, choice_of(session), has_layer ? session->max_buffer : 0);
    /* No NUL behind the identity: its end is the message's. */
    if (!carrier_put(&session->base, head) ||
        !carrier_put(&session->base, nego_buffer_view(&session->authzid)))
        return sasl_fail(session, SPNEGO_ERR_NO_MEMORY, SPNEGO_RULE_MEMORY_EXHAUSTED,
                         SPNEGO_NO_OFFSET);
    if (sasl_wrap(session, &turn->out, nego_buffer_view(&session->base.out), 0) == SPNEGO_COMPLETE)
        session->state = SASL_OUTCOME;
    return session->base.status;
}

spnego_status sasl_gssapi_take_offer(spnego_sasl *session, spnego_turn *turn, spnego_bytes in)
{
    spnego_bytes offer;
    int conf;

    if (sasl_unwrap(session, &offer, &conf, in) != SPNEGO_COMPLETE ||
        check_offer(session, offer) != SPNEGO_COMPLETE)
        return session->base.status;
    return put_reply(session, turn);
}
