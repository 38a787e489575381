#include "inspect/krb5_value.h"

#include <string.h>

#include "inspect/nt_status.h"

static inspect_node *krb5_add(inspect_tree *tree, const inspect_krb5_value *value,
                              inspect_value shown_as)
{
    inspect_node *node =
        inspect_tree_add(tree, value->name, shown_as, value->depth, value->offset, value->len);

    node->octets = value->contents;
    node->privacy = value->meaning->privacy;
    return node;
}

/* What a value's type does not allow may be anything, a name too. */
static void krb5_add_malformed(inspect_tree *tree, const inspect_krb5_value *value,
                               inspect_value shown_as)
{
    inspect_node *node = krb5_add(tree, value, shown_as);

    if (node->privacy == INSPECT_PUBLIC)
        node->privacy = INSPECT_IDENTITY;
}

/* ---- Numbers -------------------------------------------------------------------------------- */

/* X.690 8.3: two's complement, without a first octet that repeats the sign of the second. */
static int krb5_read_number(int64_t *out, spnego_bytes contents)
{
    uint64_t number;

    if (contents.len == 0 || contents.len > 8)
        return 0;
    number = (contents.data[0] & 0x80) != 0 ? UINT64_MAX : 0;
    for (size_t i = 0; i < contents.len; i++)
        number = number << 8 | contents.data[i];
    memcpy(out, &number, sizeof *out);
    return 1;
}

/* RFC 4120 5.2.4: Int32, UInt32 and Microseconds are all that there is. */
static int krb5_is_number(int64_t number, spnego_bytes contents)
{
    const int is_padded = contents.len > 1 &&
                          (contents.data[0] == 0x00 || contents.data[0] == 0xff) &&
                          (contents.data[0] & 0x80) == (contents.data[1] & 0x80);

    return !is_padded && number >= INT32_MIN && number <= UINT32_MAX;
}

static int krb5_add_number(inspect_tree *tree, inspect_krb5_value *value)
{
    inspect_node *node;

    value->is_number = krb5_read_number(&value->number, value->contents);
    if (!value->is_number) {
        krb5_add_malformed(tree, value, INSPECT_OCTETS);
        return 0;
    }
    node = krb5_add(tree, value, value->meaning->num_names > 0 ? INSPECT_NAMED : INSPECT_NUMBER);
    node->number = (uint64_t)value->number;
    node->label = inspect_krb5_name_of(value->meaning, value->number);
    return krb5_is_number(value->number, value->contents);
}

/* The tag of [APPLICATION n] is the number of the message (RFC 4120 5.10); two messages have none.
 */
static int64_t krb5_msg_type(asn_TYPE_descriptor_t *type)
{
    if (type == &asn_DEF_KERB_TGT_REQUEST)
        return 16;
    if (type == &asn_DEF_KERB_TGT_REPLY)
        return 17;
    return type->tags[0] >> 2;
}

spnego_rule inspect_krb5_number_rule(asn_TYPE_descriptor_t *type,
                                     const inspect_krb5_meaning *meaning, const char *member,
                                     int64_t number)
{
    if (strcmp(member, "pvno") == 0 || strcmp(member, "tkt-vno") == 0)
        return number == 5 ? SPNEGO_RULE_NONE : SPNEGO_RULE_KRB5_VERSION_UNKNOWN;
    if (strcmp(member, "msg-type") == 0)
        return number == krb5_msg_type(type) ? SPNEGO_RULE_NONE : SPNEGO_RULE_KRB5_MSG_TYPE_WRONG;
    return meaning->is_etype ? inspect_krb5_etype_rule(number) : SPNEGO_RULE_NONE;
}

/* ---- Octets --------------------------------------------------------------------------------- */

static void krb5_add_flags(inspect_tree *tree, const inspect_krb5_value *value, spnego_bytes bits)
{
    const size_t offset = value->contents_offset + 1;

    inspect_tree_add(tree, "flags", INSPECT_ARRAY, value->depth + 1, offset, bits.len);
    for (size_t i = 0; i < value->meaning->num_names; i++) {
        const size_t bit = (size_t)value->meaning->names[i].number;

        if (bit / 8 < bits.len && (bits.data[bit / 8] << (bit % 8) & 0x80) != 0)
            inspect_tree_add(tree, NULL, INSPECT_FLAG, value->depth + 2, offset + bit / 8, 0)
                ->label = value->meaning->names[i].name;
    }
}

/* RFC 4120 5.2.8: at least 32 bits; X.690 8.6.2 has the octet before them. */
static int krb5_add_bits(inspect_tree *tree, const inspect_krb5_value *value)
{
    const spnego_bytes contents = value->contents;
    inspect_node *node;
    spnego_bytes bits;

    if (contents.len < 2 || value->depth + 2 > INSPECT_TREE_MAX_DEPTH) {
        krb5_add_malformed(tree, value, INSPECT_OCTETS);
        return contents.len >= 2;
    }
    bits.data = contents.data + 1;
    bits.len = contents.len - 1;
    krb5_add(tree, value, INSPECT_OBJECT);
    node = inspect_tree_add(tree, "bits", INSPECT_OCTETS, value->depth + 1,
                            value->contents_offset + 1, bits.len);
    node->octets = bits;
    node->privacy = bits.len > 4 ? INSPECT_IDENTITY : INSPECT_PUBLIC; /* no flags are there */
    krb5_add_flags(tree, value, bits);
    return contents.data[0] < 8 && bits.len * 8 - contents.data[0] >= 32 &&
           (bits.data[bits.len - 1] & ((1u << contents.data[0]) - 1)) == 0;
}

/* RFC 4120 5.2.3: no fractions, and UTC. */
static int krb5_is_time(spnego_bytes contents)
{
    if (contents.len != 15 || contents.data[14] != 'Z')
        return 0;
    for (size_t i = 0; i < 14; i++)
        if (contents.data[i] < '0' || contents.data[i] > '9')
            return 0;
    return 1;
}

static int krb5_add_time(inspect_tree *tree, const inspect_krb5_value *value)
{
    const int is_time = krb5_is_time(value->contents);

    if (is_time)
        krb5_add(tree, value, INSPECT_TIME);
    else
        krb5_add_malformed(tree, value, INSPECT_TEXT_UTF8);
    return is_time;
}

/* X.690 11.1. */
static int krb5_add_boolean(inspect_tree *tree, const inspect_krb5_value *value)
{
    const spnego_bytes contents = value->contents;

    if (contents.len != 1) {
        krb5_add_malformed(tree, value, INSPECT_OCTETS);
        return 0;
    }
    krb5_add(tree, value, INSPECT_TEXT_STATIC)->label = contents.data[0] != 0 ? "TRUE" : "FALSE";
    return contents.data[0] == 0x00 || contents.data[0] == 0xff;
}

static inspect_node *krb5_add_word(inspect_tree *tree, const inspect_krb5_value *value,
                                   const char *name, inspect_value shown_as, size_t at)
{
    const uint8_t *octets = value->contents.data + at;
    inspect_node *node =
        inspect_tree_add(tree, name, shown_as, value->depth + 1, value->contents_offset + at, 4);

    node->number = (uint64_t)octets[3] << 24 | (uint64_t)octets[2] << 16 |
                   (uint64_t)octets[1] << 8 | octets[0];
    return node;
}

static int krb5_add_octets(inspect_tree *tree, const inspect_krb5_value *value)
{
    inspect_node *status;

    /* MS-KILE 2.2.1: three numbers of four octets, least significant first. */
    if (!value->is_extended_error || value->contents.len != 12 ||
        value->depth + 1 > INSPECT_TREE_MAX_DEPTH) {
        krb5_add(tree, value, INSPECT_OCTETS);
        return 1;
    }
    krb5_add(tree, value, INSPECT_OBJECT)->privacy = INSPECT_PUBLIC;
    status = krb5_add_word(tree, value, "status", INSPECT_NAMED, 0);
    status->label = inspect_nt_status_name((uint32_t)status->number);
    krb5_add_word(tree, value, "reserved", INSPECT_NUMBER, 4);
    krb5_add_word(tree, value, "flags", INSPECT_NUMBER, 8);
    return 1;
}

int inspect_krb5_value_add(inspect_tree *tree, inspect_krb5_value *value,
                           asn_TYPE_descriptor_t *type)
{
    if (type == &asn_DEF_NativeInteger)
        return krb5_add_number(tree, value);
    if (type == &asn_DEF_BIT_STRING)
        return krb5_add_bits(tree, value);
    if (type == &asn_DEF_GeneralizedTime)
        return krb5_add_time(tree, value);
    if (type == &asn_DEF_BOOLEAN)
        return krb5_add_boolean(tree, value);
    if (type == &asn_DEF_OCTET_STRING)
        return krb5_add_octets(tree, value);
    if (type == &asn_DEF_OBJECT_IDENTIFIER) {
        krb5_add(tree, value, INSPECT_OID_VALUE);
        return value->contents.len > 0;
    }
    krb5_add(tree, value, INSPECT_TEXT_UTF8);
    return 1;
}
