#include "nego/buffer.h"

#include <string.h>

void nego_wipe(void *memory, size_t len)
{
    memset(memory, 0, len);
#if defined(__GNUC__)
    /* The compiler must take it that someone reads the zeros. */
    __asm__ __volatile__("" : : "r"(memory) : "memory");
#endif
}

void nego_buffer_init(nego_buffer *buffer, uint8_t *own, size_t size)
{
    buffer->data = own;
    buffer->len = 0;
    buffer->size = size;
    buffer->own = own;
}

void nego_buffer_clear(nego_buffer *buffer)
{
    if (buffer->len != 0)
        nego_wipe(buffer->data, buffer->len);
    buffer->len = 0;
}

/* Gives back what was allocated; storage of its own is not the buffer's to wipe. */
static void let_go(nego_buffer *buffer, const nego_host *host)
{
    if (buffer->data == buffer->own)
        return;
    nego_wipe(buffer->data, buffer->size);
    nego_host_free(host, buffer->data);
}

void nego_buffer_free(nego_buffer *buffer, const nego_host *host)
{
    let_go(buffer, host);
    buffer->data = buffer->own;
    buffer->len = 0;
    buffer->size = 0;
}

int nego_buffer_room(nego_buffer *buffer, const nego_host *host, size_t more)
{
    size_t size = buffer->size;
    uint8_t *data;

    if (more <= buffer->size - buffer->len)
        return 1;
    if (more > SIZE_MAX - buffer->len)
        return 0;
    /* Twice as much each time keeps the copying linear in what arrives. */
    size = size > SIZE_MAX / 2 ? SIZE_MAX : 2 * size;
    if (size < buffer->len + more)
        size = buffer->len + more;
    data = nego_host_alloc(host, size);
    if (data == NULL)
        return 0;
    if (buffer->len != 0)
        memcpy(data, buffer->data, buffer->len);
    let_go(buffer, host);
    buffer->data = data;
    buffer->size = size;
    return 1;
}

int nego_buffer_add(nego_buffer *buffer, const nego_host *host, spnego_bytes bytes)
{
    if (!nego_buffer_room(buffer, host, bytes.len))
        return 0;
    if (bytes.len != 0)
        memcpy(buffer->data + buffer->len, bytes.data, bytes.len);
    buffer->len += bytes.len;
    return 1;
}
