/*
 * The command where memory runs out: each allocation in turn fails once, or from there on for ever,
 * and so does each file that is opened and each thread that is started.  Whatever fails, nothing
 * crashes, everything is given back, what was printed is whole, and the exit status and a sentence
 * say that it is not all.
 */
#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "support.h"

/* main of src/cli/main.c, renamed in the object. */
int spnego_main(int argc, char **argv);

/* ---- What fails ------------------------------------------------------------------------------ */

/* The linker's --wrap leads the calls of all that is linked statically here; files have 64 bits. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t num, size_t size);
void *__real_realloc(void *block, size_t size);
void __real_free(void *block);
FILE *__real_fopen64(const char *path, const char *mode);
FILE *__real_fmemopen(void *data, size_t len, const char *mode);
int __real_pthread_create(pthread_t *out, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *argument);
int __real_scandir64(const char *path, struct dirent ***out, int (*filter)(const struct dirent *),
                     int (*compare)(const struct dirent **, const struct dirent **));

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t num, size_t size);
void *__wrap_realloc(void *block, size_t size);
void __wrap_free(void *block);
FILE *__wrap_fopen64(const char *path, const char *mode);
FILE *__wrap_fmemopen(void *data, size_t len, const char *mode);
int __wrap_pthread_create(pthread_t *out, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *argument);
int __wrap_scandir64(const char *path, struct dirent ***out, int (*filter)(const struct dirent *),
                     int (*compare)(const struct dirent **, const struct dirent **));

static struct {
    pthread_mutex_t lock;
    int is_on;
    size_t fail_at; /* the attempt with this number, 1 being the first */
    int for_ever;   /* and all that follow it                          */
    size_t num_attempts, num_failed;
    long num_blocks; /* not given back */
} plan = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int fails(void)
{
    int is_now;

    pthread_mutex_lock(&plan.lock);
    plan.num_attempts += plan.is_on ? 1u : 0u;
    is_now = plan.is_on && (plan.num_attempts == plan.fail_at ||
                            (plan.for_ever && plan.num_attempts > plan.fail_at));
    plan.num_failed += is_now ? 1u : 0u;
    pthread_mutex_unlock(&plan.lock);
    if (is_now)
        errno = ENOMEM;
    return is_now;
}

static void *count(void *block, long num)
{
    pthread_mutex_lock(&plan.lock);
    plan.num_blocks += plan.is_on ? num : 0;
    pthread_mutex_unlock(&plan.lock);
    return block;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : count(__real_malloc(size), 1);
}

void *__wrap_calloc(size_t num, size_t size)
{
    return fails() ? NULL : count(__real_calloc(num, size), 1);
}

void *__wrap_realloc(void *block, size_t size)
{
    return fails() ? NULL : count(__real_realloc(block, size), block == NULL);
}

void __wrap_free(void *block)
{
    (void)count(NULL, block == NULL ? 0 : -1);
    __real_free(block);
}

FILE *__wrap_fopen64(const char *path, const char *mode)
{
    return fails() ? NULL : __real_fopen64(path, mode);
}

FILE *__wrap_fmemopen(void *data, size_t len, const char *mode)
{
    return fails() ? NULL : __real_fmemopen(data, len, mode);
}

int __wrap_pthread_create(pthread_t *out, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *argument)
{
    return fails() ? EAGAIN : __real_pthread_create(out, attributes, run, argument);
}

int __wrap_scandir64(const char *path, struct dirent ***out, int (*filter)(const struct dirent *),
                     int (*compare)(const struct dirent **, const struct dirent **))
{
    const int num = fails() ? -1 : __real_scandir64(path, out, filter, compare);

    (void)count(NULL, num < 0 ? 0 : num + 1L);
    return num;
}

/* ---- One run --------------------------------------------------------------------------------- */

enum { MAX_WORDS = 16, MAX_OUTPUT = 1 << 20 };

typedef struct outcome {
    int status;
    size_t len; /* of standard output */
    char out[MAX_OUTPUT];
    size_t err_len;
} outcome;

static size_t slurp(int fd, char *out, size_t size)
{
    const ssize_t len = pread(fd, out, size, 0);

    if (len < 0 || (size_t)len == size)
        abort();
    return (size_t)len;
}

/* Runs the command in this process, whose standard output and error are files of its own. */
static void run(outcome *out, char **words, size_t fail_at, int for_ever)
{
    static char err[65536];
    char *argv[MAX_WORDS + 1];
    int argc = 0;

    for (; words[argc] != NULL; argc++)
        argv[argc] = words[argc];
    argv[argc] = NULL;
    if (ftruncate(STDOUT_FILENO, 0) != 0 || ftruncate(STDERR_FILENO, 0) != 0)
        abort();
    rewind(stdout);
    lseek(STDERR_FILENO, 0, SEEK_SET);
    plan.fail_at = fail_at;
    plan.for_ever = for_ever;
    plan.num_attempts = plan.num_failed = 0;
    plan.num_blocks = 0;
    plan.is_on = 1;
    out->status = spnego_main(argc, argv);
    plan.is_on = 0;
    out->len = slurp(STDOUT_FILENO, out->out, sizeof out->out);
    out->err_len = slurp(STDERR_FILENO, err, sizeof err);
    if (out->err_len > 0 && err[out->err_len - 1] != '\n')
        out->err_len = 0;
}

/* ---- The laws -------------------------------------------------------------------------------- */

/* How far what is printed is one thing: all of it, a paragraph or a line. */
typedef enum unit { WHOLE, PARAGRAPH, LINE } unit;

/* The length of the first unit at `text`, or 0 if it has no end. */
static size_t unit_len(unit kind, const char *text, size_t len)
{
    const char *end = NULL;

    if (kind == WHOLE)
        return len;
    if (kind == LINE)
        end = memchr(text, '\n', len);
    else if ((end = memmem(text, len, "\n\n", 2)) == NULL && len > 0 && text[len - 1] == '\n')
        return len;
    return end == NULL ? 0 : (size_t)(end - text) + 1;
}

/* Whether all of `part` are units of `all`, in their order. */
static int is_part(unit kind, const outcome *part, const outcome *all)
{
    size_t at = 0, among = 0;

    while (at < part->len) {
        const size_t len = unit_len(kind, part->out + at, part->len - at);
        int is_found = 0;

        /* What stands between paragraphs belongs to none. */
        if (kind == PARAGRAPH && part->out[at] == '\n') {
            at++;
            continue;
        }
        while (len > 0 && !is_found && among < all->len) {
            const size_t other = unit_len(kind, all->out + among, all->len - among);

            if (other == 0)
                return 0;
            is_found = other == len && memcmp(part->out + at, all->out + among, len) == 0;
            among += other;
            while (kind == PARAGRAPH && among < all->len && all->out[among] == '\n')
                among++;
        }
        if (!is_found)
            return 0;
        at += len;
    }
    return 1;
}

static const char *broken_law(unit kind, const outcome *got, const outcome *clean)
{
    const int is_same = got->status == clean->status && got->len == clean->len &&
                        memcmp(got->out, clean->out, got->len) == 0;

    if (plan.num_blocks != 0)
        return "a block was lost";
    if (is_same && (got->err_len > 0) == (clean->err_len > 0))
        return NULL;
    if (got->status != CLI_NO_MEMORY && got->status != CLI_NO_INPUT && got->status != CLI_NO_OUTPUT)
        return "the exit status says that all is well";
    if (got->err_len == 0)
        return "there is no sentence";
    return is_part(kind, got, clean) ? NULL : "something was printed that is not whole";
}

/* What the process that runs a case tells its parent, even where it dies. */
typedef struct report {
    size_t fail_at;
    int for_ever;
    size_t num_faults;
    int status;
    int is_done;
    const char *law;
} report;

static void run_faults(report *out, unit kind, char **words)
{
    static outcome clean, got;

    run(&clean, words, 0, 0);
    out->status = clean.status;
    for (out->for_ever = 0; out->for_ever <= 1 && out->law == NULL; out->for_ever++) {
        for (out->fail_at = 1; out->law == NULL; out->fail_at++) {
            run(&got, words, out->fail_at, out->for_ever);
            if (plan.num_failed == 0)
                break;
            out->num_faults++;
            out->law = broken_law(kind, &got, &clean);
            if (out->law != NULL)
                return;
        }
    }
    out->is_done = 1;
}

static const char *joined(char **words)
{
    static char line[1024];

    line[0] = '\0';
    for (size_t i = 0; words[i] != NULL; i++)
        (void)snprintf(line + strlen(line), sizeof line - strlen(line), "%s%.60s", i > 0 ? " " : "",
                       words[i]);
    return line;
}

/* In a process of its own, for its standard output and in case it dies.  Returns how many faults
 * there were. */
static size_t check_command(unit kind, char **words)
{
    report *const told =
        mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    const int err = memfd_create("stderr", 0);
    char said[65536];
    size_t num_faults;
    pid_t child;
    int status = 0;

    cr_assert(told != MAP_FAILED);
    memset(told, 0, sizeof *told);
    fflush(NULL);
    child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        dup2(memfd_create("stdout", 0), STDOUT_FILENO);
        dup2(err, STDERR_FILENO);
        alarm(60);
        run_faults(told, kind, words);
        _exit(0);
    }
    waitpid(child, &status, 0);
    said[slurp(err, said, sizeof said)] = '\0';
    close(err);
    cr_expect(told->is_done && told->law == NULL, "%s: failure %zu%s: %s\n%.2000s", joined(words),
              told->fail_at, told->for_ever ? " and all after it" : "",
              told->law != NULL     ? told->law
              : WIFSIGNALED(status) ? strsignal(WTERMSIG(status))
                                    : "it ended",
              said);
    cr_expect_lt(told->status, CLI_USAGE, "%s: wrong without any failure", joined(words));
    num_faults = told->num_faults;
    munmap(told, sizeof *told);
    return num_faults;
}

/* ---- Inputs ---------------------------------------------------------------------------------- */

static char *word(const char *text)
{
    return (char *)(uintptr_t)text;
}

/* Each mechanism, each shape of a token, damaged ones, text with several. */
static const char *const tokens[] = {
    "vectors/captured/mit-krb5-1-init.txt",
    "vectors/captured/mit-krb5-2-resp.txt",
    "vectors/captured/heimdal-hints.txt",
    "vectors/captured/java-krb5-2-resp.txt",
    "vectors/captured/samba-ntlm-1-init.txt",
    "vectors/captured/samba-ntlm-2-resp-challenge.txt",
    "vectors/captured/samba-ntlm-3-resp-authenticate.txt",
    "vectors/captured/samba-ntlm-4-resp-mic.txt",
    "vectors/captured/curl-krb5-delegation-1-init.txt",
    "vectors/captured/impacket-ntlm-5-resp-authenticate.txt",
    "vectors/captured/mit-reject-wrong-service.txt",
    "vectors/captured/mit-dce-3-resp.txt",
    "vectors/captured/dotnet-ntlm-3-resp-authenticate.txt",
    "vectors/accept/negoex-all-messages.txt",
    "vectors/accept/spnego-in-spnego.txt",
    "vectors/accept/resp-reject-alone.txt",
};

static const char *const texts[] = {
    "Authorization: Negotiate oRQwEqADCgEDoQsGCSqGSIL3EgECAg==",
    "a114300fa0030a0103a10b06092a864882f712010202 and oRQwEqADCgEDoQsGCSqGSIL3EgECAg==",
    "a182000b30820007a08200030a0100",
    "a1143012a0030a0103a10b0609",
    "4e544c4d53535000010000000700a2000000000000000000000000000000000000000000",
    /* Two lines that hexdump leaves out, one that od does. */
    ("00000000  a1 43 30 41 a2 3f 04 3d  00 00 00 00 00 00 00 00\n"
     "00000010  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00\n*\n"
     "00000040  00 00 00 00 00\n00000045\n"),
    ("0000000 a1 23 30 21 a2 1f 04 1d 00 00 00 00 00 00 00 00\n*\n"
     "0000040 00 00 00 00 00\n0000045\n"),
    "octets = {0xa1, 0x07, 0x30, 0x05,\n 0xa0, 0x03, 0x0a, 0x01, 0x02};",
    "GET / HTTP/1.1\r\nAuthorization: Negotiate oRQwEqADCgEDoQsG\r\n  CSqGSIL3EgECAg==\r\n",
};

enum { TWO_TOKENS = 1 };

static size_t each_token(unit kind, char **words, char **at)
{
    size_t num = 0;

    for (size_t i = 0; i < LEN(tokens); i++) {
        *at = word(tokens[i]);
        num += check_command(kind, words);
    }
    return num;
}

/* `%` in the words stands for an input of its own: each of the vectors, then each of the texts. */
static size_t each_input(unit kind, char **words, size_t num_words)
{
    char *with[MAX_WORDS + 2];
    size_t num;

    memcpy(with, words, num_words * sizeof words[0]);
    with[num_words + 1] = with[num_words + 2] = NULL;
    num = each_token(kind, with, &with[num_words]);
    with[num_words] = word("-t");
    for (size_t i = 0; i < LEN(texts); i++) {
        if (kind == WHOLE && i == TWO_TOKENS)
            continue;
        with[num_words + 1] = word(texts[i]);
        num += check_command(kind, with);
    }
    return num;
}

static char *texts_word(size_t index)
{
    return word(texts[index]);
}

#define WORDS(...) ((char *[]){word("spnego"), __VA_ARGS__})
#define COMMAND(kind, ...) check_command(kind, WORDS(__VA_ARGS__, NULL))
#define EACH(kind, ...) \
    each_input(kind, WORDS(__VA_ARGS__), sizeof WORDS(__VA_ARGS__) / sizeof(char *))

static char folder[] = "/tmp/spnego-command-......";

static char *in_folder(const char *name)
{
    static char paths[8][300];
    static size_t num;
    char *const path = paths[num++ % LEN(paths)];

    (void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static char *write_file(const char *name, const void *octets, size_t len)
{
    char *const path = in_folder(name);
    FILE *const file = fopen(path, "wb");

    cr_assert_not_null(file);
    cr_assert_eq(fwrite(octets, 1, len, file), len);
    cr_assert_eq(fclose(file), 0);
    return path;
}

static void make_folder(void)
{
    memset(folder + sizeof folder - 7, 'X', 6);
    cr_assert_not_null(mkdtemp(folder));
}

static void remove_folder(void)
{
    struct dirent **entries;
    const int num = scandir(folder, &entries, NULL, NULL);

    for (int i = 0; i < num; i++) {
        if (entries[i]->d_name[0] != '.')
            (void)unlink(in_folder(entries[i]->d_name));
        free(entries[i]);
    }
    if (num >= 0)
        free(entries);
    (void)rmdir(folder);
}

TestSuite(command, .init = make_folder, .fini = remove_folder);

/* ---- One token ------------------------------------------------------------------------------- */

/* clang-format off */
Test(command, decode)
{
    cr_expect_gt(EACH(PARAGRAPH, "decode"), 300u);
    cr_expect_gt(EACH(PARAGRAPH, "decode", "--redact", "--color=always"), 300u);
    cr_expect_gt(EACH(PARAGRAPH, "decode", "--strict"), 300u);
}

Test(command, decode_as_json)
{
    cr_expect_gt(EACH(LINE, "decode", "--format", "json"), 300u);
    cr_expect_gt(EACH(LINE, "decode", "--format", "json", "--redact", "--strict"), 300u);
    cr_expect_gt(EACH(WHOLE, "decode", "--format", "json", "--pretty"), 300u);
    cr_expect_gt(EACH(LINE, "decode", "--format", "pyspnego"), 300u);
}

Test(command, decode_as_vector)
{
    cr_expect_gt(EACH(WHOLE, "decode", "--as-vector"), 300u);
}

Test(command, lint)
{
    cr_expect_gt(EACH(LINE, "lint"), 100u);
    cr_expect_gt(EACH(LINE, "lint", "--format", "json"), 100u);
}

Test(command, extract)
{
    cr_expect_gt(EACH(LINE, "extract"), 100u);
    cr_expect_gt(EACH(LINE, "extract", "--to", "base64"), 100u);
    cr_expect_gt(EACH(WHOLE, "extract", "--to", "vector"), 100u);
}

Test(command, encode)
{
    cr_expect_gt(COMMAND(WHOLE, "encode", "vectors/captured/mit-krb5-1-init.txt"), 10u);
    cr_expect_gt(COMMAND(WHOLE, "encode", "--to", "hex", "vectors/accept/resp-reject-alone.txt"), 8u);
    cr_expect_gt(COMMAND(WHOLE, "encode", "--to", "base64", "-t", "long-form:4 SEQUENCE { `00` }"), 6u);
}

Test(command, explain)
{
    static const char shows[] = "title t\nrule DER_TRUNCATED\n\nhex\n  a1\n";

    cr_expect_gt(COMMAND(LINE, "explain", "--list"), 1u);
    (void)write_file("shows.txt", shows, sizeof shows - 1);
    (void)write_file("another.txt", shows, sizeof shows - 2);
    cr_expect_gt(COMMAND(LINE, "explain", "--vectors", folder, "DER_TRUNCATED", "106"), 8u);
}
/* clang-format on */

/* ---- Many tokens ----------------------------------------------------------------------------- */

/* Two exchanges as `replay` reads them, and their tokens as lines. */
#define EXCHANGE "vectors/exchanges/acceptor-mic-changed-on-its-way-heimdal-to-ours-mit.txt"
#define CONVERSATION "vectors/transcripts/acceptor-tries-next.txt"

Test(command, replay)
{
    cr_expect_gt(COMMAND(WHOLE, "replay", EXCHANGE), 20u);
    cr_expect_gt(COMMAND(LINE, "replay", "--format", "json", EXCHANGE, CONVERSATION), 40u);
    cr_expect_gt(COMMAND(WHOLE, "replay", "--format", "json", "--pretty", CONVERSATION), 10u);
    cr_expect_gt(COMMAND(WHOLE, "replay", "-t", "I: YIIB\nA: a1073005a0030a0102"), 5u);
    cr_expect_gt(COMMAND(WHOLE, "replay", "-t", texts_word(1)), 5u);
}

/* Enough of them for several pieces, each of which is a read of 64 KiB. */
static char *write_lines(void)
{
    static char lines[200000];
    size_t len = 0;

    while (len < sizeof lines - 4096)
        for (size_t i = 2; i < 4; i++)
            len += (size_t)snprintf(lines + len, sizeof lines - len, "%s\n# %0*d\n", texts[i], 1000,
                                    0);
    return write_file("lines", lines, len);
}

Test(command, lines)
{
    char *const lines = write_lines();

    cr_expect_gt(COMMAND(LINE, "decode", "--from", "lines", "--format", "json", lines), 20u);
    cr_expect_gt(COMMAND(LINE, "decode", "--from", "lines", "-j", "2", "--format", "json", lines),
                 20u);
    cr_expect_gt(COMMAND(LINE, "lint", "--from", "lines", "-j", "2", lines), 20u);
    cr_expect_gt(COMMAND(PARAGRAPH, "decode", "--from", "lines", "-j", "2", lines), 20u);
}

Test(command, a_line_without_an_end)
{
    char *const line = write_file("line", texts[2], strlen(texts[2]));

    cr_expect_gt(COMMAND(LINE, "decode", "--from", "lines", "--format", "json", line), 8u);
}

Test(command, several_inputs)
{
    cr_expect_gt(COMMAND(LINE, "decode", "--format", "json", "-t", texts_word(0), word(tokens[0]),
                         word(tokens[5]), word(tokens[6])),
                 40u);
    cr_expect_gt(COMMAND(LINE, "extract", "-t", texts_word(1), word(tokens[0]), word(tokens[4])),
                 20u);
}

Test(command, files_of_tokens)
{
    cr_expect_gt(COMMAND(LINE, "extract", "-d", folder, word(tokens[0]), word(tokens[4])), 20u);
}

/* ---- What carries them ----------------------------------------------------------------------- */

typedef struct wire {
    uint8_t octets[65536];
    size_t len;
    uint32_t next[2]; /* sequence numbers */
} wire;

static void put(wire *w, const void *octets, size_t len)
{
    cr_assert_leq(len, sizeof w->octets - w->len);
    memcpy(w->octets + w->len, octets, len);
    w->len += len;
}

/* A record of pcap with IPv4 and TCP, without Ethernet: numbers that say nothing are zero. */
static void put_segment(wire *w, int side, uint32_t seq, const void *octets, size_t len)
{
    const uint32_t total = (uint32_t)(40 + len), record[4] = {1700000000, 0, total, total};
    uint8_t header[40] = {0x45};

    header[2] = (uint8_t)(total >> 8);
    header[3] = (uint8_t)total;
    header[9] = 6;
    header[12] = header[16] = 10;
    header[15] = side == 0 ? 1 : 2;
    header[19] = side == 0 ? 2 : 1;
    header[20] = side == 0 ? 0x9c : 0x00;
    header[21] = side == 0 ? 0x40 : 0x50;
    header[22] = side == 0 ? 0x00 : 0x9c;
    header[23] = side == 0 ? 0x50 : 0x40;
    for (int i = 0; i < 4; i++)
        header[24 + i] = (uint8_t)(seq >> (24 - 8 * i));
    header[32] = 0x50;
    header[33] = 0x18;
    put(w, record, sizeof record);
    put(w, header, sizeof header);
    put(w, octets, len);
}

static void say(wire *w, int side, const char *text)
{
    put_segment(w, side, w->next[side], text, strlen(text));
    w->next[side] += (uint32_t)strlen(text);
}

/* The second half comes first. */
static void say_late(wire *w, int side, const char *text)
{
    const size_t half = strlen(text) / 2;

    put_segment(w, side, w->next[side] + (uint32_t)half, text + half, strlen(text) - half);
    put_segment(w, side, w->next[side], text, half);
    w->next[side] += (uint32_t)strlen(text);
}

#define INIT_TEXT "YCgGBisGAQUFAqAeMBygGjAYBgorBgEEAYI3AgIeBgorBgEEAYI3AgIK"
#define RESP_TEXT "oRQwEqADCgEDoQsGCSqGSIL3EgECAg=="

static char *write_capture(void)
{
    static const uint32_t head[6] = {0xa1b2c3d4, 4 << 16 | 2, 0, 0, 65535, 101};
    static wire w;

    memset(&w, 0, sizeof w);
    put(&w, head, sizeof head);
    w.next[0] = 100;
    w.next[1] = 7000;
    say(&w, 0, "GET / HTTP/1.1\r\nAuthorization: Negotiate " INIT_TEXT "\r\n\r\n");
    say_late(&w, 1,
             "HTTP/1.1 401 No\r\nWWW-Authenticate: Negotiate " RESP_TEXT
             "\r\nContent-Length: 0\r\n\r\n");
    say_late(&w, 0,
             "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='GSS-SPNEGO'>" INIT_TEXT
             "</auth>");
    say(&w, 1, "and what is lost");
    w.next[1] += 10;
    say(&w, 1, "HTTP/1.1 401 No\r\nWWW-Authenticate: Negotiate " RESP_TEXT "\r\n\r\n");
    return write_file("capture", w.octets, w.len);
}

Test(command, captures, .disabled = !COMMAND_WITH_PCAP)
{
    char *const capture = write_capture();

    cr_expect_gt(COMMAND(LINE, "decode", "--format", "json", capture), 20u);
    cr_expect_gt(COMMAND(PARAGRAPH, "decode", capture), 20u);
    cr_expect_gt(COMMAND(LINE, "lint", capture), 20u);
    cr_expect_gt(COMMAND(LINE, "extract", capture), 20u);
    cr_expect_gt(COMMAND(LINE, "replay", "--format", "json", capture), 20u);
    cr_expect_gt(COMMAND(PARAGRAPH, "replay", capture), 20u);
}

Test(command, streams)
{
    static const uint8_t nns[] = {22, 1, 0, 0, 9, 0xa1, 7, 48, 5, 160, 3, 10, 1, 2,
                                  20, 1, 0, 0, 9, 0xa1, 7, 48, 5, 160, 3, 10, 1, 0};
    static const uint8_t socks5[] = {5, 1, 1, 1, 1, 0, 9, 0xa1, 7, 48, 5, 160, 3, 10, 1, 2};
    static const char xmpp[] = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' "
                               "mechanism='GSS-SPNEGO'>" INIT_TEXT "</auth>";
    static const char octets[] =
        "\x01\x02\xa1\x07\x30\x05\xa0\x03\x0a\x01\x02\x05\x06 Negotiate " RESP_TEXT "\n";

    cr_expect_gt(COMMAND(LINE, "decode", "--from", "nns", "--format", "json",
                         write_file("nns", nns, sizeof nns)),
                 5u);
    cr_expect_gt(COMMAND(LINE, "decode", "--from", "socks5", "--format", "json",
                         write_file("socks5", socks5, sizeof socks5)),
                 5u);
    cr_expect_gt(COMMAND(LINE, "decode", "--from", "xmpp", "--format", "json",
                         write_file("xmpp", xmpp, sizeof xmpp - 1)),
                 5u);
    cr_expect_gt(COMMAND(LINE, "replay", "--from", "xmpp", "--format", "json", in_folder("xmpp")),
                 5u);
    cr_expect_gt(COMMAND(LINE, "extract", write_file("octets", octets, sizeof octets - 1)), 5u);
}
