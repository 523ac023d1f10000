#include <unistd.h>

#include "tests/serve/serving.h"
#include "wire/json.h"

#define JSON "Content-Type: application/json\r\n"
#define HOST "Host: localhost\r\n"
#define S1 "/api/sessions/s1"
#define POST1 "/api/streams?sessionId=s1"
#define PRESENCE S1 "/presence"
#define CHUNK(text) "{\"channel\":\"chunks\",\"data\":{\"agentId\":\"a\",\"turn\":1,\"text\":\"" text "\"}}"

static int
set_up_with(void **state, const char *const *options)
{
	static struct serving s;

	s = (struct serving){ 0 };
	serving_start(&s, options);
	*state = &s;
	return 0;
}

static int
set_up(void **state)
{
	return set_up_with(state, (const char *const[]){ "--heartbeat", "0.2", NULL });
}

static int
set_up_impatient(void **state)
{
	return set_up_with(state, (const char *const[]){ "--presence-timeout", "0.3", NULL });
}

static int
tear_down(void **state)
{
	serving_end(*state);
	return 0;
}

static bool
contains(struct str s, const char *needle)
{
	return str_find(s, str_from(needle)) < s.n;
}

/* The answer has this status, is JSON, and has this in its body. */
static void
assert_answer(const struct serving *s, const char *method, const char *target, const char *body,
    int status, const char *want)
{
	struct answer a;

	serving_ask(s, method, target, body[0] != '\0' ? JSON : "", str_from(body), &a);
	if (a.status != status || !contains(a.body, want))
		fail_msg("%s %s %s: not %d %s but %.*s", method, target, body, status, want,
		    STR_ARG(buf_view(&a.all)));
	assert_str(answer_header(&a, "Content-Type"), STR("application/json"));
	assert_true(json_valid(a.body));
	answer_done(&a);
}

static void
assert_post(const struct serving *s, const char *body, int status, const char *want)
{
	assert_answer(s, "POST", POST1, body, status, want);
}

/* Session s1, whose event 0 says what it is, and `n` chunks "1", "2", … behind it. */
static void
make_session(const struct serving *s, int n)
{
	assert_answer(s, "POST", "/api/sessions", "{\"id\":\"s1\",\"title\":\"One\"}", 201,
	    "{\"ok\":true,\"offset\":1,\"data\":{\"id\":\"s1\",\"stream\":\"sessions/s1\"}}");
	for (int i = 1; i <= n; i++) {
		char body[128], want[64];

		snprintf(body, sizeof body, CHUNK("%d"), i);
		snprintf(want, sizeof want, "{\"ok\":true,\"offset\":%d}", i);
		assert_post(s, body, 200, want);
	}
}

/* ---- sessions */

/* Whoever says anew what a session is about is heard, in the list and of the session alone. */
static void
test_renamed(void **state)
{
	const struct serving *s = *state;
	const char *const path = "/v1/stream/sessions/s1";

	make_session(s, 0);
	serving_do(s, "POST", path, JSON, "[{\"type\":\"session\",\"key\":\"s1\","
	    "\"value\":{\"title\":\"Two\",\"model\":\"m\"}},{\"type\":\"session\",\"value\":{\"title\":\"Three, \\\"3\\\"\"}}]");
	assert_answer(s, "GET", S1, "", 200, "\"title\":\"Three, \\\"3\\\"\",");
	/* What is no such event, whatever stands in it, changes nothing. */
	serving_do(s, "POST", path, JSON, "{\"type\":\"chunks\",\"value\":{\"title\":"
	    "\"no\",\"text\":\"\\\"session\\\"\",\"session\":1}}");
	assert_answer(s, "GET", "/api/sessions", "", 200, "\"title\":\"Three, \\\"3\\\"\",");
	assert_answer(s, "GET", "/api/sessions", "", 200, "\"createdAt\":");
	serving_do(s, "POST", path, JSON, "{\"type\":\"session\",\"value\":{\"title\":\"Four\"}}");
	assert_answer(s, "GET", S1, "", 200, "\"offset\":5,\"closed\":false,\"title\":\"Four\",");
}

static void
test_create(void **state)
{
	const struct serving *s = *state;

	assert_answer(s, "GET", S1, "", 404, "\"STREAM_NOT_FOUND\"");
	make_session(s, 0);
	assert_answer(s, "POST", "/api/sessions", "{\"id\":\"s1\"}", 200, "\"offset\":1");
	assert_answer(s, "GET", S1, "", 200, "{\"ok\":true,\"data\":{\"id\":\"s1\","
	    "\"stream\":\"sessions/s1\",\"offset\":1,\"closed\":false,\"title\":\"One\",");
	assert_answer(s, "GET", "/api/sessions", "", 200, ",\"updatedAt\":");
	assert_answer(s, "POST", "/api/sessions", "", 201, "\"stream\":\"sessions/");
	assert_answer(s, "POST", "/api/sessions", "{", 400, "\"INVALID_JSON\"");
	assert_answer(s, "POST", "/api/sessions", "[]", 400, "\"INVALID_DATA\"");
	assert_answer(s, "POST", "/api/sessions", "{\"title\":1}", 400, "\"INVALID_DATA\"");
	assert_answer(s, "POST", "/api/sessions", "{\"id\":\"a/b\"}", 400,
	    "\"INVALID_SESSION_ID\"");
	assert_answer(s, "DELETE", "/api/sessions", "", 405, "\"METHOD_NOT_ALLOWED\"");
	assert_answer(s, "POST", S1, "{}", 405, "\"METHOD_NOT_ALLOWED\"");
	assert_answer(s, "GET", "/api/sessionsx", "", 400, "\"INVALID_SESSION_ID\"");
	assert_answer(s, "GET", "/api/sessions/..%2fs1", "", 400, "\"INVALID_SESSION_ID\"");
	assert_answer(s, "GET", S1 "/nothing", "", 404, "\"NOT_FOUND\"");
}

/* Whatever names a place outside is refused, and so is a second name for one inside. */
static void
test_ids(void **state)
{
	static const char *const ids[] = { "..%2f..%2fetc", "..%2Fs1", "s1%2f", "s1%00", "%00", "..",
		".", "%2e%2e", "s1%0a", "s1%20", "s.1", "s1%", "s1%4", "%zz", "s1;x", "s1%3a", "%ff",
		"%252e", "s1%5c", "%731", "a:b", "'%3b%20DROP%20TABLE%20streams%3b--", "\"", "*" };
	static const char *const views[] = { "", "/events?offset=0", "/stream?offset=0",
		"/presence" };
	const struct serving *s = *state;

	make_session(s, 1);
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		for (size_t k = 0; k < sizeof views / sizeof *views; k++) {
			char target[128];

			snprintf(target, sizeof target, "/api/sessions/%s%s", ids[i], views[k]);
			assert_answer(s, "GET", target, "", 400, "\"INVALID_SESSION_ID\"");
		}
	assert_answer(s, "GET", S1 "/events?offset=0", "", 200, "\"nextOffset\":2");
}

/* What the form of a page can send changes nothing, even when the browser says nothing of it. */
static void
test_forms(void **state)
{
	static const char *const types[] = { "", "Content-Type: text/plain\r\n",
		"Content-Type: application/x-www-form-urlencoded\r\n",
		"Content-Type: multipart/form-data; boundary=application/json\r\n",
		"Content-Type: text/plain; application/json\r\n" };
	const struct serving *s = *state;

	make_session(s, 0);
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		assert_int_equal(serving_do(s, "POST", POST1, types[i], CHUNK("x")), 415);
		assert_int_equal(serving_do(s, "POST", "/api/sessions", types[i], "{}"), 415);
		assert_int_equal(serving_do(s, "POST", PRESENCE, types[i], "{\"userId\":\"a\"}"),
		    415);
	}
	assert_answer(s, "GET", S1, "", 200, "\"offset\":1,");
}

static void
test_list(void **state)
{
	const struct serving *s = *state;

	assert_answer(s, "GET", "/api/sessions", "", 200,
	    "\"data\":[],\"pagination\":{\"limit\":50,\"hasMore\":false}");
	make_session(s, 0);
	assert_answer(s, "POST", "/api/sessions", "{\"id\":\"s2\"}", 201, "");
	/* What is no session is not listed: of other names, or not of JSON. */
	serving_do(s, "PUT", "/v1/stream/sessions/s1/x", JSON, "");
	serving_do(s, "PUT", "/v1/stream/sessions/text", "Content-Type: text/plain\r\n", "");
	serving_do(s, "PUT", "/v1/stream/sessionsz", JSON, "");
	assert_answer(s, "GET", "/api/sessions?limit=1", "", 200,
	    "\"hasMore\":true,\"after\":\"s1\"");
	assert_answer(s, "GET", "/api/sessions?after=s1", "", 200, "\"data\":[{\"id\":\"s2\",");
	assert_answer(s, "GET", "/api/sessions?after=s2", "", 200, "\"data\":[]");
	assert_answer(s, "GET", "/api/sessions?limit=0", "", 400, "\"INVALID_PARAMS\"");
	assert_answer(s, "GET", "/api/sessions?limit=101", "", 400, "\"INVALID_PARAMS\"");
}

/* ---- publishing */

static void
test_publish_ids(void **state)
{
	const struct serving *s = *state;
	struct buf target = { 0 };

	assert_answer(s, "POST", "/api/streams", CHUNK("x"), 400, "\"MISSING_SESSION_ID\"");
	assert_answer(s, "POST", "/api/streams?sessionId=", CHUNK("x"), 400,
	    "\"MISSING_SESSION_ID\"");
	assert_answer(s, "POST", "/api/streams?sessionId=a%2fb", CHUNK("x"), 400,
	    "\"INVALID_SESSION_ID\"");
	assert_post(s, CHUNK("x"), 404, "\"STREAM_NOT_FOUND\"");
	buf_str(&target, STR("/api/streams?sessionId="));
	buf_fill(&target, 'x', 100);
	assert_answer(s, "POST", buf_cstr(&target), CHUNK("x"), 404, "");
	buf_byte(&target, 'x');
	assert_answer(s, "POST", buf_cstr(&target), CHUNK("x"), 400, "\"INVALID_SESSION_ID\"");
	assert_answer(s, "GET", POST1, "", 405, "");
	buf_done(&target);
}

static void
test_publish_errors(void **state)
{
	static const struct {
		const char *body, *code;
	} cases[] = {
		{ "", "INVALID_JSON" }, { "{", "INVALID_JSON" },
		{ "{\"channel\":\"\xff\"}", "INVALID_JSON" },
		{ "[]", "INVALID_CHANNEL" }, { "{}", "INVALID_CHANNEL" },
		{ "{\"channel\":1}", "INVALID_CHANNEL" },
		{ "{\"channel\":\"x\",\"data\":{}}", "INVALID_CHANNEL" },
		{ "{\"channel\":\"chunks\"}", "INVALID_DATA" },
		{ "{\"channel\":\"chunks\",\"data\":[]}", "INVALID_DATA" },
		{ "{\"channel\":\"chunks\",\"data\":{}}", "INVALID_DATA" },
		{ "{\"channel\":\"chunks\",\"data\":{\"text\":1}}", "INVALID_DATA" },
		{ "{\"channel\":\"chunks\",\"data\":{\"text\":\"\",\"sessionId\":\"s2\"}}",
		    "INVALID_DATA" },
		{ "{\"channel\":\"toolCalls\",\"data\":{\"id\":\"1\",\"tool\":\"Bash\"}}",
		    "INVALID_DATA" },
		{ "{\"channel\":\"toolCalls\",\"data\":{\"id\":\"1\",\"tool\":\"Bash\","
		    "\"status\":\"bad\"}}", "INVALID_DATA" },
		{ "{\"channel\":\"terminal\",\"data\":{\"id\":\"\",\"type\":\"input\","
		    "\"data\":\"\"}}", "INVALID_DATA" },
		{ "{\"channel\":\"terminal\",\"data\":{\"id\":\"1\",\"type\":\"input\","
		    "\"data\":\"\",\"source\":\"me\"}}", "INVALID_DATA" },
		{ "{\"channel\":\"workflow\",\"data\":{\"id\":\"1\",\"type\":\"approval:x\"}}",
		    "INVALID_DATA" },
		{ "{\"channel\":\"agentState\",\"data\":{\"agentId\":\"a\","
		    "\"status\":\"runnin\"}}", "INVALID_DATA" },
		{ "{\"channel\":\"agentState\",\"data\":{\"agentId\":\"a\","
		    "\"status\":\"running\",\"turn\":\"1\"}}", "INVALID_DATA" },
	};
	const struct serving *s = *state;

	make_session(s, 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_post(s, cases[i].body, 400, cases[i].code);
	/* Nothing of it was kept. */
	assert_answer(s, "GET", S1, "", 200, "\"offset\":1,");
	serving_do(s, "POST", "/v1/stream/sessions/s1", "Stream-Closed: true\r\n", "");
	assert_post(s, CHUNK("x"), 409, "\"STREAM_CLOSED\"");
}

/* What goes in on a channel, and the event and the item that it is then. */
static void
test_channels(void **state)
{
	static const struct {
		const char *channel, *data, *event, *item;
	} cases[] = {
		{ "chunks", "{\"text\" : \"a\\u001b\",\"timestamp\":7,\"n\":1.00}",
		    "\"type\":\"chunk\",\"timestamp\":7,\"data\":{\"text\" : \"a\\u001b\",",
		    "\"value\":{\"text\" : \"a\\u001b\",\"timestamp\":7,\"n\":1.00},"
		    "\"headers\":{\"operation\":\"insert\"," },
		{ "toolCalls", "{\"id\":\"t1\",\"tool\":\"Bash\",\"status\":\"running\"}",
		    "\"type\":\"tool:start\"", "{\"type\":\"toolCalls\",\"key\":\"t1\"," },
		{ "toolCalls", "{\"id\":\"t1\",\"tool\":\"Bash\",\"status\":\"complete\"}",
		    "\"type\":\"tool:result\"", "\"operation\":\"update\"" },
		{ "terminal", "{\"id\":\"l1\",\"type\":\"input\",\"data\":\"ls\","
		    "\"source\":\"user\",\"sessionId\":\"s1\"}",
		    "\"type\":\"terminal:input\"", "{\"type\":\"terminal\",\"key\":\"l1\"," },
		{ "terminal", "{\"id\":\"l2\",\"type\":\"error\",\"data\":\"no\"}",
		    "\"type\":\"terminal:output\"", "\"key\":\"l2\"" },
		{ "workflow", "{\"id\":\"w\",\"type\":\"approval:requested\",\"payload\":{}}",
		    "\"type\":\"approval:requested\"", "{\"type\":\"workflow\",\"key\":\"w\"," },
		{ "workflow", "{\"id\":\"w\",\"type\":\"agent:resumed\"}",
		    "\"type\":\"agent:resumed\"", "\"key\":\"w\"" },
		{ "agentState", "{\"agentId\":\"a\",\"status\":\"running\"}",
		    "\"type\":\"state:update\"", "{\"type\":\"agentState\",\"key\":\"a\"," },
	};
	const struct serving *s = *state;

	make_session(s, 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char body[256], target[64], want[64];
		struct answer a;

		snprintf(body, sizeof body, "{\"channel\":\"%s\",\"data\":%s}", cases[i].channel,
		    cases[i].data);
		snprintf(want, sizeof want, "{\"ok\":true,\"offset\":%zu}", i + 1);
		assert_post(s, body, 200, want);
		snprintf(target, sizeof target, S1 "/events?offset=%zu", i + 1);
		assert_answer(s, "GET", target, "", 200, cases[i].event);
		assert_int_equal(serving_ask(s, "GET", "/v1/stream/sessions/s1", "", STR_NONE,
		    &a), 200);
		assert_true(contains(a.body, cases[i].item));
		answer_done(&a);
	}
}

/* What was appended to the stream itself is an event too, whatever it is. */
static void
test_foreign_items(void **state)
{
	const struct serving *s = *state;

	serving_do(s, "PUT", "/v1/stream/sessions/s1", JSON, "");
	assert_int_equal(serving_do(s, "POST", "/v1/stream/sessions/s1", JSON,
	    "[5,{\"type\":\"chunk\",\"data\":{\"text\":\"x\"},\"timestamp\":9},"
	    "{\"channel\":\"chunks\",\"data\":{}},"
	    "{\"type\":\"presence\",\"key\":\"u\",\"headers\":{\"operation\":\"delete\"}}]"), 204);
	assert_answer(s, "GET", S1 "/events?offset=0", "", 200, "\"data\":["
	    "{\"id\":\"0\",\"offset\":0,\"type\":\"raw\",\"timestamp\":null,\"data\":5},"
	    "{\"id\":\"1\",\"offset\":1,\"type\":\"chunk\",\"timestamp\":9,"
	    "\"data\":{\"text\":\"x\"}},"
	    "{\"id\":\"2\",\"offset\":2,\"type\":\"chunk\",\"timestamp\":null,\"data\":{}},"
	    "{\"id\":\"3\",\"offset\":3,\"type\":\"presence:left\",\"timestamp\":null,"
	    "\"data\":{\"userId\":\"u\"}}],");
	/* Within one append. */
	assert_answer(s, "GET", S1 "/events?fromOffset=1&toOffset=1", "", 200,
	    "\"data\":[{\"id\":\"1\",");
	assert_answer(s, "GET", S1, "", 200, "\"closed\":false,\"updatedAt\":");
}

/* ---- paging */

static void
assert_page(const struct serving *s, const char *query, const char *ids, const char *pagination)
{
	struct buf target = { 0 }, got = { 0 };
	struct answer a;
	struct str rest;

	buf_printf(&target, S1 "/events?%s", query);
	assert_int_equal(serving_ask(s, "GET", buf_cstr(&target), "", STR_NONE, &a), 200);
	for (rest = a.body; contains(rest, "\"offset\":");) {
		struct str behind;

		rest = str_skip(rest, str_find(rest, STR("\"offset\":")) + 9);
		buf_str(&got, str_cut(rest, ',', &behind));
		buf_byte(&got, ' ');
	}
	assert_str(buf_view(&got), str_from(ids));
	if (!contains(a.body, pagination))
		fail_msg("%s: %.*s", query, STR_ARG(a.body));
	answer_done(&a);
	buf_done(&got);
	buf_done(&target);
}

static void
test_paging(void **state)
{
	const struct serving *s = *state;

	make_session(s, 5);
	assert_page(s, "offset=0", "0 1 2 3 4 5 ", "\"pagination\":{\"limit\":100,\"total\":6,"
	    "\"prevOffset\":0,\"nextOffset\":6,\"hasMore\":false}");
	assert_page(s, "offset=2&limit=2", "2 3 ", "\"nextOffset\":4,\"hasMore\":true}");
	assert_page(s, "offset=6", "", "\"nextOffset\":6,\"hasMore\":false}");
	assert_page(s, "offset=9", "", "\"nextOffset\":6,\"hasMore\":false}");
	assert_page(s, "afterEventId=3", "4 5 ", "\"hasMore\":false");
	assert_page(s, "afterEventId=5", "", "\"hasMore\":false");
	assert_page(s, "beforeOffset=4&limit=2", "2 3 ", "\"prevOffset\":2,\"nextOffset\":4,"
	    "\"hasMore\":true");
	assert_page(s, "beforeOffset=2", "0 1 ", "\"prevOffset\":0,\"nextOffset\":2,"
	    "\"hasMore\":false");
	assert_page(s, "beforeOffset=99&limit=1", "5 ", "\"hasMore\":true");
	assert_page(s, "beforeOffset=0", "", "\"hasMore\":false");
	assert_page(s, "fromOffset=1&toOffset=3", "1 2 3 ", "\"nextOffset\":4,\"hasMore\":false");
	assert_page(s, "fromOffset=1&toOffset=3&limit=2", "1 2 ", "\"hasMore\":true");
	assert_page(s, "fromOffset=4&toOffset=99", "4 5 ", "\"hasMore\":false");
}

static void
test_paging_errors(void **state)
{
	static const char *const queries[] = {
		"", "?limit=5", "?offset=-1", "?offset=x", "?offset=", "?offset=1&offset=1",
		"?offset=0&afterEventId=1", "?offset=0&beforeOffset=1", "?fromOffset=1",
		"?toOffset=1", "?offset=0&toOffset=1", "?fromOffset=1&toOffset=2&offset=1",
		"?fromOffset=2&toOffset=1", "?offset=0&limit=0", "?offset=0&limit=1001",
		"?afterEventId=6", "?afterEventId=no", "?offset=9223372036854775807",
	};
	const struct serving *s = *state;

	make_session(s, 5);
	for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
		char target[96];

		snprintf(target, sizeof target, S1 "/events%s", queries[i]);
		assert_answer(s, "GET", target, "", 400, "\"INVALID_PARAMS\"");
	}
	assert_answer(s, "GET", "/api/sessions/s2/events?offset=0", "", 404,
	    "\"STREAM_NOT_FOUND\"");
}

/* Pages end at a number of bytes too; those that go backwards have no hole then. */
static void
test_large_pages(void **state)
{
	const struct serving *s = *state;
	struct buf body = { 0 };

	make_session(s, 0);
	buf_str(&body, STR("{\"channel\":\"chunks\",\"data\":{\"text\":\""));
	buf_fill(&body, 'x', 600000);
	buf_str(&body, STR("\"}}"));
	for (int i = 0; i < 4; i++)
		assert_post(s, buf_cstr(&body), 200, "");
	assert_page(s, "offset=0", "0 1 2 ", "\"nextOffset\":3,\"hasMore\":true");
	assert_page(s, "offset=3", "3 4 ", "\"nextOffset\":5,\"hasMore\":false");
	assert_page(s, "beforeOffset=5", "3 4 ", "\"prevOffset\":3,\"nextOffset\":5,"
	    "\"hasMore\":true");
	buf_done(&body);
}

/* ---- the live stream */

static int
open_stream(const struct serving *s, const char *query, const char *headers)
{
	struct buf request = { 0 };
	int fd = serving_connect(s);

	buf_printf(&request, "GET " S1 "/stream%s HTTP/1.1\r\n" HOST "%s\r\n", query, headers);
	serving_send(fd, buf_view(&request));
	buf_done(&request);
	return fd;
}

/* What comes first on the stream, up to event `last`, has events from `first` on and no others. */
static void
assert_stream(const struct serving *s, const char *query, const char *headers, int first, int last)
{
	struct buf got = { 0 };
	int fd = open_stream(s, query, headers);
	char text[96];

	snprintf(text, sizeof text, "id: %d\n", last);
	assert_true(serving_until(fd, &got, text));
	snprintf(text, sizeof text, "data:{\"type\":\"connected\",\"streamId\":\"s1\","
	    "\"currentOffset\":%d,\"resumedFromOffset\":%d}\n\n", last + 1, first);
	assert_true(contains(buf_view(&got), text));
	snprintf(text, sizeof text, "id: %d\ndata:{\"id\":\"%d\",\"offset\":%d,", first, first,
	    first);
	assert_true(serving_until(fd, &got, text));
	snprintf(text, sizeof text, "id: %d\n", first - 1);
	assert_false(contains(buf_view(&got), text));
	close(fd);
	buf_done(&got);
}

static void
test_stream(void **state)
{
	const struct serving *s = *state;
	struct buf got = { 0 };
	int fd;

	make_session(s, 3);
	assert_stream(s, "", "", 0, 3);
	assert_stream(s, "?offset=1", "", 1, 3);
	assert_stream(s, "?fromOffset=2", "", 2, 3);
	assert_stream(s, "?offset=0", "Last-Event-ID: 1\r\n", 2, 3);
	fd = open_stream(s, "?fromOffset=4", "");
	assert_true(serving_until(fd, &got, "\"currentOffset\":4,\"resumedFromOffset\":4}"));
	assert_true(contains(buf_view(&got), "text/event-stream"));
	assert_true(serving_until(fd, &got, ":\n\n"));
	assert_post(s, CHUNK("a\\nid: 7"), 200, "\"offset\":4");
	assert_true(serving_until(fd, &got, "\"text\":\"a\\nid: 7\"}}\n\n"));
	assert_false(contains(buf_view(&got), "id: 3\n"));
	/* It ends with the session. */
	serving_do(s, "POST", "/v1/stream/sessions/s1", "Stream-Closed: true\r\n", "");
	assert_true(serving_until(fd, &got, "\r\n0\r\n"));
	close(fd);
	buf_done(&got);
}

static void
test_stream_within_append(void **state)
{
	const struct serving *s = *state;

	make_session(s, 0);
	assert_int_equal(serving_do(s, "POST", "/v1/stream/sessions/s1", JSON, "[1,2,3]"), 204);
	assert_int_equal(serving_do(s, "POST", "/v1/stream/sessions/s1", JSON, "[4,5]"), 204);
	for (int first = 0; first < 5; first++) {
		char query[32];

		snprintf(query, sizeof query, "?offset=%d", first);
		assert_stream(s, query, "", first, 5);
	}
}

/* What somebody says is text: neither an event nor a statement. */
static void
test_stream_injection(void **state)
{
	static const char sse[] = "x\\r\\nid: 999\\r\\n\\r\\ndata: forged";
	static const char sql[] = "'; DROP TABLE streams;--";
	const struct serving *s = *state;
	struct buf body = { 0 }, got = { 0 };
	int fd;

	make_session(s, 0);
	buf_printf(&body, CHUNK("%s"), sse);
	assert_post(s, buf_cstr(&body), 200, "\"offset\":1");
	buf_clear(&body);
	buf_printf(&body, CHUNK("%s"), sql);
	assert_post(s, buf_cstr(&body), 200, "\"offset\":2");
	assert_post(s, CHUNK("last"), 200, "\"offset\":3");
	fd = open_stream(s, "?offset=1", "");
	assert_true(serving_until(fd, &got, "id: 3\n"));
	assert_true(contains(buf_view(&got), sse));
	assert_true(contains(buf_view(&got), sql));
	assert_false(contains(buf_view(&got), "\nid: 999"));
	assert_false(contains(buf_view(&got), "\ndata: forged"));
	close(fd);
	buf_done(&body);
	buf_done(&got);
}

static void
test_stream_errors(void **state)
{
	const struct serving *s = *state;
	struct answer a;

	assert_answer(s, "GET", S1 "/stream", "", 404, "\"STREAM_NOT_FOUND\"");
	make_session(s, 1);
	assert_answer(s, "GET", S1 "/stream?offset=0&fromOffset=0", "", 400, "\"INVALID_PARAMS\"");
	assert_answer(s, "GET", S1 "/stream?offset=3", "", 400, "\"INVALID_PARAMS\"");
	assert_answer(s, "GET", S1 "/stream?fromOffset=x", "", 400, "\"INVALID_PARAMS\"");
	assert_int_equal(serving_ask(s, "GET", S1 "/stream", "Last-Event-ID: 2\r\n", STR_NONE, &a),
	    400);
	answer_done(&a);
	assert_answer(s, "POST", S1 "/stream", "", 405, "\"METHOD_NOT_ALLOWED\"");
}

/* ---- presence */


static void
test_presence(void **state)
{
	const struct serving *s = *state;

	make_session(s, 0);
	assert_answer(s, "GET", PRESENCE, "", 200, "{\"ok\":true,\"offset\":1,\"data\":[]}");
	assert_answer(s, "POST", PRESENCE, "{\"userId\":\"ann\",\"action\":\"join\"}", 200,
	    "{\"ok\":true,\"offset\":1}");
	assert_answer(s, "POST", PRESENCE, "{\"userId\":\"ann\",\"cursor\":{\"x\":1,\"y\":2},"
	    "\"activeFile\":\"a.c\"}", 200, "{\"ok\":true,\"offset\":2}");
	assert_answer(s, "GET", PRESENCE, "", 200, "\"offset\":3,\"data\":[{\"userId\":\"ann\","
	    "\"sessionId\":\"s1\",\"cursor\":{\"x\":1,\"y\":2},\"activeFile\":\"a.c\",\"lastSeen\":");
	assert_post(s, "{\"channel\":\"presence\",\"data\":{\"userId\":\"bob\"}}", 200,
	    "\"offset\":3");
	assert_answer(s, "GET", PRESENCE, "", 200, "\"userId\":\"bob\"");
	assert_answer(s, "POST", PRESENCE, "{\"userId\":\"ann\",\"action\":\"leave\"}", 200,
	    "{\"ok\":true,\"offset\":4}");
	assert_answer(s, "GET", PRESENCE, "", 200, "\"data\":[{\"userId\":\"bob\"");
	assert_answer(s, "GET", S1 "/events?offset=1&limit=1", "", 200, "\"presence:joined\"");
	assert_answer(s, "GET", S1 "/events?offset=2&limit=1", "", 200, "\"presence:cursor\"");
	assert_answer(s, "GET", S1 "/events?offset=3&limit=1", "", 200, "\"presence:joined\"");
	assert_answer(s, "GET", S1 "/events?offset=4&limit=1", "", 200, "\"presence:left\"");
}

static void
test_presence_timeout(void **state)
{
	const struct serving *s = *state;
	struct buf got = { 0 };
	struct answer a;
	int fd;

	make_session(s, 0);
	fd = open_stream(s, "", "");
	assert_answer(s, "POST", PRESENCE, "{\"userId\":\"ann\"}", 200, "");
	assert_true(serving_until(fd, &got, "\"type\":\"presence:timeout\""));
	assert_true(contains(buf_view(&got), "\"type\":\"presence:joined\""));
	assert_answer(s, "GET", PRESENCE, "", 200, "\"offset\":3,\"data\":[]");
	assert_int_equal(serving_ask(s, "GET", "/v1/stream/sessions/s1", "", STR_NONE, &a), 200);
	assert_true(contains(a.body, "\"type\":\"timeout\"},\"headers\":{\"operation\":\"delete\""));
	answer_done(&a);
	/* Whoever speaks again is here again. */
	assert_answer(s, "POST", PRESENCE, "{\"userId\":\"ann\"}", 200, "\"offset\":3");
	assert_answer(s, "GET", S1 "/events?offset=3", "", 200, "\"presence:joined\"");
	close(fd);
	buf_done(&got);
}

static void
test_presence_errors(void **state)
{
	static const char *const bodies[] = {
		"[]", "{}", "{\"userId\":\"\"}", "{\"userId\":[]}",
		"{\"userId\":\"a\",\"action\":\"dance\"}", "{\"userId\":\"a\",\"cursor\":1}",
		"{\"userId\":\"a\",\"cursor\":{\"x\":1}}",
		"{\"userId\":\"a\",\"sessionId\":\"s2\"}",
	};
	const struct serving *s = *state;

	assert_answer(s, "POST", PRESENCE, "{\"userId\":\"a\"}", 404, "\"STREAM_NOT_FOUND\"");
	assert_answer(s, "GET", PRESENCE, "", 404, "\"STREAM_NOT_FOUND\"");
	make_session(s, 0);
	assert_answer(s, "POST", PRESENCE, "", 400, "\"INVALID_JSON\"");
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
		assert_answer(s, "POST", PRESENCE, bodies[i], 400, "\"INVALID_DATA\"");
	assert_answer(s, "GET", PRESENCE, "", 200, "\"offset\":1,\"data\":[]");
}

int
main(void)
{
#define SERVED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		SERVED(test_create), SERVED(test_ids), SERVED(test_forms),
		SERVED(test_renamed),
		SERVED(test_list), SERVED(test_publish_ids),
		SERVED(test_publish_errors), SERVED(test_channels), SERVED(test_foreign_items),
		SERVED(test_paging), SERVED(test_paging_errors), SERVED(test_large_pages),
		SERVED(test_stream), SERVED(test_stream_within_append), SERVED(test_stream_errors),
		SERVED(test_stream_injection),
		SERVED(test_presence), SERVED(test_presence_errors),
		cmocka_unit_test_setup_teardown(test_presence_timeout, set_up_impatient, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
