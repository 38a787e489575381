#include "der/writer.h"

#include "asn_application.h"

/* Makes room for n octets before what was written; NULL if the buffer has none, or n is 0. */
/*@ requires der_writer_ok(w);
    assigns w->room, w->missing, w->too_long;
    ensures der_wrote{Pre, Post}(w, n);
    ensures \result == \null ==> n == 0 || !der_fits(w);
    ensures \result != \null ==>
            \result == w->buf + w->room && n > 0 && \old(w->room) == w->room + n;
*/
static inline uint8_t *grow(der_writer *w, size_t n)
{
    if (n > w->room) {
        /* What is counted, the rest of buf included, is never more than a size_t holds. */
        if (n - w->room > SIZE_MAX - w->buf_len - w->missing) {
            w->too_long = 1;
            return NULL;
        }
        w->missing += n - w->room;
        w->room = 0;
        return NULL;
    }
    w->room -= n;
    return n == 0 ? NULL : w->buf + w->room;
}

/*@ requires der_writer_ok(w) && der_source(w, contents.data, contents.len);
    assigns DER_WRITER_STATE(w);
    ensures der_wrote{Pre, Post}(w, contents.len);
    ensures der_fits(w) ==>
            \forall integer i; 0 <= i < contents.len ==> w->buf[w->room + i] == contents.data[i];
*/
static inline void put_octets(der_writer *w, spnego_bytes contents)
{
    uint8_t *at = grow(w, contents.len);

    if (at != NULL)
        bytes_copy(at, contents);
}

/* The length octets of the long form, the first of which says that num_octets follow. */
/*@ requires 1 <= num_octets <= 4 && \valid(at + (0 .. num_octets));
    requires num_octets == 1 ==> 0x80 <= len < 0x100;
    requires num_octets == 2 ==> 0x100 <= len < 0x10000;
    requires num_octets == 3 ==> 0x10000 <= len < 0x1000000;
    requires num_octets == 4 ==> 0x1000000 <= len < 0x100000000;
    assigns at[0 .. num_octets];
    ensures der_length_at(at, len);
*/
static inline void put_long_length(uint8_t *at, size_t len, size_t num_octets)
{
    at[0] = (uint8_t)(0x80 + num_octets);
    /*@ loop invariant 0 <= i <= num_octets;
        loop invariant at[0] == 0x80 + num_octets;
        loop invariant i == num_octets ==> len == \at(len, Pre);
        loop invariant i == num_octets - 1 ==> \at(len, Pre) == len * 0x100 + at[i + 1];
        loop invariant i == num_octets - 2 ==>
                       \at(len, Pre) == len * 0x10000 + at[i + 1] * 0x100 + at[i + 2];
        loop invariant i == num_octets - 3 ==> \at(len, Pre) ==
                       len * 0x1000000 + at[i + 1] * 0x10000 + at[i + 2] * 0x100 + at[i + 3];
        loop invariant i == num_octets - 4 ==> len == 0 && \at(len, Pre) ==
                       at[1] * 0x1000000 + at[2] * 0x10000 + at[3] * 0x100 + at[4];
        loop assigns i, len, at[1 .. num_octets];
        loop variant i;
    */
    for (size_t i = num_octets; i > 0; i--) {
        at[i] = (uint8_t)(len % 0x100);
        len /= 0x100;
    }
}

/* An identifier octet and length octets in their shortest form (X.690 10.1). */
/*@ requires der_writer_ok(w);
    assigns DER_WRITER_STATE(w);
    ensures der_went_on{Pre, Post}(w);
    ensures der_fits(w) ==> w->buf[w->room] == (uint8_t)identifier;
    ensures der_fits(w) ==> der_length_at(w->buf + w->room + 1, len);
*/
static inline void put_header(der_writer *w, unsigned identifier, size_t len)
{
    size_t num_octets;
    uint8_t *at;

    if (len < 0x80) {
        at = grow(w, 2);
        if (at != NULL) {
            at[0] = (uint8_t)identifier;
            at[1] = (uint8_t)len;
            /*@ assert at == w->buf + w->room && der_length_at(at + 1, len); */
        }
        return;
    }
    if (len > 0xffffffffu) {
        w->too_long = 1;
        return;
    }
    num_octets = len < 0x100 ? 1 : len < 0x10000 ? 2 : len < 0x1000000 ? 3 : 4;
    at = grow(w, 2 + num_octets);
    if (at != NULL) {
        at[0] = (uint8_t)identifier;
        put_long_length(at + 1, len, num_octets);
        /*@ assert at == w->buf + w->room && der_length_at(at + 1, len); */
    }
}

/* The identifier octet (X.690 8.1.2) of a tag in asn1c's form; no number here is above 30. */
/*@ assigns \nothing; */
static inline unsigned identifier_of_tag(ber_tlv_tag_t tag)
{
    return tag % 4 * 0x40 + tag / 4;
}

/*@ requires der_tag_ok(type);
    assigns \nothing;
*/
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
/*@ requires der_writer_ok(w) && der_source(w, contents.data, contents.len);
    assigns DER_WRITER_STATE(w);
    ensures der_went_on{Pre, Post}(w);
    ensures \result == 0 ==> der_count(w) == \old(der_count(w));
*/
static inline int put_short(der_writer *w, unsigned identifier, spnego_bytes contents)
{
    uint8_t *at;

    if (contents.len >= 0x80 || contents.len + 2 > w->room)
        return 0;
    w->room -= contents.len + 2;
    at = w->buf + w->room;
    at[0] = (uint8_t)identifier;
    at[1] = (uint8_t)contents.len;
    bytes_copy(at + 2, contents);
    return 1;
}

/* The same under an explicit tag, whose length has one octet too. */
/*@ requires der_writer_ok(w) && der_source(w, contents.data, contents.len);
    assigns DER_WRITER_STATE(w);
    ensures der_went_on{Pre, Post}(w);
    ensures \result == 0 ==> der_count(w) == \old(der_count(w));
*/
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
    bytes_copy(at + 4, contents);
    return 1;
}

/* An element of any length. */
/*@ requires der_writer_ok(w) && der_source(w, contents.data, contents.len);
    assigns DER_WRITER_STATE(w);
    ensures der_went_on{Pre, Post}(w);
*/
static inline void put_element(der_writer *w, unsigned identifier, spnego_bytes contents)
{
    if (put_short(w, identifier, contents))
        return;
    put_octets(w, contents);
    put_header(w, identifier, contents.len);
}

/*@ requires der_writer_ok(w) && der_source(w, contents.data, contents.len);
    assigns DER_WRITER_STATE(w);
    ensures der_went_on{Pre, Post}(w);
*/
static inline void put_tagged_element(der_writer *w, unsigned tag, unsigned identifier,
                                      spnego_bytes contents)
{
    const size_t mark = der_written(w);

    if (put_short_tagged(w, tag, identifier, contents))
        return;
    put_octets(w, contents);
    put_header(w, identifier, contents.len);
    put_header(w, tag, der_written(w) - mark);
}

/* What `member` holds; 0 if that is absent and may not be. */
/*@ requires der_writer_ok(w) && \valid_read(member) && der_tag_ok(member->type);
    requires der_may_source(w, contents);
    assigns DER_WRITER_STATE(w);
    ensures der_went_on{Pre, Post}(w);
*/
static inline int put_member(der_writer *w, const asn_TYPE_member_t *member, spnego_bytes contents)
{
    unsigned identifier;

    if (contents.data == NULL)
        return member->optional != 0;
    identifier = identifier_of_type(member->type);
    if (member->tag_mode > 0)
        put_tagged_element(w, identifier_of_tag(member->tag) | 0x20u, identifier, contents);
    else
        put_element(w, identifier, contents);
    return 1;
}

int der_write_members(der_writer *w, const asn_TYPE_descriptor_t *type,
                      const spnego_bytes *contents, size_t first, size_t end)
{
    size_t i = end;

    /*@ loop invariant first <= i <= end && der_went_on{Pre, Here}(w);
        loop invariant der_sources(w, contents, first, i);
        loop assigns i, DER_WRITER_STATE(w);
        loop variant i;
    */
    while (i > first) {
        i--;
        if (!put_member(w, &type->elements[i], contents[i]))
            return 0;
    }
    return 1;
}

void der_write_list(der_writer *w, const asn_TYPE_descriptor_t *type, const spnego_bytes *contents,
                    size_t num)
{
    const unsigned identifier = identifier_of_type(type->elements[0].type);
    size_t i = num;

    /*@ loop invariant 0 <= i <= num && der_went_on{Pre, Here}(w);
        loop invariant der_sources(w, contents, 0, i);
        loop assigns i, DER_WRITER_STATE(w);
        loop variant i;
    */
    while (i > 0) {
        i--;
        put_element(w, identifier, contents[i]);
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
    bytes_zero(w->buf, w->buf_len);
    if (w->too_long)
        return SPNEGO_RULE_DER_LENGTH_TOO_LONG;
    out->len = der_written(w);
    return SPNEGO_RULE_ENCODE_BUFFER_TOO_SMALL;
}
