/*
 * inspect/origin.h - where in a capture a token was found, as it is shown.
 */
#ifndef SPNEGO_INSPECT_ORIGIN_H
#define SPNEGO_INSPECT_ORIGIN_H

#include "inspect/carry.h"
#include "inspect/json.h"

/* Texts end with NUL and may be empty: then there is nothing to say. */
typedef struct inspect_origin {
    const char *carrier;
    char src[64]; /* "address:port" */
    char dst[64];
    uint64_t frame; /* 0: none */
    char time[40];  /* RFC 3339 */
    uint64_t exchange;
    int failed; /* memory ran out: something is missing, and so is what is made of it */
} inspect_origin;

/* inspect_origin_of fills *out from what was found; the carrier's name is shared. */
void inspect_origin_of(inspect_origin *out, const inspect_found *found);

/* inspect_origin_json writes the members "carrier" to "exchange" into an open object. */
void inspect_origin_json(inspect_json *json, const inspect_origin *origin);

/* inspect_origin_text writes "frame 7, 2026-01-02T03:04:05.000006Z, smb2, 192.0.2.1:50000 >
 * 192.0.2.2:445, exchange 1", without what there is not, and no line feed. */
void inspect_origin_text(inspect_text *out, const inspect_origin *origin);

#endif /* SPNEGO_INSPECT_ORIGIN_H */
