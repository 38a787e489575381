/*
 * spnego_loop: the loop of RFC 7546 over streams that are short, slow, cut and broken.
 *
 * Most tests run one end against what the other end said in an exchange without a loop, so that
 * each call is known by its number; the last ones run two ends over a socket.
 */
#include "toy_peer.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- What each end says ------------------------------------------------------------------------
 */

enum { PREFIX = 4, MAX_STREAM = 1 << 16 };

typedef struct octets {
    uint8_t data[MAX_STREAM];
    size_t len;
} octets;

typedef struct setting {
    const char *name;
    const char *i_letters, *a_letters;
    int legs;
    uint32_t flags;
    unsigned empty_legs;
    size_t token_len;
} setting;

static const setting settings[] = {
    {"one leg", "XY", "XY", 1, INTEG, 0, 0},
    {"two legs", "XY", "XY", 2, INTEG, 0, 0},
    {"MICs", "XY", "YX", 3, INTEG, 0, 0},
    {"another choice", "XY", "Y", 4, INTEG, 0, 0},
    {"empty tokens", "XY", "XY", 5, INTEG | SPNEGO_FLAG_EMPTY_TOKENS, 1u << 2 | 1u << 3, 0},
    {"long tokens", "XY", "YX", 3, INTEG, 0, 9000},
};

static void put_token(octets *o, spnego_bytes token)
{
    cr_assert(o->len + PREFIX + token.len <= sizeof o->data, "the stream is too long");
    for (size_t i = 0; i < PREFIX; i++)
        o->data[o->len++] = (uint8_t)(token.len >> 8 * (PREFIX - 1 - i));
    if (token.len != 0)
        memcpy(o->data + o->len, token.data, token.len);
    o->len += token.len;
}

static void init_side(toy_side *side, spnego_role role, const setting *s)
{
    toy_side_init(side, role, TOY_INTEROPERABLE,
                  role == SPNEGO_ACCEPTOR ? s->a_letters : s->i_letters, s->legs, s->flags);
    side->x.empty_legs = side->y.empty_legs = s->empty_legs;
    side->x.token_len = side->y.token_len = s->token_len;
}

static int keep_token(void *user, unsigned number, spnego_role from, uint8_t *token, size_t *len,
                      size_t size)
{
    octets *said = user;

    (void)number, (void)size;
    put_token(&said[from - SPNEGO_INITIATOR], (spnego_bytes){token, *len});
    return 1;
}

/* What the initiator and the acceptor say. */
static octets *exchange_of(const setting *s)
{
    octets *said = calloc(2, sizeof *said);
    toy_pair pair;

    cr_assert_not_null(said);
    memset(&pair, 0, sizeof pair);
    init_side(&pair.i, SPNEGO_INITIATOR, s);
    init_side(&pair.a, SPNEGO_ACCEPTOR, s);
    pair_run(&pair, keep_token, said);
    pair_check(s->name, &pair, SPNEGO_COMPLETE, SPNEGO_RULE_NONE, SPNEGO_COMPLETE,
               SPNEGO_RULE_NONE);
    return said;
}

/* ---- One end with a stream and a memory of its own ----------------------------------------------
 */

typedef struct end {
    toy_side side;

    /* The script. */
    const octets *input;
    size_t input_len;    /* where the stream ends      */
    size_t max_piece;    /* octets at a time; 0: all    */
    unsigned fail_at;    /* the call of send or receive with this number fails, from 1 */
    ptrdiff_t fail_with; /* 0 or less; 1: more than was asked for                      */
    unsigned expire_at;  /* the question for the deadline that is answered with yes    */
    unsigned give_up_at; /* the wait that gives up */
    unsigned fail_alloc_at;

    size_t input_at;
    octets output;
    unsigned num_calls, num_asked, num_waits, num_reports;
    unsigned asked_for; /* calls that were preceded by the question */
    spnego_error reported;
    unsigned num_allocs, num_blocks, num_failed_allocs;
    size_t bytes, peak;
} end;

typedef union block {
    size_t size;
    max_align_t align;
} block;

static void *give(void *user, size_t size)
{
    end *e = user;
    block *b;

    if (++e->num_allocs == e->fail_alloc_at) {
        e->num_failed_allocs++;
        return NULL;
    }
    b = malloc(sizeof *b + size);
    if (b == NULL)
        abort();
    b->size = size;
    e->num_blocks++;
    e->bytes += size;
    e->peak = e->bytes > e->peak ? e->bytes : e->peak;
    return b + 1;
}

static void take_back(void *user, void *memory)
{
    end *e = user;
    block *b = (block *)memory - 1;

    e->num_blocks--;
    e->bytes -= b->size;
    free(b);
}

/* How much of `len` this call moves, or what it fails with. */
static ptrdiff_t portion(end *e, size_t len)
{
    cr_expect_gt(len, 0u, "nothing is asked for");
    cr_expect_eq(e->num_asked > 0 ? e->asked_for : e->num_calls, e->num_calls,
                 "the deadline was not looked at before a call");
    e->num_calls++;
    if (e->num_calls == e->fail_at)
        return e->fail_with == 1 ? (ptrdiff_t)len + 1 : e->fail_with;
    return (ptrdiff_t)(e->max_piece != 0 && e->max_piece < len ? e->max_piece : len);
}

static ptrdiff_t send_some(void *user, const uint8_t *data, size_t len)
{
    end *e = user;
    const ptrdiff_t moved = portion(e, len);

    if (moved <= 0 || (size_t)moved > len)
        return moved;
    cr_assert(e->output.len + (size_t)moved <= sizeof e->output.data);
    memcpy(e->output.data + e->output.len, data, (size_t)moved);
    e->output.len += (size_t)moved;
    return moved;
}

static ptrdiff_t receive_some(void *user, uint8_t *data, size_t len)
{
    end *e = user;
    const size_t left = e->input_len - e->input_at;
    ptrdiff_t moved = portion(e, len);

    if (moved <= 0 || (size_t)moved > len)
        return moved;
    if ((size_t)moved > left)
        moved = (ptrdiff_t)left;
    if (moved != 0)
        memcpy(data, e->input->data + e->input_at, (size_t)moved);
    e->input_at += (size_t)moved;
    return moved;
}

static int expired(void *user)
{
    end *e = user;

    e->num_asked++;
    e->asked_for = e->num_calls;
    return e->num_asked == e->expire_at;
}

static int wait(void *user)
{
    end *e = user;

    return ++e->num_waits != e->give_up_at;
}

static void report(void *user, const spnego_error *error)
{
    end *e = user;

    e->num_reports++;
    e->reported = *error;
}

static end *new_end(spnego_role role, const setting *s, const octets *input)
{
    end *e = calloc(1, sizeof *e);

    cr_assert_not_null(e);
    init_side(&e->side, role, s);
    e->side.config.on_event = NULL;
    e->side.config.user = e;
    e->side.config.alloc = give;
    e->side.config.dealloc = take_back;
    e->input = input;
    e->input_len = input->len;
    return e;
}

static const spnego_io full_io = {NULL, send_some, receive_some, expired, wait, report};

static spnego_status run_end(end *e, spnego_error *error)
{
    spnego_io io = full_io;

    io.user = e;
    memset(error, 0xa5, sizeof *error);
    toy_side_open(&e->side);
    return spnego_loop(e->side.context, error, &io);
}

static void close_end(const char *what, end *e)
{
    close_side(what, &e->side);
    cr_expect_eq(e->num_blocks, 0u, "%s: %u blocks are lost", what, e->num_blocks);
    cr_expect_eq(e->bytes, 0u, "%s", what);
    free(e);
}

#define EACH_END(s, role, said) \
    for (const setting *s = settings; s < settings + LEN(settings); s++) \
        for (octets *said = exchange_of(s); said != NULL; free(said), said = NULL) \
            for (spnego_role role = SPNEGO_INITIATOR; role <= SPNEGO_ACCEPTOR; role++)

/* What an end with that role hears, and what it says. */
static const octets *heard_by(const octets *said, spnego_role role)
{
    return &said[role == SPNEGO_INITIATOR];
}

static const octets *said_by(const octets *said, spnego_role role)
{
    return &said[role == SPNEGO_ACCEPTOR];
}

static int is_beginning_of(const octets *part, const octets *all)
{
    return part->len <= all->len && memcmp(part->data, all->data, part->len) == 0;
}

/* ---- As it should be
 * ------------------------------------------------------------------------------ */

static void check_good_end(const char *what, end *e, const octets *want_output, size_t want_read)
{
    spnego_error error;
    spnego_info info;
    const spnego_status status = run_end(e, &error);

    cr_expect_eq(status, SPNEGO_COMPLETE, "%s: %s %s", what, status_name(status),
                 rule_name(error.rule));
    cr_expect_eq(error.status, SPNEGO_COMPLETE, "%s", what);
    cr_expect_eq(error.rule, SPNEGO_RULE_NONE, "%s: %s", what, rule_name(error.rule));
    cr_expect(e->output.len == want_output->len && is_beginning_of(&e->output, want_output),
              "%s: said other octets", what);
    cr_expect_eq(e->input_at, want_read, "%s: %zu octets read of %zu", what, e->input_at,
                 want_read);
    cr_expect_eq(e->num_reports, 0u, "%s: reported", what);
    cr_expect_eq(spnego_context_info(e->side.context, &info), 1, "%s", what);
}

/* LOOP-55: short sends and receives of every length.  What follows on the stream is another's. */
Test(loop, short_sends_and_receives)
{
    EACH_END(s, role, said)
    {
        octets *input = calloc(1, sizeof *input);

        cr_assert_not_null(input);
        *input = *heard_by(said, role);
        memcpy(input->data + input->len, "data", 4);
        input->len += 4;
        for (size_t max = 0; max <= 70; max++) {
            end *e = new_end(role, s, input);
            char what[96];

            snprintf(what, sizeof what, "%s, role %d, %zu at a time", s->name, role, max);
            e->max_piece = max;
            check_good_end(what, e, said_by(said, role), input->len - 4);
            close_end(what, e);
        }
        free(input);
    }
}

Test(loop, optional_members)
{
    EACH_END(s, role, said)
    {
        end *e = new_end(role, s, heard_by(said, role));
        const spnego_io io = {e, send_some, receive_some, NULL, NULL, NULL};

        toy_side_open(&e->side);
        cr_expect_eq(spnego_loop(e->side.context, NULL, &io), SPNEGO_COMPLETE, "%s", s->name);
        cr_expect(e->output.len == said_by(said, role)->len, "%s", s->name);
        close_end(s->name, e);

        /* And where there is something to report and nobody to be told. */
        e = new_end(role, s, heard_by(said, role));
        e->input_len--;
        toy_side_open(&e->side);
        cr_expect_eq(
            spnego_loop(e->side.context, NULL,
                        &(spnego_io){.user = e, .send = send_some, .receive = receive_some}),
            SPNEGO_ERR_IO, "%s", s->name);
        close_end(s->name, e);
    }
}

/* ---- Broken streams
 * -------------------------------------------------------------------------------- */

/* Runs an end that must fail before it is done.  What it said until then is what it should have
 * said, the failure is reported, once, and nothing else is done with the stream. */
static void check_bad_end(const char *what, end *e, const octets *want_output,
                          spnego_status want_status, spnego_rule want_rule)
{
    spnego_error error;
    const spnego_status status = run_end(e, &error);

    cr_expect_eq(status, want_status, "%s: %s %s", what, status_name(status),
                 rule_name(error.rule));
    cr_expect_eq(error.status, want_status, "%s", what);
    cr_expect_eq(error.rule, want_rule, "%s: %s", what, rule_name(error.rule));
    cr_expect_eq(error.offset, SPNEGO_NO_OFFSET, "%s", what);
    cr_expect(is_beginning_of(&e->output, want_output), "%s: said other octets", what);
    cr_expect_eq(e->num_reports, 1u, "%s: %u reports", what, e->num_reports);
    cr_expect_eq(e->reported.status, want_status, "%s", what);
    cr_expect_eq(e->reported.rule, want_rule, "%s", what);
}

/* LOOP-34, LOOP-55: each call fails once. */
Test(loop, each_call_fails)
{
    static const ptrdiff_t failures[] = {-1, 0, 1, PTRDIFF_MIN};

    EACH_END(s, role, said)
    {
        for (size_t i = 0; i < LEN(failures); i++) {
            for (size_t max = 0; max <= 1000; max += 1000) {
                end *whole = new_end(role, s, heard_by(said, role));
                unsigned num_calls;

                whole->max_piece = max;
                check_good_end(s->name, whole, said_by(said, role), whole->input_len);
                num_calls = whole->num_calls;
                close_end(s->name, whole);
                cr_assert_geq(num_calls, 2u);
                for (unsigned k = 1; k <= num_calls; k++) {
                    end *e = new_end(role, s, heard_by(said, role));
                    char what[96];

                    snprintf(what, sizeof what, "%s, role %d, call %u of %u fails with %td",
                             s->name, role, k, num_calls, failures[i]);
                    e->max_piece = max;
                    e->fail_at = k;
                    e->fail_with = failures[i];
                    check_bad_end(what, e, said_by(said, role), SPNEGO_ERR_IO,
                                  SPNEGO_RULE_STREAM_FAILED);
                    cr_expect_eq(e->num_calls, k, "%s: called again", what);
                    close_end(what, e);
                }
            }
        }
    }
}

Test(loop, stream_ends_at_each_octet)
{
    EACH_END(s, role, said)
    {
        const octets *input = heard_by(said, role);

        for (size_t len = 0; len<input->len; len += len % 9000> 200 ? 97u : 1u) {
            end *e = new_end(role, s, input);
            char what[96];

            snprintf(what, sizeof what, "%s, role %d, ends at %zu", s->name, role, len);
            e->input_len = len;
            check_bad_end(what, e, said_by(said, role), SPNEGO_ERR_IO, SPNEGO_RULE_STREAM_FAILED);
            close_end(what, e);
        }
    }
}

/* LOOP-34: looked at before each send and receive. */
Test(loop, deadline_at_each_call)
{
    EACH_END(s, role, said)
    {
        end *whole = new_end(role, s, heard_by(said, role));
        unsigned num_calls;

        check_good_end(s->name, whole, said_by(said, role), whole->input_len);
        num_calls = whole->num_calls;
        cr_expect_geq(whole->num_asked, num_calls, "%s", s->name);
        close_end(s->name, whole);
        for (unsigned k = 1; k <= num_calls; k++) {
            end *e = new_end(role, s, heard_by(said, role));
            char what[96];

            snprintf(what, sizeof what, "%s, role %d, too late before call %u", s->name, role, k);
            e->expire_at = k;
            check_bad_end(what, e, said_by(said, role), SPNEGO_ERR_DEADLINE,
                          SPNEGO_RULE_DEADLINE_PASSED);
            cr_expect_eq(e->num_calls, k - 1, "%s: %u calls", what, e->num_calls);
            close_end(what, e);
        }
    }
}

Test(loop, each_allocation_fails)
{
    EACH_END(s, role, said)
    {
        int failed = 1;

        /* The first is that of the context itself. */
        for (unsigned k = 2; failed; k++) {
            end *e = new_end(role, s, heard_by(said, role));
            spnego_error error;
            spnego_status status;

            e->fail_alloc_at = k;
            status = run_end(e, &error);
            failed = e->num_failed_allocs != 0;
            cr_expect_eq(status, failed ? SPNEGO_ERR_NO_MEMORY : SPNEGO_COMPLETE,
                         "%s, role %d, allocation %u: %s", s->name, role, k, status_name(status));
            cr_expect_eq(error.status, status);
            cr_expect_eq(error.rule, failed ? SPNEGO_RULE_MEMORY_EXHAUSTED : SPNEGO_RULE_NONE);
            close_end(s->name, e);
        }
    }
}

/* ---- Failures of the negotiation
 * ------------------------------------------------------------------ */

/* An end of the setting with two legs, which hears the tokens given. */
static end *end_that_hears(spnego_role role, octets *input, const char *first, const char *second)
{
    memset(input, 0, sizeof *input);
    put_token(input, der_of(first));
    if (second != NULL)
        put_token(input, der_of(second));
    return new_end(role, &settings[1], input);
}

/* LOOP-17, LOOP-31: the token goes out first, and then there is nothing left to report. */
Test(loop, error_token_is_sent)
{
    static octets input, want;
    end *e = end_that_hears(SPNEGO_ACCEPTOR, &input,
                            INIT(MECH_TYPES_OF(XY) MECH_TOKEN_OF("'wrong'")), NULL);
    spnego_error error;

    put_token(&want, der_of(REJECT_WITH(RESPONSE_OF(TOY_ERROR("X")))));
    e->max_piece = 3;
    cr_expect_eq(run_end(e, &error), SPNEGO_ERR_MECH);
    cr_expect_eq(error.rule, SPNEGO_RULE_MECH_FAILED);
    cr_expect_eq(error.mech_code.code, TOY_CODE);
    cr_expect(e->output.len == want.len && is_beginning_of(&want, &e->output));
    cr_expect_eq(e->num_reports, 0u);
    close_end("error token", e);
}

/* What the negotiation said counts for more than that it could not be passed on. */
Test(loop, error_token_cannot_be_sent)
{
    static octets input;
    end *e = end_that_hears(SPNEGO_ACCEPTOR, &input,
                            INIT(MECH_TYPES_OF(XY) MECH_TOKEN_OF("'wrong'")), NULL);
    spnego_error error;

    e->fail_at = 3;
    e->fail_with = -1;
    cr_expect_eq(run_end(e, &error), SPNEGO_ERR_MECH);
    cr_expect_eq(error.rule, SPNEGO_RULE_MECH_FAILED);
    cr_expect_eq(e->output.len, 0u);
    close_end("error token", e);
}

/* LOOP-03, LOOP-18: there is no token to tell the peer with. */
Test(loop, failure_without_a_token_is_reported)
{
    static octets input;
    end *e = end_that_hears(SPNEGO_INITIATOR, &input, REJECT, NULL);
    spnego_error error;

    cr_expect_eq(run_end(e, &error), SPNEGO_ERR_REJECTED);
    cr_expect_eq(error.rule, SPNEGO_RULE_PEER_REJECTED);
    cr_expect_eq(e->num_reports, 1u);
    cr_expect_eq(e->reported.rule, SPNEGO_RULE_PEER_REJECTED);
    close_end("rejected", e);

    e = end_that_hears(SPNEGO_INITIATOR, &input, REJECT, NULL);
    e->side.x.no_credential = e->side.y.no_credential = 1;
    cr_expect_eq(run_end(e, &error), SPNEGO_ERR_NO_MECH);
    cr_expect_eq(e->num_reports, 1u);
    cr_expect_eq(e->num_calls, 0u, "there was nothing to say, and nobody was told");
    close_end("nothing to offer", e);
}

/* ---- Lengths
 * ---------------------------------------------------------------------------------------- */

/* RFC 7546 3.2 and MS-SPNG 3.2.5.2: an empty token is one. */
Test(loop, empty_first_token)
{
    static octets input, want;
    end *e = end_that_hears(SPNEGO_ACCEPTOR, &input, "", NULL);

    put_token(&want,
              der_of(FRAME(INIT_BARE(MECH_TYPES_OF(XY) HINTS_OF(HINT_NAME_OF(FIXED_HINT))))));
    check_bad_end("hints", e, &want, SPNEGO_ERR_IO, SPNEGO_RULE_STREAM_FAILED);
    cr_expect_eq(e->output.len, want.len);
    close_end("hints", e);
}

/* LOOP-16, LOOP-30: where a token is awaited and there is none, an empty one goes out. */
Test(loop, empty_tokens_ask_for_the_next_piece)
{
    static octets input, want;
    const spnego_bytes offer = der_of(INIT(MECH_TYPES_OF(XY) MECH_TOKEN_OF(TOY("X/1"))));
    end *e;

    memset(&input, 0, sizeof input);
    for (size_t at = 0; at < offer.len; at += 10) {
        const size_t left = offer.len - at;

        put_token(&input, (spnego_bytes){offer.data + at, left < 10 ? left : 10});
        if (left > 10)
            put_token(&want, ABSENT);
    }
    put_token(&want, der_of(RESP(COMPLETED CHOSEN_X RESPONSE_OF(TOY("X/2")))));
    e = new_end(SPNEGO_ACCEPTOR, &settings[1], &input);
    e->side.config.options |= SPNEGO_OPTION_TAKE_FRAGMENTS;
    check_good_end("pieces", e, &want, input.len);
    close_end("pieces", e);
}

/* Refused before anything is taken for it. */
Test(loop, announced_length_above_the_limit)
{
    static const char *const prefixes[] = {"ffffffff", "80000000", "7fffffff", "00010001"};

    for (size_t i = 0; i < LEN(prefixes); i++) {
        static octets input, nothing;
        const spnego_bytes prefix = der_of(prefixes[i]);
        end *e;
        size_t base;

        memcpy(input.data, prefix.data, prefix.len);
        input.len = sizeof input.data;
        e = new_end(SPNEGO_ACCEPTOR, &settings[1], &input);
        toy_side_open(&e->side);
        base = e->peak;
        spnego_context_destroy(e->side.context);
        check_bad_end(prefixes[i], e, &nothing, SPNEGO_ERR_LIMIT, SPNEGO_RULE_TOKEN_TOO_LONG);
        cr_expect_eq(e->input_at, (size_t)PREFIX, "%s: read on", prefixes[i]);
        cr_expect_eq(e->peak, base, "%s: %zu octets taken", prefixes[i], e->peak - base);
        close_end(prefixes[i], e);
    }
}

/* As much as has come, twice for the copying, and one piece ahead. */
Test(loop, memory_follows_what_has_come)
{
    static const size_t arrivals[] = {0, 1, 100, 5000, 20000, 60000};
    enum { PIECE = 8192 };

    for (size_t i = 0; i < LEN(arrivals); i++) {
        static octets input, nothing;
        end *e;
        size_t base;

        memset(&input, 0, sizeof input);
        input.data[2] = 0xff; /* 65280 */
        input.len = PREFIX + arrivals[i];
        e = new_end(SPNEGO_ACCEPTOR, &settings[1], &input);
        toy_side_open(&e->side);
        base = e->peak;
        spnego_context_destroy(e->side.context);
        check_bad_end("cut", e, &nothing, SPNEGO_ERR_IO, SPNEGO_RULE_STREAM_FAILED);
        cr_expect_leq(e->peak, base + 3 * arrivals[i] + PIECE, "%zu octets for %zu", e->peak - base,
                      arrivals[i]);
        close_end("cut", e);
    }
}

/* ---- Pending
 * ------------------------------------------------------------------------------------------ */

Test(loop, waits_for_the_mechanism)
{
    static const toy_lie lies[] = {TOY_PENDS, TOY_PENDS_TWICE};

    EACH_END(s, role, said)
    {
        for (size_t i = 0; i < LEN(lies); i++) {
            end *e = new_end(role, s, heard_by(said, role));
            toy_mech *toy = strcmp(s->name, "another choice") == 0 ? &e->side.y : &e->side.x;

            toy->lie = lies[i];
            check_good_end(s->name, e, said_by(said, role), e->input_len);
            cr_expect_eq(e->num_waits, (i + 1) * (unsigned)toy->steps, "%s: %u waits", s->name,
                         e->num_waits);
            close_end(s->name, e);
        }
    }
}

/* Whoever gives up has failed, and the peer hears nothing of it. */
Test(loop, gives_up_waiting)
{
    EACH_END(s, role, said)
    {
        for (int can_wait = 0; can_wait <= 1; can_wait++) {
            end *e = new_end(role, s, heard_by(said, role));
            spnego_io io = full_io;
            spnego_error error;
            spnego_status status;

            io.user = e;
            io.wait = can_wait ? wait : NULL;
            e->give_up_at = 1;
            e->side.x.lie = e->side.y.lie = TOY_PENDS;
            toy_side_open(&e->side);
            status = spnego_loop(e->side.context, &error, &io);
            cr_expect_lt((int)status, 0, "%s: %s", s->name, status_name(status));
            cr_expect_eq(error.status, status, "%s", s->name);
            cr_expect_neq(error.rule, SPNEGO_RULE_NONE, "%s", s->name);
            if (!can_wait)
                cr_expect_eq(status, SPNEGO_ERR_USAGE, "%s: %s", s->name, status_name(status));
            cr_expect_eq(e->num_reports, 1u, "%s", s->name);
            cr_expect(is_beginning_of(&e->output, said_by(said, role)), "%s", s->name);
            close_end(s->name, e);
        }
    }
}

/* ---- Two ends over a socket
 * ------------------------------------------------------------------------------ */

typedef struct peer {
    toy_side side;
    int fd;
    size_t max_piece;
    spnego_status status;
    spnego_error error;
} peer;

static ptrdiff_t socket_send(void *user, const uint8_t *data, size_t len)
{
    const peer *p = user;

    return send(p->fd, data, p->max_piece < len ? p->max_piece : len, MSG_NOSIGNAL);
}

static ptrdiff_t socket_receive(void *user, uint8_t *data, size_t len)
{
    const peer *p = user;

    return recv(p->fd, data, p->max_piece < len ? p->max_piece : len, 0);
}

static void *run_peer(void *user)
{
    peer *p = user;
    const spnego_io io = {.user = p, .send = socket_send, .receive = socket_receive};

    p->status = spnego_loop(p->side.context, &p->error, &io);
    close(p->fd);
    return NULL;
}

static void init_peer(peer *p, spnego_role role, const setting *s, size_t max_piece,
                      size_t max_fragment)
{
    memset(p, 0, sizeof *p);
    init_side(&p->side, role, s);
    p->side.config.max_fragment = max_fragment;
    p->side.config.options |= SPNEGO_OPTION_TAKE_FRAGMENTS;
    p->max_piece = max_piece;
}

static void run_peers(peer peers[2])
{
    pthread_t threads[2];
    int fds[2];

    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    for (int i = 0; i < 2; i++) {
        toy_side_open(&peers[i].side);
        peers[i].fd = fds[i];
    }
    for (int i = 0; i < 2; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, run_peer, &peers[i]), 0);
    for (int i = 0; i < 2; i++)
        cr_assert_eq(pthread_join(threads[i], NULL), 0);
}

Test(loop, two_ends)
{
    static const size_t pieces[] = {1, 2, 5, 1000, SIZE_MAX};
    static const size_t fragments[] = {0, 5, 100};

    for (const setting *s = settings; s < settings + LEN(settings); s++) {
        for (size_t i = 0; i < LEN(pieces); i++) {
            for (size_t k = 0; k < LEN(fragments); k++) {
                peer peers[2];
                char what[96];

                /* Octet by octet a short exchange shows as much, without the waiting. */
                if (s->token_len != 0 && pieces[i] < 1000)
                    continue;
                snprintf(what, sizeof what, "%s, %zu at a time, pieces of %zu", s->name, pieces[i],
                         fragments[k]);
                init_peer(&peers[0], SPNEGO_INITIATOR, s, pieces[i], fragments[k]);
                init_peer(&peers[1], SPNEGO_ACCEPTOR, s, pieces[i], fragments[k]);
                run_peers(peers);
                for (int end_ = 0; end_ < 2; end_++) {
                    spnego_info info;

                    cr_expect_eq(peers[end_].status, SPNEGO_COMPLETE, "%s: %s %s", what,
                                 status_name(peers[end_].status),
                                 rule_name(peers[end_].error.rule));
                    cr_expect_eq(spnego_context_info(peers[end_].side.context, &info), 1, "%s",
                                 what);
                    close_side(what, &peers[end_].side);
                }
            }
        }
    }
}

/* One fails, and both know it: the error token has arrived before the stream ended. */
Test(loop, two_ends_of_which_one_fails)
{
    for (int who = 0; who <= 1; who++) {
        peer peers[2];

        init_peer(&peers[0], SPNEGO_INITIATOR, &settings[2], SIZE_MAX, 0);
        init_peer(&peers[1], SPNEGO_ACCEPTOR, &settings[2], SIZE_MAX, 0);
        peers[who].side.x.lie = TOY_FAILS;
        /* The initiator's second step, so that there is somebody to tell. */
        peers[who].side.x.lie_at = who == 0 ? 2 : 1;
        run_peers(peers);
        cr_expect_eq(peers[who].status, SPNEGO_ERR_MECH, "%s", status_name(peers[who].status));
        cr_expect_eq(peers[!who].status, SPNEGO_ERR_REJECTED, "%s",
                     status_name(peers[!who].status));
        cr_expect_eq(peers[!who].error.mech_code.code, TOY_PEER_CODE);
        for (int i = 0; i < 2; i++)
            close_side("one fails", &peers[i].side);
    }
}
