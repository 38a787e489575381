/*
 * What a mechanism may do and what comes of it when it does something else: each result, each
 * output, each pause, at each of its steps and in both roles.  When the mechanism is called, in
 * which order and from where, is in test_mech_calls.c.
 */
#include "toy_peer.h"

/* ---- Lies at every step -------------------------------------------------------------------- */

enum { HUGE_TOKEN = 70000 }; /* more than the default of max_token, 65536 */

/* How many steps the script has for a side. */
static int steps_of(int legs, spnego_role role)
{
    return role == SPNEGO_INITIATOR ? legs / 2 + 1 : (legs + 1) / 2;
}

/* A lie that ends the negotiation, and with what. */
typedef struct fatal {
    toy_lie lie;
    spnego_status status;
    spnego_rule rule;
    int from_step;   /* 2: what its first step makes of it is another matter   */
    int error_token; /* the mechanism's error token goes with the reject       */
} fatal;

static const fatal fatals[] = {
    {TOY_FAILS, SPNEGO_ERR_MECH, SPNEGO_RULE_MECH_FAILED, 1, 1},
    {TOY_FAILS_SILENTLY, SPNEGO_ERR_MECH, SPNEGO_RULE_MECH_FAILED, 1, 0},
    {TOY_UNAVAILABLE, SPNEGO_ERR_MECH_LIED, SPNEGO_RULE_MECH_RESULT_UNKNOWN, 2, 0},
    {TOY_CONTINUES_SILENTLY, SPNEGO_ERR_MECH_LIED, SPNEGO_RULE_MECH_SAYS_NOTHING, 1, 0},
    {TOY_UNKNOWN_RESULT, SPNEGO_ERR_MECH_LIED, SPNEGO_RULE_MECH_RESULT_UNKNOWN, 1, 0},
    {TOY_ZERO_RESULT, SPNEGO_ERR_MECH_LIED, SPNEGO_RULE_MECH_RESULT_UNKNOWN, 1, 0},
    {TOY_WRITES_NULL, SPNEGO_ERR_MECH_LIED, SPNEGO_RULE_MECH_TOKEN_NULL, 1, 0},
    {TOY_WRITES_HUGE, SPNEGO_ERR_MECH_LIED, SPNEGO_RULE_MECH_TOKEN_TOO_LONG, 1, 0},
    {TOY_CLAIMS_2_GIB, SPNEGO_ERR_MECH_LIED, SPNEGO_RULE_MECH_TOKEN_TOO_LONG, 1, 0},
    {TOY_PENDS_THEN_FAILS, SPNEGO_ERR_MECH, SPNEGO_RULE_MECH_FAILED, 1, 1},
    {TOY_PENDS_THEN_UNKNOWN, SPNEGO_ERR_MECH_LIED, SPNEGO_RULE_MECH_RESULT_UNKNOWN, 1, 0},
    {TOY_PENDS_THEN_UNAVAILABLE, SPNEGO_ERR_MECH_LIED, SPNEGO_RULE_MECH_RESULT_UNKNOWN, 2, 0},
    {TOY_PENDS_WRITING, SPNEGO_ERR_MECH_LIED, SPNEGO_RULE_MECH_CANNOT_PEND, 1, 0},
    {TOY_REENTERS, SPNEGO_ERR_MECH_LIED, SPNEGO_RULE_MECH_REENTERED, 1, 0},
    {TOY_DESTROYS, SPNEGO_ERR_MECH_LIED, SPNEGO_RULE_MECH_REENTERED, 1, 0},
};

/* Keeps the last token that the liar sent. */
typedef struct overheard {
    spnego_role from;
    uint8_t token[256];
    size_t len;
} overheard;

static int overhear(void *user, unsigned number, spnego_role from, uint8_t *token, size_t *len,
                    size_t size)
{
    overheard *o = user;

    (void)number;
    (void)size;
    if (from == o->from && *len <= sizeof o->token) {
        memcpy(o->token, token, *len);
        o->len = *len;
    }
    return 1;
}

static void check_fatal(const fatal *f, int legs, spnego_role liar, int at)
{
    const int last = at == steps_of(legs, liar);
    /* The acceptor has said accept-completed by then, and reads no more. */
    const int other_done = liar == SPNEGO_INITIATOR && last && legs % 2 == 0;
    /* Nothing was sent yet, so nothing is rejected. */
    const int told = !other_done && !(liar == SPNEGO_INITIATOR && at == 1);
    overheard o = {.from = liar};
    spnego_status other;
    toy_pair pair;
    toy_side *side;
    char what[96];

    snprintf(what, sizeof what, "lie %d at step %d of role %d, %d legs", (int)f->lie, at, (int)liar,
             legs);
    pair_init(&pair, TOY_INTEROPERABLE, "X", "X", legs, INTEG);
    side = liar == SPNEGO_INITIATOR ? &pair.i : &pair.a;
    side->x.lie = f->lie;
    side->x.lie_at = at;
    side->x.huge = HUGE_TOKEN;
    pair_run(&pair, overhear, &o);
    other = other_done ? SPNEGO_COMPLETE : told ? SPNEGO_ERR_REJECTED : SPNEGO_CONTINUE;

    cr_expect_eq(side->x.steps, at, "%s: %s", what, side->x.trace);
    if (told)
        cr_expect(
            same_octets((spnego_bytes){o.token, o.len},
                        der_of(f->error_token ? REJECT_WITH(RESPONSE_OF(TOY_ERROR("X"))) : REJECT)),
            "%s: the peer was told %s", what, hex_of((spnego_bytes){o.token, o.len}));
    cr_expect_eq(side->x.abandoned, 1, "%s", what);
    if (f->lie == TOY_REENTERS)
        cr_expect_eq(side->x.reentry_status, SPNEGO_ERR_USAGE, "%s", what);
    if (liar == SPNEGO_INITIATOR)
        pair_check(what, &pair, f->status, f->rule, other,
                   other == SPNEGO_ERR_REJECTED ? SPNEGO_RULE_PEER_REJECTED : SPNEGO_RULE_NONE);
    else
        pair_check(what, &pair, other,
                   other == SPNEGO_ERR_REJECTED ? SPNEGO_RULE_PEER_REJECTED : SPNEGO_RULE_NONE,
                   f->status, f->rule);
}

Test(mech_contract, fatal_lies)
{
    for (size_t i = 0; i < LEN(fatals); i++)
        for (int legs = 1; legs <= 5; legs++)
            for (int role = SPNEGO_INITIATOR; role <= SPNEGO_ACCEPTOR; role++)
                for (int at = fatals[i].from_step; at <= steps_of(legs, (spnego_role)role); at++)
                    check_fatal(&fatals[i], legs, (spnego_role)role, at);
}

/* COMPLETE is the mechanism's own word, so a mechanism can deceive its own side; but never the
 * other, whose mechanism knows better (design: invariant 1). */
Test(mech_contract, lies_about_the_end)
{
    static const toy_lie lies[] = {TOY_COMPLETES_EARLY, TOY_COMPLETES_SILENTLY,
                                   TOY_NEVER_COMPLETES};

    for (size_t i = 0; i < LEN(lies); i++) {
        for (int legs = 1; legs <= 5; legs++) {
            for (int role = SPNEGO_INITIATOR; role <= SPNEGO_ACCEPTOR; role++) {
                for (int at = 1; at <= steps_of(legs, (spnego_role)role); at++) {
                    toy_pair pair;
                    toy_side *liar, *other;
                    const toy_end *other_end;
                    char what[96];

                    snprintf(what, sizeof what, "lie %d at step %d of role %d, %d legs",
                             (int)lies[i], at, role, legs);
                    pair_init(&pair, TOY_INTEROPERABLE, "X", "X", legs, INTEG);
                    liar = role == SPNEGO_INITIATOR ? &pair.i : &pair.a;
                    other = role == SPNEGO_INITIATOR ? &pair.a : &pair.i;
                    other_end = role == SPNEGO_INITIATOR ? &pair.a_end : &pair.i_end;
                    liar->x.lie = lies[i];
                    liar->x.lie_at = at;
                    pair_run(&pair, NULL, NULL);
                    cr_expect(other->x.complete || other_end->status != SPNEGO_COMPLETE,
                              "%s: the other completed", what);
                    cr_expect(liar->x.complete ||
                                  (role == SPNEGO_INITIATOR ? pair.i_end.status
                                                            : pair.a_end.status) != SPNEGO_COMPLETE,
                              "%s: completed without its mechanism", what);
                    close_side(what, &pair.i);
                    close_side(what, &pair.a);
                }
            }
        }
    }
}

/* RFC 2743 2.2.1: an initiator that begins has something to say, be it complete or not. */
Test(mech_contract, initiator_begins_without_a_token)
{
    static const toy_lie lies[] = {TOY_COMPLETES_SILENTLY, TOY_CONTINUES_SILENTLY};

    for (size_t i = 0; i < LEN(lies); i++) {
        toy_side side;

        toy_side_init(&side, SPNEGO_INITIATOR, TOY_INTEROPERABLE, "XY", 1, INTEG);
        side.x.lie = lies[i];
        toy_side_open(&side);
        check_step("silent", &side, ABSENT, SPNEGO_ERR_MECH_LIED, SPNEGO_RULE_MECH_SAYS_NOTHING,
                   NULL);
        cr_expect_eq(side.y.steps, 0, "only UNAVAILABLE falls back");
        close_side("silent", &side);
    }
}

/* UNAVAILABLE is an answer in the first step: the next mechanism is tried, and that is all. */
Test(mech_contract, unavailable_at_first)
{
    static const toy_lie lies[] = {TOY_UNAVAILABLE, TOY_PENDS_THEN_UNAVAILABLE};

    for (size_t i = 0; i < LEN(lies); i++) {
        toy_pair pair;
        toy_side side;
        spnego_bytes out;
        spnego_status status;

        pair_init(&pair, TOY_STRICT, "XY", "XY", 2, INTEG);
        pair.i.x.lie = lies[i];
        pair_run(&pair, NULL, NULL);
        cr_expect(same_octets(pair.i_end.info.mech_types, der_of(LIST(OID_NTLM))));
        cr_expect_eq(pair.i.x.abandoned, 1);
        /* Y is not the acceptor's favourite. */
        cr_expect_eq(pair.a_end.info.mics_exchanged, 1);
        pair_check("initiator", &pair, DONE, DONE);

        pair_init(&pair, TOY_STRICT, "XY", "XY", 2, INTEG);
        pair.a.x.lie = lies[i];
        pair_run(&pair, NULL, NULL);
        cr_expect_eq(pair.a.x.abandoned, 1);
        cr_expect_eq(pair.i_end.info.first_choice, 0);
        cr_expect_eq(pair.i_end.info.mics_exchanged, 1);
        pair_check("acceptor", &pair, DONE, DONE);

        toy_side_init(&side, SPNEGO_INITIATOR, TOY_STRICT, "X", 2, INTEG);
        side.x.lie = lies[i];
        toy_side_open(&side);
        status = spnego_context_step(side.context, &out, ABSENT);
        if (status == SPNEGO_PENDING)
            status = spnego_context_resume(side.context, &out);
        check_given("none left", &side, status, out, SPNEGO_ERR_NO_MECH,
                    SPNEGO_RULE_MECH_LIST_EMPTY, NULL);
        close_side("none left", &side);

        toy_side_init(&side, SPNEGO_ACCEPTOR, TOY_STRICT, "X", 2, INTEG);
        side.x.lie = lies[i];
        toy_side_open(&side);
        status = spnego_context_step(side.context, &out, der_of(INIT_X));
        if (status == SPNEGO_PENDING)
            status = spnego_context_resume(side.context, &out);
        check_given("none left", &side, status, out, SPNEGO_ERR_NO_MECH, SPNEGO_RULE_NO_COMMON_MECH,
                    REJECT);
        close_side("none left", &side);
    }
}

/* Once a mechanism was announced there is no other any more. */
Test(mech_contract, unavailable_after_the_choice)
{
    static const toy_lie lies[] = {TOY_UNAVAILABLE, TOY_PENDS_THEN_UNAVAILABLE};

    for (size_t i = 0; i < LEN(lies); i++) {
        toy_pair pair;

        pair_init(&pair, TOY_STRICT, "XY", "Y", 2, INTEG);
        pair.i.y.lie = lies[i];
        pair_run(&pair, NULL, NULL);
        pair_check("initiator", &pair, SPNEGO_ERR_MECH, SPNEGO_RULE_MECH_GONE, REJECTED);

        pair_init(&pair, TOY_STRICT, "XY", "Y", 2, INTEG);
        pair.a.y.lie = lies[i];
        pair_run(&pair, NULL, NULL);
        pair_check("acceptor", &pair, REJECTED, SPNEGO_ERR_MECH, SPNEGO_RULE_MECH_GONE);
    }
}

/* A mechanism that says INTEG has both functions; one that says NEEDS_MIC says INTEG (NEG-85). */
Test(mech_contract, integrity_that_is_not_there)
{
    for (int i = 0; i < 4; i++) {
        spnego_mech_ops ops = toy_x;
        toy_side side;

        toy_side_init(&side, SPNEGO_ACCEPTOR, TOY_INTEROPERABLE, "X", 1, INTEG);
        side.config.options = i < 2 ? SPNEGO_OPTION_REQUIRE_MIC : 0;
        if (i == 0)
            ops.get_mic = NULL;
        else if (i == 1)
            ops.verify_mic = NULL;
        else if (i == 2)
            side.x.flags = SPNEGO_FLAG_NEEDS_MIC;
        else {
            side.x.flags = 0;
            side.x.late_flags = SPNEGO_FLAG_NEEDS_MIC;
        }
        side.mechs[0].ops = &ops;
        toy_side_open(&side);
        check_refuses("lacks a function", &side,
                      toy_peer_token(i == 1 ? FRAME(INIT_BARE(MECH_TYPES_OF(XY) MECH_TOKEN_OF(
                                                  TOY("X/1")) INIT_MIC_OF("%s")))
                                            : "%.0s" INIT_X,
                                     toy_peer_mic("X", SPNEGO_INITIATOR, LIST(XY))),
                      SPNEGO_ERR_MECH_LIED, SPNEGO_RULE_MECH_NEEDS_MIC_IT_LACKS);
        close_side("lacks a function", &side);
    }
}

/* ---- Tokens that are empty ----------------------------------------------------------------- */

/* RFC 7546 3.2 knows mechanisms with empty tokens; who has none must say so, and gets none. */
Test(mech_contract, empty_tokens)
{
    for (int legs = 3; legs <= 5; legs++) {
        for (int empty = 2; empty < legs; empty++) {
            toy_pair pair;
            char what[64];

            snprintf(what, sizeof what, "%d legs, leg %d empty", legs, empty);
            pair_init(&pair, TOY_STRICT, "XY", "X", legs, INTEG | SPNEGO_FLAG_EMPTY_TOKENS);
            pair.i.x.empty_legs = pair.a.x.empty_legs = 1u << empty;
            pair_run(&pair, NULL, NULL);
            pair_check(what, &pair, DONE, DONE);

            pair_init(&pair, TOY_STRICT, "XY", "X", legs, INTEG);
            pair.i.x.empty_legs = pair.a.x.empty_legs = 1u << empty;
            pair_run(&pair, NULL, NULL);
            if (empty % 2 == 0)
                pair_check(what, &pair, REJECTED, SPNEGO_ERR_MECH_LIED,
                           SPNEGO_RULE_MECH_SAYS_NOTHING);
            else
                pair_check(what, &pair, SPNEGO_ERR_MECH_LIED, SPNEGO_RULE_MECH_SAYS_NOTHING,
                           REJECTED);
        }
    }
}

/* On the wire it is there, and empty. */
Test(mech_contract, empty_tokens_on_the_wire)
{
    toy_side side;

    toy_side_init(&side, SPNEGO_ACCEPTOR, TOY_STRICT, "X", 3, SPNEGO_FLAG_EMPTY_TOKENS);
    side.x.empty_legs = 1u << 2;
    toy_side_open(&side);
    check_goes_on("acceptor", &side, der_of(INIT_X), RESP(INCOMPLETE CHOSEN_X RESPONSE_OF("")));
    close_side("acceptor", &side);

    for (int absent = 0; absent <= 1; absent++) {
        toy_side_init(&side, SPNEGO_INITIATOR, TOY_STRICT, "XY", 4, SPNEGO_FLAG_EMPTY_TOKENS);
        side.x.empty_legs = 1u << 1 | 1u << 2 | 1u << 3;
        toy_side_open(&side);
        check_goes_on("first", &side, ABSENT, INIT(MECH_TYPES_OF(XY) MECH_TOKEN_OF("")));
        check_goes_on(
            "second", &side,
            der_of(absent ? RESP(INCOMPLETE CHOSEN_X) : RESP(INCOMPLETE CHOSEN_X RESPONSE_OF(""))),
            RESP(INCOMPLETE RESPONSE_OF("")));
        check_completes("third", &side, der_of(RESP(COMPLETED RESPONSE_OF(TOY("X/4")))), NULL);
        close_side("initiator", &side);
    }
}

Test(mech_contract, empty_tokens_from_the_peer)
{
    static const toy_turn turns[] = {
        {"empty responseToken", I_INTEROP, "XY", 3, NULL, RESP(INCOMPLETE CHOSEN_X RESPONSE_OF("")),
         PROTOCOL(RESPONSE_TOKEN_MISSING), REJECT},
        {"empty responseToken", A_INTEROP, "X", 3, INIT_X, RESP(INCOMPLETE RESPONSE_OF("")),
         PROTOCOL(RESPONSE_TOKEN_MISSING), REJECT},
        /* As if there were none: the initiator is to begin (NEG-44). */
        {"empty mechToken", A_INTEROP, "X", 3, NULL, INIT(MECH_TYPES_OF(XY) MECH_TOKEN_OF("")),
         GOES_ON, RESP(INCOMPLETE CHOSEN_X)},
    };
    check_turns(turns, LEN(turns));
}

/* It is the chosen one that must know empty tokens, and not its like that cannot be used. */
Test(mech_contract, empty_token_for_another_number)
{
    toy_side side;

    toy_side_init(&side, SPNEGO_ACCEPTOR, TOY_STRICT, "XM", 3, 0);
    side.ms.flags = SPNEGO_FLAG_EMPTY_TOKENS;
    side.ms.no_credential = 1;
    toy_side_open(&side);
    check_goes_on("announced", &side, der_of(INIT(MECH_TYPES_OF(OID_MS_KRB5) MECH_TOKEN_OF(""))),
                  RESP(INCOMPLETE SUPPORTED_MECH_OF(OID_MS_KRB5)));
    cr_expect_eq(side.x.steps, 0);
    close_side("another number", &side);
}

/* ---- Pausing ------------------------------------------------------------------------------- */

/* A step whose mechanism may pause, and its resumes; adds the pauses to *pauses.  Meanwhile every
 * call but resume is refused and changes nothing, and the peer's octets are no longer there. */
static spnego_status step_with_pauses(const char *what, toy_side *side, spnego_bytes *out,
                                      spnego_bytes in, int *pauses)
{
    uint8_t *octets = malloc(in.len != 0 ? in.len : 1);
    spnego_status status;

    cr_assert_not_null(octets);
    if (in.len != 0)
        memcpy(octets, in.data, in.len);
    status = spnego_context_step(side->context, out,
                                 (spnego_bytes){in.data == NULL ? NULL : octets, in.len});
    wipe_and_free(octets, in.len);
    for (; status == SPNEGO_PENDING; (*pauses)++) {
        const char *state = spnego_context_state(side->context);
        const size_t calls = calls_of(side);
        spnego_bytes refused;

        cr_assert_lt(*pauses, 3, "%s: pends for ever", what);
        cr_expect(out->data == NULL && out->len == 0, "%s: output of a step that paused", what);
        check_nothing_known(what, side);
        cr_expect_eq(spnego_context_step(side->context, &refused, der_of(RESP(COMPLETED))),
                     SPNEGO_ERR_USAGE, "%s: stepped while pending", what);
        cr_expect(refused.data == NULL && refused.len == 0, "%s", what);
        cr_expect_eq(spnego_context_error(side->context)->rule, SPNEGO_RULE_CALL_OUT_OF_TURN, "%s",
                     what);
        cr_expect_eq(spnego_context_export(side->context, &refused), SPNEGO_ERR_USAGE,
                     "%s: exported while pending", what);
        cr_expect_str_eq(spnego_context_state(side->context), state, "%s", what);
        cr_expect_eq(calls_of(side), calls, "%s: a mechanism was called", what);
        status = spnego_context_resume(side->context, out);
    }
    return status;
}

/* A pause changes nothing in what goes over the wire, choice and MICs included: two negotiations
 * run side by side, one of them with pauses. */
static void check_pause(int legs, int reselected, spnego_role role, int at, toy_lie lie)
{
    toy_pair plain, paused;
    toy_side *plain_sides[2] = {&plain.i, &plain.a}, *paused_sides[2] = {&paused.i, &paused.a};
    spnego_status status[2] = {SPNEGO_CONTINUE, SPNEGO_CONTINUE};
    spnego_bytes in = ABSENT, in_paused = ABSENT, out, out_paused;
    int side = 0, pauses = 0;
    toy_mech *toy;
    char what[96];

    snprintf(what, sizeof what, "%d legs, reselected %d, role %d pauses at %d, lie %d", legs,
             reselected, (int)role, at, (int)lie);
    pair_init(&plain, TOY_STRICT, "XY", reselected ? "Y" : "X", legs, INTEG);
    pair_init(&paused, TOY_STRICT, "XY", reselected ? "Y" : "X", legs, INTEG);
    plain.a.config.options = paused.a.config.options = SPNEGO_OPTION_REQUIRE_MIC;
    toy = role == SPNEGO_INITIATOR ? (reselected ? &paused.i.y : &paused.i.x)
                                   : (reselected ? &paused.a.y : &paused.a.x);
    toy->lie = lie;
    toy->lie_at = at;
    for (int k = 0; k < 2; k++) {
        toy_side_open(plain_sides[k]);
        toy_side_open(paused_sides[k]);
    }
    while (status[side] == SPNEGO_CONTINUE) {
        status[side] = spnego_context_step(plain_sides[side]->context, &out, in);
        cr_assert_eq(step_with_pauses(what, paused_sides[side], &out_paused, in_paused, &pauses),
                     status[side], "%s", what);
        cr_assert(same_octets(out, out_paused), "%s: %s instead of %s", what, hex_of(out_paused),
                  hex_of(out));
        in = out;
        in_paused = out_paused;
        side = !side;
        if (out.data == NULL)
            break;
    }
    cr_expect_eq(pauses, lie == TOY_PENDS_TWICE ? 2 : 1, "%s: %d pauses", what, pauses);
    for (int k = 0; k < 2; k++) {
        spnego_info info;

        cr_expect_eq(status[k], SPNEGO_COMPLETE, "%s", what);
        cr_expect_eq(spnego_context_info(paused_sides[k]->context, &info), 1, "%s", what);
        cr_expect_eq(info.mics_exchanged, 1, "%s", what);
        close_side(what, plain_sides[k]);
        close_side(what, paused_sides[k]);
    }
}

Test(mech_contract, pause_at_every_step)
{
    for (int legs = 1; legs <= 5; legs++)
        for (int reselected = 0; reselected <= 1; reselected++)
            for (int role = SPNEGO_INITIATOR; role <= SPNEGO_ACCEPTOR; role++)
                for (int at = 1; at <= steps_of(legs, (spnego_role)role); at++) {
                    check_pause(legs, reselected, (spnego_role)role, at, TOY_PENDS);
                    check_pause(legs, reselected, (spnego_role)role, at, TOY_PENDS_TWICE);
                }
}

/* A MIC that is there and empty is still there after a pause, required or not. */
Test(mech_contract, pause_keeps_an_empty_mic)
{
    for (int paused = 0; paused <= 1; paused++) {
        for (int required = 0; required <= 1; required++) {
            int pauses = 0;
            spnego_status status;
            spnego_bytes out;
            toy_side side;

            toy_side_init(&side, SPNEGO_INITIATOR, TOY_STRICT, "XY", 2, INTEG);
            side.config.options = required ? SPNEGO_OPTION_REQUIRE_MIC : 0;
            side.x.lie = paused ? TOY_PENDS : TOY_HONEST;
            side.x.lie_at = 2;
            toy_side_open(&side);
            check_goes_on("first", &side, ABSENT, INIT_X);
            status = step_with_pauses(
                "empty MIC", &side, &out,
                der_of(RESP(INCOMPLETE CHOSEN_X RESPONSE_OF(TOY("X/2")) RESP_MIC_OF(""))), &pauses);
            check_given(paused ? "with a pause" : "without a pause", &side, status, out,
                        BAD_MIC(MIC_WRONG), REJECT);
            cr_expect_eq(pauses, paused);
            close_side("empty MIC", &side);
        }
    }
}

/* Nothing is pending before the first step, between steps, at the end. */
Test(mech_contract, resume_out_of_turn)
{
    toy_side side;
    spnego_bytes out;

    for (int i = 0; i < 3; i++) {
        const char *state;

        toy_side_init(&side, SPNEGO_INITIATOR, TOY_STRICT, "XY", 2, INTEG);
        toy_side_open(&side);
        if (i >= 1)
            check_goes_on("first", &side, ABSENT, INIT_X);
        if (i >= 2)
            check_completes("reply", &side,
                            der_of(RESP(COMPLETED CHOSEN_X RESPONSE_OF(TOY("X/2")))), NULL);
        state = spnego_context_state(side.context);
        cr_expect_eq(spnego_context_resume(side.context, &out), SPNEGO_ERR_USAGE, "%s", state);
        cr_expect(out.data == NULL && out.len == 0, "%s", state);
        cr_expect_eq(spnego_context_error(side.context)->rule, SPNEGO_RULE_CALL_OUT_OF_TURN, "%s",
                     state);
        cr_expect_str_eq(spnego_context_state(side.context), state);
        if (i == 0)
            check_goes_on("as if nothing had been", &side, ABSENT, INIT_X);
        if (i == 1)
            check_completes("as if nothing had been", &side,
                            der_of(RESP(COMPLETED CHOSEN_X RESPONSE_OF(TOY("X/2")))), NULL);
        close_side(state, &side);
    }
}

Test(mech_contract, pause_without_resume)
{
    for (int role = SPNEGO_INITIATOR; role <= SPNEGO_ACCEPTOR; role++) {
        const int initiator = role == SPNEGO_INITIATOR;
        spnego_mech_ops ops = toy_x;
        toy_side side;

        ops.resume = NULL;
        toy_side_init(&side, (spnego_role)role, TOY_INTEROPERABLE, "X", 2, INTEG);
        side.mechs[0].ops = &ops;
        side.x.lie = TOY_PENDS;
        toy_side_open(&side);
        check_step("no resume", &side, initiator ? ABSENT : der_of(INIT_X), SPNEGO_ERR_MECH_LIED,
                   SPNEGO_RULE_MECH_CANNOT_PEND, initiator ? NULL : REJECT);
        close_side("no resume", &side);
    }
}

/* A context that is given up while its mechanism pauses tells it. */
Test(mech_contract, destroyed_while_pending)
{
    toy_side side;

    toy_side_init(&side, SPNEGO_ACCEPTOR, TOY_INTEROPERABLE, "X", 2, INTEG);
    side.x.lie = TOY_PENDS_FOR_EVER;
    toy_side_open(&side);
    check_step("pends", &side, der_of(INIT_X), SPNEGO_PENDING, SPNEGO_RULE_NONE, NULL);
    for (int i = 0; i < 100; i++) {
        spnego_bytes out;

        cr_assert_eq(spnego_context_resume(side.context, &out), SPNEGO_PENDING);
        cr_expect(out.data == NULL && out.len == 0);
    }
    cr_expect_eq(side.x.abandoned, 0);
    close_side("pends", &side);
    cr_expect_eq(side.x.abandoned, 1);
}

/* ---- What the mechanism says of its failure ------------------------------------------------ */

/* NEG-142: passed through, code and GSS status, with the mechanism's name. */
Test(mech_contract, codes_pass_through)
{
    static const struct {
        toy_lie lie;
        int32_t code;
        uint32_t gss_major;
    } rows[] = {
        {TOY_FAILS, TOY_CODE, TOY_GSS_MAJOR},
        {TOY_FAILS_SILENTLY, TOY_CODE, TOY_GSS_MAJOR},
        {TOY_PENDS_THEN_FAILS, TOY_CODE, TOY_GSS_MAJOR},
        {TOY_UNKNOWN_RESULT, 0, 13u << 16}, /* GSS_S_FAILURE: the contract is broken */
    };

    for (size_t i = 0; i < LEN(rows); i++) {
        const spnego_error *error;
        spnego_status status;
        spnego_bytes out;
        toy_side side;

        toy_side_init(&side, SPNEGO_ACCEPTOR, TOY_INTEROPERABLE, "X", 2, INTEG);
        side.x.lie = rows[i].lie;
        toy_side_open(&side);
        status = spnego_context_step(side.context, &out, der_of(INIT_X));
        if (status == SPNEGO_PENDING)
            status = spnego_context_resume(side.context, &out);
        error = spnego_context_error(side.context);
        cr_expect_eq(error->status, status);
        cr_expect_str_eq(error->mech, "toy-x");
        cr_expect_eq(error->mech_code.code, rows[i].code);
        cr_expect_eq(spnego_error_gss_major(error), rows[i].gss_major, "row %zu: %x", i,
                     (unsigned)spnego_error_gss_major(error));
        close_side("codes", &side);
    }
}

/* Of a mechanism that was passed over nothing is left in the verdict of the one after it. */
Test(mech_contract, codes_of_a_mechanism_passed_over)
{
    for (int fails = 0; fails <= 1; fails++) {
        toy_pair pair;

        pair_init(&pair, TOY_STRICT, "XY", "XY", 2, INTEG);
        pair.a.x.lie = fails ? TOY_FAILS : TOY_UNAVAILABLE;
        pair.a.config.options |= SPNEGO_OPTION_TRY_NEXT_MECH;
        pair_run(&pair, NULL, NULL);
        cr_expect_eq(spnego_context_error(pair.a.context)->mech_code.code, 0);
        cr_expect_null(spnego_context_error(pair.a.context)->mech);
        cr_expect_eq(pair.a.x.abandoned, 1);
        cr_expect_eq(pair.a_end.info.mech->ops, &toy_y);
        cr_expect_eq(pair.a_end.info.mics_exchanged, 1);
        pair_check("passed over", &pair, DONE, DONE);
    }
}

/* Whoever was passed over is asked nothing more: not when its like, or nobody, is chosen instead,
 * nor for the reject that follows. */
Test(mech_contract, nothing_is_asked_of_a_mechanism_passed_over)
{
    static const struct {
        const char *has;
        uint32_t required_flags;
        spnego_status status;
        spnego_rule rule;
    } rows[] = {
        {"X", 0, SPNEGO_ERR_NO_MECH, SPNEGO_RULE_NO_COMMON_MECH},
        {"X", SPNEGO_FLAG_ANON, SPNEGO_ERR_NO_MECH, SPNEGO_RULE_NO_COMMON_MECH},
        {"XM", 0, SPNEGO_CONTINUE, SPNEGO_RULE_NONE},
    };
    static const toy_lie lies[] = {TOY_FAILS, TOY_UNAVAILABLE, TOY_PENDS_THEN_FAILS,
                                   TOY_PENDS_THEN_UNAVAILABLE};

    for (size_t i = 0; i < LEN(rows); i++)
        for (size_t k = 0; k < LEN(lies); k++) {
            toy_side side;
            spnego_bytes out;
            spnego_status status;

            toy_side_init(&side, SPNEGO_ACCEPTOR, TOY_STRICT, rows[i].has, 2, INTEG);
            side.config.options |= SPNEGO_OPTION_TRY_NEXT_MECH;
            side.config.required_flags = rows[i].required_flags;
            side.x.lie = lies[k];
            toy_side_open(&side);
            status = spnego_context_step(side.context, &out,
                                         der_of(INIT(MECH_TYPES_KRB5 MECH_TOKEN_OF(TOY("X/1")))));
            if (status == SPNEGO_PENDING)
                status = spnego_context_resume(side.context, &out);
            cr_expect_eq(status, rows[i].status, "%zu, %zu", i, k);
            cr_expect_eq(spnego_context_error(side.context)->rule, rows[i].rule, "%zu, %zu", i, k);
            cr_expect_not_null(out.data, "%zu, %zu", i, k);
            cr_expect_eq(side.x.abandoned, 1, "%zu, %zu", i, k);
            close_side(rows[i].has, &side);
        }
}
