/*
 * Contexts of different threads share nothing that is written: the same static functions, the same
 * constant configuration, the same text of statuses and rules.  Run it under ThreadSanitizer:
 *
 *     make VARIANT=tsan build/tsan/test-threads && build/tsan/test-threads
 */
#include "toy_peer.h"

#include <pthread.h>
#include <stdlib.h>

enum { NUM_THREADS = 8, NUM_ROUNDS = 40, MAX_LEGS = 5, MAX_WIRE = 2048 };

/* ---- Mechanisms without an instance of their own ------------------------------------------------
 */

/* One configuration for all threads has one `self` for all, so it says only which of the thread's
 * own toys is meant. */
enum { I_X, I_Y, A_X, A_Y, NUM_TOYS };
static _Thread_local toy_mech toys[NUM_TOYS];
static _Thread_local unsigned num_events;
static uint8_t keys[NUM_TOYS] = {I_X, I_Y, A_X, A_Y};

static toy_mech *toy_of(const void *self)
{
    return &toys[*(const uint8_t *)self];
}

static spnego_mech_result step(void *self, spnego_sink *out, spnego_mech_code *code,
                               spnego_bytes in)
{
    return toy_x.step(toy_of(self), out, code, in);
}

static uint32_t query(void *self)
{
    return toy_x.query(toy_of(self));
}

static int available(void *self)
{
    return toy_x.available(toy_of(self));
}

static spnego_mech_result get_mic(void *self, spnego_sink *mic, spnego_mech_code *code,
                                  spnego_bytes message)
{
    return toy_x.get_mic(toy_of(self), mic, code, message);
}

static spnego_mech_result verify_mic(void *self, spnego_mech_code *code, spnego_bytes message,
                                     spnego_bytes mic)
{
    return toy_x.verify_mic(toy_of(self), code, message, mic);
}

static void abandon(void *self)
{
    toy_x.abandon(toy_of(self));
}

#define OPS(mech_name, ...) \
    { \
        .struct_size = sizeof(spnego_mech_ops), .name = mech_name, \
        .oid = {(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})}, \
        .step = step, .query = query, .available = available, .get_mic = get_mic, \
        .verify_mic = verify_mic, .abandon = abandon, \
    }
static const spnego_mech_ops ops_x = OPS("x", 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02);
static const spnego_mech_ops ops_y =
    OPS("y", 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a);

static const spnego_mech i_mechs[] = {{.ops = &ops_x, .self = &keys[I_X]},
                                      {.ops = &ops_y, .self = &keys[I_Y]}};
/* Another order, so that MICs go both ways. */
static const spnego_mech a_mechs[] = {{.ops = &ops_y, .self = &keys[A_Y]},
                                      {.ops = &ops_x, .self = &keys[A_X]}};

static void count_event(void *user, const spnego_event *event)
{
    char line[256];

    (void)user;
    (void)spnego_event_format(line, sizeof line, event);
    num_events++;
}

/* ---- Exchanges
 * ------------------------------------------------------------------------------------ */

typedef struct outcome {
    spnego_status status[2];
    spnego_rule rule[2];
    unsigned num_events;
    size_t len;
    uint8_t wire[MAX_WIRE];
    char line[256]; /* of the first failure, or empty */
} outcome;

typedef struct shared {
    spnego_config i_config, a_config;
    outcome want[MAX_LEGS][2]; /* by legs, and whether the token is tampered with */
} shared;

/* Passes tokens until both sides have ended; toy_exchange is for one thread.  The second token is
 * spoilt on its way if that is asked for. */
static void pass_tokens(outcome *o, spnego_context *contexts[2], int spoil)
{
    spnego_bytes token = {NULL, 0};
    int side = 0;

    o->status[0] = o->status[1] = SPNEGO_CONTINUE;
    for (unsigned number = 0; o->status[side] == SPNEGO_CONTINUE; number++, side = !side) {
        uint8_t *at = o->wire + o->len;

        o->status[side] = spnego_context_step(contexts[side], &token, token);
        if (token.data == NULL)
            break;
        if (token.len > sizeof o->wire - o->len)
            abort();
        memcpy(at, token.data, token.len);
        o->len += token.len;
        if (spoil && number == 1)
            at[token.len - 1] ^= 1;
        token.data = at;
    }
}

/* One exchange of the calling thread.  No assertions here: those are for the main thread. */
static void run(outcome *o, const shared *s, int legs, int spoil)
{
    spnego_context *contexts[2] = {NULL, NULL};

    memset(o, 0, sizeof *o);
    memset(toys, 0, sizeof toys);
    num_events = 0;
    for (int i = 0; i < NUM_TOYS; i++) {
        toys[i].name = i == I_X || i == A_X ? "X" : "Y";
        toys[i].acceptor = i == A_X || i == A_Y;
        toys[i].legs = legs;
        toys[i].flags = INTEG;
        toys[i].session = 1;
    }
    if (spnego_context_create(&contexts[0], NULL, &s->i_config) != SPNEGO_COMPLETE ||
        spnego_context_create(&contexts[1], NULL, &s->a_config) != SPNEGO_COMPLETE)
        abort();
    pass_tokens(o, contexts, spoil);
    for (int i = 0; i < 2; i++) {
        const spnego_error *error = spnego_context_error(contexts[i]);

        o->rule[i] = error->rule;
        if (o->status[i] < 0 && o->line[0] == '\0')
            (void)spnego_error_format(o->line, sizeof o->line, error);
        spnego_context_destroy(contexts[i]);
    }
    o->num_events = num_events;
}

static int same_outcome(const outcome *a, const outcome *b)
{
    return memcmp(a->status, b->status, sizeof a->status) == 0 &&
           memcmp(a->rule, b->rule, sizeof a->rule) == 0 && a->num_events == b->num_events &&
           a->len == b->len && memcmp(a->wire, b->wire, a->len) == 0 &&
           strcmp(a->line, b->line) == 0;
}

typedef struct worker {
    const shared *shared;
    unsigned num_runs, num_others;
} worker;

static void *work(void *user)
{
    worker *w = user;
    outcome *o = malloc(sizeof *o);

    if (o == NULL)
        abort();
    for (int round = 0; round < NUM_ROUNDS; round++) {
        for (int legs = 1; legs <= MAX_LEGS; legs++) {
            for (int spoil = 0; spoil <= 1; spoil++) {
                run(o, w->shared, legs, spoil);
                w->num_runs++;
                w->num_others += !same_outcome(o, &w->shared->want[legs - 1][spoil]);
            }
        }
    }
    free(o);
    return NULL;
}

/* What every thread must come to.  Returns how much of it is not as it should be. */
static unsigned prepare(shared *s)
{
    unsigned num_faults = 0;

    spnego_config_init(&s->i_config, sizeof s->i_config, SPNEGO_INITIATOR);
    spnego_config_init(&s->a_config, sizeof s->a_config, SPNEGO_ACCEPTOR);
    s->i_config.mechs = i_mechs;
    s->a_config.mechs = a_mechs;
    s->i_config.num_mechs = s->a_config.num_mechs = 2;
    s->i_config.on_event = s->a_config.on_event = count_event;
    for (int legs = 1; legs <= MAX_LEGS; legs++) {
        for (int spoil = 0; spoil <= 1; spoil++) {
            outcome *want = &s->want[legs - 1][spoil];

            run(want, s, legs, spoil);
            num_faults += want->num_events == 0;
            num_faults += (want->line[0] != '\0') != spoil;
            num_faults += (want->status[0] == SPNEGO_COMPLETE) == spoil;
            num_faults += want->status[1] == SPNEGO_COMPLETE && spoil;
        }
    }
    return num_faults;
}

/* Runs the threads; returns how many exchanges were not what they should be. */
static unsigned run_threads(void)
{
    shared *s = calloc(1, sizeof *s);
    worker workers[NUM_THREADS];
    pthread_t threads[NUM_THREADS];
    unsigned num_faults;

    if (s == NULL)
        abort();
    num_faults = prepare(s);
    for (int i = 0; i < NUM_THREADS; i++) {
        workers[i] = (worker){.shared = s};
        if (pthread_create(&threads[i], NULL, work, &workers[i]) != 0)
            abort();
    }
    for (int i = 0; i < NUM_THREADS; i++) {
        if (pthread_join(threads[i], NULL) != 0)
            abort();
        num_faults += workers[i].num_others;
        num_faults += workers[i].num_runs != NUM_ROUNDS * MAX_LEGS * 2;
    }
    free(s);
    return num_faults;
}

Test(threads, contexts_share_nothing_that_is_written)
{
    cr_expect_eq(run_threads(), 0u);
}

#ifdef __SANITIZE_THREAD__
/* Criterion's runner maps memory where ThreadSanitizer has its own, and does not start; so there is
 * no runner then, only the line that tests/check.sh reads. */
int main(void)
{
    const int failed = run_threads() != 0;

    printf("Tested: 1 | Passing: %d | Failing: %d | Crashing: 0\n", !failed, failed);
    return failed;
}
#endif
