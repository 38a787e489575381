#include "carrier/xmpp_text.h"

#include "base/bytes.h"
#include "carrier/sasl_session.h"

/* RFC 6120 6.4.2 and 6.4.6: in <auth/> and <success/> no octets are "=", because nothing at all
 * means that there is no such message; elsewhere there always is one. */
static int may_be_absent(spnego_xmpp_name name)
{
    return name == SPNEGO_XMPP_AUTH || name == SPNEGO_XMPP_SUCCESS;
}

static int is_equals(spnego_bytes text)
{
    return text.len == 1 && text.data[0] == '=';
}

spnego_rule xmpp_text_read(spnego_bytes *out_data, size_t *out_offset, nego_buffer *room,
                           const nego_host *host, const spnego_xmpp_element *element,
                           uint32_t tolerate)
{
    const spnego_bytes text = element->text;
    size_t len = text.len / 4 * 3 + 2;
    spnego_rule rule;

    *out_data = sasl_empty();
    *out_offset = SPNEGO_NO_OFFSET;
    nego_buffer_clear(room);
    if (text.len == 0) {
        if (may_be_absent(element->name))
            *out_data = bytes_absent();
        return SPNEGO_RULE_NONE;
    }
    if (is_equals(text) && (may_be_absent(element->name) || (tolerate & SPNEGO_XMPP_TAKE_EQUALS)))
        return SPNEGO_RULE_NONE;
    if (!nego_buffer_room(room, host, len))
        return SPNEGO_RULE_MEMORY_EXHAUSTED;
    rule = spnego_base64_decode(room->data, &len, out_offset, (const char *)text.data, text.len,
                                tolerate);
    if (rule != SPNEGO_RULE_NONE)
        return rule;
    room->len = len;
    out_data->data = room->data;
    out_data->len = len;
    return SPNEGO_RULE_NONE;
}

int xmpp_text_write(spnego_xmpp_element *element, nego_buffer *room, const nego_host *host,
                    spnego_bytes data)
{
    static const uint8_t equals = '=';
    const size_t len = spnego_base64_encoded_len(data.len);

    nego_buffer_clear(room);
    element->text = bytes_absent();
    if (data.data != NULL && data.len == 0 && may_be_absent(element->name)) {
        element->text.data = &equals;
        element->text.len = 1;
    }
    if (data.len == 0)
        return 1;
    if (len == 0 || !nego_buffer_room(room, host, len))
        return 0;
    room->len = spnego_base64_encode((char *)room->data, len, data);
    element->text = nego_buffer_view(room);
    return 1;
}
