/*
 * Reading and writing a token allocates nothing, whatever the token.
 *
 * Link with -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free: calls from the library's
 * objects then come here.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include <spnego/spnego.h>

#include "bench/cases.h"
#include "vector_file.h"

/* Compilers take for granted that malloc changes nothing that they can see. */
static volatile size_t num_calls;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void __wrap_free(void *memory);

void *__wrap_malloc(size_t size)
{
    num_calls++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    num_calls++;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    num_calls++;
    return __real_realloc(memory, size);
}

void __wrap_free(void *memory)
{
    num_calls++;
    __real_free(memory);
}

/* Too large for a stack and larger than any token here. */
static uint8_t buf[1 << 20];

/* Everything that the codec does with a token, strictly and with every tolerance. */
static void use(spnego_bytes in)
{
    static const uint32_t tolerances[] = {SPNEGO_TOLERATE_NOTHING, SPNEGO_TOLERATE_INTEROPERABLE,
                                          SPNEGO_TOLERATE_ALL};
    static spnego_report report;
    spnego_token token;
    spnego_finding fault;
    spnego_bytes der, oid, oids[16];
    char text[SPNEGO_OID_TEXT_SIZE];

    for (size_t i = 0; i < sizeof tolerances / sizeof tolerances[0]; i++) {
        size_t cursor = 0, num = 0;

        (void)spnego_sniff(in);
        (void)spnego_token_inspect(&token, &report, in, tolerances[i]);
        if (spnego_token_decode(&token, &fault, in, tolerances[i]) != SPNEGO_RULE_NONE) {
            (void)spnego_rule_describe(fault.rule);
            continue;
        }
        while (spnego_mech_types_next(&oid, &cursor, token.mech_types)) {
            (void)spnego_oid_identify(oid);
            (void)spnego_oid_to_text(text, sizeof text, oid);
            if (num < 16)
                oids[num++] = oid;
        }
        if (num > 0 &&
            spnego_mech_types_encode(&der, buf, sizeof buf, oids, num) == SPNEGO_RULE_NONE)
            cr_assert_eq(spnego_mech_types_encode(&der, buf, der.len - 1, oids, num),
                         SPNEGO_RULE_ENCODE_BUFFER_TOO_SMALL);
        if (spnego_token_encode(&der, buf, sizeof buf, &token) == SPNEGO_RULE_NONE)
            cr_assert_eq(spnego_token_encode(&der, buf, der.len - 1, &token),
                         SPNEGO_RULE_ENCODE_BUFFER_TOO_SMALL);
    }
}

Test(alloc, the_count_counts)
{
    void *volatile memory;

    num_calls = 0;
    memory = malloc(1);
    free(memory);
    cr_assert_eq(num_calls, 2);
}

Test(alloc, no_vector_makes_the_codec_allocate)
{
    vector_file *all;
    const size_t num = vector_files_read_all(&all);

    num_calls = 0;
    for (size_t i = 0; i < num; i++) {
        use(all[i].octets);
        cr_assert_eq(num_calls, 0, "%s", all[i].path);
    }
    printf("alloc: %zu vectors, %zu allocations\n", num, (size_t)num_calls);
    vector_files_free(all, num);
}

Test(alloc, no_bench_token_makes_the_codec_allocate)
{
    static bench_case cases[CASES_NUM];

    num_calls = 0;
    cr_assert(cases_make(cases));
    for (size_t i = 0; i < CASES_NUM; i++) {
        const spnego_bytes in = {cases[i].der, cases[i].der_len};

        use(in);
    }
    cr_assert_eq(num_calls, 0);
}
