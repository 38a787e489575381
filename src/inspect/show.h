/*
 * inspect/show.h - a mechanism's token as JSON and as lines of text.
 */
#ifndef SPNEGO_INSPECT_SHOW_H
#define SPNEGO_INSPECT_SHOW_H

#include "inspect/json.h"
#include "inspect/tree.h"

/* inspect_show_json writes node `index` and what belongs to it as one value. */
void inspect_show_json(inspect_json *json, const inspect_tree *tree, size_t index, int redact);

/* inspect_show_line writes the value of node `index`, without its name and without a line feed; of
 * one that holds few and simple things, those too.  Returns the index of the next node that needs
 * a line. */
size_t inspect_show_line(inspect_text *out, const inspect_tree *tree, size_t index, int redact);

#endif /* SPNEGO_INSPECT_SHOW_H */
