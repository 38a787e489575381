/*
 * spnego/types.h - the vocabulary every other header speaks.  Depends on nothing.
 *
 * Conventions that hold for every function of this library, and are not repeated:
 *   - A pointer argument may not be NULL unless its comment says so.
 *   - Parameters come in the order: object, outputs, inputs.
 *   - A spnego_bytes argument is borrowed for the call.  A spnego_bytes result points into
 *     the input or the buffer that the caller gave; nothing is allocated, nothing is freed.
 *   - There is no global state: any function may run in any number of threads.
 */
#ifndef SPNEGO_TYPES_H
#define SPNEGO_TYPES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define SPNEGO_API __attribute__((visibility("default")))
#define SPNEGO_MUST_USE __attribute__((warn_unused_result))
#else
#define SPNEGO_API
#define SPNEGO_MUST_USE
#endif

/* The version of the headers, and the same for #if: two digits each of 0xMMmmpp. */
#define SPNEGO_VERSION "0.1.0"
#define SPNEGO_VERSION_NUMBER 0x000100

/* spnego_version returns the version of the library that is linked, as "MAJOR.MINOR.PATCH". */
SPNEGO_API const char *spnego_version(void);

/* A borrowed run of bytes.  data == NULL means "absent"; len == 0 with data != NULL means
 * "present and empty".  The two differ on the wire: RFC 4178 4.2 makes most fields OPTIONAL,
 * and an OCTET STRING may have no octets. */
typedef struct spnego_bytes {
    const uint8_t *data;
    size_t len; /* octets */
} spnego_bytes;

#ifdef __cplusplus
}
#endif
#endif /* SPNEGO_TYPES_H */
