#include "tests/unit.h"

#include "app/agents.h"

static void
agent(struct session *s, const char *id, const char *parent, const char *status)
{
	struct event e = event_of(EVENT_AGENT);

	e.agent.id = str_from(id);
	e.agent.parent = str_from(parent);
	e.agent.status = str_from(status);
	session_apply(s, &e);
}

static void
child(struct session *s, const char *id, const char *parent, const char *title)
{
	struct event e = event_of(EVENT_SESS);

	e.whose = e.sess.id = str_from(id);
	e.sess.parent = str_from(parent);
	e.sess.title = str_from(title);
	e.sess.status = SESS_BUSY;
	session_apply(s, &e);
}

static void
expect(const struct session *s, const char *want)
{
	struct buf got = { 0 };

	agents_page(s, &got);
	assert_str(buf_view(&got), str_from(want));
	buf_done(&got);
}

static void
test_each_is_below_its_parent(void **state)
{
	struct session *s = session_new();

	(void)state;
	expect(s, "Nobody has said that they work here.\n");
	/* Whoever was begun may be heard of first. */
	agent(s, "leaf", "branch", "running");
	agent(s, "root", "", "idle");
	agent(s, "branch", "root", "running");
	agent(s, "other", "nobody", "completed");
	/* What does not say it again has not moved. */
	agent(s, "leaf", "", "completed");
	expect(s, "agents\n  root  idle\n    branch  running\n      leaf  completed\n  other  completed\n");
	session_free(s);
}

static void
test_a_circle_is_told_once(void **state)
{
	struct session *s = session_new();

	(void)state;
	agent(s, "a", "b", "running");
	agent(s, "b", "a", "running");
	agent(s, "c", "c", "running");
	expect(s, "agents\n  c  running\n  a  running\n    b  running\n");
	session_free(s);
}

static void
test_sessions(void **state)
{
	struct session *s = session_new();

	(void)state;
	session_set_id(s, STR("ses_1"));
	child(s, "ses_2", "ses_1", "look");
	child(s, "ses_3", "ses_2", "look closer");
	expect(s, "sessions that agents began\n  ses_2  busy: look\n    ses_3  busy: look closer\n");
	session_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_is_below_its_parent),
		cmocka_unit_test(test_a_circle_is_told_once),
		cmocka_unit_test(test_sessions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
