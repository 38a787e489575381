/*
 * Whole exchanges in which something of the host's fails: each allocation, each callback of a
 * mechanism, once or from then on.  Whatever fails, what was taken is given back, wiped, and the
 * verdict is the one that the failure stands for, for good.
 */
#include "toy_peer.h"

#include <stdlib.h>

/* ---- A host's memory ------------------------------------------------------------------------ */

typedef struct heap {
    /* The script. */
    unsigned fail_at; /* the allocation with this number, 1 being the first; 0: none */
    int for_ever;     /* and all that follow it                                      */
    int poison;       /* what memory is filled with                                  */

    unsigned num_allocs; /* those that failed included */
    unsigned num_failed;
    unsigned num_blocks; /* not given back */
    unsigned num_unwiped;
    size_t bytes, peak;
} heap;

/* Events as text, and the octets of all tokens. */
typedef struct record {
    char text[1 << 15];
    size_t len;
} record;

/* config.user */
typedef struct host {
    toy_side side;
    heap heap;
    record log;
} host;

typedef union block {
    size_t size;
    max_align_t align;
} block;

static void *give(void *user, size_t size)
{
    heap *h = &((host *)user)->heap;
    block *b;

    h->num_allocs++;
    if (h->fail_at != 0 &&
        (h->num_allocs == h->fail_at || (h->for_ever && h->num_allocs > h->fail_at))) {
        h->num_failed++;
        return NULL;
    }
    b = malloc(sizeof *b + size);
    if (b == NULL)
        abort();
    b->size = size;
    memset(b + 1, h->poison, size);
    h->num_blocks++;
    h->bytes += size;
    h->peak = h->bytes > h->peak ? h->bytes : h->peak;
    return b + 1;
}

static void take_back(void *user, void *memory)
{
    heap *h = &((host *)user)->heap;
    block *b = (block *)memory - 1;
    const uint8_t *octets = memory;

    for (size_t i = 0; i < b->size; i++) {
        if (octets[i] != 0) {
            h->num_unwiped++;
            break;
        }
    }
    h->num_blocks--;
    h->bytes -= b->size;
    free(b);
}

static void log_event(void *user, const spnego_event *event)
{
    record *log = &((host *)user)->log;

    log->len += spnego_event_format(log->text + log->len, sizeof log->text - log->len, event);
    cr_assert_lt(log->len + 1, sizeof log->text, "the log is too long");
    log->text[log->len++] = '\n';
}

/* What must hold of a host's memory once its context is gone. */
static void check_memory(const char *what, const host *h)
{
    cr_expect_eq(h->heap.num_blocks, 0u, "%s: %u blocks are lost", what, h->heap.num_blocks);
    cr_expect_eq(h->heap.num_unwiped, 0u, "%s: %u blocks were not wiped", what,
                 h->heap.num_unwiped);
}

/* ---- Exchanges ------------------------------------------------------------------------------ */

typedef struct scenario {
    const char *name;
    const char *i_letters, *a_letters;
    uint32_t flags;
    size_t token_len;
    size_t max_fragment;
    size_t num_attributes;
    toy_lie lie; /* of both, at every step */
} scenario;

static const scenario scenarios[] = {
    {"first choice", "XY", "XY", INTEG, 0, 0, 0, TOY_HONEST},
    {"another choice", "XY", "Y", INTEG, 0, 0, 0, TOY_HONEST},
    {"long tokens", "XY", "XY", INTEG, 2000, 0, 0, TOY_HONEST},
    {"long tokens, another choice", "XY", "Y", INTEG, 2000, 0, 0, TOY_HONEST},
    {"long list", "XY", "YX", INTEG, 0, 0, 25, TOY_HONEST},
    {"fragments", "XY", "YX", INTEG, 2000, 700, 0, TOY_HONEST},
    {"pending", "XY", "YX", INTEG, 0, 0, 0, TOY_PENDS},
    {"no integrity, pending", "XY", "XY", 0, 1000, 0, 0, TOY_PENDS},
};
#define EACH_SCENARIO(s, legs) \
    for (const scenario *s = scenarios; s < scenarios + LEN(scenarios); s++) \
        for (int legs = 1; legs <= 5; legs++)

typedef struct exchange {
    host hosts[2]; /* the initiator's, the acceptor's */
    toy_end ends[2];
    unsigned passed;
    record wire;
} exchange;

/* Attributes, as many as a list may want. */
static const spnego_bytes *attributes(void)
{
    static uint8_t contents[32][9];
    static spnego_bytes oids[32];

    for (size_t i = 0; i < LEN(oids); i++) {
        memcpy(contents[i], toy_z.oid.data, toy_z.oid.len);
        contents[i][8] = (uint8_t)(0x40 + i);
        oids[i] = (spnego_bytes){contents[i], toy_z.oid.len};
    }
    return oids;
}

static void init_host(host *h, spnego_role role, const scenario *s, int legs)
{
    toy_side *side = &h->side;

    memset(h, 0, sizeof *h);
    toy_side_init(side, role, TOY_INTEROPERABLE,
                  role == SPNEGO_ACCEPTOR ? s->a_letters : s->i_letters, legs, s->flags);
    side->x.token_len = side->y.token_len = s->token_len;
    side->x.lie = side->y.lie = s->lie;
    side->config.max_fragment = s->max_fragment;
    if (s->max_fragment != 0)
        side->config.options |= SPNEGO_OPTION_TAKE_FRAGMENTS;
    if (role == SPNEGO_INITIATOR) {
        side->config.attributes = attributes();
        side->config.num_attributes = s->num_attributes;
    }
    side->config.user = h;
    side->config.alloc = give;
    side->config.dealloc = take_back;
    side->config.on_event = log_event;
    h->heap.poison = 0xaa;
}

static int keep_token(void *user, unsigned number, spnego_role from, uint8_t *token, size_t *len,
                      size_t size)
{
    record *wire = user;

    (void)number, (void)from, (void)size;
    cr_assert_leq(wire->len + *len, sizeof wire->text, "too many octets on the wire");
    memcpy(wire->text + wire->len, token, *len);
    wire->len += *len;
    return 1;
}

static exchange *new_exchange(const scenario *s, int legs)
{
    exchange *x = calloc(1, sizeof *x);

    cr_assert_not_null(x);
    init_host(&x->hosts[0], SPNEGO_INITIATOR, s, legs);
    init_host(&x->hosts[1], SPNEGO_ACCEPTOR, s, legs);
    return x;
}

/* Runs the exchange.  A side that got no context ends as create says. */
static void run_exchange(const char *what, exchange *x)
{
    int both = 1;

    for (int i = 0; i < 2; i++) {
        toy_side *side = &x->hosts[i].side;
        spnego_error error;

        x->ends[i].status = spnego_context_create(&side->context, &error, &side->config);
        x->ends[i].rule = error.rule;
        both &= x->ends[i].status == SPNEGO_COMPLETE;
        cr_expect_eq(side->context != NULL, x->ends[i].status == SPNEGO_COMPLETE, "%s", what);
    }
    if (both)
        x->passed = toy_exchange(&x->ends[0], &x->ends[1], x->hosts[0].side.context,
                                 x->hosts[1].side.context, SPNEGO_INITIATOR, keep_token, &x->wire);
}

static void close_exchange(const char *what, exchange *x)
{
    for (int i = 0; i < 2; i++) {
        if (x->hosts[i].side.context != NULL)
            close_side(what, &x->hosts[i].side);
        check_memory(what, &x->hosts[i]);
    }
    free(x);
}

static int both_complete(const exchange *x)
{
    return x->ends[0].status == SPNEGO_COMPLETE && x->ends[1].status == SPNEGO_COMPLETE;
}

/* What follows needs exchanges that succeed if nothing fails. */
Test(faults, nothing_fails)
{
    EACH_SCENARIO(s, legs)
    {
        exchange *x = new_exchange(s, legs);

        run_exchange(s->name, x);
        cr_expect(both_complete(x), "%s, %d legs: %s %s, %s %s", s->name, legs,
                  status_name(x->ends[0].status), rule_name(x->ends[0].rule),
                  status_name(x->ends[1].status), rule_name(x->ends[1].rule));
        close_exchange(s->name, x);
    }
}

/* ---- No memory ------------------------------------------------------------------------------- */

/* What the other side came to: it may have been done, or waits, or was told.  If it still had
 * pieces of a token to send, to be told is to be interrupted. */
static void check_other(const char *what, const scenario *s, const toy_end *other, int told)
{
    const int rejected =
        (other->status == SPNEGO_ERR_REJECTED && other->rule == SPNEGO_RULE_PEER_REJECTED) ||
        (s->max_fragment != 0 && other->rule == SPNEGO_RULE_FRAGMENT_UNASKED);

    cr_expect(rejected ||
                  (!told && (other->status == SPNEGO_COMPLETE || other->status == SPNEGO_CONTINUE)),
              "%s: the other side: %s %s", what, status_name(other->status),
              rule_name(other->rule));
}

/* Runs with one allocation of one side failing; returns 0 once that one is never made. */
static int fail_allocation(const scenario *s, int legs, int who, unsigned fail_at, int for_ever)
{
    exchange *x = new_exchange(s, legs);
    host *faulty = &x->hosts[who];
    const toy_end *end = &x->ends[who];
    char what[128];
    int failed;

    snprintf(what, sizeof what, "%s, %d legs, %s, allocation %u%s", s->name, legs,
             who ? "acceptor" : "initiator", fail_at, for_ever ? " and on" : "");
    faulty->heap.fail_at = fail_at;
    faulty->heap.for_ever = for_ever;
    run_exchange(what, x);
    failed = faulty->heap.num_failed != 0;
    if (!failed) {
        cr_expect(both_complete(x), "%s: nothing failed but the exchange", what);
    } else {
        cr_expect(end->status == SPNEGO_ERR_NO_MEMORY && end->rule == SPNEGO_RULE_MEMORY_EXHAUSTED,
                  "%s: %s %s", what, status_name(end->status), rule_name(end->rule));
        if (faulty->side.context != NULL) {
            check_failed(what, &faulty->side, end->status);
            /* A peer that waits is told, also without memory. */
            check_other(what, s, &x->ends[!who], who == 1);
        }
    }
    close_exchange(what, x);
    return failed;
}

Test(faults, each_allocation)
{
    unsigned num_failures = 0;

    EACH_SCENARIO(s, legs)
    {
        for (int who = 0; who <= 1; who++) {
            for (int for_ever = 0; for_ever <= 1; for_ever++) {
                unsigned fail_at = 1;

                while (fail_allocation(s, legs, who, fail_at, for_ever))
                    fail_at++;
                cr_expect_geq(fail_at, 2u, "%s: there is no allocation", s->name);
                num_failures += fail_at - 1;
            }
        }
    }
    /* One for the context, and more where tokens are long. */
    cr_expect_gt(num_failures, 4 * 5 * LEN(scenarios) + 100, "%u failures", num_failures);
}

/* ---- Moving without memory ------------------------------------------------------------------- */

enum { LONG_STATE = 1000 };

/* An instance whose state outgrows what a context holds by itself. */
static spnego_mech_result export_long(void *self, spnego_sink *out)
{
    static const uint8_t filler[LONG_STATE];
    spnego_mech_result result = toy_x.export_state(self, out);

    spnego_sink_write(out, filler, sizeof filler);
    return result;
}

static spnego_mech_result import_long(void *self, spnego_bytes state)
{
    if (state.len < LONG_STATE)
        return SPNEGO_MECH_FAILED;
    state.len -= LONG_STATE;
    return toy_x.import_state(self, state);
}

/* An initiator that has sent its first token. */
static void begin_mover(host *h, const scenario *s, spnego_mech_ops *ops)
{
    spnego_bytes out;

    *ops = toy_x;
    ops->export_state = export_long;
    ops->import_state = import_long;
    init_host(h, SPNEGO_INITIATOR, s, 2);
    h->side.mechs[0].ops = ops;
    toy_side_open(&h->side);
    cr_assert_eq(spnego_context_step(h->side.context, &out, ABSENT), SPNEGO_CONTINUE);
}

static void destroy(const char *what, host *h)
{
    spnego_context_destroy(h->side.context);
    cr_expect_eq(h->side.x.after_end, 0, "%s: %s", what, h->side.x.breach);
    check_memory(what, h);
}

/* On failure the context is as it was. */
Test(faults, each_allocation_of_an_export)
{
    for (const scenario *s = scenarios; s < scenarios + LEN(scenarios); s++) {
        int failed = 1;

        if (s->lie != TOY_HONEST || s->max_fragment != 0)
            continue;
        for (unsigned k = 1; failed; k++) {
            host *h = calloc(1, sizeof *h);
            spnego_mech_ops ops;
            spnego_bytes out;
            spnego_status status;
            char what[96];

            cr_assert_not_null(h);
            snprintf(what, sizeof what, "%s, allocation %u of an export", s->name, k);
            begin_mover(h, s, &ops);
            h->heap.fail_at = h->heap.num_allocs + k;
            status = spnego_context_export(h->side.context, &out);
            failed = h->heap.num_failed != 0;
            cr_expect_eq(status, failed ? SPNEGO_ERR_NO_MEMORY : SPNEGO_COMPLETE, "%s: %s", what,
                         status_name(status));
            cr_expect_eq(out.data != NULL, status == SPNEGO_COMPLETE, "%s", what);
            if (failed) {
                cr_expect_eq(spnego_context_error(h->side.context)->rule,
                             SPNEGO_RULE_MEMORY_EXHAUSTED, "%s", what);
                cr_expect_eq(spnego_context_export(h->side.context, &out), SPNEGO_COMPLETE,
                             "%s: not as it was", what);
            }
            destroy(what, h);
            free(h);
        }
    }
}

Test(faults, each_allocation_of_an_import)
{
    for (const scenario *s = scenarios; s < scenarios + LEN(scenarios); s++) {
        host *from = calloc(1, sizeof *from);
        spnego_mech_ops ops;
        spnego_bytes blob;
        int failed = 1;

        cr_assert_not_null(from);
        if (s->lie == TOY_HONEST && s->max_fragment == 0) {
            begin_mover(from, s, &ops);
            cr_assert_eq(spnego_context_export(from->side.context, &blob), SPNEGO_COMPLETE);
            for (unsigned k = 1; failed; k++) {
                host *to = calloc(1, sizeof *to);
                spnego_error error;
                spnego_status status;
                char what[96];

                cr_assert_not_null(to);
                snprintf(what, sizeof what, "%s, allocation %u of an import", s->name, k);
                init_host(to, SPNEGO_INITIATOR, s, 2);
                to->side.mechs[0].ops = &ops;
                to->heap.fail_at = k;
                status = spnego_context_import(&to->side.context, &error, &to->side.config, blob);
                failed = to->heap.num_failed != 0;
                cr_expect_eq(status, failed ? SPNEGO_ERR_NO_MEMORY : SPNEGO_COMPLETE, "%s: %s",
                             what, status_name(status));
                cr_expect_eq(error.status, status, "%s", what);
                cr_expect_eq(error.rule, failed ? SPNEGO_RULE_MEMORY_EXHAUSTED : SPNEGO_RULE_NONE,
                             "%s", what);
                cr_expect_eq(to->side.context != NULL, !failed, "%s", what);
                destroy(what, to);
                free(to);
            }
            destroy(s->name, from);
        }
        free(from);
    }
}

/* Data of an established context: the failure is one of the message. */
Test(faults, each_allocation_of_a_wrap)
{
    static const uint8_t octets[3000];
    const spnego_bytes message = {octets, sizeof octets};
    exchange *x = new_exchange(&scenarios[0], 3);
    host *h = &x->hosts[0];
    int failed = 1;

    run_exchange("wrap", x);
    cr_assert(both_complete(x));
    for (unsigned k = 1; failed; k++) {
        spnego_bytes out;
        spnego_error error;
        spnego_status status;
        spnego_info info;

        h->heap.num_failed = 0;
        h->heap.fail_at = h->heap.num_allocs + k;
        status = spnego_context_wrap(h->side.context, &out, &error, message, 1);
        failed = h->heap.num_failed != 0;
        cr_expect_eq(status, failed ? SPNEGO_ERR_NO_MEMORY : SPNEGO_COMPLETE, "allocation %u: %s",
                     k, status_name(status));
        cr_expect_eq(error.status, status);
        cr_expect_eq(out.data != NULL, !failed);
        cr_expect_eq(spnego_context_info(h->side.context, &info), 1, "no longer established");
    }
    close_exchange("wrap", x);
}

/* ---- What is not said of memory ----------------------------------------------------------------
 */

/* A configuration of which nothing is left takes nothing, or gives it back wiped. */
Test(faults, no_context_no_memory)
{
    const spnego_bytes denied[] = {toy_x.oid, toy_y.oid};
    host *h = calloc(1, sizeof *h);

    cr_assert_not_null(h);
    init_host(h, SPNEGO_INITIATOR, &scenarios[0], 2);
    h->side.config.deny = denied;
    h->side.config.num_deny = 2;
    cr_expect_eq(spnego_context_create(&h->side.context, NULL, &h->side.config),
                 SPNEGO_ERR_NO_MECH);
    check_memory("none left", h);
    free(h);
}

/* What memory holds beforehand changes neither an octet nor an event. */
Test(faults, poison)
{
    static const int poisons[] = {0x55, 0x00, 0xff};

    EACH_SCENARIO(s, legs)
    {
        exchange *first = new_exchange(s, legs);

        run_exchange(s->name, first);
        for (size_t i = 0; i < LEN(poisons); i++) {
            exchange *x = new_exchange(s, legs);

            x->hosts[0].heap.poison = x->hosts[1].heap.poison = poisons[i];
            run_exchange(s->name, x);
            cr_expect(x->wire.len == first->wire.len &&
                          memcmp(x->wire.text, first->wire.text, x->wire.len) == 0,
                      "%s, %d legs: other octets with poison %x", s->name, legs,
                      (unsigned)poisons[i]);
            for (int who = 0; who <= 1; who++)
                cr_expect_str_eq(x->hosts[who].log.text, first->hosts[who].log.text,
                                 "%s, %d legs: other events with poison %x", s->name, legs,
                                 (unsigned)poisons[i]);
            close_exchange(s->name, x);
        }
        cr_expect_gt(first->wire.len, 0u);
        cr_expect_gt(first->hosts[0].log.len, 0u);
        close_exchange(s->name, first);
    }
}

/* A negotiation with small tokens takes one block for each side, and that is all. */
Test(faults, one_allocation_for_a_context)
{
    for (int other = 0; other <= 1; other++) {
        exchange *x = new_exchange(&scenarios[other], 2);

        run_exchange("small", x);
        cr_assert(both_complete(x));
        for (int who = 0; who <= 1; who++) {
            const heap *h = &x->hosts[who].heap;

            cr_expect_eq(h->num_allocs, 1u, "%s: %u allocations", scenarios[other].name,
                         h->num_allocs);
            cr_expect_lt(h->peak, 4096u, "%s: %zu octets", scenarios[other].name, h->peak);
        }
        close_exchange("small", x);
    }
}

/* ---- Callbacks of a mechanism that fail ---------------------------------------------------------
 */

enum callback { STEP, RESUME, AVAILABLE, GET_MIC, VERIFY_MIC, NUM_CALLBACKS };

/* Which call of one side fails; calls of all its mechanisms are counted together. */
static struct {
    int acceptor;
    unsigned fail_at;
    int for_ever;
    unsigned num_calls;
    unsigned num_failed;
    /* The one that failed first; a missing credential, which a negotiation survives, does not
     * count if anything else failed. */
    enum callback which;
} fault;

enum { FAULT_CODE = -99 };

static int fails_now(const toy_mech *t, enum callback which)
{
    if (t->acceptor != fault.acceptor)
        return 0;
    fault.num_calls++;
    if (fault.num_calls != fault.fail_at && !(fault.for_ever && fault.num_calls > fault.fail_at))
        return 0;
    if (fault.num_failed++ == 0 || fault.which == AVAILABLE)
        fault.which = which;
    return 1;
}

static spnego_mech_result fail_call(toy_mech *t, spnego_mech_code *code)
{
    t->ended = 1;
    t->pending = 0;
    if (t->next_leg == 0)
        t->next_leg = 1;
    code->code = FAULT_CODE;
    return SPNEGO_MECH_FAILED;
}

static spnego_mech_result faulty_step(void *self, spnego_sink *out, spnego_mech_code *code,
                                      spnego_bytes in)
{
    return fails_now(self, STEP) ? fail_call(self, code) : toy_x.step(self, out, code, in);
}

static spnego_mech_result faulty_resume(void *self, spnego_sink *out, spnego_mech_code *code)
{
    return fails_now(self, RESUME) ? fail_call(self, code) : toy_x.resume(self, out, code);
}

static int faulty_available(void *self)
{
    return fails_now(self, AVAILABLE) ? 0 : toy_x.available(self);
}

static spnego_mech_result faulty_get_mic(void *self, spnego_sink *mic, spnego_mech_code *code,
                                         spnego_bytes message)
{
    return fails_now(self, GET_MIC) ? fail_call(self, code)
                                    : toy_x.get_mic(self, mic, code, message);
}

static spnego_mech_result faulty_verify_mic(void *self, spnego_mech_code *code,
                                            spnego_bytes message, spnego_bytes mic)
{
    return fails_now(self, VERIFY_MIC) ? fail_call(self, code)
                                       : toy_x.verify_mic(self, code, message, mic);
}

static spnego_mech_ops faulty_ops(const spnego_mech_ops *honest)
{
    spnego_mech_ops ops = *honest;

    ops.step = faulty_step;
    ops.resume = faulty_resume;
    ops.available = faulty_available;
    ops.get_mic = faulty_get_mic;
    ops.verify_mic = faulty_verify_mic;
    return ops;
}

/* Without a credential at that moment there is another mechanism, or none, for both. */
static void check_without_credential(const char *what, const exchange *x)
{
    for (int who = 0; who <= 1; who++)
        cr_expect(
            x->ends[who].status == SPNEGO_COMPLETE || x->ends[who].status == SPNEGO_ERR_NO_MECH ||
                x->ends[who].status == SPNEGO_ERR_REJECTED ||
                (x->ends[who].status == SPNEGO_CONTINUE && x->passed == 0),
            "%s: %s %s", what, status_name(x->ends[who].status), rule_name(x->ends[who].rule));
    cr_expect_eq(x->ends[0].status == SPNEGO_COMPLETE, x->ends[1].status == SPNEGO_COMPLETE,
                 "%s: one side alone is complete", what);
}

static void check_mech_failure(const char *what, exchange *x, const scenario *s)
{
    static const spnego_rule rules[NUM_CALLBACKS] = {
        [STEP] = SPNEGO_RULE_MECH_FAILED,
        [RESUME] = SPNEGO_RULE_MECH_FAILED,
        [GET_MIC] = SPNEGO_RULE_MECH_MIC_FAILED,
        [VERIFY_MIC] = SPNEGO_RULE_MIC_WRONG,
    };
    const int who = fault.acceptor;
    toy_side *side = &x->hosts[who].side;
    const spnego_error *error = spnego_context_error(side->context);

    cr_expect_lt((int)x->ends[who].status, 0, "%s: %s", what, status_name(x->ends[who].status));
    cr_expect_eq(x->ends[who].rule, rules[fault.which], "%s: %s", what,
                 rule_name(x->ends[who].rule));
    cr_expect_eq(error->mech_code.code, FAULT_CODE, "%s: the reason is lost", what);
    cr_assert_not_null(error->mech, "%s: no mechanism is named", what);
    cr_expect(strcmp(error->mech, "toy-x") == 0 || strcmp(error->mech, "toy-y") == 0, "%s: %s",
              what, error->mech);
    check_failed(what, side, x->ends[who].status);
    /* RFC 4178 5(b)I, 5(c)IV: who sends the last MIC does not hear what becomes of it. */
    check_other(what, s, &x->ends[!who], who == 1 && fault.which != VERIFY_MIC);
}

static int fail_callback(const scenario *s, int legs, int who, unsigned fail_at, int for_ever,
                         unsigned seen[NUM_CALLBACKS])
{
    const spnego_mech_ops x_ops = faulty_ops(&toy_x), y_ops = faulty_ops(&toy_y);
    exchange *x = new_exchange(s, legs);
    char what[128];
    int failed;

    snprintf(what, sizeof what, "%s, %d legs, %s, callback %u%s", s->name, legs,
             who ? "acceptor" : "initiator", fail_at, for_ever ? " and on" : "");
    memset(&fault, 0, sizeof fault);
    fault.acceptor = who;
    fault.fail_at = fail_at;
    fault.for_ever = for_ever;
    for (int i = 0; i <= 1; i++)
        for (size_t k = 0; k < x->hosts[i].side.config.num_mechs; k++)
            x->hosts[i].side.mechs[k].ops =
                x->hosts[i].side.mechs[k].ops == &toy_x ? &x_ops : &y_ops;
    run_exchange(what, x);
    failed = fault.num_failed != 0;
    if (!failed)
        cr_expect(both_complete(x), "%s: nothing failed but the exchange", what);
    else if (fault.which == AVAILABLE)
        check_without_credential(what, x);
    else
        check_mech_failure(what, x, s);
    seen[fault.which] += (unsigned)failed;
    close_exchange(what, x);
    return failed;
}

Test(faults, each_callback)
{
    unsigned seen[NUM_CALLBACKS] = {0};

    EACH_SCENARIO(s, legs)
    {
        for (int who = 0; who <= 1; who++) {
            for (int for_ever = 0; for_ever <= 1; for_ever++) {
                unsigned fail_at = 1;

                while (fail_callback(s, legs, who, fail_at, for_ever, seen))
                    fail_at++;
            }
        }
    }
    for (int i = 0; i < NUM_CALLBACKS; i++)
        cr_expect_gt(seen[i], 0u, "callback %d never failed", i);
}
