#include "tests/unit.h"

#include "base/clock.h"

static void
test_real(void **state)
{
	int64_t a = clock_mono_ns(), b = clock_mono_ns();

	(void)state;
	assert_true(a <= b);
	assert_true(clock_boot() >= clock_mono() - 1);
	assert_true(clock_wall() > 1600000000000);
}

static void
test_set(void **state)
{
	(void)state;
	clock_set(1000, 5000);
	assert_int_equal(clock_mono(), 1000);
	assert_int_equal(clock_mono_ns(), 1000000000);
	assert_int_equal(clock_wall(), 5000);
	clock_advance(250);
	assert_int_equal(clock_mono(), 1250);
	assert_int_equal(clock_boot(), 1250);
	assert_int_equal(clock_wall(), 5250);
	clock_unset();
	assert_true(clock_wall() > 1600000000000);
}

static void
test_hms(void **state)
{
	char out[9];

	(void)state;
	clock_hms(1700000000123, out);
	assert_string_equal(out, "22:13:20");
	clock_hms(INT64_MAX, out);
	assert_int_equal(strlen(out), 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_real),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_hms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
