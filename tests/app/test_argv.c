#include "app/argv.h"
#include "tests/unit.h"

/* The arguments with bars between them. */
static void
expect(const char *line, const char *want)
{
	struct argv a;
	struct buf got = { 0 };

	argv_of(&a, str_from(line));
	for (size_t i = 0; i < a.n; i++)
		buf_printf(&got, "%s%s", i > 0 ? "|" : "", a.v[i]);
	assert_null(a.v[a.n]);
	assert_str(buf_view(&got), str_from(want));
	argv_done(&a);
	buf_done(&got);
}

static void
test_words(void **state)
{
	(void)state;
	expect("", "");
	expect("   ", "");
	expect("pass show agents/work", "pass|show|agents/work");
	expect("  a \t b  ", "a|b");
	expect("a 'b c' \"d e\" f\\ g", "a|b c|d e|f g");
	expect("a '' \"\"", "a||");
	expect("a '$HOME' '`x`' '*'", "a|$HOME|`x`|*");
	expect("a \"b\\\"c\\\\d\" 'e\"f'", "a|b\"c\\d|e\"f");
	expect("a --x=y", "a|--x=y");
}

/* What a shell must read goes to one, as it stands. */
static void
test_shell(void **state)
{
	static const char *const lines[] = { "a | b", "cat ~/t", "X=1 a", "a $X", "a \"$X\"", "a `b`",
		"a > b", "a; b", "a & b", "a *", "a 'b", "a \"b", "a \\", "a\nb", "a \"b\\n\"", "(a)" };
	char want[64];

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		snprintf(want, sizeof want, "/bin/sh|-c|%s", lines[i]);
		expect(lines[i], want);
	}
}

static void
test_many(void **state)
{
	struct buf line = { 0 };
	struct argv a;

	(void)state;
	for (int i = 0; i < ARGV_MAX; i++)
		buf_str(&line, STR("x "));
	argv_of(&a, buf_view(&line));
	assert_int_equal(a.n, ARGV_MAX);
	argv_done(&a);
	buf_str(&line, STR("x"));
	argv_of(&a, buf_view(&line));
	assert_int_equal(a.n, 3);
	argv_done(&a);
	buf_done(&line);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_shell),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
