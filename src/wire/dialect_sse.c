/*
 * Any event stream, event by event, and any other text that is not a web page, line by line. A
 * record is an event as it may stand in a stream: "event:", "id:" and "data:" lines.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "wire/channels.h"
#include "wire/dialect.h"
#include "wire/records.h"

enum { LINE_MAX = 16 << 20 };

struct framer {
	bool is_events;
	struct buf id;			/* the last one that was seen */
	struct buf line;		/* of a text, until its end has come */
	struct buf record;
	const struct frame_sink *sink;	/* of the call that is under way */
};

static struct framer *
framer_new(void)
{
	return mem_zalloc(sizeof(struct framer));
}

static void
framer_free(struct framer *f)
{
	buf_done(&f->id);
	buf_done(&f->line);
	buf_done(&f->record);
	free(f);
}

static enum err
read_on(const struct endpoint *ep, struct framer *f, const struct position *at, enum read_mode mode,
    struct http_request *out, struct error *e)
{
	enum err err = endpoint_request(ep, "GET", STR_NONE, out, e);

	(void)mode;
	if (err != ERR_OK)
		return err;
	out->stream = true;
	out->max_body = SIZE_MAX;
	/* What it may send besides events is shown too. */
	http_request_header(out, "Accept", STR("text/event-stream, */*;q=0.5"));
	if (at->cursor.n > 0)
		out->last_event_id = mem_str(buf_view(&at->cursor));
	buf_set(&f->id, buf_view(&at->cursor));
	return ERR_OK;
}

static enum err
encode(const struct endpoint *ep, const struct act *act, struct http_request *out, struct error *e)
{
	(void)act, (void)out;
	return error_set(e, ERR_DENIED, "%s is an event stream, where nothing can be sent", ep->url);
}

/* ---- responses */

static enum err
take_head(struct framer *f, struct str headers, struct error *e)
{
	struct str params, type = str_trim(str_cut(http_header(headers, "content-type"), ';', &params));
	struct str kind = str_cut(type, '/', &params);

	buf_clear(&f->line);
	f->is_events = str_eq_nocase(type, STR("text/event-stream"));
	if (f->is_events)
		return ERR_OK;
	if (str_eq_nocase(type, STR("text/html")) || str_eq_nocase(type, STR("application/xhtml+xml")))
		return error_set(e, ERR_PROTOCOL, "this is a web page, not an agent server; check the "
		    "address");
	if (str_eq_nocase(kind, STR("text")) || str_find(type, STR("json")) < type.n)
		return ERR_OK;
	return error_set(e, ERR_PROTOCOL, "this is %.*s, neither an event stream nor a text; check the "
	    "address", STR_ARG(type.n > 0 ? type : STR("of no type")));
}

static void
give(struct framer *f, unsigned flags)
{
	if (f->record.n > 0)
		f->sink->record(f->sink->ctx, buf_view(&f->record));
	buf_clear(&f->record);
	f->sink->commit(f->sink->ctx, buf_view(&f->id), flags);
}

static void
add_field(struct buf *out, const char *name, struct str value)
{
	buf_printf(out, "%s: ", name);
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] != '\r' && value.p[i] != '\n')
			buf_byte(out, value.p[i]);
	buf_byte(out, '\n');
}

static void
add_data(struct buf *out, struct str data)
{
	struct str rest = data;

	do {
		struct str line = str_cut(rest, '\n', &rest);

		buf_str(out, STR("data: "));
		buf_str(out, line);
		buf_byte(out, '\n');
	} while (rest.p != NULL);
}

/*
 * An id stands for the events after it until the next one comes: only what is behind the last is
 * given again. Where there are none at all, nothing ever is.
 */
static void
take_event(struct framer *f, const struct sse_message *m)
{
	bool numbered = m->id.n > 0 && !str_eq(m->id, buf_view(&f->id));

	if (!str_eq(m->type, STR("message")))
		add_field(&f->record, "event", m->type);
	if (numbered)
		add_field(&f->record, "id", m->id);
	add_data(&f->record, m->data);
	if (m->id.n == 0)
		buf_clear(&f->id);
	else if (numbered)
		buf_set(&f->id, m->id);
	if (numbered || m->id.n == 0) {
		give(f, 0);
		return;
	}
	f->sink->record(f->sink->ctx, buf_view(&f->record));
	buf_clear(&f->record);
}

static enum err
take_text(struct framer *f, struct str bytes, struct error *e)
{
	while (bytes.n > 0) {
		size_t end = str_find_byte(bytes, '\n');

		buf_str(&f->line, str_head(bytes, end));
		if (f->line.n > LINE_MAX)
			return error_set(e, ERR_LIMIT, "a line of more than %d bytes", LINE_MAX);
		if (end == bytes.n)
			break;
		bytes = str_skip(bytes, end + 1);
		add_data(&f->record, buf_view(&f->line));
		buf_clear(&f->line);
		give(f, 0);
	}
	return ERR_OK;
}

/* A text that ends is all there is of it. A stream may have sent an id without an event last: it goes
 * on from there. */
static void
take_end(struct framer *f, enum http_end end, struct str id)
{
	if (f->is_events && id.n > 0 && !str_eq(id, buf_view(&f->id))) {
		buf_set(&f->id, id);
		give(f, 0);
	}
	if (f->is_events || end != HTTP_DONE)
		return;
	if (f->line.n > 0)
		add_data(&f->record, buf_view(&f->line));
	buf_clear(&f->line);
	give(f, COMMIT_UP_TO_DATE | COMMIT_CLOSED);
}

static enum err
frame(struct framer *f, const struct http_message *m, const struct frame_sink *sink, struct error *e)
{
	f->sink = sink;
	switch (m->kind) {
	case HTTP_HEAD:
		return take_head(f, m->headers, e);
	case HTTP_SSE:
		take_event(f, &m->sse);
		return ERR_OK;
	case HTTP_BODY:
		return take_text(f, m->body, e);
	case HTTP_END:
		take_end(f, m->end, m->sse.id);
		return ERR_OK;
	default:
		return ERR_OK;
	}
}

/* ---- records */

static struct str
value_of(struct str line, struct str name)
{
	return str_starts(line, name) ? str_skip(line, name.n) : STR_NONE;
}

static void
decode(struct str record, const struct event_sink *sink)
{
	struct buf data = { 0 }, text = { 0 };
	struct str rest = record, type = STR_NONE;
	struct event e = event_of(EVENT_NOTE);
	bool first = true;

	while (rest.n > 0) {
		struct str line = str_cut(rest, '\n', &rest);
		struct str value = value_of(line, STR("data: "));

		if (value.p == NULL) {
			struct str said = value_of(line, STR("event: "));

			type = said.p != NULL ? said : type;
			continue;
		}
		if (!first)
			buf_byte(&data, '\n');
		first = false;
		buf_str(&data, value);
	}
	if (!channels_decode(buf_view(&data), sink) && !stream_events_decode(buf_view(&data), sink)) {
		buf_str(&text, type);
		if (type.n > 0)
			buf_byte(&text, ' ');
		buf_str(&text, buf_view(&data));
		e.note.level = NOTE_RAW;
		e.note.text = buf_view(&text);
		sink->event(sink->ctx, &e);
	}
	buf_done(&data);
	buf_done(&text);
}

const struct dialect dialect_sse = {
	.name = "sse",
	.about = "any event stream, shown event by event",
	.flags = DIALECT_EXACT | DIALECT_NO_PAGES | DIALECT_NO_POLLS,
	.read = read_on,
	.framer_new = framer_new,
	.framer_free = framer_free,
	.frame = frame,
	.decode = decode,
	.encode = encode,
};
