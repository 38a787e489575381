/*
 * witness/laws.h - what the library and asn1c's runtime must agree on, for any octets.
 *
 *   1 What the library accepts strictly, the runtime accepts as the type that the library names,
 *     to the last octet and with the same fields, and writes it again as it was, unknown fields
 *     aside.
 *   2 What the runtime accepts to the last octet and writes again as it was, the library accepts,
 *     with the same fields; or it breaks a rule that the schema cannot say, and the library names
 *     that rule.
 *
 * "Strictly" allows a bare NegTokenInit and a framed NegTokenResp, so that every message is
 * compared in both forms: which form is due is not the schema's business.
 */
#ifndef SPNEGO_TESTS_WITNESS_LAWS_H
#define SPNEGO_TESTS_WITNESS_LAWS_H

#include <spnego/token.h>

#include "witness/stock.h"

#define LAWS_TOLERANCE (SPNEGO_TOLERATE_UNFRAMED_INIT | SPNEGO_TOLERATE_FRAMED_RESP)

/* Where the two may differ.  Each is a predicate over one field; see laws.c. */
typedef enum laws_exclusion {
    LAWS_OID_CONTENTS,         /* X.690 8.19.2 is not asked about by asn1c                        */
    LAWS_THIS_MECH,            /* the schema has any OBJECT IDENTIFIER there (RFC 4178 4.2)       */
    LAWS_MECH_TYPES_EMPTY,     /* the schema has SEQUENCE OF, not SIZE (1..MAX) (RFC 4178 4.2.1)  */
    LAWS_MECH_TYPES_MISSING,   /* NegTokenInit2 with nothing that shows that it is one            */
    LAWS_REQ_FLAGS_TOO_LONG,   /* the schema has any BIT STRING; ContextFlags has 32 bits at most */
    LAWS_REQ_FLAGS_PADDING,    /* X.690 8.6.2.3: no bits, and yet unused ones                     */
    LAWS_REQ_FLAGS_UNTRIMMED,  /* X.690 11.2.2, which needs the named bits                        */
    LAWS_NEG_STATE,            /* asn1c does not check which values an ENUMERATED has             */
    LAWS_UNKNOWN_TAG_TOO_LONG, /* asn1c's tag numbers have 30 bits; of a field to be ignored      */
    LAWS_NUM_EXCLUSIONS
} laws_exclusion;

typedef struct laws_counts {
    size_t inputs;
    size_t accepted;        /* by the library                                     */
    size_t compared;        /* accepted by the library, times types compared with */
    size_t stock_accepted;  /* to the last octet, times types                     */
    size_t stock_identical; /* of those, written again as they were               */
    size_t excluded[LAWS_NUM_EXCLUSIONS];
} laws_counts;

extern const char *const laws_exclusion_names[LAWS_NUM_EXCLUSIONS];

/* laws_check holds `in` against the laws.  Returns NULL, or which one is broken. */
const char *laws_check(laws_counts *counts, spnego_bytes in);

/* laws_same_fields returns 1 if both say the same. */
int laws_same_fields(const spnego_token *ours, const witness_token *stock);

#endif /* SPNEGO_TESTS_WITNESS_LAWS_H */
