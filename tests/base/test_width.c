#include "tests/unit.h"

#include <locale.h>
#include <wchar.h>

#include "base/utf8.h"
#include "base/width.h"

/* Clusters with bars between them, and the columns of each. */
static const struct { const char *text, *cols; } cases[] = {
	{ "a|b|c", "111" },
	{ "e\u0301|x", "11" },
	{ "\u4e2d|\uff21|\u3000|\u00e9", "2221" },
	{ "\U0001f600|\u2764|\u2764\ufe0f|\u00a9", "2121" },
	{ "1\ufe0f\u20e3|1|#\ufe0f", "212" },
	{ "\U0001f469\u200d\U0001f4bb|\U0001f44d\U0001f3fd|\u261d\U0001f3fd", "222" },
	{ "\U0001f469\u200d\u2764\ufe0f\u200d\U0001f468|x", "21" },
	{ "\U0001f1e9\U0001f1ea|\U0001f1eb\U0001f1f7|\U0001f1e9|x", "2211" },
	{ "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f|a", "21" },
	{ "\u1112\u1161\u11ab|\ud55c|\u1100|\u1100\u1161", "2222" },
	{ "\u0915\u093f|\u0995\u09c7|\u09be|\u0e01\u0e33", "2212" },
	{ "\u00ad|\u200b|a\u200d", "001" },
	{ "a|\U0001f3fd", "12" },
	{ "\u0d4e\u0d15|\u0d15", "21" },
	{ "\r\n|a", "01" },
};

static size_t
strip_bars(const char *text, char *out)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		if (*text != '|')
			out[n++] = *text;
	return n;
}

static void
test_clusters(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char bytes[128];
		struct str s = str_of(bytes, strip_bars(cases[i].text, bytes));
		struct str rest = str_from(cases[i].text);
		size_t at = 0, total = 0;

		for (size_t k = 0; rest.p != NULL; k++) {
			struct str want = str_cut(rest, '|', &rest);
			int cols;

			assert_int_equal(width_cluster(str_skip(s, at), &cols), want.n);
			assert_int_equal(cols, cases[i].cols[k] - '0');
			for (size_t j = at + 1; j <= at + want.n; j++)
				if (j == at + want.n || ((unsigned char)s.p[j] & 0xC0) != 0x80)
					assert_int_equal(width_cluster_before(s, j), at);
			at += want.n;
			total += (size_t)cols;
		}
		assert_int_equal(at, s.n);
		assert_int_equal(width_cols(s), total);
	}
}

static void
test_prefix(void **state)
{
	struct str s = STR("ab\u4e2de\u0301\U0001f1e9\U0001f1eax");
	static const size_t bytes[] = { 0, 1, 2, 2, 5, 8, 8, 16, 17, 17 };
	static const size_t columns[] = { 0, 1, 2, 2, 4, 5, 5, 7, 8, 8 };

	(void)state;
	for (size_t cols = 0; cols < sizeof bytes / sizeof *bytes; cols++) {
		size_t used;

		assert_int_equal(width_prefix(s, cols, &used), bytes[cols]);
		assert_int_equal(used, columns[cols]);
	}
	assert_int_equal(width_cols(STR_NONE), 0);
}

/* Where the C library knows a code point and this floor would let it be drawn, they agree. */
static void
test_agreement(void **state)
{
	(void)state;
	for (uint32_t cp = 0; cp < 0x110000; cp++) {
		enum width_class class = width_class(cp);

		if (class != WIDTH_NONE && class != WIDTH_HIDDEN)
			assert_int_equal(width_codepoint(cp), wcwidth((wchar_t)cp));
		if (class == WIDTH_MARK)
			assert_true(width_codepoint(cp) < 2);
		if (width_alone(cp) > 0) {
			int32_t before = 0, behind = 0, between = 0;

			assert_int_equal(width_alone(cp), width_codepoint(cp));
			assert_true(cp < 0x10000 || width_alone(cp) == 2);
			assert_true(class == WIDTH_TEXT || class == WIDTH_PICTURE);
			assert_true(width_break('a', cp, &before) && width_break(cp, 'a', &behind));
			assert_true(width_break(cp, cp, &between) && width_break(cp, 0xAC00, &between));
		}
	}
	assert_int_equal(width_alone(0x1F600), 2);
	assert_int_equal(width_alone(0x1F3FB), 0);
	assert_int_equal(width_alone(0x1F321), 0);
	assert_int_equal(width_codepoint('\n'), -1);
	assert_int_equal(width_codepoint(0x85), -1);
	assert_int_equal(width_codepoint(0x378), -1);
	assert_true(width_extends(0x301) && width_extends(0x200D) && width_extends(0xFE0F) && width_extends(0x93F));
	assert_false(width_extends('a') || width_extends(0x4E2D));
}

/* Too few code points may not go astray: most of what people write is plain text to this floor. */
static void
test_classes(void **state)
{
	static const struct { uint32_t cp; enum width_class class; } want[] = {
		{ 'a', WIDTH_TEXT }, { '\n', WIDTH_NONE }, { 0x7F, WIDTH_NONE }, { 0x9B, WIDTH_NONE },
		{ 0xA0, WIDTH_TEXT }, { 0xAD, WIDTH_HIDDEN }, { 0x301, WIDTH_MARK }, { 0x5D0, WIDTH_TEXT },
		{ 0x627, WIDTH_TEXT }, { 0x93F, WIDTH_MARK }, { 0x200D, WIDTH_HIDDEN }, { 0x202E, WIDTH_HIDDEN },
		{ 0x2028, WIDTH_NONE }, { 0x2500, WIDTH_TEXT }, { 0x2764, WIDTH_PICTURE }, { 0x4E2D, WIDTH_TEXT },
		{ 0xAC00, WIDTH_TEXT }, { 0xE000, WIDTH_NONE }, { 0xFE0F, WIDTH_HIDDEN }, { 0xFFFD, WIDTH_TEXT },
		{ 0x1F1E6, WIDTH_FLAG }, { 0x1F3FB, WIDTH_TONE }, { 0x1F600, WIDTH_PICTURE }, { 0x378, WIDTH_NONE },
		{ 0xE0041, WIDTH_HIDDEN }, { 0x10FFFF, WIDTH_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof want / sizeof *want; i++)
		assert_int_equal(width_class(want[i].cp), want[i].class);
}

/* Stepping back meets the same clusters as stepping forward. */
static void
test_back(void **state)
{
	static const uint32_t cps[] = { 'a', 0x301, 0x200D, 0x1F469, 0x1F1E6, 0x1F3FB, 0x1100, 0x1161, 0x11A8, 0xAC00,
		0xFE0F, 0x93F, 0xD4E, 0x4E2D, '\r', '\n', 0xE0061 };
	struct buf b = { 0 };
	uint64_t seed = 9;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		buf_clear(&b);
		for (unsigned n = 1 + unit_random(&seed) % 12; n > 0; n--)
			utf8_add(&b, cps[unit_random(&seed) % (sizeof cps / sizeof *cps)]);
		for (size_t at = 0, end; at < b.n; at = end) {
			end = at + width_cluster(str_skip(buf_view(&b), at), NULL);
			assert_int_equal(width_cluster_before(buf_view(&b), end), at);
		}
	}
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clusters),
		cmocka_unit_test(test_prefix),
		cmocka_unit_test(test_agreement),
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_back),
	};

	if (setlocale(LC_ALL, "C.UTF-8") == NULL)
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
