/*
 * inspect_ntlm_read, what the command shows of a message of NTLM.
 *
 * The input is what follows the signature; the laws are those of output.h.
 */
#include "output.h"

static const char signature[8] = "NTLMSSP";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    spnego_bytes token = {NULL, sizeof signature + size};
    uint8_t *octets = malloc(token.len);

    LAW(octets != NULL);
    memcpy(octets, signature, sizeof signature);
    if (size > 0)
        memcpy(octets + sizeof signature, data, size);
    token.data = octets;
    check_output(token);
    free(octets);
    return 0;
}
