/*
 * Tokens that come, and go, in pieces (MS-SPNG 3.1.5.6, 3.1.5.9; SPN-72 to SPN-77).  A negotiation
 * in pieces must be the same, octet for octet, as the one in whole tokens.
 */
#include "toy_peer.h"

#include <stdlib.h>

/* ---- One exchange in whole tokens, to compare with ---------------------------------------------
 */

enum { MAX_TOKENS = 16, MAX_OCTETS = 3000 };

typedef struct setting {
    int legs;
    size_t token_len;
} setting;

/* Header octets of one, two and three octets of length. */
static const setting settings[] = {{1, 0},   {2, 0},   {3, 0},   {4, 0},   {5, 0},
                                   {3, 150}, {2, 150}, {3, 400}, {2, 2000}};

typedef struct transcript {
    unsigned num_tokens;
    uint8_t tokens[MAX_TOKENS][MAX_OCTETS];
    size_t lens[MAX_TOKENS];
    toy_end ends[2];
} transcript;

/* Both prefer another mechanism, so that MICs go both ways. */
static void init_sides(toy_pair *pair, const setting *s)
{
    pair_init(pair, TOY_STRICT, "XY", "YX", s->legs, INTEG);
    pair->i.x.token_len = pair->a.x.token_len = s->token_len;
}

static int keep_token(void *user, unsigned number, spnego_role from, uint8_t *token, size_t *len,
                      size_t size)
{
    transcript *t = user;

    (void)from, (void)size;
    cr_assert(number < MAX_TOKENS && *len <= MAX_OCTETS);
    memcpy(t->tokens[number], token, *len);
    t->lens[number] = *len;
    return 1;
}

static transcript *whole(const setting *s)
{
    transcript *t = calloc(1, sizeof *t);
    toy_pair pair;

    cr_assert_not_null(t);
    init_sides(&pair, s);
    pair_run(&pair, keep_token, t);
    t->num_tokens = pair.passed;
    t->ends[0] = pair.i_end;
    t->ends[1] = pair.a_end;
    cr_assert(t->ends[0].info.mics_exchanged && t->ends[1].info.mics_exchanged);
    pair_check("whole tokens", &pair, SPNEGO_COMPLETE, SPNEGO_RULE_NONE, SPNEGO_COMPLETE,
               SPNEGO_RULE_NONE);
    return t;
}

/* ---- Taking pieces -----------------------------------------------------------------------------
 */

/* The first piece's length, the second's, and how long the rest are; 0: as long as is left. */
typedef struct cutting {
    size_t first, second, rest;
} cutting;

/* A piece in a block of exactly its length.  All but the last say nothing and change nothing. */
static spnego_status give_piece(const char *what, toy_side *side, spnego_bytes *out,
                                const uint8_t *data, size_t len, int last)
{
    uint8_t *piece = malloc(len);
    const char *state = spnego_context_state(side->context);
    const size_t calls = calls_of(side);
    spnego_status status;

    cr_assert_not_null(piece);
    memcpy(piece, data, len);
    status = spnego_context_step(side->context, out, (spnego_bytes){piece, len});
    /* MS-SPNG 3.1.5.9: nothing of it is the caller's business any more. */
    memset(piece, 0xa5, len);
    free(piece);
    if (!last) {
        cr_expect_eq(status, SPNEGO_CONTINUE, "%s: %s", what, status_name(status));
        cr_expect(out->data == NULL && out->len == 0, "%s: said %s", what, hex_of(*out));
        cr_expect_str_eq(spnego_context_state(side->context), state, "%s", what);
        cr_expect_eq(calls_of(side), calls, "%s: the mechanism was called", what);
        check_nothing_known(what, side);
    }
    return status;
}

static spnego_status give_in_pieces(const char *what, toy_side *side, spnego_bytes *out,
                                    const uint8_t *token, size_t len, const cutting *cut)
{
    spnego_status status = SPNEGO_CONTINUE;
    size_t at = 0;

    for (size_t number = 0; at < len; number++) {
        const size_t wanted = number == 0 ? cut->first : number == 1 ? cut->second : cut->rest;
        const size_t piece = wanted == 0 || wanted > len - at ? len - at : wanted;

        status = give_piece(what, side, out, token + at, piece, at + piece == len);
        at += piece;
    }
    return status;
}

/* It ends as in one piece, in as many steps. */
static void check_ends(const char *what, toy_side *const sides[2], const spnego_status status[2],
                       const transcript *t)
{
    for (int i = 0; i < 2; i++) {
        spnego_info info;

        cr_expect_eq(status[i], SPNEGO_COMPLETE, "%s: %s", what, status_name(status[i]));
        cr_expect_eq(spnego_context_info(sides[i]->context, &info), 1, "%s", what);
        cr_expect_eq(info.num_steps, t->ends[i].info.num_steps, "%s: pieces counted as steps",
                     what);
        close_side(what, sides[i]);
    }
}

/* Plays the exchange with one token, or with all, cut into pieces. */
static void check_cut(const setting *s, const transcript *t, unsigned number, const cutting *cut)
{
    toy_pair pair;
    toy_side *const sides[] = {&pair.i, &pair.a};
    spnego_bytes out;
    spnego_status status[2] = {SPNEGO_CONTINUE, SPNEGO_CONTINUE};
    char what[96];

    snprintf(what, sizeof what, "%d legs of %zu, token %u in %zu, %zu, %zu", s->legs, s->token_len,
             number, cut->first, cut->second, cut->rest);
    init_sides(&pair, s);
    for (int i = 0; i < 2; i++) {
        sides[i]->config.options |= SPNEGO_OPTION_TAKE_FRAGMENTS;
        toy_side_open(sides[i]);
    }
    status[0] = spnego_context_step(pair.i.context, &out, ABSENT);
    for (unsigned k = 0; k < t->num_tokens; k++) {
        static const cutting uncut = {0, 0, 0};
        const int taker = k % 2 == 0;
        const cutting *how = number == MAX_TOKENS || number == k ? cut : &uncut;

        cr_assert(out.len == t->lens[k] && memcmp(out.data, t->tokens[k], out.len) == 0,
                  "%s: token %u is another", what, k);
        status[taker] = give_in_pieces(what, sides[taker], &out, t->tokens[k], t->lens[k], how);
    }
    cr_expect_null(out.data, "%s: a token too many", what);
    check_ends(what, sides, status, t);
}

Test(fragments, every_split_of_each_token)
{
    for (const setting *s = settings; s < settings + LEN(settings); s++) {
        transcript *t = whole(s);

        for (unsigned k = 0; k < t->num_tokens; k++)
            for (size_t at = 1; at < t->lens[k]; at++)
                check_cut(s, t, k, &(cutting){at, 0, 0});
        free(t);
    }
}

Test(fragments, three_pieces)
{
    for (const setting *s = settings; s < settings + LEN(settings); s++) {
        transcript *t = whole(s);

        for (unsigned k = 0; k < t->num_tokens && s->token_len < 200; k++)
            for (size_t first = 1; first < t->lens[k] - 1; first += 1 + first / 10)
                for (size_t second = 1; first + second < t->lens[k]; second += 1 + second / 10)
                    check_cut(s, t, k, &(cutting){first, second, 0});
        free(t);
    }
}

Test(fragments, pieces_of_each_length)
{
    for (const setting *s = settings; s < settings + LEN(settings); s++) {
        transcript *t = whole(s);

        for (size_t len = 1; len <= 40; len++)
            check_cut(s, t, MAX_TOKENS, &(cutting){len, len, len});
        free(t);
    }
}

/* ---- Pieces that are refused -------------------------------------------------------------------
 */

static const char offer[] = INIT(MECH_TYPES_KRB5 MECH_TOKEN_OF(TOY("X/1")));
static const char reply[] = RESP(COMPLETED CHOSEN_X RESPONSE_OF(TOY("X/2")));

/* A side that waits for `offer`, or for `reply`. */
static void open_taker(toy_side *side, spnego_role role, size_t max_token)
{
    toy_side_init(side, role, TOY_STRICT, "X", 2, INTEG);
    side->config.options |= SPNEGO_OPTION_TAKE_FRAGMENTS;
    side->config.limits.max_token = max_token;
    toy_side_open(side);
    if (role == SPNEGO_INITIATOR)
        check_goes_on("first token", side, ABSENT, "?");
}

#define BOTH_TAKERS(role, token) \
    for (spnego_role role = SPNEGO_INITIATOR; role <= SPNEGO_ACCEPTOR; role++) \
        for (spnego_bytes token = der_of(role == SPNEGO_ACCEPTOR ? offer : reply); \
             token.data != NULL; token.data = NULL)

static void give_beginning(toy_side *side, spnego_bytes token, size_t len)
{
    spnego_bytes out;

    give_piece("beginning", side, &out, token.data, len, 0);
}

/* SPN-77: nothing came where the rest should. */
Test(fragments, empty_piece)
{
    BOTH_TAKERS(role, token)
    {
        for (size_t at = 1; at < token.len; at++) {
            for (int present = 0; present <= 1; present++) {
                toy_side side;

                open_taker(&side, role, 0);
                give_beginning(&side, token, at);
                check_refuses("empty", &side, present ? der_of("") : ABSENT, SPNEGO_ERR_PROTOCOL,
                              SPNEGO_RULE_FRAGMENT_EMPTY);
                close_side("empty", &side);
            }
        }
    }
}

/* SPN-77: more came than the header announced. */
Test(fragments, surplus)
{
    BOTH_TAKERS(role, token)
    {
        uint8_t *more = malloc(token.len + 1);

        cr_assert_not_null(more);
        memcpy(more, token.data, token.len);
        more[token.len] = 0;
        for (size_t at = 1; at < token.len; at++) {
            toy_side side;

            open_taker(&side, role, 0);
            give_beginning(&side, token, at);
            check_refuses("surplus", &side, (spnego_bytes){more + at, token.len + 1 - at},
                          SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_FRAGMENT_SURPLUS);
            close_side("surplus", &side);
        }
        free(more);
    }
}

/* What came at once is no matter of pieces. */
Test(fragments, surplus_of_a_whole_token)
{
    toy_side side;

    open_taker(&side, SPNEGO_ACCEPTOR, 0);
    check_refuses("strict", &side, der_of(INIT(MECH_TYPES_KRB5 MECH_TOKEN_OF(TOY("X/1"))) "00"),
                  SPNEGO_ERR_MALFORMED, SPNEGO_RULE_TOKEN_TRAILING_BYTES);
    close_side("strict", &side);

    toy_side_init(&side, SPNEGO_ACCEPTOR, TOY_INTEROPERABLE, "X", 2, INTEG);
    side.config.options |= SPNEGO_OPTION_TAKE_FRAGMENTS;
    toy_side_open(&side);
    check_completes("interoperable", &side,
                    der_of(INIT(MECH_TYPES_KRB5 MECH_TOKEN_OF(TOY("X/1"))) "00"), "?");
    close_side("interoperable", &side);
}

/* What cannot be the beginning of a token is not waited for. */
Test(fragments, no_beginning)
{
    static const struct {
        const char *octets;
        spnego_rule rule;
    } rows[] = {
        {"00", SPNEGO_RULE_TOKEN_NOT_SPNEGO},        {"30", SPNEGO_RULE_TOKEN_NOT_SPNEGO},
        {"6080", SPNEGO_RULE_DER_LENGTH_INDEFINITE}, {"60ff", SPNEGO_RULE_DER_LENGTH_RESERVED},
        {"6085", SPNEGO_RULE_DER_LENGTH_TOO_LONG},   {"a180", SPNEGO_RULE_DER_LENGTH_INDEFINITE},
        {"a185", SPNEGO_RULE_DER_LENGTH_TOO_LONG},
    };

    for (size_t i = 0; i < LEN(rows); i++) {
        for (int singly = 0; singly <= 1; singly++) {
            const spnego_bytes octets = der_of(rows[i].octets);
            toy_side side;

            if (singly && octets.len == 1)
                continue;
            open_taker(&side, SPNEGO_ACCEPTOR, 0);
            if (singly)
                give_beginning(&side, octets, 1);
            check_refuses(rows[i].octets, &side,
                          singly ? (spnego_bytes){octets.data + 1, 1} : octets,
                          SPNEGO_ERR_MALFORMED, rows[i].rule);
            close_side(rows[i].octets, &side);
        }
    }
}

/* Without the option part of a token is none. */
Test(fragments, only_if_asked_for)
{
    BOTH_TAKERS(role, token)
    {
        for (size_t at = 1; at < token.len; at++) {
            toy_side side;

            toy_side_init(&side, role, TOY_STRICT, "X", 2, INTEG);
            toy_side_open(&side);
            if (role == SPNEGO_INITIATOR)
                check_goes_on("first token", &side, ABSENT, "?");
            check_refuses("part", &side, (spnego_bytes){token.data, at}, SPNEGO_ERR_MALFORMED,
                          SPNEGO_RULE_DER_TRUNCATED);
            close_side("part", &side);
        }
    }
}

/* ---- Limits and memory
 * --------------------------------------------------------------------------- */

typedef struct memory {
    size_t bytes, peak;
    unsigned num_blocks, num_allocs;
} memory;

typedef union block {
    size_t size;
    max_align_t align;
} block;

static void *give(void *user, size_t size)
{
    memory *m = user;
    block *b = malloc(sizeof *b + size);

    if (b == NULL)
        abort();
    b->size = size;
    m->bytes += size;
    m->peak = m->bytes > m->peak ? m->bytes : m->peak;
    m->num_blocks++;
    m->num_allocs++;
    return b + 1;
}

static void take_back(void *user, void *octets)
{
    memory *m = user;
    block *b = (block *)octets - 1;

    m->bytes -= b->size;
    m->num_blocks--;
    free(b);
}

static void open_counting(toy_side *side, memory *m, size_t max_token)
{
    memset(m, 0, sizeof *m);
    toy_side_init(side, SPNEGO_ACCEPTOR, TOY_STRICT, "X", 2, INTEG);
    side->config.options |= SPNEGO_OPTION_TAKE_FRAGMENTS;
    side->config.limits.max_token = max_token;
    side->config.on_event = NULL;
    side->config.user = m;
    side->config.alloc = give;
    side->config.dealloc = take_back;
    toy_side_open(side);
}

/* Refused as soon as the length is known, and nothing was taken for it. */
Test(fragments, announced_length_above_the_limit)
{
    static const struct {
        const char *header;
        size_t max_token;
        int refused;
    } rows[] = {
        {"60 81 c6", 200, 1}, /* 201 */
        {"60 81 c5", 200, 0}, /* 200 */
        {"a1 81 c6", 200, 1},        {"60 7f", 128, 1},
        {"60 7f", 129, 0},           {"60 82 ff fd", 0, 1}, /* 65537 */
        {"60 82 ff fc", 0, 0},                              /* 65536 */
        {"60 83 01 00 00", 0, 1},    {"60 84 00 01 00 00", 0, 1},
        {"60 84 7f ff ff ff", 0, 1}, {"60 84 80 00 00 00", 0, 1},
        {"60 84 ff ff ff fa", 0, 1}, {"60 84 ff ff ff ff", 0, 1},
        {"a1 84 ff ff ff ff", 0, 1}, {"60 84 ff ff ff ff", 200, 1},
    };

    for (size_t i = 0; i < LEN(rows); i++) {
        for (int singly = 0; singly <= 1; singly++) {
            const spnego_bytes header = der_of(rows[i].header);
            const size_t before = singly ? header.len - 1 : 0;
            toy_side side;
            memory m;
            size_t base;

            open_counting(&side, &m, rows[i].max_token);
            base = m.bytes;
            for (size_t at = 0; at < before; at++)
                give_beginning(&side, (spnego_bytes){header.data + at, 1}, 1);
            if (rows[i].refused)
                check_refuses(rows[i].header, &side,
                              (spnego_bytes){header.data + before, header.len - before},
                              SPNEGO_ERR_LIMIT, SPNEGO_RULE_TOKEN_TOO_LONG);
            else
                give_beginning(&side, (spnego_bytes){header.data + before, header.len - before},
                               header.len - before);
            cr_expect_leq(m.peak, base + 64, "%s: %zu octets taken", rows[i].header, m.peak - base);
            close_side(rows[i].header, &side);
            cr_expect_eq(m.num_blocks, 0u, "%s: memory is lost", rows[i].header);
        }
    }
}

/* Memory follows what has come, whatever was announced; SPN-76: all of it is given back when the
 * context ends in the middle. */
Test(fragments, memory_follows_what_has_come)
{
    static const size_t pieces[] = {1, 7, 100, 1000};

    for (size_t i = 0; i < LEN(pieces); i++) {
        static uint8_t octets[20000];
        const spnego_bytes header = der_of("60 82 f0 00");
        size_t base, come = 0;
        toy_side side;
        memory m;

        memset(octets, 0, sizeof octets);
        memcpy(octets, header.data, header.len);
        open_counting(&side, &m, 0);
        base = m.bytes;
        while (come + pieces[i] <= sizeof octets) {
            give_beginning(&side, (spnego_bytes){octets + come, pieces[i]}, pieces[i]);
            come += pieces[i];
            cr_assert_leq(m.bytes, base + 2 * come + 64, "%zu octets for %zu", m.bytes - base,
                          come);
            cr_assert_leq(m.peak, base + 3 * come + 64, "%zu octets for %zu", m.peak - base, come);
        }
        /* Doubling: the copying is linear in what comes. */
        cr_expect_leq(m.num_allocs, 20u, "%u allocations", m.num_allocs);
        close_side("given up", &side);
        cr_expect_eq(m.num_blocks, 0u);
        cr_expect_eq(m.bytes, 0u);
    }
}

/* ---- Sending pieces
 * ------------------------------------------------------------------------------ */

/* Fetches the pieces of an output from the first one on; returns the real status.  `want` is the
 * whole token. */
static spnego_status fetch(const char *what, toy_side *side, spnego_status status, spnego_bytes out,
                           const uint8_t *want, size_t want_len, size_t max, int present)
{
    spnego_bytes data;
    size_t at = 0;

    for (;;) {
        const size_t len = want_len - at < max ? want_len - at : max;

        cr_assert(out.len == len && memcmp(out.data, want + at, len) == 0, "%s: piece at %zu is %s",
                  what, at, hex_of(out));
        at += len;
        if (at == want_len)
            return status;
        /* MS-SPNG 3.1.5.6 */
        cr_assert_eq(status, SPNEGO_CONTINUE, "%s: %s at %zu of %zu", what, status_name(status), at,
                     want_len);
        check_nothing_known(what, side);
        /* Nor can data pass before the peer has the whole token (NEG-07). */
        cr_assert_eq(spnego_context_wrap(side->context, &data, NULL, ABSENT, 0), SPNEGO_ERR_USAGE,
                     "%s: wraps at %zu of %zu", what, at, want_len);
        status = spnego_context_step(side->context, &out, present ? der_of("") : ABSENT);
    }
}

/* Plays the exchange with one side's tokens in pieces. */
static void check_sent(const setting *s, const transcript *t, int sender, size_t max)
{
    toy_pair pair;
    toy_side *const sides[] = {&pair.i, &pair.a};
    spnego_bytes out;
    spnego_status status[2];
    char what[96];

    snprintf(what, sizeof what, "%d legs of %zu, %s in pieces of %zu", s->legs, s->token_len,
             sender ? "acceptor" : "initiator", max);
    init_sides(&pair, s);
    sides[sender]->config.max_fragment = max;
    toy_side_open(&pair.i);
    toy_side_open(&pair.a);
    status[0] = spnego_context_step(pair.i.context, &out, ABSENT);
    status[1] = SPNEGO_CONTINUE;
    for (unsigned k = 0; k < t->num_tokens; k++) {
        const int from = k % 2 == 1;

        if (from == sender)
            status[from] = fetch(what, sides[from], status[from], out, t->tokens[k], t->lens[k],
                                 max, (int)(max % 2));
        status[!from] = spnego_context_step(sides[!from]->context, &out,
                                            (spnego_bytes){t->tokens[k], t->lens[k]});
    }
    check_ends(what, sides, status, t);
}

Test(fragments, sent_in_pieces_of_each_length)
{
    for (const setting *s = settings; s < settings + LEN(settings); s++) {
        transcript *t = whole(s);
        size_t longest = 0;

        for (unsigned k = 0; k < t->num_tokens; k++)
            longest = t->lens[k] > longest ? t->lens[k] : longest;
        for (int sender = 0; sender <= 1; sender++)
            for (size_t max = 5; max <= longest + 1; max += 1 + max / 100)
                check_sent(s, t, sender, max);
        free(t);
    }
}

/* Neither knows how the other cuts. */
Test(fragments, both_in_pieces)
{
    static const size_t lengths[] = {5, 6, 7, 8, 13, 64, 100, 1000, 0};

    for (const setting *s = settings; s < settings + LEN(settings); s++) {
        for (size_t i = 0; i < LEN(lengths); i++) {
            for (size_t a = 0; a < LEN(lengths); a++) {
                for (int pends = 0; pends <= 1; pends++) {
                    toy_pair pair;
                    char what[96];

                    snprintf(what, sizeof what, "%d legs of %zu, pieces of %zu and %zu, pends %d",
                             s->legs, s->token_len, lengths[i], lengths[a], pends);
                    init_sides(&pair, s);
                    pair.i.config.options |= SPNEGO_OPTION_TAKE_FRAGMENTS;
                    pair.a.config.options |= SPNEGO_OPTION_TAKE_FRAGMENTS;
                    pair.i.config.max_fragment = lengths[i];
                    pair.a.config.max_fragment = lengths[a];
                    if (pends)
                        pair.i.x.lie = pair.a.x.lie = TOY_PENDS;
                    pair_run(&pair, NULL, NULL);
                    cr_expect(pair.i_end.info.mics_exchanged && pair.a_end.info.mics_exchanged,
                              "%s", what);
                    pair_check(what, &pair, SPNEGO_COMPLETE, SPNEGO_RULE_NONE, SPNEGO_COMPLETE,
                               SPNEGO_RULE_NONE);
                }
            }
        }
    }
}

/* SPN-74: the peer speaks before it has the whole of our token.  What was settled holds no longer,
 * and there is no place for a reject in the middle of a token. */
Test(fragments, peer_speaks_early)
{
    BOTH_TAKERS(role, token)
    {
        toy_side side;
        spnego_bytes out;

        toy_side_init(&side, role, TOY_STRICT, "X", 2, INTEG);
        side.config.max_fragment = 5;
        toy_side_open(&side);
        cr_assert_eq(
            spnego_context_step(side.context, &out, role == SPNEGO_INITIATOR ? ABSENT : token),
            SPNEGO_CONTINUE);
        cr_assert_eq(out.len, 5u);
        check_goes_on("second piece", &side, ABSENT, "?");
        check_step("early", &side, token, SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_FRAGMENT_UNASKED, NULL);
        close_side("early", &side);
    }
}

/* Given up between two pieces: what the peer has not wholly been sent does not hold, so the
 * mechanism is told, though it was complete. */
Test(fragments, destroyed_between_two_pieces)
{
    toy_side side;
    spnego_bytes out;

    toy_side_init(&side, SPNEGO_ACCEPTOR, TOY_STRICT, "X", 2, 0);
    side.config.max_fragment = 5;
    toy_side_open(&side);
    cr_assert_eq(spnego_context_step(side.context, &out, der_of(offer)), SPNEGO_CONTINUE);
    cr_assert_eq(side.x.complete, 1);
    close_side("between two pieces", &side);
    cr_expect_eq(side.x.abandoned, 1);
}

/* A reject goes out in pieces too, and what failed is not forgotten, whatever comes meanwhile. */
Test(fragments, reject_in_pieces)
{
    const spnego_bytes reject = der_of(REJECT);

    for (int early = 0; early <= 1; early++) {
        toy_side side;
        spnego_bytes out;
        spnego_status status;

        toy_side_init(&side, SPNEGO_ACCEPTOR, TOY_STRICT, "X", 2, INTEG);
        side.config.max_fragment = 5;
        toy_side_open(&side);
        status = spnego_context_step(side.context, &out, der_of("00"));
        if (!early)
            status = fetch("reject", &side, status, out, reject.data, reject.len, 5, 0);
        else
            status = spnego_context_step(side.context, &out, der_of(offer));
        cr_expect_eq(status, SPNEGO_ERR_MALFORMED, "early %d: %s", early, status_name(status));
        cr_expect_eq(spnego_context_error(side.context)->rule, SPNEGO_RULE_TOKEN_NOT_SPNEGO,
                     "early %d", early);
        check_failed("reject", &side, SPNEGO_ERR_MALFORMED);
        close_side("reject", &side);
    }
}
