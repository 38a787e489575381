#include "witness/cut.h"

#include <string.h>

/* Finds the contents of the element at in[*at]; returns 0 if it does not fit before `end`. */
static int open_element(spnego_bytes in, size_t end, size_t at, size_t *contents, size_t *after)
{
    size_t header = 2, len;

    if (end - at < 2)
        return 0;
    if ((in.data[at] & 0x1f) == 0x1f) {
        while (at + header - 1 < end && in.data[at + header - 1] >= 0x80)
            header++;
        header++;
        if (end - at < header)
            return 0;
    }
    len = in.data[at + header - 1];
    if (len >= 0x80) {
        size_t octets = len & 0x7f;

        if (octets == 0 || octets > 4 || end - at - header < octets)
            return 0;
        for (len = 0; octets > 0; octets--)
            len = len << 8 | in.data[at + header++];
    }
    if (end - at - header < len)
        return 0;
    *contents = at + header;
    *after = at + header + len;
    return 1;
}

/* Puts tag and length before the `len` octets at out[at]; returns where the header begins. */
static size_t close_element(uint8_t *out, size_t at, uint8_t tag, size_t len)
{
    size_t octets = 0;

    if (len < 0x80) {
        out[--at] = (uint8_t)len;
    } else {
        for (; len != 0; len >>= 8, octets++)
            out[--at] = (uint8_t)len;
        out[--at] = (uint8_t)(0x80 | octets);
    }
    out[--at] = tag;
    return at;
}

size_t cut_unknown(uint8_t *out, spnego_span *where, spnego_bytes in, int framed,
                   spnego_token_type type)
{
    const uint8_t last = type == SPNEGO_NEG_TOKEN_INIT2 ? 0xa4 : 0xa3;
    size_t frame = 0, inner = 0, choice, sequence, field, after, end = in.len, at;
    size_t unknown_from, known_end, written;

    where->offset = 0;
    where->len = 0;
    if (framed) {
        if (!open_element(in, end, 0, &frame, &after) || after != end)
            return 0;
        if (!open_element(in, end, frame, &field, &inner))
            return 0;
    }
    if (!open_element(in, end, inner, &choice, &after) || after != end ||
        !open_element(in, end, choice, &sequence, &after) || after != end)
        return 0;
    unknown_from = known_end = sequence;
    for (at = sequence; at < end; at = after) {
        if (!open_element(in, end, at, &field, &after))
            return 0;
        if (in.data[at] >= 0xa0 && in.data[at] <= last) {
            /* A known field after an unknown one. */
            if (known_end != at)
                return 0;
            known_end = after;
        }
    }
    unknown_from = known_end;
    if (unknown_from != end) {
        where->offset = unknown_from;
        where->len = end - unknown_from;
    }
    /* Headers only get shorter, so what is written from the end of `out` fits. */
    written = known_end - sequence;
    at = in.len - written;
    memmove(out + at, in.data + sequence, written);
    at = close_element(out, at, 0x30, in.len - at);
    at = close_element(out, at, in.data[inner], in.len - at);
    if (framed) {
        at -= inner - frame;
        memcpy(out + at, in.data + frame, inner - frame);
        at = close_element(out, at, 0x60, in.len - at);
    }
    memmove(out, out + at, in.len - at);
    return in.len - at;
}
