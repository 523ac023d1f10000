/*
 * A relay between a client and a server, on a thread of its own, that breaks connections when and
 * where a test says. An address is "/path" for a unix socket or a port of 127.0.0.1. All functions
 * may be called at any time; nothing is timed, faults happen at bytes.
 */
#ifndef HARNESS_PROXY_H
#define HARNESS_PROXY_H

#include <stdbool.h>
#include <stddef.h>

struct proxy;

/* `listen` is a path, or NULL for a port of its own. Aborts when it cannot listen. */
struct proxy *proxy_open(const char *listen, const char *upstream);
void proxy_close(struct proxy *p);
/* The port, 0 for a unix socket. */
int proxy_port(const struct proxy *p);

enum proxy_from { PROXY_FROM_CLIENT, PROXY_FROM_SERVER };
enum proxy_how {
	PROXY_FIN,	/* both sides see an orderly end */
	PROXY_RESET,	/* ECONNRESET where the socket can tell it (TCP) */
	PROXY_STALL	/* nothing passes any more, the connection stays */
};

/*
 * What is to go wrong once. The fault waits for a connection whose client sends `request` (NULL:
 * the next one that is opened); behind it `after` bytes of `from` pass and the next is the end.
 * { "POST ", PROXY_FROM_SERVER, 0, PROXY_FIN } hands on a request and swallows its answer.
 */
struct proxy_fault {
	const char *request;	/* at most 200 bytes */
	enum proxy_from from;
	size_t after;
	enum proxy_how how;
};
/* Faults wait side by side; of those that could take a connection the oldest does. */
void proxy_fault(struct proxy *p, const struct proxy_fault *fault);

/* What is open now. */
void proxy_cut(struct proxy *p, enum proxy_how how);
/* While down, whoever connects is cut at once. */
void proxy_down(struct proxy *p, bool down);

enum proxy_count {
	PROXY_CONNECTIONS,	/* accepted until now */
	PROXY_OPEN,		/* of these still there, stalled ones included */
	PROXY_FAULTS,		/* faults that have happened */
	PROXY_CLIENT_BYTES,	/* passed on from clients */
	PROXY_SERVER_BYTES
};
size_t proxy_count(struct proxy *p, enum proxy_count what);
/* Waits until the count is at least `n`; false after `ms` milliseconds. */
bool proxy_wait(struct proxy *p, enum proxy_count what, size_t n, int ms);

#endif
