#include "base/date.h"
#include "tests/unit.h"

static void
test_parse(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} good[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2024-02-29T12:34:56Z", INT64_C(1709210096000) },
		{ "2024-02-29T12:34:56.789Z", INT64_C(1709210096789) },
		{ "2024-02-29t12:34:56.7891234z", INT64_C(1709210096789) },
		{ "2024-02-29T14:34:56+02:00", INT64_C(1709210096000) },
		{ "2024-02-29T07:04:56-05:30", INT64_C(1709210096000) },
	};
	static const char *const bad[] = { "", "tomorrow", "2024-02-30T00:00:00Z", "2023-02-29T00:00:00Z",
		"2024-13-01T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z",
		"2024-01-01T00:00:00", "2024-01-01 00:00:00Z", "2024-01-01T00:00:00.Z",
		"2024-01-01T00:00:00+0200", "2024-01-01T00:00:00Zx", "2024-1-1T00:00:00Z" };
	int64_t v;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_true(date_parse(str_from(good[i].text), &v));
		assert_true(v == good[i].ms);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(date_parse(str_from(bad[i]), &v));
}

static void
test_parse_http(void **state)
{
	int64_t v;

	(void)state;
	assert_true(date_parse_http(STR("Thu, 29 Feb 2024 12:34:56 GMT"), &v));
	assert_true(v == INT64_C(1709210096000));
	assert_false(date_parse_http(STR("Thu, 29 Foo 2024 12:34:56 GMT"), &v));
	assert_false(date_parse_http(STR("Thu, 29 Feb 2024 12:34:56 CET"), &v));
	assert_false(date_parse_http(STR("Thursday, 29-Feb-24 12:34:56 GMT"), &v));
	assert_false(date_parse_http(STR(""), &v));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_http),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
