/* The names of the library's tolerances. */
#include <string.h>

#include "inspect/vector.h"

static const struct {
    const char *name;
    uint32_t bits;
} tolerances[] = {
    {"LONG_LENGTH", SPNEGO_TOLERATE_LONG_LENGTH},
    {"LONG_OID_LENGTH", SPNEGO_TOLERATE_LONG_OID_LENGTH},
    {"TRAILING_BYTES", SPNEGO_TOLERATE_TRAILING_BYTES},
    {"UNTRIMMED_REQ_FLAGS", SPNEGO_TOLERATE_UNTRIMMED_REQ_FLAGS},
    {"MALFORMED_REQ_FLAGS", SPNEGO_TOLERATE_MALFORMED_REQ_FLAGS},
    {"FRAMED_RESP", SPNEGO_TOLERATE_FRAMED_RESP},
    {"UNFRAMED_INIT", SPNEGO_TOLERATE_UNFRAMED_INIT},
    {"FIELD_ORDER", SPNEGO_TOLERATE_FIELD_ORDER},
    {"MISSING_MECH_TYPES", SPNEGO_TOLERATE_MISSING_MECH_TYPES},
    {"EMPTY_MECH_TYPES", SPNEGO_TOLERATE_EMPTY_MECH_TYPES},
    {"UNKNOWN_NEG_STATE", SPNEGO_TOLERATE_UNKNOWN_NEG_STATE},
    /* Sets of them; written as their members. */
    {"INTEROPERABLE", SPNEGO_TOLERATE_INTEROPERABLE},
    {"ALL", SPNEGO_TOLERATE_ALL},
};

#define NUM_TOLERANCES (sizeof tolerances / sizeof tolerances[0])

static int inspect_name_is(spnego_bytes word, const char *name)
{
    if (word.len != strlen(name))
        return 0;
    for (size_t i = 0; i < word.len; i++) {
        const uint8_t c = word.data[i];
        const uint8_t upper = c >= 'a' && c <= 'z' ? (uint8_t)(c - 32) : c == '-' ? '_' : c;
        if (upper != (uint8_t)name[i])
            return 0;
    }
    return 1;
}

uint32_t inspect_tolerate_bit(spnego_bytes name)
{
    for (size_t i = 0; i < NUM_TOLERANCES; i++)
        if (inspect_name_is(name, tolerances[i].name))
            return tolerances[i].bits;
    return 0;
}

int inspect_tolerate_parse(uint32_t *out, spnego_bytes *out_bad, spnego_bytes list)
{
    size_t at = 0;

    *out = SPNEGO_TOLERATE_NOTHING;
    out_bad->data = NULL;
    out_bad->len = 0;
    while (at < list.len) {
        spnego_bytes word = {list.data + at, 0};
        uint32_t bits;

        if (list.data[at] == 0 || strchr(" ,\t\r\n", list.data[at]) != NULL) {
            at++;
            continue;
        }
        while (at < list.len && list.data[at] != 0 && strchr(" ,\t\r\n", list.data[at]) == NULL)
            at++;
        word.len = (size_t)(list.data + at - word.data);
        bits = inspect_tolerate_bit(word);
        if (bits == 0 && !inspect_name_is(word, "NOTHING")) {
            *out_bad = word;
            return 0;
        }
        *out |= bits;
    }
    return 1;
}

void inspect_tolerate_write(inspect_text *out, uint32_t bits)
{
    const char *between = "";

    for (size_t i = 0; i < NUM_TOLERANCES && bits != 0; i++) {
        if ((tolerances[i].bits & ~bits) != 0)
            continue;
        inspect_text_puts(out, between);
        inspect_text_puts(out, tolerances[i].name);
        bits &= ~tolerances[i].bits;
        between = " ";
    }
}
