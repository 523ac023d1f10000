#include "tests/unit.h"

#include "base/clock.h"
#include "model/link.h"
#include "wire/http_request.h"
#include "wire/http_response.h"

/*
 * A stream of more than 500 records and 64 KB, as bytes on their way through weir's own HTTP
 * responses, parser, framer and link, cut behind every single byte in every way a connection can
 * end. What was read in the end is the stream: nothing lost, nothing twice, nothing elsewhere.
 * LINK_CUTS=all cuts behind every byte, else only behind some of them.
 */

enum { RECORDS = 520, GROUP = 7, STREAM_MIN = 64 << 10, STRIDE = 101 };

enum way { FIN, RST, STALL, GARBAGE, WAYS };

struct run {
	struct link *link;
	struct http_queue queue;
	struct http_request request;
	struct http_response response;
	bool open;			/* the response is under way */
	uint64_t last;
	struct buf records[RECORDS];
	size_t from, live;		/* the server has records[0..live) */
	struct buf got, want;
	unsigned resets;
};

/* ---- the server */

static void
fill(struct run *r)
{
	uint64_t seed = 11;

	for (size_t i = 0; i < RECORDS; i++) {
		struct buf *b = &r->records[i];

		buf_printf(b, "{\"n\":%zu,\"text\":\"", i);
		for (uint32_t n = unit_random(&seed) % 240; n > 0; n--)
			buf_byte(b, (char)('a' + unit_random(&seed) % 26));
		if (i % 5 == 0)
			buf_str(b, STR("\xc3\xa9\\n\\\"\xf0\x9f\x98\x80"));
		buf_str(b, STR("\"}"));
		buf_str(&r->want, buf_view(b));
		buf_byte(&r->want, '\n');
	}
}

static void
array(const struct run *r, size_t from, size_t to, struct buf *out)
{
	buf_byte(out, '[');
	for (size_t i = from; i < to; i++) {
		if (i > from)
			buf_byte(out, ',');
		buf_str(out, buf_view(&r->records[i]));
	}
	buf_byte(out, ']');
}

/* The bytes of an event stream from the record at which it was asked for. */
static void
events(const struct run *r, size_t from, struct buf *out)
{
	for (size_t i = from; i < r->live; ) {
		size_t to = i + GROUP < r->live ? i + GROUP : r->live;

		if (i % 3 == 0)
			buf_str(out, STR(": a heartbeat\n\n"));
		buf_str(out, STR("event: data\ndata:"));
		array(r, i, to, out);
		buf_printf(out, "\n\nevent: control\ndata:{\"streamNextOffset\":\"%zu\","
		    "\"streamCursor\":\"1\"%s}\n\n", to, to == r->live ? ",\"upToDate\":true" : "");
		i = to;
	}
	if (from == r->live)
		buf_printf(out, "event: control\ndata:{\"streamNextOffset\":\"%zu\",\"streamCursor\":\"1\","
		    "\"upToDate\":true}\n\n", from);
}

static void
page(const struct run *r, size_t from, struct buf *out)
{
	array(r, from, r->live, out);
}

/* ---- the program */

static uint64_t
on_send(void *ctx, const struct http_request *q)
{
	struct run *r = ctx;
	struct str url = str_from(q->url);
	struct str offset = str_skip(url, str_find(url, STR("offset=")) + 7);
	uint64_t from = 0;

	assert_false(r->open);
	if (!str_eq(offset, STR("-1")))
		assert_true(str_to_u64(offset, &from));
	r->from = from;
	http_request_done(&r->request);
	http_request_copy(&r->request, q);
	r->response = (struct http_response){ .request = &r->request, .id = ++r->last,
	    .queue = &r->queue, .started = clock_mono() };
	http_queue_open(&r->queue, r->last);
	r->open = true;
	return r->last;
}

static void
close_response(struct run *r)
{
	if (r->open)
		http_response_done(&r->response);
	r->open = false;
}

static void
on_cancel(void *ctx, uint64_t request)
{
	struct run *r = ctx;

	http_queue_close(&r->queue, request);
	if (request == r->last)
		close_response(r);
}

static void
on_record(void *ctx, struct str bytes)
{
	struct run *r = ctx;

	buf_str(&r->got, bytes);
	buf_byte(&r->got, '\n');
}

static void
on_moved(void *ctx, const struct position *at)
{
	(void)ctx, (void)at;
}

static void
on_reset(void *ctx, const char *why)
{
	(void)why;
	((struct run *)ctx)->resets++;
}

static void
on_sent(void *ctx, const struct outbox_entry *entry, enum send_outcome outcome, struct str detail)
{
	(void)ctx, (void)entry, (void)outcome, (void)detail;
}

static void
begin(struct run *r)
{
	static char url[] = "http://t/s";
	static const struct endpoint ep = { .url = url };
	static const struct position start;
	static const struct link_options options = { .seed = 1 };
	const struct link_ops ops = { .send = on_send, .cancel = on_cancel, .record = on_record,
		.moved = on_moved, .reset = on_reset, .sent = on_sent, .ctx = r };

	buf_clear(&r->got);
	r->resets = 0;
	r->link = link_new(&dialect_durable, &ep, &start, NULL, &ops, &options);
	link_start(r->link);
	link_tick(r->link);
	assert_true(r->open);
}

static void
end(struct run *r)
{
	link_free(r->link);
	close_response(r);
}

/* What the net thread left in the queue goes to the link. */
static void
deliver(struct run *r)
{
	struct http_message m;
	bool room;

	while (http_queue_take(&r->queue, &m, &room))
		link_message(r->link, &m);
}

static void
head(struct run *r)
{
	bool is_live = r->request.stream;
	char next[64];

	snprintf(next, sizeof next, "Stream-Next-Offset: %zu\r\nStream-Up-To-Date: true\r\n", r->live);
	http_response_header(&r->response, STR("HTTP/1.1 200 OK\r\n"), 200);
	http_response_header(&r->response, is_live ? STR("Content-Type: text/event-stream\r\n") :
	    STR("Content-Type: application/json\r\n"), 200);
	if (!is_live)
		http_response_header(&r->response, str_from(next), 200);
	http_response_header(&r->response, STR("\r\n"), 200);
	deliver(r);
}

/* The link may drop the response over these bytes. */
static void
bytes(struct run *r, struct str s)
{
	if (r->open && s.n > 0)
		http_response_bytes(&r->response, s);
	deliver(r);
}

static void
finish(struct run *r, enum http_end why)
{
	if (!r->open)
		return;
	http_response_end(&r->response, why, STR_NONE, 0);
	close_response(r);
	deliver(r);
}

/* The next request goes out, when its time has come. */
static void
next(struct run *r)
{
	while (!r->open) {
		int64_t at = link_deadline(r->link);

		assert_true(at < INT64_MAX);
		if (at > clock_mono())
			clock_advance(at - clock_mono());
		link_tick(r->link);
	}
}

/* ---- cuts */

/* Nothing comes any more until the watchdog has had enough. */
static void
stall(struct run *r)
{
	enum http_end why = HTTP_DONE;
	int64_t at = http_response_deadline(&r->response, &why);

	assert_int_equal(why, HTTP_SILENT);
	assert_true(at - clock_mono() <= 90000);
	clock_advance(at - clock_mono());
	finish(r, why);
}

/* Bytes that are no part of the stream, then the end. Those in a page could stand in no JSON: what
 * could is not told from the real thing. */
static void
garbage(struct run *r, uint64_t seed)
{
	char noise[64];
	size_t n = 1 + unit_random(&seed) % sizeof noise;

	for (size_t i = 0; i < n; i++)
		noise[i] = (char)(r->request.stream ? unit_random(&seed) : 1 + unit_random(&seed) % 8);
	bytes(r, str_of(noise, n));
	finish(r, HTTP_RESET);
}

static void
cut(struct run *r, enum way way, size_t at)
{
	switch (way) {
	case FIN:
		/* Where a page ends is known: too early is no good end. */
		finish(r, r->request.stream ? HTTP_DONE : HTTP_RESET);
		break;
	case RST:
		finish(r, HTTP_RESET);
		break;
	case STALL:
		stall(r);
		break;
	default:
		garbage(r, at * 2654435761u + 1);
		break;
	}
}

/* However it was cut: all the server has is there in the end, once. */
static void
expect_all(struct run *r, size_t at, enum way way)
{
	const struct link_stats *s = link_stats(r->link);

	for (int i = 0; i < 20 && !s->proven; i++) {
		struct buf rest = { 0 };

		next(r);
		head(r);
		if (r->request.stream)
			events(r, r->from, &rest);
		else
			page(r, r->from, &rest);
		bytes(r, buf_view(&rest));
		if (r->open && !r->request.stream)
			finish(r, HTTP_DONE);
		buf_done(&rest);
	}
	if (!s->proven || !str_eq(buf_view(&r->got), buf_view(&r->want)) || r->resets > 0 ||
	    s->applied != RECORDS || s->received != RECORDS + s->duplicates)
		fail_msg("cut behind byte %zu in way %d: %d records, %d of them twice", at, (int)way,
		    (int)s->applied, (int)s->duplicates);
}

/* An event stream, asked for when there was nothing yet. */
static void
cut_events(struct run *r, struct str stream, size_t at, enum way way)
{
	r->live = 0;
	begin(r);
	head(r);
	bytes(r, STR("[]"));
	finish(r, HTTP_DONE);
	next(r);
	assert_true(r->request.stream);
	r->live = RECORDS;
	head(r);
	bytes(r, str_head(stream, at));
	cut(r, way, at);
	expect_all(r, at, way);
	end(r);
}

static void
cut_page(struct run *r, struct str body, size_t at, enum way way)
{
	r->live = RECORDS;
	begin(r);
	head(r);
	bytes(r, str_head(body, at));
	cut(r, way, at);
	expect_all(r, at, way);
	end(r);
}

static void
everywhere(void (*make)(const struct run *r, size_t from, struct buf *out),
    void (*cut_at)(struct run *r, struct str all, size_t at, enum way way))
{
	const char *cuts = getenv("LINK_CUTS");
	size_t step = cuts != NULL && strcmp(cuts, "all") == 0 ? 1 : STRIDE, n = 0;
	struct buf all = { 0 };
	struct run r = { .live = RECORDS };

	clock_set(1000000, 1700000000000);
	assert_int_equal(http_queue_init(&r.queue, NULL), ERR_OK);
	fill(&r);
	make(&r, 0, &all);
	assert_true(all.n >= STREAM_MIN);
	for (size_t at = 0; at <= all.n; at += step, n++)
		for (enum way way = FIN; way < WAYS; way++)
			cut_at(&r, buf_view(&all), at, way);
	print_message("%d records, %zu bytes: %zu cuts in each of %d ways\n", RECORDS, all.n, n, WAYS);
	for (size_t i = 0; i < RECORDS; i++)
		buf_done(&r.records[i]);
	buf_done(&r.got);
	buf_done(&r.want);
	buf_done(&all);
	http_request_done(&r.request);
	http_queue_done(&r.queue);
	clock_unset();
}

static void
test_events(void **state)
{
	(void)state;
	everywhere(events, cut_events);
}

static void
test_pages(void **state)
{
	(void)state;
	everywhere(page, cut_page);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
