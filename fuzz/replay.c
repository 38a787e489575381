/*
 * Runs files, and the files in folders, through a fuzz target without libFuzzer.
 *
 *     replay-decode build/fuzz-corpus/decode fuzz/regressions/decode
 *
 * A broken law or a crash ends the child that runs the file, not the count.
 */
#define _POSIX_C_SOURCE 200809L

#include "law.h"

#include <dirent.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_PATH 4096

typedef struct files {
    char **paths;
    size_t num_paths;
} files;

static void fail(const char *path, const char *why)
{
    fprintf(stderr, "replay: %s: %s\n", path, why);
    exit(2);
}

static void add(files *out, const char *path)
{
    char **paths = realloc(out->paths, (out->num_paths + 1) * sizeof *paths);

    if (paths == NULL)
        fail(path, "out of memory");
    out->paths = paths;
    out->paths[out->num_paths] = malloc(strlen(path) + 1);
    if (out->paths[out->num_paths] == NULL)
        fail(path, "out of memory");
    memcpy(out->paths[out->num_paths++], path, strlen(path) + 1);
}

static void add_folder(files *out, const char *name)
{
    char path[MAX_PATH];
    const struct dirent *entry;
    struct stat status;
    DIR *folder = opendir(name);

    if (folder == NULL)
        fail(name, "cannot be opened");
    while ((entry = readdir(folder)) != NULL) {
        snprintf(path, sizeof path, "%s/%s", name, entry->d_name);
        if (stat(path, &status) == 0 && S_ISREG(status.st_mode))
            add(out, path);
    }
    closedir(folder);
}

static void run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct stat status;
    uint8_t *data;
    size_t size;

    if (file == NULL || stat(path, &status) != 0)
        fail(path, "cannot be opened");
    size = (size_t)status.st_size;
    data = malloc(size != 0 ? size : 1);
    if (data == NULL || fread(data, 1, size, file) != size)
        fail(path, "cannot be read");
    fclose(file);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
}

/* Runs the files from `next` on in a child, which tells through the pipe which one it begins.
 * Returns the number that it completed. */
static size_t run_some(const files *all, size_t next)
{
    int ends[2], status;
    size_t done = 0;
    uint8_t mark = 0;
    pid_t child;

    if (pipe(ends) != 0)
        fail("pipe", "cannot be made");
    child = fork();
    if (child < 0)
        fail("fork", "failed");
    if (child == 0) {
        close(ends[0]);
        for (size_t i = next; i < all->num_paths; i++) {
            run_file(all->paths[i]);
            if (write(ends[1], &mark, 1) != 1)
                _exit(2);
        }
        exit(0);
    }
    close(ends[1]);
    while (read(ends[0], &mark, 1) == 1)
        done++;
    close(ends[0]);
    if (waitpid(child, &status, 0) != child)
        fail("waitpid", "failed");
    /* Everything was run, but something was wrong at the end: a leak. */
    if (next + done == all->num_paths && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
        fail("all files", "the process ended badly after the last one");
    return done;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int main(int argc, char **argv)
{
    const char *slash = strrchr(argv[0], '/');
    const char *name = slash != NULL ? slash + 1 : argv[0];
    files all = {NULL, 0};
    size_t at = 0, failed = 0;
    struct stat status;

    for (int i = 1; i < argc; i++) {
        if (stat(argv[i], &status) != 0)
            fail(argv[i], "not found");
        if (S_ISDIR(status.st_mode))
            add_folder(&all, argv[i]);
        else
            add(&all, argv[i]);
    }
    if (all.num_paths == 0)
        fail("nothing to run", "no files");
    qsort(all.paths, all.num_paths, sizeof *all.paths, compare);
    while (at < all.num_paths) {
        at += run_some(&all, at);
        if (at < all.num_paths) {
            fprintf(stderr, "%s: failed: %s\n", name, all.paths[at]);
            failed++;
            at++;
        }
    }
    printf("%s: %zu passed, %zu failed\n", name, all.num_paths - failed, failed);
    for (size_t i = 0; i < all.num_paths; i++)
        free(all.paths[i]);
    free(all.paths);
    return failed != 0;
}
