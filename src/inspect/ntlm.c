#include "inspect/ntlm.h"

#include <string.h>

#include "inspect/kind.h"
#include "inspect/ntlm_message.h"

#define NTLM_ANY(kind, at, size, name) \
    { \
        kind, at, size, name, NULL, NULL, NULL, NULL \
    }
#define NTLM_FIELDS(kind, at, name) \
    { \
        kind, at, 8, name "Fields", name "Len", name "MaxLen", name "BufferOffset", name \
    }

/* clang-format off */
/* MS-NLMP 2.2.1.1 */
static const ntlm_item ntlm_negotiate[] = {
    NTLM_ANY(NTLM_FLAGS,            12,  4, "NegotiateFlags"),
    NTLM_FIELDS(NTLM_OEM_NAME,      16,     "DomainName"),
    NTLM_FIELDS(NTLM_OEM_NAME,      24,     "Workstation"),
    NTLM_ANY(NTLM_VERSION,          32,  8, "Version"),
};

/* MS-NLMP 2.2.1.2 */
static const ntlm_item ntlm_challenge[] = {
    NTLM_FIELDS(NTLM_NAME,          12,     "TargetName"),
    NTLM_ANY(NTLM_FLAGS,            20,  4, "NegotiateFlags"),
    NTLM_ANY(NTLM_SECRETS,          24,  8, "ServerChallenge"),
    NTLM_ANY(NTLM_OCTETS,           32,  8, "Reserved"),
    NTLM_FIELDS(NTLM_AV_PAIRS,      40,     "TargetInfo"),
    NTLM_ANY(NTLM_VERSION,          48,  8, "Version"),
};

/* MS-NLMP 2.2.1.3 */
static const ntlm_item ntlm_authenticate[] = {
    NTLM_FIELDS(NTLM_LM_RESPONSE,   12,     "LmChallengeResponse"),
    NTLM_FIELDS(NTLM_NT_RESPONSE,   20,     "NtChallengeResponse"),
    NTLM_FIELDS(NTLM_NAME,          28,     "DomainName"),
    NTLM_FIELDS(NTLM_NAME,          36,     "UserName"),
    NTLM_FIELDS(NTLM_NAME,          44,     "Workstation"),
    NTLM_FIELDS(NTLM_KEY,           52,     "EncryptedRandomSessionKey"),
    NTLM_ANY(NTLM_FLAGS,            60,  4, "NegotiateFlags"),
    NTLM_ANY(NTLM_VERSION,          64,  8, "Version"),
    NTLM_ANY(NTLM_SECRETS,          72, 16, "MIC"),
};

/* What a message cannot do without: what stands behind it was added later, each with the next
 * version of the protocol, and senders that have no use for it begin their payload there.  So the
 * first payload's offset tells whether Version and MIC are there. */
static const struct {
    const ntlm_item *items;
    size_t num_items;
    size_t min_len;
} ntlm_layouts[] = {
    {ntlm_negotiate,    sizeof ntlm_negotiate / sizeof ntlm_negotiate[0],       16},
    {ntlm_challenge,    sizeof ntlm_challenge / sizeof ntlm_challenge[0],       32},
    {ntlm_authenticate, sizeof ntlm_authenticate / sizeof ntlm_authenticate[0], 52},
};

/* MS-NLMP 2.2.2.5, from bit 0; those that must be zero are r1 to r10. */
static const char *const ntlm_flag_names[32] = {
    "NTLMSSP_NEGOTIATE_UNICODE",
    "NTLM_NEGOTIATE_OEM",
    "NTLMSSP_REQUEST_TARGET",
    "r10",
    "NTLMSSP_NEGOTIATE_SIGN",
    "NTLMSSP_NEGOTIATE_SEAL",
    "NTLMSSP_NEGOTIATE_DATAGRAM",
    "NTLMSSP_NEGOTIATE_LM_KEY",
    "r9",
    "NTLMSSP_NEGOTIATE_NTLM",
    "r8",
    "anonymous",
    "NTLMSSP_NEGOTIATE_OEM_DOMAIN_SUPPLIED",
    "NTLMSSP_NEGOTIATE_OEM_WORKSTATION_SUPPLIED",
    "r7",
    "NTLMSSP_NEGOTIATE_ALWAYS_SIGN",
    "NTLMSSP_TARGET_TYPE_DOMAIN",
    "NTLMSSP_TARGET_TYPE_SERVER",
    "r6",
    "NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY",
    "NTLMSSP_NEGOTIATE_IDENTIFY",
    "r5",
    "NTLMSSP_REQUEST_NON_NT_SESSION_KEY",
    "NTLMSSP_NEGOTIATE_TARGET_INFO",
    "r4",
    "NTLMSSP_NEGOTIATE_VERSION",
    "r3",
    "r2",
    "r1",
    "NTLMSSP_NEGOTIATE_128",
    "NTLMSSP_NEGOTIATE_KEY_EXCH",
    "NTLMSSP_NEGOTIATE_56",
};
/* clang-format on */

int ntlm_has_flag(const ntlm_message *message, unsigned bit)
{
    return message->has_flags && (message->flags >> bit & 1) != 0;
}

/* The number, and an array of the names of its bits. */
static void ntlm_read_flags(ntlm_message *message, const ntlm_item *item)
{
    const inspect_packet *packet = &message->packet;

    message->has_flags = 1;
    message->flags = (uint32_t)inspect_packet_number(packet, item->at, 4);
    inspect_packet_add(packet, item->name, INSPECT_OBJECT, message->depth, item->at, 4);
    inspect_packet_add(packet, "value", INSPECT_NUMBER, message->depth + 1, item->at, 4);
    inspect_packet_add(packet, "flags", INSPECT_ARRAY, message->depth + 1, item->at, 4);
    for (unsigned bit = 0; bit < 32; bit++)
        if (ntlm_has_flag(message, bit))
            inspect_tree_add(packet->tree, NULL, INSPECT_FLAG, message->depth + 2,
                             inspect_offset(packet->reading, packet->in) + item->at, 0)
                ->label = ntlm_flag_names[bit];
}

/* MS-NLMP 2.2.2.10 */
static void ntlm_read_version(const ntlm_message *message, const ntlm_item *item)
{
    const inspect_packet *packet = &message->packet;
    const size_t depth = message->depth + 1;

    inspect_packet_add(packet, item->name, INSPECT_OBJECT, message->depth, item->at, item->size);
    inspect_packet_add(packet, "ProductMajorVersion", INSPECT_NUMBER, depth, item->at, 1);
    inspect_packet_add(packet, "ProductMinorVersion", INSPECT_NUMBER, depth, item->at + 1, 1);
    inspect_packet_add(packet, "ProductBuild", INSPECT_NUMBER, depth, item->at + 2, 2);
    inspect_packet_add(packet, "Reserved", INSPECT_NUMBER, depth, item->at + 4, 3);
    inspect_packet_add(packet, "NTLMRevisionCurrent", INSPECT_NUMBER, depth, item->at + 7, 1);
}

static void ntlm_add_payload(ntlm_message *message, const ntlm_item *item, size_t at, size_t len)
{
    size_t i = message->num_payloads++;

    for (; i > 0 && message->payloads[i - 1].at > at; i--)
        message->payloads[i] = message->payloads[i - 1];
    message->payloads[i].item = item;
    message->payloads[i].at = at;
    message->payloads[i].len = len;
}

/* Len, MaxLen and BufferOffset.  The offset of an empty payload points nowhere in particular
 * (MS-NLMP 2.2.1.1: it is ignored). */
static void ntlm_read_fields(ntlm_message *message, const ntlm_item *item, size_t min_len)
{
    const inspect_packet *packet = &message->packet;
    const uint64_t len = inspect_packet_number(packet, item->at, 2);
    const uint64_t at = inspect_packet_number(packet, item->at + 4, 4);
    spnego_bytes payload;

    inspect_packet_add(packet, item->name, INSPECT_OBJECT, message->depth, item->at, 8);
    inspect_packet_add(packet, item->len_name, INSPECT_NUMBER, message->depth + 1, item->at, 2);
    inspect_packet_add(packet, item->max_len_name, INSPECT_NUMBER, message->depth + 1, item->at + 2,
                       2);
    inspect_packet_add(packet, item->offset_name, INSPECT_NUMBER, message->depth + 1, item->at + 4,
                       4);
    if (len == 0)
        return;
    if (!inspect_packet_slice(&payload, packet, at, len)) {
        inspect_packet_find_fault(packet, SPNEGO_RULE_NTLM_FIELD_OUTSIDE, item->at, item->size);
        return;
    }
    if (item->kind == NTLM_NT_RESPONSE)
        message->nt_len = payload.len;
    if (item->kind == NTLM_LM_RESPONSE)
        message->lm_len = payload.len;
    if (strcmp(item->payload_name, "UserName") == 0)
        message->user_len = payload.len;
    ntlm_add_payload(message, item, (size_t)at, payload.len);
    if (at < min_len || at < item->at + item->size)
        inspect_packet_find_fault(packet, SPNEGO_RULE_NTLM_FIELD_IN_HEADER, item->at, item->size);
    else if (at < message->end)
        message->end = (size_t)at;
}

static void ntlm_read_item(ntlm_message *message, const ntlm_item *item, size_t at, size_t min_len)
{
    switch (item->kind) {
    case NTLM_OCTETS:
    case NTLM_SECRETS:
        inspect_packet_add_private(&message->packet, item->name,
                                   item->kind == NTLM_SECRETS ? INSPECT_CRACKABLE : INSPECT_PUBLIC,
                                   message->depth, at, item->size);
        if (message->type == 3)
            message->mic_at = at;
        break;
    case NTLM_FLAGS:
        ntlm_read_flags(message, item);
        break;
    case NTLM_VERSION:
        ntlm_read_version(message, item);
        break;
    case NTLM_NAME:
    case NTLM_OEM_NAME:
    case NTLM_AV_PAIRS:
    case NTLM_LM_RESPONSE:
    case NTLM_NT_RESPONSE:
    case NTLM_KEY:
        ntlm_read_fields(message, item, min_len);
        break;
    }
}

/* UTF-16 is whole units, and surrogates come in pairs. */
static int ntlm_is_utf16(spnego_bytes text)
{
    int high = 0;

    for (size_t i = 1; i < text.len; i += 2) {
        const int is_high = (text.data[i] & 0xfc) == 0xd8, is_low = (text.data[i] & 0xfc) == 0xdc;
        if (is_low != high)
            return 0;
        high = is_high;
    }
    return !high && text.len % 2 == 0;
}

void ntlm_read_text(ntlm_message *message, const char *name, size_t depth, size_t at, size_t len,
                    int is_unicode)
{
    inspect_node *node =
        inspect_packet_add(&message->packet, name,
                           is_unicode ? INSPECT_TEXT_UTF16 : INSPECT_TEXT_UTF8, depth, at, len);

    node->privacy = INSPECT_IDENTITY;
    if (is_unicode && !ntlm_is_utf16(node->octets))
        inspect_packet_find_fault(&message->packet, SPNEGO_RULE_NTLM_TEXT_MALFORMED, at, len);
}

static void ntlm_read_payload(ntlm_message *message, const ntlm_payload *payload)
{
    const char *name = payload->item->payload_name;

    switch (payload->item->kind) {
    case NTLM_NAME:
    case NTLM_OEM_NAME:
        ntlm_read_text(message, name, message->depth, payload->at, payload->len,
                       payload->item->kind == NTLM_NAME && ntlm_has_flag(message, NTLM_UNICODE));
        break;
    case NTLM_AV_PAIRS:
        ntlm_read_av_pairs(message, name, message->depth, payload->at, payload->len, 0);
        break;
    case NTLM_LM_RESPONSE:
        ntlm_read_lm_response(message, payload);
        break;
    case NTLM_NT_RESPONSE:
        ntlm_read_nt_response(message, payload);
        break;
    case NTLM_KEY:
        inspect_packet_add_private(&message->packet, name, INSPECT_CRACKABLE, message->depth,
                                   payload->at, payload->len);
        break;
    case NTLM_OCTETS:
    case NTLM_SECRETS:
    case NTLM_FLAGS:
    case NTLM_VERSION:
        break;
    }
}

static void ntlm_read_payloads(ntlm_message *message)
{
    size_t end = 0;

    for (size_t i = 0; i < message->num_payloads; i++) {
        const ntlm_payload *payload = &message->payloads[i];

        if (payload->at < end)
            inspect_packet_find_fault(&message->packet, SPNEGO_RULE_NTLM_FIELDS_OVERLAP,
                                      payload->at, payload->len);
        ntlm_read_payload(message, payload);
        /* It lies inside the message, so the sum is no more than that is long. */
        if (end < payload->at + payload->len)
            end = payload->at + payload->len;
    }
}

/* Senders that do not set NTLMSSP_NEGOTIATE_VERSION may leave Version out and put the MIC in its
 * place (vectors/accept/ntlm-mic-without-version.txt): then there is room for just that. */
static int ntlm_skips_version(const ntlm_message *message, const ntlm_item *item)
{
    const size_t room = message->end - item->at;

    return message->type == 3 && item->kind == NTLM_VERSION &&
           !ntlm_has_flag(message, NTLM_VERSION_SENT) && room >= NTLM_MIC_LEN &&
           room < NTLM_MIC_LEN + item->size;
}

static void ntlm_read_message(ntlm_message *message, const char *type)
{
    const inspect_packet *packet = &message->packet;
    const size_t len = packet->in.len;
    const ntlm_item *items = ntlm_layouts[message->type - 1].items;
    const size_t num_items = ntlm_layouts[message->type - 1].num_items;
    const size_t min_len = ntlm_layouts[message->type - 1].min_len;
    size_t skipped = 0;

    message->end = len;
    inspect_packet_add(packet, NULL, INSPECT_OBJECT, message->depth - 1, 0, len)->type = type;
    inspect_packet_add(packet, "Signature", INSPECT_TEXT_UTF8, message->depth, 0, 8);
    inspect_packet_add(packet, "MessageType", INSPECT_NUMBER, message->depth, 8, 4);
    for (size_t i = 0; i < num_items; i++) {
        const size_t at = items[i].at - skipped;

        if (at > message->end || items[i].size > message->end - at)
            break;
        if (ntlm_skips_version(message, &items[i]))
            skipped = items[i].size;
        else
            ntlm_read_item(message, &items[i], at, min_len);
    }
    if (len < min_len)
        inspect_packet_find_fault(packet, SPNEGO_RULE_NTLM_TRUNCATED, len, 0);
    ntlm_read_payloads(message);
    if (len >= min_len)
        ntlm_lint(message);
}

/* MS-NLMP 2.2.2.9.  Which of its two layouts it has was said when flags were exchanged, not here;
 * but without extended session security RandomPad is zero (MS-NLMP 3.4.4.1), where with it a
 * checksum begins. */
static void ntlm_read_signature(const inspect_packet *packet, size_t depth)
{
    const int is_extended = inspect_packet_number(packet, 4, 4) != 0;

    inspect_packet_add(packet, NULL, INSPECT_OBJECT, depth, 0, packet->in.len)->type =
        "NTLMSSP_MESSAGE_SIGNATURE";
    inspect_packet_add(packet, "Version", INSPECT_NUMBER, depth + 1, 0, 4);
    if (!is_extended)
        inspect_packet_add(packet, "RandomPad", INSPECT_NUMBER, depth + 1, 4, 4);
    inspect_packet_add_private(packet, "Checksum", INSPECT_CRACKABLE, depth + 1,
                               is_extended ? 4 : 8, is_extended ? 8 : 4);
    inspect_packet_add(packet, "SeqNum", INSPECT_NUMBER, depth + 1, 12, 4);
}

int inspect_ntlm_read(inspect_tree *tree, inspect_reading *reading, spnego_bytes token,
                      size_t depth)
{
    const spnego_kind kind = spnego_sniff(token);
    const char *name = inspect_kind_name(token);
    ntlm_message message;

    memset(&message, 0, sizeof message);
    message.packet.tree = tree;
    message.packet.reading = reading;
    message.packet.in = token;
    message.depth = depth + 1;
    if (kind == SPNEGO_KIND_NTLMSSP_MIC) {
        ntlm_read_signature(&message.packet, depth);
        return 1;
    }
    if (kind != SPNEGO_KIND_NTLMSSP)
        return 0;
    if (name == NULL) {
        inspect_packet_find_fault(&message.packet,
                                  token.len < 12 ? SPNEGO_RULE_NTLM_TRUNCATED
                                                 : SPNEGO_RULE_NTLM_MESSAGE_UNKNOWN,
                                  8, token.len < 12 ? token.len - 8 : 4);
        return 0;
    }
    message.type = token.data[8];
    ntlm_read_message(&message, name);
    return 1;
}
