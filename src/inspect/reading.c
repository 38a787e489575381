#include "inspect/reading.h"

#include <string.h>

#include "inspect/kind.h"
#include "inspect/lint.h"
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

void inspect_add_finding(inspect_reading *reading, spnego_rule rule, spnego_field field,
                         size_t offset, size_t len)
{
    spnego_finding *finding;

    if (reading->num_findings == INSPECT_MAX_FINDINGS)
        return;
    finding = &reading->findings[reading->num_findings++];
    finding->rule = rule;
    finding->field = field;
    finding->offset = offset;
    finding->len = len;
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

static void inspect_read_raw(inspect_reading *out)
{
    spnego_rule rule = SPNEGO_RULE_RAW_KERBEROS;
    inspect_tlv tlv;

    if (out->kind == SPNEGO_KIND_NTLMSSP || out->kind == SPNEGO_KIND_NTLMSSP_MIC)
        rule = SPNEGO_RULE_RAW_NTLMSSP;
    else if (out->kind == SPNEGO_KIND_NEGOEX)
        rule = SPNEGO_RULE_RAW_NEGOEX;
    out->inner_name = inspect_kind_name(out->in);
    inspect_add_finding(out, rule, SPNEGO_FIELD_NONE, 0, out->in.len);
    if (rule == SPNEGO_RULE_RAW_KERBEROS && out->in.data[0] >= 0x60 &&
        inspect_tlv_read(&tlv, out->in) && inspect_tlv_total(out->in) > out->in.len) {
        out->fault = SPNEGO_RULE_DER_TRUNCATED;
        out->verdict = INSPECT_UNDECODABLE;
        inspect_add_finding(out, out->fault, SPNEGO_FIELD_NONE, 1, tlv.length_octets);
    }
}

void inspect_read(inspect_reading *out, spnego_bytes in, uint32_t tolerate, inspect_role receiver,
                  int is_guess)
{
    /* All but the findings, which are many and are there only as far as num_findings says. */
    memset(&out->token, 0, sizeof out->token);
    memset(out->report.spans, 0, sizeof out->report.spans);
    out->report.num_findings = 0;
    out->num_findings = 0;
    out->inner_name = NULL;
    out->fault = SPNEGO_RULE_NONE;
    out->verdict = INSPECT_CLEAN;
    out->in = in;
    out->receiver = receiver;
    out->kind = spnego_sniff(in);
    if (inspect_is_raw(out) && !is_guess) {
        inspect_read_raw(out);
        return;
    }
    if (inspect_is_raw(out))
        out->kind = SPNEGO_KIND_UNKNOWN;
    out->fault = spnego_token_inspect(&out->token, &out->report, in, tolerate);
    for (size_t i = 0; i < out->report.num_findings && i < SPNEGO_MAX_FINDINGS; i++)
        out->findings[out->num_findings++] = out->report.findings[i];
    /* What a token says can be judged only where all of it is known. */
    if (out->fault == SPNEGO_RULE_NONE)
        inspect_lint(out, receiver);
    inspect_sort_findings(out);
    out->verdict = inspect_judge(out);
}
