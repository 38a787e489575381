/* token/field_name.c */
#include <criterion/criterion.h>
#include <spnego/token.h>
#include <string.h>

#include "../support.h"

Test(field_name, as_in_the_standards)
{
    static const struct {
        spnego_token_type type;
        spnego_field field;
        const char *name;
    } rows[] = {
        /* RFC 2743 3.1 */
        {SPNEGO_TOKEN_NONE, SPNEGO_FIELD_FRAME, "InitialContextToken"},
        {SPNEGO_NEG_TOKEN_INIT, SPNEGO_FIELD_THIS_MECH, "InitialContextToken.thisMech"},
        /* RFC 4178 4.2 */
        {SPNEGO_TOKEN_NONE, SPNEGO_FIELD_CHOICE, "NegotiationToken"},
        {SPNEGO_NEG_TOKEN_INIT, SPNEGO_FIELD_CHOICE, "NegotiationToken.negTokenInit"},
        {SPNEGO_NEG_TOKEN_RESP, SPNEGO_FIELD_CHOICE, "NegotiationToken.negTokenResp"},
        /* RFC 4178 4.2.1 */
        {SPNEGO_NEG_TOKEN_INIT, SPNEGO_FIELD_MECH_TYPES, "NegTokenInit.mechTypes"},
        {SPNEGO_NEG_TOKEN_INIT, SPNEGO_FIELD_REQ_FLAGS, "NegTokenInit.reqFlags"},
        {SPNEGO_NEG_TOKEN_INIT, SPNEGO_FIELD_MECH_TOKEN, "NegTokenInit.mechToken"},
        {SPNEGO_NEG_TOKEN_INIT, SPNEGO_FIELD_MECH_LIST_MIC, "NegTokenInit.mechListMIC"},
        /* MS-SPNG 2.2.1 */
        {SPNEGO_NEG_TOKEN_INIT2, SPNEGO_FIELD_SEQUENCE, "NegTokenInit2"},
        {SPNEGO_NEG_TOKEN_INIT2, SPNEGO_FIELD_NEG_HINTS, "NegTokenInit2.negHints"},
        {SPNEGO_NEG_TOKEN_INIT2, SPNEGO_FIELD_HINT_NAME, "NegTokenInit2.negHints.hintName"},
        {SPNEGO_NEG_TOKEN_INIT2, SPNEGO_FIELD_HINT_ADDRESS, "NegTokenInit2.negHints.hintAddress"},
        {SPNEGO_NEG_TOKEN_INIT2, SPNEGO_FIELD_MECH_LIST_MIC, "NegTokenInit2.mechListMIC"},
        /* RFC 4178 4.2.2 */
        {SPNEGO_NEG_TOKEN_RESP, SPNEGO_FIELD_NEG_STATE, "NegTokenResp.negState"},
        {SPNEGO_NEG_TOKEN_RESP, SPNEGO_FIELD_SUPPORTED_MECH, "NegTokenResp.supportedMech"},
        {SPNEGO_NEG_TOKEN_RESP, SPNEGO_FIELD_RESPONSE_TOKEN, "NegTokenResp.responseToken"},
        {SPNEGO_NEG_TOKEN_RESP, SPNEGO_FIELD_MECH_LIST_MIC, "NegTokenResp.mechListMIC"},
        /* The type is not known yet. */
        {SPNEGO_TOKEN_NONE, SPNEGO_FIELD_MECH_TYPES, "mechTypes"},
        {SPNEGO_TOKEN_NONE, SPNEGO_FIELD_NEG_STATE, "negState"},
        {SPNEGO_TOKEN_NONE, SPNEGO_FIELD_NONE, ""},
    };

    for (size_t i = 0; i < LEN(rows); i++)
        cr_expect_str_eq(spnego_field_name(rows[i].type, rows[i].field), rows[i].name);
}

Test(field_name, is_never_null)
{
    for (int type = -1; type <= SPNEGO_NEG_TOKEN_RESP + 1; type++)
        for (int field = -1; field <= SPNEGO_NUM_FIELDS; field++)
            cr_expect_not_null(spnego_field_name((spnego_token_type)type, (spnego_field)field));
    cr_expect_str_eq(spnego_field_name((spnego_token_type)4, SPNEGO_FIELD_FRAME), "");
    cr_expect_str_eq(spnego_field_name(SPNEGO_TOKEN_NONE, SPNEGO_NUM_FIELDS), "");
}

Test(field_name, every_field_has_one)
{
    for (int type = SPNEGO_NEG_TOKEN_INIT; type <= SPNEGO_NEG_TOKEN_RESP; type++)
        for (int field = SPNEGO_FIELD_FRAME; field < SPNEGO_NUM_FIELDS; field++)
            cr_expect_neq(strlen(spnego_field_name((spnego_token_type)type, (spnego_field)field)),
                          0u, "type %d, field %d", type, field);
}
