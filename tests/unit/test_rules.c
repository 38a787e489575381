/* base/rules.c and base/rules.def */
#include <criterion/criterion.h>
#include <ctype.h>
#include <spnego/rules.h>
#include <string.h>

Test(rules, numbers_and_names_are_unique_and_ascend)
{
    size_t n;
    const spnego_rule_text *rules = spnego_rule_list(&n);

    cr_assert_gt(n, 50u);
    for (size_t i = 1; i < n; i++) {
        cr_expect_lt(rules[i - 1].rule, rules[i].rule, "after %s", rules[i - 1].name);
        for (size_t k = 0; k < i; k++)
            cr_expect_str_neq(rules[k].name, rules[i].name);
    }
}

static int names_a_requirement(const char *requirements)
{
    static const char *const groups[] = {"SPN-", "NEG-",  "LOOP-", "NEX-",
                                         "NNS-", "SOCK-", "SASL-", "HTTP-"};

    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
        if (strstr(requirements, groups[i]) != NULL)
            return 1;
    return 0;
}

Test(rules, each_has_a_citation_requirements_and_a_sentence)
{
    size_t n;
    const spnego_rule_text *rules = spnego_rule_list(&n);

    for (size_t i = 0; i < n; i++) {
        const spnego_rule_text *rule = &rules[i];
        const size_t len = strlen(rule->sentence);

        cr_expect(isupper((unsigned char)rule->name[0]), "%s", rule->name);
        cr_expect(strncmp(rule->citation, "RFC ", 4) == 0 ||
                      strncmp(rule->citation, "X.6", 3) == 0 ||
                      strncmp(rule->citation, "MS-", 3) == 0,
                  "%s cites \"%s\"", rule->name, rule->citation);
        cr_expect(names_a_requirement(rule->requirements), "%s has no requirement", rule->name);
        cr_assert_gt(len, 10u, "%s", rule->name);
        cr_expect_neq(rule->sentence[len - 1], '.', "%s", rule->name);
    }
}

/* The hundreds of a number are its kind; what ends a negotiation is an error. */
Test(rules, severity_fits_the_kind)
{
    size_t n;
    const spnego_rule_text *rules = spnego_rule_list(&n);

    for (size_t i = 0; i < n; i++) {
        const int kind = (int)rules[i].rule / 100;

        cr_expect(kind >= 1 && kind <= 9);
        if (kind != 2 && kind != 3 && kind != 4 && kind != 8)
            cr_expect_eq(rules[i].severity, SPNEGO_SEVERITY_ERROR, "%s", rules[i].name);
        if (kind == 4)
            cr_expect_neq(rules[i].severity, SPNEGO_SEVERITY_ERROR, "%s", rules[i].name);
    }
    /* RFC 4178 section 6: an unknown field is no fault. */
    cr_expect_eq(spnego_rule_describe(SPNEGO_RULE_FIELD_UNKNOWN)->severity, SPNEGO_SEVERITY_NOTE);
}

Test(rules, described_by_number_and_found_by_name)
{
    size_t n;
    const spnego_rule_text *rules = spnego_rule_list(&n);

    for (size_t i = 0; i < n; i++) {
        cr_expect_eq(spnego_rule_describe(rules[i].rule), &rules[i], "%s", rules[i].name);
        cr_expect_eq(spnego_rule_find(rules[i].name), &rules[i], "%s", rules[i].name);
    }
    cr_expect_eq(spnego_rule_find("DER_TRUNCATED")->rule, SPNEGO_RULE_DER_TRUNCATED);
    cr_expect_eq(SPNEGO_RULE_DER_TRUNCATED, 101, "numbers are for ever");
    cr_expect_eq(SPNEGO_RULE_ENCODE_FIELD_NOT_IN_TYPE, 903, "numbers are for ever");
}

Test(rules, what_is_no_rule_is_named_none)
{
    cr_expect_str_eq(spnego_rule_describe(SPNEGO_RULE_NONE)->name, "NONE");
    cr_expect_str_eq(spnego_rule_describe((spnego_rule)100)->name, "NONE");
    cr_expect_str_eq(spnego_rule_describe((spnego_rule)-1)->name, "NONE");
    cr_expect_null(spnego_rule_find(""));
    cr_expect_null(spnego_rule_find("der_truncated"));
    cr_expect_null(spnego_rule_find("DER_TRUNCATED "));
}
