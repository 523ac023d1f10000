#include "tests/unit.h"

#include "base/err.h"

static void
test_text(void **state)
{
	struct error e = { 0 };

	(void)state;
	assert_int_equal(error_set(&e, ERR_STORE, "open %s: %s", "x.db", "no"), ERR_STORE);
	assert_int_equal(e.code, ERR_STORE);
	assert_string_equal(e.text, "open x.db: no");
	assert_int_equal(error_in(&e, "session %d", 7), ERR_STORE);
	assert_string_equal(e.text, "session 7: open x.db: no");
	assert_int_equal(error_set(NULL, ERR_GONE, "x"), ERR_GONE);
	assert_int_equal(error_in(NULL, "x"), ERR_FAILED);
}

static void
test_long(void **state)
{
	struct error e = { 0 };
	char text[2000];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	error_set(&e, ERR_LIMIT, "%s", text);
	assert_int_equal(strlen(e.text), sizeof e.text - 1);
	error_in(&e, "in");
	assert_int_equal(strlen(e.text), sizeof e.text - 1);
	assert_memory_equal(e.text, "in: xxx", 7);
	error_in(&e, "%s", text);
	assert_int_equal(strlen(e.text), sizeof e.text - 1);
	assert_int_equal(e.code, ERR_LIMIT);
}

static void
test_exit_codes(void **state)
{
	(void)state;
	assert_int_equal(err_exit_code(ERR_OK), 0);
	assert_int_equal(err_exit_code(ERR_FAILED), 1);
	assert_int_equal(err_exit_code(ERR_USAGE), 2);
	assert_int_equal(err_exit_code(ERR_CONNECT), 3);
	assert_int_equal(err_exit_code(ERR_DENIED), 4);
	assert_int_equal(err_exit_code(ERR_GONE), 5);
	assert_int_equal(err_exit_code(ERR_INTERRUPTED), 6);
	assert_int_equal(err_exit_code(ERR_STORE), 1);
	assert_int_equal(err_exit_code(ERR_PROTOCOL), 1);
	assert_int_equal(err_exit_code(ERR_LIMIT), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_exit_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
