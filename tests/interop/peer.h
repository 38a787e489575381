/*
 * peer.h - one side of an exchange as a program that is spoken to in lines; what SPNEGO it is, is a
 * matter of what is linked: our_peer.c or gss_peer.c.
 *
 * A line that is read                    the line that is written
 *   HEX or -     the peer's token, none    continue|complete|failure HEX|- [words]
 *   sign HEX                               HEX, a MIC over it
 *   verify HEX HEX   message and MIC       good, or failure
 *   seal HEX                               HEX, encrypted
 *   open HEX         sealed                HEX, what was in it; or failure
 *   key -                                  HEX, the session key, for a carrier that signs by itself
 * The first form is that of ../capture/converse.py.
 */
#ifndef SPNEGO_INTEROP_PEER_H
#define SPNEGO_INTEROP_PEER_H

#include <stdbool.h>

#include <gssapi/gssapi.h>

enum { PEER_MAX_MECHS = 4 };

/* From the command line. */
typedef struct peer {
    bool initiator;
    gss_name_t target;
    OM_uint32 flags;
    gss_channel_bindings_t bindings; /* NULL: none */
    const char *mechs[PEER_MAX_MECHS];
    size_t num_mechs; /* 0: none were named */
} peer;

typedef enum peer_verdict { PEER_CONTINUE, PEER_COMPLETE, PEER_FAILURE } peer_verdict;

/* Prints why, and ends the program. */
_Noreturn void peer_die(const char *why);

/* The bits of a list of names, as in --flags. */
typedef struct peer_name {
    const char *name;
    OM_uint32 bit;
} peer_name;
OM_uint32 peer_bits(char *list, const peer_name *names, size_t num_names);
#define PEER_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Prints names of GSS_C_*_FLAG bits, separated by commas, in front of them `label`. */
void peer_print_flags(const char *label, OM_uint32 flags);

/* ---- What a side implements ----------------------------------------------------------------- */

/* An option of its own; false if it has no such. */
bool side_option(const char *name, char *value);
void side_begin(const peer *self);
/* Prints nothing.  *out is the side's until the next call. */
peer_verdict side_step(gss_buffer_t out, gss_buffer_t in);
/* Prints, on the line of the verdict, what there is to say of it. */
void side_explain(peer_verdict verdict);
/* The mechanism's context once it is complete. */
gss_ctx_id_t side_context(void);
void side_end(void);

#endif /* SPNEGO_INTEROP_PEER_H */
