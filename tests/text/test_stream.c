/* Rows of a text that grows are those of the text laid out at once, however it is cut. */
#include "tests/unit.h"

#include "base/clock.h"
#include "tests/text/dump.h"
#include "tests/text/snippets.h"

enum { COUNT = sizeof snippets / sizeof *snippets, JOINTS = sizeof joints / sizeof *joints };

static const unsigned widths[] = { 20, 41, 80 };

struct stream {
	struct layout *layout;
	uint64_t seed;
	unsigned width;
};

static unsigned long documents, mismatches, early;

static void
make_document(struct buf *out, uint64_t *seed)
{
	size_t n = 1 + unit_random(seed) % 6;

	buf_clear(out);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_str(out, str_from(joints[unit_random(seed) % JOINTS]));
		buf_str(out, str_from(snippets[unit_random(seed) % COUNT]));
	}
	if (unit_random(seed) % 2)
		buf_byte(out, '\n');
}

static void
show(const struct stream *s, struct layout *want, struct str text, const char *what)
{
	struct buf got_rows = { 0 }, want_rows = { 0 };

	dump_layout(s->layout, &got_rows);
	dump_layout(want, &want_rows);
	print_error("%s, width %u:\n%.*s\n--- got\n%.*s--- want\n%.*s", what, s->width, STR_ARG(text),
	    STR_ARG(buf_view(&got_rows)), STR_ARG(buf_view(&want_rows)));
	buf_done(&got_rows);
	buf_done(&want_rows);
}

/* Whether the rows are as if the text had come at once; says so when they have to be. */
static bool
is_same(struct stream *s, struct str text, bool open, const char *what)
{
	struct layout *want = layout_new(LAYOUT_MARKDOWN, STR_NONE);
	bool same;

	do
		layout_update(want, text, 1, open, s->width);
	while (layout_behind(want));
	same = same_rows(s->layout, want);
	if (!same && what != NULL)
		show(s, want, text, what);
	layout_free(want);
	return same;
}

static void
step(struct stream *s, struct str text)
{
	if (unit_random(&s->seed) % 16 == 0)
		s->width = widths[unit_random(&s->seed) % 3];
	layout_update(s->layout, text, 1, true, s->width);
	if (unit_random(&s->seed) % 4 > 0)
		return;
	if (!is_same(s, text, true, "with holds"))
		fail();
	/* When nothing comes for a while what was held back is shown: then it is the whole text. */
	clock_advance(200);
	layout_update(s->layout, text, 1, true, s->width);
	early += !is_same(s, text, false, NULL);
}

static void
run(struct str text, uint64_t seed)
{
	struct stream s = { .layout = layout_new(LAYOUT_MARKDOWN, STR_NONE), .seed = seed, .width = 41 };
	unsigned most = 1 + unit_random(&s.seed) % 12;

	for (size_t n = 0; n < text.n; n += 1 + unit_random(&s.seed) % most)
		step(&s, str_head(text, n));
	layout_update(s.layout, text, 1, false, s.width);
	if (!is_same(&s, text, false, "at the end"))
		fail();
	documents++;
	mismatches += layout_mismatches(s.layout);
	layout_free(s.layout);
}

static void
test_documents(void **state)
{
	const char *many = getenv("WEIR_DOCUMENTS");
	unsigned long n = many != NULL ? strtoul(many, NULL, 10) : 10000;
	struct buf text = { 0 };
	uint64_t seed = 1;

	(void)state;
	for (unsigned long i = 0; i < n; i++) {
		make_document(&text, &seed);
		run(buf_view(&text), seed);
	}
	buf_done(&text);
	print_message("%lu documents, %lu of them put right at the end, %lu early\n", documents, mismatches, early);
	assert_int_equal(mismatches, 0);
	assert_int_equal(early, 0);
}

/* Definitions reach everywhere: of a large text with some only a character that is cut is held back. */
static void
test_definitions(void **state)
{
	struct stream s = { .layout = layout_new(LAYOUT_MARKDOWN, STR_NONE), .seed = 1, .width = 60 };
	struct buf text = { 0 };

	(void)state;
	for (unsigned i = 0; text.n < 80 << 10; i++) {
		buf_printf(&text, "終端機 uses [a] and [b%u] *of* it\n\n", i);
		if (i == 1000)
			buf_str(&text, STR("[a]: /x\n\n"));
		if (i % 100 == 99)
			buf_printf(&text, "[b%u]: /y\n\n", i - 50);
	}
	for (size_t n = 0; n < text.n; n += 1 + unit_random(&s.seed) % 3000) {
		clock_advance(10000);
		layout_update(s.layout, str_head(buf_view(&text), n), 1, true, s.width);
		assert_true(is_same(&s, str_head(buf_view(&text), n), true, "with definitions"));
	}
	layout_free(s.layout);
	buf_done(&text);
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
		cmocka_unit_test(test_documents), cmocka_unit_test(test_definitions),
	};

	return cmocka_run_group_tests(tests, set_clock, NULL);
}
