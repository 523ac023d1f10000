#include "tests/unit.h"

#include "wire/json.h"
#include "tests/wire/json_cases.h"

static void
on_item(void *ctx, struct str item)
{
	buf_str(ctx, STR("<"));
	buf_str(ctx, item);
	buf_str(ctx, STR(">"));
}

/* The items of `text` cut into pieces of `piece` bytes, the first of them `first` long. */
static void
split(struct str text, size_t first, size_t piece, size_t max, struct buf *out)
{
	struct json_items s = { .item = on_item, .ctx = out, .max = max };
	size_t n = first;

	for (; text.n > 0; text = str_skip(text, n), n = piece) {
		/* Bytes that go away after the call. */
		size_t len = n < text.n ? n : text.n;
		char *copy = malloc(len + 1);

		memcpy(copy, text.p, len);
		json_items_feed(&s, str_of(copy, len));
		free(copy);
	}
	if (!json_items_end(&s))
		buf_str(out, STR("!"));
	json_items_done(&s);
}

static void
check(struct str text, size_t max, struct str want)
{
	struct buf out = { 0 };

	for (size_t first = 0; first <= text.n; first++) {
		buf_clear(&out);
		split(text, first, text.n + 1, max, &out);
		assert_str(buf_view(&out), want);
	}
	for (size_t piece = 1; piece < 5; piece++) {
		buf_clear(&out);
		split(text, piece, piece, max, &out);
		assert_str(buf_view(&out), want);
	}
	buf_done(&out);
}

static void
test_items(void **state)
{
	static const struct { struct str text, items; } cases[] = {
		{ CASE(""), CASE("") }, { CASE(" \r\n\t"), CASE("") }, { CASE("[]"), CASE("") },
		{ CASE("[][] [ ]\n[]"), CASE("") },
		{ CASE("[1]"), CASE("<1>") }, { CASE("[ 1 , 2.50 ]"), CASE("<1><2.50>") },
		{ CASE("[1,2][3]\n[4]"), CASE("<1><2><3><4>") },
		{ CASE("[\"a\",\"]\\\"[\",null,true,false]"), CASE("<\"a\"><\"]\\\"[\"><null><true><false>") },
		{ CASE("[{\"a\" : [1, 2]},[3,[4]],{}]"), CASE("<{\"a\" : [1, 2]}><[3,[4]]><{}>") },
		{ CASE("[\"\\\\\",\"\\\\\\\"\"]"), CASE("<\"\\\\\"><\"\\\\\\\"\">") },
		{ CASE("{\"a\":1}{\"b\":\"}\"}\n{\"c\":[]}"), CASE("<{\"a\":1}><{\"b\":\"}\"}><{\"c\":[]}>") },
		{ CASE("1"), CASE("<1>") }, { CASE("1 2\n3"), CASE("<1><2><3>") }, { CASE("null "), CASE("<null>") },
		{ CASE("true[false]\"x\""), CASE("<true><false><\"x\">") }, { CASE("\"\"\"\""), CASE("<\"\"><\"\">") },
		{ CASE("[[]]"), CASE("<[]>") }, { CASE("[[1],[]] {}"), CASE("<[1]><[]><{}>") },
		{ CASE("[\"\xE2\x82\xAC\\uD83D\\uDE00\"]"), CASE("<\"\xE2\x82\xAC\\uD83D\\uDE00\">") },
		{ CASE("1[2]3{}4\"5\""), CASE("<1><2><3><{}><4><\"5\">") },
		/* what came before the error is given */
		{ CASE("["), CASE("!") }, { CASE("[1"), CASE("!") }, { CASE("[1,2"), CASE("<1>!") },
		{ CASE("[1,]"), CASE("<1>!") }, { CASE("[,1]"), CASE("!") }, { CASE("[1,,2]"), CASE("<1>!") },
		{ CASE("[1 2]"), CASE("<1>!") }, { CASE("[1]]"), CASE("<1>!") }, { CASE("]"), CASE("!") },
		{ CASE("1,2"), CASE("<1>!") }, { CASE("[1],[2]"), CASE("<1>!") }, { CASE("[1}"), CASE("<1>!") },
		{ CASE("[{]}]"), CASE("!") }, { CASE("[01]"), CASE("!") }, { CASE("[nul]"), CASE("!") },
		{ CASE("nul"), CASE("!") }, { CASE("-"), CASE("!") }, { CASE("truefalse"), CASE("!") },
		{ CASE("{\"a\":1"), CASE("!") }, { CASE("\"a"), CASE("!") }, { CASE("\"a\\"), CASE("!") },
		{ CASE("[\"a\nb\"]"), CASE("!") }, { CASE("[\"\\x\",1]"), CASE("!") }, { CASE("[1\0]"), CASE("!") },
		{ CASE("[1]\0[2]"), CASE("<1>!") }, { CASE("\0"), CASE("!") }, { CASE("{\"a\"}[1]"), CASE("!") },
		{ CASE("[1] x"), CASE("<1>!") }, { CASE("[\"a\"\"b\"]"), CASE("<\"a\">!") },
		{ CASE("[{}{}]"), CASE("<{}>!") }, { CASE("\xEF\xBB\xBF[1]"), CASE("!") },
		{ CASE("[1]\x0C"), CASE("<1>!") }, { CASE("[1:2]"), CASE("!") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		check(cases[i].text, 100, cases[i].items);
}

/* Whatever is a value is an item in its exact bytes, whatever is none is none. */
static void
test_values(void **state)
{
	struct buf text = { 0 }, want = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(json_good); i++) {
		struct str item = str_trim(json_good[i]);

		buf_set(&text, STR("[ "));
		buf_str(&text, item);
		buf_str(&text, STR(" ,"));
		buf_str(&text, item);
		buf_str(&text, STR("]"));
		buf_clear(&want);
		on_item(&want, item);
		on_item(&want, item);
		check(buf_view(&text), 4096, buf_view(&want));
	}
	buf_done(&text);
	buf_done(&want);
}

static void
test_limit(void **state)
{
	(void)state;
	check(STR("[12345,\"123\"]"), 5, STR("<12345><\"123\">"));
	check(STR("[12345,123456,1]"), 5, STR("<12345>!"));
	check(STR("[\"1234\"]"), 5, STR("!"));
	check(STR("123456"), 5, STR("!"));
	check(STR("[[[[]]],[[[[[[["), 6, STR("<[[[]]]>!"));
	check(STR("[{}   ,   {}]"), 2, STR("<{}><{}>"));
}

/* What can only become too large is not waited for. */
static void
test_limit_is_at_once(void **state)
{
	struct buf out = { 0 };
	struct json_items s = { .item = on_item, .ctx = &out, .max = 5 };

	(void)state;
	assert_true(json_items_feed(&s, STR("[\"12")));
	assert_true(json_items_feed(&s, STR("34")));
	assert_false(json_items_feed(&s, STR("5")));
	assert_false(json_items_feed(&s, STR("\"]")));
	assert_false(json_items_end(&s));
	assert_int_equal(out.n, 0);
	json_items_done(&s);
}

/* An item may nest as deep as any document; one that nests deeper is refused. */
static void
test_depth(void **state)
{
	char text[2 * JSON_DEPTH + 4];
	struct buf out = { 0 };

	(void)state;
	for (size_t depth = JSON_DEPTH; depth <= JSON_DEPTH + 2; depth++) {
		bool good = depth <= JSON_DEPTH + 1;

		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		buf_clear(&out);
		split(str_of(text, 2 * depth), 7, 7, sizeof text, &out);
		assert_int_equal(str_ends(buf_view(&out), STR("!")), !good);
	}
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_items),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_limit_is_at_once),
		cmocka_unit_test(test_depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
