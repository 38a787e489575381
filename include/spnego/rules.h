/*
 * spnego/rules.h - every rule that a token can break: number, name, citation, sentence.
 *
 * Generated from src/base/rules.def by `make generate`; edit that file or src/base/rules.h.in.
 */
#ifndef SPNEGO_RULES_H
#define SPNEGO_RULES_H

#include <spnego/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A rule's number never changes.  The hundreds tell what kind it is: 1xx the bytes are not DER,
 * 2xx the DER is not a token, 3xx a well-formed token says what it must not or should not say,
 * 4xx worth knowing, 9xx the caller asked for a token that cannot be written. */
typedef enum spnego_rule {
    SPNEGO_RULE_NONE = 0,
    SPNEGO_RULE_DER_TRUNCATED = 101,
    SPNEGO_RULE_DER_LENGTH_OUTSIDE = 102,
    SPNEGO_RULE_DER_LENGTH_INDEFINITE = 103,
    SPNEGO_RULE_DER_LENGTH_RESERVED = 104,
    SPNEGO_RULE_DER_LENGTH_TOO_LONG = 105,
    SPNEGO_RULE_DER_LENGTH_NOT_MINIMAL = 106,
    SPNEGO_RULE_DER_TAG_UNEXPECTED = 107,
    SPNEGO_RULE_DER_STRING_CONSTRUCTED = 108,
    SPNEGO_RULE_DER_SURPLUS_INSIDE = 109,
    SPNEGO_RULE_DER_TAG_MALFORMED = 110,
    SPNEGO_RULE_DER_ELEMENT_MISSING = 111,
    SPNEGO_RULE_OID_EMPTY = 121,
    SPNEGO_RULE_OID_ARC_PADDED = 122,
    SPNEGO_RULE_OID_ARC_UNFINISHED = 123,
    SPNEGO_RULE_OID_LENGTH_NOT_MINIMAL = 124,
    SPNEGO_RULE_TOKEN_EMPTY = 201,
    SPNEGO_RULE_TOKEN_NOT_SPNEGO = 202,
    SPNEGO_RULE_TOKEN_TRAILING_BYTES = 203,
    SPNEGO_RULE_FRAME_NOT_SPNEGO = 204,
    SPNEGO_RULE_FRAME_MISSING = 205,
    SPNEGO_RULE_FRAME_ON_RESPONSE = 206,
    SPNEGO_RULE_CHOICE_UNKNOWN = 207,
    SPNEGO_RULE_FIELD_REPEATED = 211,
    SPNEGO_RULE_FIELD_OUT_OF_ORDER = 212,
    SPNEGO_RULE_FIELD_UNKNOWN = 213,
    SPNEGO_RULE_MECH_TYPES_MISSING = 221,
    SPNEGO_RULE_MECH_TYPES_EMPTY = 222,
    SPNEGO_RULE_REQ_FLAGS_NOT_TRIMMED = 223,
    SPNEGO_RULE_REQ_FLAGS_MALFORMED = 224,
    SPNEGO_RULE_NEG_STATE_NOT_ONE_OCTET = 231,
    SPNEGO_RULE_NEG_STATE_UNKNOWN = 232,
    SPNEGO_RULE_REPLY_FIRST_NEEDS_NEGSTATE = 301,
    SPNEGO_RULE_MECH_TYPES_HAVE_SPNEGO = 302,
    SPNEGO_RULE_INIT_TO_INITIATOR = 303,
    SPNEGO_RULE_INIT2_TO_ACCEPTOR = 304,
    SPNEGO_RULE_SUPPORTED_MECH_TO_ACCEPTOR = 305,
    SPNEGO_RULE_REQUEST_MIC_TO_ACCEPTOR = 306,
    SPNEGO_RULE_MIC_EQUALS_TOKEN = 307,
    SPNEGO_RULE_HINT_ADDRESS_SENT = 308,
    SPNEGO_RULE_MECH_TOKEN_OF_OTHER_MECH = 309,
    SPNEGO_RULE_MECH_TYPE_REPEATED = 310,
    SPNEGO_RULE_RESPONSE_EMPTY = 311,
    SPNEGO_RULE_REQ_FLAGS_SENT = 401,
    SPNEGO_RULE_MS_KRB5_OID = 402,
    SPNEGO_RULE_NTLM_OFFERED = 403,
    SPNEGO_RULE_HINT_NAME_NOT_FIXED = 404,
    SPNEGO_RULE_OCTETS_EMPTY = 405,
    SPNEGO_RULE_RAW_NTLMSSP = 406,
    SPNEGO_RULE_RAW_KERBEROS = 407,
    SPNEGO_RULE_RAW_NEGOEX = 408,
    SPNEGO_RULE_ENCODE_BUFFER_TOO_SMALL = 901,
    SPNEGO_RULE_ENCODE_TYPE_UNKNOWN = 902,
    SPNEGO_RULE_ENCODE_FIELD_NOT_IN_TYPE = 903
} spnego_rule;

/* How a finding is to be shown: an ERROR breaks a MUST or the encoding, a WARNING breaks a SHOULD
 * or is known to make trouble, a NOTE breaks nothing. */
typedef enum spnego_severity {
    SPNEGO_SEVERITY_NOTE = 1,
    SPNEGO_SEVERITY_WARNING = 2,
    SPNEGO_SEVERITY_ERROR = 3
} spnego_severity;

typedef struct spnego_rule_text {
    spnego_rule rule;
    spnego_severity severity;
    const char *name;         /* "DER_TRUNCATED" */
    const char *citation;     /* "RFC 2743 3.1, X.690 8.1.3" */
    const char *requirements; /* ids of the project's catalogue of requirements, "SPN-07 SPN-08" */
    const char *sentence;     /* lower case, no full stop */
} spnego_rule_text;

/* spnego_rule_describe returns the row of a rule; static.  For a number that is no rule, and for
 * SPNEGO_RULE_NONE, a row whose name is "NONE". */
SPNEGO_API const spnego_rule_text *spnego_rule_describe(spnego_rule rule);

/* spnego_rule_find returns the row of the rule with that name, or NULL. */
SPNEGO_API const spnego_rule_text *spnego_rule_find(const char *name);

/* spnego_rule_list returns the rows of all rules in the order of their numbers; static. */
SPNEGO_API const spnego_rule_text *spnego_rule_list(size_t *out_num_rules);

#ifdef __cplusplus
}
#endif
#endif /* SPNEGO_RULES_H */
