/*
 * Writes what a side of ours is told and says, and every call of its mechanisms, to standard error:
 * put into the library by exchanges.sh, with the linker's --wrap, and read by exchanges.py.
 *
 * A mechanism's `self` stays what it is, since the host looks into it; only its functions are ours.
 */
#include <spnego/spnego.h>

#include <stdio.h>
#include <string.h>

/* The linker's names for the functions themselves. */
spnego_status __real_spnego_context_create(spnego_context **out_context, spnego_error *out_error,
                                           const spnego_config *config);
spnego_status __real_spnego_context_step(spnego_context *context, spnego_bytes *out,
                                         spnego_bytes in);
void __real_spnego_sink_write(spnego_sink *sink, const void *data, size_t len);

spnego_status __wrap_spnego_context_create(spnego_context **out_context, spnego_error *out_error,
                                           const spnego_config *config);
spnego_status __wrap_spnego_context_step(spnego_context *context, spnego_bytes *out,
                                         spnego_bytes in);
void __wrap_spnego_sink_write(spnego_sink *sink, const void *data, size_t len);

#define PREFIX "exchange "

enum { MAX_MECHS = 8 };

static struct recorded {
    void *self;
    const spnego_mech_ops *inner;
    spnego_mech_ops ops;
} mechs[MAX_MECHS];

static uint8_t written[1 << 17];
static size_t written_len;

static struct recorded *recorded_of(const void *self)
{
    size_t i = 0;

    while (mechs[i].self != self)
        i++;
    return &mechs[i];
}

static void put_octets(const uint8_t *data, size_t len)
{
    fputc(' ', stderr);
    for (size_t i = 0; i < len; i++)
        fprintf(stderr, "%02x", data[i]);
    if (len == 0)
        fputc('-', stderr);
}

/* The flags are those after the call. */
static void put_call(const struct recorded *mech, const char *function, int result)
{
    fprintf(stderr, PREFIX "call %s %s %d 0x%x", mech->ops.name, function, result,
            (unsigned)mech->inner->query(mech->self));
}

static void put_end_of_call(spnego_bytes in, spnego_bytes out, const spnego_mech_code *code)
{
    put_octets(in.data, in.len);
    put_octets(out.data, out.len);
    fprintf(stderr, " %d %u\n", (int)code->code, (unsigned)code->gss_major);
}

void __wrap_spnego_sink_write(spnego_sink *sink, const void *data, size_t len)
{
    if (len <= sizeof written - written_len) {
        memcpy(written + written_len, data, len);
        written_len += len;
    }
    __real_spnego_sink_write(sink, data, len);
}

static spnego_mech_result step(void *self, spnego_sink *out, spnego_mech_code *code,
                               spnego_bytes in)
{
    const struct recorded *mech = recorded_of(self);
    spnego_mech_result result;

    written_len = 0;
    result = mech->inner->step(self, out, code, in);
    put_call(mech, "step", (int)result);
    put_end_of_call(in, (spnego_bytes){written, written_len}, code);
    return result;
}

static int available(void *self)
{
    const struct recorded *mech = recorded_of(self);
    const int answer = mech->inner->available(self);

    put_call(mech, "available", answer);
    fputc('\n', stderr);
    return answer;
}

static spnego_mech_result get_mic(void *self, spnego_sink *mic, spnego_mech_code *code,
                                  spnego_bytes message)
{
    const struct recorded *mech = recorded_of(self);
    spnego_mech_result result;

    written_len = 0;
    result = mech->inner->get_mic(self, mic, code, message);
    put_call(mech, "get_mic", (int)result);
    put_end_of_call(message, (spnego_bytes){written, written_len}, code);
    return result;
}

static spnego_mech_result verify_mic(void *self, spnego_mech_code *code, spnego_bytes message,
                                     spnego_bytes mic)
{
    const struct recorded *mech = recorded_of(self);
    const spnego_mech_result result = mech->inner->verify_mic(self, code, message, mic);

    put_call(mech, "verify_mic", (int)result);
    put_end_of_call(message, mic, code);
    return result;
}

static void mic_expected(void *self)
{
    const struct recorded *mech = recorded_of(self);

    mech->inner->mic_expected(self);
    put_call(mech, "mic_expected", 0);
    fputc('\n', stderr);
}

static void mic_done(void *self, int verified)
{
    const struct recorded *mech = recorded_of(self);

    mech->inner->mic_done(self, verified);
    put_call(mech, "mic_done", verified);
    fputc('\n', stderr);
}

static void abandon(void *self)
{
    const struct recorded *mech = recorded_of(self);

    mech->inner->abandon(self);
    put_call(mech, "abandon", 0);
    fputc('\n', stderr);
}

spnego_status __wrap_spnego_context_create(spnego_context **out_context, spnego_error *out_error,
                                           const spnego_config *config)
{
    spnego_config changed = *config;
    spnego_mech list[MAX_MECHS];

    fprintf(stderr, PREFIX "config %s %s 0x%x 0x%x",
            config->role == SPNEGO_INITIATOR ? "init" : "accept",
            config->quirks == SPNEGO_QUIRKS_STRICT ? "strict" : "interoperable",
            (unsigned)config->options, (unsigned)config->required_flags);
    for (size_t i = 0; i < config->num_mechs; i++) {
        const spnego_mech *from = &config->mechs[i];
        struct recorded *mech = &mechs[i];

        mech->self = from->self;
        mech->inner = from->ops;
        mech->ops = *from->ops;
        mech->ops.step = step;
        mech->ops.available = available;
        mech->ops.get_mic = get_mic;
        mech->ops.verify_mic = verify_mic;
        mech->ops.mic_expected = mic_expected;
        mech->ops.mic_done = mic_done;
        mech->ops.abandon = abandon;
        list[i] = *from;
        list[i].ops = &mech->ops;
        fprintf(stderr, " %s", from->ops->name);
    }
    fputc('\n', stderr);
    changed.mechs = list;
    return __real_spnego_context_create(out_context, out_error, &changed);
}

/* In the words of the `ends` lines of vectors/transcripts. */
static void put_end(const spnego_context *context, spnego_status status)
{
    const spnego_error *error = spnego_context_error(context);
    spnego_info info;

    fprintf(stderr, PREFIX "ends %s", spnego_status_describe(status)->name);
    if (spnego_context_info(context, &info)) {
        fprintf(stderr, " mech=%s first_choice=%d mics_exchanged=%d", info.mech->ops->name,
                info.first_choice, info.mics_exchanged);
        for (uint32_t bit = 1; bit <= SPNEGO_QUIRKS_INTEROPERABLE; bit <<= 1)
            if ((info.quirks & bit) != 0)
                fprintf(stderr, " quirk=%s", spnego_quirk_name(bit));
    } else if (status == SPNEGO_CONTINUE) {
        fprintf(stderr, " state=%s", spnego_context_state(context));
    } else {
        fprintf(stderr, " rule=%s", spnego_rule_describe(error->rule)->name);
        if (error->field != SPNEGO_FIELD_NONE)
            fprintf(stderr, " field=%s", spnego_field_name(error->type, error->field));
        if (error->offset != SPNEGO_NO_OFFSET)
            fprintf(stderr, " offset=%zu", error->offset);
        if (error->mech != NULL)
            fprintf(stderr, " mech=%s", error->mech);
        if (error->mech_code.code != 0)
            fprintf(stderr, " code=%d", (int)error->mech_code.code);
    }
    fputc('\n', stderr);
}

/* The step comes before the calls that it makes, its outcome behind them. */
spnego_status __wrap_spnego_context_step(spnego_context *context, spnego_bytes *out,
                                         spnego_bytes in)
{
    spnego_status status;

    fputs(PREFIX "in", stderr);
    put_octets(in.data, in.len);
    fputc('\n', stderr);
    status = __real_spnego_context_step(context, out, in);
    fputs(PREFIX "out", stderr);
    put_octets(out->data, out->len);
    fprintf(stderr, " %s\n", spnego_status_describe(status)->name);
    put_end(context, status);
    return status;
}
