#include <signal.h>
#include <unistd.h>

#include "serve/agents.h"
#include "tests/serve/serving.h"
#include "wire/json.h"

#define JSON "Content-Type: application/json\r\n"
#define HOST "Host: localhost\r\n"
#define DURABLE "/v1/stream/sessions/agent:a1"
#define SESSION "/api/sessions/agent:a1"
#define STATE(agent, status) "{\"channel\":\"agentState\",\"data\":{\"agentId\":\"" agent "\"," \
	"\"status\":\"" status "\"}}"
#define STEP(agent) "{\"channel\":\"toolCalls\",\"data\":{\"id\":\"t\",\"agentId\":\"" agent "\"," \
	"\"tool\":\"sh\",\"status\":\"running\"}}"
#define TEXT(agent) "{\"channel\":\"chunks\",\"data\":{\"agentId\":\"" agent "\",\"text\":\"x\"}}"

static void
test_which(void **state)
{
	static const struct str stored = STR("{\"type\":\"chunks\",\"value\":{\"agentId\":\"a\"}},1,[],"
	    "{\"type\":\"agentState\",\"value\":{\"agentId\":\"a\"}},"
	    "{\"type\":\"agentState\",\"value\":{\"agentId\":\"a b\"}},"
	    "{\"type\":\"agentState\",\"value\":{\"agentId\":1}},"
	    "{\"type\":\"agentState\",\"value\":{}},{\"type\":\"agentState\"},"
	    "{\"type\":\"toolCalls\", \"value\":{\"x\":[\",\"],\"agentId\":\"B-_9\"}},"
	    "{\"type\":\"workflow\",\"old_value\":{\"agentId\":\"c\"}}");
	static const char *const want[] = { "a", "B-_9", "c" };
	struct str rest = stored, item;
	struct buf agent = { 0 };
	size_t n = 0;

	(void)state;
	for (; agents_next(&rest, &item, &agent); n++) {
		assert_true(n < 3);
		assert_str(buf_view(&agent), str_from(want[n]));
		assert_true(json_valid(item));
	}
	assert_int_equal(n, 3);
	buf_done(&agent);
}

static int
set_up(void **state)
{
	static struct serving s;

	s = (struct serving){ 0 };
	serving_start(&s, NULL);
	*state = &s;
	return 0;
}

static int
tear_down(void **state)
{
	serving_end(*state);
	return 0;
}

static void
publish(const struct serving *s, const char *session, const char *body)
{
	char target[128];

	snprintf(target, sizeof target, "/api/sessions");
	if (body == NULL) {
		char id[64];

		snprintf(id, sizeof id, "{\"id\":\"%s\"}", session);
		assert_int_equal(serving_do(s, "POST", target, JSON, id), 201);
		return;
	}
	snprintf(target, sizeof target, "/api/streams?sessionId=%s", session);
	assert_int_equal(serving_do(s, "POST", target, JSON, body), 200);
}

static void
get(const struct serving *s, const char *target, struct answer *a)
{
	assert_int_equal(serving_ask(s, "GET", target, "", STR_NONE, a), 200);
	assert_true(json_valid(a->body));
}

static size_t
count(struct str s, const char *needle)
{
	size_t n = 0, at;

	while ((at = str_find(s, str_from(needle))) < s.n) {
		s = str_skip(s, at + 1);
		n++;
	}
	return n;
}

static void
play(const struct serving *s)
{
	publish(s, "s1", NULL);
	publish(s, "s2", NULL);
	publish(s, "s1", STATE("a1", "starting"));
	publish(s, "s2", STATE("a2", "starting"));
	publish(s, "s1", TEXT("a1"));
	publish(s, "s2", STEP("a1"));
	publish(s, "s1", STATE("a1", "completed"));
}

static void
test_across_sessions(void **state)
{
	const struct serving *s = *state;
	struct answer a;

	assert_int_equal(serving_do(s, "GET", DURABLE, "", ""), 404);
	assert_int_equal(serving_do(s, "GET", SESSION "/events?offset=0", "", ""), 404);
	play(s);
	get(s, DURABLE, &a);
	assert_int_equal(count(a.body, "\"type\":\"agentState\""), 2);
	assert_int_equal(count(a.body, "\"type\":\"toolCalls\""), 1);
	assert_int_equal(count(a.body, "\"a2\""), 0);
	assert_int_equal(count(a.body, "\"type\":\"chunks\""), 0);
	assert_true(str_find(a.body, STR("starting")) < str_find(a.body, STR("toolCalls")));
	assert_true(str_find(a.body, STR("toolCalls")) < str_find(a.body, STR("completed")));
	/* What it does says where. */
	assert_int_equal(count(a.body, "\"sessionId\":\"s1\""), 2);
	assert_int_equal(count(a.body, "\"sessionId\":\"s2\""), 1);
	answer_done(&a);
	get(s, SESSION "/events?offset=1", &a);
	assert_int_equal(count(a.body, "\"type\":\"tool:start\""), 1);
	assert_int_equal(count(a.body, "\"type\":\"state:update\""), 1);
	assert_int_equal(count(a.body, "\"offset\":2"), 1);
	answer_done(&a);
	get(s, SESSION, &a);
	assert_int_equal(count(a.body, "\"offset\":3"), 1);
	answer_done(&a);
	/* It is no session of the list. */
	get(s, "/api/sessions", &a);
	assert_int_equal(count(a.body, "agent:"), 0);
	answer_done(&a);
}

static void
test_follow(void **state)
{
	const struct serving *s = *state;
	struct buf durable = { 0 }, session = { 0 };
	int one = serving_connect(s), two = serving_connect(s);

	publish(s, "s1", NULL);
	publish(s, "s1", STATE("a1", "starting"));
	serving_send(one, STR("GET " DURABLE "?offset=-1&live=sse HTTP/1.0\r\n" HOST "\r\n"));
	serving_send(two, STR("GET " SESSION "/stream HTTP/1.0\r\n" HOST "\r\n"));
	assert_true(serving_until(one, &durable, "starting"));
	assert_true(serving_until(one, &durable, "upToDate"));
	assert_true(serving_until(two, &session, "starting"));
	publish(s, "s2", NULL);
	publish(s, "s2", STEP("a1"));
	assert_true(serving_until(one, &durable, "toolCalls"));
	assert_true(serving_until(two, &session, "id: 1\n"));
	assert_true(serving_until(two, &session, "tool:start"));
	/* One append with much in it, through the protocol. */
	assert_int_equal(serving_do(s, "POST", "/v1/stream/sessions/s1", JSON, "[1,"
	    "{\"type\":\"workflow\",\"key\":\"k\",\"value\":{\"agentId\":\"a1\",\"n\":\"one\"}},"
	    "{\"type\":\"workflow\",\"key\":\"k\",\"value\":{\"agentId\":\"a1\",\"n\":\"two\"}}]"), 204);
	assert_true(serving_until(one, &durable, "\"two\""));
	assert_true(serving_until(two, &session, "id: 3\n"));
	close(one);
	close(two);
	buf_done(&durable);
	buf_done(&session);
}

static void
test_read_only(void **state)
{
	const struct serving *s = *state;

	assert_int_equal(serving_do(s, "PUT", DURABLE, JSON, ""), 403);
	play(s);
	assert_int_equal(serving_do(s, "PUT", DURABLE, JSON, ""), 403);
	assert_int_equal(serving_do(s, "POST", DURABLE, JSON, "1"), 403);
	assert_int_equal(serving_do(s, "DELETE", DURABLE, "", ""), 403);
	assert_int_equal(serving_do(s, "PUT", "/v1/stream/f",
	    "Stream-Forked-From: " DURABLE "\r\n", ""), 403);
	assert_int_equal(serving_do(s, "POST", SESSION "/presence", JSON, "{\"userId\":\"u\"}"), 405);
	assert_int_equal(serving_do(s, "POST", "/api/streams?sessionId=agent:a1", JSON,
	    STATE("a1", "idle")), 400);
	assert_int_equal(serving_do(s, "GET", "/api/sessions/agent:", "", ""), 400);
	assert_int_equal(serving_do(s, "GET", "/api/sessions/agent:a:b", "", ""), 400);
}

/* Offsets count bytes that stand elsewhere, also when those are gone or the server starts anew. */
static void
test_deleted_source(void **state)
{
	struct serving *s = *state;
	struct answer before, after;
	struct str rest, next;

	play(s);
	get(s, DURABLE, &before);
	assert_int_equal(serving_do(s, "DELETE", "/v1/stream/sessions/s2", "", ""), 204);
	serving_stop(s, SIGTERM);
	serving_start(s, NULL);
	/* The rows of what was deleted go a little later. */
	for (int i = 0; i < 1000; i++) {
		get(s, DURABLE, &after);
		if (count(after.body, "toolCalls") == 0)
			break;
		answer_done(&after);
		usleep(10000);
	}
	assert_int_equal(after.body.n, before.body.n);
	assert_int_equal(count(after.body, "{} "), 1);
	assert_int_equal(count(after.body, "agentState"), 2);
	answer_done(&before);
	answer_done(&after);
	publish(s, "s1", STATE("a1", "idle"));
	get(s, SESSION "/events?offset=0", &after);
	assert_int_equal(count(after.body, "\"offset\":"), 4);
	rest = str_skip(after.body, str_find(after.body, STR("\"offset\":3")));
	next = str_head(rest, str_find(rest, STR("}")));
	assert_int_equal(count(next, "idle"), 1);
	answer_done(&after);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_which),
		EACH(test_across_sessions),
		EACH(test_follow),
		EACH(test_read_only),
		EACH(test_deleted_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
