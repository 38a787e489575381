#define _GNU_SOURCE
#include "inspect/origin.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* The number of an address, from 1; 0 if there is no room to remember it. */
static size_t inspect_host_number(inspect_hosts *hosts, const inspect_endpoint *endpoint)
{
    inspect_endpoint host = *endpoint;
    size_t i = 0;

    host.port = 0;
    while (i < hosts->num && inspect_endpoint_compare(&hosts->known[i], &host) != 0)
        i++;
    if (i == INSPECT_MAX_HOSTS)
        return 0;
    if (i == hosts->num)
        hosts->known[hosts->num++] = host;
    return i + 1;
}

static void inspect_host_write(inspect_text *out, inspect_hosts *hosts,
                               const inspect_endpoint *endpoint)
{
    const size_t number = inspect_host_number(hosts, endpoint);

    inspect_text_puts(out, "host");
    if (number > 0) {
        inspect_text_putc(out, '-');
        inspect_text_put_number(out, number);
    }
    inspect_text_putc(out, ':');
    inspect_text_put_number(out, endpoint->port);
}

/* Returns 0 if memory runs out. */
static int inspect_origin_endpoint(char *out, size_t size, const inspect_endpoint *endpoint,
                                   inspect_hosts *hosts)
{
    inspect_text text = {NULL, 0, 0, 0};
    int is_whole;

    if (hosts != NULL)
        inspect_host_write(&text, hosts, endpoint);
    else
        inspect_endpoint_write(&text, endpoint);
    is_whole = !text.failed;
    if (is_whole && text.len < size) {
        memcpy(out, text.data, text.len);
        out[text.len] = 0;
    }
    inspect_text_free(&text);
    return is_whole;
}

/* RFC 3339 5.6 has years of four digits; a capture may say anything. */
static void inspect_origin_time(char *out, size_t size, const inspect_stamp *stamp)
{
    const time_t seconds = (time_t)stamp->seconds;
    struct tm parts;
    size_t len;

    if (stamp->micros > 999999 || gmtime_r(&seconds, &parts) == NULL ||
        parts.tm_year < 1000 - 1900 || parts.tm_year > 9999 - 1900)
        return;
    len = strftime(out, size, "%Y-%m-%dT%H:%M:%S", &parts);
    (void)snprintf(out + len, size - len, ".%06luZ", (unsigned long)stamp->micros);
}

void inspect_origin_of(inspect_origin *out, const inspect_found *found, inspect_hosts *hosts)
{
    memset(out, 0, sizeof *out);
    out->carrier = found->carrier;
    if (found->connection != NULL) {
        const inspect_endpoint *const endpoints = found->connection->endpoints;

        out->failed =
            !inspect_origin_endpoint(out->src, sizeof out->src, &endpoints[found->side], hosts) ||
            !inspect_origin_endpoint(out->dst, sizeof out->dst, &endpoints[1 - found->side], hosts);
    }
    out->frame = found->stamp.frame;
    if (out->frame > 0)
        inspect_origin_time(out->time, sizeof out->time, &found->stamp);
    out->exchange = found->exchange;
}

static void inspect_origin_member(inspect_json *json, const char *key, const char *value)
{
    if (value[0] == 0)
        return;
    inspect_json_key(json, key);
    inspect_json_string(json, value);
}

void inspect_origin_json(inspect_json *json, const inspect_origin *origin)
{
    json->text->failed |= origin->failed;
    inspect_origin_member(json, "carrier", origin->carrier);
    if (origin->src[0] != 0) {
        inspect_json_key(json, "flow");
        inspect_json_begin(json, '{');
        inspect_origin_member(json, "src", origin->src);
        inspect_origin_member(json, "dst", origin->dst);
        inspect_json_end(json, '}');
    }
    if (origin->frame > 0) {
        inspect_json_key(json, "frame");
        inspect_json_number(json, (int64_t)origin->frame);
    }
    inspect_origin_member(json, "time", origin->time);
    inspect_json_key(json, "exchange");
    inspect_json_number(json, (int64_t)origin->exchange);
}

void inspect_origin_text(inspect_text *out, const inspect_origin *origin)
{
    out->failed |= origin->failed;
    if (origin->frame > 0) {
        inspect_text_puts(out, "frame ");
        inspect_text_put_number(out, origin->frame);
        inspect_text_puts(out, ", ");
    }
    inspect_text_puts(out, "exchange ");
    inspect_text_put_number(out, origin->exchange);
    inspect_text_puts(out, ", ");
    inspect_text_puts(out, origin->carrier);
    if (origin->time[0] != 0) {
        inspect_text_puts(out, ", ");
        inspect_text_puts(out, origin->time);
    }
    if (origin->src[0] != 0) {
        inspect_text_puts(out, ",\n  ");
        inspect_text_puts(out, origin->src);
        inspect_text_puts(out, " > ");
        inspect_text_puts(out, origin->dst);
    }
}
