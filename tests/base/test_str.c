#include "tests/unit.h"

static void
test_compare(void **state)
{
	(void)state;
	assert_true(str_eq(STR("abc"), STR("abc")));
	assert_false(str_eq(STR("abc"), STR("abd")));
	assert_true(str_eq(STR_NONE, STR("")));
	assert_true(str_eq_nocase(STR("Content-TYPE"), STR("content-type")));
	assert_false(str_eq_nocase(STR("[a]"), STR("{A}")));
	assert_true(str_cmp(STR("a"), STR("ab")) < 0);
	assert_true(str_cmp(STR("b"), STR("ab")) > 0);
	assert_int_equal(str_cmp(STR("ab"), STR("ab")), 0);
	assert_true(str_starts(STR("data: x"), STR("data")));
	assert_false(str_starts(STR("dat"), STR("data")));
	assert_true(str_ends(STR("x.sock"), STR(".sock")));
}

static void
test_cut(void **state)
{
	struct str rest = STR("a:b:");

	(void)state;
	assert_str(str_cut(rest, ':', &rest), STR("a"));
	assert_str(str_cut(rest, ':', &rest), STR("b"));
	assert_non_null(rest.p);
	assert_str(str_cut(rest, ':', &rest), STR(""));
	assert_null(rest.p);
	assert_str(str_trim(STR(" \t a b\r\n")), STR("a b"));
	assert_int_equal(str_find(STR("hello"), STR("ll")), 2);
	assert_int_equal(str_find(STR("hello"), STR("lx")), 5);
	assert_true(str_has_nocase(STR("Hello"), STR("LLO")));
	assert_true(str_has_nocase(STR_NONE, STR_NONE));
	assert_false(str_has_nocase(STR("hello"), STR("hello ")));
}

static void
test_numbers(void **state)
{
	uint64_t u;
	int64_t i;

	(void)state;
	assert_true(str_to_u64(STR("18446744073709551615"), &u));
	assert_true(u == UINT64_MAX);
	assert_false(str_to_u64(STR("18446744073709551616"), &u));
	assert_false(str_to_u64(STR(""), &u));
	assert_false(str_to_u64(STR("+1"), &u));
	assert_true(str_to_i64(STR("-9223372036854775808"), &i));
	assert_true(i == INT64_MIN);
	assert_false(str_to_i64(STR("9223372036854775808"), &i));
	assert_false(str_to_i64(STR("-"), &i));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
