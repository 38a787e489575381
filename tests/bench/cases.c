#include "bench/cases.h"

#include <string.h>

#include <spnego/oid.h>

static uint8_t payload[65536];

static spnego_bytes payload_of(size_t len)
{
    const spnego_bytes out = {payload, len};

    return out;
}

static int make_init(bench_case *out, const char *name, size_t num_mechs, size_t token_len)
{
    static const spnego_oid offered[CASES_MAX_MECHS] = {SPNEGO_OID_KRB5, SPNEGO_OID_MS_KRB5,
                                                        SPNEGO_OID_NTLMSSP};

    out->name = name;
    out->num_mechs = num_mechs;
    for (size_t i = 0; i < num_mechs; i++)
        out->mechs[i] = spnego_oid_contents(offered[i]);
    out->token.type = SPNEGO_NEG_TOKEN_INIT;
    out->token.framed = 1;
    out->token.mech_token = payload_of(token_len);
    return spnego_mech_types_encode(&out->token.mech_types, out->list, sizeof out->list, out->mechs,
                                    num_mechs) == SPNEGO_RULE_NONE;
}

static void make_resp(bench_case *out)
{
    out->name = "resp-200-mic";
    out->token.type = SPNEGO_NEG_TOKEN_RESP;
    out->token.has_neg_state = 1;
    out->token.neg_state = SPNEGO_ACCEPT_COMPLETED;
    out->token.supported_mech = spnego_oid_contents(SPNEGO_OID_KRB5);
    out->token.response_token = payload_of(200);
    out->token.mech_list_mic = payload_of(16);
}

static int encode(bench_case *out)
{
    spnego_bytes der;

    if (spnego_token_encode(&der, out->der, sizeof out->der, &out->token) != SPNEGO_RULE_NONE)
        return 0;
    memmove(out->der, der.data, der.len);
    out->der_len = der.len;
    return 1;
}

int cases_make(bench_case cases[CASES_NUM])
{
    for (size_t i = 0; i < sizeof payload; i++)
        payload[i] = (uint8_t)(i * 31 + 7);
    memset(cases, 0, CASES_NUM * sizeof cases[0]);
    if (!make_init(&cases[0], "init-3-mechs-40", 3, 40) ||
        !make_init(&cases[1], "init-1-mech-1600", 1, 1600) ||
        !make_init(&cases[2], "init-1-mech-65536", 1, 65536))
        return 0;
    make_resp(&cases[3]);
    if (!make_init(&cases[4], "init-1-mech-40", 1, 40))
        return 0;
    for (size_t i = 0; i < CASES_NUM; i++)
        if (!encode(&cases[i]))
            return 0;
    return 1;
}
