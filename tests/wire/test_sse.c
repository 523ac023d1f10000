#include "tests/unit.h"

#include "base/utf8.h"
#include "wire/sse.h"

/* What a parser said, as text: [type|data|id] an event, {text} a comment, (ms) a retry. */

static void
on_message(void *ctx, const struct sse_message *m)
{
	buf_byte(ctx, '[');
	buf_str(ctx, m->type);
	buf_byte(ctx, '|');
	buf_str(ctx, m->data);
	buf_byte(ctx, '|');
	buf_str(ctx, m->id);
	buf_byte(ctx, ']');
	assert_true(utf8_valid(m->type) && utf8_valid(m->data) && utf8_valid(m->id));
}

static void
on_comment(void *ctx, struct str text)
{
	buf_byte(ctx, '{');
	buf_str(ctx, text);
	buf_byte(ctx, '}');
}

static void
on_retry(void *ctx, uint64_t ms)
{
	buf_printf(ctx, "(%llu)", (unsigned long long)ms);
}

static void
start(struct sse *s, struct buf *out, struct sse_limits limits)
{
	struct sse_handler h = { on_message, on_comment, on_retry, out };

	sse_init(s, &h, limits);
}

/* Bytes that go away after the call. */
static void
feed(struct sse *s, struct str bytes)
{
	char *copy = malloc(bytes.n + 1);

	if (bytes.n > 0)
		memcpy(copy, bytes.p, bytes.n);
	sse_feed(s, str_of(copy, bytes.n));
	free(copy);
}

/* Reads `bytes` cut behind `first` and then every `piece` bytes; ends with =last id. */
static void
read_split(struct str bytes, size_t first, size_t piece, struct sse_limits limits, struct buf *out)
{
	struct sse s;

	start(&s, out, limits);
	sse_seed_id(&s, STR("0"));
	feed(&s, str_head(bytes, first));
	for (bytes = str_skip(bytes, first); bytes.n > 0; bytes = str_skip(bytes, piece))
		feed(&s, str_head(bytes, piece));
	buf_byte(out, '=');
	buf_str(out, sse_last_id(&s));
	if (s.result != SSE_OK)
		buf_str(out, s.result == SSE_LINE_TOO_LONG ? STR(" line") : STR(" event"));
	sse_done(&s);
}

static void
check(struct str bytes, struct sse_limits limits, struct str want)
{
	struct buf out = { 0 };

	for (size_t first = 0; first <= bytes.n; first++) {
		buf_clear(&out);
		read_split(bytes, first, bytes.n + 1, limits, &out);
		assert_str(buf_view(&out), want);
	}
	for (size_t piece = 1; piece <= 4; piece++) {
		buf_clear(&out);
		read_split(bytes, piece, piece, limits, &out);
		assert_str(buf_view(&out), want);
	}
	buf_done(&out);
}

struct vector {
	struct str bytes, want;
};

#define V(bytes, want) { { bytes, sizeof(bytes) - 1 }, { want, sizeof(want) - 1 } }
#define CHECK_ALL(vectors) check_all(vectors, sizeof(vectors) / sizeof(vectors)[0])

static void
check_all(const struct vector *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check(v[i].bytes, SSE_LIMITS_DEFAULT, v[i].want);
}

static void
test_decoding(void **state)
{
	static const struct vector vectors[] = {
		/* malformed bytes are U+FFFD, one for each maximal subpart */
		V("data:\xFF\xE2\x82\n\n", "[message|\xEF\xBF\xBD\xEF\xBF\xBD|0]=0"),
		V("data:\xF0\x9F\x98x\n\n", "[message|\xEF\xBF\xBDx|0]=0"),
		V("data:\xED\xA0\x80\n\n", "[message|\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD|0]=0"),
		V("data:\xE2\x82\ndata:\xAC\n\n", "[message|\xEF\xBF\xBD\n\xEF\xBF\xBD|0]=0"),
		V("data:\xF0\x9F\x98\x80 \xE2\x82\xAC\n\n", "[message|\xF0\x9F\x98\x80 \xE2\x82\xAC|0]=0"),
		V("event:\xC3\nid:\xC3\ndata\n\n", "[\xEF\xBF\xBD||\xEF\xBF\xBD]=\xEF\xBF\xBD"),
		/* an overlong LF, CR or colon is none */
		V("data:a\xC0\x8A" "b\n\n", "[message|a\xEF\xBF\xBD\xEF\xBF\xBD" "b|0]=0"),
		V("data:a\xC0\x8D\n\n", "[message|a\xEF\xBF\xBD\xEF\xBF\xBD|0]=0"),
		V("data\xC0\xBA" "a\n\n", "=0"),
		/* one leading BOM goes away, a second one belongs to the name */
		V("\xEF\xBB\xBF" "data:1\n\n", "[message|1|0]=0"),
		V("\xEF\xBB\xBF\xEF\xBB\xBF" "data:1\n\ndata:2\n\n", "[message|2|0]=0"),
		V("data:1\n\n\xEF\xBB\xBF" "data:2\n\n", "[message|1|0]=0"),
		V("data:\xEF\xBB\xBF" "1\n\n", "[message|\xEF\xBB\xBF" "1|0]=0"),
		V("\n\xEF\xBB\xBF" "data:1\n\n", "=0"),
		V("\xEF\xBB\xBF\n\xEF\xBB\xBF" "data:1\ndata:2\n\n", "[message|2|0]=0"),
		V("\xEF\xBB\xBF:x\n", "{x}=0"),
		V("\xEF\xBB\xBF\r\ndata\r\n\r\n", "[message||0]=0"),
		/* what only begins like one is part of the line */
		V("\xEF\xBB" "data:1\ndata:2\n\n", "[message|2|0]=0"),
		V("\xEF" "data:1\ndata:2\n\n", "[message|2|0]=0"),
		V("\xEF\xBB\n\ndata:2\n\n", "[message|2|0]=0"),
		V("\xEF\xBB", "=0"),
		V("\xEF\xBB:x\n", "=0"),
		V("\xEF\xEF\xBB\xBF" "data:1\n\n", "=0"),
		V("", "=0"),
	};

	(void)state;
	CHECK_ALL(vectors);
}

static void
test_lines(void **state)
{
	static const struct vector vectors[] = {
		V("data:1\n\n", "[message|1|0]=0"),
		V("data:1\r\r", "[message|1|0]=0"),
		V("data:1\r\n\r\n", "[message|1|0]=0"),
		V("data:1\r\n\r", "[message|1|0]=0"),
		V("data:1\n\r", "[message|1|0]=0"),
		V("data:1\n\r\n", "[message|1|0]=0"),
		V("data:1\r\n\n", "[message|1|0]=0"),
		V("data:1\r\ndata:2\rdata:3\ndata:4\n\n", "[message|1\n2\n3\n4|0]=0"),
		/* one LF behind a CR belongs to it, a second one does not */
		V("data:1\r\ndata:2\r\n\ndata:3\r\n\r\n", "[message|1\n2|0][message|3|0]=0"),
		V("data:1\r\r\ndata:2\n\n", "[message|1|0][message|2|0]=0"),
		V("\r\n\r\ndata:2\r\n\r\n", "[message|2|0]=0"),
		V("\n\n\n\r\r\r\r\n", "=0"),
		/* nothing else ends a line */
		V("data:a\x0B" "b\x0C" "c\x1C\x1D\x1E" "d\n\n", "[message|a\x0B" "b\x0C" "c\x1C\x1D\x1E" "d|0]=0"),
		V("data:a\xC2\x85" "b\xE2\x80\xA8" "c\xE2\x80\xA9" "d\n\n",
		    "[message|a\xC2\x85" "b\xE2\x80\xA8" "c\xE2\x80\xA9" "d|0]=0"),
		V("data:\\n\\n\n\n", "[message|\\n\\n|0]=0"),
	};

	(void)state;
	CHECK_ALL(vectors);
}

static void
test_fields(void **state)
{
	static const struct vector vectors[] = {
		/* the first colon, one space */
		V("data: a\n\n", "[message|a|0]=0"),
		V("data:a:b: c\n\n", "[message|a:b: c|0]=0"),
		V("data:  a \n\n", "[message| a |0]=0"),
		V("data:\ta\n\n", "[message|\ta|0]=0"),
		V("data: \ta\n\n", "[message|\ta|0]=0"),
		V("data:\xC2\xA0" "a\n\n", "[message|\xC2\xA0" "a|0]=0"),
		V("data::\n\n", "[message|:|0]=0"),
		/* no colon: the name alone */
		V("data\n\n", "[message||0]=0"),
		V("data\ndata\n\n", "[message|\n|0]=0"),
		V("event:a\nevent\ndata:x\n\n", "[message|x|0]=0"),
		V("id\ndata:x\n\n", "[message|x|]="),
		V("retry\ndata\n\n", "[message||0]=0"),
		/* names are exact */
		V("Data:a\nDATA:b\ndAta:c\n\n", "=0"),
		V(" data:a\ndata :b\n\tdata:c\nda-ta:d\ndata\0:e\n\0data:f\ndat:g\ndatas:h\n\n", "=0"),
		V("Event:a\nID:b\nId:b\nRetry:1\ndata\n\n", "[message||0]=0"),
		V("foo:bar\nfoo\n{}\n\n", "=0"),
		/* comments */
		V(":\n: a\n:b:c\n:data:x\n\n", "{}{ a}{b:c}{data:x}=0"),
		V("data:1\n:x\ndata:2\n\n", "{x}[message|1\n2|0]=0"),
		V(":\0\r:y\r\n", "{\0}{y}=0"),
		/* data */
		V("data:\n\n", "[message||0]=0"),
		V("data:\ndata:\n\n", "[message|\n|0]=0"),
		V("data:a\ndata:\n\n", "[message|a\n|0]=0"),
		V("data:a\0b\n\n", "[message|a\0b|0]=0"),
		V("data:a\n\n\n\ndata:b\n\n", "[message|a|0][message|b|0]=0"),
		/* event */
		V("event:a\nevent:b\ndata\n\ndata\n\n", "[b||0][message||0]=0"),
		V("event:\ndata\n\n", "[message||0]=0"),
		V("event: \ndata\n\n", "[message||0]=0"),
		V("event:  \ndata\n\n", "[ ||0]=0"),
		V("event:a\n\ndata\n\n", "[message||0]=0"),
		V("data\nevent:a\0b\n\n", "[a\0b||0]=0"),
	};

	(void)state;
	CHECK_ALL(vectors);
}

static void
test_ids(void **state)
{
	static const struct vector vectors[] = {
		V("data\n\n", "[message||0]=0"),
		V("id:1\ndata\n\ndata\n\nid:2\ndata\n\n", "[message||1][message||1][message||2]=2"),
		V("id:1\nid:2\ndata\n\n", "[message||2]=2"),
		V("data:a\nid:1\n\n", "[message|a|1]=1"),
		/* at the blank line and not before, with and without data */
		V("id:1\n\n", "=1"),
		V("id:1\r\r", "=1"),
		V("id:1\n", "=0"),
		V("id:1\ndata:x\n", "=0"),
		V("id:1\ndata:x\n\nid:2\n", "[message|x|1]=1"),
		V("id:1\n\ndata\n\n", "[message||1]=1"),
		/* empty: no id any more */
		V("id:1\n\nid:\ndata\n\n", "[message||]="),
		V("id\n\n", "="),
		V("id: \n\n", "="),
		V("id:1\nid\n\n", "="),
		/* one with NUL is no id */
		V("id:a\0b\ndata\n\n", "[message||0]=0"),
		V("id:\0\n\n", "=0"),
		V("id:1\nid:\0\n\n", "=1"),
		V("id:  1 \n\n", "= 1 "),
		V("id:\xE2\x80\xA6\ndata\n\n", "[message||\xE2\x80\xA6]=\xE2\x80\xA6"),
	};

	(void)state;
	CHECK_ALL(vectors);
}

static void
test_retry(void **state)
{
	static const struct vector vectors[] = {
		V("retry:3000\n", "(3000)=0"),
		V("retry: 3000\n", "(3000)=0"),
		V("retry:0003\n", "(3)=0"),
		V("retry:0\n", "(0)=0"),
		V("retry:1\rretry:2\r\nretry:3", "(1)(2)=0"),
		V("retry:\nretry\nretry: \n", "=0"),
		V("retry:-1\nretry:+1\nretry:1.0\nretry:1e3\nretry:0x1\nretry:1 \nretry:  1\n", "=0"),
		V("retry:1\0\nretry:a1\nretry:\xD9\xA1\nretry:\xEF\xBC\x91\n", "=0"),
		V("retry:18446744073709551615\n", "(18446744073709551615)=0"),
		V("retry:18446744073709551616\nretry:99999999999999999999999999\n",
		    "(18446744073709551615)(18446744073709551615)=0"),
	};

	(void)state;
	CHECK_ALL(vectors);
}

static void
test_end(void **state)
{
	static const struct vector vectors[] = {
		V("data:1", "=0"),
		V("data:1\n", "=0"),
		V("event:x\nid:5\ndata:1\r\n", "=0"),
		V("data:1\n\ndata:2", "[message|1|0]=0"),
		V("data:1\n\ndata:\xE2\x82", "[message|1|0]=0"),
		V(":x", "=0"),
	};

	(void)state;
	CHECK_ALL(vectors);
}

/* A CR ends the line when it comes, whatever comes later. */
static void
test_cr_is_at_once(void **state)
{
	struct buf out = { 0 };
	struct sse s;

	(void)state;
	start(&s, &out, SSE_LIMITS_DEFAULT);
	feed(&s, STR("data:1\r\r"));
	assert_str(buf_view(&out), STR("[message|1|]"));
	feed(&s, STR("\n:x\r"));
	assert_str(buf_view(&out), STR("[message|1|]{x}"));
	feed(&s, STR("\ndata:2\r\n"));
	feed(&s, STR("\r"));
	assert_str(buf_view(&out), STR("[message|1|]{x}[message|2|]"));
	sse_done(&s);
	buf_done(&out);
}

/* Nothing of a stream that broke off reaches the next one, but for the last event id. */
static void
test_restart(void **state)
{
	static const struct str broken[] = {
		STR_NONE, { "\xEF\xBB", 2 }, { "data:x", 6 }, { "data:x\n", 7 }, { "event:x\r", 8 }, { "id:x\n", 5 },
		{ "data:\xE2\x82", 7 }, { "data:x\nevent:y\nid:z\nid", 23 }, { "id:x", 4 },
	};
	struct buf out = { 0 };
	struct sse s;

	(void)state;
	for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
		buf_clear(&out);
		start(&s, &out, SSE_LIMITS_DEFAULT);
		feed(&s, STR("id:7\n\n"));
		feed(&s, broken[i]);
		sse_restart(&s);
		assert_str(sse_last_id(&s), STR("7"));
		feed(&s, STR("\ndata:a\n\n\xEF\xBB\xBF" "data:b\n\n"));
		sse_restart(&s);
		feed(&s, STR("\xEF\xBB\xBF" "data:c\nid\n\n"));
		sse_restart(&s);
		feed(&s, STR("data:d\n\n"));
		assert_str(buf_view(&out), STR("[message|a|7][message|c|][message|d|]"));
		sse_done(&s);
	}
	buf_done(&out);
}

static void
test_limits(void **state)
{
	struct sse_limits small = { .line = 10, .event = 12 };

	(void)state;
	check(STR("data:12345\n\n"), small, STR("[message|12345|0]=0"));
	check(STR("data:12345\r\r"), small, STR("[message|12345|0]=0"));
	check(STR("data:1\n\ndata:123456\n\ndata:2\n\n"), small, STR("[message|1|0]=0 line"));
	check(STR("data:1\n\ndata:123456"), small, STR("[message|1|0]=0 line"));
	check(STR(":123456789\n:1234567890\n"), small, STR("{123456789}=0 line"));
	check(STR("foo:123456\nfoo:1234567\n"), small, STR("=0 line"));
	check(STR("\xEF\xBB\xBF" "data:12345\n\n"), small, STR("[message|12345|0]=0"));
	check(STR("\xEF\xBB" "12345678\n\xEF\xBB" "123456789\n"), small, STR("=0 line"));
	check(STR("data:12345\ndata:12345\ndata\n\n"), small, STR("[message|12345\n12345\n|0]=0"));
	check(STR("data:1\n\nid:1\ndata:12345\ndata:12345\ndata:1\n\n"), small, STR("[message|1|0]=0 event"));
	check(STR("data:12345\n\ndata:12345\ndata:12\n\n"), small, STR("[message|12345|0][message|12345\n12|0]=0"));
	/* what counts is the text as it is handed out */
	check(STR("data:\xFF\xFF\xFF\xFF\n\n"), small, STR("[message|\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD|0]=0"));
	check(STR("data:\xFF\xFF\xFF\xFF\xFF\n\n"), small, STR("=0 event"));
}

static void
test_errors_stay(void **state)
{
	struct sse_limits small = { .line = 10, .event = 10 };
	struct buf out = { 0 };
	struct sse s;

	(void)state;
	start(&s, &out, small);
	assert_int_equal(sse_feed(&s, STR("id:1\n\n:1234567890\n")), SSE_LINE_TOO_LONG);
	assert_int_equal(sse_feed(&s, STR("\n\ndata:1\n\n")), SSE_LINE_TOO_LONG);
	assert_int_equal(out.n, 0);
	sse_restart(&s);
	assert_int_equal(sse_feed(&s, STR("data:1\n\n")), SSE_OK);
	assert_int_equal(sse_feed(&s, STR_NONE), SSE_OK);
	assert_str(buf_view(&out), STR("[message|1|1]"));
	sse_done(&s);
	buf_done(&out);
}

static void
test_without_callbacks(void **state)
{
	struct buf out = { 0 };
	struct sse_handler h = { .message = on_message, .ctx = &out };
	struct sse s;

	(void)state;
	sse_init(&s, &h, SSE_LIMITS_DEFAULT);
	assert_int_equal(sse_feed(&s, STR(":x\nretry:1\ndata:1\n\n")), SSE_OK);
	assert_str(buf_view(&out), STR("[message|1|]"));
	sse_done(&s);
	buf_done(&out);
}

/* One event of 14 MB in pieces, then a small one; the memory of the big one is given back. */
static void
test_big_event(void **state)
{
	enum { PIECE = 16 << 10, PIECES = 896 };
	struct buf out = { 0 }, piece = { 0 };
	struct sse s;

	(void)state;
	buf_fill(&piece, 'x', PIECE);
	start(&s, &out, SSE_LIMITS_DEFAULT);
	sse_feed(&s, STR("data:"));
	for (int i = 0; i < PIECES; i++)
		assert_int_equal(sse_feed(&s, buf_view(&piece)), SSE_OK);
	assert_int_equal(sse_feed(&s, STR("\n\n")), SSE_OK);
	assert_int_equal(out.n, strlen("[message||]") + (size_t)PIECE * PIECES);
	assert_true(s.line.cap + s.data.cap < 1 << 20);
	sse_done(&s);
	buf_done(&out);
	buf_done(&piece);
}

/*
 * Random streams of the bytes that matter say the same however they are cut.
 */
static void
test_random_splits(void **state)
{
	static const struct str words[] = {
		{ "\n", 1 }, { "\r", 1 }, { "\r\n", 2 }, { "data", 4 }, { "data:", 5 }, { "event:", 6 }, { "id", 2 },
		{ "id:", 3 }, { "retry:", 6 }, { ":", 1 }, { " ", 1 }, { "x", 1 }, { "7", 1 }, { "\0", 1 },
		{ "\xEF\xBB\xBF", 3 }, { "\xEF", 1 }, { "\xBB", 1 }, { "\xE2\x82\xAC", 3 }, { "\xF0\x9F", 2 }, { "\xFF", 1 },
	};
	struct sse_limits small = { .line = 20, .event = 40 };
	uint64_t seed = 7;
	struct buf bytes = { 0 }, want = { 0 };

	(void)state;
	for (int round = 0; round < 2000; round++) {
		buf_clear(&bytes);
		buf_clear(&want);
		for (uint32_t n = unit_random(&seed) % 24; n > 0; n--)
			buf_str(&bytes, words[unit_random(&seed) % (sizeof words / sizeof words[0])]);
		read_split(buf_view(&bytes), bytes.n, 1, small, &want);
		check(buf_view(&bytes), small, buf_view(&want));
	}
	buf_done(&bytes);
	buf_done(&want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decoding),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_retry),
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_cr_is_at_once),
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_errors_stay),
		cmocka_unit_test(test_without_callbacks),
		cmocka_unit_test(test_big_event),
		cmocka_unit_test(test_random_splits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
