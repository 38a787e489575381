/*
 * toy.h - a mechanism for the examples: a stand-in of three tokens, which protects nothing; a host
 * would call its Kerberos or NTLM in the same places.
 */
#ifndef SPNEGO_EXAMPLES_TOY_H
#define SPNEGO_EXAMPLES_TOY_H

#include <spnego/spnego.h>

#include <string.h>

typedef struct knock {
    int acceptor;
    int num_seen; /* tokens taken and given so far */
} knock;

static const char *const lines[] = {"knock, knock", "who is there?", "it is me"};
enum { NUM_LINES = sizeof lines / sizeof lines[0] };

/* Takes the peer's line, says the next.  The initiator has the first and the last word. */
static spnego_mech_result knock_step(void *self, spnego_sink *out, spnego_mech_code *code,
                                     spnego_bytes in)
{
    knock *k = self;

    if (in.data != NULL) {
        const char *expected = k->num_seen < NUM_LINES ? lines[k->num_seen] : "";

        if (in.len != strlen(expected) || memcmp(in.data, expected, in.len) != 0) {
            code->code = 1;
            return SPNEGO_MECH_FAILED;
        }
        k->num_seen++;
    }
    if (k->num_seen < NUM_LINES) {
        spnego_sink_write(out, lines[k->num_seen], strlen(lines[k->num_seen]));
        k->num_seen++;
    }
    return k->num_seen == NUM_LINES ? SPNEGO_MECH_COMPLETE : SPNEGO_MECH_CONTINUE;
}

static uint32_t knock_query(void *self)
{
    const knock *k = self;

    return k->num_seen == NUM_LINES ? SPNEGO_FLAG_INTEG | SPNEGO_FLAG_CONF | SPNEGO_FLAG_MUTUAL : 0;
}

/* A sum in place of a signature: it shows where one goes, and protects nothing. */
static void sum(uint8_t mic[5], int by_acceptor, spnego_bytes message)
{
    uint32_t value = by_acceptor ? 2 : 1;

    for (size_t i = 0; i < message.len; i++)
        value = value * 31 + message.data[i];
    mic[0] = by_acceptor ? 'A' : 'I';
    for (int i = 0; i < 4; i++)
        mic[1 + i] = (uint8_t)(value >> (8 * i));
}

static spnego_mech_result knock_get_mic(void *self, spnego_sink *mic, spnego_mech_code *code,
                                        spnego_bytes message)
{
    const knock *k = self;
    uint8_t octets[5];

    (void)code;
    sum(octets, k->acceptor, message);
    spnego_sink_write(mic, octets, sizeof octets);
    return SPNEGO_MECH_COMPLETE;
}

static spnego_mech_result knock_verify_mic(void *self, spnego_mech_code *code, spnego_bytes message,
                                           spnego_bytes mic)
{
    const knock *k = self;
    uint8_t octets[5];

    (void)code;
    sum(octets, !k->acceptor, message);
    return mic.len == sizeof octets && memcmp(mic.data, octets, sizeof octets) == 0
               ? SPNEGO_MECH_COMPLETE
               : SPNEGO_MECH_FAILED;
}

/* Data: the sum, then the text, with its bits turned if it is to be encrypted. */
static spnego_mech_result knock_wrap(void *self, spnego_sink *out, spnego_mech_code *code,
                                     spnego_bytes message, int conf)
{
    const uint8_t mark = conf ? 0xff : 0;

    knock_get_mic(self, out, code, message);
    spnego_sink_write(out, &mark, 1);
    for (size_t i = 0; i < message.len; i++) {
        const uint8_t octet = message.data[i] ^ mark;

        spnego_sink_write(out, &octet, 1);
    }
    return SPNEGO_MECH_COMPLETE;
}

static spnego_mech_result knock_unwrap(void *self, spnego_sink *out, spnego_mech_code *code,
                                       int *out_conf, spnego_bytes message)
{
    const knock *k = self;
    uint32_t value = k->acceptor ? 1 : 2;

    (void)code;
    if (message.len < 6)
        return SPNEGO_MECH_FAILED;
    *out_conf = message.data[5] != 0;
    for (size_t i = 6; i < message.len; i++) {
        const uint8_t octet = message.data[i] ^ message.data[5];

        value = value * 31 + octet;
        spnego_sink_write(out, &octet, 1);
    }
    for (int i = 0; i < 4; i++)
        if (message.data[1 + i] != (uint8_t)(value >> (8 * i)))
            return SPNEGO_MECH_FAILED;
    return SPNEGO_MECH_COMPLETE;
}

/* 1.3.6.1.4.1.32473.1 and .2: numbers for examples (RFC 5612). */
static const uint8_t knock_oid[] = {0x2b, 6, 1, 4, 1, 0x81, 0xfd, 0x59, 1};
static const uint8_t other_oid[] = {0x2b, 6, 1, 4, 1, 0x81, 0xfd, 0x59, 2};
/* What RFC 4752 insists on. */
static const uint8_t krb5_oid[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2};

#define KNOCK_OPS(mech_name, mech_oid) \
    { \
        .struct_size = sizeof(spnego_mech_ops), .name = mech_name, \
        .oid = {mech_oid, sizeof mech_oid}, .step = knock_step, .query = knock_query, \
        .get_mic = knock_get_mic, .verify_mic = knock_verify_mic, .wrap = knock_wrap, \
        .unwrap = knock_unwrap \
    }
static const spnego_mech_ops knock_ops = KNOCK_OPS("knock", knock_oid);
static const spnego_mech_ops other_ops = KNOCK_OPS("other", other_oid);
static const spnego_mech_ops krb5_ops = KNOCK_OPS("krb5", krb5_oid);

#endif /* SPNEGO_EXAMPLES_TOY_H */
