/*
 * tests/carrier_driver.h - a carrier as tests/test_carriers.c drives it: one file,
 * tests/carrier_X.c, for each.
 */
#ifndef SPNEGO_TESTS_CARRIER_DRIVER_H
#define SPNEGO_TESTS_CARRIER_DRIVER_H

#include "carrier_file.h"
#include "toy_mech.h"

typedef struct carrier_driver {
    const char *name;
    const char *const *settings; /* names of its own settings; the last is NULL */
    int is_stream; /* the peer's octets may be cut anywhere; else a "<" line is one unit */

    /* A session as the file's settings say.  side->config and the mechanisms are set up, for the
     * carrier to make its negotiation from. */
    void *(*open)(const carrier_file *file, toy_side *side);
    void (*close)(void *session);

    /* NULL where the carrier has no such call. */
    spnego_status (*start)(void *session, spnego_turn *turn);
    spnego_status (*receive)(void *session, spnego_turn *turn, spnego_bytes in);
    spnego_status (*resume)(void *session, spnego_turn *turn);
    spnego_status (*send)(void *session, spnego_turn *turn, spnego_bytes data);
    spnego_status (*end)(void *session, spnego_turn *turn);
    spnego_status (*act)(void *session, spnego_turn *turn, const char *words);

    const char *(*state)(const void *session); /* for the log; NULL if it has none */
    const spnego_error *(*error)(const void *session);
} carrier_driver;

/* All carriers that there are; the last is NULL. */
extern const carrier_driver *const carrier_drivers[];

#endif /* SPNEGO_TESTS_CARRIER_DRIVER_H */
