/*
 * The link, the durable dialect and the real network code against a server that does as it is told:
 * what every fault leads to, in which state and in which words, and that nothing is lost by it. The
 * clock is set, so waiting costs nothing.
 */
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/harness/peer.h"
#include "tests/unit.h"
#include "model/link.h"

#define JSON "Content-Type: application/json\r\n"
#define PAGE "HTTP/1.1 200 OK\r\n" JSON "Stream-Next-Offset: 2\r\nStream-Up-To-Date: true\r\n" \
	"Content-Length: 7\r\n\r\n[10,20]"
#define AGAIN "HTTP/1.1 200 OK\r\n" JSON "Stream-Next-Offset: 2\r\nStream-Up-To-Date: true\r\n" \
	"Content-Length: 2\r\n\r\n[]"
#define EVENTS "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
#define MORE "event: data\ndata: [30]\n\nevent: control\ndata: {\"streamNextOffset\":\"3\",\"upToDate\":true}\n\n"

struct rig {
	struct peer *p;
	struct http *http;
	struct link *l;
	struct endpoint ep;
	struct buf got;			/* records, each with a blank */
	struct position at;
	unsigned resets;
};

static uint64_t
on_send(void *ctx, const struct http_request *r)
{
	return http_send(((struct rig *)ctx)->http, r);
}

static void
on_cancel(void *ctx, uint64_t request)
{
	http_cancel(((struct rig *)ctx)->http, request);
}

static void
on_record(void *ctx, struct str bytes)
{
	struct rig *r = ctx;

	buf_str(&r->got, bytes);
	buf_byte(&r->got, ' ');
}

static void
on_moved(void *ctx, const struct position *at)
{
	(void)ctx;
	(void)at;
}

static void
on_reset(void *ctx, const char *why)
{
	struct rig *r = ctx;

	(void)why;
	r->resets++;
	buf_clear(&r->got);
}

static void
on_sent(void *ctx, const struct outbox_entry *entry, enum send_outcome outcome, struct str detail)
{
	(void)ctx, (void)entry, (void)outcome, (void)detail;
}

static void
start(struct rig *r, const char *token)
{
	const struct link_ops ops = { .send = on_send, .cancel = on_cancel, .record = on_record,
		.moved = on_moved, .reset = on_reset, .sent = on_sent, .ctx = r };
	struct buf url = { 0 };
	struct error e;

	clock_set(1000000, 1700000000000);
	*r = (struct rig){ .p = peer_new(NULL), .http = http_new(&e) };
	if (r->http == NULL)
		fail_msg("%s", e.text);
	buf_printf(&url, "%s/s", peer_url(r->p));
	assert_int_equal(endpoint_parse(&r->ep, buf_view(&url), &e), ERR_OK);
	if (token != NULL)
		endpoint_set_token(&r->ep, str_from(token));
	r->l = link_new(&dialect_durable, &r->ep, &r->at, NULL, &ops,
	    &(struct link_options){ .seed = 1 });
	buf_done(&url);
	/* The first request goes with the first tick: the answer can be canned before. */
	link_start(r->l);
}

static void
finish(struct rig *r)
{
	link_stop(r->l);
	link_free(r->l);
	http_free(r->http);
	if (r->p != NULL)
		peer_free(r->p);
	endpoint_done(&r->ep);
	buf_done(&r->got);
	clock_unset();
}

/* Takes what comes; false when nothing did for so many real milliseconds. */
static bool
work(struct rig *r, int ms)
{
	struct pollfd fd = { .fd = http_fd(r->http), .events = POLLIN };
	struct http_message m;

	if (poll(&fd, 1, ms) <= 0)
		return false;
	while (http_next(r->http, &m))
		link_message(r->l, &m);
	link_tick(r->l);
	return true;
}

static const char *
words(const struct rig *r)
{
	static struct buf out;

	buf_clear(&out);
	link_words(r->l, &out);
	return buf_cstr(&out);
}

/* What is due happens, until the state is this one. */
static void
until(struct rig *r, enum link_state state)
{
	for (link_tick(r->l); link_state(r->l) != state;)
		if (!work(r, 20000))
			fail_msg("still %s (%s), not %s", words(r), link_stats(r->l)->reason,
			    link_state_name(state));
}

static void
expect(const struct rig *r, const char *say, const char *reason)
{
	assert_string_equal(words(r), say);
	assert_string_equal(link_stats(r->l)->reason, reason);
}

/* It waits, for this reason; it tries again with the next tick, so that the answer can be canned
 * before. */
static void
retry(struct rig *r, const char *reason)
{
	until(r, LINK_WAITING);
	assert_string_equal(link_stats(r->l)->reason, reason);
	assert_true(str_starts(str_from(words(r)), STR("reconnecting")));
	clock_advance(link_stats(r->l)->next_try - clock_mono());
}

/* The next requests, answered in the order of these. */
static void
canned(struct rig *r, const char *bytes, enum peer_then then)
{
	peer_canned(r->p, "GET /s", str_from(bytes), then, 1);
}

/* Live, with 10 and 20 read; the stream is request number 1. */
static void
go_live(struct rig *r)
{
	canned(r, PAGE, PEER_DONE);
	canned(r, EVENTS, PEER_OPEN);
	until(r, LINK_LIVE);
	assert_string_equal(buf_cstr(&r->got), "10 20 ");
}

/* All is well again, and all is here once. */
static void
whole(struct rig *r)
{
	until(r, LINK_LIVE);
	while (r->got.n < strlen("10 20 30 ") || !link_stats(r->l)->proven)
		assert_true(work(r, 20000));
	assert_string_equal(buf_cstr(&r->got), "10 20 30 ");
	expect(r, "live", link_stats(r->l)->reason);
}

static void
expect_whole(struct rig *r)
{
	canned(r, EVENTS MORE, PEER_OPEN);
	whole(r);
}

/* The answer is there before the request: once that has come, it would be too late. */
static void
retry_whole(struct rig *r, const char *reason)
{
	canned(r, EVENTS MORE, PEER_OPEN);
	retry(r, reason);
	whole(r);
}

/* ---- answers that are none, before anything was read and after */

static const struct fault {
	const char *name, *answer;
	enum peer_then then;
	enum link_state first;		/* when it is the first answer */
	const char *say, *reason;
	enum link_state later;		/* when there was a stream before */
	const char *detail;		/* is part of link_detail */
	int64_t wait;			/* at least, when it waits */
} faults[] = {
#define PLAIN(status, ...) "HTTP/1.1 " status " x\r\n" __VA_ARGS__ "Content-Length: 4\r\n\r\nbusy"
	{ "204", "HTTP/1.1 204 x\r\n\r\n", PEER_DONE, LINK_CLOSED, "closed", "http 204", LINK_CLOSED, "", 0 },
	{ "206", PLAIN("206"), PEER_DONE, LINK_FAILED, "failed: http 206", "http 206", LINK_WAITING, "busy",
	    0 },
	{ "304", "HTTP/1.1 304 x\r\n\r\n", PEER_DONE, LINK_FAILED, "failed: http 304", "http 304",
	    LINK_WAITING, "", 0 },
	{ "401", PLAIN("401"), PEER_DONE, LINK_NEEDS_TOKEN, "needs a token", "http 401", LINK_NEEDS_TOKEN,
	    "busy", 0 },
	{ "403", PLAIN("403"), PEER_DONE, LINK_NEEDS_TOKEN, "needs a token", "http 403", LINK_NEEDS_TOKEN,
	    "busy", 0 },
	{ "404", PLAIN("404"), PEER_DONE, LINK_FAILED, "no such session", "http 404", LINK_GONE, "busy", 0 },
	{ "405", PLAIN("405"), PEER_DONE, LINK_FAILED, "failed: http 405", "http 405", LINK_WAITING, "busy",
	    0 },
	{ "408", PLAIN("408"), PEER_DONE, LINK_WAITING, NULL, "http 408", LINK_WAITING, "busy", 0 },
	{ "409", PLAIN("409"), PEER_DONE, LINK_FAILED, "failed: http 409", "http 409", LINK_WAITING, "busy",
	    0 },
	{ "410", PLAIN("410"), PEER_DONE, LINK_FAILED, "failed: http 410", "http 410", LINK_GONE, "busy", 0 },
	{ "413", PLAIN("413"), PEER_DONE, LINK_FAILED, "failed: http 413", "http 413", LINK_WAITING, "busy",
	    0 },
	{ "425", PLAIN("425"), PEER_DONE, LINK_WAITING, NULL, "http 425", LINK_WAITING, "busy", 0 },
	{ "429", PLAIN("429", "Retry-After: 7\r\n"), PEER_DONE, LINK_WAITING, NULL, "http 429", LINK_WAITING,
	    "busy", 7000 },
	{ "429 for a year", PLAIN("429", "Retry-After: 31536000\r\n"), PEER_DONE, LINK_WAITING, NULL,
	    "http 429", LINK_WAITING, "busy", 600000 },
	{ "429 until a date", PLAIN("429", "Retry-After: Fri, 31 Dec 2199 23:59:59 GMT\r\n"), PEER_DONE,
	    LINK_WAITING, NULL, "http 429", LINK_WAITING, "busy", 600000 },
	{ "500", PLAIN("500"), PEER_DONE, LINK_WAITING, NULL, "http 500", LINK_WAITING, "busy", 0 },
	{ "501", PLAIN("501"), PEER_DONE, LINK_WAITING, NULL, "http 501", LINK_WAITING, "busy", 0 },
	{ "502", PLAIN("502"), PEER_DONE, LINK_WAITING, NULL, "http 502", LINK_WAITING, "busy", 0 },
	{ "503", PLAIN("503", "Retry-After: 2\r\n"), PEER_DONE, LINK_WAITING, NULL, "http 503", LINK_WAITING,
	    "busy", 2000 },
	{ "504", PLAIN("504"), PEER_DONE, LINK_WAITING, NULL, "http 504", LINK_WAITING, "busy", 0 },
	{ "a page of the network", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\n"
	    "<log>", PEER_DONE, LINK_FAILED, "failed: not a stream", "not a stream", LINK_WAITING,
	    "not a Durable Stream", 0 },
	{ "no HTTP at all", "SSH-2.0-OpenSSH_9.2\r\n", PEER_FIN, LINK_FAILED, "failed: malformed",
	    "malformed", LINK_WAITING, "", 0 },
	{ "nothing", "", PEER_FIN, LINK_WAITING, NULL, "reset", LINK_WAITING, "", 0 },
	{ "a reset", "", PEER_RST, LINK_WAITING, NULL, "reset", LINK_WAITING, "", 0 },
	{ "half a head", "HTTP/1.1 200 OK\r\nContent-", PEER_RST, LINK_WAITING, NULL, "reset", LINK_WAITING,
	    "", 0 },
};

static void
check_wait(const struct rig *r, const struct fault *f)
{
	int64_t wait = link_stats(r->l)->next_try - clock_mono();

	if (wait < f->wait || wait > f->wait + 60000)
		fail_msg("%s: tries again in %lld ms", f->name, (long long)wait);
}

static void
expect_fault(struct rig *r, const struct fault *f, enum link_state state)
{
	until(r, state);
	if (strcmp(link_stats(r->l)->reason, f->reason) != 0)
		fail_msg("%s: %s", f->name, link_stats(r->l)->reason);
	if (*f->detail != '\0' &&
	    str_find(link_detail(r->l), str_from(f->detail)) == link_detail(r->l).n)
		fail_msg("%s: \"%.*s\"", f->name, STR_ARG(link_detail(r->l)));
	if (state == LINK_WAITING)
		check_wait(r, f);
}

static void
test_first_answers(void **state)
{
	(void)state;
	for (const struct fault *f = faults; f < faults + sizeof faults / sizeof *faults; f++) {
		struct rig r;

		start(&r, NULL);
		canned(&r, f->answer, f->then);
		expect_fault(&r, f, f->first);
		if (f->say != NULL && strcmp(words(&r), f->say) != 0)
			fail_msg("%s: %s", f->name, words(&r));
		finish(&r);
	}
}

/* A stream that was followed is cut; then this is what the server says, and then it is well again:
 * nothing is missing and nothing came twice. */
static void
test_later_answers(void **state)
{
	(void)state;
	for (const struct fault *f = faults; f < faults + sizeof faults / sizeof *faults; f++) {
		struct rig r;

		start(&r, NULL);
		go_live(&r);
		peer_write(r.p, 1, STR(""), PEER_RST);
		until(&r, LINK_WAITING);
		/* Asked from the start too, whoever is gone is gone. */
		for (int i = 0; i < (f->later == LINK_GONE ? 2 : 1); i++)
			canned(&r, f->answer, f->then);
		retry(&r, "reset");
		expect_fault(&r, f, f->later);
		assert_string_equal(buf_cstr(&r.got), "10 20 ");
		assert_int_equal(r.resets, 0);
		if (f->later == LINK_WAITING)
			retry_whole(&r, f->reason);
		finish(&r);
	}
}

/* ---- redirects */

static void
test_redirect_loops(void **state)
{
	static const char *const statuses[] = { "301", "302", "303", "307", "308" };

	(void)state;
	for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
		struct rig r;
		char answer[128];

		snprintf(answer, sizeof answer,
		    "HTTP/1.1 %s x\r\nLocation: /s\r\nContent-Length: 0\r\n\r\n", statuses[i]);
		start(&r, NULL);
		peer_canned(r.p, "GET", str_from(answer), PEER_DONE, 0);
		until(&r, LINK_FAILED);
		expect(&r, "failed: redirect", "redirect");
		assert_int_equal(peer_count(r.p), 6);
		finish(&r);
	}
}

/* Another origin gets the request but not the token, and is followed as well as the first. */
static void
test_redirect_elsewhere(void **state)
{
	struct peer *other = peer_new(NULL);
	struct rig r;
	char answer[160];

	(void)state;
	start(&r, "s3cret");
	r.ep.way.redirects_any = true;
	snprintf(answer, sizeof answer, "HTTP/1.1 307 x\r\nLocation: %s/there\r\nContent-Length: 0\r\n\r\n",
	    peer_url(other));
	peer_canned(r.p, "GET", str_from(answer), PEER_DONE, 0);
	peer_canned(other, "GET", STR(PAGE), PEER_DONE, 1);
	peer_canned(other, "GET", STR(EVENTS MORE), PEER_OPEN, 1);
	until(&r, LINK_LIVE);
	assert_str(http_header(peer_head(r.p, 0), "authorization"), STR("Bearer s3cret"));
	assert_null(http_header(peer_head(other, 0), "authorization").p);
	assert_true(str_find(peer_head(other, 0), STR("s3cret")) == peer_head(other, 0).n);
	finish(&r);
	peer_free(other);
}

static void
test_redirect_refused(void **state)
{
	struct peer *other = peer_new(NULL);
	struct buf words = { 0 };
	struct rig r;
	char answer[160];

	(void)state;
	start(&r, NULL);
	snprintf(answer, sizeof answer, "HTTP/1.1 307 x\r\nLocation: %s/there\r\nContent-Length: 0\r\n\r\n",
	    peer_url(other));
	peer_canned(r.p, "GET", str_from(answer), PEER_DONE, 1);
	until(&r, LINK_FAILED);
	expect(&r, "failed: redirect", "redirect");
	buf_printf(&words, "redirected to %s: allow it with --redirects any", peer_url(other));
	assert_str(link_detail(r.l), buf_view(&words));
	assert_int_equal(peer_count(other), 0);
	buf_done(&words);
	finish(&r);
	peer_free(other);
}

/* ---- a token that runs out */

static void
test_new_token(void **state)
{
	struct rig r;

	(void)state;
	start(&r, "old");
	go_live(&r);
	peer_write(r.p, 1, STR(""), PEER_RST);
	until(&r, LINK_WAITING);
	canned(&r, PLAIN("401"), PEER_DONE);
	retry(&r, "reset");
	until(&r, LINK_NEEDS_TOKEN);
	expect(&r, "needs a token", "http 401");
	assert_int_equal(link_stats(r.l)->denied, 1);
	/* Nothing is tried meanwhile. */
	clock_advance(3600000);
	link_tick(r.l);
	assert_int_equal(peer_count(r.p), 3);
	endpoint_set_token(&r.ep, STR("new"));
	canned(&r, AGAIN, PEER_DONE);
	link_reconnect(r.l);
	expect_whole(&r);
	assert_str(http_header(peer_head(r.p, 2), "authorization"), STR("Bearer old"));
	assert_str(http_header(peer_head(r.p, 3), "authorization"), STR("Bearer new"));
	assert_true(str_starts(peer_head(r.p, 3), STR("GET /s?offset=2 ")));
	finish(&r);
}

/* ---- time */

/* The net thread looks at the clock when something happens. */
static void
nudge(struct rig *r)
{
	struct http_request q;
	struct buf url = { 0 };
	size_t before = peer_count(r->p);

	buf_printf(&url, "%s/nudge", peer_url(r->p));
	http_request_init(&q, "GET", buf_view(&url));
	http_send(r->http, &q);
	http_request_done(&q);
	buf_done(&url);
	peer_head(r->p, before);
}

/* Time passes in steps of a second, in each of which the server says this, if anything. */
static void
pass(struct rig *r, int seconds, size_t request, const char *drip)
{
	for (int i = 0; i < seconds; i++) {
		clock_advance(1000);
		if (drip != NULL && *drip != '\0') {
			peer_write(r->p, request, str_of(drip++, 1), PEER_OPEN);
			peer_wait_sent(r->p, request);
		}
		nudge(r);
		link_tick(r->l);
		work(r, 5);
	}
}

static void
test_slow_head(void **state)
{
	struct rig r;

	(void)state;
	start(&r, NULL);
	peer_canned(r.p, "GET /nudge", STR("HTTP/1.1 204 x\r\n\r\n"), PEER_DONE, 0);
	link_tick(r.l);
	peer_head(r.p, 0);
	pass(&r, 14, 0, "HTTP/1.1 200 O");
	assert_int_equal(link_state(r.l), LINK_CONNECTING);
	clock_advance(1000);
	nudge(&r);
	retry(&r, "head-timeout");
	finish(&r);
}

/* As long as something comes, however slowly, nobody gives up. */
static void
test_a_byte_a_second(void **state)
{
	struct rig r;

	(void)state;
	start(&r, NULL);
	peer_canned(r.p, "GET /nudge", STR("HTTP/1.1 204 x\r\n\r\n"), PEER_DONE, 0);
	peer_canned(r.p, "GET /s", STR("HTTP/1.1 200 OK\r\n" JSON "Stream-Next-Offset: 2\r\n"
	    "Stream-Up-To-Date: true\r\nContent-Length: 120\r\n\r\n"), PEER_OPEN, 1);
	until(&r, LINK_CATCHING_UP);
	pass(&r, 118, 0, "[10,                                                      "
	    "                                                        20  ");
	assert_int_equal(link_state(r.l), LINK_CATCHING_UP);
	canned(&r, EVENTS, PEER_OPEN);
	peer_write(r.p, 0, STR(" ]"), PEER_DONE);
	until(&r, LINK_LIVE);
	assert_string_equal(buf_cstr(&r.got), "10 20 ");
	finish(&r);
}

/* A connection that looks alive and says nothing: first it is stale, then it is over. */
static void
test_silence(void **state)
{
	struct rig r;

	(void)state;
	start(&r, NULL);
	peer_canned(r.p, "GET /nudge", STR("HTTP/1.1 204 x\r\n\r\n"), PEER_DONE, 0);
	go_live(&r);
	pass(&r, 75, 1, NULL);
	expect(&r, "stale (no sign of life)", "");
	while (link_state(r.l) == LINK_STALE)
		pass(&r, 1, 1, NULL);
	retry_whole(&r, "silent");
	finish(&r);
}

/* The machine slept: nobody waits for the watchdog. */
static void
test_sleep(void **state)
{
	struct rig r;

	(void)state;
	start(&r, NULL);
	go_live(&r);
	canned(&r, AGAIN, PEER_DONE);
	clock_sleep(3600000);
	link_tick(r.l);
	assert_string_equal(link_stats(r.l)->reason, "slept");
	expect_whole(&r);
	finish(&r);
}

/* ---- too much */

static void
repeat(struct buf *out, const char *what, size_t bytes)
{
	while (out->n < bytes)
		buf_str(out, str_from(what));
}

/* A line that does not end, three times: then it is said, and weir does not go on asking. */
static void
test_endless_line(void **state)
{
	struct buf answer = { 0 };
	struct rig r;

	(void)state;
	start(&r, NULL);
	go_live(&r);
	buf_str(&answer, STR(EVENTS "event: data\ndata: [\""));
	repeat(&answer, "0123456789abcdef", 17 << 20);
	peer_canned(r.p, "GET /s", buf_view(&answer), PEER_FIN, 0);
	/* One that was short would count towards polling. */
	clock_advance(2000);
	peer_write(r.p, 1, STR(""), PEER_RST);
	retry(&r, "reset");
	for (int i = 0; i < 2; i++)
		retry(&r, "too-large");
	until(&r, LINK_FAILED);
	expect(&r, "failed: too-large", "too-large");
	assert_string_equal(buf_cstr(&r.got), "10 20 ");
	finish(&r);
	buf_done(&answer);
}

/* Sessions are not asked for packed, so nothing is unpacked: these bytes are no JSON. */
static void
test_gzip_bomb(void **state)
{
	struct buf answer = { 0 };
	struct rig r;

	(void)state;
	start(&r, NULL);
	buf_str(&answer, STR("HTTP/1.1 200 OK\r\n" JSON "Content-Encoding: gzip\r\n"
	    "Stream-Next-Offset: 9\r\n\r\n\x1f\x8b\x08\x01"));
	repeat(&answer, "\x02\x03", 1 << 20);
	peer_canned(r.p, "GET /s", buf_view(&answer), PEER_FIN, 0);
	retry(&r, "broken answer");
	assert_null(http_header(peer_head(r.p, 0), "accept-encoding").p);
	retry(&r, "broken answer");
	until(&r, LINK_FAILED);
	expect(&r, "failed: broken answer", "broken answer");
	finish(&r);
	buf_done(&answer);
}

/* Pages that never get anywhere: whoever ignores where we are would be read for ever. */
static void
test_endless_history(void **state)
{
	struct rig r;

	(void)state;
	start(&r, NULL);
	peer_canned(r.p, "GET /s", STR("HTTP/1.1 200 OK\r\n" JSON "Stream-Next-Offset: 9\r\n"
	    "Content-Length: 7\r\n\r\n[10,20]"), PEER_DONE, 0);
	until(&r, LINK_FAILED);
	expect(&r, "failed: the server repeats itself", "the server repeats itself");
	assert_int_equal(peer_count(r.p), 2);
	finish(&r);
}

static void
test_endless_headers(void **state)
{
	struct buf answer = { 0 };
	struct rig r;

	(void)state;
	start(&r, NULL);
	buf_str(&answer, STR("HTTP/1.1 200 OK\r\n"));
	repeat(&answer, "X-Filler: 0123456789abcdef\r\n", 1 << 20);
	peer_canned(r.p, "GET", buf_view(&answer), PEER_OPEN, 0);
	until(&r, LINK_FAILED);
	expect(&r, "failed: malformed", "malformed");
	buf_done(&answer);
	finish(&r);
}

/* ---- the server itself */

static void
test_killed_and_restarted(void **state)
{
	struct rig r;
	struct str url;

	(void)state;
	start(&r, NULL);
	go_live(&r);
	url = str_from(r.ep.url);
	assert_true(url.n > 0);
	peer_free(r.p);
	r.p = NULL;
	retry(&r, "done");
	retry(&r, "refused");
	retry(&r, "refused");
	until(&r, LINK_WAITING);
	assert_int_equal(link_stats(r.l)->attempt, 4);
	finish(&r);
}

/* History that is no more: what there still is from the start takes its place, and it is said. */
static void
test_truncated(void **state)
{
	static const char *const statuses[] = { PLAIN("400"), PLAIN("404"), PLAIN("410") };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct rig r;

		start(&r, NULL);
		go_live(&r);
		canned(&r, statuses[i], PEER_DONE);
		canned(&r, "HTTP/1.1 200 OK\r\n" JSON "Stream-Next-Offset: 9\r\nStream-Up-To-Date: true\r\n"
		    "Content-Length: 4\r\n\r\n[77]", PEER_DONE);
		canned(&r, EVENTS, PEER_OPEN);
		peer_write(r.p, 1, STR(""), PEER_RST);
		retry(&r, "reset");
		until(&r, LINK_LIVE);
		assert_int_equal(r.resets, 1);
		assert_int_equal(link_stats(r.l)->gaps, 1);
		assert_string_equal(buf_cstr(&r.got), "77 ");
		finish(&r);
	}
}

/* A server that dies again and again: never more than 20 connections a minute. */
static void
test_storm(void **state)
{
	struct rig r;
	int64_t begin;
	size_t n = 0;

	(void)state;
	start(&r, NULL);
	peer_canned(r.p, "GET", STR(""), PEER_RST, 0);
	begin = clock_mono();
	while (clock_mono() - begin < 600000) {
		retry(&r, "reset");
		n++;
	}
	assert_in_range(n, 20, 200);
	finish(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_answers),
		cmocka_unit_test(test_later_answers),
		cmocka_unit_test(test_redirect_loops),
		cmocka_unit_test(test_redirect_elsewhere),
		cmocka_unit_test(test_redirect_refused),
		cmocka_unit_test(test_new_token),
		cmocka_unit_test(test_slow_head),
		cmocka_unit_test(test_a_byte_a_second),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_sleep),
		cmocka_unit_test(test_endless_line),
		cmocka_unit_test(test_gzip_bomb),
		cmocka_unit_test(test_endless_history),
		cmocka_unit_test(test_endless_headers),
		cmocka_unit_test(test_killed_and_restarted),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_storm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
