/* SMB over TCP (MS-SMB 2.1, RFC 1002 4.3): the security buffers of NEGOTIATE and SESSION_SETUP of
 * SMB1 (MS-CIFS 2.2.4.52, 2.2.4.53, MS-SMB 2.2.4.5, 2.2.4.6) and SMB2 (MS-SMB2 2.2.4 to 2.2.6), and
 * DCE/RPC in what is written to and read from pipes. */
#include <string.h>

#include "inspect/carry.h"
#include "inspect/octets.h"

enum { SMB2_NEGOTIATE = 0, SMB2_SESSION_SETUP = 1, SMB2_READ = 8, SMB2_WRITE = 9, SMB2_IOCTL = 11 };
enum { SMB1_SESSION_SETUP = 0x73, SMB1_NEGOTIATE = 0x72 };
enum { SMB2_HEADER_LEN = 64, SMB1_HEADER_LEN = 32 };

/* MS-SMB2 2.2.1.2 */
typedef struct inspect_smb2 {
    spnego_bytes message; /* from its header to the next one's */
    uint32_t status;
    uint32_t command;
    int is_response;
    uint64_t message_id;
    uint64_t session_id;
} inspect_smb2;

static uint64_t inspect_little_64(inspect_octets *in)
{
    const uint32_t low = inspect_octets_little(in, 4);

    return (uint64_t)inspect_octets_little(in, 4) << 32 | low;
}

/* Takes the first message of a compound one and moves *rest behind it. */
static int inspect_smb2_take(inspect_smb2 *out, spnego_bytes *rest)
{
    inspect_octets in = inspect_octets_of(*rest);
    uint32_t next;

    inspect_octets_skip(&in, 8);
    out->status = inspect_octets_little(&in, 4);
    out->command = inspect_octets_little(&in, 2);
    inspect_octets_skip(&in, 2);
    out->is_response = (inspect_octets_little(&in, 4) & 1) != 0;
    next = inspect_octets_little(&in, 4);
    out->message_id = inspect_little_64(&in);
    inspect_octets_skip(&in, 8);
    out->session_id = inspect_little_64(&in);
    inspect_octets_skip(&in, 16);
    if (in.failed || memcmp(rest->data, "\xfeSMB", 4) != 0)
        return 0;
    out->message = *rest;
    if (next >= SMB2_HEADER_LEN && next < rest->len)
        out->message.len = next;
    rest->data += out->message.len;
    rest->len -= out->message.len;
    return 1;
}

/* The buffer whose offset from the header and length stand at `at` of the message's body. */
static spnego_bytes inspect_smb2_buffer(const inspect_smb2 *smb, size_t at, size_t offset_len,
                                        size_t len_at, size_t len_len)
{
    inspect_octets in = inspect_octets_at(smb->message, SMB2_HEADER_LEN + at);
    inspect_octets from;
    const uint32_t offset = inspect_octets_little(&in, offset_len);
    uint32_t len;

    in = inspect_octets_at(smb->message, SMB2_HEADER_LEN + len_at);
    len = inspect_octets_little(&in, len_len);
    from = inspect_octets_at(smb->message, offset);
    if (in.failed || offset < SMB2_HEADER_LEN)
        return inspect_octets_take(&in, SIZE_MAX);
    return inspect_octets_take(&from, len);
}

/* A session has no number before the server gives it one, so it goes by its request's. */
static void inspect_smb2_session(inspect_carry *carry, int side, const inspect_smb2 *smb)
{
    const uint64_t by_message = UINT64_C(1) << 63 | smb->message_id;
    inspect_carried carried = {"smb2", INSPECT_ROLE_INITIATOR, INSPECT_SCHEME_NONE, 0,
                               INSPECT_PLACE_LATER};
    const spnego_bytes token = smb->is_response ? inspect_smb2_buffer(smb, 4, 2, 6, 2)
                                                : inspect_smb2_buffer(smb, 12, 2, 14, 2);

    if (smb->is_response) {
        carried.sender = INSPECT_ROLE_ACCEPTOR;
        inspect_carry_rename(carry, "smb2", by_message, smb->session_id);
        carried.key = smb->session_id;
    } else if (smb->session_id != 0) {
        carried.key = smb->session_id;
        carried.place = INSPECT_PLACE_UNTOLD; /* a session may be set up again */
    } else {
        /* What the server offered before belongs to the first one. */
        inspect_carry_rename(carry, "smb2", 0, by_message);
        carried.key = by_message;
        carried.place = INSPECT_PLACE_FIRST;
    }
    inspect_carry_token(carry, side, &carried, token);
}

/* A pipe's data is a file's as far as SMB knows, so it is looked at where it begins as DCE/RPC. */
static void inspect_smb2_pipe(inspect_carry *carry, int side, spnego_bytes data)
{
    size_t amount = 0;

    if (data.data == NULL || data.len < 16 || data.data[0] != 5)
        return;
    carry->sides[side].is_nested = 1;
    (void)inspect_carry_dcerpc(carry, side, data, &amount);
    carry->sides[side].is_nested = 0;
}

static void inspect_smb2_read(inspect_carry *carry, int side, const inspect_smb2 *smb)
{
    const inspect_carried hints = {"smb2", INSPECT_ROLE_ACCEPTOR, INSPECT_SCHEME_NONE, 0,
                                   INSPECT_PLACE_UNTOLD};

    switch (smb->command) {
    case SMB2_NEGOTIATE:
        if (smb->is_response)
            inspect_carry_token(carry, side, &hints, inspect_smb2_buffer(smb, 56, 2, 58, 2));
        break;
    case SMB2_SESSION_SETUP:
        inspect_smb2_session(carry, side, smb);
        break;
    case SMB2_READ:
        if (smb->is_response)
            inspect_smb2_pipe(carry, side, inspect_smb2_buffer(smb, 2, 1, 4, 4));
        break;
    case SMB2_WRITE:
        if (!smb->is_response)
            inspect_smb2_pipe(carry, side, inspect_smb2_buffer(smb, 2, 2, 4, 4));
        break;
    case SMB2_IOCTL:
        inspect_smb2_pipe(carry, side,
                          smb->is_response ? inspect_smb2_buffer(smb, 32, 4, 36, 4)
                                           : inspect_smb2_buffer(smb, 24, 4, 28, 4));
        break;
    default:
        break;
    }
}

/* The data of an SMB1 message: words counted in pairs of octets, then octets. */
static void inspect_smb1_read(inspect_carry *carry, int side, spnego_bytes message)
{
    inspect_octets in = inspect_octets_at(message, 4), words;
    inspect_carried carried = {"smb1", INSPECT_ROLE_INITIATOR, INSPECT_SCHEME_NONE, 0,
                               INSPECT_PLACE_UNTOLD};
    const uint32_t command = inspect_octets_big(&in, 1);
    uint32_t flags, word_count, len = 0;

    inspect_octets_skip(&in, 4);
    flags = inspect_octets_big(&in, 1);
    if (flags & 0x80)
        carried.sender = INSPECT_ROLE_ACCEPTOR;
    in = inspect_octets_at(message, SMB1_HEADER_LEN);
    word_count = inspect_octets_big(&in, 1);
    words = inspect_octets_of(inspect_octets_take(&in, word_count * (size_t)2));
    inspect_octets_skip(&in, 2);
    if (in.failed)
        return;
    if (command == SMB1_NEGOTIATE && (flags & 0x80) && word_count == 17) {
        inspect_octets_skip(&in, 16); /* the server's GUID */
        len = (uint32_t)in.left.len;
        if (len > 0 && in.left.data[0] != 0x60) /* a challenge, without extended security */
            return;
    } else if (command == SMB1_SESSION_SETUP && (word_count == 12 || word_count == 4)) {
        inspect_octets_skip(&words, word_count == 12 ? 14 : 6);
        len = inspect_octets_little(&words, 2);
    }
    if (len > 0 && !in.failed)
        inspect_carry_token(carry, side, &carried, inspect_octets_take(&in, len));
}

/* Whether the message is worth having whole. */
static int inspect_smb_is_short(spnego_bytes in, size_t len)
{
    const int is_smb2 = in.data[4] == 0xfe;
    const uint32_t command = is_smb2 ? in.data[16] | (uint32_t)in.data[17] << 8 : in.data[8];

    if (len > INSPECT_CARRY_MAX_MESSAGE - 4)
        return 0;
    if (!is_smb2)
        return in.data[4] == 0xff && (command == SMB1_NEGOTIATE || command == SMB1_SESSION_SETUP);
    /* A compound message may hold any; on its own, only these matter. */
    return command <= SMB2_SESSION_SETUP || command == SMB2_READ || command == SMB2_WRITE ||
           command == SMB2_IOCTL || in.data[24] != 0 || in.data[25] != 0;
}

inspect_step inspect_carry_smb(inspect_carry *carry, int side, spnego_bytes in, size_t *amount)
{
    inspect_octets header = inspect_octets_of(in);
    const uint32_t type = inspect_octets_big(&header, 1);
    const size_t len = inspect_octets_big(&header, 3);
    spnego_bytes message;
    inspect_smb2 smb;

    /* RFC 1002 4.3.1: a message, a request for a session and the answers to it, keep-alive. */
    if (type != 0 && (type < 0x81 || type > 0x85))
        return INSPECT_STEP_NOT;
    if (in.len < 4) {
        *amount = 4;
        return INSPECT_STEP_MORE;
    }
    *amount = len + 4;
    if (type != 0)
        return len > 256 ? INSPECT_STEP_NOT : INSPECT_STEP_USED;
    if (len < SMB1_HEADER_LEN)
        return INSPECT_STEP_NOT;
    if (in.len < 4 + SMB1_HEADER_LEN) {
        *amount = 4 + SMB1_HEADER_LEN;
        return INSPECT_STEP_MORE;
    }
    if (in.data[4] < 0xfc || memcmp(in.data + 5, "SMB", 3) != 0)
        return INSPECT_STEP_NOT;
    if (!inspect_smb_is_short(in, len))
        return INSPECT_STEP_USED;
    if (in.len < len + 4)
        return INSPECT_STEP_MORE;
    message.data = in.data + 4;
    message.len = len;
    if (message.data[0] == 0xff)
        inspect_smb1_read(carry, side, message);
    while (message.len > 0 && message.data[0] == 0xfe && inspect_smb2_take(&smb, &message))
        inspect_smb2_read(carry, side, &smb);
    return INSPECT_STEP_USED;
}
