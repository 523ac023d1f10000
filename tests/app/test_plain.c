#include "app/plain.h"
#include "tests/unit.h"

static void
say(struct session *s, enum text_op op, const char *data)
{
	struct event e = event_of(EVENT_TEXT);

	e.text.msg = STR("a:1");
	e.text.part = STR("a:1:answer");
	e.text.op = op;
	e.text.data = str_from(data);
	session_apply(s, &e);
}

static void
tool(struct session *s, enum tool_state state, const char *output)
{
	struct event e = event_of(EVENT_TOOL);

	e.tool.id = STR("t1");
	e.tool.agent = STR("a");
	e.tool.name = STR("bash");
	e.tool.input = STR("make \033[2Jcheck");
	e.tool.output = str_from(output);
	e.tool.state = state;
	session_apply(s, &e);
}

static void
expect(struct plain *p, const struct session *s, bool final, const char *want)
{
	struct buf out = { 0 };

	plain_add(p, s, final, &out);
	assert_str(buf_view(&out), str_from(want));
	buf_done(&out);
}

/* A line appears when it is complete, and once. */
static void
test_lines(void **state)
{
	struct session *s = session_new();
	struct plain p = { 0 };

	(void)state;
	say(s, TEXT_APPEND, "one\ntw");
	expect(&p, s, false, "agent: one\n");
	expect(&p, s, false, "");
	say(s, TEXT_APPEND, "o\n");
	expect(&p, s, false, "  two\n");
	say(s, TEXT_APPEND, "three");
	expect(&p, s, true, "  three\n");
	expect(&p, s, true, "");
	plain_done(&p);
	session_free(s);
}

/* A tool is told when it has ended, as safe text; what goes on after it has its label again. */
static void
test_tool(void **state)
{
	struct session *s = session_new();
	struct plain p = { 0 };

	(void)state;
	say(s, TEXT_APPEND, "look:\n");
	tool(s, TOOL_RUNNING, "a\n");
	expect(&p, s, false, "agent: look:\n");
	tool(s, TOOL_OK, "a\nb\n");
	say(s, TEXT_APPEND, "fine\n");
	expect(&p, s, false, "tool: bash [ok] make ^[[2Jcheck\n  a\n  b\nagent: fine\n");
	plain_done(&p);
	session_free(s);
}

static void
take_back(struct session *s, enum back_op op, const char *msg)
{
	struct event e = event_of(EVENT_BACK);

	e.back.op = op;
	e.back.msg = str_from(msg);
	session_apply(s, &e);
}

/* What is printed stays; that it was taken back, and whether that lasts, is told once. */
static void
test_back(void **state)
{
	struct session *s = session_new();
	struct plain p = { 0 };

	(void)state;
	say(s, TEXT_APPEND, "one\ntwo\n");
	say(s, TEXT_CLOSE, "");
	expect(&p, s, false, "agent: one\n  two\n");
	take_back(s, BACK_FROM, "a:1");
	expect(&p, s, false, "  (taken back: one …)\n");
	expect(&p, s, false, "");
	take_back(s, BACK_NONE, "");
	expect(&p, s, false, "  (stands again: one …)\n");
	take_back(s, BACK_GONE, "a:1");
	expect(&p, s, true, "  (taken back: one …)\n");
	plain_done(&p);
	/* Whoever comes later reads the same. */
	expect(&p, s, true, "agent: one\n  two\n  (taken back: one …)\n");
	plain_done(&p);
	session_free(s);
}

/* What will get no end is printed as far as it came, and says so. */
static void
test_cut(void **state)
{
	struct session *s = session_new();
	struct plain p = { 0 };

	(void)state;
	say(s, TEXT_APPEND, "half an ans");
	expect(&p, s, false, "");
	session_cut(s);
	expect(&p, s, false, "agent: half an ans\n  (interrupted)\n");
	plain_done(&p);
	session_free(s);
}

static void
test_reset(void **state)
{
	struct session *s = session_new();
	struct plain p = { 0 };

	(void)state;
	say(s, TEXT_APPEND, "old\n");
	expect(&p, s, false, "agent: old\n");
	session_reset(s);
	say(s, TEXT_APPEND, "new\n");
	expect(&p, s, false, "agent: new\n");
	plain_done(&p);
	session_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_tool),
		cmocka_unit_test(test_back),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
