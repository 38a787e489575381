#include "inspect/nt_status.h"

#include <stddef.h>

typedef struct inspect_nt_status {
    uint32_t status;
    const char *name;
    const char *cause;
} inspect_nt_status;

/* clang-format off */
static const inspect_nt_status statuses[] = {
    {0x00000000, "STATUS_SUCCESS", NULL},
    {0xc0000001, "STATUS_UNSUCCESSFUL", NULL},
    {0xc000000d, "STATUS_INVALID_PARAMETER", NULL},
    {0xc0000016, "STATUS_MORE_PROCESSING_REQUIRED", NULL},
    {0xc0000017, "STATUS_NO_MEMORY", NULL},
    {0xc0000022, "STATUS_ACCESS_DENIED", NULL},
    {0xc0000034, "STATUS_OBJECT_NAME_NOT_FOUND", NULL},
    {0xc000005e, "STATUS_NO_LOGON_SERVERS", "no domain controller can be reached"},
    {0xc000005f, "STATUS_NO_SUCH_LOGON_SESSION", NULL},
    {0xc0000061, "STATUS_PRIVILEGE_NOT_HELD", NULL},
    {0xc0000062, "STATUS_INVALID_ACCOUNT_NAME", NULL},
    {0xc0000064, "STATUS_NO_SUCH_USER", "no account has this name"},
    {0xc000006a, "STATUS_WRONG_PASSWORD", "the password is wrong"},
    {0xc000006c, "STATUS_PASSWORD_RESTRICTION", NULL},
    {0xc000006d, "STATUS_LOGON_FAILURE", "the name or the password is wrong"},
    {0xc000006e, "STATUS_ACCOUNT_RESTRICTION", "a policy forbids it to this account, an empty password for instance"},
    {0xc000006f, "STATUS_INVALID_LOGON_HOURS", "the account may not log on at this hour"},
    {0xc0000070, "STATUS_INVALID_WORKSTATION", "the account may not log on from this machine"},
    {0xc0000071, "STATUS_PASSWORD_EXPIRED", "the password has expired"},
    {0xc0000072, "STATUS_ACCOUNT_DISABLED", "the account is disabled"},
    {0xc000009a, "STATUS_INSUFFICIENT_RESOURCES", NULL},
    {0xc00000bb, "STATUS_NOT_SUPPORTED", NULL},
    {0xc00000df, "STATUS_NO_SUCH_DOMAIN", NULL},
    {0xc00000e5, "STATUS_INTERNAL_ERROR", NULL},
    {0xc00000fe, "STATUS_NO_SUCH_PACKAGE", NULL},
    {0xc0000133, "STATUS_TIME_DIFFERENCE_AT_DC", "the clocks differ by more than is allowed"},
    {0xc0000155, "STATUS_LOGON_NOT_GRANTED", NULL},
    {0xc000015b, "STATUS_LOGON_TYPE_NOT_GRANTED", "the account has no right to log on over the network"},
    {0xc000018a, "STATUS_NO_TRUST_LSA_SECRET", NULL},
    {0xc000018b, "STATUS_NO_TRUST_SAM_ACCOUNT", "the domain has no account for this machine"},
    {0xc000018c, "STATUS_TRUSTED_DOMAIN_FAILURE", "the trust between the domains does not work"},
    {0xc000018d, "STATUS_TRUSTED_RELATIONSHIP_FAILURE", "the trust between the machine and its domain does not work"},
    {0xc0000190, "STATUS_TRUST_FAILURE", NULL},
    {0xc0000192, "STATUS_NETLOGON_NOT_STARTED", NULL},
    {0xc0000193, "STATUS_ACCOUNT_EXPIRED", "the account has expired"},
    {0xc0000198, "STATUS_NOLOGON_INTERDOMAIN_TRUST_ACCOUNT", NULL},
    {0xc0000199, "STATUS_NOLOGON_WORKSTATION_TRUST_ACCOUNT", NULL},
    {0xc000019a, "STATUS_NOLOGON_SERVER_TRUST_ACCOUNT", NULL},
    {0xc000019b, "STATUS_DOMAIN_TRUST_INCONSISTENT", NULL},
    {0xc0000224, "STATUS_PASSWORD_MUST_CHANGE", "the password must be changed before the first logon"},
    {0xc0000225, "STATUS_NOT_FOUND", NULL},
    {0xc0000233, "STATUS_DOMAIN_CONTROLLER_NOT_FOUND", "no domain controller can be reached"},
    {0xc0000234, "STATUS_ACCOUNT_LOCKED_OUT", "the account is locked after too many wrong passwords"},
    {0xc00002c3, "STATUS_MUTUAL_AUTHENTICATION_FAILED", NULL},
    {0xc00002f8, "STATUS_NO_PA_DATA", NULL},
    {0xc00002f9, "STATUS_PKINIT_NAME_MISMATCH", NULL},
    {0xc00002fa, "STATUS_SMARTCARD_LOGON_REQUIRED", "the account may log on with a smart card alone"},
    {0xc00002fb, "STATUS_KDC_INVALID_REQUEST", NULL},
    {0xc00002fc, "STATUS_KDC_UNABLE_TO_REFER", NULL},
    {0xc00002fd, "STATUS_KDC_UNKNOWN_ETYPE", "there is no key of an encryption type that the other side allows"},
    {0xc0000320, "STATUS_PKINIT_FAILURE", NULL},
    {0xc0000322, "STATUS_NO_KERB_KEY", NULL},
    {0xc0000388, "STATUS_DOWNGRADE_DETECTED", NULL},
    {0xc0000413, "STATUS_AUTHENTICATION_FIREWALL_FAILED", "selective authentication is on, and the account may not authenticate to this machine"},
    {0xc0000418, "STATUS_NTLM_BLOCKED", "a policy forbids NTLM here"},
};
/* clang-format on */

static const inspect_nt_status *inspect_nt_status_find(uint32_t status)
{
    static const inspect_nt_status none = {0, NULL, NULL};

    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
        if (statuses[i].status == status)
            return &statuses[i];
    return &none;
}

const char *inspect_nt_status_name(uint32_t status)
{
    return inspect_nt_status_find(status)->name;
}

const char *inspect_nt_status_cause(uint32_t status)
{
    return inspect_nt_status_find(status)->cause;
}
