#include "tests/unit.h"

#include <locale.h>

#include "base/utf8.h"
#include "base/width.h"
#include "text/line.h"

/* All rows as text, one a line; `~` at the end of those that go on in the next. */
static void
dump(const struct rows *r, struct buf *out)
{
	buf_clear(out);
	for (size_t i = 0; i < rows_count(r); i++) {
		struct line l = rows_line(r, i);

		line_text(l, out);
		buf_str(out, l.flags & LINE_SOFT ? STR("~\n") : STR("\n"));
	}
}

/* What must hold for every row; no row may be wider than `width`. */
static void
check_rows(const struct rows *r, unsigned width)
{
	struct buf text = { 0 };

	for (size_t i = 0; i < rows_count(r); i++) {
		struct line l = rows_line(r, i);
		unsigned cols = 0;

		buf_clear(&text);
		line_text(l, &text);
		assert_true(utf8_valid(buf_view(&text)));
		for (size_t k = 0; k < l.n; k++) {
			struct str s = str_of(l.text + l.spans[k].off, l.spans[k].len);

			assert_int_equal(width_cols(s), l.spans[k].cols);
			if (l.spans[k].ascii)
				assert_int_equal(utf8_ascii_run(s), s.n);
			if (l.spans[k].src == LINE_NO_SRC)
				assert_int_equal(l.spans[k].src_len, 0);
			assert_true(s.n > 0);
			cols += l.spans[k].cols;
		}
		assert_int_equal(cols, l.cols);
		assert_int_equal(cols, width_cols(buf_view(&text)));
		assert_in_range(cols, 0, width);
	}
	buf_done(&text);
}

static void
assert_rows(const struct rows *r, const char *want, const char *file, int line)
{
	struct buf out = { 0 };

	check_rows(r, UINT32_MAX);
	dump(r, &out);
	assert_str_at(buf_view(&out), str_from(want), file, line);
	buf_done(&out);
}

/* Spans stand for the source in its order, and for these very bytes where they say so. */
static void
check_source(const struct rows *r, struct str source)
{
	size_t at = 0;

	for (size_t i = 0; i < rows_count(r); i++) {
		struct line l = rows_line(r, i);

		for (size_t k = 0; k < l.n; k++) {
			const struct span *s = &l.spans[k];

			if (s->src == LINE_NO_SRC)
				continue;
			assert_in_range(s->src, at, source.n);
			at = s->src + s->src_len;
			assert_in_range(at, 0, source.n);
			for (size_t j = 0; s->ascii && s->len == s->src_len && j < s->len; j++)
				if (s->style.role != ROLE_MARK && source.p[s->src + j] != '\t')
					assert_int_equal(l.text[s->off + j], source.p[s->src + j]);
		}
	}
}

/* Wraps a text whose parts between bars have turns of two styles. */
static void
flow_parts(struct rows *r, unsigned width, const char *text, struct line first, struct line next)
{
	struct str rest = str_from(text);
	struct flow f;
	size_t at = 0;

	rows_clear(r);
	flow_init(&f, r, width, first, next);
	for (int turn = 0; rest.p != NULL; turn ^= 1) {
		struct str part = str_cut(rest, '|', &rest);

		flow_add(&f, STYLE(turn ? ROLE_CODE : ROLE_TEXT), part, (uint32_t)at);
		at += part.n + 1;
	}
	flow_end(&f);
	check_rows(r, width);
	check_source(r, str_from(text));
}

#define assert_flow(width, text, want) \
	do { \
		struct rows r_ = { 0 }; \
		flow_parts(&r_, (width), (text), (struct line){ 0 }, (struct line){ 0 }); \
		assert_rows(&r_, (want), __FILE__, __LINE__); \
		rows_done(&r_); \
	} while (0)

static void
test_add(void **state)
{
	struct rows r = { 0 };
	struct line l;

	(void)state;
	rows_add(&r, STYLE(ROLE_TEXT), STR("ab"), 10);
	rows_add(&r, STYLE(ROLE_TEXT), STR("cd"), 12);
	rows_add(&r, STYLE(ROLE_TEXT), STR("e"), 20);
	rows_add(&r, STYLE(ROLE_CODE), STR("f\tg\x1b[m\nh\r\n"), 21);
	l = rows_open(&r);
	assert_int_equal(l.n, 10);
	assert_int_equal(l.spans[0].len, 4);
	assert_int_equal(l.spans[0].src, 10);
	assert_int_equal(l.spans[1].src, 20);
	assert_int_equal(l.spans[2].style.role, ROLE_CODE);
	assert_int_equal(l.spans[3].src, 22);
	assert_int_equal(l.spans[3].src_len, 1);
	assert_int_equal(l.spans[3].len, 2);
	assert_int_equal(l.spans[5].style.role, ROLE_MARK);
	assert_int_equal(l.spans[9].src_len, 2);
	rows_end(&r, 0);
	rows_say(&r, STYLE(ROLE_DIM), "x");
	rows_pad(&r, STYLE(ROLE_DIM), 40);
	rows_pad(&r, STYLE(ROLE_DIM), 3);
	rows_printf(&r, STYLE(ROLE_DIM), "%d", 7);
	assert_int_equal(rows_open(&r).n, 1);
	assert_int_equal(rows_open(&r).cols, 41);
	rows_end(&r, LINE_FILL);
	assert_rows(&r, "abcdef  g^[[m^Jh^J\nx                                       7\n", __FILE__, __LINE__);
	rows_truncate(&r, 1);
	assert_int_equal(rows_count(&r), 1);
	rows_say(&r, STYLE(ROLE_TEXT), "again");
	rows_end(&r, 0);
	assert_rows(&r, "abcdef  g^[[m^Jh^J\nagain\n", __FILE__, __LINE__);
	rows_done(&r);
}

static void
test_long_run(void **state)
{
	struct rows r = { 0 };
	char *text = malloc(100000);

	(void)state;
	memset(text, 'x', 100000);
	rows_add(&r, STYLE(ROLE_TEXT), str_of(text, 100000), 0);
	rows_add(&r, STYLE(ROLE_TEXT), STR("\u00e9"), 100000);
	rows_end(&r, 0);
	check_rows(&r, UINT32_MAX);
	assert_int_equal(rows_line(&r, 0).cols, 100001);
	for (size_t i = 0, src = 0; i < rows_line(&r, 0).n; i++) {
		assert_int_equal(rows_line(&r, 0).spans[i].src, src);
		src += rows_line(&r, 0).spans[i].src_len;
	}
	free(text);
	rows_done(&r);
}

static void
test_slice(void **state)
{
	static const struct { unsigned from, to; const char *want; } cases[] = {
		{ 0, 100, "ab\u4e2d\u6587cd" }, { 0, 3, "ab " }, { 3, 100, " \u6587cd" }, { 3, 5, "  " },
		{ 2, 4, "\u4e2d" }, { 3, 4, " " }, { 2, 3, " " }, { 4, 7, "\u6587c" }, { 7, 8, "d" },
		{ 8, 9, "" }, { 3, 3, "" },
	};
	struct rows r = { 0 }, out = { 0 };

	(void)state;
	rows_add(&r, STYLE(ROLE_TEXT), STR("ab\u4e2d\u6587"), 0);
	rows_add(&r, STYLE(ROLE_CODE), STR("cd"), 8);
	rows_end(&r, 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf text = { 0 };

		rows_clear(&out);
		rows_add_cols(&out, rows_line(&r, 0), cases[i].from, cases[i].to);
		rows_end(&out, 0);
		check_rows(&out, UINT32_MAX);
		line_text(rows_line(&out, 0), &text);
		assert_str(buf_view(&text), str_from(cases[i].want));
		buf_done(&text);
	}
	/* The second part of one thing stands for nothing more, behind it. */
	rows_add(&r, STYLE(ROLE_TEXT), STR("\tx"), 30);
	rows_add_cols(&out, rows_open(&r), 3, 9);
	assert_int_equal(rows_open(&out).spans[0].src, 31);
	assert_int_equal(rows_open(&out).spans[0].src_len, 0);
	assert_int_equal(rows_open(&out).spans[1].src, 31);
	rows_clear(&out);
	rows_wrap(&out, rows_line(&r, 0), 3, 0);
	assert_rows(&out, "ab~\n\u4e2d~\n\u6587c~\nd\n", __FILE__, __LINE__);
	rows_clear(&out);
	rows_wrap(&out, rows_line(&r, 0), 1, 0);
	assert_rows(&out, "a~\nb~\n ~\n ~\nc~\nd\n", __FILE__, __LINE__);
	rows_done(&r);
	rows_done(&out);
}

static void
test_flow(void **state)
{
	(void)state;
	assert_flow(10, "", "\n");
	assert_flow(10, "hello world again", "hello~\nworld~\nagain\n");
	assert_flow(11, "hello world again", "hello world~\nagain\n");
	assert_flow(11, "hello world   again", "hello world~\nagain\n");
	assert_flow(12, "hello world   ", "hello world\n");
	assert_flow(5, "hello     ", "hello\n");
	assert_flow(5, "hello     x", "hello~\nx\n");
	assert_flow(20, "  two  blanks", "  two  blanks\n");
	assert_flow(6, "  two  blanks", "  two~\nblanks\n");
	assert_flow(4, "abcdefghij", "abcd~\nefgh~\nij\n");
	assert_flow(4, "x abcdefghij", "x~\nabcd~\nefgh~\nij\n");
	assert_flow(4, "  abcdefghij", "  ab~\ncdef~\nghij\n");
	assert_flow(8, "a\nb\n\nc\n", "a\nb\n\nc\n");
	assert_flow(8, "\n", "\n");
	/* Styles change inside a word, and the blank may stand on either side. */
	assert_flow(8, "one tw|ot|hree", "one~\ntwothree\n");
	assert_flow(7, "one |two| three", "one two~\nthree\n");
	assert_flow(7, "one| two|x three", "one~\ntwox~\nthree\n");
	assert_flow(6, "one | | two|x", "one~\ntwox\n");
	assert_flow(3, "abc|def|g", "abc~\ndef~\ng\n");
	assert_flow(10, "a\tb\tc", "a       b~\nc\n");
}

static void
test_flow_wide(void **state)
{
	(void)state;
	assert_flow(5, "\u4e2d\u6587\u4e2d\u6587\u4e2d", "\u4e2d\u6587~\n\u4e2d\u6587~\n\u4e2d\n");
	assert_flow(6, "\u4e2d\u6587\u4e2d\u3002\u6587", "\u4e2d\u6587~\n\u4e2d\u3002\u6587\n");
	assert_flow(6, "\u4e2dabc\u6587de", "\u4e2dabc~\n\u6587de\n");
	assert_flow(4, "\u4e2dabc", "\u4e2d~\nabc\n");
	assert_flow(4, "\u4e2d\u6587, a", "\u4e2d~\n\u6587,~\na\n");
	assert_flow(1, "a\u4e2db", "a~\n\ufffd~\nb\n");
	assert_flow(4, "caf\u00e9s na\u00efve", "caf\u00e9~\ns~\nna\u00efv~\ne\n");
	/* What is no ASCII goes on as ASCII does: up to the end of the row, and back to the last place to wrap. */
	assert_flow(4, "a\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9", "a\u00e9\u00e9\u00e9~\n\u00e9\u00e9\u00e9\n");
	assert_flow(4, "\u2014 \u00e9\u00e9\u00e9\u00e9", "\u2014~\n\u00e9\u00e9\u00e9\u00e9\n");
	assert_flow(6, "a \u00e9\u4e2d\u00e9\u00e9", "a \u00e9\u4e2d~\n\u00e9\u00e9\n");
	assert_flow(5, "\u4e2d\U0001f600\u6587", "\u4e2d\U0001f600~\n\u6587\n");
	assert_flow(5, "\u4e2d\U0001f44d\U0001f3fb\u6587", "\u4e2d\U0001f44d~\n\u6587\n");
	assert_flow(4, "\u4e2d\u4e2d\u6587\u300d\u3002", "\u4e2d\u4e2d~\n\u6587\u300d~\n\u3002\n");
	assert_flow(6, "\u4e2d\u6587\u4e2d\u3002\ufe00\u6587", "\u4e2d\u6587~\n\u4e2d\u3002~\n\u20391 hid~\nden\u203a\u6587\n");
	assert_flow(7, "\u4e2d|\u4e2d\u6587|\u3002x", "\u4e2d\u4e2d~\n\u6587\u3002x\n");
	assert_flow(3, "ab\u4e2d", "ab~\n\u4e2d\n");
	assert_flow(12, "ab \u202ecd efgh", "ab \u27eaRLO\u27ebcd~\nefgh\n");
	assert_flow(3, "\u202ecd", "\u27eaRL~\nO\u27ebc~\nd\n");
}

static void
test_flow_prefix(void **state)
{
	struct rows marks = { 0 }, r = { 0 };

	(void)state;
	rows_say(&marks, STYLE(ROLE_BULLET), "* ");
	rows_end(&marks, 0);
	rows_say(&marks, STYLE(ROLE_QUOTE), "|");
	rows_say(&marks, STYLE(ROLE_QUOTE), "   ");
	rows_say(&marks, STYLE(ROLE_BULLET), " ");
	rows_end(&marks, 0);
	flow_parts(&r, 10, "one two|three\nfour five six", rows_line(&marks, 0), rows_line(&marks, 1));
	assert_rows(&r, "* one~\n|    twoth~\n|    ree\n|    four~\n|    five~\n|    six\n", __FILE__, __LINE__);
	flow_parts(&r, 12, "a abcdefghi|j", rows_line(&marks, 0), rows_line(&marks, 1));
	assert_rows(&r, "* a~\n|    abcdefg~\n|    hij\n", __FILE__, __LINE__);
	flow_parts(&r, 5, "ab cd", rows_line(&marks, 0), rows_line(&marks, 1));
	assert_rows(&r, "* ab~\ncd\n", __FILE__, __LINE__);
	flow_parts(&r, 9, "", rows_line(&marks, 0), rows_line(&marks, 1));
	assert_rows(&r, "* \n", __FILE__, __LINE__);
	rows_done(&r);
	rows_done(&marks);
}

static void
test_equal(void **state)
{
	struct rows a = { 0 }, b = { 0 };

	(void)state;
	rows_add(&a, STYLE(ROLE_TEXT), STR("abcd"), 0);
	rows_add(&b, STYLE(ROLE_TEXT), STR("ab"), 50);
	rows_add(&b, STYLE(ROLE_TEXT), STR("cd"), 0);
	assert_true(line_eq(rows_open(&a), rows_open(&b)));
	rows_add(&a, STYLE(ROLE_TEXT), STR("e"), 4);
	rows_add(&b, STYLE(ROLE_CODE), STR("e"), 4);
	assert_false(line_eq(rows_open(&a), rows_open(&b)));
	rows_done(&a);
	rows_done(&b);
}

/* Random paragraphs: rows hold all that is not a blank, in order, whatever the cuts. */
static void
test_flow_keeps_all(void **state)
{
	static const char *const atoms[] = { "a", "word", " ", "  ", "\u00e9", "\u4e2d", "e\u0301", "|",
		"\U0001f600", "x,", "\u202e", "\u200b", "longlonglong", "\x1b", "\u3002", "\t" };
	struct buf in = { 0 }, whole = { 0 }, got = { 0 };
	struct rows r = { 0 }, one = { 0 }, mark = { 0 };
	uint64_t seed = 7;

	(void)state;
	rows_say(&mark, STYLE(ROLE_QUOTE), "~~");
	for (int round = 0; round < 3000; round++) {
		unsigned width = 1 + unit_random(&seed) % 20;
		struct line prefix = round % 2 ? rows_open(&mark) : (struct line){ 0 };

		buf_clear(&in);
		for (unsigned n = unit_random(&seed) % 40; n > 0; n--)
			buf_str(&in, str_from(atoms[unit_random(&seed) % (sizeof atoms / sizeof *atoms)]));
		buf_cstr(&in);
		flow_parts(&r, width, in.p, (struct line){ 0 }, prefix);
		flow_parts(&one, 16000, in.p, (struct line){ 0 }, prefix);
		buf_clear(&got);
		for (size_t i = 0; i < rows_count(&r); i++)
			line_text(rows_line(&r, i), &got);
		buf_clear(&whole);
		line_text(rows_line(&one, 0), &whole);
		if (width > 3) {
			size_t k = 0;

			for (size_t i = 0; i < got.n; i++)
				if (got.p[i] != ' ' && got.p[i] != '~')
					got.p[k++] = got.p[i];
			got.n = k;
			k = 0;
			for (size_t i = 0; i < whole.n; i++)
				if (whole.p[i] != ' ')
					whole.p[k++] = whole.p[i];
			whole.n = k;
			assert_str(buf_view(&got), buf_view(&whole));
		}
	}
	buf_done(&in);
	buf_done(&got);
	buf_done(&whole);
	rows_done(&r);
	rows_done(&one);
	rows_done(&mark);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add),
		cmocka_unit_test(test_long_run),
		cmocka_unit_test(test_slice),
		cmocka_unit_test(test_flow),
		cmocka_unit_test(test_flow_wide),
		cmocka_unit_test(test_flow_prefix),
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_flow_keeps_all),
	};

	setlocale(LC_ALL, "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
