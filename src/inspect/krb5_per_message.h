/*
 * inspect/krb5_per_message.h - MIC and Wrap tokens, which have a header of fixed fields and no DER
 * (RFC 4121 4.2.6, RFC 1964 1.2).
 */
#ifndef SPNEGO_INSPECT_KRB5_PER_MESSAGE_H
#define SPNEGO_INSPECT_KRB5_PER_MESSAGE_H

#include "inspect/reading.h"
#include "inspect/tree.h"

/* How deep below its members' depth such a token's nodes go. */
#define INSPECT_KRB5_PER_MESSAGE_DEPTH 2

/* inspect_krb5_per_message_name returns the type of the token that begins with this TOK_ID, most
 * significant octet first, or NULL if it is no such token. */
const char *inspect_krb5_per_message_name(unsigned tok_id);

/* inspect_krb5_per_message_read appends the fields of such a token at `depth`.  `token` begins with
 * its TOK_ID; is_cut says that it is known to be cut short. */
void inspect_krb5_per_message_read(inspect_tree *tree, inspect_reading *reading, spnego_bytes token,
                                   size_t depth, int is_cut);

#endif /* SPNEGO_INSPECT_KRB5_PER_MESSAGE_H */
