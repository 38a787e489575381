/*
 * fuzz/negotiation.h - what the targets of the negotiation have in common: a side whose settings
 * come from the input, with the scripted mechanisms of tests/toy_mech.h, with memory that is
 * counted, and with laws that are asserted in each call and at the end.
 */
#ifndef SPNEGO_FUZZ_NEGOTIATION_H
#define SPNEGO_FUZZ_NEGOTIATION_H

#include "law.h"

#include "toy_mech.h"

/* ---- The input ----------------------------------------------------------------------------- */

/* Octets of the input, taken one after the other; 0 when it is used up. */
typedef struct source {
    const uint8_t *data;
    size_t len;
} source;

uint8_t take(source *from);

/* take_bytes is a view of as many octets as the two that come first say, or as there are. */
spnego_bytes take_bytes(source *from);

/* ---- Octets that grow ---------------------------------------------------------------------- */

typedef struct octets {
    uint8_t *data;
    size_t len;
    size_t size;
} octets;

void octets_add(octets *to, const void *data, size_t len);
void octets_set(octets *to, spnego_bytes from);
void octets_free(octets *o);
spnego_bytes octets_view(const octets *o); /* absent if there are none */

/* ---- A side -------------------------------------------------------------------------------- */

/* What a side is watched with. */
typedef enum watch_mode {
    WATCH_BY_EVENTS, /* on_event is set, formats each event and calls back; memory is poisoned   */
    WATCH_SILENTLY   /* no on_event; another poison                                              */
} watch_mode;

enum { NUM_TOYS = 4, MAX_LIVE = 16 };

typedef struct watched {
    toy_side toy; /* first: config.user is the address of both */
    spnego_bytes denied, allowed;
    toy_mech *toys[NUM_TOYS];
    octets trace; /* everything that the calls gave, for comparing two runs */

    /* Memory. */
    uint8_t poison;
    unsigned fail_at, fail_on; /* the number of the allocation that fails; and all that follow */
    unsigned num_allocs, refused;
    size_t allocated; /* octets, in all */
    size_t fed;       /* octets given to the context, in all */
    struct {
        void *memory;
        size_t size;
    } live[MAX_LIVE];
    size_t num_live;

    /* What has been seen. */
    int over;        /* the verdict is negative          */
    int done;        /* it is COMPLETE                   */
    int pending;     /* the mechanism wants time         */
    int outstanding; /* pieces of an output are left     */
    int unfinished;  /* pieces of an input are left      */
    int reflects;    /* the token that is given has the MIC that was sent   */
    int ends;        /* the token that is given says accept-completed       */
    int asked;       /* request-mic was sent, or taken                      */
    int mic_in_last; /* the last token that was given out has one           */
    spnego_status verdict;
    spnego_rule rule;
    unsigned num_steps;     /* those that were taken as such                  */
    unsigned num_tokens;    /* whole tokens that were given out               */
    unsigned num_resps;     /* NegTokenResp among them                        */
    unsigned num_rejects;   /* rejects among those                            */
    octets list;            /* MechTypeList as sent, or as it was given       */
    octets piece;           /* an output, as far as it has come               */
    octets last;            /* the last whole output                          */
    octets inner;           /* the mechanism's token in it                    */
    octets mic;             /* the last MIC that was given out                */
    octets supported;       /* supportedMech, as the acceptor sent it         */
    const toy_mech *signer; /* who made that MIC                          */
} watched;

/* side_set_up takes the settings of a side from the input. */
void side_set_up(watched *side, spnego_role role, watch_mode mode, source *from);

/* side_open makes the context.  Returns 0 if the settings, or memory, do not allow one. */
int side_open(watched *side);

/* side_step and side_resume make one call and assert the laws of a call.  token_is is what the
 * input is, or belongs to, as a whole; its list and its negState are looked at. */
spnego_status side_step(watched *side, spnego_bytes *out, spnego_bytes in, spnego_bytes token_is);
spnego_status side_resume(watched *side, spnego_bytes *out);

/* side_go_on resumes what pends and fetches the pieces that are left. */
spnego_status side_go_on(watched *side, spnego_status status);

/* side_close asserts that a verdict stands, that what must not be called was not, and that all
 * memory came back wiped; then frees what the watch itself holds, but not the trace. */
void side_close(watched *side);

/* side_toy is the mechanism with that OID, under any of Kerberos' numbers, or NULL. */
toy_mech *side_toy(watched *side, spnego_bytes oid);

/* side_has_credential says whether a mechanism of its list may be used and has one. */
int side_has_credential(const watched *side, size_t mech);

/* is_same_mech knows that Kerberos has two numbers (MS-SPNG 3.1.5.2). */
int is_same_mech(spnego_bytes a, spnego_bytes b);

/* run_twice runs a target with events and without, with one poison and with another, and asserts
 * that nothing else is different. */
void run_twice(void (*run)(octets *trace, watch_mode mode, source from), const uint8_t *data,
               size_t size);

/* mic_of writes the MIC of one direction over `list`, as tests/toy_mech.c makes it. */
void mic_of(uint8_t out[16], const toy_mech *toy, int by_acceptor, spnego_bytes list);

#endif /* SPNEGO_FUZZ_NEGOTIATION_H */
