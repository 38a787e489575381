#include <spnego/oid.h>

#include <string.h>

#include "inspect/expect.h"
#include "inspect/json.h"
#include "inspect/kind.h"
#include "inspect/lint.h"
#include "inspect/render.h"
#include "inspect/show.h"

typedef struct inspect_writer {
    inspect_json json;
    const inspect_reading *reading;
    const inspect_view *view;
} inspect_writer;

static void inspect_json_place(inspect_writer *w, size_t offset, size_t len)
{
    inspect_json_key(&w->json, "offset");
    inspect_json_number(&w->json, (int64_t)offset);
    inspect_json_key(&w->json, "length");
    inspect_json_number(&w->json, (int64_t)len);
}

/* Octets that could be cracked or name someone: in hexadecimal, or only said to be there. */
static void inspect_json_secret(inspect_writer *w, spnego_bytes octets)
{
    if (w->view->redact) {
        inspect_json_key(&w->json, "redacted");
        inspect_json_true(&w->json);
    } else {
        inspect_json_key(&w->json, "hex");
        inspect_json_hex(&w->json, octets);
    }
}

static void inspect_json_begin_node(inspect_writer *w, const char *type, size_t offset, size_t len)
{
    inspect_json_begin(&w->json, '{');
    inspect_json_key(&w->json, "type");
    inspect_json_string(&w->json, type);
    inspect_json_place(w, offset, len);
}

static void inspect_json_leaf(inspect_writer *w, const char *type, spnego_bytes octets)
{
    inspect_json_begin_node(w, type, inspect_offset(w->reading, octets), octets.len);
    inspect_json_secret(w, octets);
    inspect_json_end(&w->json, '}');
}

static void inspect_json_oid(inspect_writer *w, spnego_bytes oid, spnego_span span)
{
    const char *name = spnego_oid_name(spnego_oid_identify(oid));

    inspect_json_begin(&w->json, '{');
    if (w->view->redact && !inspect_oid_is_plain(oid)) {
        inspect_json_secret(w, oid);
    } else {
        inspect_json_key(&w->json, "oid");
        inspect_json_quote(&w->json);
        inspect_put_oid(w->json.text, oid, NULL);
        inspect_json_unquote(&w->json);
    }
    if (name != NULL) {
        inspect_json_key(&w->json, "name");
        inspect_json_string(&w->json, name);
    }
    inspect_json_place(w, span.offset, span.len);
    inspect_json_end(&w->json, '}');
}

static void inspect_json_octet_field(inspect_writer *w, const char *key, spnego_bytes octets)
{
    const inspect_tree *tree = &w->reading->tree;
    const size_t nested = inspect_nested(w->reading, octets);
    const char *name;

    if (octets.data == NULL)
        return;
    inspect_json_key(&w->json, key);
    inspect_json_begin(&w->json, '{');
    inspect_json_place(w, inspect_offset(w->reading, octets), octets.len);
    inspect_json_secret(w, octets);
    name = inspect_kind_name(octets);
    if (name == NULL && spnego_sniff(octets) == SPNEGO_KIND_SPNEGO_FRAMED)
        name = "Unknown";
    if (nested < tree->num_nodes || name != NULL)
        inspect_json_key(&w->json, "token");
    if (nested < tree->num_nodes)
        inspect_show_json(&w->json, tree, nested, w->view->redact);
    else if (name != NULL)
        inspect_json_leaf(w, name, octets);
    inspect_json_end(&w->json, '}');
}

static void inspect_json_mech_types(inspect_writer *w)
{
    inspect_mech mech;

    if (w->reading->token.mech_types.data == NULL)
        return;
    memset(&mech, 0, sizeof mech);
    inspect_json_key(&w->json, "mechTypes");
    inspect_json_begin(&w->json, '[');
    while (inspect_mech_next(&mech, w->reading))
        inspect_json_oid(w, mech.oid, mech.span);
    inspect_json_end(&w->json, ']');
}

static void inspect_json_flags(inspect_writer *w)
{
    const spnego_bytes flags = w->reading->token.req_flags;
    const size_t num_bits = inspect_flag_bits(flags);
    char bits[INSPECT_MAX_FLAG_BITS + 1];
    size_t shown = 0;

    if (flags.data == NULL)
        return;
    for (; shown < num_bits && shown < INSPECT_MAX_FLAG_BITS; shown++)
        bits[shown] = inspect_flag_is_set(flags, shown) ? '1' : '0';
    bits[shown] = 0;
    inspect_json_key(&w->json, "reqFlags");
    inspect_json_begin(&w->json, '{');
    inspect_json_key(&w->json, "bits");
    inspect_json_string(&w->json, bits);
    inspect_json_key(&w->json, "flags");
    inspect_json_begin(&w->json, '[');
    for (size_t i = 0; i < num_bits && inspect_flag_name(i) != NULL; i++)
        if (inspect_flag_is_set(flags, i))
            inspect_json_string(&w->json, inspect_flag_name(i));
    inspect_json_end(&w->json, ']');
    inspect_json_end(&w->json, '}');
}

/* In place of a value that is left out: where it lies and how long it is. */
static void inspect_json_hidden(inspect_writer *w, spnego_bytes octets)
{
    inspect_json_begin(&w->json, '{');
    inspect_json_place(w, inspect_offset(w->reading, octets), octets.len);
    inspect_json_secret(w, octets);
    inspect_json_end(&w->json, '}');
}

static void inspect_json_hints(inspect_writer *w)
{
    const spnego_token *token = &w->reading->token;

    if (token->neg_hints.data == NULL)
        return;
    inspect_json_key(&w->json, "negHints");
    inspect_json_begin(&w->json, '{');
    if (token->hint_name.data != NULL) {
        inspect_json_key(&w->json, "hintName");
        if (w->view->redact && !inspect_is_fixed_hint(token->hint_name))
            inspect_json_hidden(w, token->hint_name);
        else
            inspect_json_octets(&w->json, token->hint_name);
    }
    if (token->hint_address.data != NULL) {
        inspect_json_key(&w->json, "hintAddress");
        if (w->view->redact)
            inspect_json_hidden(w, token->hint_address);
        else
            inspect_json_hex(&w->json, token->hint_address);
    }
    inspect_json_end(&w->json, '}');
}

static void inspect_json_neg_state(inspect_writer *w)
{
    const spnego_token *token = &w->reading->token;
    const char *name = inspect_neg_state_name(token->neg_state);

    if (!token->has_neg_state)
        return;
    inspect_json_key(&w->json, "negState");
    inspect_json_begin(&w->json, '{');
    inspect_json_key(&w->json, "value");
    inspect_json_number(&w->json, token->neg_state);
    if (name != NULL) {
        inspect_json_key(&w->json, "name");
        inspect_json_string(&w->json, name);
    }
    inspect_json_end(&w->json, '}');
}

static void inspect_json_negotiation_token(inspect_writer *w)
{
    const spnego_token *token = &w->reading->token;
    const spnego_span span = inspect_field_span(w->reading, SPNEGO_FIELD_CHOICE);

    inspect_json_begin_node(w, inspect_token_type_name(token->type), span.offset, span.len);
    if (token->type == SPNEGO_NEG_TOKEN_RESP) {
        inspect_json_neg_state(w);
        if (token->supported_mech.data != NULL) {
            inspect_json_key(&w->json, "supportedMech");
            inspect_json_oid(w, token->supported_mech,
                             inspect_oid_span(w->reading, token->supported_mech));
        }
        inspect_json_octet_field(w, "responseToken", token->response_token);
    } else {
        inspect_json_mech_types(w);
        inspect_json_flags(w);
        inspect_json_octet_field(w, "mechToken", token->mech_token);
        inspect_json_hints(w);
    }
    inspect_json_octet_field(w, "mechListMIC", token->mech_list_mic);
    inspect_json_end(&w->json, '}');
}

static void inspect_json_frame(inspect_writer *w)
{
    const inspect_reading *reading = w->reading;
    const spnego_span span = inspect_field_span(reading, SPNEGO_FIELD_FRAME);
    spnego_bytes oid, inner;

    inspect_json_begin_node(w, "InitialContextToken", span.offset, span.len);
    if (inspect_frame_read(&oid, &inner, reading->in)) {
        inspect_json_key(&w->json, "thisMech");
        inspect_json_oid(w, oid, inspect_oid_span(reading, oid));
        if (reading->token.type != SPNEGO_TOKEN_NONE) {
            inspect_json_key(&w->json, "innerContextToken");
            inspect_json_negotiation_token(w);
        } else if (inner.len > 0) {
            inspect_json_key(&w->json, "innerContextToken");
            inspect_json_leaf(w, "Unknown", inner);
        }
    }
    inspect_json_end(&w->json, '}');
}

static void inspect_json_token(inspect_writer *w)
{
    const inspect_reading *reading = w->reading;

    if (inspect_is_raw(reading)) {
        inspect_json_key(&w->json, "token");
        if (reading->tree.num_nodes > 0)
            inspect_show_json(&w->json, &reading->tree, 0, w->view->redact);
        else
            inspect_json_leaf(w, reading->inner_name != NULL ? reading->inner_name : "Unknown",
                              reading->in);
    } else if (inspect_field_span(reading, SPNEGO_FIELD_FRAME).len > 0) {
        inspect_json_key(&w->json, "token");
        inspect_json_frame(w);
    } else if (reading->token.type != SPNEGO_TOKEN_NONE) {
        inspect_json_key(&w->json, "token");
        inspect_json_negotiation_token(w);
    }
}

static void inspect_json_findings(inspect_writer *w)
{
    inspect_json_key(&w->json, "findings");
    inspect_json_begin(&w->json, '[');
    for (size_t i = 0; i < w->reading->num_findings; i++) {
        const spnego_finding *finding = &w->reading->findings[i];
        const spnego_rule_text *rule = spnego_rule_describe(finding->rule);
        const char *field = spnego_field_name(w->reading->token.type, finding->field);

        inspect_json_begin(&w->json, '{');
        inspect_json_key(&w->json, "rule");
        inspect_json_string(&w->json, rule->name);
        inspect_json_key(&w->json, "severity");
        inspect_json_string(&w->json, inspect_severity_name(rule->severity));
        inspect_json_place(w, finding->offset, finding->len);
        if (field[0] != 0) {
            inspect_json_key(&w->json, "field");
            inspect_json_string(&w->json, field);
        }
        inspect_json_key(&w->json, "message");
        inspect_json_string(&w->json, rule->sentence);
        inspect_json_key(&w->json, "source");
        inspect_json_string(&w->json, rule->citation);
        inspect_json_end(&w->json, '}');
    }
    inspect_json_end(&w->json, ']');
}

void inspect_render_json(inspect_text *out, const inspect_reading *reading,
                         const inspect_view *view)
{
    static const char *const verdicts[] = {"clean", "findings", "undecodable"};
    inspect_writer w;

    inspect_json_init(&w.json, out, view->pretty);
    w.reading = reading;
    w.view = view;
    inspect_json_begin(&w.json, '{');
    inspect_json_key(&w.json, "input");
    inspect_json_begin(&w.json, '{');
    inspect_json_key(&w.json, "name");
    inspect_json_string(&w.json, view->name);
    inspect_json_key(&w.json, "index");
    inspect_json_number(&w.json, (int64_t)view->index);
    inspect_json_key(&w.json, "encoding");
    inspect_json_string(&w.json, inspect_encoding_name(view->encoding));
    inspect_json_key(&w.json, "length");
    inspect_json_number(&w.json, (int64_t)reading->in.len);
    if (view->origin != NULL)
        inspect_origin_json(&w.json, view->origin);
    inspect_json_end(&w.json, '}');
    inspect_json_key(&w.json, "verdict");
    inspect_json_string(&w.json, verdicts[reading->verdict]);
    if (!view->findings_only)
        inspect_json_token(&w);
    inspect_json_findings(&w);
    inspect_json_end(&w.json, '}');
    inspect_text_putc(out, '\n');
    out->failed |= reading->tree.failed;
}
