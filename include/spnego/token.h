/*
 * spnego/token.h - one SPNEGO token: read it, write it (RFC 4178 4.2, MS-SPNG 2.2.1).
 *
 *     spnego_token token;
 *     spnego_finding fault;
 *     if (spnego_token_decode(&token, &fault, input, SPNEGO_TOLERATE_NOTHING) != SPNEGO_RULE_NONE)
 *         log(spnego_rule_describe(fault.rule)->sentence, fault.offset);
 *     else if (token.type == SPNEGO_NEG_TOKEN_RESP)
 *         use(token.response_token);
 *
 * Reading is strict DER and makes no copy: every view in a spnego_token points into the input.
 * Writing is canonical DER into the caller's buffer.  Neither allocates.
 */
#ifndef SPNEGO_TOKEN_H
#define SPNEGO_TOKEN_H

#include <spnego/rules.h>
#include <spnego/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- What a token holds -------------------------------------------------------------------- */

/* Which message it is.  NegTokenInit and NegTokenInit2 share the tag [0]; a token is the second,
 * which only a server's opening message is, if its [3] holds NegHints, or if it has no [3] and
 * its [4] holds an OCTET STRING.  A NegTokenInit2 with neither is the same bytes as a
 * NegTokenInit and is read as one. */
typedef enum spnego_token_type {
    SPNEGO_TOKEN_NONE = 0,
    SPNEGO_NEG_TOKEN_INIT = 1,  /* RFC 4178 4.2.1    */
    SPNEGO_NEG_TOKEN_INIT2 = 2, /* MS-SPNG 2.2.1     */
    SPNEGO_NEG_TOKEN_RESP = 3   /* RFC 4178 4.2.2    */
} spnego_token_type;

/* negState, RFC 4178 4.2.2. */
enum {
    SPNEGO_ACCEPT_COMPLETED = 0,
    SPNEGO_ACCEPT_INCOMPLETE = 1,
    SPNEGO_REJECT = 2,
    SPNEGO_REQUEST_MIC = 3
};

/* One token.  A view whose data is NULL is a field that is not there.  Zero-filled is a valid
 * start for writing: set type, framed, and the fields that shall be there. */
typedef struct spnego_token {
    spnego_token_type type;
    int framed;         /* 1: inside the InitialContextToken of RFC 2743 3.1 */
    int has_neg_state;  /* NegTokenResp only                                 */
    int neg_state;      /* meaningless unless has_neg_state; then -128..127  */
    uint32_t tolerated; /* SPNEGO_TOLERATE_* that were needed to read it     */

    /* NegTokenInit and NegTokenInit2 */
    size_t num_mech_types;   /* OIDs in mech_types; read only, writing counts by itself     */
    spnego_bytes mech_types; /* MechTypeList with its SEQUENCE header, without the [0]: the
                              * bytes that a mechListMIC covers (RFC 4178 5(a))             */
    spnego_bytes req_flags;  /* BIT STRING contents: the unused-bits octet, then the bits   */
    spnego_bytes mech_token;

    /* NegTokenInit2 only */
    spnego_bytes neg_hints; /* NegHints contents, without its SEQUENCE header; writing
                             * takes only its presence, and the two fields below         */
    spnego_bytes hint_name; /* octets of a GeneralString, in no known character set      */
    spnego_bytes hint_address;

    /* NegTokenResp only */
    spnego_bytes supported_mech; /* OBJECT IDENTIFIER contents: no tag, no length */
    spnego_bytes response_token;

    spnego_bytes mech_list_mic; /* all three */

    /* Read only: where it lies in the input. */
    spnego_bytes unknown_fields;    /* trailing fields that RFC 4178 section 6 says to ignore */
    spnego_bytes negotiation_token; /* from its [0] or [1] tag to its last octet              */
    spnego_bytes whole;             /* with framing, without trailing bytes                   */
} spnego_token;

/* ---- Findings ------------------------------------------------------------------------------ */

/* The field that a finding is about.  Order is that of the wire. */
typedef enum spnego_field {
    SPNEGO_FIELD_NONE = 0,
    SPNEGO_FIELD_FRAME,     /* InitialContextToken */
    SPNEGO_FIELD_THIS_MECH, /* InitialContextToken.thisMech */
    SPNEGO_FIELD_CHOICE,    /* NegotiationToken */
    SPNEGO_FIELD_SEQUENCE,  /* the message itself */
    SPNEGO_FIELD_MECH_TYPES,
    SPNEGO_FIELD_REQ_FLAGS,
    SPNEGO_FIELD_MECH_TOKEN,
    SPNEGO_FIELD_NEG_HINTS,
    SPNEGO_FIELD_HINT_NAME,
    SPNEGO_FIELD_HINT_ADDRESS,
    SPNEGO_FIELD_NEG_STATE,
    SPNEGO_FIELD_SUPPORTED_MECH,
    SPNEGO_FIELD_RESPONSE_TOKEN,
    SPNEGO_FIELD_MECH_LIST_MIC,
    SPNEGO_FIELD_UNKNOWN,
    SPNEGO_NUM_FIELDS
} spnego_field;

/* spnego_field_name returns "NegTokenInit.mechTypes" and the like, names as in the standards;
 * a static string, never NULL.  type may be SPNEGO_TOKEN_NONE where it is not known. */
SPNEGO_API const char *spnego_field_name(spnego_token_type type, spnego_field field);

/* A rule that the input broke, and where.  offset counts from the input's first octet; it may
 * equal the input's length where something is missing at the end. */
typedef struct spnego_finding {
    spnego_rule rule;
    spnego_field field;
    size_t offset; /* octets */
    size_t len;    /* octets concerned, 0 where something is missing */
} spnego_finding;

/* Where a field lies in the input, headers included; len 0 if it is not there. */
typedef struct spnego_span {
    size_t offset;
    size_t len;
} spnego_span;

#define SPNEGO_MAX_FINDINGS 64

/* All that spnego_token_inspect saw.  Findings beyond SPNEGO_MAX_FINDINGS are counted, not kept. */
typedef struct spnego_report {
    size_t num_findings;
    spnego_finding findings[SPNEGO_MAX_FINDINGS];
    spnego_span spans[SPNEGO_NUM_FIELDS];
} spnego_report;

/* ---- Tolerances ---------------------------------------------------------------------------- */

/* Departures from the standards that a reader may accept.  Each is off unless asked for, and
 * sets its bit in spnego_token.tolerated when it was needed. */
#define SPNEGO_TOLERATE_NOTHING 0u
/* Lengths in more octets than needed, up to four after the first. */
#define SPNEGO_TOLERATE_LONG_LENGTH 0x0001u
/* The same for the length of an OBJECT IDENTIFIER (06 81 09). */
#define SPNEGO_TOLERATE_LONG_OID_LENGTH 0x0002u
/* Octets after the token. */
#define SPNEGO_TOLERATE_TRAILING_BYTES 0x0004u
/* reqFlags with trailing zero bits, as 32-bit ContextFlags have. */
#define SPNEGO_TOLERATE_UNTRIMMED_REQ_FLAGS 0x0008u
/* reqFlags of any contents: an acceptor must ignore them anyway (RFC 4178 4.2.1). */
#define SPNEGO_TOLERATE_MALFORMED_REQ_FLAGS 0x0010u
/* A NegTokenResp inside an InitialContextToken. */
#define SPNEGO_TOLERATE_FRAMED_RESP 0x0020u
/* A NegTokenInit without the InitialContextToken: for hosts that took the frame off. */
#define SPNEGO_TOLERATE_UNFRAMED_INIT 0x0040u
/* Known fields in another order than the schema's; each still once. */
#define SPNEGO_TOLERATE_FIELD_ORDER 0x0080u
/* A NegTokenInit without mechTypes (RFC 2478 had them OPTIONAL). */
#define SPNEGO_TOLERATE_MISSING_MECH_TYPES 0x0100u
/* A MechTypeList with nothing in it. */
#define SPNEGO_TOLERATE_EMPTY_MECH_TYPES 0x0200u
/* A negState other than the four of RFC 4178 4.2.2. */
#define SPNEGO_TOLERATE_UNKNOWN_NEG_STATE 0x0400u

/* What real peers send and what cannot weaken a negotiation: for talking to them. */
#define SPNEGO_TOLERATE_INTEROPERABLE 0x003fu
/* Whatever can be read without guessing: for looking at captured tokens, never for acting. */
#define SPNEGO_TOLERATE_ALL 0x07ffu

/* ---- Reading ------------------------------------------------------------------------------- */

/* spnego_token_decode reads the token that fills `in`, framed or bare, and puts views of it into
 * *out_token.  Returns SPNEGO_RULE_NONE, or the rule that the input breaks; then *out_token is
 * zero-filled and *out_fault says where (out_fault may be NULL).  `tolerate` is a set of
 * SPNEGO_TOLERATE_* bits.  Unknown trailing fields are accepted and reported in unknown_fields
 * (RFC 4178 section 6).  Work is linear in in.len and does not depend on the length of the
 * mechanism tokens inside. */
SPNEGO_API SPNEGO_MUST_USE spnego_rule spnego_token_decode(spnego_token *out_token,
                                                           spnego_finding *out_fault,
                                                           spnego_bytes in, uint32_t tolerate);

/* spnego_token_inspect reads like spnego_token_decode but for showing, not for acting: on failure
 * *out_token keeps what was read before the fault, and a token that is cut short is read as far
 * as it goes.  *out_report receives every departure that was tolerated, each unknown field, the
 * place of each field, and, if it fails, the fault; findings are in the order of their
 * discovery.  Of a token that is cut short only that is said, not what follows from it.  Returns
 * SPNEGO_RULE_NONE or the rule of the fault. */
SPNEGO_API spnego_rule spnego_token_inspect(spnego_token *out_token, spnego_report *out_report,
                                            spnego_bytes in, uint32_t tolerate);

/* spnego_mech_types_next puts the next OBJECT IDENTIFIER (contents only) of `mech_types`, a view
 * that a decoded token holds, into *out_oid and returns 1, or returns 0 at the end.  *cursor is
 * the caller's, 0 at first.
 *
 *     size_t cursor = 0;
 *     while (spnego_mech_types_next(&oid, &cursor, token.mech_types)) ...            */
SPNEGO_API int spnego_mech_types_next(spnego_bytes *out_oid, size_t *cursor,
                                      spnego_bytes mech_types);

/* ---- Writing ------------------------------------------------------------------------------- */

/* spnego_token_encode writes *token as canonical DER.  DER is written here from its last octet,
 * which makes one pass enough: *out_der lies at the END of buf (at buf itself where buf_len is
 * the exact length), so send out_der->data, not buf.
 * Returns SPNEGO_RULE_NONE, or the rule that the token would break; then *out_der is absent.
 * Where the buffer is too small the rule is SPNEGO_RULE_ENCODE_BUFFER_TOO_SMALL, buf is
 * zero-filled, out_der->data is NULL and out_der->len is the length needed: buf may be NULL with
 * buf_len 0 to ask for it.  Fields that the type does not have must be absent, and a
 * NegTokenResp is never framed (RFC 4178 4.2); the read-only fields of *token are not looked at.
 * buf must not overlap what the token's views point at. */
SPNEGO_API SPNEGO_MUST_USE spnego_rule spnego_token_encode(spnego_bytes *out_der, uint8_t *buf,
                                                           size_t buf_len,
                                                           const spnego_token *token);

/* spnego_mech_types_encode writes the MechTypeList of `num_oids` OBJECT IDENTIFIERs (contents
 * only) in the given order, as spnego_token.mech_types wants it.  Buffer and result as in
 * spnego_token_encode. */
SPNEGO_API SPNEGO_MUST_USE spnego_rule spnego_mech_types_encode(spnego_bytes *out_der, uint8_t *buf,
                                                                size_t buf_len,
                                                                const spnego_bytes *oids,
                                                                size_t num_oids);

/* ---- Telling tokens apart ------------------------------------------------------------------ */

/* What the first octets say, nothing more: the rest may still be malformed. */
typedef enum spnego_kind {
    SPNEGO_KIND_UNKNOWN = 0,
    SPNEGO_KIND_EMPTY,         /* no octets; from an initiator it asks for NegTokenInit2       */
    SPNEGO_KIND_SPNEGO_FRAMED, /* InitialContextToken with SPNEGO's OID                        */
    SPNEGO_KIND_SPNEGO_INIT,   /* bare [0]                                                     */
    SPNEGO_KIND_SPNEGO_RESP,   /* bare [1]                                                     */
    SPNEGO_KIND_NTLMSSP,       /* "NTLMSSP\0" (MS-NLMP)                                        */
    SPNEGO_KIND_NTLMSSP_MIC,   /* NTLMSSP_MESSAGE_SIGNATURE: 16 octets, version 1              */
    SPNEGO_KIND_NEGOEX,        /* "NEGOEXTS" (MS-NEGOEX)                                       */
    SPNEGO_KIND_KRB5,          /* InitialContextToken of a Kerberos mechanism, or a bare one   */
    SPNEGO_KIND_KRB5_MIC,      /* per-message MIC (RFC 4121 4.2.6.1, RFC 1964 1.2.1)           */
    SPNEGO_KIND_KRB5_WRAP,     /* per-message Wrap (RFC 4121 4.2.6.2, RFC 1964 1.2.2)          */
    SPNEGO_KIND_GSS_OTHER      /* InitialContextToken of another mechanism                     */
} spnego_kind;

/* spnego_sniff classifies a token by its first octets: for dispatching what arrives where SPNEGO
 * is expected, and for naming what lies inside it. */
SPNEGO_API spnego_kind spnego_sniff(spnego_bytes in);

#ifdef __cplusplus
}
#endif
#endif /* SPNEGO_TOKEN_H */
