/* token/sniff.h - whose a first token is, for dispatching it (the kinds are in token.h). */
#ifndef SPNEGO_TOKEN_SNIFF_H
#define SPNEGO_TOKEN_SNIFF_H

#include <spnego/types.h>

/* sniff_frame takes the InitialContextToken of RFC 2743 3.1 apart, of any mechanism and as far as
 * it is there: the contents of thisMech, and what follows it.  Returns 0 if it is none. */
int sniff_frame(spnego_bytes *out_mech, spnego_bytes *out_rest, spnego_bytes in);

#endif /* SPNEGO_TOKEN_SNIFF_H */
