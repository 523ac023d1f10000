/* Child processes of weir: the session server, the player, the relay. They end with their parent. */
#ifndef APP_CHILD_H
#define APP_CHILD_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

/* The weir-serve that belongs to this weir: beside the running program in a build tree, else the
 * installed one. */
void child_serve_path(struct buf *out);

/* Starts weir-serve with these arguments (argv[0] is filled in, NULL at the end) and waits until it
 * says it is ready. Returns its pid, -1 with an error. */
pid_t child_serve(const char **argv, struct error *e);

/* Forks `run` into a process of its own; its return value is the exit code. */
pid_t child_fork(int (*run)(void *ctx), void *ctx, struct error *e);

/* Runs a program, found in PATH, in a process group of its own, with its standard output on *fd
 * (non-blocking) and nothing on the other two. Returns its pid, -1 with an error. */
pid_t child_read(char *const *argv, int *fd, struct error *e);

/* SIGTERM, a moment, SIGKILL; reaps. pid <= 0 is nothing. */
void child_end(pid_t pid);

#endif
