/*
 * A client of XMPP, as far as its second stream: connects, chooses a mechanism of those offered,
 * authenticates over MIT's raw Kerberos, and opens the new stream.
 *
 *     xmpp_client PORT MECHANISM      prints what goes over the wire, and at the end "ok: ..."
 */
#include <spnego/xmpp_xml.h>

#include <arpa/inet.h>
#include <gssapi/gssapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../mech_gss.h"

static int fd;
static uint8_t room[65536];
static spnego_bytes unread; /* of `room` */
static spnego_sasl *layer;  /* once there is one */

static void fail(const char *what)
{
    printf("FAILED: %s\n", what);
    exit(1);
}

static void send_text(const char *text, size_t len)
{
    const spnego_bytes data = {(const uint8_t *)text, len};
    spnego_turn turn = {{(const uint8_t *)text, len}, {NULL, 0}, len};

    printf("C: %.*s\n", (int)len, text);
    if (layer != NULL && spnego_sasl_send(layer, &turn, data) != SPNEGO_COMPLETE)
        fail("the layer");
    if (write(fd, turn.out.data, turn.out.len) != (ssize_t)turn.out.len)
        fail("write");
}

static void send_header(void)
{
    static const char header[] =
        "<stream:stream to='srv.rig.test' version='1.0' xmlns='jabber:client' "
        "xmlns:stream='http://etherx.jabber.org/streams'>";

    send_text(header, sizeof header - 1);
}

static void send_element(const spnego_xmpp_element *element)
{
    char xml[16384];
    const size_t len = spnego_xmpp_write(xml, sizeof xml, element);

    if (len > sizeof xml)
        fail("too long an element");
    if (len != 0)
        send_text(xml, len);
}

/* The next item; what is behind it stays for the next, or for the layer. */
static spnego_xmpp_xml_item next_item(spnego_xmpp_xml *reader)
{
    spnego_xmpp_xml_item item;
    spnego_status status;
    spnego_turn turn;
    size_t taken;

    for (;;) {
        spnego_bytes in = unread;

        if (in.len == 0) {
            const ssize_t n = read(fd, room, sizeof room);

            if (n <= 0)
                fail("the server is gone");
            in.data = room;
            in.len = (size_t)n;
            printf("S: %.*s\n", (int)in.len, (const char *)in.data);
        }
        unread = in;
        if (layer != NULL) {
            if (spnego_sasl_receive(layer, &turn, in) != SPNEGO_COMPLETE)
                fail("the layer");
            unread.data += turn.taken;
            unread.len -= turn.taken;
            in = turn.data;
        }
        status = spnego_xmpp_xml_receive(reader, &item, &taken, in);
        if (layer == NULL) {
            unread.data += taken;
            unread.len -= taken;
        }
        if (status < 0)
            fail(spnego_rule_describe(spnego_xmpp_xml_error(reader)->rule)->sentence);
        if (status == SPNEGO_COMPLETE)
            return item;
    }
}

static void connect_to(int port)
{
    struct sockaddr_in address;

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((uint16_t)port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        fail("connect");
}

int main(int argc, char **argv)
{
    mech_gss krb5 = {.role = SPNEGO_INITIATOR};
    const spnego_mech mech = mech_gss_krb5(&krb5);
    spnego_sasl_mechanism own;
    spnego_xmpp_xml *reader = spnego_xmpp_xml_create(0, 0);
    spnego_xmpp_xml_item item;
    spnego_xmpp_element out;
    spnego_xmpp *session;
    spnego_xmpp_config config;
    spnego_sasl_config sasl;
    spnego_config negotiation;
    spnego_status status;
    spnego_sasl_info info;
    char line[200];

    if (argc != 3)
        return 2;
    own = spnego_sasl_find((spnego_bytes){(const uint8_t *)argv[2], strlen(argv[2])});
    connect_to(atoi(argv[1]));
    send_header();
    do
        item = next_item(reader);
    while (item.kind != SPNEGO_XMPP_XML_FEATURES);
    own = spnego_xmpp_choose(&own, 1, item.mechanisms, item.num_mechanisms);
    if (own == SPNEGO_SASL_NONE)
        fail("not offered");
    spnego_xmpp_config_init(&config, sizeof config, SPNEGO_INITIATOR);
    spnego_config_init(&negotiation, sizeof negotiation, SPNEGO_INITIATOR);
    negotiation.mechs = &mech;
    negotiation.num_mechs = 1;
    spnego_sasl_config_init(&sasl, sizeof sasl, own);
    sasl.negotiation = &negotiation;
    sasl.target = (spnego_bytes){(const uint8_t *)"xmpp@srv.rig.test", 17};
    sasl.layers = SPNEGO_SASL_NO_LAYER;
    if (spnego_xmpp_create(&session, &config) != SPNEGO_COMPLETE)
        fail("create");
    status = spnego_xmpp_begin(session, &out, &sasl);
    while (status == SPNEGO_CONTINUE && strcmp(spnego_xmpp_state(session), "choose") != 0) {
        send_element(&out);
        item = next_item(reader);
        if (item.kind == SPNEGO_XMPP_XML_ELEMENT)
            status = spnego_xmpp_receive(session, &out, &item.element);
        else
            memset(&out, 0, sizeof out);
    }
    if (status != SPNEGO_COMPLETE) {
        spnego_error_format(line, sizeof line, spnego_xmpp_error(session));
        fail(line);
    }
    (void)spnego_sasl_get_info(spnego_xmpp_sasl(session), &info);
    layer = info.layer != SPNEGO_SASL_NO_LAYER ? spnego_xmpp_sasl(session) : NULL;
    spnego_xmpp_xml_destroy(reader);
    reader = spnego_xmpp_xml_create(0, 0);
    send_header();
    do
        item = next_item(reader);
    while (item.kind != SPNEGO_XMPP_XML_FEATURES);
    if (item.num_mechanisms != 0)
        fail("mechanisms are offered once more");
    printf("ok: %s, and the features of the new stream\n", argv[2]);
    spnego_xmpp_xml_destroy(reader);
    spnego_xmpp_destroy(session);
    mech_gss_release(&krb5);
    return 0;
}
