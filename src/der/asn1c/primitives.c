/* The descriptors of the primitive types, which asn1c keeps in its runtime, and of NegState. */
#include "asn_application.h"

#include "NegState.h"

ASN_PRIMITIVE(BIT_STRING, 3)
ASN_PRIMITIVE(OCTET_STRING, 4)
ASN_PRIMITIVE(OBJECT_IDENTIFIER, 6)
ASN_PRIMITIVE(NegState, 10)
ASN_PRIMITIVE(GeneralString, 27)
