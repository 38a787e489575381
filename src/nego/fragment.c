#include "nego/fragment.h"

#include "base/bytes.h"

/* What a token's first octets say of its length, header included; 0 if more of them are needed or
 * if this is no token that can be cut: the reader will say what is wrong with it. */
/*@ requires readable(in.data, in.len);
    assigns \nothing;
*/
static size_t announced_len(spnego_bytes in)
{
    size_t num_octets;
    size_t len = 0;

    if (in.len < 2)
        return 0;
    if (in.data[1] < 0x80)
        return (size_t)2 + in.data[1];
    num_octets = in.data[1] & 0x7fu;
    /* X.690 8.1.3.5; more than four is refused by the reader. */
    if (num_octets > 4 || in.len < 2 + num_octets)
        return 0;
    /*@ loop invariant 0 <= i <= num_octets;
        loop invariant num_octets <= 4;
        loop invariant 2 + num_octets <= in.len;
        loop assigns i, len;
        loop variant num_octets - i;
    */
    for (size_t i = 0; i < num_octets; i++)
        len = len << 8 | in.data[2 + i];
    return len > SIZE_MAX - 6 ? SIZE_MAX : 2 + num_octets + len;
}

/* MS-SPNG 3.1.1: five octets hold a header's beginning, six the longest that counts. */
/*@ requires in.len > 0 && readable(in.data, in.len);
    assigns \nothing;
*/
static int is_beginning(spnego_bytes in)
{
    const uint8_t tag = in.data[0];

    if (tag != 0x60 && tag != 0xa0 && tag != 0xa1)
        return 0;
    if (in.len < 2 || in.data[1] < 0x80)
        return 1;
    return in.data[1] > 0x80 && in.data[1] <= 0x84;
}

static spnego_rule keep(spnego_context *context, spnego_bytes in)
{
    if (in.len > context->limits.max_token - context->kept.len)
        return SPNEGO_RULE_TOKEN_TOO_LONG;
    return nego_buffer_add(&context->kept, &context->host, in) ? SPNEGO_RULE_NONE
                                                               : SPNEGO_RULE_MEMORY_EXHAUSTED;
}

spnego_rule nego_fragment_take(spnego_context *context, spnego_bytes *token, spnego_bytes in)
{
    const int begun = context->kept.len != 0;
    size_t len;

    *token = bytes_absent();
    if (in.len == 0 && begun)
        return SPNEGO_RULE_FRAGMENT_EMPTY;
    if (in.len > context->limits.max_token)
        return SPNEGO_RULE_TOKEN_TOO_LONG;
    if (begun) {
        const spnego_rule rule = keep(context, in);

        if (rule != SPNEGO_RULE_NONE)
            return rule;
        in = nego_buffer_view(&context->kept);
    }
    if (in.len == 0 || !is_beginning(in)) {
        *token = in;
        return SPNEGO_RULE_NONE;
    }
    len = announced_len(in);
    if (len > context->limits.max_token)
        return SPNEGO_RULE_TOKEN_TOO_LONG;
    if (len != 0 && in.len >= len) {
        if (begun && in.len > len)
            return SPNEGO_RULE_FRAGMENT_SURPLUS;
        *token = in;
        return SPNEGO_RULE_NONE;
    }
    return begun ? SPNEGO_RULE_NONE : keep(context, in);
}

spnego_status nego_fragment_cut(spnego_context *context, spnego_bytes *out, spnego_status verdict)
{
    *out = context->rest;
    context->held_back = 0;
    if (context->max_fragment == 0 || context->rest.len <= context->max_fragment) {
        context->rest = bytes_absent();
        return verdict;
    }
    out->len = context->max_fragment;
    context->rest.data += context->max_fragment;
    context->rest.len -= context->max_fragment;
    context->held_back = 1;
    context->held = verdict;
    return SPNEGO_CONTINUE;
}
