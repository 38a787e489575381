/*
 * An initiator and an acceptor negotiate in one program, and print what happens.
 *
 * The initiator would like one mechanism, the acceptor only has another: so the list of mechanisms
 * is protected by a mechListMIC in each direction (RFC 4178 5).  The mechanism is a stand-in of
 * three tokens; a host would call its Kerberos or NTLM in the same places.
 */
#include <spnego/spnego.h>

#include <stdio.h>
#include <string.h>

/* ---- A mechanism: what a host writes ------------------------------------------------------- */

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

    return k->num_seen == NUM_LINES ? SPNEGO_FLAG_INTEG : 0;
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

/* 1.3.6.1.4.1.32473.1 and .2: numbers for examples (RFC 5612). */
static const uint8_t knock_oid[] = {0x2b, 6, 1, 4, 1, 0x81, 0xfd, 0x59, 1};
static const uint8_t other_oid[] = {0x2b, 6, 1, 4, 1, 0x81, 0xfd, 0x59, 2};

static const spnego_mech_ops knock_ops = {.struct_size = sizeof(spnego_mech_ops),
                                          .name = "knock",
                                          .oid = {knock_oid, sizeof knock_oid},
                                          .step = knock_step,
                                          .query = knock_query,
                                          .get_mic = knock_get_mic,
                                          .verify_mic = knock_verify_mic};
static const spnego_mech_ops other_ops = {.struct_size = sizeof(spnego_mech_ops),
                                          .name = "other",
                                          .oid = {other_oid, sizeof other_oid},
                                          .step = knock_step,
                                          .query = knock_query,
                                          .get_mic = knock_get_mic,
                                          .verify_mic = knock_verify_mic};

/* ---- The negotiation ----------------------------------------------------------------------- */

static void on_event(void *user, const spnego_event *event)
{
    char line[200];

    (void)user;
    spnego_event_format(line, sizeof line, event);
    printf("%s%s\n", event->role == SPNEGO_INITIATOR ? "" : "        ", line);
}

static spnego_context *create(spnego_role role, const spnego_mech *mechs, size_t num_mechs)
{
    spnego_config config;
    spnego_context *context;
    spnego_error error;
    char line[300];

    spnego_config_init(&config, sizeof config, role);
    config.mechs = mechs;
    config.num_mechs = num_mechs;
    config.on_event = on_event;
    if (spnego_context_create(&context, &error, &config) != SPNEGO_COMPLETE) {
        spnego_error_format(line, sizeof line, &error);
        printf("%s\n", line);
    }
    return context;
}

static int report(const char *who, const spnego_context *context)
{
    spnego_info info;
    char line[300];

    if (!spnego_context_info(context, &info)) {
        spnego_error_format(line, sizeof line, spnego_context_error(context));
        printf("%s: %s\n", who, line);
        return 0;
    }
    printf("%s: established, mechanism %s, %s, mechListMICs %s\n", who, info.mech->ops->name,
           info.first_choice ? "first choice" : "not the first choice",
           info.mics_exchanged ? "exchanged" : "not exchanged");
    return info.mics_exchanged;
}

int main(void)
{
    knock other = {0, 0};
    knock initiators = {0, 0};
    knock acceptors = {1, 0};
    const spnego_mech offered[] = {{&other_ops, &other, NULL, 0},
                                   {&knock_ops, &initiators, NULL, 0}};
    const spnego_mech accepted[] = {{&knock_ops, &acceptors, NULL, 0}};
    spnego_context *sides[2];
    spnego_status status[2] = {SPNEGO_CONTINUE, SPNEGO_CONTINUE};
    spnego_bytes token = {NULL, 0};
    int protected = 0;

    sides[0] = create(SPNEGO_INITIATOR, offered, 2);
    sides[1] = create(SPNEGO_ACCEPTOR, accepted, 1);
    if (sides[0] != NULL && sides[1] != NULL) {
        /* Each side's output is the other's input; it lasts until the next step of its own side. */
        for (int turn = 0; status[turn] == SPNEGO_CONTINUE; turn = !turn)
            status[turn] = spnego_context_step(sides[turn], &token, token);
        protected = report("initiator", sides[0]) & report("acceptor", sides[1]);
    }
    spnego_context_destroy(sides[0]);
    spnego_context_destroy(sides[1]);
    return !protected;
}
