/* What stands behind the negotiation: messages in frames, and datagrams (RFC 1961 5). */
#include "carrier/socks5_session.h"

#include "base/bytes.h"

/* ---- Taking ---------------------------------------------------------------------------------- */

/* At SELECTIVE the application sees which it was; at INTEGRITY more than that takes nothing away,
 * and some mechanisms can do nothing else. */
static spnego_status unwrap(spnego_socks5 *session, spnego_bytes *out_data, spnego_error *error,
                            spnego_bytes token)
{
    spnego_bytes data;
    const spnego_status status =
        carrier_unwrap(&session->base, &data, error, &session->confidential, token);

    if (status != SPNEGO_COMPLETE)
        return status;
    if (session->level == SPNEGO_SOCKS5_LEVEL_CONFIDENTIALITY && !session->confidential) {
        *error = socks5_error_of(SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_SOCKS5_NOT_CONFIDENTIAL,
                                 SPNEGO_SOCKS5_HEAD_LEN);
        return error->status;
    }
    *out_data = data;
    return SPNEGO_COMPLETE;
}

void socks5_take_data(spnego_socks5 *session, spnego_turn *turn, spnego_bytes token)
{
    spnego_error error;
    spnego_bytes data;

    if (unwrap(session, &data, &error, token) != SPNEGO_COMPLETE)
        socks5_give_up(session, &error, bytes_absent());
    else if (data.len != 0)
        turn->data = data;
}

/* ---- Calls ----------------------------------------------------------------------------------- */

/* What both kinds of sending have in common: `data` fits. */
static spnego_status send_one(spnego_socks5 *session, spnego_turn *turn, spnego_bytes data,
                              int conf)
{
    turn->taken = data.len;
    if (session->level == SPNEGO_SOCKS5_LEVEL_NONE)
        turn->out = data;
    else /* RFC 1961 5: the level decides, and SELECTIVE leaves it to the application */
        (void)socks5_say_wrapped(session, SPNEGO_SOCKS5_DATA, data,
                                 session->level == SPNEGO_SOCKS5_LEVEL_CONFIDENTIALITY || conf);
    return socks5_leave(session, turn);
}

static int may_send(const spnego_socks5 *session, int conf)
{
    return session->state == SOCKS5_DATA &&
           (!conf || session->level >= SPNEGO_SOCKS5_LEVEL_CONFIDENTIALITY);
}

spnego_status spnego_socks5_send(spnego_socks5 *session, spnego_turn *turn, spnego_bytes data,
                                 int conf)
{
    const spnego_status status = socks5_enter(session, turn);

    if (status != SPNEGO_COMPLETE)
        return status;
    if (!may_send(session, conf))
        return socks5_refuse(session, SPNEGO_RULE_CALL_OUT_OF_TURN);
    if (session->level != SPNEGO_SOCKS5_LEVEL_NONE && data.len > session->max_plaintext)
        data.len = session->max_plaintext;
    return send_one(session, turn, data, conf);
}

spnego_status spnego_socks5_send_datagram(spnego_socks5 *session, spnego_turn *turn,
                                          spnego_bytes data, int conf)
{
    const spnego_status status = socks5_enter(session, turn);

    if (status != SPNEGO_COMPLETE)
        return status;
    if (!may_send(session, conf))
        return socks5_refuse(session, SPNEGO_RULE_CALL_OUT_OF_TURN);
    if (data.len > session->max_plaintext)
        return socks5_refuse(session, SPNEGO_RULE_CALL_BAD_ARGUMENT);
    return send_one(session, turn, data, conf);
}

/* The frame that a datagram is. */
static spnego_status open_datagram(spnego_socks5 *session, spnego_bytes *out_data,
                                   spnego_error *error, spnego_bytes datagram)
{
    spnego_socks5_frame frame;
    size_t len;
    const spnego_status status = spnego_socks5_frame_read(&frame, &len, error, datagram);

    if (status < 0)
        return status;
    if (frame.type != 0 && frame.type != SPNEGO_SOCKS5_DATA)
        *error = socks5_error_of(SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_SOCKS5_TYPE_UNEXPECTED, 1);
    else if (len != datagram.len)
        *error = socks5_error_of(SPNEGO_ERR_MALFORMED, SPNEGO_RULE_SOCKS5_DATAGRAM_LENGTH,
                                 len < datagram.len ? len : datagram.len);
    else
        return unwrap(session, out_data, error, frame.token);
    return error->status;
}

spnego_status spnego_socks5_receive_datagram(spnego_socks5 *session, spnego_turn *turn,
                                             spnego_bytes datagram)
{
    static const uint8_t nothing = 0;
    const spnego_status status = socks5_enter(session, turn);
    spnego_bytes data = datagram;
    spnego_error error;

    if (status != SPNEGO_COMPLETE)
        return status;
    if (session->state != SOCKS5_DATA)
        return socks5_refuse(session, SPNEGO_RULE_CALL_OUT_OF_TURN);
    if (session->level != SPNEGO_SOCKS5_LEVEL_NONE &&
        open_datagram(session, &data, &error, datagram) != SPNEGO_COMPLETE)
        return socks5_report(session, &error);
    turn->data = data;
    if (data.len == 0)
        turn->data.data = &nothing;
    turn->taken = datagram.len;
    return socks5_leave(session, turn);
}
