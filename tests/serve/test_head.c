#include "tests/unit.h"

#include "serve/head.h"

#define GET "GET /a HTTP/1.1\r\n"
#define POST "POST /a HTTP/1.1\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n"

/* Feeds it in pieces of `piece` bytes; returns how many were good. */
static size_t
feed(struct head *h, struct str s, size_t piece)
{
	size_t good = 0, n;

	*h = (struct head){ 0 };
	while (good < s.n) {
		n = head_feed(h, str_head(str_skip(s, good), piece));
		good += n;
		if (h->status != 0) {
			assert_non_null(h->why);
			/* It stays so. */
			assert_int_equal(head_feed(h, STR(GET "\r\n")), 0);
			break;
		}
		assert_true(n > 0);
	}
	return good;
}

/* Whatever the pieces are, it is the same: this status, and this many whole heads. */
static void
check(struct str s, int status, unsigned heads)
{
	static const size_t pieces[] = { SIZE_MAX, 1, 2, 3, 7 };
	size_t good = 0;

	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		struct head h;
		size_t n = feed(&h, s, pieces[i]);

		if (h.status != status || h.heads != heads || (i > 0 && n != good))
			fail_msg("%d (%s), %u heads, %zu bytes for %.*s", h.status,
			    h.why != NULL ? h.why : "", h.heads, n, STR_ARG(s));
		if (status == 0)
			assert_int_equal(n, s.n);
		good = n;
	}
}

static void
test_good(void **state)
{
	static const struct {
		struct str s;
		unsigned heads;
	} cases[] = {
		{ STR(GET "\r\n"), 1 }, { STR(GET "Host: a\r\n\r\n"), 1 },
		{ STR("\r\n" GET "\r\n"), 1 }, { STR("\r\n\r\n" GET "\r\n\r\n" GET "\r\n"), 2 },
		{ STR("GET http://a/?b HTTP/1.0\r\nX:\r\nY:\t \r\nZ: a b\tc\xff\r\n\r\n"), 1 },
		{ STR("PURGE!#$%&'*+-.^_`|~9 /a HTTP/1.1\r\n\r\n"), 1 },
		{ STR(POST "Content-Length: 3\r\n\r\nab\n" GET "\r\n"), 2 },
		{ STR(POST "content-length:\t3 \r\n\r\n\x00\r\n" GET "\r\n"), 2 },
		{ STR(POST "Content-Length: 003\r\n\r\nabc" GET "\r\n"), 2 },
		{ STR(POST "Content-Length: 0\r\n\r\n" GET "\r\n"), 2 },
		{ STR(POST "Content-Lengthy: 3\r\n\r\n" GET "\r\n"), 2 },
		{ STR(POST CHUNKED "\r\n0\r\n\r\n" GET "\r\n"), 2 },
		{ STR(POST CHUNKED "\r\n3\r\nabc\r\n00A\r\n0123456789\r\n0\r\n\r\n" GET "\r\n"), 2 },
		{ STR(POST CHUNKED "\r\n3;x=\"y\"\r\nabc\r\n0;\r\nX: y\r\nZ:\r\n\r\n" GET "\r\n"), 2 },
		{ STR(POST "TRANSFER-encoding:CHUNKED\r\n\r\n1\r\n\n\r\n0\r\n\r\n" GET "\r\n"), 2 },
		{ STR(POST "Content-Length: 999999999999999999\r\n\r\nabc"), 1 },
		{ STR(GET "X: a"), 0 }, { STR("GE"), 0 }, { STR(""), 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check(cases[i].s, 0, cases[i].heads);
}

static void
test_bad(void **state)
{
	static const struct {
		struct str s;
		unsigned heads;
	} cases[] = {
		/* Lines. */
		{ STR("GET /a HTTP/1.1\nHost: a\r\n\r\n"), 0 }, { STR(GET "Host: a\n\r\n"), 0 },
		{ STR(GET "Host: a\r\n\n"), 0 }, { STR(GET "\n"), 0 }, { STR(GET "\r\r\n"), 0 },
		{ STR(GET "Host: a\rb\r\n\r\n"), 0 }, { STR(GET "Host: a\r\r\n\r\n"), 0 },
		{ STR("\n" GET "\r\n"), 0 }, { STR("\r\n\r\n\r\n" GET "\r\n"), 0 },
		{ STR("GET /a\r HTTP/1.1\r\n\r\n"), 0 },
		/* Folded ones. */
		{ STR(GET "Host: a\r\n b\r\n\r\n"), 0 }, { STR(GET "Host: a\r\n\tb\r\n\r\n"), 0 },
		{ STR(GET " Host: a\r\n\r\n"), 0 }, { STR(GET "Host:\r\n a\r\n\r\n"), 0 },
		{ STR(POST "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"), 0 },
		/* The request line. */
		{ STR(" " GET "\r\n"), 0 }, { STR("GET  /a HTTP/1.1\r\n\r\n"), 0 },
		{ STR("GET /a  HTTP/1.1\r\n\r\n"), 0 }, { STR("GET /a HTTP/1.1 \r\n\r\n"), 0 },
		{ STR("GET\t/a HTTP/1.1\r\n\r\n"), 0 }, { STR("GET /a b HTTP/1.1\r\n\r\n"), 0 },
		{ STR("GET /a\r\n\r\n"), 0 }, { STR("GET /a \r\n\r\n"), 0 },
		{ STR("GET /a HTTP/2.0\r\n\r\n"), 0 }, { STR("GET /a HTTP/1.2\r\n\r\n"), 0 },
		{ STR("GET /a HTTP/1.10\r\n\r\n"), 0 }, { STR("GET /a HTTP/1.\r\n\r\n"), 0 },
		{ STR("GET /a http/1.1\r\n\r\n"), 0 }, { STR("GET /a HTTP/11\r\n\r\n"), 0 },
		{ STR("GET /\x80 HTTP/1.1\r\n\r\n"), 0 }, { STR("GET /\x00 HTTP/1.1\r\n\r\n"), 0 },
		{ STR("GET /\x7f HTTP/1.1\r\n\r\n"), 0 }, { STR("G(T /a HTTP/1.1\r\n\r\n"), 0 },
		{ STR("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJ /a HTTP/1.1\r\n\r\n"), 0 },
		{ STR("\x16\x03\x01\x02"), 0 }, { STR("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 0 },
		/* Names and values. */
		{ STR(GET "Host : a\r\n\r\n"), 0 }, { STR(GET "Ho st: a\r\n\r\n"), 0 },
		{ STR(GET ": a\r\n\r\n"), 0 }, { STR(GET "Host\r\n\r\n"), 0 },
		{ STR(GET "H\x00st: a\r\n\r\n"), 0 }, { STR(GET "Host: \x00\r\n\r\n"), 0 },
		{ STR(GET "Host: \x7f\r\n\r\n"), 0 }, { STR(GET "X: \x0b\r\n\r\n"), 0 },
		{ STR(GET "X\xe9: a\r\n\r\n"), 0 },
		/* The length of the body. */
		{ STR(POST "Content-Length: 1\r\n" CHUNKED "\r\n"), 0 },
		{ STR(POST CHUNKED "Content-Length: 1\r\n\r\n"), 0 },
		{ STR(POST CHUNKED CHUNKED "\r\n"), 0 },
		{ STR(POST "Content-Length: 1\r\nContent-Length: 1\r\n\r\n"), 0 },
		{ STR(POST "Content-Length: 1, 1\r\n\r\n"), 0 }, { STR(POST "Content-Length: \r\n\r\n"), 0 },
		{ STR(POST "Content-Length: +1\r\n\r\n"), 0 }, { STR(POST "Content-Length: -1\r\n\r\n"), 0 },
		{ STR(POST "Content-Length: 0x1\r\n\r\n"), 0 }, { STR(POST "Content-Length: 1 1\r\n\r\n"), 0 },
		{ STR(POST "Content-Length: 1e1\r\n\r\n"), 0 },
		{ STR(POST "Content-Length: 9999999999999999999\r\n\r\n"), 0 },
		{ STR(POST "Content-Length: 1                      2\r\n\r\n"), 0 },
		{ STR(POST "Transfer-Encoding: gzip\r\n\r\n"), 0 },
		{ STR(POST "Transfer-Encoding: gzip, chunked\r\n\r\n"), 0 },
		{ STR(POST "Transfer-Encoding: chunked, chunked\r\n\r\n"), 0 },
		{ STR(POST "Transfer-Encoding: xchunked\r\n\r\n"), 0 },
		{ STR(POST "Transfer-Encoding: chunkedchunkedchunkedchunked\r\n\r\n"), 0 },
		{ STR(POST "Transfer-Encoding: \x0b" "chunked\r\n\r\n"), 0 },
		{ STR(POST "Transfer-Encoding: identity\r\n\r\n"), 0 },
		{ STR(POST "Transfer-Encoding:\r\n\r\n"), 0 },
		{ STR("POST /a HTTP/1.0\r\n" CHUNKED "\r\n"), 0 },
		/* Chunks. */
		{ STR(POST CHUNKED "\r\n\r\n"), 1 }, { STR(POST CHUNKED "\r\n-1\r\n"), 1 },
		{ STR(POST CHUNKED "\r\n+1\r\n"), 1 }, { STR(POST CHUNKED "\r\n0x1\r\n"), 1 },
		{ STR(POST CHUNKED "\r\n 1\r\n"), 1 }, { STR(POST CHUNKED "\r\n1 \r\n"), 1 },
		{ STR(POST CHUNKED "\r\n1\na\r\n"), 1 }, { STR(POST CHUNKED "\r\n1\r\nab\r\n"), 1 },
		{ STR(POST CHUNKED "\r\n1\r\na\n0\r\n"), 1 }, { STR(POST CHUNKED "\r\n1\r\na0\r\n"), 1 },
		{ STR(POST CHUNKED "\r\n1\ra"), 1 }, { STR(POST CHUNKED "\r\n1;a\nb\r\n"), 1 },
		{ STR(POST CHUNKED "\r\n1;\x00\r\n"), 1 }, { STR(POST CHUNKED "\r\n1_000\r\n"), 1 },
		{ STR(POST CHUNKED "\r\n1000000000000000\r\n"), 1 },
		{ STR(POST CHUNKED "\r\n0000000000000001\r\n"), 1 },
		{ STR(POST CHUNKED "\r\n0\r\nX: y\n\r\n"), 1 }, { STR(POST CHUNKED "\r\n0\r\n\n"), 1 },
		{ STR(POST CHUNKED "\r\n0\r\n X: y\r\n\r\n"), 1 }, { STR(POST CHUNKED "\r\n0\r\nX\r\n\r\n"), 1 },
		/* Behind a good one. */
		{ STR(GET "\r\nGET /b\r\n\r\n"), 1 },
		{ STR(POST "Content-Length: 1\r\n\r\n12 /b HTTP/1.1\r\nX y: z\r\n\r\n"), 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check(cases[i].s, 400, cases[i].heads);
}

static void
test_large(void **state)
{
	struct buf s = { 0 };

	(void)state;
	buf_str(&s, STR("GET /"));
	buf_fill(&s, 'a', 8192);
	check(buf_view(&s), 414, 0);
	buf_set(&s, STR(GET "X: "));
	buf_fill(&s, 'a', 8192);
	check(buf_view(&s), 431, 0);
	buf_set(&s, STR(GET));
	for (int i = 0; i < 101; i++)
		buf_str(&s, STR("X: y\r\n"));
	check(buf_view(&s), 431, 0);
	buf_set(&s, STR(GET));
	for (int i = 0; i < 16; i++) {
		buf_str(&s, STR("X: "));
		buf_fill(&s, 'a', 8000);
		buf_str(&s, STR("\r\n"));
	}
	check(buf_view(&s), 431, 0);
	buf_set(&s, STR(POST CHUNKED "\r\n1;"));
	buf_fill(&s, 'a', 300);
	check(buf_view(&s), 400, 1);
	buf_set(&s, STR(POST CHUNKED "\r\n0\r\nX: "));
	buf_fill(&s, 'a', 8192);
	check(buf_view(&s), 431, 1);
	buf_done(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
