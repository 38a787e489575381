/*
 * inspect/input.h - from what people paste to tokens.
 *
 * Text that holds no token gives none: nothing is decoded only because it can be.  What counts as
 * a token is told by its first octets, so a token that is damaged further on is still found.
 * Work and memory are linear in the input.
 */
#ifndef SPNEGO_INSPECT_INPUT_H
#define SPNEGO_INSPECT_INPUT_H

#include "inspect/text.h"

/* No token is near that long; captures are read by other means. */
#define INSPECT_MAX_INPUT ((size_t)64 * 1024 * 1024)

/* Lines that od and hexdump leave out because they repeat the one before are filled in up to so
 * many octets an input: the mark for it is one character and could stand for any number. */
#define INSPECT_MAX_ELIDED 65536

typedef enum inspect_from {
    INSPECT_FROM_AUTO = 0,
    INSPECT_FROM_RAW,
    INSPECT_FROM_HEX,
    INSPECT_FROM_BASE64,
    INSPECT_FROM_HEADER,
    INSPECT_FROM_LINES,
    /* These are read by capture.h and carry.h. */
    INSPECT_FROM_PCAP,
    INSPECT_FROM_NNS,
    INSPECT_FROM_SOCKS5,
    INSPECT_FROM_XMPP
} inspect_from;

typedef enum inspect_encoding {
    INSPECT_RAW = 0,
    INSPECT_HEX,
    INSPECT_BASE64,
    INSPECT_HEADER,
    INSPECT_LINES,
    INSPECT_VECTOR,
    INSPECT_PCAP,
    INSPECT_NNS,
    INSPECT_SOCKS5,
    INSPECT_XMPP,
    INSPECT_DECIMAL, /* numbers, as arrays are printed */
    INSPECT_ESCAPED  /* a string in source text */
} inspect_encoding;

/* The HTTP scheme that a token was found under. */
typedef enum inspect_scheme {
    INSPECT_SCHEME_NONE = 0,
    INSPECT_SCHEME_NEGOTIATE,
    INSPECT_SCHEME_NTLM
} inspect_scheme;

typedef struct inspect_item {
    inspect_encoding encoding;
    inspect_scheme scheme;
    int is_guess;  /* it is octets, but nothing says that it is a token */
    size_t offset; /* in the list's octets */
    size_t len;
} inspect_item;

typedef struct inspect_list {
    inspect_text octets; /* of all tokens */
    inspect_item *items;
    size_t num_items;
    size_t capacity;
    size_t num_empty; /* schemes without a token: a server's first "WWW-Authenticate: Negotiate" */
    int is_too_long;
    int failed; /* out of memory */
} inspect_list;

/* A zero-filled inspect_list is empty and ready. */

/* inspect_find_tokens puts the tokens of `data` into *out, in order, in place of what was there.
 * Returns how many there are. */
size_t inspect_find_tokens(inspect_list *out, const uint8_t *data, size_t len, inspect_from from);

/* inspect_list_token returns the octets of item `index`, valid as long as the list stays. */
spnego_bytes inspect_list_token(const inspect_list *list, size_t index);

/* inspect_list_add makes an item of the last list->octets from `offset` on. */
void inspect_list_add(inspect_list *list, inspect_encoding encoding, size_t offset);

void inspect_list_free(inspect_list *list);

/* inspect_encoding_name returns "raw", "hex" and so on. */
const char *inspect_encoding_name(inspect_encoding encoding);

#endif /* SPNEGO_INSPECT_INPUT_H */
