#include "tests/unit.h"

#include "base/clock.h"
#include "base/mem.h"
#include "model/producer.h"
#include "wire/durable.h"

/*
 * A producer against a server that keeps the rules of Durable Streams, over a network that loses
 * requests and answers, and lets them overtake each other.
 */

struct flight {
	uint64_t id;
	char producer[16];
	int64_t epoch, seq;
	bool closes;
	struct buf body;
};

struct world {
	struct producer *p;
	struct flight flights[16];
	size_t n, most;
	uint64_t last, sent;
	/* the server */
	struct buf log;
	int64_t epoch, seq;
	bool known, closed;
};

static struct str
header_of(const struct http_request *r, const char *name)
{
	for (size_t i = 0; i < r->nheaders; i++)
		if (strcmp(r->headers[i].name, name) == 0)
			return str_from(r->headers[i].value);
	return STR_NONE;
}

static uint64_t
on_send(void *ctx, const struct http_request *r)
{
	struct world *w = ctx;
	struct flight *f = &w->flights[w->n++];

	assert_true(w->n <= 16);
	*f = (struct flight){ .id = ++w->last, .closes = header_of(r, "Stream-Closed").n > 0 };
	snprintf(f->producer, sizeof f->producer, "%.*s", STR_ARG(header_of(r, "Producer-Id")));
	assert_true(str_to_i64(header_of(r, "Producer-Epoch"), &f->epoch));
	assert_true(str_to_i64(header_of(r, "Producer-Seq"), &f->seq));
	buf_set(&f->body, buf_view(&r->body));
	w->sent++;
	if (w->n > w->most)
		w->most = w->n;
	return f->id;
}

static void
take_out(struct world *w, size_t i)
{
	buf_done(&w->flights[i].body);
	w->n--;
	for (; i < w->n; i++)
		w->flights[i] = w->flights[i + 1];
}

static void
on_cancel(void *ctx, uint64_t request)
{
	struct world *w = ctx;

	for (size_t i = 0; i < w->n; i++)
		if (w->flights[i].id == request)
			take_out(w, i);
}

static void
world_open(struct world *w, const struct producer_options *o)
{
	static char url[] = "http://t/s";
	static const struct endpoint ep = { .url = url };
	const struct producer_ops ops = { on_send, on_cancel, w };

	*w = (struct world){ .seq = -1 };
	clock_set(1000000, 1700000000000);
	w->p = producer_new(&ep, STR("me"), 0, &ops, o);
}

static void
world_close(struct world *w)
{
	producer_free(w->p);
	assert_int_equal(w->n, 0);
	buf_done(&w->log);
	clock_unset();
}

/* What the server does with a request, and the head it answers. */
static int
serve(struct world *w, const struct flight *f, char head[128])
{
	*head = '\0';
	if (w->known && f->epoch < w->epoch) {
		snprintf(head, 128, "Producer-Epoch: %d\r\n", (int)w->epoch);
		return 403;
	}
	if (w->known && f->epoch == w->epoch && f->seq <= w->seq)
		return 204;
	if (w->closed) {
		snprintf(head, 128, "Stream-Closed: true\r\n");
		return 409;
	}
	if (f->seq != (w->known && f->epoch == w->epoch ? w->seq + 1 : 0)) {
		snprintf(head, 128, "Producer-Expected-Seq: %d\r\nProducer-Received-Seq: %d\r\n",
		    (int)w->seq + 1, (int)f->seq);
		return w->known && f->epoch > w->epoch ? 400 : 409;
	}
	w->known = true;
	w->epoch = f->epoch;
	w->seq = f->seq;
	w->closed = f->closes;
	buf_str(&w->log, buf_view(&f->body));
	snprintf(head, 128, "Stream-Next-Offset: %zu\r\n", w->log.n);
	return 200;
}

static void
answer(struct world *w, size_t i, int status, const char *head, enum http_end end)
{
	uint64_t id = w->flights[i].id;

	take_out(w, i);
	if (status != 0)
		producer_message(w->p, &(struct http_message){ .request = id, .kind = HTTP_HEAD,
		    .status = status, .headers = str_from(head) });
	assert_true(producer_message(w->p, &(struct http_message){ .request = id, .kind = HTTP_END,
	    .status = status, .end = end }));
}

static void
pass(struct world *w, size_t i)
{
	char head[128];
	int status = serve(w, &w->flights[i], head);

	answer(w, i, status, head, HTTP_DONE);
}

static void
run(struct world *w)
{
	int64_t next = producer_deadline(w->p);

	if (next > clock_mono() && next != INT64_MAX)
		clock_advance(next - clock_mono());
	producer_tick(w->p);
}

static void
expect_failure(struct world *w, enum err code, int want, const char *words)
{
	struct error e = { 0 };
	int status = -1;

	assert_true(producer_failed(w->p, &status, &e));
	assert_int_equal(e.code, code);
	assert_int_equal(status, want);
	assert_non_null(strstr(e.text, words));
	assert_true(producer_idle(w->p));
	assert_int_equal(producer_deadline(w->p), INT64_MAX);
}

static const struct producer_options text = { .content_type = "text/plain", .seed = 1 };
static const struct producer_options values = { .content_type = "application/json; charset=utf-8",
	.seed = 1 };

static void
test_batches(void **state)
{
	struct world w;

	(void)state;
	world_open(&w, &values);
	producer_add(w.p, STR("1"));
	producer_add(w.p, STR("[2]"));
	run(&w);
	assert_int_equal(w.n, 1);
	assert_str(buf_view(&w.flights[0].body), STR("[1,[2]]"));
	/* What comes while one is under way is the next batch. */
	producer_add(w.p, STR("3"));
	producer_add(w.p, STR("4"));
	run(&w);
	assert_int_equal(w.n, 1);
	pass(&w, 0);
	run(&w);
	assert_str(buf_view(&w.flights[0].body), STR("[3,4]"));
	assert_int_equal(w.flights[0].seq, 1);
	producer_close(w.p);
	pass(&w, 0);
	assert_false(producer_idle(w.p));
	run(&w);
	assert_str(buf_view(&w.flights[0].body), STR(""));
	pass(&w, 0);
	assert_true(producer_idle(w.p));
	assert_true(w.closed && producer_stats(w.p)->closed);
	assert_str(producer_offset(w.p), STR("12"));
	assert_int_equal(producer_stats(w.p)->accepted, 3);
	world_close(&w);
}

static void
test_limits(void **state)
{
	struct producer_options o = text;
	struct world w;

	(void)state;
	o.batch_bytes = 8;
	o.batch_items = 3;
	o.in_flight = 4;
	world_open(&w, &o);
	producer_add(w.p, STR("more than fits"));
	for (int i = 0; i < 4; i++)
		producer_add(w.p, STR("a"));
	producer_add(w.p, STR("12345"));
	producer_close(w.p);
	run(&w);
	assert_int_equal(w.n, 3);
	assert_str(buf_view(&w.flights[0].body), STR("more than fits"));
	assert_str(buf_view(&w.flights[1].body), STR("aaa"));
	assert_str(buf_view(&w.flights[2].body), STR("a12345"));
	assert_true(w.flights[2].closes);
	while (w.n > 0)
		pass(&w, 0);
	assert_true(w.closed);
	assert_true(producer_idle(w.p));
	world_close(&w);
}

/* That one came before the one in front of it is heard when that one is in already. */
static void
test_early_and_late(void **state)
{
	static const char behind[] = "Producer-Expected-Seq: 0\r\nProducer-Received-Seq: 1\r\n";
	struct producer_options o = text;
	struct world w;

	(void)state;
	o.batch_items = 1;
	o.in_flight = 2;
	world_open(&w, &o);
	producer_add(w.p, STR("a"));
	producer_add(w.p, STR("b"));
	run(&w);
	assert_int_equal(w.n, 2);
	pass(&w, 0);
	answer(&w, 0, 409, behind, HTTP_DONE);
	assert_false(producer_failed(w.p, NULL, NULL));
	run(&w);
	assert_int_equal(w.n, 1);
	assert_str(buf_view(&w.flights[0].body), STR("b"));
	/* Alone it has nobody to wait for. */
	answer(&w, 0, 409, behind, HTTP_DONE);
	expect_failure(&w, ERR_DENIED, 409, "counts otherwise");
	world_close(&w);
}

static void
test_refused(void **state)
{
	static const int statuses[] = { 400, 401, 404, 405, 410, 413 };
	struct world w;

	(void)state;
	for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
		world_open(&w, &text);
		producer_add(w.p, STR("a"));
		run(&w);
		answer(&w, 0, statuses[i], "", HTTP_DONE);
		expect_failure(&w, ERR_DENIED, statuses[i], "refuses");
		world_close(&w);
	}
	world_open(&w, &text);
	w.closed = true;
	producer_add(w.p, STR("a"));
	run(&w);
	pass(&w, 0);
	expect_failure(&w, ERR_GONE, 409, "closed");
	world_close(&w);
}

static void
test_gives_up(void **state)
{
	struct producer_options o = text;
	struct world w;

	(void)state;
	o.tries = 3;
	world_open(&w, &o);
	producer_add(w.p, STR("a"));
	for (int i = 0; i < 3; i++) {
		run(&w);
		assert_false(producer_failed(w.p, NULL, NULL));
		answer(&w, 0, 503, "", HTTP_DONE);
	}
	expect_failure(&w, ERR_CONNECT, 503, "503");
	world_close(&w);
}

static void
test_fenced(void **state)
{
	struct producer_options o = text;
	struct world w;

	(void)state;
	world_open(&w, &o);
	w.known = true;
	w.epoch = 5;
	w.seq = 2;
	producer_add(w.p, STR("a"));
	run(&w);
	pass(&w, 0);
	expect_failure(&w, ERR_DENIED, 403, "another");
	world_close(&w);

	o.claims = true;
	o.in_flight = 4;
	o.batch_items = 1;
	world_open(&w, &o);
	w.known = true;
	w.epoch = 5;
	for (int i = 0; i < 4; i++)
		producer_add(w.p, STR("a"));
	run(&w);
	/* Not more than one before the name is known to be ours. */
	assert_int_equal(w.n, 1);
	pass(&w, 0);
	run(&w);
	assert_int_equal(w.flights[0].epoch, 6);
	assert_int_equal(w.flights[0].seq, 0);
	pass(&w, 0);
	run(&w);
	assert_int_equal(w.n, 3);
	while (w.n > 0)
		pass(&w, 0);
	assert_str(buf_view(&w.log), STR("aaaa"));
	world_close(&w);
}

/* The same name and epoch were used before: the answer "there already" is not about our batch. */
static void
test_used_before(void **state)
{
	struct producer_options o = text;
	struct world w;

	(void)state;
	o.claims = true;
	world_open(&w, &o);
	w.known = true;
	w.seq = 0;
	producer_add(w.p, STR("a"));
	run(&w);
	pass(&w, 0);
	assert_false(producer_idle(w.p));
	run(&w);
	assert_int_equal(w.flights[0].epoch, 1);
	pass(&w, 0);
	assert_str(buf_view(&w.log), STR("a"));
	assert_true(producer_idle(w.p));
	world_close(&w);
}

/* What may have arrived is not sent again where it would not be recognised. */
static void
test_fenced_unsure(void **state)
{
	struct producer_options o = text;
	struct world w;

	(void)state;
	o.claims = true;
	world_open(&w, &o);
	producer_add(w.p, STR("a"));
	run(&w);
	answer(&w, 0, 0, "", HTTP_RESET);
	w.known = true;
	w.epoch = 1;
	run(&w);
	pass(&w, 0);
	expect_failure(&w, ERR_DENIED, 403, "may have arrived");
	world_close(&w);
}

/* One of the batches under way meets its fate. */
static void
fate(struct world *w, uint64_t *seed)
{
	size_t i = unit_random(seed) % w->n;
	char head[128];

	switch (unit_random(seed) % 6) {
	case 0:
		answer(w, i, 0, "", HTTP_RESET);
		break;
	case 1:
		serve(w, &w->flights[i], head);
		answer(w, i, 0, "", HTTP_RESET);
		break;
	case 2:
		serve(w, &w->flights[i], head);
		answer(w, i, 502, "", HTTP_DONE);
		break;
	case 3:
		answer(w, i, 429, "", HTTP_DONE);
		break;
	default:
		pass(w, i);
		break;
	}
}

static void
storm(uint64_t seed)
{
	struct producer_options o = { .content_type = "text/plain", .seed = seed,
	    .batch_items = 1 + seed % 3, .in_flight = 1 + (unsigned)(seed % 5) };
	struct buf want = { 0 };
	struct world w;

	world_open(&w, &o);
	for (int i = 0; i < 60; i++) {
		char item[8];

		snprintf(item, sizeof item, "%d;", i);
		producer_add(w.p, str_from(item));
		buf_str(&want, str_from(item));
		run(&w);
		for (unsigned k = unit_random(&seed) % 3; k > 0 && w.n > 0; k--)
			fate(&w, &seed);
	}
	producer_close(w.p);
	while (!producer_idle(w.p)) {
		run(&w);
		if (w.n > 0)
			fate(&w, &seed);
	}
	assert_false(producer_failed(w.p, NULL, NULL));
	assert_str(buf_view(&w.log), buf_view(&want));
	assert_true(w.closed);
	assert_int_equal(w.most, o.in_flight);
	buf_done(&want);
	world_close(&w);
}

static void
test_exactly_once(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 300; seed++)
		storm(seed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_batches),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_early_and_late),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_gives_up),
		cmocka_unit_test(test_fenced),
		cmocka_unit_test(test_used_before),
		cmocka_unit_test(test_fenced_unsure),
		cmocka_unit_test(test_exactly_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
