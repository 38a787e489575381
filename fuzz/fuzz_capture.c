/*
 * Everything behind the file format of a capture: inspect_fragments_read, inspect_flow_put, and the
 * carriers.
 *
 * The first octet chooses the link type; then come frames, each behind its length in two octets,
 * least significant first.  Whatever they are, a token that is found lies in what was put in as far
 * as it was not base64, memory is bounded by it and comes back, and the same frames give the same
 * tokens.  The first of them is shown in every way (output.h).
 */
#include "output.h"

#include "inspect/carry.h"
#include "inspect/fragment.h"
#include "inspect/render.h"

typedef struct outcome {
    spnego_bytes input;
    size_t num;
    size_t len;
    uint64_t sum;
    const inspect_finder *finder;
    int is_shown;
} outcome;

static void show(const inspect_found *found)
{
    static inspect_reading reading;
    inspect_origin origin;
    inspect_text text = {0};
    inspect_view view;

    check_output(found->token);
    inspect_origin_of(&origin, found, NULL);
    memset(&view, 0, sizeof view);
    view.name = "fuzz";
    view.origin = &origin;
    inspect_read(&reading, found->token, SPNEGO_TOLERATE_ALL, INSPECT_ROLE_UNKNOWN, 0);
    inspect_render_json(&text, &reading, &view);
    check_json(inspect_text_bytes(&text), JSON_PLAIN, found->token);
    inspect_text_clear(&text);
    inspect_origin_text(&text, &origin);
    inspect_text_putc(&text, '\n');
    check_text(inspect_text_bytes(&text));
    LAW(!text.failed && !origin.failed);
    inspect_reading_free(&reading);
    inspect_text_free(&text);
}

static void note(void *user, const inspect_found *found)
{
    outcome *to = user;

    LAW(found->token.len > 0 && found->token.len <= to->input.len);
    LAW(found->connection != NULL && found->carrier != NULL);
    LAW(found->exchange > 0 && found->exchange <= to->finder->num_exchanges);
    LAW(found->sender != INSPECT_ROLE_UNKNOWN);
    LAW(found->stamp.frame > 0);
    if (to->num == 0 && to->is_shown)
        show(found);
    to->num++;
    to->len += found->token.len;
    for (size_t i = 0; i < found->token.len; i++)
        to->sum = to->sum * 31 + found->token.data[i];
    to->sum = to->sum * 31 + found->exchange;
}

static void read_frames(outcome *out, int link, spnego_bytes in, int is_shown)
{
    static inspect_fragments fragments;
    inspect_finder finder;
    inspect_flow flow;
    inspect_flow_sink sink;
    inspect_stamp stamp = {0, 0, 0};

    memset(out, 0, sizeof *out);
    memset(&finder, 0, sizeof finder);
    out->input = in;
    out->is_shown = is_shown;
    out->finder = &finder;
    finder.user = out;
    finder.found = note;
    sink = inspect_carry_sink(&finder);
    LAW(inspect_flow_begin(&flow, &sink));
    while (in.len >= 2) {
        const size_t said = in.data[0] | (size_t)in.data[1] << 8;
        const size_t len = said < in.len - 2 ? said : in.len - 2;
        uint8_t *copy = copy_exactly(in.data + 2, len);
        const spnego_bytes frame = {copy, len};
        inspect_segment segment;

        stamp.frame++;
        switch (inspect_fragments_read(&fragments, &segment, link, frame, &stamp)) {
        case INSPECT_SEGMENT_TCP:
            inspect_flow_put(&flow, &segment, &stamp);
            break;
        case INSPECT_SEGMENT_UDP:
            inspect_carry_datagram(&finder, &segment, &stamp);
            break;
        default:
            break;
        }
        free(copy);
        in.data += 2 + len;
        in.len -= 2 + len;
        LAW(flow.held <= out->input.len);
        LAW(finder.held <= out->input.len);
        LAW(fragments.held <= out->input.len);
    }
    inspect_flow_end(&flow);
    inspect_fragments_end(&fragments);
    inspect_carry_datagrams_end(&finder);
    LAW(fragments.held == 0 && !fragments.failed);
    memset(&fragments, 0, sizeof fragments);
    LAW(flow.held == 0 && finder.held == 0);
    LAW(!flow.failed && !finder.failed);
    LAW(finder.num_found == out->num);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int links[] = {
        INSPECT_LINK_ETHERNET, INSPECT_LINK_NULL,     INSPECT_LINK_RAW,  INSPECT_LINK_COOKED,
        INSPECT_LINK_LOOP,     INSPECT_LINK_COOKED_2, INSPECT_LINK_IPV4, 105};
    const spnego_bytes in = {data + 1, size - 1};
    outcome once, again;

    if (size == 0)
        return 0;
    read_frames(&once, links[data[0] % 8], in, 1);
    read_frames(&again, links[data[0] % 8], in, 0);
    LAW(once.num == again.num && once.sum == again.sum);
    return 0;
}
