/* The level of protection: what each side asks for, answers and takes (RFC 1961 4). */
#include "carrier/socks5_session.h"

#include "base/bytes.h"

/* ---- Levels ---------------------------------------------------------------------------------- */

/* What a level promises of each message (RFC 1961 4.2). */
static int promise_of(int level)
{
    return level == SPNEGO_SOCKS5_LEVEL_SELECTIVE ? SPNEGO_SOCKS5_LEVEL_INTEGRITY : level;
}

/* What a context must have to give it (RFC 1961 4.1). */
static uint32_t flags_for(int level)
{
    uint32_t flags = 0;

    if (level >= SPNEGO_SOCKS5_LEVEL_INTEGRITY)
        flags |= SPNEGO_FLAG_INTEG;
    if (level >= SPNEGO_SOCKS5_LEVEL_CONFIDENTIALITY)
        flags |= SPNEGO_FLAG_CONF;
    return flags;
}

static int can_give(const spnego_socks5 *session, int level)
{
    spnego_info info;

    return spnego_context_info(session->base.context, &info) &&
           (info.flags & flags_for(level)) == flags_for(level);
}

static int is_known(const spnego_socks5 *session, int level)
{
    if (level == SPNEGO_SOCKS5_LEVEL_NONE)
        return (session->options & SPNEGO_SOCKS5_OPTION_NO_PROTECTION) != 0;
    return level <= SPNEGO_SOCKS5_LEVEL_SELECTIVE;
}

/* RFC 1961 4.4: the client need not take what the server answers. */
static int client_accepts(const spnego_socks5 *session, int level)
{
    return level == session->own_level ||
           (session->min_level != 0 && promise_of(level) >= session->min_level &&
            can_give(session, level));
}

/* RFC 1961 4.2: the server need not heed what the client asks for.  -1: there is none. */
static int server_chooses(const spnego_socks5 *session, int asked)
{
    int level = session->min_level;

    if (session->own_level != 0)
        level = session->own_level;
    else if (promise_of(asked) >= session->min_level && can_give(session, asked))
        level = asked;
    else if (level == SPNEGO_SOCKS5_LEVEL_NONE)
        level = SPNEGO_SOCKS5_LEVEL_INTEGRITY; /* who asks for protection does not get none */
    return can_give(session, level) ? level : -1;
}

/* ---- What a session asks for ----------------------------------------------------------------- */

int socks5_set_levels(spnego_socks5 *session, const spnego_socks5_config *config)
{
    const int unprotected = (session->options & SPNEGO_SOCKS5_OPTION_NO_PROTECTION) != 0;

    if (config->level < 0 || config->level > SPNEGO_SOCKS5_LEVEL_SELECTIVE ||
        config->min_level < 0 || config->min_level > SPNEGO_SOCKS5_LEVEL_CONFIDENTIALITY)
        return 0;
    session->own_level = config->level;
    session->min_level = config->min_level;
    if (session->is_server) {
        if (session->min_level == 0 && !unprotected)
            session->min_level = SPNEGO_SOCKS5_LEVEL_INTEGRITY;
        return config->level == 0 || promise_of(config->level) >= session->min_level;
    }
    if (unprotected)
        return config->level == 0 && config->min_level == 0;
    if (config->level == 0)
        session->own_level = SPNEGO_SOCKS5_LEVEL_CONFIDENTIALITY;
    return promise_of(session->own_level) >= session->min_level;
}

/* RFC 1961 3.2, but for delegation. */
uint32_t socks5_flags_to_ask_for(const spnego_socks5 *session)
{
    uint32_t flags = SPNEGO_FLAG_MUTUAL | SPNEGO_FLAG_REPLAY | SPNEGO_FLAG_INTEG;

    if (session->is_server)
        return 0;
    if (!(session->options & SPNEGO_SOCKS5_OPTION_UDP))
        flags |= SPNEGO_FLAG_SEQUENCE;
    if (session->options & SPNEGO_SOCKS5_OPTION_DELEGATE)
        flags |= SPNEGO_FLAG_DELEG;
    return flags | flags_for(session->own_level);
}

/* Where nothing will be wrapped nothing else shows a client who the server is. */
uint32_t socks5_flags_to_require(const spnego_socks5 *session)
{
    if (!session->is_server && session->own_level == SPNEGO_SOCKS5_LEVEL_NONE)
        return SPNEGO_FLAG_MUTUAL;
    return flags_for(session->own_level != 0 ? session->own_level : session->min_level);
}

/* ---- The frame ------------------------------------------------------------------------------- */

/* RFC 1961 4.3: one octet, never encrypted. */
int socks5_say_level(spnego_socks5 *session, int level)
{
    const uint8_t octet = (uint8_t)level;
    const spnego_bytes message = {&octet, 1};

    if (session->options & SPNEGO_SOCKS5_OPTION_NEC)
        return socks5_say(session, SPNEGO_SOCKS5_PROTECTION, message);
    return socks5_say_wrapped(session, SPNEGO_SOCKS5_PROTECTION, message, 0);
}

/* The octet in a protection frame.  NEC: as it is; else wrapped (RFC 1961 4.4), and whether it was
 * encrypted does not matter: 4.3 binds who sends it, and takes care that it can be read. */
static spnego_rule octet_of(spnego_socks5 *session, spnego_error *error, uint8_t *out_octet,
                            spnego_bytes token)
{
    spnego_bytes octet = token;
    int conf;

    if (!(session->options & SPNEGO_SOCKS5_OPTION_NEC)) {
        /* No mechanism wraps an octet in an octet: this is somebody who takes the level as it is.
         */
        if (token.len == 1)
            return SPNEGO_RULE_SOCKS5_LEVEL_IN_CLEAR;
        if (carrier_unwrap(&session->base, &octet, error, &conf, token) != SPNEGO_COMPLETE)
            return error->rule;
    }
    if (octet.len != 1)
        return SPNEGO_RULE_SOCKS5_LEVEL_NOT_ONE_OCTET;
    *out_octet = octet.data[0];
    return is_known(session, *out_octet) ? SPNEGO_RULE_NONE : SPNEGO_RULE_SOCKS5_LEVEL_UNKNOWN;
}

static void establish(spnego_socks5 *session, int level)
{
    session->level = level;
    session->state = SOCKS5_DATA;
    session->base.status = SPNEGO_COMPLETE;
}

void socks5_take_level(spnego_socks5 *session, spnego_bytes token)
{
    spnego_error error =
        socks5_error_of(SPNEGO_ERR_PROTOCOL, SPNEGO_RULE_NONE, SPNEGO_SOCKS5_HEAD_LEN);
    uint8_t octet = 0;
    const spnego_rule rule = octet_of(session, &error, &octet, token);
    int level = octet;

    if (rule != SPNEGO_RULE_NONE) {
        if (rule != error.rule) /* not the mechanism's */
            error = socks5_error_of(SPNEGO_ERR_PROTOCOL, rule, SPNEGO_SOCKS5_HEAD_LEN);
        socks5_give_up(session, &error, bytes_absent());
        return;
    }
    if (session->is_server)
        level = server_chooses(session, level);
    else if (!client_accepts(session, level))
        level = -1;
    if (level < 0)
        socks5_fail(session, SPNEGO_ERR_POLICY, SPNEGO_RULE_SOCKS5_LEVEL_UNACCEPTABLE,
                    SPNEGO_SOCKS5_HEAD_LEN);
    else if (!session->is_server || socks5_say_level(session, level))
        establish(session, level);
}
