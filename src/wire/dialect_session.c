/*
 * The session API: pages of a session's history, then an event stream. Three generations of servers
 * speak it: events have an offset, or only an id; a stream begins where it is asked to, at the event
 * before that, or always at its start; offsets may begin anew when the server does. A record is one
 * event as it was sent.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"
#include "wire/channels.h"
#include "wire/dialect.h"
#include "wire/json.h"
#include "wire/records.h"
#include "wire/refusal.h"

enum {
	SILENCE = 45000,
	PAGE = 100,
	BODY_MAX = 64 << 20
};

#define SESSIONS LISTING_SESSIONS
#define STREAMS LISTING_STREAMS

/*
 * Where events have no offset they are counted. A stream may then begin with what was read before,
 * which is known by its id, so that a reader who knows no ids yet reads all pages for them.
 */
struct framer {
	int64_t next;			/* offset, or count, of the event that comes next */
	int64_t page;			/* of the first event of the next page */
	int64_t head;			/* what the server has, as far as it said */
	bool counted;			/* events have no offsets */
	bool live;			/* the last request was for events */
	bool asked;			/* what came before the stream was open */
	struct buf body;		/* of a page */
	struct map seen;		/* ids of events without an offset */
	const struct frame_sink *sink;	/* of the call that is under way */
};

static struct framer *
framer_new(void)
{
	struct framer *f = mem_zalloc(sizeof *f);

	map_init(&f->seen);
	return f;
}

static void
framer_free(struct framer *f)
{
	map_done(&f->seen, NULL);
	buf_done(&f->body);
	free(f);
}

/* ---- requests */

static struct str
session_of(const struct endpoint *ep)
{
	bool pages;

	return listing_session(endpoint_path(ep), &pages);
}

static bool
has_pages(const struct endpoint *ep)
{
	bool pages;

	return listing_session(endpoint_path(ep), &pages).n > 0 && pages;
}

static void
add_target(const struct endpoint *ep, const struct framer *f, bool live, struct buf *out)
{
	struct str id = session_of(ep);

	if (!live)
		buf_printf(out, SESSIONS "%.*s/events?limit=%d&offset=%lld", STR_ARG(id), PAGE,
		    (long long)f->page);
	else if (has_pages(ep))
		buf_printf(out, SESSIONS "%.*s/stream?fromOffset=%lld", STR_ARG(id), (long long)f->next);
	else
		buf_printf(out, STREAMS "%.*s/subscribe?fromOffset=%lld", STR_ARG(id), (long long)f->next);
}

/* A count stands behind an i. */
static bool
take_position(struct framer *f, struct str cursor)
{
	bool counted = str_starts(cursor, STR("i"));

	f->next = 0;
	if (cursor.n == 0) {
		map_done(&f->seen, NULL);
		map_init(&f->seen);
		f->page = 0;
		return true;
	}
	f->counted = counted;
	if (!str_to_i64(str_skip(cursor, counted ? 1 : 0), &f->next) || f->next < 0)
		return false;
	if (!counted)
		f->page = f->next;
	return true;
}

static enum err
read_on(const struct endpoint *ep, struct framer *f, const struct position *at, enum read_mode mode,
    struct http_request *out, struct error *e)
{
	struct buf target = { 0 };
	enum err err;

	if (session_of(ep).n == 0)
		return error_set(e, ERR_USAGE, "this is a server of sessions: give one, " SESSIONS "ID; weir ls "
		    "shows them");
	if (!take_position(f, buf_view(&at->cursor)))
		return error_set(e, ERR_FAILED, "the position in the session cannot be read");
	f->live = mode != READ_CATCHUP || !has_pages(ep);
	add_target(ep, f, f->live, &target);
	err = endpoint_request_at(ep, "GET", buf_view(&target), out, e);
	buf_done(&target);
	if (err != ERR_OK)
		return err;
	out->stream = f->live;
	out->silence_timeout = SILENCE;
	return ERR_OK;
}

/* The item that a channel would hold, as what is published on it. */
static void
write_publication(const struct act *act, struct str session, struct buf *out)
{
	struct json_writer w = { .out = out };
	struct buf item = { 0 }, channel = { 0 };
	struct str value;

	channels_encode(act, session, &item);
	json_get_text(buf_view(&item), "type", &channel);
	jw_object(&w);
	jw_pair(&w, "channel", buf_view(&channel));
	if (json_get(buf_view(&item), "value", &value)) {
		jw_key(&w, "data");
		jw_raw(&w, value);
	}
	jw_end_object(&w);
	buf_done(&item);
	buf_done(&channel);
}

static void
write_presence(const struct act *act, struct buf *out)
{
	struct json_writer w = { .out = out };

	jw_object(&w);
	jw_pair(&w, "userId", act->user);
	if (act->who == WHO_JOIN || act->who == WHO_LEAVE)
		jw_pair(&w, "action", act->who == WHO_JOIN ? STR("join") : STR("leave"));
	channels_write_cursor(&w, act);
	jw_end_object(&w);
}

static void
write_new(const struct act *act, struct buf *out)
{
	struct json_writer w = { .out = out };

	jw_object(&w);
	if (act->text.n > 0)
		jw_pair(&w, "title", act->text);
	jw_end_object(&w);
}

/* {"ok":true,"data":{"id":…}} */
static bool
made(struct str body, struct buf *id)
{
	struct str data;

	return json_get(body, "data", &data) && json_get_text(data, "id", id);
}

static void
place(const struct endpoint *ep, struct str id, struct buf *target)
{
	(void)ep;
	buf_set(target, STR(SESSIONS));
	http_escape(target, id);
	buf_str(target, STR("/stream"));
}

static enum err
encode(const struct endpoint *ep, const struct act *act, struct http_request *out, struct error *e)
{
	struct buf target = { 0 }, body = { 0 };
	struct str id = session_of(ep);
	enum err err;

	if (act->kind == ACT_PRESENCE && str_starts(id, STR("agent:")))
		return error_set(e, ERR_DENIED, "nobody is in what an agent does in all sessions");
	if (act->kind == ACT_PRESENCE) {
		buf_printf(&target, SESSIONS "%.*s/presence", STR_ARG(id));
		write_presence(act, &body);
	} else if (act->kind == ACT_NEW) {
		buf_str(&target, STR("/api/sessions"));
		write_new(act, &body);
	} else {
		buf_str(&target, STR("/api/streams?sessionId="));
		http_escape(&target, id);
		write_publication(act, id, &body);
	}
	err = endpoint_request_at(ep, "POST", buf_view(&target), out, e);
	if (err == ERR_OK)
		http_request_body(out, "application/json", buf_view(&body));
	buf_done(&target);
	buf_done(&body);
	return err;
}

/* ---- events */

static void
give_gap(struct framer *f, int64_t first, int64_t last)
{
	struct buf record = { 0 };

	buf_printf(&record, "{\"type\":\"weir:gap\",\"data\":{\"from\":%lld,\"to\":%lld}}",
	    (long long)first, (long long)last);
	f->sink->record(f->sink->ctx, buf_view(&record));
	buf_done(&record);
}

static void
commit(struct framer *f, unsigned flags)
{
	char cursor[24];
	int n = snprintf(cursor, sizeof cursor, f->counted ? "i%lld" : "%lld", (long long)f->next);

	if (f->next == 0)
		n = 0;
	f->sink->commit(f->sink->ctx, str_of(cursor, (size_t)n), flags);
}

static void
tell_again(struct framer *f)
{
	if (f->sink->again != NULL)
		f->sink->again(f->sink->ctx);
}

/* The server sends the event it was asked to begin behind, too. */
static void
take_numbered(struct framer *f, struct str record, int64_t offset)
{
	f->counted = false;
	if (offset < f->next) {
		tell_again(f);
		return;
	}
	if (offset > f->next)
		give_gap(f, f->next, offset - 1);
	f->sink->record(f->sink->ctx, record);
	f->next = offset + 1;
	commit(f, f->next >= f->head ? COMMIT_UP_TO_DATE : 0);
}

/* Without an offset it is known by its id, and counted. */
static void
take_plain(struct framer *f, struct str record, bool in_page)
{
	struct buf id = { 0 };
	bool known = json_get_text(record, "id", &id) &&
	    map_put(&f->seen, buf_view(&id), f) != NULL;

	buf_done(&id);
	f->counted = true;
	/* Pages are read for their ids, too. */
	if (in_page)
		known |= f->page++ < f->next;
	else if (known)
		tell_again(f);
	if (known)
		return;
	f->sink->record(f->sink->ctx, record);
	f->next++;
	commit(f, 0);
}

static enum err
refused(struct str record, struct error *e)
{
	struct buf words = { 0 };
	enum err err;

	refusal_words(record, 200, &words);
	err = error_set(e, ERR_PROTOCOL, "the server says: %s", buf_cstr(&words));
	buf_done(&words);
	return err;
}

/* How far the server is; one that has less than was read has begun anew. */
static void
take_connected(struct framer *f, struct str record)
{
	int64_t head;

	if (!json_get_i64(record, "currentOffset", &head) || head < 0)
		return;
	f->head = head;
	/* Some say the last one's offset, some the next one's. */
	if (head + 1 < f->next)
		f->sink->commit(f->sink->ctx, STR_NONE, COMMIT_RESET);
	else if (f->next > 0 && f->next >= head)
		commit(f, COMMIT_UP_TO_DATE);
}

static enum err
take_event(struct framer *f, struct str type, struct str record, bool in_page, struct error *e)
{
	struct buf own = { 0 };
	int64_t offset;
	bool named = json_get_text(record, "type", &own);
	bool failed = str_eq(type, STR("error")) || (named && str_eq(buf_view(&own), STR("error")));
	bool connected = named && str_eq(buf_view(&own), STR("connected"));

	buf_done(&own);
	if (failed)
		return refused(record, e);
	if (connected)
		take_connected(f, record);
	else if (json_get_i64(record, "offset", &offset) && offset >= 0)
		take_numbered(f, record, offset);
	else if (record.n > 0)
		take_plain(f, record, in_page);
	return ERR_OK;
}

/* ---- responses */

static enum err
take_head(struct framer *f, struct str headers, struct error *e)
{
	struct str params, type = str_trim(str_cut(http_header(headers, "content-type"), ';', &params));
	struct str want = f->live ? STR("text/event-stream") : STR("application/json");

	buf_clear(&f->body);
	f->asked = false;
	if (str_eq_nocase(type, want))
		return ERR_OK;
	return error_set(e, ERR_PROTOCOL, "this is %.*s and no session; check the address",
	    STR_ARG(str_eq_nocase(type, STR("text/html")) ? STR("a web page") : type));
}

static bool
has_more(struct str page, size_t n)
{
	struct str pagination, more;

	if (json_get(page, "pagination", &pagination) && json_get(pagination, "hasMore", &more))
		return str_eq(more, STR("true"));
	return n >= PAGE;
}

static enum err
take_page(struct framer *f, struct str page, struct error *e)
{
	struct str data, event;
	struct json j;
	size_t n = 0;
	enum err err = ERR_OK;

	f->head = INT64_MAX;
	if (!json_get(page, "data", &data))
		return error_set(e, ERR_PROTOCOL, "this is no page of a session's events");
	json_init(&j, data);
	for (json_array(&j); err == ERR_OK && json_element(&j) && json_value(&j, &event); n++)
		err = take_event(f, STR_NONE, event, true, e);
	f->head = 0;
	if (err != ERR_OK)
		return err;
	if (!f->counted)
		f->page = f->next;
	if (has_more(page, n))
		commit(f, COMMIT_MORE);
	else
		commit(f, f->page < f->next ? COMMIT_RESET : COMMIT_UP_TO_DATE);
	return ERR_OK;
}

static enum err
frame(struct framer *f, const struct http_message *m, const struct frame_sink *sink, struct error *e)
{
	f->sink = sink;
	switch (m->kind) {
	case HTTP_HEAD:
		return take_head(f, m->headers, e);
	case HTTP_SSE:
		return take_event(f, m->sse.type, m->sse.data, false, e);
	case HTTP_BODY:
		if (f->body.n + m->body.n > BODY_MAX)
			return error_set(e, ERR_LIMIT, "a page of events is too long");
		buf_str(&f->body, m->body);
		return ERR_OK;
	case HTTP_END:
		return f->live || m->end != HTTP_DONE ? ERR_OK : take_page(f, buf_view(&f->body), e);
	default:
		return ERR_OK;
	}
}

/* Not every stream begins where it was asked to: what came before it was open is asked for again. */
static bool
ask(const struct endpoint *ep, struct framer *f, unsigned *what, struct http_request *out)
{
	struct buf target = { 0 };
	bool asks = f->live && !f->asked && has_pages(ep);

	if (!asks)
		return false;
	f->asked = true;
	*what = 0;
	f->page = f->next;
	add_target(ep, f, false, &target);
	asks = endpoint_request_at(ep, "GET", buf_view(&target), out, NULL) == ERR_OK;
	buf_done(&target);
	return asks;
}

static enum err
take_aside(struct framer *f, const struct aside *a, const struct frame_sink *sink, struct error *e)
{
	enum err err;

	f->sink = sink;
	if (a->status / 100 != 2)
		return error_set(e, ERR_PROTOCOL, "the session's events could not be read (http %d)",
		    a->status);
	/* There are more: the next page at once. */
	f->asked = false;
	err = take_page(f, a->body, e);
	f->asked = err != ERR_OK || !has_more(a->body, 0);
	return err;
}

const struct dialect dialect_session = {
	.name = "session",
	.about = "the session API, /api/sessions/ID",
	.flags = DIALECT_EXACT | DIALECT_PROVES_HEAD | DIALECT_NO_POLLS |
	    DIALECT_PAGES_FIRST | DIALECT_PRESENCE,
	.silence = SILENCE,
	.acts = ACT_BIT(ACT_INPUT) | ACT_BIT(ACT_ANSWER) | ACT_BIT(ACT_STOP) | ACT_BIT(ACT_PRESENCE) |
	    ACT_BIT(ACT_NEW),
	.read = read_on,
	.framer_new = framer_new,
	.framer_free = framer_free,
	.frame = frame,
	.ask = ask,
	.aside = take_aside,
	.decode = records_decode,
	.encode = encode,
	.made = made,
	.place = place,
	.list = listing_request,
	.listed = listing_decode,
};
