/* Events of an opencode server: the session, its messages, what is asked and what is to do. */
#include "wire/opencode.h"

#include <string.h>

#include "wire/channel.h"

void
opencode_emit(struct opencode *o, struct event *e)
{
	e->time = o->time;
	e->whose = o->whose;
	o->sink->event(o->sink->ctx, e);
}

bool
opencode_misfit(struct opencode *o, const char *why)
{
	o->why = str_from(why);
	return false;
}

bool
opencode_fields(struct opencode *o, struct str object, const struct field *fields, size_t n,
    struct str *values)
{
	struct fields f = { .fields = fields, .n = n, .arena = &o->arena };
	bool fits = fields_read_text(&f, object, values);

	if (!fits)
		o->why = f.why;
	return fits;
}

static struct str
join(struct opencode *o, struct str a, const char *sep, struct str b)
{
	size_t n = strlen(sep);
	char *p = arena_alloc(&o->arena, a.n + n + b.n + 1);

	if (a.n > 0)
		memcpy(p, a.p, a.n);
	memcpy(p + a.n, sep, n);
	if (b.n > 0)
		memcpy(p + a.n + n, b.p, b.n);
	return str_of(p, a.n + n + b.n);
}

struct str
opencode_call(struct opencode *o, struct str message, struct str call)
{
	return join(o, message, "/", call);
}

struct str
opencode_error(struct opencode *o, struct str error, struct str *name)
{
	static const struct field fields[] = { { STR("name"), FIELD_PLAIN, false },
		{ STR("data"), FIELD_JSON, false } };
	static const struct field data[] = { { STR("message"), FIELD_PLAIN, false } };
	struct str v[2], message[1] = { STR_NONE };

	*name = STR_NONE;
	if (error.p == NULL || !opencode_fields(o, error, fields, 2, v))
		return error;
	*name = v[0];
	if (v[1].p != NULL && opencode_fields(o, v[1], data, 1, message) && message[0].n > 0)
		return join(o, v[0], v[0].n > 0 ? ": " : "", message[0]);
	return v[0].n > 0 ? v[0] : error;
}

/* ---- the session */

static bool
take_tokens(struct opencode *o, struct str tokens, struct str cost)
{
	enum { IN, OUT, CACHE, N };
	static const struct field fields[N] = { [IN] = { STR("input"), FIELD_NUMBER },
		[OUT] = { STR("output"), FIELD_NUMBER }, [CACHE] = { STR("cache"), FIELD_JSON } };
	static const struct field cache[] = { { STR("read"), FIELD_NUMBER, false } };
	struct event e = event_of(EVENT_USE);
	struct str v[N], read[1] = { STR_NONE };

	if (tokens.p == NULL)
		return true;
	if (!opencode_fields(o, tokens, fields, N, v) ||
	    (v[CACHE].p != NULL && !opencode_fields(o, v[CACHE], cache, 1, read)))
		return false;
	e.use.input = fields_i64(v[IN]);
	e.use.output = fields_i64(v[OUT]);
	e.use.cached = fields_i64(read[0]);
	e.use.cost = fields_double(cost);
	opencode_emit(o, &e);
	return true;
}

static struct str
model_of(struct opencode *o, struct str model)
{
	static const struct field fields[] = { { STR("id"), FIELD_PLAIN, false },
		{ STR("providerID"), FIELD_PLAIN, false }, { STR("modelID"), FIELD_PLAIN, false } };
	struct str v[3], name;

	if (model.p == NULL || !opencode_fields(o, model, fields, 3, v))
		return STR_NONE;
	name = v[0].n > 0 ? v[0] : v[2];
	return v[1].n > 0 ? join(o, v[1], "/", name) : name;
}

static const struct field back_fields[] = {
	{ STR("messageID"), FIELD_TEXT, true }, { STR("partID"), FIELD_TEXT, false },
};

/* What an object names, nothing where there is none. */
static bool
emit_back(struct opencode *o, struct str what, enum back_op op)
{
	struct event e = event_of(EVENT_BACK);
	struct str v[2] = { STR_NONE, STR_NONE };

	if (what.p != NULL && !opencode_fields(o, what, back_fields, 2, v))
		return false;
	e.back.op = v[0].n > 0 ? op : BACK_NONE;
	e.back.msg = v[0];
	e.back.part = v[1];
	opencode_emit(o, &e);
	return true;
}

static bool
take_session(struct opencode *o, struct str properties)
{
	enum { ID, TITLE, PARENT, DIRECTORY, AGENT, MODEL, TOKENS, COST, REVERT, N };
	static const struct field outer[] = { { STR("info"), FIELD_JSON, true } };
	static const struct field fields[N] = {
		[ID] = { STR("id"), FIELD_TEXT, true }, [TITLE] = { STR("title"), FIELD_TEXT },
		[PARENT] = { STR("parentID"), FIELD_TEXT },
		[DIRECTORY] = { STR("directory"), FIELD_TEXT }, [AGENT] = { STR("agent"), FIELD_TEXT },
		[MODEL] = { STR("model"), FIELD_JSON }, [TOKENS] = { STR("tokens"), FIELD_JSON },
		[COST] = { STR("cost"), FIELD_NUMBER }, [REVERT] = { STR("revert"), FIELD_JSON },
	};
	struct event e = event_of(EVENT_SESS);
	struct str info[1], v[N];

	if (!opencode_fields(o, properties, outer, 1, info) ||
	    !opencode_fields(o, info[0], fields, N, v))
		return false;
	o->whose = v[ID];
	e.sess.id = v[ID];
	e.sess.title = v[TITLE];
	e.sess.parent = v[PARENT];
	e.sess.directory = v[DIRECTORY];
	e.sess.agent = v[AGENT];
	e.sess.model = model_of(o, v[MODEL]);
	opencode_emit(o, &e);
	/* Until the next prompt what is reverted can be had back, and is only not counted. */
	return take_tokens(o, v[TOKENS], v[COST]) && emit_back(o, v[REVERT], BACK_FROM);
}

static bool
take_status(struct opencode *o, struct str properties)
{
	enum { TYPE, ATTEMPT, MESSAGE, NEXT, N };
	static const struct field outer[] = { { STR("status"), FIELD_JSON, true } };
	static const struct field fields[N] = {
		[TYPE] = { STR("type"), FIELD_TEXT, true }, [ATTEMPT] = { STR("attempt"), FIELD_NUMBER },
		[MESSAGE] = { STR("message"), FIELD_PLAIN }, [NEXT] = { STR("next"), FIELD_NUMBER },
	};
	static const struct channel_word statuses[] = { { "idle", SESS_IDLE }, { "busy", SESS_BUSY },
		{ "retry", SESS_RETRY } };
	struct event e = event_of(EVENT_SESS);
	struct str status[1], v[N];
	int word;

	if (!opencode_fields(o, properties, outer, 1, status) ||
	    !opencode_fields(o, status[0], fields, N, v))
		return false;
	word = CHANNEL_WORD(v[TYPE], statuses);
	if (word < 0)
		return opencode_misfit(o, "\"type\" is none of idle, busy and retry");
	e.sess.id = o->whose;
	e.sess.status = (enum sess_status)word;
	e.sess.message = v[MESSAGE];
	e.sess.attempt = fields_i64(v[ATTEMPT]);
	e.sess.next = fields_i64(v[NEXT]);
	opencode_emit(o, &e);
	return true;
}

/* By whoever: nothing follows, and nothing else says so. */
static bool
take_deleted(struct opencode *o, struct str properties)
{
	struct event e = event_of(EVENT_NOTE);

	(void)properties;
	e.note.level = NOTE_WARN;
	e.note.text = STR("The session was deleted on the server.");
	opencode_emit(o, &e);
	return true;
}

static bool
say_status(struct opencode *o, enum sess_status status)
{
	struct event e = event_of(EVENT_SESS);

	e.sess.id = o->whose;
	e.sess.status = status;
	opencode_emit(o, &e);
	return true;
}

static bool
take_idle(struct opencode *o, struct str properties)
{
	(void)properties;
	return say_status(o, SESS_IDLE);
}

/* The server does not know of the turn that is not ended here. */
static bool
take_lost(struct opencode *o, struct str properties)
{
	(void)properties;
	return say_status(o, SESS_LOST);
}

static bool
take_error(struct opencode *o, struct str properties)
{
	static const struct field fields[] = { { STR("error"), FIELD_JSON, false } };
	struct event e = event_of(EVENT_NOTE);
	struct str v[1], name;

	if (!opencode_fields(o, properties, fields, 1, v))
		return false;
	e.note.text = opencode_error(o, v[0], &name);
	e.note.level = NOTE_ERROR;
	e.note.turn = true;
	/* Somebody stopped it; the message says so. */
	if (!str_eq(name, STR("MessageAbortedError")))
		opencode_emit(o, &e);
	return true;
}

/* ---- messages */

enum {
	INFO_ID, INFO_ROLE, INFO_PARENT, INFO_AGENT, INFO_TIME, INFO_ERROR, INFO_TOKENS, INFO_FIELDS
};

static const struct field info_fields[INFO_FIELDS] = {
	[INFO_ID] = { STR("id"), FIELD_TEXT, true }, [INFO_ROLE] = { STR("role"), FIELD_TEXT, true },
	[INFO_PARENT] = { STR("parentID"), FIELD_TEXT }, [INFO_AGENT] = { STR("agent"), FIELD_TEXT },
	[INFO_TIME] = { STR("time"), FIELD_JSON }, [INFO_ERROR] = { STR("error"), FIELD_JSON },
	[INFO_TOKENS] = { STR("tokens"), FIELD_JSON },
};

/* All that the model was given to read, and what it said, is in the next request. */
static bool
take_context(struct opencode *o, struct str tokens)
{
	static const struct field fields[] = { { STR("total"), FIELD_NUMBER, false } };
	struct event e = event_of(EVENT_USE);
	struct str v[1];

	if (tokens.p == NULL)
		return true;
	if (!opencode_fields(o, tokens, fields, 1, v))
		return false;
	e.use.context = fields_i64(v[0]);
	if (e.use.context > 0)
		opencode_emit(o, &e);
	return true;
}

static bool
take_message(struct opencode *o, struct str properties)
{
	static const struct field outer[] = { { STR("info"), FIELD_JSON, true } };
	static const struct field times[] = { { STR("created"), FIELD_TIME, false },
		{ STR("completed"), FIELD_TIME, false } };
	struct event e = event_of(EVENT_MSG);
	struct str info[1], v[INFO_FIELDS], time[2] = { STR_NONE, STR_NONE }, name = STR_NONE;
	bool user;

	if (!opencode_fields(o, properties, outer, 1, info) ||
	    !opencode_fields(o, info[0], info_fields, INFO_FIELDS, v) ||
	    (v[INFO_TIME].p != NULL && !opencode_fields(o, v[INFO_TIME], times, 2, time)))
		return false;
	user = str_eq(v[INFO_ROLE], STR("user"));
	o->time = fields_time(time[0]);
	e.msg.id = v[INFO_ID];
	e.msg.role = user ? EVENT_ROLE_USER : EVENT_ROLE_AGENT;
	/* Steps of one turn have the same parent. */
	e.msg.turn = v[INFO_PARENT];
	e.msg.parent = v[INFO_PARENT];
	e.msg.error = opencode_error(o, v[INFO_ERROR], &name);
	if (!user)
		e.msg.agent = v[INFO_AGENT];
	if (user)
		e.msg.state = MSG_SENT;
	else if (str_eq(name, STR("MessageAbortedError")))
		e.msg.state = MSG_CUT;
	else if (v[INFO_ERROR].p != NULL)
		e.msg.state = MSG_ERROR;
	else
		e.msg.state = time[1].p != NULL ? MSG_DONE : MSG_OPEN;
	if (e.msg.state == MSG_CUT)
		e.msg.error = STR_NONE;
	opencode_emit(o, &e);
	return user || take_context(o, v[INFO_TOKENS]);
}

static bool
take_removed(struct opencode *o, struct str properties)
{
	return emit_back(o, properties, BACK_GONE);
}

/* All that the server has, from the oldest of them on. */
static bool
take_messages(struct opencode *o, struct str properties)
{
	static const struct field fields[] = { { STR("ids"), FIELD_ARRAY, true } };
	struct event e = event_of(EVENT_BACK);
	struct str v[1];

	if (!opencode_fields(o, properties, fields, 1, v))
		return false;
	e.back.op = BACK_OTHERS;
	e.back.only = v[0];
	opencode_emit(o, &e);
	return true;
}

static bool
take_part(struct opencode *o, struct str properties)
{
	static const struct field fields[] = { { STR("part"), FIELD_JSON, true },
		{ STR("time"), FIELD_TIME, false } };
	struct str v[2];

	if (!opencode_fields(o, properties, fields, 2, v))
		return false;
	o->time = fields_time(v[1]);
	return opencode_part(o, v[0]);
}

enum { DELTA_MSG, DELTA_PART, DELTA_FIELD, DELTA_TEXT, DELTA_FIELDS };

static const struct field delta_fields[DELTA_FIELDS] = {
	[DELTA_MSG] = { STR("messageID"), FIELD_TEXT, true },
	[DELTA_PART] = { STR("partID"), FIELD_TEXT, true },
	[DELTA_FIELD] = { STR("field"), FIELD_TEXT }, [DELTA_TEXT] = { STR("delta"), FIELD_TEXT },
};

static bool
take_delta(struct opencode *o, struct str properties)
{
	struct event e = event_of(EVENT_TEXT);
	struct str v[DELTA_FIELDS];

	if (!opencode_fields(o, properties, delta_fields, DELTA_FIELDS, v))
		return false;
	if (!str_eq(v[DELTA_FIELD], STR("text")))
		return true;
	e.text.msg = v[DELTA_MSG];
	e.text.part = v[DELTA_PART];
	e.text.op = TEXT_APPEND;
	e.text.data = v[DELTA_TEXT];
	opencode_emit(o, &e);
	return true;
}

static bool
take_gap(struct opencode *o, struct str properties)
{
	struct event e = event_of(EVENT_TEXT);
	struct str v[DELTA_FIELDS];

	if (!opencode_fields(o, properties, delta_fields, DELTA_FIELDS, v))
		return false;
	e.text.msg = v[DELTA_MSG];
	e.text.part = v[DELTA_PART];
	e.text.op = TEXT_APPEND;
	e.text.gap = true;
	opencode_emit(o, &e);
	return true;
}

/* ---- records */

static bool
take_nothing(struct opencode *o, struct str properties)
{
	(void)o, (void)properties;
	return true;
}

static const struct {
	const char *type;
	bool (*take)(struct opencode *o, struct str properties);
} types[] = {
	{ "message.part.delta", take_delta }, { "message.part.updated", take_part },
	{ "message.updated", take_message }, { "message.removed", take_removed },
	{ "message.part.removed", take_removed }, { "weir.messages", take_messages },
	{ "session.created", take_session }, { "session.updated", take_session },
	{ "session.deleted", take_deleted }, { "session.status", take_status },
	{ "session.idle", take_idle }, { "session.error", take_error },
	{ "session.diff", take_nothing }, { "session.compacted", take_nothing },
	{ "permission.asked", opencode_permission }, { "permission.replied", opencode_reply },
	{ "question.asked", opencode_question }, { "question.replied", opencode_reply },
	{ "question.rejected", opencode_reply }, { "todo.updated", opencode_todos },
	{ "pty.created", opencode_terminal }, { "pty.updated", opencode_terminal },
	{ "pty.exited", opencode_terminal_end }, { "pty.deleted", opencode_terminal_end },
	{ "weir.pty", opencode_terminal_output }, { "command.executed", take_nothing },
	{ "weir.gap", take_gap }, { "weir.lost", take_lost }, { "weir.pending", opencode_pending },
};

static void
note(struct opencode *o, enum note_level level, struct str text)
{
	struct event e = event_of(EVENT_NOTE);

	e.note.level = level;
	e.note.text = text;
	opencode_emit(o, &e);
}

static void
warn(struct opencode *o, struct str type)
{
	struct buf text = { 0 };

	buf_str(&text, str_head(type, 80));
	buf_str(&text, STR(": "));
	buf_str(&text, o->why);
	note(o, NOTE_WARN, buf_view(&text));
	buf_done(&text);
}

void
opencode_decode(struct str record, const struct event_sink *sink)
{
	enum { TYPE, PROPERTIES, N };
	static const struct field outer[N] = { [TYPE] = { STR("type"), FIELD_TEXT, true },
		[PROPERTIES] = { STR("properties"), FIELD_JSON, true } };
	struct opencode o = { .sink = sink };
	struct buf session = { 0 };
	struct str v[N];
	size_t i = 0, n = sizeof types / sizeof *types;

	if (!opencode_fields(&o, record, outer, N, v)) {
		note(&o, NOTE_RAW, record);
		goto out;
	}
	/* It stands in front: what is behind it need not be read for that. */
	if (json_get_text(v[PROPERTIES], "sessionID", &session))
		o.whose = buf_view(&session);
	while (i < n && !str_eq(v[TYPE], str_from(types[i].type)))
		i++;
	if (i == n)
		note(&o, NOTE_RAW, record);
	else if (!types[i].take(&o, v[PROPERTIES]))
		warn(&o, v[TYPE]);
out:
	buf_done(&session);
	arena_done(&o.arena);
}
