/*
 * An initiator and an acceptor negotiate in one program, and print what happens.
 *
 * The initiator would like one mechanism, the acceptor only has another: so the list of mechanisms
 * is protected by a mechListMIC in each direction (RFC 4178 5).
 */
#include "toy.h"

#include <stdio.h>

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
