#include "app/publish.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/backoff.h"
#include "model/producer.h"

/* The first and the longest pause after a failed try, in ms. */
enum { RETRY_FIRST = 100, RETRY_MAX = 2000 };

struct publisher {
	struct http *http;
	const struct endpoint *endpoint;
	struct producer *producer;
	struct backoff backoff;
	bool created;
	uint64_t request;		/* that makes the stream; 0: none */
	int64_t next_try;
	struct error failed;
};

static uint64_t
on_send(void *ctx, const struct http_request *r)
{
	return http_send(((struct publisher *)ctx)->http, r);
}

static void
on_cancel(void *ctx, uint64_t request)
{
	http_cancel(((struct publisher *)ctx)->http, request);
}

struct publisher *
publisher_new(struct http *http, const struct endpoint *ep, struct str producer)
{
	const struct producer_options options = { .content_type = "application/json",
		.backoff_first = RETRY_FIRST, .backoff_max = RETRY_MAX };
	struct publisher *p = mem_zalloc(sizeof *p);
	const struct producer_ops ops = { on_send, on_cancel, p };

	p->http = http;
	p->endpoint = ep;
	p->producer = producer_new(ep, producer, 0, &ops, &options);
	backoff_init(&p->backoff, RETRY_FIRST, RETRY_MAX, 0, 0);
	return p;
}

void
publisher_free(struct publisher *p)
{
	if (p == NULL)
		return;
	if (p->request != 0)
		http_cancel(p->http, p->request);
	producer_free(p->producer);
	free(p);
}

static void
create(struct publisher *p)
{
	struct http_request r;

	if (p->request != 0 || clock_mono() < p->next_try)
		return;
	if (endpoint_request(p->endpoint, "PUT", STR_NONE, &r, &p->failed) != ERR_OK)
		return;
	http_request_header(&r, "Content-Type", STR("application/json"));
	p->request = http_send(p->http, &r);
	http_request_done(&r);
}

void
publisher_tick(struct publisher *p)
{
	if (p->failed.code != ERR_OK)
		return;
	if (!p->created)
		create(p);
	else
		producer_tick(p->producer);
}

void
publisher_add(struct publisher *p, struct str item)
{
	producer_add(p->producer, item);
	publisher_tick(p);
}

void
publisher_finish(struct publisher *p)
{
	producer_close(p->producer);
	publisher_tick(p);
}

bool
publisher_created(const struct publisher *p)
{
	return p->created;
}

bool
publisher_idle(const struct publisher *p)
{
	return p->request == 0 && producer_idle(p->producer);
}

bool
publisher_failed(const struct publisher *p, struct error *e)
{
	if (p->failed.code == ERR_OK)
		return producer_failed(p->producer, NULL, e);
	*e = p->failed;
	return true;
}

static void
answered(struct publisher *p, const struct http_message *m)
{
	int status = m->end == HTTP_DONE ? m->status : 0;

	p->request = 0;
	if (status / 100 == 2)
		p->created = true;
	else if (status / 100 == 4 && status != 408 && status != 429)
		error_set(&p->failed, ERR_DENIED, "%s refuses what is published to it: status %d",
		    p->endpoint->url, status);
	else
		p->next_try = backoff_next(&p->backoff, clock_mono(), m->retry_after);
}

void
publisher_message(struct publisher *p, const struct http_message *m)
{
	if (m->request != p->request)
		producer_message(p->producer, m);
	else if (m->kind == HTTP_END)
		answered(p, m);
	publisher_tick(p);
}

int64_t
publisher_deadline(const struct publisher *p)
{
	if (p->failed.code != ERR_OK)
		return INT64_MAX;
	if (p->created)
		return producer_deadline(p->producer);
	return p->request == 0 ? p->next_try : INT64_MAX;
}
