/* nego/host.h - what the host gave besides mechanisms: memory, an eye on events, a say in choosing.
 * Together with mech.c the only place where the library calls out. */
#ifndef SPNEGO_NEGO_HOST_H
#define SPNEGO_NEGO_HOST_H

#include <spnego/negotiate.h>

typedef struct nego_host {
    void *user;
    void *(*alloc)(void *user, size_t size);
    void (*dealloc)(void *user, void *memory);
    void (*on_event)(void *user, const spnego_event *event);
    int (*acceptable)(void *user, const spnego_mech *mech, spnego_bytes mech_types);
} nego_host;

/* nego_host_alloc returns memory or NULL; without an allocator of the host's it is malloc's. */
void *nego_host_alloc(const nego_host *host, size_t size);
void nego_host_free(const nego_host *host, void *memory);

#endif /* SPNEGO_NEGO_HOST_H */
