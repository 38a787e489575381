#include "inspect/replay_mech.h"

#include <string.h>

#include "inspect/kind.h"
#include "inspect/octets.h"
#include "inspect/tlv.h"

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

unsigned inspect_mech_said(spnego_bytes inner, inspect_role sender)
{
    const char *name = inspect_kind_name(inner);

    if (inner.len == 0)
        return 0;
    if (name == NULL)
        return INSPECT_SAID_OTHER;
    if (strcmp(name, "NTLMSSP_NEGOTIATE") == 0)
        return INSPECT_SAID_NTLM_1;
    if (strcmp(name, "NTLMSSP_CHALLENGE") == 0)
        return INSPECT_SAID_NTLM_2;
    if (strcmp(name, "NTLMSSP_AUTHENTICATE") == 0)
        return INSPECT_SAID_NTLM_3;
    if (strcmp(name, "KRB_AP_REQ") == 0)
        return INSPECT_SAID_AP_REQ | (inspect_is_mutual(inner) ? INSPECT_SAID_AP_REQ_MUTUAL : 0u);
    if (strcmp(name, "KRB_AP_REP") == 0)
        return sender == INSPECT_ROLE_INITIATOR ? INSPECT_SAID_AP_REP_BACK : INSPECT_SAID_AP_REP;
    if (strcmp(name, "KRB_ERROR") == 0)
        return INSPECT_SAID_KRB_FAILED;
    return INSPECT_SAID_OTHER;
}

static unsigned inspect_said_until(const inspect_replay *replay, size_t from, size_t until)
{
    unsigned said = 0;

    for (size_t i = from; i <= until && i < replay->num_turns; i++)
        said |= inspect_mech_said(replay->turns[i].inner, replay->turns[i].sender);
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

    if (all & INSPECT_SAID_KRB_FAILED)
        return 0;
    if ((all & INSPECT_SAID_OTHER) == 0 &&
        (said & (INSPECT_SAID_NTLM_1 | INSPECT_SAID_NTLM_2 | INSPECT_SAID_NTLM_3)) != 0)
        return (said & INSPECT_SAID_NTLM_3) != 0;
    if ((all & INSPECT_SAID_OTHER) == 0 && (said & INSPECT_SAID_AP_REQ) != 0) {
        if (side == 0)
            return (said & INSPECT_SAID_AP_REP) != 0 || (said & INSPECT_SAID_AP_REQ_MUTUAL) == 0;
        /* With three tokens, as DCE wants them, the last one is the initiator's. */
        return (all & INSPECT_SAID_AP_REP_BACK) == 0 || (said & INSPECT_SAID_AP_REP_BACK) != 0;
    }
    if (said == 0) /* nothing has begun */
        return 0;
    replay->is_mech_unknown = 1;
    return !inspect_hears_more(replay, side, heard);
}

int inspect_mech_lacks(unsigned said, int side)
{
    if ((said & (INSPECT_SAID_OTHER | INSPECT_SAID_KRB_FAILED)) != 0)
        return 0;
    if ((said & INSPECT_SAID_NTLM_1) != 0 && (said & INSPECT_SAID_NTLM_3) == 0)
        return side == 0 ? (said & INSPECT_SAID_NTLM_2) == 0 : (said & INSPECT_SAID_NTLM_2) != 0;
    return side == 0 && (said & INSPECT_SAID_AP_REQ_MUTUAL) != 0 &&
           (said & INSPECT_SAID_AP_REP) == 0;
}

int inspect_replay_lacks(const inspect_replay *replay, int side, size_t from, size_t heard)
{
    return replay->turns[heard].inner.len == 0 &&
           inspect_mech_lacks(inspect_said_until(replay, from, heard), side);
}

int inspect_mech_integrity(spnego_bytes inner, unsigned said)
{
    inspect_octets flags = inspect_octets_at(inner, 60);

    /* RFC 4121 4.2.6.1: Kerberos always can. */
    if (said & (INSPECT_SAID_AP_REQ | INSPECT_SAID_AP_REP))
        return 1;
    /* MS-NLMP 2.2.1.3, 2.2.2.5: NTLMSSP_NEGOTIATE_SIGN, as the client settles it. */
    if (said == INSPECT_SAID_NTLM_3)
        return (inspect_octets_little(&flags, 4) & 0x10) != 0;
    return -1;
}

int inspect_replay_integrity(const inspect_replay *replay, size_t from)
{
    int integrity = -1;

    for (size_t i = from; i < replay->num_turns && integrity < 0; i++) {
        const inspect_turn *turn = &replay->turns[i];
        integrity =
            inspect_mech_integrity(turn->inner, inspect_mech_said(turn->inner, turn->sender));
    }
    return integrity;
}
