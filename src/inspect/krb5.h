/*
 * inspect/krb5.h - Kerberos tokens of the GSS-API (RFC 4121, RFC 1964, user-to-user, IAKERB), to
 * the last field that can be read without a key.
 */
#ifndef SPNEGO_INSPECT_KRB5_H
#define SPNEGO_INSPECT_KRB5_H

#include "inspect/reading.h"
#include "inspect/tree.h"

/* inspect_krb5_read appends the tree of `token`, which is a view into reading->in, with its root at
 * `depth`, and adds what is wrong with it to the reading's findings, in the order in which it was
 * found.  Returns 1, or 0 with nothing added where it is no Kerberos token, or where `depth` leaves
 * no room for one.  Names: `thisMech` and `TOK_ID` where they are there, then those of RFC 4120. */
int inspect_krb5_read(inspect_tree *tree, inspect_reading *reading, spnego_bytes token,
                      size_t depth);

#endif /* SPNEGO_INSPECT_KRB5_H */
