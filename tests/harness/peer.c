#include "tests/harness/peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "wire/http.h"

enum { PATIENCE = 20 };	/* seconds */

struct part {
	struct part *next;
	struct buf bytes;
	enum peer_then then;
};

struct request {
	struct str head, body;
	struct buf bytes;
	struct part *parts, **end;
	bool writing, gone;
};

struct canned {
	struct canned *next;
	char *begins;
	struct buf bytes;
	enum peer_then then;
	unsigned left;
	bool always;
};

struct connection {
	struct connection *next;
	struct peer *peer;
	pthread_t thread;
	int fd;
	bool ended;
};

struct peer {
	char *socket;
	char url[64];
	int fd;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* under the lock */
	struct request **requests;
	size_t n, cap;
	struct canned *canned, **canned_end;
	struct connection *connections;
	bool quit;
};

/* ---- what the test waits for; the lock is held */

static void
wait_change(struct peer *p, const char *what)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE;
	if (pthread_cond_timedwait(&p->changed, &p->lock, &until) == ETIMEDOUT) {
		fprintf(stderr, "peer: %s did not happen; %zu requests came\n", what, p->n);
		abort();
	}
}

static struct request *
wait_request(struct peer *p, size_t i)
{
	while (p->n <= i)
		wait_change(p, "a request");
	return p->requests[i];
}

/* ---- one connection, one thread */

static void
queue_part(struct request *r, struct str bytes, enum peer_then then)
{
	struct part *part = mem_zalloc(sizeof *part);

	buf_str(&part->bytes, bytes);
	part->then = then;
	*r->end = part;
	r->end = &part->next;
}

static void
answer_canned(struct peer *p, struct request *r)
{
	for (struct canned *c = p->canned; c != NULL; c = c->next)
		if ((c->always || c->left > 0) && str_starts(r->head, str_from(c->begins))) {
			if (!c->always)
				c->left--;
			queue_part(r, buf_view(&c->bytes), c->then);
			return;
		}
}

/* The request in `in` if it is there whole; it is taken out of `in`. */
static struct request *
cut_request(struct buf *in)
{
	struct str all = buf_view(in);
	size_t head = str_find(all, STR("\r\n\r\n")), whole;
	uint64_t length = 0;
	struct request *r;

	if (head == all.n)
		return NULL;
	head += 4;
	str_to_u64(http_header(str_head(all, head), "content-length"), &length);
	whole = head + (size_t)length;
	if (all.n < whole)
		return NULL;
	r = mem_zalloc(sizeof *r);
	r->end = &r->parts;
	buf_str(&r->bytes, str_head(all, whole));
	r->head = str_head(buf_view(&r->bytes), head);
	r->body = str_skip(buf_view(&r->bytes), head);
	buf_drop(in, whole);
	return r;
}

/* Returns the next request, NULL when the connection is over. */
static struct request *
read_request(struct connection *c, struct buf *in)
{
	struct peer *p = c->peer;
	struct request *r;
	ssize_t n;

	while ((r = cut_request(in)) == NULL) {
		n = recv(c->fd, buf_room(in, 65536), 65536, 0);
		if (n <= 0)
			return NULL;
		in->n += (size_t)n;
	}
	pthread_mutex_lock(&p->lock);
	answer_canned(p, r);
	p->requests = mem_grow(p->requests, p->n, &p->cap, sizeof *p->requests);
	p->requests[p->n++] = r;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
	return r;
}

static bool
is_closed(int fd)
{
	struct pollfd f = { .fd = fd, .events = POLLRDHUP };

	return poll(&f, 1, 0) > 0 && (f.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

/* The next part to write. Meanwhile it looks whether the client is still there. */
static struct part *
next_part(struct connection *c, struct request *r)
{
	struct peer *p = c->peer;
	struct part *part;
	struct timespec until;

	pthread_mutex_lock(&p->lock);
	r->writing = false;
	pthread_cond_broadcast(&p->changed);
	while (r->parts == NULL && !p->quit && !r->gone) {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += 2000000;
		if (until.tv_nsec >= 1000000000) {
			until.tv_nsec -= 1000000000;
			until.tv_sec++;
		}
		pthread_cond_timedwait(&p->changed, &p->lock, &until);
		r->gone = is_closed(c->fd);
	}
	part = r->gone || p->quit ? NULL : r->parts;
	if (part != NULL) {
		r->parts = part->next;
		if (r->parts == NULL)
			r->end = &r->parts;
		r->writing = true;
	}
	pthread_mutex_unlock(&p->lock);
	return part;
}

static bool
write_all(int fd, struct str s)
{
	while (s.n > 0) {
		ssize_t n = send(fd, s.p, s.n, MSG_NOSIGNAL);

		if (n < 0)
			return false;
		s = str_skip(s, (size_t)n);
	}
	return true;
}

static void
part_free(struct part *part)
{
	buf_done(&part->bytes);
	free(part);
}

/* True when the connection is good for another request. */
static bool
respond(struct connection *c, struct request *r)
{
	const struct linger reset = { .l_onoff = 1 };
	enum peer_then then = PEER_OPEN;

	while (then == PEER_OPEN) {
		struct part *part = next_part(c, r);

		if (part == NULL)
			return false;
		then = write_all(c->fd, buf_view(&part->bytes)) ? part->then : PEER_FIN;
		part_free(part);
	}
	if (then == PEER_RST)
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	return then == PEER_DONE;
}

static void
note_over(struct peer *p, struct request *r, bool gone)
{
	pthread_mutex_lock(&p->lock);
	r->writing = false;
	r->gone |= gone;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

static void *
serve(void *arg)
{
	struct connection *c = arg;
	struct peer *p = c->peer;
	struct request *r, *last = NULL;
	struct buf in = { 0 };

	while ((r = read_request(c, &in)) != NULL) {
		last = r;
		if (!respond(c, r))
			break;
		note_over(p, r, false);
	}
	buf_done(&in);
	pthread_mutex_lock(&p->lock);
	close(c->fd);
	c->ended = true;
	pthread_mutex_unlock(&p->lock);
	if (last != NULL)
		note_over(p, last, true);
	return NULL;
}

static void *
listen_on(void *arg)
{
	struct peer *p = arg;
	int fd;

	while ((fd = accept(p->fd, NULL, NULL)) >= 0) {
		struct connection *c = mem_zalloc(sizeof *c);

		c->peer = p;
		c->fd = fd;
		pthread_mutex_lock(&p->lock);
		c->next = p->connections;
		p->connections = c;
		pthread_create(&c->thread, NULL, serve, c);
		pthread_mutex_unlock(&p->lock);
	}
	return NULL;
}

/* ---- for the test */

static void
listen_unix(struct peer *p, const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	p->socket = mem_strdup(path);
	snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
	snprintf(p->url, sizeof p->url, "http://weir.local");
	unlink(path);
	p->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(p->fd, (struct sockaddr *)&a, sizeof a) < 0)
		abort();
}

static void
listen_tcp(struct peer *p)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof a;

	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(p->fd, (struct sockaddr *)&a, sizeof a) < 0 ||
	    getsockname(p->fd, (struct sockaddr *)&a, &n) < 0)
		abort();
	snprintf(p->url, sizeof p->url, "http://127.0.0.1:%u", ntohs(a.sin_port));
}

struct peer *
peer_new(const char *unix_socket)
{
	struct peer *p = mem_zalloc(sizeof *p);

	p->canned_end = &p->canned;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->changed, NULL);
	if (unix_socket != NULL)
		listen_unix(p, unix_socket);
	else
		listen_tcp(p);
	if (listen(p->fd, 256) < 0 || pthread_create(&p->thread, NULL, listen_on, p) != 0)
		abort();
	return p;
}

static void
request_free(struct request *r)
{
	for (struct part *part = r->parts, *next; part != NULL; part = next) {
		next = part->next;
		part_free(part);
	}
	buf_done(&r->bytes);
	free(r);
}

static void
end_connections(struct peer *p)
{
	pthread_mutex_lock(&p->lock);
	p->quit = true;
	pthread_cond_broadcast(&p->changed);
	for (struct connection *c = p->connections; c != NULL; c = c->next)
		if (!c->ended)
			shutdown(c->fd, SHUT_RDWR);
	pthread_mutex_unlock(&p->lock);
	for (struct connection *c = p->connections, *next; c != NULL; c = next) {
		next = c->next;
		pthread_join(c->thread, NULL);
		free(c);
	}
}

void
peer_free(struct peer *p)
{
	shutdown(p->fd, SHUT_RDWR);
	pthread_join(p->thread, NULL);
	close(p->fd);
	end_connections(p);
	for (size_t i = 0; i < p->n; i++)
		request_free(p->requests[i]);
	free(p->requests);
	for (struct canned *c = p->canned, *next; c != NULL; c = next) {
		next = c->next;
		free(c->begins);
		buf_done(&c->bytes);
		free(c);
	}
	if (p->socket != NULL)
		unlink(p->socket);
	free(p->socket);
	pthread_mutex_destroy(&p->lock);
	pthread_cond_destroy(&p->changed);
	free(p);
}

const char *
peer_url(const struct peer *p)
{
	return p->url;
}

const char *
peer_socket(const struct peer *p)
{
	return p->socket;
}

struct str
peer_head(struct peer *p, size_t request)
{
	struct str head;

	pthread_mutex_lock(&p->lock);
	head = wait_request(p, request)->head;
	pthread_mutex_unlock(&p->lock);
	return head;
}

struct str
peer_body(struct peer *p, size_t request)
{
	struct str body;

	pthread_mutex_lock(&p->lock);
	body = wait_request(p, request)->body;
	pthread_mutex_unlock(&p->lock);
	return body;
}

size_t
peer_count(struct peer *p)
{
	size_t n;

	pthread_mutex_lock(&p->lock);
	n = p->n;
	pthread_mutex_unlock(&p->lock);
	return n;
}

void
peer_write(struct peer *p, size_t request, struct str bytes, enum peer_then then)
{
	pthread_mutex_lock(&p->lock);
	queue_part(wait_request(p, request), bytes, then);
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

void
peer_canned(struct peer *p, const char *begins, struct str bytes, enum peer_then then,
    unsigned times)
{
	struct canned *c = mem_zalloc(sizeof *c);

	c->begins = mem_strdup(begins);
	buf_str(&c->bytes, bytes);
	c->then = then;
	c->left = times;
	c->always = times == 0;
	pthread_mutex_lock(&p->lock);
	*p->canned_end = c;
	p->canned_end = &c->next;
	pthread_mutex_unlock(&p->lock);
}

void
peer_json(struct peer *p, const char *begins, const char *json)
{
	struct buf text = { 0 };

	buf_printf(&text, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
	    "\r\n%s", strlen(json), json);
	peer_canned(p, begins, buf_view(&text), PEER_DONE, 0);
	buf_done(&text);
}

void
peer_wait_sent(struct peer *p, size_t request)
{
	struct request *r;

	pthread_mutex_lock(&p->lock);
	r = wait_request(p, request);
	while ((r->parts != NULL || r->writing) && !r->gone)
		wait_change(p, "a write");
	pthread_mutex_unlock(&p->lock);
}

void
peer_wait_gone(struct peer *p, size_t request)
{
	struct request *r;

	pthread_mutex_lock(&p->lock);
	r = wait_request(p, request);
	while (!r->gone)
		wait_change(p, "the end of a connection");
	pthread_mutex_unlock(&p->lock);
}

bool
peer_is_gone(struct peer *p, size_t request)
{
	bool gone;

	pthread_mutex_lock(&p->lock);
	gone = wait_request(p, request)->gone;
	pthread_mutex_unlock(&p->lock);
	return gone;
}
