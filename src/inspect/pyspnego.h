/*
 * inspect/pyspnego.h - what the parts of the JSON shape of pyspnego's parser share; the whole is
 * inspect_render_pyspnego.
 */
#ifndef SPNEGO_INSPECT_PYSPNEGO_H
#define SPNEGO_INSPECT_PYSPNEGO_H

#include "inspect/json.h"
#include "inspect/reading.h"

typedef struct inspect_py {
    inspect_json json;
    const inspect_reading *reading;
} inspect_py;

/* ---- Values: inspect/pyspnego_value.c ------------------------------------------------------- */

/* inspect_py_hex writes octets in hexadecimal, with capitals. */
void inspect_py_hex(inspect_py *w, spnego_bytes octets);

/* inspect_py_named writes "NAME (number)"; with dashes as underscores and capitals where asked. */
void inspect_py_named(inspect_py *w, const char *name, int64_t number, int is_upper);

/* inspect_py_octets returns the contents of a node that holds octets, or all of it. */
spnego_bytes inspect_py_octets(const inspect_py *w, const inspect_node *node);

/* inspect_py_value writes the node at `index`, a scalar or an array of them. */
void inspect_py_value(inspect_py *w, size_t index);
void inspect_py_scalar(inspect_py *w, const inspect_node *node);

/* Flags are an object with the number and the names of its bits; bits without a name are together
 * the last.  Between begin and end the caller writes those that have one. */
void inspect_py_begin_flags(inspect_py *w, uint64_t raw);
void inspect_py_end_flags(inspect_py *w, uint64_t left);

/* ---- Messages of mechanisms: inspect/pyspnego_mech.c ---------------------------------------- */

/* A message is an object with its type, its fields, which the caller writes between begin and end,
 * and its octets. */
void inspect_py_begin_message(inspect_py *w, const char *type);
void inspect_py_end_message(inspect_py *w, spnego_bytes octets);

/* inspect_py_unknown writes what cannot be read, and the sentence that says why. */
void inspect_py_unknown(inspect_py *w, spnego_bytes octets, const char *sentence);

/* inspect_py_mech_token writes a mechanism's token, for which the reading may have a tree. */
void inspect_py_mech_token(inspect_py *w, spnego_bytes octets);

#endif /* SPNEGO_INSPECT_PYSPNEGO_H */
