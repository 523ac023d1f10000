#include "serve/httpd.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "serve/connection.h"
#include "serve/receive.h"

enum {
	URL_MAX = 2048,
	CONNECTION_MEMORY = 6144,	/* the request's headers and what is on its way out */
	BLOCK = 65536,			/* of a streamed reply whose size is known */
	OLD_BLOCK = 512,		/* of another one to a client of HTTP/1.0 */
	DISCARD_MAX = 16 << 20,		/* of a body that is too large, read so that 413 arrives */
	BODIES_MAX = 256 << 20,		/* all bodies together */
	IDLE_SECONDS = 60
};

struct reply {
	int status;
	struct MHD_Response *response;
	struct request *request;	/* whose source may sleep */
	struct source src;
};

struct request {
	struct httpd *httpd;
	struct MHD_Connection *mhd;
	struct connection *connection;
	enum method method;
	struct buf target;
	struct str path, query, user;
	struct buf body;
	size_t received;
	struct reply *reply;
	bool begun, handled, queued, asleep;
	int refused;			/* a status that is answered as soon as the body is over */
	const char *why;
	void *state;
	void (*drop)(void *state);
};

struct httpd {
	struct MHD_Daemon *daemon;
	struct httpd_options o;
	struct connections connections;
	size_t bodies;
	bool stopping;
};

/* ---- replies */

static struct reply *
reply_of(int status, struct MHD_Response *response)
{
	struct reply *p = mem_zalloc(sizeof *p);

	p->status = status;
	p->response = response;
	return p;
}

struct reply *
reply_new(int status, struct buf *body)
{
	size_t n = body != NULL ? body->n : 0;
	void *bytes = n > 0 ? body->p : NULL;
	struct reply *p = reply_of(status, MHD_create_response_from_buffer(n, bytes,
	    n > 0 ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT));

	if (n > 0)
		*body = (struct buf){ 0 };
	return p;
}

static ssize_t
pull(void *ctx, uint64_t pos, char *out, size_t max)
{
	struct reply *p = ctx;
	struct request *r = p->request;
	ssize_t n = r->httpd->stopping ? SOURCE_FAIL : p->src.pull(p->src.ctx, out, max);

	(void)pos;
	if (n == SOURCE_END)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (n == SOURCE_FAIL)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	connection_enter(r->connection, n > 0 ? PHASE_REPLY : PHASE_ASLEEP);
	if (n == 0) {
		r->asleep = true;
		MHD_suspend_connection(r->mhd);
	}
	return n;
}

static void
source_done(void *ctx)
{
	struct reply *p = ctx;

	if (p->src.free != NULL)
		p->src.free(p->src.ctx);
	free(p);
}

struct reply *
reply_stream(int status, int64_t size, const struct source *src)
{
	struct reply *p = reply_of(status, NULL);
	/* Chunks are made in the connection's memory: without a size only HTTP/1.0 needs it. */
	size_t block = size < 0 ? OLD_BLOCK : size > BLOCK ? BLOCK : size > 0 ? (size_t)size : 1;

	p->src = *src;
	p->response = MHD_create_response_from_callback(
	    size < 0 ? MHD_SIZE_UNKNOWN : (uint64_t)size, block, pull, p, source_done);
	return p;
}

struct reply *
reply_error(int status, const char *why)
{
	struct buf text = { 0 };
	struct reply *p;

	buf_printf(&text, "%s\n", why != NULL ? why : "");
	p = reply_new(status, &text);
	reply_header(p, "Content-Type", "text/plain; charset=utf-8");
	return p;
}

void
reply_header(struct reply *p, const char *name, const char *fmt, ...)
{
	struct buf value = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&value, fmt, ap);
	va_end(ap);
	/* Refused when it holds what would end the header: then it is left out. */
	MHD_add_response_header(p->response, name, buf_cstr(&value));
	buf_done(&value);
}

/* Of one that was never sent. */
static void
reply_free(struct reply *p)
{
	bool streamed = p->src.pull != NULL;

	MHD_destroy_response(p->response);
	if (!streamed)
		free(p);
}

/* ---- requests */

enum method
request_method(const struct request *r)
{
	return r->method;
}

struct str
request_path(const struct request *r)
{
	return r->path;
}

struct str
request_query(const struct request *r)
{
	return r->query;
}

struct str
request_header(const struct request *r, const char *name)
{
	const char *value = NULL;
	size_t n = 0;

	if (MHD_lookup_connection_value_n(r->mhd, MHD_HEADER_KIND, name, strlen(name), &value,
	    &n) != MHD_YES)
		return STR_NONE;
	return value != NULL ? str_trim(str_of(value, n)) : STR("");
}

struct str
request_user(const struct request *r)
{
	return r->user;
}

struct buf *
request_body(struct request *r)
{
	return &r->body;
}

void
request_own(struct request *r, void *state, void (*drop)(void *state))
{
	r->state = state;
	r->drop = drop;
}

void
request_wake(struct request *r)
{
	if (!r->asleep)
		return;
	r->asleep = false;
	MHD_resume_connection(r->mhd);
}

void
request_answer(struct request *r, struct reply *p)
{
	r->reply = p;
	request_wake(r);
}

static void
release_body(struct request *r)
{
	r->httpd->bodies -= r->body.cap;
	buf_done(&r->body);
}

/* ---- what must hold for every request */

static void
refuse(struct request *r, int status, const char *why)
{
	if (r->refused != 0)
		return;
	r->refused = status;
	r->why = why;
}

static enum method
method_of(const char *name)
{
	static const char *const names[] = { "GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return (enum method)i;
	return METHOD_OTHER;
}

static enum MHD_Result
each_header(void *ctx, enum MHD_ValueKind kind, const char *key, size_t key_n, const char *value,
    size_t value_n)
{
	(void)kind;
	guard_header(ctx, str_of(key, key_n), str_of(value, value_n));
	return MHD_YES;
}

/* Refuses what is malformed or not for us; true when the refusal cannot wait for the body. */
static bool
check_request(struct request *r)
{
	struct guard_request g = { 0 };
	const char *why;
	int status;

	if (r->connection->head.heads == 0)
		refuse(r, 500, "requests cannot be checked; this libmicrohttpd reads in another way");
	g.local = MHD_get_connection_info(r->mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->
	    client_addr->sa_family == AF_UNIX;
	g.preflight = r->method == METHOD_OPTIONS;
	MHD_get_connection_values_n(r->mhd, MHD_HEADER_KIND, each_header, &g);
	if (r->target.n > URL_MAX)
		refuse(r, 414, "the URL is too long");
	else if (!guard_target(buf_view(&r->target), &g.authority, &r->path, &r->query))
		refuse(r, 400, "the target is malformed");
	if ((status = guard_check(&r->httpd->o.guard, &g, &why)) != 0)
		refuse(r, status, why);
	r->user = g.user;
	if (g.length > r->httpd->o.body_max)
		refuse(r, 413, "the body is too large");
	return !guard_framing(&g) || g.length > DISCARD_MAX ||
	    (r->refused != 0 && request_header(r, "Expect").p != NULL);
}

/* What browsers may do with an answer. */
static void
add_policy(struct request *r)
{
	struct str allow = guard_allow_origin(&r->httpd->o.guard, request_header(r, "Origin"));
	bool cors = r->httpd->o.guard.origins != NULL;

	reply_header(r->reply, "X-Content-Type-Options", "nosniff");
	reply_header(r->reply, "Cross-Origin-Resource-Policy",
	    cors ? "cross-origin" : "same-origin");
	if (cors)
		reply_header(r->reply, "Vary", "Origin");
	if (allow.p == NULL)
		return;
	reply_header(r->reply, "Access-Control-Allow-Origin", "%.*s", STR_ARG(allow));
	reply_header(r->reply, "Access-Control-Expose-Headers", "%s", "*, ETag, Location,"
	    " Stream-Next-Offset, Stream-Cursor, Stream-Up-To-Date, Stream-Closed, Stream-TTL,"
	    " Stream-Expires-At, Stream-SSE-Data-Encoding, Producer-Epoch, Producer-Seq,"
	    " Producer-Expected-Seq, Producer-Received-Seq");
	if (r->method != METHOD_OPTIONS)
		return;
	reply_header(r->reply, "Access-Control-Allow-Methods",
	    "GET, HEAD, PUT, POST, DELETE, OPTIONS");
	reply_header(r->reply, "Access-Control-Allow-Headers", "%s", "Authorization, Content-Type,"
	    " If-None-Match, Last-Event-ID, Stream-Seq, Stream-TTL, Stream-Expires-At,"
	    " Stream-Closed, Stream-Forked-From, Stream-Fork-Offset, Stream-Fork-Sub-Offset,"
	    " Producer-Id, Producer-Epoch, Producer-Seq");
	reply_header(r->reply, "Access-Control-Max-Age", "600");
}

static enum MHD_Result
send_reply(struct request *r)
{
	struct reply *p = r->reply;
	bool streamed = p->src.pull != NULL;
	enum MHD_Result ok;

	add_policy(r);
	/* Who does not speak the protocol may not be understood the same way twice. */
	if (r->httpd->connections.draining || r->refused != 0)
		reply_header(p, "Connection", "close");
	if (p->status == 401)
		reply_header(p, "WWW-Authenticate", "Bearer");
	p->request = r;
	r->queued = true;
	connection_enter(r->connection, PHASE_REPLY);
	ok = MHD_queue_response(r->mhd, (unsigned)p->status, p->response);
	MHD_destroy_response(p->response);
	if (!streamed)
		free(p);
	return ok;
}

/* ---- what libmicrohttpd calls */

static void *
on_target(void *ctx, const char *target, struct MHD_Connection *mhd)
{
	struct request *r = mem_zalloc(sizeof *r);

	r->httpd = ctx;
	r->mhd = mhd;
	r->connection = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->
	    socket_context;
	r->connection->request = r;
	buf_add(&r->target, target, strnlen(target, URL_MAX + 1));
	return r;
}

static enum MHD_Result
take_body(struct request *r, const char *bytes, size_t n)
{
	size_t before = r->body.cap;

	r->received += n;
	if (r->received > r->httpd->o.body_max)
		refuse(r, 413, "the body is too large");
	if (r->httpd->bodies > BODIES_MAX)
		refuse(r, 503, "too many bodies at once; try again");
	if (r->refused != 0) {
		release_body(r);
		return r->received > DISCARD_MAX ? MHD_NO : MHD_YES;
	}
	buf_add(&r->body, bytes, n);
	r->httpd->bodies += r->body.cap - before;
	return MHD_YES;
}

static enum MHD_Result
on_request(void *ctx, struct MHD_Connection *mhd, const char *url, const char *method,
    const char *version, const char *upload, size_t *upload_n, void **state)
{
	struct request *r = *state;
	enum MHD_Result ok;

	(void)ctx, (void)mhd, (void)url, (void)version;
	if (!r->begun) {
		r->begun = true;
		r->method = method_of(method);
		connection_enter(r->connection, PHASE_BODY);
		if (!check_request(r))
			return MHD_YES;
	} else if (*upload_n > 0) {
		ok = take_body(r, upload, *upload_n);
		*upload_n = 0;
		return ok;
	}
	if (!r->handled) {
		r->handled = true;
		if (r->refused != 0)
			r->reply = r->httpd->o.refuse(r, r->refused, r->why);
		else
			r->httpd->o.handle(r->httpd->o.ctx, r);
	}
	if (r->reply == NULL && r->httpd->stopping)
		return MHD_NO;
	if (r->reply != NULL)
		return r->queued ? MHD_YES : send_reply(r);
	r->asleep = true;
	connection_enter(r->connection, PHASE_ASLEEP);
	MHD_suspend_connection(r->mhd);
	return MHD_YES;
}

static void
on_completed(void *ctx, struct MHD_Connection *mhd, void **state,
    enum MHD_RequestTerminationCode why)
{
	struct request *r = *state;

	(void)ctx, (void)mhd;
	if (r == NULL)
		return;
	*state = NULL;
	r->connection->request = NULL;
	if (why == MHD_REQUEST_TERMINATED_COMPLETED_OK)
		connection_enter(r->connection, PHASE_IDLE);
	if (r->drop != NULL)
		r->drop(r->state);
	if (r->reply != NULL && !r->queued)
		reply_free(r->reply);
	release_body(r);
	buf_done(&r->target);
	free(r);
}

static void
on_connection(void *ctx, struct MHD_Connection *mhd, void **state,
    enum MHD_ConnectionNotificationCode what)
{
	struct httpd *h = ctx;

	struct connection *c = *state;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		c = connection_new(&h->connections,
		    MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd);
		receive_watch(c->fd, &c->head);
		*state = c;
		return;
	}
	receive_forget(c->fd);
	connection_free(&h->connections, c);
	*state = NULL;
}

/* Escapes are undone by whoever reads a part of the URL, once. */
static size_t
keep_escapes(void *ctx, struct MHD_Connection *mhd, char *s)
{
	(void)ctx, (void)mhd;
	return strlen(s);
}

static void on_log(void *ctx, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));

static void
on_log(void *ctx, const char *fmt, va_list ap)
{
	char text[256];

	(void)ctx;
	vsnprintf(text, sizeof text, fmt, ap);
	log_write(LOG_DEBUG, "http: %.*s", STR_ARG(str_trim(str_from(text))));
}

/* ---- the server */

enum err
httpd_new(struct httpd **out, const struct httpd_options *o, struct error *e)
{
	struct httpd *h = mem_zalloc(sizeof *h);

	*out = h;
	h->o = *o;
	h->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC |
	    MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request, h,
	    MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
	    MHD_OPTION_CONNECTION_LIMIT, o->connections,
	    MHD_OPTION_PER_IP_CONNECTION_LIMIT, o->peer_connections,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
	    MHD_OPTION_STRICT_FOR_CLIENT, 1,
	    MHD_OPTION_URI_LOG_CALLBACK, on_target, h,
	    MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, h,
	    MHD_OPTION_NOTIFY_COMPLETED, on_completed, h,
	    MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
	    MHD_OPTION_END);
	if (h->daemon != NULL)
		return ERR_OK;
	free(h);
	*out = NULL;
	return error_set(e, ERR_FAILED, "the HTTP server cannot start; has libmicrohttpd epoll?");
}

void
httpd_free(struct httpd *h)
{
	if (h == NULL)
		return;
	h->stopping = true;
	/* libmicrohttpd may not be stopped while anything sleeps. */
	for (struct connection *c = h->connections.first; c != NULL; c = c->next)
		if (c->request != NULL)
			request_wake(c->request);
	connections_shutdown(&h->connections);
	MHD_stop_daemon(h->daemon);
	free(h);
}

int
httpd_fd(const struct httpd *h)
{
	return MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

int
httpd_timeout(const struct httpd *h)
{
	MHD_UNSIGNED_LONG_LONG mhd;
	int timeout = connections_timeout(&h->connections, clock_mono());

	if (MHD_get_timeout(h->daemon, &mhd) == MHD_YES && (timeout < 0 || mhd < (unsigned)timeout))
		timeout = (int)mhd;
	return timeout;
}

void
httpd_run(struct httpd *h)
{
	connections_check(&h->connections, clock_mono());
	MHD_run(h->daemon);
}

/* An address that others could have too is none to count by. */
static bool
is_loopback(const struct sockaddr_storage *ss)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)ss;
	const struct sockaddr_in *in = (const struct sockaddr_in *)ss;

	return ss->ss_family == AF_INET6 ? IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr) :
	    ntohl(in->sin_addr.s_addr) >> 24 == 127;
}

bool
httpd_adopt(struct httpd *h, int fd, bool local)
{
	/* Its own address says enough: peers are told apart by it and by nothing else. */
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct sockaddr_storage ss = { .ss_family = AF_INET };
	socklen_t n = sizeof ss;

	if (local)
		return MHD_add_connection(h->daemon, fd, (struct sockaddr *)&un, sizeof un) ==
		    MHD_YES;
	getpeername(fd, (struct sockaddr *)&ss, &n);
	/* An address that is nothing but no family is not counted by. */
	if (is_loopback(&ss) && !h->o.peer_loopback) {
		ss.ss_family = AF_UNSPEC;
		n = sizeof ss.ss_family;
	}
	return MHD_add_connection(h->daemon, fd, (struct sockaddr *)&ss, n) == MHD_YES;
}

void
httpd_drain(struct httpd *h)
{
	h->connections.draining = true;
	h->connections.next_check = 0;
}

unsigned
httpd_connections(const struct httpd *h)
{
	return h->connections.n;
}
