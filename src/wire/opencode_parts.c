/* The parts of a message: text, reasoning, tool calls, and what stands around them. */
#include "wire/channel.h"
#include "wire/opencode.h"

/* ---- text and reasoning */

enum { TEXT_ID, TEXT_MSG, TEXT_TEXT, TEXT_TIME, TEXT_SYNTHETIC, TEXT_FIELDS };

static const struct field text_fields[TEXT_FIELDS] = {
	[TEXT_ID] = { STR("id"), FIELD_TEXT, true },
	[TEXT_MSG] = { STR("messageID"), FIELD_TEXT, true },
	[TEXT_TEXT] = { STR("text"), FIELD_TEXT }, [TEXT_TIME] = { STR("time"), FIELD_JSON },
	[TEXT_SYNTHETIC] = { STR("synthetic"), FIELD_JSON },
};

/* {"start","end"}; false: it is no such thing. */
static bool
times(struct opencode *o, struct str time, int64_t *start, int64_t *end)
{
	static const struct field fields[] = { { STR("start"), FIELD_TIME, false },
		{ STR("end"), FIELD_TIME, false } };
	struct str v[2];

	*start = *end = 0;
	if (time.p == NULL)
		return true;
	if (!opencode_fields(o, time, fields, 2, v))
		return false;
	*start = fields_time(v[0]);
	*end = fields_time(v[1]);
	return true;
}

/* The store has an empty text for what is being said; that says nothing. */
static bool
take_text(struct opencode *o, struct str part, enum text_sort sort)
{
	struct event e = event_of(EVENT_TEXT);
	struct str v[TEXT_FIELDS];
	int64_t start, end;

	if (!opencode_fields(o, part, text_fields, TEXT_FIELDS, v) ||
	    !times(o, v[TEXT_TIME], &start, &end))
		return false;
	/* What the server told the model in the user's name, a file's content for one. */
	if (str_eq(v[TEXT_SYNTHETIC], STR("true")))
		return true;
	if (start > 0)
		o->time = start;
	e.text.msg = v[TEXT_MSG];
	e.text.part = v[TEXT_ID];
	e.text.sort = sort;
	e.text.data = v[TEXT_TEXT];
	e.text.op = end > 0 ? TEXT_CLOSE : v[TEXT_TEXT].n > 0 ? TEXT_REPLACE : TEXT_OPEN;
	opencode_emit(o, &e);
	return true;
}

/* ---- tool calls */

enum { META_OUTPUT, META_EXIT, META_DIFF, META_SESSION, META_FIELDS };

static const struct field meta_fields[META_FIELDS] = {
	[META_OUTPUT] = { STR("output"), FIELD_PLAIN }, [META_EXIT] = { STR("exit"), FIELD_PLAIN },
	[META_DIFF] = { STR("diff"), FIELD_PLAIN },
	[META_SESSION] = { STR("sessionId"), FIELD_PLAIN },
};

enum {
	STATE_STATUS, STATE_INPUT, STATE_TITLE, STATE_META, STATE_TIME, STATE_OUTPUT, STATE_ERROR,
	STATE_RAW, STATE_FIELDS
};

static const struct field state_fields[STATE_FIELDS] = {
	[STATE_STATUS] = { STR("status"), FIELD_TEXT, true },
	[STATE_INPUT] = { STR("input"), FIELD_PLAIN }, [STATE_TITLE] = { STR("title"), FIELD_PLAIN },
	[STATE_META] = { STR("metadata"), FIELD_JSON }, [STATE_TIME] = { STR("time"), FIELD_JSON },
	[STATE_OUTPUT] = { STR("output"), FIELD_PLAIN },
	[STATE_ERROR] = { STR("error"), FIELD_PLAIN }, [STATE_RAW] = { STR("raw"), FIELD_PLAIN },
};

/* A command is shown as it is typed, everything else as the tool gets it. */
static struct str
input_of(struct opencode *o, struct str input)
{
	static const struct field fields[] = { { STR("command"), FIELD_PLAIN, false } };
	struct str v[1];

	if (input.n <= 2 || input.p[0] != '{')
		return input.n == 2 ? STR_NONE : input;
	return opencode_fields(o, input, fields, 1, v) && v[0].n > 0 ? v[0] : input;
}

static bool
take_meta(struct opencode *o, struct event *e, struct str meta)
{
	struct str v[META_FIELDS];

	if (meta.p == NULL || meta.p[0] != '{')
		return true;
	if (!opencode_fields(o, meta, meta_fields, META_FIELDS, v))
		return false;
	if (e->tool.output.n == 0)
		e->tool.output = v[META_OUTPUT];
	e->tool.exit_code = (int)fields_i64(v[META_EXIT]);
	e->tool.diff = v[META_DIFF];
	e->tool.child = v[META_SESSION];
	return true;
}

static bool
take_state(struct opencode *o, struct event *e, struct str state)
{
	static const struct channel_word states[] = { { "pending", TOOL_PENDING },
		{ "running", TOOL_RUNNING }, { "completed", TOOL_OK }, { "error", TOOL_ERROR } };
	struct str v[STATE_FIELDS];
	int64_t start, end;
	int word;

	if (!opencode_fields(o, state, state_fields, STATE_FIELDS, v) ||
	    !times(o, v[STATE_TIME], &start, &end))
		return false;
	word = CHANNEL_WORD(v[STATE_STATUS], states);
	if (word < 0)
		return opencode_misfit(o, "\"status\" is none of pending, running, completed and error");
	e->tool.state = (enum tool_state)word;
	e->tool.input = input_of(o, v[STATE_INPUT]);
	e->tool.title = v[STATE_TITLE];
	e->tool.output = v[STATE_OUTPUT];
	e->tool.error = v[STATE_ERROR];
	if (start > 0)
		o->time = start;
	if (end > 0 && start > 0)
		e->tool.ms = end - start;
	if (str_starts(v[STATE_ERROR], STR("The user rejected permission")))
		e->tool.state = TOOL_DENIED;
	return take_meta(o, e, v[STATE_META]);
}

static bool
take_tool(struct opencode *o, struct str part)
{
	enum { ID, MSG, CALL, TOOL, STATE, N };
	static const struct field fields[N] = {
		[ID] = { STR("id"), FIELD_TEXT },
		[MSG] = { STR("messageID"), FIELD_TEXT, true }, [CALL] = { STR("callID"), FIELD_NAME, true },
		[TOOL] = { STR("tool"), FIELD_TEXT, true }, [STATE] = { STR("state"), FIELD_JSON, true },
	};
	struct event e = event_of(EVENT_TOOL);
	struct str v[N];

	if (!opencode_fields(o, part, fields, N, v))
		return false;
	e.tool.id = opencode_call(o, v[MSG], v[CALL]);
	e.tool.msg = v[MSG];
	e.tool.part = v[ID];
	e.tool.name = v[TOOL];
	if (!take_state(o, &e, v[STATE]))
		return false;
	opencode_emit(o, &e);
	return true;
}

/* ---- the others */

static bool
take_file(struct opencode *o, struct str part)
{
	enum { ID, MSG, NAME, URL, MIME, N };
	static const struct field fields[N] = {
		[ID] = { STR("id"), FIELD_TEXT, true }, [MSG] = { STR("messageID"), FIELD_TEXT, true },
		[NAME] = { STR("filename"), FIELD_TEXT }, [URL] = { STR("url"), FIELD_TEXT },
		[MIME] = { STR("mime"), FIELD_TEXT },
	};
	struct event e = event_of(EVENT_TEXT);
	struct buf text = { 0 };
	struct str v[N];

	if (!opencode_fields(o, part, fields, N, v))
		return false;
	buf_str(&text, STR("[file: "));
	/* A data: URL is the file itself. */
	buf_str(&text, v[NAME].n > 0 || str_starts(v[URL], STR("data:")) ? v[NAME] : v[URL]);
	buf_printf(&text, " %.*s]", STR_ARG(v[MIME]));
	e.text.msg = v[MSG];
	e.text.part = v[ID];
	e.text.op = TEXT_CLOSE;
	e.text.data = buf_view(&text);
	opencode_emit(o, &e);
	buf_done(&text);
	return true;
}

static bool
take_retry(struct opencode *o, struct str part)
{
	enum { ID, ATTEMPT, ERROR, N };
	static const struct field fields[N] = {
		[ID] = { STR("id"), FIELD_TEXT, true }, [ATTEMPT] = { STR("attempt"), FIELD_NUMBER },
		[ERROR] = { STR("error"), FIELD_JSON },
	};
	struct event e = event_of(EVENT_FLOW);
	struct str v[N], name;

	if (!opencode_fields(o, part, fields, N, v))
		return false;
	e.flow.op = FLOW_STEP;
	e.flow.id = v[ID];
	e.flow.state = STR("retry");
	e.flow.text = opencode_error(o, v[ERROR], &name);
	opencode_emit(o, &e);
	return true;
}

static bool
take_compaction(struct opencode *o, struct str part)
{
	static const struct field fields[] = { { STR("id"), FIELD_TEXT, true } };
	struct event e = event_of(EVENT_FLOW);
	struct str v[1];

	if (!opencode_fields(o, part, fields, 1, v))
		return false;
	e.flow.op = FLOW_STEP;
	e.flow.id = v[0];
	e.flow.text = STR("the history is summarised");
	e.flow.state = STR("compaction");
	opencode_emit(o, &e);
	return true;
}

static bool
take_subtask(struct opencode *o, struct str part)
{
	enum { ID, MSG, PROMPT, AGENT, N };
	static const struct field fields[N] = {
		[ID] = { STR("id"), FIELD_TEXT, true }, [MSG] = { STR("messageID"), FIELD_TEXT, true },
		[PROMPT] = { STR("prompt"), FIELD_TEXT }, [AGENT] = { STR("agent"), FIELD_TEXT },
	};
	struct event e = event_of(EVENT_TEXT);
	struct buf text = { 0 };
	struct str v[N];

	if (!opencode_fields(o, part, fields, N, v))
		return false;
	buf_byte(&text, '@');
	buf_str(&text, v[AGENT]);
	buf_byte(&text, ' ');
	buf_str(&text, v[PROMPT]);
	e.text.msg = v[MSG];
	e.text.part = v[ID];
	e.text.op = TEXT_CLOSE;
	e.text.data = buf_view(&text);
	opencode_emit(o, &e);
	buf_done(&text);
	return true;
}

static bool
take_answer(struct opencode *o, struct str part)
{
	return take_text(o, part, TEXT_ANSWER);
}

static bool
take_reason(struct opencode *o, struct str part)
{
	return take_text(o, part, TEXT_REASON);
}

/* Told by other events, or of no use to a reader. */
static bool
take_nothing(struct opencode *o, struct str part)
{
	(void)o, (void)part;
	return true;
}

bool
opencode_part(struct opencode *o, struct str part)
{
	static const struct {
		const char *type;
		bool (*take)(struct opencode *o, struct str part);
	} parts[] = {
		{ "text", take_answer }, { "reasoning", take_reason }, { "tool", take_tool },
		{ "file", take_file }, { "retry", take_retry }, { "compaction", take_compaction },
		{ "subtask", take_subtask }, { "step-start", take_nothing },
		{ "step-finish", take_nothing }, { "patch", take_nothing }, { "snapshot", take_nothing },
		{ "agent", take_nothing },
	};
	static const struct field fields[] = { { STR("type"), FIELD_TEXT, true } };
	struct str v[1];

	if (!opencode_fields(o, part, fields, 1, v))
		return false;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (str_eq(v[0], str_from(parts[i].type)))
			return parts[i].take(o, part);
	return opencode_misfit(o, "a part of this type is not known");
}
