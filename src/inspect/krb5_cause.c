#include "inspect/krb5_cause.h"

#include <stddef.h>

static const struct {
    int64_t code;
    const char *cause;
} causes[] = {
    {6, "the KDC does not know the client's name"},
    {7, "the KDC does not know the service's name: no account has this SPN"},
    {12, "a policy of the KDC forbids it, the hours or the machine of the account for instance"},
    {13, "the KDC does not allow it, delegation to this service for instance"},
    {14, "there is no key of an encryption type that the other side allows"},
    {18, "the client's account is locked, expired or disabled"},
    {23, "the password has expired"},
    {24, "the password is wrong"},
    {25, "no trouble: the client asks again, with what the KDC wants first"},
    {27, "the service has no key of its own: it takes user-to-user tickets alone"},
    {29, "a part of the KDC, or another KDC, cannot be reached"},
    {31,
     "what came does not decrypt with the key that is here: an old keytab, or another account's"},
    {32, "the ticket has expired"},
    {33, "the ticket is not valid yet: the clocks differ"},
    {34, "the same request came a second time: a replay, or a retransmission"},
    {35, "the ticket is for another service than the one that got it"},
    {36, "ticket and authenticator name different clients"},
    {37, "the clocks differ by more than is allowed, five minutes as a rule"},
    {41,
     "the ticket was made with another key than the service has: an old keytab, or the SPN belongs "
     "to another account"},
    {44, "the service's keytab lacks the version of the key that the ticket was made with"},
    {45, "the service has no key for the name that the ticket is for"},
    {46, "the client could not tell that it is the right server that answered"},
    {50, "the KDC or the service does not take a checksum of this type"},
    {52, "the answer does not fit into a datagram: the client asks again over TCP"},
    {62, "the KDC does not trust who made the client's certificate"},
    {66, "the certificate is not that of the client's account"},
    {68, "the client's account is in another realm: the client asks there"},
    {69, "the service has no key of its own: it takes user-to-user tickets alone"},
    {70, "the KDC cannot follow the client's certificate to one that it trusts"},
    {72, "the client's certificate has been revoked"},
    {75, "the certificate names another client than the request does"},
    {85, "the server that the client logs on through finds no KDC of the realm"},
    {86, "the server that the client logs on through gets no answer from the KDC"},
    {91, "no trouble: the client goes on with the method that it chose"},
};

const char *inspect_krb5_cause(int64_t error_code)
{
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++)
        if (causes[i].code == error_code)
            return causes[i].cause;
    return NULL;
}
