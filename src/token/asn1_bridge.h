/* token/asn1_bridge.h - the types of asn1/spnego.asn1, as asn1c describes them in generated/. */
#ifndef SPNEGO_TOKEN_ASN1_BRIDGE_H
#define SPNEGO_TOKEN_ASN1_BRIDGE_H

#include "der/writer.h"

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

/* What the proof takes on trust about the tables, and a test compares. */
/*@ predicate asn1_tables_ok =
      der_tag_ok(&asn_DEF_InitialContextToken) &&
      der_members_ok(&asn_DEF_InitialContextToken, THIS_MECH + 1) &&
      der_tag_ok(&asn_DEF_MechTypeList) && der_members_ok(&asn_DEF_MechTypeList, 1) &&
      der_tag_ok(&asn_DEF_NegHints) && der_members_ok(&asn_DEF_NegHints, HINT_ADDRESS + 1) &&
      der_tag_ok(&asn_DEF_NegTokenInit) &&
      der_members_ok(&asn_DEF_NegTokenInit, MECH_TYPES + 1) &&
      der_members_ok(&asn_DEF_NegTokenInit, INIT_MECH_LIST_MIC + 1) &&
      der_tag_ok(&asn_DEF_NegTokenInit2) &&
      der_members_ok(&asn_DEF_NegTokenInit2, MECH_TYPES + 1) &&
      der_members_ok(&asn_DEF_NegTokenInit2, INIT2_MECH_LIST_MIC + 1) &&
      der_members_ok(&asn_DEF_NegotiationToken2, NEG_TOKEN_INIT + 1) &&
      der_tag_ok(&asn_DEF_NegTokenResp) &&
      der_members_ok(&asn_DEF_NegTokenResp, RESP_MECH_LIST_MIC + 1) &&
      der_members_ok(&asn_DEF_NegotiationToken, NEG_TOKEN_INIT + 1) &&
      der_members_ok(&asn_DEF_NegotiationToken, NEG_TOKEN_RESP + 1);
*/
/*@ ghost
    /@ assigns \nothing;
       ensures asn1_tables_ok;
    @/
    void asn1_tables_are_constant(void);
*/

#endif /* SPNEGO_TOKEN_ASN1_BRIDGE_H */
