/* base/bytes.h */
#include "base/bytes.h"

#include <criterion/criterion.h>

Test(bytes, absent_is_not_empty)
{
    const uint8_t octet = 0;
    const spnego_bytes empty = {&octet, 0};

    cr_expect_null(bytes_absent().data);
    cr_expect_eq(bytes_absent().len, 0u);
    cr_expect_not_null(empty.data);
}

Test(bytes, equal_compares_every_octet_and_the_length)
{
    const uint8_t a[] = {1, 2, 3}, b[] = {1, 2, 3, 4};
    uint8_t c[] = {1, 2, 3};

    cr_expect(bytes_equal((spnego_bytes){a, 3}, (spnego_bytes){c, 3}));
    cr_expect_not(bytes_equal((spnego_bytes){a, 3}, (spnego_bytes){b, 4}));
    cr_expect(bytes_equal((spnego_bytes){a, 3}, (spnego_bytes){b, 3}));
    for (size_t i = 0; i < sizeof c; i++) {
        c[i] ^= 0x80;
        cr_expect_not(bytes_equal((spnego_bytes){a, 3}, (spnego_bytes){c, 3}), "octet %zu", i);
        c[i] ^= 0x80;
    }
}
