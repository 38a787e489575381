/*
 * What reading and writing a token costs, beside asn1c's own runtime in the same process.
 *
 *     bench check                that all operations agree, octet for octet
 *     bench once OP CASE N       does the operation N times: for an instruction counter
 *     bench time OP CASE         nanoseconds an operation, the median of several runs
 *     bench allocations OP CASE  heap allocations of one operation
 *     bench list                 the operations and the cases
 *
 * Link with -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc.
 */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <spnego/token.h>

#include "bench/cases.h"
#include "witness/describe.h"

/* Compilers take for granted that malloc changes nothing that they can see. */
static volatile size_t num_allocations;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

void *__wrap_malloc(size_t size)
{
    num_allocations++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    num_allocations++;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    num_allocations++;
    return __real_realloc(memory, size);
}

static bench_case cases[CASES_NUM];
static witness_token descriptions[CASES_NUM];
static witness_bytes oids[CASES_NUM][WITNESS_MAX_MECH_TYPES];
static uint8_t buf[CASES_BUFFER_SIZE];
static spnego_bytes written;

/* ---- The operations: 1 if it was done ------------------------------------------------------- */

/* From OIDs and a mechanism token to octets: what a sender does. */
static int encode_all(size_t which)
{
    const bench_case *from = &cases[which];
    spnego_token token;
    uint8_t list[CASES_LIST_SIZE];

    memset(&token, 0, sizeof token);
    token.type = from->token.type;
    token.framed = from->token.framed;
    if (from->num_mechs != 0) {
        if (spnego_mech_types_encode(&token.mech_types, list, sizeof list, from->mechs,
                                     from->num_mechs) != SPNEGO_RULE_NONE)
            return 0;
        token.mech_token = from->token.mech_token;
    } else {
        token.has_neg_state = from->token.has_neg_state;
        token.neg_state = from->token.neg_state;
        token.supported_mech = from->token.supported_mech;
        token.response_token = from->token.response_token;
        token.mech_list_mic = from->token.mech_list_mic;
    }
    return spnego_token_encode(&written, buf, sizeof buf, &token) == SPNEGO_RULE_NONE;
}

/* The token alone, where the MechTypeList is at hand. */
static int encode_token(size_t which)
{
    return spnego_token_encode(&written, buf, sizeof buf, &cases[which].token) == SPNEGO_RULE_NONE;
}

static int decode(size_t which)
{
    const spnego_bytes in = {cases[which].der, cases[which].der_len};
    spnego_token token;

    return spnego_token_decode(&token, NULL, in, SPNEGO_TOLERATE_NOTHING) == SPNEGO_RULE_NONE;
}

static int stock_encode(size_t which)
{
    written.data = buf;
    written.len = witness_encode(buf, sizeof buf, &descriptions[which]);
    return written.len != 0;
}

static int stock_decode(size_t which)
{
    witness_reading reading;

    if (!witness_read(&reading, descriptions[which].pdu, cases[which].der, cases[which].der_len))
        return 0;
    witness_free(&reading);
    return 1;
}

/* The loop and the call, to be taken off. */
static int nothing(size_t which)
{
    return which < CASES_NUM;
}

typedef struct operation {
    const char *name;
    int (*run)(size_t which);
    int writes;
} operation;

static const operation operations[] = {
    {"encode", encode_all, 1},         {"encode-token", encode_token, 1}, {"decode", decode, 0},
    {"stock-encode", stock_encode, 1}, {"stock-decode", stock_decode, 0}, {"nothing", nothing, 0},
};
#define NUM_OPERATIONS (sizeof operations / sizeof operations[0])

/* ---- What is asked --------------------------------------------------------------------------- */

static void repeat(const operation *op, size_t which, size_t times)
{
    for (size_t i = 0; i < times; i++) {
        if (!op->run(which)) {
            fprintf(stderr, "bench: %s fails on %s\n", op->name, cases[which].name);
            exit(1);
        }
    }
}

static int check(void)
{
    for (size_t which = 0; which < CASES_NUM; which++) {
        witness_reading reading;
        spnego_token token;
        const spnego_bytes in = {cases[which].der, cases[which].der_len};
        int same;

        for (size_t i = 0; i < NUM_OPERATIONS; i++) {
            repeat(&operations[i], which, 1);
            if (operations[i].writes &&
                (written.len != in.len || memcmp(written.data, in.data, in.len) != 0)) {
                fprintf(stderr, "bench: %s writes other octets for %s\n", operations[i].name,
                        cases[which].name);
                return 1;
            }
        }
        if (spnego_token_decode(&token, NULL, in, SPNEGO_TOLERATE_NOTHING) != SPNEGO_RULE_NONE ||
            !witness_decode(&reading, descriptions[which].pdu, in.data, in.len))
            return 1;
        same = reading.consumed == in.len &&
               witness_encode_again(buf, in.len, &reading) == in.len &&
               memcmp(buf, in.data, in.len) == 0;
        witness_free(&reading);
        if (!same) {
            fprintf(stderr, "bench: %s is read differently\n", cases[which].name);
            return 1;
        }
    }
    return 0;
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

#define ROUNDS 11
#define ROUND_NS 4e6

static double measure(const operation *op, size_t which)
{
    double rounds[ROUNDS], start, took = 0;
    size_t times = 16;

    for (;; times *= 2) {
        start = now();
        repeat(op, which, times);
        took = now() - start;
        if (took >= ROUND_NS)
            break;
    }
    for (size_t i = 0; i < ROUNDS; i++) {
        start = now();
        repeat(op, which, times);
        rounds[i] = (now() - start) / (double)times;
    }
    qsort(rounds, ROUNDS, sizeof rounds[0], compare);
    return rounds[ROUNDS / 2];
}

static size_t find_case(const char *name)
{
    for (size_t i = 0; i < CASES_NUM; i++)
        if (strcmp(cases[i].name, name) == 0)
            return i;
    fprintf(stderr, "bench: no case %s\n", name);
    exit(2);
}

static const operation *find_operation(const char *name)
{
    for (size_t i = 0; i < NUM_OPERATIONS; i++)
        if (strcmp(operations[i].name, name) == 0)
            return &operations[i];
    fprintf(stderr, "bench: no operation %s\n", name);
    exit(2);
}

static int list(void)
{
    for (size_t i = 0; i < NUM_OPERATIONS; i++)
        printf("operation %s\n", operations[i].name);
    for (size_t i = 0; i < CASES_NUM; i++)
        printf("case %s\n", cases[i].name);
    return 0;
}

int main(int argc, char **argv)
{
    const operation *op;
    size_t which;

    if (!cases_make(cases)) {
        fprintf(stderr, "bench: the cases cannot be written\n");
        return 1;
    }
    for (size_t i = 0; i < CASES_NUM; i++)
        describe_for_stock(&descriptions[i], oids[i], &cases[i].token);
    if (argc == 2 && strcmp(argv[1], "check") == 0)
        return check();
    if (argc == 2 && strcmp(argv[1], "list") == 0)
        return list();
    if (argc < 4) {
        fprintf(stderr, "usage: bench check | list | once|time|allocations OP CASE [N]\n");
        return 2;
    }
    op = find_operation(argv[2]);
    which = find_case(argv[3]);
    if (strcmp(argv[1], "once") == 0 && argc == 5) {
        repeat(op, which, (size_t)strtoul(argv[4], NULL, 10));
    } else if (strcmp(argv[1], "time") == 0) {
        printf("%.0f\n", measure(op, which));
    } else if (strcmp(argv[1], "allocations") == 0) {
        num_allocations = 0;
        repeat(op, which, 1);
        printf("%zu\n", (size_t)num_allocations);
    } else {
        return 2;
    }
    return 0;
}
