#include "tests/unit.h"

#include "base/clock.h"
#include "tests/model/rig.h"

static void
test_a_stream_without_ids_has_gaps(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, &dialect_sse, "http://h/events");
	link_start(r.link);
	rig_run(&r, 0);
	rig_asked(&r, "GET /events\n");
	rig_head(&r, 0, 200, "text/event-stream");
	assert_int_equal(link_state(r.link), LINK_LIVE);
	rig_event(&r, 0, "one");
	rig_event(&r, 0, "two");
	rig_end(&r, 0, HTTP_RESET);
	assert_int_equal(link_state(r.link), LINK_WAITING);
	rig_run(&r, 60000);
	rig_asked(&r, "GET /events\n");
	rig_head(&r, 1, 200, "text/event-stream");
	assert_int_equal(r.missed, 1);
	assert_int_equal(link_stats(r.link)->gaps, 1);
	/* Nothing is taken for what was there before. */
	rig_event(&r, 1, "two");
	rig_expect(&r, "raw text=one\nraw text=two\nraw text=two\n");
	assert_false(link_stats(r.link)->proven);
	rig_done(&r);
}

static void
test_a_stream_with_ids_goes_on(void **state)
{
	const struct http_message m = { .request = 1, .kind = HTTP_SSE,
		.sse = { STR("message"), STR("one"), STR("5") } };
	struct rig r;

	(void)state;
	rig_init(&r, &dialect_sse, "http://h/events");
	link_start(r.link);
	rig_run(&r, 0);
	rig_head(&r, 0, 200, "text/event-stream");
	link_message(r.link, &m);
	rig_end(&r, 0, HTTP_RESET);
	rig_run(&r, 60000);
	rig_asked(&r, "GET /events\nGET /events behind 5\n");
	rig_head(&r, 1, 200, "text/event-stream");
	assert_int_equal(r.missed, 0);
	assert_int_equal(link_stats(r.link)->gaps, 0);
	rig_done(&r);
}

static void
test_an_id_without_an_event(void **state)
{
	static const enum http_end ends[] = { HTTP_DONE, HTTP_RESET, HTTP_SILENT };

	(void)state;
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		const struct http_message end = { .request = 1, .kind = HTTP_END, .end = ends[i],
			.sse.id = STR("9") };
		struct rig r;

		rig_init(&r, &dialect_sse, "http://h/events");
		link_start(r.link);
		rig_run(&r, 0);
		rig_head(&r, 0, 200, "text/event-stream");
		rig_event(&r, 0, "one");
		link_message(r.link, &end);
		rig_run(&r, 60000);
		rig_asked(&r, "GET /events\nGET /events behind 9\n");
		rig_head(&r, 1, 200, "text/event-stream");
		assert_int_equal(r.missed, 0);
		rig_done(&r);
	}
}

/* However short they are, streams are all there is. */
static void
test_it_is_never_polled(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, &dialect_sse, "http://h/events");
	link_start(r.link);
	for (size_t i = 0; i < 12; i++) {
		rig_run(&r, 60000);
		rig_asked(&r, "GET /events\n");
		rig_head(&r, i, 200, "text/event-stream");
		rig_end(&r, i, HTTP_RESET);
	}
	rig_done(&r);
}

static void
test_a_text_ends(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, &dialect_sse, "http://h/log");
	link_start(r.link);
	rig_run(&r, 0);
	rig_head(&r, 0, 200, "text/plain");
	rig_body(&r, 0, "one\ntwo");
	rig_end(&r, 0, HTTP_DONE);
	assert_int_equal(link_state(r.link), LINK_CLOSED);
	rig_expect(&r, "raw text=one\nraw text=two\n");
	rig_done(&r);
}

static void
test_a_web_page_is_no_server(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, &dialect_sse, "http://h/");
	link_start(r.link);
	rig_run(&r, 0);
	rig_head(&r, 0, 200, "text/html");
	rig_body(&r, 0, "<html>");
	rig_end(&r, 0, HTTP_DONE);
	assert_int_equal(link_state(r.link), LINK_FAILED);
	assert_str(link_detail(r.link),
	    STR("this is a web page, not an agent server; check the address: <html>"));
	rig_done(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_stream_without_ids_has_gaps),
		cmocka_unit_test(test_a_stream_with_ids_goes_on),
		cmocka_unit_test(test_an_id_without_an_event),
		cmocka_unit_test(test_it_is_never_polled),
		cmocka_unit_test(test_a_text_ends),
		cmocka_unit_test(test_a_web_page_is_no_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
