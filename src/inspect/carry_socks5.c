/* RFC 1961: the authentication messages of SOCKS5's method 1, behind the choice of methods (RFC
 * 1928 3). */
#include <string.h>

#include <spnego/socks5.h>

#include "inspect/carry.h"
#include "inspect/looks.h"

enum { SOCKS_VERSION = 5, METHOD_GSSAPI = SPNEGO_SOCKS5_METHOD_GSSAPI, SUB_VERSION = 1 };

/* In a stream alone the answer of the server, two octets, begins like the greeting of a client,
 * three or more; it is one where a token comes right behind it. */
static int inspect_socks5_is_answer(spnego_bytes in)
{
    spnego_bytes token = in;

    if (in.len < 8 || in.data[1] != METHOD_GSSAPI || in.data[2] != SUB_VERSION)
        return 0;
    token.data += 6;
    token.len -= 6;
    return inspect_looks_begun(token);
}

/* What the client offers must have method 1 in it. */
static inspect_step inspect_socks5_greeting(const inspect_carry *carry, int side, spnego_bytes in,
                                            size_t *amount)
{
    size_t len;

    *amount = 2;
    if (in.len < 2)
        return INSPECT_STEP_MORE;
    if (carry->connection != NULL && side != carry->connection->opener)
        return in.data[1] == METHOD_GSSAPI ? INSPECT_STEP_USED : INSPECT_STEP_NOT;
    if (carry->connection == NULL && inspect_socks5_is_answer(in))
        return INSPECT_STEP_USED;
    len = in.data[1] + (size_t)2;
    *amount = len;
    if (in.len < len)
        return INSPECT_STEP_MORE;
    if (len == 2 || memchr(in.data + 2, METHOD_GSSAPI, len - 2) == NULL)
        return INSPECT_STEP_NOT;
    return INSPECT_STEP_USED;
}

inspect_step inspect_carry_socks5(inspect_carry *carry, int side, spnego_bytes in, size_t *amount)
{
    const inspect_carried carried = {"socks5", INSPECT_ROLE_UNKNOWN, INSPECT_SCHEME_NONE, 0,
                                     INSPECT_PLACE_UNTOLD};
    inspect_side *from = &carry->sides[side];
    spnego_socks5_frame frame;
    spnego_status status;
    size_t len;

    *amount = in.len;
    if (from->is_done)
        return INSPECT_STEP_USED;
    if (in.data[0] == SOCKS_VERSION)
        return inspect_socks5_greeting(carry, side, in, amount);
    if (in.data[0] != SUB_VERSION || carry->carrier != INSPECT_CARRIER_SOCKS5)
        return INSPECT_STEP_NOT;
    status = spnego_socks5_frame_read(&frame, &len, NULL, in);
    if (status < 0)
        return INSPECT_STEP_NOT;
    *amount = len;
    if (status == SPNEGO_CONTINUE)
        return INSPECT_STEP_MORE;
    if (frame.type == SPNEGO_SOCKS5_AUTHENTICATION)
        inspect_carry_token(carry, side, &carried, frame.token);
    /* RFC 1961 4: after the level of protection the context is used, not set up. */
    from->is_done = frame.type == SPNEGO_SOCKS5_PROTECTION && carry->connection != NULL;
    return INSPECT_STEP_USED;
}
