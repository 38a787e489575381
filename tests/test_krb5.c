/*
 * inspect/krb5.c and what it stands on: Kerberos tokens to the last field that is readable.
 *
 * What the fields hold is judged by tshark, token for token (tests/tshark/kerberos.py); here are
 * the shape of the trees, privacy, and each finding with its place.
 */
#include "inspect/krb5.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/kind.h"
#include "inspect/krb5_meaning.h"
#include "support.h"
#include "tree_text.h"
#include "vector_file.h"

/* ---- Notation ------------------------------------------------------------------------------- */

#define OID_U2U "06{2a864886f71201020203}"
#define OID_IAKERB "06{2b0601050205}"
#define TOKEN_OF(oid, inside) "60{" oid inside "}"
#define TOKEN(inside) TOKEN_OF(OID_KRB5, inside)

#define PVNO "a0{02{05}}"
#define NAME(type, strings) "30{a0{02{" type "}}a1{30{" strings "}}}"
#define ENC(etype) "30{a0{02{" etype "}}a2{04{c0ffee}}}"
#define TICKET_OF(vno, etype) \
    "61{30{a0{02{" vno "}}a1{1b{'R'}}a2{" NAME("02", "1b{'s'}") "}a3{" ENC(etype) "}}}"
#define TICKET TICKET_OF("05", "12")

/* 30 octets, the fields at 4, 9 and 14; in a frame at 19, 24 and 29. */
#define AP_REP_OF(fields) "6f{30{" fields "}}"
#define AP_REP AP_REP_OF(PVNO "a1{02{0f}}a2{" ENC("12") "}")
#define FRAMED_AP_REP TOKEN("0200" AP_REP)

#define AP_REQ_OF(options, ticket, etype) \
    "6e{30{" PVNO "a1{02{0e}}a2{03{" options "}}a3{" ticket "}a4{" ENC(etype) "}}}"

#define ERROR_OF(code, e_data) \
    "7e{30{" PVNO "a1{02{1e}}a4{18{'20261121131649Z'}}a5{02{0b36d2}}a6{02{" code \
    "}}a9{1b{'R'}}aa{" NAME("02", "1b{'s'}") "}ac{04{" e_data "}}}}"

#define KDC_REQ(number, padata) \
    "6a{30{a1{02{05}}a2{02{" number "}}a3{30{" padata "}}a4{30{a0{03{0050800000}}a2{1b{'R'}}" \
    "a5{18{'20370913024805Z'}}a7{02{01}}a8{30{02{12}02{11}}}}}}}"

#define PADATA(type, value) "30{a1{02{" type "}}a2{04{" value "}}}"

/* ---- Reading -------------------------------------------------------------------------------- */

typedef struct krb5_result {
    inspect_tree tree;
    inspect_reading reading;
} krb5_result;

static int read_token(krb5_result *out, spnego_bytes token, size_t depth)
{
    memset(out, 0, sizeof *out);
    out->reading.in = token;
    return inspect_krb5_read(&out->tree, &out->reading, token, depth);
}

static void free_result(krb5_result *result)
{
    inspect_tree_free(&result->tree);
    free(result);
}

static krb5_result *new_result(void)
{
    krb5_result *result = calloc(1, sizeof *result);

    cr_assert_not_null(result);
    return result;
}

/* Compares line by line, so that the first difference is what the message shows. */
static void check_text(const char *description, const char *got, const char *want)
{
    while (*got != 0 || *want != 0) {
        const size_t got_len = strcspn(got, "\n"), want_len = strcspn(want, "\n");

        if (got_len != want_len || memcmp(got, want, got_len) != 0) {
            cr_expect(0, "%s\n  got  %.*s\n  want %.*s", description, (int)got_len, got,
                      (int)want_len, want);
            return;
        }
        got += got_len + (got[got_len] != 0);
        want += want_len + (want[want_len] != 0);
    }
}

static void check_tree(const char *description, const char *notation, const char *want)
{
    krb5_result *result = new_result();
    char *text;

    cr_assert(read_token(result, der_of(notation), 0), "%s", description);
    text = tree_text(&result->tree, &result->reading);
    check_text(description, text, want);
    free(text);
    free_result(result);
}

/* ---- Trees ---------------------------------------------------------------------------------- */

Test(krb5, ap_req)
{
    check_tree("RFC 4121 4.1 around RFC 4120 5.5.1",
               TOKEN("0100" AP_REQ_OF("0020000000", TICKET, "12")),
               ". - @0+102 OBJECT KRB_AP_REQ\n"
               ".. thisMech @2+11 1.2.840.113554.1.2.2\n"
               ".. TOK_ID @13+2 0100\n"
               ".. pvno @19+5 5\n"
               ".. msg-type @24+5 14 KRB_AP_REQ\n"
               ".. ap-options @29+9 OBJECT\n"
               "... bits @34+4 20000000\n"
               "... flags @34+4 ARRAY\n"
               ".... - @34+0 mutual-required\n"
               ".. ticket @38+48 OBJECT\n"
               "... tkt-vno @44+5 5\n"
               "... realm @49+5 'R' identity\n"
               "... sname @54+16 OBJECT\n"
               ".... name-type @58+5 2 NT-SRV-INST\n"
               ".... name-string @63+7 ARRAY\n"
               "..... - @67+3 's' identity\n"
               "... enc-part @70+16 OBJECT\n"
               ".... etype @74+5 18 aes256-cts-hmac-sha1-96\n"
               ".... cipher @79+7 c0ffee crackable\n"
               ".. authenticator @86+16 OBJECT\n"
               "... etype @90+5 18 aes256-cts-hmac-sha1-96\n"
               "... cipher @95+7 c0ffee crackable\n");
}

Test(krb5, error_with_method_data)
{
    check_tree("RFC 4120 5.9.1, 5.2.7.5",
               TOKEN("0300" ERROR_OF("19", "30{" PADATA("13", "30{30{a0{02{12}}a1{1b{'Ru'}}}}")
                                               PADATA("02", "") "}")),
               ". - @0+124 OBJECT KRB_ERROR\n"
               ".. thisMech @2+11 1.2.840.113554.1.2.2\n"
               ".. TOK_ID @13+2 0300\n"
               ".. pvno @19+5 5\n"
               ".. msg-type @24+5 30 KRB_ERROR\n"
               ".. stime @29+19 '20261121131649Z'\n"
               ".. susec @48+7 734930\n"
               ".. error-code @55+5 25 KDC_ERR_PREAUTH_REQUIRED\n"
               ".. realm @60+5 'R' identity\n"
               ".. sname @65+16 OBJECT\n"
               "... name-type @69+5 2 NT-SRV-INST\n"
               "... name-string @74+7 ARRAY\n"
               ".... - @78+3 's' identity\n"
               ".. e-data @81+43 ARRAY\n"
               "... - @87+26 OBJECT\n"
               ".... padata-type @89+5 19 PA-ETYPE-INFO2\n"
               ".... padata-value @94+19 ARRAY\n"
               "..... - @100+13 OBJECT\n"
               "...... etype @102+5 18 aes256-cts-hmac-sha1-96\n"
               "...... salt @107+6 'Ru' identity\n"
               "... - @113+11 OBJECT\n"
               ".... padata-type @115+5 2 PA-ENC-TIMESTAMP\n"
               ".... padata-value @120+4  crackable\n");
}

Test(krb5, error_with_nt_status)
{
    check_tree("MS-KILE 2.2.1, 2.2.2",
               ERROR_OF("12", "30{a1{02{03}}a2{04{340200c0 00000000 01000000}}}"),
               ". - @0+93 OBJECT KRB_ERROR\n"
               ".. pvno @4+5 5\n"
               ".. msg-type @9+5 30 KRB_ERROR\n"
               ".. stime @14+19 '20261121131649Z'\n"
               ".. susec @33+7 734930\n"
               ".. error-code @40+5 18 KDC_ERR_CLIENT_REVOKED\n"
               ".. realm @45+5 'R' identity\n"
               ".. sname @50+16 OBJECT\n"
               "... name-type @54+5 2 NT-SRV-INST\n"
               "... name-string @59+7 ARRAY\n"
               ".... - @63+3 's' identity\n"
               ".. e-data @66+27 OBJECT\n"
               "... data-type @72+5 3 KERB_ERR_TYPE_EXTENDED\n"
               "... data-value @77+16 OBJECT\n"
               ".... status @81+4 3221226036 STATUS_ACCOUNT_LOCKED_OUT\n"
               ".... reserved @85+4 0\n"
               ".... flags @89+4 1\n"
               "note KRB5_UNFRAMED @0+93\n");
}

/* Twelve octets that are not said to be a status. */
Test(krb5, error_with_other_error_data)
{
    check_tree("MS-KILE 2.2.2", ERROR_OF("12", "30{a1{02{02}}a2{04{340200c0 00000000 01000000}}}"),
               ". - @0+93 OBJECT KRB_ERROR\n"
               ".. pvno @4+5 5\n"
               ".. msg-type @9+5 30 KRB_ERROR\n"
               ".. stime @14+19 '20261121131649Z'\n"
               ".. susec @33+7 734930\n"
               ".. error-code @40+5 18 KDC_ERR_CLIENT_REVOKED\n"
               ".. realm @45+5 'R' identity\n"
               ".. sname @50+16 OBJECT\n"
               "... name-type @54+5 2 NT-SRV-INST\n"
               "... name-string @59+7 ARRAY\n"
               ".... - @63+3 's' identity\n"
               ".. e-data @66+27 OBJECT\n"
               "... data-type @72+5 2 KERB_AP_ERR_TYPE_SKEW_RECOVERY\n"
               "... data-value @77+16 340200c00000000001000000 crackable\n"
               "note KRB5_UNFRAMED @0+93\n");
}

Test(krb5, error_with_typed_data)
{
    check_tree("RFC 4120 5.9.1", ERROR_OF("41", "30{30{a0{02{6d}}a1{04{00}}}}"),
               ". - @0+84 OBJECT KRB_ERROR\n"
               ".. pvno @4+5 5\n"
               ".. msg-type @9+5 30 KRB_ERROR\n"
               ".. stime @14+19 '20261121131649Z'\n"
               ".. susec @33+7 734930\n"
               ".. error-code @40+5 65 KDC_ERR_KEY_TOO_WEAK\n"
               ".. realm @45+5 'R' identity\n"
               ".. sname @50+16 OBJECT\n"
               "... name-type @54+5 2 NT-SRV-INST\n"
               "... name-string @59+7 ARRAY\n"
               ".... - @63+3 's' identity\n"
               ".. e-data @66+18 ARRAY\n"
               "... - @72+12 OBJECT\n"
               ".... data-type @74+5 109 TD-DH-PARAMETERS\n"
               ".... data-value @79+5 00 crackable\n"
               "note KRB5_UNFRAMED @0+84\n");
}

Test(krb5, user_to_user)
{
    check_tree(
        "TGT-REQ",
        TOKEN_OF(OID_U2U, "0400 30{" PVNO "a1{02{10}}a2{" NAME("80", "1b{'s'}") "}a3{1b{'R'}}}"),
        ". - @0+49 OBJECT KRB_TGT_REQ\n"
        ".. thisMech @2+12 1.2.840.113554.1.2.2.3\n"
        ".. TOK_ID @14+2 0400\n"
        ".. pvno @18+5 5\n"
        ".. msg-type @23+5 16 KRB_TGT_REQ\n"
        ".. server-name @28+16 OBJECT\n"
        "... name-type @32+5 -128 NT-MS-PRINCIPAL\n"
        "... name-string @37+7 ARRAY\n"
        ".... - @41+3 's' identity\n"
        ".. realm @44+5 'R' identity\n");
    check_tree("TGT-REP", TOKEN_OF(OID_U2U, "0401 30{" PVNO "a1{02{11}}a2{" TICKET "}}"),
               ". - @0+76 OBJECT KRB_TGT_REP\n"
               ".. thisMech @2+12 1.2.840.113554.1.2.2.3\n"
               ".. TOK_ID @14+2 0401\n"
               ".. pvno @18+5 5\n"
               ".. msg-type @23+5 17 KRB_TGT_REP\n"
               ".. ticket @28+48 OBJECT\n"
               "... tkt-vno @34+5 5\n"
               "... realm @39+5 'R' identity\n"
               "... sname @44+16 OBJECT\n"
               ".... name-type @48+5 2 NT-SRV-INST\n"
               ".... name-string @53+7 ARRAY\n"
               "..... - @57+3 's' identity\n"
               "... enc-part @60+16 OBJECT\n"
               ".... etype @64+5 18 aes256-cts-hmac-sha1-96\n"
               ".... cipher @69+7 c0ffee crackable\n");
}

Test(krb5, iakerb)
{
    check_tree("the header alone asks for the realm", TOKEN_OF(OID_IAKERB, "0501 30{a1{0c{}}}"),
               ". - @0+18 OBJECT IAKERB_PROXY\n"
               ".. thisMech @2+8 1.3.6.1.5.2.5\n"
               ".. TOK_ID @10+2 0501\n"
               ".. IAKERB-HEADER @12+6 OBJECT\n"
               "... target-realm @14+4 '' identity\n");
    check_tree("with a message, and AP-REQ in its padata",
               "0501 30{a1{0c{'R'}}a2{04{c0}}a3{03{0080000000}}}" KDC_REQ(
                   "0a", PADATA("01", AP_REQ_OF("0000000000", TICKET, "12"))),
               ". - @0+193 OBJECT IAKERB_PROXY\n"
               ".. TOK_ID @0+2 0501\n"
               ".. IAKERB-HEADER @2+21 OBJECT\n"
               "... target-realm @4+5 'R' identity\n"
               "... cookie @9+5 c0 crackable\n"
               "... header-flags @14+9 OBJECT\n"
               ".... bits @19+4 80000000\n"
               ".... flags @19+4 ARRAY\n"
               ".. message @23+170 OBJECT KRB_AS_REQ\n"
               "... pvno @29+5 5\n"
               "... msg-type @34+5 10 KRB_AS_REQ\n"
               "... padata @39+102 ARRAY\n"
               ".... - @43+98 OBJECT\n"
               "..... padata-type @45+5 1 PA-TGS-REQ\n"
               "..... padata-value @50+91 OBJECT KRB_AP_REQ\n"
               "...... pvno @58+5 5\n"
               "...... msg-type @63+5 14 KRB_AP_REQ\n"
               "...... ap-options @68+9 OBJECT\n"
               "....... bits @73+4 00000000\n"
               "....... flags @73+4 ARRAY\n"
               "...... ticket @77+48 OBJECT\n"
               "....... tkt-vno @83+5 5\n"
               "....... realm @88+5 'R' identity\n"
               "....... sname @93+16 OBJECT\n"
               "........ name-type @97+5 2 NT-SRV-INST\n"
               "........ name-string @102+7 ARRAY\n"
               "......... - @106+3 's' identity\n"
               "....... enc-part @109+16 OBJECT\n"
               "........ etype @113+5 18 aes256-cts-hmac-sha1-96\n"
               "........ cipher @118+7 c0ffee crackable\n"
               "...... authenticator @125+16 OBJECT\n"
               "....... etype @129+5 18 aes256-cts-hmac-sha1-96\n"
               "....... cipher @134+7 c0ffee crackable\n"
               "... req-body @141+52 OBJECT\n"
               ".... kdc-options @145+9 OBJECT\n"
               "..... bits @150+4 50800000\n"
               "..... flags @150+4 ARRAY\n"
               "...... - @150+0 forwardable\n"
               "...... - @150+0 proxiable\n"
               "...... - @151+0 renewable\n"
               ".... realm @154+5 'R' identity\n"
               ".... till @159+19 '20370913024805Z'\n"
               ".... nonce @178+5 1\n"
               ".... etype @183+10 ARRAY\n"
               "..... - @187+3 18 aes256-cts-hmac-sha1-96\n"
               "..... - @190+3 17 aes128-cts-hmac-sha1-96\n");
}

Test(krb5, per_message)
{
    check_tree("MIC, RFC 4121", "0404 05 ff*5 0000000000000001 c0ffee",
               ". - @0+19 OBJECT KRB_GSS_MIC\n"
               ".. TOK_ID @0+2 0404\n"
               ".. Flags @2+1 OBJECT\n"
               "... value @2+1 5\n"
               "... flags @2+1 ARRAY\n"
               ".... - @2+0 SentByAcceptor\n"
               ".... - @2+0 AcceptorSubkey\n"
               ".. Filler @3+5 ffffffffff\n"
               ".. SND_SEQ @8+8 1\n"
               ".. SGN_CKSUM @16+3 c0ffee crackable\n");
    check_tree("Wrap, sealed", "0504 06 ff 0000 001c 0000000000000001 c0ffee",
               ". - @0+19 OBJECT KRB_GSS_WRAP\n"
               ".. TOK_ID @0+2 0504\n"
               ".. Flags @2+1 OBJECT\n"
               "... value @2+1 6\n"
               "... flags @2+1 ARRAY\n"
               ".... - @2+0 Sealed\n"
               ".... - @2+0 AcceptorSubkey\n"
               ".. Filler @3+1 ff\n"
               ".. EC @4+2 0\n"
               ".. RRC @6+2 28\n"
               ".. SND_SEQ @8+8 1\n"
               ".. Data @16+3 c0ffee crackable\n");
    check_tree("Wrap, not sealed", "0504 00 ff 0003 0000 0000000000000001 aabb c0ffee",
               ". - @0+21 OBJECT KRB_GSS_WRAP\n"
               ".. TOK_ID @0+2 0504\n"
               ".. Flags @2+1 OBJECT\n"
               "... value @2+1 0\n"
               "... flags @2+1 ARRAY\n"
               ".. Filler @3+1 ff\n"
               ".. EC @4+2 3\n"
               ".. RRC @6+2 0\n"
               ".. SND_SEQ @8+8 1\n"
               ".. Plaintext @16+2 aabb crackable\n"
               ".. Checksum @18+3 c0ffee crackable\n");
    check_tree("Wrap, turned by its checksum", "0504 00 ff 0003 0003 0000000000000001 c0ffee aabb",
               ". - @0+21 OBJECT KRB_GSS_WRAP\n"
               ".. TOK_ID @0+2 0504\n"
               ".. Flags @2+1 OBJECT\n"
               "... value @2+1 0\n"
               "... flags @2+1 ARRAY\n"
               ".. Filler @3+1 ff\n"
               ".. EC @4+2 3\n"
               ".. RRC @6+2 3\n"
               ".. SND_SEQ @8+8 1\n"
               ".. Checksum @16+3 c0ffee crackable\n"
               ".. Plaintext @19+2 aabb crackable\n");
    check_tree("Wrap, turned by something else", "0504 00 ff 0003 0001 0000000000000001 c0ffeeaabb",
               ". - @0+21 OBJECT KRB_GSS_WRAP\n"
               ".. TOK_ID @0+2 0504\n"
               ".. Flags @2+1 OBJECT\n"
               "... value @2+1 0\n"
               "... flags @2+1 ARRAY\n"
               ".. Filler @3+1 ff\n"
               ".. EC @4+2 3\n"
               ".. RRC @6+2 1\n"
               ".. SND_SEQ @8+8 1\n"
               ".. Data @16+5 c0ffeeaabb crackable\n");
    check_tree("MIC, RFC 1964", TOKEN("0101 1100 ff*4 01*8 02*8"),
               ". - @0+37 OBJECT KRB_GSS_MIC\n"
               ".. thisMech @2+11 1.2.840.113554.1.2.2\n"
               ".. TOK_ID @13+2 0101\n"
               ".. SGN_ALG @15+2 17 HMAC\n"
               ".. Filler @17+4 ffffffff\n"
               ".. SND_SEQ @21+8 0101010101010101\n"
               ".. SGN_CKSUM @29+8 0202020202020202 crackable\n"
               "warning KRB5_ETYPE_RC4_OR_3DES @15+2\n");
    check_tree("Wrap, RFC 1964", TOKEN("0201 0400 0200 ff*2 01*8 02*20 03*8"),
               ". - @0+57 OBJECT KRB_GSS_WRAP\n"
               ".. thisMech @2+11 1.2.840.113554.1.2.2\n"
               ".. TOK_ID @13+2 0201\n"
               ".. SGN_ALG @15+2 4 HMAC SHA1 DES3 KD\n"
               ".. SEAL_ALG @17+2 2 DES3 KD\n"
               ".. Filler @19+2 ffff\n"
               ".. SND_SEQ @21+8 0101010101010101\n"
               ".. SGN_CKSUM @29+20 0202020202020202020202020202020202020202 crackable\n"
               ".. Data @49+8 0303030303030303 crackable\n"
               "warning KRB5_ETYPE_RC4_OR_3DES @15+2\n"
               "warning KRB5_ETYPE_RC4_OR_3DES @17+2\n");
    check_tree("Wrap, RFC 4757", TOKEN("0201 1100 1000 ff*2 01*8 02*8 03*8 04*4"),
               ". - @0+49 OBJECT KRB_GSS_WRAP\n"
               ".. thisMech @2+11 1.2.840.113554.1.2.2\n"
               ".. TOK_ID @13+2 0201\n"
               ".. SGN_ALG @15+2 17 HMAC\n"
               ".. SEAL_ALG @17+2 16 RC4\n"
               ".. Filler @19+2 ffff\n"
               ".. SND_SEQ @21+8 0101010101010101\n"
               ".. SGN_CKSUM @29+8 0202020202020202 crackable\n"
               ".. Confounder @37+8 0303030303030303 crackable\n"
               ".. Data @45+4 04040404 crackable\n"
               "warning KRB5_ETYPE_RC4_OR_3DES @15+2\n"
               "warning KRB5_ETYPE_RC4_OR_3DES @17+2\n");
    check_tree("the end of a context, RFC 1964", TOKEN("0102 0000 ff*4 01*8 02*8"),
               ". - @0+37 OBJECT KRB_GSS_DELETE\n"
               ".. thisMech @2+11 1.2.840.113554.1.2.2\n"
               ".. TOK_ID @13+2 0102\n"
               ".. SGN_ALG @15+2 0 DES MAC MD5\n"
               ".. Filler @17+4 ffffffff\n"
               ".. SND_SEQ @21+8 0101010101010101\n"
               ".. SGN_CKSUM @29+8 0202020202020202 crackable\n"
               "warning KRB5_ETYPE_DES @15+2\n");
}

/* ---- Findings ------------------------------------------------------------------------------- */

typedef struct finding_row {
    const char *description;
    const char *notation;
    size_t cut;           /* octets taken from the end */
    size_t patch;         /* an octet that is changed, if not 0 */
    uint8_t octet;        /* to this */
    const char *findings; /* as tree_text writes them */
} finding_row;

/* clang-format off */
static const finding_row finding_rows[] = {
    {"nothing wrong", FRAMED_AP_REP, 0, 0, 0, ""},
    {"unframed", AP_REP, 0, 0, 0, "note KRB5_UNFRAMED @0+30\n"},
    {"frame: cut", FRAMED_AP_REP, 1, 0, 0, "error KRB5_TRUNCATED @1+1\n"},
    {"frame: cut in the TOK_ID", FRAMED_AP_REP, 31, 0, 0,
     "error KRB5_TRUNCATED @1+1\nwarning KRB5_TOK_ID_UNKNOWN @13+1\n"},
    {"frame: cut behind the TOK_ID", FRAMED_AP_REP, 30, 0, 0, "error KRB5_TRUNCATED @1+1\n"},
    {"message: cut", AP_REP, 1, 0, 0, "note KRB5_UNFRAMED @0+29\nerror KRB5_TRUNCATED @1+1\n"},
    {"message: cut between fields", AP_REP, 16, 0, 0,
     "note KRB5_UNFRAMED @0+14\nerror KRB5_TRUNCATED @1+1\n"},
    {"message: cut in a number", AP_REP, 22, 0, 0,
     "note KRB5_UNFRAMED @0+8\nerror KRB5_TRUNCATED @1+1\n"},
    {"message: cut in a header", AP_REP, 15, 0, 0,
     "note KRB5_UNFRAMED @0+15\nerror KRB5_TRUNCATED @1+1\n"},
    {"frame: shorter than the message", FRAMED_AP_REP, 0, 1, 42, "error KRB5_LENGTH_OUTSIDE @1+1\n"},
    {"INTEGER longer than its [0]", FRAMED_AP_REP, 0, 22, 2, "error KRB5_LENGTH_OUTSIDE @22+1\n"},
    {"[0] with one octet", TOKEN("0200" AP_REP_OF("a0{02}a1{02{0f}}a2{" ENC("12") "}")), 0, 0, 0,
     "error KRB5_LENGTH_OUTSIDE @21+1\n"},
    {"message's length in two octets", TOKEN("0200 6f811c 30{" PVNO "a1{02{0f}}a2{" ENC("12") "}}"),
     0, 0, 0, "error KRB5_HEADER_NOT_DER @16+2\n"},
    {"frame's length in two octets", "60812b" OID_KRB5 "0200" AP_REP, 0, 0, 0,
     "error KRB5_HEADER_NOT_DER @1+2\n"},
    {"indefinite length", FRAMED_AP_REP, 0, 30, 0x80, "error KRB5_HEADER_NOT_DER @30+1\n"},
    {"length octet FF", FRAMED_AP_REP, 0, 30, 0xff, "error KRB5_HEADER_NOT_DER @29+2\n"},
    {"tag number above 30", FRAMED_AP_REP, 0, 29, 0xbf, "error KRB5_HEADER_NOT_DER @29+2\n"},
    {"tag 0", FRAMED_AP_REP, 0, 29, 0x00, "error KRB5_HEADER_NOT_DER @29+2\n"},
    {"tag 0, and a length that is not there", TOKEN("0200" AP_REP_OF(PVNO "a1{02{0f}}0082")), 0, 0, 0,
     "error KRB5_HEADER_NOT_DER @29+2\n"},
    {"tag number above 30, likewise", TOKEN("0200" AP_REP_OF(PVNO "a1{02{0f}}bf82")), 0, 0, 0,
     "error KRB5_HEADER_NOT_DER @29+2\n"},
    {"128 octets, their length in two octets",
     TOKEN("0200" AP_REP_OF(PVNO "a1{02{0f}}a2{30{a0{02{12}}a2{04820080 aa*128}}}")), 0, 0, 0,
     "error KRB5_HEADER_NOT_DER @47+3\n"},
    {"OCTET STRING as etype", FRAMED_AP_REP, 0, 35, 4, "error KRB5_TAG_UNEXPECTED @35+1\n"},
    {"constructed OCTET STRING", FRAMED_AP_REP, 0, 40, 0x24, "error KRB5_TAG_UNEXPECTED @40+1\n"},
    {"SET for SEQUENCE", FRAMED_AP_REP, 0, 17, 0x31, "error KRB5_TAG_UNEXPECTED @17+1\n"},
    {"TOK_ID before something else", TOKEN("0200 04{c0}"), 0, 0, 0,
     "error KRB5_TAG_UNEXPECTED @15+1\n"},
    {"in a list", TOKEN_OF(OID_U2U, "0400 30{" PVNO "a1{02{10}}a2{" NAME("01", "04{'s'} 1b{'t'}") "}}"),
     0, 0, 0, "error KRB5_TAG_UNEXPECTED @41+1\n"},
    {"[APPLICATION 16], which no message has", TOKEN("0200 70{30{}}"), 0, 0, 0,
     "error KRB5_TAG_UNEXPECTED @15+1\n"},
    {"in a list, no header", TOKEN_OF(OID_U2U, "0400 30{" PVNO "a1{02{10}}a2{" NAME("01", "1b{'s'} 00") "}}"),
     0, 0, 0, "error KRB5_HEADER_NOT_DER @44+1\n"},
    {"enc-part missing", TOKEN("0200" AP_REP_OF(PVNO "a1{02{0f}}")), 0, 0, 0,
     "error KRB5_FIELD_MISSING @29+0\n"},
    {"pvno and enc-part missing", TOKEN("0200" AP_REP_OF("a1{02{0f}}")), 0, 0, 0,
     "error KRB5_FIELD_MISSING @24+0\n"},
    {"nothing in the [2]", TOKEN("0200" AP_REP_OF(PVNO "a1{02{0f}}a2{}")), 0, 0, 0,
     "error KRB5_FIELD_MISSING @31+0\n"},
    {"nothing behind the TOK_ID", TOKEN("0200"), 0, 0, 0, "error KRB5_FIELD_MISSING @15+0\n"},
    {"[5]", TOKEN("0200" AP_REP_OF(PVNO "a1{02{0f}}a2{" ENC("12") "}a5{0500}")), 0, 0, 0,
     "note KRB5_FIELD_UNKNOWN @45+4\n"},
    {"[1] twice", TOKEN("0200" AP_REP_OF(PVNO "a1{02{0f}}a1{02{0f}}a2{" ENC("12") "}")), 0, 0, 0,
     "error KRB5_FIELD_REPEATED @29+5\n"},
    {"[1] before [0]", TOKEN("0200" AP_REP_OF("a1{02{0f}}" PVNO "a2{" ENC("12") "}")), 0, 0, 0,
     "error KRB5_FIELD_OUT_OF_ORDER @24+5\n"},
    {"behind the token", FRAMED_AP_REP "0500", 0, 0, 0, "error KRB5_SURPLUS @45+2\n"},
    {"behind the message", TOKEN("0200" AP_REP "0500"), 0, 0, 0, "error KRB5_SURPLUS @45+2\n"},
    {"behind a number", TOKEN("0200" AP_REP_OF("a0{02{05}0500}a1{02{0f}}a2{" ENC("12") "}")), 0, 0, 0,
     "error KRB5_SURPLUS @24+2\n"},
    {"behind the SEQUENCE", TOKEN("0200 6f{30{" PVNO "a1{02{0f}}a2{" ENC("12") "}}0500}"), 0, 0, 0,
     "error KRB5_SURPLUS @45+2\n"},
    {"behind a MIC of RFC 1964", TOKEN("0101 1100 ff*4 01*8 02*8 03"), 0, 0, 0,
     "warning KRB5_ETYPE_RC4_OR_3DES @15+2\nerror KRB5_SURPLUS @37+1\n"},
    {"number: not in its shortest form",
     TOKEN("0200" AP_REP_OF("a0{02{0005}}a1{02{0f}}a2{" ENC("12") "}")), 0, 0, 0,
     "error KRB5_VALUE_MALFORMED @23+2\n"},
    {"number: negative, not in its shortest form", TOKEN("0200" AP_REP_OF(PVNO "a1{02{0f}}a2{" ENC("ff80") "}")),
     0, 0, 0, "error KRB5_VALUE_MALFORMED @37+2\nwarning KRB5_ETYPE_RC4_OR_3DES @37+2\n"},
    {"number: none", TOKEN("0200" AP_REP_OF(PVNO "a1{02{0f}}a2{" ENC("") "}")), 0, 0, 0,
     "error KRB5_VALUE_MALFORMED @37+0\n"},
    {"number: the longest", TOKEN("0200" AP_REP_OF(PVNO "a1{02{0f}}a2{" ENC("00ffffffff") "}")), 0, 0, 0, ""},
    {"number: longer than 32 bits", TOKEN("0200" AP_REP_OF(PVNO "a1{02{0f}}a2{" ENC("0100000000") "}")),
     0, 0, 0, "error KRB5_VALUE_MALFORMED @37+5\n"},
    {"number: the lowest", TOKEN("0200" AP_REP_OF(PVNO "a1{02{0f}}a2{" ENC("80000000") "}")), 0, 0, 0, ""},
    {"number: lower than 32 bits", TOKEN("0200" AP_REP_OF(PVNO "a1{02{0f}}a2{" ENC("ff7fffffff") "}")),
     0, 0, 0, "error KRB5_VALUE_MALFORMED @37+5\n"},
    {"e-data: an empty SEQUENCE", ERROR_OF("12", "3000"), 0, 0, 0, "note KRB5_UNFRAMED @0+72\n"},
    {"e-data: an empty SEQUENCE in another", ERROR_OF("12", "30023000"), 0, 0, 0,
     "note KRB5_UNFRAMED @0+74\n"},
    {"number: longer than 64 bits", TOKEN("0200" AP_REP_OF(PVNO "a1{02{0f}}a2{" ENC("01 00*8") "}")),
     0, 0, 0, "error KRB5_VALUE_MALFORMED @37+9\n"},
    {"flags: 24 bits", TOKEN("0100" AP_REQ_OF("00200000", TICKET, "12")), 0, 0, 0,
     "error KRB5_VALUE_MALFORMED @33+4\n"},
    {"flags: 31 bits", TOKEN("0100" AP_REQ_OF("0120000000", TICKET, "12")), 0, 0, 0,
     "error KRB5_VALUE_MALFORMED @33+5\n"},
    {"flags: 40 bits", TOKEN("0100" AP_REQ_OF("002000000001", TICKET, "12")), 0, 0, 0, ""},
    {"flags: padding", TOKEN("0100" AP_REQ_OF("01200000000a 01", TICKET, "12")), 0, 0, 0,
     "error KRB5_VALUE_MALFORMED @33+7\n"},
    {"flags: none", TOKEN("0100" AP_REQ_OF("00", TICKET, "12")), 0, 0, 0,
     "error KRB5_VALUE_MALFORMED @33+1\n"},
    {"flags: 8 unused bits", TOKEN("0100" AP_REQ_OF("08 2000000000 00", TICKET, "12")), 0, 0, 0,
     "error KRB5_VALUE_MALFORMED @33+7\n"},
    {"time: with a fraction", "7e{30{" PVNO "a1{02{1e}}a4{18{'20261121131649.5Z'}}a5{02{05}}a6{02{12}}"
     "a9{1b{'R'}}aa{" NAME("02", "1b{'s'}") "}}}", 0, 0, 0,
     "note KRB5_UNFRAMED @0+66\nerror KRB5_VALUE_MALFORMED @18+17\n"},
    {"time: local", "7e{30{" PVNO "a1{02{1e}}a4{18{'202611211316490'}}a5{02{05}}a6{02{12}}"
     "a9{1b{'R'}}aa{" NAME("02", "1b{'s'}") "}}}", 0, 0, 0,
     "note KRB5_UNFRAMED @0+64\nerror KRB5_VALUE_MALFORMED @18+15\n"},
    {"time: letters", "7e{30{" PVNO "a1{02{1e}}a4{18{'2026112113164xZ'}}a5{02{05}}a6{02{12}}"
     "a9{1b{'R'}}aa{" NAME("02", "1b{'s'}") "}}}", 0, 0, 0,
     "note KRB5_UNFRAMED @0+64\nerror KRB5_VALUE_MALFORMED @18+15\n"},
    {"truth: 01", "0501 30{a1{0c{'R'}}}" KDC_REQ("0a", PADATA("0080", "30{a0{01{01}}}")), 0, 0, 0,
     "error KRB5_VALUE_MALFORMED @45+1\n"},
    {"truth: two octets", "0501 30{a1{0c{'R'}}}" KDC_REQ("0a", PADATA("0080", "30{a0{01{ffff}}}")), 0, 0, 0,
     "error KRB5_VALUE_MALFORMED @45+2\n"},
    {"truth: FF", "0501 30{a1{0c{'R'}}}" KDC_REQ("0a", PADATA("0080", "30{a0{01{ff}}}")), 0, 0, 0, ""},
    {"pvno 4", FRAMED_AP_REP, 0, 23, 4, "error KRB5_VERSION_UNKNOWN @23+1\n"},
    {"tkt-vno 4", TOKEN("0100" AP_REQ_OF("0000000000", TICKET_OF("04", "12"), "12")), 0, 0, 0,
     "error KRB5_VERSION_UNKNOWN @48+1\n"},
    {"msg-type of AP-REQ in AP-REP", FRAMED_AP_REP, 0, 28, 0x0e, "error KRB5_MSG_TYPE_WRONG @28+1\n"},
    {"msg-type of TGT-REP in TGT-REQ", TOKEN_OF(OID_U2U, "0400 30{" PVNO "a1{02{11}}}"), 0, 0, 0,
     "error KRB5_MSG_TYPE_WRONG @27+1\n"},
    {"msg-type of TGT-REQ in TGT-REP", TOKEN_OF(OID_U2U, "0401 30{" PVNO "a1{02{10}}a2{" TICKET "}}"), 0, 0, 0,
     "error KRB5_MSG_TYPE_WRONG @27+1\n"},
    {"AP-REP announced as AP-REQ", FRAMED_AP_REP, 0, 13, 1, "error KRB5_TOK_ID_CONTRADICTS @13+2\n"},
    {"no such TOK_ID", FRAMED_AP_REP, 0, 14, 9, "warning KRB5_TOK_ID_UNKNOWN @13+2\n"},
    {"TOK_ID 0", TOKEN("0000 30{}"), 0, 0, 0, "warning KRB5_TOK_ID_UNKNOWN @13+2\n"},
    {"no TOK_ID", TOKEN(AP_REP), 0, 0, 0, "warning KRB5_TOK_ID_UNKNOWN @13+2\n"},
    {"nothing in the frame", TOKEN(""), 0, 0, 0, "warning KRB5_TOK_ID_UNKNOWN @13+0\n"},
    {"MIC of RFC 4121 in a frame", TOKEN("0404 00 ff*5 00*8 01*12"), 0, 0, 0,
     "warning KRB5_TOK_ID_UNKNOWN @13+2\n"},
    {"des-cbc-crc", FRAMED_AP_REP, 0, 37, 1, "warning KRB5_ETYPE_DES @37+1\n"},
    {"des-cbc-md4", FRAMED_AP_REP, 0, 37, 2, "warning KRB5_ETYPE_DES @37+1\n"},
    {"des-cbc-md5", FRAMED_AP_REP, 0, 37, 3, "warning KRB5_ETYPE_DES @37+1\n"},
    {"rc4-hmac-exp", FRAMED_AP_REP, 0, 37, 24, "warning KRB5_ETYPE_DES @37+1\n"},
    {"des3-cbc-md5", FRAMED_AP_REP, 0, 37, 5, "warning KRB5_ETYPE_RC4_OR_3DES @37+1\n"},
    {"des3-cbc-sha1", FRAMED_AP_REP, 0, 37, 7, "warning KRB5_ETYPE_RC4_OR_3DES @37+1\n"},
    {"des3-cbc-sha1-kd", FRAMED_AP_REP, 0, 37, 16, "warning KRB5_ETYPE_RC4_OR_3DES @37+1\n"},
    {"rc4-hmac", FRAMED_AP_REP, 0, 37, 23, "warning KRB5_ETYPE_RC4_OR_3DES @37+1\n"},
    {"rc4-hmac-old", TOKEN("0200" AP_REP_OF(PVNO "a1{02{0f}}a2{" ENC("ff7b") "}")), 0, 0, 0,
     "warning KRB5_ETYPE_RC4_OR_3DES @37+2\n"},
    {"rc4-hmac-old-exp", TOKEN("0200" AP_REP_OF(PVNO "a1{02{0f}}a2{" ENC("ff79") "}")), 0, 0, 0,
     "warning KRB5_ETYPE_DES @37+2\n"},
    {"rc4-md4", FRAMED_AP_REP, 0, 37, 0x80, "warning KRB5_ETYPE_RC4_OR_3DES @37+1\n"},
    {"aes128-cts-hmac-sha256-128", FRAMED_AP_REP, 0, 37, 19, ""},
    {"ticket's and authenticator's", TOKEN("0100" AP_REQ_OF("0000000000", TICKET_OF("05", "17"), "03")), 0, 0, 0,
     "warning KRB5_ETYPE_RC4_OR_3DES @78+1\nwarning KRB5_ETYPE_DES @94+1\n"},
    {"offered to a KDC", "0501 30{a1{0c{'R'}}}" "6a{30{a1{02{05}}a2{02{0a}}a4{30{a0{03{0000000000}}a2{1b{'R'}}"
     "a5{18{'20370913024805Z'}}a7{02{01}}a8{30{02{12}02{17}}}}}}}", 0, 0, 0,
     "warning KRB5_ETYPE_RC4_OR_3DES @74+1\n"},
    {"MIC: another flag", "0404 08 ff*5 00*8 01*12", 0, 0, 0, "error KRB5_MESSAGE_HEADER @2+1\n"},
    {"MIC: sealed", "0404 02 ff*5 00*8 01*12", 0, 0, 0, "error KRB5_MESSAGE_HEADER @2+1\n"},
    {"MIC: no checksum", "0404 00 ff*5 00*8", 0, 0, 0, "error KRB5_TRUNCATED @16+0\n"},
    {"Wrap: another flag", "0504 80 ff 0000 0000 00*8", 0, 0, 0, "error KRB5_MESSAGE_HEADER @2+1\n"},
    {"Wrap: checksum longer than all", "0504 00 ff 0004 0000 00*8 01*3", 0, 0, 0,
     "error KRB5_MESSAGE_HEADER @4+2\n"},
    {"RFC 1964: filler", TOKEN("0101 1100 ffffff00 01*8 02*8"), 0, 0, 0,
     "warning KRB5_ETYPE_RC4_OR_3DES @15+2\nerror KRB5_MESSAGE_HEADER @17+4\n"},
    {"RFC 1964: SGN_ALG", TOKEN("0101 0500 ff*4 01*8 02*8"), 0, 0, 0, "error KRB5_MESSAGE_HEADER @15+2\n"},
    {"RFC 1964: SEAL_ALG", TOKEN("0201 1100 0100 ff*2 01*8 02*8 03*8"), 0, 0, 0,
     "warning KRB5_ETYPE_RC4_OR_3DES @15+2\nerror KRB5_MESSAGE_HEADER @17+2\n"},
    {"RFC 1964: cut in the checksum", TOKEN("0101 1100 ff*4 01*8 02*7"), 0, 0, 0,
     "warning KRB5_ETYPE_RC4_OR_3DES @15+2\nerror KRB5_TRUNCATED @36+0\n"},
    {"RFC 1964: cut, and its frame too", TOKEN("0101 1100 ff*4 01*8 02*8"), 1, 0, 0,
     "error KRB5_TRUNCATED @1+1\nwarning KRB5_ETYPE_RC4_OR_3DES @15+2\n"},
    {"RFC 1964: cut in SGN_ALG", TOKEN("0101 11"), 0, 0, 0, "error KRB5_TRUNCATED @16+0\n"},
    {"RFC 1964: DES", TOKEN("0201 0000 0000 ff*2 01*8 02*8 03*8"), 0, 0, 0,
     "warning KRB5_ETYPE_DES @15+2\nwarning KRB5_ETYPE_DES @17+2\n"},
    {"RFC 1964: a Wrap token that is longer than its frame, as DCE style has it",
     TOKEN("0201 1100 ffff ff*2 01*8 02*8") "03*8", 0, 0, 0, "warning KRB5_ETYPE_RC4_OR_3DES @15+2\n"},
    {"TGT-REQ in a frame of Kerberos alone", TOKEN("0400 30{" PVNO "a1{02{10}}}"), 0, 0, 0,
     "warning KRB5_OID_OF_OTHER_TOKEN @4+9\n"},
    {"IAKERB_PROXY in a frame of Kerberos alone", TOKEN("0501 30{a1{0c{}}}"), 0, 0, 0,
     "warning KRB5_OID_OF_OTHER_TOKEN @4+9\n"},
    {"AP-REQ in a frame of IAKERB", TOKEN_OF(OID_IAKERB, "0100" AP_REQ_OF("0000000000", TICKET, "12")), 0, 0, 0, ""},
    {"IAKERB_PROXY: the realm as MIT krb5 writes it", TOKEN_OF(OID_IAKERB, "0501 30{a1{04{'R'}}}"), 0, 0, 0,
     "warning KRB5_REALM_AS_OCTETS @16+1\n"},
    {"IAKERB_PROXY: the realm as another text", TOKEN_OF(OID_IAKERB, "0501 30{a1{1b{'R'}}}"), 0, 0, 0,
     "error KRB5_TAG_UNEXPECTED @16+1\n"},
    {"IAKERB_PROXY: behind the header", TOKEN_OF(OID_IAKERB, "0501 30{a1{0c{}}} 04{c0}"), 0, 0, 0,
     "error KRB5_TAG_UNEXPECTED @18+1\n"},
    {"IAKERB_PROXY: behind the message", TOKEN_OF(OID_IAKERB, "0501 30{a1{0c{}}}" AP_REP "0500"), 0, 0, 0,
     "error KRB5_SURPLUS @48+2\n"},
};
/* clang-format on */

static const char *findings_of(const char *text)
{
    while (*text == '.')
        text += strcspn(text, "\n") + 1;
    return text;
}

Test(krb5, findings_and_their_places)
{
    for (size_t i = 0; i < LEN(finding_rows); i++) {
        const finding_row *row = &finding_rows[i];
        spnego_bytes token = der_of(row->notation);
        uint8_t *copy;
        krb5_result *result = new_result();
        char *text;

        token.len -= row->cut;
        copy = malloc(token.len);
        cr_assert_not_null(copy);
        memcpy(copy, token.data, token.len);
        if (row->patch != 0)
            copy[row->patch] = row->octet;
        token.data = copy;
        cr_assert(read_token(result, token, 0), "%s", row->description);
        text = tree_text(&result->tree, &result->reading);
        check_text(row->description, findings_of(text), row->findings);
        free(text);
        free(copy);
        free_result(result);
    }
}

/* ---- Pre-authentication data ------------------------------------------------------------------
 */

#define KDC_REQ_OF(tag, number, padata) \
    tag "{30{a1{02{05}}a2{02{" number "}}a3{30{" padata "}}a4{30{a0{03{0050800000}}a2{1b{'R'}}" \
        "a5{18{'20370913024805Z'}}a7{02{01}}a8{30{02{12}}}}}}}"
#define AS_REQ_OF(padata) KDC_REQ_OF("6a", "0a", padata)
#define TGS_REQ_OF(padata) KDC_REQ_OF("6c", "0c", padata)
#define CHECKSUM(type) "30{a0{02{" type "}}a1{04{abcd}}}"
#define ARMOR(type, value) "30{a0{02{" type "}}a1{04{" value "}}}"
#define FAST_REQ(armor) "a0{30{a0{" armor "}a1{" CHECKSUM("10") "}a2{" ENC("12") "}}}"
#define FAST_REP "a0{30{a0{" ENC("12") "}}}"
#define EXTENDED_ERROR "340200c0 00000000 01000000"

typedef struct padata_row {
    const char *description;
    const char *notation; /* of a message with one PA-DATA */
    const char *tree;     /* of padata-value and what is inside, and findings */
} padata_row;

/* clang-format off */
static const padata_row padata_rows[] = {
    {"RFC 6113 5.4.2", AS_REQ_OF(PADATA("0088", FAST_REQ(ARMOR("01", AP_REQ_OF("0000000000", TICKET, "12"))))),
     ".... padata-value @31+143 OBJECT\n"
     "..... armored-data @37+137 OBJECT\n"
     "...... armor @43+100 OBJECT\n"
     "....... armor-type @47+5 1 FX_FAST_ARMOR_AP_REQUEST\n"
     "....... armor-value @52+91 OBJECT KRB_AP_REQ\n"
     "........ pvno @60+5 5\n"
     "........ msg-type @65+5 14 KRB_AP_REQ\n"
     "........ ap-options @70+9 OBJECT\n"
     "......... bits @75+4 00000000\n"
     "......... flags @75+4 ARRAY\n"
     "........ ticket @79+48 OBJECT\n"
     "......... tkt-vno @85+5 5\n"
     "......... realm @90+5 'R' identity\n"
     "......... sname @95+16 OBJECT\n"
     ".......... name-type @99+5 2 NT-SRV-INST\n"
     ".......... name-string @104+7 ARRAY\n"
     "........... - @108+3 's' identity\n"
     "......... enc-part @111+16 OBJECT\n"
     ".......... etype @115+5 18 aes256-cts-hmac-sha1-96\n"
     ".......... cipher @120+7 c0ffee crackable\n"
     "........ authenticator @127+16 OBJECT\n"
     "......... etype @131+5 18 aes256-cts-hmac-sha1-96\n"
     "......... cipher @136+7 c0ffee crackable\n"
     "...... req-checksum @143+15 OBJECT\n"
     "....... cksumtype @147+5 16 hmac-sha1-96-aes256\n"
     "....... checksum @152+6 abcd crackable\n"
     "...... enc-fast-req @158+16 OBJECT\n"
     "....... etype @162+5 18 aes256-cts-hmac-sha1-96\n"
     "....... cipher @167+7 c0ffee crackable\n"},
    {"RFC 6113 5.4.2: another armor", AS_REQ_OF(PADATA("0088", FAST_REQ(ARMOR("02", AP_REQ_OF("0000000000", TICKET, "12"))))),
     ".... padata-value @31+143 OBJECT\n"
     "..... armored-data @37+137 OBJECT\n"
     "...... armor @43+100 OBJECT\n"
     "....... armor-type @47+5 2\n"
     "....... armor-value @52+91 6e553053a003020105a10302010ea20703050000000000a32e612c302aa003020105a1031b0152a20e300ca003020102a10530031b0173a30e300ca003020112a2050403c0ffeea40e300ca003020112a2050403c0ffee crackable\n"
     "...... req-checksum @143+15 OBJECT\n"
     "....... cksumtype @147+5 16 hmac-sha1-96-aes256\n"
     "....... checksum @152+6 abcd crackable\n"
     "...... enc-fast-req @158+16 OBJECT\n"
     "....... etype @162+5 18 aes256-cts-hmac-sha1-96\n"
     "....... cipher @167+7 c0ffee crackable\n"},
    {"RFC 6113 5.4.2: no armor", TGS_REQ_OF(PADATA("0088", "a0{30{a1{" CHECKSUM("ff76") "}a2{" ENC("12") "}}}")),
     ".... padata-value @26+40 OBJECT\n"
     "..... armored-data @30+36 OBJECT\n"
     "...... req-checksum @34+16 OBJECT\n"
     "....... cksumtype @38+6 -138 hmac-md5\n"
     "....... checksum @44+6 abcd crackable\n"
     "...... enc-fast-req @50+16 OBJECT\n"
     "....... etype @54+5 18 aes256-cts-hmac-sha1-96\n"
     "....... cipher @59+7 c0ffee crackable\n"},
    {"RFC 6113 5.4.3", ERROR_OF("19", "30{" PADATA("0088", FAST_REP) "}"),
     ".... padata-value @80+24 OBJECT\n"
     "..... armored-data @84+20 OBJECT\n"
     "...... enc-fast-rep @88+16 OBJECT\n"
     "....... etype @92+5 18 aes256-cts-hmac-sha1-96\n"
     "....... cipher @97+7 c0ffee crackable\n"
     "note KRB5_UNFRAMED @0+104\n"},
    {"RFC 6113 5.4.2: an answer where something is asked", AS_REQ_OF(PADATA("0088", FAST_REP)),
     ".... padata-value @26+24 OBJECT\n"
     "..... armored-data @30+20 OBJECT\n"
     "...... armor @34+16 OBJECT\n"
     "....... armor-type @38+5 18\n"
     "....... unknown @43+7 a2050403c0ffee crackable\n"
     "note KRB5_FIELD_UNKNOWN @43+7\n"
     "error KRB5_FIELD_MISSING @50+0\n"},
    {"RFC 6113 5.4: said to be known, no more", AS_REQ_OF(PADATA("0088", "")),
     ".... padata-value @26+4  crackable\n"},
    {"a CHOICE: another alternative", AS_REQ_OF(PADATA("0088", "a1{0500}")),
     ".... padata-value @26+8 OBJECT\n"
     "..... unknown @30+4 a1020500 crackable\n"
     "note KRB5_FIELD_UNKNOWN @30+4\n"},
    {"a CHOICE: two of them", AS_REQ_OF(PADATA("0097", "a3{" ENC("12") "}a3{" ENC("12") "}")),
     ".... padata-value @26+36 OBJECT\n"
     "..... encdata @30+16 OBJECT\n"
     "...... etype @34+5 18 aes256-cts-hmac-sha1-96\n"
     "...... cipher @39+7 c0ffee crackable\n"
     "error KRB5_SURPLUS @46+16\n"},
    {"a CHOICE: no header", AS_REQ_OF(PADATA("0097", "a3")),
     ".... padata-value @26+5 OBJECT\n"
     "..... unknown @30+1 a3 crackable\n"
     "error KRB5_LENGTH_OUTSIDE @30+1\n"},
    {"RFC 6113 5.3", ERROR_OF("19", "30{" PADATA("0086", "30{30{a0{02{02}}a2{04{" ENC("12") "}}}30{a0{02{7f}}a1{04{aa}}}}") "}"),
     ".... padata-value @80+43 ARRAY\n"
     "..... - @86+25 OBJECT\n"
     "...... pa-type @88+5 2 PA-ENC-TIMESTAMP\n"
     "...... pa-value @93+18 OBJECT\n"
     "....... etype @99+5 18 aes256-cts-hmac-sha1-96\n"
     "....... cipher @104+7 c0ffee crackable\n"
     "..... - @111+12 OBJECT\n"
     "...... pa-type @113+5 127\n"
     "...... pa-hint @118+5 aa crackable\n"
     "note KRB5_UNFRAMED @0+123\n"},
    {"RFC 6113 5.4.6", AS_REQ_OF(PADATA("008a", ENC("12"))),
     ".... padata-value @26+18 OBJECT\n"
     "..... etype @32+5 18 aes256-cts-hmac-sha1-96\n"
     "..... cipher @37+7 c0ffee crackable\n"},
    {"RFC 8062 7", AS_REQ_OF(PADATA("0093", ENC("12"))),
     ".... padata-value @26+18 OBJECT\n"
     "..... etype @32+5 18 aes256-cts-hmac-sha1-96\n"
     "..... cipher @37+7 c0ffee crackable\n"},
    {"RFC 4556 3.2.1", AS_REQ_OF(PADATA("10", "30{80{c0ffee}a1{30{30{80{aa}81{bb}82{cc}}}}82{dd}}")),
     ".... padata-value @25+29 OBJECT\n"
     "..... signedAuthPack @31+5 c0ffee identity\n"
     "..... trustedCertifiers @36+15 ARRAY\n"
     "...... - @40+11 OBJECT\n"
     "....... subjectName @42+3 aa identity\n"
     "....... issuerAndSerialNumber @45+3 bb identity\n"
     "....... subjectKeyIdentifier @48+3 cc identity\n"
     "..... kdcPkId @51+3 dd identity\n"},
    {"RFC 4556 3.2.1: a constructed OCTET STRING", AS_REQ_OF(PADATA("10", "30{a0{04{c0ffee}}}")),
     ".... padata-value @25+13 OBJECT\n"
     "..... unknown @31+7 a0050403c0ffee crackable\n"
     "note KRB5_FIELD_UNKNOWN @31+7\n"
     "error KRB5_FIELD_MISSING @38+0\n"},
    {"RFC 4556 3.2.3, RFC 8636 6", ERROR_OF("19", "30{" PADATA("11", "a0{30{80{c0ffee}a1{04{01}}a2{30{a0{06{2b060105020306}}}}}}") "}"),
     ".... padata-value @79+33 OBJECT\n"
     "..... dhInfo @83+29 OBJECT\n"
     "...... dhSignedData @87+5 c0ffee identity\n"
     "...... serverDHNonce @92+5 01\n"
     "...... kdf @97+15 OBJECT\n"
     "....... kdf-id @101+11 1.3.6.1.5.2.3.6\n"
     "note KRB5_UNFRAMED @0+112\n"},
    {"RFC 8636 6: an OID of no octets", ERROR_OF("19", "30{" PADATA("11", "a0{30{80{c0}a2{30{a0{06{}}}}}}") "}"),
     ".... padata-value @79+19 OBJECT\n"
     "..... dhInfo @83+15 OBJECT\n"
     "...... dhSignedData @87+3 c0 identity\n"
     "...... kdf @90+8 OBJECT\n"
     "....... kdf-id @94+4 \n"
     "note KRB5_UNFRAMED @0+98\n"
     "error KRB5_VALUE_MALFORMED @98+0\n"},
    {"RFC 4556 3.2.3: a key", ERROR_OF("19", "30{" PADATA("11", "81{c0ffee}") "}"),
     ".... padata-value @79+9 OBJECT\n"
     "..... encKeyPack @83+5 c0ffee crackable\n"
     "note KRB5_UNFRAMED @0+88\n"},
    {"RFC 9588 4: support", AS_REQ_OF(PADATA("0097", "a0{30{a0{30{02{01}02{05}}}}}")),
     ".... padata-value @26+18 OBJECT\n"
     "..... support @30+14 OBJECT\n"
     "...... groups @34+10 ARRAY\n"
     "....... - @38+3 1 edwards25519\n"
     "....... - @41+3 5\n"},
    {"RFC 9588 4: challenge", ERROR_OF("5b", "30{" PADATA("0097", "a1{30{a0{02{02}}a1{04{aa}}a2{30{30{a0{02{01}}}30{a0{02{02}}a1{04{bb}}}}}}}") "}"),
     ".... padata-value @80+41 OBJECT\n"
     "..... challenge @84+37 OBJECT\n"
     "...... group @88+5 2 P-256\n"
     "...... pubkey @93+5 aa\n"
     "...... factors @98+23 ARRAY\n"
     "....... - @102+7 OBJECT\n"
     "........ type @104+5 1 SF-NONE\n"
     "....... - @109+12 OBJECT\n"
     "........ type @111+5 2\n"
     "........ data @116+5 bb crackable\n"
     "note KRB5_UNFRAMED @0+121\n"},
    {"RFC 9588 4: response", AS_REQ_OF(PADATA("0097", "a2{30{a0{04{aa}}a1{" ENC("12") "}}}")),
     ".... padata-value @26+29 OBJECT\n"
     "..... response @30+25 OBJECT\n"
     "...... pubkey @34+5 aa\n"
     "...... factor @39+16 OBJECT\n"
     "....... etype @43+5 18 aes256-cts-hmac-sha1-96\n"
     "....... cipher @48+7 c0ffee crackable\n"},
    {"MS-SFU 2.2.1", TGS_REQ_OF(PADATA("0081", "30{a0{" NAME("0a", "1b{'b'}") "}a1{1b{'R'}}a2{" CHECKSUM("ff76") "}a3{1b{'Kerberos'}}}")),
     ".... padata-value @27+55 OBJECT\n"
     "..... userName @33+16 OBJECT\n"
     "...... name-type @37+5 10 NT-ENTERPRISE\n"
     "...... name-string @42+7 ARRAY\n"
     "....... - @46+3 'b' identity\n"
     "..... userRealm @49+5 'R' identity\n"
     "..... cksum @54+16 OBJECT\n"
     "...... cksumtype @58+6 -138 hmac-md5\n"
     "...... checksum @64+6 abcd crackable\n"
     "..... auth-package @70+12 'Kerberos'\n"},
    {"MS-SFU 2.2.2", TGS_REQ_OF(PADATA("0082", "30{a0{30{a0{02{07}}a2{1b{'R'}}a3{04{3000}}a4{03{0060000000}}}}a1{" CHECKSUM("10") "}}")),
     ".... padata-value @26+50 OBJECT\n"
     "..... user-id @32+29 OBJECT\n"
     "...... nonce @36+5 7\n"
     "...... crealm @41+5 'R' identity\n"
     "...... subject-certificate @46+6 3000 identity\n"
     "...... options @52+9 OBJECT\n"
     "....... bits @57+4 60000000\n"
     "....... flags @57+4 ARRAY\n"
     "........ - @57+0 check logon hours\n"
     "........ - @57+0 key usage of the reply\n"
     "..... checksum @61+15 OBJECT\n"
     "...... cksumtype @65+5 16 hmac-sha1-96-aes256\n"
     "...... checksum @70+6 abcd crackable\n"},
    {"MS-SFU 2.2.2: in an AS-REQ a certificate alone", AS_REQ_OF(PADATA("0082", "30{0500}")),
     ".... padata-value @26+8 30020500 crackable\n"},
    {"MS-KILE 2.2.10, MS-SFU 2.2.5", TGS_REQ_OF(PADATA("00a7", "30{a0{03{00f0000000}}}")),
     ".... padata-value @26+15 OBJECT\n"
     "..... flags @32+9 OBJECT\n"
     "...... bits @37+4 f0000000\n"
     "...... flags @37+4 ARRAY\n"
     "....... - @37+0 claims\n"
     "....... - @37+0 branch-aware\n"
     "....... - @37+0 forward-to-full-dc\n"
     "....... - @37+0 resource-based-constrained-delegation\n"},
    {"MS-KILE 2.2.11", TGS_REQ_OF(PADATA("00a1", "30{02{12}02{17}}")),
     ".... padata-value @26+12 ARRAY\n"
     "..... - @32+3 18 aes256-cts-hmac-sha1-96\n"
     "..... - @35+3 23 rc4-hmac\n"
     "warning KRB5_ETYPE_RC4_OR_3DES @37+1\n"},
    {"MS-KILE 2.2.1 where a salt would be", ERROR_OF("12", "30{" PADATA("03", EXTENDED_ERROR) "}"),
     ".... padata-value @79+16 OBJECT\n"
     "..... status @83+4 3221226036 STATUS_ACCOUNT_LOCKED_OUT\n"
     "..... reserved @87+4 0\n"
     "..... flags @91+4 1\n"
     "note KRB5_UNFRAMED @0+95\n"},
    {"RFC 4120 5.2.7.3: a salt of as many octets", ERROR_OF("12", "30{" PADATA("03", "'RIG.TESTuser'") "}"),
     ".... padata-value @79+16 5249472e5445535475736572 crackable\n"
     "note KRB5_UNFRAMED @0+95\n"},
    {"MS-KILE 2.2.1: its number is another's too",
     AS_REQ_OF(PADATA("02", "30{a0{02{03}}a2{04{" EXTENDED_ERROR "}}}")),
     ".... padata-value @25+27 OBJECT\n"
     "..... etype @31+5 3 des-cbc-md5\n"
     "..... cipher @36+16 340200c00000000001000000 crackable\n"
     "warning KRB5_ETYPE_DES @35+1\n"},
    {"elsewhere no such thing", ERROR_OF("12", "30{" PADATA("04", EXTENDED_ERROR) "}"),
     ".... padata-value @79+16 340200c00000000001000000 crackable\n"
     "note KRB5_UNFRAMED @0+95\n"},
    {"RFC 4120 5.9.1: a name", ERROR_OF("12", "30{30{a0{02{66}}a1{04{" NAME("01", "1b{'b'}") "}}}}"),
     ".... data-value @79+18 OBJECT\n"
     "..... name-type @85+5 1 NT-PRINCIPAL\n"
     "..... name-string @90+7 ARRAY\n"
     "...... - @94+3 'b' identity\n"
     "note KRB5_UNFRAMED @0+97\n"},
    {"RFC 4556 3.2.2", ERROR_OF("46", "30{30{a0{02{68}}a1{04{30{30{82{aa}}}}}}}"),
     ".... data-value @79+11 ARRAY\n"
     "..... - @85+5 OBJECT\n"
     "...... subjectKeyIdentifier @87+3 aa identity\n"
     "note KRB5_UNFRAMED @0+90\n"},
    {"RFC 4556 3.2.2: certificates", ERROR_OF("47", "30{30{a0{02{69}}a1{04{30{30{81{aa}}}}}}}"),
     ".... data-value @79+11 ARRAY\n"
     "..... - @85+5 OBJECT\n"
     "...... issuerAndSerialNumber @87+3 aa identity\n"
     "note KRB5_UNFRAMED @0+90\n"},
};
/* clang-format on */

/* RFC 6649 and RFC 8429, and what the Windows SDK has besides of the same kinds. */
Test(krb5, every_weak_etype_has_its_rule)
{
    static const int64_t des[] = {1, 2, 3, 24, -132, -135, -136, -141},
                         rc4[] = {5, 7, 16, 23, -128, -129, -130, -131, -133, -134, -140},
                         good[] = {17, 18, 19, 20, 25, 26};
    size_t num_weak = 0;

    for (int64_t etype = -200; etype <= 200; etype++)
        num_weak += inspect_krb5_etype_rule(etype) != SPNEGO_RULE_NONE;
    cr_expect_eq(num_weak, LEN(des) + LEN(rc4));
    for (size_t i = 0; i < LEN(des); i++)
        cr_expect_eq(inspect_krb5_etype_rule(des[i]), SPNEGO_RULE_KRB5_ETYPE_DES);
    for (size_t i = 0; i < LEN(rc4); i++)
        cr_expect_eq(inspect_krb5_etype_rule(rc4[i]), SPNEGO_RULE_KRB5_ETYPE_RC4_OR_3DES);
    for (size_t i = 0; i < LEN(good); i++)
        cr_expect_eq(inspect_krb5_etype_rule(good[i]), SPNEGO_RULE_NONE);
}

/* The lines from the first that has `name` on, as long as they are deeper; then the findings. */
static char *cut_text(const char *text, const char *name)
{
    char *out = calloc(strlen(text) + 1, 1);
    const char *line = strstr(text, name);
    size_t depth;

    cr_assert_not_null(out);
    cr_assert_not_null(line, "%s", text);
    while (line > text && line[-1] != '\n')
        line--;
    depth = strspn(line, ".");
    do {
        strncat(out, line, strcspn(line, "\n") + 1);
        line += strcspn(line, "\n") + 1;
    } while (strspn(line, ".") > depth);
    return strcat(out, findings_of(text));
}

Test(krb5, preauthentication_data)
{
    for (size_t i = 0; i < LEN(padata_rows); i++) {
        krb5_result *result = new_result();
        char *text, *part;

        cr_assert(read_token(result, der_of(padata_rows[i].notation), 0), "%s",
                  padata_rows[i].description);
        text = tree_text(&result->tree, &result->reading);
        part =
            cut_text(text, strstr(text, " data-value") != NULL ? " data-value" : " padata-value");
        check_text(padata_rows[i].description, part, padata_rows[i].tree);
        free(part);
        free(text);
        free_result(result);
    }
}

/* ---- What is read, and where --------------------------------------------------------------------
 */

Test(krb5, no_kerberos_token_leaves_nothing)
{
    static const char *const others[] = {
        "",
        "4e544c4d535350 00 01000000",
        INIT(MECH_TYPES_KRB5),
        RESP(NEG_STATE_OF("00")),
        "60{" OID_NTLM "0100}",
        "60{" OID_KRB5,
        "0100" AP_REP,
        "0404 00 ff*4 00 00*8 01*12",
        "30{" PVNO "}",
    };

    for (size_t i = 0; i < LEN(others); i++) {
        krb5_result *result = new_result();
        spnego_bytes token;

        /* Of the one that is not closed only the first two octets. */
        token = der_of(i == 5 ? "6009" : others[i]);
        cr_expect(!read_token(result, token, 0), "%s", others[i]);
        cr_expect_eq(result->tree.num_nodes, 0u, "%s", others[i]);
        cr_expect_eq(result->reading.num_findings, 0u, "%s", others[i]);
        free_result(result);
    }
}

Test(krb5, offsets_count_from_the_whole_input)
{
    krb5_result *result = new_result();
    const spnego_bytes in = der_of("ffffff" FRAMED_AP_REP "ff");
    const spnego_bytes token = {in.data + 3, in.len - 4};

    result->reading.in = in;
    ((uint8_t *)(uintptr_t)token.data)[37] = 23;
    cr_assert(inspect_krb5_read(&result->tree, &result->reading, token, 2));
    cr_expect_eq(result->tree.nodes[0].offset, 3u);
    cr_expect_eq(result->tree.nodes[0].len, 45u);
    cr_expect_eq(result->tree.nodes[0].depth, 2u);
    cr_expect_eq(result->tree.nodes[1].offset, 5u, "thisMech");
    cr_expect_eq(result->tree.nodes[result->tree.num_nodes - 1].offset, 41u, "cipher");
    cr_expect_eq(result->reading.num_findings, 1u);
    cr_expect_eq(result->reading.findings[0].offset, 40u);
    free_result(result);
}

Test(krb5, kdc_messages_have_four_tags)
{
    size_t num = 0;

    for (unsigned tag = 0; tag < 0x100; tag++) {
        for (unsigned pvno = 0xa0; pvno <= 0xa1; pvno++) {
            const uint8_t octets[] = {(uint8_t)tag, 7, 0x30, 5, (uint8_t)pvno, 3, 2, 1, 5};

            num += inspect_kdc_name((spnego_bytes){octets, sizeof octets}) != NULL;
            for (size_t len = 0; len < sizeof octets; len++)
                cr_expect_null(inspect_kdc_name((spnego_bytes){octets, len}), "%x %zu", tag, len);
        }
    }
    cr_expect_eq(num, 4u);
}

/* RFC 4120 5.4: all four without a frame, and each under its own tag with its own pvno. */
Test(krb5, kdc_messages)
{
    static const char *const types[] = {"KRB_AS_REQ", "KRB_AS_REP", "KRB_TGS_REQ", "KRB_TGS_REP"};

    for (size_t i = 0; i < LEN(types); i++) {
        for (unsigned pvno = 0xa0; pvno <= 0xa1; pvno++) {
            krb5_result *result = new_result();
            uint8_t octets[] = {0, 7, 0x30, 5, 0, 3, 2, 1, 5};
            const spnego_bytes token = {octets, sizeof octets};
            const int is_one = (pvno == 0xa1) == (i % 2 == 0);

            octets[0] = (uint8_t)(0x6a + i);
            octets[4] = (uint8_t)pvno;
            cr_expect_eq(read_token(result, token, 0), is_one, "%s %x", types[i], pvno);
            if (is_one)
                cr_expect_str_eq(result->tree.nodes[0].type, types[i]);
            for (size_t k = 2; is_one && k < sizeof octets; k++) {
                inspect_tree_clear(&result->tree);
                octets[k] ^= 0x40;
                cr_expect_eq(inspect_krb5_read(&result->tree, &result->reading, token, 0), k == 3,
                             "%s with another octet %zu", types[i], k);
                octets[k] ^= 0x40;
            }
            free_result(result);
        }
    }
}

/* tree.h: what is deeper than INSPECT_TREE_MAX_DEPTH is shown as octets. */
Test(krb5, depth_is_capped)
{
    const spnego_bytes token = der_of(TOKEN("0100" AP_REQ_OF("0020000000", TICKET, "12")));

    for (size_t depth = 0; depth <= INSPECT_TREE_MAX_DEPTH + 2; depth++) {
        krb5_result *result = new_result();
        const int is_read = read_token(result, token, depth);

        cr_expect_eq(is_read, depth + 3 <= INSPECT_TREE_MAX_DEPTH, "%zu", depth);
        for (size_t i = 0; i < result->tree.num_nodes; i++)
            cr_expect_leq(result->tree.nodes[i].depth, (size_t)INSPECT_TREE_MAX_DEPTH, "%zu",
                          depth);
        if (depth + 3 == INSPECT_TREE_MAX_DEPTH) {
            const inspect_node *last = &result->tree.nodes[result->tree.num_nodes - 1];

            cr_expect_str_eq(last->name, "cipher");
            cr_expect_eq(result->tree.num_nodes, 21u, "the name's strings are one node");
        }
        free_result(result);
    }
}

Test(krb5, depth_is_capped_in_every_branch)
{
    static const char *const notations[] = {
        "0501 30{a1{0c{'R'}}a3{03{0080000000}}}" KDC_REQ(
            "0a",
            PADATA("01", AP_REQ_OF("0060000000", TICKET, "12")) PADATA("0080", "30{a0{01{ff}}}")),
        "0501 30{a1{0c{'R'}}}" ERROR_OF("12", "30{a1{02{03}}a2{04{340200c0 00000000 01000000}}}"),
        "0501 30{a1{0c{'R'}}}" ERROR_OF("19",
                                        "30{" PADATA("13", "30{30{a0{02{12}}a1{1b{'Ru'}}}}") "}"),
        "0404 07 ff*5 00*8 01*12",
        AS_REQ_OF(PADATA("0088", FAST_REQ(ARMOR("01", AP_REQ_OF("0060000000", TICKET, "12"))))),
        TGS_REQ_OF(PADATA(
            "0082", "30{a0{30{a0{02{07}}a2{1b{'R'}}a4{03{0060000000}}}}a1{" CHECKSUM("10") "}}")),
        ERROR_OF("12", "30{" PADATA("03", EXTENDED_ERROR) "}"),
    };

    for (size_t i = 0; i < LEN(notations); i++) {
        for (size_t depth = 0; depth + 3 <= INSPECT_TREE_MAX_DEPTH; depth++) {
            krb5_result *result = new_result();

            cr_assert(read_token(result, der_of(notations[i]), depth));
            for (size_t k = 0; k < result->tree.num_nodes; k++)
                cr_expect_leq(result->tree.nodes[k].depth, (size_t)INSPECT_TREE_MAX_DEPTH,
                              "%zu at %zu", i, depth);
            free_result(result);
        }
    }
}

/* Unknown fields have names that differ, and those beyond the fourth only their findings. */
Test(krb5, many_unknown_fields)
{
    check_tree("[5] six times",
               AP_REP_OF(PVNO "a1{02{0f}}a2{" ENC("12") "}"
                                                        "a5{}a5{}a5{}a5{}a5{}a5{}"),
               ". - @0+42 OBJECT KRB_AP_REP\n"
               ".. pvno @4+5 5\n"
               ".. msg-type @9+5 15 KRB_AP_REP\n"
               ".. enc-part @14+16 OBJECT\n"
               "... etype @18+5 18 aes256-cts-hmac-sha1-96\n"
               "... cipher @23+7 c0ffee crackable\n"
               ".. unknown @30+2 a500 crackable\n"
               ".. unknown-2 @32+2 a500 crackable\n"
               ".. unknown-3 @34+2 a500 crackable\n"
               ".. unknown-4 @36+2 a500 crackable\n"
               "note KRB5_UNFRAMED @0+42\n"
               "note KRB5_FIELD_UNKNOWN @30+2\n"
               "note KRB5_FIELD_UNKNOWN @32+2\n"
               "note KRB5_FIELD_UNKNOWN @34+2\n"
               "note KRB5_FIELD_UNKNOWN @36+2\n"
               "note KRB5_FIELD_UNKNOWN @38+2\n"
               "note KRB5_FIELD_UNKNOWN @40+2\n");
}

/* Octets that are left over belong to the message where its tag is around them. */
Test(krb5, surplus_inside_the_message)
{
    check_tree("behind the SEQUENCE", "6f{30{" PVNO "a1{02{0f}}a2{" ENC("12") "}}0500}",
               ". - @0+32 OBJECT KRB_AP_REP\n"
               ".. pvno @4+5 5\n"
               ".. msg-type @9+5 15 KRB_AP_REP\n"
               ".. enc-part @14+16 OBJECT\n"
               "... etype @18+5 18 aes256-cts-hmac-sha1-96\n"
               "... cipher @23+7 c0ffee crackable\n"
               "note KRB5_UNFRAMED @0+32\n"
               "error KRB5_SURPLUS @30+2\n");
    check_tree("behind the message", AP_REP "0500",
               ". - @0+32 OBJECT KRB_AP_REP\n"
               ".. pvno @4+5 5\n"
               ".. msg-type @9+5 15 KRB_AP_REP\n"
               ".. enc-part @14+16 OBJECT\n"
               "... etype @18+5 18 aes256-cts-hmac-sha1-96\n"
               "... cipher @23+7 c0ffee crackable\n"
               ".. surplus @30+2 0500 crackable\n"
               "note KRB5_UNFRAMED @0+32\n"
               "error KRB5_SURPLUS @30+2\n");
}

/* What there is nothing of has no node. */
Test(krb5, nothing_behind_the_tok_id)
{
    check_tree("RFC 4121 4.1", TOKEN("0200"),
               ". - @0+15 OBJECT KRB_AP_REP\n"
               ".. thisMech @2+11 1.2.840.113554.1.2.2\n"
               ".. TOK_ID @13+2 0200\n"
               "error KRB5_FIELD_MISSING @15+0\n");
}

/* Names of persons, machines and realms, wherever they stand; and the default salt, which holds
 * them (RFC 4120 4). */
Test(krb5, identities_are_marked)
{
    check_tree("KRB-ERROR",
               "7e{30{" PVNO
               "a1{02{1e}}a4{18{'20261121131649Z'}}a5{02{00}}a6{02{29}}a7{1b{'C'}}a8{" NAME(
                   "01", "1b{'bob'}") "}a9{1b{'R'}}aa{" NAME("02", "1b{'s'}") "}ab{1b{'bob@C'}}}}",
               ". - @0+96 OBJECT KRB_ERROR\n"
               ".. pvno @4+5 5\n"
               ".. msg-type @9+5 30 KRB_ERROR\n"
               ".. stime @14+19 '20261121131649Z'\n"
               ".. susec @33+5 0\n"
               ".. error-code @38+5 41 KRB_AP_ERR_MODIFIED\n"
               ".. crealm @43+5 'C' identity\n"
               ".. cname @48+18 OBJECT\n"
               "... name-type @52+5 1 NT-PRINCIPAL\n"
               "... name-string @57+9 ARRAY\n"
               ".... - @61+5 'bob' identity\n"
               ".. realm @66+5 'R' identity\n"
               ".. sname @71+16 OBJECT\n"
               "... name-type @75+5 2 NT-SRV-INST\n"
               "... name-string @80+7 ARRAY\n"
               ".... - @84+3 's' identity\n"
               ".. e-text @87+9 'bob@C' identity\n"
               "note KRB5_UNFRAMED @0+96\n");
    check_tree(
        "AS-REQ",
        "0501 30{a1{0c{'R'}}}6a{30{a1{02{05}}a2{02{0a}}a4{30{a0{03{0000000000}}a1{" NAME(
            "01", "1b{'bob'}") "}a2{1b{'R'}}a5{18{'20370913024805Z'}}a7{02{01}}a8{30{02{12}}}"
                               "a9{30{30{a0{02{02}}a1{04{7f000001}}}}}}}}}",
        ". - @0+109 OBJECT IAKERB_PROXY\n"
        ".. TOK_ID @0+2 0501\n"
        ".. IAKERB-HEADER @2+7 OBJECT\n"
        "... target-realm @4+5 'R' identity\n"
        ".. message @9+100 OBJECT KRB_AS_REQ\n"
        "... pvno @13+5 5\n"
        "... msg-type @18+5 10 KRB_AS_REQ\n"
        "... req-body @23+86 OBJECT\n"
        ".... kdc-options @27+9 OBJECT\n"
        "..... bits @32+4 00000000\n"
        "..... flags @32+4 ARRAY\n"
        ".... cname @36+18 OBJECT\n"
        "..... name-type @40+5 1 NT-PRINCIPAL\n"
        "..... name-string @45+9 ARRAY\n"
        "...... - @49+5 'bob' identity\n"
        ".... realm @54+5 'R' identity\n"
        ".... till @59+19 '20370913024805Z'\n"
        ".... nonce @78+5 1\n"
        ".... etype @83+7 ARRAY\n"
        "..... - @87+3 18 aes256-cts-hmac-sha1-96\n"
        ".... addresses @90+19 ARRAY\n"
        "..... - @94+15 OBJECT\n"
        "...... addr-type @96+5 2 IPv4\n"
        "...... address @101+8 7f000001 identity\n");
}

/* ---- Captured ------------------------------------------------------------------------------- */

static size_t num_read, num_errors, num_kdc;

static void read_captured(const vector_file *file, spnego_bytes view)
{
    krb5_result *result = new_result();
    int has_identity = 0, has_crackable = 0;

    result->reading.in = file->octets;
    if (view.data != NULL && inspect_krb5_read(&result->tree, &result->reading, view, 0)) {
        const char *type = result->tree.nodes[0].type;

        num_read++;
        for (size_t i = 0; i < result->reading.num_findings; i++)
            cr_expect_eq(spnego_rule_describe(result->reading.findings[i].rule)->severity,
                         SPNEGO_SEVERITY_NOTE, "%s", file->path);
        for (size_t i = 0; i < result->tree.num_nodes; i++) {
            has_identity |= result->tree.nodes[i].privacy == INSPECT_IDENTITY;
            has_crackable |= result->tree.nodes[i].privacy == INSPECT_CRACKABLE;
        }
        cr_expect_eq(has_crackable, strcmp(type, "KRB_ERROR") != 0, "%s", file->path);
        cr_expect_eq(has_identity,
                     strcmp(type, "KRB_AP_REP") != 0 && strncmp(type, "KRB_GSS_", 8) != 0, "%s",
                     file->path);
        num_errors += strcmp(type, "KRB_ERROR") == 0;
    }
    free_result(result);
}

/* MIT krb5, Heimdal, Samba, Java, .NET and others: nothing worse than a note, and what is secret is
 * marked. */
Test(krb5, captured_tokens_are_clean)
{
    vector_file *files;
    const size_t num = vector_files_read(&files, "captured");

    for (size_t i = 0; i < num; i++) {
        static spnego_report report;
        spnego_token token;

        (void)spnego_token_inspect(&token, &report, files[i].octets, SPNEGO_TOLERATE_ALL);
        read_captured(&files[i], token.mech_token);
        read_captured(&files[i], token.response_token);
        read_captured(&files[i], token.mech_list_mic);
    }
    cr_expect_geq(num_read, 39u);
    cr_expect_geq(num_errors, 2u);
    vector_files_free(files, num);
}

/* MIT krb5 with SPAKE, FAST, PKINIT and S4U: to the end, without an error, and nothing is left over
 * that the types do not name. */
Test(krb5, captured_kdc_messages_are_clean)
{
    vector_file *files;
    const size_t num = vector_files_read(&files, "kdc");

    for (size_t i = 0; i < num; i++) {
        krb5_result *result = new_result();
        char *text;

        cr_assert(read_token(result, files[i].octets, 0), "%s", files[i].path);
        text = tree_text(&result->tree, &result->reading);
        cr_expect_null(strstr(text, "unknown"), "%s", files[i].path);
        cr_expect_null(strstr(text, "\nerror "), "%s", files[i].path);
        num_kdc += strstr(text, "armored-data") != NULL;
        num_kdc += strstr(text, "signedAuthPack") != NULL || strstr(text, "dhSignedData") != NULL;
        num_kdc += strstr(text, "challenge @") != NULL || strstr(text, "response @") != NULL;
        free(text);
        free_result(result);
    }
    cr_expect_geq(num_kdc, 10u);
    vector_files_free(files, num);
}
