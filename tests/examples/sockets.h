/*
 * sockets.h - for the examples: a client and a server in two processes, with a socket between them.
 */
#ifndef SPNEGO_EXAMPLES_SOCKETS_H
#define SPNEGO_EXAMPLES_SOCKETS_H

#include <spnego/spnego.h>

#include <stdio.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static int send_all(int fd, spnego_bytes out)
{
    while (out.len != 0) {
        const ssize_t sent = write(fd, out.data, out.len);

        if (sent <= 0)
            return 0;
        out.data += sent;
        out.len -= (size_t)sent;
    }
    return 1;
}

/* Runs both sides, each of which returns 1 if all went well; returns what main does. */
static int run_both(int (*run)(int fd, spnego_role role))
{
    int fds[2], status = 1, good;
    pid_t child;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
        return 1;
    child = fork();
    if (child < 0)
        return 1;
    close(fds[child == 0 ? 0 : 1]);
    good = child == 0 ? run(fds[1], SPNEGO_ACCEPTOR) : run(fds[0], SPNEGO_INITIATOR);
    fflush(stdout);
    close(fds[child == 0 ? 1 : 0]);
    if (child == 0)
        return !good;
    return !good || waitpid(child, &status, 0) != child || status != 0;
}

#endif /* SPNEGO_EXAMPLES_SOCKETS_H */
