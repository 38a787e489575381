/*
 * tests/tree_text.h - a tree of the inspector's as text, one node a line, for comparing it whole:
 *
 *     .. ticket @41+322 OBJECT
 *     ... realm @60+14 'RIG.TEST' identity
 *     error KRB5_SURPLUS @78+2
 *
 * As many dots as the node is deep plus one; then the findings.
 */
#ifndef SPNEGO_TESTS_TREE_TEXT_H
#define SPNEGO_TESTS_TREE_TEXT_H

#include "inspect/reading.h"
#include "inspect/tree.h"

/* tree_text returns a block for free. */
char *tree_text(const inspect_tree *tree, const inspect_reading *reading);

#endif /* SPNEGO_TESTS_TREE_TEXT_H */
