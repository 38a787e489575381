/*
 * A client and a server of xmpp.h, whose elements may be changed, replaced, or made up.
 *
 * The input: mechanism, legs, attempts, tolerances; then an octet a turn, 0 letting the element
 * pass.
 */
#include "negotiation.h"

#include <spnego/xmpp.h>

typedef struct end {
    toy_side toy;
    spnego_xmpp *session;
    spnego_status status;
    spnego_xmpp_element out;
    unsigned num_failures;
} end;

typedef struct meeting {
    end client, server;
    source from;
    unsigned max_attempts;
    int tampered;
    uint8_t setting[4];
} meeting;

static void fresh_toy(const meeting *m, end *e, spnego_role role)
{
    toy_side_init(&e->toy, role, TOY_INTEROPERABLE, "X", 1 + m->setting[1] % 5,
                  SPNEGO_FLAG_INTEG | SPNEGO_FLAG_CONF);
    e->toy.config.on_event = NULL;
    if (m->setting[1] & 0x80)
        e->toy.x.lie = TOY_PENDS;
}

static void open_end(const meeting *m, end *e, spnego_role role)
{
    static const spnego_sasl_mechanism offered[] = {SPNEGO_SASL_GSS_SPNEGO, SPNEGO_SASL_GSSAPI};
    spnego_xmpp_config config;

    spnego_xmpp_config_init(&config, sizeof config, role);
    config.mechanisms = offered;
    config.num_mechanisms = m->setting[0] & 2 ? 1 : 2;
    config.max_attempts = m->max_attempts;
    config.tolerate = (m->setting[3] & 3) | (m->setting[3] & 4 ? SPNEGO_XMPP_TAKE_EQUALS : 0);
    config.max_text = 2000;
    LAW(spnego_xmpp_create(&e->session, &config) == SPNEGO_COMPLETE);
    e->status = SPNEGO_CONTINUE;
}

/* Each element is one that xmpp.h can write, and its text strict base64. */
static void check_out(end *e)
{
    char xml[16384];
    uint8_t decoded[8192];
    size_t len = sizeof decoded;
    const spnego_bytes text = e->out.text;

    if (e->out.name == SPNEGO_XMPP_NOTHING)
        return;
    LAW(spnego_xmpp_write(xml, sizeof xml, &e->out) <= sizeof xml);
    if (e->out.name == SPNEGO_XMPP_FAILURE) {
        LAW(e->out.condition != SPNEGO_XMPP_NO_CONDITION);
        e->num_failures++;
    }
    if (text.len == 1)
        LAW(text.data[0] == '=' &&
            (e->out.name == SPNEGO_XMPP_AUTH || e->out.name == SPNEGO_XMPP_SUCCESS));
    else
        LAW(spnego_base64_decode(decoded, &len, NULL, (const char *)text.data, text.len, 0) ==
            SPNEGO_RULE_NONE);
}

static void note(end *e, spnego_status status)
{
    const spnego_xmpp_element nothing = {
        SPNEGO_XMPP_NOTHING, {NULL, 0}, {NULL, 0}, SPNEGO_XMPP_NO_CONDITION, {NULL, 0}};
    spnego_xmpp_element later;

    if (status == SPNEGO_ERR_USAGE) {
        LAW(e->out.name == SPNEGO_XMPP_NOTHING);
        return;
    }
    e->status = status;
    check_out(e);
    if (status == SPNEGO_COMPLETE)
        LAW(e->toy.x.complete && spnego_xmpp_sasl(e->session) != NULL);
    if (status < 0) {
        LAW(spnego_xmpp_sasl(e->session) == NULL);
        LAW(spnego_xmpp_receive(e->session, &later, &nothing) == status);
        LAW(later.name == SPNEGO_XMPP_NOTHING);
    }
}

static void begin(const meeting *m, end *e, spnego_role role, spnego_sasl_mechanism mechanism)
{
    spnego_sasl_config config;

    fresh_toy(m, e, role);
    spnego_sasl_config_init(&config, sizeof config, mechanism);
    config.negotiation = &e->toy.config;
    note(e, spnego_xmpp_begin(e->session, &e->out, &config));
}

static void settle(const meeting *m, end *e, spnego_role role)
{
    for (int i = 0; i < 8 && e->status == SPNEGO_PENDING; i++) {
        const char *const state = spnego_xmpp_state(e->session);

        if (strcmp(state, "begin") == 0)
            begin(m, e, role, spnego_xmpp_mechanism(e->session));
        else if (strcmp(state, "authorize") == 0)
            note(e, spnego_xmpp_authorize(e->session, &e->out, (m->setting[0] & 4) == 0));
        else
            note(e, spnego_xmpp_resume(e->session, &e->out));
    }
}

static void tamper(meeting *m, octets *text, spnego_xmpp_element *element)
{
    const uint8_t how = take(&m->from);
    spnego_bytes own;

    if (how == 0)
        return;
    m->tampered = 1;
    switch (how % 5) {
    case 0:
        element->name = (spnego_xmpp_name)(how / 5 % 8);
        break;
    case 1:
        if (text->len != 0)
            text->data[take(&m->from) % text->len] = take(&m->from);
        break;
    case 2:
        own = take_bytes(&m->from);
        octets_set(text, own);
        break;
    case 3:
        element->mechanism = take_bytes(&m->from);
        element->condition = (spnego_xmpp_condition)(how / 5 % 13);
        break;
    default:
        text->len = text->len != 0 ? take(&m->from) % text->len : 0;
        break;
    }
}

/* Hands over what one end says, or, where it says nothing, what is made up. */
static void pass(meeting *m, end *from, end *to, spnego_role role_of_to)
{
    spnego_xmpp_element in = from->out;
    octets text = {NULL, 0, 0};

    octets_set(&text, from->out.text);
    tamper(m, &text, &in);
    in.text = text.len != 0 ? octets_view(&text) : (spnego_bytes){NULL, 0};
    memset(&from->out, 0, sizeof from->out);
    if (in.name != SPNEGO_XMPP_NOTHING && to->status == SPNEGO_CONTINUE) {
        note(to, spnego_xmpp_receive(to->session, &to->out, &in));
        settle(m, to, role_of_to);
    }
    octets_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    meeting m;

    memset(&m, 0, sizeof m);
    m.from.data = data;
    m.from.len = size;
    for (size_t i = 0; i < sizeof m.setting; i++)
        m.setting[i] = take(&m.from);
    m.max_attempts = m.setting[2] % 6;
    open_end(&m, &m.client, SPNEGO_INITIATOR);
    open_end(&m, &m.server, SPNEGO_ACCEPTOR);
    for (int i = 0; i < 40 && m.client.status == SPNEGO_CONTINUE && m.server.status >= 0; i++) {
        if (strcmp(spnego_xmpp_state(m.client.session), "choose") == 0) {
            begin(&m, &m.client, SPNEGO_INITIATOR,
                  (m.setting[0] ^ i) & 1 ? SPNEGO_SASL_GSSAPI : SPNEGO_SASL_GSS_SPNEGO);
            settle(&m, &m.client, SPNEGO_INITIATOR);
        }
        pass(&m, &m.client, &m.server, SPNEGO_ACCEPTOR);
        pass(&m, &m.server, &m.client, SPNEGO_INITIATOR);
    }
    LAW(m.server.num_failures <= (m.max_attempts != 0 ? m.max_attempts : 3) + 1);
    if (!m.tampered && (m.setting[0] & 6) == 0)
        LAW(m.client.status == SPNEGO_COMPLETE && m.server.status == SPNEGO_COMPLETE);
    spnego_xmpp_destroy(m.client.session);
    spnego_xmpp_destroy(m.server.session);
    return 0;
}
