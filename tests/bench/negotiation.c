/*
 * What a negotiation costs besides its mechanism, both sides together, from create to destroy.
 *
 *     bench-negotiation once CASE N     does it N times: for an instruction counter
 *     bench-negotiation time CASE       nanoseconds, the median of several runs
 *     bench-negotiation memory CASE     allocations, and octets of one context
 *     bench-negotiation list            the cases
 *
 * The mechanism writes fixed octets and believes everything.
 */
#define _POSIX_C_SOURCE 200809L

#include <spnego/spnego.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LEGS = 2, TOKEN_LEN = 40, MIC_LEN = 16, NUM_RUNS = 9, PER_RUN = 20000 };

typedef struct null_mech {
    int legs; /* tokens that this side has still to give or to take */
} null_mech;

static const uint8_t octets[TOKEN_LEN] = {1};

/* Each side sees every token once: it takes it or gives it. */
static spnego_mech_result null_step(void *self, spnego_sink *out, spnego_mech_code *code,
                                    spnego_bytes in)
{
    null_mech *mech = self;

    (void)code;
    if (in.data != NULL)
        mech->legs--;
    if (mech->legs > 0) {
        mech->legs--;
        spnego_sink_write(out, octets, TOKEN_LEN);
    }
    return mech->legs > 0 ? SPNEGO_MECH_CONTINUE : SPNEGO_MECH_COMPLETE;
}

static uint32_t null_query(void *self)
{
    (void)self;
    return SPNEGO_FLAG_INTEG | SPNEGO_FLAG_MUTUAL;
}

static spnego_mech_result get_mic(spnego_sink *mic, uint8_t who)
{
    uint8_t value[MIC_LEN] = {who};

    spnego_sink_write(mic, value, MIC_LEN);
    return SPNEGO_MECH_COMPLETE;
}

static spnego_mech_result initiator_mic(void *self, spnego_sink *mic, spnego_mech_code *code,
                                        spnego_bytes message)
{
    (void)self;
    (void)code;
    (void)message;
    return get_mic(mic, 'I');
}

static spnego_mech_result acceptor_mic(void *self, spnego_sink *mic, spnego_mech_code *code,
                                       spnego_bytes message)
{
    (void)self;
    (void)code;
    (void)message;
    return get_mic(mic, 'A');
}

static spnego_mech_result null_verify(void *self, spnego_mech_code *code, spnego_bytes message,
                                      spnego_bytes mic)
{
    (void)self;
    (void)code;
    (void)message;
    return mic.len == MIC_LEN ? SPNEGO_MECH_COMPLETE : SPNEGO_MECH_FAILED;
}

static const uint8_t krb5[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02};
static const uint8_t ntlm[] = {0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a};

#define OPS(name_, oid_, mic_) \
    { \
        .struct_size = sizeof(spnego_mech_ops), .name = name_, .oid = {oid_, sizeof oid_}, \
        .step = null_step, .query = null_query, .get_mic = mic_, .verify_mic = null_verify \
    }
static const spnego_mech_ops initiator_krb5 = OPS("krb5", krb5, initiator_mic);
static const spnego_mech_ops initiator_ntlm = OPS("ntlm", ntlm, initiator_mic);
static const spnego_mech_ops acceptor_krb5 = OPS("krb5", krb5, acceptor_mic);
static const spnego_mech_ops acceptor_ntlm = OPS("ntlm", ntlm, acceptor_mic);

/* ---- Memory -------------------------------------------------------------------------------- */

static size_t num_allocations;
static size_t num_octets;

static void *count_alloc(void *user, size_t size)
{
    (void)user;
    num_allocations++;
    num_octets += size;
    return malloc(size);
}

static void count_free(void *user, void *memory)
{
    (void)user;
    free(memory);
}

/* ---- The cases ----------------------------------------------------------------------------- */

typedef struct setting {
    const char *name;
    int acceptor_prefers_ntlm; /* so it asks for MICs */
    int no_krb5;               /* so it chooses ntlm  */
} setting;

static const setting settings[] = {
    {"first-choice", 0, 0},
    {"request-mic", 1, 0},
    {"reselect", 0, 1},
};
enum { NUM_SETTINGS = sizeof settings / sizeof settings[0] };

static spnego_context *create(spnego_role role, const spnego_mech *mechs, size_t num_mechs)
{
    spnego_config config;
    spnego_context *context;

    spnego_config_init(&config, sizeof config, role);
    config.mechs = mechs;
    config.num_mechs = num_mechs;
    config.alloc = count_alloc;
    config.dealloc = count_free;
    return spnego_context_create(&context, NULL, &config) == SPNEGO_COMPLETE ? context : NULL;
}

static int negotiate(const setting *s)
{
    null_mech mechs[4] = {{LEGS}, {LEGS}, {LEGS}, {LEGS}};
    const spnego_mech offered[] = {{&initiator_krb5, &mechs[0], NULL, 0},
                                   {&initiator_ntlm, &mechs[1], NULL, 0}};
    const spnego_mech k = {&acceptor_krb5, &mechs[2], NULL, 0};
    const spnego_mech n = {&acceptor_ntlm, &mechs[3], NULL, 0};
    const spnego_mech accepted[] = {s->acceptor_prefers_ntlm || s->no_krb5 ? n : k, k};
    const size_t num_accepted = s->acceptor_prefers_ntlm ? 2 : 1;
    spnego_context *sides[2];
    spnego_status status[2] = {SPNEGO_CONTINUE, SPNEGO_CONTINUE};
    spnego_bytes token = {NULL, 0};
    spnego_info info;
    int done;

    sides[0] = create(SPNEGO_INITIATOR, offered, 2);
    sides[1] = create(SPNEGO_ACCEPTOR, accepted, num_accepted);
    for (int turn = 0; status[turn] == SPNEGO_CONTINUE; turn = !turn)
        status[turn] = spnego_context_step(sides[turn], &token, token);
    done = status[0] == SPNEGO_COMPLETE && status[1] == SPNEGO_COMPLETE &&
           spnego_context_info(sides[1], &info) &&
           info.mics_exchanged == (s->acceptor_prefers_ntlm || s->no_krb5);
    spnego_context_destroy(sides[0]);
    spnego_context_destroy(sides[1]);
    return done;
}

static int compare(const void *a, const void *b)
{
    const long long x = *(const long long *)a;
    const long long y = *(const long long *)b;

    return (x > y) - (x < y);
}

static long long nanoseconds(const setting *s)
{
    long long runs[NUM_RUNS];

    for (int i = 0; i < NUM_RUNS; i++) {
        struct timespec from;
        struct timespec to;

        clock_gettime(CLOCK_MONOTONIC, &from);
        for (int k = 0; k < PER_RUN; k++)
            if (!negotiate(s))
                exit(1);
        clock_gettime(CLOCK_MONOTONIC, &to);
        runs[i] =
            ((to.tv_sec - from.tv_sec) * 1000000000LL + (to.tv_nsec - from.tv_nsec)) / PER_RUN;
    }
    qsort(runs, NUM_RUNS, sizeof runs[0], compare);
    return runs[NUM_RUNS / 2];
}

int main(int argc, char **argv)
{
    const setting *s = NULL;

    if (argc == 2 && strcmp(argv[1], "list") == 0) {
        for (size_t i = 0; i < NUM_SETTINGS; i++)
            puts(settings[i].name);
        return 0;
    }
    for (size_t i = 0; argc >= 3 && i < NUM_SETTINGS; i++)
        if (strcmp(argv[2], settings[i].name) == 0)
            s = &settings[i];
    if (s == NULL)
        return 2;
    if (strcmp(argv[1], "once") == 0 && argc == 4) {
        for (long n = strtol(argv[3], NULL, 10); n > 0; n--)
            if (!negotiate(s))
                return 1;
    } else if (strcmp(argv[1], "time") == 0) {
        printf("%lld\n", nanoseconds(s));
    } else if (strcmp(argv[1], "memory") == 0) {
        if (!negotiate(s))
            return 1;
        printf("%zu %zu\n", num_allocations, num_octets / 2);
    } else {
        return 2;
    }
    return 0;
}
