/* Rows put together again are the text they were made from. */
#include "tests/unit.h"

#include <locale.h>

#include "text/layout.h"
#include "text/logical.h"

/* All rows of a text at a width as their logical text. */
static void
put_together(struct logical *g, enum layout_kind kind, const char *text, unsigned width)
{
	struct layout *l = layout_new(kind, STR_NONE);

	layout_update(l, str_from(text), 1, false, width);
	logical_clear(g);
	for (size_t i = 0; i < layout_count(l); i++)
		logical_add(g, layout_line(l, i), i);
	layout_free(l);
}

static void
assert_logical(enum layout_kind kind, const char *text, unsigned width, const char *want)
{
	struct logical g = { 0 };

	put_together(&g, kind, text, width);
	assert_str(buf_view(&g.text), str_from(want));
	logical_done(&g);
}

static void
wraps_are_joined(void **state)
{
	(void)state;
	for (unsigned width = 4; width < 60; width++) {
		assert_logical(LAYOUT_MARKDOWN, "some words that *are wrapped* at `any width`, and a"
		    "verylongone\n\nnext", width,
		    "some words that are wrapped at any width, and averylongone\n\nnext");
		assert_logical(LAYOUT_PLAIN, "some words  here\nnext", width < 16 ? 16 : width,
		    "some words  here\nnext");
		assert_logical(LAYOUT_TERMINAL, "0123456789 abcdef\nnext", width, "0123456789 abcdef\nnext");
		assert_logical(LAYOUT_MARKDOWN, "\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2",
		    width, "\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2");
	}
}

/* Prefixes of rows are not text, markers of items are. */
static void
decoration_is_no_text(void **state)
{
	(void)state;
	assert_logical(LAYOUT_MARKDOWN, "> quoted words that are wrapped", 14, "quoted words that are wrapped");
	assert_logical(LAYOUT_MARKDOWN, "- an item of words\n- two", 14, "\xe2\x80\xa2 an item of words\n"
	    "\xe2\x80\xa2 two");
	assert_logical(LAYOUT_MARKDOWN, "```\nint a;\n\n\tb;\n```", 30, "int a;\n\n        b;");
	assert_logical(LAYOUT_MARKDOWN, "```\na long line of code that is cut\n```", 24,
	    "a long line of code that is cut");
	assert_logical(LAYOUT_DIFF, "@@ -1 +1 @@\n-old\n+new", 80, "@@ -1 +1 @@\n-old\n+new");
}

static void
rows_and_columns(void **state)
{
	struct logical g = { 0 };
	unsigned first, last;
	size_t row;

	(void)state;
	put_together(&g, LAYOUT_MARKDOWN, "- one two three", 9);
	assert_str(buf_view(&g.text), STR("\xe2\x80\xa2 one two three"));
	assert_true(logical_row(&g, 4, &row));
	assert_int_equal(row, 0);
	assert_true(logical_row(&g, 12, &row));
	assert_int_equal(row, 1);
	assert_false(logical_row(&g, 11, &row));
	assert_true(logical_cols(&g, 0, 8, 15, &first, &last));
	assert_int_equal(first, 6);
	assert_int_equal(last, 9);
	assert_true(logical_cols(&g, 1, 8, 15, &first, &last));
	assert_int_equal(first, 2);
	assert_int_equal(last, 5);
	assert_false(logical_cols(&g, 1, 0, 11, &first, &last));
	logical_done(&g);
}

static void
labels(void **state)
{
	struct layout *l = layout_new(LAYOUT_MARKDOWN, STR_NONE);

	(void)state;
	layout_update(l, STR("```c\nint a;\n```"), 1, false, 40);
	assert_true(logical_is_label(layout_line(l, 0)));
	assert_false(logical_is_label(layout_line(l, 1)));
	layout_free(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wraps_are_joined),
		cmocka_unit_test(decoration_is_no_text),
		cmocka_unit_test(rows_and_columns),
		cmocka_unit_test(labels),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
