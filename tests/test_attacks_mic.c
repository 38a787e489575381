/*
 * The attacks LOG-07 to LOG-14: MICs that are wrong, replayed, reflected, repeated, too early, or
 * none at all.  X is what the initiator prefers; a scripted peer plays the other side.
 */
#include "toy_peer.h"
/* Where the peer's MIC is checked: a side that waits for it, and the token without its MIC field.
 */
typedef struct mic_place {
    const char *name;
    spnego_role role; /* of the side that checks */
    int legs;
    const char *before; /* to be stepped with first; NULL: nothing */
    const char *token;  /* with %s for the MIC field               */
    const char *mic;    /* the MIC field with %s for its contents  */
} mic_place;

static const mic_place mic_places[] = {
    {"first reply", SPNEGO_INITIATOR, 2, NULL,
     RESP(REQUEST_MIC CHOSEN_X RESPONSE_OF(TOY("X/2")) "%s"), RESP_MIC_OF("%s")},
    {"first reply, no token", SPNEGO_INITIATOR, 1, NULL, RESP(REQUEST_MIC CHOSEN_X "%s"),
     RESP_MIC_OF("%s")},
    {"later reply", SPNEGO_INITIATOR, 4, RESP(REQUEST_MIC CHOSEN_X RESPONSE_OF(TOY("X/2"))),
     RESP(INCOMPLETE RESPONSE_OF(TOY("X/4")) "%s"), RESP_MIC_OF("%s")},
    {"answer to own MIC", SPNEGO_INITIATOR, 3, RESP(REQUEST_MIC CHOSEN_X RESPONSE_OF(TOY("X/2"))),
     RESP(COMPLETED "%s"), RESP_MIC_OF("%s")},
    {"NegTokenInit", SPNEGO_ACCEPTOR, 1, NULL,
     FRAME(INIT_BARE(MECH_TYPES_OF(XY) MECH_TOKEN_OF(TOY("X/1")) "%s")), INIT_MIC_OF("%s")},
    {"last token", SPNEGO_ACCEPTOR, 3, INIT(MECH_TYPES_OF(XY) MECH_TOKEN_OF(TOY("X/1"))),
     RESP(INCOMPLETE RESPONSE_OF(TOY("X/3")) "%s"), RESP_MIC_OF("%s")},
    {"answer to acceptor's MIC", SPNEGO_ACCEPTOR, 2,
     INIT(MECH_TYPES_OF(XY) MECH_TOKEN_OF(TOY("X/1"))), RESP(COMPLETED "%s"), RESP_MIC_OF("%s")},
};

/* A side that waits for the token with the MIC. */
static void reach(const mic_place *place, toy_side *side, int profile)
{
    if (place->role == SPNEGO_INITIATOR)
        begin_initiator(side, profile, "XY", place->legs, INTEG);
    else {
        toy_side_init(side, SPNEGO_ACCEPTOR, profile, "X", place->legs, INTEG);
        side->config.options |= SPNEGO_OPTION_REQUIRE_MIC;
        toy_side_open(side);
    }
    if (place->before != NULL)
        check_goes_on(place->name, side, der_of(place->before), "?");
}

/* The peer's token with the MIC of those contents; NULL: without. */
static spnego_bytes token_with_mic(const mic_place *place, const char *mic)
{
    char field[512] = "";

    if (mic != NULL)
        snprintf(field, sizeof field, place->mic, mic);
    return toy_peer_token(place->token, field);
}

static const char *good_mic(const mic_place *place)
{
    return toy_peer_mic("X", place->role == SPNEGO_INITIATOR ? SPNEGO_ACCEPTOR : SPNEGO_INITIATOR,
                        LIST(XY));
}

/* A MIC that must not pass: verify_mic sees exactly its octets, once, and the error names the field
 * where it lies. */
static void check_wrong_mic(const mic_place *place, const char *mic)
{
    const spnego_bytes octets = der_of(mic), in = token_with_mic(place, mic);
    const spnego_error *error;
    spnego_token token;
    spnego_bytes out;
    toy_side side;

    cr_assert_eq(spnego_token_decode(&token, NULL, in, 0), SPNEGO_RULE_NONE, "%s", place->name);
    reach(place, &side, TOY_INTEROPERABLE);
    check_refuses(place->name, &side, in, SPNEGO_ERR_BAD_MIC, SPNEGO_RULE_MIC_WRONG);
    cr_expect_eq(side.x.verify_calls, 1, "%s, MIC %s: verify_mic called %d times", place->name, mic,
                 side.x.verify_calls);
    cr_expect(same_octets((spnego_bytes){side.x.verified, side.x.verified_len}, octets),
              "%s, MIC %s: verify_mic got other octets", place->name, mic);
    error = spnego_context_error(side.context);
    /* check_refuses made calls that were refused; the next one brings the failure back. */
    cr_expect_eq(spnego_context_step(side.context, &out, ABSENT), SPNEGO_ERR_BAD_MIC);
    cr_expect_eq(error->field, SPNEGO_FIELD_MECH_LIST_MIC, "%s", place->name);
    /* The field with its header, which is four octets here, or its contents. */
    cr_expect(error->offset + 4 >= (size_t)(token.mech_list_mic.data - in.data) &&
                  error->offset <= (size_t)(token.mech_list_mic.data - in.data),
              "%s: offset %zu", place->name, error->offset);
    cr_expect_str_eq(error->mech, "toy-x");
    cr_expect_eq(error->mech_code.code, TOY_CODE, "%s", place->name);
    cr_expect_eq(side.events[SPNEGO_EVENT_MIC_VERIFIED], 0u, "%s", place->name);
    close_side(place->name, &side);
}

Test(attacks_mic, log_07_right_mic_passes)
{
    for (size_t i = 0; i < LEN(mic_places); i++) {
        const mic_place *place = &mic_places[i];
        toy_side side;
        spnego_info info;

        reach(place, &side, TOY_STRICT);
        info = check_completes(place->name, &side, token_with_mic(place, good_mic(place)),
                               place->legs == 3 && place->role == SPNEGO_INITIATOR  ? NULL
                               : place->legs == 2 && place->role == SPNEGO_ACCEPTOR ? NULL
                                                                                    : "?");
        cr_expect_eq(info.mics_exchanged, 1, "%s", place->name);
        cr_expect_eq(side.x.verify_calls, 1, "%s", place->name);
        cr_expect_eq(side.x.get_mic_calls, 1, "%s", place->name);
        cr_expect(same_octets(info.mech_types, der_of(LIST(XY))), "%s", place->name);
        close_side(place->name, &side);
    }
}

Test(attacks_mic, log_07_every_bit_of_a_mic)
{
    for (size_t i = 0; i < LEN(mic_places); i++) {
        for (unsigned bit = 0; bit < 128; bit++) {
            uint8_t mic[16];

            memcpy(mic, der_of(good_mic(&mic_places[i])).data, sizeof mic);
            mic[bit / 8] ^= (uint8_t)(1u << bit % 8);
            check_wrong_mic(&mic_places[i], hex_of((spnego_bytes){mic, sizeof mic}));
        }
    }
}

Test(attacks_mic, log_07_mic_of_another_length)
{
    for (size_t i = 0; i < LEN(mic_places); i++) {
        char mic[64];

        for (int len = 1; len < 16; len++) {
            snprintf(mic, sizeof mic, "%.*s", 2 * len, good_mic(&mic_places[i]));
            check_wrong_mic(&mic_places[i], mic);
        }
        check_wrong_mic(&mic_places[i], ""); /* there, with no octet in it */
        snprintf(mic, sizeof mic, "%s00", good_mic(&mic_places[i]));
        check_wrong_mic(&mic_places[i], mic);
    }
}

/* A mechanism whose MICs are the same in both directions: what comes back is what was sent. */
Test(attacks_mic, log_08_own_mic_reflected)
{
    static const char *const list = LIST(XY);

    for (int symmetric = 0; symmetric <= 1; symmetric++) {
        const char *initiators = toy_peer_mic("X", SPNEGO_INITIATOR, list);
        const char *acceptors =
            toy_peer_mic("X", symmetric ? SPNEGO_INITIATOR : SPNEGO_ACCEPTOR, list);
        toy_side i, a;

        toy_side_init(&i, SPNEGO_INITIATOR, TOY_INTEROPERABLE, "XY", 3, INTEG);
        i.x.symmetric = symmetric;
        toy_side_open(&i);
        check_goes_on("initiator", &i, ABSENT, "?");
        check_step("initiator", &i, der_of(RESP(REQUEST_MIC CHOSEN_X RESPONSE_OF(TOY("X/2")))),
                   SPNEGO_CONTINUE, SPNEGO_RULE_NONE, "?");
        check_refuses("initiator", &i,
                      toy_peer_token(RESP(COMPLETED RESP_MIC_OF("%s")), initiators),
                      SPNEGO_ERR_BAD_MIC, SPNEGO_RULE_MIC_REFLECTED);
        cr_expect_eq(i.x.verify_calls, 0);
        close_side("initiator", &i);

        toy_side_init(&a, SPNEGO_ACCEPTOR, TOY_INTEROPERABLE, "X", 2, INTEG);
        a.x.symmetric = symmetric;
        a.config.options |= SPNEGO_OPTION_REQUIRE_MIC;
        toy_side_open(&a);
        check_goes_on("acceptor", &a, der_of(INIT(MECH_TYPES_OF(XY) MECH_TOKEN_OF(TOY("X/1")))),
                      "?");
        check_refuses("acceptor", &a, toy_peer_token(RESP(COMPLETED RESP_MIC_OF("%s")), acceptors),
                      SPNEGO_ERR_BAD_MIC, SPNEGO_RULE_MIC_REFLECTED);
        cr_expect_eq(a.x.verify_calls, 0);
        close_side("acceptor", &a);
    }
}

/* The MIC of another session of the same two, of another mechanism, over another list. */
Test(attacks_mic, log_09_mic_of_another_exchange)
{
    for (size_t i = 0; i < LEN(mic_places); i++) {
        const spnego_role by =
            mic_places[i].role == SPNEGO_INITIATOR ? SPNEGO_ACCEPTOR : SPNEGO_INITIATOR;
        uint8_t mic[16];

        toy_mic(mic, "X", by == SPNEGO_ACCEPTOR, 2, der_of(LIST(XY)));
        check_wrong_mic(&mic_places[i], hex_of((spnego_bytes){mic, sizeof mic}));
        check_wrong_mic(&mic_places[i], toy_peer_mic("Y", by, LIST(XY)));
        check_wrong_mic(&mic_places[i], toy_peer_mic("X", by, LIST(OID_KRB5)));
        /* RFC 4178 5(a): with the SEQUENCE's header, without that of [0]. */
        check_wrong_mic(&mic_places[i], toy_peer_mic("X", by, XY));
        check_wrong_mic(&mic_places[i], toy_peer_mic("X", by, MECH_TYPES_OF(XY)));
        /* The other direction's. */
        if (by == SPNEGO_ACCEPTOR || mic_places[i].legs != 2)
            continue;
        check_wrong_mic(&mic_places[i], toy_peer_mic("X", by, LIST(OID_NTLM OID_KRB5)));
    }
}

Test(attacks_mic, log_10_second_mic)
{
    const char *mic = toy_peer_mic("X", SPNEGO_ACCEPTOR, LIST(XY));
    spnego_bytes out;
    toy_side side;

    /* An initiator has one to expect until it has sent its last token. */
    begin_initiator(&side, TOY_INTEROPERABLE, "XY", 3, INTEG);
    check_step(
        "with X/2", &side,
        toy_peer_token(RESP(REQUEST_MIC CHOSEN_X RESPONSE_OF(TOY("X/2")) RESP_MIC_OF("%s")), mic),
        SPNEGO_CONTINUE, SPNEGO_RULE_NONE, "?");
    cr_expect_eq(side.x.verify_calls, 1);
    check_refuses("again", &side, toy_peer_token(RESP(COMPLETED RESP_MIC_OF("%s")), mic),
                  SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_MIC_REPEATED);
    cr_expect_eq(side.x.verify_calls, 1, "the second was looked at");
    close_side("initiator", &side);

    /* An acceptor that has verified one is done: what follows is not for the negotiation. */
    for (size_t i = 0; i < LEN(mic_places); i++) {
        if (mic_places[i].role != SPNEGO_ACCEPTOR)
            continue;
        reach(&mic_places[i], &side, TOY_INTEROPERABLE);
        check_completes(mic_places[i].name, &side,
                        token_with_mic(&mic_places[i], good_mic(&mic_places[i])), "?");
        cr_expect_eq(spnego_context_step(side.context, &out,
                                         toy_peer_token(RESP(COMPLETED RESP_MIC_OF("%s")),
                                                        good_mic(&mic_places[i]))),
                     SPNEGO_ERR_USAGE);
        cr_expect_eq(side.x.verify_calls, 1);
        close_side(mic_places[i].name, &side);
    }

    /* Two in one token. */
    begin_initiator(&side, TOY_INTEROPERABLE, "XY", 2, INTEG);
    check_refuses("in one token", &side,
                  toy_peer_token(RESP(REQUEST_MIC CHOSEN_X RESPONSE_OF(TOY("X/2")) RESP_MIC_OF("%s")
                                          RESP_MIC_OF("%s")),
                                 mic, mic),
                  SPNEGO_ERR_MALFORMED, SPNEGO_RULE_FIELD_REPEATED);
    cr_expect_eq(side.x.verify_calls + side.x.steps, 1, "something was looked at");
    close_side("in one token", &side);
}

/* RFC 4178 5: it is made with the established context, so none is right before (NEG-117). */
Test(attacks_mic, log_11_mic_before_the_mechanism_is_complete)
{
    static const struct {
        const char *what;
        spnego_role role;
        const char *before;
        const char *token;
        spnego_rule rule;
    } rows[] = {
        {"first reply", SPNEGO_INITIATOR, NULL,
         RESP(INCOMPLETE CHOSEN_X RESPONSE_OF(TOY("X/2")) RESP_MIC_OF("%s")),
         SPNEGO_RULE_MIC_TOO_EARLY},
        {"request-mic", SPNEGO_INITIATOR, NULL,
         RESP(REQUEST_MIC CHOSEN_X RESPONSE_OF(TOY("X/2")) RESP_MIC_OF("%s")),
         SPNEGO_RULE_MIC_TOO_EARLY},
        {"accept-completed", SPNEGO_INITIATOR, NULL,
         RESP(COMPLETED CHOSEN_X RESPONSE_OF(TOY("X/2")) RESP_MIC_OF("%s")),
         SPNEGO_RULE_MIC_TOO_EARLY},
        {"no token", SPNEGO_INITIATOR, NULL, RESP(INCOMPLETE CHOSEN_X RESP_MIC_OF("%s")),
         SPNEGO_RULE_RESPONSE_TOKEN_MISSING},
        {"beside a choice of Y", SPNEGO_INITIATOR, NULL,
         RESP(REQUEST_MIC CHOSEN_Y RESP_MIC_OF("%s")), SPNEGO_RULE_MIC_TOO_EARLY},
        {"NegTokenInit", SPNEGO_ACCEPTOR, NULL,
         FRAME(INIT_BARE(MECH_TYPES_OF(XY) MECH_TOKEN_OF(TOY("X/1")) INIT_MIC_OF("%s"))),
         SPNEGO_RULE_MIC_TOO_EARLY},
        {"NegTokenInit, no token", SPNEGO_ACCEPTOR, NULL,
         FRAME(INIT_BARE(MECH_TYPES_OF(XY) INIT_MIC_OF("%s"))), SPNEGO_RULE_MIC_TOO_EARLY},
        {"later token", SPNEGO_ACCEPTOR, INIT(MECH_TYPES_OF(XY) MECH_TOKEN_OF(TOY("X/1"))),
         RESP(INCOMPLETE RESPONSE_OF(TOY("X/3")) RESP_MIC_OF("%s")), SPNEGO_RULE_MIC_TOO_EARLY},
        {"later, no token", SPNEGO_ACCEPTOR, INIT(MECH_TYPES_OF(XY) MECH_TOKEN_OF(TOY("X/1"))),
         RESP(INCOMPLETE RESP_MIC_OF("%s")), SPNEGO_RULE_RESPONSE_TOKEN_MISSING},
    };

    for (int profile = TOY_INTEROPERABLE; profile <= TOY_STRICT; profile++) {
        for (size_t i = 0; i < LEN(rows); i++) {
            const int initiator = rows[i].role == SPNEGO_INITIATOR;
            toy_side side;

            if (initiator)
                begin_initiator(&side, profile, "XY", 5, INTEG);
            else
                begin_acceptor(&side, profile, "X", 5, INTEG);
            if (rows[i].before != NULL)
                check_goes_on(rows[i].what, &side, der_of(rows[i].before), "?");
            check_refuses(
                rows[i].what, &side,
                toy_peer_token(
                    rows[i].token,
                    toy_peer_mic("X", initiator ? SPNEGO_ACCEPTOR : SPNEGO_INITIATOR, LIST(XY))),
                SPNEGO_ERR_PROTOCOL, rows[i].rule);
            cr_expect_eq(side.x.verify_calls + side.y.verify_calls, 0, "%s", rows[i].what);
            close_side(rows[i].what, &side);
        }
    }
}

/* X is announced and has not begun, so nothing can be signed. */
Test(attacks_mic, log_11_mic_before_the_mechanism_begins)
{
    toy_side side;

    toy_side_init(&side, SPNEGO_INITIATOR, TOY_STRICT, "XY", 1, INTEG);
    side.config.options |= SPNEGO_OPTION_NO_OPTIMISTIC_TOKEN;
    toy_side_open(&side);
    check_goes_on("list", &side, ABSENT, INIT(MECH_TYPES_OF(XY)));
    check_refuses("MIC", &side,
                  toy_peer_token(RESP(INCOMPLETE CHOSEN_X RESP_MIC_OF("%s")),
                                 toy_peer_mic("X", SPNEGO_ACCEPTOR, LIST(XY))),
                  PROTOCOL(MIC_TOO_EARLY));
    cr_expect_eq(side.x.verify_calls, 0);
    close_side("MIC", &side);
}

Test(attacks_mic, log_12_mic_for_a_mechanism_without_integrity)
{
    for (size_t i = 0; i < LEN(mic_places); i++) {
        const mic_place *place = &mic_places[i];
        char token[512];
        toy_side side;

        /* Those that come after the end of the mechanism need integrity to be reached. */
        if (strstr(place->name, "answer") != NULL)
            continue;
        if (place->role == SPNEGO_INITIATOR)
            begin_initiator(&side, TOY_INTEROPERABLE, "XY", place->legs, 0);
        else
            begin_acceptor(&side, TOY_INTEROPERABLE, "X", place->legs, 0);
        snprintf(token, sizeof token, "%s", place->token);
        if (place->before != NULL)
            check_goes_on(place->name, &side, der_of(place->before), "?");
        check_refuses(place->name, &side, token_with_mic(place, good_mic(place)),
                      SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_MIC_WITHOUT_INTEGRITY);
        cr_expect_eq(side.x.verify_calls + side.x.get_mic_calls, 0, "%s", place->name);
        close_side(place->name, &side);
    }
}

/* Everything but COMPLETE is failure, what there is no name for as well (RFC 2743 1.2.3, NEG-94).
 */
Test(attacks_mic, log_13_verify_says_anything_but_complete)
{
    static const toy_lie lies[] = {TOY_VERIFY_FAILS, TOY_VERIFY_UNKNOWN, TOY_VERIFY_CONTINUES};

    for (size_t i = 0; i < LEN(mic_places); i++) {
        for (size_t j = 0; j < LEN(lies); j++) {
            toy_side side;

            reach(&mic_places[i], &side, TOY_INTEROPERABLE);
            side.x.lie = lies[j];
            check_refuses(mic_places[i].name, &side,
                          token_with_mic(&mic_places[i], good_mic(&mic_places[i])),
                          SPNEGO_ERR_BAD_MIC, SPNEGO_RULE_MIC_WRONG);
            cr_expect_eq(side.x.verify_calls, 1);
            cr_expect_eq(side.x.verified_mics, 0, "mic_done for a MIC that is not good");
            close_side(mic_places[i].name, &side);
        }
    }
}

Test(attacks_mic, log_13_own_mic_cannot_be_made)
{
    static const toy_lie lies[] = {TOY_MIC_FAILS, TOY_MIC_SILENT, TOY_MIC_UNKNOWN};

    for (size_t i = 0; i < LEN(mic_places); i++) {
        const mic_place *place = &mic_places[i];

        /* There its own MIC is out already. */
        if (strstr(place->name, "answer") != NULL)
            continue;
        for (size_t j = 0; j < LEN(lies); j++) {
            const spnego_bytes in = token_with_mic(place, good_mic(place));
            spnego_bytes out;
            spnego_status status;
            toy_side side;

            reach(place, &side, TOY_INTEROPERABLE);
            side.x.lie = lies[j];
            side.x.lie_at = 0;
            status = spnego_context_step(side.context, &out, in);
            cr_expect_eq(spnego_status_describe(status)->blame, SPNEGO_BLAME_MECH, "%s: %s",
                         place->name, status_name(status));
            check_given(place->name, &side, status, out, status, SPNEGO_RULE_MECH_MIC_FAILED,
                        REJECT);
            cr_expect_eq(side.x.get_mic_calls, 1);
            cr_expect_eq(side.x.signed_mics, 0, "mic_done for a MIC that was not made");
            if (lies[j] == TOY_MIC_FAILS) {
                cr_expect_eq(status, SPNEGO_ERR_MECH, "%s", place->name);
                cr_expect_eq(spnego_context_error(side.context)->mech_code.code, TOY_CODE);
            }
            close_side(place->name, &side);
        }
    }
}

/* Some repeat their token as MIC.  That is no MIC where none is required, and an ordinary,
 * wrong, one everywhere else: LOG-14 (a) to (d). */
Test(attacks_mic, log_14_mic_echoes_the_token)
{
    static const struct {
        const char *what;
        spnego_role role;
        int legs;
        uint32_t options;
        const char *token;
        int profile;
        spnego_status status;
        spnego_rule rule;
    } rows[] = {
        {"(a) reply", SPNEGO_INITIATOR, 2, 0,
         RESP(COMPLETED CHOSEN_X RESPONSE_OF(TOY("X/2")) RESP_MIC_OF(TOY("X/2"))),
         TOY_INTEROPERABLE, SPNEGO_COMPLETE, SPNEGO_RULE_NONE},
        {"(a) reply, mechanism goes on", SPNEGO_INITIATOR, 5, 0,
         RESP(INCOMPLETE CHOSEN_X RESPONSE_OF(TOY("X/2")) RESP_MIC_OF(TOY("X/2"))),
         TOY_INTEROPERABLE, SPNEGO_CONTINUE, SPNEGO_RULE_NONE},
        {"(a) NegTokenInit", SPNEGO_ACCEPTOR, 1, 0,
         INIT(MECH_TYPES_OF(XY) MECH_TOKEN_OF(TOY("X/1")) INIT_MIC_OF(TOY("X/1"))),
         TOY_INTEROPERABLE, SPNEGO_COMPLETE, SPNEGO_RULE_NONE},
        {"(a) NegTokenInit, mechanism goes on", SPNEGO_ACCEPTOR, 3, 0,
         INIT(MECH_TYPES_OF(XY) MECH_TOKEN_OF(TOY("X/1")) INIT_MIC_OF(TOY("X/1"))),
         TOY_INTEROPERABLE, SPNEGO_CONTINUE, SPNEGO_RULE_NONE},
        {"(a) reply, strict", SPNEGO_INITIATOR, 2, 0,
         RESP(COMPLETED CHOSEN_X RESPONSE_OF(TOY("X/2")) RESP_MIC_OF(TOY("X/2"))), TOY_STRICT,
         SPNEGO_ERR_BAD_MIC, SPNEGO_RULE_MIC_WRONG},
        {"(a) NegTokenInit, strict", SPNEGO_ACCEPTOR, 1, 0,
         INIT(MECH_TYPES_OF(XY) MECH_TOKEN_OF(TOY("X/1")) INIT_MIC_OF(TOY("X/1"))), TOY_STRICT,
         SPNEGO_ERR_BAD_MIC, SPNEGO_RULE_MIC_WRONG},
        {"(b) request-mic beside it", SPNEGO_INITIATOR, 2, 0,
         RESP(REQUEST_MIC CHOSEN_X RESPONSE_OF(TOY("X/2")) RESP_MIC_OF(TOY("X/2"))),
         TOY_INTEROPERABLE, SPNEGO_ERR_BAD_MIC, SPNEGO_RULE_MIC_WRONG},
        {"(b) policy, initiator", SPNEGO_INITIATOR, 2, SPNEGO_OPTION_REQUIRE_MIC,
         RESP(COMPLETED CHOSEN_X RESPONSE_OF(TOY("X/2")) RESP_MIC_OF(TOY("X/2"))),
         TOY_INTEROPERABLE, SPNEGO_ERR_BAD_MIC, SPNEGO_RULE_MIC_WRONG},
        {"(b) policy, acceptor", SPNEGO_ACCEPTOR, 1, SPNEGO_OPTION_REQUIRE_MIC,
         INIT(MECH_TYPES_OF(XY) MECH_TOKEN_OF(TOY("X/1")) INIT_MIC_OF(TOY("X/1"))),
         TOY_INTEROPERABLE, SPNEGO_ERR_BAD_MIC, SPNEGO_RULE_MIC_WRONG},
        {"(c) both empty", SPNEGO_INITIATOR, 1, 0,
         RESP(COMPLETED CHOSEN_X RESPONSE_OF("") RESP_MIC_OF("")), TOY_INTEROPERABLE,
         SPNEGO_ERR_BAD_MIC, SPNEGO_RULE_MIC_WRONG},
        {"(c) both empty, strict", SPNEGO_INITIATOR, 1, 0,
         RESP(COMPLETED CHOSEN_X RESPONSE_OF("") RESP_MIC_OF("")), TOY_STRICT, SPNEGO_ERR_PROTOCOL,
         SPNEGO_RULE_RESPONSE_TOKEN_SURPLUS},
        {"(d) one octet short", SPNEGO_INITIATOR, 2, 0,
         RESP(COMPLETED CHOSEN_X RESPONSE_OF(TOY("X/2")) RESP_MIC_OF("'X/2/0000000'")),
         TOY_INTEROPERABLE, SPNEGO_ERR_BAD_MIC, SPNEGO_RULE_MIC_WRONG},
        {"(d) one octet more", SPNEGO_INITIATOR, 2, 0,
         RESP(COMPLETED CHOSEN_X RESPONSE_OF(TOY("X/2")) RESP_MIC_OF(TOY("X/2") "31")),
         TOY_INTEROPERABLE, SPNEGO_ERR_BAD_MIC, SPNEGO_RULE_MIC_WRONG},
        {"(d) empty beside a token", SPNEGO_INITIATOR, 2, 0,
         RESP(COMPLETED CHOSEN_X RESPONSE_OF(TOY("X/2")) RESP_MIC_OF("")), TOY_INTEROPERABLE,
         SPNEGO_ERR_BAD_MIC, SPNEGO_RULE_MIC_WRONG},
    };

    for (size_t i = 0; i < LEN(rows); i++) {
        const int used = rows[i].status >= 0;
        toy_side side;

        toy_side_init(&side, rows[i].role, rows[i].profile,
                      rows[i].role == SPNEGO_INITIATOR ? "XY" : "X", rows[i].legs, INTEG);
        side.config.options |= rows[i].options;
        toy_side_open(&side);
        if (rows[i].role == SPNEGO_INITIATOR)
            check_goes_on(rows[i].what, &side, ABSENT, "?");
        check_step(rows[i].what, &side, der_of(rows[i].token), rows[i].status, rows[i].rule, "?");
        cr_expect_eq((side.event_quirks & SPNEGO_QUIRK_MIC_ECHOES_TOKEN) != 0, used, "%s",
                     rows[i].what);
        cr_expect_eq(side.x.verify_calls, rows[i].status == SPNEGO_ERR_BAD_MIC, "%s", rows[i].what);
        cr_expect_eq(side.x.get_mic_calls, 0, "%s", rows[i].what);
        close_side(rows[i].what, &side);
    }
}
