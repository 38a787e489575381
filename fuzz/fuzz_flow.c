/*
 * The same conversation in other segments: inspect_flow_put and the carriers.
 *
 * The input is four octets for the cuts, then turns: an octet whose lowest bit is the side, a
 * length in two octets, least significant first, and what is said.  Each turn whole in one segment,
 * or cut anyhow, in any order and partly twice, across the end of the sequence numbers: the same
 * tokens, unless a stream went on as nothing that is known, where a new segment may be a new
 * beginning.
 */
#include "law.h"

#include "inspect/carry.h"

/* Fewer than INSPECT_FLOW_MAX_PIECES, and a turn is cut into no more. */
#define MAX_CUTS 256
#define MAX_TURNS 64

typedef struct outcome {
    size_t num;
    uint64_t sum;
    uint64_t num_lost;
} outcome;

static void note(void *user, const inspect_found *found)
{
    outcome *to = user;

    to->num++;
    for (size_t i = 0; i < found->token.len; i++)
        to->sum = to->sum * 31 + found->token.data[i];
    to->sum = to->sum * 31 + found->exchange;
    to->sum = to->sum * 31 + found->sender;
    to->sum = to->sum * 31 + (uint8_t)found->carrier[0];
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static void send_segment(inspect_flow *flow, inspect_stamp *stamp, int side, int syn, uint32_t seq,
                         spnego_bytes octets)
{
    inspect_segment segment;

    memset(&segment, 0, sizeof segment);
    segment.src.port = side == 0 ? 40000 : 53;
    segment.dst.port = side == 0 ? 53 : 40000;
    segment.syn = syn;
    segment.ack = side == 1;
    segment.seq = seq;
    segment.payload = octets;
    stamp->frame++;
    inspect_flow_put(flow, &segment, stamp);
}

/* One turn, cut and mixed if `state` is not NULL. */
static void send_turn(inspect_flow *flow, inspect_stamp *stamp, int side, uint32_t seq,
                      spnego_bytes octets, uint32_t *state)
{
    struct {
        size_t at, len;
    } cuts[2 * MAX_CUTS], swapped;
    const size_t most = octets.len / MAX_CUTS + 24;
    size_t num = 0;

    if (state == NULL) {
        send_segment(flow, stamp, side, 0, seq, octets);
        return;
    }
    for (size_t at = 0; at < octets.len; at += cuts[num - 1].len) {
        const size_t len = 1 + next_random(state) % most;
        cuts[num].at = at;
        cuts[num].len = len < octets.len - at && num + 1 < MAX_CUTS ? len : octets.len - at;
        num++;
    }
    for (size_t i = 0, first = num; i < first && num < 2 * MAX_CUTS; i++) {
        if (next_random(state) % 4 > 0)
            continue;
        cuts[num].at = cuts[i].at > 7 ? cuts[i].at - next_random(state) % 7 : 0;
        cuts[num].len = cuts[i].at + cuts[i].len / 2 - cuts[num].at;
        num++;
    }
    for (size_t i = num; i > 1; i--) {
        const size_t other = next_random(state) % i;
        swapped = cuts[i - 1];
        cuts[i - 1] = cuts[other];
        cuts[other] = swapped;
    }
    for (size_t i = 0; i < num; i++) {
        const spnego_bytes part = {octets.data + cuts[i].at, cuts[i].len};
        send_segment(flow, stamp, side, 0, seq + (uint32_t)cuts[i].at, part);
    }
}

static void talk(outcome *out, spnego_bytes in, uint32_t *state)
{
    const spnego_bytes nothing = {NULL, 0};
    uint32_t seq[2] = {state == NULL ? 1 : 0xffffffc0u, state == NULL ? 1 : 0xfffffff0u};
    inspect_stamp stamp = {0, 0, 0};
    inspect_finder finder;
    inspect_flow_sink sink;
    inspect_flow flow;

    memset(out, 0, sizeof *out);
    memset(&finder, 0, sizeof finder);
    finder.user = out;
    finder.found = note;
    sink = inspect_carry_sink(&finder);
    LAW(inspect_flow_begin(&flow, &sink));
    send_segment(&flow, &stamp, 0, 1, seq[0]++, nothing);
    send_segment(&flow, &stamp, 1, 1, seq[1]++, nothing);
    for (int turns = 0; in.len >= 3 && turns < MAX_TURNS; turns++) {
        const int side = in.data[0] & 1;
        const size_t said = in.data[1] | (size_t)in.data[2] << 8;
        const size_t len = said < in.len - 3 ? said : in.len - 3;
        const spnego_bytes octets = {in.data + 3, len};

        send_turn(&flow, &stamp, side, seq[side], octets, state);
        seq[side] += (uint32_t)len;
        in.data += 3 + len;
        in.len -= 3 + len;
        LAW(flow.held == 0); /* what came is whole */
    }
    LAW(flow.num_gaps == 0);
    inspect_flow_end(&flow);
    LAW(finder.held == 0 && !finder.failed && !flow.failed);
    LAW(flow.num_connections == 1);
    out->num_lost = finder.num_lost;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const spnego_bytes in = {data + 4, size - 4};
    outcome whole, cut;
    uint32_t state;

    if (size < 4)
        return 0;
    state = data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 | (uint32_t)data[3] << 24;
    talk(&whole, in, NULL);
    talk(&cut, in, &state);
    if (whole.num_lost == 0 && cut.num_lost == 0)
        LAW(whole.num == cut.num && whole.sum == cut.sum);
    return 0;
}
