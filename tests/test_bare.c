/*
 * Without SPNEGO: a mechanism's own tokens, because it was agreed on (RFC 4752, RFC 1961, MS-NNS)
 * or because a peer did not negotiate; and what a host asks of its mechanisms beforehand.
 */
#include "toy_peer.h"

#define NTLM_TOKEN "'NTLMSSP' 00" TOY("Y/1")
#define INIT_Y INIT(MECH_TYPES_OF(OID_NTLM) MECH_TOKEN_OF(NTLM_TOKEN))

enum { MAX_LEGS = 5 };

static void open_bare(toy_side *side, spnego_role role, const char *letters, int legs,
                      uint32_t options)
{
    toy_side_init(side, role, TOY_STRICT, letters, legs, INTEG);
    side->config.options = options;
    side->y.signature = 1;
    toy_side_open(side);
}

/* ---- As agreed ------------------------------------------------------------------------------- */

/* RFC 7546 3: what each mechanism wrote is all that there is on the wire. */
Test(bare, tokens_are_the_mechanisms_own)
{
    for (int legs = 1; legs <= MAX_LEGS; legs++) {
        toy_side sides[2];
        spnego_bytes in = ABSENT;
        spnego_info info;

        open_bare(&sides[0], SPNEGO_INITIATOR, "X", legs, SPNEGO_OPTION_BARE);
        open_bare(&sides[1], SPNEGO_ACCEPTOR, "X", legs, SPNEGO_OPTION_BARE);
        for (int leg = 1; leg <= legs; leg++) {
            in = check_step("a leg", &sides[(leg + 1) % 2], in,
                            leg == legs ? SPNEGO_COMPLETE : SPNEGO_CONTINUE, SPNEGO_RULE_NONE, "?");
            cr_expect(same_octets(in, toy_peer_token("'X/%d/00000001'", leg)), "leg %d of %d: %s",
                      leg, legs, hex_of(in));
        }
        /* The last token completes the other side, which has nothing to say. */
        check_step("the end", &sides[legs % 2], in, SPNEGO_COMPLETE, SPNEGO_RULE_NONE, NULL);
        for (int i = 0; i < 2; i++) {
            cr_assert_eq(spnego_context_info(sides[i].context, &info), 1);
            cr_expect_eq(info.bare, 1);
            cr_expect_null(info.mech_types.data);
            cr_expect_eq(info.mics_exchanged, 0);
            cr_expect(same_octets(info.oid, toy_x.oid));
            cr_expect_eq(info.flags, INTEG);
            close_side("bare", &sides[i]);
        }
    }
}

/* MS-SPNG 3.3.5.1 has NTLM demand a mechListMIC: where there is no list there is none. */
Test(bare, a_mechanism_that_needs_a_mic_gets_none)
{
    toy_side side;

    toy_side_init(&side, SPNEGO_INITIATOR, TOY_STRICT, "X", 2, INTEG | SPNEGO_FLAG_NEEDS_MIC);
    side.config.options = SPNEGO_OPTION_BARE;
    toy_side_open(&side);
    check_goes_on("first", &side, ABSENT, TOY("X/1"));
    (void)check_completes("last", &side, der_of(TOY("X/2")), NULL);
    cr_expect_str_eq(side.x.trace, "ss");
    close_side("bare", &side);
}

/* SASL-83: the acceptor of RFC 4752 takes Kerberos and nothing that could choose another. */
/* NEG-09: to it SPNEGO is a mechanism that it does not have, GSS_S_BAD_MECH. */
Test(bare, acceptor_refuses_spnego)
{
    toy_side side;

    open_bare(&side, SPNEGO_ACCEPTOR, "X", 2, SPNEGO_OPTION_BARE);
    check_step("SPNEGO", &side, der_of(INIT(MECH_TYPES_KRB5 MECH_TOKEN_OF(TOY("X/1")))),
               SPNEGO_ERR_NO_MECH, SPNEGO_RULE_BARE_TOKEN_EXPECTED, NULL);
    close_side("SPNEGO", &side);
    open_bare(&side, SPNEGO_ACCEPTOR, "X", 2, SPNEGO_OPTION_BARE);
    check_step("nothing", &side, der_of(""), MALFORMED(TOKEN_EMPTY), NULL);
    close_side("nothing", &side);
}

Test(bare, initiator_speaks_first)
{
    toy_side side;

    open_bare(&side, SPNEGO_INITIATOR, "X", 2, SPNEGO_OPTION_BARE);
    check_step("too early", &side, der_of(TOY("X/2")), PROTOCOL(BARE_TOKEN_TOO_EARLY), NULL);
    cr_expect_str_eq(side.x.trace, "");
    close_side("too early", &side);
}

/* The first that is left; the others are not tried: what would the peer make of it? */
Test(bare, initiator_takes_the_first_mechanism)
{
    const spnego_bytes z = toy_z.oid;
    toy_side side;

    open_bare(&side, SPNEGO_INITIATOR, "XYZ", 2, SPNEGO_OPTION_BARE);
    cr_assert_eq(spnego_context_set_neg_mechs(side.context, &z, 1), SPNEGO_COMPLETE);
    check_goes_on("the one that is left", &side, ABSENT, TOY("Z/1"));
    close_side("the one that is left", &side);

    toy_side_init(&side, SPNEGO_INITIATOR, TOY_STRICT, "XZ", 2, INTEG);
    side.config.options = SPNEGO_OPTION_BARE;
    side.x.no_credential = 1;
    toy_side_open(&side);
    check_step("no credential", &side, ABSENT, SPNEGO_ERR_NO_MECH, SPNEGO_RULE_MECH_LIST_EMPTY,
               NULL);
    cr_expect_str_eq(side.z.trace, "");
    close_side("no credential", &side);

    toy_side_init(&side, SPNEGO_INITIATOR, TOY_STRICT, "XZ", 2, INTEG);
    side.config.options = SPNEGO_OPTION_BARE;
    side.x.lie = TOY_UNAVAILABLE;
    toy_side_open(&side);
    check_step("unavailable", &side, ABSENT, SPNEGO_ERR_NO_MECH, SPNEGO_RULE_MECH_LIST_EMPTY, NULL);
    close_side("unavailable", &side);
}

/* ---- What mechanisms do wrong ---------------------------------------------------------------- */

static const struct {
    toy_lie lie;
    spnego_status status;
    spnego_rule rule;
    const char *out; /* the mechanism's error token, as it is; nothing of SPNEGO's */
} lies[] = {
    {TOY_FAILS, SPNEGO_ERR_MECH, SPNEGO_RULE_MECH_FAILED, TOY_ERROR("X")},
    {TOY_FAILS_SILENTLY, SPNEGO_ERR_MECH, SPNEGO_RULE_MECH_FAILED, NULL},
    {TOY_CONTINUES_SILENTLY, SPNEGO_ERR_MECH_LIED, SPNEGO_RULE_MECH_SAYS_NOTHING, NULL},
    {TOY_UNKNOWN_RESULT, SPNEGO_ERR_MECH_LIED, SPNEGO_RULE_MECH_RESULT_UNKNOWN, NULL},
    {TOY_ZERO_RESULT, SPNEGO_ERR_MECH_LIED, SPNEGO_RULE_MECH_RESULT_UNKNOWN, NULL},
    {TOY_WRITES_NULL, SPNEGO_ERR_MECH_LIED, SPNEGO_RULE_MECH_TOKEN_NULL, NULL},
    {TOY_CLAIMS_2_GIB, SPNEGO_ERR_MECH_LIED, SPNEGO_RULE_MECH_TOKEN_TOO_LONG, NULL},
    {TOY_PENDS_WRITING, SPNEGO_ERR_MECH_LIED, SPNEGO_RULE_MECH_CANNOT_PEND, NULL},
    {TOY_REENTERS, SPNEGO_ERR_MECH_LIED, SPNEGO_RULE_MECH_REENTERED, NULL},
};

Test(bare, lies_end_it)
{
    for (size_t i = 0; i < LEN(lies); i++)
        for (int at = 1; at <= 2; at++)
            for (int role = SPNEGO_INITIATOR; role <= SPNEGO_ACCEPTOR; role++) {
                const int initiator = role == SPNEGO_INITIATOR;
                toy_side side;

                toy_side_init(&side, (spnego_role)role, TOY_STRICT, "X", 5, INTEG);
                side.config.options = SPNEGO_OPTION_BARE;
                side.x.lie = lies[i].lie;
                side.x.lie_at = at;
                toy_side_open(&side);
                if (at == 2)
                    check_goes_on("before", &side, initiator ? ABSENT : der_of(TOY("X/1")), "?");
                check_step("a lie", &side,
                           at == 1 && initiator
                               ? ABSENT
                               : toy_peer_token("'X/%d/00000001'", 2 * at - 1 - initiator),
                           lies[i].status, lies[i].rule, lies[i].out);
                close_side("a lie", &side);
            }
}

/* The peer's error token is the mechanism's to read, and its answer is none. */
Test(bare, error_token_of_the_peer)
{
    toy_side side;

    open_bare(&side, SPNEGO_INITIATOR, "X", 2, SPNEGO_OPTION_BARE);
    check_goes_on("first", &side, ABSENT, TOY("X/1"));
    check_step("error", &side, der_of(TOY_ERROR("X")), SPNEGO_ERR_MECH, SPNEGO_RULE_MECH_FAILED,
               NULL);
    cr_expect_eq(spnego_context_error(side.context)->mech_code.code, TOY_PEER_CODE);
    cr_expect_str_eq(spnego_context_error(side.context)->mech, "toy-x");
    close_side("error", &side);
}

Test(bare, pauses)
{
    for (int role = SPNEGO_INITIATOR; role <= SPNEGO_ACCEPTOR; role++) {
        const int initiator = role == SPNEGO_INITIATOR;
        toy_side side;
        spnego_bytes out;

        toy_side_init(&side, (spnego_role)role, TOY_STRICT, "X", 3, INTEG);
        side.config.options = SPNEGO_OPTION_BARE;
        side.x.lie = TOY_PENDS;
        toy_side_open(&side);
        check_step("pends", &side, initiator ? ABSENT : der_of(TOY("X/1")), SPNEGO_PENDING,
                   SPNEGO_RULE_NONE, NULL);
        cr_assert_eq(spnego_context_resume(side.context, &out), SPNEGO_CONTINUE);
        cr_expect(same_octets(out, initiator ? der_of(TOY("X/1")) : der_of(TOY("X/2"))));
        check_step("pends again", &side, initiator ? der_of(TOY("X/2")) : der_of(TOY("X/3")),
                   SPNEGO_PENDING, SPNEGO_RULE_NONE, NULL);
        cr_assert_eq(spnego_context_resume(side.context, &out), SPNEGO_COMPLETE);
        close_side("pends", &side);
    }
}

/* An empty token is one only where the mechanism has such. */
Test(bare, empty_tokens)
{
    toy_side side;

    open_bare(&side, SPNEGO_INITIATOR, "X", 4, SPNEGO_OPTION_BARE);
    check_goes_on("first", &side, ABSENT, TOY("X/1"));
    check_step("nothing", &side, der_of(""), MALFORMED(TOKEN_EMPTY), NULL);
    close_side("nothing", &side);

    toy_side_init(&side, SPNEGO_INITIATOR, TOY_STRICT, "X", 4, INTEG | SPNEGO_FLAG_EMPTY_TOKENS);
    side.x.empty_legs = 1u << 1 | 1u << 2;
    side.config.options = SPNEGO_OPTION_BARE;
    toy_side_open(&side);
    check_goes_on("an empty first", &side, ABSENT, NULL);
    check_goes_on("an empty second", &side, der_of(""), TOY("X/3"));
    (void)check_completes("the end", &side, der_of(TOY("X/4")), NULL);
    close_side("the end", &side);
}

/* ---- Policy ---------------------------------------------------------------------------------- */

/* RFC 7546 4: before the last token leaves. */
Test(bare, required_flags)
{
    toy_side side;

    toy_side_init(&side, SPNEGO_ACCEPTOR, TOY_STRICT, "X", 2, INTEG);
    side.config.options = SPNEGO_OPTION_BARE;
    side.config.required_flags = SPNEGO_FLAG_CONF;
    toy_side_open(&side);
    check_step("no CONF", &side, der_of(TOY("X/1")), SPNEGO_ERR_POLICY,
               SPNEGO_RULE_POLICY_FLAGS_MISSING, NULL);
    close_side("no CONF", &side);
}

/* RFC 7546 3.1: not even an error token leaves. */
Test(bare, anonymity)
{
    for (int fails = 0; fails <= 1; fails++) {
        toy_side side;

        toy_side_init(&side, SPNEGO_INITIATOR, TOY_STRICT, "X", 2, INTEG);
        side.config.options = SPNEGO_OPTION_BARE;
        side.config.required_flags = SPNEGO_FLAG_ANON;
        side.x.lie = fails ? TOY_FAILS : TOY_HONEST;
        toy_side_open(&side);
        check_step("not anonymous", &side, ABSENT, fails ? SPNEGO_ERR_MECH : SPNEGO_ERR_POLICY,
                   fails ? SPNEGO_RULE_MECH_FAILED : SPNEGO_RULE_POLICY_NOT_ANONYMOUS, NULL);
        close_side("not anonymous", &side);
    }
}

/* What needs a list, or lengths in DER, cannot go with it. */
Test(bare, options_that_exclude_each_other)
{
    static const uint32_t bare[] = {SPNEGO_OPTION_BARE, SPNEGO_OPTION_TAKE_BARE};
    toy_side side;

    for (size_t i = 0; i < LEN(bare); i++)
        for (int what = 0; what < 3; what++) {
            toy_side_init(&side, SPNEGO_ACCEPTOR, TOY_STRICT, "X", 2, INTEG);
            side.config.options = bare[i];
            side.config.options |= what == 0 ? SPNEGO_OPTION_REQUIRE_MIC : 0u;
            side.config.options |= what == 1 ? SPNEGO_OPTION_TAKE_FRAGMENTS : 0u;
            side.config.max_fragment = what == 2 ? 100 : 0;
            cr_expect_eq(spnego_context_create(&side.context, NULL, &side.config),
                         SPNEGO_ERR_USAGE);
        }
}

Test(bare, is_not_exported)
{
    toy_side side;
    spnego_bytes out;

    open_bare(&side, SPNEGO_INITIATOR, "X", 2, SPNEGO_OPTION_BARE);
    check_goes_on("first", &side, ABSENT, TOY("X/1"));
    cr_expect_eq(spnego_context_export(side.context, &out), SPNEGO_ERR_USAGE);
    cr_expect_str_eq(side.x.trace, "s");
    (void)check_completes("it goes on", &side, der_of(TOY("X/2")), NULL);
    close_side("it goes on", &side);
}

/* ---- Peers that do not negotiate ------------------------------------------------------------- */

/* A first token, and what an acceptor of X (Kerberos) and Y (NTLM) makes of it. */
static const struct {
    const char *what, *token;
    uint32_t options;
    spnego_status status;
    spnego_rule rule;
    const char *answer;
    const char *x_trace, *y_trace;
} firsts[] = {
    {"SPNEGO is negotiated", INIT_Y, SPNEGO_OPTION_TAKE_BARE, SPNEGO_CONTINUE, SPNEGO_RULE_NONE,
     "?", "", "es"},
    {"NTLM", NTLM_TOKEN, SPNEGO_OPTION_TAKE_BARE, SPNEGO_CONTINUE, SPNEGO_RULE_NONE,
     "'NTLMSSP' 00" TOY("Y/2"), "", "s"},
    {"NTLM, not asked for", NTLM_TOKEN, 0, MALFORMED(TOKEN_NOT_SPNEGO), REJECT, "", ""},
    {"Kerberos in its frame", "60{" OID_KRB5 "0100 6e{30{}}}", SPNEGO_OPTION_TAKE_BARE,
     SPNEGO_ERR_MECH, SPNEGO_RULE_MECH_FAILED, TOY_ERROR("X"), "sa", ""},
    {"Kerberos by Windows' number", "60{" OID_MS_KRB5 "0100 6e{30{}}}", SPNEGO_OPTION_TAKE_BARE,
     SPNEGO_ERR_MECH, SPNEGO_RULE_MECH_FAILED, TOY_ERROR("X"), "sa", ""},
    {"an AP-REQ and nothing else", "6e{30{}}", SPNEGO_OPTION_TAKE_BARE, SPNEGO_ERR_MECH,
     SPNEGO_RULE_MECH_FAILED, TOY_ERROR("X"), "sa", ""},
    {"Kerberos, not asked for", "60{" OID_KRB5 "0100 6e{30{}}}", 0, MALFORMED(FRAME_NOT_SPNEGO),
     REJECT, "", ""},
    {"a mechanism that is not here", "60{" OID_TOY_Z "00}", SPNEGO_OPTION_TAKE_BARE,
     SPNEGO_ERR_NO_MECH, SPNEGO_RULE_NO_COMMON_MECH, NULL, "", ""},
    {"NegoEx is no mechanism here", "'NEGOEXTS' 00", SPNEGO_OPTION_TAKE_BARE,
     MALFORMED(TOKEN_NOT_SPNEGO), REJECT, "", ""},
    {"nothing", "", SPNEGO_OPTION_TAKE_BARE, MALFORMED(TOKEN_EMPTY), REJECT, "", ""},
    {"a frame that is cut", "60 05 06", SPNEGO_OPTION_TAKE_BARE, MALFORMED(DER_TRUNCATED), REJECT,
     "", ""},
    {"agreed on, and named", NTLM_TOKEN, SPNEGO_OPTION_BARE, SPNEGO_CONTINUE, SPNEGO_RULE_NONE, "?",
     "", "s"},
};

Test(bare, first_tokens)
{
    for (size_t i = 0; i < LEN(firsts); i++) {
        toy_side side;

        open_bare(&side, SPNEGO_ACCEPTOR, "XY", 3, firsts[i].options);
        check_step(firsts[i].what, &side, der_of(firsts[i].token), firsts[i].status, firsts[i].rule,
                   firsts[i].answer);
        cr_expect_str_eq(side.x.trace, firsts[i].x_trace, "%s: %s", firsts[i].what, side.x.trace);
        cr_expect_str_eq(side.y.trace, firsts[i].y_trace, "%s: %s", firsts[i].what, side.y.trace);
        close_side(firsts[i].what, &side);
    }
}

static int accepts_none(void *user, const spnego_mech *mech, spnego_bytes mech_types)
{
    spnego_bytes oid;
    size_t cursor = 0;

    (void)user;
    (void)mech;
    cr_expect_eq(spnego_mech_types_next(&oid, &cursor, mech_types), 0, "a list of what?");
    return 0;
}

/* faults.md MAG-01: what may not be negotiated does not come in by the back door. */
Test(bare, policy_holds_for_it)
{
    const spnego_bytes ntlm = toy_y.oid, krb5 = toy_x.oid;

    for (int what = 0; what < 4; what++) {
        toy_side side;

        toy_side_init(&side, SPNEGO_ACCEPTOR, TOY_STRICT, "XY", 3, INTEG);
        side.config.options = SPNEGO_OPTION_TAKE_BARE;
        side.y.signature = 1;
        side.config.deny = &ntlm;
        side.config.num_deny = what == 0;
        side.config.allow = &krb5;
        side.config.num_allow = what == 1;
        side.y.no_credential = what == 2;
        side.config.acceptable = what == 3 ? accepts_none : NULL;
        toy_side_open(&side);
        check_step("not allowed", &side, der_of(NTLM_TOKEN), SPNEGO_ERR_NO_MECH,
                   SPNEGO_RULE_NO_COMMON_MECH, NULL);
        cr_expect_str_eq(side.y.trace, "");
        close_side("not allowed", &side);
    }
}

/* The second token is bare as the first was: SPNEGO does not begin in the middle. */
Test(bare, stays_bare)
{
    toy_side side;

    open_bare(&side, SPNEGO_ACCEPTOR, "Y", 3, SPNEGO_OPTION_TAKE_BARE);
    check_goes_on("first", &side, der_of(NTLM_TOKEN), "?");
    check_step("SPNEGO", &side, der_of(RESP(INCOMPLETE RESPONSE_OF("'NTLMSSP' 00" TOY("Y/3")))),
               SPNEGO_ERR_MECH, SPNEGO_RULE_MECH_FAILED, TOY_ERROR("Y"));
    close_side("SPNEGO", &side);

    open_bare(&side, SPNEGO_ACCEPTOR, "Y", 3, SPNEGO_OPTION_TAKE_BARE);
    check_goes_on("first", &side, der_of(INIT_Y), "?");
    check_step("bare", &side, der_of("'NTLMSSP' 00" TOY("Y/3")), MALFORMED(TOKEN_NOT_SPNEGO),
               REJECT);
    close_side("bare", &side);
}

/* ---- What is asked of mechanisms ------------------------------------------------------------- */

/* NEG-146: unchanged. */
Test(bare, request_reaches_the_mechanisms)
{
    const spnego_request request = {SPNEGO_FLAG_MUTUAL | SPNEGO_FLAG_CONF,
                                    {(const uint8_t *)"imap@host", 9},
                                    {(const uint8_t *)"tls-unique:1", 12}};
    const spnego_bytes ntlm = toy_y.oid;
    toy_side side;

    toy_side_init(&side, SPNEGO_INITIATOR, TOY_STRICT, "XY", 2,
                  INTEG | SPNEGO_FLAG_CONF | SPNEGO_FLAG_DELEG);
    side.x.grants_only_asked = 1;
    side.config.request = &request;
    side.config.deny = &ntlm;
    side.config.num_deny = 1;
    toy_side_open(&side);
    cr_expect_str_eq(side.x.trace, "p", "before anything else");
    cr_expect_eq(side.x.asked_flags, request.flags | INTEG, "NEG-04");
    cr_expect_str_eq(side.x.asked_target, "imap@host");
    cr_expect_str_eq(side.x.asked_bindings, "tls-unique:1");
    cr_expect_eq(side.x.flags, INTEG | SPNEGO_FLAG_CONF);
    cr_expect_str_eq(side.y.trace, "", "excluded: asked for nothing");
    close_side("request", &side);

    toy_side_init(&side, SPNEGO_INITIATOR, TOY_STRICT, "X", 2, INTEG);
    toy_side_open(&side);
    cr_expect_str_eq(side.x.trace, "", "no request, no call");
    close_side("no request", &side);
}
