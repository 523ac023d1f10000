/* A seam moves on from item to item and from row to row, and stays where it would stand wrong. */
#include "tests/unit.h"

#include "text/stream.h"

enum { SIZE = 512, STEP = 7, MOVE_MIN = 64 };

static void
check_blocks(const struct md_stream *m, struct str text)
{
	struct md_run run = { .source = text, .to = text.n };
	struct md_doc whole = { 0 };

	md_doc_parse(&whole, &run);
	assert_int_equal(md_stream_count(m), whole.n);
	for (size_t i = 0; i < whole.n; i++) {
		size_t n = m->settled.n;

		assert_true(md_block_eq(i < n ? &m->settled : &m->now, i < n ? i : i - n, &whole, i));
	}
	md_doc_done(&whole);
}

/* Streams a text and says how far behind the last seam its end has been at most in its second half. */
static size_t
run(struct str text)
{
	struct md_stream m = { 0 };
	size_t most = 0;

	for (size_t n = STEP; n < text.n; n += STEP) {
		md_stream_update(&m, str_head(text, n), true, false);
		check_blocks(&m, str_head(text, n));
		if (n > text.n / 2 && m.nseams > 0 && n - m.seams[m.nseams - 1].at > most)
			most = n - m.seams[m.nseams - 1].at;
	}
	md_stream_done(&m);
	return most;
}

static void
add(struct buf *out, const char *unit)
{
	for (size_t until = out->n + SIZE; out->n < until;)
		buf_str(out, str_from(unit));
}

/* What is parsed again is short: from the last whole item or row on. */
static void
test_moves(void **state)
{
	static const char *const series[][2] = {
		{ "", "- an item of `some` words\n" }, { "", "- an item\n\n" }, { "", "2. an &amp; item\n" },
		{ "- a\n", "  * an item in another\n" }, { "> - a\n", "> - a quoted item\n" },
		{ "- - a\n", "- - an item in an item\n" }, { "", "- an item\n  ***\n" },
		{ "| a | b |\n|---|--:|\n", "| 1 | *two* |\n" }, { "a|b\n---|---\n", "|\n" },
		{ "- a\n\n  a|b\n  ---|---\n", "  c|d\n" }, { "", "- an item\r\n" },
	};
	struct buf text = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof series / sizeof *series; i++) {
		buf_clear(&text);
		buf_str(&text, str_from(series[i][0]));
		add(&text, series[i][1]);
		assert_in_range(run(buf_view(&text)), 1, MOVE_MIN + 2 * strlen(series[i][1]) + STEP);
	}
	buf_done(&text);
}

/* "- - -" is a rule until something else follows: the list before it may go on with that. */
static void
test_dangles(void **state)
{
	struct md_stream m = { 0 };
	struct buf text = { 0 };

	(void)state;
	for (unsigned i = 0; i < 64; i++) {
		buf_str(&text, STR("- - - - - - - - - a\n"));
		for (unsigned k = 0; k < 100; k++)
			buf_str(&text, STR("- "));
		md_stream_update(&m, buf_view(&text), true, false);
		check_blocks(&m, buf_view(&text));
		assert_int_equal(md_stream_count(&m), 2);
		buf_byte(&text, 'a');
		buf_byte(&text, '\n');
	}
	assert_true(m.nseams > 0 && text.n - m.seams[m.nseams - 1].at < 4 * SIZE);
	md_stream_done(&m);
	buf_done(&text);
}

/* Digits that grow, and what only looks like the item before. */
static void
test_stays(void **state)
{
	static const char *const series[] = {
		"- a\r- b\n", "-\n- a\n", "  - a\n  - b\n-\n  - c\n", "- a\n - b\n  - c\n", "- a\n- - -\n",
		"- a\n* b\n", "- a\n\n\n- b\nc\n", "- ```\n- a\n  ```\n", "> - a\n- b\n", "- [a\n- b]: c\n",
		"-\n\n  a\n- b\n", "- <!-- a\n- b -->\n", "1. a\n10. b\n",
	};
	static const char *const before[][2] = { { "", "- an item\n" }, { "", "  - an item\n" },
		{ "a|b\n---|---\n", "c|d\n" }, { "a|b\n---|---\n", "c|d\re|\\|f\n" } };
	struct buf text = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof series / sizeof *series; i++) {
		for (size_t k = 0; k < sizeof before / sizeof *before; k++) {
			buf_clear(&text);
			buf_str(&text, str_from(before[k][0]));
			add(&text, before[k][1]);
			add(&text, series[i]);
			run(buf_view(&text));
		}
	}
	buf_clear(&text);
	for (unsigned i = 1; i < 120; i++)
		buf_printf(&text, "%u. an item\n", i);
	run(buf_view(&text));
	buf_done(&text);
}

/* What is covered of an item, or of a table from some row on, stays so. */
static void
test_covered(void **state)
{
	struct buf text = { 0 };

	(void)state;
	add(&text, "- an item\n");
	for (unsigned i = 0; i < 300; i++)
		buf_str(&text, STR("  - [[[[[[[[[[[[[[[[*****************************]]]]]]]]]]]]]]]]]]]]]\n"));
	for (unsigned i = 0; i < 30; i++)
		buf_str(&text, STR("- [[[[[[[[[[[[[[[[*****************************]]]]]]]]]]]]]]]]]]]]]\n"));
	run(buf_view(&text));
	buf_done(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moves),
		cmocka_unit_test(test_dangles),
		cmocka_unit_test(test_stays),
		cmocka_unit_test(test_covered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
