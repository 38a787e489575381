/* RFC 1961: the authentication messages of SOCKS5's method 1, behind the choice of methods (RFC
 * 1928 3). */
#include <string.h>

#include "inspect/carry.h"
#include "inspect/looks.h"
#include "inspect/octets.h"

enum { SOCKS_VERSION = 5, METHOD_GSSAPI = 1, SUB_VERSION = 1 };
enum { AUTHENTICATE = 1, PROTECTION = 2, ENCAPSULATED = 3, ABORT = 0xff };

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
    inspect_octets octets = inspect_octets_at(in, 2);
    uint8_t type;

    *amount = in.len;
    if (from->is_done)
        return INSPECT_STEP_USED;
    if (in.data[0] == SOCKS_VERSION)
        return inspect_socks5_greeting(carry, side, in, amount);
    if (in.data[0] != SUB_VERSION || carry->carrier != INSPECT_CARRIER_SOCKS5)
        return INSPECT_STEP_NOT;
    *amount = 2;
    if (in.len < 2)
        return INSPECT_STEP_MORE;
    type = in.data[1];
    /* RFC 1961 3.8: an abort is these two octets. */
    if (type == ABORT)
        return INSPECT_STEP_USED;
    if (type < AUTHENTICATE || type > ENCAPSULATED)
        return INSPECT_STEP_NOT;
    *amount = 4;
    if (in.len < 4)
        return INSPECT_STEP_MORE;
    *amount += inspect_octets_big(&octets, 2);
    if (in.len < *amount)
        return INSPECT_STEP_MORE;
    if (type == AUTHENTICATE)
        inspect_carry_token(carry, side, &carried, inspect_octets_take(&octets, *amount - 4));
    /* RFC 1961 4: after the level of protection the context is used, not set up. */
    from->is_done = type == PROTECTION && carry->connection != NULL;
    return INSPECT_STEP_USED;
}
