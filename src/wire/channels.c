#include "wire/channels.h"

#include <string.h>

#include "wire/channel.h"

/* ---- what the channels share */

void
channel_emit(struct channel_item *it, struct event *e)
{
	e->time = it->time;
	it->sink->event(it->sink->ctx, e);
}

bool
channel_misfit(struct channel_item *it, const char *why)
{
	it->why = str_from(why);
	return false;
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
channel_tokens(struct channel_item *it, struct str tokens)
{
	static const struct field fields[] = {
		{ "in", FIELD_NUMBER, false }, { "out", FIELD_NUMBER, false },
		{ "cached", FIELD_NUMBER, false }, { "context", FIELD_NUMBER, false },
		{ "cost", FIELD_NUMBER, false },
	};
	struct str v[5];
	struct event e = event_of(EVENT_USE);

	if (tokens.p == NULL)
		return true;
	if (!fields_read(tokens, fields, 5, v, &it->arena, &it->why))
		return false;
	e.use.input = fields_i64(v[0]);
	e.use.output = fields_i64(v[1]);
	e.use.cached = fields_i64(v[2]);
	e.use.context = fields_i64(v[3]);
	e.use.cost = fields_double(v[4]);
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

typedef bool channel_fn(struct channel_item *it);

/* By the name of the collection or channel, or the type of an envelope; a colon is a prefix. */
static channel_fn *
channel_of(struct str type)
{
	static const struct {
		const char *name;
		channel_fn *channel;
	} channels[] = {
		{ "chunks", channel_chunk }, { "chunk", channel_chunk },
		{ "toolCalls", channel_tool }, { "tool:", channel_tool },
		{ "terminal", channel_terminal }, { "terminal:", channel_terminal },
		{ "presence", channel_presence }, { "presence:", channel_presence },
		{ "workflow", channel_workflow }, { "approval:", channel_workflow },
		{ "agent:", channel_workflow }, { "worktree:", channel_workflow },
		{ "agentState", channel_agent }, { "state:", channel_agent },
		{ "session", channel_session },
	};

	for (size_t i = 0; i < sizeof channels / sizeof *channels; i++) {
		struct str name = str_from(channels[i].name);

		if (str_ends(name, STR(":")) ? str_starts(type, name) : str_eq(type, name))
			return channels[i].channel;
	}
	return NULL;
}

static void
note(struct channel_item *it, enum note_level level, struct str text)
{
	struct event e = event_of(EVENT_NOTE);

	e.note.level = level;
	e.note.text = text;
	channel_emit(it, &e);
}

static void
warn(struct channel_item *it)
{
	struct buf text = { 0 };

	buf_printf(&text, "%.*s: %.*s", STR_ARG(str_head(it->type, 80)), STR_ARG(it->why));
	note(it, NOTE_WARN, buf_view(&text));
	buf_done(&text);
}

/* ---- the item around the value */

/* {"headers":{"control":…}}: `reset` is the only one that means something to a reader of items. */
static bool
take_headers(struct channel_item *it, struct str headers, struct str *control)
{
	static const struct field fields[] = {
		{ "operation", FIELD_TEXT, false }, { "control", FIELD_TEXT, false },
		{ "timestamp", FIELD_TIME, false },
	};
	struct str v[3];

	if (!fields_read(headers, fields, 3, v, &it->arena, &it->why))
		return false;
	it->operation = v[0];
	*control = v[1];
	channel_time(it, v[2]);
	return true;
}

static bool
take_control(struct channel_item *it, struct str control)
{
	if (str_eq(control, STR("reset")))
		note(it, NOTE_WARN, STR("the server began this session's history anew"));
	return str_eq(control, STR("reset")) || str_starts(control, STR("snapshot-"));
}

/* False when it is no item of a channel. What does not fit its channel leaves `why`. */
static bool
decode(struct channel_item *it, struct str record)
{
	enum { TYPE, KEY, VALUE, CHANNEL, DATA, TIME, HEADERS, N };
	static const struct field fields[N] = {
		[TYPE] = { "type", FIELD_TEXT, false }, [KEY] = { "key", FIELD_NAME, false },
		[VALUE] = { "value", FIELD_JSON, false }, [CHANNEL] = { "channel", FIELD_TEXT, false },
		[DATA] = { "data", FIELD_JSON, false }, [TIME] = { "timestamp", FIELD_TIME, false },
		[HEADERS] = { "headers", FIELD_JSON, false },
	};
	struct str v[N], control = STR_NONE;
	channel_fn *channel;
	bool headers_fit;

	if (!fields_read(record, fields, N, v, &it->arena, &it->why))
		return false;
	it->type = v[CHANNEL].p != NULL ? v[CHANNEL] : v[TYPE];
	it->key = v[KEY];
	it->value = v[VALUE].p != NULL ? v[VALUE] : v[DATA];
	channel_time(it, v[TIME]);
	headers_fit = v[HEADERS].p == NULL || take_headers(it, v[HEADERS], &control);
	if (control.p != NULL)
		return take_control(it, control);
	channel = channel_of(it->type);
	if (channel == NULL || !headers_fit)
		return channel != NULL;
	if (str_eq(it->operation, STR("delete"))) {
		/* Somebody who is gone. Of what else was said nothing is taken back. */
		if (channel != channel_presence)
			return false;
		it->value = it->value.p != NULL ? it->value : STR("{}");
	}
	if (it->value.p == NULL)
		channel_misfit(it, "it has no value");
	else if (it->value.p[0] != '{')
		channel_misfit(it, "its value is not an object");
	else
		channel(it);
	return true;
}

bool
channels_decode(struct str record, const struct event_sink *sink)
{
	struct channel_item it = { .sink = sink };
	bool known = decode(&it, record);

	if (known && it.why.p != NULL)
		warn(&it);
	arena_done(&it.arena);
	return known;
}
