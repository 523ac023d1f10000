#include "base/mem.h"
#include "base/utf8.h"
#include "tests/unit.h"
#include "wire/dialect.h"

static const struct dialect *const d = &dialect_durable;

/* ---- what comes out, as text */

static void
on_record(void *ctx, struct str bytes)
{
	buf_printf(ctx, "record %.*s\n", STR_ARG(bytes));
}

static void
on_commit(void *ctx, struct str cursor, unsigned flags)
{
	buf_printf(ctx, "commit %.*s%s%s\n", STR_ARG(cursor),
	    flags & COMMIT_UP_TO_DATE ? " up-to-date" : "", flags & COMMIT_CLOSED ? " closed" : "");
}

static void
give(struct framer *f, const struct http_message *m, struct buf *out)
{
	struct frame_sink sink = { on_record, on_commit, out };
	struct error e;

	if (d->frame(f, m, &sink, &e) != ERR_OK)
		buf_printf(out, "error %s\n", e.text);
}

static void
head(struct framer *f, const char *headers, struct buf *out)
{
	give(f, &(struct http_message){ .kind = HTTP_HEAD, .status = 200, .headers = str_from(headers) },
	    out);
}

static void
body(struct framer *f, struct str bytes, struct buf *out)
{
	give(f, &(struct http_message){ .kind = HTTP_BODY, .body = bytes }, out);
}

static void
event(struct framer *f, const char *type, const char *data, struct buf *out)
{
	struct sse_message m = { .type = str_from(type), .data = str_from(data) };

	give(f, &(struct http_message){ .kind = HTTP_SSE, .sse = m }, out);
}

static void
end(struct framer *f, enum http_end why, struct buf *out)
{
	give(f, &(struct http_message){ .kind = HTTP_END, .end = why }, out);
}

/* A framer whose next response is to such a request. */
static void
ask(struct framer *f, enum read_mode mode)
{
	struct endpoint ep = { .url = mem_strdup("http://127.0.0.1:1/v1/stream/x") };
	struct position at = { .skip = 0 };
	struct http_request r;

	assert_int_equal(d->read(&ep, f, &at, mode, &r, NULL), ERR_OK);
	http_request_done(&r);
	endpoint_done(&ep);
}

#define EXPECT(out, text) do { \
	assert_string_equal(buf_cstr(&(out)), text); \
	buf_clear(&(out)); \
} while (0)

/* ---- requests */

static void
check_request(struct framer *f, const char *url, const char *cursor, enum read_mode mode,
    const char *want)
{
	struct endpoint ep = { .url = mem_strdup(url) };
	struct position at = { .skip = 0 };
	struct http_request r;

	buf_str(&at.cursor, str_from(cursor));
	assert_int_equal(d->read(&ep, f, &at, mode, &r, NULL), ERR_OK);
	assert_string_equal(r.url, want);
	assert_string_equal(r.method, "GET");
	assert_int_equal(r.stream, mode == READ_LIVE);
	assert_true(r.silence_timeout > 60000 && r.total_timeout > 3600000 && r.max_body > 1 << 30);
	http_request_done(&r);
	buf_done(&at.cursor);
	endpoint_done(&ep);
}

static void
test_requests(void **state)
{
	struct framer *f = d->framer_new();
	struct buf out = { 0 };

	(void)state;
	check_request(f, "http://h/s", "", READ_CATCHUP, "http://h/s?offset=-1");
	check_request(f, "http://h/s", "", READ_LIVE, "http://h/s?live=sse&offset=-1");
	check_request(f, "http://h/s?a=b", "0_1", READ_POLL, "http://h/s?a=b&live=long-poll&offset=0_1");
	check_request(f, "http://h/s", "a+b %", READ_CATCHUP, "http://h/s?offset=a%2Bb%20%25");
	head(f, "Content-Type: application/json\r\nStream-Next-Offset: 1\r\nStream-Cursor: 4 2\r\n", &out);
	check_request(f, "http://h/s", "1", READ_CATCHUP, "http://h/s?offset=1");
	check_request(f, "http://h/s", "1", READ_LIVE, "http://h/s?cursor=4%202&live=sse&offset=1");
	event(f, "control", "{\"streamNextOffset\":\"2\",\"streamCursor\":\"43\"}", &out);
	check_request(f, "http://h/s", "2", READ_POLL, "http://h/s?cursor=43&live=long-poll&offset=2");
	d->framer_free(f);
	buf_done(&out);
}

static void
test_heartbeats_shorten_the_watchdog(void **state)
{
	struct framer *f = d->framer_new();
	struct endpoint ep = { .url = mem_strdup("http://127.0.0.1:1/") };
	struct position at = { .skip = 0 };
	struct http_request r;
	struct buf out = { 0 };

	(void)state;
	give(f, &(struct http_message){ .kind = HTTP_ALIVE }, &out);
	assert_int_equal(d->read(&ep, f, &at, READ_LIVE, &r, NULL), ERR_OK);
	assert_int_equal(r.silence_timeout, 40000);
	http_request_done(&r);
	endpoint_done(&ep);
	d->framer_free(f);
}

/* ---- plain responses */

#define JSON_HEAD "Content-Type: Application/JSON; charset=utf-8\r\nStream-Next-Offset: 9\r\n"
#define TEXT_HEAD "Content-Type: text/plain\r\nStream-Next-Offset: 9\r\n"

static void
test_catch_up(void **state)
{
	struct str text = STR(" [ {\"a\":[1,\"]\"]} ,2]\n[]\n[ \"x\" ]");
	struct framer *f = d->framer_new();
	struct buf out = { 0 };

	(void)state;
	for (size_t step = 1; step <= text.n; step++) {
		head(f, JSON_HEAD "Stream-Up-To-Date: true\r\n", &out);
		for (struct str rest = text; rest.n > 0; rest = str_skip(rest, step))
			body(f, str_head(rest, step), &out);
		end(f, HTTP_DONE, &out);
		EXPECT(out, "record {\"a\":[1,\"]\"]}\nrecord 2\nrecord \"x\"\ncommit 9 up-to-date\n");
	}
	head(f, JSON_HEAD "Stream-Closed: TRUE\r\n", &out);
	body(f, STR("[]"), &out);
	end(f, HTTP_DONE, &out);
	EXPECT(out, "commit 9 up-to-date closed\n");
	head(f, JSON_HEAD "Stream-Closed: yes\r\nStream-Up-To-Date: 1\r\n", &out);
	body(f, STR("[]"), &out);
	end(f, HTTP_DONE, &out);
	EXPECT(out, "commit 9\n");
	d->framer_free(f);
	buf_done(&out);
}

static void
test_cut_and_broken(void **state)
{
	struct framer *f = d->framer_new();
	struct buf out = { 0 };

	(void)state;
	head(f, JSON_HEAD, &out);
	body(f, STR("[1,2,3"), &out);
	end(f, HTTP_RESET, &out);
	EXPECT(out, "record 1\nrecord 2\n");
	head(f, JSON_HEAD, &out);
	body(f, STR("[1,2"), &out);
	end(f, HTTP_DONE, &out);
	assert_true(str_starts(buf_view(&out), STR("record 1\nerror ")));
	buf_clear(&out);
	head(f, JSON_HEAD, &out);
	body(f, STR("[1,}"), &out);
	assert_true(str_starts(buf_view(&out), STR("record 1\nerror ")));
	buf_clear(&out);
	head(f, "Content-Type: text/html\r\n", &out);
	assert_non_null(strstr(buf_cstr(&out), "not a Durable Stream"));
	buf_clear(&out);
	/* Nothing of it stays. */
	head(f, JSON_HEAD, &out);
	body(f, STR("[4]"), &out);
	end(f, HTTP_DONE, &out);
	EXPECT(out, "record 4\ncommit 9\n");
	d->framer_free(f);
	buf_done(&out);
}

static void
test_long_poll(void **state)
{
	struct framer *f = d->framer_new();
	struct buf out = { 0 };

	(void)state;
	head(f, JSON_HEAD, &out);
	body(f, STR("[1]"), &out);
	end(f, HTTP_DONE, &out);
	ask(f, READ_POLL);
	head(f, "Stream-Next-Offset: 9\r\nStream-Up-To-Date: true\r\nStream-Closed: true\r\n", &out);
	end(f, HTTP_DONE, &out);
	ask(f, READ_LIVE);
	head(f, "Content-Type: text/event-stream\r\n", &out);
	event(f, "data", "[2]", &out);
	EXPECT(out, "record 1\ncommit 9\ncommit 9 up-to-date closed\nrecord 2\n");
	d->framer_free(f);
	buf_done(&out);
}

/* ---- text */

struct pieces {
	struct buf all;
	size_t n, sizes[16];
};

static void
on_piece(void *ctx, struct str bytes)
{
	struct pieces *p = ctx;

	assert_int_equal(bytes.p[0], 2);
	assert_true(utf8_valid(bytes));
	p->sizes[p->n++] = bytes.n - 1;
	buf_str(&p->all, str_skip(bytes, 1));
}

static void
no_commit(void *ctx, struct str cursor, unsigned flags)
{
	(void)ctx;
	(void)cursor;
	(void)flags;
}

static void
cut_text(struct str text, size_t step, enum http_end why, struct pieces *p)
{
	struct framer *f = d->framer_new();
	struct frame_sink sink = { on_piece, no_commit, p };
	struct http_message m = { .kind = HTTP_HEAD, .headers = STR(TEXT_HEAD) };

	*p = (struct pieces){ 0 };
	assert_int_equal(d->frame(f, &m, &sink, NULL), ERR_OK);
	for (; text.n > 0; text = str_skip(text, step)) {
		m = (struct http_message){ .kind = HTTP_BODY, .body = str_head(text, step) };
		assert_int_equal(d->frame(f, &m, &sink, NULL), ERR_OK);
	}
	m = (struct http_message){ .kind = HTTP_END, .end = why };
	assert_int_equal(d->frame(f, &m, &sink, NULL), ERR_OK);
	d->framer_free(f);
}

/* However the bytes come, the records are the same, and a cut one gives the first of them. */
static void
test_text_pieces(void **state)
{
	static const size_t steps[] = { 1, 7, 65535, 65536, 65537, 100000, 1 << 20 };
	struct buf text = { 0 };
	struct pieces first, p;

	(void)state;
	while (text.n < 200000)
		buf_str(&text, STR("\xf0\x9f\x98\x80-"));
	cut_text(buf_view(&text), 1, HTTP_DONE, &first);
	assert_int_equal(first.n, 4);
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		cut_text(buf_view(&text), steps[i], HTTP_DONE, &p);
		assert_str(buf_view(&p.all), buf_view(&text));
		assert_int_equal(p.n, first.n);
		assert_memory_equal(p.sizes, first.sizes, sizeof p.sizes);
		buf_done(&p.all);
		cut_text(buf_view(&text), steps[i], HTTP_RESET, &p);
		assert_int_equal(p.n, first.n - 1);
		assert_memory_equal(p.sizes, first.sizes, 3 * sizeof *p.sizes);
		buf_done(&p.all);
	}
	buf_done(&first.all);
	buf_done(&text);
}

/* ---- event streams */

static struct framer *
live(const char *plain, const char *headers, struct buf *out)
{
	struct framer *f = d->framer_new();

	if (plain != NULL) {
		head(f, plain, out);
		end(f, HTTP_RESET, out);
	}
	ask(f, READ_LIVE);
	head(f, headers, out);
	return f;
}

static void
test_json_events(void **state)
{
	struct buf out = { 0 };
	struct framer *f = live(JSON_HEAD, "Content-Type: text/event-stream\r\n", &out);

	(void)state;
	event(f, "data", "[1,\n{\"a\":2}]", &out);
	EXPECT(out, "record 1\nrecord {\"a\":2}\n");
	event(f, "control", "{\"streamNextOffset\":\"a\\u0062\",\"upToDate\":true,\"x\":[]}", &out);
	EXPECT(out, "commit ab up-to-date\n");
	event(f, "message", "[7]", &out);
	event(f, "data", "[]", &out);
	event(f, "control", "{\"streamNextOffset\":\"c\",\"upToDate\":false}", &out);
	event(f, "data", "[3]", &out);
	event(f, "control", "{\"streamNextOffset\":\"d\",\"streamClosed\":true}", &out);
	event(f, "data", "[4]", &out);
	end(f, HTTP_DONE, &out);
	EXPECT(out, "commit c\nrecord 3\ncommit d up-to-date closed\nrecord 4\n");
	d->framer_free(f);
	buf_done(&out);
}

static void
test_bad_events(void **state)
{
	static const struct {
		const char *type, *data;
	} bad[] = {
		{ "control", "" }, { "control", "{}" }, { "control", "x" }, { "control", "[]" },
		{ "control", "{\"streamNextOffset\":\"\"}" }, { "control", "{\"streamNextOffset\":7}" },
		{ "control", "{\"streamNextOffset\":\"1\"} x" }, { "control", "{\"streamNextOffset\":\"1\"" },
		{ "data", "[1" }, { "data", "[1]]" }, { "data", "{" }, { "data", "[1,2," },
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct buf out = { 0 };
		struct framer *f = live(JSON_HEAD, "Content-Type: text/event-stream\r\n", &out);

		event(f, bad[i].type, bad[i].data, &out);
		/* Nothing of it counts. */
		if (!str_starts(buf_view(&out), STR("error ")))
			fail_msg("%s %s: %s", bad[i].type, bad[i].data, buf_cstr(&out));
		d->framer_free(f);
		buf_done(&out);
	}
}

static void
test_text_events(void **state)
{
	struct buf out = { 0 };
	struct framer *f = live(TEXT_HEAD, "Content-Type: text/event-stream\r\n", &out);

	(void)state;
	event(f, "data", "[1]", &out);
	event(f, "data", "", &out);
	event(f, "data", " two", &out);
	EXPECT(out, "");
	event(f, "control", "{\"streamNextOffset\":\"5\"}", &out);
	EXPECT(out, "record \002[1] two\ncommit 5\n");
	event(f, "control", "{\"streamNextOffset\":\"5\",\"upToDate\":true}", &out);
	event(f, "data", "lost", &out);
	end(f, HTTP_RESET, &out);
	ask(f, READ_LIVE);
	head(f, "Content-Type: text/event-stream\r\n", &out);
	event(f, "control", "{\"streamNextOffset\":\"6\"}", &out);
	EXPECT(out, "commit 5 up-to-date\ncommit 6\n");
	d->framer_free(f);
	buf_done(&out);
}

static void
test_base64_events(void **state)
{
	struct buf out = { 0 };
	struct framer *f = live(NULL, "Content-Type: text/event-stream\r\n"
	    "Stream-SSE-Data-Encoding: base64\r\n", &out);

	(void)state;
	event(f, "data", "aGVs\nbG8=", &out);
	event(f, "data", "", &out);
	event(f, "data", "IQ==", &out);
	event(f, "control", "{\"streamNextOffset\":\"5\"}", &out);
	EXPECT(out, "record \002hello!\ncommit 5\n");
	event(f, "data", "aGVsbG8", &out);
	event(f, "data", "a*==", &out);
	event(f, "data", "=aaa", &out);
	event(f, "data", "a===", &out);
	event(f, "data", "aa==aaaa", &out);
	event(f, "control", "{\"streamNextOffset\":\"6\"}", &out);
	for (int i = 0; i < 5; i++) {
		char *p = strstr(buf_cstr(&out), "error ");

		assert_non_null(p);
		*p = ' ';
	}
	assert_null(strstr(buf_cstr(&out), "record"));
	d->framer_free(f);
	buf_done(&out);
}

static void
test_sort_from_the_data(void **state)
{
	struct buf out = { 0 };
	struct framer *f = live(NULL, "Content-Type: text/event-stream\r\n", &out);

	(void)state;
	event(f, "data", "[1]", &out);
	EXPECT(out, "record 1\n");
	d->framer_free(f);
	f = live(NULL, "Content-Type: text/event-stream\r\n", &out);
	event(f, "data", "[1", &out);
	event(f, "control", "{\"streamNextOffset\":\"6\"}", &out);
	EXPECT(out, "record \002[1\ncommit 6\n");
	d->framer_free(f);
	buf_done(&out);
}

static void
test_list(void **state)
{
	(void)state;
	assert_ptr_equal(dialect_by_name(STR("durable")), d);
	assert_null(dialect_by_name(STR("durabl")));
	assert_ptr_equal(dialect_guess(STR("http://h/v1/stream/x")), d);
	assert_null(dialect_guess(STR("http://h/x?y=/v1/stream/")));
	for (const struct dialect *const *p = dialects; *p != NULL; p++)
		assert_ptr_equal(dialect_by_name(str_from((*p)->name)), *p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_heartbeats_shorten_the_watchdog),
		cmocka_unit_test(test_catch_up),
		cmocka_unit_test(test_cut_and_broken),
		cmocka_unit_test(test_long_poll),
		cmocka_unit_test(test_text_pieces),
		cmocka_unit_test(test_json_events),
		cmocka_unit_test(test_bad_events),
		cmocka_unit_test(test_text_events),
		cmocka_unit_test(test_base64_events),
		cmocka_unit_test(test_sort_from_the_data),
		cmocka_unit_test(test_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
