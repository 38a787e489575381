/*
 * inspect/tlv.h - the header of any BER element, for showing what the strict reader of src/der
 * refuses: non-minimal and indefinite lengths, and lengths that point outside.
 */
#ifndef SPNEGO_INSPECT_TLV_H
#define SPNEGO_INSPECT_TLV_H

#include <spnego/types.h>

typedef struct inspect_tlv {
    uint8_t tag;          /* identifier octet; tag numbers above 30 are not read */
    int is_indefinite;    /* the length octet is 80; then declared_len is 0 */
    size_t length_octets; /* 1 in the short form */
    size_t header_len;    /* identifier and length octets */
    uint64_t declared_len;
} inspect_tlv;

/* inspect_tlv_read reads the header at the beginning of `in` and returns 1, or returns 0 with
 * *out zero-filled if there is none: cut short, a tag number above 30, tag 0, a reserved length
 * octet, or more than eight octets of length.  The contents may be cut short. */
int inspect_tlv_read(inspect_tlv *out, spnego_bytes in);

/* inspect_tlv_total returns how many octets the element at the beginning of `in` says it has,
 * which may be more than there are, or 0 if that cannot be told. */
uint64_t inspect_tlv_total(spnego_bytes in);

#endif /* SPNEGO_INSPECT_TLV_H */
