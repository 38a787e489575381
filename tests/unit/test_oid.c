/* der/oid.c: names and dotted form (X.690 8.19, requirements.md "Mechanism OIDs"). */
#include "der/oid.h"

#include <criterion/criterion.h>
#include <string.h>

#include "../support.h"

#define TWO_TO_32 "4294967296"
#define TWO_TO_64 "18446744073709551616"
#define TWO_TO_128_LESS_1 "340282366920938463463374607431768211455"
#define TWO_TO_128 "340282366920938463463374607431768211456"

typedef struct pair {
    const char *description;
    const char *notation;
    const char *text;
} pair;

/* clang-format off */
static const pair both_ways[] = {
    {"SPNEGO, RFC 4178 3.2",            "2b0601050502",         "1.3.6.1.5.5.2"},
    {"Kerberos, RFC 4121",              "2a864886f712010202",   "1.2.840.113554.1.2.2"},
    {"Kerberos cut to 16 bits, MS-SPNG 3.1.5.2", "2a864882f712010202", "1.2.840.48018.1.2.2"},
    {"NTLM, MS-NLMP",                   "2b06010401823702020a", "1.3.6.1.4.1.311.2.2.10"},
    {"0.0",                             "00",                   "0.0"},
    {"0.39",                            "27",                   "0.39"},
    {"1.0",                             "28",                   "1.0"},
    {"1.39",                            "4f",                   "1.39"},
    {"2.0",                             "50",                   "2.0"},
    {"2.39",                            "77",                   "2.39"},
    {"2.40, no root has as many but 2", "78",                   "2.40"},
    {"2.47, the last of one octet",     "7f",                   "2.47"},
    {"2.48, the first of two",          "8100",                 "2.48"},
    {"2.999, X.660's example arc",      "8837",                 "2.999"},
    {"2.100.3, X.690 8.19.5's example", "813403",               "2.100.3"},
    {"arc 0",                           "2a00",                 "1.2.0"},
    {"arc 127",                         "2a7f",                 "1.2.127"},
    {"arc 128",                         "2a8100",               "1.2.128"},
    {"arc 16383",                       "2aff7f",               "1.2.16383"},
    {"arc 16384",                       "2a818000",             "1.2.16384"},
    {"arc 2^32 - 1",                    "2a8fffffff7f",         "1.2.4294967295"},
    {"arc 2^32",                        "2a9080808000",         "1.2." TWO_TO_32},
    {"arc 2^64 - 1",                    "2a81 ff*8 7f",         "1.2.18446744073709551615"},
    {"arc 2^64",                        "2a82 80*8 00",         "1.2." TWO_TO_64},
    {"arc 2^128 - 1",                   "2a83 ff*17 7f",        "1.2." TWO_TO_128_LESS_1},
    /* X.667 6.3: f81d4fae-7dec-11d0-a765-00a0c91e6bf6 under 2.25 */
    {"a UUID, X.667's example", "69 83f09da7eb cfdee0c7a1 a7b2c0948cc8f9d776",
     "2.25.329800735698586629295641978511506172918"},
    {"two long arcs",                   "2a9080808000 9080808000", "1.2." TWO_TO_32 "." TWO_TO_32},
};
/* clang-format on */

Test(oid, to_text)
{
    for (size_t i = 0; i < LEN(both_ways); i++) {
        char text[SPNEGO_OID_TEXT_SIZE];
        const size_t len = spnego_oid_to_text(text, sizeof text, der_of(both_ways[i].notation));

        cr_expect_str_eq(text, both_ways[i].text, "%s: %s", both_ways[i].description, text);
        cr_expect_eq(len, strlen(both_ways[i].text), "%s: %zu", both_ways[i].description, len);
    }
}

Test(oid, from_text)
{
    for (size_t i = 0; i < LEN(both_ways); i++) {
        const spnego_bytes want = der_of(both_ways[i].notation);
        uint8_t buf[64];
        spnego_bytes oid;

        cr_expect(spnego_oid_from_text(&oid, buf, sizeof buf, both_ways[i].text), "%s",
                  both_ways[i].description);
        cr_expect(same_octets(oid, want), "%s: %s", both_ways[i].description, hex_of(oid));
        cr_expect_eq(oid.data, buf, "%s", both_ways[i].description);
        cr_expect(spnego_oid_from_text(&oid, buf, want.len, both_ways[i].text), "%s: exact room",
                  both_ways[i].description);
        cr_expect_not(spnego_oid_from_text(&oid, buf, want.len - 1, both_ways[i].text),
                      "%s: one octet short", both_ways[i].description);
        cr_expect_null(oid.data, "%s: one octet short", both_ways[i].description);
        cr_expect_eq(oid.len, 0u, "%s: one octet short", both_ways[i].description);
    }
}

Test(oid, to_text_refuses)
{
    static const pair rows[] = {
        {"empty, X.690 8.19.2", "", ""},    {"last octet goes on", "2a86", ""},
        {"padded first arc", "8001", ""},   {"padded later arc", "2a8001", ""},
        {"arc 2^128", "2a84 80*17 00", ""}, {"arc of 20 octets", "2a ff*19 7f", ""},
    };

    for (size_t i = 0; i < LEN(rows); i++) {
        char text[SPNEGO_OID_TEXT_SIZE] = "before";

        cr_expect_eq(spnego_oid_to_text(text, sizeof text, der_of(rows[i].notation)), 0u, "%s: %s",
                     rows[i].description, text);
        cr_expect_eq(text[0], '\0', "%s", rows[i].description);
    }
}

Test(oid, from_text_refuses)
{
    static const pair rows[] = {
        {"empty", "", ""},
        {"one arc", "", "1"},
        {"one arc and a dot", "", "1."},
        {"dot at the end", "", "1.2."},
        {"dot at the end of a longer one", "", "1.3.6.1.5.5.2."},
        {"dot at the beginning", "", ".1.2"},
        {"two dots", "", "1..2"},
        {"a dot alone", "", "."},
        {"root 3, X.660", "", "3.1"},
        {"0.40", "", "0.40"},
        {"1.40", "", "1.40"},
        {"leading zero", "", "1.02"},
        {"two zeros", "", "1.2.00"},
        {"minus", "", "1.-2"},
        {"plus", "", "1.+2"},
        {"blank before", "", " 1.2"},
        {"blank after", "", "1.2 "},
        {"blank inside", "", "1. 2"},
        {"letters", "", "krb5"},
        {"hexadecimal", "", "1.2.0x10"},
        {"braces", "", "{1 2 840}"},
        {"arc 2^128", "", "1.2." TWO_TO_128},
        {"arc of 60 digits", "",
         "1.2.999999999999999999999999999999999999999999999999999999999999"},
    };

    for (size_t i = 0; i < LEN(rows); i++) {
        uint8_t buf[64];
        spnego_bytes oid = {buf, 7};

        cr_expect_not(spnego_oid_from_text(&oid, buf, sizeof buf, rows[i].text),
                      "%s: \"%s\" gives %s", rows[i].description, rows[i].text, hex_of(oid));
        cr_expect(oid.data == NULL && oid.len == 0, "%s: not absent", rows[i].description);
    }
}

Test(oid, to_text_needs_room_for_the_nul)
{
    const spnego_bytes krb5 = der_of("2a864886f712010202");
    const size_t len = strlen("1.2.840.113554.1.2.2");
    char text[32];

    for (size_t room = 1; room <= len; room++) {
        memset(text, 'x', sizeof text);
        cr_expect_eq(spnego_oid_to_text(text, room, krb5), 0u, "room %zu", room);
        cr_expect_eq(text[0], '\0', "room %zu", room);
        for (size_t i = room; i < sizeof text; i++)
            cr_expect_eq(text[i], 'x', "room %zu: written at %zu", room, i);
    }
    cr_expect_eq(spnego_oid_to_text(text, len + 1, krb5), len);
}

Test(oid, text_size_is_enough_for_32_octets)
{
    char text[SPNEGO_OID_TEXT_SIZE];

    /* The longest text comes of arcs of three digits in one octet each. */
    cr_expect_eq(spnego_oid_to_text(text, sizeof text, der_of("7f*32")), 4u + 31 * 4);
    cr_expect_neq(spnego_oid_to_text(text, sizeof text, der_of("83 ff*17 7f 13*13")), 0u);
}

/* requirements.md, "Mechanism OIDs": both forms, written down apart from oids.def. */
/* NEG-31: a host gets the numbers of Kerberos, user to user too, from here. */
Test(oid, known_by_name)
{
    static const struct {
        spnego_oid oid;
        const char *name, *notation, *text;
    } rows[] = {
        {SPNEGO_OID_SPNEGO, "spnego", "2b0601050502", "1.3.6.1.5.5.2"},
        {SPNEGO_OID_KRB5, "krb5", "2a864886f712010202", "1.2.840.113554.1.2.2"},
        {SPNEGO_OID_MS_KRB5, "ms-krb5", "2a864882f712010202", "1.2.840.48018.1.2.2"},
        {SPNEGO_OID_NTLMSSP, "ntlmssp", "2b06010401823702020a", "1.3.6.1.4.1.311.2.2.10"},
        {SPNEGO_OID_NEGOEX, "negoex", "2b06010401823702021e", "1.3.6.1.4.1.311.2.2.30"},
        {SPNEGO_OID_KRB5_U2U, "krb5-u2u", "2a864886f71201020203", "1.2.840.113554.1.2.2.3"},
        {SPNEGO_OID_KRB5_OLD, "krb5-old", "2b05010502", "1.3.5.1.5.2"},
        {SPNEGO_OID_KRB5_V2, "krb5-v2", "2a864886f712010203", "1.2.840.113554.1.2.3"},
        {SPNEGO_OID_IAKERB, "iakerb", "2b0601050205", "1.3.6.1.5.2.5"},
        {SPNEGO_OID_PKU2U, "pku2u", "2b0601050207", "1.3.6.1.5.2.7"},
        {SPNEGO_OID_SCRAM_SHA1, "scram-sha-1", "2b060105050e", "1.3.6.1.5.5.14"},
        {SPNEGO_OID_SCRAM_SHA256, "scram-sha-256", "2b0601050512", "1.3.6.1.5.5.18"},
        {SPNEGO_OID_EAP_AES128, "eap-aes128", "2b060105050f010111", "1.3.6.1.5.5.15.1.1.17"},
        {SPNEGO_OID_EAP_AES256, "eap-aes256", "2b060105050f010112", "1.3.6.1.5.5.15.1.1.18"},
        {SPNEGO_OID_GSI, "gsi", "2b060104019b500101", "1.3.6.1.4.1.3536.1.1"},
        {SPNEGO_OID_SANON_X25519, "sanon-x25519", "2b06010401a94a1a016e",
         "1.3.6.1.4.1.5322.26.1.110"},
        {SPNEGO_OID_SPKM1, "spkm-1", "2b060105050101", "1.3.6.1.5.5.1.1"},
        {SPNEGO_OID_SPKM2, "spkm-2", "2b060105050102", "1.3.6.1.5.5.1.2"},
        {SPNEGO_OID_SPKM3, "spkm-3", "2b060105050103", "1.3.6.1.5.5.1.3"},
        {SPNEGO_OID_LIPKEY, "lipkey", "2b0601050509", "1.3.6.1.5.5.9"},
        {SPNEGO_OID_DIGEST_MD5, "digest-md5", "2a8570 2b0e01", "1.2.752.43.14.1"},
        {SPNEGO_OID_NETLOGON, "netlogon", "2a8570 2b0e02", "1.2.752.43.14.2"},
        {SPNEGO_OID_MECH_NEGO, "ma-mech-nego", "2b060105050d04", "1.3.6.1.5.5.13.4"},
    };

    cr_expect_eq(LEN(rows), (size_t)SPNEGO_NUM_OIDS - 1, "a known OID is not in this list");
    for (size_t i = 0; i < LEN(rows); i++) {
        const spnego_bytes want = der_of(rows[i].notation);
        char text[SPNEGO_OID_TEXT_SIZE];

        cr_expect(same_octets(spnego_oid_contents(rows[i].oid), want), "%s", rows[i].name);
        cr_expect_eq(spnego_oid_identify(want), rows[i].oid, "%s", rows[i].name);
        cr_expect_str_eq(spnego_oid_name(rows[i].oid), rows[i].name);
        cr_expect_neq(spnego_oid_to_text(text, sizeof text, want), 0u);
        cr_expect_str_eq(text, rows[i].text);
    }
}

Test(oid, the_definition_file_agrees_with_itself)
{
    static const struct {
        spnego_oid oid;
        const char *dotted;
    } rows[] = {
#define OID(id, name, contents, dotted, source) {SPNEGO_OID_##id, dotted},
#include "der/oids.def"
#undef OID
    };

    for (size_t i = 0; i < LEN(rows); i++) {
        uint8_t buf[32];
        spnego_bytes oid;

        cr_expect(spnego_oid_from_text(&oid, buf, sizeof buf, rows[i].dotted));
        cr_expect(same_octets(oid, spnego_oid_contents(rows[i].oid)), "%s", rows[i].dotted);
    }
}

Test(oid, what_is_not_known)
{
    static const spnego_oid none[] = {SPNEGO_OID_UNKNOWN, SPNEGO_NUM_OIDS, (spnego_oid)-1};

    for (size_t i = 0; i < LEN(none); i++) {
        cr_expect_null(spnego_oid_name(none[i]));
        cr_expect_null(spnego_oid_contents(none[i]).data);
    }
    cr_expect_eq(spnego_oid_identify(der_of("")), SPNEGO_OID_UNKNOWN);
    cr_expect_eq(spnego_oid_identify((spnego_bytes){NULL, 0}), SPNEGO_OID_UNKNOWN);
    cr_expect_eq(spnego_oid_identify(der_of("2b06010505")), SPNEGO_OID_UNKNOWN, "a prefix");
    cr_expect_eq(spnego_oid_identify(der_of("2b060105050200")), SPNEGO_OID_UNKNOWN, "longer");
}

/* MS-SPNG 3.1.5.2: the two numbers of one mechanism; user-to-user is another one. */
Test(oid, kerberos_under_its_two_numbers)
{
    cr_expect(spnego_oid_is_krb5(der_of("2a864886f712010202")));
    cr_expect(spnego_oid_is_krb5(der_of("2a864882f712010202")));
    cr_expect_not(spnego_oid_is_krb5(der_of("2a864886f71201020203")));
    cr_expect_not(spnego_oid_is_krb5(der_of("2b05010502")));
    cr_expect_not(spnego_oid_is_krb5(der_of("2b06010401823702020a")));
    cr_expect_not(spnego_oid_is_krb5(der_of("")));
}

/* Every octet counts (SPN-11). */
Test(oid, is_spnego_only_with_all_six_octets)
{
    static const char *const others[] = {"2a0601050502", "2b0701050502",   "2b0600050502",
                                         "2b0601040502", "2b0601050402",   "2b0601050503",
                                         "2b06010505",   "2b060105050200", ""};

    cr_expect(oid_is_spnego(der_of("2b0601050502")));
    for (size_t i = 0; i < LEN(others); i++)
        cr_expect_not(oid_is_spnego(der_of(others[i])), "%s", others[i]);
}
