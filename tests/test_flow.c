/*
 * Streams put back together: whatever the network does to the segments, the same octets come out,
 * in bounded memory; and headers of packets, whose lengths nobody vouches for.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/flow.h"
#include "inspect/fragment.h"

enum { STREAM_LEN = 3000 };

/* What came out of a side. */
typedef struct came {
    uint8_t octets[2][2 * STREAM_LEN];
    size_t len[2];
    uint64_t frame[2];
    int gaps[2];
    int closed;
    char order[64]; /* a letter for each delivery: a side */
    size_t num_order;
} came;

static void take_octets(void *user, inspect_connection *connection, int side, spnego_bytes octets,
                        const inspect_stamp *stamp)
{
    came *to = user;
    const int from = connection->endpoints[side].port == 40000 ? 0 : 1;

    cr_assert_leq(octets.len, sizeof to->octets[0] - to->len[from]);
    memcpy(to->octets[from] + to->len[from], octets.data, octets.len);
    to->len[from] += octets.len;
    if (to->num_order + 1 < sizeof to->order)
        to->order[to->num_order++] = from == 0 ? 'a' : 'b';
    cr_assert_geq(stamp->frame, to->frame[from]);
    to->frame[from] = stamp->frame;
}

static void take_gap(void *user, inspect_connection *connection, int side)
{
    ((came *)user)->gaps[connection->endpoints[side].port == 40000 ? 0 : 1]++;
}

static void take_close(void *user, inspect_connection *connection)
{
    (void)connection;
    ((came *)user)->closed++;
}

static uint8_t octet_at(size_t i, int side)
{
    return (uint8_t)(i * 7 + i / 251 + (size_t)side * 97);
}

/* A segment of either direction of one connection. */
typedef struct segment {
    int side;
    int syn;
    uint32_t isn;
    size_t at, len;
} segment;

static uint8_t sent[2][STREAM_LEN];

static void fill_sent(void)
{
    for (int side = 0; side < 2; side++)
        for (size_t i = 0; i < STREAM_LEN; i++)
            sent[side][i] = octet_at(i, side);
}

static inspect_segment packet_of(const segment *s)
{
    inspect_segment packet;

    memset(&packet, 0, sizeof packet);
    packet.src.port = s->side == 0 ? 40000 : 80;
    packet.dst.port = s->side == 0 ? 80 : 40000;
    packet.src.address[0] = s->side == 0 ? 10 : 11;
    packet.dst.address[0] = s->side == 0 ? 11 : 10;
    packet.syn = s->syn;
    packet.ack = s->syn && s->side == 1;
    packet.seq = s->isn + (s->syn ? 0 : 1 + (uint32_t)s->at);
    packet.payload.data = sent[s->side] + s->at;
    packet.payload.len = s->len;
    return packet;
}

static inspect_flow_sink sink_of(came *to)
{
    const inspect_flow_sink sink = {to, take_octets, take_gap, take_close};

    memset(to, 0, sizeof *to);
    return sink;
}

static void run(came *to, const segment *segments, size_t num)
{
    const inspect_flow_sink sink = sink_of(to);
    inspect_flow flow;

    cr_assert(inspect_flow_begin(&flow, &sink));
    for (size_t i = 0; i < num; i++) {
        const inspect_segment packet = packet_of(&segments[i]);
        const inspect_stamp stamp = {i + 1, 0, 0};
        inspect_flow_put(&flow, &packet, &stamp);
    }
    inspect_flow_end(&flow);
    cr_assert_eq(flow.held, 0);
    cr_assert_not(flow.failed);
}

static void must_be_whole(const came *to, int side, size_t len)
{
    cr_assert_eq(to->len[side], len, "side %d: %zu of %zu octets", side, to->len[side], len);
    cr_assert_arr_eq(to->octets[side], sent[side], len);
    cr_assert_eq(to->gaps[side], 0);
}

Test(flow, two_segments_at_every_place_in_both_orders)
{
    static came to;

    fill_sent();
    for (size_t cut = 1; cut < 200; cut++) {
        const segment parts[] = {{0, 1, 0xffffff80, 0, 0},
                                 {0, 0, 0xffffff80, cut, 200 - cut},
                                 {0, 0, 0xffffff80, 0, cut}};
        const segment in_order[] = {parts[0], parts[2], parts[1]};

        run(&to, parts, 3);
        must_be_whole(&to, 0, 200);
        run(&to, in_order, 3);
        must_be_whole(&to, 0, 200);
        cr_assert_eq(to.closed, 1);
    }
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* Both directions cut anyhow, with parts sent again and cut in another way. */
static size_t make_segments(segment *out, uint32_t *state, const uint32_t *isn)
{
    size_t num = 0;

    for (int side = 0; side < 2; side++)
        out[num++] = (segment){side, 1, isn[side], 0, 0};
    for (int side = 0; side < 2; side++) {
        for (size_t at = 0, len; at < STREAM_LEN; at += len) {
            len = 1 + next_random(state) % 200;
            if (len > STREAM_LEN - at)
                len = STREAM_LEN - at;
            out[num++] = (segment){side, 0, isn[side], at, len};
            if (next_random(state) % 4 == 0) {
                const size_t back = next_random(state) % (at + 1) % 90;
                out[num++] = (segment){side, 0, isn[side], at - back, back + len / 2};
            }
        }
    }
    return num;
}

Test(flow, any_order_overlap_and_repetition)
{
    static came to;
    static segment segments[8 * STREAM_LEN];
    uint32_t state = 1;

    fill_sent();
    for (int round = 0; round < 300; round++) {
        const uint32_t isn[2] = {0xfffffff0u - next_random(&state) % STREAM_LEN, next_random(&state)
                                                                                     << 8};
        const size_t num = make_segments(segments, &state, isn);

        for (size_t i = num - 1; i > 0; i--) {
            const size_t other = next_random(&state) % (i + 1);
            const segment swapped = segments[i];
            if (i < 2 || other < 2) /* the SYNs stay: where they come late is another test */
                continue;
            segments[i] = segments[other];
            segments[other] = swapped;
        }
        run(&to, segments, num);
        must_be_whole(&to, 0, STREAM_LEN);
        must_be_whole(&to, 1, STREAM_LEN);
    }
}

Test(flow, data_before_the_syn)
{
    static came to;
    const segment segments[] = {{0, 0, 5, 10, 10}, {0, 0, 5, 0, 10}, {0, 1, 5, 0, 0}};

    fill_sent();
    run(&to, segments, 3);
    must_be_whole(&to, 0, 20);
}

Test(flow, a_capture_that_begins_in_the_middle)
{
    static came to;
    const segment segments[] = {{0, 0, 5, 20, 10}, {1, 0, 900, 7, 10}, {0, 0, 5, 30, 10}};

    fill_sent();
    run(&to, segments, 3);
    cr_assert_eq(to.len[0], 20);
    cr_assert_arr_eq(to.octets[0], sent[0] + 20, 20);
    cr_assert_eq(to.len[1], 10);
    cr_assert_eq(to.gaps[0] + to.gaps[1], 0);
    cr_assert_str_eq(to.order, "aba");
}

Test(flow, a_missing_segment_is_a_gap)
{
    static came to;
    const segment segments[] = {
        {0, 1, 5, 0, 0}, {0, 0, 5, 0, 10}, {0, 0, 5, 20, 10}, {0, 0, 5, 40, 10}, {0, 0, 5, 50, 10}};

    fill_sent();
    run(&to, segments, 5);
    cr_assert_eq(to.gaps[0], 2);
    cr_assert_eq(to.len[0], 40);
    cr_assert_arr_eq(to.octets[0] + 10, sent[0] + 20, 10);
    cr_assert_arr_eq(to.octets[0] + 20, sent[0] + 40, 20);
}

Test(flow, ports_used_again)
{
    static came to;
    const segment segments[] = {{0, 1, 5, 0, 0},
                                {0, 0, 5, 0, 30},
                                {0, 1, 5, 0, 0},
                                {0, 1, 70000, 0, 0},
                                {0, 0, 70000, 0, 30}};

    fill_sent();
    run(&to, segments, 5);
    cr_assert_eq(to.closed, 2);
    cr_assert_eq(to.len[0], 60);
    cr_assert_arr_eq(to.octets[0] + 30, sent[0], 30);
}

/* What is kept for a gap that never closes. */
Test(flow, memory_is_bounded)
{
    static came to;
    const inspect_flow_sink sink = sink_of(&to);
    inspect_flow flow;
    size_t most = 0;

    fill_sent();
    cr_assert(inspect_flow_begin(&flow, &sink));
    for (size_t i = 0; i < 4 * INSPECT_FLOW_MAX_PIECES; i++) {
        const segment s = {0, i == 0, 5, 1 + i % STREAM_LEN, i == 0 ? 0 : 1};
        inspect_segment packet = packet_of(&s);
        const inspect_stamp stamp = {i + 1, 0, 0};

        packet.seq = i == 0 ? 5 : (uint32_t)(10 + 2 * i);
        inspect_flow_put(&flow, &packet, &stamp);
        if (flow.held > most)
            most = flow.held;
    }
    cr_assert_leq(most, INSPECT_FLOW_MAX_PIECES);
    cr_assert_geq(flow.num_gaps, 3 * INSPECT_FLOW_MAX_PIECES);
    inspect_flow_end(&flow);
}

static void count_close(void *user, inspect_connection *connection)
{
    (void)connection;
    ++*(uint64_t *)user;
}

static void ignore_octets(void *user, inspect_connection *connection, int side, spnego_bytes octets,
                          const inspect_stamp *stamp)
{
    (void)user, (void)connection, (void)side, (void)octets, (void)stamp;
}

static void ignore_gap(void *user, inspect_connection *connection, int side)
{
    (void)user, (void)connection, (void)side;
}

Test(flow, connections_make_room_for_others)
{
    uint64_t num_closed = 0;
    const inspect_flow_sink sink = {&num_closed, ignore_octets, ignore_gap, count_close};
    const uint64_t num = 3 * (uint64_t)INSPECT_FLOW_SETS * INSPECT_FLOW_WAYS;
    inspect_flow flow;

    cr_assert(inspect_flow_begin(&flow, &sink));
    for (uint64_t i = 0; i < num; i++) {
        const segment s = {0, 1, 5, 0, 0};
        inspect_segment packet = packet_of(&s);
        const inspect_stamp stamp = {i + 1, 0, 0};

        memcpy(packet.src.address, &i, sizeof i);
        inspect_flow_put(&flow, &packet, &stamp);
        cr_assert_leq(flow.num_connections - num_closed,
                      (uint64_t)INSPECT_FLOW_SETS * INSPECT_FLOW_WAYS);
    }
    cr_assert_geq(flow.num_evicted, num - (uint64_t)INSPECT_FLOW_SETS * INSPECT_FLOW_WAYS);
    inspect_flow_end(&flow);
    cr_assert_eq(num_closed, num);
}

/* ---- Packets --------------------------------------------------------------------------------- */

static size_t add(uint8_t *frame, size_t len, const char *octets, size_t num)
{
    memcpy(frame + len, octets, num);
    return len + num;
}

#define ADD(octets) len = add(frame, len, octets, sizeof octets - 1)

static const char tcp_and_data[] =
    "\x04\xd2\x00\x50\x00\x00\x00\x07\x00\x00\x00\x00\x60\x18\x20\x00\x00\x00\x00\x00"
    "\x01\x01\x01\x01"
    "hello";

/* An IPv4 packet with options, 24 + 24 + 5 octets. */
static size_t add_ipv4(uint8_t *frame, size_t len)
{
    ADD("\x46\x00\x00\x35\x00\x00\x40\x00\x40\x06\x00\x00\xc0\x00\x02\x01\xc0\x00\x02\x02"
        "\x01\x01\x01\x01");
    ADD(tcp_and_data);
    return len;
}

/* IPv6 with hop-by-hop options, a routing header and a fragment header of the whole packet. */
static size_t add_ipv6(uint8_t *frame, size_t len)
{
    ADD("\x60\x00\x00\x00\x00\x35\x00\x40"
        "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"
        "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x02");
    ADD("\x2b\x00\x01\x04\x00\x00\x00\x00");
    ADD("\x2c\x00\x00\x00\x00\x00\x00\x00");
    ADD("\x06\x00\x00\x00\x00\x00\x00\x01");
    ADD(tcp_and_data);
    return len;
}

static void must_say_hello(int link, const uint8_t *octets, size_t len, const char *src)
{
    uint8_t *copy = malloc(len);
    const spnego_bytes whole = {copy, len};
    inspect_text text = {NULL, 0, 0, 0};
    inspect_segment packet;

    memcpy(copy, octets, len);
    cr_assert_eq(inspect_segment_read(&packet, link, whole), INSPECT_SEGMENT_TCP);
    cr_assert_eq(packet.payload.len, 5);
    cr_assert_eq(memcmp(packet.payload.data, "hello", 5), 0);
    cr_assert_eq(packet.seq, 7);
    inspect_endpoint_write(&text, &packet.src);
    inspect_text_putc(&text, 0);
    cr_assert_str_eq(text.data, src);
    inspect_text_free(&text);
    /* Cut anywhere, it is damaged or says less. */
    for (size_t cut = 0; cut < len; cut++) {
        uint8_t *part = malloc(cut > 0 ? cut : 1);
        const spnego_bytes frame = {part, cut};

        if (cut > 0)
            memcpy(part, copy, cut);
        if (inspect_segment_read(&packet, link, frame) == INSPECT_SEGMENT_TCP)
            cr_assert_eq(packet.payload.len + (len - cut), 5);
        free(part);
    }
    free(copy);
}

Test(packet, links)
{
    static const struct {
        int link;
        const char *ipv4, *ipv6;
        size_t len;
    } links[] = {
        {INSPECT_LINK_ETHERNET, "aaaaaabbbbbb\x08\x00", "aaaaaabbbbbb\x86\xdd", 14},
        {INSPECT_LINK_ETHERNET, "aaaaaabbbbbb\x81\x00\x00\x05\x08\x00",
         "aaaaaabbbbbb\x81\x00\x00\x05\x86\xdd", 18},
        {INSPECT_LINK_ETHERNET, "aaaaaabbbbbb\x88\xa8\x00\x05\x81\x00\x00\x06\x08\x00",
         "aaaaaabbbbbb\x88\xa8\x00\x05\x81\x00\x00\x06\x86\xdd", 22},
        {INSPECT_LINK_COOKED, "ppttllaaaaaaaa\x08\x00", "ppttllaaaaaaaa\x86\xdd", 16},
        {INSPECT_LINK_COOKED_2, "\x08\x00rriiiittplaaaaaaaa", "\x86\xddrriiiittplaaaaaaaa", 20},
        {INSPECT_LINK_NULL, "\x02\x00\x00\x00", "\x1e\x00\x00\x00", 4},
        {INSPECT_LINK_LOOP, "\x00\x00\x00\x02", "\x00\x00\x00\x18", 4},
        {INSPECT_LINK_RAW, "", "", 0},
        {INSPECT_LINK_IPV4, "", "", 0}};
    uint8_t frame[200];

    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        memcpy(frame, links[i].ipv4, links[i].len);
        must_say_hello(links[i].link, frame, add_ipv4(frame, links[i].len), "192.0.2.1:1234");
        memcpy(frame, links[i].ipv6, links[i].len);
        must_say_hello(links[i].link, frame, add_ipv6(frame, links[i].len), "[2001:db8::1]:1234");
    }
}

/* ---- Fragments ------------------------------------------------------------------------------- */

/* A part of the packet whose payload is tcp_and_data, 29 octets. */
typedef struct part {
    size_t offset, len;
    int more;
    uint16_t id;
    int64_t seconds;
    uint8_t host; /* a bit for the sender's address, one for the receiver's */
    uint8_t protocol;
} part;

static size_t part_frame(uint8_t *frame, int is_ipv6, const part *p)
{
    const size_t len = is_ipv6 ? 48 : 20;
    size_t end = 0;

    if (is_ipv6) {
        end = add(frame, 0, "\x60\x00\x00\x00\x00\x00\x2c\x40", 8);
        memset(frame + end, 0x20, 32);
        end = add(frame, end + 32, "\x06\x00\x00\x00\x00\x00\x00\x00", 8);
        frame[5] = (uint8_t)(p->len + 8);
        frame[42] = (uint8_t)(p->offset >> 8);
        frame[43] = (uint8_t)(p->offset | (size_t)p->more);
        frame[47] = (uint8_t)p->id;
        frame[23] ^= p->host & 1;
        frame[39] ^= p->host & 2;
    } else {
        end = add(frame, 0,
                  "\x45\x00\x00\x00\x00\x00\x00\x00\x40\x06\x00\x00"
                  "\xc0\x00\x02\x01\xc0\x00\x02\x02",
                  20);
        frame[3] = (uint8_t)(p->len + 20);
        frame[5] = (uint8_t)p->id;
        frame[6] = (uint8_t)(p->offset >> 11 | (p->more ? 0x20 : 0));
        frame[7] = (uint8_t)(p->offset >> 3);
        frame[9] ^= p->protocol;
        frame[15] ^= p->host & 1;
        frame[19] ^= p->host & 2;
    }
    cr_assert_eq(end, len);
    for (size_t i = 0; i < p->len; i++)
        frame[len + i] = p->offset + i < 29 ? (uint8_t)tcp_and_data[p->offset + i] : 'x';
    return len + p->len;
}

static inspect_fragments fragments;
static uint64_t num_left; /* of the last ones */
static size_t num_held;

/* How many segments came out of the parts; all of them say hello. */
static int num_whole(int is_ipv6, const part *parts, size_t num)
{
    uint8_t frame[300];
    int num_segments = 0;

    memset(&fragments, 0, sizeof fragments);
    for (size_t i = 0; i < num; i++) {
        const inspect_stamp stamp = {i + 1, parts[i].seconds, 0};
        const spnego_bytes octets = {frame, part_frame(frame, is_ipv6, &parts[i])};
        inspect_segment packet;

        if (inspect_fragments_read(&fragments, &packet, INSPECT_LINK_RAW, octets, &stamp) !=
            INSPECT_SEGMENT_TCP)
            continue;
        num_segments++;
        cr_assert_eq(packet.payload.len, 5);
        cr_assert_eq(memcmp(packet.payload.data, "hello", 5), 0);
        cr_assert_eq(packet.src.port, 1234);
    }
    cr_assert_not(fragments.failed);
    num_left = fragments.num_left;
    num_held = fragments.held;
    inspect_fragments_end(&fragments);
    cr_assert_eq(fragments.held, 0);
    return num_segments;
}

#define PART(offset_, len_, more_, id_, seconds_) \
    { \
        .offset = offset_, .len = len_, .more = more_, .id = id_, .seconds = seconds_ \
    }
#define WHOLE(is_ipv6, ...) \
    num_whole(is_ipv6, (const part[]){__VA_ARGS__}, \
              sizeof((const part[]){__VA_ARGS__}) / sizeof(part))
#define A PART(0, 8, 1, 1, 0)
#define B PART(8, 16, 1, 1, 0)
#define C PART(24, 5, 0, 1, 0)

Test(fragment, in_any_order)
{
    for (int is_ipv6 = 0; is_ipv6 < 2; is_ipv6++) {
        cr_expect_eq(WHOLE(is_ipv6, A, B, C), 1);
        cr_expect_eq(WHOLE(is_ipv6, A, C, B), 1);
        cr_expect_eq(WHOLE(is_ipv6, B, A, C), 1);
        cr_expect_eq(WHOLE(is_ipv6, B, C, A), 1);
        cr_expect_eq(WHOLE(is_ipv6, C, A, B), 1);
        cr_expect_eq(WHOLE(is_ipv6, C, B, A), 1);
        cr_expect_eq(num_left, 0u);
        cr_expect_eq(WHOLE(is_ipv6, A, B), 0);
        cr_expect_eq(WHOLE(is_ipv6, A, C), 0);
        cr_expect_eq(WHOLE(is_ipv6, B, C), 0);
        cr_expect_eq(num_left, 2u);
        /* The same twice; two packets at once. */
        cr_expect_eq(WHOLE(is_ipv6, A, A, C, C, B), 1);
        cr_expect_eq(num_left, 0u);
        cr_expect_eq(WHOLE(is_ipv6, A, PART(0, 8, 1, 2, 0), B, PART(24, 5, 0, 2, 0), C,
                           PART(8, 16, 1, 2, 0)),
                     2);
        cr_expect_eq(WHOLE(is_ipv6, A, PART(8, 16, 1, 2, 0), C), 0);
        cr_expect_eq(WHOLE(is_ipv6, A, {.offset = 8, .len = 16, .more = 1, .id = 1, .host = 1}, C),
                     0);
        cr_expect_eq(WHOLE(is_ipv6, A, {.offset = 8, .len = 16, .more = 1, .id = 1, .host = 2}, C),
                     0);
        /* RFC 791 3.2 has the protocol among what tells packets apart, RFC 8200 4.5 has not. */
        cr_expect_eq(
            WHOLE(is_ipv6, A, {.offset = 8, .len = 16, .more = 1, .id = 1, .protocol = 1}, C),
            is_ipv6);
    }
}

/* RFC 5722 4: dropped, with what comes later. */
Test(fragment, overlapping)
{
    static const part overlaps[] = {
        PART(8, 8, 1, 1, 0),  /* the same place, shorter */
        PART(0, 16, 1, 1, 0), /* over the first one */
        PART(16, 16, 1, 1, 0), PART(16, 8, 1, 1, 0), PART(24, 8, 1, 1, 0), /* beyond the end */
        PART(16, 5, 0, 1, 0),                                              /* another end */
    };

    for (int is_ipv6 = 0; is_ipv6 < 2; is_ipv6++) {
        for (size_t i = 0; i < sizeof overlaps / sizeof overlaps[0]; i++) {
            const part orders[][5] = {{A, B, overlaps[i], C, A},
                                      {B, C, overlaps[i], A, B},
                                      {C, B, overlaps[i], A, C},
                                      {overlaps[i], B, C, A, B}};
            for (size_t k = i == 4 ? 1 : 0; k < 3; k++)
                cr_expect_eq(num_whole(is_ipv6, orders[k], 5), 0, "row %zu, order %zu", i, k);
            cr_expect_eq(num_whole(is_ipv6, orders[3], 5), 0, "row %zu first", i);
            cr_expect_eq(num_left, 5u);
            cr_expect_eq(num_held, 0u);
        }
    }
}

/* As many octets as there should be, but not those. */
Test(fragment, enough_octets_in_wrong_places)
{
    for (int is_ipv6 = 0; is_ipv6 < 2; is_ipv6++) {
        (void)WHOLE(is_ipv6, B, PART(16, 8, 1, 1, 0), C);
        cr_expect_eq(num_left, 3u);
        (void)WHOLE(is_ipv6, PART(16, 8, 1, 1, 0), B, C);
        cr_expect_eq(num_left, 3u);
        (void)WHOLE(is_ipv6, C, PART(32, 16, 1, 1, 0), A);
        cr_expect_eq(num_left, 3u);
        (void)WHOLE(is_ipv6, PART(32, 16, 1, 1, 0), A, C);
        cr_expect_eq(num_left, 3u);
        (void)WHOLE(is_ipv6, PART(24, 8, 0, 1, 0), PART(8, 8, 0, 1, 0));
        cr_expect_eq(num_left, 2u);
    }
}

Test(fragment, same_place_other_octets)
{
    uint8_t frame[100];
    const part a = A, b = B, c = C;
    const part *const parts[] = {&a, &b, &b, &c};
    const inspect_stamp stamp = {1, 0, 0};
    inspect_segment packet;

    memset(&fragments, 0, sizeof fragments);
    for (size_t i = 0; i < 4; i++) {
        const spnego_bytes octets = {frame, part_frame(frame, 0, parts[i])};
        frame[21] ^= i == 2;
        cr_expect_eq(inspect_fragments_read(&fragments, &packet, INSPECT_LINK_RAW, octets, &stamp),
                     INSPECT_SEGMENT_FRAGMENT);
    }
    inspect_fragments_end(&fragments);
}

Test(fragment, what_makes_no_packet)
{
    for (int is_ipv6 = 0; is_ipv6 < 2; is_ipv6++) {
        /* Parts but for the last are of eights. */
        cr_expect_eq(WHOLE(is_ipv6, PART(0, 9, 1, 1, 0)), 0);
        cr_expect_eq(num_held, 0u);
        /* RFC 8200 4.5: within 60 seconds; after that the number may be another packet's. */
        cr_expect_eq(WHOLE(is_ipv6, A, B, PART(24, 5, 0, 1, 60)), 1);
        cr_expect_eq(WHOLE(is_ipv6, A, B, PART(24, 5, 0, 1, 61)), 0);
        cr_expect_eq(
            WHOLE(is_ipv6, PART(0, 8, 1, 1, 9), PART(8, 16, 1, 1, 9), PART(24, 5, 0, 1, 8)), 0);
        cr_expect_eq(WHOLE(is_ipv6, PART(0, 8, 1, 1, INT64_MIN), B, PART(24, 5, 0, 1, INT64_MAX)),
                     0);
        /* Longer than any packet. */
        cr_expect_eq(WHOLE(is_ipv6, PART(65528, 7, 0, 1, 0)), 0);
        cr_expect_eq(num_held, 7u);
        cr_expect_eq(WHOLE(is_ipv6, PART(65528, 8, 0, 1, 0), A, B), 0);
        cr_expect_eq(num_held, 0u);
        cr_expect_eq(WHOLE(is_ipv6, PART(8, 0, 1, 1, 0), A, B, C), 1);
    }
}

/* Cut by the capture, not by the network. */
Test(fragment, captured_in_part)
{
    uint8_t frame[100];
    const part parts[] = {A, B, C};
    const inspect_stamp stamp = {1, 0, 0};
    inspect_segment packet;

    memset(&fragments, 0, sizeof fragments);
    for (size_t i = 0; i < 3; i++) {
        const size_t len = part_frame(frame, 0, &parts[i]);
        const spnego_bytes octets = {frame, i == 1 ? len - 8 : len};
        cr_expect_eq(inspect_fragments_read(&fragments, &packet, INSPECT_LINK_RAW, octets, &stamp),
                     INSPECT_SEGMENT_FRAGMENT);
    }
    cr_expect_eq(fragments.num_left, 3u);
    cr_expect_eq(fragments.held, 13u);
    inspect_fragments_end(&fragments);
}

/* Of a packet with too many parts nothing is kept, of too many packets the last ones. */
Test(fragment, memory_is_bounded)
{
    uint8_t frame[100];
    inspect_stamp stamp = {0, 0, 0};
    inspect_segment packet;

    memset(&fragments, 0, sizeof fragments);
    for (size_t i = 0; i < 200; i++) {
        const part p = PART(8 + 8 * i, 8, 1, 1, 0);
        const spnego_bytes octets = {frame, part_frame(frame, 1, &p)};
        (void)inspect_fragments_read(&fragments, &packet, INSPECT_LINK_RAW, octets, &stamp);
        cr_assert_eq(fragments.held, i < INSPECT_FRAGMENTS_MAX_PARTS ? 8 * (i + 1) : 0);
    }
    for (uint16_t i = 0; i < 200; i++) {
        const part p = PART(0, 8, 1, i, 0);
        const spnego_bytes octets = {frame, part_frame(frame, 1, &p)};
        (void)inspect_fragments_read(&fragments, &packet, INSPECT_LINK_RAW, octets, &stamp);
    }
    cr_assert_eq(fragments.held, 8u * INSPECT_FRAGMENTS_MAX_OPEN);
    /* The packet of the last number is still waited for, the first one's is not. */
    for (int i = 0; i < 2; i++) {
        const part b = PART(8, 16, 1, i == 0 ? 199 : 0, 0), c = PART(24, 5, 0, b.id, 0);
        spnego_bytes octets = {frame, part_frame(frame, 1, &b)};
        (void)inspect_fragments_read(&fragments, &packet, INSPECT_LINK_RAW, octets, &stamp);
        octets.len = part_frame(frame, 1, &c);
        cr_expect_eq(inspect_fragments_read(&fragments, &packet, INSPECT_LINK_RAW, octets, &stamp),
                     i == 0 ? INSPECT_SEGMENT_TCP : INSPECT_SEGMENT_FRAGMENT);
    }
    inspect_fragments_end(&fragments);
}

/* ---- What else a packet says ----------------------------------------------------------------- */

Test(packet, padding_is_not_payload)
{
    uint8_t frame[200] = {0};
    const size_t len = add_ipv4(frame, 0);
    const spnego_bytes padded = {frame, len + 20};
    inspect_segment packet;

    cr_assert_eq(inspect_segment_read(&packet, INSPECT_LINK_RAW, padded), INSPECT_SEGMENT_TCP);
    cr_assert_eq(packet.payload.len, 5);
    /* A card that cuts into segments by itself leaves the length out. */
    frame[2] = frame[3] = 0;
    cr_assert_eq(inspect_segment_read(&packet, INSPECT_LINK_RAW, padded), INSPECT_SEGMENT_TCP);
    cr_assert_eq(packet.payload.len, 25);
}

Test(packet, datagrams)
{
    uint8_t frame[] = "\x45\x00\x00\x21\x00\x00\x00\x00\x40\x11\x00\x00"
                      "\xc0\x00\x02\x01\xc0\x00\x02\x02"
                      "\x04\xd2\x00\x35\x00\x0d\x00\x00"
                      "hello";
    const spnego_bytes in = {frame, sizeof frame - 1};
    inspect_segment packet;

    cr_assert_eq(inspect_segment_read(&packet, INSPECT_LINK_RAW, in), INSPECT_SEGMENT_UDP);
    cr_expect_eq(packet.src.port, 1234);
    cr_expect_eq(packet.dst.port, 53);
    cr_expect_eq(packet.payload.len, 5);
    frame[25] = 10;
    cr_assert_eq(inspect_segment_read(&packet, INSPECT_LINK_RAW, in), INSPECT_SEGMENT_UDP);
    cr_expect_eq(packet.payload.len, 2);
    frame[24] = 0xff;
    cr_assert_eq(inspect_segment_read(&packet, INSPECT_LINK_RAW, in), INSPECT_SEGMENT_UDP);
    cr_expect_eq(packet.payload.len, 5);
    frame[24] = 0;
    frame[25] = 7; /* a header shorter than a header */
    cr_expect_eq(inspect_segment_read(&packet, INSPECT_LINK_RAW, in), INSPECT_SEGMENT_DAMAGED);
}

Test(packet, what_is_not_read)
{
    uint8_t frame[200];
    spnego_bytes in = {frame, add_ipv4(frame, 0)};
    inspect_segment packet;

    cr_assert_eq(inspect_segment_read(&packet, 105, in), INSPECT_SEGMENT_LINK_OTHER);
    frame[6] = 0x20; /* more fragments */
    cr_assert_eq(inspect_segment_read(&packet, INSPECT_LINK_RAW, in), INSPECT_SEGMENT_FRAGMENT);
    frame[6] = 0x00;
    frame[7] = 0x09; /* not the first one */
    cr_assert_eq(inspect_segment_read(&packet, INSPECT_LINK_RAW, in), INSPECT_SEGMENT_FRAGMENT);
    frame[7] = 0;
    frame[9] = 132; /* SCTP */
    cr_assert_eq(inspect_segment_read(&packet, INSPECT_LINK_RAW, in), INSPECT_SEGMENT_OTHER);
    frame[9] = 6;
    frame[0] = 0x44; /* a header shorter than a header */
    cr_assert_eq(inspect_segment_read(&packet, INSPECT_LINK_RAW, in), INSPECT_SEGMENT_DAMAGED);
    in.len = add_ipv6(frame, 0);
    frame[58] = 1; /* of the fragment header: the offset's low octet */
    frame[59] = 0x08;
    cr_assert_eq(inspect_segment_read(&packet, INSPECT_LINK_RAW, in), INSPECT_SEGMENT_FRAGMENT);
}

Test(packet, addresses_as_rfc_5952_writes_them)
{
    static const struct {
        uint8_t address[16];
        const char *text;
    } rows[] = {{{0}, "[::]:0"},
                {{0, 1}, "[1::]:0"},
                {{[15] = 1}, "[::1]:0"},
                {{0x20, 1, 0xd, 0xb8, [9] = 1, [15] = 2}, "[2001:db8::1:0:0:2]:0"},
                {{0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 5}, "[1:0:2:0:3:0:4:5]:0"},
                {{0xfe, 0x80, [8] = 0x12, 0x34, 0, 0xab, 0, 0, 0xf, 0}, "[fe80::1234:ab:0:f00]:0"}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        inspect_text text = {NULL, 0, 0, 0};
        inspect_endpoint endpoint;

        memset(&endpoint, 0, sizeof endpoint);
        endpoint.is_ipv6 = 1;
        memcpy(endpoint.address, rows[i].address, 16);
        inspect_endpoint_write(&text, &endpoint);
        inspect_text_putc(&text, 0);
        cr_assert_str_eq(text.data, rows[i].text);
        inspect_text_free(&text);
    }
}
