#include "tests/unit.h"

#include "tests/wire/json_cases.h"
#include "tests/wire/oracle.h"
#include "wire/json.h"

static void copy_value(struct json *j, struct json_writer *w);

static void
copy_text(struct json_writer *w, struct str raw, bool key)
{
	struct buf text = { 0 };

	json_unescape(raw, &text);
	if (key)
		jw_key(w, buf_cstr(&text));
	else
		jw_string(w, buf_view(&text));
	buf_done(&text);
}

static void
copy_number(struct json_writer *w, struct str raw)
{
	char text[64];
	struct json j;
	int64_t i;
	double d;

	json_init(&j, raw);
	/* To jansson 1e3 is a real. */
	if (str_to_i64(raw, &i)) {
		assert_true(json_i64(&j, &i));
		jw_i64(w, i);
		return;
	}
	assert_true(json_double(&j, &d));
	snprintf(text, sizeof text, "%.17e", d);
	jw_raw(w, str_from(text));
}

static void
copy_container(struct json *j, struct json_writer *w, bool object)
{
	struct str key;

	if (object) {
		jw_object(w);
		assert_true(json_object(j));
		while (json_member(j, &key)) {
			copy_text(w, key, true);
			copy_value(j, w);
		}
		jw_end_object(w);
	} else {
		jw_array(w);
		assert_true(json_array(j));
		while (json_element(j))
			copy_value(j, w);
		jw_end_array(w);
	}
}

/* Reads a value to its last detail and writes what was understood. */
static void
copy_value(struct json *j, struct json_writer *w)
{
	enum json_type type = json_peek(j);
	struct str raw;
	bool yes;

	switch (type) {
	case JSON_OBJECT: case JSON_ARRAY:
		copy_container(j, w, type == JSON_OBJECT);
		break;
	case JSON_STRING:
		assert_true(json_string(j, &raw));
		copy_text(w, raw, false);
		break;
	case JSON_NUMBER:
		assert_true(json_number(j, &raw));
		copy_number(w, raw);
		break;
	case JSON_BOOL:
		assert_true(json_bool(j, &yes));
		jw_bool(w, yes);
		break;
	case JSON_NULL:
		assert_true(json_null(j));
		jw_null(w);
		break;
	case JSON_ERROR:
		fail_msg("%s", j->error);
	}
}

/* Both take it or both refuse it, and what both take means the same to both. */
static void
compare(struct str text)
{
	enum oracle theirs = oracle_read(text);
	bool ours = json_valid(text);
	struct buf copy = { 0 };
	struct json_writer w = { .out = &copy };
	struct json j;

	if (theirs != ORACLE_DECLINES && ours != (theirs == ORACLE_TAKES))
		fail_msg("%s by us alone: %.*s", ours ? "taken" : "refused", STR_ARG(text));
	if (theirs != ORACLE_TAKES)
		return;
	json_init(&j, text);
	copy_value(&j, &w);
	assert_true(json_end(&j));
	if (!oracle_same(text, buf_view(&copy)))
		fail_msg("not the same: %.*s\n%.*s", STR_ARG(text), STR_ARG(buf_view(&copy)));
	buf_done(&copy);
}

static void
test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(json_good); i++)
		compare(json_good[i]);
	for (size_t i = 0; i < COUNT(json_bad); i++)
		compare(json_bad[i]);
	for (size_t i = 0; i < COUNT(json_repaired); i++)
		compare(json_repaired[i]);
}

static struct str
pick(uint64_t *seed, const struct str *from, size_t n)
{
	return from[unit_random(seed) % n];
}

static void
add_blanks(struct buf *b, uint64_t *seed)
{
	static const struct str blanks[] = { CASE(""), CASE(""), CASE(""), CASE(" "), CASE("\r\n\t ") };

	buf_str(b, pick(seed, blanks, COUNT(blanks)));
}

static void
add_string(struct buf *b, uint64_t *seed)
{
	static const struct str parts[] = {
		CASE("a"), CASE("b"), CASE("key"), CASE(" "), CASE("\\n"), CASE("\\\""), CASE("\\\\"), CASE("\\/"),
		CASE("\\u0041"), CASE("\\u20ac"), CASE("\\uD83D\\uDE00"), CASE("\xC3\xA9"),
		CASE("\xF0\x9F\x98\x80"), CASE("]"), CASE("{"), CASE(","), CASE(":"), CASE("/*"),
		CASE("\\b\\f\\r\\t"), CASE("\x7F"), CASE("a rather long run of plain text with nothing in it"),
	};

	buf_byte(b, '"');
	for (uint32_t n = unit_random(seed) % 5; n > 0; n--)
		buf_str(b, pick(seed, parts, COUNT(parts)));
	buf_byte(b, '"');
}

static void
add_scalar(struct buf *b, uint64_t *seed)
{
	static const struct str words[] = {
		CASE("null"), CASE("true"), CASE("false"), CASE("0"), CASE("-0"), CASE("7"), CASE("-12"),
		CASE("0.5"), CASE("1e3"), CASE("1.25E-2"), CASE("-0.0"), CASE("9223372036854775807"),
		CASE("123456.789e+10"), CASE("9007199254740993"), CASE("1e-400"), CASE("1e400"),
		CASE("99999999999999999999"), CASE("3E+0"), CASE("0.1"), CASE("2.2250738585072011e-308"),
	};

	if (unit_random(seed) % 2)
		add_string(b, seed);
	else
		buf_str(b, pick(seed, words, COUNT(words)));
}

static void
add_value(struct buf *b, uint64_t *seed, int depth)
{
	uint32_t kind = unit_random(seed) % 4, n = unit_random(seed) % 4;

	add_blanks(b, seed);
	if (depth == 0 || kind < 2) {
		add_scalar(b, seed);
		add_blanks(b, seed);
		return;
	}
	buf_byte(b, kind == 2 ? '[' : '{');
	add_blanks(b, seed);
	for (uint32_t i = 0; i < n; i++) {
		if (i > 0)
			buf_byte(b, ',');
		add_blanks(b, seed);
		if (kind == 3) {
			add_string(b, seed);
			add_blanks(b, seed);
			buf_byte(b, ':');
		}
		add_value(b, seed, depth - 1);
	}
	buf_byte(b, kind == 2 ? ']' : '}');
	add_blanks(b, seed);
}

/* One small harm: a byte gone or changed, or a piece of syntax put in. */
static void
mutate(struct buf *b, uint64_t *seed)
{
	static const struct str pieces[] = {
		CASE(","), CASE(":"), CASE("["), CASE("]"), CASE("{"), CASE("}"), CASE("\""), CASE("\\"),
		CASE("0"), CASE("."), CASE("e"), CASE("-"), CASE("+"), CASE("\\u"), CASE("\\uD800"), CASE("\n"),
		CASE("\0"), CASE("\xFF"), CASE("\xC3"), CASE("null"), CASE("tru"), CASE("'"), CASE("/"),
		CASE("\xEF\xBB\xBF"),
	};
	size_t at = unit_random(seed) % (b->n + 1);

	switch (unit_random(seed) % 4) {
	case 0:
		buf_splice(b, at, 1, STR_NONE);
		break;
	case 1:
		buf_splice(b, at, 0, pick(seed, pieces, COUNT(pieces)));
		break;
	case 2:
		buf_splice(b, at, 1, pick(seed, pieces, COUNT(pieces)));
		break;
	default:
		if (at < b->n)
			b->p[at] ^= (char)(1 << unit_random(seed) % 8);
	}
}

static void
test_random(void **state)
{
	uint64_t seed = 8259;
	struct buf text = { 0 };

	(void)state;
	for (int round = 0; round < 5000; round++) {
		buf_clear(&text);
		add_value(&text, &seed, 5);
		if (!json_valid(buf_view(&text)))
			fail_msg("refused: %.*s", STR_ARG(buf_view(&text)));
		compare(buf_view(&text));
		for (int harm = 0; harm < 6; harm++) {
			mutate(&text, &seed);
			compare(buf_view(&text));
		}
	}
	buf_done(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
