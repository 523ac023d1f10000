#include "tests/unit.h"

#include <locale.h>

#include "text/verbatim.h"

/* What verbatim_code is short for: each run added by itself. */
struct runs {
	struct verbatim *out;
	struct str line;
	size_t at, made;
	uint32_t src;
};

static void
add_runs(void *user, struct role_run *runs, size_t n)
{
	struct runs *t = user;

	for (size_t i = 0; i < n; i++) {
		enum role role = runs[i].role == ROLE_TEXT ? ROLE_BLOCK : runs[i].role;
		bool stands = t->src != LINE_NO_SRC && t->at >= t->made;

		verbatim_add(t->out, STYLE(role), str_head(str_skip(t->line, t->at), runs[i].n),
		    stands ? t->src + (uint32_t)(t->at - t->made) : LINE_NO_SRC);
		t->at += runs[i].n;
	}
}

static unsigned
add_line(struct verbatim *v, const struct code_lang *lang, unsigned state, struct str line, uint32_t src,
    size_t made)
{
	struct runs t = { .out = v, .line = line, .made = made, .src = src };

	state = code_line(lang, state, line, add_runs, &t);
	verbatim_end(v);
	return state;
}

static void
assert_span(const struct rows *a, const struct span *s, const struct rows *b, const struct span *t)
{
	assert_str(str_of(a->text.p + s->off, s->len), str_of(b->text.p + t->off, t->len));
	assert_int_equal(s->src, t->src);
	assert_int_equal(s->src_len, t->src_len);
	assert_int_equal(s->cols, t->cols);
	assert_int_equal(s->ascii, t->ascii);
	assert_true(style_eq(s->style, t->style));
}

static void
assert_rows(const struct rows *a, const struct rows *b)
{
	assert_int_equal(rows_count(a), rows_count(b));
	for (size_t i = 0; i < rows_count(a); i++) {
		struct line l = rows_line(a, i), m = rows_line(b, i);

		assert_int_equal(l.n, m.n);
		assert_int_equal(l.cols, m.cols);
		assert_int_equal(l.flags, m.flags);
		for (size_t k = 0; k < l.n; k++)
			assert_span(a, &l.spans[k], b, &m.spans[k]);
	}
}

/* A line at a time gives the spans that a run at a time gives. */
static void
compare(const char *lang, const struct str *lines, size_t n, unsigned width, uint32_t src, size_t made)
{
	struct rows prefix = { 0 }, whole = { 0 }, runs = { 0 };
	struct verbatim v, w;
	unsigned state = 0, other = 0;

	rows_pad(&prefix, STYLE(ROLE_BLOCK), 2);
	rows_end(&prefix, 0);
	verbatim_init(&v, &whole, width, rows_line(&prefix, 0), rows_line(&prefix, 0), STYLE(ROLE_BLOCK), LINE_FILL);
	verbatim_init(&w, &runs, width, rows_line(&prefix, 0), rows_line(&prefix, 0), STYLE(ROLE_BLOCK), LINE_FILL);
	for (size_t i = 0; i < n; i++) {
		state = verbatim_code(&v, code_find(str_from(lang)), state, lines[i], src, made);
		other = add_line(&w, code_find(str_from(lang)), other, lines[i], src, made);
		assert_int_equal(state, other);
	}
	assert_rows(&whole, &runs);
	verbatim_done(&v);
	verbatim_done(&w);
	rows_done(&prefix);
	rows_done(&whole);
	rows_done(&runs);
}

static void
test_lines(void **state)
{
	static const char many[] = "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1";
	const struct str lines[] = {
		STR(""), STR("\t"), STR("\t\t/* a"), STR("\tb */ int\tc;"), STR("   if (\"\xc3\xa9\" > 'x')\t// \x1b"),
		STR("\"a\"\"b\"'c'"), str_from(many), STR("e\xcc\x81"),
	};
	size_t n = sizeof lines / sizeof *lines;

	(void)state;
	for (unsigned width = 1; width < 100; width++) {
		compare("c", lines, n, width, 7, 0);
		compare("c", lines, n, width, LINE_NO_SRC, 0);
		compare("nosuch", lines, n, width, 0, 0);
	}
	/* What the parser made in front of a line stands nowhere. */
	for (size_t i = 0; i < n; i++)
		for (size_t made = 0; made <= lines[i].n; made++)
			compare("c", &lines[i], 1, 80, 7, made);
}

static void
test_any(void **state)
{
	static const char *const parts[] = { "\t", " ", "  ", "a", "if", "\"", "'", "/*", "*/", "//", "#", "$x", "(", ":",
		"1", "\xc3\xa9", "\xff", "\x1b", "\r", "\\", "=", "<", "\xe6\xb8\xb2", "return" };
	static const char *const langs[] = { "c", "py", "sh", "json", "html", "diff", "md", "ruby", "rust" };
	uint64_t seed = 1;

	(void)state;
	for (unsigned round = 0; round < 5000; round++) {
		struct buf b = { 0 };
		struct str lines[3];
		size_t n;

		for (n = unit_random(&seed) % 60; n > 0; n--)
			buf_str(&b, str_from(parts[unit_random(&seed) % (sizeof parts / sizeof *parts)]));
		for (size_t i = 0; i < 3; i++)
			lines[i] = str_head(str_skip(buf_view(&b), b.n * i / 3), b.n / 3);
		compare(langs[round % (sizeof langs / sizeof *langs)], lines, 3, 1 + unit_random(&seed) % 90,
		    unit_random(&seed) % 4 > 0 ? 5 : LINE_NO_SRC, 0);
		buf_done(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_lines), cmocka_unit_test(test_any) };

	setlocale(LC_ALL, "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
