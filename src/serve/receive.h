/*
 * What libmicrohttpd reads, seen first. It accepts requests that other readers would take for
 * something else and cannot be told not to, and once it has parsed one nothing shows how it was
 * written. But it reads with recv(2) from a shared library, so the recv of this program is the one
 * it calls: on a socket that is watched only well-formed bytes come out of it, whoever sends others
 * is told so and is gone. Belongs to the loop.
 */
#ifndef SERVE_RECEIVE_H
#define SERVE_RECEIVE_H

#include "serve/head.h"

/* `h` is borrowed until receive_forget. h->heads stays 0 where all this does not work. */
void receive_watch(int fd, struct head *h);
void receive_forget(int fd);

#endif
