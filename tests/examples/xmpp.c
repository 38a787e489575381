/*
 * SASL as XMPP carries it, a client and a server in one program: what each says is printed as the
 * XML that goes over the wire.  The elements pass as structs; a program that reads them from a
 * stream has an XML parser, or takes xmpp_xml.h.
 */
#include <spnego/spnego.h>

#include <stdio.h>

#include "toy.h"

typedef struct side {
    const char *who;
    spnego_role role;
    knock mechanism;
    spnego_xmpp *session;
    spnego_xmpp_element out;
} side;

static const spnego_sasl_mechanism mechanisms[] = {SPNEGO_SASL_GSS_SPNEGO, SPNEGO_SASL_GSSAPI};

static void print(const char *who, const spnego_xmpp_element *element)
{
    char xml[1024];
    const size_t len = spnego_xmpp_write(xml, sizeof xml, element);

    if (len != 0 && len <= sizeof xml)
        printf("%s: %.*s\n", who, (int)len, xml);
}

static int create(side *s, const char *who, spnego_role role)
{
    spnego_xmpp_config config;

    s->who = who;
    s->role = role;
    spnego_xmpp_config_init(&config, sizeof config, role);
    config.mechanisms = mechanisms;
    config.num_mechanisms = 2;
    return spnego_xmpp_create(&s->session, &config) == SPNEGO_COMPLETE;
}

/* Each attempt has mechanisms of its own. */
static spnego_status begin(side *s, spnego_sasl_mechanism mechanism)
{
    const spnego_mech mech = {&krb5_ops, &s->mechanism, NULL, 0};
    spnego_config negotiation;
    spnego_sasl_config config;

    s->mechanism.acceptor = s->role == SPNEGO_ACCEPTOR;
    s->mechanism.num_seen = 0;
    spnego_config_init(&negotiation, sizeof negotiation, s->role);
    negotiation.mechs = &mech;
    negotiation.num_mechs = 1;
    spnego_sasl_config_init(&config, sizeof config, mechanism);
    config.negotiation = &negotiation;
    config.target.data = (const uint8_t *)"xmpp@chat.example";
    config.target.len = 17;
    return spnego_xmpp_begin(s->session, &s->out, &config);
}

/* Takes what the other said, and answers what the session asks of its host. */
static spnego_status receive(side *s, const spnego_xmpp_element *in)
{
    spnego_status status = spnego_xmpp_receive(s->session, &s->out, in);

    if (status == SPNEGO_PENDING && strcmp(spnego_xmpp_state(s->session), "begin") == 0)
        status = begin(s, spnego_xmpp_mechanism(s->session));
    if (status == SPNEGO_PENDING && strcmp(spnego_xmpp_state(s->session), "authorize") == 0)
        status = spnego_xmpp_authorize(s->session, &s->out, 1);
    print(s->who, &s->out);
    return status;
}

/* Behind <success/> the stream begins anew, in the security layer. */
static int talk(side *from, side *to, const char *text)
{
    const spnego_bytes data = {(const uint8_t *)text, strlen(text)};
    spnego_turn sent, heard;

    if (spnego_sasl_send(spnego_xmpp_sasl(from->session), &sent, data) != SPNEGO_COMPLETE ||
        spnego_sasl_receive(spnego_xmpp_sasl(to->session), &heard, sent.out) != SPNEGO_COMPLETE)
        return 0;
    printf("%s, in %zu octets of the layer: %.*s\n", from->who, sent.out.len, (int)heard.data.len,
           (const char *)heard.data.data);
    return heard.data.len == data.len;
}

int main(void)
{
    const spnego_bytes offered[] = {{(const uint8_t *)"SCRAM-SHA-1", 11},
                                    {(const uint8_t *)"GSS-SPNEGO", 10}};
    side client, server;
    spnego_status of_client, of_server = SPNEGO_CONTINUE;
    int good = 0;

    memset(&client, 0, sizeof client);
    memset(&server, 0, sizeof server);
    if (create(&client, "client", SPNEGO_INITIATOR) && create(&server, "server", SPNEGO_ACCEPTOR)) {
        of_client = begin(&client, spnego_xmpp_choose(mechanisms, 2, offered, 2));
        print(client.who, &client.out);
        while (of_client == SPNEGO_CONTINUE && of_server == SPNEGO_CONTINUE) {
            of_server = receive(&server, &client.out);
            if (of_server >= 0)
                of_client = receive(&client, &server.out);
        }
        good = of_client == SPNEGO_COMPLETE && of_server == SPNEGO_COMPLETE &&
               talk(&client, &server, "<stream:stream ...>") &&
               talk(&server, &client, "<stream:stream id=...>");
    }
    spnego_xmpp_destroy(client.session);
    spnego_xmpp_destroy(server.session);
    return !good;
}
