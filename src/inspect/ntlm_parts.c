/* What payloads of NTLM's messages are made of. */
#include "inspect/ntlm_message.h"

typedef enum ntlm_av_kind {
    NTLM_AV_NAME,
    NTLM_AV_FLAGS,
    NTLM_AV_TIME,
    NTLM_AV_HOST,
    NTLM_AV_HASH
} ntlm_av_kind;

/* clang-format off */
/* MS-NLMP 2.2.2.1 */
static const struct {
    const char *name;
    ntlm_av_kind kind;
    size_t len; /* 0: any */
} ntlm_avs[] = {
    {"MsvAvEOL",             NTLM_AV_NAME,   0},
    {"MsvAvNbComputerName",  NTLM_AV_NAME,   0},
    {"MsvAvNbDomainName",    NTLM_AV_NAME,   0},
    {"MsvAvDnsComputerName", NTLM_AV_NAME,   0},
    {"MsvAvDnsDomainName",   NTLM_AV_NAME,   0},
    {"MsvAvDnsTreeName",     NTLM_AV_NAME,   0},
    {"MsvAvFlags",           NTLM_AV_FLAGS,  4},
    {"MsvAvTimestamp",       NTLM_AV_TIME,   8},
    {"MsvAvSingleHost",      NTLM_AV_HOST,  48},
    {"MsvAvTargetName",      NTLM_AV_NAME,   0},
    {"MsvAvChannelBindings", NTLM_AV_HASH,  16},
};

#define NTLM_NUM_AVS (sizeof ntlm_avs / sizeof ntlm_avs[0])

/* Of MsvAvFlags; the standard numbers them and gives no names. */
static const char *const ntlm_av_flag_names[] = {
    "account authentication is constrained",
    "MIC in AUTHENTICATE_MESSAGE",
    "SPN from an untrusted source",
};
/* clang-format on */

static void ntlm_read_av_flags(ntlm_message *message, size_t depth, size_t at, int is_response)
{
    const inspect_packet *packet = &message->packet;
    const uint32_t flags = (uint32_t)inspect_packet_number(packet, at, 4);

    inspect_packet_add(packet, "Value", INSPECT_OBJECT, depth, at, 4);
    inspect_packet_add(packet, "value", INSPECT_NUMBER, depth + 1, at, 4);
    inspect_packet_add(packet, "flags", INSPECT_ARRAY, depth + 1, at, 4);
    for (size_t bit = 0; bit < sizeof ntlm_av_flag_names / sizeof ntlm_av_flag_names[0]; bit++)
        if ((flags >> bit & 1) != 0)
            inspect_packet_add(packet, NULL, INSPECT_FLAG, depth + 2, at, 0)->label =
                ntlm_av_flag_names[bit];
    if (is_response) {
        message->av_flags = flags;
        message->av_flags_at = at;
    }
}

/* MS-NLMP 2.2.2.2 */
static void ntlm_read_single_host(const inspect_packet *packet, size_t depth, size_t at, size_t len)
{
    inspect_packet_add(packet, "Value", INSPECT_OBJECT, depth, at, len);
    inspect_packet_add(packet, "Size", INSPECT_NUMBER, depth + 1, at, 4);
    inspect_packet_add(packet, "Z4", INSPECT_NUMBER, depth + 1, at + 4, 4);
    inspect_packet_add(packet, "CustomData", INSPECT_OCTETS, depth + 1, at + 8, 8);
    inspect_packet_add_private(packet, "MachineID", INSPECT_IDENTITY, depth + 1, at + 16, 32);
}

static void ntlm_read_bindings(const inspect_packet *packet, size_t depth, size_t at, size_t len)
{
    spnego_bytes hash;

    inspect_packet_add_private(packet, "Value", INSPECT_IDENTITY, depth, at, len);
    if (inspect_packet_slice(&hash, packet, at, len) && inspect_packet_is_zero(hash))
        inspect_packet_find_fault(packet, SPNEGO_RULE_NTLM_NOT_BOUND, at, len);
}

static void ntlm_read_av_value(ntlm_message *message, size_t id, size_t depth, size_t at,
                               size_t len, int is_response)
{
    const inspect_packet *packet = &message->packet;

    if (id >= NTLM_NUM_AVS || (ntlm_avs[id].len != 0 && ntlm_avs[id].len != len)) {
        inspect_packet_add_private(packet, "Value", INSPECT_IDENTITY, depth, at, len);
        return;
    }
    switch (ntlm_avs[id].kind) {
    case NTLM_AV_NAME:
        /* In Unicode whatever the flags say (MS-NLMP 2.2.2.1). */
        ntlm_read_text(message, "Value", depth, at, len, 1);
        break;
    case NTLM_AV_FLAGS:
        ntlm_read_av_flags(message, depth, at, is_response);
        break;
    case NTLM_AV_TIME:
        inspect_packet_add(packet, "Value", INSPECT_FILETIME, depth, at, len);
        break;
    case NTLM_AV_HOST:
        ntlm_read_single_host(packet, depth, at, len);
        break;
    case NTLM_AV_HASH:
        ntlm_read_bindings(packet, depth, at, len);
        break;
    }
}

/* One AV_PAIR in the `left` octets at `at`.  Returns how long it is, 0 if it is not whole. */
static size_t ntlm_read_av_pair(ntlm_message *message, size_t depth, size_t at, size_t left,
                                int is_response)
{
    const inspect_packet *packet = &message->packet;
    const size_t id = (size_t)inspect_packet_number(packet, at, 2);
    const size_t len = (size_t)inspect_packet_number(packet, at + 2, 2);

    if (left < 4 || len > left - 4) {
        inspect_packet_find_fault(packet, SPNEGO_RULE_NTLM_AV_PAIR_OUTSIDE, at,
                                  left < 4 ? left : 4);
        return 0;
    }
    if ((id == 0 && len != 0) ||
        (id < NTLM_NUM_AVS && ntlm_avs[id].len != 0 && ntlm_avs[id].len != len))
        inspect_packet_find_fault(packet, SPNEGO_RULE_NTLM_AV_PAIR_LENGTH, at, 4 + len);
    inspect_packet_add(packet, NULL, INSPECT_OBJECT, depth, at, 4 + len);
    inspect_packet_add(packet, "AvId", INSPECT_NAMED, depth + 1, at, 2)->label =
        id < NTLM_NUM_AVS ? ntlm_avs[id].name : NULL;
    inspect_packet_add(packet, "AvLen", INSPECT_NUMBER, depth + 1, at + 2, 2);
    if (id != 0 || len != 0)
        ntlm_read_av_value(message, id, depth + 1, at + 4, len, is_response);
    return 4 + len;
}

void ntlm_read_av_pairs(ntlm_message *message, const char *name, size_t depth, size_t at,
                        size_t len, int is_response)
{
    const inspect_packet *packet = &message->packet;
    size_t used = 0, pair = 1;
    int is_ended = 0;

    inspect_packet_add(packet, name, INSPECT_ARRAY, depth, at, len);
    while (used < len && !is_ended && pair > 0) {
        is_ended = len - used >= 4 && inspect_packet_number(packet, at + used, 2) == 0;
        pair = ntlm_read_av_pair(message, depth + 1, at + used, len - used, is_response);
        used += pair;
    }
    if (!is_ended && pair > 0)
        inspect_packet_find_fault(packet, SPNEGO_RULE_NTLM_AV_EOL_MISSING, at + len, 0);
    /* MS-NLMP 3.3.2 ends the client's list with four zero octets. */
    if (is_response && is_ended && len - used == 4)
        inspect_packet_add(packet, "Z4", INSPECT_NUMBER, depth, at + used, 4);
    else if (used < len)
        inspect_packet_add_private(packet, NULL, INSPECT_IDENTITY, depth + 1, at + used,
                                   len - used);
}

static void ntlm_open_response(const ntlm_message *message, const ntlm_payload *payload,
                               const char *type)
{
    inspect_packet_add(&message->packet, payload->item->payload_name, INSPECT_OBJECT,
                       message->depth, payload->at, payload->len)
        ->type = type;
}

/* MS-NLMP 2.2.2.3, 2.2.2.4; beside an NTLMv1 response with extended session security it holds the
 * client's challenge and nothing else (3.3.1). */
void ntlm_read_lm_response(ntlm_message *message, const ntlm_payload *payload)
{
    const inspect_packet *packet = &message->packet;
    const size_t depth = message->depth + 1, at = payload->at;

    if (payload->len != 24) {
        inspect_packet_add_private(packet, payload->item->payload_name, INSPECT_CRACKABLE,
                                   message->depth, at, payload->len);
        /* An anonymous client sends one zero octet (MS-NLMP 3.2.5.1.2). */
        if (payload->len != 1)
            inspect_packet_find_fault(packet, SPNEGO_RULE_NTLM_RESPONSE_MALFORMED, at,
                                      payload->len);
    } else if (message->nt_len > 24) {
        ntlm_open_response(message, payload, "LMv2_RESPONSE");
        inspect_packet_add_private(packet, "Response", INSPECT_CRACKABLE, depth, at, 16);
        inspect_packet_add_private(packet, "ChallengeFromClient", INSPECT_CRACKABLE, depth, at + 16,
                                   8);
    } else if (message->nt_len == 24 && ntlm_has_flag(message, NTLM_EXTENDED_SESSIONSECURITY)) {
        ntlm_open_response(message, payload, "LM_RESPONSE");
        inspect_packet_add_private(packet, "ChallengeFromClient", INSPECT_CRACKABLE, depth, at, 8);
        inspect_packet_add_private(packet, "Z16", INSPECT_CRACKABLE, depth, at + 8, 16);
    } else {
        ntlm_open_response(message, payload, "LM_RESPONSE");
        inspect_packet_add_private(packet, "Response", INSPECT_CRACKABLE, depth, at, 24);
    }
}

/* MS-NLMP 2.2.2.7 */
static void ntlm_read_client_challenge(ntlm_message *message, size_t depth, size_t at, size_t len)
{
    const inspect_packet *packet = &message->packet;

    inspect_packet_add(packet, "NTLMv2_CLIENT_CHALLENGE", INSPECT_OBJECT, depth, at, len);
    inspect_packet_add(packet, "RespType", INSPECT_NUMBER, depth + 1, at, 1);
    inspect_packet_add(packet, "HiRespType", INSPECT_NUMBER, depth + 1, at + 1, 1);
    inspect_packet_add(packet, "Reserved1", INSPECT_NUMBER, depth + 1, at + 2, 2);
    inspect_packet_add(packet, "Reserved2", INSPECT_NUMBER, depth + 1, at + 4, 4);
    inspect_packet_add(packet, "TimeStamp", INSPECT_FILETIME, depth + 1, at + 8, 8);
    inspect_packet_add_private(packet, "ChallengeFromClient", INSPECT_CRACKABLE, depth + 1, at + 16,
                               8);
    inspect_packet_add(packet, "Reserved3", INSPECT_NUMBER, depth + 1, at + 24, 4);
    if (inspect_packet_number(packet, at, 2) != 0x0101)
        inspect_packet_find_fault(packet, SPNEGO_RULE_NTLM_RESPONSE_MALFORMED, at, 2);
    ntlm_read_av_pairs(message, "AvPairs", depth + 1, at + 28, len - 28, 1);
}

/* MS-NLMP 2.2.2.6, 2.2.2.8 */
void ntlm_read_nt_response(ntlm_message *message, const ntlm_payload *payload)
{
    const inspect_packet *packet = &message->packet;
    const size_t depth = message->depth + 1, at = payload->at;

    if (payload->len == 24) {
        ntlm_open_response(message, payload, "NTLM_RESPONSE");
        inspect_packet_add_private(packet, "Response", INSPECT_CRACKABLE, depth, at, 24);
    } else if (payload->len < 16 + 28) {
        inspect_packet_add_private(packet, payload->item->payload_name, INSPECT_CRACKABLE,
                                   message->depth, at, payload->len);
        inspect_packet_find_fault(packet, SPNEGO_RULE_NTLM_RESPONSE_MALFORMED, at, payload->len);
    } else {
        ntlm_open_response(message, payload, "NTLMv2_RESPONSE");
        inspect_packet_add_private(packet, "Response", INSPECT_CRACKABLE, depth, at, 16);
        ntlm_read_client_challenge(message, depth, at + 16, payload->len - 16);
    }
}
