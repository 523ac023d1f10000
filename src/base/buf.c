#include "base/buf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

void
buf_done(struct buf *b)
{
	free(b->p);
	*b = (struct buf){ 0 };
}

char *
buf_grow(struct buf *b, size_t n)
{
	size_t cap = b->cap < 64 ? 64 : b->cap;

	while (cap - b->n < n)
		cap = mem_mul(cap, 2);
	b->p = mem_realloc(b->p, cap);
	b->cap = cap;
	return b->p + b->n;
}

void
buf_fill(struct buf *b, char c, size_t times)
{
	memset(buf_room(b, times + 1), c, times);
	b->n += times;
}

void
buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	size_t room;
	int n;

	/* Most texts are short and fit at once. */
	buf_room(b, 64);
	room = b->cap - b->n;
	va_copy(again, ap);
	n = vsnprintf(b->p + b->n, room, fmt, ap);
	if (n > 0 && (size_t)n >= room)
		vsnprintf(buf_room(b, (size_t)n + 1), (size_t)n + 1, fmt, again);
	if (n > 0)
		b->n += (size_t)n;
	va_end(again);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

void
buf_set(struct buf *b, struct str s)
{
	buf_clear(b);
	buf_str(b, s);
}

void
buf_drop(struct buf *b, size_t n)
{
	buf_splice(b, 0, n, STR_NONE);
}

void
buf_splice(struct buf *b, size_t at, size_t len, struct str s)
{
	size_t tail;

	if (at > b->n)
		at = b->n;
	if (len > b->n - at)
		len = b->n - at;
	tail = b->n - at - len;
	if (s.n > len)
		buf_room(b, s.n - len);
	if (tail > 0)
		memmove(b->p + at + s.n, b->p + at + len, tail);
	if (s.n > 0)
		memcpy(b->p + at, s.p, s.n);
	b->n = at + s.n + tail;
}

const char *
buf_cstr(struct buf *b)
{
	*buf_room(b, 1) = '\0';
	return b->p;
}

bool
buf_read_fd(struct buf *b, int fd, size_t max)
{
	for (size_t total = 0;;) {
		size_t want = max - total < 65536 ? max - total + 1 : 65536;
		ssize_t n = read(fd, buf_room(b, want), want);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		b->n += (size_t)n;
		total += (size_t)n;
		if (total > max) {
			errno = EFBIG;
			return false;
		}
	}
}
