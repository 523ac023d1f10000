#include "tests/unit.h"

#include "base/clock.h"
#include "tests/text/dump.h"

static void
assert_diff(const char *text, unsigned width, const char *want)
{
	struct layout *l = layout_new(LAYOUT_DIFF, STR_NONE);
	struct buf got = { 0 };

	layout_update(l, str_from(text), 1, false, width);
	dump_layout(l, &got);
	assert_str(buf_view(&got), str_from(want));
	layout_free(l);
	buf_done(&got);
}

static const char *const sample =
    "diff --git a/x.c b/x.c\n"
    "index 1..2 100644\n"
    "--- a/x.c\n"
    "+++ b/x.c\n"
    "@@ -9,4 +9,5 @@ int f(void)\n"
    " \tkeep();\n"
    "-\treturn old_value + 1;\n"
    "+\treturn new_value + 1;\n"
    "+\tmore();\n"
    "-gone\n"
    "+here\n"
    " }\n"
    "\\ No newline at end of file\n"
    "--- a/y.c\n"
    "+++ b/y.c\n";

static void
test_numbers(void **state)
{
	(void)state;
	assert_diff(sample, 60,
	    "  |diff --git a/x.c b/x.c|\n    d*22 \n"
	    "  |index 1..2 100644|\n    d*17 \n"
	    "  |--- a/x.c|\n    d*9 \n"
	    "  |+++ b/x.c|\n    d*9 \n"
	    "  |@@ -9,4 +9,5 @@ int f(void)|\n    @27 \n"
	    "  |    9     9         keep();|\n    #12 t1 t7 t7 \n"
	    "  |   10       -       return old_value + 1;|\n    #12 x1 x7 x7 X9 x5 \n"
	    "  |         10 +       return new_value + 1;|\n    #12 a1 a7 a7 A9 a5 \n"
	    "  |         11 +       more();|\n    #12 a1 a7 a7 \n"
	    "  |   11       -gone|\n    #12 x5 \n"
	    "  |         12 +here|\n    #12 a5 \n"
	    "  |   12    13  }|\n    #12 t2 \n"
	    "  |\\ No newline at end of file|\n    d27 \n"
	    "  |--- a/y.c|\n    d*9 \n"
	    "  |+++ b/y.c|\n    d*9 \n");
}

/* Lines that took each other's place show the words that differ. */
static void
test_words(void **state)
{
	(void)state;
	assert_diff("@@ -1 +1 @@\n-a = old(1, 2);\n+a = fresh(1, 3);\n", 40,
	    "  |@@ -1 +1 @@|\n    @11 \n"
	    "  |-a = old(1, 2);|\n    x5 X3 x4 X1 x2 \n"
	    "  |+a = fresh(1, 3);|\n    a5 A5 a4 A1 a2 \n");
	assert_diff("-nothing alike\n+completely other words here\n", 40,
	    "  |-nothing alike|\n    x14 \n"
	    "  |+completely other words here|\n    a28 \n");
	assert_diff("-a b c d\n-e f g h\n+a b x d\n+e f g y\n", 40,
	    "  |-a b c d|\n    x5 X1 x2 \n"
	    "  |-e f g h|\n    x7 X1 \n"
	    "  |+a b x d|\n    a5 A1 a2 \n"
	    "  |+e f g y|\n    a7 A1 \n");
}

static void
test_wrap(void **state)
{
	(void)state;
	assert_diff("@@ -1 +1 @@\n+abcdefghijklmnopqrstuvwxyz\n", 20,
	    "  |@@ -1 +1 @@|\n    @11 \n"
	    "\\ |+abcdefghijklmnopqrs|\n    a20 \n"
	    "  |↳ tuvwxyz|\n    t,2 a7 \n");
}

/* Whatever wrapped before, a row that goes on begins below its line: behind the numbers, or without. */
static void
test_wrap_in_turn(void **state)
{
	(void)state;
	assert_diff("@@ -1,2 +1,2 @@ in a function of many\n in a function of many arguments a call of many more is\n"
	    "-one\ndiff of that function and of another with none at all\n", 50,
	    "  |@@ -1,2 +1,2 @@ in a function of many|\n    @37 \n"
	    "\\ |    1     1  in a function of many arguments a cal|\n    #12 t38 \n"
	    "  |            ↳ l of many more is|\n    #12 t,2 t17 \n"
	    "  |    2       -one|\n    #12 x4 \n"
	    "\\ |diff of that function and of another with none at |\n    d*50 \n"
	    "  |↳ all|\n    t,2 d*3 \n");
}

/* A run that is too long to compare, numbers that overflow, heads that are none. */
static void
test_broken(void **state)
{
	struct buf text = { 0 };
	struct layout *l = layout_new(LAYOUT_DIFF, STR_NONE);

	(void)state;
	for (unsigned i = 0; i < 5000; i++)
		buf_printf(&text, "%c%u\n", i % 2000 < 1000 ? '-' : '+', i);
	buf_str(&text, STR("@@ -99999999999,1 +1 @@\n@@ -1,99999999999 +1 @@\n@@ -a +b @@\n@@\n@@ -1\n@@ -4294967295 +0 @@\n-x\n+y"));
	layout_update(l, buf_view(&text), 1, false, 80);
	assert_int_equal(layout_count(l), 5008);
	layout_free(l);
	buf_done(&text);
}

/* However it arrives, the rows are those of the whole. */
static void
assert_grows(struct str text)
{
	struct layout *whole = layout_new(LAYOUT_DIFF, STR_NONE), *grown = layout_new(LAYOUT_DIFF, STR_NONE);

	clock_set(1000, 0);
	for (size_t n = 0; n <= text.n; n++) {
		layout_update(grown, str_head(text, n), 1, true, 60);
		layout_update(whole, str_head(text, n), (unsigned)n, false, 60);
		assert_int_equal(layout_count(grown), layout_count(whole));
		for (size_t i = 0; i < layout_count(whole); i++)
			assert_true(line_eq(layout_line(grown, i), layout_line(whole, i)));
	}
	layout_free(whole);
	layout_free(grown);
}

static void
test_grows(void **state)
{
	(void)state;
	assert_grows(str_from(sample));
}

/* What comes behind a run as long as may be is only then one line too many when it is not a head. */
static void
test_longest_run(void **state)
{
	struct buf text = { 0 };

	(void)state;
	buf_str(&text, STR("index 1..2\n"));
	for (unsigned i = 0; i < 64; i++)
		buf_printf(&text, "%c the same %u\n", i < 32 ? '-' : '+', i);
	buf_str(&text, STR("+++ b\n"));
	assert_grows(buf_view(&text));
	buf_done(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers), cmocka_unit_test(test_words), cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_wrap_in_turn),
		cmocka_unit_test(test_broken), cmocka_unit_test(test_grows),
		cmocka_unit_test(test_longest_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
