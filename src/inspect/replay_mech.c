#include "inspect/replay_mech.h"

#include <string.h>

#include "inspect/kind.h"
#include "inspect/octets.h"
#include "inspect/tlv.h"

/* What was said so far, a bit each. */
enum {
    NTLM_1 = 1,
    NTLM_2 = 2,
    NTLM_3 = 4,
    AP_REQ = 8,
    AP_REQ_MUTUAL = 16,
    AP_REP = 32,
    AP_REP_BACK = 64, /* the initiator's, a third token */
    KRB_FAILED = 128,
    OTHER = 256
};

/* The ap-options of an AP-REQ (RFC 4120 5.5.1): bit 2 asks for an AP-REP. */
static int inspect_is_mutual(spnego_bytes token)
{
    inspect_octets in = inspect_octets_of(token);
    spnego_bytes oid, inner;
    inspect_tlv tlv;

    if (token.len > 0 && token.data[0] == 0x60 && inspect_frame_read(&oid, &inner, token)) {
        in = inspect_octets_of(inner);
        inspect_octets_skip(&in, 2);
    }
    /* [APPLICATION 14] SEQUENCE { [0] pvno, [1] msg-type, [2] BIT STRING */
    for (int i = 0; i < 6; i++) {
        static const uint8_t tags[] = {0x6e, 0x30, 0xa0, 0xa1, 0xa2, 0x03};

        if (in.failed || !inspect_tlv_read(&tlv, in.left) || tlv.tag != tags[i])
            return 0;
        inspect_octets_skip(&in, tlv.header_len);
        if (tags[i] == 0xa0 || tags[i] == 0xa1)
            inspect_octets_skip(&in, (size_t)tlv.declared_len);
    }
    inspect_octets_skip(&in, 1); /* unused bits */
    return (inspect_octets_big(&in, 1) & 0x20) != 0;
}

static unsigned inspect_said(const inspect_turn *turn)
{
    const char *name = inspect_kind_name(turn->inner);

    if (turn->inner.len == 0)
        return 0;
    if (name == NULL)
        return OTHER;
    if (strcmp(name, "NTLMSSP_NEGOTIATE") == 0)
        return NTLM_1;
    if (strcmp(name, "NTLMSSP_CHALLENGE") == 0)
        return NTLM_2;
    if (strcmp(name, "NTLMSSP_AUTHENTICATE") == 0)
        return NTLM_3;
    if (strcmp(name, "KRB_AP_REQ") == 0)
        return AP_REQ | (inspect_is_mutual(turn->inner) ? AP_REQ_MUTUAL : 0u);
    if (strcmp(name, "KRB_AP_REP") == 0)
        return turn->sender == INSPECT_ROLE_INITIATOR ? AP_REP_BACK : AP_REP;
    if (strcmp(name, "KRB_ERROR") == 0)
        return KRB_FAILED;
    return OTHER;
}

static unsigned inspect_said_until(const inspect_replay *replay, size_t from, size_t until)
{
    unsigned said = 0;

    for (size_t i = from; i <= until && i < replay->num_turns; i++)
        said |= inspect_said(&replay->turns[i]);
    return said;
}

/* Whether the other side sends `side` a further token. */
static int inspect_hears_more(const inspect_replay *replay, int side, size_t heard)
{
    const inspect_role other = side == 0 ? INSPECT_ROLE_ACCEPTOR : INSPECT_ROLE_INITIATOR;

    for (size_t i = heard + 1; i < replay->num_turns; i++)
        if (replay->turns[i].sender == other && replay->turns[i].inner.len > 0)
            return 1;
    return 0;
}

int inspect_replay_complete(inspect_replay *replay, int side, size_t from, size_t heard,
                            size_t answered)
{
    const unsigned said = inspect_said_until(replay, from, answered);
    const unsigned all = inspect_said_until(replay, from, replay->num_turns);

    if (all & KRB_FAILED)
        return 0;
    if ((all & OTHER) == 0 && (said & (NTLM_1 | NTLM_2 | NTLM_3)) != 0)
        return (said & NTLM_3) != 0;
    if ((all & OTHER) == 0 && (said & AP_REQ) != 0) {
        if (side == 0)
            return (said & AP_REP) != 0 || (said & AP_REQ_MUTUAL) == 0;
        /* With three tokens, as DCE wants them, the last one is the initiator's. */
        return (all & AP_REP_BACK) == 0 || (said & AP_REP_BACK) != 0;
    }
    if (said == 0) /* nothing has begun */
        return 0;
    replay->is_mech_unknown = 1;
    return !inspect_hears_more(replay, side, heard);
}

int inspect_replay_lacks(inspect_replay *replay, int side, size_t from, size_t heard)
{
    const unsigned said = inspect_said_until(replay, from, heard);

    if (replay->turns[heard].inner.len > 0 || (said & (OTHER | KRB_FAILED)) != 0)
        return 0;
    if ((said & NTLM_1) != 0 && (said & NTLM_3) == 0)
        return side == 0 ? (said & NTLM_2) == 0 : (said & NTLM_2) != 0;
    return side == 0 && (said & AP_REQ_MUTUAL) != 0 && (said & AP_REP) == 0;
}

int inspect_replay_integrity(const inspect_replay *replay, size_t from)
{
    for (size_t i = from; i < replay->num_turns; i++) {
        inspect_octets flags = inspect_octets_at(replay->turns[i].inner, 60);
        const unsigned said = inspect_said(&replay->turns[i]);

        /* RFC 4121 4.2.6.1: Kerberos always can. */
        if (said & (AP_REQ | AP_REP))
            return 1;
        /* MS-NLMP 2.2.1.3, 2.2.2.5: NTLMSSP_NEGOTIATE_SIGN, as the client settles it. */
        if (said == NTLM_3)
            return (inspect_octets_little(&flags, 4) & 0x10) != 0;
    }
    return -1;
}
