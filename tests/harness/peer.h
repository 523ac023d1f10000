/*
 * A scripted HTTP server for tests: every request is recorded, every answer is bytes the test gives,
 * when it gives them. No clock: a response hangs until the next peer_write, and all waits of the
 * test are for states. A wait that takes 20 s fails the test by abort with a message.
 */
#ifndef TESTS_HARNESS_PEER_H
#define TESTS_HARNESS_PEER_H

#include "base/str.h"

struct peer;

enum peer_then {
	PEER_OPEN,	/* the response goes on with the next peer_write */
	PEER_DONE,	/* it is whole; the connection is good for another request */
	PEER_FIN,	/* the connection ends here */
	PEER_RST	/* and is reset; over a unix socket the same as PEER_FIN */
};

/* Listens on this unix socket, or with NULL on a free port of 127.0.0.1. */
struct peer *peer_new(const char *unix_socket);
void peer_free(struct peer *p);
/* "http://127.0.0.1:PORT", over a unix socket "http://weir.local". */
const char *peer_url(const struct peer *p);
/* NULL over TCP. */
const char *peer_socket(const struct peer *p);

/*
 * Requests are numbered from 0 as they arrive. Waits until this one is here whole; what is returned
 * lives as long as the peer: the head with its request line, and the body.
 */
struct str peer_head(struct peer *p, size_t request);
struct str peer_body(struct peer *p, size_t request);
size_t peer_count(struct peer *p);

/* Sends these bytes as (more of) the response. Queued: does not wait for the client to read. */
void peer_write(struct peer *p, size_t request, struct str bytes, enum peer_then then);
/*
 * The answer to a request that will come: the first one whose request line begins so ("GET /a"; ""
 * is any) and that no earlier canned answer took. `times` 0 is any number of requests.
 */
void peer_canned(struct peer *p, const char *begins, struct str bytes, enum peer_then then,
    unsigned times);
/* The same with any number of answers 200 that are this JSON. */
void peer_json(struct peer *p, const char *begins, const char *json);
/* Waits until all that was queued for this request is in the socket. */
void peer_wait_sent(struct peer *p, size_t request);
/* Waits until the client closed the connection of this request. */
void peer_wait_gone(struct peer *p, size_t request);
bool peer_is_gone(struct peer *p, size_t request);

#endif
