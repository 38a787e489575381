/*
 * How a failure is told: status, GSS major status, and where in the peer's token the fault lies.
 */
#include "toy_peer.h"

/* ---- Statuses ------------------------------------------------------------------------------ */

/* RFC 2744 3.9.1: calling error, routine error and supplementary bits. */
enum {
    GSS_COMPLETE = 0,
    GSS_CONTINUE_NEEDED = 1,
    GSS_BAD_MECH = 1 << 16,
    GSS_DEFECTIVE_TOKEN = 9 << 16,
    GSS_FAILURE = 13 << 16,
    GSS_UNAVAILABLE = 16 << 16
};

Test(errors, statuses)
{
    static const struct {
        spnego_status status;
        uint32_t gss_major;
        const char *gss_name;
        spnego_blame blame;
    } rows[] = {
        {SPNEGO_COMPLETE, GSS_COMPLETE, "GSS_S_COMPLETE", SPNEGO_BLAME_NOBODY},
        {SPNEGO_CONTINUE, GSS_CONTINUE_NEEDED, "GSS_S_CONTINUE_NEEDED", SPNEGO_BLAME_NOBODY},
        {SPNEGO_PENDING, GSS_CONTINUE_NEEDED, "GSS_S_CONTINUE_NEEDED", SPNEGO_BLAME_NOBODY},
        {SPNEGO_ERR_USAGE, GSS_FAILURE, "GSS_S_FAILURE", SPNEGO_BLAME_CALLER},
        /* NEG-140 */
        {SPNEGO_ERR_MALFORMED, GSS_DEFECTIVE_TOKEN, "GSS_S_DEFECTIVE_TOKEN", SPNEGO_BLAME_PEER},
        {SPNEGO_ERR_PROTOCOL, GSS_DEFECTIVE_TOKEN, "GSS_S_DEFECTIVE_TOKEN", SPNEGO_BLAME_PEER},
        /* RFC 4178 5(b)II, 5(b)IV, 5(c)II, 5(c)V */
        {SPNEGO_ERR_BAD_MIC, GSS_DEFECTIVE_TOKEN, "GSS_S_DEFECTIVE_TOKEN", SPNEGO_BLAME_PEER},
        {SPNEGO_ERR_MECH, GSS_FAILURE, "GSS_S_FAILURE", SPNEGO_BLAME_MECH},
        {SPNEGO_ERR_MECH_LIED, GSS_FAILURE, "GSS_S_FAILURE", SPNEGO_BLAME_MECH},
        /* NEG-03, NEG-32, NEG-52, NEG-141 */
        {SPNEGO_ERR_NO_MECH, GSS_BAD_MECH, "GSS_S_BAD_MECH", SPNEGO_BLAME_NOBODY},
        {SPNEGO_ERR_REJECTED, GSS_BAD_MECH, "GSS_S_BAD_MECH", SPNEGO_BLAME_NOBODY},
        {SPNEGO_ERR_POLICY, GSS_UNAVAILABLE, "GSS_S_UNAVAILABLE", SPNEGO_BLAME_NOBODY},
        {SPNEGO_ERR_IO, GSS_FAILURE, "GSS_S_FAILURE", SPNEGO_BLAME_MACHINE},
        {SPNEGO_ERR_DEADLINE, GSS_FAILURE, "GSS_S_FAILURE", SPNEGO_BLAME_PEER},
        /* RFC 2743 2.2.9 */
        {SPNEGO_ERR_IMPORT, GSS_DEFECTIVE_TOKEN, "GSS_S_DEFECTIVE_TOKEN", SPNEGO_BLAME_CALLER},
        /* NEG-143 */
        {SPNEGO_ERR_NO_MEMORY, GSS_FAILURE, "GSS_S_FAILURE", SPNEGO_BLAME_MACHINE},
        {SPNEGO_ERR_LIMIT, GSS_FAILURE, "GSS_S_FAILURE", SPNEGO_BLAME_PEER},
    };
    size_t num_statuses;
    const spnego_status_text *texts = spnego_status_list(&num_statuses);

    cr_expect_eq(num_statuses, LEN(rows));
    for (size_t i = 0; i < LEN(rows); i++) {
        const spnego_status_text *text = spnego_status_describe(rows[i].status);
        const spnego_error error = {.status = rows[i].status};

        cr_expect_eq(text->status, rows[i].status, "row %zu", i);
        cr_expect_eq(text->gss_major, rows[i].gss_major, "%s", text->name);
        cr_expect_str_eq(text->gss_name, rows[i].gss_name, "%s", text->name);
        cr_expect_eq(text->blame, rows[i].blame, "%s", text->name);
        cr_expect_gt(strlen(text->sentence), 0u, "%s", text->name);
        cr_expect_eq(spnego_error_gss_major(&error), rows[i].gss_major, "%s", text->name);
        cr_expect(text >= texts && text < texts + num_statuses, "%s is not listed", text->name);
        for (size_t k = 0; k < i; k++)
            cr_expect_str_neq(text->name, spnego_status_describe(rows[k].status)->name);
    }
    cr_expect_eq(spnego_status_describe((spnego_status)77)->status, SPNEGO_ERR_USAGE);
    cr_expect_eq(spnego_status_describe((spnego_status)-77)->status, SPNEGO_ERR_USAGE);
}

/* ---- Where the fault lies ------------------------------------------------------------------ */

/* Each refusal names the field and where it begins in the peer's token, its header included; of a
 * field that is missing, the message that lacks it. */
Test(errors, faults_are_located)
{
    static const struct {
        toy_turn turn;
        spnego_field field;
        const char *at; /* the notation of what is at fault */
    } rows[] = {
        {{"supportedMech", I_STRICT, "XY", 3, NULL, RESP(INCOMPLETE SUPPORTED_MECH_OF(OID_TOY_Z)),
          PROTOCOL(SUPPORTED_MECH_NOT_OFFERED), REJECT},
         SPNEGO_FIELD_SUPPORTED_MECH,
         SUPPORTED_MECH_OF(OID_TOY_Z)},
        {{"reselection", I_STRICT, "XY", 3, NULL, RESP(INCOMPLETE CHOSEN_Y),
          PROTOCOL(RESELECTED_UNPROTECTED), REJECT},
         SPNEGO_FIELD_NEG_STATE,
         INCOMPLETE},
        {{"token beside a reselection", I_STRICT, "XY", 3, NULL,
          RESP(REQUEST_MIC CHOSEN_Y RESPONSE_OF("'tok'")), PROTOCOL(RESELECTED_WITH_TOKEN), REJECT},
         SPNEGO_FIELD_RESPONSE_TOKEN,
         RESPONSE_OF("'tok'")},
        {{"surplus", I_STRICT, "XY", 1, NULL, RESP(INCOMPLETE CHOSEN_X RESPONSE_OF("'tok'")),
          PROTOCOL(RESPONSE_TOKEN_SURPLUS), REJECT},
         SPNEGO_FIELD_RESPONSE_TOKEN,
         RESPONSE_OF("'tok'")},
        {{"supportedMech again", I_STRICT, "XY", 5,
          RESP(INCOMPLETE CHOSEN_X RESPONSE_OF(TOY("X/2"))),
          RESP(INCOMPLETE CHOSEN_Y RESPONSE_OF(TOY("X/4"))), PROTOCOL(SUPPORTED_MECH_CHANGED),
          REJECT},
         SPNEGO_FIELD_SUPPORTED_MECH,
         CHOSEN_Y},
        {{"request-mic late", I_STRICT, "XY", 5, RESP(INCOMPLETE CHOSEN_X RESPONSE_OF(TOY("X/2"))),
          RESP(REQUEST_MIC RESPONSE_OF(TOY("X/4"))), PROTOCOL(REQUEST_MIC_LATE), REJECT},
         SPNEGO_FIELD_NEG_STATE,
         REQUEST_MIC},
        {{"early MIC", I_STRICT, "XY", 5, NULL,
          RESP(INCOMPLETE CHOSEN_X RESPONSE_OF(TOY("X/2")) RESP_MIC_OF("'mic'")),
          PROTOCOL(MIC_TOO_EARLY), REJECT},
         SPNEGO_FIELD_MECH_LIST_MIC,
         RESP_MIC_OF("'mic'")},
        {{"wrong MIC", I_STRICT, "XY", 2, NULL,
          RESP(INCOMPLETE CHOSEN_X RESPONSE_OF(TOY("X/2")) RESP_MIC_OF("'mic'")),
          BAD_MIC(MIC_WRONG), REJECT},
         SPNEGO_FIELD_MECH_LIST_MIC,
         RESP_MIC_OF("'mic'")},
        {{"no supportedMech", I_STRICT, "XY", 2, NULL, RESP(INCOMPLETE RESPONSE_OF(TOY("X/2"))),
          PROTOCOL(SUPPORTED_MECH_MISSING), REJECT},
         SPNEGO_FIELD_SUPPORTED_MECH,
         RESP(INCOMPLETE RESPONSE_OF(TOY("X/2")))},
        {{"no responseToken", A_STRICT, "X", 3, INIT_X, RESP(INCOMPLETE),
          PROTOCOL(RESPONSE_TOKEN_MISSING), REJECT},
         SPNEGO_FIELD_RESPONSE_TOKEN,
         RESP(INCOMPLETE)},
        {{"no responseToken, framed", A_INTEROP, "X", 3, INIT_X, FRAME(RESP(INCOMPLETE)),
          PROTOCOL(RESPONSE_TOKEN_MISSING), REJECT},
         SPNEGO_FIELD_RESPONSE_TOKEN,
         RESP(INCOMPLETE)},
        {{"SPNEGO in the list", A_STRICT, "X", 3, NULL,
          INIT(MECH_TYPES_OF(OID_KRB5 OID_SPNEGO) MECH_TOKEN_OF(TOY("X/1"))),
          PROTOCOL(MECH_TYPES_HAVE_SPNEGO), REJECT},
         SPNEGO_FIELD_MECH_TYPES,
         MECH_TYPES_OF(OID_KRB5 OID_SPNEGO)},
        {{"request-mic from an initiator", A_STRICT, "X", 3, INIT_X,
          RESP(REQUEST_MIC RESPONSE_OF(TOY("X/3"))), PROTOCOL(REQUEST_MIC_TO_ACCEPTOR), REJECT},
         SPNEGO_FIELD_NEG_STATE,
         REQUEST_MIC},
        {{"supportedMech from an initiator", A_STRICT, "X", 3, INIT_X,
          RESP(CHOSEN_X RESPONSE_OF(TOY("X/3"))), PROTOCOL(SUPPORTED_MECH_TO_ACCEPTOR), REJECT},
         SPNEGO_FIELD_SUPPORTED_MECH,
         CHOSEN_X},
    };

    for (size_t i = 0; i < LEN(rows); i++) {
        const toy_turn *turn = &rows[i].turn;
        const spnego_bytes in = der_of(turn->token), at = der_of(rows[i].at);
        const spnego_error *error;
        spnego_bytes out;
        toy_side side;
        size_t want = 0;

        while (want + at.len <= in.len && memcmp(in.data + want, at.data, at.len) != 0)
            want++;
        cr_assert_leq(want + at.len, in.len, "%s", turn->what);
        turn_reach(turn, &side);
        cr_expect_eq(spnego_context_step(side.context, &out, in), turn->status, "%s", turn->what);
        error = spnego_context_error(side.context);
        cr_expect_eq(error->rule, turn->rule, "%s", turn->what);
        cr_expect_eq(error->type,
                     rows[i].field == SPNEGO_FIELD_MECH_TYPES ? SPNEGO_NEG_TOKEN_INIT
                                                              : SPNEGO_NEG_TOKEN_RESP,
                     "%s", turn->what);
        cr_expect_eq(error->field, rows[i].field, "%s: field %d", turn->what, (int)error->field);
        cr_expect_eq(error->offset, want, "%s: %zu instead of %zu", turn->what, error->offset,
                     want);
        close_side(turn->what, &side);
    }
}

/* What the reader finds is passed on as it is, and no mechanism is blamed for it. */
Test(errors, malformed_tokens_are_located)
{
    static const char *const tokens[] = {
        "00",
        "a1{30{a0{0a{0000}}}}",
        RESP(INCOMPLETE "a1{06{}}"),
        RESP(INCOMPLETE CHOSEN_X RESPONSE_OF("00") RESPONSE_OF("00")),
        RESP(INCOMPLETE CHOSEN_X) "00",
        "a1 20 30 1e a0 03 0a 01 00",
    };

    for (size_t i = 0; i < LEN(tokens); i++) {
        const spnego_bytes in = der_of(tokens[i]);
        const spnego_error *error;
        spnego_finding finding;
        spnego_token token;
        spnego_bytes out;
        toy_side side;

        begin_initiator(&side, TOY_STRICT, "XY", 3, INTEG);
        cr_assert_neq(spnego_token_decode(&token, &finding, in, 0), SPNEGO_RULE_NONE);
        cr_expect_eq(spnego_context_step(side.context, &out, in), SPNEGO_ERR_MALFORMED);
        error = spnego_context_error(side.context);
        cr_expect_eq(error->rule, finding.rule, "%s", tokens[i]);
        cr_expect_eq(error->field, finding.field, "%s", tokens[i]);
        cr_expect_eq(error->offset, finding.offset, "%s", tokens[i]);
        cr_expect_null(error->mech, "%s", tokens[i]);
        cr_expect_eq(error->mech_code.code, 0, "%s", tokens[i]);
        close_side(tokens[i], &side);
    }
}

/* A call for data that is out of turn is the caller's mistake, not that of the mechanism that was
 * asked last; and the context itself has nothing to say of it. */
Test(errors, refused_calls_for_data)
{
    toy_side side;
    spnego_bytes out;
    spnego_error error;
    int conf;

    toy_side_init(&side, SPNEGO_ACCEPTOR, TOY_STRICT, "XY", 2, INTEG);
    side.x.lie = TOY_FAILS;
    side.config.options |= SPNEGO_OPTION_TRY_NEXT_MECH;
    toy_side_open(&side);
    check_goes_on("passed over", &side,
                  der_of(INIT(MECH_TYPES_OF(OID_KRB5 OID_NTLM) MECH_TOKEN_OF(TOY("X/1")))), "?");
    for (int wraps = 0; wraps <= 1; wraps++) {
        memset(&error, 0xee, sizeof error);
        cr_expect_eq(wraps ? spnego_context_wrap(side.context, &out, &error, der_of("00"), 1)
                           : spnego_context_unwrap(side.context, &out, &error, &conf, der_of("00")),
                     SPNEGO_ERR_USAGE);
        cr_expect_eq(error.status, SPNEGO_ERR_USAGE);
        cr_expect_eq(error.rule, SPNEGO_RULE_CALL_OUT_OF_TURN);
        cr_expect_null(error.mech);
        cr_expect(error.mech_code.code == 0 && error.mech_code.gss_major == 0);
        cr_expect_eq(spnego_context_error(side.context)->status, SPNEGO_COMPLETE);
    }
    close_side("refused", &side);
}
