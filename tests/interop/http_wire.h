/* http_wire.h - as much of HTTP/1.1 as the two programs beside it need: a header section, a body.
 */
#ifndef SPNEGO_INTEROP_HTTP_WIRE_H
#define SPNEGO_INTEROP_HTTP_WIRE_H

#include <spnego/http.h>

#include <stdio.h>

enum { WIRE_MAX_HEAD = 1 << 17, WIRE_MAX_FIELDS = 64 };

/* One message, but for its body.  The views lie in `head`. */
typedef struct wire_message {
    char head[WIRE_MAX_HEAD];
    size_t head_len;
    char *first_line;
    spnego_http_field fields[WIRE_MAX_FIELDS];
    size_t num_fields;
} wire_message;

/* wire_read_head reads up to the empty line.  Returns 0 at the end of the stream, or if it is no
 * message. */
int wire_read_head(wire_message *out, FILE *stream);

/* wire_field returns the value of a field as text that lasts until the next call; "" if there is no
 * such. */
const char *wire_field(const wire_message *message, const char *name);

/* wire_read_body reads what Content-Length says, and puts the beginning into `out`, NUL after it.
 * Returns its length, or -1 if the stream ends before. */
long wire_read_body(char *out, size_t size, const wire_message *message, FILE *stream);

/* wire_put_fields writes the fields of a turn. */
void wire_put_fields(FILE *stream, const spnego_http_turn *turn);

#endif /* SPNEGO_INTEROP_HTTP_WIRE_H */
