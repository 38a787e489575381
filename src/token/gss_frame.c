#include "token/gss_frame.h"

#include "der/oid.h"
#include "token/asn1_bridge.h"

spnego_rule gss_frame_enter(der_reader *r)
{
    spnego_bytes mech;
    size_t start, inner;
    spnego_rule rule;

    r->field = SPNEGO_FIELD_FRAME;
    rule = der_enter(r, DER_APPLICATION_0);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    r->outermost = 0;
    inner = r->end;
    start = r->pos;
    r->field = SPNEGO_FIELD_THIS_MECH;
    rule = der_enter(r, DER_OBJECT_IDENTIFIER);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    rule = der_check_oid(r, r->pos, r->end - r->pos);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    mech = der_contents(r);
    r->end = inner;
    der_mark(r, SPNEGO_FIELD_THIS_MECH, start);
    if (!oid_is_spnego(mech))
        return der_refuse(r, SPNEGO_RULE_FRAME_NOT_SPNEGO, start, r->pos - start);
    return SPNEGO_RULE_NONE;
}

void gss_frame_write(der_writer *w, size_t mark)
{
    const spnego_bytes members[] = {{oid_spnego, OID_SPNEGO_LEN}};

    /*@ ghost asn1_tables_are_constant(); */
    der_write_members(w, &asn_DEF_InitialContextToken, members, THIS_MECH, THIS_MECH + 1);
    der_write_header(w, &asn_DEF_InitialContextToken, mark);
}
