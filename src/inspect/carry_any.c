/* The last resort: tokens in octets of which nothing else is known, by the tokens' own first
 * octets, as they are or in base64. */
#include <spnego/token.h>
#include <string.h>

#include "inspect/base64.h"
#include "inspect/carry.h"
#include "inspect/looks.h"
#include "inspect/octets.h"
#include "inspect/tlv.h"

/* So many octets of a framed token show whose it is. */
enum { ANY_HEAD_LEN = 24 };

/* The shortest NegTokenResp that says something, 9 octets, has so many characters. */
enum { ANY_MIN_DIGITS = 12 };

/* MS-NLMP 2.2.1: a message ends with the last of the fields that point behind its fixed part. */
static uint64_t inspect_ntlm_len(spnego_bytes in)
{
    static const struct {
        size_t fixed_len, first, num, apart;
    } layouts[] = {{32, 16, 2, 8}, {48, 12, 2, 28}, {64, 12, 6, 8}};
    const size_t type = in.len > 8 ? in.data[8] : 0;
    uint64_t end;

    if (type < 1 || type > 3)
        return 0;
    end = layouts[type - 1].fixed_len;
    for (size_t i = 0; i < layouts[type - 1].num; i++) {
        inspect_octets field =
            inspect_octets_at(in, layouts[type - 1].first + layouts[type - 1].apart * i);
        const uint64_t len = inspect_octets_little(&field, 2);
        uint64_t last;

        inspect_octets_skip(&field, 2);
        last = len + inspect_octets_little(&field, 4);
        if (len > 0 && last > end)
            end = last;
    }
    return end;
}

/* A NegotiationToken without its frame shows itself by little, and other ASN.1 is not unlike it, so
 * it must be readable as what peers send, and say something. */
static int inspect_any_is_bare(spnego_bytes token)
{
    spnego_token read;

    return spnego_token_decode(&read, NULL, token, SPNEGO_TOLERATE_INTEROPERABLE) ==
               SPNEGO_RULE_NONE &&
           (read.has_neg_state || read.mech_types.len > 0 || read.supported_mech.len > 0 ||
            read.response_token.len > 0 || read.mech_list_mic.len >= 16);
}

/* How many octets of `in` show what it is: no more than it says that it has. */
static size_t inspect_any_head(spnego_bytes in)
{
    const uint64_t total = inspect_tlv_total(in);

    if (in.data[0] == 'N' && in.len > 8)
        return in.data[8] == 1 ? 32 : in.data[8] == 2 ? 48 : 64;
    if (in.data[0] == 'N' || total == 0)
        return 9;
    return total < ANY_HEAD_LEN ? (size_t)total : ANY_HEAD_LEN;
}

/* Whether a token begins here; *amount is its length, which may be more than there is. */
static int inspect_any_begins(spnego_bytes in, size_t *amount)
{
    uint64_t total;

    if (!inspect_looks_begun(in))
        return 0;
    *amount = inspect_any_head(in);
    if (in.len < *amount)
        return 1;
    total = in.data[0] == 'N' ? inspect_ntlm_len(in) : inspect_tlv_total(in);
    if (total < 8 || total > INSPECT_CARRY_MAX_MESSAGE / 2)
        return 0;
    if (in.data[0] == 0x60 && !inspect_looks_certain(in))
        return 0;
    *amount = (size_t)total;
    return 1;
}

static int inspect_any_is_token(spnego_bytes token)
{
    switch (spnego_sniff(token)) {
    case SPNEGO_KIND_SPNEGO_FRAMED:
    case SPNEGO_KIND_KRB5:
        return token.data[0] == 0x60;
    case SPNEGO_KIND_NTLMSSP:
    case SPNEGO_KIND_NEGOEX:
        return 1;
    case SPNEGO_KIND_SPNEGO_INIT:
    case SPNEGO_KIND_SPNEGO_RESP:
        return inspect_any_is_bare(token);
    case SPNEGO_KIND_UNKNOWN:
    case SPNEGO_KIND_EMPTY:
    case SPNEGO_KIND_NTLMSSP_MIC:
    case SPNEGO_KIND_KRB5_MIC:
    case SPNEGO_KIND_KRB5_WRAP:
    case SPNEGO_KIND_GSS_OTHER:
        break;
    }
    return 0;
}

static void inspect_any_token(inspect_carry *carry, int side, spnego_bytes token)
{
    const inspect_carried carried = {"tcp", INSPECT_ROLE_UNKNOWN, INSPECT_SCHEME_NONE, 0,
                                     INSPECT_PLACE_UNTOLD};

    inspect_carry_token(carry, side, &carried, token);
}

/* A run of base64's digits, all of it. */
static void inspect_any_base64(inspect_carry *carry, int side, spnego_bytes run)
{
    inspect_text token = {NULL, 0, 0, 0};
    inspect_base64 state;

    memset(&state, 0, sizeof state);
    inspect_base64_put(&state, &token, run.data, run.len);
    if (token.len > 0 && inspect_looks_token(inspect_text_bytes(&token)) &&
        inspect_any_is_token(inspect_text_bytes(&token)))
        inspect_any_token(carry, side, inspect_text_bytes(&token));
    carry->finder->failed |= token.failed;
    inspect_text_free(&token);
}

/* Where the next octet is that a token, or its base64, may begin with. */
static size_t inspect_any_search(spnego_bytes in, size_t from)
{
    size_t i = from;

    for (; i < in.len; i++) {
        const uint8_t c = in.data[i];
        if (c == 0x60 || c == 0xa0 || c == 0xa1 || c == 'N' || c == 'Y' || c == 'o' || c == 'T')
            break;
    }
    return i;
}

/* Reads what begins at in.data[0].  USED with *amount 0: nothing does. */
static inspect_step inspect_any_read(inspect_carry *carry, int side, spnego_bytes in,
                                     uint8_t before, size_t *amount)
{
    inspect_side *from = &carry->sides[side];
    spnego_bytes run = in;

    *amount = 0;
    if (in.data[0] != 'Y' && in.data[0] != 'o' && in.data[0] != 'T') {
        if (!inspect_any_begins(in, amount))
            *amount = 0;
        if (*amount > in.len)
            return INSPECT_STEP_MORE;
        run.len = *amount;
        if (*amount == 0 || !inspect_any_is_token(run))
            *amount = 0;
        else
            inspect_any_token(carry, side, run);
        return INSPECT_STEP_USED;
    }
    if (inspect_base64_is_digit(before))
        return INSPECT_STEP_USED;
    run.len = from->seen;
    while (run.len < in.len && inspect_base64_is_digit(in.data[run.len]))
        run.len++;
    if (run.len == in.len && run.len < INSPECT_CARRY_MAX_MESSAGE / 2) {
        from->seen = run.len;
        return INSPECT_STEP_MORE;
    }
    if (run.len >= ANY_MIN_DIGITS)
        inspect_any_base64(carry, side, run);
    *amount = run.len;
    return INSPECT_STEP_USED;
}

inspect_step inspect_carry_any(inspect_carry *carry, int side, spnego_bytes in, size_t *amount)
{
    inspect_side *from = &carry->sides[side];
    size_t at = 0;

    while (at < in.len) {
        spnego_bytes rest = in;
        size_t len = 0;

        at = inspect_any_search(in, at);
        if (at == in.len)
            break;
        rest.data += at;
        rest.len -= at;
        if (inspect_any_read(carry, side, rest, at > 0 ? in.data[at - 1] : from->before, &len) ==
            INSPECT_STEP_MORE) {
            if (at == 0) {
                *amount = len;
                return INSPECT_STEP_MORE;
            }
            break;
        }
        from->seen = 0;
        at += len > 0 ? len : 1;
    }
    if (at > 0)
        from->before = in.data[at - 1];
    /* What was seen of the run that stays counts from its own beginning. */
    *amount = at;
    from->seen = 0;
    return INSPECT_STEP_USED;
}
