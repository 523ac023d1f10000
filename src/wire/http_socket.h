/*
 * A request that becomes a WebSocket, on the net thread: libcurl makes the connection, with TLS and by
 * a proxy where there is one, and carries the bytes; the handshake and what is said then is here.
 */
#ifndef WIRE_HTTP_SOCKET_H
#define WIRE_HTTP_SOCKET_H

#include "wire/http_response.h"

struct http_socket;

/* `easy` is a connected CURL handle that stays in its CURLM; it and `r` outlive the socket. */
struct http_socket *http_socket_new(void *easy, struct http_response *r);
void http_socket_free(struct http_socket *s);

/* Sends and reads what can be without waiting. False: it is over, and why. */
bool http_socket_work(struct http_socket *s, enum http_end *why);
/* The descriptor to wait for, to be ready for reading, and with *writes for writing, too. */
int http_socket_fd(const struct http_socket *s, bool *writes);

#endif
