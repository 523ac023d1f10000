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

bool
channel_chunk(struct channel_item *it)
{
	enum { AGENT, TEXT, ACCUMULATED, TURN, TIME, KIND, STATE, ERROR, N };
	static const struct field fields[N] = {
		[AGENT] = { "agentId", FIELD_NAME, false }, [TEXT] = { "text", FIELD_TEXT, false },
		[ACCUMULATED] = { "accumulated", FIELD_TEXT, false }, [TURN] = { "turn", FIELD_NAME, false },
		[TIME] = { "timestamp", FIELD_TIME, false }, [KIND] = { "kind", FIELD_TEXT, false },
		[STATE] = { "state", FIELD_TEXT, false }, [ERROR] = { "error", FIELD_PLAIN, false },
	};
	static const struct channel_word states[] = { { "streaming", MSG_OPEN }, { "open", MSG_OPEN },
		{ "done", MSG_DONE }, { "complete", MSG_DONE }, { "cut", MSG_CUT }, { "error", MSG_ERROR } };
	struct str v[N], id;
	enum text_sort sort;
	int state;

	if (!CHANNEL_READ(it, fields, v))
		return false;
	state = v[STATE].p != NULL ? CHANNEL_WORD(v[STATE], states) : MSG_UNSAID;
	if (state < 0)
		return channel_misfit(it, "\"state\" is none of streaming, done, cut and error");
	if (v[TEXT].p == NULL && v[ACCUMULATED].p == NULL && v[STATE].p == NULL)
		return channel_misfit(it, "\"text\" is missing");
	channel_time(it, v[TIME]);
	id = channel_message(it, v[AGENT], v[TURN]);
	sort = str_eq(v[KIND], STR("reasoning")) ? TEXT_REASON : TEXT_ANSWER;
	/* Who speaks comes before what is said, how it ended behind it. */
	emit_message(it, id, v[AGENT], v[TURN], MSG_UNSAID, STR_NONE);
	if (v[ACCUMULATED].p != NULL)
		emit_text(it, id, sort, TEXT_REPLACE, v[ACCUMULATED]);
	else if (v[TEXT].n > 0)
		emit_text(it, id, sort, TEXT_APPEND, v[TEXT]);
	if (state != MSG_UNSAID || v[ERROR].n > 0)
		emit_message(it, id, v[AGENT], v[TURN], state, v[ERROR]);
	return true;
}

/* ---- tool calls */

bool
channel_tool(struct channel_item *it)
{
	enum { ID, AGENT, TURN, TOOL, INPUT, OUTPUT, STATUS, DURATION, TIME, DIFF, EXIT, TITLE, ERROR, N };
	static const struct field fields[N] = {
		[ID] = { "id", FIELD_NAME, false }, [AGENT] = { "agentId", FIELD_NAME, false },
		[TURN] = { "turn", FIELD_NAME, false }, [TOOL] = { "tool", FIELD_TEXT, false },
		[INPUT] = { "input", FIELD_PLAIN, false }, [OUTPUT] = { "output", FIELD_PLAIN, false },
		[STATUS] = { "status", FIELD_TEXT, true }, [DURATION] = { "duration", FIELD_NUMBER, false },
		[TIME] = { "timestamp", FIELD_TIME, false }, [DIFF] = { "diff", FIELD_TEXT, false },
		[EXIT] = { "exitCode", FIELD_NUMBER, false }, [TITLE] = { "title", FIELD_TEXT, false },
		[ERROR] = { "error", FIELD_PLAIN, false },
	};
	static const struct channel_word states[] = { { "pending", TOOL_PENDING },
		{ "running", TOOL_RUNNING }, { "complete", TOOL_OK }, { "completed", TOOL_OK },
		{ "error", TOOL_ERROR }, { "denied", TOOL_DENIED } };
	struct event e = event_of(EVENT_TOOL);
	struct str v[N];
	double ms;
	int state;

	if (!CHANNEL_READ(it, fields, v))
		return false;
	state = CHANNEL_WORD(v[STATUS], states);
	if (state < 0)
		return channel_misfit(it, "\"status\" is none of pending, running, complete and error");
	e.tool.id = v[ID].n > 0 ? v[ID] : it->key;
	if (e.tool.id.n == 0)
		return channel_misfit(it, "\"id\" is missing");
	channel_time(it, v[TIME]);
	if (v[TURN].n > 0)
		e.tool.msg = channel_message(it, v[AGENT], v[TURN]);
	e.tool.agent = v[AGENT];
	e.tool.name = v[TOOL];
	e.tool.title = v[TITLE];
	e.tool.input = v[INPUT];
	e.tool.output = v[OUTPUT];
	e.tool.diff = v[DIFF];
	e.tool.error = v[ERROR];
	e.tool.state = (enum tool_state)state;
	e.tool.exit_code = (int)fields_i64(v[EXIT]);
	ms = fields_double(v[DURATION]);
	if (ms >= 0 && ms < 1e15)
		e.tool.ms = (int64_t)ms;
	channel_emit(it, &e);
	return true;
}

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

bool
channel_terminal(struct channel_item *it)
{
	enum { ID, TYPE, DATA, SOURCE, USER, TIME, N };
	static const struct field fields[N] = {
		[ID] = { "id", FIELD_NAME, false }, [TYPE] = { "type", FIELD_TEXT, false },
		[DATA] = { "data", FIELD_TEXT, true }, [SOURCE] = { "source", FIELD_TEXT, false },
		[USER] = { "userId", FIELD_NAME, false }, [TIME] = { "timestamp", FIELD_TIME, false },
	};
	static const struct channel_word ops[] = { { "input", TERM_INPUT }, { "output", TERM_OUTPUT },
		{ "error", TERM_ERROR } };
	struct event e = event_of(EVENT_TERM);
	struct str v[N];
	int op;

	if (!CHANNEL_READ(it, fields, v))
		return false;
	op = CHANNEL_WORD(channel_type(it, v[TYPE]), ops);
	if (op < 0)
		return channel_misfit(it, "\"type\" is none of input, output and error");
	channel_time(it, v[TIME]);
	e.term.id = v[ID].n > 0 ? v[ID] : it->key;
	if (op == TERM_INPUT && str_eq(v[SOURCE], STR("user")) && e.term.id.n > 0) {
		emit_typed(it, e.term.id, v[USER], v[DATA]);
		return true;
	}
	e.term.source = v[SOURCE];
	e.term.data = v[DATA];
	e.term.op = (enum term_op)op;
	channel_emit(it, &e);
	return true;
}
