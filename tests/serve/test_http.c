#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/follow.h"
#include "tests/serve/serving.h"
#include "wire/sse.h"

#define TEXT "Content-Type: text/plain\r\n"
#define JSON "Content-Type: application/json\r\n"
#define A "/v1/stream/a"
#define POLL A "?offset=now&live=long-poll"
#define NEXT "Stream-Next-Offset"
#define HOST "Host: localhost\r\n"

static const char *const quick[] = { "--long-poll-timeout", "0.3", "--heartbeat", "0.2", NULL };

static int
set_up(void **state)
{
	static struct serving s;

	s = (struct serving){ 0 };
	serving_start(&s, quick);
	*state = &s;
	return 0;
}

static int
tear_down(void **state)
{
	serving_end(*state);
	return 0;
}

static void
assert_body(const struct serving *s, const char *target, const char *want)
{
	struct answer a;

	assert_int_equal(serving_ask(s, "GET", target, "", STR_NONE, &a), 200);
	assert_str(a.body, str_from(want));
	answer_done(&a);
}

/* ---- what a client does */

static void
test_life_of_a_stream(void **state)
{
	const struct serving *s = *state;
	struct answer a;

	assert_int_equal(serving_do(s, "GET", A, "", ""), 404);
	assert_int_equal(serving_ask(s, "PUT", A, JSON, STR_NONE, &a), 201);
	assert_str(answer_header(&a, "Location"), STR("http://localhost" A));
	assert_str(answer_header(&a, NEXT), STR("0000000000000000_0000000000000000"));
	answer_done(&a);
	assert_body(s, A, "[]");
	assert_int_equal(serving_do(s, "POST", A, JSON, "{\"a\": 1.00}"), 204);
	assert_int_equal(serving_ask(s, "POST", A, JSON, STR("[2 , [3]]"), &a), 204);
	assert_str(answer_header(&a, NEXT), STR("0000000000000003_0000000000000018"));
	answer_done(&a);
	assert_body(s, A, "[{\"a\": 1.00},2,[3]]");
	assert_body(s, A "?offset=0000000000000001_0000000000000012", "[2,[3]]");
	assert_int_equal(serving_ask(s, "HEAD", A, "", STR_NONE, &a), 200);
	assert_str(answer_header(&a, "Cache-Control"), STR("no-store"));
	assert_str(answer_header(&a, "X-Content-Type-Options"), STR("nosniff"));
	assert_str(answer_header(&a, "Cross-Origin-Resource-Policy"), STR("same-origin"));
	assert_null(answer_header(&a, "Access-Control-Allow-Origin").p);
	answer_done(&a);
	assert_int_equal(serving_do(s, "POST", A, JSON, "{"), 400);
	assert_int_equal(serving_do(s, "POST", A, TEXT, "x"), 409);
	assert_int_equal(serving_do(s, "POST", A, JSON, ""), 400);
	assert_int_equal(serving_do(s, "POST", A, "Stream-Closed: true\r\n", ""), 204);
	assert_int_equal(serving_ask(s, "GET", A, "", STR_NONE, &a), 200);
	assert_str(answer_header(&a, "Stream-Closed"), STR("true"));
	assert_str(answer_header(&a, "Stream-Up-To-Date"), STR("true"));
	answer_done(&a);
	assert_int_equal(serving_do(s, "DELETE", A, "", ""), 204);
	assert_int_equal(serving_do(s, "GET", A, "", ""), 404);
}

static void
test_etag(void **state)
{
	const struct serving *s = *state;
	struct buf header = { 0 };
	struct answer a;

	serving_do(s, "PUT", A, TEXT, "abc");
	assert_int_equal(serving_ask(s, "GET", A, "", STR_NONE, &a), 200);
	buf_printf(&header, "If-None-Match: \"x\", W/%.*s\r\n", STR_ARG(answer_header(&a, "ETag")));
	answer_done(&a);
	assert_int_equal(serving_ask(s, "GET", A, buf_cstr(&header), STR_NONE, &a), 304);
	assert_int_equal(a.body.n, 0);
	answer_done(&a);
	serving_do(s, "POST", A, "Stream-Closed: true\r\n", "");
	assert_int_equal(serving_do(s, "GET", A, buf_cstr(&header), ""), 200);
	buf_done(&header);
}

static void
test_long_poll(void **state)
{
	const struct serving *s = *state;
	struct buf got = { 0 };
	struct answer a;
	int fd;

	serving_do(s, "PUT", A, TEXT, "abc");
	assert_int_equal(serving_ask(s, "GET", POLL, "", STR_NONE, &a), 204);
	assert_str(answer_header(&a, "Stream-Up-To-Date"), STR("true"));
	assert_non_null(answer_header(&a, "Stream-Cursor").p);
	answer_done(&a);
	fd = serving_connect(s);
	serving_send(fd, STR("GET " POLL " HTTP/1.0\r\n" HOST "\r\n"));
	serving_do(s, "POST", A, TEXT, "def");
	serving_rest(fd, &got);
	/* It was there before the append or it came after: only waiting on is wrong. */
	assert_true(str_ends(buf_view(&got), STR("def")) ||
	    str_find(buf_view(&got), STR(" 204 ")) < got.n);
	close(fd);
	buf_done(&got);
}

static int
open_events(const struct serving *s, const char *target)
{
	struct buf request = { 0 };
	int fd = serving_connect(s);

	/* HTTP/1.0: what comes is the stream and nothing between. */
	buf_printf(&request, "GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n", target);
	serving_send(fd, buf_view(&request));
	buf_done(&request);
	return fd;
}

static void
test_events(void **state)
{
	const struct serving *s = *state;
	struct buf got = { 0 };
	int fd;

	serving_do(s, "PUT", A, JSON, "[1,2]");
	fd = open_events(s, A "?offset=-1&live=sse");
	assert_true(serving_until(fd, &got, "\"upToDate\":true}\n\n"));
	assert_true(str_find(buf_view(&got), STR("event: data\ndata:[1,2]\n\nevent: control\n"
	    "data:{\"streamNextOffset\":\"0000000000000002_0000000000000004\","
	    "\"streamCursor\":\"")) < got.n);
	buf_clear(&got);
	serving_do(s, "POST", A, JSON, "{\n\"x\":3}");
	assert_true(serving_until(fd, &got, "data:[{\ndata:\"x\":3}]\n\nevent: control\n"));
	assert_true(serving_until(fd, &got, "\n:\n\n"));
	serving_do(s, "POST", A, JSON "Stream-Closed: true\r\n", "4");
	serving_rest(fd, &got);
	assert_true(str_find(buf_view(&got), STR("data:[4]\n\nevent: control\n")) < got.n);
	assert_true(str_find(buf_view(&got), STR("\"streamClosed\":true")) < got.n);
	close(fd);
	buf_done(&got);
}

struct heard {
	struct buf data;
	int controls, other;
};

static void
hear(void *ctx, const struct sse_message *m)
{
	struct heard *h = ctx;

	if (str_eq(m->type, STR("data")))
		buf_str(&h->data, m->data);
	else if (str_eq(m->type, STR("control")))
		h->controls++;
	else
		h->other++;
	assert_int_equal(m->id.n, 0);
}

/* What a client gets of an event stream until it ends. */
static void
listen_to_end(int fd, struct heard *h)
{
	struct sse_handler handler = { .message = hear, .ctx = h };
	struct sse parser;
	struct buf got = { 0 };

	serving_rest(fd, &got);
	sse_init(&parser, &handler, SSE_LIMITS_DEFAULT);
	sse_feed(&parser, str_skip(buf_view(&got), str_find(buf_view(&got), STR("\r\n\r\n")) + 4));
	sse_done(&parser);
	buf_done(&got);
}

static void
test_no_field_is_forged(void **state)
{
	static const char evil[] =
	    "x\r\nid: 999\r\n\r\nevent: control\r\ndata: {\"forged\":1}\r\n\r\n";
	const struct serving *s = *state;
	struct heard h = { 0 };
	int fd;

	serving_do(s, "PUT", A, TEXT "Stream-Closed: true\r\n", evil);
	fd = open_events(s, A "?offset=-1&live=sse");
	listen_to_end(fd, &h);
	close(fd);
	assert_str(buf_view(&h.data),
	    STR("x\nid: 999\n\nevent: control\ndata: {\"forged\":1}\n\n"));
	assert_int_equal(h.controls, 1);
	assert_int_equal(h.other, 0);
	buf_done(&h.data);
}

/* A catch-up of several pages and a page of several reads. */
static void
test_large(void **state)
{
	enum { APPENDS = 30, EACH = 100000 };
	const struct serving *s = *state;
	struct buf body = { 0 }, want = { 0 }, got = { 0 }, target = { 0 };
	struct answer a;
	bool more = true;

	serving_do(s, "PUT", A, JSON, "[]");
	for (int i = 0; i < APPENDS; i++) {
		buf_clear(&body);
		buf_printf(&body, "\"%d", i);
		buf_fill(&body, 'a' + i % 26, EACH);
		buf_byte(&body, '"');
		buf_printf(&want, "%s%.*s", i > 0 ? "," : "", STR_ARG(buf_view(&body)));
		assert_int_equal(serving_ask(s, "POST", A, JSON, buf_view(&body), &a), 204);
		answer_done(&a);
	}
	buf_printf(&target, A "?offset=-1");
	for (int pages = 0; more; pages++) {
		assert_true(pages < 10);
		assert_int_equal(serving_ask(s, "GET", buf_cstr(&target), "", STR_NONE, &a), 200);
		assert_int_equal(a.body.p[0], '[');
		assert_int_equal(a.body.p[a.body.n - 1], ']');
		if (got.n > 0)
			buf_byte(&got, ',');
		buf_add(&got, a.body.p + 1, a.body.n - 2);
		more = answer_header(&a, "Stream-Up-To-Date").p == NULL;
		buf_clear(&target);
		buf_printf(&target, A "?offset=%.*s", STR_ARG(answer_header(&a, NEXT)));
		answer_done(&a);
	}
	assert_true(str_eq(buf_view(&got), buf_view(&want)));
	buf_done(&body);
	buf_done(&want);
	buf_done(&got);
	buf_done(&target);
}

/* A stream lives as long as somebody follows it, and not much longer. */
static void
test_followed_stream(void **state)
{
	const struct serving *s = *state;
	int64_t until = clock_mono() + 4400;
	int fd;

	assert_int_equal(serving_do(s, "PUT", A, TEXT "Stream-TTL: 3\r\n", ""), 201);
	fd = open_events(s, A "?offset=now&live=sse");
	while (clock_mono() < until) {
		assert_int_equal(serving_do(s, "HEAD", A, "", ""), 200);
		usleep(100000);
	}
	close(fd);
	until = clock_mono() + 12000;
	while (serving_do(s, "HEAD", A, "", "") == 200 && clock_mono() < until)
		usleep(50000);
	assert_int_equal(serving_do(s, "HEAD", A, "", ""), 404);
}

/* ---- what nobody should do */

#define POST_A "POST " A " HTTP/1.1\r\n" HOST JSON

static const struct str hostile[] = {
	STR("GET " A " HTTP/1.1\r\n" HOST HOST "\r\n"),
	STR("GET " A " HTTP/1.1\r\n\r\n"),
	STR("GET " A " HTTP/1.0\r\n\r\n"),
	STR("GET " A " HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
	STR("GET " A " HTTP/1.1\r\nHost: 127.0.0.1.evil.example\r\n\r\n"),
	STR("GET " A " HTTP/1.1\r\nHost: localhost:1@evil\r\n\r\n"),
	STR("GET http://evil.example" A " HTTP/1.1\r\n" HOST "\r\n"),
	STR("GET " A " HTTP/1.1\r\n" HOST "Origin: null\r\n\r\n"),
	STR("GET " A " HTTP/1.1\r\n" HOST "Origin: http://localhost:1\r\n\r\n"),
	STR("GET " A " HTTP/1.1\r\n" HOST "Origin: http://localhost\r\n"
	    "Origin: http://localhost\r\n\r\n"),
	STR("GET " A " HTTP/1.1\r\n" HOST "Sec-Fetch-Site: cross-site\r\n\r\n"),
	STR("OPTIONS " A " HTTP/1.1\r\n" HOST "Origin: https://evil.example\r\n\r\n"),
	STR(POST_A "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "1\r\n1\r\n0\r\n\r\n"),
	STR(POST_A "Content-Length: 1\r\nContent-Length: 1\r\n\r\n1"),
	STR(POST_A "Content-Length: 1\r\nContent-Length: 30\r\n\r\n"
	    "1GET " A " HTTP/1.1\r\n" HOST "\r\n"),
	STR(POST_A "Content-Length: 1, 1\r\n\r\n1"),
	STR(POST_A "Content-Length: +1\r\n\r\n1"),
	STR(POST_A "Content-Length: -1\r\n\r\n1"),
	STR(POST_A "Content-Length: \r\n\r\n1"),
	STR(POST_A "Content-Length: 0x1\r\n\r\n1"),
	STR(POST_A "Content-Length: 99999999999999999999\r\n\r\n1"),
	STR(POST_A "Content-Length: 10000000000\r\n\r\n1"),
	STR(POST_A "Content-Length : 1\r\n\r\n1"),
	STR(POST_A "Transfer-Encoding: gzip\r\n\r\n1\r\n1\r\n0\r\n\r\n"),
	STR(POST_A "Transfer-Encoding: gzip, chunked\r\n\r\n1\r\n1\r\n0\r\n\r\n"),
	STR(POST_A "Transfer-Encoding: xchunked\r\n\r\n1\r\n1\r\n0\r\n\r\n"),
	STR(POST_A "Transfer-Encoding: chunked\r\n\r\nzz\r\n1\r\n0\r\n\r\n"),
	STR(POST_A "Transfer-Encoding: chunked\r\n\r\n-1\r\n1\r\n0\r\n\r\n"),
	STR(POST_A "Transfer-Encoding: chunked\r\n\r\n0x1\r\n1\r\n0\r\n\r\n"),
	STR(POST_A "Transfer-Encoding: chunked\r\n\r\n1\r\n1xx0\r\n\r\n"),
	STR(POST_A "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n1\r\n0\r\n\r\n"),
	STR("GET " A " HTTP/1.1\r\n" HOST "X\x01: y\r\n\r\n"),
	STR("GET " A " HTTP/1.1\r\n" HOST "X y: y\r\n\r\n"),
	STR("GET " A " HTTP/1.1\r\n" HOST "X: a\rb\r\n\r\n"),
	STR("GET " A " HTTP/1.1\r\n" HOST "X : a\r\n\r\n"),
	STR("GET " A " HTTP/1.1\r\n" HOST "garbage\r\n\r\n"),
	STR("GET " A " HTTP/1.1\r\n X: y\r\n" HOST "\r\n"),
	STR("GET " A " HTTP/1.1\r\nHost: local\r\n host\r\n\r\n"),
	STR("GET " A " HTTP/1.1\n" HOST "\r\n"),
	STR("GET " A " HTTP/1.1\r\nHost: localhost\n\r\n"),
	STR("GET " A " HTTP/1.1\r\n" HOST "\n"),
	STR("GET " A " HTTP/1.1\nHost: localhost\n\n"),
	STR("GET " A " HTTP/1.1\r\n" HOST "X: a\r\n b\r\n\r\n"),
	STR("GET " A " HTTP/1.1\r\n" HOST "X: a\r\n\tb\r\n\r\n"),
	STR("GET " A " HTTP/1.1\r\nHost:\r\n localhost\r\n\r\n"),
	STR("GET " A " HTTP/1.1 \r\n" HOST "\r\n"),
	STR("GET  " A " HTTP/1.1\r\n" HOST "\r\n"),
	STR("GET\t" A " HTTP/1.1\r\n" HOST "\r\n"),
	STR("GET " A " HTTP/1.2\r\n" HOST "\r\n"),
	STR("\nGET " A " HTTP/1.1\r\n" HOST "\r\n"),
	STR("GET " A " HTTP/1.1\r\n" HOST "X: \x00\r\n\r\n"),
	STR("GET " A " HTTP/1.1\r\n" HOST "X\x00: y\r\n\r\n"),
	STR("GET " A " HTTP/1.1\r\n" HOST "X: \x7f\r\n\r\n"),
	STR("GET " A " HTTP/1.1\r\n" HOST ": y\r\n\r\n"),
	STR(POST_A "Transfer-Encoding:\r\n chunked\r\n\r\n1\r\n1\r\n0\r\n\r\n"),
	STR(POST_A "Transfer-Encoding: chunked\r\n\r\n1\n1\r\n0\r\n\r\n"),
	STR(POST_A "Transfer-Encoding: chunked\r\n\r\n1\r\n1\n0\r\n\r\n"),
	STR(POST_A "Transfer-Encoding: chunked\r\n\r\n1 \r\n1\r\n0\r\n\r\n"),
	STR(POST_A "Transfer-Encoding: chunked\r\n\r\n1;\n\r\n1\r\n0\r\n\r\n"),
	STR(POST_A "Transfer-Encoding: chunked\r\n\r\n1\r\n1\r\n0\r\nX: y\n\r\n"),
	STR("POST " A " HTTP/1.0\r\n" HOST JSON "Transfer-Encoding: chunked\r\n\r\n"
	    "1\r\n1\r\n0\r\n\r\n"),
	STR("GET " A "\r\n\r\n"),
	STR("GET " A " HTTP/2.0\r\n" HOST "\r\n"),
	STR("GET " A " http/1.1\r\n" HOST "\r\n"),
	STR("GET " A " x HTTP/1.1\r\n" HOST "\r\n"),
	STR("GET " A "\x80 HTTP/1.1\r\n" HOST "\r\n"),
	STR("TRACE " A " HTTP/1.1\r\n" HOST "\r\n"),
	STR("CONNECT localhost:1 HTTP/1.1\r\n" HOST "\r\n"),
	STR("OPTIONS * HTTP/1.1\r\n" HOST "\r\n"),
	STR("GET /v1/stream/../a HTTP/1.1\r\n" HOST "\r\n"),
	STR("GET /v1/stream/..%2fa HTTP/1.1\r\n" HOST "\r\n"),
	STR("GET /v1/stream/a%00 HTTP/1.1\r\n" HOST "\r\n"),
	STR("GET /v1/stream/ HTTP/1.1\r\n" HOST "\r\n"),
	STR("GET /v1/stream/__ds/subscriptions/x HTTP/1.1\r\n" HOST "\r\n"),
	STR("GET /x%0a2026%20INFO HTTP/1.1\r\n" HOST "\r\n"),
	STR("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
	STR("\r\n\r\n\r\n\r\n"),
	STR(""),
};

static void
test_hostile(void **state)
{
	const struct serving *s = *state;

	serving_do(s, "PUT", A, JSON, "[1]");
	for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
		struct answer a;

		serving_raw(s, hostile[i], &a);
		if (a.status >= 200 && a.status < 300)
			fail_msg("%d for %.*s", a.status, STR_ARG(hostile[i]));
		answer_done(&a);
		assert_true(serving_alive(s));
	}
	assert_body(s, A, "[1]");
}

/* What came well before something malformed is answered, and nothing behind it. */
static void
test_pipelined(void **state)
{
	static const char *const behind[] = {
		"GET " A " HTTP/1.1\nHost: localhost\n\n", "GET " A " HTTP/1.1\r\n" HOST " x\r\n\r\n",
		"GET " A "?x HTTP/1.1\r\n" HOST "X: a\nGET " A " HTTP/1.1\r\n" HOST "\r\n",
		"\x01", "\r\n\r\n\r\n\r\n",
	};
	const struct serving *s = *state;

	serving_do(s, "PUT", A, TEXT, "abc");
	for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
		struct buf all = { 0 };
		struct answer a;
		struct str rest;

		buf_printf(&all, "GET " A " HTTP/1.1\r\n" HOST "\r\nPOST " A " HTTP/1.1\r\n" HOST TEXT
		    "Content-Length: 0\r\nStream-Closed: x\r\n\r\n%sGET " A " HTTP/1.1\r\n" HOST
		    "\r\n", behind[i]);
		serving_raw(s, buf_view(&all), &a);
		assert_int_equal(a.status, 200);
		rest = str_skip(a.body, str_find(a.body, STR("HTTP/1.1 400")) + 8);
		assert_true(rest.n > 0);
		rest = str_skip(rest, str_find(rest, STR("HTTP/1.1 ")));
		if (!str_starts(rest, STR("HTTP/1.1 400")) ||
		    str_find(rest, STR("HTTP/1.1 2")) < rest.n)
			fail_msg("%s: %.*s", behind[i], STR_ARG(a.body));
		answer_done(&a);
		buf_done(&all);
	}
}

/* A request that is refused before it is routed is told so as its part of the server speaks. */
static void
test_refusals(void **state)
{
	const struct serving *s = *state;
	struct answer a;

	assert_int_equal(serving_ask(s, "GET", "/api/sessions", "Origin: http://x\r\n", STR_NONE, &a),
	    403);
	assert_str(answer_header(&a, "Content-Type"), STR("application/json"));
	assert_true(str_starts(a.body, STR("{\"ok\":false,\"error\":{\"code\":\"REFUSED\",")));
	answer_done(&a);
	assert_int_equal(serving_ask(s, "GET", A, "Origin: http://x\r\n", STR_NONE, &a), 403);
	assert_str(answer_header(&a, "Content-Type"), STR("text/plain; charset=utf-8"));
	answer_done(&a);
}

static void
repeat(struct buf *request, const char *what, size_t times)
{
	while (times-- > 0)
		buf_str(request, str_from(what));
}

static void
test_oversized(void **state)
{
	const struct serving *s = *state;
	struct buf big = { 0 };
	struct answer a;

	serving_do(s, "PUT", A, TEXT, "");
	buf_fill(&big, 'x', 1 << 20);
	assert_int_equal(serving_ask(s, "POST", A, TEXT, buf_view(&big), &a), 204);
	answer_done(&a);
	buf_byte(&big, 'x');
	assert_int_equal(serving_ask(s, "POST", A, TEXT, buf_view(&big), &a), 413);
	answer_done(&a);
	serving_raw(s, STR("POST " A " HTTP/1.1\r\n" HOST TEXT "Content-Length: 5000000\r\n"
	    "Expect: 100-continue\r\n\r\n"), &a);
	assert_int_equal(a.status, 413);
	answer_done(&a);

	buf_clear(&big);
	buf_str(&big, STR("GET " A "?"));
	repeat(&big, "x", 2048);
	buf_str(&big, STR(" HTTP/1.1\r\n" HOST "\r\n"));
	serving_raw(s, buf_view(&big), &a);
	assert_int_equal(a.status, 414);
	answer_done(&a);

	buf_clear(&big);
	buf_str(&big, STR("GET " A " HTTP/1.1\r\n" HOST));
	repeat(&big, "X: y\r\n", 100);
	buf_str(&big, STR("\r\n"));
	serving_raw(s, buf_view(&big), &a);
	assert_int_equal(a.status, 431);
	answer_done(&a);

	/* Without a length, and more than anyone would say: it is cut off, or told so. */
	buf_clear(&big);
	buf_str(&big, STR("POST " A " HTTP/1.1\r\n" HOST TEXT
	    "Transfer-Encoding: chunked\r\n\r\n"));
	for (int i = 0; i < 40; i++) {
		buf_str(&big, STR("80000\r\n"));
		buf_fill(&big, 'x', 0x80000);
		buf_str(&big, STR("\r\n"));
	}
	serving_raw(s, buf_view(&big), &a);
	assert_true(a.status == 0 || a.status == 413);
	answer_done(&a);
	buf_done(&big);
	assert_int_equal(serving_do(s, "GET", "/healthz", "", ""), 200);
}

/* ---- clients that leave, servers that leave */

/* Many readers, most of which vanish in the middle of it; the others miss nothing. */
static void
test_vanishing_readers(void **state)
{
	enum { READERS = 200, ROUNDS = 30 };
	const struct serving *s = *state;
	int fds[READERS];
	uint64_t seed = 9;
	struct buf want = { 0 };

	serving_do(s, "PUT", A, TEXT, "");
	for (int i = 0; i < READERS; i++)
		fds[i] = open_events(s, A "?offset=-1&live=sse");
	for (int round = 0; round < ROUNDS; round++) {
		char body[16];

		snprintf(body, sizeof body, "<%d>", round);
		buf_str(&want, str_from(body));
		assert_int_equal(serving_do(s, "POST", A, TEXT, body), 204);
		for (int k = 0; k < 6; k++) {
			int i = 10 + (int)(unit_random(&seed) % (READERS - 10));

			if (fds[i] >= 0)
				close(fds[i]);
			fds[i] = round % 3 == 0 ? open_events(s, A "?offset=now&live=sse") : -1;
		}
	}
	serving_do(s, "POST", A, "Stream-Closed: true\r\n", "");
	for (int i = 0; i < READERS; i++) {
		struct heard h = { 0 };

		if (i < 10) {
			listen_to_end(fds[i], &h);
			assert_str(buf_view(&h.data), buf_view(&want));
		}
		if (fds[i] >= 0)
			close(fds[i]);
		buf_done(&h.data);
	}
	buf_done(&want);
}

/* One that does not read holds nobody up, and is not remembered byte by byte. */
static void
test_slow_reader(void **state)
{
	enum { APPENDS = 40, EACH = 100000 };
	const struct serving *s = *state;
	struct buf body = { 0 }, got = { 0 };
	int slow, fast;

	serving_do(s, "PUT", A, TEXT, "");
	slow = open_events(s, A "?offset=-1&live=sse");
	fast = open_events(s, A "?offset=-1&live=sse");
	buf_fill(&body, 'y', EACH);
	for (int i = 0; i < APPENDS; i++) {
		struct answer a;

		assert_int_equal(serving_ask(s, "POST", A, TEXT, buf_view(&body), &a), 204);
		answer_done(&a);
	}
	serving_do(s, "POST", A, "Stream-Closed: true\r\n", "");
	serving_rest(fast, &got);
	assert_true(got.n > (size_t)APPENDS * EACH);
	/* It may still read everything. */
	buf_clear(&got);
	serving_rest(slow, &got);
	assert_true(str_find(buf_view(&got), STR("\"streamClosed\":true")) < got.n);
	close(slow);
	close(fast);
	buf_done(&body);
	buf_done(&got);
}

/* What the server computed so far, in ms. */
static int64_t
cpu_time(const struct serving *s)
{
	struct timespec t;
	clockid_t clock;

	assert_int_equal(clock_getcpuclockid(s->pid, &clock), 0);
	assert_int_equal(clock_gettime(clock, &t), 0);
	return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

static void
ask_health(int fd)
{
	serving_send(fd, STR("GET /healthz HTTP/1.1\r\n" HOST "\r\n"));
}

static bool
is_healthy(int fd)
{
	struct buf got = { 0 };
	bool ok = serving_until(fd, &got, "ok\n");

	buf_done(&got);
	return ok;
}

/*
 * With fewer descriptors than clients those who are in are served, those who wait do not make the
 * server run in circles, and each has its turn.
 */
static void
expect_turns(struct serving *s, unsigned files)
{
	enum { CLIENTS = 60, IDLE_MS = 400 };
	struct buf got = { 0 };
	int fds[CLIENTS], events;
	int64_t before;

	serving_stop(s, SIGTERM);
	s->files = files;
	serving_start(s, quick);
	serving_do(s, "PUT", A, TEXT, "");
	events = open_events(s, A "?offset=now&live=sse");
	assert_true(serving_until(events, &got, "upToDate"));
	for (int i = 0; i < CLIENTS; i++) {
		fds[i] = serving_connect(s);
		ask_health(fds[i]);
	}
	for (int i = 0; i < 4; i++)
		assert_true(is_healthy(fds[i]));
	before = cpu_time(s);
	usleep(IDLE_MS * 1000);
	assert_true(cpu_time(s) - before < IDLE_MS / 10);
	assert_int_equal(poll(&(struct pollfd){ .fd = fds[CLIENTS - 1], .events = POLLIN }, 1, 0), 0);
	serving_send(fds[0], STR("POST " A " HTTP/1.1\r\n" HOST TEXT
	    "Content-Length: 4\r\n\r\nhere"));
	assert_true(serving_until(events, &got, "data:here\n"));
	for (int i = 0; i < CLIENTS; i++) {
		if (i >= 4)
			assert_true(is_healthy(fds[i]));
		close(fds[i]);
	}
	close(events);
	assert_int_equal(serving_do(s, "GET", "/healthz", "", ""), 200);
	assert_true(serving_alive(s));
	buf_done(&got);
}

static void
test_few_descriptors(void **state)
{
	/* At 64 it keeps some for itself, at 40 there are none to keep. */
	expect_turns(*state, 64);
	serving_do(*state, "DELETE", A, "", "");
	expect_turns(*state, 40);
	assert_int_equal(serving_stop(*state, SIGTERM), 0);
	((struct serving *)*state)->files = 0;
	serving_start(*state, quick);
}

static void
test_drain(void **state)
{
	struct serving *s = *state;
	struct buf got = { 0 };
	int64_t began;
	int events, poll, idle, status;

	serving_do(s, "PUT", A, TEXT, "");
	idle = serving_connect(s);
	events = open_events(s, A "?offset=now&live=sse");
	assert_true(serving_until(events, &got, "upToDate"));
	buf_clear(&got);
	poll = open_events(s, A "?offset=now&live=long-poll");
	assert_int_equal(serving_do(s, "GET", "/healthz", "", ""), 200);
	began = clock_mono();
	status = serving_stop(s, SIGTERM);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_true(clock_mono() - began < 2000);
	serving_rest(poll, &got);
	assert_true(str_find(buf_view(&got), STR(" 204 ")) < got.n);
	close(idle);
	close(events);
	close(poll);
	buf_done(&got);
	assert_int_not_equal(access(s->socket.p, F_OK), 0);
	serving_start(s, quick);
	assert_int_equal(serving_do(s, "GET", A, "", ""), 200);
}

/* Killed between an append and its answer, again and again: each append is there exactly once. */
static void
test_kill(void **state)
{
	enum { APPENDS = 120 };
	struct serving *s = *state;
	struct buf want = { 0 };
	uint64_t seed = 21;

	serving_do(s, "PUT", A, TEXT, "");
	for (int i = 0; i < APPENDS; i++) {
		char headers[160], body[16];
		int status;

		snprintf(headers, sizeof headers, TEXT "Producer-Id: p\r\nProducer-Epoch: 0\r\n"
		    "Producer-Seq: %d\r\n", i);
		snprintf(body, sizeof body, "<%d>", i);
		buf_str(&want, str_from(body));
		if (unit_random(&seed) % 6 == 0) {
			struct buf request = { 0 };
			int fd = serving_connect(s);

			buf_printf(&request, "POST " A " HTTP/1.1\r\n" HOST "%s"
			    "Content-Length: %zu\r\n\r\n%s", headers, strlen(body), body);
			serving_send(fd, buf_view(&request));
			usleep(unit_random(&seed) % 4000);
			serving_stop(s, SIGKILL);
			close(fd);
			buf_done(&request);
			serving_start(s, quick);
		}
		status = serving_do(s, "POST", A, headers, body);
		assert_true(status == 200 || status == 204);
	}
	assert_body(s, A, buf_cstr(&want));
	buf_done(&want);
}

/* A log that cannot be written acknowledges nothing, stays readable and says so. */
static void
test_disk_full(void **state)
{
	struct serving *s = *state;
	struct buf body = { 0 };
	struct answer a;
	int status = 204, good = 0;

	serving_stop(s, SIGTERM);
	s->file_size = 1 << 20;
	serving_start(s, quick);
	s->file_size = 0;
	assert_int_equal(serving_do(s, "PUT", A, TEXT, ""), 201);
	buf_fill(&body, 'z', 50000);
	for (int i = 0; i < 100 && status == 204; i++) {
		status = serving_ask(s, "POST", A, TEXT, buf_view(&body), &a);
		answer_done(&a);
		good += status == 204;
	}
	assert_true(good > 0);
	assert_true(status >= 500);
	assert_true(serving_do(s, "POST", A, TEXT, "x") >= 500);
	assert_true(serving_do(s, "PUT", "/v1/stream/b", TEXT, "") >= 500);
	assert_int_equal(serving_do(s, "GET", "/healthz", "", ""), 503);
	assert_int_equal(serving_ask(s, "GET", A, "", STR_NONE, &a), 200);
	assert_int_equal(a.body.n, (size_t)good * body.n);
	answer_done(&a);
	/* With room again, a restart continues where the last acknowledged append was. */
	serving_stop(s, SIGTERM);
	serving_start(s, quick);
	assert_int_equal(serving_do(s, "POST", A, TEXT, "x"), 204);
	assert_int_equal(serving_ask(s, "HEAD", A, "", STR_NONE, &a), 200);
	answer_done(&a);
	buf_done(&body);
}

static void
test_modes(void **state)
{
	const struct serving *s = *state;
	struct stat st;
	char dir[TEMPDIR_NAME + 8];

	assert_int_equal(stat(s->socket.p, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	snprintf(dir, sizeof dir, "%s/run", s->dir);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	snprintf(dir, sizeof dir, "%s/data", s->dir);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

static int
exit_status(const char *command)
{
	pid_t parent = getpid(), pid = fork();
	int status = -1;

	if (pid == 0) {
		follow_parent(parent);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
test_options(void **state)
{
	static const struct {
		const char *options;
		int status;
	} cases[] = {
		{ "--version", 0 }, { "--help", 0 }, { "--listen 0.0.0.0:0 --data $D", 2 },
		{ "--listen example.com:80 --data $D", 2 }, { "--listen 127.0.0.1 --data $D", 2 },
		{ "--unknown", 2 }, { "extra", 2 }, { "--sse-max x", 2 },
		{ "--long-poll-timeout -1", 2 }, { "--max-body 0", 2 },
		{ "--listen 0.0.0.0:0 --expose --data $D", 2 },
		{ "--listen 0.0.0.0:0 --token-file $D/token --data $D", 2 },
		{ "--listen 127.0.0.1:0 --token-file $D --data $D", 1 },
		{ "--backup $D/copy --data $D/data", 0 }, { "--backup $D/copy --data $D/data", 1 },
		{ "--backup $D/other --data $D/nothing", 1 }, { "--retention -1", 2 },
		{ "--socket $S --data $D", 1 }, { "--listen 127.0.0.1:0 --data $D/data", 1 },
	};
	const struct serving *s = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf command = { 0 };

		buf_printf(&command, "D=%s S=%s; exec \"$top_builddir/weir-serve\" %s >/dev/null 2>&1",
		    s->dir, s->socket.p, cases[i].options);
		if (exit_status(buf_cstr(&command)) != cases[i].status)
			fail_msg("%s", command.p);
		buf_done(&command);
	}
	assert_int_equal(serving_do(s, "GET", "/healthz", "", ""), 200);
}

static void
test_metrics(void **state)
{
	const struct serving *s = *state;
	struct answer a;

	serving_do(s, "PUT", A, TEXT, "abc");
	serving_do(s, "POST", A, TEXT, "defg");
	assert_int_equal(serving_ask(s, "GET", "/metrics", "", STR_NONE, &a), 200);
	assert_true(str_find(a.body, STR("\nweir_append_bytes_total 7\n")) < a.body.n);
	/* Those of the requests before may still be ending. */
	assert_true(str_find(a.body, STR("\nweir_connections ")) < a.body.n);
	assert_true(str_find(a.body, STR("\nweir_appends_total 1\n")) < a.body.n);
	assert_true(str_find(a.body, STR("\nweir_commit_writes_bucket{le=\"+Inf\"} ")) < a.body.n);
	assert_true(str_find(a.body, STR("\nweir_sync_seconds_total ")) < a.body.n);
	/* What the writer does besides may be under way. */
	while (str_find(a.body, STR("\nweir_queue_age_seconds 0\n")) == a.body.n) {
		answer_done(&a);
		assert_int_equal(serving_ask(s, "GET", "/metrics", "", STR_NONE, &a), 200);
	}
	answer_done(&a);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_life_of_a_stream),
		EACH(test_etag),
		EACH(test_long_poll),
		EACH(test_events),
		EACH(test_no_field_is_forged),
		EACH(test_large),
		EACH(test_followed_stream),
		EACH(test_hostile),
		EACH(test_pipelined),
		EACH(test_refusals),
		EACH(test_oversized),
		EACH(test_vanishing_readers),
		EACH(test_slow_reader),
		EACH(test_few_descriptors),
		EACH(test_drain),
		EACH(test_kill),
		EACH(test_disk_full),
		EACH(test_modes),
		EACH(test_options),
		EACH(test_metrics),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
