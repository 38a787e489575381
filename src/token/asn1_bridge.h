/* token/asn1_bridge.h - the types of asn1/spnego.asn1, as asn1c describes them in generated/. */
#ifndef SPNEGO_TOKEN_ASN1_BRIDGE_H
#define SPNEGO_TOKEN_ASN1_BRIDGE_H

struct asn_TYPE_descriptor_s;

extern const struct asn_TYPE_descriptor_s asn_DEF_InitialContextToken;
extern const struct asn_TYPE_descriptor_s asn_DEF_MechTypeList;
extern const struct asn_TYPE_descriptor_s asn_DEF_NegHints;
extern const struct asn_TYPE_descriptor_s asn_DEF_NegTokenInit;
extern const struct asn_TYPE_descriptor_s asn_DEF_NegTokenInit2;
extern const struct asn_TYPE_descriptor_s asn_DEF_NegTokenResp;
extern const struct asn_TYPE_descriptor_s asn_DEF_NegotiationToken;
extern const struct asn_TYPE_descriptor_s asn_DEF_NegotiationToken2;

/* The places of the members in those types, as their tables have them; a test compares. */
enum {
    THIS_MECH = 0, /* of InitialContextToken */

    NEG_TOKEN_INIT = 0, /* of NegotiationToken, NegotiationToken2 */
    NEG_TOKEN_RESP = 1,

    MECH_TYPES = 0, /* of NegTokenInit, NegTokenInit2 */
    REQ_FLAGS = 1,
    MECH_TOKEN = 2,
    INIT_MECH_LIST_MIC = 3, /* of NegTokenInit */
    NEG_HINTS = 3,          /* of NegTokenInit2 */
    INIT2_MECH_LIST_MIC = 4,

    HINT_NAME = 0, /* of NegHints */
    HINT_ADDRESS = 1,

    NEG_STATE = 0, /* of NegTokenResp */
    SUPPORTED_MECH = 1,
    RESPONSE_TOKEN = 2,
    RESP_MECH_LIST_MIC = 3
};

#endif /* SPNEGO_TOKEN_ASN1_BRIDGE_H */
