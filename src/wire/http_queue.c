#include "wire/http_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"

/* Beyond this an empty buffer gives its memory back. */
enum { KEEP = 64 << 10 };

/* Followed by the bytes of its slices, padded so that the next one is aligned. */
struct packed {
	uint64_t request, number;
	uint32_t size, n[3];
	uint16_t status;
	uint8_t kind, end;
	uint32_t unused;
};

enum err
http_queue_init(struct http_queue *q, struct error *e)
{
	*q = (struct http_queue){ .fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
	if (q->fd < 0)
		return error_set(e, ERR_FAILED, "eventfd: %s", strerror(errno));
	pthread_mutex_init(&q->lock, NULL);
	return ERR_OK;
}

void
http_queue_done(struct http_queue *q)
{
	buf_done(&q->filling);
	buf_done(&q->reading);
	buf_done(&q->staged);
	free(q->open);
	pthread_mutex_destroy(&q->lock);
	close(q->fd);
}

/* The slices a message of this kind carries. */
static size_t
slices(struct http_message *m, struct str *out[3])
{
	switch (m->kind) {
	case HTTP_HEAD:
		out[0] = &m->headers;
		return 1;
	case HTTP_SSE:
		out[0] = &m->sse.type;
		out[1] = &m->sse.data;
		out[2] = &m->sse.id;
		return 3;
	case HTTP_ALIVE:
	case HTTP_BODY:
	case HTTP_FRAME:
		out[0] = &m->body;
		return 1;
	case HTTP_END:
		out[0] = &m->detail;
		out[1] = &m->sse.id;
		return 2;
	default:
		return 0;
	}
}

void
http_queue_stage(struct http_queue *q, const struct http_message *m)
{
	struct http_message copy = *m;
	struct packed head = { .request = m->request, .status = (uint16_t)m->status,
		.kind = (uint8_t)m->kind, .end = (uint8_t)m->end };
	struct str *v[3];
	size_t nv = slices(&copy, v), size = sizeof head;

	head.number = m->kind == HTTP_END ? (uint64_t)m->retry_after : m->number;
	for (size_t i = 0; i < nv; i++) {
		head.n[i] = (uint32_t)v[i]->n;
		size += v[i]->n;
	}
	size = (size + 7) & ~(size_t)7;
	head.size = (uint32_t)size;

	char *p = buf_room(&q->staged, size);

	memcpy(p, &head, sizeof head);
	q->staged.n += size;
	p += sizeof head;
	for (size_t i = 0; i < nv; i++) {
		if (v[i]->n > 0)
			memcpy(p, v[i]->p, v[i]->n);
		p += v[i]->n;
	}
}

static size_t
unpack(const char *p, struct http_message *m)
{
	struct packed head;
	struct str *v[3];

	memcpy(&head, p, sizeof head);
	*m = (struct http_message){ .request = head.request, .kind = head.kind, .status = head.status,
		.end = head.end };
	if (m->kind == HTTP_END)
		m->retry_after = (int64_t)head.number;
	else
		m->number = head.number;
	p += sizeof head;

	size_t nv = slices(m, v);

	for (size_t i = 0; i < nv; i++) {
		*v[i] = str_of(p, head.n[i]);
		p += head.n[i];
	}
	return head.size;
}

static void
swap(struct buf *a, struct buf *b)
{
	struct buf t = *a;

	*a = *b;
	*b = t;
}

static void
renew(struct http_account *a, uint64_t round)
{
	if (a->round != round)
		*a = (struct http_account){ .round = round };
}

static void
release(struct buf *b)
{
	buf_clear(b);
	if (b->cap > KEEP)
		buf_done(b);
}

void
http_queue_put(struct http_queue *q, struct http_account *a)
{
	if (q->staged.n == 0)
		return;
	pthread_mutex_lock(&q->lock);
	renew(a, q->round);
	a->queued += q->staged.n;
	buf_str(&q->filling, buf_view(&q->staged));
	/* Under the lock: a wake-up that came after its messages were taken would never be cleared. */
	if (!q->signalled)
		eventfd_write(q->fd, 1);
	q->signalled = true;
	pthread_mutex_unlock(&q->lock);
	release(&q->staged);
}

bool
http_queue_full(struct http_queue *q, struct http_account *a)
{
	bool full;

	pthread_mutex_lock(&q->lock);
	renew(a, q->round);
	full = a->queued >= HTTP_QUEUE_MAX;
	if (full)
		q->wants_room = true;
	pthread_mutex_unlock(&q->lock);
	return full;
}

/* All that was read is done with: takes what was put meanwhile, else clears the wake-up. */
static void
turn(struct http_queue *q, bool *room)
{
	eventfd_t ignored;

	buf_clear(&q->reading);
	q->at = 0;
	pthread_mutex_lock(&q->lock);
	if (q->filling.n > 0) {
		swap(&q->filling, &q->reading);
		q->round++;
		*room |= q->wants_room;
		q->wants_room = false;
	} else {
		release(&q->filling);
		release(&q->reading);
		if (q->signalled)
			eventfd_read(q->fd, &ignored);
		q->signalled = false;
	}
	pthread_mutex_unlock(&q->lock);
}

/* Where this request stands, or would stand, among the open ones. */
static size_t
place_of(const struct http_queue *q, uint64_t request)
{
	size_t low = 0, high = q->nopen;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (q->open[mid] < request)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool
is_open(const struct http_queue *q, uint64_t request)
{
	size_t at = place_of(q, request);

	return at < q->nopen && q->open[at] == request;
}

void
http_queue_open(struct http_queue *q, uint64_t request)
{
	q->open = mem_grow(q->open, q->nopen, &q->cap_open, sizeof *q->open);
	q->open[q->nopen++] = request;
}

bool
http_queue_close(struct http_queue *q, uint64_t request)
{
	size_t at = place_of(q, request);

	if (at == q->nopen || q->open[at] != request)
		return false;
	q->nopen--;
	memmove(q->open + at, q->open + at + 1, (q->nopen - at) * sizeof *q->open);
	return true;
}

bool
http_queue_take(struct http_queue *q, struct http_message *m, bool *room)
{
	*room = false;
	do {
		if (q->at == q->reading.n)
			turn(q, room);
		if (q->at == q->reading.n)
			return false;
		q->at += unpack(q->reading.p + q->at, m);
	} while (!is_open(q, m->request));
	if (m->kind == HTTP_END)
		http_queue_close(q, m->request);
	return true;
}
