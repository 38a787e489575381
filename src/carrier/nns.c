#include "carrier/nns_session.h"

#include "base/bytes.h"

#include <spnego/oid.h>

#include <string.h>

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
        nns->max_sent = nns_smaller(nns->max_sent, max_token);
}

spnego_error nns_error_of(spnego_status status, spnego_rule rule, size_t offset)
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
    *out_error = nns_error_of(status, rule, SPNEGO_NO_OFFSET);
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

void nns_delete_context(spnego_nns *nns)
{
    spnego_context_destroy(nns->session.context);
    nns->session.context = NULL;
}

void nns_close_with(spnego_nns *nns, const spnego_error *error)
{
    (void)carrier_fail_as(&nns->session, error);
    nns_delete_context(nns);
    nns->state = NNS_CLOSED;
}

void nns_close_by_rule(spnego_nns *nns, spnego_status status, spnego_rule rule, size_t offset)
{
    const spnego_error error = nns_error_of(status, rule, offset);

    nns_close_with(nns, &error);
}

/* ---- Writing --------------------------------------------------------------------------------- */

int nns_put_message(spnego_nns *nns, spnego_bytes header, spnego_bytes body)
{
    return nego_buffer_room(&nns->session.out, &nns->session.host, header.len + body.len) &&
           carrier_put(&nns->session, header) && carrier_put(&nns->session, body);
}

/* ---- Calls ----------------------------------------------------------------------------------- */

static void receive(spnego_nns *nns, spnego_turn *turn, spnego_bytes in)
{
    if (nns->state != NNS_AUTHENTICATED) {
        nns_receive_handshake(nns, turn, in);
    } else if (nns->negotiated.protection != SPNEGO_NNS_NONE) {
        nns_receive_data(nns, turn, in);
    } else if (in.len != 0) {
        turn->data = in;
        turn->taken = in.len;
    }
}

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
        nns_step(nns, bytes_absent(), NNS_CREATING_SECURITY_TOKEN);
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
    nns_on_step(nns, resumed, out);
    return leave(nns, turn);
}

spnego_status spnego_nns_send(spnego_nns *nns, spnego_turn *turn, spnego_bytes data)
{
    const spnego_status status = enter(nns, turn, nns->state == NNS_AUTHENTICATED);

    if (status != SPNEGO_COMPLETE)
        return status;
    if (data.len != 0 && nns->negotiated.protection != SPNEGO_NNS_NONE) {
        nns_send_wrapped(nns, turn, data);
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
        nns_close_by_rule(nns, SPNEGO_ERR_IO, SPNEGO_RULE_NNS_FRAME_CUT, nns->session.in.len);
    } else if (nns->state != NNS_AUTHENTICATED) {
        nns_close_by_rule(nns, SPNEGO_ERR_IO, SPNEGO_RULE_STREAM_FAILED, SPNEGO_NO_OFFSET);
    } else {
        nns_delete_context(nns);
        nns->state = NNS_CLOSED;
    }
    return leave(nns, turn);
}

spnego_status spnego_nns_close(spnego_nns *nns)
{
    if (nns->session.busy)
        return SPNEGO_ERR_USAGE;
    nns->session.busy = 1; /* whoever is told of it may call back */
    nns_delete_context(nns);
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
