#include "app/publish.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"

/* The pause after a failed try grows from the first to the last of these, in ms. */
enum { RETRY_FIRST = 100, RETRY_MAX = 2000, BATCH_MAX = 256 * 1024 };

enum stage { STAGE_CREATE, STAGE_APPEND, STAGE_CLOSED };

struct publisher {
	struct http *http;
	const struct endpoint *endpoint;
	struct buf producer;
	struct buf batch;		/* in flight: items with commas between */
	struct buf queue;		/* added meanwhile */
	int64_t seq;
	enum stage stage;
	bool finish;
	uint64_t request;		/* 0: none in flight */
	int64_t retry, next_try;
	struct error failed;
};

struct publisher *
publisher_new(struct http *http, const struct endpoint *ep, struct str producer)
{
	struct publisher *p = mem_zalloc(sizeof *p);

	p->http = http;
	p->endpoint = ep;
	p->retry = RETRY_FIRST;
	buf_set(&p->producer, producer);
	return p;
}

void
publisher_free(struct publisher *p)
{
	if (p == NULL)
		return;
	if (p->request != 0)
		http_cancel(p->http, p->request);
	buf_done(&p->producer);
	buf_done(&p->batch);
	buf_done(&p->queue);
	free(p);
}

static void
start(struct publisher *p, struct http_request *r)
{
	if (p->endpoint->unix_socket != NULL)
		r->unix_socket = mem_strdup(p->endpoint->unix_socket);
	p->request = http_send(p->http, r);
	http_request_done(r);
}

static void
send_create(struct publisher *p)
{
	struct http_request r;

	http_request_init(&r, "PUT", str_from(p->endpoint->url));
	http_request_header(&r, "Content-Type", STR("application/json"));
	start(p, &r);
}

static void
number_header(struct http_request *r, const char *name, int64_t v)
{
	struct buf text = { 0 };

	buf_printf(&text, "%lld", (long long)v);
	http_request_header(r, name, buf_view(&text));
	buf_done(&text);
}

static void
send_batch(struct publisher *p)
{
	struct buf body = { 0 };
	struct http_request r;

	http_request_init(&r, "POST", str_from(p->endpoint->url));
	if (p->batch.n > 0) {
		buf_byte(&body, '[');
		buf_str(&body, buf_view(&p->batch));
		buf_byte(&body, ']');
	}
	http_request_body(&r, "application/json", buf_view(&body));
	http_request_header(&r, "Producer-Id", buf_view(&p->producer));
	number_header(&r, "Producer-Epoch", 0);
	number_header(&r, "Producer-Seq", p->seq);
	if (p->batch.n == 0)
		http_request_header(&r, "Stream-Closed", STR("true"));
	start(p, &r);
	buf_done(&body);
}

/* Whole items from the queue, at least one, at most BATCH_MAX bytes of more than one. */
static void
fill_batch(struct publisher *p)
{
	size_t n = 0;

	while (n < p->queue.n) {
		size_t item = str_find_byte(str_skip(buf_view(&p->queue), n), '\n');

		if (n > 0 && n + item > BATCH_MAX)
			break;
		if (p->batch.n > 0)
			buf_byte(&p->batch, ',');
		buf_add(&p->batch, p->queue.p + n, item);
		n += item + 1;
	}
	buf_drop(&p->queue, n);
}

static void
pump(struct publisher *p)
{
	if (p->request != 0 || p->failed.code != ERR_OK || clock_mono() < p->next_try)
		return;
	if (p->stage == STAGE_CREATE) {
		send_create(p);
		return;
	}
	if (p->stage == STAGE_CLOSED)
		return;
	if (p->batch.n == 0)
		fill_batch(p);
	if (p->batch.n > 0 || p->finish)
		send_batch(p);
}

void
publisher_add(struct publisher *p, struct str item)
{
	/* One item a line in the queue: JSON text written by json_writer has no raw newline. */
	buf_str(&p->queue, item);
	buf_byte(&p->queue, '\n');
	pump(p);
}

void
publisher_finish(struct publisher *p)
{
	p->finish = true;
	pump(p);
}

bool
publisher_created(const struct publisher *p)
{
	return p->stage != STAGE_CREATE;
}

bool
publisher_idle(const struct publisher *p)
{
	return p->request == 0 && p->batch.n == 0 && p->queue.n == 0 &&
	    (!p->finish || p->stage == STAGE_CLOSED);
}

bool
publisher_failed(const struct publisher *p, struct error *e)
{
	if (p->failed.code != ERR_OK)
		*e = p->failed;
	return p->failed.code != ERR_OK;
}

static void
succeeded(struct publisher *p)
{
	p->retry = RETRY_FIRST;
	p->next_try = 0;
	if (p->stage == STAGE_CREATE) {
		p->stage = STAGE_APPEND;
		return;
	}
	p->seq++;
	if (p->batch.n == 0)
		p->stage = STAGE_CLOSED;
	buf_clear(&p->batch);
}

static void
answered(struct publisher *p, const struct http_message *m)
{
	bool done = m->end == HTTP_DONE;

	p->request = 0;
	if (done && m->status >= 200 && m->status < 300)
		succeeded(p);
	else if (done && m->status >= 400 && m->status < 500 && m->status != 408 && m->status != 429)
		error_set(&p->failed, ERR_DENIED, "%s refuses what is published to it: status %d",
		    p->endpoint->url, m->status);
	else {
		p->next_try = clock_mono() + p->retry;
		p->retry = p->retry * 2 < RETRY_MAX ? p->retry * 2 : RETRY_MAX;
	}
	pump(p);
}

void
publisher_message(struct publisher *p, const struct http_message *m)
{
	if (m->request == p->request && m->kind == HTTP_END)
		answered(p, m);
}

void
publisher_tick(struct publisher *p)
{
	pump(p);
}

int64_t
publisher_deadline(const struct publisher *p)
{
	bool work = p->stage == STAGE_CREATE || p->batch.n > 0 || p->queue.n > 0 ||
	    (p->finish && p->stage == STAGE_APPEND);

	return p->request == 0 && work && p->failed.code == ERR_OK ? p->next_try : INT64_MAX;
}
