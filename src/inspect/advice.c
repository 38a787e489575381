#include "inspect/advice.h"

#include <spnego/oid.h>
#include <string.h>

#include "inspect/kind.h"

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

static void inspect_advise_ticket(inspect_text *out, const inspect_reading *reading)
{
    const size_t token = inspect_advice_token(reading, "KRB_AP_REQ");
    const inspect_node *sname = inspect_advice_field(reading, token, "ticket", "sname");
    const inspect_node *realm = inspect_advice_field(reading, token, "ticket", "realm");
    const inspect_node *strings = NULL;

    if (sname != NULL)
        strings = inspect_advice_field(reading, (size_t)(sname - reading->tree.nodes),
                                       "name-string", NULL);
    if (strings == NULL || realm == NULL)
        return;
    inspect_text_puts(out, ". The ticket is for ");
    (void)inspect_advice_principal(out, reading, strings);
    inspect_text_putc(out, '@');
    inspect_advice_text(out, realm);
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

/* What is behind an error of Kerberos as a rule (RFC 4120 7.5.9 has the numbers). */
static const struct {
    int64_t code;
    const char *cause;
} inspect_kerberos_causes[] = {
    {6, "the KDC does not know the client's name"},
    {7, "the KDC does not know the service's name: no account has this SPN"},
    {14, "there is no key of an encryption type that the other side allows"},
    {18, "the client's account is locked, expired or disabled"},
    {23, "the password has expired"},
    {24, "the password is wrong"},
    {31,
     "what came does not decrypt with the key that is here: an old keytab, or another account's"},
    {32, "the ticket has expired"},
    {33, "the ticket is not valid yet: the clocks differ"},
    {34, "the same request came a second time: a replay, or a retransmission"},
    {36, "ticket and authenticator name different clients"},
    {37, "the clocks differ by more than is allowed, five minutes as a rule"},
    {41,
     "the ticket was made with another key than the service has: an old keytab, or the SPN belongs "
     "to another account"},
    {44, "the service's keytab lacks the version of the key that the ticket was made with"},
    {45, "the service has no key for the name that the ticket is for"},
};

static int inspect_advise_kerberos_error(inspect_text *out, const inspect_reading *reading)
{
    const size_t token = inspect_advice_token(reading, "KRB_ERROR");
    const inspect_node *code = inspect_advice_field(reading, token, "error-code", NULL);

    if (code == NULL)
        return 0;
    inspect_text_puts(out, ". ");
    inspect_text_puts(out, code->label != NULL ? code->label : "Its error");
    inspect_text_puts(out, " (");
    inspect_text_put_signed(out, (int64_t)code->number);
    inspect_text_putc(out, ')');
    for (size_t i = 0; i < sizeof inspect_kerberos_causes / sizeof inspect_kerberos_causes[0]; i++)
        if (inspect_kerberos_causes[i].code == (int64_t)code->number) {
            inspect_text_puts(out, ": usually ");
            inspect_text_puts(out, inspect_kerberos_causes[i].cause);
        }
    return 1;
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
    (void)inspect_advise_kerberos_error(out, reading);
    if (inspect_is_raw(reading))
        inspect_advise_raw(out, reading, view);
    else if (reading->token.type == SPNEGO_NEG_TOKEN_RESP)
        inspect_advise_resp(out, reading);
    else
        inspect_advise_init(out, reading);
}
