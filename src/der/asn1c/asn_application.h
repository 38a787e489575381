/*
 * Stand-in for the headers of asn1c's runtime: the types and names that the files in generated/
 * mention, and no code.  Every other header name of that runtime, beside this one, includes it.
 *
 * The tables become constant data here: the typedefs are const, where asn1c's own are not.  The
 * slots for asn1c's codec functions are filled with 0, because nothing in the library calls
 * through them; der/writer.c walks tags, members and optionality.
 *
 * NegState.c alone is not compiled into the library, because it holds functions that write into
 * its own descriptor; der/asn1c/primitives.c describes it.
 */
#ifndef SPNEGO_DER_ASN1C_ASN_APPLICATION_H
#define SPNEGO_DER_ASN1C_ASN_APPLICATION_H

#include <stddef.h>
#include <stdint.h>

/* asn1c's tag: the class in the two low bits, the number above them. */
typedef unsigned int ber_tlv_tag_t;
enum {
    ASN_TAG_CLASS_UNIVERSAL,
    ASN_TAG_CLASS_APPLICATION,
    ASN_TAG_CLASS_CONTEXT,
    ASN_TAG_CLASS_PRIVATE
};

typedef void asn_unused_f(void);
typedef asn_unused_f asn_struct_free_f, asn_struct_print_f, asn_constr_check_f;
typedef asn_unused_f ber_type_decoder_f, der_type_encoder_f, xer_type_decoder_f,
    xer_type_encoder_f, per_type_decoder_f, per_type_encoder_f, asn_outmost_tag_f;

enum asn_TYPE_flags_e { ATF_NOFLAGS, ATF_POINTER, ATF_OPEN_TYPE };

struct asn_TYPE_descriptor_s;
typedef const struct asn_TYPE_descriptor_s asn_TYPE_descriptor_t;

typedef const struct asn_TYPE_member_s {
    enum asn_TYPE_flags_e flags;
    int optional; /* how many members from this one on may be absent; 0: must be there */
    int memb_offset;
    ber_tlv_tag_t tag;
    int tag_mode; /* 0: the type's own tag, 1: `tag` around it, -1: `tag` in its place */
    asn_TYPE_descriptor_t *type;
    asn_constr_check_f *memb_constraints;
    asn_unused_f *per_constraints;
    asn_unused_f *default_value;
    const char *name;
} asn_TYPE_member_t;

struct asn_TYPE_descriptor_s {
    const char *name;
    const char *xml_tag;
    asn_struct_free_f *free_struct;
    asn_struct_print_f *print_struct;
    asn_constr_check_f *check_constraints;
    ber_type_decoder_f *ber_decoder;
    der_type_encoder_f *der_encoder;
    xer_type_decoder_f *xer_decoder;
    xer_type_encoder_f *xer_encoder;
    per_type_decoder_f *uper_decoder;
    per_type_encoder_f *uper_encoder;
    asn_outmost_tag_f *outmost_tag;
    const ber_tlv_tag_t *tags;
    int tags_count;
    const ber_tlv_tag_t *all_tags;
    int all_tags_count;
    asn_unused_f *per_constraints;
    asn_TYPE_member_t *elements;
    int elements_count;
    const void *specifics;
};

typedef const struct asn_TYPE_tag2member_s {
    ber_tlv_tag_t el_tag;
    int el_no;
    int toff_first;
    int toff_last;
} asn_TYPE_tag2member_t;

typedef const struct asn_SEQUENCE_specifics_s {
    int struct_size;
    int ctx_offset;
    asn_TYPE_tag2member_t *tag2el;
    int tag2el_count;
    const int *oms;
    int roms_count;
    int aoms_count;
    int ext_after;
    int ext_before;
} asn_SEQUENCE_specifics_t;

typedef const struct asn_SET_OF_specifics_s {
    int struct_size;
    int ctx_offset;
    int as_XMLValueList;
} asn_SET_OF_specifics_t;

typedef const struct asn_CHOICE_specifics_s {
    int struct_size;
    int ctx_offset;
    int pres_offset;
    int pres_size;
    asn_TYPE_tag2member_t *tag2el;
    int tag2el_count;
    const int *canonical_order;
    int ext_start;
} asn_CHOICE_specifics_t;

/* The C structures that asn1c declares for each type: their offsets stand in the tables, but the
 * library neither fills nor reads such a structure. */
typedef struct asn_struct_ctx_s {
    void *ptr;
} asn_struct_ctx_t;
typedef struct OCTET_STRING_s {
    uint8_t *buf;
    int size;
} OCTET_STRING_t, OBJECT_IDENTIFIER_t, GeneralString_t, GeneralizedTime_t, UTF8String_t;
typedef int BOOLEAN_t;
typedef struct BIT_STRING_s {
    uint8_t *buf;
    int size;
    int bits_unused;
} BIT_STRING_t;
#define A_SEQUENCE_OF(type) \
    struct { \
        type **array; \
        int count; \
    }

extern asn_TYPE_descriptor_t asn_DEF_BIT_STRING, asn_DEF_BOOLEAN, asn_DEF_GeneralString,
    asn_DEF_GeneralizedTime, asn_DEF_NativeInteger, asn_DEF_OBJECT_IDENTIFIER, asn_DEF_OCTET_STRING,
    asn_DEF_UTF8String;

/* What asn1c's runtime has for a primitive type, to be written once in a program that needs it. */
#define ASN_PRIMITIVE(type, number) \
    static const ber_tlv_tag_t type##_tag = ASN_TAG_CLASS_UNIVERSAL | (number) << 2; \
    asn_TYPE_descriptor_t asn_DEF_##type = {.name = #type, \
                                            .tags = &type##_tag, \
                                            .tags_count = 1, \
                                            .all_tags = &type##_tag, \
                                            .all_tags_count = 1};

#define SEQUENCE_free 0
#define SEQUENCE_print 0
#define SEQUENCE_constraint 0
#define SEQUENCE_decode_ber 0
#define SEQUENCE_encode_der 0
#define SEQUENCE_decode_xer 0
#define SEQUENCE_encode_xer 0
#define SEQUENCE_OF_free 0
#define SEQUENCE_OF_print 0
#define SEQUENCE_OF_constraint 0
#define SEQUENCE_OF_decode_ber 0
#define SEQUENCE_OF_encode_der 0
#define SEQUENCE_OF_decode_xer 0
#define SEQUENCE_OF_encode_xer 0
#define CHOICE_free 0
#define CHOICE_print 0
#define CHOICE_constraint 0
#define CHOICE_decode_ber 0
#define CHOICE_encode_der 0
#define CHOICE_decode_xer 0
#define CHOICE_encode_xer 0
#define CHOICE_outmost_tag 0

#endif /* SPNEGO_DER_ASN1C_ASN_APPLICATION_H */
