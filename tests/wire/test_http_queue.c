#include <poll.h>
#include <sys/eventfd.h>

#include "tests/unit.h"
#include "wire/http_queue.h"

static int
setup(void **state)
{
	static struct http_queue q;

	*state = &q;
	return http_queue_init(&q, NULL) == ERR_OK ? 0 : -1;
}

static int
teardown(void **state)
{
	http_queue_done(*state);
	return 0;
}

static void
put_body(struct http_queue *q, struct http_account *a, uint64_t request, struct str body)
{
	http_queue_stage(q, &(struct http_message){ .request = request, .kind = HTTP_BODY,
	    .body = body });
	http_queue_put(q, a);
}

static bool
take(struct http_queue *q, struct http_message *m)
{
	bool room;

	return http_queue_take(q, m, &room);
}

static void
test_messages(void **state)
{
	struct http_queue *q = *state;
	struct http_account a = { 0 };
	struct http_message m;

	http_queue_open(q, 7);
	http_queue_stage(q, &(struct http_message){ .request = 7, .kind = HTTP_HEAD, .status = 599,
	    .headers = STR("A: b\r\n") });
	http_queue_stage(q, &(struct http_message){ .request = 7, .kind = HTTP_SSE,
	    .sse = { STR("t"), STR("data"), STR("") } });
	http_queue_stage(q, &(struct http_message){ .request = 7, .kind = HTTP_RETRY,
	    .number = UINT64_MAX });
	http_queue_stage(q, &(struct http_message){ .request = 7, .kind = HTTP_ALIVE });
	assert_false(take(q, &m));
	http_queue_put(q, &a);
	http_queue_stage(q, &(struct http_message){ .request = 7, .kind = HTTP_END, .status = 200,
	    .end = HTTP_RESET, .detail = STR("why"), .retry_after = 600000 });
	http_queue_put(q, &a);

	assert_true(take(q, &m));
	assert_int_equal(m.request, 7);
	assert_int_equal(m.kind, HTTP_HEAD);
	assert_int_equal(m.status, 599);
	assert_str(m.headers, STR("A: b\r\n"));
	assert_true(take(q, &m));
	assert_int_equal(m.kind, HTTP_SSE);
	assert_str(m.sse.type, STR("t"));
	assert_str(m.sse.data, STR("data"));
	assert_int_equal(m.sse.id.n, 0);
	assert_true(take(q, &m) && m.kind == HTTP_RETRY && m.number == UINT64_MAX);
	assert_true(take(q, &m) && m.kind == HTTP_ALIVE);
	assert_true(take(q, &m) && m.kind == HTTP_END && m.end == HTTP_RESET && m.status == 200);
	assert_str(m.detail, STR("why"));
	assert_int_equal(m.retry_after, 600000);
	assert_false(take(q, &m));
	/* Its end was its end. */
	put_body(q, &a, 7, STR("late"));
	assert_false(take(q, &m));
}

static void
test_closed_requests(void **state)
{
	struct http_queue *q = *state;
	struct http_account a = { 0 }, b = { 0 };
	struct http_message m;

	for (uint64_t i = 1; i <= 9; i++)
		http_queue_open(q, i);
	for (uint64_t i = 1; i <= 9; i++)
		put_body(q, i % 2 ? &a : &b, i, STR("x"));
	assert_true(take(q, &m) && m.request == 1);
	assert_true(http_queue_close(q, 2));
	assert_false(http_queue_close(q, 2));
	assert_true(http_queue_close(q, 9));
	assert_true(http_queue_close(q, 4));
	for (uint64_t i = 3; i <= 8; i += i == 3 ? 2 : 1)
		assert_true(take(q, &m) && m.request == i);
	assert_false(take(q, &m));
}

static void
test_bound(void **state)
{
	struct http_queue *q = *state;
	struct http_account a = { 0 }, b = { 0 };
	struct buf body = { 0 };
	struct http_message m;
	bool room = false;
	size_t n = 0, rooms = 0;

	buf_fill(&body, 'x', 100000);
	http_queue_open(q, 1);
	for (; !http_queue_full(q, &a); n++)
		put_body(q, &a, 1, buf_view(&body));
	assert_int_equal(n, HTTP_QUEUE_MAX / 100000 + 1);
	assert_true(http_queue_full(q, &a));
	/* Each has a bound of its own. */
	assert_false(http_queue_full(q, &b));
	for (; n > 0; n--) {
		assert_true(http_queue_take(q, &m, &room));
		rooms += room;
		assert_false(http_queue_full(q, &a));
	}
	assert_int_equal(rooms, 1);
	assert_false(http_queue_take(q, &m, &room));
	assert_false(room);
	buf_done(&body);
}

static bool
readable(const struct http_queue *q)
{
	struct pollfd f = { .fd = q->fd, .events = POLLIN };

	return poll(&f, 1, 0) == 1;
}

static void
test_wake_ups(void **state)
{
	struct http_queue *q = *state;
	struct http_account a = { 0 };
	struct http_message m;
	eventfd_t count;

	http_queue_open(q, 1);
	assert_false(readable(q));
	http_queue_put(q, &a);
	assert_false(readable(q));
	put_body(q, &a, 1, STR("x"));
	put_body(q, &a, 1, STR("x"));
	assert_int_equal(eventfd_read(q->fd, &count), 0);
	assert_int_equal(count, 1);
	eventfd_write(q->fd, count);
	assert_true(take(q, &m) && take(q, &m));
	assert_true(readable(q));
	assert_false(take(q, &m));
	assert_false(readable(q));
	put_body(q, &a, 1, STR("x"));
	assert_true(readable(q));
}

int
main(void)
{
#define WITH_QUEUE(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH_QUEUE(test_messages),
		WITH_QUEUE(test_closed_requests),
		WITH_QUEUE(test_bound),
		WITH_QUEUE(test_wake_ups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
