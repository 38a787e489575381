/*
 * tests/toy_setting.h - a side of tests/toy_mech.h from the words of a vector file: what the files
 * of vectors/transcripts/ and vectors/carriers/ have in common.  A word that there is not ends the
 * test.
 */
#ifndef SPNEGO_TESTS_TOY_SETTING_H
#define SPNEGO_TESTS_TOY_SETTING_H

#include "toy_mech.h"

/* toy_set_up prepares a side: `mechs` are letters of toy_side_init with blanks between, `profile`
 * is "strict" or "interoperable", and for one quirk "strict but NAME" and "interoperable but
 * NAME".  Two legs and no flags until toy_set says otherwise. */
void toy_set_up(toy_side *side, spnego_role role, const char *mechs, const char *profile,
                const char *path);

/* toy_set applies "legs 3" to all mechanisms, "X.legs 3" to one, "options ..." and
 * "required_flags ..." to the configuration.  Returns 0 if there is no such setting. */
int toy_set(toy_side *side, const char *name, const char *value, const char *path);

/* toy_flags_of returns the SPNEGO_FLAG_* of names with blanks between. */
uint32_t toy_flags_of(const char *names, const char *path);

#endif /* SPNEGO_TESTS_TOY_SETTING_H */
