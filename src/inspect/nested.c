#include "inspect/nested.h"

#include "inspect/kind.h"
#include "inspect/krb5.h"
#include "inspect/negoex.h"
#include "inspect/negotiation.h"
#include "inspect/ntlm.h"

static int inspect_nested_one(inspect_tree *tree, inspect_reading *reading, spnego_bytes token,
                              size_t depth)
{
    switch (inspect_sniff(token)) {
    case SPNEGO_KIND_NTLMSSP:
    case SPNEGO_KIND_NTLMSSP_MIC:
        return inspect_ntlm_read(tree, reading, token, depth);
    case SPNEGO_KIND_NEGOEX:
        return inspect_negoex_read(tree, reading, token, depth);
    case SPNEGO_KIND_SPNEGO_FRAMED:
    case SPNEGO_KIND_SPNEGO_INIT:
    case SPNEGO_KIND_SPNEGO_RESP:
        return inspect_negotiation_read(tree, reading, token, depth);
    case SPNEGO_KIND_KRB5:
    case SPNEGO_KIND_KRB5_MIC:
    case SPNEGO_KIND_KRB5_WRAP:
        return inspect_krb5_read(tree, reading, token, depth);
    case SPNEGO_KIND_UNKNOWN:
    case SPNEGO_KIND_EMPTY:
    case SPNEGO_KIND_GSS_OTHER:
        break;
    }
    return 0;
}

/* Whether octets from node `first` on seem to hold a token. */
static int inspect_nested_any(const inspect_tree *tree, size_t first)
{
    for (size_t i = first; i < tree->num_nodes; i++) {
        const spnego_kind kind =
            tree->nodes[i].may_nest ? spnego_sniff(tree->nodes[i].octets) : SPNEGO_KIND_UNKNOWN;

        if (kind != SPNEGO_KIND_UNKNOWN && kind != SPNEGO_KIND_EMPTY &&
            kind != SPNEGO_KIND_GSS_OTHER)
            return 1;
    }
    return 0;
}

/* Copies the nodes from `first` on and puts behind each that may nest the token that it holds.
 * Returns whether there was one. */
static int inspect_nested_expand(inspect_tree *out, const inspect_tree *tree,
                                 inspect_reading *reading, size_t first)
{
    int any = 0;

    for (size_t i = first; i < tree->num_nodes; i++) {
        const inspect_node node = tree->nodes[i];
        inspect_node *copy = inspect_tree_add(out, NULL, node.value, node.depth, 0, 0);

        *copy = node;
        copy->may_nest = 0;
        if (node.may_nest && inspect_nested_one(out, reading, node.octets, node.depth + 1))
            any = 1;
    }
    return any;
}

/* Takes the nodes from `first` on out of `tree` and puts those of `other` in their place. */
static void inspect_nested_replace(inspect_tree *tree, size_t first, const inspect_tree *other)
{
    tree->num_nodes = first;
    tree->failed |= other->failed;
    tree->is_full |= other->is_full;
    for (size_t i = 0; i < other->num_nodes; i++)
        *inspect_tree_add(tree, NULL, other->nodes[i].value, other->nodes[i].depth, 0, 0) =
            other->nodes[i];
}

int inspect_nested_read(inspect_tree *tree, inspect_reading *reading, spnego_bytes token,
                        size_t depth)
{
    const size_t first = tree->num_nodes;
    inspect_tree next = {NULL, 0, 0, 0, 0, {0}};
    int more = inspect_nested_one(tree, reading, token, depth);

    if (!more)
        return 0;
    /* Level by level: each pass goes once over what there is. */
    for (size_t level = 1; more && level < INSPECT_MAX_NESTED && inspect_nested_any(tree, first);
         level++) {
        inspect_tree_clear(&next);
        more = inspect_nested_expand(&next, tree, reading, first);
        if (more)
            inspect_nested_replace(tree, first, &next);
    }
    tree->failed |= next.failed;
    inspect_tree_free(&next);
    inspect_tree_hide(tree, first);
    return 1;
}
