/* The descriptors of the primitive types, which asn1c keeps in its runtime, and of NegState. */
#include "asn_application.h"

#include "NegState.h"

#define PRIMITIVE(type, number) \
    static const ber_tlv_tag_t type##_tag = ASN_TAG_CLASS_UNIVERSAL | (number) << 2; \
    asn_TYPE_descriptor_t asn_DEF_##type = {.name = #type, \
                                            .tags = &type##_tag, \
                                            .tags_count = 1, \
                                            .all_tags = &type##_tag, \
                                            .all_tags_count = 1};

PRIMITIVE(BIT_STRING, 3)
PRIMITIVE(OCTET_STRING, 4)
PRIMITIVE(OBJECT_IDENTIFIER, 6)
PRIMITIVE(NegState, 10)
PRIMITIVE(GeneralString, 27)
