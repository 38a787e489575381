/*
 * token/fields.h - what the three messages have in common: fields under [0] to [4], each at most
 * once and in this order, then fields that nobody knows (RFC 4178 4.2, section 6).
 */
#ifndef SPNEGO_TOKEN_FIELDS_H
#define SPNEGO_TOKEN_FIELDS_H

#include "der/reader.h"

/* In der_reader.seen: a field of no known tag was seen. */
#define FIELDS_UNKNOWN 0x100u

/* fields_begin_late is fields_begin for a field that comes after its like or its successors. */
/*@ requires der_reader_ok(r) && n <= 4 && r->pos < r->end;
    assigns DER_READER_STATE(r), r->seen;
    ensures der_reader_ok(r);
    ensures \result == SPNEGO_RULE_NONE ==> \old(r->pos) + 2 <= r->pos && r->end <= \old(r->end);
*/
spnego_rule fields_begin_late(der_reader *r, unsigned n);

/* fields_skip_unknown moves over a field that is not in the schema, reports it, and counts its
 * octets: RFC 4178 section 6 has it ignored. */
/*@ requires der_reader_ok(r) && r->pos < r->end && r->unknown_len <= r->pos;
    assigns DER_READER_STATE(r), r->seen, r->unknown_len;
    ensures der_reader_ok(r) && r->end == \old(r->end);
    ensures \result == SPNEGO_RULE_NONE ==> \old(r->pos) < r->pos && r->unknown_len <= r->pos;
*/
spnego_rule fields_skip_unknown(der_reader *r);

/* fields_begin checks that the known field [n] may stand here, and enters its [n]. */
/*@ requires der_reader_ok(r) && n <= 4 && r->pos < r->end;
    assigns DER_READER_STATE(r), r->seen;
    ensures der_reader_ok(r);
    ensures \result == SPNEGO_RULE_NONE ==> \old(r->pos) + 2 <= r->pos && r->end <= \old(r->end);
*/
static inline spnego_rule fields_begin(der_reader *r, unsigned n)
{
    if (r->seen >> n != 0)
        return fields_begin_late(r, n);
    r->seen |= 1u << n;
    return der_enter(r, (uint8_t)(DER_CONTEXT_0 + n));
}

/* fields_read reads the one element of `tag` that fills the [n] that was entered, and puts its
 * contents into *out; then it leaves the [n], which began at `start`, for the element around it,
 * which ends at `outer`. */
/*@ requires der_reader_ok(r) && \valid(out) && \separated(out, r, r->report);
    requires r->len == 0 || \separated(out, r->data + (0 .. r->len - 1));
    requires start <= r->pos && r->end <= outer <= r->len;
    assigns DER_READER_STATE(r), *out;
    ensures der_reader_ok(r);
    ensures \result == SPNEGO_RULE_NONE ==> \old(r->pos) < r->pos && r->end == outer;
    ensures \result == SPNEGO_RULE_NONE ==> readable(out->data, out->len) && out->len <= r->pos;
*/
static inline spnego_rule fields_read(der_reader *r, spnego_bytes *out, uint8_t tag, size_t start,
                                      size_t outer)
{
    const size_t inner = r->end;
    spnego_rule rule;

    rule = der_enter(r, tag);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    *out = der_contents(r);
    r->end = inner;
    der_mark(r, r->field, start);
    return der_leave(r, outer);
}

#endif /* SPNEGO_TOKEN_FIELDS_H */
