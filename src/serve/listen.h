/* Where connections come from: a unix socket that only its user may use, or TCP on loopback. */
#ifndef SERVE_LISTEN_H
#define SERVE_LISTEN_H

#include "base/buf.h"
#include "base/err.h"

/* Listens on `path`, whose directory is made 0700; a socket that nobody answers on is replaced. */
enum err listen_unix(const char *path, int *fd, struct error *e);
/* "127.0.0.1:4437", "localhost:0", "[::1]:80"; other addresses only when `expose`. */
enum err listen_tcp(const char *address, bool expose, int *fd, struct error *e);
/*
 * One that was opened by whoever started us: says whether it is a unix socket. What others can reach
 * needs `expose` here too.
 */
enum err listen_inherited(int fd, bool expose, bool *local, struct error *e);
/* "http://127.0.0.1:4437" of a socket that listens. */
void listen_name(int fd, struct buf *out);

/* Accepts a connection that may speak to us; -1 with errno, EPERM for one that was turned away. */
int listen_accept(int fd, bool local);

#endif
