#include "inspect/exchanges.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "inspect/replay_mech.h"
#include "nego/settle.h"

/* A MIC as far as it is kept. */
typedef struct inspect_kept_mic {
    uint8_t octets[INSPECT_MAX_KEPT_MIC];
    size_t len;
    int is_there;
} inspect_kept_mic;

struct inspect_followed {
    uint64_t number; /* 0: the place is free */
    uint64_t num_gaps;
    inspect_exchange exchange;
    uint8_t offer[INSPECT_MAX_OFFER];
    inspect_role last;  /* who spoke last */
    int is_out_of_turn; /* somebody spoke twice: what the mechanisms make of it is not known */
    unsigned said;      /* by the mechanism that was chosen */
    int integrity;      /* -1: its tokens do not tell */
    int done[2];        /* for certain */
    inspect_kept_mic mic[2];
};

/* ---- What is kept --------------------------------------------------------------------------- */

/* What is longer than real lists is not followed: nothing could be said of what was offered. */
static void inspect_keep_offer(inspect_followed *f)
{
    const spnego_bytes offered = f->exchange.offered;

    if (offered.len > sizeof f->offer) {
        f->exchange.is_over = 1;
        return;
    }
    if (offered.len > 0)
        memcpy(f->offer, offered.data, offered.len);
    f->exchange.offered.data = f->offer;
}

static void inspect_keep_mic(inspect_kept_mic *kept, spnego_bytes mic)
{
    kept->is_there = 1;
    kept->len = mic.len;
    if (mic.len <= sizeof kept->octets)
        memcpy(kept->octets, mic.data, mic.len);
}

static int inspect_is_kept_mic(const inspect_kept_mic *kept, spnego_bytes mic)
{
    return kept->is_there && kept->len == mic.len && mic.len <= sizeof kept->octets &&
           memcmp(kept->octets, mic.data, mic.len) == 0;
}

/* Old Windows repeats the token in place of a MIC. */
static int inspect_has_mic(const inspect_followed *f, const spnego_token *token)
{
    const spnego_bytes mic = token->mech_list_mic;

    return mic.data != NULL && (mic.len == 0 || f->exchange.mic_required ||
                                !bytes_equal(mic, inspect_mech_token(token)));
}

static void inspect_begin_mech(inspect_followed *f)
{
    f->said = 0;
    f->integrity = -1;
    memset(f->done, 0, sizeof f->done);
    memset(f->mic, 0, sizeof f->mic);
}

/* ---- What may be ---------------------------------------------------------------------------- */

/* Whether the mechanism of `side` is complete after what was said, 1 or 0; -1: that is not told. */
static int inspect_is_complete(unsigned said, unsigned all, int side)
{
    if (all & INSPECT_SAID_OTHER)
        return -1;
    if (said & (INSPECT_SAID_NTLM_1 | INSPECT_SAID_NTLM_2 | INSPECT_SAID_NTLM_3))
        return (said & INSPECT_SAID_NTLM_3) != 0;
    if ((said & INSPECT_SAID_AP_REQ) == 0)
        return 0;
    if ((said & INSPECT_SAID_AP_REQ_MUTUAL) == 0)
        return 1;
    if (side == 0)
        return (said & INSPECT_SAID_AP_REP) != 0;
    /* With three tokens, as DCE wants them, the last one is the initiator's. */
    if (all & INSPECT_SAID_AP_REP_BACK)
        return (said & INSPECT_SAID_AP_REP_BACK) != 0;
    return said & INSPECT_SAID_AP_REP ? 1 : -1;
}

/* Whether the mechanism of `side`, which is complete, has said its last word. */
static int inspect_is_silent(unsigned said, int side)
{
    if (said & (INSPECT_SAID_NTLM_3 | INSPECT_SAID_AP_REP_BACK))
        return 1;
    if ((said & INSPECT_SAID_AP_REQ_MUTUAL) == 0)
        return (said & INSPECT_SAID_AP_REQ) != 0;
    return side == 1 && (said & INSPECT_SAID_AP_REP) != 0;
}

/* What `side` may come to, once it has heard the token. */
typedef struct inspect_ways {
    nego_facts facts; /* those that are known */
    int complete;     /* by what was said, -1: not told */
    int was_complete; /* before the token */
    int integrity;    /* as far as it is told */
    int is_silent;
} inspect_ways;

#define INSPECT_NUM_WAYS 16

/* One of the ways to go on from here; 0 if there is no such way. */
static int inspect_way(nego_facts *out, const inspect_ways *ways, unsigned way)
{
    *out = ways->facts;
    out->has_token = way & 1;
    out->integrity = (way & 2) == 0;
    out->complete = (way & 4) == 0;
    if (ways->is_silent && ways->complete == 1 && out->has_token)
        return 0;
    if (ways->integrity >= 0 && out->integrity != ways->integrity)
        return 0;
    if (ways->was_complete >= 0 && ((way & 8) == 0) != ways->was_complete)
        return 0;
    /* What is not complete yet becomes it by its own answer only. */
    return ways->complete < 0 || (ways->complete == 1 && out->complete) ||
           (ways->complete == 0 && (!out->complete || out->has_token));
}

/* What forbids the MIC on every way to go on, the first one's rule, or NONE. */
static spnego_rule inspect_mic_rule(const inspect_ways *ways)
{
    spnego_rule first = SPNEGO_RULE_NONE;
    nego_facts facts;

    for (unsigned way = 0; way < INSPECT_NUM_WAYS; way++) {
        if (!inspect_way(&facts, ways, way))
            continue;
        if (nego_mic_allowed(&facts) == SPNEGO_RULE_NONE)
            return SPNEGO_RULE_NONE;
        if (first == SPNEGO_RULE_NONE)
            first = nego_mic_allowed(&facts);
    }
    return first;
}

/* What every way to go on comes to: a rule that is broken in all of them, the first one's, or
 * NONE.  *out_done is 1 if `side` waits for nothing more, whichever it is. */
static spnego_rule inspect_settle_rule(const inspect_ways *ways, int side, spnego_field *out_field,
                                       int *out_done)
{
    spnego_rule rule = SPNEGO_RULE_NONE;
    int is_sure = 1;

    *out_done = 1;
    for (unsigned way = 0; way < INSPECT_NUM_WAYS; way++) {
        nego_verdict verdict;
        nego_facts facts;

        if (!inspect_way(&facts, ways, way))
            continue;
        if (side == 0)
            nego_settle_initiator(&verdict, &facts);
        else if ((way & 8) == 0 && facts.sent)
            nego_settle_last(&verdict, &facts);
        else
            nego_settle_acceptor(&verdict, &facts);
        *out_done &= verdict.complete;
        is_sure &= verdict.rule != SPNEGO_RULE_NONE;
        if (rule == SPNEGO_RULE_NONE && verdict.rule != SPNEGO_RULE_NONE) {
            rule = verdict.rule;
            *out_field = verdict.field;
        }
    }
    return is_sure ? rule : SPNEGO_RULE_NONE;
}

/* ---- One token ------------------------------------------------------------------------------ */

static void inspect_follow_end(inspect_followed *f, inspect_reading *reading, spnego_rule rule,
                               spnego_field field)
{
    inspect_add_later(reading, rule, field);
    f->exchange.is_over = 1;
}

static void inspect_ways_of(inspect_ways *ways, const inspect_followed *f,
                            const spnego_token *token, int side, unsigned said)
{
    const nego_facts nothing = {0};

    ways->facts = nothing;
    ways->facts.required = f->exchange.mic_required;
    ways->facts.sent = f->mic[side].is_there;
    ways->facts.verified = f->mic[1 - side].is_there;
    ways->facts.unprotected = side == 0 && f->exchange.is_unprotected;
    ways->facts.neg_state = token->has_neg_state ? token->neg_state : NEGO_NO_STATE;
    ways->facts.quirks = SPNEGO_QUIRKS_INTEROPERABLE;
    ways->complete = inspect_is_complete(said, said, side);
    ways->was_complete = inspect_is_complete(f->said, said, side);
    ways->integrity = f->integrity;
    ways->is_silent = inspect_is_silent(said, side);
}

/* RFC 4178 5: takes the MIC beside the token. */
static void inspect_follow_mic(inspect_followed *f, inspect_reading *reading, inspect_ways *ways,
                               int side)
{
    const spnego_bytes mic = reading->token.mech_list_mic;
    spnego_rule rule;

    if (!inspect_has_mic(f, &reading->token))
        return;
    rule = inspect_mic_rule(ways);
    if (rule == SPNEGO_RULE_NONE && inspect_is_kept_mic(&f->mic[side], mic))
        rule = SPNEGO_RULE_MIC_REFLECTED;
    /* No mechanism's MIC has no octets. */
    if (rule == SPNEGO_RULE_NONE && mic.len == 0)
        rule = SPNEGO_RULE_MIC_WRONG;
    if (rule != SPNEGO_RULE_NONE) {
        inspect_follow_end(f, reading, rule, SPNEGO_FIELD_MECH_LIST_MIC);
        return;
    }
    inspect_keep_mic(&f->mic[1 - side], mic);
    f->exchange.mic_required = 1;
    /* Nobody could make it otherwise. */
    if (f->integrity < 0)
        f->integrity = ways->integrity = 1;
    if (ways->complete < 0)
        ways->complete = 1;
    ways->facts.verified = 1;
    ways->facts.required = 1;
}

/* What `side` makes of the token that it has heard. */
static void inspect_follow_settle(inspect_followed *f, inspect_reading *reading, int side,
                                  unsigned said)
{
    const spnego_bytes inner = inspect_mech_token(&reading->token);
    spnego_field field = SPNEGO_FIELD_NONE;
    inspect_ways ways;
    spnego_rule rule;

    if (f->done[side]) {
        if (inner.len > 0)
            inspect_follow_end(f, reading, SPNEGO_RULE_RESPONSE_TOKEN_SURPLUS,
                               SPNEGO_FIELD_RESPONSE_TOKEN);
        return;
    }
    if (inner.len == 0 && inspect_mech_lacks(said, side)) {
        inspect_follow_end(f, reading, SPNEGO_RULE_RESPONSE_TOKEN_MISSING, SPNEGO_FIELD_SEQUENCE);
        return;
    }
    inspect_ways_of(&ways, f, &reading->token, side, said);
    inspect_follow_mic(f, reading, &ways, side);
    if (f->exchange.is_over)
        return;
    rule = inspect_settle_rule(&ways, side, &field, &f->done[side]);
    if (rule != SPNEGO_RULE_NONE)
        inspect_follow_end(f, reading, rule, field);
}

/* What the mechanisms say, where they are heard. */
static void inspect_follow_mech(inspect_followed *f, inspect_reading *reading,
                                inspect_place_in place, inspect_role sender)
{
    const spnego_bytes inner = inspect_mech_token(&reading->token);
    const unsigned says = inspect_mech_said(inner, sender);

    if (place == INSPECT_HEARD_INIT || place == INSPECT_HEARD_RESTART)
        inspect_begin_mech(f);
    else if (f->mic[0].is_there) /* the first token's counts: its mechanism was chosen */
        f->exchange.mic_required = 1;
    if (f->integrity < 0)
        f->integrity = inspect_mech_integrity(inner, says);
    if (says & INSPECT_SAID_KRB_FAILED)
        f->exchange.is_over = 1;
    else if ((place == INSPECT_HEARD_NEXT || place == INSPECT_HEARD_RESTART) && !f->is_out_of_turn)
        inspect_follow_settle(f, reading, sender == INSPECT_ROLE_ACCEPTOR ? 0 : 1, f->said | says);
    /* Whether it counts is for the reply to say. */
    else if (place == INSPECT_HEARD_INIT && inner.len > 0 && inspect_has_mic(f, &reading->token))
        inspect_keep_mic(&f->mic[0], reading->token.mech_list_mic);
    f->said |= says;
    /* RFC 4178 4.2.2: who says so waits for nothing more. */
    f->done[1] |= sender == INSPECT_ROLE_ACCEPTOR && reading->token.has_neg_state &&
                  reading->token.neg_state == SPNEGO_ACCEPT_COMPLETED;
}

static void inspect_follow_token(inspect_followed *f, inspect_reading *reading, inspect_role sender)
{
    inspect_heard heard;

    f->is_out_of_turn |= f->exchange.has_init && f->last == sender;
    f->last = sender;
    inspect_exchange_hear(&f->exchange, &heard, &reading->token, sender);
    if (heard.place == INSPECT_HEARD_INIT)
        inspect_keep_offer(f);
    for (size_t i = 0; i < heard.num_faults; i++) {
        /* That somebody refuses breaks no rule. */
        if (heard.faults[i].rule != SPNEGO_RULE_PEER_REJECTED)
            inspect_fault_add(reading, &heard.faults[i]);
    }
    if (!f->exchange.is_over && heard.place != INSPECT_HEARD_HINTS)
        inspect_follow_mech(f, reading, heard.place, sender);
}

/* ---- All of them ---------------------------------------------------------------------------- */

void inspect_exchanges_forget(inspect_exchanges *exchanges)
{
    const uint64_t num =
        exchanges->latest < INSPECT_MAX_EXCHANGES ? exchanges->latest + 1 : INSPECT_MAX_EXCHANGES;

    if (exchanges->places != NULL)
        memset(exchanges->places, 0, (size_t)num * sizeof exchanges->places[0]);
    exchanges->latest = 0;
}

/* NULL if the exchange is not followed. */
static inspect_followed *inspect_follow(inspect_exchanges *exchanges,
                                        const inspect_hearing *hearing)
{
    inspect_followed *f;

    if (exchanges->places == NULL && !exchanges->failed)
        exchanges->places = calloc(INSPECT_MAX_EXCHANGES, sizeof exchanges->places[0]);
    exchanges->failed = exchanges->places == NULL;
    if (exchanges->failed)
        return NULL;
    f = &exchanges->places[hearing->exchange % INSPECT_MAX_EXCHANGES];
    if (f->number == hearing->exchange)
        return f;
    if (hearing->exchange <= exchanges->latest) /* it made room for a later one */
        return NULL;
    exchanges->latest = hearing->exchange;
    memset(f, 0, sizeof *f);
    f->number = hearing->exchange;
    f->num_gaps = hearing->num_gaps;
    return f;
}

void inspect_exchanges_hear(inspect_exchanges *exchanges, inspect_reading *reading,
                            const inspect_hearing *hearing)
{
    inspect_followed *f = inspect_follow(exchanges, hearing);

    if (f == NULL)
        return;
    /* What answers something that was missed, or was not read to its end, breaks no rule by that.
     */
    f->exchange.is_over |= reading->fault != SPNEGO_RULE_NONE || f->num_gaps != hearing->num_gaps ||
                           hearing->sender == INSPECT_ROLE_UNKNOWN;
    if (!f->exchange.has_init && reading->token.type == SPNEGO_NEG_TOKEN_RESP)
        f->exchange.is_over |= !hearing->is_from_outset;
    if (inspect_is_raw(reading))
        f->exchange.is_over |= f->exchange.has_init;
    else if (!f->exchange.is_over)
        inspect_follow_token(f, reading, hearing->sender);
}

void inspect_exchanges_free(inspect_exchanges *exchanges)
{
    free(exchanges->places);
    memset(exchanges, 0, sizeof *exchanges);
}
