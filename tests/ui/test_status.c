#include "tests/ui/scene.h"
#include "tests/unit.h"
#include "ui/status.h"

static struct status
status_of(const struct session *s)
{
	return (struct status){
		.name = STR("s1"), .connection = STR("live"), .mood = MOOD_LIVE, .proof = '=',
		.received = 1834, .applied = 1834, .head = 1834, .resumes = 2, .rate = 42.4,
		.now = SCENE_TIME, .session = s,
	};
}

static void
check(void (*draw)(const struct status *, unsigned, bool, struct rows *), const struct status *st,
    unsigned width, bool ascii, const char *want)
{
	struct rows rows = { 0 };
	struct buf got = { 0 };

	draw(st, width, ascii, &rows);
	assert_int_equal(rows_count(&rows), 1);
	assert_true(rows_line(&rows, 0).cols <= width);
	line_text(rows_line(&rows, 0), &got);
	assert_str(buf_view(&got), str_from(want));
	buf_done(&got);
	rows_done(&rows);
}

static void
the_title_gives_way_to_the_connection(void **state)
{
	struct session *s = scene_all();
	struct status st = status_of(s);

	(void)state;
	check(status_title, &st, 60, false,
	    "s1 · fix the flaky test                    ● live = 42 tok/s");
	check(status_title, &st, 60, true,
	    "s1 | fix the flaky test                      live = 42 tok/s");
	check(status_title, &st, 40, false, "s1 · fix the flaky te… ● live = 42 tok/s");
	st.connection = STR("reconnecting in 4 s (try 3)");
	st.mood = MOOD_WAIT;
	st.proof = '~';
	check(status_title, &st, 40, false, "s1 · fi… ◌ reconnecting in 4 s (try 3) ~");
	session_free(s);
}

static void
the_least_important_goes_first(void **state)
{
	struct session *s = scene_all();
	struct status st = status_of(s);
	struct event e = scene_event(EVENT_USE);

	(void)state;
	e.use.input = 12000;
	e.use.output = 400;
	session_apply(s, &e);
	check(status_line, &st, 100, false, "waiting · claude, anna · turn 7 · 12.4k tokens · resumed 2× · "
	    "applied 1834 = head 1834 · 0 gaps");
	check(status_line, &st, 85, false, "waiting · claude, anna · turn 7 · 12.4k tokens · "
	    "applied 1834 = head 1834 · 0 gaps");
	check(status_line, &st, 60, false, "waiting · claude, anna · applied 1834 = head 1834 · 0 gaps");
	check(status_line, &st, 30, false, "applied 1834 = head 1834");
	check(status_line, &st, 10, false, "applied 18");
	/* What it cost is there when there is room. */
	e.use.cost = 0.02141;
	session_apply(s, &e);
	check(status_line, &st, 110, false, "waiting · claude, anna · turn 7 · 12.4k tokens · cost 0.0214 · "
	    "resumed 2× · applied 1834 = head 1834 · 0 gaps");
	check(status_line, &st, 85, false, "waiting · claude, anna · turn 7 · 12.4k tokens · "
	    "applied 1834 = head 1834 · 0 gaps");
	e.use.cost = 0;
	session_apply(s, &e);
	check(status_line, &st, 110, false, "waiting · claude, anna · turn 7 · 12.4k tokens · resumed 2× · "
	    "applied 1834 = head 1834 · 0 gaps");
	session_free(s);
}

static void
what_is_wrong_stays(void **state)
{
	struct status st = status_of(NULL);

	(void)state;
	st.pending = 2;
	st.gaps = 1;
	st.proof = '!';
	st.received = 1840;
	st.head = 1900;
	check(status_line, &st, 90, false,
	    "2 unsent · resumed 2× · received 1840 · applied 1834 ! head 1900 · 1 gap");
	check(status_line, &st, 50, true, "2 unsent | applied 1834 ! head 1900 | 1 gap");
	st.head = 0;
	st.proof = '?';
	check(status_line, &st, 40, true, "2 unsent | applied 1834 ? | 1 gap");
	/* None that anybody could have seen. */
	st.gaps = 0;
	check(status_line, &st, 90, true, "2 unsent | resumed 2x | received 1840 | applied 1834 ?");
}

static void
say_state(struct session *s, enum sess_status status)
{
	struct event e = scene_event(EVENT_SESS);

	e.sess.status = status;
	if (status == SESS_RETRY) {
		e.sess.attempt = 3;
		e.sess.next = SCENE_TIME + 3500;
		e.sess.message = STR("too \x1b[2Jmany");
	}
	session_apply(s, &e);
}

static void
the_session_has_a_state_of_its_own(void **state)
{
	struct session *s = session_new();
	struct status st = status_of(s);
	struct event ask = scene_event(EVENT_ASK);

	(void)state;
	say_state(s, SESS_BUSY);
	check(status_line, &st, 50, false, "busy · applied 1834 = head 1834 · 0 gaps");
	say_state(s, SESS_RETRY);
	check(status_line, &st, 90, false, "retry 3 in 4 s · too ^[[2Jmany · resumed 2× · "
	    "applied 1834 = head 1834 · 0 gaps");
	check(status_line, &st, 50, false, "retry 3 in 4 s · applied 1834 = head 1834 · 0 gaps");
	st.now += 5000;
	check(status_line, &st, 50, false, "retry 3 · applied 1834 = head 1834 · 0 gaps");
	say_state(s, SESS_LOST);
	check(status_line, &st, 50, true, "lost | applied 1834 = head 1834 | 0 gaps");
	say_state(s, SESS_IDLE);
	check(status_line, &st, 50, true, "idle | applied 1834 = head 1834 | 0 gaps");
	ask.ask.id = STR("q");
	session_apply(s, &ask);
	check(status_line, &st, 50, true, "waiting | applied 1834 = head 1834 | 0 gaps");
	session_free(s);
}

static void
people_who_left_are_not_named(void **state)
{
	struct session *s = scene_all();
	struct status st = status_of(s);

	(void)state;
	st.now += 31000;
	check(status_line, &st, 70, false,
	    "waiting · claude · turn 7 · applied 1834 = head 1834 · 0 gaps");
	session_free(s);
}

static void
the_strip_tells_what_is_done_now(void **state)
{
	struct session *s = scene_all(), *empty = session_new();
	struct status st = status_of(s);
	struct event e = scene_event(EVENT_SESS);
	struct rows rows = { 0 };
	struct buf got = { 0 };

	(void)state;
	assert_true(status_strip(&st, 80, false, &rows));
	line_text(rows_line(&rows, 0), &got);
	assert_str(buf_view(&got),
	    STR("▸ claude running 7/20: bash · todo 1/2: fix and prove · step 1/1"));
	rows_clear(&rows);
	buf_clear(&got);
	session_set_id(empty, STR("s1"));
	for (int i = 0; i < 2; i++) {
		e.whose = i == 0 ? STR("s2") : STR("s3");
		e.sess.status = i == 0 ? SESS_BUSY : SESS_IDLE;
		e.sess.title = STR("look around");
		e.sess.agent = STR("general");
		session_apply(empty, &e);
	}
	st.session = empty;
	assert_true(status_strip(&st, 80, false, &rows));
	line_text(rows_line(&rows, 0), &got);
	assert_str(buf_view(&got), STR("▸ general busy: look around"));
	rows_clear(&rows);
	e.whose = STR("s2");
	e.sess.status = SESS_IDLE;
	session_apply(empty, &e);
	assert_false(status_strip(&st, 80, false, &rows));
	assert_int_equal(rows_count(&rows), 0);
	rows_done(&rows);
	buf_done(&got);
	session_free(s);
	session_free(empty);
}

static void
any_width(void **state)
{
	struct session *s = scene_all();
	struct status st = status_of(s);

	(void)state;
	for (unsigned width = 1; width < 120; width++) {
		struct rows rows = { 0 };

		status_title(&st, width, false, &rows);
		status_line(&st, width, false, &rows);
		status_strip(&st, width, false, &rows);
		for (size_t i = 0; i < rows_count(&rows); i++)
			assert_true(rows_line(&rows, i).cols <= width || width < 3);
		rows_done(&rows);
	}
	session_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_title_gives_way_to_the_connection),
		cmocka_unit_test(the_least_important_goes_first),
		cmocka_unit_test(what_is_wrong_stays),
		cmocka_unit_test(the_session_has_a_state_of_its_own),
		cmocka_unit_test(people_who_left_are_not_named),
		cmocka_unit_test(the_strip_tells_what_is_done_now),
		cmocka_unit_test(any_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
