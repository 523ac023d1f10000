#include "tests/unit.h"

#include "tests/wire/framing.h"

static const struct dialect *const d = &dialect_sse;

static void
test_every_event_is_a_record(void **state)
{
	struct framing x;

	(void)state;
	framing_init(&x, d, "http://h/events?a=b");
	framing_ask(&x, READ_LIVE, "GET http://h/events?a=b");
	framing_head(&x, "Text/Event-Stream; charset=utf-8");
	framing_event(&x, "message", "", "one");
	framing_expect(&x, "record data: one\n\ncommit \n");
	framing_event(&x, "tick\nid: 9", "", "two\nlines\n");
	framing_expect(&x, "record event: tickid: 9\ndata: two\ndata: lines\ndata: \n\ncommit \n");
	framing_event(&x, "message", "", "");
	framing_expect(&x, "record data: \n\ncommit \n");
	framing_end(&x);
	framing_expect(&x, "");
	framing_done(&x);
}

/* What stands behind the last id comes again, so that is what is counted. */
static void
test_ids_are_cursors(void **state)
{
	struct http_request r;
	struct framing x;

	(void)state;
	framing_init(&x, d, "http://h/events");
	framing_ask(&x, READ_LIVE, "GET http://h/events");
	framing_head(&x, "text/event-stream");
	framing_event(&x, "message", "7", "a");
	framing_expect(&x, "record id: 7\ndata: a\n\ncommit 7\n");
	framing_event(&x, "message", "7", "b");
	framing_expect(&x, "record data: b\n\n");
	framing_event(&x, "message", "8", "c");
	framing_expect(&x, "record id: 8\ndata: c\n\ncommit 8\n");
	assert_int_equal(d->read(&x.ep, x.f, &x.at, READ_LIVE, &r, NULL), ERR_OK);
	assert_string_equal(r.last_event_id, "8");
	assert_true(r.stream);
	http_request_done(&r);
	/* The parser is seeded with the id: until another one comes nothing is committed. */
	framing_head(&x, "text/event-stream");
	framing_event(&x, "message", "8", "d");
	framing_expect(&x, "record data: d\n\n");
	framing_done(&x);
}

/* An id that no event came with is where the stream goes on all the same. */
static void
test_last_id_without_an_event(void **state)
{
	struct http_message end = { .kind = HTTP_END, .end = HTTP_RESET };
	struct framing x;

	(void)state;
	framing_init(&x, d, "http://h/events");
	framing_ask(&x, READ_LIVE, NULL);
	framing_head(&x, "text/event-stream");
	framing_event(&x, "message", "7", "a");
	framing_expect(&x, "record id: 7\ndata: a\n\ncommit 7\n");
	end.sse.id = STR("7");
	framing_give(&x, end);
	framing_expect(&x, "");
	end.sse.id = STR("9");
	framing_give(&x, end);
	framing_expect(&x, "commit 9\n");
	framing_done(&x);
}

static void
test_text_goes_by_lines(void **state)
{
	struct framing x;

	(void)state;
	framing_init(&x, d, "http://h/log");
	framing_ask(&x, READ_LIVE, NULL);
	assert_true(framing_head(&x, "application/x-ndjson"));
	framing_body(&x, "{\"a\":1}\n{\"b\"");
	framing_expect(&x, "record data: {\"a\":1}\n\ncommit \n");
	framing_body(&x, ":2}\nlast");
	framing_expect(&x, "record data: {\"b\":2}\n\ncommit \n");
	framing_end(&x);
	framing_expect(&x, "record data: last\n\ncommit  up-to-date closed\n");
	framing_done(&x);
}

static void
test_web_pages_are_refused(void **state)
{
	struct framing x;

	(void)state;
	framing_init(&x, d, "http://h/");
	framing_ask(&x, READ_LIVE, NULL);
	assert_false(framing_head(&x, "text/html; charset=utf-8"));
	framing_expect(&x, "error this is a web page, not an agent server; check the address\n");
	assert_false(framing_head(&x, "image/png"));
	framing_expect(&x, "error this is image/png, neither an event stream nor a text; check the address\n");
	framing_done(&x);
}

static void
test_events_are_shown_as_they_are(void **state)
{
	(void)state;
	framing_decode(d, "data: one\n", "note level=raw text=one\n");
	framing_decode(d, "event: tick\nid: 3\ndata: a\ndata: b\n", "note level=raw text=tick a\\nb\n");
	framing_decode(d, "", "note level=raw\n");
	framing_decode(d, "data: {\"type\":\"presence:joined\",\"data\":{\"userId\":\"anna\"}}\n",
	    "who op=join user=anna\n");
}

static void
test_nothing_can_be_sent(void **state)
{
	struct endpoint ep = { .url = mem_strdup("http://h/events") };
	const struct act act = { .kind = ACT_INPUT, .text = STR("x") };
	struct http_request r;
	struct error e;

	(void)state;
	assert_int_equal(d->encode(&ep, &act, &r, &e), ERR_DENIED);
	assert_string_equal(e.text, "http://h/events is an event stream, where nothing can be sent");
	endpoint_done(&ep);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_event_is_a_record),
		cmocka_unit_test(test_ids_are_cursors),
		cmocka_unit_test(test_last_id_without_an_event),
		cmocka_unit_test(test_text_goes_by_lines),
		cmocka_unit_test(test_web_pages_are_refused),
		cmocka_unit_test(test_events_are_shown_as_they_are),
		cmocka_unit_test(test_nothing_can_be_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
