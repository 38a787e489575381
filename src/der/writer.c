#include "der/writer.h"

#include "asn_application.h"

/* Makes room for n octets before what was written; NULL if the buffer has none, or n is 0. */
static inline uint8_t *grow(der_writer *w, size_t n)
{
    if (n > w->room) {
        w->missing += n - w->room;
        w->room = 0;
        return NULL;
    }
    w->room -= n;
    return n == 0 ? NULL : w->buf + w->room;
}

static inline void put_octets(der_writer *w, spnego_bytes contents)
{
    uint8_t *at;

    /* Half of what a size_t holds leaves room for any number of headers. */
    if (contents.len > SIZE_MAX / 2 - der_written(w)) {
        w->too_long = 1;
        return;
    }
    at = grow(w, contents.len);
    if (at != NULL)
        memcpy(at, contents.data, contents.len);
}

/* An identifier octet and length octets in their shortest form (X.690 10.1). */
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
static inline unsigned identifier_of_tag(ber_tlv_tag_t tag)
{
    return (tag & 3u) << 6 | tag >> 2;
}

static inline unsigned identifier_of_type(const asn_TYPE_descriptor_t *type)
{
    return identifier_of_tag(type->tags[0]) | (type->elements_count != 0 ? 0x20u : 0u);
}

void der_write_octets(der_writer *w, spnego_bytes contents)
{
    put_octets(w, contents);
}

void der_write_header(der_writer *w, const asn_TYPE_descriptor_t *type, size_t mark)
{
    put_header(w, identifier_of_type(type), der_written(w) - mark);
}

void der_write_tagged(der_writer *w, const asn_TYPE_descriptor_t *type, size_t member, size_t mark)
{
    put_header(w, identifier_of_tag(type->elements[member].tag) | 0x20u, der_written(w) - mark);
}

/* An element with a one-octet length, if it has one and the buffer has room for it all: most do,
 * and then one look at the room is enough. */
static inline int put_short(der_writer *w, unsigned identifier, spnego_bytes contents)
{
    uint8_t *at;

    if (contents.len >= 0x80 || contents.len + 2 > w->room)
        return 0;
    w->room -= contents.len + 2;
    at = w->buf + w->room;
    at[0] = (uint8_t)identifier;
    at[1] = (uint8_t)contents.len;
    memcpy(at + 2, contents.data, contents.len);
    return 1;
}

/* The same under an explicit tag, whose length has one octet too. */
static inline int put_short_tagged(der_writer *w, unsigned tag, unsigned identifier,
                                   spnego_bytes contents)
{
    uint8_t *at;

    if (contents.len >= 0x80 - 2 || contents.len + 4 > w->room)
        return 0;
    w->room -= contents.len + 4;
    at = w->buf + w->room;
    at[0] = (uint8_t)tag;
    at[1] = (uint8_t)(contents.len + 2);
    at[2] = (uint8_t)identifier;
    at[3] = (uint8_t)contents.len;
    memcpy(at + 4, contents.data, contents.len);
    return 1;
}

int der_write_members(der_writer *w, const asn_TYPE_descriptor_t *type,
                      const spnego_bytes *contents, size_t first, size_t end)
{
    for (size_t i = end; i > first; i--) {
        const asn_TYPE_member_t *member = &type->elements[i - 1];
        unsigned identifier, tag;
        size_t mark;

        if (contents[i - 1].data == NULL) {
            if (!member->optional)
                return 0;
            continue;
        }
        identifier = identifier_of_type(member->type);
        tag = member->tag_mode > 0 ? identifier_of_tag(member->tag) | 0x20u : 0;
        if (tag != 0 ? put_short_tagged(w, tag, identifier, contents[i - 1])
                     : put_short(w, identifier, contents[i - 1]))
            continue;
        mark = der_written(w);
        put_octets(w, contents[i - 1]);
        put_header(w, identifier, contents[i - 1].len);
        if (tag != 0)
            put_header(w, tag, der_written(w) - mark);
    }
    return 1;
}

void der_write_list(der_writer *w, const asn_TYPE_descriptor_t *type, const spnego_bytes *contents,
                    size_t num)
{
    const unsigned identifier = identifier_of_type(type->elements[0].type);

    for (size_t i = num; i > 0; i--) {
        if (put_short(w, identifier, contents[i - 1]))
            continue;
        put_octets(w, contents[i - 1]);
        put_header(w, identifier, contents[i - 1].len);
    }
}

spnego_rule der_writer_finish(der_writer *w, spnego_bytes *out)
{
    *out = bytes_absent();
    if (!w->too_long && w->missing == 0) {
        out->data = w->buf + w->room;
        out->len = w->buf_len - w->room;
        return SPNEGO_RULE_NONE;
    }
    if (w->buf_len != 0)
        memset(w->buf, 0, w->buf_len);
    if (w->too_long)
        return SPNEGO_RULE_DER_LENGTH_TOO_LONG;
    out->len = der_written(w);
    return SPNEGO_RULE_ENCODE_BUFFER_TOO_SMALL;
}
