/*
 * inspect/value.h - values that are not shown as they stand in the token: identifiers and times.
 */
#ifndef SPNEGO_INSPECT_VALUE_H
#define SPNEGO_INSPECT_VALUE_H

#include "inspect/text.h"
#include "inspect/tree.h"

/* inspect_put_guid writes the sixteen octets the way that MS-DTYP 2.3.4.3 does, without braces:
 * the first three numbers are little-endian.  Other than sixteen become hexadecimal. */
void inspect_put_guid(inspect_text *out, spnego_bytes octets);

/* inspect_put_filetime writes the time of a FILETIME as RFC 3339 does, to its last digit.  Returns
 * 1, or 0 with nothing written where that format has no year for it. */
int inspect_put_filetime(inspect_text *out, uint64_t filetime);

/* inspect_put_time writes a GeneralizedTime of RFC 4120 5.2.3 as RFC 3339 does, or as it is,
 * escaped, where it has another form. */
void inspect_put_time(inspect_text *out, spnego_bytes octets);

#endif /* SPNEGO_INSPECT_VALUE_H */
