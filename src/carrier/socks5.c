#include "carrier/socks5_session.h"

#include "base/bytes.h"

/* The greeting, its answer, or a frame: what the state awaits. */
typedef struct socks5_unit {
    spnego_bytes methods;
    uint8_t method;
    spnego_socks5_frame frame;
} socks5_unit;

/* ---- Saying ---------------------------------------------------------------------------------- */

spnego_status socks5_enter(spnego_socks5 *session, spnego_turn *turn)
{
    return carrier_enter(&session->base, turn);
}

spnego_status socks5_leave(spnego_socks5 *session, spnego_turn *turn)
{
    if (session->base.out.len != 0)
        turn->out = nego_buffer_view(&session->base.out);
    return carrier_leave(&session->base);
}

spnego_status socks5_report(spnego_socks5 *session, const spnego_error *error)
{
    session->base.error = *error;
    session->base.busy = 0;
    return error->status;
}

spnego_error socks5_error_of(spnego_status status, spnego_rule rule, size_t offset)
{
    spnego_error error;

    memset(&error, 0, sizeof error);
    error.status = status;
    error.rule = rule;
    error.offset = offset;
    return error;
}

spnego_status socks5_refuse(spnego_socks5 *session, spnego_rule rule)
{
    const spnego_error error = socks5_error_of(SPNEGO_ERR_USAGE, rule, SPNEGO_NO_OFFSET);

    return socks5_report(session, &error);
}

/* All of it or nothing. */
static int put(spnego_socks5 *session, spnego_bytes head, spnego_bytes rest)
{
    carrier_session *base = &session->base;

    return nego_buffer_room(&base->out, &base->host, head.len + rest.len) &&
           carrier_put(base, head) && (rest.len == 0 || carrier_put(base, rest));
}

static int put_frame(spnego_socks5 *session, int type, spnego_bytes token)
{
    uint8_t octets[SPNEGO_SOCKS5_HEAD_LEN];
    spnego_bytes head = {octets, spnego_socks5_head_write(octets, type, token.len)};

    return head.len != 0 && put(session, head, token);
}

/* A server refuses as long as the client waits for its word (RFC 1928 3, RFC 1961 3.8).  A client
 * just closes (RFC 1961 3.5, 4.4), as do both later. */
static void put_refusal(spnego_socks5 *session)
{
    static const uint8_t none_acceptable[] = {5, SPNEGO_SOCKS5_METHOD_NONE_ACCEPTABLE};
    const spnego_bytes selection = {none_acceptable, sizeof none_acceptable};

    if (!session->is_server)
        return;
    if (session->state == SOCKS5_GREETING)
        (void)put(session, selection, bytes_absent());
    if (session->state == SOCKS5_TOKEN || session->state == SOCKS5_PROTECTION)
        (void)put_frame(session, SPNEGO_SOCKS5_ABORT, bytes_absent());
}

void socks5_give_up(spnego_socks5 *session, const spnego_error *error, spnego_bytes last_token)
{
    nego_buffer_clear(&session->base.out);
    if (last_token.len != 0)
        (void)put_frame(session, SPNEGO_SOCKS5_AUTHENTICATION, last_token);
    put_refusal(session);
    session->state = SOCKS5_FAILED;
    (void)carrier_fail_as(&session->base, error);
}

void socks5_fail(spnego_socks5 *session, spnego_status status, spnego_rule rule, size_t offset)
{
    const spnego_error error = socks5_error_of(status, rule, offset);

    socks5_give_up(session, &error, bytes_absent());
}

static void fail_without_memory(spnego_socks5 *session)
{
    socks5_fail(session, SPNEGO_ERR_NO_MEMORY, SPNEGO_RULE_MEMORY_EXHAUSTED, SPNEGO_NO_OFFSET);
}

int socks5_say(spnego_socks5 *session, int type, spnego_bytes token)
{
    if (token.len > SPNEGO_SOCKS5_MAX_TOKEN)
        socks5_fail(session, SPNEGO_ERR_LIMIT, SPNEGO_RULE_SOCKS5_TOKEN_TOO_LONG, SPNEGO_NO_OFFSET);
    else if (!put_frame(session, type, token))
        fail_without_memory(session);
    return session->state != SOCKS5_FAILED;
}

int socks5_say_wrapped(spnego_socks5 *session, int type, spnego_bytes message, int conf)
{
    spnego_bytes token;
    spnego_error error;

    if (carrier_wrap(&session->base, &token, &error, message, conf) != SPNEGO_COMPLETE) {
        socks5_give_up(session, &error, bytes_absent());
        return 0;
    }
    return socks5_say(session, type, token);
}

/* ---- Authentication -------------------------------------------------------------------------- */

/* The negotiation counts from the token's first octet. */
static void negotiation_failed(spnego_socks5 *session, spnego_bytes last_token)
{
    spnego_error error = *spnego_context_error(session->base.context);

    if (error.offset != SPNEGO_NO_OFFSET)
        error.offset += SPNEGO_SOCKS5_HEAD_LEN;
    socks5_give_up(session, &error, last_token);
}

static void after_step(spnego_socks5 *session, spnego_status status, spnego_bytes token)
{
    if (status < 0) {
        negotiation_failed(session, token);
        return;
    }
    session->base.status = status == SPNEGO_PENDING ? SPNEGO_PENDING : SPNEGO_CONTINUE;
    if (status == SPNEGO_PENDING)
        return;
    /* A server that is complete and has no token says so by an empty one (RFC 1961 3.6); a client
     * goes on (3.3). */
    if ((token.len != 0 || status == SPNEGO_CONTINUE || session->is_server) &&
        !socks5_say(session, SPNEGO_SOCKS5_AUTHENTICATION, token))
        return;
    if (status == SPNEGO_COMPLETE) {
        session->state = SOCKS5_PROTECTION;
        if (!session->is_server)
            (void)socks5_say_level(session, session->own_level);
    }
}

static void step(spnego_socks5 *session, spnego_bytes in)
{
    spnego_bytes token;
    const spnego_status status = spnego_context_step(session->base.context, &token, in);

    after_step(session, status, token);
}

static void take_greeting(spnego_socks5 *session, spnego_bytes methods)
{
    static const uint8_t octets[] = {5, SPNEGO_SOCKS5_METHOD_GSSAPI};
    const spnego_bytes selection = {octets, sizeof octets};

    if (memchr(methods.data, SPNEGO_SOCKS5_METHOD_GSSAPI, methods.len) == NULL)
        socks5_fail(session, SPNEGO_ERR_NO_MECH, SPNEGO_RULE_SOCKS5_NO_METHOD, 2);
    else if (!put(session, selection, bytes_absent()))
        fail_without_memory(session);
    else
        session->state = SOCKS5_TOKEN;
}

/* With any other method than the one that was offered everything would go in the clear. */
static void take_selection(spnego_socks5 *session, uint8_t method)
{
    if (method == SPNEGO_SOCKS5_METHOD_NONE_ACCEPTABLE) {
        socks5_fail(session, SPNEGO_ERR_REJECTED, SPNEGO_RULE_SOCKS5_NO_METHOD, 1);
    } else if (method != SPNEGO_SOCKS5_METHOD_GSSAPI) {
        socks5_fail(session, SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_SOCKS5_METHOD_NOT_OFFERED, 1);
    } else {
        session->state = SOCKS5_TOKEN;
        step(session, bytes_absent());
    }
}

/* ---- What arrives ---------------------------------------------------------------------------- */

static spnego_status read_unit(const spnego_socks5 *session, socks5_unit *unit, size_t *want,
                               spnego_error *error, spnego_bytes octets)
{
    switch (session->state) {
    case SOCKS5_GREETING:
        return spnego_socks5_greeting_read(&unit->methods, want, error, octets);
    case SOCKS5_SELECTION:
        return spnego_socks5_selection_read(&unit->method, want, error, octets);
    default:
        return spnego_socks5_frame_read(&unit->frame, want, error, octets);
    }
}

/* Asked as soon as the type is there, so that no token is waited for in vain.  0: no frame, or its
 * type is not known yet. */
static int is_expected(const spnego_socks5 *session, int type)
{
    if (type == 0)
        return 1;
    if (type == SPNEGO_SOCKS5_ABORT) /* a server's word, at any time */
        return !session->is_server;
    switch (session->state) {
    case SOCKS5_TOKEN:
        return type == SPNEGO_SOCKS5_AUTHENTICATION;
    case SOCKS5_PROTECTION:
        return type == SPNEGO_SOCKS5_PROTECTION || (type == SPNEGO_SOCKS5_AUTHENTICATION &&
                                                    !session->is_server && !session->heard_ready);
    default:
        return type == SPNEGO_SOCKS5_DATA;
    }
}

static void take_frame(spnego_socks5 *session, spnego_turn *turn, const spnego_socks5_frame *frame)
{
    if (frame->type == SPNEGO_SOCKS5_ABORT)
        socks5_fail(session, SPNEGO_ERR_REJECTED, SPNEGO_RULE_SOCKS5_ABORTED, 1);
    else if (session->state == SOCKS5_TOKEN)
        step(session, frame->token);
    else if (session->state == SOCKS5_DATA)
        socks5_take_data(session, turn, frame->token);
    else if (frame->type == SPNEGO_SOCKS5_PROTECTION)
        socks5_take_level(session, frame->token);
    else if (frame->token.len != 0) /* the mechanism is complete */
        socks5_fail(session, SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_SOCKS5_TYPE_UNEXPECTED, 1);
    else
        session->heard_ready = 1; /* RFC 1961 3.6 */
}

static void take_unit(spnego_socks5 *session, spnego_turn *turn, const socks5_unit *unit)
{
    switch (session->state) {
    case SOCKS5_GREETING:
        take_greeting(session, unit->methods);
        break;
    case SOCKS5_SELECTION:
        take_selection(session, unit->method);
        break;
    default:
        take_frame(session, turn, &unit->frame);
    }
}

/* `want` grows with each round: to a head, then to what that says. */
static void arrive(spnego_socks5 *session, spnego_turn *turn, spnego_bytes in)
{
    spnego_status status = SPNEGO_CONTINUE;
    spnego_bytes octets;
    spnego_error error;
    socks5_unit unit;
    size_t want = 1;

    memset(&unit, 0, sizeof unit);
    while (status == SPNEGO_CONTINUE) {
        const int have = carrier_have(&session->base, turn, &octets, in, want);

        if (have < 0)
            fail_without_memory(session);
        if (have <= 0)
            return;
        status = read_unit(session, &unit, &want, &error, octets);
        if (status >= 0 && !is_expected(session, unit.frame.type)) {
            error = socks5_error_of(SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_SOCKS5_TYPE_UNEXPECTED, 1);
            status = error.status;
        }
    }
    if (status < 0) {
        socks5_give_up(session, &error, bytes_absent());
        return;
    }
    carrier_take(&session->base, turn, octets);
    take_unit(session, turn, &unit);
}

/* ---- Calls ----------------------------------------------------------------------------------- */

spnego_status spnego_socks5_start(spnego_socks5 *session, spnego_turn *turn)
{
    static const uint8_t octets[] = {5, 1, SPNEGO_SOCKS5_METHOD_GSSAPI};
    const spnego_bytes greeting = {octets, sizeof octets};
    const spnego_status status = socks5_enter(session, turn);

    if (status != SPNEGO_COMPLETE)
        return status;
    if (session->state != SOCKS5_START)
        return socks5_refuse(session, SPNEGO_RULE_CALL_OUT_OF_TURN);
    if (session->options & SPNEGO_SOCKS5_OPTION_GREETING) {
        session->state = SOCKS5_SELECTION;
        if (!put(session, greeting, bytes_absent()))
            fail_without_memory(session);
    } else {
        session->state = SOCKS5_TOKEN;
        step(session, bytes_absent());
    }
    return socks5_leave(session, turn);
}

spnego_status spnego_socks5_receive(spnego_socks5 *session, spnego_turn *turn, spnego_bytes in)
{
    const spnego_status status = socks5_enter(session, turn);

    if (status != SPNEGO_COMPLETE)
        return status;
    if (session->state == SOCKS5_START || session->base.status == SPNEGO_PENDING)
        return socks5_refuse(session, SPNEGO_RULE_CALL_OUT_OF_TURN);
    if (in.len == 0)
        return socks5_leave(session, turn);
    if (session->state == SOCKS5_DATA && session->level == SPNEGO_SOCKS5_LEVEL_NONE) {
        turn->data = in;
        turn->taken = in.len;
    } else {
        arrive(session, turn, in);
    }
    return socks5_leave(session, turn);
}

spnego_status spnego_socks5_resume(spnego_socks5 *session, spnego_turn *turn)
{
    const spnego_status status = socks5_enter(session, turn);
    spnego_status resumed;
    spnego_bytes token;

    if (status != SPNEGO_COMPLETE)
        return status;
    if (session->base.status != SPNEGO_PENDING)
        return socks5_refuse(session, SPNEGO_RULE_CALL_OUT_OF_TURN);
    resumed = spnego_context_resume(session->base.context, &token);
    after_step(session, resumed, token);
    return socks5_leave(session, turn);
}

spnego_status spnego_socks5_end(spnego_socks5 *session, spnego_turn *turn)
{
    const spnego_status status = socks5_enter(session, turn);
    const size_t num_held = session->base.in.len;

    if (status != SPNEGO_COMPLETE)
        return status;
    if (session->state != SOCKS5_DATA || !carrier_is_between(&session->base))
        socks5_fail(session, SPNEGO_ERR_IO, SPNEGO_RULE_SOCKS5_STREAM_ENDED,
                    num_held != 0 ? num_held : SPNEGO_NO_OFFSET);
    return socks5_leave(session, turn);
}

spnego_status spnego_socks5_close(spnego_socks5 *session, spnego_turn *turn)
{
    const spnego_status status = socks5_enter(session, turn);

    if (status != SPNEGO_COMPLETE)
        return status;
    put_refusal(session);
    session->state = SOCKS5_CLOSED;
    (void)carrier_fail(&session->base, SPNEGO_ERR_USAGE, SPNEGO_RULE_CALL_OUT_OF_TURN,
                       SPNEGO_NO_OFFSET);
    (void)socks5_leave(session, turn);
    return SPNEGO_COMPLETE;
}

/* ---- Looking --------------------------------------------------------------------------------- */

const spnego_error *spnego_socks5_error(const spnego_socks5 *session)
{
    return &session->base.error;
}

const char *spnego_socks5_state(const spnego_socks5 *session)
{
    static const char *const names[] = {"start",      "greeting", "selection", "token",
                                        "protection", "data",     "failed",    "closed"};

    return names[session->state];
}

int spnego_socks5_get_info(const spnego_socks5 *session, spnego_socks5_info *out_info)
{
    memset(out_info, 0, sizeof *out_info);
    if (session->state != SOCKS5_DATA)
        return 0;
    out_info->level = session->level;
    out_info->confidential = session->confidential;
    return spnego_context_info(session->base.context, &out_info->negotiation);
}

/* ---- Making ---------------------------------------------------------------------------------- */

void spnego_socks5_config_init(spnego_socks5_config *config, size_t struct_size)
{
    memset(config, 0, struct_size);
    config->struct_size = struct_size;
}

static const uint32_t all_options = SPNEGO_SOCKS5_OPTION_GREETING | SPNEGO_SOCKS5_OPTION_SPNEGO |
                                    SPNEGO_SOCKS5_OPTION_NEC | SPNEGO_SOCKS5_OPTION_NO_PROTECTION |
                                    SPNEGO_SOCKS5_OPTION_DELEGATE | SPNEGO_SOCKS5_OPTION_UDP;

static int is_view(spnego_bytes view)
{
    return view.data != NULL || view.len == 0;
}

static int set_up(spnego_socks5 *session, const spnego_socks5_config *config)
{
    const spnego_config *negotiation = config->negotiation;
    const size_t max_token = negotiation->limits.max_token;
    const size_t frame =
        max_token == 0 || max_token > SPNEGO_SOCKS5_MAX_TOKEN ? SPNEGO_SOCKS5_MAX_TOKEN : max_token;

    session->is_server = negotiation->role == SPNEGO_ACCEPTOR;
    session->options = config->options;
    session->max_plaintext =
        config->max_plaintext != 0 ? config->max_plaintext : frame - frame / 16;
    session->state = SOCKS5_START;
    if (session->is_server)
        session->state =
            config->options & SPNEGO_SOCKS5_OPTION_GREETING ? SOCKS5_GREETING : SOCKS5_TOKEN;
    return socks5_set_levels(session, config);
}

static int good_config(const spnego_socks5_config *config)
{
    /* Tokens in pieces would need empty frames where RFC 1961 gives those a meaning. */
    return config->struct_size == sizeof *config && carrier_good_negotiation(config->negotiation) &&
           (config->options & ~all_options) == 0 && is_view(config->target) &&
           is_view(config->channel_bindings) && config->max_plaintext <= SPNEGO_SOCKS5_MAX_TOKEN;
}

static spnego_status open_session(spnego_socks5 *session, const spnego_socks5_config *config)
{
    spnego_config negotiation = *config->negotiation;
    carrier_terms terms;

    memset(&terms, 0, sizeof terms);
    /* The client speaks first (RFC 1961 3.4): no empty token asks for hints. */
    negotiation.quirks &= ~SPNEGO_QUIRK_SEND_HINTS;
    terms.negotiation = &negotiation;
    terms.options = config->options & SPNEGO_SOCKS5_OPTION_SPNEGO ? 0 : SPNEGO_OPTION_BARE;
    terms.required_flags = socks5_flags_to_require(session);
    terms.request.flags = socks5_flags_to_ask_for(session);
    terms.request.target = config->target;
    terms.request.channel_bindings = config->channel_bindings;
    return carrier_open(&session->base, &terms);
}

static spnego_status decline(spnego_error *out_error, spnego_status status, spnego_rule rule)
{
    if (out_error != NULL)
        *out_error = socks5_error_of(status, rule, SPNEGO_NO_OFFSET);
    return status;
}

spnego_status spnego_socks5_create(spnego_socks5 **out_session, spnego_error *out_error,
                                   const spnego_socks5_config *config)
{
    nego_host host = {NULL, NULL, NULL, NULL, NULL};
    spnego_socks5 *session, set;
    spnego_status status;

    *out_session = NULL;
    memset(&set, 0, sizeof set);
    if (!good_config(config) || !set_up(&set, config))
        return decline(out_error, SPNEGO_ERR_USAGE, SPNEGO_RULE_CALL_BAD_ARGUMENT);
    host.user = config->negotiation->user;
    host.alloc = config->negotiation->alloc;
    host.dealloc = config->negotiation->dealloc;
    session = nego_host_alloc(&host, sizeof *session);
    if (session == NULL)
        return decline(out_error, SPNEGO_ERR_NO_MEMORY, SPNEGO_RULE_MEMORY_EXHAUSTED);
    *session = set;
    status = open_session(session, config);
    if (status == SPNEGO_COMPLETE) {
        *out_session = session;
        return status;
    }
    if (out_error != NULL)
        *out_error = session->base.error;
    nego_wipe(session, sizeof *session);
    nego_host_free(&host, session);
    return status;
}

void spnego_socks5_destroy(spnego_socks5 *session)
{
    nego_host host;

    if (session == NULL || session->base.busy)
        return;
    host = session->base.host;
    carrier_close(&session->base);
    nego_wipe(session, sizeof *session);
    nego_host_free(&host, session);
}
