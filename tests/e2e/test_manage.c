/* Sessions are made, named, forked and deleted from within, and lead from one to the next. */

#include "tests/e2e/world.h"
#include "tests/unit.h"

static void
run(struct term *t, const char *line, const char *then)
{
	term_type(t, line);
	assert_true(term_wait_text(t, then, SOON));
}

/* What the server's list has of sessions, as JSON. */
static void
list(struct world *w, struct buf *out)
{
	struct buf address = { 0 };
	int status;

	buf_printf(&address, "unix:%s:/", buf_cstr(&w->socket));
	buf_clear(out);
	world_run(w, (const char *const[]){ "ls", "--json", buf_cstr(&address), NULL }, out, &status);
	assert_int_equal(status, 0);
	buf_done(&address);
}

static size_t
count_lines(const struct buf *text)
{
	size_t n = 0;

	for (size_t i = 0; i < text->n; i++)
		n += text->p[i] == '\n';
	return n;
}

static void
check(bool api)
{
	struct world w;
	struct buf sessions = { 0 };
	char url[256];
	const char *args[] = { "attach", url, NULL };
	struct term *t;

	world_open(&w);
	world_serve(&w);
	world_create(&w);
	world_append(&w, STR("[{\"type\":\"chunks\",\"key\":\"c\",\"value\":{\"id\":\"c\",\"agentId\":\"a\","
	    "\"turn\":1,\"text\":\"the first one\",\"state\":\"done\"}}]"));
	snprintf(url, sizeof url, "%s", world_url(&w, NULL));
	if (api)
		snprintf(url, sizeof url, "unix:%s:/api/sessions/demo/stream", buf_cstr(&w.socket));
	t = world_term(&w, args, 24, 80);
	assert_true(term_wait_text(t, "live =", SOON));
	run(t, ":go\r", "no session was made from here");
	run(t, ":new side quest\r", ":go opens it");
	run(t, ":go\r", "· side quest");
	assert_true(term_wait_text(t, "live =", SOON));
	assert_false(term_has(t, "the first one"));
	list(&w, &sessions);
	assert_int_equal(count_lines(&sessions), 2);
	assert_true(str_find(buf_view(&sessions), STR("side quest")) < sessions.n);
	if (api) {
		run(t, ":fork\r", "cannot do that");
	} else {
		run(t, ":rename main quest\r", "· main quest");
		run(t, ":fork\r", ":go opens it");
		list(&w, &sessions);
		assert_int_equal(count_lines(&sessions), 3);
		term_type(t, ":go\r");
		assert_true(term_wait_gone(t, ":go opens it", SOON));
		assert_true(term_wait_text(t, "live =", SOON));
		/* Once is a question, and anything else in between takes it back. */
		run(t, ":delete-session\r", "the same again does it");
		run(t, ":rename last quest\r", "· last quest");
		run(t, ":delete-session\r", "the same again does it");
		list(&w, &sessions);
		assert_int_equal(count_lines(&sessions), 3);
		run(t, ":delete-session\r", "✗ gone");
		list(&w, &sessions);
		assert_int_equal(count_lines(&sessions), 2);
	}
	term_type(t, "q");
	assert_true(term_wait_exit(t, NULL, SOON));
	term_close(t);
	world_close(&w);
	buf_done(&sessions);
}

static void
test_streams(void **state)
{
	(void)state;
	check(false);
}

static void
test_session_api(void **state)
{
	(void)state;
	check(true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_session_api),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
