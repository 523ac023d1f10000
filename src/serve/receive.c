#include "serve/receive.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/mem.h"

/* By descriptor. */
static struct head **watched;
static size_t watched_cap;

void
receive_watch(int fd, struct head *h)
{
	while ((size_t)fd >= watched_cap) {
		size_t cap = watched_cap > 0 ? watched_cap * 2 : 64;

		watched = mem_realloc(watched, mem_mul(cap, sizeof *watched));
		for (; watched_cap < cap; watched_cap++)
			watched[watched_cap] = NULL;
	}
	watched[fd] = h;
}

void
receive_forget(int fd)
{
	if ((size_t)fd < watched_cap)
		watched[fd] = NULL;
}

/* The library asks for more of the request that is wrong, so no answer is on its way. */
static ssize_t
refuse(int fd, const struct head *h)
{
	struct buf answer = { 0 };

	buf_printf(&answer, "HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\n"
	    "X-Content-Type-Options: nosniff\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s\n",
	    h->status, h->status == 400 ? "Bad Request" : h->status == 414 ? "URI Too Long" :
	    "Request Header Fields Too Large", str_from(h->why).n + 1, h->why);
	send(fd, answer.p, answer.n, MSG_NOSIGNAL | MSG_DONTWAIT);
	buf_done(&answer);
	errno = ECONNRESET;
	return -1;
}

/* Visible to the library, unlike everything else in here. */
__attribute__((visibility("default"))) ssize_t
recv(int fd, void *buf, size_t n, int flags)
{
	struct head *h = fd >= 0 && (size_t)fd < watched_cap ? watched[fd] : NULL;
	ssize_t got;
	size_t good;

	if (h != NULL && h->status != 0)
		return refuse(fd, h);
	got = recvfrom(fd, buf, n, flags, NULL, NULL);
	if (h == NULL || got <= 0)
		return got;
	good = head_feed(h, str_of(buf, (size_t)got));
	if (good == (size_t)got)
		return got;
	if (good == 0)
		return refuse(fd, h);
	/* What came before it is answered first. The end that it finds then brings it back here. */
	shutdown(fd, SHUT_RD);
	return (ssize_t)good;
}
