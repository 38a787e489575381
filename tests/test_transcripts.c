/*
 * vectors/transcripts/: whole conversations.  One side or both are played by the library with the
 * mechanisms of tests/toy_mech.h; the other says what the script has for it.  What each side ends
 * with is written by hand, from the standard; tokens, events and memory are compared with what was
 * recorded.
 *
 * With SPNEGO_REBASE set what was recorded is written anew, to be read as a diff.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <spnego/oid.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "toy_mech.h"
#include "toy_setting.h"
#include "transcript_file.h"
#include "vector_file.h"

static const spnego_bytes absent = {NULL, 0};

/* ---- What is said ---------------------------------------------------------------------------- */

static void say_octets(spnego_bytes octets)
{
    enum { IN_A_LINE = 32 };

    for (size_t i = 0; i < octets.len; i++)
        say("%s%02x", i % IN_A_LINE == 0 ? "\n     " : " ", octets.data[i]);
    say("\n");
}

/* A toy's token is text; a MIC and what a peer made up need not be. */
static void say_field(const char *name, spnego_bytes field)
{
    enum { SHOWN = 16 };
    int is_text = 1;

    if (field.data == NULL)
        return;
    for (size_t i = 0; i < field.len; i++)
        is_text &= field.data[i] > ' ' && field.data[i] <= '~' && field.data[i] != '\'';
    say(" %s=", name);
    if (is_text)
        say("'%.*s%s'", field.len > SHOWN ? SHOWN : (int)field.len, (const char *)field.data,
            field.len > SHOWN ? "..." : "");
    else
        say("%s", hex_of(field));
}

static void say_oid(spnego_bytes oid)
{
    char text[SPNEGO_OID_TEXT_SIZE];
    const char *name = spnego_oid_name(spnego_oid_identify(oid));

    (void)spnego_oid_to_text(text, sizeof text, oid);
    say("%s", name != NULL ? name : text);
}

static void say_token(spnego_bytes octets)
{
    static const char *const types[] = {"", "NegTokenInit", "NegTokenInit2", "NegTokenResp"};
    static const char *const states[] = {"accept-completed", "accept-incomplete", "reject",
                                         "request-mic"};
    const char *separator = " mechTypes=";
    spnego_token token;
    spnego_bytes oid;
    size_t cursor = 0;
    const spnego_rule rule = spnego_token_decode(&token, NULL, octets, SPNEGO_TOLERATE_ALL);

    if (octets.len == 0) {
        say("nothing");
        return;
    }
    if (rule != SPNEGO_RULE_NONE) {
        say("no token: %s", spnego_rule_describe(rule)->name);
        return;
    }
    say("%s", types[token.type]);
    if (token.has_neg_state && token.neg_state >= 0 && token.neg_state < (int)LEN(states))
        say(" %s", states[token.neg_state]);
    while (spnego_mech_types_next(&oid, &cursor, token.mech_types)) {
        say("%s", separator);
        separator = ",";
        say_oid(oid);
    }
    if (token.supported_mech.data != NULL) {
        say(" supportedMech=");
        say_oid(token.supported_mech);
    }
    say_field("mechToken", token.mech_token);
    say_field("hintName", token.hint_name);
    say_field("responseToken", token.response_token);
    say_field("mechListMIC", token.mech_list_mic);
}

/* ---- A player -------------------------------------------------------------------------------- */

typedef struct player {
    const transcript_file *file;
    const transcript_side *settings;
    toy_side side;
    spnego_role role;
    spnego_status status;
    size_t next_token; /* of the script, if it is played from there */
    uint8_t attribute_buf[32];
    spnego_bytes attribute;

    size_t num_allocations, no_memory_at;
    size_t in_use, peak;
    size_t not_wiped; /* octets that were freed and were not zero */
} player;

enum { MAX_TURNS = 64, MAX_RESUMES = 4 };

/* Blocks know their size, so that what is freed can be looked at. */
typedef union block {
    size_t size;
    max_align_t align;
} block;

static void *count_alloc(void *user, size_t size)
{
    player *p = user;
    block *b;

    if (++p->num_allocations == p->no_memory_at)
        return NULL;
    b = malloc(sizeof *b + size);
    cr_assert_not_null(b);
    b->size = size;
    memset(b + 1, 0xa5, size);
    p->in_use += size;
    if (p->in_use > p->peak)
        p->peak = p->in_use;
    return b + 1;
}

static void count_dealloc(void *user, void *memory)
{
    player *p = user;
    block *b = (block *)memory - 1;

    if (memory == NULL)
        return;
    for (size_t i = 0; i < b->size; i++)
        p->not_wiped += ((const uint8_t *)(b + 1))[i] != 0;
    p->in_use -= b->size;
    free(b);
}

static void say_event(void *user, const spnego_event *event)
{
    char line[256];

    (void)user;
    cr_assert_lt(spnego_event_format(line, sizeof line, event), sizeof line);
    say("  %s\n", line);
}

/* ---- Settings -------------------------------------------------------------------------------- */

static void set_attribute(player *p, const char *value)
{
    cr_assert(spnego_oid_from_text(&p->attribute, p->attribute_buf, sizeof p->attribute_buf, value),
              "%s: no OID: %s", p->file->base.path, value);
    p->side.config.attributes = &p->attribute;
    p->side.config.num_attributes = 1;
}

static int set_in_config(player *p, const char *name, const char *value)
{
    spnego_config *config = &p->side.config;
    const size_t number = (size_t)atoi(value);

    if (strcmp(name, "max_token") == 0)
        config->limits.max_token = number;
    else if (strcmp(name, "max_mechs") == 0)
        config->limits.max_mechs = number;
    else if (strcmp(name, "max_steps") == 0)
        config->limits.max_steps = number;
    else if (strcmp(name, "max_fragment") == 0)
        config->max_fragment = number;
    else if (strcmp(name, "attribute") == 0)
        set_attribute(p, value);
    else if (strcmp(name, "no_memory_at") == 0)
        p->no_memory_at = number;
    else
        return 0;
    return 1;
}

/* "X.legs 3" is for one mechanism, "legs 3" for all. */
static void apply(player *p, const scripted_setting *setting)
{
    const char *name = setting->name;
    const int known = strcmp(name, "mechs") == 0 || strcmp(name, "profile") == 0 ||
                      toy_set(&p->side, name, setting->value, p->file->base.path) ||
                      set_in_config(p, name, setting->value);

    cr_assert(known, "%s: no such setting: %s", p->file->base.path, name);
}

static void open_player(player *p, const transcript_file *file, spnego_role role)
{
    memset(p, 0, sizeof *p);
    p->file = file;
    p->settings = &file->sides[role == SPNEGO_ACCEPTOR];
    p->role = role;
    p->status = SPNEGO_CONTINUE;
    if (!p->settings->is_played)
        return;
    toy_set_up(&p->side, role, transcript_setting_of(p->settings, "mechs"),
               transcript_setting_of(p->settings, "profile"), file->base.path);
    for (size_t i = 0; i < p->settings->num_settings; i++)
        apply(p, &p->settings->settings[i]);
    p->side.config.user = p;
    p->side.config.on_event = say_event;
    p->side.config.alloc = count_alloc;
    p->side.config.dealloc = count_dealloc;
    toy_side_open(&p->side);
}

/* ---- A conversation -------------------------------------------------------------------------- */

/* What a side says in its turn.  A script ends with COMPLETE. */
static spnego_bytes take_turn(player *p, spnego_bytes in)
{
    spnego_bytes out = absent;

    if (!p->settings->is_played) {
        const transcript_file *file = p->file;

        while (p->next_token < file->num_tokens && file->script[p->next_token].from != p->role)
            p->next_token++;
        if (p->next_token < file->num_tokens)
            out = der_of(file->script[p->next_token++].notation);
        else
            p->status = SPNEGO_COMPLETE;
        return out;
    }
    p->status = spnego_context_step(p->side.context, &out, in);
    for (int i = 0; i < MAX_RESUMES && p->status == SPNEGO_PENDING; i++)
        p->status = spnego_context_resume(p->side.context, &out);
    return out;
}

/* What leaves a side must be what it may send: its own message, in strict DER. */
static void check_sent(const player *p, spnego_bytes octets, int first)
{
    spnego_token token;
    const spnego_rule rule = spnego_token_decode(&token, NULL, octets, SPNEGO_TOLERATE_NOTHING);

    if (!p->settings->is_played || p->side.config.max_fragment != 0 || octets.len == 0)
        return;
    cr_expect_eq(rule, SPNEGO_RULE_NONE, "%s: sent %s: %s", p->file->base.path, hex_of(octets),
                 spnego_rule_describe(rule)->name);
    if (p->role == SPNEGO_INITIATOR)
        cr_expect_eq(token.type, first ? SPNEGO_NEG_TOKEN_INIT : SPNEGO_NEG_TOKEN_RESP, "%s",
                     p->file->base.path);
    else
        cr_expect_neq(token.type, SPNEGO_NEG_TOKEN_INIT, "%s", p->file->base.path);
}

static void converse(player players[2], int turn)
{
    static const uint8_t nothing = 0;
    int num_said[2] = {0, 0};
    /* The first call of an initiator brings nothing; that of an acceptor asks for hints. */
    spnego_bytes in = turn == 0 ? absent : (spnego_bytes){&nothing, 0};

    say("conversation\n");
    for (int i = 0; i < MAX_TURNS; i++, turn = !turn) {
        player *p = &players[turn];
        const spnego_bytes out = take_turn(p, in);

        if (out.data == NULL && p->status != SPNEGO_CONTINUE)
            return;
        say("  %s ", turn == 0 ? "I>" : "A>");
        say_token(out);
        if (out.len == 0)
            say("\n");
        else
            say_octets(out);
        check_sent(p, out, num_said[turn]++ == 0);
        if (players[!turn].settings->is_played && players[!turn].status != SPNEGO_CONTINUE)
            return;
        /* It stays as it is until its sender is called again. */
        in = out.len == 0 ? (spnego_bytes){&nothing, 0} : out;
    }
    cr_assert_fail("%s: it does not end", players[0].file->base.path);
}

/* ---- Verdicts -------------------------------------------------------------------------------- */

/* Peaks depend a little on the machine: they are bounds, in whole KiB. */
static size_t bound_of(size_t peak)
{
    return (peak + 1023) / 1024 * 1024;
}

static void close_player(player *p)
{
    const char *who = p->role == SPNEGO_INITIATOR ? "initiator" : "acceptor";

    if (!p->settings->is_played)
        return;
    cr_assert_not_null(p->settings->ends, "%s: the %s has no ends", p->file->base.path, who);
    cr_expect_str_eq(end_of(p->side.context, p->status), p->settings->ends,
                     "%s: the %s ends with\n  %s\ninstead of\n  %s", p->file->base.path, who,
                     end_of(p->side.context, p->status), p->settings->ends);
    cr_expect_eq(toy_side_close(&p->side), 0, "%s: calls that must not have come to the %s",
                 p->file->base.path, who);
    cr_expect_eq(p->in_use, 0u, "%s: the %s left %zu octets", p->file->base.path, who, p->in_use);
    cr_expect_eq(p->not_wiped, 0u, "%s: the %s freed %zu octets that were not wiped",
                 p->file->base.path, who, p->not_wiped);
    say("  %-9s allocations=%zu peak<=%zu\n", who, p->num_allocations, bound_of(p->peak));
}

/* ---- Comparison ------------------------------------------------------------------------------ */

/* The first line of a text, as a string; two stay valid. */
static const char *line_of(const char *text)
{
    static char lines[2][256];
    static unsigned turn;
    char *line = lines[turn++ % 2];

    snprintf(line, sizeof lines[0], "%.*s", (int)strcspn(text, "\n"), text);
    return line;
}

static const char *after_line(const char *text)
{
    text += strcspn(text, "\n");
    return text + (*text == '\n');
}

/* Whether two lines are the same but for what is after "peak<=", which may be lower than it was. */
static int within_bound(const char *was, const char *is)
{
    const char *was_peak = strstr(was, "peak<="), *is_peak = strstr(is, "peak<=");

    return was_peak != NULL && is_peak != NULL && was_peak - was == is_peak - is &&
           memcmp(was, is, (size_t)(was_peak - was)) == 0 &&
           atoi(is_peak + 6) <= atoi(was_peak + 6);
}

static void check_said(const transcript_file *file)
{
    const char *was = file->base.expected, *is = what_was_said();

    if (getenv("SPNEGO_REBASE") != NULL) {
        if (strcmp(was, is) != 0)
            scripted_rewrite(&file->base, is);
        return;
    }
    for (; *was != '\0' || *is != '\0'; was = after_line(was), is = after_line(is)) {
        const char *was_line = line_of(was), *is_line = line_of(is);

        if (strcmp(was_line, is_line) != 0 && !within_bound(was_line, is_line))
            cr_assert_fail("%s: says\n%s\ninstead of\n%s", file->base.path, is_line, was_line);
    }
}

static transcript_file *files;
static size_t num_files;

static void read_files(void)
{
    num_files = transcript_files_read(&files);
}

static void free_files(void)
{
    transcript_files_free(files, num_files);
}

ParameterizedTestParameters(transcripts, conversations)
{
    static size_t numbers[512];

    read_files();
    cr_assert_leq(num_files, LEN(numbers));
    for (size_t i = 0; i < num_files; i++)
        numbers[i] = i;
    free_files();
    return cr_make_param_array(size_t, numbers, num_files);
}

ParameterizedTest(const size_t *number, transcripts, conversations, .init = read_files,
                  .fini = free_files)
{
    const transcript_file *file = &files[*number];
    static player players[2];

    cr_assert_null(file->base.fault, "%s: %s", file->base.path, file->base.fault);
    open_player(&players[0], file, SPNEGO_INITIATOR);
    open_player(&players[1], file, SPNEGO_ACCEPTOR);
    converse(players, file->opens != NULL);
    for (size_t i = 0; i < 2; i++)
        if (!players[i].settings->is_played)
            cr_expect_null(take_turn(&players[i], absent).data, "%s: it ends before the script",
                           file->base.path);
    say("\nmemory\n");
    close_player(&players[0]);
    close_player(&players[1]);
    check_said(file);
}

/* ---- The files ------------------------------------------------------------------------------- */

/* Whether one of the sides ends with the rule that the transcript is there to show. */
static int ends_with_rule(const transcript_file *file)
{
    char what[96];

    snprintf(what, sizeof what, " rule=%s ", file->rule);
    for (size_t i = 0; i < 2; i++) {
        char ends[256];

        if (file->sides[i].ends == NULL)
            continue;
        snprintf(ends, sizeof ends, "%s ", file->sides[i].ends);
        if (strstr(ends, what) != NULL)
            return 1;
    }
    return 0;
}

static void check_form(const transcript_file *file)
{
    const char *name = strrchr(file->base.path, '/') + 1;

    cr_expect_null(file->base.fault, "%s: %s", file->base.path, file->base.fault);
    cr_expect_not_null(file->title, "%s: no title", file->base.path);
    cr_expect_not_null(file->cite, "%s: no cite", file->base.path);
    cr_expect_not_null(file->origin, "%s: no origin", file->base.path);
    cr_expect_eq(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(name) - 4,
                 "%s: the name is not in lower case with dashes", file->base.path);
    cr_expect(file->sides[0].is_played || file->sides[1].is_played, "%s: no side", file->base.path);
    for (size_t i = 0; i < 2; i++)
        cr_expect_eq(file->sides[i].ends == NULL, !file->sides[i].is_played, "%s: ends",
                     file->base.path);
    cr_expect(file->quirk == NULL || file->rule != NULL, "%s: a quirk, and no rule",
              file->base.path);
    if (file->rule == NULL)
        return;
    cr_expect_not_null(spnego_rule_find(file->rule), "%s: no rule %s", file->base.path, file->rule);
    cr_expect_eq(ends_with_rule(file), file->quirk == NULL, "%s: %s", file->base.path, file->rule);
}

Test(transcripts, form, .init = read_files, .fini = free_files)
{
    cr_expect_gt(num_files, 50u, "too few transcripts: %zu", num_files);
    for (size_t i = 0; i < num_files; i++)
        check_form(&files[i]);
}

static const transcript_file *find_file(const char *name, size_t len)
{
    for (size_t i = 0; i < num_files; i++) {
        const char *candidate = strrchr(files[i].base.path, '/') + 1;

        if (strncmp(candidate, name, len) == 0 && strcmp(candidate + len, ".txt") == 0)
            return &files[i];
    }
    return NULL;
}

static const char *profile_of(const transcript_file *file)
{
    const char *profile = transcript_setting_of(&file->sides[0], "profile");

    return profile != NULL ? profile : transcript_setting_of(&file->sides[1], "profile");
}

/* x-tolerated.txt and x.txt: the same script; with the quirk alone it is lived with, without it and
 * with all others it ends with the rule. */
static void check_two(const transcript_file *with, const char *quirk)
{
    const char *name = strrchr(with->base.path, '/') + 1;
    const size_t len = strlen(name) - strlen("-tolerated.txt");
    const transcript_file *without;
    char profile[64];

    cr_assert_str_eq(name + len, "-tolerated.txt", "%s", with->base.path);
    without = find_file(name, len);
    cr_assert_not_null(without, "%s has none without", with->base.path);
    cr_expect_null(without->quirk, "%s", without->base.path);
    cr_assert_not_null(without->rule, "%s", without->base.path);
    cr_expect_str_eq(with->rule, without->rule, "%s: another rule", with->base.path);
    snprintf(profile, sizeof profile, "strict but %s", quirk);
    cr_expect_str_eq(profile_of(with), profile, "%s", with->base.path);
    snprintf(profile, sizeof profile, "interoperable but %s", quirk);
    cr_expect_str_eq(profile_of(without), profile, "%s", without->base.path);
    cr_assert_leq(without->num_tokens, with->num_tokens, "%s", with->base.path);
    for (size_t i = 0; i < without->num_tokens; i++)
        cr_expect(
            same_octets(der_of(with->script[i].notation), der_of(without->script[i].notation)),
            "%s: other octets", with->base.path);
}

Test(transcripts, every_quirk_has_two, .init = read_files, .fini = free_files)
{
    for (uint32_t bit = 1; bit <= SPNEGO_QUIRKS_INTEROPERABLE; bit <<= 1) {
        size_t num = 0;

        for (size_t i = 0; i < num_files; i++) {
            if (files[i].quirk == NULL || strcmp(files[i].quirk, spnego_quirk_name(bit)) != 0)
                continue;
            check_two(&files[i], spnego_quirk_name(bit));
            num++;
        }
        cr_expect_gt(num, 0u, "%s has no transcript", spnego_quirk_name(bit));
    }
}
