/*
 * inspect/nested.h - the tokens of mechanisms that stand in a token, and those that stand in them.
 */
#ifndef SPNEGO_INSPECT_NESTED_H
#define SPNEGO_INSPECT_NESTED_H

#include "inspect/reading.h"

/* Tokens in tokens in tokens; real ones end at three. */
#define INSPECT_MAX_NESTED 6

/* inspect_nested_read appends the tree of `token`, a view into reading->in that may be of any
 * mechanism, with the trees of what is nested in it: a node of octets with may_nest has the token
 * that they are as its only child.  What there is to say about them becomes findings.  Returns 1,
 * or 0 where it cannot be told what the token is: then its octets are all that can be shown. */
int inspect_nested_read(inspect_tree *tree, inspect_reading *reading, spnego_bytes token,
                        size_t depth);

#endif /* SPNEGO_INSPECT_NESTED_H */
