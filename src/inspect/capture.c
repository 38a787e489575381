#define _GNU_SOURCE
#include "inspect/capture.h"

#include <string.h>

#include "inspect/fragment.h"

#ifdef INSPECT_WITH_PCAP
#include <pcap/pcap.h>
#endif

int inspect_is_capture(spnego_bytes begin)
{
    /* pcap in both byte orders, with microseconds and nanoseconds; pcapng. */
    static const uint8_t magics[][4] = {{0xa1, 0xb2, 0xc3, 0xd4},
                                        {0xd4, 0xc3, 0xb2, 0xa1},
                                        {0xa1, 0xb2, 0x3c, 0x4d},
                                        {0x4d, 0x3c, 0xb2, 0xa1},
                                        {0x0a, 0x0d, 0x0d, 0x0a}};

    for (size_t i = 0; begin.len >= 4 && i < sizeof magics / sizeof magics[0]; i++)
        if (memcmp(begin.data, magics[i], 4) == 0)
            return 1;
    return 0;
}

const char *inspect_capture_foreign(spnego_bytes begin)
{
    static const struct {
        const char *magic;
        size_t len;
        const char *sentence;
    } forms[] = {{"\x1f\x8b", 2, "compressed with gzip: `gzip -dc` unpacks it"},
                 {"\x28\xb5\x2f\xfd", 4, "compressed with zstd: `zstd -dc` unpacks it"},
                 {"\xfd"
                  "7zXZ",
                  5, "compressed with xz: `xz -dc` unpacks it"},
                 {"BZh", 3, "compressed with bzip2: `bzip2 -dc` unpacks it"},
                 {"\x04\x22\x4d\x18", 4, "compressed with lz4: `lz4 -dc` unpacks it"},
                 {"GMBU", 4, "a capture of Network Monitor: `editcap` makes a pcapng of it"},
                 {"snoop\0\0", 7, "a capture of snoop: `editcap` makes a pcapng of it"}};

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (begin.len >= forms[i].len && memcmp(begin.data, forms[i].magic, forms[i].len) == 0)
            return forms[i].sentence;
    return NULL;
}

#ifdef INSPECT_WITH_PCAP

int inspect_capture_can(void)
{
    return 1;
}

/* Where frames go. */
typedef struct inspect_frames {
    inspect_capture *out;
    inspect_finder *finder;
    inspect_fragments fragments;
    inspect_flow flow;
    int link;
} inspect_frames;

static void inspect_capture_frame(inspect_frames *to, const struct pcap_pkthdr *header,
                                  const u_char *data)
{
    inspect_capture *out = to->out;
    const spnego_bytes frame = {data, header->caplen};
    inspect_segment_kind kind;
    inspect_segment segment;
    inspect_stamp stamp;
    int is_cut;

    out->num_frames++;
    stamp.frame = out->num_frames;
    stamp.seconds = header->ts.tv_sec;
    stamp.micros = (uint32_t)header->ts.tv_usec;
    kind = inspect_fragments_read(&to->fragments, &segment, to->link, frame, &stamp);
    is_cut = header->caplen < header->len;
    out->num_cut += is_cut && kind != INSPECT_SEGMENT_OTHER;
    switch (kind) {
    case INSPECT_SEGMENT_TCP:
        out->num_tcp++;
        inspect_flow_put(&to->flow, &segment, &stamp);
        break;
    case INSPECT_SEGMENT_UDP:
        inspect_carry_datagram(to->finder, &segment, &stamp);
        break;
    case INSPECT_SEGMENT_DAMAGED:
        out->num_damaged += !is_cut;
        break;
    case INSPECT_SEGMENT_FRAGMENT:
    case INSPECT_SEGMENT_OTHER:
    case INSPECT_SEGMENT_LINK_OTHER:
        break;
    }
}

static void inspect_capture_frames(inspect_frames *to, pcap_t *pcap)
{
    inspect_capture *out = to->out;
    struct pcap_pkthdr *header;
    const u_char *data;
    int result;

    while ((result = pcap_next_ex(pcap, &header, &data)) == 1)
        inspect_capture_frame(to, header, data);
    if (result == PCAP_ERROR)
        (void)snprintf(out->error, sizeof out->error, "%s", pcap_geterr(pcap));
}

int inspect_capture_read(inspect_capture *out, inspect_finder *finder, FILE *file)
{
    const inspect_flow_sink sink = inspect_carry_sink(finder);
    char error[PCAP_ERRBUF_SIZE] = "";
    inspect_frames frames;
    pcap_t *pcap;

    memset(out, 0, sizeof *out);
    memset(&frames, 0, sizeof frames);
    frames.out = out;
    frames.finder = finder;
    pcap = pcap_fopen_offline(file, error);
    if (pcap == NULL) {
        if (file != stdin)
            fclose(file);
        (void)snprintf(out->error, sizeof out->error, "%s", error);
        return 0;
    }
    frames.link = pcap_datalink(pcap);
    if (!inspect_link_known(frames.link)) {
        const char *name = pcap_datalink_val_to_name(frames.link);
        (void)snprintf(out->error, sizeof out->error, "its link type, %s, is not read",
                       name != NULL ? name : "which has no name");
        pcap_close(pcap);
        return 0;
    }
    if (inspect_flow_begin(&frames.flow, &sink))
        inspect_capture_frames(&frames, pcap);
    inspect_flow_end(&frames.flow);
    inspect_fragments_end(&frames.fragments);
    inspect_carry_datagrams_end(finder);
    finder->failed |= frames.flow.failed | frames.fragments.failed;
    out->num_fragments = frames.fragments.num_left;
    out->num_connections = frames.flow.num_connections;
    out->num_gaps = frames.flow.num_gaps;
    out->num_evicted = frames.flow.num_evicted;
    out->num_dropped = finder->num_dropped;
    pcap_close(pcap);
    return 1;
}

#else

int inspect_capture_can(void)
{
    return 0;
}

int inspect_capture_read(inspect_capture *out, inspect_finder *finder, FILE *file)
{
    (void)finder;
    memset(out, 0, sizeof *out);
    if (file != stdin)
        fclose(file);
    (void)snprintf(out->error, sizeof out->error,
                   "built without libpcap, so captures cannot be read; on Debian install "
                   "libpcap-dev and build again");
    return 0;
}

#endif
