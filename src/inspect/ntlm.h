/*
 * inspect/ntlm.h - messages of NTLM (MS-NLMP 2.2), to their last field.
 */
#ifndef SPNEGO_INSPECT_NTLM_H
#define SPNEGO_INSPECT_NTLM_H

#include "inspect/reading.h"

/* inspect_ntlm_read appends the tree of `token`, a view into reading->in: one of the three
 * messages, or a signature of sixteen octets.  What is wrong with it, and what it lets an attacker
 * do, becomes findings.  Returns 1, or 0 with nothing done where it is neither. */
int inspect_ntlm_read(inspect_tree *tree, inspect_reading *reading, spnego_bytes token,
                      size_t depth);

#endif /* SPNEGO_INSPECT_NTLM_H */
