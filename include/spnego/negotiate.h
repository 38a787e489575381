/*
 * spnego/negotiate.h - one negotiation of RFC 4178 (and MS-SPNG), as octets in and octets out.
 *
 * A spnego_context plays one side, initiator or acceptor, of one negotiation.  It does no input or
 * output, reads no clock and no random source, and shares nothing with other contexts: the same
 * calls with the same octets give the same octets, the same events and the same verdict.
 *
 *     spnego_config config;
 *     spnego_config_init(&config, sizeof config, SPNEGO_INITIATOR);
 *     config.mechs = mechs;                        // what the host plugs in, most preferred first
 *     config.num_mechs = 2;
 *     if (spnego_context_create(&context, NULL, &config) != SPNEGO_COMPLETE) ...
 *     spnego_bytes in = {NULL, 0}, out;            // an initiator begins without a token, an
 *                                                  // acceptor with in = receive_from_peer()
 *     do {
 *         status = spnego_context_step(context, &out, in);
 *         if (out.data != NULL || status == SPNEGO_CONTINUE)
 *             send_to_peer(out);                   // also when it failed: out is then a reject
 *         if (status == SPNEGO_CONTINUE)
 *             in = receive_from_peer();
 *     } while (status == SPNEGO_CONTINUE);
 *     if (status == SPNEGO_COMPLETE)
 *         spnego_context_info(context, &info);     // which mechanism, protected by MICs or not
 *     else
 *         log(spnego_context_error(context));
 *     spnego_context_destroy(context);
 *
 * What to do with each pair of (status, *out) stands at spnego_context_step.  Conventions that hold
 * for every function here besides those of types.h:
 *   - A spnego_bytes result is the context's and lasts until the next call that takes the context
 *     without const, or until it is destroyed.
 *   - A context is used by one thread at a time; different contexts by different threads, without
 *     locks.
 *   - A callback must not call a function that changes the context it was called from: such a call
 *     is refused with SPNEGO_ERR_USAGE, and if it came from a mechanism the negotiation fails.
 *   - What a callback gets as spnego_bytes is borrowed until it returns; what it hands over with
 *     spnego_sink_write is copied.  The library never frees what a host made.
 */
#ifndef SPNEGO_NEGOTIATE_H
#define SPNEGO_NEGOTIATE_H

#include <spnego/rules.h>
#include <spnego/token.h>
#include <spnego/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Verdicts ------------------------------------------------------------------------------ */

/* Not negative: the negotiation lives, or has succeeded.  Negative: something failed, and the
 * hundreds say who is to blame.  Every negative status but SPNEGO_ERR_USAGE is final: each later
 * step gives the same one, without output. */
typedef enum spnego_status {
    SPNEGO_COMPLETE = 0, /* the mechanism is complete and every MIC that was required is checked */
    SPNEGO_CONTINUE = 1, /* the peer's next token is needed                                     */
    SPNEGO_PENDING = 2,  /* the mechanism needs time: spnego_context_resume when it is ready     */

    SPNEGO_ERR_USAGE = -100,     /* the caller broke the contract; the context is as it was       */
    SPNEGO_ERR_MALFORMED = -200, /* the peer's octets are no SPNEGO token                         */
    SPNEGO_ERR_PROTOCOL = -300,  /* a well-formed token that the peer must not send here          */
    SPNEGO_ERR_BAD_MIC = -400,   /* a required mechListMIC is wrong or missing: someone between
                                  * the two ends may have changed the list of mechanisms          */
    SPNEGO_ERR_MECH = -500,      /* the mechanism failed; its own code is in spnego_error         */
    SPNEGO_ERR_MECH_LIED = -501, /* the mechanism broke the contract of spnego_mech_ops           */
    SPNEGO_ERR_NO_MECH = -600,   /* no mechanism that both sides can use, or none left here       */
    SPNEGO_ERR_REJECTED = -601,  /* the peer answered reject                                      */
    SPNEGO_ERR_POLICY = -602,    /* it would succeed, but not as the configuration demands        */
    SPNEGO_ERR_IO = -700,        /* spnego_loop: send or receive failed, or the stream ended      */
    SPNEGO_ERR_DEADLINE = -701,  /* spnego_loop: the host's deadline passed                       */
    SPNEGO_ERR_IMPORT = -800,    /* the octets are no exported context, or not for this host      */
    SPNEGO_ERR_NO_MEMORY = -900, /* the allocator gave none                                       */
    SPNEGO_ERR_LIMIT = -901      /* one of spnego_limits was reached                              */
} spnego_status;

/* Who is to blame. */
typedef enum spnego_blame {
    SPNEGO_BLAME_NOBODY = 0,
    SPNEGO_BLAME_CALLER = 1,
    SPNEGO_BLAME_PEER = 2, /* or whoever is between */
    SPNEGO_BLAME_MECH = 3,
    SPNEGO_BLAME_MACHINE = 4
} spnego_blame;

typedef struct spnego_status_text {
    spnego_status status;
    const char *name;     /* "BAD_MIC" */
    uint32_t gss_major;   /* GSS_S_* of RFC 2744 3.9.1: what a GSS implementation returns */
    const char *gss_name; /* "GSS_S_DEFECTIVE_TOKEN" */
    spnego_blame blame;
    const char *sentence; /* lower case, no full stop */
} spnego_status_text;

/* spnego_status_describe returns the row of a status; static.  For a number that is no status the
 * row of SPNEGO_ERR_USAGE. */
SPNEGO_API const spnego_status_text *spnego_status_describe(spnego_status status);

/* spnego_status_list returns the rows of all statuses; static. */
SPNEGO_API const spnego_status_text *spnego_status_list(size_t *out_num_statuses);

/* A mechanism's own account of a failure, passed through untouched.  gss_major is a GSS_S_* value
 * of RFC 2744 if the mechanism has one, else 0. */
typedef struct spnego_mech_code {
    int32_t code;
    uint32_t gss_major;
} spnego_mech_code;

/* There is no offset: nothing in the peer's token is at fault. */
#define SPNEGO_NO_OFFSET ((size_t)-1)

/* Why it failed.  Everything in it is by value or static but mech, which is spnego_mech_ops.name.
 */
typedef struct spnego_error {
    spnego_status status;
    spnego_rule rule;           /* spnego_rule_describe has the sentence and the citation */
    spnego_field field;         /* of the peer's token, or SPNEGO_FIELD_NONE              */
    spnego_token_type type;     /* of that token, for spnego_field_name                   */
    size_t offset;              /* of that field, header included, in the peer's token; if it
                                 * is missing, of the message; or SPNEGO_NO_OFFSET        */
    const char *mech;           /* the mechanism concerned, or NULL                       */
    spnego_mech_code mech_code; /* what that mechanism gave as its reason; zero if none   */
} spnego_error;

/* spnego_error_gss_major returns the GSS_S_* major status of a failure: the mechanism's own where
 * it is the mechanism that failed and gave one (RFC 4178 3.2), else that of the status. */
SPNEGO_API uint32_t spnego_error_gss_major(const spnego_error *error);

/* spnego_error_format writes one line for a log, without a newline: status, rule, field, offset,
 * mechanism and its code.  Writes at most buf_len octets, NUL included, if buf_len is not 0;
 * returns the length that the whole line has. */
SPNEGO_API size_t spnego_error_format(char *buf, size_t buf_len, const spnego_error *error);

/* ---- Mechanisms: what the host plugs in ---------------------------------------------------- */

typedef enum spnego_mech_result {
    SPNEGO_MECH_COMPLETE = 1,    /* done, successfully; a last token may have been written        */
    SPNEGO_MECH_CONTINUE = 2,    /* the peer's next token is needed                               */
    SPNEGO_MECH_PENDING = 3,     /* needs time: what it wants of `in` it has copied; nothing was
                                  * written; resume is called when the host says so               */
    SPNEGO_MECH_UNAVAILABLE = 4, /* first step only: no credential here, try the next mechanism   */
    SPNEGO_MECH_FAILED = 5       /* refused; an error token for the peer may have been written    */
} spnego_mech_result;

/* What a mechanism says of its context (spnego_mech_ops.query).  The low bits are GSS_C_*_FLAG of
 * RFC 2744 as in ret_flags, so a host over GSS returns those and adds the high ones. */
#define SPNEGO_FLAG_DELEG 0x0001u
#define SPNEGO_FLAG_MUTUAL 0x0002u
#define SPNEGO_FLAG_REPLAY 0x0004u
#define SPNEGO_FLAG_SEQUENCE 0x0008u
#define SPNEGO_FLAG_CONF 0x0010u
#define SPNEGO_FLAG_INTEG 0x0020u /* get_mic and verify_mic work: RFC 4178 5 turns on it */
#define SPNEGO_FLAG_ANON 0x0040u
#define SPNEGO_FLAG_PROT_READY 0x0080u /* ignored: false in SPNEGO, RFC 4178 3.1 */
#define SPNEGO_FLAG_TRANS 0x0100u
/* The acceptor may learn who the initiator is and not act in its name: GSS_C_IDENTIFY_FLAG, which
 * MS-KILE 3.2.1 and MIT krb5 have beside those of RFC 2744. */
#define SPNEGO_FLAG_IDENTIFY 0x2000u
/* MICs must be exchanged though RFC 4178 5 would leave it open: NTLM with a MIC of its own in the
 * AUTHENTICATE message (MS-SPNG 3.3.5.1). */
#define SPNEGO_FLAG_NEEDS_MIC 0x00010000u
/* The mechanism gives and takes empty tokens (RFC 7546 3.2 knows such): CONTINUE, and an
 * initiator's first step, may write nothing.  Its last token must not be empty, for COMPLETE with
 * nothing written sends nothing. */
#define SPNEGO_FLAG_EMPTY_TOKENS 0x00020000u

/* Where a mechanism writes its output, valid until its function returns. */
typedef struct spnego_sink spnego_sink;

/* spnego_sink_write copies len octets behind those written before in the same call.  Nothing is to
 * be freed, and nothing fails visibly: if there is no memory, if it is more than max_token, or if
 * data is NULL and len is not 0, the step that the mechanism is in fails when it returns. */
SPNEGO_API void spnego_sink_write(spnego_sink *sink, const void *data, size_t len);

/* What is wanted of a mechanism, for spnego_mech_ops.prepare: the arguments of RFC 2744 5.19
 * and 5.1 that a protocol sets, as opposed to those that belong to the credential. */
typedef struct spnego_request {
    uint32_t flags;                /* initiator: SPNEGO_FLAG_* to ask for; the rest not to, but
                                    * INTEG, which SPNEGO asks for in any case (RFC 4178 3)     */
    spnego_bytes target;           /* initiator: "service@host" (RFC 2743 4.1), or absent       */
    spnego_bytes channel_bindings; /* application data of RFC 2744 3.11, or absent              */
} spnego_request;

/* One mechanism.  Make it static const: the library keeps pointers to it, writes nothing to it.
 * `self` is the instance pointer of spnego_mech.  *code is zero at each call.  Members marked
 * "optional" may be NULL. */
typedef struct spnego_mech_ops {
    size_t struct_size; /* sizeof(spnego_mech_ops), so that this struct can grow */
    const char *name;   /* "krb5"; for events and errors */
    spnego_bytes oid;   /* OBJECT IDENTIFIER contents, no tag and length; not SPNEGO's own */

    /* Takes the peer's token, writes at most one to `out`.  in.data is NULL in an initiator's
     * first step and nowhere else; in.len is 0 elsewhere only with SPNEGO_FLAG_EMPTY_TOKENS.
     * Not called again after COMPLETE, FAILED or UNAVAILABLE. */
    spnego_mech_result (*step)(void *self, spnego_sink *out, spnego_mech_code *code,
                               spnego_bytes in);

    /* Optional: goes on after PENDING; results as those of step.  A mechanism without it may not
     * answer PENDING. */
    spnego_mech_result (*resume)(void *self, spnego_sink *out, spnego_mech_code *code);

    /* SPNEGO_FLAG_*, as they are now; asked after each step, and before the first. */
    uint32_t (*query)(void *self);

    /* Optional: 0 if there is no credential for this mechanism now.  NULL: there is one. */
    int (*available)(void *self);

    /* Sign `message`, or check it, with QOP 0.  Called only once step said COMPLETE and query says
     * INTEG, without which both may be NULL.  COMPLETE is success, everything else failure,
     * supplementary statuses as well (RFC 2743 1.2.3).  verify_mic's time must not depend on which
     * octet differs. */
    spnego_mech_result (*get_mic)(void *self, spnego_sink *mic, spnego_mech_code *code,
                                  spnego_bytes message);
    spnego_mech_result (*verify_mic)(void *self, spnego_mech_code *code, spnego_bytes message,
                                     spnego_bytes mic);

    /* Optional, for data after COMPLETE (spnego_context_wrap). */
    spnego_mech_result (*wrap)(void *self, spnego_sink *out, spnego_mech_code *code,
                               spnego_bytes message, int conf);
    spnego_mech_result (*unwrap)(void *self, spnego_sink *out, spnego_mech_code *code,
                                 int *out_conf, spnego_bytes message);

    /* Optional: MICs will be exchanged if the mechanism has integrity.  Called once, before the
     * first step at which that is known; not at all if only the peer's MIC shows it. */
    void (*mic_expected)(void *self);

    /* Optional: a mechListMIC was made (verified 0), or one of the peer's was found good
     * (verified 1).  NTLM restores its RC4 state here (MS-SPNG 3.2.5.1, 3.3.5.1). */
    void (*mic_done)(void *self, int verified);

    /* Optional: this instance, which had begun, is not the one, or the negotiation failed or was
     * given up, be the mechanism itself complete or not.  Called at most once, never once the
     * negotiation is complete; nothing else is called after it. */
    void (*abandon)(void *self);

    /* Optional: the instance's state as octets, and back into an instance that has not begun.
     * COMPLETE is success. */
    spnego_mech_result (*export_state)(void *self, spnego_sink *out);
    spnego_mech_result (*import_state)(void *self, spnego_bytes state);

    /* Optional: what spnego_config.request asks for, before anything else; called once by
     * spnego_context_create, and not at all without a request.  The views last until it returns.
     * A mechanism that cannot do what is asked says so by `available` and by its flags. */
    void (*prepare)(void *self, const spnego_request *request);
} spnego_mech_ops;

/* A mechanism and its instance for one negotiation.  An instance stands once in a list and serves
 * one context: a mechanism that is chosen after another was tried must start afresh. */
typedef struct spnego_mech {
    const spnego_mech_ops *ops;
    void *self; /* the caller's; must outlive the context */
    /* RFC 4178 section 6: attributes (OIDs, contents octets) that this mechanism has. */
    const spnego_bytes *attributes;
    size_t num_attributes;
} spnego_mech;

/* ---- Observing ----------------------------------------------------------------------------- */

typedef enum spnego_event_type {
    SPNEGO_EVENT_TOKEN_IN = 1,   /* bytes: the token; text: its type or negState              */
    SPNEGO_EVENT_TOKEN_OUT,      /* the same                                                  */
    SPNEGO_EVENT_MECH_SKIPPED,   /* text: its name; bytes: its OID.  It has no credential     */
    SPNEGO_EVENT_MECH_SELECTED,  /* text: its name; bytes: its OID as it is on the wire       */
    SPNEGO_EVENT_MECH_ABANDONED, /* text: its name; bytes: its OID                            */
    SPNEGO_EVENT_MIC_REQUIRED,   /* text: why                                                 */
    SPNEGO_EVENT_MIC_SENT,       /* bytes: the MIC                                            */
    SPNEGO_EVENT_MIC_VERIFIED,   /* bytes: the MIC; offset                                    */
    SPNEGO_EVENT_QUIRK,          /* quirk; text: its name, or the rule's that the reader passed
                                  * over, with quirk 0; offset                                */
    SPNEGO_EVENT_STATE,          /* state: the one entered                                    */
    SPNEGO_EVENT_STEP            /* the step is over: status, rule, in_len, out_len; one line
                                  * of this for each step makes a log of the negotiation      */
} spnego_event_type;

typedef struct spnego_event {
    spnego_event_type type;
    int role;             /* SPNEGO_INITIATOR or SPNEGO_ACCEPTOR                      */
    unsigned step;        /* 1 is the first; a resumed step keeps its number           */
    const char *state;    /* name of the state, as spnego_context_state               */
    const char *text;     /* static or spnego_mech_ops.name, or NULL                  */
    spnego_bytes bytes;   /* borrowed for the callback; absent where not said          */
    size_t offset;        /* in the peer's token, or SPNEGO_NO_OFFSET                  */
    uint32_t quirk;       /* one SPNEGO_QUIRK_*, or 0                                 */
    spnego_status status; /* STEP: the verdict so far                                  */
    spnego_rule rule;     /* STEP: why it failed, or SPNEGO_RULE_NONE                  */
    size_t in_len;        /* STEP: octets of the peer's token                          */
    size_t out_len;       /* STEP: octets of ours                                      */
} spnego_event;

/* spnego_event_format writes an event as one line without a newline; no octet of a token is in
 * it.  Buffer and result as in spnego_error_format. */
SPNEGO_API size_t spnego_event_format(char *buf, size_t buf_len, const spnego_event *event);

/* ---- Configuring --------------------------------------------------------------------------- */

typedef enum spnego_role { SPNEGO_INITIATOR = 1, SPNEGO_ACCEPTOR = 2 } spnego_role;

/* Departures of real peers that a negotiation may live with, none of which takes a protection
 * away.  A use is reported as an event and in spnego_info.  vectors/INTEROPERABILITY.md has the
 * shapes. */
/* A first reply without negState: the mechanism's own state tells. */
#define SPNEGO_QUIRK_MISSING_NEG_STATE 0x0001u
/* A first reply without supportedMech that answers the optimistic token, or says accept-completed
 * where that was the mechanism's only one: it is the optimistic one. */
#define SPNEGO_QUIRK_MISSING_SUPPORTED_MECH 0x0002u
/* supportedMech again in a later reply, the same one. */
#define SPNEGO_QUIRK_REPEATED_SUPPORTED_MECH 0x0004u
/* 1.3.5.1.5.2 in a reply is Kerberos (an OID from before RFC 1964). */
#define SPNEGO_QUIRK_OLD_KRB5_OID 0x0008u
/* A mechListMIC equal to the token beside it is none; only while none is required. */
#define SPNEGO_QUIRK_MIC_ECHOES_TOKEN 0x0010u
/* An empty responseToken where the mechanism is complete is none. */
#define SPNEGO_QUIRK_EMPTY_TOKEN_AT_END 0x0020u
/* accept-incomplete in place of request-mic where another mechanism was chosen: only if the
 * initiator sends that mechanism's last token, and MICs are required.  Where it turns out that the
 * acceptor sends it, this side fails, but the acceptor has completed. */
#define SPNEGO_QUIRK_RESELECT_WITHOUT_REQUEST_MIC 0x0040u
/* accept-incomplete though nothing is owed: complete, and answer accept-completed. */
#define SPNEGO_QUIRK_INCOMPLETE_AT_END 0x0080u
/* An initiator's last MIC without accept-completed beside it is answered. */
#define SPNEGO_QUIRK_ANSWER_LAST_MIC 0x0100u
/* Acceptor: an empty first token is answered with NegTokenInit2 (MS-SPNG 3.2.5.2).  The context
 * that gave it then takes the initiator's first token; so does any other, for none keeps it. */
#define SPNEGO_QUIRK_SEND_HINTS 0x0200u
/* Initiator: a NegTokenInit2 may come before anything was sent.  Nothing in it is believed. */
#define SPNEGO_QUIRK_TAKE_HINTS 0x0400u

/* The two profiles: what RFC 4178 says and no more, or that and every quirk above. */
#define SPNEGO_QUIRKS_STRICT 0u
#define SPNEGO_QUIRKS_INTEROPERABLE 0x07ffu

/* spnego_quirk_name returns "MISSING_NEG_STATE" and the like, for one bit; NULL for none. */
SPNEGO_API const char *spnego_quirk_name(uint32_t quirk);

/* Initiator: no mechToken in the NegTokenInit. */
#define SPNEGO_OPTION_NO_OPTIMISTIC_TOKEN 0x0001u
/* Acceptor: choose by the order of its own list, not by the initiator's. */
#define SPNEGO_OPTION_OWN_ORDER 0x0002u
/* MICs or nothing.  An acceptor answers request-mic.  An initiator signs with its last token; it
 * cannot ask, so it fails where the acceptor sends the last token without a MIC.  A mechanism
 * without integrity is SPNEGO_ERR_POLICY. */
#define SPNEGO_OPTION_REQUIRE_MIC 0x0004u
/* Initiator: the first mechanism of its list or none. */
#define SPNEGO_OPTION_NO_FALLBACK 0x0008u
/* Acceptor: if a mechanism fails on the optimistic token, choose the next, with request-mic.
 * Whoever can spoil that token, which no MIC covers, then chooses. */
#define SPNEGO_OPTION_TRY_NEXT_MECH 0x0010u
/* Take a token in fragments, as much of it as each step's input brings (MS-SPNG 3.1.5.9). */
#define SPNEGO_OPTION_TAKE_FRAGMENTS 0x0020u
/* No SPNEGO: the tokens are those of one mechanism, as RFC 4752, RFC 1961 and, without protection,
 * MS-NNS carry them.  An initiator takes the first of its list, an acceptor the one that the first
 * token names, or its own first where that names none.  A failed step's output is the mechanism's
 * error token or nothing.  Not with REQUIRE_MIC, fragments or spnego_context_export. */
#define SPNEGO_OPTION_BARE 0x0040u
/* Acceptor: a first token without SPNEGO is taken if it is one of its own mechanisms (RFC 4559 4,
 * MS-NNS 3.2.4.1).  Nothing then shows that another mechanism was offered and struck out: allow and
 * deny, which hold for such tokens too, are all that limits the choice.  Not with REQUIRE_MIC
 * or fragments. */
#define SPNEGO_OPTION_TAKE_BARE 0x0080u
/* Initiator: INTEG is asked for only if spnego_config.request says so.  For LDAP under TLS, where
 * Active Directory refuses a context that could sign.  Without integrity there are no MICs. */
#define SPNEGO_OPTION_NO_INTEG 0x0100u

/* A zero takes the default.  All stop a peer that would make this side work or wait for ever. */
typedef struct spnego_limits {
    size_t max_token; /* octets in one token of the peer's, and in what a mechanism writes at a
                       * time, wrap included; default 65536: Kerberos tickets with large PACs come
                       * near it                                                                 */
    size_t max_mechs; /* entries of the peer's mechTypes, which are searched for each of ours;
                       * default 32: no known peer offers more than 8                            */
    size_t max_steps; /* steps in one negotiation, fragments not counted; default 16: five legs,
                       * hints and the MICs need 8                                               */
} spnego_limits;

typedef struct spnego_config {
    size_t struct_size; /* set by spnego_config_init */
    spnego_role role;

    const spnego_mech *mechs;      /* most preferred first; the array is copied, what its members
                                    * point at is not */
    size_t num_mechs;              /* with num_attributes at most 64 */
    const spnego_request *request; /* for spnego_mech_ops.prepare, with INTEG added; NULL: nothing
                                    * is asked, and the host's mechanisms must ask for INTEG */
    /* Mechanisms that may, and that must not, be used, as OIDs; num_allow 0 allows all.  Asked for
     * the OID of spnego_mech_ops; if nothing is left, create fails with SPNEGO_ERR_NO_MECH. */
    const spnego_bytes *allow;
    size_t num_allow;
    const spnego_bytes *deny;
    size_t num_deny;
    /* RFC 4178 section 6.  Initiator: carried at the end of mechTypes.  Acceptor: supported ones;
     * if the initiator's first mechanism lacks one, request-mic.  Borrowed until destroy. */
    const spnego_bytes *attributes;
    size_t num_attributes;

    uint32_t options;  /* SPNEGO_OPTION_*                                                  */
    uint32_t quirks;   /* SPNEGO_QUIRK_*                                                   */
    uint32_t tolerate; /* SPNEGO_TOLERATE_* for reading the peer's tokens                  */
    /* SPNEGO_FLAG_* that the complete mechanism must have, else SPNEGO_ERR_POLICY (RFC 7546 4).
     * With ANON nothing is sent before the mechanism says ANON (RFC 7546 3.1). */
    uint32_t required_flags;
    spnego_limits limits;
    size_t max_fragment; /* octets in one output; 0: whole tokens; else 5 or more, and each empty
                          * input fetches the next piece (MS-SPNG 3.1.5.6)                 */

    void *user; /* first argument of the callbacks below */
    /* Both, or none: then malloc and free.  alloc returns memory for any type, or NULL. */
    void *(*alloc)(void *user, size_t size);
    void (*dealloc)(void *user, void *memory);
    /* Optional.  What it does and returns cannot change the negotiation. */
    void (*on_event)(void *user, const spnego_event *event);
    /* Optional.  Acceptor: 0 passes over a mechanism that would be chosen; mech_types is the
     * initiator's list, for spnego_mech_types_next, with attributes as it may have them. */
    int (*acceptable)(void *user, const spnego_mech *mech, spnego_bytes mech_types);
} spnego_config;

/* spnego_config_init fills *config with the interoperable profile: every quirk, and the reader's
 * SPNEGO_TOLERATE_INTEROPERABLE.  struct_size is sizeof(spnego_config). */
SPNEGO_API void spnego_config_init(spnego_config *config, size_t struct_size, spnego_role role);

/* spnego_config_strict puts *config into the strict profile: no quirk, no tolerance. */
SPNEGO_API void spnego_config_strict(spnego_config *config);

/* ---- Running ------------------------------------------------------------------------------- */

typedef struct spnego_context spnego_context;

/* spnego_context_create puts a new context into *out_context and returns SPNEGO_COMPLETE; or
 * returns ERR_USAGE (a member of *config breaks its contract), ERR_NO_MECH or ERR_NO_MEMORY, with
 * *out_context NULL and, if out_error is not NULL, *out_error filled.  *config is not kept. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_context_create(spnego_context **out_context,
                                                               spnego_error *out_error,
                                                               const spnego_config *config);

/* spnego_context_destroy wipes and frees.  context may be NULL.  Unless the negotiation is
 * complete, or was exported and goes on elsewhere, mechanisms that had begun are told by `abandon`.
 */
SPNEGO_API void spnego_context_destroy(spnego_context *context);

/* spnego_context_step takes the peer's next token and gives ours.  in is absent or empty in an
 * initiator's first step; in an acceptor's first step that asks for hints.  in must not point into
 * an earlier output of this context.  *out is absent if there is nothing to send.
 *
 *   status      *out      what the caller does (RFC 7546 3.2, 3.5)
 *   COMPLETE    token     sends it; then the context is established
 *   COMPLETE    absent    the context is established
 *   CONTINUE    token     sends it, steps again with the peer's answer
 *   CONTINUE    absent    sends an empty token if its carrier has such a thing, and steps again;
 *                         after a fragment (SPNEGO_OPTION_TAKE_FRAGMENTS) the same
 *   PENDING     absent    calls spnego_context_resume once the mechanism is ready
 *   negative    token     sends it, a reject that may hold the mechanism's error token; then gives
 *                         up
 *   negative    absent    tells the peer by the carrier's own means, if it has any; then gives up
 *   ERR_USAGE   absent    mends its ways: the context is as before
 *
 * A token that arrives after COMPLETE is not for this function: ERR_USAGE, and the context stays
 * established.  Nothing that a peer sends takes a requirement back once it stands. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_context_step(spnego_context *context,
                                                             spnego_bytes *out, spnego_bytes in);

/* spnego_context_resume goes on with a step that answered SPNEGO_PENDING; results as those of
 * spnego_context_step.  ERR_USAGE if nothing is pending. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_context_resume(spnego_context *context,
                                                               spnego_bytes *out);

/* spnego_context_error returns why the negotiation failed, whatever was called since, or why the
 * last call was refused (ERR_USAGE), wrap and unwrap not counted, which say so themselves; until
 * then its status is SPNEGO_COMPLETE and its rule SPNEGO_RULE_NONE. */
SPNEGO_API const spnego_error *spnego_context_error(const spnego_context *context);

/* spnego_context_state returns the name of what the context waits for: "start", "first-reply",
 * "init", "token", "mic", "complete", "failed"; for logs. */
SPNEGO_API const char *spnego_context_state(const spnego_context *context);

/* spnego_context_set_neg_mechs restricts the negotiation to the mechanisms of `oids` that the
 * context has, in that order (RFC 4178 B.1).  Before the first step only.  ERR_USAGE and no change
 * after it, or if SPNEGO's own OID is among them; ERR_NO_MECH and no change if none is left. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_context_set_neg_mechs(spnego_context *context,
                                                                      const spnego_bytes *oids,
                                                                      size_t num_oids);

/* spnego_context_get_neg_mechs puts the OIDs of the mechanisms that may be negotiated, in order,
 * into out_oids, at most max_oids, and returns how many there are (RFC 4178 B.2). */
SPNEGO_API size_t spnego_context_get_neg_mechs(const spnego_context *context,
                                               spnego_bytes *out_oids, size_t max_oids);

/* What was negotiated. */
typedef struct spnego_info {
    const spnego_mech *mech; /* the context's copy of the configured one                  */
    spnego_bytes oid;        /* the entry of mech_types that was chosen; bare: mech's own */
    spnego_bytes mech_types; /* the list that the MICs cover, with its SEQUENCE header    */
    int first_choice;        /* 1: it was the first of the initiator's list, or bare      */
    int mics_exchanged;      /* 1: the list is protected by a MIC in each direction       */
    int bare;                /* 1: without SPNEGO; mech_types is absent                   */
    uint32_t flags;          /* SPNEGO_FLAG_* at completion                               */
    uint32_t quirks;         /* SPNEGO_QUIRK_* that were needed                           */
    uint32_t tolerated;      /* SPNEGO_TOLERATE_* that were needed                        */
    unsigned num_steps;
} spnego_info;

/* spnego_context_info fills *out_info and returns 1 once the context is established; before, and
 * after a failure, it returns 0 with *out_info zero-filled: nothing is true of a peer before. */
SPNEGO_API int spnego_context_info(const spnego_context *context, spnego_info *out_info);

/* spnego_context_wrap and spnego_context_unwrap hand data of an established context to the
 * mechanism, and nothing is added (MS-SPNG 1.4).  *out is valid until the next call, and what
 * unwrap gave through wraps as well, whose message it may be.  SPNEGO_COMPLETE, ERR_USAGE if the
 * context is not established or the mechanism has no such function, ERR_MECH or ERR_MECH_LIED
 * (*out_error filled, if not NULL); the context stays as it is.  conf asks for encryption,
 * *out_conf says whether there was any. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_context_wrap(spnego_context *context,
                                                             spnego_bytes *out,
                                                             spnego_error *out_error,
                                                             spnego_bytes message, int conf);
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_context_unwrap(spnego_context *context,
                                                               spnego_bytes *out,
                                                               spnego_error *out_error,
                                                               int *out_conf, spnego_bytes message);

/* ---- Moving a context ---------------------------------------------------------------------- */

/* spnego_context_export writes the context, unfinished or established, as octets that
 * spnego_context_import of the same version understands, so that a farm of acceptors needs no
 * affinity.  *out is the context's.  Afterwards this context is spent: every step is ERR_USAGE, so
 * that no two copies sign with the same sequence numbers.  ERR_USAGE if a step is pending,
 * fragments are on their way, it is bare, it has failed, or the mechanism cannot be exported;
 * ERR_MECH, ERR_NO_MEMORY.  On failure the context is as it was.
 *
 * The octets hold the mechanism's keys.  They carry a checksum against accidents, and every field
 * is checked when they are read, but nothing in them stops someone who means to change them: the
 * host must keep them secret and authentic. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_context_export(spnego_context *context,
                                                               spnego_bytes *out);

/* spnego_context_import makes a context as spnego_context_create does and puts it where the
 * exported one was.  `config` must be that of the exported one; its policy holds from here on, and
 * a MIC that was required still is.  ERR_IMPORT if the octets were altered or cut, are of another
 * version or role, or name a mechanism that *config does not have. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_context_import(spnego_context **out_context,
                                                               spnego_error *out_error,
                                                               const spnego_config *config,
                                                               spnego_bytes exported);

/* ---- The loop of RFC 7546 ------------------------------------------------------------------ */

/* A stream.  Each function gets `user` first. */
typedef struct spnego_io {
    void *user;
    /* Send up to len octets; return how many, at least 1, or 0 or less for failure. */
    ptrdiff_t (*send)(void *user, const uint8_t *data, size_t len);
    /* Receive up to len octets; return how many, 0 at the end of the stream, less for failure. */
    ptrdiff_t (*receive)(void *user, uint8_t *data, size_t len);
    /* Optional: 1 once the deadline has passed; asked before each send and receive. */
    int (*expired)(void *user);
    /* Blocks until the mechanism that answered PENDING is ready; 0 gives up: ERR_DEADLINE.  NULL
     * where none does; else ERR_USAGE. */
    int (*wait)(void *user);
    /* Optional: the negotiation failed and there is no token to tell the peer so. */
    void (*report)(void *user, const spnego_error *error);
} spnego_io;

/* spnego_loop runs a new context to its end over a stream, each token behind its length in four
 * octets, most significant first, as in RFC 7546's example: sends also what a failed step gives,
 * sends empty tokens where the mechanism has none, takes short sends and receives, and never more
 * memory than has arrived.  Returns the last status, ERR_IO or ERR_DEADLINE; *out_error, if
 * out_error is not NULL, says why.  What follows on the stream after the last token is not read.
 * Whether the established context is what the application wants is for spnego_context_info and
 * spnego_config.required_flags. */
SPNEGO_API SPNEGO_MUST_USE spnego_status spnego_loop(spnego_context *context,
                                                     spnego_error *out_error, const spnego_io *io);

#ifdef __cplusplus
}
#endif
#endif /* SPNEGO_NEGOTIATE_H */
