/*
 * Events of servers that run agents in containers, plan with them and build with them: {type,data},
 * the type's first word says which. What an agent says carries no turn: a tool call or an input
 * divides it.
 */
#include "wire/channel.h"
#include "wire/json.h"
#include "wire/records.h"

enum {
	TASK, STAGE, MESSAGE, MODEL, TURN, TURNS, DELTA, TOOL, TOOL_NAME, INPUT, RESULT, FAILED, MS, ROLE,
	CONTENT, STATUS, ERROR, PLAN, BRANCH, PATH, ACTION, ADDED, DELETED, ASK, QUESTIONS, AGENT, NAME,
	SUMMARY, LAST_TOOL, SANDBOX, TITLE, TEXT, N
};

static const struct field fields[N] = {
	[TASK] = { STR("taskId"), FIELD_NAME }, [STAGE] = { STR("stage"), FIELD_PLAIN },
	[MESSAGE] = { STR("message"), FIELD_PLAIN }, [MODEL] = { STR("model"), FIELD_PLAIN },
	[TURN] = { STR("turn"), FIELD_NUMBER }, [TURNS] = { STR("maxTurns"), FIELD_NUMBER },
	[DELTA] = { STR("delta"), FIELD_PLAIN }, [TOOL] = { STR("toolId"), FIELD_NAME },
	[TOOL_NAME] = { STR("toolName"), FIELD_PLAIN }, [INPUT] = { STR("input"), FIELD_PLAIN },
	[RESULT] = { STR("result"), FIELD_PLAIN }, [FAILED] = { STR("isError"), FIELD_JSON },
	[MS] = { STR("durationMs"), FIELD_NUMBER }, [ROLE] = { STR("role"), FIELD_PLAIN },
	[CONTENT] = { STR("content"), FIELD_PLAIN }, [STATUS] = { STR("status"), FIELD_PLAIN },
	[ERROR] = { STR("error"), FIELD_PLAIN }, [PLAN] = { STR("plan"), FIELD_PLAIN },
	[BRANCH] = { STR("branch"), FIELD_PLAIN }, [PATH] = { STR("path"), FIELD_PLAIN },
	[ACTION] = { STR("action"), FIELD_PLAIN }, [ADDED] = { STR("additions"), FIELD_PLAIN },
	[DELETED] = { STR("deletions"), FIELD_PLAIN },
	[ASK] = { STR("interactionId"), FIELD_NAME }, [QUESTIONS] = { STR("questions"), FIELD_JSON },
	[AGENT] = { STR("agentId"), FIELD_NAME }, [NAME] = { STR("name"), FIELD_PLAIN },
	[SUMMARY] = { STR("summary"), FIELD_PLAIN }, [LAST_TOOL] = { STR("lastToolName"), FIELD_PLAIN },
	[SANDBOX] = { STR("sandboxId"), FIELD_NAME }, [TITLE] = { STR("title"), FIELD_PLAIN },
	[TEXT] = { STR("text"), FIELD_PLAIN },
};

struct said {
	const struct event_sink *sink;
	struct arena arena;
	int64_t time;
	struct str family, what;	/* "container-agent", "tool:start" */
	struct str v[N];
};

static void
emit(struct said *s, struct event *e)
{
	e->time = s->time;
	s->sink->event(s->sink->ctx, e);
}

/* ---- what most families have */

/* Whose it is: the task's, or the family's where there is none. */
static struct str
owner(const struct said *s)
{
	return s->v[TASK].n > 0 ? s->v[TASK] : s->family;
}

static void
say(struct said *s, enum text_op op, struct str text)
{
	struct event m = event_of(EVENT_MSG), e = event_of(EVENT_TEXT);

	m.msg.id = e.text.msg = owner(s);
	m.msg.role = EVENT_ROLE_AGENT;
	emit(s, &m);
	e.text.op = op;
	e.text.data = text;
	emit(s, &e);
}

static void
typed(struct said *s, struct str text)
{
	struct event m = event_of(EVENT_MSG), e = event_of(EVENT_TEXT);
	struct buf id = { 0 };

	buf_str(&id, owner(s));
	buf_printf(&id, " %lld", (long long)s->time);
	m.msg.id = e.text.msg = buf_view(&id);
	m.msg.role = EVENT_ROLE_USER;
	m.msg.state = MSG_SENT;
	emit(s, &m);
	e.text.op = TEXT_REPLACE;
	e.text.data = text;
	emit(s, &e);
	buf_done(&id);
}

/* The whole of what was said in pieces, or what somebody else said. */
static void
take_message(struct said *s)
{
	if (str_eq(s->v[ROLE], STR("user")))
		typed(s, s->v[CONTENT]);
	else
		say(s, TEXT_REPLACE, s->v[CONTENT].p != NULL ? s->v[CONTENT] : s->v[MESSAGE]);
}

static void
take_token(struct said *s)
{
	say(s, TEXT_APPEND, s->v[DELTA].p != NULL ? s->v[DELTA] : s->v[TEXT]);
}

static void
set_status(struct said *s, const char *agent, enum sess_status status)
{
	struct event a = event_of(EVENT_AGENT), e = event_of(EVENT_SESS);

	a.agent.id = owner(s);
	a.agent.status = str_from(agent);
	a.agent.message = s->v[MESSAGE];
	a.agent.error = s->v[ERROR];
	a.agent.turn = fields_i64(s->v[TURN]);
	a.agent.max_turns = fields_i64(s->v[TURNS]);
	emit(s, &a);
	e.sess.model = s->v[MODEL];
	e.sess.status = status;
	emit(s, &e);
}

static void
take_start(struct said *s)
{
	set_status(s, "running", SESS_BUSY);
}

static void
take_end(struct said *s)
{
	set_status(s, str_eq(s->what, STR("cancelled")) ? "cancelled" : "completed", SESS_IDLE);
}

static void
take_error(struct said *s)
{
	if (s->v[ERROR].n == 0)
		s->v[ERROR] = s->v[MESSAGE].n > 0 ? s->v[MESSAGE] : STR("error");
	set_status(s, "error", SESS_IDLE);
}

static void
flow(struct said *s, enum flow_op op, struct str id, struct str text, struct str state)
{
	struct event e = event_of(EVENT_FLOW);

	e.flow.op = op;
	e.flow.id = id;
	e.flow.text = text.n > 0 ? text : id;
	e.flow.state = state;
	emit(s, &e);
}

static void
take_stage(struct said *s)
{
	struct str text = s->v[MESSAGE].n > 0 ? s->v[MESSAGE] : s->v[TITLE].n > 0 ? s->v[TITLE] : s->v[STATUS];
	struct str id = s->v[SANDBOX].n > 0 ? s->v[SANDBOX] : owner(s);

	flow(s, FLOW_STAGE, id, text, s->v[STAGE].n > 0 ? s->v[STAGE] : s->what);
}

static void
take_questions(struct said *s)
{
	struct event e = event_of(EVENT_ASK);
	struct str list = s->v[QUESTIONS], inner;
	struct buf id = { 0 };

	/* Some put the list into an object that says how many there were. */
	if (json_get(list, "questions", &inner))
		list = inner;
	buf_printf(&id, "%.*s %lld", STR_ARG(str_head(owner(s), 200)), (long long)s->time);
	e.ask.id = s->v[ASK].n > 0 ? s->v[ASK] : buf_view(&id);
	e.ask.what = ASK_QUESTION;
	e.ask.title = s->family;
	e.ask.text = s->v[MESSAGE];
	if (list.n > 0 && list.p[0] == '[')
		e.ask.options = list;
	emit(s, &e);
	buf_done(&id);
}

/* ---- agents in containers */

static void
take_tool(struct said *s)
{
	struct event e = event_of(EVENT_TOOL);
	bool result = str_eq(s->what, STR("tool:result"));

	e.tool.id = s->v[TOOL];
	e.tool.name = s->v[TOOL_NAME];
	e.tool.input = s->v[INPUT];
	e.tool.output = s->v[RESULT];
	e.tool.ms = fields_i64(s->v[MS]);
	e.tool.state = !result ? TOOL_RUNNING :
	    str_eq(s->v[FAILED], STR("true")) ? TOOL_ERROR : TOOL_OK;
	emit(s, &e);
}

static void
take_plan(struct said *s)
{
	struct event e = event_of(EVENT_ASK);
	struct buf id = { 0 };

	buf_str(&id, STR("plan "));
	buf_str(&id, owner(s));
	e.ask.id = buf_view(&id);
	e.ask.what = ASK_PLAN;
	e.ask.text = s->v[PLAN];
	emit(s, &e);
	buf_done(&id);
}

static void
take_worktree(struct said *s)
{
	flow(s, FLOW_WORKTREE, s->v[BRANCH], s->v[BRANCH], STR("created"));
}

static void
take_file(struct said *s)
{
	struct buf text = { 0 };

	buf_str(&text, s->v[PATH]);
	if (s->v[ADDED].n > 0 || s->v[DELETED].n > 0)
		buf_printf(&text, " +%.*s -%.*s", STR_ARG(s->v[ADDED]), STR_ARG(s->v[DELETED]));
	flow(s, FLOW_FILE, s->v[PATH], buf_view(&text), s->v[ACTION]);
	buf_done(&text);
}

/* ---- agents that begin others */

static void
take_agent(struct said *s)
{
	struct event e = event_of(EVENT_AGENT);
	bool over = str_eq(s->what, STR("agent_completed"));

	if (str_eq(s->what, STR("agent_spawned")))
		flow(s, FLOW_SPAWN, s->v[AGENT], s->v[NAME], s->v[ROLE]);
	else if (over)
		flow(s, FLOW_SPAWN, s->v[AGENT], s->v[SUMMARY], s->v[STATUS]);
	e.agent.id = s->v[AGENT];
	e.agent.status = over ? s->v[STATUS] : STR("running");
	e.agent.tool = s->v[LAST_TOOL];
	e.agent.message = s->v[SUMMARY];
	emit(s, &e);
}

static void
take_gap(struct said *s)
{
	struct event e = event_of(EVENT_NOTE);

	e.note.level = NOTE_WARN;
	e.note.text = STR("the server does not have some of the events that came here");
	emit(s, &e);
}

/* ---- which is which */

static const struct {
	const char *family, *what;	/* `what` NULL: all that are not named before */
	void (*take)(struct said *s);
} takes[] = {
	{ "container-agent", "token", take_token }, { "container-agent", "message", take_message },
	{ "container-agent", "started", take_start }, { "container-agent", "turn", take_start },
	{ "container-agent", "tool:start", take_tool }, { "container-agent", "tool:result", take_tool },
	{ "container-agent", "complete", take_end }, { "container-agent", "cancelled", take_end },
	{ "container-agent", "error", take_error }, { "container-agent", "plan_ready", take_plan },
	{ "container-agent", "task-update-failed", take_error },
	{ "container-agent", "worktree", take_worktree },
	{ "container-agent", "file_changed", take_file }, { "container-agent", NULL, take_stage },
	{ "plan", "token", take_token }, { "plan", "turn", take_message },
	{ "plan", "started", take_start }, { "plan", "interaction", take_questions },
	{ "plan", "completed", take_end }, { "plan", "cancelled", take_end },
	{ "plan", "error", take_error },
	{ "sandbox", "error", take_error }, { "sandbox", NULL, take_stage },
	{ "task-creation", "token", take_token }, { "task-creation", "message", take_message },
	{ "task-creation", "questions", take_questions }, { "task-creation", "error", take_error },
	{ "task-creation", NULL, take_stage },
	{ "topology", NULL, take_agent },
	{ "terraform", "text", take_token }, { "terraform", "questions", take_questions },
	{ "terraform", "error", take_error }, { "terraform", NULL, take_stage },
	{ "weir", "gap", take_gap },
};

static bool
take(struct said *s)
{
	for (size_t i = 0; i < sizeof takes / sizeof *takes; i++) {
		if (!str_eq(s->family, str_from(takes[i].family)) ||
		    (takes[i].what != NULL && !str_eq(s->what, str_from(takes[i].what))))
			continue;
		takes[i].take(s);
		return true;
	}
	return false;
}

/* What does not fit is no such event: it is shown as it is. */
bool
stream_events_decode(struct str record, const struct event_sink *sink)
{
	static const struct field outer[] = { { STR("type"), FIELD_TEXT, true },
		{ STR("data"), FIELD_JSON, true }, { STR("timestamp"), FIELD_TIME, false } };
	struct said s = { .sink = sink };
	struct fields f = { .fields = outer, .n = 3, .arena = &s.arena };
	struct fields g = { .fields = fields, .n = N, .arena = &s.arena };
	struct str v[3];
	bool is = fields_read_text(&f, record, v) && fields_read_text(&g, v[1], s.v);

	if (is) {
		s.time = fields_time(v[2]);
		s.family = str_cut(v[0], ':', &s.what);
		is = take(&s);
	}
	arena_done(&s.arena);
	return is;
}
