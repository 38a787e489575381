/*
 * What a host sees of a negotiation: events and their order, and the lines that errors and events
 * become in a log.
 */
#include <ctype.h>

#include "toy_peer.h"

/* ---- Recording ----------------------------------------------------------------------------- */

enum { MAX_EVENTS = 128, MAX_BYTES = 256 };

/* All events of one side, with copies of what they lend. */
typedef struct record {
    size_t num;
    spnego_event events[MAX_EVENTS];
    uint8_t bytes[MAX_EVENTS][MAX_BYTES];
} record;

static void keep_event(void *user, const spnego_event *event)
{
    record *r = user;

    cr_assert_lt(r->num, (size_t)MAX_EVENTS);
    cr_assert_leq(event->bytes.len, (size_t)MAX_BYTES);
    r->events[r->num] = *event;
    if (event->bytes.data != NULL) {
        if (event->bytes.len != 0)
            memcpy(r->bytes[r->num], event->bytes.data, event->bytes.len);
        r->events[r->num].bytes.data = r->bytes[r->num];
    }
    r->num++;
}

/* The n-th event of a type, counted from 0; NULL if there are not so many. */
static const spnego_event *event_of(const record *r, spnego_event_type type, size_t n)
{
    for (size_t i = 0; i < r->num; i++)
        if (r->events[i].type == type && n-- == 0)
            return &r->events[i];
    return NULL;
}

static size_t count_of(const record *r, spnego_event_type type)
{
    size_t n = 0;

    while (event_of(r, type, n) != NULL)
        n++;
    return n;
}

/* Two sides whose events are kept: X is not to be had at the acceptor, so there are MICs. */
static void init_recorded(toy_pair *pair, record *i, record *a, int legs)
{
    memset(i, 0, sizeof *i);
    memset(a, 0, sizeof *a);
    pair_init(pair, TOY_INTEROPERABLE, "ZXY", "Y", legs, INTEG);
    pair->i.z.no_credential = 1;
    pair->i.config.user = i;
    pair->a.config.user = a;
    pair->i.config.on_event = pair->a.config.on_event = keep_event;
}

/* ---- Events -------------------------------------------------------------------------------- */

/* The tokens that were passed, as a carrier sees them. */
typedef struct wire {
    unsigned num;
    spnego_role from[16];
    uint8_t tokens[16][MAX_BYTES];
    size_t lens[16];
} wire;

static int tap(void *user, unsigned number, spnego_role from, uint8_t *token, size_t *len,
               size_t size)
{
    wire *w = user;

    (void)size;
    cr_assert_lt(number, 16u);
    cr_assert_leq(*len, (size_t)MAX_BYTES);
    memcpy(w->tokens[number], token, *len);
    w->lens[number] = *len;
    w->from[number] = from;
    w->num = number + 1;
    return 1;
}

Test(observing, tokens_and_steps)
{
    for (int legs = 1; legs <= 5; legs++) {
        record records[2];
        wire w = {.num = 0};
        toy_pair pair;

        init_recorded(&pair, &records[0], &records[1], legs);
        pair_run(&pair, tap, &w);
        for (int side = 0; side < 2; side++) {
            const spnego_role role = side == 0 ? SPNEGO_INITIATOR : SPNEGO_ACCEPTOR;
            const record *r = &records[side];
            const spnego_info *info = side == 0 ? &pair.i_end.info : &pair.a_end.info;
            size_t sent = 0, taken = 0;

            for (unsigned n = 0; n < w.num; n++) {
                const spnego_bytes token = {w.tokens[n], w.lens[n]};
                const spnego_event *event = w.from[n] == role
                                                ? event_of(r, SPNEGO_EVENT_TOKEN_OUT, sent++)
                                                : event_of(r, SPNEGO_EVENT_TOKEN_IN, taken++);

                cr_assert_not_null(event, "token %u of role %d", n, (int)role);
                cr_expect(same_octets(event->bytes, token), "token %u of role %d", n, (int)role);
            }
            cr_expect_eq(count_of(r, SPNEGO_EVENT_TOKEN_OUT), sent);
            cr_expect_eq(count_of(r, SPNEGO_EVENT_TOKEN_IN), taken);
            cr_expect_eq(count_of(r, SPNEGO_EVENT_STEP), info->num_steps);
            for (size_t n = 0; n < info->num_steps; n++) {
                const spnego_event *event = event_of(r, SPNEGO_EVENT_STEP, n);
                const int last = n + 1 == info->num_steps;

                cr_expect_eq(event->step, n + 1);
                cr_expect_eq(event->status, last ? SPNEGO_COMPLETE : SPNEGO_CONTINUE);
                cr_expect_eq(event->rule, SPNEGO_RULE_NONE);
            }
            for (size_t n = 0; n < r->num; n++) {
                cr_expect_eq(r->events[n].role, (int)role);
                cr_expect_geq(r->events[n].step, 1u);
                cr_expect_leq(r->events[n].step, info->num_steps);
                cr_expect_not_null(r->events[n].state);
            }
            cr_expect_eq(r->events[r->num - 1].type, SPNEGO_EVENT_STEP, "the step is the last");
        }
        pair_check("events", &pair, DONE, DONE);
    }
}

Test(observing, lengths_of_a_step)
{
    toy_pair pair;
    record i, a;

    init_recorded(&pair, &i, &a, 1);
    pair_run(&pair, NULL, NULL);
    for (size_t n = 0; n < 2; n++) {
        cr_expect_eq(event_of(&i, SPNEGO_EVENT_STEP, n)->out_len,
                     event_of(&a, SPNEGO_EVENT_STEP, n)->in_len);
        cr_expect_eq(event_of(&a, SPNEGO_EVENT_STEP, n)->out_len,
                     event_of(&i, SPNEGO_EVENT_STEP, n + 1)->in_len);
        cr_expect_eq(event_of(&a, SPNEGO_EVENT_TOKEN_IN, n)->bytes.len,
                     event_of(&a, SPNEGO_EVENT_STEP, n)->in_len);
    }
    cr_expect_eq(event_of(&i, SPNEGO_EVENT_STEP, 0)->in_len, 0u);
    cr_expect_eq(event_of(&i, SPNEGO_EVENT_STEP, 2)->out_len, 0u);
    pair_check("lengths", &pair, DONE, DONE);
}

Test(observing, mechanisms)
{
    const spnego_event *event;
    toy_pair pair;
    record i, a;

    init_recorded(&pair, &i, &a, 2);
    pair_run(&pair, NULL, NULL);
    event = event_of(&i, SPNEGO_EVENT_MECH_SKIPPED, 0);
    cr_assert_not_null(event);
    cr_expect_str_eq(event->text, "toy-z");
    cr_expect(same_octets(event->bytes, toy_z.oid));
    event = event_of(&i, SPNEGO_EVENT_MECH_ABANDONED, 0);
    cr_assert_not_null(event);
    cr_expect_str_eq(event->text, "toy-x");
    cr_expect(same_octets(event->bytes, toy_x.oid));
    cr_expect_eq(count_of(&i, SPNEGO_EVENT_MECH_SKIPPED), 1u);
    cr_expect_eq(count_of(&i, SPNEGO_EVENT_MECH_ABANDONED), 1u);
    for (int side = 0; side < 2; side++) {
        const record *r = side == 0 ? &i : &a;

        cr_assert_eq(count_of(r, SPNEGO_EVENT_MECH_SELECTED), 1u);
        event = event_of(r, SPNEGO_EVENT_MECH_SELECTED, 0);
        cr_expect_str_eq(event->text, "toy-y");
        cr_expect(same_octets(event->bytes, toy_y.oid));
    }
    pair_check("mechanisms", &pair, DONE, DONE);
}

/* Once on each side, also where it is everybody's first choice. */
Test(observing, mechanism_selected_once)
{
    for (int legs = 1; legs <= 5; legs++) {
        toy_pair pair;

        pair_init(&pair, TOY_STRICT, "XY", "XY", legs, INTEG);
        pair_run(&pair, NULL, NULL);
        cr_expect_eq(pair.i.events[SPNEGO_EVENT_MECH_SELECTED], 1u);
        cr_expect_eq(pair.a.events[SPNEGO_EVENT_MECH_SELECTED], 1u);
        cr_expect_str_eq(pair.i.last[SPNEGO_EVENT_MECH_SELECTED].text, "toy-x");
        pair_check("selected", &pair, DONE, DONE);
    }
}

/* The number as it is on the wire, not as it is configured. */
Test(observing, selected_number_is_that_of_the_wire)
{
    const spnego_event *event;
    toy_side side;
    record a;

    memset(&a, 0, sizeof a);
    toy_side_init(&side, SPNEGO_ACCEPTOR, TOY_STRICT, "X", 2, INTEG);
    side.config.user = &a;
    side.config.on_event = keep_event;
    toy_side_open(&side);
    check_completes("MS-krb5", &side,
                    der_of(INIT(MECH_TYPES_OF(OID_MS_KRB5) MECH_TOKEN_OF(TOY("X/1")))), "?");
    event = event_of(&a, SPNEGO_EVENT_MECH_SELECTED, 0);
    cr_assert_not_null(event);
    cr_expect_str_eq(event->text, "toy-x");
    cr_expect(same_octets(event->bytes, toy_ms.oid));
    close_side("MS-krb5", &side);
}

Test(observing, mics)
{
    for (int legs = 1; legs <= 5; legs++) {
        record records[2];
        wire w = {.num = 0};
        toy_pair pair;

        init_recorded(&pair, &records[0], &records[1], legs);
        pair_run(&pair, tap, &w);
        for (int side = 0; side < 2; side++) {
            const record *r = &records[side];
            const spnego_event *required = event_of(r, SPNEGO_EVENT_MIC_REQUIRED, 0);
            const spnego_event *sent = event_of(r, SPNEGO_EVENT_MIC_SENT, 0);
            const spnego_event *verified = event_of(r, SPNEGO_EVENT_MIC_VERIFIED, 0);
            const spnego_event *in = NULL;
            spnego_token token;

            cr_assert(required != NULL && sent != NULL && verified != NULL, "%d legs", legs);
            cr_expect_null(event_of(r, SPNEGO_EVENT_MIC_REQUIRED, 1));
            cr_expect_null(event_of(r, SPNEGO_EVENT_MIC_SENT, 1));
            cr_expect_null(event_of(r, SPNEGO_EVENT_MIC_VERIFIED, 1));
            cr_expect(required < sent && required < verified, "required after it was made");
            cr_expect_not_null(required->text);
            cr_expect(same_octets(sent->bytes,
                                  event_of(&records[!side], SPNEGO_EVENT_MIC_VERIFIED, 0)->bytes));
            /* The token that the MIC came in. */
            for (size_t n = 0; (in = event_of(r, SPNEGO_EVENT_TOKEN_IN, n)) != NULL; n++)
                if (in->step == verified->step)
                    break;
            cr_assert_not_null(in);
            cr_assert_eq(spnego_token_decode(&token, NULL, in->bytes, 0), SPNEGO_RULE_NONE);
            cr_expect(same_octets(token.mech_list_mic, verified->bytes));
            /* Of the field, four octets before its contents here, or of the contents. */
            cr_expect_leq(verified->offset, (size_t)(token.mech_list_mic.data - in->bytes.data));
            cr_expect_geq(verified->offset + 4,
                          (size_t)(token.mech_list_mic.data - in->bytes.data));
        }
        pair_check("MICs", &pair, DONE, DONE);
    }
}

/* A failure is in the last event, with its rule; a refused call is none. */
Test(observing, failure)
{
    const spnego_event *event;
    spnego_bytes out;
    toy_side side;
    record i;
    size_t num;

    memset(&i, 0, sizeof i);
    toy_side_init(&side, SPNEGO_INITIATOR, TOY_STRICT, "XY", 2, INTEG);
    side.config.user = &i;
    side.config.on_event = keep_event;
    toy_side_open(&side);
    check_goes_on("first", &side, ABSENT, INIT_X);
    num = i.num;
    cr_expect_eq(spnego_context_step(side.context, &out, (spnego_bytes){NULL, 3}),
                 SPNEGO_ERR_USAGE);
    cr_expect_eq(i.num, num, "an event of a call that was refused");
    cr_expect_eq(spnego_context_step(side.context, &out, der_of(RESP(COMPLETED CHOSEN_Y))),
                 SPNEGO_ERR_PROTOCOL);
    cr_expect_eq(count_of(&i, SPNEGO_EVENT_STEP), 2u);
    cr_expect_eq(i.events[i.num - 1].type, SPNEGO_EVENT_STEP);
    event = event_of(&i, SPNEGO_EVENT_STEP, 1);
    cr_expect_eq(event->status, SPNEGO_ERR_PROTOCOL);
    cr_expect_eq(event->rule, SPNEGO_RULE_RESELECTED_UNPROTECTED);
    cr_expect_str_eq(event->state, "failed");
    num = i.num;
    cr_expect_eq(spnego_context_step(side.context, &out, der_of(REJECT)), SPNEGO_ERR_PROTOCOL);
    cr_expect_eq(i.num, num, "an event after the failure");
    close_side("failure", &side);
}

/* States are entered in their order, and the last one is what the context says. */
Test(observing, states)
{
    static const char *const initiator[] = {"first-reply", "token", "complete"};
    static const char *const acceptor[] = {"token", "mic", "complete"};
    toy_pair pair;
    record i, a;

    init_recorded(&pair, &i, &a, 2);
    pair_run(&pair, NULL, NULL);
    for (size_t n = 0; n < 3; n++) {
        cr_assert_not_null(event_of(&i, SPNEGO_EVENT_STATE, n));
        cr_assert_not_null(event_of(&a, SPNEGO_EVENT_STATE, n));
        cr_expect_str_eq(event_of(&i, SPNEGO_EVENT_STATE, n)->state, initiator[n]);
        cr_expect_str_eq(event_of(&a, SPNEGO_EVENT_STATE, n)->state, acceptor[n]);
    }
    cr_expect_null(event_of(&i, SPNEGO_EVENT_STATE, 3));
    cr_expect_null(event_of(&a, SPNEGO_EVENT_STATE, 3));
    pair_check("states", &pair, DONE, DONE);
}

/* A step that pauses keeps its number, and says so. */
Test(observing, paused_step)
{
    const spnego_event *event;
    toy_pair pair;
    record i, a;

    init_recorded(&pair, &i, &a, 2);
    pair.a.y.lie = TOY_PENDS;
    pair_run(&pair, NULL, NULL);
    event = event_of(&a, SPNEGO_EVENT_STEP, 1);
    cr_assert_not_null(event);
    cr_expect_eq(event->status, SPNEGO_PENDING);
    cr_expect_eq(event->step, 2u);
    event = event_of(&a, SPNEGO_EVENT_STEP, 2);
    cr_assert_not_null(event);
    cr_expect_eq(event->status, SPNEGO_CONTINUE);
    cr_expect_eq(event->step, 2u);
    pair_check("paused", &pair, DONE, DONE);
}

/* ---- Lines --------------------------------------------------------------------------------- */

/* The line of an error or an event, checked in every room from none to more than enough. */
static const char *check_line(const void *thing, int is_event)
{
    static char line[1024];
    char room[1024];
    const size_t len =
        is_event ? spnego_event_format(NULL, 0, thing) : spnego_error_format(NULL, 0, thing);

    cr_assert_lt(len, sizeof line - 2);
    cr_assert_gt(len, 0u);
    for (size_t size = 0; size <= len + 2; size++) {
        memset(room, 0x5a, sizeof room);
        cr_expect_eq(is_event ? spnego_event_format(room, size, thing)
                              : spnego_error_format(room, size, thing),
                     len, "in %zu octets", size);
        cr_expect_eq(room[size], 0x5a, "written beyond %zu octets", size);
        if (size != 0)
            cr_expect_eq(strlen(room), size <= len ? size - 1 : len, "in %zu octets", size);
        if (size == len + 1)
            memcpy(line, room, len + 1);
    }
    for (size_t size = 1; size <= len; size++) {
        (void)(is_event ? spnego_event_format(room, size, thing)
                        : spnego_error_format(room, size, thing));
        cr_expect_eq(memcmp(room, line, size - 1), 0, "%s is no beginning of %s", room, line);
    }
    for (size_t i = 0; i < len; i++)
        cr_expect(isprint((unsigned char)line[i]), "octet %zu of %s", i, line);
    cr_expect_null(strstr(line, "(null)"), "%s", line);
    return line;
}

Test(observing, error_lines)
{
    const spnego_error error = {.status = SPNEGO_ERR_BAD_MIC,
                                .rule = SPNEGO_RULE_MIC_WRONG,
                                .field = SPNEGO_FIELD_MECH_LIST_MIC,
                                .type = SPNEGO_NEG_TOKEN_RESP,
                                .offset = 31415,
                                .mech = "toy-x",
                                .mech_code = {-4711, TOY_GSS_MAJOR}};
    const spnego_error bare = {.status = SPNEGO_ERR_NO_MEMORY,
                               .rule = SPNEGO_RULE_MEMORY_EXHAUSTED,
                               .offset = SPNEGO_NO_OFFSET};
    const char *line = check_line(&error, 0);

    cr_expect_not_null(strstr(line, "BAD_MIC"), "%s", line);
    cr_expect_not_null(strstr(line, "MIC_WRONG"), "%s", line);
    cr_expect_not_null(
        strstr(line, spnego_field_name(SPNEGO_NEG_TOKEN_RESP, SPNEGO_FIELD_MECH_LIST_MIC)), "%s",
        line);
    cr_expect_not_null(strstr(line, "31415"), "%s", line);
    cr_expect_not_null(strstr(line, "toy-x"), "%s", line);
    cr_expect_not_null(strstr(line, "-4711"), "%s", line);
    line = check_line(&bare, 0);
    cr_expect_not_null(strstr(line, "NO_MEMORY"), "%s", line);
    cr_expect_not_null(strstr(line, "MEMORY_EXHAUSTED"), "%s", line);
    cr_expect_null(strstr(line, "1844674407"), "%s", line);
    cr_expect_null(strstr(line, "4294967295"), "%s", line);
}

Test(observing, error_lines_of_every_status_and_rule)
{
    size_t num_statuses, num_rules;
    const spnego_status_text *statuses = spnego_status_list(&num_statuses);
    const spnego_rule_text *rules = spnego_rule_list(&num_rules);

    for (size_t i = 0; i < num_statuses || i < num_rules; i++) {
        const spnego_error error = {.status = statuses[i % num_statuses].status,
                                    .rule = rules[i % num_rules].rule,
                                    .offset = i,
                                    .field = (spnego_field)(i % SPNEGO_NUM_FIELDS)};
        const char *line = check_line(&error, 0);

        cr_expect_not_null(strstr(line, statuses[i % num_statuses].name), "%s", line);
        cr_expect_not_null(strstr(line, rules[i % num_rules].name), "%s", line);
    }
}

/* No octet of a token reaches a log: neither as text nor in hexadecimal of either case. */
static void check_secret(const char *line, spnego_bytes bytes)
{
    enum { RUN = 4 };

    for (size_t i = 0; i + RUN <= bytes.len; i++) {
        char lower[2 * RUN + 1], upper[2 * RUN + 1], text[RUN + 1];

        for (size_t k = 0; k < RUN; k++) {
            snprintf(lower + 2 * k, 3, "%02x", bytes.data[i + k]);
            snprintf(upper + 2 * k, 3, "%02X", bytes.data[i + k]);
            text[k] = (char)bytes.data[i + k];
        }
        text[RUN] = '\0';
        cr_expect(strstr(line, lower) == NULL && strstr(line, upper) == NULL, "%s has %s", line,
                  lower);
        cr_expect(strlen(text) < RUN || strstr(line, text) == NULL, "%s has %s", line, text);
    }
}

Test(observing, event_lines)
{
    for (int legs = 1; legs <= 3; legs++) {
        record records[2];
        unsigned types = 0;
        toy_pair pair;

        init_recorded(&pair, &records[0], &records[1], legs);
        /* One failure, for its line. */
        pair.a.y.lie = legs == 3 ? TOY_FAILS : TOY_HONEST;
        toy_side_open(&pair.i);
        toy_side_open(&pair.a);
        (void)toy_exchange(&pair.i_end, &pair.a_end, pair.i.context, pair.a.context,
                           SPNEGO_ACCEPTOR, NULL, NULL);
        for (size_t n = 0; n < records[0].num + records[1].num; n++) {
            const spnego_event *event =
                n < records[0].num ? &records[0].events[n] : &records[1].events[n - records[0].num];
            const char *line = check_line(event, 1);

            types |= 1u << event->type;
            if (event->type == SPNEGO_EVENT_TOKEN_IN || event->type == SPNEGO_EVENT_TOKEN_OUT ||
                event->type == SPNEGO_EVENT_MIC_SENT || event->type == SPNEGO_EVENT_MIC_VERIFIED)
                check_secret(line, event->bytes);
            else if (event->text != NULL)
                cr_expect_not_null(strstr(line, event->text), "%s lacks %s", line, event->text);
            if (event->type == SPNEGO_EVENT_STATE)
                cr_expect_not_null(strstr(line, event->state), "%s", line);
            if (event->type == SPNEGO_EVENT_STEP) {
                cr_expect_not_null(strstr(line, status_name(event->status)), "%s", line);
                cr_expect(event->rule == SPNEGO_RULE_NONE ||
                              strstr(line, rule_name(event->rule)) != NULL,
                          "%s", line);
            }
        }
        /* There was one of each type but, where it failed, of the MICs. */
        cr_expect_eq(types | (legs == 3 ? 3u << SPNEGO_EVENT_MIC_SENT : 0),
                     ((1u << (SPNEGO_EVENT_STEP + 1)) - 1) & ~1u, "%x", types);
        close_side("lines", &pair.i);
        close_side("lines", &pair.a);
    }
}
