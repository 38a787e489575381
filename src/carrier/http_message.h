/* carrier/http_message.h - what the header section of one message says of authentication. */
#ifndef SPNEGO_CARRIER_HTTP_MESSAGE_H
#define SPNEGO_CARRIER_HTTP_MESSAGE_H

#include <spnego/http.h>

typedef struct http_found {
    int offered;          /* the scheme is there                                         */
    int others;           /* another scheme is                                           */
    spnego_bytes token68; /* the scheme's; absent if it has none                         */
    size_t token_at;      /* where that lies in the value of its field                   */
    spnego_rule rule;     /* what is wrong with the scheme's challenge or credentials    */
    size_t offset;
    spnego_rule others_rule; /* the first thing that is wrong elsewhere, and the place   */
    size_t others_offset;
} http_found;

/* http_find_challenge looks through all fields of that name, http_find_credentials into the one
 * that there may be.  What is wrong with other schemes is no reason not to answer this one. */
void http_find_challenge(http_found *out, const spnego_http_message *message,
                         spnego_http_header header, size_t max_value);
void http_find_credentials(http_found *out, const spnego_http_message *message,
                           spnego_http_header header, size_t max_value);

/* What Persistent-Auth says (MS-N2HT 2.2.2): other values are none. */
typedef enum http_persistent {
    HTTP_PERSISTENT_ABSENT = 0,
    HTTP_PERSISTENT_TRUE,
    HTTP_PERSISTENT_FALSE
} http_persistent;
http_persistent http_find_persistent(const spnego_http_message *message);

#endif /* SPNEGO_CARRIER_HTTP_MESSAGE_H */
