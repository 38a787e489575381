#include "inspect/carry.h"

#include <spnego/token.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/carry_pieces.h"
#include "inspect/kind.h"

static inspect_carrier_fn *const carriers[INSPECT_NUM_CARRIERS] = {
    [INSPECT_CARRIER_HTTP] = inspect_carry_http, [INSPECT_CARRIER_SMB] = inspect_carry_smb,
    [INSPECT_CARRIER_LDAP] = inspect_carry_ldap, [INSPECT_CARRIER_DCERPC] = inspect_carry_dcerpc,
    [INSPECT_CARRIER_NNS] = inspect_carry_nns,   [INSPECT_CARRIER_SOCKS5] = inspect_carry_socks5,
    [INSPECT_CARRIER_XMPP] = inspect_carry_xmpp, [INSPECT_CARRIER_DNS] = inspect_carry_dns,
    [INSPECT_CARRIER_ANY] = inspect_carry_any,
};

/* ---- Negotiations --------------------------------------------------------------------------- */

static inspect_open *inspect_open_find(inspect_carry *carry, const char *carrier, uint64_t key)
{
    for (size_t i = 0; i < INSPECT_CARRY_MAX_OPEN; i++)
        if (carry->open[i].carrier != NULL && carry->open[i].key == key &&
            strcmp(carry->open[i].carrier, carrier) == 0)
            return &carry->open[i];
    return NULL;
}

/* The free place, or that of the negotiation that was silent for longest. */
static inspect_open *inspect_open_make(inspect_carry *carry, const char *carrier, uint64_t key)
{
    inspect_open *open = &carry->open[0];

    for (size_t i = 1; i < INSPECT_CARRY_MAX_OPEN && open->carrier != NULL; i++)
        if (carry->open[i].carrier == NULL || carry->open[i].last_used < open->last_used)
            open = &carry->open[i];
    carry->num_gaps += open->carrier != NULL;
    inspect_carry_give_up(carry, open);
    memset(open, 0, sizeof *open);
    open->carrier = carrier;
    open->key = key;
    return open;
}

void inspect_carry_rename(inspect_carry *carry, const char *carrier, uint64_t key, uint64_t to)
{
    inspect_open *open = inspect_open_find(carry, carrier, key);
    inspect_open *other = inspect_open_find(carry, carrier, to);

    if (open == NULL || open == other)
        return;
    if (other != NULL) {
        inspect_carry_give_up(carry, other);
        other->carrier = NULL;
    }
    open->key = to;
}

/* What only the first token of a negotiation is. */
static int inspect_is_first(spnego_bytes token)
{
    switch (spnego_sniff(token)) {
    case SPNEGO_KIND_SPNEGO_FRAMED:
    case SPNEGO_KIND_SPNEGO_INIT:
        return 1;
    case SPNEGO_KIND_NTLMSSP:
        return token.len > 8 && token.data[8] == 1;
    case SPNEGO_KIND_KRB5:
        return inspect_kind_name(token) != NULL &&
               strcmp(inspect_kind_name(token), "KRB_AP_REQ") == 0;
    case SPNEGO_KIND_UNKNOWN:
    case SPNEGO_KIND_EMPTY:
    case SPNEGO_KIND_NTLMSSP_MIC:
    case SPNEGO_KIND_NEGOEX:
    case SPNEGO_KIND_SPNEGO_RESP:
    case SPNEGO_KIND_KRB5_MIC:
    case SPNEGO_KIND_KRB5_WRAP:
    case SPNEGO_KIND_GSS_OTHER:
        break;
    }
    return 0;
}

/* The negotiation that a token belongs to.  An acceptor may begin with hints, and offer them again,
 * before the initiator says anything. */
static inspect_open *inspect_open_of(inspect_carry *carry, const inspect_carried *carried,
                                     inspect_role sender, spnego_bytes token)
{
    inspect_open *open = inspect_open_find(carry, carried->carrier, carried->key);
    int begins = open == NULL;

    if (!begins && carried->place != INSPECT_PLACE_LATER && open->is_asked &&
        !inspect_carry_goes_on(open, sender, token))
        begins = carried->place == INSPECT_PLACE_FIRST || inspect_is_first(token);
    if (open == NULL)
        open = inspect_open_make(carry, carried->carrier, carried->key);
    if (begins) {
        inspect_carry_give_up(carry, open);
        open->exchange = ++carry->finder->num_exchanges;
        open->is_asked = 0;
    } else if (open->is_asked && open->last == sender &&
               !inspect_carry_goes_on(open, sender, token)) {
        carry->num_gaps++; /* RFC 4178 3.2: they take turns, so the answer was missed */
    }
    open->last = sender;
    open->is_asked |= sender != INSPECT_ROLE_ACCEPTOR;
    open->last_used = ++carry->clock;
    return open;
}

/* How often something may have been missed so far, and whether nothing was since the beginning.  A
 * stream alone may be cut out of a longer one. */
static void inspect_found_gaps(inspect_found *found, const inspect_carry *carry)
{
    const inspect_half *halves = carry->connection != NULL ? carry->connection->halves : NULL;

    found->num_gaps = carry->num_gaps;
    if (halves == NULL)
        return;
    found->num_gaps += (uint64_t)(halves[0].is_missed + halves[1].is_missed);
    found->is_from_outset = found->num_gaps == 0 && halves[0].is_syn_seen && halves[1].is_syn_seen;
}

void inspect_carry_token(inspect_carry *carry, int side, const inspect_carried *carried,
                         spnego_bytes token)
{
    inspect_found found;
    inspect_open *open;

    if (token.data == NULL || token.len == 0)
        return;
    memset(&found, 0, sizeof found);
    found.carrier = carried->carrier;
    found.token = token;
    found.sender = carried->sender;
    if (found.sender == INSPECT_ROLE_UNKNOWN && carry->connection != NULL)
        found.sender =
            side == carry->connection->opener ? INSPECT_ROLE_INITIATOR : INSPECT_ROLE_ACCEPTOR;
    found.scheme = carried->scheme;
    found.connection = carry->connection;
    found.side = side;
    found.stamp = carry->stamp;
    open = inspect_open_of(carry, carried, found.sender, token);
    found.exchange = open->exchange;
    inspect_found_gaps(&found, carry);
    inspect_carry_give(carry, open, &found);
}

/* ---- Streams -------------------------------------------------------------------------------- */

/* The first carrier that does not say no. */
static inspect_step inspect_carry_detect(inspect_carry *carry, int side, spnego_bytes in,
                                         size_t *amount)
{
    inspect_step step = INSPECT_STEP_NOT;
    int carrier;

    for (carrier = INSPECT_CARRIER_HTTP; carrier < INSPECT_CARRIER_ANY; carrier++) {
        step = carriers[carrier](carry, side, in, amount);
        if (step != INSPECT_STEP_NOT)
            break;
    }
    if (step == INSPECT_STEP_NOT)
        step = inspect_carry_any(carry, side, in, amount);
    if (step == INSPECT_STEP_USED)
        carry->carrier = (inspect_carrier)carrier;
    return step;
}

static inspect_step inspect_carry_look(inspect_carry *carry, int side, spnego_bytes in,
                                       size_t *amount)
{
    inspect_side *from = &carry->sides[side];
    inspect_step step;

    if (from->is_lost)
        step = inspect_carry_any(carry, side, in, amount);
    else if (carry->carrier == INSPECT_CARRIER_NONE)
        step = inspect_carry_detect(carry, side, in, amount);
    else
        step = carriers[carry->carrier](carry, side, in, amount);
    if (step == INSPECT_STEP_NOT) {
        carry->finder->num_lost++;
        carry->num_gaps++;
        from->is_lost = 1;
        from->seen = 0;
        step = inspect_carry_any(carry, side, in, amount);
    }
    if (step == INSPECT_STEP_USED)
        from->is_begun = 1;
    return step;
}

/* Reads messages until one is not whole; returns what is left of `in`. */
static spnego_bytes inspect_carry_read(inspect_carry *carry, int side, spnego_bytes in)
{
    inspect_side *from = &carry->sides[side];

    while (in.len > 0) {
        size_t amount = 0;
        inspect_step step = INSPECT_STEP_USED;

        if (from->skip > 0) {
            amount = from->skip;
            from->skip = 0;
        } else {
            step = inspect_carry_look(carry, side, in, &amount);
        }
        if (step != INSPECT_STEP_USED) {
            from->need = amount > in.len ? amount : in.len + 1;
            return in;
        }
        from->seen = 0;
        from->skip = amount > in.len ? amount - in.len : 0;
        amount -= from->skip;
        in.data += amount;
        in.len -= amount;
    }
    from->need = 0;
    return in;
}

static void inspect_side_clear(inspect_carry *carry, inspect_side *side)
{
    carry->finder->held -= side->held.len;
    inspect_text_free(&side->held);
    side->need = 0;
    side->seen = 0;
}

/* Follows a message no further, because of a limit. */
static void inspect_side_drop(inspect_carry *carry, inspect_side *side)
{
    inspect_side_clear(carry, side);
    carry->finder->num_dropped++;
    carry->finder->num_lost++;
    carry->num_gaps++;
    side->is_lost = 1;
}

/* Keeps what is left of a message until more of it comes. */
static void inspect_side_keep(inspect_carry *carry, inspect_side *side, spnego_bytes left)
{
    inspect_finder *finder = carry->finder;
    const size_t seen = side->seen, need = side->need;
    inspect_text text = {NULL, 0, 0, 0};

    if (left.len > 0)
        inspect_text_put(&text, left.data, left.len);
    inspect_side_clear(carry, side);
    if (text.failed || need > INSPECT_CARRY_MAX_MESSAGE ||
        text.len > INSPECT_CARRY_MAX_TOTAL - finder->held) {
        finder->failed |= text.failed;
        inspect_side_drop(carry, side);
        inspect_text_free(&text);
        return;
    }
    side->held = text;
    side->seen = seen;
    side->need = need;
    finder->held += text.len;
}

/* Where a side was lost, a message may begin with the next segment. */
static void inspect_carry_regain(inspect_carry *carry, int side, spnego_bytes in)
{
    inspect_side *from = &carry->sides[side];
    size_t amount = 0;

    if (!from->is_lost || carry->carrier == INSPECT_CARRIER_NONE ||
        carry->carrier == INSPECT_CARRIER_ANY || from->held.len > 0 || from->skip > 0)
        return;
    from->is_lost = 0;
    if (carriers[carry->carrier](carry, side, in, &amount) != INSPECT_STEP_USED) {
        from->is_lost = 1;
    } else {
        from->skip = amount; /* it was read just now */
    }
    from->seen = 0;
}

void inspect_carry_put(inspect_carry *carry, int side, spnego_bytes octets,
                       const inspect_stamp *stamp)
{
    inspect_side *from = &carry->sides[side];
    spnego_bytes left;

    carry->stamp = *stamp;
    if (carry->finder->failed || octets.len == 0)
        return;
    inspect_carry_regain(carry, side, octets);
    if (from->held.len == 0) {
        left = inspect_carry_read(carry, side, octets);
        if (left.len > 0)
            inspect_side_keep(carry, from, left);
        return;
    }
    if (octets.len > INSPECT_CARRY_MAX_TOTAL - carry->finder->held) {
        inspect_side_drop(carry, from);
        return;
    }
    inspect_text_put(&from->held, octets.data, octets.len);
    if (from->held.failed) {
        carry->finder->failed = 1;
        return;
    }
    carry->finder->held += octets.len;
    if (from->held.len < from->need)
        return;
    left = inspect_carry_read(carry, side, inspect_text_bytes(&from->held));
    if (left.len == 0)
        inspect_side_clear(carry, from);
    else if (left.len < from->held.len || from->need > INSPECT_CARRY_MAX_MESSAGE)
        inspect_side_keep(carry, from, left);
}

void inspect_carry_gap(inspect_carry *carry, int side)
{
    inspect_side *from = &carry->sides[side];

    carry->num_gaps++;
    for (size_t i = 0; i < INSPECT_CARRY_MAX_OPEN; i++)
        inspect_carry_give_up(carry, &carry->open[i]);
    inspect_side_clear(carry, from);
    from->skip = 0;
    from->before = 0;
    from->http = INSPECT_HTTP_BETWEEN;
    /* HTTP finds the next line that begins a message by itself. */
    from->is_lost =
        carry->carrier != INSPECT_CARRIER_HTTP && carry->carrier != INSPECT_CARRIER_NONE;
}

inspect_carry *inspect_carry_create(inspect_finder *finder, const inspect_connection *connection,
                                    inspect_carrier carrier)
{
    inspect_carry *carry = calloc(1, sizeof *carry);

    if (carry == NULL) {
        finder->failed = 1;
        return NULL;
    }
    carry->finder = finder;
    carry->connection = connection;
    carry->carrier = carrier;
    return carry;
}

void inspect_carry_destroy(inspect_carry *carry)
{
    const spnego_bytes feed = {(const uint8_t *)"\n", 1};

    if (carry == NULL)
        return;
    for (int side = 0; side < 2; side++) {
        inspect_side *from = &carry->sides[side];

        /* Base64 at the very end of a stream has no end of its own. */
        if (from->held.len > 0 && (from->is_lost || carry->carrier == INSPECT_CARRIER_NONE ||
                                   carry->carrier == INSPECT_CARRIER_ANY)) {
            from->is_lost = 1;
            inspect_carry_put(carry, side, feed, &carry->stamp);
        }
        inspect_side_clear(carry, from);
    }
    for (size_t i = 0; i < INSPECT_CARRY_MAX_OPEN; i++)
        inspect_carry_give_up(carry, &carry->open[i]);
    free(carry);
}

/* ---- Connections ---------------------------------------------------------------------------- */

static void inspect_sink_octets(void *user, inspect_connection *connection, int side,
                                spnego_bytes octets, const inspect_stamp *stamp)
{
    if (connection->reader == NULL)
        connection->reader = inspect_carry_create(user, connection, INSPECT_CARRIER_NONE);
    if (connection->reader != NULL)
        inspect_carry_put(connection->reader, side, octets, stamp);
}

static void inspect_sink_gap(void *user, inspect_connection *connection, int side)
{
    (void)user;
    if (connection->reader != NULL)
        inspect_carry_gap(connection->reader, side);
}

static void inspect_sink_close(void *user, inspect_connection *connection)
{
    (void)user;
    inspect_carry_destroy(connection->reader);
    connection->reader = NULL;
}

inspect_flow_sink inspect_carry_sink(inspect_finder *finder)
{
    const inspect_flow_sink sink = {finder, inspect_sink_octets, inspect_sink_gap,
                                    inspect_sink_close};
    return sink;
}
