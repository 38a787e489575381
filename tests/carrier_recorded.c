#include "carrier_recorded.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

static struct {
    const carrier_file *file;
    spnego_mech_ops ops;
    uint32_t flags;
    size_t steps, num_steps, taken, given;
    int complete;
} recorded;

/* The nth of several settings of one name; absent if there are not so many. */
static spnego_bytes nth(const char *name, size_t n)
{
    const carrier_file *file = recorded.file;

    for (size_t i = 0; i < file->num_settings; i++)
        if (strcmp(file->settings[i].name, name) == 0 && n-- == 0)
            return der_of(file->settings[i].value);
    return (spnego_bytes){NULL, 0};
}

static spnego_mech_result step(void *self, spnego_sink *out, spnego_mech_code *code,
                               spnego_bytes in)
{
    spnego_bytes token;

    (void)self, (void)code;
    if (in.data != NULL && !same_octets(in, nth("takes", recorded.taken++)))
        return SPNEGO_MECH_FAILED;
    token = nth("gives", recorded.given++);
    if (token.data != NULL)
        spnego_sink_write(out, token.data, token.len);
    recorded.complete = ++recorded.num_steps == recorded.steps;
    return recorded.complete ? SPNEGO_MECH_COMPLETE : SPNEGO_MECH_CONTINUE;
}

static uint32_t query(void *self)
{
    (void)self;
    return recorded.complete ? recorded.flags : 0;
}

static spnego_mech_result get_mic(void *self, spnego_sink *mic, spnego_mech_code *code,
                                  spnego_bytes message)
{
    const spnego_bytes octets = nth("signs", 0);

    (void)self, (void)code, (void)message;
    if (octets.data == NULL)
        return SPNEGO_MECH_FAILED;
    spnego_sink_write(mic, octets.data, octets.len);
    return SPNEGO_MECH_COMPLETE;
}

static spnego_mech_result verify_mic(void *self, spnego_mech_code *code, spnego_bytes message,
                                     spnego_bytes mic)
{
    (void)self, (void)code, (void)message;
    return same_octets(mic, nth("verifies", 0)) ? SPNEGO_MECH_COMPLETE : SPNEGO_MECH_FAILED;
}

void recorded_set_up(const carrier_file *file, toy_side *side)
{
    const char *steps = carrier_setting_of(file, "steps", NULL);
    spnego_mech *mech = &side->mechs[0];

    if (steps == NULL)
        return;
    memset(&recorded, 0, sizeof recorded);
    recorded.file = file;
    recorded.steps = (size_t)atoi(steps);
    recorded.flags = ((const toy_mech *)mech->self)->flags;
    recorded.ops = *mech->ops;
    recorded.ops.step = step;
    recorded.ops.query = query;
    recorded.ops.get_mic = get_mic;
    recorded.ops.verify_mic = verify_mic;
    recorded.ops.resume = NULL;
    recorded.ops.available = NULL;
    recorded.ops.mic_expected = NULL;
    recorded.ops.mic_done = NULL;
    recorded.ops.abandon = NULL;
    recorded.ops.prepare = NULL;
    mech->ops = &recorded.ops;
}
