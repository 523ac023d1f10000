#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "tests/harness/peer.h"
#include "tests/tempdir.h"
#include "tests/unit.h"
#include "tests/wire/talk.h"

/* ---- a name server that hangs: libcurl finds this function before the C library's */

static pthread_mutex_t names_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t names_changed = PTHREAD_COND_INITIALIZER;
static bool names_hang = true;
static int names_asked;

__attribute__((visibility("default"))) int
getaddrinfo(const char *restrict node, const char *restrict service,
    const struct addrinfo *restrict hints, struct addrinfo **restrict result)
{
	(void)node;
	(void)service;
	(void)hints;
	(void)result;
	pthread_mutex_lock(&names_lock);
	names_asked++;
	pthread_cond_broadcast(&names_changed);
	while (names_hang && strcmp(node, "hangs.invalid") == 0)
		pthread_cond_wait(&names_changed, &names_lock);
	pthread_mutex_unlock(&names_lock);
	return EAI_NONAME;
}

static void
wait_asked(int times)
{
	struct timespec limit;
	int failed = 0;

	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec += 20;
	pthread_mutex_lock(&names_lock);
	while (names_asked < times && failed == 0)
		failed = pthread_cond_timedwait(&names_changed, &names_lock, &limit);
	pthread_mutex_unlock(&names_lock);
	assert_int_equal(failed, 0);
}

/* ---- helpers */

static struct http_request
request_to(const struct peer *p, const char *method, const char *path)
{
	struct http_request r;
	struct buf url = { 0 };

	buf_printf(&url, "%s%s", peer_url(p), path);
	http_request_init(&r, method, buf_view(&url));
	if (peer_socket(p) != NULL)
		r.unix_socket = strdup(peer_socket(p));
	buf_done(&url);
	return r;
}

static uint64_t
send_done(struct http *h, struct http_request *r)
{
	uint64_t id = http_send(h, r);

	http_request_done(r);
	return id;
}

static uint64_t
get(struct http *h, const struct peer *p, const char *path)
{
	struct http_request r = request_to(p, "GET", path);

	return send_done(h, &r);
}

static uint64_t
stream(struct http *h, const struct peer *p, const char *path)
{
	struct http_request r = request_to(p, "GET", path);

	r.stream = true;
	return send_done(h, &r);
}

#define OK_EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
#define EVENTS "HTTP/1.1 200 OK\r\nContent-Type: Text/Event-Stream; charset=x\r\n\r\n"

struct fixture {
	struct http *h;
	struct peer *p;
};

static int
setup(void **state)
{
	static struct fixture f;

	f = (struct fixture){ talk_start(), peer_new(NULL) };
	*state = &f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	http_free(f->h);
	peer_free(f->p);
	return 0;
}

/* ---- pure functions */

static void
test_words(void **state)
{
	static const char *const loopback[] = { "localhost", "LOCALHOST:80", "127.0.0.1", "127.1.2.3:1",
		"[::1]", "[::1]:8080" };
	static const char *const other[] = { "127.0.0.1.evil.example", "evil.example", "127.1",
		"0127.0.0.1", "localhost@evil.example", "localhost:1@evil.example", "localhost.evil", "",
		"[::2]", "[::1]evil", "127.0.0.256", "128.0.0.1", "127.0.0.1." };
	struct str head = STR("A: 1\r\nlocation:  x y \r\nB:\r\nnocolon\r\n");
	struct buf b = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof loopback / sizeof *loopback; i++)
		assert_true(http_is_loopback(str_from(loopback[i])));
	for (size_t i = 0; i < sizeof other / sizeof *other; i++)
		assert_false(http_is_loopback(str_from(other[i])));
	assert_str(http_url_authority(STR("http://h:1/a//b?c")), STR("h:1"));
	assert_str(http_url_authority(STR("http://u@h\\@x")), STR("u@h"));
	assert_str(http_url_authority(STR("https://h#x")), STR("h"));
	assert_str(http_header(head, "Location"), STR("x y"));
	assert_str(http_header(head, "b"), STR(""));
	assert_null(http_header(head, "nocolon").p);
	http_escape(&b, STR("a-Z~ /%\xc3\xa4\n"));
	assert_str(buf_view(&b), STR("a-Z~%20%2F%25%C3%A4%0A"));
	buf_done(&b);
}

static void
test_header_injection(void **state)
{
	struct http_request r;

	(void)state;
	http_request_init(&r, "GET", STR("http://x/"));
	assert_false(http_request_header(&r, "A", STR("1\r\nB: 2")));
	assert_false(http_request_header(&r, "A", STR("1\0002")));
	assert_false(http_request_header(&r, "A: B", STR("1")));
	assert_false(http_request_header(&r, "", STR("1")));
	assert_int_equal(r.nheaders, 0);
	assert_true(http_request_header(&r, "A", STR("\xc3\xa4")));
	http_request_done(&r);
}

/* ---- ordinary requests */

static void
test_get(void **state)
{
	struct fixture *f = *state;
	struct http_message m;
	uint64_t id = get(f->h, f->p, "/a?b=c");

	assert_int_not_equal(id, 0);
	assert_true(str_starts(peer_head(f->p, 0), STR("GET /a?b=c HTTP/1.1\r\n")));
	peer_write(f->p, 0, STR("HTTP/1.1 103 Early\r\nX: early\r\n\r\nHTTP/1.1 404 No\r\nX: y\r\n"
	    "Content-Length: 4\r\n\r\nno"), PEER_OPEN);
	talk_next(f->h, &m);
	assert_int_equal(m.request, id);
	assert_int_equal(m.kind, HTTP_HEAD);
	assert_int_equal(m.status, 404);
	assert_str(m.headers, STR("X: y\r\nContent-Length: 4\r\n"));
	assert_string_equal(talk_until(f->h, HTTP_BODY), "body no\n");
	peer_write(f->p, 0, STR("pe"), PEER_DONE);
	assert_string_equal(talk_until(f->h, HTTP_END), "body pe\nend done 404\n");
	assert_false(http_next(f->h, &m));
}

static void
test_methods(void **state)
{
	struct fixture *f = *state;
	struct http_request r = request_to(f->p, "POST", "/p");

	peer_canned(f->p, "", STR(OK_EMPTY), PEER_DONE, 0);
	http_request_body(&r, "application/json", STR("[1]"));
	http_request_header(&r, "Producer-Id", STR("x"));
	http_request_header(&r, "X-Empty", STR(""));
	send_done(f->h, &r);
	assert_string_equal(talk_until(f->h, HTTP_END), "head 200\nend done 200\n");
	assert_str(peer_body(f->p, 0), STR("[1]"));
	assert_str(http_header(peer_head(f->p, 0), "content-type"), STR("application/json"));
	assert_str(http_header(peer_head(f->p, 0), "Producer-Id"), STR("x"));
	assert_non_null(http_header(peer_head(f->p, 0), "X-Empty").p);
	assert_null(http_header(peer_head(f->p, 0), "Expect").p);

	r = request_to(f->p, "PUT", "/p");
	send_done(f->h, &r);
	talk_until(f->h, HTTP_END);
	assert_true(str_starts(peer_head(f->p, 1), STR("PUT /p HTTP/1.1\r\n")));
	assert_null(http_header(peer_head(f->p, 1), "content-type").p);

	r = request_to(f->p, "HEAD", "/p");
	send_done(f->h, &r);
	assert_string_equal(talk_until(f->h, HTTP_END), "head 200\nend done 200\n");

	r = request_to(f->p, "POST", "/close");
	http_request_header(&r, "Stream-Closed", STR("true"));
	send_done(f->h, &r);
	talk_until(f->h, HTTP_END);
	assert_str(http_header(peer_head(f->p, 3), "content-length"), STR("0"));
	assert_null(http_header(peer_head(f->p, 3), "content-type").p);
}

static void
test_unix_socket(void **state)
{
	char dir[TEMPDIR_NAME], path[TEMPDIR_NAME + 8];
	struct http *h = talk_start();
	struct peer *p;

	(void)state;
	assert_true(tempdir_make(dir));
	snprintf(path, sizeof path, "%s/socket", dir);
	p = peer_new(path);
	peer_canned(p, "GET /x", STR("HTTP/1.1 204 No\r\n\r\n"), PEER_DONE, 1);
	get(h, p, "/x");
	assert_string_equal(talk_until(h, HTTP_END), "head 204\nend done 204\n");
	assert_str(http_header(peer_head(p, 0), "host"), STR("weir.local"));
	peer_free(p);
	tempdir_remove(dir);
	http_free(h);
}

/* A proxy from the environment is not for loopback. */
static void
test_proxy(void **state)
{
	struct fixture *f = *state;
	struct peer *proxy = peer_new(NULL);
	struct http_request r;

	setenv("http_proxy", peer_url(proxy), 1);
	peer_canned(proxy, "GET http://somewhere.invalid/", STR(OK_EMPTY), PEER_DONE, 1);
	peer_canned(f->p, "GET /x", STR(OK_EMPTY), PEER_DONE, 1);
	get(f->h, f->p, "/x");
	assert_string_equal(talk_until(f->h, HTTP_END), "head 200\nend done 200\n");
	assert_int_equal(peer_count(proxy), 0);
	http_request_init(&r, "GET", STR("http://somewhere.invalid/"));
	send_done(f->h, &r);
	assert_string_equal(talk_until(f->h, HTTP_END), "head 200\nend done 200\n");
	unsetenv("http_proxy");
	peer_free(proxy);
}

static void
test_retry_after(void **state)
{
	static const struct {
		const char *value, *want;
	} cases[] = {
		{ "7", "head 503\nend done 503 retry-after 7000\n" },
		{ "999999999", "head 503\nend done 503 retry-after 600000\n" },
		{ "-1", "head 503\nend done 503\n" },
		{ "0", "head 503\nend done 503\n" },
		{ "Fri, 31 Dec 9999 00:00:00 GMT", "head 503\nend done 503 retry-after 600000\n" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf b = { 0 };

		buf_printf(&b, "HTTP/1.1 503 x\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n",
		    cases[i].value);
		peer_canned(f->p, "", buf_view(&b), PEER_DONE, 1);
		get(f->h, f->p, "/");
		assert_string_equal(talk_until(f->h, HTTP_END), cases[i].want);
		buf_done(&b);
	}
}

/* ---- streams */

static void
test_stream(void **state)
{
	struct fixture *f = *state;
	struct http_request r = request_to(f->p, "GET", "/s");

	r.stream = true;
	r.last_event_id = strdup("41");
	send_done(f->h, &r);
	assert_str(http_header(peer_head(f->p, 0), "accept"), STR("text/event-stream"));
	assert_str(http_header(peer_head(f->p, 0), "cache-control"), STR("no-cache"));
	assert_str(http_header(peer_head(f->p, 0), "last-event-id"), STR("41"));
	assert_null(http_header(peer_head(f->p, 0), "accept-encoding").p);
	peer_write(f->p, 0, STR(EVENTS), PEER_OPEN);
	assert_string_equal(talk_until(f->h, HTTP_HEAD), "head 200\n");
	peer_write(f->p, 0, STR("data: a\n\nevent: e\nid: 42\ndata: b\n\nretry: 9\n\n"), PEER_OPEN);
	assert_string_equal(talk_until(f->h, HTTP_RETRY), "sse message|a|41\nsse e|b|42\nretry 9\n");
	peer_write(f->p, 0, STR(":1\n:2\n:3\n"), PEER_OPEN);
	assert_string_equal(talk_until(f->h, HTTP_ALIVE), "alive\n");
	peer_write(f->p, 0, STR("data: half"), PEER_FIN);
	assert_string_equal(talk_until(f->h, HTTP_END), "end done 200\n");
}

static void
test_hostile_last_event_id(void **state)
{
	struct fixture *f = *state;
	struct http_request r;

	peer_canned(f->p, "", STR(EVENTS), PEER_FIN, 0);
	for (size_t i = 0; i < 2; i++) {
		struct buf id = { 0 };

		buf_str(&id, i == 0 ? STR("7\r\nX-Evil: 1") : STR(""));
		buf_fill(&id, 'x', i * 5000);
		r = request_to(f->p, "GET", "/s");
		r.stream = true;
		r.last_event_id = strdup(buf_cstr(&id));
		send_done(f->h, &r);
		talk_until(f->h, HTTP_END);
		assert_null(http_header(peer_head(f->p, i), "last-event-id").p);
		assert_null(http_header(peer_head(f->p, i), "x-evil").p);
		buf_done(&id);
	}
}

static void
test_cuts(void **state)
{
	static const struct {
		const char *answer;
		enum peer_then then;
		const char *want;
	} cases[] = {
		{ "", PEER_FIN, "end reset 0\n" },
		{ "", PEER_RST, "end reset 0\n" },
		{ "HTTP/1.1 200 OK\r\nContent-Le", PEER_RST, "end reset 200\n" },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", PEER_FIN,
			"head 200\nbody abc\nend reset 200\n" },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/event-stream\r\n\r\n"
			"9\r\ndata: a\n\n\r\n9\r\ndata: ", PEER_FIN, "head 200\nsse message|a|\nend reset 200\n" },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", PEER_DONE,
			"head 200\nend done 200\n" },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n", PEER_FIN,
			"head 200\nend reset 200\n" },
		{ "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1\r\n\r\n<", PEER_DONE,
			"head 200\nbody <\nend done 200\n" },
		{ "HTTP/1.1 500 x\r\nContent-Type: text/event-stream\r\nContent-Length: 9\r\n\r\n"
			"data: a\n\n", PEER_DONE, "head 500\nbody data: a\n\n\nend done 500\n" },
		{ "<html>captive</html>", PEER_FIN, "end malformed 0\n" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		peer_canned(f->p, "", str_from(cases[i].answer), cases[i].then, 1);
		stream(f->h, f->p, "/");
		assert_string_equal(talk_until(f->h, HTTP_END), cases[i].want);
	}
}

static void
test_long_event(void **state)
{
	struct fixture *f = *state;
	struct buf b = { 0 };
	struct http_message m;

	buf_str(&b, STR(EVENTS "data: "));
	buf_fill(&b, 'x', 14 << 20);
	buf_str(&b, STR("\n\ndata: "));
	buf_fill(&b, 'y', 17 << 20);
	peer_canned(f->p, "", buf_view(&b), PEER_FIN, 1);
	stream(f->h, f->p, "/");
	talk_until(f->h, HTTP_HEAD);
	talk_next(f->h, &m);
	assert_int_equal(m.sse.data.n, 14 << 20);
	assert_string_equal(talk_until(f->h, HTTP_END), "end too-large 200\n");
	buf_done(&b);
}

/* ---- time limits */

static void
test_deadlines(void **state)
{
	struct fixture *f = *state;
	struct http_request r = request_to(f->p, "GET", "/slow");

	r.head_timeout = 30;
	send_done(f->h, &r);
	assert_string_equal(talk_until(f->h, HTTP_END), "end head-timeout 0\n");
	peer_wait_gone(f->p, 0);

	peer_canned(f->p, "GET /silent", STR(EVENTS ":hi\n"), PEER_OPEN, 1);
	r = request_to(f->p, "GET", "/silent");
	r.stream = true;
	r.silence_timeout = 30;
	send_done(f->h, &r);
	assert_string_equal(talk_until(f->h, HTTP_END), "head 200\nalive\nend silent 200\n");
	peer_wait_gone(f->p, 1);

	peer_canned(f->p, "GET /drip", STR("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1"), PEER_OPEN, 1);
	r = request_to(f->p, "GET", "/drip");
	r.total_timeout = 30;
	send_done(f->h, &r);
	assert_string_equal(talk_until(f->h, HTTP_END), "head 200\nbody 1\nend timeout 200\n");
}

/* The standard limits, on a clock that stands: nothing ends before its time. */
static void
test_default_limits(void **state)
{
	struct fixture *f = *state;
	struct http_message m;
	uint64_t hangs;

	clock_set(1000, 0);
	peer_canned(f->p, "GET /stream", STR(EVENTS), PEER_OPEN, 1);
	peer_canned(f->p, "GET /poke", STR(OK_EMPTY), PEER_DONE, 0);
	stream(f->h, f->p, "/stream");
	talk_until(f->h, HTTP_HEAD);
	hangs = get(f->h, f->p, "/hangs");
	peer_head(f->p, 1);
	clock_advance(14999);
	get(f->h, f->p, "/poke");
	assert_string_equal(talk_until(f->h, HTTP_END), "head 200\nend done 200\n");
	clock_advance(1);
	get(f->h, f->p, "/poke");
	do
		talk_next(f->h, &m);
	while (m.request != hangs);
	assert_int_equal(m.end, HTTP_HEAD_TIMEOUT);
	clock_advance(3600000);
	peer_write(f->p, 0, STR("data: still\n\n"), PEER_OPEN);
	do
		talk_next(f->h, &m);
	while (m.kind != HTTP_SSE);
	assert_str(m.sse.data, STR("still"));
	clock_unset();
}

/* ---- hostile and broken servers */

static void
test_header_bombs(void **state)
{
	struct fixture *f = *state;
	struct buf b = { 0 };

	buf_str(&b, STR("HTTP/1.1 200 OK\r\nX: "));
	buf_fill(&b, 'x', 150000);
	buf_str(&b, STR("\r\n\r\n"));
	peer_canned(f->p, "GET /line", buf_view(&b), PEER_FIN, 1);
	get(f->h, f->p, "/line");
	assert_string_equal(talk_until(f->h, HTTP_END), "end malformed 200\n");

	buf_clear(&b);
	buf_str(&b, STR("HTTP/1.1 200 OK\r\n"));
	while (b.n < 70000)
		buf_str(&b, STR("X: y\r\n"));
	buf_str(&b, STR("\r\n"));
	peer_canned(f->p, "GET /many", buf_view(&b), PEER_FIN, 1);
	get(f->h, f->p, "/many");
	assert_string_equal(talk_until(f->h, HTTP_END), "end malformed 200\n");

	buf_clear(&b);
	while (b.n < 400000)
		buf_str(&b, STR("HTTP/1.1 100 Continue\r\n\r\n"));
	peer_canned(f->p, "GET /1xx", buf_view(&b), PEER_FIN, 1);
	get(f->h, f->p, "/1xx");
	assert_string_equal(talk_until(f->h, HTTP_END), "end malformed 100\n");
	buf_done(&b);
}

static void
test_too_large(void **state)
{
	struct fixture *f = *state;
	struct http_request r = request_to(f->p, "GET", "/");

	peer_canned(f->p, "", STR("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "4\r\nabcd\r\n1\r\ne\r\n0\r\n\r\n"), PEER_DONE, 0);
	r.max_body = 5;
	send_done(f->h, &r);
	assert_non_null(strstr(talk_until(f->h, HTTP_END), "end done 200\n"));
	r = request_to(f->p, "GET", "/");
	r.max_body = 4;
	send_done(f->h, &r);
	assert_non_null(strstr(talk_until(f->h, HTTP_END), "end too-large 200\n"));
}

static void
test_decompression_bomb(void **state)
{
	struct fixture *f = *state;
	struct buf path = { 0 }, zeros = { 0 }, b = { 0 };
	struct http_message m;
	size_t got = 0;

	buf_printf(&path, "%s/tests/data/http/zeros.gz", getenv("top_srcdir"));
	int fd = open(buf_cstr(&path), O_RDONLY);

	assert_true(fd >= 0 && buf_read_fd(&zeros, fd, 1 << 20));
	close(fd);
	buf_printf(&b, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n",
	    zeros.n);
	buf_str(&b, buf_view(&zeros));
	peer_canned(f->p, "", buf_view(&b), PEER_DONE, 0);
	get(f->h, f->p, "/");
	do {
		talk_next(f->h, &m);
		got += m.kind == HTTP_BODY ? m.body.n : 0;
	} while (m.kind != HTTP_END);
	assert_int_equal(m.end, HTTP_TOO_LARGE);
	assert_true(got >= 1 << 20 && got < 4 << 20);
	assert_non_null(http_header(peer_head(f->p, 0), "accept-encoding").p);

	/* What may pause is never compressed. */
	struct http_request r = request_to(f->p, "GET", "/");

	r.max_body = SIZE_MAX;
	send_done(f->h, &r);
	assert_null(http_header(peer_head(f->p, 1), "accept-encoding").p);
	do
		talk_next(f->h, &m);
	while (m.kind != HTTP_END);
	buf_done(&path);
	buf_done(&zeros);
	buf_done(&b);
}

static void
can_redirect(struct peer *p, const char *from, const char *to)
{
	struct buf b = { 0 };

	buf_printf(&b, "HTTP/1.1 302 x\r\nLocation: %s\r\nContent-Length: 2\r\n\r\nxx", to);
	peer_canned(p, from, buf_view(&b), PEER_DONE, 0);
	buf_done(&b);
}

static void
test_redirects(void **state)
{
	struct fixture *f = *state;
	struct peer *other = peer_new(NULL);
	struct buf url = { 0 };
	struct http_request r;

	buf_printf(&url, "%s/there", peer_url(other));
	can_redirect(f->p, "GET /away", buf_cstr(&url));
	can_redirect(f->p, "POST /away", buf_cstr(&url));
	can_redirect(f->p, "GET /loop", "/loop");
	can_redirect(f->p, "GET /ftp", "ftp://127.0.0.1/x");
	can_redirect(f->p, "GET /file", "file:///etc/passwd");
	can_redirect(f->p, "GET /user", "http://a:b@127.0.0.1/x");
	peer_canned(other, "", STR(OK_EMPTY), PEER_DONE, 0);

	r = request_to(f->p, "GET", "/away");
	r.way.redirects_any = true;
	http_request_header(&r, "Authorization", STR("Bearer s3cret"));
	send_done(f->h, &r);
	assert_string_equal(talk_until(f->h, HTTP_END), "head 200\nend done 200\n");
	assert_str(http_header(peer_head(f->p, 0), "authorization"), STR("Bearer s3cret"));
	assert_null(http_header(peer_head(other, 0), "authorization").p);

	r = request_to(f->p, "GET", "/away");
	http_request_header(&r, "X-Api-Key", STR("s3cret"));
	send_done(f->h, &r);
	assert_string_equal(talk_until(f->h, HTTP_END), "head 302\nbody xx\nend done 302\n");
	r = request_to(f->p, "POST", "/away");
	http_request_body(&r, "text/plain", STR("x"));
	send_done(f->h, &r);
	assert_string_equal(talk_until(f->h, HTTP_END), "head 302\nbody xx\nend done 302\n");
	assert_int_equal(peer_count(other), 1);

	get(f->h, f->p, "/loop");
	assert_string_equal(talk_until(f->h, HTTP_END), "end redirect 302\n");
	assert_int_equal(peer_count(f->p), 3 + 6);
	get(f->h, f->p, "/ftp");
	assert_string_equal(talk_until(f->h, HTTP_END), "end redirect 302\n");
	get(f->h, f->p, "/file");
	assert_string_equal(talk_until(f->h, HTTP_END), "end redirect 302\n");
	get(f->h, f->p, "/user");
	assert_string_equal(talk_until(f->h, HTTP_END), "end redirect 302\n");
	buf_done(&url);
	peer_free(other);
}

/* Another origin is asked nothing unless that is allowed, however the way there is written. */
static void
test_redirects_stay(void **state)
{
	struct fixture *f = *state;
	struct peer *other = peer_new(NULL);
	struct buf to[3] = { { 0 } }, words = { 0 };
	struct http_message m;

	buf_printf(&to[0], "%s/x", peer_url(other));
	buf_printf(&to[1], "%s/x", strchr(peer_url(other), '/'));
	buf_printf(&to[2], "%s/near", peer_url(f->p));
	can_redirect(f->p, "GET /0", buf_cstr(&to[0]));
	can_redirect(f->p, "GET /1", buf_cstr(&to[1]));
	can_redirect(f->p, "GET /2", buf_cstr(&to[2]));
	peer_canned(f->p, "GET /near", STR(OK_EMPTY), PEER_DONE, 0);
	peer_canned(other, "", STR(OK_EMPTY), PEER_DONE, 0);
	buf_printf(&words, "redirected to %s: allow it with --redirects any", peer_url(other));
	for (int i = 0; i < 2; i++) {
		get(f->h, f->p, i == 0 ? "/0" : "/1");
		do
			talk_next(f->h, &m);
		while (m.kind != HTTP_END);
		assert_int_equal(m.end, HTTP_REDIRECT);
		assert_str(m.detail, buf_view(&words));
	}
	get(f->h, f->p, "/2");
	assert_string_equal(talk_until(f->h, HTTP_END), "head 200\nend done 200\n");
	assert_int_equal(peer_count(other), 0);
	for (size_t i = 0; i < 3; i++)
		buf_done(&to[i]);
	buf_done(&words);
	peer_free(other);
}

static void
test_no_connection(void **state)
{
	struct fixture *f = *state;
	struct peer *gone = peer_new(NULL);
	struct http_request r = request_to(gone, "GET", "/");

	peer_free(gone);
	send_done(f->h, &r);
	assert_string_equal(talk_until(f->h, HTTP_END), "end refused 0\n");

	http_request_init(&r, "GET", STR("http://weir.local/"));
	r.unix_socket = strdup("/nonexistent/x.sock");
	send_done(f->h, &r);
	assert_string_equal(talk_until(f->h, HTTP_END), "end refused 0\n");

	http_request_init(&r, "GET", STR("http://none.invalid/"));
	send_done(f->h, &r);
	assert_string_equal(talk_until(f->h, HTTP_END), "end unresolved 0\n");

	http_request_init(&r, "GET", STR("http://user:pw@127.0.0.1/"));
	send_done(f->h, &r);
	assert_string_equal(talk_until(f->h, HTTP_END), "end failed 0\n");
}

/* ---- the thread and the queue */

static void
test_cancel(void **state)
{
	struct fixture *f = *state;
	struct pollfd fd = { .fd = http_fd(f->h), .events = POLLIN };
	struct http_message m;
	uint64_t id = stream(f->h, f->p, "/");

	peer_write(f->p, 0, STR(EVENTS "data: a\n\n"), PEER_OPEN);
	assert_int_equal(poll(&fd, 1, 20000), 1);
	http_cancel(f->h, id);
	assert_false(http_next(f->h, &m));
	peer_wait_gone(f->p, 0);
	assert_false(http_next(f->h, &m));
	http_cancel(f->h, id);
	http_cancel(f->h, 999);

	/* Before the net thread has seen it, and beside others. */
	peer_canned(f->p, "GET /b", STR(OK_EMPTY), PEER_DONE, 0);
	for (int i = 0; i < 100; i++) {
		uint64_t b = get(f->h, f->p, "/b");

		http_cancel(f->h, get(f->h, f->p, "/b"));
		do {
			talk_next(f->h, &m);
			assert_int_equal(m.request, b);
		} while (m.kind != HTTP_END);
	}
	assert_false(http_next(f->h, &m));
	assert_int_equal(poll(&fd, 1, 0), 0);
}

static uint64_t
ask_hanging(struct http *h, int64_t head_timeout)
{
	struct http_request r;
	int asked;

	pthread_mutex_lock(&names_lock);
	asked = names_asked;
	pthread_mutex_unlock(&names_lock);
	http_request_init(&r, "GET", STR("http://hangs.invalid/"));
	r.head_timeout = head_timeout;

	uint64_t id = send_done(h, &r);

	wait_asked(asked + 1);
	return id;
}

static void
test_hung_resolver(void **state)
{
	struct fixture *f = *state;
	int64_t start = clock_mono();
	struct http *h = talk_start();

	peer_canned(f->p, "", STR(OK_EMPTY), PEER_DONE, 0);
	http_cancel(f->h, ask_hanging(f->h, 0));
	ask_hanging(h, 20);
	assert_string_equal(talk_until(h, HTTP_END), "end head-timeout 0\n");
	/* Others are served meanwhile. */
	ask_hanging(f->h, 0);
	get(f->h, f->p, "/");
	assert_string_equal(talk_until(f->h, HTTP_END), "head 200\nend done 200\n");
	ask_hanging(h, 0);
	http_free(h);
	assert_true(clock_mono() - start < 5000);
}

/* Numbered events, more than the queue holds, while nobody takes any. */
static void
fill(struct fixture *f, size_t events)
{
	struct buf b = { 0 };

	buf_str(&b, STR(EVENTS));
	for (size_t i = 0; i < events; i++) {
		buf_printf(&b, "data: %zu ", i);
		buf_fill(&b, 'x', 1000);
		buf_str(&b, STR("\n\n"));
	}
	peer_canned(f->p, "GET /flood", buf_view(&b), PEER_FIN, 1);
	buf_done(&b);
}

static void
test_pause(void **state)
{
	enum { EVENTS_SENT = 64 << 10 };
	struct fixture *f = *state;
	struct http_message m;
	size_t expect = 0;

	fill(f, EVENTS_SENT);
	peer_canned(f->p, "GET /b", STR(OK_EMPTY), PEER_DONE, 0);
	stream(f->h, f->p, "/flood");
	peer_head(f->p, 0);
	/* The others go on while this one waits. */
	for (uint64_t b = get(f->h, f->p, "/b"), ended = 0; ended != b;) {
		talk_next(f->h, &m);
		if (m.kind == HTTP_SSE)
			assert_int_equal(strtoul(m.sse.data.p, NULL, 10), expect++);
		if (m.kind == HTTP_END)
			ended = m.request;
	}
	do {
		talk_next(f->h, &m);
		if (m.kind == HTTP_SSE)
			assert_int_equal(strtoul(m.sse.data.p, NULL, 10), expect++);
	} while (m.kind != HTTP_END);
	assert_int_equal(m.end, HTTP_DONE);
	assert_int_equal(expect, EVENTS_SENT);
}

static void
test_overrun(void **state)
{
	struct fixture *f = *state;
	struct http_message m;
	size_t bytes = 0;

	clock_set(1000, 0);
	fill(f, 64 << 10);
	peer_canned(f->p, "GET /b", STR(OK_EMPTY), PEER_DONE, 0);
	stream(f->h, f->p, "/flood");
	talk_until(f->h, HTTP_HEAD);
	/* From here on nothing is taken. When it is paused the clock takes it over its limit. */
	for (size_t i = 1; !peer_is_gone(f->p, 0); i++) {
		get(f->h, f->p, "/b");
		peer_wait_sent(f->p, i);
		clock_advance(1000);
	}
	do {
		talk_next(f->h, &m);
		bytes += m.kind == HTTP_SSE ? m.sse.data.n : 0;
	} while (m.kind != HTTP_END || m.request != 1);
	assert_int_equal(m.end, HTTP_OVERRUN);
	assert_true(bytes > 3 << 20 && bytes < 8 << 20);
	clock_unset();
}

static void
test_log_hides_secrets(void **state)
{
	struct fixture *f = *state;
	int fd = memfd_create("log", MFD_CLOEXEC);
	struct http_request r = request_to(f->p, "GET", "/x?token=s3cret");
	struct buf b = { 0 };

	log_to_fd(fd, LOG_DEBUG);
	peer_canned(f->p, "", STR("HTTP/1.1 200 OK\r\nSet-Cookie: s3cret\r\nX: visible\r\n"
	    "Location: /y?s3cret\r\nContent-Length: 0\r\n\r\n"), PEER_DONE, 0);
	http_request_header(&r, "authorization", STR("Bearer s3cret"));
	http_request_header(&r, "X-API-Key", STR("s3cret"));
	http_request_header(&r, "Cookie", STR("s3cret"));
	send_done(f->h, &r);
	talk_until(f->h, HTTP_END);
	log_close();
	lseek(fd, 0, SEEK_SET);
	assert_true(buf_read_fd(&b, fd, 1 << 20));
	assert_non_null(strstr(buf_cstr(&b), "visible"));
	assert_non_null(strstr(buf_cstr(&b), "GET /x?[hidden] HTTP/1.1"));
	assert_non_null(strstr(buf_cstr(&b), "Location: /y?[hidden]"));
	assert_null(strstr(buf_cstr(&b), "s3cret"));
	buf_done(&b);
	close(fd);
}

int
main(void)
{
#define WITH_PEER(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_header_injection),
		WITH_PEER(test_get),
		WITH_PEER(test_methods),
		cmocka_unit_test(test_unix_socket),
		WITH_PEER(test_proxy),
		WITH_PEER(test_retry_after),
		WITH_PEER(test_stream),
		WITH_PEER(test_hostile_last_event_id),
		WITH_PEER(test_cuts),
		WITH_PEER(test_long_event),
		WITH_PEER(test_deadlines),
		WITH_PEER(test_default_limits),
		WITH_PEER(test_header_bombs),
		WITH_PEER(test_too_large),
		WITH_PEER(test_decompression_bomb),
		WITH_PEER(test_redirects),
		WITH_PEER(test_redirects_stay),
		WITH_PEER(test_no_connection),
		WITH_PEER(test_cancel),
		WITH_PEER(test_hung_resolver),
		WITH_PEER(test_pause),
		WITH_PEER(test_overrun),
		WITH_PEER(test_log_hides_secrets),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	pthread_mutex_lock(&names_lock);
	names_hang = false;
	pthread_cond_broadcast(&names_changed);
	pthread_mutex_unlock(&names_lock);
	return failed;
}
