/* nego/buffer.h - octets that grow, from the context's allocator, wiped before they are let go. */
#ifndef SPNEGO_NEGO_BUFFER_H
#define SPNEGO_NEGO_BUFFER_H

#include "nego/host.h"

/* Begins in storage of the context itself, which most negotiations never outgrow. */
typedef struct nego_buffer {
    uint8_t *data;
    size_t len; /* octets in use */
    size_t size;
    uint8_t *own; /* the storage it began in */
} nego_buffer;

void nego_buffer_init(nego_buffer *buffer, uint8_t *own, size_t size);

/* nego_buffer_clear wipes the contents and keeps the memory. */
void nego_buffer_clear(nego_buffer *buffer);

/* nego_buffer_free wipes and gives back what was allocated; whoever owns the storage that the
 * buffer began in wipes that. */
void nego_buffer_free(nego_buffer *buffer, const nego_host *host);

/* nego_buffer_room makes sure that `more` octets fit behind those in use, `more` being bounded by
 * the caller.  Returns 0 if there is no memory; then nothing has changed. */
SPNEGO_MUST_USE int nego_buffer_room(nego_buffer *buffer, const nego_host *host, size_t more);

/* nego_buffer_add puts octets behind those in use; results as those of nego_buffer_room. */
SPNEGO_MUST_USE int nego_buffer_add(nego_buffer *buffer, const nego_host *host, spnego_bytes bytes);

/* nego_buffer_view is absent if the buffer is empty. */
static inline spnego_bytes nego_buffer_view(const nego_buffer *buffer)
{
    spnego_bytes view = {buffer->len == 0 ? NULL : buffer->data, buffer->len};
    return view;
}

/* nego_wipe zeroes memory for good, whatever the compiler makes of it. */
void nego_wipe(void *memory, size_t len);

#endif /* SPNEGO_NEGO_BUFFER_H */
