/*
 * The tokens of mechanisms inside a token, as src/inspect/ reads them: the messages that MS-NLMP
 * 4.2 prints, field by field; older and shorter forms of them; NegoEx; tokens in tokens in tokens;
 * and what --redact must hide.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/nested.h"
#include "inspect/render.h"
#include "inspect/value.h"
#include "support.h"

static inspect_reading reading;

static void read_octets(spnego_bytes token)
{
    inspect_read(&reading, token, SPNEGO_TOLERATE_ALL, INSPECT_ROLE_UNKNOWN, 0);
}

static void read_hex(const char *hex)
{
    read_octets(der_of(hex));
}

/* The node on a path of names from the first root, "NtChallengeResponse/AvPairs/0/Value"; a number
 * counts the children of an array. */
static const inspect_node *at(const char *path)
{
    size_t index = 0;
    char step[64];

    cr_assert_gt(reading.tree.num_nodes, 0u, "no tree");
    while (*path != 0) {
        const size_t len = strcspn(path, "/");
        const size_t depth = reading.tree.nodes[index].depth + 1;
        const size_t end = inspect_tree_end(&reading.tree, index);

        snprintf(step, sizeof step, "%.*s", (int)len, path);
        path += len + (path[len] == '/');
        if (strspn(step, "0123456789") == len) {
            unsigned long left = strtoul(step, NULL, 10) + 1;
            while (left > 0 && ++index < end)
                left -= reading.tree.nodes[index].depth == depth;
            cr_assert_lt(index, end, "no child %s", step);
        } else {
            index = inspect_tree_find(&reading.tree, index, step);
            cr_assert_lt(index, reading.tree.num_nodes, "no field %s", step);
        }
    }
    return &reading.tree.nodes[index];
}

static int has(const char *name)
{
    return inspect_tree_find(&reading.tree, 0, name) < reading.tree.num_nodes;
}

static size_t num_named(const char *name)
{
    size_t num = 0;

    for (size_t i = 0; i < reading.tree.num_nodes; i++)
        num += reading.tree.nodes[i].name != NULL && strcmp(reading.tree.nodes[i].name, name) == 0;
    return num;
}

static void expect_number(const char *path, uint64_t number)
{
    cr_expect_eq(at(path)->number, number, "%s is %llu", path,
                 (unsigned long long)at(path)->number);
}

static void expect_octets(const char *path, const char *hex)
{
    cr_expect_str_eq(hex_of(at(path)->octets), hex, "%s", path);
}

static void expect_text(const char *path, const char *text)
{
    inspect_text out = {0};

    inspect_text_put_utf16(&out, at(path)->octets);
    inspect_text_putc(&out, 0);
    cr_expect_str_eq(out.data, text, "%s", path);
    inspect_text_free(&out);
}

static size_t num_findings_of(spnego_rule rule)
{
    size_t num = 0;

    for (size_t i = 0; i < reading.num_findings; i++)
        num += reading.findings[i].rule == rule;
    return num;
}

/* ---- NTLM: the messages of MS-NLMP 4.2 ------------------------------------------------------- */

#define NAMES "44006f006d00610069006e00 5500730065007200 43004f004d0050005500540045005200"

/* 4.2.4.3: NTLMv2 */
static const char challenge_v2[] =
    "4e544c4d53535000 02000000 0c000c0038000000 33828ae2 0123456789abcdef 0000000000000000"
    "2400240044000000 060070170000000f 530065007200760065007200"
    "02000c0044006f006d00610069006e00 01000c00530065007200760065007200 00000000";
static const char authenticate_v2[] =
    "4e544c4d53535000 03000000 180018006c000000 5400540084000000 0c000c0048000000"
    "0800080054000000 100010005c000000 10001000d8000000 358288e2 0501280a0000000f" NAMES
    "86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa"
    "68cd0ab851e51c96aabc927bebef6a1c 0101000000000000 0000000000000000 aaaaaaaaaaaaaaaa 00000000"
    "02000c0044006f006d00610069006e00 01000c00530065007200760065007200 00000000 00000000"
    "c5dad2544fc9799094ce1ce90bc9d03e";

/* 4.2.2.3: NTLMv1 */
static const char authenticate_v1[] =
    "4e544c4d53535000 03000000 180018006c000000 1800180084000000 0c000c0048000000"
    "0800080054000000 100010005c000000 100010009c000000 358280e2 0501280a0000000f" NAMES
    "98def7b87f88aa5dafe2df779688a172def11c7d5ccdef13"
    "67c43011f30298a2ad35ece64f16331c44bdbed927841f94 518822b1b3f350c8958682ecbb3e3cb7";

/* 4.2.3.3: NTLMv1 with extended session security */
static const char authenticate_ess[] =
    "4e544c4d53535000 03000000 180018006c000000 1800180084000000 0c000c0048000000"
    "0800080054000000 100010005c000000 000000009c000000 35820882 0501280a0000000f" NAMES
    "aaaaaaaaaaaaaaaa00000000000000000000000000000000"
    "7537f803ae367128ca458204bde7caf81e97ed2683267232";

Test(ntlm, challenge)
{
    read_hex(challenge_v2);
    cr_expect_str_eq(reading.tree.nodes[0].type, "NTLMSSP_CHALLENGE");
    expect_number("MessageType", 2);
    expect_number("TargetNameFields/TargetNameLen", 12);
    expect_number("TargetNameFields/TargetNameMaxLen", 12);
    expect_number("TargetNameFields/TargetNameBufferOffset", 0x38);
    expect_number("NegotiateFlags/value", 0xe28a8233);
    cr_expect_str_eq(at("NegotiateFlags/flags/0")->label, "NTLMSSP_NEGOTIATE_UNICODE");
    cr_expect_str_eq(at("NegotiateFlags/flags/12")->label, "NTLMSSP_NEGOTIATE_56");
    expect_octets("ServerChallenge", "0123456789abcdef");
    expect_number("Version/ProductMajorVersion", 6);
    expect_number("Version/ProductMinorVersion", 0);
    expect_number("Version/ProductBuild", 6000);
    expect_number("Version/NTLMRevisionCurrent", 15);
    expect_text("TargetName", "Server");
    cr_expect_str_eq(at("TargetInfo/0/AvId")->label, "MsvAvNbDomainName");
    expect_text("TargetInfo/0/Value", "Domain");
    cr_expect_str_eq(at("TargetInfo/1/AvId")->label, "MsvAvNbComputerName");
    expect_text("TargetInfo/1/Value", "Server");
    cr_expect_str_eq(at("TargetInfo/2/AvId")->label, "MsvAvEOL");
    cr_expect_eq(at("TargetInfo/1")->offset, 0x54u);
    cr_expect_eq(reading.num_findings, 1u, "only that it is raw");
}

Test(ntlm, authenticate_v2)
{
    read_hex(authenticate_v2);
    cr_expect_str_eq(reading.tree.nodes[0].type, "NTLMSSP_AUTHENTICATE");
    expect_text("DomainName", "Domain");
    expect_text("UserName", "User");
    expect_text("Workstation", "COMPUTER");
    cr_expect_str_eq(at("LmChallengeResponse")->type, "LMv2_RESPONSE");
    expect_octets("LmChallengeResponse/Response", "86c35097ac9cec102554764a57cccc19");
    expect_octets("LmChallengeResponse/ChallengeFromClient", "aaaaaaaaaaaaaaaa");
    cr_expect_str_eq(at("NtChallengeResponse")->type, "NTLMv2_RESPONSE");
    expect_octets("NtChallengeResponse/Response", "68cd0ab851e51c96aabc927bebef6a1c");
    expect_number("NtChallengeResponse/NTLMv2_CLIENT_CHALLENGE/RespType", 1);
    expect_number("NtChallengeResponse/NTLMv2_CLIENT_CHALLENGE/HiRespType", 1);
    expect_number("NtChallengeResponse/NTLMv2_CLIENT_CHALLENGE/TimeStamp", 0);
    expect_octets("NtChallengeResponse/NTLMv2_CLIENT_CHALLENGE/ChallengeFromClient",
                  "aaaaaaaaaaaaaaaa");
    expect_text("NtChallengeResponse/NTLMv2_CLIENT_CHALLENGE/AvPairs/0/Value", "Domain");
    expect_text("NtChallengeResponse/NTLMv2_CLIENT_CHALLENGE/AvPairs/1/Value", "Server");
    expect_number("NtChallengeResponse/NTLMv2_CLIENT_CHALLENGE/Z4", 0);
    expect_octets("EncryptedRandomSessionKey", "c5dad2544fc9799094ce1ce90bc9d03e");
    cr_expect(!has("MIC"), "the payload begins at 72");
    cr_expect_eq(num_findings_of(SPNEGO_RULE_NTLM_NO_MIC), 1u);
    cr_expect_eq(num_findings_of(SPNEGO_RULE_NTLM_V1_RESPONSE), 0u);
}

Test(ntlm, authenticate_v1)
{
    read_hex(authenticate_v1);
    cr_expect_str_eq(at("LmChallengeResponse")->type, "LM_RESPONSE");
    expect_octets("LmChallengeResponse/Response",
                  "98def7b87f88aa5dafe2df779688a172def11c7d5ccdef13");
    cr_expect_str_eq(at("NtChallengeResponse")->type, "NTLM_RESPONSE");
    expect_octets("NtChallengeResponse/Response",
                  "67c43011f30298a2ad35ece64f16331c44bdbed927841f94");
    expect_octets("EncryptedRandomSessionKey", "518822b1b3f350c8958682ecbb3e3cb7");
    cr_expect_eq(num_findings_of(SPNEGO_RULE_NTLM_V1_RESPONSE), 1u);
    cr_expect_eq(num_findings_of(SPNEGO_RULE_NTLM_NO_EXTENDED_SESSIONSECURITY), 1u);
}

Test(ntlm, authenticate_v1_with_extended_session_security)
{
    read_hex(authenticate_ess);
    expect_octets("LmChallengeResponse/ChallengeFromClient", "aaaaaaaaaaaaaaaa");
    expect_octets("LmChallengeResponse/Z16", "00000000000000000000000000000000");
    expect_octets("NtChallengeResponse/Response",
                  "7537f803ae367128ca458204bde7caf81e97ed2683267232");
    cr_expect(!has("EncryptedRandomSessionKey"), "its length is 0");
    cr_expect_eq(num_findings_of(SPNEGO_RULE_NTLM_NO_EXTENDED_SESSIONSECURITY), 0u);
    /* SIGN and SEAL are set, 128 is not. */
    cr_expect_eq(num_findings_of(SPNEGO_RULE_NTLM_NO_128), 1u);
}

/* 4.2.2.4 and 4.2.4.4 */
Test(ntlm, signatures)
{
    read_hex("01000000 00000000 09dcd1df 2e459d36");
    cr_expect_str_eq(reading.tree.nodes[0].type, "NTLMSSP_MESSAGE_SIGNATURE");
    expect_number("Version", 1);
    expect_number("RandomPad", 0);
    expect_octets("Checksum", "09dcd1df");
    expect_number("SeqNum", 0x369d452e);
    read_hex("01000000 7fb38ec5c55d4976 00000000");
    expect_octets("Checksum", "7fb38ec5c55d4976");
    expect_number("SeqNum", 0);
    cr_expect(!has("RandomPad"));
}

/* What later versions added is not there where the payload, or the message, begins or ends before
 * it. */
Test(ntlm, older_forms)
{
    read_hex("4e544c4d53535000 01000000 07020000");
    expect_number("NegotiateFlags/value", 0x207);
    cr_expect(!has("DomainNameFields") && !has("Version"));
    cr_expect_eq(num_findings_of(SPNEGO_RULE_NTLM_TRUNCATED), 0u);

    read_hex("4e544c4d53535000 02000000 0c000c0030000000 33828a20 0123456789abcdef"
             "0000000000000000 0000000000000000 530065007200760065007200");
    expect_text("TargetName", "Server");
    cr_expect(has("TargetInfoFields") && !has("Version"));

    read_hex("4e544c4d53535000 02000000 0c000c0020000000 33828a20 0123456789abcdef"
             "530065007200760065007200");
    expect_text("TargetName", "Server");
    cr_expect(!has("Reserved") && !has("TargetInfoFields"));

    /* A NEGOTIATE_MESSAGE's names are OEM whatever the flags say. */
    read_hex("4e544c4d53535000 01000000 07b20000 0600060026000000 0600060020000000"
             "534552564552 444f4d41494e");
    cr_expect_eq(at("DomainName")->value, INSPECT_TEXT_UTF8);
    expect_octets("DomainName", "444f4d41494e");
    expect_octets("Workstation", "534552564552");
    cr_expect_lt(at("Workstation")->offset, at("DomainName")->offset);
    cr_expect_lt(at("Workstation"), at("DomainName"), "in order of offset");
}

/* Reads `hex` with one part of it replaced by another of the same length. */
static void read_changed(const char *hex, const char *from, const char *to)
{
    char changed[2048];

    snprintf(changed, sizeof changed, "%s", hex);
    cr_assert(strstr(changed, from) != NULL && strlen(from) == strlen(to));
    memcpy(strstr(changed, from), to, strlen(to));
    read_hex(changed);
}

/* Reads an AUTHENTICATE_MESSAGE with nothing but the UserName "U", which begins at `start`. */
static void read_user_at(size_t start, uint32_t flags, const char *user)
{
    static uint8_t message[128];
    const spnego_bytes name = der_of(user), token = {message, start + name.len};

    memset(message, 0x77, sizeof message);
    memcpy(message, "NTLMSSP\0\3\0\0", 12);
    memset(message + 12, 0, 48);
    message[36] = (uint8_t)name.len;
    message[40] = (uint8_t)start;
    for (size_t i = 0; i < 4; i++)
        message[60 + i] = (uint8_t)(flags >> (8 * i));
    memcpy(message + start, name.data, name.len);
    read_octets(token);
}

/* Where the payload begins tells what is there; where it begins 16 octets behind the flags, it is
 * the flag that tells whether that is a Version or a MIC. */
Test(ntlm, version_and_mic)
{
    static const struct {
        size_t start;
        uint32_t flags;
        int has_version;
        size_t mic_at; /* 0: there is none */
    } rows[] = {{88, 0x02080001, 1, 72}, {88, 0x00080001, 1, 72}, {80, 0x02080001, 1, 0},
                {80, 0x00080001, 0, 64}, {87, 0x00080001, 0, 64}, {79, 0x00080001, 1, 0},
                {72, 0x00080001, 1, 0},  {72, 0x02080001, 1, 0},  {64, 0x02080001, 0, 0}};

    for (size_t i = 0; i < LEN(rows); i++) {
        read_user_at(rows[i].start, rows[i].flags, "5500");
        cr_expect_eq(has("Version"), rows[i].has_version, "row %zu", i);
        cr_expect_eq(has("MIC"), rows[i].mic_at != 0, "row %zu", i);
        if (has("MIC"))
            cr_expect_eq(at("MIC")->offset, rows[i].mic_at, "row %zu", i);
    }
}

/* Neither a name nor a response: nothing less is anonymous. */
Test(ntlm, anonymous)
{
    read_user_at(88, 0x02080001, "");
    cr_expect_eq(num_findings_of(SPNEGO_RULE_NTLM_ANONYMOUS_CLIENT), 1u);
    cr_expect_eq(num_findings_of(SPNEGO_RULE_NTLM_V1_RESPONSE), 0u);
    read_user_at(88, 0x02080801, "5500");
    cr_expect_eq(num_findings_of(SPNEGO_RULE_NTLM_ANONYMOUS_CLIENT), 1u);
    read_user_at(88, 0x02080001, "5500");
    cr_expect_eq(num_findings_of(SPNEGO_RULE_NTLM_ANONYMOUS_CLIENT), 0u);
    read_changed(authenticate_ess, "1800180084000000 0c000c00480000000800080054000000",
                 "0000000084000000 0c000c00480000000000080054000000");
    cr_expect_eq(num_findings_of(SPNEGO_RULE_NTLM_ANONYMOUS_CLIENT), 0u, "LM's alone is one");
}

Test(ntlm, half_a_character)
{
    static const struct {
        const char *user;
        size_t num;
    } rows[] = {{"5500", 0}, {"3dd800de", 0},     {"550055", 1},      {"3dd8", 1},
                {"00de", 1}, {"3dd83dd800de", 1}, {"3dd8550000de", 1}};

    for (size_t i = 0; i < LEN(rows); i++) {
        read_user_at(88, 0x02080001, rows[i].user);
        cr_expect_eq(num_findings_of(SPNEGO_RULE_NTLM_TEXT_MALFORMED), rows[i].num, "%s",
                     rows[i].user);
    }
}

/* Reads a CHALLENGE_MESSAGE with this TargetInfo, and octets behind it that are not of it. */
static void read_info(const char *info)
{
    static uint8_t message[256];
    const spnego_bytes pairs = der_of(info), token = {message, 48 + pairs.len + 16};

    memset(message, 0, sizeof message);
    memcpy(message, "NTLMSSP\0\2", 9);
    memcpy(message + 20, "\x01\x02\x08", 3);
    message[40] = (uint8_t)pairs.len;
    message[44] = 48;
    memcpy(message + 48, pairs.data, pairs.len);
    read_octets(token);
}

Test(ntlm, av_pairs)
{
    static const struct {
        const char *info;
        spnego_rule rule;
    } rows[] = {{"0100 0200 5500 00000000", SPNEGO_RULE_NONE},
                {"0100 0200 5500", SPNEGO_RULE_NTLM_AV_EOL_MISSING},
                {"0100 0200 5500 0100", SPNEGO_RULE_NTLM_AV_PAIR_OUTSIDE},
                {"0100 0300 5500", SPNEGO_RULE_NTLM_AV_PAIR_OUTSIDE},
                {"0100 0200 5500 0000 0200 5500", SPNEGO_RULE_NTLM_AV_PAIR_LENGTH},
                {"0600 0300 020000 00000000", SPNEGO_RULE_NTLM_AV_PAIR_LENGTH},
                {"0700 0700 01020304050607 00000000", SPNEGO_RULE_NTLM_AV_PAIR_LENGTH},
                {"0800 0200 0102 00000000", SPNEGO_RULE_NTLM_AV_PAIR_LENGTH},
                {"0a00 0200 0102 00000000", SPNEGO_RULE_NTLM_AV_PAIR_LENGTH},
                {"0b00 0200 0102 00000000", SPNEGO_RULE_NONE}};

    for (size_t i = 0; i < LEN(rows); i++) {
        read_info(rows[i].info);
        cr_expect_eq(reading.num_findings, rows[i].rule == SPNEGO_RULE_NONE ? 1u : 2u, "%s",
                     rows[i].info);
        cr_expect(rows[i].rule == SPNEGO_RULE_NONE || num_findings_of(rows[i].rule) == 1, "%s",
                  rows[i].info);
        if (rows[i].rule == SPNEGO_RULE_NTLM_AV_PAIR_LENGTH && i != 4)
            cr_expect_eq(at("TargetInfo/0/Value")->value, INSPECT_OCTETS, "%s", rows[i].info);
    }
}

/* A payload that begins inside its own Len, MaxLen and BufferOffset. */
Test(ntlm, field_into_itself)
{
    read_hex("4e544c4d53535000 02000000 0000000000000000 33828a20 0123456789abcdef"
             "0000000000000000 040004002c000000 00000000");
    cr_expect_eq(num_findings_of(SPNEGO_RULE_NTLM_FIELD_IN_HEADER), 1u);
}

Test(ntlm, oem_names)
{
    read_changed(authenticate_v1, "358280e2", "368280e2");
    cr_expect_eq(at("UserName")->value, INSPECT_TEXT_UTF8);
}

Test(ntlm, lm_response_alone_or_of_another_length)
{
    read_changed(authenticate_ess, "1800180084000000", "0000000084000000");
    cr_expect_eq(at("LmChallengeResponse/Response")->len, 24u);
    cr_expect_eq(num_findings_of(SPNEGO_RULE_NTLM_V1_RESPONSE), 1u);
    read_changed(authenticate_v1, "180018006c000000", "170018006c000000");
    cr_expect_eq(num_findings_of(SPNEGO_RULE_NTLM_RESPONSE_MALFORMED), 1u);
}

/* Each prefix is read without a word about what is not there. */
Test(ntlm, prefixes)
{
    const spnego_bytes whole = der_of(authenticate_v2);

    for (size_t len = 12; len <= whole.len; len++) {
        uint8_t *copy = malloc(len);
        const spnego_bytes token = {copy, len};

        cr_assert_not_null(copy);
        memcpy(copy, whole.data, len);
        read_octets(token);
        cr_expect_eq(num_findings_of(SPNEGO_RULE_NTLM_TRUNCATED), len < 52 ? 1u : 0u, "%zu", len);
        for (size_t i = 0; i < reading.tree.num_nodes; i++)
            cr_expect(reading.tree.nodes[i].offset <= len &&
                      reading.tree.nodes[i].len <= len - reading.tree.nodes[i].offset);
        for (size_t i = 0; i < reading.num_findings; i++)
            cr_expect(reading.findings[i].offset <= len &&
                      reading.findings[i].len <= len - reading.findings[i].offset);
        free(copy);
    }
}

/* MS-NLMP 2.2.2.1: zeros say that there are none; any other value is a hash. */
Test(ntlm, channel_bindings)
{
#define CHALLENGE_WITH_BINDINGS(hash) \
    "4e544c4d53535000 02000000 00000000 30000000 01028200 0123456789abcdef 0000000000000000" \
    "18001800 30000000 0a001000" hash "00000000"

    read_hex(CHALLENGE_WITH_BINDINGS("00000000000000000000000000000000"));
    cr_expect_eq(num_findings_of(SPNEGO_RULE_NTLM_NOT_BOUND), 1u);
    read_hex(CHALLENGE_WITH_BINDINGS("00000000000000000000000000000001"));
    cr_expect_eq(num_findings_of(SPNEGO_RULE_NTLM_NOT_BOUND), 0u);
    expect_octets("TargetInfo/0/Value", "00000000000000000000000000000001");
}

/* ---- NegoEx --------------------------------------------------------------------------------- */

#define CONVERSATION "101112131415161718191a1b1c1d1e1f"
#define PKU2U "5c33530deaf90d4db2ec4ae3786ec308"
#define RANDOM "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f"

/* NEX-04: all numbers are little-endian.  NEX-23: the fields of NEGO, one behind the other. */
Test(negoex, nego)
{
    read_hex("4e45474f45585453 00000000 00000000 60000000 90000000" CONVERSATION RANDOM
             "0000000000000000 60000000 0100 0000 70000000 0100 0000" PKU2U
             "07000000 7c000000 14000000 6162636465666768696a6b6c6d6e6f7071727374");
    cr_expect_str_eq(at("messages/0")->type, "INITIATOR_NEGO");
    expect_number("messages/0/Header/SequenceNum", 0);
    expect_number("messages/0/Header/cbHeaderLength", 96);
    expect_number("messages/0/Header/cbMessageLength", 144);
    expect_octets("messages/0/Random", RANDOM);
    expect_number("messages/0/ProtocolVersion", 0);
    expect_number("messages/0/AuthSchemes/AuthSchemeArrayOffset", 96);
    cr_expect_str_eq(at("messages/0/AuthSchemes/AuthSchemeArray/0")->label, "PKU2U");
    expect_number("messages/0/Extensions/ExtensionCount", 1);
    expect_number("messages/0/Extensions/ExtensionArray/0/ExtensionType", 7);
    expect_octets("messages/0/Extensions/ExtensionArray/0/ExtensionValue/ByteArray",
                  "6162636465666768696a6b6c6d6e6f7071727374");
    cr_expect_eq(reading.num_findings, 1u, "only that it is raw");
}

/* NEX-44, and the layout of VERIFY */
Test(negoex, verify_and_alert)
{
    read_hex("4e45474f45585453 06000000 05000000 50000000 5c000000" CONVERSATION PKU2U
             "14000000 01000000 10000000 50000000 0c000000 00000000 cccccccccccccccccccccccc"
             "4e45474f45585453 07000000 06000000 48000000 5c000000" CONVERSATION PKU2U
             "6d0000c0 48000000 0100 0000 00000000 01000000 54000000 08000000 0800000001000000");
    expect_number("messages/0/Checksum/ChecksumType", 16);
    cr_expect_str_eq(at("messages/0/Checksum/ChecksumScheme")->label, "CHECKSUM_SCHEME_RFC3961");
    expect_octets("messages/0/Checksum/ChecksumValue/ByteArray", "cccccccccccccccccccccccc");
    expect_number("messages/1/ErrorCode", 0xc000006d);
    expect_number("messages/1/Alerts/AlertArray/0/AlertType", 1);
    cr_expect_str_eq(at("messages/0/Checksum/ChecksumType")->label, "hmac-sha1-96-aes256");
    cr_expect_str_eq(at("messages/1/ErrorCode")->label, "STATUS_LOGON_FAILURE");
    cr_expect_str_eq(at("messages/1/Alerts/AlertArray/0/AlertType")->label, "ALERT_TYPE_PULSE");
    expect_number("messages/1/Alerts/AlertArray/0/AlertValue/ALERT_PULSE/cbHeaderLength", 8);
    cr_expect_str_eq(at("messages/1/Alerts/AlertArray/0/AlertValue/ALERT_PULSE/Reason")->label,
                     "ALERT_VERIFY_NO_KEY");
    cr_expect_eq(reading.num_findings, 1u, "only that it is raw");
}

/* An extension of the number that pulses have, as long as one. */
Test(negoex, extension_is_no_alert)
{
    read_hex("4e45474f45585453 00000000 00000000 60000000 84000000" CONVERSATION RANDOM
             "0000000000000000 60000000 0100 0000 70000000 0100 0000" PKU2U
             "01000000 7c000000 08000000 0800000001000000");
    cr_expect_eq(at("messages/0/Extensions/ExtensionArray/0/ExtensionType")->value, INSPECT_NUMBER);
    expect_octets("messages/0/Extensions/ExtensionArray/0/ExtensionValue/ByteArray",
                  "0800000001000000");
}

/* NEX-47: an alert that is not defined is shown and is no fault; nor is a pulse of another length,
 * or one that says something else, which might be anything. */
Test(negoex, other_alerts)
{
    static const char *const values[] = {"08000000 0800000001000000", "04000000 0800000001000000",
                                         "08000000 0900000001000000", "08000000 0800000002000000",
                                         "09000000 0800000001000000"};

    for (size_t i = 0; i < LEN(values); i++) {
        char hex[512];

        snprintf(hex, sizeof hex,
                 "4e45474f45585453 07000000 00000000 48000000 6c000000" CONVERSATION PKU2U
                 "6d0000c0 48000000 0200 ffff 00000000 02000000 60000000 08000000"
                 "01000000 60000000 %s 00000000",
                 values[i]);
        read_hex(hex);
        expect_number("messages/0/Alerts/AlertCount", 2);
        expect_number("messages/0/Alerts/AlertArray/0/AlertType", 2);
        cr_expect_null(at("messages/0/Alerts/AlertArray/0/AlertType")->label);
        cr_expect_eq(at("messages/0/Alerts/AlertArray/0/AlertValue/ByteArray")->octets.len, 8u);
        cr_expect_eq(num_named("Reason"), i == 0, "%s", values[i]);
        cr_expect_eq(num_named("cbHeaderLength"), 1u + (i == 0), "%s", values[i]);
        cr_expect_eq(reading.num_findings, 1u, "only that it is raw");
    }
}

/* NEX-19: counts have 16 bits, and what stands behind them says nothing.  NEX-26, NEX-30: elements
 * stand in the sender's order, 16 and 12 octets apart; NEX-29: those of the acceptor's NEGO are
 * looked at like the initiator's. */
Test(negoex, lists_of_the_acceptor)
{
    read_hex("4e45474f45585453 01000000 07000000 60000000 98000000" CONVERSATION RANDOM
             "0000000000000000 60000000 0200 0000 80000000 0200 ffff"
             "ad695f23fb73bc4d82030629e739339b" PKU2U
             "07000000 00000000 00000000 00000080 00000000 00000000");
    cr_expect_str_eq(at("messages/0")->type, "ACCEPTOR_NEGO");
    expect_number("messages/0/AuthSchemes/AuthSchemeCount", 2);
    cr_expect_str_eq(at("messages/0/AuthSchemes/AuthSchemeArray/0")->label, "PKU2U", "NEX-08");
    cr_expect_eq(at("messages/0/AuthSchemes/AuthSchemeArray/0")->octets.data[0], 0xad);
    cr_expect_eq(at("messages/0/AuthSchemes/AuthSchemeArray/1")->octets.data[0], 0x5c);
    expect_number("messages/0/Extensions/ExtensionArray/0/ExtensionType", 7);
    expect_number("messages/0/Extensions/ExtensionArray/1/ExtensionType", 0x80000000u);
    cr_expect_eq(num_findings_of(SPNEGO_RULE_NEGOEX_EXTENSION_CRITICAL), 1u);
    cr_expect_eq(reading.findings[reading.num_findings - 1].offset, 140u);
}

#define NEGO_ZEROS \
    "00000000000000000000000000000000000000000000000000000000000000000000000000000000"

/* Lengths that are one too many or too few, and what does not count because it is empty. */
Test(negoex, lengths)
{
    read_hex("4e45474f45585453 0000");
    cr_expect_eq(num_findings_of(SPNEGO_RULE_NEGOEX_TRUNCATED), 1u);
    cr_expect_eq(reading.findings[reading.num_findings - 1].offset, 10u);
    read_hex("4e45474f45585453 00000000 00000000 60000000 27000000" CONVERSATION);
    cr_expect_eq(num_findings_of(SPNEGO_RULE_NEGOEX_TRUNCATED), 1u);
    cr_expect_eq(at("messages/0")->value, INSPECT_OCTETS);
    /* cbHeaderLength may count everything, but no more. */
    read_hex("4e45474f45585453 05000000 00000000 42000000 42000000" CONVERSATION PKU2U
             "40000000 02000000 3000");
    cr_expect_eq(num_findings_of(SPNEGO_RULE_NEGOEX_HEADER_LENGTH), 0u);
    read_hex("4e45474f45585453 05000000 00000000 43000000 42000000" CONVERSATION PKU2U
             "40000000 02000000 3000");
    cr_expect_eq(num_findings_of(SPNEGO_RULE_NEGOEX_HEADER_LENGTH), 1u);
    /* An empty vector's offset says nothing (NEX-22). */
    read_hex("4e45474f45585453 00000000 00000000 60000000 60000000" CONVERSATION NEGO_ZEROS
             "ffffffff00000000 ffffff7f00000000");
    cr_expect_eq(reading.num_findings, 1u, "only that it is raw");
    /* Without any padding (NEX-15). */
    read_hex("4e45474f45585453 00000000 00000000 5c000000 5c000000" CONVERSATION NEGO_ZEROS
             "0000000000000000 00000000");
    cr_expect_eq(reading.num_findings, 1u, "only that it is raw");
    for (size_t i = 0; i < reading.tree.num_nodes; i++)
        cr_expect_leq(reading.tree.nodes[i].offset + reading.tree.nodes[i].len, 92u);
}

/* NEX-31, NEX-33: an Exchange that holds NTLM, found and read like any token of a mechanism. */
Test(negoex, exchange_is_nested)
{
    read_hex("4e45474f45585453 05000000 00000000 40000000 50000000" CONVERSATION PKU2U
             "40000000 10000000 4e544c4d53535000 01000000 070208 20");
    cr_expect_str_eq(at("messages/0/Exchange/ByteArray/0")->type, "NTLMSSP_NEGOTIATE");
    expect_number("messages/0/Exchange/ByteArray/0/NegotiateFlags/value", 0x20080207);
    cr_expect_eq(at("messages/0/Exchange/ByteArray/0/NegotiateFlags")->offset, 76u);
}

/* ---- Tokens in tokens ------------------------------------------------------------------------ */

/* Puts a NegTokenResp around the `len` octets at `inner`; returns where it begins. */
static uint8_t *wrap(uint8_t *inner, size_t len)
{
    static const uint8_t tags[] = {0x04, 0xa2, 0x30, 0xa1};

    for (size_t i = 0; i < sizeof tags; i++) {
        inner -= der_header_len(len);
        der_put_header(inner, tags[i], len);
        len = der_element_len(len);
    }
    return inner;
}

Test(nested, ends_somewhere)
{
    static uint8_t room[2048];
    uint8_t *begin = room + sizeof room;
    spnego_bytes token;
    size_t num_tokens = 0;

    for (int i = 0; i < 40; i++)
        begin = wrap(begin, (size_t)(room + sizeof room - begin));
    token.data = begin;
    token.len = (size_t)(room + sizeof room - begin);
    read_octets(token);
    cr_expect_eq(reading.verdict, INSPECT_CLEAN);
    for (size_t i = 0; i < reading.tree.num_nodes; i++) {
        num_tokens += reading.tree.nodes[i].type != NULL;
        cr_expect_leq(reading.tree.nodes[i].depth, (size_t)INSPECT_TREE_MAX_DEPTH);
    }
    cr_expect_eq(num_tokens, (size_t)INSPECT_MAX_NESTED);
}

/* What only looks like SPNEGO stays what it is: octets. */
Test(nested, first_octet_is_not_enough)
{
    read_hex("a1 0b 30 09 a2 07 04 05 a1 03 30 01 ff");
    cr_expect_eq(reading.tree.num_nodes, 0u);
    cr_expect_eq(reading.verdict, INSPECT_CLEAN);
}

/* Of a token that is cut short, what is there is shown; what it lacks is not its sender's fault. */
Test(nested, nothing_is_said_of_what_is_cut)
{
    read_hex("a1 82 01 08 30 82 01 04 a2 82 01 00 04 81 fd 4e544c4d53535000 01000000 0702");
    cr_expect_eq(reading.fault, SPNEGO_RULE_DER_TRUNCATED);
    cr_expect_eq(num_findings_of(SPNEGO_RULE_NTLM_TRUNCATED), 0u);
    cr_expect_gt(reading.tree.num_nodes, 0u);
    expect_number("MessageType", 1);
}

/* More schemes than there are nodes: the rest is left out, and that is said. */
Test(nested, more_than_is_shown)
{
    const size_t num = 65535, len = 96 + num * 16, num_messages = 2;
    uint8_t *data = calloc(num_messages, len);
    const spnego_bytes token = {data, num_messages * len};
    const inspect_view view = {"x", 0, INSPECT_RAW, INSPECT_SCHEME_NONE, NULL, 0, 0, 0, 0};
    inspect_text out = {0};

    cr_assert_not_null(data);
    for (size_t i = 0; i < num_messages; i++) {
        uint8_t *message = data + i * len;
        memcpy(message, "NEGOEXTS", 8);
        message[12] = (uint8_t)i;
        message[16] = 96;
        for (size_t k = 0; k < 4; k++)
            message[20 + k] = (uint8_t)(len >> (8 * k));
        memcpy(message + 80, "\x60\0\0\0\xff\xff", 6);
    }
    read_octets(token);
    cr_expect_eq(reading.tree.num_nodes, (size_t)INSPECT_TREE_MAX_NODES);
    cr_expect_eq(num_findings_of(SPNEGO_RULE_MECH_TOKEN_CUT_SHORT), 1u);
    inspect_render_json(&out, &reading, &view);
    cr_expect(!out.failed);
    inspect_text_free(&out);
    read_hex(challenge_v2);
    cr_expect_eq(num_findings_of(SPNEGO_RULE_MECH_TOKEN_CUT_SHORT), 0u, "that was the one before");
    free(data);
}

/* The same where it is a token inside that no longer fits. */
Test(nested, more_than_is_shown_inside)
{
    const size_t num = INSPECT_TREE_MAX_NODES - 56, nego_len = 96 + num * 16, len = 64 + 32;
    uint8_t *data = calloc(1, nego_len + len), *request = data + nego_len;
    const spnego_bytes token = {data, nego_len + len};

    cr_assert_not_null(data);
    memcpy(data, "NEGOEXTS", 8);
    data[16] = 96;
    for (size_t k = 0; k < 4; k++)
        data[20 + k] = (uint8_t)(nego_len >> (8 * k));
    memcpy(data + 80, "\x60\0\0\0", 4);
    data[84] = (uint8_t)num;
    data[85] = (uint8_t)(num >> 8);
    memcpy(request, "NEGOEXTS\5\0\0\0\1\0\0\0\x40\0\0\0", 20);
    request[20] = (uint8_t)len;
    request[56] = 64;
    request[60] = 32;
    memcpy(request + 64, "NTLMSSP\0\1\0\0\0\xff\xff\xff\xff", 16);
    read_octets(token);
    cr_expect_eq(reading.tree.num_nodes, (size_t)INSPECT_TREE_MAX_NODES);
    cr_expect_eq(num_findings_of(SPNEGO_RULE_MECH_TOKEN_CUT_SHORT), 1u);
    free(data);
}

/* What is deeper than the tree may be is not in it. */
Test(tree, depth_is_capped)
{
    inspect_tree tree = {0};

    inspect_tree_add(&tree, "last", INSPECT_NUMBER, INSPECT_TREE_MAX_DEPTH, 0, 0);
    inspect_tree_add(&tree, "deeper", INSPECT_NUMBER, INSPECT_TREE_MAX_DEPTH + 1, 0, 0);
    cr_expect_eq(tree.num_nodes, 1u);
    inspect_tree_free(&tree);
}

/* An error counts for the verdict however many remarks stand before it. */
Test(nested, an_error_is_not_crowded_out)
{
    const size_t num = INSPECT_MAX_FINDINGS + 8, len = 96;
    uint8_t *data = calloc(num, len);
    const spnego_bytes token = {data, num * len};

    cr_assert_not_null(data);
    for (size_t i = 0; i < num; i++) {
        memcpy(data + i * len, "NEGOEXTS", 8);
        data[i * len + 12] = (uint8_t)i;
        data[i * len + 13] = (uint8_t)(i >> 8);
        data[i * len + 16] = 96;
        data[i * len + 20] = 96;
        data[i * len + 86] = 1; /* packed: a warning */
    }
    read_octets(token);
    cr_expect_eq(reading.num_findings, (size_t)INSPECT_MAX_FINDINGS);
    cr_expect_eq(reading.verdict, INSPECT_CLEAN);
    data[(num - 1) * len + 72] = 1; /* ProtocolVersion: an error */
    read_octets(token);
    cr_expect_eq(reading.verdict, INSPECT_FINDINGS);
    free(data);
}

/* ---- What must not be seen ------------------------------------------------------------------- */

static int shows(const char *hex, int redact, const char *what)
{
    const inspect_view view = {"x", 0, INSPECT_RAW, INSPECT_SCHEME_NONE, NULL, 0, redact, 0, 0};
    inspect_text out = {0};
    int found;

    read_hex(hex);
    inspect_render_json(&out, &reading, &view);
    inspect_render_text(&out, &reading, &view);
    inspect_text_putc(&out, 0);
    cr_assert(!out.failed);
    found = strstr(out.data, what) != NULL;
    inspect_text_free(&out);
    return found;
}

Test(redact, ntlm)
{
    static const char *const secrets[] = {"Domain\"", "User\"",   "COMPUTER", "Server\"",
                                          "86c35097", "68cd0ab8", "c5dad254", "aaaaaaaa"};

    for (size_t i = 0; i < LEN(secrets); i++) {
        cr_expect(shows(authenticate_v2, 0, secrets[i]), "%s", secrets[i]);
        cr_expect(!shows(authenticate_v2, 1, secrets[i]), "%s", secrets[i]);
    }
    cr_expect(shows(authenticate_v2, 1, "MsvAvNbDomainName"));
    cr_expect(!shows(challenge_v2, 1, "0123456789abcdef"));
}

/* TargetName over Reserved, which by itself nobody would hide. */
Test(redact, overlapping_fields)
{
    static const char overlapping[] =
        "4e544c4d53535000 02000000 0c000c001c000000 33828a20 0123456789abcdef"
        "5300650063007200";

    cr_expect(shows(overlapping, 0, "5300650063007200"));
    cr_expect(!shows(overlapping, 1, "5300650063007200"));
}

static void add_octets(inspect_tree *tree, inspect_privacy privacy, const uint8_t *data, size_t len)
{
    inspect_node *node = inspect_tree_add(tree, NULL, INSPECT_OCTETS, 0, 0, len);

    node->privacy = privacy;
    node->octets.data = data;
    node->octets.len = len;
}

/* Public nodes beside, behind and inside private ones that lie in each other. */
Test(redact, what_private_nodes_cover)
{
    static const uint8_t data[32] = {0};
    static const struct {
        size_t at, len;
        int is_hidden;
    } rows[] = {{0, 4, 0},  {3, 2, 1},  {4, 1, 1},  {10, 2, 1}, {13, 1, 1},
                {14, 2, 0}, {15, 5, 0}, {19, 2, 1}, {20, 4, 1}, {23, 1, 1},
                {24, 1, 0}, {14, 6, 0}, {0, 32, 1}, {30, 2, 0}, {5, 0, 0}};
    inspect_tree tree = {0};

    add_octets(&tree, INSPECT_CRACKABLE, data + 20, 4);
    add_octets(&tree, INSPECT_IDENTITY, data + 4, 10);
    add_octets(&tree, INSPECT_CRACKABLE, data + 6, 2);
    for (size_t i = 0; i < LEN(rows); i++)
        add_octets(&tree, INSPECT_PUBLIC, data + rows[i].at, rows[i].len);
    inspect_tree_hide(&tree, 0);
    for (size_t i = 0; i < LEN(rows); i++)
        cr_expect_eq(tree.nodes[3 + i].privacy != INSPECT_PUBLIC, rows[i].is_hidden, "row %zu", i);
    inspect_tree_free(&tree);
}

/* A name that would fill the screen is cut in text; its length is told. */
Test(show, long_names)
{
    static uint8_t message[32 + 512];
    const spnego_bytes token = {message, sizeof message};
    const inspect_view view = {"x", 0, INSPECT_RAW, INSPECT_SCHEME_NONE, NULL, 0, 0, 0, 0};
    inspect_text out = {0};

    memset(message, 'A', sizeof message);
    memcpy(message, "NTLMSSP\0\2\0\0\0\0\2\0\2\x20\0\0\0\2\x02\x08\0", 24);
    read_octets(token);
    inspect_render_text(&out, &reading, &view);
    inspect_text_putc(&out, 0);
    cr_expect_not_null(strstr(out.data, "512 octets"));
    cr_expect_lt(out.len, 1000u);
    inspect_text_free(&out);
}

/* ---- Values ---------------------------------------------------------------------------------- */

static const char *filetime(uint64_t number)
{
    static char out[64];
    inspect_text text = {0};

    snprintf(out, sizeof out, "%s", "none");
    if (inspect_put_filetime(&text, number))
        snprintf(out, sizeof out, "%.*s", (int)text.len, text.data);
    inspect_text_free(&text);
    return out;
}

/* Known from elsewhere: Python's datetime, counting from 1601-01-01. */
Test(value, filetime)
{
    cr_expect_str_eq(filetime(0), "1601-01-01T00:00:00.0000000Z");
    cr_expect_str_eq(filetime(116444736000000000), "1970-01-01T00:00:00.0000000Z");
    cr_expect_str_eq(filetime(125963423999999999), "2000-02-29T23:59:59.9999999Z");
    cr_expect_str_eq(filetime(94354847999999999), "1899-12-31T23:59:59.9999999Z");
    cr_expect_str_eq(filetime(94405824000000000), "1900-03-01T00:00:00.0000000Z");
    cr_expect_str_eq(filetime(2650467743999999999), "9999-12-31T23:59:59.9999999Z");
    cr_expect_str_eq(filetime(2650467744000000000), "none");
    cr_expect_str_eq(filetime(UINT64_MAX), "none");
}

static const char *text_of(void (*put)(inspect_text *, spnego_bytes), const char *hex)
{
    static char out[256];
    inspect_text text = {0};

    put(&text, der_of(hex));
    snprintf(out, sizeof out, "%.*s", (int)text.len, text.data != NULL ? text.data : "");
    inspect_text_free(&text);
    return out;
}

/* NEX-04: little-endian but for the last two groups. */
Test(value, guid)
{
    cr_expect_str_eq(text_of(inspect_put_guid, PKU2U), "0d53335c-f9ea-4d0d-b2ec-4ae3786ec308");
}

Test(value, time)
{
    cr_expect_str_eq(text_of(inspect_put_time, "32303236313132313139303134365a"),
                     "2026-11-21T19:01:46Z");
    cr_expect_str_eq(text_of(inspect_put_time, "32303236313132313139303134365b"),
                     "20261121190146[");
    cr_expect_str_eq(text_of(inspect_put_time, "3230323631313231313930310034365a"),
                     "202611211901\\u000046Z");
}

Test(value, utf16)
{
    static const uint8_t pair[] = {0x3d, 0xd8, 0x00, 0xde};
    const spnego_bytes half = {pair, 2};
    inspect_text text = {0};

    cr_expect_str_eq(text_of(inspect_text_put_utf16, "41 00 e9 00 ac 20 3d d8 00 de"),
                     "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    cr_expect_str_eq(text_of(inspect_text_put_utf16, "1b 00 2e 20 22 00 00 00"),
                     "\\u001b\\u202e\\\"\\u0000");
    cr_expect_str_eq(text_of(inspect_text_put_utf16, "3d d8 41 00"), "\xef\xbf\xbd"
                                                                     "A");
    /* What stands behind the text is not of it. */
    inspect_text_put_utf16(&text, half);
    cr_expect(text.len == 3 && memcmp(text.data, "\xef\xbf\xbd", 3) == 0);
    inspect_text_free(&text);
    cr_expect_str_eq(text_of(inspect_text_put_utf16, "00 de 3d d8 41"),
                     "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}
