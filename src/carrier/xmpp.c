#include <spnego/xmpp.h>

#include "base/bytes.h"
#include "carrier/sasl_session.h"
#include "carrier/xmpp_text.h"

#include <string.h>

enum { DEFAULT_MAX_ATTEMPTS = 3, DEFAULT_MAX_TEXT = 87384 };

typedef enum xmpp_state {
    XMPP_CHOOSE,   /* client: the host begins an attempt, or not         */
    XMPP_AUTH,     /* server: <auth/>                                    */
    XMPP_BEGIN,    /* server: the host's mechanisms for it               */
    XMPP_EXCHANGE, /* an attempt is under way                            */
    XMPP_ABORT,    /* client: <failure/>, after its <abort/>             */
    XMPP_ESTABLISHED
} xmpp_state;

struct spnego_xmpp {
    nego_host host;
    spnego_role role;
    uint32_t mechanisms; /* server: bits 1 << spnego_sasl_mechanism */
    unsigned max_attempts;
    unsigned num_attempts;
    uint32_t tolerate;
    size_t max_text;
    xmpp_state state;
    spnego_status status; /* CONTINUE, PENDING, COMPLETE, or what it failed with */
    uint8_t busy;
    uint8_t auth_due;   /* client: <auth/> is not sent yet               */
    uint8_t in_success; /* client: the server has said that it succeeded */
    spnego_error error;
    spnego_xmpp_condition peer_condition;
    spnego_sasl_mechanism mechanism;
    spnego_sasl *sasl;
    spnego_bytes initial; /* what came with <auth/>; a view of `data` */
    nego_buffer data;     /* the peer's text, decoded                 */
    nego_buffer text;     /* ours, encoded                            */
};

/* ---- Making one ------------------------------------------------------------------------------ */

void spnego_xmpp_config_init(spnego_xmpp_config *config, size_t struct_size, spnego_role role)
{
    memset(config, 0, struct_size);
    config->struct_size = struct_size;
    config->role = role;
}

static int is_valid(const spnego_xmpp_config *config)
{
    if (config->struct_size != sizeof *config ||
        (config->role != SPNEGO_INITIATOR && config->role != SPNEGO_ACCEPTOR) ||
        (config->alloc == NULL) != (config->dealloc == NULL) ||
        (config->tolerate &
         ~(SPNEGO_BASE64_UNPADDED | SPNEGO_BASE64_PAD_BITS | SPNEGO_XMPP_TAKE_EQUALS)) != 0)
        return 0;
    for (size_t i = 0; i < config->num_mechanisms; i++)
        if (spnego_sasl_name(config->mechanisms[i])[0] == '\0')
            return 0;
    return config->role == SPNEGO_INITIATOR || config->num_mechanisms != 0;
}

static void fill(spnego_xmpp *session, const spnego_xmpp_config *config)
{
    session->role = config->role;
    for (size_t i = 0; i < config->num_mechanisms; i++)
        session->mechanisms |= 1u << config->mechanisms[i];
    session->max_attempts = config->max_attempts != 0 ? config->max_attempts : DEFAULT_MAX_ATTEMPTS;
    session->max_text = config->max_text != 0 ? config->max_text : DEFAULT_MAX_TEXT;
    session->tolerate = config->tolerate;
    session->state = config->role == SPNEGO_INITIATOR ? XMPP_CHOOSE : XMPP_AUTH;
    session->status = SPNEGO_CONTINUE;
    session->error.offset = SPNEGO_NO_OFFSET;
    nego_buffer_init(&session->data, NULL, 0);
    nego_buffer_init(&session->text, NULL, 0);
}

spnego_status spnego_xmpp_create(spnego_xmpp **out_session, const spnego_xmpp_config *config)
{
    spnego_xmpp *session;
    nego_host host;

    *out_session = NULL;
    if (!is_valid(config))
        return SPNEGO_ERR_USAGE;
    memset(&host, 0, sizeof host);
    host.user = config->user;
    host.alloc = config->alloc;
    host.dealloc = config->dealloc;
    session = nego_host_alloc(&host, sizeof *session);
    if (session == NULL)
        return SPNEGO_ERR_NO_MEMORY;
    memset(session, 0, sizeof *session);
    session->host = host;
    fill(session, config);
    *out_session = session;
    return SPNEGO_COMPLETE;
}

void spnego_xmpp_destroy(spnego_xmpp *session)
{
    nego_host host;

    /* A callback may also be one of the stream's. */
    if (session == NULL || session->busy || (session->sasl != NULL && session->sasl->base.busy))
        return;
    session->busy = 1; /* the mechanism that is told may call back */
    host = session->host;
    spnego_sasl_destroy(session->sasl);
    nego_buffer_free(&session->data, &host);
    nego_buffer_free(&session->text, &host);
    nego_wipe(session, sizeof *session);
    nego_host_free(&host, session);
}

/* ---- Calls ----------------------------------------------------------------------------------- */

static spnego_status end_with(spnego_xmpp *session, spnego_status status, spnego_rule rule,
                              size_t offset)
{
    memset(&session->error, 0, sizeof session->error);
    session->error.status = status;
    session->error.rule = rule;
    session->error.offset = offset;
    return status;
}

static spnego_status refuse(spnego_xmpp *session)
{
    session->busy = 0;
    return end_with(session, SPNEGO_ERR_USAGE, SPNEGO_RULE_CALL_OUT_OF_TURN, SPNEGO_NO_OFFSET);
}

static spnego_status enter(spnego_xmpp *session, spnego_xmpp_element *out)
{
    memset(out, 0, sizeof *out);
    if (session->busy)
        return SPNEGO_ERR_USAGE;
    if (session->status < 0)
        return session->status;
    nego_buffer_clear(&session->text);
    session->busy = 1;
    return SPNEGO_COMPLETE;
}

static spnego_status leave(spnego_xmpp *session)
{
    session->busy = 0;
    return session->status;
}

static void discard(spnego_xmpp *session)
{
    spnego_sasl_destroy(session->sasl);
    session->sasl = NULL;
    session->initial = bytes_absent();
    nego_buffer_clear(&session->data);
}

/* The session is over; session->error says why. */
static void fail(spnego_xmpp *session)
{
    discard(session);
    session->status = session->error.status;
}

static void fail_by_rule(spnego_xmpp *session, spnego_status status, spnego_rule rule)
{
    (void)end_with(session, status, rule, SPNEGO_NO_OFFSET);
    fail(session);
}

/* ---- How an attempt ends --------------------------------------------------------------------- */

/* RFC 6120 6.4.5: some retries, not any number. */
static void wait_for_auth(spnego_xmpp *session)
{
    session->state = XMPP_AUTH;
    session->status = SPNEGO_CONTINUE;
    if (session->num_attempts >= session->max_attempts)
        fail_by_rule(session, SPNEGO_ERR_LIMIT, SPNEGO_RULE_XMPP_ATTEMPTS_SPENT);
}

/* A server's: session->error says why. */
static void refuse_attempt(spnego_xmpp *session, spnego_xmpp_element *out)
{
    out->name = SPNEGO_XMPP_FAILURE;
    out->condition = spnego_xmpp_condition_of(&session->error);
    /* RFC 6120 6.3.8: an identity that was asked for, and not granted. */
    if (session->error.rule == SPNEGO_RULE_SASL_NOT_AUTHORIZED && session->sasl != NULL &&
        spnego_sasl_authzid(session->sasl).data != NULL)
        out->condition = SPNEGO_XMPP_INVALID_AUTHZID;
    discard(session);
    wait_for_auth(session);
}

/* A client's: the server still waits. */
static void abort_attempt(spnego_xmpp *session, spnego_xmpp_element *out)
{
    out->name = SPNEGO_XMPP_ABORT;
    discard(session);
    session->state = XMPP_ABORT;
    session->status = SPNEGO_CONTINUE;
}

/* session->error says why.  A client has nothing to abort before <auth/>, and nothing left to abort
 * behind <success/>. */
static void end_attempt(spnego_xmpp *session, spnego_xmpp_element *out)
{
    if (session->role == SPNEGO_ACCEPTOR) {
        refuse_attempt(session, out);
    } else if (session->in_success) {
        fail(session);
    } else if (session->auth_due) {
        discard(session);
        session->state = XMPP_CHOOSE;
        session->status = SPNEGO_CONTINUE;
    } else {
        abort_attempt(session, out);
    }
}

/* ---- What SASL gave -------------------------------------------------------------------------- */

static void write_data(spnego_xmpp *session, spnego_xmpp_element *out, spnego_xmpp_name name,
                       spnego_bytes data)
{
    out->name = name;
    if (xmpp_text_write(out, &session->text, &session->host, data))
        return;
    memset(out, 0, sizeof *out);
    fail_by_rule(session, SPNEGO_ERR_NO_MEMORY, SPNEGO_RULE_MEMORY_EXHAUSTED);
}

static void write_auth(spnego_xmpp *session, spnego_xmpp_element *out, spnego_bytes initial)
{
    const char *const name = spnego_sasl_name(session->mechanism);

    session->auth_due = 0;
    write_data(session, out, SPNEGO_XMPP_AUTH, initial);
    out->mechanism.data = (const uint8_t *)name;
    out->mechanism.len = strlen(name);
}

static void give(spnego_xmpp *session, spnego_xmpp_element *out, spnego_status status,
                 const spnego_turn *turn)
{
    session->status = status;
    if (status == SPNEGO_COMPLETE)
        session->state = XMPP_ESTABLISHED;
    if (status == SPNEGO_PENDING)
        return;
    if (session->role == SPNEGO_ACCEPTOR)
        write_data(session, out,
                   status == SPNEGO_COMPLETE ? SPNEGO_XMPP_SUCCESS : SPNEGO_XMPP_CHALLENGE,
                   turn->out);
    else if (session->auth_due)
        write_auth(session, out, turn->out);
    else if (status == SPNEGO_CONTINUE)
        write_data(session, out, SPNEGO_XMPP_RESPONSE, turn->out);
}

static void take_result(spnego_xmpp *session, spnego_xmpp_element *out, spnego_status status,
                        const spnego_turn *turn)
{
    if (status < 0) {
        session->error = *spnego_sasl_error(session->sasl);
        end_attempt(session, out);
    } else {
        give(session, out, status, turn);
    }
}

/* ---- Beginning ------------------------------------------------------------------------------- */

static int is_ours(const spnego_xmpp *session, const spnego_sasl_config *config)
{
    return config->negotiation != NULL && config->negotiation->role == session->role &&
           !config->no_initial && !config->no_success_data &&
           (session->role == SPNEGO_INITIATOR || config->mechanism == session->mechanism);
}

static void begin_exchange(spnego_xmpp *session, spnego_xmpp_element *out)
{
    spnego_turn turn;
    spnego_status status;

    (void)end_with(session, SPNEGO_COMPLETE, SPNEGO_RULE_NONE, SPNEGO_NO_OFFSET);
    session->state = XMPP_EXCHANGE;
    session->auth_due = session->role == SPNEGO_INITIATOR;
    session->in_success = 0;
    status = spnego_sasl_start(session->sasl, &turn, session->initial);
    take_result(session, out, status, &turn);
}

spnego_status spnego_xmpp_begin(spnego_xmpp *session, spnego_xmpp_element *out,
                                const spnego_sasl_config *config)
{
    spnego_status status = enter(session, out);
    spnego_error error;

    if (status != SPNEGO_COMPLETE)
        return status;
    if ((session->state != XMPP_CHOOSE && session->state != XMPP_BEGIN) ||
        !is_ours(session, config))
        return refuse(session);
    status = spnego_sasl_create(&session->sasl, &error, config);
    if (status == SPNEGO_ERR_USAGE)
        return refuse(session);
    if (status == SPNEGO_COMPLETE) {
        session->mechanism = config->mechanism;
        begin_exchange(session, out);
        return leave(session);
    }
    session->error = error;
    if (session->role == SPNEGO_ACCEPTOR)
        refuse_attempt(session, out);
    return leave(session);
}

/* ---- What the peer sends --------------------------------------------------------------------- */

/* Decodes; 0 if it is refused, with session->error. */
static int read_data(spnego_xmpp *session, spnego_bytes *data, const spnego_xmpp_element *in)
{
    size_t offset;
    spnego_rule rule;

    if (in->text.len > session->max_text) {
        (void)end_with(session, SPNEGO_ERR_LIMIT, SPNEGO_RULE_XMPP_TEXT_TOO_LONG,
                       session->max_text);
        return 0;
    }
    rule = xmpp_text_read(data, &offset, &session->data, &session->host, in, session->tolerate);
    if (rule == SPNEGO_RULE_NONE)
        return 1;
    (void)end_with(
        session, rule == SPNEGO_RULE_MEMORY_EXHAUSTED ? SPNEGO_ERR_NO_MEMORY : SPNEGO_ERR_MALFORMED,
        rule, offset);
    return 0;
}

static void unexpected(spnego_xmpp *session, spnego_xmpp_element *out)
{
    (void)end_with(session, SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_XMPP_ELEMENT_UNEXPECTED,
                   SPNEGO_NO_OFFSET);
    if (session->role == SPNEGO_INITIATOR) {
        fail(session);
        return;
    }
    if (session->state == XMPP_AUTH)
        session->num_attempts++;
    refuse_attempt(session, out);
}

/* The attempt goes on; its mechanism, or the host, is not being waited for. */
static int is_under_way(const spnego_xmpp *session)
{
    return session->state == XMPP_EXCHANGE && session->status == SPNEGO_CONTINUE;
}

static void take_data(spnego_xmpp *session, spnego_xmpp_element *out, const spnego_xmpp_element *in)
{
    spnego_status status;
    spnego_bytes data;
    spnego_turn turn;

    if (!is_under_way(session)) {
        unexpected(session, out);
        return;
    }
    session->in_success = in->name == SPNEGO_XMPP_SUCCESS;
    if (!read_data(session, &data, in)) {
        end_attempt(session, out);
        return;
    }
    status = session->in_success ? spnego_sasl_outcome(session->sasl, &turn, 1, data)
                                 : spnego_sasl_step(session->sasl, &turn, data);
    take_result(session, out, status, &turn);
}

/* RFC 6120 6.4.2: whatever was under way is forgotten. */
static void take_auth(spnego_xmpp *session, spnego_xmpp_element *out, const spnego_xmpp_element *in)
{
    const int is_again = session->state != XMPP_AUTH;

    discard(session);
    session->status = SPNEGO_CONTINUE;
    if (is_again && session->num_attempts >= session->max_attempts) {
        out->name = SPNEGO_XMPP_FAILURE;
        out->condition = SPNEGO_XMPP_NOT_AUTHORIZED;
        wait_for_auth(session);
        return;
    }
    session->num_attempts++;
    session->mechanism = spnego_sasl_find(in->mechanism);
    if (session->mechanism == SPNEGO_SASL_NONE ||
        !(session->mechanisms & 1u << session->mechanism)) {
        (void)end_with(session, SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_XMPP_MECHANISM_UNKNOWN,
                       SPNEGO_NO_OFFSET);
        refuse_attempt(session, out);
    } else if (!read_data(session, &session->initial, in)) {
        refuse_attempt(session, out);
    } else {
        session->state = XMPP_BEGIN;
        session->status = SPNEGO_PENDING;
    }
}

static void take_abort(spnego_xmpp *session, spnego_xmpp_element *out)
{
    if (session->state == XMPP_AUTH) {
        unexpected(session, out);
        return;
    }
    (void)end_with(session, SPNEGO_ERR_REJECTED, SPNEGO_RULE_XMPP_ABORTED, SPNEGO_NO_OFFSET);
    refuse_attempt(session, out);
}

static void take_failure(spnego_xmpp *session, spnego_xmpp_element *out,
                         const spnego_xmpp_element *in)
{
    if (session->state != XMPP_ABORT && session->state != XMPP_EXCHANGE) {
        unexpected(session, out);
        return;
    }
    session->peer_condition =
        in->condition != SPNEGO_XMPP_NO_CONDITION ? in->condition : SPNEGO_XMPP_NOT_AUTHORIZED;
    if (session->state == XMPP_EXCHANGE)
        (void)end_with(session, SPNEGO_ERR_REJECTED, SPNEGO_RULE_SASL_PEER_FAILED,
                       SPNEGO_NO_OFFSET);
    discard(session);
    session->state = XMPP_CHOOSE;
    session->status = SPNEGO_CONTINUE;
}

static void receive_client(spnego_xmpp *session, spnego_xmpp_element *out,
                           const spnego_xmpp_element *in)
{
    switch (in->name) {
    case SPNEGO_XMPP_CHALLENGE:
        /* It crossed our <abort/>. */
        if (session->state != XMPP_ABORT)
            take_data(session, out, in);
        return;
    case SPNEGO_XMPP_SUCCESS:
        take_data(session, out, in);
        return;
    case SPNEGO_XMPP_FAILURE:
        take_failure(session, out, in);
        return;
    case SPNEGO_XMPP_NOTHING:
    case SPNEGO_XMPP_AUTH:
    case SPNEGO_XMPP_RESPONSE:
    case SPNEGO_XMPP_ABORT:
        break;
    }
    unexpected(session, out);
}

static void receive_server(spnego_xmpp *session, spnego_xmpp_element *out,
                           const spnego_xmpp_element *in)
{
    switch (in->name) {
    case SPNEGO_XMPP_AUTH:
        take_auth(session, out, in);
        return;
    case SPNEGO_XMPP_RESPONSE:
        take_data(session, out, in);
        return;
    case SPNEGO_XMPP_ABORT:
        take_abort(session, out);
        return;
    case SPNEGO_XMPP_NOTHING:
    case SPNEGO_XMPP_CHALLENGE:
    case SPNEGO_XMPP_FAILURE:
    case SPNEGO_XMPP_SUCCESS:
        break;
    }
    unexpected(session, out);
}

spnego_status spnego_xmpp_receive(spnego_xmpp *session, spnego_xmpp_element *out,
                                  const spnego_xmpp_element *in)
{
    const spnego_status status = enter(session, out);

    if (status != SPNEGO_COMPLETE)
        return status;
    if (session->state == XMPP_ESTABLISHED)
        return refuse(session);
    if (session->role == SPNEGO_INITIATOR)
        receive_client(session, out, in);
    else
        receive_server(session, out, in);
    return leave(session);
}

/* ---- What the host says ---------------------------------------------------------------------- */

spnego_status spnego_xmpp_resume(spnego_xmpp *session, spnego_xmpp_element *out)
{
    spnego_status status = enter(session, out);
    spnego_turn turn;

    if (status != SPNEGO_COMPLETE)
        return status;
    if (session->state != XMPP_EXCHANGE)
        return refuse(session);
    status = spnego_sasl_resume(session->sasl, &turn);
    if (status == SPNEGO_ERR_USAGE)
        return refuse(session);
    take_result(session, out, status, &turn);
    return leave(session);
}

spnego_status spnego_xmpp_authorize(spnego_xmpp *session, spnego_xmpp_element *out, int allowed)
{
    spnego_status status = enter(session, out);
    spnego_turn turn;

    if (status != SPNEGO_COMPLETE)
        return status;
    if (session->state != XMPP_EXCHANGE)
        return refuse(session);
    status = spnego_sasl_authorize(session->sasl, &turn, allowed);
    if (status == SPNEGO_ERR_USAGE)
        return refuse(session);
    take_result(session, out, status, &turn);
    return leave(session);
}

spnego_status spnego_xmpp_abort(spnego_xmpp *session, spnego_xmpp_element *out)
{
    const spnego_status status = enter(session, out);

    if (status != SPNEGO_COMPLETE)
        return status;
    if (session->role != SPNEGO_INITIATOR || session->state != XMPP_EXCHANGE)
        return refuse(session);
    (void)end_with(session, SPNEGO_ERR_REJECTED, SPNEGO_RULE_XMPP_ABORTED, SPNEGO_NO_OFFSET);
    abort_attempt(session, out);
    return leave(session);
}

/* ---- Looking at it --------------------------------------------------------------------------- */

spnego_sasl_mechanism spnego_xmpp_mechanism(const spnego_xmpp *session)
{
    return session->mechanism;
}

spnego_sasl *spnego_xmpp_sasl(const spnego_xmpp *session)
{
    return session->sasl;
}

const spnego_error *spnego_xmpp_error(const spnego_xmpp *session)
{
    return &session->error;
}

spnego_xmpp_condition spnego_xmpp_peer_condition(const spnego_xmpp *session)
{
    return session->peer_condition;
}

const char *spnego_xmpp_state(const spnego_xmpp *session)
{
    static const char *const states[] = {"choose", "auth", "begin", "", "abort", "established"};

    if (session->status < 0)
        return "failed";
    return session->state == XMPP_EXCHANGE ? spnego_sasl_state(session->sasl)
                                           : states[session->state];
}
