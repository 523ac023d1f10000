#include "model/link_parts.h"

#include <stdio.h>

#include "base/clock.h"

enum {
	SHORT_MS = 1000,	/* an event stream that ends sooner is a short one */
	MAX_SHORTS = 3,		/* in a row: this path does not carry event streams */
	POLL_FOR_MS = 300000,	/* then event streams are tried again */
	POLL_EVERY_MS = 3000,	/* between the starts of two polls when the first brings nothing */
	CLEAN_MS = 5000,	/* a stream that lived that long and was closed well is no failure */
	/*
	 * After that long a failure is the first one again. Short, so that nobody waits after the
	 * fifth cut of a good stream; storms are what the limit a minute in backoff.c is for.
	 */
	HEALTHY_MS = 3000,
	MAX_SPOILED = 3,	/* responses in a row that no parser takes */
	MAX_REGRESSIONS = 3	/* answers in a row that end before what was read */
};

void
link_read_init(struct link *l, const struct link_options *o)
{
	struct reader *r = &l->read;

	backoff_init(&r->backoff, o->backoff_first, o->backoff_max, o->backoff_factor, o->seed);
	link_branch_init(l, o);
	r->framer = l->d->framer_new();
	r->polls = o->polls;
	r->due = INT64_MAX;
	r->healthy = -1;
	r->opened = -1;
}

void
link_read_done(struct link *l)
{
	l->d->framer_free(l->read.framer);
	buf_done(&l->read.asked);
}

static void
drop_request(struct link *l)
{
	if (l->read.request != 0)
		l->ops.cancel(l->ops.ctx, l->read.request);
	l->read.request = 0;
	l->read.due = INT64_MAX;
	link_aside_drop(l);
}

static void
set_reason(struct link *l, const char *why)
{
	snprintf(l->stats.reason, sizeof l->stats.reason, "%s", why);
}

/* Nothing is known of the server's end any more. True when it was in sight. */
static bool
lose_sight(struct link *l, const char *why)
{
	set_reason(l, why);
	l->read.up_to_date = false;
	l->stats.proven = l->stats.complete = false;
	if (!l->read.ever || l->outage.from != 0)
		return false;
	l->outage.from = clock_wall();
	return true;
}

/* The same when nobody meant it. */
static void
cut(struct link *l, const char *why)
{
	if (lose_sight(l, why) && l->ops.cut != NULL)
		l->ops.cut(l->ops.ctx, why);
}

/* How reading begins: with what is there, where that can be asked for. */
static enum read_mode
first_mode(const struct link *l)
{
	return l->d->flags & DIALECT_NO_PAGES ? READ_LIVE : READ_CATCHUP;
}

void
link_read_start(struct link *l, const char *why)
{
	l->read.mode = first_mode(l);
	l->read.restarting = false;
	l->read.due = clock_mono();
	link_enter(l, LINK_CONNECTING, why);
}

void
link_read_stop(struct link *l, const char *why)
{
	drop_request(l);
	lose_sight(l, why);
}

void
link_read_now(struct link *l, const char *why)
{
	drop_request(l);
	cut(l, why);
	l->read.poll_until = 0;
	backoff_again(&l->read.backoff, clock_mono());
	link_read_start(l, why);
}

void
link_read_prove(struct link *l)
{
	if (l->state != LINK_LIVE && l->state != LINK_STALE && l->state != LINK_CATCHING_UP)
		return;
	drop_request(l);
	l->read.up_to_date = false;
	l->read.mode = READ_CATCHUP;
	l->read.due = backoff_again(&l->read.backoff, clock_mono());
	link_enter(l, LINK_CATCHING_UP, "prove");
}

/* An end that more tries would not change. */
static void
give_up(struct link *l, enum link_state state, const char *why)
{
	drop_request(l);
	cut(l, why);
	link_enter(l, state, why);
}

void
link_read_deny(struct link *l, struct str why)
{
	buf_set(&l->detail, str_head(why, LINK_EXCERPT));
	give_up(l, LINK_NEEDS_TOKEN, "no token");
}

/* An end that is nobody's last word: back off and resume. */
static void
fall_back(struct link *l, const char *why, int64_t floor)
{
	struct reader *r = &l->read;
	int64_t now = clock_mono();

	if (r->healthy >= 0 && now - r->healthy >= HEALTHY_MS)
		backoff_reset(&r->backoff);
	r->healthy = -1;
	drop_request(l);
	cut(l, why);
	/* A poll at the end of the stream is silent: whether all is well again, a page tells. */
	if (r->mode == READ_POLL || (l->d->flags & DIALECT_PAGES_FIRST) != 0)
		r->mode = READ_CATCHUP;
	r->due = backoff_next(&r->backoff, now, floor);
	l->stats.attempt = r->backoff.attempt;
	l->stats.next_try = r->due;
	link_enter(l, LINK_WAITING, why);
}

/* The server no longer has what stands before the position: is there anything from the start? */
static void
restart(struct link *l, const char *why)
{
	drop_request(l);
	cut(l, why);
	l->read.restarting = true;
	l->read.mode = first_mode(l);
	l->read.due = backoff_again(&l->read.backoff, clock_mono());
	link_enter(l, LINK_CONNECTING, why);
}

static void
send_request(struct link *l)
{
	static const struct position start;
	struct reader *r = &l->read;
	struct http_request request = { 0 };
	struct error e;
	enum err code = l->d->read(l->ep, r->framer, r->restarting ? &start : &l->at, r->mode, &request,
	    &e);

	if (code != ERR_OK) {
		buf_set(&l->detail, str_from(e.text));
		give_up(l, LINK_FAILED, "cannot ask");
		http_request_done(&request);
		return;
	}
	if (request.stream && request.silence_timeout == 0)
		request.silence_timeout = l->d->silence;
	r->silence = request.stream ? request.silence_timeout : 0;
	buf_set(&r->asked, buf_view(&l->at.cursor));
	r->due = INT64_MAX;
	r->asked_at = clock_mono();
	r->opened = -1;
	r->status = 0;
	r->seen = 0;
	r->progress = r->refused = r->behind = r->closed = r->reset = false;
	r->request = l->ops.send(l->ops.ctx, &request);
	http_request_done(&request);
	buf_clear(&l->detail);
	if (l->state == LINK_WAITING)
		link_enter(l, LINK_CONNECTING, "try");
	else if (r->mode == READ_POLL && r->up_to_date)
		link_enter(l, LINK_LIVE, "up to date");
}

void
link_read_tick(struct link *l, int64_t now)
{
	if (l->read.due <= now)
		send_request(l);
	if (link_read_stale_at(l) <= now)
		link_enter(l, LINK_STALE, "quiet");
}

int64_t
link_read_stale_at(const struct link *l)
{
	const struct reader *r = &l->read;

	if (l->state != LINK_LIVE || r->request == 0 || r->opened < 0 || r->silence <= 0)
		return INT64_MAX;
	/* Two signs of life have stayed away, and it is not over yet. */
	return r->heard + r->silence * 3 / 4;
}

/* ---- what becomes of a response */

static void
spoiled(struct link *l, const char *why)
{
	if (++l->read.spoiled < MAX_SPOILED) {
		fall_back(l, why, 0);
		return;
	}
	l->read.spoiled = 0;
	give_up(l, LINK_FAILED, why);
}

/* Something else answers here. Where a stream was before, that may pass: a login page of the
 * network one is in. */
static void
no_stream(struct link *l, const char *why)
{
	if (l->read.ever)
		fall_back(l, why, 0);
	else
		give_up(l, LINK_FAILED, why);
}

void
link_read_settle(struct link *l)
{
	struct reader *r = &l->read;

	if (r->request == 0)
		return;
	if (r->reset) {
		r->reset = false;
		restart(l, "the server began anew");
	} else if (r->behind && ++r->regressions < MAX_REGRESSIONS) {
		fall_back(l, "the server is behind", 0);
	} else if (r->behind) {
		r->regressions = 0;
		restart(l, "the server lost records");
	} else if (r->closed) {
		drop_request(l);
		set_reason(l, "closed");
		link_enter(l, LINK_CLOSED, "closed");
	} else if (r->up_to_date && l->state == LINK_CATCHING_UP && r->mode != READ_CATCHUP) {
		link_enter(l, LINK_LIVE, "up to date");
	}
}

void
link_read_again(struct link *l, const char *why)
{
	buf_set(&l->detail, str_from(why));
	/* Perhaps there is no such thing any more. */
	l->read.mode = first_mode(l);
	fall_back(l, "broken answer", 0);
}

static void
feed(struct link *l, const struct http_message *m)
{
	struct error e;

	if (link_frame(l, m, &e)) {
		link_read_settle(l);
	} else if (l->read.request != 0) {
		buf_set(&l->detail, str_from(e.text));
		spoiled(l, "broken answer");
	}
}

/* There is a history from the start, and it is not the one that was read. */
static void
begin_anew(struct link *l)
{
	char why[sizeof l->stats.reason];

	snprintf(why, sizeof why, "%s", l->stats.reason);
	l->read.restarting = false;
	buf_clear(&l->at.cursor);
	l->at.skip = 0;
	l->stats.gaps++;
	l->stats.received = l->stats.applied = 0;
	l->outage.from = 0;
	l->ops.reset(l->ops.ctx, why);
}

static void
opened(struct link *l, int64_t now)
{
	struct reader *r = &l->read;

	if (r->healthy < 0)
		r->healthy = now;
	if (r->restarting)
		begin_anew(l);
	if (l->outage.from != 0 && l->state == LINK_CONNECTING) {
		l->stats.resumes++;
		l->outage.to = clock_wall();
		l->outage.first = l->stats.applied + 1;
		if (!link_can_resume(l))
			link_tell_gap(l);
	}
	r->ever = true;
	if (l->d->ask != NULL)
		r->up_to_date = false;
	if (r->mode == READ_CATCHUP || (r->mode == READ_LIVE && !r->up_to_date &&
	    ((l->d->flags & DIALECT_PROVES_HEAD) != 0 || l->d->ask != NULL)))
		link_enter(l, LINK_CATCHING_UP, "answered");
	else
		link_enter(l, LINK_LIVE, "answered");
}

static bool
is_stream(const struct reader *r)
{
	return !r->refused && (r->status == 200 || (r->status == 204 && r->mode == READ_POLL));
}

static void
on_head(struct link *l, const struct http_message *m)
{
	struct reader *r = &l->read;
	struct error e;

	r->status = m->status;
	r->opened = clock_mono();
	if (!is_stream(r))
		return;
	if (link_frame(l, m, &e)) {
		opened(l, r->opened);
		link_read_settle(l);
		if (r->request != 0)
			link_aside_ask(l);
	} else if (r->request != 0) {
		r->refused = true;
		buf_clear(&l->detail);
		buf_printf(&l->detail, "%s: ", e.text);
	}
}

static void
on_data(struct link *l, const struct http_message *m)
{
	struct reader *r = &l->read;
	bool events = m->kind != HTTP_BODY;

	l->stats.bytes += m->kind == HTTP_SSE ? m->sse.data.n : m->body.n;
	if (!is_stream(r)) {
		link_excerpt(&l->detail, m->body);
		return;
	}
	/* What was asked for as a whole turns out to be a stream of events. */
	if (events && r->mode == READ_CATCHUP)
		r->mode = READ_LIVE;
	if (!events && r->mode == READ_LIVE && (l->d->flags & DIALECT_NO_PAGES) == 0) {
		r->refused = true;
		link_excerpt(&l->detail, m->body);
		return;
	}
	feed(l, m);
}

/* Where event streams keep ending at once this path does not carry them: it is polled. */
static void
count_short(struct link *l, int64_t now)
{
	struct reader *r = &l->read;

	if (r->mode != READ_LIVE || r->opened < 0 || (l->d->flags & DIALECT_NO_POLLS) != 0)
		return;
	r->shorts = now - r->opened < SHORT_MS ? r->shorts + 1 : 0;
	if (r->shorts < MAX_SHORTS)
		return;
	/* Later one more short stream is enough. */
	r->shorts = MAX_SHORTS - 1;
	r->mode = READ_POLL;
	r->poll_until = now + POLL_FOR_MS;
}

static void
page_done(struct link *l, int64_t now)
{
	struct reader *r = &l->read;

	if (r->progress && !r->up_to_date) {
		r->due = now;
		return;
	}
	r->mode = r->polls || now < r->poll_until ? READ_POLL : READ_LIVE;
	r->due = backoff_again(&r->backoff, now);
}

/*
 * A poll that was answered is no failure, whatever it brought, and does not count as a try: however
 * soon a server ends its polls the next one goes out at once. Only those that come back empty in no
 * time keep a distance.
 */
static void
poll_done(struct link *l, int64_t now)
{
	struct reader *r = &l->read;
	int64_t soonest = r->progress ? now : r->asked_at + POLL_EVERY_MS;

	if (now - r->healthy >= HEALTHY_MS)
		backoff_reset(&r->backoff);
	l->stats.attempt = r->backoff.attempt;
	r->due = soonest > now ? soonest : now;
	if (!r->polls && now >= r->poll_until)
		r->mode = READ_LIVE;
}

/* The server closed the stream well; most do so every minute. */
static void
stream_done(struct link *l, int64_t now)
{
	struct reader *r = &l->read;

	if (now - r->opened < CLEAN_MS) {
		fall_back(l, "done", 0);
		return;
	}
	backoff_reset(&r->backoff);
	l->stats.attempt = 0;
	l->stats.proven = false;
	if (!link_can_resume(l))
		cut(l, "done");
	set_reason(l, "done");
	if ((l->d->flags & DIALECT_PAGES_FIRST) != 0)
		r->mode = READ_CATCHUP;
	r->due = backoff_again(&r->backoff, now);
	link_enter(l, LINK_CONNECTING, "done");
}

/* Whoever ignores where we are would be read for ever. */
static bool
repeats(const struct link *l)
{
	return l->read.progress && l->read.asked.n > 0 &&
	    str_eq(buf_view(&l->read.asked), buf_view(&l->at.cursor));
}

static void
finished(struct link *l, int64_t now)
{
	enum read_mode mode = l->read.mode;

	l->read.request = 0;
	count_short(l, now);
	if (mode == READ_LIVE)
		stream_done(l, now);
	else if (repeats(l))
		give_up(l, LINK_FAILED, "the server repeats itself");
	else if (mode == READ_POLL)
		poll_done(l, now);
	else
		page_done(l, now);
	link_changed(l);
}

/* 400, 404, 410: at a position that may mean that the history before it is gone. */
static void
not_there(struct link *l, const char *why)
{
	bool at_start = l->at.cursor.n == 0 && l->at.skip == 0;

	if (!at_start && !l->read.restarting) {
		restart(l, why);
		return;
	}
	give_up(l, l->read.ever || l->stats.received > 0 ? LINK_GONE : LINK_FAILED, why);
	l->read.restarting = false;
}

static void
denied(struct link *l, const char *why)
{
	l->stats.denied++;
	give_up(l, LINK_NEEDS_TOKEN, why);
}

static void
answered(struct link *l, const struct http_message *m)
{
	int status = l->read.status;
	char why[32];

	snprintf(why, sizeof why, "http %d", status);
	if (status == 204)
		give_up(l, LINK_CLOSED, why);
	else if (status == 401 || status == 403)
		denied(l, why);
	else if (status == 400 || status == 404 || status == 410)
		not_there(l, why);
	else if (status == 408 || status == 425 || status == 429 || status / 100 == 5)
		fall_back(l, why, m->retry_after);
	else
		no_stream(l, why);
}

static void
broke(struct link *l, const struct http_message *m, int64_t now)
{
	const char *why = http_end_name(m->end);

	/* A queue that ran over is our own fault. */
	if (m->end != HTTP_OVERRUN)
		count_short(l, now);
	switch (m->end) {
	case HTTP_TOO_LARGE:
		spoiled(l, why);
		break;
	case HTTP_TLS:
	case HTTP_MALFORMED:
	case HTTP_REDIRECT:
		buf_set(&l->detail, str_head(m->detail, LINK_EXCERPT));
		no_stream(l, why);
		break;
	default:
		fall_back(l, why, m->retry_after);
		break;
	}
}

static void
on_end(struct link *l, const struct http_message *m)
{
	struct reader *r = &l->read;
	uint64_t request = r->request;

	/* The id may have moved behind the last event, however the stream ended. */
	if (is_stream(r) && (m->end == HTTP_DONE || m->sse.id.n > 0))
		feed(l, m);
	if (r->request != request)
		return;
	r->request = 0;
	link_aside_drop(l);
	if (r->refused)
		no_stream(l, "not a stream");
	else if (r->status != 0 && !is_stream(r))
		answered(l, m);
	else if (m->end != HTTP_DONE)
		broke(l, m, clock_mono());
	else
		finished(l, clock_mono());
}

void
link_read_message(struct link *l, const struct http_message *m)
{
	l->read.heard = clock_mono();
	if (l->state == LINK_STALE && m->kind != HTTP_END)
		link_enter(l, LINK_LIVE, "heard");
	switch (m->kind) {
	case HTTP_HEAD:
		on_head(l, m);
		break;
	case HTTP_SSE:
	case HTTP_ALIVE:
	case HTTP_BODY:
		on_data(l, m);
		break;
	case HTTP_FRAME:
		break;
	case HTTP_RETRY:
		backoff_suggest(&l->read.backoff, m->number);
		break;
	case HTTP_END:
		on_end(l, m);
		break;
	}
}
