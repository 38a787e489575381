/* The descriptors of the primitive types that generated/kerberos/ refers to.  The library has some
 * of them too, but lets none of them out. */
#include "asn_application.h"

ASN_PRIMITIVE(BOOLEAN, 1)
ASN_PRIMITIVE(NativeInteger, 2)
ASN_PRIMITIVE(BIT_STRING, 3)
ASN_PRIMITIVE(OCTET_STRING, 4)
ASN_PRIMITIVE(OBJECT_IDENTIFIER, 6)
ASN_PRIMITIVE(UTF8String, 12)
ASN_PRIMITIVE(GeneralizedTime, 24)
ASN_PRIMITIVE(GeneralString, 27)
