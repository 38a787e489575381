/*
 * inspect/ntlm_message.h - what the readers of NTLM's messages and of their parts share.
 */
#ifndef SPNEGO_INSPECT_NTLM_MESSAGE_H
#define SPNEGO_INSPECT_NTLM_MESSAGE_H

#include "inspect/packet.h"

/* MS-NLMP 2.2.2.5: the number of the bit. */
enum {
    NTLM_UNICODE = 0,
    NTLM_OEM = 1,
    NTLM_SIGN = 4,
    NTLM_SEAL = 5,
    NTLM_ANONYMOUS = 11,
    NTLM_EXTENDED_SESSIONSECURITY = 19,
    NTLM_VERSION_SENT = 25,
    NTLM_128 = 29
};

typedef enum ntlm_kind {
    NTLM_OCTETS,  /* that nobody needs to hide */
    NTLM_SECRETS, /* octets that somebody might */
    NTLM_FLAGS,
    NTLM_VERSION,
    NTLM_NAME,     /* Len, MaxLen, BufferOffset of a name in the encoding that the flags say */
    NTLM_OEM_NAME, /* the same, always in the OEM encoding */
    NTLM_AV_PAIRS, /* and of these parts */
    NTLM_LM_RESPONSE,
    NTLM_NT_RESPONSE,
    NTLM_KEY
} ntlm_kind;

/* An entry of a message's fixed part. */
typedef struct ntlm_item {
    ntlm_kind kind;
    size_t at;
    size_t size;
    const char *name; /* of the entry */
    const char *len_name, *max_len_name, *offset_name, *payload_name;
} ntlm_item;

/* What an entry points to. */
typedef struct ntlm_payload {
    const ntlm_item *item;
    size_t at;
    size_t len;
} ntlm_payload;

/* MS-NLMP 2.2.1.3 */
#define NTLM_MIC_LEN 16

/* AUTHENTICATE has six. */
#define NTLM_MAX_PAYLOADS 6

typedef struct ntlm_message {
    inspect_packet packet;
    size_t depth; /* of the message's fields */
    unsigned type;
    size_t end; /* of the fixed part: where the first payload begins */
    int has_flags;
    uint32_t flags;
    ntlm_payload payloads[NTLM_MAX_PAYLOADS]; /* that are not empty, in order of offset */
    size_t num_payloads;
    size_t nt_len, lm_len, user_len;
    size_t mic_at;      /* 0: there is none */
    size_t av_flags_at; /* of MsvAvFlags in the client's challenge; 0: there is none */
    uint32_t av_flags;
} ntlm_message;

int ntlm_has_flag(const ntlm_message *message, unsigned bit);

/* The following append nodes below depth - 1 for `payload`, which lies inside the message. */
void ntlm_read_av_pairs(ntlm_message *message, const char *name, size_t depth, size_t at,
                        size_t len, int is_response);
void ntlm_read_lm_response(ntlm_message *message, const ntlm_payload *payload);
void ntlm_read_nt_response(ntlm_message *message, const ntlm_payload *payload);

/* ntlm_read_text appends a name; is_unicode says how it is written. */
void ntlm_read_text(ntlm_message *message, const char *name, size_t depth, size_t at, size_t len,
                    int is_unicode);

/* ntlm_lint says what a message that was read to its end lets an attacker do. */
void ntlm_lint(const ntlm_message *message);

#endif /* SPNEGO_INSPECT_NTLM_MESSAGE_H */
