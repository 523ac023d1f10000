/* What is open at a place is opened again by other lines. */
#include "tests/unit.h"

#include "text/markdown.h"

/* Follows the text up to its last leaf. */
static bool
follow(struct chain *c, struct md_doc *d, struct str text)
{
	struct md_run run = { .source = text, .to = text.n };
	uint32_t n;

	md_doc_parse(d, &run);
	for (n = d->blocks[0].nops; md_is_container(&d->ops[n - 1]) && d->ops[n - 1].flags & MD_CLOSE;)
		n--;
	return chain_follow(c, d, 0, n, text, 0);
}

static void
assert_chain(const char *text, const char *prefix, const char *lines)
{
	struct chain c = { .n = 0 };
	struct md_doc d = { 0 }, again = { 0 };
	struct buf out = { 0 };
	struct md_run run = { .from = 0 };
	uint32_t used;

	assert_true(follow(&c, &d, str_from(text)));
	chain_prefix(&c, &out);
	assert_str(buf_view(&out), str_from(prefix));
	buf_clear(&out);
	chain_lines(&c, &d, &out);
	assert_str(buf_view(&out), str_from(lines));
	chain_prefix(&c, &out);
	buf_str(&out, STR("x\n"));
	run.source = buf_view(&out);
	run.to = out.n;
	md_doc_parse(&again, &run);
	assert_true(chain_opens(&c, d.ops, again.ops, again.blocks[0].nops, &used));
	assert_true(used < again.blocks[0].nops);
	md_doc_done(&d);
	md_doc_done(&again);
	buf_done(&out);
}

static void
test_lines(void **state)
{
	(void)state;
	assert_chain("> a\n", "> ", "> #\n");
	assert_chain("- a\n", "  ", "- #\n");
	assert_chain("- a\n\n- b\n", "  ", "- #\n\n");
	assert_chain("  -  a\n", "     ", "-    #\n");
	assert_chain("123. a\n", "     ", "1.   #\n");
	assert_chain(" 12345678)   a\n", "             ", "00000001)    #\n");
	assert_chain("- a\n  > 1) b\n", "  >    ", "- #\n  > #\n  > 1) #\n");
	assert_chain("- - a\n\n    b\n", "    ", "- #\n  - #\n\n");
	assert_chain("- a\n\n  - b\n", "    ", "- #\n\n  - #\n");
	assert_chain(">\ta\n>\n> * b\n>   c\n", ">   ", "> #\n> * #\n");
	assert_chain("- ```c\n  a\n", "  ", "- #\n");
}

/* Where the lines do not say it, nothing is said. */
static void
test_unknown(void **state)
{
	static const char *const texts[] = { "-\n  a\n", "- b\n\n  >\n  > a\n", ">\n> a\n" };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct chain c = { .n = 0 };
		struct md_doc d = { 0 };

		assert_false(follow(&c, &d, str_from(texts[i])));
		md_doc_done(&d);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines), cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
