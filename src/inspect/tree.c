#include "inspect/tree.h"

#include <stdint.h>
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
    else if (depth > INSPECT_TREE_MAX_DEPTH)
        node = &tree->spare;
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

size_t inspect_tree_find(const inspect_tree *tree, size_t index, const char *name)
{
    const size_t end = inspect_tree_end(tree, index);

    for (size_t i = index + 1; i < end; i++)
        if (tree->nodes[i].depth == tree->nodes[index].depth + 1 && tree->nodes[i].name != NULL &&
            strcmp(tree->nodes[i].name, name) == 0)
            return i;
    return tree->num_nodes;
}

/* Octets from `from` up to, but not with, `to`. */
typedef struct inspect_range {
    uintptr_t from, to;
} inspect_range;

static int inspect_range_compare(const void *a, const void *b)
{
    const inspect_range *left = a, *right = b;

    return left->from < right->from ? -1 : left->from > right->from;
}

static inspect_range inspect_node_range(const inspect_node *node)
{
    const uintptr_t from = (uintptr_t)node->octets.data;
    const inspect_range range = {from, from + node->octets.len};

    return range;
}

/* Puts overlapping ranges together; returns how many are left. */
static size_t inspect_ranges_merge(inspect_range *ranges, size_t num)
{
    size_t last = 0;

    if (num == 0)
        return 0;
    qsort(ranges, num, sizeof ranges[0], inspect_range_compare);
    for (size_t i = 1; i < num; i++) {
        if (ranges[i].from > ranges[last].to)
            ranges[++last] = ranges[i];
        else if (ranges[i].to > ranges[last].to)
            ranges[last].to = ranges[i].to;
    }
    return last + 1;
}

/* Ranges are in order and apart. */
static int inspect_ranges_meet(const inspect_range *ranges, size_t num, inspect_range range)
{
    size_t low = 0, high = num;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (ranges[middle].to <= range.from)
            low = middle + 1;
        else
            high = middle;
    }
    return low < num && ranges[low].from < range.to;
}

void inspect_tree_hide(inspect_tree *tree, size_t first)
{
    inspect_range *ranges;
    size_t num = 0;

    if (first >= tree->num_nodes)
        return;
    ranges = malloc((tree->num_nodes - first) * sizeof ranges[0]);
    if (ranges == NULL) {
        tree->failed = 1;
        return;
    }
    for (size_t i = first; i < tree->num_nodes; i++)
        if (tree->nodes[i].privacy != INSPECT_PUBLIC && tree->nodes[i].octets.len > 0)
            ranges[num++] = inspect_node_range(&tree->nodes[i]);
    num = inspect_ranges_merge(ranges, num);
    for (size_t i = first; i < tree->num_nodes; i++) {
        inspect_node *node = &tree->nodes[i];
        if (node->privacy == INSPECT_PUBLIC && node->octets.len > 0 &&
            inspect_ranges_meet(ranges, num, inspect_node_range(node)))
            node->privacy = INSPECT_CRACKABLE;
    }
    free(ranges);
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
