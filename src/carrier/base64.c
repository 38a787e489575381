#include <spnego/base64.h>

enum { NO_DIGIT = 64 };

/* By comparison of an unsigned octet: there is no table to index with a negative char. */
static uint8_t value_of(char character)
{
    const uint8_t c = (uint8_t)character;

    if (c >= 'A' && c <= 'Z')
        return (uint8_t)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (uint8_t)(c - 'a' + 26);
    if (c >= '0' && c <= '9')
        return (uint8_t)(c - '0' + 52);
    return c == '+' ? 62 : c == '/' ? 63 : NO_DIGIT;
}

size_t spnego_base64_encoded_len(size_t len)
{
    const size_t num_groups = len / 3 + (len % 3 != 0);

    return num_groups > (size_t)-1 / 4 ? 0 : num_groups * 4;
}

size_t spnego_base64_encode(char *out, size_t out_len, spnego_bytes octets)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const size_t len = spnego_base64_encoded_len(octets.len);

    if (len > out_len || (len == 0 && octets.len != 0))
        return 0;
    for (size_t i = 0; i < octets.len; i += 3, out += 4) {
        const size_t left = octets.len - i;
        const uint32_t group = (uint32_t)octets.data[i] << 16 |
                               (left > 1 ? (uint32_t)octets.data[i + 1] << 8 : 0) |
                               (left > 2 ? (uint32_t)octets.data[i + 2] : 0);

        out[0] = digits[group >> 18];
        out[1] = digits[group >> 12 & 63];
        out[2] = left > 1 ? digits[group >> 6 & 63] : '=';
        out[3] = left > 2 ? digits[group & 63] : '=';
    }
    return len;
}

static spnego_rule fault(size_t *out_offset, spnego_rule rule, size_t offset)
{
    if (out_offset != NULL)
        *out_offset = offset;
    return rule;
}

/* What follows the digits: nothing but '=', and as many as fill the last group of four (RFC 4648
 * 3.2, 4).  A group of one digit has not the bits of an octet. */
static spnego_rule check_end(size_t *out_offset, const char *text, size_t num_digits, size_t len,
                             uint32_t tolerate)
{
    const size_t last = num_digits % 4;
    const size_t num_pads = len - num_digits;

    for (size_t i = num_digits; i < len; i++)
        if (text[i] != '=') {
            /* RFC 4648 3.3: also line breaks. */
            if (value_of(text[i]) == NO_DIGIT)
                return fault(out_offset, SPNEGO_RULE_BASE64_CHARACTER, i);
            return fault(out_offset, SPNEGO_RULE_BASE64_PADDING, num_digits);
        }
    if (num_pads == 0) {
        if (last == 1 || (last != 0 && !(tolerate & SPNEGO_BASE64_UNPADDED)))
            return fault(out_offset, SPNEGO_RULE_BASE64_LENGTH, len);
        return SPNEGO_RULE_NONE;
    }
    if (last < 2)
        return fault(out_offset, SPNEGO_RULE_BASE64_PADDING, num_digits);
    if (num_pads > 4 - last)
        return fault(out_offset, SPNEGO_RULE_BASE64_PADDING, num_digits + (4 - last));
    if (num_pads < 4 - last)
        return fault(out_offset, SPNEGO_RULE_BASE64_LENGTH, len);
    return SPNEGO_RULE_NONE;
}

spnego_rule spnego_base64_decode(uint8_t *out, size_t *out_len, size_t *out_offset,
                                 const char *text, size_t len, uint32_t tolerate)
{
    const size_t room = *out_len;
    size_t num_digits = 0, at = 0;
    uint32_t bits = 0;     /* of digits that make no whole octet yet */
    unsigned num_bits = 0; /* 0, 2, 4 or 6                           */
    spnego_rule rule;

    *out_len = 0;
    while (num_digits < len && value_of(text[num_digits]) != NO_DIGIT)
        num_digits++;
    rule = check_end(out_offset, text, num_digits, len, tolerate);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    /* Two digits in the last group make one octet, three make two. */
    if (num_digits / 4 * 3 + num_digits % 4 * 3 / 4 > room)
        return SPNEGO_RULE_CALL_BAD_ARGUMENT;
    for (size_t i = 0; i < num_digits; i++) {
        bits = bits << 6 | value_of(text[i]);
        num_bits += 6;
        if (num_bits >= 8) {
            num_bits -= 8;
            out[at++] = (uint8_t)(bits >> num_bits);
            bits &= (1u << num_bits) - 1;
        }
    }
    /* RFC 6120 6.3.5: a second text for the same octets is refused. */
    if (bits != 0 && !(tolerate & SPNEGO_BASE64_PAD_BITS))
        return fault(out_offset, SPNEGO_RULE_BASE64_PAD_BITS, num_digits - 1);
    *out_len = at;
    return SPNEGO_RULE_NONE;
}
