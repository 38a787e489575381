/* The names of the fields, as in the standards. */
#include <spnego/token.h>

const char *spnego_field_name(spnego_token_type type, spnego_field field)
{
    static const char *const names[SPNEGO_NUM_FIELDS][4] = {
        /* type not known, NegTokenInit, NegTokenInit2, NegTokenResp */
        [SPNEGO_FIELD_NONE] = {"", "", "", ""},
        [SPNEGO_FIELD_FRAME] = {"InitialContextToken", "InitialContextToken", "InitialContextToken",
                                "InitialContextToken"},
        [SPNEGO_FIELD_THIS_MECH] = {"InitialContextToken.thisMech", "InitialContextToken.thisMech",
                                    "InitialContextToken.thisMech", "InitialContextToken.thisMech"},
        [SPNEGO_FIELD_CHOICE] = {"NegotiationToken", "NegotiationToken.negTokenInit",
                                 "NegotiationToken.negTokenInit", "NegotiationToken.negTokenResp"},
        [SPNEGO_FIELD_SEQUENCE] = {"NegotiationToken", "NegTokenInit", "NegTokenInit2",
                                   "NegTokenResp"},
        [SPNEGO_FIELD_MECH_TYPES] = {"mechTypes", "NegTokenInit.mechTypes",
                                     "NegTokenInit2.mechTypes", "mechTypes"},
        [SPNEGO_FIELD_REQ_FLAGS] = {"reqFlags", "NegTokenInit.reqFlags", "NegTokenInit2.reqFlags",
                                    "reqFlags"},
        [SPNEGO_FIELD_MECH_TOKEN] = {"mechToken", "NegTokenInit.mechToken",
                                     "NegTokenInit2.mechToken", "mechToken"},
        [SPNEGO_FIELD_NEG_HINTS] = {"negHints", "negHints", "NegTokenInit2.negHints", "negHints"},
        [SPNEGO_FIELD_HINT_NAME] = {"hintName", "hintName", "NegTokenInit2.negHints.hintName",
                                    "hintName"},
        [SPNEGO_FIELD_HINT_ADDRESS] = {"hintAddress", "hintAddress",
                                       "NegTokenInit2.negHints.hintAddress", "hintAddress"},
        [SPNEGO_FIELD_NEG_STATE] = {"negState", "negState", "negState", "NegTokenResp.negState"},
        [SPNEGO_FIELD_SUPPORTED_MECH] = {"supportedMech", "supportedMech", "supportedMech",
                                         "NegTokenResp.supportedMech"},
        [SPNEGO_FIELD_RESPONSE_TOKEN] = {"responseToken", "responseToken", "responseToken",
                                         "NegTokenResp.responseToken"},
        [SPNEGO_FIELD_MECH_LIST_MIC] = {"mechListMIC", "NegTokenInit.mechListMIC",
                                        "NegTokenInit2.mechListMIC", "NegTokenResp.mechListMIC"},
        [SPNEGO_FIELD_UNKNOWN] = {"", "NegTokenInit", "NegTokenInit2", "NegTokenResp"},
    };

    if ((unsigned)field >= SPNEGO_NUM_FIELDS || (unsigned)type > SPNEGO_NEG_TOKEN_RESP)
        return "";
    return names[field][type];
}
