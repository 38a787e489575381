/* What an NTLM message lets an attacker do, as far as one message tells. */
#include "inspect/ntlm_message.h"

/* MS-NLMP 2.2.2.1, MsvAvFlags */
#define NTLM_AV_FLAG_MIC 0x2u

static void ntlm_lint_flags(const ntlm_message *message)
{
    /* NEGOTIATE has DomainNameFields behind its flags, the others have not. */
    const size_t at = message->type == 1 ? 12 : message->type == 2 ? 20 : 60;
    const inspect_packet *packet = &message->packet;

    if (!message->has_flags)
        return;
    if (!ntlm_has_flag(message, NTLM_UNICODE) && !ntlm_has_flag(message, NTLM_OEM))
        inspect_packet_find_fault(packet, SPNEGO_RULE_NTLM_NO_CHARACTER_SET, at, 4);
    if (!ntlm_has_flag(message, NTLM_EXTENDED_SESSIONSECURITY))
        inspect_packet_find_fault(packet, SPNEGO_RULE_NTLM_NO_EXTENDED_SESSIONSECURITY, at, 4);
    if ((ntlm_has_flag(message, NTLM_SIGN) || ntlm_has_flag(message, NTLM_SEAL)) &&
        !ntlm_has_flag(message, NTLM_128))
        inspect_packet_find_fault(packet, SPNEGO_RULE_NTLM_NO_128, at, 4);
}

/* Whether there is a MIC is told by where the payload begins; an empty one is sixteen zero octets.
 * Whether there must be one is told by MsvAvFlags, which the response protects. */
static void ntlm_lint_mic(const ntlm_message *message)
{
    const inspect_packet *packet = &message->packet;
    const int is_promised = (message->av_flags & NTLM_AV_FLAG_MIC) != 0;
    const int has_room = message->mic_at != 0;
    spnego_bytes mic = {NULL, 0};
    int is_there;

    if (has_room)
        (void)inspect_packet_slice(&mic, packet, message->mic_at, NTLM_MIC_LEN);
    is_there = has_room && !inspect_packet_is_zero(mic);
    if (is_promised && !is_there)
        inspect_packet_find_fault(packet, SPNEGO_RULE_NTLM_MIC_MISSING,
                                  has_room ? message->mic_at : message->av_flags_at,
                                  has_room ? NTLM_MIC_LEN : 4);
    else if (is_there && !is_promised)
        inspect_packet_find_fault(packet, SPNEGO_RULE_NTLM_MIC_NOT_ANNOUNCED, message->mic_at,
                                  NTLM_MIC_LEN);
    else if (!is_there)
        inspect_packet_find_fault(packet, SPNEGO_RULE_NTLM_NO_MIC,
                                  has_room ? message->mic_at : message->end,
                                  has_room ? NTLM_MIC_LEN : 0);
}

/* MS-NLMP 3.2.5.1.2: neither a name nor an NT response, and of an LM response at most one octet. */
static int ntlm_is_anonymous(const ntlm_message *message)
{
    return ntlm_has_flag(message, NTLM_ANONYMOUS) ||
           (message->user_len == 0 && message->nt_len == 0 && message->lm_len <= 1);
}

void ntlm_lint(const ntlm_message *message)
{
    const inspect_packet *packet = &message->packet;

    ntlm_lint_flags(message);
    if (message->type != 3)
        return;
    if (ntlm_is_anonymous(message)) {
        inspect_packet_find_fault(packet, SPNEGO_RULE_NTLM_ANONYMOUS_CLIENT, 36, 8);
    } else {
        if (message->nt_len <= 24)
            inspect_packet_find_fault(packet, SPNEGO_RULE_NTLM_V1_RESPONSE, 20, 8);
        ntlm_lint_mic(message);
    }
}
