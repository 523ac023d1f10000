#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/harness/term.h"
#include "tests/unit.h"

#define SOON 20000

static const char *const utf8_env[] = { "LC_ALL=C.UTF-8", NULL };

/* The program runs behind a shell, so that the terminal can be compared before and after. */
static struct term *
play(const char *terminal, const struct term_options *options)
{
	static char path[4096];
	struct term_options o = options != NULL ? *options : (struct term_options){ 0 };
	const char *argv[] = { path, NULL };

	snprintf(path, sizeof path, "%s/tests/ui/screen_play", getenv("top_builddir"));
	o.name = terminal;
	if (o.env == NULL)
		o.env = utf8_env;
	return term_open(argv, &o);
}

static char *
state_of_new_terminal(void)
{
	static const char *const argv[] = { "true", NULL };
	struct term *t = term_open(argv, NULL);
	char *state;

	assert_true(term_wait_exit(t, NULL, SOON));
	state = strdup(term_state(t));
	term_close(t);
	return state;
}

/* Types `keys`, waits for the end, and looks whether the terminal is as it was. */
static void
check_restored(const char *terminal, const char *keys, int sig, int want_signal)
{
	struct term *t = play(terminal, NULL);
	char *before = state_of_new_terminal();
	int status;

	assert_true(term_wait_text(t, "ready", SOON));
	if (strcmp(terminal, "vt100") != 0 && strcmp(terminal, "linux") != 0) {
		assert_true(display_mode(term_display(t), 1049));
		assert_true(display_mode(term_display(t), 2004));
		assert_false(display_mode(term_display(t), 7));
	}
	if (sig != 0)
		term_signal(t, sig);
	else
		term_type(t, keys);
	assert_true(term_wait_exit(t, &status, SOON));
	if (want_signal != 0 && !SANITIZED) {
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), want_signal);
	}
	assert_string_equal(term_state(t), before);
	free(before);
	term_close(t);
}

static const char *const terminals[] = { "xterm-256color", "tmux-256color", "screen", "linux",
	"vt100", "xterm-ghostty-unknown", "xterm-direct" };

static void
the_terminal_is_restored(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof terminals / sizeof terminals[0]; i++) {
		check_restored(terminals[i], "q", 0, 0);
		check_restored(terminals[i], NULL, SIGTERM, 0);
		check_restored(terminals[i], "A", 0, SIGABRT);
		check_restored(terminals[i], NULL, SIGSEGV, SIGSEGV);
	}
}

static void
every_death_restores_it(void **state)
{
	(void)state;
	check_restored("xterm-256color", NULL, SIGQUIT, SIGQUIT);
	check_restored("xterm-256color", NULL, SIGABRT, SIGABRT);
	check_restored("xterm-256color", "S", 0, SIGSEGV);
	check_restored("xterm-256color", NULL, SIGBUS, SIGBUS);
	check_restored("xterm-256color", NULL, SIGFPE, SIGFPE);
	check_restored("xterm-256color", NULL, SIGILL, SIGILL);
	if (SANITIZED)
		return;
	check_restored("xterm-256color", "M", 0, 0);
	check_restored("xterm-256color", "R", 0, SIGSEGV);
}

static void
rows_are_drawn_and_keys_read(void **state)
{
	struct term *t = play("xterm-256color", NULL);

	(void)state;
	assert_true(term_wait_text(t, "ready", SOON));
	assert_string_equal(term_row(t, 0), "size 80x24");
	assert_string_equal(term_row(t, 22), "row 22");
	assert_true(display_cell(term_display(t), 0, 0).bold);
	assert_false(display_cell(term_display(t), 1, 0).bold);
	term_type(t, "x");
	term_key(t, DISPLAY_PAGE_UP, 0);
	term_key(t, DISPLAY_RIGHT, DISPLAY_CTRL);
	term_paste(t, "two\nlines");
	assert_true(term_wait_text(t, "ready x PgUp C-Right paste(two^Jlines)", SOON));
	term_type(t, "\033");
	assert_true(term_wait_text(t, "Esc", SOON));
	/* What the terminal answered to the questions at the start is no key. */
	assert_false(term_has(t, "reply"));
	term_close(t);
}

/* The last row is sent last. */
static bool
last_row_is_ready(struct term *t, const void *row)
{
	return strcmp(term_row(t, *(const int *)row), "ready") == 0;
}

static void
resizing(void **state)
{
	static const int last[] = { 59, 4 };
	struct term *t = play("xterm-256color", NULL);

	(void)state;
	assert_true(term_wait_text(t, "ready", SOON));
	term_resize(t, 60, 200);
	assert_true(term_wait_text(t, "size 200x60", SOON));
	assert_true(term_wait(t, last_row_is_ready, &last[0], "the last of 60 rows", SOON));
	assert_string_equal(term_row(t, 58), "row 58");
	term_resize(t, 5, 20);
	assert_true(term_wait_text(t, "size 20x5", SOON));
	assert_true(term_wait(t, last_row_is_ready, &last[1], "the last of 5 rows", SOON));
	assert_false(term_has(t, "row 5"));
	term_close(t);
}

static void
suspending(void **state)
{
	struct term *t = play("xterm-256color", NULL);
	char *before = state_of_new_terminal();

	(void)state;
	assert_true(term_wait_text(t, "ready", SOON));
	term_type(t, "Z");
	assert_true(term_wait_stop(t, SOON));
	assert_string_equal(term_state(t), before);
	term_resize(t, 30, 100);
	term_resume(t);
	assert_true(term_wait_text(t, "size 100x30", SOON));
	assert_true(term_wait_text(t, "ready Z", SOON));
	assert_true(display_mode(term_display(t), 2004));
	term_type(t, "q");
	assert_true(term_wait_exit(t, NULL, SOON));
	assert_string_equal(term_state(t), before);
	free(before);
	term_close(t);
}

/* What was not asked for is not sent. */
static void
unchanged_frames_cost_nothing(void **state)
{
	struct term *t = play("xterm-256color", NULL);
	size_t before;

	(void)state;
	assert_true(term_wait_text(t, "ready", SOON));
	term_type(t, "x");
	assert_true(term_wait_text(t, "ready x", SOON));
	before = term_received(t);
	term_type(t, "y");
	assert_true(term_wait_text(t, "ready x y", SOON));
	assert_true(term_received(t) - before < 40);
	term_close(t);
}

/* Whether the rows between the first and the last say "row N", `first` being the first N. */
static void
check_rows(struct term *t, unsigned first)
{
	struct str screen = str_from(term_screen(t));

	str_cut(screen, '\n', &screen);
	for (unsigned n = first; n < first + 22; n++) {
		char want[16];

		snprintf(want, sizeof want, "row %u", n);
		assert_str(str_trim(str_cut(screen, '\n', &screen)), str_from(want));
	}
}

/* The terminal moves them itself. */
static void
moved_rows_are_not_sent_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof terminals / sizeof *terminals; i++) {
		struct term *t = play(terminals[i], NULL);
		size_t before;

		assert_true(term_wait_text(t, "row 22", SOON));
		term_type(t, "sss");
		assert_true(term_wait_text(t, "row 25", SOON));
		check_rows(t, 4);
		before = term_received(t);
		term_type(t, "s");
		assert_true(term_wait_text(t, "row 26", SOON));
		check_rows(t, 5);
		term_type(t, "u");
		assert_true(term_wait_text(t, "row 4", SOON));
		check_rows(t, 4);
		assert_true(term_received(t) - before < 200);
		term_close(t);
	}
}

/* What is drawn from where a row differs on is what is drawn when nothing is known of it. */
static void
changed_rows_are_as_new_ones(void **state)
{
	struct term *t = play("xterm-256color", NULL);

	(void)state;
	assert_true(term_wait_text(t, "ready", SOON));
	for (unsigned i = 0; i < 60; i++) {
		char key[16];
		char *changed;

		term_type(t, "m");
		snprintf(key, sizeof key, "key %u.", 2 * i + 1);
		assert_true(term_wait_text(t, key, SOON));
		changed = strdup(term_screen(t));
		*strstr(changed, key) = '\0';
		term_type(t, "l");
		snprintf(key, sizeof key, "key %u.", 2 * i + 2);
		assert_true(term_wait_text(t, key, SOON));
		assert_int_equal(strncmp(changed, term_screen(t), strlen(changed)), 0);
		free(changed);
	}
	term_close(t);
}

static bool
sync_was_used(struct term *t, const void *arg)
{
	return str_find(term_output(t), STR("\033[?2026h")) < term_output(t).n && arg == NULL;
}

static void
synchronized_output_only_when_confirmed(void **state)
{
	struct term_options no = { .display = { .no_2026 = true } };
	struct term *t = play("xterm-256color", NULL);

	(void)state;
	assert_true(term_wait_text(t, "ready", SOON));
	term_type(t, "l");
	assert_true(term_wait(t, sync_was_used, NULL, "synchronized output", SOON));
	term_close(t);
	t = play("xterm-256color", &no);
	assert_true(term_wait_text(t, "ready", SOON));
	term_type(t, "lx");
	assert_true(term_wait_text(t, "ready l x", SOON));
	assert_false(sync_was_used(t, NULL));
	term_close(t);
}

static void
a_mute_terminal_is_served_and_left_soon(void **state)
{
	struct term_options mute = { .display = { .mute = true } };
	struct term *t = play("xterm-256color", &mute);

	(void)state;
	assert_true(term_wait_text(t, "ready", SOON));
	term_type(t, "q");
	assert_true(term_wait_exit(t, NULL, SOON));
	term_close(t);
}

static void
clusters_have_their_columns(void **state)
{
	struct term *t = play("xterm-256color", NULL);

	(void)state;
	assert_true(term_wait_text(t, "ready", SOON));
	term_type(t, "w");
	assert_true(term_wait_text(t, "22 漢字", SOON));
	for (int row = 1; row < 23; row++) {
		int at, col;

		assert_non_null(strchr(term_row(t, row), '|'));
		for (at = 0, col = -1; at < 80; at++)
			if (strcmp(display_cell(term_display(t), row, at).text, "|") == 0)
				col = at;
		assert_int_equal(col, row < 10 ? 17 : 18);
	}
	term_close(t);
}

static void
without_utf8_it_is_like_ascii(void **state)
{
	static const char *const env[] = { "LC_ALL=C", NULL };
	struct term_options o = { .env = env };
	struct term *t = play("xterm-256color", &o);

	(void)state;
	assert_true(term_wait_text(t, "ready", SOON));
	term_type(t, "w");
	assert_true(term_wait_text(t, "22 ???? ", SOON));
	term_close(t);
}

static void
no_color_means_attributes_only(void **state)
{
	static const char *const env[] = { "LC_ALL=C.UTF-8", "NO_COLOR=1", NULL };
	struct term_options o = { .env = env };
	struct term *t = play("xterm-256color", &o);

	(void)state;
	assert_true(term_wait_text(t, "ready", SOON));
	for (int row = 0; row < 24; row++) {
		for (int col = 0; col < 80; col++) {
			assert_int_equal(display_cell(term_display(t), row, col).fg, -1);
			assert_int_equal(display_cell(term_display(t), row, col).bg, -1);
		}
	}
	term_close(t);
}

static void
no_terminal_is_an_error(void **state)
{
	static char script[4096];
	const char *argv[] = { "sh", "-c", script, NULL };
	struct term *t;
	int status;

	(void)state;
	snprintf(script, sizeof script, "%s/tests/ui/screen_play </dev/null", getenv("top_builddir"));
	t = term_open(argv, NULL);
	assert_true(term_wait_exit(t, &status, SOON));
	assert_int_equal(WEXITSTATUS(status), 1);
	assert_true(term_has(t, "weir tail"));
	term_close(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_terminal_is_restored),
		cmocka_unit_test(every_death_restores_it),
		cmocka_unit_test(rows_are_drawn_and_keys_read),
		cmocka_unit_test(resizing),
		cmocka_unit_test(suspending),
		cmocka_unit_test(unchanged_frames_cost_nothing),
		cmocka_unit_test(moved_rows_are_not_sent_again),
		cmocka_unit_test(changed_rows_are_as_new_ones),
		cmocka_unit_test(synchronized_output_only_when_confirmed),
		cmocka_unit_test(a_mute_terminal_is_served_and_left_soon),
		cmocka_unit_test(clusters_have_their_columns),
		cmocka_unit_test(without_utf8_it_is_like_ascii),
		cmocka_unit_test(no_color_means_attributes_only),
		cmocka_unit_test(no_terminal_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
