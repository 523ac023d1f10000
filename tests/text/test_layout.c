/* Rows of every kind of text: the laws over hostile bytes, prefixes and widths, and what grows. */
#include "tests/unit.h"

#include <locale.h>

#include "base/clock.h"
#include "tests/hostile.h"
#include "tests/text/dump.h"
#include "tests/text/layout_laws.h"
#include "tests/text/snippets.h"

static const enum layout_kind kinds[] = { LAYOUT_MARKDOWN, LAYOUT_TERMINAL, LAYOUT_DIFF, LAYOUT_CODE,
	LAYOUT_PLAIN };

enum { KINDS = sizeof kinds / sizeof *kinds, SNIPPETS = sizeof snippets / sizeof *snippets };

/* A hostile text in every kind of block. */
static const char *const places[] = { "%s", "a %s b", "# %s", "- %s\n- b", "> %s", "**%s**", "`%s`",
	"```%s\nx\n```", "```\n%s\n```", "~~~c\n\"%s\n~~~", "    %s", "| %s | b |\n|---|---|\n| a | %s |",
	"[%s](https://a.b/)", "[a](https://%s/)", "[a](%s)", "![%s](c)", "![a](%s)", "<!-- %s -->", "<b %s>", "<%s>",
	"[a]: %s\n\n[a]", "1. %s", "- [ ] %s", "&%s;", "http://a.b/%s", "~~%s~~", "+%s\n-%s\n@@ -%s", "x\r%s\b" };

/* Puts the text wherever the place says %s. */
static void
put_in(struct buf *out, const char *place, struct str text)
{
	struct str rest = str_from(place);

	buf_clear(out);
	for (;;) {
		size_t at = str_find(rest, STR("%s"));

		buf_str(out, str_head(rest, at));
		if (at == rest.n)
			return;
		buf_str(out, text);
		rest = str_skip(rest, at + 2);
	}
}

static void
check_everywhere(struct str text, void *ctx)
{
	struct buf doc = { 0 };

	(void)ctx;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		put_in(&doc, places[i], text);
		for (size_t k = 0; k < KINDS; k++)
			for (unsigned width = 20; width <= 80; width += 60)
				check_layout_laws(kinds[k], STR("c"), buf_view(&doc), width, 1 + doc.n / 3);
	}
	buf_done(&doc);
}

static void
test_hostile(void **state)
{
	(void)state;
	hostile_each(HOSTILE_OWN, check_everywhere, NULL);
}

static void
test_more_hostile(void **state)
{
	(void)state;
	hostile_each(HOSTILE_MORE, check_everywhere, NULL);
}

/* Every prefix, so that the parser sees every way a text can end. */
static void
test_prefixes(void **state)
{
	(void)state;
	for (size_t i = 0; i < SNIPPETS; i++) {
		struct str s = str_from(snippets[i]);
		struct buf doc = { 0 };

		put_in(&doc, "> - %s\n\nx [a]: y\n\n%s", s);
		for (size_t n = 0; n <= doc.n; n++)
			check_layout_laws(LAYOUT_MARKDOWN, STR_NONE, str_head(buf_view(&doc), n), 40, n + 1);
		buf_done(&doc);
	}
}

static void
test_widths(void **state)
{
	struct buf doc = { 0 };

	(void)state;
	for (size_t i = 0; i < SNIPPETS; i++) {
		if (i > 0)
			buf_str(&doc, STR("\n\n"));
		buf_str(&doc, str_from(snippets[i]));
	}
	for (size_t k = 0; k < KINDS; k++)
		for (unsigned width = 0; width <= 500; width += width < 24 ? 1 : 119)
			check_layout_laws(kinds[k], STR("rust"), buf_view(&doc), width, doc.n);
	buf_done(&doc);
}

static void
assert_rows(struct layout *l, const char *want)
{
	struct buf got = { 0 };

	for (size_t i = 0; i < layout_count(l); i++) {
		line_text(layout_line(l, i), &got);
		buf_byte(&got, '\n');
	}
	assert_str(buf_view(&got), str_from(want));
	buf_done(&got);
}

static void
assert_held(const char *text, const char *held, const char *released)
{
	struct layout *l = layout_new(LAYOUT_MARKDOWN, STR_NONE);

	layout_update(l, str_from(text), 1, true, 40);
	assert_rows(l, held);
	if (strcmp(held, released) != 0)
		assert_int_equal(layout_due(l), clock_mono() + 151);
	clock_advance(160);
	layout_update(l, str_from(text), 1, true, 40);
	assert_rows(l, released);
	assert_int_equal(layout_due(l), -1);
	layout_free(l);
}

/* What the next bytes would change is not shown at once, but shown when they do not come. */
static void
test_holds(void **state)
{
	(void)state;
	assert_held("a\n\n``", "a\n", "a\n\n``\n");
	assert_held("```py", "", "  py\n");
	assert_held("```\nx\n``", "  x\n", "  x\n  ``\n");
	assert_held("a\n\n-", "a\n", "a\n\n• \n");
	assert_held("a\n\n12.", "a\n", "a\n\n12. \n");
	assert_held("a\n\n- [", "a\n", "a\n\n• [\n");
	assert_held("a\n\n##", "a\n", "a\n\n\n");
	assert_held("a\n\n| b | c |\n|", "a\n", "a\n\n| b | c | |\n");
	assert_held("|a|\n|---|\n|b|\n|c", "a\n─\nb\n", "a\n─\nb\nc\n");
	assert_held("see [text](http://a.b", "see [text]\n", "see [text](http://a.b\n");
	assert_held("see ![text](http://a.b", "see\n", "see ![text](http://a.b\n");
	assert_held("a **bold", "a bold\n", "a **bold\n");
	assert_held("a **bold*", "a bold\n", "a *bold\n");
	assert_held("a `co", "a co\n", "a `co\n");
	assert_held("a ~~b *c", "a b c\n", "a ~~b *c\n");
	assert_held("caf\xc3", "caf\n", "caf\xef\xbf\xbd\n");
	assert_held("plain text, a - b", "plain text, a - b\n", "plain text, a - b\n");
}

static void
catch_up(struct layout *l, struct str text)
{
	do
		layout_update(l, text, 1, true, 80);
	while (layout_behind(l));
}

/* An update that was much work puts off the next ones, and says until when. */
static void
test_budget(void **state)
{
	struct layout *l = layout_new(LAYOUT_MARKDOWN, STR_NONE);
	struct buf text = { 0 };
	size_t before;

	(void)state;
	buf_str(&text, STR("[a]: /x\n"));
	while (text.n < 400000)
		buf_str(&text, STR("\nuses [a] of it\n"));
	/* No update takes all of it. */
	layout_update(l, buf_view(&text), 1, true, 80);
	assert_true(layout_behind(l) && layout_due(l) <= clock_mono());
	before = layout_blocks(l);
	catch_up(l, buf_view(&text));
	assert_true(layout_blocks(l) > 3 * before);
	before = layout_blocks(l);
	buf_str(&text, STR("\none more\n"));
	layout_update(l, buf_view(&text), 1, true, 80);
	assert_int_equal(layout_blocks(l), before);
	assert_true(layout_due(l) > clock_mono());
	clock_advance(layout_due(l) - clock_mono());
	layout_update(l, buf_view(&text), 1, true, 80);
	assert_int_equal(layout_blocks(l), before + 1);
	/* It is worth it when much has come, and all is shown at the end. */
	for (size_t i = 0; i < 20000; i++)
		buf_str(&text, STR("\none more\n"));
	catch_up(l, buf_view(&text));
	assert_int_equal(layout_blocks(l), before + 20001);
	buf_str(&text, STR("\none more\n"));
	layout_update(l, buf_view(&text), 1, true, 80);
	assert_int_equal(layout_blocks(l), before + 20001);
	layout_update(l, buf_view(&text), 1, false, 80);
	assert_int_equal(layout_blocks(l), before + 20002);
	layout_free(l);
	buf_done(&text);
}

/* A long text without a place to go on from: an update that did nothing but look for one says so, unless it is the last. */
static void
test_search(void **state)
{
	struct layout *l = layout_new(LAYOUT_MARKDOWN, STR_NONE), *whole = layout_new(LAYOUT_MARKDOWN, STR_NONE);
	struct buf text = { 0 };
	unsigned searches = 0;

	(void)state;
	buf_str(&text, STR("**a "));
	for (size_t i = 1; searches == 0 && i < 100000; i++) {
		buf_str(&text, STR("word *b* "));
		if (i % 64 > 0)
			continue;
		clock_advance(1000);
		layout_update(l, buf_view(&text), 1, true, 80);
		searches += layout_behind(l);
	}
	assert_int_equal(searches, 1);
	assert_true(layout_due(l) >= 0 && layout_due(l) <= clock_mono());
	layout_update(l, buf_view(&text), 1, false, 80);
	assert_false(layout_behind(l));
	layout_update(whole, buf_view(&text), 1, false, 80);
	assert_true(same_rows(l, whole));
	layout_free(l);
	layout_free(whole);
	buf_done(&text);
}

/* What costs as much as all of the text is done when that has grown by a quarter, in one update. */
static void
test_waits(void **state)
{
	struct layout *l = layout_new(LAYOUT_MARKDOWN, STR_NONE);
	struct buf text = { 0 };
	size_t blocks = 0;
	unsigned updates = 0;

	(void)state;
	buf_str(&text, STR("[a]: /x\n"));
	while (text.n < 100000)
		buf_str(&text, STR("\nuses [a] of it\n"));
	catch_up(l, buf_view(&text));
	/* No time passes in between. */
	while (text.n < 1000000) {
		buf_str(&text, STR("\nuses [a] of it\n"));
		layout_update(l, buf_view(&text), 1, true, 80);
		updates += layout_blocks(l) != blocks;
		blocks = layout_blocks(l);
	}
	assert_in_range(updates, 5, 15);
	layout_free(l);
	buf_done(&text);
}

/* What was put off is done in few updates where each costs as much as all of the text. */
static void
test_slices(void **state)
{
	struct layout *l = layout_new(LAYOUT_MARKDOWN, STR_NONE);
	struct buf text = { 0 };
	unsigned updates = 0;

	(void)state;
	buf_str(&text, STR("**a "));
	while (text.n < 2000000)
		buf_str(&text, STR("word *b* "));
	catch_up(l, buf_view(&text));
	for (size_t i = 0; i < 80000; i++)
		buf_str(&text, STR("word *b* "));
	do {
		layout_update(l, buf_view(&text), 1, true, 80);
		updates++;
	} while (layout_behind(l));
	assert_in_range(updates, 1, 7);
	layout_free(l);
	buf_done(&text);
}

/* The parser ends emphasis that did not begin, when an address covers its start. */
static void
test_unbegun(void **state)
{
	struct layout *l = layout_new(LAYOUT_MARKDOWN, STR_NONE);
	struct line line;

	(void)state;
	layout_update(l, STR("http://a.b/ex*c* and more\n"), 1, false, 80);
	line = layout_line(l, 0);
	assert_int_equal(line.spans[line.n - 1].style.attr, 0);
	layout_free(l);
}

/* Another generation is another text. */
static void
test_generation(void **state)
{
	(void)state;
	for (size_t k = 0; k < KINDS; k++) {
		struct layout *l = layout_new(kinds[k], STR_NONE);

		layout_update(l, STR("abc"), 1, true, 40);
		layout_update(l, STR("xyz"), 2, true, 40);
		assert_true(layout_count(l) == 1);
		assert_int_equal(layout_line(l, 0).cols, 3);
		layout_update(l, STR(""), 3, false, 40);
		assert_int_equal(layout_count(l), 0);
		layout_free(l);
	}
}

static int
set_up(void **state)
{
	(void)state;
	assert_non_null(setlocale(LC_ALL, "C.UTF-8"));
	clock_set(1000, 0);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hostile), cmocka_unit_test(test_more_hostile), cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_widths), cmocka_unit_test(test_holds), cmocka_unit_test(test_unbegun),
		cmocka_unit_test(test_generation),
		cmocka_unit_test(test_budget), cmocka_unit_test(test_search), cmocka_unit_test(test_slices),
		cmocka_unit_test(test_waits),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
