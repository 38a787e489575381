/*
 * When a mechanism and the host's other callbacks are called, in which order, and what happens when
 * they call back; memory that runs out.
 */
#include <stdlib.h>

#include "toy_peer.h"

/* ---- Order --------------------------------------------------------------------------------- */

/* The calls of the one mechanism that was chosen: s step, e mic_expected, g get_mic, v verify_mic,
 * m and w mic_done after them.  mic_expected comes before the step after which the MIC is made or
 * checked, as soon as the side knows; mic_done right after each MIC (MS-SPNG 3.2.5.1, 3.3.5.1). */
static const struct {
    int legs;
    const char *initiator, *acceptor;
} asked[] =
    {/* The acceptor asks in its first reply: RFC 4178 5(c)IV, 5(b), 5(c). */
     {1, "svwgm", "esgmvw"},
     {2, "sesvwgm", "esgmvw"},
     {3, "sesgmvw", "essvwgm"},
     {4, "sessvwgm", "essgmvw"},
     {5, "sessgmvw", "esssvwgm"}},
  reselected[] =
      {/* Both know before Y begins. */
       {1, "esgmvw", "esvwgm"},
       {2, "essvwgm", "esgmvw"},
       {3, "essgmvw", "essvwgm"},
       {4, "esssvwgm", "essgmvw"},
       {5, "esssgmvw", "esssvwgm"}},
  nobody[] = {{1, "s", "s"}, {2, "ss", "s"}, {3, "ss", "ss"}, {4, "sss", "ss"}, {5, "sss", "sss"}};

/* NEG-93: whoever has signed, and whoever has verified, is told at once, before anything else is
 * asked of it: NTLM restores its RC4 state there. */
Test(mech_calls, order)
{
    for (size_t i = 0; i < 5; i++) {
        toy_pair pair;
        char what[32];

        snprintf(what, sizeof what, "%d legs", asked[i].legs);
        pair_init(&pair, TOY_STRICT, "XY", "X", asked[i].legs, INTEG);
        pair.a.config.options |= SPNEGO_OPTION_REQUIRE_MIC;
        pair_run(&pair, NULL, NULL);
        cr_expect_str_eq(pair.i.x.trace, asked[i].initiator, "%s: %s", what, pair.i.x.trace);
        cr_expect_str_eq(pair.a.x.trace, asked[i].acceptor, "%s: %s", what, pair.a.x.trace);
        pair_check(what, &pair, DONE, DONE);

        pair_init(&pair, TOY_STRICT, "XY", "Y", reselected[i].legs, INTEG);
        pair_run(&pair, NULL, NULL);
        cr_expect_str_eq(pair.i.x.trace, "sa", "%s: %s", what, pair.i.x.trace);
        cr_expect_str_eq(pair.i.y.trace, reselected[i].initiator, "%s: %s", what, pair.i.y.trace);
        cr_expect_str_eq(pair.a.y.trace, reselected[i].acceptor, "%s: %s", what, pair.a.y.trace);
        pair_check(what, &pair, DONE, DONE);

        pair_init(&pair, TOY_STRICT, "XY", "XY", nobody[i].legs, INTEG);
        pair_run(&pair, NULL, NULL);
        cr_expect_str_eq(pair.i.x.trace, nobody[i].initiator, "%s: %s", what, pair.i.x.trace);
        cr_expect_str_eq(pair.a.x.trace, nobody[i].acceptor, "%s: %s", what, pair.a.x.trace);
        pair_check(what, &pair, DONE, DONE);
    }
}

/* An initiator whose policy wants MICs tells its mechanism before anything is sent. */
Test(mech_calls, expected_by_policy_of_the_initiator)
{
    for (int legs = 1; legs <= 5; legs += 2) {
        toy_pair pair;

        pair_init(&pair, TOY_STRICT, "XY", "X", legs, INTEG);
        pair.i.config.options |= SPNEGO_OPTION_REQUIRE_MIC;
        pair_run(&pair, NULL, NULL);
        cr_expect_eq(pair.i.x.trace[0], 'e', "%s", pair.i.x.trace);
        cr_expect_eq(pair.i.x.expected, 1);
        cr_expect_leq(pair.a.x.expected, 1);
        cr_expect_not_null(strstr(pair.i.x.trace, "sgmvw"), "%s", pair.i.x.trace);
        cr_expect_not_null(strstr(pair.a.x.trace, "svwgm"), "%s", pair.a.x.trace);
        pair_check("policy", &pair, DONE, DONE);
    }
}

/* Without integrity there is no MIC, though mic_expected may have said so. */
Test(mech_calls, order_without_integrity)
{
    for (int legs = 1; legs <= 5; legs++) {
        toy_pair pair;

        pair_init(&pair, TOY_STRICT, "XY", "Y", legs, 0);
        pair_run(&pair, NULL, NULL);
        cr_expect_eq(strcspn(pair.i.y.trace, "gvmw"), strlen(pair.i.y.trace), "%s", pair.i.y.trace);
        cr_expect_eq(strcspn(pair.a.y.trace, "gvmw"), strlen(pair.a.y.trace), "%s", pair.a.y.trace);
        pair_check("no integrity", &pair, DONE, DONE);
    }
}

/* abandon: once, as the last call, for each instance that had begun and was not established. */
/* NEG-79: what was begun is torn down; that it is wiped, tests/test_faults.c sees in every failure.
 */
Test(mech_calls, abandoned_once)
{
    static const struct {
        const char *what, *token;
        int x, y; /* abandoned once the token was taken */
    } rows[] = {
        {"given up", NULL, 0, 0},
        {"another chosen", RESP(REQUEST_MIC CHOSEN_Y), 1, 0},
        {"refused", "00", 1, 0},
        {"rejected", REJECT, 1, 0},
        {"established", RESP(COMPLETED CHOSEN_X RESPONSE_OF(TOY("X/2"))), 0, 0},
    };

    for (size_t i = 0; i < LEN(rows); i++) {
        const int established = i == LEN(rows) - 1;
        toy_side side;
        spnego_bytes out;

        begin_initiator(&side, TOY_INTEROPERABLE, "XYZ", 2, INTEG);
        if (rows[i].token != NULL)
            cr_expect_neq(spnego_context_step(side.context, &out, der_of(rows[i].token)),
                          SPNEGO_ERR_USAGE);
        cr_expect_eq(side.x.abandoned, rows[i].x, "%s", rows[i].what);
        cr_expect_eq(side.y.abandoned, rows[i].y, "%s", rows[i].what);
        close_side(rows[i].what, &side);
        cr_expect_eq(side.x.abandoned, !established, "%s", rows[i].what);
        cr_expect_eq(side.y.abandoned, i == 1, "%s", rows[i].what);
        cr_expect_eq(side.z.abandoned, 0, "%s: it had not begun", rows[i].what);
    }
}

/* Every optional member may be NULL. */
Test(mech_calls, optional_members)
{
    for (int legs = 1; legs <= 3; legs++) {
        spnego_mech_ops ops = toy_x;
        toy_pair pair;

        ops.resume = NULL;
        ops.available = NULL;
        ops.wrap = NULL;
        ops.unwrap = NULL;
        ops.mic_expected = NULL;
        ops.mic_done = NULL;
        ops.abandon = NULL;
        ops.export_state = NULL;
        ops.import_state = NULL;
        pair_init(&pair, TOY_STRICT, "XY", "X", legs, INTEG);
        pair.a.config.options |= SPNEGO_OPTION_REQUIRE_MIC;
        pair.i.mechs[0].ops = pair.a.mechs[0].ops = &ops;
        pair_run(&pair, NULL, NULL);
        cr_expect_eq(pair.i_end.info.mics_exchanged, 1);
        pair_check("optional", &pair, DONE, DONE);

        /* Without integrity also those that make and check MICs. */
        ops.get_mic = NULL;
        ops.verify_mic = NULL;
        pair_init(&pair, TOY_STRICT, "XY", "X", legs, 0);
        pair.i.mechs[0].ops = pair.a.mechs[0].ops = &ops;
        pair_run(&pair, NULL, NULL);
        pair_check("without integrity", &pair, DONE, DONE);
    }
}

/* ---- Calling back -------------------------------------------------------------------------- */

/* Every function that changes a context, called from inside it. */
enum { NUM_CHANGES = 7 };

static int change(spnego_context *context, int which)
{
    const spnego_bytes none = ABSENT, oid = toy_y.oid;
    spnego_bytes out;
    spnego_error error;
    int conf;

    switch (which) {
    case 0:
        return spnego_context_step(context, &out, none);
    case 1:
        return spnego_context_resume(context, &out);
    case 2:
        return spnego_context_export(context, &out);
    case 3:
        return spnego_context_set_neg_mechs(context, &oid, 1);
    case 4:
        return spnego_context_wrap(context, &out, &error, none, 0);
    case 5:
        return spnego_context_unwrap(context, &out, &error, &conf, none);
    default:
        spnego_context_destroy(context);
        return SPNEGO_ERR_USAGE;
    }
}

/* The callback that calls back, and what it does; one at a time. */
static struct {
    toy_side *side;
    char from; /* as in toy_mech.trace, and q query, c available, E on_event, A acceptable, M alloc
                */
    int which;
    int calls;
    int refused;
} hook;

static void set_hook(toy_side *side, char from, int which)
{
    hook.side = side;
    hook.from = from;
    hook.which = which;
    hook.calls = hook.refused = 0;
}

static void call_back(char from)
{
    if (hook.from != from || hook.side == NULL || hook.side->context == NULL)
        return;
    hook.calls++;
    hook.refused += change(hook.side->context, hook.which) == SPNEGO_ERR_USAGE;
    /* Asking is allowed. */
    (void)spnego_context_state(hook.side->context);
    (void)spnego_context_error(hook.side->context);
}

static spnego_mech_result hooked_step(void *self, spnego_sink *out, spnego_mech_code *code,
                                      spnego_bytes in)
{
    call_back('s');
    return toy_x.step(self, out, code, in);
}

static spnego_mech_result hooked_resume(void *self, spnego_sink *out, spnego_mech_code *code)
{
    call_back('r');
    return toy_x.resume(self, out, code);
}

static uint32_t hooked_query(void *self)
{
    call_back('q');
    return toy_x.query(self);
}

static int hooked_available(void *self)
{
    call_back('c');
    return toy_x.available(self);
}

static spnego_mech_result hooked_get_mic(void *self, spnego_sink *mic, spnego_mech_code *code,
                                         spnego_bytes message)
{
    call_back('g');
    return toy_x.get_mic(self, mic, code, message);
}

static spnego_mech_result hooked_verify_mic(void *self, spnego_mech_code *code,
                                            spnego_bytes message, spnego_bytes mic)
{
    call_back('v');
    return toy_x.verify_mic(self, code, message, mic);
}

static void hooked_mic_expected(void *self)
{
    call_back('e');
    toy_x.mic_expected(self);
}

static void hooked_mic_done(void *self, int verified)
{
    call_back(verified ? 'w' : 'm');
    toy_x.mic_done(self, verified);
}

static void hooked_abandon(void *self)
{
    call_back('a');
    toy_x.abandon(self);
}

static spnego_mech_ops hooked_ops(void)
{
    spnego_mech_ops ops = toy_x;

    ops.step = hooked_step;
    ops.resume = hooked_resume;
    ops.query = hooked_query;
    ops.available = hooked_available;
    ops.get_mic = hooked_get_mic;
    ops.verify_mic = hooked_verify_mic;
    ops.mic_expected = hooked_mic_expected;
    ops.mic_done = hooked_mic_done;
    ops.abandon = hooked_abandon;
    return ops;
}

/* From each callback of a mechanism, each call: refused, and the negotiation fails. */
Test(mech_calls, mechanism_calls_back)
{
    static const char from[] = "srqcgvemw";

    for (int role = SPNEGO_INITIATOR; role <= SPNEGO_ACCEPTOR; role++) {
        for (const char *f = from; *f != '\0'; f++) {
            for (int which = 0; which < NUM_CHANGES; which++) {
                spnego_mech_ops ops = hooked_ops();
                const int initiator = role == SPNEGO_INITIATOR;
                toy_pair pair;
                char what[64];

                snprintf(what, sizeof what, "role %d, from %c, call %d", role, *f, which);
                pair_init(&pair, TOY_INTEROPERABLE, "X", "X", 3, INTEG);
                set_hook(initiator ? &pair.i : &pair.a, *f, which);
                hook.side->mechs[0].ops = &ops;
                hook.side->x.lie = *f == 'r' ? TOY_PENDS : TOY_HONEST;
                pair.a.config.options |= SPNEGO_OPTION_REQUIRE_MIC;
                pair_run(&pair, NULL, NULL);
                cr_expect_gt(hook.calls, 0, "%s: never called", what);
                cr_expect_eq(hook.refused, hook.calls, "%s: was not refused", what);
                check_end(what, "who calls back", hook.side, initiator ? &pair.i_end : &pair.a_end,
                          SPNEGO_ERR_MECH_LIED, SPNEGO_RULE_MECH_REENTERED);
                hook.from = 0;
                close_side(what, &pair.i);
                close_side(what, &pair.a);
            }
        }
    }
}

/* From abandon: a choice of another mechanism fails, a failure stays what it is. */
Test(mech_calls, abandoned_mechanism_calls_back)
{
    for (int which = 0; which < NUM_CHANGES; which++) {
        spnego_mech_ops ops = hooked_ops();
        toy_side side;

        for (int failing = 0; failing <= 1; failing++) {
            toy_side_init(&side, SPNEGO_INITIATOR, TOY_INTEROPERABLE, "XY", 2, INTEG);
            side.mechs[0].ops = &ops;
            set_hook(&side, 'a', which);
            toy_side_open(&side);
            check_goes_on("first", &side, ABSENT, INIT_X);
            if (failing)
                check_refuses("failing", &side, der_of("00"), MALFORMED(TOKEN_NOT_SPNEGO));
            else
                check_refuses("another chosen", &side, der_of(RESP(REQUEST_MIC CHOSEN_Y)),
                              SPNEGO_ERR_MECH_LIED, SPNEGO_RULE_MECH_REENTERED);
            cr_expect_eq(hook.calls, 1);
            cr_expect_eq(hook.refused, 1);
            hook.from = 0;
            close_side("abandon", &side);
        }
    }
}

static void hooked_on_event(void *user, const spnego_event *event)
{
    (void)user;
    (void)event;
    call_back('E');
}

static int hooked_acceptable(void *user, const spnego_mech *mech, spnego_bytes mech_types)
{
    (void)user;
    (void)mech;
    (void)mech_types;
    call_back('A');
    return 1;
}

/* From the host's own callbacks: refused as well, but they cannot change the negotiation. */
Test(mech_calls, host_calls_back)
{
    static const char from[] = "EA";

    for (int role = SPNEGO_INITIATOR; role <= SPNEGO_ACCEPTOR; role++) {
        for (const char *f = from; *f != '\0'; f++) {
            for (int which = 0; which < NUM_CHANGES; which++) {
                toy_pair pair;
                char what[64];

                if (*f == 'A' && role == SPNEGO_INITIATOR)
                    continue;
                snprintf(what, sizeof what, "role %d, from %c, call %d", role, *f, which);
                pair_init(&pair, TOY_INTEROPERABLE, "X", "X", 3, INTEG);
                pair.a.config.options |= SPNEGO_OPTION_REQUIRE_MIC;
                set_hook(role == SPNEGO_INITIATOR ? &pair.i : &pair.a, *f, which);
                hook.side->config.on_event = hooked_on_event;
                hook.side->config.acceptable = hooked_acceptable;
                pair_run(&pair, NULL, NULL);
                cr_expect_gt(hook.calls, 0, "%s: never called", what);
                cr_expect_eq(hook.refused, hook.calls, "%s: was not refused", what);
                cr_expect_eq(pair.i_end.info.mics_exchanged, 1, "%s", what);
                hook.from = 0;
                pair_check(what, &pair, DONE, DONE);
            }
        }
    }
}

static void *hooked_alloc(void *user, size_t size)
{
    (void)user;
    call_back('M');
    return malloc(size);
}

static void hooked_dealloc(void *user, void *memory)
{
    (void)user;
    call_back('M');
    free(memory);
}

/* From the allocator, with a list that is longer than what a context holds by itself, so that
 * memory is asked for outside of any mechanism. */
Test(mech_calls, allocator_calls_back)
{
    for (int which = 0; which < NUM_CHANGES; which++) {
        toy_side side;
        char what[32];

        snprintf(what, sizeof what, "call %d", which);
        toy_side_init(&side, SPNEGO_ACCEPTOR, TOY_INTEROPERABLE, "X", 2, INTEG);
        set_hook(&side, 'M', which);
        side.config.alloc = hooked_alloc;
        side.config.dealloc = hooked_dealloc;
        toy_side_open(&side);
        check_completes(what, &side,
                        der_of(INIT(MECH_TYPES_OF(XY OID_TOY_Z XY OID_TOY_Z XY OID_TOY_Z XY XY XY)
                                        MECH_TOKEN_OF(TOY("X/1")))),
                        RESP(COMPLETED CHOSEN_X RESPONSE_OF(TOY("X/2"))));
        cr_expect_gt(hook.calls, 0, "%s: never called", what);
        cr_expect_eq(hook.refused, hook.calls, "%s: was not refused", what);
        hook.from = 0;
        close_side(what, &side);
    }
}

/* ---- Memory -------------------------------------------------------------------------------- */

static struct {
    int left; /* how many allocations succeed; -1: all */
    int given, taken;
} memory;

static void *scarce_alloc(void *user, size_t size)
{
    void *block;

    (void)user;
    if (memory.left == 0)
        return NULL;
    memory.left -= memory.left > 0;
    block = malloc(size);
    cr_assert_not_null(block);
    memset(block, 0xa5, size);
    memory.given++;
    return block;
}

static void scarce_dealloc(void *user, void *block)
{
    (void)user;
    memory.taken += block != NULL;
    free(block);
}

/* Each allocation fails in turn: NO_MEMORY, for good, and nothing is lost. */
Test(mech_calls, memory_exhausted)
{
    for (int role = SPNEGO_INITIATOR; role <= SPNEGO_ACCEPTOR; role++) {
        int done = 0;

        for (int n = 0; !done; n++) {
            spnego_error error;
            toy_pair pair;
            toy_side *side;
            const toy_end *end;
            char what[64];

            snprintf(what, sizeof what, "role %d, %d allocations", role, n);
            cr_assert_lt(n, 100, "%s", what);
            pair_init(&pair, TOY_INTEROPERABLE, "XY", "Y", 3, INTEG);
            pair.i.x.token_len = pair.a.x.token_len = 9000;
            pair.i.y.token_len = pair.a.y.token_len = 30000;
            side = role == SPNEGO_INITIATOR ? &pair.i : &pair.a;
            side->config.alloc = scarce_alloc;
            side->config.dealloc = scarce_dealloc;
            memory.left = n;
            memory.given = memory.taken = 0;
            if (n == 0) {
                cr_expect_eq(spnego_context_create(&side->context, &error, &side->config),
                             SPNEGO_ERR_NO_MEMORY, "%s", what);
                cr_expect_null(side->context, "%s", what);
                cr_expect_eq(error.rule, SPNEGO_RULE_MEMORY_EXHAUSTED, "%s", what);
                continue;
            }
            pair_run(&pair, NULL, NULL);
            end = role == SPNEGO_INITIATOR ? &pair.i_end : &pair.a_end;
            done = end->status == SPNEGO_COMPLETE;
            if (!done)
                check_end(what, "who has none", side, end, SPNEGO_ERR_NO_MEMORY,
                          SPNEGO_RULE_MEMORY_EXHAUSTED);
            close_side(what, &pair.i);
            close_side(what, &pair.a);
            cr_expect_eq(memory.given, memory.taken, "%s: %d blocks given, %d taken back", what,
                         memory.given, memory.taken);
            cr_expect(!done || n > 1, "%s: nothing was allocated but the context", what);
        }
    }
}
