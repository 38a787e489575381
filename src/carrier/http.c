#include "carrier/http_session.h"

#include "base/bytes.h"
#include "carrier/http_text.h"

#include <string.h>

/* ---- Header fields to add -------------------------------------------------------------------- */

void http_add(spnego_http_turn *turn, spnego_http_header header, spnego_bytes value)
{
    spnego_http_field *field = &turn->fields[turn->num_fields++];

    field->name = http_text(spnego_http_header_name(header));
    field->value = value;
}

static spnego_http_header own_header(const spnego_http *http)
{
    if (http->role == SPNEGO_INITIATOR)
        return http_is_proxy(http) ? SPNEGO_HTTP_PROXY_AUTHORIZATION : SPNEGO_HTTP_AUTHORIZATION;
    return http_is_proxy(http) ? SPNEGO_HTTP_PROXY_AUTHENTICATE : SPNEGO_HTTP_WWW_AUTHENTICATE;
}

int http_add_token(spnego_http *http, spnego_http_turn *turn, spnego_bytes token)
{
    nego_buffer *const out = &http->base.out;
    const size_t len = spnego_http_write(NULL, 0, token);

    if (len == 0 || !nego_buffer_room(out, &http->base.host, len))
        return 0;
    out->len = spnego_http_write((char *)out->data, out->size, token);
    http_add(turn, own_header(http), nego_buffer_view(out));
    return 1;
}

/* ---- Tokens ---------------------------------------------------------------------------------- */

/* The octets of a token, in the buffer of what arrived, which is wiped with the session. */
static spnego_rule decode(spnego_http *http, spnego_bytes *out, const http_found *found,
                          size_t *out_offset)
{
    nego_buffer *const in = &http->base.in;
    spnego_rule rule;
    size_t len;

    *out_offset = SPNEGO_NO_OFFSET;
    *out = bytes_absent();
    if (found->token68.data == NULL)
        return SPNEGO_RULE_NONE;
    if (!nego_buffer_room(in, &http->base.host, found->token68.len / 4 * 3 + 2))
        return SPNEGO_RULE_MEMORY_EXHAUSTED;
    len = in->size;
    rule = spnego_base64_decode(in->data, &len, out_offset, (const char *)found->token68.data,
                                found->token68.len, http->base64);
    out->data = in->data;
    out->len = len;
    if (rule != SPNEGO_RULE_NONE)
        *out_offset += found->token_at;
    return rule;
}

static spnego_status go_on(spnego_http *http, spnego_http_turn *turn, spnego_status status,
                           spnego_bytes token)
{
    return http->role == SPNEGO_INITIATOR ? http_client_went_on(http, turn, status, token)
                                          : http_server_went_on(http, turn, status, token);
}

spnego_status http_step(spnego_http *http, spnego_http_turn *turn, const http_found *found)
{
    spnego_bytes in, out;
    spnego_status status;
    size_t offset;
    const spnego_rule rule = decode(http, &in, found, &offset);

    if (rule == SPNEGO_RULE_NONE) {
        status = spnego_context_step(http->base.context, &out, in);
        return go_on(http, turn, status, out);
    }
    status = rule == SPNEGO_RULE_MEMORY_EXHAUSTED ? SPNEGO_ERR_NO_MEMORY : SPNEGO_ERR_MALFORMED;
    if (http->role == SPNEGO_INITIATOR)
        return carrier_fail(&http->base, status, rule, offset);
    return http_server_refuse(http, turn, status, rule, offset,
                              status == SPNEGO_ERR_MALFORMED ? 400 : 500);
}

void http_start_over(spnego_http *http, spnego_http_turn *turn)
{
    http->over = 1;
    http->base.status = SPNEGO_CONTINUE;
    turn->restart = 1;
}

/* ---- Making and unmaking --------------------------------------------------------------------- */

void spnego_http_config_init(spnego_http_config *config, size_t struct_size, spnego_role role)
{
    memset(config, 0, struct_size);
    config->struct_size = struct_size;
    config->role = role;
}

/* A name, not a URL, nor with the port: mechanisms would be asked for another service.  More than
 * one colon is an address of IPv6. */
static int is_host(spnego_bytes host)
{
    size_t num_colons = 0;

    for (size_t i = 0; i < host.len; i++) {
        if (host.data[i] <= ' ' || host.data[i] == '/' || host.data[i] == '@')
            return 0;
        num_colons += host.data[i] == ':';
    }
    return num_colons != 1;
}

static int good_negotiation(const spnego_config *negotiation, spnego_role role)
{
    return carrier_good_negotiation(negotiation) && negotiation->role == role;
}

#define CLIENT_OPTIONS \
    (SPNEGO_HTTP_PROXY | SPNEGO_HTTP_BEHIND_PROXY | SPNEGO_HTTP_DELEGATE | \
     SPNEGO_HTTP_TAKE_UNCONFIRMED)
#define SERVER_OPTIONS \
    (SPNEGO_HTTP_PROXY | SPNEGO_HTTP_BOUND | SPNEGO_HTTP_REBIND | SPNEGO_HTTP_ERROR_TOKEN)

static int good_config(const spnego_http_config *config)
{
    const uint32_t own = config->role == SPNEGO_INITIATOR ? CLIENT_OPTIONS : SERVER_OPTIONS;

    return config->struct_size == sizeof *config && (config->options & ~own) == 0 &&
           (config->base64 & ~(SPNEGO_BASE64_UNPADDED | SPNEGO_BASE64_PAD_BITS)) == 0 &&
           is_host(config->host) && good_negotiation(config->negotiation, config->role);
}

/* "HTTP@host" (RFC 4559 4.1), in the buffer of what goes out; absent if no host was named. */
static int make_target(spnego_http *http, spnego_bytes *out)
{
    nego_buffer *const buffer = &http->base.out;

    *out = bytes_absent();
    if (http->role != SPNEGO_INITIATOR || http->host.len == 0)
        return 1;
    if (!nego_buffer_add(buffer, &http->base.host, http_text("HTTP@")) ||
        !nego_buffer_add(buffer, &http->base.host, http->host))
        return 0;
    *out = nego_buffer_view(buffer);
    return 1;
}

/* Begins a negotiation in a session that has none. */
static spnego_status open(spnego_http *http, const spnego_config *negotiation)
{
    carrier_terms terms;
    carrier_session fresh;
    spnego_status status;

    memset(&terms, 0, sizeof terms);
    terms.negotiation = negotiation;
    terms.request.channel_bindings = http->channel_bindings;
    /* MS-N2HT 5.1; and without integrity nothing protects the list of mechanisms (RFC 4178 5). */
    if (http->role == SPNEGO_INITIATOR)
        terms.request.flags = SPNEGO_FLAG_MUTUAL | SPNEGO_FLAG_INTEG |
                              (http->options & SPNEGO_HTTP_DELEGATE ? SPNEGO_FLAG_DELEG : 0);
    memset(&fresh, 0, sizeof fresh);
    if (!make_target(http, &terms.request.target)) {
        status = SPNEGO_ERR_NO_MEMORY;
        fresh.error.status = status;
        fresh.error.rule = SPNEGO_RULE_MEMORY_EXHAUSTED;
        fresh.error.offset = SPNEGO_NO_OFFSET;
    } else {
        status = carrier_open(&fresh, &terms);
    }
    fresh.host = http->base.host;
    nego_buffer_free(&http->base.out, &http->base.host);
    http->base = fresh;
    http->base.status = status == SPNEGO_COMPLETE ? SPNEGO_CONTINUE : status;
    http->must_confirm =
        negotiation->required_flags != 0 || (negotiation->options & SPNEGO_OPTION_REQUIRE_MIC) != 0;
    return status;
}

static spnego_http *make(const spnego_http_config *config)
{
    nego_host host;
    spnego_http *http;

    memset(&host, 0, sizeof host);
    host.user = config->negotiation->user;
    host.alloc = config->negotiation->alloc;
    host.dealloc = config->negotiation->dealloc;
    http = nego_host_alloc(&host, sizeof *http);
    if (http == NULL)
        return NULL;
    memset(http, 0, sizeof *http);
    http->base.host = host;
    http->role = config->role;
    http->host = config->host;
    http->channel_bindings = config->channel_bindings;
    http->options = config->options;
    http->base64 = config->base64;
    http->max_value = config->max_value != 0 ? config->max_value : SPNEGO_HTTP_MAX_VALUE;
    return http;
}

static void release(spnego_http *http)
{
    const nego_host host = http->base.host;

    carrier_close(&http->base);
    nego_wipe(http, sizeof *http);
    nego_host_free(&host, http);
}

static spnego_status refuse_to_make(spnego_error *out_error, spnego_status status, spnego_rule rule)
{
    if (out_error != NULL) {
        memset(out_error, 0, sizeof *out_error);
        out_error->status = status;
        out_error->rule = rule;
        out_error->offset = SPNEGO_NO_OFFSET;
    }
    return status;
}

spnego_status spnego_http_create(spnego_http **out_session, spnego_error *out_error,
                                 const spnego_http_config *config)
{
    spnego_http *http;
    spnego_status status;

    *out_session = NULL;
    if (!good_config(config))
        return refuse_to_make(out_error, SPNEGO_ERR_USAGE, SPNEGO_RULE_CALL_BAD_ARGUMENT);
    http = make(config);
    if (http == NULL)
        return refuse_to_make(out_error, SPNEGO_ERR_NO_MEMORY, SPNEGO_RULE_MEMORY_EXHAUSTED);
    status = open(http, config->negotiation);
    if (out_error != NULL)
        *out_error = http->base.error;
    if (status == SPNEGO_COMPLETE)
        *out_session = http;
    else
        release(http);
    return status;
}

void spnego_http_destroy(spnego_http *session)
{
    if (session != NULL && !session->base.busy)
        release(session);
}

/* ---- Calls ----------------------------------------------------------------------------------- */

static spnego_status enter(spnego_http *http, spnego_http_turn *turn)
{
    spnego_turn unused;

    memset(turn, 0, sizeof *turn);
    return carrier_enter(&http->base, &unused);
}

/* The caller's fault: nothing has happened. */
static spnego_status refuse(spnego_http *http, spnego_rule rule)
{
    if (http->base.status >= 0) {
        http->base.error.status = SPNEGO_ERR_USAGE;
        http->base.error.rule = rule;
    }
    http->base.busy = 0;
    return SPNEGO_ERR_USAGE;
}

spnego_status spnego_http_start(spnego_http *session, spnego_http_turn *turn)
{
    const spnego_status status = enter(session, turn);

    if (status != SPNEGO_COMPLETE)
        return status;
    if (session->role != SPNEGO_INITIATOR || session->base.status == SPNEGO_PENDING ||
        (session->base.status == SPNEGO_CONTINUE && session->begun && !session->over) ||
        (session->base.status == SPNEGO_CONTINUE && !session->begun &&
         (session->options & SPNEGO_HTTP_BEHIND_PROXY)))
        return refuse(session, SPNEGO_RULE_CALL_OUT_OF_TURN);
    http_client_start(session, turn);
    return carrier_leave(&session->base);
}

spnego_status spnego_http_receive(spnego_http *session, spnego_http_turn *turn,
                                  const spnego_http_message *message)
{
    const spnego_status status = enter(session, turn);
    const int is_response = message->code >= 100 && message->code <= 999;

    if (status != SPNEGO_COMPLETE)
        return status;
    if (session->base.status == SPNEGO_PENDING)
        return refuse(session, SPNEGO_RULE_CALL_OUT_OF_TURN);
    if (session->role == SPNEGO_INITIATOR ? !is_response : message->code != 0)
        return refuse(session, SPNEGO_RULE_CALL_BAD_ARGUMENT);
    if (session->role == SPNEGO_INITIATOR)
        http_client_receive(session, turn, message);
    else
        http_server_receive(session, turn, message);
    return carrier_leave(&session->base);
}

spnego_status spnego_http_resume(spnego_http *session, spnego_http_turn *turn)
{
    const spnego_status entered = enter(session, turn);
    spnego_bytes token;
    spnego_status status;

    if (entered != SPNEGO_COMPLETE)
        return entered;
    if (session->base.status != SPNEGO_PENDING)
        return refuse(session, SPNEGO_RULE_CALL_OUT_OF_TURN);
    status = spnego_context_resume(session->base.context, &token);
    (void)go_on(session, turn, status, token);
    return carrier_leave(&session->base);
}

spnego_status spnego_http_restart(spnego_http *session, const spnego_config *negotiation)
{
    if (session->base.busy)
        return SPNEGO_ERR_USAGE;
    if (!good_negotiation(negotiation, session->role))
        return refuse(session, SPNEGO_RULE_CALL_BAD_ARGUMENT);
    if (session->role == SPNEGO_INITIATOR && session->base.status == SPNEGO_COMPLETE &&
        session->persistent)
        return refuse(session, SPNEGO_RULE_CALL_OUT_OF_TURN);
    carrier_close(&session->base);
    session->base.busy = 1; /* until there is another: `prepare` may call back */
    session->begun = 0;
    session->over = 0;
    session->is_final = 0;
    return open(session, negotiation);
}

/* ---- Questions ------------------------------------------------------------------------------- */

const spnego_error *spnego_http_error(const spnego_http *session)
{
    return &session->base.error;
}

const char *spnego_http_state(const spnego_http *session)
{
    if (session->base.status < 0)
        return "failed";
    if (session->base.status == SPNEGO_COMPLETE)
        return "established";
    if (session->over)
        return "over";
    return session->begun ? "token" : "start";
}

int spnego_http_get_info(const spnego_http *session, spnego_http_info *out_info)
{
    memset(out_info, 0, sizeof *out_info);
    if (session->base.status != SPNEGO_COMPLETE)
        return 0;
    out_info->confirmed = spnego_context_info(session->base.context, &out_info->negotiation);
    out_info->persistent = session->role == SPNEGO_INITIATOR
                               ? session->persistent
                               : (session->options & SPNEGO_HTTP_BOUND) != 0;
    return 1;
}
