#include <spnego/socks5.h>

#include "base/bytes.h"

/* RFC 1928 3 */
enum { SOCKS_VERSION = 5, GREETING_HEAD_LEN = 2, SELECTION_LEN = 2 };
/* RFC 1961 3.4, 3.8 */
enum { SUBNEGOTIATION_VERSION = 1, ABORT_LEN = 2 };

static spnego_status malformed(spnego_error *out_error, spnego_rule rule, size_t offset)
{
    if (out_error != NULL) {
        memset(out_error, 0, sizeof *out_error);
        out_error->status = SPNEGO_ERR_MALFORMED;
        out_error->rule = rule;
        out_error->offset = offset;
    }
    return SPNEGO_ERR_MALFORMED;
}

static spnego_status need(size_t *out_len, size_t len)
{
    *out_len = len;
    return SPNEGO_CONTINUE;
}

static int is_type(int type)
{
    return type == SPNEGO_SOCKS5_AUTHENTICATION || type == SPNEGO_SOCKS5_PROTECTION ||
           type == SPNEGO_SOCKS5_DATA || type == SPNEGO_SOCKS5_ABORT;
}

spnego_status spnego_socks5_frame_read(spnego_socks5_frame *out_frame, size_t *out_len,
                                       spnego_error *out_error, spnego_bytes in)
{
    size_t token_len;

    out_frame->type = 0;
    out_frame->token = bytes_absent();
    *out_len = 0;
    if (in.len != 0 && in.data[0] != SUBNEGOTIATION_VERSION)
        return malformed(out_error, SPNEGO_RULE_SOCKS5_VERSION, 0);
    if (in.len < ABORT_LEN)
        return need(out_len, ABORT_LEN);
    if (!is_type(in.data[1]))
        return malformed(out_error, SPNEGO_RULE_SOCKS5_TYPE_UNKNOWN, 1);
    out_frame->type = in.data[1];
    if (out_frame->type == SPNEGO_SOCKS5_ABORT) {
        *out_len = ABORT_LEN;
        return SPNEGO_COMPLETE;
    }
    if (in.len < SPNEGO_SOCKS5_HEAD_LEN)
        return need(out_len, SPNEGO_SOCKS5_HEAD_LEN);
    /* RFC 1961 does not say in which order the two octets come: network order, as elsewhere in
     * SOCKS (RFC 1928 4) and as deployed. */
    token_len = (size_t)in.data[2] << 8 | in.data[3];
    /* A wrapped message is never empty; an authentication frame may be (RFC 1961 3.6). */
    if (token_len == 0 && out_frame->type != SPNEGO_SOCKS5_AUTHENTICATION)
        return malformed(out_error, SPNEGO_RULE_SOCKS5_TOKEN_EMPTY, 2);
    if (in.len - SPNEGO_SOCKS5_HEAD_LEN < token_len)
        return need(out_len, SPNEGO_SOCKS5_HEAD_LEN + token_len);
    out_frame->token.data = in.data + SPNEGO_SOCKS5_HEAD_LEN;
    out_frame->token.len = token_len;
    *out_len = SPNEGO_SOCKS5_HEAD_LEN + token_len;
    return SPNEGO_COMPLETE;
}

size_t spnego_socks5_head_write(uint8_t out[SPNEGO_SOCKS5_HEAD_LEN], int type, size_t token_len)
{
    if (!is_type(type) || token_len > SPNEGO_SOCKS5_MAX_TOKEN ||
        (type == SPNEGO_SOCKS5_ABORT && token_len != 0))
        return 0;
    out[0] = SUBNEGOTIATION_VERSION;
    out[1] = (uint8_t)type;
    if (type == SPNEGO_SOCKS5_ABORT)
        return ABORT_LEN;
    out[2] = (uint8_t)(token_len >> 8);
    out[3] = (uint8_t)(token_len & 0xff);
    return SPNEGO_SOCKS5_HEAD_LEN;
}

spnego_status spnego_socks5_greeting_read(spnego_bytes *out_methods, size_t *out_len,
                                          spnego_error *out_error, spnego_bytes in)
{
    size_t num_methods;

    *out_methods = bytes_absent();
    *out_len = 0;
    if (in.len != 0 && in.data[0] != SOCKS_VERSION)
        return malformed(out_error, SPNEGO_RULE_SOCKS5_GREETING_VERSION, 0);
    if (in.len < GREETING_HEAD_LEN)
        return need(out_len, GREETING_HEAD_LEN);
    num_methods = in.data[1];
    if (num_methods == 0)
        return malformed(out_error, SPNEGO_RULE_SOCKS5_METHODS_EMPTY, 1);
    if (in.len - GREETING_HEAD_LEN < num_methods)
        return need(out_len, GREETING_HEAD_LEN + num_methods);
    out_methods->data = in.data + GREETING_HEAD_LEN;
    out_methods->len = num_methods;
    *out_len = GREETING_HEAD_LEN + num_methods;
    return SPNEGO_COMPLETE;
}

spnego_status spnego_socks5_selection_read(uint8_t *out_method, size_t *out_len,
                                           spnego_error *out_error, spnego_bytes in)
{
    *out_method = SPNEGO_SOCKS5_METHOD_NONE_ACCEPTABLE;
    *out_len = 0;
    if (in.len != 0 && in.data[0] != SOCKS_VERSION)
        return malformed(out_error, SPNEGO_RULE_SOCKS5_GREETING_VERSION, 0);
    if (in.len < SELECTION_LEN)
        return need(out_len, SELECTION_LEN);
    *out_method = in.data[1];
    *out_len = SELECTION_LEN;
    return SPNEGO_COMPLETE;
}
