#include "tests/unit.h"

#include <locale.h>

#include "base/width.h"
#include "text/ansi.h"

static void
add_style(struct style st, bool begin, struct buf *out)
{
	if (st.role == ROLE_MARK)
		buf_byte(out, begin ? '{' : '}');
	else if (!style_eq(st, STYLE(ROLE_TERMINAL)) && begin)
		buf_printf(out, "<%u,%u,%u:", st.attr, st.fg, st.bg);
	else if (!style_eq(st, STYLE(ROLE_TERMINAL)))
		buf_byte(out, '>');
}

static void
add_row(struct line l, struct buf *out)
{
	for (size_t i = 0; i < l.n; i++) {
		const struct span *s = &l.spans[i];

		if (i == 0 || !style_eq(s[-1].style, s->style))
			add_style(s->style, true, out);
		buf_add(out, l.text + s->off, s->len);
		if (i + 1 == l.n || !style_eq(s[1].style, s->style))
			add_style(s->style, false, out);
	}
	buf_byte(out, l.flags & LINE_SOFT ? '~' : '|');
}

/* Rows joined by bars, styles as <attr,fg,bg:text>, marks in braces. */
static void
dump(const struct rows *r, struct buf *out)
{
	buf_clear(out);
	for (size_t i = 0; i < rows_count(r); i++)
		add_row(rows_line(r, i), out);
	add_row(rows_open(r), out);
	out->n--;
}

/* The whole at once, and byte by byte, must look the same. */
static void
render(struct str text, struct buf *out)
{
	struct rows once = { 0 }, grown = { 0 };
	struct ansi a, b;

	ansi_init(&a, &once, STYLE(ROLE_TERMINAL));
	ansi_init(&b, &grown, STYLE(ROLE_TERMINAL));
	ansi_update(&a, text);
	for (size_t n = 0; n <= text.n; n++)
		ansi_update(&b, str_head(text, n));
	assert_int_equal(rows_count(&once), rows_count(&grown));
	for (size_t i = 0; i < rows_count(&once); i++)
		assert_true(line_eq(rows_line(&once, i), rows_line(&grown, i)));
	assert_true(line_eq(rows_open(&once), rows_open(&grown)));
	dump(&once, out);
	ansi_done(&a);
	ansi_done(&b);
	rows_done(&once);
	rows_done(&grown);
}

static void
test_vectors(void **state)
{
	static const struct { const char *in, *want; } cases[] = {
		{ "", "" },
		{ "one\ntwo\r\n\nthree", "one|two||three" },
		/* SGR */
		{ "\x1b[1;31mred\x1b[0m x", "<1,2,0:red> x" },
		{ "\x1b[3;4;7mx\x1b[23;24;27;22my", "<22,0,0:x>y" },
		{ "\x1b[38;5;200;48;5;0mx\x1b[39my\x1b[49mz", "<0,201,1:x><0,0,1:y>z" },
		{ "\x1b[97;107mx\x1b[mz", "<0,16,16:x>z" },
		{ "\x1b[38;2;255;0;0mx\x1b[38:2::0:0:255my\x1b[48:2:8:8:8;1mz", "<0,197,0:x><0,22,0:y><1,22,233:z>" },
		{ "\x1b[4:3mx\x1b[4:0my\x1b[58:5:4mz\x1b[38;5mw", "<4,0,0:x>yzw" },
		{ "\x1b[38;5;300mx\x1b[38;7;1my\x1b[999999999999m", "x<1,0,0:y>" },
		{ "ls \x1b[8m;rm -rf ~\x1b[0m\x1b[5;6;2;9;10mx", "ls ;rm -rf ~x" },
		{ "\x1b[31ma\nb", "<0,2,0:a>|<0,2,0:b>" },
		{ "\x1b[?1mx\x1b[>4;1mx\x1b[1 mx", "{^[[?1m}x{^[[>4;1m}x{^[[1 m}x" },
		/* Others are marks, and none swallows what follows. */
		{ "a\x1b[2Jb\x1b[24Dc", "a{^[[2J}b{^[[24D}c" },
		{ "a\x1b" "7b\x1b(Bc\x1b#8d", "a{^[7}b{^[(B}c{^[#8}d" },
		{ "A\x1b]0;title\aZ", "A{^[]0;title^G}Z" },
		{ "A\x1bPq#0\x1b\\Z", "A{^[Pq#0^[\\}Z" },
		{ "A\x1b]8;;x\xc2\x9cZ", "A{^[]8;;x<9C>}Z" },
		{ "A\x1b_x\x18Z\x1bXy\x1aZ", "A{^[_x^X}Z{^[Xy^Z}Z" },
		{ "SAFE-A \x1bP x SAFE-Z", "SAFE-A {^[P} x SAFE-Z" },
		{ "A\x1b]52;c;AAAA\nZ", "A{^[]}52;c;AAAA|Z" },
		{ "A\x1bPx\x1b[1mZ", "A{^[P}x<1,0,0:Z>" },
		{ "A\x1b[12", "A{^[[12}" },
		{ "A\x1b[1\x01Z\x1b\x1b[mZ\x1b", "A{^[[1^A}Z{^[}Z{^[}" },
		{ "A\x1b[\xc3\xa9", "A{^[[}\xc3\xa9" },
		{ "\xc2\x9b" "31mx\xc2\x9d" "0;x\a", "{<9B>}31mx{<9D>}0;x{^G}" },
		{ "\x1b]0;0123456789012345678901234567890123456789\aZ",
		    "{^[]0;012345678901234567890123456\u2026}Z" },
		/* Progress */
		{ "10%\r20%\r100%\n", "100%|" },
		{ "abc\rX", "Xbc" },
		{ "abcdef\rX\x1b[K", "X" },
		{ "abcdef\r\x1b[2KX", "X" },
		{ "abc\x1b[Kd\x1b[0Ke", "abcde" },
		{ "abc\x1b[1Kd", "abc{^[[1K}d" },
		{ "abc\b\bX\b\b\b\b\bY", "YXc" },
		{ "\rabc\r\r\ndef", "abc|def" },
		{ "a\tb\rX\tY", "X       Y" },
		{ "\x1b[31mabc\r\x1b[32mX\x1b[0mY", "<0,3,0:X>Y<0,2,0:c>" },
		{ "\u4e2d\u6587\rX\n\u4e2d\u6587\r\u4e2d\b \n\u4e2d\u6587\b\b\u4e2d", "X \u6587|  \u6587|\u4e2d\u4e2d" },
		{ "e\u0301f\rg\u0302", "g\u0302f" },
		{ "a\x1b[2J\rb", "b{^[[2J}" },
		{ "abc\x1b[2Kd", "   d" },
		/* Text */
		{ "a\u200bb\u202e\xff", "a{\u20391 hidden\u203a}b{\u27eaRLO\u27eb}\ufffd" },
		{ "e\u0301\u0301\u0301\u0301\u0301\nx", "e\u0301\u0301\u0301\u0301{\u20391 hidden\u203a}|x" },
	};
	struct buf out = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		render(str_from(cases[i].in), &out);
		assert_str(buf_view(&out), str_from(cases[i].want));
	}
	buf_done(&out);
}

static void
test_long_line(void **state)
{
	struct rows r = { 0 };
	struct buf text = { 0 };
	struct ansi a;

	(void)state;
	buf_fill(&text, 'x', 3 * ANSI_COLS);
	buf_str(&text, STR("\rY\u4e2d\n"));
	ansi_init(&a, &r, STYLE(ROLE_TERMINAL));
	ansi_update(&a, buf_view(&text));
	assert_int_equal(rows_count(&r), 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(rows_line(&r, i).cols, ANSI_COLS);
		assert_int_equal(rows_line(&r, i).flags, i < 2 ? (LINE_SOFT | LINE_GLUED) : 0);
	}
	assert_memory_equal(rows_line(&r, 2).text + rows_line(&r, 2).spans[0].off, "Y\u4e2dx", 5);
	assert_int_equal(rows_line(&r, 2).spans[0].src, 3 * ANSI_COLS + 1);
	ansi_done(&a);
	rows_done(&r);
	buf_done(&text);
}

/* What a terminal said in any pieces looks as if it came at once, and nothing harmful is in it. */
static void
test_random(void **state)
{
	static const char *const atoms[] = { "a", "bc", "\n", "\r", "\r\n", "\b", "\x1b", "\x1b[", "1", ";", "m",
		"K", "\x1b[2K", "\x1b]", "\x1bP", "\a", "\x1b\\", "\u4e2d", "\u0301", "\u200b", "\xc2", "\x9c", "\t",
		"\x18", "\x1b[31m", "\U0001f1e9", "\U0001f44d", "\u200d", "\ufe0f" };
	struct buf text = { 0 }, out = { 0 };
	uint64_t seed = 3;

	(void)state;
	for (int round = 0; round < 4000; round++) {
		buf_clear(&text);
		for (unsigned n = unit_random(&seed) % 30; n > 0; n--)
			buf_str(&text, str_from(atoms[unit_random(&seed) % (sizeof atoms / sizeof *atoms)]));
		render(buf_view(&text), &out);
		for (size_t i = 0; i < out.n; i++)
			assert_true((unsigned char)out.p[i] >= 0x20 && out.p[i] != 0x7F);
	}
	buf_done(&text);
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_random),
	};

	setlocale(LC_ALL, "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
