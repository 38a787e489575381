#include "witness/describe.h"

#include <string.h>

#include <spnego/oid.h>

static witness_bytes bytes(spnego_bytes in)
{
    witness_bytes out = {in.data, in.len};

    return out;
}

void describe_for_stock(witness_token *out, witness_bytes oids[WITNESS_MAX_MECH_TYPES],
                        const spnego_token *token)
{
    const int is_init2 = token->type == SPNEGO_NEG_TOKEN_INIT2;
    spnego_bytes oid;
    size_t cursor = 0;

    memset(out, 0, sizeof *out);
    out->pdu = token->framed ? WITNESS_INITIAL_CONTEXT_TOKEN : WITNESS_NEGOTIATION_TOKEN;
    if (is_init2)
        out->pdu = token->framed ? WITNESS_INITIAL_CONTEXT_TOKEN2 : WITNESS_NEGOTIATION_TOKEN2;
    out->is_resp = token->type == SPNEGO_NEG_TOKEN_RESP;
    if (token->framed)
        out->this_mech = bytes(spnego_oid_contents(SPNEGO_OID_SPNEGO));
    out->has_mech_types = token->mech_types.data != NULL;
    out->mech_types = oids;
    while (out->num_mech_types < WITNESS_MAX_MECH_TYPES &&
           spnego_mech_types_next(&oid, &cursor, token->mech_types))
        oids[out->num_mech_types++] = bytes(oid);
    if (token->req_flags.len > 0) {
        out->req_flags_unused = token->req_flags.data[0];
        out->req_flags.data = token->req_flags.data + 1;
        out->req_flags.len = token->req_flags.len - 1;
    }
    out->has_neg_hints = token->neg_hints.data != NULL;
    out->hint_name = bytes(token->hint_name);
    out->hint_address = bytes(token->hint_address);
    out->has_neg_state = token->has_neg_state;
    out->neg_state = token->neg_state;
    out->supported_mech = bytes(token->supported_mech);
    out->token = bytes(out->is_resp ? token->response_token : token->mech_token);
    out->mech_list_mic = bytes(token->mech_list_mic);
}
