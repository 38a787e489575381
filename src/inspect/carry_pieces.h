/*
 * inspect/carry_pieces.h - tokens that come in pieces (MS-SPNG 3.1.5.6, 3.1.5.9), put together
 * before they are handed over.
 */
#ifndef SPNEGO_INSPECT_CARRY_PIECES_H
#define SPNEGO_INSPECT_CARRY_PIECES_H

#include "inspect/carry.h"

/* inspect_carry_give hands a token over, with the pieces before it if it is the last of one.  It
 * keeps a piece that more must follow, up to INSPECT_CARRY_MAX_MESSAGE octets, until they are
 * there; what of a token is all that comes is handed over as it is. */
void inspect_carry_give(inspect_carry *carry, inspect_open *open, const inspect_found *found);

/* inspect_carry_goes_on returns 1 if the negotiation has a piece by that side, which `token` may
 * be the rest of. */
int inspect_carry_goes_on(const inspect_open *open, inspect_role sender, spnego_bytes token);

/* inspect_carry_give_up hands over what there is of a token; afterwards the negotiation keeps
 * nothing. */
void inspect_carry_give_up(inspect_carry *carry, inspect_open *open);

#endif /* SPNEGO_INSPECT_CARRY_PIECES_H */
