/* A client of SOCKS 5 against any server: the laws of socks5.c. */
#include "socks5.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    run_socks5(SPNEGO_INITIATOR, data, size);
    return 0;
}
