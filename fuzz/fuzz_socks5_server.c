/* A server of SOCKS 5 against any client: the laws of socks5.c. */
#include "socks5.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    run_socks5(SPNEGO_ACCEPTOR, data, size);
    return 0;
}
