/*
 * Everything against everything: our initiator and our acceptor over the product of what both can
 * be set to.  What they must say to each other, token by token, and what they come to is in
 * tests/pair_table.h.
 *
 * The product is too large to be run as a whole.  Every STRIDE-th setting is, which is prime to all
 * radices; that each pair of values of two dimensions meets, and that each row of the table is
 * reached, is asserted.
 */
#include "pair_table.h"

enum { STRIDE = 211 };

/* ---- One run ------------------------------------------------------------------------------- */

typedef struct run {
    toy_side i, a;
    toy_end i_end, a_end;
    unsigned passed;
    sent tokens[MAX_TOKENS];
} run;

static int record(void *user, unsigned number, spnego_role from, uint8_t *token, size_t *len,
                  size_t size)
{
    run *r = user;

    (void)size;
    cr_assert(number < MAX_TOKENS, "too many tokens");
    keep_token(&r->tokens[number], from, token, *len);
    return 1;
}

static void run_setting(run *r, const setting *s)
{
    memset(r, 0, sizeof *r);
    prepare_side(&r->i, s, SPNEGO_INITIATOR);
    prepare_side(&r->a, s, SPNEGO_ACCEPTOR);
    toy_side_open(&r->i);
    toy_side_open(&r->a);
    r->passed = toy_exchange(&r->i_end, &r->a_end, r->i.context, r->a.context,
                             s->at[ACCEPTOR_OPENS] ? SPNEGO_ACCEPTOR : SPNEGO_INITIATOR, record, r);
}

/* ---- Checks -------------------------------------------------------------------------------- */

static unsigned num_wrong;

/* One message for each of the first few runs that go wrong; a Criterion assertion for each of the
 * millions of comparisons would cost more than the runs. */
static int check(int holds, const setting *s, const expectation *e, const char *what)
{
    if (!holds && num_wrong++ < 20)
        fprintf(stderr, "%s: %s (%s)\n", text_of(s), what, rows[e->row].why);
    return holds;
}

/* Each token of ours is strict DER and says what the line says and nothing else. */
static const char *wrong_in(const sent *token, const line *want, const expectation *e)
{
    const spnego_bytes in = {token->octets, token->len};
    uint8_t room[64], carried[64], mic[16];
    const spnego_bytes list = list_of(room, e->list);
    const char name[2] = {mech_of(want->leg != 0 ? want->mech : want->mic), '\0'};
    const spnego_token_type type = want->state == HINTS_TOKEN  ? SPNEGO_NEG_TOKEN_INIT2
                                   : want->state == INIT_TOKEN ? SPNEGO_NEG_TOKEN_INIT
                                                               : SPNEGO_NEG_TOKEN_RESP;
    spnego_token t;
    spnego_bytes inner;

    if (token->from != want->from)
        return "a token from the other side";
    if (spnego_token_decode(&t, NULL, in, SPNEGO_TOLERATE_NOTHING) != SPNEGO_RULE_NONE)
        return "a token that is malformed";
    if (t.type != type)
        return "a token of another type";
    if (type == SPNEGO_NEG_TOKEN_INIT2)
        return NULL;
    if (type == SPNEGO_NEG_TOKEN_INIT && !is(t.mech_types, list.data, list.len))
        return "another mechTypes";
    if (type == SPNEGO_NEG_TOKEN_RESP && (!t.has_neg_state || t.neg_state != want->state))
        return "another negState";
    if (want->supported == '\0'
            ? t.supported_mech.data != NULL
            : !is(t.supported_mech, oid_of(want->supported).data, oid_of(want->supported).len))
        return "another supportedMech";
    inner = type == SPNEGO_NEG_TOKEN_INIT ? t.mech_token : t.response_token;
    if (want->leg == 0 ? inner.data != NULL
                       : !is(inner, carried, toy_token(carried, name, want->leg, 1, 0)))
        return "another mechanism token";
    toy_mic(mic, name, want->from == SPNEGO_ACCEPTOR, 1, list);
    if (want->mic == '\0' ? t.mech_list_mic.data != NULL : !is(t.mech_list_mic, mic, sizeof mic))
        return "another mechListMIC";
    return NULL;
}

static void check_tokens(const run *r, const setting *s, const expectation *e)
{
    if (!check(r->passed == e->num_lines, s, e, "another number of tokens"))
        return;
    for (unsigned i = 0; i < r->passed; i++) {
        const char *const wrong = wrong_in(&r->tokens[i], &e->lines[i], e);

        check(wrong == NULL, s, e, wrong);
    }
}

/* The chosen mechanism's MICs: one beside the optimistic token is dropped with it where another
 * mechanism is chosen (NEG-105). */
static int mics_of(const expectation *e, spnego_role from)
{
    int mics = 0;

    for (unsigned i = 0; i < e->num_lines; i++)
        mics += e->lines[i].from == from && e->lines[i].mic != '\0' &&
                (e->lines[i].state != INIT_TOKEN || e->only_one);
    return mics;
}

/* How often a side was called: once for each token that came, and once to begin. */
static unsigned steps_of(const expectation *e, spnego_role role)
{
    unsigned steps = e->num_lines == 0 || e->lines[0].from == role;

    for (unsigned i = 0; i < e->num_lines; i++)
        steps += e->lines[i].from != role;
    return steps;
}

static void check_info(const toy_side *side, const toy_end *end, spnego_role role, const setting *s,
                       const expectation *e)
{
    const spnego_info *const info = &end->info;
    const int mics = e->row == ROW_B_I || e->row == ROW_C_I || e->row == ROW_C_IV;
    const uint32_t hints = !s->at[ACCEPTOR_OPENS]     ? 0
                           : role == SPNEGO_INITIATOR ? SPNEGO_QUIRK_TAKE_HINTS
                                                      : SPNEGO_QUIRK_SEND_HINTS;
    uint8_t room[64];
    const spnego_bytes list = list_of(room, e->list), oid = oid_of(e->chosen);
    char mech;

    if (end->status != SPNEGO_COMPLETE) {
        check(info->mech == NULL && info->oid.data == NULL, s, e, "info before the end");
        return;
    }
    if (!check(info->mech != NULL, s, e, "no info"))
        return;
    mech = letter_of(info->mech->ops->oid);
    check(role == SPNEGO_INITIATOR ? mech == e->chosen : mech_of(mech) == mech_of(e->chosen), s, e,
          "another mechanism");
    check(((const toy_mech *)info->mech->self)->complete == 1, s, e,
          "COMPLETE without the mechanism");
    /* NEG-50: as it was offered. */
    check(is(info->oid, oid.data, oid.len), s, e, "another oid");
    check(is(info->mech_types, list.data, list.len), s, e, "another list");
    check(info->first_choice == e->first, s, e, "another first_choice");
    check(info->mics_exchanged == mics, s, e, "another mics_exchanged");
    check(info->quirks == hints && info->tolerated == 0, s, e, "a quirk or a tolerance");
    check(side->event_quirks == hints, s, e, "an event of a quirk");
    check(info->num_steps == steps_of(e, role), s, e, "another num_steps");
}

/* What each mechanism was told.  Only the chosen one and, on the initiator's side, the optimistic
 * one were begun; that the first took nothing but its own peer's tokens it checks itself. */
static void check_mechs(toy_side *side, spnego_role role, const setting *s, const expectation *e)
{
    const spnego_role peer = role == SPNEGO_INITIATOR ? SPNEGO_ACCEPTOR : SPNEGO_INITIATOR;
    const int signs = mics_of(e, role);
    /* A mechanism that is gone verifies nothing. */
    const int verifies = e->row == ROW_GONE_THERE ? 0 : mics_of(e, peer);
    const unsigned who = role == SPNEGO_INITIATOR ? BY_INITIATOR : BY_ACCEPTOR;
    const char *const list =
        role == SPNEGO_INITIATOR ? i_lists[s->at[I_LIST]] : a_lists[s->at[A_LIST]];

    for (size_t i = 0; list[i] != '\0'; i++) {
        const toy_mech *const toy = toy_of(side, list[i]);
        const int chosen = role == SPNEGO_INITIATOR ? toupper((unsigned char)list[i]) ==
                                                          toupper((unsigned char)e->chosen)
                                                    : mech_of(list[i]) == mech_of(e->chosen);

        if (chosen && e->chosen != '\0') {
            const int told = role == SPNEGO_ACCEPTOR ? e->due
                                                     : (s->at[REQUIRE_MIC] & BY_INITIATOR) ||
                                                           (e->requested && !e->only_one);

            check(toy->signed_mics == signs && toy->get_mic_calls == signs, s, e,
                  "signed more or less than once");
            check(toy->verified_mics == verifies && toy->verify_calls == verifies, s, e,
                  "verified more or less than once");
            /* A mechanism that needs MICs knows it by itself. */
            if (toy->steps != 0 && !(s->at[NEEDS_MIC] & who))
                check(toy->expected == (told != 0), s, e, "another mic_expected");
        } else {
            check(toy->steps <= (role == SPNEGO_INITIATOR || toy->lie == TOY_UNAVAILABLE), s, e,
                  "a mechanism that was not chosen saw a token");
            check(toy->verify_calls == 0, s, e, "a mechanism that was not chosen saw a MIC");
        }
    }
}

/* Each that had begun is told once that it is not the one, unless it is. */
static void check_closed(toy_side *side, const toy_end *end, const setting *s, const expectation *e)
{
    const void *const established = end->status == SPNEGO_COMPLETE ? end->info.mech->self : NULL;

    check(toy_side_close(side) == 0, s, e, "a call that must not have come");
    for (const char *letter = "XYZM"; *letter != '\0'; letter++) {
        const toy_mech *const toy = toy_of(side, *letter);

        check(toy->abandoned == (toy->steps != 0 && toy != established), s, e,
              "abandon more or less than once");
    }
}

static void check_setting(const setting *s, unsigned reached[NUM_ROWS])
{
    static run r, again;
    const expectation e = expect(s);
    toy_end want[2];

    if (!check(e.row < NUM_ROWS, s, &(expectation){.row = ROW_PLAIN}, "no row"))
        return;
    reached[e.row]++;
    run_setting(&r, s);
    expected_end(&want[0], &e, SPNEGO_INITIATOR);
    expected_end(&want[1], &e, SPNEGO_ACCEPTOR);
    check(r.i_end.status == want[0].status && r.i_end.rule == want[0].rule, s, &e,
          rule_name(r.i_end.rule));
    check(r.a_end.status == want[1].status && r.a_end.rule == want[1].rule, s, &e,
          rule_name(r.a_end.rule));
    check_tokens(&r, s, &e);
    check_info(&r.i, &r.i_end, SPNEGO_INITIATOR, s, &e);
    check_info(&r.a, &r.a_end, SPNEGO_ACCEPTOR, s, &e);
    check_mechs(&r.i, SPNEGO_INITIATOR, s, &e);
    check_mechs(&r.a, SPNEGO_ACCEPTOR, s, &e);
    check_closed(&r.i, &r.i_end, s, &e);
    check_closed(&r.a, &r.a_end, s, &e);

    run_setting(&again, s);
    check(memcmp(r.tokens, again.tokens, sizeof r.tokens) == 0 && r.passed == again.passed &&
              r.i_end.status == again.i_end.status && r.a_end.status == again.a_end.status &&
              memcmp(r.i.events, again.i.events, sizeof r.i.events) == 0 &&
              memcmp(r.a.events, again.a.events, sizeof r.a.events) == 0,
          s, &e, "the same calls, another result");
    (void)toy_side_close(&again.i);
    (void)toy_side_close(&again.a);
}

Test(pairs, everything_against_everything)
{
    static unsigned char met[NUM_DIMENSIONS][NUM_DIMENSIONS][MAX_RADIX][MAX_RADIX];
    unsigned reached[NUM_ROWS] = {0};
    unsigned long total = 1, num_runs = 0;

    for (unsigned d = 0; d < NUM_DIMENSIONS; d++) {
        cr_assert_leq(radix[d], (unsigned)MAX_RADIX);
        cr_assert_neq(STRIDE % radix[d], 0u);
        total *= radix[d];
    }
    for (unsigned long number = 0; number < total; number += STRIDE, num_runs++) {
        unsigned long rest = number;
        setting s;

        for (unsigned d = 0; d < NUM_DIMENSIONS; d++) {
            s.at[d] = (unsigned)(rest % radix[d]);
            rest /= radix[d];
        }
        for (unsigned d = 0; d < NUM_DIMENSIONS; d++)
            for (unsigned f = 0; f < d; f++)
                met[d][f][s.at[d]][s.at[f]] = 1;
        check_setting(&s, reached);
    }
    cr_expect_eq(num_wrong, 0u, "%u differences", num_wrong);
    for (unsigned d = 0; d < NUM_DIMENSIONS; d++)
        for (unsigned f = 0; f < d; f++)
            for (unsigned v = 0; v < radix[d]; v++)
                for (unsigned w = 0; w < radix[f]; w++)
                    cr_assert(met[d][f][v][w], "dimensions %u and %u never meet in %u, %u", d, f, v,
                              w);
    for (unsigned i = 0; i < NUM_ROWS; i++)
        cr_expect_gt(reached[i], 100u, "%s: %u runs", rows[i].why, reached[i]);
    cr_expect_gt(num_runs, 40000u);
    cr_log_info("%lu runs of %lu settings", num_runs, total);
}
