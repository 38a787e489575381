/* witness/describe.h - one description of a token, for our writer and for asn1c's. */
#ifndef SPNEGO_TESTS_WITNESS_DESCRIBE_H
#define SPNEGO_TESTS_WITNESS_DESCRIBE_H

#include <spnego/token.h>

#include "witness/stock.h"

/* describe_for_stock puts into *out what `token` says, its mechanisms into `oids`. */
void describe_for_stock(witness_token *out, witness_bytes oids[WITNESS_MAX_MECH_TYPES],
                        const spnego_token *token);

#endif /* SPNEGO_TESTS_WITNESS_DESCRIBE_H */
