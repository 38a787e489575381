#include "inspect/negoex.h"

#include <string.h>

#include "base/bytes.h"
#include "inspect/krb5_meaning.h"
#include "inspect/nt_status.h"
#include "inspect/packet.h"

/* MS-NEGOEX 2.2.6.2 */
#define NEGOEX_HEADER_LEN 40

/* Elements of vectors: MS-NEGOEX 2.2.2, 2.2.5.1.4, 2.2.5.1.2. */
#define NEGOEX_GUID_LEN 16
#define NEGOEX_PAIR_LEN 12

/* MS-NEGOEX 2.2.5.1.2 */
#define NEGOEX_PULSE_LEN 8
#define NEGOEX_VERIFY_NO_KEY 1

typedef enum negoex_type {
    NEGOEX_INITIATOR_NEGO = 0,
    NEGOEX_ACCEPTOR_NEGO,
    NEGOEX_INITIATOR_META_DATA,
    NEGOEX_ACCEPTOR_META_DATA,
    NEGOEX_CHALLENGE,
    NEGOEX_AP_REQUEST,
    NEGOEX_VERIFY,
    NEGOEX_ALERT,
    NEGOEX_NUM_TYPES
} negoex_type;

/* clang-format off */
/* MS-NEGOEX 2.2.6.1.  fixed_len is what cbHeaderLength counts, as far as fields go: the padding
 * behind them is left out by some senders (NEX-15). */
static const struct {
    const char *name;
    size_t fixed_len;
    int from_acceptor; /* -1: either sends it */
} negoex_types[NEGOEX_NUM_TYPES] = {
    {"INITIATOR_NEGO",      92,  0},
    {"ACCEPTOR_NEGO",       92,  1},
    {"INITIATOR_META_DATA", 64,  0},
    {"ACCEPTOR_META_DATA",  64,  1},
    {"CHALLENGE",           64,  1},
    {"AP_REQUEST",          64,  0},
    {"VERIFY",              76, -1},
    {"ALERT",               66, -1},
};
/* clang-format on */

/* One message of the token. */
typedef struct negoex_message {
    inspect_packet packet;
    size_t depth; /* of its fields */
    negoex_type type;
    size_t room; /* for contents of BYTE_VECTORs: no more than the message is long */
} negoex_message;

/* What is compared from message to message. */
typedef struct negoex_token {
    size_t num_messages;
    uint64_t sequence;
    spnego_bytes conversation;
    int from_acceptor; /* -1: not known */
} negoex_token;

/* Both stand for PKU2U: one in MS-SPNG's list of schemes, the other in its examples (NEX-08). */
static const char *negoex_scheme_name(spnego_bytes guid)
{
    static const uint8_t schemes[][NEGOEX_GUID_LEN] = {
        {0x5c, 0x33, 0x53, 0x0d, 0xea, 0xf9, 0x0d, 0x4d, 0xb2, 0xec, 0x4a, 0xe3, 0x78, 0x6e, 0xc3,
         0x08},
        {0xad, 0x69, 0x5f, 0x23, 0xfb, 0x73, 0xbc, 0x4d, 0x82, 0x03, 0x06, 0x29, 0xe7, 0x39, 0x33,
         0x9b}};

    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        if (guid.len == NEGOEX_GUID_LEN && memcmp(guid.data, schemes[i], NEGOEX_GUID_LEN) == 0)
            return "PKU2U";
    return NULL;
}

static void negoex_read_guid(const negoex_message *message, const char *name, size_t depth,
                             size_t at)
{
    inspect_node *node =
        inspect_packet_add(&message->packet, name, INSPECT_GUID, depth, at, NEGOEX_GUID_LEN);

    node->label = negoex_scheme_name(node->octets);
}

/* Offset and count of a vector with elements of `size` octets.  Returns the number of elements, 0
 * where they are not there; the offset of an empty vector says nothing (NEX-22). */
static size_t negoex_read_vector(const negoex_message *message, const char *const *names,
                                 size_t depth, size_t at, size_t count_size, size_t size,
                                 size_t *out_start)
{
    const inspect_packet *packet = &message->packet;
    const uint64_t start = inspect_packet_number(packet, at, 4);
    const uint64_t count = inspect_packet_number(packet, at + 4, count_size);
    spnego_bytes octets;

    inspect_packet_add(packet, names[0], INSPECT_NUMBER, depth, at, 4);
    inspect_packet_add(packet, names[1], INSPECT_NUMBER, depth, at + 4, count_size);
    if (count == 0)
        return 0;
    /* 32 bits times twelve or sixteen fit into 64. */
    if (!inspect_packet_slice(&octets, packet, start, count * size)) {
        inspect_packet_find_fault(packet, SPNEGO_RULE_NEGOEX_VECTOR_OUTSIDE, at, 4 + count_size);
        return 0;
    }
    *out_start = (size_t)start;
    return (size_t)count;
}

/* Offset and length of a BYTE_VECTOR (MS-NEGOEX 2.2.5.2.1).  Many may point to the same octets, and
 * would be shown over and over: what goes beyond the message's length is not.  Returns how many
 * there are to show. */
static size_t negoex_open_bytes(negoex_message *message, const char *name, size_t depth, size_t at,
                                size_t *out_start)
{
    static const char *const names[] = {"ByteArrayOffset", "ByteArrayLength"};
    size_t len;

    inspect_packet_add(&message->packet, name, INSPECT_OBJECT, depth, at, 8);
    len = negoex_read_vector(message, names, depth + 1, at, 4, 1, out_start);
    if (len > message->room) {
        inspect_packet_find_fault(&message->packet, SPNEGO_RULE_NEGOEX_VECTORS_OVERLAP, at, 8);
        return 0;
    }
    message->room -= len;
    return len;
}

static void negoex_read_bytes(negoex_message *message, const char *name, size_t depth, size_t at,
                              inspect_privacy privacy, int may_nest)
{
    inspect_node *node;
    size_t start = 0;
    const size_t len = negoex_open_bytes(message, name, depth, at, &start);

    if (len == 0)
        return;
    node = inspect_packet_add(&message->packet, "ByteArray", INSPECT_OCTETS, depth + 1, start, len);
    node->privacy = privacy;
    node->may_nest = may_nest;
}

/* AUTH_SCHEME_VECTOR (MS-NEGOEX 2.2.5.2.2) */
static void negoex_read_schemes(const negoex_message *message, size_t at)
{
    static const char *const names[] = {"AuthSchemeArrayOffset", "AuthSchemeCount"};
    const size_t depth = message->depth + 1;
    size_t start = 0, num;

    inspect_packet_add(&message->packet, "AuthSchemes", INSPECT_OBJECT, message->depth, at, 8);
    num = negoex_read_vector(message, names, depth, at, 2, NEGOEX_GUID_LEN, &start);
    if (num == 0)
        return;
    inspect_packet_add(&message->packet, "AuthSchemeArray", INSPECT_ARRAY, depth, start,
                       num * NEGOEX_GUID_LEN);
    for (size_t i = 0; i < num; i++)
        negoex_read_guid(message, NULL, depth + 1, start + i * NEGOEX_GUID_LEN);
}

/* A vector of a type and its BYTE_VECTOR: extensions (MS-NEGOEX 2.2.5.2.3) and alerts (2.2.5.2.4).
 */
typedef struct negoex_pairs {
    const char *name;
    const char *vector[2];
    const char *array, *type, *value;
} negoex_pairs;

/* ALERT_PULSE (MS-NEGOEX 2.2.5.1.2).  Senders differ in what its cbHeaderLength counts (NEX-44).
 * What says anything else stays octets, which --redact hides. */
static int negoex_is_pulse(const inspect_packet *packet, size_t start, size_t len)
{
    const uint64_t header_len =
        len == NEGOEX_PULSE_LEN ? inspect_packet_number(packet, start, 4) : 0;

    return (header_len == 4 || header_len == 8) &&
           inspect_packet_number(packet, start + 4, 4) == NEGOEX_VERIFY_NO_KEY;
}

static void negoex_read_pulse(negoex_message *message, const char *name, size_t depth, size_t at)
{
    const inspect_packet *packet = &message->packet;
    size_t start = 0;
    const size_t len = negoex_open_bytes(message, name, depth, at, &start);

    if (!negoex_is_pulse(packet, start, len)) {
        if (len > 0)
            inspect_packet_add_private(packet, "ByteArray", INSPECT_CRACKABLE, depth + 1, start,
                                       len);
        return;
    }
    inspect_packet_add(packet, "ALERT_PULSE", INSPECT_OBJECT, depth + 1, start, len);
    inspect_packet_add(packet, "cbHeaderLength", INSPECT_NUMBER, depth + 2, start, 4);
    inspect_packet_add(packet, "Reason", INSPECT_NAMED, depth + 2, start + 4, 4)->label =
        "ALERT_VERIFY_NO_KEY";
}

/* MS-NEGOEX 2.2.5.1.1 */
static void negoex_read_alert_element(negoex_message *message, const negoex_pairs *pairs,
                                      size_t depth, size_t at)
{
    const int is_pulse = inspect_packet_number(&message->packet, at, 4) == 1;

    inspect_packet_add(&message->packet, pairs->type, INSPECT_NAMED, depth, at, 4)->label =
        is_pulse ? "ALERT_TYPE_PULSE" : NULL;
    if (is_pulse)
        negoex_read_pulse(message, pairs->value, depth, at + 4);
    else
        negoex_read_bytes(message, pairs->value, depth, at + 4, INSPECT_CRACKABLE, 0);
}

static void negoex_read_pair(negoex_message *message, const negoex_pairs *pairs, size_t depth,
                             size_t at)
{
    const inspect_packet *packet = &message->packet;

    inspect_packet_add(packet, NULL, INSPECT_OBJECT, depth, at, NEGOEX_PAIR_LEN);
    if (message->type == NEGOEX_ALERT) {
        negoex_read_alert_element(message, pairs, depth + 1, at);
        return;
    }
    inspect_packet_add(packet, pairs->type, INSPECT_NUMBER, depth + 1, at, 4);
    negoex_read_bytes(message, pairs->value, depth + 1, at + 4, INSPECT_CRACKABLE, 0);
}

static size_t negoex_read_pairs(negoex_message *message, const negoex_pairs *pairs, size_t at,
                                size_t *out_start)
{
    const inspect_packet *packet = &message->packet;
    const size_t depth = message->depth + 1;
    size_t num;

    inspect_packet_add(packet, pairs->name, INSPECT_OBJECT, message->depth, at, 6);
    num = negoex_read_vector(message, pairs->vector, depth, at, 2, NEGOEX_PAIR_LEN, out_start);
    if (num == 0)
        return 0;
    inspect_packet_add(packet, pairs->array, INSPECT_ARRAY, depth, *out_start,
                       num * NEGOEX_PAIR_LEN);
    for (size_t i = 0; i < num; i++)
        negoex_read_pair(message, pairs, depth + 1, *out_start + i * NEGOEX_PAIR_LEN);
    return num;
}

/* On the wire each vector has two octets of padding; some senders put the two back to back and the
 * padding behind both (NEX-20).  Padding is zero, an offset is not. */
static size_t negoex_extensions_at(const negoex_message *message)
{
    if (inspect_packet_number(&message->packet, 86, 2) == 0)
        return 88;
    inspect_packet_find_fault(&message->packet, SPNEGO_RULE_NEGOEX_VECTORS_PACKED, 86, 6);
    return 86;
}

/* MS-NEGOEX 2.2.6.3 */
static void negoex_read_nego(negoex_message *message)
{
    static const negoex_pairs extensions = {"Extensions",
                                            {"ExtensionArrayOffset", "ExtensionCount"},
                                            "ExtensionArray",
                                            "ExtensionType",
                                            "ExtensionValue"};
    const inspect_packet *packet = &message->packet;
    size_t start = 0, num;

    inspect_packet_add(packet, "Random", INSPECT_OCTETS, message->depth, 40, 32);
    inspect_packet_add(packet, "ProtocolVersion", INSPECT_NUMBER, message->depth, 72, 8);
    if (inspect_packet_number(packet, 72, 8) != 0)
        inspect_packet_find_fault(packet, SPNEGO_RULE_NEGOEX_VERSION_UNKNOWN, 72, 8);
    negoex_read_schemes(message, 80);
    num = negoex_read_pairs(message, &extensions, negoex_extensions_at(message), &start);
    /* The top bit of ExtensionType (MS-NEGOEX 2.2.5.1.4). */
    for (size_t i = 0; i < num; i++)
        if ((inspect_packet_number(packet, start + i * NEGOEX_PAIR_LEN, 4) >> 31) != 0)
            inspect_packet_find_fault(packet, SPNEGO_RULE_NEGOEX_EXTENSION_CRITICAL,
                                      start + i * NEGOEX_PAIR_LEN, 4);
}

/* MS-NEGOEX 2.2.6.4 */
static void negoex_read_exchange(negoex_message *message)
{
    const int is_meta_data =
        message->type == NEGOEX_INITIATOR_META_DATA || message->type == NEGOEX_ACCEPTOR_META_DATA;

    negoex_read_guid(message, "AuthScheme", message->depth, 40);
    negoex_read_bytes(message, "Exchange", message->depth, 56,
                      is_meta_data ? INSPECT_IDENTITY : INSPECT_CRACKABLE, 1);
}

/* MS-NEGOEX 2.2.6.5, CHECKSUM 2.2.5.1.3 */
static void negoex_read_verify(negoex_message *message)
{
    const inspect_packet *packet = &message->packet;
    const size_t depth = message->depth + 1;

    negoex_read_guid(message, "AuthScheme", message->depth, 40);
    inspect_packet_add(packet, "Checksum", INSPECT_OBJECT, message->depth, 56, 20);
    inspect_packet_add(packet, "cbHeaderLength", INSPECT_NUMBER, depth, 56, 4);
    inspect_packet_add(packet, "ChecksumScheme", INSPECT_NAMED, depth, 60, 4)->label =
        inspect_packet_number(packet, 60, 4) == 1 ? "CHECKSUM_SCHEME_RFC3961" : NULL;
    inspect_packet_add(packet, "ChecksumType", INSPECT_NAMED, depth, 64, 4)->label =
        inspect_krb5_checksum_name((int32_t)inspect_packet_number(packet, 64, 4));
    negoex_read_bytes(message, "ChecksumValue", depth, 68, INSPECT_CRACKABLE, 0);
    if (inspect_packet_number(packet, 56, 4) != 20 || inspect_packet_number(packet, 60, 4) != 1)
        inspect_packet_find_fault(packet, SPNEGO_RULE_NEGOEX_CHECKSUM_UNKNOWN, 56, 8);
}

/* MS-NEGOEX 2.2.6.6 */
static void negoex_read_alert(negoex_message *message)
{
    static const negoex_pairs alerts = {
        "Alerts", {"AlertArrayOffset", "AlertCount"}, "AlertArray", "AlertType", "AlertValue"};
    size_t start = 0;

    negoex_read_guid(message, "AuthScheme", message->depth, 40);
    inspect_packet_add(&message->packet, "ErrorCode", INSPECT_NAMED, message->depth, 56, 4)->label =
        inspect_nt_status_name((uint32_t)inspect_packet_number(&message->packet, 56, 4));
    (void)negoex_read_pairs(message, &alerts, 60, &start);
}

static void negoex_read_header(const negoex_message *message, const char *type)
{
    const inspect_packet *packet = &message->packet;
    const size_t depth = message->depth + 1;

    inspect_packet_add(packet, "Header", INSPECT_OBJECT, message->depth, 0, NEGOEX_HEADER_LEN);
    inspect_packet_add(packet, "Signature", INSPECT_TEXT_UTF8, depth, 0, 8);
    inspect_packet_add(packet, "MessageType", INSPECT_NAMED, depth, 8, 4)->label = type;
    inspect_packet_add(packet, "SequenceNum", INSPECT_NUMBER, depth, 12, 4);
    inspect_packet_add(packet, "cbHeaderLength", INSPECT_NUMBER, depth, 16, 4);
    inspect_packet_add(packet, "cbMessageLength", INSPECT_NUMBER, depth, 20, 4);
    inspect_packet_add(packet, "ConversationId", INSPECT_GUID, depth, 24, NEGOEX_GUID_LEN);
}

static void negoex_read_body(negoex_message *message)
{
    switch (message->type) {
    case NEGOEX_INITIATOR_NEGO:
    case NEGOEX_ACCEPTOR_NEGO:
        negoex_read_nego(message);
        break;
    case NEGOEX_INITIATOR_META_DATA:
    case NEGOEX_ACCEPTOR_META_DATA:
    case NEGOEX_CHALLENGE:
    case NEGOEX_AP_REQUEST:
        negoex_read_exchange(message);
        break;
    case NEGOEX_VERIFY:
        negoex_read_verify(message);
        break;
    case NEGOEX_ALERT:
        negoex_read_alert(message);
        break;
    case NEGOEX_NUM_TYPES:
        break;
    }
}

/* What one message says about itself that the one before it said otherwise. */
static void negoex_compare(negoex_token *token, const negoex_message *message)
{
    const inspect_packet *packet = &message->packet;
    const uint64_t sequence = inspect_packet_number(packet, 12, 4);
    const int from_acceptor = negoex_types[message->type].from_acceptor;
    spnego_bytes conversation;

    (void)inspect_packet_slice(&conversation, packet, 24, NEGOEX_GUID_LEN);
    if (token->num_messages > 0 && sequence != token->sequence + 1)
        inspect_packet_find_fault(packet, SPNEGO_RULE_NEGOEX_SEQUENCE_BROKEN, 12, 4);
    if (token->num_messages > 0 && !bytes_equal(conversation, token->conversation))
        inspect_packet_find_fault(packet, SPNEGO_RULE_NEGOEX_CONVERSATION_CHANGED, 24,
                                  NEGOEX_GUID_LEN);
    if (from_acceptor >= 0 && token->from_acceptor == !from_acceptor)
        inspect_packet_find_fault(packet, SPNEGO_RULE_NEGOEX_DIRECTIONS_MIXED, 8, 4);
    if (from_acceptor >= 0)
        token->from_acceptor = from_acceptor;
    token->sequence = sequence;
    token->conversation = conversation;
    token->num_messages++;
}

static void negoex_read_message(negoex_token *token, negoex_message *message)
{
    const inspect_packet *packet = &message->packet;
    const uint64_t type = inspect_packet_number(packet, 8, 4);
    const uint64_t header_len = inspect_packet_number(packet, 16, 4);
    const int is_known = type < NEGOEX_NUM_TYPES;

    inspect_packet_add(packet, NULL, INSPECT_OBJECT, message->depth - 1, 0, packet->in.len)->type =
        is_known ? negoex_types[type].name : "Unknown";
    negoex_read_header(message, is_known ? negoex_types[type].name : NULL);
    if (!is_known) {
        inspect_packet_find_fault(packet, SPNEGO_RULE_NEGOEX_MESSAGE_UNKNOWN, 8, 4);
        return;
    }
    message->type = (negoex_type)type;
    message->room = packet->in.len;
    negoex_compare(token, message);
    if (packet->in.len < negoex_types[type].fixed_len) {
        inspect_packet_find_fault(packet, SPNEGO_RULE_NEGOEX_TRUNCATED, 20, 4);
        return;
    }
    if (header_len < negoex_types[type].fixed_len || header_len > packet->in.len)
        inspect_packet_find_fault(packet, SPNEGO_RULE_NEGOEX_HEADER_LENGTH, 16, 4);
    negoex_read_body(message);
}

/* The message at the beginning of `whole`: as long as it says, or as there is.  Returns 0 where
 * not even a header is there. */
static size_t negoex_message_len(const inspect_packet *whole)
{
    const uint64_t len = inspect_packet_number(whole, 20, 4);

    if (whole->in.len < 8 || memcmp(whole->in.data, "NEGOEXTS", 8) != 0) {
        inspect_packet_find_fault(whole, SPNEGO_RULE_NEGOEX_SIGNATURE_MISSING, 0,
                                  whole->in.len < 8 ? whole->in.len : 8);
        return 0;
    }
    if (whole->in.len < NEGOEX_HEADER_LEN) {
        inspect_packet_find_fault(whole, SPNEGO_RULE_NEGOEX_TRUNCATED, whole->in.len, 0);
        return 0;
    }
    if (len < NEGOEX_HEADER_LEN || len > whole->in.len) {
        inspect_packet_find_fault(whole, SPNEGO_RULE_NEGOEX_TRUNCATED, 20, 4);
        return len < NEGOEX_HEADER_LEN ? 0 : whole->in.len;
    }
    return (size_t)len;
}

int inspect_negoex_read(inspect_tree *tree, inspect_reading *reading, spnego_bytes token,
                        size_t depth)
{
    negoex_token state = {0, 0, {NULL, 0}, -1};
    negoex_message message = {{tree, reading, token}, depth + 3, NEGOEX_NUM_TYPES, 0};
    inspect_packet rest = {tree, reading, token};
    size_t len;

    if (spnego_sniff(token) != SPNEGO_KIND_NEGOEX)
        return 0;
    inspect_packet_add(&rest, NULL, INSPECT_OBJECT, depth, 0, token.len)->type = "NEGOEX";
    inspect_packet_add(&rest, "messages", INSPECT_ARRAY, depth + 1, 0, token.len);
    while (rest.in.len > 0) {
        len = negoex_message_len(&rest);
        if (len == 0) {
            inspect_packet_add_private(&rest, NULL, INSPECT_CRACKABLE, depth + 2, 0, rest.in.len);
            break;
        }
        message.packet.in.data = rest.in.data;
        message.packet.in.len = len;
        negoex_read_message(&state, &message);
        rest.in.data += len;
        rest.in.len -= len;
    }
    return 1;
}
