#include "inspect/reading.h"

#include <string.h>

#include "inspect/kind.h"
#include "inspect/lint.h"
#include "inspect/nested.h"
#include "inspect/tlv.h"

int inspect_is_raw(const inspect_reading *reading)
{
    return inspect_kind_family(reading->kind) != INSPECT_FAMILY_UNKNOWN;
}

size_t inspect_offset(const inspect_reading *reading, spnego_bytes view)
{
    return view.data == NULL ? 0 : (size_t)(view.data - reading->in.data);
}

uint64_t inspect_announced(const inspect_reading *reading, spnego_bytes octets)
{
    inspect_tlv tlv;

    /* Its tag is the first 04 before the contents from which they can be reached; a length has at
     * most five octets. */
    for (size_t back = 2; back <= 6 && back <= inspect_offset(reading, octets); back++) {
        const spnego_bytes from = {octets.data - back, back + octets.len};

        if (from.data[0] == 0x04 && inspect_tlv_read(&tlv, from) && tlv.header_len == back)
            return tlv.declared_len;
    }
    return octets.len;
}

spnego_span inspect_oid_span(const inspect_reading *reading, spnego_bytes oid)
{
    const size_t end = inspect_offset(reading, oid) + oid.len;
    spnego_span span = {inspect_offset(reading, oid), oid.len};

    /* Its tag is the last 06 before the contents from which they can be reached; a length has at
     * most five octets. */
    for (size_t back = 2; back <= 6 && back <= inspect_offset(reading, oid); back++) {
        const uint8_t *tag = oid.data - back;
        if (tag[0] == 0x06 &&
            (back == 2 ? tag[1] < 0x80 && tag[1] >= oid.len : tag[1] == (0x80 | (back - 2)))) {
            span.offset -= back;
            break;
        }
    }
    span.len = end - span.offset;
    return span;
}

spnego_bytes inspect_field_view(const inspect_reading *reading, spnego_field field)
{
    const spnego_token *token = &reading->token;
    const spnego_bytes absent = {NULL, 0};

    switch (field) {
    case SPNEGO_FIELD_MECH_TYPES:
        return token->mech_types;
    case SPNEGO_FIELD_REQ_FLAGS:
        return token->req_flags;
    case SPNEGO_FIELD_MECH_TOKEN:
        return token->mech_token;
    case SPNEGO_FIELD_NEG_HINTS:
        return token->neg_hints;
    case SPNEGO_FIELD_HINT_NAME:
        return token->hint_name;
    case SPNEGO_FIELD_HINT_ADDRESS:
        return token->hint_address;
    case SPNEGO_FIELD_SUPPORTED_MECH:
        return token->supported_mech;
    case SPNEGO_FIELD_RESPONSE_TOKEN:
        return token->response_token;
    case SPNEGO_FIELD_MECH_LIST_MIC:
        return token->mech_list_mic;
    case SPNEGO_FIELD_UNKNOWN:
        return token->unknown_fields;
    case SPNEGO_FIELD_NONE:
    case SPNEGO_FIELD_FRAME:
    case SPNEGO_FIELD_THIS_MECH:
    case SPNEGO_FIELD_CHOICE:
    case SPNEGO_FIELD_SEQUENCE:
    case SPNEGO_FIELD_NEG_STATE:
    case SPNEGO_NUM_FIELDS:
        break;
    }
    return absent;
}

spnego_span inspect_field_span(const inspect_reading *reading, spnego_field field)
{
    spnego_span span = reading->report.spans[field];
    spnego_bytes view;

    /* Where the fault lies inside the field, its end was never reached. */
    if (span.len == 0) {
        view = inspect_field_view(reading, field);
        span.offset = inspect_offset(reading, view);
        span.len = view.len;
    }
    return span;
}

spnego_span inspect_field_place(const inspect_reading *reading, spnego_field field)
{
    /* In the order in which they stand. */
    static const spnego_field fields[] = {SPNEGO_FIELD_NEG_STATE, SPNEGO_FIELD_SUPPORTED_MECH,
                                          SPNEGO_FIELD_RESPONSE_TOKEN, SPNEGO_FIELD_MECH_LIST_MIC};
    const size_t num = sizeof fields / sizeof fields[0];
    spnego_span span = inspect_field_span(reading, field);
    size_t i = 0;

    while (i < num && fields[i] != field)
        i++;
    if (span.len > 0 || i == num)
        return span;
    while (span.len == 0 && i + 1 < num)
        span = inspect_field_span(reading, fields[++i]);
    if (span.len == 0)
        span.offset = reading->in.len;
    span.len = 0;
    return span;
}

void inspect_add_finding(inspect_reading *reading, spnego_rule rule, spnego_field field,
                         size_t offset, size_t len)
{
    spnego_finding *finding;

    if (reading->num_findings == INSPECT_MAX_FINDINGS) {
        if (spnego_rule_describe(rule)->severity != SPNEGO_SEVERITY_ERROR)
            return;
        reading->num_findings--;
    }
    finding = &reading->findings[reading->num_findings++];
    finding->rule = rule;
    finding->field = field;
    finding->offset = offset;
    finding->len = len;
}

/* Those that hold tokens of mechanisms. */
static const spnego_field inspect_token_fields[] = {
    SPNEGO_FIELD_MECH_TOKEN, SPNEGO_FIELD_RESPONSE_TOKEN, SPNEGO_FIELD_MECH_LIST_MIC};

#define INSPECT_NUM_TOKEN_FIELDS (sizeof inspect_token_fields / sizeof inspect_token_fields[0])

void inspect_add_nested_finding(inspect_reading *reading, spnego_rule rule, size_t offset,
                                size_t len)
{
    spnego_field field = SPNEGO_FIELD_NONE;

    if (reading->num_findings > 0) {
        const spnego_finding *last = &reading->findings[reading->num_findings - 1];

        if (last->rule == rule && last->offset == offset && last->len == len)
            return;
    }
    for (size_t i = 0; i < INSPECT_NUM_TOKEN_FIELDS; i++) {
        const spnego_bytes view = inspect_field_view(reading, inspect_token_fields[i]);
        const size_t start = inspect_offset(reading, view);
        if (view.data != NULL && offset >= start && offset - start <= view.len)
            field = inspect_token_fields[i];
    }
    inspect_add_finding(reading, rule, field, offset, len);
}

size_t inspect_nested(const inspect_reading *reading, spnego_bytes octets)
{
    const inspect_tree *tree = &reading->tree;
    size_t i = 0;

    while (i < tree->num_nodes && (octets.len == 0 || octets.data == NULL ||
                                   tree->nodes[i].offset != inspect_offset(reading, octets)))
        i = inspect_tree_end(tree, i);
    return i;
}

int inspect_mech_next(inspect_mech *mech, const inspect_reading *reading)
{
    const spnego_bytes list = reading->token.mech_types;
    inspect_tlv sequence;
    size_t start;

    if (list.data == NULL || list.len == 0)
        return 0;
    start = mech->span.offset + mech->span.len;
    if (mech->oid.data == NULL) {
        if (!inspect_tlv_read(&sequence, list))
            return 0;
        start = inspect_offset(reading, list) + sequence.header_len;
    }
    if (!spnego_mech_types_next(&mech->oid, &mech->cursor, list) || mech->oid.data == NULL)
        return 0;
    mech->span.offset = start;
    mech->span.len = inspect_offset(reading, mech->oid) + mech->oid.len - start;
    return 1;
}

/* Stable, and the number of findings is bounded. */
static void inspect_sort_findings(inspect_reading *reading)
{
    for (size_t i = 1; i < reading->num_findings; i++) {
        spnego_finding finding = reading->findings[i];
        size_t at = i;
        for (; at > 0 && reading->findings[at - 1].offset > finding.offset; at--)
            reading->findings[at] = reading->findings[at - 1];
        reading->findings[at] = finding;
    }
}

/* Tolerances whose rules are warnings only: all others mean that something is wrong, even if the
 * finding that says so is one of those that were not kept. */
#define INSPECT_HARMLESS (SPNEGO_TOLERATE_UNTRIMMED_REQ_FLAGS | SPNEGO_TOLERATE_UNFRAMED_INIT)

static inspect_verdict inspect_judge(const inspect_reading *reading)
{
    if (reading->fault != SPNEGO_RULE_NONE)
        return INSPECT_UNDECODABLE;
    if ((reading->token.tolerated & ~INSPECT_HARMLESS) != 0)
        return INSPECT_FINDINGS;
    for (size_t i = 0; i < reading->num_findings; i++)
        if (spnego_rule_describe(reading->findings[i].rule)->severity == SPNEGO_SEVERITY_ERROR)
            return INSPECT_FINDINGS;
    return INSPECT_CLEAN;
}

void inspect_add_later(inspect_reading *reading, spnego_rule rule, spnego_field field)
{
    const spnego_span place = inspect_field_place(reading, field);

    for (size_t i = 0; i < reading->num_findings; i++)
        if (reading->findings[i].rule == rule)
            return;
    inspect_add_finding(reading, rule, field, place.offset, place.len);
    inspect_sort_findings(reading);
    reading->verdict = inspect_judge(reading);
}

void inspect_drop_finding(inspect_reading *reading, spnego_rule rule)
{
    size_t num = 0;

    for (size_t i = 0; i < reading->num_findings; i++)
        if (reading->findings[i].rule != rule)
            reading->findings[num++] = reading->findings[i];
    reading->num_findings = num;
    reading->verdict = inspect_judge(reading);
}

void inspect_reading_free(inspect_reading *reading)
{
    inspect_tree_free(&reading->tree);
}

/* What mechanisms say inside.  Where the token is damaged, its octets are shown as far as they go,
 * but nothing is said of them: what they seem to lack may only be what is missing here. */
static void inspect_read_nested(inspect_reading *out)
{
    const size_t num_findings = out->num_findings;

    if (inspect_is_raw(out))
        (void)inspect_nested_read(&out->tree, out, out->in, 0);
    for (size_t i = 0; i < INSPECT_NUM_TOKEN_FIELDS; i++)
        (void)inspect_nested_read(&out->tree, out, inspect_field_view(out, inspect_token_fields[i]),
                                  0);
    if (out->fault != SPNEGO_RULE_NONE)
        out->num_findings = num_findings;
    else if (out->tree.is_full)
        inspect_add_nested_finding(out, SPNEGO_RULE_MECH_TOKEN_CUT_SHORT, out->in.len, 0);
}

static void inspect_read_raw(inspect_reading *out)
{
    spnego_rule rule = SPNEGO_RULE_RAW_KERBEROS;
    inspect_tlv tlv;

    if (out->kind == SPNEGO_KIND_NTLMSSP || out->kind == SPNEGO_KIND_NTLMSSP_MIC)
        rule = SPNEGO_RULE_RAW_NTLMSSP;
    else if (out->kind == SPNEGO_KIND_NEGOEX)
        rule = SPNEGO_RULE_RAW_NEGOEX;
    else if (inspect_kdc_name(out->in) != NULL)
        rule = SPNEGO_RULE_KRB5_KDC_MESSAGE;
    out->inner_name = inspect_kind_name(out->in);
    inspect_add_finding(out, rule, SPNEGO_FIELD_NONE, 0, out->in.len);
    if (inspect_kind_family(out->kind) == INSPECT_FAMILY_KERBEROS && out->in.data[0] >= 0x60 &&
        inspect_tlv_read(&tlv, out->in) && inspect_tlv_total(out->in) > out->in.len) {
        out->fault = SPNEGO_RULE_DER_TRUNCATED;
        inspect_add_finding(out, out->fault, SPNEGO_FIELD_NONE, 1, tlv.length_octets);
    }
}

static void inspect_read_negotiation(inspect_reading *out, uint32_t tolerate)
{
    out->fault = spnego_token_inspect(&out->token, &out->report, out->in, tolerate);
    for (size_t i = 0; i < out->report.num_findings && i < SPNEGO_MAX_FINDINGS; i++)
        out->findings[out->num_findings++] = out->report.findings[i];
    /* What a token says can be judged only where all of it is known. */
    if (out->fault == SPNEGO_RULE_NONE)
        inspect_lint(out, out->receiver);
}

void inspect_read(inspect_reading *out, spnego_bytes in, uint32_t tolerate, inspect_role receiver,
                  int is_guess)
{
    /* All but the findings, which are many and are there only as far as num_findings says. */
    inspect_tree_clear(&out->tree);
    out->tree.failed = 0;
    memset(&out->token, 0, sizeof out->token);
    memset(out->report.spans, 0, sizeof out->report.spans);
    out->report.num_findings = 0;
    out->num_findings = 0;
    out->inner_name = NULL;
    out->fault = SPNEGO_RULE_NONE;
    out->verdict = INSPECT_CLEAN;
    out->in = in;
    out->receiver = receiver;
    out->kind = inspect_sniff(in);
    if (inspect_is_raw(out) && is_guess)
        out->kind = SPNEGO_KIND_UNKNOWN;
    if (inspect_is_raw(out))
        inspect_read_raw(out);
    else
        inspect_read_negotiation(out, tolerate);
    inspect_read_nested(out);
    inspect_sort_findings(out);
    out->verdict = inspect_judge(out);
}
