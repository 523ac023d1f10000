/* How things stand: presence, workflow, agents, the session itself. */
#include "wire/channel.h"

/* ---- presence */

static enum who_op
who_op(const struct channel_item *it, struct str type)
{
	static const struct channel_word ops[] = { { "joined", WHO_JOIN }, { "left", WHO_LEAVE },
		{ "cursor", WHO_SEEN }, { "timeout", WHO_TIMEOUT } };
	struct str behind, first = str_cut(channel_type(it, type), ':', &behind);
	int op = CHANNEL_WORD(behind.p != NULL ? behind : first, ops);

	if (op >= 0)
		return (enum who_op)op;
	if (str_eq(it->operation, STR("insert")))
		return WHO_JOIN;
	return str_eq(it->operation, STR("delete")) ? WHO_LEAVE : WHO_SEEN;
}

enum {
	PERSON_USER, PERSON_SESSION, PERSON_NAME, PERSON_AVATAR, PERSON_CURSOR, PERSON_FILE, PERSON_SEEN,
	PERSON_JOINED, PERSON_TYPE, PERSON_TIME, PERSON_FIELDS
};

static const struct field presence_fields[PERSON_FIELDS] = {
	[PERSON_USER] = { STR("userId"), FIELD_NAME },
	[PERSON_SESSION] = { STR("sessionId"), FIELD_NAME },
	[PERSON_NAME] = { STR("displayName"), FIELD_TEXT },
	[PERSON_AVATAR] = { STR("avatarUrl"), FIELD_TEXT },
	[PERSON_JOINED] = { STR("joinedAt"), FIELD_TIME },
	[PERSON_FILE] = { STR("activeFile"), FIELD_TEXT },
	[PERSON_CURSOR] = { STR("cursor"), FIELD_OBJECT },
	[PERSON_SEEN] = { STR("lastSeen"), FIELD_TIME },
	[PERSON_TYPE] = { STR("type"), FIELD_TEXT },
	[PERSON_TIME] = { STR("timestamp"), FIELD_TIME },
};

/* Screens that count in parts of a cell say so; nobody's cursor is a billion cells away. */
static bool
read_cursor(struct channel_item *it, struct str cursor, struct event *e)
{
	enum { X, Y, N };
	static const struct field fields[N] = { [X] = { STR("x"), FIELD_NUMBER, true },
		[Y] = { STR("y"), FIELD_NUMBER, true } };
	struct str v[N];
	double x, y;

	if (cursor.p == NULL)
		return true;
	if (!channel_read(it, cursor, fields, N, v))
		return channel_misfit(it, "\"cursor\" is not {x,y}");
	x = fields_double(v[X]);
	y = fields_double(v[Y]);
	e->who.has_cursor = x > -1e9 && x < 1e9 && y > -1e9 && y < 1e9;
	if (e->who.has_cursor) {
		e->who.x = (int64_t)x;
		e->who.y = (int64_t)y;
	}
	return true;
}

static bool
apply_presence(struct channel_item *it, const struct str *v)
{
	struct event e = event_of(EVENT_WHO);

	e.who.user = v[PERSON_USER].n > 0 ? v[PERSON_USER] : it->key;
	if (e.who.user.n == 0)
		return channel_misfit(it, "\"userId\" is missing");
	channel_time(it, v[PERSON_TIME].n > 0 ? v[PERSON_TIME] : v[PERSON_SEEN]);
	e.who.name = v[PERSON_NAME];
	e.who.file = v[PERSON_FILE];
	if (v[PERSON_SEEN].n > 0)
		e.who.seen = fields_time(v[PERSON_SEEN]);
	e.who.op = who_op(it, v[PERSON_TYPE]);
	if (!read_cursor(it, v[PERSON_CURSOR], &e))
		return false;
	channel_emit(it, &e);
	return true;
}

const struct channel channel_presence = { presence_fields, PERSON_FIELDS, apply_presence };

/* ---- workflow */

struct step {
	struct str id, type, actor, payload, words;
};

static bool
ask(struct channel_item *it, const struct step *s)
{
	enum { KIND, TOOL, TITLE, COMMAND, INPUT, TEXT, QUESTION, OPTIONS, N };
	static const struct field fields[N] = {
		[KIND] = { STR("kind"), FIELD_TEXT }, [TOOL] = { STR("tool"), FIELD_TEXT },
		[TITLE] = { STR("title"), FIELD_TEXT }, [COMMAND] = { STR("command"), FIELD_PLAIN },
		[INPUT] = { STR("input"), FIELD_PLAIN }, [TEXT] = { STR("text"), FIELD_TEXT },
		[QUESTION] = { STR("question"), FIELD_TEXT }, [OPTIONS] = { STR("options"), FIELD_ARRAY },
	};
	static const struct channel_word kinds[] = { { "permission", ASK_PERMISSION },
		{ "question", ASK_QUESTION }, { "plan", ASK_PLAN }, { "input", ASK_INPUT } };
	struct event e = event_of(EVENT_ASK);
	struct str v[N];
	int kind;

	if (!channel_read(it, s->payload, fields, N, v))
		return false;
	kind = v[KIND].p != NULL ? CHANNEL_WORD(v[KIND], kinds) : ASK_PERMISSION;
	if (kind < 0)
		return channel_misfit(it, "\"kind\" is none of permission, question, plan and input");
	e.ask.id = s->id;
	e.ask.what = (enum ask_what)kind;
	e.ask.tool = v[TOOL];
	e.ask.title = v[TITLE];
	e.ask.text = v[COMMAND].p != NULL ? v[COMMAND] : v[INPUT].p != NULL ? v[INPUT] :
	    v[TEXT].n > 0 ? v[TEXT] : v[QUESTION];
	/* Nobody is to allow what is not shown, or to answer what was not asked. */
	if (e.ask.text.n == 0 && (kind == ASK_PERMISSION || v[TITLE].n + v[OPTIONS].n == 0))
		e.ask.text = s->payload;
	e.ask.options = v[OPTIONS];
	channel_emit(it, &e);
	return true;
}

static bool
answer(struct channel_item *it, const struct step *s, bool approved)
{
	enum { ASK, SCOPE, TEXT, ANSWERS, N };
	static const struct field fields[N] = {
		[ASK] = { STR("ask"), FIELD_NAME }, [SCOPE] = { STR("scope"), FIELD_TEXT },
		[TEXT] = { STR("text"), FIELD_TEXT }, [ANSWERS] = { STR("answers"), FIELD_ARRAY },
	};
	struct event e = event_of(EVENT_ANSWER);
	struct str v[N];

	if (!channel_read(it, s->payload, fields, N, v))
		return false;
	/* Without an `ask` the item has the id of the request it answers. */
	e.answer.ask = v[ASK].n > 0 ? v[ASK] : s->id;
	e.answer.by = s->actor;
	e.answer.text = v[ANSWERS].p != NULL ? v[ANSWERS] : v[TEXT];
	if (!approved)
		e.answer.answer = str_eq(v[SCOPE], STR("expired")) ? ANSWER_EXPIRED : ANSWER_REJECT;
	else if (str_eq(v[SCOPE], STR("always")))
		e.answer.answer = ANSWER_ALWAYS;
	else if (v[ANSWERS].p != NULL)
		e.answer.answer = ANSWER_CHOICES;
	else
		e.answer.answer = v[TEXT].n > 0 ? ANSWER_TEXT : ANSWER_ONCE;
	channel_emit(it, &e);
	return true;
}

static bool
flow(struct channel_item *it, const struct step *s, enum flow_op op)
{
	enum { ID, TEXT, BRANCH, PATH, NAME, TITLE, STATE, N };
	static const struct field fields[N] = {
		[ID] = { STR("id"), FIELD_NAME }, [TEXT] = { STR("text"), FIELD_TEXT },
		[BRANCH] = { STR("branch"), FIELD_TEXT }, [PATH] = { STR("path"), FIELD_TEXT },
		[NAME] = { STR("name"), FIELD_TEXT }, [TITLE] = { STR("title"), FIELD_TEXT },
		[STATE] = { STR("state"), FIELD_TEXT },
	};
	struct event e = event_of(EVENT_FLOW);
	struct str v[N], what;
	int text = TEXT;

	if (!channel_read(it, s->payload, fields, N, v))
		return false;
	str_cut(s->type, ':', &what);
	e.flow.op = op;
	e.flow.id = v[ID].n > 0 ? v[ID] : s->id;
	while (text < TITLE && v[text].n == 0)
		text++;
	e.flow.text = v[text].n > 0 ? v[text] : s->words;
	/* What it says in words of its own is shown as it stands. */
	if (e.flow.text.n == 0)
		e.flow.text = v[ID].n + v[STATE].n == 0 && s->payload.n > 2 ? s->payload : s->type;
	/* Without a name of its own it is the one of its type. */
	if (e.flow.id.n == 0)
		e.flow.id = s->type;
	e.flow.state = v[STATE].n > 0 ? v[STATE] : what;
	channel_emit(it, &e);
	return true;
}

enum {
	STEP_ID, STEP_SESSION, STEP_TASK, STEP_TYPE, STEP_PAYLOAD, STEP_ACTOR, STEP_TIME, STEP_MESSAGE,
	STEP_ERROR, STEP_FIELDS
};

static const struct field workflow_fields[STEP_FIELDS] = {
	[STEP_ID] = { STR("id"), FIELD_NAME }, [STEP_SESSION] = { STR("sessionId"), FIELD_NAME },
	[STEP_TASK] = { STR("taskId"), FIELD_NAME }, [STEP_TYPE] = { STR("type"), FIELD_TEXT },
	[STEP_PAYLOAD] = { STR("payload"), FIELD_OBJECT },
	[STEP_ACTOR] = { STR("actor"), FIELD_NAME },
	[STEP_TIME] = { STR("timestamp"), FIELD_TIME },
	/* Of what an agent says of itself, which has no payload. */
	[STEP_MESSAGE] = { STR("message"), FIELD_TEXT }, [STEP_ERROR] = { STR("error"), FIELD_PLAIN },
};

static bool
apply_workflow(struct channel_item *it, const struct str *v)
{
	static const struct channel_word flows[] = { { "todo", FLOW_TODO }, { "plan", FLOW_PLAN },
		{ "step", FLOW_STEP }, { "stage", FLOW_STAGE }, { "file", FLOW_FILE }, { "spawn", FLOW_SPAWN },
		{ "agent", FLOW_STAGE }, { "worktree", FLOW_WORKTREE } };
	const struct step s = { .id = v[STEP_ID].n > 0 ? v[STEP_ID] : it->key,
		.type = v[STEP_TYPE].n > 0 ? v[STEP_TYPE] : it->type, .actor = v[STEP_ACTOR],
		.payload = v[STEP_PAYLOAD].p != NULL ? v[STEP_PAYLOAD] : STR("{}"),
		.words = v[STEP_MESSAGE].n > 0 ? v[STEP_MESSAGE] : v[STEP_ERROR] };
	struct str rest;
	int op = CHANNEL_WORD(str_cut(s.type, ':', &rest), flows);

	channel_time(it, v[STEP_TIME]);
	it->origin = v[STEP_SESSION];
	if (op >= 0)
		return flow(it, &s, (enum flow_op)op);
	if (s.id.n == 0)
		return channel_misfit(it, "\"id\" is missing");
	if (str_eq(s.type, STR("approval:requested")))
		return v[STEP_PAYLOAD].p != NULL ? ask(it, &s) :
		    channel_misfit(it, "\"payload\" is missing");
	if (str_eq(s.type, STR("approval:approved")) || str_eq(s.type, STR("approval:rejected")))
		return answer(it, &s, str_ends(s.type, STR("approved")));
	return channel_misfit(it, "its type is not known");
}

const struct channel channel_workflow = { workflow_fields, STEP_FIELDS, apply_workflow };

/* ---- agents and the session */

static const struct channel_word statuses[] = {
	{ "idle", SESS_IDLE }, { "completed", SESS_IDLE }, { "error", SESS_IDLE },
	{ "starting", SESS_BUSY }, { "running", SESS_BUSY }, { "busy", SESS_BUSY },
	{ "paused", SESS_WAITING }, { "waiting", SESS_WAITING }, { "retry", SESS_RETRY },
	{ "lost", SESS_LOST },
};

enum {
	AGENT_ID, AGENT_SESSION, AGENT_TASK, AGENT_STATUS, AGENT_TURN, AGENT_TURNS, AGENT_PROGRESS, AGENT_TOOL,
	AGENT_MESSAGE, AGENT_ERROR, AGENT_TOKENS, AGENT_TIME, AGENT_FIELDS
};

static const struct field agents_fields[AGENT_FIELDS] = {
	[AGENT_ID] = { STR("agentId"), FIELD_NAME },
	[AGENT_SESSION] = { STR("sessionId"), FIELD_NAME }, [AGENT_TASK] = { STR("taskId"), FIELD_NAME },
	[AGENT_STATUS] = { STR("status"), FIELD_TEXT, true },
	[AGENT_TURN] = { STR("turn"), FIELD_NUMBER },
	[AGENT_TURNS] = { STR("maxTurns"), FIELD_NUMBER },
	[AGENT_PROGRESS] = { STR("progress"), FIELD_NUMBER },
	[AGENT_TOOL] = { STR("currentTool"), FIELD_TEXT },
	[AGENT_MESSAGE] = { STR("message"), FIELD_TEXT },
	[AGENT_ERROR] = { STR("error"), FIELD_PLAIN },
	[AGENT_TOKENS] = { STR("tokens"), FIELD_OBJECT },
	[AGENT_TIME] = { STR("timestamp"), FIELD_TIME },
};

static bool
apply_agents(struct channel_item *it, const struct str *v)
{
	struct event e = event_of(EVENT_AGENT), sess = event_of(EVENT_SESS);
	double progress = fields_double(v[AGENT_PROGRESS]);
	int status = CHANNEL_WORD(v[AGENT_STATUS], statuses);

	e.agent.id = v[AGENT_ID].n > 0 ? v[AGENT_ID] : it->key;
	if (e.agent.id.n == 0)
		return channel_misfit(it, "\"agentId\" is missing");
	channel_time(it, v[AGENT_TIME]);
	it->origin = v[AGENT_SESSION];
	e.agent.status = v[AGENT_STATUS];
	e.agent.turn = fields_i64(v[AGENT_TURN]);
	e.agent.max_turns = fields_i64(v[AGENT_TURNS]);
	if (progress >= 0)
		e.agent.progress = progress < 100 ? (int)progress : 100;
	e.agent.tool = v[AGENT_TOOL];
	e.agent.message = v[AGENT_MESSAGE];
	e.agent.error = v[AGENT_ERROR];
	channel_emit(it, &e);
	if (status >= 0) {
		sess.sess.status = (enum sess_status)status;
		channel_emit(it, &sess);
	}
	return channel_tokens(it, e.agent.id, v[AGENT_TOKENS]);
}

const struct channel channel_agents = { agents_fields, AGENT_FIELDS, apply_agents };

enum {
	SESSION_ID, SESSION_TITLE, SESSION_PARENT, SESSION_DIRECTORY, SESSION_MODEL,
	SESSION_STATUS, SESSION_MESSAGE, SESSION_TOKENS, SESSION_TIME, SESSION_FIELDS
};

static const struct field session_fields[SESSION_FIELDS] = {
	[SESSION_ID] = { STR("id"), FIELD_NAME }, [SESSION_TITLE] = { STR("title"), FIELD_TEXT },
	[SESSION_PARENT] = { STR("parent"), FIELD_NAME },
	[SESSION_DIRECTORY] = { STR("directory"), FIELD_TEXT },
	[SESSION_MODEL] = { STR("model"), FIELD_TEXT },
	[SESSION_STATUS] = { STR("status"), FIELD_TEXT },
	[SESSION_MESSAGE] = { STR("message"), FIELD_TEXT },
	[SESSION_TOKENS] = { STR("tokens"), FIELD_OBJECT },
	[SESSION_TIME] = { STR("timestamp"), FIELD_TIME },
};

static bool
apply_session(struct channel_item *it, const struct str *v)
{
	struct event e = event_of(EVENT_SESS);
	int status = v[SESSION_STATUS].p != NULL ? CHANNEL_WORD(v[SESSION_STATUS], statuses) :
	    SESS_UNSAID;

	if (status < 0)
		return channel_misfit(it, "\"status\" is none of idle, running, retry, waiting and lost");
	channel_time(it, v[SESSION_TIME]);
	e.sess.id = v[SESSION_ID].n > 0 ? v[SESSION_ID] : it->key;
	e.sess.title = v[SESSION_TITLE];
	e.sess.parent = v[SESSION_PARENT];
	e.sess.directory = v[SESSION_DIRECTORY];
	e.sess.model = v[SESSION_MODEL];
	e.sess.status = (enum sess_status)status;
	e.sess.message = v[SESSION_MESSAGE];
	channel_emit(it, &e);
	return channel_tokens(it, STR_NONE, v[SESSION_TOKENS]);
}

const struct channel channel_session = { session_fields, SESSION_FIELDS, apply_session };
