#include "http_wire.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static spnego_bytes view(const char *from, const char *to)
{
    return (spnego_bytes){(const uint8_t *)from, (size_t)(to - from)};
}

static int take_field(wire_message *out, char *line, char *end)
{
    char *const colon = memchr(line, ':', (size_t)(end - line));
    char *value;

    if (colon == NULL || out->num_fields == WIRE_MAX_FIELDS)
        return 0;
    for (value = colon + 1; value < end && (*value == ' ' || *value == '\t');)
        value++;
    out->fields[out->num_fields++] = (spnego_http_field){view(line, colon), view(value, end)};
    return 1;
}

int wire_read_head(wire_message *out, FILE *stream)
{
    out->head_len = 0;
    out->num_fields = 0;
    out->first_line = out->head;
    for (size_t begin = 0;; begin = out->head_len) {
        char *end;

        if (fgets(out->head + begin, (int)(sizeof out->head - begin), stream) == NULL)
            return 0;
        out->head_len += strlen(out->head + begin);
        end = strstr(out->head + begin, "\r\n");
        if (end == NULL)
            return 0;
        *end = '\0';
        if (begin != 0 && end == out->head + begin)
            return 1;
        if (begin != 0 && !take_field(out, out->head + begin, end))
            return 0;
    }
}

const char *wire_field(const wire_message *message, const char *name)
{
    static char value[1024];

    for (size_t i = 0; i < message->num_fields; i++) {
        const spnego_http_field *f = &message->fields[i];

        if (f->name.len != strlen(name) ||
            strncasecmp((const char *)f->name.data, name, f->name.len) != 0)
            continue;
        snprintf(value, sizeof value, "%.*s", (int)f->value.len, (const char *)f->value.data);
        return value;
    }
    return "";
}

long wire_read_body(char *out, size_t size, const wire_message *message, FILE *stream)
{
    const long len = atol(wire_field(message, "Content-Length"));
    size_t kept = 0;

    for (long i = 0; i < len; i++) {
        const int c = getc(stream);

        if (c == EOF)
            return -1;
        if (kept + 1 < size)
            out[kept++] = (char)c;
    }
    out[kept] = '\0';
    return len;
}

void wire_put_fields(FILE *stream, const spnego_http_turn *turn)
{
    for (size_t i = 0; i < turn->num_fields; i++) {
        const spnego_http_field *f = &turn->fields[i];

        fprintf(stream, "%.*s: %.*s\r\n", (int)f->name.len, (const char *)f->name.data,
                (int)f->value.len, (const char *)f->value.data);
    }
}
