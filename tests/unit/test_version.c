/* base/version.c */
#include <criterion/criterion.h>
#include <spnego/types.h>
#include <stdio.h>

Test(version, library_and_headers_agree)
{
    cr_expect_str_eq(spnego_version(), SPNEGO_VERSION);
}

Test(version, is_three_numbers)
{
    unsigned major, minor, patch;
    int end = 0;

    cr_assert_eq(sscanf(SPNEGO_VERSION, "%u.%u.%u%n", &major, &minor, &patch, &end), 3);
    cr_expect_eq(SPNEGO_VERSION[end], '\0');
    cr_expect_eq(SPNEGO_VERSION_NUMBER, major << 16 | minor << 8 | patch);
}
