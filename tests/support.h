/*
 * tests/support.h - what the tests share: octets from a notation, and checks of whole decodings.
 *
 * The notation is hexadecimal with four additions, so that a test shows what it is about and the
 * lengths are computed here, by other code than the library's:
 *     30{ ... }    an element: tag, DER length of what stands between the braces, and that
 *     'text'       the octets of the text
 *     5a*200       the octet 5a 200 times
 *     blanks       separate; the word right before a brace is the tag, of one octet or more
 */
#ifndef SPNEGO_TESTS_SUPPORT_H
#define SPNEGO_TESTS_SUPPORT_H

#include <spnego/spnego.h>

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

/* ---- Notation of the tokens' parts --------------------------------------------------------- */

/* requirements.md, "Mechanism OIDs". */
#define OID_SPNEGO "06{2b0601050502}"
#define OID_KRB5 "06{2a864886f712010202}"
#define OID_MS_KRB5 "06{2a864882f712010202}"
#define OID_NTLM "06{2b06010401823702020a}"
#define OID_NEGOEX "06{2b06010401823702021e}"

#define FRAME(inside) "60{" OID_SPNEGO inside "}"
#define INIT_BARE(fields) "a0{30{" fields "}}"
#define INIT(fields) FRAME(INIT_BARE(fields))
#define RESP(fields) "a1{30{" fields "}}"

#define MECH_TYPES_OF(oids) "a0{30{" oids "}}"
#define MECH_TYPES_KRB5 MECH_TYPES_OF(OID_KRB5)
#define REQ_FLAGS_OF(contents) "a1{03{" contents "}}"
#define MECH_TOKEN_OF(contents) "a2{04{" contents "}}"
#define INIT_MIC_OF(contents) "a3{04{" contents "}}"
#define HINTS_OF(fields) "a3{30{" fields "}}"
#define HINT_NAME_OF(contents) "a0{1b{" contents "}}"
#define HINT_ADDRESS_OF(contents) "a1{04{" contents "}}"
#define INIT2_MIC_OF(contents) "a4{04{" contents "}}"

#define NEG_STATE_OF(contents) "a0{0a{" contents "}}"
#define SUPPORTED_MECH_OF(oid) "a1{" oid "}"
#define RESPONSE_OF(contents) "a2{04{" contents "}}"
#define RESP_MIC_OF(contents) "a3{04{" contents "}}"

/* MS-SPNG 2.2.1. */
#define FIXED_HINT "'not_defined_in_RFC4178@please_ignore'"

/* ---- Octets -------------------------------------------------------------------------------- */

/* der_of returns the octets of `notation` in a block of exactly their number, so that a read
 * beyond them is one that a memory checker sees.  The block lives as long as the process. */
spnego_bytes der_of(const char *notation);

/* hex_of returns octets as text for a message, "absent" and "empty" told apart; the last eight
 * results stay valid. */
const char *hex_of(spnego_bytes octets);

/* same_octets returns 1 if both are absent, or both are there with the same octets. */
int same_octets(spnego_bytes a, spnego_bytes b);

/* der_header_len is the length of tag and length octets of an element with `contents_len` octets
 * of contents (X.690 8.1.3, 10.1), for a tag of one octet. */
size_t der_header_len(size_t contents_len);

/* der_element_len is that of the whole element. */
size_t der_element_len(size_t contents_len);

/* der_put_header writes tag and length octets at `at` and returns how many they are. */
size_t der_put_header(uint8_t *at, uint8_t tag, size_t contents_len);

/* read_text_file returns the contents with a NUL after them, in a block for free, or NULL. */
char *read_text_file(const char *path);

/* ---- Tokens -------------------------------------------------------------------------------- */

/* token_is_zero returns 1 if all members are zero, as they must be after a refusal. */
int token_is_zero(const spnego_token *token);

/* same_fields returns 1 if both tokens say the same: type, frame and every field, absent and
 * empty told apart; where things lie in the input does not count. */
int same_fields(const spnego_token *a, const spnego_token *b);

/* One token that must be refused. */
typedef struct refusal {
    const char *description;
    const char *notation;
    uint32_t tolerate;
    spnego_rule rule;
    spnego_field field;
    size_t offset;
    size_t len;
} refusal;

/* check_refusals decodes each row's token and fails the test for each that is not refused with
 * that rule at that place, *out_token zero-filled. */
void check_refusals(const refusal *rows, size_t num_rows);

/* decode_or_fail decodes octets that must be accepted, strictly if `tolerate` is 0, and ends the
 * test if they are not.  It also checks that nothing but the bits of `tolerate` was needed, and
 * that exactly those were. */
spnego_token decode_or_fail(const char *description, spnego_bytes in, uint32_t tolerate);

/* check_encodes fails the test unless `token` is written as `want`: into a buffer with room to
 * spare (at its end), into one of exactly that length, and, refused, into one that is one octet
 * shorter and into none. */
void check_encodes(const char *description, const spnego_token *token, spnego_bytes want);

/* ---- Negotiations -------------------------------------------------------------------------- */

/* end_of says what a negotiation came to, in the words of the `ends` lines of vectors/; valid until
 * the next call. */
const char *end_of(const spnego_context *context, spnego_status status);

#endif /* SPNEGO_TESTS_SUPPORT_H */
