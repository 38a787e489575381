#define _POSIX_C_SOURCE 200809L

#include "witness/vectors.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PATH 4096
#define MAX_LINE 65536

static void fail(const char *what, const char *where)
{
    fprintf(stderr, "vectors: %s: %s\n", where, what);
    exit(1);
}

static void *grow(void *memory, size_t size)
{
    memory = realloc(memory, size != 0 ? size : 1);
    if (memory == NULL)
        fail("out of memory", "realloc");
    return memory;
}

static void add(vectors *out, const char *path, const uint8_t *octets, size_t len)
{
    vector *item;

    out->items = grow(out->items, (out->num_items + 1) * sizeof *out->items);
    item = &out->items[out->num_items++];
    item->path = grow(NULL, strlen(path) + 1);
    memcpy(item->path, path, strlen(path) + 1);
    item->octets = grow(NULL, len);
    item->len = len;
    if (len != 0)
        memcpy(item->octets, octets, len);
}

static int digit(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Appends the octets of an indented line, up to a comment. */
static void read_line(uint8_t **octets, size_t *len, const char *line, const char *path)
{
    for (; *line != '\0' && *line != '#'; line++) {
        if (strchr(" \t\r\n", *line) != NULL)
            continue;
        if (digit(line[0]) < 0 || digit(line[1]) < 0)
            fail("not hexadecimal", path);
        *octets = grow(*octets, *len + 1);
        (*octets)[(*len)++] = (uint8_t)(digit(line[0]) * 16 + digit(line[1]));
        line++;
    }
}

static void load_file(vectors *out, const char *path)
{
    static char line[MAX_LINE];
    FILE *file = fopen(path, "r");
    uint8_t *octets = NULL;
    size_t len = 0;
    int inside = 0;

    if (file == NULL)
        fail("cannot be opened", path);
    while (fgets(line, sizeof line, file) != NULL) {
        if (inside && (line[0] == ' ' || line[0] == '\t')) {
            read_line(&octets, &len, line, path);
            continue;
        }
        if (line[0] == '#')
            continue;
        if (inside)
            add(out, path, octets, len);
        inside = strncmp(line, "hex", 3) == 0 && (line[3] == '\n' || line[3] == '\r');
        len = 0;
    }
    if (inside)
        add(out, path, octets, len);
    free(octets);
    fclose(file);
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const vector *)a)->path, ((const vector *)b)->path);
}

static void load_folder(vectors *out, const char *root, const char *name)
{
    char path[MAX_PATH];
    const struct dirent *entry;
    DIR *folder;

    snprintf(path, sizeof path, "%s/%s", root, name);
    folder = opendir(path);
    if (folder == NULL)
        fail("cannot be opened", path);
    while ((entry = readdir(folder)) != NULL) {
        const char *dot = strrchr(entry->d_name, '.');

        if (dot == NULL || strcmp(dot, ".txt") != 0)
            continue;
        snprintf(path, sizeof path, "%s/%s/%s", root, name, entry->d_name);
        load_file(out, path);
    }
    closedir(folder);
}

void vectors_load(vectors *out)
{
    const char *root = getenv("SPNEGO_VECTORS");

    if (root == NULL)
        root = "vectors";
    out->items = NULL;
    out->num_items = 0;
    load_folder(out, root, "accept");
    load_folder(out, root, "reject");
    load_folder(out, root, "captured");
    if (out->num_items == 0)
        fail("no vectors", root);
    qsort(out->items, out->num_items, sizeof *out->items, compare);
}

void vectors_free(vectors *loaded)
{
    for (size_t i = 0; i < loaded->num_items; i++) {
        free(loaded->items[i].path);
        free(loaded->items[i].octets);
    }
    free(loaded->items);
    loaded->items = NULL;
    loaded->num_items = 0;
}
