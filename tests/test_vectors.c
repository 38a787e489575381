/*
 * The files under vectors/: each says what must come of its octets, and the strict reader does
 * that; and each rule and each tolerance has its vectors.  That `hex` is what `source` stands for,
 * and `expect` what the command prints, is compared by the command (vectors/README.md).  The
 * transcripts are run by tests/test_transcripts.c; here only the rules that they show are counted.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "vector_file.h"

static const char *const folders[] = {"accept", "reject", "captured"};

static void for_each_vector(void (*check)(const vector_file *file))
{
    for (size_t i = 0; i < LEN(folders); i++) {
        vector_file *files;
        const size_t n = vector_files_read(&files, folders[i]);

        cr_assert_gt(n, 10u, "%s: too few vectors: %zu", folders[i], n);
        for (size_t k = 0; k < n; k++)
            check(&files[k]);
    }
}

static int is_in(const vector_file *file, const char *folder)
{
    return strcmp(file->folder, folder) == 0;
}

/* The number of the `rule` key, SPNEGO_RULE_NONE if there is no such key. */
static spnego_rule rule_of(const vector_file *file)
{
    const spnego_rule_text *row = file->rule == NULL ? NULL : spnego_rule_find(file->rule);
    return row == NULL ? SPNEGO_RULE_NONE : row->rule;
}

/* What kind of rule it is: 1xx and 2xx the reader refuses, the rest it does not know of. */
static int is_for_reader(spnego_rule rule)
{
    return rule > 0 && rule < 300;
}

static int is_raw(spnego_rule rule)
{
    return rule == SPNEGO_RULE_RAW_NTLMSSP || rule == SPNEGO_RULE_RAW_KERBEROS ||
           rule == SPNEGO_RULE_RAW_NEGOEX || rule == SPNEGO_RULE_KRB5_KDC_MESSAGE;
}

/* Finds the line of a rule in the `expect` block; 0 if there is none. */
static int find_expectation(size_t *out_offset, size_t *out_len, const vector_file *file,
                            spnego_rule rule)
{
    static const char *const severities[] = {"", "note", "warning", "error"};
    const spnego_rule_text *row = spnego_rule_describe(rule);
    char what[128];

    if (file->expect == NULL)
        return 0;
    sprintf(what, "%s rule=%d %s", severities[row->severity], (int)rule, row->name);
    for (const char *line = file->expect; *line == ' '; line += strcspn(line, "\n") + 1) {
        int used = 0;
        const int fields = sscanf(line, "  off=%zu len=%zu %n", out_offset, out_len, &used);
        const size_t len = strlen(what);

        if (fields == 2 && strncmp(line + used, what, len) == 0 &&
            (line[used + (int)len] == ' ' || line[used + (int)len] == '\n'))
            return 1;
        if (line[strcspn(line, "\n")] == '\0')
            break;
    }
    return 0;
}

/* ---- The files themselves ------------------------------------------------------------------ */

static void check_form(const vector_file *file)
{
    const char *name = strrchr(file->path, '/') + 1;

    cr_expect_null(file->unknown_key, "%s: key %s", file->path, file->unknown_key);
    cr_expect_null(file->unknown_tolerance, "%s: %s", file->path, file->unknown_tolerance);
    cr_expect(file->title != NULL && file->title[0] != '\0', "%s: no title", file->path);
    cr_expect(file->origin != NULL && file->origin[0] != '\0', "%s: no origin", file->path);
    cr_expect_not_null(file->octets.data, "%s: the hex block", file->path);
    cr_expect(file->receiver == NULL || strcmp(file->receiver, "initiator") == 0 ||
                  strcmp(file->receiver, "acceptor") == 0,
              "%s: as %s", file->path, file->receiver);
    cr_expect(file->rule == NULL || spnego_rule_find(file->rule) != NULL, "%s: no rule %s",
              file->path, file->rule);
    cr_expect_eq(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(name) - 4,
                 "%s: the name is not in lower case with dashes", file->path);
    if (is_in(file, "captured"))
        return;
    cr_expect(file->cite != NULL && file->cite[0] != '\0', "%s: no cite", file->path);
    cr_expect_not_null(file->source, "%s: no source", file->path);
    cr_expect_not_null(file->expect, "%s: no expect", file->path);
    cr_expect(file->rule != NULL || (!is_in(file, "reject") && file->tolerate == 0), "%s: no rule",
              file->path);
}

/* A token of no octets has no source, but an empty block of that name. */
static void check_form_with_empty(const vector_file *file)
{
    vector_file copy = *file;

    if (copy.source == NULL && copy.octets.data != NULL && copy.octets.len == 0)
        copy.source = "";
    check_form(&copy);
}

Test(vectors, form)
{
    for_each_vector(check_form_with_empty);
}

/* ---- The verdicts -------------------------------------------------------------------------- */

static void check_accepted(const vector_file *file)
{
    const spnego_bytes in = file->octets;
    spnego_token token;
    spnego_finding fault;
    uint8_t *buf;
    spnego_bytes der;
    spnego_rule rule;
    size_t room;

    rule = spnego_token_decode(&token, &fault, in, file->tolerate);
    cr_assert_eq(rule, SPNEGO_RULE_NONE, "%s: refused, %s at %zu", file->path,
                 spnego_rule_describe(rule)->name, fault.offset);
    cr_expect_eq(token.tolerated, file->tolerate, "%s: tolerated %x", file->path,
                 (unsigned)token.tolerated);
    if (file->tolerate != 0) {
        for (int all_others = 0; all_others < 2; all_others++) {
            const uint32_t others = all_others ? SPNEGO_TOLERATE_ALL & ~file->tolerate : 0;
            rule = spnego_token_decode(&token, &fault, in, others);
            cr_expect_eq(rule, rule_of(file), "%s: %s without the tolerance", file->path,
                         spnego_rule_describe(rule)->name);
        }
        return;
    }
    if (file->expect != NULL)
        cr_expect_eq(token.unknown_fields.data != NULL,
                     strstr(file->expect, " rule=213 FIELD_UNKNOWN") != NULL,
                     "%s: unknown fields %s", file->path, hex_of(token.unknown_fields));
    if (token.unknown_fields.data != NULL)
        return; /* written without them: tests/test_mutation.c */
    room = in.len;
    if (file->room != NULL) {
        cr_assert_str_eq(file->room, "len-1", "%s: room %s", file->path, file->room);
        room--;
    }
    buf = malloc(in.len);
    cr_assert_not_null(buf);
    rule = spnego_token_encode(&der, buf, room, &token);
    if (file->room != NULL)
        cr_expect(rule == rule_of(file) && der.data == NULL && der.len == in.len, "%s: %s",
                  file->path, spnego_rule_describe(rule)->name);
    else
        cr_expect(rule == SPNEGO_RULE_NONE && same_octets(der, in), "%s: written as %s, %s",
                  file->path, hex_of(der), spnego_rule_describe(rule)->name);
    free(buf);
}

static void check_rejected(const vector_file *file)
{
    const spnego_rule want = rule_of(file);
    const spnego_bytes in = file->octets;
    spnego_token token;
    spnego_finding fault;
    const spnego_rule rule = spnego_token_decode(&token, &fault, in, file->tolerate);
    size_t offset, len;

    cr_expect_eq(file->tolerate, 0u, "%s: tolerates", file->path);
    if (is_for_reader(want)) {
        cr_expect_eq(rule, want, "%s: %s", file->path, spnego_rule_describe(rule)->name);
        cr_assert(find_expectation(&offset, &len, file, want), "%s: not in expect", file->path);
        cr_expect(fault.offset == offset && fault.len == len,
                  "%s: at %zu, %zu octets; expected at %zu, %zu octets", file->path, fault.offset,
                  fault.len, offset, len);
    } else if (is_raw(want)) {
        cr_expect(rule == SPNEGO_RULE_TOKEN_NOT_SPNEGO || rule == SPNEGO_RULE_FRAME_NOT_SPNEGO,
                  "%s: %s", file->path, spnego_rule_describe(rule)->name);
    } else {
        /* The reader takes it; what it says is against a MUST. */
        cr_expect_eq(rule, SPNEGO_RULE_NONE, "%s: %s", file->path,
                     spnego_rule_describe(rule)->name);
        cr_expect_eq(spnego_rule_describe(want)->severity, SPNEGO_SEVERITY_ERROR, "%s: %s",
                     file->path, file->rule);
    }
}

static void check_verdict(const vector_file *file)
{
    if (is_in(file, "reject"))
        check_rejected(file);
    else
        check_accepted(file);
}

Test(vectors, verdicts)
{
    for_each_vector(check_verdict);
}

/* ---- The expectations ---------------------------------------------------------------------- */

static void check_expectation(const vector_file *file)
{
    const spnego_rule rule = rule_of(file);
    size_t offset, len;

    if (file->expect == NULL)
        return; /* captured, and not looked at yet */
    if (rule != SPNEGO_RULE_NONE && file->room == NULL) {
        cr_assert(find_expectation(&offset, &len, file, rule), "%s: %s is not in expect",
                  file->path, file->rule);
        cr_expect(offset <= file->octets.len && len <= file->octets.len - offset,
                  "%s: outside the token", file->path);
    }
    if (is_in(file, "accept") && file->tolerate == 0)
        cr_expect_null(strstr(file->expect, " error rule="), "%s: an error, but accepted",
                       file->path);
}

Test(vectors, expectations)
{
    for_each_vector(check_expectation);
}

/* ---- Completeness -------------------------------------------------------------------------- */

/* Whether a line of EXCEPTIONS.md begins with this name: "| NAME |". */
static int is_exception(const char *text, const char *name)
{
    char line[128];

    sprintf(line, "\n| %s |", name);
    return strstr(text, line) != NULL;
}

static char *read_exceptions(void)
{
    char path[256], *text;

    snprintf(path, sizeof path, "%s/EXCEPTIONS.md", vector_root());
    text = read_text_file(path);
    cr_assert_not_null(text, "cannot read %s", path);
    return text;
}

/* The rules that a negotiation raises, by their hundreds in rules.def; of those about a token that
 * can be read, the six that lint only concludes. */
static int is_for_negotiation(spnego_rule rule)
{
    return (rule >= 500 && rule < 700) || (rule >= SPNEGO_RULE_REPLY_FIRST_NEEDS_NEGSTATE &&
                                           rule <= SPNEGO_RULE_REQUEST_MIC_TO_ACCEPTOR);
}

static size_t num_with_rule(const char *folder, spnego_rule rule)
{
    vector_file *files;
    const size_t num_files = vector_files_read(&files, folder);
    size_t num = 0;

    for (size_t i = 0; i < num_files; i++)
        num += rule_of(&files[i]) == rule;
    vector_files_free(files, num_files);
    return num;
}

Test(vectors, every_rule_has_one)
{
    char *exceptions = read_exceptions();
    size_t num_rules;
    const spnego_rule_text *rules = spnego_rule_list(&num_rules);

    for (size_t i = 0; i < num_rules; i++) {
        const spnego_rule rule = rules[i].rule;
        const size_t num_tokens = num_with_rule("accept", rule) + num_with_rule("reject", rule),
                     num_transcripts = num_with_rule("transcripts", rule);

        if (is_exception(exceptions, rules[i].name)) {
            cr_expect_eq(num_tokens + num_transcripts, 0u, "%s is an exception, but has a vector",
                         rules[i].name);
            continue;
        }
        if (is_for_negotiation(rule))
            cr_expect_gt(num_transcripts, 0u, "%d %s has no transcript", (int)rule, rules[i].name);
        if (rule >= 700 && rule < 800)
            cr_expect_gt(num_with_rule("carriers", rule), 0u, "%d %s has no carrier", (int)rule,
                         rules[i].name);
        else if (rule < 500 || rule >= 700)
            cr_expect_gt(num_tokens, 0u, "%d %s has no vector", (int)rule, rules[i].name);
    }
    free(exceptions);
}

/* accept/x-tolerated.txt has the octets of reject/x.txt, the rule, and one tolerance. */
Test(vectors, every_tolerance_has_two)
{
    vector_file *accepted, *rejected;
    const size_t num_accepted = vector_files_read(&accepted, "accept"),
                 num_rejected = vector_files_read(&rejected, "reject");

    for (size_t i = 0; i < NUM_TOLERANCES; i++) {
        size_t num = 0;

        for (size_t a = 0; a < num_accepted; a++) {
            const char *name = strrchr(accepted[a].path, '/') + 1;
            const size_t len = strlen(name) - strlen("-tolerated.txt");
            const vector_file *other = NULL;

            if (accepted[a].tolerate != vector_tolerances[i].bit)
                continue;
            num++;
            cr_expect_str_eq(name + len, "-tolerated.txt", "%s", accepted[a].path);
            for (size_t r = 0; r < num_rejected; r++) {
                const char *candidate = strrchr(rejected[r].path, '/') + 1;
                if (strncmp(candidate, name, len) == 0 && strcmp(candidate + len, ".txt") == 0)
                    other = &rejected[r];
            }
            cr_assert_not_null(other, "%s has no vector in reject/", accepted[a].path);
            cr_expect(same_octets(accepted[a].octets, other->octets), "%s: other octets",
                      accepted[a].path);
            cr_expect_eq(rule_of(&accepted[a]), rule_of(other), "%s: another rule",
                         accepted[a].path);
        }
        cr_expect_eq(num, 1u, "%s has %zu vectors", vector_tolerances[i].name, num);
    }
}

Test(vectors, the_tolerances_here_are_all_there_are)
{
    uint32_t all = 0;

    for (size_t i = 0; i < NUM_TOLERANCES; i++)
        all |= vector_tolerances[i].bit;
    cr_expect_eq(all, SPNEGO_TOLERATE_ALL);
}
