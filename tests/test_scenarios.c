/*
 * What the test suites of MIT krb5, Heimdal and Samba exercise, as far as it concerns the
 * negotiation, with their exact octets where they give some; and which mechanism is chosen when
 * credentials and preferences differ.
 */
#include "toy_peer.h"

/* ---- MIT krb5 ------------------------------------------------------------------------------ */

/* t_spnego (1): the acceptor has only the initiator's second mechanism. */
Test(scenarios, mit_reselection_with_mics)
{
    for (int legs = 1; legs <= 5; legs++) {
        toy_pair pair;

        pair_init(&pair, TOY_STRICT, "ZX", "X", legs, INTEG);
        pair_run(&pair, NULL, NULL);
        cr_expect_eq(pair.i_end.info.mech->ops, &toy_x);
        cr_expect_eq(pair.a_end.info.mech->ops, &toy_x);
        cr_expect(same_octets(pair.i_end.info.oid, toy_x.oid));
        cr_expect(same_octets(pair.a_end.info.oid, toy_x.oid));
        cr_expect_eq(pair.i_end.info.mics_exchanged, 1);
        cr_expect_eq(pair.a_end.info.mics_exchanged, 1);
        cr_expect_eq(pair.i.z.abandoned, 1);
        pair_check("reselection", &pair, DONE, DONE);
    }
}

/* t_spnego (2): Windows' number of Kerberos is echoed (NEG-50), 22 octets. */
#define MIT_REPLY "a1143012a0030a0100a10b06092a864882f712010202"

Test(scenarios, mit_reply_echoes_the_number_that_was_offered)
{
    static const char *const acceptors[] = {"X", "XY", "M", "XM", "YX"};

    cr_expect_eq(der_of(MIT_REPLY).len, 22u);
    for (int profile = TOY_INTEROPERABLE; profile <= TOY_STRICT; profile++) {
        for (size_t i = 0; i < LEN(acceptors); i++) {
            toy_side side;
            spnego_info info;

            begin_acceptor(&side, profile, acceptors[i], 1, 0);
            info = check_completes(
                acceptors[i], &side,
                der_of(INIT(MECH_TYPES_OF(OID_MS_KRB5) MECH_TOKEN_OF(TOY("X/1")))), MIT_REPLY);
            cr_expect(same_octets(info.oid, toy_ms.oid));
            cr_expect_eq(info.first_choice, 1);
            cr_expect_eq(info.quirks, 0u);
            close_side(acceptors[i], &side);
        }
    }
}

/* t_spnego (3), Q15: the answer to an empty token, 73 octets. */
#define MIT_HINTS \
    "604706062b0601050502a03d303ba00d300b06092a864886f712010202a32a3028a0261b24" FIXED_HINT

Test(scenarios, mit_hints)
{
    const spnego_bytes empty = {(const uint8_t *)"", 0};

    cr_expect_eq(der_of(MIT_HINTS).len, 73u);
    for (int absent = 0; absent <= 1; absent++) {
        const spnego_bytes none = absent ? ABSENT : empty;
        toy_side side;
        spnego_info info;

        begin_acceptor(&side, TOY_INTEROPERABLE, "X", 2, INTEG);
        check_goes_on("hints", &side, none, MIT_HINTS);
        cr_expect_eq(calls_of(&side), 0u, "a mechanism began");
        /* It still waits for the NegTokenInit, and the list of the hints binds nobody (NEG-138). */
        info = check_completes("after hints", &side, der_of(INIT_X),
                               RESP(COMPLETED CHOSEN_X RESPONSE_OF(TOY("X/2"))));
        cr_expect(same_octets(info.mech_types, der_of(LIST(XY))));
        cr_expect_eq(info.quirks, SPNEGO_QUIRK_SEND_HINTS);
        close_side("hints", &side);

        begin_acceptor(&side, TOY_INTEROPERABLE, "X", 2, INTEG);
        check_goes_on("hints", &side, none, MIT_HINTS);
        check_refuses("hints again", &side, none, MALFORMED(TOKEN_EMPTY));
        close_side("hints again", &side);

        begin_acceptor(&side, TOY_STRICT, "X", 2, INTEG);
        check_refuses("strict", &side, none, MALFORMED(TOKEN_EMPTY));
        close_side("strict", &side);
    }
}

/* The server speaks first (Q22), and the client takes it or has not been told. */
Test(scenarios, hints_then_the_whole_negotiation)
{
    for (int legs = 1; legs <= 5; legs++) {
        for (int reselected = 0; reselected <= 1; reselected++) {
            toy_pair pair;

            pair_init(&pair, TOY_INTEROPERABLE, "XY", reselected ? "Y" : "XY", legs, INTEG);
            toy_side_open(&pair.i);
            toy_side_open(&pair.a);
            (void)toy_exchange(&pair.i_end, &pair.a_end, pair.i.context, pair.a.context,
                               SPNEGO_ACCEPTOR, NULL, NULL);
            cr_expect_eq(pair.i_end.info.quirks, SPNEGO_QUIRK_TAKE_HINTS);
            cr_expect_eq(pair.a_end.info.quirks, SPNEGO_QUIRK_SEND_HINTS);
            cr_expect_eq(pair.i_end.info.mics_exchanged, reselected);
            /* What the MICs cover is the initiator's list, never the hints (NEG-92). */
            cr_expect(same_octets(pair.a_end.info.mech_types, der_of(LIST(XY))));
            pair_check("hints", &pair, DONE, DONE);
        }
    }
}

/* t_err: the acceptor's mechanism refuses (a replay), and its error token reaches the initiator's,
 * whose own account of it is what the caller sees. */
Test(scenarios, mit_error_token_reaches_the_initiator)
{
    for (int legs = 2; legs <= 5; legs++) {
        const spnego_error *error;
        toy_pair pair;

        pair_init(&pair, TOY_STRICT, "XY", "X", legs, INTEG);
        pair.a.x.lie = TOY_FAILS;
        pair_run(&pair, NULL, NULL);
        error = spnego_context_error(pair.a.context);
        cr_expect_eq(error->mech_code.code, TOY_CODE);
        error = spnego_context_error(pair.i.context);
        cr_expect_eq(error->mech_code.code, TOY_PEER_CODE);
        cr_expect_str_eq(error->mech, "toy-x");
        pair_check("error token", &pair, REJECTED, SPNEGO_ERR_MECH, SPNEGO_RULE_MECH_FAILED);
    }
}

/* t_ciflags: the mechanism's flags are passed through, those of its end. */
Test(scenarios, mit_flags)
{
    toy_pair pair;

    pair_init(&pair, TOY_STRICT, "X", "X", 2, INTEG);
    pair.a.x.flags = pair.i.x.flags = INTEG | SPNEGO_FLAG_CONF;
    pair.a.x.late_flags = SPNEGO_FLAG_TRANS;
    pair_run(&pair, NULL, NULL);
    cr_expect_eq(pair.i_end.info.flags, INTEG | SPNEGO_FLAG_CONF);
    cr_expect_eq(pair.a_end.info.flags, INTEG | SPNEGO_FLAG_CONF | SPNEGO_FLAG_TRANS);
    pair_check("flags", &pair, DONE, DONE);
}

/* ---- Heimdal ------------------------------------------------------------------------------- */

/* Data in both directions, and the mechanism's own refusal of what is altered. */
static void check_data(const char *what, toy_side *from, toy_side *to)
{
    spnego_bytes wrapped, plain;
    spnego_error error;
    int conf = 77;

    cr_assert_eq(spnego_context_wrap(from->context, &wrapped, &error, der_of("'data'"), 1),
                 SPNEGO_COMPLETE, "%s", what);
    cr_assert_eq(spnego_context_unwrap(to->context, &plain, &error, &conf, wrapped),
                 SPNEGO_COMPLETE, "%s", what);
    cr_expect(same_octets(plain, der_of("'data'")), "%s: %s", what, hex_of(plain));
    cr_expect_eq(conf, 1, "%s", what);
    cr_expect_eq(spnego_context_unwrap(to->context, &plain, &error, &conf, der_of("00")),
                 SPNEGO_ERR_MECH, "%s", what);
    cr_expect_eq(error.mech_code.code, TOY_CODE, "%s", what);
}

/* NEG-12.  check-spnego, Samba's downgrade: X is Kerberos with 2 legs, or 3 as in DCE, Y is NTLM
 * with 3. */
Test(scenarios, heimdal_credentials_decide)
{
    static const struct {
        const char *what, *initiator, *acceptor, *without_i, *without_a;
        const spnego_mech_ops *chosen;
        spnego_status i_status;
        spnego_rule i_rule;
        spnego_status a_status;
        spnego_rule a_rule;
    } rows[] = {
        {"all", "XY", "XY", "", "", &toy_x, DONE, DONE},
        {"no NTLM at the acceptor", "XY", "XY", "", "Y", &toy_x, DONE, DONE},
        {"no NTLM at the initiator", "XY", "XY", "Y", "", &toy_x, DONE, DONE},
        {"no Kerberos at the acceptor", "XY", "XY", "", "X", &toy_y, DONE, DONE},
        {"no Kerberos at the initiator", "XY", "XY", "X", "", &toy_y, DONE, DONE},
        {"acceptor wants Kerberos and has none", "XY", "X", "", "X", NULL, REJECTED,
         SPNEGO_ERR_NO_MECH, SPNEGO_RULE_NO_COMMON_MECH},
        {"initiator wants Kerberos and has none", "X", "XY", "X", "", NULL, SPNEGO_ERR_NO_MECH,
         SPNEGO_RULE_MECH_LIST_EMPTY, GOES_ON},
        {"nothing in common", "XY", "Z", "", "", NULL, REJECTED, SPNEGO_ERR_NO_MECH,
         SPNEGO_RULE_NO_COMMON_MECH},
        {"nothing in common for want of a credential", "XY", "XY", "Y", "X", NULL, REJECTED,
         SPNEGO_ERR_NO_MECH, SPNEGO_RULE_NO_COMMON_MECH},
    };

    for (size_t i = 0; i < LEN(rows); i++) {
        for (int dce = 0; dce <= 1; dce++) {
            toy_pair pair;

            pair_init(&pair, TOY_STRICT, rows[i].initiator, rows[i].acceptor, 3, INTEG);
            if (!dce)
                pair.i.x.legs = pair.a.x.legs = 2;
            pair.i.x.no_credential = strchr(rows[i].without_i, 'X') != NULL;
            pair.i.y.no_credential = strchr(rows[i].without_i, 'Y') != NULL;
            pair.a.x.no_credential = strchr(rows[i].without_a, 'X') != NULL;
            pair.a.y.no_credential = strchr(rows[i].without_a, 'Y') != NULL;
            pair_run(&pair, NULL, NULL);
            if (rows[i].chosen != NULL) {
                cr_assert_eq(pair.i_end.status, SPNEGO_COMPLETE, "%s", rows[i].what);
                cr_assert_eq(pair.a_end.status, SPNEGO_COMPLETE, "%s", rows[i].what);
                cr_expect_eq(pair.i_end.info.mech->ops, rows[i].chosen, "%s", rows[i].what);
                cr_expect_eq(pair.a_end.info.mech->ops, rows[i].chosen, "%s", rows[i].what);
                check_data(rows[i].what, &pair.i, &pair.a);
                check_data(rows[i].what, &pair.a, &pair.i);
            }
            pair_check(rows[i].what, &pair, rows[i].i_status, rows[i].i_rule, rows[i].a_status,
                       rows[i].a_rule);
        }
    }
}

/* ---- Samba --------------------------------------------------------------------------------- */

/* client_no_optimistic: the list alone, and the mechanism begins once it is chosen. */
Test(scenarios, samba_no_optimistic_token)
{
    for (int legs = 1; legs <= 5; legs++) {
        for (int reselected = 0; reselected <= 1; reselected++) {
            toy_pair pair;
            toy_mech *x = &pair.i.x;

            pair_init(&pair, TOY_STRICT, "XY", reselected ? "Y" : "XY", legs, INTEG);
            pair.i.config.options |= SPNEGO_OPTION_NO_OPTIMISTIC_TOKEN;
            pair_run(&pair, NULL, NULL);
            cr_expect_eq(x->steps == 0, reselected, "X began though Y was chosen");
            cr_expect_eq(x->abandoned, 0);
            cr_expect_eq(pair.i_end.info.mics_exchanged, reselected);
            /* The list and its answer, then the legs, then accept-completed or a MIC. */
            cr_expect_eq(pair.passed, 2u + (unsigned)legs + (reselected ? 1u : (unsigned)legs % 2));
            pair_check("no optimistic token", &pair, DONE, DONE);
        }
    }
}

Test(scenarios, no_optimistic_token_on_the_wire)
{
    toy_side side;

    toy_side_init(&side, SPNEGO_INITIATOR, TOY_STRICT, "XY", 2, INTEG);
    side.config.options |= SPNEGO_OPTION_NO_OPTIMISTIC_TOKEN;
    toy_side_open(&side);
    check_goes_on("list", &side, ABSENT, INIT(MECH_TYPES_OF(XY)));
    cr_expect_eq(side.x.steps, 0);
    check_refuses("an answer to nothing", &side,
                  der_of(RESP(INCOMPLETE CHOSEN_X RESPONSE_OF(TOY("X/2")))),
                  PROTOCOL(RESPONSE_TOKEN_SURPLUS));
    close_side("list", &side);

    begin_acceptor(&side, TOY_STRICT, "X", 2, INTEG);
    check_goes_on("NEG-44", &side, der_of(INIT(MECH_TYPES_OF(XY))), RESP(INCOMPLETE CHOSEN_X));
    check_completes("NEG-44", &side, der_of(RESP(INCOMPLETE RESPONSE_OF(TOY("X/1")))),
                    RESP(COMPLETED RESPONSE_OF(TOY("X/2"))));
    close_side("NEG-44", &side);
}

/* simulate_w2k: a side repeats its token as mechListMIC, in each of its tokens that has one. */
static int echo_as_mic(void *user, unsigned number, spnego_role from, uint8_t *octets, size_t *len,
                       size_t size)
{
    const spnego_role *who = user;
    uint8_t old[4096];
    spnego_bytes in = {old, *len}, out;
    spnego_token token;

    (void)number;
    if (*who != 0 && *who != from)
        return 1;
    memcpy(old, octets, *len);
    cr_assert_eq(spnego_token_decode(&token, NULL, in, 0), SPNEGO_RULE_NONE);
    token.mech_list_mic =
        token.type == SPNEGO_NEG_TOKEN_INIT ? token.mech_token : token.response_token;
    cr_assert_eq(spnego_token_encode(&out, octets, size, &token), SPNEGO_RULE_NONE);
    memmove(octets, out.data, out.len);
    *len = out.len;
    return 1;
}

Test(scenarios, samba_simulated_echo)
{
    static const spnego_role who[] = {SPNEGO_INITIATOR, SPNEGO_ACCEPTOR, (spnego_role)0};

    for (size_t i = 0; i < LEN(who); i++) {
        for (int legs = 2; legs <= 5; legs++) {
            spnego_role from = who[i];
            toy_pair pair;

            pair_init(&pair, TOY_INTEROPERABLE, "XY", "XY", legs, INTEG);
            pair_run(&pair, echo_as_mic, &from);
            cr_expect_eq(pair.i_end.info.quirks,
                         from != SPNEGO_INITIATOR ? SPNEGO_QUIRK_MIC_ECHOES_TOKEN : 0u);
            cr_expect_eq(pair.a_end.info.quirks,
                         from != SPNEGO_ACCEPTOR ? SPNEGO_QUIRK_MIC_ECHOES_TOKEN : 0u);
            cr_expect_eq(pair.i.x.verify_calls + pair.a.x.verify_calls, 0);
            cr_expect_eq(pair.i_end.info.mics_exchanged, 0);
            pair_check("echo", &pair, DONE, DONE);

            /* Where MICs are required that is no way out. */
            pair_init(&pair, TOY_INTEROPERABLE, "XY", "Y", legs, INTEG);
            pair_run(&pair, echo_as_mic, &from);
            cr_expect_lt((int)pair.i_end.status, 0, "%s", status_name(pair.i_end.status));
            cr_expect_neq(pair.a_end.status, SPNEGO_COMPLETE);
            close_side("echo", &pair.i);
            close_side("echo", &pair.a);
        }
    }
}

/* NEX-65, NEX-66: whoever has NegoEx plugs it in under its number (NEX-01); its tokens travel, and
 * its context signs, like any other's. */
Test(scenarios, negoex_is_a_mechanism_like_any_other)
{
    spnego_mech_ops negoex = toy_z;

    negoex.oid = spnego_oid_contents(SPNEGO_OID_NEGOEX);
    for (int legs = 1; legs <= 5; legs++) {
        for (int first = 0; first <= 1; first++) {
            toy_pair pair;

            pair_init(&pair, TOY_STRICT, first ? "ZX" : "XZ", first ? "XZ" : "Z", legs, INTEG);
            pair.i.mechs[!first].ops = &negoex;
            pair.a.mechs[first].ops = &negoex;
            pair_run(&pair, NULL, NULL);
            for (int acceptor = 0; acceptor <= 1; acceptor++) {
                const spnego_info *info = acceptor ? &pair.a_end.info : &pair.i_end.info;

                cr_expect(same_octets(info->oid, der_of("2b06010401823702021e")));
                cr_expect_eq(info->first_choice, first);
                cr_expect_eq(info->mics_exchanged, 1);
            }
            pair_check("NegoEx", &pair, DONE, DONE);
        }
    }
}

/* A client that does not negotiate is not SPNEGO's business (NEG-133, RFC 4178 3.2). */
Test(scenarios, samba_bare_mechanism)
{
    static const toy_turn turns[] = {
        {"bare Kerberos", A_INTEROP, "XY", 2, NULL, "60{" OID_KRB5 "0100 6e{}}",
         MALFORMED(FRAME_NOT_SPNEGO), REJECT},
        {"bare NTLM", A_INTEROP, "XY", 2, NULL, "'NTLMSSP' 00 01000000",
         MALFORMED(TOKEN_NOT_SPNEGO), REJECT},
        {"bare Kerberos for an answer", I_INTEROP, "XY", 2, NULL, "60{" OID_KRB5 "0200 6f{}}",
         MALFORMED(FRAME_NOT_SPNEGO), REJECT},
    };
    check_turns(turns, LEN(turns));
}

/* ---- Preference ---------------------------------------------------------------------------- */

/* Who is chosen, and whether request-mic goes out: if it is not the initiator's first, or not the
 * acceptor's favourite, offered or not, among those with a credential (NEG-34 to NEG-37). */
Test(scenarios, preference)
{
    static const struct {
        const char *initiator, *acceptor, *without;
        int own_order;
        const spnego_mech_ops *chosen;
        int asks;
    } rows[] = {
        {"XY", "XY", "", 0, &toy_x, 0},
        {"XY", "YX", "", 0, &toy_x, 1},
        {"XY", "ZX", "", 0, &toy_x, 1},
        {"XY", "ZX", "Z", 0, &toy_x, 0},
        {"XY", "YX", "Y", 0, &toy_x, 0},
        {"XY", "XY", "X", 0, &toy_y, 1},
        {"XY", "Y", "", 0, &toy_y, 1},
        {"YX", "XY", "X", 0, &toy_y, 0},
        {"XYZ", "ZY", "", 0, &toy_y, 1},
        {"XY", "XY", "", 1, &toy_x, 0},
        {"XY", "YX", "", 1, &toy_y, 1},
        {"XY", "YX", "Y", 1, &toy_x, 0},
        {"XY", "ZX", "", 1, &toy_x, 1},
        {"XYZ", "ZYX", "Z", 1, &toy_y, 1},
        {"YX", "YX", "", 1, &toy_y, 0},
        /* One mechanism under two numbers is one preference (MS-SPNG 3.1.5.2). */
        {"MXY", "XY", "", 0, &toy_x, 0},
        {"MXY", "XY", "", 1, &toy_x, 0},
        {"MY", "YX", "", 1, &toy_y, 1},
    };

    for (size_t i = 0; i < LEN(rows); i++) {
        toy_pair pair;
        char what[64];

        snprintf(what, sizeof what, "row %zu: %s, %s without %s, own order %d", i,
                 rows[i].initiator, rows[i].acceptor, rows[i].without, rows[i].own_order);
        pair_init(&pair, TOY_STRICT, rows[i].initiator, rows[i].acceptor, 3, INTEG);
        pair.a.config.options |= rows[i].own_order ? SPNEGO_OPTION_OWN_ORDER : 0;
        pair.a.x.no_credential = strchr(rows[i].without, 'X') != NULL;
        pair.a.y.no_credential = strchr(rows[i].without, 'Y') != NULL;
        pair.a.z.no_credential = strchr(rows[i].without, 'Z') != NULL;
        pair_run(&pair, NULL, NULL);
        cr_assert_eq(pair.a_end.status, SPNEGO_COMPLETE, "%s: %s", what,
                     rule_name(pair.a_end.rule));
        cr_assert_eq(pair.i_end.status, SPNEGO_COMPLETE, "%s: %s", what,
                     rule_name(pair.i_end.rule));
        cr_expect_eq(pair.a_end.info.mech->ops, rows[i].chosen, "%s: %s", what,
                     pair.a_end.info.mech->ops->name);
        cr_expect_eq(pair.a_end.info.mics_exchanged, rows[i].asks, "%s", what);
        cr_expect_eq(pair.i_end.info.mics_exchanged, rows[i].asks, "%s", what);
        cr_expect_eq(pair.a.events[SPNEGO_EVENT_MIC_REQUIRED], (unsigned)rows[i].asks, "%s", what);
        pair_check(what, &pair, DONE, DONE);
    }
}

/* ---- Everything is cut short --------------------------------------------------------------- */

typedef struct cut {
    unsigned number;
    size_t len;
    int beyond;
} cut;

static int cut_token(void *user, unsigned number, spnego_role from, uint8_t *token, size_t *len,
                     size_t size)
{
    cut *c = user;

    (void)from;
    (void)token;
    (void)size;
    if (number == c->number) {
        c->beyond = c->len >= *len;
        *len = c->len < *len ? c->len : *len;
    }
    return 1;
}

/* Every truncation of every token of a negotiation with reselection and MICs. */
/* NEG-49: both numbers are one mechanism, so the one that has a credential serves the other. */
Test(scenarios, other_number_serves)
{
    static const char *const acceptors[] = {"XM", "MX"};

    for (size_t i = 0; i < LEN(acceptors); i++) {
        toy_pair pair;

        pair_init(&pair, TOY_STRICT, "XY", acceptors[i], 2, INTEG);
        pair.a.x.no_credential = 1;
        pair_run(&pair, NULL, NULL);
        cr_expect_eq(pair.a_end.info.mech->ops, &toy_ms, "%s", acceptors[i]);
        cr_expect_eq(pair.a_end.info.first_choice, 1, "%s", acceptors[i]);
        pair_check(acceptors[i], &pair, DONE, DONE);
    }
}

Test(scenarios, truncated_tokens)
{
    for (cut c = {0, 0, 0}; c.number < 5; c.number++) {
        c.beyond = 0;
        for (c.len = 1; !c.beyond; c.len++) {
            const spnego_role to = c.number % 2 == 0 ? SPNEGO_ACCEPTOR : SPNEGO_INITIATOR;
            toy_pair pair;
            char what[64];

            snprintf(what, sizeof what, "token %u, %zu octets", c.number, c.len);
            pair_init(&pair, TOY_INTEROPERABLE, "XY", "Y", 2, INTEG);
            pair_run(&pair, cut_token, &c);
            if (c.beyond) {
                pair_check(what, &pair, DONE, DONE);
                continue;
            }
            check_end(what, "receiver", to == SPNEGO_ACCEPTOR ? &pair.a : &pair.i,
                      to == SPNEGO_ACCEPTOR ? &pair.a_end : &pair.i_end, MALFORMED(DER_TRUNCATED));
            close_side(what, &pair.i);
            close_side(what, &pair.a);
        }
    }
}
