#include "tests/harness/proxy.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
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

#define LANE_MAX 65536
#define REQUEST_MAX 200

/* One direction of a connection: what was read from one side and not yet written to the other. */
struct lane {
	struct buf data;
	bool ended;	/* the source has sent all, and the other side was told */
};

struct fault {
	struct proxy_fault what;
	bool taken;
};

struct link {
	int fd[2];		/* by enum proxy_from */
	struct lane lane[2];	/* from that side */
	struct buf asked;	/* the last bytes the client sent, to find a fault's request in */
	struct fault *fault;
	size_t left;		/* bytes that still pass before the fault */
	bool due;		/* the fault comes when what was read is written */
	bool stalled, dead;
};

struct proxy {
	pthread_t thread;
	pthread_mutex_t lock;	/* everything below; the thread gives it up only to wait */
	pthread_cond_t changed;
	int listener, wake[2], port;
	char *upstream, *path;
	struct link **links;
	size_t nlinks, cap_links;
	struct fault **faults;
	size_t nfaults, cap_faults;
	size_t counts[PROXY_SERVER_BYTES + 1];
	bool down, closing;
};

union address {
	struct sockaddr any;
	struct sockaddr_un local;
	struct sockaddr_in inet;
};

static int
socket_for(const char *name, union address *a, socklen_t *len)
{
	*a = (union address){ 0 };
	if (name != NULL && name[0] == '/') {
		*len = sizeof a->local;
		a->local.sun_family = AF_UNIX;
		snprintf(a->local.sun_path, sizeof a->local.sun_path, "%s", name);
	} else {
		*len = sizeof a->inet;
		a->inet.sin_family = AF_INET;
		a->inet.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		a->inet.sin_port = htons((uint16_t)(name != NULL ? strtol(name, NULL, 10) : 0));
	}
	return socket(a->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static void
pass_at_once(int fd)
{
	int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	fcntl(fd, F_SETFL, O_NONBLOCK);
}

static int
listen_at(const char *name, int *port)
{
	union address a;
	socklen_t len;
	int fd = socket_for(name, &a, &len);

	if (bind(fd, &a.any, len) != 0 || listen(fd, 128) != 0 ||
	    getsockname(fd, &a.any, &len) != 0) {
		fprintf(stderr, "proxy: listen at %s: %s\n", name != NULL ? name : "127.0.0.1",
		    strerror(errno));
		abort();
	}
	fcntl(fd, F_SETFL, O_NONBLOCK);
	*port = a.any.sa_family == AF_INET ? ntohs(a.inet.sin_port) : 0;
	return fd;
}

static int
connect_to(const char *name)
{
	union address a;
	socklen_t len;
	int fd = socket_for(name, &a, &len);

	if (connect(fd, &a.any, len) == 0) {
		pass_at_once(fd);
		return fd;
	}
	close(fd);
	return -1;
}

static void
end_socket(int fd, enum proxy_how how)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	if (fd < 0)
		return;
	if (how == PROXY_RESET)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(fd);
}

static void
end_link(struct proxy *p, struct link *l, enum proxy_how how)
{
	if (how == PROXY_STALL) {
		l->stalled = true;
		return;
	}
	end_socket(l->fd[0], how);
	end_socket(l->fd[1], how);
	l->dead = true;
	p->counts[PROXY_OPEN]--;
}

static void
free_link(struct link *l)
{
	buf_done(&l->lane[0].data);
	buf_done(&l->lane[1].data);
	buf_done(&l->asked);
	free(l);
}

static size_t
min(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * Whether a connection that was just opened (`fresh` is 0), or whose client just sent the last
 * `fresh` bytes of `asked`, is the fault's; *behind is how many of these stand behind the request.
 */
static bool
is_for(const struct fault *f, struct str asked, size_t fresh, size_t *behind)
{
	struct str request = str_from(f->what.request), window;
	size_t at;

	*behind = 0;
	if (request.n == 0 || fresh == 0)
		return request.n == 0 && fresh == 0;
	window = str_skip(asked, asked.n - min(asked.n, fresh + request.n - 1));
	at = str_find(window, request);
	if (at == window.n)
		return false;
	*behind = window.n - at - request.n;
	return true;
}

/* Gives the link the oldest fault that waits for it. */
static void
match_fault(struct proxy *p, struct link *l, size_t fresh)
{
	size_t behind;

	for (size_t i = 0; i < p->nfaults && l->fault == NULL; i++) {
		struct fault *f = p->faults[i];

		if (f->taken || !is_for(f, buf_view(&l->asked), fresh, &behind))
			continue;
		f->taken = true;
		l->fault = f;
		l->left = f->what.after;
		if (f->what.from == PROXY_FROM_CLIENT)
			l->left += fresh - behind;
	}
}

static void
open_link(struct proxy *p)
{
	int client = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC);
	struct link *l;

	if (client < 0)
		return;
	pass_at_once(client);
	l = mem_zalloc(sizeof *l);
	l->fd[PROXY_FROM_CLIENT] = client;
	l->fd[PROXY_FROM_SERVER] = p->down ? -1 : connect_to(p->upstream);
	p->links = mem_grow(p->links, p->nlinks, &p->cap_links, sizeof(struct link *));
	p->links[p->nlinks++] = l;
	p->counts[PROXY_CONNECTIONS]++;
	p->counts[PROXY_OPEN]++;
	if (l->fd[PROXY_FROM_SERVER] < 0)
		end_link(p, l, PROXY_RESET);
	else
		match_fault(p, l, 0);
}

/* A request can come in pieces: enough of what came before is kept to see it. */
static void
look_for_request(struct proxy *p, struct link *l, struct str s)
{
	buf_str(&l->asked, s);
	match_fault(p, l, s.n);
	if (l->asked.n > REQUEST_MAX)
		buf_drop(&l->asked, l->asked.n - REQUEST_MAX);
}

/* What of `s` may pass. */
static struct str
until_fault(struct link *l, enum proxy_from from, struct str s)
{
	if (l->fault == NULL || l->fault->what.from != from)
		return s;
	l->due = s.n > l->left;
	s = str_head(s, l->left);
	l->left -= s.n;
	return s;
}

static void
write_lane(struct proxy *p, struct link *l, enum proxy_from from)
{
	struct buf *data = &l->lane[from].data;
	enum proxy_count count = from == PROXY_FROM_CLIENT ? PROXY_CLIENT_BYTES :
	    PROXY_SERVER_BYTES;

	while (data->n > 0) {
		ssize_t n = send(l->fd[!from], data->p, data->n, MSG_NOSIGNAL);

		if (n <= 0) {
			if (errno != EAGAIN)
				end_link(p, l, PROXY_RESET);
			return;
		}
		buf_drop(data, (size_t)n);
		p->counts[count] += (size_t)n;
	}
	if (l->due && l->fault->what.from == from) {
		p->counts[PROXY_FAULTS]++;
		end_link(p, l, l->fault->what.how);
	}
}

static void
read_lane(struct proxy *p, struct link *l, enum proxy_from from)
{
	char bytes[LANE_MAX];
	ssize_t n = recv(l->fd[from], bytes, sizeof bytes, 0);

	if (n > 0) {
		if (from == PROXY_FROM_CLIENT)
			look_for_request(p, l, str_of(bytes, (size_t)n));
		buf_str(&l->lane[from].data, until_fault(l, from, str_of(bytes, (size_t)n)));
		write_lane(p, l, from);
	} else if (n == 0) {
		l->lane[from].ended = true;
		shutdown(l->fd[!from], SHUT_WR);
		if (l->lane[!from].ended)
			end_link(p, l, PROXY_FIN);
	} else if (errno != EAGAIN && errno != EINTR) {
		end_link(p, l, PROXY_RESET);
	}
}

static bool
readable(const struct link *l, enum proxy_from side)
{
	return !l->due && !l->lane[side].ended && l->lane[side].data.n == 0;
}

/* What a link waits for on one of its sides. */
static struct pollfd
interest(const struct link *l, enum proxy_from side)
{
	struct pollfd fd = { .fd = l->fd[side] };

	if (l->stalled) {
		fd.fd = -1;
		return fd;
	}
	if (readable(l, side))
		fd.events |= POLLIN;
	if (l->lane[!side].data.n > 0)
		fd.events |= POLLOUT;
	if (fd.events == 0)
		fd.fd = -1;
	return fd;
}

static void
serve_side(struct proxy *p, struct link *l, enum proxy_from side, short events)
{
	if (l->dead || l->stalled || events == 0)
		return;
	if (l->lane[!side].data.n > 0)
		write_lane(p, l, !side);
	else if (readable(l, side))
		read_lane(p, l, side);
}

static void
remove_dead(struct proxy *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->nlinks; i++) {
		if (p->links[i]->dead)
			free_link(p->links[i]);
		else
			p->links[n++] = p->links[i];
	}
	p->nlinks = n;
}

static void
wait_and_serve(struct proxy *p)
{
	size_t n = p->nlinks;
	struct pollfd *fds = mem_zalloc(mem_mul(2 + 2 * n, sizeof *fds));
	char drained[64];

	fds[0] = (struct pollfd){ .fd = p->wake[0], .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = p->listener, .events = POLLIN };
	for (size_t i = 0; i < n; i++)
		for (unsigned side = 0; side < 2; side++)
			fds[2 + 2 * i + side] = interest(p->links[i], side);
	pthread_mutex_unlock(&p->lock);
	poll(fds, 2 + 2 * n, -1);
	pthread_mutex_lock(&p->lock);
	if (fds[0].revents != 0 && read(p->wake[0], drained, sizeof drained) < 0)
		abort();
	for (size_t i = 0; i < n; i++)
		for (unsigned side = 0; side < 2; side++)
			serve_side(p, p->links[i], side, fds[2 + 2 * i + side].revents);
	if (fds[1].revents != 0)
		open_link(p);
	free(fds);
}

static void *
run(void *arg)
{
	struct proxy *p = arg;

	pthread_mutex_lock(&p->lock);
	while (!p->closing) {
		remove_dead(p);
		pthread_cond_broadcast(&p->changed);
		wait_and_serve(p);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

static void
wake_thread(struct proxy *p)
{
	if (write(p->wake[1], "", 1) != 1)
		abort();
}

struct proxy *
proxy_open(const char *listen, const char *upstream)
{
	struct proxy *p = mem_zalloc(sizeof *p);
	pthread_condattr_t attr;

	p->upstream = mem_strdup(upstream);
	p->path = listen != NULL ? mem_strdup(listen) : NULL;
	p->listener = listen_at(listen, &p->port);
	pthread_mutex_init(&p->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&p->changed, &attr);
	pthread_condattr_destroy(&attr);
	if (pipe2(p->wake, O_CLOEXEC) != 0 || pthread_create(&p->thread, NULL, run, p) != 0)
		abort();
	return p;
}

void
proxy_close(struct proxy *p)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->closing = true;
	wake_thread(p);
	pthread_mutex_unlock(&p->lock);
	pthread_join(p->thread, NULL);
	for (size_t i = 0; i < p->nlinks; i++) {
		if (!p->links[i]->dead)
			end_link(p, p->links[i], PROXY_FIN);
		free_link(p->links[i]);
	}
	for (size_t i = 0; i < p->nfaults; i++)
		free(p->faults[i]);
	close(p->listener);
	close(p->wake[0]);
	close(p->wake[1]);
	if (p->path != NULL)
		unlink(p->path);
	pthread_mutex_destroy(&p->lock);
	pthread_cond_destroy(&p->changed);
	free(p->links);
	free(p->faults);
	free(p->upstream);
	free(p->path);
	free(p);
}

int
proxy_port(const struct proxy *p)
{
	return p->port;
}

void
proxy_fault(struct proxy *p, const struct proxy_fault *fault)
{
	struct fault *f = mem_zalloc(sizeof *f);

	f->what = *fault;
	pthread_mutex_lock(&p->lock);
	p->faults = mem_grow(p->faults, p->nfaults, &p->cap_faults, sizeof(struct fault *));
	p->faults[p->nfaults++] = f;
	pthread_mutex_unlock(&p->lock);
}

/* A dead link's descriptors may not be polled any more, so the thread looks again. */
void
proxy_cut(struct proxy *p, enum proxy_how how)
{
	pthread_mutex_lock(&p->lock);
	for (size_t i = 0; i < p->nlinks; i++)
		if (!p->links[i]->dead)
			end_link(p, p->links[i], how);
	wake_thread(p);
	pthread_mutex_unlock(&p->lock);
}

void
proxy_down(struct proxy *p, bool down)
{
	pthread_mutex_lock(&p->lock);
	p->down = down;
	pthread_mutex_unlock(&p->lock);
}

size_t
proxy_count(struct proxy *p, enum proxy_count what)
{
	size_t n;

	pthread_mutex_lock(&p->lock);
	n = p->counts[what];
	pthread_mutex_unlock(&p->lock);
	return n;
}

bool
proxy_wait(struct proxy *p, enum proxy_count what, size_t n, int ms)
{
	struct timespec end;
	bool reached;
	int rc = 0;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += ms / 1000;
	end.tv_nsec += ms % 1000 * 1000000L;
	if (end.tv_nsec >= 1000000000L) {
		end.tv_sec++;
		end.tv_nsec -= 1000000000L;
	}
	pthread_mutex_lock(&p->lock);
	while (p->counts[what] < n && rc == 0)
		rc = pthread_cond_timedwait(&p->changed, &p->lock, &end);
	reached = p->counts[what] >= n;
	pthread_mutex_unlock(&p->lock);
	if (!reached)
		fprintf(stderr, "proxy: waited %d ms for count %d to be %zu\n", ms, (int)what, n);
	return reached;
}
