#include "inspect/krb5_per_message.h"

#include <string.h>

/* The fields that are still to be read, and where they go. */
typedef struct krb5_fields {
    inspect_tree *tree;
    inspect_reading *reading;
    spnego_bytes rest;
    size_t depth;
    int is_short; /* the token ended where another field should begin */
} krb5_fields;

typedef struct krb5_algorithm {
    unsigned number;
    const char *name;
    spnego_rule rule;
} krb5_algorithm;

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* RFC 1964 1.2.1.1; 4 is MIT krb5's, 17 RFC 4757 7.2. */
static const krb5_algorithm sgn_algs[] = {
    {0, "DES MAC MD5", SPNEGO_RULE_KRB5_ETYPE_DES},
    {1, "MD2.5", SPNEGO_RULE_KRB5_ETYPE_DES},
    {2, "DES MAC", SPNEGO_RULE_KRB5_ETYPE_DES},
    {4, "HMAC SHA1 DES3 KD", SPNEGO_RULE_KRB5_ETYPE_RC4_OR_3DES},
    {17, "HMAC", SPNEGO_RULE_KRB5_ETYPE_RC4_OR_3DES},
};

/* RFC 1964 1.2.2.1; 2 is MIT krb5's, 16 RFC 4757 7.3. */
static const krb5_algorithm seal_algs[] = {
    {0, "DES", SPNEGO_RULE_KRB5_ETYPE_DES},
    {2, "DES3 KD", SPNEGO_RULE_KRB5_ETYPE_RC4_OR_3DES},
    {16, "RC4", SPNEGO_RULE_KRB5_ETYPE_RC4_OR_3DES},
    {0xffff, "none", SPNEGO_RULE_NONE},
};

/* RFC 4121 4.2.2. */
enum { SENT_BY_ACCEPTOR = 1, SEALED = 2, ACCEPTOR_SUBKEY = 4 };

static void krb5_find(krb5_fields *f, spnego_rule rule, spnego_bytes where)
{
    inspect_add_nested_finding(f->reading, rule, inspect_offset(f->reading, where), where.len);
}

/* Takes the next `len` octets; fewer, with a finding, where the token ends before. */
static spnego_bytes krb5_take(krb5_fields *f, size_t len)
{
    spnego_bytes field = f->rest;

    if (len < field.len)
        field.len = len;
    f->rest.data += field.len;
    f->rest.len -= field.len;
    if (field.len < len && !f->is_short) {
        f->is_short = 1;
        krb5_find(f, SPNEGO_RULE_KRB5_TRUNCATED, f->rest);
    }
    return field;
}

static inspect_node *krb5_add(krb5_fields *f, const char *name, inspect_value value,
                              spnego_bytes octets)
{
    inspect_node *node = inspect_tree_add(f->tree, name, value, f->depth,
                                          inspect_offset(f->reading, octets), octets.len);
    node->octets = octets;
    return node;
}

static void krb5_octets(krb5_fields *f, const char *name, spnego_bytes octets,
                        inspect_privacy privacy)
{
    if (octets.len > 0)
        krb5_add(f, name, INSPECT_OCTETS, octets)->privacy = privacy;
}

/* A number, most significant octet first. */
static uint64_t krb5_number(krb5_fields *f, const char *name, size_t len)
{
    const spnego_bytes octets = krb5_take(f, len);
    uint64_t number = 0;

    for (size_t i = 0; i < octets.len; i++)
        number = number << 8 | octets.data[i];
    if (octets.len == len)
        krb5_add(f, name, INSPECT_NUMBER, octets)->number = number;
    else
        krb5_octets(f, name, octets, INSPECT_PUBLIC);
    return number;
}

static void krb5_filler(krb5_fields *f, size_t len)
{
    const spnego_bytes filler = krb5_take(f, len);

    krb5_octets(f, "Filler", filler, INSPECT_PUBLIC);
    for (size_t i = 0; i < filler.len; i++) {
        if (filler.data[i] != 0xff) {
            krb5_find(f, SPNEGO_RULE_KRB5_MESSAGE_HEADER, filler);
            break;
        }
    }
}

/* ---- RFC 4121 4.2.6 ------------------------------------------------------------------------- */

static unsigned krb5_flags(krb5_fields *f, unsigned allowed)
{
    static const char *const names[] = {"SentByAcceptor", "Sealed", "AcceptorSubkey"};
    const spnego_bytes octets = krb5_take(f, 1);
    unsigned flags = 0;

    if (octets.len == 0)
        return 0;
    flags = octets.data[0];
    krb5_add(f, "Flags", INSPECT_OBJECT, octets);
    f->depth++;
    krb5_add(f, "value", INSPECT_NUMBER, octets)->number = flags;
    krb5_add(f, "flags", INSPECT_ARRAY, octets);
    for (size_t i = 0; i < COUNT(names); i++)
        if ((flags >> i & 1u) != 0)
            inspect_tree_add(f->tree, NULL, INSPECT_FLAG, f->depth + 1,
                             inspect_offset(f->reading, octets), 0)
                ->label = names[i];
    f->depth--;
    if ((flags & ~allowed) != 0)
        krb5_find(f, SPNEGO_RULE_KRB5_MESSAGE_HEADER, octets);
    return flags;
}

/* RFC 4121 4.2.6.1: a MIC is never sealed. */
static void krb5_mic(krb5_fields *f)
{
    krb5_flags(f, SENT_BY_ACCEPTOR | ACCEPTOR_SUBKEY);
    krb5_filler(f, 5);
    krb5_number(f, "SND_SEQ", 8);
    /* How long it is depends on the key; it is never nothing. */
    krb5_octets(f, "SGN_CKSUM", krb5_take(f, f->rest.len > 0 ? f->rest.len : 1), INSPECT_CRACKABLE);
}

/* RFC 4121 4.2.4, 4.2.5: without a seal, plaintext and checksum follow, turned to the right by RRC
 * octets; senders turn by nothing or by the checksum's length. */
static void krb5_unsealed(krb5_fields *f, size_t ec, size_t rrc)
{
    const size_t turned = f->rest.len > 0 ? rrc % f->rest.len : 0;

    if (turned == 0) {
        krb5_octets(f, "Plaintext", krb5_take(f, f->rest.len - ec), INSPECT_CRACKABLE);
        krb5_octets(f, "Checksum", krb5_take(f, ec), INSPECT_CRACKABLE);
    } else if (turned == ec) {
        krb5_octets(f, "Checksum", krb5_take(f, ec), INSPECT_CRACKABLE);
        krb5_octets(f, "Plaintext", krb5_take(f, f->rest.len), INSPECT_CRACKABLE);
    } else {
        krb5_octets(f, "Data", krb5_take(f, f->rest.len), INSPECT_CRACKABLE);
    }
}

/* RFC 4121 4.2.6.2. */
static void krb5_wrap(krb5_fields *f)
{
    const unsigned flags = krb5_flags(f, SENT_BY_ACCEPTOR | SEALED | ACCEPTOR_SUBKEY);
    spnego_bytes ec_field;
    size_t ec, rrc;

    krb5_filler(f, 1);
    ec_field = f->rest;
    ec = (size_t)krb5_number(f, "EC", 2);
    rrc = (size_t)krb5_number(f, "RRC", 2);
    krb5_number(f, "SND_SEQ", 8);
    if ((flags & SEALED) == 0 && ec <= f->rest.len) {
        krb5_unsealed(f, ec, rrc);
        return;
    }
    if ((flags & SEALED) == 0) {
        ec_field.len = 2;
        krb5_find(f, SPNEGO_RULE_KRB5_MESSAGE_HEADER, ec_field);
    }
    krb5_octets(f, "Data", krb5_take(f, f->rest.len), INSPECT_CRACKABLE);
}

/* ---- RFC 1964 1.2 --------------------------------------------------------------------------- */

/* Two octets, least significant first.  Returns the number. */
static unsigned krb5_algorithm_field(krb5_fields *f, const char *name,
                                     const krb5_algorithm *algorithms, size_t num)
{
    const spnego_bytes octets = krb5_take(f, 2);
    const krb5_algorithm *known = NULL;
    unsigned number;
    inspect_node *node;

    if (octets.len < 2) {
        krb5_octets(f, name, octets, INSPECT_PUBLIC);
        return 0;
    }
    number = octets.data[0] | (unsigned)octets.data[1] << 8;
    for (size_t i = 0; i < num; i++)
        if (algorithms[i].number == number)
            known = &algorithms[i];
    node = krb5_add(f, name, INSPECT_NAMED, octets);
    node->number = number;
    node->label = known != NULL ? known->name : NULL;
    if (known == NULL)
        krb5_find(f, SPNEGO_RULE_KRB5_MESSAGE_HEADER, octets);
    else if (known->rule != SPNEGO_RULE_NONE)
        krb5_find(f, known->rule, octets);
    return number;
}

static void krb5_old_message(krb5_fields *f, int is_wrap)
{
    const unsigned sgn_alg = krb5_algorithm_field(f, "SGN_ALG", sgn_algs, COUNT(sgn_algs));

    if (is_wrap)
        krb5_algorithm_field(f, "SEAL_ALG", seal_algs, COUNT(seal_algs));
    krb5_filler(f, is_wrap ? 2 : 4);
    krb5_octets(f, "SND_SEQ", krb5_take(f, 8), INSPECT_PUBLIC);
    krb5_octets(f, "SGN_CKSUM", krb5_take(f, sgn_alg == 4 ? 20 : 8), INSPECT_CRACKABLE);
    /* RFC 4757 7.3 names it; with the others it is part of what is sealed (RFC 1964 1.2.2.3). */
    if (is_wrap && sgn_alg == 17)
        krb5_octets(f, "Confounder", krb5_take(f, 8), INSPECT_CRACKABLE);
    if (is_wrap)
        krb5_octets(f, "Data", krb5_take(f, f->rest.len), INSPECT_CRACKABLE);
    else if (f->rest.len > 0) {
        krb5_find(f, SPNEGO_RULE_KRB5_SURPLUS, f->rest);
        krb5_octets(f, "unknown", krb5_take(f, f->rest.len), INSPECT_CRACKABLE);
    }
}

const char *inspect_krb5_per_message_name(unsigned tok_id)
{
    switch (tok_id) {
    case 0x0101:
    case 0x0404:
        return "KRB_GSS_MIC";
    case 0x0102: /* RFC 1964 1.2.3 */
        return "KRB_GSS_DELETE";
    case 0x0201:
    case 0x0504:
        return "KRB_GSS_WRAP";
    default:
        return NULL;
    }
}

void inspect_krb5_per_message_read(inspect_tree *tree, inspect_reading *reading, spnego_bytes token,
                                   size_t depth, int is_cut)
{
    krb5_fields f;
    spnego_bytes tok_id;

    memset(&f, 0, sizeof f);
    f.tree = tree;
    f.reading = reading;
    f.rest = token;
    f.depth = depth;
    f.is_short = is_cut;
    tok_id = krb5_take(&f, 2);
    krb5_octets(&f, "TOK_ID", tok_id, INSPECT_PUBLIC);
    if (tok_id.data[1] != 0x04)
        krb5_old_message(&f, tok_id.data[0] == 0x02);
    else if (tok_id.data[0] == 0x04)
        krb5_mic(&f);
    else
        krb5_wrap(&f);
}
