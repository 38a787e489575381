#include "inspect/krb5.h"

#include "inspect/kind.h"
#include "inspect/krb5_per_message.h"
#include "inspect/krb5_walk.h"
#include "inspect/tlv.h"

/* Below the root: a message inside IAKERB_PROXY and its members, or the flags of a header. */
#define ROOM_NEEDED (1 + INSPECT_KRB5_PER_MESSAGE_DEPTH)

#define TOK_ID_IAKERB_PROXY 0x0501u

typedef struct krb5_message {
    unsigned tok_id; /* 0: none of its own */
    const char *name;
    asn_TYPE_descriptor_t *type;
    spnego_oid mech; /* whose alone it is; SPNEGO_OID_UNKNOWN: of several */
} krb5_message;

/* RFC 4121 4.1, draft-swift-win2k-krb-user2user 4, draft-ietf-kitten-iakerb 3; the KDC's messages
 * travel inside IAKERB_PROXY, two of them in PKU2U under a TOK_ID too. */
static const krb5_message messages[] = {
    {0x0100, "KRB_AP_REQ", &asn_DEF_AP_REQ, SPNEGO_OID_UNKNOWN},
    {0x0200, "KRB_AP_REP", &asn_DEF_AP_REP, SPNEGO_OID_UNKNOWN},
    {0x0300, "KRB_ERROR", &asn_DEF_KRB_ERROR, SPNEGO_OID_UNKNOWN},
    {0x0400, "KRB_TGT_REQ", &asn_DEF_KERB_TGT_REQUEST, SPNEGO_OID_KRB5_U2U},
    {0x0401, "KRB_TGT_REP", &asn_DEF_KERB_TGT_REPLY, SPNEGO_OID_KRB5_U2U},
    {TOK_ID_IAKERB_PROXY, "IAKERB_PROXY", &asn_DEF_IAKERB_HEADER, SPNEGO_OID_IAKERB},
    {0x0500, "KRB_AS_REQ", &asn_DEF_AS_REQ, SPNEGO_OID_PKU2U},
    {0x0600, "KRB_AS_REP", &asn_DEF_AS_REP, SPNEGO_OID_PKU2U},
    {0, "KRB_TGS_REQ", &asn_DEF_TGS_REQ, SPNEGO_OID_UNKNOWN},
    {0, "KRB_TGS_REP", &asn_DEF_TGS_REP, SPNEGO_OID_UNKNOWN},
};

#define NUM_MESSAGES (sizeof messages / sizeof messages[0])

/* A token on its way down: what is left, and where its nodes go. */
typedef struct krb5_token {
    inspect_tree *tree;
    inspect_reading *reading;
    spnego_bytes whole;
    spnego_bytes oid; /* absent without a frame */
    spnego_bytes rest;
    size_t depth;
    size_t header_len; /* of the frame */
    size_t frame_len;  /* as the frame says, of `whole` */
    int is_cut;        /* the frame says more than there is */
} krb5_token;

static const krb5_message *krb5_by_tok_id(unsigned tok_id)
{
    for (size_t i = 0; i < NUM_MESSAGES; i++)
        if (messages[i].tok_id == tok_id && tok_id != 0)
            return &messages[i];
    return NULL;
}

/* By the tag [APPLICATION n] (RFC 4120 5.10), which the messages of user-to-user and IAKERB do not
 * have. */
static const krb5_message *krb5_by_tag(spnego_bytes der)
{
    for (size_t i = 0; i < NUM_MESSAGES && der.len > 0; i++)
        if (messages[i].type->tags_count > 1 &&
            der.data[0] == (0x60u | messages[i].type->tags[0] >> 2))
            return &messages[i];
    return NULL;
}

static void krb5_find(const krb5_token *t, spnego_rule rule, spnego_bytes where, size_t len)
{
    inspect_add_nested_finding(t->reading, rule, inspect_offset(t->reading, where),
                               where.len < len ? where.len : len);
}

static spnego_bytes krb5_skip(spnego_bytes view, size_t len)
{
    view.data += len;
    view.len -= len;
    return view;
}

static inspect_node *krb5_add(const krb5_token *t, const char *name, inspect_value value,
                              spnego_bytes view)
{
    inspect_node *node = inspect_tree_add(t->tree, name, value, t->depth + 1,
                                          inspect_offset(t->reading, view), view.len);
    node->octets = view;
    return node;
}

static void krb5_add_root(const krb5_token *t, const char *type)
{
    inspect_tree_add(t->tree, NULL, INSPECT_OBJECT, t->depth, inspect_offset(t->reading, t->whole),
                     t->whole.len)
        ->type = type;
    if (t->oid.data != NULL) {
        const size_t offset = inspect_offset(t->reading, t->whole) + t->header_len;

        inspect_tree_add(t->tree, "thisMech", INSPECT_OID_VALUE, t->depth + 1, offset,
                         inspect_offset(t->reading, t->oid) + t->oid.len - offset)
            ->octets = t->oid;
    }
}

static void krb5_add_octets(const krb5_token *t, const char *name, spnego_bytes octets)
{
    if (octets.len > 0)
        krb5_add(t, name, INSPECT_OCTETS, octets)->privacy = INSPECT_CRACKABLE;
}

/* ---- Messages in DER ------------------------------------------------------------------------ */

/* The message ends where the frame does, and nothing follows (RFC 2743 3.1). */
static void krb5_end(krb5_token *t)
{
    if (t->frame_len < t->whole.len - t->rest.len)
        krb5_find(t, SPNEGO_RULE_KRB5_LENGTH_OUTSIDE, krb5_skip(t->whole, 1), 1);
    if (t->rest.len == 0)
        return;
    krb5_find(t, SPNEGO_RULE_KRB5_SURPLUS, t->rest, t->rest.len);
    krb5_add_octets(t, "surplus", t->rest);
}

static void krb5_walk(krb5_token *t, asn_TYPE_descriptor_t *type, size_t depth)
{
    t->rest =
        krb5_skip(t->rest, inspect_krb5_walk(t->tree, t->reading, t->rest, type, depth, t->is_cut));
}

/* How much of what is left the element there takes. */
static spnego_bytes krb5_element(const krb5_token *t)
{
    const uint64_t total = inspect_tlv_total(t->rest);
    spnego_bytes element = t->rest;

    if (total > 0 && total < element.len)
        element.len = (size_t)total;
    return element;
}

/* draft-ietf-kitten-iakerb 3: the header, then a message to or from a KDC; the first token of a
 * client that does not know its realm has none. */
static void krb5_read_proxy(krb5_token *t)
{
    const krb5_message *message;

    krb5_add(t, "IAKERB-HEADER", INSPECT_OBJECT, krb5_element(t));
    krb5_walk(t, &asn_DEF_IAKERB_HEADER, t->depth + 2);
    message = krb5_by_tag(t->rest);
    if (message != NULL) {
        krb5_add(t, "message", INSPECT_OBJECT, krb5_element(t))->type = message->name;
        krb5_walk(t, message->type, t->depth + 2);
    } else if (t->rest.len > 0) {
        krb5_find(t, SPNEGO_RULE_KRB5_TAG_UNEXPECTED, t->rest, 1);
        krb5_add_octets(t, "unknown", t->rest);
        return;
    }
    krb5_end(t);
}

/* Under a TOK_ID, or without one. */
static void krb5_read_message(krb5_token *t, const krb5_message *message, spnego_bytes tok_id)
{
    const krb5_message *real = krb5_by_tag(t->rest);
    const spnego_oid mech = spnego_oid_identify(t->oid);

    if (real != NULL && real != message) {
        krb5_find(t, SPNEGO_RULE_KRB5_TOK_ID_CONTRADICTS, tok_id, 2);
        message = real;
    } else if (t->oid.data != NULL && message->mech != SPNEGO_OID_UNKNOWN &&
               message->mech != mech) {
        krb5_find(t, SPNEGO_RULE_KRB5_OID_OF_OTHER_TOKEN, t->oid, t->oid.len);
    }
    krb5_add_root(t, message->name);
    if (tok_id.data != NULL)
        krb5_add(t, "TOK_ID", INSPECT_OCTETS, tok_id);
    if (message->type == &asn_DEF_IAKERB_HEADER) {
        krb5_read_proxy(t);
        return;
    }
    krb5_walk(t, message->type, t->depth + 1);
    krb5_end(t);
}

/* ---- Frame and TOK_ID ----------------------------------------------------------------------- */

/* What a Kerberos frame holds that begins with no known TOK_ID. */
static void krb5_read_unknown(krb5_token *t)
{
    const spnego_bytes none = {NULL, 0};
    const krb5_message *message = krb5_by_tag(t->rest);

    krb5_find(t, SPNEGO_RULE_KRB5_TOK_ID_UNKNOWN, t->rest, 2);
    if (message != NULL) {
        krb5_read_message(t, message, none);
        return;
    }
    krb5_add_root(t, "Unknown");
    krb5_add_octets(t, "unknown", t->rest);
}

static void krb5_read_inner(krb5_token *t)
{
    spnego_bytes tok_id = t->rest;
    const krb5_message *message;
    unsigned id;

    if (tok_id.len < 2) {
        krb5_read_unknown(t);
        return;
    }
    tok_id.len = 2;
    id = (unsigned)tok_id.data[0] << 8 | tok_id.data[1];
    message = krb5_by_tok_id(id);
    /* RFC 4121 4.2.6: its per-message tokens have no frame, those of RFC 1964 do. */
    if (inspect_krb5_per_message_name(id) != NULL &&
        (tok_id.data[1] == 0x04) == (t->oid.data == NULL)) {
        krb5_add_root(t, inspect_krb5_per_message_name(id));
        inspect_krb5_per_message_read(t->tree, t->reading, t->rest, t->depth + 1, t->is_cut);
    } else if (message != NULL) {
        t->rest = krb5_skip(t->rest, 2);
        krb5_read_message(t, message, tok_id);
    } else {
        krb5_read_unknown(t);
    }
}

/* RFC 2743 3.1.  The token's own end counts, whatever the frame says. */
static void krb5_check_frame(krb5_token *t)
{
    const uint64_t total = inspect_tlv_total(t->whole);
    inspect_tlv frame;

    if (!inspect_tlv_read(&frame, t->whole))
        return;
    t->header_len = frame.header_len;
    if (frame.length_octets > 1 &&
        (frame.declared_len < 0x80 || frame.declared_len >> (8 * (frame.length_octets - 2)) == 0))
        krb5_find(t, SPNEGO_RULE_KRB5_HEADER_NOT_DER, krb5_skip(t->whole, 1), frame.length_octets);
    t->is_cut = total > t->whole.len;
    if (t->is_cut)
        krb5_find(t, SPNEGO_RULE_KRB5_TRUNCATED, krb5_skip(t->whole, 1), frame.length_octets);
    else
        t->frame_len = (size_t)total;
}

int inspect_krb5_read(inspect_tree *tree, inspect_reading *reading, spnego_bytes token,
                      size_t depth)
{
    const spnego_bytes none = {NULL, 0};
    krb5_token t = {tree, reading, token, none, token, depth, 0, token.len, 0};
    const krb5_message *bare;

    if (inspect_kind_family(inspect_sniff(token)) != INSPECT_FAMILY_KERBEROS ||
        depth + ROOM_NEEDED > INSPECT_TREE_MAX_DEPTH)
        return 0;
    if (token.data[0] == 0x60) {
        if (!inspect_frame_read(&t.oid, &t.rest, token))
            return 0;
        krb5_check_frame(&t);
        t.rest.len = token.len - (size_t)(t.rest.data - token.data);
        krb5_read_inner(&t);
        return 1;
    }
    bare = krb5_by_tag(token);
    if (bare == NULL) {
        krb5_read_inner(&t);
        return 1;
    }
    if (inspect_kdc_name(token) == NULL)
        krb5_find(&t, SPNEGO_RULE_KRB5_UNFRAMED, token, token.len);
    krb5_read_message(&t, bare, none);
    return 1;
}
