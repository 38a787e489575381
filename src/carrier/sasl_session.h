/*
 * carrier/sasl_session.h - a session of SASL: the exchange (sasl.c), what GSSAPI has behind the
 * context (sasl_gssapi.c), the stream (sasl_stream.c).
 */
#ifndef SPNEGO_CARRIER_SASL_SESSION_H
#define SPNEGO_CARRIER_SASL_SESSION_H

#include <spnego/sasl.h>

#include "carrier/session.h"

typedef enum sasl_state {
    SASL_START,
    SASL_FIRST_CHALLENGE, /* client: the empty one, where there is no initial response           */
    SASL_TOKEN,           /* the peer's next token                                               */
    SASL_OFFER,           /* client, GSSAPI: the server's layers                                 */
    SASL_LAST_RESPONSE,   /* server: an empty one, because the last token went as a challenge    */
    SASL_REPLY,           /* server, GSSAPI: the client's layer and authorization identity       */
    SASL_AUTHORIZE,       /* server: the host's word                                             */
    SASL_OUTCOME,         /* client: success or failure                                          */
    SASL_ESTABLISHED
} sasl_state;

struct spnego_sasl {
    carrier_session base;
    spnego_role role;
    spnego_sasl_mechanism mechanism;
    sasl_state state;
    uint8_t pending;    /* the mechanism needs time                                  */
    uint8_t in_success; /* the token that it has came with the outcome               */
    uint8_t no_initial;
    uint8_t no_success_data;
    uint32_t layers; /* that the host allows */
    uint32_t offered;
    uint32_t layer;
    uint32_t tolerate;
    uint32_t tolerated;
    size_t max_token;
    size_t max_buffer;
    size_t peer_buffer;
    size_t wrap_overhead;
    spnego_bytes last_token; /* for the outcome; a view of the negotiation's */
    nego_buffer authzid;
};

/* Present, and nothing in it. */
spnego_bytes sasl_empty(void);

/* sasl_begin begins a call that may be made in `states`, bits 1 << sasl_state.  Returns
 * SPNEGO_COMPLETE, or the status to return. */
spnego_status sasl_begin(spnego_sasl *session, spnego_turn *turn, unsigned states);

/* sasl_fail ends the session; SPNEGO_NO_OFFSET if nothing of the peer's is at fault. */
spnego_status sasl_fail(spnego_sasl *session, spnego_status status, spnego_rule rule,
                        size_t offset);

/* sasl_layers_of returns the layers that flags of a context allow (RFC 4752 3.1, 3.2). */
uint32_t sasl_layers_of(uint32_t flags);

/* sasl_strongest returns one of them; 0 if there is none. */
uint32_t sasl_strongest(uint32_t layers);

/* sasl_take_peer_buffer notes what the peer takes in one buffer.  Returns 0 if not one octet of
 * data fits, wrapped. */
int sasl_take_peer_buffer(spnego_sasl *session, size_t size);

/* sasl_wrap and sasl_unwrap hand a message to the mechanism; a failure is the session's. */
spnego_status sasl_wrap(spnego_sasl *session, spnego_bytes *out, spnego_bytes message, int conf);
spnego_status sasl_unwrap(spnego_sasl *session, spnego_bytes *out, int *out_conf,
                          spnego_bytes message);

/* GSSAPI, RFC 4752 3.1, 3.2: the server's offer, the client's reply.  Each returns the session's
 * status. */
spnego_status sasl_gssapi_offer(spnego_sasl *session, spnego_turn *turn);
spnego_status sasl_gssapi_take_offer(spnego_sasl *session, spnego_turn *turn, spnego_bytes in);
spnego_status sasl_gssapi_take_reply(spnego_sasl *session, spnego_bytes in);

/* sasl_authorize_next puts the question to the host. */
spnego_status sasl_authorize_next(spnego_sasl *session);

#endif /* SPNEGO_CARRIER_SASL_SESSION_H */
