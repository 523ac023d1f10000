#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/harness/term.h"
#include "tests/unit.h"

#define SOON 10000

static struct term *
shell(const char *script, const struct term_options *o)
{
	const char *const argv[] = { "sh", "-c", script, NULL };

	return term_open(argv, o);
}

static void
test_exit_status_and_last_output(void **state)
{
	struct term *t = shell("printf 'one\\ntwo'; exit 3", NULL);
	int status;

	(void)state;
	assert_true(term_wait_exit(t, &status, SOON));
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 3);
	assert_string_equal(term_row(t, 0), "one");
	assert_string_equal(term_row(t, 1), "two");
	assert_int_equal(term_received(t), 8);
	term_close(t);
}

static void
test_missing_program(void **state)
{
	static const char *const argv[] = { "/nonexistent/program", NULL };
	struct term *t = term_open(argv, NULL);
	int status;

	(void)state;
	assert_true(term_wait_exit(t, &status, SOON));
	assert_int_equal(WEXITSTATUS(status), 127);
	term_close(t);
}

static void
test_typing_echo_and_end_of_input(void **state)
{
	static const char *const argv[] = { "cat", NULL };
	struct term *t = term_open(argv, NULL);
	int status;

	(void)state;
	term_type(t, "grüße\r");
	assert_true(term_wait_text(t, "grüße", SOON));
	assert_false(term_has(t, "absent"));
	term_type(t, "\004");
	assert_true(term_wait_exit(t, &status, SOON));
	assert_int_equal(status, 0);
	assert_string_equal(term_row(t, 1), "grüße");
	term_close(t);
}

static void
test_much_output_is_complete(void **state)
{
	struct term *t = shell("seq 1 20000", NULL);

	(void)state;
	assert_true(term_wait_exit(t, NULL, SOON));
	assert_string_equal(term_row(t, 22), "20000");
	assert_int_equal(strncmp(display_scrollback(term_display(t)), "1\n2\n3\n", 6), 0);
	term_close(t);
}

static void
test_environment(void **state)
{
	static const char *const env[] = { "WEIR_TEST=a b", "HOME", NULL };
	const struct term_options o = { .name = "vt100", .env = env,
		.display = { .rows = 7, .cols = 33 } };
	struct term *t;

	(void)state;
	setenv("COLORTERM", "truecolor", 1);
	t = shell("echo $TERM ${WEIR_TEST} ${HOME-none} ${COLORTERM-none}; stty size", &o);
	assert_true(term_wait_exit(t, NULL, SOON));
	assert_string_equal(term_row(t, 0), "vt100 a b none none");
	assert_string_equal(term_row(t, 1), "7 33");
	term_close(t);
}

static void
test_questions_are_answered(void **state)
{
	const struct term_options o = { .display.knows_2027 = true,
		.display.background = "rgb:ffff/ffff/ffff" };
	struct term *t = shell("stty raw -echo; printf 'ab\\033[6n\\033[c\\033[?2026$p\\033[?2027$p"
	    "\\033]11;?\\033\\\\\\033[?31337$p';"
	    "dd bs=1 count=74 2>/dev/null | od -An -c | tr -d ' \\n'; stty sane", &o);
	struct buf all = { 0 };

	(void)state;
	assert_true(term_wait_exit(t, NULL, SOON));
	for (int row = 0; row < 4; row++)
		buf_str(&all, str_from(term_row(t, row)));
	assert_string_equal(buf_cstr(&all), "ab033[1;3R033[?62;22c033[?2026;2$y033[?2027;2$y"
	    "033]11;rgb:ffff/ffff/ffff033\\033[?31337;0$y");
	buf_done(&all);
	term_close(t);
}

static void
test_cells(void **state)
{
	struct term *t = shell("printf '\\033[1;31mred\\033[m 漢字 "
	    "\\033[4;38;5;200;48;2;1;2;3mx'", NULL);
	struct display *d;
	struct display_cell cell;
	int row, col;

	(void)state;
	assert_true(term_wait_exit(t, NULL, SOON));
	d = term_display(t);
	cell = display_cell(d, 0, 0);
	assert_string_equal(cell.text, "r");
	assert_true(cell.bold);
	assert_int_equal(cell.fg, 1);
	assert_int_equal(cell.bg, -1);
	assert_true(display_find(d, "字", &row, &col));
	assert_int_equal(row, 0);
	assert_int_equal(col, 6);
	assert_int_equal(display_cell(d, 0, 6).width, 2);
	assert_true(display_find(d, "x", &row, &col));
	assert_int_equal(col, 9);
	cell = display_cell(d, row, col);
	assert_true(cell.underline && !cell.bold);
	assert_int_equal(cell.fg, 200);
	assert_int_equal(cell.bg, 0x1010203);
	term_close(t);
}

static void
test_state_tells_what_is_left_behind(void **state)
{
	struct term *t = shell("read x; stty -echo;"
	    "printf '\\033[?1049h\\033[?25l\\033[?2004h\\033=\\033[1mA'; read x; stty echo;"
	    "printf '\\033[?2004l\\033[m\\033>\\033[?25h\\033[?1049l'; read x; printf 'end'", NULL);
	char *before = strdup(term_state(t));

	(void)state;
	term_type(t, "\r");
	assert_true(term_wait_text(t, "A", SOON));
	assert_true(display_mode(term_display(t), 1049));
	assert_string_not_equal(term_state(t), before);
	assert_non_null(strstr(term_state(t), " ?25l ?1049h ?2004h keypad=1 bold"));
	term_type(t, "\r");
	assert_true(term_wait_mode(t, 1049, false, SOON));
	assert_string_equal(term_state(t), before);
	term_type(t, "\r");
	assert_true(term_wait_exit(t, NULL, SOON));
	assert_string_equal(term_state(t), before);
	free(before);
	term_close(t);
}

static void
test_resize(void **state)
{
	struct term *t = shell("trap 'stty size' WINCH; echo ready;"
	    "while :; do read x; done", NULL);

	(void)state;
	assert_true(term_wait_text(t, "ready", SOON));
	term_resize(t, 30, 100);
	assert_true(term_wait_text(t, "30 100", SOON));
	term_close(t);
}

static void
test_stop_and_resume(void **state)
{
	struct term *t = shell("echo ready; read x; echo got $x", NULL);
	int status;

	(void)state;
	assert_true(term_wait_text(t, "ready", SOON));
	term_type(t, "\032");
	assert_true(term_wait_stop(t, SOON));
	term_resume(t);
	assert_true(term_wait_running(t, SOON));
	term_type(t, "it\r");
	assert_true(term_wait_exit(t, &status, SOON));
	assert_int_equal(status, 0);
	assert_true(term_has(t, "got it"));
	term_close(t);
}

static void
test_signals(void **state)
{
	struct term *t = shell("echo ready; read x", NULL);
	int status;

	(void)state;
	assert_true(term_wait_text(t, "ready", SOON));
	term_signal(t, SIGTERM);
	assert_true(term_wait_exit(t, &status, SOON));
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
	term_close(t);
}

static void
test_hang_up(void **state)
{
	struct term *t = shell("trap 'exit 9' HUP; echo ready; while :; do sleep 0.05; done", NULL);
	int status;

	(void)state;
	assert_true(term_wait_text(t, "ready", SOON));
	term_hang_up(t);
	assert_true(term_wait_exit(t, &status, SOON));
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 9);
	term_close(t);
}

static void
test_keys_follow_the_modes(void **state)
{
	struct term *t = shell("stty raw -echo; printf '\\033[?1h\\033[?2004h.';"
	    "dd bs=1 count=18 2>/dev/null | od -An -c | tr -d ' \\n'", NULL);

	(void)state;
	assert_true(term_wait_text(t, ".", SOON));
	term_key(t, DISPLAY_UP, 0);
	term_paste(t, "a\nb");
	assert_true(term_wait_text(t, ".033OA033[200~a\\nb033[201~", SOON));
	term_close(t);
}

static void
test_synchronized_output_is_seen_whole(void **state)
{
	struct term *t = shell("printf '\\033[?2026hhalf'; read x;"
	    "printf ' whole\\033[?2026l'; read x", NULL);

	(void)state;
	term_type(t, "\r");
	assert_true(term_wait_text(t, "half", SOON));
	assert_true(term_has(t, "whole"));
	term_close(t);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exit_status_and_last_output),
		cmocka_unit_test(test_missing_program),
		cmocka_unit_test(test_typing_echo_and_end_of_input),
		cmocka_unit_test(test_much_output_is_complete),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_questions_are_answered),
		cmocka_unit_test(test_cells),
		cmocka_unit_test(test_state_tells_what_is_left_behind),
		cmocka_unit_test(test_resize),
		cmocka_unit_test(test_stop_and_resume),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_hang_up),
		cmocka_unit_test(test_keys_follow_the_modes),
		cmocka_unit_test(test_synchronized_output_is_seen_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
