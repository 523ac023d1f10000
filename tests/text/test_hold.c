/* What is not shown yet of the last line. */
#include "tests/unit.h"

#include "text/hold.h"

static void
parse(struct md_doc *d, struct str source)
{
	struct md_run run = { .source = source, .to = source.n };

	md_doc_clear(d);
	md_doc_parse(d, &run);
}

/* The blocks without the last row of a table are those of the text without its line. */
static void
test_row(void **state)
{
	static const char *const texts[] = {
		"a\n\n|a|b|\n|---|---|\n|c|d|\n|e|f", "a|b\n---|---\n&amp;|&lt;\n&gt; &amp; `a\\|b`|[a](&amp;)",
		"- a\n\n  > a|b\n  > ---|---\n  > *c*|d\n  > e", "a|b\n---|---\nc|d", "- a|b\n  ---|---\n  |\n  c",
	};
	struct md_doc got = { 0 }, want = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct str source = str_from(texts[i]);
		struct hold_begun begun = { 0 };
		struct hold h;

		parse(&got, source);
		assert_true(hold_back(&h, &got, source, 0, &begun));
		assert_true(h.row);
		hold_row(&got);
		parse(&want, str_head(source, h.shown));
		assert_int_equal(got.n, want.n);
		assert_int_equal(got.nops, want.nops);
		for (size_t k = 0; k < want.n; k++)
			assert_true(md_block_eq(&got, k, &want, k));
	}
	md_doc_done(&got);
	md_doc_done(&want);
}

/* A line that is two for the parser is parsed. */
static void
test_return(void **state)
{
	struct str source = STR("a|b\n---|---\nc|d\re");
	struct md_doc d = { 0 };
	struct hold_begun begun = { 0 };
	struct hold h;

	(void)state;
	parse(&d, source);
	assert_true(hold_back(&h, &d, source, 0, &begun));
	assert_false(h.row);
	md_doc_done(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_row),
		cmocka_unit_test(test_return),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
