#include "stock.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "InitialContextToken.h"
#include "InitialContextToken2.h"

#if ASN1C_ENVIRONMENT_VERSION != 923
#error \
    "generated/ is asn1c 0.9.28's; this runtime is another version's, which lays tables out differently"
#endif

/* asn1c bounds its recursion by comparing stack addresses, which an address sanitizer moves to the
 * heap.  There the bound is off; the inputs of tests and fuzzers are short enough without. */
#if defined(__SANITIZE_ADDRESS__)
#define STACK_IS_MOVED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define STACK_IS_MOVED 1
#endif
#endif

static asn_TYPE_descriptor_t *const descriptors[WITNESS_NUM_PDUS] = {
    [WITNESS_NEGOTIATION_TOKEN] = &asn_DEF_NegotiationToken,
    [WITNESS_NEGOTIATION_TOKEN2] = &asn_DEF_NegotiationToken2,
    [WITNESS_INITIAL_CONTEXT_TOKEN] = &asn_DEF_InitialContextToken,
    [WITNESS_INITIAL_CONTEXT_TOKEN2] = &asn_DEF_InitialContextToken2,
};

/* ---- Writing ------------------------------------------------------------------------------- */

/* asn1c's structures hold pointers that are not const; its encoder only reads through them.  It
 * copies from there even where there is nothing to copy. */
static uint8_t *lend_octets(witness_bytes contents)
{
    static uint8_t nothing[1];

    return contents.len != 0 ? (uint8_t *)(uintptr_t)contents.data : nothing;
}

/* Returns NULL for an absent string, as the pointer to an OPTIONAL member has to be. */
static OCTET_STRING_t *lend(OCTET_STRING_t *string, witness_bytes contents)
{
    if (contents.data == NULL)
        return NULL;
    memset(string, 0, sizeof *string);
    string->buf = lend_octets(contents);
    string->size = (int)contents.len;
    return string;
}

static OBJECT_IDENTIFIER_t *lend_oid(OBJECT_IDENTIFIER_t *oid, witness_bytes contents)
{
    if (contents.data == NULL)
        return NULL;
    oid->buf = lend_octets(contents);
    oid->size = (int)contents.len;
    return oid;
}

/* asn1c's structures for every field, filled in place. */
typedef struct fields {
    OBJECT_IDENTIFIER_t mechs[WITNESS_MAX_MECH_TYPES];
    OBJECT_IDENTIFIER_t *mech_pointers[WITNESS_MAX_MECH_TYPES];
    MechTypeList_t mech_types;
    BIT_STRING_t req_flags;
    NegHints_t hints;
    OCTET_STRING_t hint_name, hint_address, token, mic;
    OBJECT_IDENTIFIER_t supported_mech;
    NegState_t neg_state;
} fields;

static MechTypeList_t *lend_mech_types(fields *f, const witness_token *token)
{
    if (!token->has_mech_types)
        return NULL;
    for (size_t i = 0; i < token->num_mech_types; i++) {
        f->mech_pointers[i] = lend_oid(&f->mechs[i], token->mech_types[i]);
        if (f->mech_pointers[i] == NULL)
            return NULL;
    }
    memset(&f->mech_types, 0, sizeof f->mech_types);
    f->mech_types.list.array = f->mech_pointers;
    f->mech_types.list.count = (int)token->num_mech_types;
    return &f->mech_types;
}

static BIT_STRING_t *lend_req_flags(fields *f, const witness_token *token)
{
    if (token->req_flags.data == NULL)
        return NULL;
    memset(&f->req_flags, 0, sizeof f->req_flags);
    f->req_flags.buf = lend_octets(token->req_flags);
    f->req_flags.size = (int)token->req_flags.len;
    f->req_flags.bits_unused = token->req_flags_unused;
    return &f->req_flags;
}

/* Returns 0 where the type cannot say it: mechTypes is not OPTIONAL. */
static int fill_init(NegTokenInit_t *init, fields *f, const witness_token *token)
{
    const MechTypeList_t *list = lend_mech_types(f, token);

    if (list == NULL)
        return 0;
    init->mechTypes = *list;
    init->reqFlags = lend_req_flags(f, token);
    init->mechToken = lend(&f->token, token->token);
    init->mechListMIC = lend(&f->mic, token->mech_list_mic);
    return 1;
}

static void fill_init2(NegTokenInit2_t *init, fields *f, const witness_token *token)
{
    init->mechTypes = lend_mech_types(f, token);
    init->reqFlags = lend_req_flags(f, token);
    init->mechToken = lend(&f->token, token->token);
    if (token->has_neg_hints) {
        memset(&f->hints, 0, sizeof f->hints);
        f->hints.hintName = lend(&f->hint_name, token->hint_name);
        f->hints.hintAddress = lend(&f->hint_address, token->hint_address);
        init->negHints = &f->hints;
    }
    init->mechListMIC = lend(&f->mic, token->mech_list_mic);
}

static void fill_resp(NegTokenResp_t *resp, fields *f, const witness_token *token)
{
    if (token->has_neg_state) {
        f->neg_state = token->neg_state;
        resp->negState = &f->neg_state;
    }
    resp->supportedMech = lend_oid(&f->supported_mech, token->supported_mech);
    resp->responseToken = lend(&f->token, token->token);
    resp->mechListMIC = lend(&f->mic, token->mech_list_mic);
}

static int fill_choice(NegotiationToken_t *choice, fields *f, const witness_token *token)
{
    if (token->is_resp) {
        choice->present = NegotiationToken_PR_negTokenResp;
        fill_resp(&choice->choice.negTokenResp, f, token);
        return 1;
    }
    choice->present = NegotiationToken_PR_negTokenInit;
    return fill_init(&choice->choice.negTokenInit, f, token);
}

static void fill_choice2(NegotiationToken2_t *choice, fields *f, const witness_token *token)
{
    if (token->is_resp) {
        choice->present = NegotiationToken2_PR_negTokenResp;
        fill_resp(&choice->choice.negTokenResp, f, token);
    } else {
        choice->present = NegotiationToken2_PR_negTokenInit2;
        fill_init2(&choice->choice.negTokenInit2, f, token);
    }
}

static size_t encode_tree(uint8_t *buf, size_t buf_len, witness_pdu pdu, void *tree)
{
    asn_enc_rval_t rval;

    if (buf_len == 0)
        rval = der_encode(descriptors[pdu], tree, NULL, NULL);
    else
        rval = der_encode_to_buffer(descriptors[pdu], tree, buf, buf_len);
    return rval.encoded < 0 ? 0 : (size_t)rval.encoded;
}

size_t witness_encode(uint8_t *buf, size_t buf_len, const witness_token *token)
{
    union {
        NegotiationToken_t bare;
        NegotiationToken2_t bare2;
        InitialContextToken_t framed;
        InitialContextToken2_t framed2;
    } tree;
    fields f;

    if (token->num_mech_types > WITNESS_MAX_MECH_TYPES || token->token.len > INT_MAX)
        return 0;
    memset(&tree, 0, sizeof tree);
    switch (token->pdu) {
    case WITNESS_NEGOTIATION_TOKEN:
        if (!fill_choice(&tree.bare, &f, token))
            return 0;
        break;
    case WITNESS_NEGOTIATION_TOKEN2:
        fill_choice2(&tree.bare2, &f, token);
        break;
    case WITNESS_INITIAL_CONTEXT_TOKEN:
        lend_oid(&tree.framed.thisMech, token->this_mech);
        if (!fill_choice(&tree.framed.innerContextToken, &f, token))
            return 0;
        break;
    case WITNESS_INITIAL_CONTEXT_TOKEN2:
        lend_oid(&tree.framed2.thisMech, token->this_mech);
        fill_choice2(&tree.framed2.innerContextToken, &f, token);
        break;
    case WITNESS_NUM_PDUS:
        return 0;
    }
    return encode_tree(buf, buf_len, token->pdu, &tree);
}

/* ---- Reading ------------------------------------------------------------------------------- */

static witness_bytes view(const uint8_t *buf, int size)
{
    static const uint8_t nothing[1];
    witness_bytes octets = {size > 0 ? buf : nothing, size > 0 ? (size_t)size : 0};

    return octets;
}

static witness_bytes view_string(const OCTET_STRING_t *string)
{
    const witness_bytes absent = {NULL, 0};

    return string != NULL ? view(string->buf, string->size) : absent;
}

static witness_bytes view_oid(const OBJECT_IDENTIFIER_t *oid)
{
    const witness_bytes absent = {NULL, 0};

    return oid != NULL ? view(oid->buf, oid->size) : absent;
}

/* Returns 0 if there is no memory. */
static int view_init(witness_reading *out, const MechTypeList_t *mech_types,
                     const BIT_STRING_t *req_flags, const OCTET_STRING_t *mech_token,
                     const OCTET_STRING_t *mic)
{
    witness_token *token = &out->token;

    if (mech_types != NULL) {
        token->has_mech_types = 1;
        token->num_mech_types = (size_t)mech_types->list.count;
        out->mech_types = calloc(token->num_mech_types + 1, sizeof *out->mech_types);
        if (out->mech_types == NULL)
            return 0;
        for (int i = 0; i < mech_types->list.count; i++)
            out->mech_types[i] = view_oid(mech_types->list.array[i]);
        token->mech_types = out->mech_types;
    }
    if (req_flags != NULL) {
        token->req_flags = view(req_flags->buf, req_flags->size);
        token->req_flags_unused = req_flags->bits_unused;
    }
    token->token = view_string(mech_token);
    token->mech_list_mic = view_string(mic);
    return 1;
}

static void view_resp(witness_token *token, const NegTokenResp_t *resp)
{
    token->is_resp = 1;
    if (resp->negState != NULL) {
        token->has_neg_state = 1;
        token->neg_state = *resp->negState;
    }
    token->supported_mech = view_oid(resp->supportedMech);
    token->token = view_string(resp->responseToken);
    token->mech_list_mic = view_string(resp->mechListMIC);
}

static int view_choice(witness_reading *out, const NegotiationToken_t *choice)
{
    const NegTokenInit_t *init = &choice->choice.negTokenInit;

    if (choice->present == NegotiationToken_PR_negTokenInit)
        return view_init(out, &init->mechTypes, init->reqFlags, init->mechToken, init->mechListMIC);
    view_resp(&out->token, &choice->choice.negTokenResp);
    return 1;
}

static int view_choice2(witness_reading *out, const NegotiationToken2_t *choice)
{
    const NegTokenInit2_t *init = &choice->choice.negTokenInit2;

    if (choice->present == NegotiationToken2_PR_negTokenInit2) {
        if (init->negHints != NULL) {
            out->token.has_neg_hints = 1;
            out->token.hint_name = view_string(init->negHints->hintName);
            out->token.hint_address = view_string(init->negHints->hintAddress);
        }
        return view_init(out, init->mechTypes, init->reqFlags, init->mechToken, init->mechListMIC);
    }
    view_resp(&out->token, &choice->choice.negTokenResp);
    return 1;
}

int witness_read(witness_reading *out, witness_pdu pdu, const uint8_t *octets, size_t len)
{
    asn_codec_ctx_t *context = NULL;
    asn_dec_rval_t rval;
#ifdef STACK_IS_MOVED
    asn_codec_ctx_t boundless;

    memset(&boundless, 0, sizeof boundless);
    context = &boundless;
#endif
    out->tree = NULL;
    out->mech_types = NULL;
    out->pdu = pdu;
    out->consumed = 0;
    rval = ber_decode(context, descriptors[pdu], &out->tree, octets, len);
    if (rval.code != RC_OK) {
        witness_free(out);
        return 0;
    }
    out->consumed = rval.consumed;
    return 1;
}

int witness_decode(witness_reading *out, witness_pdu pdu, const uint8_t *octets, size_t len)
{
    const InitialContextToken_t *framed;
    const InitialContextToken2_t *framed2;
    int done = 0;

    memset(&out->token, 0, sizeof out->token);
    out->token.pdu = pdu;
    if (!witness_read(out, pdu, octets, len))
        return 0;
    switch (pdu) {
    case WITNESS_NEGOTIATION_TOKEN:
        done = view_choice(out, out->tree);
        break;
    case WITNESS_NEGOTIATION_TOKEN2:
        done = view_choice2(out, out->tree);
        break;
    case WITNESS_INITIAL_CONTEXT_TOKEN:
        framed = out->tree;
        out->token.this_mech = view_oid(&framed->thisMech);
        done = view_choice(out, &framed->innerContextToken);
        break;
    case WITNESS_INITIAL_CONTEXT_TOKEN2:
        framed2 = out->tree;
        out->token.this_mech = view_oid(&framed2->thisMech);
        done = view_choice2(out, &framed2->innerContextToken);
        break;
    case WITNESS_NUM_PDUS:
        break;
    }
    if (!done)
        witness_free(out);
    return done;
}

size_t witness_encode_again(uint8_t *buf, size_t buf_len, const witness_reading *reading)
{
    return encode_tree(buf, buf_len, reading->pdu, reading->tree);
}

void witness_free(witness_reading *reading)
{
    if (reading->tree != NULL)
        ASN_STRUCT_FREE(*descriptors[reading->pdu], reading->tree);
    free(reading->mech_types);
    reading->tree = NULL;
    reading->mech_types = NULL;
}
