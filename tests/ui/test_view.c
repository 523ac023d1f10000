#include <signal.h>
#include <unistd.h>

#include "tests/harness/term.h"
#include "tests/unit.h"

#define SOON 20000

static struct term *
play(const char *terminal, int rows, int cols)
{
	static const char *const env[] = { "LC_ALL=C.UTF-8", "TZ=UTC", NULL };
	static char path[4096];
	struct term_options o = {
		.display = { .rows = rows, .cols = cols }, .name = terminal, .env = env,
	};
	const char *argv[] = { path, NULL };
	struct term *t;

	snprintf(path, sizeof path, "%s/tests/ui/view_play", getenv("top_builddir"));
	t = term_open(argv, &o);
	assert_true(term_wait_text(t, "applied 1834 = head 1834", SOON));
	return t;
}

static void
type(struct term *t, const char *keys, const char *then)
{
	term_type(t, keys);
	assert_true(term_wait_text(t, then, SOON));
}

/* Waits until a lone Esc has been taken as one. */
static void
escape(struct term *t, const char *gone)
{
	term_type(t, "\033");
	assert_true(term_wait_gone(t, gone, SOON));
}

static void
it_fits_any_terminal(void **state)
{
	static const struct {
		const char *name;
		int rows, cols;
	} screens[] = {
		{ "xterm-256color", 24, 80 }, { "xterm-256color", 60, 200 }, { "vt100", 24, 80 },
		{ "linux", 24, 80 }, { "tmux-256color", 24, 80 }, { "xterm-256color", 50, 60 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof screens / sizeof screens[0]; i++) {
		struct term *t = play(screens[i].name, screens[i].rows, screens[i].cols);

		assert_true(str_starts(str_from(term_row(t, 0)), STR("s1 · fix the flaky test")));
		assert_true(term_has(t, "press a to answer"));
		assert_true(term_has(t, "> i writes, ? shows the keys"));
		term_type(t, "q");
		assert_true(term_wait_exit(t, NULL, SOON));
		term_close(t);
	}
}

static void
writing_and_sending(void **state)
{
	struct term *t = play("xterm-256color", 24, 80);

	(void)state;
	type(t, "i", "your message; Enter sends it");
	type(t, "hello wörld", "> hello wörld");
	type(t, "\nsecond", "  second");
	term_paste(t, "pasted\nlines\n");
	assert_true(term_wait_text(t, "  lines", SOON));
	assert_false(term_has(t, "send <"));
	type(t, "\033\rlast", "  last");
	type(t, "\r", "send <hello wörld^Jsecondpasted^Jlines^J^Jlast>");
	assert_true(term_has(t, "your message; Enter sends it"));
	/* Empty lines are not sent, what was sent can be had again. */
	term_type(t, " \r");
	type(t, "\025\033[A", "secondpasted");
	term_close(t);
}

static void
leaving_the_composer_keeps_the_draft(void **state)
{
	struct term *t = play("xterm-256color", 24, 80);

	(void)state;
	type(t, "i", "your message");
	type(t, "draft qqq", "> draft qqq");
	type(t, "\033", "waits: press a");
	assert_true(term_has(t, "> draft qqq"));
	type(t, "a", "the composer has unsent text");
	type(t, "i!", "> draft qqq!");
	term_close(t);
}

/* T11: no text that is typed or pasted approves anything. */
static void
nothing_is_approved_by_accident(void **state)
{
	struct term *t = play("xterm-256color", 24, 80);

	(void)state;
	/* Among the letters is the one that turns to the question. */
	type(t, "yes please\n", "read it first");
	type(t, "y", "too early");
	type(t, "yyy\r y", "too early");
	assert_false(term_has(t, "answer 0"));
	/* Left alone it takes the key. */
	assert_true(term_wait_text(t, "y allow once, A allow always", SOON));
	type(t, "y", "answer 0 <> to q1");
	assert_true(term_wait_text(t, "… allowed once (being sent)", SOON));
	/* And never twice. */
	type(t, "a", "nothing waits for an answer");
	term_close(t);
}

static void
rejecting_and_leaving(void **state)
{
	struct term *t = play("xterm-256color", 24, 80);

	(void)state;
	type(t, "a", "read it first");
	escape(t, "read it first");
	type(t, "a", "y allow once");
	term_paste(t, "y");
	assert_true(term_wait_text(t, "read it first", SOON));
	assert_true(term_wait_text(t, "y allow once", SOON));
	type(t, "n", "answer 2 <> to q1");
	term_close(t);
}

static void
scrolling_and_the_counter(void **state)
{
	struct term *t = play("xterm-256color", 24, 80);

	(void)state;
	type(t, "g", "▌ anna 03:04 · ✓ 17");
	assert_true(term_has(t, "G follows"));
	type(t, ":more\r", "▼ 1 new");
	assert_true(term_has(t, "▌ anna 03:04 · ✓ 17"));
	type(t, "G", "more and more");
	assert_true(term_wait_gone(t, "G follows", SOON));
	term_key(t, DISPLAY_PAGE_UP, 0);
	assert_true(term_wait_text(t, "G follows", SOON));
	term_close(t);
}

static void
searching(void **state)
{
	struct term *t = play("xterm-256color", 24, 80);

	(void)state;
	type(t, "g", "▌ anna");
	type(t, "/all passed\r", "│ all passed");
	type(t, "/nowhere at all\r", "not found: nowhere at all");
	escape(t, "not found");
	term_close(t);
}

static void
choosing_and_links(void **state)
{
	struct term *t = play("xterm-256color", 24, 80);

	(void)state;
	type(t, "v", "v begins here");
	type(t, "v", "v begins anew");
	type(t, "ky", "copy <git push");
	type(t, "v", "v begins here");
	escape(t, "v begins here");
	type(t, "o", "no links here");
	type(t, "J:raw\r", "raw text");
	type(t, "q", "press a to answer");
	type(t, ":save\r", "save where?");
	type(t, ":save x.txt\r", "save <");
	term_close(t);
}

static void
help_and_command_line(void **state)
{
	struct term *t = play("xterm-256color", 24, 80);

	(void)state;
	type(t, "?", "leave; the agent goes on");
	type(t, "G", "Pages like this one");
	type(t, "q", "press a to answer");
	type(t, ":theme light\r", "line <theme light>");
	type(t, ":stats\r", "stats <>");
	type(t, ":rename  a b \r", "rename <a b>");
	type(t, ":fork\r", "fork <>");
	type(t, "\003", "C-c again interrupts the agent");
	type(t, "\003", "stop <>");
	term_type(t, ":quit\r");
	assert_true(term_wait_exit(t, NULL, SOON));
	term_close(t);
}

static void
resizing(void **state)
{
	struct term *t = play("xterm-256color", 24, 80);

	(void)state;
	type(t, "i", "your message");
	type(t, "draft", "> draft");
	for (int rows = 1; rows < 14; rows++) {
		term_resize(t, rows, 30);
		assert_true(term_wait_text(t, "> draft", SOON));
	}
	term_resize(t, 60, 200);
	assert_true(term_wait_text(t, "▌ anna 03:04 · ✓ 17", SOON));
	assert_true(term_has(t, "> draft"));
	term_close(t);
}

/* The frames of nothing new are empty. */
static void
idle_costs_nothing(void **state)
{
	struct term *t = play("xterm-256color", 24, 80);
	size_t before;

	(void)state;
	type(t, "i", "your message");
	type(t, "x", "> x");
	before = term_received(t);
	type(t, "y", "> xy");
	assert_true(term_received(t) - before < 60);
	term_close(t);
}

static void
one_of_what_is_offered(void **state)
{
	struct term *t = play("xterm-256color", 24, 80);

	(void)state;
	type(t, ":model\r", "with what model");
	assert_true(term_has(t, "▸ review  what it does"));
	assert_false(term_has(t, "wrong"));
	type(t, "\033[A", "▸ init");
	type(t, "ins", "▸ inspect");
	assert_false(term_has(t, "review"));
	type(t, "\r", "model <inspect>");
	type(t, ":model\r", "with what model");
	type(t, "init\r", "model <init>");
	type(t, ":model\r", "with what model");
	escape(t, "with what model");
	term_close(t);
}

/* They are completed where they are written, and the keys of the composer stay what they are. */
static void
slash_commands_are_completed(void **state)
{
	struct term *t = play("xterm-256color", 24, 80);

	(void)state;
	type(t, "i/r\t", "> /review");
	type(t, "now", "> /review now");
	type(t, "\t", "Tab completes a slash command");
	type(t, "\025/in\t", "▸ init");
	assert_true(term_has(t, "  inspect"));
	type(t, "\033[B\r", "> /inspect");
	type(t, "\025/zzz\t", "nothing fits");
	term_type(t, "\r");
	type(t, "\033", "> /zzz");
	assert_true(term_wait_gone(t, "nothing fits", SOON));
	/* A draft becomes what the command works on. */
	type(t, "\025these files", "> these files");
	type(t, "\033", "waits: press a");
	type(t, ":slash rev\r", "> /review these files");
	type(t, "\r", "send </review these files>");
	term_close(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_fits_any_terminal),
		cmocka_unit_test(writing_and_sending),
		cmocka_unit_test(leaving_the_composer_keeps_the_draft),
		cmocka_unit_test(nothing_is_approved_by_accident),
		cmocka_unit_test(rejecting_and_leaving),
		cmocka_unit_test(scrolling_and_the_counter),
		cmocka_unit_test(searching),
		cmocka_unit_test(choosing_and_links),
		cmocka_unit_test(help_and_command_line),
		cmocka_unit_test(resizing),
		cmocka_unit_test(idle_costs_nothing),
		cmocka_unit_test(one_of_what_is_offered),
		cmocka_unit_test(slash_commands_are_completed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
