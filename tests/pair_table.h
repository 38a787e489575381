/*
 * tests/pair_table.h - settings of two sides, and what must come of them by RFC 4178 3.2 and 5.
 *
 * The table knows nothing of states or of tokens' octets: it writes the conversation of a setting
 * as lines, from the acceptor's choice, the number of the mechanism's tokens and who wants MICs.
 * Each way in which a conversation can end is a row, with its clause.
 *
 * Inline for the same reason as tests/toy_peer.h.
 */
#ifndef SPNEGO_TESTS_PAIR_TABLE_H
#define SPNEGO_TESTS_PAIR_TABLE_H

#include <ctype.h>

#include "toy_peer.h"

/* ---- Letters ------------------------------------------------------------------------------- */

/* X and M are one mechanism (RFC 4178 appendix C, NEG-49). */
static inline char mech_of(char letter)
{
    const char capital = (char)toupper((unsigned char)letter);

    return capital == 'M' ? 'X' : capital;
}

static inline spnego_bytes oid_of(char letter)
{
    switch (toupper((unsigned char)letter)) {
    case 'X':
        return toy_x.oid;
    case 'Y':
        return toy_y.oid;
    case 'Z':
        return toy_z.oid;
    default:
        return toy_ms.oid;
    }
}

/* The letter of a mechanism's number; 0 for an unknown one. */
static inline char letter_of(spnego_bytes oid)
{
    for (const char *letter = "XYZM"; *letter != '\0'; letter++)
        if (same_octets(oid, oid_of(*letter)))
            return *letter;
    return '\0';
}

static inline int is(spnego_bytes view, const uint8_t *octets, size_t len)
{
    return same_octets(view, (spnego_bytes){octets, len});
}

/* MechTypeList (RFC 4178 4.1); all lengths have one octet. */
static inline spnego_bytes list_of(uint8_t room[64], const char *letters)
{
    size_t len = 2;

    for (; *letters != '\0'; letters++) {
        const spnego_bytes oid = oid_of(*letters);

        len += der_put_header(room + len, 0x06, oid.len);
        memcpy(room + len, oid.data, oid.len);
        len += oid.len;
    }
    (void)der_put_header(room, 0x30, len - 2);
    return (spnego_bytes){room, len};
}

/* ---- Settings ------------------------------------------------------------------------------ */

/* Lists, most preferred first; a small letter has no credential.  M is X under Windows' number. */
static const char *const i_lists[] = {"XY",  "X",   "xY", "Xy",  "xy", "MY",
                                      "MXY", "xMY", "YM", "XYZ", "ZXY"};
static const char *const a_lists[] = {"X",  "XY", "YX", "Y",  "Z", "ZY",
                                      "ZX", "xY", "yX", "zX", "M", "MY"};

/* What NEEDS_MIC, REQUIRE_MIC: bits. */
enum { BY_INITIATOR = 1, BY_ACCEPTOR = 2 };
/* INTEG_OF: bits. */
enum { X_HAS = 1, Y_HAS = 2 };
/* MISSING_BY: how a mechanism without a credential says so. */
enum { BY_AVAILABLE, BY_STEP };

enum {
    I_LIST,
    A_LIST,
    LEGS_X,
    LEGS_Y,
    INTEG_OF,
    NEEDS_MIC,
    REQUIRE_MIC,
    STRICT_INITIATOR,
    STRICT_ACCEPTOR,
    OWN_ORDER,
    ACCEPTOR_OPENS,
    NOT_OPTIMISTIC,
    MISSING_BY,
    NUM_DIMENSIONS
};
static const unsigned radix[NUM_DIMENSIONS] = {
    LEN(i_lists), LEN(a_lists), 5, 5, 4, 4, 4, 2, 2, 2, 2, 2, 2};
enum { MAX_RADIX = 12 };

typedef struct setting {
    unsigned at[NUM_DIMENSIONS];
} setting;

static inline int legs_of(const setting *s, char letter)
{
    return 1 + (int)s->at[mech_of(letter) == 'Y' ? LEGS_Y : LEGS_X];
}

static inline int has_integrity(const setting *s, char letter)
{
    return (s->at[INTEG_OF] & (mech_of(letter) == 'Y' ? Y_HAS : X_HAS)) != 0;
}

static inline const char *text_of(const setting *s)
{
    static char text[200];

    snprintf(text, sizeof text,
             "I=%s A=%s legs X%u Y%u integ %u needs %u require %u strict %u/%u own %u hints %u "
             "plain %u missing by %u",
             i_lists[s->at[I_LIST]], a_lists[s->at[A_LIST]], s->at[LEGS_X] + 1, s->at[LEGS_Y] + 1,
             s->at[INTEG_OF], s->at[NEEDS_MIC], s->at[REQUIRE_MIC], s->at[STRICT_INITIATOR],
             s->at[STRICT_ACCEPTOR], s->at[OWN_ORDER], s->at[ACCEPTOR_OPENS], s->at[NOT_OPTIMISTIC],
             s->at[MISSING_BY]);
    return text;
}

/* ---- What must come of it ------------------------------------------------------------------- */

typedef enum row {
    ROW_HINTS_REFUSED,
    ROW_HINTS_UNWANTED,
    ROW_NOTHING_TO_OFFER,
    ROW_NOTHING_COMMON,
    ROW_GONE_HERE,
    ROW_GONE_THERE,
    ROW_POLICY_I,
    ROW_POLICY_A,
    ROW_LIED_I,
    ROW_LIED_A,
    ROW_PLAIN,
    ROW_B_I,
    ROW_B_III,
    ROW_B_IV,
    ROW_C_I,
    ROW_C_III,
    ROW_C_IV,
    ROW_C_V,
    NUM_ROWS
} row;

/* How it ends: both verdicts. */
static const struct {
    const char *why;
    spnego_status i_status, a_status;
    spnego_rule i_rule, a_rule;
} rows[NUM_ROWS] = {
    [ROW_HINTS_REFUSED] = {"an empty first token asks for hints, which RFC 4178 does not have",
                           SPNEGO_ERR_PROTOCOL, SPNEGO_ERR_MALFORMED, SPNEGO_RULE_RESP_BEFORE_INIT,
                           SPNEGO_RULE_TOKEN_EMPTY},
    [ROW_HINTS_UNWANTED] = {"RFC 4178 4.2: no NegTokenInit to an initiator", SPNEGO_ERR_PROTOCOL,
                            SPNEGO_CONTINUE, SPNEGO_RULE_INIT_TO_INITIATOR, SPNEGO_RULE_NONE},
    [ROW_NOTHING_TO_OFFER] = {"3.2: no mechanism with a credential, NEG-20", SPNEGO_ERR_NO_MECH,
                              SPNEGO_CONTINUE, SPNEGO_RULE_MECH_LIST_EMPTY, SPNEGO_RULE_NONE},
    [ROW_NOTHING_COMMON] = {"3.2(c)I", SPNEGO_ERR_REJECTED, SPNEGO_ERR_NO_MECH,
                            SPNEGO_RULE_PEER_REJECTED, SPNEGO_RULE_NO_COMMON_MECH},
    [ROW_GONE_HERE] = {"3.2(d): the initiator cannot begin what was chosen", SPNEGO_ERR_MECH,
                       SPNEGO_ERR_REJECTED, SPNEGO_RULE_MECH_GONE, SPNEGO_RULE_PEER_REJECTED},
    [ROW_GONE_THERE] = {"3.2(d): the acceptor cannot begin what it chose", SPNEGO_ERR_REJECTED,
                        SPNEGO_ERR_MECH, SPNEGO_RULE_PEER_REJECTED, SPNEGO_RULE_MECH_GONE},
    [ROW_POLICY_I] = {"7: the initiator's policy is MICs or nothing", SPNEGO_ERR_POLICY,
                      SPNEGO_ERR_REJECTED, SPNEGO_RULE_POLICY_MIC_IMPOSSIBLE,
                      SPNEGO_RULE_PEER_REJECTED},
    [ROW_POLICY_A] = {"7: the acceptor's policy is MICs or nothing", SPNEGO_ERR_REJECTED,
                      SPNEGO_ERR_POLICY, SPNEGO_RULE_PEER_REJECTED,
                      SPNEGO_RULE_POLICY_MIC_IMPOSSIBLE},
    [ROW_LIED_I] = {"5: the initiator's mechanism needs a MIC that it cannot make",
                    SPNEGO_ERR_MECH_LIED, SPNEGO_ERR_REJECTED, SPNEGO_RULE_MECH_NEEDS_MIC_IT_LACKS,
                    SPNEGO_RULE_PEER_REJECTED},
    [ROW_LIED_A] = {"5: the acceptor's mechanism needs a MIC that it cannot make",
                    SPNEGO_ERR_REJECTED, SPNEGO_ERR_MECH_LIED, SPNEGO_RULE_PEER_REJECTED,
                    SPNEGO_RULE_MECH_NEEDS_MIC_IT_LACKS},
    [ROW_PLAIN] = {"5, first paragraph: no integrity, no MIC", SPNEGO_COMPLETE, SPNEGO_COMPLETE,
                   SPNEGO_RULE_NONE, SPNEGO_RULE_NONE},
    [ROW_B_I] = {"5(b)I: both MICs, the initiator's last", SPNEGO_COMPLETE, SPNEGO_COMPLETE,
                 SPNEGO_RULE_NONE, SPNEGO_RULE_NONE},
    [ROW_B_III] = {"5(b)III: no MIC, none required", SPNEGO_COMPLETE, SPNEGO_COMPLETE,
                   SPNEGO_RULE_NONE, SPNEGO_RULE_NONE},
    [ROW_B_IV] = {"5(b)IV: no MIC though the initiator requires one", SPNEGO_ERR_BAD_MIC,
                  SPNEGO_COMPLETE, SPNEGO_RULE_MIC_MISSING, SPNEGO_RULE_NONE},
    [ROW_C_I] = {"5(c)I: both MICs, the acceptor's last", SPNEGO_COMPLETE, SPNEGO_COMPLETE,
                 SPNEGO_RULE_NONE, SPNEGO_RULE_NONE},
    [ROW_C_III] = {"5(c)III: no MIC, none required", SPNEGO_COMPLETE, SPNEGO_COMPLETE,
                   SPNEGO_RULE_NONE, SPNEGO_RULE_NONE},
    [ROW_C_IV] = {"5(c)IV: the optimistic token was the only one; both MICs, the initiator's last",
                  SPNEGO_COMPLETE, SPNEGO_COMPLETE, SPNEGO_RULE_NONE, SPNEGO_RULE_NONE},
    [ROW_C_V] = {"5(c)V: no MIC though the acceptor requires one", SPNEGO_ERR_REJECTED,
                 SPNEGO_ERR_BAD_MIC, SPNEGO_RULE_PEER_REJECTED, SPNEGO_RULE_MIC_MISSING},
};

enum { MAX_TOKENS = 12, MAX_LIST = 4, NO_STATE = -1, INIT_TOKEN = -2, HINTS_TOKEN = -3 };

/* One token as it must be. */
typedef struct line {
    spnego_role from;
    int state;      /* negState, or which other token it is */
    char supported; /* supportedMech, or 0                  */
    char mech;      /* whose token it carries, or 0         */
    int leg;
    char mic; /* which mechanism's MIC, or 0          */
} line;

typedef struct expectation {
    row row;
    int i_silent; /* the initiator failed and sends no reject: the acceptor learns nothing */
    char list[MAX_LIST + 1]; /* mechTypes                                               */
    char chosen;             /* of the initiator's list, or 0                           */
    int first;
    int due;       /* the acceptor must ask for MICs                        */
    int answered;  /* the first reply was given                             */
    int requested; /* it said request-mic                                   */
    int only_one;  /* the optimistic token is the whole of what was chosen  */
    unsigned num_lines;
    line lines[MAX_TOKENS];
} expectation;

static inline void say(expectation *e, spnego_role from, int state, int leg, int with_mic)
{
    line *l = &e->lines[e->num_lines++];

    *l = (line){.from = from, .state = state};
    if (leg != 0) {
        l->mech = e->chosen;
        l->leg = leg;
    }
    if (with_mic)
        l->mic = e->chosen;
    if (from == SPNEGO_ACCEPTOR && !e->answered && state >= 0 && state != SPNEGO_REJECT) {
        /* 4.2.2: supportedMech in the first reply and in no other. */
        l->supported = e->chosen;
        e->answered = 1;
        e->requested = state == SPNEGO_REQUEST_MIC;
    }
}

/* 3.1, 3.2: a mechanism is offered if it has a credential, which one that is begun can tell best
 * (NEG-28); those behind the optimistic one are not begun. */
static inline void offer(expectation *e, const setting *s)
{
    const char *const letters = i_lists[s->at[I_LIST]];
    size_t n = 0;

    for (size_t i = 0; letters[i] != '\0'; i++) {
        const int begins = n == 0 && !s->at[NOT_OPTIMISTIC];

        if (isupper((unsigned char)letters[i]) || (s->at[MISSING_BY] == BY_STEP && !begins))
            e->list[n++] = letters[i];
    }
}

static inline int seems_usable(const setting *s, char letter)
{
    return isupper((unsigned char)letter) || s->at[MISSING_BY] == BY_STEP;
}

/* 3.1: the initiator's order, or the acceptor's if it has one (NEG-34, NEG-35); `gone` is passed
 * over.  Returns the acceptor's letter and puts the initiator's into e->chosen. */
static inline char choose(expectation *e, const setting *s, char gone)
{
    const char *const own = a_lists[s->at[A_LIST]];
    const char *const outer = s->at[OWN_ORDER] ? own : e->list;
    const char *const inner = s->at[OWN_ORDER] ? e->list : own;

    for (const char *o = outer; *o != '\0'; o++)
        for (const char *i = inner; *i != '\0'; i++) {
            const char ours = s->at[OWN_ORDER] ? *o : *i;

            if (mech_of(*o) == mech_of(*i) && seems_usable(s, ours) && ours != gone) {
                e->chosen = s->at[OWN_ORDER] ? *i : *o;
                return ours;
            }
        }
    return '\0';
}

/* 5: the acceptor's most preferred mechanism, offered or not (NEG-37). */
static inline char favourite(const setting *s)
{
    const char *own = a_lists[s->at[A_LIST]];

    while (*own != '\0' && !seems_usable(s, *own))
        own++;
    return mech_of(*own);
}

static inline int wants_mic(const setting *s, unsigned who)
{
    return ((s->at[NEEDS_MIC] | s->at[REQUIRE_MIC]) & who) != 0;
}

/* A complete mechanism without integrity can be more than one side can live with (NEG-80, NEG-85,
 * NEG-125).  Returns 1 and the row. */
static inline int refuses_plain(expectation *e, const setting *s, char mech, unsigned who)
{
    const int initiator = who == BY_INITIATOR;

    if (has_integrity(s, mech) || !wants_mic(s, who))
        return 0;
    if (s->at[REQUIRE_MIC] & who)
        e->row = initiator ? ROW_POLICY_I : ROW_POLICY_A;
    else
        e->row = initiator ? ROW_LIED_I : ROW_LIED_A;
    return 1;
}

static inline void reject(expectation *e, spnego_role from, row why)
{
    e->row = why;
    say(e, from, SPNEGO_REJECT, 0, 0);
}

/* 5(b): the acceptor sends the last mechanism token. */
static inline void acceptor_ends(expectation *e, const setting *s, int legs)
{
    const int integrity = has_integrity(s, e->chosen);

    if (refuses_plain(e, s, e->chosen, BY_ACCEPTOR)) {
        reject(e, SPNEGO_ACCEPTOR, e->row);
    } else if (integrity && (e->due || wants_mic(s, BY_ACCEPTOR))) {
        say(e, SPNEGO_ACCEPTOR, e->answered ? SPNEGO_ACCEPT_INCOMPLETE : SPNEGO_REQUEST_MIC, legs,
            1);
        say(e, SPNEGO_INITIATOR, SPNEGO_ACCEPT_COMPLETED, 0, 1);
        e->row = ROW_B_I;
    } else {
        /* The acceptor is complete; what the initiator refuses now it refuses in silence. */
        say(e, SPNEGO_ACCEPTOR, SPNEGO_ACCEPT_COMPLETED, legs, 0);
        if (refuses_plain(e, s, e->chosen, BY_INITIATOR))
            e->i_silent = 1;
        else if (integrity)
            e->row = wants_mic(s, BY_INITIATOR) ? ROW_B_IV : ROW_B_III;
        else
            e->row = ROW_PLAIN;
    }
}

/* 5(c): the initiator sends the last mechanism token, which `missing` tells is for an acceptor
 * that cannot begin. */
static inline void initiator_ends(expectation *e, const setting *s, int legs, int missing)
{
    const int integrity = has_integrity(s, e->chosen);
    const int signs = integrity && (e->requested || wants_mic(s, BY_INITIATOR));

    if (!e->only_one) {
        if (refuses_plain(e, s, e->chosen, BY_INITIATOR)) {
            reject(e, SPNEGO_INITIATOR, e->row);
            return;
        }
        say(e, SPNEGO_INITIATOR, SPNEGO_ACCEPT_INCOMPLETE, legs, signs);
    }
    if (missing) {
        reject(e, SPNEGO_ACCEPTOR, ROW_GONE_THERE);
    } else if (refuses_plain(e, s, e->chosen, BY_ACCEPTOR)) {
        reject(e, SPNEGO_ACCEPTOR, e->row);
    } else if (signs) {
        say(e, SPNEGO_ACCEPTOR, SPNEGO_ACCEPT_COMPLETED, 0, 1);
        e->row = ROW_C_I;
    } else if (!integrity || (!e->due && !wants_mic(s, BY_ACCEPTOR))) {
        say(e, SPNEGO_ACCEPTOR, SPNEGO_ACCEPT_COMPLETED, 0, 0);
        e->row = integrity ? ROW_C_III : ROW_PLAIN;
    } else if (e->only_one) {
        say(e, SPNEGO_ACCEPTOR, SPNEGO_REQUEST_MIC, 0, 1);
        say(e, SPNEGO_INITIATOR, SPNEGO_ACCEPT_COMPLETED, 0, 1);
        e->row = ROW_C_IV;
    } else {
        reject(e, SPNEGO_ACCEPTOR, ROW_C_V);
    }
}

/* From the acceptor's choice on. */
static inline void converse(expectation *e, const setting *s, char ours, int begun)
{
    const int legs = legs_of(s, e->chosen);
    const int missing = islower((unsigned char)ours);
    const int first_state = e->due ? SPNEGO_REQUEST_MIC : SPNEGO_ACCEPT_INCOMPLETE;

    e->only_one = begun && legs == 1;
    if (!begun) {
        /* 3.2(c): no responseToken where no token was for the chosen mechanism; 3.2(d): the
         * initiator begins it now. */
        say(e, SPNEGO_ACCEPTOR, first_state, 0, 0);
        if (islower((unsigned char)e->chosen)) {
            reject(e, SPNEGO_INITIATOR, ROW_GONE_HERE);
            return;
        }
    }
    for (int leg = begun ? 2 : 1; leg < legs; leg++) {
        if (leg == 2 && missing) {
            reject(e, SPNEGO_ACCEPTOR, ROW_GONE_THERE);
            return;
        }
        if (leg % 2 == 0)
            say(e, SPNEGO_ACCEPTOR, e->answered ? SPNEGO_ACCEPT_INCOMPLETE : first_state, leg, 0);
        else
            say(e, SPNEGO_INITIATOR, SPNEGO_ACCEPT_INCOMPLETE, leg, 0);
    }
    if (legs % 2 == 1)
        initiator_ends(e, s, legs, missing);
    else if (missing && legs == 2)
        reject(e, SPNEGO_ACCEPTOR, ROW_GONE_THERE);
    else
        acceptor_ends(e, s, legs);
}

static inline expectation expect(const setting *s)
{
    expectation e = {.row = NUM_ROWS};
    char ours, begun;
    int alone;

    if (s->at[ACCEPTOR_OPENS]) {
        if (s->at[STRICT_ACCEPTOR]) {
            reject(&e, SPNEGO_ACCEPTOR, ROW_HINTS_REFUSED);
            return e;
        }
        say(&e, SPNEGO_ACCEPTOR, HINTS_TOKEN, 0, 0);
        if (s->at[STRICT_INITIATOR]) {
            e.row = ROW_HINTS_UNWANTED;
            return e;
        }
    }
    offer(&e, s);
    if (e.list[0] == '\0') {
        e.row = ROW_NOTHING_TO_OFFER;
        return e;
    }
    begun = s->at[NOT_OPTIMISTIC] ? '\0' : e.list[0];
    alone = begun != '\0' && legs_of(s, begun) == 1;
    if (alone && refuses_plain(&e, s, begun, BY_INITIATOR)) {
        e.i_silent = 1;
        return e;
    }
    /* 5(c): the MIC beside an optimistic token that is the only one is OPTIONAL. */
    e.chosen = e.list[0];
    say(&e, SPNEGO_INITIATOR, INIT_TOKEN, begun != '\0', alone && wants_mic(s, BY_INITIATOR));
    e.chosen = '\0';

    ours = choose(&e, s, '\0');
    if (islower((unsigned char)ours) && mech_of(begun) == mech_of(ours)) {
        /* The optimistic token shows that it has no credential after all. */
        e.chosen = '\0';
        ours = choose(&e, s, ours);
    }
    if (ours == '\0') {
        reject(&e, SPNEGO_ACCEPTOR, ROW_NOTHING_COMMON);
        return e;
    }
    e.first = mech_of(e.chosen) == mech_of(e.list[0]);
    /* 3.2(c)II, 5; local policy besides. */
    e.due = !e.first || mech_of(e.chosen) != favourite(s) || (s->at[REQUIRE_MIC] & BY_ACCEPTOR);
    converse(&e, s, ours, e.first && begun != '\0');
    return e;
}

static inline void expected_end(toy_end *out, const expectation *e, spnego_role role)
{
    *out = (toy_end){.status =
                         role == SPNEGO_INITIATOR ? rows[e->row].i_status : rows[e->row].a_status,
                     .rule = role == SPNEGO_INITIATOR ? rows[e->row].i_rule : rows[e->row].a_rule};
    if (e->i_silent && role == SPNEGO_ACCEPTOR) {
        out->status = e->answered ? SPNEGO_COMPLETE : SPNEGO_CONTINUE;
        out->rule = SPNEGO_RULE_NONE;
    }
}

/* ---- The two sides ------------------------------------------------------------------------- */

static inline toy_mech *toy_of(toy_side *side, char letter)
{
    switch (toupper((unsigned char)letter)) {
    case 'X':
        return &side->x;
    case 'Y':
        return &side->y;
    case 'Z':
        return &side->z;
    default:
        return &side->ms;
    }
}

/* prepare_side does all but toy_side_open. */
static inline void prepare_side(toy_side *side, const setting *s, spnego_role role)
{
    const int initiator = role == SPNEGO_INITIATOR;
    const unsigned who = initiator ? BY_INITIATOR : BY_ACCEPTOR;
    const char *const list = initiator ? i_lists[s->at[I_LIST]] : a_lists[s->at[A_LIST]];
    char capitals[MAX_LIST + 1] = "";

    for (size_t i = 0; list[i] != '\0'; i++)
        capitals[i] = (char)toupper((unsigned char)list[i]);
    toy_side_init(side, role,
                  s->at[initiator ? STRICT_INITIATOR : STRICT_ACCEPTOR] ? TOY_STRICT
                                                                        : TOY_INTEROPERABLE,
                  capitals, 1, 0);
    for (size_t i = 0; list[i] != '\0'; i++) {
        toy_mech *toy = toy_of(side, list[i]);

        toy->legs = legs_of(s, list[i]);
        toy->flags = (has_integrity(s, list[i]) ? SPNEGO_FLAG_INTEG : 0) |
                     (s->at[NEEDS_MIC] & who ? SPNEGO_FLAG_NEEDS_MIC : 0);
        if (islower((unsigned char)list[i])) {
            toy->no_credential = s->at[MISSING_BY] == BY_AVAILABLE;
            toy->lie = TOY_UNAVAILABLE;
        }
    }
    if (s->at[REQUIRE_MIC] & who)
        side->config.options |= SPNEGO_OPTION_REQUIRE_MIC;
    if (initiator && s->at[NOT_OPTIMISTIC])
        side->config.options |= SPNEGO_OPTION_NO_OPTIMISTIC_TOKEN;
    if (!initiator && s->at[OWN_ORDER])
        side->config.options |= SPNEGO_OPTION_OWN_ORDER;
}

/* ---- What went over ------------------------------------------------------------------------- */

typedef struct sent {
    spnego_role from;
    size_t len;
    uint8_t octets[256];
} sent;

static inline void keep_token(sent *token, spnego_role from, const uint8_t *octets, size_t len)
{
    cr_assert(len <= sizeof token->octets, "a token of %zu octets", len);
    token->from = from;
    token->len = len;
    memcpy(token->octets, octets, len);
}

#endif /* SPNEGO_TESTS_PAIR_TABLE_H */
