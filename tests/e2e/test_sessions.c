/* weir without an address: the list tells what goes on in the sessions, and leads into them. */

#include "tests/e2e/world.h"
#include "tests/unit.h"

static void
make(struct world *w, const char *id, const char *title, const char *data)
{
	struct buf body = { 0 };
	char target[64];

	buf_printf(&body, "{\"id\":\"%s\",\"title\":\"%s\"}", id, title);
	world_request(w, "POST", "/api/sessions", buf_view(&body));
	snprintf(target, sizeof target, "/api/streams?sessionId=%s", id);
	world_request(w, "POST", target, str_from(data));
	buf_done(&body);
}

static void
answer(struct world *w)
{
	world_request(w, "POST", "/api/streams?sessionId=s2", STR("{\"channel\":\"workflow\",\"data\":{"
	    "\"id\":\"v\",\"type\":\"approval:approved\",\"payload\":{\"ask\":\"w\"}}}"));
}

static void
test_list(void **state)
{
	const char *const args[] = { NULL };
	struct world w;
	struct buf rc = { 0 };
	struct term *t;
	int status;

	(void)state;
	world_open(&w);
	world_serve(&w);
	make(&w, "s1", "fix the test", "{\"channel\":\"agentState\",\"data\":{\"agentId\":\"claude\","
	    "\"status\":\"running\",\"currentTool\":\"bash\"}}");
	make(&w, "s2", "deploy \\u001b[2Jit", "{\"channel\":\"workflow\",\"data\":{\"id\":\"w\","
	    "\"type\":\"approval:requested\",\"payload\":{\"command\":\"rm -rf build\"}}}");
	buf_printf(&rc, "[server here]\nurl = unix:%s:/\n", buf_cstr(&w.socket));
	world_configure(&w, buf_view(&rc));
	t = world_term(&w, args, 24, 100);
	assert_true(term_wait_text(t, "2 sessions, 1 waits for somebody", SOON));
	assert_true(term_wait_text(t, "running: bash", SOON));
	assert_true(str_starts(str_from(term_row(t, 1)), STR("▸ ! deploy ^[[2Jit")));
	/* In, and back to the same place. */
	term_type(t, "\r");
	assert_true(term_wait_text(t, "rm -rf build", SOON));
	assert_true(term_wait_text(t, "live =", SOON));
	term_type(t, "q");
	assert_true(term_wait_text(t, "2 sessions, 1 waits", SOON));
	/* It is told when it no longer waits. */
	answer(&w);
	assert_true(term_wait_gone(t, "waits for somebody", SOON));
	assert_true(term_has(t, "▸ ● 1 new deploy"));
	term_type(t, "q");
	assert_true(term_wait_exit(t, &status, SOON));
	assert_int_equal(status, 0);
	term_close(t);
	world_close(&w);
	buf_done(&rc);
}

static void
say(struct world *w, const char *id, const char *text)
{
	struct buf body = { 0 };
	char target[64];

	snprintf(target, sizeof target, "/api/streams?sessionId=%s", id);
	buf_printf(&body, "{\"channel\":\"chunks\",\"data\":{\"id\":\"c\",\"agentId\":\"a\",\"turn\":1,"
	    "\"text\":\"%s\"}}", text);
	world_request(w, "POST", target, buf_view(&body));
	buf_done(&body);
}

/* What came since the last visit is counted, until it was read. */
static void
test_unread(void **state)
{
	const char *const args[] = { NULL };
	struct world w;
	struct buf rc = { 0 };
	struct term *t;

	(void)state;
	world_open(&w);
	world_serve(&w);
	make(&w, "s1", "fix the test", "{\"channel\":\"chunks\",\"data\":{\"id\":\"c\",\"agentId\":\"a\","
	    "\"turn\":1,\"text\":\"begun\"}}");
	buf_printf(&rc, "[server here]\nurl = unix:%s:/\n", buf_cstr(&w.socket));
	world_configure(&w, buf_view(&rc));
	t = world_term(&w, args, 24, 100);
	assert_true(term_wait_text(t, "● fix the test", SOON));
	term_type(t, "\r");
	assert_true(term_wait_text(t, "live =", SOON));
	term_type(t, "q");
	assert_true(term_wait_text(t, "● fix the test", SOON));
	say(&w, "s1", "more");
	say(&w, "s1", "and more");
	assert_true(term_wait_text(t, "● 2 new fix the test", SOON));
	term_type(t, "\r");
	assert_true(term_wait_text(t, "and more", SOON));
	assert_true(term_wait_text(t, "live =", SOON));
	term_type(t, "q");
	assert_true(term_wait_text(t, "● fix the test", SOON));
	term_close(t);
	/* It is still there, and can be read, when its server is gone and nobody knows of it any more. */
	world_kill_server(&w);
	world_configure(&w, STR("# nothing\n"));
	t = world_term(&w, args, 24, 100);
	assert_true(term_wait_text(t, "○ fix the test", SOON));
	assert_true(term_has(t, "cached"));
	term_type(t, "\r");
	assert_true(term_wait_text(t, "and more", SOON));
	term_close(t);
	world_close(&w);
	buf_done(&rc);
}

/* One that was opened through the session API is the one the server lists, whatever the two call it. */
static void
test_one_session(void **state)
{
	struct world w;
	struct buf rc = { 0 }, address = { 0 };
	struct term *t;

	(void)state;
	world_open(&w);
	world_serve(&w);
	make(&w, "s1", "fix the test", "{\"channel\":\"chunks\",\"data\":{\"id\":\"c\",\"agentId\":\"a\","
	    "\"turn\":1,\"text\":\"begun\"}}");
	buf_printf(&rc, "[server here]\nurl = unix:%s:/\n", buf_cstr(&w.socket));
	world_configure(&w, buf_view(&rc));
	buf_printf(&address, "unix:%s:/api/sessions/s1/stream", buf_cstr(&w.socket));
	t = world_term(&w, (const char *const[]){ buf_cstr(&address), NULL }, 24, 100);
	assert_true(term_wait_text(t, "begun", SOON));
	assert_true(term_wait_text(t, "live =", SOON));
	term_type(t, "q");
	assert_true(term_wait_exit(t, NULL, SOON));
	term_close(t);
	/* That somebody comes is no news. */
	world_request(&w, "POST", "/api/sessions/s1/presence", STR("{\"userId\":\"ben\",\"action\":\"join\"}"));
	t = world_term(&w, (const char *const[]){ NULL }, 24, 100);
	assert_true(term_wait_text(t, "● fix the test", SOON));
	assert_true(term_wait_text(t, "1 session", SOON));
	assert_false(term_has(t, "cached"));
	/* What was read there was read. */
	say(&w, "s1", "more");
	assert_true(term_wait_text(t, "● 1 new fix the test", SOON));
	term_type(t, "\r");
	assert_true(term_wait_text(t, "more", SOON));
	assert_true(term_wait_text(t, "live =", SOON));
	term_type(t, "q");
	assert_true(term_wait_text(t, "● fix the test", SOON));
	assert_true(term_wait_text(t, "1 session", SOON));
	term_close(t);
	/* It keeps its name when nobody knows of it any more. */
	world_kill_server(&w);
	world_configure(&w, STR("# nothing\n"));
	t = world_term(&w, (const char *const[]){ NULL }, 24, 100);
	assert_true(term_wait_text(t, "○ fix the test", SOON));
	assert_true(term_wait_text(t, "1 session", SOON));
	term_close(t);
	world_close(&w);
	buf_done(&rc);
	buf_done(&address);
}

/* Of more sessions than are followed the one that waits longest is found, and told apart from the rest. */
static void
test_many(void **state)
{
	const char *const args[] = { NULL };
	struct world w;
	struct buf rc = { 0 };
	struct term *t;
	char id[16];

	(void)state;
	world_open(&w);
	world_serve(&w);
	make(&w, "s2", "the oldest", "{\"channel\":\"workflow\",\"data\":{\"id\":\"w\","
	    "\"type\":\"approval:requested\",\"payload\":{\"command\":\"rm -rf build\"}}}");
	for (int i = 0; i < 40; i++) {
		snprintf(id, sizeof id, "n%d", i);
		make(&w, id, "another", "{\"channel\":\"agentState\",\"data\":{\"agentId\":\"a\","
		    "\"status\":\"completed\"}}");
	}
	buf_printf(&rc, "[server here]\nurl = unix:%s:/\n", buf_cstr(&w.socket));
	world_configure(&w, buf_view(&rc));
	t = world_term(&w, args, 24, 100);
	assert_true(term_wait_text(t, "41 sessions, 1 waits for somebody", SOON));
	assert_true(str_starts(str_from(term_row(t, 1)), STR("▸ ! the oldest")));
	/* Looked at again when there is more of it. */
	answer(&w);
	assert_true(term_wait_gone(t, "waits for somebody", SOON));
	term_close(t);
	world_close(&w);
	buf_done(&rc);
}

/* What cannot be asked is said; what can be done about having nothing, too. */
static void
test_nobody_there(void **state)
{
	const char *const args[] = { NULL };
	struct world w;
	struct term *t;

	(void)state;
	world_open(&w);
	t = world_term(&w, args, 24, 80);
	assert_true(term_wait_text(t, "no server is known: start weir serve", SOON));
	term_type(t, "q");
	assert_true(term_wait_exit(t, NULL, SOON));
	term_close(t);
	world_configure(&w, STR("[server dead]\nurl = http://127.0.0.1:9\n"
	    "[server gone]\nurl = http://127.0.0.1:10\n"));
	t = world_term(&w, args, 24, 80);
	assert_true(term_wait_text(t, "dead: refused; is the server running?", SOON));
	assert_true(term_wait_text(t, "gone: refused; is the server running?", SOON));
	term_type(t, "\rq");
	assert_true(term_wait_exit(t, NULL, SOON));
	term_close(t);
	world_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_unread),
		cmocka_unit_test(test_one_session),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_nobody_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
