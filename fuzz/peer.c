#include "peer.h"

#include <spnego/oid.h>

#define MAX_OPERATIONS 48

static const spnego_bytes absent = {NULL, 0};
static const spnego_bytes empty = {(const uint8_t *)"", 0};

/* The side under test, and the token that is being made for it. */
typedef struct peer {
    watched side;
    source from;
    toy_mech *toy;       /* the side's, whose tokens are sent; or NULL                 */
    int leg;             /* the one that comes next                                    */
    octets list;         /* of a NegTokenInit                                          */
    uint8_t inner[8192]; /* the mechanism's token                                      */
    uint8_t mic[16];
    uint8_t der[16384]; /* the token lies at its end                                  */
} peer;

static int is_acceptor(const peer *p)
{
    return p->side.toy.config.role == SPNEGO_INITIATOR;
}

/* ---- The mechanism --------------------------------------------------------------------------- */

/* The side's mechanism that a token for it is made for. */
static toy_mech *find_toy(peer *p, spnego_bytes first_offered)
{
    watched *side = &p->side;
    toy_mech *toy = side->toy.mechs[0].self;

    if (!is_acceptor(p))
        return side_toy(side,
                        side->supported.len != 0 ? octets_view(&side->supported) : first_offered);
    for (size_t i = side->toy.config.num_mechs; i-- > 0;) {
        toy_mech *other = side->toy.mechs[i].self;

        if (other->steps != 0 && !other->abandoned && !(other->lie == TOY_UNAVAILABLE))
            return other;
        if (side_has_credential(side, i))
            toy = other;
    }
    return toy;
}

static void choose_toy(peer *p, spnego_bytes first_offered)
{
    p->toy = find_toy(p, first_offered);
    p->leg = is_acceptor(p) ? 2 : 1;
    if (p->toy != NULL && p->toy->next_leg != 0)
        p->leg = p->toy->next_leg;
}

/* ---- Fields -------------------------------------------------------------------------------- */

enum { HONEST_STATE = 5, HONEST_OID = 0, HONEST_INNER = 0, HONEST_MIC = 1 };

/* 0 honest, 1 absent, 2 empty, 3 any leg of any mechanism, 4 an octet is wrong, 5 the mechanism's
 * error token, 6 octets of the input, 7 what the side's mechanism said last, 8 of another session.
 */
static spnego_bytes make_inner(peer *p, unsigned how)
{
    const toy_mech *toy = p->toy;
    uint8_t which;
    size_t len;

    if (how == 1 || how > 8 || (toy == NULL && how != 3 && how != 6))
        return absent;
    if (how == 2)
        return empty;
    if (how == 6)
        return take_bytes(&p->from);
    if (how == 7)
        return octets_view(&p->side.inner);
    if (how == 5) {
        p->inner[0] = (uint8_t)toy->name[0];
        memcpy(p->inner + 1, "/error", 6);
        return (spnego_bytes){p->inner, 7};
    }
    if (how == 3) {
        which = take(&p->from);
        len = toy_token(p->inner, (const char *[]){"X", "Y", "Z", "X"}[which & 3], which >> 2 & 7,
                        1, 0);
        return (spnego_bytes){p->inner, len};
    }
    if (p->leg > toy->legs)
        return absent;
    if (toy->empty_legs >> p->leg & 1)
        return empty;
    len = toy_token(p->inner, toy->name, p->leg, toy->session + (how == 8), toy->token_len);
    if (how == 4)
        p->inner[len - 1] ^= 1;
    return (spnego_bytes){p->inner, len};
}

/* Whether the mechanism is complete once it has that token. */
static int completes(const peer *p, spnego_bytes inner)
{
    return p->toy != NULL && p->leg + (inner.data != NULL) > p->toy->legs;
}

/* 0 absent, 1 the right one if the mechanism is complete then, 2 the right one, 3 an octet is
 * wrong, 4 the side's own, 5 the token beside it, 6 empty, 7 over the list without its last octet,
 * 8 octets of the input, 9 that of the other direction. */
static spnego_bytes make_mic(peer *p, unsigned how, spnego_bytes inner, spnego_bytes list)
{
    const spnego_bytes mic = {p->mic, sizeof p->mic};

    if (how == 0 || how > 9 || (how == HONEST_MIC && !completes(p, inner)))
        return absent;
    if (how == 4)
        return octets_view(&p->side.mic);
    if (how == 5)
        return inner;
    if (how == 6)
        return empty;
    if (how == 8)
        return take_bytes(&p->from);
    if (p->toy == NULL)
        return absent;
    if (how == 7 && list.len != 0)
        list.len--;
    mic_of(p->mic, p->toy, is_acceptor(p) == (how != 9), list);
    if (how == 3)
        p->mic[15] ^= 0x80;
    return mic;
}

/* 2 to 5 the four mechanisms, 6 Kerberos' old one, 7 SPNEGO's own, 8 one that nobody knows. */
static spnego_bytes oid_of(unsigned how)
{
    static const uint8_t unknown[] = {0x2b, 6, 1, 4, 1, 0x86, 0x8d, 0x1f, 9};

    switch (how) {
    case 2:
        return toy_x.oid;
    case 3:
        return toy_y.oid;
    case 4:
        return toy_z.oid;
    case 5:
        return toy_ms.oid;
    case 6:
        return spnego_oid_contents(SPNEGO_OID_KRB5_OLD);
    case 7:
        return spnego_oid_contents(SPNEGO_OID_SPNEGO);
    default:
        return (spnego_bytes){unknown, sizeof unknown};
    }
}

static spnego_bytes own_oid(const peer *p)
{
    for (size_t i = 0; i < p->side.toy.config.num_mechs; i++)
        if (p->side.toy.mechs[i].self == p->toy)
            return p->side.toy.mechs[i].ops->oid;
    return absent;
}

/* 0 honest, in an acceptor's first reply only; 1 absent; 9 the mechanism's own in any. */
static spnego_bytes make_supported(const peer *p, unsigned how)
{
    const int is_first = strcmp(spnego_context_state(p->side.toy.context), "first-reply") == 0;

    if (how == HONEST_OID)
        return is_first ? own_oid(p) : absent;
    if (how == 1)
        return absent;
    return how == 9 ? own_oid(p) : oid_of(how);
}

/* 0 to 3 as they are, 4 absent, 5 honest. */
static int honest_state(const peer *p, const spnego_token *token)
{
    if (token->supported_mech.data != NULL && !is_same_mech(token->supported_mech, own_oid(p)))
        return SPNEGO_REQUEST_MIC;
    if (!completes(p, token->response_token))
        return SPNEGO_ACCEPT_INCOMPLETE;
    if (!is_acceptor(p))
        return token->response_token.data != NULL ? SPNEGO_ACCEPT_INCOMPLETE
                                                  : SPNEGO_ACCEPT_COMPLETED;
    return token->mech_list_mic.data != NULL && !p->side.mic_in_last ? SPNEGO_ACCEPT_INCOMPLETE
                                                                     : SPNEGO_ACCEPT_COMPLETED;
}

/* ---- Tokens -------------------------------------------------------------------------------- */

static spnego_bytes encode(peer *p, const spnego_token *token)
{
    spnego_bytes der;

    return spnego_token_encode(&der, p->der, sizeof p->der, token) == SPNEGO_RULE_NONE ? der
                                                                                       : absent;
}

/* Two octets: negState and supportedMech, responseToken and mechListMIC; lower half first. */
static spnego_bytes make_resp(peer *p)
{
    const uint8_t head = take(&p->from), body = take(&p->from);
    const unsigned state = head & 15;
    spnego_token token = {.type = SPNEGO_NEG_TOKEN_RESP};

    choose_toy(p, absent);
    token.supported_mech = make_supported(p, head >> 4);
    token.response_token = make_inner(p, body & 15);
    token.mech_list_mic = make_mic(p, body >> 4, token.response_token, octets_view(&p->side.list));
    token.has_neg_state = state != 4;
    token.neg_state = state < 4 ? (int)state : honest_state(p, &token);
    return encode(p, &token);
}

/* One octet: how many OIDs, each another octet. */
static spnego_bytes make_list(peer *p)
{
    const unsigned num = 1 + take(&p->from) % 40;
    spnego_bytes oids[40], needed, der;

    for (unsigned i = 0; i < num; i++)
        oids[i] = oid_of(2 + take(&p->from) % 8);
    if (spnego_mech_types_encode(&needed, NULL, 0, oids, num) !=
        SPNEGO_RULE_ENCODE_BUFFER_TOO_SMALL)
        return absent;
    octets_set(&p->list, (spnego_bytes){p->der, needed.len});
    if (spnego_mech_types_encode(&der, p->list.data, needed.len, oids, num) != SPNEGO_RULE_NONE)
        abort();
    return der;
}

/* The list, then an octet: mechToken and mechListMIC; one more: 1 reqFlags, 2 not framed. */
static spnego_bytes make_init(peer *p, spnego_token_type type)
{
    static const uint8_t req_flags[] = {1, 0x42};
    spnego_token token = {.type = type};
    spnego_bytes first;
    size_t cursor = 0;
    uint8_t body, more;

    token.mech_types = make_list(p);
    (void)spnego_mech_types_next(&first, &cursor, token.mech_types);
    choose_toy(p, first);
    body = take(&p->from);
    more = take(&p->from);
    token.framed = !(more & 2);
    if (more & 1)
        token.req_flags = (spnego_bytes){req_flags, sizeof req_flags};
    token.mech_token = make_inner(p, body & 15);
    token.mech_list_mic = make_mic(p, body >> 4, token.mech_token, token.mech_types);
    if (type == SPNEGO_NEG_TOKEN_INIT2) {
        token.neg_hints = empty;
        token.hint_name = empty;
    }
    return encode(p, &token);
}

/* ---- Operations ---------------------------------------------------------------------------- */

static void give(peer *p, spnego_bytes token, uint8_t how)
{
    spnego_status status = SPNEGO_CONTINUE;
    spnego_bytes out, rest = token;
    uint8_t *copy = copy_exactly(token.data, token.len);
    size_t at, piece = token.len;

    if (how & 0x40) {
        at = take(&p->from);
        at |= (size_t)take(&p->from) << 8;
        if (token.len != 0)
            copy[at % token.len] ^= take(&p->from);
    }
    if (how & 0x80)
        piece = (size_t)1 + take(&p->from);
    if (token.data != NULL)
        token.data = rest.data = copy;
    do {
        const spnego_bytes in = {rest.data, rest.len < piece ? rest.len : piece};

        status = side_step(&p->side, &out, in, token);
        if (rest.data != NULL)
            rest.data += in.len;
        rest.len -= in.len;
    } while (rest.len != 0 && status == SPNEGO_CONTINUE);
    free(copy);
    if (!(how & 0x20))
        (void)side_go_on(&p->side, status);
}

/* What must not be done, and what may be done before the first step only. */
static void call_wrongly(peer *p, int with_list)
{
    const char *state = spnego_context_state(p->side.toy.context);
    const spnego_bytes oids[] = {toy_y.oid, toy_x.oid};
    spnego_bytes out;

    if (!with_list) {
        LAW(spnego_context_step(p->side.toy.context, &out, (spnego_bytes){NULL, 4}) ==
                SPNEGO_ERR_USAGE &&
            out.data == NULL);
    } else if (p->side.num_steps != 0) {
        LAW(spnego_context_set_neg_mechs(p->side.toy.context, oids, 2) == SPNEGO_ERR_USAGE);
    }
    LAW(strcmp(spnego_context_state(p->side.toy.context), state) == 0);
}

static void operate(peer *p)
{
    const uint8_t how = take(&p->from);
    spnego_bytes out;

    switch (how & 15) {
    case 0:
        give(p, take_bytes(&p->from), how);
        break;
    case 1:
        give(p, how & 0x10 ? absent : empty, how);
        break;
    case 3:
        give(p, make_init(p, SPNEGO_NEG_TOKEN_INIT), how);
        break;
    case 4:
        give(p, make_init(p, SPNEGO_NEG_TOKEN_INIT2), how);
        break;
    case 5:
        (void)side_resume(&p->side, &out);
        break;
    case 6:
    case 7:
        call_wrongly(p, how & 1);
        break;
    case 8:
        give(p, octets_view(&p->side.last), how);
        break;
    default:
        give(p, make_resp(p), how);
    }
}

void run_against_peer(spnego_role role, octets *trace, watch_mode mode, source from)
{
    static peer p;

    memset(&p, 0, sizeof p);
    p.from = from;
    side_set_up(&p.side, role, mode, &p.from);
    if (side_open(&p.side))
        for (int i = 0; i < MAX_OPERATIONS && p.from.len != 0; i++)
            operate(&p);
    side_close(&p.side);
    octets_free(&p.list);
    *trace = p.side.trace;
}
