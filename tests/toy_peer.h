/*
 * tests/toy_peer.h - what the tests of the negotiation share: tokens of a scripted peer, one step
 * with all that must hold after it, and two sides with someone between them.
 *
 * Inline, because each test is a program of its own and none needs all of it.
 */
#ifndef SPNEGO_TESTS_TOY_PEER_H
#define SPNEGO_TESTS_TOY_PEER_H

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "toy_mech.h"

/* ---- Notation ------------------------------------------------------------------------------ */

/* A toy's token in session 1: TOY("X/1"). */
#define TOY(name_and_leg) "'" name_and_leg "/00000001'"
#define TOY_ERROR(name) "'" name "/error'"

#define OID_TOY_Z "06{2b06010401868d1f01}"
#define OID_OLD_KRB5 "06{2b05010502}"
#define OID_IAKERB "06{2b0601050205}"

#define LIST(oids) "30{" oids "}"
#define XY OID_KRB5 OID_NTLM

#define COMPLETED NEG_STATE_OF("00")
#define INCOMPLETE NEG_STATE_OF("01")
#define REQUEST_MIC NEG_STATE_OF("03")
#define CHOSEN_X SUPPORTED_MECH_OF(OID_KRB5)
#define CHOSEN_Y SUPPORTED_MECH_OF(OID_NTLM)
#define REJECT_WITH(fields) RESP(NEG_STATE_OF("02") fields)
#define REJECT REJECT_WITH("")

#define INTEG SPNEGO_FLAG_INTEG
#define ABSENT ((spnego_bytes){NULL, 0})

/* toy_peer_token is der_of for a notation with printf's %s in it. */
static inline spnego_bytes toy_peer_token(const char *format, ...)
{
    char notation[4096];
    va_list arguments;
    int len;

    va_start(arguments, format);
    len = vsnprintf(notation, sizeof notation, format, arguments);
    va_end(arguments);
    cr_assert(len >= 0 && (size_t)len < sizeof notation, "notation is too long");
    return der_of(notation);
}

/* toy_peer_mic is the MIC, in hexadecimal, that the initiator or the acceptor of a toy signs the
 * list with in session 1; it stays valid for some calls, as hex_of's. */
static inline const char *toy_peer_mic(const char *name, spnego_role by, const char *list)
{
    uint8_t mic[16];

    toy_mic(mic, name, by == SPNEGO_ACCEPTOR, 1, der_of(list));
    return hex_of((spnego_bytes){mic, sizeof mic});
}

/* wipe_and_free overwrites octets that were lent, so that whoever still reads them sees it: through
 * a volatile pointer, because a write before free may be left out otherwise. */
static inline void wipe_and_free(uint8_t *octets, size_t len)
{
    volatile uint8_t *p = octets;

    for (size_t i = 0; i < len; i++)
        p[i] = 0xff;
    free(octets);
}

/* ---- One side against a scripted peer ------------------------------------------------------ */

static inline const char *status_name(spnego_status status)
{
    return spnego_status_describe(status)->name;
}

static inline const char *rule_name(spnego_rule rule)
{
    return spnego_rule_describe(rule)->name;
}

/* Nothing is true of a peer before COMPLETE, nor after a failure (RFC 4178 5, faults.md 1.13(5)).
 */
static inline void check_nothing_known(const char *what, const toy_side *side)
{
    static const spnego_info zero;
    spnego_info info;

    memset(&info, 0xa5, sizeof info);
    cr_expect_eq(spnego_context_info(side->context, &info), 0, "%s: there is info", what);
    cr_expect(info.mech == zero.mech && info.oid.data == NULL && info.oid.len == 0 &&
                  info.mech_types.data == NULL && info.mech_types.len == 0 &&
                  info.first_choice == 0 && info.mics_exchanged == 0 && info.flags == 0 &&
                  info.quirks == 0 && info.tolerated == 0 && info.num_steps == 0,
              "%s: info is not zero", what);
}

/* How often the mechanisms of a side were called. */
static inline size_t calls_of(const toy_side *side)
{
    return strlen(side->x.trace) + strlen(side->y.trace) + strlen(side->z.trace) +
           strlen(side->ms.trace);
}

/* check_failed checks that a failure is final: the same verdict whatever comes, no output, no call
 * to a mechanism (design: invariant 5, NEG-78). */
static inline void check_failed(const char *what, toy_side *side, spnego_status status)
{
    const spnego_bytes inputs[] = {ABSENT, der_of(""), der_of(RESP(COMPLETED)),
                                   der_of(RESP(INCOMPLETE RESPONSE_OF(TOY("X/2")))),
                                   der_of(INIT(MECH_TYPES_KRB5 MECH_TOKEN_OF(TOY("X/1"))))};
    const spnego_error error = *spnego_context_error(side->context);
    const size_t calls = calls_of(side);
    spnego_bytes out;

    cr_expect_eq(error.status, status, "%s: the error's status is %s", what,
                 status_name(error.status));
    for (size_t i = 0; i < LEN(inputs); i++) {
        cr_expect_eq(spnego_context_step(side->context, &out, inputs[i]), status,
                     "%s: another verdict after the failure", what);
        cr_expect(out.data == NULL && out.len == 0, "%s: output after the failure", what);
        cr_expect_eq(spnego_context_error(side->context)->rule, error.rule,
                     "%s: another rule after the failure", what);
    }
    cr_expect_eq(spnego_context_resume(side->context, &out), SPNEGO_ERR_USAGE,
                 "%s: resumed after the failure", what);
    cr_expect_eq(spnego_context_step(side->context, &out, ABSENT), status,
                 "%s: another verdict after a refused call", what);
    cr_expect_eq(calls_of(side), calls, "%s: a mechanism was called after the failure", what);
    cr_expect_str_eq(spnego_context_state(side->context), "failed", "%s", what);
    check_nothing_known(what, side);
}

/* check_given checks what a step or a resume gave: status, rule, and `want` as notation; NULL is no
 * output, "?" is any.  A failure must be final. */
static inline void check_given(const char *what, toy_side *side, spnego_status status,
                               spnego_bytes out, spnego_status want_status, spnego_rule want_rule,
                               const char *want)
{
    const spnego_rule rule = spnego_context_error(side->context)->rule;

    cr_assert_eq(status, want_status, "%s: %s %s instead of %s %s", what, status_name(status),
                 rule_name(rule), status_name(want_status), rule_name(want_rule));
    cr_expect_eq(rule, want_rule, "%s: %s instead of %s", what, rule_name(rule),
                 rule_name(want_rule));
    if (want == NULL)
        cr_expect(out.data == NULL && out.len == 0, "%s: gave %s", what, hex_of(out));
    else if (strcmp(want, "?") != 0)
        cr_expect(same_octets(out, der_of(want)), "%s: gave %s instead of %s", what, hex_of(out),
                  hex_of(der_of(want)));
    if (status < 0 && status != SPNEGO_ERR_USAGE)
        check_failed(what, side, status);
    else if (status == SPNEGO_CONTINUE || status == SPNEGO_PENDING)
        check_nothing_known(what, side);
}

/* check_step makes a step and checks it. */
static inline spnego_bytes check_step(const char *what, toy_side *side, spnego_bytes in,
                                      spnego_status want_status, spnego_rule want_rule,
                                      const char *want)
{
    spnego_bytes out = {(const uint8_t *)"not written", 1};
    const spnego_status status = spnego_context_step(side->context, &out, in);

    check_given(what, side, status, out, want_status, want_rule, want);
    return out;
}

/* The three ways in which a step ends well. */
static inline void check_goes_on(const char *what, toy_side *side, spnego_bytes in,
                                 const char *want)
{
    check_step(what, side, in, SPNEGO_CONTINUE, SPNEGO_RULE_NONE, want);
}

static inline spnego_info check_completes(const char *what, toy_side *side, spnego_bytes in,
                                          const char *want)
{
    spnego_info info;

    check_step(what, side, in, SPNEGO_COMPLETE, SPNEGO_RULE_NONE, want);
    cr_assert_eq(spnego_context_info(side->context, &info), 1, "%s: no info", what);
    cr_expect_str_eq(spnego_context_state(side->context), "complete", "%s", what);
    return info;
}

/* check_refuses checks that a token of the peer ends the negotiation, with a reject for the peer
 * unless it is done: an acceptor that says accept-completed reads no more. */
static inline void check_refuses(const char *what, toy_side *side, spnego_bytes in,
                                 spnego_status want_status, spnego_rule want_rule)
{
    spnego_token token;
    const int done =
        side->config.role == SPNEGO_INITIATOR &&
        spnego_token_decode(&token, NULL, in, side->config.tolerate) == SPNEGO_RULE_NONE &&
        token.has_neg_state && token.neg_state == SPNEGO_ACCEPT_COMPLETED;

    check_step(what, side, in, want_status, want_rule, done ? NULL : REJECT);
}

static inline void close_side(const char *what, toy_side *side)
{
    cr_expect_eq(toy_side_close(side), 0, "%s: a call that must not come", what);
}

/* An initiator that has sent its first token, and an acceptor that has seen none. */
static inline void begin_initiator(toy_side *side, int profile, const char *letters, int legs,
                                   uint32_t flags)
{
    toy_side_init(side, SPNEGO_INITIATOR, profile, letters, legs, flags);
    toy_side_open(side);
    check_goes_on("first token", side, ABSENT, "?");
}

static inline void begin_acceptor(toy_side *side, int profile, const char *letters, int legs,
                                  uint32_t flags)
{
    toy_side_init(side, SPNEGO_ACCEPTOR, profile, letters, legs, flags);
    toy_side_open(side);
}

/* ---- Scripts: one token of a peer, and what must come of it -------------------------------- */

/* The verdicts in tables, status and rule. */
#define DONE SPNEGO_COMPLETE, SPNEGO_RULE_NONE
#define GOES_ON SPNEGO_CONTINUE, SPNEGO_RULE_NONE
#define PROTOCOL(rule) SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_##rule
#define MALFORMED(rule) SPNEGO_ERR_MALFORMED, SPNEGO_RULE_##rule
#define BAD_MIC(rule) SPNEGO_ERR_BAD_MIC, SPNEGO_RULE_##rule
#define REJECTED SPNEGO_ERR_REJECTED, SPNEGO_RULE_PEER_REJECTED

/* Profile and role. */
#define I_STRICT TOY_STRICT, SPNEGO_INITIATOR
#define I_INTEROP TOY_INTEROPERABLE, SPNEGO_INITIATOR
#define A_STRICT TOY_STRICT, SPNEGO_ACCEPTOR
#define A_INTEROP TOY_INTEROPERABLE, SPNEGO_ACCEPTOR

/* What an initiator with X before Y sends first. */
#define INIT_X INIT(MECH_TYPES_OF(XY) MECH_TOKEN_OF(TOY("X/1")))

typedef struct toy_turn {
    const char *what;
    int profile;
    spnego_role role;    /* of the side under test                           */
    const char *letters; /* its mechanisms, with integrity                   */
    int legs;
    const char *before; /* a token that it goes on after, or NULL           */
    const char *token;
    spnego_status status;
    spnego_rule rule;
    const char *want; /* the answer; NULL: none, "?": any                 */
} toy_turn;

/* turn_reach opens the side and brings it in front of the token that counts. */
static inline void turn_reach(const toy_turn *turn, toy_side *side)
{
    if (turn->role == SPNEGO_INITIATOR)
        begin_initiator(side, turn->profile, turn->letters, turn->legs, INTEG);
    else
        begin_acceptor(side, turn->profile, turn->letters, turn->legs, INTEG);
    if (turn->before != NULL)
        check_goes_on(turn->what, side, der_of(turn->before), "?");
}

static inline void check_turns(const toy_turn *turns, size_t num_turns)
{
    for (size_t i = 0; i < num_turns; i++) {
        toy_side side;

        turn_reach(&turns[i], &side);
        check_step(turns[i].what, &side, der_of(turns[i].token), turns[i].status, turns[i].rule,
                   turns[i].want);
        close_side(turns[i].what, &side);
    }
}

/* ---- Two sides and someone between them ---------------------------------------------------- */

typedef struct toy_pair {
    toy_side i, a;
    toy_end i_end, a_end;
    unsigned passed;
} toy_pair;

/* pair_init prepares both sides; profile for both. */
static inline void pair_init(toy_pair *pair, int profile, const char *i_letters,
                             const char *a_letters, int legs, uint32_t flags)
{
    memset(pair, 0, sizeof *pair);
    toy_side_init(&pair->i, SPNEGO_INITIATOR, profile, i_letters, legs, flags);
    toy_side_init(&pair->a, SPNEGO_ACCEPTOR, profile, a_letters, legs, flags);
}

static inline void pair_run(toy_pair *pair, toy_tamper *tamper, void *user)
{
    toy_side_open(&pair->i);
    toy_side_open(&pair->a);
    pair->passed = toy_exchange(&pair->i_end, &pair->a_end, pair->i.context, pair->a.context,
                                SPNEGO_INITIATOR, tamper, user);
}

static inline void check_end(const char *what, const char *who, toy_side *side, const toy_end *end,
                             spnego_status want_status, spnego_rule want_rule)
{
    cr_expect_eq(end->status, want_status, "%s: %s: %s %s instead of %s %s", what, who,
                 status_name(end->status), rule_name(end->rule), status_name(want_status),
                 rule_name(want_rule));
    cr_expect_eq(end->rule, want_rule, "%s: %s: %s instead of %s", what, who, rule_name(end->rule),
                 rule_name(want_rule));
    if (end->status < 0)
        check_failed(what, side, end->status);
    else if (end->status != SPNEGO_COMPLETE)
        check_nothing_known(what, side);
}

/* pair_check checks what both came to and closes them. */
static inline void pair_check(const char *what, toy_pair *pair, spnego_status i_status,
                              spnego_rule i_rule, spnego_status a_status, spnego_rule a_rule)
{
    check_end(what, "initiator", &pair->i, &pair->i_end, i_status, i_rule);
    check_end(what, "acceptor", &pair->a, &pair->a_end, a_status, a_rule);
    close_side(what, &pair->i);
    close_side(what, &pair->a);
}

/* A man in the middle who changes parts of tokens. */
#define ANY_TOKEN (-1)
enum { STATE_KEEP = -2, STATE_REMOVE = -1 };
typedef struct toy_edit {
    int number;         /* of the token, or ANY_TOKEN                           */
    int from;           /* role of its sender, or 0 for both                    */
    spnego_bytes whole; /* if there, the token as a whole becomes this          */
    int strip_mic;      /* its MIC goes; with ANY_TOKEN only tokens that have one */
    int state;          /* its negState becomes this; STATE_KEEP, STATE_REMOVE  */
    unsigned edited;    /* how many tokens were changed                         */
} toy_edit;

static inline int edit_token(void *user, unsigned number, spnego_role from, uint8_t *octets,
                             size_t *len, size_t size)
{
    toy_edit *edit = user;
    uint8_t old[4096];
    spnego_bytes in = {old, *len}, out;
    spnego_token token;

    if ((edit->number != ANY_TOKEN && edit->number != (int)number) ||
        (edit->from != 0 && edit->from != (int)from))
        return 1;
    if (edit->whole.data != NULL) {
        memcpy(octets, edit->whole.data, edit->whole.len);
        *len = edit->whole.len;
        edit->edited++;
        return 1;
    }
    cr_assert(*len <= sizeof old);
    memcpy(old, octets, *len);
    cr_assert_eq(spnego_token_decode(&token, NULL, in, SPNEGO_TOLERATE_NOTHING), SPNEGO_RULE_NONE,
                 "token %u is malformed: %s", number, hex_of(in));
    if (edit->strip_mic) {
        if (token.mech_list_mic.data == NULL && edit->number == ANY_TOKEN)
            return 1;
        cr_assert_not_null(token.mech_list_mic.data, "token %u has no MIC", number);
        token.mech_list_mic = ABSENT;
    }
    if (edit->state != STATE_KEEP && token.type == SPNEGO_NEG_TOKEN_RESP) {
        token.has_neg_state = edit->state != STATE_REMOVE;
        token.neg_state = edit->state;
    }
    cr_assert_eq(spnego_token_encode(&out, octets, size, &token), SPNEGO_RULE_NONE);
    memmove(octets, out.data, out.len);
    *len = out.len;
    edit->edited++;
    return 1;
}

#endif /* SPNEGO_TESTS_TOY_PEER_H */
