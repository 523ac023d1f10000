#include <stdlib.h>

#include "base/base64.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "wire/channels.h"
#include "wire/dialect.h"
#include "wire/durable.h"
#include "wire/json.h"
#include "wire/records.h"

enum {
	ITEM_MAX = 32 << 20,	/* bytes of one JSON item */
	/*
	 * Text is cut into records of this size, counted from the last commit, so that a reader who
	 * resumes there finds the same records again; what is less waits for the commit.
	 */
	PIECE = 64 << 10,
	/* A server may send nothing for 60 s; one that sends comments does so every 15 s. */
	SILENCE = 80000,
	SILENCE_WITH_HEARTBEAT = 40000
};

/* The first byte of a record that is text and not JSON. */
static const char text_mark = DIALECT_TEXT_MARK;

struct framer {
	/* of the stream */
	enum { UNKNOWN, JSON, TEXT } sort;
	struct buf cursor;		/* Stream-Cursor, which live requests give back */
	bool heartbeat, live;		/* it sends comments; the last request was for events */

	/* of the response */
	bool is_events, is_base64;
	struct buf next;		/* Stream-Next-Offset */
	unsigned flags;
	struct json_items items;
	struct buf held;		/* text that is not committed, after its mark */
	const struct frame_sink *sink;	/* of the call that is under way */
};

static void
on_item(void *ctx, struct str bytes)
{
	struct framer *f = ctx;

	f->sink->record(f->sink->ctx, bytes);
}

static struct framer *
framer_new(void)
{
	return mem_zalloc(sizeof(struct framer));
}

static void
restart(struct framer *f)
{
	json_items_done(&f->items);
	f->items = (struct json_items){ .item = on_item, .ctx = f, .max = ITEM_MAX };
	buf_clear(&f->next);
	buf_clear(&f->held);
	f->is_events = f->is_base64 = false;
	f->flags = 0;
}

static void
framer_free(struct framer *f)
{
	json_items_done(&f->items);
	buf_done(&f->cursor);
	buf_done(&f->next);
	buf_done(&f->held);
	free(f);
}

/* ---- requests */

/* Parameters in the order of their names, which is what caches want. */
static void
add_query(struct buf *q, const struct framer *f, const struct position *at, enum read_mode mode)
{
	if (mode != READ_CATCHUP && f->cursor.n > 0) {
		buf_str(q, STR("cursor="));
		http_escape(q, buf_view(&f->cursor));
		buf_byte(q, '&');
	}
	if (mode != READ_CATCHUP)
		buf_printf(q, "live=%s&", mode == READ_LIVE ? "sse" : "long-poll");
	buf_str(q, STR("offset="));
	http_escape(q, at->cursor.n > 0 ? buf_view(&at->cursor) : STR("-1"));
}

static enum err
read_on(const struct endpoint *ep, struct framer *f, const struct position *at, enum read_mode mode,
    struct http_request *out, struct error *e)
{
	struct buf query = { 0 };
	enum err err;

	add_query(&query, f, at, mode);
	err = endpoint_request(ep, "GET", buf_view(&query), out, e);
	buf_done(&query);
	if (err != ERR_OK)
		return err;
	out->silence_timeout = f->heartbeat ? SILENCE_WITH_HEARTBEAT : SILENCE;
	out->total_timeout = INT64_MAX;
	/* It is read as it comes; a server may give its whole history at once. */
	out->max_body = SIZE_MAX;
	out->stream = f->live = mode == READ_LIVE;
	if (mode == READ_POLL)
		out->head_timeout = SILENCE;
	return ERR_OK;
}

/* Beside this one. */
static void
place(const struct endpoint *ep, struct str id, struct buf *target)
{
	struct str path = endpoint_path(ep);

	buf_set(target, str_head(path, path.n - endpoint_last(ep).n));
	http_escape(target, id);
}

static void
add_session(struct buf *out, const struct act *act, struct str id, const char *operation)
{
	struct json_writer w = { .out = out };

	jw_array(&w);
	jw_object(&w);
	jw_pair(&w, "type", STR("session"));
	jw_pair(&w, "key", id);
	jw_key(&w, "value");
	jw_object(&w);
	jw_pair(&w, "id", id);
	if (act->text.n > 0)
		jw_pair(&w, "title", act->text);
	jw_pair_i64(&w, "timestamp", act->time);
	jw_end_object(&w);
	jw_key(&w, "headers");
	jw_object(&w);
	jw_pair(&w, "operation", str_from(operation));
	jw_end_object(&w);
	jw_end_object(&w);
	jw_end_array(&w);
}

/* Another stream, which begins with its own name or with all that is in this one. */
static enum err
encode_made(const struct endpoint *ep, const struct act *act, struct http_request *out,
    struct error *e)
{
	struct buf target = { 0 }, body = { 0 };
	enum err err;

	place(ep, act->id, &target);
	err = endpoint_request_at(ep, "PUT", buf_view(&target), out, e);
	if (err == ERR_OK && act->kind == ACT_NEW)
		add_session(&body, act, act->id, "insert");
	if (err == ERR_OK)
		http_request_body(out, "application/json", buf_view(&body));
	if (err == ERR_OK && act->kind == ACT_FORK)
		http_request_header(out, "Stream-Forked-From", endpoint_path(ep));
	buf_done(&target);
	buf_done(&body);
	return err;
}

static enum err
encode(const struct endpoint *ep, const struct act *act, struct http_request *out, struct error *e)
{
	struct buf body = { 0 };
	enum err err;

	if (act->kind == ACT_NEW || act->kind == ACT_FORK)
		return encode_made(ep, act, out, e);
	err = endpoint_request(ep, act->kind == ACT_DELETE ? "DELETE" : "POST", STR_NONE, out, e);
	if (err != ERR_OK || act->kind == ACT_DELETE)
		return err;
	if (act->kind == ACT_RENAME) {
		add_session(&body, act, act->session.n > 0 ? act->session : endpoint_last(ep), "update");
		http_request_body(out, "application/json", buf_view(&body));
		buf_done(&body);
		return ERR_OK;
	}
	buf_byte(&body, '[');
	channels_encode(act, endpoint_last(ep), &body);
	buf_byte(&body, ']');
	http_request_body(out, "application/json", buf_view(&body));
	buf_done(&body);
	if (act->producer.n == 0 || durable_produce(out, act->producer, act->epoch, act->seq))
		return ERR_OK;
	http_request_done(out);
	return error_set(e, ERR_FAILED, "the producer's name has a control character in it");
}

/* ---- responses */

static void
set_flag(struct framer *f, unsigned flag, struct str value)
{
	if (str_eq_nocase(value, STR("true")))
		f->flags |= flag;
}

static enum err
take_head(struct framer *f, struct str headers, struct error *e)
{
	struct str params, type = str_trim(str_cut(http_header(headers, "content-type"), ';', &params));
	struct str next = http_header(headers, "stream-next-offset");
	struct str cursor = http_header(headers, "stream-cursor");
	struct str encoding = http_header(headers, "stream-sse-data-encoding");

	restart(f);
	if (cursor.n > 0)
		buf_set(&f->cursor, cursor);
	f->is_events = f->live && str_eq_nocase(type, STR("text/event-stream"));
	f->is_base64 = str_eq_nocase(encoding, STR("base64"));
	if (f->is_base64)
		f->sort = TEXT;
	if (f->is_events)
		return ERR_OK;
	if (next.n == 0)
		return error_set(e, ERR_PROTOCOL, "the answer has no Stream-Next-Offset: this is not a Durable "
		    "Stream; check the address");
	/* A 204 of a long-poll need not say what it does not bring. */
	if (type.n > 0)
		f->sort = str_eq_nocase(type, STR("application/json")) ? JSON : TEXT;
	buf_set(&f->next, next);
	set_flag(f, COMMIT_UP_TO_DATE, http_header(headers, "stream-up-to-date"));
	set_flag(f, COMMIT_CLOSED | COMMIT_UP_TO_DATE, http_header(headers, "stream-closed"));
	return ERR_OK;
}

/* Gives out the first `n` bytes of what is held. */
static void
release(struct framer *f, size_t n)
{
	if (n == 0)
		return;
	f->sink->record(f->sink->ctx, str_head(buf_view(&f->held), 1 + n));
	buf_drop(&f->held, 1 + n);
	if (f->held.n > 0)
		buf_splice(&f->held, 0, 0, str_of(&text_mark, 1));
}

static void
take_text(struct framer *f, struct str bytes)
{
	while (bytes.n > 0) {
		size_t room;
		struct str piece;

		if (f->held.n == 0)
			buf_byte(&f->held, text_mark);
		room = 1 + PIECE - f->held.n;
		buf_str(&f->held, str_head(bytes, room));
		bytes = str_skip(bytes, room);
		piece = str_skip(buf_view(&f->held), 1);
		if (piece.n == PIECE)
			release(f, PIECE - utf8_partial_tail(piece));
	}
}

static enum err
take_json(struct framer *f, struct str bytes, struct error *e)
{
	if (json_items_feed(&f->items, bytes))
		return ERR_OK;
	return error_set(e, ERR_PROTOCOL, "the server's JSON: %s", f->items.error);
}

static void
commit(struct framer *f)
{
	if (f->held.n > 0)
		release(f, f->held.n - 1);
	f->sink->commit(f->sink->ctx, buf_view(&f->next), f->flags);
}

/* A string that replaces what is in `out`, if the value is one. */
static void
read_text(struct json *j, struct buf *out)
{
	struct str raw;

	if (json_peek(j) != JSON_STRING || !json_string(j, &raw))
		return;
	buf_clear(out);
	json_unescape(raw, out);
}

static void
read_flag(struct json *j, unsigned flag, unsigned *flags)
{
	bool on;

	if (json_peek(j) == JSON_BOOL && json_bool(j, &on) && on)
		*flags |= flag;
}

static enum err
take_control(struct framer *f, struct str data, struct error *e)
{
	struct json j;
	struct str key;

	buf_clear(&f->next);
	f->flags = 0;
	json_init(&j, data);
	json_object(&j);
	while (json_member(&j, &key)) {
		if (json_is(key, "streamNextOffset"))
			read_text(&j, &f->next);
		else if (json_is(key, "streamCursor"))
			read_text(&j, &f->cursor);
		else if (json_is(key, "upToDate"))
			read_flag(&j, COMMIT_UP_TO_DATE, &f->flags);
		else if (json_is(key, "streamClosed"))
			read_flag(&j, COMMIT_CLOSED | COMMIT_UP_TO_DATE, &f->flags);
	}
	if (!json_end(&j) || f->next.n == 0)
		return error_set(e, ERR_PROTOCOL, "the server's control event: %s",
		    j.error != NULL ? j.error : "streamNextOffset is missing");
	commit(f);
	return ERR_OK;
}

static void
ignore(void *ctx, struct str bytes)
{
	(void)ctx, (void)bytes;
}

/* An event is there whole: it counts so, or not at all. */
static enum err
take_array(struct framer *f, struct str data, struct error *e)
{
	struct json_items probe = { .item = ignore, .max = ITEM_MAX };
	enum err err = ERR_OK;

	if (!json_items_feed(&probe, data) || !json_items_end(&probe))
		err = error_set(e, ERR_PROTOCOL, "a data event's JSON: %s", probe.error);
	json_items_done(&probe);
	if (err == ERR_OK && json_items_feed(&f->items, data))
		json_items_end(&f->items);
	return err;
}

static enum err
take_data(struct framer *f, struct str data, struct error *e)
{
	struct buf bytes = { 0 };
	enum err err = ERR_OK;

	/* Only the answer of a plain read says of what sort the stream is. */
	if (f->sort == UNKNOWN)
		f->sort = str_starts(data, STR("[")) && json_valid(data) ? JSON : TEXT;
	if (f->sort == JSON) {
		err = take_array(f, data, e);
	} else if (!f->is_base64) {
		take_text(f, data);
	} else if (base64_decode(data, &bytes)) {
		take_text(f, buf_view(&bytes));
	} else {
		err = error_set(e, ERR_PROTOCOL, "a data event is not base64, which it should be");
	}
	buf_done(&bytes);
	return err;
}

static enum err
take_event(struct framer *f, const struct sse_message *m, struct error *e)
{
	if (str_eq(m->type, STR("data")))
		return take_data(f, m->data, e);
	if (str_eq(m->type, STR("control")))
		return take_control(f, m->data, e);
	return ERR_OK;
}

static enum err
take_body(struct framer *f, struct str bytes, struct error *e)
{
	if (f->sort == JSON)
		return take_json(f, bytes, e);
	take_text(f, bytes);
	return ERR_OK;
}

static enum err
take_end(struct framer *f, enum http_end end, struct error *e)
{
	/* What an event stream did not commit comes again. */
	if (f->is_events || end != HTTP_DONE)
		return ERR_OK;
	if (!json_items_end(&f->items))
		return error_set(e, ERR_PROTOCOL, "the server's JSON: %s", f->items.error);
	commit(f);
	return ERR_OK;
}

static enum err
frame(struct framer *f, const struct http_message *m, const struct frame_sink *sink,
    struct error *e)
{
	f->sink = sink;
	switch (m->kind) {
	case HTTP_HEAD:
		return take_head(f, m->headers, e);
	case HTTP_SSE:
		return take_event(f, &m->sse, e);
	case HTTP_BODY:
		return take_body(f, m->body, e);
	case HTTP_END:
		return take_end(f, m->end, e);
	case HTTP_ALIVE:
		f->heartbeat = true;
		return ERR_OK;
	default:
		return ERR_OK;
	}
}

/* ---- records */

static void
add_text(const struct event_sink *sink, struct str text)
{
	struct event e = event_of(EVENT_TEXT);

	e.text.msg = STR("stream");
	e.text.op = TEXT_APPEND;
	e.text.data = text;
	sink->event(sink->ctx, &e);
}

static void
decode(struct str record, const struct event_sink *sink)
{
	if (record.n > 0 && record.p[0] == text_mark)
		add_text(sink, str_skip(record, 1));
	else
		records_decode(record, sink);
}

const struct dialect dialect_durable = {
	.name = "durable",
	.about = "Durable Streams 1.0 with the State Protocol; what weir serve speaks",
	.flags = DIALECT_EXACT | DIALECT_PROVES_HEAD | DIALECT_SENDS_ONCE | DIALECT_PRODUCERS,
	.silence = SILENCE,
	.acts = ACT_BIT(ACT_INPUT) | ACT_BIT(ACT_ANSWER) | ACT_BIT(ACT_STOP) | ACT_BIT(ACT_PRESENCE) |
	    ACT_BIT(ACT_NEW) | ACT_BIT(ACT_FORK) | ACT_BIT(ACT_RENAME) | ACT_BIT(ACT_DELETE),
	.read = read_on,
	.framer_new = framer_new,
	.framer_free = framer_free,
	.frame = frame,
	.decode = decode,
	.encode = encode,
	.place = place,
	.list = listing_request,
	.listed = listing_decode,
};
