#include "tree_text.h"

#include <spnego/oid.h>
#include <stdio.h>
#include <stdlib.h>

#include "inspect/text.h"

static void put_value(inspect_text *out, const inspect_node *node)
{
    char oid[SPNEGO_OID_TEXT_SIZE];

    switch (node->value) {
    case INSPECT_OBJECT:
        inspect_text_puts(out, "OBJECT");
        break;
    case INSPECT_ARRAY:
        inspect_text_puts(out, "ARRAY");
        break;
    case INSPECT_NUMBER:
    case INSPECT_NAMED:
    case INSPECT_FILETIME:
        inspect_text_put_signed(out, (int64_t)node->number);
        if (node->label != NULL) {
            inspect_text_putc(out, ' ');
            inspect_text_puts(out, node->label);
        }
        break;
    case INSPECT_FLAG:
    case INSPECT_TEXT_STATIC:
        inspect_text_puts(out, node->label != NULL ? node->label : "(no label)");
        break;
    case INSPECT_TEXT_UTF8:
    case INSPECT_TIME:
        inspect_text_putc(out, '\'');
        inspect_text_put_escaped(out, node->octets);
        inspect_text_putc(out, '\'');
        break;
    case INSPECT_OID_VALUE:
        oid[0] = 0;
        (void)spnego_oid_to_text(oid, sizeof oid, node->octets);
        inspect_text_puts(out, oid);
        break;
    case INSPECT_OCTETS:
    case INSPECT_TEXT_UTF16:
    case INSPECT_GUID:
        inspect_text_put_hex(out, node->octets, 0);
        break;
    }
}

static void put_place(inspect_text *out, size_t offset, size_t len)
{
    inspect_text_puts(out, " @");
    inspect_text_put_number(out, offset);
    inspect_text_putc(out, '+');
    inspect_text_put_number(out, len);
}

char *tree_text(const inspect_tree *tree, const inspect_reading *reading)
{
    static const char *const privacies[] = {"", " crackable", " identity"};
    static const char *const severities[] = {"", "note", "warning", "error"};
    inspect_text out = {0};

    for (size_t i = 0; i < tree->num_nodes; i++) {
        const inspect_node *node = &tree->nodes[i];

        inspect_text_put_repeated(&out, '.', node->depth + 1);
        inspect_text_putc(&out, ' ');
        inspect_text_puts(&out, node->name != NULL ? node->name : "-");
        put_place(&out, node->offset, node->len);
        inspect_text_putc(&out, ' ');
        put_value(&out, node);
        inspect_text_puts(&out, privacies[node->privacy]);
        if (node->type != NULL) {
            inspect_text_putc(&out, ' ');
            inspect_text_puts(&out, node->type);
        }
        inspect_text_putc(&out, '\n');
    }
    for (size_t i = 0; i < reading->num_findings; i++) {
        const spnego_finding *finding = &reading->findings[i];
        const spnego_rule_text *rule = spnego_rule_describe(finding->rule);

        inspect_text_puts(&out, severities[rule->severity]);
        inspect_text_putc(&out, ' ');
        inspect_text_puts(&out, rule->name);
        put_place(&out, finding->offset, finding->len);
        inspect_text_putc(&out, '\n');
    }
    inspect_text_putc(&out, 0);
    return out.data;
}
