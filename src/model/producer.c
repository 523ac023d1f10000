#include "model/producer.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/backoff.h"
#include "wire/durable.h"

enum { BATCH_BYTES = 256 << 10 };

struct batch {
	struct buf body;		/* of JSON without the brackets */
	size_t items;
	bool closes;			/* the stream, behind it */
	bool maybe;			/* a try ended without an answer: it may have arrived */
	bool early;			/* came before the ones in front of it; waits for them */
	bool behind;			/* others were in front of it when it was sent last */
	uint64_t request;		/* 0: not under way */
	unsigned tries;
	int status;
	struct buf head;		/* of the answer */
};

struct producer {
	const struct endpoint *endpoint;
	struct buf id;
	struct producer_ops ops;
	struct producer_options options;
	bool json;
	struct backoff backoff;
	int64_t due;			/* after a failure */
	struct batch *batches;		/* not answered; the first one's number is stats.seq + 1 */
	size_t n, cap, under_way;
	struct buf offset;
	bool claimed;			/* the server took something in this epoch */
	int64_t fenced;			/* the epoch that another has begun, -1: none is known of */
	bool closing;
	struct producer_stats stats;
	int failed_status;
	struct error failed;
};

struct producer *
producer_new(const struct endpoint *ep, struct str id, int64_t epoch,
    const struct producer_ops *ops, const struct producer_options *options)
{
	struct producer *p = mem_zalloc(sizeof *p);
	struct str params, type = str_cut(str_from(options->content_type), ';', &params);

	p->endpoint = ep;
	p->ops = *ops;
	p->options = *options;
	if (p->options.batch_bytes == 0)
		p->options.batch_bytes = BATCH_BYTES;
	if (p->options.batch_items == 0)
		p->options.batch_items = SIZE_MAX;
	if (p->options.in_flight == 0)
		p->options.in_flight = 1;
	p->json = str_eq_nocase(str_trim(type), STR("application/json"));
	backoff_init(&p->backoff, options->backoff_first, options->backoff_max, 0, options->seed);
	p->stats.epoch = epoch;
	p->stats.seq = -1;
	p->fenced = -1;
	buf_set(&p->id, id);
	return p;
}

static void
batch_done(struct producer *p, struct batch *b)
{
	if (b->request != 0) {
		p->ops.cancel(p->ops.ctx, b->request);
		p->under_way--;
	}
	buf_done(&b->body);
	buf_done(&b->head);
}

/* The first `n` batches are answered. */
static void
drop(struct producer *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		batch_done(p, &p->batches[i]);
	p->n -= n;
	for (size_t i = 0; i < p->n; i++)
		p->batches[i] = p->batches[i + n];
}

void
producer_free(struct producer *p)
{
	if (p == NULL)
		return;
	drop(p, p->n);
	free(p->batches);
	buf_done(&p->id);
	buf_done(&p->offset);
	free(p);
}

/* ---- what goes out */

static struct batch *
add_batch(struct producer *p)
{
	p->batches = mem_grow(p->batches, p->n, &p->cap, sizeof *p->batches);
	p->batches[p->n] = (struct batch){ 0 };
	return &p->batches[p->n++];
}

/* The last batch, when it was not sent yet and takes `n` more bytes; else a new one. */
static struct batch *
batch_for(struct producer *p, size_t n)
{
	struct batch *last = p->n > 0 ? &p->batches[p->n - 1] : NULL;

	if (last == NULL || last->tries > 0 || last->items >= p->options.batch_items ||
	    (last->items > 0 && last->body.n + n > p->options.batch_bytes))
		return add_batch(p);
	return last;
}

void
producer_add(struct producer *p, struct str item)
{
	struct batch *b = batch_for(p, item.n + 1);

	if (p->json && b->items > 0)
		buf_byte(&b->body, ',');
	buf_str(&b->body, item);
	b->items++;
}

void
producer_close(struct producer *p)
{
	struct batch *last = p->n > 0 ? &p->batches[p->n - 1] : NULL;

	if (p->closing)
		return;
	p->closing = true;
	if (last == NULL || last->tries > 0)
		last = add_batch(p);
	last->closes = true;
}

static void
fail(struct producer *p, enum err code, int status, const char *why)
{
	error_set(&p->failed, code, "%s: %s", p->endpoint->url, why);
	p->failed_status = status;
	drop(p, p->n);
}

static bool
make_request(struct producer *p, const struct batch *b, int64_t seq, struct http_request *r)
{
	struct buf body = { 0 };
	struct error e;

	if (endpoint_request(p->endpoint, "POST", STR_NONE, r, &e) != ERR_OK) {
		fail(p, e.code, 0, e.text);
		return false;
	}
	if (p->json && b->items > 0)
		buf_printf(&body, "[");
	buf_str(&body, buf_view(&b->body));
	if (p->json && b->items > 0)
		buf_printf(&body, "]");
	http_request_body(r, p->options.content_type, buf_view(&body));
	buf_done(&body);
	if (b->closes)
		http_request_header(r, "Stream-Closed", STR("true"));
	if (durable_produce(r, buf_view(&p->id), p->stats.epoch, seq))
		return true;
	http_request_done(r);
	fail(p, ERR_USAGE, 0, "the producer's name has a control character in it");
	return false;
}

static bool
send_batch(struct producer *p, size_t i)
{
	struct batch *b = &p->batches[i];
	struct http_request r;

	if (!make_request(p, b, p->stats.seq + 1 + (int64_t)i, &r))
		return false;
	b->tries++;
	b->behind = b > p->batches;
	b->status = 0;
	buf_clear(&b->head);
	b->request = p->ops.send(p->ops.ctx, &r);
	p->under_way++;
	http_request_done(&r);
	return true;
}

/* How many may be under way: until the epoch is known to be ours, a second one could be in vain. */
static unsigned
in_flight(const struct producer *p)
{
	return p->options.claims && !p->claimed ? 1 : p->options.in_flight;
}

static bool
may_send(const struct producer *p, const struct batch *b)
{
	return b->request == 0 && !b->early && p->under_way < in_flight(p);
}

void
producer_tick(struct producer *p)
{
	if (p->failed.code != ERR_OK || p->fenced >= 0 || clock_mono() < p->due)
		return;
	for (size_t i = 0; i < p->n && p->under_way < in_flight(p); i++)
		if (may_send(p, &p->batches[i]) && !send_batch(p, i))
			return;
}

int64_t
producer_deadline(const struct producer *p)
{
	if (p->failed.code != ERR_OK || p->fenced >= 0)
		return INT64_MAX;
	for (size_t i = 0; i < p->n; i++)
		if (may_send(p, &p->batches[i]))
			return p->due;
	return INT64_MAX;
}

/* ---- what comes back */

/* A batch that was accepted says so of all before it. */
static void
accept(struct producer *p, size_t i, const struct durable_answer *a)
{
	const struct batch *b = &p->batches[i];

	p->stats.closed |= b->closes;
	p->stats.accepted += i + 1;
	p->stats.duplicates += b->status == 204 ? 1 : 0;
	p->stats.seq += (int64_t)i + 1;
	p->stats.attempt = 0;
	p->claimed = true;
	p->due = 0;
	backoff_reset(&p->backoff);
	if (a->offset.n > 0)
		buf_set(&p->offset, a->offset);
	drop(p, i + 1);
	for (size_t k = 0; k < p->n; k++)
		p->batches[k].early = false;
}

/*
 * Another writes under this name, in an epoch of its own. What of ours is under way is answered
 * first; then the rest is sent in the epoch behind it, where what was sent before would not be
 * recognised: so nothing that may have arrived is sent again.
 */
static void
claim(struct producer *p)
{
	if (p->fenced < 0 || p->under_way > 0)
		return;
	for (size_t i = 0; i < p->n; i++) {
		if (p->batches[i].maybe) {
			fail(p, ERR_DENIED, 403, "another writes under this name, and what was sent may have "
			    "arrived or not");
			return;
		}
		p->batches[i].early = false;
		p->batches[i].tries = 0;
	}
	p->stats.epoch = (p->fenced > p->stats.epoch ? p->fenced : p->stats.epoch) + 1;
	p->stats.seq = -1;
	p->fenced = -1;
	p->claimed = false;
}

static void
fence(struct producer *p, int64_t epoch)
{
	if (!p->options.claims) {
		fail(p, ERR_DENIED, 403, "another writes under this name");
		return;
	}
	if (epoch > p->fenced)
		p->fenced = epoch;
	claim(p);
}

static void
retry(struct producer *p, const char *why, int status, int64_t floor)
{
	p->stats.attempt++;
	if (p->options.tries > 0 && p->stats.attempt >= p->options.tries)
		fail(p, ERR_CONNECT, status, why);
	else
		p->due = backoff_next(&p->backoff, clock_mono(), floor);
}

static void
conflict(struct producer *p, size_t i, const struct durable_answer *a)
{
	if (a->closed)
		fail(p, ERR_GONE, 409, "the stream is closed");
	else if (a->expected >= 0 && p->batches[i].behind)
		/* Those in front may have been answered by now: then it goes again at once. */
		p->batches[i].early = i > 0;
	else if (a->expected >= 0 && p->options.claims)
		fence(p, p->stats.epoch);
	else
		fail(p, ERR_DENIED, 409, a->expected >= 0 ? "the server counts otherwise" :
		    "the server refuses it: status 409");
}

/* A first try that is there already is another's. */
static bool
is_foreign(const struct producer *p, const struct batch *b)
{
	return b->status == 204 && b->tries == 1 && p->options.claims && !p->claimed;
}

static void
answered(struct producer *p, size_t i, const struct http_message *m)
{
	struct batch *b = &p->batches[i];
	struct durable_answer a = durable_answer(buf_view(&b->head));
	char why[64];

	snprintf(why, sizeof why, "the server refuses it: status %d", b->status);
	if (is_foreign(p, b))
		fence(p, p->stats.epoch);
	else if (b->status / 100 == 2)
		accept(p, i, &a);
	else if (b->status == 403 && a.epoch >= 0)
		fence(p, a.epoch);
	else if (b->status == 409)
		conflict(p, i, &a);
	else if (b->status == 408 || b->status == 425 || b->status == 429 || b->status / 100 == 5)
		retry(p, why, b->status, m->retry_after);
	else
		fail(p, ERR_DENIED, b->status, why);
}

static void
ended(struct producer *p, size_t i, const struct http_message *m)
{
	struct batch *b = &p->batches[i];

	b->request = 0;
	p->under_way--;
	if (b->status != 0) {
		/* What a gateway answers says nothing of what the server did. */
		b->maybe |= b->status / 100 == 5;
		answered(p, i, m);
	} else {
		b->maybe |= m->end != HTTP_REFUSED && m->end != HTTP_UNRESOLVED &&
		    m->end != HTTP_CONNECT_TIMEOUT;
		retry(p, http_end_name(m->end), 0, m->retry_after);
	}
	claim(p);
}

bool
producer_message(struct producer *p, const struct http_message *m)
{
	for (size_t i = 0; i < p->n; i++) {
		struct batch *b = &p->batches[i];

		if (b->request != m->request || m->request == 0)
			continue;
		if (m->kind == HTTP_HEAD) {
			b->status = m->status;
			buf_set(&b->head, m->headers);
		} else if (m->kind == HTTP_END) {
			ended(p, i, m);
		}
		return true;
	}
	return false;
}

/* ---- what is known */

bool
producer_idle(const struct producer *p)
{
	return p->n == 0;
}

const struct producer_stats *
producer_stats(const struct producer *p)
{
	return &p->stats;
}

struct str
producer_offset(const struct producer *p)
{
	return buf_view(&p->offset);
}

bool
producer_failed(const struct producer *p, int *status, struct error *e)
{
	if (p->failed.code == ERR_OK)
		return false;
	if (status != NULL)
		*status = p->failed_status;
	if (e != NULL)
		*e = p->failed;
	return true;
}
