/* carrier/xmpp_text.h - the character data of an element: absent, empty and octets told apart. */
#ifndef SPNEGO_CARRIER_XMPP_TEXT_H
#define SPNEGO_CARRIER_XMPP_TEXT_H

#include <spnego/xmpp.h>

#include "nego/buffer.h"

/* xmpp_text_read decodes the text of the element into *room; *out_data is absent, empty, or a view
 * of it.  Returns the rule that is broken, with its place in *out_offset: MEMORY_EXHAUSTED also. */
spnego_rule xmpp_text_read(spnego_bytes *out_data, size_t *out_offset, nego_buffer *room,
                           const nego_host *host, const spnego_xmpp_element *element,
                           uint32_t tolerate);

/* xmpp_text_write sets the element's text, a view of *room.  Returns 0 if there is no memory. */
SPNEGO_MUST_USE int xmpp_text_write(spnego_xmpp_element *element, nego_buffer *room,
                                    const nego_host *host, spnego_bytes data);

#endif /* SPNEGO_CARRIER_XMPP_TEXT_H */
