/* fuzz/law.h - what the fuzz targets have in common. */
#ifndef SPNEGO_FUZZ_LAW_H
#define SPNEGO_FUZZ_LAW_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <spnego/token.h>

/* The entry point of a target, as libFuzzer and replay.c call it.  Deterministic; no files. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A law of the target: if it does not hold, the input is a finding. */
#define LAW(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "%s:%d: law broken: %s\n", __FILE__, __LINE__, #condition); \
            abort(); \
        } \
    } while (0)

/* A copy of exactly `size` octets, so that a sanitizer sees what is read past them. */
static inline uint8_t *copy_exactly(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size != 0 ? size : 1);

    if (copy == NULL)
        abort();
    if (size != 0)
        memcpy(copy, data, size);
    return copy;
}

static inline int same_octets(spnego_bytes a, spnego_bytes b)
{
    return (a.data == NULL) == (b.data == NULL) && a.len == b.len &&
           (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* The fields that go over the wire; not where they lie. */
static inline int same_fields(const spnego_token *a, const spnego_token *b)
{
    return a->type == b->type && a->framed == b->framed && a->has_neg_state == b->has_neg_state &&
           (!a->has_neg_state || a->neg_state == b->neg_state) &&
           same_octets(a->mech_types, b->mech_types) && same_octets(a->req_flags, b->req_flags) &&
           same_octets(a->mech_token, b->mech_token) &&
           (a->neg_hints.data == NULL) == (b->neg_hints.data == NULL) &&
           same_octets(a->hint_name, b->hint_name) &&
           same_octets(a->hint_address, b->hint_address) &&
           same_octets(a->supported_mech, b->supported_mech) &&
           same_octets(a->response_token, b->response_token) &&
           same_octets(a->mech_list_mic, b->mech_list_mic);
}

#endif /* SPNEGO_FUZZ_LAW_H */
