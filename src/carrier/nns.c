/* One side of MS-NNS: the state machines of its sections 3.1 and 3.2. */
#include <spnego/nns.h>
#include <spnego/oid.h>

#include "base/bytes.h"
#include "carrier/session.h"

#include <string.h>

/* MS-NNS 3.1.1.2, 3.2.1.2.  CREATING and FINAL are those of a mechanism at work, and last longer
 * than a call only while it is pending. */
typedef enum nns_state {
    NNS_UNINITIALIZED,
    NNS_CREATING_SECURITY_TOKEN,
    NNS_WAITING_FOR_HANDSHAKE_MESSAGE,
    NNS_PROCESSING_FINAL_TOKEN,
    NNS_WAITING_FOR_HANDSHAKE_DONE,
    NNS_AUTHENTICATED,
    NNS_CLOSED
} nns_state;

struct spnego_nns {
    carrier_session session; /* status: COMPLETE once Authenticated */
    nns_state state;
    spnego_role role;
    spnego_nns_levels required; /* as configured */
    spnego_nns_levels negotiated;
    uint32_t options;
    int (*accept_peer)(void *user, const spnego_info *info);
    size_t max_taken; /* octets in the payload of a data message: received */
    size_t max_sent;  /* sent                                              */
    uint32_t error_code;
    int spoke; /* a message was sent */
};

/* ---- Configuration ------------------------------------------------------------------------- */

void spnego_nns_config_init(spnego_nns_config *config, size_t struct_size,
                            const spnego_config *negotiation)
{
    memset(config, 0, struct_size);
    config->struct_size = struct_size;
    config->negotiation = negotiation;
    config->protection = SPNEGO_NNS_ENCRYPT_AND_SIGN;
    config->impersonation = negotiation->role == SPNEGO_INITIATOR ? SPNEGO_NNS_IMPERSONATION
                                                                  : SPNEGO_NNS_IDENTIFICATION;
}

#define ALL_OPTIONS \
    (SPNEGO_NNS_OPTION_LONG_PAYLOADS | SPNEGO_NNS_OPTION_STRICT_PAYLOADS | \
     SPNEGO_NNS_OPTION_EXACT_IMPERSONATION | SPNEGO_NNS_OPTION_EXACT_PROTECTION | \
     SPNEGO_NNS_OPTION_ERROR_CODE_TWICE)
/* Whether there is SPNEGO is for this protocol to say. */
#define NOT_HERE (SPNEGO_OPTION_BARE | SPNEGO_OPTION_TAKE_BARE)

static int good_config(const spnego_nns_config *config)
{
    const spnego_config *negotiation = config->negotiation;

    return config->struct_size == sizeof *config && carrier_good_negotiation(negotiation) &&
           !(negotiation->options & NOT_HERE) && config->protection >= SPNEGO_NNS_NONE &&
           config->protection <= SPNEGO_NNS_ENCRYPT_AND_SIGN &&
           config->impersonation >= SPNEGO_NNS_IDENTIFICATION &&
           config->impersonation <= SPNEGO_NNS_DELEGATION && !(config->options & ~ALL_OPTIONS);
}

/* MS-NNS 3.1.4.1, but for two things that would spoil its levels.  The document of 2015 asks for
 * confidentiality at Sign too: no client would ever get Sign alone.  And NTLM signs where replay or
 * sequence detection is asked for (MS-NLMP 3.1.1.2): no client would ever get None. */
static uint32_t flags_to_ask_for(const spnego_nns_config *config)
{
    uint32_t flags = SPNEGO_FLAG_MUTUAL;

    if (config->protection != SPNEGO_NNS_NONE)
        flags |= SPNEGO_FLAG_INTEG | SPNEGO_FLAG_REPLAY | SPNEGO_FLAG_SEQUENCE;
    if (config->protection == SPNEGO_NNS_ENCRYPT_AND_SIGN)
        flags |= SPNEGO_FLAG_CONF;
    if (config->impersonation == SPNEGO_NNS_DELEGATION)
        flags |= SPNEGO_FLAG_DELEG;
    if (config->impersonation == SPNEGO_NNS_IDENTIFICATION)
        flags |= SPNEGO_FLAG_IDENTIFY;
    return flags;
}

static carrier_terms terms_of(const spnego_nns_config *config)
{
    carrier_terms terms = {config->negotiation, 0, 0, {0, {NULL, 0}, {NULL, 0}}, {NULL, 0}};

    terms.request.channel_bindings = config->channel_bindings;
    if (config->negotiation->role == SPNEGO_ACCEPTOR) {
        /* MS-NNS 3.2.4.1 knows SPNEGO alone, but clients of level None send NTLM. */
        if (!(config->negotiation->options & SPNEGO_OPTION_REQUIRE_MIC))
            terms.options = SPNEGO_OPTION_TAKE_BARE;
        return terms;
    }
    terms.request.flags = flags_to_ask_for(config);
    terms.request.target = config->target;
    if (config->protection == SPNEGO_NNS_NONE) {
        terms.options = SPNEGO_OPTION_BARE;
        terms.only = spnego_oid_contents(SPNEGO_OID_NTLMSSP);
    }
    return terms;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void fill(spnego_nns *nns, const spnego_nns_config *config)
{
    const size_t max_token = config->negotiation->limits.max_token;

    nns->role = config->negotiation->role;
    nns->required.protection = config->protection;
    nns->required.impersonation = config->impersonation;
    nns->options = config->options;
    nns->accept_peer = config->accept_peer;
    nns->max_sent = config->options & SPNEGO_NNS_OPTION_LONG_PAYLOADS ? SPNEGO_NNS_MAX_PAYLOAD_2019
                                                                      : SPNEGO_NNS_MAX_PAYLOAD;
    nns->max_taken = config->options & SPNEGO_NNS_OPTION_STRICT_PAYLOADS
                         ? nns->max_sent
                         : SPNEGO_NNS_MAX_PAYLOAD_TAKEN;
    if (max_token != 0)
        nns->max_sent = smaller(nns->max_sent, max_token);
}

static spnego_error error_of(spnego_status status, spnego_rule rule, size_t offset)
{
    spnego_error error;

    memset(&error, 0, sizeof error);
    error.status = status;
    error.rule = rule;
    error.offset = offset;
    return error;
}

static spnego_status refuse_creation(spnego_error *out_error, spnego_status status,
                                     spnego_rule rule)
{
    *out_error = error_of(status, rule, SPNEGO_NO_OFFSET);
    return status;
}

static spnego_status create(spnego_nns **out_session, spnego_error *out_error,
                            const spnego_nns_config *config)
{
    nego_host host = {NULL, NULL, NULL, NULL, NULL};
    carrier_terms terms;
    spnego_status status;
    spnego_nns *nns;

    if (!good_config(config))
        return refuse_creation(out_error, SPNEGO_ERR_USAGE, SPNEGO_RULE_CALL_BAD_ARGUMENT);
    host.user = config->negotiation->user;
    host.alloc = config->negotiation->alloc;
    host.dealloc = config->negotiation->dealloc;
    nns = nego_host_alloc(&host, sizeof *nns);
    if (nns == NULL)
        return refuse_creation(out_error, SPNEGO_ERR_NO_MEMORY, SPNEGO_RULE_MEMORY_EXHAUSTED);
    memset(nns, 0, sizeof *nns);
    fill(nns, config);
    terms = terms_of(config);
    status = carrier_open(&nns->session, &terms);
    *out_error = nns->session.error;
    if (status != SPNEGO_COMPLETE) {
        nego_wipe(nns, sizeof *nns);
        nego_host_free(&host, nns);
        return status;
    }
    *out_session = nns;
    return SPNEGO_COMPLETE;
}

spnego_status spnego_nns_create(spnego_nns **out_session, spnego_error *out_error,
                                const spnego_nns_config *config)
{
    spnego_error error;

    *out_session = NULL;
    return create(out_session, out_error != NULL ? out_error : &error, config);
}

void spnego_nns_destroy(spnego_nns *nns)
{
    nego_host host;

    if (nns == NULL || nns->session.busy)
        return;
    host = nns->session.host;
    carrier_close(&nns->session);
    nego_wipe(nns, sizeof *nns);
    nego_host_free(&host, nns);
}

/* ---- Calls: how each begins and ends --------------------------------------------------------- */

static spnego_status refuse(spnego_nns *nns)
{
    return refuse_creation(&nns->session.error, SPNEGO_ERR_USAGE, SPNEGO_RULE_CALL_OUT_OF_TURN);
}

/* As carrier_enter; then refuses what does not fit the state, with nothing changed. */
static spnego_status enter(spnego_nns *nns, spnego_turn *turn, int in_state)
{
    const spnego_status status = carrier_enter(&nns->session, turn);

    if (status != SPNEGO_COMPLETE || in_state)
        return status;
    nns->session.busy = 0;
    return refuse(nns);
}

static spnego_status leave(spnego_nns *nns, spnego_turn *turn)
{
    if (turn->out.data == NULL)
        turn->out = nego_buffer_view(&nns->session.out);
    return carrier_leave(&nns->session);
}

/* ---- Failing --------------------------------------------------------------------------------- */

static void delete_context(spnego_nns *nns)
{
    spnego_context_destroy(nns->session.context);
    nns->session.context = NULL;
}

/* A failure that the peer is told nothing of: its own, or one that comes too late for that. */
static void close_with(spnego_nns *nns, const spnego_error *error)
{
    (void)carrier_fail_as(&nns->session, error);
    delete_context(nns);
    nns->state = NNS_CLOSED;
}

static void close_by_rule(spnego_nns *nns, spnego_status status, spnego_rule rule, size_t offset)
{
    const spnego_error error = error_of(status, rule, offset);

    close_with(nns, &error);
}

/* This side's failure during the handshake; the connection stays open (MS-NNS 3.1.5.1). */
static void abort_silently(spnego_nns *nns, const spnego_error *error)
{
    (void)carrier_fail_as(&nns->session, error);
    delete_context(nns);
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
    const spnego_error error = error_of(status, rule, offset);

    abort_with_error(nns, &error);
}

/* ---- Writing --------------------------------------------------------------------------------- */

/* All of a message or nothing.  Both lengths are bounded by the header's check. */
static int put_message(spnego_nns *nns, spnego_bytes header, spnego_bytes body)
{
    return nego_buffer_room(&nns->session.out, &nns->session.host, header.len + body.len) &&
           carrier_put(&nns->session, header) && carrier_put(&nns->session, body);
}

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
    else if (!put_message(nns, header, token))
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

/* GSS_S_COMPLETE: MS-NNS 3.1.5.1, 3.1.5.3, 3.2.5.2, 3.2.5.3. */
static void on_complete(spnego_nns *nns, spnego_bytes token)
{
    const spnego_rule rule = check_peer(nns);
    const int is_final = nns->state == NNS_PROCESSING_FINAL_TOKEN;

    if (rule != SPNEGO_RULE_NONE) {
        abort_by_rule(nns, SPNEGO_ERR_POLICY, rule, SPNEGO_NO_OFFSET);
        return;
    }
    nns->session.status = SPNEGO_CONTINUE;
    if (nns->role == SPNEGO_INITIATOR && !is_final) {
        send_handshake(nns, SPNEGO_NNS_DONE, token, NNS_WAITING_FOR_HANDSHAKE_DONE);
        return;
    }
    /* Who has said Done takes no token any more: a server then answers an empty Done, a client
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
static void on_step(spnego_nns *nns, spnego_status status, spnego_bytes token)
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

static void step(spnego_nns *nns, spnego_bytes in, nns_state state)
{
    spnego_bytes out;
    spnego_status status;

    nns->state = state;
    status = spnego_context_step(nns->session.context, &out, in);
    on_step(nns, status, out);
}

/* MS-NNS 3.1.5.2, 3.1.5.4, 3.2.5.1.  Ids that there are not were refused with the header. */
static void on_handshake(spnego_nns *nns, const spnego_nns_handshake *message)
{
    if (message->id == SPNEGO_NNS_ERROR) {
        nns->error_code = message->error_code;
        close_by_rule(nns, SPNEGO_ERR_REJECTED, SPNEGO_RULE_NNS_PEER_ERROR, 0);
    } else if (nns->state == NNS_WAITING_FOR_HANDSHAKE_MESSAGE) {
        step(nns, message->token,
             message->id == SPNEGO_NNS_DONE ? NNS_PROCESSING_FINAL_TOKEN
                                            : NNS_CREATING_SECURITY_TOKEN);
    } else if (message->id == SPNEGO_NNS_DONE) {
        authenticate(nns);
    } else {
        close_by_rule(nns, SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_NNS_DONE_EXPECTED, 0);
    }
}

static void no_memory(spnego_nns *nns)
{
    abort_by_rule(nns, SPNEGO_ERR_NO_MEMORY, SPNEGO_RULE_MEMORY_EXHAUSTED, SPNEGO_NO_OFFSET);
}

static void receive_handshake(spnego_nns *nns, spnego_turn *turn, spnego_bytes in)
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
            close_by_rule(nns, SPNEGO_ERR_PROTOCOL, rule, len);
            return;
        }
        want = len;
    }
    carrier_take(&nns->session, turn, frame);
    on_handshake(nns, &message);
}

/* ---- Data ------------------------------------------------------------------------------------ */

/* MS-NNS 1.3: data under another protection than the negotiated is an error.  There are mechanisms
 * that say of all data that it was encrypted. */
static int conf_differs(const spnego_nns *nns, int conf)
{
    if (nns->negotiated.protection == SPNEGO_NNS_ENCRYPT_AND_SIGN)
        return conf == 0;
    return conf != 0 && (nns->options & SPNEGO_NNS_OPTION_EXACT_PROTECTION) != 0;
}

/* MS-NNS 3.1.5.5, 3.2.5.4; 1.3: after an error the stream is not to be used. */
static void unwrap(spnego_nns *nns, spnego_turn *turn, spnego_bytes payload)
{
    spnego_error error;
    spnego_bytes data;
    int conf = 0;

    if (spnego_context_unwrap(nns->session.context, &data, &error, &conf, payload) !=
        SPNEGO_COMPLETE) {
        error.offset = SPNEGO_NNS_DATA_HEADER_LEN;
        close_with(nns, &error);
        return;
    }
    if (conf_differs(nns, conf)) {
        close_by_rule(nns, SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_NNS_CONF_DIFFERS,
                      SPNEGO_NNS_DATA_HEADER_LEN);
        return;
    }
    if (data.len != 0)
        turn->data = data;
}

static void receive_data(spnego_nns *nns, spnego_turn *turn, spnego_bytes in)
{
    size_t want = SPNEGO_NNS_DATA_HEADER_LEN, len;
    spnego_bytes frame, payload;
    spnego_rule rule;

    for (int round = 0; round < 2; round++) {
        const int have = carrier_have(&nns->session, turn, &frame, in, want);

        if (have < 0)
            close_by_rule(nns, SPNEGO_ERR_NO_MEMORY, SPNEGO_RULE_MEMORY_EXHAUSTED,
                          SPNEGO_NO_OFFSET);
        if (have <= 0)
            return;
        rule = spnego_nns_data_decode(&payload, &len, frame, nns->max_taken);
        if (rule != SPNEGO_RULE_NONE) {
            close_by_rule(nns, SPNEGO_ERR_PROTOCOL, rule, len);
            return;
        }
        want = len;
    }
    carrier_take(&nns->session, turn, frame);
    unwrap(nns, turn, payload);
}

static void receive(spnego_nns *nns, spnego_turn *turn, spnego_bytes in)
{
    if (nns->state != NNS_AUTHENTICATED) {
        receive_handshake(nns, turn, in);
    } else if (nns->negotiated.protection != SPNEGO_NNS_NONE) {
        receive_data(nns, turn, in);
    } else if (in.len != 0) {
        turn->data = in;
        turn->taken = in.len;
    }
}

/* Room for what the mechanism adds: Kerberos' newest tokens need 76 octets. */
static size_t octets_at_a_time(const spnego_nns *nns)
{
    enum { ROOM = 1024 };

    return nns->max_sent - smaller(ROOM, nns->max_sent / 2);
}

/* MS-NNS 3.1.4.2, 3.2.4.2 */
static void send_wrapped(spnego_nns *nns, spnego_turn *turn, spnego_bytes data)
{
    uint8_t octets[SPNEGO_NNS_DATA_HEADER_LEN];
    const spnego_bytes header = {octets, sizeof octets};
    spnego_bytes wrapped;
    spnego_error error;
    spnego_rule rule;

    data.len = smaller(data.len, octets_at_a_time(nns));
    if (spnego_context_wrap(nns->session.context, &wrapped, &error, data,
                            nns->negotiated.protection == SPNEGO_NNS_ENCRYPT_AND_SIGN) !=
        SPNEGO_COMPLETE) {
        close_with(nns, &error);
        return;
    }
    rule = spnego_nns_data_encode(octets, wrapped.len, nns->max_sent);
    if (rule != SPNEGO_RULE_NONE)
        close_by_rule(nns, SPNEGO_ERR_LIMIT, rule, SPNEGO_NO_OFFSET);
    else if (!put_message(nns, header, wrapped))
        close_by_rule(nns, SPNEGO_ERR_NO_MEMORY, SPNEGO_RULE_MEMORY_EXHAUSTED, SPNEGO_NO_OFFSET);
    else
        turn->taken = data.len;
}

/* ---- Calls ----------------------------------------------------------------------------------- */

/* Between start and the end, with no mechanism at work. */
static int can_receive(const spnego_nns *nns)
{
    return nns->state == NNS_WAITING_FOR_HANDSHAKE_MESSAGE ||
           nns->state == NNS_WAITING_FOR_HANDSHAKE_DONE || nns->state == NNS_AUTHENTICATED;
}

/* By the state, not by the status: closing takes the mechanism away and leaves the status. */
static int is_pending(const spnego_nns *nns)
{
    return nns->state == NNS_CREATING_SECURITY_TOKEN || nns->state == NNS_PROCESSING_FINAL_TOKEN;
}

spnego_status spnego_nns_start(spnego_nns *nns, spnego_turn *turn)
{
    const spnego_status status = enter(nns, turn, nns->state == NNS_UNINITIALIZED);

    if (status != SPNEGO_COMPLETE)
        return status;
    if (nns->role == SPNEGO_ACCEPTOR)
        nns->state = NNS_WAITING_FOR_HANDSHAKE_MESSAGE;
    else
        step(nns, bytes_absent(), NNS_CREATING_SECURITY_TOKEN);
    return leave(nns, turn);
}

spnego_status spnego_nns_receive(spnego_nns *nns, spnego_turn *turn, spnego_bytes in)
{
    const spnego_status status = enter(nns, turn, can_receive(nns));

    if (status != SPNEGO_COMPLETE)
        return status;
    receive(nns, turn, in);
    return leave(nns, turn);
}

spnego_status spnego_nns_resume(spnego_nns *nns, spnego_turn *turn)
{
    const spnego_status status = enter(nns, turn, is_pending(nns));
    spnego_status resumed;
    spnego_bytes out;

    if (status != SPNEGO_COMPLETE)
        return status;
    resumed = spnego_context_resume(nns->session.context, &out);
    on_step(nns, resumed, out);
    return leave(nns, turn);
}

spnego_status spnego_nns_send(spnego_nns *nns, spnego_turn *turn, spnego_bytes data)
{
    const spnego_status status = enter(nns, turn, nns->state == NNS_AUTHENTICATED);

    if (status != SPNEGO_COMPLETE)
        return status;
    if (data.len != 0 && nns->negotiated.protection != SPNEGO_NNS_NONE) {
        send_wrapped(nns, turn, data);
    } else if (data.len != 0) {
        turn->out = data;
        turn->taken = data.len;
    }
    return leave(nns, turn);
}

/* MS-NNS 3.1.7, 3.2.7 */
spnego_status spnego_nns_end(spnego_nns *nns, spnego_turn *turn)
{
    const int begun = nns->state != NNS_UNINITIALIZED && nns->state != NNS_CLOSED;
    const spnego_status status = enter(nns, turn, begun);

    if (status != SPNEGO_COMPLETE)
        return status;
    if (!carrier_is_between(&nns->session)) {
        close_by_rule(nns, SPNEGO_ERR_IO, SPNEGO_RULE_NNS_FRAME_CUT, nns->session.in.len);
    } else if (nns->state != NNS_AUTHENTICATED) {
        close_by_rule(nns, SPNEGO_ERR_IO, SPNEGO_RULE_STREAM_FAILED, SPNEGO_NO_OFFSET);
    } else {
        delete_context(nns);
        nns->state = NNS_CLOSED;
    }
    return leave(nns, turn);
}

spnego_status spnego_nns_close(spnego_nns *nns)
{
    if (nns->session.busy)
        return SPNEGO_ERR_USAGE;
    nns->session.busy = 1; /* whoever is told of it may call back */
    delete_context(nns);
    nns->session.busy = 0;
    nns->state = NNS_CLOSED;
    return SPNEGO_COMPLETE;
}

/* ---- What can be asked ----------------------------------------------------------------------- */

const char *spnego_nns_state(const spnego_nns *nns)
{
    static const char *const names[] = {"Uninitialized",
                                        "CreatingSecurityToken",
                                        "WaitingForHandshakeMessage",
                                        "ProcessingFinalToken",
                                        "WaitingForHandshakeDone",
                                        "Authenticated",
                                        "Closed"};

    return names[nns->state];
}

const spnego_error *spnego_nns_error(const spnego_nns *nns)
{
    return &nns->session.error;
}

uint32_t spnego_nns_error_code(const spnego_nns *nns)
{
    return nns->error_code;
}

int spnego_nns_info(const spnego_nns *nns, spnego_info *out_info, spnego_nns_levels *out_levels)
{
    memset(out_info, 0, sizeof *out_info);
    memset(out_levels, 0, sizeof *out_levels);
    if (nns->state != NNS_AUTHENTICATED || !spnego_context_info(nns->session.context, out_info))
        return 0;
    *out_levels = nns->negotiated;
    return 1;
}
