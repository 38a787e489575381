/*
 * inspect/octets.h - a cursor over octets that somebody else wrote: every read is checked, and the
 * first that fails spoils all that follow, so that a reader needs to look once, at the end.
 */
#ifndef SPNEGO_INSPECT_OCTETS_H
#define SPNEGO_INSPECT_OCTETS_H

#include <spnego/types.h>

typedef struct inspect_octets {
    spnego_bytes left;
    int failed;
} inspect_octets;

static inline inspect_octets inspect_octets_of(spnego_bytes in)
{
    const inspect_octets octets = {in, 0};
    return octets;
}

/* inspect_octets_take returns the next `len` octets, absent if there are fewer. */
static inline spnego_bytes inspect_octets_take(inspect_octets *octets, size_t len)
{
    spnego_bytes taken = {NULL, 0};

    if (octets->failed || len > octets->left.len) {
        octets->failed = 1;
        return taken;
    }
    taken.data = octets->left.data;
    taken.len = len;
    octets->left.data += len;
    octets->left.len -= len;
    return taken;
}

static inline void inspect_octets_skip(inspect_octets *octets, size_t len)
{
    (void)inspect_octets_take(octets, len);
}

/* The next number of one to four octets, 0 after a failure. */
static inline uint32_t inspect_octets_big(inspect_octets *octets, size_t len)
{
    const spnego_bytes taken = inspect_octets_take(octets, len);
    uint32_t number = 0;

    for (size_t i = 0; i < taken.len; i++)
        number = number << 8 | taken.data[i];
    return number;
}

static inline uint32_t inspect_octets_little(inspect_octets *octets, size_t len)
{
    const spnego_bytes taken = inspect_octets_take(octets, len);
    uint32_t number = 0;

    for (size_t i = taken.len; i > 0; i--)
        number = number << 8 | taken.data[i - 1];
    return number;
}

/* inspect_octets_at returns a cursor at `offset` of `in`, failed if that is outside. */
static inline inspect_octets inspect_octets_at(spnego_bytes in, size_t offset)
{
    inspect_octets octets = inspect_octets_of(in);

    inspect_octets_skip(&octets, offset);
    return octets;
}

#endif /* SPNEGO_INSPECT_OCTETS_H */
