/*
 * inspect/origin.h - where in a capture a token was found, as it is shown.
 *
 * An address names a machine, and whoever sits at it, so --redact replaces it.  Ports, frame
 * numbers and times stay: they name nobody to who has not the logs of that network, and without
 * them a report does not show which service it was, what came when, nor a clock that is wrong.
 */
#ifndef SPNEGO_INSPECT_ORIGIN_H
#define SPNEGO_INSPECT_ORIGIN_H

#include "inspect/carry.h"
#include "inspect/json.h"

/* Texts end with NUL and may be empty: then there is nothing to say. */
typedef struct inspect_origin {
    const char *carrier;
    char src[64]; /* "address:port", or "host-1:port" */
    char dst[64];
    uint64_t frame; /* 0: none */
    char time[40];  /* RFC 3339 */
    uint64_t exchange;
    int failed; /* memory ran out: something is missing, and so is what is made of it */
} inspect_origin;

/* Addresses that are told apart when they are not shown. */
#define INSPECT_MAX_HOSTS 1024

/* The addresses of a run, in the order of their first appearance; zero-filled it is ready. */
typedef struct inspect_hosts {
    inspect_endpoint known[INSPECT_MAX_HOSTS]; /* port 0 */
    size_t num;
} inspect_hosts;

/* inspect_origin_of fills *out from what was found; the carrier's name is shared.  With hosts, no
 * address gets into *out: the first one is "host-1", the next other one "host-2", and whatever
 * comes when there is no more room "host". */
void inspect_origin_of(inspect_origin *out, const inspect_found *found, inspect_hosts *hosts);

/* inspect_origin_json writes the members "carrier" to "exchange" into an open object. */
void inspect_origin_json(inspect_json *json, const inspect_origin *origin);

/* inspect_origin_text writes "frame 7, exchange 1, smb2, 2026-01-02T03:04:05.000006Z," and on a
 * line of its own "  192.0.2.1:50000 > 192.0.2.2:445", without what there is not, and no line feed
 * at the end. */
void inspect_origin_text(inspect_text *out, const inspect_origin *origin);

#endif /* SPNEGO_INSPECT_ORIGIN_H */
