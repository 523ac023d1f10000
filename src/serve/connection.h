/*
 * How long a connection may take over what it is doing. Whoever is late is shut down, and the
 * library that serves it sees its end as if the client had left.
 */
#ifndef SERVE_CONNECTION_H
#define SERVE_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "serve/head.h"

enum phase {
	PHASE_FIRST,		/* connected, no request yet */
	PHASE_IDLE,		/* kept alive for the next request */
	PHASE_BODY,
	PHASE_ASLEEP,		/* waits for us */
	PHASE_REPLY		/* something is on its way to the client */
};

struct connection {
	struct connection *next, **link;
	struct request *request;	/* the one it is busy with, or NULL */
	int fd;
	enum phase phase;
	int64_t since;			/* of clock_mono */
	struct head head;		/* what came on it is well formed so far */
	int unsent;			/* bytes the kernel held when it was last looked at */
};

struct connections {
	struct connection *first;
	unsigned n;
	int64_t next_check;
	bool draining;			/* nobody may stay idle */
};

struct connection *connection_new(struct connections *all, int fd);
void connection_free(struct connections *all, struct connection *c);
/* It goes on with this, from now on. */
void connection_enter(struct connection *c, enum phase phase);

/* ms until connections_check has something to do, -1 for never. */
int connections_timeout(const struct connections *all, int64_t now);
void connections_check(struct connections *all, int64_t now);
void connections_shutdown(struct connections *all);

#endif
