#include "tests/unit.h"

#include "tests/wire/framing.h"

static const struct dialect *const d = &dialect_session;

#define URL "http://h/api/sessions/s1"
#define NUMBERED(n) "{\"id\":\"" n "\",\"offset\":" n ",\"type\":\"chunk\",\"data\":{\"text\":\"" n "\"}}"
#define PLAIN(id) "{\"id\":\"" id "\",\"type\":\"chunk\",\"data\":{\"text\":\"" id "\"}}"

static void
give_page(struct framing *x, const char *body)
{
	framing_head(x, "application/json; charset=utf-8");
	framing_body(x, body);
	framing_end(x);
}

static void
test_pages_then_the_stream(void **state)
{
	struct framing x;

	(void)state;
	framing_init(&x, d, URL "/stream?x=y");
	framing_ask(&x, READ_CATCHUP, "GET " URL "/events?limit=100&offset=0");
	give_page(&x, "{\"ok\":true,\"data\":[" NUMBERED("0") "," NUMBERED("1") "],\"pagination\":"
	    "{\"hasMore\":true}}");
	framing_expect(&x, "record " NUMBERED("0") "\ncommit 1\nrecord " NUMBERED("1") "\ncommit 2\n"
	    "commit 2\n");
	framing_ask(&x, READ_CATCHUP, "GET " URL "/events?limit=100&offset=2");
	give_page(&x, "{\"data\":[],\"pagination\":{\"hasMore\":false}}");
	framing_expect(&x, "commit 2 up-to-date\n");
	framing_ask(&x, READ_LIVE, "GET " URL "/stream?fromOffset=2");
	framing_head(&x, "text/event-stream");
	framing_event(&x, "message", "", "{\"type\":\"connected\",\"currentOffset\":2}");
	framing_expect(&x, "commit 2 up-to-date\n");
	/* The event it was to begin behind comes too. */
	framing_event(&x, "message", "", NUMBERED("1"));
	framing_expect(&x, "again\n");
	framing_event(&x, "message", "", NUMBERED("2"));
	framing_expect(&x, "record " NUMBERED("2") "\ncommit 3 up-to-date\n");
	framing_done(&x);
}

static void
test_what_is_missing_is_said(void **state)
{
	struct framing x;

	(void)state;
	framing_init(&x, d, URL);
	framing_ask(&x, READ_LIVE, NULL);
	framing_head(&x, "text/event-stream");
	framing_event(&x, "message", "", NUMBERED("3"));
	framing_expect(&x, "record {\"type\":\"weir:gap\",\"data\":{\"from\":0,\"to\":2}}\n"
	    "record " NUMBERED("3") "\ncommit 4 up-to-date\n");
	framing_done(&x);
	framing_decode(d, "{\"type\":\"weir:gap\",\"data\":{\"from\":0,\"to\":2}}",
	    "note level=warn text=the server does not have some of the events that came here\n");
}

/* Offsets of a server that keeps all in memory begin anew when it does. */
static void
test_a_server_that_began_anew(void **state)
{
	struct framing x;

	(void)state;
	framing_init(&x, d, "http://h/api/streams/s1/subscribe");
	buf_set(&x.at.cursor, STR("7"));
	framing_ask(&x, READ_CATCHUP, "GET http://h/api/streams/s1/subscribe?fromOffset=7");
	framing_head(&x, "text/event-stream");
	framing_event(&x, "message", "", "{\"type\":\"connected\",\"currentOffset\":6}");
	framing_expect(&x, "commit 7 up-to-date\n");
	framing_event(&x, "message", "", "{\"type\":\"connected\",\"currentOffset\":3}");
	framing_expect(&x, "commit  reset\n");
	framing_done(&x);
}

/* Where nothing is numbered events are counted, and known by their ids. */
static void
test_events_without_offsets(void **state)
{
	struct framing x;

	(void)state;
	framing_init(&x, d, URL);
	framing_ask(&x, READ_CATCHUP, "GET " URL "/events?limit=100&offset=0");
	give_page(&x, "{\"data\":[" PLAIN("a") "," PLAIN("b") "]}");
	framing_expect(&x, "record " PLAIN("a") "\ncommit i1\nrecord " PLAIN("b") "\ncommit i2\n"
	    "commit i2 up-to-date\n");
	framing_ask(&x, READ_LIVE, "GET " URL "/stream?fromOffset=2");
	framing_head(&x, "text/event-stream");
	framing_event(&x, "message", "", PLAIN("a"));
	framing_event(&x, "message", "", PLAIN("b"));
	framing_event(&x, "message", "", PLAIN("c"));
	framing_expect(&x, "again\nagain\nrecord " PLAIN("c") "\ncommit i3\n");
	framing_done(&x);
	/* A program that was started again knows how many, and asks which. */
	framing_init(&x, d, URL);
	buf_set(&x.at.cursor, STR("i2"));
	framing_ask(&x, READ_CATCHUP, "GET " URL "/events?limit=100&offset=0");
	give_page(&x, "{\"data\":[" PLAIN("a") "," PLAIN("b") "," PLAIN("c") "]}");
	framing_expect(&x, "record " PLAIN("c") "\ncommit i3\ncommit i3 up-to-date\n");
	framing_done(&x);
}

static void
test_errors(void **state)
{
	struct framing x;

	(void)state;
	framing_init(&x, d, URL);
	framing_ask(&x, READ_LIVE, NULL);
	assert_false(framing_head(&x, "text/html"));
	framing_expect(&x, "error this is a web page and no session; check the address\n");
	framing_head(&x, "text/event-stream");
	assert_false(framing_event(&x, "error", "", "{\"type\":\"error\",\"data\":{\"message\":\"full\"}}"));
	assert_false(framing_event(&x, "message", "", "{\"type\":\"error\",\"error\":{\"code\":\"X\","
	    "\"message\":\"gone\"}}"));
	framing_expect(&x, "error the server says: full\nerror the server says: gone\n");
	framing_ask(&x, READ_CATCHUP, NULL);
	framing_head(&x, "application/json");
	assert_true(framing_body(&x, "{\"ok\":false}"));
	assert_false(framing_end(&x));
	framing_expect(&x, "error this is no page of a session's events\n");
	framing_done(&x);
}

static void
check_act(struct act act, const char *want)
{
	struct endpoint ep = { .url = mem_strdup(URL "/stream") };
	struct http_request r;
	struct buf got = { 0 };

	assert_int_equal(d->encode(&ep, &act, &r, NULL), ERR_OK);
	buf_printf(&got, "%s %s %.*s", r.method, r.url, STR_ARG(buf_view(&r.body)));
	assert_str(buf_view(&got), str_from(want));
	http_request_done(&r);
	buf_done(&got);
	endpoint_done(&ep);
}

/* What an agent does in all sessions is no place to be in. */
static void
test_nobody_is_in_an_agent(void **state)
{
	struct endpoint ep = { .url = mem_strdup("http://h/api/sessions/agent:main/stream") };
	const struct act act = { .kind = ACT_PRESENCE, .user = STR("ann"), .who = WHO_JOIN };
	struct http_request r;
	struct error e;

	(void)state;
	assert_int_equal(d->encode(&ep, &act, &r, &e), ERR_DENIED);
	endpoint_done(&ep);
}

static void
test_acts(void **state)
{
	(void)state;
	check_act((struct act){ .kind = ACT_INPUT, .id = STR("in-1"), .text = STR("hi"), .time = 5 },
	    "POST http://h/api/streams?sessionId=s1 {\"channel\":\"terminal\",\"data\":{\"id\":\"in-1\","
	    "\"sessionId\":\"s1\",\"type\":\"input\",\"data\":\"hi\",\"source\":\"user\",\"timestamp\":5}}");
	check_act((struct act){ .kind = ACT_PRESENCE, .user = STR("ann"), .who = WHO_JOIN },
	    "POST " URL "/presence {\"userId\":\"ann\",\"action\":\"join\"}");
	check_act((struct act){ .kind = ACT_PRESENCE, .user = STR("ann"), .who = WHO_SEEN },
	    "POST " URL "/presence {\"userId\":\"ann\"}");
	check_act((struct act){ .kind = ACT_PRESENCE, .user = STR("ann"), .who = WHO_SEEN,
		.has_cursor = true, .x = 3, .y = 40 },
	    "POST " URL "/presence {\"userId\":\"ann\",\"cursor\":{\"x\":3,\"y\":40}}");
	check_act((struct act){ .kind = ACT_PRESENCE, .user = STR("ann"), .who = WHO_LEAVE },
	    "POST " URL "/presence {\"userId\":\"ann\",\"action\":\"leave\"}");
}

static void
test_guess(void **state)
{
	(void)state;
	assert_ptr_equal(dialect_guess(STR(URL)), d);
	assert_ptr_equal(dialect_guess(STR("http://h/api/streams/x/subscribe")), d);
	assert_null(dialect_guess(STR("http://h/api/sessions/")));
	assert_ptr_equal(dialect_guess(STR("http://h/session/ses_1")), &dialect_opencode);
	assert_null(dialect_guess(STR("http://h/")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages_then_the_stream),
		cmocka_unit_test(test_what_is_missing_is_said),
		cmocka_unit_test(test_a_server_that_began_anew),
		cmocka_unit_test(test_events_without_offsets),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_acts),
		cmocka_unit_test(test_nobody_is_in_an_agent),
		cmocka_unit_test(test_guess),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
