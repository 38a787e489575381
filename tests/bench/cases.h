/* bench/cases.h - the tokens that costs are told for. */
#ifndef SPNEGO_TESTS_BENCH_CASES_H
#define SPNEGO_TESTS_BENCH_CASES_H

#include <spnego/token.h>

/* The last is there to be compared with the third: they differ in the mechanism token alone. */
#define CASES_NUM 5
#define CASES_MAX_MECHS 3
#define CASES_LIST_SIZE 64
#define CASES_BUFFER_SIZE 66000

typedef struct bench_case {
    const char *name;
    size_t num_mechs; /* of a NegTokenInit, 0 for a NegTokenResp */
    spnego_bytes mechs[CASES_MAX_MECHS];
    spnego_token token; /* mech_types is a view of `list` */
    uint8_t list[CASES_LIST_SIZE];
    uint8_t der[CASES_BUFFER_SIZE];
    size_t der_len;
} bench_case;

/* cases_make fills in the cases, with their encodings; returns 0 if the library refuses one. */
int cases_make(bench_case cases[CASES_NUM]);

#endif /* SPNEGO_TESTS_BENCH_CASES_H */
