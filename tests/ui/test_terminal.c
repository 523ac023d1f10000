#include <locale.h>

#include "tests/unit.h"
#include "ui/terminal.h"

static void
assert_screen(const char *output, const char *want)
{
	struct terminal *t = terminal_new();
	struct rows rows = { 0 };
	struct buf got = { 0 };

	assert_true(terminal_update(t, str_from(output), 1));
	terminal_rows(t, STYLE(ROLE_TEXT), &rows);
	for (size_t i = 0; i < rows_count(&rows); i++) {
		line_text(rows_line(&rows, i), &got);
		buf_byte(&got, '\n');
	}
	assert_str(buf_view(&got), str_from(want));
	terminal_free(t);
	rows_done(&rows);
	buf_done(&got);
}

static bool
moves(const char *output)
{
	struct terminal *whole = terminal_new(), *bytewise = terminal_new();
	struct str s = str_from(output);
	bool needed = terminal_update(whole, s, 1), same = false;

	for (size_t n = 1; n <= s.n; n++)
		same = terminal_update(bytewise, str_head(s, n), 1) == needed;
	assert_true(same);
	terminal_free(whole);
	terminal_free(bytewise);
	return needed;
}

static void
test_who_needs_one(void **state)
{
	(void)state;
	assert_false(moves("plain\nlines\n"));
	assert_false(moves("\033[1;31mred\033[0m\n"));
	assert_false(moves("10 %\r20 %\r\033[K30 %\n"));
	assert_false(moves("\033[2Kx\033[1Cy\033[0J\033[?25l\033[?2004h"));
	assert_true(moves("a\nb\033[1A\033[2K"));
	assert_true(moves("\033[H\033[2Jtop"));
	assert_true(moves("\033[?1049h"));
	assert_true(moves("\0337x\0338"));
	assert_true(moves("\033[5;20r"));
}

/* Two lines of progress that are drawn over each other, as package managers do. */
static void
test_progress(void **state)
{
	(void)state;
	assert_screen("fetch\r\na  10 %\r\nb  20 %\r\n\033[2A\033[2Ka 100 %\033[1B\033[8Db 100 %\r\ndone\r\n",
	    "fetch\na 100 %\nb 100 %\ndone\n");
}

static void
test_whole_screens(void **state)
{
	(void)state;
	assert_screen("\033[H\033[2Jone\033[3;5Htwo\033[1;1Htop", "top\n\n    two\n");
	/* What stood there before the program took the screen, and its last words. */
	assert_screen("$ top\r\n\033[?1049h\033[2J\033[Hbusy\033[?1049lbye\r\n", "$ top\nbye\n");
	/* It is as large as the program takes it to be. */
	assert_screen("\033[H1\033[30;100Hx\033[1;3H3", "1 3\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n"
	    "                                                                                "
	    "                   x\n");
}

static bool
is_picture(const char *output)
{
	struct terminal *t = terminal_new();
	bool is = terminal_update(t, str_from(output), 1) && terminal_is_picture(t);

	terminal_free(t);
	return is;
}

static void
test_pictures(void **state)
{
	(void)state;
	assert_true(is_picture("\033[?1049hvim"));
	assert_false(is_picture("\033[?1049hvim\033[?1049l"));
	assert_true(is_picture("\033[?25l\033[Htop"));
	assert_false(is_picture("\033[?25l\033[Htop\033[?25h"));
	assert_false(is_picture("\033[H\033[2J$ ls\r\n"));
	assert_false(is_picture("\033[?25la\r\n\033[Ab"));
}

/* The columns a program has that never names one; a shell's long line is no sign of them. */
static void
test_width_by_lines(void **state)
{
	struct buf output = { 0 }, want = { 0 };

	(void)state;
	buf_str(&output, STR("\033[?25l\033[H\033[1m"));
	buf_fill(&want, 'x', 120);
	buf_str(&output, buf_view(&want));
	buf_str(&output, STR("\r\nnext"));
	buf_str(&want, STR("\nnext\n"));
	assert_screen(buf_cstr(&output), buf_cstr(&want));
	buf_clear(&want);
	buf_fill(&want, 'x', 80);
	buf_str(&want, STR("\nx\n"));
	buf_set(&output, STR("\033[H\033[2J"));
	buf_fill(&output, 'x', 81);
	assert_screen(buf_cstr(&output), buf_cstr(&want));
	buf_set(&output, STR("\033[?1049h\033[H"));
	buf_fill(&output, 'x', 81);
	assert_screen(buf_cstr(&output), buf_cstr(&want));
	buf_done(&output);
	buf_done(&want);
}

/* What scrolls off the top is kept, all of a short output and the end of a long one. */
static void
test_back(void **state)
{
	struct terminal *t = terminal_new();
	struct rows rows = { 0 };
	struct buf all = { 0 }, line = { 0 };

	(void)state;
	buf_str(&all, STR("\033[H"));
	for (int i = 0; i < 5000; i++) {
		buf_printf(&all, "%d\n", i);
		assert_true(terminal_update(t, buf_view(&all), 1));
		assert_false(terminal_behind(t));
	}
	terminal_rows(t, STYLE(ROLE_TEXT), &rows);
	assert_int_equal(rows_count(&rows), TERMINAL_BACK + 23);
	buf_clear(&line);
	line_text(rows_line(&rows, rows_count(&rows) - 1), &line);
	assert_str(buf_view(&line), STR("4999"));
	buf_clear(&line);
	line_text(rows_line(&rows, 0), &line);
	assert_str(buf_view(&line), STR("3977"));
	terminal_free(t);
	rows_done(&rows);
	buf_done(&all);
	buf_done(&line);
}

/* Colours, wide characters, and what must not reach a terminal. */
static void
test_cells(void **state)
{
	struct terminal *t = terminal_new();
	struct rows rows = { 0 };
	struct line l;

	(void)state;
	assert_true(terminal_update(t, STR("\033[H\033[1;31mred\033[0m \033[48;2;255;0;0mbg\033[8mhidden\033[0m"), 1));
	terminal_rows(t, STYLE(ROLE_TEXT), &rows);
	l = rows_line(&rows, 0);
	assert_int_equal(l.spans[0].style.fg, 2);
	assert_int_equal(l.spans[0].style.attr, ATTR_BOLD);
	assert_int_equal(l.spans[l.n - 1].style.bg, 196 + 1);
	assert_int_equal(l.cols, 12);
	terminal_free(t);
	rows_done(&rows);
	assert_screen("\033[H\xe4\xb8\xad\xe6\x96\x87 e\xcc\x81", "\xe4\xb8\xad\xe6\x96\x87 e\xcc\x81\n");
	assert_screen("\033[Ha\033]0;t\007b\033]52;c;QQ==\033\\c\033Pq\033\\d\033[c\033[6n\033[21te", "abcde\n");
}

/* Another generation is another output; the same again costs nothing and changes nothing. */
static void
test_generations(void **state)
{
	struct terminal *t = terminal_new();
	struct rows rows = { 0 };

	(void)state;
	assert_true(terminal_update(t, STR("\033[Hone"), 1));
	assert_false(terminal_update(t, STR("plain"), 2));
	assert_true(terminal_update(t, STR("plain\n\033[Atwo"), 2));
	assert_true(terminal_update(t, STR("plain\n\033[Atwo"), 2));
	terminal_rows(t, STYLE(ROLE_TEXT), &rows);
	assert_int_equal(rows_count(&rows), 1);
	assert_int_equal(rows_line(&rows, 0).cols, 5);
	terminal_free(t);
	rows_done(&rows);
}

/* A long output is not played in one go. */
static void
test_behind(void **state)
{
	struct terminal *t = terminal_new();
	struct rows rows = { 0 };
	struct buf all = { 0 };
	int updates = 1;

	(void)state;
	buf_str(&all, STR("\033[H"));
	while (all.n < 1000000)
		buf_str(&all, STR("some text, and one more line of it\r\n"));
	buf_str(&all, STR("\033[2J\033[Hlast"));
	assert_true(terminal_update(t, buf_view(&all), 1));
	assert_true(terminal_behind(t));
	while (terminal_behind(t)) {
		terminal_update(t, buf_view(&all), 1);
		updates++;
	}
	assert_int_equal(updates, (all.n + 65535) / 65536);
	terminal_rows(t, STYLE(ROLE_TEXT), &rows);
	assert_int_equal(rows_line(&rows, rows_count(&rows) - 1).cols, 4);
	terminal_free(t);
	rows_done(&rows);
	buf_done(&all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_needs_one),
		cmocka_unit_test(test_progress),
		cmocka_unit_test(test_whole_screens),
		cmocka_unit_test(test_pictures),
		cmocka_unit_test(test_width_by_lines),
		cmocka_unit_test(test_back),
		cmocka_unit_test(test_cells),
		cmocka_unit_test(test_generations),
		cmocka_unit_test(test_behind),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
