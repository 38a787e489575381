#include "http_peer.h"

#include <spnego/http.h>

enum { MAX_OPERATIONS = 24, MAX_SIDES = 4, MAX_FIELDS = 3, MAX_TEXT = 1 << 17 };

typedef struct run {
    watched side;              /* the first; its memory is that of all */
    toy_side later[MAX_SIDES]; /* after a restart                      */
    unsigned num_later;
    toy_side *now;
    spnego_http *http;
    spnego_http_config config;
    spnego_status status;
    int failed;
    size_t longest; /* header field that was made */

    toy_side honest_toy;
    spnego_http *honest;
    octets said; /* what this side said last, "name: value\n", for the honest peer */
    int said_code;
    source from;
} run;

/* ---- What must hold -------------------------------------------------------------------------- */

static int is_client(const run *r)
{
    return r->config.role == SPNEGO_INITIATOR;
}

static void check_memory(const run *r)
{
    const spnego_config *const config = &r->side.toy.config;
    const size_t max_token =
        config->limits.max_token != 0 ? config->limits.max_token : (size_t)65536;
    const size_t max_value = r->config.max_value != 0 ? r->config.max_value : SPNEGO_HTTP_MAX_VALUE;
    size_t live = 0;

    for (size_t i = 0; i < r->side.num_live; i++)
        live += r->side.live[i].size;
    LAW(live <= 8192 + 3 * max_value + 3 * r->longest + 8 * max_token);
}

/* A field that is given out is well-formed, and its token is one. */
static void check_field(run *r, const spnego_http_field *field)
{
    const spnego_http_header header = spnego_http_header_of(field->name);
    const int is_proxy = (r->config.options & SPNEGO_HTTP_PROXY) != 0;
    spnego_http_auth auth;
    uint8_t *token;
    size_t len;

    if (header == SPNEGO_HTTP_PERSISTENT_AUTH) {
        LAW(!is_client(r) && !is_proxy && r->status == SPNEGO_COMPLETE);
        return;
    }
    if (is_client(r))
        LAW(header == (is_proxy ? SPNEGO_HTTP_PROXY_AUTHORIZATION : SPNEGO_HTTP_AUTHORIZATION));
    else
        LAW(header == (is_proxy ? SPNEGO_HTTP_PROXY_AUTHENTICATE : SPNEGO_HTTP_WWW_AUTHENTICATE));
    LAW(spnego_http_credentials(&auth, NULL, field->value) == SPNEGO_RULE_NONE);
    LAW(auth.scheme == SPNEGO_HTTP_NEGOTIATE && auth.params.data == NULL);
    LAW(auth.token68.data != NULL || !is_client(r));
    if (auth.token68.data == NULL)
        return;
    len = auth.token68.len;
    token = malloc(len);
    LAW(token != NULL);
    LAW(spnego_base64_decode(token, &len, NULL, (const char *)auth.token68.data, auth.token68.len,
                             0) == SPNEGO_RULE_NONE &&
        len != 0);
    free(token);
}

static void check_info(const run *r)
{
    spnego_http_info info;
    const int is_known = spnego_http_get_info(r->http, &info);

    LAW(is_known == (strcmp(spnego_http_state(r->http), "established") == 0));
    if (!is_known) {
        LAW(info.negotiation.mech == NULL && !info.confirmed && !info.persistent);
        return;
    }
    LAW(!r->failed);
    if (info.confirmed) {
        const toy_mech *const toy = info.negotiation.mech->self;

        LAW(toy->complete);
        LAW((info.negotiation.flags & r->side.toy.config.required_flags) ==
            r->side.toy.config.required_flags);
    } else {
        LAW(is_client(r) && (r->config.options & SPNEGO_HTTP_TAKE_UNCONFIRMED) &&
            r->side.toy.config.required_flags == 0 &&
            !(r->side.toy.config.options & SPNEGO_OPTION_REQUIRE_MIC));
    }
}

static void check_turn(run *r, const spnego_http_turn *turn, int had_failed)
{
    LAW(turn->num_fields <= 2);
    LAW(!turn->restart || (r->status == SPNEGO_CONTINUE && turn->num_fields == 0));
    LAW(!is_client(r) || turn->code == 0);
    if (had_failed || r->status == SPNEGO_ERR_USAGE || r->status == SPNEGO_PENDING) {
        LAW(turn->code == 0 && turn->num_fields == 0);
    } else if (r->status < 0) {
        LAW(is_client(r) ? turn->num_fields == 0 : turn->code >= 400);
    } else if (!is_client(r) && !turn->restart) {
        LAW((turn->code == 0) == (r->status == SPNEGO_COMPLETE));
        LAW(turn->code == 0 || (turn->num_fields == 1 && (turn->code == 401 || turn->code == 407)));
    }
    for (size_t i = 0; i < turn->num_fields; i++) {
        check_field(r, &turn->fields[i]);
        if (turn->fields[i].value.len > r->longest)
            r->longest = turn->fields[i].value.len;
    }
}

static void note(run *r, spnego_status status, const spnego_http_turn *turn)
{
    const int had_failed = r->failed;
    const spnego_error *error = spnego_http_error(r->http);
    const int32_t words[] = {status, turn->code, turn->restart, (int32_t)error->rule};

    LAW(!had_failed || status == r->status);
    r->status = status;
    check_turn(r, turn, had_failed);
    if (status < 0 && status != SPNEGO_ERR_USAGE) {
        r->failed = 1;
        LAW(error->status == status && error->rule != SPNEGO_RULE_NONE);
    }
    check_info(r);
    check_memory(r);
    octets_add(&r->side.trace, words, sizeof words);
    if (status == SPNEGO_ERR_USAGE || turn->restart)
        return;
    r->said.len = 0;
    r->said_code = turn->code != 0 ? turn->code : 200;
    for (size_t i = 0; i < turn->num_fields; i++) {
        octets_add(&r->said, turn->fields[i].name.data, turn->fields[i].name.len);
        octets_add(&r->said, "\n", 1);
        octets_add(&r->said, turn->fields[i].value.data, turn->fields[i].value.len);
        octets_add(&r->said, "\n", 1);
    }
    octets_add(&r->side.trace, r->said.data, r->said.len);
}

/* ---- Messages -------------------------------------------------------------------------------- */

/* Exact copies, so that a sanitizer sees what is read past them. */
static void receive(run *r, int code, const spnego_http_field *fields, size_t num_fields)
{
    spnego_http_field copies[MAX_FIELDS];
    const spnego_http_message message = {code, copies, num_fields};
    spnego_http_turn turn;
    spnego_status status;

    for (size_t i = 0; i < num_fields; i++) {
        copies[i].name = (spnego_bytes){copy_exactly(fields[i].name.data, fields[i].name.len),
                                        fields[i].name.len};
        copies[i].value = (spnego_bytes){copy_exactly(fields[i].value.data, fields[i].value.len),
                                         fields[i].value.len};
        r->side.fed += fields[i].value.len;
    }
    status = spnego_http_receive(r->http, &turn, &message);
    for (size_t i = 0; i < num_fields; i++) {
        free((void *)(uintptr_t)copies[i].name.data);
        free((void *)(uintptr_t)copies[i].value.data);
    }
    note(r, status, &turn);
}

/* The fields of what was said last. */
static size_t said_fields(spnego_http_field *out, const run *r)
{
    const uint8_t *at = r->said.data;
    size_t left = r->said.len, num = 0;

    while (left != 0 && num < MAX_FIELDS) {
        spnego_bytes *const parts[] = {&out[num].name, &out[num].value};

        for (int i = 0; i < 2; i++) {
            const uint8_t *const end = memchr(at, '\n', left);

            *parts[i] = (spnego_bytes){at, (size_t)(end - at)};
            left -= parts[i]->len + 1;
            at = end + 1;
        }
        num++;
    }
    return num;
}

static void honest_answer(run *r, int is_changed)
{
    spnego_http_field fields[MAX_FIELDS];
    const spnego_http_message asked = {is_client(r) ? 0 : r->said_code, fields,
                                       said_fields(fields, r)};
    spnego_http_turn turn;
    spnego_http_field changed[2];
    uint8_t *copy;

    if (r->honest == NULL)
        return;
    if (!is_client(r) && r->said.len == 0 && r->said_code == 200)
        (void)!spnego_http_start(r->honest, &turn);
    else
        (void)!spnego_http_receive(r->honest, &turn, &asked);
    memcpy(changed, turn.fields, sizeof changed);
    if (is_changed && turn.num_fields != 0) {
        const size_t at = take(&r->from) | (size_t)take(&r->from) << 8;

        copy = copy_exactly(changed[0].value.data, changed[0].value.len);
        copy[at % changed[0].value.len] ^= (uint8_t)(take(&r->from) | 1);
        changed[0].value.data = copy;
        receive(r, is_client(r) ? (turn.code != 0 ? turn.code : 200) : 0, changed, turn.num_fields);
        free(copy);
        return;
    }
    receive(r, is_client(r) ? (turn.code != 0 ? turn.code : 200) : 0, changed, turn.num_fields);
}

/* A value: as it is; behind "Negotiate "; or in base64 behind that. */
static spnego_bytes make_value(char *room, uint8_t kind, spnego_bytes octets_in)
{
    const size_t head = 10;
    size_t len;

    memcpy(room, "Negotiate ", head);
    switch (kind & 3) {
    case 0:
        return octets_in;
    case 1:
        len = octets_in.len < MAX_TEXT - head ? octets_in.len : MAX_TEXT - head;
        if (len != 0)
            memcpy(room + head, octets_in.data, len);
        return (spnego_bytes){(const uint8_t *)room, head + len};
    case 2:
        len = spnego_base64_encode(room + head, MAX_TEXT - head, octets_in);
        return (spnego_bytes){(const uint8_t *)room, head + len};
    default:
        return (spnego_bytes){(const uint8_t *)room, head - 1};
    }
}

static void any_message(run *r)
{
    static const int codes[] = {200, 401, 407, 100, 101, 302, 403, 500, 99, 1000, 0, -1};
    static const char *const names[] = {
        "WWW-Authenticate", "Authorization", "Proxy-Authenticate", "Proxy-Authorization",
        "Persistent-Auth",  "Proxy-Support", "wwW-authenticatE",   "Other"};
    static char rooms[MAX_FIELDS][MAX_TEXT];
    spnego_http_field fields[MAX_FIELDS];
    const uint8_t which = take(&r->from);
    const size_t num = take(&r->from) % (MAX_FIELDS + 1);
    const int code =
        is_client(r) || which & 0x80 ? codes[(which & 0x7f) % (sizeof codes / sizeof codes[0])] : 0;

    for (size_t i = 0; i < num; i++) {
        const uint8_t kind = take(&r->from);
        const char *const name = names[kind >> 2 & 7];

        fields[i].name = (spnego_bytes){(const uint8_t *)name, strlen(name)};
        fields[i].value = make_value(rooms[i], kind, take_bytes(&r->from));
    }
    receive(r, code, fields, num);
}

static void ask(run *r, int code)
{
    const int is_proxy = (r->config.options & SPNEGO_HTTP_PROXY) != 0;
    const char *const name = is_proxy ? "Proxy-Authenticate" : "WWW-Authenticate";
    const spnego_http_field field = {{(const uint8_t *)name, strlen(name)},
                                     {(const uint8_t *)"Negotiate", 9}};

    if (is_client(r) && code != 200)
        receive(r, is_proxy ? 407 : 401, &field, 1);
    else
        receive(r, is_client(r) ? code : 0, NULL, 0);
}

/* ---- Sides ----------------------------------------------------------------------------------- */

static void on_event(void *user, const spnego_event *event)
{
    run *const r = user; /* the side is its first member */
    const spnego_http_message message = {is_client(r) ? 401 : 0, NULL, 0};
    spnego_http_turn turn;

    (void)event;
    if (r->http == NULL)
        return;
    LAW(spnego_http_receive(r->http, &turn, &message) == SPNEGO_ERR_USAGE && turn.num_fields == 0);
    LAW(spnego_http_resume(r->http, &turn) == SPNEGO_ERR_USAGE);
    LAW(spnego_http_start(r->http, &turn) == SPNEGO_ERR_USAGE);
    LAW(spnego_http_restart(r->http, &r->side.toy.config) == SPNEGO_ERR_USAGE);
    spnego_http_destroy(r->http);
}

/* Mechanisms that do what those of `from` do, and are unused. */
static void copy_scripts(toy_side *to, const toy_side *from, int is_acceptor)
{
    toy_mech *const toys[] = {&to->x, &to->y, &to->z, &to->ms};
    const toy_mech *const scripts[] = {&from->x, &from->y, &from->z, &from->ms};

    for (size_t i = 0; i < NUM_TOYS; i++) {
        toys[i]->acceptor = is_acceptor;
        toys[i]->legs = scripts[i]->legs;
        toys[i]->flags = scripts[i]->flags;
        toys[i]->late_flags = scripts[i]->late_flags;
        toys[i]->empty_legs = scripts[i]->empty_legs;
        toys[i]->token_len = scripts[i]->token_len;
        toys[i]->symmetric = scripts[i]->symmetric;
    }
}

static void restart(run *r)
{
    toy_side *const fresh = &r->later[r->num_later];
    spnego_config config = r->side.toy.config;
    spnego_status status;

    if (r->num_later == MAX_SIDES)
        return;
    toy_side_init(fresh, r->config.role, TOY_INTEROPERABLE, "XYZM", 1, 0);
    copy_scripts(fresh, &r->side.toy, r->config.role == SPNEGO_ACCEPTOR);
    config.mechs = fresh->mechs;
    config.num_mechs = NUM_TOYS;
    status = spnego_http_restart(r->http, &config);
    if (status == SPNEGO_ERR_USAGE)
        return;
    r->num_later++;
    r->failed = status < 0;
    r->status = status < 0 ? status : SPNEGO_CONTINUE;
    r->said.len = 0;
    r->said_code = 200;
    check_info(r);
}

static void set_up(run *r, spnego_role role, watch_mode mode)
{
    spnego_config *const config = &r->side.toy.config;

    side_set_up(&r->side, role, mode, &r->from);
    config->max_fragment = 0;
    config->options &= ~SPNEGO_OPTION_TAKE_FRAGMENTS;
    config->on_event = mode == WATCH_BY_EVENTS ? on_event : NULL;
    for (size_t i = 0; i < NUM_TOYS; i++) /* these call on a context, which is not theirs to know */
        if (r->side.toys[i]->lie == TOY_REENTERS || r->side.toys[i]->lie == TOY_DESTROYS ||
            r->side.toys[i]->lie == TOY_REENTERS_IN_MIC)
            r->side.toys[i]->lie = TOY_HONEST;
    spnego_http_config_init(&r->config, sizeof r->config, role);
    r->config.negotiation = config;
    r->config.options = take(&r->from);
    r->config.options &=
        role == SPNEGO_INITIATOR
            ? SPNEGO_HTTP_PROXY | SPNEGO_HTTP_BEHIND_PROXY | SPNEGO_HTTP_DELEGATE |
                  SPNEGO_HTTP_TAKE_UNCONFIRMED
            : SPNEGO_HTTP_PROXY | SPNEGO_HTTP_BOUND | SPNEGO_HTTP_REBIND | SPNEGO_HTTP_ERROR_TOKEN;
    r->config.base64 = take(&r->from);
    r->config.max_value = r->config.base64 & 4 ? 400 : 0;
    r->config.base64 &= 3;
    r->config.host = (spnego_bytes){(const uint8_t *)"host", 4};
}

static void set_up_honest(run *r)
{
    const int is_acceptor = is_client(r);
    spnego_http_config config;

    toy_side_init(&r->honest_toy, is_acceptor ? SPNEGO_ACCEPTOR : SPNEGO_INITIATOR,
                  TOY_INTEROPERABLE, "XYZM", 1, 0);
    copy_scripts(&r->honest_toy, &r->side.toy, is_acceptor);
    r->honest_toy.config.on_event = NULL;
    spnego_http_config_init(&config, sizeof config, r->honest_toy.config.role);
    config.negotiation = &r->honest_toy.config;
    config.options = r->config.options & SPNEGO_HTTP_PROXY;
    LAW(spnego_http_create(&r->honest, NULL, &config) == SPNEGO_COMPLETE);
}

static void operate(run *r)
{
    spnego_http_turn turn;
    spnego_status status;

    switch (take(&r->from) & 7) {
    case 0:
        honest_answer(r, 0);
        return;
    case 1:
        honest_answer(r, 1);
        return;
    case 2:
        any_message(r);
        return;
    case 3:
        status = spnego_http_start(r->http, &turn);
        note(r, status, &turn);
        return;
    case 4:
        status = spnego_http_resume(r->http, &turn);
        note(r, status, &turn);
        return;
    case 5:
        restart(r);
        return;
    case 6:
        ask(r, 401);
        return;
    default:
        ask(r, 200);
    }
}

static void check_toys(const toy_side *toy)
{
    LAW(toy->x.after_end + toy->y.after_end + toy->z.after_end + toy->ms.after_end == 0);
}

void run_http(spnego_role role, octets *trace, watch_mode mode, source from)
{
    static run r;
    spnego_error error;

    memset(&r, 0, sizeof r);
    r.from = from;
    r.said_code = 200;
    set_up(&r, role, mode);
    r.status = spnego_http_create(&r.http, &error, &r.config);
    LAW((r.http != NULL) == (r.status == SPNEGO_COMPLETE) && error.status == r.status);
    LAW(r.status == SPNEGO_COMPLETE || r.status == SPNEGO_ERR_NO_MECH ||
        r.status == SPNEGO_ERR_NO_MEMORY || r.status == SPNEGO_ERR_USAGE);
    if (r.http != NULL) {
        set_up_honest(&r);
        for (int i = 0; i < MAX_OPERATIONS && r.from.len != 0; i++)
            operate(&r);
    }
    spnego_http_destroy(r.http);
    r.http = NULL;
    spnego_http_destroy(r.honest);
    LAW(r.side.num_live == 0);
    check_toys(&r.side.toy);
    for (unsigned i = 0; i < r.num_later; i++)
        check_toys(&r.later[i]);
    octets_free(&r.said);
    *trace = r.side.trace;
}
