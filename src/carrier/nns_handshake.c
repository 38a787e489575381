/* The handshake: the messages of MS-NNS 2.2.1 and what comes of them (3.1.5.1 to 3.1.5.4, 3.2.5.1
 * to 3.2.5.3), and the levels that it leaves. */
#include "carrier/nns_session.h"

#include "base/bytes.h"

#include <spnego/oid.h>

/* ---- Failing --------------------------------------------------------------------------------- */

/* This side's failure during the handshake; the connection stays open (MS-NNS 3.1.5.1). */
static void abort_silently(spnego_nns *nns, const spnego_error *error)
{
    (void)carrier_fail_as(&nns->session, error);
    nns_delete_context(nns);
    nns->state = NNS_UNINITIALIZED;
}

static void abort_with_error(spnego_nns *nns, const spnego_error *error)
{
    uint8_t octets[SPNEGO_NNS_ERROR_LEN];
    const spnego_bytes message = {octets, sizeof octets};

    abort_silently(nns, error);
    nns->error_code = spnego_nns_code_of(&nns->session.error, nns->role);
    spnego_nns_error_encode(octets, nns->error_code,
                            (nns->options & SPNEGO_NNS_OPTION_ERROR_CODE_TWICE) != 0);
    /* Without memory the peer learns it from the stream's end. */
    if (!carrier_put(&nns->session, message))
        nns->error_code = 0;
}

static void abort_by_rule(spnego_nns *nns, spnego_status status, spnego_rule rule, size_t offset)
{
    const spnego_error error = nns_error_of(status, rule, offset);

    abort_with_error(nns, &error);
}

/* ---- Writing --------------------------------------------------------------------------------- */

static void send_handshake(spnego_nns *nns, uint8_t id, spnego_bytes token, nns_state next)
{
    uint8_t octets[SPNEGO_NNS_HANDSHAKE_HEADER_LEN];
    const spnego_bytes header = {octets, sizeof octets};
    const spnego_rule rule = spnego_nns_handshake_encode(octets, id, token.len);

    if (rule == SPNEGO_RULE_NNS_IN_PROGRESS_EMPTY)
        /* A mechanism with empty tokens cannot be carried here. */
        abort_by_rule(nns, SPNEGO_ERR_MECH_LIED, SPNEGO_RULE_MECH_SAYS_NOTHING, SPNEGO_NO_OFFSET);
    else if (rule != SPNEGO_RULE_NONE)
        abort_by_rule(nns, SPNEGO_ERR_LIMIT, rule, SPNEGO_NO_OFFSET);
    else if (!nns_put_message(nns, header, token))
        abort_by_rule(nns, SPNEGO_ERR_NO_MEMORY, SPNEGO_RULE_MEMORY_EXHAUSTED, SPNEGO_NO_OFFSET);
    else {
        nns->spoke = 1;
        nns->state = next;
    }
}

/* ---- Levels ---------------------------------------------------------------------------------- */

static int is_ntlm(spnego_bytes oid)
{
    return bytes_equal(oid, spnego_oid_contents(SPNEGO_OID_NTLMSSP));
}

static spnego_nns_levels levels_of(const spnego_info *info)
{
    spnego_nns_levels levels = {SPNEGO_NNS_NONE, SPNEGO_NNS_IMPERSONATION};

    if (info->flags & SPNEGO_FLAG_CONF)
        levels.protection = SPNEGO_NNS_ENCRYPT_AND_SIGN;
    else if (info->flags & SPNEGO_FLAG_INTEG)
        levels.protection = SPNEGO_NNS_SIGN;
    if ((info->flags & SPNEGO_FLAG_DELEG) && !is_ntlm(info->mech->ops->oid))
        levels.impersonation = SPNEGO_NNS_DELEGATION;
    else if (info->flags & SPNEGO_FLAG_IDENTIFY)
        levels.impersonation = SPNEGO_NNS_IDENTIFICATION;
    return levels;
}

/* MS-NNS 3.1.5.1 and 3.1.5.3 for the client: nothing but the allowed level.  A lower one takes
 * nothing from it, and NegotiateStream does not look.  3.2.5.2 and 3.2.5.3 for the server. */
static spnego_rule check_impersonation(const spnego_nns *nns)
{
    const spnego_nns_impersonation is = nns->negotiated.impersonation;
    const spnego_nns_impersonation wanted = nns->required.impersonation;

    if (nns->role == SPNEGO_INITIATOR && is > wanted)
        return SPNEGO_RULE_NNS_IMPERSONATION_TOO_HIGH;
    if (is < wanted &&
        (nns->role == SPNEGO_ACCEPTOR || (nns->options & SPNEGO_NNS_OPTION_EXACT_IMPERSONATION)))
        return SPNEGO_RULE_NNS_IMPERSONATION_TOO_LOW;
    return SPNEGO_RULE_NONE;
}

/* The mechanism's flags promise protection that it has no functions for. */
static int cannot_protect(const spnego_nns *nns, const spnego_mech_ops *ops)
{
    return nns->negotiated.protection != SPNEGO_NNS_NONE &&
           (ops->wrap == NULL || ops->unwrap == NULL);
}

static spnego_rule check_peer(spnego_nns *nns)
{
    spnego_info info;
    spnego_rule rule;

    (void)spnego_context_info(nns->session.context, &info);
    nns->negotiated = levels_of(&info);
    if (nns->negotiated.protection < nns->required.protection ||
        cannot_protect(nns, info.mech->ops))
        return SPNEGO_RULE_NNS_PROTECTION_TOO_LOW;
    rule = check_impersonation(nns);
    if (rule == SPNEGO_RULE_NONE && nns->accept_peer != NULL &&
        !nns->accept_peer(nns->session.host.user, &info))
        rule = SPNEGO_RULE_NNS_PEER_UNWANTED;
    return rule;
}

/* ---- The handshake --------------------------------------------------------------------------- */

static void authenticate(spnego_nns *nns)
{
    /* A message that could not be written has ended it. */
    if (nns->session.status < 0)
        return;
    nns->state = NNS_AUTHENTICATED;
    nns->session.status = SPNEGO_COMPLETE;
}

/* Whether a token brings own mechListMIC. */
static int has_mic(spnego_bytes octets)
{
    spnego_token token;

    return octets.len != 0 &&
           spnego_token_decode(&token, NULL, octets, SPNEGO_TOLERATE_NOTHING) == SPNEGO_RULE_NONE &&
           token.mech_list_mic.data != NULL;
}

/* GSS_S_COMPLETE: MS-NNS 3.1.5.1, 3.1.5.3, 3.2.5.2, 3.2.5.3. */
static void on_complete(spnego_nns *nns, spnego_bytes token)
{
    const spnego_rule rule = check_peer(nns);
    const int is_final = nns->state == NNS_PROCESSING_FINAL_TOKEN;

    if (rule != SPNEGO_RULE_NONE) {
        abort_by_rule(nns, SPNEGO_ERR_POLICY, rule, SPNEGO_NO_OFFSET);
        return;
    }
    /* Who has said Done takes no token any more.  A client does not drop the MIC that it owes for
     * that (RFC 4178 5); a client that says Done waits for none, and if it was somebody between who
     * said it, it fails without. */
    if (is_final && nns->role == SPNEGO_INITIATOR && has_mic(token)) {
        abort_by_rule(nns, SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_NNS_DONE_TOO_EARLY, 0);
        return;
    }
    nns->session.status = SPNEGO_CONTINUE;
    if (nns->role == SPNEGO_INITIATOR && !is_final) {
        send_handshake(nns, SPNEGO_NNS_DONE, token, NNS_WAITING_FOR_HANDSHAKE_DONE);
        return;
    }
    /* What else it would have said is left out: a server then answers an empty Done, a client
     * nothing. */
    if (nns->role == SPNEGO_ACCEPTOR)
        send_handshake(nns, SPNEGO_NNS_DONE, is_final ? bytes_absent() : token, NNS_AUTHENTICATED);
    authenticate(nns);
}

/* The offset of a fault counts from the message's first octet, and its token's from the token's. */
static spnego_error with_offset(spnego_error error)
{
    if (error.offset != SPNEGO_NO_OFFSET)
        error.offset += SPNEGO_NNS_HANDSHAKE_HEADER_LEN;
    return error;
}

static void on_failure(spnego_nns *nns)
{
    const spnego_error error = with_offset(*spnego_context_error(nns->session.context));

    /* MS-NNS 3.1.4.1: without a credential nothing is written. */
    if (nns->role == SPNEGO_INITIATOR && !nns->spoke &&
        (error.status == SPNEGO_ERR_NO_MECH || error.rule == SPNEGO_RULE_MECH_GONE))
        abort_silently(nns, &error);
    else
        abort_with_error(nns, &error);
}

/* What GSS_Init_sec_context and GSS_Accept_sec_context return in the states CreatingSecurityToken
 * and ProcessingFinalToken.  A reject of SPNEGO's is not sent: the HandshakeError stands for it. */
void nns_on_step(spnego_nns *nns, spnego_status status, spnego_bytes token)
{
    if (status < 0) {
        on_failure(nns);
        return;
    }
    nns->session.status = status == SPNEGO_PENDING ? SPNEGO_PENDING : SPNEGO_CONTINUE;
    if (status == SPNEGO_COMPLETE)
        on_complete(nns, token);
    else if (status == SPNEGO_CONTINUE && nns->state == NNS_PROCESSING_FINAL_TOKEN)
        abort_by_rule(nns, SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_NNS_DONE_TOO_EARLY, 0);
    else if (status == SPNEGO_CONTINUE)
        send_handshake(nns, SPNEGO_NNS_IN_PROGRESS, token, NNS_WAITING_FOR_HANDSHAKE_MESSAGE);
}

void nns_step(spnego_nns *nns, spnego_bytes in, nns_state state)
{
    spnego_bytes out;
    spnego_status status;

    nns->state = state;
    status = spnego_context_step(nns->session.context, &out, in);
    nns_on_step(nns, status, out);
}

/* MS-NNS 3.1.5.2, 3.1.5.4, 3.2.5.1.  Ids that there are not were refused with the header. */
static void on_handshake(spnego_nns *nns, const spnego_nns_handshake *message)
{
    if (message->id == SPNEGO_NNS_ERROR) {
        nns->error_code = message->error_code;
        nns_close_by_rule(nns, SPNEGO_ERR_REJECTED, SPNEGO_RULE_NNS_PEER_ERROR, 0);
    } else if (nns->state == NNS_WAITING_FOR_HANDSHAKE_MESSAGE) {
        nns_step(nns, message->token,
                 message->id == SPNEGO_NNS_DONE ? NNS_PROCESSING_FINAL_TOKEN
                                                : NNS_CREATING_SECURITY_TOKEN);
    } else if (message->id == SPNEGO_NNS_DONE) {
        authenticate(nns);
    } else {
        nns_close_by_rule(nns, SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_NNS_DONE_EXPECTED, 0);
    }
}

static void no_memory(spnego_nns *nns)
{
    abort_by_rule(nns, SPNEGO_ERR_NO_MEMORY, SPNEGO_RULE_MEMORY_EXHAUSTED, SPNEGO_NO_OFFSET);
}

void nns_receive_handshake(spnego_nns *nns, spnego_turn *turn, spnego_bytes in)
{
    size_t want = SPNEGO_NNS_HANDSHAKE_HEADER_LEN, len;
    spnego_nns_handshake message;
    spnego_bytes frame;
    spnego_rule rule;

    /* The header, then the whole of the message. */
    for (int round = 0; round < 2; round++) {
        const int have = carrier_have(&nns->session, turn, &frame, in, want);

        if (have < 0)
            no_memory(nns);
        if (have <= 0)
            return;
        rule = spnego_nns_handshake_decode(&message, &len, frame);
        if (rule != SPNEGO_RULE_NONE) {
            nns_close_by_rule(nns, SPNEGO_ERR_PROTOCOL, rule, len);
            return;
        }
        want = len;
    }
    carrier_take(&nns->session, turn, frame);
    on_handshake(nns, &message);
}
