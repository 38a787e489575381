/*
 * tests/toy_mech.h - a mechanism that does what its script says: so many tokens back and forth,
 * with integrity or without, failing, pending or lying where it is told to.
 *
 * The token of leg k (1 is the initiator's first) of mechanism NAME in session S is the text
 * "NAME/k/S", S in eight hexadecimal digits, repeated up to `token_len` if that is longer; a wrong
 * token fails the mechanism, and its error token is "NAME/error".  A MIC is a keyed sum over
 * direction, mechanism, session and message, 16 octets: each direction has its own, and no octet of
 * it or of the message can change unnoticed.
 * Data is wrapped as 'W', one octet that says whether it is encrypted, the data (each octet with 55
 * mixed in if so), and a MIC over all of that.
 * The two instances of one exchange agree on a session by the first token, so a token or a MIC of
 * another exchange is a wrong one.
 */
#ifndef SPNEGO_TESTS_TOY_MECH_H
#define SPNEGO_TESTS_TOY_MECH_H

#include <spnego/negotiate.h>

/* The ways in which a mechanism can break its contract, or fail. */
typedef enum toy_lie {
    TOY_HONEST = 0,
    TOY_FAILS,                  /* FAILED, with its error token                      */
    TOY_FAILS_SILENTLY,         /* FAILED, nothing written                           */
    TOY_UNAVAILABLE,            /* UNAVAILABLE                                       */
    TOY_CONTINUES_SILENTLY,     /* CONTINUE without a token                          */
    TOY_COMPLETES_SILENTLY,     /* COMPLETE without the token that the leg has       */
    TOY_COMPLETES_EARLY,        /* COMPLETE though legs are left                     */
    TOY_NEVER_COMPLETES,        /* CONTINUE where it should say COMPLETE             */
    TOY_UNKNOWN_RESULT,         /* a result that there is not: 77                    */
    TOY_ZERO_RESULT,            /* 0                                                 */
    TOY_WRITES_NULL,            /* spnego_sink_write(NULL, 8)                        */
    TOY_WRITES_HUGE,            /* one octet more than max_token (toy_mech.huge)     */
    TOY_CLAIMS_2_GIB,           /* a length of 2^31 with a pointer to little         */
    TOY_PENDS,                  /* PENDING, then goes on honestly in resume          */
    TOY_PENDS_THEN_FAILS,       /* PENDING, then FAILED in resume                    */
    TOY_PENDS_WRITING,          /* writes, then PENDING                              */
    TOY_REENTERS,               /* calls spnego_context_step on toy_mech.context     */
    TOY_DESTROYS,               /* calls spnego_context_destroy on it                */
    TOY_MIC_FAILS,              /* get_mic says FAILED                               */
    TOY_MIC_SILENT,             /* get_mic says COMPLETE and writes nothing          */
    TOY_MIC_UNKNOWN,            /* get_mic says 77                                   */
    TOY_VERIFY_FAILS,           /* verify_mic says FAILED whatever it gets           */
    TOY_VERIFY_UNKNOWN,         /* verify_mic says 77                                */
    TOY_VERIFY_CONTINUES,       /* verify_mic says CONTINUE: a supplementary status  */
    TOY_PENDS_THEN_UNKNOWN,     /* PENDING, then 77 in resume                        */
    TOY_PENDS_THEN_UNAVAILABLE, /* PENDING, then UNAVAILABLE in resume           */
    TOY_PENDS_TWICE,            /* PENDING, PENDING in the first resume, then honest */
    TOY_PENDS_FOR_EVER,         /* PENDING, and PENDING in each resume               */
    TOY_ECHOES,                 /* writes the octets that it got, from where they are */
    TOY_REENTERS_IN_MIC,        /* calls spnego_context_step in get_mic, verify_mic  */
    TOY_NUM_LIES
} toy_lie;

#define TOY_MAX_TOKEN 4096
/* Octets that wrapping adds. */
#define TOY_WRAP_OVERHEAD 18

typedef struct toy_mech {
    /* The script: set before use. */
    const char *name;
    int acceptor;        /* which side it plays                                       */
    int legs;            /* tokens in all, 1 to 5                                     */
    uint32_t flags;      /* SPNEGO_FLAG_*, INTEG and NEEDS_MIC among them             */
    uint32_t late_flags; /* those that query adds once it is complete                 */
    unsigned empty_legs; /* bit k: leg k has an empty token (SPNEGO_FLAG_EMPTY_TOKENS) */
    int no_credential;   /* `available` says 0                                        */
    toy_lie lie;
    int lie_at;              /* at the step with this number, 1 is the first; 0: at each   */
    size_t token_len;        /* tokens are at least that long                              */
    size_t huge;             /* for TOY_WRITES_HUGE                                        */
    uint32_t session;        /* initiator: which exchange this is                          */
    int symmetric;           /* MICs are the same in both directions (LOG-08)              */
    int signature;           /* "NTLMSSP" and NUL stand before each of its tokens          */
    int grants_only_asked;   /* of CONF, INTEG, MUTUAL, DELEG, IDENTIFY what prepare did not
                              * ask for is dropped                                         */
    spnego_context *context; /* for TOY_REENTERS and TOY_DESTROYS                      */
    uint32_t gss_major;      /* what it says when it fails; 0: TOY_GSS_MAJOR           */

    /* What happened: begins as zero. */
    int steps;    /* step was called                                            */
    int next_leg; /* the one that comes next, whosever it is; 0 is 1           */
    int complete;
    int ended; /* it said COMPLETE, FAILED, UNAVAILABLE or nonsense         */
    int pending;
    int pended; /* step or resume said PENDING                               */
    int abandoned;
    int expected;      /* mic_expected was called                                    */
    int signed_mics;   /* mic_done(0)                                                */
    int verified_mics; /* mic_done(1)                                                */
    int get_mic_calls;
    int verify_calls;
    int after_end;        /* calls that must not have come                              */
    const char *breach;   /* what was wrong with the last of them                       */
    char trace[64];       /* each call in turn: s step, r resume, e mic_expected, g get_mic,
                           * v verify_mic, m mic_done(0), w mic_done(1), a abandon,
                           * x export_state, i import_state, p prepare                  */
    int reentry_status;   /* what the call of TOY_REENTERS returned                     */
    uint32_t asked_flags; /* by prepare                                                 */
    char asked_target[64];
    char asked_bindings[64];
    uint8_t verified[64]; /* the octets that verify_mic got last                       */
    size_t verified_len;
} toy_mech;

/* What a toy's code is when it fails: reaches spnego_error.mech_code.  TOY_PEER_CODE is its code
 * when it fails because the peer's toy said so, by its error token. */
#define TOY_CODE 4711
#define TOY_PEER_CODE 4712
#define TOY_GSS_MAJOR 0x000b0000u /* GSS_S_CREDENTIALS_EXPIRED */

/* Three mechanisms to offer: X is Kerberos, Y is NTLM, Z is one nobody knows; plus Kerberos under
 * Windows' number.  Their step knows its script by `self`. */
extern const spnego_mech_ops toy_x, toy_y, toy_z, toy_ms;

/* toy_mech_of makes the entry of a list: ops as above, self a toy_mech. */
spnego_mech toy_mech_of(const spnego_mech_ops *ops, toy_mech *toy);

/* toy_token writes the token of a leg, as a scripted peer sends it; returns its length.
 * TOY_MAX_TOKEN octets are enough. */
size_t toy_token(uint8_t *out, const char *name, int leg, uint32_t session, size_t token_len);

/* toy_mic writes the 16 octets that the named mechanism's initiator (or acceptor) signs with. */
void toy_mic(uint8_t out[16], const char *name, int by_acceptor, uint32_t session,
             spnego_bytes message);

/* ---- One side of a negotiation ------------------------------------------------------------- */

/* A context with its mechanisms, and what it told of itself. */
typedef struct toy_side {
    toy_mech x, y, z, ms; /* the name of ms is "X": one mechanism under two numbers */
    spnego_mech mechs[4];
    spnego_config config;
    spnego_context *context;

    /* From on_event. */
    unsigned events[SPNEGO_EVENT_STEP + 1];   /* how many of each type                  */
    uint32_t event_quirks;                    /* quirks that were reported              */
    spnego_event last[SPNEGO_EVENT_STEP + 1]; /* the last of each type, without its bytes */
} toy_side;

enum { TOY_INTEROPERABLE, TOY_STRICT };

/* toy_side_init prepares a side: its list is `letters`, "XYZM" for those above; each mechanism has
 * that many legs and those flags; session 1.  config.user is the side, and events are recorded. */
void toy_side_init(toy_side *side, spnego_role role, int profile, const char *letters, int legs,
                   uint32_t flags);

/* toy_side_open makes the context, or ends the process if that fails; toy_side_close destroys it
 * and returns how many calls came to its mechanisms that must not have come. */
void toy_side_open(toy_side *side);
int toy_side_close(toy_side *side);

/* ---- A whole exchange between two contexts ------------------------------------------------- */

/* What one side came to. */
typedef struct toy_end {
    spnego_status status;
    spnego_rule rule;
    spnego_info info; /* zero unless COMPLETE */
} toy_end;

/* toy_exchange passes tokens between the two until both have ended, or nothing is left to pass,
 * resuming what pends, and passing an empty token where one wants to go on and has none.  `opening`
 * is who gets the first call: SPNEGO_INITIATOR, or SPNEGO_ACCEPTOR, which is asked for hints.
 * `tamper`, if not NULL, sees each token (number from 0, from whom) and may change it: octets in a
 * buffer of *len with room for `size`; returning 0 drops it.  Returns the number of tokens passed.
 */
typedef int toy_tamper(void *user, unsigned number, spnego_role from, uint8_t *token, size_t *len,
                       size_t size);
unsigned toy_exchange(toy_end *initiator_end, toy_end *acceptor_end, spnego_context *initiator,
                      spnego_context *acceptor, spnego_role opening, toy_tamper *tamper,
                      void *user);

#endif /* SPNEGO_TESTS_TOY_MECH_H */
