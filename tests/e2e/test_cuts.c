/*
 * Reading and sending through a relay that cuts: weir's network, link and outbox against the real
 * server (or the reference server at DURABLE_URL). Whatever is cut, wherever: every record is read
 * once and in order, every input arrives once and in order. Time is set: back-off costs none.
 * CUTS says how many there are.
 */
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/link.h"
#include "tests/harness/proxy.h"
#include "tests/serve/serving.h"

enum { CUTS = 40, IDLE_MS = 3, STUCK = 7000, SILENCE = 100000, MANY = 60 };

struct world {
	struct serving serving;
	struct proxy *proxy;
	struct buf direct, url;		/* of the stream; through the relay */
	char *direct_socket;		/* NULL: over TCP */
	struct http *http;
	struct endpoint ep;
	struct store *store;
	struct outbox *outbox;
	struct link *link;
	uint64_t seed;
	size_t cuts;			/* of whole connections */
	unsigned idle;			/* turns in a row in which nothing came */
	bool echoes;			/* what comes back is told to the link */
	uint64_t reading, sending;	/* requests of the link, 0: none */
	/* requests of the test's own */
	uint64_t asked;
	int status;
	struct buf answer;
	/* what should be there, and what came: a line a record */
	struct buf want, got;
	size_t nwant, ngot;
	size_t confirmed;
};

/* ---- the program */

static uint64_t
on_send(void *ctx, const struct http_request *r)
{
	struct world *w = ctx;
	uint64_t request = http_send(w->http, r);

	if (strcmp(r->method, "GET") == 0)
		w->reading = request;
	else
		w->sending = request;
	return request;
}

static void
over(struct world *w, uint64_t request)
{
	if (w->reading == request)
		w->reading = 0;
	if (w->sending == request)
		w->sending = 0;
}

static void
on_cancel(void *ctx, uint64_t request)
{
	struct world *w = ctx;

	http_cancel(w->http, request);
	over(w, request);
}

static void
on_record(void *ctx, struct str bytes)
{
	struct world *w = ctx;
	struct str id;

	buf_str(&w->got, bytes);
	buf_byte(&w->got, '\n');
	w->ngot++;
	if (!w->echoes || outbox_count(w->outbox) == 0)
		return;
	id = buf_view(&outbox_at(w->outbox, 0)->id);
	if (str_find(bytes, id) < bytes.n)
		link_echoed(w->link, id);
}

static void
on_moved(void *ctx, const struct position *at)
{
	(void)ctx, (void)at;
}

static void
on_reset(void *ctx, const char *why)
{
	(void)ctx;
	fail_msg("the link began anew: %s", why);
}

static void
on_sent(void *ctx, const struct outbox_entry *entry, enum send_outcome outcome, struct str detail)
{
	struct world *w = ctx;

	(void)entry;
	if (outcome == SENT_REJECTED)
		fail_msg("rejected: %.*s", STR_ARG(detail));
	w->confirmed += outcome == SENT_CONFIRMED;
}

/* The network looks at the time when it is spoken to. */
static void
skip_silence(struct world *w)
{
	struct http_request nudge;

	clock_advance(SILENCE);
	http_request_init(&nudge, "HEAD", buf_view(&w->direct));
	if (w->direct_socket != NULL)
		nudge.unix_socket = mem_strdup(w->direct_socket);
	http_send(w->http, &nudge);
	http_request_done(&nudge);
}

/* Nothing moves: time passes, up to what the link waits for, or until the watchdog has enough. */
static void
pass_time(struct world *w)
{
	int64_t next = link_deadline(w->link), now = clock_mono();

	if (next == INT64_MAX)
		fail_msg("the link has stopped: %s", link_state_name(link_state(w->link)));
	if (next > now && (w->reading == 0 || (w->sending == 0 && outbox_count(w->outbox) > 0)))
		clock_advance(next - now);
	else if (w->idle % 8 == 7)
		skip_silence(w);
	if (w->idle > STUCK)
		fail_msg("stuck: %s, %zu of %zu records", link_state_name(link_state(w->link)), w->ngot,
		    w->nwant);
}

static void
turn(struct world *w)
{
	struct pollfd p = { .fd = http_fd(w->http), .events = POLLIN };
	struct http_message m;

	w->idle = poll(&p, 1, IDLE_MS) > 0 ? 0 : w->idle + 1;
	while (http_next(w->http, &m)) {
		w->idle = 0;
		if (m.kind == HTTP_END)
			over(w, m.request);
		if (link_message(w->link, &m) || m.request != w->asked)
			continue;
		if (m.kind == HTTP_BODY)
			buf_str(&w->answer, m.body);
		if (m.kind != HTTP_END)
			continue;
		w->status = m.status;
		w->asked = 0;
	}
	if (w->idle > 0 && w->asked == 0)
		pass_time(w);
	link_tick(w->link);
}

/* ---- the stream, without the relay */

static int
ask(struct world *w, const char *method, struct str body)
{
	struct http_request r;

	http_request_init(&r, method, buf_view(&w->direct));
	if (w->direct_socket != NULL)
		r.unix_socket = mem_strdup(w->direct_socket);
	if (strcmp(method, "GET") != 0)
		http_request_body(&r, "application/json", body);
	buf_clear(&w->answer);
	w->asked = http_send(w->http, &r);
	http_request_done(&r);
	while (w->asked != 0)
		turn(w);
	return w->status;
}

static void
append(struct world *w)
{
	struct buf body = { 0 }, item = { 0 };

	buf_printf(&item, "{\"n\":%zu,\"text\":\"", w->nwant++);
	for (uint32_t n = unit_random(&w->seed) % 200; n > 0; n--)
		buf_byte(&item, (char)('a' + unit_random(&w->seed) % 26));
	buf_str(&item, STR("\"}"));
	buf_printf(&body, "[%s]", buf_cstr(&item));
	buf_str(&w->want, buf_view(&item));
	buf_byte(&w->want, '\n');
	assert_int_equal(ask(w, "POST", buf_view(&body)) / 100, 2);
	buf_done(&body);
	buf_done(&item);
}

/* ---- cuts */

static enum proxy_how
any_how(struct world *w)
{
	return (enum proxy_how)(unit_random(&w->seed) % 3);
}

static size_t
cuts(struct world *w)
{
	return proxy_count(w->proxy, PROXY_FAULTS) + w->cuts;
}

static void
cut_all(struct world *w)
{
	enum proxy_how how = any_how(w);
	bool open = proxy_count(w->proxy, PROXY_OPEN) > 0;

	proxy_cut(w->proxy, how);
	w->cuts += open;
}

static size_t
wanted(void)
{
	const char *n = getenv("CUTS");

	return n != NULL ? (size_t)strtoul(n, NULL, 10) : CUTS;
}

static void
expect_all(struct world *w)
{
	while (w->ngot < w->nwant || !link_stats(w->link)->proven)
		turn(w);
	assert_int_equal(w->ngot, w->nwant);
	assert_str(buf_view(&w->got), buf_view(&w->want));
}

/* ---- a world of its own for each test */

static void
reach_server(struct world *w, const char *path)
{
	const char *reference = getenv("DURABLE_URL");
	char upstream[16];

	if (reference != NULL && *reference != '\0') {
		const char *port = strrchr(reference, ':');

		assert_non_null(port);
		snprintf(upstream, sizeof upstream, "%.5s", port + 1);
		w->proxy = proxy_open(NULL, upstream);
		buf_printf(&w->direct, "%s%s", reference, path);
	} else {
		serving_start(&w->serving, NULL);
		w->direct_socket = mem_strdup(buf_cstr(&w->serving.socket));
		w->proxy = proxy_open(NULL, w->direct_socket);
		buf_printf(&w->direct, "http://weir.local%s", path);
	}
	buf_printf(&w->url, "http://127.0.0.1:%d%s", proxy_port(w->proxy), path);
}

static void
world_open(struct world *w, uint64_t seed)
{
	static const struct position start;
	static const struct link_options options = { .seed = 5 };
	const struct link_ops ops = { .send = on_send, .cancel = on_cancel, .record = on_record,
		.moved = on_moved, .reset = on_reset, .sent = on_sent, .ctx = w };
	char path[64];
	int64_t session;

	*w = (struct world){ .seed = seed };
	snprintf(path, sizeof path, "/v1/stream/cuts-%d-%d", (int)getpid(), (int)seed);
	reach_server(w, path);
	clock_set(1000000, 1700000000000);
	w->http = http_new(NULL);
	assert_non_null(w->http);
	assert_int_equal(endpoint_parse(&w->ep, buf_view(&w->url), NULL), ERR_OK);
	assert_int_equal(store_open(&w->store, NULL, NULL, NULL), ERR_OK);
	assert_int_equal(store_session(w->store, STR("s"), STR("durable"), &session, NULL), ERR_OK);
	assert_int_equal(outbox_open(&w->outbox, w->store, session, NULL), ERR_OK);
	w->link = link_new(&dialect_durable, &w->ep, &start, w->outbox, &ops, &options);
	assert_int_equal(ask(w, "PUT", STR_NONE), 201);
	link_start(w->link);
}

static void
world_close(struct world *w)
{
	link_free(w->link);
	outbox_free(w->outbox);
	store_close(w->store);
	http_free(w->http);
	proxy_close(w->proxy);
	if (w->direct_socket != NULL)
		serving_end(&w->serving);
	endpoint_done(&w->ep);
	free(w->direct_socket);
	buf_done(&w->direct);
	buf_done(&w->url);
	buf_done(&w->answer);
	buf_done(&w->want);
	buf_done(&w->got);
	clock_unset();
}

/* ---- tests */

/* One cut somewhere in an answer, or of what is open just then; more is written all the time. */
static void
cut_reading(struct world *w)
{
	size_t before = cuts(w), after = unit_random(&w->seed) % 4000;

	if (unit_random(&w->seed) % 3 == 0) {
		append(w);
		cut_all(w);
	} else {
		proxy_fault(w->proxy, &(struct proxy_fault){ "GET ", PROXY_FROM_SERVER, after,
		    any_how(w) });
		/* It is for a connection that is opened behind it, maybe for one that is cut with these. */
		proxy_cut(w->proxy, PROXY_FIN);
	}
	for (int i = 0; cuts(w) == before; i++) {
		if (i == MANY)
			cut_all(w);
		append(w);
		turn(w);
	}
	/* Streams of more than a second are not taken for short ones. */
	if (unit_random(&w->seed) % 2 == 0)
		clock_advance(2000);
	for (uint32_t n = unit_random(&w->seed) % 6; n > 0; n--)
		turn(w);
}

static void
test_reading(void **state)
{
	struct world w;

	(void)state;
	world_open(&w, 1);
	for (size_t i = 0; cuts(&w) < wanted(); i++) {
		cut_reading(&w);
		if (i % 16 == 15)
			expect_all(&w);
	}
	expect_all(&w);
	assert_int_equal(link_stats(w.link)->applied, w.nwant);
	print_message("%zu cuts, %zu records, %d of them twice\n", cuts(&w), w.nwant,
	    (int)link_stats(w.link)->duplicates);
	world_close(&w);
}

static void
input(struct world *w)
{
	char id[32], text[32];
	struct act act = { .kind = ACT_INPUT, .user = STR("me"), .time = clock_wall() };

	snprintf(id, sizeof id, "id-%05zu-%d", w->nwant, (int)w->seed % 1000);
	snprintf(text, sizeof text, "input %05zu.", w->nwant++);
	act.id = str_from(id);
	act.text = str_from(text);
	assert_int_equal(outbox_add(w->outbox, &act, NULL), ERR_OK);
	link_kick(w->link);
}

/* Before the request has arrived, within it, before its answer, within that, behind it. */
static void
cut_sending(struct world *w)
{
	bool request = unit_random(&w->seed) % 2 == 0;
	size_t before = cuts(w), after = unit_random(&w->seed) % (request ? 700 : 400);

	proxy_fault(w->proxy, &(struct proxy_fault){ "POST ",
	    request ? PROXY_FROM_CLIENT : PROXY_FROM_SERVER, after, any_how(w) });
	for (uint32_t n = 1 + (unit_random(&w->seed) % 4 == 0); n > 0; n--)
		input(w);
	for (int i = 0; i < 40 && cuts(w) == before; i++)
		turn(w);
	if (unit_random(&w->seed) % 4 == 0)
		cut_all(w);
	if (unit_random(&w->seed) % 2 == 0)
		clock_advance(2000);
}

/* The inputs as they stand in the stream: each once, in order. */
static void
expect_inputs(struct world *w)
{
	struct str left;
	char text[32];

	assert_int_equal(ask(w, "GET", STR_NONE), 200);
	left = buf_view(&w->answer);
	for (size_t i = 0; i < w->nwant; i++) {
		size_t at = str_find(left, STR("input "));

		snprintf(text, sizeof text, "input %05zu.", i);
		left = str_skip(left, at);
		if (!str_starts(left, str_from(text)))
			fail_msg("not \"%s\": %.60s", text, left.p != NULL ? left.p : "");
		left = str_skip(left, 1);
	}
	assert_int_equal(str_find(left, STR("input ")), left.n);
}

static void
sending(uint64_t seed, bool echoes)
{
	size_t inputs = wanted();
	struct world w;

	world_open(&w, seed);
	w.echoes = echoes;
	while (w.nwant < inputs)
		cut_sending(&w);
	while (outbox_count(w.outbox) > 0 || w.ngot < w.nwant)
		turn(&w);
	expect_inputs(&w);
	assert_int_equal(w.confirmed, w.nwant);
	assert_int_equal(w.ngot, w.nwant);
	print_message("%zu inputs, %zu cuts\n", w.nwant, cuts(&w));
	world_close(&w);
}

static void
test_sending(void **state)
{
	(void)state;
	sending(2, false);
}

static void
test_sending_with_echoes(void **state)
{
	(void)state;
	sending(3, true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reading),
		cmocka_unit_test(test_sending),
		cmocka_unit_test(test_sending_with_echoes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
