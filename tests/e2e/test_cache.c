/* What was seen is there without a server, and weir cache is right about it. */

#include <sqlite3.h>
#include <sys/wait.h>

#include "tests/e2e/world.h"
#include "tests/unit.h"

/* Of the last words of the demo session. */
#define LAST "All tests pass."

static struct term *
attach(struct world *w)
{
	const char *const args[] = { "attach", world_url(w, NULL), NULL };

	return world_term(w, args, 24, 100);
}

static void
quit(struct term *t)
{
	int status;

	term_type(t, "\x1b:quit\r");
	assert_true(term_wait_exit(t, &status, SOON));
	assert_int_equal(status, 0);
	term_close(t);
}

/* `weir cache ARGS` exits with `code`; what it writes. */
static struct buf
cache(struct world *w, int code, const char *action, const char *more, const char *other)
{
	const char *const args[] = { "cache", action, more, other, NULL };
	struct buf out = { 0 };
	int status;

	world_run(w, args, &out, &status);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), code);
	return out;
}

static void
expect(struct world *w, const char *action, const char *more, const char *want)
{
	struct buf out = cache(w, 0, action, more, NULL);

	if (str_find(buf_view(&out), str_from(want)) == out.n)
		fail_msg("weir cache %s: \"%s\" is not in %s", action, want, buf_cstr(&out));
	buf_done(&out);
}

static void
seen_session(struct world *w)
{
	struct term *t;

	world_open(w);
	world_serve(w);
	world_play(w, "max");
	world_played(w);
	t = attach(w);
	assert_true(term_wait_text(t, LAST, SOON));
	assert_true(term_wait_text(t, "= head", SOON));
	quit(t);
}

/* The server is away from the start: the session is there, its first words too. */
static void
test_offline(void **state)
{
	struct world w;
	struct term *t;

	(void)state;
	seen_session(&w);
	world_kill_server(&w);
	t = attach(&w);
	assert_true(term_wait_text(t, LAST, SOON));
	assert_true(term_wait_text(t, "offline (cached copy)", SOON));
	term_type(t, "g");
	assert_true(term_wait_gone(t, LAST, SOON));
	assert_true(term_wait_text(t, "0%", SOON));
	world_serve(&w);
	term_type(t, "G");
	assert_true(term_wait_text(t, "= head", SOON));
	assert_false(term_has(t, "offline"));
	term_close(t);
	world_close(&w);
}

/* What another version of weir made of the events is made anew from them. */
static void
test_folded_anew(void **state)
{
	struct world w;
	struct term *t;
	char path[128];
	sqlite3 *db;

	(void)state;
	seen_session(&w);
	world_kill_server(&w);
	snprintf(path, sizeof path, "%s/weir/sessions.db", w.dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "UPDATE fold SET state = x'00' || substr(state, 2)", NULL, NULL,
	    NULL), SQLITE_OK);
	assert_int_equal(sqlite3_changes(db), 1);
	sqlite3_close(db);
	t = attach(&w);
	assert_true(term_wait_text(t, LAST, SOON));
	assert_true(term_wait_text(t, "offline (cached copy)", SOON));
	quit(t);
	expect(&w, "verify", NULL, "ok\n");
	world_close(&w);
}

static void
test_command(void **state)
{
	struct world w;
	struct buf all, json;
	struct term *t;

	(void)state;
	seen_session(&w);
	expect(&w, "size", NULL, "1 sessions, ");
	expect(&w, "list", NULL, world_url(&w, NULL));
	expect(&w, "list", "--json", "\"unsent\":0");
	expect(&w, "verify", NULL, "ok\n");
	all = cache(&w, 0, "export", world_url(&w, NULL), NULL);
	assert_true(all.n > 10000);
	assert_true(str_starts(buf_view(&all), STR("{")));
	assert_true(str_ends(buf_view(&all), STR("}\n")));
	json = cache(&w, 0, "export", "--json", world_url(&w, NULL));
	assert_true(str_starts(buf_view(&json), STR("{\"time\":")));
	buf_done(&all);
	buf_done(&json);
	/* Open, it stays. */
	t = attach(&w);
	assert_true(term_wait_text(t, LAST, SOON));
	expect(&w, "prune", "--size=1", "0 sessions dropped, 0.0 KiB freed; 1 kept");
	quit(t);
	expect(&w, "prune", "--size=1", "1 sessions dropped");
	expect(&w, "size", NULL, "0 sessions, 0 events");
	all = cache(&w, 5, "export", world_url(&w, NULL), NULL);
	assert_int_equal(all.n, 0);
	buf_done(&all);
	all = cache(&w, 2, "shrink", NULL, NULL);
	buf_done(&all);
	/* It is read again as if nothing had been. */
	t = attach(&w);
	assert_true(term_wait_text(t, LAST, SOON));
	quit(t);
	expect(&w, "size", NULL, "1 sessions, ");
	world_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_offline),
		cmocka_unit_test(test_folded_anew),
		cmocka_unit_test(test_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
