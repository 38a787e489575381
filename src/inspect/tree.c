#include "inspect/tree.h"

#include <stdlib.h>
#include <string.h>

static int inspect_tree_grow(inspect_tree *tree)
{
    const size_t capacity = tree->capacity == 0 ? 64 : tree->capacity * 2;
    inspect_node *nodes = realloc(tree->nodes, capacity * sizeof nodes[0]);

    if (nodes == NULL) {
        tree->failed = 1;
        return 0;
    }
    tree->nodes = nodes;
    tree->capacity = capacity;
    return 1;
}

inspect_node *inspect_tree_add(inspect_tree *tree, const char *name, inspect_value value,
                               size_t depth, size_t offset, size_t len)
{
    inspect_node *node = &tree->spare;

    if (tree->num_nodes == INSPECT_TREE_MAX_NODES)
        tree->is_full = 1;
    else if (tree->num_nodes < tree->capacity || inspect_tree_grow(tree))
        node = &tree->nodes[tree->num_nodes++];
    memset(node, 0, sizeof *node);
    node->name = name;
    node->value = value;
    node->depth = depth;
    node->offset = offset;
    node->len = len;
    return node;
}

size_t inspect_tree_end(const inspect_tree *tree, size_t index)
{
    size_t end = index + 1;

    while (end < tree->num_nodes && tree->nodes[end].depth > tree->nodes[index].depth)
        end++;
    return end;
}

void inspect_tree_clear(inspect_tree *tree)
{
    tree->num_nodes = 0;
    tree->is_full = 0;
}

void inspect_tree_free(inspect_tree *tree)
{
    free(tree->nodes);
    memset(tree, 0, sizeof *tree);
}
