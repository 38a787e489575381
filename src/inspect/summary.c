/* What a token is, in plain words: who sends it and what it says. */
#include <spnego/oid.h>
#include <string.h>

#include "inspect/expect.h"
#include "inspect/kind.h"
#include "inspect/render.h"

/* A sentence names so many mechanisms; the tree has them all. */
#define INSPECT_SUMMARY_MECHS 6

static void inspect_put_mechs(inspect_text *out, const inspect_reading *reading)
{
    inspect_mech mech;
    size_t num = 0;

    memset(&mech, 0, sizeof mech);
    while (inspect_mech_next(&mech, reading)) {
        if (num == INSPECT_SUMMARY_MECHS) {
            inspect_text_puts(out, " and ");
            inspect_text_put_number(out, reading->token.num_mech_types - num);
            inspect_text_puts(out, " more");
            return;
        }
        inspect_text_puts(out, num == 0 ? "" : ", ");
        inspect_put_mech_name(out, mech.oid);
        num++;
    }
    if (num == 0)
        inspect_text_puts(out, "no mechanism");
}

static void inspect_put_count(inspect_text *out, size_t octets)
{
    inspect_text_puts(out, " (");
    inspect_text_put_number(out, octets);
    inspect_text_puts(out, octets == 1 ? " octet)" : " octets)");
}

static void inspect_put_inner(inspect_text *out, spnego_bytes octets)
{
    const char *kind = inspect_kind_name(octets);

    if (octets.len == 0) {
        inspect_text_puts(out, "an empty token");
        return;
    }
    inspect_text_puts(out, kind != NULL ? kind : "a token of unknown kind");
    inspect_put_count(out, octets.len);
}

/* The token of the mechanism that is offered first, by that name only as far as its octets do not
 * say otherwise. */
static void inspect_put_first(inspect_text *out, const inspect_reading *reading)
{
    const spnego_bytes octets = reading->token.mech_token;
    const inspect_family family = inspect_kind_family(spnego_sniff(octets));
    inspect_mech first;

    memset(&first, 0, sizeof first);
    if (octets.len == 0 || !inspect_mech_next(&first, reading)) {
        inspect_put_inner(out, octets);
    } else if (inspect_mech_family(first.oid) != family) {
        inspect_put_inner(out, octets);
    } else if (family == INSPECT_FAMILY_UNKNOWN) {
        inspect_text_puts(out, "a token for ");
        inspect_put_mech_name(out, first.oid);
        inspect_put_count(out, octets.len);
    } else {
        inspect_text_puts(out, "its first ");
        inspect_put_mech_name(out, first.oid);
        inspect_text_puts(out, " token");
        inspect_put_count(out, octets.len);
    }
}

static void inspect_summarize_init(inspect_text *out, const inspect_reading *reading)
{
    const spnego_token *token = &reading->token;

    if (token->type == SPNEGO_NEG_TOKEN_INIT2) {
        inspect_text_puts(out, "NegTokenInit2: a server opens and offers ");
        inspect_put_mechs(out, reading);
        if (token->mech_token.data != NULL) {
            inspect_text_puts(out, ", with ");
            inspect_put_inner(out, token->mech_token);
        }
    } else {
        inspect_text_puts(out, reading->receiver == INSPECT_ROLE_INITIATOR
                                   ? "NegTokenInit: the peer offers "
                                   : "NegTokenInit: an initiator offers ");
        inspect_put_mechs(out, reading);
        inspect_text_puts(out, " and sends ");
        if (token->mech_token.data == NULL)
            inspect_text_puts(out,
                              token->num_mech_types > 0 ? "no token of theirs yet" : "no token");
        else
            inspect_put_first(out, reading);
    }
    if (token->mech_list_mic.data != NULL)
        inspect_text_puts(out, ", with a mechListMIC");
}

/* Messages that only one side sends: MS-NLMP 1.3.1, RFC 4121 4.1.  KRB_AP_REP is not one: with DCE
 * style the initiator sends one too. */
static inspect_role inspect_sender_of(const char *kind)
{
    static const struct {
        const char *kind;
        inspect_role sender;
    } kinds[] = {{"NTLMSSP_NEGOTIATE", INSPECT_ROLE_INITIATOR},
                 {"NTLMSSP_CHALLENGE", INSPECT_ROLE_ACCEPTOR},
                 {"NTLMSSP_AUTHENTICATE", INSPECT_ROLE_INITIATOR},
                 {"KRB_AP_REQ", INSPECT_ROLE_INITIATOR},
                 {"KRB_TGT_REQ", INSPECT_ROLE_INITIATOR},
                 {"KRB_TGT_REP", INSPECT_ROLE_ACCEPTOR},
                 {"KRB_ERROR", INSPECT_ROLE_ACCEPTOR}};

    for (size_t i = 0; kind != NULL && i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kind, kinds[i].kind) == 0)
            return kinds[i].sender;
    return INSPECT_ROLE_UNKNOWN;
}

/* Either side may complete, go on and reject, but only an acceptor chooses and asks for a MIC
 * (RFC 4178 4.2.2). */
inspect_role inspect_sender(const inspect_reading *reading)
{
    const spnego_token *token = &reading->token;

    if (reading->receiver == INSPECT_ROLE_ACCEPTOR)
        return INSPECT_ROLE_INITIATOR;
    if (reading->receiver == INSPECT_ROLE_INITIATOR || token->supported_mech.data != NULL ||
        (token->has_neg_state && token->neg_state == SPNEGO_REQUEST_MIC))
        return INSPECT_ROLE_ACCEPTOR;
    return inspect_sender_of(inspect_kind_name(token->response_token));
}

static void inspect_summarize_resp(inspect_text *out, const inspect_reading *reading)
{
    static const char *const states[] = {"accepts: the negotiation is complete on its side",
                                         "goes on", "rejects the negotiation",
                                         "goes on and asks for a mechListMIC"};
    static const char *const senders[] = {"one side ", "the initiator ", "the acceptor "};
    const spnego_token *token = &reading->token;

    inspect_text_puts(out, "NegTokenResp: ");
    inspect_text_puts(out, senders[inspect_sender(reading)]);
    if (token->supported_mech.data != NULL) {
        inspect_text_puts(out, "chooses ");
        inspect_put_mech_name(out, token->supported_mech);
        inspect_text_puts(out, token->has_neg_state ? " and " : "");
    }
    if (token->has_neg_state && inspect_neg_state_name(token->neg_state) != NULL) {
        inspect_text_puts(out, states[token->neg_state]);
    } else if (token->has_neg_state) {
        inspect_text_puts(out, "sends an unknown negState, ");
        inspect_text_put_signed(out, token->neg_state);
    } else if (token->supported_mech.data == NULL) {
        inspect_text_puts(out, "goes on without a negState");
    }
    if (token->response_token.data != NULL) {
        inspect_text_puts(out, ", with ");
        inspect_put_inner(out, token->response_token);
    }
    if (token->mech_list_mic.data != NULL)
        inspect_text_puts(out, token->response_token.data != NULL ? " and a mechListMIC"
                                                                  : ", with a mechListMIC");
}

static void inspect_summarize_raw(inspect_text *out, const inspect_reading *reading,
                                  const inspect_view *view)
{
    const char *name = reading->inner_name != NULL ? reading->inner_name : "";

    if (reading->kind == SPNEGO_KIND_NTLMSSP || reading->kind == SPNEGO_KIND_NTLMSSP_MIC) {
        inspect_text_puts(out, view->scheme == INSPECT_SCHEME_NEGOTIATE
                                   ? "raw NTLM inside Negotiate"
                               : view->scheme == INSPECT_SCHEME_NTLM ? "NTLM, as its scheme says"
                                                                     : "raw NTLM, not SPNEGO");
        /* Only where Negotiate was offered does NTLM mean that Kerberos was not to be had. */
        if (strcmp(name, "NTLMSSP_NEGOTIATE") == 0)
            inspect_text_puts(out, view->scheme == INSPECT_SCHEME_NEGOTIATE
                                       ? ": the client had no Kerberos ticket for this name"
                                       : ": the client asks for a challenge");
        else if (strcmp(name, "NTLMSSP_CHALLENGE") == 0)
            inspect_text_puts(out, ": the server answers with its challenge");
        else if (strcmp(name, "NTLMSSP_AUTHENTICATE") == 0)
            inspect_text_puts(out, ": the client answers the server's challenge");
    } else if (reading->kind == SPNEGO_KIND_NEGOEX) {
        inspect_text_puts(out, "raw NegoEx, not SPNEGO");
    } else if (inspect_kdc_name(reading->in) != NULL) {
        inspect_text_puts(out, "a message between a client and its KDC, not a token: ");
        inspect_text_puts(out, strcmp(name, "KRB_AS_REQ") == 0    ? "the client logs on"
                               : strcmp(name, "KRB_TGS_REQ") == 0 ? "the client asks for a ticket"
                                                                  : "the KDC gives a ticket");
    } else {
        inspect_text_puts(out, "raw Kerberos, not SPNEGO");
        if (strcmp(name, "KRB_AP_REQ") == 0)
            inspect_text_puts(out, ": the client shows a ticket without negotiating");
        else if (strcmp(name, "KRB_AP_REP") == 0)
            inspect_text_puts(out, ": one side proves itself");
        else if (strcmp(name, "KRB_ERROR") == 0)
            inspect_text_puts(out, ": the server answers with an error");
    }
    inspect_put_count(out, reading->in.len);
}

/* Where the reading ended and by which rule. */
static void inspect_put_fault(inspect_text *out, const inspect_reading *reading)
{
    const spnego_rule_text *rule = spnego_rule_describe(reading->fault);

    inspect_text_puts(out, "undecodable, refused at offset ");
    for (size_t i = 0; i < reading->num_findings; i++) {
        if (reading->findings[i].rule == reading->fault) {
            inspect_text_put_number(out, reading->findings[i].offset);
            break;
        }
    }
    inspect_text_puts(out, " by ");
    inspect_text_puts(out, rule->name);
    inspect_text_puts(out, ": ");
    inspect_text_puts(out, rule->sentence);
}

void inspect_summarize(inspect_text *out, const inspect_reading *reading, const inspect_view *view)
{
    if (reading->kind == SPNEGO_KIND_GSS_OTHER && reading->fault == SPNEGO_RULE_FRAME_NOT_SPNEGO) {
        spnego_bytes oid, inner;
        inspect_text_puts(out, "undecodable: not SPNEGO but a token of another mechanism");
        if (inspect_frame_read(&oid, &inner, reading->in)) {
            inspect_text_puts(out, ", ");
            inspect_put_mech_name(out, oid);
        }
    } else if (reading->fault == SPNEGO_RULE_TOKEN_EMPTY && view->encoding == INSPECT_HEADER) {
        inspect_text_puts(out, "no token: the header names a scheme and nothing else");
    } else if (reading->fault != SPNEGO_RULE_NONE) {
        inspect_put_fault(out, reading);
    } else if (inspect_is_raw(reading)) {
        inspect_summarize_raw(out, reading, view);
    } else if (reading->token.type == SPNEGO_NEG_TOKEN_RESP) {
        inspect_summarize_resp(out, reading);
    } else {
        inspect_summarize_init(out, reading);
    }
}
