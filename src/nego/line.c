/* One line of text for a log, into a buffer of any size: no stdio, no locale. */
#include <spnego/negotiate.h>
#include <string.h>

typedef struct line {
    char *buf;
    size_t size;
    size_t len; /* what the whole line needs */
} line;

static void put(line *l, const char *text)
{
    for (; *text != 0; text++) {
        if (l->len + 1 < l->size)
            l->buf[l->len] = *text;
        l->len++;
    }
}

/* " NAME=" before a value. */
static void name(line *l, const char *text)
{
    put(l, " ");
    put(l, text);
    put(l, "=");
}

static void put_number(line *l, uint64_t value)
{
    char digits[24];
    size_t at = sizeof digits - 1;

    digits[at] = 0;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    put(l, digits + at);
}

static void put_code(line *l, int32_t code)
{
    if (code < 0)
        put(l, "-");
    put_number(l, code < 0 ? (uint64_t)(-(int64_t)code) : (uint64_t)code);
}

/* A mechanism's name is the host's, and not more trusted than any text in a log. */
static void put_printable(line *l, const char *text)
{
    char one[2] = {0, 0};

    for (; *text != 0; text++) {
        one[0] = *text > ' ' && *text <= '~' ? *text : '?';
        put(l, one);
    }
}

static size_t finish(line *l)
{
    if (l->size != 0)
        l->buf[l->len < l->size ? l->len : l->size - 1] = 0;
    return l->len;
}

size_t spnego_error_format(char *buf, size_t buf_len, const spnego_error *error)
{
    line l = {buf, buf_len, 0};
    const spnego_rule_text *rule = spnego_rule_describe(error->rule);

    put(&l, spnego_status_describe(error->status)->name);
    if (error->rule == SPNEGO_RULE_NONE)
        return finish(&l);
    name(&l, "rule");
    put_number(&l, (uint64_t)error->rule);
    put(&l, " ");
    put(&l, rule->name);
    if (error->field != SPNEGO_FIELD_NONE) {
        name(&l, "field");
        put(&l, spnego_field_name(error->type, error->field));
    }
    if (error->offset != SPNEGO_NO_OFFSET) {
        name(&l, "offset");
        put_number(&l, error->offset);
    }
    if (error->mech != NULL) {
        name(&l, "mech");
        put_printable(&l, error->mech);
    }
    if (error->mech_code.code != 0) {
        name(&l, "code");
        put_code(&l, error->mech_code.code);
    }
    put(&l, ": ");
    put(&l, rule->sentence);
    put(&l, " (");
    put(&l, rule->citation);
    put(&l, ")");
    return finish(&l);
}

static const char *event_name(spnego_event_type type)
{
    static const char *const names[] = {
        "none",          "token-in",       "token-out",    "mech-skipped",
        "mech-selected", "mech-abandoned", "mic-required", "mic-sent",
        "mic-verified",  "quirk",          "enters",       "done",
    };

    return (size_t)type < sizeof names / sizeof names[0] ? names[type] : names[0];
}

static void put_step(line *l, const spnego_event *event)
{
    name(l, "in");
    put_number(l, event->in_len);
    name(l, "out");
    put_number(l, event->out_len);
    name(l, "status");
    put(l, spnego_status_describe(event->status)->name);
    if (event->rule != SPNEGO_RULE_NONE) {
        name(l, "rule");
        put(l, spnego_rule_describe(event->rule)->name);
    }
}

static void put_text(line *l, const spnego_event *event)
{
    switch (event->type) {
    case SPNEGO_EVENT_TOKEN_IN:
    case SPNEGO_EVENT_TOKEN_OUT:
        put(l, " ");
        put(l, event->text);
        break;
    case SPNEGO_EVENT_MIC_REQUIRED:
        put(l, ": ");
        put(l, event->text);
        break;
    case SPNEGO_EVENT_QUIRK:
        name(l, "name");
        put(l, event->text);
        break;
    default:
        name(l, "mech");
        put_printable(l, event->text);
        break;
    }
}

size_t spnego_event_format(char *buf, size_t buf_len, const spnego_event *event)
{
    line l = {buf, buf_len, 0};

    put(&l, event->role == SPNEGO_INITIATOR ? "initiator" : "acceptor");
    name(&l, "step");
    put_number(&l, event->step);
    put(&l, " ");
    put(&l, event_name(event->type));
    if (event->type == SPNEGO_EVENT_STEP)
        put_step(&l, event);
    if (event->type == SPNEGO_EVENT_STATE || event->type == SPNEGO_EVENT_STEP) {
        name(&l, "state");
        put(&l, event->state);
    }
    if (event->text != NULL)
        put_text(&l, event);
    if (event->bytes.data != NULL) {
        name(&l, "len");
        put_number(&l, event->bytes.len);
    }
    if (event->offset != SPNEGO_NO_OFFSET) {
        name(&l, "offset");
        put_number(&l, event->offset);
    }
    return finish(&l);
}
