#include "tests/harness/term.h"
#include "tests/unit.h"

#define SOON 20000

static struct term *
play(const char *locale, int rows, int cols)
{
	static char path[4096], lc[32];
	const char *const env[] = { lc, "TZ=UTC", NULL };
	struct term_options o = { .display = { .rows = rows, .cols = cols }, .env = env };
	const char *argv[] = { path, NULL };
	struct term *t;

	snprintf(lc, sizeof lc, "LC_ALL=%s", locale);
	snprintf(path, sizeof path, "%s/tests/ui/list_play", getenv("top_builddir"));
	t = term_open(argv, &o);
	assert_true(term_wait_text(t, "! 2 new", SOON));
	return t;
}

static void
type(struct term *t, const char *keys, const char *then)
{
	term_type(t, keys);
	assert_true(term_wait_text(t, then, SOON));
}

static void
leave(struct term *t)
{
	term_type(t, "q");
	assert_true(term_wait_exit(t, NULL, SOON));
	term_close(t);
}

static void
assert_row(struct term *t, int row, const char *want)
{
	assert_str(str_from(term_row(t, row)), str_from(want));
}

static void
who_waits_stands_first(void **state)
{
	struct term *t = play("C.UTF-8", 24, 104);

	(void)state;
	assert_row(t, 0, "weir · 4 sessions, 1 waits for somebody");
	assert_row(t, 1, "▸ ! 2 new deploy                                      "
	    "ci.example              permission          2 d");
	assert_row(t, 2, "  ● fix the flaky test                                "
	    "localhost               live                5 s");
	assert_row(t, 3, "  ○ 12 new rewrite the parser                         "
	    "localhost               closed              3 h");
	assert_true(str_starts(str_from(term_row(t, 4)), STR("  ✗ new s:/d^[[2J")));
	assert_true(term_has(t, "‹RLO›") || term_has(t, "⟪RLO⟫"));
	leave(t);
}

static void
it_fits_any_width(void **state)
{
	struct term *t = play("C", 4, 40);

	(void)state;
	assert_row(t, 1, "> ! 2 new deploy                  2 d");
	assert_row(t, 2, "  * fix the flaky test            5 s");
	type(t, "G", "x new s:/d");
	leave(t);
	t = play("C.UTF-8", 2, 12);
	assert_row(t, 0, "▸ ! 2 new");
	leave(t);
}

static void
the_selection_stays_with_its_session(void **state)
{
	struct term *t = play("C.UTF-8", 24, 80);

	(void)state;
	type(t, "j\r", "open <s:/a>");
	/* It moves to the top, and takes the selection along. */
	type(t, "R", "▸ ! fix the flaky test");
	type(t, "\r", "open <s:/a>");
	type(t, "G\r", "open <s:/c>");
	type(t, "gj\r", "open <s:/e>");
	leave(t);
}

static void
a_filter_finds_it(void **state)
{
	struct term *t = play("C.UTF-8", 24, 80);

	(void)state;
	type(t, "/PARSE", "4 sessions, 1 shown");
	type(t, "\r\r", "open <s:/b>");
	type(t, "/zzz", "4 sessions, 0 shown");
	/* Nothing is selected, so nothing is opened. */
	type(t, "\r\r", "Enter opens");
	term_type(t, "\033");
	assert_true(term_wait_gone(t, "shown", SOON));
	assert_true(term_has(t, "rewrite the parser"));
	leave(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_waits_stands_first),
		cmocka_unit_test(it_fits_any_width),
		cmocka_unit_test(the_selection_stays_with_its_session),
		cmocka_unit_test(a_filter_finds_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
