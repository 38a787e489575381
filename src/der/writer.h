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

#include "asn_application.h"
#include "base/bytes.h"

typedef struct der_writer {
    uint8_t *buf;
    size_t buf_len;
    size_t room;       /* octets of buf that are still free, all at its beginning */
    size_t missing;    /* octets that had no place; then room is 0 */
    unsigned too_long; /* an element has more octets than four length octets can say */
} der_writer;

/* What writing changes: of buf only what is still free.  For the proof. */
#define DER_WRITER_STATE(w) \
    (w)->room, (w)->missing, (w)->too_long, (w)->buf[0.. \at((w)->room, Pre) - 1]

/*@ predicate der_writer_ok(der_writer *w) =
      \valid(w) && w->room <= w->buf_len && (w->missing == 0 || w->room == 0) &&
      w->missing <= SIZE_MAX - w->buf_len && writable(w->buf, w->buf_len) &&
      (w->buf_len == 0 || \separated(w, w->buf + (0 .. w->buf_len - 1)));
    logic integer der_count(der_writer *w) = w->buf_len - w->room + w->missing;
    predicate der_fits(der_writer *w) = w->missing == 0 && w->too_long == 0;
    predicate der_went_on{Before, Now}(der_writer *w) =
      \at(der_writer_ok(w), Now) && \at(w->room, Now) <= \at(w->room, Before) &&
      \at(der_count(w), Before) <= \at(der_count(w), Now) &&
      (\at(der_fits(w), Now) ==> \at(der_fits(w), Before));
    predicate der_wrote{Before, Now}(der_writer *w, integer num) =
      der_went_on{Before, Now}(w) &&
      (\at(w->too_long, Now) == 0 ==>
       \at(der_count(w), Now) == \at(der_count(w), Before) + num);

    // What may be written: octets that lie apart from the writer and its buffer.
    predicate der_source(der_writer *w, uint8_t *data, integer len) =
      data != \null && readable(data, len) &&
      (len == 0 || w->buf_len == 0 ||
       \separated(w->buf + (0 .. w->buf_len - 1), data + (0 .. len - 1))) &&
      (len == 0 || \separated(w, data + (0 .. len - 1)));

    predicate der_may_source(der_writer *w, spnego_bytes contents) =
      contents.data == \null || der_source(w, contents.data, contents.len);
    predicate der_sources(der_writer *w, spnego_bytes *contents, integer first, integer end) =
      \forall integer i; first <= i < end ==>
        \valid_read(contents + i) && \separated(w, contents + i) &&
        (w->buf_len == 0 || \separated(w->buf + (0 .. w->buf_len - 1), contents + i)) &&
        der_may_source(w, contents[i]);

    // Length octets in their shortest form, X.690 10.1.
    predicate der_length_at(uint8_t *at, integer len) =
      len < 0x80 ? at[0] == len
      : len < 0x100 ? at[0] == 0x81 && at[1] == len
      : len < 0x10000 ? at[0] == 0x82 && at[1] * 0x100 + at[2] == len
      : len < 0x1000000 ? at[0] == 0x83 && at[1] * 0x10000 + at[2] * 0x100 + at[3] == len
      : at[0] == 0x84 &&
        at[1] * 0x1000000 + at[2] * 0x10000 + at[3] * 0x100 + at[4] == len;

    // A table of asn1c's: constant, so that nothing that is written lies in it.
    predicate der_tag_ok(asn_TYPE_descriptor_t *type) =
      \valid_read(type) && !\valid(type) && \valid_read(type->tags) && !\valid(type->tags);
    predicate der_members_ok(asn_TYPE_descriptor_t *type, integer num) =
      \valid_read(type) && !\valid(type) && num <= type->elements_count &&
      \forall integer i; 0 <= i < num ==>
        \valid_read(type->elements + i) && !\valid(type->elements + i) &&
        der_tag_ok(type->elements[i].type);
*/

/* der_written returns how many octets were written so far, also where they had no place. */
/*@ requires der_writer_ok(w);
    assigns \nothing;
    ensures \result == der_count(w);
*/
static inline size_t der_written(const der_writer *w)
{
    return w->buf_len - w->room + w->missing;
}

/* der_writer_init starts writing at the end of buf. */
/*@ requires \valid(w) && writable(buf, buf_len);
    requires buf_len == 0 || \separated(w, buf + (0 .. buf_len - 1));
    assigns *w;
    ensures der_writer_ok(w) && der_fits(w) && der_count(w) == 0;
    ensures w->buf == buf && w->buf_len == buf_len && w->room == buf_len;
*/
static inline void der_writer_init(der_writer *w, uint8_t *buf, size_t buf_len)
{
    w->buf = buf;
    w->buf_len = buf_len;
    w->room = buf_len;
    w->missing = 0;
    w->too_long = 0;
}

/* der_write_octets puts `contents` before what was written. */
/*@ requires der_writer_ok(w) && der_source(w, contents.data, contents.len);
    assigns DER_WRITER_STATE(w);
    ensures der_wrote{Pre, Post}(w, contents.len);
    ensures der_fits(w) ==>
            \forall integer i; 0 <= i < contents.len ==> w->buf[w->room + i] == contents.data[i];
*/
void der_write_octets(der_writer *w, spnego_bytes contents);

/* der_write_header puts tag and length before the contents that were written since `mark`, which
 * is what der_written was before them.  `type` has one tag, and is constructed if it has members.
 */
/*@ requires der_writer_ok(w) && mark <= der_count(w) && der_tag_ok(type);
    assigns DER_WRITER_STATE(w);
    ensures der_went_on{Pre, Post}(w);
    ensures der_fits(w) ==> der_length_at(w->buf + w->room + 1, der_count{Pre}(w) - mark);
*/
void der_write_header(der_writer *w, const struct asn_TYPE_descriptor_s *type, size_t mark);

/* der_write_tagged puts the explicit tag of member `member` of `type` around what was written
 * since `mark`. */
/*@ requires der_writer_ok(w) && mark <= der_count(w);
    requires der_members_ok(type, member + 1);
    assigns DER_WRITER_STATE(w);
    ensures der_went_on{Pre, Post}(w);
    ensures der_fits(w) ==> der_length_at(w->buf + w->room + 1, der_count{Pre}(w) - mark);
*/
void der_write_tagged(der_writer *w, const struct asn_TYPE_descriptor_s *type, size_t member,
                      size_t mark);

/* der_write_members puts the members `first` to `end` - 1 of `type`, a SEQUENCE or CHOICE, before
 * what was written.  contents[i] is what member i holds, inside its type's header; absent members
 * are left out.  Returns 0 if one is absent that may not be, 1 otherwise. */
/*@ requires der_writer_ok(w) && der_members_ok(type, end) && first <= end;
    requires der_sources(w, contents, first, end);
    assigns DER_WRITER_STATE(w);
    ensures der_went_on{Pre, Post}(w);
*/
int der_write_members(der_writer *w, const struct asn_TYPE_descriptor_s *type,
                      const spnego_bytes *contents, size_t first, size_t end);

/* der_write_list puts the contents of a SEQUENCE OF, `num` elements of the type that `type` lists,
 * before what was written. */
/*@ requires der_writer_ok(w) && der_members_ok(type, 1);
    requires der_sources(w, contents, 0, num);
    requires \forall integer i; 0 <= i < num ==> contents[i].data != \null;
    assigns DER_WRITER_STATE(w);
    ensures der_went_on{Pre, Post}(w);
*/
void der_write_list(der_writer *w, const struct asn_TYPE_descriptor_s *type,
                    const spnego_bytes *contents, size_t num);

/* der_writer_finish puts what was written into *out.  If it did not fit, *out is absent with the
 * length needed in out->len, and buf is zero-filled. */
/*@ requires der_writer_ok(w) && \valid(out) && \separated(out, w);
    requires w->buf_len == 0 || \separated(out, w->buf + (0 .. w->buf_len - 1));
    assigns *out, w->buf[0 .. w->buf_len - 1];
    ensures \result == SPNEGO_RULE_NONE <==> \old(der_fits(w));
    ensures \result == SPNEGO_RULE_NONE ==> out->len == \old(der_count(w)) &&
            out->len <= \old(w->buf_len) &&
            out->data == \old(w->buf) + (\old(w->buf_len) - out->len);
    ensures !\old(der_fits(w)) ==> out->data == \null &&
            out->len == (\old(w->too_long) != 0 ? 0 : \old(der_count(w)));
    ensures !\old(der_fits(w)) ==>
            \forall integer i; 0 <= i < \old(w->buf_len) ==> \old(w->buf)[i] == 0;
*/
spnego_rule der_writer_finish(der_writer *w, spnego_bytes *out);

#endif /* SPNEGO_DER_WRITER_H */
