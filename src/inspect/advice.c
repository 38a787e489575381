#include "inspect/advice.h"

#include <spnego/oid.h>
#include <string.h>

#include "inspect/kind.h"
#include "inspect/krb5_cause.h"
#include "inspect/nt_status.h"

/* ---- Looking into the tree ------------------------------------------------------------------- */

/* The first token of that type in the tree, or the number of nodes. */
static size_t inspect_advice_token(const inspect_reading *reading, const char *type)
{
    const inspect_tree *tree = &reading->tree;
    size_t i = 0;

    while (i < tree->num_nodes &&
           (tree->nodes[i].type == NULL || strcmp(tree->nodes[i].type, type) != 0))
        i++;
    return i;
}

/* A field of a field, NULL where there is none. */
static const inspect_node *inspect_advice_field(const inspect_reading *reading, size_t token,
                                                const char *name, const char *inner)
{
    const inspect_tree *tree = &reading->tree;
    size_t i;

    if (token == tree->num_nodes)
        return NULL;
    i = inspect_tree_find(tree, token, name);
    if (i < tree->num_nodes && inner != NULL)
        i = inspect_tree_find(tree, i, inner);
    return i < tree->num_nodes ? &tree->nodes[i] : NULL;
}

static int inspect_advice_found(const inspect_reading *reading, spnego_rule rule)
{
    for (size_t i = 0; i < reading->num_findings; i++)
        if (reading->findings[i].rule == rule)
            return 1;
    return 0;
}

static void inspect_advice_text(inspect_text *out, const inspect_node *node)
{
    if (node->value == INSPECT_TEXT_UTF16)
        inspect_text_put_utf16(out, node->octets);
    else
        inspect_text_put_escaped(out, node->octets);
}

/* ---- On whose behalf ------------------------------------------------------------------------- */

/* The strings of a PrincipalName, with slashes between (RFC 4120 6.2). */
static int inspect_advice_principal(inspect_text *out, const inspect_reading *reading,
                                    const inspect_node *name_string)
{
    const inspect_tree *tree = &reading->tree;
    const size_t first = (size_t)(name_string - tree->nodes) + 1;
    const size_t end = inspect_tree_end(tree, first - 1);

    for (size_t i = first; i < end; i++) {
        if (i > first)
            inspect_text_putc(out, '/');
        inspect_advice_text(out, &tree->nodes[i]);
    }
    return end > first;
}

/* The principal that a field of a token names, where it is there with its realm. */
static void inspect_advise_principal(inspect_text *out, const inspect_reading *reading,
                                     const char *before, size_t token, const char *field)
{
    const inspect_node *sname = inspect_advice_field(reading, token, field, "sname");
    const inspect_node *realm = inspect_advice_field(reading, token, field, "realm");
    const inspect_node *strings = NULL;

    if (sname != NULL)
        strings = inspect_advice_field(reading, (size_t)(sname - reading->tree.nodes),
                                       "name-string", NULL);
    if (strings == NULL || realm == NULL)
        return;
    inspect_text_puts(out, before);
    (void)inspect_advice_principal(out, reading, strings);
    inspect_text_putc(out, '@');
    inspect_advice_text(out, realm);
}

/* What a KDC is asked for stands before the ticket by which it is asked. */
static void inspect_advise_ticket(inspect_text *out, const inspect_reading *reading)
{
    static const struct {
        const char *type, *field, *before;
    } holders[] = {{"KRB_AS_REQ", "req-body", ". The ticket is to be for "},
                   {"KRB_TGS_REQ", "req-body", ". The ticket is to be for "},
                   {"KRB_AS_REP", "ticket", ". The ticket is for "},
                   {"KRB_TGS_REP", "ticket", ". The ticket is for "},
                   {"KRB_AP_REQ", "ticket", ". The ticket is for "}};

    for (size_t i = 0; i < sizeof holders / sizeof holders[0]; i++) {
        const size_t token = inspect_advice_token(reading, holders[i].type);

        if (token < reading->tree.num_nodes) {
            inspect_advise_principal(out, reading, holders[i].before, token, holders[i].field);
            return;
        }
    }
}

static void inspect_advise_user(inspect_text *out, const inspect_reading *reading)
{
    const size_t token = inspect_advice_token(reading, "NTLMSSP_AUTHENTICATE");
    const inspect_node *user = inspect_advice_field(reading, token, "UserName", NULL);
    const inspect_node *domain = inspect_advice_field(reading, token, "DomainName", NULL);

    if (user == NULL || user->octets.len == 0)
        return;
    inspect_text_puts(out, ". The user is ");
    if (domain != NULL && domain->octets.len > 0) {
        inspect_advice_text(out, domain);
        inspect_text_putc(out, '\\');
    }
    inspect_advice_text(out, user);
}

/* ---- Known troubles -------------------------------------------------------------------------- */

/* Of a Windows server beside or in place of a number of Kerberos' own: under KRB_ERROR in e-data
 * (MS-KILE 2.2.1), in an ALERT of NegoEx (MS-NEGOEX 2.2.6.6). */
static void inspect_advise_status(inspect_text *out, const inspect_reading *reading,
                                  const char *type, const char *name)
{
    const inspect_tree *tree = &reading->tree;
    const size_t token = inspect_advice_token(reading, type);
    const size_t end = token < tree->num_nodes ? inspect_tree_end(tree, token) : token;
    size_t i = token;
    const char *cause;

    while (i < end && (tree->nodes[i].name == NULL || tree->nodes[i].value != INSPECT_NAMED ||
                       strcmp(tree->nodes[i].name, name) != 0))
        i++;
    if (i == end || tree->nodes[i].label == NULL)
        return;
    inspect_text_puts(out, ". ");
    inspect_text_puts(out, tree->nodes[i].label);
    cause = inspect_nt_status_cause((uint32_t)tree->nodes[i].number);
    if (cause != NULL) {
        inspect_text_puts(out, ": ");
        inspect_text_puts(out, cause);
    }
}

static void inspect_advise_kerberos_error(inspect_text *out, const inspect_reading *reading)
{
    const size_t token = inspect_advice_token(reading, "KRB_ERROR");
    const inspect_node *code = inspect_advice_field(reading, token, "error-code", NULL);
    const char *cause;

    if (code == NULL)
        return;
    inspect_text_puts(out, ". ");
    inspect_text_puts(out, code->label != NULL ? code->label : "Its error");
    inspect_text_puts(out, " (");
    inspect_text_put_signed(out, (int64_t)code->number);
    inspect_text_putc(out, ')');
    cause = inspect_krb5_cause((int64_t)code->number);
    if (cause != NULL) {
        inspect_text_puts(out, ": usually ");
        inspect_text_puts(out, cause);
    }
    inspect_advise_status(out, reading, "KRB_ERROR", "status");
}

static void inspect_advise_ntlm(inspect_text *out, const inspect_reading *reading,
                                const inspect_view *view)
{
    if (inspect_advice_token(reading, "NTLMSSP_AUTHENTICATE") == reading->tree.num_nodes)
        return;
    if (inspect_advice_found(reading, SPNEGO_RULE_NTLM_ANONYMOUS_CLIENT))
        inspect_text_puts(out, ". The client is anonymous: it logs on as nobody");
    if (inspect_advice_found(reading, SPNEGO_RULE_NTLM_V1_RESPONSE))
        inspect_text_puts(out, ". It answers by NTLMv1 or LM, which a server may refuse by policy "
                               "(LmCompatibilityLevel)");
    /* RFC 4559 6: who logs on is kept with the connection. */
    if (view->encoding == INSPECT_HEADER)
        inspect_text_puts(out, ". It is good on the connection that the challenge came on alone: "
                               "behind a balancer that shares connections NTLM fails");
}

/* So many characters of a header field many servers and proxies take, and no more.  A PAC with many
 * groups makes a token longer than that (RFC 9110 5.4 sets no limit). */
#define INSPECT_USUAL_HEADER 8192

static void inspect_advise_length(inspect_text *out, const inspect_reading *reading,
                                  const inspect_view *view)
{
    const size_t num = (reading->in.len + 2) / 3 * 4;

    if (view->encoding != INSPECT_HEADER || num <= INSPECT_USUAL_HEADER)
        return;
    inspect_text_puts(out, ". It takes ");
    inspect_text_put_number(out, num);
    inspect_text_puts(out,
                      " characters in its header field: many servers take 8192 and answer more "
                      "with 400 or 431");
}

/* What the list of mechanisms gives away. */
static void inspect_advise_offer(inspect_text *out, const inspect_reading *reading)
{
    inspect_mech mech;
    size_t num = 0, num_ntlm = 0;
    int negoex_first = 0;

    memset(&mech, 0, sizeof mech);
    while (inspect_mech_next(&mech, reading)) {
        const inspect_family family = inspect_mech_family(mech.oid);

        negoex_first |= num == 0 && family == INSPECT_FAMILY_NEGOEX;
        num_ntlm += family == INSPECT_FAMILY_NTLM;
        num++;
    }
    if (num > 0 && num_ntlm == num)
        inspect_text_puts(out, ". Kerberos is not offered: usually there was no ticket for this "
                               "name, or the name is an address");
    else if (negoex_first)
        inspect_text_puts(out, ". NegoEx comes first: an acceptor that does not have it chooses "
                               "another mechanism, and both must then send a mechListMIC");
}

/* ---- What happens next ----------------------------------------------------------------------- */

static void inspect_advise_init(inspect_text *out, const inspect_reading *reading)
{
    const spnego_token *token = &reading->token;

    if (token->num_mech_types == 0)
        return;
    inspect_advise_offer(out, reading);
    if (token->type == SPNEGO_NEG_TOKEN_INIT2)
        inspect_text_puts(out,
                          ". Nothing protects this list; next is the initiator's NegTokenInit");
    else if (token->mech_token.len == 0)
        inspect_text_puts(out, ". Next: the acceptor chooses, and then the first token follows");
    else
        inspect_text_puts(out, ". Next: the acceptor chooses, and answers this token if it is of "
                               "the mechanism that it chose");
}

static void inspect_advise_resp(inspect_text *out, const inspect_reading *reading)
{
    const spnego_token *token = &reading->token;
    static const char *const next[] = {". Next: the other side's token",
                                       ". Next: the acceptor's token",
                                       ". Next: the initiator's token"};

    if (!token->has_neg_state)
        return;
    switch (token->neg_state) {
    case SPNEGO_ACCEPT_COMPLETED:
        inspect_text_puts(out, token->mech_list_mic.data != NULL
                                   ? ". Nothing follows, unless the other side owes a mechListMIC"
                                   : ". Nothing follows, unless a mechListMIC is owed");
        break;
    case SPNEGO_ACCEPT_INCOMPLETE:
        inspect_text_puts(out, next[inspect_sender(reading)]);
        break;
    case SPNEGO_REQUEST_MIC:
        inspect_text_puts(out, ". Next: the mechanism goes on to its end, and then both sides must "
                               "send a mechListMIC");
        break;
    case SPNEGO_REJECT:
        if (token->response_token.len == 0)
            inspect_text_puts(out, ". It is over; why, only the log of the side that sent it can "
                                   "tell");
        break;
    default:
        break;
    }
}

static void inspect_advise_raw(inspect_text *out, const inspect_reading *reading,
                               const inspect_view *view)
{
    if (view->scheme == INSPECT_SCHEME_NTLM)
        return;
    if (reading->inner_name != NULL && strcmp(reading->inner_name, "NTLMSSP_NEGOTIATE") == 0)
        inspect_text_puts(out, ". An acceptor that has only Kerberos calls this a defective token");
}

static void inspect_advise_fault(inspect_text *out, const inspect_reading *reading,
                                 const inspect_view *view)
{
    if (reading->fault == SPNEGO_RULE_DER_TRUNCATED)
        inspect_text_puts(out, ". Usually it was not copied whole, or a buffer or a limit on "
                               "headers on its way is shorter than the token");
    else if (reading->fault == SPNEGO_RULE_TOKEN_EMPTY && view->encoding != INSPECT_HEADER)
        inspect_text_puts(out, ". From a client an empty token asks for the list of mechanisms; "
                               "from a server it means that it has none to tell");
}

void inspect_advise(inspect_text *out, const inspect_reading *reading, const inspect_view *view)
{
    if (reading->fault != SPNEGO_RULE_NONE) {
        inspect_advise_fault(out, reading, view);
        return;
    }
    if (!view->redact) {
        inspect_advise_ticket(out, reading);
        inspect_advise_user(out, reading);
    }
    inspect_advise_ntlm(out, reading, view);
    inspect_advise_length(out, reading, view);
    inspect_advise_kerberos_error(out, reading);
    inspect_advise_status(out, reading, "ALERT", "ErrorCode");
    if (inspect_is_raw(reading))
        inspect_advise_raw(out, reading, view);
    else if (reading->token.type == SPNEGO_NEG_TOKEN_RESP)
        inspect_advise_resp(out, reading);
    else
        inspect_advise_init(out, reading);
}
