/*
 * inspect/krb5_value.h - one value of a Kerberos message, as the node that shows it.
 */
#ifndef SPNEGO_INSPECT_KRB5_VALUE_H
#define SPNEGO_INSPECT_KRB5_VALUE_H

#include "inspect/krb5_asn1.h"
#include "inspect/krb5_meaning.h"

typedef struct inspect_krb5_value {
    const char *name; /* NULL in a list */
    const inspect_krb5_meaning *meaning;
    size_t depth;
    size_t offset; /* of the whole member, headers included */
    size_t len;
    spnego_bytes contents;
    size_t contents_offset;
    int is_extended_error; /* the octets are the KERB-EXT-ERROR of MS-KILE 2.2.1 */
    int is_number;         /* out: number holds it */
    int64_t number;
} inspect_krb5_value;

/* inspect_krb5_value_add appends the node of a primitive value of `type`, with what is inside it.
 * Returns 1, or 0 where the contents are none that the type allows; the node is there anyway. */
int inspect_krb5_value_add(inspect_tree *tree, inspect_krb5_value *value,
                           asn_TYPE_descriptor_t *type);

/* inspect_krb5_number_rule returns the rule that a number breaks as a member of `type`, else
 * SPNEGO_RULE_NONE. */
spnego_rule inspect_krb5_number_rule(asn_TYPE_descriptor_t *type,
                                     const inspect_krb5_meaning *meaning, const char *member,
                                     int64_t number);

#endif /* SPNEGO_INSPECT_KRB5_VALUE_H */
