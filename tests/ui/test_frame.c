#include <stdlib.h>

#include "tests/unit.h"
#include "ui/frame.h"

enum { ROWS = 12, TEXT = 24 };

/* A terminal that does what a frame says. */
struct model {
	struct frame frame;
	char rows[ROWS][TEXT];
	unsigned drawn, moved;
};

static bool
put(struct model *m, unsigned y, const char *text, uint8_t attr)
{
	struct rows r = { 0 };
	bool changed;

	rows_add(&r, STYLE_WITH(ROLE_TEXT, attr), str_from(text), 0);
	rows_end(&r, 0);
	changed = frame_set(&m->frame, y, rows_line(&r, 0));
	rows_done(&r);
	return changed;
}

static void
move_rows(struct model *m, const struct frame_move *move)
{
	char before[ROWS][TEXT];

	assert_true(move->top < move->bottom && move->bottom < ROWS);
	memcpy(before, m->rows, sizeof before);
	for (int y = (int)move->top; y <= (int)move->bottom; y++) {
		int from = y + move->by;

		if (from >= (int)move->top && from <= (int)move->bottom)
			memcpy(m->rows[y], before[from], TEXT);
		else
			m->rows[y][0] = '\0';
	}
	m->moved++;
}

static void
flush(struct model *m, unsigned most)
{
	struct frame_move move;

	if (frame_move(&m->frame, most, &move)) {
		assert_true(move.bottom < most);
		move_rows(m, &move);
	}
	for (struct frame_change c = { 0 }; frame_next(&m->frame, &c); c.y++) {
		struct buf text = { 0 };

		if (c.known) {
			line_text(c.before, &text);
			assert_string_equal(buf_cstr(&text), m->rows[c.y]);
			buf_clear(&text);
		}
		line_text(c.after, &text);
		snprintf(m->rows[c.y], TEXT, "%s", buf_cstr(&text));
		buf_done(&text);
		m->drawn++;
	}
	assert_int_equal(frame_changed(&m->frame), 0);
}

/* Row y says `first` + y. */
static void
count(struct model *m, unsigned first)
{
	char text[TEXT];

	for (unsigned y = 0; y < ROWS; y++) {
		snprintf(text, sizeof text, "%u", first + y);
		put(m, y, text, 0);
	}
}

static void
setup(struct model *m)
{
	*m = (struct model){ 0 };
	frame_resize(&m->frame, ROWS);
	count(m, 100);
	flush(m, ROWS);
	m->drawn = 0;
}

static void
test_only_changes(void **state)
{
	struct model m;

	(void)state;
	setup(&m);
	assert_false(put(&m, 3, "103", 0));
	assert_true(put(&m, 3, "103", ATTR_BOLD));
	assert_true(put(&m, 4, "other", 0));
	assert_false(put(&m, 4, "104", 0));
	assert_int_equal(frame_changed(&m.frame), 1);
	flush(&m, ROWS);
	assert_int_equal(m.drawn, 1);
	frame_forget(&m.frame);
	count(&m, 100);
	flush(&m, ROWS);
	assert_int_equal(m.drawn, 1 + ROWS);
	frame_done(&m.frame);
}

static void
test_moves(void **state)
{
	struct model m;

	(void)state;
	setup(&m);
	count(&m, 101);
	flush(&m, ROWS);
	assert_int_equal(m.moved, 1);
	assert_int_equal(m.drawn, 1);
	count(&m, 98);
	flush(&m, ROWS);
	assert_int_equal(m.moved, 2);
	assert_int_equal(m.drawn, 4);
	/* The last row does not move along, and comes to no harm. */
	count(&m, 99);
	put(&m, ROWS - 1, "109", 0);
	flush(&m, ROWS - 1);
	assert_int_equal(m.moved, 3);
	assert_int_equal(m.drawn, 5);
	assert_string_equal(m.rows[ROWS - 1], "109");
	frame_done(&m.frame);
}

/* Rows that nobody has set yet are empty. */
static void
test_first_rows(void **state)
{
	struct frame_move move;
	struct model m = { 0 };

	(void)state;
	frame_resize(&m.frame, ROWS);
	assert_false(frame_move(&m.frame, ROWS, &move));
	for (unsigned y = 2; y < 8; y++)
		put(&m, y, y % 2 == 0 ? "even" : "odd", 0);
	flush(&m, ROWS);
	for (unsigned y = 2; y < 8; y++)
		put(&m, y, y % 2 == 0 ? "odd" : "even", 0);
	flush(&m, ROWS);
	assert_int_equal(m.moved, 1);
	for (unsigned y = 2; y < 8; y++)
		assert_string_equal(m.rows[y], y % 2 == 0 ? "odd" : "even");
	frame_done(&m.frame);
}

/* What is said grows in the last row and goes on in the next one. */
static void
test_growth(void **state)
{
	struct frame_move move;
	struct model m;

	(void)state;
	setup(&m);
	count(&m, 101);
	put(&m, ROWS - 2, "111 and more", 0);
	put(&m, ROWS - 1, "last", 0);
	assert_true(frame_move(&m.frame, ROWS, &move));
	assert_int_equal(move.top, 0);
	assert_int_equal(move.bottom, ROWS - 1);
	assert_int_equal(move.by, 1);
	assert_int_equal(frame_changed(&m.frame), 2);
	frame_done(&m.frame);
}

/* Two rows less to draw are not worth it. */
static void
test_small_moves(void **state)
{
	struct model m;

	(void)state;
	setup(&m);
	put(&m, 4, "105", 0);
	put(&m, 5, "106", 0);
	put(&m, 6, "new", 0);
	flush(&m, ROWS);
	assert_int_equal(m.moved, 0);
	assert_int_equal(m.drawn, 3);
	frame_done(&m.frame);
}

/* Whatever comes, the screen shows it. */
static void
test_any(void **state)
{
	struct model m;

	(void)state;
	setup(&m);
	srand(1);
	for (int i = 0; i < 20000; i++) {
		char want[ROWS][TEXT];
		int by = rand() % 9 - 4, from = rand() % ROWS, to = rand() % ROWS;

		memcpy(want, m.rows, sizeof want);
		for (int y = from; y <= to; y++)
			if (y + by >= 0 && y + by < ROWS)
				memcpy(want[y], m.rows[y + by], TEXT);
		for (int k = rand() % 4; k > 0; k--)
			snprintf(want[rand() % ROWS], TEXT, "%.*s", rand() % 4, "abc");
		for (unsigned y = 0; y < ROWS; y++)
			put(&m, y, want[y], 0);
		flush(&m, ROWS - (unsigned)(rand() % 2));
		for (unsigned y = 0; y < ROWS; y++)
			assert_string_equal(m.rows[y], want[y]);
	}
	assert_true(m.moved > 1000);
	frame_done(&m.frame);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_changes), cmocka_unit_test(test_moves),
		cmocka_unit_test(test_first_rows), cmocka_unit_test(test_growth),
		cmocka_unit_test(test_small_moves), cmocka_unit_test(test_any),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
