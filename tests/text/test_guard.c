/* Texts that cost md4c more than linear time are bounded, said so, and shown all the same. */
#include "tests/unit.h"

#include <time.h>

#include "tests/text/dump.h"
#include "tests/text/snippets.h"
#include "text/markdown.h"

enum { SIZE = 1000000 };

/* A text of SIZE bytes: the head, then `unit` (and from the middle on `next`), then the end. */
struct sample {
	const char *head, *unit, *next, *end;
	bool noted;
};

static const struct sample samples[] = {
	{ "", "[", "]", "\n\n[a]: /x", true },
	{ "", "[", "", "", true },
	{ "", "[a](", "", "", true },
	{ "", "http://a.b ", "", "", true },
	{ "", "www.a.b*", "", "", true },
	{ "", "http://a.b.*", "", "", true },
	{ "", "[\na]", "", "", true },
	{ "", "]x![\n|", "", "", true },
	{ "", " ~a", "a~ ", "", true },
	{ "x|y\n---|---\n", "|\n", "", "", false },
	{ "", ">", "", "a", true },
	{ "", "- ", "", "a", true },
	{ "", "1. ", "", "a", true },
	{ "", "*a **b ", "", "", true },
	{ "", "*", "", "", true },
	{ "", "`", "x", "", true },
	{ "", "<", "", "", true },
	{ "", "<!--", "", "", false },
	{ "", "&", "", "", false },
	{ "", "&amp;", "", "", false },
	{ "", "a@b.c ", "", "", false },
	{ "", "\n", "", "", false },
	{ "```\n", "[[\n", "", "", false },
	{ "", "[a]: /x\n", "", "", true },
	{ "", "- a\n\n", "", "", false },
	{ "", "\xff", "", "", false },
};

static void
add_times(struct buf *out, const char *unit, size_t until)
{
	while (unit[0] != '\0' && out->n < until)
		buf_str(out, str_from(unit));
}

static void
make(struct buf *out, const struct sample *s)
{
	buf_clear(out);
	buf_str(out, str_from(s->head));
	add_times(out, s->unit, s->next[0] != '\0' ? SIZE / 2 : SIZE);
	add_times(out, s->next, SIZE);
	buf_str(out, str_from(s->end));
}

static double
parse_ms(struct str text, bool *noted)
{
	struct md_run run = { .source = text, .to = text.n };
	struct md_doc d = { 0 };
	clock_t from = clock();
	double ms;

	md_doc_parse(&d, &run);
	ms = (double)(clock() - from) * 1e3 / CLOCKS_PER_SEC;
	*noted = false;
	for (size_t i = 0; i < d.nops; i++)
		*noted = *noted || d.ops[i].kind == MD_NOTE;
	md_doc_done(&d);
	return ms;
}

/* A quadratic one takes thousands of times as long as prose. */
static void
test_costly(void **state)
{
	struct sample prose = { "", "word and *word* `code`, ", "", "", false };
	struct buf text = { 0 };
	double limit;
	bool noted;

	(void)state;
	make(&text, &prose);
	limit = 50 * (parse_ms(buf_view(&text), &noted) + 1);
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		double ms;

		make(&text, &samples[i]);
		ms = parse_ms(buf_view(&text), &noted);
		if (ms > limit || noted != samples[i].noted)
			fail_msg("\"%s%s%s\": %.0f ms, limit %.0f, noted %d", samples[i].head, samples[i].unit,
			    samples[i].next, ms, limit, noted);
	}
	buf_done(&text);
}

/* A long destination that is used very often would be built each time. */
static void
test_definitions(void **state)
{
	struct buf text = { 0 };
	bool noted;

	(void)state;
	buf_str(&text, STR("[a]: /"));
	buf_fill(&text, 'x', 2000);
	buf_str(&text, STR("\n\n"));
	add_times(&text, "[a] [a] [a] [a]\n\n", SIZE);
	assert_true(parse_ms(buf_view(&text), &noted) < 2000);
	assert_true(noted);
	buf_clear(&text);
	for (unsigned i = 0; i < 1500; i++)
		buf_printf(&text, "[d%u]: /x\n", i);
	parse_ms(buf_view(&text), &noted);
	assert_true(noted);
	buf_done(&text);
}

static void
assert_rows(struct str text, const char *want)
{
	struct layout *l = layout_new(LAYOUT_MARKDOWN, STR_NONE);
	struct buf got = { 0 };

	layout_update(l, text, 1, false, 60);
	for (size_t i = 0; i < layout_count(l) && i < 3; i++) {
		line_text(layout_line(l, i), &got);
		buf_byte(&got, '\n');
	}
	assert_str(buf_view(&got), str_from(want));
	layout_free(l);
	buf_done(&got);
}

/* How many rules and blocks of code a text has. */
static void
assert_kinds(struct str text, size_t rules, size_t blocks)
{
	struct md_run run = { .source = text, .to = text.n };
	struct md_doc d = { 0 };

	md_doc_parse(&d, &run);
	for (size_t i = 0; i < d.nops; i++) {
		rules -= d.ops[i].kind == MD_RULE && !(d.ops[i].flags & MD_CLOSE);
		blocks -= d.ops[i].kind == MD_CODE_BLOCK && !(d.ops[i].flags & MD_CLOSE);
	}
	assert_int_equal(rules, 0);
	assert_int_equal(blocks, 0);
	md_doc_done(&d);
}

/* Nothing of what is not interpreted is lost, and the reader is told. */
static void
test_note(void **state)
{
	struct buf text = { 0 };

	(void)state;
	add_times(&text, "[*a*](b) ", SIZE);
	assert_rows(buf_view(&text), "[markup left as it is: too much of it in one place]\n"
	    "[*a*](b) [*a*](b) [*a*](b) [*a*](b) [*a*](b) [*a*](b)\n"
	    "[*a*](b) [*a*](b) [*a*](b) [*a*](b) [*a*](b) [*a*](b)\n");
	buf_done(&text);
}

/* What makes blocks of lines is seen where markup is dense, and a text of less of it is what it was. */
static void
test_dense(void **state)
{
	struct buf text = { 0 };
	bool noted;

	(void)state;
	buf_str(&text, STR("- a\n"));
	add_times(&text, "  - *a* **b** `c`\n", 15000);
	parse_ms(buf_view(&text), &noted);
	assert_false(noted);
	add_times(&text, "  - *a* **b** `c`\n", 20000);
	buf_str(&text, STR("***\n~~~\n*\n~~~\n"));
	assert_rows(buf_view(&text), "• [markup left as it is: too much of it in one place]\n"
	    "  a\n  ◦ *a* **b** `c`\n");
	parse_ms(buf_view(&text), &noted);
	assert_true(noted);
	assert_kinds(buf_view(&text), 1, 1);
	buf_done(&text);
}

/* The same marks where they cost nothing stay what they are. */
static void
test_harmless(void **state)
{
	struct buf text = { 0 };
	bool noted;

	(void)state;
	add_times(&text, "See [a](http://b.c/d) and http://a.b, ~~not~~ [this].\n\n", SIZE);
	parse_ms(buf_view(&text), &noted);
	assert_false(noted);
	buf_clear(&text);
	add_times(&text, "- See [a](http://b.c/d) and http://a.b, ~~not~~ [this].\n", 100000);
	parse_ms(buf_view(&text), &noted);
	assert_false(noted);
	buf_done(&text);
}

/*
 * md4c 0.4.8 reads behind a text that does not end in a newline ("[](" is enough): whatever a text ends in,
 * what the parser gets ends in one, and has zeros behind it.
 */
static void
test_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof snippets / sizeof *snippets; i++) {
		struct str s = str_from(snippets[i]);

		for (size_t n = 0; n <= s.n; n++) {
			struct guard_part part = { .source = s, .to = n, .tail = n % 2 ? STR("x") : STR_NONE };
			struct guard g;

			guard_init(&g, &part);
			assert_true(g.input.p[g.input.n - 1] == '\n');
			for (size_t k = 0; k < 16; k++)
				assert_int_equal(g.input.p[g.input.n + k], 0);
			guard_done(&g);
		}
	}
}

static void
add_row(struct buf *out, const char *cell, unsigned columns)
{
	for (unsigned i = 0; i < columns; i++)
		buf_printf(out, "|%s", cell);
	buf_str(out, STR("|\n"));
}

static size_t
tables(unsigned columns, unsigned rows, const char *row)
{
	struct buf text = { 0 };
	struct md_doc d = { 0 };
	struct md_run run = { 0 };
	size_t n = 0;

	add_row(&text, "h", columns);
	add_row(&text, "---", columns);
	for (unsigned i = 0; i < rows; i++)
		if (row != NULL)
			buf_str(&text, str_from(row));
		else
			add_row(&text, "x", columns);
	run.source = buf_view(&text);
	run.to = text.n;
	md_doc_parse(&d, &run);
	for (size_t i = 0; i < d.nops; i++)
		n += d.ops[i].kind == MD_TABLE && !(d.ops[i].flags & MD_CLOSE);
	md_doc_done(&d);
	buf_done(&text);
	return n;
}

static void
test_tables(void **state)
{
	(void)state;
	assert_int_equal(tables(64, 100, NULL), 1);
	assert_int_equal(tables(65, 1, NULL), 0);
	assert_int_equal(tables(3, 3, "|\n"), 1);
	assert_int_equal(tables(60, 1000, "|\n"), 0);
	assert_int_equal(tables(3, 5000, "| a | b | c |\n"), 1);
}

static struct guard_state
guard_state(struct str text)
{
	struct guard_part part = { .source = text, .to = text.n };
	struct guard g;
	struct guard_state after;

	guard_init(&g, &part);
	after = g.after;
	guard_done(&g);
	return after;
}

/* Marks are looked for in many bytes at once: each is counted once, wherever it stands. */
static void
test_marks(void **state)
{
	static const struct guard_marks want = {
		.depth = 1, .deepest = 2, .closing = 2, .targets = 1, .addresses = 2, .tildes = 2, .lines = 1, .all = 14
	};
	struct buf text = { 0 };

	(void)state;
	for (size_t before = 0; before < 40; before++)
		for (size_t behind = 0; behind < 40; behind++) {
			struct guard_state after;

			buf_clear(&text);
			buf_fill(&text, 'x', before);
			buf_str(&text, STR("[a](b) [[c] http://d. www.e ~f~\n*g* _h_ `i` <j>"));
			buf_fill(&text, 'x', behind);
			after = guard_state(buf_view(&text));
			assert_memory_equal(&after.marks, &want, sizeof want);
		}
	buf_done(&text);
}

/* What the next paragraph begins with costs this one nothing. */
static void
test_marks_behind(void **state)
{
	struct buf text = { 0 };

	(void)state;
	for (size_t i = 0; i < 16; i++) {
		uint64_t spent;

		buf_clear(&text);
		buf_fill(&text, '[', 20);
		buf_fill(&text, 'x', 600 + i);
		buf_str(&text, STR("\n\nxxxxxxxxxxxxxxxx\n\n"));
		spent = guard_state(buf_view(&text)).spent;
		assert_true(spent > 0);
		memset(text.p + text.n - 18, '[', 16);
		assert_int_equal(guard_state(buf_view(&text)).spent, spent);
	}
	buf_done(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_costly),
		cmocka_unit_test(test_marks), cmocka_unit_test(test_marks_behind), cmocka_unit_test(test_definitions), cmocka_unit_test(test_note),
		cmocka_unit_test(test_dense),
		cmocka_unit_test(test_harmless), cmocka_unit_test(test_tables), cmocka_unit_test(test_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
