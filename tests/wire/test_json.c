#include "tests/unit.h"

#include <sys/resource.h>

#include "base/utf8.h"
#include "wire/json.h"
#include "tests/wire/json_cases.h"

static struct json
reader(struct str text)
{
	struct json j;

	json_init(&j, text);
	return j;
}

static void
verdicts(const struct str *texts, size_t n, bool want)
{
	for (size_t i = 0; i < n; i++) {
		/* A block of its own, so that a sanitizer sees a read past the end. */
		char *copy = malloc(texts[i].n + 1);
		bool got;

		memcpy(copy + 1, texts[i].p, texts[i].n);
		got = json_valid(str_of(copy + 1, texts[i].n));
		free(copy);
		if (got != want)
			fail_msg("%s: %.*s", want ? "refused" : "taken", STR_ARG(texts[i]));
	}
}

static void
test_verdicts(void **state)
{
	(void)state;
	verdicts(json_good, COUNT(json_good), true);
	verdicts(json_repaired, COUNT(json_repaired), true);
	verdicts(json_bad, COUNT(json_bad), false);
}

/* All prefixes of a good document but the whole are bad, and say so at their end. */
static void
test_prefixes(void **state)
{
	struct str text = STR("{\"a\\u0041\":[1.5e3,true,false,null,\"x\\n\"],\"b\":{}}");

	(void)state;
	for (size_t n = 0; n < text.n; n++) {
		struct json j = reader(str_head(text, n));

		assert_false(json_skip(&j) && json_end(&j));
		assert_false(json_ok(&j));
		assert_non_null(j.error);
		assert_true(json_error_at(&j) <= n);
	}
}

static void
test_walk(void **state)
{
	struct json j = reader(STR(" {\"a\": [1, -2.5e3 ,true], \"b\":{\"c\":null}, \"a\":\"x\\ny\"} "));
	struct str key, raw;
	bool yes;

	(void)state;
	assert_int_equal(json_peek(&j), JSON_OBJECT);
	assert_true(json_object(&j));
	assert_true(json_member(&j, &key));
	assert_str(key, STR("a"));
	assert_int_equal(json_peek(&j), JSON_ARRAY);
	assert_true(json_array(&j));
	assert_true(json_element(&j));
	assert_int_equal(json_peek(&j), JSON_NUMBER);
	assert_true(json_number(&j, &raw));
	assert_str(raw, STR("1"));
	assert_true(json_element(&j));
	assert_true(json_number(&j, &raw));
	assert_str(raw, STR("-2.5e3"));
	assert_true(json_element(&j));
	assert_int_equal(json_peek(&j), JSON_BOOL);
	assert_true(json_bool(&j, &yes) && yes);
	assert_false(json_element(&j));
	assert_true(json_member(&j, &key));
	assert_true(json_object(&j));
	assert_true(json_member(&j, &key));
	assert_str(key, STR("c"));
	assert_int_equal(json_peek(&j), JSON_NULL);
	assert_true(json_null(&j));
	assert_false(json_member(&j, &key));
	assert_true(json_member(&j, &key));
	assert_str(key, STR("a"));
	assert_true(json_string(&j, &raw));
	assert_str(raw, STR("x\\ny"));
	assert_false(json_member(&j, &key));
	assert_int_equal(json_peek(&j), JSON_ERROR);
	assert_true(json_end(&j));
	assert_true(json_ok(&j));
}

/* What nobody reads is passed, and checked. */
static void
test_unread(void **state)
{
	struct json j = reader(STR("{\"a\":{\"x\":[1,{}]},\"b\":\"]\",\"c\":[7,[8],9],\"d\":4}"));
	struct str key;
	int64_t n = 0, last = 0;

	(void)state;
	assert_true(json_object(&j));
	while (json_member(&j, &key)) {
		if (!json_is(key, "c"))
			continue;
		assert_true(json_array(&j));
		while (json_element(&j))
			n++;
		assert_true(json_member(&j, &key));
		assert_true(json_is(key, "d"));
		assert_true(json_i64(&j, &last));
	}
	assert_int_equal(n, 3);
	assert_int_equal(last, 4);
	assert_true(json_end(&j));

	j = reader(STR("{\"a\":[1,{\"x\":01}],\"b\":2}"));
	assert_true(json_object(&j));
	assert_true(json_member(&j, &key));
	assert_false(json_member(&j, &key));
	assert_false(json_end(&j));
	assert_int_equal(json_error_at(&j), 14);
}

static void
test_values_are_exact(void **state)
{
	static const struct { struct str text, value; } cases[] = {
		{ CASE(" 1.50E+05 "), CASE("1.50E+05") },
		{ CASE("\t\"a\\u0041\"\n"), CASE("\"a\\u0041\"") },
		{ CASE(" [ 1 , 2 ]"), CASE("[ 1 , 2 ]") },
		{ CASE("{\"a\" :\t{ } } "), CASE("{\"a\" :\t{ } }") },
		{ CASE("null"), CASE("null") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct json j = reader(cases[i].text);
		struct str raw;

		assert_true(json_value(&j, &raw));
		assert_str(raw, cases[i].value);
		assert_true(json_end(&j));
	}
}

/* The first error stays and is told where it is. */
static void
test_errors_stay(void **state)
{
	struct json j = reader(STR("[1,x,2]"));
	struct str raw;
	int64_t n;
	const char *error;

	(void)state;
	assert_true(json_array(&j));
	assert_true(json_element(&j));
	assert_true(json_i64(&j, &n));
	assert_true(json_element(&j));
	assert_false(json_i64(&j, &n));
	error = j.error;
	assert_int_equal(json_error_at(&j), 3);
	assert_false(json_element(&j));
	assert_false(json_value(&j, &raw));
	assert_false(json_skip(&j));
	assert_false(json_end(&j));
	assert_int_equal(json_peek(&j), JSON_ERROR);
	assert_ptr_equal(j.error, error);
	assert_int_equal(json_error_at(&j), 3);
}

/* A call that does not fit is an error, never a wrong answer. */
static void
test_misuse(void **state)
{
	struct json j;
	struct str raw;
	int64_t n;
	double d;
	bool yes;

	(void)state;
	j = reader(STR("{}"));
	assert_false(json_array(&j));
	assert_false(json_object(&j));
	j = reader(STR("[]"));
	assert_false(json_object(&j));
	j = reader(STR("\"1\""));
	assert_false(json_i64(&j, &n));
	j = reader(STR("1"));
	assert_false(json_string(&j, &raw));
	j = reader(STR("1"));
	assert_false(json_bool(&j, &yes));
	j = reader(STR("1"));
	assert_false(json_null(&j));
	j = reader(STR("true"));
	assert_false(json_double(&j, &d));
	j = reader(STR("1"));
	assert_false(json_element(&j));
	j = reader(STR("1"));
	assert_false(json_member(&j, &raw));
	j = reader(STR("[1]"));
	assert_true(json_array(&j));
	assert_false(json_member(&j, &raw));
	j = reader(STR("[1]"));
	assert_true(json_array(&j));
	assert_false(json_i64(&j, &n));
	assert_false(json_end(&j));
	j = reader(STR("{\"a\":1}"));
	assert_true(json_object(&j));
	assert_true(json_member(&j, &raw));
	assert_false(json_element(&j));
	j = reader(STR("[}"));
	assert_true(json_array(&j));
	assert_false(json_member(&j, &raw));
	assert_false(json_ok(&j));
	j = reader(STR("{]"));
	assert_true(json_object(&j));
	assert_false(json_element(&j));
	assert_false(json_ok(&j));
	j = reader(STR("[1"));
	assert_true(json_array(&j) && json_element(&j) && json_i64(&j, &n));
	assert_false(json_end(&j));
	j = reader(STR("1"));
	assert_false(json_end(&j));
	j = reader(STR("1"));
	assert_true(json_skip(&j));
	assert_false(json_skip(&j));
	j = reader(STR_NONE);
	assert_false(json_skip(&j));
}

static void
test_integers(void **state)
{
	static const struct { const char *text; bool ok; int64_t value; } cases[] = {
		{ "0", true, 0 }, { "-0", true, 0 }, { "-0.0e5", true, 0 }, { "1", true, 1 },
		{ "9223372036854775807", true, INT64_MAX }, { "-9223372036854775808", true, INT64_MIN },
		{ "9223372036854775808", false, 0 }, { "-9223372036854775809", false, 0 },
		{ "18446744073709551616", false, 0 }, { "99999999999999999999999", false, 0 },
		{ "9007199254740993", true, 9007199254740993 },
		{ "1e3", true, 1000 }, { "1E+3", true, 1000 }, { "-1.5e1", true, -15 }, { "1.0", true, 1 },
		{ "10e-1", true, 1 }, { "1000e-3", true, 1 }, { "0.001e3", true, 1 },
		{ "9.223372036854775807e18", true, INT64_MAX }, { "-9.223372036854775808E18", true, INT64_MIN },
		{ "9.223372036854775808e18", false, 0 }, { "1e18", true, 1000000000000000000 },
		{ "1e19", false, 0 }, { "1e400", false, 0 }, { "0e400", true, 0 },
		{ "1e99999999999999999999", false, 0 }, { "1e-99999999999999999999", false, 0 },
		{ "0e-99999999999999999999", true, 0 }, { "1.5", false, 0 }, { "0.1", false, 0 },
		{ "1e-1", false, 0 }, { "15e-1", false, 0 }, { "1.00000000000000000000", true, 1 },
		{ "100000000000000000000e-20", true, 1 }, { "1.00000000000000000001", false, 0 },
		{ "0.00000000000000000000000000000005e33", true, 50 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct json j = reader(str_from(cases[i].text));
		int64_t v = 0;

		if (json_i64(&j, &v) != cases[i].ok || v != cases[i].value)
			fail_msg("%s: %d %lld", cases[i].text, json_ok(&j), (long long)v);
		assert_int_equal(json_ok(&j), cases[i].ok);
	}
}

static void
test_doubles(void **state)
{
	static const struct { const char *text; bool ok; double value; } cases[] = {
		{ "0", true, 0 }, { "1.5", true, 1.5 }, { "-2.5e-3", true, -0.0025 }, { "1e308", true, 1e308 },
		{ "0.1", true, 0.1 }, { "1e309", false, 0 }, { "1e400", false, 0 }, { "-1e400", false, 0 },
		{ "1E-9999", true, 0 }, { "12345678901234567890", true, 12345678901234567890.0 },
		{ "2.2250738585072011e-308", true, 2.2250738585072011e-308 },
	};
	struct json j;
	double v;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		j = reader(str_from(cases[i].text));
		assert_int_equal(json_double(&j, &v), cases[i].ok);
		if (cases[i].ok)
			assert_true(v == cases[i].value);
		assert_int_equal(json_ok(&j), cases[i].ok);
	}
	j = reader(STR("-0"));
	assert_true(json_double(&j, &v));
	assert_true(v == 0 && 1 / v < 0);
}

static void
test_depth(void **state)
{
	char text[2 * JSON_DEPTH + 2];

	(void)state;
	for (size_t depth = JSON_DEPTH - 1; depth <= JSON_DEPTH + 1; depth++) {
		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		assert_int_equal(json_valid(str_of(text, 2 * depth)), depth <= JSON_DEPTH);
	}
}

/* Each bomb is refused at the limit, on a stack that no recursion over it would survive. */
static void
test_bombs(void **state)
{
	static const struct str pieces[] = { CASE("["), CASE("{\"\":"), CASE("[{\"a\":"), CASE(" [ ") };
	struct rlimit before, small;
	struct buf bomb = { 0 };

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_STACK, &before), 0);
	small = before;
	small.rlim_cur = (rlim_t)256 << 10;
	assert_int_equal(setrlimit(RLIMIT_STACK, &small), 0);
	for (size_t i = 0; i < COUNT(pieces); i++) {
		struct json j;

		buf_clear(&bomb);
		for (size_t k = 0; k < 100000; k++)
			buf_str(&bomb, pieces[i]);
		j = reader(buf_view(&bomb));
		assert_false(json_skip(&j));
		assert_true(json_error_at(&j) < 2 * JSON_DEPTH * pieces[i].n);
	}
	assert_int_equal(setrlimit(RLIMIT_STACK, &before), 0);
	buf_done(&bomb);
}

static void
test_text(void **state)
{
	static const struct { struct str raw, text; } cases[] = {
		{ CASE(""), CASE("") }, { CASE("abc"), CASE("abc") }, { CASE("\\\""), CASE("\"") },
		{ CASE("\\\\\\/\\b\\f\\n\\r\\t"), CASE("\\/\b\f\n\r\t") },
		{ CASE("a\\u0000b"), CASE("a\0b") }, { CASE("\\u00e9\\u20AC"), CASE("\xC3\xA9\xE2\x82\xAC") },
		{ CASE("\\uD834\\uDD1E!"), CASE("\xF0\x9D\x84\x9E!") },
		{ CASE("\\uDBFF\\uDFFF"), CASE("\xF4\x8F\xBF\xBF") },
		{ CASE("\\uD834"), CASE("\xEF\xBF\xBD") }, { CASE("\\uD834x"), CASE("\xEF\xBF\xBDx") },
		{ CASE("\\uDD1E\\uD834"), CASE("\xEF\xBF\xBD\xEF\xBF\xBD") },
		{ CASE("\\uD834\\uD834\\uDD1E"), CASE("\xEF\xBF\xBD\xF0\x9D\x84\x9E") },
		{ CASE("\\uDC00\\uDC00"), CASE("\xEF\xBF\xBD\xEF\xBF\xBD") },
		{ CASE("\\uD834\\uE000"), CASE("\xEF\xBF\xBD\xEE\x80\x80") },
		{ CASE("\\uD834\\u0041"), CASE("\xEF\xBF\xBD" "A") },
		{ CASE("\\uD834\\n"), CASE("\xEF\xBF\xBD\n") },
		{ CASE("a\xFF" "b"), CASE("a\xEF\xBF\xBD" "b") },
		{ CASE("\xE2\x82\\n"), CASE("\xEF\xBF\xBD\n") },
		{ CASE("\xC3\xA9\\t\xC3\xA9"), CASE("\xC3\xA9\t\xC3\xA9") },
		/* never out of the reader, and harmless all the same */
		{ CASE("\\"), CASE("\xEF\xBF\xBD") }, { CASE("\\q"), CASE("\xEF\xBF\xBDq") },
		{ CASE("\\u12"), CASE("\xEF\xBF\xBDu12") }, { CASE("\\\0"), CASE("\xEF\xBF\xBD\0") },
		{ CASE("\\uD834\\u"), CASE("\xEF\xBF\xBD\xEF\xBF\xBDu") },
		{ CASE("\\\xC3\xA9"), CASE("\xEF\xBF\xBD\xC3\xA9") },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf out = { 0 };

		buf_str(&out, STR("<"));
		json_unescape(cases[i].raw, &out);
		assert_str(str_skip(buf_view(&out), 1), cases[i].text);
		assert_str(json_text(cases[i].raw, &a), cases[i].text);
		assert_true(utf8_valid(cases[i].text));
		buf_done(&out);
	}
	assert_ptr_equal(json_text(cases[1].raw, &a).p, cases[1].raw.p);
	arena_done(&a);
}

static void
test_is(void **state)
{
	(void)state;
	assert_true(json_is(STR("type"), "type"));
	assert_true(json_is(STR("t\\u0079pe"), "type"));
	assert_true(json_is(STR("\\u0074ype"), "type"));
	assert_true(json_is(STR("typ\\u0065"), "type"));
	assert_true(json_is(STR(""), ""));
	assert_true(json_is(STR_NONE, ""));
	assert_true(json_is(STR("a\\/b\\\\"), "a/b\\"));
	assert_true(json_is(STR("\\uD83D\\uDE00"), "\xF0\x9F\x98\x80"));
	assert_false(json_is(STR("typ"), "type"));
	assert_false(json_is(STR("types"), "type"));
	assert_false(json_is(STR("typ\\u0065s"), "type"));
	assert_false(json_is(STR("typ\\u0066"), "type"));
	assert_false(json_is(STR("\\b"), "\\b"));
	assert_false(json_is(STR("type\\u0000"), "type"));
	assert_false(json_is(STR("type\0"), "type"));
	assert_false(json_is(STR("\\u0000"), ""));
}

static void
test_get(void **state)
{
	struct str doc = STR(" {\"a\":1,\"b\":\"x\\n\",\"a\":{\"a\":7},\"\\u0063\":-5} "), value;
	struct buf text = { 0 };
	int64_t n = 0;

	(void)state;
	assert_true(json_get(doc, "a", &value));
	assert_str(value, STR("{\"a\":7}"));
	assert_true(json_get_i64(doc, "c", &n));
	assert_int_equal(n, -5);
	assert_true(json_get_text(doc, "b", &text));
	assert_str(buf_view(&text), STR("x\n"));
	assert_false(json_get_text(doc, "c", &text));
	assert_false(json_get_i64(doc, "b", &n));
	assert_false(json_get(doc, "d", &value));
	assert_false(json_get(STR("[1]"), "a", &value));
	assert_false(json_get(STR("{\"a\":1"), "a", &value));
	assert_false(json_get(STR("{\"a\":1}x"), "a", &value));
	assert_false(json_get(STR_NONE, "a", &value));
	assert_str(value, STR("{\"a\":7}"));
	buf_done(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_unread),
		cmocka_unit_test(test_values_are_exact),
		cmocka_unit_test(test_errors_stay),
		cmocka_unit_test(test_misuse),
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_doubles),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_bombs),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_is),
		cmocka_unit_test(test_get),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
