/* The six channels: what may be said on each, and the item that it becomes. */
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "serve/sessions.h"
#include "wire/fields.h"

enum { FIELDS_MAX = 10, CHOICES_MAX = 2, ID_BYTES = 16 };

/* The words a field may have, with blanks around them; one that ends with ':' begins others. */
struct choice {
	size_t field;
	const char *words;
	const char *why;
};

/* The first field is the key, the second the session. */
enum { KEY, SESSION };

struct schema {
	const char *name, *operation;
	struct field fields[FIELDS_MAX];
	struct choice choices[CHOICES_MAX];
};

#define ID(name, required) { STR(name), FIELD_NAME, required }
#define SESSION_AND_TIME { STR("sessionId"), FIELD_TEXT, false }, \
	{ STR("timestamp"), FIELD_TIME, false }

enum { CHUNK_TEXT = 3, CHUNK_ACCUMULATED, CHUNK_STATE };

static const struct schema chunks = { "chunks", "insert", {
	ID("id", false), SESSION_AND_TIME,
	[CHUNK_TEXT] = { STR("text"), FIELD_TEXT, false },
	[CHUNK_ACCUMULATED] = { STR("accumulated"), FIELD_TEXT, false },
	[CHUNK_STATE] = { STR("state"), FIELD_TEXT, false },
	ID("agentId", false), ID("turn", false),
}, {
	{ CHUNK_STATE, " streaming open done complete cut error ", "\"state\" is not known" },
} };

static const struct schema others[] = {
	{ "toolCalls", "update", {
		ID("id", true), SESSION_AND_TIME, { STR("status"), FIELD_TEXT, true },
		{ STR("tool"), FIELD_TEXT, true }, ID("agentId", false),
		{ STR("duration"), FIELD_NUMBER, false },
	}, {
		{ 3, " pending running complete completed error denied ",
		    "\"status\" is none of pending, running, complete and error" },
	} },
	{ "terminal", "insert", {
		ID("id", true), SESSION_AND_TIME, { STR("type"), FIELD_TEXT, true },
		{ STR("source"), FIELD_TEXT, false }, { STR("data"), FIELD_TEXT, true },
	}, {
		{ 3, " input output error ", "\"type\" is none of input, output and error" },
		{ 4, " user agent system ", "\"source\" is none of user, agent and system" },
	} },
	{ "workflow", "insert", {
		ID("id", true), SESSION_AND_TIME, { STR("type"), FIELD_TEXT, true },
		ID("taskId", false), ID("actor", false),
	}, {
		{ 3, " approval:requested approval:approved approval:rejected agent: worktree: todo"
		    " plan step stage file spawn ", "\"type\" is not known" },
	} },
	{ "agentState", "update", {
		ID("agentId", true), SESSION_AND_TIME, { STR("status"), FIELD_TEXT, true },
		ID("taskId", false), { STR("turn"), FIELD_NUMBER, false },
		{ STR("progress"), FIELD_NUMBER, false }, { STR("currentTool"), FIELD_TEXT, false },
		{ STR("message"), FIELD_TEXT, false },
	}, {
		{ 3, " idle starting running paused error completed ",
		    "\"status\" is none of idle, starting, running, paused, error and completed" },
	} },
};

static const struct schema *
schema_of(struct str name)
{
	if (str_eq(name, str_from(chunks.name)))
		return &chunks;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (str_eq(name, str_from(others[i].name)))
			return &others[i];
	return NULL;
}

static bool
is_word(struct str s, const char *words)
{
	struct str rest = str_trim(str_from(words));

	while (rest.p != NULL) {
		struct str word = str_cut(rest, ' ', &rest);

		if (str_eq(s, word) || (str_ends(word, STR(":")) && str_starts(s, word)))
			return true;
	}
	return false;
}

static const char *
check_values(const struct schema *c, const struct str *v, struct str session)
{
	if (v[SESSION].p != NULL && !str_eq(v[SESSION], session))
		return "\"sessionId\" is another session";
	if (c->fields[KEY].required && v[KEY].n == 0)
		return "its id is empty";
	for (size_t i = 0; i < CHOICES_MAX && c->choices[i].words != NULL; i++) {
		const struct choice *choice = &c->choices[i];

		if (v[choice->field].p != NULL && !is_word(v[choice->field], choice->words))
			return choice->why;
	}
	if (c == &chunks && v[CHUNK_TEXT].p == NULL && v[CHUNK_ACCUMULATED].p == NULL &&
	    v[CHUNK_STATE].p == NULL)
		return "\"text\" is missing";
	return NULL;
}

static const char *
wrong(struct str *why, const char *code, const char *text)
{
	*why = str_from(text);
	return code;
}

/* Who follows an agent sees what it does without the session around it: it must say which one. */
static struct str
with_session(struct str data, struct str session, struct arena *a)
{
	struct buf out = { 0 };
	struct str agent, value;

	if (!json_get(data, "agentId", &agent))
		return data;
	buf_printf(&out, "{\"sessionId\":\"%.*s\",", STR_ARG(session));
	buf_str(&out, str_skip(data, 1));
	value = arena_str(a, buf_view(&out));
	buf_done(&out);
	return value;
}

const char *
session_channel_check(struct str channel, struct str data, struct str session, struct arena *a,
    struct session_item *it, struct str *why)
{
	const struct schema *c = schema_of(channel);
	struct fields f = { .arena = a };
	struct str v[FIELDS_MAX];
	const char *misfit;

	if (c == NULL)
		return wrong(why, "INVALID_CHANNEL", "channel is none of chunks, toolCalls, presence,"
		    " terminal, workflow and agentState");
	f.fields = c->fields;
	while (f.n < FIELDS_MAX && c->fields[f.n].name.n > 0)
		f.n++;
	if (!fields_read_text(&f, data, v)) {
		*why = f.why;
		return "INVALID_DATA";
	}
	if ((misfit = check_values(c, v, session)) != NULL)
		return wrong(why, "INVALID_DATA", misfit);
	if (c != &chunks && v[SESSION].p == NULL)
		data = with_session(data, session, a);
	*it = (struct session_item){ c->name, c->operation, v[KEY], data, it->time };
	return NULL;
}

void
session_make_id(struct buf *out)
{
	unsigned char random[ID_BYTES] = { 0 };

	while (getrandom(random, sizeof random, 0) < 0 && errno == EINTR)
		;
	for (size_t i = 0; i < sizeof random; i++)
		buf_printf(out, "%02x", random[i]);
}

static void
write_headers(struct json_writer *w, const struct session_item *it)
{
	time_t seconds = (time_t)(it->time / 1000);
	char text[32];
	struct tm tm;

	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &tm));
	jw_key(w, "headers");
	jw_object(w);
	jw_pair(w, "operation", str_from(it->operation));
	jw_pair(w, "timestamp", str_from(text));
	jw_end_object(w);
}

void
session_item_write(const struct session_item *it, struct buf *out)
{
	struct json_writer w = { .out = out };
	struct buf id = { 0 };

	if (it->key.n == 0)
		session_make_id(&id);
	jw_object(&w);
	jw_pair(&w, "type", str_from(it->type));
	jw_pair(&w, "key", it->key.n > 0 ? it->key : buf_view(&id));
	/* What was deleted has no value, only the one it had. */
	jw_key(&w, strcmp(it->operation, "delete") == 0 ? "old_value" : "value");
	jw_raw(&w, it->value);
	write_headers(&w, it);
	jw_end_object(&w);
	buf_done(&id);
}
