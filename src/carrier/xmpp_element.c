#include <spnego/xmpp.h>

#include "base/bytes.h"

#include <string.h>

static const char *const names[] = {"",      "auth",    "challenge", "response",
                                    "abort", "failure", "success"};
static const char *const conditions[] = {"",
                                         "aborted",
                                         "account-disabled",
                                         "credentials-expired",
                                         "encryption-required",
                                         "incorrect-encoding",
                                         "invalid-authzid",
                                         "invalid-mechanism",
                                         "malformed-request",
                                         "mechanism-too-weak",
                                         "not-authorized",
                                         "temporary-auth-failure"};

enum {
    NUM_NAMES = sizeof names / sizeof names[0],
    NUM_CONDITIONS = sizeof conditions / sizeof conditions[0]
};

static size_t find(const char *const *words, size_t num_words, spnego_bytes text)
{
    for (size_t i = 1; i < num_words; i++) {
        const spnego_bytes word = {(const uint8_t *)words[i], strlen(words[i])};

        if (bytes_equal(word, text))
            return i;
    }
    return 0;
}

const char *spnego_xmpp_name_text(spnego_xmpp_name name)
{
    return (size_t)name < NUM_NAMES ? names[name] : "";
}

spnego_xmpp_name spnego_xmpp_name_find(spnego_bytes text)
{
    return (spnego_xmpp_name)find(names, NUM_NAMES, text);
}

const char *spnego_xmpp_condition_text(spnego_xmpp_condition condition)
{
    return (size_t)condition < NUM_CONDITIONS ? conditions[condition] : "";
}

spnego_xmpp_condition spnego_xmpp_condition_find(spnego_bytes text)
{
    const size_t i = find(conditions, NUM_CONDITIONS, text);

    return i != 0 ? (spnego_xmpp_condition)i : SPNEGO_XMPP_NOT_AUTHORIZED;
}

/* ---- What a server says ---------------------------------------------------------------------- */

/* RFC 2744 3.9.1: the routine errors that say more than "not authorized" to someone who may know.
 */
static spnego_xmpp_condition condition_of_gss(uint32_t gss_major)
{
    enum { BAD_MECH = 1, NO_CRED = 7, DEFECTIVE_TOKEN = 9, CREDENTIALS_EXPIRED = 11 };

    switch (gss_major >> 16 & 0xff) {
    case BAD_MECH:
        return SPNEGO_XMPP_INVALID_MECHANISM;
    case NO_CRED:
        return SPNEGO_XMPP_TEMPORARY_AUTH_FAILURE;
    case DEFECTIVE_TOKEN:
        return SPNEGO_XMPP_MALFORMED_REQUEST;
    case CREDENTIALS_EXPIRED:
        return SPNEGO_XMPP_CREDENTIALS_EXPIRED;
    default:
        return SPNEGO_XMPP_NOT_AUTHORIZED;
    }
}

static spnego_xmpp_condition condition_of_status(const spnego_error *error)
{
    switch (error->status) {
    case SPNEGO_ERR_MALFORMED:
    case SPNEGO_ERR_PROTOCOL:
    case SPNEGO_ERR_LIMIT:
        return SPNEGO_XMPP_MALFORMED_REQUEST;
    case SPNEGO_ERR_MECH:
        return condition_of_gss(error->mech_code.gss_major);
    case SPNEGO_ERR_NO_MECH:
        return SPNEGO_XMPP_INVALID_MECHANISM;
    case SPNEGO_ERR_POLICY:
        return SPNEGO_XMPP_MECHANISM_TOO_WEAK;
    case SPNEGO_ERR_MECH_LIED:
    case SPNEGO_ERR_NO_MEMORY:
    case SPNEGO_ERR_USAGE:
        return SPNEGO_XMPP_TEMPORARY_AUTH_FAILURE;
    default:
        return SPNEGO_XMPP_NOT_AUTHORIZED;
    }
}

spnego_xmpp_condition spnego_xmpp_condition_of(const spnego_error *error)
{
    switch (error->rule) {
    case SPNEGO_RULE_BASE64_CHARACTER:
    case SPNEGO_RULE_BASE64_LENGTH:
    case SPNEGO_RULE_BASE64_PADDING:
    case SPNEGO_RULE_BASE64_PAD_BITS:
        return SPNEGO_XMPP_INCORRECT_ENCODING;
    case SPNEGO_RULE_XMPP_MECHANISM_UNKNOWN:
        return SPNEGO_XMPP_INVALID_MECHANISM;
    case SPNEGO_RULE_XMPP_ABORTED:
        return SPNEGO_XMPP_ABORTED;
    case SPNEGO_RULE_SASL_AUTHZID_MALFORMED:
        return SPNEGO_XMPP_INVALID_AUTHZID;
    case SPNEGO_RULE_SASL_NOT_AUTHORIZED:
        return SPNEGO_XMPP_NOT_AUTHORIZED;
    default:
        return condition_of_status(error);
    }
}

/* ---- As XML ---------------------------------------------------------------------------------- */

/* Text that is counted whether it fits or not. */
typedef struct xml_text {
    char *out;
    size_t out_len;
    size_t len;
} xml_text;

static void put(xml_text *text, const void *octets, size_t len)
{
    if (text->len <= text->out_len && len <= text->out_len - text->len && len != 0)
        memcpy(text->out + text->len, octets, len);
    text->len += len;
}

static void put_word(xml_text *text, const char *word)
{
    put(text, word, strlen(word));
}

/* Base64 and the names that there are need no escapes; what a host puts there may. */
static void put_escaped(xml_text *text, spnego_bytes octets)
{
    static const struct {
        uint8_t octet;
        const char *escape;
    } escapes[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'\'', "&apos;"}};

    for (size_t i = 0; i < octets.len; i++) {
        const char *escape = NULL;

        for (size_t k = 0; k < sizeof escapes / sizeof escapes[0]; k++)
            if (escapes[k].octet == octets.data[i])
                escape = escapes[k].escape;
        if (escape != NULL)
            put_word(text, escape);
        else
            put(text, &octets.data[i], 1);
    }
}

static void put_element(xml_text *text, const spnego_xmpp_element *element)
{
    const char *const name = spnego_xmpp_name_text(element->name);

    put_word(text, "<");
    put_word(text, name);
    put_word(text, " xmlns='" SPNEGO_XMPP_NAMESPACE "'");
    if (element->name == SPNEGO_XMPP_AUTH) {
        put_word(text, " mechanism='");
        put_escaped(text, element->mechanism);
        put_word(text, "'");
    }
    if (element->name != SPNEGO_XMPP_FAILURE && element->text.len == 0) {
        put_word(text, "/>");
        return;
    }
    put_word(text, ">");
    if (element->name == SPNEGO_XMPP_FAILURE) {
        /* RFC 6120 6.5: there is always a condition. */
        put_word(text, "<");
        put_word(text, spnego_xmpp_condition_text(element->condition == SPNEGO_XMPP_NO_CONDITION
                                                      ? SPNEGO_XMPP_NOT_AUTHORIZED
                                                      : element->condition));
        put_word(text, "/>");
    } else {
        put_escaped(text, element->text);
    }
    put_word(text, "</");
    put_word(text, name);
    put_word(text, ">");
}

/* All or nothing: first its length, then the text if it fits. */
size_t spnego_xmpp_write(char *out, size_t out_len, const spnego_xmpp_element *element)
{
    xml_text text = {NULL, 0, 0};

    if (element->name == SPNEGO_XMPP_NOTHING || (size_t)element->name >= NUM_NAMES)
        return 0;
    put_element(&text, element);
    if (text.len <= out_len) {
        text.out = out;
        text.out_len = out_len;
        text.len = 0;
        put_element(&text, element);
    }
    return text.len;
}

static void put_mechanisms(xml_text *text, const spnego_sasl_mechanism *mechanisms,
                           size_t num_mechanisms)
{
    put_word(text, "<mechanisms xmlns='" SPNEGO_XMPP_NAMESPACE "'>");
    for (size_t i = 0; i < num_mechanisms; i++) {
        put_word(text, "<mechanism>");
        put_word(text, spnego_sasl_name(mechanisms[i]));
        put_word(text, "</mechanism>");
    }
    put_word(text, "</mechanisms>");
}

size_t spnego_xmpp_write_mechanisms(char *out, size_t out_len,
                                    const spnego_sasl_mechanism *mechanisms, size_t num_mechanisms)
{
    xml_text text = {NULL, 0, 0};

    put_mechanisms(&text, mechanisms, num_mechanisms);
    if (text.len <= out_len) {
        text.out = out;
        text.out_len = out_len;
        text.len = 0;
        put_mechanisms(&text, mechanisms, num_mechanisms);
    }
    return text.len;
}

spnego_sasl_mechanism spnego_xmpp_choose(const spnego_sasl_mechanism *own, size_t num_own,
                                         const spnego_bytes *offered, size_t num_offered)
{
    for (size_t i = 0; i < num_own; i++)
        for (size_t k = 0; k < num_offered; k++)
            if (own[i] != SPNEGO_SASL_NONE && spnego_sasl_find(offered[k]) == own[i])
                return own[i];
    return SPNEGO_SASL_NONE;
}
