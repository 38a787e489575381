/*
 * inspect/capture.h - the tokens of a whole capture, pcap or pcapng.  libpcap reads the file; where
 * the command was built without it, no capture can be read.
 */
#ifndef SPNEGO_INSPECT_CAPTURE_H
#define SPNEGO_INSPECT_CAPTURE_H

#include <stdio.h>

#include "inspect/carry.h"

/* What was in a capture, and what of it was not followed. */
typedef struct inspect_capture {
    uint64_t num_frames;
    uint64_t num_tcp;
    uint64_t num_fragments; /* parts of IP packets that did not become whole */
    uint64_t num_damaged;   /* frames whose headers contradict them */
    uint64_t num_cut;       /* packets of which only the beginning was captured */
    uint64_t num_connections;
    uint64_t num_gaps;    /* places where something is missing in a stream */
    uint64_t num_evicted; /* connections closed to make room */
    uint64_t num_dropped; /* messages longer than what is kept */
    char error[300];      /* why reading ended before its end, "" if it did not */
} inspect_capture;

/* inspect_is_capture returns 1 if `begin`, the first four octets of a file or more, are those of a
 * capture. */
int inspect_is_capture(spnego_bytes begin);

/* Enough of a file's beginning for what says what it is. */
#define INSPECT_CAPTURE_BEGIN 8

/* inspect_capture_foreign returns a sentence for a file that holds captures, or may hold one, in a
 * form that is not read; NULL for any other. */
const char *inspect_capture_foreign(spnego_bytes begin);

/* inspect_capture_can returns 1 if captures can be read by this build. */
int inspect_capture_can(void);

/* inspect_capture_read hands the tokens in `file` to the finder, fills *out, and closes the file
 * unless it is standard input.  Returns 1, or 0 with out->error if nothing could be read; a file
 * that breaks off is read up to there, with out->error. */
int inspect_capture_read(inspect_capture *out, inspect_finder *finder, FILE *file);

#endif /* SPNEGO_INSPECT_CAPTURE_H */
