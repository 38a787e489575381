/* token/mech_type_list.h - MechTypeList (RFC 4178 4.1): the list, and what a mechListMIC covers. */
#ifndef SPNEGO_TOKEN_MECH_TYPE_LIST_H
#define SPNEGO_TOKEN_MECH_TYPE_LIST_H

#include "der/reader.h"

/* mech_type_list_read reads the list that the reader stands at, puts a view of it, header and all,
 * into *out_list and the number of its OIDs into *out_num. */
/*@ requires der_reader_ok(r) && \valid(out_list) && \valid(out_num);
    requires \separated(r, out_list, out_num);
    requires \separated(r->report, out_list, out_num);
    requires r->len == 0 || (\separated(out_list, r->data + (0 .. r->len - 1)) &&
                             \separated(out_num, r->data + (0 .. r->len - 1)));
    assigns DER_READER_STATE(r), *out_list, *out_num;
    ensures der_reader_ok(r);
    ensures \result == SPNEGO_RULE_NONE ==> \old(r->pos) < r->pos && r->end == \old(r->end);
    ensures \result == SPNEGO_RULE_NONE ==> readable(out_list->data, out_list->len);
*/
spnego_rule mech_type_list_read(der_reader *r, spnego_bytes *out_list, size_t *out_num);

/* mech_type_list_check says whether `list` can be written as it is: strict DER, not empty, and
 * without SPNEGO's own OID (RFC 4178 3.1). */
/*@ requires readable(list.data, list.len);
    assigns \nothing;
*/
spnego_rule mech_type_list_check(spnego_bytes list);

#endif /* SPNEGO_TOKEN_MECH_TYPE_LIST_H */
