/*
 * An initiator and an acceptor, and someone between them.
 *
 * Of what they come to: both established are established over the same mechanism, both with MICs or
 * both without, and with MICs over the same list (RFC 4178 section 7).  If nobody is between them
 * and nothing in their settings forbids it, both are established.
 */
#include "negotiation.h"

#include <spnego/oid.h>

static const spnego_bytes absent = {NULL, 0};

/* RFC 4178 and MS-SPNG: five legs, hints, the question for them, a list without a token, MICs. */
#define MAX_TOKENS 12
#define MAX_PASSES 8192
#define MAX_SAVED 24

typedef struct pair {
    watched sides[2]; /* initiator, acceptor */
    source from;
    octets saved[MAX_SAVED]; /* what was in flight, before it was tampered with */
    unsigned num_saved;
    uint8_t der[32768];
    octets list;

    int tampered; /* a token was changed or dropped                                   */
    int forged;   /* one has a mechanism's token that neither mechanism of theirs made */
} pair;

/* ---- In the middle --------------------------------------------------------------------------- */

static int read_any(spnego_token *token, spnego_bytes in)
{
    return spnego_token_decode(token, NULL, in, SPNEGO_TOLERATE_ALL) == SPNEGO_RULE_NONE;
}

static spnego_bytes inner_of(const spnego_token *token)
{
    return token->type == SPNEGO_NEG_TOKEN_RESP ? token->response_token : token->mech_token;
}

/* Whether a mechanism's token is one that was in flight: those of the toys have no protection, and
 * who makes one is the mechanism's peer. */
static int is_genuine(const pair *p, spnego_bytes inner)
{
    spnego_token token;

    if (inner.len == 0)
        return 1;
    for (unsigned i = 0; i < p->num_saved; i++)
        if (read_any(&token, octets_view(&p->saved[i])) && same_octets(inner_of(&token), inner))
            return 1;
    return 0;
}

static const octets *take_saved(pair *p)
{
    return &p->saved[take(&p->from) % p->num_saved];
}

/* Takes an entry of the list out, doubles it, or moves it to the front. */
static void change_list(pair *p, spnego_token *token)
{
    enum { MAX_OIDS = 16 };
    spnego_bytes oids[MAX_OIDS + 1], needed;
    const uint8_t how = take(&p->from);
    size_t num = 0, cursor = 0, at;

    while (num < MAX_OIDS && spnego_mech_types_next(&oids[num], &cursor, token->mech_types))
        num++;
    if (num == 0)
        return;
    at = (how >> 2) % num;
    switch (how & 3) {
    case 0:
        for (size_t i = at; i + 1 < num; i++)
            oids[i] = oids[i + 1];
        num--;
        break;
    case 1:
        oids[num++] = oids[at];
        break;
    case 2:
        oids[num++] = spnego_oid_contents((spnego_oid)(1 + take(&p->from) % (SPNEGO_NUM_OIDS - 1)));
        break;
    default:
        oids[num] = oids[at];
        for (size_t i = at; i > 0; i--)
            oids[i] = oids[i - 1];
        oids[0] = oids[num];
    }
    if (spnego_mech_types_encode(&needed, NULL, 0, oids, num) !=
        SPNEGO_RULE_ENCODE_BUFFER_TOO_SMALL)
        return;
    octets_set(&p->list, (spnego_bytes){p->der, needed.len});
    if (spnego_mech_types_encode(&token->mech_types, p->list.data, needed.len, oids, num) !=
        SPNEGO_RULE_NONE)
        abort();
}

/* Changes a field: 0 negState, 1 takes it away, 2 supportedMech, 3 takes it away, 4 takes the
 * mechanism's token away, 5 another's in its place, 6 takes the MIC away, 7 another's, 8 the
 * mechanism's token, 9 the list, 10 a MIC of the input. */
static void change_field(pair *p, octets *token_is, uint8_t how)
{
    spnego_token token, other;
    spnego_bytes *inner, der;
    octets old = {NULL, 0, 0};

    octets_set(&old, octets_view(token_is));
    if (!read_any(&token, octets_view(&old)) || !read_any(&other, octets_view(take_saved(p)))) {
        octets_free(&old);
        return;
    }
    inner = token.type == SPNEGO_NEG_TOKEN_RESP ? &token.response_token : &token.mech_token;
    switch (how) {
    case 0:
        token.has_neg_state = 1;
        token.neg_state = take(&p->from) & 3;
        break;
    case 1:
        token.has_neg_state = 0;
        break;
    case 2:
        token.supported_mech =
            spnego_oid_contents((spnego_oid)(1 + take(&p->from) % (SPNEGO_NUM_OIDS - 1)));
        break;
    case 3:
        token.supported_mech = absent;
        break;
    case 4:
        *inner = absent;
        break;
    case 5:
        *inner = inner_of(&other);
        break;
    case 6:
        token.mech_list_mic = absent;
        break;
    case 7:
        token.mech_list_mic = other.mech_list_mic;
        break;
    case 8:
        token.mech_list_mic = *inner;
        break;
    case 9:
        change_list(p, &token);
        break;
    default:
        token.mech_list_mic = take_bytes(&p->from);
    }
    if (spnego_token_encode(&der, p->der, sizeof p->der, &token) == SPNEGO_RULE_NONE)
        octets_set(token_is, der);
    octets_free(&old);
}

/* What happens to a token: below 0x80 nothing, else 0 to 10 a field is changed, 11 an octet,
 * 12 it is cut, 13 another comes in its place, 14 octets of the input do, 15 it is lost.  Returns 0
 * if it is lost. */
static int tamper(pair *p, octets *token, int in_pieces)
{
    const uint8_t how = take(&p->from);
    octets before = {NULL, 0, 0};
    spnego_token read;
    size_t at;

    if (how < 0x80 || token->len == 0)
        return 1;
    octets_set(&before, octets_view(token));
    switch (how & 15) {
    case 11:
        at = take(&p->from);
        at |= (size_t)take(&p->from) << 8;
        token->data[at % token->len] ^= take(&p->from);
        break;
    case 12:
        token->len = take(&p->from) % token->len;
        break;
    case 13:
        octets_set(token, octets_view(take_saved(p)));
        break;
    case 14:
        octets_set(token, take_bytes(&p->from));
        break;
    case 15:
        token->len = 0;
        break;
    default:
        change_field(p, token, how & 15);
    }
    if (!same_octets(octets_view(token), octets_view(&before))) {
        p->tampered = 1;
        /* Of a piece it cannot be told what it makes of the whole. */
        if (in_pieces || (read_any(&read, octets_view(token)) && !is_genuine(p, inner_of(&read))))
            p->forged = 1;
    }
    octets_free(&before);
    return (how & 15) != 15;
}

/* ---- The exchange -------------------------------------------------------------------------- */

static spnego_status step(watched *side, spnego_bytes *out, spnego_bytes in)
{
    spnego_status status = side_step(side, out, in, in);

    for (int i = 0; i < 8 && side->pending; i++)
        status = side_resume(side, out);
    return status;
}

/* Passes tokens, or their pieces, until both have ended or nothing is left to pass. */
static void exchange(pair *p, int opening)
{
    octets token = {NULL, 0, 0};
    spnego_bytes in = absent, out;
    int at = opening;

    for (int passes = 0;; passes++) {
        watched *side = &p->sides[at];
        const spnego_status status = step(side, &out, in);

        LAW(passes < MAX_PASSES);
        at = !at;
        if (out.data == NULL && status != SPNEGO_CONTINUE)
            break;
        octets_set(&token, out);
        if (out.data != NULL && p->num_saved < MAX_SAVED)
            octets_set(&p->saved[p->num_saved++], out);
        if (!tamper(p, &token, side->toy.config.max_fragment != 0))
            break;
        if (p->sides[at].over || p->sides[at].done)
            break;
        in = (spnego_bytes){token.data, out.data == NULL ? 0 : token.len};
    }
    octets_free(&token);
}

/* ---- What they come to ----------------------------------------------------------------------- */

static void check_agreement(pair *p)
{
    spnego_info i, a;

    if (!spnego_context_info(p->sides[0].toy.context, &i) ||
        !spnego_context_info(p->sides[1].toy.context, &a) || p->forged)
        return;
    LAW(strcmp(((toy_mech *)i.mech->self)->name, ((toy_mech *)a.mech->self)->name) == 0);
    LAW((i.mics_exchanged != 0) == (a.mics_exchanged != 0));
    if (i.mics_exchanged || !p->tampered) {
        LAW(same_octets(i.mech_types, a.mech_types));
        LAW(i.first_choice == a.first_choice);
    }
}

/* Whether nothing in a side's settings stands against success. */
static int is_plain(const watched *side)
{
    const spnego_config *config = &side->toy.config;

    if (side->fail_at != 0 || config->required_flags != 0 || config->acceptable != NULL ||
        config->limits.max_token != 0 || config->limits.max_mechs != 0 ||
        config->limits.max_steps != 0 || (config->options & SPNEGO_OPTION_NO_FALLBACK))
        return 0;
    for (size_t i = 0; i < NUM_TOYS; i++) {
        const toy_mech *toy = side->toys[i];

        const int is_honest =
            toy->lie == TOY_HONEST || toy->lie == TOY_PENDS || toy->lie == TOY_PENDS_TWICE;

        /* NEG-85: who demands a MIC has integrity.  LOG-08: MICs of both directions differ. */
        if (!is_honest || (toy->flags & SPNEGO_FLAG_EMPTY_TOKENS) || toy->empty_legs != 0 ||
            toy->symmetric ||
            ((toy->flags & SPNEGO_FLAG_NEEDS_MIC) &&
             !((toy->flags | toy->late_flags) & SPNEGO_FLAG_INTEG)))
            return 0;
    }
    return 1;
}

static int have_same_scripts(const pair *p)
{
    for (size_t i = 0; i < NUM_TOYS; i++) {
        const toy_mech *a = p->sides[0].toys[i], *b = p->sides[1].toys[i];

        if (a->legs != b->legs || a->flags != b->flags || a->late_flags != b->late_flags ||
            a->token_len != b->token_len)
            return 0;
    }
    return 1;
}

static int takes_pieces(const watched *receiver, const watched *sender)
{
    return sender->toy.config.max_fragment == 0 ||
           (receiver->toy.config.options & SPNEGO_OPTION_TAKE_FRAGMENTS);
}

/* MICs or nothing: every mechanism has integrity, and who must not ask is not the only one. */
static int can_have_mics(const pair *p)
{
    const uint32_t i = p->sides[0].toy.config.options, a = p->sides[1].toy.config.options;

    if ((i & SPNEGO_OPTION_REQUIRE_MIC) && !(a & SPNEGO_OPTION_REQUIRE_MIC))
        return 0;
    if (a & SPNEGO_OPTION_REQUIRE_MIC)
        for (size_t k = 0; k < NUM_TOYS; k++)
            if (!((p->sides[0].toys[k]->flags | p->sides[0].toys[k]->late_flags) &
                  SPNEGO_FLAG_INTEG))
                return 0;
    return 1;
}

/* Whether one is offered that the acceptor can use; an entry for the very number goes before one
 * for another number of Kerberos. */
static int have_common_mech(pair *p)
{
    const watched *i = &p->sides[0], *a = &p->sides[1];

    for (size_t k = 0; k < i->toy.config.num_mechs; k++) {
        const toy_mech *serving = side_toy(&p->sides[1], i->toy.mechs[k].ops->oid);

        for (size_t m = 0; m < a->toy.config.num_mechs; m++)
            if (a->toy.mechs[m].self == serving && side_has_credential(i, k) &&
                side_has_credential(a, m))
                return 1;
    }
    return 0;
}

static int must_succeed(pair *p, int opening)
{
    const watched *i = &p->sides[0], *a = &p->sides[1];
    const int hints = (i->toy.config.quirks & SPNEGO_QUIRK_TAKE_HINTS) &&
                      (a->toy.config.quirks & SPNEGO_QUIRK_SEND_HINTS);

    return !p->tampered && is_plain(i) && is_plain(a) && have_same_scripts(p) &&
           takes_pieces(i, a) && takes_pieces(a, i) && can_have_mics(p) && have_common_mech(p) &&
           (opening == 0 || hints);
}

static void run(octets *trace, watch_mode mode, source from)
{
    static pair p;
    watched *i = &p.sides[0], *a = &p.sides[1];
    int opening;

    memset(&p, 0, sizeof p);
    opening = take(&from) & 1;
    side_set_up(i, SPNEGO_INITIATOR, mode, &from);
    side_set_up(a, SPNEGO_ACCEPTOR, mode, &from);
    p.from = from;
    if ((side_open(i) & side_open(a)) != 0) {
        exchange(&p, opening);
        check_agreement(&p);
        if (must_succeed(&p, opening)) {
            LAW(i->done && a->done);
            LAW(i->num_tokens + a->num_tokens <= MAX_TOKENS);
        }
    }
    side_close(i);
    side_close(a);
    octets_add(&i->trace, a->trace.data, a->trace.len);
    octets_free(&a->trace);
    *trace = i->trace;
    for (unsigned k = 0; k < p.num_saved; k++)
        octets_free(&p.saved[k]);
    octets_free(&p.list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    run_twice(run, data, size);
    return 0;
}
