/* However weir ends, the terminal is as it was. */

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/e2e/world.h"
#include "tests/unit.h"

static struct world world;
static char *untouched;		/* the state of a terminal in which only `true` ran */

static int
set_up(void **state)
{
	static const char *const argv[] = { "true", NULL };
	struct term *t = term_open(argv, NULL);

	(void)state;
	if (!term_wait_exit(t, NULL, SOON))
		return -1;
	untouched = strdup(term_state(t));
	term_close(t);
	world_open(&world);
	world_serve(&world);
	world_play(&world, "max");
	world_played(&world);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	free(untouched);
	world_close(&world);
	return 0;
}

static struct term *
attached(void)
{
	const char *const args[] = { "attach", "--no-cache", world_url(&world, NULL), NULL };
	struct term *t = world_term(&world, args, 24, 80);

	assert_true(term_wait_text(t, "at all seven places", SOON));
	assert_true(term_wait_mode(t, 1049, true, SOON));
	assert_string_not_equal(term_state(t), untouched);
	return t;
}

/* Gone, with the terminal as it was; `sig` 0: by itself with exit code `code`. */
static void
expect_gone(struct term *t, int sig, int code)
{
	int status;

	assert_true(term_wait_exit(t, &status, SOON));
	if (sig != 0 && SANITIZED) {
		assert_int_not_equal(status, 0);
	} else if (sig != 0) {
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), sig);
	} else {
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), code);
	}
	assert_string_equal(term_state(t), untouched);
	term_close(t);
}

static void
test_quit(void **state)
{
	struct term *t = attached();

	(void)state;
	term_type(t, "q");
	expect_gone(t, 0, 0);
}

static void
test_signals(void **state)
{
	static const int asked[] = { SIGINT, SIGTERM, SIGHUP };
	static const int crash[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGQUIT };

	(void)state;
	for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
		struct term *t = attached();

		term_signal(t, asked[i]);
		expect_gone(t, 0, 6);
	}
	for (size_t i = 0; i < sizeof crash / sizeof crash[0]; i++) {
		struct term *t = attached();

		term_signal(t, crash[i]);
		expect_gone(t, crash[i], 0);
	}
}

/* The window is closed: nothing to restore, but weir must not stay. */
static void
test_hang_up(void **state)
{
	struct term *t = attached();

	(void)state;
	term_hang_up(t);
	assert_true(term_wait_exit(t, NULL, SOON));
	term_close(t);
}

/* C-z and fg: as it was while stopped, as it is again afterwards. */
static void
test_stop_and_go_on(void **state)
{
	struct term *t = attached();

	(void)state;
	for (int i = 0; i < 2; i++) {
		if (i == 0)
			term_type(t, "\032");
		else
			term_signal(t, SIGTSTP);
		assert_true(term_wait_stop(t, SOON));
		assert_string_equal(term_state(t), untouched);
		term_resume(t);
		assert_true(term_wait_running(t, SOON));
		assert_true(term_wait_mode(t, 1049, true, SOON));
		assert_true(term_wait_text(t, "at all seven places", SOON));
	}
	term_type(t, "q");
	expect_gone(t, 0, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quit),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_hang_up),
		cmocka_unit_test(test_stop_and_go_on),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
