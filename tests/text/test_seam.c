/* Blocks that are giant are parsed from within, and are what one parse of the whole text makes of them. */
#include "tests/unit.h"

#include "base/clock.h"
#include "tests/text/dump.h"
#include "tests/text/snippets.h"
#include "text/stream.h"

enum { COUNT = sizeof snippets / sizeof *snippets, SIZE = 24 << 10, STEP = 1200 };

enum giant { PARAGRAPH, LINES, LIST, ORDERED, LOOSE, TABLE, CODE, HTML, COMMENT, NEST, NEST_ORDERED, NEST_QUOTE,
	GIANTS };

static unsigned long documents, seams, mismatches;

static struct str
any_snippet(uint64_t *seed)
{
	return str_from(snippets[unit_random(seed) % COUNT]);
}

/* A snippet that is one line. */
static struct str
inline_snippet(uint64_t *seed)
{
	for (;;) {
		struct str s = any_snippet(seed);

		if (str_find_byte(s, '\n') == s.n)
			return s;
	}
}

static void
add_words(struct buf *out, unsigned strange, uint64_t *seed)
{
	static const char *const words[] = { "word", "and more", "*emphasis*", "`code`", "**strong** text", "a_b_c",
		"終端機渲染終端機渲染", "café", "[a](b)", "x < y", "http://a.b/c", "2 * 3", "&amp;", "[1]", "~~gone~~" };

	for (uint64_t n = 1 + unit_random(seed) % 12; n > 0; n--) {
		if (strange > 0 && unit_random(seed) % strange == 0)
			buf_str(out, inline_snippet(seed));
		else
			buf_str(out, str_from(words[unit_random(seed) % (sizeof words / sizeof *words)]));
		buf_byte(out, ' ');
	}
}

/* What stands around each part of a giant. */
static const struct {
	const char *head, *before, *after;
} forms[GIANTS] = {
	{ "p", "", " " }, { "p", "w ", "\n" }, { "", "- ", "\n" }, { "", "12. ", "\n" }, { "", "* ", "\n\n" },
	{ "| a | b |\n|:--|--:|\n", "| x | ", "|\n" },
	{ "", "    ", "\n" }, { "<div>\n", "<b>", "\n" }, { "<!--\n", "w ", "\n" },
	{ "", "- ", "" }, { "", "1. ", "" }, { "", "> ", "" },
};

/* ---- containers in containers */

/* What stands in front of the lines of a block. */
struct inside {
	struct buf first, next;
	unsigned depth, strange;
};

static void
add_block(struct buf *out, struct inside *in, uint64_t *seed);

static void
add_line(struct buf *out, struct inside *in, const char *text)
{
	buf_str(out, buf_view(&in->first));
	buf_set(&in->first, buf_view(&in->next));
	buf_str(out, str_from(text));
}

static void
add_text(struct buf *out, struct inside *in, uint64_t *seed)
{
	for (uint64_t n = 1 + unit_random(seed) % 3; n > 0; n--) {
		if (in->strange == 0 || unit_random(seed) % (4 * in->strange) > 0)
			add_line(out, in, "w ");
		add_words(out, in->strange, seed);
		buf_byte(out, '\n');
	}
}

static void
add_lines(struct buf *out, struct inside *in, const char *head, const char *before, const char *end,
    uint64_t *seed)
{
	add_line(out, in, head);
	for (uint64_t n = unit_random(seed) % 24; n > 0; n--) {
		add_line(out, in, unit_random(seed) % 6 > 0 ? before : "\n");
		if (out->p[out->n - 1] == '\n')
			continue;
		add_words(out, in->strange, seed);
		buf_byte(out, '\n');
	}
	if (in->strange == 0 || unit_random(seed) % in->strange > 0)
		add_line(out, in, end);
}

/* Blocks behind a marker, in a list or quote of the block that stands around it. */
static void
add_inner(struct buf *out, struct inside *in, const char *marker, bool loose, uint64_t *seed)
{
	struct inside inner = { .depth = in->depth + 1, .strange = in->strange };

	buf_str(&inner.first, buf_view(&in->first));
	buf_str(&inner.first, str_from(marker));
	buf_str(&inner.next, buf_view(&in->next));
	if (marker[0] == '>')
		buf_str(&inner.next, str_from(marker));
	else
		buf_fill(&inner.next, ' ', strlen(marker));
	for (uint64_t n = 1 + unit_random(seed) % 3; n > 0; n--) {
		add_block(out, &inner, seed);
		if (loose && n > 1)
			add_line(out, &inner, "\n");
	}
	buf_set(&in->first, buf_view(&in->next));
	buf_done(&inner.first);
	buf_done(&inner.next);
}

static void
add_container(struct buf *out, struct inside *in, uint64_t *seed)
{
	static const char *const markers[] = { "- ", "* ", "+  ", "1. ", "12) ", "-    ", " - ", "> ", ">" };
	const char *marker = markers[unit_random(seed) % (sizeof markers / sizeof *markers)];
	bool loose = unit_random(seed) % 3 == 0;

	for (uint64_t n = marker[0] == '>' ? 1 : 1 + unit_random(seed) % 5; n > 0; n--) {
		add_inner(out, in, marker, loose || marker[0] == '>', seed);
		if (unit_random(seed) % 5 < (loose ? 4 : 0) || (in->strange > 0 && unit_random(seed) % 12 == 0))
			add_line(out, in, "\n");
	}
}

static void
add_block(struct buf *out, struct inside *in, uint64_t *seed)
{
	unsigned kind = unit_random(seed) % 16;

	if (kind < 5 && in->depth < 6)
		add_container(out, in, seed);
	else if (kind == 5)
		add_lines(out, in, "```c\n", "x ", "```\n", seed);
	else if (kind == 6)
		add_lines(out, in, "~~~~\n", "    - ", "~~~~\n", seed);
	else if (kind == 7)
		add_lines(out, in, "| a | b |\n", "| x | ", "\n", seed);
	else if (kind == 8)
		add_lines(out, in, "    code\n", "      more ", "\n", seed);
	else if (kind == 9)
		add_lines(out, in, "<div>\n", "<b>", "\n", seed);
	else if (kind == 10)
		add_lines(out, in, "# heading\n", "", "***\n", seed);
	else
		add_text(out, in, seed);
}

/* One item or quote of the outermost container. */
static void
add_nest(struct buf *out, const char *marker, unsigned strange, uint64_t *seed)
{
	struct inside in = { .strange = strange };

	add_inner(out, &in, marker, unit_random(seed) % 4 == 0, seed);
	buf_done(&in.first);
	buf_done(&in.next);
}

static void
make_giant(struct buf *out, enum giant kind, unsigned strange, uint64_t *seed)
{
	size_t size = kind <= LINES ? SIZE : SIZE / (kind < NEST ? 6 : 3);

	buf_clear(out);
	if (unit_random(seed) % 2)
		buf_str(out, STR("Before.\n\n"));
	buf_str(out, str_from(forms[kind].head));
	size += unit_random(seed) % size;
	while (out->n < size) {
		if (kind >= NEST) {
			add_nest(out, forms[kind].before, strange, seed);
			continue;
		}
		buf_str(out, str_from(forms[kind].before));
		add_words(out, strange, seed);
		if ((kind == LIST || kind == LOOSE) && unit_random(seed) % 6 == 0)
			buf_str(out, STR("\n  - inner\n\n  more"));
		buf_str(out, str_from(forms[kind].after));
	}
	for (uint64_t n = unit_random(seed) % 4; n > 0; n--) {
		buf_str(out, str_from(joints[unit_random(seed) % (sizeof joints / sizeof *joints)]));
		buf_str(out, any_snippet(seed));
	}
}

static void
fail_at(struct str text, const char *what)
{
	print_error("%s in %zu bytes that end in:\n%.*s\n", what, text.n,
	    STR_ARG(str_skip(text, text.n > 3000 ? text.n - 3000 : 0)));
	fail();
}

static void
check_blocks(const struct md_stream *m, struct str text)
{
	struct md_run run = { .source = text, .to = text.n };
	struct md_doc whole = { 0 };

	md_doc_parse(&whole, &run);
	if (whole.n != md_stream_count(m))
		fail_at(text, "another number of blocks");
	for (size_t i = 0; i < whole.n; i++) {
		bool settled = i < m->settled.n;

		if (!md_block_eq(settled ? &m->settled : &m->now, settled ? i : i - m->settled.n, &whole, i))
			fail_at(text, "another block");
	}
	md_doc_done(&whole);
}

/* The blocks, at every fourth step and at the end. */
static void
run_blocks(struct str text, uint64_t seed)
{
	struct md_stream m = { 0 };
	bool seam = false;

	for (size_t n = 1; n < text.n; n += 1 + unit_random(&seed) % STEP) {
		md_stream_update(&m, str_head(text, n), true, false);
		seam = seam || m.nseams > 0 || m.fence.on;
		if (unit_random(&seed) % 4 == 0)
			check_blocks(&m, str_head(text, n));
	}
	md_stream_update(&m, text, false, false);
	check_blocks(&m, text);
	documents++;
	seams += seam;
	mismatches += m.mismatches;
	md_stream_done(&m);
}

/* The rows have to be those of the text laid out at once. */
static void
check_rows(struct layout *got, struct str text, bool open, unsigned width)
{
	struct layout *want = layout_new(LAYOUT_MARKDOWN, STR_NONE);

	do
		layout_update(want, text, 1, open, width);
	while (layout_behind(want));
	if (!same_rows(got, want))
		fail_at(text, "other rows");
	layout_free(want);
}

/* The rows, with what is held back: some of them are kept from step to step. */
static void
run_rows(struct str text, uint64_t seed)
{
	struct layout *l = layout_new(LAYOUT_MARKDOWN, STR_NONE);
	unsigned width = 20 + (unsigned)(unit_random(&seed) % 80);
	bool open = true;

	for (size_t n = 1; open; n += 1 + unit_random(&seed) % STEP) {
		struct str some = str_head(text, n);

		open = n < text.n;
		/* No update is put off. */
		clock_advance(1000);
		width = unit_random(&seed) % 32 == 0 ? 20 + (unsigned)(unit_random(&seed) % 80) : width;
		do
			layout_update(l, some, 1, open, width);
		while (layout_behind(l));
		layout_count(l);
		if (!open || unit_random(&seed) % 8 == 0)
			check_rows(l, some, open, width);
	}
	mismatches += layout_mismatches(l);
	layout_free(l);
}

/* `strange`: one word in so many is a snippet; 0: none. */
static void
run_giants(unsigned rounds, unsigned strange, uint64_t seed)
{
	struct buf text = { 0 };

	for (unsigned i = 0; i < rounds * GIANTS; i++) {
		make_giant(&text, i % GIANTS, strange, &seed);
		run_blocks(buf_view(&text), seed);
		run_rows(buf_view(&text), seed);
	}
	buf_done(&text);
}

static unsigned
scale(unsigned rounds)
{
	const char *many = getenv("WEIR_DOCUMENTS");

	return many != NULL ? (unsigned)(strtoul(many, NULL, 10) / 10000 * rounds) + 1 : rounds;
}

static void
test_tame(void **state)
{
	(void)state;
	documents = seams = mismatches = 0;
	run_giants(scale(4), 0, 1);
	print_message("%lu giants, %lu with a seam\n", documents, seams);
	assert_int_equal(mismatches, 0);
	assert_true(seams * 4 > documents * 3);
}

static void
test_strange(void **state)
{
	(void)state;
	documents = seams = mismatches = 0;
	run_giants(scale(2), 2, 2);
	run_giants(scale(2), 20, 3);
	run_giants(scale(2), 400, 4);
	print_message("%lu giants, %lu with a seam\n", documents, seams);
	assert_int_equal(mismatches, 0);
}

static void
add_times(struct buf *out, const char *unit, size_t more)
{
	for (size_t until = out->n + more; out->n < until;)
		buf_str(out, str_from(unit));
}

/* What is begun in front of a place is no place to begin at, however much later it ends. */
static void
test_open(void **state)
{
	static const char *const pairs[][2] = { { "**a ", "b** " }, { "*a ", "b* " }, { "_a ", "b_ " },
		{ "~~a ", "b~~ " }, { "`a ", "b` " }, { "````a ", "b```` " }, { "[a ", "b](c) " },
		{ "[a](b 'c ", "d') " }, { "<a b=\"c ", "d\"> " }, { "<!-- a ", "b --> " } };
	struct buf text = { 0 };

	(void)state;
	mismatches = 0;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		buf_clear(&text);
		add_times(&text, "some words ", 20 << 10);
		buf_str(&text, str_from(pairs[i][0]));
		add_times(&text, "more words ", 4 << 10);
		buf_str(&text, str_from(pairs[i][1]));
		add_times(&text, "and words ", 4 << 10);
		run_blocks(buf_view(&text), i);
	}
	assert_int_equal(mismatches, 0);
	buf_done(&text);
}

/* What becomes too costly is covered from its start on, which may stand before the seam. */
static void
test_costly(void **state)
{
	struct buf text = { 0 };

	(void)state;
	mismatches = 0;
	add_times(&text, "some words and an address http://a.b/c in a [link](http://d.e/f) ", 150000);
	run_blocks(buf_view(&text), 1);
	assert_int_equal(mismatches, 0);
	buf_done(&text);
}

/* Where md4c 0.4.8 takes an item for an empty one, by its place, what follows stands elsewhere than it seems. */
static void
test_misread(void **state)
{
	struct buf text = { 0 };

	(void)state;
	mismatches = 0;
	for (size_t pad = 0; pad < 256; pad++) {
		buf_clear(&text);
		buf_str(&text, STR("- a "));
		buf_fill(&text, 'p', pad);
		buf_str(&text, STR("\n  - b\n    ~~~\n    c\n    ~~~\n\n    * d\n"));
		add_times(&text, "      some more words\n", 2 << 10);
		buf_str(&text, STR("\n     in it still\n"));
		run_blocks(buf_view(&text), pad);
	}
	assert_int_equal(mismatches, 0);
	buf_done(&text);
}

static size_t
text_end(const struct md_stream *m)
{
	size_t i = m->now.nops - 1;

	while (m->now.ops[i].kind != MD_TEXT)
		i--;
	return m->now.ops[i].at + m->now.ops[i].len;
}

static bool
has_note(const struct md_stream *m)
{
	for (size_t i = 0; i < m->now.nops; i++)
		if (m->now.ops[i].kind == MD_NOTE)
			return true;
	return false;
}

/* What is too long to be parsed at once is settled in parts; where it cannot be, the rest is plain text. */
static void
assert_long(const char *unit, bool noted)
{
	struct md_stream once = { 0 }, grown = { 0 };
	struct buf text = { 0 };

	while (text.n < 3 * MD_PARSE_MAX / 2)
		buf_str(&text, str_from(unit));
	buf_str(&text, STR("the end"));
	md_stream_update(&once, buf_view(&text), false, false);
	assert_int_equal(has_note(&once), noted);
	assert_int_equal(text_end(&once), text.n);
	for (size_t n = 0; n < text.n; n += 700001)
		md_stream_update(&grown, str_head(buf_view(&text), n), true, false);
	md_stream_update(&grown, buf_view(&text), false, false);
	assert_int_equal(grown.mismatches, 0);
	assert_int_equal(md_stream_count(&grown), md_stream_count(&once));
	assert_true(grown.now.nops == once.now.nops || !noted);
	md_stream_done(&once);
	md_stream_done(&grown);
	buf_done(&text);
}

static void
test_long(void **state)
{
	(void)state;
	assert_long("A paragraph of *some* words, which is followed by another.\n\n", false);
	assert_long("- an item of a list that is one block to its end\n", false);
	assert_long("> a quote that is one block to its end\n", false);
	assert_long("[a]: /definition\n\nuses [a] of it.\n\n", true);
}

static int
set_clock(void **state)
{
	(void)state;
	clock_set(1000, 0);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tame), cmocka_unit_test(test_strange), cmocka_unit_test(test_open),
		cmocka_unit_test(test_costly), cmocka_unit_test(test_misread), cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, set_clock, NULL);
}
