#include "tests/harness/display.h"
#include "tests/unit.h"
#include "ui/canvas.h"
#include "ui/screen.h"

static void
put(struct screen *s, unsigned y, struct style style, const char *text, unsigned flags)
{
	struct rows r = { 0 };
	unsigned rows, cols;

	screen_size(s, &rows, &cols);
	rows_add(&r, style, str_from(text), 0);
	rows_end(&r, flags);
	screen_line(s, y, rows_line(&r, 0));
	rows_done(&r);
}

static struct screen *
open_screen(struct canvas *c)
{
	const struct screen_options options = { .in = -1, .out = -1, .canvas = c };
	struct screen *s;
	struct error e;

	assert_int_equal(screen_open(&s, &options, &e), ERR_OK);
	return s;
}

/* The frames, drawn by a terminal, are the text: whatever was on the screen before. */
static void
show(struct canvas *c, struct screen *s, struct display *d)
{
	struct buf frame = { 0 }, text = { 0 }, answers = { 0 };

	assert_true(screen_flush(s));
	canvas_frame(c, &frame);
	canvas_text(c, false, &text);
	display_feed(d, buf_view(&frame), &answers);
	assert_str(str_from(display_text(d)), buf_view(&text));
	buf_clear(&frame);
	canvas_frame(c, &frame);
	assert_int_equal(frame.n, 0);
	buf_done(&frame);
	buf_done(&text);
	buf_done(&answers);
}

static void
test_frames(void **state)
{
	struct canvas *c = canvas_new(4, 20);
	struct screen *s = open_screen(c);
	struct display *d = display_new(&(struct display_options){ .rows = 4, .cols = 20 });
	struct display_cell cell;

	(void)state;
	show(c, s, d);
	put(s, 0, STYLE_WITH(ROLE_TEXT, ATTR_BOLD), "bold", 0);
	put(s, 1, STYLE(ROLE_ERROR), "twenty columns wide!", 0);
	put(s, 2, STYLE(ROLE_TEXT), "漢字漢字漢字漢字漢字漢", 0);
	put(s, 3, STYLE_WITH(ROLE_TEXT, ATTR_REVERSE), "fill", LINE_FILL);
	show(c, s, d);
	cell = display_cell(d, 0, 1);
	assert_true(cell.bold);
	assert_false(display_cell(d, 0, 5).bold);
	assert_true(display_cell(d, 3, 10).reverse);
	assert_int_not_equal(display_cell(d, 1, 19).fg, -1);

	put(s, 1, STYLE(ROLE_TEXT), "less", 0);
	put(s, 3, STYLE(ROLE_TEXT), "", 0);
	screen_cursor(s, 1, 4);
	show(c, s, d);
	assert_int_equal(display_cell(d, 1, 19).fg, -1);
	assert_false(display_cell(d, 3, 10).reverse);
	assert_true(display_mode(d, 25));
	screen_no_cursor(s);
	show(c, s, d);
	assert_false(display_mode(d, 25));

	assert_true(canvas_has(c, STR("less")));
	assert_false(canvas_has(c, STR("twenty")));
	screen_close(s);
	canvas_free(c);
	display_free(d);
}

static void
test_resize(void **state)
{
	struct canvas *c = canvas_new(2, 10);
	struct screen *s = open_screen(c);
	struct display *d = display_new(&(struct display_options){ .rows = 2, .cols = 10 });
	unsigned rows, cols;

	(void)state;
	put(s, 0, STYLE(ROLE_TEXT), "before", 0);
	show(c, s, d);
	assert_false(screen_resize(s));
	canvas_resize(c, 5, 7);
	display_resize(d, 5, 7);
	assert_true(screen_resize(s));
	screen_size(s, &rows, &cols);
	assert_int_equal(rows, 5);
	assert_int_equal(cols, 7);
	show(c, s, d);
	put(s, 4, STYLE(ROLE_TEXT), "after the end of the row", 0);
	show(c, s, d);
	screen_close(s);
	canvas_free(c);
	display_free(d);
}

static void
test_painted(void **state)
{
	struct canvas *c = canvas_new(1, 20);
	struct screen *s = open_screen(c);
	struct buf text = { 0 };

	(void)state;
	put(s, 0, STYLE_WITH(ROLE_TEXT, ATTR_BOLD), "bold", 0);
	screen_flush(s);
	canvas_text(c, true, &text);
	assert_str(buf_view(&text), STR("\033[0;1mbold\033[m\n"));
	screen_close(s);
	canvas_free(c);
	buf_done(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_resize),
		cmocka_unit_test(test_painted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
