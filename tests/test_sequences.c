/*
 * Every short sequence of tokens, out of an alphabet for each role, against tests/model/model.py:
 * status, rule, output and what spnego_context_info says must be the model's at each step.
 *
 * The model writes an automaton for each setting; here all paths through it are run, each with a
 * new context.  A path ends with a final verdict or at the depth that the model names.  After a
 * final verdict a further token must change nothing (failure is sticky; NEG-78): all of the
 * alphabet where an edge is taken for the first time, else one, which is another one on the next
 * path.
 */
#define _POSIX_C_SOURCE 200809L /* popen */

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <spnego/negotiate.h>

#include "support.h"

enum { MAX_DEPTH = 8, MAX_MECHS = 2, SHOWN = 25, NAME_LEN = 32, TEXT_LEN = 96, ANY_CODE = -1 };

/* ---- The mechanism double, as model.py has it ---------------------------------------------- */

enum { BEGINS_OK, BEGINS_UNAVAILABLE, BEGINS_FAILED };
enum { ANON_NO, ANON_YES, ANON_LATE };

/* The members are explained at Mech in model.py. */
typedef struct mech_traits {
    char name[NAME_LEN];
    spnego_bytes oid;
    unsigned legs;
    unsigned empty; /* legs, as bits */
    int integ, needs_mic, says_empty, anon, begins, available, names_error, one_way, declined,
        attribute, named;
} mech_traits;

typedef struct toy {
    const mech_traits *traits;
    spnego_role role;
    unsigned leg; /* the last that went over the wire */
    int stepped, done, dead, abandoned;
    const char *breach; /* of the contract of spnego_mech_ops, by the library */
} toy;

/* NTLM's signature, or the frame of a first token: all lengths are short. */
static size_t put_name(char *text, const mech_traits *traits, unsigned leg, size_t text_len)
{
    const size_t oid_len = traits->oid.len;

    if (same_octets(traits->oid, spnego_oid_contents(SPNEGO_OID_NTLMSSP))) {
        memcpy(text, "NTLMSSP", 8);
        return 8;
    }
    if (leg != 1)
        return 0;
    text[0] = 0x60;
    text[1] = (char)(2 + oid_len + text_len);
    text[2] = 6;
    text[3] = (char)oid_len;
    memcpy(text + 4, traits->oid.data, oid_len);
    return 4 + oid_len;
}

static size_t leg_text(char *text, const mech_traits *traits, unsigned leg)
{
    char contents[TEXT_LEN];
    size_t len, at = 0;

    if ((traits->empty >> leg & 1) != 0)
        return 0;
    len = (size_t)snprintf(contents, sizeof contents / 2, "leg %u of %s", leg, traits->name);
    if (traits->named)
        at = put_name(text, traits, leg, len);
    memcpy(text + at, contents, len);
    return at + len;
}

static spnego_mech_result toy_fail(toy *t, spnego_sink *out, spnego_mech_code *code)
{
    char text[TEXT_LEN];

    if (t->traits->names_error)
        spnego_sink_write(out, text,
                          (size_t)snprintf(text, sizeof text, "error of %s", t->traits->name));
    code->code = (int32_t)(40 + t->leg + 1);
    t->dead = 1;
    return SPNEGO_MECH_FAILED;
}

static spnego_mech_result toy_step(void *self, spnego_sink *out, spnego_mech_code *code,
                                   spnego_bytes in)
{
    toy *t = self;
    const int first = !t->stepped;
    char text[TEXT_LEN];
    size_t len;

    if (t->done || t->dead || t->abandoned)
        t->breach = "step after the end";
    if ((in.data == NULL) != (first && t->role == SPNEGO_INITIATOR))
        t->breach = "input absent where it must not be, or there where it must be absent";
    if (in.data != NULL && in.len == 0 && !t->traits->says_empty)
        t->breach = "an empty token for a mechanism that has none";
    t->stepped = 1;
    if (first && t->traits->begins == BEGINS_UNAVAILABLE) {
        t->dead = 1;
        return SPNEGO_MECH_UNAVAILABLE;
    }
    if (first && t->traits->begins == BEGINS_FAILED)
        return toy_fail(t, out, code);
    if (in.data != NULL) {
        len = leg_text(text, t->traits, t->leg + 1);
        if (in.len != len || memcmp(in.data, text, len) != 0)
            return toy_fail(t, out, code);
        t->leg++;
        if (t->leg == t->traits->legs) {
            t->done = 1;
            return SPNEGO_MECH_COMPLETE;
        }
    }
    t->leg++;
    len = leg_text(text, t->traits, t->leg);
    if (len > 0)
        spnego_sink_write(out, text, len);
    t->done = t->leg == t->traits->legs;
    return t->done ? SPNEGO_MECH_COMPLETE : SPNEGO_MECH_CONTINUE;
}

static uint32_t toy_query(void *self)
{
    const toy *t = self;
    uint32_t flags = t->traits->says_empty ? SPNEGO_FLAG_EMPTY_TOKENS : 0;

    if (t->done && t->traits->integ)
        flags |= SPNEGO_FLAG_INTEG;
    if (t->done && t->traits->needs_mic)
        flags |= SPNEGO_FLAG_NEEDS_MIC;
    if (t->traits->anon == ANON_YES || (t->traits->anon == ANON_LATE && t->done))
        flags |= SPNEGO_FLAG_ANON;
    return flags;
}

static int toy_available(void *self)
{
    return ((toy *)self)->traits->available;
}

static size_t mic_text(char *text, const toy *t, spnego_role side, spnego_bytes message)
{
    uint32_t hash = 0x811c9dc5u; /* FNV-1a: every octet of the list counts */

    for (size_t i = 0; i < message.len; i++)
        hash = (hash ^ message.data[i]) * 0x01000193u;
    return (size_t)snprintf(text, TEXT_LEN, "mic by %s over %zu octets %08" PRIx32 " of %s",
                            t->traits->one_way         ? "either"
                            : side == SPNEGO_INITIATOR ? "initiator"
                                                       : "acceptor",
                            message.len, hash, t->traits->name);
}

static void check_may_sign(toy *t)
{
    if (!t->done || t->dead || t->abandoned || !t->traits->integ)
        t->breach = "a MIC before the mechanism is complete, or without integrity";
}

static spnego_mech_result toy_get_mic(void *self, spnego_sink *mic, spnego_mech_code *code,
                                      spnego_bytes message)
{
    toy *t = self;
    char text[TEXT_LEN];

    (void)code;
    check_may_sign(t);
    spnego_sink_write(mic, text, mic_text(text, t, t->role, message));
    return SPNEGO_MECH_COMPLETE;
}

static spnego_mech_result toy_verify_mic(void *self, spnego_mech_code *code, spnego_bytes message,
                                         spnego_bytes mic)
{
    toy *t = self;
    const spnego_role peer = t->role == SPNEGO_INITIATOR ? SPNEGO_ACCEPTOR : SPNEGO_INITIATOR;
    char text[TEXT_LEN];
    const size_t len = mic_text(text, t, peer, message);

    (void)code;
    check_may_sign(t);
    return mic.len == len && memcmp(mic.data, text, len) == 0 ? SPNEGO_MECH_COMPLETE
                                                              : SPNEGO_MECH_FAILED;
}

static void toy_abandon(void *self)
{
    toy *t = self;

    if (!t->stepped || t->abandoned)
        t->breach = "abandon twice, or of an instance that has not begun";
    t->abandoned = 1;
}

static int toy_acceptable(void *user, const spnego_mech *mech, spnego_bytes mech_types)
{
    (void)user;
    (void)mech_types;
    return !((toy *)mech->self)->traits->declined;
}

/* ---- What the model says ------------------------------------------------------------------- */

typedef struct outcome {
    spnego_status status;
    spnego_rule rule;
    int32_t code;
    spnego_bytes out;
    char mech[NAME_LEN]; /* COMPLETE, or called after it: the mechanism, else "-" */
    int first_choice, mics_exchanged, bare;
} outcome;

typedef struct edge {
    int input; /* less than 0: no such edge */
    int outcome;
    int to;
} edge;

typedef struct state {
    int final;
    int outcome; /* final: of every further step */
    edge *edges; /* one for each symbol, unless final; the block is the setting's */
} state;

typedef struct setting {
    char name[128];
    uint32_t quirks, options, required_flags;
    int tolerant, attributes;
    size_t max_token, max_steps;
    size_t num_mechs, num_states, num_sequences;
    mech_traits mechs[MAX_MECHS];
    state *states;
    edge *edges;
} setting;

typedef struct model {
    char *text;
    const char *at;
    spnego_role role;
    size_t depth;
    size_t num_symbols, num_inputs, num_outcomes, num_settings, num_sequences;
    char (*symbols)[NAME_LEN];
    spnego_bytes *inputs;
    outcome *outcomes;
} model;

static char *text_of_model(const char *role)
{
    char command[64];
    size_t len = 0, room = 1 << 16, n;
    char *text = malloc(room);
    FILE *pipe;

    snprintf(command, sizeof command, "python3 tests/model/model.py %s", role);
    pipe = popen(command, "r");
    cr_assert(pipe != NULL && text != NULL);
    while ((n = fread(text + len, 1, room - len - 1, pipe)) > 0) {
        len += n;
        if (len == room - 1) {
            room *= 2;
            text = realloc(text, room);
            cr_assert_not_null(text);
        }
    }
    text[len] = '\0';
    cr_assert_eq(pclose(pipe), 0, "%s fails; it says why on standard error", command);
    return text;
}

/* The next word, of at most NAME_LEN - 1 characters where `word` is not NULL. */
static size_t next_word(char *word, model *m)
{
    const char *start;
    size_t len;

    m->at += strspn(m->at, " \n");
    start = m->at;
    len = strcspn(start, " \n");
    m->at += len;
    cr_assert(len > 0 && (word == NULL || len < NAME_LEN), "the model's text: %.40s", start);
    if (word != NULL) {
        memcpy(word, start, len);
        word[len] = '\0';
    }
    return len;
}

static void expect_word(model *m, const char *want)
{
    char word[NAME_LEN];

    next_word(word, m);
    cr_assert_str_eq(word, want);
}

static long next_number(model *m, int base)
{
    char *end;
    long value;

    m->at += strspn(m->at, " \n");
    value = strtol(m->at, &end, base);
    cr_assert(end != m->at && (*end == ' ' || *end == '\n'), "no number: %.40s", m->at);
    m->at = end;
    return value;
}

static size_t next_size(model *m)
{
    const long value = next_number(m, 10);

    cr_assert(value >= 0);
    return (size_t)value;
}

static void rest_of_line(char *line, size_t room, model *m)
{
    size_t len;

    m->at += strspn(m->at, " ");
    len = strcspn(m->at, "\n");
    cr_assert_lt(len, room);
    memcpy(line, m->at, len);
    line[len] = '\0';
    m->at += len;
}

/* "-" absent, "." empty, "!" NULL with a length, else hexadecimal. */
static spnego_bytes next_octets(model *m)
{
    const char *start;
    char *notation;
    size_t len;
    spnego_bytes octets = {NULL, 0};

    len = next_word(NULL, m);
    start = m->at - len;
    if (*start == '-')
        return octets;
    if (*start == '!')
        return (spnego_bytes){NULL, 1};
    if (*start == '.')
        return der_of("");
    notation = malloc(len + 1);
    cr_assert_not_null(notation);
    memcpy(notation, start, len);
    notation[len] = '\0';
    octets = der_of(notation);
    free(notation);
    return octets;
}

static int next_of(model *m, const char *const *names, size_t num_names)
{
    char word[NAME_LEN];

    next_word(word, m);
    for (size_t i = 0; i < num_names; i++)
        if (strcmp(word, names[i]) == 0)
            return (int)i;
    cr_assert(0, "the model's text: %s", word);
    return -1;
}

static spnego_status next_status(model *m)
{
    char word[NAME_LEN];
    size_t num;
    const spnego_status_text *rows = spnego_status_list(&num);

    next_word(word, m);
    for (size_t i = 0; i < num; i++)
        if (strcmp(rows[i].name, strncmp(word, "ERR_", 4) == 0 ? word + 4 : word) == 0)
            return rows[i].status;
    cr_assert(0, "no status of this name: %s", word);
    return SPNEGO_ERR_USAGE;
}

static spnego_rule next_rule(model *m)
{
    char word[NAME_LEN];
    const spnego_rule_text *row;

    next_word(word, m);
    if (strcmp(word, "NONE") == 0)
        return SPNEGO_RULE_NONE;
    row = spnego_rule_find(word);
    cr_assert_not_null(row, "no rule of this name: %s", word);
    return row->rule;
}

static void *table(size_t num, size_t size)
{
    void *rows = calloc(num > 0 ? num : 1, size);

    cr_assert_not_null(rows);
    return rows;
}

static void read_head(model *m, const char *role)
{
    m->text = text_of_model(role);
    m->at = m->text;
    expect_word(m, "role");
    expect_word(m, role);
    m->role = strcmp(role, "initiator") == 0 ? SPNEGO_INITIATOR : SPNEGO_ACCEPTOR;
    expect_word(m, "depth");
    m->depth = next_size(m);
    cr_assert(m->depth > 0 && m->depth <= MAX_DEPTH);
    expect_word(m, "symbols");
    m->num_symbols = next_size(m);
    m->symbols = table(m->num_symbols, sizeof *m->symbols);
    for (size_t i = 0; i < m->num_symbols; i++) {
        expect_word(m, "symbol");
        rest_of_line(m->symbols[i], NAME_LEN, m);
    }
    expect_word(m, "inputs");
    m->num_inputs = next_size(m);
    m->inputs = table(m->num_inputs, sizeof *m->inputs);
    for (size_t i = 0; i < m->num_inputs; i++)
        m->inputs[i] = next_octets(m);
    expect_word(m, "outcomes");
    m->num_outcomes = next_size(m);
    m->outcomes = table(m->num_outcomes, sizeof *m->outcomes);
    for (size_t i = 0; i < m->num_outcomes; i++) {
        outcome *o = &m->outcomes[i];

        o->status = next_status(m);
        o->rule = next_rule(m);
        o->code = (int32_t)next_number(m, 10);
        o->out = next_octets(m);
        next_word(o->mech, m);
        o->first_choice = (int)next_number(m, 10);
        o->mics_exchanged = (int)next_number(m, 10);
        o->bare = (int)next_number(m, 10);
    }
    expect_word(m, "settings");
    m->num_settings = next_size(m);
    expect_word(m, "sequences");
    m->num_sequences = next_size(m);
}

static void read_mech(mech_traits *t, model *m)
{
    static const char *const anon[] = {"no", "yes", "late"};
    static const char *const begins[] = {"ok", "unavailable", "failed"};

    expect_word(m, "mech");
    next_word(t->name, m);
    t->oid = next_octets(m);
    t->legs = (unsigned)next_number(m, 10);
    t->integ = (int)next_number(m, 10);
    t->needs_mic = (int)next_number(m, 10);
    t->empty = (unsigned)next_number(m, 16);
    t->says_empty = (int)next_number(m, 10);
    t->anon = next_of(m, anon, LEN(anon));
    t->begins = next_of(m, begins, LEN(begins));
    t->available = (int)next_number(m, 10);
    t->names_error = (int)next_number(m, 10);
    t->one_way = (int)next_number(m, 10);
    t->declined = (int)next_number(m, 10);
    t->attribute = (int)next_number(m, 10);
    t->named = (int)next_number(m, 10);
}

static void read_setting(setting *s, model *m)
{
    size_t next_edge = 0;

    expect_word(m, "setting");
    rest_of_line(s->name, sizeof s->name, m);
    expect_word(m, "config");
    s->quirks = (uint32_t)next_number(m, 16);
    s->options = (uint32_t)next_number(m, 16);
    s->tolerant = (int)next_number(m, 10);
    s->required_flags = (uint32_t)next_number(m, 16);
    s->max_token = next_size(m);
    s->max_steps = next_size(m);
    s->attributes = (int)next_number(m, 10);
    s->num_mechs = next_size(m);
    s->num_states = next_size(m);
    s->num_sequences = next_size(m);
    cr_assert(s->num_mechs > 0 && s->num_mechs <= MAX_MECHS);
    for (size_t i = 0; i < s->num_mechs; i++)
        read_mech(&s->mechs[i], m);
    s->states = table(s->num_states, sizeof *s->states);
    s->edges = table(s->num_states * m->num_symbols, sizeof *s->edges);
    for (size_t i = 0; i < s->num_states; i++) {
        state *st = &s->states[i];

        st->final = (int)next_number(m, 10);
        if (st->final) {
            st->outcome = (int)next_number(m, 10);
            cr_assert((size_t)st->outcome < m->num_outcomes);
            continue;
        }
        st->edges = &s->edges[next_edge];
        next_edge += m->num_symbols;
        for (size_t j = 0; j < m->num_symbols; j++) {
            edge *e = &st->edges[j];

            e->input = (int)next_number(m, 10);
            e->outcome = (int)next_number(m, 10);
            e->to = (int)next_number(m, 10);
            cr_assert(e->input < (int)m->num_inputs && (size_t)e->outcome < m->num_outcomes &&
                      (size_t)e->to < s->num_states);
        }
    }
}

/* ---- Running ------------------------------------------------------------------------------- */

typedef struct run {
    const model *m;
    const setting *s;
    size_t path[MAX_DEPTH]; /* symbols */
    size_t num_sequences, num_steps, num_shown, num_different;
    char *reported; /* one for each edge of the setting, 1 once it was shown */
    char *ended;    /* likewise, 1 once all tokens were tried after it */
} run;

static const char *word_of(const spnego_token *t, int what)
{
    static const char *const states[] = {"accept-completed", "accept-incomplete", "reject",
                                         "request-mic"};

    if (what == 0)
        return t->has_neg_state && t->neg_state >= 0 && t->neg_state < 4 ? states[t->neg_state]
                                                                         : "-";
    return t->supported_mech.data != NULL ? hex_of(t->supported_mech) : "-";
}

/* Output as its fields, for a message; the last four results stay valid. */
static const char *fields_of(spnego_bytes out)
{
    static char texts[4][400];
    static unsigned turn;
    char *text = texts[turn++ % 4];
    spnego_token t;

    if (out.data == NULL)
        return "nothing";
    if (spnego_token_decode(&t, NULL, out, SPNEGO_TOLERATE_NOTHING) != SPNEGO_RULE_NONE) {
        snprintf(text, sizeof texts[0], "undecodable %s", hex_of(out));
        return text;
    }
    if (t.type == SPNEGO_NEG_TOKEN_RESP)
        snprintf(text, sizeof texts[0],
                 "{%s, supportedMech %s, responseToken \"%.*s\"%s, mechListMIC \"%.*s\"%s}",
                 word_of(&t, 0), word_of(&t, 1), (int)t.response_token.len,
                 (const char *)t.response_token.data, t.response_token.data == NULL ? " -" : "",
                 (int)t.mech_list_mic.len, (const char *)t.mech_list_mic.data,
                 t.mech_list_mic.data == NULL ? " -" : "");
    else
        snprintf(text, sizeof texts[0], "{%s, mechToken \"%.*s\"%s, mechListMIC \"%.*s\"%s} %s",
                 t.type == SPNEGO_NEG_TOKEN_INIT ? "NegTokenInit" : "NegTokenInit2",
                 (int)t.mech_token.len, (const char *)t.mech_token.data,
                 t.mech_token.data == NULL ? " -" : "", (int)t.mech_list_mic.len,
                 (const char *)t.mech_list_mic.data, t.mech_list_mic.data == NULL ? " -" : "",
                 hex_of(t.mech_types));
    return text;
}

/* NULL if the step went as the model says, else what differs. */
static const char *difference(const outcome *want, spnego_status status, spnego_bytes out,
                              const spnego_context *context, const toy *toys, size_t num_toys)
{
    const spnego_error *error = spnego_context_error(context);
    const int established = strcmp(want->mech, "-") != 0;
    spnego_info info;

    for (size_t i = 0; i < num_toys; i++)
        if (toys[i].breach != NULL)
            return toys[i].breach;
    if (status != want->status)
        return "status differs";
    if (error->rule != want->rule)
        return "rule differs";
    if (error->status != (status < 0 ? status : SPNEGO_COMPLETE))
        return "status in spnego_error differs";
    if (!same_octets(out, want->out))
        return "output differs";
    if (want->code != ANY_CODE && error->mech_code.code != want->code)
        return "the mechanism's code differs";
    if (spnego_context_info(context, &info) != established)
        return "whether it is established differs";
    if (established &&
        (info.mech == NULL || strcmp(info.mech->ops->name, want->mech) != 0 ||
         info.first_choice != want->first_choice || info.mics_exchanged != want->mics_exchanged ||
         info.bare != want->bare || (info.bare && info.mech_types.data != NULL)))
        return "spnego_info differs";
    return NULL;
}

static const char *rule_name(spnego_rule rule)
{
    return rule == SPNEGO_RULE_NONE ? "-" : spnego_rule_describe(rule)->name;
}

/* What the library gave, and how it differs. */
typedef struct result {
    const char *what; /* NULL: as the model has it */
    spnego_status status;
    spnego_rule rule;
    spnego_bytes out;
} result;

/* Counts a disagreement, and shows the first one at each edge. */
static void show(run *r, size_t len, const edge *last, const outcome *want, result got)
{
    char path[MAX_DEPTH * (NAME_LEN + 3)] = "";

    r->num_different++;
    if (r->reported[last - r->s->edges] || r->num_shown >= SHOWN)
        return;
    r->reported[last - r->s->edges] = 1;
    r->num_shown++;
    for (size_t i = 0; i < len; i++) {
        strcat(path, i > 0 ? " / " : "");
        strcat(path, r->m->symbols[r->path[i]]);
    }
    cr_log_error("%s: %s: %s\n  model   %s %s %s %s\n  library %s %s %s", r->s->name, path,
                 got.what, spnego_status_describe(want->status)->name, rule_name(want->rule),
                 fields_of(want->out), want->mech, spnego_status_describe(got.status)->name,
                 rule_name(got.rule), fields_of(got.out));
}

static result step(run *r, spnego_context *context, spnego_bytes in, const outcome *want,
                   const toy *toys)
{
    result got = {NULL, SPNEGO_COMPLETE, SPNEGO_RULE_NONE, {NULL, 0}};

    got.status = spnego_context_step(context, &got.out, in);
    got.rule = spnego_context_error(context)->rule;
    got.what = difference(want, got.status, got.out, context, toys, r->s->num_mechs);
    r->num_steps++;
    return got;
}

static spnego_context *context_of(const run *r, toy *toys)
{
    static const uint8_t attribute[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x0d, 0x0a};
    static const spnego_bytes attributes[] = {{attribute, sizeof attribute}};
    static spnego_mech_ops ops[MAX_MECHS];
    const setting *s = r->s;
    spnego_mech mechs[MAX_MECHS];
    spnego_context *context;
    spnego_config config;

    spnego_config_init(&config, sizeof config, r->m->role);
    for (size_t i = 0; i < s->num_mechs; i++) {
        toys[i] = (toy){&s->mechs[i], r->m->role, 0, 0, 0, 0, 0, NULL};
        ops[i] = (spnego_mech_ops){.struct_size = sizeof ops[i],
                                   .name = s->mechs[i].name,
                                   .oid = s->mechs[i].oid,
                                   .step = toy_step,
                                   .query = toy_query,
                                   .available = toy_available,
                                   .get_mic = toy_get_mic,
                                   .verify_mic = toy_verify_mic,
                                   .abandon = toy_abandon};
        mechs[i] = (spnego_mech){&ops[i], &toys[i], attributes, s->mechs[i].attribute ? 1u : 0u};
    }
    config.mechs = mechs;
    config.num_mechs = s->num_mechs;
    config.attributes = attributes;
    config.num_attributes = s->attributes ? 1 : 0;
    config.options = s->options;
    config.quirks = s->quirks;
    config.tolerate = s->tolerant ? SPNEGO_TOLERATE_INTEROPERABLE : SPNEGO_TOLERATE_NOTHING;
    config.required_flags = s->required_flags;
    config.limits.max_token = s->max_token;
    config.limits.max_steps = s->max_steps;
    if (r->m->role == SPNEGO_ACCEPTOR)
        config.acceptable = toy_acceptable;
    cr_assert_eq(spnego_context_create(&context, NULL, &config), SPNEGO_COMPLETE, "%s", s->name);
    return context;
}

/* Steps a context that has ended, by the edge `last`, with tokens of `row`: nothing may change. */
static result after_the_end(run *r, spnego_context *context, const outcome *want, const state *row,
                            const edge *last, const toy *toys)
{
    char *ended = &r->ended[last - r->s->edges];
    const size_t num = r->m->num_symbols;
    result got = {NULL, SPNEGO_COMPLETE, SPNEGO_RULE_NONE, {NULL, 0}};
    int enough = 0;

    for (size_t i = 0; i < num && got.what == NULL && !enough; i++) {
        const int input = row->edges[(r->num_sequences + i) % num].input;

        /* Of two faults of a call it is nobody's promise which is reported. */
        if (input < 0 || (r->m->inputs[input].data == NULL && r->m->inputs[input].len > 0))
            continue;
        got = step(r, context, r->m->inputs[input], want, toys);
        enough = *ended;
    }
    *ended = 1;
    return got;
}

/* Runs the sequence path[0 .. len-1] with a new context. */
static void replay(run *r, size_t len)
{
    const setting *s = r->s;
    toy toys[MAX_MECHS];
    spnego_context *context = context_of(r, toys);
    const state *at = &s->states[0];
    const outcome *want = NULL;
    const edge *last = NULL;
    result got = {NULL, SPNEGO_COMPLETE, SPNEGO_RULE_NONE, {NULL, 0}};
    size_t n = 0;

    r->num_sequences++;
    while (n < len && got.what == NULL) {
        last = &at->edges[r->path[n]];
        want = &r->m->outcomes[last->outcome];
        got = step(r, context, r->m->inputs[last->input], want, toys);
        n++;
        if (s->states[last->to].final && got.what == NULL) {
            want = &r->m->outcomes[s->states[last->to].outcome];
            got = after_the_end(r, context, want, at, last, toys);
        }
        at = &s->states[last->to];
    }
    if (got.what != NULL)
        show(r, n, last, want, got);
    spnego_context_destroy(context);
    for (size_t i = 0; i < s->num_mechs && got.what == NULL; i++)
        if (toys[i].breach != NULL)
            show(r, n, last, want, (result){toys[i].breach, want->status, want->rule, {NULL, 0}});
}

static void walk(run *r, const state *at, size_t len)
{
    cr_assert_lt(len, MAX_DEPTH);
    for (size_t i = 0; i < r->m->num_symbols; i++) {
        const edge *e = &at->edges[i];

        if (e->input < 0)
            continue;
        r->path[len] = i;
        if (len + 1 == r->m->depth || r->s->states[e->to].final)
            replay(r, len + 1);
        else
            walk(r, &r->s->states[e->to], len + 1);
    }
}

static void compare_role(const char *role)
{
    model m = {0};
    size_t num_sequences = 0, num_steps = 0, num_different = 0, num_shown = 0;

    read_head(&m, role);
    cr_assert(m.num_settings > 0 && m.num_sequences > 0);
    for (size_t i = 0; i < m.num_settings; i++) {
        setting s = {0};
        run r = {.m = &m, .s = &s, .num_shown = num_shown};

        read_setting(&s, &m);
        r.reported = table(s.num_states * m.num_symbols, 1);
        r.ended = table(s.num_states * m.num_symbols, 1);
        walk(&r, &s.states[0], 0);
        cr_expect_eq(r.num_sequences, s.num_sequences, "%s: %zu sequences, the model has %zu",
                     s.name, r.num_sequences, s.num_sequences);
        num_sequences += r.num_sequences;
        num_steps += r.num_steps;
        num_different += r.num_different;
        num_shown = r.num_shown;
        free(r.reported);
        free(r.ended);
        free(s.states);
        free(s.edges);
    }
    expect_word(&m, "end");
    cr_expect_eq(num_sequences, m.num_sequences, "%zu sequences, the model has %zu", num_sequences,
                 m.num_sequences);
    cr_expect_eq(num_different, 0u, "%zu sequences of the %s end in another way", num_different,
                 role);
    cr_log_info("%s: %zu settings, %zu sequences, %zu steps", role, m.num_settings, num_sequences,
                num_steps);
    free(m.symbols);
    free(m.inputs);
    free(m.outcomes);
    free(m.text);
}

Test(sequences, initiator)
{
    compare_role("initiator");
}

Test(sequences, acceptor)
{
    compare_role("acceptor");
}
