/*
 * der/writer.h - canonical DER, written from its last octet to its first.
 *
 * That way the length of an element is known when its header is written, and one pass is enough.
 * The writer counts on where the buffer has no more room, so that the length that is needed is
 * known in the end.  Which tags, in which order, and what may be absent is read from the tables in
 * generated/.
 */
#ifndef SPNEGO_DER_WRITER_H
#define SPNEGO_DER_WRITER_H

#include <spnego/rules.h>

#include "base/bytes.h"

struct asn_TYPE_descriptor_s;

typedef struct der_writer {
    uint8_t *buf;
    size_t buf_len;
    size_t room;    /* octets of buf that are still free, all at its beginning */
    size_t missing; /* octets that had no place; then room is 0 */
    int too_long;   /* an element has more octets than four length octets can say */
} der_writer;

/* der_written returns how many octets were written so far, also where they had no place. */
static inline size_t der_written(const der_writer *w)
{
    return w->buf_len - w->room + w->missing;
}

/* der_writer_init starts writing at the end of buf. */
static inline void der_writer_init(der_writer *w, uint8_t *buf, size_t buf_len)
{
    w->buf = buf;
    w->buf_len = buf_len;
    w->room = buf_len;
    w->missing = 0;
    w->too_long = 0;
}

/* der_write_octets puts `contents` before what was written. */
void der_write_octets(der_writer *w, spnego_bytes contents);

/* der_write_header puts tag and length before the contents that were written since `mark`, which
 * is what der_written was before them.  `type` has one tag, and is constructed if it has members.
 */
void der_write_header(der_writer *w, const struct asn_TYPE_descriptor_s *type, size_t mark);

/* der_write_tagged puts the explicit tag of member `member` of `type` around what was written
 * since `mark`. */
void der_write_tagged(der_writer *w, const struct asn_TYPE_descriptor_s *type, size_t member,
                      size_t mark);

/* der_write_members puts the members `first` to `end` - 1 of `type`, a SEQUENCE or CHOICE, before
 * what was written.  contents[i] is what member i holds, inside its type's header; absent members
 * are left out.  Returns 0 if one is absent that may not be, 1 otherwise. */
int der_write_members(der_writer *w, const struct asn_TYPE_descriptor_s *type,
                      const spnego_bytes *contents, size_t first, size_t end);

/* der_write_list puts the contents of a SEQUENCE OF, `num` elements of the type that `type` lists,
 * before what was written. */
void der_write_list(der_writer *w, const struct asn_TYPE_descriptor_s *type,
                    const spnego_bytes *contents, size_t num);

/* der_writer_finish puts what was written into *out.  If it did not fit, *out is absent with the
 * length needed in out->len, and buf is zero-filled. */
spnego_rule der_writer_finish(der_writer *w, spnego_bytes *out);

#endif /* SPNEGO_DER_WRITER_H */
