#include "tests/unit.h"

#include "base/utf8.h"
#include "wire/json.h"

static void
test_shape(void **state)
{
	struct buf out = { 0 };
	struct json_writer w = { .out = &out };

	(void)state;
	jw_object(&w);
	jw_pair(&w, "a", STR("x"));
	jw_pair_i64(&w, "b", INT64_MIN);
	jw_key(&w, "c");
	jw_array(&w);
	jw_array(&w);
	jw_end_array(&w);
	jw_object(&w);
	jw_end_object(&w);
	jw_bool(&w, true);
	jw_bool(&w, false);
	jw_null(&w);
	jw_i64(&w, INT64_MAX);
	jw_raw(&w, STR("1.50e3"));
	jw_string(&w, STR_NONE);
	jw_end_array(&w);
	jw_key(&w, "");
	jw_null(&w);
	jw_end_object(&w);
	assert_str(buf_view(&out), STR("{\"a\":\"x\",\"b\":-9223372036854775808,\"c\":[[],{},true,false,null,"
	    "9223372036854775807,1.50e3,\"\"],\"\":null}"));
	assert_true(json_valid(buf_view(&out)));
	buf_done(&out);
}

/* Values one after the other are several documents: each has a writer of its own. */
static void
test_lines(void **state)
{
	struct buf out = { 0 };

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct json_writer w = { .out = &out };

		jw_i64(&w, i);
		buf_byte(&out, '\n');
	}
	assert_str(buf_view(&out), STR("0\n1\n2\n"));
	buf_done(&out);
}

static void
test_escapes(void **state)
{
	struct buf out = { 0 };
	struct json_writer w = { .out = &out };

	(void)state;
	jw_object(&w);
	jw_pair(&w, "\"k\n", STR("\"\\/\b\f\n\r\t\0\x1F\x7F \xC3\xA9\xFF\xE2\x82"));
	jw_end_object(&w);
	assert_str(buf_view(&out), STR("{\"\\\"k\\n\":\"\\\"\\\\/\\u0008\\u000c\\n\\r\\t\\u0000\\u001f\x7F "
	    "\xC3\xA9\xEF\xBF\xBD\xEF\xBF\xBD\"}"));
	buf_done(&out);
}

/* Any bytes: one line, valid UTF-8, valid JSON, and the repaired bytes come back. */
static void
test_random_strings(void **state)
{
	static const char alphabet[] = "ab\"\\/\n\r\t\0\x01\x1F \x7F\x80\xBF\xC2\xE2\x82\xAC\xED\xA0\xF0\x9F\x98\x80\xFF";
	uint64_t seed = 1;
	struct buf s = { 0 }, want = { 0 }, got = { 0 }, out = { 0 };

	(void)state;
	for (int round = 0; round < 5000; round++) {
		struct json_writer w = { .out = &out };
		struct json j;
		struct str raw;

		buf_clear(&s);
		buf_clear(&want);
		buf_clear(&got);
		buf_clear(&out);
		for (uint32_t n = unit_random(&seed) % 40; n > 0; n--)
			buf_byte(&s, alphabet[unit_random(&seed) % (sizeof alphabet - 1)]);
		utf8_add_str(&want, buf_view(&s));
		jw_string(&w, buf_view(&s));
		assert_true(utf8_valid(buf_view(&out)));
		assert_int_equal(str_find_byte(buf_view(&out), '\n'), out.n);
		json_init(&j, buf_view(&out));
		assert_true(json_string(&j, &raw) && json_end(&j));
		json_unescape(raw, &got);
		assert_str(buf_view(&got), buf_view(&want));
	}
	buf_done(&s);
	buf_done(&want);
	buf_done(&got);
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shape),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_random_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
