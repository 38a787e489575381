#include "inspect/krb5_meaning.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* IANA, Kerberos Encryption Type Numbers; the negative ones, which old versions of Windows offer,
 * from RFC 4757 and the ntsecapi.h of the Windows SDK. */
static const inspect_krb5_name etypes[] = {
    {1, "des-cbc-crc"},
    {2, "des-cbc-md4"},
    {3, "des-cbc-md5"},
    {5, "des3-cbc-md5"},
    {7, "des3-cbc-sha1"},
    {9, "dsaWithSHA1-CmsOID"},
    {10, "md5WithRSAEncryption-CmsOID"},
    {11, "sha1WithRSAEncryption-CmsOID"},
    {12, "rc2CBC-EnvOID"},
    {13, "rsaEncryption-EnvOID"},
    {14, "rsaES-OAEP-ENV-OID"},
    {15, "des-ede3-cbc-Env-OID"},
    {16, "des3-cbc-sha1-kd"},
    {17, "aes128-cts-hmac-sha1-96"},
    {18, "aes256-cts-hmac-sha1-96"},
    {19, "aes128-cts-hmac-sha256-128"},
    {20, "aes256-cts-hmac-sha384-192"},
    {23, "rc4-hmac"},
    {24, "rc4-hmac-exp"},
    {25, "camellia128-cts-cmac"},
    {26, "camellia256-cts-cmac"},
    {65, "subkey-keymaterial"},
    {-128, "rc4-md4"},
    {-129, "rc4-plain2"},
    {-130, "rc4-lm"},
    {-131, "rc4-sha"},
    {-132, "des-plain"},
    {-133, "rc4-hmac-old"},
    {-134, "rc4-plain-old"},
    {-135, "rc4-hmac-old-exp"},
    {-136, "rc4-plain-old-exp"},
    {-140, "rc4-plain"},
    {-141, "rc4-plain-exp"},
};

/* IANA, Kerberos Checksum Type Numbers; the negative one from RFC 4757. */
static const inspect_krb5_name cksumtypes[] = {
    {1, "CRC32"},
    {2, "rsa-md4"},
    {3, "rsa-md4-des"},
    {4, "des-mac"},
    {5, "des-mac-k"},
    {6, "rsa-md4-des-k"},
    {7, "rsa-md5"},
    {8, "rsa-md5-des"},
    {9, "rsa-md5-des3"},
    {10, "sha1"},
    {12, "hmac-sha1-des3-kd"},
    {13, "hmac-sha1-des3"},
    {14, "sha1"},
    {15, "hmac-sha1-96-aes128"},
    {16, "hmac-sha1-96-aes256"},
    {17, "cmac-camellia128"},
    {18, "cmac-camellia256"},
    {19, "hmac-sha256-128-aes128"},
    {20, "hmac-sha384-192-aes256"},
    {0x8003, "gssapi"},
    {-138, "hmac-md5"},
};

/* RFC 4120 7.5.7, draft-swift-win2k-krb-user2user 3. */
static const inspect_krb5_name msg_types[] = {
    {10, "KRB_AS_REQ"}, {11, "KRB_AS_REP"}, {12, "KRB_TGS_REQ"}, {13, "KRB_TGS_REP"},
    {14, "KRB_AP_REQ"}, {15, "KRB_AP_REP"}, {16, "KRB_TGT_REQ"}, {17, "KRB_TGT_REP"},
    {20, "KRB_SAFE"},   {21, "KRB_PRIV"},   {22, "KRB_CRED"},    {30, "KRB_ERROR"},
};

/* RFC 4120 6.2 and 7.5.8, RFC 6111 3, RFC 5179; the negative ones from MS-KILE. */
static const inspect_krb5_name name_types[] = {
    {0, "NT-UNKNOWN"},
    {1, "NT-PRINCIPAL"},
    {2, "NT-SRV-INST"},
    {3, "NT-SRV-HST"},
    {4, "NT-SRV-XHST"},
    {5, "NT-UID"},
    {6, "NT-X500-PRINCIPAL"},
    {7, "NT-SMTP-NAME"},
    {10, "NT-ENTERPRISE"},
    {11, "NT-WELLKNOWN"},
    {12, "NT-SRV-HST-DOMAIN"},
    {-128, "NT-MS-PRINCIPAL"},
    {-129, "NT-MS-PRINCIPAL-AND-ID"},
    {-130, "NT-ENT-PRINCIPAL-AND-ID"},
};

/* RFC 4120 7.5.9; from 77 on RFC 4556, RFC 6113, RFC 8636 and the IAKERB draft. */
static const inspect_krb5_name error_codes[] = {
    {0, "KDC_ERR_NONE"},
    {1, "KDC_ERR_NAME_EXP"},
    {2, "KDC_ERR_SERVICE_EXP"},
    {3, "KDC_ERR_BAD_PVNO"},
    {4, "KDC_ERR_C_OLD_MAST_KVNO"},
    {5, "KDC_ERR_S_OLD_MAST_KVNO"},
    {6, "KDC_ERR_C_PRINCIPAL_UNKNOWN"},
    {7, "KDC_ERR_S_PRINCIPAL_UNKNOWN"},
    {8, "KDC_ERR_PRINCIPAL_NOT_UNIQUE"},
    {9, "KDC_ERR_NULL_KEY"},
    {10, "KDC_ERR_CANNOT_POSTDATE"},
    {11, "KDC_ERR_NEVER_VALID"},
    {12, "KDC_ERR_POLICY"},
    {13, "KDC_ERR_BADOPTION"},
    {14, "KDC_ERR_ETYPE_NOSUPP"},
    {15, "KDC_ERR_SUMTYPE_NOSUPP"},
    {16, "KDC_ERR_PADATA_TYPE_NOSUPP"},
    {17, "KDC_ERR_TRTYPE_NOSUPP"},
    {18, "KDC_ERR_CLIENT_REVOKED"},
    {19, "KDC_ERR_SERVICE_REVOKED"},
    {20, "KDC_ERR_TGT_REVOKED"},
    {21, "KDC_ERR_CLIENT_NOTYET"},
    {22, "KDC_ERR_SERVICE_NOTYET"},
    {23, "KDC_ERR_KEY_EXPIRED"},
    {24, "KDC_ERR_PREAUTH_FAILED"},
    {25, "KDC_ERR_PREAUTH_REQUIRED"},
    {26, "KDC_ERR_SERVER_NOMATCH"},
    {27, "KDC_ERR_MUST_USE_USER2USER"},
    {28, "KDC_ERR_PATH_NOT_ACCEPTED"},
    {29, "KDC_ERR_SVC_UNAVAILABLE"},
    {31, "KRB_AP_ERR_BAD_INTEGRITY"},
    {32, "KRB_AP_ERR_TKT_EXPIRED"},
    {33, "KRB_AP_ERR_TKT_NYV"},
    {34, "KRB_AP_ERR_REPEAT"},
    {35, "KRB_AP_ERR_NOT_US"},
    {36, "KRB_AP_ERR_BADMATCH"},
    {37, "KRB_AP_ERR_SKEW"},
    {38, "KRB_AP_ERR_BADADDR"},
    {39, "KRB_AP_ERR_BADVERSION"},
    {40, "KRB_AP_ERR_MSG_TYPE"},
    {41, "KRB_AP_ERR_MODIFIED"},
    {42, "KRB_AP_ERR_BADORDER"},
    {44, "KRB_AP_ERR_BADKEYVER"},
    {45, "KRB_AP_ERR_NOKEY"},
    {46, "KRB_AP_ERR_MUT_FAIL"},
    {47, "KRB_AP_ERR_BADDIRECTION"},
    {48, "KRB_AP_ERR_METHOD"},
    {49, "KRB_AP_ERR_BADSEQ"},
    {50, "KRB_AP_ERR_INAPP_CKSUM"},
    {51, "KRB_AP_PATH_NOT_ACCEPTED"},
    {52, "KRB_ERR_RESPONSE_TOO_BIG"},
    {60, "KRB_ERR_GENERIC"},
    {61, "KRB_ERR_FIELD_TOOLONG"},
    {62, "KDC_ERROR_CLIENT_NOT_TRUSTED"},
    {63, "KDC_ERROR_KDC_NOT_TRUSTED"},
    {64, "KDC_ERROR_INVALID_SIG"},
    {65, "KDC_ERR_KEY_TOO_WEAK"},
    {66, "KDC_ERR_CERTIFICATE_MISMATCH"},
    {67, "KRB_AP_ERR_NO_TGT"},
    {68, "KDC_ERR_WRONG_REALM"},
    {69, "KRB_AP_ERR_USER_TO_USER_REQUIRED"},
    {70, "KDC_ERR_CANT_VERIFY_CERTIFICATE"},
    {71, "KDC_ERR_INVALID_CERTIFICATE"},
    {72, "KDC_ERR_REVOKED_CERTIFICATE"},
    {73, "KDC_ERR_REVOCATION_STATUS_UNKNOWN"},
    {74, "KDC_ERR_REVOCATION_STATUS_UNAVAILABLE"},
    {75, "KDC_ERR_CLIENT_NAME_MISMATCH"},
    {76, "KDC_ERR_KDC_NAME_MISMATCH"},
    {77, "KDC_ERR_INCONSISTENT_KEY_PURPOSE"},
    {78, "KDC_ERR_DIGEST_IN_CERT_NOT_ACCEPTED"},
    {79, "KDC_ERR_PA_CHECKSUM_MUST_BE_INCLUDED"},
    {80, "KDC_ERR_DIGEST_IN_SIGNED_DATA_NOT_ACCEPTED"},
    {81, "KDC_ERR_PUBLIC_KEY_ENCRYPTION_NOT_SUPPORTED"},
    {85, "KRB_AP_ERR_IAKERB_KDC_NOT_FOUND"},
    {86, "KRB_AP_ERR_IAKERB_KDC_NO_RESPONSE"},
    {90, "KDC_ERR_PREAUTH_EXPIRED"},
    {91, "KDC_ERR_MORE_PREAUTH_DATA_REQUIRED"},
    {92, "KDC_ERR_PREAUTH_BAD_AUTHENTICATION_SET"},
    {93, "KDC_ERR_UNKNOWN_CRITICAL_FAST_OPTIONS"},
    {100, "KDC_ERR_NO_ACCEPTABLE_KDF"},
};

/* IANA, Pre-authentication and Typed Data: both are one list (RFC 4120 7.5.2). */
static const inspect_krb5_name padata_types[] = {
    {1, "PA-TGS-REQ"},
    {2, "PA-ENC-TIMESTAMP"},
    {3, "PA-PW-SALT"},
    {5, "PA-ENC-UNIX-TIME"},
    {6, "PA-SANDIA-SECUREID"},
    {7, "PA-SESAME"},
    {8, "PA-OSF-DCE"},
    {9, "PA-CYBERSAFE-SECUREID"},
    {10, "PA-AFS3-SALT"},
    {11, "PA-ETYPE-INFO"},
    {12, "PA-SAM-CHALLENGE"},
    {13, "PA-SAM-RESPONSE"},
    {14, "PA-PK-AS-REQ_OLD"},
    {15, "PA-PK-AS-REP_OLD"},
    {16, "PA-PK-AS-REQ"},
    {17, "PA-PK-AS-REP"},
    {18, "PA-PK-OCSP-RESPONSE"},
    {19, "PA-ETYPE-INFO2"},
    {20, "PA-SVR-REFERRAL-INFO"},
    {21, "PA-SAM-REDIRECT"},
    {22, "PA-GET-FROM-TYPED-DATA"},
    {23, "PA-SAM-ETYPE-INFO"},
    {24, "PA-ALT-PRINC"},
    {25, "PA-SERVER-REFERRAL"},
    {30, "PA-SAM-CHALLENGE2"},
    {31, "PA-SAM-RESPONSE2"},
    {41, "PA-EXTRA-TGT"},
    {101, "TD-PKINIT-CMS-CERTIFICATES"},
    {102, "TD-KRB-PRINCIPAL"},
    {103, "TD-KRB-REALM"},
    {104, "TD-TRUSTED-CERTIFIERS"},
    {105, "TD-INVALID-CERTIFICATES"},
    {106, "TD-APP-DEFINED-ERROR"},
    {107, "TD-REQ-NONCE"},
    {108, "TD-REQ-SEQ"},
    {109, "TD-DH-PARAMETERS"},
    {111, "TD-CMS-DIGEST-ALGORITHMS"},
    {112, "TD-CERT-DIGEST-ALGORITHMS"},
    {128, "PA-PAC-REQUEST"},
    {129, "PA-FOR-USER"},
    {130, "PA-FOR-X509-USER"},
    {131, "PA-FOR-CHECK_DUPS"},
    {132, "PA-AS-CHECKSUM"},
    {133, "PA-FX-COOKIE"},
    {134, "PA-AUTHENTICATION-SET"},
    {135, "PA-AUTH-SET-SELECTED"},
    {136, "PA-FX-FAST"},
    {137, "PA-FX-ERROR"},
    {138, "PA-ENCRYPTED-CHALLENGE"},
    {141, "PA-OTP-CHALLENGE"},
    {142, "PA-OTP-REQUEST"},
    {143, "PA-OTP-CONFIRM"},
    {144, "PA-OTP-PIN-CHANGE"},
    {145, "PA-EPAK-AS-REQ"},
    {146, "PA-EPAK-AS-REP"},
    {147, "PA-PKINIT-KX"},
    {148, "PA-PKU2U-NAME"},
    {149, "PA-REQ-ENC-PA-REP"},
    {150, "PA-AS-FRESHNESS"},
    {151, "PA-SPAKE"},
    {152, "PA-REDHAT-IDP-OAUTH2"},
    {153, "PA-REDHAT-PASSKEY"},
    {161, "KERB-KEY-LIST-REQ"},
    {162, "KERB-KEY-LIST-REP"},
    {165, "PA-SUPPORTED-ETYPES"},
    {167, "PA-PAC-OPTIONS"},
};

/* MS-KILE 2.2.2. */
static const inspect_krb5_name error_data_types[] = {
    {2, "KERB_AP_ERR_TYPE_SKEW_RECOVERY"},
    {3, "KERB_ERR_TYPE_EXTENDED"},
};

/* RFC 4120 7.5.3. */
static const inspect_krb5_name addr_types[] = {
    {2, "IPv4"},       {3, "Directional"},    {5, "ChaosNet"}, {6, "XNS"},   {7, "ISO"},
    {12, "DECNET-IV"}, {16, "AppleTalk-DDP"}, {20, "NetBios"}, {24, "IPv6"},
};

/* RFC 4120 5.5.1. */
static const inspect_krb5_name ap_options[] = {
    {1, "use-session-key"},
    {2, "mutual-required"},
};

/* RFC 4120 5.4.1, RFC 6806 3, RFC 6112 3, MS-SFU 2.2.3. */
static const inspect_krb5_name kdc_options[] = {
    {1, "forwardable"},
    {2, "forwarded"},
    {3, "proxiable"},
    {4, "proxy"},
    {5, "allow-postdate"},
    {6, "postdated"},
    {8, "renewable"},
    {14, "cname-in-addl-tkt"},
    {15, "canonicalize"},
    {16, "request-anonymous"},
    {26, "disable-transited-check"},
    {27, "renewable-ok"},
    {28, "enc-tkt-in-skey"},
    {30, "renew"},
    {31, "validate"},
};

/* RFC 6113 5.4.1.1. */
static const inspect_krb5_name armor_types[] = {
    {1, "FX_FAST_ARMOR_AP_REQUEST"},
};

/* IANA, Kerberos SPAKE Groups and Kerberos Second Factor Types (RFC 9588). */
static const inspect_krb5_name spake_groups[] = {
    {1, "edwards25519"},
    {2, "P-256"},
    {3, "P-384"},
    {4, "P-521"},
};

static const inspect_krb5_name spake_factors[] = {
    {1, "SF-NONE"},
};

/* MS-KILE 2.2.10, MS-SFU 2.2.5. */
static const inspect_krb5_name pac_options[] = {
    {0, "claims"},
    {1, "branch-aware"},
    {2, "forward-to-full-dc"},
    {3, "resource-based-constrained-delegation"},
};

/* MS-SFU 2.2.2, which has no names for them. */
static const inspect_krb5_name s4u_options[] = {
    {1, "check logon hours"},
    {2, "key usage of the reply"},
};

#define NUMBERS(type, member, names) \
    { \
        type, member, names, COUNT(names), INSPECT_PUBLIC, 0 \
    }
#define ETYPES(member) \
    { \
        NULL, member, etypes, COUNT(etypes), INSPECT_PUBLIC, 1 \
    }
#define HIDDEN(member, privacy) \
    { \
        NULL, member, NULL, 0, privacy, 0 \
    }

/* What is not named here is neither: times, nonces, versions. */
static const inspect_krb5_meaning meanings[] = {
    ETYPES("etype"),
    ETYPES("EncryptionTypes"),
    ETYPES("KERB-KEY-LIST-REQ"),
    NUMBERS(NULL, "msg-type", msg_types),
    NUMBERS(NULL, "name-type", name_types),
    NUMBERS(NULL, "error-code", error_codes),
    NUMBERS(NULL, "padata-type", padata_types),
    NUMBERS("KERB-ERROR-DATA", "data-type", error_data_types),
    NUMBERS("TypedDataElement", "data-type", padata_types),
    NUMBERS("PA-AUTHENTICATION-SET-ELEM", "pa-type", padata_types),
    NUMBERS(NULL, "addr-type", addr_types),
    NUMBERS(NULL, "cksumtype", cksumtypes),
    NUMBERS(NULL, "armor-type", armor_types),
    NUMBERS(NULL, "SPAKEGroups", spake_groups),
    NUMBERS("SPAKEChallenge", "group", spake_groups),
    NUMBERS("SPAKESecondFactor", "type", spake_factors),
    NUMBERS("PA-PAC-OPTIONS", "flags", pac_options),
    NUMBERS("S4UUserID", "options", s4u_options),
    NUMBERS(NULL, "ap-options", ap_options),
    NUMBERS(NULL, "kdc-options", kdc_options),
    HIDDEN("realm", INSPECT_IDENTITY),
    HIDDEN("crealm", INSPECT_IDENTITY),
    HIDDEN("target-realm", INSPECT_IDENTITY),
    HIDDEN("userRealm", INSPECT_IDENTITY),
    HIDDEN("NameString", INSPECT_IDENTITY),
    HIDDEN("address", INSPECT_IDENTITY),
    /* The default salt is the realm and the name (RFC 4120 4). */
    HIDDEN("salt", INSPECT_IDENTITY),
    /* Some servers write the principal into it. */
    HIDDEN("e-text", INSPECT_IDENTITY),
    HIDDEN("cipher", INSPECT_CRACKABLE),
    /* What could not be read further may hold a ciphertext. */
    HIDDEN("e-data", INSPECT_CRACKABLE),
    HIDDEN("padata-value", INSPECT_CRACKABLE),
    HIDDEN("data-value", INSPECT_CRACKABLE),
    HIDDEN("cookie", INSPECT_CRACKABLE),
    HIDDEN("armor-value", INSPECT_CRACKABLE),
    HIDDEN("pa-hint", INSPECT_CRACKABLE),
    HIDDEN("pa-value", INSPECT_CRACKABLE),
    HIDDEN("data", INSPECT_CRACKABLE),
    /* Over what else is in the message, with a key. */
    HIDDEN("checksum", INSPECT_CRACKABLE),
    HIDDEN("encKeyPack", INSPECT_CRACKABLE),
    /* Certificates, or parts of them. */
    HIDDEN("signedAuthPack", INSPECT_IDENTITY),
    HIDDEN("dhSignedData", INSPECT_IDENTITY),
    HIDDEN("kdcPkId", INSPECT_IDENTITY),
    HIDDEN("subjectName", INSPECT_IDENTITY),
    HIDDEN("issuerAndSerialNumber", INSPECT_IDENTITY),
    HIDDEN("subjectKeyIdentifier", INSPECT_IDENTITY),
    HIDDEN("subject-certificate", INSPECT_IDENTITY),
};

const inspect_krb5_meaning *inspect_krb5_meaning_of(const char *type, const char *member)
{
    static const inspect_krb5_meaning nothing = {NULL, NULL, NULL, 0, INSPECT_PUBLIC, 0};

    for (size_t i = 0; i < COUNT(meanings); i++)
        if (strcmp(meanings[i].member, member) == 0 &&
            (meanings[i].type == NULL || strcmp(meanings[i].type, type) == 0))
            return &meanings[i];
    return &nothing;
}

const char *inspect_krb5_checksum_name(int64_t cksumtype)
{
    return inspect_krb5_name_of(inspect_krb5_meaning_of("Checksum", "cksumtype"), cksumtype);
}

const char *inspect_krb5_name_of(const inspect_krb5_meaning *meaning, int64_t number)
{
    for (size_t i = 0; i < meaning->num_names; i++)
        if (meaning->names[i].number == number)
            return meaning->names[i].name;
    return NULL;
}

spnego_rule inspect_krb5_etype_rule(int64_t etype)
{
    switch (etype) {
    case 1: /* RFC 6649 */
    case 2:
    case 3:
    case 24:
    case -132:
    case -135:
    case -136:
    case -141:
        return SPNEGO_RULE_KRB5_ETYPE_DES;
    case 5: /* RFC 8429 */
    case 7:
    case 16:
    case 23:
    case -128:
    case -129:
    case -130:
    case -131:
    case -133:
    case -134:
    case -140:
        return SPNEGO_RULE_KRB5_ETYPE_RC4_OR_3DES;
    default:
        return SPNEGO_RULE_NONE;
    }
}
