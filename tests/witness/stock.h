/*
 * witness/stock.h - the tables of generated/ under asn1c's own runtime: a second, independent
 * reader and writer of the same schema, for tests only.
 *
 * Nothing of asn1c shows here, because its headers and the library's stand-in for them share their
 * names: stock.c sees the one, everybody else the other, and the objects are joined into one whose
 * only global symbols begin with witness_.
 */
#ifndef SPNEGO_TESTS_WITNESS_STOCK_H
#define SPNEGO_TESTS_WITNESS_STOCK_H

#include <stddef.h>
#include <stdint.h>

/* A type of asn1/spnego.asn1 that a whole token can be. */
typedef enum witness_pdu {
    WITNESS_NEGOTIATION_TOKEN,
    WITNESS_NEGOTIATION_TOKEN2,
    WITNESS_INITIAL_CONTEXT_TOKEN,
    WITNESS_INITIAL_CONTEXT_TOKEN2,
    WITNESS_NUM_PDUS
} witness_pdu;

/* data == NULL: absent. */
typedef struct witness_bytes {
    const uint8_t *data;
    size_t len;
} witness_bytes;

/* What a token of any of the four types holds. */
typedef struct witness_token {
    witness_pdu pdu;
    int is_resp;             /* 1: the CHOICE's [1], 0: its [0] */
    witness_bytes this_mech; /* of the two framed types */
    int has_mech_types;
    size_t num_mech_types;
    const witness_bytes *mech_types;
    witness_bytes req_flags; /* the bits alone */
    int req_flags_unused;
    int has_neg_hints; /* of the two types with a 2 */
    witness_bytes hint_name;
    witness_bytes hint_address;
    int has_neg_state;
    long neg_state;
    witness_bytes supported_mech;
    witness_bytes token; /* mechToken or responseToken */
    witness_bytes mech_list_mic;
} witness_token;

#define WITNESS_MAX_MECH_TYPES 16

/* witness_encode writes *token by der_encode.  Returns the number of octets, or 0 if der_encode
 * refuses, they do not fit, or there are more than WITNESS_MAX_MECH_TYPES mechanisms.  buf may be
 * NULL with buf_len 0 to ask for the number.  Allocates nothing. */
size_t witness_encode(uint8_t *buf, size_t buf_len, const witness_token *token);

/* What ber_decode made of some octets. */
typedef struct witness_reading {
    void *tree; /* asn1c's, NULL if it refused */
    witness_pdu pdu;
    size_t consumed; /* octets */
    witness_bytes *mech_types;
    witness_token token; /* views of the tree */
} witness_reading;

/* witness_decode reads `octets` as a `pdu` by ber_decode.  Returns 1 if that succeeds; then the
 * caller gives *out to witness_free.  Octets may follow what it consumed. */
int witness_decode(witness_reading *out, witness_pdu pdu, const uint8_t *octets, size_t len);

/* witness_read is witness_decode without a look at the fields: out->token is left alone. */
int witness_read(witness_reading *out, witness_pdu pdu, const uint8_t *octets, size_t len);

/* witness_encode_again writes what was read by der_encode.  Returns as witness_encode does. */
size_t witness_encode_again(uint8_t *buf, size_t buf_len, const witness_reading *reading);

void witness_free(witness_reading *reading);

#endif /* SPNEGO_TESTS_WITNESS_STOCK_H */
