#include "tests/unit.h"

#include "model/presence.h"

static bool
says(struct presence *p, int64_t now, struct act *act)
{
	*act = (struct act){ 0 };
	return presence_say(p, now, act);
}

static void
test_beats(void **state)
{
	struct presence p = { 0 };
	struct act act;

	(void)state;
	assert_true(says(&p, 5, &act));
	assert_int_equal(act.kind, ACT_PRESENCE);
	assert_int_equal(act.who, WHO_JOIN);
	assert_false(act.has_cursor);
	assert_int_equal(presence_due(&p), 10005);
	assert_false(says(&p, 10004, &act));
	assert_true(says(&p, 10005, &act));
	assert_int_equal(act.who, WHO_SEEN);
	/* What comes late does not come more often afterwards. */
	assert_true(says(&p, 50000, &act));
	assert_int_equal(presence_due(&p), 60000);
}

/* However often it moves, the others are told twenty times a second, and of the last place. */
static void
test_cursor(void **state)
{
	struct presence p = { 0 };
	struct act act;
	int64_t n = 0, last = -1;

	(void)state;
	assert_true(says(&p, 0, &act));
	for (int64_t now = 0; now < 1000; now++) {
		presence_move(&p, now, 2 * now);
		if (!says(&p, now, &act))
			continue;
		assert_true(last < 0 || now - last >= PRESENCE_CURSOR);
		assert_true(act.has_cursor && act.x == now && act.y == 2 * now);
		assert_int_equal(act.who, WHO_SEEN);
		last = now;
		n++;
	}
	assert_int_equal(n, 19);
	assert_true(says(&p, 1000, &act));
	assert_int_equal(act.x, 999);
	/* The same place again is no news; the next sign of life tells it once more. */
	presence_move(&p, 999, 1998);
	assert_int_equal(presence_due(&p), 11000);
	assert_true(says(&p, 11000, &act));
	assert_true(act.has_cursor && act.x == 999);
}

static void
test_leave(void **state)
{
	struct presence p = { 0 };
	struct act act = { 0 };

	(void)state;
	assert_false(presence_leave(&p, &act));
	assert_true(says(&p, 1, &act));
	assert_true(presence_leave(&p, &act));
	assert_int_equal(act.who, WHO_LEAVE);
	assert_false(presence_leave(&p, &act));
	assert_true(says(&p, 2, &act));
	assert_int_equal(act.who, WHO_JOIN);
	p.refused = true;
	assert_int_equal(presence_due(&p), INT64_MAX);
	assert_false(says(&p, 99999, &act));
	assert_false(presence_leave(&p, &act));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_beats),
		cmocka_unit_test(test_cursor),
		cmocka_unit_test(test_leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
