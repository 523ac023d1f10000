/* The events of a session: what an item is called here, pages of the history, the live stream. */
#include <stdio.h>

#include "serve/live.h"
#include "serve/messages.h"
#include "serve/params.h"
#include "serve/sessions.h"
#include "serve/sse.h"
#include "wire/fields.h"

enum {
	LIMIT_DEFAULT = 100, LIMIT_MAX = 1000,
	PAGE_BYTES = 1 << 20,		/* of one answer, more only for one large event */
	READ_BYTES = 64 << 10
};

/* ---- one event */

enum { TYPE, CHANNEL, KEY, VALUE, DATA, OLD, HEADERS, TIME, ITEM_FIELDS };

/* Streams may hold anything, so every type fits. */
static const struct field item_fields[ITEM_FIELDS] = {
	[TYPE] = { STR("type"), FIELD_PLAIN, false },
	[CHANNEL] = { STR("channel"), FIELD_PLAIN, false },
	[KEY] = { STR("key"), FIELD_JSON, false },
	[VALUE] = { STR("value"), FIELD_JSON, false },
	[DATA] = { STR("data"), FIELD_JSON, false },
	[OLD] = { STR("old_value"), FIELD_JSON, false },
	[HEADERS] = { STR("headers"), FIELD_JSON, false },
	[TIME] = { STR("timestamp"), FIELD_PLAIN, false },
};

/* Of the value and of the headers. */
enum { OWN_TYPE, STATUS, STAMP, OPERATION, OWN_FIELDS };

static const struct field own_fields[OWN_FIELDS] = {
	[OWN_TYPE] = { STR("type"), FIELD_PLAIN, false },
	[STATUS] = { STR("status"), FIELD_PLAIN, false },
	[STAMP] = { STR("timestamp"), FIELD_PLAIN, false },
	[OPERATION] = { STR("operation"), FIELD_PLAIN, false },
};

static void
read_own(struct arena *a, struct str object, struct str v[OWN_FIELDS])
{
	struct fields f = { .fields = own_fields, .n = OWN_FIELDS, .arena = a };

	fields_read_text(&f, object.p != NULL ? object : STR("{}"), v);
}

static void
name_presence(struct buf *out, struct str own, struct str operation)
{
	struct str behind, first = str_cut(own, ':', &behind);

	if (behind.p == NULL)
		behind = first;
	if (behind.n == 0)
		behind = str_eq(operation, STR("insert")) ? STR("joined") :
		    str_eq(operation, STR("delete")) ? STR("left") : STR("cursor");
	buf_printf(out, "presence:%.*s", STR_ARG(behind));
}

/* The type of an event that came on `channel` with this value. */
static void
name_event(struct buf *out, struct str channel, const struct str *value, struct str operation)
{
	if (str_eq(channel, STR("chunks")))
		buf_set(out, STR("chunk"));
	else if (str_eq(channel, STR("toolCalls")))
		buf_set(out, str_eq(value[STATUS], STR("pending")) ||
		    str_eq(value[STATUS], STR("running")) ? STR("tool:start") : STR("tool:result"));
	else if (str_eq(channel, STR("presence")))
		name_presence(out, value[OWN_TYPE], operation);
	else if (str_eq(channel, STR("terminal")))
		buf_set(out, str_eq(value[OWN_TYPE], STR("input")) ? STR("terminal:input") :
		    STR("terminal:output"));
	else if (str_eq(channel, STR("workflow")))
		buf_set(out, value[OWN_TYPE].n > 0 ? value[OWN_TYPE] : channel);
	else if (str_eq(channel, STR("agentState")))
		buf_set(out, STR("state:update"));
	else
		buf_set(out, channel);
}

static void
write_time(struct json_writer *w, struct str own, struct str item, struct str headers)
{
	int64_t ms = fields_time(own);

	if (ms == 0)
		ms = fields_time(item);
	if (ms == 0)
		ms = fields_time(headers);
	jw_key(w, "timestamp");
	if (ms > 0)
		jw_i64(w, ms);
	else
		jw_null(w);
}

static void
write_data(struct json_writer *w, const struct str *v, struct str data, struct str item)
{
	jw_key(w, "data");
	if (data.p != NULL) {
		jw_raw(w, data);
	} else if (v[KEY].p != NULL) {
		/* Somebody or something that is gone: all that is left is the name. */
		jw_object(w);
		jw_key(w, str_eq(v[TYPE], STR("presence")) ? "userId" : "id");
		jw_raw(w, v[KEY]);
		jw_end_object(w);
	} else {
		jw_raw(w, item);
	}
}

void
session_event_write(struct buf *out, int64_t n, struct str item)
{
	struct arena a = { 0 };
	struct fields f = { .fields = item_fields, .n = ITEM_FIELDS, .arena = &a };
	struct json_writer w = { .out = out };
	struct str v[ITEM_FIELDS], value[OWN_FIELDS], headers[OWN_FIELDS], data, channel;
	struct buf name = { 0 };
	char id[24];

	fields_read_text(&f, item, v);
	data = v[VALUE].p != NULL ? v[VALUE] : v[DATA].p != NULL ? v[DATA] : v[OLD];
	channel = v[TYPE].n > 0 ? v[TYPE] : v[CHANNEL].n > 0 ? v[CHANNEL] : STR("raw");
	read_own(&a, data, value);
	read_own(&a, v[HEADERS], headers);
	name_event(&name, channel, value, headers[OPERATION]);
	snprintf(id, sizeof id, "%lld", (long long)n);
	jw_object(&w);
	jw_pair(&w, "id", str_from(id));
	jw_pair_i64(&w, "offset", n);
	jw_pair(&w, "type", buf_view(&name));
	write_time(&w, value[STAMP], v[TIME], headers[STAMP]);
	write_data(&w, v, data, item);
	jw_end_object(&w);
	buf_done(&name);
	arena_done(&a);
}

/* ---- parameters */

/* -1 when it is not there; false when it is no number or there twice. */
static bool
take_number(struct str query, const char *name, int64_t *v)
{
	struct buf text = { 0 };
	int times = params_query(query, name, &text);
	bool ok = times == 0 || (times == 1 && str_to_i64(buf_view(&text), v) && *v >= 0 &&
	    *v <= PRODUCER_MAX);

	buf_done(&text);
	return ok;
}

enum asked { ASKED_WELL, ASKED_WRONG, ASKED_TOO_LATE };

struct window {
	int64_t limit, from, to, end;	/* [from, to) of what would go on up to `end` */
	bool back;			/* what stands before `end` */
};

/* Exactly one way to say which events; those before `first` are gone. */
static enum asked
take_window(struct str query, int64_t first, int64_t total, struct window *w)
{
	int64_t offset = -1, after = -1, before = -1, from = -1, to = -1;

	w->limit = -1;
	if (!take_number(query, "offset", &offset) || !take_number(query, "afterEventId", &after) ||
	    !take_number(query, "beforeOffset", &before) ||
	    !take_number(query, "fromOffset", &from) || !take_number(query, "toOffset", &to) ||
	    !take_number(query, "limit", &w->limit))
		return ASKED_WRONG;
	if ((offset >= 0) + (after >= 0) + (before >= 0) + (from >= 0) != 1 ||
	    (from >= 0) != (to >= 0) || to < from || after >= total || w->limit == 0 ||
	    w->limit > LIMIT_MAX)
		return ASKED_WRONG;
	/* Nobody who begins at 0 has been there before. */
	if (offset == 0)
		offset = first;
	if ((offset >= 0 && offset < first) || (after >= 0 && after + 1 < first) ||
	    (before >= 0 && before < first) || (from >= 0 && from < first))
		return ASKED_TOO_LATE;
	if (w->limit < 0)
		w->limit = LIMIT_DEFAULT;
	w->end = to >= 0 && to < total ? to + 1 : before >= 0 && before < total ? before : total;
	w->from = offset >= 0 ? offset : after >= 0 ? after + 1 : from;
	w->back = before >= 0;
	if (w->back)
		w->from = w->end - first > w->limit ? w->end - w->limit : first;
	if (w->from > w->end)
		w->from = w->end;
	w->to = w->end - w->from > w->limit ? w->from + w->limit : w->end;
	return ASKED_WELL;
}

/* ---- pages of the history */

/* Writes the events and sets w->to behind the last; false when the log cannot be read. */
static bool
write_events(struct server *s, const struct stream *stream, struct window *w,
    struct json_writer *out)
{
	struct offset at = streams_before(s->reader, stream, w->from), next;
	struct buf rows = { 0 };
	size_t start = out->out->n;
	int64_t n = at.n;

	while (n < w->to) {
		struct str rest, item;

		buf_clear(&rows);
		next = streams_read(s->reader, stream, at, stream->tail, READ_BYTES, &rows);
		if (offset_cmp(next, at) == 0)
			break;
		for (rest = buf_view(&rows); n < w->to && messages_next(&rest, &item); n++) {
			struct buf event = { 0 };

			if (n < w->from)
				continue;
			session_event_write(&event, n, item);
			jw_raw(out, buf_view(&event));
			buf_done(&event);
			if (out->out->n - start >= PAGE_BYTES)
				w->to = n + 1;
		}
		at = next;
	}
	buf_done(&rows);
	return n >= w->to && streams_ok(s->reader);
}

/* Backwards it is the first of the events that are too many, not the last. */
static bool
write_page(struct server *s, const struct stream *stream, struct window *w,
    struct json_writer *out)
{
	const struct json_writer before = *out;
	size_t start = out->out->n;

	while (write_events(s, stream, w, out)) {
		if (!w->back || w->to == w->end)
			return true;
		w->to = w->end;
		w->from += (w->to - w->from + 1) / 2;
		out->out->n = start;
		*out = before;
	}
	return false;
}

static void
write_pagination(struct json_writer *out, const struct window *w, int64_t first, int64_t total)
{
	jw_key(out, "pagination");
	jw_object(out);
	jw_pair_i64(out, "limit", w->limit);
	jw_pair_i64(out, "total", total);
	jw_pair_i64(out, "prevOffset", w->from);
	jw_pair_i64(out, "nextOffset", w->to);
	jw_key(out, "hasMore");
	jw_bool(out, w->back ? w->from > first : w->to < w->end);
	jw_end_object(out);
}

void
session_events(struct server *s, struct request *r, struct str id)
{
	struct stream stream = { 0 };
	struct buf json = { 0 };
	struct json_writer out;
	struct window w;
	enum asked asked;
	int64_t first;

	if (!session_find(s, r, id, &stream))
		goto out;
	first = streams_first(s->reader, &stream).n;
	asked = take_window(request_query(r), first, stream.tail.n, &w);
	if (asked != ASKED_WELL) {
		if (asked == ASKED_TOO_LATE)
			session_fail_gone(r, first);
		else
			session_fail(r, 400, "INVALID_PARAMS", "give exactly one of offset,"
			    " afterEventId, beforeOffset, and fromOffset with toOffset; limit is 1"
			    " to 1000");
		goto out;
	}
	server_touch(s, &stream);
	session_begin(&out, &json, -1);
	jw_key(&out, "data");
	jw_array(&out);
	if (write_page(s, &stream, &w, &out)) {
		jw_end_array(&out);
		write_pagination(&out, &w, first, stream.tail.n);
		jw_end_object(&out);
		session_answer(r, 200, &json);
	} else {
		session_fail(r, 503, "STREAM_UNAVAILABLE", "the log cannot be read");
	}
	streams_clear(s->reader);
out:
	stream_done(&stream);
	buf_done(&json);
}

/* ---- the live stream */

static void
write_frame(struct buf *out, int64_t n, struct str item)
{
	struct buf event = { 0 };

	session_event_write(&event, n, item);
	buf_printf(out, "id: %lld\n", (long long)n);
	sse_data(out, buf_view(&event));
	buf_byte(out, '\n');
	buf_done(&event);
}

static void
encode(struct buf *out, const struct stream *s, struct offset from, struct str rows)
{
	struct str item;

	(void)s;
	for (int64_t n = from.n; messages_next(&rows, &item); n++)
		write_frame(out, n, item);
}

static const struct live_view session_view = { { encode }, false };

/* The first event that is wanted. */
static enum asked
take_start(struct request *r, int64_t first, int64_t total, int64_t *from)
{
	struct str query = request_query(r), last = request_header(r, "Last-Event-ID");
	int64_t offset = -1, inclusive = -1, seen = -1;

	if (!take_number(query, "offset", &offset) ||
	    !take_number(query, "fromOffset", &inclusive) || (offset >= 0 && inclusive >= 0))
		return ASKED_WRONG;
	*from = offset >= 0 ? offset : inclusive >= 0 ? inclusive : 0;
	/* Whoever comes back says what came last, in a URL that is still the first one. */
	if (last.n > 0) {
		if (!str_to_i64(last, &seen) || seen < 0 || seen >= total)
			return ASKED_WRONG;
		*from = seen + 1;
	} else if (*from == 0) {
		*from = first;
	}
	if (*from < first)
		return ASKED_TOO_LATE;
	return *from <= total ? ASKED_WELL : ASKED_WRONG;
}

static void
write_connected(struct buf *out, struct str id, int64_t total, int64_t from)
{
	struct buf json = { 0 };
	struct json_writer w = { .out = &json };

	jw_object(&w);
	jw_pair(&w, "type", STR("connected"));
	jw_pair(&w, "streamId", id);
	jw_pair_i64(&w, "currentOffset", total);
	jw_pair_i64(&w, "resumedFromOffset", from);
	jw_end_object(&w);
	sse_data(out, buf_view(&json));
	buf_byte(out, '\n');
	buf_done(&json);
}

/* An append of many that is wanted from its middle on: the rest of it, so that frames are whole. */
static bool
write_rest(struct server *s, struct reading *at, int64_t from, struct buf *out)
{
	struct buf rows = { 0 };
	struct offset next;
	struct str rest, item;

	if (at->at.n == from)
		return true;
	next = streams_read(s->reader, &at->stream, at->at, at->stream.tail, 1, &rows);
	rest = buf_view(&rows);
	for (int64_t n = at->at.n; messages_next(&rest, &item); n++)
		if (n >= from)
			write_frame(out, n, item);
	at->at = next;
	buf_done(&rows);
	return next.n > from;
}

void
session_stream(struct server *s, struct request *r, struct str id)
{
	struct reading at = { 0 };
	struct buf first = { 0 };
	int64_t from, begin;
	enum asked asked;

	if (!session_find(s, r, id, &at.stream))
		goto out;
	begin = streams_first(s->reader, &at.stream).n;
	asked = take_start(r, begin, at.stream.tail.n, &from);
	if (asked != ASKED_WELL) {
		if (asked == ASKED_TOO_LATE)
			session_fail_gone(r, begin);
		else
			session_fail(r, 400, "INVALID_PARAMS", "there is no such event to begin at:"
			    " give offset or fromOffset, or Last-Event-ID");
		goto out;
	}
	server_touch(s, &at.stream);
	at.at = streams_before(s->reader, &at.stream, from);
	write_connected(&first, id, at.stream.tail.n, from);
	if (write_rest(s, &at, from, &first) && streams_ok(s->reader))
		live_follow(s, r, &at, &session_view, buf_view(&first));
	else
		session_fail(r, 503, "STREAM_UNAVAILABLE", "the log cannot be read");
	streams_clear(s->reader);
out:
	stream_done(&at.stream);
	buf_done(&first);
}
