/*
 * inspect/negotiation.h - a token of SPNEGO inside a token: a negotiation that was put into
 * another's mechToken or responseToken.
 */
#ifndef SPNEGO_INSPECT_NEGOTIATION_H
#define SPNEGO_INSPECT_NEGOTIATION_H

#include "inspect/reading.h"

/* inspect_negotiation_read appends the tree of `token`, a view into reading->in, with the findings
 * about it.  Returns 1, or 0 with nothing done where it cannot be read to its end: then its first
 * octet alone made it look like one. */
int inspect_negotiation_read(inspect_tree *tree, inspect_reading *reading, spnego_bytes token,
                             size_t depth);

#endif /* SPNEGO_INSPECT_NEGOTIATION_H */
