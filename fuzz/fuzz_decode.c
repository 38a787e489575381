/*
 * spnego_token_decode and spnego_token_inspect over any octets and any tolerances.
 *
 * The first two octets of the input are the tolerances, the rest is the token.
 */
#include "law.h"

static spnego_bytes nothing(void)
{
    const spnego_bytes none = {NULL, 0};

    return none;
}

/* Every view of a token, in one table. */
#define NUM_VIEWS 13
static void list_views(spnego_bytes views[NUM_VIEWS], const spnego_token *token)
{
    views[0] = token->mech_types;
    views[1] = token->req_flags;
    views[2] = token->mech_token;
    views[3] = token->neg_hints;
    views[4] = token->hint_name;
    views[5] = token->hint_address;
    views[6] = token->supported_mech;
    views[7] = token->response_token;
    views[8] = token->mech_list_mic;
    views[9] = token->unknown_fields;
    views[10] = token->negotiation_token;
    views[11] = token->whole;
    views[12] = nothing();
}

static int is_inside(spnego_bytes view, spnego_bytes around)
{
    if (view.data == NULL)
        return view.len == 0;
    return around.data != NULL && view.data >= around.data &&
           view.data <= around.data + around.len &&
           view.len <= (size_t)(around.data + around.len - view.data);
}

static int is_same_token(const spnego_token *a, const spnego_token *b)
{
    spnego_bytes of_a[NUM_VIEWS], of_b[NUM_VIEWS];

    list_views(of_a, a);
    list_views(of_b, b);
    for (size_t i = 0; i < NUM_VIEWS; i++)
        if (of_a[i].data != of_b[i].data || of_a[i].len != of_b[i].len)
            return 0;
    return a->type == b->type && a->framed == b->framed && a->has_neg_state == b->has_neg_state &&
           a->neg_state == b->neg_state && a->num_mech_types == b->num_mech_types;
}

static void check_views(const spnego_token *token, spnego_bytes in)
{
    spnego_bytes views[NUM_VIEWS], oid;
    size_t cursor = 0, before = 0;

    list_views(views, token);
    for (size_t i = 0; i < NUM_VIEWS; i++)
        LAW(is_inside(views[i], in));
    LAW(is_inside(token->hint_name, token->neg_hints));
    LAW(is_inside(token->hint_address, token->neg_hints));
    while (spnego_mech_types_next(&oid, &cursor, token->mech_types)) {
        LAW(is_inside(oid, token->mech_types));
        LAW(cursor > before && cursor <= token->mech_types.len);
        before = cursor;
    }
}

static void check_accepted(const spnego_token *token, spnego_bytes in, uint32_t tolerate)
{
    spnego_bytes views[NUM_VIEWS], oid;
    size_t cursor = 0, num = 0;

    list_views(views, token);
    for (size_t i = 0; i < NUM_VIEWS; i++)
        LAW(is_inside(views[i], token->whole));
    for (size_t i = 0; i < 10; i++)
        LAW(is_inside(views[i], token->negotiation_token));
    LAW(token->whole.data == in.data && token->negotiation_token.data != NULL);
    LAW((token->whole.len != in.len) == ((token->tolerated & SPNEGO_TOLERATE_TRAILING_BYTES) != 0));
    LAW((token->tolerated & ~tolerate) == 0);
    while (spnego_mech_types_next(&oid, &cursor, token->mech_types))
        num++;
    LAW(num == token->num_mech_types);
    if (token->type == SPNEGO_NEG_TOKEN_RESP) {
        LAW(token->mech_types.data == NULL && token->req_flags.data == NULL);
        LAW(token->mech_token.data == NULL && token->neg_hints.data == NULL);
    } else {
        LAW(!token->has_neg_state && token->supported_mech.data == NULL);
        LAW(token->response_token.data == NULL);
        LAW(token->type == SPNEGO_NEG_TOKEN_INIT2 || token->type == SPNEGO_NEG_TOKEN_INIT);
        LAW(token->type == SPNEGO_NEG_TOKEN_INIT2 || token->neg_hints.data == NULL);
    }
    switch (spnego_sniff(in)) {
    case SPNEGO_KIND_SPNEGO_FRAMED:
        LAW(token->framed);
        break;
    case SPNEGO_KIND_SPNEGO_INIT:
        LAW(!token->framed && token->type != SPNEGO_NEG_TOKEN_RESP);
        break;
    case SPNEGO_KIND_SPNEGO_RESP:
        LAW(!token->framed && token->type == SPNEGO_NEG_TOKEN_RESP);
        break;
    default:
        abort(); /* what was accepted is of no SPNEGO kind */
    }
}

/* A refusal shows nothing but where and why. */
static void check_refused(const spnego_token *token, const spnego_finding *fault, spnego_rule rule,
                          spnego_bytes in)
{
    static const spnego_token empty;

    LAW(is_same_token(token, &empty) && token->tolerated == 0);
    LAW(fault->rule == rule && rule < 300);
    LAW(spnego_rule_describe(rule)->rule == rule);
    LAW(fault->offset <= in.len && fault->len <= in.len - fault->offset);
    LAW((unsigned)fault->field < SPNEGO_NUM_FIELDS);
}

static void decode(spnego_token *token, spnego_finding *fault, spnego_rule *rule, spnego_bytes in,
                   uint32_t tolerate)
{
    /* Whatever was there before must not show. */
    memset(token, 0xa5, sizeof *token);
    memset(fault, 0xa5, sizeof *fault);
    *rule = spnego_token_decode(token, fault, in, tolerate);
}

/* What was accepted stays accepted, as the same, with more tolerance; and the tolerances that are
 * said to have been needed are those that are. */
static void check_tolerances(const spnego_token *token, spnego_bytes in, uint32_t tolerate)
{
    spnego_token other;
    spnego_finding fault;
    spnego_rule rule;

    decode(&other, &fault, &rule, in, SPNEGO_TOLERATE_ALL | tolerate);
    LAW(rule == SPNEGO_RULE_NONE && is_same_token(token, &other));
    LAW(other.tolerated == token->tolerated);
    decode(&other, &fault, &rule, in, token->tolerated);
    LAW(rule == SPNEGO_RULE_NONE && is_same_token(token, &other));
    LAW(other.tolerated == token->tolerated);
    for (uint32_t bit = 1; bit <= SPNEGO_TOLERATE_ALL; bit <<= 1) {
        if ((token->tolerated & bit) == 0)
            continue;
        decode(&other, &fault, &rule, in, tolerate & ~bit);
        LAW(rule != SPNEGO_RULE_NONE);
    }
}

/* A field's place is known if and only if it is there, and holds it. */
static void check_span(const spnego_report *report, spnego_field field, spnego_bytes view,
                       spnego_bytes in)
{
    const spnego_span span = report->spans[field];
    const spnego_bytes place = {in.data + span.offset, span.len};

    LAW((span.len != 0) == (view.data != NULL));
    LAW(view.data == NULL || is_inside(view, place));
}

static void check_spans(const spnego_report *report, const spnego_token *token, spnego_bytes in)
{
    const spnego_span state = report->spans[SPNEGO_FIELD_NEG_STATE];

    check_span(report, SPNEGO_FIELD_FRAME, token->framed ? token->whole : nothing(), in);
    check_span(report, SPNEGO_FIELD_CHOICE, token->negotiation_token, in);
    check_span(report, SPNEGO_FIELD_MECH_TYPES, token->mech_types, in);
    check_span(report, SPNEGO_FIELD_REQ_FLAGS, token->req_flags, in);
    check_span(report, SPNEGO_FIELD_MECH_TOKEN, token->mech_token, in);
    check_span(report, SPNEGO_FIELD_NEG_HINTS, token->neg_hints, in);
    check_span(report, SPNEGO_FIELD_HINT_NAME, token->hint_name, in);
    check_span(report, SPNEGO_FIELD_HINT_ADDRESS, token->hint_address, in);
    check_span(report, SPNEGO_FIELD_SUPPORTED_MECH, token->supported_mech, in);
    check_span(report, SPNEGO_FIELD_RESPONSE_TOKEN, token->response_token, in);
    check_span(report, SPNEGO_FIELD_MECH_LIST_MIC, token->mech_list_mic, in);
    check_span(report, SPNEGO_FIELD_UNKNOWN, token->unknown_fields, in);
    LAW((state.len != 0) == token->has_neg_state);
}

/* Moves `at` past the tag and length there. */
static size_t skip_header(spnego_bytes in, size_t at)
{
    const uint8_t length = in.data[at + 1];

    return at + 2 + (length < 0x80 ? 0 : length & 0x7fu);
}

/* Nothing between the first field and the end is left out or read twice. */
static void check_nothing_lost(const spnego_report *report, const spnego_token *token,
                               spnego_bytes in)
{
    static const spnego_field fields[] = {
        SPNEGO_FIELD_MECH_TYPES,     SPNEGO_FIELD_REQ_FLAGS,     SPNEGO_FIELD_MECH_TOKEN,
        SPNEGO_FIELD_NEG_HINTS,      SPNEGO_FIELD_NEG_STATE,     SPNEGO_FIELD_SUPPORTED_MECH,
        SPNEGO_FIELD_RESPONSE_TOKEN, SPNEGO_FIELD_MECH_LIST_MIC, SPNEGO_FIELD_UNKNOWN};
    const size_t choice = (size_t)(token->negotiation_token.data - in.data);
    const size_t begin = skip_header(in, skip_header(in, choice));
    const size_t end = choice + token->negotiation_token.len;
    size_t sum = 0;

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        sum += report->spans[fields[i]].len;
    LAW(begin <= end && sum == end - begin);
}

static int is_reported(const spnego_report *report, const spnego_finding *fault)
{
    for (size_t i = 0; i < report->num_findings && i < SPNEGO_MAX_FINDINGS; i++)
        if (report->findings[i].rule == fault->rule && report->findings[i].field == fault->field &&
            report->findings[i].offset == fault->offset && report->findings[i].len == fault->len)
            return 1;
    return report->num_findings > SPNEGO_MAX_FINDINGS;
}

/* inspect says what decode says, and more. */
static void check_inspect(const spnego_token *token, const spnego_finding *fault, spnego_rule rule,
                          spnego_bytes in, uint32_t tolerate)
{
    spnego_token seen;
    spnego_report report;
    spnego_rule inspected;

    memset(&seen, 0xa5, sizeof seen);
    memset(&report, 0xa5, sizeof report);
    inspected = spnego_token_inspect(&seen, &report, in, tolerate);
    check_views(&seen, in);
    LAW((seen.tolerated & ~tolerate) == 0);
    for (size_t i = 0; i < SPNEGO_NUM_FIELDS; i++) {
        LAW(report.spans[i].offset <= in.len);
        LAW(report.spans[i].len <= in.len - report.spans[i].offset);
        LAW(spnego_field_name(seen.type, (spnego_field)i) != NULL);
    }
    for (size_t i = 0; i < report.num_findings && i < SPNEGO_MAX_FINDINGS; i++) {
        const spnego_finding *finding = &report.findings[i];

        LAW(finding->rule != SPNEGO_RULE_NONE && finding->rule < 300);
        LAW(spnego_rule_describe(finding->rule)->rule == finding->rule);
        LAW(finding->offset <= in.len && finding->len <= in.len - finding->offset);
        LAW((unsigned)finding->field < SPNEGO_NUM_FIELDS);
    }
    if (rule != SPNEGO_RULE_NONE) {
        /* Only where the input is cut short does inspect read on, and may find more. */
        LAW(inspected == rule ||
            (rule == SPNEGO_RULE_DER_TRUNCATED && inspected != SPNEGO_RULE_NONE));
        LAW(is_reported(&report, fault));
        return;
    }
    LAW(inspected == SPNEGO_RULE_NONE && is_same_token(&seen, token));
    LAW(seen.tolerated == token->tolerated);
    LAW((report.num_findings != 0) ==
        (token->tolerated != 0 || token->unknown_fields.data != NULL));
    check_spans(&report, token, in);
    check_nothing_lost(&report, token, in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t tolerate;
    spnego_bytes in;
    spnego_token token;
    spnego_finding fault;
    spnego_rule rule;
    uint8_t *copy;

    if (size < 2)
        return 0;
    tolerate = data[0] | (uint32_t)data[1] << 8;
    copy = copy_exactly(data + 2, size - 2);
    in.data = copy;
    in.len = size - 2;

    decode(&token, &fault, &rule, in, tolerate);
    if (rule == SPNEGO_RULE_NONE) {
        LAW(fault.rule == SPNEGO_RULE_NONE);
        check_views(&token, in);
        check_accepted(&token, in, tolerate);
        check_tolerances(&token, in, tolerate);
    } else {
        check_refused(&token, &fault, rule, in);
    }
    check_inspect(&token, &fault, rule, in, tolerate);
    free(copy);
    return 0;
}
