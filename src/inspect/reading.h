/*
 * inspect/reading.h - one token as far as it can be read, with all that there is to say about it.
 */
#ifndef SPNEGO_INSPECT_READING_H
#define SPNEGO_INSPECT_READING_H

#include <spnego/token.h>

#include "inspect/tree.h"

/* Who would receive the token, where that decides a rule. */
typedef enum inspect_role {
    INSPECT_ROLE_UNKNOWN = 0,
    INSPECT_ROLE_INITIATOR,
    INSPECT_ROLE_ACCEPTOR
} inspect_role;

typedef enum inspect_verdict {
    INSPECT_CLEAN = 0,  /* nothing of severity error */
    INSPECT_FINDINGS,   /* read to its end, with errors */
    INSPECT_UNDECODABLE /* not read to its end */
} inspect_verdict;

/* The library keeps 64 findings and lint adds at most a handful for each of a token's mechanisms:
 * real tokens list one to five.  What comes after that many tells nobody anything new. */
#define INSPECT_MAX_FINDINGS 256

typedef struct inspect_reading {
    spnego_bytes in;
    inspect_role receiver;
    spnego_kind kind;       /* what the whole token is */
    const char *inner_name; /* "NTLMSSP_NEGOTIATE" and the like where the token is a mechanism's
                             * own and its type is known */
    spnego_rule fault;      /* why it could not be read to its end */
    inspect_verdict verdict;
    spnego_token token;
    spnego_report report;
    size_t num_findings;
    spnego_finding findings[INSPECT_MAX_FINDINGS]; /* in order of offset */
    inspect_tree tree; /* mechanisms' tokens, one tree at depth 0 after the other */
} inspect_reading;

/* A zero-filled inspect_reading is ready. */

/* inspect_read reads `in`, which must outlive *out.  `tolerate` is a set of SPNEGO_TOLERATE_* bits.
 * is_guess says that nobody claimed that `in` is a token: then what merely begins like a
 * mechanism's own token is not taken for one. */
void inspect_read(inspect_reading *out, spnego_bytes in, uint32_t tolerate, inspect_role receiver,
                  int is_guess);

/* inspect_reading_free gives the tree's memory back and leaves a reading that is ready. */
void inspect_reading_free(inspect_reading *reading);

/* inspect_nested returns the index in `tree` of the token that begins where `octets` do, or the
 * number of nodes where they hold none that can be read. */
size_t inspect_nested(const inspect_reading *reading, spnego_bytes octets);

/* inspect_is_raw returns 1 where the token is a mechanism's own, without SPNEGO around it. */
int inspect_is_raw(const inspect_reading *reading);

/* inspect_offset returns where a view of the token begins. */
size_t inspect_offset(const inspect_reading *reading, spnego_bytes view);

/* inspect_announced returns how long the OCTET STRING with these contents says that it is: more
 * than they are where the input ends inside it. */
uint64_t inspect_announced(const inspect_reading *reading, spnego_bytes octets);

/* inspect_oid_span returns the place of the OID whose contents are known, its own tag included. */
spnego_span inspect_oid_span(const inspect_reading *reading, spnego_bytes oid);

/* inspect_field_view returns the contents of a field, absent where it is not there. */
spnego_bytes inspect_field_view(const inspect_reading *reading, spnego_field field);

/* inspect_field_span returns where a field that is there lies, headers included as far as they
 * were read. */
spnego_span inspect_field_span(const inspect_reading *reading, spnego_field field);

/* inspect_field_place returns the same, or where a field that is not there would stand. */
spnego_span inspect_field_place(const inspect_reading *reading, spnego_field field);

/* inspect_add_finding appends a finding; what does not fit is dropped, but an error is kept in
 * place of the last, so that the verdict stands. */
void inspect_add_finding(inspect_reading *reading, spnego_rule rule, spnego_field field,
                         size_t offset, size_t len);

/* inspect_add_later adds one after inspect_read, in its place, unless the token has one of the same
 * rule. */
void inspect_add_later(inspect_reading *reading, spnego_rule rule, spnego_field field);

/* inspect_drop_finding takes those of a rule away. */
void inspect_drop_finding(inspect_reading *reading, spnego_rule rule);

/* inspect_add_nested_finding does it for octets of a mechanism's token; the field is that of
 * SPNEGO which holds them.  What was just said of the same place, five fields missing from one
 * message for instance, is not said again. */
void inspect_add_nested_finding(inspect_reading *reading, spnego_rule rule, size_t offset,
                                size_t len);

/* Walks the OIDs of mechTypes with the place of each one's own tag. */
typedef struct inspect_mech {
    spnego_bytes oid;
    spnego_span span;
    size_t cursor;
} inspect_mech;

/* inspect_mech_next moves to the first mechanism if *mech is zero-filled, else to the next.
 * Returns 0 at the end. */
int inspect_mech_next(inspect_mech *mech, const inspect_reading *reading);

#endif /* SPNEGO_INSPECT_READING_H */
