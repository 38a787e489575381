/* A token in the JSON shape of pyspnego's parser, which people paste into bug reports.  Where its
 * numbers are known to be wrong (reqFlags, ap-options), ours follow the standards. */
#include <spnego/oid.h>

#include <string.h>

#include "inspect/expect.h"
#include "inspect/kind.h"
#include "inspect/pyspnego.h"
#include "inspect/render.h"

static void py_hex_or_null(inspect_py *w, spnego_bytes octets)
{
    if (octets.data == NULL)
        inspect_json_null(&w->json);
    else
        inspect_py_hex(w, octets);
}

static void py_oid(inspect_py *w, spnego_bytes oid)
{
    static const struct {
        spnego_oid oid;
        const char *name;
    } names[] = {{SPNEGO_OID_SPNEGO, "SPNEGO"},
                 {SPNEGO_OID_NTLMSSP, "NTLM"},
                 {SPNEGO_OID_KRB5, "Kerberos"},
                 {SPNEGO_OID_MS_KRB5, "MS Kerberos"},
                 {SPNEGO_OID_KRB5_U2U, "Kerberos User to User"},
                 {SPNEGO_OID_KRB5_OLD, "Kerberos (draft)"},
                 {SPNEGO_OID_IAKERB, "IAKerberos"},
                 {SPNEGO_OID_NEGOEX, "NEGOEX"}};
    const spnego_oid known = spnego_oid_identify(oid);
    const char *name = "UNKNOWN";

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].oid == known)
            name = names[i].name;
    inspect_json_quote(&w->json);
    inspect_text_puts(w->json.text, name);
    inspect_text_puts(w->json.text, " (");
    inspect_put_oid(w->json.text, oid, NULL);
    inspect_text_putc(w->json.text, ')');
    inspect_json_unquote(&w->json);
}

/* RFC 4178 4.2.1; its first octet is all that has names. */
static void py_req_flags(inspect_py *w)
{
    const spnego_bytes flags = w->reading->token.req_flags;
    const size_t num_bits = inspect_flag_bits(flags);
    uint64_t left = 0;

    if (flags.data == NULL) {
        inspect_json_null(&w->json);
        return;
    }
    for (size_t i = 0; i < 8; i++)
        left = left << 1 | (i < num_bits && inspect_flag_is_set(flags, i) ? 1u : 0u);
    inspect_py_begin_flags(w, left);
    for (size_t i = 0; i < 8 && inspect_flag_name(i) != NULL; i++)
        if ((left & 0x80u >> i) != 0) {
            inspect_py_named(w, inspect_flag_name(i), 0x80 >> i, 0);
            left &= ~((uint64_t)0x80 >> i);
        }
    inspect_py_end_flags(w, left);
}

static void py_token_field(inspect_py *w, const char *key, spnego_bytes octets)
{
    inspect_json_key(&w->json, key);
    if (octets.len == 0)
        inspect_json_null(&w->json);
    else
        inspect_py_mech_token(w, octets);
}

static void py_mech_types(inspect_py *w)
{
    inspect_mech mech;

    memset(&mech, 0, sizeof mech);
    inspect_json_key(&w->json, "mechTypes");
    if (!inspect_mech_next(&mech, w->reading)) {
        inspect_json_null(&w->json);
        return;
    }
    inspect_json_begin(&w->json, '[');
    do
        py_oid(w, mech.oid);
    while (inspect_mech_next(&mech, w->reading));
    inspect_json_end(&w->json, ']');
}

static void py_hint(inspect_py *w, const char *key, spnego_bytes octets)
{
    inspect_json_key(&w->json, key);
    if (octets.len == 0)
        inspect_json_null(&w->json);
    else
        inspect_json_octets(&w->json, octets);
}

static void py_init(inspect_py *w, spnego_bytes octets)
{
    const spnego_token *token = &w->reading->token;
    const int has_hints = token->hint_name.len > 0 || token->hint_address.len > 0;

    inspect_py_begin_message(w, has_hints ? "SPNEGO NegTokenInit2" : "SPNEGO NegTokenInit");
    inspect_json_begin(&w->json, '{');
    py_mech_types(w);
    inspect_json_key(&w->json, "reqFlags");
    py_req_flags(w);
    py_token_field(w, "mechToken", token->mech_token);
    inspect_json_key(&w->json, "mechListMIC");
    py_hex_or_null(w, token->mech_list_mic);
    if (has_hints) {
        inspect_json_key(&w->json, "negHints");
        inspect_json_begin(&w->json, '{');
        py_hint(w, "hintName", token->hint_name);
        py_hint(w, "hintAddress", token->hint_address);
        inspect_json_end(&w->json, '}');
    }
    inspect_json_end(&w->json, '}');
    inspect_py_end_message(w, octets);
}

static void py_resp(inspect_py *w, spnego_bytes octets)
{
    static const char *const states[] = {"accept-complete", "accept-incomplete", "reject",
                                         "request-mic"};
    const spnego_token *token = &w->reading->token;

    inspect_py_begin_message(w, "SPNEGO NegTokenResp");
    inspect_json_begin(&w->json, '{');
    inspect_json_key(&w->json, "negState");
    if (token->has_neg_state)
        inspect_py_named(
            w, token->neg_state >= 0 && token->neg_state < 4 ? states[token->neg_state] : NULL,
            token->neg_state, 0);
    else
        inspect_json_null(&w->json);
    inspect_json_key(&w->json, "supportedMech");
    if (token->supported_mech.data != NULL)
        py_oid(w, token->supported_mech);
    else
        inspect_json_null(&w->json);
    py_token_field(w, "responseToken", token->response_token);
    inspect_json_key(&w->json, "mechListMIC");
    py_hex_or_null(w, token->mech_list_mic);
    inspect_json_end(&w->json, '}');
    inspect_py_end_message(w, octets);
}

static void py_negotiation(inspect_py *w)
{
    const inspect_reading *reading = w->reading;
    spnego_bytes oid, inner = reading->in;
    const int is_framed = reading->token.framed && inspect_frame_read(&oid, &inner, reading->in);

    if (is_framed) {
        inspect_py_begin_message(w, "SPNEGO InitialContextToken");
        inspect_json_begin(&w->json, '{');
        inspect_json_key(&w->json, "thisMech");
        py_oid(w, oid);
        inspect_json_key(&w->json, "innerContextToken");
    }
    if (reading->token.type == SPNEGO_NEG_TOKEN_RESP)
        py_resp(w, is_framed ? inner : reading->in);
    else
        py_init(w, is_framed ? inner : reading->in);
    if (is_framed) {
        inspect_json_end(&w->json, '}');
        inspect_py_end_message(w, reading->in);
    }
}

void inspect_render_pyspnego(inspect_text *out, const inspect_reading *reading,
                             const inspect_view *view)
{
    inspect_py w;

    inspect_json_init(&w.json, out, view->pretty);
    w.reading = reading;
    if (reading->fault != SPNEGO_RULE_NONE)
        inspect_py_unknown(&w, reading->in, spnego_rule_describe(reading->fault)->sentence);
    else if (inspect_is_raw(reading))
        inspect_py_mech_token(&w, reading->in);
    else
        py_negotiation(&w);
    inspect_text_putc(out, '\n');
    out->failed |= reading->tree.failed;
}
