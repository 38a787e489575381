/* XMPP (RFC 6120 6.4, XEP-0388): the base64 in the elements of SASL.
 *
 * spnego/xmpp_xml.h reads them with expat, which this command does without, ends with what is not
 * well-formed, and has to begin where the stream does; a capture may begin in the middle, and go on
 * behind something that is missing. */
#include <string.h>

#include "inspect/base64.h"
#include "inspect/carry.h"
#include "inspect/looks.h"

static const struct {
    const char *name;
    inspect_role sender;
} elements[] = {{"auth", INSPECT_ROLE_INITIATOR},
                {"response", INSPECT_ROLE_INITIATOR},
                {"initial-response", INSPECT_ROLE_INITIATOR},
                {"challenge", INSPECT_ROLE_ACCEPTOR},
                {"success", INSPECT_ROLE_ACCEPTOR},
                {"additional-data", INSPECT_ROLE_ACCEPTOR}};

/* The sender of the element whose tag this is, UNKNOWN for one that holds no token.  `tag` goes
 * from '<' to '>'. */
static inspect_role inspect_xmpp_sender(spnego_bytes tag)
{
    size_t len = 1;

    if (tag.data[tag.len - 2] == '/')
        return INSPECT_ROLE_UNKNOWN;
    while (len < tag.len && strchr(" \t\r\n>", tag.data[len]) == NULL)
        len++;
    for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++)
        if (strlen(elements[i].name) == len - 1 &&
            memcmp(tag.data + 1, elements[i].name, len - 1) == 0)
            return elements[i].sender;
    return INSPECT_ROLE_UNKNOWN;
}

/* Other mechanisms' base64 stands in the same elements, so what it says is looked at. */
static void inspect_xmpp_token(inspect_carry *carry, int side, inspect_role sender,
                               spnego_bytes text)
{
    const inspect_carried carried = {"xmpp", sender, INSPECT_SCHEME_NONE, 0, INSPECT_PLACE_UNTOLD};
    inspect_text token = {NULL, 0, 0, 0};
    inspect_base64 state;

    memset(&state, 0, sizeof state);
    inspect_base64_put(&state, &token, text.data, text.len);
    if (inspect_base64_finish(&state) && token.len > 0 &&
        inspect_looks_token(inspect_text_bytes(&token)))
        inspect_carry_token(carry, side, &carried, inspect_text_bytes(&token));
    carry->finder->failed |= token.failed;
    inspect_text_free(&token);
}

static int inspect_xmpp_may_begin(spnego_bytes in)
{
    static const char *const begins[] = {"<?xml", "<stream:stream", "<auth ", "<authenticate "};

    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++) {
        const size_t len = strlen(begins[i]);
        if (memcmp(in.data, begins[i], in.len < len ? in.len : len) == 0)
            return 1;
    }
    return 0;
}

inspect_step inspect_carry_xmpp(inspect_carry *carry, int side, spnego_bytes in, size_t *amount)
{
    inspect_side *from = &carry->sides[side];
    const uint8_t *end;
    spnego_bytes tag = in, text;
    inspect_role sender;

    if (carry->carrier != INSPECT_CARRIER_XMPP && !inspect_xmpp_may_begin(in))
        return INSPECT_STEP_NOT;
    *amount = in.len;
    if (in.data[0] != '<') {
        end = memchr(in.data, '<', in.len);
        if (end != NULL)
            *amount = (size_t)(end - in.data);
        return INSPECT_STEP_USED;
    }
    end = memchr(in.data, '>', in.len);
    if (end == NULL)
        return INSPECT_STEP_MORE;
    tag.len = (size_t)(end - in.data) + 1;
    sender = inspect_xmpp_sender(tag);
    *amount = tag.len;
    if (sender == INSPECT_ROLE_UNKNOWN)
        return INSPECT_STEP_USED;
    text.data = in.data + tag.len;
    if (from->seen < tag.len)
        from->seen = tag.len;
    end = memchr(in.data + from->seen, '<', in.len - from->seen);
    if (end == NULL) {
        from->seen = in.len;
        return INSPECT_STEP_MORE;
    }
    text.len = (size_t)(end - text.data);
    *amount = tag.len + text.len;
    inspect_xmpp_token(carry, side, sender, text);
    return INSPECT_STEP_USED;
}
