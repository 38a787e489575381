#include "inspect/exchange.h"

#include <spnego/oid.h>
#include <string.h>

#include "base/bytes.h"

/* ---- Faults --------------------------------------------------------------------------------- */

static void inspect_blame(inspect_heard *out, spnego_rule rule, spnego_field field)
{
    const inspect_fault fault = {rule, field};

    if (out->num_faults < INSPECT_MAX_FAULTS)
        out->faults[out->num_faults++] = fault;
}

/* What no exchange goes on after. */
static void inspect_blame_last(inspect_exchange *exchange, inspect_heard *out, spnego_rule rule,
                               spnego_field field)
{
    inspect_blame(out, rule, field);
    exchange->is_over = 1;
}

static int inspect_says(const spnego_token *token, int neg_state)
{
    return token->has_neg_state && token->neg_state == neg_state;
}

/* ---- Mechanisms ----------------------------------------------------------------------------- */

spnego_bytes inspect_mech_token(const spnego_token *token)
{
    return token->type == SPNEGO_NEG_TOKEN_RESP ? token->response_token : token->mech_token;
}

/* Kerberos goes by more numbers than one: MS-SPNG 3.1.5.2, and that from before RFC 1964. */
static int inspect_same_mech(spnego_bytes a, spnego_bytes b)
{
    const int a_is_krb5 = spnego_oid_is_krb5(a) || spnego_oid_identify(a) == SPNEGO_OID_KRB5_OLD;
    const int b_is_krb5 = spnego_oid_is_krb5(b) || spnego_oid_identify(b) == SPNEGO_OID_KRB5_OLD;

    return bytes_equal(a, b) || (a_is_krb5 && b_is_krb5);
}

int inspect_offered_place(spnego_bytes *out, const inspect_exchange *exchange, spnego_bytes oid)
{
    size_t cursor = 0;

    for (int place = 0; spnego_mech_types_next(out, &cursor, exchange->offered); place++)
        if (inspect_same_mech(*out, oid))
            return place;
    *out = bytes_absent();
    return -1;
}

static spnego_bytes inspect_first_offered(const inspect_exchange *exchange)
{
    spnego_bytes oid = bytes_absent();
    size_t cursor = 0;

    (void)spnego_mech_types_next(&oid, &cursor, exchange->offered);
    return oid;
}

/* ---- The initiator -------------------------------------------------------------------------- */

/* RFC 4178 3.1, 4.2.1: the initiator's first token. */
static void inspect_hear_init(inspect_exchange *exchange, inspect_heard *out,
                              const spnego_token *token)
{
    spnego_bytes oid;
    size_t cursor = 0;

    if (token->type == SPNEGO_NEG_TOKEN_RESP) {
        inspect_blame_last(exchange, out, SPNEGO_RULE_RESP_BEFORE_INIT, SPNEGO_FIELD_CHOICE);
        return;
    }
    if (token->type == SPNEGO_NEG_TOKEN_INIT2) {
        inspect_blame_last(exchange, out, SPNEGO_RULE_INIT2_TO_ACCEPTOR, SPNEGO_FIELD_NEG_HINTS);
        return;
    }
    while (spnego_mech_types_next(&oid, &cursor, token->mech_types)) {
        if (spnego_oid_identify(oid) == SPNEGO_OID_SPNEGO) {
            inspect_blame_last(exchange, out, SPNEGO_RULE_MECH_TYPES_HAVE_SPNEGO,
                               SPNEGO_FIELD_MECH_TYPES);
            return;
        }
    }
    out->place = INSPECT_HEARD_INIT;
    exchange->has_init = 1;
    exchange->offered = token->mech_types;
    exchange->is_begun = token->mech_token.len > 0;
}

static void inspect_hear_initiator(inspect_exchange *exchange, inspect_heard *out,
                                   const spnego_token *token)
{
    if (!exchange->has_init)
        inspect_hear_init(exchange, out, token);
    else if (token->type != SPNEGO_NEG_TOKEN_RESP)
        inspect_blame_last(exchange, out, SPNEGO_RULE_INIT_REPEATED, SPNEGO_FIELD_CHOICE);
    else if (inspect_says(token, SPNEGO_REJECT))
        inspect_blame_last(exchange, out, SPNEGO_RULE_PEER_REJECTED, SPNEGO_FIELD_NEG_STATE);
    else if (token->supported_mech.data != NULL)
        inspect_blame_last(exchange, out, SPNEGO_RULE_SUPPORTED_MECH_TO_ACCEPTOR,
                           SPNEGO_FIELD_SUPPORTED_MECH);
    else if (inspect_says(token, SPNEGO_REQUEST_MIC))
        inspect_blame_last(exchange, out, SPNEGO_RULE_REQUEST_MIC_TO_ACCEPTOR,
                           SPNEGO_FIELD_NEG_STATE);
}

/* ---- The acceptor --------------------------------------------------------------------------- */

/* RFC 4178 3.2(c), (d): another mechanism than the first; the initiator begins again. */
static void inspect_hear_reselection(inspect_exchange *exchange, inspect_heard *out,
                                     const spnego_token *token)
{
    exchange->mic_required = 1;
    if (!inspect_says(token, SPNEGO_REQUEST_MIC)) {
        inspect_blame(out, SPNEGO_RULE_RESELECTED_UNPROTECTED, SPNEGO_FIELD_NEG_STATE);
        exchange->is_unprotected = 1;
        exchange->is_over = !inspect_says(token, SPNEGO_ACCEPT_INCOMPLETE);
    }
    if (exchange->is_over)
        return;
    if (token->response_token.len != 0)
        inspect_blame_last(exchange, out, SPNEGO_RULE_RESELECTED_WITH_TOKEN,
                           SPNEGO_FIELD_RESPONSE_TOKEN);
    else if (token->mech_list_mic.data != NULL)
        inspect_blame_last(exchange, out, SPNEGO_RULE_MIC_TOO_EARLY, SPNEGO_FIELD_MECH_LIST_MIC);
}

/* RFC 4178 4.2.2: negState must be there, and supportedMech is one of those offered. */
static void inspect_hear_choice(inspect_exchange *exchange, inspect_heard *out,
                                const spnego_token *token)
{
    int place = 0;

    exchange->has_reply = 1;
    if (!token->has_neg_state)
        inspect_blame(out, SPNEGO_RULE_REPLY_FIRST_NEEDS_NEGSTATE, SPNEGO_FIELD_NEG_STATE);
    if (token->supported_mech.data != NULL) {
        place = inspect_offered_place(&exchange->chosen, exchange, token->supported_mech);
    } else {
        inspect_blame(out, SPNEGO_RULE_SUPPORTED_MECH_MISSING, SPNEGO_FIELD_SUPPORTED_MECH);
        /* What answers the optimistic token, or says that it was enough, tells it all the same. */
        exchange->is_over =
            token->response_token.len == 0 && !inspect_says(token, SPNEGO_ACCEPT_COMPLETED);
        if (!exchange->is_over)
            exchange->chosen = inspect_first_offered(exchange);
    }
    if (place < 0)
        inspect_blame_last(exchange, out, SPNEGO_RULE_SUPPORTED_MECH_NOT_OFFERED,
                           SPNEGO_FIELD_SUPPORTED_MECH);
    exchange->is_first_choice = place == 0;
}

/* RFC 4178 3.2(c), 4.2.2: what belongs into the first reply, and nowhere else. */
static void inspect_hear_first_reply(inspect_exchange *exchange, inspect_heard *out,
                                     const spnego_token *token)
{
    inspect_hear_choice(exchange, out, token);
    if (exchange->is_over)
        return;
    exchange->mic_required |= inspect_says(token, SPNEGO_REQUEST_MIC);
    if (!exchange->is_first_choice)
        inspect_hear_reselection(exchange, out, token);
    if (exchange->is_over || (exchange->is_first_choice && exchange->is_begun))
        return;
    /* Without an optimistic token, or in vain, the mechanism's first token is yet to come. */
    out->place = INSPECT_HEARD_RESTART;
    if (token->response_token.len > 0)
        inspect_blame_last(exchange, out, SPNEGO_RULE_RESPONSE_TOKEN_SURPLUS,
                           SPNEGO_FIELD_RESPONSE_TOKEN);
    else if (token->mech_list_mic.data != NULL)
        inspect_blame_last(exchange, out, SPNEGO_RULE_MIC_TOO_EARLY, SPNEGO_FIELD_MECH_LIST_MIC);
}

static void inspect_hear_later_reply(inspect_exchange *exchange, inspect_heard *out,
                                     const spnego_token *token)
{
    if (inspect_says(token, SPNEGO_REQUEST_MIC))
        inspect_blame_last(exchange, out, SPNEGO_RULE_REQUEST_MIC_LATE, SPNEGO_FIELD_NEG_STATE);
    else if (token->supported_mech.data != NULL &&
             !inspect_same_mech(token->supported_mech, exchange->chosen))
        inspect_blame_last(exchange, out, SPNEGO_RULE_SUPPORTED_MECH_CHANGED,
                           SPNEGO_FIELD_SUPPORTED_MECH);
    else if (token->supported_mech.data != NULL)
        inspect_blame(out, SPNEGO_RULE_SUPPORTED_MECH_REPEATED, SPNEGO_FIELD_SUPPORTED_MECH);
}

static void inspect_hear_acceptor(inspect_exchange *exchange, inspect_heard *out,
                                  const spnego_token *token)
{
    if (token->type != SPNEGO_NEG_TOKEN_RESP && !exchange->has_init)
        out->place = INSPECT_HEARD_HINTS; /* MS-SPNG 3.3.5.2 */
    else if (token->type != SPNEGO_NEG_TOKEN_RESP)
        inspect_blame_last(exchange, out, SPNEGO_RULE_INIT_TO_INITIATOR, SPNEGO_FIELD_CHOICE);
    else if (inspect_says(token, SPNEGO_REJECT))
        inspect_blame_last(exchange, out, SPNEGO_RULE_PEER_REJECTED, SPNEGO_FIELD_NEG_STATE);
    else if (!exchange->has_init)
        inspect_blame_last(exchange, out, SPNEGO_RULE_RESP_BEFORE_INIT, SPNEGO_FIELD_CHOICE);
    else if (!exchange->has_reply)
        inspect_hear_first_reply(exchange, out, token);
    else
        inspect_hear_later_reply(exchange, out, token);
}

void inspect_exchange_hear(inspect_exchange *exchange, inspect_heard *out,
                           const spnego_token *token, inspect_role sender)
{
    memset(out, 0, sizeof *out);
    out->place = INSPECT_HEARD_NEXT;
    if (sender == INSPECT_ROLE_ACCEPTOR)
        inspect_hear_acceptor(exchange, out, token);
    else
        inspect_hear_initiator(exchange, out, token);
}

void inspect_fault_add(inspect_reading *reading, const inspect_fault *fault)
{
    /* Of a request-mic alone no more is to be seen than that it names no mechanism. */
    if (fault->rule == SPNEGO_RULE_REQUEST_MIC_LATE ||
        fault->rule == SPNEGO_RULE_REQUEST_MIC_TO_ACCEPTOR)
        inspect_drop_finding(reading, SPNEGO_RULE_SUPPORTED_MECH_MISSING);
    inspect_add_later(reading, fault->rule, fault->field);
}
