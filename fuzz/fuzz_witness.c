/* The library and asn1c's own runtime over any octets: the laws of tests/witness/laws.h. */
#include "law.h"

#include "witness/laws.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    laws_counts counts = {0};
    uint8_t *copy = copy_exactly(data, size);
    const spnego_bytes in = {copy, size};
    const char *broken = laws_check(&counts, in);

    if (broken != NULL)
        fprintf(stderr, "%s\n", broken);
    LAW(broken == NULL);
    free(copy);
    return 0;
}
