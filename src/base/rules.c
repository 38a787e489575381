/* The rows of rules.def as data. */
#include <spnego/rules.h>
#include <string.h>

#define RULE(number, name, severity, citation, requirements, sentence) \
    {SPNEGO_RULE_##name, SPNEGO_SEVERITY_##severity, #name, citation, requirements, sentence},

static const spnego_rule_text rows[] = {
#include "base/rules.def"
};

#define NUM_ROWS (sizeof rows / sizeof rows[0])

const spnego_rule_text *spnego_rule_describe(spnego_rule rule)
{
    static const spnego_rule_text none = {SPNEGO_RULE_NONE,   SPNEGO_SEVERITY_NOTE, "NONE", "", "",
                                          "no rule is broken"};

    for (size_t i = 0; i < NUM_ROWS; i++)
        if (rows[i].rule == rule)
            return &rows[i];
    return &none;
}

const spnego_rule_text *spnego_rule_find(const char *name)
{
    for (size_t i = 0; i < NUM_ROWS; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

const spnego_rule_text *spnego_rule_list(size_t *out_num_rules)
{
    *out_num_rules = NUM_ROWS;
    return rows;
}
