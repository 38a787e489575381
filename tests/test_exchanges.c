/*
 * vectors/exchanges/: conversations with other implementations' SPNEGO as they were on the wire.
 * Our side plays its part again, over mechanisms that answer what the real ones answered and to
 * nothing but what those were asked; it must say the same octets and come to the same end.
 *
 * So no GSS library is needed.  A MIC is good if it is the recorded one over the recorded list.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "vector_file.h"

enum { MAX_TOKENS = 24, MAX_MECHS = 4, MAX_LINES = 64, MAX_FILES = 1024 };

/* ---- The files ------------------------------------------------------------------------------- */

typedef struct wire_token {
    spnego_role from;
    int changed; /* it is what came of the token before it, on its way */
    uint32_t crc;
    uint8_t *data;
    size_t len;
} wire_token;

/* A call of a mechanism, or a step of the side, within which the calls behind it came. */
typedef struct line {
    int is_step;
    char mech[16], function[16], result[24]; /* of a step: its status */
    spnego_bytes in, out;
    unsigned flags, major;
    int code;
} line;

typedef struct exchange_side {
    int played;
    spnego_role role;
    int strict;
    uint32_t options;
    char mechs[MAX_MECHS][16];
    size_t num_mechs;
    const char *ends;
    char *script[MAX_LINES];
    size_t num_lines;
    line lines[MAX_LINES];
} exchange_side;

typedef struct exchange {
    char path[256], *text;
    const char *title, *origin;
    wire_token tokens[MAX_TOKENS];
    size_t num_tokens;
    exchange_side sides[2];
} exchange;

static const spnego_bytes absent = {NULL, 0};

static const struct {
    const char *name;
    uint32_t bit;
} options[] = {
    {"NO_OPTIMISTIC_TOKEN", SPNEGO_OPTION_NO_OPTIMISTIC_TOKEN},
    {"OWN_ORDER", SPNEGO_OPTION_OWN_ORDER},
    {"REQUIRE_MIC", SPNEGO_OPTION_REQUIRE_MIC},
    {"NO_FALLBACK", SPNEGO_OPTION_NO_FALLBACK},
    {"TRY_NEXT_MECH", SPNEGO_OPTION_TRY_NEXT_MECH},
};

/* Appends the octets of a line of hexadecimal in a block of exactly their number. */
static void append_hex(const exchange *file, uint8_t **data, size_t *len, const char *text)
{
    uint8_t *block;
    unsigned octet;
    int used;

    block = malloc(*len + strlen(text) / 2 + 1);
    cr_assert_not_null(block);
    if (*len != 0)
        memcpy(block, *data, *len);
    free(*data);
    for (; sscanf(text, " %2x%n", &octet, &used) == 1; text += used)
        block[(*len)++] = (uint8_t)octet;
    cr_assert_eq(text[strspn(text, " ")], '\0', "%s: not hexadecimal: %s", file->path, text);
    *data = realloc(block, *len != 0 ? *len : 1);
    cr_assert_not_null(*data);
}

/* "-", "TOKEN" or "TOKEN:OFFSET+LEN"; "xHEX" is octets themselves. */
static spnego_bytes octets_at(const exchange *file, const char *reference)
{
    size_t number, offset, len;
    uint8_t *data = NULL;
    const int found = sscanf(reference, "%zu:%zu+%zu", &number, &offset, &len);

    if (strcmp(reference, "-") == 0)
        return absent;
    if (reference[0] == 'x') {
        len = 0;
        append_hex(file, &data, &len, reference + 1);
        return (spnego_bytes){data, len};
    }
    cr_assert(found == 1 || found == 3, "%s: no reference: %s", file->path, reference);
    cr_assert(number - 1 < file->num_tokens, "%s: no such token: %s", file->path, reference);
    if (found == 1)
        return (spnego_bytes){file->tokens[number - 1].data, file->tokens[number - 1].len};
    cr_assert(offset <= file->tokens[number - 1].len &&
                  len <= file->tokens[number - 1].len - offset,
              "%s: beyond the token: %s", file->path, reference);
    return (spnego_bytes){file->tokens[number - 1].data + offset, len};
}

/* Only now are all tokens there. */
static void read_lines(const exchange *file, exchange_side *side)
{
    for (size_t i = 0; i < side->num_lines; i++) {
        static char in[1 << 14], out[1 << 14];
        line *to = &side->lines[i];
        int found;

        strcpy(in, "-");
        strcpy(out, "-");
        to->is_step = strncmp(side->script[i], "step ", 5) == 0;
        if (to->is_step)
            found =
                sscanf(side->script[i], "step in=%16383s out=%16383s %23s", in, out, to->result);
        else
            found = sscanf(side->script[i],
                           "call %15s %15s %23s flags=%x in=%16383s out=%16383s code=%d major=%u",
                           to->mech, to->function, to->result, &to->flags, in, out, &to->code,
                           &to->major);
        cr_assert_geq(found, to->is_step ? 3 : 4, "%s: not understood: %s", file->path,
                      side->script[i]);
        to->in = octets_at(file, in);
        to->out = octets_at(file, out);
    }
}

static void take_setting(const exchange *file, exchange_side *side, char *words)
{
    char *value = words + strcspn(words, " ");
    int known = 0;

    if (strncmp(words, "step ", 5) == 0 || strncmp(words, "call ", 5) == 0) {
        cr_assert_lt(side->num_lines, (size_t)MAX_LINES, "%s: too long", file->path);
        side->script[side->num_lines++] = words;
        return;
    }
    if (*value != '\0')
        *value++ = '\0';
    value += strspn(value, " ");
    if (strcmp(words, "ends") == 0) {
        side->ends = value;
        return;
    }
    if (strcmp(words, "profile") == 0) {
        side->strict = strcmp(value, "strict") == 0;
        known = side->strict || strcmp(value, "interoperable") == 0;
    }
    for (char *word = strtok(value, " "); word != NULL; word = strtok(NULL, " ")) {
        if (strcmp(words, "mechs") == 0 && side->num_mechs < MAX_MECHS && strlen(word) < 16) {
            strcpy(side->mechs[side->num_mechs++], word);
            known = 1;
        }
        for (size_t i = 0; i < LEN(options); i++) {
            if (strcmp(words, "options") == 0 && strcmp(word, options[i].name) == 0) {
                side->options |= options[i].bit;
                known = 1;
            }
        }
    }
    cr_assert(known, "%s: not understood: %s", file->path, words);
}

/* "1 I> CRC what it is", and then its octets; "I*" is what came of the token before on its way. */
static void take_token_line(exchange *file, char *words)
{
    wire_token *token;
    unsigned number, crc;
    char from, mark;

    if (sscanf(words, "%u %c%c %x", &number, &from, &mark, &crc) == 4 &&
        (from == 'I' || from == 'A') && (mark == '>' || mark == '*')) {
        cr_assert_lt(file->num_tokens, (size_t)MAX_TOKENS, "%s: too many tokens", file->path);
        token = &file->tokens[file->num_tokens++];
        cr_assert_eq(number, file->num_tokens, "%s: number of a token: %s", file->path, words);
        token->from = from == 'I' ? SPNEGO_INITIATOR : SPNEGO_ACCEPTOR;
        token->changed = mark == '*';
        token->crc = crc;
        return;
    }
    cr_assert_gt(file->num_tokens, 0u, "%s: not understood: %s", file->path, words);
    token = &file->tokens[file->num_tokens - 1];
    append_hex(file, &token->data, &token->len, words);
}

/* That of gzip.  An octet within a mechanism's token says nothing to the negotiation. */
static uint32_t crc32_of(const uint8_t *data, size_t len)
{
    uint32_t crc = 0xffffffffu;

    for (size_t i = 0; i < len; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (0xedb88320u & (0u - (crc & 1u)));
    }
    return ~crc;
}

static void parse(exchange *file)
{
    enum { KEYS, SIDE, TOKENS } block = KEYS;
    exchange_side *side = NULL;
    char *at = file->text, *next;

    for (; *at != '\0'; at = next) {
        char *words;

        next = at + strcspn(at, "\n");
        if (*next != '\0')
            *next++ = '\0';
        words = at + strspn(at, " ");
        if (*words == '\0' || *words == '#')
            continue;
        if (words != at) {
            if (block == SIDE)
                take_setting(file, side, words);
            else if (block == TOKENS)
                take_token_line(file, words);
            continue; /* else a key's value goes on */
        }
        block = KEYS;
        if (strcmp(at, "initiator") == 0 || strcmp(at, "acceptor") == 0) {
            block = SIDE;
            side = &file->sides[at[0] == 'a'];
            side->played = 1;
            side->role = at[0] == 'a' ? SPNEGO_ACCEPTOR : SPNEGO_INITIATOR;
        } else if (strcmp(at, "tokens") == 0) {
            block = TOKENS;
        } else if (strncmp(at, "title ", 6) == 0) {
            file->title = at;
        } else if (strncmp(at, "origin ", 7) == 0) {
            file->origin = at;
        } else if (strncmp(at, "redacted ", 9) != 0 && strncmp(at, "between ", 8) != 0) {
            cr_assert_fail("%s: not understood: %s", file->path, at);
        }
    }
    for (size_t i = 0; i < file->num_tokens; i++)
        cr_expect_eq(file->tokens[i].crc, crc32_of(file->tokens[i].data, file->tokens[i].len),
                     "%s: token %zu is not as it was", file->path, i + 1);
    for (size_t i = 0; i < 2; i++)
        read_lines(file, &file->sides[i]);
}

static char (*paths)[256];
static size_t num_paths;

static void list_files(void)
{
    vector_file *found;

    num_paths = vector_files_read(&found, "exchanges");
    paths = calloc(num_paths + 1, sizeof *paths);
    cr_assert_not_null(paths);
    for (size_t i = 0; i < num_paths; i++)
        strcpy(paths[i], found[i].path);
    vector_files_free(found, num_paths);
}

static void forget_files(void)
{
    free(paths);
}

/* The file stays until the process ends, as the octets that its lines refer to do. */
static const exchange *read_exchange(const char *path)
{
    exchange *file = calloc(1, sizeof *file);

    cr_assert_not_null(file);
    strcpy(file->path, path);
    file->text = read_text_file(path);
    cr_assert_not_null(file->text, "cannot read %s", path);
    parse(file);
    return file;
}

/* ---- A recorded mechanism ------------------------------------------------------------------- */

typedef struct player {
    const exchange *file;
    const exchange_side *side;
    size_t next;     /* line */
    char fault[512]; /* what the mechanisms were asked that they were not asked then */
    struct recorded {
        struct player *player;
        const char *name;
        uint32_t flags;
    } mechs[MAX_MECHS];
    spnego_context *context;
} player;

static void note_fault(player *p, const char *mech, const char *function, const char *what)
{
    if (p->fault[0] == '\0')
        snprintf(p->fault, sizeof p->fault, "line %zu: %s %s: %s", p->next, mech, function, what);
}

/* The call that came then, if it is this one; else NULL. */
static const line *next_call(struct recorded *mech, const char *function)
{
    player *p = mech->player;
    const line *call = &p->side->lines[p->next];

    if (p->next == p->side->num_lines || call->is_step || strcmp(call->mech, mech->name) != 0 ||
        strcmp(call->function, function) != 0) {
        note_fault(p, mech->name, function, "was not called then");
        return NULL;
    }
    p->next++;
    mech->flags = call->flags;
    return call;
}

static spnego_mech_result result_of(const line *call)
{
    static const char *const names[] = {"COMPLETE", "CONTINUE", "PENDING", "UNAVAILABLE", "FAILED"};

    for (size_t i = 0; i < LEN(names); i++)
        if (strcmp(call->result, names[i]) == 0)
            return (spnego_mech_result)(i + 1);
    cr_assert_fail("no result: %s", call->result);
    return SPNEGO_MECH_FAILED;
}

static int same(spnego_bytes a, spnego_bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* Every function with an input and a verdict. */
static spnego_mech_result answer(struct recorded *mech, const char *function, spnego_sink *sink,
                                 spnego_mech_code *code, spnego_bytes in)
{
    const line *call = next_call(mech, function);

    if (call == NULL)
        return SPNEGO_MECH_FAILED;
    if (!same(call->in, in)) {
        note_fault(mech->player, mech->name, function, "gets other octets than then");
        return SPNEGO_MECH_FAILED;
    }
    if (sink != NULL && call->out.len != 0)
        spnego_sink_write(sink, call->out.data, call->out.len);
    code->code = call->code;
    code->gss_major = call->major;
    return result_of(call);
}

static spnego_mech_result step(void *self, spnego_sink *out, spnego_mech_code *code,
                               spnego_bytes in)
{
    return answer(self, "step", out, code, in);
}

static uint32_t query(void *self)
{
    return ((const struct recorded *)self)->flags;
}

static int available(void *self)
{
    const line *call = next_call(self, "available");

    return call != NULL && call->result[0] == '1';
}

static spnego_mech_result get_mic(void *self, spnego_sink *mic, spnego_mech_code *code,
                                  spnego_bytes message)
{
    return answer(self, "get_mic", mic, code, message);
}

static spnego_mech_result verify_mic(void *self, spnego_mech_code *code, spnego_bytes message,
                                     spnego_bytes mic)
{
    struct recorded *mech = self;
    const line *call = &mech->player->side->lines[mech->player->next];
    const spnego_mech_result result = answer(mech, "verify_mic", NULL, code, message);

    if (mech->player->fault[0] == '\0' && !same(call->out, mic)) {
        note_fault(mech->player, mech->name, "verify_mic", "gets another MIC than then");
        return SPNEGO_MECH_FAILED;
    }
    return result;
}

static void mic_expected(void *self)
{
    (void)next_call(self, "mic_expected");
}

static void mic_done(void *self, int verified)
{
    const line *call = next_call(self, "mic_done");
    struct recorded *mech = self;

    if (call != NULL && (call->result[0] == '1') != verified)
        note_fault(mech->player, mech->name, "mic_done", "of the other direction");
}

static void abandon(void *self)
{
    (void)next_call(self, "abandon");
}

#define OPS(mech_name, mech_oid) \
    { \
        .struct_size = sizeof(spnego_mech_ops), .name = mech_name, \
        .oid = {(const uint8_t *)mech_oid, sizeof mech_oid - 1}, .step = step, .query = query, \
        .available = available, .get_mic = get_mic, .verify_mic = verify_mic, \
        .mic_expected = mic_expected, .mic_done = mic_done, .abandon = abandon \
    }

/* 1.2.840.113554.1.2.2, 1.2.840.48018.1.2.2, 1.3.6.1.4.1.311.2.2.10 */
static const spnego_mech_ops mechs_known[] = {
    OPS("krb5", "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"),
    OPS("ms-krb5", "\x2a\x86\x48\x82\xf7\x12\x01\x02\x02"),
    OPS("ntlmssp", "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a"),
};

/* ---- Playing ----------------------------------------------------------------------------------
 */

static void open_player(player *p, const exchange *file, const exchange_side *side)
{
    spnego_mech mechs[MAX_MECHS];
    spnego_config config;

    memset(p, 0, sizeof *p);
    p->file = file;
    p->side = side;
    spnego_config_init(&config, sizeof config, side->role);
    if (side->strict)
        spnego_config_strict(&config);
    config.options = side->options;
    config.mechs = mechs;
    config.num_mechs = side->num_mechs;
    for (size_t i = 0; i < side->num_mechs; i++) {
        mechs[i] = (spnego_mech){.self = &p->mechs[i]};
        for (size_t j = 0; j < LEN(mechs_known); j++)
            if (strcmp(mechs_known[j].name, side->mechs[i]) == 0)
                mechs[i].ops = &mechs_known[j];
        cr_assert_not_null(mechs[i].ops, "%s: no such mechanism: %s", file->path, side->mechs[i]);
        p->mechs[i] = (struct recorded){p, mechs[i].ops->name, 0};
    }
    cr_assert_eq(spnego_context_create(&p->context, NULL, &config), SPNEGO_COMPLETE, "%s",
                 file->path);
}

static void play(const exchange *file, const exchange_side *side)
{
    const char *who = side->role == SPNEGO_INITIATOR ? "initiator" : "acceptor";
    spnego_status status = SPNEGO_CONTINUE;
    static player p;

    open_player(&p, file, side);
    while (p.next < side->num_lines) {
        const line *now = &side->lines[p.next++];
        spnego_bytes out;

        cr_assert(now->is_step, "%s: the %s did not call %s %s", file->path, who, now->mech,
                  now->function);
        status = spnego_context_step(p.context, &out, now->in);
        cr_assert_str_empty(p.fault, "%s: the %s: %s", file->path, who, p.fault);
        cr_assert_str_eq(spnego_status_describe(status)->name, now->result, "%s: the %s is %s",
                         file->path, who, end_of(p.context, status));
        cr_assert(same(out, now->out), "%s: the %s says\n  %s\ninstead of\n  %s", file->path, who,
                  hex_of(out), hex_of(now->out));
    }
    cr_assert_str_eq(end_of(p.context, status), side->ends,
                     "%s: the %s ends with\n  %s\ninstead of\n  %s", file->path, who,
                     end_of(p.context, status), side->ends);
    spnego_context_destroy(p.context); /* its `abandon` is after the recording */
}

ParameterizedTestParameters(exchanges, replay)
{
    static size_t numbers[MAX_FILES];

    list_files();
    cr_assert_leq(num_paths, LEN(numbers));
    for (size_t i = 0; i < num_paths; i++)
        numbers[i] = i;
    forget_files();
    return cr_make_param_array(size_t, numbers, num_paths);
}

ParameterizedTest(const size_t *number, exchanges, replay, .init = list_files, .fini = forget_files)
{
    const exchange *file = read_exchange(paths[*number]);

    for (size_t i = 0; i < 2; i++)
        if (file->sides[i].played)
            play(file, &file->sides[i]);
}

/* ---- What is in them --------------------------------------------------------------------------
 */

/* A step of ours must be about the tokens that were sent, in their order: the script of a side
 * leaves none out, and gives back none that the peer did not send. */
static void check_side(const exchange *file, const exchange_side *side)
{
    size_t at = 0;

    for (size_t i = 0; i < side->num_lines; i++) {
        const spnego_bytes octets[] = {side->lines[i].in, side->lines[i].out};

        for (size_t j = 0; j < 2 && side->lines[i].is_step; j++) {
            const spnego_role from =
                (j == 1) == (side->role == SPNEGO_INITIATOR) ? SPNEGO_INITIATOR : SPNEGO_ACCEPTOR;

            if (octets[j].data == NULL)
                continue;
            while (at < file->num_tokens && file->tokens[at].data != octets[j].data)
                at++;
            cr_assert_lt(at, file->num_tokens, "%s: out of order", file->path);
            cr_expect_eq(file->tokens[at].from, from, "%s: token %zu", file->path, at + 1);
            cr_expect(j == 0 || !file->tokens[at].changed, "%s: token %zu", file->path, at + 1);
        }
    }
}

/* What we sent is strict DER, and what a peer sent is readable. */
static void check_token(const exchange *file, size_t number)
{
    const wire_token *token = &file->tokens[number];
    const spnego_bytes octets = {token->data, token->len};
    const exchange_side *from = &file->sides[token->from == SPNEGO_ACCEPTOR];
    spnego_token decoded;
    const spnego_rule rule =
        spnego_token_decode(&decoded, NULL, octets,
                            from->played ? SPNEGO_TOLERATE_NOTHING : SPNEGO_TOLERATE_INTEROPERABLE);

    cr_expect_eq(rule, SPNEGO_RULE_NONE, "%s: token %zu: %s", file->path, number + 1,
                 spnego_rule_describe(rule)->name);
}

/* Each of those that we met, as initiator and as acceptor. */
static void check_peers(void)
{
    static const char *const peers[] = {"mit", "heimdal", "samba", "java", "dotnet"};

    for (size_t i = 0; i < LEN(peers); i++) {
        char as_initiator[32], as_acceptor[32];
        size_t num_initiator = 0, num_acceptor = 0;

        snprintf(as_initiator, sizeof as_initiator, "-%s", peers[i]);
        snprintf(as_acceptor, sizeof as_acceptor, "-to-%s", peers[i]);
        for (size_t j = 0; j < num_paths; j++) {
            num_acceptor += strstr(paths[j], as_acceptor) != NULL;
            num_initiator += strstr(paths[j], as_initiator) != NULL &&
                             strstr(paths[j], "-to-ours-") != NULL &&
                             strstr(paths[j], "-ours-mit-to-") == NULL &&
                             strstr(paths[j], "-ours-heimdal-to-") == NULL;
        }
        cr_expect_gt(num_initiator, 5u, "%s as initiator: %zu", peers[i], num_initiator);
        cr_expect_gt(num_acceptor, 5u, "%s as acceptor: %zu", peers[i], num_acceptor);
    }
}

Test(exchanges, form, .init = list_files, .fini = forget_files)
{
    cr_expect_gt(num_paths, 100u, "too few exchanges: %zu", num_paths);
    check_peers();
    for (size_t i = 0; i < num_paths; i++) {
        const exchange *file = read_exchange(paths[i]);

        cr_expect_not_null(file->title, "%s: no title", file->path);
        cr_expect_not_null(file->origin, "%s: no origin", file->path);
        cr_expect(file->sides[0].played || file->sides[1].played, "%s: no side", file->path);
        for (size_t j = 0; j < 2; j++) {
            if (!file->sides[j].played)
                continue;
            cr_expect_not_null(file->sides[j].ends, "%s: no ends", file->path);
            check_side(file, &file->sides[j]);
        }
        for (size_t j = 0; j < file->num_tokens; j++)
            check_token(file, j);
    }
}
