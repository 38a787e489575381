/*
 * inspect/tree.h - what a mechanism's token holds: its fields in the order of the standard that
 * defines it, each with its place, for every way of showing them.
 *
 * The tree is flat: a node's children are the nodes after it that are one deeper, up to the next
 * that is not deeper than it.  Work and memory are linear in the token: readers make at most one
 * node for an octet of it and a handful for what is missing.
 */
#ifndef SPNEGO_INSPECT_TREE_H
#define SPNEGO_INSPECT_TREE_H

#include <spnego/types.h>

/* Tokens nest in tokens so deep; what is deeper is shown as octets. */
#define INSPECT_TREE_MAX_DEPTH 24

/* Of one token; no real one has a tenth of it. */
#define INSPECT_TREE_MAX_NODES 65536

typedef enum inspect_value {
    INSPECT_OBJECT,      /* children with names; a token if `type` is not NULL                  */
    INSPECT_ARRAY,       /* children without names                                              */
    INSPECT_NUMBER,      /* number, as an int64_t: Kerberos has negative ones                   */
    INSPECT_NAMED,       /* the same, and label: what it stands for, NULL where it is unknown   */
    INSPECT_FLAG,        /* one bit that is set, in the array of an object's flags: label       */
    INSPECT_OCTETS,      /* octets, as hexadecimal                                              */
    INSPECT_TEXT_UTF8,   /* octets, which claim to be UTF-8 or ASCII                            */
    INSPECT_TEXT_UTF16,  /* octets, which claim to be UTF-16 in little-endian order             */
    INSPECT_TEXT_STATIC, /* label                                                               */
    INSPECT_GUID,        /* sixteen octets, in the order of MS-DTYP 2.3.4.2                     */
    INSPECT_FILETIME,    /* number: units of 100 ns since 1601 (MS-DTYP 2.3.3)                  */
    INSPECT_TIME,        /* octets: GeneralizedTime of RFC 4120 5.2.3                           */
    INSPECT_OID_VALUE    /* octets: the contents of an OBJECT IDENTIFIER                        */
} inspect_value;

/* Who must not see it when the output is to be pasted (cli.md, --redact). */
typedef enum inspect_privacy {
    INSPECT_PUBLIC = 0,
    INSPECT_CRACKABLE, /* what a password or a key could be found from, or used with */
    INSPECT_IDENTITY   /* names a person, a machine or a realm                       */
} inspect_privacy;

typedef struct inspect_node {
    const char *name; /* "NegotiateFlags", as the standard writes it; NULL in an array */
    const char *type; /* of a token, "NTLMSSP_NEGOTIATE"; else NULL                    */
    inspect_value value;
    inspect_privacy privacy;
    size_t depth;  /* 0: the token itself                                             */
    size_t offset; /* in the whole input                                              */
    size_t len;    /* in the input, headers included; 0 for what is made of bits      */
    spnego_bytes octets;
    uint64_t number;
    const char *label; /* static */
    int may_nest;      /* of octets: a token may stand in them; inspect/nested.h looks */
} inspect_node;

typedef struct inspect_tree {
    inspect_node *nodes;
    size_t num_nodes;
    size_t capacity;
    int is_full;        /* INSPECT_TREE_MAX_NODES reached: the rest is left out */
    int failed;         /* out of memory */
    inspect_node spare; /* what does not fit is written here */
} inspect_tree;

/* A zero-filled inspect_tree is empty and ready. */

/* inspect_tree_add appends a node and returns it, valid until the next; never NULL: what does not
 * fit, or is deeper than INSPECT_TREE_MAX_DEPTH, goes into one that is thrown away. */
inspect_node *inspect_tree_add(inspect_tree *tree, const char *name, inspect_value value,
                               size_t depth, size_t offset, size_t len);

/* inspect_tree_end returns the index behind the last descendant of node `index`. */
size_t inspect_tree_end(const inspect_tree *tree, size_t index);

/* inspect_tree_find returns the index of the child of that name of node `index`, or the number of
 * nodes if there is none. */
size_t inspect_tree_find(const inspect_tree *tree, size_t index, const char *name);

/* inspect_tree_hide makes private, from node `first` on, each node that shows octets which a
 * private one shows too: where fields overlap, what one of them hides no other may tell. */
void inspect_tree_hide(inspect_tree *tree, size_t first);

/* inspect_tree_clear empties the tree and keeps its memory. */
void inspect_tree_clear(inspect_tree *tree);

void inspect_tree_free(inspect_tree *tree);

#endif /* SPNEGO_INSPECT_TREE_H */
