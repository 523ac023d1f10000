#include "app/keyscript.h"
#include "tests/unit.h"

static void
test_all_steps(void **state)
{
	static const char text[] = "# a comment\n\nwait \"an \\\"approval\\\"\"\nkey j\n  key C-x\r\n"
	    "type \"hello\\n\"\nresize 100x30\nat 2500\ndump first screen\nquit";
	struct keyscript s = { 0 };
	struct error e;

	(void)state;
	assert_int_equal(keyscript_parse(&s, str_from(text), "k", &e), ERR_OK);
	assert_int_equal(s.n, 8);
	assert_int_equal(s.steps[0].op, SCRIPT_WAIT);
	assert_int_equal(s.steps[0].line, 3);
	assert_str(s.steps[0].text, STR("an \"approval\""));
	assert_int_equal(s.steps[1].key.code, 'j');
	assert_int_equal(s.steps[2].key.mods, MOD_CTRL);
	assert_str(s.steps[3].text, STR("hello\n"));
	assert_int_equal(s.steps[4].rows, 30);
	assert_int_equal(s.steps[4].cols, 100);
	assert_int_equal(s.steps[5].ms, 2500);
	assert_str(s.steps[6].text, STR("first screen"));
	assert_int_equal(s.steps[7].op, SCRIPT_QUIT);
	keyscript_done(&s);
}

/* What is wrong is named with its line. */
static void
test_errors(void **state)
{
	static const char *const lines[] = { "wait approval", "wait \"\"", "wait", "key", "key Nothing",
	    "type hello", "resize 100", "resize 0x0", "resize 99999x20", "at soon", "at -1", "dump",
	    "quit now", "press j" };

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct keyscript s = { 0 };
		struct buf text = { 0 };
		struct error e;

		buf_printf(&text, "key j\n%s\n", lines[i]);
		if (keyscript_parse(&s, buf_view(&text), "k", &e) != ERR_USAGE)
			fail_msg("taken: %s", lines[i]);
		assert_int_equal(strncmp(e.text, "k:2: ", 5), 0);
		keyscript_done(&s);
		buf_done(&text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_steps),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
