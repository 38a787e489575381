/*
 * A reader cuts the input into pieces of whole lines, workers decode them, a writer prints them in
 * order.  A piece is what one read gave, so that a slow input is answered line by line, and a fast
 * one in large pieces.
 */
#define _POSIX_C_SOURCE 200809L
#include "cli/batch.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "inspect/render.h"

enum { CLI_PIECE = 65536 };

typedef enum cli_piece_state {
    CLI_PIECE_FREE = 0, /* the reader's                                        */
    CLI_PIECE_READ,     /* a worker's                                          */
    CLI_PIECE_COUNTED,  /* the number of its tokens is known, and so is where
                         * the next piece's begin to count                     */
    CLI_PIECE_DONE      /* the writer's                                        */
} cli_piece_state;

typedef struct cli_piece {
    cli_piece_state state;
    inspect_text input;
    inspect_text output;
    size_t first_index; /* of its first token */
    size_t num_tokens;
    int status;
    int is_failed;   /* out of memory: some of its tokens are not in the output */
    int is_too_long; /* a line of it */
} cli_piece;

typedef struct cli_batch_run {
    const cli_options *options;
    const char *name;
    int is_lint;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    cli_piece *pieces; /* a ring: piece number n is pieces[n % num_pieces] */
    size_t num_pieces;
    size_t num_read;    /* pieces that the reader filled            */
    size_t num_taken;   /* pieces that workers took                 */
    size_t num_counted; /* pieces whose first_index is known, and one more */
    size_t num_written;
    int at_end;     /* the reader fills no more */
    int is_stopped; /* a token could not be shown: nothing behind it would be in its place */
    int status;
} cli_batch_run;

static cli_piece *cli_piece_of(cli_batch_run *run, size_t number)
{
    return &run->pieces[number % run->num_pieces];
}

/* ---- Workers --------------------------------------------------------------------------------- */

static void cli_piece_show(cli_batch_run *run, cli_piece *piece, const inspect_list *list,
                           inspect_reading *reading)
{
    for (size_t i = 0; i < list->num_items; i++) {
        const inspect_item *item = &list->items[i];
        const size_t mark = piece->output.len;
        inspect_view view;
        int status;

        memset(&view, 0, sizeof view);
        view.name = run->name;
        view.index = piece->first_index + i;
        view.encoding = item->encoding;
        view.scheme = item->scheme;
        if (view.index > 0 && run->options->format == CLI_TEXT && !run->is_lint)
            inspect_text_putc(&piece->output, '\n');
        status =
            cli_show_token(&piece->output, reading, &view, run->options, run->is_lint,
                           inspect_list_token(list, i), run->options->receiver, item->is_guess);
        if (status > piece->status)
            piece->status = status;
        /* What is there of the token's object is not an object. */
        if (piece->output.failed) {
            piece->output.len = mark;
            piece->output.failed = 0;
            piece->is_failed = 1;
            return;
        }
    }
}

/* Waits until the tokens of all pieces before have been counted, and passes the count on. */
static void cli_piece_count(cli_batch_run *run, cli_piece *piece, size_t number)
{
    pthread_mutex_lock(&run->lock);
    while (run->num_counted < number)
        pthread_cond_wait(&run->changed, &run->lock);
    /* The ring has room for one more piece than there are pieces under way. */
    if (number > 0)
        piece->first_index =
            cli_piece_of(run, number - 1)->first_index + cli_piece_of(run, number - 1)->num_tokens;
    else
        piece->first_index = 0;
    piece->state = CLI_PIECE_COUNTED;
    run->num_counted = number + 1;
    pthread_cond_broadcast(&run->changed);
    pthread_mutex_unlock(&run->lock);
}

/* Takes the number of the next piece that was read; 0 at the end. */
static int cli_piece_take(cli_batch_run *run, size_t *out_number)
{
    int taken;

    pthread_mutex_lock(&run->lock);
    while (run->num_taken == run->num_read && !run->at_end)
        pthread_cond_wait(&run->changed, &run->lock);
    taken = run->num_taken < run->num_read;
    if (taken)
        *out_number = run->num_taken++;
    pthread_mutex_unlock(&run->lock);
    return taken;
}

static void *cli_batch_work(void *argument)
{
    cli_batch_run *run = argument;
    inspect_list list;
    inspect_reading *reading = calloc(1, sizeof *reading);
    size_t number;

    memset(&list, 0, sizeof list);
    while (cli_piece_take(run, &number)) {
        cli_piece *piece = cli_piece_of(run, number);

        (void)inspect_find_tokens(&list, (const uint8_t *)piece->input.data, piece->input.len,
                                  INSPECT_FROM_LINES);
        piece->num_tokens = list.num_items;
        piece->is_failed = reading == NULL || list.failed || piece->input.failed;
        piece->is_too_long = list.is_too_long;
        cli_piece_count(run, piece, number);
        if (!piece->is_failed)
            cli_piece_show(run, piece, &list, reading);
        pthread_mutex_lock(&run->lock);
        piece->state = CLI_PIECE_DONE;
        pthread_cond_broadcast(&run->changed);
        pthread_mutex_unlock(&run->lock);
    }
    if (reading != NULL)
        inspect_reading_free(reading);
    free(reading);
    inspect_list_free(&list);
    return NULL;
}

/* ---- Writing --------------------------------------------------------------------------------- */

typedef struct cli_progress {
    struct timespec began, shown;
    size_t num_tokens, num_octets;
    int is_on; /* standard error is a terminal, and standard output is not it */
} cli_progress;

static double cli_seconds(const struct timespec *from, const struct timespec *to)
{
    return (double)(to->tv_sec - from->tv_sec) + (double)(to->tv_nsec - from->tv_nsec) * 1e-9;
}

/* A line that is written over itself, from the third second on. */
static void cli_progress_show(cli_progress *p, int at_end)
{
    struct timespec now;

    if (!p->is_on || clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return;
    if (cli_seconds(&p->began, &now) < 2 || (cli_seconds(&p->shown, &now) < 0.5 && !at_end))
        return;
    p->shown = now;
    fprintf(stderr, "\r%zu tokens, %.1f MB, %.0f tokens/s \033[K%s", p->num_tokens,
            (double)p->num_octets * 1e-6, (double)p->num_tokens / cli_seconds(&p->began, &now),
            at_end ? "\n" : "");
}

static cli_piece *cli_piece_await(cli_batch_run *run)
{
    cli_piece *piece = NULL;

    pthread_mutex_lock(&run->lock);
    for (;;) {
        piece = cli_piece_of(run, run->num_written);
        if (run->num_written < run->num_read && piece->state == CLI_PIECE_DONE)
            break;
        piece = NULL;
        if (run->at_end && run->num_written == run->num_read)
            break;
        pthread_cond_wait(&run->changed, &run->lock);
    }
    pthread_mutex_unlock(&run->lock);
    return piece;
}

static void cli_piece_write(const cli_batch_run *run, cli_piece *piece)
{
    (void)cli_write(&piece->output);
    fflush(stdout);
    if (piece->is_too_long) {
        cli_complain(run->name, "a line is longer than 64 MiB");
        piece->status = CLI_UNDECODABLE;
    }
    if (piece->is_failed)
        piece->status = cli_no_memory(run->name);
}

static int cli_batch_is_stopped(cli_batch_run *run)
{
    int is_stopped;

    pthread_mutex_lock(&run->lock);
    is_stopped = run->is_stopped;
    pthread_mutex_unlock(&run->lock);
    return is_stopped;
}

static void *cli_batch_write(void *argument)
{
    cli_batch_run *run = argument;
    cli_progress progress;
    cli_piece *piece;

    memset(&progress, 0, sizeof progress);
    progress.is_on = isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO) &&
                     clock_gettime(CLOCK_MONOTONIC, &progress.began) == 0;
    while ((piece = cli_piece_await(run)) != NULL) {
        if (!run->is_stopped)
            cli_piece_write(run, piece);
        progress.num_tokens += piece->num_tokens;
        progress.num_octets += piece->input.len;
        cli_progress_show(&progress, 0);
        pthread_mutex_lock(&run->lock);
        run->is_stopped |= piece->is_failed || ferror(stdout);
        if (piece->status > run->status)
            run->status = piece->status;
        piece->state = CLI_PIECE_FREE;
        run->num_written++;
        pthread_cond_broadcast(&run->changed);
        pthread_mutex_unlock(&run->lock);
    }
    cli_progress_show(&progress, 1);
    return NULL;
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* Waits for a piece to fill.  The one before the oldest under way is kept for its count. */
static cli_piece *cli_piece_fresh(cli_batch_run *run)
{
    cli_piece *piece = cli_piece_of(run, run->num_read);

    pthread_mutex_lock(&run->lock);
    while (run->num_read - run->num_written >= run->num_pieces - 1)
        pthread_cond_wait(&run->changed, &run->lock);
    pthread_mutex_unlock(&run->lock);
    inspect_text_clear(&piece->input);
    inspect_text_clear(&piece->output);
    piece->input.failed = piece->output.failed = 0;
    piece->num_tokens = 0;
    piece->status = CLI_CLEAN;
    piece->is_failed = piece->is_too_long = 0;
    return piece;
}

static void cli_piece_hand_over(cli_batch_run *run, cli_piece *piece)
{
    pthread_mutex_lock(&run->lock);
    piece->state = CLI_PIECE_READ;
    run->num_read++;
    pthread_cond_broadcast(&run->changed);
    pthread_mutex_unlock(&run->lock);
}

/* The length of the whole lines at the beginning of `octets`. */
static size_t cli_whole_lines(const char *octets, size_t len)
{
    while (len > 0 && octets[len - 1] != '\n')
        len--;
    return len;
}

/* Returns 0 if the input cannot be read. */
static int cli_batch_read(cli_batch_run *run, int fd)
{
    static char room[CLI_PIECE];
    inspect_text line = {NULL, 0, 0, 0}; /* the beginning of one whose end has not come */
    cli_piece *piece;
    ssize_t got = 0;

    while (!cli_batch_is_stopped(run) && (got = read(fd, room, sizeof room)) != 0) {
        const size_t whole = got < 0 ? 0 : cli_whole_lines(room, (size_t)got);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            cli_complain(run->name, strerror(errno));
            break;
        }
        if (whole > 0) {
            piece = cli_piece_fresh(run);
            inspect_text_put(&piece->input, line.data, line.len);
            inspect_text_put(&piece->input, room, whole);
            piece->input.failed |= line.failed;
            inspect_text_clear(&line);
            line.failed = 0;
            cli_piece_hand_over(run, piece);
        }
        /* A line that is too long is cut, and refused for its length. */
        if (line.len <= INSPECT_MAX_INPUT)
            inspect_text_put(&line, room + whole, (size_t)got - whole);
    }
    if (line.len > 0 || line.failed) {
        piece = cli_piece_fresh(run);
        inspect_text_put(&piece->input, line.data, line.len);
        inspect_text_putc(&piece->input, '\n');
        piece->input.failed |= line.failed;
        cli_piece_hand_over(run, piece);
    }
    inspect_text_free(&line);
    return got >= 0;
}

/* ---- All of it ------------------------------------------------------------------------------- */

/* Returns how many workers were started; without one, or without a writer, nothing can be done. */
static size_t cli_batch_start(cli_batch_run *run, pthread_t *workers, size_t num, pthread_t *writer)
{
    size_t started = 0;

    if (pthread_create(writer, NULL, cli_batch_write, run) != 0)
        return 0;
    while (started < num && pthread_create(&workers[started], NULL, cli_batch_work, run) == 0)
        started++;
    if (started > 0)
        return started;
    pthread_mutex_lock(&run->lock);
    run->at_end = 1;
    pthread_cond_broadcast(&run->changed);
    pthread_mutex_unlock(&run->lock);
    pthread_join(*writer, NULL);
    return 0;
}

static int cli_batch_fd(cli_batch_run *run, int fd)
{
    const size_t num = run->options->jobs;
    pthread_t workers[CLI_MAX_JOBS], writer;
    size_t started;
    int is_read;

    started = cli_batch_start(run, workers, num, &writer);
    if (started == 0) {
        cli_complain(run->name, "no thread can be started");
        return CLI_NO_MEMORY;
    }
    is_read = cli_batch_read(run, fd);
    pthread_mutex_lock(&run->lock);
    run->at_end = 1;
    pthread_cond_broadcast(&run->changed);
    pthread_mutex_unlock(&run->lock);
    for (size_t i = 0; i < started; i++)
        pthread_join(workers[i], NULL);
    pthread_join(writer, NULL);
    return is_read || run->status > CLI_NO_INPUT ? run->status : CLI_NO_INPUT;
}

int cli_batch(const char *name, const cli_options *options, int is_lint)
{
    const int is_stdin = strcmp(name, "-") == 0;
    const int fd = is_stdin ? STDIN_FILENO : open(name, O_RDONLY);
    cli_batch_run run;
    int status;

    if (fd < 0) {
        cli_complain(name, strerror(errno));
        return CLI_NO_INPUT;
    }
    memset(&run, 0, sizeof run);
    run.options = options;
    run.name = name;
    run.is_lint = is_lint;
    run.num_pieces = 2 * options->jobs + 2;
    run.pieces = calloc(run.num_pieces, sizeof run.pieces[0]);
    pthread_mutex_init(&run.lock, NULL);
    pthread_cond_init(&run.changed, NULL);
    if (run.pieces == NULL) {
        status = cli_no_memory(name);
    } else {
        status = cli_batch_fd(&run, fd);
    }
    for (size_t i = 0; run.pieces != NULL && i < run.num_pieces; i++) {
        inspect_text_free(&run.pieces[i].input);
        inspect_text_free(&run.pieces[i].output);
    }
    free(run.pieces);
    pthread_cond_destroy(&run.changed);
    pthread_mutex_destroy(&run.lock);
    if (!is_stdin)
        close(fd);
    return status;
}
