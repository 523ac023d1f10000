/* Sessions for the tests of what is seen, made from events as a server would send them. */
#ifndef TESTS_UI_SCENE_H
#define TESTS_UI_SCENE_H

#include <stdio.h>

#include "model/session.h"

/* 2026-01-02 03:04:05 UTC. */
#define SCENE_TIME 1767323045000

static inline struct event
scene_event(enum event_kind kind)
{
	struct event e = event_of(kind);

	e.time = SCENE_TIME;
	return e;
}

static inline void
scene_user(struct session *s, const char *who, const char *text)
{
	char id[32];

	snprintf(id, sizeof id, "u%zu", s->nitems);
	session_add_input(s, str_from(id), str_from(who), str_from(text), SCENE_TIME);
	session_input_state(s, str_from(id), SEND_CONFIRMED, STR("17"), STR_NONE);
}

/* A part of a message of the agent; `open` leaves it open. */
static inline void
scene_text(struct session *s, const char *msg, enum text_sort sort, const char *text, bool open)
{
	struct event m = scene_event(EVENT_MSG), t = scene_event(EVENT_TEXT);

	m.msg.id = t.text.msg = str_from(msg);
	m.msg.agent = STR("claude");
	m.msg.role = EVENT_ROLE_AGENT;
	m.msg.state = MSG_OPEN;
	session_apply(s, &m);
	t.text.part = sort == TEXT_REASON ? STR("r") : STR("a");
	t.text.sort = sort;
	t.text.op = TEXT_APPEND;
	t.text.data = str_from(text);
	session_apply(s, &t);
	t.text.op = TEXT_CLOSE;
	t.text.data = STR_NONE;
	if (!open)
		session_apply(s, &t);
}

static inline void
scene_tool(struct session *s, const char *id, const char *input, const char *output,
    const char *diff, enum tool_state state)
{
	struct event e = scene_event(EVENT_TOOL);

	e.tool.id = str_from(id);
	e.tool.agent = STR("claude");
	e.tool.name = STR("bash");
	e.tool.input = str_from(input);
	e.tool.output = str_from(output);
	e.tool.diff = str_from(diff);
	e.tool.state = state;
	e.tool.exit_code = state == TOOL_ERROR ? 1 : -1;
	e.tool.ms = state == TOOL_OK || state == TOOL_ERROR ? 3200 : -1;
	session_apply(s, &e);
}

static inline void
scene_ask(struct session *s, const char *id, enum ask_what what, const char *title,
    const char *text)
{
	struct event e = scene_event(EVENT_ASK);

	e.ask.id = str_from(id);
	e.ask.what = what;
	e.ask.title = str_from(title);
	e.ask.text = str_from(text);
	session_apply(s, &e);
}

static inline void
scene_answer(struct session *s, const char *id, const char *by, enum ask_answer answer)
{
	struct event e = scene_event(EVENT_ANSWER);

	e.answer.ask = str_from(id);
	e.answer.by = str_from(by);
	e.answer.answer = answer;
	session_apply(s, &e);
}

static inline void
scene_term(struct session *s, const char *data)
{
	struct event e = scene_event(EVENT_TERM);

	e.term.id = STR("t1");
	e.term.source = STR("agent");
	e.term.op = TERM_OUTPUT;
	e.term.data = str_from(data);
	session_apply(s, &e);
}

static inline void
scene_flow(struct session *s, enum flow_op op, const char *id, const char *text, const char *state)
{
	struct event e = scene_event(EVENT_FLOW);

	e.flow.op = op;
	e.flow.id = str_from(id);
	e.flow.text = str_from(text);
	e.flow.state = str_from(state);
	session_apply(s, &e);
}

static inline void
scene_agent(struct session *s, const char *id, const char *status, int64_t turn, const char *tool)
{
	struct event e = scene_event(EVENT_AGENT);

	e.agent.id = str_from(id);
	e.agent.status = str_from(status);
	e.agent.turn = turn;
	e.agent.max_turns = 20;
	e.agent.tool = str_from(tool);
	session_apply(s, &e);
}

static inline void
scene_person(struct session *s, const char *name)
{
	struct event e = scene_event(EVENT_WHO);

	e.who.user = str_from(name);
	e.who.op = WHO_JOIN;
	e.who.seen = SCENE_TIME;
	session_apply(s, &e);
}

/* All kinds of items: the session of the demo in small. */
static inline struct session *
scene_all(void)
{
	struct session *s = session_new();
	struct event e = scene_event(EVENT_SESS);

	e.sess.id = STR("s1");
	e.sess.title = STR("fix the flaky test");
	session_apply(s, &e);
	scene_person(s, "anna");
	scene_agent(s, "claude", "running", 7, "bash");
	scene_flow(s, FLOW_TODO, "1", "reproduce the failure", "completed");
	scene_flow(s, FLOW_TODO, "2", "fix and prove", "in_progress");
	scene_user(s, "anna", "fix the flaky test in test_queue\nand tell me why it happened");
	scene_text(s, "m1", TEXT_REASON, "First reproduce it.\nThen look at the queue.\nThen fix.", false);
	scene_text(s, "m1", TEXT_ANSWER, "I will **run** the test in a loop:\n\n1. build\n2. run\n",
	    false);
	scene_tool(s, "c1", "for i in 1 2 3; do make check; done", "one\ntwo\nthree\nfour\n"
	    "FAIL test_queue\n", "", TOOL_ERROR);
	scene_text(s, "m2", TEXT_ANSWER, "It fails, and here is *why*.", false);
	scene_tool(s, "c2", "edit queue.c", "1 line replaced\n", "", TOOL_OK);
	scene_flow(s, FLOW_STEP, "w1", "reproduce", "done");
	session_note(s, NOTE_WARN, SCENE_TIME, "14:02:11-14:03:40 offline; events 812-930 fetched (119)");
	scene_term(s, "$ make check\n1\n2\n3\n4\n5\n6\nall passed\n");
	scene_ask(s, "q1", ASK_PERMISSION, "bash", "git push \x1b[24D\x1b[K origin main");
	return s;
}

#endif
