/* OIDs by name and in dotted form. */
#include "der/oid.h"

const uint8_t oid_spnego[OID_SPNEGO_LEN] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x02};

size_t oid_fault_at_80(spnego_bytes oid)
{
    /*@ loop invariant 0 <= i <= oid.len;
        loop assigns i;
        loop variant oid.len - i;
    */
    for (size_t i = 0; i < oid.len; i++)
        if (oid.data[i] == 0x80 && (i == 0 || oid.data[i - 1] < 0x80))
            return i;
    if (oid.len != 0 && oid.data[oid.len - 1] >= 0x80)
        return oid.len - 1;
    return oid.len;
}

#define OID(id, name, contents, dotted, source) \
    {name, {(const uint8_t *)(contents), sizeof(contents) - 1}},

static const struct known_oid {
    const char *name;
    spnego_bytes contents;
} known[SPNEGO_NUM_OIDS] = {
    {NULL, {NULL, 0}},
#include "der/oids.def"
};

spnego_oid spnego_oid_identify(spnego_bytes contents)
{
    for (size_t i = 1; i < SPNEGO_NUM_OIDS; i++)
        if (bytes_equal(known[i].contents, contents))
            return (spnego_oid)i;
    return SPNEGO_OID_UNKNOWN;
}

spnego_bytes spnego_oid_contents(spnego_oid oid)
{
    return (unsigned)oid < SPNEGO_NUM_OIDS ? known[oid].contents : bytes_absent();
}

const char *spnego_oid_name(spnego_oid oid)
{
    return (unsigned)oid < SPNEGO_NUM_OIDS ? known[oid].name : NULL;
}

int spnego_oid_is_krb5(spnego_bytes contents)
{
    return bytes_equal(contents, known[SPNEGO_OID_KRB5].contents) ||
           bytes_equal(contents, known[SPNEGO_OID_MS_KRB5].contents);
}

/* An arc of up to 128 bits, least significant limb first.  Arcs longer than 64 bits exist: those
 * under 2.25 are UUIDs. */
#define ARC_LIMBS 4
typedef struct arc {
    uint32_t limb[ARC_LIMBS];
} arc;

/* arc = arc * factor + addend; 0 if that has more than 128 bits. */
static int arc_multiply_add(arc *a, uint32_t factor, uint32_t addend)
{
    uint64_t carry = addend;

    for (size_t i = 0; i < ARC_LIMBS; i++) {
        carry += (uint64_t)a->limb[i] * factor;
        a->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    return carry == 0;
}

/* arc = arc / divisor; returns the remainder. */
static uint32_t arc_divide(arc *a, uint32_t divisor)
{
    uint64_t rest = 0;

    for (size_t i = ARC_LIMBS; i > 0; i--) {
        rest = rest << 32 | a->limb[i - 1];
        a->limb[i - 1] = (uint32_t)(rest / divisor);
        rest %= divisor;
    }
    return (uint32_t)rest;
}

static int arc_is_zero(const arc *a)
{
    return (a->limb[0] | a->limb[1] | a->limb[2] | a->limb[3]) == 0;
}

static int arc_is_below(const arc *a, uint32_t bound)
{
    return (a->limb[1] | a->limb[2] | a->limb[3]) == 0 && a->limb[0] < bound;
}

/* Appends `a` in decimal; 0 if it does not fit with a NUL after it. */
static int append_arc(char *buf, size_t buf_len, size_t *at, arc a)
{
    char digits[40]; /* 2^128 has 39 */
    size_t n = 0;

    do
        digits[n++] = (char)('0' + arc_divide(&a, 10));
    while (!arc_is_zero(&a));
    if (n >= buf_len - *at)
        return 0;
    while (n > 0)
        buf[(*at)++] = digits[--n];
    buf[*at] = '\0';
    return 1;
}

size_t spnego_oid_to_text(char *buf, size_t buf_len, spnego_bytes contents)
{
    size_t at = 0, start = 0;

    buf[0] = '\0';
    if (contents.len == 0 || (contents.data[contents.len - 1] & 0x80) != 0)
        return 0;
    while (start < contents.len) {
        arc a = {{0}};
        size_t i = start;
        int fits = contents.data[start] != 0x80;

        do
            fits = fits && arc_multiply_add(&a, 0x80, contents.data[i] & 0x7fu);
        while ((contents.data[i++] & 0x80) != 0);

        if (fits && start == 0) {
            /* X.690 8.19.4: the first two arcs share one number, 40 * X + Y with X at most 2. */
            const unsigned root = arc_is_below(&a, 40) ? 0 : arc_is_below(&a, 80) ? 1 : 2;
            arc root_arc = {{root}};
            uint64_t borrow = 40u * root;

            for (size_t k = 0; k < ARC_LIMBS; k++) {
                const uint64_t limb = a.limb[k];
                a.limb[k] = (uint32_t)(limb - borrow);
                borrow = limb < borrow;
            }
            fits = append_arc(buf, buf_len, &at, root_arc);
        }
        if (fits && at + 1 < buf_len) {
            buf[at++] = '.';
            fits = append_arc(buf, buf_len, &at, a);
        } else {
            fits = 0;
        }
        if (!fits) {
            buf[0] = '\0';
            return 0;
        }
        start = i;
    }
    return at;
}

/* Reads a decimal number without leading zeros at *text and moves past it. */
static int parse_arc(arc *out, const char **text)
{
    const char *p = *text;
    const int leading_zero = *p == '0';

    memset(out, 0, sizeof *out);
    if (*p < '0' || *p > '9')
        return 0;
    for (; *p >= '0' && *p <= '9'; p++)
        if (!arc_multiply_add(out, 10, (uint32_t)(*p - '0')))
            return 0;
    if (leading_zero && p != *text + 1)
        return 0;
    *text = p;
    return 1;
}

int spnego_oid_from_text(spnego_bytes *out_contents, uint8_t *buf, size_t buf_len, const char *text)
{
    size_t len = 0, num_arcs = 0;
    unsigned root = 0;
    arc a;

    *out_contents = bytes_absent();
    for (;; text++) {
        uint8_t septets[19]; /* 128 bits */
        size_t n = 0;

        if (!parse_arc(&a, &text))
            return 0;
        num_arcs++;
        if (num_arcs == 1) {
            if (!arc_is_below(&a, 3))
                return 0;
            root = a.limb[0];
            if (*text != '.')
                return 0;
            continue;
        }
        if (num_arcs == 2 &&
            ((root < 2 && !arc_is_below(&a, 40)) || !arc_multiply_add(&a, 1, 40u * root)))
            return 0;
        do
            septets[n++] = (uint8_t)arc_divide(&a, 0x80);
        while (!arc_is_zero(&a));
        if (n > buf_len - len)
            return 0;
        while (n > 0) {
            n--;
            buf[len++] = (uint8_t)(septets[n] | (n > 0 ? 0x80u : 0u));
        }
        if (*text == '\0')
            break;
        if (*text != '.')
            return 0;
    }
    out_contents->data = buf;
    out_contents->len = len;
    return 1;
}
