#include "serve/live.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "serve/params.h"
#include "serve/sse.h"

/* Cursors count 20 s intervals since then: 2024-10-09T00:00:00Z. */
#define CURSOR_EPOCH INT64_C(1728432000)
enum { CURSOR_SECONDS = 20, CURSOR_JITTER = 3600 };

/* A request that waits at the tail of a stream, or follows it. */
struct live {
	struct subscriber sub;
	struct timer timer;
	struct server *server;
	struct request *request;
	int64_t cursor;			/* the client's, -1 for none */
	bool answered;			/* long-poll */

	/* Events: what is being sent, first the frame, then the text. */
	const struct live_view *view;
	struct frame *frame;
	struct buf text;
	size_t sent;
	int64_t ends, beat;		/* when it is closed, when a heartbeat is due */
	bool started, over;
};

/* ---- cursors */

static int64_t
cursor_of(struct str query)
{
	struct buf text = { 0 };
	int64_t v = -1;

	if (params_query(query, "cursor", &text) != 1 || !str_to_i64(buf_view(&text), &v) ||
	    v > PRODUCER_MAX)
		v = -1;
	buf_done(&text);
	return v;
}

/* Never the one the client came with: caches in between would answer it with what they hold. */
static int64_t
next_cursor(int64_t client)
{
	int64_t now = (clock_wall() / 1000 - CURSOR_EPOCH) / CURSOR_SECONDS;

	if (client < now)
		return now;
	return client + (1 + random() % CURSOR_JITTER + CURSOR_SECONDS - 1) / CURSOR_SECONDS;
}

/* ---- both */

static void
live_free(void *state)
{
	struct live *l = state;

	hub_leave(l->server->hub, &l->sub);
	timer_disarm(&l->server->timers, &l->timer);
	frame_release(l->frame);
	buf_done(&l->text);
	free(l);
}

static struct live *
live_of(struct subscriber *sub)
{
	return (struct live *)((char *)sub - offsetof(struct live, sub));
}

static struct live *
live_of_timer(struct timer *t)
{
	return (struct live *)((char *)t - offsetof(struct live, timer));
}

static struct live *
live_new(struct server *s, struct request *r, const struct reading *at,
    void (*wake)(struct subscriber *))
{
	struct live *l = mem_zalloc(sizeof *l);

	l->server = s;
	l->request = r;
	l->cursor = cursor_of(request_query(r));
	l->sub.at = at->at;
	l->sub.wake = wake;
	hub_join(s->hub, &l->sub, &at->stream);
	request_own(r, l, live_free);
	return l;
}

/* ---- long-poll */

static void
poll_answer(struct live *l, const struct stream *stream)
{
	struct offset at = l->sub.at;
	struct reply *p;

	if (l->answered)
		return;
	l->answered = true;
	if (l->sub.ended) {
		request_answer(l->request, reply_error(404, "the stream was deleted"));
		return;
	}
	if (offset_cmp(at, stream->tail) < 0) {
		p = durable_page(l->server, stream, at, durable_page_end(l->server, stream, at));
		reply_header(p, "Cache-Control", "private, max-age=60, stale-while-revalidate=300");
	} else {
		p = reply_new(204, NULL);
		reply_header(p, "Cache-Control", "no-store");
		durable_place(p, stream, at);
	}
	if (!stream->closed)
		reply_header(p, "Stream-Cursor", "%lld", (long long)next_cursor(l->cursor));
	request_answer(l->request, p);
}

static void
poll_wake(struct subscriber *sub)
{
	poll_answer(live_of(sub), hub_stream(sub));
}

static void
poll_timeout(struct timer *t)
{
	struct live *l = live_of_timer(t);

	poll_answer(l, hub_stream(&l->sub));
}

void
live_poll(struct server *s, struct request *r, struct reading *at)
{
	struct live *l = live_new(s, r, at, poll_wake);

	if (offset_cmp(at->at, at->stream.tail) < 0 || at->stream.closed ||
	    s->o.long_poll_ms == 0) {
		poll_answer(l, &at->stream);
		return;
	}
	l->timer.fire = poll_timeout;
	timer_arm(&s->timers, &l->timer, clock_mono() + s->o.long_poll_ms);
}

/* ---- events */

static void
encode_json(struct buf *out, struct str rows)
{
	struct buf body = { 0 };

	buf_byte(&body, '[');
	buf_str(&body, rows);
	buf_byte(&body, ']');
	sse_data(out, buf_view(&body));
	buf_done(&body);
}

static bool
is_text(struct str type)
{
	return str_eq_nocase(str_head(params_media_type(type), 5), STR("text/"));
}

static bool
is_binary(struct str type)
{
	return !is_text(type) && !params_is_json(type);
}

static void
encode(struct buf *out, const struct stream *s, struct offset from, struct str rows)
{
	struct str type = buf_view(&s->type);

	(void)from;
	buf_str(out, STR("event: data\n"));
	if (params_is_json(type))
		encode_json(out, rows);
	else if (is_text(type))
		sse_data(out, rows);
	else
		sse_base64(out, rows);
	buf_byte(out, '\n');
}

static const struct live_view durable_view = { { encode }, true };

/* Tells where the reader stands: behind every frame, and at the start when there is none. */
static void
write_control(struct live *l)
{
	const struct stream *s = hub_stream(&l->sub);
	char at[OFFSET_LEN + 1];
	bool tail = hub_at_tail(&l->sub);

	l->over = tail && s->closed;
	if (!l->view->control)
		return;
	offset_format(l->sub.at, at);
	buf_printf(&l->text, "event: control\ndata:{\"streamNextOffset\":\"%s\"", at);
	if (tail && s->closed)
		buf_str(&l->text, STR(",\"streamClosed\":true"));
	else
		buf_printf(&l->text, ",\"streamCursor\":\"%lld\"",
		    (long long)next_cursor(l->cursor));
	if (tail)
		buf_str(&l->text, STR(",\"upToDate\":true"));
	buf_str(&l->text, STR("}\n\n"));
}

static bool
fill(struct live *l)
{
	int64_t now = clock_mono();

	frame_release(l->frame);
	l->frame = NULL;
	buf_clear(&l->text);
	l->sent = 0;
	if (l->sub.ended || l->over || l->server->draining || now >= l->ends) {
		l->over = true;
		return false;
	}
	if (!hub_at_tail(&l->sub)) {
		l->frame = hub_next(l->server->hub, &l->sub, &l->view->frames);
		l->over = l->frame == NULL;
		if (l->over)
			return false;
		write_control(l);
	} else if (!l->started || hub_stream(&l->sub)->closed) {
		write_control(l);
	} else if (now >= l->beat) {
		buf_str(&l->text, STR(":\n\n"));
	} else {
		return false;
	}
	l->started = true;
	l->beat = now + l->server->o.heartbeat_ms;
	return true;
}

static ssize_t
events_pull(void *ctx, char *out, size_t max)
{
	struct live *l = ctx;
	size_t n = 0;

	while (n < max) {
		struct str frame = l->frame != NULL ? buf_view(&l->frame->bytes) : STR_NONE;
		struct str rest = l->sent < frame.n ? str_skip(frame, l->sent) :
		    str_skip(buf_view(&l->text), l->sent - frame.n);

		if (rest.n == 0) {
			if (!fill(l))
				break;
			continue;
		}
		rest = str_head(rest, max - n);
		memcpy(out + n, rest.p, rest.n);
		l->sent += rest.n;
		n += rest.n;
	}
	if (n == 0 && l->over)
		return SOURCE_END;
	timer_arm(&l->server->timers, &l->timer, l->beat < l->ends ? l->beat : l->ends);
	return (ssize_t)n;
}

static void
events_wake(struct subscriber *sub)
{
	request_wake(live_of(sub)->request);
}

static void
events_timer(struct timer *t)
{
	request_wake(live_of_timer(t)->request);
}

void
live_follow(struct server *s, struct request *r, struct reading *at, const struct live_view *view,
    struct str first)
{
	struct live *l = live_new(s, r, at, events_wake);
	int64_t lifetime = s->o.sse_ms;
	struct reply *p = reply_stream(200, -1, &(struct source){ events_pull, NULL, l });

	l->view = view;
	buf_str(&l->text, first);
	/* Those who came together need not all come back together. */
	l->ends = clock_mono() + lifetime - random() % (lifetime / 8 + 1);
	l->timer.fire = events_timer;
	reply_header(p, "Content-Type", "text/event-stream");
	reply_header(p, "Cache-Control", "no-cache");
	reply_header(p, "X-Accel-Buffering", "no");
	if (is_binary(buf_view(&at->stream.type)))
		reply_header(p, "Stream-SSE-Data-Encoding", "base64");
	request_answer(r, p);
}

void
live_events(struct server *s, struct request *r, struct reading *at)
{
	live_follow(s, r, at, &durable_view, STR_NONE);
}
