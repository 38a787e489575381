#include "inspect/value.h"

void inspect_put_guid(inspect_text *out, spnego_bytes octets)
{
    static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

    if (octets.len != sizeof order) {
        inspect_text_put_hex(out, octets, 0);
        return;
    }
    for (size_t i = 0; i < sizeof order; i++) {
        const spnego_bytes octet = {octets.data + order[i], 1};
        if (i == 4 || i == 6 || i == 8 || i == 10)
            inspect_text_putc(out, '-');
        inspect_text_put_hex(out, octet, 0);
    }
}

static void inspect_put_digits(inspect_text *out, uint64_t number, size_t num_digits, char end)
{
    char digits[8];

    for (size_t i = num_digits; i > 0; i--) {
        digits[i - 1] = (char)('0' + number % 10);
        number /= 10;
    }
    inspect_text_put(out, digits, num_digits);
    inspect_text_putc(out, end);
}

/* Days since 1600-03-01 as a date: years begin with March, so that the day that some have and
 * others have not is the last. */
static void inspect_put_date(inspect_text *out, uint64_t days)
{
    const uint64_t era = days / 146097, in_era = days % 146097;
    const uint64_t year_of_era = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    const uint64_t day_of_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const uint64_t month_from_march = (5 * day_of_year + 2) / 153;
    const uint64_t day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    const uint64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;

    inspect_put_digits(out, 1600 + 400 * era + year_of_era + (month <= 2), 4, '-');
    inspect_put_digits(out, month, 2, '-');
    inspect_put_digits(out, day, 2, 'T');
}

int inspect_put_filetime(inspect_text *out, uint64_t filetime)
{
    const uint64_t second = 10000000, day = 86400 * second;
    /* FILETIME counts from 1601-01-01, which is 306 days after 1600-03-01; RFC 3339 has four
     * digits for a year. */
    const uint64_t end = 3067671 * day;
    const uint64_t seconds = filetime % day / second;

    if (filetime >= end)
        return 0;
    inspect_put_date(out, filetime / day + 306);
    inspect_put_digits(out, seconds / 3600, 2, ':');
    inspect_put_digits(out, seconds / 60 % 60, 2, ':');
    inspect_put_digits(out, seconds % 60, 2, '.');
    inspect_put_digits(out, filetime % second, 7, 'Z');
    return 1;
}

void inspect_put_time(inspect_text *out, spnego_bytes octets)
{
    static const char between[14] = {0, 0, 0, '-', 0, '-', 0, 'T', 0, ':', 0, ':', 0, 0};
    int is_time = octets.len == 15 && octets.data[14] == 'Z';

    for (size_t i = 0; is_time && i < 14; i++)
        is_time = octets.data[i] >= '0' && octets.data[i] <= '9';
    if (!is_time) {
        inspect_text_put_escaped(out, octets);
        return;
    }
    for (size_t i = 0; i < 14; i++) {
        inspect_text_putc(out, (char)octets.data[i]);
        if (between[i] != 0)
            inspect_text_putc(out, between[i]);
    }
    inspect_text_putc(out, 'Z');
}
