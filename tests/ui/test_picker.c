#include "tests/unit.h"
#include "ui/picker.h"

static void
check(struct picker *p, unsigned height, unsigned width, const char *want)
{
	struct rows rows = { 0 };
	struct buf got = { 0 };

	picker_draw(p, height, width, true, &rows);
	assert_int_equal(rows_count(&rows), height);
	for (size_t i = 0; i < rows_count(&rows); i++) {
		assert_true(rows_line(&rows, i).cols <= width);
		line_text(rows_line(&rows, i), &got);
		buf_byte(&got, '\n');
	}
	assert_str(buf_view(&got), str_from(want));
	rows_done(&rows);
	buf_done(&got);
}

static struct picker *
three(void)
{
	struct picker *p = picker_new();

	picker_begin(p);
	picker_add(p, STR("lab/one"), STR("Fast One, Lab"), false);
	picker_add(p, STR("lab/two"), STR("Slow Two, Lab"), true);
	picker_add(p, STR("own/three"), STR_NONE, false);
	picker_whole(p);
	return p;
}

static void
it_begins_with_what_is_so_now(void **state)
{
	struct picker *p = three();

	(void)state;
	check(p, 4, 40, "  lab/one  Fast One, Lab\n> lab/two  Slow Two, Lab\n  own/three\n\n");
	assert_str(picker_chosen(p), STR("lab/two"));
	picker_move(p, -9);
	assert_str(picker_chosen(p), STR("lab/one"));
	picker_move(p, 9);
	assert_str(picker_chosen(p), STR("own/three"));
	picker_free(p);
}

static void
the_choice_stays_in_sight(void **state)
{
	struct picker *p = three();

	(void)state;
	check(p, 2, 12, "  lab/one  ~\n> lab/two  ~\n");
	picker_move(p, 1);
	check(p, 2, 12, "  lab/two  ~\n> own/three\n");
	picker_move(p, -2);
	check(p, 1, 12, "> lab/one  ~\n");
	picker_free(p);
}

static void
every_word_must_stand_somewhere(void **state)
{
	struct picker *p = three();

	(void)state;
	picker_filter(p, STR("LAB one"));
	check(p, 2, 40, "> lab/one  Fast One, Lab\n\n");
	assert_str(picker_chosen(p), STR("lab/one"));
	picker_filter(p, STR("  lab "));
	/* What was chosen before is still there. */
	assert_str(picker_chosen(p), STR("lab/two"));
	picker_filter(p, STR("none such"));
	assert_int_equal(picker_chosen(p).n, 0);
	picker_move(p, 1);
	check(p, 2, 40, "nothing fits\n\n");
	picker_free(p);
}

static void
what_is_not_there_yet_is_waited_for(void **state)
{
	struct picker *p = picker_new();

	(void)state;
	picker_begin(p);
	picker_filter(p, STR("b"));
	assert_false(picker_is_whole(p));
	check(p, 1, 40, "asking the server\n");
	picker_add(p, STR("a"), STR_NONE, false);
	picker_add(p, STR("b"), STR_NONE, false);
	check(p, 2, 40, "> b\n\n");
	picker_whole(p);
	assert_true(picker_is_whole(p));
	picker_begin(p);
	picker_whole(p);
	check(p, 1, 40, "there is nothing to choose from\n");
	picker_free(p);
}

static void
a_beginning_is_completed_where_it_is_one(void **state)
{
	struct picker *p = three();

	(void)state;
	assert_false(picker_complete(p, STR("lab/")));
	assert_false(picker_complete(p, STR("Fast")));
	assert_true(picker_complete(p, STR("o")));
	assert_str(picker_chosen(p), STR("own/three"));
	picker_free(p);
}

static void
names_cannot_act_on_the_terminal(void **state)
{
	struct picker *p = picker_new();

	(void)state;
	picker_begin(p);
	picker_add(p, STR("a\x1b[2J\nb"), STR("\xe2\x80\xae\x9b"), false);
	check(p, 1, 60, "> a^[[2J^Jb  ⟪RLO⟫�\n");
	picker_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_begins_with_what_is_so_now),
		cmocka_unit_test(the_choice_stays_in_sight),
		cmocka_unit_test(every_word_must_stand_somewhere),
		cmocka_unit_test(what_is_not_there_yet_is_waited_for),
		cmocka_unit_test(a_beginning_is_completed_where_it_is_one),
		cmocka_unit_test(names_cannot_act_on_the_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
