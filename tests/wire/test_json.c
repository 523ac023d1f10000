#include "tests/unit.h"

#include "wire/json.h"

static struct json
reader(struct str text)
{
	struct json j;

	json_init(&j, text);
	return j;
}

static void
test_object(void **state)
{
	struct json j = reader(STR(" {\"a\": [1, -2.5e3 ,true], \"b\":{\"c\":null}, \"a\":\"x\\ny\"} "));
	struct str key, raw;
	bool yes;

	(void)state;
	assert_int_equal(json_peek(&j), JSON_OBJECT);
	assert_true(json_object(&j));
	assert_true(json_member(&j, &key));
	assert_str(key, STR("a"));
	assert_true(json_array(&j));
	assert_true(json_element(&j));
	assert_true(json_number(&j, &raw));
	assert_str(raw, STR("1"));
	assert_true(json_element(&j));
	assert_true(json_number(&j, &raw));
	assert_str(raw, STR("-2.5e3"));
	assert_true(json_element(&j));
	assert_true(json_bool(&j, &yes) && yes);
	assert_false(json_element(&j));
	assert_true(json_member(&j, &key));
	assert_true(json_value(&j, &raw));
	assert_str(raw, STR("{\"c\":null}"));
	assert_true(json_member(&j, &key));
	assert_true(json_string(&j, &raw));
	assert_str(raw, STR("x\\ny"));
	assert_false(json_member(&j, &key));
	assert_true(json_end(&j));
	assert_true(json_ok(&j));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_object),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
