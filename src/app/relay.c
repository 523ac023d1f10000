#include "app/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/loop.h"
#include "base/clock.h"

enum { PAIRS = 32, CHUNK = 16384 };

/* One direction of a connection: what was read and is not written yet. */
struct flow_half {
	char bytes[CHUNK];
	size_t at, n;
};

struct pair {
	int fd[2];		/* who came, whom it goes to; -1 is free */
	struct flow_half half[2];	/* half[i] was read from fd[i] */
};

static int
unix_socket(const char *path, struct sockaddr_un *addr)
{
	*addr = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof addr->sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(addr->sun_path, path, strlen(path) + 1);
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

int
relay_listen(struct relay *r)
{
	struct sockaddr_un addr;
	int fd = unix_socket(r->from, &addr);

	if (fd < 0)
		return -1;
	if (bind(fd, (struct sockaddr *)&addr, sizeof addr) < 0 || listen(fd, PAIRS) < 0) {
		close(fd);
		return -1;
	}
	return r->listener = fd;
}

static void
drop(struct pair *p)
{
	for (int i = 0; i < 2; i++) {
		if (p->fd[i] >= 0)
			close(p->fd[i]);
		p->fd[i] = -1;
		p->half[i].n = 0;
	}
}

static void
take(const struct relay *r, struct pair *pairs)
{
	struct sockaddr_un addr;
	struct pair *p = pairs;
	int in = accept4(r->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), out;

	if (in < 0)
		return;
	while (p < pairs + PAIRS && p->fd[0] >= 0)
		p++;
	out = p < pairs + PAIRS ? unix_socket(r->to, &addr) : -1;
	if (out < 0 || connect(out, (struct sockaddr *)&addr, sizeof addr) < 0) {
		if (out >= 0)
			close(out);
		close(in);
		return;
	}
	fcntl(out, F_SETFL, O_NONBLOCK);
	p->fd[0] = in;
	p->fd[1] = out;
}

/* Moves what can be moved; false when the connection is over. */
static bool
move(struct pair *p, int from, bool readable, bool writable)
{
	struct flow_half *h = &p->half[from];
	ssize_t n;

	if (readable && h->n == 0) {
		n = read(p->fd[from], h->bytes, sizeof h->bytes);
		if (n == 0 || (n < 0 && errno != EAGAIN))
			return false;
		h->at = 0;
		h->n = n > 0 ? (size_t)n : 0;
		writable = true;
	}
	if (writable && h->n > 0) {
		n = write(p->fd[!from], h->bytes + h->at, h->n);
		if (n < 0 && errno != EAGAIN)
			return false;
		if (n > 0) {
			h->at += (size_t)n;
			h->n -= (size_t)n;
		}
	}
	return true;
}

static void
serve_pair(struct pair *p, const struct pollfd *fds)
{
	for (int i = 0; i < 2; i++)
		if (!move(p, i, fds[i].revents != 0, fds[!i].revents != 0)) {
			drop(p);
			return;
		}
}

static void
watch(const struct pair *p, struct pollfd *fds)
{
	for (int i = 0; i < 2; i++) {
		fds[i].fd = p->fd[i];
		fds[i].events = (short)((p->half[i].n == 0 ? POLLIN : 0) |
		    (p->half[!i].n > 0 ? POLLOUT : 0));
	}
}

int
relay_run(void *ctx)
{
	const struct relay *r = ctx;
	static struct pair pairs[PAIRS];
	struct pollfd fds[1 + 2 * PAIRS];
	int64_t next_cut = clock_mono() + r->every;

	for (int i = 0; i < PAIRS; i++)
		pairs[i].fd[0] = pairs[i].fd[1] = -1;
	for (;;) {
		fds[0] = (struct pollfd){ .fd = r->listener, .events = POLLIN };
		for (int i = 0; i < PAIRS; i++)
			watch(&pairs[i], &fds[1 + 2 * i]);
		loop_wait(fds, 1 + 2 * PAIRS, next_cut);
		if (clock_mono() >= next_cut) {
			for (int i = 0; i < PAIRS; i++)
				drop(&pairs[i]);
			next_cut = clock_mono() + r->every;
			continue;
		}
		for (int i = 0; i < PAIRS; i++)
			if (pairs[i].fd[0] >= 0)
				serve_pair(&pairs[i], &fds[1 + 2 * i]);
		if (fds[0].revents != 0)
			take(r, pairs);
	}
}
