/*
 * inspect/quoted.h - octets as a string in the source text of C, Python, Rust or Ruby: those that
 * can be printed as they are, the others as escapes.
 */
#ifndef SPNEGO_INSPECT_QUOTED_H
#define SPNEGO_INSPECT_QUOTED_H

#include "inspect/text.h"

/* inspect_quoted_read reads the string whose quote is text.data[0], up to the same quote or the end
 * of `text`, and appends its octets to *out.  Returns how many characters it used; 0 and appends
 * nothing if there is an escape that is not one octet's, or if it does not begin as a token does.
 * is_inside says that it goes on with a token: then nothing is asked of its beginning. */
size_t inspect_quoted_read(inspect_text *out, spnego_bytes text, int is_inside);

#endif /* SPNEGO_INSPECT_QUOTED_H */
