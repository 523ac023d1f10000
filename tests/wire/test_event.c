#include "tests/unit.h"

#include "wire/event.h"

static void
test_says_nothing(void **state)
{
	(void)state;
	assert_int_equal(event_of(EVENT_TOOL).tool.exit_code, -1);
	assert_int_equal(event_of(EVENT_TOOL).tool.ms, -1);
	assert_int_equal(event_of(EVENT_TOOL).tool.state, TOOL_UNSAID);
	assert_int_equal(event_of(EVENT_AGENT).agent.turn, -1);
	assert_int_equal(event_of(EVENT_AGENT).agent.max_turns, -1);
	assert_int_equal(event_of(EVENT_AGENT).agent.progress, -1);
	assert_int_equal(event_of(EVENT_USE).use.context, -1);
	assert_true(event_of(EVENT_USE).use.cost < 0);
	assert_int_equal(event_of(EVENT_WHO).who.seen, -1);
	assert_int_equal(event_of(EVENT_NOTE).kind, EVENT_NOTE);
	assert_int_equal(event_of(EVENT_TEXT).text.data.n, 0);
}

static void
test_names(void **state)
{
	(void)state;
	for (int kind = EVENT_SESS; kind <= EVENT_NOTE; kind++) {
		assert_non_null(event_kind_name((enum event_kind)kind));
		for (int other = EVENT_SESS; other < kind; other++)
			assert_string_not_equal(event_kind_name((enum event_kind)kind),
			    event_kind_name((enum event_kind)other));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_says_nothing),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
