/* What is said and done: chunks of answers, tool calls, the terminal. */
#include "wire/channel.h"

/* ---- chunks */

static void
emit_message(struct channel_item *it, struct str id, struct str agent, struct str turn,
    enum msg_state state, struct str error)
{
	struct event e = event_of(EVENT_MSG);

	e.msg.id = id;
	e.msg.agent = agent;
	e.msg.turn = turn;
	e.msg.role = EVENT_ROLE_AGENT;
	e.msg.state = state;
	e.msg.error = error;
	channel_emit(it, &e);
}

/* The part is not named: a message has one of each sort. */
static void
emit_text(struct channel_item *it, struct str id, enum text_sort sort, enum text_op op,
    struct str data)
{
	struct event e = event_of(EVENT_TEXT);

	e.text.msg = id;
	e.text.sort = sort;
	e.text.op = op;
	e.text.data = data;
	channel_emit(it, &e);
}

enum {
	CHUNK_ID, CHUNK_AGENT, CHUNK_SESSION, CHUNK_TEXT, CHUNK_ACCUMULATED, CHUNK_TURN, CHUNK_TIME,
	CHUNK_KIND, CHUNK_STATE, CHUNK_ERROR, CHUNK_FIELDS
};

static const struct field chunks_fields[CHUNK_FIELDS] = {
	[CHUNK_ID] = { STR("id"), FIELD_NAME }, [CHUNK_AGENT] = { STR("agentId"), FIELD_NAME },
	[CHUNK_SESSION] = { STR("sessionId"), FIELD_NAME },
	[CHUNK_TEXT] = { STR("text"), FIELD_TEXT },
	[CHUNK_ACCUMULATED] = { STR("accumulated"), FIELD_TEXT },
	[CHUNK_TURN] = { STR("turn"), FIELD_NAME },
	[CHUNK_TIME] = { STR("timestamp"), FIELD_TIME },
	[CHUNK_KIND] = { STR("kind"), FIELD_TEXT }, [CHUNK_STATE] = { STR("state"), FIELD_TEXT },
	[CHUNK_ERROR] = { STR("error"), FIELD_PLAIN },
};

static bool
apply_chunks(struct channel_item *it, const struct str *v)
{
	static const struct channel_word states[] = { { "streaming", MSG_OPEN }, { "open", MSG_OPEN },
		{ "done", MSG_DONE }, { "complete", MSG_DONE }, { "cut", MSG_CUT }, { "error", MSG_ERROR } };
	int state = v[CHUNK_STATE].p != NULL ? CHANNEL_WORD(v[CHUNK_STATE], states) : MSG_UNSAID;
	enum text_sort sort;
	struct str id;

	if (state < 0)
		return channel_misfit(it, "\"state\" is none of streaming, done, cut and error");
	if (v[CHUNK_TEXT].p == NULL && v[CHUNK_ACCUMULATED].p == NULL && v[CHUNK_STATE].p == NULL)
		return channel_misfit(it, "\"text\" is missing");
	channel_time(it, v[CHUNK_TIME]);
	id = channel_message(it, v[CHUNK_AGENT], v[CHUNK_TURN]);
	sort = str_eq(v[CHUNK_KIND], STR("reasoning")) ? TEXT_REASON : TEXT_ANSWER;
	/* Who speaks comes before what is said, how it ended behind it. */
	emit_message(it, id, v[CHUNK_AGENT], v[CHUNK_TURN], MSG_UNSAID, STR_NONE);
	if (v[CHUNK_ACCUMULATED].p != NULL)
		emit_text(it, id, sort, TEXT_REPLACE, v[CHUNK_ACCUMULATED]);
	else if (v[CHUNK_TEXT].n > 0)
		emit_text(it, id, sort, TEXT_APPEND, v[CHUNK_TEXT]);
	if (state != MSG_UNSAID || v[CHUNK_ERROR].n > 0)
		emit_message(it, id, v[CHUNK_AGENT], v[CHUNK_TURN], state, v[CHUNK_ERROR]);
	return true;
}

const struct channel channel_chunks = { chunks_fields, CHUNK_FIELDS, apply_chunks };

/* ---- tool calls */

enum {
	CALL_ID, CALL_AGENT, CALL_SESSION, CALL_TURN, CALL_TOOL, CALL_INPUT, CALL_OUTPUT, CALL_STATUS,
	CALL_DURATION, CALL_TIME, CALL_DIFF, CALL_EXIT, CALL_TITLE, CALL_ERROR, CALL_FIELDS
};

static const struct field tools_fields[CALL_FIELDS] = {
	[CALL_ID] = { STR("id"), FIELD_NAME }, [CALL_AGENT] = { STR("agentId"), FIELD_NAME },
	[CALL_SESSION] = { STR("sessionId"), FIELD_NAME },
	[CALL_TURN] = { STR("turn"), FIELD_NAME }, [CALL_TOOL] = { STR("tool"), FIELD_TEXT },
	[CALL_INPUT] = { STR("input"), FIELD_PLAIN },
	[CALL_OUTPUT] = { STR("output"), FIELD_PLAIN },
	[CALL_STATUS] = { STR("status"), FIELD_TEXT, true },
	[CALL_DURATION] = { STR("duration"), FIELD_NUMBER },
	[CALL_TIME] = { STR("timestamp"), FIELD_TIME }, [CALL_DIFF] = { STR("diff"), FIELD_TEXT },
	[CALL_EXIT] = { STR("exitCode"), FIELD_NUMBER },
	[CALL_TITLE] = { STR("title"), FIELD_TEXT }, [CALL_ERROR] = { STR("error"), FIELD_PLAIN },
};

_Static_assert(sizeof tools_fields / sizeof *tools_fields <= CHANNEL_FIELDS_MAX,
    "of all channels this one has the most fields");

static bool
apply_tools(struct channel_item *it, const struct str *v)
{
	static const struct channel_word states[] = { { "pending", TOOL_PENDING },
		{ "running", TOOL_RUNNING }, { "complete", TOOL_OK }, { "completed", TOOL_OK },
		{ "error", TOOL_ERROR }, { "denied", TOOL_DENIED } };
	struct event e = event_of(EVENT_TOOL);
	int state = CHANNEL_WORD(v[CALL_STATUS], states);
	double ms = fields_double(v[CALL_DURATION]);

	if (state < 0)
		return channel_misfit(it, "\"status\" is none of pending, running, complete and error");
	e.tool.id = v[CALL_ID].n > 0 ? v[CALL_ID] : it->key;
	if (e.tool.id.n == 0)
		return channel_misfit(it, "\"id\" is missing");
	if (v[CALL_TOOL].n == 0 && str_eq(it->type, STR("tool:start")))
		return channel_misfit(it, "\"tool\" is missing");
	channel_time(it, v[CALL_TIME]);
	it->origin = v[CALL_SESSION];
	if (v[CALL_TURN].n > 0)
		e.tool.msg = channel_message(it, v[CALL_AGENT], v[CALL_TURN]);
	e.tool.agent = v[CALL_AGENT];
	e.tool.name = v[CALL_TOOL];
	e.tool.title = v[CALL_TITLE];
	e.tool.input = v[CALL_INPUT];
	e.tool.output = v[CALL_OUTPUT];
	e.tool.diff = v[CALL_DIFF];
	e.tool.error = v[CALL_ERROR];
	e.tool.state = (enum tool_state)state;
	e.tool.exit_code = (int)fields_i64(v[CALL_EXIT]);
	if (ms >= 0 && ms < 1e15)
		e.tool.ms = (int64_t)ms;
	channel_emit(it, &e);
	return true;
}

const struct channel channel_tools = { tools_fields, CALL_FIELDS, apply_tools };

/* ---- terminal */

/* What a person typed is a message, whose id an echo is recognised by. */
static void
emit_typed(struct channel_item *it, struct str id, struct str user, struct str text)
{
	struct event e = event_of(EVENT_MSG);

	e.msg.id = id;
	e.msg.agent = user;
	e.msg.role = EVENT_ROLE_USER;
	e.msg.state = MSG_SENT;
	channel_emit(it, &e);
	emit_text(it, id, TEXT_ANSWER, TEXT_REPLACE, text);
}

enum {
	LINE_ID, LINE_SESSION, LINE_TYPE, LINE_DATA, LINE_SOURCE, LINE_USER, LINE_TIME, LINE_FIELDS
};

static const struct field terminal_fields[LINE_FIELDS] = {
	[LINE_ID] = { STR("id"), FIELD_NAME }, [LINE_SESSION] = { STR("sessionId"), FIELD_NAME },
	[LINE_TYPE] = { STR("type"), FIELD_TEXT },
	[LINE_DATA] = { STR("data"), FIELD_TEXT, true },
	[LINE_SOURCE] = { STR("source"), FIELD_TEXT },
	[LINE_USER] = { STR("userId"), FIELD_NAME },
	[LINE_TIME] = { STR("timestamp"), FIELD_TIME },
};

static bool
apply_terminal(struct channel_item *it, const struct str *v)
{
	static const struct channel_word ops[] = { { "input", TERM_INPUT }, { "output", TERM_OUTPUT },
		{ "error", TERM_ERROR } };
	struct event e = event_of(EVENT_TERM);
	int op = CHANNEL_WORD(channel_type(it, v[LINE_TYPE]), ops);

	if (op < 0)
		return channel_misfit(it, "\"type\" is none of input, output and error");
	channel_time(it, v[LINE_TIME]);
	e.term.id = v[LINE_ID].n > 0 ? v[LINE_ID] : it->key;
	if (e.term.id.n == 0)
		return channel_misfit(it, "\"id\" is missing");
	if (op == TERM_INPUT && str_eq(v[LINE_SOURCE], STR("user"))) {
		emit_typed(it, e.term.id, v[LINE_USER], v[LINE_DATA]);
		return true;
	}
	e.term.source = v[LINE_SOURCE];
	e.term.data = v[LINE_DATA];
	e.term.op = (enum term_op)op;
	channel_emit(it, &e);
	return true;
}

const struct channel channel_terminal = { terminal_fields, LINE_FIELDS, apply_terminal };
