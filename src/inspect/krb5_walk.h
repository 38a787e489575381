/*
 * inspect/krb5_walk.h - walks the DER of one Kerberos message along asn1c's description of its
 * type: a node for each field, a finding for each departure, and on to the end whatever comes.
 *
 * There is no recursion: what is open stands on a stack that is as deep as a tree may be.
 */
#ifndef SPNEGO_INSPECT_KRB5_WALK_H
#define SPNEGO_INSPECT_KRB5_WALK_H

#include "inspect/krb5_asn1.h"
#include "inspect/reading.h"
#include "inspect/tree.h"

/* inspect_krb5_walk reads one element of `type` at the beginning of `der`, which is a view into
 * reading->in, and appends the nodes of its members at `depth`.  Returns how many octets it takes,
 * at most der.len.  Where the element is another than that, it is one node of octets.  is_cut says
 * that `der` is known to be cut short, so that it is not found again. */
size_t inspect_krb5_walk(inspect_tree *tree, inspect_reading *reading, spnego_bytes der,
                         asn_TYPE_descriptor_t *type, size_t depth, int is_cut);

#endif /* SPNEGO_INSPECT_KRB5_WALK_H */
