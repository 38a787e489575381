/* token/neg_token_resp.c: NegTokenResp (RFC 4178 4.2.2). */
#include "token/neg_token_resp.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "../support.h"

/* The fields begin at 4 in a token of less than 128 octets. */
#define FIELDS 4

#define NO_STATE (-1)

/* What the fields of a token must be; NULL is absent, "" is empty. */
typedef struct reading {
    const char *description, *notation;
    int neg_state;
    const char *supported_mech, *response_token, *mech_list_mic, *unknown_fields;
} reading;

static void check_view(const char *description, const char *field, spnego_bytes got,
                       const char *want, spnego_bytes in)
{
    const spnego_bytes none = {NULL, 0};

    cr_expect(same_octets(got, want == NULL ? none : der_of(want)), "%s: %s is %s, expected %s",
              description, field, hex_of(got), want == NULL ? "absent" : want);
    cr_expect(got.data == NULL || (got.data >= in.data && got.data + got.len <= in.data + in.len),
              "%s: %s is no view of the input", description, field);
}

static void check_reading(const reading *row)
{
    const spnego_bytes in = der_of(row->notation);
    const spnego_token token = decode_or_fail(row->description, in, SPNEGO_TOLERATE_NOTHING);

    cr_expect_eq(token.type, SPNEGO_NEG_TOKEN_RESP, "%s", row->description);
    cr_expect_eq(token.framed, 0, "%s", row->description);
    cr_expect_eq(token.has_neg_state, row->neg_state != NO_STATE, "%s", row->description);
    if (row->neg_state != NO_STATE)
        cr_expect_eq(token.neg_state, row->neg_state, "%s", row->description);
    check_view(row->description, "supported_mech", token.supported_mech, row->supported_mech, in);
    check_view(row->description, "response_token", token.response_token, row->response_token, in);
    check_view(row->description, "mech_list_mic", token.mech_list_mic, row->mech_list_mic, in);
    check_view(row->description, "unknown", token.unknown_fields, row->unknown_fields, in);
    check_view(row->description, "mech_types", token.mech_types, NULL, in);
    check_view(row->description, "mech_token", token.mech_token, NULL, in);
    check_view(row->description, "neg_hints", token.neg_hints, NULL, in);
    cr_expect(same_octets(token.whole, in) && token.whole.data == in.data, "%s: whole",
              row->description);
    cr_expect(token.negotiation_token.data == in.data && token.negotiation_token.len == in.len,
              "%s: negotiation_token", row->description);
}

Test(neg_token_resp, fields)
{
    static const reading rows[] = {
        {"reject, nothing else", "a1073005a0030a0102", SPNEGO_REJECT, NULL, NULL, NULL, NULL},
        {"accept-completed only", "a1073005a0030a0100", SPNEGO_ACCEPT_COMPLETED, NULL, NULL, NULL,
         NULL},
        {"accept-incomplete only", "a1073005a0030a0101", SPNEGO_ACCEPT_INCOMPLETE, NULL, NULL, NULL,
         NULL},
        {"completed with the truncated krb5, requirements.md",
         "a1143012a0030a0100a10b06092a864882f712010202", SPNEGO_ACCEPT_COMPLETED,
         "2a864882f712010202", NULL, NULL, NULL},
        {"request-mic with NTLM, requirements.md", "a1153013a0030a0103a10c060a2b06010401823702020a",
         SPNEGO_REQUEST_MIC, "2b06010401823702020a", NULL, NULL, NULL},
        {"all fields",
         RESP(NEG_STATE_OF("01") SUPPORTED_MECH_OF(OID_KRB5) RESPONSE_OF("0102")
                  RESP_MIC_OF("0304")),
         SPNEGO_ACCEPT_INCOMPLETE, "2a864886f712010202", "0102", "0304", NULL},
        {"no field at all, SPN-52", "a1023000", NO_STATE, NULL, NULL, NULL, NULL},
        {"no negState, SPN-43", RESP(RESPONSE_OF("01")), NO_STATE, NULL, "01", NULL, NULL},
        {"supportedMech without negState: the lint's affair", RESP(SUPPORTED_MECH_OF(OID_KRB5)),
         NO_STATE, "2a864886f712010202", NULL, NULL, NULL},
        {"empty responseToken, SPN-50", RESP(NEG_STATE_OF("00") "a2020400"),
         SPNEGO_ACCEPT_COMPLETED, NULL, "", NULL, NULL},
        {"empty mechListMIC, SPN-50", RESP(NEG_STATE_OF("00") "a3020400"), SPNEGO_ACCEPT_COMPLETED,
         NULL, NULL, "", NULL},
        {"MIC alone", RESP(RESP_MIC_OF("0102")), NO_STATE, NULL, NULL, "0102", NULL},
        {"unknown [4], RFC 4178 section 6", RESP(NEG_STATE_OF("00") "a4{040101}"),
         SPNEGO_ACCEPT_COMPLETED, NULL, NULL, NULL, "a403040101"},
        {"unknown alone", RESP("a5{0500}"), NO_STATE, NULL, NULL, NULL, "a5020500"},
        {"unknown in high-tag-number form", RESP(RESPONSE_OF("01") "bf1f{}"), NO_STATE, NULL, "01",
         NULL, "bf1f00"},
        {"unknown high-tag-number, application class", RESP(RESPONSE_OF("01") "7f8101{0500}"),
         NO_STATE, NULL, "01", NULL, "7f8101020500"},
    };
    for (size_t i = 0; i < LEN(rows); i++)
        check_reading(&rows[i]);
}

Test(neg_token_resp, refused)
{
    static const refusal rows[] = {
        {"negState empty, X.690 8.3.1", RESP("a0{0a{}}"), SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_NEG_STATE_NOT_ONE_OCTET, SPNEGO_FIELD_NEG_STATE, FIELDS + 4, 0},
        {"negState of two octets", RESP("a0{0a{0001}}"), SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_NEG_STATE_NOT_ONE_OCTET, SPNEGO_FIELD_NEG_STATE, FIELDS + 4, 2},
        {"negState of nine octets", RESP("a0{0a{00*8 01}}"), SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_NEG_STATE_NOT_ONE_OCTET, SPNEGO_FIELD_NEG_STATE, FIELDS + 4, 9},
        {"negState 4", RESP("a0{0a{04}}"), 0, SPNEGO_RULE_NEG_STATE_UNKNOWN, SPNEGO_FIELD_NEG_STATE,
         FIELDS + 4, 1},
        {"negState 127", RESP("a0{0a{7f}}"), 0, SPNEGO_RULE_NEG_STATE_UNKNOWN,
         SPNEGO_FIELD_NEG_STATE, FIELDS + 4, 1},
        {"negState -1", RESP("a0{0a{ff}}"), 0, SPNEGO_RULE_NEG_STATE_UNKNOWN,
         SPNEGO_FIELD_NEG_STATE, FIELDS + 4, 1},
        {"negState -128", RESP("a0{0a{80}}"), 0, SPNEGO_RULE_NEG_STATE_UNKNOWN,
         SPNEGO_FIELD_NEG_STATE, FIELDS + 4, 1},
        {"negState as INTEGER", RESP("a0{020101}"), SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_DER_TAG_UNEXPECTED, SPNEGO_FIELD_NEG_STATE, FIELDS + 2, 1},
        {"negState constructed, SPN-22", RESP("a0{2a{0a0101}}"), SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_DER_STRING_CONSTRUCTED, SPNEGO_FIELD_NEG_STATE, FIELDS + 2, 1},
        {"negState twice inside [0]", RESP("a0{0a0100 0a0100}"), SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_DER_SURPLUS_INSIDE, SPNEGO_FIELD_NEG_STATE, FIELDS + 5, 3},
        {"nothing in [0]", RESP("a000"), SPNEGO_TOLERATE_ALL, SPNEGO_RULE_DER_ELEMENT_MISSING,
         SPNEGO_FIELD_NEG_STATE, FIELDS + 2, 0},
        {"supportedMech empty, X.690 8.19.2", RESP(SUPPORTED_MECH_OF("0600")), SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_OID_EMPTY, SPNEGO_FIELD_SUPPORTED_MECH, FIELDS + 4, 0},
        {"supportedMech padded", RESP(SUPPORTED_MECH_OF("06{2a8001}")), SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_OID_ARC_PADDED, SPNEGO_FIELD_SUPPORTED_MECH, FIELDS + 5, 1},
        {"supportedMech unfinished", RESP(SUPPORTED_MECH_OF("06{2a86}")), SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_OID_ARC_UNFINISHED, SPNEGO_FIELD_SUPPORTED_MECH, FIELDS + 5, 1},
        {"supportedMech's length not minimal", RESP("a1{068109 2a864886f712010202}"), 0,
         SPNEGO_RULE_OID_LENGTH_NOT_MINIMAL, SPNEGO_FIELD_SUPPORTED_MECH, FIELDS + 3, 2},
        {"supportedMech is a list", RESP("a1{30{" OID_KRB5 "}}"), SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_DER_TAG_UNEXPECTED, SPNEGO_FIELD_SUPPORTED_MECH, FIELDS + 2, 1},
        {"two OIDs in [1]", RESP("a1{" OID_KRB5 OID_NTLM "}"), SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_DER_SURPLUS_INSIDE, SPNEGO_FIELD_SUPPORTED_MECH, FIELDS + 13, 12},
        {"responseToken without its OCTET STRING", RESP("a200"), SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_DER_ELEMENT_MISSING, SPNEGO_FIELD_RESPONSE_TOKEN, FIELDS + 2, 0},
        {"responseToken constructed", RESP("a2{24{040101}}"), SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_DER_STRING_CONSTRUCTED, SPNEGO_FIELD_RESPONSE_TOKEN, FIELDS + 2, 1},
        {"mechListMIC is a SEQUENCE: no negHints here", RESP("a3{3000}"), SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_DER_TAG_UNEXPECTED, SPNEGO_FIELD_MECH_LIST_MIC, FIELDS + 2, 1},
        {"no SEQUENCE, SPN-19", "a1{" NEG_STATE_OF("00") "}", SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_DER_TAG_UNEXPECTED, SPNEGO_FIELD_SEQUENCE, 2, 1},
        {"SEQUENCE in primitive form", "a1021000", SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_DER_TAG_UNEXPECTED, SPNEGO_FIELD_SEQUENCE, 2, 1},
        {"[1] holds nothing", "a100", SPNEGO_TOLERATE_ALL, SPNEGO_RULE_DER_ELEMENT_MISSING,
         SPNEGO_FIELD_SEQUENCE, 2, 0},
        {"surplus after the SEQUENCE", "a1{30{} 0500}", SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_DER_SURPLUS_INSIDE, SPNEGO_FIELD_CHOICE, 4, 2},
        {"unknown field of tag 0 at the end", RESP(NEG_STATE_OF("00") "0000"), SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_DER_TAG_MALFORMED, SPNEGO_FIELD_UNKNOWN, FIELDS + 5, 1},
        {"a field past the SEQUENCE's end", "a1073005a0030a0200", SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_DER_LENGTH_OUTSIDE, SPNEGO_FIELD_NEG_STATE, FIELDS + 3, 1},
        {"the SEQUENCE past the [1]'s end", "a1073006a0030a0100", SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_DER_LENGTH_OUTSIDE, SPNEGO_FIELD_SEQUENCE, 3, 1},
        {"the [1] past the input's end", "a1083005a0030a0100", SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_DER_TRUNCATED, SPNEGO_FIELD_CHOICE, 1, 1},
    };
    check_refusals(rows, LEN(rows));
}

/* See the same test of NegTokenInit. */
Test(neg_token_resp, known_fields_in_primitive_form_are_no_unknown_fields)
{
    static const char *const tokens[] = {
        RESP("80{00}"),
        RESP("81{2a864886f712010202}"),
        RESP(NEG_STATE_OF("01") "82{01}"),
        RESP(NEG_STATE_OF("01") "83{01}"),
        RESP(NEG_STATE_OF("01") "80{02}"),
    };

    for (size_t i = 0; i < LEN(tokens); i++) {
        spnego_token token;
        cr_expect_neq(spnego_token_decode(&token, NULL, der_of(tokens[i]), SPNEGO_TOLERATE_NOTHING),
                      SPNEGO_RULE_NONE, "%s is accepted", tokens[i]);
    }
}

Test(neg_token_resp, written_as_read)
{
    for (unsigned present = 0; present < 16; present++) {
        char notation[128];
        spnego_bytes in;
        spnego_token token;

        sprintf(notation, "a1{30{%s%s%s%s}}", present & 1 ? NEG_STATE_OF("03") : "",
                present & 2 ? SUPPORTED_MECH_OF(OID_NTLM) : "", present & 4 ? RESPONSE_OF("") : "",
                present & 8 ? RESP_MIC_OF("01") : "");
        in = der_of(notation);
        token = decode_or_fail(notation, in, SPNEGO_TOLERATE_NOTHING);
        check_encodes(notation, &token, in);
    }
}

Test(neg_token_resp, writing_refuses)
{
    static const struct {
        const char *description;
        int neg_state;
        const char *supported_mech;
        spnego_rule rule;
    } rows[] = {
        {"negState 4", 4, NULL, SPNEGO_RULE_NEG_STATE_UNKNOWN},
        {"negState -1", -1, NULL, SPNEGO_RULE_NEG_STATE_UNKNOWN},
        {"negState 256, which is 0 in one octet", 256, NULL, SPNEGO_RULE_NEG_STATE_UNKNOWN},
        {"negState 259, which is 3 in one octet", 259, NULL, SPNEGO_RULE_NEG_STATE_UNKNOWN},
        {"supportedMech empty", 0, "", SPNEGO_RULE_OID_EMPTY},
        {"supportedMech padded", 0, "2a8001", SPNEGO_RULE_OID_ARC_PADDED},
        {"supportedMech unfinished", 0, "2a86", SPNEGO_RULE_OID_ARC_UNFINISHED},
    };

    for (size_t i = 0; i < LEN(rows); i++) {
        spnego_token token = {
            .type = SPNEGO_NEG_TOKEN_RESP, .has_neg_state = 1, .neg_state = rows[i].neg_state};
        uint8_t buf[64];
        spnego_bytes der = {buf, 1};

        if (rows[i].supported_mech != NULL)
            token.supported_mech = der_of(rows[i].supported_mech);
        cr_expect_eq(spnego_token_encode(&der, buf, sizeof buf, &token), rows[i].rule, "%s",
                     rows[i].description);
        cr_expect(der.data == NULL && der.len == 0, "%s: not absent", rows[i].description);
    }
}

Test(neg_token_resp, neg_state_without_its_flag_is_not_written)
{
    const spnego_token token = {.type = SPNEGO_NEG_TOKEN_RESP, .neg_state = 77};

    check_encodes("neg_state is meaningless", &token, der_of("a1023000"));
}
