#include "token/fields.h"

spnego_rule fields_begin_late(der_reader *r, unsigned n)
{
    spnego_rule rule;

    if ((r->seen >> n & 1u) != 0)
        return der_refuse(r, SPNEGO_RULE_FIELD_REPEATED, r->pos, 1);
    /* RFC 4178 section 6 adds fields at the end only, so nothing known follows an unknown one:
     * not even a reader that takes any order can say what is meant. */
    if ((r->seen & FIELDS_UNKNOWN) != 0)
        return der_refuse(r, SPNEGO_RULE_FIELD_OUT_OF_ORDER, r->pos, 1);
    rule = der_allow(r, SPNEGO_TOLERATE_FIELD_ORDER, SPNEGO_RULE_FIELD_OUT_OF_ORDER, r->pos, 1);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    r->seen |= 1u << n;
    return der_enter(r, (uint8_t)(DER_CONTEXT_0 + n));
}

spnego_rule fields_skip_unknown(der_reader *r)
{
    const size_t start = r->pos;
    spnego_rule rule;

    r->field = SPNEGO_FIELD_UNKNOWN;
    rule = der_skip(r);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    der_note(r, SPNEGO_RULE_FIELD_UNKNOWN, start, r->pos - start);
    der_mark(r, SPNEGO_FIELD_UNKNOWN, start - r->unknown_len);
    r->unknown_len += r->pos - start;
    r->seen |= FIELDS_UNKNOWN;
    return SPNEGO_RULE_NONE;
}
