#include "der/writer.h"

#include "asn_application.h"

/*@ predicate der_writer_ok(der_writer *w) =
      \valid(w) && (w->buf_len == 0 || \valid(w->buf + (0 .. w->buf_len - 1)));
*/

void der_writer_init(der_writer *w, uint8_t *buf, size_t buf_len)
{
    w->buf = buf;
    w->buf_len = buf_len;
    w->written = 0;
    w->too_long = 0;
}

/* Makes room for n octets before what was written; NULL if the buffer has none. */
static inline uint8_t *grow(der_writer *w, size_t n)
{
    if (n > SIZE_MAX - w->written) {
        w->too_long = 1;
        return NULL;
    }
    w->written += n;
    if (w->written > w->buf_len)
        return NULL;
    return w->buf + (w->buf_len - w->written);
}

void der_write_octets(der_writer *w, spnego_bytes contents)
{
    uint8_t *at = grow(w, contents.len);

    if (at != NULL && contents.len != 0)
        memcpy(at, contents.data, contents.len);
}

/* Length octets in their shortest form (X.690 10.1), after one identifier octet. */
static inline void put_header(der_writer *w, unsigned identifier, size_t len)
{
    size_t num_octets;
    uint8_t *at;

    if (len < 0x80) {
        at = grow(w, 2);
        if (at != NULL) {
            at[0] = (uint8_t)identifier;
            at[1] = (uint8_t)len;
        }
        return;
    }
    if (len > 0xffffffffu) {
        w->too_long = 1;
        return;
    }
    num_octets = len < 0x100 ? 1 : len < 0x10000 ? 2 : len < 0x1000000 ? 3 : 4;
    at = grow(w, 2 + num_octets);
    if (at == NULL)
        return;
    at[0] = (uint8_t)identifier;
    at[1] = (uint8_t)(0x80 | num_octets);
    for (size_t i = num_octets; i > 0; i--) {
        at[1 + i] = (uint8_t)len;
        len >>= 8;
    }
}

/* The identifier octet (X.690 8.1.2) of a tag in asn1c's form; no number here is above 30. */
static inline unsigned identifier_of(ber_tlv_tag_t tag)
{
    return (tag & 3u) << 6 | tag >> 2;
}

static inline void put_type(der_writer *w, const asn_TYPE_descriptor_t *type, size_t mark)
{
    unsigned constructed = type->elements_count != 0 ? 0x20u : 0u;

    put_header(w, identifier_of(type->tags[0]) | constructed, w->written - mark);
}

void der_write_header(der_writer *w, const asn_TYPE_descriptor_t *type, size_t mark)
{
    put_type(w, type, mark);
}

static inline void put_tagged(der_writer *w, const asn_TYPE_member_t *member, size_t mark)
{
    put_header(w, identifier_of(member->tag) | 0x20u, w->written - mark);
}

void der_write_tagged(der_writer *w, const asn_TYPE_descriptor_t *type, size_t member, size_t mark)
{
    put_tagged(w, &type->elements[member], mark);
}

int der_write_members(der_writer *w, const asn_TYPE_descriptor_t *type,
                      const spnego_bytes *contents, size_t first, size_t end)
{
    for (size_t i = end; i > first; i--) {
        const asn_TYPE_member_t *member = &type->elements[i - 1];
        const size_t mark = w->written;

        if (contents[i - 1].data == NULL) {
            if (!member->optional)
                return 0;
            continue;
        }
        der_write_octets(w, contents[i - 1]);
        put_type(w, member->type, mark);
        if (member->tag_mode > 0)
            put_tagged(w, member, mark);
    }
    return 1;
}

spnego_rule der_writer_finish(der_writer *w, spnego_bytes *out)
{
    *out = bytes_absent();
    if (!w->too_long && w->written <= w->buf_len) {
        out->data = w->buf + (w->buf_len - w->written);
        out->len = w->written;
        return SPNEGO_RULE_NONE;
    }
    if (w->buf_len != 0)
        memset(w->buf, 0, w->buf_len);
    if (w->too_long)
        return SPNEGO_RULE_DER_LENGTH_TOO_LONG;
    out->len = w->written;
    return SPNEGO_RULE_ENCODE_BUFFER_TOO_SMALL;
}
