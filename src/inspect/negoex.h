/*
 * inspect/negoex.h - a token of NegoEx (MS-NEGOEX 2.2): its messages, to their last field.
 */
#ifndef SPNEGO_INSPECT_NEGOEX_H
#define SPNEGO_INSPECT_NEGOEX_H

#include "inspect/reading.h"

/* inspect_negoex_read appends the tree of `token`, a view into reading->in: one message or several.
 * What is wrong with it becomes findings.  Returns 1, or 0 with nothing done where it is not
 * NegoEx. */
int inspect_negoex_read(inspect_tree *tree, inspect_reading *reading, spnego_bytes token,
                        size_t depth);

#endif /* SPNEGO_INSPECT_NEGOEX_H */
