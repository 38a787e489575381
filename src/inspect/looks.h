/*
 * inspect/looks.h - whether octets begin as a token does: what tells tokens from other text.
 */
#ifndef SPNEGO_INSPECT_LOOKS_H
#define SPNEGO_INSPECT_LOOKS_H

#include <spnego/types.h>

/* inspect_looks_begun returns 1 if `octets` may be the beginning of a token; the fewer there are,
 * the less is asked. */
int inspect_looks_begun(spnego_bytes octets);

/* inspect_looks_certain returns 1 if `octets` begin as nothing but a token does by chance: with
 * the frame of a known mechanism or a signature of eight octets. */
int inspect_looks_certain(spnego_bytes octets);

/* inspect_looks_token returns 1 if `octets` are taken for a token, be it a damaged one. */
int inspect_looks_token(spnego_bytes octets);

/* inspect_looks_whole returns 1 if `octets` are taken for a token and have at least the length
 * that it says it has. */
int inspect_looks_whole(spnego_bytes octets);

/* inspect_looks_cut returns 1 if `octets` are fewer than their first ones say. */
int inspect_looks_cut(spnego_bytes octets);

/* inspect_looks_unfinished returns how long the NegotiationToken will be that begins here, framed
 * or not, if its header announces more than there is; else 0. */
uint64_t inspect_looks_unfinished(spnego_bytes octets);

#endif /* SPNEGO_INSPECT_LOOKS_H */
