/*
 * inspect/krb5_meaning.h - what the schema does not say about Kerberos' fields: what their numbers
 * stand for, and who must not see them.
 */
#ifndef SPNEGO_INSPECT_KRB5_MEANING_H
#define SPNEGO_INSPECT_KRB5_MEANING_H

#include <spnego/rules.h>

#include "inspect/tree.h"

typedef struct inspect_krb5_name {
    int32_t number; /* of a BIT STRING: the bit, 0 the first */
    const char *name;
} inspect_krb5_name;

typedef struct inspect_krb5_meaning {
    const char *type;   /* the member's type, NULL: of any */
    const char *member; /* as the schema writes it; of a list the list's own name */
    const inspect_krb5_name *names;
    size_t num_names;
    inspect_privacy privacy;
    int is_etype;
} inspect_krb5_meaning;

/* inspect_krb5_meaning_of returns what there is to know about a member of a type; static, never
 * NULL: of most nothing. */
const inspect_krb5_meaning *inspect_krb5_meaning_of(const char *type, const char *member);

/* inspect_krb5_name_of returns what a number stands for, NULL if it has no name. */
const char *inspect_krb5_name_of(const inspect_krb5_meaning *meaning, int64_t number);

/* inspect_krb5_checksum_name returns the name of a type of checksum (RFC 3961 8), NULL if it has
 * none. */
const char *inspect_krb5_checksum_name(int64_t cksumtype);

/* inspect_krb5_etype_rule returns the rule about an encryption type that should not be used any
 * more, else SPNEGO_RULE_NONE. */
spnego_rule inspect_krb5_etype_rule(int64_t etype);

#endif /* SPNEGO_INSPECT_KRB5_MEANING_H */
