#include "model/recording.h"

#include <stdlib.h>

#include "wire/json.h"

enum { FORMAT = 1 };

void
recording_done(struct recording *r)
{
	buf_done(&r->dialect);
	buf_done(&r->url);
	buf_done(&r->title);
	free(r->entries);
	arena_done(&r->texts);
	*r = (struct recording){ 0 };
}

static struct recording_entry *
add_entry(struct recording *r, enum recording_kind kind, int64_t ms)
{
	struct recording_entry *entry;

	/* A clock that was set back while it was recorded. */
	if (r->n > 0 && ms < r->entries[r->n - 1].ms)
		ms = r->entries[r->n - 1].ms;
	r->entries = mem_grow(r->entries, r->n, &r->cap, sizeof *r->entries);
	entry = &r->entries[r->n++];
	*entry = (struct recording_entry){ .kind = kind, .ms = ms };
	return entry;
}

/* ---- reading */

bool
recording_claims(struct str text)
{
	struct str rest, line = str_cut(text, '\n', &rest), key;
	struct json j;

	json_init(&j, line);
	return json_peek(&j) == JSON_OBJECT && json_object(&j) && json_member(&j, &key) &&
	    json_is(key, "weir-recording");
}

static const char *
parse_head(struct recording *r, struct str line)
{
	int64_t version = 0;

	if (!json_get_i64(line, "weir-recording", &version))
		return "this is no recording: its first line is not {\"weir-recording\":1,…}";
	if (version != FORMAT)
		return "the recording is of a later version; use a newer weir";
	json_get_text(line, "dialect", &r->dialect);
	json_get_text(line, "url", &r->url);
	json_get_text(line, "title", &r->title);
	json_get_i64(line, "started", &r->started);
	return NULL;
}

/* A string member; what else stands there is an error of the reader. */
static struct str
take_text(struct recording *r, struct json *j)
{
	struct str raw, text = STR_NONE;

	if (json_string(j, &raw))
		text = json_text(raw, &r->texts);
	/* Not in the arena yet when it stands in the line unescaped. */
	return text.p == raw.p ? arena_str(&r->texts, text) : text;
}

static const char *
parse_message(struct recording *r, struct json *j, int64_t ms, unsigned line)
{
	struct recording_entry entry = { 0 }, *kept;
	bool data = false, end = false, aside = false;
	struct str key;

	json_object(j);
	while (json_member(j, &key)) {
		if (json_is(key, "data")) {
			entry.message.data = take_text(r, j);
			data = true;
		} else if (json_is(key, "event")) {
			entry.message.type = take_text(r, j);
		} else if (json_is(key, "id")) {
			entry.message.id = take_text(r, j);
		} else if (json_is(key, "aside")) {
			aside = json_i64(j, &entry.what);
		} else if (json_is(key, "status")) {
			json_i64(j, &entry.status);
		} else if (json_is(key, "headers")) {
			entry.headers = take_text(r, j);
		} else if (json_is(key, "end")) {
			entry.reason = take_text(r, j);
			end = true;
		}
	}
	if (!json_ok(j))
		return j->error;
	if (data == end)
		return "a message has \"data\" or \"end\", and not both";
	kept = add_entry(r, end ? RECORDING_END : aside ? RECORDING_ASIDE : RECORDING_MESSAGE, ms);
	r->asides |= aside;
	entry.kind = kept->kind;
	entry.ms = kept->ms;
	entry.line = line;
	*kept = entry;
	return NULL;
}

/* Says what is wrong, NULL for nothing; then no entry was added. */
static const char *
parse_line(struct recording *r, struct str text, unsigned line)
{
	struct json j;
	int64_t ms = 0;
	const char *why = "a line is [milliseconds, message]";

	json_init(&j, text);
	if (json_peek(&j) != JSON_ARRAY)
		return why;
	if (!json_valid(text))
		return "this is not JSON";
	if (!json_array(&j) || !json_element(&j) || json_peek(&j) != JSON_NUMBER || !json_i64(&j, &ms) ||
	    ms < 0)
		return "a line begins with its milliseconds since the start";
	if (!json_element(&j) || json_peek(&j) != JSON_OBJECT)
		return why;
	return parse_message(r, &j, ms, line);
}

enum err
recording_parse(struct recording *r, struct str text, const char *name, struct error *e)
{
	unsigned number = 1;

	for (struct str rest = text; rest.n > 0; number++) {
		bool whole = str_find_byte(rest, '\n') < rest.n;
		struct str line = str_cut(rest, '\n', &rest);
		const char *why = NULL;

		if (number == 1)
			why = parse_head(r, line);
		else if (str_trim(line).n > 0)
			why = parse_line(r, line, number);
		if (why != NULL && !whole && number > 1) {
			r->torn = number;
			return ERR_OK;
		}
		if (why != NULL)
			return error_set(e, ERR_FAILED, "%s:%u: %s", name, number, why);
	}
	if (number == 1)
		return error_set(e, ERR_FAILED, "%s: it is empty: no recording, and no event stream", name);
	return ERR_OK;
}

struct raw_reader {
	struct recording *r;
	double rate;
};

static void
on_message(void *ctx, const struct sse_message *m)
{
	struct raw_reader *raw = ctx;
	struct recording *r = raw->r;
	int64_t ms = raw->rate > 0 ? (int64_t)((double)r->n * 1000 / raw->rate) : 0;
	struct recording_entry *entry = add_entry(r, RECORDING_MESSAGE, ms);

	entry->line = (unsigned)r->n;
	entry->message.type = arena_str(&r->texts, m->type);
	entry->message.data = arena_str(&r->texts, m->data);
	entry->message.id = arena_str(&r->texts, m->id);
}

enum err
recording_parse_sse(struct recording *r, struct str bytes, double rate, const char *name,
    struct error *e)
{
	struct raw_reader raw = { r, rate };
	const struct sse_handler handler = { .message = on_message, .ctx = &raw };
	enum sse_result result;
	struct sse sse;

	sse_init(&sse, &handler, SSE_LIMITS_DEFAULT);
	result = sse_feed(&sse, bytes);
	sse_done(&sse);
	if (result != SSE_OK)
		return error_set(e, ERR_LIMIT, "%s: an event of it is longer than weir takes", name);
	if (r->n == 0)
		return error_set(e, ERR_FAILED, "%s: there is no event in it; a recording begins with "
		    "{\"weir-recording\":1,…}, an event stream has lines that begin with data:", name);
	return ERR_OK;
}

/* ---- writing */

void
recording_write_head(const struct recording *r, struct buf *out)
{
	struct json_writer w = { .out = out };

	jw_object(&w);
	jw_pair_i64(&w, "weir-recording", FORMAT);
	jw_pair(&w, "dialect", buf_view(&r->dialect));
	jw_pair(&w, "url", buf_view(&r->url));
	if (r->title.n > 0)
		jw_pair(&w, "title", buf_view(&r->title));
	if (r->started != 0)
		jw_pair_i64(&w, "started", r->started);
	jw_end_object(&w);
	buf_byte(out, '\n');
}

void
recording_write_message(int64_t ms, const struct sse_message *m, struct buf *out)
{
	struct json_writer w = { .out = out };

	jw_array(&w);
	jw_i64(&w, ms);
	jw_object(&w);
	if (m->id.n > 0)
		jw_pair(&w, "id", m->id);
	if (m->type.n > 0 && !str_eq(m->type, STR("message")))
		jw_pair(&w, "event", m->type);
	jw_pair(&w, "data", m->data);
	jw_end_object(&w);
	jw_end_array(&w);
	buf_byte(out, '\n');
}

void
recording_write_aside(int64_t ms, int64_t what, int64_t status, struct str headers, struct str body,
    struct buf *out)
{
	struct json_writer w = { .out = out };

	jw_array(&w);
	jw_i64(&w, ms);
	jw_object(&w);
	jw_pair_i64(&w, "aside", what);
	jw_pair_i64(&w, "status", status);
	if (headers.n > 0)
		jw_pair(&w, "headers", headers);
	jw_pair(&w, "data", body);
	jw_end_object(&w);
	jw_end_array(&w);
	buf_byte(out, '\n');
}

void
recording_write_end(int64_t ms, const char *reason, struct buf *out)
{
	struct json_writer w = { .out = out };

	jw_array(&w);
	jw_i64(&w, ms);
	jw_object(&w);
	jw_pair(&w, "end", str_from(reason));
	jw_end_object(&w);
	jw_end_array(&w);
	buf_byte(out, '\n');
}
