#include "carrier/session.h"

#include "base/bytes.h"

#include <string.h>

static void clear_error(spnego_error *error)
{
    memset(error, 0, sizeof *error);
    error->offset = SPNEGO_NO_OFFSET;
}

int carrier_good_negotiation(const spnego_config *negotiation)
{
    return negotiation != NULL && negotiation->struct_size == sizeof *negotiation &&
           (negotiation->alloc == NULL) == (negotiation->dealloc == NULL) &&
           negotiation->max_fragment == 0 && !(negotiation->options & SPNEGO_OPTION_TAKE_FRAGMENTS);
}

spnego_status carrier_open(carrier_session *session, const carrier_terms *terms)
{
    spnego_config config = *terms->negotiation;
    spnego_status status;

    session->host.user = config.user;
    session->host.alloc = config.alloc;
    session->host.dealloc = config.dealloc;
    nego_buffer_init(&session->in, NULL, 0);
    nego_buffer_init(&session->out, NULL, 0);
    config.options |= terms->options;
    config.required_flags |= terms->required_flags;
    config.request = &terms->request;
    status = spnego_context_create(&session->context, &session->error, &config);
    if (status == SPNEGO_COMPLETE && terms->only.data != NULL) {
        status = spnego_context_set_neg_mechs(session->context, &terms->only, 1);
        if (status != SPNEGO_COMPLETE) {
            session->error = *spnego_context_error(session->context);
            carrier_close(session);
        }
    }
    session->status = SPNEGO_CONTINUE;
    return status;
}

void carrier_close(carrier_session *session)
{
    session->busy = 1; /* mechanisms and the host are told of it, and may call back */
    spnego_context_destroy(session->context);
    session->context = NULL;
    session->busy = 0;
    nego_buffer_free(&session->in, &session->host);
    nego_buffer_free(&session->out, &session->host);
}

spnego_status carrier_enter(carrier_session *session, spnego_turn *turn)
{
    turn->out = bytes_absent();
    turn->data = bytes_absent();
    turn->taken = 0;
    if (session->busy)
        return SPNEGO_ERR_USAGE;
    nego_buffer_clear(&session->out);
    if (session->in_done)
        nego_buffer_clear(&session->in);
    session->in_done = 0;
    if (session->status < 0)
        return session->status;
    clear_error(&session->error);
    session->busy = 1;
    return SPNEGO_COMPLETE;
}

spnego_status carrier_leave(carrier_session *session)
{
    session->busy = 0;
    return session->status;
}

spnego_status carrier_fail(carrier_session *session, spnego_status status, spnego_rule rule,
                           size_t offset)
{
    spnego_error error;

    clear_error(&error);
    error.status = status;
    error.rule = rule;
    error.offset = offset;
    return carrier_fail_as(session, &error);
}

spnego_status carrier_fail_as(carrier_session *session, const spnego_error *error)
{
    session->error = *error;
    session->status = error->status;
    return error->status;
}

int carrier_have(carrier_session *session, spnego_turn *turn, spnego_bytes *frame, spnego_bytes in,
                 size_t want)
{
    const size_t left = in.len - turn->taken;
    const size_t held = session->in.len;
    spnego_bytes more;

    more.data = in.data == NULL ? NULL : in.data + turn->taken;
    if (held == 0 && left >= want) {
        frame->data = more.data;
        frame->len = want;
        return 1;
    }
    if (held < want) {
        more.len = want - held < left ? want - held : left;
        if (!nego_buffer_add(&session->in, &session->host, more))
            return -1;
        turn->taken += more.len;
    }
    if (session->in.len < want)
        return 0;
    frame->data = session->in.data;
    frame->len = want;
    return 1;
}

void carrier_take(carrier_session *session, spnego_turn *turn, spnego_bytes frame)
{
    if (session->in.len == 0)
        turn->taken += frame.len;
    else
        session->in_done = 1;
}

int carrier_is_between(const carrier_session *session)
{
    return session->in.len == 0 || session->in_done;
}

int carrier_put(carrier_session *session, spnego_bytes octets)
{
    return nego_buffer_add(&session->out, &session->host, octets);
}

static spnego_status lied(spnego_error *error, spnego_rule rule)
{
    error->status = SPNEGO_ERR_MECH_LIED;
    error->rule = rule;
    return error->status;
}

spnego_status carrier_wrap(carrier_session *session, spnego_bytes *out, spnego_error *error,
                           spnego_bytes message, int conf)
{
    const spnego_status status = spnego_context_wrap(session->context, out, error, message, conf);

    if (status == SPNEGO_ERR_USAGE)
        return lied(error, error->rule);
    if (status != SPNEGO_COMPLETE || out->len != 0)
        return status;
    *out = bytes_absent();
    return lied(error, SPNEGO_RULE_MECH_SAYS_NOTHING);
}

spnego_status carrier_unwrap(carrier_session *session, spnego_bytes *out, spnego_error *error,
                             int *out_conf, spnego_bytes message)
{
    const spnego_status status =
        spnego_context_unwrap(session->context, out, error, out_conf, message);

    return status == SPNEGO_ERR_USAGE ? lied(error, error->rule) : status;
}
