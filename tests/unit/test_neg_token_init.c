/* token/neg_token_init.c: NegTokenInit (RFC 4178 4.2.1) and NegTokenInit2 (MS-SPNG 2.2.1). */
#include "token/neg_token_init.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "../support.h"

/* The fields begin at 14 in a framed token of less than 128 octets: frame 2, thisMech 8, [0] 2,
 * SEQUENCE 2. */
#define FIELDS 14

/* What the fields of a token must be; NULL is absent, "" is empty. */
typedef struct reading {
    const char *description, *notation;
    spnego_token_type type;
    size_t num_mech_types;
    const char *mech_types, *req_flags, *mech_token, *neg_hints, *hint_name, *hint_address,
        *mech_list_mic, *unknown_fields;
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

    cr_expect_eq(token.type, row->type, "%s: type %d", row->description, token.type);
    cr_expect_eq(token.framed, 1, "%s", row->description);
    cr_expect_eq(token.num_mech_types, row->num_mech_types, "%s", row->description);
    check_view(row->description, "mech_types", token.mech_types, row->mech_types, in);
    check_view(row->description, "req_flags", token.req_flags, row->req_flags, in);
    check_view(row->description, "mech_token", token.mech_token, row->mech_token, in);
    check_view(row->description, "neg_hints", token.neg_hints, row->neg_hints, in);
    check_view(row->description, "hint_name", token.hint_name, row->hint_name, in);
    check_view(row->description, "hint_address", token.hint_address, row->hint_address, in);
    check_view(row->description, "mech_list_mic", token.mech_list_mic, row->mech_list_mic, in);
    check_view(row->description, "unknown", token.unknown_fields, row->unknown_fields, in);
    check_view(row->description, "supported_mech", token.supported_mech, NULL, in);
    check_view(row->description, "response_token", token.response_token, NULL, in);
    cr_expect_eq(token.has_neg_state, 0, "%s", row->description);
    cr_expect(token.whole.data == in.data && token.whole.len == in.len, "%s: whole",
              row->description);
    cr_expect(token.negotiation_token.data[0] == 0xa0 &&
                  token.negotiation_token.data + token.negotiation_token.len == in.data + in.len,
              "%s: negotiation_token", row->description);
}

#define LIST_KRB5 "30{" OID_KRB5 "}"

Test(neg_token_init, fields_of_rfc_4178)
{
    static const reading rows[] = {
        {.description = "mechTypes alone",
         .notation = INIT(MECH_TYPES_KRB5),
         .type = SPNEGO_NEG_TOKEN_INIT,
         .num_mech_types = 1,
         .mech_types = LIST_KRB5},
        {.description = "all fields",
         .notation = INIT(MECH_TYPES_OF(OID_KRB5 OID_NTLM) REQ_FLAGS_OF("0142")
                              MECH_TOKEN_OF("0102") INIT_MIC_OF("0304")),
         .type = SPNEGO_NEG_TOKEN_INIT,
         .num_mech_types = 2,
         .mech_types = "30{" OID_KRB5 OID_NTLM "}",
         .req_flags = "0142",
         .mech_token = "0102",
         .mech_list_mic = "0304"},
        {.description = "empty mechToken is not an absent one, SPN-33",
         .notation = INIT(MECH_TYPES_KRB5 MECH_TOKEN_OF("")),
         .type = SPNEGO_NEG_TOKEN_INIT,
         .num_mech_types = 1,
         .mech_types = LIST_KRB5,
         .mech_token = ""},
        {.description = "empty mechListMIC is not an absent one",
         .notation = INIT(MECH_TYPES_KRB5 INIT_MIC_OF("")),
         .type = SPNEGO_NEG_TOKEN_INIT,
         .num_mech_types = 1,
         .mech_types = LIST_KRB5,
         .mech_list_mic = ""},
        {.description = "no flag set, X.690 11.2.2 note 2",
         .notation = INIT(MECH_TYPES_KRB5 REQ_FLAGS_OF("00")),
         .type = SPNEGO_NEG_TOKEN_INIT,
         .num_mech_types = 1,
         .mech_types = LIST_KRB5,
         .req_flags = "00"},
        {.description = "an OID that nobody knows, SPN-28",
         .notation = INIT(MECH_TYPES_OF("06{883703}")),
         .type = SPNEGO_NEG_TOKEN_INIT,
         .num_mech_types = 1,
         .mech_types = "30{06{883703}}"},
    };
    for (size_t i = 0; i < LEN(rows); i++)
        check_reading(&rows[i]);
}

/* SPN-35: [3] is a mechListMIC if it holds an OCTET STRING and negHints if it holds a SEQUENCE. */
Test(neg_token_init, neg_token_init2_of_ms_spng)
{
    static const reading rows[] = {
        {.description = "hints, as every Windows server opens",
         .notation = INIT(MECH_TYPES_KRB5 HINTS_OF(HINT_NAME_OF(FIXED_HINT))),
         .type = SPNEGO_NEG_TOKEN_INIT2,
         .num_mech_types = 1,
         .mech_types = LIST_KRB5,
         .neg_hints = HINT_NAME_OF(FIXED_HINT),
         .hint_name = FIXED_HINT},
        {.description = "all fields",
         .notation = INIT(MECH_TYPES_KRB5 REQ_FLAGS_OF("0142") MECH_TOKEN_OF("01") HINTS_OF(
             HINT_NAME_OF("'h'") HINT_ADDRESS_OF("0a000001")) INIT2_MIC_OF("02")),
         .type = SPNEGO_NEG_TOKEN_INIT2,
         .num_mech_types = 1,
         .mech_types = LIST_KRB5,
         .req_flags = "0142",
         .mech_token = "01",
         .neg_hints = HINT_NAME_OF("'h'") HINT_ADDRESS_OF("0a000001"),
         .hint_name = "'h'",
         .hint_address = "0a000001",
         .mech_list_mic = "02"},
        {.description = "hints with nothing in them",
         .notation = INIT(MECH_TYPES_KRB5 HINTS_OF("")),
         .type = SPNEGO_NEG_TOKEN_INIT2,
         .num_mech_types = 1,
         .mech_types = LIST_KRB5,
         .neg_hints = ""},
        {.description = "empty hintName is not an absent one",
         .notation = INIT(MECH_TYPES_KRB5 HINTS_OF(HINT_NAME_OF(""))),
         .type = SPNEGO_NEG_TOKEN_INIT2,
         .num_mech_types = 1,
         .mech_types = LIST_KRB5,
         .neg_hints = HINT_NAME_OF(""),
         .hint_name = ""},
        {.description = "empty hintAddress alone",
         .notation = INIT(MECH_TYPES_KRB5 HINTS_OF(HINT_ADDRESS_OF(""))),
         .type = SPNEGO_NEG_TOKEN_INIT2,
         .num_mech_types = 1,
         .mech_types = LIST_KRB5,
         .neg_hints = HINT_ADDRESS_OF(""),
         .hint_address = ""},
        {.description = "octets of an OEM code page in hintName, SPN-41",
         .notation = INIT(MECH_TYPES_KRB5 HINTS_OF(HINT_NAME_OF("80ff00"))),
         .type = SPNEGO_NEG_TOKEN_INIT2,
         .num_mech_types = 1,
         .mech_types = LIST_KRB5,
         .neg_hints = HINT_NAME_OF("80ff00"),
         .hint_name = "80ff00"},
        {.description = "no mechTypes, OPTIONAL in MS-SPNG 2.2.1",
         .notation = INIT(HINTS_OF("")),
         .type = SPNEGO_NEG_TOKEN_INIT2,
         .neg_hints = ""},
        {.description = "[4] alone with an OCTET STRING",
         .notation = INIT(MECH_TYPES_KRB5 INIT2_MIC_OF("0102")),
         .type = SPNEGO_NEG_TOKEN_INIT2,
         .num_mech_types = 1,
         .mech_types = LIST_KRB5,
         .mech_list_mic = "0102"},
        {.description = "[4] alone with an empty OCTET STRING",
         .notation = INIT(INIT2_MIC_OF("")),
         .type = SPNEGO_NEG_TOKEN_INIT2,
         .mech_list_mic = ""},
        {.description = "[4] alone with 125 octets, the most in short lengths",
         .notation = INIT(MECH_TYPES_KRB5 INIT2_MIC_OF("77*125")),
         .type = SPNEGO_NEG_TOKEN_INIT2,
         .num_mech_types = 1,
         .mech_types = LIST_KRB5,
         .mech_list_mic = "77*125"},
        {.description = "[4] alone with 126 octets: [4] has a long length",
         .notation = INIT(MECH_TYPES_KRB5 INIT2_MIC_OF("77*126")),
         .type = SPNEGO_NEG_TOKEN_INIT2,
         .num_mech_types = 1,
         .mech_types = LIST_KRB5,
         .mech_list_mic = "77*126"},
        {.description = "[4] alone with 128 octets: both have long lengths",
         .notation = INIT(MECH_TYPES_KRB5 INIT2_MIC_OF("77*128")),
         .type = SPNEGO_NEG_TOKEN_INIT2,
         .num_mech_types = 1,
         .mech_types = LIST_KRB5,
         .mech_list_mic = "77*128"},
    };
    for (size_t i = 0; i < LEN(rows); i++)
        check_reading(&rows[i]);
}

/* RFC 4178 section 6, SPN-61 to SPN-63. */
Test(neg_token_init, unknown_fields_at_the_end)
{
    static const reading rows[] = {
        {.description = "[5]",
         .notation = INIT(MECH_TYPES_KRB5 MECH_TOKEN_OF("01") "a5{0500}"),
         .type = SPNEGO_NEG_TOKEN_INIT,
         .num_mech_types = 1,
         .mech_types = LIST_KRB5,
         .mech_token = "01",
         .unknown_fields = "a5{0500}"},
        {.description = "two of them",
         .notation = INIT(MECH_TYPES_KRB5 "a5{0500} a6{}"),
         .type = SPNEGO_NEG_TOKEN_INIT,
         .num_mech_types = 1,
         .mech_types = LIST_KRB5,
         .unknown_fields = "a5{0500} a600"},
        {.description = "high-tag-number form",
         .notation = INIT(MECH_TYPES_KRB5 "bf8148{0500}"),
         .type = SPNEGO_NEG_TOKEN_INIT,
         .num_mech_types = 1,
         .mech_types = LIST_KRB5,
         .unknown_fields = "bf8148{0500}"},
        {.description = "a universal tag",
         .notation = INIT(MECH_TYPES_KRB5 "04{0102}"),
         .type = SPNEGO_NEG_TOKEN_INIT,
         .num_mech_types = 1,
         .mech_types = LIST_KRB5,
         .unknown_fields = "04{0102}"},
        {.description = "[4] after [3] with a MIC: that [3] is RFC 4178's, so [4] is unknown",
         .notation = INIT(MECH_TYPES_KRB5 INIT_MIC_OF("01") INIT2_MIC_OF("02")),
         .type = SPNEGO_NEG_TOKEN_INIT,
         .num_mech_types = 1,
         .mech_types = LIST_KRB5,
         .mech_list_mic = "01",
         .unknown_fields = INIT2_MIC_OF("02")},
        {.description = "[4] alone, but with a SEQUENCE",
         .notation = INIT(MECH_TYPES_KRB5 "a4{30{}}"),
         .type = SPNEGO_NEG_TOKEN_INIT,
         .num_mech_types = 1,
         .mech_types = LIST_KRB5,
         .unknown_fields = "a4{3000}"},
        {.description = "[4] alone, with nothing in it",
         .notation = INIT(MECH_TYPES_KRB5 "a400"),
         .type = SPNEGO_NEG_TOKEN_INIT,
         .num_mech_types = 1,
         .mech_types = LIST_KRB5,
         .unknown_fields = "a400"},
        {.description = "after a NegTokenInit2",
         .notation = INIT(MECH_TYPES_KRB5 HINTS_OF("") INIT2_MIC_OF("01") "a5{0500}"),
         .type = SPNEGO_NEG_TOKEN_INIT2,
         .num_mech_types = 1,
         .mech_types = LIST_KRB5,
         .neg_hints = "",
         .mech_list_mic = "01",
         .unknown_fields = "a5{0500}"},
    };
    for (size_t i = 0; i < LEN(rows); i++)
        check_reading(&rows[i]);
}

Test(neg_token_init, refused)
{
    static const refusal rows[] = {
        {"no field at all, SPN-23", INIT(""), 0, SPNEGO_RULE_MECH_TYPES_MISSING,
         SPNEGO_FIELD_MECH_TYPES, FIELDS, 0},
        {"no mechTypes, but a mechToken", INIT(MECH_TOKEN_OF("01")), 0,
         SPNEGO_RULE_MECH_TYPES_MISSING, SPNEGO_FIELD_MECH_TYPES, FIELDS + 5, 0},
        {"empty mechTypes, SPN-24", INIT(MECH_TYPES_OF("")), 0, SPNEGO_RULE_MECH_TYPES_EMPTY,
         SPNEGO_FIELD_MECH_TYPES, FIELDS + 2, 2},
        {"nothing inside [0]", INIT("a000"), 0, SPNEGO_RULE_DER_ELEMENT_MISSING,
         SPNEGO_FIELD_MECH_TYPES, FIELDS + 2, 0},
        {"surplus after the list inside [0], SPN-20", INIT("a0{30{" OID_KRB5 "} 0500}"),
         SPNEGO_TOLERATE_ALL, SPNEGO_RULE_DER_SURPLUS_INSIDE, SPNEGO_FIELD_MECH_TYPES, FIELDS + 15,
         2},
        {"an OID without its list", INIT("a0{" OID_KRB5 "}"), SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_DER_TAG_UNEXPECTED, SPNEGO_FIELD_MECH_TYPES, FIELDS + 2, 1},
        {"mechToken constructed, SPN-22", INIT(MECH_TYPES_KRB5 "a2{24{040101}}"),
         SPNEGO_TOLERATE_ALL, SPNEGO_RULE_DER_STRING_CONSTRUCTED, SPNEGO_FIELD_MECH_TOKEN,
         FIELDS + 17, 1},
        {"mechToken is a BIT STRING", INIT(MECH_TYPES_KRB5 "a2{03{0001}}"), SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_DER_TAG_UNEXPECTED, SPNEGO_FIELD_MECH_TOKEN, FIELDS + 17, 1},
        {"two OCTET STRINGs in [2]", INIT(MECH_TYPES_KRB5 "a2{040101 040102}"), SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_DER_SURPLUS_INSIDE, SPNEGO_FIELD_MECH_TOKEN, FIELDS + 20, 3},
        {"mechListMIC is an INTEGER", INIT(MECH_TYPES_KRB5 "a3{020101}"), SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_DER_TAG_UNEXPECTED, SPNEGO_FIELD_MECH_LIST_MIC, FIELDS + 17, 1},
        {"surplus after the SEQUENCE", FRAME("a0{30{" MECH_TYPES_KRB5 "} 0500}"),
         SPNEGO_TOLERATE_ALL, SPNEGO_RULE_DER_SURPLUS_INSIDE, SPNEGO_FIELD_CHOICE, FIELDS + 15, 2},
        {"SET for SEQUENCE", FRAME("a0{31{" MECH_TYPES_KRB5 "}}"), SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_DER_TAG_UNEXPECTED, SPNEGO_FIELD_SEQUENCE, 12, 1},
        {"no SEQUENCE, SPN-19", FRAME("a0{" MECH_TYPES_KRB5 "}"), SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_DER_TAG_UNEXPECTED, SPNEGO_FIELD_SEQUENCE, 12, 1},
        {"[0] holds nothing", FRAME("a000"), SPNEGO_TOLERATE_ALL, SPNEGO_RULE_DER_ELEMENT_MISSING,
         SPNEGO_FIELD_SEQUENCE, 12, 0},
        {"end of contents after the fields", INIT(MECH_TYPES_KRB5 "0000"), SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_DER_TAG_MALFORMED, SPNEGO_FIELD_UNKNOWN, FIELDS + 15, 1},
        {"unknown field past the end, SPN-62", INIT(MECH_TYPES_KRB5 "a50155 a50255"),
         SPNEGO_TOLERATE_ALL, SPNEGO_RULE_DER_LENGTH_OUTSIDE, SPNEGO_FIELD_UNKNOWN, FIELDS + 19, 1},
        {"mechTypes in high-tag-number form", INIT("bf00{30{" OID_KRB5 "}}"), SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_DER_TAG_MALFORMED, SPNEGO_FIELD_UNKNOWN, FIELDS, 2},
    };
    check_refusals(rows, LEN(rows));
}

/* A tag is a class and a number (X.690 8.1.2.2); an explicit tag is constructed (X.690 8.14.3).  So
 * [2] in primitive form is mechToken, badly written, and not a field that nobody knows. */
Test(neg_token_init, known_fields_in_primitive_form_are_no_unknown_fields)
{
    static const char *const tokens[] = {
        INIT("80{" OID_KRB5 "}"),
        INIT(MECH_TYPES_KRB5 "81{0142}"),
        INIT(MECH_TYPES_KRB5 "82{01}"),
        INIT(MECH_TYPES_KRB5 "83{01}"),
        INIT(MECH_TYPES_KRB5 MECH_TOKEN_OF("01") "82{01}"),
    };

    for (size_t i = 0; i < LEN(tokens); i++) {
        spnego_token token;
        cr_expect_neq(spnego_token_decode(&token, NULL, der_of(tokens[i]), SPNEGO_TOLERATE_NOTHING),
                      SPNEGO_RULE_NONE, "%s is accepted", tokens[i]);
    }
}

Test(neg_token_init, refused_neg_hints)
{
    /* MS-SPNG 2.2.1: NegHints has no extension mark. */
    static const refusal rows[] = {
        {"[0] inside negHints holds an OCTET STRING", INIT(HINTS_OF("a0{040101}")),
         SPNEGO_TOLERATE_ALL, SPNEGO_RULE_DER_TAG_UNEXPECTED, SPNEGO_FIELD_HINT_NAME, FIELDS + 6,
         1},
        {"hintName constructed", INIT(HINTS_OF("a0{3b{1b0101}}")), SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_DER_STRING_CONSTRUCTED, SPNEGO_FIELD_HINT_NAME, FIELDS + 6, 1},
        {"surplus inside [0] of negHints", INIT(HINTS_OF("a0{1b0168 0500}")), SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_DER_SURPLUS_INSIDE, SPNEGO_FIELD_HINT_NAME, FIELDS + 9, 2},
        {"[1] inside negHints holds a GeneralString", INIT(HINTS_OF("a1{1b0101}")),
         SPNEGO_TOLERATE_ALL, SPNEGO_RULE_DER_TAG_UNEXPECTED, SPNEGO_FIELD_HINT_ADDRESS, FIELDS + 6,
         1},
        {"unknown [2] inside negHints", INIT(HINTS_OF(HINT_NAME_OF("'h'") "a2{0500}")),
         SPNEGO_TOLERATE_ALL, SPNEGO_RULE_DER_SURPLUS_INSIDE, SPNEGO_FIELD_NEG_HINTS, FIELDS + 9,
         4},
        {"hintName twice", INIT(HINTS_OF(HINT_NAME_OF("'h'") HINT_NAME_OF("'h'"))),
         SPNEGO_TOLERATE_ALL, SPNEGO_RULE_DER_SURPLUS_INSIDE, SPNEGO_FIELD_NEG_HINTS, FIELDS + 9,
         5},
        {"hintAddress before hintName", INIT(HINTS_OF(HINT_ADDRESS_OF("") HINT_NAME_OF(""))),
         SPNEGO_TOLERATE_NOTHING, SPNEGO_RULE_DER_SURPLUS_INSIDE, SPNEGO_FIELD_NEG_HINTS,
         FIELDS + 8, 4},
        {"surplus after negHints inside [3]", INIT("a3{30{} 0500}"), SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_DER_SURPLUS_INSIDE, SPNEGO_FIELD_NEG_HINTS, FIELDS + 4, 2},
        {"[3] holds nothing", INIT(MECH_TYPES_KRB5 "a300"), SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_DER_ELEMENT_MISSING, SPNEGO_FIELD_MECH_LIST_MIC, FIELDS + 17, 0},
        {"[4] after negHints must be the MIC", INIT(MECH_TYPES_KRB5 HINTS_OF("") "a4{30{}}"),
         SPNEGO_TOLERATE_ALL, SPNEGO_RULE_DER_TAG_UNEXPECTED, SPNEGO_FIELD_MECH_LIST_MIC,
         FIELDS + 21, 1},
        {"no mechTypes and [4] with a MIC after [3] with one",
         INIT(INIT_MIC_OF("") INIT2_MIC_OF("")), SPNEGO_TOLERATE_NOTHING,
         SPNEGO_RULE_MECH_TYPES_MISSING, SPNEGO_FIELD_MECH_TYPES, FIELDS + 8, 0},
    };
    check_refusals(rows, LEN(rows));
}

/* ContextFlags: a named bit list of at most 32 bits, RFC 4178 4.2.1, X.690 8.6 and 11.2. */
Test(neg_token_init, req_flags)
{
    static const struct {
        const char *description, *contents;
        spnego_rule rule;
    } rows[] = {
        {"none set", "00", SPNEGO_RULE_NONE},
        {"delegFlag, bit 0", "0780", SPNEGO_RULE_NONE},
        {"mutualFlag and integFlag", "0142", SPNEGO_RULE_NONE},
        {"bit 7", "0001", SPNEGO_RULE_NONE},
        {"bit 31", "0000000001", SPNEGO_RULE_NONE},
        {"bit 0 in eight bits", "0080", SPNEGO_RULE_REQ_FLAGS_NOT_TRIMMED},
        {"bit 0 in two bits", "0680", SPNEGO_RULE_REQ_FLAGS_NOT_TRIMMED},
        {"none set in eight bits", "0000", SPNEGO_RULE_REQ_FLAGS_NOT_TRIMMED},
        {"32 bits, as the SIZE of RFC 4178 suggests", "0040000000",
         SPNEGO_RULE_REQ_FLAGS_NOT_TRIMMED},
        {"bit 0 and a last octet of zeros", "008000", SPNEGO_RULE_REQ_FLAGS_NOT_TRIMMED},
        {"33 bits", "07 0000000080", SPNEGO_RULE_REQ_FLAGS_MALFORMED},
        {"40 bits", "00 ff*5", SPNEGO_RULE_REQ_FLAGS_MALFORMED},
        {"no octets", "", SPNEGO_RULE_REQ_FLAGS_MALFORMED},
        {"unused bits of nothing, X.690 8.6.2.3", "01", SPNEGO_RULE_REQ_FLAGS_MALFORMED},
        {"eight unused bits, X.690 8.6.2.2", "0800", SPNEGO_RULE_REQ_FLAGS_MALFORMED},
        {"35 unused bits", "2342", SPNEGO_RULE_REQ_FLAGS_MALFORMED},
        {"unused bit set, X.690 11.2.1", "0143", SPNEGO_RULE_REQ_FLAGS_MALFORMED},
        {"seven unused bits, the lowest set", "0781", SPNEGO_RULE_REQ_FLAGS_MALFORMED},
    };

    for (size_t i = 0; i < LEN(rows); i++) {
        char notation[256];
        spnego_token token;
        spnego_finding fault;
        spnego_rule rule;

        sprintf(notation, "60{" OID_SPNEGO "a0{30{" MECH_TYPES_KRB5 "a1{03{%s}}}}}",
                rows[i].contents);
        rule = spnego_token_decode(&token, &fault, der_of(notation), SPNEGO_TOLERATE_NOTHING);
        cr_expect_eq(rule, rows[i].rule, "%s: %s", rows[i].description,
                     spnego_rule_describe(rule)->name);
        if (rows[i].rule == SPNEGO_RULE_NONE) {
            const spnego_bytes want = der_of(rows[i].contents);
            cr_expect(same_octets(token.req_flags, want), "%s", rows[i].description);
            check_encodes(rows[i].description, &token, der_of(notation));
        } else {
            const spnego_bytes contents = der_of(rows[i].contents);
            cr_expect_eq(fault.field, SPNEGO_FIELD_REQ_FLAGS, "%s", rows[i].description);
            cr_expect(fault.offset == FIELDS + 19 && fault.len == contents.len,
                      "%s: at %zu, %zu octets", rows[i].description, fault.offset, fault.len);
            /* What is not read is not written either. */
            token = (spnego_token){.type = SPNEGO_NEG_TOKEN_INIT,
                                   .framed = 1,
                                   .mech_types = der_of("30{" OID_KRB5 "}"),
                                   .req_flags = contents};
            cr_expect_eq(spnego_token_encode(&(spnego_bytes){NULL, 0}, NULL, 0, &token),
                         rows[i].rule, "%s: written", rows[i].description);
        }
    }
}

/* A decoded token holds all that writing needs. */
/* SPN-54: there is one encoding, so what was read is what is written. */
Test(neg_token_init, written_as_read)
{
    static const char *const tokens[] = {
        INIT(MECH_TYPES_KRB5),
        INIT(MECH_TYPES_OF(OID_NTLM OID_KRB5 OID_NTLM)),
        INIT(MECH_TYPES_KRB5 REQ_FLAGS_OF("0142") MECH_TOKEN_OF("0102") INIT_MIC_OF("0304")),
        INIT(MECH_TYPES_KRB5 MECH_TOKEN_OF("") INIT_MIC_OF("")),
        INIT(HINTS_OF("")),
        INIT(MECH_TYPES_KRB5 HINTS_OF(HINT_NAME_OF(""))),
        INIT(HINTS_OF(HINT_ADDRESS_OF("01")) INIT2_MIC_OF("")),
        INIT(MECH_TYPES_KRB5 REQ_FLAGS_OF("00") MECH_TOKEN_OF("")
                 HINTS_OF(HINT_NAME_OF("'h'") HINT_ADDRESS_OF("")) INIT2_MIC_OF("02")),
        INIT(INIT2_MIC_OF("02")),
    };

    for (size_t i = 0; i < LEN(tokens); i++) {
        const spnego_bytes in = der_of(tokens[i]);
        const spnego_token token = decode_or_fail(tokens[i], in, SPNEGO_TOLERATE_NOTHING);
        check_encodes(tokens[i], &token, in);
    }
}

Test(neg_token_init, bare_form_is_written_where_no_frame_is_asked_for)
{
    const spnego_token token = {.type = SPNEGO_NEG_TOKEN_INIT,
                                .mech_types = der_of("30{" OID_KRB5 "}")};

    check_encodes("bare", &token, der_of(INIT_BARE(MECH_TYPES_KRB5)));
}

Test(neg_token_init, writing_refuses)
{
    static const struct {
        const char *description;
        spnego_token_type type;
        const char *mech_types, *neg_hints;
        spnego_rule rule;
    } rows[] = {
        {"no mechTypes, RFC 4178 4.2.1", SPNEGO_NEG_TOKEN_INIT, NULL, NULL,
         SPNEGO_RULE_MECH_TYPES_MISSING},
        {"NegTokenInit2 that would be read as a NegTokenInit without mechTypes",
         SPNEGO_NEG_TOKEN_INIT2, NULL, NULL, SPNEGO_RULE_MECH_TYPES_MISSING},
        {"empty mechTypes", SPNEGO_NEG_TOKEN_INIT, "3000", NULL, SPNEGO_RULE_MECH_TYPES_EMPTY},
        {"empty mechTypes in NegTokenInit2", SPNEGO_NEG_TOKEN_INIT2, "3000", "",
         SPNEGO_RULE_MECH_TYPES_EMPTY},
        {"SPNEGO in mechTypes, RFC 4178 3.1", SPNEGO_NEG_TOKEN_INIT, "30{" OID_SPNEGO "}", NULL,
         SPNEGO_RULE_MECH_TYPES_HAVE_SPNEGO},
        {"malformed OID in mechTypes", SPNEGO_NEG_TOKEN_INIT, "30{06022a86}", NULL,
         SPNEGO_RULE_OID_ARC_UNFINISHED},
        {"mechTypes with its [0]", SPNEGO_NEG_TOKEN_INIT, MECH_TYPES_KRB5, NULL,
         SPNEGO_RULE_DER_TAG_UNEXPECTED},
        {"mechTypes with long lengths", SPNEGO_NEG_TOKEN_INIT, "30810b 06092a864886f712010202",
         NULL, SPNEGO_RULE_DER_LENGTH_NOT_MINIMAL},
    };

    for (size_t i = 0; i < LEN(rows); i++) {
        spnego_token token = {.type = rows[i].type, .framed = 1};
        uint8_t buf[64];
        spnego_bytes der = {buf, 1};

        if (rows[i].mech_types != NULL)
            token.mech_types = der_of(rows[i].mech_types);
        if (rows[i].neg_hints != NULL)
            token.neg_hints = der_of(rows[i].neg_hints);
        cr_expect_eq(spnego_token_encode(&der, buf, sizeof buf, &token), rows[i].rule, "%s",
                     rows[i].description);
        cr_expect(der.data == NULL && der.len == 0, "%s: not absent", rows[i].description);
    }
}

/* Writing takes the presence of neg_hints and the two hints; num_mech_types is not looked at. */
Test(neg_token_init, read_only_fields_do_not_matter_for_writing)
{
    spnego_token token = {.type = SPNEGO_NEG_TOKEN_INIT2,
                          .framed = 1,
                          .num_mech_types = 77,
                          .mech_types = der_of("30{" OID_KRB5 "}"),
                          .neg_hints = der_of("ffff"),
                          .hint_name = der_of("'h'"),
                          .unknown_fields = der_of("a5{}"),
                          .negotiation_token = der_of("00"),
                          .whole = der_of("00"),
                          .tolerated = SPNEGO_TOLERATE_ALL};

    check_encodes("hints", &token, der_of(INIT(MECH_TYPES_KRB5 HINTS_OF(HINT_NAME_OF("'h'")))));
}
