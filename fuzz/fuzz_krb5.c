/*
 * inspect_krb5_read, the inspector's way into Kerberos tokens.
 *
 * The input is such a token, or a SPNEGO token with some inside.  Whatever it is: the tree is
 * well-formed and no larger than the token allows, everything in it and in the findings lies inside
 * the token, and reading again gives the same.  A message without errors is one octet longer or
 * shorter no message without errors.
 */
#include "output.h"

#include "inspect/krb5.h"
#include "inspect/tree.h"

/* A root, an OID, a TOK_ID, the flags' array and each named flag, none of which has octets of its
 * own. */
#define MAX_EXTRA_NODES 32

static int is_error(spnego_rule rule)
{
    return spnego_rule_describe(rule)->severity == SPNEGO_SEVERITY_ERROR;
}

static int has_error(const inspect_reading *reading)
{
    for (size_t i = 0; i < reading->num_findings; i++)
        if (is_error(reading->findings[i].rule))
            return 1;
    return 0;
}

/* A value has its kind's parts. */
static void check_value(const inspect_node *node, const uint8_t *start)
{
    switch (node->value) {
    case INSPECT_OCTETS:
    case INSPECT_TEXT_UTF8:
    case INSPECT_OID_VALUE:
    case INSPECT_TIME:
        LAW(node->octets.data >= start + node->offset);
        LAW(node->octets.data + node->octets.len <= start + node->offset + node->len);
        LAW(node->value != INSPECT_TIME || node->octets.len == 15);
        break;
    case INSPECT_FLAG:
        LAW(node->label != NULL && node->len == 0);
        break;
    case INSPECT_TEXT_STATIC:
        LAW(node->label != NULL);
        break;
    case INSPECT_OBJECT:
    case INSPECT_ARRAY:
    case INSPECT_NUMBER:
    case INSPECT_NAMED:
        break;
    case INSPECT_TEXT_UTF16:
    case INSPECT_GUID:
    case INSPECT_FILETIME:
        LAW(node->value == INSPECT_OCTETS); /* Kerberos has none of these */
    }
}

/* The node at `parent` holds those below it, in their order, with names that differ. */
static void check_children(const inspect_tree *tree, size_t parent)
{
    const inspect_node *node = &tree->nodes[parent];
    const size_t end = inspect_tree_end(tree, parent);
    const char *names[64];
    size_t num_names = 0, at = node->offset;

    for (size_t i = parent + 1; i < end; i = inspect_tree_end(tree, i)) {
        const inspect_node *child = &tree->nodes[i];

        LAW(node->value == INSPECT_OBJECT || node->value == INSPECT_ARRAY);
        LAW(child->depth == node->depth + 1);
        LAW((child->name != NULL) == (node->value == INSPECT_OBJECT));
        LAW(child->offset >= at && child->offset - node->offset <= node->len);
        LAW(child->len <= node->len - (child->offset - node->offset));
        at = child->offset;
        for (size_t k = 0; child->name != NULL && k < num_names; k++)
            LAW(strcmp(names[k], child->name) != 0);
        if (child->name != NULL) {
            LAW(num_names < 64);
            names[num_names++] = child->name;
        }
    }
}

static void check_tree(const inspect_tree *tree, spnego_bytes token, const inspect_reading *reading,
                       size_t depth)
{
    const size_t start = (size_t)(token.data - reading->in.data);

    LAW(!tree->failed);
    LAW(tree->num_nodes >= 1 && tree->num_nodes <= token.len + MAX_EXTRA_NODES);
    LAW(tree->nodes[0].depth == depth && tree->nodes[0].type != NULL);
    LAW(tree->nodes[0].offset == start && tree->nodes[0].len == token.len);
    for (size_t i = 0; i < tree->num_nodes; i++) {
        LAW(tree->nodes[i].depth <= INSPECT_TREE_MAX_DEPTH);
        LAW(i == 0 || tree->nodes[i].depth > depth);
        LAW(i == 0 || tree->nodes[i].depth <= tree->nodes[i - 1].depth + 1);
        check_value(&tree->nodes[i], reading->in.data);
    }
    /* Of each level's parents the children together are the nodes. */
    for (size_t i = 0; i < tree->num_nodes; i++)
        if (i + 1 < tree->num_nodes && tree->nodes[i + 1].depth > tree->nodes[i].depth)
            check_children(tree, i);
    for (size_t i = 0; i < reading->num_findings; i++) {
        LAW(reading->findings[i].offset >= start);
        LAW(reading->findings[i].offset - start <= token.len);
        LAW(reading->findings[i].len <= token.len - (reading->findings[i].offset - start));
    }
}

static int read_at(inspect_tree *tree, inspect_reading *reading, spnego_bytes in,
                   spnego_bytes token, size_t depth)
{
    int is_krb5;

    reading->in = in;
    reading->num_findings = 0;
    inspect_tree_clear(tree);
    is_krb5 = inspect_krb5_read(tree, reading, token, depth);
    if (is_krb5)
        check_tree(tree, token, reading, depth);
    else
        LAW(tree->num_nodes == 0 && reading->num_findings == 0);
    return is_krb5;
}

/* DER has an end; a checksum or a ciphertext without a length does not. */
static int has_an_end(const inspect_tree *tree)
{
    return strncmp(tree->nodes[0].type, "KRB_GSS_", 8) != 0 &&
           strcmp(tree->nodes[0].type, "Unknown") != 0;
}

static void check_other_length(spnego_bytes token, size_t len)
{
    static inspect_reading reading;
    inspect_tree tree = {0};
    const spnego_bytes other = {calloc(len + 1, 1), len};

    if (other.data == NULL)
        abort();
    memcpy((uint8_t *)(uintptr_t)other.data, token.data, len < token.len ? len : token.len);
    LAW(!read_at(&tree, &reading, other, other, 0) || has_error(&reading));
    free((uint8_t *)(uintptr_t)other.data);
    inspect_tree_free(&tree);
}

static void check_token(spnego_bytes in, spnego_bytes token)
{
    static inspect_reading reading, again;
    inspect_tree tree = {0}, other = {0};
    const int is_krb5 = read_at(&tree, &reading, in, token, 0);

    LAW(read_at(&other, &again, in, token, INSPECT_TREE_MAX_DEPTH - 3) == is_krb5);
    LAW(!read_at(&other, &again, in, token, INSPECT_TREE_MAX_DEPTH - 2));
    LAW(read_at(&other, &again, in, token, 0) == is_krb5);
    LAW(other.num_nodes == tree.num_nodes && again.num_findings == reading.num_findings);
    if (is_krb5 && has_an_end(&tree) && !has_error(&reading)) {
        check_other_length(token, token.len - 1);
        check_other_length(token, token.len + 1);
    }
    inspect_tree_free(&tree);
    inspect_tree_free(&other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static spnego_report report;
    uint8_t *copy = copy_exactly(data, size);
    const spnego_bytes in = {copy, size};
    spnego_token token;

    check_token(in, in);
    (void)spnego_token_inspect(&token, &report, in, SPNEGO_TOLERATE_ALL);
    if (token.mech_token.data != NULL)
        check_token(in, token.mech_token);
    if (token.response_token.data != NULL)
        check_token(in, token.response_token);
    if (token.mech_list_mic.data != NULL)
        check_token(in, token.mech_list_mic);
    check_output(in);
    free(copy);
    return 0;
}
