/* LDAP (RFC 4511 4.2): the credentials of SASL binds, and of the older ones of MS-ADTS 5.1.1.1.3
 * (Sicily). */
#include <string.h>

#include "inspect/carry.h"
#include "inspect/octets.h"
#include "inspect/tlv.h"

enum { BIND_REQUEST = 0x60, BIND_RESPONSE = 0x61 };
enum { AUTH_SASL = 0xa3, SERVER_SASL_CREDS = 0x87 };
enum { SICILY_NEGOTIATE = 0x8a, SICILY_RESPONSE = 0x8b };

/* Enough to see what kind of message it is. */
enum { LDAP_HEAD_LEN = 16 };

/* A longer frame of a security layer was agreed on by nobody (RFC 4752 3.1 has 24 bits). */
#define LDAP_MAX_FRAME 0xffffffu

/* The contents of the next element, absent if it is not whole; *out_tag is its tag. */
static spnego_bytes inspect_ber_take(inspect_octets *in, uint8_t *out_tag)
{
    inspect_tlv tlv;

    if (in->failed || !inspect_tlv_read(&tlv, in->left) || tlv.is_indefinite ||
        tlv.declared_len > in->left.len) {
        *out_tag = 0;
        return inspect_octets_take(in, SIZE_MAX);
    }
    *out_tag = tlv.tag;
    inspect_octets_skip(in, tlv.header_len);
    return inspect_octets_take(in, (size_t)tlv.declared_len);
}

static int inspect_ldap_is_gss(spnego_bytes mechanism)
{
    return (mechanism.len == 10 && memcmp(mechanism.data, "GSS-SPNEGO", 10) == 0) ||
           (mechanism.len == 6 && memcmp(mechanism.data, "GSSAPI", 6) == 0);
}

static void inspect_ldap_request(inspect_carry *carry, int side, spnego_bytes request)
{
    const inspect_carried carried = {"ldap", INSPECT_ROLE_INITIATOR, INSPECT_SCHEME_NONE, 0,
                                     INSPECT_PLACE_UNTOLD};
    inspect_octets in = inspect_octets_of(request), sasl;
    spnego_bytes auth, mechanism;
    uint8_t tag;

    (void)inspect_ber_take(&in, &tag); /* version */
    (void)inspect_ber_take(&in, &tag); /* name */
    auth = inspect_ber_take(&in, &tag);
    if (tag == SICILY_NEGOTIATE || tag == SICILY_RESPONSE) {
        inspect_carry_token(carry, side, &carried, auth);
        return;
    }
    if (tag != AUTH_SASL)
        return;
    sasl = inspect_octets_of(auth);
    mechanism = inspect_ber_take(&sasl, &tag);
    if (mechanism.data != NULL && inspect_ldap_is_gss(mechanism))
        inspect_carry_token(carry, side, &carried, inspect_ber_take(&sasl, &tag));
}

static void inspect_ldap_response(inspect_carry *carry, int side, spnego_bytes response)
{
    const inspect_carried carried = {"ldap", INSPECT_ROLE_ACCEPTOR, INSPECT_SCHEME_NONE, 0,
                                     INSPECT_PLACE_UNTOLD};
    inspect_octets in = inspect_octets_of(response);
    spnego_bytes matched;
    uint8_t tag;

    (void)inspect_ber_take(&in, &tag); /* resultCode */
    matched = inspect_ber_take(&in, &tag);
    /* MS-ADTS 5.1.1.1.3: Sicily's challenge stands where a name would. */
    if (matched.len > 8 && memcmp(matched.data, "NTLMSSP", 8) == 0)
        inspect_carry_token(carry, side, &carried, matched);
    (void)inspect_ber_take(&in, &tag); /* diagnosticMessage */
    while (!in.failed && in.left.len > 0) {
        const spnego_bytes field = inspect_ber_take(&in, &tag);
        if (tag == SERVER_SASL_CREDS)
            inspect_carry_token(carry, side, &carried, field);
    }
}

/* The tag of the operation, 0 if this is no LDAPMessage; *out_op begins with it. */
static uint8_t inspect_ldap_operation(spnego_bytes *out_op, spnego_bytes in)
{
    inspect_octets octets = inspect_octets_of(in);
    inspect_tlv message;
    spnego_bytes id;
    uint8_t tag;

    if (!inspect_tlv_read(&message, in) || message.tag != 0x30 || message.is_indefinite)
        return 0;
    inspect_octets_skip(&octets, message.header_len);
    id = inspect_ber_take(&octets, &tag);
    if (octets.failed || tag != 0x02 || id.len < 1 || id.len > 5 || octets.left.len == 0)
        return 0;
    *out_op = octets.left;
    return octets.left.data[0];
}

inspect_step inspect_carry_ldap(inspect_carry *carry, int side, spnego_bytes in, size_t *amount)
{
    const uint64_t total = inspect_tlv_total(in);
    spnego_bytes op, contents;
    inspect_octets octets;
    uint8_t tag;

    /* After a bind with a security layer: a length, then what is wrapped (RFC 4422 3.7). */
    if (in.data[0] == 0 && carry->carrier == INSPECT_CARRIER_LDAP) {
        octets = inspect_octets_of(in);
        *amount = 4;
        if (in.len < 4)
            return INSPECT_STEP_MORE;
        *amount = inspect_octets_big(&octets, 4);
        if (*amount > LDAP_MAX_FRAME)
            return INSPECT_STEP_NOT;
        *amount += 4;
        return INSPECT_STEP_USED;
    }
    if (in.data[0] != 0x30)
        return INSPECT_STEP_NOT;
    if (in.len < LDAP_HEAD_LEN && (total == 0 || in.len < total)) {
        *amount = total == 0 || total > LDAP_HEAD_LEN ? LDAP_HEAD_LEN : (size_t)total;
        return INSPECT_STEP_MORE;
    }
    tag = inspect_ldap_operation(&op, in);
    /* RFC 4511 4.2 and after: operations are numbered from 0 to 25. */
    if ((tag & 0xc0) != 0x40 || (tag & 0x1f) > 25 || total == 0 || total > SIZE_MAX)
        return INSPECT_STEP_NOT;
    *amount = (size_t)total;
    if ((tag != BIND_REQUEST && tag != BIND_RESPONSE) || total > INSPECT_CARRY_MAX_MESSAGE)
        return INSPECT_STEP_USED;
    if (in.len < total)
        return INSPECT_STEP_MORE;
    op.len = (size_t)(in.data + total - op.data);
    octets = inspect_octets_of(op);
    contents = inspect_ber_take(&octets, &tag);
    if (contents.data != NULL && tag == BIND_REQUEST)
        inspect_ldap_request(carry, side, contents);
    else if (contents.data != NULL)
        inspect_ldap_response(carry, side, contents);
    return INSPECT_STEP_USED;
}
