#include <spnego/types.h>

const char *spnego_version(void)
{
    return SPNEGO_VERSION;
}
