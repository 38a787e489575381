#include "inspect/negotiation.h"

#include <string.h>

#include "inspect/expect.h"
#include "inspect/kind.h"

/* The token inside, and what is appended for it. */
typedef struct inspect_inner {
    inspect_tree *tree;
    const inspect_reading *outer;
    spnego_bytes in;
    spnego_token token;
    spnego_report report;
} inspect_inner;

static inspect_node *inspect_inner_add(const inspect_inner *inner, const char *name,
                                       inspect_value value, size_t depth, spnego_bytes octets)
{
    inspect_node *node = inspect_tree_add(inner->tree, name, value, depth,
                                          inspect_offset(inner->outer, octets), octets.len);

    node->octets = octets;
    return node;
}

static void inspect_inner_octets(const inspect_inner *inner, const char *name, size_t depth,
                                 spnego_bytes octets, inspect_privacy privacy)
{
    inspect_node *node;

    if (octets.data == NULL)
        return;
    node = inspect_inner_add(inner, name, INSPECT_OCTETS, depth, octets);
    node->privacy = privacy;
    node->may_nest = 1;
}

static void inspect_inner_oid(const inspect_inner *inner, const char *name, size_t depth,
                              spnego_bytes oid)
{
    const spnego_span span = inspect_oid_span(inner->outer, oid);

    inspect_node *node =
        inspect_tree_add(inner->tree, name, INSPECT_OID_VALUE, depth, span.offset, span.len);

    node->octets = oid;
    node->privacy = inspect_oid_is_plain(oid) ? INSPECT_PUBLIC : INSPECT_IDENTITY;
}

static void inspect_inner_mech_types(const inspect_inner *inner, size_t depth)
{
    spnego_bytes oid;
    size_t cursor = 0;

    if (inner->token.mech_types.data == NULL)
        return;
    inspect_inner_add(inner, "mechTypes", INSPECT_ARRAY, depth, inner->token.mech_types);
    while (spnego_mech_types_next(&oid, &cursor, inner->token.mech_types) && oid.data != NULL)
        inspect_inner_oid(inner, NULL, depth + 1, oid);
}

static void inspect_inner_flags(const inspect_inner *inner, size_t depth)
{
    const spnego_bytes flags = inner->token.req_flags;
    const size_t num_bits = inspect_flag_bits(flags);

    if (flags.data == NULL)
        return;
    inspect_inner_add(inner, "reqFlags", INSPECT_OBJECT, depth, flags);
    inspect_inner_add(inner, "flags", INSPECT_ARRAY, depth + 1, flags);
    for (size_t i = 0; i < num_bits && inspect_flag_name(i) != NULL; i++)
        if (inspect_flag_is_set(flags, i))
            inspect_inner_add(inner, NULL, INSPECT_FLAG, depth + 2, flags)->label =
                inspect_flag_name(i);
}

static void inspect_inner_hints(const inspect_inner *inner, size_t depth)
{
    const spnego_token *token = &inner->token;

    if (token->neg_hints.data == NULL)
        return;
    inspect_inner_add(inner, "negHints", INSPECT_OBJECT, depth, token->neg_hints);
    if (token->hint_name.data != NULL)
        inspect_inner_add(inner, "hintName", INSPECT_TEXT_UTF8, depth + 1, token->hint_name)
            ->privacy = INSPECT_IDENTITY;
    if (token->hint_address.data != NULL)
        inspect_inner_add(inner, "hintAddress", INSPECT_OCTETS, depth + 1, token->hint_address)
            ->privacy = INSPECT_IDENTITY;
}

static void inspect_inner_fields(const inspect_inner *inner, size_t depth)
{
    const spnego_token *token = &inner->token;
    const spnego_span state = inner->report.spans[SPNEGO_FIELD_NEG_STATE];
    inspect_node *node;

    inspect_inner_mech_types(inner, depth);
    inspect_inner_flags(inner, depth);
    if (token->has_neg_state) {
        node = inspect_tree_add(inner->tree, "negState", INSPECT_NAMED, depth,
                                inspect_offset(inner->outer, inner->in) + state.offset, state.len);
        node->number = (uint64_t)token->neg_state;
        node->label = inspect_neg_state_name(token->neg_state);
    }
    if (token->supported_mech.data != NULL)
        inspect_inner_oid(inner, "supportedMech", depth, token->supported_mech);
    inspect_inner_octets(inner, "mechToken", depth, token->mech_token, INSPECT_CRACKABLE);
    inspect_inner_octets(inner, "responseToken", depth, token->response_token, INSPECT_CRACKABLE);
    inspect_inner_hints(inner, depth);
    inspect_inner_octets(inner, "mechListMIC", depth, token->mech_list_mic, INSPECT_CRACKABLE);
}

int inspect_negotiation_read(inspect_tree *tree, inspect_reading *reading, spnego_bytes token,
                             size_t depth)
{
    inspect_inner inner;
    spnego_bytes oid, contents;
    const char *type;
    size_t at = depth;

    inner.tree = tree;
    inner.outer = reading;
    inner.in = token;
    if (spnego_token_inspect(&inner.token, &inner.report, token, SPNEGO_TOLERATE_ALL) !=
        SPNEGO_RULE_NONE)
        return 0;
    type = inspect_token_type_name(inner.token.type);
    if (inner.token.framed && inspect_frame_read(&oid, &contents, token)) {
        inspect_inner_add(&inner, NULL, INSPECT_OBJECT, at, token)->type = "InitialContextToken";
        inspect_inner_oid(&inner, "thisMech", at + 1, oid);
        inspect_inner_add(&inner, "innerContextToken", INSPECT_OBJECT, at + 1, contents)->type =
            type;
        at++;
    } else {
        inspect_inner_add(&inner, NULL, INSPECT_OBJECT, at, token)->type = type;
    }
    inspect_inner_fields(&inner, at + 1);
    for (size_t i = 0; i < inner.report.num_findings && i < SPNEGO_MAX_FINDINGS; i++)
        inspect_add_nested_finding(reading, inner.report.findings[i].rule,
                                   inspect_offset(reading, token) + inner.report.findings[i].offset,
                                   inner.report.findings[i].len);
    return 1;
}
