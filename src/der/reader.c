/* The parts of the cursor that an ordinary token does not need: refusals, long lengths, tags that
 * nobody knows. */
#include "der/reader.h"

void der_reader_init(der_reader *r, spnego_bytes in, uint32_t tolerate, spnego_report *report)
{
    r->data = in.data;
    r->len = in.len;
    r->pos = 0;
    r->end = in.len;
    r->tolerate = tolerate;
    r->tolerated = 0;
    r->field = SPNEGO_FIELD_NONE;
    r->outermost = 1;
    r->clamp = 0;
    r->clamped = 0;
    r->seen = 0;
    r->unknown_len = 0;
    r->fault.rule = SPNEGO_RULE_NONE;
    r->fault.field = SPNEGO_FIELD_NONE;
    r->fault.offset = 0;
    r->fault.len = 0;
    r->report = report;
}

void der_note(der_reader *r, spnego_rule rule, size_t offset, size_t len)
{
    spnego_report *report = r->report;
    spnego_finding *finding;

    if (report == NULL)
        return;
    if (report->num_findings < SPNEGO_MAX_FINDINGS) {
        finding = &report->findings[report->num_findings];
        finding->rule = rule;
        finding->field = r->field;
        finding->offset = offset;
        finding->len = len;
    }
    if (report->num_findings < SIZE_MAX)
        report->num_findings++;
}

/* Whether data[offset .. offset + len - 1] reaches the place where the input was cut short.  That
 * it was cut has been reported; whatever else seems wrong there is about octets that are missing.
 */
/*@ requires \valid_read(r);
    assigns \nothing;
*/
static int at_the_cut(const der_reader *r, size_t offset, size_t len)
{
    return r->clamped && (offset >= r->len || len >= r->len - offset);
}

spnego_rule der_refuse(der_reader *r, spnego_rule rule, size_t offset, size_t len)
{
    if (at_the_cut(r, offset, len))
        return SPNEGO_RULE_DER_TRUNCATED;
    r->fault.rule = rule;
    r->fault.field = r->field;
    r->fault.offset = offset;
    r->fault.len = len;
    der_note(r, rule, offset, len);
    return rule;
}

spnego_rule der_allow(der_reader *r, uint32_t bit, spnego_rule rule, size_t offset, size_t len)
{
    if ((r->tolerate & bit) == 0)
        return der_refuse(r, rule, offset, len);
    if (at_the_cut(r, offset, len))
        return SPNEGO_RULE_NONE;
    r->tolerated |= bit;
    der_note(r, rule, offset, len);
    return SPNEGO_RULE_NONE;
}

/* The rule for an input or element that ends too early. */
/*@ requires \valid_read(r);
    assigns \nothing;
    ensures \result == SPNEGO_RULE_DER_TRUNCATED || \result == SPNEGO_RULE_DER_LENGTH_OUTSIDE;
*/
static spnego_rule rule_for_end(const der_reader *r)
{
    return r->outermost ? SPNEGO_RULE_DER_TRUNCATED : SPNEGO_RULE_DER_LENGTH_OUTSIDE;
}

/* Reads the length octets data[at .. at + num_octets - 1] of the long form, whose first octet is
 * before them (X.690 8.1.3.5). */
/*@ requires der_reader_ok(r) && 1 <= at <= r->end && 1 <= num_octets <= 4;
    requires num_octets <= r->end - at;
    requires \valid(out_len) && \separated(out_len, r, r->report);
    requires r->len == 0 || \separated(out_len, r->data + (0 .. r->len - 1));
    assigns r->fault, r->tolerated, *r->report, *out_len;
    ensures der_reader_ok(r);
*/
static spnego_rule read_long_length(der_reader *r, size_t *out_len, size_t at, size_t num_octets,
                                    int is_oid)
{
    size_t len = 0;

    /*@ loop invariant 0 <= i <= num_octets;
        loop invariant i == 0 ==> len == 0;
        loop invariant i == 1 ==> len <= 0xff;
        loop invariant i == 2 ==> len <= 0xffff;
        loop invariant i == 3 ==> len <= 0xffffff;
        loop invariant i == 4 ==> len <= 0xffffffff;
        loop assigns i, len;
        loop variant num_octets - i;
    */
    for (size_t i = 0; i < num_octets; i++)
        len = len * 0x100 + r->data[at + i];
    *out_len = len;
    /* X.690 10.1: the long form only from 128 on, and without leading zero octets. */
    if (len >= 0x80 && r->data[at] != 0)
        return SPNEGO_RULE_NONE;
    if (is_oid)
        return der_allow(r, SPNEGO_TOLERATE_LONG_OID_LENGTH, SPNEGO_RULE_OID_LENGTH_NOT_MINIMAL,
                         at - 1, num_octets + 1);
    return der_allow(r, SPNEGO_TOLERATE_LONG_LENGTH, SPNEGO_RULE_DER_LENGTH_NOT_MINIMAL, at - 1,
                     num_octets + 1);
}

/* Enters the element whose header ends at `at` and whose contents have `len` octets, or as many of
 * them as there are where the input is cut short. */
/*@ requires der_reader_ok(r) && length_at <= at <= r->end;
    assigns DER_READER_STATE(r);
    ensures der_reader_ok(r);
    ensures \result == SPNEGO_RULE_NONE ==> r->pos == at && r->end <= \old(r->end);
    ensures \result != SPNEGO_RULE_NONE ==> r->pos == \old(r->pos) && r->end == \old(r->end);
*/
static spnego_rule enter_contents(der_reader *r, size_t length_at, size_t at, size_t len)
{
    spnego_rule rule;

    if (len > r->end - at) {
        if (!r->clamped) {
            rule = der_refuse(r, rule_for_end(r), length_at, at - length_at);
            if (!r->clamp || !r->outermost)
                return rule;
            r->clamped = 1;
        }
        len = r->end - at;
    }
    r->pos = at;
    r->end = at + len;
    return SPNEGO_RULE_NONE;
}

/* Enters the element whose identifier octets end at `at`, where its length octets begin. */
/*@ requires der_reader_ok(r) && r->pos < at <= r->end;
    assigns DER_READER_STATE(r);
    ensures der_reader_ok(r);
    ensures \result == SPNEGO_RULE_NONE ==> at < r->pos && r->end <= \old(r->end);
    ensures \result != SPNEGO_RULE_NONE ==> r->pos == \old(r->pos) && r->end == \old(r->end);
*/
static spnego_rule enter_length(der_reader *r, size_t at, int is_oid)
{
    size_t len, num_octets;
    spnego_rule rule;
    uint8_t first;

    if (at == r->end)
        return der_refuse(r, rule_for_end(r), at, 0);
    first = r->data[at];
    if (first < 0x80)
        return enter_contents(r, at, at + 1, first);
    if (first == 0x80)
        return der_refuse(r, SPNEGO_RULE_DER_LENGTH_INDEFINITE, at, 1);
    if (first == 0xff)
        return der_refuse(r, SPNEGO_RULE_DER_LENGTH_RESERVED, at, 1);
    num_octets = (size_t)first - 0x80;
    if (num_octets > 4)
        return der_refuse(r, SPNEGO_RULE_DER_LENGTH_TOO_LONG, at, 1);
    if (num_octets > r->end - at - 1)
        return der_refuse(r, rule_for_end(r), r->end, 0);
    rule = read_long_length(r, &len, at + 1, num_octets, is_oid);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    return enter_contents(r, at, at + 1 + num_octets, len);
}

spnego_rule der_enter_slowly(der_reader *r, uint8_t tag)
{
    uint8_t found;

    if (r->pos == r->end)
        return der_refuse(
            r, r->outermost ? SPNEGO_RULE_DER_TRUNCATED : SPNEGO_RULE_DER_ELEMENT_MISSING, r->pos,
            0);
    found = r->data[r->pos];
    if (found != tag)
        return der_refuse(r,
                          found == (tag | DER_CONSTRUCTED) ? SPNEGO_RULE_DER_STRING_CONSTRUCTED
                                                           : SPNEGO_RULE_DER_TAG_UNEXPECTED,
                          r->pos, 1);
    return enter_length(r, r->pos + 1, tag == DER_OBJECT_IDENTIFIER);
}

spnego_rule der_leave_surplus(der_reader *r)
{
    return der_refuse(r, SPNEGO_RULE_DER_SURPLUS_INSIDE, r->pos, r->end - r->pos);
}

spnego_rule der_skip(der_reader *r)
{
    const size_t start = r->pos, outer = r->end;
    size_t at = start + 1;
    spnego_rule rule;

    /* Tag 0 is the end-of-contents mark of indefinite lengths (X.690 8.1.5). */
    if ((r->data[start] & ~DER_CONSTRUCTED) == 0)
        return der_refuse(r, SPNEGO_RULE_DER_TAG_MALFORMED, start, 1);
    if ((r->data[start] & 0x1f) == 0x1f) {
        /* X.690 8.1.2.4: base 128, no leading 80, and only for numbers from 31 on. */
        /*@ loop invariant start < at <= outer;
            loop assigns at;
            loop variant outer - at;
        */
        while (at < outer && (r->data[at] & 0x80) != 0)
            at++;
        if (at == outer)
            return der_refuse(r, SPNEGO_RULE_DER_LENGTH_OUTSIDE, at, 0);
        at++;
        if (r->data[start + 1] == 0x80 || r->data[start + 1] < 0x1f)
            return der_refuse(r, SPNEGO_RULE_DER_TAG_MALFORMED, start, at - start);
    }
    rule = enter_length(r, at, 0);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    r->pos = r->end;
    r->end = outer;
    return SPNEGO_RULE_NONE;
}

spnego_rule der_refuse_oid(der_reader *r, size_t offset, size_t len, size_t fault)
{
    const spnego_bytes oid = {r->data + offset, len};

    return der_refuse(r, oid_fault_rule(oid, fault), offset + fault, len == 0 ? 0 : 1);
}
