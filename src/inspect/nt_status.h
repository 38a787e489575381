/*
 * inspect/nt_status.h - the numbers by which Windows says why it did not let somebody in.
 */
#ifndef SPNEGO_INSPECT_NT_STATUS_H
#define SPNEGO_INSPECT_NT_STATUS_H

#include <stdint.h>

/* inspect_nt_status_name returns the name of an NTSTATUS that an authentication ends with
 * (MS-ERREF 2.3.1), NULL for others. */
const char *inspect_nt_status_name(uint32_t status);

/* inspect_nt_status_cause returns what is behind it as a rule, to stand behind "usually"; NULL
 * where the name says as much. */
const char *inspect_nt_status_cause(uint32_t status);

#endif /* SPNEGO_INSPECT_NT_STATUS_H */
