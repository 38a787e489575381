/*
 * spnego_gss.c - this library's negotiation behind the GSS-API, for programs as they are.
 *
 * A module for the mechanism layer of MIT krb5's GSS library ("mechglue"), of the kind that stands
 * in for a mechanism that is already there: here SPNEGO.  A program calls gss_init_sec_context or
 * gss_accept_sec_context for SPNEGO as ever; the layer calls the gssi_* functions below, and those
 * call our negotiation, over the GSS library's raw Kerberos and NTLM.  The layer keeps what is ours
 * apart from what is not: a handle of ours comes back to these functions and to no others, and
 * calls for Kerberos or NTLM by name never pass here, so there is no way round in a circle.
 *
 * To load it, name a file in the environment as GSS_MECH_CONFIG with a line
 *
 *     spnego 1.3.6.1.4.1.32473.3 /where/it/is/spnego_gss.so <interposer>
 *
 * and, if NTLM is wanted, that of gss-ntlmssp.  With SPNEGO_GSS_EVENTS in the environment, each
 * event of each negotiation is a line at the end of the file of that name.
 */
#define _GNU_SOURCE /* secure_getenv */
#include "../mech_gss.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gssapi/gssapi_alloc.h>
#include <gssapi/gssapi_ext.h>

#define EXPORT __attribute__((visibility("default")))

static gss_OID_desc spnego_oid = {6, "\x2b\x06\x01\x05\x05\x02"};

/* ---- The mechanisms beneath ---------------------------------------------------------------- */

/* Each in its place, most preferred first. */
enum { KRB5, NTLMSSP, NUM_MECHS };

static void list_mechs(spnego_mech list[NUM_MECHS], mech_gss instances[NUM_MECHS])
{
    list[KRB5] = mech_gss_krb5(&instances[KRB5]);
    list[NTLMSSP] = mech_gss_ntlmssp(&instances[NTLMSSP]);
}

/* ---- What the layer asks first ------------------------------------------------------------- */

static gss_OID_set set_of_spnego(void)
{
    gss_OID_set set = GSS_C_NO_OID_SET;
    OM_uint32 minor;

    if (gss_create_empty_oid_set(&minor, &set) == GSS_S_COMPLETE &&
        gss_add_oid_set_member(&minor, &spnego_oid, &set) != GSS_S_COMPLETE)
        (void)gss_release_oid_set(&minor, &set);
    return set;
}

EXPORT gss_OID_set gss_mech_interposer(gss_OID module)
{
    (void)module;
    return set_of_spnego();
}

/* ---- Status codes -------------------------------------------------------------------------- */

/* Our minor codes are the rule that was broken, from here on; a mechanism's are passed through. */
#define MINOR_BASE 0x53500000u

static OM_uint32 minor_of(const spnego_error *error)
{
    if (error->mech_code.code != 0)
        return (OM_uint32)error->mech_code.code;
    return MINOR_BASE + (OM_uint32)error->rule;
}

static OM_uint32 copy_out(gss_buffer_t out, const void *data, size_t len)
{
    out->length = 0;
    out->value = NULL;
    if (len == 0)
        return GSS_S_COMPLETE;
    out->value = gssalloc_malloc(len);
    if (out->value == NULL)
        return GSS_S_FAILURE;
    memcpy(out->value, data, len);
    out->length = len;
    return GSS_S_COMPLETE;
}

EXPORT OM_uint32 gssi_display_status(OM_uint32 *minor, OM_uint32 value, int type, gss_OID mech,
                                     OM_uint32 *more, gss_buffer_t text)
{
    mech_gss instances[NUM_MECHS] = {0};
    spnego_mech list[NUM_MECHS];

    (void)mech;
    if (type == GSS_C_MECH_CODE && value > MINOR_BASE && value - MINOR_BASE < 0x10000) {
        const char *sentence = spnego_rule_describe((spnego_rule)(value - MINOR_BASE))->sentence;

        *minor = 0;
        *more = 0;
        return copy_out(text, sentence, strlen(sentence));
    }
    /* Not ours: the layer knows whose it is, and being asked for Kerberos does not ask us again. */
    list_mechs(list, instances);
    return gss_display_status(minor, value, type, instances[KRB5].oid, more, text);
}

/* ---- Credentials --------------------------------------------------------------------------- */

/* What the program holds as its SPNEGO credential: one of the layer's for the mechanisms beneath,
 * and those that it wants negotiated (RFC 4178 B.1), NULL for all. */
typedef struct credential {
    gss_cred_id_t beneath;
    gss_OID_set neg_mechs;
} credential;

EXPORT OM_uint32 gssi_release_cred(OM_uint32 *minor, gss_cred_id_t *handle)
{
    credential *cred = (credential *)*handle;

    *minor = 0;
    *handle = GSS_C_NO_CREDENTIAL;
    if (cred == NULL)
        return GSS_S_COMPLETE;
    (void)gss_release_oid_set(minor, &cred->neg_mechs);
    (void)gss_release_cred(minor, &cred->beneath);
    free(cred);
    return GSS_S_COMPLETE;
}

EXPORT OM_uint32 gssi_acquire_cred_from(OM_uint32 *minor, gss_name_t name, OM_uint32 time_req,
                                        gss_OID_set mechs, gss_cred_usage_t usage,
                                        gss_const_key_value_set_t store, gss_cred_id_t *handle,
                                        gss_OID_set *actual_mechs, OM_uint32 *time_rec)
{
    credential *cred = calloc(1, sizeof *cred);
    mech_gss instances[NUM_MECHS] = {0};
    spnego_mech list[NUM_MECHS];
    gss_OID_desc oids[NUM_MECHS];
    gss_OID_set_desc wanted = {NUM_MECHS, oids};
    OM_uint32 major, ignored;

    (void)mechs; /* SPNEGO, or we were not asked */
    if (cred == NULL)
        return GSS_S_FAILURE;
    list_mechs(list, instances);
    for (size_t i = 0; i < NUM_MECHS; i++)
        oids[i] = *instances[i].oid;
    *handle = (gss_cred_id_t)cred;
    major = gss_acquire_cred_from(minor, name, time_req, &wanted, usage, store, &cred->beneath,
                                  NULL, time_rec);
    if (GSS_ERROR(major))
        (void)gssi_release_cred(&ignored, handle);
    else if (actual_mechs != NULL)
        *actual_mechs = set_of_spnego();
    return major;
}

EXPORT OM_uint32 gssi_acquire_cred(OM_uint32 *minor, gss_name_t name, OM_uint32 time_req,
                                   gss_OID_set mechs, gss_cred_usage_t usage, gss_cred_id_t *handle,
                                   gss_OID_set *actual_mechs, OM_uint32 *time_rec)
{
    return gssi_acquire_cred_from(minor, name, time_req, mechs, usage, GSS_C_NO_CRED_STORE, handle,
                                  actual_mechs, time_rec);
}

static gss_cred_id_t beneath(gss_cred_id_t handle)
{
    const credential *cred = (const credential *)handle;

    return cred == NULL ? GSS_C_NO_CREDENTIAL : cred->beneath;
}

EXPORT OM_uint32 gssi_inquire_cred(OM_uint32 *minor, gss_cred_id_t handle, gss_name_t *name,
                                   OM_uint32 *lifetime, int *usage, gss_OID_set *mechs)
{
    return gss_inquire_cred(minor, beneath(handle), name, lifetime, usage, mechs);
}

EXPORT OM_uint32 gssi_set_neg_mechs(OM_uint32 *minor, gss_cred_id_t handle, gss_OID_set mechs)
{
    credential *cred = (credential *)handle;
    gss_OID_set copy = GSS_C_NO_OID_SET;
    OM_uint32 major = gss_create_empty_oid_set(minor, &copy), ignored;

    for (size_t i = 0; i < mechs->count && major == GSS_S_COMPLETE; i++)
        major = gss_add_oid_set_member(minor, &mechs->elements[i], &copy);
    if (major != GSS_S_COMPLETE) {
        (void)gss_release_oid_set(&ignored, &copy);
        return major;
    }
    (void)gss_release_oid_set(&ignored, &cred->neg_mechs);
    cred->neg_mechs = copy;
    return GSS_S_COMPLETE;
}

/* ---- Contexts ------------------------------------------------------------------------------ */

typedef struct context {
    spnego_context *negotiation;
    mech_gss mechs[NUM_MECHS];
    mech_gss *chosen; /* NULL until established */
    int events;       /* file descriptor, or -1 */
} context;

/* One write for one line: at the end of a file such do not mix, whoever else writes. */
static void log_line(const context *ctx, char *line, size_t size, size_t len)
{
    if (len > size - 1)
        len = size - 1;
    line[len] = '\n';
    if (write(ctx->events, line, len + 1) < 0) {
        /* A log that is full is no reason not to authenticate. */
    }
}

static void on_event(void *user, const spnego_event *event)
{
    char line[400];

    log_line(user, line, sizeof line, spnego_event_format(line, sizeof line, event));
}

static void log_error(const context *ctx, const spnego_error *error)
{
    char line[400];

    if (ctx->events >= 0)
        log_line(ctx, line, sizeof line, spnego_error_format(line, sizeof line, error));
}

static void destroy(context *ctx)
{
    spnego_context_destroy(ctx->negotiation);
    for (size_t i = 0; i < NUM_MECHS; i++)
        mech_gss_release(&ctx->mechs[i]);
    if (ctx->events >= 0)
        (void)close(ctx->events);
    free(ctx);
}

/* RFC 4178 B.1. */
static spnego_status restrict_mechs(spnego_context *negotiation, const credential *cred)
{
    spnego_status status = SPNEGO_ERR_NO_MEMORY;
    spnego_bytes *oids;

    if (cred == NULL || cred->neg_mechs == GSS_C_NO_OID_SET)
        return SPNEGO_COMPLETE;
    oids = calloc(cred->neg_mechs->count + 1, sizeof *oids);
    if (oids == NULL)
        return status;
    for (size_t i = 0; i < cred->neg_mechs->count; i++) {
        oids[i].data = cred->neg_mechs->elements[i].elements;
        oids[i].len = cred->neg_mechs->elements[i].length;
    }
    status = spnego_context_set_neg_mechs(negotiation, oids, cred->neg_mechs->count);
    free(oids);
    return status;
}

static context *create(spnego_error *error, spnego_role role, gss_cred_id_t cred)
{
    const char *events = secure_getenv("SPNEGO_GSS_EVENTS");
    context *ctx = calloc(1, sizeof *ctx);
    spnego_config config;
    spnego_mech list[NUM_MECHS];
    spnego_status status;

    *error = (spnego_error){.status = SPNEGO_ERR_NO_MEMORY};
    if (ctx == NULL)
        return NULL;
    ctx->events =
        events == NULL ? -1 : open(events, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    list_mechs(list, ctx->mechs);
    for (size_t i = 0; i < NUM_MECHS; i++)
        ctx->mechs[i].role = role;
    spnego_config_init(&config, sizeof config, role);
    config.mechs = list;
    config.num_mechs = NUM_MECHS;
    config.user = ctx;
    config.on_event = ctx->events >= 0 ? on_event : NULL;
    status = spnego_context_create(&ctx->negotiation, error, &config);
    if (status == SPNEGO_COMPLETE) {
        status = restrict_mechs(ctx->negotiation, (const credential *)cred);
        if (status == SPNEGO_COMPLETE)
            return ctx;
        error->status = status;
    }
    destroy(ctx);
    return NULL;
}

/* What the program gave with this call; it may take it away when the call is over. */
static void lend(context *ctx, gss_name_t target, gss_cred_id_t cred, OM_uint32 req_flags,
                 gss_channel_bindings_t bindings)
{
    for (size_t i = 0; i < NUM_MECHS; i++) {
        ctx->mechs[i].target = target;
        ctx->mechs[i].cred = beneath(cred);
        /* The list of mechanisms cannot be protected without (RFC 4178 5). */
        ctx->mechs[i].req_flags = req_flags | GSS_C_INTEG_FLAG;
        ctx->mechs[i].bindings = bindings;
    }
}

/* A step, in the words of RFC 2744: there may be a token whatever the status is. */
static OM_uint32 step(context *ctx, OM_uint32 *minor, const gss_buffer_desc *in, gss_buffer_t out)
{
    spnego_bytes input = {NULL, 0}, token;
    spnego_status status;
    spnego_info info;

    if (in != GSS_C_NO_BUFFER)
        input = (spnego_bytes){in->value, in->length};
    status = spnego_context_step(ctx->negotiation, &token, input);
    *minor = 0;
    if (copy_out(out, token.data, token.len) != GSS_S_COMPLETE)
        return GSS_S_FAILURE;
    if (spnego_context_info(ctx->negotiation, &info))
        ctx->chosen = info.mech->self;
    if (status >= 0)
        return spnego_status_describe(status)->gss_major;
    log_error(ctx, spnego_context_error(ctx->negotiation));
    *minor = minor_of(spnego_context_error(ctx->negotiation));
    return spnego_error_gss_major(spnego_context_error(ctx->negotiation));
}

/* What both calls return besides. */
static void describe(const context *ctx, gss_OID *mech, OM_uint32 *flags, OM_uint32 *time_rec)
{
    spnego_info info;
    OM_uint32 minor, left = 0;

    (void)spnego_context_info(ctx->negotiation,
                              &info); /* all zero while there is nothing to tell */
    if (mech != NULL)
        *mech = ctx->chosen == NULL ? &spnego_oid : ctx->chosen->oid;
    if (flags != NULL)
        *flags = info.flags & 0xffffu;
    if (time_rec != NULL) {
        if (ctx->chosen != NULL)
            (void)gss_context_time(&minor, ctx->chosen->context, &left);
        *time_rec = left;
    }
}

EXPORT OM_uint32 gssi_delete_sec_context(OM_uint32 *minor, gss_ctx_id_t *handle, gss_buffer_t token)
{
    *minor = 0;
    if (token != GSS_C_NO_BUFFER)
        (void)copy_out(token, NULL, 0);
    if (*handle != GSS_C_NO_CONTEXT)
        destroy((context *)*handle);
    *handle = GSS_C_NO_CONTEXT;
    return GSS_S_COMPLETE;
}

/* A context that fails in its first call is not created (RFC 2744 5.19); later it is the program's
 * to delete. */
static OM_uint32 settle(OM_uint32 major, gss_ctx_id_t *handle, context *ctx)
{
    OM_uint32 minor;
    const int is_new = *handle == GSS_C_NO_CONTEXT;

    *handle = (gss_ctx_id_t)ctx;
    if (GSS_ERROR(major) && is_new)
        (void)gssi_delete_sec_context(&minor, handle, GSS_C_NO_BUFFER);
    return major;
}

static context *context_of(gss_ctx_id_t handle, spnego_role role, gss_cred_id_t cred,
                           OM_uint32 *major, OM_uint32 *minor)
{
    spnego_error error;
    context *ctx = (context *)handle;

    if (ctx != NULL)
        return ctx;
    ctx = create(&error, role, cred);
    if (ctx == NULL) {
        *major = spnego_error_gss_major(&error);
        *minor = minor_of(&error);
    }
    return ctx;
}

EXPORT OM_uint32 gssi_init_sec_context(OM_uint32 *minor, gss_cred_id_t cred, gss_ctx_id_t *handle,
                                       gss_name_t target, gss_OID mech, OM_uint32 req_flags,
                                       OM_uint32 time_req, gss_channel_bindings_t bindings,
                                       gss_buffer_t in, gss_OID *actual_mech, gss_buffer_t out,
                                       OM_uint32 *ret_flags, OM_uint32 *time_rec)
{
    OM_uint32 major;
    context *ctx = context_of(*handle, SPNEGO_INITIATOR, cred, &major, minor);

    (void)mech;
    (void)time_req;
    if (ctx == NULL)
        return major;
    lend(ctx, target, cred, req_flags, bindings);
    major = step(ctx, minor, in, out);
    describe(ctx, actual_mech, ret_flags, time_rec);
    return settle(major, handle, ctx);
}

/* gss-ntlmssp 1.2 cannot be asked for the acceptor's name on the acceptor's side. */
static OM_uint32 source_name(const context *ctx, OM_uint32 *minor, gss_name_t *source)
{
    return gss_inquire_context(minor, ctx->chosen->context, source, NULL, NULL, NULL, NULL, NULL,
                               NULL);
}

EXPORT OM_uint32 gssi_accept_sec_context(OM_uint32 *minor, gss_ctx_id_t *handle, gss_cred_id_t cred,
                                         gss_buffer_t in, gss_channel_bindings_t bindings,
                                         gss_name_t *source, gss_OID *actual_mech, gss_buffer_t out,
                                         OM_uint32 *ret_flags, OM_uint32 *time_rec,
                                         gss_cred_id_t *delegated)
{
    OM_uint32 major;
    context *ctx = context_of(*handle, SPNEGO_ACCEPTOR, cred, &major, minor);

    if (ctx == NULL)
        return major;
    lend(ctx, GSS_C_NO_NAME, cred, 0, bindings);
    major = step(ctx, minor, in, out);
    describe(ctx, actual_mech, ret_flags, time_rec);
    if (major == GSS_S_COMPLETE && source != NULL)
        major = source_name(ctx, minor, source);
    if (major == GSS_S_COMPLETE && delegated != NULL) {
        *delegated = ctx->chosen->delegated;
        ctx->chosen->delegated = GSS_C_NO_CREDENTIAL;
    }
    return settle(major, handle, ctx);
}

/* ---- Afterwards: the mechanism's own, and nothing is added (MS-SPNG 1.4) ------------------- */

/* Before that there is no context of which to ask anything (RFC 4178 3.1: no PROT_READY). */
static gss_ctx_id_t established(gss_ctx_id_t handle)
{
    const context *ctx = (const context *)handle;

    return ctx == NULL || ctx->chosen == NULL ? GSS_C_NO_CONTEXT : ctx->chosen->context;
}

/* gssi_NAME is gss_NAME of the layer with `parameters`, called with `arguments`. */
#define FORWARD(name, parameters, arguments) \
    EXPORT OM_uint32 gssi_##name parameters \
    { \
        return gss_##name arguments; \
    }

/* clang-format off */
FORWARD(get_mic, (OM_uint32 *minor, gss_ctx_id_t ctx, gss_qop_t qop, gss_buffer_t message, gss_buffer_t mic),
        (minor, established(ctx), qop, message, mic))
FORWARD(verify_mic, (OM_uint32 *minor, gss_ctx_id_t ctx, gss_buffer_t message, gss_buffer_t mic, gss_qop_t *qop),
        (minor, established(ctx), message, mic, qop))
FORWARD(wrap, (OM_uint32 *minor, gss_ctx_id_t ctx, int conf, gss_qop_t qop, gss_buffer_t message, int *conf_state, gss_buffer_t out),
        (minor, established(ctx), conf, qop, message, conf_state, out))
FORWARD(unwrap, (OM_uint32 *minor, gss_ctx_id_t ctx, gss_buffer_t message, gss_buffer_t out, int *conf_state, gss_qop_t *qop),
        (minor, established(ctx), message, out, conf_state, qop))
FORWARD(wrap_iov, (OM_uint32 *minor, gss_ctx_id_t ctx, int conf, gss_qop_t qop, int *conf_state, gss_iov_buffer_desc *iov, int count),
        (minor, established(ctx), conf, qop, conf_state, iov, count))
FORWARD(unwrap_iov, (OM_uint32 *minor, gss_ctx_id_t ctx, int *conf_state, gss_qop_t *qop, gss_iov_buffer_desc *iov, int count),
        (minor, established(ctx), conf_state, qop, iov, count))
FORWARD(wrap_iov_length, (OM_uint32 *minor, gss_ctx_id_t ctx, int conf, gss_qop_t qop, int *conf_state, gss_iov_buffer_desc *iov, int count),
        (minor, established(ctx), conf, qop, conf_state, iov, count))
FORWARD(wrap_size_limit, (OM_uint32 *minor, gss_ctx_id_t ctx, int conf, gss_qop_t qop, OM_uint32 out_size, OM_uint32 *in_size),
        (minor, established(ctx), conf, qop, out_size, in_size))
FORWARD(context_time, (OM_uint32 *minor, gss_ctx_id_t ctx, OM_uint32 *left),
        (minor, established(ctx), left))
FORWARD(pseudo_random, (OM_uint32 *minor, gss_ctx_id_t ctx, int key, gss_buffer_t in, ssize_t want, gss_buffer_t out),
        (minor, established(ctx), key, in, want, out))
FORWARD(inquire_context, (OM_uint32 *minor, gss_ctx_id_t ctx, gss_name_t *source, gss_name_t *target, OM_uint32 *left, gss_OID *mech, OM_uint32 *flags, int *local, int *open),
        (minor, established(ctx), source, target, left, mech, flags, local, open))
FORWARD(inquire_sec_context_by_oid, (OM_uint32 *minor, gss_ctx_id_t ctx, gss_OID what, gss_buffer_set_t *data),
        (minor, established(ctx), what, data))

/* ---- Names: the layer's own, until a mechanism beneath reads them -------------------------- */

FORWARD(import_name, (OM_uint32 *minor, gss_buffer_t text, gss_OID type, gss_name_t *name),
        (minor, text, type, name))
FORWARD(release_name, (OM_uint32 *minor, gss_name_t *name),
        (minor, name))
FORWARD(duplicate_name, (OM_uint32 *minor, gss_name_t name, gss_name_t *copy),
        (minor, name, copy))
FORWARD(compare_name, (OM_uint32 *minor, gss_name_t a, gss_name_t b, int *equal),
        (minor, a, b, equal))
FORWARD(display_name, (OM_uint32 *minor, gss_name_t name, gss_buffer_t text, gss_OID *type),
        (minor, name, text, type))
FORWARD(export_name, (OM_uint32 *minor, gss_name_t name, gss_buffer_t out),
        (minor, name, out))
FORWARD(inquire_name, (OM_uint32 *minor, gss_name_t name, int *is_mech_name, gss_OID *mech, gss_buffer_set_t *attributes),
        (minor, name, is_mech_name, mech, attributes))
FORWARD(get_name_attribute, (OM_uint32 *minor, gss_name_t name, gss_buffer_t attribute, int *authenticated, int *complete, gss_buffer_t value, gss_buffer_t display, int *more),
        (minor, name, attribute, authenticated, complete, value, display, more))
FORWARD(localname, (OM_uint32 *minor, gss_name_t name, gss_OID mech, gss_buffer_t local),
        (minor, name, mech, local))
/* clang-format on */
