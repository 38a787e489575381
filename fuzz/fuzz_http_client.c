/* HTTP's client against any peer at all: the laws of http_peer.c, and the same with events or
 * without. */
#include "http_peer.h"

static void run(octets *trace, watch_mode mode, source from)
{
    run_http(SPNEGO_INITIATOR, trace, mode, from);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    run_twice(run, data, size);
    return 0;
}
