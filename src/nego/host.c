#include "nego/host.h"

#include <stdlib.h>

void *nego_host_alloc(const nego_host *host, size_t size)
{
    return host->alloc != NULL ? host->alloc(host->user, size) : malloc(size);
}

void nego_host_free(const nego_host *host, void *memory)
{
    if (host->dealloc != NULL)
        host->dealloc(host->user, memory);
    else
        free(memory);
}
