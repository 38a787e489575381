/* carrier/authzid.h - authorization identities. */
#ifndef SPNEGO_CARRIER_AUTHZID_H
#define SPNEGO_CARRIER_AUTHZID_H

#include <spnego/types.h>

/* authzid_fault returns where `text` is not UTF-8 (RFC 3629 4) or has a NUL (RFC 4422 3.4.1), as
 * the offset of the character; text.len if it is well-formed. */
size_t authzid_fault(spnego_bytes text);

#endif /* SPNEGO_CARRIER_AUTHZID_H */
