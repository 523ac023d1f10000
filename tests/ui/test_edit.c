#include "tests/unit.h"

#include "base/utf8.h"
#include "base/width.h"
#include "ui/edit.h"

static void
set(struct edit *e, const char *text, size_t cursor)
{
	edit_done(e);
	assert_true(edit_insert(e, str_from(text)));
	e->cursor = cursor;
}

/* The text with the cursor as "|". */
static void
check(struct edit *e, const char *want)
{
	struct buf b = { 0 };

	buf_str(&b, edit_text(e));
	buf_splice(&b, e->cursor, 0, STR("|"));
	assert_str(buf_view(&b), str_from(want));
	buf_done(&b);
}

static void
moving(void **state)
{
	struct edit e = { 0 };

	(void)state;
	set(&e, "one two\nthree", 0);
	assert_false(edit_apply(&e, EDIT_LEFT));
	assert_true(edit_apply(&e, EDIT_WORD_RIGHT));
	check(&e, "one| two\nthree");
	edit_apply(&e, EDIT_LINE_END);
	check(&e, "one two|\nthree");
	assert_true(edit_apply(&e, EDIT_DOWN));
	check(&e, "one two\nthree|");
	assert_false(edit_apply(&e, EDIT_DOWN));
	assert_true(edit_apply(&e, EDIT_UP));
	check(&e, "one two|\nthree");
	edit_apply(&e, EDIT_WORD_LEFT);
	check(&e, "one |two\nthree");
	edit_apply(&e, EDIT_START);
	assert_false(edit_apply(&e, EDIT_UP));
	edit_apply(&e, EDIT_END);
	check(&e, "one two\nthree|");
	edit_done(&e);
}

/* A family, a letter with two marks and a flag are one step each. */
static void
clusters(void **state)
{
	struct edit e = { 0 };

	(void)state;
	set(&e, "👩‍👩‍👧e\xcc\x81\xcc\xa3🇩🇪", 0);
	edit_apply(&e, EDIT_RIGHT);
	check(&e, "👩‍👩‍👧|e\xcc\x81\xcc\xa3🇩🇪");
	edit_apply(&e, EDIT_RIGHT);
	check(&e, "👩‍👩‍👧e\xcc\x81\xcc\xa3|🇩🇪");
	edit_apply(&e, EDIT_END);
	edit_apply(&e, EDIT_BACKSPACE);
	edit_apply(&e, EDIT_BACKSPACE);
	check(&e, "👩‍👩‍👧|");
	edit_apply(&e, EDIT_BACKSPACE);
	check(&e, "|");
	edit_done(&e);
}

static void
killing_and_yanking(void **state)
{
	struct edit e = { 0 };

	(void)state;
	set(&e, "one two three", 13);
	edit_apply(&e, EDIT_KILL_WORD_BACK);
	edit_apply(&e, EDIT_KILL_WORD_BACK);
	check(&e, "one |");
	edit_apply(&e, EDIT_START);
	edit_apply(&e, EDIT_YANK);
	check(&e, "two three|one ");
	edit_apply(&e, EDIT_KILL_TO_START);
	check(&e, "|one ");
	edit_apply(&e, EDIT_KILL_TO_END);
	check(&e, "|");
	edit_apply(&e, EDIT_YANK);
	check(&e, "two threeone |");
	set(&e, "a\nb", 1);
	edit_apply(&e, EDIT_KILL_TO_END);
	check(&e, "a|b");
	edit_done(&e);
}

static void
undoing(void **state)
{
	struct edit e = { 0 };

	(void)state;
	edit_insert(&e, STR("o"));
	edit_insert(&e, STR("n"));
	edit_insert(&e, STR(" "));
	edit_insert(&e, STR("t"));
	edit_insert(&e, STR("w"));
	edit_apply(&e, EDIT_UNDO);
	check(&e, "on |");
	edit_apply(&e, EDIT_UNDO);
	check(&e, "|");
	assert_false(edit_apply(&e, EDIT_UNDO));
	set(&e, "abc", 1);
	edit_apply(&e, EDIT_DELETE);
	edit_set(&e, STR("new"));
	edit_apply(&e, EDIT_UNDO);
	check(&e, "a|c");
	edit_apply(&e, EDIT_UNDO);
	check(&e, "a|bc");
	edit_done(&e);
}

static void
transposing(void **state)
{
	struct edit e = { 0 };

	(void)state;
	set(&e, "abé", 4);
	edit_apply(&e, EDIT_TRANSPOSE);
	check(&e, "aéb|");
	set(&e, "ab", 1);
	edit_apply(&e, EDIT_TRANSPOSE);
	check(&e, "ba|");
	set(&e, "a", 0);
	assert_false(edit_apply(&e, EDIT_TRANSPOSE));
	edit_done(&e);
}

static void
limits(void **state)
{
	struct edit e = { 0 };
	struct buf big = { 0 };

	(void)state;
	buf_fill(&big, 'x', EDIT_MAX);
	assert_true(edit_insert(&e, buf_view(&big)));
	assert_false(edit_insert(&e, STR("y")));
	assert_int_equal(e.text.n, EDIT_MAX);
	edit_set(&e, STR("a\xff" "b"));
	assert_str(edit_text(&e), STR("a\xef\xbf\xbd" "b"));
	buf_done(&big);
	edit_done(&e);
}

static void
history(void **state)
{
	struct history h = { 0 };
	struct str s;
	char text[8];

	(void)state;
	assert_false(history_prev(&h, STR("draft"), &s));
	history_add(&h, STR("one"));
	history_add(&h, STR("two"));
	history_add(&h, STR("two"));
	history_add(&h, STR(""));
	assert_true(history_prev(&h, STR("draft"), &s));
	assert_str(s, STR("two"));
	assert_true(history_prev(&h, s, &s));
	assert_str(s, STR("one"));
	assert_false(history_prev(&h, s, &s));
	assert_true(history_next(&h, &s));
	assert_true(history_next(&h, &s));
	assert_str(s, STR("draft"));
	assert_false(history_next(&h, &s));
	for (int i = 0; i < 60; i++) {
		snprintf(text, sizeof text, "%d", i);
		history_add(&h, str_from(text));
	}
	for (int i = 0; i < 50; i++)
		assert_true(history_prev(&h, STR(""), &s));
	assert_str(s, STR("10"));
	assert_false(history_prev(&h, STR(""), &s));
	history_done(&h);
}

/* The naive one: cluster boundaries from scratch for every question. */
struct naive {
	char text[4096];
	size_t n, cursor;
};

static size_t
boundary(const struct naive *m, size_t at, bool after)
{
	size_t b = 0, before = 0;

	while (b < m->n && (after ? b <= at : b < at)) {
		before = b;
		b += width_cluster(str_of(m->text + b, m->n - b), NULL);
	}
	return after ? b : before;
}

static void
replace(struct naive *m, size_t from, size_t to, struct str s)
{
	size_t b = 0;

	memmove(m->text + from + s.n, m->text + to, m->n - to);
	if (s.n > 0)
		memcpy(m->text + from, s.p, s.n);
	m->n = m->n - (to - from) + s.n;
	m->cursor = from + s.n;
	while (b < m->cursor)
		b += width_cluster(str_of(m->text + b, m->n - b), NULL);
	m->cursor = b;
}

static size_t
edge(const struct naive *m, bool end)
{
	size_t at = m->cursor;

	while (end ? at < m->n && m->text[at] != '\n' : at > 0 && m->text[at - 1] != '\n')
		at += end ? 1 : (size_t)-1;
	return at;
}

static void
naive_apply(struct naive *m, enum edit_op op)
{
	size_t left = boundary(m, m->cursor, false), right = boundary(m, m->cursor, true);

	switch (op) {
	case EDIT_LEFT:
		m->cursor = left;
		break;
	case EDIT_RIGHT:
		m->cursor = right;
		break;
	case EDIT_LINE_START:
		m->cursor = edge(m, false);
		break;
	case EDIT_LINE_END:
		m->cursor = edge(m, true);
		break;
	case EDIT_START:
		m->cursor = 0;
		break;
	case EDIT_END:
		m->cursor = m->n;
		break;
	case EDIT_BACKSPACE:
		if (left < m->cursor)
			replace(m, left, m->cursor, STR_NONE);
		break;
	case EDIT_DELETE:
		if (right > m->cursor)
			replace(m, m->cursor, right, STR_NONE);
		break;
	case EDIT_KILL_TO_START:
		if (edge(m, false) < m->cursor)
			replace(m, edge(m, false), m->cursor, STR_NONE);
		break;
	default:
		break;
	}
}

static void
random_operations(void **state)
{
	static const char *const texts[] = { "a", "bc ", "é", "e\xcc\x81", "\xcc\x81", "👩",
		"\xe2\x80\x8d",
		"🇩", "🇪", "漢字", "\n", "한", "x_1 ", "\xef\xb8\x8f", "\t" };
	static const enum edit_op ops[] = { EDIT_LEFT, EDIT_RIGHT, EDIT_LINE_START, EDIT_LINE_END,
		EDIT_START, EDIT_END, EDIT_BACKSPACE, EDIT_DELETE, EDIT_KILL_TO_START };
	uint64_t seed = 3;

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct edit e = { 0 };
		struct naive m = { 0 };

		for (int step = 0; step < 200; step++) {
			uint32_t r = unit_random(&seed);
			struct str s = str_from(texts[r / 16 % (sizeof texts / sizeof texts[0])]);
			enum edit_op op = ops[r / 16 % (sizeof ops / sizeof ops[0])];

			if (r % 16 < 10) {
				edit_insert(&e, s);
				replace(&m, m.cursor, m.cursor, s);
			} else {
				edit_apply(&e, op);
				naive_apply(&m, op);
			}
			assert_str(edit_text(&e), str_of(m.text, m.n));
			assert_int_equal(e.cursor, m.cursor);
		}
		while (edit_apply(&e, EDIT_UNDO))
			assert_true(utf8_valid(edit_text(&e)));
		assert_int_equal(e.text.n, 0);
		edit_done(&e);
	}
}

/* Nothing breaks the text or leaves the cursor inside a character, whatever is done. */
static void
random_everything(void **state)
{
	uint64_t seed = 11;
	struct edit e = { 0 };

	(void)state;
	for (int step = 0; step < 20000; step++) {
		uint32_t r = unit_random(&seed);
		char c[4];

		if (r % 3 == 0)
			edit_insert(&e, str_of(c, utf8_encode(r % 7 == 0 ? '\n' : 0x40 + r / 8 % 0x600, c)));
		else
			edit_apply(&e, (enum edit_op)(r / 8 % EDIT_OPS));
		assert_true(e.cursor <= e.text.n);
		assert_true(utf8_valid(edit_text(&e)));
		assert_true(utf8_valid(str_head(edit_text(&e), e.cursor)));
	}
	edit_done(&e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moving),
		cmocka_unit_test(clusters),
		cmocka_unit_test(killing_and_yanking),
		cmocka_unit_test(undoing),
		cmocka_unit_test(transposing),
		cmocka_unit_test(limits),
		cmocka_unit_test(history),
		cmocka_unit_test(random_operations),
		cmocka_unit_test(random_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
