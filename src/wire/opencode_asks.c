/* What an opencode server wants to be told, and what it has to do. */
#include "wire/channel.h"
#include "wire/opencode.h"

#include <stdio.h>

static struct str
call_of(struct opencode *o, struct str tool)
{
	static const struct field fields[] = { { STR("messageID"), FIELD_TEXT, false },
		{ STR("callID"), FIELD_NAME, false } };
	struct str v[2];

	if (tool.p == NULL || !opencode_fields(o, tool, fields, 2, v) || v[1].n == 0)
		return STR_NONE;
	return opencode_call(o, v[0], v[1]);
}

static void
add_word(struct json *j, struct buf *all)
{
	struct str raw;

	if (json_peek(j) != JSON_STRING || !json_string(j, &raw)) {
		json_skip(j);
		return;
	}
	buf_str(all, all->n > 0 ? STR(", ") : STR_NONE);
	json_unescape(raw, all);
}

/* ["a","b"], or arrays of such, as "a, b". */
static struct str
words_of(struct opencode *o, struct str array)
{
	struct buf all = { 0 };
	struct json j;
	struct str out;

	if (array.p == NULL)
		return STR_NONE;
	json_init(&j, array);
	for (json_array(&j); json_element(&j);) {
		if (json_peek(&j) != JSON_ARRAY) {
			add_word(&j, &all);
			continue;
		}
		for (json_array(&j); json_element(&j);)
			add_word(&j, &all);
	}
	out = arena_str(&o->arena, buf_view(&all));
	buf_done(&all);
	return out;
}

bool
opencode_permission(struct opencode *o, struct str properties)
{
	enum { ID, WHAT, PATTERNS, META, ALWAYS, TOOL, N };
	enum { COMMAND, PATH, DIFF, URL, METAS };
	static const struct field fields[N] = {
		[ID] = { STR("id"), FIELD_TEXT, true }, [WHAT] = { STR("permission"), FIELD_TEXT },
		[PATTERNS] = { STR("patterns"), FIELD_ARRAY }, [META] = { STR("metadata"), FIELD_JSON },
		[ALWAYS] = { STR("always"), FIELD_ARRAY }, [TOOL] = { STR("tool"), FIELD_JSON },
	};
	static const struct field meta[METAS] = {
		[COMMAND] = { STR("command"), FIELD_PLAIN }, [PATH] = { STR("filepath"), FIELD_PLAIN },
		[DIFF] = { STR("diff"), FIELD_PLAIN }, [URL] = { STR("url"), FIELD_PLAIN },
	};
	struct event e = event_of(EVENT_ASK);
	struct str v[N], m[METAS] = { STR_NONE };

	if (!opencode_fields(o, properties, fields, N, v) ||
	    (v[META].p != NULL && !opencode_fields(o, v[META], meta, METAS, m)))
		return false;
	e.ask.id = v[ID];
	e.ask.what = ASK_PERMISSION;
	e.ask.tool = call_of(o, v[TOOL]);
	e.ask.title = v[WHAT];
	e.ask.text = m[COMMAND].n > 0 ? m[COMMAND] : m[PATH].n > 0 ? m[PATH] : m[URL];
	if (e.ask.text.n == 0)
		e.ask.text = words_of(o, v[PATTERNS]);
	e.ask.more = words_of(o, v[ALWAYS]);
	e.ask.diff = m[DIFF];
	opencode_emit(o, &e);
	return true;
}

/* Each question in a line: what a screen without choices can show of it. */
static struct str
questions_text(struct opencode *o, struct str questions, struct str *title)
{
	static const struct field fields[] = { { STR("question"), FIELD_TEXT, false },
		{ STR("header"), FIELD_TEXT, false } };
	struct buf all = { 0 };
	struct json j;
	struct str raw, v[2], out;

	*title = STR_NONE;
	json_init(&j, questions);
	for (json_array(&j); json_element(&j) && json_value(&j, &raw);) {
		if (!opencode_fields(o, raw, fields, 2, v))
			continue;
		if (title->n == 0)
			*title = v[1];
		buf_str(&all, all.n > 0 ? STR("\n") : STR_NONE);
		buf_str(&all, v[0]);
	}
	out = arena_str(&o->arena, buf_view(&all));
	buf_done(&all);
	return out;
}

bool
opencode_question(struct opencode *o, struct str properties)
{
	enum { ID, QUESTIONS, TOOL, N };
	static const struct field fields[N] = {
		[ID] = { STR("id"), FIELD_TEXT, true },
		[QUESTIONS] = { STR("questions"), FIELD_ARRAY, true }, [TOOL] = { STR("tool"), FIELD_JSON },
	};
	struct event e = event_of(EVENT_ASK);
	struct str v[N];

	if (!opencode_fields(o, properties, fields, N, v))
		return false;
	e.ask.id = v[ID];
	e.ask.what = ASK_QUESTION;
	e.ask.tool = call_of(o, v[TOOL]);
	e.ask.text = questions_text(o, v[QUESTIONS], &e.ask.title);
	e.ask.options = v[QUESTIONS];
	opencode_emit(o, &e);
	return true;
}

bool
opencode_reply(struct opencode *o, struct str properties)
{
	enum { ID, REPLY, ANSWERS, MESSAGE, N };
	static const struct field fields[N] = {
		[ID] = { STR("requestID"), FIELD_TEXT, true }, [REPLY] = { STR("reply"), FIELD_TEXT },
		[ANSWERS] = { STR("answers"), FIELD_ARRAY }, [MESSAGE] = { STR("message"), FIELD_TEXT },
	};
	static const struct channel_word replies[] = { { "once", ANSWER_ONCE },
		{ "always", ANSWER_ALWAYS }, { "reject", ANSWER_REJECT } };
	struct event e = event_of(EVENT_ANSWER);
	struct str v[N];
	int word;

	if (!opencode_fields(o, properties, fields, N, v))
		return false;
	word = v[REPLY].p != NULL ? CHANNEL_WORD(v[REPLY], replies) :
	    v[ANSWERS].p != NULL ? ANSWER_TEXT : ANSWER_REJECT;
	if (word < 0)
		return opencode_misfit(o, "\"reply\" is none of once, always and reject");
	e.answer.ask = v[ID];
	e.answer.answer = (enum ask_answer)word;
	e.answer.text = v[ANSWERS].p != NULL ? words_of(o, v[ANSWERS]) : v[MESSAGE];
	opencode_emit(o, &e);
	return true;
}

bool
opencode_pending(struct opencode *o, struct str properties)
{
	static const struct field fields[] = { { STR("ids"), FIELD_ARRAY, true } };
	struct event e = event_of(EVENT_ASK);
	struct str v[1];

	if (!opencode_fields(o, properties, fields, 1, v))
		return false;
	e.ask.only = v[0];
	opencode_emit(o, &e);
	return true;
}

bool
opencode_todos(struct opencode *o, struct str properties)
{
	enum { CONTENT, STATUS, N };
	static const struct field outer[] = { { STR("todos"), FIELD_ARRAY, true } };
	static const struct field fields[N] = { [CONTENT] = { STR("content"), FIELD_TEXT },
		[STATUS] = { STR("status"), FIELD_TEXT } };
	struct event e = event_of(EVENT_FLOW);
	struct str todos[1], raw, v[N];
	struct json j;
	char place[16];
	unsigned n = 0;

	if (!opencode_fields(o, properties, outer, 1, todos))
		return false;
	/* The list comes as a whole, and two of it may read the same: their places tell them apart. */
	e.flow.op = FLOW_TODO;
	e.flow.anew = true;
	json_init(&j, todos[0]);
	for (json_array(&j); json_element(&j) && json_value(&j, &raw);) {
		if (!opencode_fields(o, raw, fields, N, v))
			return false;
		snprintf(place, sizeof place, "%u", ++n);
		e.flow.id = str_from(place);
		e.flow.text = v[CONTENT];
		e.flow.state = v[STATUS];
		opencode_emit(o, &e);
		e.flow.anew = false;
	}
	if (e.flow.anew)
		opencode_emit(o, &e);
	return true;
}
