/*
 * inspect/advice.h - what a token means for whoever has to do something about it: on whose behalf
 * it is sent, what happens next, and the usual cause where it is a known trouble.
 */
#ifndef SPNEGO_INSPECT_ADVICE_H
#define SPNEGO_INSPECT_ADVICE_H

#include "inspect/render.h"

/* inspect_advise appends sentences to a summary that has no full stop at its end, or nothing. */
void inspect_advise(inspect_text *out, const inspect_reading *reading, const inspect_view *view);

#endif /* SPNEGO_INSPECT_ADVICE_H */
