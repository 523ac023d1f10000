/*
 * The server: the loop around listeners, httpd, the commit thread and timers, and what the routes
 * share. Everything in it belongs to the loop.
 */
#ifndef SERVE_SERVER_H
#define SERVE_SERVER_H

#include "base/log.h"
#include "serve/commit.h"
#include "serve/httpd.h"
#include "serve/hub.h"
#include "serve/manager.h"
#include "serve/timers.h"

struct server_options {
	const char *data;		/* directory of the log */
	const char *socket;		/* path, NULL for none */
	const char *listen;		/* "HOST:PORT", NULL for none */
	bool expose;			/* it need not be loopback */
	struct manager *manager;	/* borrowed */
	const char *log;		/* opened anew when told to, NULL for none */
	enum log_level log_level;
	unsigned peer_connections;	/* of one address over TCP; 0: 256, this machine without end */
	struct guard guard;
	struct retention keep;
	int64_t long_poll_ms, sse_ms, heartbeat_ms, presence_ms;
	size_t body_max;
	int ready_fd;			/* told "ready" and the address; -1 for none */
};

struct server {
	struct server_options o;
	struct streams *reader;
	struct commit *commit;
	struct hub *hub;
	struct presence *presence;
	struct httpd *httpd;
	struct timers timers;
	unsigned touches;		/* on their way to the log */
	bool draining;			/* what waits or follows ends now */
};

/* Runs until SIGTERM or SIGINT; SIGHUP opens the log file anew, and ends it when there is none. */
enum err server_run(const struct server_options *o, struct error *e);

/* Hands an op to the commit thread for `r`; op->done(r, op) is called after the commit. */
void server_submit(struct server *s, struct request *r, struct op *op);
/* Someone reads this stream: its time to live begins anew. */
void server_touch(struct server *s, const struct stream *stream);

#endif
