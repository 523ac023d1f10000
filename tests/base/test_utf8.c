#include "tests/unit.h"

#include "base/utf8.h"

#define R "\xef\xbf\xbd"

/* Unicode 15, section 3.9, tables 3-8 to 3-11, and the edges of every length. */
static const struct { struct str in, want; } vectors[] = {
	{ STR("\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64"), STR("a" R R R "b" R "c" R R "d") },
	{ STR("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41"), STR(R R R R R R R R "A") },
	{ STR("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41"), STR(R R R R R R R R "A") },
	{ STR("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42"), STR(R R R R R "A" R R "B") },
	{ STR("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41"), STR(R R R R "A") },
	{ STR("\0\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"),
	    STR("\0\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF") },
	{ STR("\xC1\xBF\xE0\x9F\xBF\xF0\x8F\xBF\xBF\xF8\x88\x80\x80\x80\xFE"),
	    STR(R R R R R R R R R R R R R R R) },
	{ STR("\xF0\x9F\x98"), STR(R) },
	{ STR("0123456789abcdef\xC3\xA9" "0123456789abcdef\xC3"), STR("0123456789abcdef\xC3\xA9" "0123456789abcdef" R) },
	{ STR(""), STR("") },
};

/* Every way of cutting into three. */
static void
test_repair(void **state)
{
	struct buf out = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
		struct str in = vectors[i].in;

		for (size_t a = 0; a <= in.n; a++)
			for (size_t b = a; b <= in.n; b++) {
				struct utf8_repair st = { 0 };

				buf_clear(&out);
				utf8_repair(&st, str_head(in, a), &out);
				utf8_repair(&st, str_of(in.p + a, b - a), &out);
				utf8_repair(&st, str_skip(in, b), &out);
				utf8_repair_end(&st, &out);
				assert_str(buf_view(&out), vectors[i].want);
			}
		buf_clear(&out);
		utf8_add_str(&out, in);
		assert_str(buf_view(&out), vectors[i].want);
		assert_true(utf8_valid(vectors[i].want));
		assert_int_equal(utf8_valid(in), str_eq(in, vectors[i].want));
	}
	buf_done(&out);
}

static void
test_code_points(void **state)
{
	(void)state;
	for (uint32_t cp = 0; cp <= 0x110000; cp++) {
		bool good = cp < 0x110000 && (cp < 0xD800 || cp > 0xDFFF);
		size_t len, n;
		char out[4];
		bool ok;

		n = utf8_encode(cp, out);
		assert_true(utf8_decode(str_of(out, n), &len, &ok) == (good ? cp : UTF8_REPLACEMENT) && ok);
		assert_int_equal(len, n);
		assert_int_equal(utf8_prev(str_of(out, n), n), n);
		for (size_t cut = 1; cut < n; cut++) {
			utf8_decode(str_of(out, cut), &len, &ok);
			assert_true(!ok && len == cut);
			assert_int_equal(utf8_partial_tail(str_of(out, cut)), cut);
		}
		assert_int_equal(utf8_partial_tail(str_of(out, n)), 0);
	}
}

static void
test_prev(void **state)
{
	struct str s = STR("a\xC3\xA9\x80\xF0\x9F\x98\x80\x80\xE2\x82");
	static const size_t lengths[] = { 1, 0, 2, 1, 0, 0, 0, 4, 1, 1, 2 };

	(void)state;
	for (size_t at = 1; at <= s.n; at++)
		if (lengths[at - 1] > 0)
			assert_int_equal(utf8_prev(s, at), lengths[at - 1]);
}

static bool
valid_slowly(struct str s)
{
	for (size_t len; s.n > 0; s = str_skip(s, len)) {
		bool ok;

		utf8_decode(s, &len, &ok);
		if (!ok)
			return false;
	}
	return true;
}

/* All that may begin with two bytes, with each edge of the ranges behind them, cut everywhere. */
static void
test_valid(void **state)
{
	static const char edges[] = { 'a', '\x7F', '\x80', '\x8F', '\x90', '\x9F', '\xA0', '\xBF', '\xC0', '\xF0' };

	(void)state;
	for (unsigned head = 0x8000; head < 0x10000; head++)
		for (size_t i = 0; i < sizeof edges * sizeof edges; i++) {
			char text[] = { (char)(head >> 8), (char)head, edges[i / sizeof edges],
				edges[i % sizeof edges] };

			for (size_t n = 2; n <= sizeof text; n++)
				if (utf8_valid(str_of(text, n)) != valid_slowly(str_of(text, n)))
					fail_msg("%04x, %zu of them, %zu bytes", head, i, n);
		}
}

/* Two sequences in ASCII, wherever they stand in the words that are read at once. */
static void
test_valid_anywhere(void **state)
{
	static const struct str pieces[] = {
		STR("\xC3\xA9"), STR("\xE6\xB8\xB2"), STR("\xF0\x9F\x9A\x80"), STR("\x80"), STR("\xC3"),
		STR("\xE6\xB8"), STR("\xF0\x9F\x9A"), STR("\xED\xA0\x80"), STR("\xF4\x90\x80\x80"), STR("\xFF"),
	};
	enum { N = sizeof pieces / sizeof *pieces };
	char text[80];

	(void)state;
	for (size_t k = 0; k < N * N; k++) {
		struct str a = pieces[k / N], b = pieces[k % N];

		for (size_t at = 0; at < 40; at++)
			for (size_t gap = 0; gap < 34; gap += 1 + gap / 3)
				for (size_t behind = 0; behind < 3; behind++) {
					struct str s = str_of(text, at + a.n + gap + b.n + behind);

					memset(text, 'x', sizeof text);
					memcpy(text + at, a.p, a.n);
					memcpy(text + at + a.n + gap, b.p, b.n);
					assert_int_equal(utf8_valid(s), valid_slowly(s));
				}
	}
}

static void
test_ascii_run(void **state)
{
	char text[40];

	(void)state;
	for (size_t at = 0; at < sizeof text; at++) {
		for (int c = 0; c < 256; c++) {
			memset(text, 'x', sizeof text);
			text[at] = (char)c;
			assert_int_equal(utf8_ascii_run(str_of(text, sizeof text)),
			    c >= 0x20 && c < 0x7F ? sizeof text : at);
		}
	}
	assert_int_equal(utf8_ascii_run(STR_NONE), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_repair),
		cmocka_unit_test(test_code_points),
		cmocka_unit_test(test_prev),
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_valid_anywhere),
		cmocka_unit_test(test_ascii_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
