/*
 * inspect/krb5_cause.h - what is behind an error of Kerberos as a rule, in plain words.
 */
#ifndef SPNEGO_INSPECT_KRB5_CAUSE_H
#define SPNEGO_INSPECT_KRB5_CAUSE_H

#include <stdint.h>

/* inspect_krb5_cause returns the usual cause of an error-code (RFC 4120 7.5.9), to stand behind
 * "usually"; NULL where its name says as much. */
const char *inspect_krb5_cause(int64_t error_code);

#endif /* SPNEGO_INSPECT_KRB5_CAUSE_H */
