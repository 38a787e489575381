/*
 * RFC 4178 section 7: someone between the two ends changes what they say, so that they agree on
 * another mechanism than they would have.
 *
 * Whole exchanges are run untouched, which must come to what tests/pair_table.h says, and then with
 * every change of these families: each bit and each cut of a token; each list of up to four
 * mechanisms; each combination of the fields of one reply; each token replaced by another one of
 * this or of another exchange; and each combination of changes of all tokens together.  A
 * mechanism's own tokens are its own to protect, as the toy does: whoever makes new ones speaks for
 * himself.
 *
 * With integrity this must hold of each (`check_laws`):
 *   1. If both ends complete, it is with the mechanism that they would have had; MICs were
 *      exchanged according to both or to neither, and were if they would have been.
 *   2. An initiator that completes with another mechanism is alone with it and has had no MIC, and
 *      it is the first of its own list: "at worst" of section 7(b).
 *   3. An acceptor that completes with another mechanism is alone with it and has had no MIC, and
 *      it is its own favourite.  What it was shown is what an honest initiator that prefers that
 *      mechanism sends; the real one fails.
 *   4. A side that has had MICs, or that is set to REQUIRE_MIC, completes with the mechanism that
 *      it would have had, and the acceptor has got the list that the initiator sent.
 *   5. A side completes only with its mechanism complete.
 *   6. If both complete, it is with one mechanism.
 *   7. An initiator completes with another mechanism than its first only after request-mic, or with
 *      MICs (RFC 4178 3.2(c)II).
 * More cannot be had where nothing was signed.  By one change alone 2 happens only with a mechanism
 * of one token, and 3 only to the acceptor of an initiator that lives with a reselection without
 * request-mic (SPNEGO_QUIRK_RESELECT_WITHOUT_REQUEST_MIC).
 *
 * Without integrity, which is when the chosen mechanism has none whatever the others have, only 4
 * to 7 hold: who is between can make both ends agree on any mechanism that both have, and
 * `without_integrity` and `one_without_integrity` show that it happens.  6 then leaves out
 * mechanisms of one token, whose initiator learns nothing from the acceptor.  What closes it is
 * policy: SPNEGO_OPTION_REQUIRE_MIC, or SPNEGO_FLAG_INTEG among the required flags.
 *
 * No MIC covers the optimistic token.  An acceptor with SPNEGO_OPTION_TRY_NEXT_MECH takes a spoilt
 * one for a reason to choose another mechanism, so for it none of this holds (`spoilt_token`).
 */
#include "pair_table.h"

/* ---- Exchanges ----------------------------------------------------------------------------- */

typedef struct base {
    const char *i, *a;
    unsigned own_order, plain, require;
} base;

static const base bases[] = {
    {"XY", "XY", 0, 0, 0},  /* the first choice of both: no MIC              */
    {"XY", "YX", 0, 0, 0},  /* the first choice of the initiator: request-mic */
    {"XY", "YX", 1, 0, 0},  /* the acceptor's order                          */
    {"XY", "Y", 0, 0, 0},   /* nothing else in common                        */
    {"XY", "ZY", 0, 0, 0},  /* the favourite was not offered                 */
    {"XY", "ZX", 0, 0, 0},  /* the same with the first choice                */
    {"ZXY", "XY", 0, 0, 0}, /* three                                         */
    {"MXY", "XY", 0, 0, 0}, /* Kerberos twice, as Windows offers it          */
    {"XY", "XY", 0, 1, 0},  /* without an optimistic token                   */
    {"XY", "YX", 0, 1, 0},
    {"XY", "YX", 1, 1, 0},
    {"XY", "XY", 0, 0, BY_INITIATOR | BY_ACCEPTOR},
    {"XY", "YX", 0, 0, BY_INITIATOR},
    {"XY", "YX", 0, 0, BY_ACCEPTOR},
};

static unsigned index_of(const char *list, const char *const *lists, unsigned num_lists)
{
    for (unsigned i = 0; i < num_lists; i++)
        if (strcmp(lists[i], list) == 0)
            return i;
    cr_assert_fail("%s is no list of the table", list);
    return 0;
}

static setting setting_of(const base *b, unsigned legs_x, unsigned legs_y, unsigned strict,
                          unsigned integrity)
{
    setting s = {{0}};

    s.at[I_LIST] = index_of(b->i, i_lists, LEN(i_lists));
    s.at[A_LIST] = index_of(b->a, a_lists, LEN(a_lists));
    s.at[LEGS_X] = legs_x - 1;
    s.at[LEGS_Y] = legs_y - 1;
    s.at[INTEG_OF] = integrity;
    s.at[REQUIRE_MIC] = b->require;
    s.at[STRICT_INITIATOR] = s.at[STRICT_ACCEPTOR] = strict;
    s.at[OWN_ORDER] = b->own_order;
    s.at[NOT_OPTIMISTIC] = b->plain;
    return s;
}

static int with_mics(const expectation *e)
{
    return e->row == ROW_B_I || e->row == ROW_C_I || e->row == ROW_C_IV;
}

/* ---- Changes of one token ------------------------------------------------------------------- */

/* What becomes of each field; KEEP leaves it. */
enum { KEEP = '=', GONE = '-', EMPTY = '0', REFLECTED = 'r', ZEROS = 'z' };
typedef struct edit {
    const char *list; /* mechTypes as letters, or NULL */
    int state;        /* STATE_KEEP, STATE_REMOVE      */
    char supported;   /* KEEP, GONE or a letter        */
    char token;       /* KEEP, GONE, EMPTY             */
    char mic; /* KEEP, GONE, EMPTY, REFLECTED: the last one of the token's receiver, ZEROS */
} edit;

/* Changes a field; clears *counts if it is that already, which another edit without it does too. */
static void edit_field(spnego_bytes *field, char how, spnego_bytes reflected, int *counts)
{
    static const uint8_t zeros[16] = {0};
    const spnego_bytes before = *field;

    if (how == KEEP)
        return;
    *field = how == GONE        ? ABSENT
             : how == EMPTY     ? (spnego_bytes){zeros, 0}
             : how == REFLECTED ? reflected
             : how == ZEROS     ? (spnego_bytes){zeros, sizeof zeros}
                                : oid_of(how);
    *counts &= !same_octets(*field, before);
}

static spnego_token token_of(const sent *from)
{
    spnego_token token;

    cr_assert_eq(spnego_token_decode(&token, NULL, (spnego_bytes){from->octets, from->len},
                                     SPNEGO_TOLERATE_NOTHING),
                 SPNEGO_RULE_NONE, "our own token is malformed");
    return token;
}

/* Returns 0 if some part of the edit changes nothing. */
static int edit_sent(sent *out, const sent *in, const edit *how, spnego_bytes reflected)
{
    uint8_t list[64], room[256];
    spnego_token token = token_of(in);
    const spnego_token before = token;
    spnego_bytes der;
    int counts = 1;

    if (token.type == SPNEGO_NEG_TOKEN_RESP) {
        if (how->state != STATE_KEEP) {
            token.has_neg_state = how->state != STATE_REMOVE;
            token.neg_state = token.has_neg_state ? how->state : 0;
            counts &=
                token.has_neg_state != before.has_neg_state || token.neg_state != before.neg_state;
        }
        edit_field(&token.supported_mech, how->supported, ABSENT, &counts);
        edit_field(&token.response_token, how->token, ABSENT, &counts);
    } else {
        if (how->list != NULL) {
            token.mech_types = list_of(list, how->list);
            counts &= !same_octets(token.mech_types, before.mech_types);
        }
        edit_field(&token.mech_token, how->token, ABSENT, &counts);
    }
    edit_field(&token.mech_list_mic, how->mic, reflected, &counts);
    cr_assert_eq(spnego_token_encode(&der, room, sizeof room, &token), SPNEGO_RULE_NONE);
    keep_token(out, in->from, der.data, der.len);
    return counts;
}

/* The last MIC of the side that the token after these goes to. */
static spnego_bytes reflected_mic(const sent *tokens, unsigned num_tokens)
{
    for (unsigned i = num_tokens; i-- > 0;)
        if (i % 2 != num_tokens % 2) {
            const spnego_token token = token_of(&tokens[i]);

            if (token.mech_list_mic.data != NULL)
                return token.mech_list_mic;
        }
    return ABSENT;
}

/* All combinations of choices for each field; the first of each changes nothing. */
typedef struct choices {
    const char *const *lists;
    unsigned num_lists;
    const int *states;
    unsigned num_states;
    const char *supported, *token, *mic;
} choices;

static const char *const no_list[] = {NULL};
static const int no_state[] = {STATE_KEEP};

static unsigned take(unsigned *rest, size_t num_choices)
{
    const unsigned taken = *rest % (unsigned)num_choices;

    *rest /= (unsigned)num_choices;
    return taken;
}

/* Returns 0 if there are no more than `number` combinations. */
static int nth_edit(edit *out, const choices *c, unsigned number)
{
    unsigned rest = number;

    out->mic = c->mic[take(&rest, strlen(c->mic))];
    out->token = c->token[take(&rest, strlen(c->token))];
    out->supported = c->supported[take(&rest, strlen(c->supported))];
    out->state = c->states[take(&rest, c->num_states)];
    out->list = c->lists[take(&rest, c->num_lists)];
    return rest == 0;
}

/* ---- Attacks ------------------------------------------------------------------------------- */

/* Changes of all tokens together: which edit each token gets, as far as tokens came.  After each
 * run the last choice goes on to its next, so that all are tried. */
typedef struct plan {
    unsigned chosen[MAX_TOKENS];
    unsigned num_chosen;
    sent said[MAX_TOKENS]; /* by the sides, before it was changed */
} plan;

typedef struct attack {
    const char *what;
    unsigned number;
    const sent *instead; /* what token `number` becomes, or NULL */
    plan *plan;          /* or NULL                              */
    sent heard;          /* the acceptor's first token           */
    sent reply;          /* what it said to it                   */
    sent told;           /* what the initiator got of that       */
} attack;

/* What came of one run: of the initiator and of the acceptor. */
typedef struct outcome {
    spnego_status status[2];
    char mech[2]; /* established, as mech_of, or 0 */
    int mics[2];
    int complete[2]; /* the mechanism's own word */
} outcome;

/* What a family came to. */
typedef struct tally {
    unsigned long runs, both, neither, initiator_alone, acceptor_alone;
    unsigned long initiator_other, acceptor_other; /* completed with another mechanism */
    unsigned long downgraded;                      /* both with the same other one     */
} tally;

/* An exchange, what was said in it untouched, and in another one with the same settings. */
typedef struct scene {
    setting setting;
    expectation e;
    uint32_t required_flags;
    void (*laws)(const struct scene *s, const attack *a, const outcome *o);
    unsigned num_tokens;
    sent tokens[MAX_TOKENS], others[MAX_TOKENS];
} scene;

static unsigned num_wrong;

static void check(int holds, const scene *s, const attack *a, const outcome *o, const char *law)
{
    if (!holds && num_wrong++ < 20)
        fprintf(stderr, "%s: %s, token %u: %s: %s %c, %s %c\n", text_of(&s->setting), a->what,
                a->number, law, status_name(o->status[0]), o->mech[0] ? o->mech[0] : '-',
                status_name(o->status[1]), o->mech[1] ? o->mech[1] : '-');
}

/* Enough to make either side believe in either mechanism, or in what the other never said. */
static const choices *choices_for(unsigned number)
{
    static const char *const lists[] = {NULL, "X", "Y", "YX", "XYZ", "MY"};
    static const int states[] = {STATE_KEEP, SPNEGO_ACCEPT_COMPLETED, SPNEGO_ACCEPT_INCOMPLETE,
                                 SPNEGO_REQUEST_MIC, STATE_REMOVE};
    static const choices init = {lists, LEN(lists), no_state, 1, "=", "=-", "=-"};
    static const choices first_reply = {no_list, 1, states, LEN(states), "=XY-", "=-", "=-r"};
    static const choices later = {no_list, 1, states, 3, "=", "=-", "=-r"};

    return number == 0 ? &init : number == 1 ? &first_reply : &later;
}

static int changes(sent *out, const plan *p, unsigned number)
{
    edit how;

    (void)nth_edit(&how, choices_for(number), p->chosen[number]);
    return edit_sent(out, &p->said[number], &how, reflected_mic(p->said, number));
}

static void change_by_plan(plan *p, unsigned number, sent *token)
{
    p->said[number] = *token;
    if (number == p->num_chosen)
        p->chosen[p->num_chosen++] = 0;
    (void)changes(token, p, number);
}

/* What a token was does not depend on its own choice, nor on later ones, so that choices that
 * change nothing are known before they are tried. */
static int next_plan(plan *p)
{
    edit how;
    sent unused;

    for (; p->num_chosen > 0; p->num_chosen--) {
        const unsigned last = p->num_chosen - 1;

        while (nth_edit(&how, choices_for(last), ++p->chosen[last]))
            if (changes(&unused, p, last))
                return 1;
    }
    return 0;
}

static int change(void *user, unsigned number, spnego_role from, uint8_t *octets, size_t *len,
                  size_t size)
{
    attack *a = user;
    sent token;

    cr_assert(number < MAX_TOKENS, "too many tokens");
    keep_token(&token, from, octets, *len);
    if (number == 1)
        a->reply = token;
    if (a->plan != NULL)
        change_by_plan(a->plan, number, &token);
    if (a->instead != NULL && a->number == number)
        token = *a->instead;
    if (number == 0)
        a->heard = token;
    if (number == 1)
        a->told = token;
    cr_assert(token.len <= size);
    memcpy(octets, token.octets, token.len);
    *len = token.len;
    return 1;
}

static outcome run(const scene *s, attack *a, uint32_t session)
{
    static const uint8_t completed[] = {0xa1, 7, 0x30, 5, 0xa0, 3, 0x0a, 1, 0};
    static toy_side sides[2];
    toy_end ends[2];
    outcome o = {.mics = {0}};

    a->heard.len = a->reply.len = a->told.len = 0;
    for (unsigned i = 0; i < 2; i++) {
        prepare_side(&sides[i], &s->setting, i == 0 ? SPNEGO_INITIATOR : SPNEGO_ACCEPTOR);
        sides[i].config.required_flags = s->required_flags;
        sides[i].x.session = sides[i].y.session = sides[i].z.session = sides[i].ms.session =
            session;
        toy_side_open(&sides[i]);
    }
    (void)toy_exchange(&ends[0], &ends[1], sides[0].context, sides[1].context, SPNEGO_INITIATOR,
                       change, a);
    for (unsigned i = 0; i < 2; i++) {
        spnego_info info;
        spnego_bytes out;

        o.status[i] = ends[i].status;
        /* Who still waits is told that all is well. */
        if (o.status[i] == SPNEGO_CONTINUE)
            o.status[i] = spnego_context_step(sides[i].context, &out,
                                              (spnego_bytes){completed, sizeof completed});
        if (spnego_context_info(sides[i].context, &info)) {
            o.mech[i] = mech_of(letter_of(info.mech->ops->oid));
            o.mics[i] = info.mics_exchanged;
            o.complete[i] = ((const toy_mech *)info.mech->self)->complete;
        }
        check((o.status[i] == SPNEGO_COMPLETE) == (o.mech[i] != '\0'), s, a, &o,
              "the status and the info differ");
    }
    for (unsigned i = 0; i < 2; i++)
        check(toy_side_close(&sides[i]) == 0, s, a, &o, "a call that must not come");
    return o;
}

/* ---- Laws ---------------------------------------------------------------------------------- */

static int is_other(const scene *s, char mech)
{
    return mech != '\0' && mech != mech_of(s->e.chosen);
}

/* A token that may have been changed into anything; zero if it is malformed. */
static spnego_token read_sent(const sent *from)
{
    spnego_token token;

    if (spnego_token_decode(&token, NULL, (spnego_bytes){from->octets, from->len},
                            SPNEGO_TOLERATE_INTEROPERABLE) != SPNEGO_RULE_NONE)
        memset(&token, 0, sizeof token);
    return token;
}

static int heard_the_list(const scene *s, const attack *a)
{
    uint8_t room[64];
    const spnego_token heard = read_sent(&a->heard);

    return same_octets(heard.mech_types, list_of(room, s->e.list));
}

static int asks_for_mics(const sent *reply)
{
    const spnego_token token = read_sent(reply);

    return token.has_neg_state && token.neg_state == SPNEGO_REQUEST_MIC;
}

/* Those above by their numbers: 4 to 7 hold with and without integrity. */
static void check_always(const scene *s, const attack *a, const outcome *o)
{
    for (unsigned i = 0; i < 2; i++) {
        const int must = (s->setting.at[REQUIRE_MIC] & (i == 0 ? BY_INITIATOR : BY_ACCEPTOR)) != 0;

        if (o->mech[i] && (o->mics[i] || must))
            check(o->mics[i] && !is_other(s, o->mech[i]) && heard_the_list(s, a), s, a, o,
                  "4: MICs that protect nothing");
        check(o->complete[i] || !o->mech[i], s, a, o, "5: without the mechanism");
    }
    if (o->mech[0] && o->mech[1] && o->mech[0] != o->mech[1])
        check(legs_of(&s->setting, o->mech[0]) == 1, s, a, o, "6: two mechanisms");
    if (o->mech[0] && o->mech[0] != mech_of(s->e.list[0]) && !o->mics[0])
        check(asks_for_mics(&a->told), s, a, o, "7: another mechanism without request-mic");
}

static void check_laws(const scene *s, const attack *a, const outcome *o)
{
    const int initiator_other = is_other(s, o->mech[0]);
    const int acceptor_other = is_other(s, o->mech[1]);

    check_always(s, a, o);
    if (o->mech[0] && o->mech[1]) {
        check(!initiator_other && !acceptor_other, s, a, o, "1: both with another mechanism");
        check(o->mics[0] == o->mics[1], s, a, o, "1: MICs according to one");
        check(o->mics[0] || !with_mics(&s->e), s, a, o, "1: the MICs are lost");
    }
    if (initiator_other)
        check(!o->mics[0] && o->mech[0] == mech_of(s->e.list[0]), s, a, o,
              "2: the initiator with what it did not prefer");
    if (acceptor_other)
        check(!o->mics[1] && o->mech[1] == favourite(&s->setting), s, a, o,
              "3: the acceptor with what it did not prefer");
}

/* What one change alone cannot do besides.  An initiator whose mechanism has one token has nothing
 * of the acceptor's to check, so it believes that this mechanism was chosen; and who sends the last
 * token of a mechanism shows too late where an initiator lives without request-mic. */
static void check_single_laws(const scene *s, const attack *a, const outcome *o)
{
    check_laws(s, a, o);
    if (is_other(s, o->mech[0]))
        check(legs_of(&s->setting, o->mech[0]) == 1, s, a, o,
              "one change: the initiator with another mechanism");
    if (is_other(s, o->mech[1]))
        check(!s->setting.at[STRICT_INITIATOR] && legs_of(&s->setting, o->mech[1]) % 2 == 0, s, a,
              o, "one change: the acceptor with another mechanism");
}

/* ---- Families ------------------------------------------------------------------------------ */

static outcome try_it(const scene *s, attack *a, tally *t)
{
    const outcome o = run(s, a, 1);

    s->laws(s, a, &o);
    t->runs++;
    *(o.mech[0]   ? o.mech[1] ? &t->both : &t->initiator_alone
      : o.mech[1] ? &t->acceptor_alone
                  : &t->neither) += 1;
    t->initiator_other += (unsigned)is_other(s, o.mech[0]);
    t->acceptor_other += (unsigned)is_other(s, o.mech[1]);
    t->downgraded += is_other(s, o.mech[0]) && o.mech[0] == o.mech[1];
    return o;
}

static outcome replace(const scene *s, const char *what, unsigned number, const sent *instead,
                       tally *t)
{
    attack a = {.what = what, .number = number, .instead = instead};

    return try_it(s, &a, t);
}

static void every_bit(const scene *s, tally *t)
{
    for (unsigned i = 0; i < s->num_tokens; i++) {
        sent token = s->tokens[i];

        for (size_t bit = 0; bit < 8 * token.len; bit++) {
            token.octets[bit / 8] ^= (uint8_t)(1u << bit % 8);
            (void)replace(s, "a bit", i, &token, t);
            token.octets[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        for (token.len = 0; token.len < s->tokens[i].len; token.len++)
            (void)replace(s, "a cut", i, &token, t);
    }
}

/* Section 7 where only the list is changed, and in a way that matters: (a) if the initiator sends
 * the last mechanism token, both fail; (b) if the acceptor does, it does not complete, and the
 * initiator at worst with its own preference.  It is for mechanisms with integrity, and for
 * initiators that insist on request-mic: to any other acceptor than theirs (b) is kept. */
static void check_section_7(const scene *s, const attack *a, const outcome *o)
{
    const spnego_token reply = token_of(&a->reply);
    const char picked = letter_of(reply.supported_mech);

    if (picked == '\0' || !is_other(s, mech_of(picked)) || !has_integrity(&s->setting, picked))
        return;
    if (legs_of(&s->setting, picked) % 2 == 1)
        check(!o->mech[0] && !o->mech[1], s, a, o, "7(a)");
    else
        check((!o->mech[1] || !s->setting.at[STRICT_INITIATOR]) &&
                  (!o->mech[0] || o->mech[0] == mech_of(s->e.list[0])),
              s, a, o, "7(b)");
}

static void every_list(const scene *s, tally *t)
{
    static const char letters[] = "XYZM", *const fates = "=-";
    char list[5];
    sent token;

    for (unsigned len = 1; len < sizeof list; len++)
        for (unsigned word = 0; word < 1u << 2 * len; word++)
            for (unsigned fate = 0; fate < 4; fate++) {
                const edit how = {list, STATE_KEEP, KEEP, fates[fate / 2], fates[fate % 2]};
                attack a = {.what = "a list", .instead = &token};
                outcome o;

                memset(list, 0, sizeof list);
                for (unsigned i = 0; i < len; i++)
                    list[i] = letters[word >> 2 * i & 3];
                if (!edit_sent(&token, &s->tokens[0], &how, ABSENT))
                    continue;
                o = try_it(s, &a, t);
                if (fate == 0)
                    check_section_7(s, &a, &o);
            }
}

static void every_field(const scene *s, tally *t)
{
    static const int states[] = {
        STATE_KEEP,    STATE_REMOVE,      SPNEGO_ACCEPT_COMPLETED, SPNEGO_ACCEPT_INCOMPLETE,
        SPNEGO_REJECT, SPNEGO_REQUEST_MIC};
    static const choices all = {no_list, 1, states, LEN(states), "=-XYZM", "=-0", "=-0rz"};

    for (unsigned i = 1; i < s->num_tokens; i++) {
        const spnego_bytes reflected = reflected_mic(s->tokens, i);
        sent token;
        edit how;

        for (unsigned n = 1; nth_edit(&how, &all, n); n++)
            if (edit_sent(&token, &s->tokens[i], &how, reflected))
                (void)replace(s, "fields", i, &token, t);
    }
}

/* Earlier tokens of the same exchange, from either side, and all of another one. */
static void every_replay(const scene *s, tally *t)
{
    for (unsigned i = 0; i < s->num_tokens; i++) {
        for (unsigned earlier = 0; earlier < i; earlier++)
            (void)replace(s, "a token again", i, &s->tokens[earlier], t);
        for (unsigned other = 0; other < s->num_tokens; other++)
            (void)replace(s, "another exchange's token", i, &s->others[other], t);
    }
}

static void every_plan(const scene *s, tally *t)
{
    plan p = {.num_chosen = 0};
    attack a = {.what = "a plan", .plan = &p};

    do {
        (void)try_it(s, &a, t);
    } while (next_plan(&p));
}

/* ---- Scenes -------------------------------------------------------------------------------- */

/* The exchange untouched, twice: it must come to what the table says. */
static int prepare_scene(scene *s)
{
    plan first = {.num_chosen = 0}, second = {.num_chosen = 0};
    attack untouched = {.what = "untouched", .plan = &first};
    outcome o;

    s->e = expect(&s->setting);
    o = run(s, &untouched, 1);
    if (s->required_flags != 0 && !has_integrity(&s->setting, s->e.chosen)) {
        check(o.mech[0] == '\0', s, &untouched, &o, "flags that are lacking");
        return 0;
    }
    for (unsigned i = 0; i < 2; i++) {
        toy_end want;

        expected_end(&want, &s->e, i == 0 ? SPNEGO_INITIATOR : SPNEGO_ACCEPTOR);
        check((want.status == SPNEGO_COMPLETE) == (o.mech[i] != '\0'), s, &untouched, &o,
              "untouched, another verdict");
    }
    if (o.mech[0] == '\0' || o.mech[1] == '\0')
        return 0;
    check(o.mech[0] == mech_of(s->e.chosen) && o.mech[1] == o.mech[0], s, &untouched, &o,
          "untouched, another mechanism");
    check(o.mics[0] == with_mics(&s->e) && o.mics[1] == o.mics[0], s, &untouched, &o,
          "untouched, other MICs");
    s->num_tokens = first.num_chosen;
    memcpy(s->tokens, first.said, sizeof s->tokens);
    untouched.plan = &second;
    (void)run(s, &untouched, 2);
    cr_assert_eq(second.num_chosen, first.num_chosen);
    memcpy(s->others, second.said, sizeof s->others);
    return 1;
}

typedef void family(const scene *s, tally *t);

static tally run_family(const char *name, family *tries, unsigned max_legs,
                        void (*laws)(const scene *, const attack *, const outcome *),
                        unsigned integrity, uint32_t required_flags)
{
    static scene s;
    tally t = {0};
    unsigned num_scenes = 0;

    for (unsigned b = 0; b < LEN(bases); b++)
        for (unsigned legs = 1; legs <= max_legs; legs++)
            for (unsigned turned = 0; turned < 2; turned++)
                for (unsigned strict = 0; strict < 2; strict++) {
                    const unsigned legs_y = turned ? max_legs + 1 - legs : legs;

                    if (turned && legs_y == legs)
                        continue;
                    memset(&s, 0, sizeof s);
                    s.setting = setting_of(&bases[b], legs, legs_y, strict, integrity);
                    s.required_flags = required_flags;
                    s.laws = laws;
                    if (prepare_scene(&s)) {
                        num_scenes++;
                        tries(&s, &t);
                    }
                }
    cr_expect_eq(num_wrong, 0u, "%s: %u breaches", name, num_wrong);
    cr_log_info("%s: %u exchanges, %lu changes: %lu both complete, %lu neither, %lu the initiator "
                "alone, %lu the acceptor alone; with another mechanism %lu initiators, %lu "
                "acceptors, %lu both",
                name, num_scenes, t.runs, t.both, t.neither, t.initiator_alone, t.acceptor_alone,
                t.initiator_other, t.acceptor_other, t.downgraded);
    return t;
}

enum { BOTH_HAVE = X_HAS | Y_HAS };

Test(downgrade, every_bit)
{
    const tally t = run_family("bits", every_bit, 5, check_single_laws, BOTH_HAVE, 0);

    cr_expect_gt(t.runs, 390000u);
}

Test(downgrade, every_list)
{
    const tally t = run_family("lists", every_list, 5, check_single_laws, BOTH_HAVE, 0);

    cr_expect_gt(t.runs, 150000u);
}

Test(downgrade, every_field)
{
    const tally t = run_family("fields", every_field, 5, check_single_laws, BOTH_HAVE, 0);

    cr_expect_gt(t.runs, 240000u);
}

Test(downgrade, every_replay)
{
    const tally t = run_family("replays", every_replay, 5, check_single_laws, BOTH_HAVE, 0);

    cr_expect_gt(t.runs, 9000u);
}

/* That 2 and 3 happen shows that these attacks reach what section 7 warns of. */
Test(downgrade, every_plan)
{
    const tally t = run_family("plans", every_plan, 5, check_laws, BOTH_HAVE, 0);

    cr_expect_gt(t.runs, 380000u);
    cr_expect_gt(t.initiator_other, 500u);
    cr_expect_gt(t.acceptor_other, 500u);
}

Test(downgrade, without_integrity)
{
    const tally lists = run_family("lists, no integrity", every_list, 3, check_always, 0, 0);
    const tally plans = run_family("plans, no integrity", every_plan, 3, check_always, 0, 0);

    cr_expect_gt(lists.downgraded, 100u);
    cr_expect_gt(plans.downgraded, 100u);
}

/* Section 7: as strong as the weakest mechanism that is acceptable. */
Test(downgrade, one_without_integrity)
{
    const tally open = run_family("lists, X has integrity", every_list, 3, check_always, X_HAS, 0);
    const tally lists =
        run_family("lists, INTEG required", every_list, 3, check_laws, X_HAS, SPNEGO_FLAG_INTEG);
    const tally plans =
        run_family("plans, INTEG required", every_plan, 3, check_laws, X_HAS, SPNEGO_FLAG_INTEG);

    cr_expect_gt(open.downgraded, 100u);
    cr_expect_gt(lists.runs, 60000u);
    cr_expect_gt(plans.runs, 100000u);
}

static int spoil(void *user, unsigned number, spnego_role from, uint8_t *octets, size_t *len,
                 size_t size)
{
    (void)user;
    (void)from;
    (void)size;
    if (number == 0)
        octets[*len - strlen("X/1/00000001")] ^= 1; /* the first of the mechToken */
    return 1;
}

/* What SPNEGO_OPTION_TRY_NEXT_MECH costs: one bit makes both ends agree on their second mechanism,
 * and the MICs are right, for the list is.  Without it the negotiation fails (NEG-48). */
Test(downgrade, spoilt_token)
{
    toy_pair pair;

    for (unsigned tries = 0; tries < 2; tries++) {
        pair_init(&pair, TOY_STRICT, "XY", "XY", 2, INTEG);
        pair.a.config.options = tries ? SPNEGO_OPTION_TRY_NEXT_MECH : 0;
        pair_run(&pair, spoil, NULL);
        if (tries) {
            cr_expect_eq(pair.i_end.info.mics_exchanged, 1);
            cr_expect(pair.i_end.info.mech != NULL && pair.i_end.info.mech->ops == &toy_y);
            cr_expect(pair.a_end.info.mech != NULL && pair.a_end.info.mech->ops == &toy_y);
            pair_check("the next one", &pair, DONE, DONE);
        } else {
            pair_check("none", &pair, REJECTED, SPNEGO_ERR_MECH, SPNEGO_RULE_MECH_FAILED);
        }
    }
}
