#include "carrier/sasl_session.h"

#include "base/bytes.h"
#include "carrier/authzid.h"

#include <spnego/oid.h>
#include <string.h>

enum { DEFAULT_MAX_TOKEN = 65536, DEFAULT_PEER_BUFFER = 65536, DEFAULT_OVERHEAD = 128 };

static const char *const names[] = {"", "GSS-SPNEGO", "GSSAPI"};

const char *spnego_sasl_name(spnego_sasl_mechanism mechanism)
{
    return (size_t)mechanism < sizeof names / sizeof names[0] ? names[mechanism] : "";
}

spnego_sasl_mechanism spnego_sasl_find(spnego_bytes name)
{
    for (size_t i = 1; i < sizeof names / sizeof names[0]; i++) {
        const spnego_bytes known = {(const uint8_t *)names[i], strlen(names[i])};

        if (bytes_equal(name, known))
            return (spnego_sasl_mechanism)i;
    }
    return SPNEGO_SASL_NONE;
}

spnego_bytes sasl_empty(void)
{
    static const uint8_t nothing = 0;
    const spnego_bytes empty = {&nothing, 0};

    return empty;
}

/* ---- Making one ------------------------------------------------------------------------------ */

void spnego_sasl_config_init(spnego_sasl_config *config, size_t struct_size,
                             spnego_sasl_mechanism mechanism)
{
    memset(config, 0, struct_size);
    config->struct_size = struct_size;
    config->mechanism = mechanism;
    config->layers = SPNEGO_SASL_ALL_LAYERS;
}

static size_t or_default(size_t value, size_t otherwise)
{
    return value != 0 ? value : otherwise;
}

static int is_valid(const spnego_sasl_config *config)
{
    const spnego_config *negotiation = config->negotiation;

    /* RFC 4422 3: a challenge or a response is one token, and an empty one says something. */
    if (config->struct_size != sizeof *config || !carrier_good_negotiation(negotiation))
        return 0;
    if (config->mechanism != SPNEGO_SASL_GSS_SPNEGO && config->mechanism != SPNEGO_SASL_GSSAPI)
        return 0;
    if (config->layers == 0 || (config->layers & ~SPNEGO_SASL_ALL_LAYERS) != 0 ||
        (config->tolerate & ~SPNEGO_SASL_TAKE_BOTH_BITS) != 0)
        return 0;
    if (config->max_buffer > SPNEGO_SASL_MAX_BUFFER ||
        config->max_buffer > or_default(negotiation->limits.max_token, DEFAULT_MAX_TOKEN))
        return 0;
    if (config->authzid.len == 0)
        return 1;
    return config->mechanism == SPNEGO_SASL_GSSAPI && negotiation->role == SPNEGO_INITIATOR &&
           config->authzid.data != NULL && authzid_fault(config->authzid) == config->authzid.len;
}

/* RFC 4752 3.1 fixes what is asked for with GSSAPI.  GSS-SPNEGO asks for what its layers need and
 * no more: where TLS is, a context that could sign is one that Active Directory refuses. */
static uint32_t flags_to_ask(const spnego_sasl_config *config)
{
    uint32_t flags = config->flags;

    if (config->mechanism == SPNEGO_SASL_GSSAPI)
        flags |= SPNEGO_FLAG_INTEG;
    if (config->layers & (SPNEGO_SASL_INTEGRITY | SPNEGO_SASL_CONFIDENTIALITY))
        flags |= SPNEGO_FLAG_INTEG | SPNEGO_FLAG_MUTUAL | SPNEGO_FLAG_SEQUENCE;
    if (config->layers & SPNEGO_SASL_CONFIDENTIALITY)
        flags |= SPNEGO_FLAG_CONF;
    return flags;
}

static spnego_status open_negotiation(spnego_sasl *session, const spnego_sasl_config *config)
{
    carrier_terms terms;

    memset(&terms, 0, sizeof terms);
    terms.negotiation = config->negotiation;
    terms.request.flags = flags_to_ask(config);
    terms.request.target = config->target;
    terms.request.channel_bindings = config->channel_bindings;
    if (config->mechanism == SPNEGO_SASL_GSSAPI) {
        /* RFC 4752 3: the name means Kerberos and nothing else. */
        terms.options = SPNEGO_OPTION_BARE;
        terms.only = spnego_oid_contents(SPNEGO_OID_KRB5);
    } else if (!(config->negotiation->options & SPNEGO_OPTION_REQUIRE_MIC)) {
        terms.options = SPNEGO_OPTION_NO_INTEG;
    }
    return carrier_open(&session->base, &terms);
}

static void fill(spnego_sasl *session, const spnego_sasl_config *config)
{
    session->role = config->negotiation->role;
    session->mechanism = config->mechanism;
    session->layers = config->layers;
    session->tolerate = config->tolerate;
    session->no_initial = config->no_initial != 0;
    session->no_success_data = config->no_success_data != 0;
    session->max_token = or_default(config->negotiation->limits.max_token, DEFAULT_MAX_TOKEN);
    session->max_buffer = or_default(config->max_buffer, session->max_token);
    if (session->max_buffer > SPNEGO_SASL_MAX_BUFFER)
        session->max_buffer = SPNEGO_SASL_MAX_BUFFER;
    session->peer_buffer = or_default(config->peer_buffer, DEFAULT_PEER_BUFFER);
    session->wrap_overhead = or_default(config->wrap_overhead, DEFAULT_OVERHEAD);
    nego_buffer_init(&session->authzid, NULL, 0);
}

static void note_error(spnego_error *out_error, spnego_status status, spnego_rule rule)
{
    if (out_error == NULL)
        return;
    memset(out_error, 0, sizeof *out_error);
    out_error->status = status;
    out_error->rule = rule;
    out_error->offset = SPNEGO_NO_OFFSET;
}

static nego_host host_of(const spnego_config *config)
{
    nego_host host;

    memset(&host, 0, sizeof host);
    host.user = config->user;
    host.alloc = config->alloc;
    host.dealloc = config->dealloc;
    return host;
}

spnego_status spnego_sasl_create(spnego_sasl **out_session, spnego_error *out_error,
                                 const spnego_sasl_config *config)
{
    spnego_sasl *session;
    spnego_status status;
    nego_host host;

    *out_session = NULL;
    note_error(out_error, SPNEGO_ERR_USAGE, SPNEGO_RULE_CALL_BAD_ARGUMENT);
    if (!is_valid(config))
        return SPNEGO_ERR_USAGE;
    note_error(out_error, SPNEGO_ERR_NO_MEMORY, SPNEGO_RULE_MEMORY_EXHAUSTED);
    host = host_of(config->negotiation);
    session = nego_host_alloc(&host, sizeof *session);
    if (session == NULL)
        return SPNEGO_ERR_NO_MEMORY;
    memset(session, 0, sizeof *session);
    fill(session, config);
    status = open_negotiation(session, config);
    if (status != SPNEGO_COMPLETE) {
        if (out_error != NULL)
            *out_error = session->base.error;
        nego_wipe(session, sizeof *session);
        nego_host_free(&host, session);
        return status;
    }
    if (!nego_buffer_add(&session->authzid, &session->base.host, config->authzid)) {
        spnego_sasl_destroy(session);
        return SPNEGO_ERR_NO_MEMORY;
    }
    note_error(out_error, SPNEGO_COMPLETE, SPNEGO_RULE_NONE);
    *out_session = session;
    return SPNEGO_COMPLETE;
}

void spnego_sasl_destroy(spnego_sasl *session)
{
    nego_host host;

    if (session == NULL || session->base.busy)
        return;
    session->base.busy = 1; /* the mechanism that is told may call back */
    host = session->base.host;
    carrier_close(&session->base);
    nego_buffer_free(&session->authzid, &host);
    nego_wipe(session, sizeof *session);
    nego_host_free(&host, session);
}

/* ---- Calls ----------------------------------------------------------------------------------- */

static spnego_status refuse(spnego_sasl *session)
{
    session->base.busy = 0;
    note_error(&session->base.error, SPNEGO_ERR_USAGE, SPNEGO_RULE_CALL_OUT_OF_TURN);
    return SPNEGO_ERR_USAGE;
}

spnego_status sasl_begin(spnego_sasl *session, spnego_turn *turn, unsigned states)
{
    const spnego_status status = carrier_enter(&session->base, turn);

    if (status != SPNEGO_COMPLETE)
        return status;
    if (session->pending || !(states & 1u << session->state))
        return refuse(session);
    return SPNEGO_COMPLETE;
}

spnego_status sasl_fail(spnego_sasl *session, spnego_status status, spnego_rule rule, size_t offset)
{
    return carrier_fail(&session->base, status, rule, offset);
}

/* ---- Layers ---------------------------------------------------------------------------------- */

uint32_t sasl_layers_of(uint32_t flags)
{
    uint32_t layers = SPNEGO_SASL_NO_LAYER;

    if (flags & SPNEGO_FLAG_INTEG) {
        layers |= SPNEGO_SASL_INTEGRITY;
        if (flags & SPNEGO_FLAG_CONF)
            layers |= SPNEGO_SASL_CONFIDENTIALITY;
    }
    return layers;
}

uint32_t sasl_strongest(uint32_t layers)
{
    for (uint32_t layer = SPNEGO_SASL_CONFIDENTIALITY; layer != 0; layer >>= 1)
        if (layers & layer)
            return layer;
    return 0;
}

int sasl_take_peer_buffer(spnego_sasl *session, size_t size)
{
    session->peer_buffer = size < session->max_token ? size : session->max_token;
    return session->peer_buffer > session->wrap_overhead;
}

/* GSS-SPNEGO: nothing is said, both sides look at the context.  Who took less than it offers would
 * be out of step with the peer; only a host that has TLS below says beforehand, and its peer knows,
 * that there is no layer. */
static uint32_t layer_of_context(const spnego_sasl *session)
{
    spnego_info info;
    uint32_t layers;

    (void)spnego_context_info(session->base.context, &info);
    layers = sasl_layers_of(info.flags);
    if (session->layers == SPNEGO_SASL_NO_LAYER)
        return SPNEGO_SASL_NO_LAYER;
    return session->layers & sasl_strongest(layers);
}

static spnego_status settle_layer(spnego_sasl *session)
{
    session->layer = layer_of_context(session);
    if (session->layer == 0)
        return sasl_fail(session, SPNEGO_ERR_POLICY, SPNEGO_RULE_SASL_NO_COMMON_LAYER,
                         SPNEGO_NO_OFFSET);
    if (session->layer != SPNEGO_SASL_NO_LAYER &&
        !sasl_take_peer_buffer(session, session->peer_buffer))
        return sasl_fail(session, SPNEGO_ERR_LIMIT, SPNEGO_RULE_SASL_SIZE_TOO_SMALL,
                         SPNEGO_NO_OFFSET);
    return SPNEGO_COMPLETE;
}

/* ---- The exchange ---------------------------------------------------------------------------- */

static void establish(spnego_sasl *session)
{
    session->state = SASL_ESTABLISHED;
    session->base.status = SPNEGO_COMPLETE;
}

spnego_status sasl_authorize_next(spnego_sasl *session)
{
    session->state = SASL_AUTHORIZE;
    session->base.status = SPNEGO_PENDING;
    return SPNEGO_PENDING;
}

/* The mechanism's turn came with the outcome: it must be satisfied, and have nothing more to say.
 */
static spnego_status end_with_token(spnego_sasl *session, spnego_status status, spnego_bytes token)
{
    if (status != SPNEGO_COMPLETE || token.data != NULL)
        return sasl_fail(session, SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_SASL_SUCCESS_TOO_EARLY,
                         SPNEGO_NO_OFFSET);
    if (settle_layer(session) == SPNEGO_COMPLETE)
        establish(session);
    return session->base.status;
}

/* RFC 4752 3.1: the last token, or an empty response if there is none. */
static spnego_status client_goes_on(spnego_sasl *session, spnego_turn *turn, spnego_status status,
                                    spnego_bytes token)
{
    if (session->in_success)
        return end_with_token(session, status, token);
    session->state = SASL_TOKEN;
    if (status == SPNEGO_COMPLETE) {
        session->state = SASL_OFFER;
        if (session->mechanism == SPNEGO_SASL_GSS_SPNEGO) {
            session->state = SASL_OUTCOME;
            if (settle_layer(session) != SPNEGO_COMPLETE)
                return session->base.status;
        }
    }
    turn->out = token.data != NULL ? token : sasl_empty();
    return session->base.status;
}

static spnego_status server_goes_on(spnego_sasl *session, spnego_turn *turn, spnego_status status,
                                    spnego_bytes token)
{
    if (status == SPNEGO_CONTINUE) {
        session->state = SASL_TOKEN;
        turn->out = token.data != NULL ? token : sasl_empty();
        return session->base.status;
    }
    if (session->mechanism == SPNEGO_SASL_GSS_SPNEGO) {
        if (settle_layer(session) != SPNEGO_COMPLETE)
            return session->base.status;
        session->last_token = token;
        return sasl_authorize_next(session);
    }
    /* RFC 4752 3.2: what the mechanism has still to say goes before the offer. */
    if (token.data == NULL)
        return sasl_gssapi_offer(session, turn);
    session->state = SASL_LAST_RESPONSE;
    turn->out = token;
    return session->base.status;
}

static spnego_status go_on(spnego_sasl *session, spnego_turn *turn, spnego_status status,
                           spnego_bytes token)
{
    session->pending = status == SPNEGO_PENDING;
    if (status < 0)
        return carrier_fail_as(&session->base, spnego_context_error(session->base.context));
    session->base.status = session->pending ? SPNEGO_PENDING : SPNEGO_CONTINUE;
    if (session->pending)
        return SPNEGO_PENDING;
    return session->role == SPNEGO_INITIATOR ? client_goes_on(session, turn, status, token)
                                             : server_goes_on(session, turn, status, token);
}

static spnego_status take_token(spnego_sasl *session, spnego_turn *turn, spnego_bytes in)
{
    spnego_bytes token;
    const spnego_status status = spnego_context_step(session->base.context, &token, in);

    return go_on(session, turn, status, token);
}

spnego_status spnego_sasl_start(spnego_sasl *session, spnego_turn *turn, spnego_bytes initial)
{
    const spnego_status status = sasl_begin(session, turn, 1u << SASL_START);

    if (status != SPNEGO_COMPLETE)
        return status;
    if (session->role == SPNEGO_INITIATOR && initial.data != NULL)
        return refuse(session);
    if (session->role == SPNEGO_INITIATOR && session->no_initial) {
        session->state = SASL_FIRST_CHALLENGE;
    } else if (session->role == SPNEGO_ACCEPTOR && initial.data == NULL) {
        /* RFC 4422 3: the client goes first, so it is asked to. */
        session->state = SASL_TOKEN;
        turn->out = sasl_empty();
    } else {
        (void)take_token(session, turn, initial);
    }
    return carrier_leave(&session->base);
}

static spnego_status take_first_challenge(spnego_sasl *session, spnego_turn *turn, spnego_bytes in)
{
    if (in.len != 0)
        return sasl_fail(session, SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_SASL_CHALLENGE_UNEXPECTED, 0);
    return take_token(session, turn, bytes_absent());
}

static spnego_status take_last_response(spnego_sasl *session, spnego_turn *turn, spnego_bytes in)
{
    if (in.len != 0)
        return sasl_fail(session, SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_SASL_RESPONSE_SURPLUS, 0);
    if (session->mechanism == SPNEGO_SASL_GSSAPI)
        return sasl_gssapi_offer(session, turn);
    establish(session);
    return SPNEGO_COMPLETE;
}

static void step(spnego_sasl *session, spnego_turn *turn, spnego_bytes message)
{
    switch (session->state) {
    case SASL_FIRST_CHALLENGE:
        (void)take_first_challenge(session, turn, message);
        return;
    case SASL_TOKEN:
        (void)take_token(session, turn, message.data != NULL ? message : sasl_empty());
        return;
    case SASL_OFFER:
        (void)sasl_gssapi_take_offer(session, turn, message);
        return;
    case SASL_LAST_RESPONSE:
        (void)take_last_response(session, turn, message);
        return;
    case SASL_REPLY:
        (void)sasl_gssapi_take_reply(session, message);
        return;
    case SASL_OUTCOME:
        (void)sasl_fail(session, SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_SASL_CHALLENGE_UNEXPECTED, 0);
        return;
    case SASL_START:
    case SASL_AUTHORIZE:
    case SASL_ESTABLISHED:
        return; /* sasl_begin has refused */
    }
}

spnego_status spnego_sasl_step(spnego_sasl *session, spnego_turn *turn, spnego_bytes message)
{
    const spnego_status status =
        sasl_begin(session, turn,
                   1u << SASL_FIRST_CHALLENGE | 1u << SASL_TOKEN | 1u << SASL_OFFER |
                       1u << SASL_LAST_RESPONSE | 1u << SASL_REPLY | 1u << SASL_OUTCOME);

    if (status != SPNEGO_COMPLETE)
        return status;
    step(session, turn, message);
    return carrier_leave(&session->base);
}

spnego_status spnego_sasl_resume(spnego_sasl *session, spnego_turn *turn)
{
    spnego_status status = carrier_enter(&session->base, turn);
    spnego_bytes token;

    if (status != SPNEGO_COMPLETE)
        return status;
    if (!session->pending)
        return refuse(session);
    status = spnego_context_resume(session->base.context, &token);
    (void)go_on(session, turn, status, token);
    return carrier_leave(&session->base);
}

/* ---- How it ends ----------------------------------------------------------------------------- */

spnego_status spnego_sasl_authorize(spnego_sasl *session, spnego_turn *turn, int allowed)
{
    const spnego_status status = sasl_begin(session, turn, 1u << SASL_AUTHORIZE);

    if (status != SPNEGO_COMPLETE)
        return status;
    if (!allowed) {
        (void)sasl_fail(session, SPNEGO_ERR_POLICY, SPNEGO_RULE_SASL_NOT_AUTHORIZED,
                        SPNEGO_NO_OFFSET);
        return carrier_leave(&session->base);
    }
    turn->out = session->last_token;
    if (session->no_success_data && session->last_token.data != NULL) {
        session->state = SASL_LAST_RESPONSE;
        session->base.status = SPNEGO_CONTINUE;
    } else {
        establish(session);
    }
    return carrier_leave(&session->base);
}

static void take_outcome(spnego_sasl *session, spnego_turn *turn, spnego_bytes data)
{
    if (session->state == SASL_OUTCOME && data.len == 0) {
        establish(session);
    } else if (session->state == SASL_OUTCOME) {
        (void)sasl_fail(session, SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_SASL_SUCCESS_DATA_SURPLUS, 0);
    } else if (session->state == SASL_TOKEN && session->mechanism == SPNEGO_SASL_GSS_SPNEGO &&
               data.data != NULL) {
        session->in_success = 1;
        (void)take_token(session, turn, data);
    } else {
        /* GSSAPI has its layers to agree on before, and nothing comes with its success. */
        (void)sasl_fail(session, SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_SASL_SUCCESS_TOO_EARLY,
                        SPNEGO_NO_OFFSET);
    }
}

spnego_status spnego_sasl_outcome(spnego_sasl *session, spnego_turn *turn, int success,
                                  spnego_bytes data)
{
    const spnego_status status = sasl_begin(session, turn,
                                            1u << SASL_FIRST_CHALLENGE | 1u << SASL_TOKEN |
                                                1u << SASL_OFFER | 1u << SASL_OUTCOME);

    if (status != SPNEGO_COMPLETE)
        return status;
    if (session->role != SPNEGO_INITIATOR)
        return refuse(session);
    if (success)
        take_outcome(session, turn, data);
    else
        (void)sasl_fail(session, SPNEGO_ERR_REJECTED, SPNEGO_RULE_SASL_PEER_FAILED,
                        SPNEGO_NO_OFFSET);
    return carrier_leave(&session->base);
}

/* ---- Looking at it --------------------------------------------------------------------------- */

spnego_bytes spnego_sasl_authzid(const spnego_sasl *session)
{
    return nego_buffer_view(&session->authzid);
}

const spnego_error *spnego_sasl_error(const spnego_sasl *session)
{
    return &session->base.error;
}

const char *spnego_sasl_state(const spnego_sasl *session)
{
    static const char *const states[] = {"start",     "first-challenge", "token",
                                         "offer",     "last-response",   "reply",
                                         "authorize", "outcome",         "established"};

    return session->base.status < 0 ? "failed" : states[session->state];
}

int spnego_sasl_get_info(const spnego_sasl *session, spnego_sasl_info *out_info)
{
    memset(out_info, 0, sizeof *out_info);
    if (session->base.status < 0 || session->state != SASL_ESTABLISHED)
        return 0;
    out_info->layer = session->layer;
    out_info->tolerated = session->tolerated;
    if (session->layer != SPNEGO_SASL_NO_LAYER) {
        out_info->max_buffer = session->max_buffer;
        out_info->peer_buffer = session->peer_buffer;
        out_info->max_data = session->peer_buffer - session->wrap_overhead;
    }
    return 1;
}

const spnego_context *spnego_sasl_context(const spnego_sasl *session)
{
    return session->base.context;
}
