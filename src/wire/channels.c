#include "wire/channels.h"

#include <string.h>

#include "wire/channel.h"

/* ---- what the channels share */

void
channel_emit(struct channel_item *it, struct event *e)
{
	e->time = it->time;
	e->origin = it->origin;
	it->sink->event(it->sink->ctx, e);
}

bool
channel_misfit(struct channel_item *it, const char *why)
{
	it->why = str_from(why);
	return false;
}

static void
note(const struct event_sink *sink, int64_t time, struct str text)
{
	struct event e = event_of(EVENT_NOTE);

	e.time = time;
	e.note.level = NOTE_WARN;
	e.note.text = text;
	sink->event(sink->ctx, &e);
}

void
channel_warn(const struct event_sink *sink, int64_t time, struct str type, struct str why)
{
	struct buf text = { 0 };

	buf_printf(&text, "%.*s: %.*s", STR_ARG(str_head(type, 80)), STR_ARG(why));
	note(sink, time, buf_view(&text));
	buf_done(&text);
}

void
channel_time(struct channel_item *it, struct str time)
{
	if (time.n > 0)
		it->time = fields_time(time);
}

struct str
channel_message(struct channel_item *it, struct str agent, struct str turn)
{
	char *p = arena_alloc(&it->arena, agent.n + 1 + turn.n);

	if (agent.n > 0)
		memcpy(p, agent.p, agent.n);
	p[agent.n] = ':';
	if (turn.n > 0)
		memcpy(p + agent.n + 1, turn.p, turn.n);
	return str_of(p, agent.n + 1 + turn.n);
}

struct str
channel_type(const struct channel_item *it, struct str own)
{
	struct str behind;

	if (own.n > 0)
		return own;
	str_cut(it->type, ':', &behind);
	return behind.p != NULL ? behind : it->type;
}

bool
channel_read(struct channel_item *it, struct str object, const struct field *fields, size_t n,
    struct str *values)
{
	struct fields f = { .fields = fields, .n = n, .arena = &it->arena };
	bool fits = fields_read_text(&f, object, values);

	it->why = f.why;
	return fits;
}

bool
channel_tokens(struct channel_item *it, struct str agent, struct str tokens)
{
	enum { IN, OUT, CACHED, CONTEXT, COST, N };
	static const struct field fields[N] = {
		[IN] = { STR("in"), FIELD_NUMBER }, [OUT] = { STR("out"), FIELD_NUMBER },
		[CACHED] = { STR("cached"), FIELD_NUMBER },
		[CONTEXT] = { STR("context"), FIELD_NUMBER },
		[COST] = { STR("cost"), FIELD_NUMBER },
	};
	struct event e = event_of(EVENT_USE);
	struct str v[N];

	if (tokens.p == NULL)
		return true;
	if (!channel_read(it, tokens, fields, N, v))
		return false;
	e.use.agent = agent;
	e.use.input = fields_i64(v[IN]);
	e.use.output = fields_i64(v[OUT]);
	e.use.cached = fields_i64(v[CACHED]);
	e.use.context = fields_i64(v[CONTEXT]);
	e.use.cost = fields_double(v[COST]);
	channel_emit(it, &e);
	return true;
}

int
channel_word(struct str name, const struct channel_word *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(name, str_from(words[i].name)))
			return words[i].value;
	return -1;
}

/* ---- which channel */

/* By the name of the collection or channel, or the type of an envelope; a colon is a prefix. */
static const struct channel *
channel_of(struct str type)
{
	static const struct {
		struct str name;
		const struct channel *channel;
	} channels[] = {
		{ STR("chunks"), &channel_chunks }, { STR("chunk"), &channel_chunks },
		{ STR("toolCalls"), &channel_tools }, { STR("tool:"), &channel_tools },
		{ STR("terminal"), &channel_terminal }, { STR("terminal:"), &channel_terminal },
		{ STR("presence"), &channel_presence }, { STR("presence:"), &channel_presence },
		{ STR("workflow"), &channel_workflow }, { STR("approval:"), &channel_workflow },
		{ STR("agent:"), &channel_workflow }, { STR("worktree:"), &channel_workflow },
		/* The session API calls an item of a workflow by the value's own type. */
		{ STR("todo"), &channel_workflow }, { STR("plan"), &channel_workflow },
		{ STR("step"), &channel_workflow }, { STR("stage"), &channel_workflow },
		{ STR("file"), &channel_workflow }, { STR("spawn"), &channel_workflow },
		{ STR("agentState"), &channel_agents }, { STR("state:"), &channel_agents },
		{ STR("session"), &channel_session },
	};

	for (size_t i = 0; i < sizeof channels / sizeof *channels; i++) {
		struct str name = channels[i].name;

		if (name.p[name.n - 1] == ':' ? str_starts(type, name) : str_eq(type, name))
			return channels[i].channel;
	}
	return NULL;
}

/* ---- the item around the value */

struct reading {
	struct channel_item item;
	struct fields fields;
	const struct channel *channel;
	struct str control;
	struct str value;		/* exact JSON, when it came before its type */
	struct str values[CHANNEL_FIELDS_MAX];
	bool is_read;			/* `values` are */
};

enum { TYPE, CHANNEL, KEY, VALUE, DATA, HEADERS, TIME, MEMBERS };

static const struct field members[MEMBERS] = {
	[TYPE] = { STR("type"), FIELD_TEXT }, [CHANNEL] = { STR("channel"), FIELD_TEXT },
	[KEY] = { STR("key"), FIELD_NAME }, [VALUE] = { STR("value"), FIELD_JSON },
	[DATA] = { STR("data"), FIELD_JSON }, [HEADERS] = { STR("headers"), FIELD_JSON },
	[TIME] = { STR("timestamp"), FIELD_TIME },
};

/* The value, of which the channel is known by now or will be later. */
static bool
read_value(struct reading *r, struct json *j)
{
	const struct channel *c = r->channel;

	if (json_peek(j) == JSON_NULL || r->is_read)
		return json_skip(j);
	if (c == NULL)
		return json_value(j, &r->value);

	struct fields f = { .fields = c->fields, .n = c->n, .arena = &r->item.arena };

	r->is_read = fields_read(&f, j, r->values);
	r->item.why = f.why;
	return r->is_read;
}

static bool
read_headers(struct reading *r, struct json *j)
{
	enum { OPERATION, CONTROL, STAMP, N };
	static const struct field headers[N] = {
		[OPERATION] = { STR("operation"), FIELD_TEXT }, [CONTROL] = { STR("control"), FIELD_TEXT },
		[STAMP] = { STR("timestamp"), FIELD_TIME },
	};
	struct fields f = { .fields = headers, .n = N, .arena = &r->item.arena };
	struct str v[N];
	bool fits = fields_read(&f, j, v);

	r->item.why = f.why;
	if (!fits)
		return false;
	r->item.operation = v[OPERATION];
	r->control = v[CONTROL];
	channel_time(&r->item, v[STAMP]);
	return true;
}

static bool
read_member(struct reading *r, struct json *j, size_t member)
{
	struct str text;

	if (member == VALUE || member == DATA)
		return read_value(r, j);
	if (member == HEADERS)
		return read_headers(r, j);
	if (!fields_value(&r->fields, j, member, &text)) {
		r->item.why = r->fields.why;
		return false;
	}
	if (member == KEY)
		r->item.key = text;
	else if (member == TIME)
		channel_time(&r->item, text);
	else if (r->channel == NULL) {
		r->item.type = text;
		r->channel = channel_of(text);
	}
	return true;
}

static bool
read_item(struct reading *r, struct str record)
{
	struct json j;
	struct str key;

	json_init(&j, record);
	json_object(&j);
	while (json_member(&j, &key)) {
		size_t member = fields_find(&r->fields, key);

		if (member < MEMBERS && !read_member(r, &j, member))
			return false;
	}
	return json_end(&j);
}

/* {"headers":{"control":…}}: `reset` is the only one that means something to a reader of items. */
static bool
take_control(struct reading *r)
{
	bool reset = str_eq(r->control, STR("reset"));

	if (reset)
		note(r->item.sink, r->item.time, STR("the server began this session's history anew"));
	return reset || str_starts(r->control, STR("snapshot-"));
}

/* False when it is no item of a channel. */
static bool
take_item(struct reading *r)
{
	struct channel_item *it = &r->item;

	if (r->control.p != NULL)
		return take_control(r);
	if (r->channel == NULL)
		return false;
	if (str_eq(it->operation, STR("delete"))) {
		/* Somebody who is gone. Of what else was said nothing is taken back. */
		if (r->channel != &channel_presence)
			return false;
		if (r->value.p == NULL)
			r->value = STR("{}");
	}
	if (!r->is_read && r->value.p == NULL)
		channel_misfit(it, "it has no value");
	else if (r->is_read || channel_read(it, r->value, r->channel->fields, r->channel->n, r->values))
		r->channel->apply(it, r->values);
	return true;
}

bool
channels_decode(struct str record, const struct event_sink *sink)
{
	struct reading r = { .item = { .sink = sink } };
	bool known;

	r.fields = (struct fields){ .fields = members, .n = MEMBERS, .arena = &r.item.arena };
	if (read_item(&r, record))
		known = take_item(&r);
	else
		known = r.channel != NULL && r.item.why.p != NULL;
	if (known && r.item.why.p != NULL)
		channel_warn(sink, r.item.time, r.item.type, r.item.why);
	arena_done(&r.item.arena);
	return known;
}
