#include <string.h>

#include "inspect/pyspnego.h"
#include "inspect/tlv.h"

typedef enum py_form {
    PY_VALUE, /* as the node is               */
    PY_HEX,   /* the node's octets            */
    PY_FLAGS, /* a number and its bits        */
    PY_AP_OPTIONS,
    PY_AV_PAIRS,
    PY_ETYPE,
    PY_E_DATA,
    PY_MSG_TYPE,
    PY_RESPONSE_TYPE,
    PY_FAILED, /* SessionKey: there is no key  */
    PY_OPEN,   /* what comes deeper is inside  */
    PY_GROUP   /* the same, without a node     */
} py_form;

typedef struct py_field {
    size_t depth;
    py_form form;
    const char *key;
    const char *name; /* of the node; NULL: as the key */
    int is_optional;  /* left out where it is absent, else null */
} py_field;

#define PY_MAX_OPEN 4

#define PY_NTLM_FIELDS(name) \
    {0, PY_OPEN, name "Fields", NULL, 0}, {1, PY_VALUE, "Len", name "Len", 0}, \
        {1, PY_VALUE, "MaxLen", name "MaxLen", 0}, \
    { \
        1, PY_VALUE, "BufferOffset", name "BufferOffset", 0 \
    }
#define PY_NTLM_VERSION \
    {0, PY_OPEN, "Version", NULL, 0}, {1, PY_VALUE, "Major", "ProductMajorVersion", 0}, \
        {1, PY_VALUE, "Minor", "ProductMinorVersion", 0}, \
        {1, PY_VALUE, "Build", "ProductBuild", 0}, {1, PY_HEX, "Reserved", NULL, 0}, \
    { \
        1, PY_VALUE, "NTLMRevision", "NTLMRevisionCurrent", 0 \
    }
#define PY_PRINCIPAL(depth, key) \
    {depth, PY_OPEN, key, NULL, 0}, {depth + 1, PY_VALUE, "name-type", NULL, 0}, \
    { \
        depth + 1, PY_VALUE, "name-string", NULL, 0 \
    }
#define PY_ENCRYPTED(depth, key) \
    {depth, PY_OPEN, key, NULL, 0}, {depth + 1, PY_ETYPE, "etype", NULL, 0}, \
        {depth + 1, PY_VALUE, "kvno", NULL, 0}, \
    { \
        depth + 1, PY_HEX, "cipher", NULL, 0 \
    }

/* clang-format off */
static const py_field py_negotiate[] = {
    {0, PY_FLAGS, "NegotiateFlags", NULL, 0},
    PY_NTLM_FIELDS("DomainName"),
    PY_NTLM_FIELDS("Workstation"),
    PY_NTLM_VERSION,
    {0, PY_GROUP, "Payload", NULL, 0},
    {1, PY_VALUE, "DomainName", NULL, 0},
    {1, PY_VALUE, "Workstation", NULL, 0},
};

static const py_field py_challenge[] = {
    PY_NTLM_FIELDS("TargetName"),
    {0, PY_FLAGS, "NegotiateFlags", NULL, 0},
    {0, PY_HEX, "ServerChallenge", NULL, 0},
    {0, PY_HEX, "Reserved", NULL, 0},
    PY_NTLM_FIELDS("TargetInfo"),
    PY_NTLM_VERSION,
    {0, PY_GROUP, "Payload", NULL, 0},
    {1, PY_VALUE, "TargetName", NULL, 0},
    {1, PY_AV_PAIRS, "TargetInfo", NULL, 0},
};

static const py_field py_authenticate[] = {
    PY_NTLM_FIELDS("LmChallengeResponse"),
    PY_NTLM_FIELDS("NtChallengeResponse"),
    PY_NTLM_FIELDS("DomainName"),
    PY_NTLM_FIELDS("UserName"),
    PY_NTLM_FIELDS("Workstation"),
    PY_NTLM_FIELDS("EncryptedRandomSessionKey"),
    {0, PY_FLAGS, "NegotiateFlags", NULL, 0},
    PY_NTLM_VERSION,
    {0, PY_HEX, "MIC", NULL, 0},
    {0, PY_GROUP, "Payload", NULL, 0},
    {1, PY_OPEN, "LmChallengeResponse", NULL, 0},
    {2, PY_RESPONSE_TYPE, "ResponseType", NULL, 0},
    {2, PY_HEX, "LMProofStr", "Response", 0},
    {2, PY_HEX, "ChallengeFromClient", NULL, 1},
    {1, PY_OPEN, "NtChallengeResponse", NULL, 0},
    {2, PY_RESPONSE_TYPE, "ResponseType", NULL, 0},
    {2, PY_HEX, "NTProofStr", "Response", 0},
    {2, PY_OPEN, "ClientChallenge", "NTLMv2_CLIENT_CHALLENGE", 1},
    {3, PY_VALUE, "RespType", NULL, 0},
    {3, PY_VALUE, "HiRespType", NULL, 0},
    {3, PY_VALUE, "Reserved1", NULL, 0},
    {3, PY_VALUE, "Reserved2", NULL, 0},
    {3, PY_VALUE, "TimeStamp", NULL, 0},
    {3, PY_HEX, "ChallengeFromClient", NULL, 0},
    {3, PY_VALUE, "Reserved3", NULL, 0},
    {3, PY_AV_PAIRS, "AvPairs", NULL, 0},
    {3, PY_VALUE, "Reserved4", "Z4", 0},
    {1, PY_VALUE, "DomainName", NULL, 0},
    {1, PY_VALUE, "UserName", NULL, 0},
    {1, PY_VALUE, "Workstation", NULL, 0},
    {1, PY_HEX, "EncryptedRandomSessionKey", NULL, 0},
    {0, PY_FAILED, "SessionKey", NULL, 0},
};

static const py_field py_ap_req[] = {
    {0, PY_VALUE, "pvno", NULL, 0},
    {0, PY_MSG_TYPE, "msg-type", NULL, 0},
    {0, PY_AP_OPTIONS, "ap-options", NULL, 0},
    {0, PY_OPEN, "ticket", NULL, 0},
    {1, PY_VALUE, "tkt-vno", NULL, 0},
    {1, PY_VALUE, "realm", NULL, 0},
    PY_PRINCIPAL(1, "sname"),
    PY_ENCRYPTED(1, "enc-part"),
    PY_ENCRYPTED(0, "authenticator"),
};

static const py_field py_ap_rep[] = {
    {0, PY_VALUE, "pvno", NULL, 0},
    {0, PY_MSG_TYPE, "msg-type", NULL, 0},
    PY_ENCRYPTED(0, "enc-part"),
};

static const py_field py_krb_error[] = {
    {0, PY_VALUE, "pvno", NULL, 0},
    {0, PY_MSG_TYPE, "msg-type", NULL, 0},
    {0, PY_VALUE, "ctime", NULL, 0},
    {0, PY_VALUE, "cusec", NULL, 0},
    {0, PY_VALUE, "stime", NULL, 0},
    {0, PY_VALUE, "susec", NULL, 0},
    {0, PY_VALUE, "error-code", NULL, 0},
    {0, PY_VALUE, "crealm", NULL, 0},
    PY_PRINCIPAL(0, "cname"),
    {0, PY_VALUE, "realm", NULL, 0},
    PY_PRINCIPAL(0, "sname"),
    {0, PY_VALUE, "e-text", NULL, 0},
    {0, PY_E_DATA, "e-data", NULL, 0},
};

#define PY_FIELDS(fields) fields, sizeof fields / sizeof fields[0]

static const struct py_message {
    const char *type; /* of the tree's root */
    const char *message_type;
    const py_field *fields;
    size_t num_fields;
} py_messages[] = {
    {"NTLMSSP_NEGOTIATE",    "NEGOTIATE_MESSAGE (1)",    PY_FIELDS(py_negotiate)},
    {"NTLMSSP_CHALLENGE",    "CHALLENGE_MESSAGE (2)",    PY_FIELDS(py_challenge)},
    {"NTLMSSP_AUTHENTICATE", "AUTHENTICATE_MESSAGE (3)", PY_FIELDS(py_authenticate)},
    {"KRB_AP_REQ",           "AP-REQ (14)",              PY_FIELDS(py_ap_req)},
    {"KRB_AP_REP",           "AP-REP (15)",              PY_FIELDS(py_ap_rep)},
    {"KRB_ERROR",            "KRB-ERROR (30)",           PY_FIELDS(py_krb_error)},
};
/* clang-format on */

/* ---- Flags ---------------------------------------------------------------------------------- */

/* Those of NTLM: the nodes of the bits that are set, lowest first; bits without a name are above
 * all that have one. */
static void py_flags(inspect_py *w, size_t index)
{
    const inspect_tree *tree = &w->reading->tree;
    const size_t value = inspect_tree_find(tree, index, "value");
    const size_t flags = inspect_tree_find(tree, index, "flags");
    uint64_t left;
    size_t end;

    if (value >= tree->num_nodes || flags >= tree->num_nodes) {
        inspect_py_value(w, index);
        return;
    }
    left = tree->nodes[value].number;
    end = inspect_tree_end(tree, flags);
    inspect_py_begin_flags(w, left);
    for (size_t i = flags + 1; i < end && left != 0; i++) {
        const uint64_t lowest = left & (~left + 1);

        inspect_py_named(w, tree->nodes[i].label, (int64_t)lowest, 0);
        left &= ~lowest;
    }
    inspect_py_end_flags(w, left);
}

/* RFC 4120 5.5.1: bit 0 is the most significant. */
static void py_ap_options(inspect_py *w, size_t index)
{
    const inspect_tree *tree = &w->reading->tree;
    const size_t bits = inspect_tree_find(tree, index, "bits");
    static const struct {
        uint32_t flag;
        const char *name;
    } names[] = {
        {0x20000000, "mutual-required"}, {0x40000000, "use-session-key"}, {0x80000000, "reserved"}};
    uint64_t left = 0;

    if (bits >= tree->num_nodes || tree->nodes[bits].octets.len < 4) {
        inspect_py_value(w, index);
        return;
    }
    for (size_t i = 0; i < 4; i++)
        left = left << 8 | tree->nodes[bits].octets.data[i];
    inspect_py_begin_flags(w, left);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if ((left & names[i].flag) != 0) {
            inspect_py_named(w, names[i].name, names[i].flag, 0);
            left &= ~(uint64_t)names[i].flag;
        }
    inspect_py_end_flags(w, left);
}

/* ---- What has a form of its own ------------------------------------------------------------- */

/* MS-NLMP 2.2.2.1, the names in capitals. */
static const char *py_av_name(uint64_t id)
{
    static const char *const names[] = {"MSV_AV_EOL",
                                        "MSV_AV_NB_COMPUTER_NAME",
                                        "MSV_AV_NB_DOMAIN_NAME",
                                        "MSV_AV_DNS_COMPUTER_NAME",
                                        "MSV_AV_DNS_DOMAIN_NAME",
                                        "MSV_AV_DNS_TREE_NAME",
                                        "MSV_AV_FLAGS",
                                        "MSV_AV_TIMESTAMP",
                                        "MSV_AV_SINGLE_HOST",
                                        "MSV_AV_TARGET_NAME",
                                        "MSV_AV_CHANNEL_BINDINGS"};

    return id < sizeof names / sizeof names[0] ? names[id] : NULL;
}

static void py_single_host(inspect_py *w, size_t index)
{
    static const char *const keys[][2] = {
        {"Size", "Size"}, {"Z4", "Z4"}, {"CustomData", "CustomData"}, {"MachineId", "MachineID"}};
    const inspect_tree *tree = &w->reading->tree;

    inspect_json_begin(&w->json, '{');
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const size_t child = inspect_tree_find(tree, index, keys[i][1]);

        inspect_json_key(&w->json, keys[i][0]);
        if (child < tree->num_nodes)
            inspect_py_scalar(w, &tree->nodes[child]);
        else
            inspect_json_null(&w->json);
    }
    inspect_json_end(&w->json, '}');
}

static void py_av_pair(inspect_py *w, size_t index)
{
    const inspect_tree *tree = &w->reading->tree;
    const size_t id = inspect_tree_find(tree, index, "AvId");
    const size_t value = inspect_tree_find(tree, index, "Value");

    if (id >= tree->num_nodes) {
        inspect_py_scalar(w, &tree->nodes[index]);
        return;
    }
    inspect_json_begin(&w->json, '{');
    inspect_json_key(&w->json, "AvId");
    inspect_py_named(w, py_av_name(tree->nodes[id].number), (int64_t)tree->nodes[id].number, 0);
    inspect_json_key(&w->json, "Value");
    if (value >= tree->num_nodes)
        inspect_json_null(&w->json);
    else if (tree->nodes[value].value != INSPECT_OBJECT)
        inspect_py_scalar(w, &tree->nodes[value]);
    else if (inspect_tree_find(tree, value, "flags") < tree->num_nodes)
        py_flags(w, value);
    else
        py_single_host(w, value);
    inspect_json_end(&w->json, '}');
}

static void py_av_pairs(inspect_py *w, size_t index)
{
    const inspect_tree *tree = &w->reading->tree;
    const size_t end = inspect_tree_end(tree, index);

    inspect_json_begin(&w->json, '[');
    for (size_t i = index + 1; i < end; i = inspect_tree_end(tree, i))
        py_av_pair(w, i);
    inspect_json_end(&w->json, ']');
}

/* What is read further stands under [12] and the OCTET STRING (RFC 4120 5.9.1). */
static void py_e_data(inspect_py *w, const inspect_node *node)
{
    spnego_bytes octets = inspect_py_octets(w, node);
    inspect_tlv tlv;

    for (size_t i = 0; i < 2 && node->octets.data == NULL; i++)
        if (inspect_tlv_read(&tlv, octets)) {
            octets.data += tlv.header_len;
            octets.len -= tlv.header_len;
        }
    inspect_py_hex(w, octets);
}

/* RFC 4120 7.5.7, of the messages that have a form here. */
static const char *py_msg_type(uint64_t number)
{
    return number == 14 ? "AP-REQ" : number == 15 ? "AP-REP" : number == 30 ? "KRB-ERROR" : NULL;
}

static const char *py_response_type(const char *type)
{
    static const char *const names[][2] = {{"LM_RESPONSE", "LMv1"},
                                           {"LMv2_RESPONSE", "LMv2"},
                                           {"NTLM_RESPONSE", "NTLMv1"},
                                           {"NTLMv2_RESPONSE", "NTLMv2"}};

    for (size_t i = 0; i < sizeof names / sizeof names[0] && type != NULL; i++)
        if (strcmp(type, names[i][0]) == 0)
            return names[i][1];
    return "UNKNOWN";
}

/* ---- Messages ------------------------------------------------------------------------------- */

static void py_field_value(inspect_py *w, const py_field *field, size_t index)
{
    const inspect_node *node = &w->reading->tree.nodes[index];

    switch (field->form) {
    case PY_VALUE:
    case PY_OPEN:
        inspect_py_value(w, index);
        break;
    case PY_HEX:
        inspect_py_hex(w, inspect_py_octets(w, node));
        break;
    case PY_FLAGS:
        py_flags(w, index);
        break;
    case PY_AP_OPTIONS:
        py_ap_options(w, index);
        break;
    case PY_AV_PAIRS:
        py_av_pairs(w, index);
        break;
    case PY_ETYPE:
        if (node->value == INSPECT_NAMED)
            inspect_py_named(w, node->label, (int64_t)node->number, 1);
        else
            inspect_py_value(w, index);
        break;
    case PY_MSG_TYPE:
        inspect_py_named(w, py_msg_type(node->number), (int64_t)node->number, 0);
        break;
    case PY_E_DATA:
        py_e_data(w, node);
        break;
    case PY_RESPONSE_TYPE:
        inspect_json_string(&w->json, py_response_type(node->type));
        break;
    case PY_FAILED:
        inspect_json_string(&w->json, "Failed to derive");
        break;
    case PY_GROUP:
        break;
    }
}

static int py_is_of_parent(py_form form)
{
    return form == PY_GROUP || form == PY_RESPONSE_TYPE || form == PY_FAILED;
}

/* Goes once over the fields; those deeper than what is open belong to one that is absent. */
static void py_data(inspect_py *w, const struct py_message *message, size_t root)
{
    const inspect_tree *tree = &w->reading->tree;
    size_t parents[PY_MAX_OPEN] = {root, 0, 0, 0};
    size_t open = 0;

    inspect_json_begin(&w->json, '{');
    for (size_t i = 0; i < message->num_fields; i++) {
        const py_field *field = &message->fields[i];
        size_t child;

        for (; open > field->depth; open--)
            inspect_json_end(&w->json, '}');
        if (field->depth > open)
            continue;
        child = py_is_of_parent(field->form)
                    ? parents[open]
                    : inspect_tree_find(tree, parents[open],
                                        field->name != NULL ? field->name : field->key);
        if (child >= tree->num_nodes && field->is_optional)
            continue;
        inspect_json_key(&w->json, field->key);
        if (child >= tree->num_nodes) {
            inspect_json_null(&w->json);
        } else if (open + 1 < PY_MAX_OPEN &&
                   (field->form == PY_GROUP ||
                    (field->form == PY_OPEN && tree->nodes[child].value == INSPECT_OBJECT))) {
            inspect_json_begin(&w->json, '{');
            parents[++open] = child;
        } else {
            py_field_value(w, field, child);
        }
    }
    for (; open > 0; open--)
        inspect_json_end(&w->json, '}');
    inspect_json_end(&w->json, '}');
}

void inspect_py_begin_message(inspect_py *w, const char *type)
{
    inspect_json_begin(&w->json, '{');
    inspect_json_key(&w->json, "MessageType");
    inspect_json_string(&w->json, type);
    inspect_json_key(&w->json, "Data");
}

void inspect_py_end_message(inspect_py *w, spnego_bytes octets)
{
    inspect_json_key(&w->json, "RawData");
    inspect_py_hex(w, octets);
    inspect_json_end(&w->json, '}');
}

void inspect_py_unknown(inspect_py *w, spnego_bytes octets, const char *sentence)
{
    const spnego_bytes why = {(const uint8_t *)sentence, strlen(sentence)};

    inspect_py_begin_message(w, "Unknown - Failed to parse see Data for more details.");
    inspect_json_quote(&w->json);
    inspect_text_puts(w->json.text, "Failed to parse token: ");
    inspect_text_put_escaped(w->json.text, why);
    inspect_json_unquote(&w->json);
    inspect_py_end_message(w, octets);
}

/* A mechanism's token. */
void inspect_py_mech_token(inspect_py *w, spnego_bytes octets)
{
    const inspect_tree *tree = &w->reading->tree;
    const size_t root = inspect_nested(w->reading, octets);

    for (size_t i = 0; i < sizeof py_messages / sizeof py_messages[0]; i++) {
        if (root >= tree->num_nodes || tree->nodes[root].type == NULL ||
            strcmp(tree->nodes[root].type, py_messages[i].type) != 0)
            continue;
        inspect_py_begin_message(w, py_messages[i].message_type);
        py_data(w, &py_messages[i], root);
        inspect_py_end_message(w, octets);
        return;
    }
    inspect_py_unknown(w, octets, "this form has no such message");
}
