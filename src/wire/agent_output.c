/* Streams of what command-line agents put out: {"type":"output","chunk":{"type","content",…}}. */
#include "wire/channel.h"
#include "wire/json.h"
#include "wire/records.h"

struct output {
	const struct event_sink *sink;
	struct arena arena;
	int64_t time;
	struct str why;			/* what does not fit */
};

static void
emit(struct output *o, struct event *e)
{
	e->time = o->time;
	o->sink->event(o->sink->ctx, e);
}

static bool
read_fields(struct output *o, struct str object, const struct field *fields, size_t n, struct str *v)
{
	struct fields f = { .fields = fields, .n = n, .arena = &o->arena };
	bool fits = fields_read_text(&f, object.p != NULL ? object : STR("{}"), v);

	o->why = f.why;
	return fits;
}

static void
note(struct output *o, enum note_level level, struct str text)
{
	struct event e = event_of(EVENT_NOTE);

	e.note.level = level;
	e.note.text = text;
	emit(o, &e);
}

/* All that an agent says between two inputs is one text; a tool call divides it. */
static void
say(struct output *o, enum text_sort sort, struct str text)
{
	struct event e = event_of(EVENT_TEXT);

	e.text.msg = STR("output");
	e.text.sort = sort;
	e.text.op = TEXT_APPEND;
	e.text.data = text;
	emit(o, &e);
}

/* It has no id: the moment it came is the only name there is. */
static void
typed(struct output *o, struct str text)
{
	struct event e = event_of(EVENT_MSG), t = event_of(EVENT_TEXT);
	struct buf id = { 0 };

	buf_printf(&id, "typed %lld", (long long)o->time);
	e.msg.id = t.text.msg = buf_view(&id);
	e.msg.role = EVENT_ROLE_USER;
	e.msg.state = MSG_SENT;
	emit(o, &e);
	t.text.op = TEXT_REPLACE;
	t.text.data = text;
	emit(o, &t);
	buf_done(&id);
}

enum { META_ID, META_NAME, META_INPUT, META_ERROR, META_FIELDS };

static const struct field meta_fields[META_FIELDS] = {
	[META_ID] = { STR("toolUseId"), FIELD_NAME }, [META_NAME] = { STR("toolName"), FIELD_PLAIN },
	[META_INPUT] = { STR("input"), FIELD_PLAIN }, [META_ERROR] = { STR("isError"), FIELD_BOOL },
};

static bool
tool(struct output *o, bool result, struct str content, struct str meta)
{
	struct event e = event_of(EVENT_TOOL);
	struct str v[META_FIELDS];

	if (!read_fields(o, meta, meta_fields, META_FIELDS, v))
		return false;
	e.tool.id = v[META_ID].n > 0 ? v[META_ID] : STR("tool");
	e.tool.name = v[META_NAME];
	if (result) {
		e.tool.state = str_eq(v[META_ERROR], STR("true")) ? TOOL_ERROR : TOOL_OK;
		e.tool.output = content;
	} else {
		e.tool.state = TOOL_RUNNING;
		if (e.tool.name.n == 0)
			e.tool.name = content;
		e.tool.input = v[META_INPUT].n > 0 ? v[META_INPUT] : content;
	}
	emit(o, &e);
	return true;
}

static bool
take_chunk(struct output *o, struct str chunk)
{
	enum { TYPE, CONTENT, META, TIME, N };
	static const struct field fields[N] = {
		[TYPE] = { STR("type"), FIELD_TEXT, true },
		[CONTENT] = { STR("content"), FIELD_PLAIN, true },
		[META] = { STR("metadata"), FIELD_JSON }, [TIME] = { STR("timestamp"), FIELD_TIME },
	};
	struct str v[N];

	if (!read_fields(o, chunk, fields, N, v))
		return false;
	if (v[TIME].n > 0)
		o->time = fields_time(v[TIME]);
	if (str_eq(v[TYPE], STR("text")))
		say(o, TEXT_ANSWER, v[CONTENT]);
	else if (str_eq(v[TYPE], STR("thinking")))
		say(o, TEXT_REASON, v[CONTENT]);
	else if (str_eq(v[TYPE], STR("user_message")))
		typed(o, v[CONTENT]);
	else if (str_eq(v[TYPE], STR("tool_use")) || str_eq(v[TYPE], STR("tool_result")))
		return tool(o, str_eq(v[TYPE], STR("tool_result")), v[CONTENT], v[META]);
	else if (str_eq(v[TYPE], STR("error")) || str_eq(v[TYPE], STR("system")))
		note(o, str_eq(v[TYPE], STR("error")) ? NOTE_ERROR : NOTE_INFO, v[CONTENT]);
	else {
		o->why = STR("\"type\" is not known");
		return false;
	}
	return true;
}

static bool
take_status(struct output *o, struct str status)
{
	static const struct channel_word words[] = { { "pending", SESS_BUSY }, { "running", SESS_BUSY },
		{ "working", SESS_BUSY }, { "waiting_approval", SESS_WAITING },
		{ "waiting_input", SESS_WAITING }, { "idle", SESS_IDLE }, { "completed", SESS_IDLE },
		{ "failed", SESS_IDLE }, { "cancelled", SESS_IDLE } };
	struct event e = event_of(EVENT_SESS);
	int word = CHANNEL_WORD(status, words);

	if (status.p == NULL) {
		o->why = STR("\"status\" is missing");
		return false;
	}
	e.sess.status = word > 0 ? (enum sess_status)word : SESS_UNSAID;
	e.sess.message = status;
	emit(o, &e);
	return true;
}

static bool
take_ask(struct output *o, struct str record, enum ask_what what)
{
	enum { ID, PROMPT, COMMAND, N };
	static const struct field fields[N] = { [ID] = { STR("id"), FIELD_NAME },
		[PROMPT] = { STR("prompt"), FIELD_PLAIN }, [COMMAND] = { STR("command"), FIELD_PLAIN } };
	struct event e = event_of(EVENT_ASK);
	struct buf id = { 0 };
	struct str v[N];

	if (!read_fields(o, record, fields, N, v))
		return false;
	buf_printf(&id, "asked %lld", (long long)o->time);
	e.ask.id = v[ID].n > 0 ? v[ID] : buf_view(&id);
	e.ask.what = what;
	e.ask.text = v[COMMAND].n > 0 ? v[COMMAND] : v[PROMPT].n > 0 ? v[PROMPT] : record;
	emit(o, &e);
	buf_done(&id);
	return true;
}

/* What a program needs to go on, and the whole over again. */
static bool
is_for_programs(struct str type)
{
	return str_eq(type, STR("cli_session_id")) || str_eq(type, STR("daemon_started")) ||
	    str_eq(type, STR("agent_state"));
}

/* False when it is none of these; what does not fit is a warning. */
static bool
take(struct output *o, struct str record, struct str type, struct str chunk, struct str status)
{
	bool fits = true;

	if (str_eq(type, STR("output")))
		fits = take_chunk(o, chunk);
	else if (str_eq(type, STR("status_change")))
		fits = take_status(o, status);
	else if (str_eq(type, STR("approval_request")))
		fits = take_ask(o, record, ASK_PERMISSION);
	else if (str_eq(type, STR("input_request")))
		fits = take_ask(o, record, ASK_INPUT);
	else
		return is_for_programs(type);
	if (!fits)
		channel_warn(o->sink, o->time, type, o->why);
	return true;
}

bool
agent_output_decode(struct str record, const struct event_sink *sink)
{
	enum { TYPE, CHUNK, STATUS, TIME, N };
	static const struct field fields[N] = { [TYPE] = { STR("type"), FIELD_TEXT, true },
		[CHUNK] = { STR("chunk"), FIELD_JSON }, [STATUS] = { STR("status"), FIELD_PLAIN },
		[TIME] = { STR("timestamp"), FIELD_TIME } };
	struct output o = { .sink = sink };
	struct str v[N];
	bool is = false;

	if (read_fields(&o, record, fields, N, v)) {
		o.time = fields_time(v[TIME]);
		is = take(&o, record, v[TYPE], v[CHUNK], v[STATUS]);
	}
	arena_done(&o.arena);
	return is;
}
