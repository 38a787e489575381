/*
 * The attacks LOG-26 to LOG-34: tokens that reach the wrong mechanism or the wrong context, what
 * the MICs cover and who sends them when, and mechanisms that misbehave.  LOG-35 and later are
 * about what carries the tokens.
 */
#include "toy_peer.h"

/* A token of X is never given to Y (NEG-43), nor is a MIC that goes with it looked at
   (NEG-105). */
Test(attacks_exchange, log_26_optimistic_token_discarded)
{
    static const char *const inits[] = {
        INIT_X, INIT(MECH_TYPES_OF(XY)),
        INIT(MECH_TYPES_OF(XY) MECH_TOKEN_OF(TOY("X/1")) INIT_MIC_OF("00*16")),
        INIT(MECH_TYPES_OF(XY) MECH_TOKEN_OF(TOY("Y/1"))),
        INIT(MECH_TYPES_OF(XY) MECH_TOKEN_OF(""))};

    for (size_t i = 0; i < LEN(inits); i++) {
        const char *initiators = toy_peer_mic("Y", SPNEGO_INITIATOR, LIST(XY));
        const char *acceptors = toy_peer_mic("Y", SPNEGO_ACCEPTOR, LIST(XY));
        char want[256];
        toy_side side;

        snprintf(want, sizeof want, RESP(COMPLETED RESP_MIC_OF("%s")), acceptors);
        begin_acceptor(&side, TOY_STRICT, "Y", 1, INTEG);
        check_goes_on(inits[i], &side, der_of(inits[i]), RESP(REQUEST_MIC CHOSEN_Y));
        cr_expect_eq(side.y.steps, 0, "%s: Y got a token", inits[i]);
        cr_expect_eq(side.y.verify_calls, 0, "%s: a MIC was looked at", inits[i]);
        check_step(
            "Y's own token", &side,
            toy_peer_token(RESP(INCOMPLETE RESPONSE_OF(TOY("Y/1")) RESP_MIC_OF("%s")), initiators),
            DONE, want);
        cr_expect_eq(side.y.verify_calls, 1);
        close_side(inits[i], &side);
    }
}

/* X has no credential: what is sent, and what the MICs cover, is the list without it (NEG-28). */
Test(attacks_exchange, log_27_first_mechanism_falls_out)
{
    for (int first_step = 0; first_step <= 1; first_step++) {
        for (int legs = 1; legs <= 3; legs += 2) {
            toy_pair pair;
            char what[64];

            snprintf(what, sizeof what, "in its first step %d, %d legs", first_step, legs);
            pair_init(&pair, TOY_STRICT, "XY", "Y", legs, INTEG);
            if (first_step)
                pair.i.x.lie = TOY_UNAVAILABLE;
            else
                pair.i.x.no_credential = 1;
            pair.a.config.options = pair.i.config.options = SPNEGO_OPTION_REQUIRE_MIC;
            pair_run(&pair, NULL, NULL);
            cr_expect_eq(pair.i_end.info.mics_exchanged, 1, "%s", what);
            cr_expect(same_octets(pair.i_end.info.mech_types, der_of(LIST(OID_NTLM))), "%s", what);
            cr_expect(same_octets(pair.a_end.info.mech_types, der_of(LIST(OID_NTLM))), "%s", what);
            cr_expect_eq(pair.i_end.info.first_choice, 1, "%s", what);
            cr_expect_eq(pair.i.events[SPNEGO_EVENT_MECH_SKIPPED], 1u, "%s", what);
            pair_check(what, &pair, DONE, DONE);
        }
    }
}

/* Who requires MICs, and why. */
typedef enum why { NOBODY, RESELECTED, ACCEPTOR, INITIATOR, BOTH, MECHANISM, NUM_WHYS } why;

/* Tokens from the first to the last, both included (RFC 4178 3.2, 5); 0: the initiator fails, since
 * the acceptor, which is not asked, sends the last token without a MIC. */
static unsigned tokens_of(int legs, int integ, why because)
{
    const unsigned n = (unsigned)legs, odd = n % 2;

    if (because == RESELECTED)
        return integ ? 2 + n + 1 : 2 + n + odd;
    /* 5(c)III: accept-completed after the initiator's last.  5(b)III: with the acceptor's last. */
    if (!integ || because == NOBODY)
        return n + odd;
    /* The initiator signs with its last token: 5(c)I. */
    if (because == INITIATOR)
        return odd ? n + 1 : 0;
    /* 5(c)IV: the acceptor is the first that can know. */
    if (n == 1)
        return because == ACCEPTOR ? 3 : 2;
    return n + 1;
}

/* NEG-81, NEG-82 */
Test(attacks_exchange, log_28_truth_table)
{
    for (int legs = 1; legs <= 5; legs++) {
        for (int integ = 0; integ <= 1; integ++) {
            for (why because = NOBODY; because < NUM_WHYS; because++) {
                const unsigned tokens = tokens_of(legs, integ, because);
                const int mics = integ && because != NOBODY;
                const uint32_t flags =
                    integ ? INTEG | (because == MECHANISM ? SPNEGO_FLAG_NEEDS_MIC : 0) : 0;
                const int impossible =
                    !integ && because != NOBODY && because != RESELECTED && because != MECHANISM;

                for (int profile = TOY_INTEROPERABLE; profile <= TOY_STRICT; profile++) {
                    toy_pair pair;
                    toy_mech *i, *a;
                    char what[96];

                    if (impossible)
                        continue; /* ERR_POLICY: elsewhere */
                    snprintf(what, sizeof what, "%d legs, integrity %d, why %d, profile %d", legs,
                             integ, (int)because, profile);
                    pair_init(&pair, profile, "XY", because == RESELECTED ? "Y" : "XY", legs,
                              flags);
                    if (because == ACCEPTOR || because == BOTH)
                        pair.a.config.options |= SPNEGO_OPTION_REQUIRE_MIC;
                    if (because == INITIATOR || because == BOTH)
                        pair.i.config.options |= SPNEGO_OPTION_REQUIRE_MIC;
                    i = because == RESELECTED ? &pair.i.y : &pair.i.x;
                    a = because == RESELECTED ? &pair.a.y : &pair.a.x;
                    pair_run(&pair, NULL, NULL);
                    if (tokens == 0) {
                        cr_expect_eq(pair.i_end.status, SPNEGO_ERR_BAD_MIC, "%s", what);
                        cr_expect_eq(pair.i_end.rule, SPNEGO_RULE_MIC_MISSING, "%s", what);
                    } else {
                        cr_expect_eq(pair.passed, tokens, "%s: %u tokens instead of %u", what,
                                     pair.passed, tokens);
                        cr_expect_eq(pair.i_end.info.mics_exchanged, mics, "%s", what);
                        cr_expect_eq(pair.a_end.info.mics_exchanged, mics, "%s", what);
                        cr_expect(i->get_mic_calls == mics && i->verify_calls == mics &&
                                      a->get_mic_calls == mics && a->verify_calls == mics,
                                  "%s: %s, %s", what, i->trace, a->trace);
                        cr_expect_eq(pair.i_end.info.first_choice, because != RESELECTED, "%s",
                                     what);
                        cr_expect_eq(pair.i_end.info.quirks | pair.a_end.info.quirks, 0u, "%s",
                                     what);
                        check_end(what, "initiator", &pair.i, &pair.i_end, DONE);
                        check_end(what, "acceptor", &pair.a, &pair.a_end, DONE);
                    }
                    close_side(what, &pair.i);
                    close_side(what, &pair.a);
                }
            }
        }
    }
}

/* Peers that do it otherwise: the last token and the MIC apart, and an empty token at the end. */
Test(attacks_exchange, log_28_scripted_peers)
{
    static const toy_turn turns[] = {
        {"last token without the MIC that request-mic demands", A_INTEROP, "Y", 1, INIT_X,
         RESP(INCOMPLETE RESPONSE_OF(TOY("Y/1"))), BAD_MIC(MIC_MISSING), REJECT},
        {"empty token with accept-completed", I_INTEROP, "XY", 1, NULL,
         RESP(COMPLETED CHOSEN_X RESPONSE_OF("")), DONE, NULL},
        {"empty token with accept-completed, strict", I_STRICT, "XY", 1, NULL,
         RESP(COMPLETED CHOSEN_X RESPONSE_OF("")), PROTOCOL(RESPONSE_TOKEN_SURPLUS), NULL},
        {"a token where none is owed", I_INTEROP, "XY", 1, NULL,
         RESP(COMPLETED CHOSEN_X RESPONSE_OF(TOY("X/2"))), PROTOCOL(RESPONSE_TOKEN_SURPLUS), NULL},
    };
    toy_side side;

    check_turns(turns, LEN(turns));
    begin_acceptor(&side, TOY_INTEROPERABLE, "Y", 2, INTEG);
    check_goes_on("choice", &side, der_of(INIT_X), RESP(REQUEST_MIC CHOSEN_Y));
    check_goes_on("its last token", &side, der_of(RESP(INCOMPLETE RESPONSE_OF(TOY("Y/1")))), "?");
    check_refuses("no MIC", &side, der_of(RESP(COMPLETED)), SPNEGO_ERR_BAD_MIC,
                  SPNEGO_RULE_MIC_MISSING);
    close_side("no MIC", &side);
    begin_acceptor(&side, TOY_INTEROPERABLE, "Y", 2, INTEG);
    check_goes_on("choice", &side, der_of(INIT_X), "?");
    check_goes_on("its last token", &side, der_of(RESP(RESPONSE_OF(TOY("Y/1")))), "?");
    check_refuses("a token and the MIC", &side,
                  toy_peer_token(RESP(COMPLETED RESPONSE_OF("00") RESP_MIC_OF("%s")),
                                 toy_peer_mic("Y", SPNEGO_INITIATOR, LIST(XY))),
                  PROTOCOL(RESPONSE_TOKEN_SURPLUS));
    close_side("a token and the MIC", &side);
}

/* Windows breaks on a MIC that it did not ask for (NEG-87, Q14). */
Test(attacks_exchange, log_29_no_unasked_mic)
{
    for (int legs = 1; legs <= 5; legs++) {
        toy_edit edit = {.number = ANY_TOKEN, .strip_mic = 1, .state = STATE_KEEP};
        toy_pair pair;

        pair_init(&pair, TOY_INTEROPERABLE, "XY", "XY", legs, INTEG);
        pair_run(&pair, edit_token, &edit);
        cr_expect_eq(edit.edited, 0u, "%d legs: there was a MIC", legs);
        cr_expect_eq(pair.i.x.get_mic_calls + pair.a.x.get_mic_calls, 0, "%d legs", legs);
        pair_check("no MIC", &pair, DONE, DONE);
    }
}

/* RFC 4178 5(a): the octets as they were received, also those of a list that is not DER. */
/* NEG-90 */
Test(attacks_exchange, log_30_mic_covers_the_octets_received)
{
#define LONG_OID "06 8109 2a864886f712010202"
    static const struct {
        const char *what, *mech_types, *list;
    } rows[] = {
        {"canonical", MECH_TYPES_KRB5, LIST(OID_KRB5)},
        {"long length of the OID", "a0{30{" LONG_OID "}}", LIST(LONG_OID)},
        {"long length of the list", "a0{30 810b " OID_KRB5 "}", "30 810b " OID_KRB5},
        {"long length of [0]", "a0 82000d" LIST(OID_KRB5), LIST(OID_KRB5)},
    };

    for (size_t i = 0; i < LEN(rows); i++) {
        const char *initiators, *acceptors;
        toy_side side;
        char want[512];

        initiators = toy_peer_mic("X", SPNEGO_INITIATOR, rows[i].list);
        acceptors = toy_peer_mic("X", SPNEGO_ACCEPTOR, rows[i].list);
        toy_side_init(&side, SPNEGO_ACCEPTOR, TOY_INTEROPERABLE, "X", 1, INTEG);
        side.config.options |= SPNEGO_OPTION_REQUIRE_MIC;
        toy_side_open(&side);
        snprintf(want, sizeof want, RESP(COMPLETED CHOSEN_X RESP_MIC_OF("%s")), acceptors);
        check_completes(
            rows[i].what, &side,
            toy_peer_token(FRAME(INIT_BARE("%s" MECH_TOKEN_OF(TOY("X/1")) INIT_MIC_OF("%s"))),
                           rows[i].mech_types, initiators),
            want);
        close_side(rows[i].what, &side);

        if (i == 0)
            continue;
        begin_acceptor(&side, TOY_STRICT, "X", 1, INTEG);
        check_refuses(
            rows[i].what, &side,
            toy_peer_token(FRAME(INIT_BARE("%s" MECH_TOKEN_OF(TOY("X/1")))), rows[i].mech_types),
            SPNEGO_ERR_MALFORMED,
            i == 1 ? SPNEGO_RULE_OID_LENGTH_NOT_MINIMAL : SPNEGO_RULE_DER_LENGTH_NOT_MINIMAL);
        close_side(rows[i].what, &side);
    }
}

/* Two negotiations side by side; then with their tokens crossed over. */
Test(attacks_exchange, log_31_contexts_interleaved)
{
    for (int crossed = 0; crossed <= 1; crossed++) {
        toy_side i[2], a[2];
        spnego_bytes out;
        uint8_t tokens[2][256];
        size_t lens[2];

        for (uint32_t k = 0; k < 2; k++) {
            toy_side_init(&i[k], SPNEGO_INITIATOR, TOY_STRICT, "X", 2, INTEG);
            i[k].x.session = k + 1;
            toy_side_open(&i[k]);
            begin_acceptor(&a[k], TOY_STRICT, "X", 2, INTEG);
        }
        for (int k = 0; k < 2; k++) {
            cr_assert_eq(spnego_context_step(i[k].context, &out, ABSENT), SPNEGO_CONTINUE);
            lens[k] = out.len;
            memcpy(tokens[k], out.data, out.len);
        }
        for (int k = 0; k < 2; k++) {
            cr_assert_eq(
                spnego_context_step(a[k].context, &out, (spnego_bytes){tokens[k], lens[k]}),
                SPNEGO_COMPLETE);
            lens[k] = out.len;
            memcpy(tokens[k], out.data, out.len);
        }
        for (int k = 0; k < 2; k++) {
            const int from = crossed ? !k : k;
            const spnego_bytes in = {tokens[from], lens[from]};

            if (crossed)
                check_step("crossed", &i[k], in, SPNEGO_ERR_MECH, SPNEGO_RULE_MECH_FAILED, NULL);
            else
                check_completes("not crossed", &i[k], in, NULL);
        }
        for (int k = 0; k < 2; k++) {
            close_side("initiator", &i[k]);
            close_side("acceptor", &a[k]);
        }
    }
}

/* A mechanism that calls back into its own negotiation: the call is refused, and the negotiation
 * fails.  More of this in test_mech_calls.c. */
Test(attacks_exchange, log_32_mechanism_reenters)
{
    static const toy_lie lies[] = {TOY_REENTERS, TOY_DESTROYS};

    for (size_t i = 0; i < LEN(lies); i++) {
        toy_side side;

        toy_side_init(&side, SPNEGO_ACCEPTOR, TOY_INTEROPERABLE, "X", 2, INTEG);
        side.x.lie = lies[i];
        toy_side_open(&side);
        check_refuses("reenters", &side, der_of(INIT_X), SPNEGO_ERR_MECH_LIED,
                      SPNEGO_RULE_MECH_REENTERED);
        cr_expect_eq(side.x.reentry_status, i == 0 ? SPNEGO_ERR_USAGE : 0);
        close_side("reenters", &side);
    }
}

/* The caller overwrites each token as soon as the step is over, and the mechanism writes what it
 * was given: neither shows in what comes later. */
Test(attacks_exchange, log_33_octets_are_not_kept)
{
    const char *mic = toy_peer_mic("X", SPNEGO_INITIATOR, LIST(XY));
    const spnego_bytes init = der_of(INIT_X);
    uint8_t *octets = malloc(init.len);
    spnego_bytes out;
    toy_side side;

    cr_assert_not_null(octets);
    memcpy(octets, init.data, init.len);
    toy_side_init(&side, SPNEGO_ACCEPTOR, TOY_INTEROPERABLE, "X", 3, INTEG);
    side.config.options |= SPNEGO_OPTION_REQUIRE_MIC;
    side.x.lie = TOY_ECHOES;
    side.x.lie_at = 1;
    toy_side_open(&side);
    out = check_step("first", &side, (spnego_bytes){octets, init.len}, GOES_ON, "?");
    wipe_and_free(octets, init.len);
    cr_expect(same_octets(out, der_of(RESP(REQUEST_MIC CHOSEN_X RESPONSE_OF(TOY("X/1"))))),
              "gave %s", hex_of(out));
    check_completes("last", &side,
                    toy_peer_token(RESP(INCOMPLETE RESPONSE_OF(TOY("X/3")) RESP_MIC_OF("%s")), mic),
                    "?");
    close_side("octets", &side);
}

Test(attacks_exchange, log_33_outputs_that_cannot_be)
{
    static const struct {
        toy_lie lie;
        size_t huge;
        size_t max_token;
        spnego_rule rule;
    } rows[] = {
        {TOY_WRITES_NULL, 0, 0, SPNEGO_RULE_MECH_TOKEN_NULL},
        {TOY_WRITES_HUGE, 65536, 0, SPNEGO_RULE_MECH_TOKEN_TOO_LONG},
        {TOY_WRITES_HUGE, 200, 100, SPNEGO_RULE_MECH_TOKEN_TOO_LONG},
        {TOY_CLAIMS_2_GIB, 0, 0, SPNEGO_RULE_MECH_TOKEN_TOO_LONG},
    };

    for (size_t i = 0; i < LEN(rows); i++) {
        for (int role = SPNEGO_INITIATOR; role <= SPNEGO_ACCEPTOR; role++) {
            const int initiator = role == SPNEGO_INITIATOR;
            toy_side side;
            char what[32];

            snprintf(what, sizeof what, "row %zu, role %d", i, role);
            toy_side_init(&side, (spnego_role)role, TOY_INTEROPERABLE, "X", 2, INTEG);
            side.x.lie = rows[i].lie;
            side.x.huge = rows[i].huge;
            side.config.limits.max_token = rows[i].max_token;
            toy_side_open(&side);
            check_step(what, &side, initiator ? ABSENT : der_of(INIT_X), SPNEGO_ERR_MECH_LIED,
                       rows[i].rule, initiator ? NULL : REJECT);
            close_side(what, &side);
        }
    }
}

/* A host must be able to tell a changed list, bad credentials and garbage apart (MIC-03). */
Test(attacks_exchange, log_34_kinds_of_failure)
{
    static const struct {
        const char *what, *token;
        spnego_status status;
        spnego_blame blame;
        uint32_t gss_major; /* RFC 4178 5(b)II, RFC 2743 2.2.2 */
    } rows[] = {
        {"MIC", RESP(INCOMPLETE RESPONSE_OF(TOY("X/3")) RESP_MIC_OF("00*16")), SPNEGO_ERR_BAD_MIC,
         SPNEGO_BLAME_PEER, 9u << 16},
        {"no MIC", RESP(INCOMPLETE RESPONSE_OF(TOY("X/3"))), SPNEGO_ERR_BAD_MIC, SPNEGO_BLAME_PEER,
         9u << 16},
        {"credential", RESP(INCOMPLETE RESPONSE_OF("'wrong'")), SPNEGO_ERR_MECH, SPNEGO_BLAME_MECH,
         TOY_GSS_MAJOR},
        {"garbage", "a1{30{a0{0a{}}}}", SPNEGO_ERR_MALFORMED, SPNEGO_BLAME_PEER, 9u << 16},
        {"out of place", INIT_X, SPNEGO_ERR_PROTOCOL, SPNEGO_BLAME_PEER, 9u << 16},
        {"reject", REJECT, SPNEGO_ERR_REJECTED, SPNEGO_BLAME_NOBODY, 1u << 16},
    };

    for (size_t i = 0; i < LEN(rows); i++) {
        toy_side side;
        spnego_bytes out;

        toy_side_init(&side, SPNEGO_ACCEPTOR, TOY_INTEROPERABLE, "X", 3, INTEG);
        side.config.options |= SPNEGO_OPTION_REQUIRE_MIC;
        toy_side_open(&side);
        check_goes_on(rows[i].what, &side, der_of(INIT_X), "?");
        cr_expect_eq(spnego_context_step(side.context, &out, der_of(rows[i].token)), rows[i].status,
                     "%s", rows[i].what);
        cr_expect_eq(spnego_status_describe(rows[i].status)->blame, rows[i].blame, "%s",
                     rows[i].what);
        cr_expect_eq(spnego_error_gss_major(spnego_context_error(side.context)), rows[i].gss_major,
                     "%s", rows[i].what);
        close_side(rows[i].what, &side);
    }
}
