/*
 * token/asn1_bridge.h against the tables that asn1c made of asn1/spnego.asn1 (generated/): the
 * places of the members, their names, tags and optionality; and the decoder against the same
 * tables, member by member.
 */
#include "token/asn1_bridge.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "../support.h"
#include "asn_application.h"
#include "der/reader.h"

enum { INHERITED = -1 }; /* the member has its type's own tag */

/* RFC 4178 4.2, MS-SPNG 2.2.1, RFC 2743 3.1. */
static const struct member {
    const struct asn_TYPE_descriptor_s *type;
    int place;
    const char *name;
    int context_tag; /* [n], EXPLICIT */
    int is_optional;
    int contents_tag;   /* identifier octet of what is inside */
    spnego_field field; /* as which the decoder reports it */
} members[] = {
    {&asn_DEF_InitialContextToken, THIS_MECH, "thisMech", INHERITED, 0, DER_OBJECT_IDENTIFIER,
     SPNEGO_FIELD_THIS_MECH},
    {&asn_DEF_NegotiationToken, NEG_TOKEN_INIT, "negTokenInit", 0, 0, DER_SEQUENCE,
     SPNEGO_FIELD_CHOICE},
    {&asn_DEF_NegotiationToken, NEG_TOKEN_RESP, "negTokenResp", 1, 0, DER_SEQUENCE,
     SPNEGO_FIELD_CHOICE},
    {&asn_DEF_NegotiationToken2, NEG_TOKEN_INIT, "negTokenInit2", 0, 0, DER_SEQUENCE,
     SPNEGO_FIELD_CHOICE},
    {&asn_DEF_NegotiationToken2, NEG_TOKEN_RESP, "negTokenResp", 1, 0, DER_SEQUENCE,
     SPNEGO_FIELD_CHOICE},
    {&asn_DEF_MechTypeList, 0, "", INHERITED, 0, DER_OBJECT_IDENTIFIER, SPNEGO_FIELD_NONE},
    {&asn_DEF_NegTokenInit, MECH_TYPES, "mechTypes", 0, 0, DER_SEQUENCE, SPNEGO_FIELD_MECH_TYPES},
    {&asn_DEF_NegTokenInit, REQ_FLAGS, "reqFlags", 1, 1, DER_BIT_STRING, SPNEGO_FIELD_REQ_FLAGS},
    {&asn_DEF_NegTokenInit, MECH_TOKEN, "mechToken", 2, 1, DER_OCTET_STRING,
     SPNEGO_FIELD_MECH_TOKEN},
    {&asn_DEF_NegTokenInit, INIT_MECH_LIST_MIC, "mechListMIC", 3, 1, DER_OCTET_STRING,
     SPNEGO_FIELD_MECH_LIST_MIC},
    {&asn_DEF_NegTokenInit2, MECH_TYPES, "mechTypes", 0, 1, DER_SEQUENCE, SPNEGO_FIELD_MECH_TYPES},
    {&asn_DEF_NegTokenInit2, REQ_FLAGS, "reqFlags", 1, 1, DER_BIT_STRING, SPNEGO_FIELD_REQ_FLAGS},
    {&asn_DEF_NegTokenInit2, MECH_TOKEN, "mechToken", 2, 1, DER_OCTET_STRING,
     SPNEGO_FIELD_MECH_TOKEN},
    {&asn_DEF_NegTokenInit2, NEG_HINTS, "negHints", 3, 1, DER_SEQUENCE, SPNEGO_FIELD_NEG_HINTS},
    {&asn_DEF_NegTokenInit2, INIT2_MECH_LIST_MIC, "mechListMIC", 4, 1, DER_OCTET_STRING,
     SPNEGO_FIELD_MECH_LIST_MIC},
    {&asn_DEF_NegHints, HINT_NAME, "hintName", 0, 1, DER_GENERAL_STRING, SPNEGO_FIELD_HINT_NAME},
    {&asn_DEF_NegHints, HINT_ADDRESS, "hintAddress", 1, 1, DER_OCTET_STRING,
     SPNEGO_FIELD_HINT_ADDRESS},
    {&asn_DEF_NegTokenResp, NEG_STATE, "negState", 0, 1, DER_ENUMERATED, SPNEGO_FIELD_NEG_STATE},
    {&asn_DEF_NegTokenResp, SUPPORTED_MECH, "supportedMech", 1, 1, DER_OBJECT_IDENTIFIER,
     SPNEGO_FIELD_SUPPORTED_MECH},
    {&asn_DEF_NegTokenResp, RESPONSE_TOKEN, "responseToken", 2, 1, DER_OCTET_STRING,
     SPNEGO_FIELD_RESPONSE_TOKEN},
    {&asn_DEF_NegTokenResp, RESP_MECH_LIST_MIC, "mechListMIC", 3, 1, DER_OCTET_STRING,
     SPNEGO_FIELD_MECH_LIST_MIC},
};

static const asn_TYPE_member_t *table_entry(const struct member *m)
{
    cr_assert_lt(m->place, m->type->elements_count, "%s.%s", m->type->name, m->name);
    return &m->type->elements[m->place];
}

/* The identifier octet of one of asn1c's tags; `constructed` is 20 or 0. */
static unsigned identifier(ber_tlv_tag_t tag, unsigned constructed)
{
    return (tag & 3u) << 6 | constructed | tag >> 2;
}

Test(asn1_bridge, places_and_names)
{
    for (size_t i = 0; i < LEN(members); i++)
        cr_expect_str_eq(table_entry(&members[i])->name, members[i].name);
}

Test(asn1_bridge, every_member_is_here)
{
    for (size_t i = 0; i < LEN(members); i++) {
        int count = 0;
        for (size_t k = 0; k < LEN(members); k++)
            count += members[k].type == members[i].type;
        /* What is inside the frame is the writer's own affair. */
        count += members[i].type == &asn_DEF_InitialContextToken;
        cr_expect_eq(count, members[i].type->elements_count, "%s", members[i].type->name);
    }
}

Test(asn1_bridge, tags_are_explicit_context_tags)
{
    for (size_t i = 0; i < LEN(members); i++) {
        const struct member *m = &members[i];
        const asn_TYPE_member_t *entry = table_entry(m);

        if (m->context_tag == INHERITED) {
            cr_expect_eq(entry->tag_mode, 0, "%s.%s", m->type->name, m->name);
            continue;
        }
        cr_expect_eq(entry->tag_mode, 1, "%s.%s: not EXPLICIT", m->type->name, m->name);
        cr_expect_eq(identifier(entry->tag, DER_CONSTRUCTED),
                     (unsigned)(DER_CONTEXT_0 + m->context_tag), "%s.%s: [%u]", m->type->name,
                     m->name, entry->tag >> 2);
    }
}

Test(asn1_bridge, contents_have_the_decoders_tags)
{
    for (size_t i = 0; i < LEN(members); i++) {
        const struct member *m = &members[i];
        const asn_TYPE_descriptor_t *contents = table_entry(m)->type;
        const unsigned constructed = contents->elements_count > 0 ? DER_CONSTRUCTED : 0;

        cr_assert_eq(contents->tags_count, 1, "%s.%s", m->type->name, m->name);
        cr_expect_eq(identifier(contents->tags[0], constructed), (unsigned)m->contents_tag,
                     "%s.%s: %s", m->type->name, m->name, contents->name);
    }
    cr_expect_eq(identifier(asn_DEF_InitialContextToken.tags[0], DER_CONSTRUCTED),
                 (unsigned)DER_APPLICATION_0);
}

Test(asn1_bridge, optionality)
{
    for (size_t i = 0; i < LEN(members); i++)
        cr_expect_eq(table_entry(&members[i])->optional != 0, members[i].is_optional, "%s.%s",
                     members[i].type->name, members[i].name);
}

/* asn1_tables_ok of token/asn1_bridge.h, which the proof takes on trust. */
Test(asn1_bridge, tables_are_as_the_proof_takes_them)
{
    for (size_t i = 0; i < LEN(members); i++) {
        const asn_TYPE_descriptor_t *type = members[i].type;
        const int is_choice =
            type == &asn_DEF_NegotiationToken || type == &asn_DEF_NegotiationToken2;

        cr_expect_eq(type->tags_count, is_choice ? 0 : 1, "%s", type->name);
        cr_expect_eq(type->tags == NULL, is_choice, "%s", type->name);
        cr_assert_not_null(type->elements, "%s", type->name);
        cr_assert_lt(members[i].place, type->elements_count, "%s", type->name);
        cr_assert_not_null(type->elements[members[i].place].type, "%s", members[i].name);
        cr_assert_not_null(type->elements[members[i].place].type->tags, "%s", members[i].name);
    }
}

/* RFC 4178 4.2.1 and 4.2.2 end with an extension mark; NegHints of MS-SPNG has none. */
Test(asn1_bridge, extension_marks)
{
    static const struct {
        const struct asn_TYPE_descriptor_s *type;
        int is_extensible;
    } rows[] = {{&asn_DEF_NegTokenInit, 1},
                {&asn_DEF_NegTokenInit2, 1},
                {&asn_DEF_NegTokenResp, 1},
                {&asn_DEF_NegHints, 0}};

    for (size_t i = 0; i < LEN(rows); i++) {
        const asn_SEQUENCE_specifics_t *specifics = rows[i].type->specifics;
        cr_expect_eq(specifics->ext_after >= 0, rows[i].is_extensible, "%s", rows[i].type->name);
    }
}

/* One token for each member that is a field of its own, with the tags that the tables have. */
Test(asn1_bridge, decoder_finds_each_member_under_the_tables_tags)
{
    for (size_t i = 0; i < LEN(members); i++) {
        const struct member *m = &members[i];
        const asn_TYPE_member_t *entry = table_entry(m);
        const int is_resp = m->type == &asn_DEF_NegTokenResp,
                  is_hint = m->type == &asn_DEF_NegHints;
        const char *contents = m->contents_tag == DER_SEQUENCE            ? ""
                               : m->contents_tag == DER_OBJECT_IDENTIFIER ? "2a03"
                                                                          : "00";
        char field[64], notation[256];
        spnego_token token;
        spnego_report report;

        if (m->type->elements_count < 2 || m->context_tag == INHERITED ||
            m->contents_tag == DER_CONTEXT_0 || m->field == SPNEGO_FIELD_CHOICE)
            continue;
        if (m->field == SPNEGO_FIELD_MECH_TYPES)
            contents = OID_KRB5;
        sprintf(field, "%02x{%02x{%s}}", identifier(entry->tag, DER_CONSTRUCTED),
                (unsigned)m->contents_tag, contents);
        if (is_resp)
            sprintf(notation, "a1{30{%s}}", field);
        else
            sprintf(notation, "60{" OID_SPNEGO "a0{30{%s%s%s%s}}}",
                    m->field == SPNEGO_FIELD_MECH_TYPES ? "" : MECH_TYPES_KRB5,
                    is_hint ? "a3{30{" : "", field, is_hint ? "}}" : "");
        cr_assert_eq(spnego_token_inspect(&token, &report, der_of(notation), 0), SPNEGO_RULE_NONE,
                     "%s.%s", m->type->name, m->name);
        cr_expect_eq(report.num_findings, 0u, "%s.%s", m->type->name, m->name);
        cr_expect_eq(report.spans[m->field].len, der_of(field).len, "%s.%s", m->type->name,
                     m->name);
    }
}
