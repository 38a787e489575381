#include "inspect/krb5_walk.h"

#include <string.h>

#include "inspect/krb5_meaning.h"
#include "inspect/krb5_value.h"
#include "inspect/tlv.h"

/* No type of the schema has as many members. */
#define MAX_MEMBERS 32

/* Of an element that is being read.  All places count from the first octet of the input. */
typedef struct krb5_frame {
    asn_TYPE_descriptor_t *type;
    size_t end;       /* of its contents, as far as they are there */
    size_t resume;    /* where what follows it begins */
    size_t depth;     /* of its members' nodes */
    int is_cut;       /* it holds more than can be read, or says so */
    int next;         /* the first member that may still come in order */
    uint32_t seen;    /* members */
    size_t unknown;   /* nodes for what is no member */
    int64_t selector; /* the number that tells what the octets beside it hold */
} krb5_frame;

typedef struct krb5_walker {
    inspect_tree *tree;
    inspect_reading *reading;
    size_t at;
    size_t limit; /* the end of the token */
    size_t num_frames;
    krb5_frame frames[INSPECT_TREE_MAX_DEPTH + 1];
} krb5_walker;

/* The headers of one element, from its outermost tag to its contents. */
typedef struct krb5_element {
    uint8_t tag; /* of the outermost */
    size_t start;
    size_t contents;
    size_t end;
    size_t outer_end; /* of the outermost */
    int is_cut;
} krb5_element;

static void krb5_find(krb5_walker *w, spnego_rule rule, size_t offset, size_t len)
{
    inspect_add_nested_finding(w->reading, rule, offset, len);
}

static spnego_bytes krb5_view(const krb5_walker *w, size_t start, size_t end)
{
    const spnego_bytes view = {w->reading->in.data + start, end - start};
    return view;
}

static void krb5_add_octets(krb5_walker *w, const char *name, inspect_privacy privacy, size_t depth,
                            size_t start, size_t end)
{
    inspect_node *node;

    if (start == end)
        return;
    node = inspect_tree_add(w->tree, name, INSPECT_OCTETS, depth, start, end - start);
    node->octets = krb5_view(w, start, end);
    node->privacy = privacy;
}

/* Names of JSON members must differ; what comes after these is left to its finding. */
static void krb5_add_unknown(krb5_walker *w, krb5_frame *frame, size_t start, size_t end)
{
    static const char *const names[] = {"unknown", "unknown-2", "unknown-3", "unknown-4"};

    if (frame->unknown < sizeof names / sizeof names[0])
        krb5_add_octets(w, names[frame->unknown++], INSPECT_CRACKABLE, frame->depth, start, end);
}

/* ---- Headers -------------------------------------------------------------------------------- */

/* What is wrong where no header can be read. */
static void krb5_find_no_header(krb5_walker *w, size_t at, size_t limit, int is_cut)
{
    const spnego_bytes view = krb5_view(w, at, limit);
    const int is_short = view.len < 2 || (view.data[1] > 0x80 && view.data[1] <= 0x88);

    if (view.data[0] == 0 || (view.data[0] & 0x1f) == 0x1f || !is_short)
        krb5_find(w, SPNEGO_RULE_KRB5_HEADER_NOT_DER, at, view.len < 2 ? view.len : 2);
    else if (!is_cut)
        krb5_find(w,
                  limit == w->limit ? SPNEGO_RULE_KRB5_TRUNCATED : SPNEGO_RULE_KRB5_LENGTH_OUTSIDE,
                  at, view.len);
}

/* Reads one header in [at, limit).  Of an element that is longer than that, the part that is there
 * counts, and once it has been said, that what is inside it is cut short too needs no finding. */
static int krb5_header(krb5_walker *w, krb5_element *out, size_t at, size_t limit, int is_cut)
{
    inspect_tlv tlv;
    int is_long;

    if (!inspect_tlv_read(&tlv, krb5_view(w, at, limit))) {
        krb5_find_no_header(w, at, limit, is_cut);
        return 0;
    }
    is_long = tlv.length_octets > 1 &&
              (tlv.declared_len < 0x80 || tlv.declared_len >> (8 * (tlv.length_octets - 2)) == 0);
    if (tlv.is_indefinite || is_long)
        krb5_find(w, SPNEGO_RULE_KRB5_HEADER_NOT_DER, at + 1, tlv.length_octets);
    if (tlv.is_indefinite)
        return 0;
    out->tag = tlv.tag;
    out->contents = at + tlv.header_len;
    out->is_cut = tlv.declared_len > limit - out->contents;
    out->end = out->is_cut ? limit : out->contents + (size_t)tlv.declared_len;
    if (out->is_cut && !is_cut)
        krb5_find(w,
                  limit == w->limit ? SPNEGO_RULE_KRB5_TRUNCATED : SPNEGO_RULE_KRB5_LENGTH_OUTSIDE,
                  at + 1, tlv.length_octets);
    return 1;
}

/* The identifier octet (X.690 8.1.2) of a tag in asn1c's form; no number here is above 30. */
static uint8_t krb5_identifier(ber_tlv_tag_t tag, int is_constructed)
{
    return (uint8_t)((tag & 3u) << 6 | tag >> 2 | (is_constructed ? 0x20u : 0u));
}

/* A CHOICE has no tag of its own: it begins with that of the member that was chosen (X.680 29). */
static int krb5_is_choice(asn_TYPE_descriptor_t *type)
{
    return type->elements_count > 0 && type->tags_count == 0;
}

/* The tags of a type stand one around the other, all explicit (RFC 4120 appendix A). */
static uint8_t krb5_type_identifier(asn_TYPE_descriptor_t *type, int n)
{
    return krb5_identifier(type->tags[n], n + 1 < type->tags_count || type->elements_count > 0);
}

/* Reads the headers of `type`, the first of which is at `at`.  Returns 0 with a finding where they
 * are others. */
static int krb5_open(krb5_walker *w, krb5_element *out, asn_TYPE_descriptor_t *type, size_t at,
                     size_t limit, int is_cut)
{
    out->start = at;
    out->contents = at;
    out->end = limit;
    out->outer_end = limit;
    out->is_cut = is_cut;
    for (int i = 0; i < type->tags_count; i++) {
        if (at == limit) {
            if (!out->is_cut)
                krb5_find(w, SPNEGO_RULE_KRB5_FIELD_MISSING, at, 0);
            return 0;
        }
        if (!krb5_header(w, out, at, limit, out->is_cut))
            return 0;
        /* target-realm, the one UTF8String that there is, as MIT krb5 writes it
         * (vectors/kdc/mit-iakerb-as-req.txt). */
        if (type == &asn_DEF_UTF8String && out->tag == 0x04) {
            krb5_find(w, SPNEGO_RULE_KRB5_REALM_AS_OCTETS, at, 1);
        } else if (out->tag != krb5_type_identifier(type, i)) {
            krb5_find(w, SPNEGO_RULE_KRB5_TAG_UNEXPECTED, at, 1);
            return 0;
        }
        if (i == 0)
            out->outer_end = out->end;
        at = out->contents;
        limit = out->end;
    }
    return 1;
}

/* ---- Values --------------------------------------------------------------------------------- */

static void krb5_push(krb5_walker *w, asn_TYPE_descriptor_t *type, const krb5_element *element,
                      size_t depth, size_t resume)
{
    krb5_frame *frame = &w->frames[w->num_frames++];

    memset(frame, 0, sizeof *frame);
    frame->type = type;
    frame->end = element->end;
    frame->resume = resume;
    frame->depth = depth;
    frame->is_cut = element->is_cut;
    w->at = element->contents;
}

static int krb5_is_list(asn_TYPE_descriptor_t *type)
{
    return type->elements_count == 1 && type->elements[0].name[0] == 0;
}

/* A node for an element with members; they are read next. */
static void krb5_descend(krb5_walker *w, const char *name, asn_TYPE_descriptor_t *type,
                         const krb5_element *element, size_t start, size_t resume)
{
    const size_t depth = w->frames[w->num_frames - 1].depth;
    inspect_node *node =
        inspect_tree_add(w->tree, name, krb5_is_list(type) ? INSPECT_ARRAY : INSPECT_OBJECT, depth,
                         start, resume - start);

    if (type == &asn_DEF_AP_REQ)
        node->type = "KRB_AP_REQ";
    krb5_push(w, type, element, depth + 1, resume);
}

/* RFC 4120 5.9.1 has error-code decide what e-data holds, but only for one of them; the three
 * forms begin differently. */
static asn_TYPE_descriptor_t *krb5_e_data_type(spnego_bytes contents)
{
    inspect_tlv outer, inner;
    spnego_bytes rest = contents;

    if (!inspect_tlv_read(&outer, rest) || outer.tag != 0x30 || rest.len <= outer.header_len)
        return NULL;
    rest.data += outer.header_len;
    rest.len -= outer.header_len;
    if (rest.data[0] == 0xa1)
        return &asn_DEF_KERB_ERROR_DATA;
    if (!inspect_tlv_read(&inner, rest) || inner.tag != 0x30 || rest.len <= inner.header_len)
        return NULL;
    if (rest.data[inner.header_len] == 0xa1)
        return &asn_DEF_METHOD_DATA;
    return rest.data[inner.header_len] == 0xa0 ? &asn_DEF_TYPED_DATA : NULL;
}

/* What each kind of pre-authentication data holds, and of typed data, which has the same list of
 * kinds (RFC 4120 7.5.2).  What travels under encryption alone is not here. */
static const struct {
    int64_t kind;
    asn_TYPE_descriptor_t *type;
} krb5_padata[] = {
    {1, &asn_DEF_AP_REQ}, /* RFC 4120 5.2.7 */
    {2, &asn_DEF_EncryptedData},
    {11, &asn_DEF_ETYPE_INFO},
    {19, &asn_DEF_ETYPE_INFO2},
    {16, &asn_DEF_PA_PK_AS_REQ}, /* RFC 4556 3.2.1, 3.2.3 */
    {17, &asn_DEF_PA_PK_AS_REP},
    {102, &asn_DEF_PrincipalName},                /* RFC 4120 5.9.1 */
    {104, &asn_DEF_ExternalPrincipalIdentifiers}, /* RFC 4556 3.2.2 */
    {105, &asn_DEF_ExternalPrincipalIdentifiers},
    {128, &asn_DEF_KERB_PA_PAC_REQUEST}, /* MS-KILE 2.2.3 */
    {129, &asn_DEF_PA_FOR_USER},         /* MS-SFU 2.2.1, 2.2.2 */
    {130, &asn_DEF_PA_S4U_X509_USER},
    {134, &asn_DEF_PA_AUTHENTICATION_SET}, /* RFC 6113 5.3 */
    {138, &asn_DEF_EncryptedData},         /* RFC 6113 5.4.6 */
    {147, &asn_DEF_EncryptedData},         /* RFC 8062 7 */
    {151, &asn_DEF_PA_SPAKE},              /* RFC 9588 4 */
    {161, &asn_DEF_KERB_KEY_LIST_REQ},     /* MS-KILE 2.2.11 */
    {167, &asn_DEF_PA_PAC_OPTIONS},        /* MS-KILE 2.2.10 */
};

/* The same kind may hold another thing in another message. */
static asn_TYPE_descriptor_t *krb5_padata_type(const krb5_walker *w, int64_t kind)
{
    asn_TYPE_descriptor_t *whole = w->frames[0].type;

    /* RFC 6113 5.4.2, 5.4.3: one kind for what is asked and what is answered. */
    if (kind == 136)
        return whole == &asn_DEF_AS_REQ || whole == &asn_DEF_TGS_REQ ? &asn_DEF_PA_FX_FAST_REQUEST
                                                                     : &asn_DEF_PA_FX_FAST_REPLY;
    /* MS-SFU 2.2.2: in an AS-REQ it is the certificate alone, with nothing around it. */
    if (kind == 130 && whole == &asn_DEF_AS_REQ)
        return NULL;
    for (size_t i = 0; i < sizeof krb5_padata / sizeof krb5_padata[0]; i++)
        if (krb5_padata[i].kind == kind)
            return krb5_padata[i].type;
    return NULL;
}

/* What an OCTET STRING holds, NULL if that is not DER or not known. */
static asn_TYPE_descriptor_t *krb5_inside(const krb5_walker *w, const krb5_frame *frame,
                                          const char *member, spnego_bytes contents)
{
    if (contents.len == 0)
        return NULL;
    if (strcmp(member, "e-data") == 0)
        return krb5_e_data_type(contents);
    /* RFC 6113 5.4.1.1: the one kind of armor that there is. */
    if (strcmp(member, "armor-value") == 0)
        return frame->selector == 1 ? &asn_DEF_AP_REQ : NULL;
    if (strcmp(member, "padata-value") == 0 || strcmp(member, "pa-value") == 0 ||
        (strcmp(member, "data-value") == 0 && frame->type != &asn_DEF_KERB_ERROR_DATA))
        return krb5_padata_type(w, frame->selector);
    return NULL;
}

/* Octets that hold DER are shown as what they hold. */
static int krb5_descend_into_octets(krb5_walker *w, krb5_frame *frame, const char *name,
                                    const krb5_element *octets, size_t start, size_t resume)
{
    asn_TYPE_descriptor_t *type =
        krb5_inside(w, frame, name, krb5_view(w, octets->contents, octets->end));
    krb5_element element;

    if (type == NULL || frame->depth >= INSPECT_TREE_MAX_DEPTH ||
        !krb5_open(w, &element, type, octets->contents, octets->end, octets->is_cut))
        return 0;
    krb5_descend(w, name, type, &element, start, resume);
    return 1;
}

/* MS-KILE 2.2.1.  It is met where a salt would be too: a salt is text (RFC 4120 5.2.7.3), and has
 * no zeros in the middle. */
static int krb5_is_extended_error(const krb5_frame *frame, spnego_bytes contents)
{
    static const uint8_t reserved[4];

    if (frame->selector != 3 || contents.len != 12)
        return 0;
    return frame->type == &asn_DEF_KERB_ERROR_DATA ||
           (frame->type == &asn_DEF_PA_DATA && memcmp(contents.data + 4, reserved, 4) == 0);
}

/* A value without members. */
static void krb5_primitive(krb5_walker *w, krb5_frame *frame, const asn_TYPE_member_t *member,
                           const krb5_element *element, size_t start, size_t resume)
{
    inspect_krb5_value value;

    memset(&value, 0, sizeof value);
    value.name = member->name[0] == 0 ? NULL : member->name;
    value.meaning = inspect_krb5_meaning_of(
        frame->type->name, member->name[0] == 0 ? frame->type->name : member->name);
    value.contents = krb5_view(w, element->contents, element->end);
    value.contents_offset = element->contents;
    value.offset = start;
    value.len = resume - start;
    value.depth = frame->depth;
    value.is_extended_error = krb5_is_extended_error(frame, value.contents);
    if (!inspect_krb5_value_add(w->tree, &value, member->type) && !element->is_cut)
        krb5_find(w, SPNEGO_RULE_KRB5_VALUE_MALFORMED, element->contents, value.contents.len);
    if (value.is_number) {
        const spnego_rule rule =
            inspect_krb5_number_rule(frame->type, value.meaning, member->name, value.number);

        if (rule != SPNEGO_RULE_NONE)
            krb5_find(w, rule, element->contents, value.contents.len);
        /* PA-DATA and its like: the first number tells what the octets after it are. */
        if (frame->seen == 1)
            frame->selector = value.number;
    }
}

/* A member whose tags have been read; [start, resume) is the whole of it. */
static void krb5_contents(krb5_walker *w, krb5_frame *frame, const asn_TYPE_member_t *member,
                          const krb5_element *element, size_t start, size_t resume)
{
    const char *name = member->name[0] == 0 ? NULL : member->name;

    if (member->type->elements_count > 0) {
        if (frame->depth < INSPECT_TREE_MAX_DEPTH)
            krb5_descend(w, name, member->type, element, start, resume);
        else
            krb5_add_octets(w, name, INSPECT_CRACKABLE, frame->depth, start, resume);
        return;
    }
    if (element->end < resume)
        krb5_find(w, SPNEGO_RULE_KRB5_SURPLUS, element->end, resume - element->end);
    if (member->type != &asn_DEF_OCTET_STRING ||
        !krb5_descend_into_octets(w, frame, member->name, element, start, resume))
        krb5_primitive(w, frame, member, element, start, resume);
}

/* A member whose own tags begin at `at`; [start, resume) is the whole of it, with the tag that the
 * schema puts around it. */
static void krb5_member(krb5_walker *w, krb5_frame *frame, const asn_TYPE_member_t *member,
                        size_t at, size_t start, size_t resume, int is_cut)
{
    krb5_element element;

    w->at = resume;
    if (krb5_open(w, &element, member->type, at, resume, is_cut))
        krb5_contents(w, frame, member, &element, start, resume);
    else
        krb5_add_octets(w, member->name[0] == 0 ? NULL : member->name, INSPECT_CRACKABLE,
                        frame->depth, start, resume);
}

/* ---- What comes next ------------------------------------------------------------------------ */

static int krb5_member_number(const krb5_frame *frame, uint8_t tag)
{
    for (int i = 0; i < frame->type->elements_count && i < MAX_MEMBERS; i++) {
        const asn_TYPE_member_t *member = &frame->type->elements[i];

        /* An implicit tag leaves the octet's form as the type has it (X.690 8.14.4); the schema has
         * such tags on primitive types alone. */
        if (krb5_identifier(member->tag, member->tag_mode > 0) == tag)
            return i;
    }
    return -1;
}

/* The next field of a SEQUENCE, under its [n]; of a CHOICE the only one. */
static void krb5_next_field(krb5_walker *w, krb5_frame *frame)
{
    const size_t start = w->at;
    krb5_element around;
    int n;

    if (!krb5_header(w, &around, start, frame->end, frame->is_cut)) {
        krb5_add_unknown(w, frame, start, frame->end);
        w->at = frame->end;
        frame->is_cut = 1; /* what else it holds cannot be told */
        return;
    }
    n = krb5_member_number(frame, around.tag);
    w->at = around.end;
    if (krb5_is_choice(frame->type))
        frame->end = around.end;
    if (n < 0 || (frame->seen >> n & 1u) != 0) {
        krb5_find(w, n < 0 ? SPNEGO_RULE_KRB5_FIELD_UNKNOWN : SPNEGO_RULE_KRB5_FIELD_REPEATED,
                  start, around.end - start);
        krb5_add_unknown(w, frame, start, around.end);
        return;
    }
    if (n < frame->next)
        krb5_find(w, SPNEGO_RULE_KRB5_FIELD_OUT_OF_ORDER, start, around.end - start);
    else
        frame->next = n + 1;
    frame->seen |= 1u << n;
    if (frame->type->elements[n].tag_mode < 0) {
        krb5_contents(w, frame, &frame->type->elements[n], &around, start, around.end);
        return;
    }
    krb5_member(w, frame, &frame->type->elements[n], around.contents, start, around.end,
                around.is_cut);
}

/* Where the element at `at` ends: at the limit, if that cannot be told or it is longer. */
static size_t krb5_element_end(const krb5_walker *w, size_t at, size_t limit)
{
    const uint64_t total = inspect_tlv_total(krb5_view(w, at, limit));

    return total == 0 || total > limit - at ? limit : at + (size_t)total;
}

/* The next element of a SEQUENCE OF. */
static void krb5_next_of_list(krb5_walker *w, krb5_frame *frame)
{
    const size_t end = krb5_element_end(w, w->at, frame->end);

    krb5_member(w, frame, &frame->type->elements[0], w->at, w->at, end, frame->is_cut);
}

static void krb5_close(krb5_walker *w)
{
    const krb5_frame *frame = &w->frames[--w->num_frames];

    if (!krb5_is_list(frame->type) && !krb5_is_choice(frame->type) && !frame->is_cut)
        for (int i = 0; i < frame->type->elements_count && i < MAX_MEMBERS; i++)
            if (!frame->type->elements[i].optional && (frame->seen >> i & 1u) == 0)
                krb5_find(w, SPNEGO_RULE_KRB5_FIELD_MISSING, frame->end, 0);
    if (frame->end < frame->resume)
        krb5_find(w, SPNEGO_RULE_KRB5_SURPLUS, frame->end, frame->resume - frame->end);
    w->at = frame->resume;
}

size_t inspect_krb5_walk(inspect_tree *tree, inspect_reading *reading, spnego_bytes der,
                         asn_TYPE_descriptor_t *type, size_t depth, int is_cut)
{
    const size_t start = inspect_offset(reading, der);
    krb5_walker w;
    krb5_element element;

    w.tree = tree;
    w.reading = reading;
    w.limit = start + der.len;
    w.num_frames = 0;
    if (!krb5_open(&w, &element, type, start, w.limit, is_cut) || depth > INSPECT_TREE_MAX_DEPTH) {
        const size_t end = krb5_element_end(&w, start, w.limit);

        krb5_add_octets(&w, "unknown", INSPECT_CRACKABLE, depth, start, end);
        return end - start;
    }
    krb5_push(&w, type, &element, depth, element.outer_end);
    /* Each turn goes on by an octet at least or closes what an earlier one opened. */
    while (w.num_frames > 0) {
        krb5_frame *frame = &w.frames[w.num_frames - 1];

        if (w.at >= frame->end)
            krb5_close(&w);
        else if (krb5_is_list(frame->type))
            krb5_next_of_list(&w, frame);
        else
            krb5_next_field(&w, frame);
    }
    return element.outer_end - start;
}
