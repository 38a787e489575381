/* inspect/krb5_asn1.h - the types of asn1/kerberos.asn1, as asn1c describes them in
 * generated/kerberos/.  They are the command's alone: the library does not know them. */
#ifndef SPNEGO_INSPECT_KRB5_ASN1_H
#define SPNEGO_INSPECT_KRB5_ASN1_H

#include "asn_application.h"

extern asn_TYPE_descriptor_t asn_DEF_AP_REP;
extern asn_TYPE_descriptor_t asn_DEF_AP_REQ;
extern asn_TYPE_descriptor_t asn_DEF_AS_REP;
extern asn_TYPE_descriptor_t asn_DEF_AS_REQ;
extern asn_TYPE_descriptor_t asn_DEF_ETYPE_INFO;
extern asn_TYPE_descriptor_t asn_DEF_ETYPE_INFO2;
extern asn_TYPE_descriptor_t asn_DEF_EncryptedData;
extern asn_TYPE_descriptor_t asn_DEF_ExternalPrincipalIdentifiers;
extern asn_TYPE_descriptor_t asn_DEF_IAKERB_HEADER;
extern asn_TYPE_descriptor_t asn_DEF_KERB_ERROR_DATA;
extern asn_TYPE_descriptor_t asn_DEF_KERB_KEY_LIST_REQ;
extern asn_TYPE_descriptor_t asn_DEF_KERB_PA_PAC_REQUEST;
extern asn_TYPE_descriptor_t asn_DEF_KERB_TGT_REPLY;
extern asn_TYPE_descriptor_t asn_DEF_KERB_TGT_REQUEST;
extern asn_TYPE_descriptor_t asn_DEF_KRB_ERROR;
extern asn_TYPE_descriptor_t asn_DEF_METHOD_DATA;
extern asn_TYPE_descriptor_t asn_DEF_PA_AUTHENTICATION_SET;
extern asn_TYPE_descriptor_t asn_DEF_PA_DATA;
extern asn_TYPE_descriptor_t asn_DEF_PA_FOR_USER;
extern asn_TYPE_descriptor_t asn_DEF_PA_FX_FAST_REPLY;
extern asn_TYPE_descriptor_t asn_DEF_PA_FX_FAST_REQUEST;
extern asn_TYPE_descriptor_t asn_DEF_PA_PAC_OPTIONS;
extern asn_TYPE_descriptor_t asn_DEF_PA_PK_AS_REP;
extern asn_TYPE_descriptor_t asn_DEF_PA_PK_AS_REQ;
extern asn_TYPE_descriptor_t asn_DEF_PA_S4U_X509_USER;
extern asn_TYPE_descriptor_t asn_DEF_PA_SPAKE;
extern asn_TYPE_descriptor_t asn_DEF_PrincipalName;
extern asn_TYPE_descriptor_t asn_DEF_TGS_REP;
extern asn_TYPE_descriptor_t asn_DEF_TGS_REQ;
extern asn_TYPE_descriptor_t asn_DEF_TYPED_DATA;

#endif /* SPNEGO_INSPECT_KRB5_ASN1_H */
