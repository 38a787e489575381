/*
 * inspect/expect.h - what there is to say about a token, one line each, in order of offset: the
 * `expect` block of a vector.
 */
#ifndef SPNEGO_INSPECT_EXPECT_H
#define SPNEGO_INSPECT_EXPECT_H

#include "inspect/reading.h"
#include "inspect/text.h"

/* The fields that are there, in order of offset; those that hold others come before them. */
typedef struct inspect_layout {
    size_t num_fields;
    struct {
        spnego_field field;
        spnego_span span;
    } fields[SPNEGO_NUM_FIELDS];
} inspect_layout;

void inspect_layout_of(inspect_layout *out, const inspect_reading *reading);

/* inspect_expect_write writes the lines, indented by two. */
void inspect_expect_write(inspect_text *out, const inspect_reading *reading);

/* inspect_put_oid writes the dotted form, or the contents octets in hexadecimal where there is
 * none; with `between` and the short name behind it if there is one, unless between is NULL. */
void inspect_put_oid(inspect_text *out, spnego_bytes oid, const char *between);

/* inspect_oid_is_plain returns 1 for an OID that --redact may show.  A length that is not true
 * takes what follows into an OID, names too: then it is not well-formed, or longer than mechanisms'
 * are. */
int inspect_oid_is_plain(spnego_bytes oid);

/* inspect_put_mech_name writes the short name, or the dotted form; "an unknown mechanism" for an
 * OID that is not plain. */
void inspect_put_mech_name(inspect_text *out, spnego_bytes oid);

/* inspect_neg_state_name returns "accept-completed" and the like, NULL for unknown values. */
const char *inspect_neg_state_name(int neg_state);

/* The bits of reqFlags shown at most; the standard has seven, and a token may hold any number. */
#define INSPECT_MAX_FLAG_BITS 64

/* inspect_flag_bits returns how many bits `flags`, the contents of a BIT STRING, has; 0 where they
 * are not well-formed. */
size_t inspect_flag_bits(spnego_bytes flags);

int inspect_flag_is_set(spnego_bytes flags, size_t bit);

/* inspect_flag_name returns "mutualFlag" and the like, NULL for a bit without a name. */
const char *inspect_flag_name(size_t bit);

/* inspect_token_type_name returns "NegTokenInit" and the like. */
const char *inspect_token_type_name(spnego_token_type type);

const char *inspect_severity_name(spnego_severity severity);

#endif /* SPNEGO_INSPECT_EXPECT_H */
