/*
 * tests/carrier_recorded.h - a mechanism that says what a real one said in a session that was
 * recorded, to the tokens that came then and to no others.
 *
 * Settings of a vector file: `steps N` makes the first of its mechanisms such a one, complete with
 * its Nth step; `takes HEX` and `gives HEX` are the tokens, in their order; `signs HEX` and
 * `verifies HEX` the mechListMICs; `flags` what it says of itself.
 */
#ifndef SPNEGO_TESTS_CARRIER_RECORDED_H
#define SPNEGO_TESTS_CARRIER_RECORDED_H

#include "carrier_file.h"
#include "toy_mech.h"

/* recorded_set_up puts it into side->config if the file has such a mechanism.  It lasts until the
 * next call. */
void recorded_set_up(const carrier_file *file, toy_side *side);

/* The names of its settings, for carrier_driver.settings. */
#define RECORDED_SETTINGS "steps", "takes", "gives", "signs", "verifies"

#endif /* SPNEGO_TESTS_CARRIER_RECORDED_H */
