/*
 * Moving a context: at every state of whole exchanges, and what must not be taken for a context.
 *
 * An exchange in which contexts were moved from host to host must be the same, octet for octet, as
 * the one in which nothing was moved.
 */
#include "toy_peer.h"

#include <stdlib.h>

/* ---- Whole exchanges, moved ------------------------------------------------------------------ */

typedef struct scenario {
    const char *name;
    const char *i_letters, *a_letters;
    uint32_t flags;
    uint32_t i_options, a_options;
    int hints; /* the acceptor is asked for them first */
} scenario;

static const scenario scenarios[] = {
    {"first choice", "XY", "XY", INTEG, 0, 0, 0},
    {"no integrity", "XY", "XY", 0, 0, 0, 0},
    {"request-mic", "XY", "YX", INTEG, 0, 0, 0},
    {"another choice", "XY", "Y", INTEG, 0, 0, 0},
    {"both insist", "XY", "XY", INTEG, SPNEGO_OPTION_REQUIRE_MIC, SPNEGO_OPTION_REQUIRE_MIC, 0},
    {"no optimistic token", "XY", "XY", INTEG, SPNEGO_OPTION_NO_OPTIMISTIC_TOKEN, 0, 0},
    {"Windows' number", "MY", "X", INTEG, 0, 0, 0},
    {"hints", "XY", "YX", INTEG, 0, 0, 1},
    {"NEEDS_MIC", "XY", "XY", INTEG | SPNEGO_FLAG_NEEDS_MIC, 0, 0, 0},
};

/* A side is moved before its step with this number, 0 being the first, and an established one
 * before it is asked for info. */
enum { MOVED_NEVER = -1, MOVED_ALWAYS = -2, MAX_HOSTS = 12 };

typedef struct outcome {
    spnego_status status;
    spnego_rule rule;
    spnego_info info;      /* without its pointers */
    const char *mech;      /* name */
    uint8_t octets[2][64]; /* info.oid, info.mech_types */
    size_t lens[2];
} outcome;

typedef struct play {
    const scenario *scenario;
    int legs;
    int moved_at[2];
    toy_side hosts[2][MAX_HOSTS]; /* the last is the one that it is on */
    int num_hosts[2];
    int num_steps[2];
    uint8_t wire[4096]; /* all tokens, one after the other */
    size_t wire_len;
    outcome outcomes[2];
} play;

static toy_side *host_of(play *p, int acceptor)
{
    return &p->hosts[acceptor][p->num_hosts[acceptor] - 1];
}

static toy_side *add_host(play *p, int acceptor)
{
    const scenario *s = p->scenario;
    toy_side *side;

    cr_assert(p->num_hosts[acceptor] < MAX_HOSTS);
    p->num_hosts[acceptor]++;
    side = host_of(p, acceptor);
    toy_side_init(side, acceptor ? SPNEGO_ACCEPTOR : SPNEGO_INITIATOR, TOY_INTEROPERABLE,
                  acceptor ? s->a_letters : s->i_letters, p->legs, s->flags);
    side->config.options = acceptor ? s->a_options : s->i_options;
    return side;
}

/* A copy of exactly that length, for free. */
static uint8_t *copy_of(spnego_bytes bytes)
{
    uint8_t *copy = malloc(bytes.len != 0 ? bytes.len : 1);

    cr_assert_not_null(copy);
    if (bytes.len != 0)
        memcpy(copy, bytes.data, bytes.len);
    return copy;
}

/* Nothing can be done with a context that was exported: no two copies may sign with the same
 * numbers. */
static void check_spent(const char *what, toy_side *side)
{
    const spnego_bytes message = der_of("'secret'");
    const size_t calls = calls_of(side);
    spnego_bytes out;
    int conf;

    check_step(what, side, ABSENT, SPNEGO_ERR_USAGE, SPNEGO_RULE_CALL_OUT_OF_TURN, NULL);
    check_step(what, side, der_of(RESP(COMPLETED)), SPNEGO_ERR_USAGE, SPNEGO_RULE_CALL_OUT_OF_TURN,
               NULL);
    cr_expect_eq(spnego_context_resume(side->context, &out), SPNEGO_ERR_USAGE, "%s", what);
    cr_expect_eq(spnego_context_set_neg_mechs(side->context, &toy_x.oid, 1), SPNEGO_ERR_USAGE, "%s",
                 what);
    cr_expect_eq(spnego_context_wrap(side->context, &out, NULL, message, 0), SPNEGO_ERR_USAGE, "%s",
                 what);
    cr_expect_eq(spnego_context_unwrap(side->context, &out, NULL, &conf, message), SPNEGO_ERR_USAGE,
                 "%s", what);
    cr_expect_eq(spnego_context_export(side->context, &out), SPNEGO_ERR_USAGE, "%s: twice", what);
    cr_expect(out.data == NULL && out.len == 0, "%s: exported twice", what);
    check_nothing_known(what, side);
    cr_expect_eq(calls_of(side), calls, "%s: the mechanism was called", what);
}

/* Closes a side whose negotiation, and whose mechanisms with it, went on elsewhere. */
static void close_exported(const char *what, toy_side *side)
{
    const toy_mech *toys[] = {&side->x, &side->y, &side->z, &side->ms};

    spnego_context_destroy(side->context);
    for (size_t i = 0; i < LEN(toys); i++)
        cr_expect_eq(toys[i]->after_end, 0, "%s: %s: %s", what, toys[i]->name, toys[i]->breach);
}

static void move(const char *what, play *p, int acceptor)
{
    toy_side *from = host_of(p, acceptor);
    toy_side *to = add_host(p, acceptor);
    spnego_bytes blob;
    spnego_error error;
    uint8_t *copy;
    char state[16];

    snprintf(state, sizeof state, "%s", spnego_context_state(from->context));
    cr_assert_eq(spnego_context_export(from->context, &blob), SPNEGO_COMPLETE, "%s: %s", what,
                 rule_name(spnego_context_error(from->context)->rule));
    cr_assert(blob.data != NULL && blob.len != 0, "%s: nothing", what);
    copy = copy_of(blob);
    blob.data = copy;
    check_spent(what, from);
    cr_assert_eq(spnego_context_import(&to->context, &error, &to->config, blob), SPNEGO_COMPLETE,
                 "%s: %s", what, rule_name(error.rule));
    free(copy);
    cr_expect_str_eq(spnego_context_state(to->context), state, "%s", what);
}

static void play_one(const char *what, play *p, int acceptor, spnego_bytes *token,
                     spnego_status *status)
{
    if (p->moved_at[acceptor] == MOVED_ALWAYS || p->moved_at[acceptor] == p->num_steps[acceptor])
        move(what, p, acceptor);
    p->num_steps[acceptor]++;
    *status = spnego_context_step(host_of(p, acceptor)->context, token, *token);
    cr_assert(p->wire_len + token->len <= sizeof p->wire);
    if (token->len != 0)
        memcpy(p->wire + p->wire_len, token->data, token->len);
    *token = (spnego_bytes){token->data != NULL ? p->wire + p->wire_len : NULL, token->len};
    p->wire_len += token->len;
}

static void note_outcome(play *p, int acceptor, spnego_status status)
{
    const spnego_context *context = host_of(p, acceptor)->context;
    outcome *o = &p->outcomes[acceptor];
    spnego_bytes octets[2];

    o->status = status;
    o->rule = spnego_context_error(context)->rule;
    if (!spnego_context_info(context, &o->info))
        return;
    o->mech = o->info.mech->ops->name;
    octets[0] = o->info.oid;
    octets[1] = o->info.mech_types;
    for (size_t i = 0; i < 2; i++) {
        cr_assert(octets[i].len != 0 && octets[i].len <= sizeof o->octets[i]);
        memcpy(o->octets[i], octets[i].data, octets[i].len);
        o->lens[i] = octets[i].len;
    }
    o->info.mech = NULL;
    o->info.oid = o->info.mech_types = ABSENT;
}

static void play_scenario(const char *what, play *p)
{
    spnego_status status[2] = {SPNEGO_CONTINUE, SPNEGO_CONTINUE};
    spnego_bytes token = {NULL, 0};
    int who = p->scenario->hints;

    for (int acceptor = 0; acceptor <= 1; acceptor++)
        toy_side_open(add_host(p, acceptor));
    while (status[who] == SPNEGO_CONTINUE) {
        play_one(what, p, who, &token, &status[who]);
        if (token.data == NULL)
            break;
        who = !who;
    }
    for (int acceptor = 0; acceptor <= 1; acceptor++) {
        if (p->moved_at[acceptor] == MOVED_ALWAYS ||
            p->moved_at[acceptor] == p->num_steps[acceptor])
            move(what, p, acceptor);
        note_outcome(p, acceptor, status[acceptor]);
    }
}

static void close_play(const char *what, play *p)
{
    for (int acceptor = 0; acceptor <= 1; acceptor++)
        for (int i = 0; i < p->num_hosts[acceptor]; i++)
            (i + 1 < p->num_hosts[acceptor] ? close_exported : close_side)(what,
                                                                           &p->hosts[acceptor][i]);
}

static int same_outcome(const outcome *a, const outcome *b)
{
    return a->status == b->status && a->rule == b->rule &&
           memcmp(&a->info, &b->info, sizeof a->info) == 0 &&
           (a->mech == NULL) == (b->mech == NULL) &&
           (a->mech == NULL || strcmp(a->mech, b->mech) == 0) &&
           memcmp(a->octets, b->octets, sizeof a->octets) == 0 && a->lens[0] == b->lens[0] &&
           a->lens[1] == b->lens[1];
}

/* Plays with moves and compares with the exchange in which nothing moved. */
static void check_moved(const play *unmoved, int i_at, int a_at)
{
    play *p = calloc(1, sizeof *p);
    char what[128];

    cr_assert_not_null(p);
    snprintf(what, sizeof what, "%s, %d legs, initiator moved at %d, acceptor at %d",
             unmoved->scenario->name, unmoved->legs, i_at, a_at);
    p->scenario = unmoved->scenario;
    p->legs = unmoved->legs;
    p->moved_at[0] = i_at;
    p->moved_at[1] = a_at;
    play_scenario(what, p);
    cr_expect(p->wire_len == unmoved->wire_len && memcmp(p->wire, unmoved->wire, p->wire_len) == 0,
              "%s: other octets on the wire", what);
    for (int acceptor = 0; acceptor <= 1; acceptor++)
        cr_expect(same_outcome(&p->outcomes[acceptor], &unmoved->outcomes[acceptor]),
                  "%s: %s: %s %s instead of %s", what, acceptor ? "acceptor" : "initiator",
                  status_name(p->outcomes[acceptor].status), rule_name(p->outcomes[acceptor].rule),
                  status_name(unmoved->outcomes[acceptor].status));
    close_play(what, p);
    free(p);
}

Test(export, at_every_state)
{
    for (size_t i = 0; i < LEN(scenarios); i++) {
        for (int legs = 1; legs <= 5; legs++) {
            play *unmoved = calloc(1, sizeof *unmoved);

            cr_assert_not_null(unmoved);
            unmoved->scenario = &scenarios[i];
            unmoved->legs = legs;
            unmoved->moved_at[0] = unmoved->moved_at[1] = MOVED_NEVER;
            play_scenario(scenarios[i].name, unmoved);
            cr_assert_eq(unmoved->outcomes[0].status, SPNEGO_COMPLETE, "%s", scenarios[i].name);
            cr_assert_eq(unmoved->outcomes[1].status, SPNEGO_COMPLETE, "%s", scenarios[i].name);
            for (int at = 0; at <= unmoved->num_steps[0]; at++)
                check_moved(unmoved, at, MOVED_NEVER);
            for (int at = 0; at <= unmoved->num_steps[1]; at++)
                check_moved(unmoved, MOVED_NEVER, at);
            check_moved(unmoved, MOVED_ALWAYS, MOVED_ALWAYS);
            close_play(scenarios[i].name, unmoved);
            free(unmoved);
        }
    }
}

/* What was established can still be used. */
Test(export, established_context_still_wraps)
{
    const scenario *s = &scenarios[0];
    const spnego_bytes message = der_of("'secret'");
    play *p = calloc(1, sizeof *p);
    spnego_bytes out;
    uint8_t *wrapped;
    int conf;

    cr_assert_not_null(p);
    p->scenario = s;
    p->legs = 3;
    p->moved_at[0] = p->moved_at[1] = MOVED_ALWAYS;
    play_scenario("wrap", p);
    cr_assert_eq(spnego_context_wrap(host_of(p, 0)->context, &out, NULL, message, 1),
                 SPNEGO_COMPLETE);
    wrapped = copy_of(out);
    cr_expect_eq(spnego_context_unwrap(host_of(p, 1)->context, &out, NULL, &conf,
                                       (spnego_bytes){wrapped, out.len}),
                 SPNEGO_COMPLETE);
    cr_expect(conf == 1 && same_octets(out, message));
    free(wrapped);
    close_play("wrap", p);
    free(p);
}

/* ---- One context, exported at a certain point -------------------------------------------------
 */

typedef struct point {
    const char *name;
    const char *i_letters, *a_letters;
    int legs;
    spnego_role role;
    int steps; /* that this side has taken */
    const char *state;
} point;

static const point points[] = {
    {"initiator that begins", "XY", "YX", 3, SPNEGO_INITIATOR, 0, "start"},
    {"acceptor that begins", "XY", "YX", 3, SPNEGO_ACCEPTOR, 0, "init"},
    {"initiator that offered", "XY", "YX", 3, SPNEGO_INITIATOR, 1, "first-reply"},
    {"acceptor in the middle", "XY", "YX", 3, SPNEGO_ACCEPTOR, 1, "token"},
    {"initiator that signed", "XY", "YX", 3, SPNEGO_INITIATOR, 2, "token"},
    {"acceptor that signed", "XY", "YX", 2, SPNEGO_ACCEPTOR, 1, "mic"},
    {"initiator, another choice", "XY", "Y", 2, SPNEGO_INITIATOR, 2, "token"},
    {"acceptor, another choice", "XY", "Y", 2, SPNEGO_ACCEPTOR, 1, "token"},
    {"established initiator", "XY", "YX", 3, SPNEGO_INITIATOR, 3, "complete"},
    {"established acceptor", "XY", "YX", 3, SPNEGO_ACCEPTOR, 2, "complete"},
};
enum { START, INIT_, FIRST_REPLY, MIDDLE, SIGNED, WAITS_FOR_MIC, I_OTHER, A_OTHER, I_DONE, A_DONE };

/* Brings a context of the point's role to the point; the other side is closed. */
static void reach(toy_side *side, const point *at)
{
    toy_pair pair;
    toy_side *const sides[2] = {&pair.i, &pair.a};
    spnego_bytes token = {NULL, 0};
    uint8_t octets[1024];
    int who = 0, taken[2] = {0, 0};
    const int mine = at->role == SPNEGO_ACCEPTOR;

    pair_init(&pair, TOY_INTEROPERABLE, at->i_letters, at->a_letters, at->legs, INTEG);
    /* The one that stays is where it will be, because its mechanisms are known by address. */
    toy_side_init(side, at->role, TOY_INTEROPERABLE, mine ? at->a_letters : at->i_letters, at->legs,
                  INTEG);
    toy_side_open(side);
    toy_side_open(sides[!mine]);
    while (taken[mine] < at->steps) {
        toy_side *now = who == mine ? side : sides[who];
        const spnego_status status = spnego_context_step(now->context, &token, token);

        cr_assert_geq((int)status, 0, "%s: %s", at->name, status_name(status));
        cr_assert(token.len <= sizeof octets);
        if (token.len != 0)
            memcpy(octets, token.data, token.len);
        token.data = octets;
        taken[who]++;
        who = !who;
    }
    cr_assert_str_eq(spnego_context_state(side->context), at->state, "%s: %s", at->name,
                     spnego_context_state(side->context));
    close_side(at->name, sides[!mine]);
}

/* A configuration that could take what was exported at the point. */
static void init_taker(toy_side *side, const point *at)
{
    toy_side_init(side, at->role, TOY_INTEROPERABLE,
                  at->role == SPNEGO_ACCEPTOR ? at->a_letters : at->i_letters, at->legs, INTEG);
}

/* For free. */
static uint8_t *blob_at(size_t *len, const point *at)
{
    toy_side side;
    spnego_bytes blob;
    uint8_t *copy;

    reach(&side, at);
    cr_assert_eq(spnego_context_export(side.context, &blob), SPNEGO_COMPLETE, "%s", at->name);
    copy = copy_of(blob);
    *len = blob.len;
    close_exported(at->name, &side);
    return copy;
}

/* ---- What is no exported context --------------------------------------------------------------
 */

/* Checks that octets are refused; want_rule NONE leaves the rule open. */
static void check_refused(const char *what, const toy_side *taker, spnego_bytes blob,
                          spnego_rule want_rule)
{
    static spnego_context *const poison = (spnego_context *)(uintptr_t)1;
    spnego_context *context = poison;
    spnego_error error;
    spnego_status status;

    memset(&error, 0xa5, sizeof error);
    status = spnego_context_import(&context, &error, &taker->config, blob);
    cr_expect_eq(status, SPNEGO_ERR_IMPORT, "%s: %s %s", what, status_name(status),
                 rule_name(error.rule));
    if (status == SPNEGO_COMPLETE) {
        spnego_context_destroy(context);
        return;
    }
    cr_expect_null(context, "%s: there is a context", what);
    cr_expect_eq(error.status, status, "%s", what);
    if (want_rule != SPNEGO_RULE_NONE)
        cr_expect_eq(error.rule, want_rule, "%s: %s instead of %s", what, rule_name(error.rule),
                     rule_name(want_rule));
    context = poison;
    cr_expect_eq(spnego_context_import(&context, NULL, &taker->config, blob), SPNEGO_ERR_IMPORT,
                 "%s", what);
    cr_expect_null(context, "%s: there is a context", what);
}

Test(export, every_bit_changed)
{
    for (size_t i = 0; i < LEN(points); i++) {
        size_t len;
        uint8_t *blob = blob_at(&len, &points[i]);
        toy_side taker;

        init_taker(&taker, &points[i]);
        for (size_t bit = 0; bit < 8 * len; bit++) {
            char what[96];

            snprintf(what, sizeof what, "%s, bit %zu", points[i].name, bit);
            blob[bit / 8] ^= (uint8_t)(1u << (bit % 8));
            check_refused(what, &taker, (spnego_bytes){blob, len}, SPNEGO_RULE_NONE);
            blob[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        }
        cr_expect_eq(calls_of(&taker), 0u, "%s: a mechanism was asked", points[i].name);
        free(blob);
    }
}

Test(export, every_length_but_its_own)
{
    for (size_t i = 0; i < LEN(points); i++) {
        size_t len;
        uint8_t *blob = blob_at(&len, &points[i]);
        toy_side taker;

        init_taker(&taker, &points[i]);
        for (size_t cut = 0; cut <= len + 9; cut++) {
            uint8_t *other = malloc(cut != 0 ? cut : 1);
            char what[96];

            cr_assert_not_null(other);
            snprintf(what, sizeof what, "%s, %zu octets", points[i].name, cut);
            for (int filler = 0; filler <= 0xff && cut != len; filler += 0xff) {
                memset(other, filler, cut != 0 ? cut : 1);
                memcpy(other, blob, cut < len ? cut : len);
                check_refused(what, &taker, (spnego_bytes){other, cut}, SPNEGO_RULE_EXPORT_DAMAGED);
            }
            free(other);
        }
        check_refused("absent", &taker, ABSENT, SPNEGO_RULE_EXPORT_DAMAGED);
        cr_expect_eq(calls_of(&taker), 0u, "%s: a mechanism was asked", points[i].name);
        free(blob);
    }
}

/* ---- With a good checksum, but no context all the same ----------------------------------------
 */

/* The octets taken apart, as src/nego/export.c describes them. */
enum { NEG_MECHS, LIST_, OID_, MECH_OID, OWN_MIC, MECH_STATE, NUM_STRINGS };
enum {
    HAS_CHOSEN = 1,
    BEGUN = 2,
    MECH_COMPLETE = 4,
    FIRST_CHOICE = 8,
    ASKS = 16,
    UNPROTECTED = 32,
    REPLIED = 64,
    MIC_REQUIRED = 128,
    MIC_SENT = 256,
    MIC_VERIFIED = 512,
    FIRST_UNKNOWN_FLAG = 4096
};
enum { S_START, S_INIT, S_FIRST_REPLY, S_TOKEN, S_MIC, S_COMPLETE, S_FAILED, S_SPENT };

typedef struct parts {
    uint8_t magic[6];
    uint64_t version, role, state, flags, steps, mech_flags, quirks, tolerated;
    uint8_t octets[NUM_STRINGS][256];
    size_t lens[NUM_STRINGS];
    uint8_t after[8]; /* between the last string and the checksum */
    size_t after_len;
} parts;

static uint64_t take_number(const uint8_t **at, size_t len)
{
    uint64_t value = 0;

    while (len-- != 0)
        value = value << 8 | *(*at)++;
    return value;
}

static void take_apart(parts *p, const uint8_t *at, size_t len)
{
    const uint8_t *const start = at;

    memset(p, 0, sizeof *p);
    memcpy(p->magic, at, sizeof p->magic);
    at += sizeof p->magic;
    p->version = take_number(&at, 1);
    p->role = take_number(&at, 1);
    p->state = take_number(&at, 1);
    p->flags = take_number(&at, 2);
    p->steps = take_number(&at, 4);
    p->mech_flags = take_number(&at, 4);
    p->quirks = take_number(&at, 4);
    p->tolerated = take_number(&at, 4);
    for (size_t i = 0; i < NUM_STRINGS; i++) {
        p->lens[i] = (size_t)take_number(&at, 4);
        cr_assert(p->lens[i] <= sizeof p->octets[i]);
        memcpy(p->octets[i], at, p->lens[i]);
        at += p->lens[i];
    }
    cr_assert_eq((size_t)(at - start) + 8, len, "another layout");
}

static void put_number(uint8_t **at, uint64_t value, size_t len)
{
    while (len-- != 0)
        *(*at)++ = (uint8_t)(value >> 8 * len);
}

static size_t put_together(uint8_t *out, const parts *p)
{
    uint64_t sum = UINT64_C(0xcbf29ce484222325);
    uint8_t *at = out;

    memcpy(at, p->magic, sizeof p->magic);
    at += sizeof p->magic;
    put_number(&at, p->version, 1);
    put_number(&at, p->role, 1);
    put_number(&at, p->state, 1);
    put_number(&at, p->flags, 2);
    put_number(&at, p->steps, 4);
    put_number(&at, p->mech_flags, 4);
    put_number(&at, p->quirks, 4);
    put_number(&at, p->tolerated, 4);
    for (size_t i = 0; i < NUM_STRINGS; i++) {
        put_number(&at, p->lens[i], 4);
        memcpy(at, p->octets[i], p->lens[i]);
        at += p->lens[i];
    }
    memcpy(at, p->after, p->after_len);
    at += p->after_len;
    for (const uint8_t *octet = out; octet < at; octet++) /* FNV-1a */
        sum = (sum ^ *octet) * UINT64_C(0x100000001b3);
    put_number(&at, sum, 8);
    return (size_t)(at - out);
}

static void parts_at(parts *p, const point *at)
{
    size_t len;
    uint8_t *blob = blob_at(&len, at);

    take_apart(p, blob, len);
    free(blob);
}

static void set_string(parts *p, size_t which, spnego_bytes bytes)
{
    cr_assert(bytes.len <= sizeof p->octets[which]);
    memcpy(p->octets[which], bytes.data, bytes.len);
    p->lens[which] = bytes.len;
}

/* Imports the parts; copies them to a block of exactly their length. */
static void check_parts_refused(const char *what, const point *at, const parts *p,
                                spnego_rule want_rule)
{
    uint8_t octets[2048];
    const size_t len = put_together(octets, p);
    uint8_t *blob = copy_of((spnego_bytes){octets, len});
    toy_side taker;
    char whole[160];

    init_taker(&taker, at);
    snprintf(whole, sizeof whole, "%s: %s", at->name, what);
    check_refused(whole, &taker, (spnego_bytes){blob, len}, want_rule);
    free(blob);
}

/* Takes what a point exports, changes it by one statement about the parts `p`, and expects a
 * refusal. */
#define REFUSED_BY(rule, which, statement) \
    do { \
        parts altered; \
        parts *p = &altered; \
        parts_at(p, &points[which]); \
        statement; \
        check_parts_refused(#statement, &points[which], p, rule); \
    } while (0)
#define DAMAGED(which, statement) REFUSED_BY(SPNEGO_RULE_EXPORT_DAMAGED, which, statement)
#define NOT_FOR_US(which, statement) REFUSED_BY(SPNEGO_RULE_EXPORT_NOT_FOR_US, which, statement)
#define AT_EACH_POINT(i) for (size_t i = 0; i < LEN(points); i++)

/* Taken apart and put together again it is the same, so that what follows shows what it says. */
Test(export, this_test_knows_the_layout)
{
    AT_EACH_POINT(i)
    {
        size_t len;
        uint8_t *blob = blob_at(&len, &points[i]);
        uint8_t again[2048];
        toy_side taker;
        parts p;

        take_apart(&p, blob, len);
        cr_assert_eq(put_together(again, &p), len, "%s", points[i].name);
        cr_assert_eq(memcmp(again, blob, len), 0, "%s", points[i].name);
        init_taker(&taker, &points[i]);
        cr_assert_eq(
            spnego_context_import(&taker.context, NULL, &taker.config, (spnego_bytes){again, len}),
            SPNEGO_COMPLETE, "%s", points[i].name);
        close_side(points[i].name, &taker);
        free(blob);
    }
}

Test(export, of_another_version_or_role)
{
    AT_EACH_POINT(i)
    {
        NOT_FOR_US(i, p->version = 0);
        NOT_FOR_US(i, p->version = 2);
        NOT_FOR_US(i, p->version = 255);
        NOT_FOR_US(i, p->role = 0);
        NOT_FOR_US(i, p->role = 3 - p->role);
        NOT_FOR_US(i, p->role = 3);
        DAMAGED(i, p->magic[5] = 'o');
        DAMAGED(i, p->after_len = 1);
    }
}

Test(export, in_a_state_that_there_is_not)
{
    AT_EACH_POINT(i)
    {
        for (unsigned state = S_FAILED; state <= 255; state++)
            DAMAGED(i, p->state = state);
        for (unsigned flag = FIRST_UNKNOWN_FLAG; flag <= 0x8000; flag <<= 1)
            DAMAGED(i, p->flags |= flag);
        DAMAGED(i, p->quirks |= SPNEGO_QUIRKS_INTEROPERABLE + 1);
        DAMAGED(i, p->quirks |= 0x80000000u);
        DAMAGED(i, p->tolerated |= SPNEGO_TOLERATE_ALL + 1);
        DAMAGED(i, p->tolerated |= 0x80000000u);
        if (points[i].role == SPNEGO_INITIATOR) {
            DAMAGED(i, p->state = S_INIT);
            DAMAGED(i, p->state = S_MIC);
        } else {
            DAMAGED(i, p->state = S_START);
            DAMAGED(i, p->state = S_FIRST_REPLY);
        }
    }
}

/* The lengths that the strings announce run out of the octets. */
Test(export, with_strings_that_do_not_fit)
{
    static const size_t lengths[] = {0xffffffffu, 0x80000000u, 0x7fffffffu, 0xffff};

    AT_EACH_POINT(i)
    {
        for (size_t k = 0; k < NUM_STRINGS; k++) {
            for (size_t j = 0; j < LEN(lengths); j++) {
                size_t len, at = 27;
                uint8_t *blob = blob_at(&len, &points[i]);
                uint64_t sum = UINT64_C(0xcbf29ce484222325);
                uint8_t *number;
                toy_side taker;

                for (size_t before = 0; before < k; before++) {
                    const uint8_t *string = blob + at;

                    at += 4 + (size_t)take_number(&string, 4);
                }
                number = blob + at;
                put_number(&number, lengths[j], 4);
                for (size_t octet = 0; octet < len - 8; octet++)
                    sum = (sum ^ blob[octet]) * UINT64_C(0x100000001b3);
                number = blob + len - 8;
                put_number(&number, sum, 8);
                init_taker(&taker, &points[i]);
                check_refused(points[i].name, &taker, (spnego_bytes){blob, len},
                              SPNEGO_RULE_EXPORT_DAMAGED);
                free(blob);
            }
        }
    }
}

/* Design: invariant 1.  Complete only if the mechanism is, and every MIC that was required was sent
 * and verified. */
Test(export, established_without_what_it_takes)
{
    static const size_t established[] = {I_DONE, A_DONE};

    for (size_t k = 0; k < LEN(established); k++) {
        const size_t i = established[k];

        DAMAGED(i, p->flags &= ~(uint64_t)MIC_VERIFIED);
        DAMAGED(i, p->flags &= ~(uint64_t)MIC_SENT);
        DAMAGED(i, (p->flags &= ~(uint64_t)MIC_SENT, p->lens[OWN_MIC] = 0));
        DAMAGED(i, (p->flags &= ~(uint64_t)(MIC_SENT | MIC_VERIFIED), p->lens[OWN_MIC] = 0));
        DAMAGED(i, p->flags &= ~(uint64_t)MECH_COMPLETE);
        DAMAGED(i, p->flags &= ~(uint64_t)BEGUN);
        DAMAGED(i, p->flags &= ~(uint64_t)HAS_CHOSEN);
        DAMAGED(i, p->flags = 0);
        DAMAGED(i, p->mech_flags &= ~(uint64_t)SPNEGO_FLAG_INTEG);
        DAMAGED(i, p->lens[OWN_MIC] = 0);
        DAMAGED(i, p->state = points[i].role == SPNEGO_ACCEPTOR ? S_INIT : S_START);
    }
    DAMAGED(MIDDLE, p->state = S_COMPLETE);
    DAMAGED(SIGNED, p->state = S_COMPLETE);
    DAMAGED(WAITS_FOR_MIC, p->state = S_COMPLETE);
    DAMAGED(FIRST_REPLY, p->state = S_COMPLETE);
    DAMAGED(I_OTHER, p->state = S_COMPLETE);
    DAMAGED(A_OTHER, p->state = S_COMPLETE);
    DAMAGED(START, p->state = S_COMPLETE);
    DAMAGED(INIT_, p->state = S_COMPLETE);
}

Test(export, incoherent_on_the_way)
{
    DAMAGED(MIDDLE, p->state = S_MIC);
    DAMAGED(MIDDLE, p->state = S_INIT);
    DAMAGED(MIDDLE, p->flags &= ~(uint64_t)HAS_CHOSEN);
    DAMAGED(MIDDLE, p->flags |= MIC_SENT);
    DAMAGED(MIDDLE, p->flags |= MIC_VERIFIED);
    DAMAGED(MIDDLE, (p->flags |= MIC_SENT, p->lens[OWN_MIC] = 16));
    DAMAGED(MIDDLE, p->lens[OWN_MIC] = 16);
    DAMAGED(SIGNED, p->flags &= ~(uint64_t)MECH_COMPLETE);
    DAMAGED(SIGNED, p->flags &= ~(uint64_t)MIC_SENT);
    DAMAGED(SIGNED, p->mech_flags = 0);
    DAMAGED(WAITS_FOR_MIC, p->flags &= ~(uint64_t)MIC_SENT);
    DAMAGED(WAITS_FOR_MIC, p->flags &= ~(uint64_t)MIC_REQUIRED);
    DAMAGED(WAITS_FOR_MIC, p->flags &= ~(uint64_t)MECH_COMPLETE);
    DAMAGED(WAITS_FOR_MIC, p->lens[OWN_MIC] = 0);
    DAMAGED(FIRST_REPLY, p->state = S_START);
    DAMAGED(A_OTHER, p->flags |= MECH_COMPLETE); /* it has not begun */
    DAMAGED(START, p->state = S_FIRST_REPLY);
    DAMAGED(START, p->state = S_TOKEN);
    DAMAGED(INIT_, p->state = S_TOKEN);
    DAMAGED(INIT_, p->state = S_MIC);
    for (unsigned flag = HAS_CHOSEN; flag <= REPLIED; flag <<= 1) {
        DAMAGED(START, p->flags |= flag);
        DAMAGED(INIT_, p->flags |= flag);
    }
}

/* Where nothing has been chosen there is nothing to say of it. */
Test(export, what_belongs_to_a_choice_without_one)
{
    static const size_t opening[] = {START, INIT_};

    for (size_t i = 0; i < LEN(opening); i++) {
        DAMAGED(opening[i], set_string(p, OID_, toy_x.oid));
        DAMAGED(opening[i], set_string(p, MECH_OID, toy_x.oid));
        DAMAGED(opening[i], set_string(p, OWN_MIC, der_of("00*16")));
        DAMAGED(opening[i], set_string(p, MECH_STATE, der_of("'toy'")));
        DAMAGED(opening[i], p->mech_flags = SPNEGO_FLAG_INTEG);
    }
    DAMAGED(A_OTHER, set_string(p, MECH_STATE, der_of("'toy'"))); /* it has not begun */
}

/* What the position of the chosen mechanism says must be said by the flags as well, and where RFC
 * 4178 5 requires MICs the requirement must be there: it is never taken back. */
Test(export, a_choice_that_contradicts_the_list)
{
    DAMAGED(FIRST_REPLY, p->flags ^= FIRST_CHOICE);
    DAMAGED(MIDDLE, p->flags ^= FIRST_CHOICE);
    DAMAGED(I_OTHER, p->flags ^= FIRST_CHOICE);
    DAMAGED(A_OTHER, p->flags ^= FIRST_CHOICE);
    DAMAGED(I_DONE, p->flags ^= FIRST_CHOICE);
    DAMAGED(A_DONE, p->flags ^= FIRST_CHOICE);
    DAMAGED(I_OTHER, p->flags &= ~(uint64_t)MIC_REQUIRED);
    DAMAGED(A_OTHER, p->flags &= ~(uint64_t)MIC_REQUIRED);
    DAMAGED(MIDDLE, p->flags &= ~(uint64_t)MIC_REQUIRED); /* request-mic was sent */
    DAMAGED(MIDDLE, p->flags &= ~(uint64_t)REPLIED);
    DAMAGED(FIRST_REPLY, p->flags |= REPLIED);
}

Test(export, with_a_list_that_is_none)
{
    static const char *const lists[] = {
        "",           "30{}",        "30{04{00}}",
        "31{" XY "}", LIST(XY) "00", "30 20 06 09 2a864886f712010202",
        "30{0600}",
    };

    AT_EACH_POINT(i)
    {
        for (size_t k = 0; k < LEN(lists); k++)
            if (i != START && i != INIT_)
                DAMAGED(i, set_string(p, LIST_, der_of(lists[k])));
    }
    DAMAGED(START, set_string(p, LIST_, der_of(LIST(XY))));
    DAMAGED(INIT_, set_string(p, LIST_, der_of(LIST(XY))));
}

/* Contents octets, without tag and length. */
static void set_oid(parts *p, size_t which, spnego_bytes oid)
{
    set_string(p, which, oid);
}

Test(export, with_a_mechanism_that_is_not_the_one)
{
    AT_EACH_POINT(i)
    {
        if (i == START || i == INIT_)
            continue;
        DAMAGED(i, set_string(p, LIST_, der_of(LIST(OID_TOY_Z))));
        DAMAGED(i, set_oid(p, OID_, toy_z.oid));
        DAMAGED(i, p->lens[OID_] = 0);
        NOT_FOR_US(i, set_oid(p, MECH_OID, toy_z.oid));
        NOT_FOR_US(i, p->lens[MECH_OID] = 0);
    }
    /* In the list, but not what was chosen. */
    DAMAGED(FIRST_REPLY, set_oid(p, OID_, toy_y.oid));
    DAMAGED(MIDDLE, set_oid(p, OID_, toy_y.oid));
    DAMAGED(I_DONE, set_oid(p, OID_, toy_y.oid));
    DAMAGED(I_DONE, set_oid(p, MECH_OID, toy_y.oid));
    /* Kerberos, but under a number that was not offered. */
    DAMAGED(MIDDLE, set_oid(p, OID_, toy_ms.oid));
}

/* The mechanisms that may be negotiated, each behind its length. */
Test(export, with_mechanisms_that_do_not_add_up)
{
    AT_EACH_POINT(i)
    {
        DAMAGED(i, p->lens[NEG_MECHS] = 0);
        DAMAGED(i, p->lens[NEG_MECHS]--);
        DAMAGED(i, p->octets[NEG_MECHS][0] = 255);
        NOT_FOR_US(i, set_string(p, NEG_MECHS, der_of("09 2b06010401868d1f01")));
        NOT_FOR_US(i, set_string(p, NEG_MECHS, der_of("00")));
    }
    /* The one that was chosen is not among them. */
    NOT_FOR_US(MIDDLE, set_string(p, NEG_MECHS, der_of("0a 2b06010401823702020a")));
}

/* What the mechanism itself will not take. */
Test(export, with_a_state_that_the_mechanism_refuses)
{
    AT_EACH_POINT(i)
    {
        if (i == START || i == INIT_ || i == A_OTHER) /* it has not begun */
            continue;
        REFUSED_BY(SPNEGO_RULE_MECH_CANNOT_MOVE, i, p->lens[MECH_STATE] = 0);
        REFUSED_BY(SPNEGO_RULE_MECH_CANNOT_MOVE, i, p->lens[MECH_STATE]--);
        REFUSED_BY(SPNEGO_RULE_MECH_CANNOT_MOVE, i, p->octets[MECH_STATE][0] ^= 1);
    }
}

/* ---- The taker's configuration ----------------------------------------------------------------
 */

typedef void alter(toy_side *taker);

static void no_mechanism_x(toy_side *taker)
{
    taker->mechs[0] = toy_mech_of(&toy_z, &taker->z);
    taker->mechs[1] = toy_mech_of(&toy_y, &taker->y);
}

static void deny_x(toy_side *taker)
{
    taker->config.deny = &toy_x.oid;
    taker->config.num_deny = 1;
}

static void allow_y(toy_side *taker)
{
    taker->config.allow = &toy_y.oid;
    taker->config.num_allow = 1;
}

Test(export, its_policy_holds_from_here_on)
{
    static alter *const alterations[] = {no_mechanism_x, deny_x, allow_y};
    static const size_t with_x[] = {FIRST_REPLY, MIDDLE, SIGNED, WAITS_FOR_MIC, I_DONE, A_DONE};

    for (size_t i = 0; i < LEN(with_x); i++) {
        size_t len;
        uint8_t *blob = blob_at(&len, &points[with_x[i]]);

        for (size_t k = 0; k < LEN(alterations); k++) {
            toy_side taker;

            init_taker(&taker, &points[with_x[i]]);
            alterations[k](&taker);
            check_refused(points[with_x[i]].name, &taker, (spnego_bytes){blob, len},
                          SPNEGO_RULE_EXPORT_NOT_FOR_US);
            cr_expect_eq(calls_of(&taker), 0u);
        }
        free(blob);
    }
}

/* A host that insists insists on what it takes over, too. */
Test(export, a_taker_that_insists_on_mics)
{
    static const point at = {"acceptor that did not ask", "X", "X", 3, SPNEGO_ACCEPTOR, 1, "token"};
    size_t len;
    uint8_t *blob = blob_at(&len, &at);
    toy_side taker;

    init_taker(&taker, &at);
    taker.config.options |= SPNEGO_OPTION_REQUIRE_MIC;
    cr_assert_eq(
        spnego_context_import(&taker.context, NULL, &taker.config, (spnego_bytes){blob, len}),
        SPNEGO_COMPLETE);
    free(blob);
    check_refuses("no MIC", &taker, der_of(RESP(INCOMPLETE RESPONSE_OF(TOY("X/3")))),
                  SPNEGO_ERR_BAD_MIC, SPNEGO_RULE_MIC_MISSING);
    close_side("no MIC", &taker);
}

static void insist_on_mics(toy_side *taker)
{
    taker->config.options |= SPNEGO_OPTION_REQUIRE_MIC;
}

static void insist_on_conf(toy_side *taker)
{
    taker->config.required_flags = SPNEGO_FLAG_CONF;
}

/* What was established as the taker would not have it. */
Test(export, an_established_context_must_meet_its_policy)
{
    static alter *const alterations[] = {insist_on_mics, insist_on_conf};
    static const point established[] = {
        {"initiator without MICs", "X", "X", 3, SPNEGO_INITIATOR, 3, "complete"},
        {"acceptor without MICs", "X", "X", 3, SPNEGO_ACCEPTOR, 2, "complete"}};

    for (size_t i = 0; i < LEN(established); i++) {
        size_t len;
        uint8_t *blob = blob_at(&len, &established[i]);

        for (size_t k = 0; k < LEN(alterations); k++) {
            toy_side taker;

            init_taker(&taker, &established[i]);
            alterations[k](&taker);
            check_refused(established[i].name, &taker, (spnego_bytes){blob, len},
                          SPNEGO_RULE_EXPORT_NOT_FOR_US);
        }
        free(blob);
    }
}

/* Without SPNEGO there is no MIC, and what is exported may owe one: a taker that would go on so
 * takes nothing. */
Test(export, a_taker_without_spnego)
{
    AT_EACH_POINT(i)
    {
        size_t len;
        uint8_t *blob = blob_at(&len, &points[i]);
        toy_side taker;

        init_taker(&taker, &points[i]);
        taker.config.options |= SPNEGO_OPTION_BARE;
        check_refused(points[i].name, &taker, (spnego_bytes){blob, len},
                      SPNEGO_RULE_EXPORT_NOT_FOR_US);
        cr_expect_eq(calls_of(&taker), 0u);
        free(blob);
    }
}

/* As spnego_context_create does. */
Test(export, a_broken_configuration)
{
    AT_EACH_POINT(i)
    {
        size_t len;
        uint8_t *octets = blob_at(&len, &points[i]);
        const spnego_bytes blob = {octets, len};
        const spnego_bytes denied[] = {toy_x.oid, toy_y.oid};
        spnego_context *context = NULL;
        spnego_error error;
        toy_side taker;

        init_taker(&taker, &points[i]);
        taker.config.mechs = NULL;
        cr_expect_eq(spnego_context_import(&context, &error, &taker.config, blob),
                     SPNEGO_ERR_USAGE);
        cr_expect_eq(error.rule, SPNEGO_RULE_CALL_BAD_ARGUMENT);
        cr_expect_null(context);
        init_taker(&taker, &points[i]);
        taker.config.deny = denied;
        taker.config.num_deny = 2;
        cr_expect_eq(spnego_context_import(&context, &error, &taker.config, blob),
                     SPNEGO_ERR_NO_MECH);
        cr_expect_eq(error.rule, SPNEGO_RULE_MECH_LIST_EMPTY);
        cr_expect_null(context);
        free(octets);
    }
}

/* RFC 4178 B.1: what was narrowed stays narrow. */
Test(export, neg_mechs_move_with_it)
{
    for (spnego_role role = SPNEGO_INITIATOR; role <= SPNEGO_ACCEPTOR; role++) {
        const spnego_bytes set[] = {toy_z.oid, toy_y.oid};
        toy_side from, to;
        spnego_bytes blob, oids[4];
        uint8_t *copy;

        toy_side_init(&from, role, TOY_STRICT, "XYZ", 2, INTEG);
        toy_side_init(&to, role, TOY_STRICT, "XYZ", 2, INTEG);
        toy_side_open(&from);
        cr_assert_eq(spnego_context_set_neg_mechs(from.context, set, 2), SPNEGO_COMPLETE);
        cr_assert_eq(spnego_context_export(from.context, &blob), SPNEGO_COMPLETE);
        copy = copy_of(blob);
        cr_assert_eq(
            spnego_context_import(&to.context, NULL, &to.config, (spnego_bytes){copy, blob.len}),
            SPNEGO_COMPLETE);
        free(copy);
        cr_expect_eq(spnego_context_get_neg_mechs(to.context, oids, LEN(oids)), 2u);
        cr_expect(same_octets(oids[0], toy_z.oid), "another order");
        if (role == SPNEGO_INITIATOR)
            check_goes_on("offer", &to, ABSENT,
                          INIT(MECH_TYPES_OF(OID_TOY_Z OID_NTLM) MECH_TOKEN_OF(TOY("Z/1"))));
        else
            check_refuses("choice", &to, der_of(INIT(MECH_TYPES_KRB5 MECH_TOKEN_OF(TOY("X/1")))),
                          SPNEGO_ERR_NO_MECH, SPNEGO_RULE_NO_COMMON_MECH);
        close_exported("from", &from);
        close_side("to", &to);
    }
}

/* MS-SPNG 3.2.5.2: hints are given once, wherever the context is by then. */
Test(export, hints_are_not_given_twice)
{
    toy_side from, to;
    spnego_bytes blob;
    uint8_t *copy;

    begin_acceptor(&from, TOY_INTEROPERABLE, "X", 2, INTEG);
    toy_side_init(&to, SPNEGO_ACCEPTOR, TOY_INTEROPERABLE, "X", 2, INTEG);
    check_goes_on("hints", &from, der_of(""), "?");
    cr_assert_eq(spnego_context_export(from.context, &blob), SPNEGO_COMPLETE);
    copy = copy_of(blob);
    cr_assert_eq(
        spnego_context_import(&to.context, NULL, &to.config, (spnego_bytes){copy, blob.len}),
        SPNEGO_COMPLETE);
    free(copy);
    cr_expect_eq(spnego_context_set_neg_mechs(to.context, &toy_x.oid, 1), SPNEGO_ERR_USAGE,
                 "after the first step");
    check_refuses("again", &to, der_of(""), SPNEGO_ERR_MALFORMED, SPNEGO_RULE_TOKEN_EMPTY);
    close_exported("from", &from);
    close_side("to", &to);
}

/* ---- What cannot be exported ------------------------------------------------------------------
 */

static void check_no_export(const char *what, toy_side *side, spnego_status want_status,
                            spnego_rule want_rule)
{
    spnego_bytes out = {(const uint8_t *)"", 1};
    spnego_status status = spnego_context_export(side->context, &out);

    cr_expect_eq(status, want_status, "%s: %s", what, status_name(status));
    cr_expect(out.data == NULL && out.len == 0, "%s: gave %s", what, hex_of(out));
    cr_expect_eq(spnego_context_error(side->context)->rule, want_rule, "%s: %s", what,
                 rule_name(spnego_context_error(side->context)->rule));
}

Test(export, not_while_pending)
{
    static const point *const at[] = {&points[FIRST_REPLY], &points[MIDDLE]};
    static const char *const tokens[] = {
        RESP(REQUEST_MIC CHOSEN_X RESPONSE_OF(TOY("X/2"))),
        RESP(INCOMPLETE RESPONSE_OF(TOY("X/3"))),
    };

    for (size_t i = 0; i < 2; i++) {
        toy_side side;
        spnego_bytes out;

        reach(&side, at[i]);
        side.x.lie = TOY_PENDS;
        cr_assert_eq(spnego_context_step(side.context, &out, der_of(tokens[i])), SPNEGO_PENDING);
        check_no_export("pending", &side, SPNEGO_ERR_USAGE, SPNEGO_RULE_CALL_OUT_OF_TURN);
        /* It is as it was: the initiator goes on, the acceptor misses the MIC. */
        if (i == 0)
            cr_expect_eq(spnego_context_resume(side.context, &out), SPNEGO_CONTINUE);
        else
            cr_expect_eq(spnego_context_resume(side.context, &out), SPNEGO_ERR_BAD_MIC);
        close_side("pending", &side);
    }
}

Test(export, not_after_a_failure)
{
    AT_EACH_POINT(i)
    {
        toy_side side;

        if (i == I_DONE || i == A_DONE)
            continue;
        reach(&side, &points[i]);
        check_step(points[i].name, &side, der_of("00"), SPNEGO_ERR_MALFORMED,
                   SPNEGO_RULE_TOKEN_NOT_SPNEGO, i == START ? NULL : REJECT);
        check_no_export(points[i].name, &side, SPNEGO_ERR_USAGE, SPNEGO_RULE_TOKEN_NOT_SPNEGO);
        check_failed(points[i].name, &side, SPNEGO_ERR_MALFORMED);
        close_side(points[i].name, &side);
    }
}

Test(export, not_with_fragments_on_their_way)
{
    const spnego_bytes offer = der_of(INIT(MECH_TYPES_KRB5 MECH_TOKEN_OF(TOY("X/1"))));
    toy_side side;

    toy_side_init(&side, SPNEGO_ACCEPTOR, TOY_STRICT, "X", 3, INTEG);
    side.config.options |= SPNEGO_OPTION_TAKE_FRAGMENTS;
    toy_side_open(&side);
    check_goes_on("first piece", &side, (spnego_bytes){offer.data, 7}, NULL);
    check_no_export("coming", &side, SPNEGO_ERR_USAGE, SPNEGO_RULE_CALL_OUT_OF_TURN);
    check_goes_on("second piece", &side, (spnego_bytes){offer.data + 7, offer.len - 7}, "?");
    close_side("coming", &side);

    toy_side_init(&side, SPNEGO_INITIATOR, TOY_STRICT, "X", 3, INTEG);
    side.config.max_fragment = 40;
    toy_side_open(&side);
    check_goes_on("first piece", &side, ABSENT, "?");
    check_no_export("going", &side, SPNEGO_ERR_USAGE, SPNEGO_RULE_CALL_OUT_OF_TURN);
    check_goes_on("second piece", &side, ABSENT, "?");
    check_goes_on("reply", &side, der_of(RESP(INCOMPLETE CHOSEN_X RESPONSE_OF(TOY("X/2")))), "?");
    close_side("going", &side);
}

static spnego_mech_result export_fails(void *self, spnego_sink *out)
{
    (void)self;
    spnego_sink_write(out, "half", 4);
    return SPNEGO_MECH_FAILED;
}

static spnego_mech_result import_fails(void *self, spnego_bytes state)
{
    (void)self, (void)state;
    return SPNEGO_MECH_FAILED;
}

/* An initiator after its first token, with a mechanism that exports and imports as told. */
static void begin_with_ops(toy_side *side, spnego_mech_ops *ops)
{
    toy_side_init(side, SPNEGO_INITIATOR, TOY_STRICT, "X", 2, INTEG);
    side->mechs[0].ops = ops;
    toy_side_open(side);
    check_goes_on("first token", side, ABSENT, "?");
}

static void check_unharmed(toy_side *side)
{
    check_completes("goes on", side, der_of(RESP(COMPLETED CHOSEN_X RESPONSE_OF(TOY("X/2")))),
                    NULL);
    close_side("goes on", side);
}

Test(export, a_mechanism_that_cannot)
{
    spnego_mech_ops ops = toy_x;
    toy_side side;
    spnego_bytes blob;

    ops.export_state = NULL;
    begin_with_ops(&side, &ops);
    check_no_export("no export_state", &side, SPNEGO_ERR_USAGE, SPNEGO_RULE_MECH_CANNOT_MOVE);
    check_unharmed(&side);

    ops.export_state = export_fails;
    begin_with_ops(&side, &ops);
    check_no_export("export_state fails", &side, SPNEGO_ERR_MECH, SPNEGO_RULE_MECH_FAILED);
    check_unharmed(&side);

    /* One that has not begun has nothing to say. */
    ops.export_state = NULL;
    toy_side_init(&side, SPNEGO_INITIATOR, TOY_STRICT, "X", 2, INTEG);
    side.mechs[0].ops = &ops;
    toy_side_open(&side);
    cr_expect_eq(spnego_context_export(side.context, &blob), SPNEGO_COMPLETE);
    close_exported("not begun", &side);
}

Test(import, a_mechanism_that_cannot)
{
    size_t len;
    uint8_t *blob = blob_at(&len, &points[MIDDLE]);

    for (int fails = 0; fails <= 1; fails++) {
        spnego_mech_ops ops = toy_x;
        toy_side taker;

        ops.import_state = fails ? import_fails : NULL;
        init_taker(&taker, &points[MIDDLE]);
        taker.mechs[1].ops = &ops;
        check_refused("import_state", &taker, (spnego_bytes){blob, len},
                      SPNEGO_RULE_MECH_CANNOT_MOVE);
    }
    free(blob);
}
