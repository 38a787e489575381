/*
 * vectors/carriers/: one side of a carrier's session against what the peer sends.  What it ends
 * with is written by hand, from the standard; each call's result is compared with what was
 * recorded.
 *
 * Each session is then run again with the peer's octets cut in other ways: one at a time, in two at
 * every place, all that come one after the other at once, and with the stream ending at every
 * place. The result is the same each time (faults.md F20).
 *
 * With SPNEGO_REBASE set what was recorded is written anew, to be read as a diff.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "carrier_driver.h"
#include "support.h"
#include "toy_setting.h"

static const spnego_bytes absent = {NULL, 0};

/* ---- What is said ---------------------------------------------------------------------------- */

/* Octets that are text as text, others in hexadecimal, long ones by their beginning and length. */
static void say_octets(const char *name, spnego_bytes octets)
{
    enum { SHOWN = 600 };
    const size_t shown = octets.len < SHOWN ? octets.len : SHOWN;
    int is_text = octets.len != 0;

    if (octets.data == NULL)
        return;
    for (size_t i = 0; i < octets.len; i++)
        is_text &= (octets.data[i] >= ' ' && octets.data[i] <= '~') || octets.data[i] == '\n' ||
                   octets.data[i] == '\r';
    say("\n      %s ", name);
    if (is_text)
        say("'");
    for (size_t i = 0; i < shown; i++)
        if (is_text && octets.data[i] >= ' ')
            say("%c", octets.data[i]);
        else if (is_text)
            say("%s", octets.data[i] == '\n' ? "\\n" : "\\r");
        else
            say("%02x", octets.data[i]);
    say(is_text ? "'" : "");
    if (shown < octets.len)
        say("... %zu octets", octets.len);
}

/* ---- One run --------------------------------------------------------------------------------- */

typedef struct gathered {
    uint8_t *data;
    size_t len;
} gathered;

/* What came of a whole run, however it was cut. */
typedef struct outcome {
    gathered out, data;
    spnego_status status;
    spnego_rule rule;
    size_t offset;
    char state[64];
} outcome;

typedef struct run {
    const carrier_file *file;
    const carrier_driver *driver;
    toy_side side;
    void *session;
    spnego_status status;
    int ended;
    int quiet;
    outcome outcome;
} run;

enum { MAX_RESUMES = 8, MAX_CALLS = 100000 };

static const carrier_driver *driver_of(const carrier_file *file)
{
    for (size_t i = 0; carrier_drivers[i] != NULL; i++)
        if (file->carrier != NULL && strcmp(carrier_drivers[i]->name, file->carrier) == 0)
            return carrier_drivers[i];
    cr_assert_fail("%s: no such carrier", file->base.path);
    return NULL;
}

static void gather(gathered *all, spnego_bytes more)
{
    if (more.len == 0)
        return;
    all->data = realloc(all->data, all->len + more.len);
    cr_assert_not_null(all->data);
    memcpy(all->data + all->len, more.data, more.len);
    all->len += more.len;
}

static void note_turn(run *r, const spnego_turn *turn, const char *what)
{
    const spnego_error *error = r->driver->error(r->session);

    gather(&r->outcome.out, turn->out);
    gather(&r->outcome.data, turn->data);
    if (r->quiet)
        return;
    say("  %s: %s", what, spnego_status_describe(r->status)->name);
    if (r->driver->state != NULL)
        say(" state=%s", r->driver->state(r->session));
    if (r->status < 0) {
        say(" rule=%s", spnego_rule_describe(error->rule)->name);
        if (error->offset != SPNEGO_NO_OFFSET)
            say(" offset=%zu", error->offset);
    }
    say_octets("sends", turn->out);
    say_octets("delivers", turn->data);
    say("\n");
}

static spnego_status settle(run *r, spnego_turn *turn, spnego_status status, const char *what)
{
    const size_t taken = turn->taken;

    r->status = status;
    note_turn(r, turn, what);
    for (int i = 0; i < MAX_RESUMES && r->status == SPNEGO_PENDING; i++) {
        cr_assert_not_null(r->driver->resume, "%s: pending", r->file->base.path);
        r->status = r->driver->resume(r->session, turn);
        note_turn(r, turn, "resumed");
    }
    turn->taken = taken;
    return r->status;
}

/* A copy of exactly the length, so that a read beyond it is one that a memory checker sees. */
static uint8_t *copy_of(spnego_bytes octets)
{
    uint8_t *const copy = malloc(octets.len != 0 ? octets.len : 1);

    cr_assert_not_null(copy);
    if (octets.len != 0)
        memcpy(copy, octets.data, octets.len);
    return copy;
}

/* Hands over octets as one piece, as often as it takes. */
static void deliver(run *r, spnego_bytes octets)
{
    uint8_t *const copy = copy_of(octets);
    spnego_bytes in = {copy, octets.len};
    char what[64];

    for (int calls = 0; r->status >= 0 && (in.len != 0 || calls == 0); calls++) {
        spnego_turn turn = {absent, absent, 0};

        cr_assert(calls < MAX_CALLS, "%s: it does not end", r->file->base.path);
        snprintf(what, sizeof what, "< %zu octets", in.len);
        (void)settle(r, &turn, r->driver->receive(r->session, &turn, in), what);
        cr_assert(turn.taken <= in.len && (turn.taken != 0 || r->status < 0 || in.len == 0),
                  "%s: took %zu of %zu", r->file->base.path, turn.taken, in.len);
        in.data += turn.taken;
        in.len -= turn.taken;
    }
    free(copy);
}

static void move(run *r, const carrier_move *m)
{
    spnego_turn turn = {absent, absent, 0};
    uint8_t *copy = NULL;
    spnego_bytes in;

    switch (m->kind) {
    case 's':
        (void)settle(r, &turn, r->driver->start(r->session, &turn), "start");
        break;
    case 'e':
        r->ended = 1;
        (void)settle(r, &turn, r->driver->end(r->session, &turn), "end");
        break;
    case 'w':
        (void)settle(r, &turn, r->driver->act(r->session, &turn, m->text), m->text);
        break;
    case '>':
        copy = copy_of(m->octets);
        in = (spnego_bytes){copy, m->octets.len};
        do {
            (void)settle(r, &turn, r->driver->send(r->session, &turn, in), "> send");
            in.data += turn.taken;
            in.len -= turn.taken;
        } while (r->status >= 0 && in.len != 0);
        free(copy);
        break;
    default:
        deliver(r, m->octets);
    }
}

static int is_own(const carrier_driver *driver, const char *name)
{
    for (size_t i = 0; driver->settings[i] != NULL; i++)
        if (strcmp(driver->settings[i], name) == 0)
            return 1;
    return 0;
}

/* Role, mechs and profile are for all; the rest is the mechanisms' or the carrier's own. */
static void set_up(toy_side *side, const carrier_file *file, const carrier_driver *driver)
{
    const int is_server = strcmp(carrier_setting_of(file, "role", "client"), "server") == 0;

    toy_set_up(side, is_server ? SPNEGO_ACCEPTOR : SPNEGO_INITIATOR,
               carrier_setting_of(file, "mechs", "X"),
               carrier_setting_of(file, "profile", "strict"), file->base.path);
    for (size_t i = 0; i < file->num_settings; i++) {
        const char *name = file->settings[i].name;

        cr_assert(strcmp(name, "role") == 0 || strcmp(name, "mechs") == 0 ||
                      strcmp(name, "profile") == 0 || is_own(driver, name) ||
                      toy_set(side, name, file->settings[i].value, file->base.path),
                  "%s: no such setting: %s", file->base.path, name);
    }
}

static void begin(run *r, const carrier_file *file)
{
    memset(r, 0, sizeof *r);
    r->file = file;
    r->driver = driver_of(file);
    set_up(&r->side, file, r->driver);
    r->session = r->driver->open(file, &r->side);
    cr_assert_not_null(r->session, "%s: no session", file->base.path);
}

/* Once failed, always failed, and nothing is said any more. */
static void check_stays(run *r)
{
    const spnego_status status = r->status;
    spnego_turn turn;

    if (status >= 0 || status == SPNEGO_ERR_USAGE)
        return;
    cr_expect_eq(r->driver->receive(r->session, &turn, (spnego_bytes){(const uint8_t *)"x", 1}),
                 status, "%s: another status after the failure", r->file->base.path);
    cr_expect(turn.out.data == NULL && turn.data.data == NULL, "%s: output after the failure",
              r->file->base.path);
}

static void finish(run *r)
{
    const spnego_error *error = r->driver->error(r->session);

    r->outcome.status = r->status;
    r->outcome.rule = r->status < 0 ? error->rule : SPNEGO_RULE_NONE;
    r->outcome.offset = r->status < 0 ? error->offset : SPNEGO_NO_OFFSET;
    if (r->driver->state != NULL)
        snprintf(r->outcome.state, sizeof r->outcome.state, "%s", r->driver->state(r->session));
    check_stays(r);
    r->driver->close(r->session);
    cr_expect_eq(r->side.x.after_end + r->side.y.after_end + r->side.z.after_end, 0,
                 "%s: a call that must not have come to the mechanism: %s", r->file->base.path,
                 r->side.x.breach != NULL ? r->side.x.breach : "of another");
}

static void forget(outcome *o)
{
    free(o->out.data);
    free(o->data.data);
}

/* ---- In other pieces ------------------------------------------------------------------------- */

typedef enum cutting { BY_ONE, IN_TWO, AT_ONCE } cutting;

static void deliver_cut(run *r, spnego_bytes octets, cutting how, size_t at)
{
    const size_t first = how == BY_ONE ? 1 : at;

    for (spnego_bytes in = octets; in.len != 0;) {
        const size_t len = in.len == octets.len || how == BY_ONE ? first : in.len;
        const spnego_bytes piece = {in.data, len < in.len ? len : in.len};

        deliver(r, piece);
        in.data += piece.len;
        in.len -= piece.len;
    }
}

/* Moves from `from` on that are one delivery of the peer's. */
static spnego_bytes joined(const carrier_file *file, size_t from, size_t *out_end)
{
    static uint8_t room[1 << 20];
    spnego_bytes all = {room, 0};

    for (*out_end = from; *out_end < file->num_moves && file->script[*out_end].kind == '<';
         ++*out_end) {
        const spnego_bytes octets = file->script[*out_end].octets;

        cr_assert_leq(octets.len, sizeof room - all.len, "%s: too long", file->base.path);
        if (octets.len != 0)
            memcpy(room + all.len, octets.data, octets.len);
        all.len += octets.len;
    }
    return all;
}

/* The whole script with the move `which` cut at `at`, or all of them cut. */
static outcome run_cut(const carrier_file *file, cutting how, size_t which, size_t at)
{
    run r;
    size_t end;

    begin(&r, file);
    r.quiet = 1;
    for (size_t i = 0; i < file->num_moves && r.status >= 0; i++) {
        const carrier_move *m = &file->script[i];

        if (m->kind != '<') {
            move(&r, m);
        } else if (how == AT_ONCE) {
            deliver(&r, joined(file, i, &end));
            i = end - 1;
        } else if (how == BY_ONE || i == which) {
            deliver_cut(&r, m->octets, how, at);
        } else {
            deliver(&r, m->octets);
        }
    }
    finish(&r);
    return r.outcome;
}

static int same(const gathered *a, const gathered *b)
{
    return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

static void check_same(const carrier_file *file, const outcome *whole, outcome cut, const char *how,
                       size_t which, size_t at)
{
    cr_expect(whole->status == cut.status && whole->rule == cut.rule &&
                  whole->offset == cut.offset && strcmp(whole->state, cut.state) == 0,
              "%s: %s, line %zu at %zu: %s %s offset %zu %s", file->base.path, how, which, at,
              spnego_status_describe(cut.status)->name, spnego_rule_describe(cut.rule)->name,
              cut.offset, cut.state);
    cr_expect(same(&whole->out, &cut.out), "%s: %s, line %zu at %zu: other octets to the peer",
              file->base.path, how, which, at);
    cr_expect(same(&whole->data, &cut.data), "%s: %s, line %zu at %zu: other data", file->base.path,
              how, which, at);
    forget(&cut);
}

/* The stream ends inside the last thing that the peer sends: no success, and no data that the whole
 * would not have given. */
static void run_ended(const carrier_file *file, const outcome *whole, size_t which, size_t at)
{
    spnego_turn turn = {absent, absent, 0};
    run r;

    begin(&r, file);
    r.quiet = 1;
    for (size_t i = 0; i <= which && r.status >= 0; i++) {
        if (i < which)
            move(&r, &file->script[i]);
        else
            deliver_cut(&r, (spnego_bytes){file->script[i].octets.data, at}, IN_TWO, at);
    }
    if (r.status >= 0)
        r.status = r.driver->end(r.session, &turn);
    cr_expect(r.outcome.data.len <= whole->data.len &&
                  (r.outcome.data.len == 0 ||
                   memcmp(r.outcome.data.data, whole->data.data, r.outcome.data.len) == 0),
              "%s: end at %zu of line %zu: other data", file->base.path, at, which);
    cr_expect_neq(r.status, SPNEGO_CONTINUE, "%s: end at %zu of line %zu: still waiting",
                  file->base.path, at, which);
    finish(&r);
    forget(&r.outcome);
}

/* Places at which octets are cut: all of the first and last few hundred. */
static size_t next_cut(size_t at, size_t len)
{
    enum { EDGE = 300 };

    return at == EDGE && len > (size_t)2 * EDGE ? len - EDGE : at + 1;
}

static void check_cuts(const carrier_file *file, const outcome *whole)
{
    const carrier_driver *driver = driver_of(file);

    if (!driver->is_stream)
        return;
    check_same(file, whole, run_cut(file, BY_ONE, 0, 0), "one octet at a time", 0, 0);
    check_same(file, whole, run_cut(file, AT_ONCE, 0, 0), "all at once", 0, 0);
    for (size_t i = 0; i < file->num_moves; i++) {
        const size_t len = file->script[i].octets.len;

        if (file->script[i].kind != '<')
            continue;
        for (size_t at = 1; at < len; at = next_cut(at, len)) {
            check_same(file, whole, run_cut(file, IN_TWO, i, at), "in two", i, at);
            run_ended(file, whole, i, at);
        }
    }
}

/* ---- Comparison ------------------------------------------------------------------------------ */

static void check_ends(const run *r)
{
    const spnego_error *error = r->driver->error(r->session);
    char ends[128];

    if (r->status < 0)
        snprintf(ends, sizeof ends, "%s %s", spnego_status_describe(r->status)->name,
                 spnego_rule_describe(error->rule)->name);
    else
        snprintf(ends, sizeof ends, "%s", spnego_status_describe(r->status)->name);
    cr_assert_not_null(r->file->ends, "%s: no ends", r->file->base.path);
    cr_expect_str_eq(ends, r->file->ends, "%s: ends with %s instead of %s", r->file->base.path,
                     ends, r->file->ends);
    if (r->file->rule != NULL && r->status < 0)
        cr_expect_str_eq(spnego_rule_describe(error->rule)->name, r->file->rule, "%s",
                         r->file->base.path);
}

static void check_said(const carrier_file *file)
{
    const char *said = what_was_said();

    if (getenv("SPNEGO_REBASE") != NULL) {
        if (strcmp(file->base.expected, said) != 0)
            scripted_rewrite(&file->base, said);
        return;
    }
    cr_expect_str_eq(said, file->base.expected, "%s: says\n%s\ninstead of\n%s", file->base.path,
                     said, file->base.expected);
}

/* ---- The files ------------------------------------------------------------------------------- */

static carrier_file *files;
static size_t num_files;

static void read_files(void)
{
    num_files = carrier_files_read(&files);
}

static void free_files(void)
{
    carrier_files_free(files, num_files);
}

TestSuite(carriers, .init = read_files, .fini = free_files);

ParameterizedTestParameters(carriers, file)
{
    static size_t indices[4096];
    carrier_file *all;
    const size_t num = carrier_files_read(&all);

    carrier_files_free(all, num);
    cr_assert_leq(num, LEN(indices));
    for (size_t i = 0; i < num; i++)
        indices[i] = i;
    return cr_make_param_array(size_t, indices, num);
}

ParameterizedTest(const size_t *index, carriers, file)
{
    const carrier_file *file = &files[*index];
    run r;

    cr_assert_null(file->base.fault, "%s: %s", file->base.path, file->base.fault);
    cr_assert(file->title != NULL && file->cite != NULL && file->origin != NULL &&
                  file->carrier != NULL,
              "%s: title, cite, origin or carrier is missing", file->base.path);
    begin(&r, file);
    say("log\n");
    for (size_t i = 0; i < file->num_moves; i++)
        move(&r, &file->script[i]);
    check_ends(&r);
    finish(&r);
    check_said(file);
    check_cuts(file, &r.outcome);
    forget(&r.outcome);
}
