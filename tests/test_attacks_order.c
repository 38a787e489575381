/*
 * The attacks LOG-15 to LOG-25: fields, messages and calls that have no place where they come.
 */
#include "toy_peer.h"

/* ---- LOG-15 to LOG-20: what a NegTokenResp says -------------------------------------------- */

#define CHOSEN(oid) RESP(INCOMPLETE SUPPORTED_MECH_OF(oid) RESPONSE_OF(TOY("X/2")))

Test(attacks_order, log_15_supported_mech)
{
    static const toy_turn turns[] = {
        {"SPNEGO", I_INTEROP, "XY", 3, NULL, CHOSEN(OID_SPNEGO),
         PROTOCOL(SUPPORTED_MECH_NOT_OFFERED), REJECT},
        {"NegoEx", I_INTEROP, "XY", 3, NULL, CHOSEN(OID_NEGOEX),
         PROTOCOL(SUPPORTED_MECH_NOT_OFFERED), REJECT},
        {"Z, of which there is none here", I_INTEROP, "XY", 3, NULL, CHOSEN(OID_TOY_Z),
         PROTOCOL(SUPPORTED_MECH_NOT_OFFERED), REJECT},
        {"Y with request-mic, not offered", I_INTEROP, "X", 3, NULL, RESP(REQUEST_MIC CHOSEN_Y),
         PROTOCOL(SUPPORTED_MECH_NOT_OFFERED), REJECT},
        {"prefix of an OID", I_INTEROP, "XY", 3, NULL, CHOSEN("06{2a864886f71201}"),
         PROTOCOL(SUPPORTED_MECH_NOT_OFFERED), REJECT},
        {"longer than an OID", I_INTEROP, "XY", 3, NULL, CHOSEN("06{2a864886f71201020201}"),
         PROTOCOL(SUPPORTED_MECH_NOT_OFFERED), REJECT},
        {"IAKERB is not Kerberos", I_INTEROP, "XY", 3, NULL, CHOSEN(OID_IAKERB),
         PROTOCOL(SUPPORTED_MECH_NOT_OFFERED), REJECT},
        /* MS-SPNG 3.1.5.2, NEG-56: one mechanism under two numbers is no other choice. */
        {"krb5 offered, MS-krb5 chosen", I_STRICT, "XY", 3, NULL, CHOSEN(OID_MS_KRB5), GOES_ON,
         RESP(INCOMPLETE RESPONSE_OF(TOY("X/3")))},
        {"MS-krb5 offered, krb5 chosen", I_STRICT, "MY", 3, NULL, CHOSEN(OID_KRB5), GOES_ON,
         RESP(INCOMPLETE RESPONSE_OF(TOY("X/3")))},
        {"both offered, the second chosen", I_STRICT, "MXY", 3, NULL, CHOSEN(OID_KRB5), GOES_ON,
         RESP(INCOMPLETE RESPONSE_OF(TOY("X/3")))},
        {"1.3.5.1.5.2 in a reply", I_INTEROP, "XY", 3, NULL, CHOSEN(OID_OLD_KRB5), GOES_ON,
         RESP(INCOMPLETE RESPONSE_OF(TOY("X/3")))},
        {"1.3.5.1.5.2, strict", I_STRICT, "XY", 3, NULL, CHOSEN(OID_OLD_KRB5),
         PROTOCOL(SUPPORTED_MECH_NOT_OFFERED), REJECT},
        {"1.3.5.1.5.2, no Kerberos offered", I_INTEROP, "YZ", 3, NULL, CHOSEN(OID_OLD_KRB5),
         PROTOCOL(SUPPORTED_MECH_NOT_OFFERED), REJECT},
    };
    check_turns(turns, LEN(turns));
}

/* Z is in the initiator's list, but was not sent, for want of a credential or by policy. */
Test(attacks_order, log_15_configured_but_not_offered)
{
    for (int denied = 0; denied <= 1; denied++) {
        const spnego_bytes z = toy_z.oid;
        toy_side side;

        toy_side_init(&side, SPNEGO_INITIATOR, TOY_INTEROPERABLE, "XYZ", 3, INTEG);
        side.z.no_credential = !denied;
        side.config.deny = &z;
        side.config.num_deny = denied ? 1 : 0;
        toy_side_open(&side);
        check_goes_on("first token", &side, ABSENT, INIT_X);
        check_refuses("Z chosen", &side, der_of(RESP(REQUEST_MIC SUPPORTED_MECH_OF(OID_TOY_Z))),
                      PROTOCOL(SUPPORTED_MECH_NOT_OFFERED));
        cr_expect_eq(side.z.steps, 0);
        close_side("Z chosen", &side);
    }
}

#define AGAIN(oid) RESP(INCOMPLETE SUPPORTED_MECH_OF(oid) RESPONSE_OF(TOY("X/4")))

Test(attacks_order, log_16_supported_mech_again)
{
    static const char *const first = RESP(INCOMPLETE CHOSEN_X RESPONSE_OF(TOY("X/2")));
    const toy_turn turns[] = {
        {"the same", I_INTEROP, "XY", 5, first, AGAIN(OID_KRB5), GOES_ON,
         RESP(INCOMPLETE RESPONSE_OF(TOY("X/5")))},
        {"the same by its other number", I_INTEROP, "XY", 5, first, AGAIN(OID_MS_KRB5), GOES_ON,
         RESP(INCOMPLETE RESPONSE_OF(TOY("X/5")))},
        {"the same, strict", I_STRICT, "XY", 5, first, AGAIN(OID_KRB5),
         PROTOCOL(SUPPORTED_MECH_REPEATED), REJECT},
        {"another that was offered", I_INTEROP, "XY", 5, first, AGAIN(OID_NTLM),
         PROTOCOL(SUPPORTED_MECH_CHANGED), REJECT},
        {"another, strict", I_STRICT, "XY", 5, first, AGAIN(OID_NTLM),
         PROTOCOL(SUPPORTED_MECH_CHANGED), REJECT},
        {"another, with request-mic", I_INTEROP, "XY", 5, first, RESP(REQUEST_MIC CHOSEN_Y),
         SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_REQUEST_MIC_LATE, REJECT},
        {"SPNEGO", I_INTEROP, "XY", 5, first, AGAIN(OID_SPNEGO), PROTOCOL(SUPPORTED_MECH_CHANGED),
         REJECT},
        {"request-mic", I_INTEROP, "XY", 5, first, RESP(REQUEST_MIC RESPONSE_OF(TOY("X/4"))),
         PROTOCOL(REQUEST_MIC_LATE), REJECT},
        {"request-mic, strict", I_STRICT, "XY", 5, first, RESP(REQUEST_MIC RESPONSE_OF(TOY("X/4"))),
         PROTOCOL(REQUEST_MIC_LATE), REJECT},
        {"request-mic a second time", I_STRICT, "XY", 5,
         RESP(REQUEST_MIC CHOSEN_X RESPONSE_OF(TOY("X/2"))),
         RESP(REQUEST_MIC RESPONSE_OF(TOY("X/4"))), PROTOCOL(REQUEST_MIC_LATE), REJECT},
    };
    check_turns(turns, LEN(turns));
}

Test(attacks_order, log_17_initiator_speaks_as_an_acceptor)
{
    static const toy_turn turns[] = {
        {"supportedMech", A_INTEROP, "X", 3, INIT_X,
         RESP(INCOMPLETE CHOSEN_X RESPONSE_OF(TOY("X/3"))), PROTOCOL(SUPPORTED_MECH_TO_ACCEPTOR),
         REJECT},
        {"supportedMech, nothing else", A_STRICT, "X", 3, INIT_X, RESP(CHOSEN_X),
         PROTOCOL(SUPPORTED_MECH_TO_ACCEPTOR), REJECT},
        {"request-mic", A_INTEROP, "X", 3, INIT_X, RESP(REQUEST_MIC RESPONSE_OF(TOY("X/3"))),
         PROTOCOL(REQUEST_MIC_TO_ACCEPTOR), REJECT},
        {"request-mic, nothing else", A_STRICT, "X", 3, INIT_X, RESP(REQUEST_MIC),
         PROTOCOL(REQUEST_MIC_TO_ACCEPTOR), REJECT},
        {"supportedMech in a later round", A_INTEROP, "X", 5, INIT_X,
         RESP(CHOSEN_Y RESPONSE_OF(TOY("X/3"))), PROTOCOL(SUPPORTED_MECH_TO_ACCEPTOR), REJECT},
        {"reject", A_INTEROP, "X", 3, INIT_X, REJECT, REJECTED, NULL},
        {"reject with a token", A_INTEROP, "X", 3, INIT_X, REJECT_WITH(RESPONSE_OF(TOY_ERROR("X"))),
         REJECTED, NULL},
        {"reject with the right token", A_INTEROP, "X", 3, INIT_X,
         REJECT_WITH(RESPONSE_OF(TOY("X/3"))), REJECTED, NULL},
        {"reject with supportedMech", A_STRICT, "X", 3, INIT_X, REJECT_WITH(CHOSEN_X), REJECTED,
         NULL},
    };
    check_turns(turns, LEN(turns));
}

Test(attacks_order, log_18_accept_completed_too_early)
{
    static const toy_turn turns[] = {
        {"with the token that completes it", I_STRICT, "XY", 2, NULL,
         RESP(COMPLETED CHOSEN_X RESPONSE_OF(TOY("X/2"))), DONE, NULL},
        {"single leg", I_STRICT, "XY", 1, NULL, RESP(COMPLETED CHOSEN_X), DONE, NULL},
        {"without a token", I_INTEROP, "XY", 2, NULL, RESP(COMPLETED CHOSEN_X),
         PROTOCOL(RESPONSE_TOKEN_MISSING), NULL},
        {"a token that does not complete it", I_INTEROP, "XY", 5, NULL,
         RESP(COMPLETED CHOSEN_X RESPONSE_OF(TOY("X/2"))), PROTOCOL(COMPLETED_TOO_EARLY), NULL},
        {"own last token still to go", I_INTEROP, "XY", 3, NULL,
         RESP(COMPLETED CHOSEN_X RESPONSE_OF(TOY("X/2"))), PROTOCOL(COMPLETED_TOO_EARLY), NULL},
        {"later, a token short", I_INTEROP, "XY", 5,
         RESP(INCOMPLETE CHOSEN_X RESPONSE_OF(TOY("X/2"))), RESP(COMPLETED),
         PROTOCOL(RESPONSE_TOKEN_MISSING), NULL},
        {"beside a choice of Y", I_INTEROP, "XY", 2, NULL, RESP(COMPLETED CHOSEN_Y),
         PROTOCOL(RESELECTED_UNPROTECTED), NULL},
        {"from an initiator, with its last token", A_STRICT, "X", 3, INIT_X,
         RESP(COMPLETED RESPONSE_OF(TOY("X/3"))), DONE, NULL},
        {"from an initiator, in mid-exchange", A_INTEROP, "X", 5, INIT_X,
         RESP(COMPLETED RESPONSE_OF(TOY("X/3"))), PROTOCOL(COMPLETED_TOO_EARLY), REJECT},
        {"from an initiator that must still read", A_INTEROP, "X", 4, INIT_X,
         RESP(COMPLETED RESPONSE_OF(TOY("X/3"))), PROTOCOL(COMPLETED_TOO_EARLY), REJECT},
        {"from an initiator that owes a MIC", A_INTEROP, "Y", 2, INIT_X,
         RESP(COMPLETED RESPONSE_OF(TOY("Y/1"))), PROTOCOL(COMPLETED_TOO_EARLY), REJECT},
        {"from an initiator, nothing else", A_INTEROP, "X", 3, INIT_X, RESP(COMPLETED),
         PROTOCOL(RESPONSE_TOKEN_MISSING), REJECT},
    };
    check_turns(turns, LEN(turns));
}

Test(attacks_order, log_19_neg_state_of_a_first_reply)
{
    static const toy_turn turns[] = {
        {"two octets", I_INTEROP, "XY", 1, NULL, RESP(NEG_STATE_OF("0000") CHOSEN_X),
         MALFORMED(NEG_STATE_NOT_ONE_OCTET), REJECT},
        {"no octet", I_INTEROP, "XY", 1, NULL, RESP(NEG_STATE_OF("") CHOSEN_X),
         MALFORMED(NEG_STATE_NOT_ONE_OCTET), REJECT},
        /* Only the single leg is complete, and only a MIC completes it after request-mic. */
        {"request-mic is not success", I_INTEROP, "XY", 1, NULL, RESP(REQUEST_MIC CHOSEN_X),
         BAD_MIC(MIC_MISSING), REJECT},
        {"absent", I_STRICT, "XY", 1, NULL, RESP(CHOSEN_X), PROTOCOL(REPLY_FIRST_NEEDS_NEGSTATE),
         REJECT},
    };

    check_turns(turns, LEN(turns));
    for (int state = 4; state < 256; state++) {
        toy_side side;
        char what[24], octet[4];

        snprintf(what, sizeof what, "negState %d", state);
        snprintf(octet, sizeof octet, "%02x", (unsigned)state);
        begin_initiator(&side, TOY_INTEROPERABLE, "XY", 1, INTEG);
        check_refuses(what, &side, toy_peer_token(RESP(NEG_STATE_OF("%s") CHOSEN_X), octet),
                      MALFORMED(NEG_STATE_UNKNOWN));
        close_side(what, &side);
    }
}

/* The mechanism's token is processed only so that its reason can be told (NEG-53). */
Test(attacks_order, log_20_reject_with_a_token)
{
    static const struct {
        const char *what, *token;
        int steps;    /* of the initiator's X in all */
        int complete; /* what X makes of it          */
        int32_t code;
    } rows[] = {
        {"one that completes the mechanism", REJECT_WITH(RESPONSE_OF(TOY("X/2"))), 2, 1, 0},
        {"with X chosen", REJECT_WITH(CHOSEN_X RESPONSE_OF(TOY("X/2"))), 2, 1, 0},
        {"the mechanism's error", REJECT_WITH(RESPONSE_OF(TOY_ERROR("X"))), 2, 0, TOY_PEER_CODE},
        {"with Y chosen", REJECT_WITH(CHOSEN_Y RESPONSE_OF(TOY("X/2"))), 1, 0, 0},
        {"with a MIC", REJECT_WITH(RESP_MIC_OF("00*16")), 1, 0, 0},
        {"an empty token", REJECT_WITH(RESPONSE_OF("")), 1, 0, 0},
    };

    for (size_t i = 0; i < LEN(rows); i++) {
        toy_side side;
        spnego_bytes out;

        begin_initiator(&side, TOY_INTEROPERABLE, "XY", 2, INTEG);
        check_step(rows[i].what, &side, der_of(rows[i].token), REJECTED, NULL);
        cr_expect_eq(spnego_context_step(side.context, &out, ABSENT), SPNEGO_ERR_REJECTED);
        cr_expect_eq(spnego_context_error(side.context)->mech_code.code, rows[i].code, "%s",
                     rows[i].what);
        cr_expect_eq(side.x.steps, rows[i].steps, "%s", rows[i].what);
        cr_expect_eq(side.x.complete, rows[i].complete, "%s", rows[i].what);
        cr_expect_eq(side.x.verify_calls, 0, "%s", rows[i].what);
        close_side(rows[i].what, &side);
    }
}

/* The same in a later reply: a token beside another mechanism's name is not X's. */
Test(attacks_order, log_20_reject_in_a_later_reply)
{
    static const char *const tokens[] = {REJECT_WITH(RESPONSE_OF(TOY("X/4"))),
                                         REJECT_WITH(CHOSEN_X RESPONSE_OF(TOY("X/4"))),
                                         REJECT_WITH(CHOSEN_Y RESPONSE_OF(TOY("X/4")))};

    for (size_t i = 0; i < LEN(tokens); i++) {
        toy_side side;

        begin_initiator(&side, TOY_INTEROPERABLE, "XY", 4, INTEG);
        check_goes_on(tokens[i], &side, der_of(RESP(INCOMPLETE CHOSEN_X RESPONSE_OF(TOY("X/2")))),
                      "?");
        check_step(tokens[i], &side, der_of(tokens[i]), REJECTED, NULL);
        cr_expect_eq(side.x.steps, i == 2 ? 2 : 3, "%s", tokens[i]);
        close_side(tokens[i], &side);
    }
}

/* ---- LOG-21 to LOG-25: messages and calls out of place ------------------------------------- */

Test(attacks_order, log_21_nothing_left_to_do)
{
    static const toy_turn turns[] = {
        {"accept-incomplete at the end", I_STRICT, "XY", 1, NULL, RESP(INCOMPLETE CHOSEN_X),
         PROTOCOL(INCOMPLETE_AT_END), REJECT},
        {"accept-incomplete at the end, tolerated", I_INTEROP, "XY", 1, NULL,
         RESP(INCOMPLETE CHOSEN_X), DONE, RESP(COMPLETED)},
        {"empty NegTokenResp", I_INTEROP, "XY", 1, NULL, RESP(""), PROTOCOL(SUPPORTED_MECH_MISSING),
         REJECT},
        {"empty NegTokenResp, strict", I_STRICT, "XY", 1, NULL, RESP(""),
         PROTOCOL(REPLY_FIRST_NEEDS_NEGSTATE), REJECT},
        {"empty NegTokenResp in mid-exchange", I_INTEROP, "XY", 5,
         RESP(INCOMPLETE CHOSEN_X RESPONSE_OF(TOY("X/2"))), RESP(""),
         PROTOCOL(RESPONSE_TOKEN_MISSING), REJECT},
        {"empty NegTokenResp to an acceptor", A_INTEROP, "X", 5, INIT_X, RESP(""),
         PROTOCOL(RESPONSE_TOKEN_MISSING), REJECT},
        {"empty NegTokenResp where the mechanism has not begun", A_INTEROP, "Y", 5, INIT_X,
         RESP(""), PROTOCOL(RESPONSE_TOKEN_MISSING), REJECT},
    };
    check_turns(turns, LEN(turns));
}

/* Two mechanisms that never end are stopped by max_steps of whoever has the lower (NEG-148). */
Test(attacks_order, log_21_endless_mechanisms)
{
    for (unsigned max_steps = 1; max_steps <= 17; max_steps++) {
        for (int role = SPNEGO_INITIATOR; role <= SPNEGO_ACCEPTOR; role++) {
            toy_pair pair;
            toy_side *limited, *other;
            char what[64];

            snprintf(what, sizeof what, "max_steps %u of role %d", max_steps, role);
            pair_init(&pair, TOY_STRICT, "X", "X", 2, INTEG);
            limited = role == SPNEGO_INITIATOR ? &pair.i : &pair.a;
            other = role == SPNEGO_INITIATOR ? &pair.a : &pair.i;
            pair.i.x.lie = pair.a.x.lie = TOY_NEVER_COMPLETES;
            /* 17 is left to the default, which is 16. */
            limited->config.limits.max_steps = max_steps == 17 ? 0 : max_steps;
            other->config.limits.max_steps = 1000;
            pair_run(&pair, NULL, NULL);
            cr_expect_eq(limited->x.steps, max_steps == 17 ? 16 : (int)max_steps, "%s", what);
            if (role == SPNEGO_INITIATOR)
                pair_check(what, &pair, SPNEGO_ERR_LIMIT, SPNEGO_RULE_STEPS_TOO_MANY, REJECTED);
            else
                pair_check(what, &pair, REJECTED, SPNEGO_ERR_LIMIT, SPNEGO_RULE_STEPS_TOO_MANY);
        }
    }
}

/* NEG-78: a token after COMPLETE is not for the negotiation, and changes nothing. */
Test(attacks_order, log_22_token_after_complete)
{
    static const char *const tokens[] = {
        REJECT, RESP(COMPLETED), RESP(INCOMPLETE), INIT_X, RESP(REQUEST_MIC CHOSEN_Y), "ff", ""};

    for (int role = SPNEGO_INITIATOR; role <= SPNEGO_ACCEPTOR; role++) {
        spnego_info before, after;
        toy_side side;
        spnego_bytes out;
        size_t calls;

        if (role == SPNEGO_INITIATOR) {
            begin_initiator(&side, TOY_INTEROPERABLE, "XY", 2, INTEG);
            before = check_completes(
                "initiator", &side, der_of(RESP(COMPLETED CHOSEN_X RESPONSE_OF(TOY("X/2")))), NULL);
        } else {
            begin_acceptor(&side, TOY_INTEROPERABLE, "X", 2, INTEG);
            before = check_completes("acceptor", &side, der_of(INIT_X),
                                     RESP(COMPLETED CHOSEN_X RESPONSE_OF(TOY("X/2"))));
        }
        calls = calls_of(&side);
        for (size_t i = 0; i < LEN(tokens); i++) {
            check_step(tokens[i], &side, der_of(tokens[i]), SPNEGO_ERR_USAGE,
                       SPNEGO_RULE_CALL_OUT_OF_TURN, NULL);
            cr_expect_str_eq(spnego_context_state(side.context), "complete");
            cr_assert_eq(spnego_context_info(side.context, &after), 1, "%s", tokens[i]);
            cr_expect(after.mech == before.mech && same_octets(after.oid, before.oid) &&
                          same_octets(after.mech_types, before.mech_types) &&
                          after.first_choice == before.first_choice &&
                          after.mics_exchanged == before.mics_exchanged &&
                          after.flags == before.flags && after.quirks == before.quirks &&
                          after.tolerated == before.tolerated &&
                          after.num_steps == before.num_steps,
                      "%s: the result changed", tokens[i]);
        }
        cr_expect_eq(spnego_context_resume(side.context, &out), SPNEGO_ERR_USAGE);
        cr_expect_eq(calls_of(&side), calls, "a mechanism was called");
        close_side("after complete", &side);
    }
}

/* Every question may be asked in every state, and the answers before the end say nothing. */
Test(attacks_order, log_22_questions_in_every_state)
{
    static const char *const states[] = {"start", "first-reply", "complete"};
    toy_side side;

    toy_side_init(&side, SPNEGO_INITIATOR, TOY_STRICT, "XY", 2, INTEG);
    toy_side_open(&side);
    for (size_t i = 0; i < LEN(states); i++) {
        spnego_bytes oids[4], out;
        spnego_error error;
        int conf;

        cr_expect_str_eq(spnego_context_state(side.context), states[i]);
        cr_expect_eq(spnego_context_error(side.context)->status, SPNEGO_COMPLETE);
        cr_expect_eq(spnego_context_error(side.context)->rule, SPNEGO_RULE_NONE);
        cr_expect_eq(spnego_context_get_neg_mechs(side.context, oids, LEN(oids)), 2u);
        if (i < 2) {
            check_nothing_known(states[i], &side);
            cr_expect_eq(spnego_context_wrap(side.context, &out, &error, der_of("00"), 1),
                         SPNEGO_ERR_USAGE);
            cr_expect_eq(spnego_context_unwrap(side.context, &out, &error, &conf, der_of("00")),
                         SPNEGO_ERR_USAGE);
        }
        if (i == 0)
            check_goes_on("first token", &side, ABSENT, INIT_X);
        else if (i == 1)
            check_completes("reply", &side,
                            der_of(RESP(COMPLETED CHOSEN_X RESPONSE_OF(TOY("X/2")))), NULL);
    }
    close_side("questions", &side);
}

#define HINTS(oids) FRAME(INIT_BARE(MECH_TYPES_OF(oids) HINTS_OF(HINT_NAME_OF(FIXED_HINT))))

Test(attacks_order, log_23_init_to_an_initiator)
{
    static const toy_turn turns[] = {
        {"its own, reflected", I_INTEROP, "XY", 3, NULL, INIT_X, PROTOCOL(INIT_TO_INITIATOR),
         REJECT},
        {"another's", I_INTEROP, "XY", 3, NULL, INIT(MECH_TYPES_OF(OID_NTLM)),
         PROTOCOL(INIT_TO_INITIATOR), REJECT},
        {"hints, too late", I_INTEROP, "XY", 3, NULL, HINTS(XY), PROTOCOL(INIT_TO_INITIATOR),
         REJECT},
        {"its own as second answer", I_INTEROP, "XY", 5,
         RESP(INCOMPLETE CHOSEN_X RESPONSE_OF(TOY("X/2"))), INIT_X, PROTOCOL(INIT_TO_INITIATOR),
         REJECT},
        {"hints as second answer", I_INTEROP, "XY", 5,
         RESP(INCOMPLETE CHOSEN_X RESPONSE_OF(TOY("X/2"))), HINTS(XY), PROTOCOL(INIT_TO_INITIATOR),
         REJECT},
        {"its own, frame taken off", I_INTEROP, "XY", 3, NULL,
         INIT_BARE(MECH_TYPES_OF(XY) MECH_TOKEN_OF(TOY("X/1"))), MALFORMED(FRAME_MISSING), REJECT},
    };
    check_turns(turns, LEN(turns));
}

/* What may come before an initiator's first token, and what it changes: nothing (NEG-24). */
Test(attacks_order, log_23_hints_before_the_first_token)
{
    static const struct {
        const char *what, *token;
        int profile;
        spnego_status status;
        spnego_rule rule;
    } rows[] = {
        {"hints", HINTS(XY), TOY_INTEROPERABLE, GOES_ON},
        {"hints for less", HINTS(OID_NTLM), TOY_INTEROPERABLE, GOES_ON},
        {"hints for what is not there", HINTS(OID_TOY_Z), TOY_INTEROPERABLE, GOES_ON},
        {"hints that list SPNEGO", HINTS(OID_SPNEGO), TOY_INTEROPERABLE, GOES_ON},
        {"hints with a token",
         INIT(MECH_TYPES_OF(OID_KRB5) MECH_TOKEN_OF(TOY("X/2")) HINTS_OF(HINT_NAME_OF(FIXED_HINT))
                  INIT2_MIC_OF("00*16")),
         TOY_INTEROPERABLE, GOES_ON},
        {"hints, strict", HINTS(XY), TOY_STRICT, PROTOCOL(INIT_TO_INITIATOR)},
        {"NegTokenInit", INIT_X, TOY_INTEROPERABLE, PROTOCOL(INIT_TO_INITIATOR)},
        {"NegTokenInit with a MIC",
         INIT(MECH_TYPES_OF(XY) MECH_TOKEN_OF(TOY("X/1")) INIT_MIC_OF("00*16")), TOY_INTEROPERABLE,
         PROTOCOL(INIT_TO_INITIATOR)},
        {"NegTokenResp", RESP(COMPLETED CHOSEN_X), TOY_INTEROPERABLE, PROTOCOL(RESP_BEFORE_INIT)},
        {"reject", REJECT, TOY_INTEROPERABLE, PROTOCOL(RESP_BEFORE_INIT)},
        {"nonsense", "00", TOY_INTEROPERABLE, MALFORMED(TOKEN_NOT_SPNEGO)},
    };

    for (size_t i = 0; i < LEN(rows); i++) {
        const int goes_on = rows[i].status == SPNEGO_CONTINUE;
        toy_side side;

        toy_side_init(&side, SPNEGO_INITIATOR, rows[i].profile, "XY", 2, INTEG);
        toy_side_open(&side);
        /* D1 of a first step: nothing was sent, so nothing is rejected. */
        check_step(rows[i].what, &side, der_of(rows[i].token), rows[i].status, rows[i].rule,
                   goes_on ? INIT_X : NULL);
        cr_expect_eq(side.x.steps, goes_on, "%s", rows[i].what);
        cr_expect_eq(side.event_quirks, goes_on ? SPNEGO_QUIRK_TAKE_HINTS : 0u, "%s", rows[i].what);
        if (goes_on) {
            const spnego_info info =
                check_completes(rows[i].what, &side,
                                der_of(RESP(COMPLETED CHOSEN_X RESPONSE_OF(TOY("X/2")))), NULL);

            cr_expect_eq(info.quirks, SPNEGO_QUIRK_TAKE_HINTS, "%s", rows[i].what);
            cr_expect(same_octets(info.mech_types, der_of(LIST(XY))), "%s", rows[i].what);
        }
        close_side(rows[i].what, &side);
    }
}

Test(attacks_order, log_24_acceptor_begins_with_something_else)
{
    static const toy_turn turns[] = {
        {"NegTokenResp", A_INTEROP, "X", 2, NULL, RESP(INCOMPLETE RESPONSE_OF(TOY("X/1"))),
         PROTOCOL(RESP_BEFORE_INIT), REJECT},
        {"NegTokenResp, strict", A_STRICT, "X", 2, NULL, RESP(COMPLETED),
         PROTOCOL(RESP_BEFORE_INIT), REJECT},
        {"framed NegTokenResp", A_INTEROP, "X", 2, NULL, FRAME(RESP(RESPONSE_OF(TOY("X/1")))),
         PROTOCOL(RESP_BEFORE_INIT), REJECT},
        {"framed NegTokenResp, strict", A_STRICT, "X", 2, NULL,
         FRAME(RESP(RESPONSE_OF(TOY("X/1")))), MALFORMED(FRAME_ON_RESPONSE), REJECT},
        {"hints", A_INTEROP, "X", 2, NULL, HINTS(XY), PROTOCOL(INIT2_TO_ACCEPTOR), REJECT},
        {"SPNEGO offered", A_INTEROP, "X", 2, NULL,
         INIT(MECH_TYPES_OF(OID_KRB5 OID_SPNEGO) MECH_TOKEN_OF(TOY("X/1"))),
         PROTOCOL(MECH_TYPES_HAVE_SPNEGO), REJECT},
        {"the mechanism without SPNEGO", A_INTEROP, "X", 2, NULL, "60{" OID_KRB5 "0100}",
         MALFORMED(FRAME_NOT_SPNEGO), REJECT},
    };
    static const toy_turn second[] = {
        {"NegTokenInit again", A_INTEROP, "X", 3, INIT_X, INIT_X, PROTOCOL(INIT_REPEATED), REJECT},
        {"NegTokenInit2 second", A_INTEROP, "X", 3, INIT_X, HINTS(XY), PROTOCOL(INIT_REPEATED),
         REJECT},
        {"NegTokenInit where Y was chosen", A_INTEROP, "Y", 3, INIT_X, INIT_X,
         PROTOCOL(INIT_REPEATED), REJECT},
    };

    for (size_t i = 0; i < LEN(turns); i++) {
        toy_side side;

        turn_reach(&turns[i], &side);
        check_step(turns[i].what, &side, der_of(turns[i].token), turns[i].status, turns[i].rule,
                   turns[i].want);
        cr_expect_eq(calls_of(&side), 0u, "%s: a mechanism was called", turns[i].what);
        close_side(turns[i].what, &side);
    }
    check_turns(second, LEN(second));
}

Test(attacks_order, log_25_no_input)
{
    const spnego_bytes nowhere = {NULL, 5}, empty = {(const uint8_t *)"", 0};

    for (int profile = TOY_INTEROPERABLE; profile <= TOY_STRICT; profile++) {
        toy_side side;

        /* A first step takes both forms of nothing. */
        for (int absent = 0; absent <= 1; absent++) {
            toy_side_init(&side, SPNEGO_INITIATOR, profile, "XY", 2, INTEG);
            toy_side_open(&side);
            check_goes_on("initiator", &side, absent ? ABSENT : empty, INIT_X);
            /* A length without octets is the caller's mistake, not the peer's. */
            check_step("NULL with a length", &side, nowhere, SPNEGO_ERR_USAGE,
                       SPNEGO_RULE_CALL_BAD_ARGUMENT, NULL);
            cr_expect_str_eq(spnego_context_state(side.context), "first-reply");
            check_nothing_known("NULL with a length", &side);
            check_refuses("no input on the second call", &side, absent ? empty : ABSENT,
                          MALFORMED(TOKEN_EMPTY));
            close_side("initiator", &side);
        }

        toy_side_init(&side, SPNEGO_INITIATOR, profile, "XY", 2, INTEG);
        toy_side_open(&side);
        check_step("NULL with a length, first", &side, nowhere, SPNEGO_ERR_USAGE,
                   SPNEGO_RULE_CALL_BAD_ARGUMENT, NULL);
        cr_expect_eq(calls_of(&side), 0u);
        check_goes_on("as if nothing had been", &side, ABSENT, INIT_X);
        close_side("initiator", &side);

        begin_acceptor(&side, profile, "X", 3, INTEG);
        check_step("acceptor, NULL with a length", &side, nowhere, SPNEGO_ERR_USAGE,
                   SPNEGO_RULE_CALL_BAD_ARGUMENT, NULL);
        cr_expect_str_eq(spnego_context_state(side.context), "init");
        check_goes_on("acceptor", &side, der_of(INIT_X), "?");
        check_refuses("acceptor, later", &side, ABSENT, MALFORMED(TOKEN_EMPTY));
        close_side("acceptor", &side);
    }
}
