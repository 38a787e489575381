/*
 * What the host configures: which configurations there are, who may be negotiated, what must hold
 * of the outcome, and what is told of it.  Expected values are from RFC 4178, RFC 7546 and the
 * contracts of spnego/negotiate.h.
 */
#include "toy_peer.h"

#define BOTH_ROLES(role) for (spnego_role role = SPNEGO_INITIATOR; role <= SPNEGO_ACCEPTOR; role++)

static const spnego_bytes none = {NULL, 0};

/* What must be said of a context that was not made. */
static void check_no_context(const char *what, const spnego_config *config,
                             spnego_status want_status, spnego_rule want_rule)
{
    static spnego_context *const poison = (spnego_context *)(uintptr_t)1;
    spnego_context *context = poison;
    spnego_error error;
    spnego_status status;

    memset(&error, 0xa5, sizeof error);
    status = spnego_context_create(&context, &error, config);
    cr_expect_eq(status, want_status, "%s: %s", what, status_name(status));
    if (status == SPNEGO_COMPLETE) {
        spnego_context_destroy(context);
        return;
    }
    cr_expect_null(context, "%s: there is a context", what);
    cr_expect_eq(error.status, want_status, "%s", what);
    cr_expect_eq(error.rule, want_rule, "%s: %s", what, rule_name(error.rule));
    cr_expect(error.offset == SPNEGO_NO_OFFSET && error.field == SPNEGO_FIELD_NONE &&
                  error.mech == NULL && error.mech_code.code == 0 && error.mech_code.gss_major == 0,
              "%s: the error says what is not", what);
    context = poison;
    cr_expect_eq(spnego_context_create(&context, NULL, config), want_status, "%s: without an error",
                 what);
    cr_expect_null(context, "%s: there is a context without an error", what);
}

/* ---- Configurations ------------------------------------------------------------------------ */

Test(policy, defaults_are_the_interoperable_profile)
{
    spnego_config config, want;

    memset(&want, 0, sizeof want);
    want.struct_size = sizeof want;
    want.role = SPNEGO_ACCEPTOR;
    want.quirks = SPNEGO_QUIRKS_INTEROPERABLE;
    want.tolerate = SPNEGO_TOLERATE_INTEROPERABLE;
    memset(&config, 0xa5, sizeof config);
    spnego_config_init(&config, sizeof config, SPNEGO_ACCEPTOR);
    cr_expect_eq(memcmp(&config, &want, sizeof want), 0);

    /* Strict is about departures and about nothing else. */
    want.quirks = SPNEGO_QUIRKS_STRICT;
    want.tolerate = SPNEGO_TOLERATE_NOTHING;
    want.options = config.options = SPNEGO_OPTION_REQUIRE_MIC;
    want.max_fragment = config.max_fragment = 7;
    spnego_config_strict(&config);
    cr_expect_eq(memcmp(&config, &want, sizeof want), 0);
}

/* Breaks a good configuration of either role by one statement, in which `c` is the configuration,
 * `m` its first mechanism and `ops` that one's functions. */
#define REFUSED(statement) \
    BOTH_ROLES(role) \
    { \
        spnego_mech_ops ops = toy_x; \
        toy_side side; \
        spnego_config *c = &side.config; \
        spnego_mech *m = &side.mechs[0]; \
        toy_side_init(&side, role, TOY_STRICT, "XY", 2, 0); \
        m->ops = &ops; \
        (void)c; \
        statement; \
        check_no_context(#statement, c, SPNEGO_ERR_USAGE, SPNEGO_RULE_CALL_BAD_ARGUMENT); \
    }

static void *give(void *user, size_t size)
{
    (void)user;
    return malloc(size);
}

static void take(void *user, void *memory)
{
    (void)user;
    free(memory);
}

Test(policy, broken_configurations)
{
    static const uint8_t padded[] = {0x2a, 0x80, 0x01}, unfinished[] = {0x2a, 0x86};
    static const spnego_bytes bad[] = {
        {NULL, 0}, {padded, 0}, {padded, sizeof padded}, {unfinished, sizeof unfinished}};
    const spnego_bytes own = spnego_oid_contents(SPNEGO_OID_SPNEGO);
    toy_side good;

    REFUSED(c->struct_size = 0);
    REFUSED(c->struct_size--);
    REFUSED(c->struct_size++);
    REFUSED(c->role = (spnego_role)0);
    REFUSED(c->role = (spnego_role)3);
    REFUSED(c->mechs = NULL);
    REFUSED(m->ops = NULL);
    REFUSED(ops.struct_size = 0);
    REFUSED(ops.struct_size--);
    REFUSED(ops.struct_size++);
    REFUSED(ops.name = NULL);
    REFUSED(ops.step = NULL);
    REFUSED(ops.query = NULL);
    REFUSED(ops.oid = own);       /* RFC 4178 3.1: SPNEGO does not negotiate itself */
    REFUSED(ops.oid = toy_y.oid); /* one mechanism twice */
    for (size_t i = 0; i < LEN(bad); i++) {
        REFUSED(ops.oid = bad[i]);
        REFUSED((c->allow = &bad[i], c->num_allow = 1));
        REFUSED((c->deny = &bad[i], c->num_deny = 1));
        REFUSED((c->attributes = &bad[i], c->num_attributes = 1));
        REFUSED((m->attributes = &bad[i], m->num_attributes = 1));
    }
    REFUSED(c->num_allow = 1);
    REFUSED(c->num_deny = 1);
    REFUSED(c->num_attributes = 1);
    REFUSED(m->num_attributes = 1);
    REFUSED(c->alloc = give);
    REFUSED(c->dealloc = take);
    REFUSED(c->options = 0x80000000u);
    REFUSED(c->options = SPNEGO_OPTION_NO_INTEG << 1);
    REFUSED(c->quirks = SPNEGO_QUIRKS_INTEROPERABLE + 1);
    REFUSED(c->tolerate = SPNEGO_TOLERATE_ALL + 1);
    /* MS-SPNG 3.1.5.4: the first piece holds a whole header. */
    for (size_t len = 1; len < 5; len++)
        REFUSED(c->max_fragment = len);
    /* RFC 4178 3.1 and section 6: attributes are entries of mechTypes. */
    REFUSED((c->attributes = &own, c->num_attributes = 1));

    BOTH_ROLES(role)
    {
        toy_side_init(&good, role, TOY_STRICT, "XY", 2, 0);
        good.config.alloc = give;
        good.config.dealloc = take;
        good.config.max_fragment = 5;
        good.config.quirks = SPNEGO_QUIRKS_INTEROPERABLE;
        good.config.tolerate = SPNEGO_TOLERATE_ALL;
        toy_side_open(&good);
        close_side("as it should be", &good);
    }
}

/* Everything that may be missing is missing. */
Test(policy, optional_members)
{
    toy_side sides[2];
    toy_end ends[2];
    spnego_mech_ops ops = {.struct_size = sizeof ops, .name = "bare"};

    ops.oid = toy_x.oid;
    ops.step = toy_x.step;
    ops.query = toy_x.query;
    BOTH_ROLES(role)
    {
        toy_side *side = &sides[role - SPNEGO_INITIATOR];

        toy_side_init(side, role, TOY_STRICT, "X", 3, 0);
        side->mechs[0].ops = &ops;
        side->config.on_event = NULL;
        side->config.user = NULL;
        toy_side_open(side);
    }
    cr_expect_eq(toy_exchange(&ends[0], &ends[1], sides[0].context, sides[1].context,
                              SPNEGO_INITIATOR, NULL, NULL),
                 4u);
    cr_expect_eq(ends[0].status, SPNEGO_COMPLETE);
    cr_expect_eq(ends[1].status, SPNEGO_COMPLETE);
    close_side("initiator", &sides[0]);
    close_side("acceptor", &sides[1]);
}

/* ---- Allowed and denied -------------------------------------------------------------------- */

/* The contents of an OID in notation. */
static spnego_bytes oid_of(const char *element)
{
    spnego_bytes oid = der_of(element);

    oid.data += 2;
    oid.len -= 2;
    return oid;
}

/* get_neg_mechs as letters. */
static const char *letters_of(const toy_side *side)
{
    static char letters[8];
    spnego_bytes oids[4];
    const size_t num = spnego_context_get_neg_mechs(side->context, oids, LEN(oids));

    cr_assert(num <= LEN(oids));
    for (size_t i = 0; i < num; i++)
        letters[i] = same_octets(oids[i], toy_x.oid)   ? 'X'
                     : same_octets(oids[i], toy_y.oid) ? 'Y'
                     : same_octets(oids[i], toy_z.oid) ? 'Z'
                                                       : 'M';
    letters[num] = '\0';
    return letters;
}

typedef struct permission {
    const char *letters;
    const char *allow; /* OIDs by letter */
    const char *deny;
    const char *left;
} permission;

static size_t oids_by_letter(spnego_bytes oids[4], const char *letters)
{
    size_t num = 0;

    for (; letters[num] != '\0'; num++)
        oids[num] = letters[num] == 'X'   ? toy_x.oid
                    : letters[num] == 'Y' ? toy_y.oid
                    : letters[num] == 'Z' ? toy_z.oid
                                          : toy_ms.oid;
    return num;
}

/* NEG-14, NEG-18 */
Test(policy, allow_and_deny)
{
    static const permission rows[] = {
        {"XYZ", "", "", "XYZ"},
        {"XYZ", "Z", "", "Z"},
        {"XYZ", "ZX", "", "XZ"}, /* which, not in which order */
        {"XYZ", "", "X", "YZ"},
        {"XYZ", "XY", "Y", "X"}, /* who denies, wins */
        {"XYZ", "X", "YZ", "X"},
        {"XM", "", "X", "M"}, /* asked for the number as it stands in spnego_mech_ops */
        {"XM", "M", "", "M"},
        {"XY", "Z", "", ""},
        {"XY", "", "XY", ""},
        {"XY", "X", "X", ""},
        {"X", "", "X", ""},
        {"", "", "", ""},
    };

    BOTH_ROLES(role)
    {
        for (size_t i = 0; i < LEN(rows); i++) {
            const permission *row = &rows[i];
            spnego_bytes allow[4], deny[4];
            toy_side side;
            char what[64];

            snprintf(what, sizeof what, "%s, allow %s, deny %s", row->letters, row->allow,
                     row->deny);
            toy_side_init(&side, role, TOY_STRICT, row->letters, 2, 0);
            side.config.allow = allow;
            side.config.num_allow = oids_by_letter(allow, row->allow);
            side.config.deny = deny;
            side.config.num_deny = oids_by_letter(deny, row->deny);
            if (*row->left == '\0') {
                check_no_context(what, &side.config, SPNEGO_ERR_NO_MECH,
                                 SPNEGO_RULE_MECH_LIST_EMPTY);
                continue;
            }
            toy_side_open(&side);
            cr_expect_str_eq(letters_of(&side), row->left, "%s: %s", what, letters_of(&side));
            close_side(what, &side);
        }
    }
}

/* Opens a side of X and Y that denies one of them. */
static void open_denying(toy_side *side, spnego_role role, const spnego_mech_ops *denied,
                         uint32_t options)
{
    toy_side_init(side, role, TOY_INTEROPERABLE, "XY", 2, INTEG);
    side->config.options = options;
    side->config.deny = &denied->oid;
    side->config.num_deny = 1;
    toy_side_open(side);
}

Test(policy, denied_mechanism_is_not_offered)
{
    toy_side side;

    open_denying(&side, SPNEGO_INITIATOR, &toy_x, 0);
    check_goes_on("X denied", &side, none, INIT(MECH_TYPES_OF(OID_NTLM) MECH_TOKEN_OF(TOY("Y/1"))));
    cr_expect_str_eq(side.x.trace, "", "a denied mechanism was called");
    check_refuses("X chosen", &side, der_of(RESP(REQUEST_MIC CHOSEN_X)), SPNEGO_ERR_PROTOCOL,
                  SPNEGO_RULE_SUPPORTED_MECH_NOT_OFFERED);
    close_side("X denied", &side);

    open_denying(&side, SPNEGO_INITIATOR, &toy_y, 0);
    check_goes_on("Y denied", &side, none, INIT(MECH_TYPES_KRB5 MECH_TOKEN_OF(TOY("X/1"))));
    check_refuses("Y chosen", &side, der_of(RESP(REQUEST_MIC CHOSEN_Y)), SPNEGO_ERR_PROTOCOL,
                  SPNEGO_RULE_SUPPORTED_MECH_NOT_OFFERED);
    cr_expect_str_eq(side.y.trace, "", "a denied mechanism was called");
    close_side("Y denied", &side);

    /* MS-SPNG 3.2.5.2: what it has to offer, not what it has. */
    open_denying(&side, SPNEGO_ACCEPTOR, &toy_y, 0);
    check_goes_on("hints", &side, der_of(""),
                  FRAME(INIT_BARE(MECH_TYPES_KRB5 HINTS_OF(HINT_NAME_OF(FIXED_HINT)))));
    close_side("hints", &side);
}

/* NEG-32, and NEG-36: what is denied is nobody's favourite. */
Test(policy, denied_mechanism_is_not_selected)
{
    for (uint32_t options = 0; options <= SPNEGO_OPTION_OWN_ORDER;
         options += SPNEGO_OPTION_OWN_ORDER) {
        toy_side side;

        open_denying(&side, SPNEGO_ACCEPTOR, &toy_y, options);
        check_refuses("NTLM only", &side,
                      der_of(INIT(MECH_TYPES_OF(OID_NTLM) MECH_TOKEN_OF(TOY("Y/1")))),
                      SPNEGO_ERR_NO_MECH, SPNEGO_RULE_NO_COMMON_MECH);
        cr_expect_str_eq(side.y.trace, "", "a denied mechanism was called");
        close_side("NTLM only", &side);

        open_denying(&side, SPNEGO_ACCEPTOR, &toy_y, options);
        check_goes_on("NTLM first", &side,
                      der_of(INIT(MECH_TYPES_OF(OID_NTLM OID_KRB5) MECH_TOKEN_OF(TOY("Y/1")))),
                      RESP(REQUEST_MIC CHOSEN_X));
        cr_expect_str_eq(side.y.trace, "", "a denied mechanism was called");
        close_side("NTLM first", &side);

        open_denying(&side, SPNEGO_ACCEPTOR, &toy_x, options);
        check_completes("the favourite is who is left", &side,
                        der_of(INIT(MECH_TYPES_OF(OID_NTLM) MECH_TOKEN_OF(TOY("Y/1")))),
                        RESP(COMPLETED CHOSEN_Y RESPONSE_OF(TOY("Y/2"))));
        close_side("the favourite is who is left", &side);
    }
}

/* ---- RFC 4178, Appendix B ------------------------------------------------------------------ */

/* Sets mechanisms by letter and checks what is left; `left` is NULL where nothing may change. */
static void check_set(const char *what, toy_side *side, const char *letters, spnego_status status,
                      spnego_rule rule, const char *left)
{
    spnego_bytes oids[4];
    const size_t num = oids_by_letter(oids, letters);
    char before[8];

    strcpy(before, letters_of(side));
    cr_expect_eq(spnego_context_set_neg_mechs(side->context, oids, num), status, "%s, %s", what,
                 letters);
    if (status != SPNEGO_COMPLETE)
        cr_expect_eq(spnego_context_error(side->context)->rule, rule, "%s, %s: %s", what, letters,
                     rule_name(spnego_context_error(side->context)->rule));
    cr_expect_str_eq(letters_of(side), left != NULL ? left : before, "%s, %s: %s", what, letters,
                     letters_of(side));
}

static void check_set_too_late(const char *what, toy_side *side)
{
    check_set(what, side, "Y", SPNEGO_ERR_USAGE, SPNEGO_RULE_CALL_OUT_OF_TURN, NULL);
}

/* NEG-15, NEG-17 to NEG-20. */
Test(policy, neg_mechs_are_narrowed_and_ordered)
{
    BOTH_ROLES(role)
    {
        spnego_bytes oids[4] = {{NULL, 77}, {NULL, 77}, {NULL, 77}, {NULL, 77}};
        toy_side side;

        toy_side_init(&side, role, TOY_STRICT, "XYZ", 2, 0);
        side.config.deny = &toy_z.oid;
        side.config.num_deny = 1;
        toy_side_open(&side);
        cr_expect_str_eq(letters_of(&side), "XY");
        cr_expect_eq(spnego_context_get_neg_mechs(side.context, NULL, 0), 2u);
        cr_expect_eq(spnego_context_get_neg_mechs(side.context, oids, 1), 2u);
        cr_expect(same_octets(oids[0], toy_x.oid) && oids[1].len == 77, "more than asked for");

        check_set("order", &side, "YX", SPNEGO_COMPLETE, SPNEGO_RULE_NONE, "YX");
        check_set("twice", &side, "XXYX", SPNEGO_COMPLETE, SPNEGO_RULE_NONE, "XY");
        check_set("what is denied stays denied", &side, "ZYX", SPNEGO_COMPLETE, SPNEGO_RULE_NONE,
                  "YX");
        check_set("none that may be", &side, "Z", SPNEGO_ERR_NO_MECH, SPNEGO_RULE_MECH_LIST_EMPTY,
                  NULL);
        check_set("none", &side, "", SPNEGO_ERR_NO_MECH, SPNEGO_RULE_MECH_LIST_EMPTY, NULL);
        check_set("none that it has", &side, "M", SPNEGO_ERR_NO_MECH, SPNEGO_RULE_MECH_LIST_EMPTY,
                  NULL);
        check_set("narrowed", &side, "MX", SPNEGO_COMPLETE, SPNEGO_RULE_NONE, "X");
        check_set("never widened", &side, "YX", SPNEGO_COMPLETE, SPNEGO_RULE_NONE, "X");
        check_set("never widened", &side, "Y", SPNEGO_ERR_NO_MECH, SPNEGO_RULE_MECH_LIST_EMPTY,
                  NULL);
        close_side("set", &side);
    }
}

/* NEG-16, NEG-21. */
Test(policy, neg_mechs_that_are_refused)
{
    static const uint8_t unfinished[] = {0x2a, 0x86};
    const spnego_bytes lists[][2] = {
        {toy_y.oid, spnego_oid_contents(SPNEGO_OID_SPNEGO)},
        {spnego_oid_contents(SPNEGO_OID_SPNEGO), toy_y.oid},
        {toy_y.oid, {NULL, 0}},
        {toy_y.oid, {unfinished, 0}},
        {toy_y.oid, {unfinished, sizeof unfinished}},
    };

    BOTH_ROLES(role)
    {
        toy_side side;

        toy_side_init(&side, role, TOY_STRICT, "XY", 2, 0);
        toy_side_open(&side);
        for (size_t i = 0; i < LEN(lists); i++) {
            cr_expect_eq(spnego_context_set_neg_mechs(side.context, lists[i], 2), SPNEGO_ERR_USAGE,
                         "list %zu", i);
            cr_expect_eq(spnego_context_error(side.context)->rule, SPNEGO_RULE_CALL_BAD_ARGUMENT,
                         "list %zu", i);
            cr_expect_str_eq(letters_of(&side), "XY", "list %zu", i);
        }
        cr_expect_eq(spnego_context_set_neg_mechs(side.context, NULL, 1), SPNEGO_ERR_USAGE);
        close_side("refused", &side);
    }
}

Test(policy, neg_mechs_only_before_the_first_step)
{
    toy_side side;
    spnego_bytes out;

    begin_initiator(&side, TOY_INTEROPERABLE, "XY", 2, 0);
    check_set_too_late("after the first step", &side);
    check_completes("goes on", &side, der_of(RESP(COMPLETED CHOSEN_X RESPONSE_OF(TOY("X/2")))),
                    NULL);
    check_set_too_late("after the last", &side);
    close_side("initiator", &side);

    begin_acceptor(&side, TOY_INTEROPERABLE, "XY", 2, 0);
    check_goes_on("hints", &side, der_of(""), "?");
    check_set_too_late("after hints", &side);
    check_refuses("malformed", &side, der_of("00"), SPNEGO_ERR_MALFORMED,
                  SPNEGO_RULE_TOKEN_NOT_SPNEGO);
    /* Why it failed is not forgotten for a call that came too late. */
    check_set("after a failure", &side, "Y", SPNEGO_ERR_USAGE, SPNEGO_RULE_TOKEN_NOT_SPNEGO, NULL);
    close_side("acceptor", &side);

    toy_side_init(&side, SPNEGO_INITIATOR, TOY_STRICT, "XY", 2, 0);
    side.x.lie = TOY_PENDS;
    toy_side_open(&side);
    cr_assert_eq(spnego_context_step(side.context, &out, none), SPNEGO_PENDING);
    check_set_too_late("while pending", &side);
    close_side("pending", &side);
}

Test(policy, neg_mechs_are_what_is_negotiated)
{
    const spnego_bytes yx[] = {toy_y.oid, toy_x.oid};
    toy_side side;

    toy_side_init(&side, SPNEGO_INITIATOR, TOY_STRICT, "XYZ", 2, 0);
    toy_side_open(&side);
    cr_assert_eq(spnego_context_set_neg_mechs(side.context, yx, 2), SPNEGO_COMPLETE);
    check_goes_on("offered", &side, none,
                  INIT(MECH_TYPES_OF(OID_NTLM OID_KRB5) MECH_TOKEN_OF(TOY("Y/1"))));
    close_side("offered", &side);

    /* NEG-35, NEG-36: the order is the acceptor's preference. */
    for (uint32_t options = 0; options <= SPNEGO_OPTION_OWN_ORDER;
         options += SPNEGO_OPTION_OWN_ORDER) {
        toy_side_init(&side, SPNEGO_ACCEPTOR, TOY_STRICT, "XYZ", 3, INTEG);
        side.config.options = options;
        toy_side_open(&side);
        cr_assert_eq(spnego_context_set_neg_mechs(side.context, yx, 2), SPNEGO_COMPLETE);
        check_goes_on("preferred", &side, der_of(INIT(MECH_TYPES_OF(XY) MECH_TOKEN_OF(TOY("X/1")))),
                      options ? RESP(REQUEST_MIC CHOSEN_Y)
                              : RESP(REQUEST_MIC CHOSEN_X RESPONSE_OF(TOY("X/2"))));
        close_side("preferred", &side);

        toy_side_init(&side, SPNEGO_ACCEPTOR, TOY_STRICT, "XYZ", 3, INTEG);
        side.config.options = options;
        toy_side_open(&side);
        cr_assert_eq(spnego_context_set_neg_mechs(side.context, yx, 2), SPNEGO_COMPLETE);
        check_refuses("struck", &side,
                      der_of(INIT(MECH_TYPES_OF(OID_TOY_Z) MECH_TOKEN_OF(TOY("Z/1")))),
                      SPNEGO_ERR_NO_MECH, SPNEGO_RULE_NO_COMMON_MECH);
        close_side("struck", &side);
    }
}

/* ---- REQUIRE_MIC --------------------------------------------------------------------------- */

/* Which sides insist. */
enum { INITIATOR_INSISTS = 1, ACCEPTOR_INSISTS = 2 };

static void run_insisting(toy_pair *pair, int who, int legs, uint32_t flags)
{
    pair_init(pair, TOY_STRICT, "X", "X", legs, flags);
    if (who & INITIATOR_INSISTS)
        pair->i.config.options |= SPNEGO_OPTION_REQUIRE_MIC;
    if (who & ACCEPTOR_INSISTS)
        pair->a.config.options |= SPNEGO_OPTION_REQUIRE_MIC;
    pair_run(pair, NULL, NULL);
}

/* RFC 4178 5: an acceptor asks by request-mic; an initiator cannot ask, it can only sign with the
 * mechanism's last token where that is its own. */
Test(policy, require_mic)
{
    for (int who = INITIATOR_INSISTS; who <= (INITIATOR_INSISTS | ACCEPTOR_INSISTS); who++) {
        for (int legs = 1; legs <= 5; legs++) {
            const int unheard = who == INITIATOR_INSISTS && legs % 2 == 0;
            toy_pair pair;
            char what[64];

            snprintf(what, sizeof what, "who %d, %d legs", who, legs);
            run_insisting(&pair, who, legs, INTEG);
            cr_expect_eq(pair.i_end.info.mics_exchanged, !unheard, "%s", what);
            cr_expect_eq(pair.a_end.info.mics_exchanged, !unheard, "%s", what);
            cr_expect_eq(pair.i.x.verified_mics, !unheard, "%s", what);
            cr_expect_eq(pair.a.x.verified_mics, !unheard, "%s", what);
            pair_check(what, &pair, unheard ? SPNEGO_ERR_BAD_MIC : SPNEGO_COMPLETE,
                       unheard ? SPNEGO_RULE_MIC_MISSING : SPNEGO_RULE_NONE, SPNEGO_COMPLETE,
                       SPNEGO_RULE_NONE);
        }
    }
}

/* Policy is not dropped silently where the mechanism cannot (NEG-125). */
Test(policy, require_mic_of_a_mechanism_without_integrity)
{
    for (int legs = 1; legs <= 5; legs++) {
        const int initiator_last = legs % 2 == 1;
        toy_pair pair;
        char what[64];

        snprintf(what, sizeof what, "initiator, %d legs", legs);
        run_insisting(&pair, INITIATOR_INSISTS, legs, 0);
        /* The acceptor's last word was accept-completed; before the first token there is no
         * acceptor yet. */
        pair_check(what, &pair, SPNEGO_ERR_POLICY, SPNEGO_RULE_POLICY_MIC_IMPOSSIBLE,
                   legs == 1        ? SPNEGO_CONTINUE
                   : initiator_last ? SPNEGO_ERR_REJECTED
                                    : SPNEGO_COMPLETE,
                   initiator_last && legs != 1 ? SPNEGO_RULE_PEER_REJECTED : SPNEGO_RULE_NONE);

        snprintf(what, sizeof what, "acceptor, %d legs", legs);
        run_insisting(&pair, ACCEPTOR_INSISTS, legs, 0);
        pair_check(what, &pair, SPNEGO_ERR_REJECTED, SPNEGO_RULE_PEER_REJECTED, SPNEGO_ERR_POLICY,
                   SPNEGO_RULE_POLICY_MIC_IMPOSSIBLE);

        /* It demands what it cannot do: what the host demands counts first. */
        snprintf(what, sizeof what, "acceptor, NEEDS_MIC, %d legs", legs);
        pair_init(&pair, TOY_STRICT, "X", "X", legs, 0);
        pair.a.x.flags = SPNEGO_FLAG_NEEDS_MIC;
        pair.a.config.options |= SPNEGO_OPTION_REQUIRE_MIC;
        pair_run(&pair, NULL, NULL);
        pair_check(what, &pair, SPNEGO_ERR_REJECTED, SPNEGO_RULE_PEER_REJECTED, SPNEGO_ERR_POLICY,
                   SPNEGO_RULE_POLICY_MIC_IMPOSSIBLE);
    }
}

/* ---- NO_FALLBACK, TRY_NEXT_MECH ------------------------------------------------------------- */

Test(policy, no_fallback)
{
    for (uint32_t options = 0; options <= SPNEGO_OPTION_NO_FALLBACK;
         options += SPNEGO_OPTION_NO_FALLBACK) {
        for (int unavailable = 0; unavailable <= 1; unavailable++) {
            toy_side side;

            toy_side_init(&side, SPNEGO_INITIATOR, TOY_STRICT, "XY", 2, INTEG);
            side.config.options = options;
            if (unavailable)
                side.x.lie = TOY_UNAVAILABLE;
            else
                side.x.no_credential = 1;
            toy_side_open(&side);
            if (options != 0)
                check_step("no X", &side, none, SPNEGO_ERR_POLICY, SPNEGO_RULE_POLICY_NO_FALLBACK,
                           NULL);
            else
                check_goes_on("no X", &side, none,
                              INIT(MECH_TYPES_OF(OID_NTLM) MECH_TOKEN_OF(TOY("Y/1"))));
            cr_expect_eq(side.y.steps, options == 0);
            close_side("no X", &side);
        }
        {
            toy_side side;

            toy_side_init(&side, SPNEGO_INITIATOR, TOY_STRICT, "XY", 2, INTEG);
            side.config.options = options;
            toy_side_open(&side);
            check_goes_on("X", &side, none, INIT(MECH_TYPES_OF(XY) MECH_TOKEN_OF(TOY("X/1"))));
            if (options != 0)
                check_refuses("Y chosen", &side, der_of(RESP(REQUEST_MIC CHOSEN_Y)),
                              SPNEGO_ERR_POLICY, SPNEGO_RULE_POLICY_NO_FALLBACK);
            else
                check_goes_on("Y chosen", &side, der_of(RESP(REQUEST_MIC CHOSEN_Y)),
                              RESP(INCOMPLETE RESPONSE_OF(TOY("Y/1"))));
            cr_expect_eq(side.y.steps, options == 0);
            close_side("Y chosen", &side);
        }
    }
}

static const char offer_xy[] = INIT(MECH_TYPES_OF(XY) MECH_TOKEN_OF(TOY("X/1")));

static void begin_failing_acceptor(toy_side *side, const char *letters, uint32_t options,
                                   toy_lie lie)
{
    toy_side_init(side, SPNEGO_ACCEPTOR, TOY_STRICT, letters, 3, INTEG);
    side->config.options = options;
    side->x.lie = lie;
    toy_side_open(side);
}

Test(policy, try_next_mech)
{
    toy_side side;
    toy_pair pair;

    begin_failing_acceptor(&side, "XY", 0, TOY_FAILS);
    check_step("without", &side, der_of(offer_xy), SPNEGO_ERR_MECH, SPNEGO_RULE_MECH_FAILED,
               REJECT_WITH(RESPONSE_OF(TOY_ERROR("X"))));
    close_side("without", &side);

    begin_failing_acceptor(&side, "XY", SPNEGO_OPTION_TRY_NEXT_MECH, TOY_FAILS);
    check_goes_on("with", &side, der_of(offer_xy), RESP(REQUEST_MIC CHOSEN_Y));
    cr_expect_eq(side.x.abandoned, 1);
    cr_expect_eq(side.y.steps, 0, "Y was given X's token");
    check_goes_on("with", &side, der_of(RESP(RESPONSE_OF(TOY("Y/1")))),
                  RESP(INCOMPLETE RESPONSE_OF(TOY("Y/2"))));
    close_side("with", &side);

    begin_failing_acceptor(&side, "X", SPNEGO_OPTION_TRY_NEXT_MECH, TOY_FAILS);
    check_refuses("no next", &side, der_of(offer_xy), SPNEGO_ERR_NO_MECH,
                  SPNEGO_RULE_NO_COMMON_MECH);
    close_side("no next", &side);

    /* Without a credential after all: no failure, so no option is needed. */
    begin_failing_acceptor(&side, "XY", 0, TOY_UNAVAILABLE);
    check_goes_on("unavailable", &side, der_of(offer_xy), RESP(REQUEST_MIC CHOSEN_Y));
    close_side("unavailable", &side);

    /* Only on the optimistic token: what comes later is no choice any more. */
    pair_init(&pair, TOY_STRICT, "XY", "XY", 3, INTEG);
    pair.a.config.options = SPNEGO_OPTION_TRY_NEXT_MECH;
    pair.a.x.lie = TOY_FAILS;
    pair.a.x.lie_at = 2;
    pair_run(&pair, NULL, NULL);
    cr_expect_eq(pair.a.y.steps, 0);
    pair_check("later", &pair, SPNEGO_ERR_REJECTED, SPNEGO_RULE_PEER_REJECTED, SPNEGO_ERR_MECH,
               SPNEGO_RULE_MECH_FAILED);

    for (int legs = 1; legs <= 5; legs++) {
        pair_init(&pair, TOY_STRICT, "XY", "XY", legs, INTEG);
        pair.a.config.options = SPNEGO_OPTION_TRY_NEXT_MECH;
        pair.a.x.lie = TOY_FAILS;
        pair_run(&pair, NULL, NULL);
        cr_expect(pair.i_end.info.mics_exchanged && pair.a_end.info.mics_exchanged, "%d legs",
                  legs);
        cr_expect(!pair.i_end.info.first_choice && !pair.a_end.info.first_choice, "%d legs", legs);
        pair_check("whole", &pair, SPNEGO_COMPLETE, SPNEGO_RULE_NONE, SPNEGO_COMPLETE,
                   SPNEGO_RULE_NONE);
    }
}

/* ---- Flags ---------------------------------------------------------------------------------- */

static const uint32_t all_flags[] = {
    SPNEGO_FLAG_DELEG, SPNEGO_FLAG_MUTUAL, SPNEGO_FLAG_REPLAY, SPNEGO_FLAG_SEQUENCE,
    SPNEGO_FLAG_CONF,  SPNEGO_FLAG_INTEG,  SPNEGO_FLAG_TRANS,
};

/* LOOP-36 to LOOP-38: (ret & req) != req fails, on either side, and nothing is said that the peer
 * could take for success. */
Test(policy, required_flags)
{
    for (size_t i = 0; i < LEN(all_flags); i++) {
        for (int legs = 1; legs <= 5; legs++) {
            for (int late = 0; late <= 1; late++) {
                toy_pair pair;
                char what[64];

                snprintf(what, sizeof what, "flag %x, %d legs, late %d", (unsigned)all_flags[i],
                         legs, late);
                pair_init(&pair, TOY_STRICT, "X", "X", legs, late ? 0 : all_flags[i]);
                pair.i.config.required_flags = pair.a.config.required_flags = all_flags[i];
                if (late)
                    pair.i.x.late_flags = pair.a.x.late_flags = all_flags[i];
                pair_run(&pair, NULL, NULL);
                cr_expect_eq(pair.i_end.info.flags, all_flags[i], "%s", what);
                cr_expect_eq(pair.a_end.info.flags, all_flags[i], "%s", what);
                pair_check(what, &pair, SPNEGO_COMPLETE, SPNEGO_RULE_NONE, SPNEGO_COMPLETE,
                           SPNEGO_RULE_NONE);
            }
        }
    }
}

Test(policy, required_flags_that_are_missing)
{
    uint32_t all = 0;

    for (size_t i = 0; i < LEN(all_flags); i++)
        all |= all_flags[i];
    for (size_t i = 0; i < LEN(all_flags); i++) {
        for (int legs = 1; legs <= 5; legs++) {
            const int initiator_last = legs % 2 == 1;
            toy_pair pair;
            char what[64];

            /* All but one are there. */
            snprintf(what, sizeof what, "initiator, no %x, %d legs", (unsigned)all_flags[i], legs);
            pair_init(&pair, TOY_STRICT, "X", "X", legs, all & ~all_flags[i]);
            pair.i.config.required_flags = all;
            pair_run(&pair, NULL, NULL);
            pair_check(what, &pair, SPNEGO_ERR_POLICY, SPNEGO_RULE_POLICY_FLAGS_MISSING,
                       legs == 1        ? SPNEGO_CONTINUE
                       : initiator_last ? SPNEGO_ERR_REJECTED
                                        : SPNEGO_COMPLETE,
                       initiator_last && legs != 1 ? SPNEGO_RULE_PEER_REJECTED : SPNEGO_RULE_NONE);

            snprintf(what, sizeof what, "acceptor, no %x, %d legs", (unsigned)all_flags[i], legs);
            pair_init(&pair, TOY_STRICT, "X", "X", legs, all & ~all_flags[i]);
            pair.a.config.required_flags = all;
            pair_run(&pair, NULL, NULL);
            pair_check(what, &pair, SPNEGO_ERR_REJECTED, SPNEGO_RULE_PEER_REJECTED,
                       SPNEGO_ERR_POLICY, SPNEGO_RULE_POLICY_FLAGS_MISSING);
        }
    }
}

/* ---- Integrity (RFC 4178 3) -------------------------------------------------------------------
 */

/* NEG-04: SPNEGO asks for it whatever the host asks for, but where the host opts out, or where
 * there is no SPNEGO. */
Test(policy, integrity_is_asked_for)
{
    static const struct {
        spnego_role role;
        uint32_t options, flags, asked;
    } rows[] = {
        {SPNEGO_INITIATOR, 0, 0, INTEG},
        {SPNEGO_INITIATOR, 0, SPNEGO_FLAG_MUTUAL, SPNEGO_FLAG_MUTUAL | INTEG},
        {SPNEGO_INITIATOR, SPNEGO_OPTION_NO_INTEG, SPNEGO_FLAG_MUTUAL, SPNEGO_FLAG_MUTUAL},
        {SPNEGO_INITIATOR, SPNEGO_OPTION_NO_INTEG, INTEG, INTEG},
        {SPNEGO_INITIATOR, SPNEGO_OPTION_BARE, 0, 0},
        {SPNEGO_ACCEPTOR, 0, 0, 0},
    };

    for (size_t i = 0; i < LEN(rows); i++) {
        const spnego_request request = {rows[i].flags, {NULL, 0}, {NULL, 0}};
        toy_side side;

        toy_side_init(&side, rows[i].role, TOY_STRICT, "XY", 2, 0);
        side.config.options = rows[i].options;
        side.config.request = &request;
        toy_side_open(&side);
        cr_expect_eq(side.x.asked_flags, rows[i].asked, "%zu: %x", i, (unsigned)side.x.asked_flags);
        cr_expect_eq(side.y.asked_flags, rows[i].asked, "%zu: %x", i, (unsigned)side.y.asked_flags);
        cr_expect_eq(request.flags, rows[i].flags);
        close_side("request", &side);
    }
}

/* What it is for: a host that asks for nothing still has its list protected where the acceptor
 * chooses otherwise.  What it is told of are the mechanism's own flags (NEG-05, NEG-08). */
Test(policy, integrity_protects_the_list_of_a_host_that_asks_for_nothing)
{
    const spnego_request request = {0, {NULL, 0}, {NULL, 0}};

    for (int opted_out = 0; opted_out <= 1; opted_out++) {
        const uint32_t due = opted_out ? 0 : INTEG;
        toy_pair pair;

        pair_init(&pair, TOY_STRICT, "XY", "Y", 2, INTEG | SPNEGO_FLAG_MUTUAL);
        pair.i.config.request = &request;
        pair.i.config.options = opted_out ? SPNEGO_OPTION_NO_INTEG : 0;
        pair.i.x.grants_only_asked = pair.i.y.grants_only_asked = 1;
        pair.i.y.late_flags = SPNEGO_FLAG_TRANS;
        pair.a.y.flags = due;
        pair_run(&pair, NULL, NULL);
        cr_expect_eq(pair.i_end.info.mics_exchanged, !opted_out);
        cr_expect_eq(pair.a_end.info.mics_exchanged, !opted_out);
        cr_expect_eq(pair.i_end.info.flags, due | SPNEGO_FLAG_TRANS);
        pair_check(opted_out ? "opted out" : "asked for", &pair, SPNEGO_COMPLETE, SPNEGO_RULE_NONE,
                   SPNEGO_COMPLETE, SPNEGO_RULE_NONE);
    }
}

/* ---- Anonymity (RFC 7546 3.1, LOOP-11, LOOP-12) ---------------------------------------------- */

static void open_anonymous(toy_side *side, spnego_role role, const char *letters, int legs,
                           uint32_t flags)
{
    toy_side_init(side, role, TOY_INTEROPERABLE, letters, legs, flags);
    side->config.required_flags = SPNEGO_FLAG_ANON;
    toy_side_open(side);
}

/* Nothing that the mechanism wrote, and no reject either, leaves while it does not say ANON. */
static void check_says_nothing(const char *what, toy_side *side, spnego_bytes in)
{
    spnego_bytes out = {(const uint8_t *)"", 1};
    const spnego_status status = spnego_context_step(side->context, &out, in);

    cr_expect_lt((int)status, 0, "%s: %s", what, status_name(status));
    cr_expect(out.data == NULL && out.len == 0, "%s: said %s", what, hex_of(out));
    check_failed(what, side, status);
    close_side(what, side);
}

Test(policy, anonymity_of_an_initiator)
{
    toy_side side;

    for (int legs = 1; legs <= 5; legs++) {
        for (int late = 0; late <= 1; late++) {
            const spnego_rule rule =
                legs == 1 ? SPNEGO_RULE_POLICY_FLAGS_MISSING : SPNEGO_RULE_POLICY_NOT_ANONYMOUS;

            if (late && legs == 1) /* it is complete with the first token: in time */
                continue;
            open_anonymous(&side, SPNEGO_INITIATOR, "X", legs, INTEG);
            if (late)
                side.x.late_flags = SPNEGO_FLAG_ANON;
            check_step("first token", &side, none, SPNEGO_ERR_POLICY, rule, NULL);
            close_side("first token", &side);
        }
    }

    open_anonymous(&side, SPNEGO_INITIATOR, "X", 3, INTEG);
    side.x.lie = TOY_FAILS;
    check_says_nothing("the mechanism's error token", &side, none);

    /* It takes it back. */
    for (int malformed = 0; malformed <= 2; malformed++) {
        static const char *const replies[] = {RESP(INCOMPLETE CHOSEN_X RESPONSE_OF(TOY("X/2"))),
                                              "00",
                                              RESP(INCOMPLETE CHOSEN_X RESPONSE_OF("'wrong'"))};

        open_anonymous(&side, SPNEGO_INITIATOR, "X", 3, INTEG | SPNEGO_FLAG_ANON);
        check_goes_on("anonymous", &side, none, "?");
        side.x.flags = INTEG;
        check_says_nothing("no longer anonymous", &side, der_of(replies[malformed]));
    }

    open_anonymous(&side, SPNEGO_INITIATOR, "XY", 3, INTEG | SPNEGO_FLAG_ANON);
    side.y.flags = INTEG;
    check_goes_on("anonymous", &side, none, "?");
    check_step("another mechanism", &side, der_of(RESP(REQUEST_MIC CHOSEN_Y)), SPNEGO_ERR_POLICY,
               SPNEGO_RULE_POLICY_NOT_ANONYMOUS, NULL);
    close_side("another mechanism", &side);

    /* Only who speaks must be anonymous. */
    open_anonymous(&side, SPNEGO_INITIATOR, "XY", 2, SPNEGO_FLAG_ANON);
    side.x.flags = 0;
    side.x.lie = TOY_UNAVAILABLE;
    check_goes_on("fallback", &side, none, INIT(MECH_TYPES_OF(OID_NTLM) MECH_TOKEN_OF(TOY("Y/1"))));
    close_side("fallback", &side);
}

Test(policy, anonymity_of_an_acceptor)
{
    static const char *const first[] = {INIT(MECH_TYPES_KRB5 MECH_TOKEN_OF(TOY("X/1"))),
                                        INIT(MECH_TYPES_KRB5 MECH_TOKEN_OF("'wrong'"))};
    toy_side side;

    for (int legs = 1; legs <= 5; legs++) {
        for (size_t i = 0; i < LEN(first); i++) {
            open_anonymous(&side, SPNEGO_ACCEPTOR, "X", legs, INTEG);
            check_says_nothing("acceptor", &side, der_of(first[i]));
        }
    }
    /* Before the mechanism began there is nobody to be told of. */
    open_anonymous(&side, SPNEGO_ACCEPTOR, "X", 3, INTEG);
    check_refuses("no common mechanism", &side,
                  der_of(INIT(MECH_TYPES_OF(OID_NTLM) MECH_TOKEN_OF(TOY("Y/1")))),
                  SPNEGO_ERR_NO_MECH, SPNEGO_RULE_NO_COMMON_MECH);
    close_side("no common mechanism", &side);
}

Test(policy, anonymity_that_is_granted)
{
    for (int legs = 1; legs <= 5; legs++) {
        toy_pair pair;

        pair_init(&pair, TOY_STRICT, "XY", "Y", legs, INTEG | SPNEGO_FLAG_ANON);
        pair.i.config.required_flags = pair.a.config.required_flags = SPNEGO_FLAG_ANON;
        pair_run(&pair, NULL, NULL);
        pair_check("anonymous", &pair, SPNEGO_COMPLETE, SPNEGO_RULE_NONE, SPNEGO_COMPLETE,
                   SPNEGO_RULE_NONE);
    }
}

/* ---- Attributes (RFC 4178 6, NEG-38) --------------------------------------------------------- */

#define OID_ATTRIBUTE "06{2b06010401868d1f02}"
#define OID_ATTRIBUTE_2 "06{2b06010401868d1f03}"

Test(policy, attributes_of_an_initiator)
{
    const spnego_bytes attributes[] = {oid_of(OID_ATTRIBUTE), oid_of(OID_ATTRIBUTE_2)};
    toy_side side;
    toy_pair pair;

    toy_side_init(&side, SPNEGO_INITIATOR, TOY_STRICT, "XY", 2, INTEG);
    side.config.attributes = attributes;
    side.config.num_attributes = 2;
    toy_side_open(&side);
    check_goes_on("offered", &side, none,
                  INIT(MECH_TYPES_OF(XY OID_ATTRIBUTE OID_ATTRIBUTE_2) MECH_TOKEN_OF(TOY("X/1"))));
    /* It stands in the list, but nobody can be it. */
    check_refuses("chosen", &side, der_of(RESP(REQUEST_MIC SUPPORTED_MECH_OF(OID_ATTRIBUTE))),
                  SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_SUPPORTED_MECH_NOT_OFFERED);
    close_side("offered", &side);

    /* The MICs cover them. */
    for (int legs = 1; legs <= 5; legs++) {
        pair_init(&pair, TOY_STRICT, "XY", "Y", legs, INTEG);
        pair.i.config.attributes = attributes;
        pair.i.config.num_attributes = 2;
        pair_run(&pair, NULL, NULL);
        cr_expect(pair.i_end.info.mics_exchanged && pair.a_end.info.mics_exchanged);
        cr_expect(same_octets(pair.a_end.info.mech_types,
                              der_of(LIST(XY OID_ATTRIBUTE OID_ATTRIBUTE_2))));
        pair_check("covered", &pair, SPNEGO_COMPLETE, SPNEGO_RULE_NONE, SPNEGO_COMPLETE,
                   SPNEGO_RULE_NONE);
    }
}

/* The initiator offers X; what X has is known to the acceptor alone. */
Test(policy, attributes_of_an_acceptor)
{
    const spnego_bytes attributes[] = {oid_of(OID_ATTRIBUTE), oid_of(OID_ATTRIBUTE_2)};

    for (size_t supported = 0; supported <= 2; supported++) {
        for (size_t had = 0; had <= 2; had++) {
            for (int offered = 0; offered <= 1; offered++) {
                const int lacks = had < supported;
                toy_side side;
                char what[64];

                snprintf(what, sizeof what, "%zu of %zu, offered %d", had, supported, offered);
                toy_side_init(&side, SPNEGO_ACCEPTOR, TOY_STRICT, "XY", 3, INTEG);
                side.config.attributes = attributes;
                side.config.num_attributes = supported;
                side.mechs[0].attributes = attributes;
                side.mechs[0].num_attributes = had;
                toy_side_open(&side);
                check_goes_on(
                    what, &side,
                    der_of(offered ? INIT(MECH_TYPES_OF(OID_KRB5 OID_ATTRIBUTE OID_ATTRIBUTE_2)
                                              MECH_TOKEN_OF(TOY("X/1")))
                                   : INIT(MECH_TYPES_KRB5 MECH_TOKEN_OF(TOY("X/1")))),
                    lacks ? RESP(REQUEST_MIC CHOSEN_X RESPONSE_OF(TOY("X/2")))
                          : RESP(INCOMPLETE CHOSEN_X RESPONSE_OF(TOY("X/2"))));
                close_side(what, &side);
            }
        }
    }
}

/* ---- The host's say in choosing ------------------------------------------------------------- */

typedef struct chooser {
    const spnego_mech_ops *declined[2];
    spnego_bytes want_list;
    unsigned calls;
    unsigned wrong;
} chooser;

static int acceptable(void *user, const spnego_mech *mech, spnego_bytes mech_types)
{
    chooser *c = user;

    c->calls++;
    c->wrong += !same_octets(mech_types, c->want_list);
    return mech->ops != c->declined[0] && mech->ops != c->declined[1];
}

Test(policy, acceptable)
{
    static const char offer[] = INIT(MECH_TYPES_OF(XY OID_ATTRIBUTE) MECH_TOKEN_OF(TOY("X/1")));
    static const struct {
        const spnego_mech_ops *declined[2];
        const char *want; /* NULL: none is left */
    } rows[] = {
        {{NULL, NULL}, RESP(INCOMPLETE CHOSEN_X RESPONSE_OF(TOY("X/2")))},
        {{&toy_y, NULL}, RESP(INCOMPLETE CHOSEN_X RESPONSE_OF(TOY("X/2")))},
        {{&toy_x, NULL}, RESP(REQUEST_MIC CHOSEN_Y)},
        {{&toy_x, &toy_y}, NULL},
    };

    for (uint32_t options = 0; options <= SPNEGO_OPTION_OWN_ORDER;
         options += SPNEGO_OPTION_OWN_ORDER) {
        for (size_t i = 0; i < LEN(rows); i++) {
            chooser c = {
                {rows[i].declined[0], rows[i].declined[1]}, der_of(LIST(XY OID_ATTRIBUTE)), 0, 0};
            toy_side side;

            toy_side_init(&side, SPNEGO_ACCEPTOR, TOY_STRICT, "XY", 3, INTEG);
            side.config.options = options;
            side.config.on_event = NULL;
            side.config.user = &c;
            side.config.acceptable = acceptable;
            toy_side_open(&side);
            if (rows[i].want != NULL)
                check_goes_on("acceptable", &side, der_of(offer), rows[i].want);
            else
                check_refuses("none acceptable", &side, der_of(offer), SPNEGO_ERR_NO_MECH,
                              SPNEGO_RULE_NO_COMMON_MECH);
            cr_expect_geq(c.calls, 1u);
            cr_expect_eq(c.wrong, 0u, "row %zu: another list", i);
            cr_expect_eq(side.x.steps, i < 2, "row %zu: who was passed over was called", i);
            close_side("acceptable", &side);
        }
    }
}

/* ---- Limits (NEG-148, NEG-149) --------------------------------------------------------------- */

/* A NegTokenInit of exactly `len` octets, from 1024 on, that a strict reader takes: the toy's
 * token is as long as fits. */
static spnego_bytes offer_of_len(size_t len, toy_mech *toy)
{
    static uint8_t octets[0x20000], inner[0x20000];
    spnego_token token;
    spnego_bytes out = {NULL, 0};

    for (size_t token_len = len - 64; out.len < len; token_len++) {
        memset(&token, 0, sizeof token);
        token.type = SPNEGO_NEG_TOKEN_INIT;
        token.framed = 1;
        token.mech_types = der_of(LIST(OID_KRB5));
        token.mech_token.data = inner;
        token.mech_token.len = toy_token(inner, "X", 1, 1, token_len);
        toy->token_len = token_len;
        cr_assert_eq(spnego_token_encode(&out, octets, sizeof octets, &token), SPNEGO_RULE_NONE);
    }
    cr_assert_eq(out.len, len, "no token has %zu octets", len);
    return out;
}

Test(policy, max_token_of_the_peer)
{
    static const size_t limits[][2] = {{1024, 1024}, {5000, 5000}, {0, 65536}};

    for (size_t i = 0; i < LEN(limits); i++) {
        for (size_t above = 0; above <= 1; above++) {
            toy_side side;
            spnego_bytes offer;

            toy_side_init(&side, SPNEGO_ACCEPTOR, TOY_STRICT, "X", 1, INTEG);
            side.config.limits.max_token = limits[i][0];
            offer = offer_of_len(limits[i][1] + above, &side.x);
            toy_side_open(&side);
            if (above)
                check_refuses("above", &side, offer, SPNEGO_ERR_LIMIT, SPNEGO_RULE_TOKEN_TOO_LONG);
            else
                check_completes("at the limit", &side, offer, RESP(COMPLETED CHOSEN_X));
            close_side("max_token", &side);
        }
    }
}

/* Before anything is read: what is in it does not matter. */
Test(policy, max_token_comes_before_reading)
{
    toy_side side;

    toy_side_init(&side, SPNEGO_ACCEPTOR, TOY_STRICT, "X", 1, INTEG);
    side.config.limits.max_token = 100;
    toy_side_open(&side);
    check_refuses("acceptor", &side, der_of("00*101"), SPNEGO_ERR_LIMIT,
                  SPNEGO_RULE_TOKEN_TOO_LONG);
    close_side("acceptor", &side);

    toy_side_init(&side, SPNEGO_INITIATOR, TOY_STRICT, "X", 2, INTEG);
    side.config.limits.max_token = 100;
    toy_side_open(&side);
    check_goes_on("first token", &side, none, "?");
    check_refuses("initiator", &side, der_of("00*101"), SPNEGO_ERR_LIMIT,
                  SPNEGO_RULE_TOKEN_TOO_LONG);
    close_side("initiator", &side);
}

Test(policy, max_token_of_a_mechanism)
{
    for (int above = 0; above <= 1; above++) {
        toy_side side;

        toy_side_init(&side, SPNEGO_INITIATOR, TOY_STRICT, "X", 2, INTEG);
        side.config.limits.max_token = 200;
        side.x.token_len = above ? 201 : 200;
        toy_side_open(&side);
        if (above)
            check_step("above", &side, none, SPNEGO_ERR_MECH_LIED, SPNEGO_RULE_MECH_TOKEN_TOO_LONG,
                       NULL);
        else
            check_goes_on("at the limit", &side, none, "?");
        close_side("mechanism", &side);

        toy_side_init(&side, SPNEGO_ACCEPTOR, TOY_STRICT, "X", 2, INTEG);
        side.config.limits.max_token = 200;
        side.x.lie = TOY_WRITES_HUGE;
        side.x.lie_at = 1;
        /* Its own leg is written after that. */
        side.x.huge = above ? 201 - strlen("X/2/00000001") : 200 - strlen("X/2/00000001");
        toy_side_open(&side);
        if (above)
            check_refuses("above", &side, der_of(INIT(MECH_TYPES_KRB5 MECH_TOKEN_OF(TOY("X/1")))),
                          SPNEGO_ERR_MECH_LIED, SPNEGO_RULE_MECH_TOKEN_TOO_LONG);
        else
            check_completes("at the limit", &side,
                            der_of(INIT(MECH_TYPES_KRB5 MECH_TOKEN_OF(TOY("X/1")))), "?");
        close_side("mechanism", &side);
    }
}

/* A NegTokenInit that offers X after so many that nobody knows. */
static spnego_bytes offer_of_many(size_t num_oids)
{
    static uint8_t list[4096], octets[4096];
    static uint8_t unknown[64][5];
    spnego_bytes oids[64];
    spnego_token token;
    spnego_bytes out;

    cr_assert(num_oids <= LEN(oids));
    for (size_t i = 0; i < num_oids; i++) {
        memcpy(unknown[i], "\x2b\x06\x01\x04", 4);
        unknown[i][4] = (uint8_t)i;
        oids[i] = (spnego_bytes){unknown[i], 5};
    }
    oids[num_oids - 1] = toy_x.oid;
    memset(&token, 0, sizeof token);
    token.type = SPNEGO_NEG_TOKEN_INIT;
    token.framed = 1;
    cr_assert_eq(spnego_mech_types_encode(&token.mech_types, list, sizeof list, oids, num_oids),
                 SPNEGO_RULE_NONE);
    cr_assert_eq(spnego_token_encode(&out, octets, sizeof octets, &token), SPNEGO_RULE_NONE);
    return out;
}

Test(policy, max_mechs)
{
    static const size_t limits[][2] = {{2, 2}, {7, 7}, {0, 32}, {60, 60}};

    for (size_t i = 0; i < LEN(limits); i++) {
        for (size_t above = 0; above <= 1; above++) {
            toy_side side;

            toy_side_init(&side, SPNEGO_ACCEPTOR, TOY_STRICT, "X", 2, INTEG);
            side.config.limits.max_mechs = limits[i][0];
            toy_side_open(&side);
            if (above)
                check_refuses("above", &side, offer_of_many(limits[i][1] + 1), SPNEGO_ERR_LIMIT,
                              SPNEGO_RULE_MECH_TYPES_TOO_MANY);
            else
                check_goes_on("at the limit", &side, offer_of_many(limits[i][1]),
                              RESP(REQUEST_MIC CHOSEN_X));
            close_side("max_mechs", &side);
        }
    }
}

/* Five legs without MICs: the initiator takes its fourth step for accept-completed, the acceptor
 * takes three. */
Test(policy, max_steps)
{
    toy_pair pair;

    for (int above = 0; above <= 1; above++) {
        const size_t i_steps = 4, a_steps = 3;

        pair_init(&pair, TOY_STRICT, "X", "X", 5, 0);
        pair.i.config.limits.max_steps = i_steps - (size_t)above;
        pair_run(&pair, NULL, NULL);
        cr_expect_eq(pair.i_end.info.num_steps, above ? 0 : i_steps);
        pair_check("initiator", &pair, above ? SPNEGO_ERR_LIMIT : SPNEGO_COMPLETE,
                   above ? SPNEGO_RULE_STEPS_TOO_MANY : SPNEGO_RULE_NONE, SPNEGO_COMPLETE,
                   SPNEGO_RULE_NONE);

        pair_init(&pair, TOY_STRICT, "X", "X", 5, 0);
        pair.a.config.limits.max_steps = a_steps - (size_t)above;
        pair_run(&pair, NULL, NULL);
        cr_expect_eq(pair.a_end.info.num_steps, above ? 0 : a_steps);
        pair_check("acceptor", &pair, above ? SPNEGO_ERR_REJECTED : SPNEGO_COMPLETE,
                   above ? SPNEGO_RULE_PEER_REJECTED : SPNEGO_RULE_NONE,
                   above ? SPNEGO_ERR_LIMIT : SPNEGO_COMPLETE,
                   above ? SPNEGO_RULE_STEPS_TOO_MANY : SPNEGO_RULE_NONE);
    }

    /* The default: two that never come to an end have sent 16 tokens each when the initiator
     * rejects instead of taking a step more, and the acceptor does not look at what is one too
     * many. */
    pair_init(&pair, TOY_STRICT, "X", "X", 5, 0);
    pair.i.x.lie = pair.a.x.lie = TOY_NEVER_COMPLETES;
    pair_run(&pair, NULL, NULL);
    cr_expect_eq(pair.passed, 33u, "%u tokens", pair.passed);
    pair_check("default", &pair, SPNEGO_ERR_LIMIT, SPNEGO_RULE_STEPS_TOO_MANY, SPNEGO_ERR_LIMIT,
               SPNEGO_RULE_STEPS_TOO_MANY);
}

/* A step that pends and is resumed is one step. */
Test(policy, a_resumed_step_counts_once)
{
    toy_pair pair;

    pair_init(&pair, TOY_STRICT, "X", "X", 5, 0);
    pair.i.x.lie = TOY_PENDS_TWICE;
    pair.a.x.lie = TOY_PENDS;
    pair.i.config.limits.max_steps = 4;
    pair.a.config.limits.max_steps = 3;
    pair_run(&pair, NULL, NULL);
    cr_expect_eq(pair.i_end.info.num_steps, 4u);
    cr_expect_eq(pair.a_end.info.num_steps, 3u);
    pair_check("pending", &pair, SPNEGO_COMPLETE, SPNEGO_RULE_NONE, SPNEGO_COMPLETE,
               SPNEGO_RULE_NONE);
}

/* ---- What is told of the outcome ------------------------------------------------------------- */

/* NEG-144: the mechanism inside, not SPNEGO. */
Test(policy, info_of_the_first_choice)
{
    toy_pair pair;

    pair_init(&pair, TOY_INTEROPERABLE, "XY", "XY", 3, INTEG | SPNEGO_FLAG_MUTUAL);
    pair.i.x.late_flags = pair.a.x.late_flags = SPNEGO_FLAG_CONF;
    pair_run(&pair, NULL, NULL);
    for (int acceptor = 0; acceptor <= 1; acceptor++) {
        const spnego_info *info = acceptor ? &pair.a_end.info : &pair.i_end.info;

        cr_assert_not_null(info->mech);
        cr_expect_eq(info->mech->ops, &toy_x);
        cr_expect_eq(info->mech->self, acceptor ? &pair.a.x : &pair.i.x);
        cr_expect(same_octets(info->oid, toy_x.oid));
        cr_expect(same_octets(info->mech_types, der_of(LIST(XY))));
        cr_expect_eq(info->first_choice, 1);
        cr_expect_eq(info->mics_exchanged, 0);
        cr_expect_eq(info->flags, INTEG | SPNEGO_FLAG_MUTUAL | SPNEGO_FLAG_CONF);
        cr_expect_eq(info->quirks, 0u);
        cr_expect_eq(info->tolerated, 0u);
        cr_expect_eq(info->num_steps, acceptor ? 2u : 3u);
    }
    pair_check("first choice", &pair, SPNEGO_COMPLETE, SPNEGO_RULE_NONE, SPNEGO_COMPLETE,
               SPNEGO_RULE_NONE);
}

Test(policy, info_of_another_choice)
{
    toy_pair pair;

    pair_init(&pair, TOY_INTEROPERABLE, "XY", "Y", 2, INTEG);
    pair_run(&pair, NULL, NULL);
    for (int acceptor = 0; acceptor <= 1; acceptor++) {
        const spnego_info *info = acceptor ? &pair.a_end.info : &pair.i_end.info;

        cr_assert_not_null(info->mech);
        cr_expect_eq(info->mech->ops, &toy_y);
        cr_expect(same_octets(info->oid, toy_y.oid));
        cr_expect_eq(info->first_choice, 0);
        cr_expect_eq(info->mics_exchanged, 1);
        /* NegTokenInit, request-mic, Y/1, Y/2 with a MIC, MIC: the acceptor's third step. */
        cr_expect_eq(info->num_steps, 3u);
    }
    pair_check("another choice", &pair, SPNEGO_COMPLETE, SPNEGO_RULE_NONE, SPNEGO_COMPLETE,
               SPNEGO_RULE_NONE);
}

/* Under Windows' number (MS-SPNG 3.1.5.2): the entry of the list, and it is the first choice. */
Test(policy, info_names_the_entry_that_was_offered)
{
    toy_side side;
    spnego_info info;

    begin_acceptor(&side, TOY_STRICT, "X", 2, INTEG);
    info = check_completes(
        "MS krb5", &side,
        der_of(INIT(MECH_TYPES_OF(OID_MS_KRB5 OID_KRB5 OID_NTLM) MECH_TOKEN_OF(TOY("X/1")))),
        RESP(COMPLETED SUPPORTED_MECH_OF(OID_MS_KRB5) RESPONSE_OF(TOY("X/2"))));
    cr_expect(same_octets(info.oid, toy_ms.oid));
    cr_expect_eq(info.mech->ops, &toy_x);
    cr_expect_eq(info.first_choice, 1);
    cr_expect(same_octets(info.mech_types, der_of(LIST(OID_MS_KRB5 OID_KRB5 OID_NTLM))));
    close_side("MS krb5", &side);
}

Test(policy, info_of_what_was_tolerated)
{
    toy_side side;
    spnego_info info;

    begin_initiator(&side, TOY_INTEROPERABLE, "X", 2, 0);
    info = check_completes("no negState, no supportedMech", &side,
                           der_of(RESP(RESPONSE_OF(TOY("X/2")))), NULL);
    cr_expect_eq(info.quirks, SPNEGO_QUIRK_MISSING_NEG_STATE | SPNEGO_QUIRK_MISSING_SUPPORTED_MECH);
    cr_expect_eq(info.tolerated, 0u);
    cr_expect_eq(side.event_quirks, info.quirks);
    close_side("quirks", &side);

    begin_acceptor(&side, TOY_INTEROPERABLE, "X", 2, 0);
    info = check_completes(
        "trailing octets, reqFlags not trimmed", &side,
        der_of(INIT(MECH_TYPES_KRB5 REQ_FLAGS_OF("00 42 00") MECH_TOKEN_OF(TOY("X/1"))) "ff"), "?");
    cr_expect_eq(info.tolerated,
                 SPNEGO_TOLERATE_TRAILING_BYTES | SPNEGO_TOLERATE_UNTRIMMED_REQ_FLAGS);
    cr_expect_eq(info.quirks, 0u);
    close_side("tolerated", &side);
}

/* ---- wrap, unwrap (NEG-145) ------------------------------------------------------------------ */

static const spnego_bytes message = {(const uint8_t *)"secret", 6};

/* Calls wrap, or unwrap, and checks that it is refused. */
static void check_no_data(const char *what, toy_side *side, int wrap, spnego_bytes in,
                          spnego_status want_status, spnego_rule want_rule)
{
    spnego_bytes out = {(const uint8_t *)"", 1};
    spnego_error error;
    int conf = 77;

    memset(&error, 0xa5, sizeof error);
    cr_expect_eq(wrap ? spnego_context_wrap(side->context, &out, &error, in, 1)
                      : spnego_context_unwrap(side->context, &out, &error, &conf, in),
                 want_status, "%s, wrap %d", what, wrap);
    cr_expect(out.data == NULL && out.len == 0, "%s: gave %s", what, hex_of(out));
    cr_expect_eq(error.status, want_status, "%s", what);
    cr_expect_eq(error.rule, want_rule, "%s: %s", what, rule_name(error.rule));
    cr_expect_eq(error.offset, SPNEGO_NO_OFFSET, "%s", what);
    if (want_status == SPNEGO_ERR_MECH) {
        cr_expect_str_eq(error.mech, "toy-x", "%s", what);
        cr_expect_eq(error.mech_code.code, TOY_CODE, "%s", what);
        cr_expect_eq(error.mech_code.gss_major, TOY_GSS_MAJOR, "%s", what);
    }
    cr_expect_eq(wrap ? spnego_context_wrap(side->context, &out, NULL, in, 1)
                      : spnego_context_unwrap(side->context, &out, NULL, &conf, in),
                 want_status, "%s, wrap %d, without an error", what, wrap);
}

static void check_no_data_yet(const char *what, toy_side *side)
{
    for (int wrap = 0; wrap <= 1; wrap++)
        check_no_data(what, side, wrap, message, SPNEGO_ERR_USAGE, SPNEGO_RULE_CALL_OUT_OF_TURN);
    cr_expect_null(strpbrk(side->x.trace, "WU"), "%s: the mechanism was called", what);
}

/* NEG-07: never before COMPLETE, whatever the mechanism says of itself. */
Test(policy, no_data_before_complete)
{
    toy_side side;

    toy_side_init(&side, SPNEGO_INITIATOR, TOY_STRICT, "X", 1, INTEG | SPNEGO_FLAG_PROT_READY);
    toy_side_open(&side);
    check_no_data_yet("before the first step", &side);
    check_goes_on("first token", &side, none, "?");
    check_no_data_yet("the mechanism is complete", &side);
    check_refuses("reply", &side, der_of("00"), SPNEGO_ERR_MALFORMED, SPNEGO_RULE_TOKEN_NOT_SPNEGO);
    check_no_data_yet("after a failure", &side);
    cr_expect_eq(spnego_context_error(side.context)->rule, SPNEGO_RULE_TOKEN_NOT_SPNEGO);
    close_side("initiator", &side);

    begin_acceptor(&side, TOY_STRICT, "X", 3, INTEG | SPNEGO_FLAG_PROT_READY);
    check_no_data_yet("before the first step", &side);
    check_goes_on("first token", &side, der_of(INIT(MECH_TYPES_KRB5 MECH_TOKEN_OF(TOY("X/1")))),
                  "?");
    check_no_data_yet("in the middle", &side);
    close_side("acceptor", &side);
}

/* Passes a message from one to the other: nothing is added to what the mechanism makes. */
static void check_data_passes(const char *what, toy_side *from, toy_side *to, int conf,
                              spnego_bytes in)
{
    uint8_t on_the_way[64];
    spnego_bytes out, wrapped = {on_the_way, 0};
    int was_conf = 77;

    cr_assert_eq(spnego_context_wrap(from->context, &out, NULL, in, conf), SPNEGO_COMPLETE, "%s",
                 what);
    cr_assert(out.len == in.len + TOY_WRAP_OVERHEAD && out.len <= sizeof on_the_way,
              "%s: %zu octets", what, out.len);
    cr_expect(out.data[0] == 'W' && out.data[1] == conf, "%s: %s", what, hex_of(out));
    wrapped.len = out.len;
    memcpy(on_the_way, out.data, out.len);
    cr_assert_eq(spnego_context_unwrap(to->context, &out, NULL, &was_conf, wrapped),
                 SPNEGO_COMPLETE, "%s", what);
    cr_expect(out.data != NULL && out.len == in.len &&
                  (in.len == 0 || memcmp(out.data, in.data, in.len) == 0),
              "%s: %s", what, hex_of(out));
    cr_expect_eq(was_conf, conf, "%s", what);
}

/* Two established contexts with X. */
static void establish(toy_pair *pair, const spnego_mech_ops *ops)
{
    pair_init(pair, TOY_STRICT, "X", "X", 3, INTEG);
    if (ops != NULL)
        pair->i.mechs[0].ops = pair->a.mechs[0].ops = ops;
    pair_run(pair, NULL, NULL);
    cr_assert_eq(pair->i_end.status, SPNEGO_COMPLETE);
    cr_assert_eq(pair->a_end.status, SPNEGO_COMPLETE);
}

Test(policy, data)
{
    const spnego_bytes messages[] = {message, {(const uint8_t *)"", 0}, none};
    toy_pair pair;
    spnego_info info;

    establish(&pair, NULL);
    for (size_t i = 0; i < LEN(messages); i++) {
        for (int conf = 0; conf <= 1; conf++) {
            check_data_passes("to the acceptor", &pair.i, &pair.a, conf, messages[i]);
            check_data_passes("to the initiator", &pair.a, &pair.i, conf, messages[i]);
        }
    }
    for (int wrap = 0; wrap <= 1; wrap++)
        check_no_data("no message, but its length", &pair.i, wrap, (spnego_bytes){NULL, 1},
                      SPNEGO_ERR_USAGE, SPNEGO_RULE_CALL_BAD_ARGUMENT);

    /* A failure is one of the message, not of the context. */
    check_no_data("not wrapped", &pair.a, 0, message, SPNEGO_ERR_MECH, SPNEGO_RULE_MECH_FAILED);
    pair.i.x.lie = TOY_FAILS;
    check_no_data("the mechanism fails", &pair.i, 1, message, SPNEGO_ERR_MECH,
                  SPNEGO_RULE_MECH_FAILED);
    pair.i.x.lie = TOY_HONEST;
    cr_expect_eq(spnego_context_info(pair.i.context, &info), 1);
    cr_expect_eq(spnego_context_info(pair.a.context, &info), 1);
    cr_expect_eq(spnego_context_error(pair.i.context)->status, SPNEGO_COMPLETE);
    check_data_passes("after failures", &pair.i, &pair.a, 1, message);
    check_step("a token after COMPLETE", &pair.i, der_of(RESP(COMPLETED)), SPNEGO_ERR_USAGE,
               SPNEGO_RULE_CALL_OUT_OF_TURN, NULL);
    check_data_passes("after a step too many", &pair.i, &pair.a, 1, message);
    close_side("initiator", &pair.i);
    close_side("acceptor", &pair.a);
}

static spnego_mech_result wrap_from_null(void *self, spnego_sink *out, spnego_mech_code *code,
                                         spnego_bytes in, int conf)
{
    (void)self, (void)code, (void)in, (void)conf;
    spnego_sink_write(out, NULL, 3);
    return SPNEGO_MECH_COMPLETE;
}

/* What the two below say; RFC 2743 1.2.3: a duplicate, an old token, a gap are CONTINUE to a host
 * that passes them on. */
static spnego_mech_result said_of_data;

static spnego_mech_result wrap_doubtfully(void *self, spnego_sink *out, spnego_mech_code *code,
                                          spnego_bytes in, int conf)
{
    (void)self, (void)conf;
    spnego_sink_write(out, in.data, in.len);
    code->code = TOY_CODE;
    code->gss_major = TOY_GSS_MAJOR;
    return said_of_data;
}

static spnego_mech_result unwrap_doubtfully(void *self, spnego_sink *out, spnego_mech_code *code,
                                            int *out_conf, spnego_bytes in)
{
    *out_conf = 1;
    return wrap_doubtfully(self, out, code, in, 1);
}

/* NNS-87: of data nothing but COMPLETE is success, and what was written is dropped. */
Test(policy, data_that_is_doubtful)
{
    static const spnego_mech_result results[] = {SPNEGO_MECH_CONTINUE,    SPNEGO_MECH_PENDING,
                                                 SPNEGO_MECH_UNAVAILABLE, SPNEGO_MECH_FAILED,
                                                 (spnego_mech_result)0,   (spnego_mech_result)77};
    spnego_mech_ops ops = toy_x;
    toy_pair pair;

    ops.wrap = wrap_doubtfully;
    ops.unwrap = unwrap_doubtfully;
    establish(&pair, &ops);
    for (size_t i = 0; i < LEN(results); i++) {
        said_of_data = results[i];
        for (int wrap = 0; wrap <= 1; wrap++)
            check_no_data("doubtful", &pair.a, wrap, message, SPNEGO_ERR_MECH,
                          SPNEGO_RULE_MECH_FAILED);
    }
    close_side("initiator", &pair.i);
    close_side("acceptor", &pair.a);
}

Test(policy, data_without_the_functions)
{
    spnego_mech_ops ops = toy_x;
    toy_pair pair;

    ops.wrap = NULL;
    ops.unwrap = NULL;
    establish(&pair, &ops);
    for (int wrap = 0; wrap <= 1; wrap++)
        check_no_data("no function", &pair.i, wrap, message, SPNEGO_ERR_USAGE,
                      SPNEGO_RULE_CALL_BAD_ARGUMENT);
    close_side("no function", &pair.i);
    close_side("no function", &pair.a);

    ops.wrap = wrap_from_null;
    establish(&pair, &ops);
    check_no_data("from NULL", &pair.i, 1, message, SPNEGO_ERR_MECH_LIED,
                  SPNEGO_RULE_MECH_TOKEN_NULL);
    close_side("from NULL", &pair.i);
    close_side("from NULL", &pair.a);
}
