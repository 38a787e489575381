/*
 * Elements out of an XML stream (xmpp_xml.h), and a client and a server whose elements travel as
 * XML, with the security layer right behind <success/>.
 */
#include <spnego/xmpp_xml.h>

#include <criterion/criterion.h>
#include <expat.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "toy_mech.h"

#define HEADER \
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' " \
    "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
#define NS "urn:ietf:params:xml:ns:xmpp-sasl"

static spnego_bytes bytes_of(const char *text)
{
    return (spnego_bytes){(const uint8_t *)text, strlen(text)};
}

/* ---- What is read, as one line an item ------------------------------------------------------- */

typedef struct log_text {
    char text[2048];
    size_t len;
} log_text;

static void say(log_text *log, const char *what, spnego_bytes octets)
{
    log->len +=
        (size_t)snprintf(log->text + log->len, sizeof log->text - log->len, "%s%.*s", what,
                         (int)octets.len, octets.data != NULL ? (const char *)octets.data : "");
}

static void say_item(log_text *log, const spnego_xmpp_xml_item *item)
{
    static const char *const kinds[] = {"", "stream", "features", "", "other", "end"};

    say(log, log->len != 0 ? "; " : "", bytes_of(kinds[item->kind]));
    say(log, "", bytes_of(spnego_xmpp_name_text(item->element.name)));
    if (item->element.mechanism.data != NULL)
        say(log, " mechanism=", item->element.mechanism);
    if (item->element.text.data != NULL)
        say(log, " text=", item->element.text);
    say(log, item->element.condition != SPNEGO_XMPP_NO_CONDITION ? " condition=" : "",
        bytes_of(spnego_xmpp_condition_text(item->element.condition)));
    if (item->element.message.data != NULL)
        say(log, " message=", item->element.message);
    for (size_t i = 0; i < item->num_mechanisms; i++)
        say(log, " offers=", item->mechanisms[i]);
}

/* Reads `text` in pieces of `piece` octets, until it is read, or refused. */
static spnego_status read_all(log_text *log, spnego_error *error, spnego_bytes text, size_t piece)
{
    spnego_xmpp_xml *const reader = spnego_xmpp_xml_create(400, 5);
    spnego_status status = SPNEGO_CONTINUE;

    log->len = 0;
    log->text[0] = '\0';
    while (text.len != 0 && status >= 0) {
        const size_t len = piece < text.len ? piece : text.len;
        uint8_t *const copy = malloc(len);
        spnego_bytes in = {copy, len};

        memcpy(copy, text.data, len);
        while (in.len != 0 && status >= 0) {
            spnego_xmpp_xml_item item;
            size_t taken;

            status = spnego_xmpp_xml_receive(reader, &item, &taken, in);
            cr_assert_leq(taken, in.len);
            cr_assert(status != SPNEGO_CONTINUE || taken == in.len);
            in.data += taken;
            in.len -= taken;
            if (status == SPNEGO_COMPLETE)
                say_item(log, &item);
        }
        free(copy);
        text.data += len;
        text.len -= len;
    }
    *error = *spnego_xmpp_xml_error(reader);
    if (status < 0 && status != SPNEGO_ERR_USAGE) {
        spnego_xmpp_xml_item item;
        size_t taken;

        cr_expect_eq(spnego_xmpp_xml_receive(reader, &item, &taken, bytes_of("<x/>")), status);
        cr_expect_eq(taken, 0u);
    }
    spnego_xmpp_xml_destroy(reader);
    return status;
}

typedef struct row {
    const char *text;
    const char *items;
    spnego_rule rule;
} row;

/* clang-format off */
static const row rows[] = {
    {HEADER, "stream", SPNEGO_RULE_NONE},
    {HEADER "</stream:stream>", "stream; end", SPNEGO_RULE_NONE},
    /* SASL-03, SASL-04, SASL-06, SASL-13 */
    {HEADER "<stream:features><mechanisms xmlns='" NS "'><mechanism>GSS-SPNEGO</mechanism>"
     "<hostname xmlns='urn:xmpp:domain-based-name:1'>h</hostname><mechanism>GSSAPI</mechanism>"
     "</mechanisms><bind xmlns='urn:x'/></stream:features>",
     "stream; features offers=GSS-SPNEGO offers=GSSAPI", SPNEGO_RULE_NONE},
    {HEADER "<stream:features/>", "stream; features", SPNEGO_RULE_NONE},
    {HEADER "<stream:features><mechanism xmlns='" NS "'>X</mechanism></stream:features>",
     "stream; features", SPNEGO_RULE_NONE},
    /* SASL-19, SASL-21, SASL-22, SASL-30 */
    {HEADER "<auth xmlns='" NS "' mechanism='GSSAPI'>=</auth>", "stream; auth mechanism=GSSAPI text==", SPNEGO_RULE_NONE},
    {HEADER "<auth xmlns='" NS "'/>", "stream; auth", SPNEGO_RULE_NONE},
    {HEADER "<auth xmlns='" NS "' mechanism=''/>", "stream; auth mechanism=", SPNEGO_RULE_NONE},
    {HEADER "<s:auth xmlns:s='" NS "' s:mechanism='X' mechanism='Y'>YQ&#61;&#x3d;</s:auth>", "stream; auth mechanism=Y text=YQ==", SPNEGO_RULE_NONE},
    {HEADER "<challenge xmlns='" NS "'></challenge><response xmlns='" NS "'>AA<x>no</x>AA</response>",
     "stream; challenge; response text=AAAA", SPNEGO_RULE_NONE},
    {HEADER "<success xmlns='" NS "'><![CDATA[AAAA]]></success>", "stream; success text=AAAA", SPNEGO_RULE_NONE},
    {HEADER "<success xmlns='" NS "'><![CDATA[A>'A]]]]>AA</success >", "stream; success text=A>'A]]AA", SPNEGO_RULE_NONE},
    {HEADER "<auth xmlns='" NS "' mechanism='a>b'/><auth xmlns='" NS "' mechanism=\"'>\">></auth>", "stream; auth mechanism=a>b; auth mechanism='> text=>", SPNEGO_RULE_NONE},
    {HEADER "<abort xmlns='" NS "'/>", "stream; abort", SPNEGO_RULE_NONE},
    /* SASL-42, SASL-43, SASL-44 */
    {HEADER "<failure xmlns='" NS "'><not-authorized/><text xml:lang='en'>Go away &amp; stay</text></failure>",
     "stream; failure condition=not-authorized message=Go away & stay", SPNEGO_RULE_NONE},
    {HEADER "<failure xmlns='" NS "'><aborted xmlns='urn:x'/><account-disabled/></failure>", "stream; failure condition=account-disabled", SPNEGO_RULE_NONE},
    {HEADER "<failure xmlns='" NS "'><no-such-thing/></failure>", "stream; failure condition=not-authorized", SPNEGO_RULE_NONE},
    {HEADER "<failure xmlns='" NS "'/>", "stream; failure", SPNEGO_RULE_NONE},
    /* other namespaces, other names */
    {HEADER "<success xmlns='urn:other'>AAAA</success>", "stream; other", SPNEGO_RULE_NONE},
    {HEADER "<success>AAAA</success>", "stream; other", SPNEGO_RULE_NONE},
    {HEADER "<mechanisms xmlns='" NS "'/><x><success xmlns='" NS "'/></x>", "stream; other; other", SPNEGO_RULE_NONE},
    /* SASL-14: nothing is sent between elements; white space is let pass */
    {HEADER " \r\n\t<abort xmlns='" NS "'/>", "stream; abort", SPNEGO_RULE_NONE},
    {HEADER "x<abort xmlns='" NS "'/>", "stream", SPNEGO_RULE_XMPP_XML_FORBIDDEN},
    /* RFC 6120 11.1 */
    {"<!DOCTYPE a [<!ENTITY x 'y'>]>" HEADER, "", SPNEGO_RULE_XMPP_XML_FORBIDDEN},
    {HEADER "<!-- -->", "stream", SPNEGO_RULE_XMPP_XML_FORBIDDEN},
    {"<?x y?>" HEADER, "", SPNEGO_RULE_XMPP_XML_FORBIDDEN},
    {HEADER "<>", "stream", SPNEGO_RULE_XMPP_XML_MALFORMED},
    {HEADER "<?x y?>", "stream", SPNEGO_RULE_XMPP_XML_FORBIDDEN},
    {HEADER "<auth xmlns='" NS "'>&x;</auth>", "stream", SPNEGO_RULE_XMPP_XML_MALFORMED},
    {"<stream xmlns='urn:x'>", "", SPNEGO_RULE_XMPP_XML_MALFORMED},
    {HEADER "<a></b>", "stream", SPNEGO_RULE_XMPP_XML_MALFORMED},
    {HEADER "<success xmlns='" NS "'>\xff</success>", "stream", SPNEGO_RULE_XMPP_XML_MALFORMED},
    {HEADER "<p:success/>", "stream", SPNEGO_RULE_XMPP_XML_MALFORMED},
    {HEADER "<a><b><c><d/></c></b></a>", "stream; other", SPNEGO_RULE_NONE},
    {HEADER "<a><b><c><d><e/></d></c></b></a>", "stream", SPNEGO_RULE_XMPP_XML_TOO_DEEP},
};
/* clang-format on */

Test(xmpp_xml, whole_and_in_pieces)
{
    for (size_t i = 0; i < LEN(rows); i++)
        for (size_t piece = 1; piece <= 512; piece = piece < 12 ? piece + 1 : piece * 2 + 1) {
            log_text log;
            spnego_error error;
            const spnego_status status = read_all(&log, &error, bytes_of(rows[i].text), piece);

            cr_expect_str_eq(log.text, rows[i].items, "%s by %zu: %s", rows[i].text, piece,
                             log.text);
            cr_expect_eq(status < 0, rows[i].rule != SPNEGO_RULE_NONE, "%s by %zu", rows[i].text,
                         piece);
            cr_expect_eq(error.rule, rows[i].rule, "%s by %zu: %s", rows[i].text, piece,
                         spnego_rule_describe(error.rule)->name);
        }
}

/* An item of 400 octets is taken, one of 401 is not, however it comes. */
Test(xmpp_xml, an_item_has_a_limit)
{
    static const char before[] = "<success xmlns='" NS "'>", after[] = "</success>";
    char text[1024];

    for (size_t len = 400; len <= 401; len++)
        for (size_t piece = 1; piece <= 512; piece *= 2) {
            log_text log;
            spnego_error error;
            const size_t filling = len - strlen(before) - strlen(after);

            snprintf(text, sizeof text, HEADER "%s%0*d%s", before, (int)filling, 0, after);
            (void)read_all(&log, &error, bytes_of(text), piece);
            cr_expect_eq(error.rule, len == 400 ? SPNEGO_RULE_NONE : SPNEGO_RULE_XMPP_XML_TOO_LONG,
                         "%zu by %zu", len, piece);
        }
}

Test(xmpp_xml, more_mechanisms_than_are_kept)
{
    spnego_xmpp_xml *const reader = spnego_xmpp_xml_create(0, 0);
    char text[8192] = HEADER "<stream:features><mechanisms xmlns='" NS "'>";
    spnego_bytes in;
    spnego_xmpp_xml_item item;
    size_t taken;

    for (int i = 0; i < 100; i++)
        strcat(text, "<mechanism>GSSAPI</mechanism>");
    strcat(text, "</mechanisms></stream:features>");
    in = bytes_of(text);
    cr_assert_eq(spnego_xmpp_xml_receive(reader, &item, &taken, in), SPNEGO_COMPLETE);
    in.data += taken;
    in.len -= taken;
    cr_assert_eq(spnego_xmpp_xml_receive(reader, &item, &taken, in), SPNEGO_COMPLETE);
    cr_expect_eq(item.num_mechanisms, 32u);
    cr_expect_eq(taken, in.len);
    spnego_xmpp_xml_destroy(reader);
    spnego_xmpp_xml_destroy(NULL);
}

/* SASL-51: what stands behind <success/> is not read, whatever it is. */
Test(xmpp_xml, stops_right_behind_success)
{
    static const char *const forms[] = {"<success xmlns='" NS "'/>",
                                        "<success xmlns='" NS "'>AAAA</success>",
                                        "<s:success xmlns:s='" NS "'>AAAA</s:success >"};
    static const char behind[] = "\0\0\0\x17<not xml";

    for (size_t i = 0; i < LEN(forms); i++)
        for (size_t split = 0; split <= strlen(forms[i]); split++) {
            spnego_xmpp_xml *const reader = spnego_xmpp_xml_create(0, 0);
            uint8_t text[512];
            const size_t len = strlen(forms[i]) + sizeof behind;
            spnego_xmpp_xml_item item;
            size_t taken, first;

            memcpy(text, forms[i], strlen(forms[i]));
            memcpy(text + strlen(forms[i]), behind, sizeof behind);
            cr_assert_eq(spnego_xmpp_xml_receive(reader, &item, &taken, bytes_of(HEADER)),
                         SPNEGO_COMPLETE);
            if (split == strlen(forms[i]))
                cr_assert_eq(
                    spnego_xmpp_xml_receive(reader, &item, &first, (spnego_bytes){text, split}),
                    SPNEGO_COMPLETE);
            else {
                cr_assert_eq(
                    spnego_xmpp_xml_receive(reader, &item, &first, (spnego_bytes){text, split}),
                    SPNEGO_CONTINUE);
                cr_assert_eq(first, split);
                cr_assert_eq(spnego_xmpp_xml_receive(reader, &item, &taken,
                                                     (spnego_bytes){text + split, len - split}),
                             SPNEGO_COMPLETE);
                cr_expect_eq(split + taken, strlen(forms[i]));
            }
            cr_expect_eq(item.element.name, SPNEGO_XMPP_SUCCESS);
            spnego_xmpp_xml_destroy(reader);
        }
}

/* ---- Memory ---------------------------------------------------------------------------------- */

/* The linker's --wrap leads the reader's calls here; the parser is made with a memory suite. */
void *__real_malloc(size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void __wrap_free(void *memory);
XML_Parser __wrap_XML_ParserCreateNS(const XML_Char *encoding, XML_Char separator);

static struct {
    int is_on;
    unsigned fail_at; /* the allocation with this number, 1 being the first; 0: none */
    int for_ever;     /* and all that follow it                                      */
    unsigned num_allocs, num_failed;
    int num_blocks; /* not given back */
    size_t octets, peak;
    size_t num_parsers;
} memory;

typedef union block {
    size_t size;
    max_align_t align;
} block;

static int is_refused(void)
{
    memory.num_allocs++;
    if (memory.num_allocs != memory.fail_at &&
        (!memory.for_ever || memory.num_allocs < memory.fail_at))
        return 0;
    memory.num_failed++;
    return 1;
}

static void *lend(size_t size)
{
    block *const b = is_refused() ? NULL : __real_malloc(sizeof *b + size);

    if (b == NULL)
        return NULL;
    b->size = size;
    memory.num_blocks++;
    memory.octets += size;
    memory.peak = memory.octets > memory.peak ? memory.octets : memory.peak;
    return b + 1;
}

static void take_back(void *lent)
{
    block *const b = lent;

    if (b == NULL)
        return;
    memory.num_blocks--;
    memory.octets -= b[-1].size;
    __real_free(b - 1);
}

static void *lend_again(void *lent, size_t size)
{
    const block *const b = lent;
    void *const more = lend(size);

    if (more != NULL && b != NULL) {
        memcpy(more, b, b[-1].size < size ? b[-1].size : size);
        take_back(lent);
    }
    return more;
}

void *__wrap_malloc(size_t size)
{
    return memory.is_on ? lend(size) : __real_malloc(size);
}

void __wrap_free(void *lent)
{
    if (memory.is_on)
        take_back(lent);
    else
        __real_free(lent);
}

XML_Parser __wrap_XML_ParserCreateNS(const XML_Char *encoding, XML_Char separator)
{
    static const XML_Memory_Handling_Suite suite = {lend, lend_again, take_back};
    const XML_Char separators[2] = {separator, '\0'};

    memory.num_parsers++;
    return XML_ParserCreate_MM(encoding, &suite, separators);
}

static void begin_memory(unsigned fail_at, int for_ever)
{
    memset(&memory, 0, sizeof memory);
    memory.fail_at = fail_at;
    memory.for_ever = for_ever;
    memory.is_on = 1;
}

/* As read_all, with items of any length; memory is the reader's. */
static spnego_status read_counted(log_text *log, spnego_rule *rule, spnego_bytes text, size_t piece,
                                  size_t max_item)
{
    spnego_xmpp_xml *const reader = spnego_xmpp_xml_create(max_item, 0);
    spnego_status status = reader != NULL ? SPNEGO_CONTINUE : SPNEGO_ERR_NO_MEMORY;
    spnego_xmpp_xml_item item;
    size_t taken;

    log->len = 0;
    log->text[0] = '\0';
    *rule = reader != NULL ? SPNEGO_RULE_NONE : SPNEGO_RULE_MEMORY_EXHAUSTED;
    while (text.len != 0 && status >= 0) {
        const spnego_bytes in = {text.data, piece < text.len ? piece : text.len};

        status = spnego_xmpp_xml_receive(reader, &item, &taken, in);
        text.data += taken;
        text.len -= taken;
        if (status == SPNEGO_COMPLETE && log->len < sizeof log->text / 2)
            say_item(log, &item);
        if (status < 0)
            *rule = spnego_xmpp_xml_error(reader)->rule;
        if (status < 0 && status != SPNEGO_ERR_USAGE)
            cr_expect_eq(spnego_xmpp_xml_receive(reader, &item, &taken, text), status);
    }
    spnego_xmpp_xml_destroy(reader);
    return status;
}

static void fail_each(const char *text, size_t piece, size_t max_item)
{
    log_text clean, got;
    spnego_rule clean_rule, rule;
    spnego_status clean_status, status;

    begin_memory(0, 0);
    clean_status = read_counted(&clean, &clean_rule, bytes_of(text), piece, max_item);
    cr_expect_eq(memory.num_blocks, 0, "%s: %d blocks are lost", text, memory.num_blocks);
    for (int for_ever = 0; for_ever <= 1; for_ever++)
        for (unsigned at = 1;; at++) {
            begin_memory(at, for_ever);
            status = read_counted(&got, &rule, bytes_of(text), piece, max_item);
            memory.is_on = 0;
            cr_expect_eq(memory.num_blocks, 0, "%s: failure %u: %d blocks are lost", text, at,
                         memory.num_blocks);
            if (memory.num_failed == 0)
                break;
            cr_expect_eq(status, SPNEGO_ERR_NO_MEMORY, "%s: failure %u", text, at);
            cr_expect_eq(rule, SPNEGO_RULE_MEMORY_EXHAUSTED, "%s: failure %u", text, at);
            cr_expect_eq(strncmp(got.text, clean.text, got.len), 0, "%s: failure %u: %s", text, at,
                         got.text);
        }
    cr_expect_eq(status, clean_status, "%s", text);
    cr_expect_eq(rule, clean_rule, "%s", text);
    cr_expect_str_eq(got.text, clean.text, "%s", text);
}

Test(xmpp_xml, each_allocation_fails)
{
    for (size_t i = 0; i < LEN(rows); i++)
        for (size_t piece = 1; piece <= 512; piece *= 8)
            fail_each(rows[i].text, piece, 400);
    /* Long enough for another parser. */
    fail_each(HEADER "<a/><b/><c/><d/><e x='y'/><success xmlns='" NS "'>AAAA</success>", 512, 150);
}

static unsigned write_names(char *out, size_t size, const char *format)
{
    unsigned num = 0;
    size_t len = (size_t)snprintf(out, size, HEADER);

    for (; size - len > 200; num++)
        len += (size_t)snprintf(out + len, size - len, format, num, num, num);
    snprintf(out + len, size - len, "<success xmlns='" NS "'>AAAA</success>");
    return num;
}

/* A parser keeps names: of elements, of attributes, of namespaces. */
Test(xmpp_xml, memory_does_not_grow_with_the_stream)
{
    static const char *const formats[] = {"<a%x/>",
                                          "<a b%x='' c%x='' d%x=''/>",
                                          "<a xmlns:b%x=''/>",
                                          "<a xmlns:b%x='c'/>",
                                          "<b:a%x xmlns:b='c%x'>%x</b:a%x>",
                                          "<a%x xmlns='b%x'/> <c/>"};
    static char text[1 << 20];

    for (size_t i = 0; i < LEN(formats); i++) {
        log_text log;
        spnego_rule rule;

        (void)write_names(text, sizeof text, formats[i]);
        begin_memory(0, 0);
        (void)read_counted(&log, &rule, bytes_of(text), 512, 1000);
        memory.is_on = 0;
        cr_expect_leq(memory.peak, 65536u, "%s: %zu octets", formats[i], memory.peak);
        /* Each of them reads the start tag again. */
        cr_expect_leq(memory.num_parsers, 1 + sizeof text / 1000, "%s: %zu parsers", formats[i],
                      memory.num_parsers);
        cr_expect_eq(memory.num_blocks, 0);
    }
}

/* Behind a new parser the stream is still the same: its namespaces, its end, its depth. */
Test(xmpp_xml, what_the_stream_said_outlives_a_parser)
{
    static char text[65536];
    log_text log;
    spnego_error error;
    spnego_xmpp_xml_item item;
    spnego_xmpp_xml *reader;
    spnego_status status = SPNEGO_COMPLETE;
    unsigned num, items = 0;

    num = write_names(text, sizeof text, "<stream:features/><a%x/>");
    strcat(text, "</stream:stream>");
    for (size_t piece = 1; piece <= 4096; piece *= 16) {
        spnego_bytes in = bytes_of(text);

        reader = spnego_xmpp_xml_create(200, 3);
        for (items = 0; in.len != 0 && status >= 0; items += status == SPNEGO_COMPLETE) {
            const spnego_bytes part = {in.data, piece < in.len ? piece : in.len};
            size_t taken;

            status = spnego_xmpp_xml_receive(reader, &item, &taken, part);
            in.data += taken;
            in.len -= taken;
            if (status == SPNEGO_COMPLETE && items > 0 && items <= 2 * num)
                cr_expect_eq(item.kind,
                             items % 2 == 1 ? SPNEGO_XMPP_XML_FEATURES : SPNEGO_XMPP_XML_OTHER);
        }
        cr_expect_eq(items, 2 * num + 3);
        cr_expect_eq(item.kind, SPNEGO_XMPP_XML_END);
        spnego_xmpp_xml_destroy(reader);
    }
    write_names(text, 1400, "<a%x/>");
    strcat(text, "<a><b><c><d/></c></b></a>");
    (void)read_all(&log, &error, bytes_of(text), 4096);
    cr_expect_eq(error.rule, SPNEGO_RULE_NONE);
    strcpy(text + strlen(text) - strlen("</c></b></a>"), "<d><e/></d></c></b></a>");
    (void)read_all(&log, &error, bytes_of(text), 4096);
    cr_expect_eq(error.rule, SPNEGO_RULE_XMPP_XML_TOO_DEEP);
}

/* ---- A client and a server ------------------------------------------------------------------- */

typedef struct xmpp_side {
    toy_side toy;
    spnego_xmpp *session;
    spnego_xmpp_xml *reader;
    spnego_status status;
    spnego_xmpp_element out;
} xmpp_side;

static void begin(xmpp_side *s, spnego_sasl_mechanism mechanism)
{
    spnego_sasl_config config;

    spnego_sasl_config_init(&config, sizeof config, mechanism);
    config.negotiation = &s->toy.config;
    s->status = spnego_xmpp_begin(s->session, &s->out, &config);
}

static void open_side(xmpp_side *s, spnego_role role)
{
    static const spnego_sasl_mechanism offered[] = {SPNEGO_SASL_GSS_SPNEGO, SPNEGO_SASL_GSSAPI};
    spnego_xmpp_config config;

    memset(s, 0, sizeof *s);
    toy_side_init(&s->toy, role, TOY_STRICT, "X", 3, SPNEGO_FLAG_INTEG | SPNEGO_FLAG_CONF);
    spnego_xmpp_config_init(&config, sizeof config, role);
    config.mechanisms = offered;
    config.num_mechanisms = 2;
    cr_assert_eq(spnego_xmpp_create(&s->session, &config), SPNEGO_COMPLETE);
    s->reader = spnego_xmpp_xml_create(0, 0);
}

static void close_side(xmpp_side *s)
{
    spnego_xmpp_destroy(s->session);
    spnego_xmpp_xml_destroy(s->reader);
}

/* Hands over text; what is not taken of it belongs to the layer. */
static size_t read_xml(xmpp_side *s, spnego_bytes in)
{
    spnego_xmpp_xml_item item;
    size_t taken, all = 0;

    while (in.len != 0 && s->status == SPNEGO_CONTINUE) {
        const spnego_status status = spnego_xmpp_xml_receive(s->reader, &item, &taken, in);

        cr_assert_geq(status, 0);
        in.data += taken;
        in.len -= taken;
        all += taken;
        if (status == SPNEGO_COMPLETE && item.kind == SPNEGO_XMPP_XML_ELEMENT)
            s->status = spnego_xmpp_receive(s->session, &s->out, &item.element);
        if (strcmp(spnego_xmpp_state(s->session), "begin") == 0)
            begin(s, spnego_xmpp_mechanism(s->session));
        if (strcmp(spnego_xmpp_state(s->session), "authorize") == 0)
            s->status = spnego_xmpp_authorize(s->session, &s->out, 1);
    }
    return all;
}

static spnego_bytes xml_of(const xmpp_side *s)
{
    static char text[1024];
    const size_t len = spnego_xmpp_write(text, sizeof text, &s->out);

    cr_assert(len != 0 && len <= sizeof text);
    return (spnego_bytes){(const uint8_t *)text, len};
}

static void run(spnego_sasl_mechanism mechanism)
{
    xmpp_side client, server;
    uint8_t wire[2048];
    spnego_turn turn;
    spnego_bytes xml;
    size_t len, taken;

    open_side(&client, SPNEGO_INITIATOR);
    open_side(&server, SPNEGO_ACCEPTOR);
    client.status = server.status = SPNEGO_CONTINUE;
    (void)read_xml(&client, bytes_of(HEADER));
    (void)read_xml(&server, bytes_of(HEADER));
    begin(&client, mechanism);
    while (server.status == SPNEGO_CONTINUE) {
        cr_assert_eq(client.status, SPNEGO_CONTINUE);
        (void)read_xml(&server, xml_of(&client));
        if (server.status == SPNEGO_CONTINUE)
            (void)read_xml(&client, xml_of(&server));
    }
    cr_assert_eq(server.status, SPNEGO_COMPLETE);
    /* <success/> and the server's first buffer in one piece. */
    xml = xml_of(&server);
    memcpy(wire, xml.data, xml.len);
    cr_assert_eq(spnego_sasl_send(spnego_xmpp_sasl(server.session), &turn, bytes_of("<stream>")),
                 SPNEGO_COMPLETE);
    memcpy(wire + xml.len, turn.out.data, turn.out.len);
    len = xml.len + turn.out.len;
    taken = read_xml(&client, (spnego_bytes){wire, len});
    cr_assert_eq(taken, xml.len);
    cr_assert_eq(client.status, SPNEGO_COMPLETE);
    cr_assert_eq(spnego_sasl_receive(spnego_xmpp_sasl(client.session), &turn,
                                     (spnego_bytes){wire + taken, len - taken}),
                 SPNEGO_COMPLETE);
    cr_expect(same_octets(turn.data, bytes_of("<stream>")));
    close_side(&client);
    close_side(&server);
}

/* SASL-51 */
Test(xmpp_xml, both_mechanisms_over_xml)
{
    run(SPNEGO_SASL_GSS_SPNEGO);
    run(SPNEGO_SASL_GSSAPI);
}

/* ---- What xmpp.h writes ---------------------------------------------------------------------- */

Test(xmpp_xml, what_is_written_is_read)
{
    static const spnego_sasl_mechanism own[] = {SPNEGO_SASL_GSSAPI, SPNEGO_SASL_GSS_SPNEGO};
    const spnego_bytes offered[] = {bytes_of("PLAIN"), bytes_of("GSS-SPNEGO"), bytes_of("GSSAPI")};
    char text[512], small[512];

    const size_t len = spnego_xmpp_write_mechanisms(text, sizeof text, own, 2);

    text[len] = '\0';
    cr_expect_str_eq(text, "<mechanisms xmlns='" NS "'><mechanism>GSSAPI</mechanism>"
                           "<mechanism>GSS-SPNEGO</mechanism></mechanisms>");
    memset(small, '!', sizeof small);
    cr_expect_eq(spnego_xmpp_write_mechanisms(small, len - 1, own, 2), len);
    cr_expect_eq(small[0], '!', "all or nothing");
    cr_expect_eq(spnego_xmpp_write_mechanisms(small, len, own, 2), len);
    cr_expect_eq(small[len], '!');

    /* SASL-05, SASL-07: its own order, and nothing that is not on its list. */
    cr_expect_eq(spnego_xmpp_choose(own, 2, offered, 3), SPNEGO_SASL_GSSAPI);
    cr_expect_eq(spnego_xmpp_choose(own, 2, offered, 2), SPNEGO_SASL_GSS_SPNEGO);
    cr_expect_eq(spnego_xmpp_choose(own, 2, offered, 1), SPNEGO_SASL_NONE);
    cr_expect_eq(spnego_xmpp_choose(own, 0, offered, 3), SPNEGO_SASL_NONE);
}

Test(xmpp_xml, what_needs_escapes)
{
    spnego_xmpp_element element = {.name = SPNEGO_XMPP_AUTH, .mechanism = bytes_of("a<b&'c")};
    char text[512] = HEADER;
    log_text log;
    spnego_error error;
    const size_t at = strlen(text);

    text[at + spnego_xmpp_write(text + at, sizeof text - at, &element)] = '\0';
    cr_expect_geq(read_all(&log, &error, bytes_of(text), 512), 0);
    cr_expect_str_eq(log.text, "stream; auth mechanism=a<b&'c");
    element = (spnego_xmpp_element){.name = SPNEGO_XMPP_RESPONSE, .text = bytes_of("a<b/>&'c]]>")};
    text[at + spnego_xmpp_write(text + at, sizeof text - at, &element)] = '\0';
    cr_expect_geq(read_all(&log, &error, bytes_of(text), 512), 0);
    cr_expect_str_eq(log.text, "stream; response text=a<b/>&'c]]>");
    element.name = SPNEGO_XMPP_NOTHING;
    cr_expect_eq(spnego_xmpp_write(text, sizeof text, &element), 0u);
}
