/* Our SPNEGO as a peer, over the mechanisms of mech_gss.h. */
#include "mech_gss.h"
#include "peer.h"

#include <spnego/spnego.h>

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    spnego_mech (*entry)(mech_gss *self);
} mechs_known[] = {
    {"krb5", mech_gss_krb5},
    {"ms-krb5", mech_gss_ms_krb5},
    {"ntlm", mech_gss_ntlmssp},
};

static const peer_name option_names[] = {
    {"no-optimistic", SPNEGO_OPTION_NO_OPTIMISTIC_TOKEN},
    {"own-order", SPNEGO_OPTION_OWN_ORDER},
    {"require-mic", SPNEGO_OPTION_REQUIRE_MIC},
    {"no-fallback", SPNEGO_OPTION_NO_FALLBACK},
    {"try-next", SPNEGO_OPTION_TRY_NEXT_MECH},
};

static struct {
    spnego_context *context;
    mech_gss instances[PEER_MAX_MECHS];
    size_t num_instances;
    uint32_t options;
    bool strict;
    FILE *log;
} side;

bool side_option(const char *name, char *value)
{
    if (strcmp(name, "--options") == 0)
        side.options = peer_bits(value, option_names, PEER_COUNT(option_names));
    else if (strcmp(name, "--profile") == 0)
        side.strict = strcmp(value, "strict") == 0;
    else if (strcmp(name, "--log") == 0)
        side.log = fopen(value, "a");
    else
        return false;
    return true;
}

static void on_event(void *user, const spnego_event *event)
{
    char line[300];

    (void)user;
    spnego_event_format(line, sizeof line, event);
    fprintf(side.log, "%s\n", line);
}

static spnego_mech mech_of(const char *name, mech_gss *instance)
{
    for (size_t i = 0; i < PEER_COUNT(mechs_known); i++)
        if (strcmp(mechs_known[i].name, name) == 0)
            return mechs_known[i].entry(instance);
    peer_die("unknown mechanism");
}

void side_begin(const peer *self)
{
    static const char *const usual[] = {"krb5"};
    const char *const *names = self->num_mechs != 0 ? self->mechs : usual;
    spnego_mech mechs[PEER_MAX_MECHS];
    spnego_config config;
    spnego_error error;

    spnego_config_init(&config, sizeof config,
                       self->initiator ? SPNEGO_INITIATOR : SPNEGO_ACCEPTOR);
    if (side.strict)
        spnego_config_strict(&config);
    side.num_instances = self->num_mechs != 0 ? self->num_mechs : PEER_COUNT(usual);
    for (size_t i = 0; i < side.num_instances; i++) {
        side.instances[i] = (mech_gss){.role = config.role,
                                       .target = self->target,
                                       .req_flags = self->flags,
                                       .bindings = self->bindings};
        mechs[i] = mech_of(names[i], &side.instances[i]);
    }
    config.mechs = mechs;
    config.num_mechs = side.num_instances;
    config.options = side.options;
    if (side.log == NULL)
        side.log = stderr;
    setvbuf(side.log, NULL, _IOLBF, BUFSIZ);
    config.on_event = on_event;
    if (spnego_context_create(&side.context, &error, &config) != SPNEGO_COMPLETE)
        peer_die(spnego_status_describe(error.status)->sentence);
}

peer_verdict side_step(gss_buffer_t out, gss_buffer_t in)
{
    /* A line that says "-" is what there is where no token is: absent and empty are one here. */
    const spnego_bytes token_in = {in->length != 0 ? in->value : NULL, in->length};
    spnego_bytes token_out;
    const spnego_status status = spnego_context_step(side.context, &token_out, token_in);

    out->length = token_out.len;
    out->value = (void *)(uintptr_t)token_out.data;
    if (status < 0)
        return PEER_FAILURE;
    return status == SPNEGO_COMPLETE ? PEER_COMPLETE : PEER_CONTINUE;
}

static void explain_success(void)
{
    spnego_info info;
    const mech_gss *instance;

    if (!spnego_context_info(side.context, &info))
        peer_die("COMPLETE, and nothing to say of it");
    instance = info.mech->self;
    printf(" mech=%s", info.mech->ops->name);
    if (!info.first_choice)
        printf(" reselected");
    if (info.mics_exchanged)
        printf(" mics");
    peer_print_flags(" flags=", info.flags);
    if (instance->delegated != GSS_C_NO_CREDENTIAL)
        printf(" delegated");
    for (uint32_t quirk = 1; quirk <= SPNEGO_QUIRKS_INTEROPERABLE; quirk <<= 1)
        if ((info.quirks & quirk) != 0)
            printf(" %s", spnego_quirk_name(quirk));
}

void side_explain(peer_verdict verdict)
{
    const spnego_error *error = spnego_context_error(side.context);
    char line[300];

    if (verdict == PEER_COMPLETE)
        explain_success();
    if (verdict != PEER_FAILURE)
        return;
    spnego_error_format(line, sizeof line, error);
    printf(" %s", line);
}

gss_ctx_id_t side_context(void)
{
    spnego_info info;

    if (!spnego_context_info(side.context, &info))
        return GSS_C_NO_CONTEXT;
    return ((const mech_gss *)info.mech->self)->context;
}

void side_end(void)
{
    spnego_context_destroy(side.context);
    for (size_t i = 0; i < side.num_instances; i++)
        mech_gss_release(&side.instances[i]);
}
