/* The security layer on the stream (RFC 4422 3.7). */
#include "carrier/sasl_session.h"

#include "base/bytes.h"

/* ---- Buffers --------------------------------------------------------------------------------- */

static spnego_status refuse_buffer(spnego_rule *out_rule, spnego_status status, spnego_rule rule)
{
    if (out_rule != NULL)
        *out_rule = rule;
    return status;
}

spnego_status spnego_sasl_buffer_read(spnego_bytes *out_buffer, size_t *out_len,
                                      spnego_rule *out_rule, spnego_bytes in, size_t max_buffer)
{
    size_t len;

    *out_buffer = bytes_absent();
    *out_len = SPNEGO_SASL_HEADER_LEN;
    if (out_rule != NULL)
        *out_rule = SPNEGO_RULE_NONE;
    if (in.len < SPNEGO_SASL_HEADER_LEN)
        return SPNEGO_CONTINUE;
    len =
        (size_t)in.data[0] << 24 | (size_t)in.data[1] << 16 | (size_t)in.data[2] << 8 | in.data[3];
    *out_len = 0;
    if (len == 0)
        return refuse_buffer(out_rule, SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_SASL_BUFFER_EMPTY);
    if (len > max_buffer || len > (size_t)-1 - SPNEGO_SASL_HEADER_LEN)
        return refuse_buffer(out_rule, SPNEGO_ERR_LIMIT, SPNEGO_RULE_SASL_BUFFER_TOO_LONG);
    *out_len = SPNEGO_SASL_HEADER_LEN + len;
    if (in.len - SPNEGO_SASL_HEADER_LEN < len)
        return SPNEGO_CONTINUE;
    out_buffer->data = in.data + SPNEGO_SASL_HEADER_LEN;
    out_buffer->len = len;
    return SPNEGO_COMPLETE;
}

void spnego_sasl_buffer_header(uint8_t out[4], size_t len)
{
    out[0] = (uint8_t)(len >> 24);
    out[1] = (uint8_t)(len >> 16);
    out[2] = (uint8_t)(len >> 8);
    out[3] = (uint8_t)len;
}

/* ---- To the mechanism and back --------------------------------------------------------------- */

spnego_status sasl_wrap(spnego_sasl *session, spnego_bytes *out, spnego_bytes message, int conf)
{
    spnego_error error;

    if (carrier_wrap(&session->base, out, &error, message, conf) == SPNEGO_COMPLETE)
        return SPNEGO_COMPLETE;
    return carrier_fail_as(&session->base, &error);
}

spnego_status sasl_unwrap(spnego_sasl *session, spnego_bytes *out, int *out_conf,
                          spnego_bytes message)
{
    spnego_error error;

    if (carrier_unwrap(&session->base, out, &error, out_conf, message) == SPNEGO_COMPLETE)
        return SPNEGO_COMPLETE;
    return carrier_fail_as(&session->base, &error);
}

/* ---- Receiving ------------------------------------------------------------------------------- */

static void open_buffer(spnego_sasl *session, spnego_turn *turn, spnego_bytes buffer)
{
    spnego_bytes data;
    int conf;

    if (sasl_unwrap(session, &data, &conf, buffer) != SPNEGO_COMPLETE)
        return;
    if (session->layer == SPNEGO_SASL_CONFIDENTIALITY && !conf) {
        (void)sasl_fail(session, SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_SASL_BUFFER_IN_CLEAR,
                        SPNEGO_SASL_HEADER_LEN);
        return;
    }
    if (data.len != 0)
        turn->data = data;
}

/* First the length alone, so that nothing is gathered for a buffer that is refused. */
static void receive_buffer(spnego_sasl *session, spnego_turn *turn, spnego_bytes in)
{
    size_t want = SPNEGO_SASL_HEADER_LEN;
    spnego_status status = SPNEGO_CONTINUE;
    spnego_bytes frame, buffer;
    spnego_rule rule;

    while (status == SPNEGO_CONTINUE) {
        const int have = carrier_have(&session->base, turn, &frame, in, want);

        if (have < 0)
            (void)sasl_fail(session, SPNEGO_ERR_NO_MEMORY, SPNEGO_RULE_MEMORY_EXHAUSTED,
                            SPNEGO_NO_OFFSET);
        if (have <= 0)
            return;
        status = spnego_sasl_buffer_read(&buffer, &want, &rule, frame, session->max_buffer);
    }
    if (status < 0) {
        (void)sasl_fail(session, status, rule, 0);
        return;
    }
    carrier_take(&session->base, turn, frame);
    open_buffer(session, turn, buffer);
}

spnego_status spnego_sasl_receive(spnego_sasl *session, spnego_turn *turn, spnego_bytes in)
{
    const spnego_status status = sasl_begin(session, turn, 1u << SASL_ESTABLISHED);

    if (status != SPNEGO_COMPLETE)
        return status;
    if (session->layer != SPNEGO_SASL_NO_LAYER) {
        receive_buffer(session, turn, in);
    } else if (in.len != 0) {
        turn->data = in;
        turn->taken = in.len;
    }
    return carrier_leave(&session->base);
}

/* ---- Sending --------------------------------------------------------------------------------- */

static void send_buffer(spnego_sasl *session, spnego_turn *turn, spnego_bytes data)
{
    const size_t room = session->peer_buffer - session->wrap_overhead;
    const spnego_bytes piece = {data.data, data.len < room ? data.len : room};
    uint8_t length[SPNEGO_SASL_HEADER_LEN];
    const spnego_bytes header = {length, sizeof length};
    spnego_bytes wrapped;

    if (sasl_wrap(session, &wrapped, piece, session->layer == SPNEGO_SASL_CONFIDENTIALITY) !=
        SPNEGO_COMPLETE)
        return;
    if (wrapped.len > session->peer_buffer) {
        (void)sasl_fail(session, SPNEGO_ERR_LIMIT, SPNEGO_RULE_SASL_WRAP_TOO_LONG,
                        SPNEGO_NO_OFFSET);
        return;
    }
    spnego_sasl_buffer_header(length, wrapped.len);
    if (!carrier_put(&session->base, header) || !carrier_put(&session->base, wrapped)) {
        (void)sasl_fail(session, SPNEGO_ERR_NO_MEMORY, SPNEGO_RULE_MEMORY_EXHAUSTED,
                        SPNEGO_NO_OFFSET);
        return;
    }
    turn->taken = piece.len;
    turn->out = nego_buffer_view(&session->base.out);
}

spnego_status spnego_sasl_send(spnego_sasl *session, spnego_turn *turn, spnego_bytes data)
{
    const spnego_status status = sasl_begin(session, turn, 1u << SASL_ESTABLISHED);

    if (status != SPNEGO_COMPLETE)
        return status;
    if (data.len != 0 && session->layer != SPNEGO_SASL_NO_LAYER) {
        send_buffer(session, turn, data);
    } else if (data.len != 0) {
        turn->out = data;
        turn->taken = data.len;
    }
    return carrier_leave(&session->base);
}

spnego_status spnego_sasl_end(spnego_sasl *session, spnego_turn *turn)
{
    const spnego_status status = carrier_enter(&session->base, turn);

    if (status != SPNEGO_COMPLETE)
        return status;
    if (session->state != SASL_ESTABLISHED || !carrier_is_between(&session->base))
        (void)sasl_fail(session, SPNEGO_ERR_IO, SPNEGO_RULE_SASL_STREAM_ENDED, SPNEGO_NO_OFFSET);
    return carrier_leave(&session->base);
}
