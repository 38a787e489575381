#include "token/mech_type_list.h"

#include "der/oid.h"
#include "der/writer.h"
#include "token/asn1_bridge.h"

spnego_rule mech_type_list_read(der_reader *r, spnego_bytes *out_list, size_t *out_num)
{
    const size_t start = r->pos, outer = r->end;
    size_t inner, num = 0;
    spnego_rule rule;

    rule = der_enter(r, DER_SEQUENCE);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    inner = r->end;
    /*@ loop invariant der_reader_ok(r) && r->end == inner && num <= r->pos;
        loop invariant start < r->pos && inner <= outer <= r->len;
        loop assigns DER_READER_STATE(r), rule, num;
        loop variant r->end - r->pos;
    */
    while (r->pos < r->end) {
        rule = der_enter(r, DER_OBJECT_IDENTIFIER);
        if (rule != SPNEGO_RULE_NONE)
            return rule;
        rule = der_check_oid(r, r->pos, r->end - r->pos);
        if (rule != SPNEGO_RULE_NONE)
            return rule;
        r->pos = r->end;
        r->end = inner;
        num++;
    }
    /* RFC 4178 4.2.1: one or more. */
    if (num == 0) {
        rule = der_allow(r, SPNEGO_TOLERATE_EMPTY_MECH_TYPES, SPNEGO_RULE_MECH_TYPES_EMPTY, start,
                         r->pos - start);
        if (rule != SPNEGO_RULE_NONE)
            return rule;
    }
    r->end = outer;
    /*@ assert der_reader_ok(r); */
    out_list->data = r->data + start;
    out_list->len = r->pos - start;
    *out_num = num;
    return SPNEGO_RULE_NONE;
}

/*@ requires \valid(out_oid) && \valid(cursor) && \separated(out_oid, cursor);
    requires readable(mech_types.data, mech_types.len);
    requires mech_types.len == 0 ||
             \separated(out_oid, cursor, mech_types.data + (0 .. mech_types.len - 1));
    assigns *out_oid, *cursor;
    ensures \result == 0 || \result == 1;
    ensures readable(out_oid->data, out_oid->len);
    ensures \result == 1 ==> \old(*cursor) < *cursor <= mech_types.len;
*/
int spnego_mech_types_next(spnego_bytes *out_oid, size_t *cursor, spnego_bytes mech_types)
{
    spnego_bytes oid = bytes_absent();
    int found = 0;
    der_reader r;

    if (mech_types.data != NULL && *cursor < mech_types.len) {
        der_reader_init(&r, mech_types, SPNEGO_TOLERATE_ALL, NULL);
        /* A list from a token that was cut short is cut short itself. */
        r.clamp = 1;
        r.pos = *cursor;
        if ((r.pos != 0 || der_enter(&r, DER_SEQUENCE) == SPNEGO_RULE_NONE) && r.pos < r.end &&
            der_enter(&r, DER_OBJECT_IDENTIFIER) == SPNEGO_RULE_NONE) {
            oid = der_contents(&r);
            *cursor = r.pos;
            found = 1;
        }
    }
    *out_oid = oid;
    return found;
}

/* Whether `oid` may stand in a list that we send. */
/*@ requires readable(oid.data, oid.len);
    assigns \nothing;
    ensures \result == SPNEGO_RULE_NONE ==> oid.data != \null;
*/
static inline spnego_rule check_mech_type(spnego_bytes oid)
{
    if (oid.data == NULL)
        return SPNEGO_RULE_OID_EMPTY;
    /* RFC 4178 3.1: the list never holds SPNEGO itself. */
    if (oid_is_spnego(oid))
        return SPNEGO_RULE_MECH_TYPES_HAVE_SPNEGO;
    return oid_check(oid);
}

spnego_rule mech_type_list_check(spnego_bytes list)
{
    der_reader r;
    size_t outer;
    spnego_rule rule;

    der_reader_init(&r, list, SPNEGO_TOLERATE_NOTHING, NULL);
    rule = der_enter(&r, DER_SEQUENCE);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    if (r.end != list.len)
        return SPNEGO_RULE_DER_SURPLUS_INSIDE;
    if (r.pos == r.end)
        return SPNEGO_RULE_MECH_TYPES_EMPTY;
    outer = r.end;
    /*@ loop invariant der_reader_ok(&r);
        loop invariant r.end == outer && r.report == \null && outer <= r.len;
        loop assigns DER_READER_STATE(&r), rule;
        loop variant outer - r.pos;
    */
    while (r.pos < outer) {
        rule = der_enter(&r, DER_OBJECT_IDENTIFIER);
        if (rule != SPNEGO_RULE_NONE)
            return rule;
        /*@ assert der_reader_ok(&r) && r.end <= outer; */
        rule = check_mech_type(der_contents(&r));
        if (rule != SPNEGO_RULE_NONE)
            return rule;
        /*@ assert der_reader_ok(&r) && r.pos <= outer; */
        r.end = outer;
    }
    return SPNEGO_RULE_NONE;
}

/*@ requires \valid(out_der) && writable(buf, buf_len);
    requires buf_len == 0 || \separated(buf + (0 .. buf_len - 1), out_der);
    requires \forall integer i; 0 <= i < num_oids ==>
             \valid_read(oids + i) && \separated(out_der, oids + i) &&
             (buf_len == 0 || \separated(buf + (0 .. buf_len - 1), oids + i)) &&
             readable(oids[i].data, oids[i].len) &&
             (oids[i].len == 0 || buf_len == 0 ||
              \separated(buf + (0 .. buf_len - 1), oids[i].data + (0 .. oids[i].len - 1)));
    assigns *out_der, buf[0 .. buf_len - 1];
    ensures \result == SPNEGO_RULE_NONE ==> out_der->len <= buf_len &&
            out_der->data == buf + (buf_len - out_der->len);
    ensures \result != SPNEGO_RULE_NONE ==> out_der->data == \null;
*/
spnego_rule spnego_mech_types_encode(spnego_bytes *out_der, uint8_t *buf, size_t buf_len,
                                     const spnego_bytes *oids, size_t num_oids)
{
    der_writer w;

    *out_der = bytes_absent();
    if (num_oids == 0)
        return SPNEGO_RULE_MECH_TYPES_EMPTY;
    /*@ loop invariant 0 <= i <= num_oids;
        loop invariant \forall integer k; 0 <= k < i ==> oids[k].data != \null;
        loop assigns i;
        loop variant num_oids - i;
    */
    for (size_t i = 0; i < num_oids; i++) {
        spnego_rule rule = check_mech_type(oids[i]);
        if (rule != SPNEGO_RULE_NONE)
            return rule;
    }
    der_writer_init(&w, buf, buf_len);
    /*@ ghost asn1_tables_are_constant(); */
    /*@ assert \forall integer i; 0 <= i < num_oids ==>
               \separated(&w, oids + i) && readable(oids[i].data, oids[i].len); */
    /*@ assert \forall integer i; 0 <= i < num_oids && oids[i].len != 0 ==>
               \separated(&w, oids[i].data + (0 .. oids[i].len - 1)); */
    /*@ assert der_sources(&w, oids, 0, num_oids); */
    der_write_list(&w, &asn_DEF_MechTypeList, oids, num_oids);
    /*@ assert der_writer_ok(&w) && w.buf == buf && w.buf_len == buf_len; */
    der_write_header(&w, &asn_DEF_MechTypeList, 0);
    /*@ assert der_writer_ok(&w) && w.buf == buf && w.buf_len == buf_len; */
    return der_writer_finish(&w, out_der);
}
