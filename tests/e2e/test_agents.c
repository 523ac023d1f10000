/* weir agent:ID@SERVER: what one agent does in several sessions, as one transcript. */

#include "base/clock.h"
#include "tests/e2e/world.h"
#include "tests/unit.h"

static void
say(struct world *w, const char *session, const char *channel, const char *data)
{
	struct buf body = { 0 };
	char target[64];

	snprintf(target, sizeof target, "/api/streams?sessionId=%s", session);
	buf_printf(&body, "{\"channel\":\"%s\",\"data\":%s}", channel, data);
	world_request(w, "POST", target, buf_view(&body));
	buf_done(&body);
}

static void
make(struct world *w, const char *session)
{
	struct buf body = { 0 };

	buf_printf(&body, "{\"id\":\"%s\"}", session);
	world_request(w, "POST", "/api/sessions", buf_view(&body));
	buf_done(&body);
}

static void
state(struct world *w, const char *session, const char *status, int64_t time)
{
	struct buf data = { 0 };

	buf_printf(&data, "{\"agentId\":\"claude\",\"sessionId\":\"%s\",\"status\":\"%s\",\"turn\":2,"
	    "\"tokens\":{\"in\":7,\"out\":2},\"timestamp\":%lld}", session, status, (long long)time);
	say(w, session, "agentState", buf_cstr(&data));
	buf_done(&data);
}

/* Both have a call of the same id, which is theirs alone. */
static void
call(struct world *w, const char *session, const char *tool, const char *status)
{
	struct buf data = { 0 };

	buf_printf(&data, "{\"id\":\"t1\",\"agentId\":\"claude\",\"sessionId\":\"%s\",\"tool\":\"%s\","
	    "\"input\":{},\"status\":\"%s\"}", session, tool, status);
	say(w, session, "toolCalls", buf_cstr(&data));
	buf_done(&data);
}

static void
test_one_transcript(void **unused)
{
	struct world w;
	struct buf address = { 0 };
	const char *args[] = { "attach", NULL, NULL };
	struct term *t;
	int64_t now = clock_wall();

	(void)unused;
	world_open(&w);
	world_serve(&w);
	make(&w, "s1");
	make(&w, "s2");
	state(&w, "s1", "running", now - 3600000);
	call(&w, "s1", "grep", "running");
	state(&w, "s2", "idle", now);
	call(&w, "s2", "make", "complete");
	buf_printf(&address, "agent:claude@unix:%s", buf_cstr(&w.socket));
	args[1] = buf_cstr(&address);
	t = world_term(&w, args, 24, 100);
	assert_true(term_wait_text(t, "live =", SOON));
	assert_true(term_wait_text(t, "make {} · ok", SOON));
	assert_true(term_has(t, "grep {} · running"));
	assert_true(term_has(t, "in session s1") && term_has(t, "in session s2"));
	assert_true(term_has(t, "claude: running, turn 2") && term_has(t, "claude: idle, turn 2"));
	/* What it does in one session says nothing of the other; what is old is said to be. */
	assert_true(term_has(t, "claude in s1 running 1 h ago · claude in s2 idle"));
	assert_true(term_wait_text(t, "claude in s1, claude in s2 · turn 2", SOON));
	term_type(t, "i");
	assert_true(term_wait_text(t, "read only: nothing can be sent here", SOON));
	/* It goes on behind a restart of the server, from where it was. */
	world_kill_server(&w);
	assert_true(term_wait_text(t, "reconnecting", SOON));
	world_serve(&w);
	state(&w, "s1", "completed", now);
	call(&w, "s1", "grep", "complete");
	term_type(t, "R");
	assert_true(term_wait_text(t, "claude: completed, turn 2", SOON));
	assert_true(term_wait_text(t, "grep {} · ok", SOON));
	assert_true(term_wait_text(t, "live =", SOON));
	assert_true(term_has(t, "claude in s1 completed · claude in s2 idle"));
	term_close(t);
	/* The copy on disk shows the same. */
	t = world_term(&w, args, 24, 100);
	assert_true(term_wait_text(t, "live =", SOON));
	assert_true(term_has(t, "grep {} · ok") && term_has(t, "make {} · ok"));
	assert_true(term_has(t, "claude in s1 completed · claude in s2 idle"));
	term_close(t);
	world_close(&w);
	buf_done(&address);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_transcript),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
