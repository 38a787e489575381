/* A server of MS-NNS: the laws of nns.c. */
#include "nns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    run_nns(SPNEGO_ACCEPTOR, data, size);
    return 0;
}
