/*
 * inspect/lint.h - what a well-formed token says that it should not say, or that is worth knowing:
 * the rules of the three and four hundreds in src/base/rules.def.
 */
#ifndef SPNEGO_INSPECT_LINT_H
#define SPNEGO_INSPECT_LINT_H

#include "inspect/reading.h"

/* Each mechanism is compared with at most so many before it, so that a long list costs no more
 * than its length: real lists have one to five. */
#define INSPECT_MAX_COMPARED_MECHS 64

/* inspect_lint appends the findings about a token that was read to its end, in no order. */
void inspect_lint(inspect_reading *reading, inspect_role receiver);

/* inspect_is_fixed_hint returns 1 for the hintName that servers send in place of a name
 * (MS-SPNG 2.2.1). */
int inspect_is_fixed_hint(spnego_bytes hint_name);

#endif /* SPNEGO_INSPECT_LINT_H */
