/* What a HandshakeError says of a failure: HRESULTs of MS-ERREF 2.1. */
#include <spnego/nns.h>

typedef struct code_name {
    uint32_t code;
    const char *name;
} code_name;

static const code_name names[] = {
    {SPNEGO_NNS_TRUST_FAILURE, "ERROR_TRUST_FAILURE"},
    {SPNEGO_NNS_INSUFFICIENT_MEMORY, "SEC_E_INSUFFICIENT_MEMORY"},
    {SPNEGO_NNS_INVALID_HANDLE, "SEC_E_INVALID_HANDLE"},
    {SPNEGO_NNS_UNSUPPORTED_FUNCTION, "SEC_E_UNSUPPORTED_FUNCTION"},
    {SPNEGO_NNS_TARGET_UNKNOWN, "SEC_E_TARGET_UNKNOWN"},
    {SPNEGO_NNS_INTERNAL_ERROR, "SEC_E_INTERNAL_ERROR"},
    {SPNEGO_NNS_SECPKG_NOT_FOUND, "SEC_E_SECPKG_NOT_FOUND"},
    {SPNEGO_NNS_INVALID_TOKEN, "SEC_E_INVALID_TOKEN"},
    {SPNEGO_NNS_LOGON_DENIED, "SEC_E_LOGON_DENIED"},
    {SPNEGO_NNS_UNKNOWN_CREDENTIALS, "SEC_E_UNKNOWN_CREDENTIALS"},
    {SPNEGO_NNS_NO_CREDENTIALS, "SEC_E_NO_CREDENTIALS"},
    {SPNEGO_NNS_MESSAGE_ALTERED, "SEC_E_MESSAGE_ALTERED"},
    {SPNEGO_NNS_OUT_OF_SEQUENCE, "SEC_E_OUT_OF_SEQUENCE"},
    {SPNEGO_NNS_CONTEXT_EXPIRED, "SEC_E_CONTEXT_EXPIRED"},
    {SPNEGO_NNS_WRONG_PRINCIPAL, "SEC_E_WRONG_PRINCIPAL"},
    {SPNEGO_NNS_TIME_SKEW, "SEC_E_TIME_SKEW"},
    {SPNEGO_NNS_BAD_BINDINGS, "SEC_E_BAD_BINDINGS"},
};

const char *spnego_nns_code_name(uint32_t error_code)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].code == error_code)
            return names[i].name;
    return NULL;
}

/* By the routine error of RFC 2744 3.9.1, from 1 on.  0 where it says too little: GSS_S_FAILURE,
 * and GSS_S_UNAUTHORIZED, which is the peer's credentials. */
static const uint32_t by_routine_error[] = {
    0,
    SPNEGO_NNS_SECPKG_NOT_FOUND,     /* BAD_MECH */
    SPNEGO_NNS_TARGET_UNKNOWN,       /* BAD_NAME */
    SPNEGO_NNS_TARGET_UNKNOWN,       /* BAD_NAMETYPE */
    SPNEGO_NNS_BAD_BINDINGS,         /* BAD_BINDINGS */
    SPNEGO_NNS_INTERNAL_ERROR,       /* BAD_STATUS */
    SPNEGO_NNS_MESSAGE_ALTERED,      /* BAD_SIG, BAD_MIC */
    SPNEGO_NNS_NO_CREDENTIALS,       /* NO_CRED */
    SPNEGO_NNS_INVALID_HANDLE,       /* NO_CONTEXT */
    SPNEGO_NNS_INVALID_TOKEN,        /* DEFECTIVE_TOKEN */
    SPNEGO_NNS_UNKNOWN_CREDENTIALS,  /* DEFECTIVE_CREDENTIAL */
    SPNEGO_NNS_NO_CREDENTIALS,       /* CREDENTIALS_EXPIRED */
    SPNEGO_NNS_CONTEXT_EXPIRED,      /* CONTEXT_EXPIRED */
    0,                               /* FAILURE */
    SPNEGO_NNS_UNSUPPORTED_FUNCTION, /* BAD_QOP */
    0,                               /* UNAUTHORIZED */
    SPNEGO_NNS_UNSUPPORTED_FUNCTION, /* UNAVAILABLE */
    SPNEGO_NNS_INTERNAL_ERROR,       /* DUPLICATE_ELEMENT */
    SPNEGO_NNS_WRONG_PRINCIPAL,      /* NAME_NOT_MN */
};

/* DUPLICATE_TOKEN, OLD_TOKEN, UNSEQ_TOKEN and GAP_TOKEN, beside no error. */
#define OUT_OF_SEQUENCE_BITS 0x001eu

static uint32_t code_of_major(uint32_t major)
{
    const uint32_t routine = major >> 16 & 0xff;

    if (routine == 0 && (major & OUT_OF_SEQUENCE_BITS) != 0)
        return SPNEGO_NNS_OUT_OF_SEQUENCE;
    return routine < sizeof by_routine_error / sizeof by_routine_error[0]
               ? by_routine_error[routine]
               : 0;
}

uint32_t spnego_nns_code_of(const spnego_error *error, spnego_role role)
{
    uint32_t code;

    /* MS-NNS 2.2.1: it worked, and what came of it is not wanted. */
    if (error->status == SPNEGO_ERR_POLICY)
        return SPNEGO_NNS_TRUST_FAILURE;
    if (error->status == SPNEGO_ERR_NO_MEMORY)
        return SPNEGO_NNS_INSUFFICIENT_MEMORY;
    if (error->status == SPNEGO_ERR_BAD_MIC)
        return SPNEGO_NNS_MESSAGE_ALTERED;
    code = code_of_major(spnego_error_gss_major(error));
    if (code != 0)
        return code;
    /* MS-NNS 4, third example */
    return error->status == SPNEGO_ERR_MECH && role == SPNEGO_ACCEPTOR ? SPNEGO_NNS_LOGON_DENIED
                                                                       : SPNEGO_NNS_INTERNAL_ERROR;
}
