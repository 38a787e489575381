/* The loop of RFC 7546, over a stream of the host's. */
#include "nego/buffer.h"
#include "nego/context.h"

#include "base/bytes.h"

#include <string.h>

/* Octets asked for at a time: memory follows what has come. */
enum { PIECE = 4096, PREFIX = 4 };

static spnego_rule check_deadline(const spnego_io *io)
{
    return io->expired != NULL && io->expired(io->user) ? SPNEGO_RULE_DEADLINE_PASSED
                                                        : SPNEGO_RULE_NONE;
}

static spnego_rule send_all(const spnego_io *io, const uint8_t *data, size_t len)
{
    while (len != 0) {
        const spnego_rule late = check_deadline(io);
        ptrdiff_t sent;

        if (late != SPNEGO_RULE_NONE)
            return late;
        sent = io->send(io->user, data, len);
        if (sent <= 0 || (size_t)sent > len)
            return SPNEGO_RULE_STREAM_FAILED;
        data += sent;
        len -= (size_t)sent;
    }
    return SPNEGO_RULE_NONE;
}

/* RFC 7546's example: the length in four octets, then the token; an empty one as well. */
static spnego_rule send_token(const spnego_io *io, spnego_bytes token)
{
    uint8_t prefix[PREFIX];
    spnego_rule rule;

    if (token.len > 0xffffffffu)
        return SPNEGO_RULE_STREAM_FAILED;
    for (size_t i = 0; i < PREFIX; i++)
        prefix[i] = (uint8_t)(token.len >> (8 * (PREFIX - 1 - i)));
    rule = send_all(io, prefix, sizeof prefix);
    return rule != SPNEGO_RULE_NONE ? rule : send_all(io, token.data, token.len);
}

static spnego_rule receive_all(const spnego_io *io, uint8_t *data, size_t len)
{
    while (len != 0) {
        const spnego_rule late = check_deadline(io);
        ptrdiff_t got;

        if (late != SPNEGO_RULE_NONE)
            return late;
        got = io->receive(io->user, data, len);
        if (got <= 0 || (size_t)got > len)
            return SPNEGO_RULE_STREAM_FAILED;
        data += got;
        len -= (size_t)got;
    }
    return SPNEGO_RULE_NONE;
}

static spnego_rule receive_token(nego_buffer *token, const spnego_context *context,
                                 const spnego_io *io)
{
    uint8_t prefix[PREFIX];
    size_t len = 0;
    spnego_rule rule = receive_all(io, prefix, sizeof prefix);

    nego_buffer_clear(token);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    for (size_t i = 0; i < PREFIX; i++)
        len = len << 8 | prefix[i];
    if (len > context->limits.max_token)
        return SPNEGO_RULE_TOKEN_TOO_LONG;
    while (token->len < len) {
        const size_t piece = len - token->len < PIECE ? len - token->len : PIECE;

        if (!nego_buffer_room(token, &context->host, piece))
            return SPNEGO_RULE_MEMORY_EXHAUSTED;
        rule = receive_all(io, token->data + token->len, piece);
        if (rule != SPNEGO_RULE_NONE)
            return rule;
        token->len += piece;
    }
    return SPNEGO_RULE_NONE;
}

/* One step, however long the mechanism takes. */
static spnego_rule step(spnego_status *out_status, spnego_context *context, spnego_bytes *out,
                        spnego_bytes in, const spnego_io *io)
{
    spnego_status status = spnego_context_step(context, out, in);

    while (status == SPNEGO_PENDING) {
        const spnego_rule late = check_deadline(io);

        if (late != SPNEGO_RULE_NONE)
            return late;
        if (io->wait == NULL)
            return SPNEGO_RULE_CALL_BAD_ARGUMENT;
        if (!io->wait(io->user))
            return SPNEGO_RULE_DEADLINE_PASSED;
        status = spnego_context_resume(context, out);
    }
    *out_status = status;
    return SPNEGO_RULE_NONE;
}

static spnego_rule run(spnego_status *status, spnego_context *context, nego_buffer *token,
                       const spnego_io *io)
{
    spnego_bytes out = bytes_absent();
    spnego_rule rule = SPNEGO_RULE_NONE;

    /* RFC 7546 3.1: an initiator speaks first, an acceptor listens first. */
    if (context->role == SPNEGO_ACCEPTOR)
        rule = receive_token(token, context, io);
    while (rule == SPNEGO_RULE_NONE) {
        rule = step(status, context, &out, nego_buffer_view(token), io);
        /* RFC 7546 3.2: error tokens go out too, and empty ones where a token is awaited. */
        if (rule == SPNEGO_RULE_NONE && (out.data != NULL || *status == SPNEGO_CONTINUE))
            rule = send_token(io, out);
        if (rule != SPNEGO_RULE_NONE || *status != SPNEGO_CONTINUE)
            break;
        rule = receive_token(token, context, io);
    }
    if (*status < 0 && rule == SPNEGO_RULE_NONE && out.data == NULL && io->report != NULL)
        io->report(io->user, &context->error);
    return rule;
}

spnego_status spnego_loop(spnego_context *context, spnego_error *out_error, const spnego_io *io)
{
    nego_buffer token;
    spnego_status status = SPNEGO_CONTINUE;
    spnego_error error;
    spnego_rule rule;

    nego_buffer_init(&token, NULL, 0);
    rule = run(&status, context, &token, io);
    nego_buffer_free(&token, &context->host);
    error = context->error;
    /* What the negotiation itself said counts for more than that it could not be passed on. */
    if (rule != SPNEGO_RULE_NONE && status >= 0) {
        memset(&error, 0, sizeof error);
        error.rule = rule;
        error.status = status = nego_status_of(rule);
        error.offset = SPNEGO_NO_OFFSET;
        if (io->report != NULL)
            io->report(io->user, &error);
    }
    if (out_error != NULL)
        *out_error = error;
    return status;
}
