#include "nego/context.h"

#include <string.h>

/* GSS_S_* routine errors, RFC 2744 3.9.1. */
#define BAD_MECH ((uint32_t)1 << 16), "GSS_S_BAD_MECH"
#define DEFECTIVE_TOKEN ((uint32_t)9 << 16), "GSS_S_DEFECTIVE_TOKEN"
#define FAILURE ((uint32_t)13 << 16), "GSS_S_FAILURE"
#define UNAVAILABLE ((uint32_t)16 << 16), "GSS_S_UNAVAILABLE"

/* clang-format off */
static const spnego_status_text texts[] = {
    /* RFC 2743 2.2.1 and 2.2.2 for the first two; RFC 7546 has no third. */
    {SPNEGO_COMPLETE,      "COMPLETE",  0, "GSS_S_COMPLETE",        SPNEGO_BLAME_NOBODY,  "the negotiation has succeeded"},
    {SPNEGO_CONTINUE,      "CONTINUE",  1, "GSS_S_CONTINUE_NEEDED", SPNEGO_BLAME_NOBODY,  "the peer's next token is needed"},
    {SPNEGO_PENDING,       "PENDING",   1, "GSS_S_CONTINUE_NEEDED", SPNEGO_BLAME_NOBODY,  "the mechanism needs time"},
    {SPNEGO_ERR_USAGE,     "USAGE",     FAILURE,         SPNEGO_BLAME_CALLER,  "the call breaks the contract; nothing has changed"},
    {SPNEGO_ERR_MALFORMED, "MALFORMED", DEFECTIVE_TOKEN, SPNEGO_BLAME_PEER,    "the peer's octets are no SPNEGO token"},
    {SPNEGO_ERR_PROTOCOL,  "PROTOCOL",  DEFECTIVE_TOKEN, SPNEGO_BLAME_PEER,    "the peer's token has no place here"},
    /* RFC 4178 5(b)II, 5(b)IV, 5(c)II, 5(c)V */
    {SPNEGO_ERR_BAD_MIC,   "BAD_MIC",   DEFECTIVE_TOKEN, SPNEGO_BLAME_PEER,    "a required mechListMIC is wrong or missing: the list of mechanisms may have been changed"},
    {SPNEGO_ERR_MECH,      "MECH",      FAILURE,         SPNEGO_BLAME_MECH,    "the mechanism failed"},
    {SPNEGO_ERR_MECH_LIED, "MECH_LIED", FAILURE,         SPNEGO_BLAME_MECH,    "the mechanism broke its contract"},
    /* RFC 4178 1, 3.2(c)I */
    {SPNEGO_ERR_NO_MECH,   "NO_MECH",   BAD_MECH,        SPNEGO_BLAME_NOBODY,  "there is no mechanism that both sides can use"},
    {SPNEGO_ERR_REJECTED,  "REJECTED",  BAD_MECH,        SPNEGO_BLAME_NOBODY,  "the peer rejected"},
    {SPNEGO_ERR_POLICY,    "POLICY",    UNAVAILABLE,     SPNEGO_BLAME_NOBODY,  "the configuration does not allow what was negotiated"},
    {SPNEGO_ERR_IO,        "IO",        FAILURE,         SPNEGO_BLAME_MACHINE, "the stream failed or ended"},
    {SPNEGO_ERR_DEADLINE,  "DEADLINE",  FAILURE,         SPNEGO_BLAME_PEER,    "the deadline passed"},
    {SPNEGO_ERR_IMPORT,    "IMPORT",    DEFECTIVE_TOKEN, SPNEGO_BLAME_CALLER,  "the octets are no context that was exported for this host"},
    {SPNEGO_ERR_NO_MEMORY, "NO_MEMORY", FAILURE,         SPNEGO_BLAME_MACHINE, "there is no memory"},
    {SPNEGO_ERR_LIMIT,     "LIMIT",     FAILURE,         SPNEGO_BLAME_PEER,    "a limit was reached"},
};
/* clang-format on */

enum { NUM_STATUSES = sizeof texts / sizeof texts[0] };

const spnego_status_text *spnego_status_describe(spnego_status status)
{
    const spnego_status_text *usage = &texts[3];

    for (size_t i = 0; i < NUM_STATUSES; i++)
        if (texts[i].status == status)
            return &texts[i];
    return usage;
}

const spnego_status_text *spnego_status_list(size_t *out_num_statuses)
{
    *out_num_statuses = NUM_STATUSES;
    return texts;
}

/* By the hundreds of rules.def, with the exceptions named. */
spnego_status nego_status_of(spnego_rule rule)
{
    switch (rule) {
    case SPNEGO_RULE_NONE:
        return SPNEGO_COMPLETE;
    case SPNEGO_RULE_MIC_WRONG:
    case SPNEGO_RULE_MIC_MISSING:
    case SPNEGO_RULE_MIC_REFLECTED:
        return SPNEGO_ERR_BAD_MIC;
    case SPNEGO_RULE_PEER_REJECTED:
        return SPNEGO_ERR_REJECTED;
    case SPNEGO_RULE_NO_COMMON_MECH:
    case SPNEGO_RULE_BARE_TOKEN_EXPECTED: /* RFC 4178 3.2: SPNEGO is no mechanism here */
    case SPNEGO_RULE_MECH_LIST_EMPTY:
        return SPNEGO_ERR_NO_MECH;
    case SPNEGO_RULE_TOKEN_TOO_LONG:
    case SPNEGO_RULE_MECH_TYPES_TOO_MANY:
    case SPNEGO_RULE_STEPS_TOO_MANY:
        return SPNEGO_ERR_LIMIT;
    case SPNEGO_RULE_MECH_FAILED:
    case SPNEGO_RULE_MECH_GONE:
    case SPNEGO_RULE_MECH_MIC_FAILED:
        return SPNEGO_ERR_MECH;
    case SPNEGO_RULE_MECH_CANNOT_MOVE:
        return SPNEGO_ERR_USAGE;
    case SPNEGO_RULE_MEMORY_EXHAUSTED:
        return SPNEGO_ERR_NO_MEMORY;
    case SPNEGO_RULE_EXPORT_DAMAGED:
    case SPNEGO_RULE_EXPORT_NOT_FOR_US:
        return SPNEGO_ERR_IMPORT;
    case SPNEGO_RULE_STREAM_FAILED:
        return SPNEGO_ERR_IO;
    case SPNEGO_RULE_DEADLINE_PASSED:
        return SPNEGO_ERR_DEADLINE;
    default:
        break;
    }
    if (rule < 300)
        return SPNEGO_ERR_MALFORMED;
    if (rule < 600)
        return SPNEGO_ERR_PROTOCOL;
    if (rule < 620)
        return SPNEGO_ERR_MECH_LIED;
    if (rule < 630)
        return SPNEGO_ERR_POLICY;
    return SPNEGO_ERR_USAGE;
}

uint32_t spnego_error_gss_major(const spnego_error *error)
{
    if (error->mech_code.gss_major != 0 &&
        (error->status == SPNEGO_ERR_MECH || error->status == SPNEGO_ERR_REJECTED))
        return error->mech_code.gss_major;
    return spnego_status_describe(error->status)->gss_major;
}

const char *spnego_quirk_name(uint32_t quirk)
{
    static const char *const names[] = {
        "MISSING_NEG_STATE",
        "MISSING_SUPPORTED_MECH",
        "REPEATED_SUPPORTED_MECH",
        "OLD_KRB5_OID",
        "MIC_ECHOES_TOKEN",
        "EMPTY_TOKEN_AT_END",
        "RESELECT_WITHOUT_REQUEST_MIC",
        "INCOMPLETE_AT_END",
        "ANSWER_LAST_MIC",
        "SEND_HINTS",
        "TAKE_HINTS",
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (quirk == (uint32_t)1 << i)
            return names[i];
    return NULL;
}
