/*
 * der/reader.h - a strict DER cursor over octets that the peer chose.
 *
 * A token is read in three layers; each hands up views of the input and copies nothing:
 *   1 der_reader       tags and lengths, strict X.690        this file
 *   2 gss_frame        the InitialContextToken around it     token/gss_frame.c
 *   3 neg_token_*      which field where, how often, in what order
 *
 * One reader serves a whole token.  Entering an element narrows `end` to the element's contents;
 * leaving it checks that nothing is left over and widens `end` again:
 *
 *     size_t outer = r->end;
 *     if ((rule = der_enter(r, DER_SEQUENCE)) != SPNEGO_RULE_NONE) return rule;
 *     ...
 *     return der_leave(r, outer);
 *
 * Positions are offsets from the first octet of the input, so that a finding needs no arithmetic.
 * The first refusal ends the reading; it is kept in `fault`.
 */
#ifndef SPNEGO_DER_READER_H
#define SPNEGO_DER_READER_H

#include <spnego/token.h>

#include "base/bytes.h"
#include "der/oid.h"

/* Identifier octets, X.690 8.1.2. */
enum {
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_OBJECT_IDENTIFIER = 0x06,
    DER_ENUMERATED = 0x0a,
    DER_GENERAL_STRING = 0x1b,
    DER_CONSTRUCTED = 0x20,
    DER_SEQUENCE = 0x30,
    DER_APPLICATION_0 = 0x60,
    DER_CONTEXT_0 = 0xa0
};

typedef struct der_reader {
    const uint8_t *data;
    size_t len;
    uint32_t tolerate;
    int clamp;             /* read on where the input is cut short, to show what there is */
    spnego_report *report; /* where findings and spans are collected, or NULL */

    size_t pos;           /* the next octet to read */
    size_t end;           /* the end of the element being read */
    spnego_field field;   /* being read; findings are about it */
    int outermost;        /* nothing was entered yet: running out means the input is cut short */
    int clamped;          /* it was */
    uint32_t tolerated;   /* tolerances that were needed */
    unsigned seen;        /* fields of the message so far: bit n for [n], see token/fields.h */
    size_t unknown_len;   /* octets of unknown fields, the last of which ends at pos */
    spnego_finding fault; /* the rule that ended the reading */
} der_reader;

/* What reading changes; the rest of a reader stays as der_reader_init made it.  For the proof. */
#define DER_READER_STATE(r) \
    (r)->pos, (r)->end, (r)->field, (r)->outermost, (r)->clamped, (r)->tolerated, (r)->fault, \
        *(r)->report

/*@ predicate der_reader_ok(der_reader *r) =
      \valid(r) && r->pos <= r->end <= r->len && readable(r->data, r->len) &&
      0 <= r->field < SPNEGO_NUM_FIELDS &&
      (r->report == \null || \valid(r->report)) && \separated(r, r->report) &&
      (r->len == 0 || \separated(r->report, r->data + (0 .. r->len - 1))) &&
      (r->len == 0 || \separated(r, r->data + (0 .. r->len - 1)));
*/

/* der_reader_init starts reading `in` from its first octet.  report may be NULL. */
/*@ requires \valid(r) && readable(in.data, in.len);
    requires (report == \null || \valid(report)) && \separated(r, report);
    requires in.len == 0 || \separated(report, in.data + (0 .. in.len - 1));
    requires in.len == 0 || \separated(r, in.data + (0 .. in.len - 1));
    assigns *r;
    ensures der_reader_ok(r);
    ensures r->data == in.data && r->len == in.len && r->pos == 0 && r->end == in.len;
    ensures r->report == report && r->unknown_len == 0;
*/
void der_reader_init(der_reader *r, spnego_bytes in, uint32_t tolerate, spnego_report *report);

/* der_note records a finding that does not end the reading. */
/*@ requires der_reader_ok(r);
    assigns *r->report;
    ensures der_reader_ok(r);
*/
void der_note(der_reader *r, spnego_rule rule, size_t offset, size_t len);

/* der_refuse records the finding that ends the reading, and returns its rule. */
/*@ requires der_reader_ok(r);
    requires rule != SPNEGO_RULE_NONE;
    assigns r->fault, *r->report;
    ensures der_reader_ok(r);
    ensures \result != SPNEGO_RULE_NONE;
*/
spnego_rule der_refuse(der_reader *r, spnego_rule rule, size_t offset, size_t len);

/* der_allow is der_note, setting `bit` in r->tolerated, if the reader tolerates `bit`, and
 * der_refuse if not. */
/*@ requires der_reader_ok(r);
    requires rule != SPNEGO_RULE_NONE;
    assigns r->fault, r->tolerated, *r->report;
    ensures der_reader_ok(r);
*/
spnego_rule der_allow(der_reader *r, uint32_t bit, spnego_rule rule, size_t offset, size_t len);

/* der_enter_slowly is der_enter for all that is not a plain element with a one-octet length. */
/*@ requires der_reader_ok(r);
    assigns DER_READER_STATE(r);
    ensures der_reader_ok(r);
    ensures \result == SPNEGO_RULE_NONE ==> \old(r->pos) + 2 <= r->pos && r->end <= \old(r->end);
    ensures \result != SPNEGO_RULE_NONE ==> r->pos == \old(r->pos) && r->end == \old(r->end);
*/
spnego_rule der_enter_slowly(der_reader *r, uint8_t tag);

/* der_leave_surplus refuses what is left in the element. */
/*@ requires der_reader_ok(r) && r->pos < r->end;
    assigns r->fault, *r->report;
    ensures der_reader_ok(r);
    ensures \result != SPNEGO_RULE_NONE;
*/
spnego_rule der_leave_surplus(der_reader *r);

/* der_skip moves over one well-formed element of any tag, high-tag-number form included
 * (X.690 8.1.2.4). */
/*@ requires der_reader_ok(r) && r->pos < r->end;
    assigns DER_READER_STATE(r);
    ensures der_reader_ok(r);
    ensures \result == SPNEGO_RULE_NONE ==> r->pos > \old(r->pos);
    ensures r->end == \old(r->end);
*/
spnego_rule der_skip(der_reader *r);

/* der_refuse_oid refuses the OBJECT IDENTIFIER contents data[offset .. offset + len - 1], in which
 * oid_fault found a fault at `fault`, or which are empty. */
/*@ requires der_reader_ok(r) && offset <= r->len && len <= r->len - offset;
    requires len == 0 || fault < len;
    assigns r->fault, *r->report;
    ensures der_reader_ok(r);
*/
spnego_rule der_refuse_oid(der_reader *r, size_t offset, size_t len, size_t fault);

/* der_enter moves to the contents of the element that must begin here with `tag`, and narrows
 * r->end to them.  On refusal r->pos and r->end stay. */
/*@ requires der_reader_ok(r);
    assigns DER_READER_STATE(r);
    ensures der_reader_ok(r);
    ensures \result == SPNEGO_RULE_NONE ==> \old(r->pos) + 2 <= r->pos && r->end <= \old(r->end);
    ensures \result != SPNEGO_RULE_NONE ==> r->pos == \old(r->pos) && r->end == \old(r->end);
*/
static inline spnego_rule der_enter(der_reader *r, uint8_t tag)
{
    const uint8_t *p = r->data + r->pos;
    const size_t left = r->end - r->pos;
    size_t header, len;

    /* What an ordinary token has, in the fewest steps; whatever is odd is looked at elsewhere. */
    if (left < 2 || p[0] != tag) {
        return der_enter_slowly(r, tag);
    } else if (p[1] < 0x80) {
        header = 2;
        len = p[1];
    } else if (left < 4) {
        return der_enter_slowly(r, tag);
    } else if (p[1] == 0x82 && p[2] != 0) {
        header = 4;
        len = (size_t)p[2] * 0x100 + p[3];
    } else if (p[1] == 0x81 && p[2] >= 0x80) {
        header = 3;
        len = p[2];
    } else if (p[1] == 0x83 && p[2] != 0 && left >= 5) {
        header = 5;
        len = (size_t)p[2] * 0x10000 + (size_t)p[3] * 0x100 + p[4];
    } else {
        return der_enter_slowly(r, tag);
    }
    if (len > left - header)
        return der_enter_slowly(r, tag);
    r->pos += header;
    r->end = r->pos + len;
    return SPNEGO_RULE_NONE;
}

/* der_leave ends the element that der_enter began: nothing may be left in it.  `outer` is what
 * r->end was before. */
/*@ requires der_reader_ok(r) && r->end <= outer <= r->len;
    assigns DER_READER_STATE(r);
    ensures der_reader_ok(r);
    ensures r->pos == \old(r->pos);
    ensures \result == SPNEGO_RULE_NONE ==> r->end == outer;
*/
static inline spnego_rule der_leave(der_reader *r, size_t outer)
{
    if (r->pos != r->end)
        return der_leave_surplus(r);
    r->end = outer;
    return SPNEGO_RULE_NONE;
}

/* der_contents takes all that is left of the element being read as a view, and moves past it. */
/*@ requires der_reader_ok(r);
    assigns r->pos;
    ensures der_reader_ok(r) && r->pos == r->end;
    ensures \result.data == r->data + \old(r->pos) && \result.len == r->end - \old(r->pos);
    ensures readable(\result.data, \result.len);
*/
static inline spnego_bytes der_contents(der_reader *r)
{
    spnego_bytes contents = {r->data + r->pos, r->end - r->pos};
    r->pos = r->end;
    return contents;
}

/* der_check_oid checks the contents of an OBJECT IDENTIFIER, data[offset .. offset + len - 1]. */
/*@ requires der_reader_ok(r) && offset <= r->len && len <= r->len - offset;
    assigns r->fault, *r->report;
    ensures der_reader_ok(r);
*/
static inline spnego_rule der_check_oid(der_reader *r, size_t offset, size_t len)
{
    const spnego_bytes oid = {r->data + offset, len};
    const size_t fault = oid_fault(oid);

    if (len == 0 || fault != len)
        return der_refuse_oid(r, offset, len, fault);
    return SPNEGO_RULE_NONE;
}

/* der_mark tells the report, if there is one, that `field` lies from `start` to here. */
/*@ requires der_reader_ok(r) && start <= r->pos && 0 <= field < SPNEGO_NUM_FIELDS;
    assigns r->report->spans[field];
    ensures der_reader_ok(r);
*/
static inline void der_mark(der_reader *r, spnego_field field, size_t start)
{
    if (r->report != NULL) {
        r->report->spans[field].offset = start;
        r->report->spans[field].len = r->pos - start;
    }
}

/* der_mark_rest tells the report that `field` begins here and may fill what is left: what stands
 * if the reading ends inside it. */
/*@ requires der_reader_ok(r) && 0 <= field < SPNEGO_NUM_FIELDS;
    assigns r->report->spans[field];
    ensures der_reader_ok(r);
*/
static inline void der_mark_rest(der_reader *r, spnego_field field)
{
    if (r->report != NULL) {
        r->report->spans[field].offset = r->pos;
        r->report->spans[field].len = r->end - r->pos;
    }
}

#endif /* SPNEGO_DER_READER_H */
