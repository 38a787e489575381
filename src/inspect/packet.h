/*
 * inspect/packet.h - a message whose numbers are little-endian and stand at fixed places: what
 * readers of such messages have in common.
 *
 * Places are counted from the first octet of the message.  Nothing is read outside of it: what is
 * not there is 0, or absent.
 */
#ifndef SPNEGO_INSPECT_PACKET_H
#define SPNEGO_INSPECT_PACKET_H

#include "inspect/reading.h"
#include "inspect/tree.h"

typedef struct inspect_packet {
    inspect_tree *tree;
    inspect_reading *reading;
    spnego_bytes in; /* the message, a view into reading->in */
} inspect_packet;

/* inspect_packet_number returns the number of `size` octets, at most eight, at `at`. */
uint64_t inspect_packet_number(const inspect_packet *packet, size_t at, size_t size);

/* inspect_packet_slice gives the `len` octets at `at`.  Returns 1, or 0 with *out absent where
 * they do not lie inside the message. */
int inspect_packet_slice(spnego_bytes *out, const inspect_packet *packet, uint64_t at,
                         uint64_t len);

/* inspect_packet_is_zero returns 1 if `octets` are all zero. */
int inspect_packet_is_zero(spnego_bytes octets);

/* inspect_packet_add appends a node for the `len` octets at `at`, as far as they are there: with
 * their place alone if it has children, with the number that they are if it shows one, else with
 * the octets. */
inspect_node *inspect_packet_add(const inspect_packet *packet, const char *name,
                                 inspect_value value, size_t depth, size_t at, size_t len);

/* inspect_packet_add_private is that with octets which --redact leaves out. */
void inspect_packet_add_private(const inspect_packet *packet, const char *name,
                                inspect_privacy privacy, size_t depth, size_t at, size_t len);

/* inspect_packet_find_fault appends a finding about the `len` octets at `at`. */
void inspect_packet_find_fault(const inspect_packet *packet, spnego_rule rule, size_t at,
                               size_t len);

#endif /* SPNEGO_INSPECT_PACKET_H */
