#include "serve/sessions.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "serve/agents.h"
#include "serve/listing.h"
#include "serve/messages.h"
#include "serve/params.h"
#include "wire/fields.h"

enum { LIST_DEFAULT = 50, LIST_MAX = 100, LIST_WALK = 4096 };

#define ROOT AGENTS_SOURCE
/* What begins the id of what is no session but looks like one. */
#define AGENT "agent:"
/* Behind every path that begins with ROOT. */
#define ROOT_END "sessions0"

/* ---- answers */

static struct reply *
reply_json(int status, struct buf *json)
{
	struct reply *p = reply_new(status, json);

	reply_header(p, "Content-Type", "application/json");
	reply_header(p, "Cache-Control", "no-store");
	return p;
}

void
session_answer(struct request *r, int status, struct buf *json)
{
	request_answer(r, reply_json(status, json));
}

static void
begin_failure(struct json_writer *w, struct buf *out, struct str code, struct str why)
{
	*w = (struct json_writer){ .out = out };
	jw_object(w);
	jw_key(w, "ok");
	jw_bool(w, false);
	jw_key(w, "error");
	jw_object(w);
	jw_pair(w, "code", code);
	jw_pair(w, "message", why);
	jw_end_object(w);
}

static void
write_failure(struct buf *out, struct str code, struct str why)
{
	struct json_writer w;

	begin_failure(&w, out, code, why);
	jw_end_object(&w);
}

struct reply *
session_failure(int status, const char *code, const char *why)
{
	struct buf json = { 0 };

	write_failure(&json, str_from(code), str_from(why));
	return reply_json(status, &json);
}

void
session_fail(struct request *r, int status, const char *code, const char *why)
{
	request_answer(r, session_failure(status, code, why));
}

void
session_fail_gone(struct request *r, int64_t first)
{
	struct buf json = { 0 };
	struct json_writer w;

	begin_failure(&w, &json, STR("OFFSET_GONE"), STR("this event is no longer kept"));
	jw_pair_i64(&w, "firstOffset", first);
	jw_end_object(&w);
	session_answer(r, 410, &json);
}

void
session_method(struct request *r, const char *allow)
{
	struct buf json = { 0 };
	struct reply *p;

	write_failure(&json, STR("METHOD_NOT_ALLOWED"), STR("this knows other methods"));
	p = reply_new(405, &json);
	reply_header(p, "Content-Type", "application/json");
	reply_header(p, "Allow", "%s", allow);
	request_answer(r, p);
}

void
session_begin(struct json_writer *w, struct buf *out, int64_t offset)
{
	*w = (struct json_writer){ .out = out };
	jw_object(w);
	jw_key(w, "ok");
	jw_bool(w, true);
	if (offset >= 0)
		jw_pair_i64(w, "offset", offset);
}

static void
fail_write(struct request *r, const struct op *op)
{
	int status = op->out.status;

	if (status >= 500)
		session_fail(r, status, "PUBLISH_FAILED", op->out.why);
	else if (status == 404 || status == 410)
		session_fail(r, 404, "STREAM_NOT_FOUND", "there is no such session");
	else if (op->kind == OP_CREATE)
		session_fail(r, 409, "SESSION_EXISTS", op->out.why);
	else
		session_fail(r, 409, "STREAM_CLOSED", op->out.why);
}

void
session_published(void *r, struct op *op)
{
	struct buf json = { 0 };
	struct json_writer w;

	if (op->out.status >= 300) {
		fail_write(r, op);
		return;
	}
	session_begin(&w, &json, op->out.tail.n - 1);
	jw_end_object(&w);
	session_answer(r, 200, &json);
}

/* ---- sessions and their streams */

struct op *
session_op(enum op_kind kind, struct str id)
{
	struct op *op = op_new(kind);

	buf_printf(&op->path, ROOT "%.*s", STR_ARG(id));
	buf_set(&op->type, STR("application/json"));
	op->count = 1;
	return op;
}

static bool
is_session(const struct stream *stream)
{
	return stream_life(stream, clock_wall()) == STREAM_LIVE &&
	    params_is_json(buf_view(&stream->type));
}

bool
session_find(struct server *s, struct request *r, struct str id, struct stream *stream)
{
	struct buf path = { 0 };
	bool found, ok;

	buf_printf(&path, ROOT "%.*s", STR_ARG(id));
	found = streams_find(s->reader, buf_view(&path), stream) && is_session(stream);
	ok = streams_ok(s->reader);
	streams_clear(s->reader);
	buf_done(&path);
	if (!ok)
		session_fail(r, 503, "STREAM_UNAVAILABLE", "the log cannot be read");
	else if (!found)
		session_fail(r, 404, "STREAM_NOT_FOUND", "there is no such session");
	return ok && found;
}

/* The value of an item that says what a session is about; false: it is none. */
static bool
about_of(struct str item, struct str *value)
{
	struct buf type = { 0 };
	bool is = json_get_text(item, "type", &type) && str_eq(buf_view(&type), STR("session")) &&
	    json_get(item, "value", value);

	buf_done(&type);
	return is;
}

/* What its first event says of a session, and the last one that says something else. */
static void
write_about(struct json_writer *w, struct str items)
{
	static const char *const names[] = { "title", "directory", "parent", "model" };
	struct str item, value = STR_NONE, last = STR_NONE;
	struct buf text = { 0 };
	int64_t time;

	if (messages_next(&items, &item))
		about_of(item, &value);
	if (messages_next(&items, &item))
		about_of(item, &last);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		buf_clear(&text);
		if (json_get_text(last, names[i], &text) || json_get_text(value, names[i], &text))
			jw_pair(w, names[i], buf_view(&text));
	}
	if (json_get_i64(value, "timestamp", &time))
		jw_pair_i64(w, "createdAt", time);
	buf_done(&text);
}

static void
write_session(struct server *s, const struct stream *stream, struct json_writer *w)
{
	struct str path = buf_view(&stream->path), rest, first;
	bool kept;
	struct offset from = streams_first(s->reader, stream);
	int64_t time = streams_time(s->reader, stream);
	struct buf row = { 0 };

	jw_object(w);
	jw_pair(w, "id", str_skip(path, sizeof ROOT - 1));
	jw_pair(w, "stream", path);
	jw_pair_i64(w, "offset", stream->tail.n);
	if (from.n > 0)
		jw_pair_i64(w, "firstOffset", from.n);
	jw_key(w, "closed");
	jw_bool(w, stream->closed);
	kept = streams_about(s->reader, stream->id, &row);
	if (!kept && from.n == 0)
		streams_read(s->reader, stream, from, stream->tail, 1, &row);
	rest = buf_view(&row);
	/* Of a row that is read only the first message counts. */
	if (kept)
		write_about(w, rest);
	else if (messages_next(&rest, &first))
		write_about(w, first);
	if (time > 0)
		jw_pair_i64(w, "updatedAt", time);
	jw_end_object(w);
	buf_done(&row);
}

/* ---- /api/sessions */

static bool
list_limit(struct str query, int64_t *limit)
{
	struct buf text = { 0 };
	int times = params_query(query, "limit", &text);
	bool ok = times == 0 || (times == 1 && str_to_i64(buf_view(&text), limit) && *limit > 0 &&
	    *limit <= LIST_MAX);

	buf_done(&text);
	return ok;
}

/* At most `limit` sessions behind the path `last`, which moves on; true when there may be more. */
static bool
write_list(struct server *s, struct buf *last, int64_t limit, struct json_writer *w)
{
	struct stream stream = { 0 };
	bool more = true;

	for (int walked = 0; limit > 0 && walked < LIST_WALK; walked++) {
		more = streams_next(s->reader, buf_view(last), STR(ROOT_END), &stream);
		if (!more)
			break;
		buf_set(last, buf_view(&stream.path));
		if (!is_session(&stream) || !params_id(str_skip(buf_view(last), sizeof ROOT - 1)))
			continue;
		write_session(s, &stream, w);
		limit--;
	}
	stream_done(&stream);
	return more;
}

static void
write_pagination(struct json_writer *w, int64_t limit, bool more, struct str last)
{
	jw_key(w, "pagination");
	jw_object(w);
	jw_pair_i64(w, "limit", limit);
	jw_key(w, "hasMore");
	jw_bool(w, more);
	if (more)
		jw_pair(w, "after", str_skip(last, sizeof ROOT - 1));
	jw_end_object(w);
}

static void
list(struct server *s, struct request *r)
{
	struct str query = request_query(r);
	struct buf json = { 0 }, after = { 0 }, last = { 0 };
	int64_t limit = LIST_DEFAULT;
	struct json_writer w;
	bool more, ok;

	if (params_query(query, "after", &after) > 1 || !list_limit(query, &limit)) {
		session_fail(r, 400, "INVALID_PARAMS", "limit is 1 to 100, after an id");
		goto out;
	}
	buf_printf(&last, ROOT "%.*s", STR_ARG(buf_view(&after)));
	session_begin(&w, &json, -1);
	jw_key(&w, "data");
	jw_array(&w);
	more = write_list(s, &last, limit, &w);
	jw_end_array(&w);
	write_pagination(&w, limit, more, buf_view(&last));
	jw_end_object(&w);
	ok = streams_ok(s->reader);
	streams_clear(s->reader);
	if (ok)
		session_answer(r, 200, &json);
	else
		session_fail(r, 503, "STREAM_UNAVAILABLE", "the log cannot be read");
out:
	buf_done(&json);
	buf_done(&after);
	buf_done(&last);
}

enum { NEW_ID, NEW_TITLE, NEW_DIRECTORY, NEW_PARENT, NEW_MODEL, NEW_FIELDS };

static const struct field new_fields[NEW_FIELDS] = {
	[NEW_ID] = { STR("id"), FIELD_TEXT, false },
	[NEW_TITLE] = { STR("title"), FIELD_TEXT, false },
	[NEW_DIRECTORY] = { STR("directory"), FIELD_TEXT, false },
	[NEW_PARENT] = { STR("parent"), FIELD_TEXT, false },
	[NEW_MODEL] = { STR("model"), FIELD_TEXT, false },
};

/* Its first event, which says what it is. */
static void
write_first(struct buf *out, struct str id, const struct str *v)
{
	static const char *const names[NEW_FIELDS] = { "id", "title", "directory", "parent",
		"model" };
	struct buf value = { 0 };
	struct json_writer w = { .out = &value };
	int64_t now = clock_wall();

	jw_object(&w);
	jw_pair(&w, "id", id);
	for (size_t i = NEW_TITLE; i < NEW_FIELDS; i++)
		if (v[i].p != NULL)
			jw_pair(&w, names[i], v[i]);
	jw_pair_i64(&w, "timestamp", now);
	jw_end_object(&w);
	session_item_write(&(struct session_item){ "session", "insert", id, buf_view(&value), now },
	    out);
	buf_done(&value);
}

static void
answer_created(void *owner, struct op *op)
{
	struct request *r = owner;
	struct buf json = { 0 };
	struct json_writer w;

	if (op->out.status >= 300) {
		fail_write(r, op);
		return;
	}
	session_begin(&w, &json, op->out.tail.n);
	jw_key(&w, "data");
	jw_object(&w);
	jw_pair(&w, "id", str_skip(buf_view(&op->path), sizeof ROOT - 1));
	jw_pair(&w, "stream", buf_view(&op->path));
	jw_end_object(&w);
	jw_end_object(&w);
	session_answer(r, op->out.status, &json);
}

static void
create(struct server *s, struct request *r)
{
	struct arena a = { 0 };
	struct fields f = { .fields = new_fields, .n = NEW_FIELDS, .arena = &a };
	struct str body = buf_view(request_body(r)), v[NEW_FIELDS], id;
	struct buf made = { 0 };
	struct op *op;

	if (body.n == 0)
		body = STR("{}");
	if (!utf8_valid(body) || !json_valid(body)) {
		session_fail(r, 400, "INVALID_JSON", "the body is not JSON");
	} else if (!fields_read_text(&f, body, v)) {
		buf_str(&made, f.why);
		session_fail(r, 400, "INVALID_DATA", buf_cstr(&made));
	} else if (v[NEW_ID].p != NULL && !params_id(v[NEW_ID])) {
		session_fail(r, 400, "INVALID_SESSION_ID", "an id is 1 to 100 of A-Z a-z 0-9 _ -");
	} else {
		session_make_id(&made);
		id = v[NEW_ID].p != NULL ? v[NEW_ID] : buf_view(&made);
		op = session_op(OP_CREATE, id);
		write_first(&op->body, id, v);
		op->done = answer_created;
		server_submit(s, r, op);
	}
	buf_done(&made);
	arena_done(&a);
}

static void
describe(struct server *s, struct request *r, struct str id)
{
	struct stream stream = { 0 };
	struct buf json = { 0 };
	struct json_writer w;

	if (session_find(s, r, id, &stream)) {
		session_begin(&w, &json, -1);
		jw_key(&w, "data");
		write_session(s, &stream, &w);
		jw_end_object(&w);
		streams_clear(s->reader);
		session_answer(r, 200, &json);
	}
	stream_done(&stream);
}

static void
all_sessions(struct server *s, struct request *r)
{
	enum method m = request_method(r);

	if (m == METHOD_GET)
		list(s, r);
	else if (m == METHOD_POST)
		create(s, r);
	else
		session_method(r, "GET, POST");
}

void
sessions_handle(struct server *s, struct request *r, struct str rest)
{
	static const struct {
		struct str name;
		void (*get)(struct server *s, struct request *r, struct str id);
		void (*post)(struct server *s, struct request *r, struct str id);
	} parts[] = {
		{ STR(""), describe, NULL },
		{ STR("events"), session_events, NULL },
		{ STR("presence"), presence_list, presence_post },
		{ STR("stream"), session_stream, NULL },
	};
	struct str part, id = str_cut(str_skip(rest, 1), '/', &part);
	enum method m = request_method(r);
	bool agent = str_starts(id, STR(AGENT));

	if (rest.n == 0) {
		all_sessions(s, r);
		return;
	}
	if (rest.p[0] != '/' || !params_id(agent ? str_skip(id, sizeof AGENT - 1) : id)) {
		session_fail(r, 400, "INVALID_SESSION_ID", "an id is 1 to 100 of A-Z a-z 0-9 _ -");
		return;
	}
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		if (!str_eq(part, parts[i].name))
			continue;
		if (m == METHOD_GET)
			parts[i].get(s, r, id);
		else if (m == METHOD_POST && parts[i].post != NULL && !agent)
			parts[i].post(s, r, id);
		else
			session_method(r, parts[i].post != NULL && !agent ? "GET, POST" : "GET");
		return;
	}
	session_fail(r, 404, "NOT_FOUND", "there is nothing here");
}

/* ---- /api/streams */

static void
publish(struct server *s, struct request *r, struct str id, struct str channel, struct str data)
{
	struct arena a = { 0 };
	struct session_item it = { .time = clock_wall() };
	struct buf text = { 0 };
	struct str why;
	const char *code = session_channel_check(channel, data, id, &a, &it, &why);

	if (code == NULL) {
		struct op *op = session_op(OP_APPEND, id);

		session_item_write(&it, &op->body);
		op->done = session_published;
		server_submit(s, r, op);
	} else {
		buf_str(&text, why);
		session_fail(r, 400, code, buf_cstr(&text));
	}
	buf_done(&text);
	arena_done(&a);
}

static void
publish_body(struct server *s, struct request *r, struct str id)
{
	struct str body = buf_view(request_body(r)), data;
	struct buf channel = { 0 };

	if (!utf8_valid(body) || !json_valid(body))
		session_fail(r, 400, "INVALID_JSON", "the body is not JSON");
	else if (!json_get_text(body, "channel", &channel))
		session_fail(r, 400, "INVALID_CHANNEL", "\"channel\" is missing");
	else if (!json_get(body, "data", &data))
		session_fail(r, 400, "INVALID_DATA", "\"data\" is missing");
	else if (str_eq(buf_view(&channel), STR("presence")))
		presence_publish(s, r, id, data);
	else
		publish(s, r, id, buf_view(&channel), data);
	buf_done(&channel);
}

void
sessions_publish(struct server *s, struct request *r, struct str rest)
{
	struct buf id = { 0 };
	int times = params_query(request_query(r), "sessionId", &id);

	(void)rest;
	if (request_method(r) == METHOD_GET && times == 0)
		listing_handle(s, r);
	else if (request_method(r) != METHOD_POST)
		session_method(r, "POST");
	else if (times == 0 || id.n == 0)
		session_fail(r, 400, "MISSING_SESSION_ID", "sessionId is missing");
	else if (times > 1 || !params_id(buf_view(&id)))
		session_fail(r, 400, "INVALID_SESSION_ID", "an id is 1 to 100 of A-Z a-z 0-9 _ -");
	else
		publish_body(s, r, buf_view(&id));
	buf_done(&id);
}
