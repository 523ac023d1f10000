/*
 * A running opencode server. Its stream tells only what changes, numbers nothing and repeats
 * nothing: whenever it was opened the rest is fetched, what comes meanwhile waits, and both become
 * records in one order. The cursor is the id of the last message before which nothing changes.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "wire/opencode.h"

enum {
	SILENCE = 25000,		/* a heartbeat comes every 10 s */
	BODY_MAX = 1 << 20,
	QUEUE_MAX = 64 << 20,
	FAMILY_MAX = 1024
};

struct framer {
	struct buf directory;		/* of the session, as the server told */
	struct buf *family;		/* its id, and those of its children */
	size_t nfamily, cap_family;
	bool live;			/* the last request was for events */
	struct buf body;		/* of an answer that is none */
	struct opencode_snapshot snapshot;
	bool waiting;			/* for the snapshot */
	struct buf *queue;		/* events that came meanwhile */
	size_t nqueue, cap_queue, queued;
	struct buf settled;		/* id of the message up to which all is here and ended */
	struct buf newest, previous;	/* of the last one, whose parts may still come; before it */
	struct buf open;		/* of the oldest that has no end */
	struct opencode_ptys ptys;
	struct buf cursor;
	const struct frame_sink *sink;	/* of the call that is under way */
};

static struct framer *
framer_new(void)
{
	return mem_zalloc(sizeof(struct framer));
}

static void
drop_queue(struct framer *f)
{
	for (size_t i = 0; i < f->nqueue; i++)
		buf_done(&f->queue[i]);
	f->nqueue = f->queued = 0;
}

static void
framer_free(struct framer *f)
{
	drop_queue(f);
	free(f->queue);
	for (size_t i = 0; i < f->nfamily; i++)
		buf_done(&f->family[i]);
	free(f->family);
	opencode_snapshot_done(&f->snapshot);
	opencode_ptys_done(&f->ptys);
	buf_done(&f->cursor);
	buf_done(&f->directory);
	buf_done(&f->body);
	buf_done(&f->settled);
	buf_done(&f->newest);
	buf_done(&f->previous);
	buf_done(&f->open);
	free(f);
}

/* ---- requests */

static bool
is_family(const struct framer *f, struct str id)
{
	for (size_t i = 0; i < f->nfamily; i++)
		if (str_eq(buf_view(&f->family[i]), id))
			return true;
	return false;
}

static void
adopt(struct framer *f, struct str id)
{
	if (id.n == 0 || f->nfamily == FAMILY_MAX || is_family(f, id))
		return;
	f->family = mem_grow(f->family, f->nfamily, &f->cap_family, sizeof *f->family);
	f->family[f->nfamily] = (struct buf){ 0 };
	buf_set(&f->family[f->nfamily++], id);
}

static enum err
read_on(const struct endpoint *ep, struct framer *f, const struct position *at, enum read_mode mode,
    struct http_request *out, struct error *e)
{
	struct str session = opencode_session(ep), ptys;
	struct str settled = str_cut(buf_view(&at->cursor), ' ', &ptys);
	struct buf directory = { 0 };
	enum err err;

	if (session.n == 0)
		return error_set(e, ERR_USAGE, "this is a server of sessions: give one, …/session/ID; weir ls"
		    " shows them");
	adopt(f, session);
	buf_set(&f->settled, settled);
	buf_set(&f->newest, settled);
	buf_set(&f->previous, settled);
	opencode_ptys_read(&f->ptys, ptys);
	buf_clear(&f->open);
	opencode_directory(ep, &directory);
	if (directory.n > 0)
		buf_set(&f->directory, buf_view(&directory));
	buf_done(&directory);
	f->live = mode != READ_CATCHUP;
	if (!f->live)
		return opencode_request(ep, "GET", buf_view(&f->directory), out, e, "/session/%.*s",
		    STR_ARG(session));
	err = opencode_request(ep, "GET", buf_view(&f->directory), out, e, "/event");
	if (err != ERR_OK)
		return err;
	out->stream = true;
	out->silence_timeout = SILENCE;
	return ERR_OK;
}

static bool
ask(const struct endpoint *ep, struct framer *f, unsigned *what, struct http_request *out)
{
	return f->waiting &&
	    opencode_snapshot_ask(&f->snapshot, ep, buf_view(&f->directory), what, out);
}

/* ---- which records, and where they lead */

struct event_head {
	struct buf type, session, parent;
	struct str properties, info;
};

static void
head_done(struct event_head *h)
{
	buf_done(&h->type);
	buf_done(&h->session);
	buf_done(&h->parent);
}

static bool
read_head(struct event_head *h, struct str record)
{
	*h = (struct event_head){ .info = STR_NONE };
	if (!json_get_text(record, "type", &h->type) || !json_get(record, "properties", &h->properties))
		return false;
	json_get_text(h->properties, "sessionID", &h->session);
	/* Not worth looking for in each piece of an answer, of which there are thousands. */
	if (!str_starts(buf_view(&h->type), STR("message.part.")) &&
	    json_get(h->properties, "info", &h->info))
		json_get_text(h->info, "parentID", &h->parent);
	return true;
}

/* It is about a terminal of the directory, which is no session's. */
static bool
is_terminal(struct str type)
{
	return str_starts(type, STR("pty.")) || str_eq(type, STR("weir.pty"));
}

/* Everything of this session and of what its agents began; of the server its terminals and errors. */
static bool
concerns(struct framer *f, const struct event_head *h)
{
	struct str type = buf_view(&h->type);

	if (str_starts(type, STR("session.")) && h->parent.n > 0 && is_family(f, buf_view(&h->parent)))
		adopt(f, buf_view(&h->session));
	if (h->session.n == 0)
		return is_terminal(type) || str_eq(type, STR("session.error"));
	return is_family(f, buf_view(&h->session));
}

static bool
is_ended(struct str info)
{
	struct buf role = { 0 };
	struct str time, value;
	bool ended = (json_get_text(info, "role", &role) && str_eq(buf_view(&role), STR("user"))) ||
	    json_get(info, "error", &value) ||
	    (json_get(info, "time", &time) && json_get(time, "completed", &value));

	buf_done(&role);
	return ended;
}

static void
follow_message(struct framer *f, struct str info)
{
	struct buf id = { 0 };

	if (!json_get_text(info, "id", &id))
		return;
	if (str_cmp(buf_view(&id), buf_view(&f->newest)) > 0) {
		buf_set(&f->previous, buf_view(&f->newest));
		buf_set(&f->newest, buf_view(&id));
	}
	if (is_ended(info)) {
		if (str_eq(buf_view(&id), buf_view(&f->open)))
			buf_clear(&f->open);
	} else if (f->open.n == 0 || str_cmp(buf_view(&id), buf_view(&f->open)) < 0) {
		buf_set(&f->open, buf_view(&id));
	}
	buf_done(&id);
	/* What comes behind an open one waits for it. */
	if (f->open.n == 0 || str_eq(buf_view(&f->open), buf_view(&f->newest)))
		buf_set(&f->settled, buf_view(&f->previous));
}

static void
commit(struct framer *f, unsigned flags)
{
	buf_set(&f->cursor, buf_view(&f->settled));
	opencode_ptys_write(&f->ptys, &f->cursor);
	f->sink->commit(f->sink->ctx, buf_view(&f->cursor), flags);
}

static void
on_record(void *ctx, struct str record)
{
	struct framer *f = ctx;
	struct event_head h;

	if (read_head(&h, record) && concerns(f, &h)) {
		bool mine = str_eq(buf_view(&h.session), buf_view(&f->family[0]));

		if (mine && str_eq(buf_view(&h.type), STR("message.updated")))
			follow_message(f, h.info);
		/* It will not get an end any more. */
		if (mine && str_eq(buf_view(&h.type), STR("weir.lost")))
			buf_clear(&f->open);
		if (!str_starts(buf_view(&h.type), STR("pty.")) ||
		    opencode_ptys_follow(&f->ptys, buf_view(&h.type), h.properties, record)) {
			f->sink->record(f->sink->ctx, record);
			commit(f, 0);
		}
	}
	head_done(&h);
}

/* ---- responses */

static enum err
take_head(struct framer *f, struct str headers, struct error *e)
{
	struct str params, type = str_trim(str_cut(http_header(headers, "content-type"), ';', &params));
	struct str want = f->live ? STR("text/event-stream") : STR("application/json");

	buf_clear(&f->body);
	drop_queue(f);
	if (!str_eq_nocase(type, want))
		return error_set(e, ERR_PROTOCOL, "this is %.*s and no session of an opencode server; check "
		    "the address", STR_ARG(str_eq_nocase(type, STR("text/html")) ? STR("a web page") : type));
	f->waiting = f->live;
	if (f->live)
		opencode_snapshot_begin(&f->snapshot);
	return ERR_OK;
}

static enum err
take_event(struct framer *f, struct str record, struct error *e)
{
	if (!f->waiting) {
		on_record(f, record);
		return ERR_OK;
	}
	f->queued += record.n;
	if (f->queued > QUEUE_MAX)
		return error_set(e, ERR_LIMIT, "more events than weir keeps came before the state of the "
		    "session did");
	f->queue = mem_grow(f->queue, f->nqueue, &f->cap_queue, sizeof *f->queue);
	f->queue[f->nqueue] = (struct buf){ 0 };
	buf_set(&f->queue[f->nqueue++], record);
	return ERR_OK;
}

static enum err
take_body(struct framer *f, struct str bytes, struct error *e)
{
	if (f->body.n + bytes.n > BODY_MAX)
		return error_set(e, ERR_LIMIT, "what the server says of the session is too long");
	buf_str(&f->body, bytes);
	return ERR_OK;
}

static enum err
take_end(struct framer *f, enum http_end end, struct error *e)
{
	struct buf directory = { 0 };

	if (f->live || end != HTTP_DONE)
		return ERR_OK;
	if (!json_valid(buf_view(&f->body)))
		return error_set(e, ERR_PROTOCOL, "what the server says of the session is not JSON");
	if (f->directory.n == 0 && json_get_text(buf_view(&f->body), "directory", &directory))
		buf_set(&f->directory, buf_view(&directory));
	buf_done(&directory);
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
		return take_event(f, m->sse.data, e);
	case HTTP_BODY:
		return take_body(f, m->body, e);
	case HTTP_END:
		return take_end(f, m->end, e);
	default:
		return ERR_OK;
	}
}

static enum err
take_aside(struct framer *f, const struct aside *a, const struct frame_sink *sink, struct error *e)
{
	struct buf known = { 0 };
	enum err err;

	if (!f->waiting)
		return ERR_OK;
	err = opencode_snapshot_take(&f->snapshot, a, buf_view(&f->settled), e);
	if (err != ERR_OK || !opencode_snapshot_is_whole(&f->snapshot))
		return err;
	f->sink = sink;
	f->waiting = false;
	buf_set(&known, buf_view(&f->settled));
	opencode_snapshot_give(&f->snapshot, buf_view(&f->family[0]), buf_view(&known), on_record, f);
	opencode_ptys_listed(&f->ptys, buf_view(&f->snapshot.needs[NEED_PTYS].body), on_record, f);
	opencode_snapshot_begin(&f->snapshot);
	for (size_t i = 0; i < f->nqueue; i++)
		on_record(f, buf_view(&f->queue[i]));
	drop_queue(f);
	commit(f, COMMIT_UP_TO_DATE);
	buf_done(&known);
	return ERR_OK;
}

static bool
branch(const struct endpoint *ep, struct framer *f, unsigned *which, struct http_request *out)
{
	return !f->waiting && opencode_ptys_ask(&f->ptys, ep, buf_view(&f->directory), which, out);
}

static enum err
branched(struct framer *f, unsigned which, const struct http_message *m,
    const struct frame_sink *sink, struct error *e)
{
	f->sink = sink;
	return opencode_ptys_take(&f->ptys, which, m, on_record, f, e);
}

const struct dialect dialect_opencode = {
	.name = "opencode",
	.about = "a running opencode serve",
	.flags = DIALECT_NO_POLLS | DIALECT_SENDS_ONCE,
	.silence = SILENCE,
	.acts = ACT_BIT(ACT_INPUT) | ACT_BIT(ACT_ANSWER) | ACT_BIT(ACT_STOP) | ACT_BIT(ACT_COMMAND) |
	    ACT_BIT(ACT_SHELL) | ACT_BIT(ACT_RENAME) | ACT_BIT(ACT_FORK) | ACT_BIT(ACT_DELETE) |
	    ACT_BIT(ACT_NEW) | ACT_BIT(ACT_REVERT) | ACT_BIT(ACT_UNREVERT) | ACT_BIT(ACT_AGENTS) | ACT_BIT(ACT_MODELS) | ACT_BIT(ACT_COMMANDS),
	.read = read_on,
	.framer_new = framer_new,
	.framer_free = framer_free,
	.frame = frame,
	.ask = ask,
	.aside = take_aside,
	.branch = branch,
	.branched = branched,
	.decode = opencode_decode,
	.encode = opencode_encode,
	.session = opencode_session,
	.new_id = opencode_id,
	.made = opencode_made,
	.place = opencode_place,
	.offers = opencode_offers,
	.list = opencode_list,
	.listed = opencode_listed,
	.list_more = opencode_list_more,
	.listed_more = opencode_listed_more,
};
