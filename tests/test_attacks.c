/*
 * The attacks LOG-01 to LOG-06: a man in the middle changes the list of mechanisms, or takes away
 * what protects it.  LOG-07 to LOG-14 are in test_attacks_mic.c, LOG-15 to LOG-25 in
 * test_attacks_order.c, LOG-26 to LOG-34 in test_attacks_exchange.c.
 *
 * X is what the initiator prefers, Y is its second.  What must come out is from RFC 4178 section 5
 * and 7, never from what the library does.
 */
#include "toy_peer.h"

static toy_edit strip_x(void)
{
    return (toy_edit){.number = 0, .whole = der_of(INIT(MECH_TYPES_OF(OID_NTLM)))};
}

/* The initiator wants {X,Y}, the acceptor sees {Y}, its favourite, and has no cause to ask for a
 * MIC.  The initiator does: strictly by failing at once, as an initiator of old Windows acceptors
 * by insisting on MICs, which both find to cover different lists. */
Test(attacks, log_01_strip_list)
{
    for (int profile = TOY_INTEROPERABLE; profile <= TOY_STRICT; profile++) {
        for (int legs = 1; legs <= 5; legs++) {
            for (int integ = 0; integ <= 1; integ++) {
                const int to_the_mic = profile == TOY_INTEROPERABLE && integ && legs % 2 == 1;
                /* Its last token is the acceptor's last word where no MIC is asked for (RFC 4178
                 * 5(b)): it cannot know, but it talks to nobody. */
                const int acceptor_done = profile == TOY_INTEROPERABLE && legs % 2 == 0;
                toy_edit edit = strip_x();
                toy_pair pair;
                char what[64];

                snprintf(what, sizeof what, "profile %d, %d legs, integrity %d", profile, legs,
                         integ);
                pair_init(&pair, profile, "XY", "Y", legs, integ ? INTEG : 0);
                edit.state = STATE_KEEP;
                pair_run(&pair, edit_token, &edit);
                cr_expect_eq(pair.a.y.verify_calls, to_the_mic, "%s", what);
                cr_expect_eq(pair.i.x.abandoned, 1, "%s", what);
                if (to_the_mic)
                    pair_check(what, &pair, SPNEGO_ERR_REJECTED, SPNEGO_RULE_PEER_REJECTED,
                               SPNEGO_ERR_BAD_MIC, SPNEGO_RULE_MIC_WRONG);
                else
                    pair_check(what, &pair, SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_RESELECTED_UNPROTECTED,
                               acceptor_done ? SPNEGO_COMPLETE : SPNEGO_ERR_REJECTED,
                               acceptor_done ? SPNEGO_RULE_NONE : SPNEGO_RULE_PEER_REJECTED);
            }
        }
    }
}

/* The same where the acceptor asks for MICs, because Y is not what it likes best (NEG-37), or by
 * its policy: whoever checks first fails, and nobody completes (RFC 4178 7). */
Test(attacks, log_01_strip_list_from_an_acceptor_that_asks)
{
    for (int by_policy = 0; by_policy <= 1; by_policy++) {
        for (int legs = 1; legs <= 5; legs++) {
            const int acceptor_checks = legs % 2 == 1;
            toy_edit edit = strip_x();
            toy_pair pair;
            char what[64];

            snprintf(what, sizeof what, "policy %d, %d legs", by_policy, legs);
            pair_init(&pair, TOY_STRICT, "XY", by_policy ? "Y" : "XY", legs, INTEG);
            if (by_policy)
                pair.a.config.options |= SPNEGO_OPTION_REQUIRE_MIC;
            edit.state = STATE_KEEP;
            pair_run(&pair, edit_token, &edit);
            if (acceptor_checks)
                pair_check(what, &pair, SPNEGO_ERR_REJECTED, SPNEGO_RULE_PEER_REJECTED,
                           SPNEGO_ERR_BAD_MIC, SPNEGO_RULE_MIC_WRONG);
            else
                pair_check(what, &pair, SPNEGO_ERR_BAD_MIC, SPNEGO_RULE_MIC_WRONG,
                           SPNEGO_ERR_REJECTED, SPNEGO_RULE_PEER_REJECTED);
        }
    }
}

/* Each list keeps the token that the acceptor's choice needs, so that only the MIC can tell. */
Test(attacks, log_02_list_reordered_extended_repeated)
{
    static const char *const lists[] = {
        OID_KRB5,    OID_KRB5 OID_KRB5 OID_NTLM,    OID_KRB5 OID_TOY_Z OID_NTLM, XY OID_TOY_Z,
        XY OID_NTLM, OID_KRB5 OID_MS_KRB5 OID_NTLM, OID_MS_KRB5 OID_NTLM,        OID_MS_KRB5 XY};

    for (size_t i = 0; i < LEN(lists); i++) {
        for (int legs = 1; legs <= 5; legs++) {
            const int acceptor_checks = legs % 2 == 1 && legs != 1;
            toy_edit edit = {.number = 0, .state = STATE_KEEP};
            toy_pair pair;
            char what[64];

            snprintf(what, sizeof what, "list %zu, %d legs", i, legs);
            edit.whole = toy_peer_token(
                "60{" OID_SPNEGO INIT_BARE(MECH_TYPES_OF("%s") MECH_TOKEN_OF(TOY("X/1"))) "}",
                lists[i]);
            pair_init(&pair, TOY_STRICT, "XY", "X", legs, INTEG);
            pair.a.config.options |= SPNEGO_OPTION_REQUIRE_MIC;
            pair_run(&pair, edit_token, &edit);
            cr_expect_eq(pair.i.x.verify_calls + pair.a.x.verify_calls, 1, "%s", what);
            /* The single leg: RFC 4178 5(c)IV, the acceptor signs first. */
            if (acceptor_checks)
                pair_check(what, &pair, SPNEGO_ERR_REJECTED, SPNEGO_RULE_PEER_REJECTED,
                           SPNEGO_ERR_BAD_MIC, SPNEGO_RULE_MIC_WRONG);
            else
                pair_check(what, &pair, SPNEGO_ERR_BAD_MIC, SPNEGO_RULE_MIC_WRONG,
                           SPNEGO_ERR_REJECTED, SPNEGO_RULE_PEER_REJECTED);
        }
    }
}

/* X is no longer first, so its token is not looked at: both fail, each where it notices. */
Test(attacks, log_02_first_mechanism_moved)
{
    static const char *const lists[] = {OID_NTLM OID_KRB5, OID_TOY_Z XY, OID_NTLM XY};
    static const char *const acceptors[] = {"X", "XY", "Y", "YX", "XZ"};

    for (size_t i = 0; i < LEN(lists); i++) {
        for (size_t j = 0; j < LEN(acceptors); j++) {
            for (int legs = 1; legs <= 5; legs++) {
                toy_edit edit = {.number = 0, .state = STATE_KEEP};
                toy_pair pair;
                char what[64];

                snprintf(what, sizeof what, "list %zu, acceptor %s, %d legs", i, acceptors[j],
                         legs);
                edit.whole = toy_peer_token(
                    "60{" OID_SPNEGO INIT_BARE(MECH_TYPES_OF("%s") MECH_TOKEN_OF(TOY("X/1"))) "}",
                    lists[i]);
                pair_init(&pair, TOY_STRICT, "XY", acceptors[j], legs, INTEG);
                pair_run(&pair, edit_token, &edit);
                cr_expect_lt((int)pair.i_end.status, 0, "%s: initiator %s", what,
                             status_name(pair.i_end.status));
                cr_expect_lt((int)pair.a_end.status, 0, "%s: acceptor %s", what,
                             status_name(pair.a_end.status));
                check_failed(what, &pair.i, pair.i_end.status);
                check_failed(what, &pair.a, pair.a_end.status);
                close_side(what, &pair.i);
                close_side(what, &pair.a);
            }
        }
    }
}

typedef struct flip {
    size_t bit; /* of the list with its SEQUENCE header */
    int beyond; /* the list has no such bit              */
} flip;

static int flip_list_bit(void *user, unsigned number, spnego_role from, uint8_t *octets,
                         size_t *len, size_t size)
{
    const spnego_bytes in = {octets, *len};
    flip *f = user;
    spnego_token token;

    (void)from;
    (void)size;
    if (number != 0)
        return 1;
    cr_assert_eq(spnego_token_decode(&token, NULL, in, 0), SPNEGO_RULE_NONE);
    f->beyond = f->bit / 8 >= token.mech_types.len;
    if (!f->beyond)
        octets[(size_t)(token.mech_types.data - octets) + f->bit / 8] ^= (uint8_t)(1 << f->bit % 8);
    return 1;
}

/* Every bit of the list: where MICs are required nobody completes; where they are not, only a
 * change without effect goes unnoticed (NEG-122 to NEG-124): both have what the initiator liked
 * best. */
Test(attacks, log_02_every_bit_of_the_list)
{
    static const struct {
        const char *acceptor;
        uint32_t options;
        int required;
    } rows[] = {{"X", SPNEGO_OPTION_REQUIRE_MIC, 1}, {"Y", 0, 1}, {"XY", 0, 0}, {"YX", 0, 1}};

    for (size_t i = 0; i < LEN(rows); i++) {
        for (int legs = 1; legs <= 4; legs++) {
            flip f = {0, 0};

            for (f.bit = 0; !f.beyond; f.bit++) {
                toy_pair pair;
                char what[64];

                snprintf(what, sizeof what, "row %zu, %d legs, bit %zu", i, legs, f.bit);
                pair_init(&pair, TOY_INTEROPERABLE, "XY", rows[i].acceptor, legs, INTEG);
                pair.a.config.options |= rows[i].options;
                pair_run(&pair, flip_list_bit, &f);
                if (f.beyond)
                    cr_expect(pair.i_end.status == SPNEGO_COMPLETE &&
                                  pair.a_end.status == SPNEGO_COMPLETE,
                              "%s: fails without a change", what);
                else if (rows[i].required)
                    cr_expect(pair.i_end.status < 0 && pair.a_end.status < 0, "%s: %s, %s", what,
                              status_name(pair.i_end.status), status_name(pair.a_end.status));
                else {
                    cr_expect(pair.i_end.status < 0 || pair.i_end.info.mech->ops == &toy_x, "%s",
                              what);
                    cr_expect(pair.a_end.status < 0 || pair.a_end.info.mech->ops == &toy_x, "%s",
                              what);
                }
                close_side(what, &pair.i);
                close_side(what, &pair.a);
            }
            cr_expect_eq(f.bit, 8 * der_of(LIST(XY)).len + 1);
        }
    }
}

/* request-mic, which says that Y was chosen for want of X, becomes something else.  No such change
 * takes the MICs away. */
Test(attacks, log_03_request_mic_removed)
{
    static const struct {
        int state;
        int profile;
        spnego_rule rule; /* of the initiator; NONE: it goes on and insists */
    } rows[] = {
        {SPNEGO_ACCEPT_INCOMPLETE, TOY_STRICT, SPNEGO_RULE_RESELECTED_UNPROTECTED},
        {SPNEGO_ACCEPT_COMPLETED, TOY_STRICT, SPNEGO_RULE_RESELECTED_UNPROTECTED},
        {STATE_REMOVE, TOY_STRICT, SPNEGO_RULE_REPLY_FIRST_NEEDS_NEGSTATE},
        {SPNEGO_ACCEPT_INCOMPLETE, TOY_INTEROPERABLE, SPNEGO_RULE_NONE},
        {SPNEGO_ACCEPT_COMPLETED, TOY_INTEROPERABLE, SPNEGO_RULE_RESELECTED_UNPROTECTED},
        {STATE_REMOVE, TOY_INTEROPERABLE, SPNEGO_RULE_RESELECTED_UNPROTECTED},
    };

    for (size_t i = 0; i < LEN(rows); i++) {
        for (int legs = 1; legs <= 5; legs++) {
            toy_edit edit = {.number = 1, .state = rows[i].state};
            toy_pair pair;
            char what[64];

            snprintf(what, sizeof what, "row %zu, %d legs", i, legs);
            pair_init(&pair, rows[i].profile, "XY", "Y", legs, INTEG);
            pair_run(&pair, edit_token, &edit);
            cr_expect_eq(edit.edited, 1u, "%s", what);
            if (rows[i].rule == SPNEGO_RULE_NONE && legs % 2 == 1) {
                cr_expect_eq(pair.i_end.info.mics_exchanged, 1, "%s", what);
                cr_expect_eq(pair.a_end.info.mics_exchanged, 1, "%s", what);
                pair_check(what, &pair, SPNEGO_COMPLETE, SPNEGO_RULE_NONE, SPNEGO_COMPLETE,
                           SPNEGO_RULE_NONE);
            } else {
                /* Where the acceptor sends last, old Windows would have left the MIC out as well:
                 * the exception is not for that.  Who said accept-completed is not answered. */
                const int told = rows[i].state != SPNEGO_ACCEPT_COMPLETED;

                pair_check(what, &pair, SPNEGO_ERR_PROTOCOL,
                           rows[i].rule != SPNEGO_RULE_NONE ? rows[i].rule
                                                            : SPNEGO_RULE_RESELECTED_UNPROTECTED,
                           told ? SPNEGO_ERR_REJECTED : SPNEGO_CONTINUE,
                           told ? SPNEGO_RULE_PEER_REJECTED : SPNEGO_RULE_NONE);
            }
        }
    }
}

/* request-mic comes into a reply that chose X: an initiator with integrity wants MICs from then on.
 * An acceptor that did not ask signs only where it sees the initiator's MIC (RFC 4178 5(c)I). */
Test(attacks, log_04_request_mic_added)
{
    for (int legs = 1; legs <= 5; legs++) {
        for (int integ = 0; integ <= 1; integ++) {
            toy_edit edit = {.number = 1, .state = SPNEGO_REQUEST_MIC};
            const int signs = integ && legs >= 3 && legs % 2 == 1;
            toy_pair pair;
            char what[64];

            snprintf(what, sizeof what, "%d legs, integrity %d", legs, integ);
            pair_init(&pair, TOY_STRICT, "XY", "XY", legs, integ ? INTEG : 0);
            pair_run(&pair, edit_token, &edit);
            cr_expect_eq(pair.i_end.info.mics_exchanged, signs, "%s", what);
            cr_expect_eq(pair.a_end.info.mics_exchanged, signs, "%s", what);
            if (integ && !signs)
                pair_check(what, &pair, SPNEGO_ERR_BAD_MIC, SPNEGO_RULE_MIC_MISSING,
                           SPNEGO_COMPLETE, SPNEGO_RULE_NONE);
            else
                pair_check(what, &pair, SPNEGO_COMPLETE, SPNEGO_RULE_NONE, SPNEGO_COMPLETE,
                           SPNEGO_RULE_NONE);
        }
    }
}

/* Two sides that must exchange MICs: X by the acceptor's policy, or Y for want of X. */
static void init_with_mics(toy_pair *pair, int reselected, int legs)
{
    pair_init(pair, TOY_INTEROPERABLE, "XY", reselected ? "Y" : "X", legs, INTEG);
    if (!reselected)
        pair->a.config.options |= SPNEGO_OPTION_REQUIRE_MIC;
}

/* The MIC of one direction is taken out (RFC 4178 5(b)IV, 5(c)V).  Who has checked the other's MIC
 * and sent his own is done; who misses one fails. */
Test(attacks, log_05_mic_removed)
{
    for (int reselected = 0; reselected <= 1; reselected++) {
        for (int legs = 1; legs <= 5; legs++) {
            for (int from = SPNEGO_INITIATOR; from <= SPNEGO_ACCEPTOR; from++) {
                /* 5(c)IV: the acceptor signs the single leg first. */
                const int initiator_signs_first = legs % 2 == 1 && (reselected || legs != 1);
                const int first = initiator_signs_first ? SPNEGO_INITIATOR : SPNEGO_ACCEPTOR;
                toy_edit edit = {
                    .number = ANY_TOKEN, .from = from, .strip_mic = 1, .state = STATE_KEEP};
                spnego_status status[3];
                spnego_rule rule[3];
                toy_pair pair;
                char what[64];

                snprintf(what, sizeof what, "reselected %d, %d legs, MIC of %d", reselected, legs,
                         from);
                init_with_mics(&pair, reselected, legs);
                pair_run(&pair, edit_token, &edit);
                cr_expect_eq(edit.edited, 1u, "%s", what);
                status[3 - from] = SPNEGO_ERR_BAD_MIC;
                rule[3 - from] = SPNEGO_RULE_MIC_MISSING;
                status[from] = from == first ? SPNEGO_ERR_REJECTED : SPNEGO_COMPLETE;
                rule[from] = from == first ? SPNEGO_RULE_PEER_REJECTED : SPNEGO_RULE_NONE;
                pair_check(what, &pair, status[SPNEGO_INITIATOR], rule[SPNEGO_INITIATOR],
                           status[SPNEGO_ACCEPTOR], rule[SPNEGO_ACCEPTOR]);
            }
        }
    }
}

/* Both MICs are taken out, and what they stood beside says accept-completed.  The acceptor never
 * completes.  Nor does the initiator, but where that took away all it was told of MICs: then the
 * list is whole, and it has what it likes best (RFC 4178 7(b)). */
Test(attacks, log_06_mics_removed_and_completed_claimed)
{
    for (int reselected = 0; reselected <= 1; reselected++) {
        for (int legs = 1; legs <= 5; legs++) {
            const int acceptor_checks_first = legs % 2 == 1 && (reselected || legs != 1);
            const int unasked = !reselected && legs <= 2;
            toy_edit edit = {.number = ANY_TOKEN, .strip_mic = 1, .state = SPNEGO_ACCEPT_COMPLETED};
            toy_pair pair;
            char what[64];

            snprintf(what, sizeof what, "reselected %d, %d legs", reselected, legs);
            init_with_mics(&pair, reselected, legs);
            pair_run(&pair, edit_token, &edit);
            cr_expect_eq(edit.edited, 1u, "%s", what);
            cr_expect_eq(pair.i_end.info.first_choice, unasked, "%s", what);
            if (acceptor_checks_first)
                pair_check(what, &pair, SPNEGO_ERR_REJECTED, SPNEGO_RULE_PEER_REJECTED,
                           SPNEGO_ERR_BAD_MIC, SPNEGO_RULE_MIC_MISSING);
            else
                pair_check(what, &pair, unasked ? SPNEGO_COMPLETE : SPNEGO_ERR_BAD_MIC,
                           unasked ? SPNEGO_RULE_NONE : SPNEGO_RULE_MIC_MISSING, SPNEGO_CONTINUE,
                           SPNEGO_RULE_NONE);
        }
    }
}
