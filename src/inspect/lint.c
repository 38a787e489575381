#include "inspect/lint.h"

#include <string.h>

#include "base/bytes.h"
#include "inspect/exchange.h"
#include "inspect/kind.h"
#include "inspect/replay_mech.h"

static void inspect_lint_add(inspect_reading *reading, spnego_rule rule, spnego_field field)
{
    const spnego_span span = inspect_field_place(reading, field);

    inspect_add_finding(reading, rule, field, span.offset, span.len);
}

static int inspect_lint_says(const spnego_token *token, int neg_state)
{
    return token->has_neg_state && token->neg_state == neg_state;
}

/* MS-NLMP 1.3.1.1: its first or second message, after which neither side has its keys. */
static int inspect_lint_is_ntlm_begun(spnego_bytes octets)
{
    const unsigned said = inspect_mech_said(octets, INSPECT_ROLE_UNKNOWN);

    return (said & (INSPECT_SAID_NTLM_1 | INSPECT_SAID_NTLM_2)) != 0;
}

/* RFC 4178 5: a MIC is made once the mechanism is complete, which without a token, or with one of
 * NTLM's first two, it is not. */
static void inspect_lint_mic(inspect_reading *reading)
{
    const spnego_token *token = &reading->token;
    const spnego_bytes mic = token->mech_list_mic;
    const spnego_bytes inner = inspect_mech_token(token);

    if (mic.data == NULL)
        return;
    /* Two empty fields are equal without one repeating the other. */
    if (mic.len > 0 && bytes_equal(mic, inner))
        inspect_lint_add(reading, SPNEGO_RULE_MIC_EQUALS_TOKEN, SPNEGO_FIELD_MECH_LIST_MIC);
    else if (inspect_lint_is_ntlm_begun(inner) ||
             (token->type == SPNEGO_NEG_TOKEN_INIT && inner.len == 0))
        inspect_lint_add(reading, SPNEGO_RULE_MIC_TOO_EARLY, SPNEGO_FIELD_MECH_LIST_MIC);
}

static void inspect_lint_mech_types(inspect_reading *reading)
{
    inspect_mech mech, first;
    spnego_bytes seen[INSPECT_MAX_COMPARED_MECHS];
    size_t num_seen = 0;
    int ntlm_seen = 0;
    inspect_family offered, sent;

    memset(&mech, 0, sizeof mech);
    memset(&first, 0, sizeof first);
    while (inspect_mech_next(&mech, reading)) {
        const spnego_oid id = spnego_oid_identify(mech.oid);
        const spnego_span at = mech.span;

        if (first.oid.data == NULL)
            first = mech;
        if (id == SPNEGO_OID_SPNEGO)
            inspect_add_finding(reading, SPNEGO_RULE_MECH_TYPES_HAVE_SPNEGO,
                                SPNEGO_FIELD_MECH_TYPES, at.offset, at.len);
        else if (id == SPNEGO_OID_MS_KRB5)
            inspect_add_finding(reading, SPNEGO_RULE_MS_KRB5_OID, SPNEGO_FIELD_MECH_TYPES,
                                at.offset, at.len);
        else if (id == SPNEGO_OID_NTLMSSP && !ntlm_seen)
            inspect_add_finding(reading, SPNEGO_RULE_NTLM_OFFERED, SPNEGO_FIELD_MECH_TYPES,
                                at.offset, at.len);
        ntlm_seen |= id == SPNEGO_OID_NTLMSSP;
        for (size_t i = 0; i < num_seen; i++) {
            if (bytes_equal(seen[i], mech.oid)) {
                inspect_add_finding(reading, SPNEGO_RULE_MECH_TYPE_REPEATED,
                                    SPNEGO_FIELD_MECH_TYPES, at.offset, at.len);
                break;
            }
        }
        if (num_seen < INSPECT_MAX_COMPARED_MECHS)
            seen[num_seen++] = mech.oid;
    }
    if (first.oid.data == NULL || reading->token.mech_token.data == NULL)
        return;
    offered = inspect_mech_family(first.oid);
    sent = inspect_kind_family(spnego_sniff(reading->token.mech_token));
    if (offered != INSPECT_FAMILY_UNKNOWN && sent != INSPECT_FAMILY_UNKNOWN && offered != sent)
        inspect_lint_add(reading, SPNEGO_RULE_MECH_TOKEN_OF_OTHER_MECH, SPNEGO_FIELD_MECH_TOKEN);
}

int inspect_is_fixed_hint(spnego_bytes hint_name)
{
    static const char fixed[] = "not_defined_in_RFC4178@please_ignore";
    const spnego_bytes fixed_name = {(const uint8_t *)fixed, sizeof fixed - 1};

    return bytes_equal(hint_name, fixed_name);
}

static void inspect_lint_init(inspect_reading *reading, inspect_role receiver)
{
    const spnego_token *token = &reading->token;

    if (receiver == INSPECT_ROLE_INITIATOR && token->type == SPNEGO_NEG_TOKEN_INIT)
        inspect_lint_add(reading, SPNEGO_RULE_INIT_TO_INITIATOR, SPNEGO_FIELD_CHOICE);
    if (receiver == INSPECT_ROLE_ACCEPTOR && token->type == SPNEGO_NEG_TOKEN_INIT2)
        inspect_lint_add(reading, SPNEGO_RULE_INIT2_TO_ACCEPTOR,
                         token->neg_hints.data != NULL ? SPNEGO_FIELD_NEG_HINTS
                                                       : SPNEGO_FIELD_CHOICE);
    inspect_lint_mech_types(reading);
    if (token->req_flags.data != NULL)
        inspect_lint_add(reading, SPNEGO_RULE_REQ_FLAGS_SENT, SPNEGO_FIELD_REQ_FLAGS);
    if (token->hint_name.data != NULL && !inspect_is_fixed_hint(token->hint_name))
        inspect_lint_add(reading, SPNEGO_RULE_HINT_NAME_NOT_FIXED, SPNEGO_FIELD_HINT_NAME);
    if (token->hint_address.data != NULL)
        inspect_lint_add(reading, SPNEGO_RULE_HINT_ADDRESS_SENT, SPNEGO_FIELD_HINT_ADDRESS);
}

static void inspect_lint_resp(inspect_reading *reading, inspect_role receiver)
{
    const spnego_token *token = &reading->token;
    const spnego_span whole = inspect_field_span(reading, SPNEGO_FIELD_CHOICE);

    if (!token->has_neg_state && token->supported_mech.data == NULL &&
        token->response_token.data == NULL && token->mech_list_mic.data == NULL)
        inspect_add_finding(reading, SPNEGO_RULE_RESPONSE_EMPTY, SPNEGO_FIELD_SEQUENCE,
                            whole.offset, whole.len);
    if (!token->has_neg_state && token->supported_mech.data != NULL)
        inspect_lint_add(reading, SPNEGO_RULE_REPLY_FIRST_NEEDS_NEGSTATE, SPNEGO_FIELD_NEG_STATE);
    /* RFC 4178 4.2.2: request-mic marks the first reply, too. */
    if (receiver != INSPECT_ROLE_ACCEPTOR && inspect_lint_says(token, SPNEGO_REQUEST_MIC) &&
        token->supported_mech.data == NULL)
        inspect_lint_add(reading, SPNEGO_RULE_SUPPORTED_MECH_MISSING, SPNEGO_FIELD_SUPPORTED_MECH);
    /* RFC 4178 3.1: it cannot have been offered. */
    if (spnego_oid_identify(token->supported_mech) == SPNEGO_OID_SPNEGO)
        inspect_lint_add(reading, SPNEGO_RULE_SUPPORTED_MECH_NOT_OFFERED,
                         SPNEGO_FIELD_SUPPORTED_MECH);
    if (inspect_lint_says(token, SPNEGO_ACCEPT_COMPLETED) &&
        inspect_lint_is_ntlm_begun(token->response_token))
        inspect_lint_add(reading, SPNEGO_RULE_COMPLETED_TOO_EARLY, SPNEGO_FIELD_NEG_STATE);
    if (spnego_oid_identify(token->supported_mech) == SPNEGO_OID_MS_KRB5)
        inspect_lint_add(reading, SPNEGO_RULE_MS_KRB5_OID, SPNEGO_FIELD_SUPPORTED_MECH);
    if (receiver != INSPECT_ROLE_ACCEPTOR)
        return;
    if (token->supported_mech.data != NULL)
        inspect_lint_add(reading, SPNEGO_RULE_SUPPORTED_MECH_TO_ACCEPTOR,
                         SPNEGO_FIELD_SUPPORTED_MECH);
    if (inspect_lint_says(token, SPNEGO_REQUEST_MIC))
        inspect_lint_add(reading, SPNEGO_RULE_REQUEST_MIC_TO_ACCEPTOR, SPNEGO_FIELD_NEG_STATE);
}

void inspect_lint(inspect_reading *reading, inspect_role receiver)
{
    static const spnego_field octet_strings[] = {SPNEGO_FIELD_MECH_TOKEN, SPNEGO_FIELD_HINT_ADDRESS,
                                                 SPNEGO_FIELD_RESPONSE_TOKEN,
                                                 SPNEGO_FIELD_MECH_LIST_MIC};

    if (reading->token.type == SPNEGO_NEG_TOKEN_RESP)
        inspect_lint_resp(reading, receiver);
    else
        inspect_lint_init(reading, receiver);
    inspect_lint_mic(reading);
    for (size_t i = 0; i < sizeof octet_strings / sizeof octet_strings[0]; i++) {
        const spnego_bytes octets = inspect_field_view(reading, octet_strings[i]);
        if (octets.data != NULL && octets.len == 0)
            inspect_lint_add(reading, SPNEGO_RULE_OCTETS_EMPTY, octet_strings[i]);
    }
}
