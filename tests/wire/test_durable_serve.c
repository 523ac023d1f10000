/* The durable dialect over http against the real server. */
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "tests/serve/serving.h"
#include "wire/dialect.h"

static const struct dialect *const d = &dialect_durable;

struct reader {
	struct serving serving;
	struct http *http;
	struct endpoint ep;
	struct framer *framer;
	struct position at;
	struct buf out;		/* what came, as text */
	size_t records;
	unsigned flags;		/* of the last commit */
	uint64_t request;	/* the open stream, 0 when it has ended */
};

static void
on_record(void *ctx, struct str bytes)
{
	struct reader *r = ctx;

	r->records++;
	buf_printf(&r->out, "%.*s\n", STR_ARG(bytes));
}

static void
on_commit(void *ctx, struct str cursor, unsigned flags)
{
	struct reader *r = ctx;

	buf_set(&r->at.cursor, cursor);
	r->flags = flags;
	buf_str(&r->out, STR("commit\n"));
}

/* Takes a message and frames it when it is the open stream's. */
static void
next(struct reader *r, struct http_message *m)
{
	struct pollfd f = { .fd = http_fd(r->http), .events = POLLIN };
	struct frame_sink sink = { on_record, on_commit, r };
	struct error e;

	while (!http_next(r->http, m))
		if (poll(&f, 1, 20000) <= 0)
			fail_msg("no message came; until now: %s", buf_cstr(&r->out));
	if (m->request != r->request)
		return;
	if (m->kind == HTTP_HEAD)
		assert_true(m->status == 200 || m->status == 204);
	if (d->frame(r->framer, m, &sink, &e) != ERR_OK)
		fail_msg("%s", e.text);
	if (m->kind == HTTP_END)
		r->request = 0;
}

static int
start(void **state)
{
	static struct reader r;
	struct buf url = { 0 };

	r = (struct reader){ .framer = d->framer_new() };
	serving_start(&r.serving, NULL);
	r.http = http_new(NULL);
	buf_printf(&url, "unix:%s:/v1/stream/s", r.serving.socket.p);
	assert_int_equal(endpoint_parse(&r.ep, buf_view(&url), NULL), ERR_OK);
	buf_done(&url);
	*state = &r;
	return 0;
}

static int
stop(void **state)
{
	struct reader *r = *state;

	http_free(r->http);
	serving_end(&r->serving);
	d->framer_free(r->framer);
	endpoint_done(&r->ep);
	buf_done(&r->at.cursor);
	buf_done(&r->out);
	return 0;
}

/* Sends and waits for the end; returns the status. */
static int
ask(struct reader *r, struct http_request *q)
{
	struct http_message m;
	uint64_t id = http_send(r->http, q);

	http_request_done(q);
	do
		next(r, &m);
	while (m.request != id || m.kind != HTTP_END);
	return m.status;
}

static int
create(struct reader *r, const char *type)
{
	struct http_request q;

	assert_int_equal(endpoint_request(&r->ep, "PUT", STR_NONE, &q, NULL), ERR_OK);
	http_request_header(&q, "Content-Type", str_from(type));
	return ask(r, &q);
}

static int
append(struct reader *r, const char *type, const char *body)
{
	struct http_request q;

	assert_int_equal(endpoint_request(&r->ep, "POST", STR_NONE, &q, NULL), ERR_OK);
	http_request_body(&q, type, str_from(body));
	return ask(r, &q);
}

static void
open_stream(struct reader *r, enum read_mode mode)
{
	struct http_request q;

	assert_int_equal(d->read(&r->ep, r->framer, &r->at, mode, &q, NULL), ERR_OK);
	r->request = http_send(r->http, &q);
	http_request_done(&q);
}

/* Until this stands in what came, or to the end of the stream. */
static void
follow(struct reader *r, const char *text)
{
	struct http_message m;

	while (text != NULL ? strstr(buf_cstr(&r->out), text) == NULL : r->request != 0)
		next(r, &m);
}

static void
read_to_end(struct reader *r, enum read_mode mode)
{
	open_stream(r, mode);
	follow(r, NULL);
}

#define EXPECT(r, text) do { \
	assert_string_equal(buf_cstr(&(r)->out), text); \
	buf_clear(&(r)->out); \
} while (0)

static void
test_json(void **state)
{
	struct reader *r = *state;

	assert_int_equal(create(r, "application/json"), 201);
	read_to_end(r, READ_CATCHUP);
	EXPECT(r, "commit\n");
	assert_int_equal(r->flags, COMMIT_UP_TO_DATE);
	assert_int_equal(append(r, "application/json", "[1,{\"a\": 1e0}]"), 204);
	read_to_end(r, READ_CATCHUP);
	EXPECT(r, "1\n{\"a\": 1e0}\ncommit\n");
	read_to_end(r, READ_CATCHUP);
	EXPECT(r, "commit\n");

	open_stream(r, READ_LIVE);
	follow(r, "commit");
	buf_clear(&r->out);
	assert_int_equal(append(r, "application/json", "\"x\""), 204);
	follow(r, "commit");
	EXPECT(r, "\"x\"\ncommit\n");
	assert_int_equal(r->flags, COMMIT_UP_TO_DATE);
	http_cancel(r->http, r->request);
	assert_int_equal(append(r, "application/json", "[3]"), 204);
	read_to_end(r, READ_POLL);
	EXPECT(r, "3\ncommit\n");
}

static int
send_input(struct reader *r, int64_t seq)
{
	struct act act = { .kind = ACT_INPUT, .id = STR("i"), .text = STR("go"), .time = 1,
		.producer = STR("p"), .epoch = 0, .seq = seq };
	struct http_request q;

	assert_int_equal(d->encode(&r->ep, &act, &q, NULL), ERR_OK);
	return ask(r, &q);
}

static void
test_send_once(void **state)
{
	struct reader *r = *state;

	assert_int_equal(create(r, "application/json"), 201);
	assert_int_equal(send_input(r, 0), 200);
	assert_int_equal(send_input(r, 0), 204);
	assert_int_equal(send_input(r, 2), 409);
	assert_int_equal(send_input(r, 1), 200);
	read_to_end(r, READ_CATCHUP);
	assert_int_equal(r->records, 2);
	assert_true(str_starts(buf_view(&r->out), STR("{\"type\":\"terminal\",\"key\":\"i\",")));
}

static void
test_killed_server(void **state)
{
	struct reader *r = *state;

	assert_int_equal(create(r, "application/json"), 201);
	open_stream(r, READ_LIVE);
	follow(r, "commit");
	assert_int_equal(append(r, "application/json", "[1]"), 204);
	follow(r, "1\ncommit\n");
	buf_clear(&r->out);
	serving_stop(&r->serving, SIGKILL);
	follow(r, NULL);
	EXPECT(r, "");
	serving_start(&r->serving, NULL);
	assert_int_equal(append(r, "application/json", "[2]"), 204);
	open_stream(r, READ_LIVE);
	follow(r, "commit");
	EXPECT(r, "2\ncommit\n");
}

static void
test_text_and_bytes(void **state)
{
	struct reader *r = *state;

	assert_int_equal(create(r, "text/plain"), 201);
	assert_int_equal(append(r, "text/plain", "one\r\n two\n"), 204);
	read_to_end(r, READ_CATCHUP);
	EXPECT(r, "\002one\r\n two\n\ncommit\n");
	open_stream(r, READ_LIVE);
	follow(r, "commit");
	buf_clear(&r->out);
	assert_int_equal(append(r, "text/plain", "\n a\n\n"), 204);
	follow(r, "commit");
	EXPECT(r, "\002\n a\n\n\ncommit\n");
	http_cancel(r->http, r->request);

	r->ep.url[strlen(r->ep.url) - 1] = 'b';
	buf_clear(&r->at.cursor);
	assert_int_equal(create(r, "application/octet-stream"), 201);
	read_to_end(r, READ_CATCHUP);
	open_stream(r, READ_LIVE);
	buf_clear(&r->out);
	assert_int_equal(append(r, "application/octet-stream", "\xff\r\n"), 204);
	follow(r, "\002");
	follow(r, "\n\ncommit");
	assert_non_null(strstr(buf_cstr(&r->out), "\002\xff\r\n\ncommit\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_json, start, stop),
		cmocka_unit_test_setup_teardown(test_send_once, start, stop),
		cmocka_unit_test_setup_teardown(test_killed_server, start, stop),
		cmocka_unit_test_setup_teardown(test_text_and_bytes, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
