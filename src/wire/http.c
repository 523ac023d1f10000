#include "wire/http.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "wire/http_options.h"
#include "wire/http_redact.h"
#include "wire/http_request.h"
#include "wire/http_result.h"
#include "wire/http_socket.h"

enum {
	RATIO_FROM = 1 << 20,		/* decoded bytes from which the ratio below is watched */
	RATIO_MAX = 200,
	RETRY_AFTER_MAX = 600,		/* seconds */
	SLEEP_MAX = 3600000,
	OWN_CONNECTIONS = 6,		/* streams of a server that do not wait to share one */
	FEW = 8,			/* transfers; each turn of the loop costs in proportion to them */
	BREATH = 8			/* ms between two turns when they are more */
};

/* One request. Made by the main thread, then the net thread's alone. */
struct transfer {
	struct transfer *next;
	struct http *http;
	struct http_request request;
	struct http_response response;
	CURL *easy;
	struct curl_slist *headers;
	struct http_socket *socket;	/* what it has become, NULL: it is a transfer of libcurl */
	bool decodes;			/* compressed bodies */
	enum http_end why;		/* why a callback stopped it, HTTP_DONE when none did */
	char detail[CURL_ERROR_SIZE];
	struct buf away;		/* the other origin it was redirected to, and may not go to */
};

/* From the main thread to the net thread. */
struct commands {
	struct transfer *sent, *last;
	uint64_t *cancelled;
	size_t ncancelled, cap_cancelled;
	bool quit;
};

struct http {
	pthread_t thread;
	CURLM *multi;
	struct http_queue queue;
	uint64_t last_id;		/* main thread */

	pthread_mutex_t lock;		/* of the commands */
	struct commands commands;

	/* net thread */
	struct transfer *transfers;
	size_t ntransfers;
	unsigned failures;		/* connections that failed in a row */
};

/* ---- callbacks of libcurl */

/* Ends the transfer from within a callback. */
static size_t
stop(struct transfer *t, enum http_end why)
{
	t->why = why;
	return 0;
}

/* Whether what was asked for would be asked of somebody else. */
static bool
strays(struct transfer *t, struct str to)
{
	return t->response.follows && !t->request.way.redirects_any &&
	    http_options_leaves(t->request.url, to, &t->away);
}

static size_t
on_header(char *p, size_t size, size_t n, void *ctx)
{
	struct transfer *t = ctx;
	struct str to, name = str_cut(str_of(p, size * n), ':', &to);
	long status = 0;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status / 100 == 3 && str_eq_nocase(name, STR("location")) && strays(t, str_trim(to)))
		return stop(t, HTTP_REDIRECT);
	return http_response_header(&t->response, str_of(p, size * n), (int)status) ? size * n :
	    stop(t, HTTP_MALFORMED);
}

/* Nothing is asked before this was: however a redirect is written, it leads nowhere else. */
static int
on_request(void *ctx, char *peer, char *own, int peer_port, int own_port)
{
	struct transfer *t = ctx;
	char *url = NULL;

	(void)peer, (void)own, (void)peer_port, (void)own_port;
	curl_easy_getinfo(t->easy, CURLINFO_EFFECTIVE_URL, &url);
	if (!strays(t, str_from(url)))
		return CURL_PREREQFUNC_OK;
	stop(t, HTTP_REDIRECT);
	return CURL_PREREQFUNC_ABORT;
}

static bool
is_bomb(const struct transfer *t)
{
	curl_off_t raw = 0;

	if (!t->decodes || t->response.received < RATIO_FROM)
		return false;
	curl_easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &raw);
	/* libcurl 8 counts what it has read when it is decoded: one read may be missing. */
	return t->response.received / RATIO_MAX > (size_t)raw + CURL_MAX_WRITE_SIZE;
}

/* Of a paused stream of HTTP/2 libcurl itself takes up to 32 MB more; one of events can be resumed
 * instead. */
static bool
may_pause(const struct transfer *t)
{
	long version = 0;

	curl_easy_getinfo(t->easy, CURLINFO_HTTP_VERSION, &version);
	return version < CURL_HTTP_VERSION_2_0 || !t->response.is_events;
}

static size_t
on_write(char *p, size_t size, size_t n, void *ctx)
{
	struct transfer *t = ctx;

	/* What libcurl decodes while it is paused has no bound: such bodies are bounded themselves. */
	if (!t->decodes && http_response_paused(&t->response))
		return may_pause(t) ? CURL_WRITEFUNC_PAUSE : stop(t, HTTP_OVERRUN);
	if (!http_response_bytes(&t->response, str_of(p, size * n)) || is_bomb(t))
		return stop(t, HTTP_TOO_LARGE);
	return size * n;
}

/* Heads only: libcurl's own remarks may hold what is redacted in them. */
static int
on_debug(CURL *easy, curl_infotype type, char *p, size_t n, void *ctx)
{
	const struct transfer *t = ctx;

	(void)easy;
	if (type == CURLINFO_HEADER_IN || type == CURLINFO_HEADER_OUT)
		http_log_head(t->response.id, type == CURLINFO_HEADER_IN ? '<' : '>', str_of(p, n),
		    &t->request);
	return 0;
}

/* ---- options of a transfer */

static void
set_callbacks(struct transfer *t)
{
	CURL *c = t->easy;

	curl_easy_setopt(c, CURLOPT_PRIVATE, t);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->detail);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(c, CURLOPT_PREREQFUNCTION, on_request);
	curl_easy_setopt(c, CURLOPT_PREREQDATA, t);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_write);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
	if (log_wants(LOG_DEBUG)) {
		curl_easy_setopt(c, CURLOPT_DEBUGFUNCTION, on_debug);
		curl_easy_setopt(c, CURLOPT_DEBUGDATA, t);
		curl_easy_setopt(c, CURLOPT_VERBOSE, 1L);
	}
}

/* Streams that run to the same server over TLS, which may share a connection. */
static unsigned
neighbours(const struct http *h, const struct transfer *t)
{
	struct str here = http_url_authority(str_from(t->request.url));
	unsigned n = 0;

	for (const struct transfer *o = h->transfers; o != NULL; o = o->next)
		n += o != t && o->request.stream && http_is_https(str_from(o->request.url)) &&
		    str_eq_nocase(http_url_authority(str_from(o->request.url)), here);
	return n;
}

static void
set_options(struct transfer *t)
{
	struct http_options o = {
		.fresh_names = t->http->failures > 1,
		.shares = neighbours(t->http, t) >= OWN_CONNECTIONS,
	};

	t->decodes = o.decodes = !t->request.stream && http_request_body_max(&t->request) <= HTTP_BODY_MAX;
	t->response.follows = o.follows = http_request_follows(&t->request);
	set_callbacks(t);
	t->headers = http_options_set(t->easy, &t->request, &o);
}

/* ---- life of a transfer */

static void
transfer_free(struct transfer *t)
{
	http_socket_free(t->socket);
	if (t->easy != NULL)
		curl_easy_cleanup(t->easy);
	for (struct curl_slist *l = t->headers; l != NULL; l = l->next)
		explicit_bzero(l->data, strlen(l->data));
	curl_slist_free_all(t->headers);
	http_response_done(&t->response);
	buf_done(&t->away);
	http_request_done(&t->request);
	free(t);
}

static struct transfer **
place_of(struct http *h, uint64_t id)
{
	struct transfer **at = &h->transfers;

	while (*at != NULL && (*at)->response.id != id)
		at = &(*at)->next;
	return at;
}

static void
take_out(struct http *h, struct transfer *t)
{
	*place_of(h, t->response.id) = t->next;
	h->ntransfers--;
	if (t->easy != NULL)
		curl_multi_remove_handle(h->multi, t->easy);
}

static int64_t
retry_after(struct transfer *t)
{
	curl_off_t s = 0;

	if (t->easy != NULL)
		curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &s);
	if (s <= 0)
		return 0;
	return 1000 * (int64_t)(s > RETRY_AFTER_MAX ? RETRY_AFTER_MAX : s);
}

static void
finish(struct http *h, struct transfer *t, enum http_end why)
{
	http_response_end(&t->response, why, str_from(t->detail), retry_after(t));
	take_out(h, t);
	transfer_free(t);
}

/* A callback's own reason goes first. */
static enum http_end
why_ended(const struct transfer *t, CURLcode code)
{
	return t->why != HTTP_DONE ? t->why :
	    http_result_end(t->easy, code, t->response.status, str_from(t->detail));
}

static void
reap(struct http *h)
{
	CURLMsg *done;
	int left;

	while ((done = curl_multi_info_read(h->multi, &left)) != NULL) {
		struct transfer *t = NULL;
		enum http_end why;

		curl_easy_getinfo(done->easy_handle, CURLINFO_PRIVATE, &t);
		why = why_ended(t, done->data.result);
		if (why == HTTP_DONE && t->request.websocket) {
			t->socket = http_socket_new(t->easy, &t->response);
			continue;
		}
		if (t->why == HTTP_REDIRECT)
			snprintf(t->detail, sizeof t->detail, "redirected to %s: allow it with "
			    "--redirects any", buf_cstr(&t->away));
		else if (t->why != HTTP_DONE || why == HTTP_DONE)
			t->detail[0] = '\0';	/* libcurl speaks of a failed callback, or of a connection it gave up */
		else if (why == HTTP_TLS)
			http_result_words(done->data.result, t->detail, sizeof t->detail);
		h->failures = t->response.status == 0 && why != HTTP_DONE ? h->failures + 1 : 0;
		finish(h, t, why);
	}
}

/* ---- the net thread */

/* Ends what is over its time; returns how long nothing else will be. */
static int
keep_time(struct http *h)
{
	int64_t now = clock_mono(), next = now + SLEEP_MAX;

	for (struct transfer *t = h->transfers, *following; t != NULL; t = following) {
		enum http_end why = HTTP_DONE;
		int64_t at = http_response_deadline(&t->response, &why);

		following = t->next;
		if (at <= now)
			finish(h, t, why);
		else if (at < next)
			next = at;
	}
	return (int)(next - now);
}

static void
begin(struct http *h, struct transfer *t)
{
	t->next = h->transfers;
	h->transfers = t;
	h->ntransfers++;
	t->easy = curl_easy_init();
	if (t->easy == NULL) {
		finish(h, t, HTTP_FAILED);
		return;
	}
	set_options(t);
	/* Without the query: it may hold a secret. */
	log_write(LOG_INFO, "http %llu: %s %.*s", (unsigned long long)t->response.id, t->request.method,
	    (int)strcspn(t->request.url, "?#"), t->request.url);
	curl_multi_add_handle(h->multi, t->easy);
}

static void
cancel(struct http *h, uint64_t id)
{
	struct transfer *t = *place_of(h, id);

	if (t == NULL)
		return;
	take_out(h, t);
	transfer_free(t);
}

static void
resume(struct http *h)
{
	for (struct transfer *t = h->transfers; t != NULL; t = t->next)
		if (http_response_resume(&t->response) && t->socket == NULL)
			curl_easy_pause(t->easy, CURLPAUSE_CONT);
}

/* False when it is time to go. */
static bool
obey(struct http *h)
{
	struct commands c;

	pthread_mutex_lock(&h->lock);
	c = h->commands;
	h->commands = (struct commands){ .quit = c.quit };
	pthread_mutex_unlock(&h->lock);
	for (struct transfer *t = c.sent, *following; t != NULL; t = following) {
		following = t->next;
		begin(h, t);
	}
	for (size_t i = 0; i < c.ncancelled; i++)
		cancel(h, c.cancelled[i]);
	free(c.cancelled);
	return !c.quit;
}

/* What is no longer libcurl's business; returns how many there are. */
static unsigned
work_sockets(struct http *h)
{
	unsigned n = 0;

	for (struct transfer *t = h->transfers, *following; t != NULL; t = following) {
		enum http_end why;

		following = t->next;
		n += t->socket != NULL;
		if (t->socket != NULL && !http_socket_work(t->socket, &why))
			finish(h, t, why);
	}
	return n;
}

/* For `n` sockets at most, and whatever libcurl waits for. */
static void
wait_for_some(struct http *h, unsigned n)
{
	struct curl_waitfd *fds = mem_zalloc((n + 1) * sizeof *fds);
	unsigned k = 0;

	for (const struct transfer *t = h->transfers; t != NULL; t = t->next) {
		bool writes;

		if (t->socket == NULL || t->response.paused || k == n)
			continue;
		fds[k].fd = http_socket_fd(t->socket, &writes);
		fds[k++].events = (short)(CURL_WAIT_POLLIN | (writes ? CURL_WAIT_POLLOUT : 0));
	}
	curl_multi_poll(h->multi, fds, k, keep_time(h), NULL);
	free(fds);
}

static void *
run(void *arg)
{
	struct http *h = arg;
	int running;

	while (obey(h)) {
		resume(h);
		curl_multi_perform(h->multi, &running);
		reap(h);
		wait_for_some(h, work_sockets(h));
		if (h->ntransfers > FEW)
			poll(NULL, 0, BREATH);
	}
	while (h->transfers != NULL)
		cancel(h, h->transfers->response.id);
	return NULL;
}

/* ---- the main thread */

static enum err
check_library(struct error *e)
{
	const curl_version_info_data *v = curl_version_info(CURLVERSION_NOW);
	int needed = CURL_VERSION_SSL | CURL_VERSION_ASYNCHDNS | CURL_VERSION_UNIX_SOCKETS;

	if (v->version_num < 0x075700 || (v->features & needed) != needed)
		return error_set(e, ERR_FAILED, "libcurl %s: weir needs 7.87 or later with TLS, threaded "
		    "name resolution and unix sockets; install another", v->version);
	return ERR_OK;
}

/* Signals are the main thread's business. */
static int
start_thread(struct http *h)
{
	sigset_t all, before;
	int failed;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&h->thread, NULL, run, h);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failed;
}

static void
dispose(struct http *h)
{
	curl_multi_cleanup(h->multi);
	curl_global_cleanup();
	http_queue_done(&h->queue);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

struct http *
http_new(struct error *e)
{
	struct http *h = mem_zalloc(sizeof *h);
	int failed;

	if (http_queue_init(&h->queue, e) != ERR_OK) {
		free(h);
		return NULL;
	}
	pthread_mutex_init(&h->lock, NULL);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	h->multi = curl_multi_init();
	if (check_library(e) == ERR_OK) {
		failed = h->multi != NULL ? start_thread(h) : ENOMEM;
		if (failed == 0)
			return h;
		error_set(e, ERR_FAILED, "start the network thread: %s", strerror(failed));
	}
	dispose(h);
	return NULL;
}

void
http_free(struct http *h)
{
	if (h == NULL)
		return;
	pthread_mutex_lock(&h->lock);
	h->commands.quit = true;
	pthread_mutex_unlock(&h->lock);
	curl_multi_wakeup(h->multi);
	pthread_join(h->thread, NULL);
	dispose(h);
}

int
http_fd(const struct http *h)
{
	return h->queue.fd;
}

bool
http_next(struct http *h, struct http_message *m)
{
	bool room, any = http_queue_take(&h->queue, m, &room);

	if (room)
		curl_multi_wakeup(h->multi);
	return any;
}

uint64_t
http_send(struct http *h, const struct http_request *r)
{
	struct commands *c = &h->commands;
	struct transfer *t = mem_zalloc(sizeof *t);

	http_request_copy(&t->request, r);
	t->http = h;
	t->response = (struct http_response){ .request = &t->request, .id = ++h->last_id,
		.queue = &h->queue, .started = clock_mono() };
	http_queue_open(&h->queue, h->last_id);
	pthread_mutex_lock(&h->lock);
	if (c->sent == NULL)
		c->sent = t;
	else
		c->last->next = t;
	c->last = t;
	pthread_mutex_unlock(&h->lock);
	curl_multi_wakeup(h->multi);
	return h->last_id;
}

void
http_cancel(struct http *h, uint64_t request)
{
	struct commands *c = &h->commands;

	if (!http_queue_close(&h->queue, request))
		return;
	pthread_mutex_lock(&h->lock);
	c->cancelled = mem_grow(c->cancelled, c->ncancelled, &c->cap_cancelled, sizeof *c->cancelled);
	c->cancelled[c->ncancelled++] = request;
	pthread_mutex_unlock(&h->lock);
	curl_multi_wakeup(h->multi);
}
