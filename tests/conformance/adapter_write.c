#include "tests/conformance/adapter.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "wire/http_request.h"

/* Batches under way at the same time. */
enum { UNDER_WAY = 5 };

struct writer {
	struct adapter *adapter;
	const struct command *command;	/* the one that is under way; its headers go along */
	struct producer *producer;
	struct endpoint endpoint;
	char *type;
};

static uint64_t
on_send(void *ctx, const struct http_request *r)
{
	struct writer *w = ctx;
	struct http_request mine;
	uint64_t request;

	http_request_copy(&mine, r);
	command_headers(w->command, &mine);
	request = http_send(w->adapter->http, &mine);
	http_request_done(&mine);
	return request;
}

static void
on_cancel(void *ctx, uint64_t request)
{
	http_cancel(((struct writer *)ctx)->adapter->http, request);
}

static struct writer *
writer_new(struct adapter *a, const struct command *c, struct str id, int64_t epoch, bool claims)
{
	struct writer *w = mem_zalloc(sizeof *w);
	const struct producer_ops ops = { on_send, on_cancel, w };
	struct producer_options options = { .in_flight = UNDER_WAY, .claims = claims,
		.tries = ADAPTER_TRIES, .backoff_first = ADAPTER_FIRST, .backoff_max = ADAPTER_MAX };
	struct buf url = { 0 };

	w->adapter = a;
	w->command = c;
	adapter_url(a, c, &url);
	w->endpoint.url = mem_str(buf_view(&url));
	buf_done(&url);
	options.content_type = w->type = mem_strdup(adapter_type(a, c));
	w->producer = producer_new(&w->endpoint, id, epoch, &ops, &options);
	return w;
}

static void
writer_free(void *value)
{
	struct writer *w = value;

	producer_free(w->producer);
	endpoint_done(&w->endpoint);
	free(w->type);
	free(w);
}

void
writers_drop(struct adapter *a)
{
	map_done(&a->writers, writer_free);
	map_init(&a->writers);
}

/* Until all is answered, or it has failed. */
static void
writer_run(struct adapter *a, struct writer *w)
{
	struct http_message m;

	for (;;) {
		producer_tick(w->producer);
		if (producer_idle(w->producer))
			return;
		adapter_wait(a, producer_deadline(w->producer));
		while (http_next(a->http, &m))
			producer_message(w->producer, &m);
	}
}

/* The producer of a command: one that began stays, its numbers go on. */
static struct writer *
writer_of(struct adapter *a, const struct command *c, struct buf *key)
{
	int64_t epoch = command_i64(c, "epoch", 0);
	struct buf id = { 0 };
	struct writer *w;

	json_get_text(c->json, "producerId", &id);
	buf_printf(key, "%.*s|%.*s|%lld", STR_ARG(buf_view(&c->path)), STR_ARG(buf_view(&id)),
	    (long long)epoch);
	w = map_get(&a->writers, buf_view(key));
	if (w == NULL) {
		w = writer_new(a, c, buf_view(&id), epoch, command_bool(c, "autoClaim"));
		map_put(&a->writers, buf_view(key), w);
	}
	w->command = c;
	buf_done(&id);
	return w;
}

static void
drop(struct adapter *a, struct str key)
{
	struct writer *w = map_del(&a->writers, key);

	if (w != NULL)
		writer_free(w);
}

/* What became of it; one that failed is of no use any more. */
static bool
settle(struct adapter *a, struct writer *w, const struct command *c, struct reply *r,
    struct str key)
{
	struct error e;
	int status;

	if (!producer_failed(w->producer, &status, &e))
		return true;
	if (e.code == ERR_GONE)
		reply_error(r, "STREAM_CLOSED", status, "%s", e.text);
	else if (status == 0)
		reply_error(r, "NETWORK_ERROR", 0, "%s", e.text);
	else
		reply_status(r, c, status, STR_NONE);
	drop(a, key);
	return false;
}

static void
report(struct reply *r, const struct writer *w, const char *offset)
{
	const struct producer_stats *s = producer_stats(w->producer);

	jw_pair_i64(&r->json, "status", 200);
	reply_offset(r, offset, producer_offset(w->producer));
	if (s->seq >= 0)
		jw_pair_i64(&r->json, "producerSeq", s->seq);
}

void
do_idempotent_append(struct adapter *a, const struct command *c, struct reply *r)
{
	struct buf key = { 0 }, data = { 0 };
	struct writer *w = writer_of(a, c, &key);
	uint64_t duplicates = producer_stats(w->producer)->duplicates;

	command_data(c, &data);
	producer_add(w->producer, buf_view(&data));
	writer_run(a, w);
	if (settle(a, w, c, r, buf_view(&key))) {
		report(r, w, "offset");
		jw_key(&r->json, "duplicate");
		jw_bool(&r->json, producer_stats(w->producer)->duplicates > duplicates);
	}
	buf_done(&key);
	buf_done(&data);
}

void
do_idempotent_batch(struct adapter *a, const struct command *c, struct reply *r)
{
	/* Sent as they come when several may be under way, else together. */
	bool at_once = command_i64(c, "maxInFlight", 1) > 1;
	struct buf key = { 0 }, item = { 0 };
	struct writer *w = writer_of(a, c, &key);
	struct str items, raw;
	struct json j;

	json_init(&j, json_get(c->json, "items", &items) ? items : STR("[]"));
	json_array(&j);
	while (json_element(&j) && json_string(&j, &raw)) {
		buf_clear(&item);
		json_unescape(raw, &item);
		producer_add(w->producer, buf_view(&item));
		if (at_once)
			producer_tick(w->producer);
	}
	writer_run(a, w);
	if (settle(a, w, c, r, buf_view(&key)))
		report(r, w, "offset");
	buf_done(&key);
	buf_done(&item);
}

void
do_idempotent_close(struct adapter *a, const struct command *c, struct reply *r)
{
	struct buf key = { 0 }, data = { 0 };
	struct writer *w = writer_of(a, c, &key);

	if (!producer_stats(w->producer)->closed) {
		if (command_data(c, &data))
			producer_add(w->producer, buf_view(&data));
		producer_close(w->producer);
		writer_run(a, w);
	}
	if (settle(a, w, c, r, buf_view(&key)))
		report(r, w, "finalOffset");
	buf_done(&key);
	buf_done(&data);
}

void
do_idempotent_detach(struct adapter *a, const struct command *c, struct reply *r)
{
	struct buf key = { 0 };

	writer_of(a, c, &key);
	drop(a, buf_view(&key));
	jw_pair_i64(&r->json, "status", 200);
	buf_done(&key);
}

bool
writer_flood(struct adapter *a, const struct command *c, struct str item, int64_t count,
    struct error *e)
{
	struct writer *w;
	struct buf id = { 0 };
	bool failed;

	buf_printf(&id, "flood-%lld", (long long)clock_mono_ns());
	w = writer_new(a, c, buf_view(&id), 0, false);
	for (int64_t i = 0; i < count; i++)
		producer_add(w->producer, item);
	writer_run(a, w);
	failed = producer_failed(w->producer, NULL, e);
	writer_free(w);
	buf_done(&id);
	return !failed;
}
