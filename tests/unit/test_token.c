/* token/token.c: any of the three messages, framed or bare. */
#include <criterion/criterion.h>
#include <spnego/token.h>
#include <string.h>

#include "../support.h"

/* ---- Fixed examples ------------------------------------------------------------------------ */

/* requirements.md, "Fixed examples", as octets. */
Test(token, fixed_examples_are_read_and_written)
{
    static const struct {
        const char *description, *notation;
        spnego_token_type type;
        int framed;
    } rows[] = {
        {"reject, nothing else", "a1073005a0030a0102", SPNEGO_NEG_TOKEN_RESP, 0},
        {"accept-completed only", "a1073005a0030a0100", SPNEGO_NEG_TOKEN_RESP, 0},
        {"completed with the truncated krb5", "a1143012a0030a0100a10b06092a864882f712010202",
         SPNEGO_NEG_TOKEN_RESP, 0},
        {"request-mic with NTLM", "a1153013a0030a0103a10c060a2b06010401823702020a",
         SPNEGO_NEG_TOKEN_RESP, 0},
        {"NegTokenInit2, krb5 only",
         "604706062b0601050502a03d303ba00d300b06092a864886f712010202a32a3028a0261b24" FIXED_HINT,
         SPNEGO_NEG_TOKEN_INIT2, 1},
    };

    for (size_t i = 0; i < LEN(rows); i++) {
        const spnego_bytes in = der_of(rows[i].notation);
        const spnego_token token = decode_or_fail(rows[i].description, in, 0);

        cr_expect_eq(token.type, rows[i].type, "%s", rows[i].description);
        cr_expect_eq(token.framed, rows[i].framed, "%s", rows[i].description);
        check_encodes(rows[i].description, &token, in);
    }
}

/* RFC 4178 5(a), App. D: what a mechListMIC covers, exactly as received. */
Test(token, mech_types_are_the_received_octets_of_the_list)
{
    const spnego_bytes in = der_of("601b 06062b0601050502 a011 300f a00d 300b "
                                   "06092a864886f712010202");
    const spnego_token token = decode_or_fail("krb5", in, 0);

    cr_expect(same_octets(token.mech_types, der_of("300b06092a864886f712010202")));
    cr_expect_eq(token.mech_types.data, in.data + 16);
}

/* The octets that were received, long lengths and all, are what the initiator signed (SPN-05). */
Test(token, mech_types_keep_long_lengths)
{
    const spnego_bytes in = der_of(FRAME("a0{30{a0{30810c 068109 2a864886f712010202}}}"));
    const spnego_token token = decode_or_fail(
        "long lengths", in, SPNEGO_TOLERATE_LONG_LENGTH | SPNEGO_TOLERATE_LONG_OID_LENGTH);

    cr_expect(same_octets(token.mech_types, der_of("30810c0681092a864886f712010202")));
}

/* ---- Refusals of the outermost layer ------------------------------------------------------- */

Test(token, refused)
{
    static const refusal rows[] = {
        {"no octets, SPN-68", "", SPNEGO_TOLERATE_ALL, SPNEGO_RULE_TOKEN_EMPTY, SPNEGO_FIELD_NONE,
         0, 0},
        {"NTLMSSP", "'NTLMSSP' 00 01000000", SPNEGO_TOLERATE_ALL, SPNEGO_RULE_TOKEN_NOT_SPNEGO,
         SPNEGO_FIELD_CHOICE, 0, 1},
        {"bare AP-REQ", "6e{3000}", SPNEGO_TOLERATE_ALL, SPNEGO_RULE_TOKEN_NOT_SPNEGO,
         SPNEGO_FIELD_CHOICE, 0, 1},
        {"bare [2], SPN-17", "a2{3000}", SPNEGO_TOLERATE_ALL, SPNEGO_RULE_TOKEN_NOT_SPNEGO,
         SPNEGO_FIELD_CHOICE, 0, 1},
        {"[1] in primitive form", "81{3000}", SPNEGO_TOLERATE_ALL, SPNEGO_RULE_TOKEN_NOT_SPNEGO,
         SPNEGO_FIELD_CHOICE, 0, 1},
        {"[2] in a frame, SPN-17", FRAME("a2{3000}"), SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_CHOICE_UNKNOWN, SPNEGO_FIELD_CHOICE, 10, 1},
        {"NegTokenResp in a frame, SPN-12", FRAME(RESP("")), 0, SPNEGO_RULE_FRAME_ON_RESPONSE,
         SPNEGO_FIELD_FRAME, 0, 1},
        {"a frame in a frame", FRAME(INIT(MECH_TYPES_KRB5)), SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_CHOICE_UNKNOWN, SPNEGO_FIELD_CHOICE, 10, 1},
        {"a SEQUENCE in a frame", FRAME("30{}"), SPNEGO_TOLERATE_ALL, SPNEGO_RULE_CHOICE_UNKNOWN,
         SPNEGO_FIELD_CHOICE, 10, 1},
        {"an octet after a bare token", RESP("") "00", 0, SPNEGO_RULE_TOKEN_TRAILING_BYTES,
         SPNEGO_FIELD_NONE, 4, 1},
        {"a whole token after a framed one", INIT(MECH_TYPES_KRB5) RESP(""), 0,
         SPNEGO_RULE_TOKEN_TRAILING_BYTES, SPNEGO_FIELD_NONE, 29, 4},
        {"surplus inside the frame", FRAME(INIT_BARE(MECH_TYPES_KRB5) "0500"), SPNEGO_TOLERATE_ALL,
         SPNEGO_RULE_DER_SURPLUS_INSIDE, SPNEGO_FIELD_FRAME, 29, 2},
        {"NegTokenInit without its frame, SPN-15", INIT_BARE(MECH_TYPES_KRB5), 0,
         SPNEGO_RULE_FRAME_MISSING, SPNEGO_FIELD_CHOICE, 0, 1},
        {"the token past the frame's end", "600e 06062b0601050502 a011300fa00d300b", 0,
         SPNEGO_RULE_DER_LENGTH_OUTSIDE, SPNEGO_FIELD_CHOICE, 11, 1},
    };
    check_refusals(rows, LEN(rows));
}

/* ---- Tolerances ---------------------------------------------------------------------------- */

/* Each tolerance with a token that needs it and nothing else. */
typedef struct tolerance {
    const char *description;
    uint32_t bit;
    spnego_rule rule;
    const char *notation;
    size_t offset, len;
} tolerance;

static const tolerance tolerances[] = {
    {"LONG_LENGTH", SPNEGO_TOLERATE_LONG_LENGTH, SPNEGO_RULE_DER_LENGTH_NOT_MINIMAL,
     "a18107 3005a0030a0100", 1, 2},
    {"LONG_LENGTH of an octet string", SPNEGO_TOLERATE_LONG_LENGTH,
     SPNEGO_RULE_DER_LENGTH_NOT_MINIMAL, RESP("a2{04820001 55}"), 7, 3},
    {"LONG_LENGTH of an unknown field", SPNEGO_TOLERATE_LONG_LENGTH,
     SPNEGO_RULE_DER_LENGTH_NOT_MINIMAL, RESP("a5820001 55"), 5, 3},
    {"LONG_OID_LENGTH of thisMech", SPNEGO_TOLERATE_LONG_OID_LENGTH,
     SPNEGO_RULE_OID_LENGTH_NOT_MINIMAL, "60{068106 2b0601050502" INIT_BARE(MECH_TYPES_KRB5) "}", 3,
     2},
    {"LONG_OID_LENGTH in mechTypes", SPNEGO_TOLERATE_LONG_OID_LENGTH,
     SPNEGO_RULE_OID_LENGTH_NOT_MINIMAL, INIT(MECH_TYPES_OF("068109 2a864886f712010202")), 19, 2},
    {"LONG_OID_LENGTH of supportedMech", SPNEGO_TOLERATE_LONG_OID_LENGTH,
     SPNEGO_RULE_OID_LENGTH_NOT_MINIMAL, RESP("a1{068109 2a864886f712010202}"), 7, 2},
    {"TRAILING_BYTES", SPNEGO_TOLERATE_TRAILING_BYTES, SPNEGO_RULE_TOKEN_TRAILING_BYTES,
     RESP("") "000000", 4, 3},
    {"TRAILING_BYTES after a frame", SPNEGO_TOLERATE_TRAILING_BYTES,
     SPNEGO_RULE_TOKEN_TRAILING_BYTES, INIT(MECH_TYPES_KRB5) "ff", 29, 1},
    {"UNTRIMMED_REQ_FLAGS", SPNEGO_TOLERATE_UNTRIMMED_REQ_FLAGS, SPNEGO_RULE_REQ_FLAGS_NOT_TRIMMED,
     INIT(MECH_TYPES_KRB5 REQ_FLAGS_OF("0042000000")), 33, 5},
    {"MALFORMED_REQ_FLAGS", SPNEGO_TOLERATE_MALFORMED_REQ_FLAGS, SPNEGO_RULE_REQ_FLAGS_MALFORMED,
     INIT(MECH_TYPES_KRB5 REQ_FLAGS_OF("0901")), 33, 2},
    {"MALFORMED_REQ_FLAGS, no octets", SPNEGO_TOLERATE_MALFORMED_REQ_FLAGS,
     SPNEGO_RULE_REQ_FLAGS_MALFORMED, INIT(MECH_TYPES_KRB5 REQ_FLAGS_OF("")), 33, 0},
    {"FRAMED_RESP", SPNEGO_TOLERATE_FRAMED_RESP, SPNEGO_RULE_FRAME_ON_RESPONSE,
     FRAME(RESP(NEG_STATE_OF("01"))), 0, 1},
    {"UNFRAMED_INIT", SPNEGO_TOLERATE_UNFRAMED_INIT, SPNEGO_RULE_FRAME_MISSING,
     INIT_BARE(MECH_TYPES_KRB5), 0, 1},
    {"FIELD_ORDER of NegTokenInit", SPNEGO_TOLERATE_FIELD_ORDER, SPNEGO_RULE_FIELD_OUT_OF_ORDER,
     INIT(MECH_TOKEN_OF("01") MECH_TYPES_KRB5), 19, 1},
    {"FIELD_ORDER of NegTokenResp", SPNEGO_TOLERATE_FIELD_ORDER, SPNEGO_RULE_FIELD_OUT_OF_ORDER,
     RESP(RESPONSE_OF("01") NEG_STATE_OF("01")), 9, 1},
    {"MISSING_MECH_TYPES", SPNEGO_TOLERATE_MISSING_MECH_TYPES, SPNEGO_RULE_MECH_TYPES_MISSING,
     INIT(MECH_TOKEN_OF("01")), 19, 0},
    {"EMPTY_MECH_TYPES", SPNEGO_TOLERATE_EMPTY_MECH_TYPES, SPNEGO_RULE_MECH_TYPES_EMPTY,
     INIT(MECH_TYPES_OF("")), 16, 2},
    {"UNKNOWN_NEG_STATE", SPNEGO_TOLERATE_UNKNOWN_NEG_STATE, SPNEGO_RULE_NEG_STATE_UNKNOWN,
     RESP(NEG_STATE_OF("04")), 8, 1},
};

Test(token, each_tolerance_is_off_unless_asked_for)
{
    for (size_t i = 0; i < LEN(tolerances); i++) {
        const tolerance *t = &tolerances[i];
        const spnego_bytes in = der_of(t->notation);
        const uint32_t others = SPNEGO_TOLERATE_ALL & ~t->bit;
        spnego_token token;
        spnego_finding fault;

        for (int all_others = 0; all_others < 2; all_others++) {
            const spnego_rule rule =
                spnego_token_decode(&token, &fault, in, all_others ? others : 0);
            cr_expect(rule == t->rule && fault.rule == t->rule, "%s: %s", t->description,
                      spnego_rule_describe(rule)->name);
            cr_expect(fault.offset == t->offset && fault.len == t->len,
                      "%s: at %zu, %zu octets; expected at %zu, %zu octets", t->description,
                      fault.offset, fault.len, t->offset, t->len);
            cr_expect(token_is_zero(&token), "%s: not zero-filled", t->description);
        }
    }
}

Test(token, each_tolerance_is_enough_and_says_that_it_was_needed)
{
    for (size_t i = 0; i < LEN(tolerances); i++) {
        const tolerance *t = &tolerances[i];
        const spnego_bytes in = der_of(t->notation);
        spnego_token token;
        spnego_report report;

        (void)decode_or_fail(t->description, in, t->bit);
        cr_assert_eq(spnego_token_decode(&token, NULL, in, SPNEGO_TOLERATE_ALL), SPNEGO_RULE_NONE,
                     "%s", t->description);
        cr_expect_eq(token.tolerated, t->bit, "%s: %x", t->description, (unsigned)token.tolerated);
        /* The report tells it once, in the same place. */
        cr_assert_eq(spnego_token_inspect(&token, &report, in, t->bit), SPNEGO_RULE_NONE);
        cr_expect_eq(report.findings[0].rule, t->rule, "%s", t->description);
        cr_expect(report.findings[0].offset == t->offset && report.findings[0].len == t->len,
                  "%s: reported at %zu", t->description, report.findings[0].offset);
        for (size_t k = 1; k < report.num_findings; k++)
            cr_expect_eq(report.findings[k].rule, SPNEGO_RULE_FIELD_UNKNOWN, "%s", t->description);
    }
}

Test(token, every_bit_has_a_token_here)
{
    uint32_t seen = 0;

    for (size_t i = 0; i < LEN(tolerances); i++)
        seen |= tolerances[i].bit;
    cr_expect_eq(seen, SPNEGO_TOLERATE_ALL);
}

Test(token, profiles)
{
    cr_expect_eq(SPNEGO_TOLERATE_NOTHING, 0u);
    cr_expect_eq(SPNEGO_TOLERATE_INTEROPERABLE,
                 SPNEGO_TOLERATE_LONG_LENGTH | SPNEGO_TOLERATE_LONG_OID_LENGTH |
                     SPNEGO_TOLERATE_TRAILING_BYTES | SPNEGO_TOLERATE_UNTRIMMED_REQ_FLAGS |
                     SPNEGO_TOLERATE_MALFORMED_REQ_FLAGS | SPNEGO_TOLERATE_FRAMED_RESP);
}

Test(token, several_tolerances_at_once)
{
    const uint32_t needed = SPNEGO_TOLERATE_LONG_LENGTH | SPNEGO_TOLERATE_TRAILING_BYTES |
                            SPNEGO_TOLERATE_UNKNOWN_NEG_STATE;

    (void)decode_or_fail("three", der_of("a18107 3005a0030a0105 ff"), needed);
}

/* The whole token without what follows it, and neg_state with its sign. */
Test(token, what_was_tolerated_can_be_seen)
{
    const spnego_bytes trailing = der_of(RESP("") "ffff");
    spnego_token token = decode_or_fail("trailing", trailing, SPNEGO_TOLERATE_TRAILING_BYTES);

    cr_expect_eq(token.whole.len, 4u);
    token =
        decode_or_fail("4", der_of(RESP(NEG_STATE_OF("04"))), SPNEGO_TOLERATE_UNKNOWN_NEG_STATE);
    cr_expect_eq(token.neg_state, 4);
    token =
        decode_or_fail("ff", der_of(RESP(NEG_STATE_OF("ff"))), SPNEGO_TOLERATE_UNKNOWN_NEG_STATE);
    cr_expect_eq(token.neg_state, -1, "X.690 8.3.3: two's complement");
    token =
        decode_or_fail("80", der_of(RESP(NEG_STATE_OF("80"))), SPNEGO_TOLERATE_UNKNOWN_NEG_STATE);
    cr_expect_eq(token.neg_state, -128);
    token =
        decode_or_fail("7f", der_of(RESP(NEG_STATE_OF("7f"))), SPNEGO_TOLERATE_UNKNOWN_NEG_STATE);
    cr_expect_eq(token.neg_state, 127);
    token = decode_or_fail("framed", der_of(FRAME(RESP(""))), SPNEGO_TOLERATE_FRAMED_RESP);
    cr_expect(token.framed == 1 && token.type == SPNEGO_NEG_TOKEN_RESP);
    token = decode_or_fail("empty list", der_of(INIT(MECH_TYPES_OF(""))),
                           SPNEGO_TOLERATE_EMPTY_MECH_TYPES);
    cr_expect(token.num_mech_types == 0 && same_octets(token.mech_types, der_of("3000")));
    token = decode_or_fail("no list", der_of(INIT("")), SPNEGO_TOLERATE_MISSING_MECH_TYPES);
    cr_expect(token.num_mech_types == 0 && token.mech_types.data == NULL);
}

/* ---- Inspection ---------------------------------------------------------------------------- */

Test(token, inspection_reports_the_place_of_each_field)
{
    static const struct {
        spnego_field field;
        size_t offset, len;
    } spans[] = {
        {SPNEGO_FIELD_FRAME, 0, 48},      {SPNEGO_FIELD_THIS_MECH, 2, 8},
        {SPNEGO_FIELD_CHOICE, 10, 38},    {SPNEGO_FIELD_MECH_TYPES, 14, 15},
        {SPNEGO_FIELD_MECH_TOKEN, 29, 5}, {SPNEGO_FIELD_NEG_HINTS, 34, 9},
        {SPNEGO_FIELD_HINT_NAME, 38, 5},  {SPNEGO_FIELD_MECH_LIST_MIC, 43, 5},
        {SPNEGO_FIELD_REQ_FLAGS, 0, 0},   {SPNEGO_FIELD_HINT_ADDRESS, 0, 0},
        {SPNEGO_FIELD_NEG_STATE, 0, 0},   {SPNEGO_FIELD_UNKNOWN, 0, 0},
    };
    const spnego_bytes in = der_of(
        INIT(MECH_TYPES_KRB5 MECH_TOKEN_OF("01") HINTS_OF(HINT_NAME_OF("02")) INIT2_MIC_OF("03")));
    spnego_token token;
    spnego_report report;

    memset(&report, 0xa5, sizeof report);
    cr_assert_eq(in.len, 48u);
    cr_assert_eq(spnego_token_inspect(&token, &report, in, 0), SPNEGO_RULE_NONE);
    cr_expect_eq(report.num_findings, 0u);
    for (size_t i = 0; i < LEN(spans); i++)
        cr_expect(report.spans[spans[i].field].offset == spans[i].offset &&
                      report.spans[spans[i].field].len == spans[i].len,
                  "%s: at %zu, %zu octets",
                  spnego_field_name(SPNEGO_NEG_TOKEN_INIT2, spans[i].field),
                  report.spans[spans[i].field].offset, report.spans[spans[i].field].len);
}

Test(token, inspection_notes_each_unknown_field)
{
    const spnego_bytes in = der_of(RESP(NEG_STATE_OF("00") "a5{0500} bf1f{}"));
    spnego_token token;
    spnego_report report;

    cr_assert_eq(spnego_token_inspect(&token, &report, in, 0), SPNEGO_RULE_NONE);
    cr_assert_eq(report.num_findings, 2u);
    for (size_t i = 0; i < 2; i++) {
        cr_expect_eq(report.findings[i].rule, SPNEGO_RULE_FIELD_UNKNOWN);
        cr_expect_eq(report.findings[i].field, SPNEGO_FIELD_UNKNOWN);
    }
    cr_expect(report.findings[0].offset == 9 && report.findings[0].len == 4);
    cr_expect(report.findings[1].offset == 13 && report.findings[1].len == 3);
    cr_expect(report.spans[SPNEGO_FIELD_UNKNOWN].offset == 9 &&
              report.spans[SPNEGO_FIELD_UNKNOWN].len == 7);
}

Test(token, inspection_keeps_what_was_read_before_the_fault)
{
    const spnego_bytes in = der_of(RESP(NEG_STATE_OF("02") "a1{0600}"));
    spnego_token token;
    spnego_report report;

    cr_assert_eq(spnego_token_inspect(&token, &report, in, 0), SPNEGO_RULE_OID_EMPTY);
    cr_expect(token.type == SPNEGO_NEG_TOKEN_RESP && token.has_neg_state && token.neg_state == 2);
    cr_assert_eq(report.num_findings, 1u);
    cr_expect_eq(report.findings[0].rule, SPNEGO_RULE_OID_EMPTY);
}

Test(token, inspection_keeps_the_unknown_fields_before_the_fault)
{
    const spnego_bytes in = der_of(RESP(NEG_STATE_OF("02") "a5{0500} a50255"));
    spnego_token token;
    spnego_report report;

    cr_assert_eq(spnego_token_inspect(&token, &report, in, 0), SPNEGO_RULE_DER_LENGTH_OUTSIDE);
    cr_expect(same_octets(token.unknown_fields, der_of("a5{0500}")), "%s",
              hex_of(token.unknown_fields));
    cr_expect(report.spans[SPNEGO_FIELD_UNKNOWN].offset == 9 &&
              report.spans[SPNEGO_FIELD_UNKNOWN].len == 4);
}

/* A capture that was cut short still shows its beginning. */
Test(token, inspection_reads_a_token_that_is_cut_short_as_far_as_it_goes)
{
    spnego_bytes in = der_of(INIT(MECH_TYPES_KRB5 MECH_TOKEN_OF("01020304")));
    spnego_token token;
    spnego_report report;

    in.len -= 3;
    cr_assert_eq(spnego_token_inspect(&token, &report, in, 0), SPNEGO_RULE_DER_TRUNCATED);
    cr_expect_eq(token.num_mech_types, 1u);
    cr_expect(same_octets(token.mech_token, der_of("01")), "%s", hex_of(token.mech_token));
    cr_assert_eq(report.num_findings, 1u, "%zu", report.num_findings);
    cr_expect(report.findings[0].rule == SPNEGO_RULE_DER_TRUNCATED &&
              report.findings[0].offset == 1);
}

/* Wherever it is cut: that it is, once, and nothing that would follow from it. */
Test(token, inspection_of_a_token_that_is_cut_short_says_so_and_nothing_else)
{
    static const char *const tokens[] = {
        INIT(MECH_TYPES_OF(OID_KRB5 OID_NTLM) REQ_FLAGS_OF("0640") MECH_TOKEN_OF("5a*200")),
        INIT(MECH_TYPES_KRB5 HINTS_OF(HINT_NAME_OF(FIXED_HINT)) INIT2_MIC_OF("0102")),
        RESP(NEG_STATE_OF("01") SUPPORTED_MECH_OF(OID_KRB5) RESPONSE_OF("5a*300") RESP_MIC_OF("")),
    };

    for (size_t i = 0; i < LEN(tokens); i++) {
        const spnego_bytes whole = der_of(tokens[i]);
        spnego_token token;
        spnego_report report;

        for (spnego_bytes in = {whole.data, 1}; in.len < whole.len; in.len++) {
            cr_expect_eq(spnego_token_inspect(&token, &report, in, SPNEGO_TOLERATE_ALL),
                         SPNEGO_RULE_DER_TRUNCATED, "%zu, %zu octets", i, in.len);
            cr_expect(report.num_findings == 1 &&
                          report.findings[0].rule == SPNEGO_RULE_DER_TRUNCATED,
                      "%zu, %zu octets: %zu findings", i, in.len, report.num_findings);
        }
    }
}

/* ---- Writing ------------------------------------------------------------------------------- */

Test(token, writing_refuses_a_type_that_there_is_not)
{
    static const int types[] = {SPNEGO_TOKEN_NONE, 4, -1};

    for (size_t i = 0; i < LEN(types); i++) {
        const spnego_token token = {.type = (spnego_token_type)types[i],
                                    .mech_types = der_of("30{" OID_KRB5 "}")};
        uint8_t buf[64];
        spnego_bytes der = {buf, 1};

        cr_expect_eq(spnego_token_encode(&der, buf, sizeof buf, &token),
                     SPNEGO_RULE_ENCODE_TYPE_UNKNOWN, "%d", types[i]);
        cr_expect(der.data == NULL && der.len == 0, "%d: not absent", types[i]);
    }
}

/* Each field with each type: it is written, or refused as not the type's. */
Test(token, writing_refuses_fields_of_another_type)
{
    enum { INIT_HAS = 1, INIT2_HAS = 2, RESP_HAS = 4 };
    static const struct {
        const char *name;
        size_t at; /* of the view in spnego_token */
        unsigned has;
    } fields[] = {
        {"mech_types", offsetof(spnego_token, mech_types), INIT_HAS | INIT2_HAS},
        {"req_flags", offsetof(spnego_token, req_flags), INIT_HAS | INIT2_HAS},
        {"mech_token", offsetof(spnego_token, mech_token), INIT_HAS | INIT2_HAS},
        {"neg_hints", offsetof(spnego_token, neg_hints), INIT2_HAS},
        {"hint_name", offsetof(spnego_token, hint_name), INIT2_HAS},
        {"hint_address", offsetof(spnego_token, hint_address), INIT2_HAS},
        {"supported_mech", offsetof(spnego_token, supported_mech), RESP_HAS},
        {"response_token", offsetof(spnego_token, response_token), RESP_HAS},
        {"mech_list_mic", offsetof(spnego_token, mech_list_mic), INIT_HAS | INIT2_HAS | RESP_HAS},
        {"neg_state", 0, RESP_HAS},
    };
    const spnego_bytes list = der_of("30{" OID_KRB5 "}"), octet = der_of("00");

    for (int type = SPNEGO_NEG_TOKEN_INIT; type <= SPNEGO_NEG_TOKEN_RESP; type++) {
        for (size_t i = 0; i < LEN(fields); i++) {
            const int fits = (fields[i].has >> (type - 1) & 1) != 0;
            spnego_token token = {.type = (spnego_token_type)type};
            const spnego_bytes *value = fields[i].at == fields[0].at ? &list : &octet;
            uint8_t buf[128];
            spnego_bytes der = {buf, 1};
            spnego_rule rule;

            if (type != SPNEGO_NEG_TOKEN_RESP)
                token.mech_types = list;
            if (type == SPNEGO_NEG_TOKEN_INIT2) /* hints stand inside it */
                token.neg_hints = octet;
            if (fields[i].at == 0)
                token.has_neg_state = 1;
            else
                memcpy((char *)&token + fields[i].at, value, sizeof *value);
            rule = spnego_token_encode(&der, buf, sizeof buf, &token);
            cr_expect_eq(rule, fits ? SPNEGO_RULE_NONE : SPNEGO_RULE_ENCODE_FIELD_NOT_IN_TYPE,
                         "%s in type %d: %s", fields[i].name, type,
                         spnego_rule_describe(rule)->name);
            cr_expect_eq(der.data != NULL, fits, "%s in type %d", fields[i].name, type);
        }
    }
}

Test(token, writing_refuses_hints_without_their_sequence)
{
    spnego_token token = {.type = SPNEGO_NEG_TOKEN_INIT2,
                          .mech_types = der_of("30{" OID_KRB5 "}"),
                          .hint_name = der_of("00")};
    spnego_bytes der;

    cr_expect_eq(spnego_token_encode(&der, NULL, 0, &token), SPNEGO_RULE_ENCODE_FIELD_NOT_IN_TYPE);
    token.hint_name = (spnego_bytes){NULL, 0};
    token.hint_address = der_of("00");
    cr_expect_eq(spnego_token_encode(&der, NULL, 0, &token), SPNEGO_RULE_ENCODE_FIELD_NOT_IN_TYPE);
}

/* RFC 4178 4.2, SPN-12: a NegTokenResp MUST NOT be framed, so none is written. */
Test(token, writing_refuses_a_frame_around_a_response)
{
    const spnego_token token = {.type = SPNEGO_NEG_TOKEN_RESP, .framed = 1};
    spnego_bytes der;

    cr_expect_eq(spnego_token_encode(&der, NULL, 0, &token), SPNEGO_RULE_FRAME_ON_RESPONSE);
}

Test(token, every_length_of_buffer)
{
    const spnego_bytes want = der_of(INIT(MECH_TYPES_KRB5 MECH_TOKEN_OF("0102")));
    const spnego_token token = decode_or_fail("short", want, 0);

    for (size_t room = 0; room < want.len; room++) {
        uint8_t buf[64];
        spnego_bytes der;

        memset(buf, 0xa5, sizeof buf);
        cr_expect_eq(spnego_token_encode(&der, buf, room, &token),
                     SPNEGO_RULE_ENCODE_BUFFER_TOO_SMALL);
        cr_expect(der.data == NULL && der.len == want.len, "room %zu", room);
        for (size_t i = 0; i < sizeof buf; i++)
            cr_expect_eq(buf[i], i < room ? 0 : 0xa5, "room %zu, octet %zu", room, i);
    }
    check_encodes("enough", &token, want);
}
