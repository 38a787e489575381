/*
 * What real peers do that the standards do not: each quirk with its bit alone, and without its bit
 * among all the others; that its use is reported; and the tolerances of the reader that a
 * negotiation uses.  Q1 to Q25 are the shapes, by their numbers in the catalogue of peers; those
 * that need nothing of a negotiation, or are declined, are at the end.
 */
#include "toy_peer.h"

/* ---- Each bit ------------------------------------------------------------------------------ */

typedef struct quirk_case {
    const char *what;
    uint32_t quirk;
    spnego_role role;
    const char *letters;
    int legs;
    uint32_t options;
    const char *before; /* a token that it goes on after, or NULL; %s in these is the peer's MIC */
    const char *token;
    spnego_status status; /* with the bit */
    spnego_rule rule;
    const char *want;
    spnego_status without; /* without it */
    spnego_rule rule_without;
} quirk_case;

#define Q(bit) SPNEGO_QUIRK_##bit
#define I SPNEGO_INITIATOR
#define A SPNEGO_ACCEPTOR
#define MIC SPNEGO_OPTION_REQUIRE_MIC
#define MIC_OF_PEER RESP_MIC_OF("%s")

static const quirk_case cases[] = {
    /* Q5: acceptors written in Java. */
    {"Q5 no negState", Q(MISSING_NEG_STATE), I, "XY", 2, 0, NULL,
     RESP(CHOSEN_X RESPONSE_OF(TOY("X/2"))), DONE, NULL, PROTOCOL(REPLY_FIRST_NEEDS_NEGSTATE)},
    {"Q5 no negState, mechanism goes on", Q(MISSING_NEG_STATE), I, "XY", 3, 0, NULL,
     RESP(CHOSEN_X RESPONSE_OF(TOY("X/2"))), GOES_ON, RESP(INCOMPLETE RESPONSE_OF(TOY("X/3"))),
     PROTOCOL(REPLY_FIRST_NEEDS_NEGSTATE)},
    {"Q5 no negState, single leg", Q(MISSING_NEG_STATE), I, "XY", 1, 0, NULL, RESP(CHOSEN_X), DONE,
     NULL, PROTOCOL(REPLY_FIRST_NEEDS_NEGSTATE)},
    {"Q5 no supportedMech", Q(MISSING_SUPPORTED_MECH), I, "XY", 2, 0, NULL,
     RESP(COMPLETED RESPONSE_OF(TOY("X/2"))), DONE, NULL, PROTOCOL(SUPPORTED_MECH_MISSING)},
    {"Q5 no supportedMech, single leg", Q(MISSING_SUPPORTED_MECH), I, "XY", 1, 0, NULL,
     RESP(COMPLETED), DONE, NULL, PROTOCOL(SUPPORTED_MECH_MISSING)},
    {"Q5 neither", Q(MISSING_NEG_STATE) | Q(MISSING_SUPPORTED_MECH), I, "XY", 2, 0, NULL,
     RESP(RESPONSE_OF(TOY("X/2"))), DONE, NULL, PROTOCOL(REPLY_FIRST_NEEDS_NEGSTATE)},
    /* Q12: Samba repeats supportedMech in each reply. */
    {"Q12", Q(REPEATED_SUPPORTED_MECH), I, "XY", 4, 0,
     RESP(INCOMPLETE CHOSEN_X RESPONSE_OF(TOY("X/2"))),
     RESP(COMPLETED CHOSEN_X RESPONSE_OF(TOY("X/4"))), DONE, NULL,
     PROTOCOL(SUPPORTED_MECH_REPEATED)},
    {"Q12 by its other number", Q(REPEATED_SUPPORTED_MECH), I, "XY", 4, 0,
     RESP(INCOMPLETE CHOSEN_X RESPONSE_OF(TOY("X/2"))),
     RESP(COMPLETED SUPPORTED_MECH_OF(OID_MS_KRB5) RESPONSE_OF(TOY("X/4"))), DONE, NULL,
     PROTOCOL(SUPPORTED_MECH_REPEATED)},
    /* Q2: a number of Kerberos from before RFC 1964. */
    {"Q2", Q(OLD_KRB5_OID), I, "XY", 2, 0, NULL,
     RESP(COMPLETED SUPPORTED_MECH_OF(OID_OLD_KRB5) RESPONSE_OF(TOY("X/2"))), DONE, NULL,
     PROTOCOL(SUPPORTED_MECH_NOT_OFFERED)},
    {"Q2 where Kerberos is the second", Q(OLD_KRB5_OID), I, "YX", 2, 0, NULL,
     RESP(REQUEST_MIC SUPPORTED_MECH_OF(OID_OLD_KRB5)), GOES_ON,
     RESP(INCOMPLETE RESPONSE_OF(TOY("X/1"))), PROTOCOL(SUPPORTED_MECH_NOT_OFFERED)},
    /* Q3 */
    {"Q3 from an acceptor", Q(MIC_ECHOES_TOKEN), I, "XY", 2, 0, NULL,
     RESP(COMPLETED CHOSEN_X RESPONSE_OF(TOY("X/2")) RESP_MIC_OF(TOY("X/2"))), DONE, NULL,
     BAD_MIC(MIC_WRONG)},
    {"Q3 from an acceptor, mechanism goes on", Q(MIC_ECHOES_TOKEN), I, "XY", 5, 0, NULL,
     RESP(INCOMPLETE CHOSEN_X RESPONSE_OF(TOY("X/2")) RESP_MIC_OF(TOY("X/2"))), GOES_ON,
     RESP(INCOMPLETE RESPONSE_OF(TOY("X/3"))), PROTOCOL(MIC_TOO_EARLY)},
    {"Q3 from an initiator", Q(MIC_ECHOES_TOKEN), A, "XY", 3, 0, INIT_X,
     RESP(RESPONSE_OF(TOY("X/3")) RESP_MIC_OF(TOY("X/3"))), DONE, RESP(COMPLETED),
     BAD_MIC(MIC_WRONG)},
    {"Q3 in a NegTokenInit", Q(MIC_ECHOES_TOKEN), A, "XY", 3, 0, NULL,
     INIT(MECH_TYPES_OF(XY) MECH_TOKEN_OF(TOY("X/1")) INIT_MIC_OF(TOY("X/1"))), GOES_ON,
     RESP(INCOMPLETE CHOSEN_X RESPONSE_OF(TOY("X/2"))), PROTOCOL(MIC_TOO_EARLY)},
    /* Q4 */
    {"Q4", Q(EMPTY_TOKEN_AT_END), I, "XY", 1, 0, NULL, RESP(COMPLETED CHOSEN_X RESPONSE_OF("")),
     DONE, NULL, PROTOCOL(RESPONSE_TOKEN_SURPLUS)},
    {"Q4 after the initiator's last", Q(EMPTY_TOKEN_AT_END), I, "XY", 3, 0,
     RESP(INCOMPLETE CHOSEN_X RESPONSE_OF(TOY("X/2"))), RESP(COMPLETED RESPONSE_OF("")), DONE, NULL,
     PROTOCOL(RESPONSE_TOKEN_SURPLUS)},
    {"Q4 from an initiator, with its MIC", Q(EMPTY_TOKEN_AT_END), A, "Y", 2, 0, "choice and token",
     RESP(COMPLETED RESPONSE_OF("") MIC_OF_PEER), DONE, NULL, PROTOCOL(RESPONSE_TOKEN_SURPLUS)},
    /* Q6 */
    {"Q6 single leg", Q(RESELECT_WITHOUT_REQUEST_MIC), I, "XY", 1, 0, NULL,
     RESP(INCOMPLETE CHOSEN_Y), GOES_ON, "?", PROTOCOL(RESELECTED_UNPROTECTED)},
    {"Q6 three legs", Q(RESELECT_WITHOUT_REQUEST_MIC), I, "XY", 3, 0, NULL,
     RESP(INCOMPLETE CHOSEN_Y), GOES_ON, RESP(INCOMPLETE RESPONSE_OF(TOY("Y/1"))),
     PROTOCOL(RESELECTED_UNPROTECTED)},
    /* Q13 */
    {"Q13 single leg", Q(INCOMPLETE_AT_END), I, "XY", 1, 0, NULL, RESP(INCOMPLETE CHOSEN_X), DONE,
     RESP(COMPLETED), PROTOCOL(INCOMPLETE_AT_END)},
    {"Q13 acceptor's last token", Q(INCOMPLETE_AT_END), I, "XY", 2, 0, NULL,
     RESP(INCOMPLETE CHOSEN_X RESPONSE_OF(TOY("X/2"))), DONE, RESP(COMPLETED),
     PROTOCOL(INCOMPLETE_AT_END)},
    {"Q13 answer to the initiator's last", Q(INCOMPLETE_AT_END), I, "XY", 3, 0,
     RESP(INCOMPLETE CHOSEN_X RESPONSE_OF(TOY("X/2"))), RESP(INCOMPLETE), DONE, RESP(COMPLETED),
     PROTOCOL(INCOMPLETE_AT_END)},
    /* Q25: an initiator's MIC with accept-incomplete waits for an answer; without negState strictly
     * none is given (RFC 4178 5(b)I). */
    {"Q25 no negState", Q(ANSWER_LAST_MIC), A, "Y", 2, 0, "choice and token", RESP(MIC_OF_PEER),
     DONE, "a1073005a0030a0100", DONE},
    {"Q25 accept-incomplete", Q(ANSWER_LAST_MIC), A, "Y", 2, 0, "choice and token",
     RESP(INCOMPLETE MIC_OF_PEER), DONE, "a1073005a0030a0100", PROTOCOL(INCOMPLETE_AT_END)},
    /* Q15, Q22: the server speaks first. */
    {"Q15", Q(SEND_HINTS), A, "X", 2, 0, NULL, "", GOES_ON,
     FRAME(INIT_BARE(MECH_TYPES_KRB5 HINTS_OF(HINT_NAME_OF(FIXED_HINT)))), MALFORMED(TOKEN_EMPTY)},
    {"Q22", Q(TAKE_HINTS), I, "XY", 2, 0, NULL,
     FRAME(INIT_BARE(MECH_TYPES_KRB5 HINTS_OF(HINT_NAME_OF(FIXED_HINT)))), GOES_ON, INIT_X,
     PROTOCOL(INIT_TO_INITIATOR)},
};

/* A side with those quirks, in front of the token that counts. */
static void open_case(const quirk_case *c, toy_side *side, uint32_t quirks)
{
    const int first_call = (c->quirk & Q(TAKE_HINTS)) != 0;

    toy_side_init(side, c->role, TOY_STRICT, c->letters, c->legs, INTEG);
    side->config.quirks = quirks;
    side->config.options = c->options;
    toy_side_open(side);
    if (c->role == I && !first_call)
        check_goes_on(c->what, side, ABSENT, "?");
    if (c->before == NULL)
        return;
    if (c->role == I || strcmp(c->before, INIT_X) == 0) {
        check_goes_on(c->what, side, der_of(c->before), "?");
        return;
    }
    /* The acceptor has chosen Y, taken its token, and sent its MIC. */
    check_goes_on(c->what, side, der_of(INIT_X), RESP(REQUEST_MIC CHOSEN_Y));
    check_goes_on(c->what, side, der_of(RESP(RESPONSE_OF(TOY("Y/1")))), "?");
}

static spnego_bytes token_of(const quirk_case *c)
{
    return toy_peer_token(c->token, toy_peer_mic("Y", c->role == I ? A : I, LIST(XY)));
}

static int num_bits(uint32_t bits)
{
    int n = 0;

    for (; bits != 0; bits &= bits - 1)
        n++;
    return n;
}

Test(quirks, with_its_bit_alone)
{
    for (size_t i = 0; i < LEN(cases); i++) {
        const quirk_case *c = &cases[i];
        const char *name = spnego_quirk_name(c->quirk);
        spnego_info info;
        toy_side side;

        open_case(c, &side, c->quirk);
        cr_expect_eq(side.events[SPNEGO_EVENT_QUIRK], 0u, "%s: used before its time", c->what);
        check_step(c->what, &side, token_of(c), c->status, c->rule, c->want);
        cr_expect_eq(side.event_quirks, c->quirk, "%s: events of %x", c->what,
                     (unsigned)side.event_quirks);
        cr_expect_eq(side.events[SPNEGO_EVENT_QUIRK], (unsigned)num_bits(c->quirk), "%s", c->what);
        if (name != NULL)
            cr_expect_str_eq(side.last[SPNEGO_EVENT_QUIRK].text, name, "%s", c->what);
        if (c->status == SPNEGO_COMPLETE) {
            cr_assert_eq(spnego_context_info(side.context, &info), 1);
            cr_expect_eq(info.quirks, c->quirk, "%s: info has %x", c->what, (unsigned)info.quirks);
            cr_expect_eq(info.tolerated, 0u, "%s", c->what);
        }
        close_side(c->what, &side);
    }
}

Test(quirks, without_its_bit)
{
    for (size_t i = 0; i < LEN(cases); i++) {
        const quirk_case *c = &cases[i];
        toy_side side;

        open_case(c, &side, SPNEGO_QUIRKS_INTEROPERABLE & ~c->quirk);
        check_step(c->what, &side, token_of(c), c->without, c->rule_without, "?");
        cr_expect_eq(side.event_quirks & c->quirk, 0u, "%s", c->what);
        close_side(c->what, &side);
    }
}

/* None is needed for what RFC 4178 says, so none is reported. */
Test(quirks, none_where_none_is_needed)
{
    for (int legs = 1; legs <= 5; legs++) {
        for (int reselected = 0; reselected <= 1; reselected++) {
            toy_pair pair;

            pair_init(&pair, TOY_INTEROPERABLE, "XY", reselected ? "Y" : "XY", legs, INTEG);
            pair_run(&pair, NULL, NULL);
            cr_expect_eq(pair.i.events[SPNEGO_EVENT_QUIRK], 0u);
            cr_expect_eq(pair.a.events[SPNEGO_EVENT_QUIRK], 0u);
            cr_expect_eq(pair.i_end.info.quirks | pair.a_end.info.quirks, 0u);
            cr_expect_eq(pair.i_end.info.tolerated | pair.a_end.info.tolerated, 0u);
            pair_check("plain", &pair, DONE, DONE);
        }
    }
}

Test(quirks, names)
{
    for (uint32_t bit = 1; bit != 0; bit <<= 1) {
        const char *name = spnego_quirk_name(bit);

        cr_expect_eq(name != NULL, (bit & SPNEGO_QUIRKS_INTEROPERABLE) != 0, "bit %x",
                     (unsigned)bit);
        for (uint32_t other = 1; name != NULL && other < bit; other <<= 1)
            cr_expect_str_neq(name, spnego_quirk_name(other));
    }
    cr_expect_null(spnego_quirk_name(0));
    cr_expect_str_eq(spnego_quirk_name(SPNEGO_QUIRK_MISSING_NEG_STATE), "MISSING_NEG_STATE");
    cr_expect_str_eq(spnego_quirk_name(SPNEGO_QUIRK_TAKE_HINTS), "TAKE_HINTS");
}

/* ---- What no quirk allows ------------------------------------------------------------------ */

Test(quirks, limits_of_the_interoperable_profile)
{
    static const toy_turn turns[] = {
        /* Q5: only while it is clear what is meant (NEG-54). */
        {"no supportedMech, no token", I_INTEROP, "XY", 2, NULL, RESP(COMPLETED),
         PROTOCOL(SUPPORTED_MECH_MISSING), NULL},
        {"no supportedMech, empty token", I_INTEROP, "XY", 2, NULL, RESP(COMPLETED RESPONSE_OF("")),
         PROTOCOL(SUPPORTED_MECH_MISSING), NULL},
        {"no supportedMech, single leg, not completed", I_INTEROP, "XY", 1, NULL, RESP(INCOMPLETE),
         PROTOCOL(SUPPORTED_MECH_MISSING), REJECT},
        {"no negState, another mechanism", I_INTEROP, "XY", 2, NULL, RESP(CHOSEN_Y),
         PROTOCOL(RESELECTED_UNPROTECTED), REJECT},
        /* Q6: not with accept-completed, and not where the acceptor would send last. */
        {"accept-completed for another mechanism", I_INTEROP, "XY", 2, NULL,
         RESP(COMPLETED CHOSEN_Y), PROTOCOL(RESELECTED_UNPROTECTED), NULL},
        {"acceptor sends last", I_INTEROP, "XY", 2, RESP(INCOMPLETE CHOSEN_Y),
         RESP(COMPLETED RESPONSE_OF(TOY("Y/2"))), PROTOCOL(RESELECTED_UNPROTECTED), NULL},
        /* A token of Y before the initiator asked for one answers nothing (NEG-60). */
        {"token beside another mechanism", I_INTEROP, "XY", 2, NULL,
         RESP(REQUEST_MIC CHOSEN_Y RESPONSE_OF(TOY("Y/2"))), PROTOCOL(RESELECTED_WITH_TOKEN),
         REJECT},
        {"empty token beside another mechanism", I_INTEROP, "XY", 2, NULL,
         RESP(REQUEST_MIC CHOSEN_Y RESPONSE_OF("")), GOES_ON,
         RESP(INCOMPLETE RESPONSE_OF(TOY("Y/1")))},
        {"empty token beside another mechanism, strict", I_STRICT, "XY", 2, NULL,
         RESP(REQUEST_MIC CHOSEN_Y RESPONSE_OF("")), GOES_ON,
         RESP(INCOMPLETE RESPONSE_OF(TOY("Y/1")))},
        /* Q4: only where the mechanism is complete. */
        {"empty token in mid-exchange", I_INTEROP, "XY", 4, NULL,
         RESP(INCOMPLETE CHOSEN_X RESPONSE_OF("")), PROTOCOL(RESPONSE_TOKEN_MISSING), REJECT},
        /* Q2: 1.3.5.1.5.2 is never offered to us. */
        {"1.3.5.1.5.2 from an initiator", A_INTEROP, "X", 2, NULL,
         INIT(MECH_TYPES_OF(OID_OLD_KRB5) MECH_TOKEN_OF(TOY("X/1"))), SPNEGO_ERR_NO_MECH,
         SPNEGO_RULE_NO_COMMON_MECH, REJECT},
    };
    toy_side side;

    check_turns(turns, LEN(turns));

    /* Q5: without an optimistic token there is nothing to assume. */
    toy_side_init(&side, SPNEGO_INITIATOR, TOY_INTEROPERABLE, "XY", 2, INTEG);
    side.config.options |= SPNEGO_OPTION_NO_OPTIMISTIC_TOKEN;
    toy_side_open(&side);
    check_goes_on("no optimistic token", &side, ABSENT, INIT(MECH_TYPES_OF(XY)));
    check_refuses("no supportedMech", &side, der_of(RESP(INCOMPLETE RESPONSE_OF(TOY("X/2")))),
                  PROTOCOL(SUPPORTED_MECH_MISSING));
    close_side("no supportedMech", &side);
}

/* Q6 to its end: MICs in both directions, or nothing. */
Test(quirks, reselection_of_old_windows_is_protected)
{
    for (int with_mic = 0; with_mic <= 1; with_mic++) {
        const char *initiators = toy_peer_mic("Y", SPNEGO_INITIATOR, LIST(XY));
        char want[256];
        spnego_info info;
        toy_side side;

        snprintf(want, sizeof want, RESP(INCOMPLETE RESPONSE_OF(TOY("Y/3")) RESP_MIC_OF("%s")),
                 initiators);
        begin_initiator(&side, TOY_INTEROPERABLE, "XY", 3, INTEG);
        check_goes_on("choice", &side, der_of(RESP(INCOMPLETE CHOSEN_Y)), "?");
        check_goes_on("challenge", &side, der_of(RESP(INCOMPLETE RESPONSE_OF(TOY("Y/2")))), want);
        if (with_mic) {
            info = check_completes("MIC", &side,
                                   toy_peer_token(RESP(COMPLETED RESP_MIC_OF("%s")),
                                                  toy_peer_mic("Y", SPNEGO_ACCEPTOR, LIST(XY))),
                                   NULL);
            cr_expect_eq(info.mics_exchanged, 1);
            cr_expect_eq(info.quirks, SPNEGO_QUIRK_RESELECT_WITHOUT_REQUEST_MIC);
        } else {
            check_refuses("no MIC", &side, der_of(RESP(COMPLETED)), BAD_MIC(MIC_MISSING));
        }
        close_side("Q6", &side);
    }
}

/* ---- Tolerances of the reader -------------------------------------------------------------- */

/* Those that a negotiation uses, with their bit and without; info has the bit. */
Test(quirks, tolerances)
{
    static const struct {
        const char *what;
        uint32_t tolerate;
        const char *before, *token;
        int legs;
        spnego_rule rule; /* without */
    } rows[] = {
        {"Q16: long length of an OID", SPNEGO_TOLERATE_LONG_OID_LENGTH, NULL,
         INIT("a0{30{06 8109 2a864886f712010202}}" MECH_TOKEN_OF(TOY("X/1"))), 2,
         SPNEGO_RULE_OID_LENGTH_NOT_MINIMAL},
        {"Q16 long length of a token", SPNEGO_TOLERATE_LONG_LENGTH, NULL,
         INIT(MECH_TYPES_OF(XY) "a2{04 810c " TOY("X/1") "}"), 2,
         SPNEGO_RULE_DER_LENGTH_NOT_MINIMAL},
        {"Q17: framed continuation", SPNEGO_TOLERATE_FRAMED_RESP, INIT_X,
         FRAME(RESP(RESPONSE_OF(TOY("X/3")))), 3, SPNEGO_RULE_FRAME_ON_RESPONSE},
        {"Q18 reqFlags untrimmed", SPNEGO_TOLERATE_UNTRIMMED_REQ_FLAGS, NULL,
         INIT(MECH_TYPES_OF(XY) REQ_FLAGS_OF("0140") MECH_TOKEN_OF(TOY("X/1"))), 2,
         SPNEGO_RULE_REQ_FLAGS_NOT_TRIMMED},
        {"Q18 reqFlags malformed", SPNEGO_TOLERATE_MALFORMED_REQ_FLAGS, NULL,
         INIT(MECH_TYPES_OF(XY) REQ_FLAGS_OF("") MECH_TOKEN_OF(TOY("X/1"))), 2,
         SPNEGO_RULE_REQ_FLAGS_MALFORMED},
        {"Q19 trailing octets of a first token", SPNEGO_TOLERATE_TRAILING_BYTES, NULL, INIT_X "00",
         2, SPNEGO_RULE_TOKEN_TRAILING_BYTES},
    };

    for (size_t i = 0; i < LEN(rows); i++) {
        spnego_info info;
        toy_side side;

        for (int with = 0; with <= 1; with++) {
            toy_side_init(&side, SPNEGO_ACCEPTOR, TOY_STRICT, "X", rows[i].legs, INTEG);
            side.config.tolerate =
                with ? rows[i].tolerate : SPNEGO_TOLERATE_INTEROPERABLE & ~rows[i].tolerate;
            toy_side_open(&side);
            if (rows[i].before != NULL)
                check_goes_on(rows[i].what, &side, der_of(rows[i].before), "?");
            if (with) {
                info = check_completes(rows[i].what, &side, der_of(rows[i].token), "?");
                cr_expect_eq(info.tolerated, rows[i].tolerate, "%s: %x", rows[i].what,
                             (unsigned)info.tolerated);
                cr_expect_eq(info.quirks, 0u, "%s", rows[i].what);
                cr_expect_geq(side.events[SPNEGO_EVENT_QUIRK], 1u, "%s: no event", rows[i].what);
                cr_expect_eq(side.event_quirks, 0u, "%s", rows[i].what);
            } else {
                check_refuses(rows[i].what, &side, der_of(rows[i].token), SPNEGO_ERR_MALFORMED,
                              rows[i].rule);
            }
            close_side(rows[i].what, &side);
        }
    }
}

/* Q17 and Q19 are about what initiators send, Q19 about their first token. */
Test(quirks, tolerances_where_they_do_not_belong)
{
    static const toy_turn turns[] = {
        {"framed reply", I_INTEROP, "XY", 2, NULL,
         FRAME(RESP(COMPLETED CHOSEN_X RESPONSE_OF(TOY("X/2")))), MALFORMED(FRAME_ON_RESPONSE),
         REJECT},
        {"trailing octets of a reply", I_INTEROP, "XY", 2, NULL,
         RESP(COMPLETED CHOSEN_X RESPONSE_OF(TOY("X/2"))) "00", MALFORMED(TOKEN_TRAILING_BYTES),
         REJECT},
        {"trailing octets of a later token", A_INTEROP, "X", 3, INIT_X,
         RESP(RESPONSE_OF(TOY("X/3"))) "00", MALFORMED(TOKEN_TRAILING_BYTES), REJECT},
        {"NegTokenInit without its frame", A_INTEROP, "X", 2, NULL,
         INIT_BARE(MECH_TYPES_OF(XY) MECH_TOKEN_OF(TOY("X/1"))), MALFORMED(FRAME_MISSING), REJECT},
    };
    check_turns(turns, LEN(turns));
}

/* ---- Shapes that need no quirk ------------------------------------------------------------- */

Test(quirks, shapes_that_are_in_order)
{
    static const toy_turn turns[] = {
        /* Q1, Q20: Windows' number in the list, the token is the mechanism's own business. */
        {"Q1", A_STRICT, "XY", 2, NULL,
         INIT(MECH_TYPES_OF(OID_MS_KRB5 XY) MECH_TOKEN_OF(TOY("X/1"))), DONE,
         RESP(COMPLETED SUPPORTED_MECH_OF(OID_MS_KRB5) RESPONSE_OF(TOY("X/2")))},
        {"Q1 with NegoEx between", A_STRICT, "XY", 2, NULL,
         INIT(MECH_TYPES_OF(OID_MS_KRB5 OID_KRB5 OID_NEGOEX OID_NTLM) MECH_TOKEN_OF(TOY("X/1"))),
         DONE, RESP(COMPLETED SUPPORTED_MECH_OF(OID_MS_KRB5) RESPONSE_OF(TOY("X/2")))},
        /* Q10: an even number of tokens. */
        {"Q10", A_STRICT, "XY", 3, INIT_X, RESP(INCOMPLETE RESPONSE_OF(TOY("X/3"))), DONE,
         "a1073005a0030a0100"},
        /* Q11: clients leave negState out (RFC 4178 4.2.2). */
        {"Q11", A_STRICT, "XY", 3, INIT_X, RESP(RESPONSE_OF(TOY("X/3"))), DONE,
         "a1073005a0030a0100"},
        {"Q11 in mid-exchange", A_STRICT, "XY", 5, INIT_X, RESP(RESPONSE_OF(TOY("X/3"))), GOES_ON,
         RESP(INCOMPLETE RESPONSE_OF(TOY("X/4")))},
        /* Q18: trimmed reqFlags. */
        {"Q18", A_STRICT, "XY", 2, NULL,
         INIT(MECH_TYPES_OF(XY) REQ_FLAGS_OF("0640") MECH_TOKEN_OF(TOY("X/1"))), DONE,
         RESP(COMPLETED CHOSEN_X RESPONSE_OF(TOY("X/2")))},
        /* Later replies may leave negState out. */
        {"no negState in a later reply", I_STRICT, "XY", 4,
         RESP(INCOMPLETE CHOSEN_X RESPONSE_OF(TOY("X/2"))), RESP(RESPONSE_OF(TOY("X/4"))), DONE,
         NULL},
        /* Unknown fields are for later versions (RFC 4178 6). */
        {"unknown field", I_STRICT, "XY", 2, NULL,
         RESP(COMPLETED CHOSEN_X RESPONSE_OF(TOY("X/2")) "a9{0500}"), DONE, NULL},
    };
    check_turns(turns, LEN(turns));
}

/* Q7: NTLM with a MIC of its own: its mechListMIC goes out with its last token and is answered,
 * though it is everybody's first choice. */
Test(quirks, mechanism_that_needs_mics_on_the_wire)
{
    const char *initiators = toy_peer_mic("Y", SPNEGO_INITIATOR, LIST(OID_NTLM));
    const char *acceptors = toy_peer_mic("Y", SPNEGO_ACCEPTOR, LIST(OID_NTLM));
    char auth[256], answer[256];
    toy_side side;

    snprintf(auth, sizeof auth, RESP(INCOMPLETE RESPONSE_OF(TOY("Y/3")) RESP_MIC_OF("%s")),
             initiators);
    snprintf(answer, sizeof answer, RESP(COMPLETED RESP_MIC_OF("%s")), acceptors);

    /* It turns out only with its last token. */
    toy_side_init(&side, SPNEGO_INITIATOR, TOY_STRICT, "Y", 3, INTEG);
    side.y.late_flags = SPNEGO_FLAG_NEEDS_MIC;
    toy_side_open(&side);
    check_goes_on("negotiate", &side, ABSENT,
                  INIT(MECH_TYPES_OF(OID_NTLM) MECH_TOKEN_OF(TOY("Y/1"))));
    check_goes_on("authenticate", &side, der_of(RESP(INCOMPLETE CHOSEN_Y RESPONSE_OF(TOY("Y/2")))),
                  auth);
    check_completes("MIC", &side, der_of(answer), NULL);
    close_side("initiator", &side);

    for (int bad = 0; bad <= 1; bad++) {
        toy_side_init(&side, SPNEGO_ACCEPTOR, TOY_STRICT, "Y", 3, INTEG);
        side.y.late_flags = SPNEGO_FLAG_NEEDS_MIC;
        toy_side_open(&side);
        check_goes_on("challenge", &side,
                      der_of(INIT(MECH_TYPES_OF(OID_NTLM) MECH_TOKEN_OF(TOY("Y/1")))),
                      RESP(INCOMPLETE CHOSEN_Y RESPONSE_OF(TOY("Y/2"))));
        if (bad)
            check_refuses("no MIC", &side, der_of(RESP(INCOMPLETE RESPONSE_OF(TOY("Y/3")))),
                          BAD_MIC(MIC_MISSING));
        else
            check_completes("MIC", &side, der_of(auth), answer);
        close_side("acceptor", &side);
    }
}
