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

bool
channel_presence(struct channel_item *it)
{
	enum { USER, NAME, FILE, SEEN, TYPE, TIME, N };
	static const struct field fields[N] = {
		[USER] = { "userId", FIELD_NAME, false }, [NAME] = { "displayName", FIELD_TEXT, false },
		[FILE] = { "activeFile", FIELD_TEXT, false }, [SEEN] = { "lastSeen", FIELD_TIME, false },
		[TYPE] = { "type", FIELD_TEXT, false }, [TIME] = { "timestamp", FIELD_TIME, false },
	};
	struct event e = event_of(EVENT_WHO);
	struct str v[N];

	if (!CHANNEL_READ(it, fields, v))
		return false;
	e.who.user = v[USER].n > 0 ? v[USER] : it->key;
	if (e.who.user.n == 0)
		return channel_misfit(it, "\"userId\" is missing");
	channel_time(it, v[TIME].n > 0 ? v[TIME] : v[SEEN]);
	e.who.name = v[NAME];
	e.who.file = v[FILE];
	if (v[SEEN].n > 0)
		e.who.seen = fields_time(v[SEEN]);
	e.who.op = who_op(it, v[TYPE]);
	channel_emit(it, &e);
	return true;
}

/* ---- workflow */

struct step {
	struct str id, type, actor, payload;
};

static bool
ask(struct channel_item *it, const struct step *s)
{
	enum { KIND, TOOL, TITLE, COMMAND, INPUT, TEXT, OPTIONS, N };
	static const struct field fields[N] = {
		[KIND] = { "kind", FIELD_TEXT, false }, [TOOL] = { "tool", FIELD_TEXT, false },
		[TITLE] = { "title", FIELD_TEXT, false }, [COMMAND] = { "command", FIELD_PLAIN, false },
		[INPUT] = { "input", FIELD_PLAIN, false }, [TEXT] = { "text", FIELD_TEXT, false },
		[OPTIONS] = { "options", FIELD_ARRAY, false },
	};
	static const struct channel_word kinds[] = { { "permission", ASK_PERMISSION },
		{ "question", ASK_QUESTION }, { "plan", ASK_PLAN }, { "input", ASK_INPUT } };
	struct event e = event_of(EVENT_ASK);
	struct str v[N];
	int kind;

	if (!fields_read(s->payload, fields, N, v, &it->arena, &it->why))
		return false;
	kind = v[KIND].p != NULL ? CHANNEL_WORD(v[KIND], kinds) : ASK_PERMISSION;
	if (kind < 0)
		return channel_misfit(it, "\"kind\" is none of permission, question, plan and input");
	e.ask.id = s->id;
	e.ask.what = (enum ask_what)kind;
	e.ask.tool = v[TOOL];
	e.ask.title = v[TITLE];
	e.ask.text = v[COMMAND].p != NULL ? v[COMMAND] : v[INPUT].p != NULL ? v[INPUT] : v[TEXT];
	e.ask.options = v[OPTIONS];
	channel_emit(it, &e);
	return true;
}

static bool
answer(struct channel_item *it, const struct step *s, bool approved)
{
	enum { ASK, SCOPE, TEXT, N };
	static const struct field fields[N] = {
		[ASK] = { "ask", FIELD_NAME, false }, [SCOPE] = { "scope", FIELD_TEXT, false },
		[TEXT] = { "text", FIELD_TEXT, false },
	};
	struct event e = event_of(EVENT_ANSWER);
	struct str v[N];

	if (!fields_read(s->payload, fields, N, v, &it->arena, &it->why))
		return false;
	/* Without an `ask` the item has the id of the request it answers. */
	e.answer.ask = v[ASK].n > 0 ? v[ASK] : s->id;
	e.answer.by = s->actor;
	e.answer.text = v[TEXT];
	if (!approved)
		e.answer.answer = str_eq(v[SCOPE], STR("expired")) ? ANSWER_EXPIRED : ANSWER_REJECT;
	else if (str_eq(v[SCOPE], STR("always")))
		e.answer.answer = ANSWER_ALWAYS;
	else
		e.answer.answer = v[TEXT].n > 0 ? ANSWER_TEXT : ANSWER_ONCE;
	channel_emit(it, &e);
	return true;
}

static bool
flow(struct channel_item *it, const struct step *s, enum flow_op op)
{
	enum { ID, TEXT, BRANCH, PATH, STATE, N };
	static const struct field fields[N] = {
		[ID] = { "id", FIELD_NAME, false }, [TEXT] = { "text", FIELD_TEXT, false },
		[BRANCH] = { "branch", FIELD_TEXT, false }, [PATH] = { "path", FIELD_TEXT, false },
		[STATE] = { "state", FIELD_TEXT, false },
	};
	struct event e = event_of(EVENT_FLOW);
	struct str v[N], what;

	if (!fields_read(s->payload, fields, N, v, &it->arena, &it->why))
		return false;
	str_cut(s->type, ':', &what);
	e.flow.op = op;
	e.flow.id = v[ID].n > 0 ? v[ID] : s->id;
	e.flow.text = v[TEXT].n > 0 ? v[TEXT] : v[BRANCH].n > 0 ? v[BRANCH] : v[PATH];
	if (e.flow.text.n == 0)
		e.flow.text = s->type;
	e.flow.state = v[STATE].n > 0 ? v[STATE] : what;
	channel_emit(it, &e);
	return true;
}

bool
channel_workflow(struct channel_item *it)
{
	enum { ID, TYPE, PAYLOAD, ACTOR, TIME, N };
	static const struct field fields[N] = {
		[ID] = { "id", FIELD_NAME, false }, [TYPE] = { "type", FIELD_TEXT, false },
		[PAYLOAD] = { "payload", FIELD_JSON, false }, [ACTOR] = { "actor", FIELD_NAME, false },
		[TIME] = { "timestamp", FIELD_TIME, false },
	};
	static const struct channel_word flows[] = { { "todo", FLOW_TODO }, { "plan", FLOW_PLAN },
		{ "step", FLOW_STEP }, { "stage", FLOW_STAGE }, { "file", FLOW_FILE }, { "spawn", FLOW_SPAWN },
		{ "agent", FLOW_STAGE }, { "worktree", FLOW_WORKTREE } };
	struct str v[N], rest;
	struct step s;
	int op;

	if (!CHANNEL_READ(it, fields, v))
		return false;
	channel_time(it, v[TIME]);
	s = (struct step){ v[ID].n > 0 ? v[ID] : it->key, v[TYPE].n > 0 ? v[TYPE] : it->type, v[ACTOR],
		v[PAYLOAD].p != NULL ? v[PAYLOAD] : STR("{}") };
	op = CHANNEL_WORD(str_cut(s.type, ':', &rest), flows);
	if (op >= 0)
		return flow(it, &s, (enum flow_op)op);
	if (s.id.n == 0)
		return channel_misfit(it, "\"id\" is missing");
	if (str_eq(s.type, STR("approval:requested")))
		return ask(it, &s);
	if (str_eq(s.type, STR("approval:approved")) || str_eq(s.type, STR("approval:rejected")))
		return answer(it, &s, str_ends(s.type, STR("approved")));
	return channel_misfit(it, "its type is not known");
}

/* ---- agents and the session */

static const struct channel_word statuses[] = {
	{ "idle", SESS_IDLE }, { "completed", SESS_IDLE }, { "error", SESS_IDLE },
	{ "starting", SESS_BUSY }, { "running", SESS_BUSY }, { "busy", SESS_BUSY },
	{ "paused", SESS_WAITING }, { "waiting", SESS_WAITING }, { "retry", SESS_RETRY },
	{ "lost", SESS_LOST },
};

bool
channel_agent(struct channel_item *it)
{
	enum { ID, STATUS, TURN, TURNS, PROGRESS, TOOL, MESSAGE, ERROR, TOKENS, TIME, N };
	static const struct field fields[N] = {
		[ID] = { "agentId", FIELD_NAME, false }, [STATUS] = { "status", FIELD_TEXT, true },
		[TURN] = { "turn", FIELD_NUMBER, false }, [TURNS] = { "maxTurns", FIELD_NUMBER, false },
		[PROGRESS] = { "progress", FIELD_NUMBER, false }, [TOOL] = { "currentTool", FIELD_TEXT, false },
		[MESSAGE] = { "message", FIELD_TEXT, false }, [ERROR] = { "error", FIELD_PLAIN, false },
		[TOKENS] = { "tokens", FIELD_JSON, false }, [TIME] = { "timestamp", FIELD_TIME, false },
	};
	struct event e = event_of(EVENT_AGENT), sess = event_of(EVENT_SESS);
	struct str v[N];
	double progress;
	int status;

	if (!CHANNEL_READ(it, fields, v))
		return false;
	e.agent.id = v[ID].n > 0 ? v[ID] : it->key;
	if (e.agent.id.n == 0)
		return channel_misfit(it, "\"agentId\" is missing");
	channel_time(it, v[TIME]);
	e.agent.status = v[STATUS];
	e.agent.turn = fields_i64(v[TURN]);
	e.agent.max_turns = fields_i64(v[TURNS]);
	progress = fields_double(v[PROGRESS]);
	if (progress >= 0)
		e.agent.progress = progress < 100 ? (int)progress : 100;
	e.agent.tool = v[TOOL];
	e.agent.message = v[MESSAGE];
	e.agent.error = v[ERROR];
	channel_emit(it, &e);
	status = CHANNEL_WORD(v[STATUS], statuses);
	if (status >= 0) {
		sess.sess.status = (enum sess_status)status;
		channel_emit(it, &sess);
	}
	return channel_tokens(it, v[TOKENS]);
}

bool
channel_session(struct channel_item *it)
{
	enum { ID, TITLE, PARENT, DIRECTORY, MODEL, STATUS, MESSAGE, TOKENS, TIME, N };
	static const struct field fields[N] = {
		[ID] = { "id", FIELD_NAME, false }, [TITLE] = { "title", FIELD_TEXT, false },
		[PARENT] = { "parent", FIELD_NAME, false }, [DIRECTORY] = { "directory", FIELD_TEXT, false },
		[MODEL] = { "model", FIELD_TEXT, false }, [STATUS] = { "status", FIELD_TEXT, false },
		[MESSAGE] = { "message", FIELD_TEXT, false }, [TOKENS] = { "tokens", FIELD_JSON, false },
		[TIME] = { "timestamp", FIELD_TIME, false },
	};
	struct event e = event_of(EVENT_SESS);
	struct str v[N];
	int status;

	if (!CHANNEL_READ(it, fields, v))
		return false;
	status = v[STATUS].p != NULL ? CHANNEL_WORD(v[STATUS], statuses) : SESS_UNSAID;
	if (status < 0)
		return channel_misfit(it, "\"status\" is none of idle, running, retry, waiting and lost");
	channel_time(it, v[TIME]);
	e.sess.id = v[ID].n > 0 ? v[ID] : it->key;
	e.sess.title = v[TITLE];
	e.sess.parent = v[PARENT];
	e.sess.directory = v[DIRECTORY];
	e.sess.model = v[MODEL];
	e.sess.status = (enum sess_status)status;
	e.sess.message = v[MESSAGE];
	channel_emit(it, &e);
	return channel_tokens(it, v[TOKENS]);
}
