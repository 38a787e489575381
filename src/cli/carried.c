/* Captures and carriers' streams as inputs. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "inspect/capture.h"

static inspect_carrier cli_stream_carrier(inspect_from from)
{
    switch (from) {
    case INSPECT_FROM_NNS:
        return INSPECT_CARRIER_NNS;
    case INSPECT_FROM_SOCKS5:
        return INSPECT_CARRIER_SOCKS5;
    case INSPECT_FROM_XMPP:
        return INSPECT_CARRIER_XMPP;
    case INSPECT_FROM_AUTO:
    case INSPECT_FROM_RAW:
    case INSPECT_FROM_HEX:
    case INSPECT_FROM_BASE64:
    case INSPECT_FROM_HEADER:
    case INSPECT_FROM_LINES:
    case INSPECT_FROM_PCAP:
        break;
    }
    return INSPECT_CARRIER_NONE;
}

inspect_encoding cli_carried_encoding(inspect_from from)
{
    switch (cli_stream_carrier(from)) {
    case INSPECT_CARRIER_NNS:
        return INSPECT_NNS;
    case INSPECT_CARRIER_SOCKS5:
        return INSPECT_SOCKS5;
    case INSPECT_CARRIER_XMPP:
        return INSPECT_XMPP;
    default:
        return INSPECT_PCAP;
    }
}

static void cli_say_number(const char *name, uint64_t number, const char *sentence)
{
    char line[160];

    if (number == 0)
        return;
    (void)snprintf(line, sizeof line, "%s: %llu", sentence, (unsigned long long)number);
    cli_complain(name, line);
}

/* What was left out, so that nobody takes it for absent. */
static int cli_carried_capture(inspect_finder *finder, const char *name, FILE *file)
{
    inspect_capture capture;
    const int is_read = inspect_capture_read(&capture, finder, file);

    if (capture.error[0] != 0)
        cli_complain(name, capture.error);
    cli_say_number(name, capture.num_gaps, "gaps in TCP streams, in which no token is found");
    cli_say_number(name, capture.num_fragments,
                   "IP fragments of packets that are not whole, or overlap");
    cli_say_number(name, capture.num_damaged, "frames whose headers contradict them");
    cli_say_number(name, capture.num_cut, "packets of which only the beginning was captured");
    cli_say_number(name, capture.num_evicted, "connections left early: too many at once");
    cli_say_number(name, capture.num_dropped, "messages too long to be followed");
    if (finder->failed)
        return cli_no_memory(name);
    return is_read ? CLI_CLEAN : CLI_NO_INPUT;
}

static int cli_carried_stream(inspect_finder *finder, const char *name, inspect_carrier carrier,
                              spnego_bytes data)
{
    static const inspect_stamp none;
    inspect_carry *carry = inspect_carry_create(finder, NULL, carrier);

    if (carry != NULL)
        inspect_carry_put(carry, 0, data, &none);
    inspect_carry_destroy(carry);
    return finder->failed ? cli_no_memory(name) : CLI_CLEAN;
}

int cli_carried_find(inspect_finder *finder, const char *name, inspect_from from, spnego_bytes data)
{
    const int is_stream = cli_stream_carrier(from) != INSPECT_CARRIER_NONE;
    FILE *file = NULL;

    if (is_stream)
        return cli_carried_stream(finder, name, cli_stream_carrier(from), data);
    if (from != INSPECT_FROM_PCAP && (from != INSPECT_FROM_AUTO || !inspect_is_capture(data)))
        return CLI_NOT_CARRIED;
    if (data.len > 0)
        file = fmemopen((void *)(uintptr_t)data.data, data.len, "rb");
    if (file != NULL)
        return cli_carried_capture(finder, name, file);
    if (data.len > 0)
        return cli_no_memory(name);
    cli_complain(name, "it is empty");
    return CLI_NO_INPUT;
}

/* Searches what was read and the rest of the file, with no more memory. */
static int cli_carried_long(inspect_finder *finder, const char *name, FILE *file,
                            inspect_text *input)
{
    static const inspect_stamp none;
    inspect_carry *carry = inspect_carry_create(finder, NULL, INSPECT_CARRIER_ANY);
    int status = CLI_CLEAN;

    while (status == CLI_CLEAN && carry != NULL && input->len > 0) {
        inspect_carry_put(carry, 0, inspect_text_bytes(input), &none);
        inspect_text_clear(input);
        status = cli_read_piece(input, name, file, 0);
    }
    inspect_carry_destroy(carry);
    return status == CLI_CLEAN && finder->failed ? cli_no_memory(name) : status;
}

static int cli_carried_anywhere(inspect_finder *finder, const char *name, FILE *file,
                                inspect_text *input)
{
    int status = cli_read_piece(input, name, file, INSPECT_MAX_INPUT);
    const int is_long = input->len > INSPECT_MAX_INPUT;

    if (status == CLI_CLEAN && is_long)
        status = cli_carried_long(finder, name, file, input);
    if (file != stdin)
        fclose(file);
    if (status != CLI_CLEAN || is_long)
        return status;
    return cli_carried_find(finder, name, INSPECT_FROM_AUTO, inspect_text_bytes(input));
}

/* A capture may be longer than what fits into memory, so a file is not read before it is known
 * what it is. */
int cli_carried_read(inspect_finder *finder, const char *name, inspect_from from,
                     inspect_text *input, int anywhere)
{
    char begin[INSPECT_CAPTURE_BEGIN];
    FILE *file = cli_open(name);
    spnego_bytes octets;
    size_t len;
    int status;

    inspect_text_clear(input);
    input->failed = 0;
    if (file == NULL)
        return CLI_NO_INPUT;
    if (from == INSPECT_FROM_PCAP)
        return cli_carried_capture(finder, name, file);
    len = fread(begin, 1, sizeof begin, file);
    octets.data = (const uint8_t *)begin;
    octets.len = len;
    if (from == INSPECT_FROM_AUTO && inspect_is_capture(octets) && file != stdin &&
        fseek(file, 0, SEEK_SET) == 0)
        return cli_carried_capture(finder, name, file);
    if (from == INSPECT_FROM_AUTO && inspect_capture_foreign(octets) != NULL) {
        cli_complain(name, inspect_capture_foreign(octets));
        if (file != stdin)
            fclose(file);
        return CLI_NO_INPUT;
    }
    inspect_text_put(input, begin, len);
    if (from == INSPECT_FROM_AUTO && anywhere)
        return cli_carried_anywhere(finder, name, file, input);
    status = cli_read_rest(input, name, file);
    if (status != CLI_CLEAN)
        return status;
    return cli_carried_find(finder, name, from, inspect_text_bytes(input));
}
