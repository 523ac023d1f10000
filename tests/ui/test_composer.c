#include "tests/unit.h"

#include "ui/composer.h"

/* The rows that are seen, with the cursor as "|". */
static void
check(struct composer *c, unsigned width, unsigned max, const char *want)
{
	unsigned n = composer_layout(c, width, max, "> ", "write"), row, col;
	struct buf got = { 0 };

	composer_cursor(c, &row, &col);
	for (unsigned i = 0; i < n; i++) {
		struct buf line = { 0 };

		assert_true(composer_line(c, i).cols <= width);
		line_text(composer_line(c, i), &line);
		if (i == row) {
			buf_fill(&line, ' ', col > line.n ? col - line.n : 0);
			buf_splice(&line, col, 0, STR("|"));
		}
		buf_str(&got, buf_view(&line));
		buf_byte(&got, '\n');
		buf_done(&line);
	}
	assert_str(buf_view(&got), str_from(want));
	buf_done(&got);
}

static void
it_grows_with_the_text(void **state)
{
	struct composer c = { 0 };

	(void)state;
	check(&c, 20, 8, "> |write\n");
	edit_insert(&c.edit, STR("hello"));
	check(&c, 20, 8, "> hello|\n");
	edit_insert(&c.edit, STR("\n"));
	check(&c, 20, 8, "> hello\n  |\n");
	edit_insert(&c.edit, STR("0123456789"));
	check(&c, 10, 8, "> hello\n  01234567\n  89|\n");
	c.edit.cursor = 6;
	check(&c, 10, 8, "> hello\n  |01234567\n  89\n");
	c.edit.cursor = 14;
	check(&c, 10, 8, "> hello\n  01234567\n  |89\n");
	composer_done(&c);
}

static void
a_full_row_has_a_place_for_the_cursor(void **state)
{
	struct composer c = { 0 };

	(void)state;
	edit_insert(&c.edit, STR("01234567"));
	check(&c, 10, 8, "> 01234567\n  |\n");
	composer_done(&c);
}

static void
long_texts_scroll_with_the_cursor(void **state)
{
	struct composer c = { 0 };

	(void)state;
	edit_insert(&c.edit, STR("1\n2\n3\n4\n5"));
	check(&c, 10, 3, "  3\n  4\n  5|\n");
	c.edit.cursor = 2;
	check(&c, 10, 3, "  |2\n  3\n  4\n");
	c.edit.cursor = 0;
	check(&c, 10, 3, "> |1\n  2\n  3\n");
	composer_done(&c);
}

/* What may not be drawn is a mark, and the cursor stands behind it as a whole. */
static void
controls_are_marks(void **state)
{
	struct composer c = { 0 };

	(void)state;
	edit_insert(&c.edit, STR("a\x1b" "b"));
	check(&c, 20, 8, "> a^[b|\n");
	c.edit.cursor = 2;
	check(&c, 20, 8, "> a^[|b\n");
	composer_done(&c);
}

static void
narrow_screens(void **state)
{
	struct composer c = { 0 };

	(void)state;
	edit_insert(&c.edit, STR("漢字ab"));
	for (unsigned width = 1; width < 12; width++)
		assert_true(composer_layout(&c, width, 8, "> ", "write") >= 1);
	composer_done(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_grows_with_the_text),
		cmocka_unit_test(a_full_row_has_a_place_for_the_cursor),
		cmocka_unit_test(long_texts_scroll_with_the_cursor),
		cmocka_unit_test(controls_are_marks),
		cmocka_unit_test(narrow_screens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
