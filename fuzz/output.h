/* fuzz/output.h - what must hold of everything that the inspector prints of a token. */
#ifndef SPNEGO_FUZZ_OUTPUT_H
#define SPNEGO_FUZZ_OUTPUT_H

#include "law.h"

/* check_output reads `token` and breaks a law unless
 *   - places of nodes and findings lie inside it, and nodes make a tree;
 *   - the text is UTF-8 without control characters but line feeds, and the JSON is JSON;
 *   - what --redact shows is the same whatever the octets are that it hides. */
void check_output(spnego_bytes token);

#endif /* SPNEGO_FUZZ_OUTPUT_H */
