/*
 * HTTP over libmicrohttpd, single-threaded: the caller accepts connections, waits on httpd_fd and
 * calls httpd_run. A request is handed out once, whole; it is answered at once or sleeps until
 * request_answer. Nothing here waits for a client: bodies, headers, connections and idle time are
 * bounded, and whoever does not read is cut off.
 */
#ifndef SERVE_HTTPD_H
#define SERVE_HTTPD_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "serve/guard.h"

struct httpd;
struct request;
struct reply;

struct httpd_options {
	struct guard guard;
	unsigned connections;
	size_t body_max;
	unsigned peer_connections;	/* of one address over TCP */
	bool peer_loopback;		/* of this machine's own too */
	void (*handle)(void *ctx, struct request *r);
	/* The answer to what is not handed out; `why` is a static text. */
	struct reply *(*refuse)(const struct request *r, int status, const char *why);
	void *ctx;
};

enum err httpd_new(struct httpd **out, const struct httpd_options *o, struct error *e);
/* Every request ends; those that sleep are woken for it. */
void httpd_free(struct httpd *h);

int httpd_fd(const struct httpd *h);
/* ms until httpd_run has something to do without the fd being readable; -1 for never. */
int httpd_timeout(const struct httpd *h);
void httpd_run(struct httpd *h);
/* Takes over an accepted socket, closed on failure; `local` when it is a unix one. */
bool httpd_adopt(struct httpd *h, int fd, bool local);
/* From now on every answer closes its connection, and idle ones are closed. */
void httpd_drain(struct httpd *h);
unsigned httpd_connections(const struct httpd *h);

enum method { METHOD_GET, METHOD_HEAD, METHOD_PUT, METHOD_POST, METHOD_DELETE, METHOD_OPTIONS,
	METHOD_OTHER };

enum method request_method(const struct request *r);
/* As they came: a path that begins with '/', what follows the first '?'. */
struct str request_path(const struct request *r);
struct str request_query(const struct request *r);
/* The value, STR_NONE when it is not there. */
struct str request_header(const struct request *r, const char *name);
/* Whose token let it in, STR_NONE when that is not said. */
struct str request_user(const struct request *r);
struct buf *request_body(struct request *r);
/* `drop` is called when the request ends, however it does. */
void request_own(struct request *r, void *state, void (*drop)(void *state));

/* Once a request, at any time until it ends; takes the reply. */
void request_answer(struct request *r, struct reply *p);
/* The source of a reply has something again. */
void request_wake(struct request *r);

/* Bytes made while they are sent. */
struct source {
	/* How many bytes were put into `out`; 0 for none now: the request sleeps until woken. */
	ssize_t (*pull)(void *ctx, char *out, size_t max);
	void (*free)(void *ctx);
	void *ctx;
};
#define SOURCE_END ((ssize_t)-1)
#define SOURCE_FAIL ((ssize_t)-2)	/* the connection is cut, so that the client knows */

/* Takes what `body` holds and leaves it empty; NULL for none. */
struct reply *reply_new(int status, struct buf *body);
/* `size` in bytes, -1 when it is not known before the end. */
struct reply *reply_stream(int status, int64_t size, const struct source *src);
/* A line of text for people: a status and why. */
struct reply *reply_error(int status, const char *why);
void reply_header(struct reply *p, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
