#include "inspect/expect.h"

#include <string.h>

#include "inspect/kind.h"

const char *inspect_neg_state_name(int neg_state)
{
    static const char *const names[] = {"accept-completed", "accept-incomplete", "reject",
                                        "request-mic"};

    return neg_state >= 0 && neg_state <= SPNEGO_REQUEST_MIC ? names[neg_state] : NULL;
}

size_t inspect_flag_bits(spnego_bytes flags)
{
    if (flags.len < 1 || flags.data[0] > 7 || (flags.len == 1 && flags.data[0] != 0))
        return 0;
    return (flags.len - 1) * 8 - flags.data[0];
}

int inspect_flag_is_set(spnego_bytes flags, size_t bit)
{
    return flags.data[1 + bit / 8] >> (7 - bit % 8) & 1;
}

const char *inspect_flag_name(size_t bit)
{
    static const char *const names[] = {"delegFlag", "mutualFlag", "replayFlag", "sequenceFlag",
                                        "anonFlag",  "confFlag",   "integFlag"};

    return bit < sizeof names / sizeof names[0] ? names[bit] : NULL;
}

const char *inspect_token_type_name(spnego_token_type type)
{
    switch (type) {
    case SPNEGO_NEG_TOKEN_INIT:
        return "NegTokenInit";
    case SPNEGO_NEG_TOKEN_INIT2:
        return "NegTokenInit2";
    case SPNEGO_NEG_TOKEN_RESP:
        return "NegTokenResp";
    case SPNEGO_TOKEN_NONE:
        break;
    }
    return "NegotiationToken";
}

const char *inspect_severity_name(spnego_severity severity)
{
    return severity == SPNEGO_SEVERITY_ERROR     ? "error"
           : severity == SPNEGO_SEVERITY_WARNING ? "warning"
                                                 : "note";
}

/* Those of oids.def have at most 11. */
enum { INSPECT_MAX_PLAIN_OID = 16 };

void inspect_put_oid(inspect_text *out, spnego_bytes oid, const char *between)
{
    /* An octet is at most "127.", so this holds any OID of up to 500 octets. */
    char text[2048];
    const char *name = spnego_oid_name(spnego_oid_identify(oid));

    if (spnego_oid_to_text(text, sizeof text, oid) > 0) {
        inspect_text_puts(out, text);
    } else {
        inspect_text_puts(out, "0x");
        inspect_text_put_hex(out, oid, 0);
    }
    if (between != NULL && name != NULL) {
        inspect_text_puts(out, between);
        inspect_text_puts(out, name);
    }
}

int inspect_oid_is_plain(spnego_bytes oid)
{
    char text[SPNEGO_OID_TEXT_SIZE];

    return oid.len <= INSPECT_MAX_PLAIN_OID && spnego_oid_to_text(text, sizeof text, oid) > 0;
}

void inspect_put_mech_name(inspect_text *out, spnego_bytes oid)
{
    const char *name = spnego_oid_name(spnego_oid_identify(oid));

    if (name != NULL)
        inspect_text_puts(out, name);
    else if (inspect_oid_is_plain(oid))
        inspect_put_oid(out, oid, NULL);
    else
        inspect_text_puts(out, "an unknown mechanism");
}

static int inspect_field_is_there(const inspect_reading *reading, spnego_field field)
{
    switch (field) {
    case SPNEGO_FIELD_FRAME:
    case SPNEGO_FIELD_THIS_MECH:
        return reading->report.spans[field].len > 0;
    case SPNEGO_FIELD_CHOICE:
        return reading->token.type != SPNEGO_TOKEN_NONE;
    case SPNEGO_FIELD_NEG_STATE:
        return reading->token.has_neg_state;
    case SPNEGO_FIELD_NONE:
    case SPNEGO_FIELD_SEQUENCE:
    case SPNEGO_NUM_FIELDS:
        return 0;
    case SPNEGO_FIELD_MECH_TYPES:
    case SPNEGO_FIELD_REQ_FLAGS:
    case SPNEGO_FIELD_MECH_TOKEN:
    case SPNEGO_FIELD_NEG_HINTS:
    case SPNEGO_FIELD_HINT_NAME:
    case SPNEGO_FIELD_HINT_ADDRESS:
    case SPNEGO_FIELD_SUPPORTED_MECH:
    case SPNEGO_FIELD_RESPONSE_TOKEN:
    case SPNEGO_FIELD_MECH_LIST_MIC:
    case SPNEGO_FIELD_UNKNOWN:
        break;
    }
    return inspect_field_view(reading, field).data != NULL;
}

void inspect_layout_of(inspect_layout *out, const inspect_reading *reading)
{
    out->num_fields = 0;
    for (int i = 0; i < SPNEGO_NUM_FIELDS; i++) {
        const spnego_field field = (spnego_field)i;
        spnego_span span;
        size_t at = out->num_fields;

        if (!inspect_field_is_there(reading, field))
            continue;
        span = inspect_field_span(reading, field);
        for (; at > 0 && out->fields[at - 1].span.offset > span.offset; at--)
            out->fields[at] = out->fields[at - 1];
        out->fields[at].field = field;
        out->fields[at].span = span;
        out->num_fields++;
    }
}

static void inspect_put_place(inspect_text *out, size_t offset, size_t len)
{
    inspect_text_puts(out, "  off=");
    inspect_text_put_number(out, offset);
    inspect_text_puts(out, " len=");
    inspect_text_put_number(out, len);
    inspect_text_putc(out, ' ');
}

static void inspect_put_octets(inspect_text *out, const char *name, spnego_bytes octets)
{
    const char *kind = inspect_kind_name(octets);

    inspect_text_puts(out, name);
    inspect_text_putc(out, ' ');
    inspect_text_put_number(out, octets.len);
    if (kind != NULL) {
        inspect_text_putc(out, ' ');
        inspect_text_puts(out, kind);
    }
}

static void inspect_put_flags(inspect_text *out, spnego_bytes flags)
{
    const size_t num_bits = inspect_flag_bits(flags);

    inspect_text_puts(out, "reqFlags");
    for (size_t i = 0; i < num_bits && i < INSPECT_MAX_FLAG_BITS; i++) {
        if (i == 0)
            inspect_text_putc(out, ' ');
        inspect_text_putc(out, inspect_flag_is_set(flags, i) ? '1' : '0');
    }
    for (size_t i = 0; i < num_bits && inspect_flag_name(i) != NULL; i++) {
        if (!inspect_flag_is_set(flags, i))
            continue;
        inspect_text_putc(out, ' ');
        inspect_text_puts(out, inspect_flag_name(i));
    }
}

/* Writes the findings before `offset`, or all that are left. */
static void inspect_put_findings(inspect_text *out, const inspect_reading *reading, size_t *next,
                                 size_t offset)
{
    for (; *next < reading->num_findings; ++*next) {
        const spnego_finding *finding = &reading->findings[*next];
        const spnego_rule_text *rule = spnego_rule_describe(finding->rule);
        const char *field = spnego_field_name(reading->token.type, finding->field);

        if (finding->offset >= offset)
            return;
        inspect_put_place(out, finding->offset, finding->len);
        inspect_text_puts(out, inspect_severity_name(rule->severity));
        inspect_text_puts(out, " rule=");
        inspect_text_put_number(out, (uint64_t)rule->rule);
        inspect_text_putc(out, ' ');
        inspect_text_puts(out, rule->name);
        if (field[0] != 0) {
            inspect_text_puts(out, " field=");
            inspect_text_puts(out, field);
        }
        inspect_text_putc(out, '\n');
    }
}

static void inspect_put_field(inspect_text *out, const inspect_reading *reading, spnego_field field)
{
    const spnego_bytes view = inspect_field_view(reading, field);
    const char *state;

    switch (field) {
    case SPNEGO_FIELD_FRAME:
        inspect_text_puts(out, "InitialContextToken");
        break;
    case SPNEGO_FIELD_THIS_MECH: {
        spnego_bytes oid, inner;
        inspect_text_puts(out, "thisMech ");
        if (inspect_frame_read(&oid, &inner, reading->in))
            inspect_put_oid(out, oid, " ");
        break;
    }
    case SPNEGO_FIELD_CHOICE:
        inspect_text_puts(out, inspect_token_type_name(reading->token.type));
        break;
    case SPNEGO_FIELD_MECH_TYPES:
        inspect_text_puts(out, "mechTypes ");
        inspect_text_put_number(out, reading->token.num_mech_types);
        break;
    case SPNEGO_FIELD_REQ_FLAGS:
        inspect_put_flags(out, view);
        break;
    case SPNEGO_FIELD_MECH_TOKEN:
        inspect_put_octets(out, "mechToken", view);
        break;
    case SPNEGO_FIELD_NEG_HINTS:
        inspect_text_puts(out, "negHints");
        break;
    case SPNEGO_FIELD_HINT_NAME:
        inspect_text_puts(out, "hintName \"");
        inspect_text_put_escaped(out, view);
        inspect_text_putc(out, '"');
        break;
    case SPNEGO_FIELD_HINT_ADDRESS:
        inspect_text_puts(out, "hintAddress ");
        inspect_text_put_number(out, view.len);
        break;
    case SPNEGO_FIELD_NEG_STATE:
        inspect_text_puts(out, "negState ");
        inspect_text_put_signed(out, reading->token.neg_state);
        state = inspect_neg_state_name(reading->token.neg_state);
        if (state != NULL) {
            inspect_text_putc(out, ' ');
            inspect_text_puts(out, state);
        }
        break;
    case SPNEGO_FIELD_SUPPORTED_MECH:
        inspect_text_puts(out, "supportedMech ");
        inspect_put_oid(out, view, " ");
        break;
    case SPNEGO_FIELD_RESPONSE_TOKEN:
        inspect_put_octets(out, "responseToken", view);
        break;
    case SPNEGO_FIELD_MECH_LIST_MIC:
        inspect_put_octets(out, "mechListMIC", view);
        break;
    case SPNEGO_FIELD_NONE:
    case SPNEGO_FIELD_SEQUENCE:
    case SPNEGO_FIELD_UNKNOWN:
    case SPNEGO_NUM_FIELDS:
        inspect_text_puts(out, "unknown");
        break;
    }
    inspect_text_putc(out, '\n');
}

void inspect_expect_write(inspect_text *out, const inspect_reading *reading)
{
    inspect_layout layout;
    inspect_mech mech;
    size_t next = 0;

    if (inspect_is_raw(reading)) {
        inspect_put_place(out, 0, reading->in.len);
        inspect_text_puts(out, reading->inner_name != NULL ? reading->inner_name : "unknown");
        inspect_text_putc(out, '\n');
    }
    inspect_layout_of(&layout, reading);
    for (size_t i = 0; i < layout.num_fields; i++) {
        const spnego_span span = layout.fields[i].span;

        inspect_put_findings(out, reading, &next, span.offset);
        inspect_put_place(out, span.offset, span.len);
        inspect_put_field(out, reading, layout.fields[i].field);
        if (layout.fields[i].field != SPNEGO_FIELD_MECH_TYPES)
            continue;
        memset(&mech, 0, sizeof mech);
        while (inspect_mech_next(&mech, reading)) {
            inspect_put_findings(out, reading, &next, mech.span.offset);
            inspect_put_place(out, mech.span.offset, mech.span.len);
            inspect_text_puts(out, "mechType ");
            inspect_put_oid(out, mech.oid, " ");
            inspect_text_putc(out, '\n');
        }
    }
    inspect_put_findings(out, reading, &next, SIZE_MAX);
}
