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
	assert_true(term_has(t, "▸ ● deploy"));
	term_type(t, "q");
	assert_true(term_wait_exit(t, &status, SOON));
	assert_int_equal(status, 0);
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
	world_configure(&w, STR("[server dead]\nurl = http://127.0.0.1:9\n"));
	t = world_term(&w, args, 24, 80);
	assert_true(term_wait_text(t, "dead: refused; is the server running?", SOON));
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
		cmocka_unit_test(test_nobody_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
