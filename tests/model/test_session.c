#include "tests/unit.h"

#include "model/session.h"

/* Short ways to write the events of a script. */

static struct event
msg(const char *id, const char *agent, const char *turn, enum event_role role, enum msg_state state)
{
	struct event e = event_of(EVENT_MSG);

	e.time = 1000;
	e.msg.id = str_from(id);
	e.msg.agent = str_from(agent);
	e.msg.turn = str_from(turn);
	e.msg.role = role;
	e.msg.state = state;
	return e;
}

static struct event
failed(const char *id, const char *error)
{
	struct event e = msg(id, "", "", EVENT_ROLE_AGENT, MSG_ERROR);

	e.msg.error = str_from(error);
	return e;
}

static struct event
text(const char *id, const char *part, enum text_op op, const char *data)
{
	struct event e = event_of(EVENT_TEXT);

	e.time = 1000;
	e.text.msg = str_from(id);
	e.text.part = str_from(part);
	e.text.op = op;
	e.text.data = str_from(data);
	return e;
}

static struct event
reason(const char *id, const char *part, enum text_op op, const char *data)
{
	struct event e = text(id, part, op, data);

	e.text.sort = TEXT_REASON;
	return e;
}

static struct event
tool(const char *id, const char *agent, const char *name, enum tool_state state, const char *output)
{
	struct event e = event_of(EVENT_TOOL);

	e.time = 1000;
	e.tool.id = str_from(id);
	e.tool.agent = str_from(agent);
	e.tool.name = str_from(name);
	e.tool.state = state;
	e.tool.output = str_from(output);
	return e;
}

static struct event
ask(const char *id, enum ask_what what, const char *tool_id, const char *title, const char *body)
{
	struct event e = event_of(EVENT_ASK);

	e.ask.id = str_from(id);
	e.ask.what = what;
	e.ask.tool = str_from(tool_id);
	e.ask.title = str_from(title);
	e.ask.text = str_from(body);
	return e;
}

static struct event
answer(const char *id, enum ask_answer value, const char *by, const char *body)
{
	struct event e = event_of(EVENT_ANSWER);

	e.answer.ask = str_from(id);
	e.answer.answer = value;
	e.answer.by = str_from(by);
	e.answer.text = str_from(body);
	return e;
}

static struct event
who(const char *user, enum who_op op, int64_t seen)
{
	struct event e = event_of(EVENT_WHO);

	e.who.user = str_from(user);
	e.who.op = op;
	e.who.seen = seen;
	return e;
}

static struct event
term(const char *id, const char *source, enum term_op op, const char *data)
{
	struct event e = event_of(EVENT_TERM);

	e.term.id = str_from(id);
	e.term.source = str_from(source);
	e.term.op = op;
	e.term.data = str_from(data);
	return e;
}

static struct event
flow(enum flow_op op, const char *id, const char *body, const char *state)
{
	struct event e = event_of(EVENT_FLOW);

	e.flow.op = op;
	e.flow.id = str_from(id);
	e.flow.text = str_from(body);
	e.flow.state = str_from(state);
	return e;
}

static struct event
agent(const char *id, const char *status, const char *error)
{
	struct event e = event_of(EVENT_AGENT);

	e.agent.id = str_from(id);
	e.agent.status = str_from(status);
	e.agent.error = str_from(error);
	return e;
}

static struct event
status(enum sess_status state)
{
	struct event e = event_of(EVENT_SESS);

	e.sess.status = state;
	return e;
}

static struct event
note(enum note_level level, const char *body)
{
	struct event e = event_of(EVENT_NOTE);

	e.note.level = level;
	e.note.text = str_from(body);
	return e;
}

/* One item a line: what a person reading the transcript would be told. */

static const char *
msg_word(enum msg_state state)
{
	static const char *const words[] = { "unsaid", "sent", "open", "done", "cut", "error" };

	return words[state];
}

static void
print_kind(const struct item *it, struct buf *out)
{
	static const char *const sends[] = { "", " pending", " confirmed", " unsure", " rejected" };
	static const char *const tools[] = { "unsaid", "pending", "running", "ok", "error", "denied" };
	static const char *const answers[] = { "once", "always", "reject", "text", "expired" };

	switch (it->kind) {
	case ITEM_USER:
		buf_printf(out, "%s", sends[it->user.send]);
		break;
	case ITEM_TEXT:
	case ITEM_REASON:
		buf_printf(out, " %s", msg_word(it->msg.state));
		break;
	case ITEM_TOOL:
		buf_printf(out, " %s", tools[it->tool.state]);
		break;
	case ITEM_ASK:
		if (it->ask.answered)
			buf_printf(out, " %s by %.*s", answers[it->ask.answer],
			    STR_ARG(buf_view(&it->ask.by)));
		break;
	case ITEM_FLOW:
		buf_printf(out, " %.*s", STR_ARG(buf_view(&it->flow.state)));
		break;
	default:
		break;
	}
}

static void
print_field(struct buf *out, const char *name, const struct buf *field)
{
	if (field->n > 0)
		buf_printf(out, " %s=%.*s", name, STR_ARG(buf_view(field)));
}

static void
print_items(const struct session *s, struct buf *out)
{
	for (size_t i = 0; i < s->nitems; i++) {
		const struct item *it = s->items[i];

		buf_printf(out, "%d %s", (int)it->number, item_label(it));
		print_field(out, "by", &it->agent);
		print_kind(it, out);
		buf_printf(out, "%s:", it->open ? " open" : "");
		print_field(out, "title", &it->title);
		print_field(out, "input", &it->input);
		print_field(out, "text", &it->text);
		print_field(out, "error", &it->error);
		buf_byte(out, '\n');
	}
}

static void
print_rows(const struct session *s, struct buf *out)
{
	for (size_t i = 0; i < s->nagents; i++)
		buf_printf(out, "agent %.*s %.*s\n", STR_ARG(buf_view(&s->agents[i].id)),
		    STR_ARG(buf_view(&s->agents[i].status)));
	for (size_t i = 0; i < s->npeople; i++)
		buf_printf(out, "person %.*s %d\n", STR_ARG(buf_view(&s->people[i].user)),
		    s->people[i].here);
	for (size_t i = 0; i < s->nsteps; i++)
		buf_printf(out, "step %.*s %.*s\n", STR_ARG(buf_view(&s->steps[i].id)),
		    STR_ARG(buf_view(&s->steps[i].state)));
}

static void
apply(struct session *s, const struct event *events, size_t n)
{
	for (size_t i = 0; i < n; i++)
		session_apply(s, &events[i]);
}

static void
check(const struct session *s, const char *want)
{
	struct buf got = { 0 };

	print_items(s, &got);
	assert_str(buf_view(&got), str_from(want));
	buf_done(&got);
}

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define CHECK(events, want) check_events(events, COUNT(events), want)

static void
check_events(const struct event *events, size_t n, const char *want)
{
	struct session *s = session_new();

	apply(s, events, n);
	check(s, want);
	session_free(s);
}

static void
test_answer_tool_answer(void **state)
{
	const struct event events[] = {
		msg("m1", "claude", "1", EVENT_ROLE_AGENT, MSG_OPEN),
		text("m1", "", TEXT_APPEND, "Let me "),
		text("m1", "", TEXT_APPEND, "look."),
		tool("t1", "claude", "bash", TOOL_RUNNING, ""),
		tool("t9", "other", "bash", TOOL_RUNNING, ""),
		tool("t1", "claude", "", TOOL_OK, "a.c"),
		text("m1", "", TEXT_APPEND, "Found "),
		text("m1", "", TEXT_APPEND, "it."),
	};

	(void)state;
	CHECK(events,
	    "1 agent by=claude open: text=Let me look.\n"
	    "2 tool by=claude ok: title=bash text=a.c\n"
	    "3 tool by=other running open: title=bash\n"
	    "4 agent by=claude open open: text=Found it.\n");
}

static void
test_thinking_and_answer(void **state)
{
	const struct event events[] = {
		reason("m1", "", TEXT_APPEND, "hm"),
		text("m1", "", TEXT_APPEND, "A"),
		reason("m1", "", TEXT_APPEND, "more"),
		text("m1", "", TEXT_APPEND, "B"),
		text("m1", "", TEXT_APPEND, "C"),
		msg("m1", "claude", "", EVENT_ROLE_AGENT, MSG_DONE),
	};

	(void)state;
	CHECK(events,
	    "1 reasoning by=claude done: text=hm\n"
	    "2 agent by=claude done: text=A\n"
	    "3 reasoning by=claude done: text=more\n"
	    "4 agent by=claude done: text=BC\n");
}

/* The store's whole text comes after the tool that cut the part in two. */
static void
test_replace_over_segments(void **state)
{
	const struct event events[] = {
		text("m1", "p", TEXT_OPEN, ""),
		text("m1", "p", TEXT_APPEND, "one "),
		tool("t1", "", "ls", TOOL_OK, ""),
		text("m1", "p", TEXT_APPEND, "two"),
		text("m1", "p", TEXT_CLOSE, "one two three"),
		text("m1", "p", TEXT_APPEND, "late"),
		text("m2", "p", TEXT_APPEND, "old "),
		tool("t2", "", "ls", TOOL_OK, ""),
		text("m2", "p", TEXT_APPEND, "tail"),
		text("m2", "p", TEXT_REPLACE, "new"),
		text("m2", "p", TEXT_REPLACE, ""),
	};

	(void)state;
	CHECK(events,
	    "1 agent done: text=one \n"
	    "2 tool ok: title=ls\n"
	    "3 agent done: text=two three\n"
	    "4 agent open: text=new\n"
	    "5 tool ok: title=ls\n"
	    "6 agent open open:\n");
}

/* What has been said so far, all of it, without a name: what stood before the tool call stays. */
static void
test_accumulated(void **state)
{
	const struct event whole[] = {
		msg("m", "claude", "1", EVENT_ROLE_AGENT, MSG_UNSAID),
		text("m", "", TEXT_REPLACE, "one"),
		text("m", "", TEXT_REPLACE, "one "),
		tool("t", "claude", "ls", TOOL_OK, ""),
		text("m", "", TEXT_REPLACE, "one "),
		text("m", "", TEXT_REPLACE, "one two"),
		text("m", "", TEXT_REPLACE, "one two three"),
	};
	const struct event since_tool[] = {
		text("m", "", TEXT_REPLACE, "one"),
		tool("t", "", "ls", TOOL_OK, ""),
		text("m", "", TEXT_REPLACE, "two"),
		text("m", "", TEXT_REPLACE, "two three"),
	};

	(void)state;
	CHECK(whole,
	    "1 agent by=claude open: text=one \n"
	    "2 tool by=claude ok: title=ls\n"
	    "3 agent by=claude open open: text=two three\n");
	CHECK(since_tool,
	    "1 agent open: text=one\n"
	    "2 tool ok: title=ls\n"
	    "3 agent open open: text=two three\n");
}

/* Without turns nothing but the person's next message tells answers apart. */
static void
test_anonymous_turns(void **state)
{
	const struct event events[] = {
		msg("u1", "anna", "", EVENT_ROLE_USER, MSG_SENT),
		text("u1", "", TEXT_REPLACE, "hi"),
		text("claude", "", TEXT_APPEND, "hello"),
		msg("u2", "anna", "", EVENT_ROLE_USER, MSG_SENT),
		text("u2", "", TEXT_REPLACE, "and?"),
		text("claude", "", TEXT_APPEND, "bye"),
	};
	const struct event with_turn[] = {
		msg("m", "claude", "7", EVENT_ROLE_AGENT, MSG_OPEN),
		text("m", "", TEXT_APPEND, "half "),
		text("u", "", TEXT_REPLACE, "wait"),
		msg("u", "anna", "", EVENT_ROLE_USER, MSG_SENT),
		text("m", "", TEXT_APPEND, "whole"),
	};

	(void)state;
	CHECK(events,
	    "1 user by=anna: text=hi\n"
	    "2 agent open: text=hello\n"
	    "3 user by=anna: text=and?\n"
	    "4 agent open open: text=bye\n");
	CHECK(with_turn,
	    "1 agent by=claude open open: text=half whole\n"
	    "2 user by=anna: text=wait\n");
}

static void
test_endings(void **state)
{
	const struct event events[] = {
		msg("m1", "claude", "1", EVENT_ROLE_AGENT, MSG_OPEN),
		text("m1", "a", TEXT_APPEND, "first"),
		text("m1", "b", TEXT_APPEND, "second"),
		msg("m2", "claude", "2", EVENT_ROLE_AGENT, MSG_OPEN),
		text("m2", "", TEXT_APPEND, "third"),
		agent("claude", "error", "out of tokens"),
		agent("claude", "error", "out of tokens"),
		msg("m1", "", "", EVENT_ROLE_AGENT, MSG_OPEN),
		failed("m3", "no model"),
		agent("gemini", "failed", "no key"),
		msg("m4", "", "", EVENT_ROLE_AGENT, MSG_OPEN),
	};

	(void)state;
	CHECK(events,
	    "1 agent by=claude done: text=first\n"
	    "2 agent by=claude done: text=second\n"
	    "3 agent by=claude error: text=third\n"
	    "4 note by=claude: text=out of tokens\n"
	    "5 agent error: error=no model\n"
	    "6 note by=gemini: text=no key\n");
}

static void
test_cut_and_go_on(void **state)
{
	struct session *s = session_new();
	const struct event before[] = {
		msg("m1", "claude", "1", EVENT_ROLE_AGENT, MSG_OPEN),
		text("m1", "", TEXT_APPEND, "half"),
		tool("t1", "claude", "make", TOOL_RUNNING, ""),
		ask("q1", ASK_QUESTION, "", "Which?", "left or right"),
		term("", "agent", TERM_OUTPUT, "$ "),
	};
	const struct event after[] = {
		text("m1", "", TEXT_APPEND, " whole"),
		tool("t1", "claude", "", TOOL_OK, "made"),
	};

	(void)state;
	apply(s, before, COUNT(before));
	session_cut(s);
	check(s,
	    "1 agent by=claude cut: text=half\n"
	    "2 tool by=claude running: title=make\n"
	    "3 question open: title=Which? text=left or right\n"
	    "4 terminal by=agent: text=$ \n");
	apply(s, after, COUNT(after));
	check(s,
	    "1 agent by=claude open: text=half\n"
	    "2 tool by=claude ok: title=make text=made\n"
	    "3 question open: title=Which? text=left or right\n"
	    "4 terminal by=agent: text=$ \n"
	    "5 agent by=claude open open: text= whole\n");
	session_free(s);
}

static void
test_tools(void **state)
{
	struct event more = tool("t1", "", "", TOOL_RUNNING, " two");
	struct event end = tool("t1", "", "", TOOL_OK, "");
	struct session *s = session_new();

	(void)state;
	more.tool.append_output = true;
	end.tool.exit_code = 3;
	end.tool.ms = 40;
	end.tool.input = STR("make -j2");
	session_apply(s, &(struct event){ .kind = EVENT_TOOL, .tool = { .id = STR("t1"),
	    .name = STR("bash"), .output = STR("one"), .exit_code = -1, .ms = -1 } });
	session_apply(s, &more);
	session_apply(s, &end);
	session_apply(s, &(const struct event){ .kind = EVENT_TOOL, .tool = { .id = STR("t1"),
	    .state = TOOL_RUNNING, .exit_code = -1, .ms = -1 } });
	check(s, "1 tool ok: title=bash input=make -j2 text=one two\n");
	assert_int_equal(s->items[0]->tool.exit_code, 3);
	assert_int_equal(s->items[0]->tool.ms, 40);
	session_free(s);
}

static void
test_asks(void **state)
{
	struct session *s = session_new();
	struct event call = tool("t1", "", "bash", TOOL_PENDING, "");
	const struct event events[] = {
		ask("p1", ASK_PERMISSION, "t1", "Run a command", ""),
		ask("p2", ASK_PERMISSION, "", "Edit", "rm -rf \x1b[2K"),
		ask("q1", ASK_QUESTION, "", "Which?", "left or right"),
	};
	const struct event first = answer("p1", ANSWER_ONCE, "anna", "");
	const struct event last = answer("q1", ANSWER_TEXT, "ben", "left");
	const struct event unheard = answer("p9", ANSWER_REJECT, "ben", "");

	(void)state;
	call.tool.input = STR("make check");
	session_apply(s, &call);
	assert_null(session_waiting(s));
	apply(s, events, COUNT(events));
	assert_ptr_equal(session_waiting(s), s->items[1]);
	session_apply(s, &first);
	session_apply(s, &first);
	assert_ptr_equal(session_waiting(s), s->items[2]);
	session_answer_state(s, STR("p2"), ANSWER_REJECT, STR("no"), SEND_REJECTED, STR("http 404"));
	assert_str(buf_view(&s->items[2]->error), STR("http 404"));
	/* Given again: what was the matter is the matter no more. */
	session_answer_state(s, STR("p2"), ANSWER_REJECT, STR("no"), SEND_PENDING, STR_NONE);
	assert_int_equal(s->items[2]->error.n, 0);
	assert_ptr_equal(session_waiting(s), s->items[2]);
	assert_int_equal(s->items[2]->ask.send, SEND_PENDING);
	session_answer_state(s, STR("p2"), ANSWER_REJECT, STR("no"), SEND_CONFIRMED, STR_NONE);
	assert_ptr_equal(session_waiting(s), s->items[3]);
	session_apply(s, &last);
	assert_str(buf_view(&s->items[3]->ask.reply), STR("left"));
	session_apply(s, &unheard);
	assert_null(session_waiting(s));
	check(s,
	    "1 tool pending open: title=bash input=make check\n"
	    "2 approval once by anna: title=Run a command input=make check\n"
	    "3 approval reject by : title=Edit input=rm -rf \x1b[2K\n"
	    "4 question text by ben: title=Which? text=left or right\n"
	    "5 approval reject by ben:\n");
	session_free(s);
}

static void
test_input(void **state)
{
	struct session *s = session_new();
	struct item *it = session_add_input(s, STR("i1"), STR("anna"), STR("fix it"), 5);
	const struct event echo[] = {
		msg("i1", "anna", "", EVENT_ROLE_USER, MSG_SENT),
		text("i1", "prt", TEXT_APPEND, "fix it"),
		msg("i3", "anna", "", EVENT_ROLE_USER, MSG_SENT),
		text("i3", "", TEXT_REPLACE, "earlier run"),
	};
	const struct event channel = term("i2", "user", TERM_INPUT, "and that");

	(void)state;
	assert_int_equal(it->user.send, SEND_PENDING);
	session_add_input(s, STR("i2"), STR("anna"), STR("and that"), 6);
	session_input_state(s, STR("i2"), SEND_UNSURE, STR_NONE, STR_NONE);
	check(s, "1 user by=anna pending: text=fix it\n2 user by=anna unsure: text=and that\n");
	apply(s, echo, COUNT(echo));
	session_apply(s, &channel);
	/* An answer to the POST that comes after the echo changes nothing but the offset. */
	session_input_state(s, STR("i1"), SEND_UNSURE, STR("7"), STR_NONE);
	assert_int_equal(it->user.offset.n, 0);
	session_input_state(s, STR("i1"), SEND_CONFIRMED, STR("7"), STR_NONE);
	assert_str(buf_view(&it->user.offset), STR("7"));
	/* What is in the outbox still, and came back already. */
	session_add_input(s, STR("i3"), STR("anna"), STR("earlier run"), 7);
	check(s,
	    "1 user by=anna confirmed: text=fix it\n"
	    "2 user by=anna confirmed: text=and that\n"
	    "3 user by=anna confirmed: text=earlier run\n");
	session_add_input(s, STR("i4"), STR("anna"), STR("bad"), 8);
	session_input_state(s, STR("i4"), SEND_REJECTED, STR_NONE, STR("too long"));
	assert_str(buf_view(&s->items[3]->error), STR("too long"));
	session_add_input(s, STR("i5"), STR("anna"), STR("late"), 9);
	session_input_state(s, STR("i5"), SEND_PENDING, STR_NONE, STR("http 500"));
	session_input_state(s, STR("i5"), SEND_CONFIRMED, STR("9"), STR_NONE);
	assert_int_equal(s->items[4]->error.n, 0);
	session_free(s);
}

static void
test_terminal(void **state)
{
	const struct event events[] = {
		term("a", "agent", TERM_INPUT, "ls"),
		term("b", "agent", TERM_OUTPUT, "a.c\n"),
		text("m", "", TEXT_APPEND, "so"),
		term("c", "agent", TERM_ERROR, "oops\n"),
		term("d", "system", TERM_OUTPUT, "x\n"),
		term("i", "user", TERM_INPUT, "go on"),
		term("e", "agent", TERM_OUTPUT, "b.c\n"),
	};

	(void)state;
	CHECK(events,
	    "1 terminal by=agent: text=$ ls\na.c\noops\n\n"
	    "2 agent open open: text=so\n"
	    "3 terminal by=system open: text=x\n\n"
	    "4 user by=user: text=go on\n"
	    "5 terminal by=agent open: text=b.c\n\n");
}

static void
test_rows(void **state)
{
	struct session *s = session_new();
	struct buf got = { 0 };
	const struct event events[] = {
		flow(FLOW_TODO, "1", "write", "open"), flow(FLOW_TODO, "1", "", "done"),
		flow(FLOW_STAGE, "build", "Building", "running"), flow(FLOW_STAGE, "build", "", "done"),
		flow(FLOW_STEP, "build", "", "x"),
		agent("claude", "running", ""), who("anna", WHO_JOIN, 1000), who("ben", WHO_SEEN, 900),
		who("anna", WHO_LEAVE, 2000), who("anna", WHO_SEEN, 1500), note(NOTE_WARN, "slow"),
		note(NOTE_RAW, "{\"a\":1}"),
	};

	(void)state;
	apply(s, events, COUNT(events));
	print_items(s, &got);
	print_rows(s, &got);
	assert_str(buf_view(&got), STR(
	    "1 workflow done: title=build text=Building\n"
	    "2 workflow x: title=build\n"
	    "3 note: text=slow\n"
	    "4 raw: text={\"a\":1}\n"
	    "agent claude running\n"
	    "person anna 0\nperson ben 1\n"
	    "step 1 done\nstep build done\nstep build x\n"));
	/* Anna left; of Ben nothing is heard after 900. */
	assert_false(session_is_here(&s->people[0], 2000));
	assert_true(session_is_here(&s->people[1], 30899));
	assert_false(session_is_here(&s->people[1], 30900));
	assert_int_equal(session_here_until(s, 1000), 30900);
	assert_int_equal(session_here_until(s, 30900), INT64_MAX);
	assert_int_equal(s->events, COUNT(events));
	assert_int_equal(s->unknown, 1);
	buf_done(&got);
	session_free(s);
}

static void
test_status(void **state)
{
	const struct event events[] = {
		msg("m", "claude", "1", EVENT_ROLE_AGENT, MSG_OPEN), text("m", "", TEXT_APPEND, "a"),
		status(SESS_IDLE), failed("m", "aborted"), msg("m", "", "", EVENT_ROLE_AGENT, MSG_OPEN),
	};

	(void)state;
	CHECK(events, "1 agent by=claude error: text=a error=aborted\n");
}

static void
test_long_error(void **state)
{
	struct session *s = session_new();
	struct buf error = { 0 };
	struct event e = failed("m", "");

	(void)state;
	buf_fill(&error, 'x', ITEM_MAX_ERROR - 1);
	buf_str(&error, STR("\u00e9 and more"));
	e.msg.error = buf_view(&error);
	session_apply(s, &e);
	assert_int_equal(s->items[0]->error.n, ITEM_MAX_ERROR - 1);
	buf_done(&error);
	session_free(s);
}

static void
test_versions(void **state)
{
	struct session *s = session_new();
	const struct event first = text("m", "p", TEXT_APPEND, "abc");
	const struct event grown = text("m", "p", TEXT_REPLACE, "abcd");
	const struct event other = text("m", "p", TEXT_REPLACE, "xyz");
	unsigned version;

	(void)state;
	session_apply(s, &first);
	version = s->items[0]->version;
	session_apply(s, &grown);
	assert_true(s->items[0]->version > version);
	assert_int_equal(s->items[0]->generation, 0);
	version = s->items[0]->version;
	session_apply(s, &grown);
	assert_int_equal(s->items[0]->version, version);
	session_apply(s, &other);
	assert_int_equal(s->items[0]->generation, 1);
	session_free(s);
}

static void
test_reset(void **state)
{
	struct session *s = session_new();
	const struct event events[] = {
		text("m", "", TEXT_APPEND, "old"),
		ask("q", ASK_QUESTION, "", "?", "a or b"),
	};

	(void)state;
	session_apply(s, &events[0]);
	session_add_input(s, STR("i"), STR("anna"), STR("unsent"), 1);
	session_apply(s, &events[1]);
	session_reset(s);
	assert_null(session_waiting(s));
	check(s, "4 user by=anna pending: text=unsent\n");
	session_apply(s, &events[0]);
	check(s, "4 user by=anna pending: text=unsent\n5 agent open open: text=old\n");
	session_free(s);
}

/* What has an id may come twice: after any prefix, the same prefix again changes nothing. */
static void
test_idempotent(void **state)
{
	const struct event events[] = {
		status(SESS_BUSY),
		msg("u", "anna", "", EVENT_ROLE_USER, MSG_SENT),
		text("u", "", TEXT_REPLACE, "do"),
		msg("m1", "claude", "1", EVENT_ROLE_AGENT, MSG_OPEN),
		text("m1", "a", TEXT_REPLACE, "one"),
		tool("t1", "claude", "bash", TOOL_PENDING, ""),
		tool("t1", "", "", TOOL_RUNNING, "x"),
		ask("p", ASK_PERMISSION, "t1", "Run", "make"),
		answer("p", ANSWER_ALWAYS, "anna", ""),
		tool("t1", "", "", TOOL_OK, "xy"),
		text("m1", "a", TEXT_CLOSE, "one!"),
		text("m1", "b", TEXT_REPLACE, "two"),
		msg("m2", "claude", "2", EVENT_ROLE_AGENT, MSG_OPEN),
		reason("m2", "a", TEXT_REPLACE, "hm"),
		text("m2", "b", TEXT_CLOSE, "three"),
		flow(FLOW_STAGE, "s", "stage", "a"), flow(FLOW_STAGE, "s", "", "b"),
		who("anna", WHO_JOIN, 5), who("anna", WHO_LEAVE, 9),
		agent("claude", "error", "bad"),
		failed("m2", "worse"),
		agent("claude", "idle", ""),
		term("i", "user", TERM_INPUT, "again"),
		status(SESS_IDLE),
	};

	(void)state;
	for (size_t n = 0; n <= COUNT(events); n++) {
		struct session *s = session_new();
		struct buf once = { 0 }, twice = { 0 };

		apply(s, events, n);
		print_items(s, &once);
		print_rows(s, &once);
		apply(s, events, n);
		print_items(s, &twice);
		print_rows(s, &twice);
		assert_str(buf_view(&twice), buf_view(&once));
		buf_done(&once);
		buf_done(&twice);
		session_free(s);
	}
}

/* Events in any order, with any ids: nothing falls over and items keep their place. */
static void
test_any_order(void **state)
{
	static const char *const ids[] = { "", "a", "b", "user" };
	uint64_t seed = 1;
	struct session *s = session_new();

	(void)state;
	for (size_t i = 0; i < 20000; i++) {
		const char *a = ids[unit_random(&seed) % 4], *b = ids[unit_random(&seed) % 4];
		unsigned n = unit_random(&seed) % 4;
		const struct event events[] = {
			msg(a, b, b, (enum event_role)n, (enum msg_state)(unit_random(&seed) % 6)),
			text(a, b, (enum text_op)n, b), reason(a, b, (enum text_op)n, b),
			tool(a, b, a, (enum tool_state)(unit_random(&seed) % 6), b),
			ask(a, (enum ask_what)n, b, a, b), answer(a, (enum ask_answer)n, b, a),
			who(a, (enum who_op)n, (int64_t)n), term(a, b, (enum term_op)(n % 3), a),
			flow((enum flow_op)n, a, b, a), agent(a, n == 0 ? "idle" : "running", b),
			status((enum sess_status)n), failed(a, b),
		};

		session_apply(s, &events[unit_random(&seed) % COUNT(events)]);
		if (unit_random(&seed) % 500 == 0)
			session_cut(s);
		if (unit_random(&seed) % 3000 == 0)
			session_reset(s);
	}
	for (size_t i = 1; i < s->nitems; i++)
		assert_true(s->items[i]->number == s->items[i - 1]->number + 1);
	session_free(s);
}

/* What a status does not name the agent no longer does; an event without one leaves it alone. */
static void
test_agent_doing(void **state)
{
	struct session *s = session_new();
	struct event e = agent("a", "running", "");

	(void)state;
	e.agent.tool = STR("bash");
	session_apply(s, &e);
	assert_str(buf_view(&s->agents[0].tool), STR("bash"));
	e = agent("a", "", "");
	e.agent.turn = 2;
	session_apply(s, &e);
	assert_str(buf_view(&s->agents[0].tool), STR("bash"));
	e = agent("a", "idle", "");
	session_apply(s, &e);
	assert_int_equal(s->agents[0].tool.n, 0);
	session_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answer_tool_answer),
		cmocka_unit_test(test_thinking_and_answer),
		cmocka_unit_test(test_replace_over_segments),
		cmocka_unit_test(test_accumulated),
		cmocka_unit_test(test_anonymous_turns),
		cmocka_unit_test(test_endings),
		cmocka_unit_test(test_cut_and_go_on),
		cmocka_unit_test(test_tools),
		cmocka_unit_test(test_asks),
		cmocka_unit_test(test_input),
		cmocka_unit_test(test_terminal),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_agent_doing),
		cmocka_unit_test(test_long_error),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_reset),
		cmocka_unit_test(test_idempotent),
		cmocka_unit_test(test_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
