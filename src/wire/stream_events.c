/*
 * Events of servers that run agents in containers, plan with them and build with them: {type,data},
 * the type's first word says which. What an agent says carries no turn: a tool call or an input
 * divides it.
 */
#include "wire/channel.h"
#include "wire/json.h"
#include "wire/records.h"

enum {
	TASK, SESSION, DELTA, ACCUMULATED, STAGE, MESSAGE, MODEL, TURN, TURNS, REMAINING,
	TOOL_NAME, TOOL, INPUT, RESULT, FAILED, MS, ROLE, CONTENT, STATUS, TURN_COUNT, ERROR,
	CODE, PLAN, ALLOWED, SWARM, MATES, ATTEMPTED, WORKTREE, BRANCH, CONTAINER_PATH, PATH,
	ACTION, ADDED, DELETED, PROVIDER, SDK_SESSION, PROJECT, TURN_ID, ASK, QUESTIONS,
	ISSUE_URL, ISSUE, SANDBOX, IMAGE, CONTAINER, IDLE_SINCE, IDLE_MINUTES, REASON, TMUX,
	TITLE, DESCRIPTION, LABELS, PRIORITY, AGENT, NAME, PARENT, SDK_TASK, TOKENS, TOOL_USES,
	SUMMARY, LAST_TOOL, JOB, TEXT, MODULES, N
};

/* What any of them may say. Of which type a field is does not depend on the event. */
static const struct field fields[N] = {
	[TASK] = { STR("taskId"), FIELD_NAME }, [SESSION] = { STR("sessionId"), FIELD_NAME },
	[DELTA] = { STR("delta"), FIELD_TEXT },
	[ACCUMULATED] = { STR("accumulated"), FIELD_TEXT },
	[STAGE] = { STR("stage"), FIELD_TEXT }, [MESSAGE] = { STR("message"), FIELD_TEXT },
	[MODEL] = { STR("model"), FIELD_TEXT }, [TURN] = { STR("turn"), FIELD_NUMBER },
	[TURNS] = { STR("maxTurns"), FIELD_NUMBER },
	[REMAINING] = { STR("remaining"), FIELD_NUMBER },
	[TOOL_NAME] = { STR("toolName"), FIELD_TEXT }, [TOOL] = { STR("toolId"), FIELD_NAME },
	[INPUT] = { STR("input"), FIELD_PLAIN }, [RESULT] = { STR("result"), FIELD_PLAIN },
	[FAILED] = { STR("isError"), FIELD_BOOL }, [MS] = { STR("durationMs"), FIELD_NUMBER },
	[ROLE] = { STR("role"), FIELD_TEXT }, [CONTENT] = { STR("content"), FIELD_TEXT },
	[STATUS] = { STR("status"), FIELD_TEXT },
	[TURN_COUNT] = { STR("turnCount"), FIELD_NUMBER },
	[ERROR] = { STR("error"), FIELD_PLAIN }, [CODE] = { STR("code"), FIELD_PLAIN },
	[PLAN] = { STR("plan"), FIELD_PLAIN },
	[ALLOWED] = { STR("allowedPrompts"), FIELD_ARRAY },
	[SWARM] = { STR("launchSwarm"), FIELD_BOOL },
	[MATES] = { STR("teammateCount"), FIELD_NUMBER },
	[ATTEMPTED] = { STR("attemptedStatus"), FIELD_TEXT },
	[WORKTREE] = { STR("worktreeId"), FIELD_NAME }, [BRANCH] = { STR("branch"), FIELD_TEXT },
	[CONTAINER_PATH] = { STR("containerPath"), FIELD_TEXT },
	[PATH] = { STR("path"), FIELD_TEXT }, [ACTION] = { STR("action"), FIELD_TEXT },
	[ADDED] = { STR("additions"), FIELD_NUMBER },
	[DELETED] = { STR("deletions"), FIELD_NUMBER },
	[PROVIDER] = { STR("sandboxProvider"), FIELD_TEXT },
	[SDK_SESSION] = { STR("sdkSessionId"), FIELD_NAME },
	[PROJECT] = { STR("projectId"), FIELD_NAME }, [TURN_ID] = { STR("turnId"), FIELD_NAME },
	[ASK] = { STR("interactionId"), FIELD_NAME },
	[QUESTIONS] = { STR("questions"), FIELD_JSON },
	[ISSUE_URL] = { STR("issueUrl"), FIELD_TEXT },
	[ISSUE] = { STR("issueNumber"), FIELD_NUMBER },
	[SANDBOX] = { STR("sandboxId"), FIELD_NAME }, [IMAGE] = { STR("image"), FIELD_TEXT },
	[CONTAINER] = { STR("containerId"), FIELD_NAME },
	[IDLE_SINCE] = { STR("idleSince"), FIELD_TIME },
	[IDLE_MINUTES] = { STR("timeoutMinutes"), FIELD_NUMBER },
	[REASON] = { STR("reason"), FIELD_TEXT }, [TMUX] = { STR("sessionName"), FIELD_TEXT },
	[TITLE] = { STR("title"), FIELD_TEXT },
	[DESCRIPTION] = { STR("description"), FIELD_TEXT },
	[LABELS] = { STR("labels"), FIELD_ARRAY }, [PRIORITY] = { STR("priority"), FIELD_PLAIN },
	[AGENT] = { STR("agentId"), FIELD_NAME }, [NAME] = { STR("name"), FIELD_TEXT },
	[PARENT] = { STR("parentId"), FIELD_NAME },
	[SDK_TASK] = { STR("sdkTaskId"), FIELD_NAME },
	[TOKENS] = { STR("tokens"), FIELD_NUMBER },
	[TOOL_USES] = { STR("toolUses"), FIELD_NUMBER },
	[SUMMARY] = { STR("summary"), FIELD_TEXT },
	[LAST_TOOL] = { STR("lastToolName"), FIELD_TEXT }, [JOB] = { STR("jobId"), FIELD_NAME },
	[TEXT] = { STR("text"), FIELD_TEXT }, [MODULES] = { STR("modules"), FIELD_JSON },
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

	m.msg.id = e.text.msg = m.msg.agent = owner(s);
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
	bool cancelled = str_eq(s->what, STR("cancelled")) || str_eq(s->v[STATUS], STR("cancelled"));

	set_status(s, cancelled ? "cancelled" : "completed", SESS_IDLE);
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
	static const unsigned char texts[] = { MESSAGE, TITLE, STATUS, REASON, TMUX, IMAGE };
	struct str text = STR_NONE;
	struct str id = s->v[SANDBOX].n > 0 ? s->v[SANDBOX] : owner(s);

	for (size_t i = 0; i < sizeof texts && text.n == 0; i++)
		text = s->v[texts[i]];
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

	/* The next plan of the same task is another question. */
	buf_printf(&id, "plan %.*s %lld", STR_ARG(str_head(owner(s), 200)), (long long)s->time);
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
	e.agent.parent = s->v[PARENT];
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

enum { NEEDS = 3 };

/* A type of event, and the fields it cannot be understood without; field 0 ends the list. */
struct kind {
	const char *family, *what;
	void (*take)(struct said *s);
	unsigned char needs[NEEDS];
};

_Static_assert(TASK == 0, "no event needs this field: the family stands for it");

static const struct kind kinds[] = {
	{ "container-agent", "token", take_token, { DELTA } },
	{ "container-agent", "message", take_message, { ROLE, CONTENT } },
	{ "container-agent", "started", take_start, { 0 } },
	{ "container-agent", "turn", take_start, { TURN } },
	{ "container-agent", "tool:start", take_tool, { TOOL, TOOL_NAME } },
	{ "container-agent", "tool:result", take_tool, { TOOL } },
	{ "container-agent", "complete", take_end, { STATUS } },
	{ "container-agent", "cancelled", take_end, { 0 } },
	{ "container-agent", "error", take_error, { ERROR } },
	{ "container-agent", "plan_ready", take_plan, { PLAN } },
	{ "container-agent", "task-update-failed", take_error, { ERROR } },
	{ "container-agent", "worktree", take_worktree, { BRANCH } },
	{ "container-agent", "file_changed", take_file, { PATH, ACTION } },
	{ "container-agent", "status", take_stage, { STAGE } },
	{ "plan", "token", take_token, { DELTA } },
	{ "plan", "turn", take_message, { ROLE, CONTENT } },
	{ "plan", "started", take_start, { 0 } },
	{ "plan", "interaction", take_questions, { ASK, QUESTIONS } },
	{ "plan", "completed", take_end, { 0 } },
	{ "plan", "cancelled", take_end, { 0 } },
	{ "plan", "error", take_error, { ERROR } },
	{ "sandbox", "creating", take_stage, { SANDBOX } },
	{ "sandbox", "ready", take_stage, { SANDBOX } },
	{ "sandbox", "idle", take_stage, { SANDBOX } },
	{ "sandbox", "stopping", take_stage, { SANDBOX } },
	{ "sandbox", "stopped", take_stage, { SANDBOX } },
	{ "sandbox", "error", take_error, { SANDBOX, ERROR } },
	{ "sandbox", "tmux:created", take_stage, { SANDBOX, TMUX } },
	{ "sandbox", "tmux:destroyed", take_stage, { SANDBOX, TMUX } },
	{ "task-creation", "started", take_stage, { 0 } },
	{ "task-creation", "token", take_token, { 0 } },
	{ "task-creation", "message", take_message, { 0 } },
	{ "task-creation", "suggestion", take_stage, { TITLE } },
	{ "task-creation", "questions", take_questions, { QUESTIONS } },
	{ "task-creation", "processing", take_stage, { 0 } },
	{ "task-creation", "completed", take_stage, { 0 } },
	{ "task-creation", "cancelled", take_stage, { 0 } },
	{ "task-creation", "error", take_error, { 0 } },
	{ "topology", "agent_spawned", take_agent, { AGENT, NAME } },
	{ "topology", "agent_progress", take_agent, { AGENT } },
	{ "topology", "agent_completed", take_agent, { AGENT, STATUS } },
	{ "terraform", "status", take_stage, { 0 } },
	{ "terraform", "text", take_token, { 0 } },
	{ "terraform", "modules", take_stage, { 0 } },
	{ "terraform", "questions", take_questions, { QUESTIONS } },
	{ "terraform", "code", take_stage, { 0 } },
	{ "terraform", "done", take_stage, { 0 } },
	{ "terraform", "error", take_error, { 0 } },
	{ "weir", "gap", take_gap, { 0 } },
};

static const struct kind *
kind_of(const struct said *s)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (str_eq(s->family, str_from(kinds[i].family)) &&
		    str_eq(s->what, str_from(kinds[i].what)))
			return &kinds[i];
	return NULL;
}

/* What a kind of event cannot be understood without, N when all of it is there. */
static size_t
missing(const struct said *s, const struct kind *k)
{
	for (size_t i = 0; i < NEEDS && k->needs[i] != 0; i++)
		if (s->v[k->needs[i]].p == NULL)
			return k->needs[i];
	return N;
}

static void
take(struct said *s, const struct kind *k, struct str type, struct str data)
{
	struct fields f = { .fields = fields, .n = N, .arena = &s->arena };
	struct buf why = { 0 };
	size_t field;

	if (!fields_read_text(&f, data.p != NULL ? data : STR("{}"), s->v))
		buf_str(&why, f.why);
	else if ((field = missing(s, k)) < N)
		buf_printf(&why, "\"%.*s\" is missing", STR_ARG(fields[field].name));
	if (why.n == 0)
		k->take(s);
	else
		channel_warn(s->sink, s->time, type, buf_view(&why));
	buf_done(&why);
}

bool
stream_events_decode(struct str record, const struct event_sink *sink)
{
	enum { TYPE, DATA, TIME, OUTER };
	static const struct field outer[OUTER] = { [TYPE] = { STR("type"), FIELD_TEXT, true },
		[DATA] = { STR("data"), FIELD_JSON }, [TIME] = { STR("timestamp"), FIELD_TIME } };
	struct said s = { .sink = sink };
	struct fields f = { .fields = outer, .n = OUTER, .arena = &s.arena };
	struct str v[OUTER];
	const struct kind *k = NULL;

	if (fields_read_text(&f, record, v)) {
		s.time = fields_time(v[TIME]);
		s.family = str_cut(v[TYPE], ':', &s.what);
		k = kind_of(&s);
	}
	if (k != NULL)
		take(&s, k, v[TYPE], v[DATA]);
	arena_done(&s.arena);
	return k != NULL;
}
