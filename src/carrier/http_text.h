/* carrier/http_text.h - words of header fields, in upper or lower case (RFC 9110 5.1, 11.1). */
#ifndef SPNEGO_CARRIER_HTTP_TEXT_H
#define SPNEGO_CARRIER_HTTP_TEXT_H

#include <spnego/types.h>

#include <string.h>

static inline spnego_bytes http_text(const char *text)
{
    const spnego_bytes view = {(const uint8_t *)text, strlen(text)};

    return view;
}

/* http_is_word compares without regard to the case of ASCII's letters. */
int http_is_word(spnego_bytes octets, const char *word);

/* http_trim takes off the blanks around a field's value (RFC 9110 5.5). */
spnego_bytes http_trim(spnego_bytes value);

#endif /* SPNEGO_CARRIER_HTTP_TEXT_H */
